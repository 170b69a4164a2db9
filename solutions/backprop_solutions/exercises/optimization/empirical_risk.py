"""empirical_risk: the average divergence between output and target."""

import numpy as np

from backprop_autograder import Definition, Formula
from backprop_solutions.exercises.optimization.inputs import sized
from backprop_solutions.optimization import empirical_risk

exercise = Definition(empirical_risk)

values = exercise.aspect("values", hint="work out the divergence of one row, output first, then average over the rows.")


@values.case("two samples")
def two_samples(rng):
    w, X = np.array([2.0, 1.0, -1.0]), np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]])
    f = Formula("lambda x: w@x", w=w)
    return {"f": f, "divergence": Formula("lambda y, t: (y-t)**2/2"), "X": X, "targets": np.array([1.0, 4.0])}


@values.case("half the squared error", draws=2)
def squared_error(rng):
    f = Formula("lambda x: w @ x", w=sized(rng, 3).round(2))
    divergence = Formula("lambda y, t: (y - t)**2 / 2")
    return {"f": f, "divergence": divergence, "X": sized(rng, 5, 3).round(2), "targets": sized(rng, 5).round(2)}


@values.case("a divergence that is not symmetric", draws=2)
def lopsided(rng):
    f = Formula("lambda x: w @ x + c", w=sized(rng, 4), c=0.4)
    divergence = Formula("lambda y, t: np.exp(t - y) + y")
    return {"f": f, "divergence": divergence, "X": sized(rng, 7, 4), "targets": sized(rng, 7)}


@values.case("vectors as outputs and targets", draws=2)
def vectors(rng):
    f = Formula("lambda x: np.tanh(W @ x)", W=sized(rng, 2, 3))
    divergence = Formula("lambda y, t: np.sum((y - t)**2) / 2 + y[0]")
    return {"f": f, "divergence": divergence, "X": sized(rng, 4, 3), "targets": sized(rng, 4, 2)}


@values.case("whole numbers as labels", draws=2)
def labels(rng):
    f = Formula("lambda x: np.exp(W @ x) / np.sum(np.exp(W @ x))", W=sized(rng, 3, 5))
    divergence = Formula("lambda p, label: -np.log(p[label])")
    return {"f": f, "divergence": divergence, "X": sized(rng, 6, 5), "targets": rng.integers(0, 3, 6)}


@values.case("a single sample")
def single(rng):
    f, divergence = Formula("lambda x: x@x"), Formula("lambda y, t: 2*y-t")
    return {"f": f, "divergence": divergence, "X": sized(rng, 1, 3).round(1), "targets": sized(rng, 1).round(1)}


@values.case("samples alike, and one without divergence")
def alike(rng):
    f, divergence = Formula("lambda x: x[0]"), Formula("lambda y, t: abs(y-t)")
    off = round(rng.uniform(0.5, 1.5), 1)
    X = np.array([[1.0], [2.0], [3.0], [3.0], [4.0]])
    return {"f": f, "divergence": divergence, "X": X, "targets": X[:, 0] + np.array([off, 0.0, off, off, -5 * off])}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def sum_of_divergences(f, divergence, X, targets):
    """The divergences are added up; a risk is their average.

    what if every sample comes twice?
    """
    return sum(divergence(f(x), t) for x, t in zip(X, targets))  # noqa: B905


exercise.slip(
    "target_first",
    ("divergence(f(x), target)", "divergence(target, f(x))"),
    cause="Target and output are handed over in the wrong order.",
    next_step="which of its arguments does `divergence` expect first?",
)


@exercise.misconception()
def divergence_of_averages(f, divergence, X, targets):
    """Outputs and targets are averaged first, so errors cancel.

    average the divergences, not what goes into them.
    """
    return divergence(np.mean([f(x) for x in X], axis=0), np.mean(targets, axis=0))


@exercise.misconception()
def last_sample_alone(f, divergence, X, targets):
    """Each round of the loop overwrites the divergence before.

    where are the others kept?
    """
    total = 0.0
    for x, t in zip(X, targets):  # noqa: B905
        total = divergence(f(x), t)
    return total / len(X)


@exercise.misconception()
def return_inside_the_loop(f, divergence, X, targets):
    """The function returns in the first round of its loop.

    at which indentation does `return` belong?
    """
    total = 0.0
    for x, t in zip(X, targets):  # noqa: B905
        total += divergence(f(x), t)
        return total / len(X)


@exercise.misconception()
def divided_by_the_inputs(f, divergence, X, targets):
    """The sum is divided by the number of columns of X; samples are its rows.

    which axis of X counts samples?
    """
    return sum(divergence(f(x), t) for x, t in zip(X, targets)) / X.shape[1]  # noqa: B905


exercise.slip(
    "network_left_out",
    ("f(x)", "x"),
    cause="The divergence compares the input itself with the target: the network f is never asked.",
    next_step="what does f make of a row of X?",
)


@exercise.misconception()
def all_rows_at_once(f, divergence, X, targets):
    """The network gets all of X; it takes one row.

    loop over the rows.
    """
    return np.mean(divergence(f(X), targets))


exercise.slip(
    "worst_sample",
    ("np.mean(", "max("),
    cause="The largest divergence is returned; the risk is the average.",
    next_step="what stands in front of CMU's sum?",
)
exercise.slip(
    "not_averaged",
    ("np.mean(", "np.array("),
    cause="One divergence per sample is returned; the risk is one number.",
    next_step="which number stands for all samples together?",
)
exercise.slip(
    "half_too_much",
    ("strict=True)])", "strict=True)]) / 2"),
    cause="There is a factor 1/2 too much: if the divergence has one, it brings it along.",
    next_step="compare one sample by hand.",
)


@exercise.misconception()
def always_the_squared_error(f, divergence, X, targets):
    """Half the squared error is computed, whatever the divergence; which one counts is an argument.

    where should `divergence` be called, and with what?
    """
    outputs = np.array([f(x) for x in X])
    return np.mean((outputs - targets) ** 2) / 2


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def risk_by_index(f, divergence, X, targets):
    total = 0.0
    for n in range(len(X)):
        total += divergence(f(X[n]), targets[n])
    return total / len(X)


@exercise.alternative
def risk_as_running_mean(f, divergence, X, targets):
    mean = 0.0
    for n, x in enumerate(X):
        mean += (divergence(f(x), targets[n]) - mean) / (n + 1)
    return mean


@exercise.alternative
def risk_by_map(f, divergence, X, targets):
    return np.average(list(map(divergence, map(f, X), targets)))


@exercise.alternative
def risk_as_a_weighted_sum(f, divergence, X, targets):
    weights = np.full(len(X), 1 / len(X))
    return weights @ np.array([divergence(f(X[n]), targets[n]) for n in reversed(range(len(X)))])
