"""softplus: compute log(1 + exp(z)) for each element, for arguments of any size."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.softmax_stability.inputs import cases_of_any_argument, cases_of_moderate_argument
from backprop_solutions.softmax_stability import sigmoid, softplus

exercise = Definition(softplus)

exercise.aspect("values", hint="softplus(0) is log 2, and it rises with z.", cases=cases_of_moderate_argument())

exercise.aspect(
    "stability",
    hint="for large z take z out of the logarithm; for small exponentials look up np.log1p.",
    cases=cases_of_any_argument(),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("stability")
def softplus_by_the_formula(z):
    """exp(z) overflows for large z, and 1 + exp(z) loses a small exponential.

    what remains of log(1 + exp(z)) when you take out the larger term?
    """
    return np.log(1.0 + np.exp(z))


@exercise.misconception("stability")
def softplus_with_log1p_alone(z):
    """log1p saves the lower tail, but exp(z) still overflows for large z.

    softplus(z) = z + softplus(-z): when does that help?
    """
    return np.log1p(np.exp(z))


@exercise.misconception("values", "stability")
def softplus_as_relu(z):
    """This is the hinge max(0, z), which softplus approaches only far from 0.

    what should softplus(0) be?
    """
    return np.maximum(z, 0.0)


@exercise.misconception("stability")
def softplus_chosen_after_computing(z):
    """np.where computes both branches everywhere, so the unused one still overflows.

    can exp be given an argument that is never positive?
    """
    return np.where(z > 30.0, z, np.log1p(np.exp(z)))


@exercise.misconception("stability")
def softplus_without_log1p(z):
    """1 + exp(-40) is rounded to 1, so the lower tail is lost.

    which NumPy function computes log(1 + x) for tiny x?
    """
    return np.maximum(z, 0.0) + np.log(1.0 + np.exp(-np.abs(z)))


@exercise.misconception("values", "stability")
def softplus_mirrored(z):
    """The sign of z is turned, so the curve falls instead of rising.

    what should softplus of a large positive number be?
    """
    return np.maximum(-z, 0.0) + np.log1p(np.exp(-np.abs(z)))


@exercise.misconception("values", "stability")
def softplus_without_magnitude(z):
    """exp(-z) is right only for z above 0; for negative z the linear part is counted again.

    which exponent is never positive, whatever the sign of z?
    """
    return np.maximum(z, 0.0) + np.log1p(np.exp(-z))


@exercise.misconception("values", "stability")
def softplus_to_base_two(z):
    """The logarithm is taken to base 2; the course measures in natural units.

    for large z, softplus(z) should approach z.
    """
    return np.logaddexp(0.0, z) / np.log(2.0)


@exercise.misconception()
def derivative_of_softplus(z):
    """This is the sigmoid, the derivative of softplus.

    what should softplus of 100 be?
    """
    return sigmoid(z)


@exercise.misconception("stability")
def softplus_of_clipped_argument(z):
    """Clipping the argument caps the result, and with it the loss of confident mistakes.

    what should softplus(10000) be, and what do you get?
    """
    return np.log1p(np.exp(np.clip(z, -50.0, 50.0)))


@exercise.misconception("values", "stability")
def logarithm_of_sigmoid(z):
    """This is the logarithm of the sigmoid, -softplus(-z): two signs differ.

    can log(1 + exp(z)) be negative?
    """
    return -np.logaddexp(0, -z)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def softplus_by_logaddexp(z):
    return np.logaddexp(0, z)


@exercise.alternative
def softplus_by_masks(z):
    small = np.log1p(np.exp(np.minimum(z, 0)))
    return np.where(z <= 0, small, z + np.log1p(np.exp(-np.maximum(z, 0))))


@exercise.alternative
def softplus_of_magnitude(z):
    return (z + np.abs(z)) / 2 + np.log1p(np.exp(-np.abs(z)))
