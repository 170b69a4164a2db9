"""maxout_vjp: the gradient goes to the piece that won."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.activations import maxout_vjp
from backprop_solutions.exercises.activations.inputs import D, K, N

exercise = Definition(maxout_vjp)


def small(rng):
    W, b = np.array([[[1.0], [0.0]], [[-1.0], [2.0]]]), np.array([[0.0], [3.0]])
    return {"G": np.array([[2.0], [5.0], [-1.0]]), "X": np.array([[1.0, -3.0], [2.0, 0.0], [5.0, 1.0]]), "W": W, "b": b}


def layer(rows, inputs, units, pieces, bias=1.5):
    """Return a case's factory: a random layer in which biases decide some contests."""

    def arguments(rng):
        W, b = rng.normal(size=(pieces, inputs, units)), rng.normal(scale=bias, size=(pieces, units))
        return {"G": rng.normal(size=(rows, units)), "X": rng.normal(size=(rows, inputs)), "W": W, "b": b}

    return arguments


def tied(rng):
    """Return a layer of small whole numbers, exact in any order of operations, each piece there twice."""
    W, b = rng.integers(-3, 4, size=(2, D, K)).astype(float), rng.integers(-3, 4, size=(2, K)).astype(float)
    X, G = rng.integers(-3, 4, size=(N, D)).astype(float), rng.integers(1, 6, size=(N, K)).astype(float)
    return {"G": G, "X": X, "W": np.concatenate([W, W]), "b": np.concatenate([b, b])}


def inputs(student, G, X, W, b):
    dX, _, _ = student.maxout_vjp(G, X, W, b)
    return {"dX": dX}


def parameters_of(student, G, X, W, b):
    _, dW, db = student.maxout_vjp(G, X, W, b)
    return {"dW": dW, "db": db}


def cases(what, probe):
    """Return the cases of one aspect; `what` is the name of its results."""
    return [
        Case(label=f"{what} of a small layer", arguments=small, probe=probe),
        Case(label=f"{what} with two pieces", arguments=layer(N, D, K, 2), probe=probe, draws=2, repeat=2),
        Case(label=f"{what} with six pieces", arguments=layer(N, D, K, 6), probe=probe, draws=2),
        Case(label=f"{what} when all sizes are 3", arguments=layer(3, 3, 3, 3), probe=probe),
        Case(label=f"{what} of a single row", arguments=layer(1, D, K, 4), probe=probe),
        Case(label=f"{what} of a single unit", arguments=layer(N, D, 1, 6), probe=probe),
        Case(label=f"{what} of a single piece", arguments=layer(N, D, K, 1), probe=probe, visible=False),
    ]


values = exercise.aspect(
    "values", hint="which piece does each output (n, k) follow, and which weights lead from there to X?"
)
values.add(*cases("dX", inputs))

parameters = exercise.aspect(
    "parameters", hint="a piece learns from the rows in which it won, as a linear layer would from these rows."
)
parameters.add(*cases("dW and db", parameters_of))

ties = exercise.aspect("ties", hint="what does argmax return when two entries are the largest?")
ties.add(
    Case(label="pieces that tie", arguments=tied, draws=2),
    Case(label="pieces that do not", arguments=layer(N, D, K, 4)),
)

# --- wrong answers ----------------------------------------------------------------------------------

ALL, ROUTED = ("values", "parameters", "ties"), "routed = np.stack([G * (winner == p) for p in range(len(W))])"
CONTEST = "(X @ W + b[:, None, :])"

