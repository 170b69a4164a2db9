"""numerical_jacobian: approximate the Jacobian of f at x by central differences."""

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.exercises.finite_differences.inputs import QUOTIENT, sized
from backprop_solutions.finite_differences import numerical_gradient, numerical_jacobian


def squashed_layer(m, n):
    return lambda rng: {"f": Formula("lambda x: np.tanh(A @ x)", A=sized(rng, m, n) / 2), "x": sized(rng, n)}


exercise = Definition(numerical_jacobian)

values = exercise.aspect(
    "values",
    hint="one shifted input changes all outputs: is that a row or a column of an (m, n) array?",
    cases=[
        Case(label="more outputs than inputs", arguments=squashed_layer(5, 3), draws=2, comparison=QUOTIENT),
        Case(label="fewer outputs than inputs", arguments=squashed_layer(2, 4), comparison=QUOTIENT),
        Case(label="a single output", arguments=squashed_layer(1, 3), comparison=QUOTIENT),
    ],
)


@values.case("cubes and a large step", draws=2)
def layer_of_cubes(rng):
    f = Formula("lambda x: A @ x**3", A=sized(rng, 5, 3))
    return {"f": f, "x": sized(rng, 3), "h": rng.uniform(0.1, 0.3)}


@values.case("a single input", comparison=QUOTIENT)
def single_input(rng):
    return {"f": Formula("lambda x: np.tanh(A @ x)", A=sized(rng, 4, 1)), "x": sized(rng, 1)}


@values.case("a function that returns its argument", comparison=QUOTIENT)
def argument_returned(rng):
    return {"f": Formula("lambda x: x"), "x": sized(rng, 3).round(1)}


@values.case("an input and an output without influence", draws=2, comparison=QUOTIENT)
def without_influence(rng):
    A = sized(rng, 5, 4)
    A[0] = A[:, 0] = 0.0
    return {"f": Formula("lambda x: A @ x**2", A=A), "x": sized(rng, 4)}


@values.case("inputs that are equal or 0", comparison=QUOTIENT)
def equal_inputs(rng):
    a = round(rng.uniform(0.5, 1.5), 2)
    return {"f": Formula("lambda x: np.sin(A @ x + 1)", A=sized(rng, 5, 4)), "x": np.array([a, 0.0, a, 0.0])}


@values.case("slopes that depend on the default step", draws=2)
def depends_on_default_step(rng):
    return {"f": Formula("lambda x: A @ x**3", A=1e10 * sized(rng, 5, 3)), "x": np.zeros(3)}


integers = exercise.aspect("integers", hint="what does NumPy store when 2.00001 is written into an array of integers?")


@integers.case("a point of integers", draws=2, comparison=QUOTIENT)
def integer_point(rng):
    return {"f": Formula("lambda x: np.sin(A @ x)", A=sized(rng, 5, 3)), "x": rng.integers(1, 6, 3)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "integers")
def transposed_jacobian(f, x, h=1e-5):
    """Row and column are exchanged: outputs count the rows, inputs the columns.

    along which axis do the derivatives for one input lie?
    """
    return np.stack([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@exercise.misconception("values", "integers")
def all_inputs_at_once(f, x, h=1e-5):
    """All inputs are shifted together, which gives the sum of the columns.

    how many inputs move for one column?
    """
    return (f(x + h) - f(x - h)) / (2 * h)


@exercise.misconception("values", "integers")
def outputs_summed(f, x, h=1e-5):
    """The outputs are summed, which gives the sum of the rows.

    what shape has f(x + step) - f(x - step)?
    """
    return numerical_gradient(lambda x: np.sum(f(x)), x, h)


@exercise.misconception("values", "integers")
def square_jacobian(f, x, h=1e-5):
    """The array is n by n, but f(x) need not have n entries.

    how do you find m?
    """
    jacobian = np.zeros((len(x), len(x)))
    for j, e in enumerate(np.eye(len(x))):
        jacobian[:, j] = (f(x + h * e) - f(x - h * e)) / (2 * h)
    return jacobian


@exercise.misconception("values", "integers")
def one_side_of_each_input(f, x, h=1e-5):
    """Each input is shifted to one side only; central differences are asked for.

    which second point is needed for each column?
    """
    return np.stack([(f(x + h * e) - f(x)) / h for e in np.eye(len(x))], axis=1)


@exercise.misconception("values", "integers")
def columns_without_factor_two(f, x, h=1e-5):
    """The two points are 2h apart, but the difference is divided by h.

    how long is the way between the two points?
    """
    return np.stack([(f(x + h * e) - f(x - h * e)) / h for e in np.eye(len(x))], axis=1)


@exercise.misconception("integers")
def integer_inputs_truncated(f, x, h=1e-5):
    """A copy of an integer array holds integers, so that the shift is cut off.

    which dtype must an array have to hold 2.00001?
    """
    columns = []
    for j in range(len(x)):
        above, below = x.copy(), x.copy()
        above[j] += h
        below[j] -= h
        columns.append((f(above) - f(below)) / (2 * h))
    return np.stack(columns, axis=1)


@exercise.misconception("values", "integers")
def input_not_restored(f, x, h=1e-5):
    """An input keeps its shift while the next one is varied.

    print x after the loop: is it what it was?
    """
    x = np.array(x, dtype=float)
    columns = []
    for j in range(len(x)):
        x[j] += h
        above = f(x)
        x[j] -= 2 * h
        columns.append((above - f(x)) / (2 * h))
    return np.stack(columns, axis=1)


exercise.slip(
    "step_of_the_dtype_of_x",
    ("h * np.eye(len(x))", "(h * np.eye(len(x))).astype(x.dtype)"),
    cause="The array of the step has the dtype of x: for integers its h becomes 0.",
    next_step="which dtype does np.zeros_like give for an integer array?",
    loses=("integers",),
)


@exercise.misconception("values", "integers")
def columns_end_to_end(f, x, h=1e-5):
    """The columns are joined end to end to one long vector; they belong side by side.

    what is the difference between np.concatenate and np.stack?
    """
    steps = h * np.eye(len(x))
    return np.concatenate([(f(x + step) - f(x - step)) / (2 * h) for step in steps])


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def jacobian_filled_by_columns(f, x, h=1e-5):
    x = x.astype(float)
    jacobian = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        above, below = x.copy(), x.copy()
        above[j] += h
        below[j] -= h
        jacobian[:, j] = (f(above) - f(below)) / (2 * h)
    return jacobian


@exercise.alternative
def jacobian_transposed_at_the_end(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(x.size)]).T


@exercise.alternative
def jacobian_row_by_row(f, x, h=1e-5):
    m = len(f(np.array(x, dtype=float)))
    return np.stack([numerical_gradient(lambda y, i=i: f(y)[i], x, h) for i in range(m)])


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("axis=-1", reason="the columns are vectors: two axes in all")
