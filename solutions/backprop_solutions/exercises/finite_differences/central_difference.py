"""central_difference: approximate the derivative of f at x by steps of h to both sides."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.finite_differences.inputs import (
    QUOTIENT,
    beyond_default_step,
    default_step,
    lecture_quotient,
    random_cubic,
    zero_at_x,
)
from backprop_solutions.finite_differences import central_difference

exercise = Definition(central_difference)

exercise.aspect(
    "values",
    hint="draw the secant through x - h and x + h, then write down its rise and its run.",
    cases=[
        Case(label="the lecture's function with h = 1e-2", arguments=lecture_quotient(1e-2)),
        Case(label="a cubic and a large step", arguments=random_cubic, draws=3),
        Case(label="the default step", arguments=default_step, draws=2, comparison=QUOTIENT),
        Case(label="a slope that depends on the default step", arguments=beyond_default_step(3), draws=2),
        Case(label="a function that is 0 at x", arguments=zero_at_x, draws=2),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def one_sided(f, x, h=1e-5):
    """The difference looks to one side of x only.

    which two points lie symmetrically about x?
    """
    return (f(x + h) - f(x)) / h


@exercise.misconception()
def factor_two_missing(f, x, h=1e-5):
    """The two points are 2h apart, but the rise is divided by h.

    how long is the way from x - h to x + h?
    """
    return (f(x + h) - f(x - h)) / h


@exercise.misconception()
def half_steps_over_full_run(f, x, h=1e-5):
    """The points are h/2 away from x, but the rise is divided by 2h: two conventions are mixed.

    how far apart are the points you evaluate?
    """
    return (f(x + h / 2) - f(x - h / 2)) / (2 * h)


@exercise.misconception()
def lecture_half_steps(f, x, h=1e-5):
    """FAU's slide goes h/2 to each side; in this course each side gets the whole h.

    where does the docstring place the two points?
    """
    return (f(x + h / 2) - f(x - h / 2)) / h


@exercise.misconception()
def values_added(f, x, h=1e-5):
    """The two values are added; a slope needs their difference.

    what should a constant function give?
    """
    return (f(x + h) + f(x - h)) / (2 * h)


@exercise.misconception()
def step_ignored_central(f, x, h=1e-5):
    """The step is fixed inside the function, so the argument h has no effect.

    where does h enter your formula?
    """
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)


@exercise.misconception()
def halved_then_multiplied(f, x, h=1e-5):
    """`/ 2 * h` divides by 2 and then multiplies by h.

    what belongs into the denominator as a whole?
    """
    return (f(x + h) - f(x - h)) / 2 * h


@exercise.misconception()
def run_not_in_brackets(f, x, h=1e-5):
    """Only f(x - h) is divided by 2h, because division binds more tightly than subtraction.

    which part of the formula is the numerator?
    """
    return f(x + h) - f(x - h) / (2 * h)


@exercise.misconception()
def sides_exchanged(f, x, h=1e-5):
    """The difference is taken as f(x - h) - f(x + h), which turns the sign of the slope.

    what sign has the slope of a growing function?
    """
    return (f(x - h) - f(x + h)) / (2 * h)


@exercise.misconception()
def another_default_step_central(f, x, h=1e-6):
    """The default of h is not the docstring's 1e-5.

    which step is used where none is given?
    """
    return (f(x + h) - f(x - h)) / (2 * h)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def central_as_mean_of_two(f, x, h=1e-5):
    return 0.5 * ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h)


@exercise.alternative
def central_by_stencil(f, x, h=1e-5):
    return np.dot([-0.5, 0.5], [f(x - h), f(x + h)]) / h


@exercise.alternative
def central_with_the_run_as_stored(f, x, h=1e-5):
    above, below = x + h, x - h
    return (f(above) - f(below)) / (above - below)
