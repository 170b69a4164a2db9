"""gear_train: compute how often the last wheel turns while the crank turns once."""

import math
from functools import reduce
from operator import mul

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.start_here import gear_train

SIZES = [-3.0, -2.5, -2.0, -1.5, -0.5, 0.5, 1.5, 2.0, 2.5, 3.0]

exercise = Definition(gear_train)

values = exercise.aspect("values", hint="follow one turn of the crank through the first two wheels, by hand.")


@values.case("three wheels")
def three_wheels(rng):
    return {"ratios": [2.0, 3.0, 0.5]}


@values.case("a single wheel")
def one_wheel(rng):
    return {"ratios": [2.5]}


@values.case("some wheels turn back", draws=3)
def some_turn_back(rng):
    ratios = [float(ratio) for ratio in rng.choice(SIZES, size=4)]
    # An odd number of reversals: a lost sign shows.
    return {"ratios": [-abs(ratios[0]), abs(ratios[1]), *map(abs, ratios[2:])]}


@values.case("a longer train", draws=3)
def all_one_way(rng):
    return {"ratios": [float(abs(ratio)) for ratio in rng.choice(SIZES, size=5)]}


no_gears_aspect = exercise.aspect(
    "no_gears", hint="the crank itself is now the last wheel. How often does it turn while it turns once?"
)


@no_gears_aspect.case("no gears at all", draws=2)
def no_gears(rng):
    return {"ratios": []}


@no_gears_aspect.case("one gear more than none", visible=False)
def one_gear(rng):
    return {"ratios": [float(rng.choice(SIZES))]}


# --- wrong answers ----------------------------------------------------------------------------------

BOTH = ("values", "no_gears")


@exercise.misconception(*BOTH)
def ratios_added(ratios):
    """The ratios were added, but each wheel turns a multiple of what arrives from the one before.

    if the first wheel turns twice, and the second three times for each of those, how often is that?
    """
    return sum(ratios)


@exercise.misconception(*BOTH)
def last_ratio_only(ratios):
    """Only the last ratio was used, as if its neighbour turned once.

    how often has the wheel before it turned by then?
    """
    return ratios[-1]


@exercise.misconception(*BOTH)
def first_ratio_only(ratios):
    """Only the first ratio was used: what it hands on got lost.

    what does the second wheel make of it?
    """
    return ratios[0]


@exercise.misconception(*BOTH)
def averaged(ratios):
    """The ratios were averaged, but nobody shares a turn: each wheel multiplies what it gets.

    what do two wheels of ratio 2 make of one turn?
    """
    return sum(ratios) / len(ratios)


@exercise.misconception()
def direction_lost(ratios):
    """The sign of a ratio was dropped, and with it the direction.

    which way does the wheel after one of ratio -2 turn?
    """
    turns = 1.0
    for ratio in ratios:
        turns *= abs(ratio)
    return turns


@exercise.misconception()
def turned_around(ratios):
    """The ratios divide where they should multiply: a wheel of ratio 2 turns twice as often, not half as often.

    which operation makes 3 turns of 1.5?
    """
    turns = 1.0
    for ratio in ratios:
        turns /= ratio
    return turns


@exercise.misconception(*BOTH)
def started_at_zero(ratios):
    """The product starts from 0, and stays there.

    how often has the crank itself turned?
    """
    turns = 0.0
    for ratio in ratios:
        turns *= ratio
    return turns


@exercise.misconception("no_gears")
def stands_still_without_gears(ratios):
    """An empty train is treated as if nothing moved.

    which wheel is the last when there is only the crank?
    """
    turns = 1.0 if ratios else 0.0
    for ratio in ratios:
        turns *= ratio
    return turns


@exercise.misconception()
def returned_too_early(ratios):
    """The return stands inside the loop, which ends with its first round.

    how far is the return statement indented?
    """
    turns = 1.0
    for ratio in ratios:
        turns *= ratio
        return turns
    return turns


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def product_of_all(ratios):
    return math.prod(ratios)


@exercise.alternative
def numpy_product(ratios):
    return np.prod(ratios)


@exercise.alternative
def from_the_last_wheel_back(ratios):
    return reduce(mul, reversed(ratios), 1)


@exercise.alternative
def wheel_by_wheel(ratios):
    return ratios[0] * wheel_by_wheel(ratios[1:]) if ratios else 1


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("list(ratios)[::-1]", reason="a product has no order")
