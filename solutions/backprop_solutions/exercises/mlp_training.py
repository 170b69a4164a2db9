"""How the exercises of unit 6 are judged."""

from itertools import pairwise

import numpy as np

from backprop_autograder import Aspect, Case, Close, Exactly, Exercise, Misconception, Property
from backprop_solutions import mlp_training as reference
from backprop_solutions.mlp_training import (
    cross_entropy,
    cross_entropy_gradient,
    initialize,
    linear_backward,
    loss,
    minibatches,
    mlp_backward,
    mlp_forward,
    sgd_step,
)

N, D, H, K = 6, 3, 5, 4  # all different and above 1: a transpose in the wrong place cannot hide


def network(rng, sizes):
    """Return a network with biases that are not zero, so that a forgotten one shows."""
    return [(rng.normal(size=(d, k)), rng.normal(size=k)) for d, k in pairwise(sizes)]


# --- two_or_not -------------------------------------------------------------------------------------


def every_digit(rng):
    return {"y": rng.permutation(10)}


def digits_without_a_two(rng):
    return {"y": rng.choice([0, 1, 3, 4, 5, 6, 7, 8, 9], size=6)}


def some_digits(rng):
    return {"y": np.concatenate([[2], rng.integers(0, 10, size=7)])}


def binary_labels(student, y):
    labels = student.two_or_not(y)
    is_list = isinstance(labels, (list, tuple))
    labels = np.array(labels) if is_list else labels
    is_bool = isinstance(labels, np.ndarray) and labels.dtype == bool
    return labels.astype(int) if is_bool else labels


def not_two_or_two(y):
    return (y != 2).astype(int)


def rows_of_the_twos(y):
    return np.flatnonzero(y == 2)


def twos_kept_as_two(y):
    return np.where(y == 2, 2, 0)


def minus_one_for_the_others(y):
    return np.where(y == 2, 1, -1)


def whether_there_is_a_two(y):
    return int(np.any(y == 2))


def even_digits(y):
    return (y % 2 == 0).astype(int)


def one_column_a_class(y):
    return np.stack([y != 2, y == 2], axis=1).astype(int)


TWO_OR_NOT = Exercise(
    reference.two_or_not,
    aspects=[
        Aspect(
            "values",
            [
                Case(
                    label="labels for each digit once",
                    arguments=every_digit,
                    comparison=Close(integers=True),
                    probe=binary_labels,
                ),
                Case(
                    label="labels of some digits",
                    arguments=some_digits,
                    comparison=Close(integers=True),
                    draws=2,
                    probe=binary_labels,
                ),
                Case(
                    label="labels where no digit is a 2",
                    arguments=digits_without_a_two,
                    comparison=Close(integers=True),
                    probe=binary_labels,
                ),
            ],
            hint="compare the whole array with 2 at once: what does NumPy return?",
        )
    ],
    misconceptions=[
        Misconception(
            not_two_or_two,
            cause="The two classes are swapped: 1 stands for a 2.",
            next_step="which digits should be marked 1?",
        ),
        Misconception(
            rows_of_the_twos,
            cause="These are the positions of the twos; a label is wanted for every row.",
            next_step="how many labels do N images have?",
        ),
        Misconception(
            twos_kept_as_two,
            cause="The label names the class, 0 or 1, and not the digit.",
            next_step="which column of two logits should a 2 point to?",
        ),
        Misconception(
            minus_one_for_the_others,
            cause="Labels -1 and 1 belong to other losses; cross-entropy counts classes from 0.",
            next_step="which column of two logits should the other digits point to?",
        ),
        Misconception(
            whether_there_is_a_two,
            cause="This says whether any digit is a 2; a label is wanted for every row.",
            next_step="what is the shape of y == 2?",
        ),
        Misconception(
            even_digits,
            cause="The remainder by 2 finds the even digits.",
            next_step="what does your function say about a 4?",
        ),
        Misconception(
            one_column_a_class,
            cause="This is a one-hot array; labels are integers of shape (N,).",
            next_step="which one of the two columns says it all?",
        ),
    ],
)

# --- accuracy ---------------------------------------------------------------------------------------


def mostly_right(rng):
    y = rng.integers(0, 10, size=8)
    predictions = y.copy()
    predictions[rng.permutation(8)[:3]] += 1
    return {"predictions": predictions, "y": y}


def same_labels_elsewhere(rng):
    return {"predictions": np.array([1, 2, 3, 0, 4]), "y": np.array([0, 1, 2, 3, 4])}


def labels_one_row_on(rng):
    y = rng.permutation(10)[:6]
    return {"predictions": np.roll(y, 1), "y": y}


def all_right(rng):
    y = rng.integers(0, 10, size=7)
    return {"predictions": y.copy(), "y": y}


def none_right(rng):
    y = rng.integers(0, 10, size=7)
    return {"predictions": (y + 1) % 10, "y": y}


def number_of_right_ones(predictions, y):
    return np.sum(predictions == y)


def percent_of_right_ones(predictions, y):
    return 100 * np.mean(predictions == y)


def error_rate(predictions, y):
    return np.mean(predictions != y)


def everything_or_nothing(predictions, y):
    return float(np.all(predictions == y))


def order_of_rows_ignored(predictions, y):
    return np.mean(np.sort(predictions) == np.sort(y))


def share_of_the_ten_classes(predictions, y):
    return np.sum(predictions == y) / 10


def labels_near_enough(predictions, y):
    return np.mean(np.abs(predictions - y) <= 1)


ACCURACY = Exercise(
    reference.accuracy,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="five of eight right", arguments=mostly_right, draws=3),
                Case(label="the right labels in the wrong rows", arguments=same_labels_elsewhere),
                Case(label="the right labels one row on", arguments=labels_one_row_on),
                Case(label="all right", arguments=all_right),
                Case(label="none right", arguments=none_right),
            ],
            hint="compare row by row, then ask which fraction of the comparisons is true.",
        )
    ],
    misconceptions=[
        Misconception(
            number_of_right_ones,
            cause="This counts the right rows; a fraction is wanted.",
            next_step="what should a perfect result be, whatever N is?",
        ),
        Misconception(
            percent_of_right_ones,
            cause="This is in percent; a fraction lies between 0 and 1.",
            next_step="what should a perfect result be?",
        ),
        Misconception(
            error_rate,
            cause="This is the fraction of wrong rows.",
            next_step="what should a perfect result be?",
        ),
        Misconception(
            everything_or_nothing,
            cause="Only a perfect result counts here; every right row should.",
            next_step="what is the mean of a boolean array?",
        ),
        Misconception(
            order_of_rows_ignored,
            cause="Labels are compared after sorting; a prediction belongs to its row.",
            next_step="which prediction is about the first image?",
        ),
        Misconception(
            share_of_the_ten_classes,
            cause="The count is divided by the number of classes; it is the number of rows that matters.",
            next_step="how many comparisons were made?",
        ),
        Misconception(
            labels_near_enough,
            cause="Neighbouring digits count as right; labels are names without an order.",
            next_step="is a 3 nearly a 4?",
        ),
    ],
)

# --- recall -----------------------------------------------------------------------------------------


def found_and_missed(rng):
    y = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    predictions = np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0])
    order = rng.permutation(11)
    return {"predictions": predictions[order], "y": y[order]}


def always_no(rng):
    y = np.zeros(10, dtype=int)
    y[rng.integers(10)] = 1
    return {"predictions": np.zeros(10, dtype=int), "y": y}


def always_yes(rng):
    return {"predictions": np.ones(7, dtype=int), "y": rng.permutation([1, 1, 0, 0, 0, 0, 0])}


