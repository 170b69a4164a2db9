"""initialize: draw the weights of every layer at He's scale, and set its biases to zero."""

from itertools import pairwise

import numpy as np

from backprop_autograder import Definition, Property
from backprop_solutions.exercises.mlp_training.inputs import D, H, K
from backprop_solutions.mlp_training import initialize


def structure(student, sizes, rng):
    from copy import deepcopy

    layers = student.initialize(sizes, deepcopy(rng))
    again = student.initialize(sizes, deepcopy(rng))
    other = student.initialize(sizes, np.random.default_rng(int(rng.integers(2**31))))
    if not isinstance(layers, (list, tuple)):
        return layers
    pairs = [list(zip(a, b, strict=False)) for a, b in zip(layers, again, strict=False)]
    others = [np.array_equal(a[0], b[0]) for a, b in zip(layers, other, strict=False)]
    return {
        "shapes": [tuple(np.shape(block) for block in layer) for layer in layers],
        "largest bias": float(max((np.max(np.abs(layer[1])) for layer in layers), default=0)),
        "repeatable": all(np.array_equal(a, b) for pair in pairs for a, b in pair),
        "random": not any(others),
    }


def right_structure(result, expected, sizes, rng):
    if not isinstance(result, dict):
        return "the result is no list of (W, b)"
    if len(result["shapes"]) != len(expected["shapes"]):
        return f"there are {len(result['shapes'])} layers for {len(sizes)} sizes"
    if [tuple(layer) for layer in result["shapes"]] != [tuple(layer) for layer in expected["shapes"]]:
        return f"the shapes are {result['shapes']}, expected {expected['shapes']}"
    if result["largest bias"] != 0:
        return "the biases are not zero"
    if not result["repeatable"]:
        return "two equal generators gave different weights"
    return None if result["random"] else "two different generators gave the same weights in some layer"


def spread(student, sizes, rng):
    layers = student.initialize(sizes, rng)
    if not isinstance(layers, (list, tuple)):
        return layers
    weights = [np.asarray(layer[0], dtype=float) for layer in layers]
    he = [np.sqrt(2 / fan_in) for fan_in in sizes[:-1]]
    return {
        "mean": [float(np.mean(W) / scale) for W, scale in zip(weights, he, strict=False)],
        "deviation": [float(np.std(W) / scale) for W, scale in zip(weights, he, strict=False)],
    }


def he_scale(result, expected, sizes, rng):
    if not isinstance(result, dict):
        return "the result is no list of (W, b)"
    # At least 2,400 weights a layer: the sample's mean and deviation stray by about 2 % and 1.5 %;
    # the mean of weights that are too large, by as much of their own deviation.
    pairs = zip(result["mean"], result["deviation"], strict=True)
    if any(not abs(mean) < 0.12 * max(1.0, deviation) for mean, deviation in pairs):
        return "the weights do not average to zero"
    if len(result["deviation"]) != len(sizes) - 1 or any(not abs(s - 1) < 0.08 for s in result["deviation"]):
        ratios = ", ".join(f"{s:.1f}" for s in result["deviation"])
        return f"the layers' standard deviations are {ratios} times sqrt(2 / D)"
    return None


exercise = Definition(initialize)

values = exercise.aspect(
    "values", hint="neighbouring sizes D, K give one layer: W of shape (D, K), drawn with rng, and b of K zeros."
)


@values.case("shapes, biases and randomness", comparison=Property(right_structure), probe=structure)
def small_network(rng):
    return {"sizes": (D, H, K), "rng": rng}


@values.case(
    "shapes, biases and randomness of three layers", comparison=Property(right_structure), probe=structure, draws=2
)
def deep_network(rng):
    return {"sizes": (4, 7, 2, 6), "rng": rng}


scale = exercise.aspect(
    "scale", hint="the standard deviation is sqrt(2 / D), where D is the number of the layer's inputs."
)


