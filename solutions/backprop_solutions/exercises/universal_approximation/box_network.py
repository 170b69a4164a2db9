"""box_network: a step network that is 1 in a box."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.universal_approximation.inputs import judged_by, network_outputs
from backprop_solutions.universal_approximation import box_network

exercise = Definition(box_network)


def one_side(result, expected, lower, upper):
    return box_complaint(result, lower, upper, 1)


def any_sides(result, expected, lower, upper):
    return box_complaint(result, lower, upper, len(lower))


def box_complaint(result, lower, upper, sides):
    """Ask points in every zone around the box: below, between or above its faces in each feature."""
    D, rng = len(lower), np.random.default_rng(0)
    zones = np.indices((3,) * D).reshape(D, -1).T - 1
    zones = np.repeat(zones, 4, axis=0)
    beyond = np.abs(zones).sum(axis=1)
    zones, beyond = zones[beyond <= sides], beyond[beyond <= sides]
    place = rng.uniform(0.02, 0.98, size=zones.shape)
    distance = place * 10.0 ** rng.integers(-1, 3, size=zones.shape)
    place = np.where(zones < 0, -distance, np.where(zones > 0, 1 + distance, place))
    outputs, words = network_outputs(result, lower + (upper - lower) * place, "step", 1)
    if words:
        return words
    found = []
    for count in range(sides + 1):
        says, right = outputs[beyond == count, 0], float(count == 0)
        if not np.all(np.abs(says - right) <= 1e-9):
            where = "inside the box" if count == 0 else f"beyond {count} side" + "s" * (count > 1)
            span = f"{says.min():.3g}" if says.min() == says.max() else f"{says.min():.3g} to {says.max():.3g}"
            found.append(f"{where} it says {span}")
    return "; ".join(found[:2]) or None


def some_box(rng, D):
    lower = rng.uniform(-3, 2, size=D).round(1)
    return {"lower": lower, "upper": lower + rng.uniform(0.5, 3, size=D).round(1)}


values = exercise.aspect("values", hint="draw the box with D = 1: which two questions must both be answered with yes?")
ONE, ANY = judged_by(one_side, box_complaint), judged_by(any_sides, box_complaint)


@values.case("an interval: D = 1", comparison=ONE, draws=3)
def interval(rng):
    return some_box(rng, 1)


@values.case("inside, and beyond one side of a box", comparison=ONE, draws=2)
def rectangle(rng):
    return some_box(rng, 2)


@values.case("inside, and beyond one side of a box with D = 3", comparison=ONE, draws=2)
def solid(rng):
    return some_box(rng, 3)


@values.case("faces at 0, and at equal places", comparison=ONE)
def equal_faces(rng):
    high = rng.uniform(0.5, 3)
    return {"lower": np.array([0.0, 0.0, -2.0]), "upper": np.array([high, high, 0.0]).round(1)}


corners = exercise.aspect(
    "corners", hint="beyond two sides two questions are answered with no: is the output still exactly 0?"
)


@corners.case("beyond the corners of a rectangle", comparison=ANY, draws=2)
def around_a_rectangle(rng):
    return some_box(rng, 2)


@corners.case("all around a box with D = 3", comparison=ANY, draws=2)
def around_a_solid(rng):
    return some_box(rng, 3)


@corners.case("all around a box with D = 5", comparison=ANY, visible=False)
def around_many_features(rng):
    return some_box(rng, 5)


@corners.case("a box that holds the origin", comparison=ANY, draws=2)
def around_the_origin(rng):
    return {"lower": -rng.uniform(0.5, 2, size=2).round(1), "upper": rng.uniform(0.5, 2, size=2).round(1)}


# --- wrong answers ----------------------------------------------------------------------------------

BOTH = ("values", "corners")

exercise.slip(
    "any_side_will_do",
    ("0.5 - 2 * len(lower)", "-0.5"),
    cause="The last threshold is too low: beyond a side, at least D of the 2 D questions still say yes.",
    next_step="how many say yes inside, how many outside?",
    loses=BOTH,
)
exercise.slip(
    "one_side_forgiven",
    ("0.5 - 2 * len(lower)", "1.5 - 2 * len(lower)"),
    cause="The unit allows one question to be answered with no.",
    next_step="between which two counts should the threshold lie?",
    loses=BOTH,
)
exercise.slip(
    "never_enough",
    ("0.5 - 2 * len(lower)", "-0.5 - 2 * len(lower)"),
    cause="Nowhere do enough questions say yes: their signs are wrong, or the last threshold is too high.",
    next_step="evaluate the first layer, then the second, at the middle of the box.",
    loses=BOTH,
)
exercise.slip(
    "above_both",
    ("[sides, -sides]", "[sides, sides]"),
    ("[-lower, upper]", "[-lower, -upper]"),
    cause="The second question asks x > upper; inside, x is below it.",
    next_step="which sign turns 'x > upper' into 'x < upper'?",
    loses=BOTH,
)
exercise.slip(
    "linear_last_layer",
    ("[questions, all_yes, (np.ones((1, 1)), np.zeros(1))]", "[questions, all_yes]"),
    cause="The AND stands in the last layer, which is linear: no step turns its sum into 0 or 1.",
    next_step="where does a step follow?",
    loses=BOTH,
)
exercise.slip(
    "counts_the_answers",
    ("[questions, all_yes, (np.ones((1, 1)), np.zeros(1))]", "[questions, (all_yes[0], np.zeros(1))]"),
    cause="The output counts how many questions are answered with yes.",
    next_step="what has to be asked about this count?",
    loses=BOTH,
)
exercise.slip(
    "share_of_the_answers",
    (
        "[questions, all_yes, (np.ones((1, 1)), np.zeros(1))]",
        "[questions, (all_yes[0] / len(questions[1]), np.zeros(1))]",
    ),
    cause="The output is the share of questions answered with yes.",
    next_step="what has to be asked about this share?",
    loses=BOTH,
)
exercise.slip(
    "one_hidden_layer",
    (
        "[questions, all_yes, (np.ones((1, 1)), np.zeros(1))]",
        "[questions, (all_yes[0], np.array([1.0 - 2 * len(lower)]))]",
    ),
    cause="One hidden layer adds the answers up, so each further no takes 1 more off.",
    next_step="which second step stops the sum at 0?",
    loses=("corners",),
)
exercise.slip(
    "ones_and_zeros_exchanged",
    ("(np.ones((1, 1)), np.zeros(1))", "(-np.ones((1, 1)), np.ones(1))"),
    cause="The answers are exchanged: 0 inside, 1 outside.",
    next_step="what is the last unit's answer inside?",
    loses=BOTH,
)
exercise.slip(
    "lower_faces_only",
    ("np.hstack([sides, -sides]), np.concatenate([-lower, upper])", "sides, -lower"),
    (
        "np.ones((2 * len(lower), 1)), np.array([0.5 - 2 * len(lower)])",
        "np.ones((len(lower), 1)), np.array([0.5 - len(lower)])",
    ),
    cause="Only the lower faces are asked about; above the upper ones it stays 1.",
    next_step="how many faces has a box?",
    loses=BOTH,
)
exercise.slip(
    "first_feature_only",
    ("sides = np.eye(len(lower))", "sides = np.eye(len(lower))[:, [0] * len(lower)]"),
    ("[-lower, upper]", "[-lower[0] + 0 * lower, upper[0] + 0 * lower]"),
    cause="All questions are about the first feature.",
    next_step="which feature should the second column of W look at?",
    loses=BOTH,
)
exercise.slip(
    "every_feature_in_every_question",
    ("sides = np.eye(len(lower))", "sides = np.ones((len(lower), len(lower)))"),
    cause="Each question adds up all features; it should look at one.",
    next_step="which entries of W should be 0?",
    loses=BOTH,
)
exercise.slip(
    "around_zero",
    ("[-lower, upper]", "[(upper - lower) / 2, (upper - lower) / 2]"),
    cause="The box has the right size, but its centre is moved to 0.",
    next_step="at which x should the first question change its answer?",
    loses=BOTH,
)
exercise.slip(
    "threshold_for_one_feature",
    ("0.5 - 2 * len(lower)", "-1.5"),
    cause="The threshold is right for one feature, with two answers; D features have 2 D.",
    next_step="how many answers are yes inside, and how many at most outside?",
    loses=BOTH,
)

# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def box_with_negative_answers(lower, upper):
    """Ask for each face whether the point is beyond it: nobody may say yes."""
    D = len(lower)
    W = np.zeros((D, 2 * D))
    b = np.zeros(2 * D)
    for d in range(D):
        W[d, 2 * d], b[2 * d] = -1.0, lower[d]
        W[d, 2 * d + 1], b[2 * d + 1] = 1.0, -upper[d]
    return [(W, b), (-np.ones((2 * D, 1)), [0.5]), ([[1]], [0])]


@exercise.alternative
def box_feature_by_feature(lower, upper):
    """Find out for each feature whether it is between its faces, then take all features together."""
    D = len(lower)
    first = np.concatenate([np.eye(D), np.eye(D)], axis=1), np.concatenate([-lower, -upper])
    between = np.concatenate([np.eye(D), -np.eye(D)], axis=0), np.full(D, -0.5)
    every = np.ones((D, 1)), np.array([0.25 - D])
    return [first, between, every, (np.array([[1.0]]), np.array([0.0]))]


@exercise.alternative
def box_of_outside(lower, upper):
    scale = 1 / (upper - lower)
    W = np.vstack([np.diag(scale), np.diag(-scale)]).reshape(2, len(lower), -1)
    hidden = np.hstack([W[0], W[1]]), np.concatenate([-lower * scale, upper * scale])
    outside = -np.ones((2 * len(lower), 1)), np.array([2 * len(lower) - 0.5])
    return (hidden, outside, (np.array([[-1.0]]), np.array([1.0])))


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("(np.ones((2 * len(lower), 1)), [0.5", reason="step_network makes arrays of lists")
exercise.equivalent(
    "np.eye(len(upper))", "(2 * len(upper), 1)", "0.5 - 2 * len(upper)", reason="lower and upper have the same length"
)
exercise.equivalent("0.25 - 2 * len", reason="any threshold between two counts tells them apart")
