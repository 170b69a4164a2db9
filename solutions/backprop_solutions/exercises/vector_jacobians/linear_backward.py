"""linear_backward: pull the upstream gradient of a linear layer back to its inputs, weights and biases."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians.inputs import D, K, N
from backprop_solutions.vector_jacobians import linear_backward


def small_backward(rng):
    G = np.array([[1.0, 0.0, 5.0], [2.0, 3.0, -1.0]])
    return {"G": G, "X": np.array([[1.0], [3.0]]), "W": np.array([[2.0, 0.0, 4.0]])}


def random_backward(rng):
    return {"G": rng.normal(size=(N, K)), "X": rng.normal(size=(N, D)), "W": rng.normal(size=(D, K))}


def square_backward(rng):
    return {"G": rng.normal(size=(D, D)), "X": rng.normal(size=(D, D)), "W": rng.normal(size=(D, D))}


def backward_of_shape(n, d, k):
    return lambda rng: {"G": rng.normal(size=(n, k)), "X": rng.normal(size=(n, d)), "W": rng.normal(size=(d, k))}


def backward_with_zeros(rng):
    """Draw two equal rows, a row of zeros in G and one in X, and an unused output."""
    arguments = random_backward(rng)
    for name in ("G", "X"):
        arguments[name][3] = arguments[name][0]
    arguments["G"][1] = arguments["X"][2] = arguments["W"][:, 0] = 0.0
    return arguments


def mixed_backward(rng):
    arguments = random_backward(rng)
    arguments["G"] *= np.array([[1e8], [1.0], [1e-8], [1e-4]])
    return arguments


def inputs_and_weights(student, G, X, W):
    dX, dW, _ = student.linear_backward(G, X, W)
    return {"dX": dX, "dW": dW}


def biases(student, G, X, W):
    _, _, db = student.linear_backward(G, X, W)
    return {"db": db}


exercise = Definition(linear_backward)

exercise.aspect(
    "values",
    hint="each gradient is one product of two matrices and has the shape of what it belongs to.",
    cases=[
        Case(label="dX and dW of a small layer", arguments=small_backward, probe=inputs_and_weights),
        Case(label="dX and dW of a random batch", arguments=random_backward, probe=inputs_and_weights, draws=3),
        Case(label="dX and dW when N = D = K", arguments=square_backward, probe=inputs_and_weights, draws=2),
        Case(label="dX and dW of one row", arguments=backward_of_shape(1, D, K), probe=inputs_and_weights),
        Case(label="dX and dW of one output", arguments=backward_of_shape(N, D, 1), probe=inputs_and_weights),
        Case(label="dX and dW of one input", arguments=backward_of_shape(N, 1, K), probe=inputs_and_weights),
        Case(label="dX and dW with zeros and equal rows", arguments=backward_with_zeros, probe=inputs_and_weights),
        Case(label="dX and dW, small rows beside large ones", arguments=mixed_backward, probe=inputs_and_weights),
    ],
)

exercise.aspect(
    "bias",
    hint="each bias is used once in every row; what happens to gradients of things used several times?",
    cases=[
        Case(label="db of a small layer", arguments=small_backward, probe=biases),
        Case(label="db for a random batch", arguments=random_backward, probe=biases, draws=3),
        Case(label="db when N = D = K", arguments=square_backward, probe=biases),
        Case(label="db of one row", arguments=backward_of_shape(1, D, K), probe=biases),
        Case(label="db of one output", arguments=backward_of_shape(N, D, 1), probe=biases),
        Case(label="db with zeros and equal rows", arguments=backward_with_zeros, probe=biases),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("bias")
def bias_gradient_not_summed(G, X, W):
    """Every row uses the same biases, so the rows' gradients have to be summed.

    what shape does b have?
    """
    return G @ W.T, X.T @ G, G


@exercise.misconception("bias")
def bias_gradient_over_the_outputs(G, X, W):
    """The sum runs over the outputs; it has to run over the batch.

    which axis of G is the batch?
    """
    return G @ W.T, X.T @ G, G.sum(axis=1)


@exercise.misconception("bias")
def bias_gradient_averaged(G, X, W):
    """The bias gradient is averaged over the batch; contributions of several uses are summed.

    where did the 1/N of a mean loss enter already?
    """
    return G @ W.T, X.T @ G, G.mean(axis=0)


@exercise.misconception("bias")
def bias_gradient_of_zeros(G, X, W):
    """The bias is treated as a constant without gradient.

    by how much does an output change when its bias grows by one?
    """
    return G @ W.T, X.T @ G, np.zeros(G.shape[1])


@exercise.misconception("values", "bias")
def parameters_averaged_over_the_batch(G, X, W):
    """The layer divides by N again; the loss's mean is in G already.

    what would ten such layers do to the gradient?
    """
    return G @ W.T, X.T @ G / len(X), G.mean(axis=0)


@exercise.misconception()
def weight_gradient_transposed(G, X, W):
    """dW is transposed.

    which order of X and G gives the shape of W?
    """
    return G @ W.T, G.T @ X, G.sum(axis=0)


@exercise.misconception()
def weights_not_transposed(G, X, W):
    """G is multiplied by W itself, but it travels back.

    which matrix turns shape (N, K) into (N, D)?
    """
    return G @ W, X.T @ G, G.sum(axis=0)


@exercise.misconception()
def weight_gradient_first(G, X, W):
    """The gradients are right but returned in another order.

    compare with the docstring: which comes first, dX or dW?
    """
    return X.T @ G, G @ W.T, G.sum(axis=0)


@exercise.misconception("values", "bias")
def upstream_taken_as_ones(G, X, W):
    """The upstream gradient is ignored, as if the loss were the sum of all outputs.

    where does G enter each formula?
    """
    ones = np.ones_like(G)
    return ones @ W.T, X.T @ ones, ones.sum(axis=0)


@exercise.misconception()
def factors_of_the_input_gradient_exchanged(G, X, W):
    """The factors of dX stand in the order for columns.

    which product of G and W is (N, D)?
    """
    return W.T @ G, X.T @ G, G.sum(axis=0)


@exercise.misconception("bias")
def db_is_one_number(G, X, W):
    """All of G is summed to one number; each output has a bias, and a sum, of its own.

    what shape does b have?
    """
    return G @ W.T, X.T @ G, G.sum()


@exercise.misconception("values", "bias")
def gradients_in_a_dict(G, X, W):
    """A dict is returned; taken apart like a tuple, it yields its keys.

    what does the docstring return, in which order?
    """
    return {"dX": G @ W.T, "dW": X.T @ G, "db": G.sum(axis=0)}


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def backward_by_einsum(G, X, W):
    return np.einsum("nk,dk->nd", G, W), np.einsum("nd,nk->dk", X, G), np.einsum("nk->k", G)


@exercise.alternative
def backward_as_sums_of_outer_products(G, X, W):
    dX = np.array([W @ g for g in G])
    dW = sum(np.outer(x, g) for x, g in zip(X, G, strict=True))
    return [dX, dW, np.ones(len(G)) @ G]


@exercise.alternative
def backward_by_loops(G, X, W):
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(W.shape[1])
    for n in range(len(X)):
        for k in range(W.shape[1]):
            db[k] += G[n, k]
            for d in range(W.shape[0]):
                dX[n, d] += G[n, k] * W[d, k]
                dW[d, k] += G[n, k] * X[n, d]
    return dX, dW, db