def no_positive_none_claimed(rng):
    return {"predictions": np.zeros(5, dtype=int), "y": np.zeros(5, dtype=int)}


def no_positive_some_claimed(rng):
    return {"predictions": rng.permutation([1, 1, 0, 0, 0, 0]), "y": np.zeros(6, dtype=int)}


def precision_for_recall(predictions, y):
    claimed = predictions == 1
    return np.mean(y[claimed] == 1) if claimed.any() else float("nan")


def accuracy_again(predictions, y):
    return np.mean(predictions == y) if np.any(y == 1) else float("nan")


def recall_of_the_negatives(predictions, y):
    return np.mean(predictions[y == 0] == 0) if np.any(y == 1) else float("nan")


def found_among_all_rows(predictions, y):
    return np.mean((predictions == 1) & (y == 1)) if np.any(y == 1) else float("nan")


def claims_per_positive(predictions, y):
    return np.sum(predictions == 1) / np.sum(y == 1) if np.any(y == 1) else float("nan")


def missed_instead_of_found(predictions, y):
    return np.mean(predictions[y == 1] == 0) if np.any(y == 1) else float("nan")


def zero_without_positives(predictions, y):
    return np.sum((predictions == 1) & (y == 1)) / max(np.sum(y == 1), 1)


def one_without_positives(predictions, y):
    return np.mean(predictions[y == 1] == 1) if np.any(y == 1) else 1.0


RECALL = Exercise(
    reference.recall,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="three of five found, one false alarm", arguments=found_and_missed, draws=3),
                Case(label="always no", arguments=always_no),
                Case(label="always yes", arguments=always_yes),
            ],
            hint="keep only the rows that are truly positive: which fraction of them was found?",
        ),
        Aspect(
            "without_positives",
            [
                Case(label="nothing to find, nothing claimed", arguments=no_positive_none_claimed, allow_warnings=True),
                Case(
                    label="nothing to find, two claimed",
                    arguments=no_positive_some_claimed,
                    allow_warnings=True,
                    draws=2,
                ),
            ],
            hint="a fraction of nothing is not a number: which float says so?",
        ),
    ],
    misconceptions=[
        Misconception(
            precision_for_recall,
            cause="This is precision, the part of the claims that is true; recall is the part of the positives found.",
            next_step="by which count do you divide?",
        ),
        Misconception(
            accuracy_again,
            cause="All rows are counted; recall looks at the true positives only.",
            next_step="what should always answering no get?",
        ),
        Misconception(
            recall_of_the_negatives,
            cause="This is the fraction of the negatives that was recognised.",
            next_step="which label stands for a 2?",
        ),
        Misconception(
            found_among_all_rows,
            cause="The found ones are divided by all rows; recall divides by the positives.",
            next_step="what should finding every positive give?",
        ),
        Misconception(
            claims_per_positive,
            cause="False alarms are counted as found.",
            next_step="in which rows must both arrays be 1?",
        ),
        Misconception(
            missed_instead_of_found,
            cause="This is the fraction that was missed.",
            next_step="what should always answering no get?",
        ),
        Misconception(
            zero_without_positives,
            cause="Without positives nothing was missed either, so 0 blames the network for nothing.",
            next_step="which float says that a fraction has no value?",
            loses=("without_positives",),
        ),
        Misconception(
            one_without_positives,
            cause="Without positives nothing was found either, so 1 praises the network for nothing.",
            next_step="which float says that a fraction has no value?",
            loses=("without_positives",),
        ),
    ],
)

# --- initialize -------------------------------------------------------------------------------------


def small_network(rng):
    return {"sizes": (D, H, K), "rng": rng}


def deep_network(rng):
    return {"sizes": (4, 7, 2, 6), "rng": rng}


def wide_network(rng):
    return {"sizes": (128, 40, 60), "rng": rng}


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


def zero_weights(sizes, rng):
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(np.zeros((d, k)), np.zeros(k)) for d, k in pairs]


def weights_of_order_one(sizes, rng):
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(size=(d, k)), np.zeros(k)) for d, k in pairs]


def scale_of_linear_layers(sizes, rng):
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, np.sqrt(1 / d), size=(d, k)), np.zeros(k)) for d, k in pairs]


def outputs_instead_of_inputs(sizes, rng):
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, np.sqrt(2 / k), size=(d, k)), np.zeros(k)) for d, k in pairs]


def variance_for_deviation(sizes, rng):
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, 2 / d, size=(d, k)), np.zeros(k)) for d, k in pairs]


def uniform_within_the_deviation(sizes, rng):
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.uniform(-1, 1, size=(d, k)) * np.sqrt(2 / d), np.zeros(k)) for d, k in pairs]


def positive_weights(sizes, rng):
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.random(size=(d, k)) * np.sqrt(2 / d), np.zeros(k)) for d, k in pairs]


def random_biases(sizes, rng):
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, np.sqrt(2 / d), size=(d, k)), rng.normal(size=k)) for d, k in pairs]


def weights_for_columns(sizes, rng):
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(rng.normal(0, np.sqrt(2 / d), size=(k, d)), np.zeros(k)) for d, k in pairs]


def seed_of_its_own(sizes, rng):
    own = np.random.default_rng(0)
    pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
    return [(own.normal(0, np.sqrt(2 / d), size=(d, k)), np.zeros(k)) for d, k in pairs]


INITIALIZE = Exercise(
    reference.initialize,
    aspects=[
        Aspect(
            "values",
            [
                Case(
                    label="shapes, biases and randomness",
                    arguments=small_network,
                    comparison=Property(right_structure),
                    probe=structure,
                ),
                Case(
                    label="shapes, biases and randomness of three layers",
                    arguments=deep_network,
                    comparison=Property(right_structure),
                    probe=structure,
                    draws=2,
                ),
            ],
            hint="neighbouring sizes D, K give one layer: W of shape (D, K), drawn with rng, and b of K zeros.",
        ),
        Aspect(
            "scale",
            [
                Case(
                    label="He's scale",
                    arguments=wide_network,
                    comparison=Property(he_scale),
                    probe=spread,
                    draws=3,
                )
            ],
            hint="the standard deviation is sqrt(2 / D), where D is the number of the layer's inputs.",
        ),
    ],
    misconceptions=[
        Misconception(
            zero_weights,
            cause="Equal weights make all hidden units alike, and they stay alike for ever.",
            next_step="what should tell the units apart at the start?",
            loses=("values", "scale"),
        ),
        Misconception(
            weights_of_order_one,
            cause="Weights of order one make sums that grow with sqrt(D).",
            next_step="which factor keeps the sum of D terms the size of one?",
            loses=("scale",),
        ),
        Misconception(
            scale_of_linear_layers,
            cause="1 / D is the variance for a linear layer; a ReLU halves the signal's power.",
            next_step="which factor makes up for a half?",
            loses=("scale",),
        ),
        Misconception(
            outputs_instead_of_inputs,
            cause="The scale counts the layer's outputs; a unit sums over its inputs.",
            next_step="how many terms has the sum of one unit?",
            loses=("scale",),
        ),
        Misconception(
            variance_for_deviation,
            cause="2 / D is the variance; a generator asks for the standard deviation.",
            next_step="what does the second argument of rng.normal mean?",
            loses=("scale",),
        ),
        Misconception(
            uniform_within_the_deviation,
            cause="A uniform distribution over (-a, a) has the standard deviation a / sqrt(3), not a.",
            next_step="how wide must the interval be for the deviation wanted?",
            loses=("scale",),
        ),
        Misconception(
            positive_weights,
            cause="All weights are positive, so every unit sees only the sum of its inputs.",
            next_step="which values does rng.random draw?",
            loses=("scale",),
        ),
        Misconception(
            random_biases,
            cause="The biases are drawn too; random weights already tell the units apart.",
            next_step="with which biases should training start?",
        ),
        Misconception(
            weights_for_columns,
            cause="These shapes suit W x with columns; here examples are rows.",
            next_step="which shape of W makes X @ W work?",
        ),
        Misconception(
            seed_of_its_own,
            cause="The function makes a generator of its own, so every network starts the same.",
            next_step="which generator did the caller hand over?",
        ),
    ],
)

