"""How the exercise of unit 0 is judged: for nothing, but by the same machinery as all others."""

from backprop_autograder import Aspect, Case, Exercise, Misconception
from backprop_solutions import start_here as reference

SIZES = [-3.0, -2.5, -2.0, -1.5, -0.5, 0.5, 1.5, 2.0, 2.5, 3.0]


def three_wheels(rng):
    return {"ratios": [2.0, 3.0, 0.5]}


def one_wheel(rng):
    return {"ratios": [2.5]}


def some_turn_back(rng):
    ratios = [float(ratio) for ratio in rng.choice(SIZES, size=4)]
    # An odd number of reversals: a lost sign shows.
    return {"ratios": [-abs(ratios[0]), abs(ratios[1]), *map(abs, ratios[2:])]}


def all_one_way(rng):
    return {"ratios": [float(abs(ratio)) for ratio in rng.choice(SIZES, size=5)]}


def no_gears(rng):
    return {"ratios": []}


def ratios_added(ratios):
    return sum(ratios)


def last_ratio_only(ratios):
    return ratios[-1]


def first_ratio_only(ratios):
    return ratios[0]


def averaged(ratios):
    return sum(ratios) / len(ratios)


def direction_lost(ratios):
    turns = 1.0
    for ratio in ratios:
        turns *= abs(ratio)
    return turns


def turned_around(ratios):
    turns = 1.0
    for ratio in ratios:
        turns /= ratio
    return turns


def started_at_zero(ratios):
    turns = 0.0
    for ratio in ratios:
        turns *= ratio
    return turns


def stands_still_without_gears(ratios):
    turns = 1.0 if ratios else 0.0
    for ratio in ratios:
        turns *= ratio
    return turns


def returned_too_early(ratios):
    turns = 1.0
    for ratio in ratios:
        turns *= ratio
        return turns
    return turns


BOTH = ("values", "no_gears")

gear_train = Exercise(
    reference.gear_train,
    aspects=(
        Aspect(
            "values",
            (
                Case(label="three wheels", arguments=three_wheels),
                Case(label="a single wheel", arguments=one_wheel),
                Case(label="some wheels turn back", arguments=some_turn_back, draws=3),
                Case(label="a longer train", arguments=all_one_way, draws=3),
            ),
            hint="follow one turn of the crank through the first two wheels, by hand.",
        ),
        Aspect(
            "no_gears",
            (Case(label="no gears at all", arguments=no_gears, draws=2),),
            hint="the crank itself is now the last wheel. How often does it turn while it turns once?",
        ),
    ),
    misconceptions=(
        Misconception(
            ratios_added,
            "the ratios were added, but each wheel turns a multiple of what arrives from the one before.",
            "if the first wheel turns twice, and the second three times for each of those, how often is that?",
            loses=BOTH,
        ),
        Misconception(
            last_ratio_only,
            "only the last ratio was used, as if its neighbour turned once.",
            "how often has the wheel before it turned by then?",
            loses=BOTH,
        ),
        Misconception(
            first_ratio_only,
            "only the first ratio was used: what it hands on got lost.",
            "what does the second wheel make of it?",
            loses=BOTH,
        ),
        Misconception(
            averaged,
            "the ratios were averaged, but nobody shares a turn: each wheel multiplies what it gets.",
            "what do two wheels of ratio 2 make of one turn?",
            loses=BOTH,
        ),
        Misconception(
            direction_lost,
            "the sign of a ratio was dropped, and with it the direction.",
            "which way does the wheel after one of ratio -2 turn?",
        ),
        Misconception(
            turned_around,
            "the ratios divide where they should multiply: that is the crank's share of one turn of the last wheel.",
            "does a wheel of ratio 2 turn more often than the crank, or less?",
        ),
        Misconception(
            started_at_zero,
            "the product starts from 0, and stays there.",
            "how often has the crank itself turned?",
            loses=BOTH,
        ),
        Misconception(
            stands_still_without_gears,
            "an empty train is treated as if nothing moved.",
            "which wheel is the last when there is only the crank?",
            loses=("no_gears",),
        ),
        Misconception(
            returned_too_early,
            "the return stands inside the loop, which ends with its first round.",
            "how far is the return statement indented?",
        ),
    ),
)

EXERCISES = (gear_train,)
