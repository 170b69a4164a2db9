"""Other correct solutions of unit 6."""

from itertools import pairwise

import numpy as np

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

# --- 2 or not 2 -------------------------------------------------------------------------------------


def twos_as_booleans(y):
    return y == 2


def twos_by_where(y):
    return np.where(y == 2, 1, 0)


def twos_one_by_one(y):
    return np.array([1 if digit == 2 else 0 for digit in y])


def accuracy_by_loop(predictions, y):
    right = 0
    for guess, truth in zip(predictions, y, strict=True):
        right += int(guess == truth)
    return right / len(y)


def accuracy_by_count(predictions, y):
    return np.count_nonzero(predictions == y) / y.size


def accuracy_by_errors(predictions, y):
    return float(1 - np.mean(predictions != y))


def recall_by_counting(predictions, y):
    positives = [guess for guess, truth in zip(predictions, y, strict=True) if truth]
    return sum(map(int, positives)) / len(positives) if positives else np.nan


def recall_by_sums(predictions, y):
    # 0 / 0 of NumPy's numbers is NaN, with a warning.
    return np.sum((predictions == 1) & (y == 1)) / np.sum(y == 1)


def recall_by_products(predictions, y):
    return float(predictions @ y / y.sum()) if y.any() else float("nan")


# --- the network ------------------------------------------------------------------------------------


def initialize_uniformly(sizes, rng):
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        limit = np.sqrt(6 / fan_in)
        layers.append((rng.uniform(-limit, limit, size=(fan_in, fan_out)), np.zeros(fan_out)))
    return layers


def initialize_from_the_output(sizes, rng):
    layers = []
    for fan_out, fan_in in pairwise(sizes[::-1]):
        layers.insert(0, [rng.standard_normal((fan_in, fan_out)) * (2 / fan_in) ** 0.5, np.zeros((fan_out,))])
    return layers


def initialize_biases_first(sizes, rng):
    biases = [np.zeros(k) for k in sizes[1:]]
    return [(rng.normal(scale=np.sqrt(2 / d), size=(d, len(b))), b) for d, b in zip(sizes, biases, strict=False)]


def forward_keeping_pre_activations(X, parameters):
    cache, A = [], X
    for W, b in parameters:
        Z = A @ W + b
        cache.append({"inputs": A, "Z": Z})
        A = np.where(Z > 0, Z, 0.0)
    return Z, cache


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


def forward_by_recursion(X, parameters):
    (W, b), *rest = parameters
    Z = np.einsum("nd,dk->nk", X, W) + b
    if not rest:
        return Z, (X, None)
    H = Z * (Z > 0)
    logits, deeper = forward_by_recursion(H, rest)
    return logits, (X, deeper)


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


def forward_with_a_column_of_ones(X, parameters):
    cache = {"A": []}
    for k, (W, b) in enumerate(parameters):
        augmented = np.hstack([X, np.ones((len(X), 1))])
        cache["A"].append(augmented)
        X = augmented @ np.vstack([W, b])
        if k < len(parameters) - 1:
            X = X.clip(min=0)
    return X, cache


