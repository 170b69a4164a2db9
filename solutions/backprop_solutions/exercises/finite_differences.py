"""How the exercises of unit 2 are judged."""

import numpy as np

from backprop_autograder import Aspect, Case, Close, Exercise, Formula, Misconception
from backprop_solutions import finite_differences as reference
from backprop_solutions.finite_differences import gradient_check, numerical_gradient

QUOTIENT = Close(rtol=1e-8, atol=1e-8, reason="round-off of f, divided by h = 1e-5")


def sized(rng, *shape):
    """Draw entries of either sign that are neither small nor large."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1.5, shape)


def lecture_quotient(h):
    return lambda rng: {"f": Formula("lambda x: (2*x + 9)**2 + 3"), "x": 1.0, "h": h}


def random_cubic(rng):
    f = Formula("lambda x: a*x**3 + b*x", a=round(sized(rng).item(), 2), b=round(sized(rng).item(), 2))
    return {"f": f, "x": round(rng.uniform(0.3, 2.0), 2), "h": round(rng.uniform(0.1, 0.3), 2)}


def default_step(rng):
    return {
        "f": Formula("lambda x: np.exp(a*x)", a=round(rng.uniform(0.6, 1.2), 2)),
        "x": round(rng.uniform(0.2, 0.8), 2),
    }


# --- forward_difference -----------------------------------------------------------------------------


def step_backward(f, x, h=1e-5):
    return (f(x) - f(x - h)) / h


def both_sides_used(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


def difference_undivided(f, x, h=1e-5):
    return f(x + h) - f(x)


def step_ignored_forward(f, x, h=1e-5):
    h = 1e-5
    return (f(x + h) - f(x)) / h


def difference_reversed(f, x, h=1e-5):
    return (f(x) - f(x + h)) / h


def divided_by_twice_the_step(f, x, h=1e-5):
    return (f(x + h) - f(x)) / (2 * h)


def step_added_to_the_value(f, x, h=1e-5):
    return (f(x) + h - f(x)) / h


def brackets_left_out(f, x, h=1e-5):
    return f(x + h) - f(x) / h


FORWARD_DIFFERENCE = Exercise(
    reference.forward_difference,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="the lecture's function with h = 1e-2", arguments=lecture_quotient(1e-2)),
                Case(label="the lecture's function with h = 2e-2", arguments=lecture_quotient(2e-2)),
                Case(label="a cubic and a large step", arguments=random_cubic, draws=3),
                Case(label="the default step", arguments=default_step, draws=2, comparison=QUOTIENT),
            ],
            hint="draw the secant through x and x + h, then write down its rise and its run.",
        )
    ],
    misconceptions=[
        Misconception(
            step_backward,
            cause="The step goes to x - h; this is the backward difference.",
            next_step="on which side of x does the forward difference look?",
        ),
        Misconception(
            both_sides_used,
            cause="This is the central difference; the forward one evaluates f at x and x + h only.",
            next_step="which two points does the forward secant join?",
        ),
        Misconception(
            difference_undivided,
            cause="The rise of the secant is not divided by its run.",
            next_step="how far apart are the two points?",
        ),
        Misconception(
            step_ignored_forward,
            cause="The step is fixed inside the function, so the argument h has no effect.",
            next_step="where does h enter your formula?",
        ),
        Misconception(
            difference_reversed,
            cause="The difference is taken as f(x) - f(x + h), which turns the sign of the slope.",
            next_step="what sign has the slope of a growing function?",
        ),
        Misconception(
            divided_by_twice_the_step,
            cause="The run of the secant is h here, not 2h.",
            next_step="how far apart are x and x + h?",
        ),
        Misconception(
            step_added_to_the_value,
            cause="The step is added to the value f(x) instead of the input x.",
            next_step="what is shifted, the input or the output?",
        ),
        Misconception(
            brackets_left_out,
            cause="Division binds more tightly than subtraction, so only f(x) is divided by h.",
            next_step="which part of the formula is the numerator?",
        ),
    ],
)

# --- central_difference -----------------------------------------------------------------------------


def one_sided(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h


def factor_two_missing(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / h


def half_steps_over_full_run(f, x, h=1e-5):
    return (f(x + h / 2) - f(x - h / 2)) / (2 * h)


def lecture_half_steps(f, x, h=1e-5):
    return (f(x + h / 2) - f(x - h / 2)) / h


def values_added(f, x, h=1e-5):
    return (f(x + h) + f(x - h)) / (2 * h)


def step_ignored_central(f, x, h=1e-5):
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)


def halved_then_multiplied(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / 2 * h


CENTRAL_DIFFERENCE = Exercise(
    reference.central_difference,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="the lecture's function with h = 1e-2", arguments=lecture_quotient(1e-2)),
                Case(label="a cubic and a large step", arguments=random_cubic, draws=3),
                Case(label="the default step", arguments=default_step, draws=2, comparison=QUOTIENT),
            ],
            hint="draw the secant through x - h and x + h, then write down its rise and its run.",
        )
    ],
    misconceptions=[
        Misconception(
            one_sided,
            cause="The difference looks to one side of x only.",
            next_step="which two points lie symmetrically about x?",
        ),
        Misconception(
            factor_two_missing,
            cause="The two points are 2h apart, but the rise is divided by h.",
            next_step="how long is the way from x - h to x + h?",
        ),
        Misconception(
            half_steps_over_full_run,
            cause="The points are h/2 away from x, but the rise is divided by 2h: two conventions are mixed.",
            next_step="how far apart are the points you evaluate?",
        ),
        Misconception(
            lecture_half_steps,
            cause="FAU's slide goes h/2 to each side; in this course each side gets the whole h.",
            next_step="where does the docstring place the two points?",
        ),
        Misconception(
            values_added,
            cause="The two values are added; a slope needs their difference.",
            next_step="what should a constant function give?",
        ),
        Misconception(
            step_ignored_central,
            cause="The step is fixed inside the function, so the argument h has no effect.",
            next_step="where does h enter your formula?",
        ),
        Misconception(
            halved_then_multiplied,
            cause="`/ 2 * h` divides by 2 and then multiplies by h.",
            next_step="what belongs into the denominator as a whole?",
        ),
    ],
)

# --- observed_order ---------------------------------------------------------------------------------

LINE_FIT = Close(rtol=1e-7, atol=1e-9, reason="ways to fit a line differ in conditioning")


def lecture_errors(rng):
    return {"errors": np.array([0.04, 0.08]), "steps": np.array([1e-2, 2e-2])}


def power_law(order):
    def arguments(rng):
        steps = 10.0 ** rng.uniform(-4, -1, 6)
        return {"errors": rng.uniform(2, 9) * steps**order, "steps": steps}

    return arguments


def scattered(rng):
    steps = 10.0 ** rng.uniform(-4, -1, 7)
    return {"errors": 3 * steps**2 * np.exp(rng.normal(0, 0.5, 7)), "steps": steps}


def ends_only(errors, steps):
    return np.log(errors[-1] / errors[0]) / np.log(steps[-1] / steps[0])


def mean_of_pairwise_slopes(errors, steps):
    return np.mean(np.diff(np.log(errors)) / np.diff(np.log(steps)))


def axes_exchanged(errors, steps):
    return np.polyfit(np.log(errors), np.log(steps), 1)[0]


def logarithms_left_out(errors, steps):
    return np.polyfit(steps, errors, 1)[0]


def bases_mixed(errors, steps):
    return np.polyfit(np.log(steps), np.log10(errors), 1)[0]


def line_through_the_origin(errors, steps):
    return np.sum(np.log(steps) * np.log(errors)) / np.sum(np.log(steps) ** 2)


def intercept_returned(errors, steps):
    return np.polyfit(np.log(steps), np.log(errors), 1)[1]


def ratio_of_logarithms(errors, steps):
    return np.mean(np.log(errors) / np.log(steps))


OBSERVED_ORDER = Exercise(
    reference.observed_order,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="the lecture's one-sided errors, order 1", arguments=lecture_errors, comparison=LINE_FIT),
                Case(label="errors of order 2", arguments=power_law(2), comparison=LINE_FIT, draws=2),
                Case(label="errors of order 4", arguments=power_law(4), comparison=LINE_FIT),
                Case(label="scattered errors", arguments=scattered, comparison=LINE_FIT, draws=3),
            ],
            hint="take logarithms of both arrays, then fit a straight line through all points.",
        )
    ],
    misconceptions=[
        Misconception(
            ends_only,
            cause="Only the first and the last point are used; the line of least squares uses all.",
            next_step="what happens to your slope if one of these two errors is off?",
        ),
        Misconception(
            mean_of_pairwise_slopes,
            cause="Slopes of neighbouring pairs are averaged, which gives close pairs as much weight as distant ones.",
            next_step="which line is nearest to all points at once?",
        ),
        Misconception(
            axes_exchanged,
            cause="The step is fitted against the error; the order is the slope of the error against the step.",
            next_step="which quantity belongs on the horizontal axis?",
        ),
        Misconception(
            logarithms_left_out,
            cause="The line is fitted to the numbers themselves; C h^p is a straight line on log axes only.",
            next_step="what is the logarithm of C h^p?",
        ),
        Misconception(
            bases_mixed,
            cause="The two logarithms have different bases.",
            next_step="take the same logarithm of both arrays.",
        ),
        Misconception(
            line_through_the_origin,
            cause="The line is forced through the origin, but the constant C moves it up or down.",
            next_step="where does log C appear in the logarithm of C h^p?",
        ),
        Misconception(
            intercept_returned,
            cause="The intercept log C is returned, not the slope.",
            next_step="in which order does your fit return its coefficients?",
        ),
        Misconception(
            ratio_of_logarithms,
            cause="log error divided by log step is a slope only if C is 1.",
            next_step="where does log C appear in the logarithm of C h^p?",
        ),
    ],
)

# --- optimal_step -----------------------------------------------------------------------------------


def lecture_accuracy(rng):
    return {"x": 3.0, "eps": 1e-7}


def scaled_point(low, high):
    return lambda rng: {"x": rng.uniform(low, high), "eps": 10.0 ** rng.uniform(-16, -6)}


def at_zero(rng):
    return {"x": 0.0, "eps": 10.0 ** rng.uniform(-7.5, -6)}


def guard_missing(x, eps):
    return eps ** (1 / 3) * abs(x)


def square_root_taken(x, eps):
    return eps ** (1 / 2) * (abs(x) if x != 0 else 1)


def sign_kept(x, eps):
    return eps ** (1 / 3) * (x if x != 0 else 1)


def scale_at_least_one(x, eps):
    return eps ** (1 / 3) * max(abs(x), 1)


def third_of_eps(x, eps):
    return eps / 3 * (abs(x) if x != 0 else 1)


def scale_left_out(x, eps):
    return eps ** (1 / 3)


def one_added_to_the_scale(x, eps):
    return eps ** (1 / 3) * (abs(x) + 1)


def root_of_the_product(x, eps):
    return (eps * (abs(x) if x != 0 else 1)) ** (1 / 3)


def eps_at_zero(x, eps):
    return eps ** (1 / 3) * abs(x) if x != 0 else eps


OPTIMAL_STEP = Exercise(
    reference.optimal_step,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="FAU's accuracy of 1e-7 at x = 3", arguments=lecture_accuracy),
                Case(label="points of order one", arguments=scaled_point(0.3, 3.0), draws=2),
                Case(label="negative points", arguments=scaled_point(-4.0, -1.5), draws=2),
                Case(label="large points", arguments=scaled_point(40.0, 90.0)),
                Case(label="small points", arguments=scaled_point(0.001, 0.01), draws=2),
            ],
            hint="one factor depends on eps alone and the other on x alone.",
        ),
        Aspect(
            "zero",
            [Case(label="a step at x = 0", arguments=at_zero, draws=2)],
            hint="what would a step of length 0 divide by, and which scale does the docstring name instead?",
        ),
    ],
    misconceptions=[
        Misconception(
            guard_missing,
            cause="At x = 0 the step becomes 0, and a difference quotient would divide by it.",
            next_step="which scale does the docstring name for x = 0?",
            loses=("zero",),
        ),
        Misconception(
            square_root_taken,
            cause="The square root suits one-sided differences; a central one balances h^2 against eps/h.",
            next_step="at which power of eps are h^2 and eps/h equally large?",
            loses=("values", "zero"),
        ),
        Misconception(
            sign_kept,
            cause="A negative x makes the step negative; its scale is the size of x.",
            next_step="what is the size of a negative number?",
        ),
        Misconception(
            scale_at_least_one,
            cause="The scale is kept from falling below 1 everywhere; only x = 0 needs the guard.",
            next_step="what should the scale be at x = 0.01?",
        ),
        Misconception(
            third_of_eps,
            cause="eps is divided by three; its cube root is wanted.",
            next_step="which power is the cube root?",
            loses=("values", "zero"),
        ),
        Misconception(
            scale_left_out,
            cause="The step does not depend on x; neighbouring floats at large x are further apart.",
            next_step="how should the step change from x = 1 to x = 100?",
        ),
        Misconception(
            one_added_to_the_scale,
            cause="1 is added to every scale; it is meant for x = 0 alone.",
            next_step="what should the scale be at x = 1?",
        ),
        Misconception(
            root_of_the_product,
            cause="The cube root is taken of x as well; only eps is under the root.",
            next_step="how should the step change if x is multiplied by 8?",
        ),
        Misconception(
            eps_at_zero,
            cause="At x = 0 the step is eps itself; there the scale becomes 1, and the root stays.",
            next_step="put scale 1 into the formula.",
            loses=("zero",),
        ),
    ],
)

# --- numerical_gradient -----------------------------------------------------------------------------


def cubes(rng):
    f = Formula("lambda X: np.sum(A*X**3)", A=sized(rng, 4, 3))
    return {"f": f, "X": sized(rng, 4, 3), "h": rng.uniform(0.1, 0.3)}


def entries_together(rng):
    return {"f": Formula("lambda X: np.sum(np.sin(X @ W))", W=sized(rng, 3, 5)), "X": sized(rng, 4, 3)}


def vector(rng):
    return {"f": Formula("lambda X: X[0]*np.sum(a*np.exp(X))", a=sized(rng, 5)), "X": sized(rng, 5)}


def three_axes(rng):
    return {"f": Formula("lambda X: np.sum(A*np.tanh(X))", A=sized(rng, 2, 3, 4)), "X": sized(rng, 2, 3, 4)}


def integer_matrix(rng):
    f = Formula("lambda X: np.sum(np.sin(X @ W))", W=sized(rng, 3, 5))
    return {"f": f, "X": rng.integers(1, 9, (4, 3))}


def integer_vector(rng):
    return {"f": Formula("lambda X: np.sum(a*X**3)", a=sized(rng, 3)), "X": rng.integers(1, 9, 3), "h": 0.5}


def all_entries_shifted_at_once(f, X, h=1e-5):
    return np.full(X.shape, (f(X + h) - f(X - h)) / (2 * h))


def entry_not_restored(f, X, h=1e-5):
    X = np.array(X, dtype=float)
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        X[index] += h
        above = f(X)
        X[index] -= 2 * h
        gradient[index] = (above - f(X)) / (2 * h)
    return gradient


def one_side_of_each_entry(f, X, h=1e-5):
    X = np.array(X, dtype=float)
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        above = X.copy()
        above[index] += h
        gradient[index] = (f(above) - f(X)) / h
    return gradient


def entries_without_factor_two(f, X, h=1e-5):
    return 2 * numerical_gradient(f, X, h)


def rows_instead_of_entries(f, X, h=1e-5):
    X = np.array(X, dtype=float)
    gradient = np.zeros(X.shape)
    for i in range(len(X)):
        above, below = X.copy(), X.copy()
        above[i] += h
        below[i] -= h
        gradient[i] = (f(above) - f(below)) / (2 * h)
    return gradient


def alias_instead_of_copy(f, X, h=1e-5):
    X = np.array(X, dtype=float)
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        above = X
        below = X
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


def flattened_gradient(f, X, h=1e-5):
    return numerical_gradient(f, X, h).ravel()


def integers_truncated(f, X, h=1e-5):
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        above, below = X.copy(), X.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


def gradient_with_the_dtype_of_X(f, X, h=1e-5):  # noqa: N802
    return numerical_gradient(f, X, h).astype(X.dtype)


def step_ignored_in_the_gradient(f, X, h=1e-5):
    return numerical_gradient(f, X, 1e-5)


NUMERICAL_GRADIENT = Exercise(
    reference.numerical_gradient,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a sum of cubes and a large step", arguments=cubes, draws=2),
                Case(label="entries that act together", arguments=entries_together, draws=2, comparison=QUOTIENT),
                Case(label="a vector", arguments=vector, comparison=QUOTIENT),
                Case(label="an array with three axes", arguments=three_axes, comparison=QUOTIENT),
            ],
            hint="shift one entry, keep all others at their original values, and go on to the next.",
        ),
        Aspect(
            "integers",
            [
                Case(label="a matrix of integers", arguments=integer_matrix, draws=2, comparison=QUOTIENT),
                Case(label="a vector of integers", arguments=integer_vector, comparison=QUOTIENT),
            ],
            hint="what does NumPy store when 2.00001 is written into an array of integers?",
        ),
    ],
    misconceptions=[
        Misconception(
            all_entries_shifted_at_once,
            cause="All entries are shifted together, which gives the sum of all partial derivatives.",
            next_step="how many entries move in one partial derivative?",
            loses=("values", "integers"),
        ),
        Misconception(
            entry_not_restored,
            cause="An entry keeps its shift while the next one is varied.",
            next_step="print X after the loop: is it what it was?",
            loses=("values", "integers"),
        ),
        Misconception(
            one_side_of_each_entry,
            cause="Each entry is shifted to one side only; central differences are asked for.",
            next_step="which second point is needed for each entry?",
            loses=("values", "integers"),
        ),
        Misconception(
            entries_without_factor_two,
            cause="The two points are 2h apart, but the difference is divided by h.",
            next_step="how long is the way between the two points?",
            loses=("values", "integers"),
        ),
        Misconception(
            rows_instead_of_entries,
            cause="The loop runs over rows and shifts each as a whole.",
            next_step="which NumPy iterator visits every index of an array of any shape?",
            loses=("values", "integers"),
        ),
        Misconception(
            alias_instead_of_copy,
            cause="Both names stand for the same array, so that the two shifts cancel.",
            next_step="does `above = X` make a new array?",
            loses=("values", "integers"),
        ),
        Misconception(
            flattened_gradient,
            cause="The gradient is returned as one long vector; it has the shape of X.",
            next_step="which shape should the returned array have?",
            loses=("values", "integers"),
        ),
        Misconception(
            integers_truncated,
            cause="A copy of an integer array holds integers, so that the shift is cut off.",
            next_step="which dtype must an array have to hold 2.00001?",
            loses=("integers",),
        ),
        Misconception(
            gradient_with_the_dtype_of_X,
            cause="The gradient is stored with the dtype of X, so that integers lose its fractions.",
            next_step="which dtype does np.zeros_like give for an integer array?",
            loses=("integers",),
        ),
        Misconception(
            step_ignored_in_the_gradient,
            cause="The step is fixed inside the function, so the argument h has no effect.",
            next_step="where does h enter your formula?",
            loses=("values", "integers"),
        ),
    ],
)

# --- numerical_jacobian -----------------------------------------------------------------------------


def squashed_layer(m, n):
    return lambda rng: {"f": Formula("lambda x: np.tanh(A @ x)", A=sized(rng, m, n) / 2), "x": sized(rng, n)}


def layer_of_cubes(rng):
    f = Formula("lambda x: A @ x**3", A=sized(rng, 5, 3))
    return {"f": f, "x": sized(rng, 3), "h": rng.uniform(0.1, 0.3)}


def integer_point(rng):
    return {"f": Formula("lambda x: np.sin(A @ x)", A=sized(rng, 5, 3)), "x": rng.integers(1, 6, 3)}


def transposed_jacobian(f, x, h=1e-5):
    return np.stack([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


def all_inputs_at_once(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


def outputs_summed(f, x, h=1e-5):
    return numerical_gradient(lambda x: np.sum(f(x)), x, h)


def square_jacobian(f, x, h=1e-5):
    jacobian = np.zeros((len(x), len(x)))
    for j, e in enumerate(np.eye(len(x))):
        jacobian[:, j] = (f(x + h * e) - f(x - h * e)) / (2 * h)
    return jacobian


def one_side_of_each_input(f, x, h=1e-5):
    return np.stack([(f(x + h * e) - f(x)) / h for e in np.eye(len(x))], axis=1)


def columns_without_factor_two(f, x, h=1e-5):
    return np.stack([(f(x + h * e) - f(x - h * e)) / h for e in np.eye(len(x))], axis=1)


def integer_inputs_truncated(f, x, h=1e-5):
    columns = []
    for j in range(len(x)):
        above, below = x.copy(), x.copy()
        above[j] += h
        below[j] -= h
        columns.append((f(above) - f(below)) / (2 * h))
    return np.stack(columns, axis=1)


def input_not_restored(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    columns = []
    for j in range(len(x)):
        x[j] += h
        above = f(x)
        x[j] -= 2 * h
        columns.append((above - f(x)) / (2 * h))
    return np.stack(columns, axis=1)


NUMERICAL_JACOBIAN = Exercise(
    reference.numerical_jacobian,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="more outputs than inputs", arguments=squashed_layer(5, 3), draws=2, comparison=QUOTIENT),
                Case(label="fewer outputs than inputs", arguments=squashed_layer(2, 4), comparison=QUOTIENT),
                Case(label="a single output", arguments=squashed_layer(1, 3), comparison=QUOTIENT),
                Case(label="cubes and a large step", arguments=layer_of_cubes, draws=2),
            ],
            hint="one shifted input changes all outputs: is that a row or a column of an (m, n) array?",
        ),
        Aspect(
            "integers",
            [Case(label="a point of integers", arguments=integer_point, draws=2, comparison=QUOTIENT)],
            hint="what does NumPy store when 2.00001 is written into an array of integers?",
        ),
    ],
    misconceptions=[
        Misconception(
            transposed_jacobian,
            cause="Row and column are exchanged: outputs count the rows, inputs the columns.",
            next_step="along which axis do the derivatives for one input lie?",
            loses=("values", "integers"),
        ),
        Misconception(
            all_inputs_at_once,
            cause="All inputs are shifted together, which gives the sum of the columns.",
            next_step="how many inputs move for one column?",
            loses=("values", "integers"),
        ),
        Misconception(
            outputs_summed,
            cause="The outputs are summed, which gives the sum of the rows.",
            next_step="what shape has f(x + step) - f(x - step)?",
            loses=("values", "integers"),
        ),
        Misconception(
            square_jacobian,
            cause="The array is n by n, but f(x) need not have n entries.",
            next_step="how do you find m before filling the array?",
            loses=("values", "integers"),
        ),
        Misconception(
            one_side_of_each_input,
            cause="Each input is shifted to one side only; central differences are asked for.",
            next_step="which second point is needed for each column?",
            loses=("values", "integers"),
        ),
        Misconception(
            columns_without_factor_two,
            cause="The two points are 2h apart, but the difference is divided by h.",
            next_step="how long is the way between the two points?",
            loses=("values", "integers"),
        ),
        Misconception(
            integer_inputs_truncated,
            cause="A copy of an integer array holds integers, so that the shift is cut off.",
            next_step="which dtype must an array have to hold 2.00001?",
            loses=("integers",),
        ),
        Misconception(
            input_not_restored,
            cause="An input keeps its shift while the next one is varied.",
            next_step="print x after the loop: is it what it was?",
            loses=("values", "integers"),
        ),
    ],
)

# --- relative_error ---------------------------------------------------------------------------------

LENIENT = {"allow_warnings": True}  # 0/0 and inf - inf may warn on the way to a right answer


def lecture_pair(rng):
    return {"a": 44.0, "b": 44.04}


def close_arrays(scale):
    def arguments(rng):
        a = scale * sized(rng, 4, 3) * 10.0 ** rng.uniform(-2, 2, (4, 3))
        return {"a": a, "b": a * (1 + rng.uniform(-0.2, 0.2, (4, 3)))}

    return arguments


def small_entry_off(rng):
    a = sized(rng, 4, 3) * 1e6
    a[2, 1] = rng.uniform(0.5, 1.5)
    b = a * (1 + 1e-9)
    b[2, 1] *= 1.25
    return {"a": a, "b": b}


def opposite_signs(rng):
    a = sized(rng, 5)
    return {"a": a, "b": -a}


def zeros(rng):
    return {"a": np.zeros((4, 3)), "b": np.zeros((4, 3))}


def some_zeros(rng):
    a = sized(rng, 6)
    b = a * (1 + rng.uniform(0.01, 0.1, 6))
    a[2] = b[2] = 0.0
    return {"a": a, "b": b}


def zero_against_number(rng):
    return {"a": np.array([0.0, 1.0]), "b": np.array([rng.uniform(0.1, 0.9), 1.0])}


def nonfinite(value, *places):
    def arguments(rng):
        pair = {"a": sized(rng, 4, 3), "b": sized(rng, 4, 3)}
        for place in places:
            pair[place][1, 2] = value
        return pair

    return arguments


def ratio_of_norms(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    largest = max(np.linalg.norm(a), np.linalg.norm(b), np.finfo(float).tiny)
    return np.linalg.norm(np.subtract(a, b)) / largest


def mean_instead_of_largest(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.mean(np.abs(np.subtract(a, b)) / scale)


def absolute_difference(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)))


def relative_to_a_alone(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.abs(a), np.finfo(float).tiny))


def relative_to_the_sum(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.abs(a) + np.abs(b), np.finfo(float).tiny))


def largest_over_largest(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b))) / max(np.max(np.abs(a)), np.max(np.abs(b)), np.finfo(float).tiny)


def floor_too_high(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-8))


def sign_of_the_difference_kept(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.max(np.subtract(a, b) / scale)


def zero_over_zero(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.abs(a), np.abs(b)))


def nan_returned(a, b):
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.max(np.abs(np.subtract(a, b)) / scale)


def nan_skipped(a, b):
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.nanmax(np.abs(np.subtract(a, b)) / scale)


def infinity_forgotten(a, b):
    if np.any(np.isnan(a) | np.isnan(b)):
        return np.inf
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.max(np.abs(np.subtract(a, b)) / scale)


RELATIVE_ERROR = Exercise(
    reference.relative_error,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="two numbers", arguments=lecture_pair),
                Case(label="entries of many sizes", arguments=close_arrays(1.0), draws=3),
                Case(label="a small entry that is off, beside large ones", arguments=small_entry_off, draws=2),
                Case(label="tiny numbers", arguments=close_arrays(1e-13), draws=2),
                Case(label="opposite signs", arguments=opposite_signs),
                Case(label="a zero against a number", arguments=zero_against_number),
                Case(label="zeros in both", arguments=zeros, **LENIENT),
                Case(label="a zero in both", arguments=some_zeros, draws=2, **LENIENT),
            ],
            hint="compute a relative difference for each entry, with its own denominator, then take the largest.",
        ),
        Aspect(
            "nonfinite",
            [
                Case(label="NaN in a", arguments=nonfinite(np.nan, "a"), **LENIENT),
                Case(label="NaN in both, at the same place", arguments=nonfinite(np.nan, "a", "b"), **LENIENT),
                Case(label="infinity in b", arguments=nonfinite(np.inf, "b"), **LENIENT),
                Case(label="infinity in both, at the same place", arguments=nonfinite(np.inf, "a", "b"), **LENIENT),
            ],
            hint="what does `nan > tolerance` evaluate to, and what should a check conclude?",
        ),
    ],
    misconceptions=[
        Misconception(
            ratio_of_norms,
            cause="Norms of the whole arrays are compared, so that large entries hide a small wrong one.",
            next_step="what does a single wrong entry do to the norm?",
        ),
        Misconception(
            mean_instead_of_largest,
            cause="The relative differences are averaged, so that many right entries dilute a wrong one.",
            next_step="which summary of the entries cannot be diluted?",
        ),
        Misconception(
            absolute_difference,
            cause="The difference is not related to the size of the numbers.",
            next_step="is 0.001 a large difference between gradients of size 0.002?",
        ),
        Misconception(
            relative_to_a_alone,
            cause="Only |a| is in the denominator, so that exchanging a and b changes the answer.",
            next_step="which of the two sizes does the formula divide by?",
        ),
        Misconception(
            relative_to_the_sum,
            cause="The denominator is the sum of the sizes; here it is the larger of the two.",
            next_step="what should 1 against -1 give by the docstring's formula?",
        ),
        Misconception(
            largest_over_largest,
            cause="The largest difference is divided by the largest entry, although they are at different places.",
            next_step="divide first and look for the maximum afterwards?",
        ),
        Misconception(
            floor_too_high,
            cause="The floor of the denominator hides differences between tiny numbers.",
            next_step="which floor does the docstring give?",
        ),
        Misconception(
            sign_of_the_difference_kept,
            cause="Differences keep their sign, so that negative ones are never the largest.",
            next_step="what does the maximum of [-5, 1] ignore?",
        ),
        Misconception(
            zero_over_zero,
            cause="Where both numbers are 0 the quotient 0/0 is NaN.",
            next_step="how can the denominator be kept from being 0?",
        ),
        Misconception(
            nan_returned,
            cause="NaN and infinity go through the arithmetic, and NaN comes out: no comparison notices it.",
            next_step="which NumPy function tells finite entries from others?",
            loses=("nonfinite",),
        ),
        Misconception(
            nan_skipped,
            cause="Entries that are NaN are left out, although they are the most wrong of all.",
            next_step="what should one NaN say about the whole gradient?",
            loses=("nonfinite",),
        ),
        Misconception(
            infinity_forgotten,
            cause="NaN is caught, but infinity divided by infinity makes a new one.",
            next_step="which NumPy function is false for NaN and for infinity?",
            loses=("nonfinite",),
        ),
    ],
)

# --- gradient_check ---------------------------------------------------------------------------------
# Only yes or no comes back, so the pattern of the cases tells the misconceptions apart.

MIXED = (4, 3)


def waves(rng, change="", positive=False, **options):
    """Draw f = sum A sin X with a gradient whose text may be changed."""
    shape = options.pop("shape", MIXED)
    A = sized(rng, *shape)
    A = np.abs(A) if positive else A
    X = rng.uniform(0.3, 1.2, shape)
    constants = {key: options.pop(key) for key in list(options) if key in ("E", "M", "c")}
    gradient = Formula(f"lambda X: {change.replace('G', '(A*np.cos(X))') or 'A*np.cos(X)'}", A=A, **constants)
    return {"f": Formula("lambda X: np.sum(A*np.sin(X))", A=A), "grad_f": gradient, "X": X, **options}


def place(rng, value=True, shape=MIXED):
    """Draw an array that is zero (False) but for one entry."""
    array = np.zeros(shape, dtype=type(value))
    array[tuple(rng.integers(0, n) for n in shape)] = value
    return array


def right_gradient(rng):
    return waves(rng)


def right_away_from_kinks(rng):
    f, grad_f = Formula("lambda X: np.sum(A*np.maximum(X, 0))"), Formula("lambda X: A*(X>0)")
    A = sized(rng, *MIXED)
    return {"f": Formula(f.text, A=A), "grad_f": Formula(grad_f.text, A=A), "X": sized(rng, *MIXED)}


def right_for_integers(rng):
    return {**waves(rng), "X": rng.choice([1, 2, 4, 5], MIXED)}


def doubled(rng):
    return waves(rng, "2*G")


def halved(rng):
    return waves(rng, "G/2", positive=True)


def sign_turned(rng):
    return waves(rng, "-G")


def forgotten(rng):
    return waves(rng, "0*X")


def one_entry_off(rng):
    return waves(rng, "G*(1 + E)", E=place(rng, 0.1))


def entries_exchanged(rng):
    E = np.zeros(MIXED)
    E[0, 0], E[3, 2] = 0.3, -0.3
    return waves(rng, "G + E", E=E)


def within_wide_tolerance(rng):
    return waves(rng, "G*1.001", h=1e-5, tolerance=1e-2)


def one_beyond_wide_tolerance(rng):
    return waves(rng, "G*(1 + E)", E=place(rng, 0.06), h=1e-5, tolerance=1e-2)


def coarse_step(rng):
    X = rng.uniform(0.5, 1.5, MIXED)
    f, grad_f = Formula("lambda X: np.sum(X**3)"), Formula("lambda X: 3*X**2")
    return {"f": f, "grad_f": grad_f, "X": X, "h": 0.5}


def steep(rng, wrong_entry):
    """Draw a function whose gradient has one small entry beside large ones, and no round-off to speak of."""
    C, X = sized(rng, *MIXED) * 1e6, sized(rng, *MIXED)
    C[2, 1] = rng.uniform(0.5, 1.0)
    E = np.zeros(MIXED)
    E[2, 1] = wrong_entry
    f = Formula("lambda X: np.sum(C*np.sin(X-X0))", C=C, X0=X)
    return {"f": f, "grad_f": Formula("lambda X: C*np.cos(X-X0) + E", C=C, X0=X, E=E), "X": X}


def small_entry_wrong(rng):
    return steep(rng, 0.1)


def large_and_right(rng):
    return steep(rng, 0.0)


def small_and_wrong(rng):
    A, X = 1e-7 * sized(rng, *MIXED), rng.uniform(0.3, 1.2, MIXED)
    f = Formula("lambda X: np.sum(A*np.sin(X))", A=A)
    return {"f": f, "grad_f": Formula("lambda X: 2*A*np.cos(X)", A=A), "X": X}


def zero_with_round_off(rng):
    f = Formula("lambda X: np.sum(np.log(np.exp(X))-X)")
    return {"f": f, "grad_f": Formula("lambda X: 0*X"), "X": rng.normal(size=MIXED)}


def one_nan(rng):
    return waves(rng, "np.where(M, np.nan, G)", M=place(rng))


def one_infinity(rng):
    return waves(rng, "np.where(M, np.inf, G)", M=place(rng))


def function_is_nan(rng):
    f = Formula("lambda X: np.sum(A*X) + np.nan", A=sized(rng, *MIXED))
    return {"f": f, "grad_f": Formula("lambda X: A", **f.constants), "X": sized(rng, *MIXED)}


def broadcasting(*shape):
    def arguments(rng):
        c = sized(rng, *shape)
        return {
            "f": Formula("lambda X: np.sum(c*X)", c=c),
            "grad_f": Formula("lambda X: c", c=c),
            "X": sized(rng, *MIXED),
        }

    return arguments


def flat(rng):
    return waves(rng, "G.ravel()")


def transposed(rng):
    return waves(rng, "G.T")


def norm_of_the_whole(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.linalg.norm(a - n) <= tolerance * max(np.linalg.norm(a), np.linalg.norm(n)) + 1e-9)


def nan_passes(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape:
        return False
    return not np.any(np.abs(a - n) > tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9)


def infinity_passes(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape:
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


def absolute_tolerance(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    return a.shape == n.shape and bool(np.all(np.abs(a - n) <= tolerance))


def no_floor(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n))))


def floor_as_high_as_the_tolerance(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + tolerance))


def shape_unchecked(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if not (np.all(np.isfinite(a)) and np.all(np.isfinite(n))):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


def one_good_entry_suffices(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.any(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


def tolerance_ignored(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= 1e-6 * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


def differences_averaged(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.mean(np.abs(a - n) / (np.maximum(np.abs(a), np.abs(n)) + 1e-3)) <= tolerance)


def sums_compared(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    a, n = np.sum(a), np.sum(n)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


def sizes_compared(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    difference = np.abs(np.abs(a) - np.abs(n))
    return bool(np.all(difference <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


def too_small_passes(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(a - n <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


def check_ignores_the_step(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, 1e-5)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


GRADIENT_CHECK = Exercise(
    reference.gradient_check,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a right gradient", arguments=right_gradient, draws=2),
                Case(label="a right gradient, away from kinks", arguments=right_away_from_kinks),
                Case(label="a right gradient at a point of integers", arguments=right_for_integers),
                Case(label="a gradient twice too large", arguments=doubled),
                Case(label="a gradient half as large", arguments=halved, draws=2),
                Case(label="a gradient of the wrong sign", arguments=sign_turned, draws=2),
                Case(label="a gradient forgotten at zero", arguments=forgotten),
                Case(label="one wrong entry", arguments=one_entry_off, draws=2),
                Case(label="wrong entries whose sum is right", arguments=entries_exchanged, draws=2),
                Case(label="a difference within a wide tolerance", arguments=within_wide_tolerance, draws=2),
                Case(label="one entry beyond a wide tolerance", arguments=one_beyond_wide_tolerance, draws=2),
                Case(label="a step that is too coarse", arguments=coarse_step, draws=2),
            ],
            hint="apply the docstring's rule to every entry, with its own |a| and |n|.",
        ),
        Aspect(
            "scale",
            [
                Case(label="a small wrong entry beside large ones", arguments=small_entry_wrong, draws=2),
                Case(label="large right entries", arguments=large_and_right, draws=2),
                Case(label="small wrong entries", arguments=small_and_wrong, draws=2),
                Case(label="a zero gradient under round-off", arguments=zero_with_round_off, draws=2),
            ],
            hint="one part of the allowance grows with the entry, the other stays: which is which?",
        ),
        Aspect(
            "broken",
            [
                Case(label="NaN in the gradient", arguments=one_nan, draws=2, **LENIENT),
                Case(label="infinity in the gradient", arguments=one_infinity, draws=2, **LENIENT),
                Case(label="a function that is NaN", arguments=function_is_nan, **LENIENT),
                Case(label="a row for a matrix", arguments=broadcasting(3), **LENIENT),
                Case(label="a column for a matrix", arguments=broadcasting(4, 1), **LENIENT),
                Case(label="a number for a matrix", arguments=broadcasting(), **LENIENT),
                Case(label="a flat gradient", arguments=flat, **LENIENT),
                Case(label="a transposed gradient", arguments=transposed, **LENIENT),
            ],
            hint="look at shape and finiteness before comparing any number.",
        ),
    ],
    misconceptions=[
        Misconception(
            norm_of_the_whole,
            cause="In the norm of the whole, large right entries hide a small wrong one.",
            next_step="what is the relative difference at that one entry?",
            loses=("scale",),
        ),
        Misconception(
            nan_passes,
            cause="`nan > tolerance` is False, so that NaN never counts as too large.",
            next_step="how can the comparison be turned?",
            loses=("broken",),
        ),
        Misconception(
            infinity_passes,
            cause="An infinite entry makes its own allowance infinite, and passes.",
            next_step="what must hold for both arrays before they are compared?",
            loses=("broken",),
        ),
        Misconception(
            absolute_tolerance,
            cause="The tolerance is absolute: large right entries fail and small wrong ones pass.",
            next_step="what should the allowed difference be proportional to?",
            loses=("scale",),
        ),
        Misconception(
            no_floor,
            cause="Where the gradient is 0, round-off in the numerical one exceeds any relative tolerance.",
            next_step="which term of the rule does not shrink with the entry?",
            loses=("scale",),
        ),
        Misconception(
            floor_as_high_as_the_tolerance,
            cause="The constant part of the allowance is as large as the tolerance, so small wrong gradients pass.",
            next_step="which constant does the docstring name?",
            loses=("scale",),
        ),
        Misconception(
            shape_unchecked,
            cause="NumPy broadcasts a gradient of the wrong shape.",
            next_step="which property do you compare first?",
            loses=("broken",),
        ),
        Misconception(
            one_good_entry_suffices,
            cause="One agreeing entry is enough here; every entry has to agree.",
            next_step="which of np.any and np.all is meant?",
        ),
        Misconception(
            tolerance_ignored,
            cause="The tolerance is fixed inside the function, so the argument has no effect.",
            next_step="where does tolerance enter your rule?",
        ),
        Misconception(
            differences_averaged,
            cause="In the average, many right entries dilute a wrong one.",
            next_step="which summary of the entries cannot be diluted?",
        ),
        Misconception(
            sums_compared,
            cause="Sums of the gradients are compared, in which errors cancel.",
            next_step="how many comparisons does an array of 12 entries need?",
        ),
        Misconception(
            sizes_compared,
            cause="Only sizes are compared, so that a gradient of the wrong sign passes.",
            next_step="what is the absolute value taken of?",
        ),
        Misconception(
            too_small_passes,
            cause="The difference keeps its sign, so that too small a gradient passes.",
            next_step="what is the absolute value taken of?",
        ),
        Misconception(
            check_ignores_the_step,
            cause="The argument h does not reach the numerical gradient.",
            next_step="which step do your central differences use?",
        ),
    ],
)

# --- directional_check ------------------------------------------------------------------------------


SHORT = (3,)


def along(arguments, v):
    """Put the direction v where it belongs among the arguments of a gradient check."""
    order = ("f", "grad_f", "X", "v", "h", "tolerance")
    arguments = {**arguments, "v": v}
    return {name: arguments[name] for name in order if name in arguments}


def positive(rng, shape=SHORT):
    return np.abs(sized(rng, *shape))


def right_along(rng):
    return along(waves(rng), 3 * sized(rng, *MIXED))


def right_along_long_vector(rng):
    return along(waves(rng, shape=SHORT), 3 * sized(rng, *SHORT))


def right_along_unit_vector(rng):
    v = sized(rng, *SHORT)
    return along(waves(rng, shape=SHORT), v / np.linalg.norm(v))


def right_along_integers(rng):
    return along(right_for_integers(rng), sized(rng, *MIXED))


def doubled_along(rng):
    return along(waves(rng, "2*G", positive=True, shape=SHORT), positive(rng))


def halved_along(rng):
    return along(waves(rng, "G/2", positive=True, shape=SHORT), positive(rng))


def sign_turned_along(rng):
    return along(waves(rng, "-G", positive=True, shape=SHORT), positive(rng))


def wrong_across(rng):
    v, E = positive(rng), sized(rng, *SHORT)
    E -= v * np.sum(E * v) / np.sum(v * v)
    return along(waves(rng, "G + E", positive=True, shape=SHORT, E=E), v)


def wrong_where_v_is_zero(rng):
    E = place(rng, 0.7, SHORT)
    v = np.where(E != 0, 0.0, positive(rng))
    return along(waves(rng, "G + E", positive=True, shape=SHORT, E=E), v)


def wide_tolerance_along(rng):
    return along(waves(rng, "G*1.001", positive=True, shape=SHORT, h=1e-5, tolerance=1e-2), positive(rng))


def coarse_step_along(rng):
    return along({**coarse_step(rng), "X": rng.uniform(0.5, 1.5, SHORT)}, positive(rng))


def large_along(rng):
    return along({**steep(rng, 0.0)}, sized(rng, *MIXED))


def small_and_wrong_along(rng):
    A, X = 1e-8 * positive(rng), rng.uniform(0.3, 0.8, SHORT)
    f, grad_f = Formula("lambda X: np.sum(A*np.sin(X))", A=A), Formula("lambda X: 2*A*np.cos(X)", A=A)
    return along({"f": f, "grad_f": grad_f, "X": X}, positive(rng))


def zero_along(rng):
    return along(zero_with_round_off(rng), sized(rng, *MIXED))


def nonfinite_along(value, *, beside=False):
    def arguments(rng):
        M = place(rng)
        v = positive(rng, MIXED)
        v = np.where(M, 0.0, v) if beside else v
        return along(waves(rng, f"np.where(M, np.{value}, G)", M=M), v)

    return arguments


def broken_along(broken):
    return lambda rng: along(broken(rng), positive(rng, MIXED))


def summed_without_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


def direction_normalised_once(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a = np.sum(gradient * v)
    v = v / np.linalg.norm(v)
    n = (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


def one_side_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X)) / h
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


def half_the_run_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / h
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


def every_direction_checked(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


def sizes_compared_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = abs(np.sum(gradient * v)), abs((f(X + h * v) - f(X - h * v)) / (2 * h))
    return bool(abs(a - n) <= tolerance * max(a, n) + 1e-9)


def too_small_passes_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(a - n <= tolerance * max(abs(a), abs(n)) + 1e-9)


def absolute_tolerance_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance)


def no_floor_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)))


def direction_check_ignores_the_step(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient, h = np.asarray(grad_f(X)), 1e-5
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


def shape_unchecked_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


def flattened_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if not np.all(np.isfinite(gradient)):
        return False
    a, n = np.vdot(gradient, v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


def nan_passes_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return not abs(a - n) > tolerance * np.maximum(abs(a), abs(n)) + 1e-9


def infinity_passes_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


DIRECTIONAL_CHECK = Exercise(
    reference.directional_check,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a right gradient of a matrix", arguments=right_along),
                Case(label="a right gradient and a long v", arguments=right_along_long_vector, draws=2),
                Case(label="a right gradient and a v of length 1", arguments=right_along_unit_vector),
                Case(label="a right gradient at a point of integers", arguments=right_along_integers),
                Case(label="a gradient twice too large", arguments=doubled_along),
                Case(label="a gradient half as large", arguments=halved_along, draws=2),
                Case(label="a gradient of the wrong sign", arguments=sign_turned_along, draws=2),
                Case(label="an error across v, unseen", arguments=wrong_across, draws=2),
                Case(label="an error where v is zero", arguments=wrong_where_v_is_zero),
                Case(label="a difference within a wide tolerance", arguments=wide_tolerance_along),
                Case(label="a step that is too coarse", arguments=coarse_step_along, draws=2),
                Case(label="large right entries", arguments=large_along),
                Case(label="small wrong entries", arguments=small_and_wrong_along, draws=2),
                Case(label="a zero derivative under round-off", arguments=zero_along, draws=4),
            ],
            hint="which single number does the gradient predict for a move along v, and which do you measure?",
        ),
        Aspect(
            "broken",
            [
                Case(label="NaN in the gradient", arguments=nonfinite_along("nan"), **LENIENT),
                Case(label="NaN where v is zero", arguments=nonfinite_along("nan", beside=True), **LENIENT),
                Case(label="infinity in the gradient", arguments=nonfinite_along("inf"), draws=2, **LENIENT),
                Case(label="infinity where v is zero", arguments=nonfinite_along("inf", beside=True), **LENIENT),
                Case(label="a row for a matrix", arguments=broken_along(broadcasting(3)), **LENIENT),
                Case(label="a column for a matrix", arguments=broken_along(broadcasting(4, 1)), **LENIENT),
                Case(label="a flat gradient", arguments=broken_along(flat), draws=2, **LENIENT),
            ],
            hint="look at shape and finiteness of the gradient before multiplying it by v.",
        ),
    ],
    misconceptions=[
        Misconception(
            summed_without_v,
            cause="The gradient is summed without v, which weights its entries.",
            next_step="how does f change under X + h v?",
        ),
        Misconception(
            direction_normalised_once,
            cause="v is normalised on one side of the comparison only.",
            next_step="does the docstring ask for a direction of length 1?",
        ),
        Misconception(
            one_side_along_v,
            cause="The quotient looks to one side of X only.",
            next_step="which two points does the docstring compare?",
        ),
        Misconception(
            half_the_run_along_v,
            cause="The two points are 2h v apart, but the difference is divided by h.",
            next_step="how far apart are the points?",
        ),
        Misconception(
            every_direction_checked,
            cause="Every entry is checked, instead of one number along v.",
            next_step="how many evaluations of f does one direction need?",
        ),
        Misconception(
            sizes_compared_along_v,
            cause="Only sizes are compared, so that a gradient of the wrong sign passes.",
            next_step="what is the absolute value taken of?",
        ),
        Misconception(
            too_small_passes_along_v,
            cause="The difference keeps its sign, so that too small a derivative passes.",
            next_step="what is the absolute value taken of?",
        ),
        Misconception(
            absolute_tolerance_along_v,
            cause="The tolerance is absolute: large right derivatives fail and small wrong ones pass.",
            next_step="what should the allowed difference be proportional to?",
        ),
        Misconception(
            no_floor_along_v,
            cause="Where the derivative is 0, round-off exceeds any relative tolerance.",
            next_step="which term of the rule does not shrink?",
        ),
        Misconception(
            direction_check_ignores_the_step,
            cause="The argument h has no effect.",
            next_step="where does h enter your quotient?",
        ),
        Misconception(
            shape_unchecked_along_v,
            cause="NumPy broadcasts the gradient against v.",
            next_step="which property do you compare first?",
            loses=("broken",),
        ),
        Misconception(
            flattened_along_v,
            cause="Flattening hides the wrong shape.",
            next_step="compare shapes first?",
            loses=("broken",),
        ),
        Misconception(
            nan_passes_along_v,
            cause="`nan > tolerance` is False, so that NaN never counts as too large.",
            next_step="how can the comparison be turned?",
            loses=("broken",),
        ),
        Misconception(
            infinity_passes_along_v,
            cause="An infinite derivative makes its own allowance infinite, and passes.",
            next_step="what must hold for the gradient before it is compared?",
            loses=("broken",),
        ),
    ],
)

# --- find_wrong_gradients ---------------------------------------------------------------------------

NETWORK = "lambda p: np.sum(C*(np.tanh(X @ p['W'] + p['b']) @ p['U']))"


def network(rng, change=None, integers=False):
    """Draw a small network and its gradients, and apply `change` to them."""
    X, C = sized(rng, 4, 3), sized(rng, 4, 2)
    p = {"W": sized(rng, 3, 5) / 3, "b": sized(rng, 5) / 3, "U": sized(rng, 5, 2)}
    if integers:
        X, p["W"] = X / 3, rng.integers(1, 4, (3, 5))
    A = np.tanh(X @ p["W"] + p["b"])
    G = (C @ p["U"].T) * (1 - A**2)
    gradients = {"W": X.T @ G, "b": G.sum(axis=0), "U": A.T @ C}
    if change:
        change(gradients, G)
    return {"f": Formula(NETWORK, X=X, C=C), "parameters": p, "gradients": gradients}


def all_right(rng):
    return network(rng)


def integer_weights(rng):
    return network(rng, integers=True)


def first_wrong(rng):
    return network(rng, lambda g, G: g.update(W=g["W"] / 4))


def bias_wrong(rng):
    return network(rng, lambda g, G: g.update(b=G.mean(axis=0)))


def two_wrong(rng):
    return network(rng, lambda g, G: g.update(W=-g["W"], U=2 * g["U"]))


def last_entry_wrong(rng):
    def change(gradients, G):
        gradients["U"][-1, -1] *= 1.1

    return network(rng, change)


def cancelling_errors(rng):
    def change(gradients, G):
        gradients["W"][0, 0] += 0.3
        gradients["W"][2, 4] -= 0.3

    return network(rng, change)


def unused_parameter(rng):
    f = Formula("lambda p: np.sum(np.log(np.exp(p['idle']))-p['idle']) + 0.001*np.sum(np.sin(p['used']))")
    parameters = {"used": rng.uniform(0.3, 1.2, (2, 3)), "idle": sized(rng, 8)}
    return {
        "f": f,
        "parameters": parameters,
        "gradients": {"used": 0.001 * np.cos(parameters["used"]), "idle": np.zeros(8)},
    }


def small_beside_large(rng):
    hard = steep(rng, 0.1)
    C, X0 = hard["f"].constants["C"], hard["X"]
    f = Formula("lambda p: np.sum(C*np.sin(p['steep']-X0)) + np.sum(np.sin(p['flat']))", C=C, X0=X0)
    level = rng.uniform(0.3, 1.2, 3)
    gradients = {"steep": C + hard["grad_f"].constants["E"], "flat": np.cos(level)}
    return {"f": f, "parameters": {"steep": X0, "flat": level}, "gradients": gradients}


def bias_not_summed(rng):
    return network(rng, lambda g, G: g.update(b=G))


def bias_kept_as_row(rng):
    return network(rng, lambda g, G: g.update(b=g["b"][None]))


def weights_transposed(rng):
    return network(rng, lambda g, G: g.update(U=g["U"].T))


def nan_entry(rng):
    def change(gradients, G):
        gradients["U"][3, 1] = np.nan

    return network(rng, change)


def infinite_entry(rng):
    def change(gradients, G):
        gradients["b"][2] = np.inf

    return network(rng, change)


def right_names_returned(f, parameters, gradients):
    right = set()
    for name, P in parameters.items():
        if gradient_check(lambda Q, k=name: f({**parameters, k: Q}), lambda Q, k=name: gradients[k], P):
            right.add(name)
    return right


def stopped_at_the_first(f, parameters, gradients):
    for name, P in parameters.items():
        if not gradient_check(lambda Q, k=name: f({**parameters, k: Q}), lambda Q, k=name: gradients[k], P):
            return {name}
    return set()


def all_names_if_any_is_wrong(f, parameters, gradients):
    for name, P in parameters.items():
        if not gradient_check(lambda Q, k=name: f({**parameters, k: Q}), lambda Q, k=name: gradients[k], P):
            return set(parameters)
    return set()


def list_instead_of_set(f, parameters, gradients):
    wrong = []
    for name, P in parameters.items():
        if not gradient_check(lambda Q, k=name: f({**parameters, k: Q}), lambda Q, k=name: gradients[k], P):
            wrong.append(name)
    return wrong


def first_entry_only(f, parameters, gradients):
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        first, second = a.flat[0], n.flat[0]
        agrees = abs(first - second) <= 1e-6 * max(abs(first), abs(second)) + 1e-9
        if a.shape != n.shape or not np.all(np.isfinite(a)) or not agrees:
            wrong.add(name)
    return wrong


def sums_of_gradients_compared(f, parameters, gradients):
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        agrees = abs(np.sum(a) - np.sum(n)) <= 1e-6 * max(abs(np.sum(a)), abs(np.sum(n))) + 1e-9
        if a.shape != n.shape or not np.all(np.isfinite(a)) or not agrees:
            wrong.add(name)
    return wrong


def one_norm_for_each_name(f, parameters, gradients):
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        if a.shape == n.shape and np.all(np.isfinite(a)):
            close = np.linalg.norm(a - n) <= 1e-6 * max(np.linalg.norm(a), np.linalg.norm(n)) + 1e-9
            wrong |= set() if close else {name}
        else:
            wrong.add(name)
    return wrong


def shapes_unchecked(f, parameters, gradients):
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        agrees = np.abs(a - n) <= 1e-6 * np.maximum(np.abs(a), np.abs(n)) + 1e-9
        if not np.all(np.isfinite(a)) or not np.all(agrees):
            wrong.add(name)
    return wrong


def nan_never_wrong(f, parameters, gradients):
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        if a.shape != n.shape or np.any(np.abs(a - n) > 1e-6 * np.maximum(np.abs(a), np.abs(n)) + 1e-9):
            wrong.add(name)
    return wrong


def shift_left_in_the_dict(f, parameters, gradients):
    p = {name: np.array(P, dtype=float) for name, P in parameters.items()}
    wrong = set()
    for name, P in p.items():
        for index in np.ndindex(P.shape):
            P[index] += 1e-3
            above = f(p)
            P[index] -= 2e-3
            n = (above - f(p)) / 2e-3
            if np.shape(gradients[name]) != P.shape or not abs(gradients[name][index] - n) <= 1e-6 * abs(n) + 1e-9:
                wrong.add(name)
    return wrong


def no_floor_for_zero(f, parameters, gradients):
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        if a.shape == n.shape and np.all(np.isfinite(a)):
            close = np.all(np.abs(a - n) <= 1e-6 * np.maximum(np.abs(a), np.abs(n)))
            wrong |= set() if close else {name}
        else:
            wrong.add(name)
    return wrong


FIND_WRONG_GRADIENTS = Exercise(
    reference.find_wrong_gradients,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="right gradients of a small network", arguments=all_right, draws=2),
                Case(label="weights that are integers", arguments=integer_weights),
                Case(label="a wrong weight gradient", arguments=first_wrong),
                Case(label="a bias gradient that is averaged", arguments=bias_wrong),
                Case(label="two wrong gradients", arguments=two_wrong, draws=2),
                Case(label="a wrong last entry", arguments=last_entry_wrong),
                Case(label="wrong entries whose sum is right", arguments=cancelling_errors, draws=2),
                Case(label="a parameter without influence", arguments=unused_parameter, draws=3),
                Case(label="a small wrong entry beside large ones", arguments=small_beside_large, draws=2),
            ],
            hint="for each name, regard f as a function of that one array, with all others as they are.",
        ),
        Aspect(
            "broken",
            [
                Case(label="a bias gradient that is not summed over rows", arguments=bias_not_summed, **LENIENT),
                Case(label="a bias gradient with an axis too many", arguments=bias_kept_as_row, draws=2, **LENIENT),
                Case(label="a transposed gradient", arguments=weights_transposed, **LENIENT),
                Case(label="NaN in a gradient", arguments=nan_entry, **LENIENT),
                Case(label="infinity in a gradient", arguments=infinite_entry, **LENIENT),
            ],
            hint="a wrong shape, NaN or infinity makes a gradient wrong, whatever its other numbers are.",
        ),
    ],
    misconceptions=[
        Misconception(
            right_names_returned,
            cause="The names of the right gradients are returned.",
            next_step="when does a name belong into the set?",
            loses=("values", "broken"),
        ),
        Misconception(
            stopped_at_the_first,
            cause="The search ends at the first wrong gradient.",
            next_step="what happens after a name has been found?",
        ),
        Misconception(
            all_names_if_any_is_wrong,
            cause="All names are reported as soon as one gradient is wrong.",
            next_step="decide for each name on its own?",
            loses=("values", "broken"),
        ),
        Misconception(
            list_instead_of_set,
            cause="A list is returned; the docstring asks for a set.",
            next_step="which type has no order and no duplicates?",
            loses=("values", "broken"),
        ),
        Misconception(
            first_entry_only,
            cause="Only the first entry of each array is checked.",
            next_step="where might a wrong entry hide?",
        ),
        Misconception(
            sums_of_gradients_compared,
            cause="Sums of the gradients are compared, in which errors cancel.",
            next_step="how many comparisons does an array of 15 entries need?",
        ),
        Misconception(
            one_norm_for_each_name,
            cause="In one norm for each array, large right entries hide a small wrong one.",
            next_step="what is the relative difference at that one entry?",
        ),
        Misconception(
            shapes_unchecked,
            cause="NumPy broadcasts a gradient of the wrong shape.",
            next_step="which property do you compare first?",
            loses=("broken",),
        ),
        Misconception(
            nan_never_wrong,
            cause="`nan > tolerance` is False, so that NaN never counts as wrong; nor does infinity.",
            next_step="which question has the answer True for finite numbers only?",
            loses=("broken",),
        ),
        Misconception(
            shift_left_in_the_dict,
            cause="A parameter keeps its shift while the next entries are checked.",
            next_step="what do the other entries have to be while one is varied?",
        ),
        Misconception(
            no_floor_for_zero,
            cause="Where a gradient is 0, the relative difference is 0/0 or dominated by round-off.",
            next_step="which term of the rule does not shrink?",
        ),
    ],
)

EXERCISES = (
    FORWARD_DIFFERENCE,
    CENTRAL_DIFFERENCE,
    OBSERVED_ORDER,
    OPTIMAL_STEP,
    NUMERICAL_GRADIENT,
    NUMERICAL_JACOBIAN,
    RELATIVE_ERROR,
    GRADIENT_CHECK,
    DIRECTIONAL_CHECK,
    FIND_WRONG_GRADIENTS,
)