# --- mlp_forward ------------------------------------------------------------------------------------


def network_by_hand(rng):
    first = np.array([[1.0, -1.0, 2.0], [0.5, 1.0, 0.0]]), np.array([0.0, 1.0, -1.0])
    second = np.array([[1.0, 2.0], [-1.0, 0.5], [3.0, 1.0]]), np.array([0.5, -4.0])
    return {"X": np.array([[1.0, 2.0], [-1.0, 0.5]]), "parameters": [first, second]}


def one_hidden_layer(rng):
    return {"X": rng.normal(size=(N, D)), "parameters": network(rng, (D, H, K))}


def one_image(rng):
    return {"X": rng.normal(size=(1, D)), "parameters": network(rng, (D, H, K))}


def no_hidden_layer(rng):
    return {"X": rng.normal(size=(N, D)), "parameters": network(rng, (D, K))}


def two_hidden_layers(rng):
    return {"X": rng.normal(size=(N, D)), "parameters": network(rng, (D, H, 7, K))}


def logits_only(student, X, parameters):
    result = student.mlp_forward(X, parameters)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("mlp_forward should return two things: logits and cache")
    return result[0]


def relu_on_the_output_too(X, parameters):
    cache = [X]
    for W, b in parameters:
        cache.append(np.maximum(cache[-1] @ W + b, 0))
    return cache.pop(), cache


def no_nonlinearity(X, parameters):
    cache = [X]
    for W, b in parameters:
        cache.append(cache[-1] @ W + b)
    return cache.pop(), cache


def biases_forgotten(X, parameters):
    cache = [X]
    for W, _ in parameters[:-1]:
        cache.append(np.maximum(cache[-1] @ W, 0))
    return cache[-1] @ parameters[-1][0], cache


def bias_after_the_relu(X, parameters):
    cache = [X]
    for W, b in parameters[:-1]:
        cache.append(np.maximum(cache[-1] @ W, 0) + b)
    return cache[-1] @ parameters[-1][0] + parameters[-1][1], cache


def relu_on_the_input_too(X, parameters):
    cache = [np.maximum(X, 0)]
    for W, b in parameters[:-1]:
        cache.append(np.maximum(cache[-1] @ W + b, 0))
    return cache[-1] @ parameters[-1][0] + parameters[-1][1], cache


def probabilities_instead_of_logits(X, parameters):
    cache = [X]
    for W, b in parameters[:-1]:
        cache.append(np.maximum(cache[-1] @ W + b, 0))
    E = np.exp(cache[-1] @ parameters[-1][0] + parameters[-1][1])
    return E / E.sum(axis=1, keepdims=True), cache


def sigmoid_hidden_units(X, parameters):
    cache = [X]
    for W, b in parameters[:-1]:
        cache.append(1 / (1 + np.exp(-(cache[-1] @ W + b))))
    return cache[-1] @ parameters[-1][0] + parameters[-1][1], cache


def absolute_value_for_relu(X, parameters):
    cache = [X]
    for W, b in parameters[:-1]:
        cache.append(np.abs(cache[-1] @ W + b))
    return cache[-1] @ parameters[-1][0] + parameters[-1][1], cache


def always_two_layers(X, parameters):
    (W1, b1), (W2, b2) = parameters
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden @ W2 + b2, [X, hidden]


MLP_FORWARD = Exercise(
    reference.mlp_forward,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="logits of a network by hand", arguments=network_by_hand, probe=logits_only),
                Case(label="logits for a random batch", arguments=one_hidden_layer, probe=logits_only, draws=3),
                Case(label="logits of one image", arguments=one_image, probe=logits_only, visible=False),
            ],
            hint="hidden layers compute max(0, H W + b), the last layer H W + b; return logits and cache.",
        ),
        Aspect(
            "depth",
            [
                Case(label="a single layer", arguments=no_hidden_layer, probe=logits_only),
                Case(label="two hidden layers", arguments=two_hidden_layers, probe=logits_only, draws=2),
            ],
            hint="go through the layers in a loop: which one is treated differently?",
        ),
    ],
    misconceptions=[
        Misconception(
            relu_on_the_output_too,
            cause="The output layer has a ReLU too; logits may be negative.",
            next_step="which layer should stay linear?",
            loses=("values", "depth"),
        ),
        Misconception(
            no_nonlinearity,
            cause="Without a ReLU the layers collapse into one linear map.",
            next_step="what happens to H between two layers?",
            loses=("values", "depth"),
        ),
        Misconception(
            biases_forgotten,
            cause="The biases are not added.",
            next_step="what should a row of zeros give?",
            loses=("values", "depth"),
        ),
        Misconception(
            bias_after_the_relu,
            cause="The bias is added after the ReLU; it shifts where the unit switches on.",
            next_step="what is the pre-activation of a unit?",
            loses=("values", "depth"),
        ),
        Misconception(
            relu_on_the_input_too,
            cause="The inputs pass a ReLU first, which deletes their negative entries.",
            next_step="before which layers does a ReLU stand?",
            loses=("values", "depth"),
        ),
        Misconception(
            probabilities_instead_of_logits,
            cause="The softmax is applied here; the loss works on logits, where it is stable.",
            next_step="what does cross_entropy take?",
            loses=("values", "depth"),
        ),
        Misconception(
            sigmoid_hidden_units,
            cause="The hidden units are sigmoids; this network has ReLUs.",
            next_step="what should a unit with a negative pre-activation put out?",
            loses=("values", "depth"),
        ),
        Misconception(
            absolute_value_for_relu,
            cause="Negative pre-activations change their sign; a ReLU sets them to zero.",
            next_step="what is max(0, -3)?",
            loses=("values", "depth"),
        ),
        Misconception(
            always_two_layers,
            cause="The function is written for two layers; there may be any number.",
            next_step="how would a loop over the hidden layers look?",
            loses=("depth",),
        ),
    ],
)

# --- loss -------------------------------------------------------------------------------------------


def logits_and_labels(rng):
    return {"logits": rng.normal(size=(N, K)), "y": rng.integers(0, K, size=N)}


def without_decay(rng):
    return {**logits_and_labels(rng), "parameters": network(rng, (D, H, K)), "weight_decay": 0.0}


def with_decay(rng):
    return {**logits_and_labels(rng), "parameters": network(rng, (D, H, K)), "weight_decay": rng.uniform(0.1, 1)}


def indifferent_logits(rng):
    y = rng.permutation(K)
    return {"logits": np.zeros((K, K)), "y": y, "parameters": network(rng, (D, H, K)), "weight_decay": 0.0}


def penalty_by_hand(rng):
    W, b = np.array([[1.0, -2.0], [0.0, 3.0], [1.0, 1.0]]), np.array([5.0, 7.0])
    logits = np.array([[100.0, 0.0], [0.0, 100.0], [0.0, 100.0]])
    return {"logits": logits, "y": np.array([0, 1, 1]), "parameters": [(W, b)], "weight_decay": 0.5}


def penalty_forgotten(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y)


def half_the_penalty(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) + 0.5 * weight_decay * sum(np.sum(W**2) for W, _ in parameters)