@scale.case("He's scale", comparison=Property(he_scale), probe=spread, draws=3)
def wide_network(rng):
    return {"sizes": (128, 40, 60), "rng": rng}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "scale")
def zero_weights(sizes, rng):
    """Equal weights make all hidden units alike, and they stay alike for ever.

    what should tell the units apart at the start?
    """
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(np.zeros((d, k)), np.zeros(k)) for d, k in pairs]


@exercise.misconception("scale")
def weights_of_order_one(sizes, rng):
    """Weights of order one make sums that grow with sqrt(D).

    which factor keeps the sum of D terms the size of one?
    """
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(size=(d, k)), np.zeros(k)) for d, k in pairs]


@exercise.misconception("scale")
def scale_of_linear_layers(sizes, rng):
    """1 / D is the variance for a linear layer; a ReLU halves the signal's power.

    which factor makes up for a half?
    """
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, np.sqrt(1 / d), size=(d, k)), np.zeros(k)) for d, k in pairs]


@exercise.misconception("scale")
def outputs_instead_of_inputs(sizes, rng):
    """The scale counts the layer's outputs; a unit sums over its inputs.

    how many terms has the sum of one unit?
    """
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, np.sqrt(2 / k), size=(d, k)), np.zeros(k)) for d, k in pairs]


@exercise.misconception("scale")
def variance_for_deviation(sizes, rng):
    """2 / D is the variance; a generator asks for the standard deviation.

    what does the second argument of rng.normal mean?
    """
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, 2 / d, size=(d, k)), np.zeros(k)) for d, k in pairs]


@exercise.misconception("scale")
def uniform_within_the_deviation(sizes, rng):
    """A uniform distribution over (-a, a) has the standard deviation a / sqrt(3), not a.

    how wide must the interval be for the deviation wanted?
    """
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.uniform(-1, 1, size=(d, k)) * np.sqrt(2 / d), np.zeros(k)) for d, k in pairs]


@exercise.misconception("scale")
def positive_weights(sizes, rng):
    """All weights are positive, so every unit sees only the sum of its inputs.

    which values does rng.random draw?
    """
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.random(size=(d, k)) * np.sqrt(2 / d), np.zeros(k)) for d, k in pairs]


@exercise.misconception()
def random_biases(sizes, rng):
    """The biases are drawn too; random weights already tell the units apart.

    with which biases should training start?
    """
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, np.sqrt(2 / d), size=(d, k)), rng.normal(size=k)) for d, k in pairs]


@exercise.misconception()
def weights_for_columns(sizes, rng):
    """These shapes suit W x with columns; here examples are rows.

    which shape of W makes X @ W work?
    """
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, np.sqrt(2 / d), size=(k, d)), np.zeros(k)) for d, k in pairs]


@exercise.misconception()
def seed_of_its_own(sizes, rng):
    """The function makes a generator of its own, so every network starts the same.

    which generator did the caller hand over?
    """
    own = np.random.default_rng(0)
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(own.normal(0, np.sqrt(2 / d), size=(d, k)), np.zeros(k)) for d, k in pairs]


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def initialize_uniformly(sizes, rng):
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        limit = np.sqrt(6 / fan_in)
        layers.append((rng.uniform(-limit, limit, size=(fan_in, fan_out)), np.zeros(fan_out)))
    return layers


@exercise.alternative
def initialize_from_the_output(sizes, rng):
    layers = []
    for fan_out, fan_in in pairwise(sizes[::-1]):
        layers.insert(0, [rng.standard_normal((fan_in, fan_out)) * (2 / fan_in) ** 0.5, np.zeros((fan_out,))])
    return layers


@exercise.alternative
def initialize_biases_first(sizes, rng):
    biases = [np.zeros(k) for k in sizes[1:]]
    return [(rng.normal(scale=np.sqrt(2 / d), size=(d, len(b))), b) for d, b in zip(sizes, biases, strict=False)]