exercise.slip(
    "every_piece_gets_the_gradient",
    (ROUTED, "routed = np.stack([G for p in range(len(W))])"),
    cause="Every piece gets the gradient; it goes to the winner alone.",
    next_step="does the output move when a piece that lost moves a little?",
    loses=ALL,
)
exercise.slip(
    "gradient_shared_among_the_pieces",
    (ROUTED, "routed = np.stack([G / len(W) for p in range(len(W))])"),
    cause="The gradient is shared by all pieces; it goes to the winner alone.",
    next_step="does the output move when a piece that lost moves a little?",
    loses=ALL,
)
exercise.slip(
    "contest_without_biases",
    (CONTEST, "(X @ W)"),
    cause="The winner is found without the biases.",
    next_step="which numbers did the forward pass compare?",
    loses=ALL,
)
exercise.slip(
    "loser_gets_the_gradient",
    ("argmax", "argmin"),
    cause="The smallest piece gets the gradient.",
    next_step="which piece does the output follow?",
    loses=ALL,
)
exercise.slip(
    "last_of_tied_pieces",
    (
        "winner = (X @ W + b[:, None, :]).argmax(axis=0)",
        "winner = len(W) - 1 - (X @ W + b[:, None, :])[::-1].argmax(axis=0)",
    ),
    cause="Of tied pieces the last one gets the gradient; this course takes the first.",
    next_step="what does argmax return when two entries are the largest?",
    loses=("ties",),
)
exercise.slip(
    "all_tied_pieces_in_full",
    (ROUTED, "Z = X @ W + b[:, None, :]\n    routed = G * (Z == Z.max(axis=0))"),
    cause="All tied pieces get the whole gradient, so it is counted more than once.",
    next_step="how many pieces does the output follow at a tie?",
    loses=("ties",),
)
exercise.slip(
    "tied_pieces_share",
    (ROUTED, "Z = X @ W + b[:, None, :]\n    won = Z == Z.max(axis=0)\n    routed = G * won / won.sum(axis=0)"),
    cause="Tied pieces share the gradient, a fair choice, but not this course's: the first gets it.",
    next_step="what does argmax return when two entries are the largest?",
    loses=("ties",),
)
exercise.slip(
    "winner_chosen_by_row",
    (
        "winner = (X @ W + b[:, None, :]).argmax(axis=0)",
        "winner = (X @ W + b[:, None, :]).sum(axis=2).argmax(axis=0)[:, None]",
    ),
    cause="One piece is chosen for all units of a row; each unit has a contest of its own.",
    next_step="may two units of one layer follow different pieces?",
    loses=ALL,
)
exercise.slip(
    "winner_chosen_for_the_batch",
    ("winner = (X @ W + b[:, None, :]).argmax(axis=0)", "winner = (X @ W + b[:, None, :]).sum(axis=1).argmax(axis=0)"),
    cause="One piece is chosen for the whole batch; each row has a contest of its own.",
    next_step="may a unit follow different pieces in two rows?",
    loses=ALL,
)
exercise.slip(
    "upstream_taken_as_ones",
    (ROUTED, "routed = np.stack([1.0 * (winner == p) * np.ones_like(G) for p in range(len(W))])"),
    cause="The upstream gradient is ignored, as if the loss were the sum of all outputs.",
    next_step="where does G enter each result?",
    loses=ALL,
)
exercise.slip(
    "outputs_in_place_of_the_mask",
    (ROUTED, "routed = np.stack([G * np.maximum(X @ W[p] + b[p], 0) * (winner == p) for p in range(len(W))])"),
    cause="G is multiplied by the value of the winner; the maximum has slope 1 there.",
    next_step="by how much does the output grow when the winner grows by one?",
    loses=ALL,
)
exercise.slip(
    "bias_gradient_not_summed",
    ("routed.sum(axis=1)", "routed"),
    cause="Every row uses the same biases, so the rows' gradients have to be summed.",
    next_step="what shape does b have?",
    loses=("parameters", "ties"),
)
exercise.slip(
    "bias_gradient_summed_over_the_units",
    ("routed.sum(axis=1)", "routed.sum(axis=2)"),
    cause="The sum runs over the units; it has to run over the rows.",
    next_step="what shape does b have?",
    loses=("parameters", "ties"),
)
exercise.slip(
    "bias_gradient_without_routing",
    ("routed.sum(axis=1)", "np.stack([G.sum(axis=0)] * len(W))"),
    cause="All biases get the whole gradient; a bias moves the output only where its piece won.",
    next_step="does the output move when the bias of a losing piece does?",
    loses=("parameters", "ties"),
)
exercise.slip(
    "parameters_averaged_over_the_batch",
    ("X.T @ routed, routed.sum(axis=1)", "X.T @ routed / len(X), routed.mean(axis=1)"),
    cause="The layer divides by N; the loss's mean is in G already.",
    next_step="what would ten such layers do to the gradient?",
    loses=("parameters", "ties"),
)
exercise.slip(
    "weights_before_inputs",
    ("return dX, X.T @ routed, routed.sum(axis=1)", "return X.T @ routed, routed.sum(axis=1), dX"),
    cause="The gradients are right but returned in another order.",
    next_step="compare with the docstring: which comes first?",
    loses=ALL,
)
exercise.slip(
    "inputs_of_the_first_piece_only",
    ("dX = sum(G_p @ W_p.T for G_p, W_p in zip(routed, W, strict=True))", "dX = routed[0] @ W[0].T"),
    cause="dX counts only the first piece; X feeds every piece that won.",
    next_step="what happens to gradients of things that are used several times?",
    loses=("values", "ties"),
)


