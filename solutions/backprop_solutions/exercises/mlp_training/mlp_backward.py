"""mlp_backward: compute the gradient of `loss` with respect to all weights and biases."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.mlp_training.inputs import D, H, K, N, network, network_by_hand
from backprop_solutions.exercises.mlp_training.mlp_forward import (
    forward_by_recursion,
    forward_keeping_pre_activations,
    forward_with_a_column_of_ones,
)
from backprop_solutions.mlp_training import cross_entropy_gradient, linear_backward, mlp_backward


def batch_and_network(rng, sizes, weight_decay):
    X, y = rng.normal(size=(N, D)), rng.integers(0, K, size=N)
    decay = {"weight_decay": weight_decay} if weight_decay else {}
    return {"X": X, "y": y, "parameters": network(rng, sizes), **decay}


def own_cache(student, X, y, parameters, weight_decay=0.0):
    logits, cache = student.mlp_forward(X, parameters)
    before = np.array(logits)
    student.mlp_backward(cache, logits, y, list(parameters), weight_decay)
    # Asked twice with the same cache: the first call may have used nothing up.
    gradients = student.mlp_backward(cache, logits, y, parameters, weight_decay)
    if not np.array_equal(logits, before):
        raise ValueError("mlp_backward changed the logits")
    return gradients


def asked_once(student, X, y, parameters, weight_decay=0.0):
    logits, cache = student.mlp_forward(X, parameters)
    return student.mlp_backward(cache, logits, y, parameters, weight_decay)


exercise = Definition(mlp_backward, ("layer {}", "dW db"))

values = exercise.aspect(
    "values", hint="check mlp_forward first; then go back layer by layer: linear_backward, then the ReLU's mask."
)


@values.case("gradients by hand", probe=own_cache)
def gradients_by_hand(rng):
    arguments = network_by_hand(rng)
    return {"X": arguments["X"], "y": np.array([1, 0]), "parameters": arguments["parameters"]}


@values.case("gradients of two layers", probe=own_cache, draws=3)
def gradients_one_hidden(rng):
    return batch_and_network(rng, (D, H, K), 0.0)


@values.case("large logits", probe=own_cache, draws=2)
def gradients_at_large_logits(rng):
    arguments = batch_and_network(rng, (D, H, K), 0.0)
    W, b = arguments["parameters"][-1]
    return {**arguments, "parameters": [*arguments["parameters"][:-1], (1000 * W, b)]}


@values.case("one image, one hidden unit", probe=own_cache)
def gradients_of_one_image(rng):
    (W, _), (V, c) = network(rng, (D, 1, K))
    b = np.array([20.0])  # so that the unit is on
    return {"X": rng.normal(size=(1, D)), "y": rng.integers(0, K, size=1), "parameters": [(W, b), (V / 20, c)]}


depth = exercise.aspect("depth", hint="the same three lines serve every layer: what does each hand to the one before?")


@depth.case("one layer", probe=asked_once)
def gradients_no_hidden(rng):
    return batch_and_network(rng, (D, K), 0.0)


@depth.case("three layers", probe=asked_once, draws=2)
def gradients_two_hidden(rng):
    return batch_and_network(rng, (D, H, 7, K), 0.0)


decay = exercise.aspect(
    "decay", hint="what is the derivative of weight_decay * W**2, and which blocks does it belong to?"
)


@decay.case("decay", probe=asked_once, draws=2)
def gradients_with_decay(rng):
    return batch_and_network(rng, (D, H, K), rng.uniform(0.1, 1))


@decay.case("decay, three layers", probe=asked_once, visible=False)
def gradients_with_decay_three_layers(rng):
    return batch_and_network(rng, (D, H, 7, K), rng.uniform(0.1, 1))


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def softmax_without_shift(cache, logits, y, parameters, weight_decay):
    """The exponentials of large logits overflow; unit 5's cross_entropy_gradient is safe.

    which given function works from logits?
    """
    e = np.exp(logits)
    G, gradients = e / e.sum(axis=1, keepdims=True), []
    G[np.arange(len(y)), y] -= 1
    G = G / len(y)
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("values", "depth", "decay")
def relu_mask_forgotten(cache, logits, y, parameters, weight_decay):
    """The gradient passes units that were off: the ReLU's derivative is missing.

    which entries of dH belong to units that are off?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        G, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
    return gradients[::-1]


@exercise.misconception("values", "depth", "decay")
def mask_from_the_upstream_sign(cache, logits, y, parameters, weight_decay):
    """The mask looks at the gradient's sign; the ReLU's derivative depends on its input.

    which array tells where units were on?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        G, dW, db = linear_backward(G, inputs, W)
        G = np.maximum(G, 0)
        gradients.append((dW + 2 * weight_decay * W, db))
    return gradients[::-1]


@exercise.misconception("values", "depth", "decay")
def activation_for_its_derivative(cache, logits, y, parameters, weight_decay):
    """The activation stands where the ReLU's derivative, 0 or 1, belongs.

    what is the slope of a ReLU at 3?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        G, dW, db = linear_backward(G, inputs, W)
        G = G * inputs
        gradients.append((dW + 2 * weight_decay * W, db))
    return gradients[::-1]


@exercise.misconception("values", "depth", "decay")
def averaged_in_every_layer(cache, logits, y, parameters, weight_decay):
    """There is a second 1/N; it is in the gradient of the loss already.

    what does cross_entropy_gradient divide by?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW / len(y) + 2 * weight_decay * W, db / len(y)))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("values", "depth", "decay")
def summed_instead_of_averaged(cache, logits, y, parameters, weight_decay):
    """The rows' gradients are summed; the loss is their mean.

    should it change when every image comes twice?
    """
    G, gradients = len(y) * cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("values", "depth", "decay")
def output_layer_first(cache, logits, y, parameters, weight_decay):
    """The gradients come with the output layer first.

    which order do parameters have?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients


