"""he_scale: half of the signal is lost in a ReLU, and made up for in the weights."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.activations import he_scale

exercise = Definition(he_scale)

values = exercise.aspect("values", hint="which s makes fan_in s^2 times one half equal to 1?")


@values.case("8 inputs")
def eight(rng):
    return {"fan_in": 8}


@values.case("a layer", draws=3)
def a_layer(rng):
    return {"fan_in": int(rng.integers(10, 1000))}


@values.case("a single input")
def single(rng):
    return {"fan_in": 1}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def variance_instead_of_deviation(fan_in):
    """This is the variance; a scale is a standard deviation.

    what turns a variance into a standard deviation?
    """
    return 2 / fan_in


@exercise.misconception()
def half_of_the_signal_forgotten(fan_in):
    """This keeps the signal of a linear layer; a ReLU passes only half of its mean square.

    which factor makes up for one half?
    """
    return np.sqrt(1 / fan_in)


@exercise.misconception()
def upside_down(fan_in):
    """The fraction is upside down: wider layers need smaller weights.

    what happens to a sum when it gets more terms?
    """
    return np.sqrt(fan_in / 2)


@exercise.misconception()
def half_instead_of_twice(fan_in):
    """The factor stands on the wrong side: weights have to grow to make up for the lost half.

    is the signal to be halved once more, or doubled?
    """
    return np.sqrt(1 / (2 * fan_in))


@exercise.misconception()
def limit_of_the_uniform_draw(fan_in):
    """This is the limit of a uniform distribution; its standard deviation is smaller by the root of 3.

    is the number asked for a limit or a standard deviation?
    """
    return np.sqrt(6 / fan_in)


@exercise.misconception()
def factor_outside_the_root(fan_in):
    """The 2 stands outside the root.

    what is the variance, and what is its root?
    """
    return 2 / np.sqrt(fan_in)


@exercise.misconception()
def root_of_two_only(fan_in):
    """Only the 2 is under the root.

    what is the variance, and what is its root?
    """
    return np.sqrt(2) / fan_in


@exercise.misconception()
def division_without_remainder(fan_in):
    """Integer division cuts the fraction down to whole numbers.

    what is 2 // 8 in Python?
    """
    return np.sqrt(2 // fan_in)


@exercise.misconception()
def product_instead_of_quotient(fan_in):
    """The fan is multiplied instead of divided by: wider layers need smaller weights.

    what happens to a sum when it gets more terms?
    """
    return np.sqrt(2 * fan_in)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def one_over_the_root_of_half(fan_in):
    return 1 / np.sqrt(fan_in / 2)


@exercise.alternative
def he_by_a_power(fan_in):
    return (fan_in / 2) ** -0.5


@exercise.alternative
def two_roots(fan_in):
    return np.sqrt(2) / np.sqrt(fan_in)
