"""xavier_scale: the compromise between what the forward and the backward pass ask for."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.activations import xavier_scale

exercise = Definition(xavier_scale)

values = exercise.aspect(
    "values", hint="forward asks for fan_in s^2 = 1, backward for fan_out s^2 = 1: which s makes their mean 1?"
)


@values.case("3 inputs, 5 outputs")
def small_layer(rng):
    return {"fan_in": 3, "fan_out": 5}


@values.case("a layer that narrows", draws=2)
def narrowing(rng):
    return {"fan_in": int(rng.integers(200, 900)), "fan_out": int(rng.integers(5, 90))}


@values.case("a layer that widens", draws=2)
def widening(rng):
    return {"fan_in": int(rng.integers(5, 90)), "fan_out": int(rng.integers(200, 900))}


@values.case("a single input and a single output")
def single(rng):
    return {"fan_in": 1, "fan_out": 1}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def fan_out_ignored(fan_in, fan_out):
    """This looks at the inputs only, as He does; the backward pass sums over the outputs.

    where does `fan_out` enter?
    """
    return np.sqrt(2 / fan_in)


@exercise.misconception()
def fan_in_ignored(fan_in, fan_out):
    """This looks at the outputs only; the forward pass sums over the inputs.

    where does `fan_in` enter?
    """
    return np.sqrt(2 / fan_out)


@exercise.misconception()
def variance_instead_of_deviation(fan_in, fan_out):
    """This is the variance; a scale is a standard deviation.

    what turns a variance into a standard deviation?
    """
    return 2 / (fan_in + fan_out)


@exercise.misconception()
def one_over_the_sum(fan_in, fan_out):
    """The variance is taken as one over the sum of both fans; it is one over their mean.

    what does the formula give for as many outputs as inputs, where both conditions agree?
    """
    return np.sqrt(1 / (fan_in + fan_out))


@exercise.misconception()
def limit_of_the_uniform_draw(fan_in, fan_out):
    """This is the limit of a uniform distribution; its standard deviation is smaller by the root of 3.

    is the number asked for a limit or a standard deviation?
    """
    return np.sqrt(6 / (fan_in + fan_out))


@exercise.misconception()
def product_of_the_fans(fan_in, fan_out):
    """The fans are multiplied; the mean of both conditions adds them.

    which s makes the mean of fan_in s^2 and fan_out s^2 one?
    """
    return np.sqrt(2 / (fan_in * fan_out))


@exercise.misconception()
def upside_down(fan_in, fan_out):
    """The fraction is upside down: wider layers need smaller weights.

    what happens to a sum when it gets more terms?
    """
    return np.sqrt((fan_in + fan_out) / 2)


@exercise.misconception()
def division_without_remainder(fan_in, fan_out):
    """Integer division cuts the fraction down to 0 or 1.

    what is 2 // 8 in Python?
    """
    return np.sqrt(2 // (fan_in + fan_out))


@exercise.misconception()
def mean_of_the_inverses(fan_in, fan_out):
    """The inverses of both fans are averaged; the two conditions are averaged before they are solved.

    which s makes the mean of fan_in s^2 and fan_out s^2 one?
    """
    return np.sqrt((1 / fan_in + 1 / fan_out) / 2)


@exercise.misconception()
def brackets_missing(fan_in, fan_out):
    """Without brackets only the first fan is divided by.

    in which order does Python divide and add?
    """
    return np.sqrt(2 / fan_in + fan_out)


@exercise.misconception()
def factor_outside_the_root(fan_in, fan_out):
    """The 2 stands outside the root.

    what is the variance, and what is its root?
    """
    return 2 / np.sqrt(fan_in + fan_out)


@exercise.misconception()
def root_of_two_only(fan_in, fan_out):
    """Only the 2 is under the root.

    what is the variance, and what is its root?
    """
    return np.sqrt(2) / (fan_in + fan_out)


@exercise.misconception()
def variances_added(fan_in, fan_out):
    """The variances that suit each direction are added; the two conditions are averaged before they are solved.

    which s makes the mean of fan_in s^2 and fan_out s^2 one?
    """
    return np.sqrt(2 / fan_in + 2 / fan_out)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def one_over_the_root_of_the_mean(fan_in, fan_out):
    return 1 / np.sqrt(np.mean([fan_in, fan_out]))


@exercise.alternative
def xavier_by_a_power(fan_in, fan_out):
    return (0.5 * (fan_in + fan_out)) ** -0.5


@exercise.alternative
def from_the_uniform_limit(fan_in, fan_out):
    limit = np.sqrt(6 / (fan_in + fan_out))
    return limit / np.sqrt(3)
