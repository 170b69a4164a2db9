"""maxout_vjp: the gradient goes to the piece that won."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.activations import maxout_vjp
from backprop_solutions.exercises.activations.inputs import D, K, N

exercise = Definition(maxout_vjp)


def small(rng):
    W, b = np.array([[[1.0]], [[-1.0]]]), np.array([[0.0], [3.0]])
    return {"G": np.array([[2.0], [5.0], [-1.0]]), "X": np.array([[1.0], [2.0], [5.0]]), "W": W, "b": b}


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
        Case(label=f"{what}, small layer", arguments=small, probe=probe),
        Case(label=f"{what}, two pieces", arguments=layer(N, D, K, 2), probe=probe, draws=2, repeat=2),
        Case(label=f"{what}, six pieces", arguments=layer(N, D, K, 6), probe=probe, draws=2),
        Case(label=f"{what}, equal sizes", arguments=layer(3, 3, 3, 3), probe=probe),
        Case(label=f"{what}, one row", arguments=layer(1, D, K, 4), probe=probe),
        Case(label=f"{what}, one unit", arguments=layer(N, D, 1, 6), probe=probe),
        Case(label=f"{what}, one piece", arguments=layer(N, D, K, 1), probe=probe, visible=False),
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
    Case(label="tied pieces", arguments=tied, draws=2),
    Case(label="no tied pieces", arguments=layer(N, D, K, 4)),
)

# --- wrong answers ----------------------------------------------------------------------------------

ALL, ROUTED = ("values", "parameters", "ties"), "routed = np.stack([G * (winner == p) for p in range(len(W))])"
CONTEST = "(X @ W + b[:, None, :])"

exercise.slip(
    "every_piece_gets_the_gradient",
    (ROUTED, "routed = np.stack([G for p in range(len(W))])"),
    cause="Every piece gets the gradient, not the winner alone.",
    next_step="does a losing piece move the output?",
    loses=ALL,
)
exercise.slip(
    "gradient_shared_among_the_pieces",
    (ROUTED, "routed = np.stack([G / len(W) for p in range(len(W))])"),
    cause="The pieces share the gradient; the winner alone should get it.",
    next_step="does a losing piece move the output?",
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
    cause="Of tied pieces the last gets the gradient; here the first does.",
    next_step="what does argmax return at a tie?",
    loses=("ties",),
)
exercise.slip(
    "all_tied_pieces_in_full",
    (ROUTED, "Z = X @ W + b[:, None, :]\n    routed = G * (Z == Z.max(axis=0))"),
    cause="All tied pieces get the whole gradient: it is counted twice.",
    next_step="how many pieces does the output follow?",
    loses=("ties",),
)
exercise.slip(
    "tied_pieces_share",
    (ROUTED, "Z = X @ W + b[:, None, :]\n    won = Z == Z.max(axis=0)\n    routed = G * won / won.sum(axis=0)"),
    cause="Tied pieces share the gradient; in this course the first gets it.",
    next_step="what does argmax return at a tie?",
    loses=("ties",),
)
exercise.slip(
    "winner_chosen_by_row",
    (
        "winner = (X @ W + b[:, None, :]).argmax(axis=0)",
        "winner = (X @ W + b[:, None, :]).sum(axis=2).argmax(axis=0)[:, None]",
    ),
    cause="One piece is chosen for a row; each unit has its own.",
    next_step="may units follow different pieces?",
    loses=ALL,
)
exercise.slip(
    "winner_chosen_for_the_batch",
    ("winner = (X @ W + b[:, None, :]).argmax(axis=0)", "winner = (X @ W + b[:, None, :]).sum(axis=1).argmax(axis=0)"),
    cause="One piece is chosen for the whole batch; each row has its own.",
    next_step="may two rows follow different pieces?",
    loses=ALL,
)
exercise.slip(
    "upstream_taken_as_ones",
    (ROUTED, "routed = np.stack([1.0 * (winner == p) * np.ones_like(G) for p in range(len(W))])"),
    cause="The upstream gradient is ignored, as if it were all ones.",
    next_step="where does G enter each result?",
    loses=ALL,
)
exercise.slip(
    "outputs_in_place_of_the_mask",
    (ROUTED, "routed = np.stack([G * np.maximum(X @ W[p] + b[p], 0) * (winner == p) for p in range(len(W))])"),
    cause="G is multiplied by the winner's value; its slope is 1.",
    next_step="what if the winner grows by one?",
    loses=ALL,
)
exercise.slip(
    "bias_gradient_not_summed",
    ("routed.sum(axis=1)", "routed"),
    cause="The biases serve every row, so their gradients are summed.",
    next_step="what shape does b have?",
    loses=("parameters", "ties"),
)
exercise.slip(
    "bias_gradient_summed_over_the_units",
    ("routed.sum(axis=1)", "routed.sum(axis=2)"),
    cause="The sum runs over the units instead of the rows.",
    next_step="what shape does b have?",
    loses=("parameters", "ties"),
)
exercise.slip(
    "bias_gradient_without_routing",
    ("routed.sum(axis=1)", "np.stack([G.sum(axis=0)] * len(W))"),
    cause="All biases get the gradient, not the winner's alone.",
    next_step="does a losing bias move the output?",
    loses=("parameters", "ties"),
)
exercise.slip(
    "parameters_averaged_over_the_batch",
    ("X.T @ routed, routed.sum(axis=1)", "X.T @ routed / len(X), routed.mean(axis=1)"),
    cause="The layer divides by N, but the mean is in G already.",
    next_step="what would ten such layers do?",
    loses=("parameters", "ties"),
)
exercise.slip(
    "weights_before_inputs",
    ("return dX, X.T @ routed, routed.sum(axis=1)", "return X.T @ routed, routed.sum(axis=1), dX"),
    cause="The gradients are right but in another order.",
    next_step="which does the docstring list first?",
    loses=ALL,
)
exercise.slip(
    "inputs_of_the_first_piece_only",
    ("dX = sum(G_p @ W_p.T for G_p, W_p in zip(routed, W, strict=True))", "dX = routed[0] @ W[0].T"),
    cause="dX counts the first piece only; X feeds all that won.",
    next_step="what happens to gradients of several uses?",
    loses=("values", "ties"),
)


@exercise.misconception("values", "parameters", "ties")
def last_piece_overwrites(G, X, W, b):
    """dX, dW and db are overwritten; only the last contributions count.

    which sign adds to what is there?
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
    """dX is overwritten by each piece, so only the last counts.

    which sign adds to what is there?
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
    """dW and db are overwritten by each row; only the last counts.

    which sign adds to what is there?
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


