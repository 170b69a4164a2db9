"""numerical_gradient: approximate the gradient of f at X, entry by entry, by central differences."""

import numpy as np

from backprop_autograder import Definition, Formula
from backprop_solutions.exercises.finite_differences.inputs import QUOTIENT, sized
from backprop_solutions.finite_differences import central_difference, numerical_gradient

exercise = Definition(numerical_gradient)

values = exercise.aspect(
    "values", hint="shift one entry, keep all others at their original values, and go on to the next."
)


@values.case("a sum of cubes and a large step", draws=2)
def cubes(rng):
    f = Formula("lambda X: np.sum(A*X**3)", A=sized(rng, 4, 3))
    return {"f": f, "X": sized(rng, 4, 3), "h": rng.uniform(0.1, 0.3)}


@values.case("entries that act together", draws=2, comparison=QUOTIENT)
def entries_together(rng):
    return {"f": Formula("lambda X: np.sum(np.sin(X @ W))", W=sized(rng, 3, 5)), "X": sized(rng, 4, 3)}


@values.case("a vector", comparison=QUOTIENT)
def vector(rng):
    return {"f": Formula("lambda X: X[0]*np.sum(a*np.exp(X))", a=sized(rng, 5)), "X": sized(rng, 5)}


@values.case("an array with three axes", comparison=QUOTIENT)
def three_axes(rng):
    return {"f": Formula("lambda X: np.sum(A*np.tanh(X))", A=sized(rng, 2, 3, 4)), "X": sized(rng, 2, 3, 4)}


@values.case("entries that are equal or 0", draws=2, comparison=QUOTIENT)
def equal_entries(rng):
    X = rng.choice([-0.5, 0.0, 0.5], (4, 3))
    X[2] = X[0]
    return {"f": Formula("lambda X: np.sum(np.sin(X @ W + 1))", W=sized(rng, 3, 5)), "X": X}


@values.case("entries without influence", draws=2, comparison=QUOTIENT)
def entries_without_influence(rng):
    A = sized(rng, 4, 3)
    A[0] = A[:, 1] = 0.0
    return {"f": Formula("lambda X: np.sum(A*X**2)", A=A), "X": sized(rng, 4, 3)}


@values.case("a single row", comparison=QUOTIENT)
def single_row(rng):
    return {"f": Formula("lambda X: np.sum(A*np.exp(X))", A=sized(rng, 1, 3)), "X": sized(rng, 1, 3)}


@values.case("a single entry", comparison=QUOTIENT)
def single_entry(rng):
    return {"f": Formula("lambda X: np.sum(A*np.exp(X))", A=sized(rng, 1, 1)), "X": sized(rng, 1, 1)}


@values.case("a slope that depends on the default step")
def depends_on_default_step(rng):
    return {"f": Formula("lambda X: np.sum(A*X**3)", A=1e10 * sized(rng, 2, 3)), "X": np.zeros((2, 3))}


def of_a_transposed_view(student, f, X):
    return student.numerical_gradient(f, X.T)


@values.case("a transposed view", draws=2, comparison=QUOTIENT, probe=of_a_transposed_view)
def view(rng):
    return {"f": Formula("lambda X: np.sum(np.sin(X @ W))", W=sized(rng, 4, 5)), "X": sized(rng, 4, 3)}


integers = exercise.aspect("integers", hint="what does NumPy store when 2.00001 is written into an array of integers?")


@integers.case("a matrix of integers", draws=2, comparison=QUOTIENT)
def integer_matrix(rng):
    f = Formula("lambda X: np.sum(np.sin(X @ W))", W=sized(rng, 3, 5))
    return {"f": f, "X": rng.integers(1, 9, (4, 3))}


@integers.case("a vector of integers", comparison=QUOTIENT)
def integer_vector(rng):
    return {"f": Formula("lambda X: np.sum(a*X**3)", a=sized(rng, 3)), "X": rng.integers(1, 9, 3), "h": 0.5}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "integers")
def all_entries_shifted_at_once(f, X, h=1e-5):
    """All entries are shifted together, which gives the sum of all partial derivatives.

    how many entries move in one partial derivative?
    """
    return np.full(X.shape, (f(X + h) - f(X - h)) / (2 * h))


@exercise.misconception("values", "integers")
def entry_not_restored(f, X, h=1e-5):
    """An entry keeps its shift while the next one is varied.

    print X after the loop: is it what it was?
    """
    X = np.array(X, dtype=float)
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        X[index] += h
        above = f(X)
        X[index] -= 2 * h
        gradient[index] = (above - f(X)) / (2 * h)
    return gradient


@exercise.misconception("values", "integers")
def one_side_of_each_entry(f, X, h=1e-5):
    """Each entry is shifted to one side only; central differences are asked for.

    which second point is needed for each entry?
    """
    X = np.array(X, dtype=float)
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        above = X.copy()
        above[index] += h
        gradient[index] = (f(above) - f(X)) / h
    return gradient


exercise.slip(
    "entries_without_factor_two",
    ("/ (2 * h)", "/ h"),
    cause="The two points are 2h apart, but the difference is divided by h.",
    next_step="how long is the way between the two points?",
    loses=("values", "integers"),
)


@exercise.misconception("values", "integers")
def rows_instead_of_entries(f, X, h=1e-5):
    """The loop runs over rows and shifts each as a whole.

    which NumPy iterator visits every index of an array of any shape?
    """
    X = np.array(X, dtype=float)
    gradient = np.zeros(X.shape)
    for i in range(len(X)):
        above, below = X.copy(), X.copy()
        above[i] += h
        below[i] -= h
        gradient[i] = (f(above) - f(below)) / (2 * h)
    return gradient


