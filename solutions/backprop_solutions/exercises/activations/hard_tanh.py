"""hard_tanh: a straight line, cut off at -1 and at 1."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.activations import hard_tanh
from backprop_solutions.exercises.activations.inputs import D, K, N, off_the_kinks

exercise = Definition(hard_tanh)

values = exercise.aspect("values", hint="what should -5, -0.5, 0.5 and 5 become?")


@values.case("on both sides of both kinks")
def both_sides(rng):
    return {"z": np.array([0.5, -0.5, 3.0, -3.0])}


@values.case("a batch", draws=3)
def a_batch(rng):
    return {"z": off_the_kinks(rng, (N, K), -1.0, 0.0, 1.0)}


@values.case("small numbers only")
def small_only(rng):
    return {"z": rng.uniform(-0.9, 0.9, size=K)}


@values.case("an array of three axes, up to 1000", draws=2, visible=False)
def three_axes(rng):
    return {"z": rng.uniform(-1000, 1000, size=(2, N, D))}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def cut_off_above_only(z):
    """Only large pre-activations are cut off; the line ends on the left, too.

    what should z = -5 give?
    """
    return np.minimum(z, 1)


@exercise.misconception()
def cut_off_below_only(z):
    """Only very negative pre-activations are cut off; the line ends on the right, too.

    what should z = 5 give?
    """
    return np.maximum(z, -1)


@exercise.misconception()
def only_the_sign(z):
    """Only the sign is left; between the kinks the unit is a straight line.

    what should z = 0.5 give?
    """
    return np.sign(z)


@exercise.misconception()
def smooth_tanh(z):
    """This is tanh itself; its hard relative is made of three straight pieces.

    what should z = 0.5 give?
    """
    return np.tanh(z)


@exercise.misconception()
def cut_off_at_zero_and_one(z):
    """The cut is at 0 and 1, as for a probability; tanh runs from -1 to 1.

    what should z = -0.5 give?
    """
    return np.clip(z, 0, 1)


@exercise.misconception()
def zero_beyond_the_kinks(z):
    """Beyond the kinks the unit falls back to 0; it should stay where it was cut off.

    may the unit jump at z = 1?
    """
    return np.where(np.abs(z) < 1, z, 0.0)


@exercise.misconception()
def sign_of_z_lost(z):
    """The sign is lost, so the unit treats -z and z alike.

    what should z = -0.5 give?
    """
    return np.minimum(np.abs(z), 1)


@exercise.misconception()
def bounds_exchanged(z):
    """max and min are exchanged, so every pre-activation comes out at a bound.

    RWTH writes max(-1, min(1, z)): which is done first?
    """
    return np.minimum(-1, np.maximum(1, z)) * np.ones_like(z)


@exercise.misconception()
def scaled_by_the_largest(z):
    """All numbers are scaled by the largest; each is to be cut off by itself.

    what should z = 0.5 give, whatever its neighbours are?
    """
    return z / np.abs(z).max()


@exercise.misconception()
def slopes_of_hard_tanh(z):
    """These are the slopes, 1 between the kinks; asked for is the activation.

    what should z = 0.5 give?
    """
    return 1.0 * (np.abs(z) < 1)


@exercise.misconception()
def always_one_beyond_the_kinks(z):
    """Both ends give 1; to the left of -1 the unit stays at -1.

    what should z = -5 give?
    """
    return np.where(np.abs(z) < 1, z, 1.0)


@exercise.misconception()
def cut_off_in_place(z):
    """The caller's array is overwritten; the backward pass still needs the pre-activations.

    which NumPy function returns a new array?
    """
    z[z > 1] = 1
    z[z < -1] = -1
    return z


@exercise.misconception()
def one_decision_for_the_whole_array(z):
    """`if`, `max` and `min` ask one question, but an array has as many answers as entries.

    which NumPy functions compare entry by entry?
    """
    if z > 1:
        return np.ones_like(z)
    if z < -1:
        return -np.ones_like(z)
    return z


@exercise.misconception()
def hard_sigmoid(z):
    """Shifted and halved, the unit runs from 0 to 1 as a sigmoid does; tanh runs from -1 to 1.

    what should z = 0 give?
    """
    return np.clip((z + 1) / 2, 0, 1)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def hard_tanh_as_rwth_writes_it(z):
    return np.maximum(-1, np.minimum(1, z))


@exercise.alternative
def hard_tanh_as_a_difference(z):
    return (np.abs(z + 1) - np.abs(z - 1)) / 2


@exercise.alternative
def hard_tanh_on_a_copy(z):
    h = z.copy()
    outside = np.abs(h) > 1
    h[outside] = np.sign(h[outside])
    return h


@exercise.alternative
def hard_tanh_number_by_number(z):
    return np.array([max(-1.0, min(1.0, value)) for value in z.ravel()]).reshape(z.shape)