def biases_penalised(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) + weight_decay * sum(np.sum(W**2) + np.sum(b**2) for W, b in parameters)


def penalty_divided_by_the_batch(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) + weight_decay * sum(np.sum(W**2) for W, _ in parameters) / len(y)


def mean_of_the_squares(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) + weight_decay * sum(np.mean(W**2) for W, _ in parameters)


def absolute_weights_penalised(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) + weight_decay * sum(np.sum(np.abs(W)) for W, _ in parameters)


def penalty_as_a_reward(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) - weight_decay * sum(np.sum(W**2) for W, _ in parameters)


def last_layer_penalised(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) + weight_decay * np.sum(parameters[-1][0] ** 2)


def summed_over_the_batch(logits, y, parameters, weight_decay):
    return len(y) * cross_entropy(logits, y) + weight_decay * sum(np.sum(W**2) for W, _ in parameters)


LOSS = Exercise(
    reference.loss,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="equal logits, no decay", arguments=indifferent_logits),
                Case(label="cross-entropy without decay", arguments=without_decay, draws=3),
            ],
            hint="without decay the loss is the mean cross-entropy, which backprop_course gives you.",
        ),
        Aspect(
            "decay",
            [
                Case(label="a penalty by hand", arguments=penalty_by_hand),
                Case(label="the penalty of two layers", arguments=with_decay, draws=3),
            ],
            hint="the penalty is weight_decay times the sum of all squared weights, of every layer, once.",
        ),
    ],
    misconceptions=[
        Misconception(
            penalty_forgotten,
            cause="The weight penalty is missing.",
            next_step="which argument has not been used?",
            loses=("decay",),
        ),
        Misconception(
            half_the_penalty,
            cause="The penalty has a factor 1/2; here it is weight_decay times the sum of squares.",
            next_step="what does the formula above say about lambda?",
            loses=("decay",),
        ),
        Misconception(
            biases_penalised,
            cause="Biases are penalised too; the convention exempts them.",
            next_step="which blocks does the sum of squares run over?",
            loses=("decay",),
        ),
        Misconception(
            penalty_divided_by_the_batch,
            cause="The penalty is divided by N; it belongs to the weights and not to the rows.",
            next_step="should it change when every image is doubled?",
            loses=("decay",),
        ),
        Misconception(
            mean_of_the_squares,
            cause="The squares are averaged; the penalty is their sum.",
            next_step="what does the formula above sum over?",
            loses=("decay",),
        ),
        Misconception(
            absolute_weights_penalised,
            cause="The absolute values are summed, as in the lasso; here it is the squares.",
            next_step="what is the derivative of the penalty meant to be?",
            loses=("decay",),
        ),
        Misconception(
            penalty_as_a_reward,
            cause="The penalty is subtracted, so large weights are rewarded.",
            next_step="should larger weights raise the loss or lower it?",
            loses=("decay",),
        ),
        Misconception(
            last_layer_penalised,
            cause="Only the last layer is penalised.",
            next_step="which other weights are there?",
            loses=("decay",),
        ),
        Misconception(
            summed_over_the_batch,
            cause="The cross-entropy is summed over the rows; it should be their mean.",
            next_step="should it change when every image comes twice?",
            loses=("values", "decay"),
        ),
    ],
)

# --- mlp_backward -----------------------------------------------------------------------------------


def batch_and_network(rng, sizes, weight_decay):
    X, y = rng.normal(size=(N, D)), rng.integers(0, K, size=N)
    decay = {"weight_decay": weight_decay} if weight_decay else {}
    return {"X": X, "y": y, "parameters": network(rng, sizes), **decay}


def gradients_by_hand(rng):
    arguments = network_by_hand(rng)
    return {"X": arguments["X"], "y": np.array([1, 0]), "parameters": arguments["parameters"]}


def gradients_one_hidden(rng):
    return batch_and_network(rng, (D, H, K), 0.0)


def gradients_no_hidden(rng):
    return batch_and_network(rng, (D, K), 0.0)


def gradients_two_hidden(rng):
    return batch_and_network(rng, (D, H, 7, K), 0.0)


def gradients_with_decay(rng):
    return batch_and_network(rng, (D, H, K), rng.uniform(0.1, 1))


def gradients_with_decay_three_layers(rng):
    return batch_and_network(rng, (D, H, 7, K), rng.uniform(0.1, 1))


def own_cache(student, X, y, parameters, weight_decay=0.0):
    logits, cache = student.mlp_forward(X, parameters)
    before = np.array(logits)
    student.mlp_backward(cache, logits, y, parameters, weight_decay)
    # Asked twice with the same cache: the first call may have used nothing up.
    gradients = student.mlp_backward(cache, logits, y, parameters, weight_decay)
    if not np.array_equal(logits, before):
        raise ValueError("mlp_backward changed the logits")
    return gradients


