"""Unit 6: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

import numpy as np
import pytest

from backprop_solutions.mlp_training import (
    cross_entropy,
    initialize,
    loss,
    minibatches,
    mlp_backward,
    mlp_forward,
    sgd_step,
)
from strictness.judging import Answers

answers = Answers("06_mlp_training")

# --- train: the reference with one place changed ------------------------------------------------------

STEP = "parameters = sgd_step(parameters, gradients, learning_rate)"
MEAN = "np.mean(losses)"
CLIPPED = "gradients = [tuple(np.clip(block, -0.3, 0.3) for block in pair) for pair in gradients]\n            "
SHRUNK = f"{STEP}\n            parameters = [(W, b * (1 - 2 * learning_rate * weight_decay)) for W, b in parameters]"
BACKWARD = "mlp_backward(cache, logits, y[rows]"
BATCHES = "minibatches(len(y), batch_size, rng)"

for name, change, loses in [
    ("batches_in_a_list", (BATCHES, f"list({BATCHES})"), None),
    ("rows_shifted_by_one", ("mlp_forward(X[rows], parameters)", "mlp_forward(X[rows - 1], parameters)"), "learning"),
    ("labels_shifted_by_one", (BACKWARD, BACKWARD.replace("rows", "rows - 1")), "learning"),
    ("biases_decayed", (STEP, SHRUNK), "values"),
    ("gradients_clipped", (STEP, CLIPPED + STEP), "values"),
    ("only_the_last_layer", (STEP, f"parameters = [*parameters[:-1], {STEP[13:]}[-1]]"), "learning"),
    ("first_layer_frozen", (STEP, f"parameters = [parameters[0], *{STEP[13:]}[1:]]"), "learning"),
    ("biases_frozen", (STEP, f"parameters = [(W, b) for (W, _), (_, b) in zip({STEP[13:]}, parameters)]"), "values"),
    ("step_size_falls", (STEP, STEP.replace("learning_rate)", "learning_rate / (1 + epoch))")), "values"),
    ("step_per_row_number", (STEP, STEP.replace("learning_rate)", "learning_rate / len(rows))")), "values"),
    ("sums_in_history", (MEAN, "np.sum(losses)"), "values"),
    ("negative_losses", (MEAN, "-np.mean(losses)"), "values"),
    ("history_of_zeros", (MEAN, "0.0"), "learning"),
    ("last_loss_in_history", (MEAN, "losses[-1]"), None),
    ("smoothed_losses_told", ("progress(epoch, history[-1])", "progress(epoch, np.mean(history))"), "progress"),
    ("epoch_always_zero", ("progress(epoch, history[-1])", "progress(0, history[-1])"), "progress"),
    ("epochs_from_one", ("progress(epoch, history[-1])", "progress(epoch + 1, history[-1])"), None),
    ("one_epoch_less", ("range(epochs)", "range(epochs - 1)"), "values"),
    ("at_least_one_epoch", ("range(epochs)", "range(max(epochs, 1))"), "values"),
    ("fixed_batches", (BATCHES, BATCHES.replace("batch_size", "32")), "values"),
]:
    answers.changed("train", name, change, loses=[loses] if loses else [])


@answers.wrong("train", "learning")
def first_batches_for_ever(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    batches = list(minibatches(len(y), batch_size, rng))
    for epoch in range(epochs):
        for rows in batches:
            logits, cache = mlp_forward(X[rows], parameters)
            history[epoch:] = [loss(logits, y[rows], parameters, weight_decay)]
            parameters = sgd_step(
                parameters, mlp_backward(cache, logits, y[rows], parameters, weight_decay), learning_rate
            )
        if progress:
            progress(epoch, history[-1])
    return parameters, history


@answers.right("train")
def momentum_of_nothing(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), np.zeros(epochs)
    for epoch in range(epochs):
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = [
                (W - learning_rate * dW, b - learning_rate * db)
                for (W, b), (dW, db) in zip(parameters, gradients, strict=True)
            ]
        history[epoch] = loss(mlp_forward(X, parameters)[0], y, parameters, weight_decay)
        if progress is not None:
            progress(epoch, history[epoch])
    return parameters, list(history)


# --- minibatches, recall, loss, predictions -----------------------------------------------------------


@answers.wrong("minibatches", "shuffle")
def rows_mixed_within_their_batch(N, batch_size, rng):
    return [rng.permutation(np.arange(k, min(k + batch_size, N))) for k in range(0, N, batch_size)]


@answers.wrong("minibatches")
def an_empty_batch(N, batch_size, rng):
    return [*minibatches(N, batch_size, rng), np.array([], dtype=int)]


@answers.wrong("minibatches")
def one_oversized_batch(N, batch_size, rng):
    return [rng.permutation(N)]


@answers.wrong("minibatches")
def negative_rows(N, batch_size, rng):
    return [rows - N for rows in minibatches(N, batch_size, rng)]


@answers.wrong("minibatches")
def a_negative_row_for_the_first(N, batch_size, rng):
    return [np.where(rows == 0, -N, rows) for rows in minibatches(N, batch_size, rng)]


@answers.wrong("minibatches", "shuffle")
def the_global_generator(N, batch_size, rng):
    order = np.random.default_rng(N).permutation(N)
    return [order[k : k + batch_size] for k in range(0, N, batch_size)]


@answers.right("minibatches")
def lists_of_rows(N, batch_size, rng):
    order = rng.permutation(N)
    return (np.array(order[k : k + batch_size]) for k in range(0, N, batch_size))


@answers.wrong("recall", "without_positives")
def nan_with_a_warning(predictions, y):
    return np.mean(predictions[y == 1])


@answers.wrong("recall", "without_positives")
def always_nan_there(predictions, y):
    return float("nan") if np.sum(y) <= 1 else np.mean(predictions[y == 1] == 1)


@answers.wrong("mlp_forward")
def logits_of_one_image_flattened(X, parameters):
    logits, cache = mlp_forward(X, parameters)
    return np.squeeze(logits), cache


@answers.wrong("mlp_backward")
def gradients_squeezed(cache, logits, y, parameters, weight_decay):
    found = mlp_backward(cache, logits, y, parameters, weight_decay)
    return [(np.squeeze(dW), np.squeeze(db)) for dW, db in found]


@answers.wrong("predict")
def label_of_one_image_as_a_number(X, parameters):
    return np.squeeze(np.argmax(mlp_forward(X, parameters)[0], axis=1))


@answers.wrong("mlp_backward")
def probabilities_without_a_shift(cache, logits, y, parameters, weight_decay):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    steps = np.where(np.isfinite(p), logits, 0.0)
    return mlp_backward(cache, steps, y, parameters, weight_decay)


@answers.wrong("loss")
def logits_above_700_cut_off(logits, y, parameters, weight_decay):
    return loss(np.minimum(logits, 700.0), y, parameters, weight_decay)


@answers.wrong("loss")
def logarithm_plus_epsilon(logits, y, parameters, weight_decay):
    with np.errstate(all="ignore"):
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y] + 1e-12).mean() + weight_decay * sum(np.sum(W**2) for W, _ in parameters)


@answers.wrong("loss", "decay")
def first_layer_penalised(logits, y, parameters, weight_decay):
    return cross_entropy(logits, y) + weight_decay * np.sum(parameters[0][0] ** 2)


@answers.wrong("initialize", "scale")
def one_row_repeated(sizes, rng):
    layers = initialize(sizes, rng)
    return [(np.tile(W[:1], (len(W), 1)), b) for W, b in layers]


# --- judged -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost()
