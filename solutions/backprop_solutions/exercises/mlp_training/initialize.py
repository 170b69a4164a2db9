"""initialize: draw the weights of every layer at He's scale, and set its biases to zero."""

from itertools import pairwise

import numpy as np

from backprop_autograder import Definition, Property
from backprop_solutions.exercises.mlp_training.inputs import D, H, K
from backprop_solutions.mlp_training import initialize


def three_networks(student, sizes, rng):
    from copy import deepcopy

    other = np.random.default_rng(int(deepcopy(rng).integers(2**31)))
    generators = {"one": deepcopy(rng), "equal": deepcopy(rng), "other": other}
    return {name: student.initialize(sizes, generator) for name, generator in generators.items()}


def right_structure(result, expected, sizes, rng):
    one, equal, other = (result[name] for name in ("one", "equal", "other"))
    if not isinstance(one, (list, tuple)) or any(not isinstance(layer, (list, tuple)) for layer in one):
        return "the result is no list of (W, b)"
    if len(one) != len(sizes) - 1:
        return f"there are {len(one)} layers for {len(sizes)} sizes"
    shapes = [tuple(np.shape(block) for block in layer) for layer in one]
    wanted = [((sizes[k], sizes[k + 1]), (sizes[k + 1],)) for k in range(len(sizes) - 1)]
    if shapes != wanted:
        return f"the shapes are {shapes}, expected {wanted}"
    if any(np.any(np.asarray(b) != 0) for _, b in one):
        return "the biases are not zero"
    if any(not np.array_equal(V, W) for (V, _), (W, _) in zip(one, equal, strict=True)):
        return "two equal generators gave different weights"
    if any(np.array_equal(V, W) for (V, _), (W, _) in zip(one, other, strict=True)):
        return "two different generators gave the same weights in some layer"
    return None


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


def weights_of(student, sizes, rng):
    return [np.asarray(layer[0]) for layer in student.initialize(sizes, rng)]


def weights_at_he_scale(result, expected, sizes, rng):
    # From the weights themselves: their deviation, mean, and whether rows and columns differ as independent draws do.
    for W, fan_in in zip(result, sizes[:-1], strict=True):
        Z = W / np.sqrt(2 / fan_in)
        if not (abs(Z.mean()) < 0.12 and abs(Z.std() - 1) < 0.08):
            return "the weights do not have mean 0 and deviation sqrt(2 / D)"
        # Means of rows and of columns of independent draws scatter by one over the square root of their length.
        if np.std(Z.mean(axis=0)) > 2 / np.sqrt(len(Z)) or np.std(Z.mean(axis=1)) > 2 / np.sqrt(Z.shape[1]):
            return "the weights of a unit are not drawn independently"
    return None


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


@values.case("shapes, biases and randomness", comparison=Property(right_structure), probe=three_networks)
def small_network(rng):
    return {"sizes": (D, H, K), "rng": rng}


@values.case(
    "shapes, biases and randomness of three layers",
    comparison=Property(right_structure),
    probe=three_networks,
    draws=2,
)
def deep_network(rng):
    return {"sizes": (4, 7, 2, 6), "rng": rng}


@values.case("layers of any size", comparison=Property(right_structure), probe=three_networks, visible=False)
def network_of_any_size(rng):
    return {"sizes": tuple(rng.permutation(np.arange(2, 12))[:4].tolist()), "rng": rng}


scale = exercise.aspect(
    "scale", hint="the standard deviation is sqrt(2 / D), where D is the number of the layer's inputs."
)


@scale.case("He's scale", comparison=Property(he_scale), probe=spread, draws=3)
def wide_network(rng):
    return {"sizes": (128, 40, 60), "rng": rng}


# The same from the weights themselves, which are too many for the pack: nothing is taken on trust at grading.
@scale.case("weights at He's scale", comparison=Property(weights_at_he_scale), probe=weights_of, visible=False)
def wider_network(rng):
    return {"sizes": tuple(rng.integers(60, 100, size=3).tolist()), "rng": rng}


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
