"""binary_cross_entropy_gradient: compute the gradient of `binary_cross_entropy` with respect to the logits."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.softmax_stability.inputs import binary_cases, binary_cases_of_any_size
from backprop_solutions.softmax_stability import binary_cross_entropy_gradient, sigmoid, softplus

exercise = Definition(binary_cross_entropy_gradient)

exercise.aspect(
    "values",
    hint="differentiate softplus((1 - 2t) z) by the chain rule; the mean brings in one more factor.",
    cases=binary_cases(),
)

exercise.aspect(
    "stability",
    hint="a confident mistake has a gradient of size one, before averaging; which sigmoid is safe there?",
    cases=binary_cases_of_any_size(),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "stability")
def binary_gradient_not_averaged(z, t):
    """The loss is a mean over all elements, but its gradient is not divided by their number.

    where does 1/n enter the derivative of a mean?
    """
    return sigmoid(z) - t


@exercise.misconception("values", "stability")
def binary_gradient_exchanged(z, t):
    """The difference is taken the wrong way round, so descent would raise the loss.

    for t = 1, should a larger z raise or lower the loss?
    """
    return (t - sigmoid(z)) / z.size


@exercise.misconception("values", "stability")
def binary_gradient_with_sigmoid_derivative(z, t):
    """The factor s (1 - s) belongs to the squared error; here the logarithm cancels it.

    multiply dL/ds by ds/dz on paper.
    """
    s = sigmoid(z)
    return (s - t) * s * (1 - s) / z.size


@exercise.misconception("values", "stability")
def binary_gradient_for_targets_of_minus_one(z, t):
    """The formula is for targets -1 and 1; with t = 0 no gradient is left.

    which expression maps t = 0 to 1 and t = 1 to -1?
    """
    return -t * sigmoid(-t * z) / z.size


@exercise.misconception()
def binary_gradient_per_row(z, t):
    """The division is by the number of rows; the loss averages over all elements.

    how many elements has a matrix of shape (3, 4)?
    """
    return (sigmoid(z) - t) / len(z)


@exercise.misconception("stability")
def binary_gradient_that_overflows(z, t):
    """exp(-z) overflows for very negative z.

    which of your functions is safe for any z?
    """
    return (1.0 / (1.0 + np.exp(-z)) - t) / z.size


@exercise.misconception("values", "stability")
def binary_gradient_stopped_at_probabilities(z, t):
    """This is the derivative with respect to the probability; the step through the sigmoid is missing.

    which factor of the chain rule leads from s to z?
    """
    s = sigmoid(z)
    return (s - t) / (s * (1 - s)) / z.size


@exercise.misconception("values", "stability")
def binary_gradient_averaged_to_a_number(z, t):
    """The gradient is averaged to one number; it has one entry per logit.

    a gradient has the shape of what it is the gradient of.
    """
    return (sigmoid(z) - t).mean()


@exercise.misconception("values", "stability")
def binary_gradient_without_targets(z, t):
    """The probability is returned, and the target is not subtracted.

    what should the gradient be when the prediction equals the target?
    """
    return sigmoid(z) / z.size


@exercise.misconception("values", "stability")
def binary_gradient_of_the_logit_error(z, t):
    """The target is subtracted from the logit instead of the probability.

    which quantity lies between 0 and 1, as the target does?
    """
    return (z - t) / z.size


@exercise.misconception("values", "stability")
def binary_gradient_without_sign(z, t):
    """The sign is lost: the gradient says by how much, but not in which direction.

    for t = 1, should a larger z raise or lower the loss?
    """
    return np.abs(sigmoid(z) - t) / z.size


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def binary_gradient_by_difference(z, t):
    return (sigmoid(z) - t) / z.size


@exercise.alternative
def binary_gradient_by_cases(z, t):
    return np.where(t == 1, -sigmoid(-z), sigmoid(z)) / np.prod(z.shape)


@exercise.alternative
def binary_gradient_of_mean(z, t):
    return np.full(z.shape, 1 / z.size) * (np.exp(-softplus(-z)) - t)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("t.size", "sign.size", reason="z, t and sign have the same shape")
