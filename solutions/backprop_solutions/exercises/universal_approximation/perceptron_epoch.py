"""perceptron_epoch: RWTH's perceptron rule, once through the rows."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.universal_approximation import perceptron_epoch

exercise = Definition(perceptron_epoch, ("w b mistakes",))

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]


def on_copies(student, w, b, X, t):
    return student.perceptron_epoch(w.copy(), b, X.copy(), t.copy())


def table(t, w, b):
    return {"w": np.array(w), "b": b, "X": np.array(CORNERS), "t": np.array(t)}


def random_rows(rng):
    X = rng.normal(size=(7, 3)).round(2)
    return {"w": rng.normal(size=3).round(2), "b": round(rng.normal(), 2), "X": X, "t": rng.integers(0, 2, size=7)}


def rows_far_from_the_origin(rng):
    """Draw rows for which the bias matters: it moves each time, and decides."""
    X = (rng.uniform(0.2, 0.5, size=(8, 4))).round(2)
    t = rng.permutation([0, 1, 0, 1, 1, 0, 0, 1])
    return {"w": rng.normal(size=4).round(1), "b": round(rng.uniform(-1, 1), 1), "X": X, "t": t}


def learned_already(rng):
    X = rng.normal(size=(6, 3)).round(2)
    w, b = rng.normal(size=3).round(2), round(rng.uniform(0.1, 0.9), 2)
    t = np.array([1 if float(np.dot(w, x)) + b > 0 else 0 for x in X])
    return {"w": w, "b": b, "X": X, "t": t}


def one_row_again_and_again(rng):
    """Draw one row with both targets in turn: every time it is wrong."""
    row = rng.uniform(0.5, 1.5, size=2).round(1)
    return {"w": np.zeros(2), "b": 0.0, "X": np.tile(row, (5, 1)), "t": np.array([0, 1, 0, 1, 0])}


values = exercise.aspect(
    "values",
    hint="go through two rows by hand: what does the unit say, is that a mistake, and what are w and b afterwards?",
    cases=[
        Case(
            label="the first epoch on XOR", arguments=lambda rng: table([0, 1, 1, 0], [0.0, 0.0], 0.0), probe=on_copies
        ),
        Case(label="an epoch on AND", arguments=lambda rng: table([0, 0, 0, 1], [2.0, 1.0], -2.0), probe=on_copies),
        Case(label="random rows", arguments=random_rows, draws=4, probe=on_copies),
        Case(label="a bias that decides", arguments=rows_far_from_the_origin, draws=3, probe=on_copies),
        Case(label="rows that are all right", arguments=learned_already, draws=2, probe=on_copies),
        Case(label="a row that comes again", arguments=one_row_again_and_again, draws=2, probe=on_copies),
        Case(
            label="one row only",
            arguments=lambda rng: {
                "w": rng.normal(size=5),
                "b": 4.0,
                "X": rng.uniform(0, 0.1, (1, 5)),
                "t": np.array([0]),
            },
            visible=False,
            probe=on_copies,
        ),
    ],
)
arguments = exercise.aspect(
    "arguments", hint="get the values right first; then ask which operation on w makes a new array."
)
arguments.add(
    Case(label="arguments stay as they are", arguments=random_rows, draws=2),
    Case(label="XOR's arguments stay as they are", arguments=lambda rng: table([0, 1, 1, 0], [0.0, 0.0], 0.0)),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("arguments")
def weights_of_the_caller(w, b, X, t):
    """w += ... writes into the array that came in.

    which operation makes a new array?
    """
    mistakes = 0
    for x, target in zip(X, t, strict=True):
        error = target - (w @ x + b >= 0)
        w += error * x
        b += error
        mistakes += abs(error)
    return w, b, mistakes


exercise.slip(
    "pushed_away",
    ("target - (w @ x + b >= 0)", "1 * (w @ x + b >= 0) - target"),
    cause="The correction has the wrong sign.",
    next_step="after a missed 1, should w . x grow or shrink?",
    loses=("values", "arguments"),
)
exercise.slip(
    "one_only_above_zero",
    ("+ b >= 0", "+ b > 0"),
    cause="A sum of exactly 0 counts as 0.",
    next_step="what does the unit say at z = 0?",
)
exercise.slip(
    "bias_never_moves",
    ("b = b + error", "b = b + 0"),
    cause="The bias is not corrected after a mistake.",
    next_step="which two things move after a mistake?",
    loses=("values", "arguments"),
)
exercise.slip(
    "decision_without_bias",
    ("(w @ x + b >= 0)", "(w @ x >= 0)"),
    cause="The decision leaves the bias out.",
    next_step="what is compared with 0?",
)
exercise.slip(
    "mistakes_that_cancel",
    ("abs(error)", "error"),
    cause="Errors of 1 and -1 cancel in the count.",
    next_step="what does a wrong 1 add to the count?",
)
exercise.slip(
    "no_step",
    ("(w @ x + b >= 0)", "(w @ x + b)"),
    cause="The correction uses w . x + b itself, not the answer 0 or 1.",
    next_step="where is the step?",
    loses=("values", "arguments"),
)
exercise.slip(
    "rows_in_reverse",
    ("zip(X, t,", "zip(X[::-1], t[::-1],"),
    cause="The rows are visited from the last to the first.",
    next_step="in which order do the rows come?",
    loses=("values", "arguments"),
)
exercise.slip(
    "adds_but_never_subtracts",
    ("target - (w @ x + b >= 0)", "max(0, target - (w @ x + b >= 0))"),
    cause="Only missed ones are corrected, not zeros that were called 1.",
    next_step="what of a 0 that the unit calls 1?",
    loses=("values", "arguments"),
)
exercise.slip(
    "subtracts_but_never_adds",
    ("target - (w @ x + b >= 0)", "min(0, target - (w @ x + b >= 0))"),
    cause="Only false ones are corrected, not ones that were missed.",
    next_step="what happens to a 1 that the unit calls 0?",
)
exercise.slip(
    "counts_and_moves_by_two",
    ("target - (w @ x + b >= 0)", "(2 * target - 1) - (2 * (w @ x + b >= 0) - 1)"),
    cause="Targets and answers are -1 and 1, which doubles each correction.",
    next_step="by how much do t and y differ?",
    loses=("values", "arguments"),
)
exercise.slip(
    "started_from_zero",
    ("mistakes = 0", "w, b, mistakes = 0 * w, 0.0, 0"),
    cause="The epoch starts from zeros, not from the w and b that came in.",
    next_step="where did the last epoch end?",
)
exercise.slip(
    "share_of_mistakes",
    ("return w, b, mistakes", "return w, b, mistakes / len(t)"),
    cause="The fraction of mistakes is returned; their number is wanted.",
    next_step="how many rows were wrong?",
    loses=("values", "arguments"),
)


@exercise.misconception("values", "arguments")
def delta_rule(w, b, X, t):
    """This is the delta rule: rows that are right move w, too.

    where is the step in y?
    """
    mistakes = 0
    for x, target in zip(X, t, strict=True):
        z = w @ x + b
        mistakes += int((z >= 0) != target)
        w, b = w + (target - z) * x, b + (target - z)
    return w, b, mistakes


@exercise.misconception("values", "arguments")
def delta_rule_after_mistakes(w, b, X, t):
    """The correction uses w . x + b for y.

    which two values can y have?
    """
    mistakes = 0
    for x, target in zip(X, t, strict=True):
        z = w @ x + b
        if (z >= 0) != target:
            w, b, mistakes = w + (target - z) * x, b + (target - z), mistakes + 1
    return w, b, mistakes


@exercise.misconception("values", "arguments")
def all_rows_at_once(w, b, X, t):
    """All rows are judged by the first w and b.

    which w does the second row meet?
    """
    errors = t - (X @ w + b >= 0)
    return w + errors @ X, b + errors.sum(), int(np.abs(errors).sum())


@exercise.misconception("values", "arguments")
def stops_at_the_first_mistake(w, b, X, t):
    """The epoch ends with its first mistake.

    what belongs inside the loop, and what after it?
    """
    mistakes = 0
    for x, target in zip(X, t, strict=True):
        error = target - (w @ x + b >= 0)
        if error:
            return w + error * x, b + error, mistakes + 1
    return w, b, mistakes


@exercise.misconception("values", "arguments")
def counted_afterwards(w, b, X, t):
    """The mistakes are counted with the last w and b, not at each row's turn.

    when was each row judged?
    """
    for x, target in zip(X, t, strict=True):
        error = target - (w @ x + b >= 0)
        w, b = w + error * x, b + error
    return w, b, int(np.sum(t != (X @ w + b >= 0)))


@exercise.misconception()
def counted_beforehand(w, b, X, t):
    """The mistakes are counted with the first w and b, not at each row's turn.

    when was each row judged?
    """
    mistakes = int(np.sum(t != (X @ w + b >= 0)))
    for x, target in zip(X, t, strict=True):
        error = target - (w @ x + b >= 0)
        w, b = w + error * x, b + error
    return w, b, mistakes


@exercise.misconception("values", "arguments")
def many_epochs(w, b, X, t):
    """The rows are visited again until all are right.

    how often does each row come in one epoch?
    """
    for _ in range(50):
        mistakes = 0
        for x, target in zip(X, t, strict=True):
            error = target - (w @ x + b >= 0)
            w, b, mistakes = w + error * x, b + error, mistakes + abs(error)
        if not mistakes:
            break
    return w, b, mistakes


@exercise.misconception("values", "arguments")
def right_rows_pull_too(w, b, X, t):
    """Rows that are right change w, too.

    what is t - y for a row that is right?
    """
    mistakes = 0
    for x, target in zip(X, t, strict=True):
        mistakes += abs(target - (w @ x + b >= 0))
        w, b = w + (2 * target - 1) * x, b + (2 * target - 1)
    return w, b, mistakes


@exercise.misconception("values", "arguments")
def without_the_count(w, b, X, t):
    """Two things are returned; the number of mistakes is missing.

    what are the three results?
    """
    for x, target in zip(X, t, strict=True):
        error = target - (w @ x + b >= 0)
        w, b = w + error * x, b + error
    return w, b


@exercise.misconception("values", "arguments")
def answers_by_sign(w, b, X, t):
    """np.sign can say -1; the unit says 0 or 1.

    what is y for z < 0?
    """
    mistakes = 0
    for x, target in zip(X, t, strict=True):
        y = np.sign(w @ x + b)
        if y != target:
            w, b, mistakes = w + (target - y) * x, b + (target - y), mistakes + 1
    return w, b, mistakes


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def perceptron_by_cases(w, b, X, t):
    w, mistakes = np.array(w, dtype=float), 0
    for n in range(len(X)):
        y = 1 if X[n].dot(w) + b >= 0 else 0
        if y == t[n]:
            continue
        mistakes += 1
        if t[n] == 1:
            w += X[n]
            b += 1
        else:
            w -= X[n]
            b -= 1
    return [w, b, mistakes]


@exercise.alternative
def perceptron_with_a_one_in_front(w, b, X, t):
    theta = np.concatenate([[b], w])
    rows = np.column_stack([np.ones(len(X)), X])
    wrong = []
    for row, target in zip(rows, t, strict=True):
        error = int(target) - int(np.heaviside(row @ theta, 1.0))
        theta = theta + error * row
        wrong.append(error != 0)
    return theta[1:], theta[0], np.array(wrong).sum()


@exercise.alternative
def perceptron_by_plain_numbers(w, b, X, t):
    weights, bias, count = [float(v) for v in w], float(b), 0.0
    for x, target in zip(X.tolist(), t.tolist(), strict=True):
        y = sum(p * q for p, q in zip(weights, x, strict=True)) + bias >= 0
        if bool(target) != y:
            sign = 1 if target else -1
            weights = [p + sign * q for p, q in zip(weights, x, strict=True)]
            bias, count = bias + sign, count + 1
    return np.array(weights), bias, count


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "w.T @ x",
    "w @ x.T",
    "x @ w",
    "x.T @ w.T",
    reason="the product of two vectors has no order, and a vector no transpose",
)