@exercise.misconception("values", "parameters", "ties")
def last_piece_overwrites(G, X, W, b):
    """dX is overwritten by each piece, so that only the last one counts, and dW and db by each row.

    which sign adds to what is there already?
    """
    winner = (X @ W + b[:, None, :]).argmax(axis=0)
    dX, dW, db = np.zeros_like(X), np.zeros_like(W), np.zeros_like(b)
    for n in range(X.shape[0]):
        for k in range(G.shape[1]):
            p = winner[n, k]
            dX[n] = G[n, k] * W[p, :, k]
            dW[p, :, k] = G[n, k] * X[n]
            db[p, k] = G[n, k]
    return dX, dW, db


@exercise.misconception("values", "ties")
def inputs_overwritten_by_each_piece(G, X, W, b):
    """dX is overwritten by each piece, so that only the last one counts.

    which sign adds to what is there already?
    """
    winner = (X @ W + b[:, None, :]).argmax(axis=0)
    dW, db = np.zeros_like(W), np.zeros_like(b)
    for p in range(len(W)):
        G_p = G * (winner == p)
        dX = G_p @ W[p].T
        dW[p], db[p] = X.T @ G_p, G_p.sum(axis=0)
    return dX, dW, db


@exercise.misconception("parameters", "ties")
def parameters_overwritten_by_each_row(G, X, W, b):
    """dW and db are overwritten by each row, so that only the last one counts.

    which sign adds to what is there already?
    """
    winner = (X @ W + b[:, None, :]).argmax(axis=0)
    dX, dW, db = np.zeros_like(X), np.zeros_like(W), np.zeros_like(b)
    for n in range(X.shape[0]):
        for k in range(G.shape[1]):
            p = winner[n, k]
            dX[n] += G[n, k] * W[p, :, k]
            dW[p, :, k] = G[n, k] * X[n]
            db[p, k] = G[n, k]
    return dX, dW, db


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def vjp_number_by_number(G, X, W, b):
    dX, dW, db = np.zeros_like(X), np.zeros_like(W), np.zeros_like(b)
    for n in range(X.shape[0]):
        for k in range(G.shape[1]):
            p = np.argmax(X[n] @ W[:, :, k].T + b[:, k])
            dX[n] += G[n, k] * W[p, :, k]
            dW[p, :, k] += G[n, k] * X[n]
            db[p, k] += G[n, k]
    return dX, dW, db


@exercise.alternative
def vjp_by_einsum(G, X, W, b):
    Z = np.einsum("nd,pdk->pnk", X, W) + b[:, None]
    mask = np.arange(len(W))[:, None, None] == Z.argmax(axis=0)
    routed = mask * G
    dX = np.einsum("pnk,pdk->nd", routed, W)
    return dX, np.einsum("nd,pnk->pdk", X, routed), np.einsum("pnk->pk", routed)


@exercise.alternative
def vjp_piece_by_piece(G, X, W, b):
    best, winner = X @ W[0] + b[0], np.zeros(G.shape, dtype=int)
    for p in range(1, len(W)):
        z = X @ W[p] + b[p]
        winner = np.where(z > best, p, winner)
        best = np.maximum(z, best)
    dX, dW, db = 0.0, [], []
    for p in range(len(W)):
        G_p = np.where(winner == p, G, 0.0)
        dX = dX + np.dot(G_p, W[p].T)
        dW.append(X.T.dot(G_p))
        db.append(np.sum(G_p, axis=0))
    return [dX, np.array(dW), np.array(db)]
