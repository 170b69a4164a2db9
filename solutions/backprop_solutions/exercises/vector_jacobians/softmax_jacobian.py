"""softmax_jacobian: build the Jacobian of softmax from the probabilities it put out."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians.inputs import K
from backprop_solutions.vector_jacobians import softmax_jacobian

exercise = Definition(softmax_jacobian)

values = exercise.aspect("values", hint="the columns sum to 0, because the probabilities keep summing to 1; do yours?")


@values.case("three classes")
def small_probabilities(rng):
    return {"p": np.array([0.5, 0.3, 0.2])}


@values.case("FAU's four classes")
def lecture_probabilities(rng):
    p = np.exp(np.array([-3.44, 1.16, -0.81, 3.91]))
    return {"p": p / p.sum()}


@values.case("random probabilities", draws=3)
def random_probabilities(rng):
    return {"p": rng.dirichlet(np.ones(K))}


values.add(
    Case(
        label="one class certain",
        arguments=lambda rng: {"p": np.array([0.0, 1.0, 0.0, 0.0])},
        visible=False,
    )
)

values.add(
    Case(label="equal probabilities", arguments=lambda rng: {"p": np.full(4, 0.25)}),
    Case(label="two classes", arguments=lambda rng: {"p": rng.dirichlet(np.ones(2))}),
    Case(label="a single class", arguments=lambda rng: {"p": np.ones(1)}),
    Case(label="tiny probabilities", arguments=lambda rng: {"p": np.array([1e-8, 0.25, 1e-5, 0.74998999])}),
)


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def softmax_diagonal_only(p):
    """Softmax is treated as elementwise, but all outputs share one denominator.

    what happens to the other probabilities when one logit grows?
    """
    return np.diag(p * (1 - p))


@exercise.misconception()
def diagonal_matrix_forgotten(p):
    """The term with the Kronecker delta is missing.

    what is added when i = j?
    """
    return -np.outer(p, p)


@exercise.misconception()
def outer_product_added(p):
    """Off the diagonal the sign is wrong: a growing logit takes probability from the others.

    do the columns of your matrix sum to 0?
    """
    return np.diag(p) + np.outer(p, p)


@exercise.misconception()
def identity_in_place_of_probabilities(p):
    """The delta stands alone; it has to be multiplied by the probability as well.

    what is p (delta - p) on the diagonal?
    """
    return np.eye(len(p)) - np.outer(p, p)


@exercise.misconception()
def kronecker_delta_forgotten(p):
    """The rule for i = j is used for every pair.

    by what is 1 replaced when i and j differ?
    """
    return np.outer(p, 1 - p)


@exercise.misconception()
def softmax_of_probabilities(p):
    """Softmax is applied once more, but p are the probabilities already.

    what does the function receive, logits or probabilities?
    """
    q = np.exp(p) / np.exp(p).sum()
    return np.diag(q) - np.outer(q, q)


@exercise.misconception()
def squares_off_the_diagonal(p):
    """Each column holds squares of one probability; entry (i, j) mixes two.

    is your matrix symmetric?
    """
    return np.diag(p) - np.ones((len(p), 1)) * p**2


@exercise.misconception()
def jacobian_of_the_logarithm(p):
    """This is the Jacobian of log p, delta minus p_j; each row is still to be multiplied by its p_i.

    how does the derivative of p follow from that of log p?
    """
    return np.eye(len(p)) - p


@exercise.misconception()
def transposed_vector_times_itself(p):
    """p has one axis, so p.T is p and p @ p.T is one number, subtracted everywhere.

    which NumPy function gives all products of two vectors' entries?
    """
    return np.diag(p) - p @ p.T


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def softmax_by_delta(p):
    return p[:, None] * (np.eye(len(p)) - p[None, :])


@exercise.alternative
def softmax_by_loops(p):
    K = len(p)
    return np.array([[p[i] * ((i == j) - p[j]) for j in range(K)] for i in range(K)])


@exercise.alternative
def softmax_by_assignment(p):
    J = -np.outer(p, p)
    J[np.diag_indices(len(p))] += p
    return J
