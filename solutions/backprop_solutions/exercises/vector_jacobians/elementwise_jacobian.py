"""elementwise_jacobian: build the Jacobian of an activation that acts on each entry alone."""

import numpy as np

from backprop_autograder import Definition, Formula
from backprop_solutions.exercises.vector_jacobians.inputs import D, K
from backprop_solutions.vector_jacobians import elementwise_jacobian

exercise = Definition(elementwise_jacobian)

values = exercise.aspect(
    "values", hint="entry (i, j) asks how output i moves with input j; for which pairs is that not zero?"
)


@values.case("Jacobian of squares")
def slopes_of_squares(rng):
    return {"derivative": Formula("lambda z: 2 * z"), "z": np.array([1.0, -2.0, 3.0])}


@values.case("Jacobian of tanh", draws=2)
def slopes_of_tanh(rng):
    return {"derivative": Formula("lambda z: 1 - np.tanh(z) ** 2"), "z": rng.normal(size=D)}


@values.case("Jacobian of exponentials", draws=2)
def slopes_of_exponential(rng):
    return {"derivative": Formula("lambda z: a * np.exp(a * z)", a=rng.uniform(0.5, 1.5)), "z": rng.normal(size=K)}


@values.case("Jacobian of a function with slopes of 0 and equal slopes")
def slopes_of_relu(rng):
    return {
        "derivative": Formula("lambda z: np.where(z > 0, a, 0.0)", a=rng.uniform(0.5, 1.5)),
        "z": rng.normal(size=7),
    }


@values.case("a single unit")
def single_slope(rng):
    return {"derivative": Formula("lambda z: np.cos(z)"), "z": rng.normal(size=1)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def slopes_as_a_vector(derivative, z):
    """These are the slopes alone; a Jacobian has a row for each output and a column for each input.

    where do the slopes belong?
    """
    return derivative(z)


@exercise.misconception()
def same_slopes_in_each_row(derivative, z):
    """Every row holds all slopes, as if each output depended on every input.

    which inputs does output 0 read?
    """
    return np.ones((len(z), 1)) * derivative(z)


@exercise.misconception()
def products_of_slopes(derivative, z):
    """Slopes are multiplied with one another, but no output passes through two of them.

    which inputs does output 0 read?
    """
    return np.outer(derivative(z), derivative(z))


@exercise.misconception()
def derivative_of_a_diagonal_matrix(derivative, z):
    """The derivative is applied to a diagonal matrix, so f'(0) fills the places that should be 0.

    in which order do you apply the derivative and build the matrix?
    """
    return derivative(np.diag(z))


@exercise.misconception()
def first_slope_everywhere(derivative, z):
    """One slope is used for all entries; each entry has its own pre-activation.

    at which point is output i differentiated?
    """
    return np.eye(len(z)) * derivative(z)[0]


@exercise.misconception()
def inputs_on_the_diagonal(derivative, z):
    """The diagonal holds the inputs; it should hold the slopes at them.

    where is `derivative` called?
    """
    return np.diag(z)


@exercise.misconception()
def slopes_times_inputs(derivative, z):
    """The slopes are multiplied by the inputs: that is a tangent pushed forward, not the Jacobian.

    does a Jacobian of f(z) = 2 z depend on z?
    """
    return np.diag(derivative(z) * z)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def jacobian_from_identity(derivative, z):
    return np.eye(len(z)) * derivative(z)


@exercise.alternative
def jacobian_entry_by_entry(derivative, z):
    J = np.zeros((z.size, z.size))
    for k in range(z.size):
        J[k, k] = derivative(z[k])
    return J


@exercise.alternative
def jacobian_by_filling(derivative, z):
    J = np.zeros((len(z), len(z)))
    np.fill_diagonal(J, derivative(z))
    return J
