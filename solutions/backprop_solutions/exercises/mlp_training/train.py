"""train: train a fresh network by minibatch gradient descent."""

from backprop_autograder import Case, Close, Definition, Property
from backprop_solutions.exercises.mlp_training.training_runs import (
    after_blank_images,
    blank_images,
    blocks_that_move,
    each_row_once_an_epoch,
    every_step_was_right,
    followed,
    learned,
    network_at_rest,
    one_row_for_each_weight,
    progress_at_rest,
    progress_calls,
    shrunken_weights,
    small_problem,
    thirteen_rows,
    three_groups,
    told_after_each_epoch,
    told_the_loss_of_the_network,
    trained_on_groups,
    trained_thrice,
)
from backprop_solutions.mlp_training import initialize, loss, minibatches, mlp_backward, mlp_forward, sgd_step, train

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


@values.case("decay of 0.1 and biases", probe=after_blank_images, draws=2)
def blank_images_and_biases(rng):
    return {**blank_images(rng), "weight_decay": 0.1}


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
        ),
        Case(label="every block is trained", arguments=three_groups, probe=blocks_that_move, draws=2),
        Case(
            label="which rows are used in an epoch",
            arguments=thirteen_rows,
            comparison=Property(each_row_once_an_epoch),
            probe=one_row_for_each_weight,
            draws=2,
        ),
        # Not in the pack: the text of this property is the exercise's solution.
        Case(
            label="three steps, followed number by number",
            arguments=small_problem,
            comparison=Property(every_step_was_right),
            probe=followed,
            draws=2,
            visible=False,
        ),
    ],
)

