"""best_fixed_step: the step with the best rate in the worst case."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.optimization.inputs import steps_for_positive_eigenvalues, steps_without_a_minimum
from backprop_solutions.optimization import best_fixed_step

exercise = Definition(best_fixed_step)

exercise.aspect(
    "values",
    hint="the flattest and the steepest direction pull the step to different sides: where are they equally slow?",
    cases=steps_for_positive_eigenvalues(),
)
exercise.aspect(
    "errors",
    hint="which eigenvalues leave no minimum to converge to?",
    cases=steps_without_a_minimum(),
)


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def edge_taken_for_best(hessian):
    """This is the edge of stability: there the steepest direction does not come nearer at all.

    which step makes the flattest and the steepest direction equally slow?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / eigenvalues.max()


@exercise.misconception()
def steepest_direction_in_one_step(hessian):
    """This step settles the steepest direction at once, and leaves the flattest one slow.

    how slow is the flattest direction at this step, and could it be faster?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 1 / eigenvalues.max()


@exercise.misconception()
def flattest_direction_in_one_step(hessian):
    """This step settles the flattest direction at once, and overshoots in the steepest.

    what is |1 - step lambda| for the largest lambda?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 1 / eigenvalues.min()


@exercise.misconception()
def two_over_the_trace(hessian):
    """The sum of all eigenvalues is in the denominator; that is right for two variables only.

    which directions are slowest, and how many of them count?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / eigenvalues.sum()


@exercise.misconception()
def one_over_the_mean(hessian):
    """The mean curvature is used; the best step depends on the two extremes alone.

    what do the directions in between change in the worst case?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 1 / eigenvalues.mean()


@exercise.misconception()
def one_over_the_median(hessian):
    """The middle curvature is used; the best step depends on the two extremes alone.

    which directions are slowest?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 1 / np.median(eigenvalues)


@exercise.misconception()
def factor_two_missing(hessian):
    """There is a factor 2 missing: the two extremes are at equal distance from 1 on either side.

    solve 1 - step small = -(1 - step large).
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 1 / (eigenvalues.min() + eigenvalues.max())


@exercise.misconception()
def difference_of_the_extremes(hessian):
    """The eigenvalues are subtracted: both factors were given the same sign.

    the steepest direction overshoots: which sign has its factor?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / (eigenvalues.max() - eigenvalues.min() + 1e-12)


@exercise.misconception()
def geometric_mean(hessian):
    """The geometric mean of the extremes is used; the two factors balance at the arithmetic one.

    solve 1 - step small = -(1 - step large).
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 1 / np.sqrt(eigenvalues.min() * eigenvalues.max())


@exercise.misconception()
def half_the_edge_of_both(hessian):
    """The two best single steps are averaged; the balance of the two factors is another.

    solve 1 - step small = -(1 - step large).
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return (1 / eigenvalues.min() + 1 / eigenvalues.max()) / 2


@exercise.misconception("values", "errors")
def ends_of_the_diagonal(hessian):
    """The diagonal holds the eigenvalues only where the axes lie along the coordinates.

    which function of `np.linalg` finds the eigenvalues of a symmetric matrix?
    """
    diagonal = np.diag(hessian)
    if diagonal.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / (diagonal.min() + diagonal.max())


@exercise.misconception()
def rate_returned(hessian):
    """This is the rate at the best step; the step itself is asked for.

    at which step does that rate occur?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return (eigenvalues.max() - eigenvalues.min()) / (eigenvalues.max() + eigenvalues.min())


@exercise.misconception("errors")
def no_check(hessian):
    """No ValueError is raised for matrices without a minimum, where no step converges.

    what does descent do along a direction that curves down, or not at all?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    return 2 / (eigenvalues.min() + eigenvalues.max())


@exercise.misconception("errors")
def size_of_eigenvalues(hessian):
    """Negative eigenvalues are made positive; but along them each step leads farther away.

    what does 1 - step lambda become for a negative lambda?
    """
    eigenvalues = np.abs(np.linalg.eigvalsh(hessian))
    if eigenvalues.min() <= 1e-9:
        raise ValueError("not a minimum")
    return 2 / (eigenvalues.min() + eigenvalues.max())


@exercise.misconception("errors")
def flat_directions_let_through(hessian):
    """A flat direction is let through: its |1 - step lambda| is 1 for every step, and nothing comes nearer.

    should 0 count as positive?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() < -1e-9:
        raise ValueError("not a minimum")
    return 2 / (eigenvalues.min() + eigenvalues.max())


@exercise.misconception("errors")
def exact_zero_asked_for(hessian):
    """Computed eigenvalues of a flat direction come out as 1e-17 or 1e-11, not as exactly 0.

    which bound does the docstring name?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 0:
        raise ValueError("not a minimum")
    return 2 / (eigenvalues.min() + eigenvalues.max())


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_mean_of_the_extremes(hessian):
    values = np.linalg.eigvalsh(hessian)
    if values[0] <= 1e-9:
        raise ValueError("an eigenvalue is not positive")
    return 1 / np.mean(values[[0, -1]])


@exercise.alternative
def by_condition_number(hessian):
    values = sorted(np.linalg.eigvals(hessian).real)
    if values[0] <= 1e-9:
        raise ValueError("an eigenvalue is not positive")
    kappa = values[-1] / values[0]
    return 2 / (values[0] * (1 + kappa))


@exercise.alternative
def by_search(hessian):
    values = np.linalg.eigvalsh(hessian)
    if any(value <= 1e-9 for value in values):
        raise ValueError("flat or curved down")
    low, high = 0.0, 2 / max(values)
    for _ in range(200):  # the signed factors of both ends cross once
        middle = (low + high) / 2
        if 1 - middle * min(values) > middle * max(values) - 1:
            low = middle
        else:
            high = middle
    return low


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "min() < 1e-09", "2e-09", "5e-10", reason="it differs only at the boundary, where round-off decides"
)
