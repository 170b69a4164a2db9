"""linear_forward: compute the outputs of a linear layer for a batch of rows."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians.inputs import D, K, N
from backprop_solutions.vector_jacobians import linear_forward


def random_layer(rng):
    return {"X": rng.normal(size=(N, D)), "W": rng.normal(size=(D, K)), "b": rng.normal(size=K)}


exercise = Definition(linear_forward)

values = exercise.aspect(
    "values", hint="write the shapes (N, D), (D, K) and (K,) below each other; which product gives (N, K)?"
)


@values.case("a small layer")
def small_layer(rng):
    return {"X": np.array([[1.0], [3.0]]), "W": np.array([[2.0, 0.0, 4.0]]), "b": np.array([5.0, 7.0, 6.0])}


values.add(Case(label="outputs for a random batch", arguments=random_layer, draws=3))


@values.case("a layer with as many outputs as inputs")
def square_layer(rng):
    return {"X": rng.normal(size=(D, D)), "W": rng.normal(size=(D, D)), "b": rng.normal(size=D)}


values.add(
    Case(
        label="a batch of one row",
        arguments=lambda rng: {**random_layer(rng), "X": rng.normal(size=(1, D))},
        visible=False,
    )
)


@values.case("one output, and entries of 0")
def one_output(rng):
    X, W = rng.normal(size=(N, D)), rng.normal(size=(D, 1))
    X[1], W[0] = 0.0, 0.0
    return {"X": X, "W": W, "b": rng.normal(size=1)}


@values.case("one input")
def one_input(rng):
    return {"X": rng.normal(size=(N, 1)), "W": rng.normal(size=(1, K)), "b": rng.normal(size=K)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def bias_forgotten(X, W, b):
    """The bias is not added.

    what does the layer put out for a row of zeros?
    """
    return X @ W


@exercise.misconception()
def bias_subtracted(X, W, b):
    """The bias is subtracted; it is added to each row.

    what does the layer put out for a row of zeros?
    """
    return X @ W - b


@exercise.misconception()
def bias_added_to_the_weights(X, W, b):
    """The bias is added to the weights, so the inputs multiply it.

    what should the layer put out for a row of zeros?
    """
    return X @ (W + b)


@exercise.misconception()
def bias_summed_into_one_number(X, W, b):
    """All biases are summed; each output has a bias of its own.

    how does NumPy add an array of shape (K,) to one of shape (N, K)?
    """
    return X @ W + b.sum()


@exercise.misconception()
def outputs_as_columns(X, W, b):
    """Examples run along columns, as in lectures that write W x; here they are rows.

    which order of X and W keeps N in front?
    """
    return W.T @ X.T + b[:, None]


@exercise.misconception()
def matrix_before_the_batch(X, W, b):
    """W x is the rule for a column; with examples as rows X stands on the left.

    which lengths must agree in a matrix product?
    """
    return W @ X + b


@exercise.misconception()
def weights_stored_by_output(X, W, b):
    """W is transposed, but it is stored as (D, K), inputs first (PyTorch stores outputs first).

    which lengths must agree in X W?
    """
    return X @ W.T + b


@exercise.misconception()
def bias_as_a_column(X, W, b):
    """The biases are made a column, one for each row; there is one for each output.

    how does NumPy line up (N, K) with (K,)?
    """
    return X @ W + b[:, None]


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def forward_by_einsum(X, W, b):
    return np.einsum("nd,dk->nk", X, W) + b


@exercise.alternative
def forward_row_by_row(X, W, b):
    return np.array([W.T @ x + b for x in X])


@exercise.alternative
def forward_with_a_column_of_ones(X, W, b):
    return np.hstack([X, np.ones((len(X), 1))]) @ np.vstack([W, b])


@exercise.alternative
def forward_in_place_of_its_own_result(X, W, b):
    Z = np.dot(X, W)
    Z += b[np.newaxis, :]
    return Z