def backward_with_a_column_of_ones(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for A, (W, _) in zip(cache["A"][::-1], parameters[::-1], strict=True):
        both = A.T @ G
        gradients.insert(0, [both[:-1] + 2 * weight_decay * W, both[-1]])
        G = (G @ W.T) * (A[:, :-1] > 0)
    return gradients


def backward_by_given_layers(cache, logits, y, parameters, weight_decay):
    G, gradients = cross_entropy_gradient(logits, y), []
    for k in reversed(range(len(parameters))):
        if k + 1 < len(parameters):
            G = np.where(cache[k + 1] > 0, G, 0)
        G, dW, db = linear_backward(G, cache[k], parameters[k][0])
        gradients = [(dW + 2 * weight_decay * parameters[k][0], db), *gradients]
    return tuple(gradients)


def loss_by_norms(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) + weight_decay * sum(np.linalg.norm(layer[0]) ** 2 for layer in parameters)


def loss_by_loops(logits, y, parameters, weight_decay):
    rows = [np.logaddexp.reduce(row) - row[label] for row, label in zip(logits, y, strict=True)]
    total = sum(rows) / len(rows)
    for W, _ in parameters:
        for weight in W.ravel():
            total += weight_decay * weight * weight
    return total


def loss_by_one_vector(logits, y, parameters, weight_decay):
    weights = np.concatenate([W.ravel() for W, _ in parameters])
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.float64(-log_p[np.arange(len(y)), y].mean() + weight_decay * weights @ weights)


# --- training ---------------------------------------------------------------------------------------


def step_by_index(parameters, gradients, learning_rate):
    new = []
    for k in range(len(parameters)):
        new.append([p - learning_rate * g for p, g in zip(parameters[k], gradients[k], strict=True)])
    return new


def step_on_copies(parameters, gradients, learning_rate):
    new = [(W.copy(), b.copy()) for W, b in parameters]
    for layer, gradient in zip(new, gradients, strict=True):
        for block, change in zip(layer, gradient, strict=True):
            block -= learning_rate * change
    return new


def step_by_adding(parameters, gradients, learning_rate):
    return tuple(
        (np.add(W, np.multiply(-learning_rate, dW)), np.add(b, np.multiply(-learning_rate, db)))
        for (W, b), (dW, db) in zip(parameters, gradients, strict=True)
    )


def minibatches_as_a_list(N, batch_size, rng):
    rows = np.arange(N)
    rng.shuffle(rows)
    return [rows[k : k + batch_size] for k in range(0, N, batch_size)]


def minibatches_by_split(N, batch_size, rng):
    return np.split(rng.permutation(N), range(batch_size, N, batch_size))


def minibatches_by_random_keys(N, batch_size, rng):
    order = np.argsort(rng.random(N))
    while len(order):
        yield order[:batch_size]
        order = order[batch_size:]


def minibatches_by_choice(N, batch_size, rng):
    left = list(rng.choice(N, size=N, replace=False))
    while left:
        batch, left = left[:batch_size], left[batch_size:]
        yield np.array(batch)


def train_with_orders_drawn_first(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    orders = [list(minibatches(len(y), batch_size, rng)) for _ in range(epochs)]
    parameters, history = initialize(sizes, rng), []
    for epoch, batches in enumerate(orders, start=1):
        total = 0.0
        for rows in batches:
            logits, cache = mlp_forward(X[rows], parameters)
            total += len(rows) * loss(logits, y[rows], parameters, weight_decay)
            step = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, step, learning_rate)
        history.append(float(total / len(y)))
        if progress:
            progress(epoch, history[-1])
    return parameters, history


def train_with_the_loss_after_each_epoch(
    X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None
):
    history = []
    parameters = initialize(sizes, rng)
    for epoch in range(epochs):
        for rows in minibatches(len(X), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history += [loss(mlp_forward(X, parameters)[0], y, parameters, weight_decay)]
        if progress is not None:
            progress(epoch=epoch, loss=history[-1])
    return [parameters, history]


def train_on_shuffled_copies(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    progress = progress or (lambda epoch, loss: None)
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        order = rng.permutation(len(y))
        inputs, labels = X[order], y[order]
        for start in range(0, len(y), batch_size):
            piece = slice(start, start + batch_size)
            logits, cache = mlp_forward(inputs[piece], parameters)
            last = loss(logits, labels[piece], parameters, weight_decay)
            gradients = mlp_backward(cache, logits, labels[piece], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        final, _ = mlp_forward(inputs, parameters)
        history.append(0.5 * (last + loss(final, labels, parameters, weight_decay)))
        progress(epoch, history[-1])
    return parameters, history


def predict_by_sorting(X, parameters):
    return np.argsort(mlp_forward(X, parameters)[0], axis=1)[:, -1]


def predict_row_by_row(X, parameters):
    return np.array([int(np.argmax(mlp_forward(row[None], parameters)[0])) for row in X])


def predict_by_probabilities(X, parameters):
    logits, _ = mlp_forward(X, parameters)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.argmax(odds / odds.sum(axis=1, keepdims=True), axis=1)


ALTERNATIVES = {
    "two_or_not": [twos_as_booleans, twos_by_where, twos_one_by_one],
    "accuracy": [accuracy_by_loop, accuracy_by_count, accuracy_by_errors],
    "recall": [recall_by_counting, recall_by_sums, recall_by_products],
    "initialize": [initialize_uniformly, initialize_from_the_output, initialize_biases_first],
    "mlp_forward": [forward_keeping_pre_activations, forward_by_recursion, forward_with_a_column_of_ones],
    "loss": [loss_by_norms, loss_by_loops, loss_by_one_vector],
    "mlp_backward": [
        {"mlp_forward": forward_keeping_pre_activations, "mlp_backward": backward_from_pre_activations},
        {"mlp_forward": forward_by_recursion, "mlp_backward": backward_by_recursion},
        {"mlp_forward": forward_with_a_column_of_ones, "mlp_backward": backward_with_a_column_of_ones},
        backward_by_given_layers,
    ],
    "sgd_step": [step_by_index, step_on_copies, step_by_adding],
    "minibatches": [
        minibatches_as_a_list,
        minibatches_by_split,
        minibatches_by_random_keys,
        minibatches_by_choice,
    ],
    "train": [train_with_orders_drawn_first, train_with_the_loss_after_each_epoch, train_on_shuffled_copies],
    "predict": [predict_by_sorting, predict_row_by_row, predict_by_probabilities],
}