def relu_mask_forgotten(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        G, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
    return gradients[::-1]


def mask_from_the_upstream_sign(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        G, dW, db = linear_backward(G, inputs, W)
        G = np.maximum(G, 0)
        gradients.append((dW + 2 * weight_decay * W, db))
    return gradients[::-1]


def activation_for_its_derivative(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        G, dW, db = linear_backward(G, inputs, W)
        G = G * inputs
        gradients.append((dW + 2 * weight_decay * W, db))
    return gradients[::-1]


def averaged_in_every_layer(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW / len(y) + 2 * weight_decay * W, db / len(y)))
        G = dH * (inputs > 0)
    return gradients[::-1]


def summed_instead_of_averaged(cache, logits, y, parameters, weight_decay):
    G, gradients = len(y) * cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


def output_layer_first(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients


def labels_never_subtracted(cache, logits, y, parameters, weight_decay):
    E = np.exp(logits - logits.max(axis=1, keepdims=True))
    G, gradients = E / E.sum(axis=1, keepdims=True) / len(y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


def bias_gradients_of_zero(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, 0 * db))
        G = dH * (inputs > 0)
    return gradients[::-1]


def decay_without_the_two(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


def decay_forgotten(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


def decay_on_the_biases_too(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, b), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db + 2 * weight_decay * b))
        G = dH * (inputs > 0)
    return gradients[::-1]


def decay_divided_by_the_batch(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W / len(y), db))
        G = dH * (inputs > 0)
    return gradients[::-1]


def decay_of_all_layers_together(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    total = sum(np.sum(W) for W, _ in parameters)
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * total, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


def one_hidden_layer_assumed(cache, logits, y, parameters, weight_decay):
    (W1, _), (W2, _) = parameters
    X, hidden = cache
    dH, dW2, db2 = linear_backward(cross_entropy_gradient(logits, y), hidden, W2)
    _, dW1, db1 = linear_backward(dH * (hidden > 0), X, W1)
    return [(dW1 + 2 * weight_decay * W1, db1), (dW2 + 2 * weight_decay * W2, db2)]


MLP_BACKWARD = Exercise(
    reference.mlp_backward,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="gradients by hand", arguments=gradients_by_hand, probe=own_cache),
                Case(label="gradients of two layers", arguments=gradients_one_hidden, probe=own_cache, draws=3),
            ],
            hint="check mlp_forward first; then go back layer by layer: linear_backward, then the ReLU's mask.",
        ),
        Aspect(
            "depth",
            [
                Case(label="one layer", arguments=gradients_no_hidden, probe=own_cache),
                Case(label="three layers", arguments=gradients_two_hidden, probe=own_cache, draws=2),
            ],
            hint="the same three lines serve every layer: what does each hand to the one before?",
        ),
        Aspect(
            "decay",
            [
                Case(label="decay", arguments=gradients_with_decay, probe=own_cache, draws=2),
                Case(
                    label="decay, three layers",
                    arguments=gradients_with_decay_three_layers,
                    probe=own_cache,
                    visible=False,
                ),
            ],
            hint="what is the derivative of weight_decay * W**2, and which blocks does it belong to?",
        ),
    ],
    misconceptions=[
        Misconception(
            relu_mask_forgotten,
            cause="The gradient passes units that were off: the ReLU's derivative is missing.",
            next_step="which entries of dH belong to units that are off?",
            loses=("values", "depth", "decay"),
        ),
        Misconception(
            mask_from_the_upstream_sign,
            cause="The mask looks at the gradient's sign; the ReLU's derivative depends on its input.",
            next_step="which array tells where units were on?",
            loses=("values", "depth", "decay"),
        ),
        Misconception(
            activation_for_its_derivative,
            cause="The activation stands where the ReLU's derivative, 0 or 1, belongs.",
            next_step="what is the slope of a ReLU at 3?",
            loses=("values", "depth", "decay"),
        ),
        Misconception(
            averaged_in_every_layer,
            cause="There is a second 1/N; it is in the gradient of the loss already.",
            next_step="what does cross_entropy_gradient divide by?",
            loses=("values", "depth", "decay"),
        ),
        Misconception(
            summed_instead_of_averaged,
            cause="The rows' gradients are summed; the loss is their mean.",
            next_step="should it change when every image comes twice?",
            loses=("values", "depth", "decay"),
        ),
        Misconception(
            output_layer_first,
            cause="The gradients come with the output layer first.",
            next_step="which order do parameters have?",
            loses=("values", "depth", "decay"),
        ),
        Misconception(
            labels_never_subtracted,
            cause="The upstream gradient is the softmax alone; the labels are not in it.",
            next_step="what is the gradient for a perfect prediction?",
            loses=("values", "depth", "decay"),
        ),
        Misconception(
            bias_gradients_of_zero,
            cause="The biases get no gradient, so they would never move.",
            next_step="what is the third thing that linear_backward returns?",
            loses=("values", "depth", "decay"),
        ),
        Misconception(
            decay_without_the_two,
            cause="The penalty is a square, so its derivative has a factor 2.",
            next_step="what is the derivative of lambda * w**2?",
            loses=("decay",),
        ),
        Misconception(
            decay_forgotten,
            cause="The penalty's gradient is missing: H^T G is that of the cross-entropy.",
            next_step="by which two paths does W reach the loss?",
            loses=("decay",),
        ),
        Misconception(
            decay_on_the_biases_too,
            cause="The biases decay too, although the loss does not penalise them.",
            next_step="which blocks appear in the penalty?",
            loses=("decay",),
        ),
        Misconception(
            decay_divided_by_the_batch,
            cause="The penalty's gradient is divided by N; the penalty is no mean.",
            next_step="what in the penalty depends on the rows?",
            loses=("decay",),
        ),
        Misconception(
            decay_of_all_layers_together,
            cause="All weights decay by one amount; each should in proportion to itself.",
            next_step="what is the derivative of sum(W**2) by one entry?",
            loses=("decay",),
        ),
        Misconception(
            one_hidden_layer_assumed,
            cause="The function is written for two layers; there may be any number.",
            next_step="which lines repeat from layer to layer?",
            loses=("depth",),
        ),
    ],
)

# --- sgd_step ---------------------------------------------------------------------------------------


def step_by_hand(rng):
    parameters = [(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.0, -1.0]))]
    gradients = [(np.array([[1.0, -1.0], [0.0, 2.0], [-2.0, 0.5]]), np.array([4.0, 10.0]))]
    return {"parameters": parameters, "gradients": gradients, "learning_rate": 0.5}


def random_step(rng):
    parameters, gradients = network(rng, (D, H, K)), network(rng, (D, H, K))
    return {"parameters": parameters, "gradients": gradients, "learning_rate": rng.uniform(0.1, 0.9)}


def step_of_length_zero(rng):
    return {**random_step(rng), "learning_rate": 0.0}


def uphill(parameters, gradients, learning_rate):
    pairs = zip(parameters, gradients, strict=True)
    return [(W + learning_rate * dW, b + learning_rate * db) for (W, b), (dW, db) in pairs]


def callers_arrays_moved(parameters, gradients, learning_rate):
    for (W, b), (dW, db) in zip(parameters, gradients, strict=True):
        W -= learning_rate * dW
        b -= learning_rate * db
    return parameters


def biases_left_behind(parameters, gradients, learning_rate):
    pairs = zip(parameters, gradients, strict=True)
    return [(W - learning_rate * dW, b) for (W, b), (dW, _) in pairs]


def only_the_step(parameters, gradients, learning_rate):
    return [(-learning_rate * dW, -learning_rate * db) for dW, db in gradients]


def learning_rate_ignored(parameters, gradients, learning_rate):
    pairs = zip(parameters, gradients, strict=True)
    return [(W - dW, b - db) for (W, b), (dW, db) in pairs]


def sign_of_the_gradient(parameters, gradients, learning_rate):
    pairs = zip(parameters, gradients, strict=True)
    return [(W - learning_rate * np.sign(dW), b - learning_rate * np.sign(db)) for (W, b), (dW, db) in pairs]


def gradient_scaled_to_length_one(parameters, gradients, learning_rate):
    length = np.sqrt(sum(np.sum(block**2) for layer in gradients for block in layer))
    pairs = zip(parameters, gradients, strict=True)
    return [(W - learning_rate * dW / length, b - learning_rate * db / length) for (W, b), (dW, db) in pairs]


def last_layer_only(parameters, gradients, learning_rate):
    (W, b), (dW, db) = parameters[-1], gradients[-1]
    return [*parameters[:-1], (W - learning_rate * dW, b - learning_rate * db)]


SGD_STEP = Exercise(
    reference.sgd_step,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a step by hand", arguments=step_by_hand),
                Case(label="a step with two layers", arguments=random_step, draws=3),
                Case(label="a learning rate of zero", arguments=step_of_length_zero, visible=False),
            ],
            hint="every new block is the old one minus learning_rate times its gradient, in an array of its own.",
        )
    ],
    misconceptions=[
        Misconception(
            uphill,
            cause="The gradient is added; it points to where the loss grows.",
            next_step="which way lowers the loss?",
        ),
        Misconception(
            callers_arrays_moved,
            cause="W -= ... changes the caller's array; new parameters are wanted.",
            next_step="which expression makes a new array?",
        ),
        Misconception(
            biases_left_behind,
            cause="The biases do not move.",
            next_step="which gradients have not been used?",
        ),
        Misconception(
            only_the_step,
            cause="This is the step itself; the step has to be taken from where the parameters are.",
            next_step="from which point does the step start?",
        ),
        Misconception(
            learning_rate_ignored,
            cause="The step has the gradient's full length; the learning rate is not used.",
            next_step="what should a learning rate of zero do?",
        ),
        Misconception(
            sign_of_the_gradient,
            cause="Only the gradient's sign is used, so that every weight moves equally far.",
            next_step="which weights should move most?",
        ),
        Misconception(
            gradient_scaled_to_length_one,
            cause="The gradient is scaled to length one, so steps never shrink.",
            next_step="how long should the step be where the gradient is small?",
        ),
        Misconception(
            last_layer_only,
            cause="Only the last layer moves.",
            next_step="how many layers do the gradients have?",
        ),
    ],
)

# --- minibatches ------------------------------------------------------------------------------------


def rows_with_a_short_rest(rng):
    return {"N": 10, "batch_size": 4, "rng": rng}


