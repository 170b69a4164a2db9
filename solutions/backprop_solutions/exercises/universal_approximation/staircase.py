"""staircase: a function followed in stairs."""

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.exercises.universal_approximation.inputs import (
    judged_by,
    line,
    number,
    on_any_interval,
    parabola,
    sine,
    too_far,
    too_large,
)
from backprop_solutions.universal_approximation import staircase

exercise = Definition(staircase)


def close_enough(result, expected, f, units, interval):
    """Measure slope and error on a fine grid, and on both sides of every place where the network may jump."""
    a, b = map(float, interval)
    x = np.linspace(a, b, 20_001)
    steepest = np.max(np.abs(np.diff(f(x)) / np.diff(x)))
    grid = np.linspace(a, b, 4001)
    near = [a + (b - a) * k / units + side for k in range(units + 1) for side in (-1e-9, 1e-9)]
    x = np.unique(np.clip(np.concatenate([grid, near]), a, b))
    promised = steepest * (b - a) / units * (1 + 1e-4) + 1e-9
    return too_large(result, units, 200) or too_far(result, f, x, "step", promised)


JUDGED = {"comparison": judged_by(close_enough, too_large, too_far)}


values = exercise.aspect(
    "values", hint="where does the first stair begin, and how high is it? What does the next unit add to it?"
)
values.add(
    Case(
        label="a straight line in four stairs",
        arguments=lambda rng: {
            "f": line(number(rng, 2, 4), number(rng, 3, 5)),
            "units": 4,
            "interval": (0.0, 1.0),
        },
        draws=2,
        **JUDGED,
    ),
    Case(
        label="a wave in 12 stairs",
        arguments=lambda rng: {"f": sine(rng), "units": 12, "interval": (0.0, 2.0)},
        draws=2,
        **JUDGED,
    ),
    Case(
        label="a line below zero",
        arguments=lambda rng: {
            "f": line(number(rng, 1, 2), -number(rng, 6, 9)),
            "units": 5,
            "interval": (-1.0, 1.0),
        },
        **JUDGED,
    ),
    Case(
        label="a parabola",
        arguments=lambda rng: {
            "f": parabola(rng),
            "units": int(rng.integers(5, 11)),
            "interval": (0, 3),
        },
        draws=2,
        **JUDGED,
    ),
)
any_interval = exercise.aspect(
    "any_interval",
    hint="try an interval that does not begin at 0, and a single unit; f may be asked inside the interval only.",
)
any_interval.add(
    Case(
        label="one unit",
        arguments=lambda rng: {
            "f": line(number(rng, 1, 2), number(rng, 6, 9)),
            "units": 1,
            "interval": (2.0, 3.5),
        },
        draws=2,
        **JUDGED,
    ),
    *on_any_interval(JUDGED),
    Case(
        label="a constant",
        arguments=lambda rng: {
            "f": line(0, number(rng, 2, 9)),
            "units": 3,
            "interval": (-1.0, 2.0),
        },
        **JUDGED,
    ),
    Case(
        label="49 stairs",  # of which 1 / 49 is a little too short: steps of that width from 0 make 50
        arguments=lambda rng: {"f": sine(rng), "units": 49, "interval": (0.0, 1.0)},
        **JUDGED,
    ),
    Case(
        label="a kink, and many stairs",
        arguments=lambda rng: {
            "f": Formula("lambda x: np.abs(x - c) - 2", c=number(rng, 0, 1)),
            "units": 150,
            "interval": (-1.0, 2.0),
        },
        visible=False,
        **JUDGED,
    ),
)

# --- wrong answers ----------------------------------------------------------------------------------

BOTH = ("values", "any_interval")

