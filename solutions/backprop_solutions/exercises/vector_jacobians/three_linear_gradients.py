"""three_linear_gradients: compute the gradients of 1/2 ||W3 W2 W1 x - y||^2 with respect to the three matrices."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.vector_jacobians import three_linear_gradients

exercise = Definition(three_linear_gradients, ("dW1 dW2 dW3",))

values = exercise.aspect(
    "values", hint="name what flows backwards into each layer, and what flowed forwards into it; multiply the two."
)


@values.case("a small network")
def small_network(rng):
    W1, W2, W3 = np.array([[1.0], [2.0]]), np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([[1.0, 2.0], [3.0, 1.0]])
    return {"W1": W1, "W2": W2, "W3": W3, "x": np.array([2.0]), "y": np.array([1.0, 5.0])}


@values.case("a random network", draws=3)
def random_network(rng):
    return {
        "W1": rng.normal(size=(4, 3)),
        "W2": rng.normal(size=(5, 4)),
        "W3": rng.normal(size=(2, 5)),
        "x": rng.normal(size=3),
        "y": rng.normal(size=2),
    }


@values.case("square layers", draws=2)
def square_network(rng):
    return {f"W{k}": rng.normal(size=(3, 3)) for k in (1, 2, 3)} | {"x": rng.normal(size=3), "y": rng.normal(size=3)}


@values.case("one unit a layer")
def thin_network(rng):
    return {f"W{k}": rng.normal(size=(1, 1)) for k in (1, 2, 3)} | {"x": rng.normal(size=1), "y": rng.normal(size=1)}


@values.case("one output, an input of 0, and a unit that nobody reads")
def network_with_zeros(rng):
    W1, W2, W3 = rng.normal(size=(4, 3)), rng.normal(size=(5, 4)), rng.normal(size=(1, 5))
    W2[:, 1] = 0.0
    x = rng.normal(size=3)
    x[0] = 0.0
    return {"W1": W1, "W2": W2, "W3": W3, "x": x, "y": rng.normal(size=1)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def residual_reversed(W1, W2, W3, x, y):
    """The residual is target minus output: every gradient points the wrong way.

    what is the slope of a**2 / 2?
    """
    h1 = W1 @ x
    h2 = W2 @ h1
    g = y - W3 @ h2
    return np.outer(W2.T @ W3.T @ g, x), np.outer(W3.T @ g, h1), np.outer(g, h2)


@exercise.misconception()
def factor_two_kept(W1, W2, W3, x, y):
    """The 2 of the square is kept; the loss's 1/2 cancels it.

    what is the slope of a**2 / 2?
    """
    h1 = W1 @ x
    h2 = W2 @ h1
    g = 2 * (W3 @ h2 - y)
    return np.outer(W2.T @ W3.T @ g, x), np.outer(W3.T @ g, h1), np.outer(g, h2)


@exercise.misconception()
def target_forgotten(W1, W2, W3, x, y):
    """The output itself is sent back; the loss compares it with y.

    which gradients should come out if the output equals y?
    """
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2
    return np.outer(W2.T @ W3.T @ g, x), np.outer(W3.T @ g, h1), np.outer(g, h2)


@exercise.misconception()
def input_in_every_layer(W1, W2, W3, x, y):
    """x stands in every gradient, but later layers read other inputs.

    what is the input of W3?
    """
    g = W3 @ W2 @ W1 @ x - y
    return np.outer(W2.T @ W3.T @ g, x), np.outer(W3.T @ g, x), np.outer(g, x)


@exercise.misconception()
def outer_products_reversed(W1, W2, W3, x, y):
    """The outer products are reversed, so each gradient is transposed.

    which vector belongs to W's rows?
    """
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2 - y
    return np.outer(x, W2.T @ W3.T @ g), np.outer(h1, W3.T @ g), np.outer(h2, g)


@exercise.misconception()
def residual_not_pulled_back(W1, W2, W3, x, y):
    """The residual enters every layer unchanged; layers in between change it.

    how does a gradient pass W3?
    """
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2 - y
    return np.outer(g, x), np.outer(g, h1), np.outer(g, h2)


@exercise.misconception()
def transposed_weights_in_forward_order(W1, W2, W3, x, y):
    """The transposed weights stand in the wrong order: the residual meets W3 first.

    what is the transpose of a product?
    """
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2 - y
    return np.outer(W3.T @ W2.T @ g, x), np.outer(W3.T @ g, h1), np.outer(g, h2)


@exercise.misconception()
def last_gradient_first(W1, W2, W3, x, y):
    """The gradients are right but returned last layer first.

    in which order does the docstring name them?
    """
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2 - y
    return np.outer(g, h2), np.outer(W3.T @ g, h1), np.outer(W2.T @ W3.T @ g, x)


@exercise.misconception()
def inner_products_for_outer_ones(W1, W2, W3, x, y):
    """x is a vector: r @ x.T is an inner product, one number; transposing it changes nothing.

    which NumPy function gives a column times a row?
    """
    h1 = W1 @ x
    h2 = W2 @ h1
    g3 = W3 @ h2 - y
    g2 = W3.T @ g3
    return (W2.T @ g2) @ x.T, g2 @ h1.T, g3 @ h2.T


@exercise.misconception()
def output_for_the_last_input(W1, W2, W3, x, y):
    """dW3 uses the output of W3; a layer's gradient takes what flowed into it.

    what does W3 multiply?
    """
    h1 = W1 @ x
    out = W3 @ W2 @ h1
    g2 = W3.T @ (out - y)
    return np.outer(W2.T @ g2, x), np.outer(g2, h1), np.outer(out - y, out)


@exercise.misconception()
def first_layer_skips_the_last(W1, W2, W3, x, y):
    """For dW1 the residual passes W2 alone; on its way back it meets W3 first.

    through which matrices does W1 reach the output?
    """
    h1 = W1 @ x
    h2 = W2 @ h1
    r = W3 @ h2 - y
    return np.outer(W2.T @ r, x), np.outer(W3.T @ r, h1), np.outer(r, h2)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def three_layers_as_printed(W1, W2, W3, x, y):
    r = (W3 @ W2 @ W1 @ x - y)[:, None]
    return W2.T @ W3.T @ r @ x[None, :], W3.T @ r @ (W1 @ x)[None, :], r @ (W2 @ W1 @ x)[None, :]


@exercise.alternative
def three_layers_by_loop(W1, W2, W3, x, y):
    inputs = [x]
    for W in (W1, W2, W3):
        inputs.append(W @ inputs[-1])
    g, gradients = inputs.pop() - y, []
    for W, h in zip((W3, W2, W1), reversed(inputs), strict=True):
        gradients.insert(0, g[:, None] * h)
        g = g @ W
    return gradients


@exercise.alternative
def three_layers_by_einsum(W1, W2, W3, x, y):
    r = np.einsum("mc,cb,ba,a->m", W3, W2, W1, x) - y
    dW3 = np.einsum("m,cb,ba,a->mc", r, W2, W1, x)
    dW2 = np.einsum("m,mc,ba,a->cb", r, W3, W1, x)
    return np.einsum("m,mc,cb,a->ba", r, W3, W2, x), dW2, dW3


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "W1 @ x.T",
    "x.T @ W1.T",
    "W2 @ h1.T",
    "h1.T @ W2.T",
    "W3 @ h2.T",
    "h2.T @ W3.T",
    "W3.T @ g3.T",
    "g3.T @ W3",
    "W2.T @ g2.T",
    "g2.T @ W2",
    reason="x, h1, h2, g2 and g3 are vectors: they have no transpose",
)