exercise.aspect(
    "progress",
    hint="progress(epoch, loss) once after each epoch; every random number comes from rng.",
    cases=[
        Case(
            label="calls of progress",
            arguments=three_groups,
            comparison=Property(told_after_each_epoch),
            probe=progress_calls,
            draws=2,
        ),
        Case(label="use of rng", arguments=three_groups, probe=trained_thrice, draws=2),
        # The same from the numbers themselves: nothing is taken on trust at grading.
        Case(
            label="progress of a network at rest",
            arguments=network_at_rest,
            comparison=Property(told_the_loss_of_the_network),
            probe=progress_at_rest,
            visible=False,
        ),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


exercise.slip(
    "labels_left_in_place",
    ("losses = []", "losses, shuffled = [], X[rng.permutation(len(y))]"),
    ("mlp_forward(X[rows]", "mlp_forward(shuffled[rows]"),
    cause="The images are shuffled and their labels are not, so the network learns noise.",
    next_step="which rows of y belong to X[rows]?",
    loses=("learning",),
)
exercise.slip(
    "callers_rows_shuffled",
    ("losses = []", "losses, order = [], rng.permutation(len(y))\n        X[:], y[:] = X[order], y[order]"),
    cause="The caller's X and y are shuffled in place.",
    next_step="can you index with row numbers instead of moving rows?",
    loses=("learning", "progress"),
)
exercise.slip(
    "one_loss_for_each_batch",
    ("losses.append(loss(", "history.append(loss("),
    ("        history.append(np.mean(losses))\n", ""),
    cause="history gets an entry for every batch; one for every epoch is wanted.",
    next_step="after which of the two loops should the entry be added?",
)
exercise.slip(
    "one_step_for_each_epoch",
    ("minibatches(len(y), batch_size, rng)", "minibatches(len(y), len(y), rng)"),
    cause="All rows go into one step; batch_size is not used.",
    next_step="how many steps should one epoch take?",
)
exercise.slip(
    "last_short_batch_left_out",
    ("minibatches(len(y), batch_size, rng):", "list(minibatches(len(y), batch_size, rng))[: len(y) // batch_size]:"),
    cause="The last, short batch is left out.",
    next_step="how many steps do 13 rows give, 5 at a time?",
)
exercise.slip(
    "loss_before_training_in_history",
    (
        "parameters, history = initialize(sizes, rng), []",
        "parameters = initialize(sizes, rng)\n"
        "    history = [loss(mlp_forward(X, parameters)[0], y, parameters, weight_decay)]",
    ),
    cause="history starts with the loss before training, one entry too many.",
    next_step="how long is history after no epochs?",
)
exercise.slip(
    "new_network_in_each_epoch",
    ("losses = []", "parameters, losses = initialize(sizes, rng), []"),
    cause="Every epoch starts from a new network, so nothing learned is kept.",
    next_step="how often should initialize be called?",
)

TELL_EACH_BATCH = "            if progress is not None:\n                progress(epoch, losses[-1])"
SHRINK = "            parameters = [((1 - 2 * learning_rate * weight_decay) * W, b) for W, b in parameters]"

exercise.slip(
    "progress_after_each_batch",
    ("        if progress is not None:\n            progress(epoch, history[-1])\n", ""),
    ("        history.append(np.mean(losses))", f"{TELL_EACH_BATCH}\n        history.append(np.mean(losses))"),
    cause="progress is called after every batch instead of every epoch.",
    next_step="in which of the two loops does the call stand?",
    loses=("progress",),
)
exercise.slip(
    "first_network_differentiated",
    (
        "parameters, history = initialize(sizes, rng), []",
        "start = parameters = initialize(sizes, rng)\n    history = []",
    ),
    ("mlp_forward(X[rows], parameters)", "mlp_forward(X[rows], start)"),
    ("loss(logits, y[rows], parameters,", "loss(logits, y[rows], start,"),
    ("mlp_backward(cache, logits, y[rows], parameters,", "mlp_backward(cache, logits, y[rows], start,"),
    cause="Losses and gradients are always taken at the first network.",
    next_step="which parameters should mlp_forward see in the second step?",
)
exercise.slip(
    "steps_uphill",
    ("gradients, learning_rate)", "gradients, -learning_rate)"),
    cause="The steps go uphill: one minus sign too many.",
    next_step="which sign does sgd_step already contain?",
    loses=(
        "values",
        "learning",
    ),
)
exercise.slip(
    "decay_not_handed_on",
    ("loss(logits, y[rows], parameters, weight_decay)", "loss(logits, y[rows], parameters, 0.0)"),
    (
        "mlp_backward(cache, logits, y[rows], parameters, weight_decay)",
        "mlp_backward(cache, logits, y[rows], parameters, 0.0)",
    ),
    cause="weight_decay reaches neither the loss nor the gradient.",
    next_step="which argument of train has not been used?",
)
exercise.slip(
    "decay_applied_twice",
    ("sgd_step(parameters, gradients, learning_rate)", f"sgd_step(parameters, gradients, learning_rate)\n{SHRINK}"),
    cause="The weights shrink twice: by the penalty's gradient and once more.",
    next_step="which of your functions takes care of the decay already?",
)
exercise.slip(
    "same_seed_every_time",
    (
        "parameters, history = initialize(sizes, rng), []",
        "rng = np.random.default_rng(0)\n    parameters, history = initialize(sizes, rng), []",
    ),
    cause="The generator is made inside, so the rng handed over has no effect.",
    next_step="what should two different generators give?",
    loses=("progress",),
)

exercise.slip(
    "result_of_the_step_dropped",
    ("parameters = sgd_step(", "sgd_step("),
    cause="sgd_step returns new parameters, and nobody takes them: the network never changes.",
    next_step="which name should hold the result of sgd_step?",
    loses=("values", "learning"),
)
exercise.slip(
    "returned_after_the_first_epoch",
    ("    return parameters, history", "        return parameters, history"),
    cause="The return stands inside the loop over the epochs, which ends with its first round.",
    next_step="how far is the return indented?",
)
exercise.slip(
    "order_drawn_once",
    (
        "for epoch in range(epochs):\n        losses = []\n        for rows in minibatches(len(y), batch_size, rng):",
        "batches = list(minibatches(len(y), batch_size, rng))\n"
        "    for epoch in range(epochs):\n        losses = []\n        for rows in batches:",
    ),
    cause="The batches are drawn once, before the first epoch, and every epoch repeats them.",
    next_step="in which loop does minibatches stand?",
    loses=("learning",),
)
exercise.slip(
    "only_the_last_layer_trained",
    (
        "parameters = sgd_step(parameters, gradients, learning_rate)",
        "parameters = [*parameters[:-1], sgd_step(parameters, gradients, learning_rate)[-1]]",
    ),
    cause="Only the last layer is replaced; the layers before it stay as they were drawn.",
    next_step="how many pairs does sgd_step return?",
    loses=("learning",),
)
exercise.slip(
    "losses_of_an_epoch_summed",
    ("np.mean(losses)", "np.sum(losses)"),
    cause="The losses of an epoch are summed, so history depends on the number of batches.",
    next_step="should history change when the batches are half as large?",
)
exercise.slip(
    "biases_decayed",
    (
        "sgd_step(parameters, gradients, learning_rate)",
        "sgd_step(parameters, gradients, learning_rate)\n"
        "            parameters = [(W, (1 - 2 * learning_rate * weight_decay) * b) for W, b in parameters]",
    ),
    cause="The biases shrink too; the convention exempts them from the decay.",
    next_step="which blocks does the penalty sum over?",
)
exercise.slip(
    "progress_told_the_last_batch",
    ("progress(epoch, history[-1])", "progress(epoch, losses[-1])"),
    cause="progress is told the loss of the last batch, and history holds another number for the same epoch.",
    next_step="which loss has just been added to history?",
    loses=("progress",),
)
exercise.slip(
    "generator_used_up",
    (
        "for epoch in range(epochs):\n        losses = []\n        for rows in minibatches(len(y), batch_size, rng):",
        "batches = minibatches(len(y), batch_size, rng)\n"
        "    for epoch in range(epochs):\n        losses = []\n        for rows in batches:",
    ),
    cause="The batches are made once; a generator is used up after the first epoch, and the next one finds none.",
    next_step="in which loop does minibatches stand?",
    loses=("values", "learning", "progress"),
)
exercise.slip(
    "all_rows_in_each_step",
    ("mlp_forward(X[rows], parameters)", "mlp_forward(X, parameters)"),
    ("loss(logits, y[rows], parameters,", "loss(logits, y, parameters,"),
    ("mlp_backward(cache, logits, y[rows], parameters,", "mlp_backward(cache, logits, y, parameters,"),
    cause="Every step sees all rows: the batch's row numbers are not used.",
    next_step="what are X and y of one batch?",
    loses=("learning",),
)
exercise.slip(
    "progress_never_absent",
    (
        "        if progress is not None:\n            progress(epoch, history[-1])\n",
        "        progress(epoch, history[-1])\n",
    ),
    cause="progress is optional: without one there is nothing to call.",
    next_step="what is progress when the caller does not name it?",
    loses=("values", "learning", "progress"),
)

# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def train_with_orders_drawn_first(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    parameters, history = initialize(sizes, rng), []
    orders = [list(minibatches(len(y), batch_size, rng)) for _ in range(epochs)]
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


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "list(minibatches(len(y), batch_size, rng))[::-1]", reason="an epoch may take its batches in any order"
)