exercise.slip(
    "heights_added_up",
    ("np.diff(heights, prepend=0.0)", "heights"),
    cause="Each unit adds the whole height; units to its left have added theirs already.",
    next_step="what is missing between two neighbouring stairs?",
    loses=BOTH,
)
exercise.slip(
    "first_stair_on_the_ground",
    ("prepend=0.0", "prepend=heights[0]"),
    cause="The first stair has height 0: the staircase climbs from there, but f begins elsewhere.",
    next_step="how high is the first stair?",
    loses=BOTH,
)
exercise.slip(
    "first_height_twice",
    ("np.zeros(1))]", "heights[:1])]"),
    cause="The first height is counted twice: by the first unit and by the last bias.",
    next_step="which of the two should bring it?",
    loses=BOTH,
)
exercise.slip(
    "thresholds_with_the_wrong_sign",
    ("-edges", "edges"),
    cause="The biases have the wrong sign: the stair at e begins where x - e >= 0.",
    next_step="what is z at x = e?",
    loses=BOTH,
)
exercise.slip(
    "one_stair_late",
    ("-edges)", "-edges - (interval[1] - interval[0]) / units)"),
    cause="Each stair begins one stair too far to the right.",
    next_step="from which x on is the first height needed?",
    loses=BOTH,
)
exercise.slip(
    "stairs_too_wide",
    ("units + 1)[:-1]", "units)"),
    cause="The stairs are too wide: (b - a) / (units - 1).",
    next_step="how many stairs fit, when each of them needs one unit?",
    loses=BOTH,
)
exercise.slip(
    "one_unit_too_many",
    ("units + 1)[:-1]", "units + 1)"),
    ("np.ones((1, units))", "np.ones((1, units + 1))"),
    cause="There is a unit at the right end, too, which is one more than allowed.",
    next_step="which stair would begin at b?",
    loses=BOTH,
)
exercise.slip(
    "between_zero_and_one",
    ("np.linspace(*interval,", "np.linspace(0.0, 1.0,"),
    cause="The stairs are between 0 and 1; they belong between a and b.",
    next_step="where do the interval's ends come in?",
    loses=BOTH,
)
exercise.slip(
    "from_zero_to_the_end",
    ("np.linspace(*interval,", "np.linspace(0.0, interval[1],"),
    cause="The first stair begins at 0; it should at a.",
    next_step="try an interval that does not begin at 0.",
    loses=("any_interval",),
)
exercise.slip(
    "only_upwards",
    ("np.diff(heights, prepend=0.0)", "np.abs(np.diff(heights, prepend=0.0))"),
    cause="All rises are positive; where f falls they have to be negative.",
    next_step="which sign has the rise of a stair that leads down?",
)
exercise.slip(
    "only_downwards",
    ("np.diff(heights, prepend=0.0)", "-np.diff(heights, prepend=0.0)"),
    cause="The rises have the wrong sign: a new height minus the old one.",
    next_step="which sign has the rise of a stair that leads up?",
    loses=BOTH,
)
exercise.slip(
    "slopes_for_rises",
    ("np.diff(heights, prepend=0.0)", "np.diff(heights, prepend=0.0) / ((interval[1] - interval[0]) / units)"),
    cause="The rises are divided by the stairs' width; steps add them at once.",
    next_step="what does the output gain when one unit turns to 1?",
    loses=BOTH,
)
exercise.slip(
    "asks_outside",
    ("heights = f(edges)", "heights = f(edges - 0.5 * (interval[1] - interval[0]) / units)"),
    cause="f is asked half a stair to the left of each stair, and once outside the interval.",
    next_step="which points of a stair may f be asked at?",
    loses=("any_interval",),
)
exercise.slip(
    "weights_for_heights_missing",
    ("(rises[:, None], np.zeros(1))", "(np.ones((units, 1)), np.zeros(1))"),
    cause="The last layer counts the stairs; it should add their rises.",
    next_step="what is the last weight of each unit?",
    loses=BOTH,
)
exercise.slip(
    "rises_in_a_row",
    ("rises[:, None]", "rises[None]"),
    cause="The last W is a row; with one output it is a column.",
    next_step="W has one row for each value that comes in.",
    loses=BOTH,
)


@exercise.misconception(*BOTH)
def one_mean_for_all(f, units, interval):
    """The network is one constant; each stair has a height of its own.

    what should the output do at the beginning of the next stair?
    """
    heights = f(np.linspace(*interval, units + 1))
    return [(np.zeros((1, 0)), np.zeros(0)), (np.zeros((0, 1)), np.array([heights[0]]))]


exercise.slip(
    "rises_one_place_off",
    ("prepend=0.0", "append=0.0"),
    cause="The differences are one place off: a stair gets the rise of the one after it.",
    next_step="which rise brings the output to the first height?",
    loses=BOTH,
)

# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def staircase_through_the_middles(f, units, interval):
    """Let the bias be the first stair: one unit is saved, and middles halve the error."""
    a, b = interval
    h = (b - a) / units
    middles = [a + (k + 0.5) * h for k in range(units)]
    heights = [float(f(np.float64(x))) for x in middles]
    W = np.array([[heights[k] - heights[k - 1]] for k in range(1, units)]).reshape(-1, 1)
    starts = np.array([a + k * h for k in range(1, units)])
    return [(np.ones((1, units - 1)), -starts), (W, np.array([heights[0]]))]


@exercise.alternative
def staircase_from_the_right(f, units, interval):
    """Begin with the value at b, and let units say 1 to the left of their edge."""
    a, b = interval
    edges = np.linspace(a, b, units + 1)
    heights = np.array([float(f(x)) for x in edges])
    return [(-np.ones((1, units)), edges[1:] - 1e-12), ((heights[:-1] - heights[1:])[:, None], heights[-1:])]


@exercise.alternative
def staircase_with_right_heights(f, units, interval):
    a, b = interval
    h = (b - a) / units
    parameters = ([[1.0] * units], [-(a + k * h) for k in range(units)])
    values = [float(f(min(a + (k + 1) * h, b))) for k in range(units)]
    rises = [[values[0]]] + [[values[k] - values[k - 1]] for k in range(1, units)]
    return [parameters, (rises, [0.0])]
