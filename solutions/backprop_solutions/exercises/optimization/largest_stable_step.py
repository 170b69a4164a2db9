"""largest_stable_step: the edge above which gradient descent on a quadratic diverges."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.optimization.inputs import steps_for_positive_eigenvalues, steps_without_a_minimum
from backprop_solutions.optimization import largest_stable_step

exercise = Definition(largest_stable_step)

exercise.aspect(
    "values",
    hint="for which steps is |1 - step lambda| below 1 for every eigenvalue?",
    cases=steps_for_positive_eigenvalues(),
)
exercise.aspect(
    "errors",
    hint="which eigenvalues leave no minimum to converge to?",
    cases=steps_without_a_minimum(),
)


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def one_over_the_largest(hessian):
    """1/lambda jumps to the minimum along that axis; the path still comes nearer with steps up to twice as long.

    at which step does 1 - step lambda reach -1?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 1 / eigenvalues.max()


@exercise.misconception()
def flattest_direction_decides(hessian):
    """The smallest eigenvalue is used, but the steepest direction is the first to overshoot.

    for which eigenvalue does |1 - step lambda| pass 1 first?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / eigenvalues.min()


@exercise.misconception()
def best_taken_for_largest(hessian):
    """This is the step with the best rate; descent still converges with somewhat larger ones.

    what has to hold for the steepest direction alone?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / (eigenvalues.min() + eigenvalues.max())


@exercise.misconception()
def two_over_the_trace(hessian):
    """The trace is the sum of all eigenvalues; the steepest direction alone sets the edge.

    which eigenvalue does the edge depend on?
    """
    if np.linalg.eigvalsh(hessian).min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / np.trace(hessian)


@exercise.misconception()
def two_over_the_mean(hessian):
    """The edge is set by the steepest direction, not by the mean curvature.

    what happens along the steepest direction at your step?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / eigenvalues.mean()


@exercise.misconception("values", "errors")
def diagonal_for_eigenvalues(hessian):
    """The diagonal holds the curvatures along the coordinates; the steepest direction may lie in between.

    which function of `np.linalg` finds the eigenvalues of a symmetric matrix?
    """
    diagonal = np.diag(hessian)
    if diagonal.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / diagonal.max()


@exercise.misconception()
def two_over_the_frobenius_norm(hessian):
    """`np.linalg.norm` of a matrix adds up all directions; the steepest one alone sets the edge.

    which eigenvalue does the edge depend on?
    """
    if np.linalg.eigvalsh(hessian).min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / np.linalg.norm(hessian)


@exercise.misconception()
def largest_eigenvalue_returned(hessian):
    """This is the largest curvature; the step is bounded by its reciprocal.

    solve |1 - step lambda| = 1 for the step.
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return eigenvalues.max() / 2


@exercise.misconception()
def squared_eigenvalue(hessian):
    """The eigenvalue is squared; the edge depends on lambda itself.

    solve |1 - step lambda| = 1 for the step.
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / eigenvalues.max() ** 2


@exercise.misconception("errors")
def no_check(hessian):
    """No ValueError is raised for matrices without a minimum, where no step converges.

    what does descent do along a direction that curves down, or not at all?
    """
    return 2 / np.abs(np.linalg.eigvalsh(hessian)).max()


@exercise.misconception("errors")
def size_of_eigenvalues(hessian):
    """Negative eigenvalues are made positive; but along them each step leads farther away.

    what does 1 - step lambda become for a negative lambda?
    """
    eigenvalues = np.abs(np.linalg.eigvalsh(hessian))
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / eigenvalues.max()


@exercise.misconception("errors")
def flat_directions_let_through(hessian):
    """A flat direction is let through: its |1 - step lambda| is 1 for every step, and nothing comes nearer.

    should 0 count as positive?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() < -1e-9:
        raise ValueError("not a minimum")
    return 2 / eigenvalues.max()


@exercise.misconception("errors")
def exact_zero_asked_for(hessian):
    """Computed eigenvalues of a flat direction come out as 1e-17 or 1e-11, not as exactly 0.

    which bound does the docstring name?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 0:
        raise ValueError("not a minimum")
    return 2 / eigenvalues.max()


@exercise.misconception("errors")
def maxima_alone_refused(hessian):
    """Only where all eigenvalues are negative there is an error; a single one that is not positive is enough.

    is it `any` or `all`?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.all(eigenvalues <= 1e-9):
        raise ValueError("not a minimum")
    return 2 / np.abs(eigenvalues).max()


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_sorted_eigenvalues(hessian):
    values = sorted(np.linalg.eigvals(hessian).real)
    if values[0] <= 1e-9:
        raise ValueError("an eigenvalue is not positive")
    return 2.0 / values[-1]


@exercise.alternative
def by_the_smallest_edge(hessian):
    values = np.linalg.eigvalsh(hessian)
    if any(value <= 1e-9 for value in values):
        raise ValueError("flat or curved down")
    return np.min(2 / values)


@exercise.alternative
def edge_by_spectral_norm(hessian):
    if not np.linalg.eigvalsh(hessian)[0] > 1e-9:
        raise ValueError("no minimum")
    return 2 / np.linalg.norm(hessian, 2)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "min() < 1e-09", "2e-09", "5e-10", reason="it differs only at the boundary, where round-off decides"
)
