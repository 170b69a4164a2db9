"""What `train` is asked to do, what is looked at afterwards, and what must hold then."""

import numpy as np


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


def after_blank_images(student, rows, epochs, batch_size, learning_rate, seed, weight_decay=0.0):
    parameters, history = student.train(
        np.zeros((rows, 3)),
        np.full(rows, 2),
        (3, 5, 4),
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        rng=np.random.default_rng(seed),
    )
    # Four equal logits at the start, and less loss from then on, however an epoch is averaged: log 4 and a penalty.
    most = np.log(4) + 1e-9 if weight_decay == 0 else np.inf
    fair = all(0 <= float(value) <= most for value in history)
    return {"output biases": parameters[-1][1], "length of history": len(history), "losses from 0 to log 4": fair}


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


def blocks_that_move(student, X, y, rng):
    from copy import deepcopy

    def trained(epochs):
        return student.train(
            X, y, (4, 6, 5, 3), epochs=epochs, batch_size=20, learning_rate=0.2, weight_decay=0.0, rng=deepcopy(rng)
        )[0]

    pairs = enumerate(zip(trained(0), trained(1), strict=True), start=1)
    return {
        f"{name} of layer {k} moves": not np.array_equal(before, after)
        for k, layers in pairs
        for name, before, after in zip(("W", "b"), *layers, strict=True)
    }


def progress_calls(student, X, y, rng):
    calls = []

    def progress(*arguments, **named):
        calls.append([float(value) for value in (*arguments, *named.values())])

    _, history = student.train(
        X, y, (4, 5, 3), epochs=3, batch_size=16, learning_rate=0.1, weight_decay=0.0, rng=rng, progress=progress
    )
    return {"calls": calls, "history": [float(value) for value in history]}


def told_after_each_epoch(result, expected, X, y, rng):
    calls, history = result["calls"], result["history"]
    if len(calls) != 3:
        return f"progress was called {len(calls)} times in 3 epochs"
    if any(len(call) != 2 for call in calls):
        return "progress takes two arguments, the epoch and its loss"
    epochs, losses = zip(*calls, strict=True)
    if list(np.diff(epochs)) != [1, 1]:
        return "the epochs told to progress do not go up by 1"
    # Rounded losses, for a display, are fair.
    return None if np.allclose(losses, history, rtol=1e-2) else "progress is told other losses than history holds"


def followed(student, X, y, sizes, epochs, learning_rate, weight_decay, seed):
    # One batch holds all rows, so every parameter after the last epoch follows from the fresh network.
    def trained(count):
        return student.train(
            X,
            y,
            sizes,
            epochs=count,
            batch_size=len(y),
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            rng=np.random.default_rng(seed),
        )

    end, history = trained(epochs)
    return {"start": list(trained(0)[0]), "end": list(end), "history": [float(value) for value in history]}


def every_step_was_right(result, expected, X, y, sizes, epochs, learning_rate, weight_decay, seed):
    rows = np.arange(len(y))
    parameters = [(np.array(W, dtype=float), np.array(b, dtype=float)) for W, b in result["start"]]

    def forward():
        A = [X]
        for W, b in parameters[:-1]:
            A.append(np.maximum(A[-1] @ W + b, 0))
        Z = A[-1] @ parameters[-1][0] + parameters[-1][1]
        log_p = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
        return A, log_p, weight_decay * sum(np.sum(W**2) for W, _ in parameters) - log_p[rows, y].mean()

    between = []  # the loss before the first step, and after each
    for _ in range(epochs):
        A, log_p, before = forward()
        between.append(before)
        G = (np.exp(log_p) - (y[:, None] == np.arange(log_p.shape[1]))) / len(y)
        for k in reversed(range(len(parameters))):
            W, b = parameters[k]
            dW, db, dA = A[k].T @ G + 2 * weight_decay * W, G.sum(axis=0), G @ W.T
            parameters[k] = (W - learning_rate * dW, b - learning_rate * db)
            G = dA * (A[k] > 0)
    between.append(forward()[2])
    if len(result["end"]) != len(parameters):
        return "the trained network has another number of layers"
    for k, ((W, b), (V, c)) in enumerate(zip(parameters, result["end"], strict=True)):
        for wanted, got, name in ((W, V, "W"), (b, c, "b")):
            if np.shape(got) != wanted.shape or not np.allclose(got, wanted, rtol=1e-7, atol=1e-9):
                return f"{name} of layer {k + 1} is not where {epochs} steps downhill lead, all rows in one batch"
    spans = zip(between[:-1], between[1:], result["history"], strict=True)
    inside = all(min(p, q) - 1e-9 <= value <= max(p, q) + 1e-9 for p, q, value in spans)
    return None if inside else "history holds numbers that are not losses of their epoch"


