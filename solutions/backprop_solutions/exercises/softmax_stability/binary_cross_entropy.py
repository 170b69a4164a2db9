"""binary_cross_entropy: compute the mean negative log-likelihood of 0/1 targets, from logits of any size."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.softmax_stability.inputs import binary_cases, binary_cases_of_any_size
from backprop_solutions.softmax_stability import binary_cross_entropy, sigmoid, softplus

exercise = Definition(binary_cross_entropy)

exercise.aspect(
    "values",
    hint="work out the loss of one element for t = 1 and for t = 0, then average over all elements.",
    cases=binary_cases(),
)

exercise.aspect(
    "stability",
    hint="go from logits to the loss directly, without a probability in between.",
    cases=binary_cases_of_any_size(),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "stability")
def binary_loss_summed(z, t):
    """The elements are summed; their mean is wanted.

    should the loss double when every example appears twice?
    """
    return softplus((1 - 2 * t) * z).sum()


@exercise.misconception("stability")
def binary_loss_of_saturated_sigmoid(z, t):
    """The sigmoid saturates at 0 or 1 exactly, and the logarithm of 0 follows.

    which function goes from the logit to the loss in one step?
    """
    p = sigmoid(z)
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


@exercise.misconception("values", "stability")
def binary_loss_with_targets_exchanged(z, t):
    """The sign is turned, so a right answer is penalised as a wrong one.

    which sign should the argument of softplus have when t = 1 and z is large?
    """
    return softplus((2 * t - 1) * z).mean()


@exercise.misconception("values", "stability")
def binary_loss_for_targets_of_minus_one(z, t):
    """The formula is for targets -1 and 1, as RWTH writes them; here they are 0 and 1.

    which expression maps t = 0 to 1 and t = 1 to -1?
    """
    return softplus(-t * z).mean()


@exercise.misconception("stability")
def binary_loss_with_an_epsilon(z, t):
    """The epsilon inside the logarithm caps the loss of confident mistakes.

    what should the loss be for z = -10000 and t = 1?
    """
    p = sigmoid(z)
    return -(t * np.log(p + 1e-12) + (1 - t) * np.log(1 - p + 1e-12)).mean()


@exercise.misconception("values", "stability")
def binary_loss_of_positives_only(z, t):
    """Elements with t = 0 contribute nothing, so answering 1 everywhere would be perfect.

    what is the loss of z = 5 when t = 0?
    """
    return (t * softplus(-z)).mean()


@exercise.misconception("values", "stability")
def squared_error_of_sigmoid(z, t):
    """This is the squared error of the sigmoid, not the negative log-likelihood.

    what is the likelihood of t under the probability sigmoid(z)?
    """
    return 0.5 * ((sigmoid(z) - t) ** 2).mean()


@exercise.misconception("values", "stability")
def binary_loss_without_a_sigmoid(z, t):
    """The logit is used as a probability, as in the deck's graph without its sigmoid.

    between which numbers does z lie, and a probability?
    """
    p = np.clip(z, 1e-12, 1 - 1e-12)
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


@exercise.misconception("values", "stability")
def binary_loss_of_sigmoid_twice(z, t):
    """The sigmoid is applied twice: softplus of the signed logit contains it already.

    does softplus((1 - 2t) z) want a logit or a probability?
    """
    return softplus((1 - 2 * t) * sigmoid(z)).mean()


@exercise.misconception("stability")
def binary_loss_that_overflows(z, t):
    """log(1 + exp) is written out, and exp overflows for confident mistakes.

    which of your functions computes it safely?
    """
    return np.log(1.0 + np.exp((1 - 2 * t) * z)).mean()


@exercise.misconception()
def binary_loss_per_row(z, t):
    """The sum is divided by the number of rows; the mean runs over all elements.

    how many elements has a matrix of shape (3, 4)?
    """
    return softplus((1 - 2 * t) * z).sum() / len(z)


@exercise.misconception("values", "stability")
def binary_loss_not_averaged(z, t):
    """One loss per element is returned; their mean is wanted.

    how many numbers should a loss be?
    """
    return softplus((1 - 2 * t) * z)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def binary_cross_entropy_with_linear_term(z, t):
    return np.mean(np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))))


@exercise.alternative
def binary_cross_entropy_by_cases(z, t):
    return np.where(t == 1, softplus(-z), softplus(z)).mean()


@exercise.alternative
def binary_cross_entropy_by_logaddexp(z, t):
    return np.average(t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z))