@exercise.misconception("values", "integers")
def alias_instead_of_copy(f, X, h=1e-5):
    """Both names stand for the same array, so that the two shifts cancel.

    does `above = X` make a new array?
    """
    X = np.array(X, dtype=float)
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        above = X
        below = X
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


exercise.slip(
    "flattened_gradient",
    ("return gradient", "return gradient.ravel()"),
    cause="The gradient is returned as one long vector; it has the shape of X.",
    next_step="which shape should the returned array have?",
    loses=("values", "integers"),
)


@exercise.misconception("integers")
def integers_truncated(f, X, h=1e-5):
    """A copy of an integer array holds integers, so that the shift is cut off.

    which dtype must an array have to hold 2.00001?
    """
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        above, below = X.copy(), X.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


@exercise.misconception("integers")
def integers_throughout(f, X, h=1e-5):
    """Copies of an integer array hold integers, and so does np.zeros_like: neither the shift nor a slope survives.

    which dtype must both have?
    """
    gradient = np.zeros_like(X)
    for index in np.ndindex(X.shape):
        above, below = X.copy(), X.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


exercise.slip(
    "gradient_with_the_dtype_of_X",
    ("    X = np.asarray(X, dtype=float)\n", "    dtype = X.dtype\n    X = np.asarray(X, dtype=float)\n"),
    ("return gradient", "return gradient.astype(dtype)"),
    cause="The gradient is stored with the dtype of X, so that integers lose its fractions.",
    next_step="which dtype does np.zeros_like give for an integer array?",
    loses=("integers",),
)
exercise.slip(
    "step_ignored_in_the_gradient",
    ("step[index] = h", "step[index] = h = 1e-5"),
    cause="The step is fixed inside the function, so the argument h has no effect.",
    next_step="where does h enter your formula?",
    loses=("values", "integers"),
)
exercise.slip(
    "step_of_the_dtype_of_X",
    ("    X = np.asarray(X, dtype=float)\n", ""),
    ("step = np.zeros(X.shape)", "step = np.zeros_like(X)"),
    cause="The array of the step has the dtype of X: for integers its h becomes 0.",
    next_step="which dtype does np.zeros_like give for an integer array?",
    loses=("integers",),
)


@exercise.misconception("values", "integers")
def step_not_cleared(f, X, h=1e-5):
    """The step keeps its earlier entries, so that they move again.

    which entries of the step are not 0 in the second round?
    """
    gradient, step = np.zeros(X.shape), np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        step[index] = h
        gradient[index] = (f(X + step) - f(X - step)) / (2 * h)
    return gradient


@exercise.misconception("integers")
def integers_shifted_in_place(f, X, h=1e-5):
    """Entries are shifted within X itself, where integers are cut off.

    which dtype must an array have to hold 2.00001?
    """
    X, gradient = X.copy(), np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        X[index] += h
        above = f(X)
        X[index] -= 2 * h
        gradient[index] = (above - f(X)) / (2 * h)
        X[index] += h
    return gradient


@exercise.misconception("values", "integers")
def one_number_for_all_entries(f, X, h=1e-5):
    """All entries are shifted together, which gives one number, the sum of all partial derivatives.

    how many entries move in one partial derivative?
    """
    return (f(X + h) - f(X - h)) / (2 * h)


@exercise.misconception("values", "integers")
def rows_and_columns_only(f, X, h=1e-5):
    """Two nested loops need two axes; X may have one, or three.

    which NumPy iterator visits every index?
    """
    gradient = np.zeros(X.shape)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            step = np.zeros(X.shape)
            step[i, j] = h
            gradient[i, j] = (f(X + step) - f(X - step)) / (2 * h)
    return gradient


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def gradient_in_place(f, X, h=1e-5):
    X = X if X.dtype == float else X.astype(float)
    gradient = np.empty_like(X)
    for index in np.ndindex(*X.shape):
        value = X[index]
        X[index] = value + h
        above = f(X)
        X[index] = value - h
        below = f(X)
        X[index] = value
        gradient[index] = (above - below) / (2 * h)
    return gradient


@exercise.alternative
def gradient_by_nditer(f, X, h=1e-5):
    X = np.array(X, dtype=np.float64)
    gradient = np.zeros_like(X)
    iterator = np.nditer(X, flags=["multi_index"])
    while not iterator.finished:
        i = iterator.multi_index
        X[i] += h
        above = f(X)
        X[i] -= 2 * h
        below = f(X)
        X[i] += h
        gradient[i] = (above - below) / (2 * h)
        iterator.iternext()
    return gradient


@exercise.alternative
def gradient_of_the_flat_vector(f, X, h=1e-5):
    flat = np.ravel(X).astype(float)
    units = np.eye(flat.size)
    slopes = [(f((flat + h * e).reshape(X.shape)) - f((flat - h * e).reshape(X.shape))) / (2 * h) for e in units]
    return np.array(slopes).reshape(X.shape)


@exercise.alternative
def gradient_by_scalar_functions(f, X, h=1e-5):
    def along(index):
        def g(value):
            Y = X.astype(float)
            Y[index] = value
            return f(Y)

        return central_difference(g, float(X[index]), h)

    return np.array([along(index) for index in np.ndindex(X.shape)]).reshape(X.shape)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("list(np.ndindex(X.shape))[::-1]", reason="entries may be taken in any order")
exercise.equivalent("np.ones(X.shape)", reason="every entry is written over")
exercise.equivalent("X = np.asarray(X, dtype=float)", reason="X + step has the type of step: float, for integers too")
