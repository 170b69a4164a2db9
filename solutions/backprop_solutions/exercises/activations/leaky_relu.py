"""leaky_relu: positive pre-activations pass whole, negative ones in part."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.activations import leaky_relu
from backprop_solutions.exercises.activations.inputs import D, K, N, off_the_kinks

exercise = Definition(leaky_relu)

values = exercise.aspect("values", hint="take z = 5 and z = -5 with slope 0.1: what should each of them become?")


@values.case("one number of each sign")
def one_of_each_sign(rng):
    return {"z": np.array([2.0, -3.0]), "slope": 0.1}


@values.case("a batch", draws=3)
def a_batch(rng):
    return {"z": off_the_kinks(rng, (N, K), 0.0), "slope": rng.uniform(0.05, 0.9)}


@values.case("negative numbers only")
def negative_only(rng):
    return {"z": -rng.uniform(0.1, 3, size=K), "slope": rng.uniform(0.2, 0.6)}


@values.case("an array of three axes, up to 1000", draws=2, visible=False)
def three_axes(rng):
    return {"z": rng.uniform(-1000, 1000, size=(2, N, D)), "slope": rng.uniform(0.05, 0.9)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def relu_without_a_leak(z, slope):
    """Negative pre-activations are cut off as in a plain ReLU; here a fraction of them passes.

    where does `slope` enter?
    """
    return np.maximum(z, 0)


@exercise.misconception()
def leak_on_the_positive_side(z, slope):
    """The fraction is taken on the positive side.

    which pre-activations pass whole?
    """
    return np.where(z > 0, slope * z, z)


@exercise.misconception()
def slope_itself_where_negative(z, slope):
    """Negative places hold the slope itself; the leak is a fraction of z.

    what should z = -2 and z = -4 give, and why not the same?
    """
    return np.where(z > 0, z, slope)


@exercise.misconception()
def leak_everywhere(z, slope):
    """Everything is scaled, so the unit is linear and has no kink.

    which pre-activations pass whole?
    """
    return slope * z


@exercise.misconception()
def leak_added_on_both_sides(z, slope):
    """The leak is added to positive pre-activations too.

    the deck writes max(0, z) + slope min(0, z): what is its second term for z > 0?
    """
    return np.maximum(z, 0) + slope * z


@exercise.misconception()
def leak_turned_positive(z, slope):
    """Negative pre-activations come out positive: that is a bent absolute value.

    draw both halves of the line: does it go on falling to the left?
    """
    return np.where(z > 0, z, -slope * z)


@exercise.misconception()
def derivative_of_leaky_relu(z, slope):
    """These are the slopes of the two halves; asked for is the activation.

    what is the activation of z = 7?
    """
    return np.where(z > 0, 1.0, slope)


@exercise.misconception()
def larger_of_z_and_slope(z, slope):
    """z is compared with the slope itself, not with the line of that slope.

    which two lines through the origin does the unit follow?
    """
    return np.maximum(z, slope)


@exercise.misconception()
def divided_by_the_slope(z, slope):
    """Negative pre-activations are divided by the slope, so they grow; only a fraction should pass.

    what should z = -5 with slope 0.1 become?
    """
    return np.where(z > 0, z, z / slope)


@exercise.misconception()
def shifted_by_the_slope(z, slope):
    """The slope is added to negative pre-activations; it multiplies them.

    what should z = -5 with slope 0.1 become?
    """
    return np.where(z > 0, z, z + slope)


@exercise.misconception()
def slope_always_a_hundredth(z, slope):
    """The slope is fixed at the deck's 0.01; here the caller chooses it.

    where does the argument `slope` enter?
    """
    return np.where(z > 0, z, 0.01 * z)


@exercise.misconception()
def leak_written_into_z(z, slope):
    """The caller's array is overwritten; the backward pass still needs the pre-activations.

    which NumPy function builds a new array out of two?
    """
    z[z < 0] *= slope
    return z


@exercise.misconception()
def one_decision_for_the_whole_array(z, slope):
    """`if`, `max` and `min` ask one question, but an array has as many answers as entries.

    which NumPy function chooses entry by entry?
    """
    if z > 0:
        return z
    return slope * z


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def leaky_relu_as_the_larger_line(z, slope):
    return np.maximum(z, slope * z)


@exercise.alternative
def leaky_relu_as_two_halves(z, slope):
    return np.maximum(0, z) + slope * np.minimum(0, z)


@exercise.alternative
def leaky_relu_on_a_copy(z, slope):
    h = z.copy()
    h[h < 0] *= slope
    return h


@exercise.alternative
def leaky_relu_number_by_number(z, slope):
    return np.array([value if value >= 0 else value * slope for value in z.ravel()]).reshape(z.shape)


@exercise.alternative
def leaky_relu_from_the_absolute_value(z, slope):
    return ((1 + slope) * z + (1 - slope) * np.abs(z)) / 2


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("z >= 0", reason="at 0 both branches are 0")
