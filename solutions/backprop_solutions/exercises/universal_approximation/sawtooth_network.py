"""sawtooth_network: 2**depth straight pieces from two units a layer."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.universal_approximation.inputs import judged_by, network_outputs
from backprop_solutions.universal_approximation import sawtooth_network

exercise = Definition(sawtooth_network)


def of_the_student(student, depth, X):
    return student.sawtooth_network(depth)


def folded(result, expected, depth, X):
    if type(result) in (list, tuple) and result and all(type(layer) in (list, tuple) for layer in result):
        widths = [int(np.size(layer[-1])) for layer in result[:-1] if layer]
        if widths != [2] * depth:
            if not widths:
                return f"there is no hidden layer; wanted: {depth} with 2 units"
            wide = widths[0] if len(set(widths)) == 1 else str(widths)[1:-1]
            return f"hidden layers: {len(widths)} with {wide} units; wanted: {depth} with 2"
    outputs, words = network_outputs(result, X, "relu", 1)
    if words:
        return words
    right = X[:, 0]
    for _ in range(depth):
        right = np.minimum(2 * right, 2 - 2 * right)
    # A rounding is doubled by every layer: 2**12 times 1e-16 is far below.
    off = ~(np.abs(outputs[:, 0] - right) <= 1e-6)
    if not off.any():
        return None
    n, m = np.flatnonzero(off)[[0, -1]]
    pairs = (f"at x = {X[k, 0]:.2g} it is {outputs[k, 0]:.4g}, not {right[k]:.4g}" for k in dict.fromkeys((n, m)))
    return "; ".join(pairs)


JUDGED = {"comparison": judged_by(folded), "probe": of_the_student}
values = exercise.aspect(
    "values",
    hint="build the tent for depth 1 first: what is the slope left and right of 1/2, and which two ramps have it?",
)


def points(rng, count):
    """Draw inputs with two decimals, which are on no grid k / 2**m but for 0, 1/4, 1/2, 3/4 and 1."""
    grid = np.array([k for k in range(1, 100) if k % 25])
    return np.sort(rng.choice(grid, size=count, replace=False))[:, None] / 100


@values.case("one tent", draws=2, **JUDGED)
def one_tent(rng):
    return {"depth": 1, "X": points(rng, 50)}


@values.case("a tent of a tent", draws=2, **JUDGED)
def two_tents(rng):
    return {"depth": 2, "X": points(rng, 50)}


@values.case("three to twelve layers", draws=4, **JUDGED)
def many_tents(rng):
    return {"depth": int(rng.integers(3, 13)), "X": points(rng, 60)}


# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "a_plateau",
    ("[[2.0], [-4.0]]", "[[2.0], [-2.0]]"),
    cause="Behind 1/2 the second ramp cancels the first, but does not turn it.",
    next_step="which slope is missing to get from 2 to -2?",
)
exercise.slip(
    "half_as_high",
    ("[[2.0], [-4.0]]", "[[1.0], [-2.0]]"),
    cause="The tent is half as high: its slopes are 1 and -1.",
    next_step="what is min(2 x, 2 - 2 x) at x = 1/4?",
)
exercise.slip(
    "ramps_that_add_up",
    ("[[2.0], [-4.0]]", "[[2.0], [4.0]]"),
    cause="The second ramp makes the line steeper; it should lead down.",
    next_step="which sign has the bend at the top of a tent?",
)
exercise.slip(
    "folded_at_one",
    ("[0.0, -0.5]", "[0.0, -1.0]"),
    cause="The bend is at x = 1; the top of a tent is at 1/2.",
    next_step="where are 2 x and 2 - 2 x equal?",
)
exercise.slip(
    "bends_to_the_left",
    ("[0.0, -0.5]", "[0.0, 0.5]"),
    cause="The bias has the wrong sign: the second ramp is relu(x - 1/2).",
    next_step="what is z of the second unit at x = 1/2?",
)
exercise.slip(
    "one_layer_too_few",
    ("* (depth - 1)", "* max(depth - 2, 0)"),
    cause="One hidden layer is missing.",
    next_step="how many hidden layers stand before the last one, which is linear?",
)
exercise.slip(
    "one_layer_too_many",
    ("* (depth - 1)", "* depth"),
    cause="There is one hidden layer too many.",
    next_step="how many tents does depth = 1 ask for?",
)
exercise.slip(
    "units_handed_on",
    ("np.hstack([tent, tent])", "np.eye(2)"),
    cause="Each layer hands on its two ramps; the next tent needs their tent.",
    next_step="which combination of both is the height?",
)
exercise.slip(
    "transposed",
    ("np.hstack([tent, tent])", "np.hstack([tent, tent]).T"),
    cause="W of the inner layers is transposed: one column is one unit.",
    next_step="both units get the same height: are rows or columns equal?",
)
exercise.slip(
    "last_tent_not_put_together",
    ("(tent, np.zeros(1))]", "(np.array([[1.0], [0.0]]), np.zeros(1))]"),
    cause="The output is the first unit alone; the last tent needs both.",
    next_step="which weights turn two ramps into a tent?",
)
exercise.slip(
    "tents_on_their_heads",
    ("(tent, np.zeros(1))]", "(-tent, np.ones(1))]"),
    cause="The output is one minus the tent.",
    next_step="what is the output at 0?",
)
exercise.slip(
    "both_units_alike",
    ("np.ones((1, 2)), shifts)]", "np.ones((1, 2)), np.zeros(2))]"),
    cause="Both units of the first layer bend at 0, so the first tent has no top.",
    next_step="where should the second unit begin?",
)


@exercise.misconception()
def wide_not_deep(depth):
    """One wide layer has all the teeth; the point is that two units a layer do.

    what does a tent do to the output of another tent?
    """
    knots = np.arange(2**depth) / 2**depth
    slopes = 2.0**depth * (-1.0) ** np.arange(2**depth)
    weights = np.diff(slopes, prepend=0.0)
    return [(np.ones((1, 2**depth)), -knots), (weights[:, None], np.zeros(1))]


@exercise.misconception()
def one_tent_for_all_depths(depth):
    """There is one tent, whatever the depth.

    where does depth come in?
    """
    return [(np.ones((1, 2)), np.array([0.0, -0.5])), (np.array([[2.0], [-4.0]]), np.zeros(1))]


@exercise.misconception()
def three_units_a_layer(depth):
    """There is a third unit a layer; on [0, 1] two are enough.

    what does the ramp that begins at 1 add inside the interval?
    """
    tent, shifts = np.array([[2.0], [-4.0], [2.0]]), np.array([0.0, -0.5, -1.0])
    hidden = [(np.ones((1, 3)), shifts)] + [(np.hstack([tent] * 3), shifts)] * (depth - 1)
    return [*hidden, (tent, np.zeros(1))]


exercise.slip(
    "last_layer_missing",
    ("[*hidden, (tent, np.zeros(1))]", "hidden"),
    cause="The last layer is missing: the layer that stands last is linear, so it is no hidden one.",
    next_step="which layer puts the last tent together?",
)


@exercise.misconception()
def tents_in_layers_of_their_own(depth):
    """Each tent is put together in a layer of its own, which makes hidden layers with one unit.

    which W takes two ramps of one tent to two ramps of the next?
    """
    tent = [(np.ones((1, 2)), np.array([0.0, -0.5])), (np.array([[2.0], [-4.0]]), np.zeros(1))]
    return tent * depth


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def sawtooth_by_absolute_values(depth):
    """Write the tent as 1 - |2 x - 1|, and |z| as relu(z) + relu(-z)."""
    layers, W, b = [], np.array([[2.0, -2.0]]), np.array([-1.0, 1.0])
    for _ in range(depth):
        layers.append((W, b))
        W, b = np.array([[-2.0, 2.0], [-2.0, 2.0]]), np.array([1.0, -1.0])
    return [*layers, (np.array([[-1.0], [-1.0]]), np.array([1.0]))]


@exercise.alternative
def sawtooth_with_steep_ramps(depth):
    first = ([[2, 4]], [0, -2])
    inner = ([[2, 4], [-2, -4]], [0, -2])
    return (first, *[inner for _ in range(depth - 1)], ([[1], [-1]], [0]))


@exercise.alternative
def sawtooth_from_the_right(depth):
    """The tent is its own mirror image: begin with ramps of 1 - x."""
    parameters = [(np.array([[-1.0, -1.0]]), np.array([1.0, 0.5]))]
    while len(parameters) < depth:
        parameters.append((np.array([[-2.0, -2.0], [4.0, 4.0]]), np.array([1.0, 0.5])))
    return [*parameters, (np.array([[2.0], [-4.0]]), np.zeros(1))]


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "tent = [[2.0], [-4.0]]", "shifts = [0.0, -0.5]", reason="NumPy and relu_network make arrays of lists"
)
