"""sigmoid: compute 1 / (1 + exp(-z)) for each element, for arguments of any size."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.softmax_stability.inputs import cases_of_any_argument, cases_of_moderate_argument
from backprop_solutions.softmax_stability import sigmoid, softmax

exercise = Definition(sigmoid)

exercise.aspect("values", hint="sigmoid(0) is 1/2, and it rises with z.", cases=cases_of_moderate_argument())

exercise.aspect(
    "stability",
    hint="rewrite the formula so that exp only ever sees arguments that are not positive.",
    cases=cases_of_any_argument(),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("stability")
def sigmoid_by_the_textbook(z):
    """exp(-z) overflows for very negative z.

    multiply numerator and denominator by exp(z): which form suits negative z?
    """
    return 1.0 / (1.0 + np.exp(-z))


@exercise.misconception("stability")
def sigmoid_of_the_deck(z):
    """exp(z) overflows for large z, and inf/inf is NaN.

    divide numerator and denominator by exp(z): which form suits large z?
    """
    return np.exp(z) / (1.0 + np.exp(z))


@exercise.misconception("stability")
def sigmoid_with_both_branches_computed(z):
    """np.where computes both branches everywhere, so each overflows where it is not wanted.

    can both branches share one exponential whose argument is never positive?
    """
    return np.where(z >= 0, 1.0 / (1.0 + np.exp(-z)), np.exp(z) / (1.0 + np.exp(z)))


@exercise.misconception("stability")
def sigmoid_by_a_difference(z):
    """Small probabilities come out as a difference of numbers near 1, and their digits cancel.

    which form of the formula has exp(z) alone in the numerator?
    """
    return 0.5 * (1.0 + np.tanh(z / 2.0))


@exercise.misconception("stability")
def sigmoid_of_clipped_argument(z):
    """Clipping the argument puts a floor under small probabilities.

    what should sigmoid(-40) be, and what do you get?
    """
    return 1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0)))


@exercise.misconception("values", "stability")
def sigmoid_mirrored(z):
    """The exponent has the wrong sign, so the curve falls instead of rising.

    what should sigmoid of a large positive number be?
    """
    return 1.0 / (1.0 + np.exp(z))


@exercise.misconception("values", "stability")
def derivative_of_sigmoid(z):
    """This is the derivative of the sigmoid, not the sigmoid.

    what should sigmoid(0) be?
    """
    e = np.exp(-np.abs(z))
    return e / (1.0 + e) ** 2


@exercise.misconception("values", "stability")
def sigmoid_of_one_number(z):
    """A plain if decides for one number, but z is an array.

    how can each element of an array choose its own branch?
    """
    if z >= 0:
        return 1.0 / (1.0 + np.exp(-z))
    return np.exp(z) / (1.0 + np.exp(z))


@exercise.misconception("values", "stability")
def sigmoid_of_magnitude(z):
    """The sign of z is lost, so negative arguments give results above 1/2.

    how are sigmoid(z) and sigmoid(-z) related?
    """
    return 1.0 / (1.0 + np.exp(-np.abs(z)))


@exercise.misconception("values", "stability")
def sigmoid_that_competes(z):
    """The elements are normalised together, as in softmax; each is a question of its own.

    should one element's result depend on the others?
    """
    e = np.exp(z - z.max())
    return e / e.sum()


@exercise.misconception("values", "stability")
def sigmoid_as_tanh(z):
    """tanh runs from -1 to 1; the sigmoid is a probability.

    RWTH gives tanh(a) = 2 sigmoid(2a) - 1: solve it for the sigmoid.
    """
    return np.tanh(z)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def sigmoid_by_masks(z):
    out = np.empty_like(z)
    up = z >= 0
    out[up] = 1 / (1 + np.exp(-z[up]))
    e = np.exp(z[~up])
    out[~up] = e / (1 + e)
    return out


@exercise.alternative
def sigmoid_by_log(z):
    return np.exp(-np.logaddexp(0, -z))


@exercise.alternative
def sigmoid_as_softmax(z):
    return softmax(np.stack([z, np.zeros_like(z)], axis=-1))[..., 0]


@exercise.alternative
def sigmoid_by_halves(z):
    low = np.exp(np.minimum(z, 0))
    return low / (low + np.exp(-np.maximum(z, 0)))


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("np.where(z > 0", reason="at 0 both branches are 1")