def rows_in_full_batches(rng):
    return {"N": 12, "batch_size": 4, "rng": rng}


def fewer_rows_than_a_batch(rng):
    return {"N": 5, "batch_size": 8, "rng": rng}


def rows_one_by_one(rng):
    return {"N": 6, "batch_size": 1, "rng": rng}


def many_rows(rng):
    return {"N": 40, "batch_size": 7, "rng": rng}


def batches(student, N, batch_size, rng):
    from itertools import islice

    return [np.asarray(rows) for rows in islice(student.minibatches(N, batch_size, rng), 2 * N + 2)]


def partition(result, expected, N, batch_size, rng):
    if not isinstance(result, list) or not all(isinstance(rows, np.ndarray) for rows in result):
        return "the batches are no arrays"
    if any(rows.ndim != 1 or rows.dtype.kind not in "iu" for rows in result if rows.size):
        return "the batches are no one-dimensional arrays of integers"
    sizes = [len(rows) for rows in result if rows.size]
    seen = np.bincount(np.clip(np.concatenate([*result, [0]]).astype(int), 0, N), minlength=N + 1)
    seen[0] -= 1
    if seen[N]:
        return "a row number is too large"
    if np.any(seen[:N] == 0):
        return f"{np.sum(seen[:N] == 0)} rows never come" if np.all(seen < 2) else "some rows never come, others twice"
    if np.any(seen[:N] > 1):
        return "some rows come twice"
    return None if all(n == batch_size for n in sizes[:-1]) else "a batch that is not the last one is short"


def orders(student, N, batch_size, rng):
    from copy import deepcopy
    from itertools import islice

    def epoch(generator):
        got = islice(student.minibatches(N, batch_size, generator), 2 * N + 2)
        return [int(row) for rows in got for row in rows]

    equal = deepcopy(rng)
    other = np.random.default_rng(int(deepcopy(rng).integers(2**31)))
    return {"first": epoch(rng), "second": epoch(rng), "equal": epoch(equal), "other": epoch(other)}


def shuffled(result, expected, N, batch_size, rng):
    if not isinstance(result, dict):
        return "the batches are no arrays"
    first = result["first"]
    if first == sorted(first) or first == sorted(first, reverse=True):
        return "the rows come in their old order"
    if result["equal"] != first:
        return "two equal generators gave different orders"
    if result["second"] == first:
        same = result["other"] == first
        return "every generator gives the same order" if same else "a second epoch has the same order"
    together = int(np.sum(np.diff(first) == 1))
    return "neighbouring rows stay together in blocks" if together > len(first) / 2 else None


def not_shuffled(N, batch_size, rng):
    for start in range(0, N, batch_size):
        yield np.arange(start, min(start + batch_size, N))


