"""stationary_point: where the gradient of a quadratic is zero."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.optimization.inputs import AS_MEANT, AS_PRINTED, sized, turned
from backprop_solutions.optimization import stationary_point

exercise = Definition(stationary_point)

values = exercise.aspect("values", hint="write down the gradient of the quadratic, and insert your point: is it zero?")


@values.case("CMU's quadratic with its printed answer")
def as_meant(rng):
    return {"A": np.array(AS_MEANT), "b": np.array([1.0, 0.0, 1.0])}


@values.case("CMU's quadratic as its terms are printed")
def as_printed(rng):
    return {"A": np.array(AS_PRINTED), "b": np.array([1.0, 0.0, 1.0])}


@values.case("a bowl", draws=2)
def a_bowl(rng):
    return {"A": turned(rng, rng.uniform(0.5, 3.0, 4)), "b": sized(rng, 4)}


@values.case("a saddle", draws=2)
def a_saddle(rng):
    return {"A": turned(rng, np.array([1.7, -0.6, 0.9])), "b": sized(rng, 3)}


@values.case("zeros in the linear part")
def zeros(rng):
    return {"A": turned(rng, rng.uniform(0.5, 3.0, 5)), "b": np.array([0.0, 0.0, *sized(rng, 1), 0.0, 0.0])}


@values.case("a single variable")
def single(rng):
    return {"A": rng.uniform(0.5, 3.0, (1, 1)), "b": sized(rng, 1)}


@values.case("curvatures of very different size")
def narrow_valley(rng):
    return {"A": turned(rng, rng.permutation([rng.uniform(1e-4, 2e-4), 0.8, 5.0])), "b": sized(rng, 3)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def sign_of_b_lost(A, b):
    """The sign is wrong: A x + b = 0 puts b on the other side with a minus.

    insert your point into A x + b.
    """
    return np.linalg.solve(A, b)


@exercise.misconception()
def derivative_doubled(A, b):
    """The gradient of 1/2 x^T A x is A x, not 2 A x: the two factors x cancel the 1/2.

    differentiate 1/2 a x^2 for a single variable.
    """
    return np.linalg.solve(2 * A, -b)


@exercise.misconception()
def half_kept(A, b):
    """The gradient of 1/2 x^T A x is A x; the 1/2 is gone after differentiating.

    differentiate 1/2 a x^2 for a single variable.
    """
    return np.linalg.solve(A / 2, -b)


@exercise.misconception()
def multiplied_instead_of_solved(A, b):
    """B is multiplied by A; the equation A x = -b has to be solved.

    which function of `np.linalg` solves a linear system?
    """
    return -A @ b


@exercise.misconception()
def diagonal_alone(A, b):
    """Each equation is solved as if it had one unknown: the entries beside the diagonal are left out.

    how do x1 and x2 meet in one equation?
    """
    return -b / np.diag(A)


@exercise.misconception()
def value_at_the_point(A, b):
    """The value of the function is returned; the point where it is taken was asked for.

    what shape has the answer?
    """
    x = np.linalg.solve(A, -b)
    return x @ A @ x / 2 + b @ x


@exercise.misconception()
def inverse_times_each_entry(A, b):
    """`*` multiplies entry by entry; a matrix is applied to a vector with `@`.

    what shape has a matrix times a vector?
    """
    return -np.linalg.inv(A) * b


@exercise.misconception()
def minima_alone(A, b):
    """A Cholesky factor exists for minima only; a saddle has a gradient of zero, too.

    which solver takes any matrix that is not singular?
    """
    np.linalg.cholesky(A)
    return np.linalg.solve(A, -b)


@exercise.misconception()
def one_step_from_zero(A, b):
    """This is the direction of one step of descent from the origin, not the point where the gradient is zero.

    solve for x instead of stepping.
    """
    return -b


@exercise.misconception()
def gradient_at_b(A, b):
    """The gradient is evaluated at b; wanted is the x at which it is zero.

    which quantity is the unknown?
    """
    return A @ b + b


@exercise.misconception()
def b_made_a_column(A, b):
    """The answer is a column of shape (D, 1); points are (D,) in this course.

    does `solve` need b as a matrix?
    """
    return np.linalg.solve(A, -b[:, None])


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_inverse(A, b):
    return -np.linalg.inv(A) @ b


@exercise.alternative
def by_eigenvectors(A, b):
    values, vectors = np.linalg.eigh(A)
    return -vectors @ ((vectors.T @ b) / values)


@exercise.alternative
def by_elimination(A, b):
    rows = np.column_stack([A, -b])
    n = len(b)
    for k in range(n):
        best = k + np.argmax(np.abs(rows[k:, k]))
        rows[[k, best]] = rows[[best, k]]
        rows[k] = rows[k] / rows[k, k]
        for i in range(n):
            if i != k:
                rows[i] = rows[i] - rows[i, k] * rows[k]
    return rows[:, -1]


@exercise.alternative
def by_least_squares(A, b):
    return np.linalg.lstsq(A, -b, rcond=None)[0]