@exercise.misconception("values", "depth", "decay")
def labels_never_subtracted(cache, logits, y, parameters, weight_decay):
    """The upstream gradient is the softmax alone; the labels are not in it.

    what is the gradient for a perfect prediction?
    """
    E = np.exp(logits - logits.max(axis=1, keepdims=True))
    G, gradients = E / E.sum(axis=1, keepdims=True) / len(y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("values", "depth", "decay")
def bias_gradients_of_zero(cache, logits, y, parameters, weight_decay):
    """The biases get no gradient, so they would never move.

    what is the third thing that linear_backward returns?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, 0 * db))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("decay")
def decay_without_the_two(cache, logits, y, parameters, weight_decay):
    """The penalty is a square, so its derivative has a factor 2.

    what is the derivative of lambda * w**2?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("decay")
def decay_forgotten(cache, logits, y, parameters, weight_decay):
    """The penalty's gradient is missing: H^T G is that of the cross-entropy.

    by which two paths does W reach the loss?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("decay")
def decay_on_the_biases_too(cache, logits, y, parameters, weight_decay):
    """The biases decay too, although the loss does not penalise them.

    which blocks appear in the penalty?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, b), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db + 2 * weight_decay * b))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("decay")
def decay_divided_by_the_batch(cache, logits, y, parameters, weight_decay):
    """The penalty's gradient is divided by N; the penalty is no mean.

    what in the penalty depends on the rows?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W / len(y), db))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("decay")
def decay_of_all_layers_together(cache, logits, y, parameters, weight_decay):
    """All weights decay by one amount; each should in proportion to itself.

    what is the derivative of sum(W**2) by one entry?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    total = sum(np.sum(W) for W, _ in parameters)
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * total, db))
        G = dH * (inputs > 0)
    return gradients[::-1]


@exercise.misconception("depth")
def one_hidden_layer_assumed(cache, logits, y, parameters, weight_decay):
    """The function is written for two layers; there may be any number.

    which lines repeat from layer to layer?
    """
    (W1, _), (W2, _) = parameters
    X, hidden = cache
    dH, dW2, db2 = linear_backward(cross_entropy_gradient(logits, y), hidden, W2)
    _, dW1, db1 = linear_backward(dH * (hidden > 0), X, W1)
    return [(dW1 + 2 * weight_decay * W1, db1), (dW2 + 2 * weight_decay * W2, db2)]


@exercise.misconception("values", "depth", "decay")
def mask_before_its_layer(cache, logits, y, parameters, weight_decay):
    """The mask of a layer's inputs belongs to dX, after linear_backward.

    which array has the shape of H > 0?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters[::-1], cache[::-1], strict=True):
        dH, dW, db = linear_backward(G * (inputs > 0), inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH
    return gradients[::-1]


@exercise.misconception("values", "depth", "decay")
def layers_walked_forwards(cache, logits, y, parameters, weight_decay):
    """The layers are walked from first to last; the gradient arrives at the last one.

    which layer's outputs are the logits?
    """
    G, gradients = cross_entropy_gradient(logits, y), []
    for (W, _), inputs in zip(parameters, cache, strict=True):
        dH, dW, db = linear_backward(G, inputs, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH * (inputs > 0)
    return gradients


# --- other right answers ----------------------------------------------------------------------------


def backward_from_pre_activations(cache, logits, y, parameters, weight_decay):
    gradients = [None] * len(parameters)
    G = cross_entropy_gradient(logits, y)
    for k in range(len(parameters) - 1, -1, -1):
        if k < len(parameters) - 1:
            G = G * (cache[k]["Z"] > 0)
        W = parameters[k][0]
        gradients[k] = (cache[k]["inputs"].T @ G + weight_decay * (W + W), G.sum(axis=0))
        G = G @ W.T
    return gradients


def backward_by_recursion(cache, logits, y, parameters, weight_decay):
    def back(cache, parameters):
        X, deeper = cache
        (W, _), *rest = parameters
        if rest:
            G, gradients = back(deeper, rest)
        else:
            G, gradients = cross_entropy_gradient(logits, y), []
        dW = np.einsum("nd,nk->dk", X, G) + 2 * weight_decay * W
        return np.einsum("nk,dk->nd", G, W) * (X > 0), [(dW, np.einsum("nk->k", G)), *gradients]

    return back(cache, parameters)[1]


def backward_with_a_column_of_ones(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for A, (W, _) in zip(cache["A"][::-1], parameters[::-1], strict=True):
        both = A.T @ G
        gradients.insert(0, [both[:-1] + 2 * weight_decay * W, both[-1]])
        G = (G @ W.T) * (A[:, :-1] > 0)
    return gradients


exercise.alternative({"mlp_forward": forward_keeping_pre_activations, "mlp_backward": backward_from_pre_activations})

exercise.alternative({"mlp_forward": forward_by_recursion, "mlp_backward": backward_by_recursion})

exercise.alternative({"mlp_forward": forward_with_a_column_of_ones, "mlp_backward": backward_with_a_column_of_ones})


@exercise.alternative
def backward_by_given_layers(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for k in reversed(range(len(parameters))):
        if k + 1 < len(parameters):
            G = np.where(cache[k + 1] > 0, G, 0)
        G, dW, db = linear_backward(G, cache[k], parameters[k][0])
        gradients = [(dW + 2 * weight_decay * parameters[k][0], db), *gradients]
    return tuple(gradients)
