"""maxout: each unit is the largest of its affine pieces."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.activations import maxout
from backprop_solutions.exercises.activations.inputs import D, K, N

exercise = Definition(maxout)

values = exercise.aspect("values", hint="all pieces have shape (P, N, K); which axis has to go?")


@values.case("one unit of two pieces")
def one_unit(rng):
    return {"X": np.array([[1.0], [2.0], [5.0]]), "W": np.array([[[1.0]], [[-1.0]]]), "b": np.array([[0.0], [3.0]])}


def layer(rows, inputs, units, pieces, shift=0.0):
    """Return a case's factory: a random layer."""

    def arguments(rng):
        W, b = rng.normal(size=(pieces, inputs, units)), rng.normal(size=(pieces, units)) + shift
        return {"X": rng.normal(size=(rows, inputs)), "W": W, "b": b}

    return arguments


values.add(
    Case(label="two pieces", arguments=layer(N, D, K, 2), draws=2),
    Case(label="six pieces", arguments=layer(N, D, K, 6), draws=2),
    Case(label="equal sizes", arguments=layer(3, 3, 3, 3), draws=2),
    Case(label="outputs far below 0", arguments=layer(N, D, K, 2, shift=-50.0)),
    Case(label="a single row", arguments=layer(1, D, K, 4)),
    Case(label="a single unit", arguments=layer(N, D, 1, 6)),
    Case(label="a single piece", arguments=layer(N, D, K, 1), visible=False),
    Case(label="a single input", arguments=layer(N, 1, K, 6), visible=False),
)

# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "pieces_added",
    ("max(", "sum("),
    cause="The pieces are added, which leaves the unit linear; the largest one is asked for.",
    next_step="what does a unit with pieces x and -x compute?",
)
exercise.slip(
    "pieces_averaged",
    ("max(", "mean("),
    cause="The pieces are averaged, which leaves the unit linear; the largest one is asked for.",
    next_step="what does a unit with pieces x and -x compute?",
)
exercise.slip(
    "smallest_piece",
    ("max(", "min("),
    cause="The smallest piece is taken.",
    next_step="what does a unit with pieces x and -x compute at x = 2?",
)


@exercise.misconception()
def biases_left_out(X, W, b):
    """The biases are left out.

    what does the unit compute for a row of zeros?
    """
    return (X @ W).max(axis=0)


@exercise.misconception()
def biases_after_the_contest(X, W, b):
    """The bias is added after the maximum; it takes part in the contest.

    which of x + 5 and 2 x wins at 1?
    """
    return (X @ W).max(axis=0) + b.max(axis=0)


exercise.slip(
    "number_of_the_winner",
    ("max(", "argmax("),
    cause="These are the numbers of the winning pieces; asked for are their values.",
    next_step="what is the difference between argmax and max?",
)


@exercise.misconception()
def relu_on_top(X, W, b):
    """A ReLU is put on top; a maxout unit may well be negative.

    what if all pieces are negative?
    """
    return np.maximum(0, (X @ W + b[:, None]).max(axis=0))


exercise.slip(
    "one_maximum_for_all",
    ("axis=0", ""),
    cause="There is one maximum for the whole layer.",
    next_step="along which axis do the pieces of one unit lie?",
)


@exercise.misconception()
def largest_in_size(X, W, b):
    """The piece of the largest absolute value wins; the sign counts.

    which of -5 and 2 is larger?
    """
    Z = X @ W + b[:, None]
    return np.take_along_axis(Z, np.abs(Z).argmax(axis=0)[None], axis=0)[0]


@exercise.misconception()
def first_two_pieces_only(X, W, b):
    """Two pieces are compared, however many there are.

    what if the third one is the largest?
    """
    return (
        np.maximum(X @ W[0] + b[0], X @ W[-1] + b[-1]) if len(W) < 3 else np.maximum(X @ W[0] + b[0], X @ W[1] + b[1])
    )


exercise.slip(
    "maximum_over_the_units",
    ("axis=0", "axis=2"),
    cause="The maximum runs over the units; it has to run over the pieces.",
    next_step="which axis of (P, N, K) should be gone?",
)
exercise.slip(
    "maximum_over_the_rows",
    ("axis=0", "axis=1"),
    cause="The maximum runs over the rows of the batch; it has to run over the pieces.",
    next_step="which axis of (P, N, K) should be gone?",
)


@exercise.misconception()
def one_piece_for_the_whole_row(X, W, b):
    """One piece is chosen for all units of a row; each unit has a contest of its own.

    may two units of one layer follow different pieces?
    """
    Z = X @ W + b[:, None]
    winner = Z.sum(axis=2).argmax(axis=0)
    return Z[winner, np.arange(len(X))]


@exercise.misconception()
def largest_weights_first(X, W, b):
    """The largest weights and biases are picked before the input is seen; which piece wins depends on x.

    which of the pieces x and -x wins at x = -2?
    """
    return X @ W.max(axis=0) + b.max(axis=0)


exercise.slip(
    "axis_of_the_pieces_kept",
    ("axis=0", "axis=0, keepdims=True"),
    cause="The right values stand in an array with one axis too many.",
    next_step="which axis of (P, N, K) should be gone?",
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def maxout_piece_by_piece(X, W, b):
    best = X @ W[0] + b[0]
    for V, c in zip(W[1:], b[1:], strict=True):
        best = np.maximum(best, X @ V + c)
    return best


@exercise.alternative
def maxout_by_einsum(X, W, b):
    return np.max(np.einsum("nd,pdk->npk", X, W) + b, axis=1)


@exercise.alternative
def maxout_with_a_column_of_ones(X, W, b):
    extended = np.hstack([X, np.ones((len(X), 1))])
    return (extended @ np.concatenate([W, b[:, None]], axis=1)).max(axis=0)


@exercise.alternative
def maxout_unit_by_unit(X, W, b):
    pieces, _, units = W.shape
    out = np.empty((X.shape[0], units))
    for n in range(len(X)):
        for k in range(units):
            out[n, k] = max(X[n] @ W[p, :, k] + b[p, k] for p in range(pieces))
    return out
