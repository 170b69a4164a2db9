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
    Case(label="points of order one", arguments=scaled_point(0.3, 3.0), draws=2),
    Case(label="negative points", arguments=scaled_point(-4.0, -1.5), draws=2),
    Case(label="large points", arguments=scaled_point(40.0, 90.0)),
    Case(label="small points", arguments=scaled_point(0.001, 0.01), draws=2),
)

zero = exercise.aspect(
    "zero", hint="what would a step of length 0 divide by, and which scale does the docstring name instead?"
)


@zero.case("a step at x = 0", draws=2)
def at_zero(rng):
    return {"x": 0.0, "eps": 10.0 ** rng.uniform(-7.5, -6)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("zero")
def guard_missing(x, eps):
    """At x = 0 the step becomes 0, and a difference quotient would divide by it.

    which scale does the docstring name for x = 0?
    """
    return eps ** (1 / 3) * abs(x)


@exercise.misconception("values", "zero")
def square_root_taken(x, eps):
    """The square root suits one-sided differences; a central one balances h^2 against eps/h.

    at which power of eps are h^2 and eps/h equally large?
    """
    return eps ** (1 / 2) * (abs(x) if x != 0 else 1)


@exercise.misconception()
def sign_kept(x, eps):
    """A negative x makes the step negative; its scale is the size of x.

    what is the size of a negative number?
    """
    return eps ** (1 / 3) * (x if x != 0 else 1)


@exercise.misconception()
def scale_at_least_one(x, eps):
    """The scale is kept from falling below 1 everywhere; only x = 0 needs the guard.

    what should the scale be at x = 0.01?
    """
    return eps ** (1 / 3) * max(abs(x), 1)


@exercise.misconception("values", "zero")
def third_of_eps(x, eps):
    """eps is divided by three; its cube root is wanted.

    which power is the cube root?
    """
    return eps / 3 * (abs(x) if x != 0 else 1)


@exercise.misconception()
def scale_left_out(x, eps):
    """The step does not depend on x; neighbouring floats at large x are further apart.

    how should the step change from x = 1 to x = 100?
    """
    return eps ** (1 / 3)


@exercise.misconception()
def one_added_to_the_scale(x, eps):
    """1 is added to every scale; it is meant for x = 0 alone.

    what should the scale be at x = 1?
    """
    return eps ** (1 / 3) * (abs(x) + 1)


@exercise.misconception()
def root_of_the_product(x, eps):
    """The cube root is taken of x as well; only eps is under the root.

    how should the step change if x is multiplied by 8?
    """
    return (eps * (abs(x) if x != 0 else 1)) ** (1 / 3)


@exercise.misconception("zero")
def eps_at_zero(x, eps):
    """At x = 0 the step is eps itself; there the scale becomes 1, and the root stays.

    put scale 1 into the formula.
    """
    return eps ** (1 / 3) * abs(x) if x != 0 else eps


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def step_by_cbrt(x, eps):
    return np.cbrt(eps) * (np.abs(x) or 1.0)


@exercise.alternative
def step_by_where(x, eps):
    return np.where(x == 0, 1.0, np.abs(x)) * np.power(eps, 1 / 3)


@exercise.alternative
def step_by_logarithm(x, eps):
    scale = math.hypot(x) if x else 1
    return math.exp(math.log(eps) / 3 + math.log(scale))
