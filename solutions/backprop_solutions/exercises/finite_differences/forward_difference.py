"""forward_difference: approximate the derivative of f at x by a step to one side."""

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
from backprop_solutions.finite_differences import forward_difference

exercise = Definition(forward_difference)

exercise.aspect(
    "values",
    hint="draw the secant through x and x + h, then write down its rise and its run.",
    cases=[
        Case(label="the lecture's function with h = 1e-2", arguments=lecture_quotient(1e-2)),
        Case(label="the lecture's function with h = 2e-2", arguments=lecture_quotient(2e-2)),
        Case(label="a cubic and a large step", arguments=random_cubic, draws=3),
        Case(label="the default step", arguments=default_step, draws=2, comparison=QUOTIENT),
        Case(label="a slope that depends on the default step", arguments=beyond_default_step(2), draws=2),
        Case(label="a function that is 0 at x", arguments=zero_at_x, draws=2),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def step_backward(f, x, h=1e-5):
    """The step goes to x - h; this is the backward difference.

    on which side of x does the forward difference look?
    """
    return (f(x) - f(x - h)) / h


@exercise.misconception()
def both_sides_used(f, x, h=1e-5):
    """This is the central difference; the forward one evaluates f at x and x + h only.

    which two points does the forward secant join?
    """
    return (f(x + h) - f(x - h)) / (2 * h)


@exercise.misconception()
def difference_undivided(f, x, h=1e-5):
    """The rise of the secant is not divided by its run.

    how far apart are the two points?
    """
    return f(x + h) - f(x)


@exercise.misconception()
def step_ignored_forward(f, x, h=1e-5):
    """The step is fixed inside the function, so the argument h has no effect.

    where does h enter your formula?
    """
    h = 1e-5
    return (f(x + h) - f(x)) / h


@exercise.misconception()
def difference_reversed(f, x, h=1e-5):
    """The difference is taken as f(x) - f(x + h), which turns the sign of the slope.

    what sign has the slope of a growing function?
    """
    return (f(x) - f(x + h)) / h


@exercise.misconception()
def divided_by_twice_the_step(f, x, h=1e-5):
    """The run of the secant is h here, not 2h.

    how far apart are x and x + h?
    """
    return (f(x + h) - f(x)) / (2 * h)


@exercise.misconception()
def step_added_to_the_value(f, x, h=1e-5):
    """The step is added to the value f(x) instead of the input x.

    what is shifted, the input or the output?
    """
    return (f(x) + h - f(x)) / h


@exercise.misconception()
def brackets_left_out(f, x, h=1e-5):
    """Division binds more tightly than subtraction, so only f(x) is divided by h.

    which part of the formula is the numerator?
    """
    return f(x + h) - f(x) / h


@exercise.misconception()
def another_default_step_forward(f, x, h=1e-6):
    """The default of h is not the docstring's 1e-5.

    which step is used where none is given?
    """
    return (f(x + h) - f(x)) / h


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def forward_by_stencil(f, x, h=1e-5):
    return sum(weight * f(x + k * h) for k, weight in ((1, 1.0), (0, -1.0))) / h


@exercise.alternative
def forward_with_the_run_as_stored(f, x, h=1e-5):
    above = x + h
    return (f(above) - f(x)) / (above - x)


@exercise.alternative
def forward_as_an_array(f, x, h=1e-5):
    return np.array(f(x + h) / h - f(x) / h)
