"""squared_error_sigmoid_gradient: compute the derivative of 1/2 (sigmoid(z) - t)^2 for each element."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.softmax_stability.inputs import TAILS, binary_cases, binary_cases_of_any_size
from backprop_solutions.softmax_stability import sigmoid, squared_error_sigmoid_gradient

exercise = Definition(squared_error_sigmoid_gradient)

exercise.aspect(
    "values",
    hint="chain rule in two factors: the error of the activation, and the slope of the sigmoid.",
    cases=binary_cases(),
)

stability = exercise.aspect(
    "stability",
    hint="the gradient of a confident mistake is tiny, of the size of exp(-|z|), and not a warning.",
    cases=binary_cases_of_any_size(),
)


@stability.case("a vanishing gradient", comparison=TAILS, draws=2)
def hopelessly_wrong(rng):
    return {"z": -40.0 - 100.0 * rng.uniform(size=3), "t": np.ones(3)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "stability")
def squared_gradient_without_sigmoid_derivative(z, t):
    """The slope of the sigmoid is missing: this is what cross-entropy gives.

    which factor of the chain rule leads from sigmoid(z) to z?
    """
    return sigmoid(z) - t


@exercise.misconception()
def squared_gradient_twice_as_large(z, t):
    """The factor 1/2 of the loss is forgotten.

    what is the derivative of 1/2 e^2?
    """
    s = sigmoid(z)
    return 2 * (s - t) * s * sigmoid(-z)


@exercise.misconception("values", "stability")
def squared_gradient_with_derivative_fed_z(z, t):
    """The slope is written as z (1 - z), but the rule s (1 - s) wants the activation.

    which quantity is s in s (1 - s)?
    """
    return (sigmoid(z) - t) * z * (1 - z)


@exercise.misconception("values", "stability")
def squared_gradient_with_derivative_fed_activation(z, t):
    """The slope is evaluated at the activation, g'(y), as RWTH prints it; g'(z) is meant.

    at which point of the sigmoid's curve does the forward pass stand?
    """
    s = sigmoid(z)
    return (s - t) * sigmoid(s) * (1 - sigmoid(s))


@exercise.misconception()
def squared_gradient_averaged(z, t):
    """The result is averaged, but each element stands for itself here.

    does the docstring ask for a mean?
    """
    s = sigmoid(z)
    return (s - t) * s * sigmoid(-z) / z.size


@exercise.misconception()
def squared_gradient_exchanged(z, t):
    """The error is taken the wrong way round, so descent would raise the loss.

    for t = 1, should a larger z raise or lower the loss?
    """
    s = sigmoid(z)
    return (t - s) * s * sigmoid(-z)


@exercise.misconception("stability")
def squared_gradient_that_overflows(z, t):
    """exp(-z) overflows for very negative z.

    which of your functions is safe for any z?
    """
    s = 1.0 / (1.0 + np.exp(-z))
    return (s - t) * s * (1 - s)


@exercise.misconception("values", "stability")
def squared_gradient_with_tanh_derivative(z, t):
    """1 - s^2 is the slope of tanh; the sigmoid's is another.

    what is the slope of the sigmoid at 0?
    """
    s = sigmoid(z)
    return (s - t) * (1 - s**2)


@exercise.misconception("values", "stability")
def squared_gradient_of_the_logit_error(z, t):
    """The target is subtracted from the logit instead of the activation.

    which quantity does the loss compare with t?
    """
    return (z - t) * sigmoid(z) * sigmoid(-z)


@exercise.misconception()
def squared_gradient_without_error(z, t):
    """Only the slope of the sigmoid is left; the error itself is missing.

    what should the gradient be when the prediction equals the target?
    """
    return sigmoid(z) * sigmoid(-z)


@exercise.misconception("stability")
def squared_gradient_kept_alive(z, t):
    """The slope is kept above a floor, but that the gradient vanishes is a fact to be seen.

    what is the true slope of the sigmoid at -40?
    """
    s = sigmoid(z)
    return (s - t) * np.maximum(s * sigmoid(-z), 1e-6)


@exercise.misconception("stability")
def squared_gradient_by_small_differences(z, t):
    """A difference quotient is returned; its digits are gone where the sigmoid saturates.

    differentiate 1/2 (s - t)^2 by the chain rule.
    """
    h = 1e-5
    return ((sigmoid(z + h) - t) ** 2 - (sigmoid(z - h) - t) ** 2) / (4 * h)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def squared_gradient_by_formula(z, t):
    s = sigmoid(z)
    return (s - t) * s * (1 - s)


@exercise.alternative
def squared_gradient_by_expansion(z, t):
    s = sigmoid(z)
    slope = s - s**2
    return s * slope - t * slope


@exercise.alternative
def squared_gradient_by_cases(z, t):
    s, r = sigmoid(z), sigmoid(-z)
    return np.where(t == 1, -s * r * r, s * s * r)