def short_batch_dropped(N, batch_size, rng):
    order = rng.permutation(N)
    for k in range(N // batch_size):
        yield order[k * batch_size : (k + 1) * batch_size]


def drawn_with_replacement(N, batch_size, rng):
    for start in range(0, N, batch_size):
        yield rng.integers(0, N, size=min(batch_size, N - start))


def new_draw_for_each_batch(N, batch_size, rng):
    for start in range(0, N, batch_size):
        yield rng.permutation(N)[start : start + batch_size]


def order_with_a_seed_of_its_own(N, batch_size, rng):
    order = np.random.default_rng(0).permutation(N)
    for start in range(0, N, batch_size):
        yield order[start : start + batch_size]


def blocks_shuffled_only(N, batch_size, rng):
    starts = np.arange(0, N, batch_size)
    for start in [*rng.permutation(starts[:-1]), starts[-1]]:
        yield np.arange(start, min(start + batch_size, N))


def nearly_equal_parts(N, batch_size, rng):
    yield from np.array_split(rng.permutation(N), -(-N // batch_size))


def short_batch_filled_up(N, batch_size, rng):
    order = rng.permutation(N)
    for start in range(0, N, batch_size):
        yield np.take(order, range(start, start + batch_size), mode="wrap")


def rows_counted_from_one(N, batch_size, rng):
    order = rng.permutation(N) + 1
    for start in range(0, N, batch_size):
        yield order[start : start + batch_size]


MINIBATCHES = Exercise(
    reference.minibatches,
    aspects=[
        Aspect(
            "values",
            [
                Case(
                    label="10 rows in batches of 4",
                    arguments=rows_with_a_short_rest,
                    comparison=Property(partition),
                    probe=batches,
                    draws=2,
                ),
                Case(
                    label="12 rows in batches of 4",
                    arguments=rows_in_full_batches,
                    comparison=Property(partition),
                    probe=batches,
                ),
                Case(
                    label="a batch larger than the data",
                    arguments=fewer_rows_than_a_batch,
                    comparison=Property(partition),
                    probe=batches,
                    draws=3,  # one in 26 draws with replacement repeats no row
                ),
                Case(
                    label="batches of one row",
                    arguments=rows_one_by_one,
                    comparison=Property(partition),
                    probe=batches,
                    visible=False,
                ),
            ],
            hint="make one random order of all rows, and cut it into pieces: what is left over is a batch too.",
        ),
        Aspect(
            "shuffle",
            [
                Case(
                    label="a new random order in each epoch",
                    arguments=many_rows,
                    comparison=Property(shuffled),
                    probe=orders,
                    draws=3,
                )
            ],
            hint="all randomness comes from rng: every call goes on where the last one stopped.",
        ),
    ],
    misconceptions=[
        Misconception(
            not_shuffled,
            cause="The rows come in their old order; neighbours in a file are often alike.",
            next_step="which method of rng gives a random order?",
            loses=("shuffle",),
        ),
        Misconception(
            short_batch_dropped,
            cause="The last, short batch is dropped.",
            next_step="how many batches do 10 rows give, 4 at a time?",
        ),
        Misconception(
            drawn_with_replacement,
            cause="Rows are drawn with replacement, so that some come twice and others never.",
            next_step="what tells a permutation from independent draws?",
        ),
        Misconception(
            new_draw_for_each_batch,
            cause="Every batch is cut from an order of its own, so the pieces do not fit together.",
            next_step="how many random orders does one epoch need?",
        ),
        Misconception(
            order_with_a_seed_of_its_own,
            cause="The generator is made inside, so that every epoch repeats the same order.",
            next_step="which generator did the caller hand over?",
            loses=("shuffle",),
        ),
        Misconception(
            blocks_shuffled_only,
            cause="The batches change places, but each always holds the same rows.",
            next_step="what has to be shuffled before it is cut?",
            loses=("shuffle",),
        ),
        Misconception(
            nearly_equal_parts,
            cause="The rows are split into nearly equal parts; only the last batch may be short.",
            next_step="how long should the first batch be?",
        ),
        Misconception(
            short_batch_filled_up,
            cause="The last batch is filled up with rows that had their turn.",
            next_step="how often should each row come in an epoch?",
        ),
        Misconception(
            rows_counted_from_one,
            cause="Rows are counted from 1; NumPy counts from 0.",
            next_step="what is the number of the last row?",
        ),
    ],
)

# --- train ------------------------------------------------------------------------------------------


def blank_images(rng):
    # Blank images of one class: whatever the weights and the order, the output biases depend on the number of
    # steps alone.
    batch_size = int(rng.integers(3, 6))
    return {
        "rows": int(2 * batch_size + rng.integers(1, batch_size)),
        "epochs": int(rng.integers(2, 4)),
        "batch_size": batch_size,
        "learning_rate": round(rng.uniform(0.2, 0.8), 3),
        "seed": int(rng.integers(1000)),
    }


def blank_images_in_one_batch(rng):
    return {**blank_images(rng), "batch_size": 50}


def no_epochs(rng):
    return {**blank_images(rng), "epochs": 0}


def blank_images_with_decay(rng):
    # Blank images give no gradient to the weights, so they shrink by 1 - 2 * 0.5 * 0.2 = 0.8 in each of 4 steps.
    return {"rows": 8, "epochs": 2, "batch_size": 4, "learning_rate": 0.5, "seed": int(rng.integers(1000))}


def after_blank_images(student, rows, epochs, batch_size, learning_rate, seed):
    parameters, history = student.train(
        np.zeros((rows, 3)),
        np.full(rows, 2),
        (3, 5, 4),
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_decay=0.0,
        rng=np.random.default_rng(seed),
    )
    finite = all(np.isfinite(float(value)) for value in history)
    return {"output biases": parameters[-1][1], "length of history": len(history), "history is finite": finite}


def shrunken_weights(student, rows, epochs, batch_size, learning_rate, seed):
    parameters, _ = student.train(
        np.zeros((rows, 64)),
        np.arange(rows) % 4,
        (64, 50),
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_decay=0.2,
        rng=np.random.default_rng(seed),
    )
    # He's scale is known, so the weights' spread tells how far they have shrunk: 3,200 of them are exact to 1.3 %.
    return {"spread of weights / He's": round(float(np.std(parameters[0][0]) / np.sqrt(2 / 64)), 1)}


def three_groups(rng):
    """Return 60 easy rows in the order of their labels, which is the worst order for a forgotten shuffle."""
    y = np.repeat([0, 1, 2], 20)
    centres = 2 * np.array([[1.0, -1, 0, 0], [0, 1.0, -1, 0], [-1, 0, 0, 1.0]])
    return {"X": centres[y] + 0.3 * rng.normal(size=(60, 4)), "y": y, "rng": rng}


def trained_on_groups(student, X, y, rng):
    parameters, history = student.train(
        X, y, (4, 16, 3), epochs=3, batch_size=7, learning_rate=0.2, weight_decay=1e-4, rng=rng
    )
    A = X
    for W, b in parameters[:-1]:
        A = np.maximum(A @ W + b, 0)
    logits = A @ parameters[-1][0] + parameters[-1][1]
    right = float(np.mean(np.argmax(logits, axis=1) == y))
    return {"right": right, "history": [float(value) for value in history]}


def learned(result, expected, X, y, rng):
    if not isinstance(result, dict):
        return "train returned no parameters and history"
    if not result["right"] >= 0.9:
        return "after 3 epochs fewer than 90 % of them are right"
    history = result["history"]
    falls = len(history) > 1 and history[-1] < history[0]
    return None if falls else "the losses in history do not fall"


def progress_calls(student, X, y, rng):
    calls = []

    def progress(*arguments, **named):
        calls.append([*arguments, *named.values()])

    student.train(
        X, y, (4, 5, 3), epochs=3, batch_size=16, learning_rate=0.1, weight_decay=0.0, rng=rng, progress=progress
    )
    epochs = [int(call[0]) for call in calls]
    return {
        "calls": len(calls),
        "arguments of each call": sorted({len(call) for call in calls}),
        "epochs rise by": sorted(set(np.diff(epochs).tolist())),
        "losses are finite": all(bool(np.all(np.isfinite(np.asarray(call[1:], dtype=float)))) for call in calls),
    }


def trained_thrice(student, X, y, rng):
    from copy import deepcopy

    def weights(generator):
        parameters, _ = student.train(
            X, y, (4, 5, 3), epochs=2, batch_size=16, learning_rate=0.1, weight_decay=0.0, rng=generator
        )
        return [np.asarray(block) for layer in parameters for block in layer]

    other = np.random.default_rng(int(deepcopy(rng).integers(2**31)))
    one, same, different = weights(deepcopy(rng)), weights(deepcopy(rng)), weights(other)
    return {
        "equal generators give equal networks": all(np.array_equal(a, b) for a, b in zip(one, same, strict=True)),
        "different generators give different networks": not np.array_equal(one[0], different[0]),
    }


def labels_left_in_place(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        shuffled_rows, losses = X[rng.permutation(len(y))], []
        for start in range(0, len(y), batch_size):
            inputs, labels = shuffled_rows[start : start + batch_size], y[start : start + batch_size]
            logits, cache = mlp_forward(inputs, parameters)
            losses.append(loss(logits, labels, parameters, weight_decay))
            gradients = mlp_backward(cache, logits, labels, parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history.append(np.mean(losses))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def callers_rows_shuffled(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        order, losses = rng.permutation(len(y)), []
        X[:], y[:] = X[order], y[order]
        for start in range(0, len(y), batch_size):
            inputs, labels = X[start : start + batch_size], y[start : start + batch_size]
            logits, cache = mlp_forward(inputs, parameters)
            losses.append(loss(logits, labels, parameters, weight_decay))
            gradients = mlp_backward(cache, logits, labels, parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history.append(np.mean(losses))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def one_loss_for_each_batch(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            history.append(loss(logits, y[rows], parameters, weight_decay))
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def progress_after_each_batch(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        losses = []
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            losses.append(loss(logits, y[rows], parameters, weight_decay))
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
            if progress is not None:
                progress(epoch, losses[-1])
        history.append(np.mean(losses))
    return parameters, history


def first_network_differentiated(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    start = parameters
    for epoch in range(epochs):
        losses = []
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], start)
            losses.append(loss(logits, y[rows], start, weight_decay))
            gradients = mlp_backward(cache, logits, y[rows], start, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history.append(np.mean(losses))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def one_step_for_each_epoch(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        logits, cache = mlp_forward(X, parameters)
        history.append(loss(logits, y, parameters, weight_decay))
        gradients = mlp_backward(cache, logits, y, parameters, weight_decay)
        parameters = sgd_step(parameters, gradients, learning_rate)
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def last_short_batch_left_out(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        losses, order = [], rng.permutation(len(y))
        for start in range(0, len(y) - batch_size + 1, batch_size):
            rows = order[start : start + batch_size]
            logits, cache = mlp_forward(X[rows], parameters)
            losses.append(loss(logits, y[rows], parameters, weight_decay))
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history.append(sum(losses) / max(len(losses), 1))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def steps_uphill(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        losses = []
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            losses.append(loss(logits, y[rows], parameters, weight_decay))
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, -learning_rate)
        history.append(np.mean(losses))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def decay_not_handed_on(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        losses = []
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            losses.append(loss(logits, y[rows], parameters, 0.0))
            gradients = mlp_backward(cache, logits, y[rows], parameters, 0.0)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history.append(np.mean(losses))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def decay_applied_twice(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        losses = []
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            losses.append(loss(logits, y[rows], parameters, weight_decay))
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
            parameters = [((1 - 2 * learning_rate * weight_decay) * W, b) for W, b in parameters]
        history.append(np.mean(losses))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def same_seed_every_time(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    own = np.random.default_rng(0)
    parameters, history = initialize(sizes, own), []
    for epoch in range(epochs):
        losses = []
        for rows in minibatches(len(y), batch_size, own):
            logits, cache = mlp_forward(X[rows], parameters)
            losses.append(loss(logits, y[rows], parameters, weight_decay))
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history.append(np.mean(losses))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def loss_before_training_in_history(
    X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None
):
    parameters = initialize(sizes, rng)
    history = [loss(mlp_forward(X, parameters)[0], y, parameters, weight_decay)]
    for epoch in range(epochs):
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history.append(loss(mlp_forward(X, parameters)[0], y, parameters, weight_decay))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


def new_network_in_each_epoch(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        parameters, losses = initialize(sizes, rng), []
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            losses.append(loss(logits, y[rows], parameters, weight_decay))
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history.append(np.mean(losses))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


TRAIN = Exercise(
    reference.train,
    aspects=[
        Aspect(
            "values",
            [
                Case(
                    label="blank images",
                    arguments=blank_images,
                    probe=after_blank_images,
                    draws=2,
                ),
                Case(
                    label="one batch of blank images",
                    arguments=blank_images_in_one_batch,
                    probe=after_blank_images,
                    draws=2,
                ),
                Case(label="no epochs", arguments=no_epochs, probe=after_blank_images),
                Case(
                    label="decay of 0.2, blank images",
                    arguments=blank_images_with_decay,
                    comparison=Close(rtol=0, atol=0.06, reason="rounded to one decimal after a random start"),
                    probe=shrunken_weights,
                    draws=2,
                ),
            ],
            hint="for each batch of each epoch: forward, loss, backward, one step with parameters replaced.",
        ),
        Aspect(
            "learning",
            [
                Case(
                    label="60 easy rows",
                    arguments=three_groups,
                    comparison=Property(learned),
                    probe=trained_on_groups,
                    draws=3,
                )
            ],
            hint="do rows and labels stay together, and do the new parameters replace the old ones?",
        ),
        Aspect(
            "progress",
            [
                Case(label="calls of progress", arguments=three_groups, probe=progress_calls, draws=2),
                Case(label="use of rng", arguments=three_groups, probe=trained_thrice, draws=2),
            ],
            hint="progress(epoch, loss) once after each epoch; every random number comes from rng.",
        ),
    ],
    misconceptions=[
        Misconception(
            labels_left_in_place,
            cause="The images are shuffled and their labels are not, so the network learns noise.",
            next_step="which rows of y belong to X[rows]?",
            loses=("learning",),
        ),
        Misconception(
            callers_rows_shuffled,
            cause="The caller's X and y are shuffled in place.",
            next_step="can you index with row numbers instead of moving rows?",
            loses=("learning", "progress"),
        ),
        Misconception(
            one_loss_for_each_batch,
            cause="history gets an entry for every batch; one for every epoch is wanted.",
            next_step="after which of the two loops should the entry be added?",
        ),
        Misconception(
            progress_after_each_batch,
            cause="progress is called after every batch instead of every epoch.",
            next_step="in which of the two loops does the call stand?",
            loses=("progress",),
        ),
        Misconception(
            first_network_differentiated,
            cause="Losses and gradients are always taken at the first network.",
            next_step="which parameters should mlp_forward see in the second step?",
        ),
        Misconception(
            one_step_for_each_epoch,
            cause="All rows go into one step; batch_size is not used.",
            next_step="how many steps should one epoch take?",
        ),
        Misconception(
            last_short_batch_left_out,
            cause="The last, short batch is left out.",
            next_step="how many steps do 13 rows give, 5 at a time?",
        ),
        Misconception(
            steps_uphill,
            cause="The steps go uphill: one minus sign too many.",
            next_step="which sign does sgd_step already contain?",
            loses=("values", "learning"),
        ),
        Misconception(
            decay_not_handed_on,
            cause="weight_decay reaches neither the loss nor the gradient.",
            next_step="which argument of train has not been used?",
        ),
        Misconception(
            decay_applied_twice,
            cause="The weights shrink twice: by the penalty's gradient and once more.",
            next_step="which of your functions takes care of the decay already?",
        ),
        Misconception(
            same_seed_every_time,
            cause="The generator is made inside, so the rng handed over has no effect.",
            next_step="what should two different generators give?",
            loses=("progress",),
        ),
        Misconception(
            loss_before_training_in_history,
            cause="history starts with the loss before training, one entry too many.",
            next_step="how long is history after no epochs?",
        ),
        Misconception(
            new_network_in_each_epoch,
            cause="Every epoch starts from a new network, so nothing learned is kept.",
            next_step="how often should initialize be called?",
        ),
    ],
)

# --- predict ----------------------------------------------------------------------------------------


def images_and_network(rng):
    return {"X": rng.normal(size=(9, D)), "parameters": network(rng, (D, H, K))}


def negative_logits(rng):
    (W, b), (V, c) = network(rng, (D, H, K))
    return {"X": rng.normal(size=(9, D)), "parameters": [(W, b), (0.1 * V, c - 30)]}


def single_layer(rng):
    return {"X": rng.normal(size=(9, D)), "parameters": network(rng, (D, K))}


def largest_image_of_each_class(X, parameters):
    return mlp_forward(X, parameters)[0].argmax(axis=0)


def least_likely_class(X, parameters):
    return mlp_forward(X, parameters)[0].argmin(axis=1)


def logit_instead_of_label(X, parameters):
    return mlp_forward(X, parameters)[0].max(axis=1)


def labels_from_one(X, parameters):
    return mlp_forward(X, parameters)[0].argmax(axis=1) + 1


def one_hot_predictions(X, parameters):
    logits, _ = mlp_forward(X, parameters)
    return (logits == logits.max(axis=1, keepdims=True)).astype(int)


def largest_absolute_logit(X, parameters):
    return np.abs(mlp_forward(X, parameters)[0]).argmax(axis=1)


def one_label_for_the_batch(X, parameters):
    return mlp_forward(X, parameters)[0].argmax()


def logits_returned(X, parameters):
    return mlp_forward(X, parameters)[0]


PREDICT = Exercise(
    reference.predict,
    aspects=[
        Aspect(
            "values",
            [
                Case(
                    label="labels of nine rows",
                    arguments=images_and_network,
                    comparison=Exactly(integers=True),
                    draws=3,
                ),
                Case(label="negative logits", arguments=negative_logits, comparison=Exactly(integers=True)),
                Case(label="a network without hidden layer", arguments=single_layer, comparison=Exactly(integers=True)),
            ],
            hint="the logits of a row rank its classes: where is the largest?",
        )
    ],
    misconceptions=[
        Misconception(
            largest_image_of_each_class,
            cause="The maximum runs over the rows; it has to run over the classes.",
            next_step="which axis of the logits is the batch?",
        ),
        Misconception(
            least_likely_class,
            cause="This is the class with the smallest logit.",
            next_step="does a large logit mean likely or unlikely?",
        ),
        Misconception(
            logit_instead_of_label,
            cause="This is the largest logit itself; its position is the label.",
            next_step="which method returns where the maximum is?",
        ),
        Misconception(
            labels_from_one,
            cause="Classes are counted from 1; the digit 0 has label 0.",
            next_step="what is the index of the first column?",
        ),
        Misconception(
            one_hot_predictions,
            cause="These are one-hot rows; labels have the shape (N,).",
            next_step="what is the shape of y?",
        ),
        Misconception(
            largest_absolute_logit,
            cause="The sign of the logits is dropped, so very unlikely classes win.",
            next_step="what does a logit of -30 say?",
        ),
        Misconception(
            one_label_for_the_batch,
            cause="One label is returned for the whole batch; every row has its own.",
            next_step="along which axis should the maximum be taken?",
        ),
        Misconception(
            logits_returned,
            cause="These are the logits; the label of a row is the position of its largest one.",
            next_step="what is the shape of y?",
        ),
    ],
)

EXERCISES = (
    TWO_OR_NOT,
    ACCURACY,
    RECALL,
    INITIALIZE,
    MLP_FORWARD,
    LOSS,
    MLP_BACKWARD,
    SGD_STEP,
    MINIBATCHES,
    TRAIN,
    PREDICT,
)
