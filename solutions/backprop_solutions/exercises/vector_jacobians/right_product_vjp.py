"""right_product_vjp: pull the upstream gradient back to both factors of Y = X W."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians.inputs import D, K, N, cases_of_a_product, product_of
from backprop_solutions.vector_jacobians import right_product_vjp

exercise = Definition(right_product_vjp, ("dX dW",))

exercise.aspect(
    "values",
    hint="each factor's gradient is G times the other factor, transposed, on the side where that one stood.",
    cases=[
        *cases_of_a_product("X", "W", N, D, K),
        Case(label="one row", arguments=product_of("X", "W", 1, D, K)),
        Case(label="one output", arguments=product_of("X", "W", N, D, 1)),
        Case(label="one input", arguments=product_of("X", "W", N, 1, K)),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def right_weights_first(G, X, W):
    """Both gradients are right but returned in another order.

    in which order do X and W stand in the signature?
    """
    return X.T @ G, G @ W.T


@exercise.misconception()
def right_without_transposes(G, X, W):
    """The transposes are missing: gradients travel against the direction of the product.

    which products fit if no two lengths are equal?
    """
    return G @ W, X @ G


@exercise.misconception()
def right_upstream_as_ones(G, X, W):
    """The upstream gradient is ignored, as if z were the sum of Y.

    where does G enter each formula?
    """
    ones = np.ones_like(G)
    return ones @ W.T, X.T @ ones


@exercise.misconception()
def right_weight_gradient_transposed(G, X, W):
    """dW is transposed.

    which order of X and G gives the shape of W?
    """
    return G @ W.T, G.T @ X


@exercise.misconception()
def right_other_factor_alone(G, X, W):
    """The other factor is a local derivative; the upstream gradient is missing.

    with what is the local derivative multiplied?
    """
    return W.T, X.T


@exercise.misconception()
def right_only_inputs(G, X, W):
    """Only the gradient of X is returned, as in the deck; the weights need theirs too.

    how does Y change with an entry of W?
    """
    return G @ W.T


@exercise.misconception()
def right_by_the_rule_of_left(G, X, W):
    """These are the formulas of Y = W X.

    on which side of X does W stand here?
    """
    return W.T @ G, G @ X.T


@exercise.misconception()
def right_by_the_rule_of_left_in_order(G, X, W):
    """These are the formulas of Y = W X.

    on which side of X does W stand here?
    """
    return G @ X.T, W.T @ G


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def right_by_rows(G, X, W):
    dW = sum(np.outer(x, g) for x, g in zip(X, G, strict=True))
    return np.stack([W @ g for g in G]), dW


@exercise.alternative
def right_by_einsum(G, X, W):
    return [np.einsum("nk,dk->nd", G, W), np.einsum("nd,nk->dk", X, G)]


@exercise.alternative
def right_by_transposition(G, X, W):
    return (W @ G.T).T, (G.T @ X).T
