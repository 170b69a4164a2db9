"""optimal_step: choose the step of a central difference at x."""

import math

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.finite_differences import optimal_step


def scaled_point(low, high):
    return lambda rng: {"x": rng.uniform(low, high), "eps": 10.0 ** rng.uniform(-16, -6)}


exercise = Definition(optimal_step)

values = exercise.aspect("values", hint="one factor depends on eps alone and the other on x alone.")


@values.case("FAU's accuracy of 1e-7 at x = 3")
def lecture_accuracy(rng):
    return {"x": 3.0, "eps": 1e-7}


values.add(
    Case(label="points of order one", arguments=scaled_point(1.2, 3.0), draws=2),
    Case(label="negative points", arguments=scaled_point(-4.0, -1.5), draws=2),
    Case(label="large points", arguments=scaled_point(40.0, 90.0)),
    Case(label="large negative points", arguments=scaled_point(-9e5, -1e5)),
)

small = exercise.aspect(
    "small", hint="how good is a step that is as tiny as x, and which scale does the docstring name instead?"
)


@small.case("a step at x = 0", draws=2)
def at_zero(rng):
    return {"x": 0.0, "eps": 10.0 ** rng.uniform(-7.5, -6)}


small.add(
    Case(label="points between 0 and 1", arguments=scaled_point(0.1, 0.8)),
    Case(label="points between -1 and 0", arguments=scaled_point(-0.8, -0.1)),
    Case(label="points near 0", arguments=scaled_point(1e-10, 1e-5)),
    Case(label="negative points near 0", arguments=scaled_point(-1e-5, -1e-10)),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("small")
def guard_missing(x, eps):
    """The step shrinks with x, and at x = 0 a difference quotient would divide by 0.

    which scale does the docstring name for a small x?
    """
    return eps ** (1 / 3) * abs(x)


@exercise.misconception("small")
def guard_at_zero_only(x, eps):
    """As in FAU's lecture only x = 0 is guarded, but at x = 1e-10 the step is as useless.

    from which size of x on is the scale 1?
    """
    return eps ** (1 / 3) * (abs(x) if x != 0 else 1)


@exercise.misconception("values", "small")
def square_root_taken(x, eps):
    """The square root suits one-sided differences; a central one balances h^2 against eps/h.

    at which power of eps are h^2 and eps/h equally large?
    """
    return eps ** (1 / 2) * max(abs(x), 1)


@exercise.misconception()
def sign_lost_to_the_guard(x, eps):
    """A negative x counts as small, however large it is; the scale is the size of x.

    what is the size of a negative number?
    """
    return eps ** (1 / 3) * max(x, 1)


@exercise.misconception("values", "small")
def smaller_of_the_two(x, eps):
    """The scale is kept from growing above 1; it should not fall below 1.

    which of min and max keeps a number from falling below 1?
    """
    return eps ** (1 / 3) * min(abs(x), 1)


@exercise.misconception("values", "small")
def third_of_eps(x, eps):
    """eps is divided by three; its cube root is wanted.

    which power is the cube root?
    """
    return eps / 3 * max(abs(x), 1)


@exercise.misconception()
def scale_left_out(x, eps):
    """The step does not depend on x; neighbouring floats at large x are further apart.

    how should the step change from x = 1 to x = 100?
    """
    return eps ** (1 / 3)


@exercise.misconception("values", "small")
def one_added_to_the_scale(x, eps):
    """1 is added to every scale; it takes the place of smaller ones.

    what should the scale be at x = 100?
    """
    return eps ** (1 / 3) * (abs(x) + 1)


@exercise.misconception()
def root_of_the_product(x, eps):
    """The cube root is taken of x as well; only eps is under the root.

    how should the step change if x is multiplied by 8?
    """
    return (eps * max(abs(x), 1)) ** (1 / 3)


@exercise.misconception("small")
def eps_where_x_is_small(x, eps):
    """For a small x the step is eps itself; there the scale becomes 1, and the root stays.

    put scale 1 into the formula.
    """
    return eps ** (1 / 3) * abs(x) if abs(x) > 1 else eps


exercise.slip(
    "three_of_the_derivation",
    ("eps ** (1 / 3)", "(3 * eps) ** (1 / 3)"),
    cause="The 3 of the derivation is in; the scale is a guess of all that stands beside eps, the 3 included.",
    next_step="of what does the docstring take the cube root?",
    loses=("values", "small"),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def step_by_cbrt(x, eps):
    return np.cbrt(eps) * np.maximum(np.abs(x), 1.0)


@exercise.alternative
def step_by_where(x, eps):
    return np.where(np.abs(x) < 1, 1.0, np.abs(x)) * np.power(eps, 1 / 3)


@exercise.alternative
def step_by_logarithm(x, eps):
    return math.exp(math.log(eps) / 3 + max(0.0, math.log(abs(x) or 1)))


@exercise.alternative
def step_by_cases(x, eps):
    root = eps ** (1.0 / 3)
    if -1 <= x <= 1:
        return root
    return root * x if x > 0 else -root * x


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("max(1.0, abs(x))", reason="the larger of two numbers has no order")
