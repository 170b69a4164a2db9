"""train: train a fresh network by minibatch gradient descent."""

import numpy as np

from backprop_autograder import Case, Close, Definition, Property
from backprop_solutions.mlp_training import initialize, loss, minibatches, mlp_backward, mlp_forward, sgd_step, train


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


exercise = Definition(train)

values = exercise.aspect(
    "values",
    hint="for each batch of each epoch: forward, loss, backward, one step with parameters replaced.",
    cases=[
        Case(
            label="blank images",
            arguments=blank_images,
            probe=after_blank_images,
            draws=2,
        )
    ],
)


@values.case("one batch of blank images", probe=after_blank_images, draws=2)
def blank_images_in_one_batch(rng):
    return {**blank_images(rng), "batch_size": 50}


@values.case("no epochs", probe=after_blank_images)
def no_epochs(rng):
    return {**blank_images(rng), "epochs": 0}


@values.case(
    "decay of 0.2, blank images",
    comparison=Close(rtol=0, atol=0.06, reason="rounded to one decimal after a random start"),
    probe=shrunken_weights,
    draws=2,
)
def blank_images_with_decay(rng):
    # Blank images give no gradient to the weights, so they shrink by 1 - 2 * 0.5 * 0.2 = 0.8 in each of 4 steps.
    return {"rows": 8, "epochs": 2, "batch_size": 4, "learning_rate": 0.5, "seed": int(rng.integers(1000))}


exercise.aspect(
    "learning",
    hint="do rows and labels stay together, and do the new parameters replace the old ones?",
    cases=[
        Case(
            label="60 easy rows",
            arguments=three_groups,
            comparison=Property(learned),
            probe=trained_on_groups,
            draws=3,
        )
    ],
)

exercise.aspect(
    "progress",
    hint="progress(epoch, loss) once after each epoch; every random number comes from rng.",
    cases=[
        Case(label="calls of progress", arguments=three_groups, probe=progress_calls, draws=2),
        Case(label="use of rng", arguments=three_groups, probe=trained_thrice, draws=2),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("learning")
def labels_left_in_place(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """The images are shuffled and their labels are not, so the network learns noise.

    which rows of y belong to X[rows]?
    """
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


@exercise.misconception("learning", "progress")
def callers_rows_shuffled(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """The caller's X and y are shuffled in place.

    can you index with row numbers instead of moving rows?
    """
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


@exercise.misconception()
def one_loss_for_each_batch(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """history gets an entry for every batch; one for every epoch is wanted.

    after which of the two loops should the entry be added?
    """
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


@exercise.misconception("progress")
def progress_after_each_batch(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """progress is called after every batch instead of every epoch.

    in which of the two loops does the call stand?
    """
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


@exercise.misconception()
def first_network_differentiated(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """Losses and gradients are always taken at the first network.

    which parameters should mlp_forward see in the second step?
    """
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


@exercise.misconception()
def one_step_for_each_epoch(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """All rows go into one step; batch_size is not used.

    how many steps should one epoch take?
    """
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        logits, cache = mlp_forward(X, parameters)
        history.append(loss(logits, y, parameters, weight_decay))
        gradients = mlp_backward(cache, logits, y, parameters, weight_decay)
        parameters = sgd_step(parameters, gradients, learning_rate)
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history


@exercise.misconception()
def last_short_batch_left_out(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """The last, short batch is left out.

    how many steps do 13 rows give, 5 at a time?
    """
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


@exercise.misconception("values", "learning")
def steps_uphill(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """The steps go uphill: one minus sign too many.

    which sign does sgd_step already contain?
    """
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


@exercise.misconception()
def decay_not_handed_on(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """weight_decay reaches neither the loss nor the gradient.

    which argument of train has not been used?
    """
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


@exercise.misconception()
def decay_applied_twice(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """The weights shrink twice: by the penalty's gradient and once more.

    which of your functions takes care of the decay already?
    """
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


@exercise.misconception("progress")
def same_seed_every_time(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """The generator is made inside, so the rng handed over has no effect.

    what should two different generators give?
    """
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


@exercise.misconception()
def loss_before_training_in_history(
    X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None
):
    """history starts with the loss before training, one entry too many.

    how long is history after no epochs?
    """
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


@exercise.misconception()
def new_network_in_each_epoch(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """Every epoch starts from a new network, so nothing learned is kept.

    how often should initialize be called?
    """
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


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
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


@exercise.alternative
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


@exercise.alternative
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
