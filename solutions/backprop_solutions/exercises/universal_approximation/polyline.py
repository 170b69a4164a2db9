"""polyline: a function followed in straight pieces."""

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
from backprop_solutions.universal_approximation import polyline

exercise = Definition(polyline)


def close_enough(result, expected, f, units, interval):
    """Measure the second derivative and the error on a fine grid."""
    a, b = map(float, interval)
    x = np.linspace(a, b, 4001)
    bent = np.max(np.abs(np.diff(f(x), 2))) / (x[1] - x[0]) ** 2
    promised = bent * ((b - a) / units) ** 2 / 8 * 1.01 + 1e-9  # differences see the second derivative inside only
    return too_large(result, units, 1) or too_far(result, f, x, "relu", promised)


JUDGED = {"comparison": judged_by(close_enough, too_large, too_far)}


values = exercise.aspect(
    "values", hint="draw two pieces: which slope has the first, and what must the second ramp add to it?"
)
values.add(
    Case(
        label="a parabola in three pieces",
        arguments=lambda rng: {"f": parabola(rng), "units": 3, "interval": (0.0, 2.0)},
        draws=2,
        **JUDGED,
    ),
    Case(
        label="a wave in 12 pieces",
        arguments=lambda rng: {"f": sine(rng), "units": 12, "interval": (0.0, 2.0)},
        draws=2,
        **JUDGED,
    ),
    Case(
        label="an exponential",
        arguments=lambda rng: {
            "f": Formula(f"lambda x: {number(rng, 1, 2)}*np.exp(x)-{number(rng, 3, 5)}"),
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
        arguments=lambda rng: {"f": parabola(rng), "units": 1, "interval": (2.0, 3.5)},
        draws=2,
        **JUDGED,
    ),
    *on_any_interval(JUDGED),
    Case(
        label="a straight line",
        arguments=lambda rng: {
            "f": line(number(rng, 2, 4), number(rng, 3, 5)),
            "units": 4,
            "interval": (-1.0, 2.0),
        },
        **JUDGED,
    ),
    Case(
        label="a curve that begins flat",
        arguments=lambda rng: {
            "f": Formula(f"lambda x: {number(rng, 1, 2)}*np.maximum(x,0)**3"),
            "units": 9,
            "interval": (-1.0, 2.0),
        },
        **JUDGED,
    ),
    Case(
        label="49 pieces",  # of which 1 / 49 is a little too short: steps of that width from 0 make 50
        arguments=lambda rng: {"f": sine(rng), "units": 49, "interval": (0.0, 1.0)},
        **JUDGED,
    ),
    Case(
        label="many pieces",
        arguments=lambda rng: {"f": sine(rng), "units": 120, "interval": (-1.0, 2.0)},
        visible=False,
        **JUDGED,
    ),
)

# --- wrong answers ----------------------------------------------------------------------------------

BOTH = ("values", "any_interval")

exercise.slip(
    "slopes_added_up",
    ("np.diff(slopes, prepend=0.0)", "slopes"),
    cause="Each ramp adds the whole slope of its piece; ramps to its left go on rising.",
    next_step="by how much does the slope change at a knot?",
)
exercise.slip(
    "first_piece_flat",
    ("prepend=0.0", "prepend=slopes[0]"),
    cause="The first ramp has weight 0, so the first piece is flat.",
    next_step="what is the slope before the first knot, and what after it?",
    loses=BOTH,
)
exercise.slip(
    "starts_at_zero",
    ("heights[:1])]", "np.zeros(1))]"),
    cause="The line begins at height 0, not at f(a).",
    next_step="which number shifts the whole output?",
    loses=BOTH,
)
exercise.slip(
    "rises_for_slopes",
    ("/ np.diff(knots)", "/ 1.0"),
    cause="The rises of f from knot to knot are used; a ramp needs slopes.",
    next_step="what is a slope, with the width of a piece in it?",
    loses=BOTH,
)
exercise.slip(
    "pieces_one_unit_wide",
    ("/ np.diff(knots)", "* units"),
    cause="The slopes are right only for an interval of length 1.",
    next_step="how wide is one piece?",
    loses=BOTH,
)
exercise.slip(
    "knots_with_the_wrong_sign",
    ("-knots[:-1]", "knots[:-1]"),
    cause="The biases have the wrong sign: the ramp of a knot k is relu(x - k).",
    next_step="what is z at x = k?",
    loses=BOTH,
)
exercise.slip(
    "one_knot_late",
    ("-knots[:-1]", "-knots[1:]"),
    cause="Each ramp begins at the right end of its piece.",
    next_step="from which x on is the first slope needed?",
    loses=BOTH,
)
exercise.slip(
    "pieces_too_wide",
    ("units + 1)", "units)"),
    ("np.ones((1, units)), -knots[:-1]", "np.ones((1, max(units - 1, 0))), -knots[:-1]"),
    cause="There are units - 1 pieces; their ends are units + 1 knots for as many pieces as units.",
    next_step="how many ends do N pieces in a row have?",
    loses=BOTH,
)
exercise.slip(
    "a_ramp_at_the_end",
    ("np.ones((1, units)), -knots[:-1]", "np.ones((1, units + 1)), -knots"),
    ("bends[:, None]", "np.append(bends, 0.0)[:, None]"),
    cause="There is a ramp at the right end, too, which is one unit more than allowed.",
    next_step="which piece would begin at b?",
    loses=BOTH,
)
exercise.slip(
    "between_zero_and_one",
    ("np.linspace(*interval,", "np.linspace(0.0, 1.0,"),
    cause="The knots are between 0 and 1; they belong between a and b.",
    next_step="where do the interval's ends come in?",
    loses=BOTH,
)
exercise.slip(
    "from_zero_to_the_end",
    ("np.linspace(*interval,", "np.linspace(0.0, interval[1],"),
    cause="The first piece begins at 0; it should at a.",
    next_step="try an interval that does not begin at 0.",
    loses=("any_interval",),
)
exercise.slip(
    "bends_up_only",
    ("np.diff(slopes, prepend=0.0)", "np.abs(np.diff(slopes, prepend=0.0))"),
    cause="All bends are positive; where the slope falls they have to be negative.",
    next_step="which sign has the bend of a hill?",
    loses=BOTH,
)
exercise.slip(
    "stairs_not_ramps",
    ("np.diff(slopes, prepend=0.0)", "np.diff(heights)"),
    cause="These are the weights of a staircase; a ReLU adds a ramp, not a step.",
    next_step="what does the weight of a ramp change: the height or the slope?",
    loses=BOTH,
)
exercise.slip(
    "tangents",
    (
        "np.diff(heights) / np.diff(knots)",
        "(f(np.minimum(knots + 1e-6, interval[1])) - f(np.maximum(knots - 1e-6, interval[0])))[:-1] / 2e-6",
    ),
    cause="The pieces have the slopes of tangents; chords end where f is.",
    next_step="which slope leads from f at one knot to f at the next?",
    loses=BOTH,
)
exercise.slip(
    "bends_in_a_row",
    ("bends[:, None]", "bends[None]"),
    cause="The last W is a row; with one output it is a column.",
    next_step="W has one row for each value that comes in.",
    loses=BOTH,
)
exercise.slip(
    "height_at_zero",
    ("heights[:1])]", "np.array([float(f(np.array([0.0]))[0])]))]"),
    cause="The bias is f(0); where all ramps are 0, the network should be f(a).",
    next_step="what is the output at x = a?",
    loses=("any_interval",),
)
exercise.slip(
    "bends_one_place_off",
    ("prepend=0.0", "append=0.0"),
    cause="The bends are one place off: a ramp gets the bend of the knot after it.",
    next_step="which bend brings the slope from 0 to the first slope?",
    loses=BOTH,
)
exercise.slip(
    "height_of_the_end",
    ("heights[:1])]", "heights[-1:])]"),
    cause="The bias is f(b); all ramps are 0 at a, where the output should be f(a).",
    next_step="what is the output at x = a?",
    loses=BOTH,
)

# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def polyline_knot_by_knot(f, units, interval):
    a, b = interval
    h = (b - a) / units
    y = [float(f(np.float64(min(a + k * h, b)))) for k in range(units + 1)]
    weights, slope = [], 0.0
    for k in range(units):
        weights.append([(y[k + 1] - y[k]) / h - slope])
        slope += weights[-1][0]
    return [([[1.0] * units], [-(a + k * h) for k in range(units)]), (weights, [y[0]])]


@exercise.alternative
def polyline_from_the_right(f, units, interval):
    a, b = interval
    knots = np.linspace(b, a, units + 1)
    y = f(knots)
    slopes = np.diff(y) / np.abs(np.diff(knots))
    return [(-np.ones((1, units)), knots[:-1]), (np.diff(slopes, prepend=0.0).reshape(-1, 1), y[:1])]


@exercise.alternative
def polyline_by_linear_equations(f, units, interval):
    """Solve for the weights that make the network agree with f at every knot."""
    knots = np.linspace(interval[0], interval[1], units + 1)
    ramps = np.maximum(knots[:, None] - knots[None, :-1], 0.0)
    weights = np.linalg.solve(ramps[1:], f(knots[1:]) - f(knots[:1]))
    return [(np.ones((1, units)), -knots[:-1]), (weights[:, None], np.array([f(knots)[0]]))]


@exercise.alternative
def polyline_in_units_of_a_piece(f, units, interval):
    """Stretch the interval to 0..units: slopes are rises then."""
    a, b = interval
    scale = units / (b - a)
    y = f(a + np.arange(units + 1) * ((b - a) / units))
    bends = np.diff(np.diff(y), prepend=0.0)
    return [(np.full((1, units), scale), -a * scale - np.arange(units)), (bends[:, None], y[:1])]