@exercise.misconception("parameters", "ties")
def biases_overwritten_by_each_row(G, X, W, b):
    """db is overwritten by each row, so only the last counts.

    which sign adds to what is there?
    """
    winner = (X @ W + b[:, None, :]).argmax(axis=0)
    dX, dW, db = np.zeros_like(X), np.zeros_like(W), np.zeros_like(b)
    for n in range(X.shape[0]):
        for k in range(G.shape[1]):
            p = winner[n, k]
            dX[n] += G[n, k] * W[p, :, k]
            dW[p, :, k] += G[n, k] * X[n]
            db[p, k] = G[n, k]
    return dX, dW, db


@exercise.misconception("values", "ties")
def inputs_for_each_piece(G, X, W, b):
    """dX has a part for each piece, still to be summed.

    what shape has X?
    """
    winner = (X @ W + b[:, None, :]).argmax(axis=0)
    routed = np.stack([G * (winner == p) for p in range(len(W))])
    return routed @ W.transpose(0, 2, 1), X.T @ routed, routed.sum(axis=1)


@exercise.misconception("values", "parameters", "ties")
def contest_after_a_relu(G, X, W, b):
    """Negative pieces are cut off before the contest.

    which of -5 and -2 is larger?
    """
    winner = np.maximum(X @ W + b[:, None, :], 0).argmax(axis=0)
    routed = np.stack([G * (winner == p) for p in range(len(W))])
    dX = sum(G_p @ W_p.T for G_p, W_p in zip(routed, W, strict=True))
    return dX, X.T @ routed, routed.sum(axis=1)


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
