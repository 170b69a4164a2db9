"""left_product_vjp: pull the upstream gradient back to both factors of Y = W X."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians.inputs import D, K, N, cases_of_a_product, product_of
from backprop_solutions.vector_jacobians import left_product_vjp

exercise = Definition(left_product_vjp, ("dW dX",))

exercise.aspect(
    "values",
    hint="work column by column: y = W x has the Jacobian W; then let the shapes check you.",
    cases=[
        *cases_of_a_product("W", "X", D, N, K),
        Case(label="a matrix with one row", arguments=product_of("W", "X", 1, N, K)),
        Case(label="a single column", arguments=product_of("W", "X", D, N, 1)),
        Case(label="one number between", arguments=product_of("W", "X", D, 1, K)),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def left_inputs_first(G, W, X):
    """Both gradients are right but returned in another order.

    in which order do W and X stand in the signature?
    """
    return W.T @ G, G @ X.T


@exercise.misconception()
def left_without_transposes(G, W, X):
    """The transposes are missing: gradients travel against the direction of the product.

    which products fit if no two lengths are equal?
    """
    return G @ X, W @ G


@exercise.misconception()
def left_upstream_as_ones(G, W, X):
    """The upstream gradient is ignored, as if z were the sum of Y.

    where does G enter each formula?
    """
    ones = np.ones_like(G)
    return ones @ X.T, W.T @ ones


@exercise.misconception()
def left_weight_gradient_transposed(G, W, X):
    """dW is transposed.

    which order of G and X gives the shape of W?
    """
    return X @ G.T, W.T @ G


@exercise.misconception()
def left_other_factor_alone(G, W, X):
    """The other factor is a local derivative; the upstream gradient is missing.

    with what is the local derivative multiplied?
    """
    return X.T, W.T


@exercise.misconception()
def left_only_inputs(G, W, X):
    """Only the gradient of X is returned, as in the deck; the weights need theirs too.

    how does Y change with an entry of W?
    """
    return W.T @ G


@exercise.misconception()
def left_by_the_rule_of_right(G, W, X):
    """These are the formulas of Y = X W.

    on which side of X does W stand here?
    """
    return X.T @ G, G @ W.T


@exercise.misconception()
def left_by_the_rule_of_right_inputs_first(G, W, X):
    """These are the formulas of Y = X W.

    on which side of X does W stand here?
    """
    return G @ W.T, X.T @ G


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def left_by_columns(G, W, X):
    dW = sum(np.outer(G[:, k], X[:, k]) for k in range(G.shape[1]))
    return dW, np.stack([W.T @ G[:, k] for k in range(G.shape[1])], axis=1)


@exercise.alternative
def left_by_einsum(G, W, X):
    return [np.einsum("mn,ln->ml", G, X), np.einsum("ml,mn->ln", W, G)]


@exercise.alternative
def left_by_transposition(G, W, X):
    return (X @ G.T).T, (G.T @ W).T
