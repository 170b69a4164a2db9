"""contraction: the factor of one step of gradient descent on a quadratic, in the worst case."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.optimization.inputs import CMU_BOWL, spread, turned
from backprop_solutions.optimization import contraction

exercise = Definition(contraction)


def with_step(eigenvalues, low, high):
    return lambda rng: {"hessian": turned(rng, eigenvalues(rng)), "step": round(rng.uniform(low, high), 3)}


exercise.aspect(
    "values",
    hint="along one eigenvector, what does a step make of the distance? Then think of all of them.",
    cases=[
        Case(label="CMU's bowl with 0.1", arguments=lambda rng: {"hessian": np.array(CMU_BOWL), "step": 0.1}),
        Case(label="CMU's bowl with 0.2", arguments=lambda rng: {"hessian": np.array(CMU_BOWL), "step": 0.2}),
        Case(label="CMU's bowl with 0.3", arguments=lambda rng: {"hessian": np.array(CMU_BOWL), "step": 0.3}),
        Case(label="small steps", arguments=with_step(lambda rng: spread(rng, 0.3, 3.0, 4), 0.02, 0.2), draws=2),
        Case(label="steps around the best", arguments=with_step(lambda rng: spread(rng, 0.3, 3.0, 3), 0.5, 0.62)),
        Case(label="large steps", arguments=with_step(lambda rng: spread(rng, 0.3, 3.0, 4), 0.7, 1.5), draws=2),
        Case(label="a saddle", arguments=with_step(lambda rng: rng.permutation([-1.5, 0.4, 2.0]), 0.1, 0.4), draws=2),
        Case(label="a maximum", arguments=with_step(lambda rng: -rng.uniform(0.5, 3.0, 3), 0.1, 0.4)),
        Case(label="a flat direction", arguments=with_step(lambda rng: rng.permutation([0.0, 1.0, 2.0]), 0.1, 0.4)),
        Case(
            label="axes that lie along the coordinates",
            arguments=lambda rng: {"hessian": np.diag(spread(rng, 0.5, 4.0, 3)), "step": 0.35},
        ),
        Case(label="all curvatures alike", arguments=lambda rng: {"hessian": np.diag([2.0] * 3), "step": 0.5}),
        Case(label="a single variable", arguments=lambda rng: {"hessian": rng.uniform(1, 3, (1, 1)), "step": 0.9}),
    ],
)


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def sign_kept(hessian, step):
    """A factor of -1.4 lengthens the distance as much as 1.4 does: its sign only says on which side one lands.

    what is the length of a vector times -1.4?
    """
    return np.max(1 - step * np.linalg.eigvalsh(hessian))


@exercise.misconception()
def largest_eigenvalue_alone(hessian, step):
    """Only the steepest direction is looked at; with a small step the flattest one is slowest.

    which eigenvalue gives the largest |1 - step lambda| when the step is tiny?
    """
    return np.abs(1 - step * np.linalg.eigvalsh(hessian)[-1])


@exercise.misconception()
def smallest_eigenvalue_alone(hessian, step):
    """Only the flattest direction is looked at; with a large step the steepest one overshoots.

    which eigenvalue gives the largest |1 - step lambda| when the step is large?
    """
    return np.abs(1 - step * np.linalg.eigvalsh(hessian)[0])


@exercise.misconception()
def best_case(hessian, step):
    """This is the direction that shrinks most; the worst one decides.

    which direction is still far away after many steps?
    """
    return np.min(np.abs(1 - step * np.linalg.eigvalsh(hessian)))


@exercise.misconception()
def averaged_over_directions(hessian, step):
    """The factors are averaged; after many steps only the largest is left.

    what remains of 0.5^k and 0.9^k for large k?
    """
    return np.mean(np.abs(1 - step * np.linalg.eigvalsh(hessian)))


@exercise.misconception()
def one_left_out(hessian, step):
    """This is how far one step goes; what is left of the distance is 1 minus that.

    where is a point at distance 1 after the step?
    """
    return np.max(np.abs(step * np.linalg.eigvalsh(hessian)))


@exercise.misconception()
def squared_factor(hessian, step):
    """This is the factor of the function's value; the distance itself changes by its root.

    by how much does a square grow when the distance doubles?
    """
    return np.max((1 - step * np.linalg.eigvalsh(hessian)) ** 2)


@exercise.misconception()
def product_of_factors(hessian, step):
    """The factors of different directions are multiplied, as in a determinant; a distance feels the largest one.

    how far does one step take a point that lies on a single axis?
    """
    return np.abs(np.linalg.det(np.eye(len(hessian)) - step * hessian))


@exercise.misconception()
def frobenius_norm(hessian, step):
    """`np.linalg.norm` of a matrix adds up all directions; its second argument chooses the largest stretch.

    which norm of a matrix is the worst factor?
    """
    return np.linalg.norm(np.eye(len(hessian)) - step * hessian)


@exercise.misconception()
def diagonal_taken_for_eigenvalues(hessian, step):
    """The diagonal holds the eigenvalues only where the axes lie along the coordinates.

    which function of `np.linalg` finds the eigenvalues of a symmetric matrix?
    """
    return np.max(np.abs(1 - step * np.diag(hessian)))


@exercise.misconception()
def uphill_factor(hessian, step):
    """The step goes uphill: descent subtracts step times gradient.

    what sign has the step in front of the gradient?
    """
    return np.max(np.abs(1 + step * np.linalg.eigvalsh(hessian)))


@exercise.misconception()
def factors_of_all_directions(hessian, step):
    """One factor per direction is returned; the worst of them is asked for.

    which single number bounds them all?
    """
    return np.abs(1 - step * np.linalg.eigvalsh(hessian))


@exercise.misconception()
def rate_of_the_best_step(hessian, step):
    """(kappa - 1) / (kappa + 1) is the factor of the best step; here the step is given.

    where does `step` come in?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    return (eigenvalues[-1] - eigenvalues[0]) / (eigenvalues[-1] + eigenvalues[0])


# --- other right answers ----------------------------------------------------------------------------


# Not by np.linalg.svd or norm(..., 2): LAPACK prints lines where changes of such an answer hand it infinities.


@exercise.alternative
def by_the_matrix_of_a_step(hessian, step):
    return np.abs(np.linalg.eigvalsh(np.eye(len(hessian)) - step * hessian)).max()


@exercise.alternative
def by_both_ends(hessian, step):
    values = np.linalg.eigvalsh(hessian)
    return max(abs(1 - step * values[0]), abs(1 - step * values[-1]))


@exercise.alternative
def by_singular_values(hessian, step):
    M = np.identity(hessian.shape[0]) - step * hessian
    return np.sqrt(np.linalg.eigvalsh(M.T @ M)[-1])


@exercise.alternative
def by_loop(hessian, step):
    worst = 0.0
    for value in np.linalg.eigvals(hessian).real:
        worst = max(worst, abs(step * value - 1))
    return float(worst)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("step * np.linalg.eigvalsh(hessian) - 1", reason="an absolute difference has no order")
