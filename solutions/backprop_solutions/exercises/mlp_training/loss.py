"""loss: compute the mean cross-entropy plus the weight penalty."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.mlp_training.inputs import D, H, K, N, network
from backprop_solutions.mlp_training import cross_entropy, loss


def logits_and_labels(rng):
    return {"logits": rng.normal(size=(N, K)), "y": rng.integers(0, K, size=N)}


exercise = Definition(loss)

values = exercise.aspect(
    "values", hint="without decay the loss is the mean cross-entropy, which backprop_course gives you."
)


@values.case("equal logits, no decay")
def indifferent_logits(rng):
    y = rng.permutation(K)
    return {"logits": np.zeros((K, K)), "y": y, "parameters": network(rng, (D, H, K)), "weight_decay": 0.0}


@values.case("cross-entropy without decay", draws=3)
def without_decay(rng):
    return {**logits_and_labels(rng), "parameters": network(rng, (D, H, K)), "weight_decay": 0.0}


@values.case("large logits without decay", draws=2)
def large_logits(rng):
    logits = 1000 * rng.normal(size=(N, K))
    return {"logits": logits, "y": rng.integers(0, K, N), "parameters": network(rng, (D, H, K)), "weight_decay": 0.0}


decay = exercise.aspect(
    "decay", hint="the penalty is weight_decay times the sum of all squared weights, of every layer, once."
)


@decay.case("a penalty by hand")
def penalty_by_hand(rng):
    W, b = np.array([[1.0, -2.0], [0.0, 3.0], [1.0, 1.0]]), np.array([5.0, 7.0])
    logits = np.array([[100.0, 0.0], [0.0, 100.0], [0.0, 100.0]])
    return {"logits": logits, "y": np.array([0, 1, 1]), "parameters": [(W, b)], "weight_decay": 0.5}


@decay.case("the penalty of two layers", draws=3)
def with_decay(rng):
    return {**logits_and_labels(rng), "parameters": network(rng, (D, H, K)), "weight_decay": rng.uniform(0.1, 1)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("decay")
def penalty_forgotten(logits, y, parameters, weight_decay):
    """The weight penalty is missing.

    which argument has not been used?
    """
    return cross_entropy(logits, y)


exercise.slip(
    "half_the_penalty",
    ("weight_decay * penalty", "0.5 * weight_decay * penalty"),
    cause="The penalty has a factor 1/2; here it is weight_decay times the sum of squares.",
    next_step="what does the formula above say about lambda?",
    loses=("decay",),
)


@exercise.misconception("decay")
def biases_penalised(logits, y, parameters, weight_decay):
    """Biases are penalised too; the convention exempts them.

    which blocks does the sum of squares run over?
    """
    return cross_entropy(logits, y) + weight_decay * sum(np.sum(W**2) + np.sum(b**2) for W, b in parameters)


exercise.slip(
    "penalty_divided_by_the_batch",
    ("weight_decay * penalty", "weight_decay * penalty / len(y)"),
    cause="The penalty is divided by N; it belongs to the weights and not to the rows.",
    next_step="should it change when every image is doubled?",
    loses=("decay",),
)
exercise.slip(
    "mean_of_the_squares",
    ("np.sum(W**2)", "np.mean(W**2)"),
    cause="The squares are averaged; the penalty is their sum.",
    next_step="what does the formula above sum over?",
    loses=("decay",),
)
exercise.slip(
    "absolute_weights_penalised",
    ("np.sum(W**2)", "np.sum(np.abs(W))"),
    cause="The absolute values are summed, as in the lasso; here it is the squares.",
    next_step="what is the derivative of the penalty meant to be?",
    loses=("decay",),
)
exercise.slip(
    "penalty_as_a_reward",
    ("+ weight_decay", "- weight_decay"),
    cause="The penalty is subtracted, so large weights are rewarded.",
    next_step="should larger weights raise the loss or lower it?",
    loses=("decay",),
)
exercise.slip(
    "last_layer_penalised",
    ("in parameters", "in parameters[-1:]"),
    cause="Only the last layer is penalised.",
    next_step="which other weights are there?",
    loses=("decay",),
)


@exercise.misconception()
def logarithm_of_softmax(logits, y, parameters, weight_decay):
    """The exponentials of large logits overflow: unit 5's cross_entropy works from the logits.

    which given function is safe for logits of any size?
    """
    e = np.exp(logits)
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean() + weight_decay * sum(np.sum(W**2) for W, _ in parameters)


@exercise.misconception("values", "decay")
def summed_over_the_batch(logits, y, parameters, weight_decay):
    """The cross-entropy is summed over the rows; it should be their mean.

    should it change when every image comes twice?
    """
    return len(y) * cross_entropy(logits, y) + weight_decay * sum(np.sum(W**2) for W, _ in parameters)


exercise.slip(
    "length_for_its_square",
    ("np.sum(W**2)", "np.linalg.norm(W)"),
    cause="np.linalg.norm is the root of the sum of squares; the penalty is the sum itself.",
    next_step="what stands under the root of a length?",
    loses=("decay",),
)
exercise.slip(
    "square_of_the_sum",
    ("np.sum(W**2)", "np.sum(W) ** 2"),
    cause="The weights are added and the sum is squared: positive and negative ones cancel.",
    next_step="which comes first in the formula, the square or the sum?",
    loses=("decay",),
)
exercise.slip(
    "first_layer_penalised",
    ("in parameters", "in parameters[:1]"),
    cause="Only the first layer's weights are penalised.",
    next_step="over which layers does the outer sum run?",
    loses=("decay",),
)
exercise.slip(
    "averaged_a_second_time",
    ("cross_entropy(logits, y)", "cross_entropy(logits, y) / len(y)"),
    cause="There is a second 1/N; the given cross_entropy is a mean already.",
    next_step="what is the loss when every row appears twice?",
    loses=("values", "decay"),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def loss_by_norms(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) + weight_decay * sum(np.linalg.norm(layer[0]) ** 2 for layer in parameters)


@exercise.alternative
def loss_by_loops(logits, y, parameters, weight_decay):
    rows = [np.logaddexp.reduce(row) - row[label] for row, label in zip(logits, y, strict=True)]
    total = sum(rows) / len(rows)
    for W, _ in parameters:
        for weight in W.ravel():
            total += weight_decay * weight * weight
    return total


@exercise.alternative
def loss_by_one_vector(logits, y, parameters, weight_decay):
    weights = np.concatenate([W.ravel() for W, _ in parameters])
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.float64(-log_p[np.arange(len(y)), y].mean() + weight_decay * weights @ weights)
