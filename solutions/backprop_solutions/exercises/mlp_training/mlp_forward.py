"""mlp_forward: compute the logits of a network with ReLU hidden layers and a linear output."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.mlp_training.inputs import D, H, K, N, network, network_by_hand
from backprop_solutions.mlp_training import mlp_forward


def logits_only(student, X, parameters):
    result = student.mlp_forward(X, parameters)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("mlp_forward should return two things: logits and cache")
    return result[0]


exercise = Definition(mlp_forward)

values = exercise.aspect(
    "values",
    hint="hidden layers compute max(0, H W + b), the last layer H W + b; return logits and cache.",
    cases=[Case(label="logits of a network by hand", arguments=network_by_hand, probe=logits_only)],
)


@values.case("logits for a random batch", probe=logits_only, draws=3)
def one_hidden_layer(rng):
    return {"X": rng.normal(size=(N, D)), "parameters": network(rng, (D, H, K))}


@values.case("logits of one image", probe=logits_only, visible=False)
def one_image(rng):
    return {"X": rng.normal(size=(1, D)), "parameters": network(rng, (D, H, K))}


depth = exercise.aspect("depth", hint="go through the layers in a loop: which one is treated differently?")


@depth.case("a single layer", probe=logits_only)
def no_hidden_layer(rng):
    return {"X": rng.normal(size=(N, D)), "parameters": network(rng, (D, K))}


@depth.case("two hidden layers", probe=logits_only, draws=2)
def two_hidden_layers(rng):
    return {"X": rng.normal(size=(N, D)), "parameters": network(rng, (D, H, 7, K))}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "depth")
def relu_on_the_output_too(X, parameters):
    """The output layer has a ReLU too; logits may be negative.

    which layer should stay linear?
    """
    cache = [X]
    for W, b in parameters:
        cache.append(np.maximum(cache[-1] @ W + b, 0))
    return cache.pop(), cache


@exercise.misconception("values", "depth")
def no_nonlinearity(X, parameters):
    """Without a ReLU the layers collapse into one linear map.

    what happens to H between two layers?
    """
    cache = [X]
    for W, b in parameters:
        cache.append(cache[-1] @ W + b)
    return cache.pop(), cache


@exercise.misconception("values", "depth")
def biases_forgotten(X, parameters):
    """The biases are not added.

    what should a row of zeros give?
    """
    cache = [X]
    for W, _ in parameters[:-1]:
        cache.append(np.maximum(cache[-1] @ W, 0))
    return cache[-1] @ parameters[-1][0], cache


@exercise.misconception("values", "depth")
def bias_after_the_relu(X, parameters):
    """The bias is added after the ReLU; it shifts where the unit switches on.

    what is the pre-activation of a unit?
    """
    cache = [X]
    for W, b in parameters[:-1]:
        cache.append(np.maximum(cache[-1] @ W, 0) + b)
    return cache[-1] @ parameters[-1][0] + parameters[-1][1], cache


@exercise.misconception("values", "depth")
def relu_on_the_input_too(X, parameters):
    """The inputs pass a ReLU first, which deletes their negative entries.

    before which layers does a ReLU stand?
    """
    cache = [np.maximum(X, 0)]
    for W, b in parameters[:-1]:
        cache.append(np.maximum(cache[-1] @ W + b, 0))
    return cache[-1] @ parameters[-1][0] + parameters[-1][1], cache


@exercise.misconception("values", "depth")
def probabilities_instead_of_logits(X, parameters):
    """The softmax is applied here; the loss works on logits, where it is stable.

    what does cross_entropy take?
    """
    cache = [X]
    for W, b in parameters[:-1]:
        cache.append(np.maximum(cache[-1] @ W + b, 0))
    E = np.exp(cache[-1] @ parameters[-1][0] + parameters[-1][1])
    return E / E.sum(axis=1, keepdims=True), cache


@exercise.misconception("values", "depth")
def sigmoid_hidden_units(X, parameters):
    """The hidden units are sigmoids; this network has ReLUs.

    what should a unit with a negative pre-activation put out?
    """
    cache = [X]
    for W, b in parameters[:-1]:
        cache.append(1 / (1 + np.exp(-(cache[-1] @ W + b))))
    return cache[-1] @ parameters[-1][0] + parameters[-1][1], cache


@exercise.misconception("values", "depth")
def absolute_value_for_relu(X, parameters):
    """Negative pre-activations change their sign; a ReLU sets them to zero.

    what is max(0, -3)?
    """
    cache = [X]
    for W, b in parameters[:-1]:
        cache.append(np.abs(cache[-1] @ W + b))
    return cache[-1] @ parameters[-1][0] + parameters[-1][1], cache


@exercise.misconception("depth")
def always_two_layers(X, parameters):
    """The function is written for two layers; there may be any number.

    how would a loop over the hidden layers look?
    """
    (W1, b1), (W2, b2) = parameters
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden @ W2 + b2, [X, hidden]


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def forward_keeping_pre_activations(X, parameters):
    cache, A = [], X
    for W, b in parameters:
        Z = A @ W + b
        cache.append({"inputs": A, "Z": Z})
        A = np.where(Z > 0, Z, 0.0)
    return Z, cache


@exercise.alternative
def forward_by_recursion(X, parameters):
    (W, b), *rest = parameters
    Z = np.einsum("nd,dk->nk", X, W) + b
    if not rest:
        return Z, (X, None)
    H = Z * (Z > 0)
    logits, deeper = forward_by_recursion(H, rest)
    return logits, (X, deeper)


@exercise.alternative
def forward_with_a_column_of_ones(X, parameters):
    cache = {"A": []}
    for k, (W, b) in enumerate(parameters):
        augmented = np.hstack([X, np.ones((len(X), 1))])
        cache["A"].append(augmented)
        X = augmented @ np.vstack([W, b])
        if k < len(parameters) - 1:
            X = X.clip(min=0)
    return X, cache