def progress_at_rest(student, X, label, sizes, epochs, seeds):
    # Steps of next to nothing: every loss is that of the fresh network, whatever else is right or wrong.
    def trained(epochs, seed, progress=None):
        return student.train(
            X,
            np.full(len(X), label),
            sizes,
            epochs=epochs,
            batch_size=len(X),
            learning_rate=1e-9,
            weight_decay=0.0,
            rng=np.random.default_rng(seed),
            progress=progress,
        )

    runs = []
    for seed in seeds:
        calls = []
        _, history = trained(epochs, seed, lambda epoch, loss, calls=calls: calls.append([float(epoch), float(loss)]))
        runs.append({"start": list(trained(0, seed)[0]), "calls": calls, "history": [float(loss) for loss in history]})
    return runs


def told_the_loss_of_the_network(result, expected, X, label, sizes, epochs, seeds):
    for run in result:
        if complaint := told_after_each_epoch(run, None, X, label, None):
            return complaint
        A = X
        for W, b in run["start"][:-1]:
            A = np.maximum(A @ W + b, 0)
        Z = A @ run["start"][-1][0] + run["start"][-1][1]
        wanted = np.mean(np.logaddexp.reduce(Z, axis=1) - Z[:, label])
        if not np.allclose(run["history"], wanted, rtol=1e-6):
            return "history holds numbers that are not losses of the network"
    first, *others = (run["start"][0][0] for run in result)
    if any(np.array_equal(first, W) for W in others[:-1]):
        return "different generators gave the same network"
    return None if np.array_equal(first, others[-1]) else "equal generators gave different networks"


def network_at_rest(rng):
    first, second = rng.permutation(1000)[:2].tolist()
    return {
        "X": rng.normal(size=(7, 3)),
        "label": int(rng.integers(4)),
        "sizes": (3, 5, 6, 4),
        "epochs": 3,
        "seeds": [first, second, first],
    }


def small_problem(rng):
    return {
        "X": rng.normal(size=(7, 3)),
        "y": rng.permutation([0, 1, 2, 3, 0, 1, 2]),
        "sizes": (3, 5, 6, 4),
        "epochs": 3,
        "learning_rate": 0.3,
        "weight_decay": 0.05,
        "seed": int(rng.integers(1000)),
    }


def one_row_for_each_weight(student, rows, epochs, batch_size, seed):
    # Row i has its only 1 in column i: row i of W moves by what that sample contributed, and by nothing else.
    def trained(count):
        return student.train(
            np.eye(rows),
            np.arange(rows) * 2 % 3,
            (rows, 3),
            epochs=count,
            batch_size=batch_size,
            learning_rate=1e-4,
            weight_decay=0.0,
            rng=np.random.default_rng(seed),
        )[0][0][0]

    return {"start": np.asarray(trained(0)), "end": np.asarray(trained(epochs))}


def each_row_once_an_epoch(result, expected, rows, epochs, batch_size, seed):
    W = result["start"]
    p = np.exp(W - np.logaddexp.reduce(W, axis=1, keepdims=True))
    downhill = ((np.arange(rows) * 2 % 3)[:, None] == np.arange(3)) - p
    moved = (result["end"] - W) / 1e-4
    share = np.sum(moved * downhill, axis=1) / np.sum(downhill**2, axis=1)
    if np.any(np.linalg.norm(moved - share[:, None] * downhill, axis=1) > 0.05 * np.linalg.norm(moved, axis=1)):
        return "a row was moved towards another row's label"
    # A row of a full batch counts 1 / batch_size, the one that is left over counts 1.
    alone = (share - epochs / batch_size) / (1 - 1 / batch_size)
    counts = np.round(alone)
    if np.any(np.abs(alone - counts) > 0.05) or counts.sum() != epochs or np.any(counts < 0):
        return "not every row was used once in each epoch"
    return "the same row is left over in every epoch: the order was drawn once" if counts.max() == epochs else None


def thirteen_rows(rng):
    return {"rows": 13, "epochs": 6, "batch_size": 4, "seed": int(rng.integers(1000))}


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
