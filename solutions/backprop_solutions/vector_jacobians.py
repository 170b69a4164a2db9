"""Unit 4: Jacobians, vector-Jacobian products and matrix gradients."""

import numpy as np


def linear_forward(X, W, b):
    """Compute the outputs of a linear layer for a batch of rows.

    Parameters
    ----------
    X : array of shape (N, D)
        One example a row.
    W : array of shape (D, K)
    b : array of shape (K,)

    Returns
    -------
    array of shape (N, K)
    """
    ### BEGIN SOLUTION
    return X @ W + b
    ### END SOLUTION


def linear_backward(G, X, W):
    """Pull the upstream gradient of a linear layer back to its inputs, weights and biases.

    Parameters
    ----------
    G : array of shape (N, K)
        Gradient of the loss with respect to the layer's outputs.
    X : array of shape (N, D)
    W : array of shape (D, K)

    Returns
    -------
    dX : array of shape (N, D)
    dW : array of shape (D, K)
    db : array of shape (K,)
        Sums over the batch: the 1/N of a mean loss is in G already.
    """
    ### BEGIN SOLUTION
    dX = G @ W.T
    dW = X.T @ G
    db = G.sum(axis=0)
    return dX, dW, db
    ### END SOLUTION


def elementwise_jacobian(derivative, z):
    """Build the Jacobian of an activation that acts on each entry alone.

    Parameters
    ----------
    derivative : callable
        f', applied to a whole array at once.
    z : array of shape (D,)

    Returns
    -------
    array of shape (D, D)
        Row i, column j: d f(z_i) / d z_j.
    """
    ### BEGIN SOLUTION
    return np.diag(derivative(z))
    ### END SOLUTION


def relu_vjp(G, Z):
    """Pull the upstream gradient back through A = max(0, Z).

    Parameters
    ----------
    G : array
        Gradient with respect to A.
    Z : array of G's shape
        Pre-activations. The slope at 0 is taken to be 0.

    Returns
    -------
    array of Z's shape
    """
    ### BEGIN SOLUTION
    return G * (Z > 0)
    ### END SOLUTION


def tanh_vjp(G, A):
    """Pull the upstream gradient back through A = tanh(Z).

    Parameters
    ----------
    G : array
        Gradient with respect to A.
    A : array of G's shape
        Activations, not pre-activations.

    Returns
    -------
    array of A's shape
        Gradient with respect to Z.
    """
    ### BEGIN SOLUTION
    return G * (1 - A**2)
    ### END SOLUTION


def sigmoid_vjp(G, A):
    """Pull the upstream gradient back through A = 1 / (1 + exp(-Z)).

    Parameters
    ----------
    G : array
        Gradient with respect to A.
    A : array of G's shape
        Activations, not pre-activations.

    Returns
    -------
    array of A's shape
        Gradient with respect to Z.
    """
    ### BEGIN SOLUTION
    return G * A * (1 - A)
    ### END SOLUTION


def softmax_jacobian(p):
    """Build the Jacobian of softmax from the probabilities it put out.

    Parameters
    ----------
    p : array of shape (K,)

    Returns
    -------
    array of shape (K, K)
        Row i, column j: d p_i / d z_j.
    """
    ### BEGIN SOLUTION
    return np.diag(p) - np.outer(p, p)
    ### END SOLUTION


def softmax_vjp(G, P):
    """Pull the upstream gradient back through a softmax of each row, without building a Jacobian.

    Parameters
    ----------
    G : array of shape (N, K)
        Gradient with respect to P.
    P : array of shape (N, K)
        Probabilities; each row sums to 1.

    Returns
    -------
    array of shape (N, K)
        Gradient with respect to the logits, in memory proportional to N K.
    """
    ### BEGIN SOLUTION
    mean = (G * P).sum(axis=1, keepdims=True)  # (N, 1)
    return P * (G - mean)
    ### END SOLUTION


def left_product_vjp(G, W, X):
    """Pull the upstream gradient back to both factors of Y = W X.

    Parameters
    ----------
    G : array of shape (M, N)
        Gradient with respect to Y.
    W : array of shape (M, L)
    X : array of shape (L, N)

    Returns
    -------
    dW : array of shape (M, L)
    dX : array of shape (L, N)
    """
    ### BEGIN SOLUTION
    return G @ X.T, W.T @ G
    ### END SOLUTION


def right_product_vjp(G, X, W):
    """Pull the upstream gradient back to both factors of Y = X W.

    Parameters
    ----------
    G : array of shape (N, K)
        Gradient with respect to Y.
    X : array of shape (N, D)
    W : array of shape (D, K)

    Returns
    -------
    dX : array of shape (N, D)
    dW : array of shape (D, K)
    """
    ### BEGIN SOLUTION
    return G @ W.T, X.T @ G
    ### END SOLUTION


def unbroadcast(G, shape):
    """Sum a gradient back to the shape that an array had before NumPy broadcast it.

    Parameters
    ----------
    G : array
        Gradient with respect to the broadcast array.
    shape : tuple of int
        The shape before broadcasting; () for a scalar.

    Returns
    -------
    array of that shape
        Each entry is the sum over all its copies.
    """
    ### BEGIN SOLUTION
    padded = (1,) * (G.ndim - len(shape)) + tuple(shape)  # NumPy aligns shapes on the right
    copied = tuple(axis for axis, size in enumerate(padded) if size == 1)
    return G.sum(axis=copied, keepdims=True).reshape(shape)
    ### END SOLUTION


def multiply_vjp(g, y, z):
    """Pull the upstream gradient back to both factors of the elementwise product o = y * z.

    Parameters
    ----------
    g : array of shape (K,)
        Gradient with respect to o.
    y, z : array of shape (K,)

    Returns
    -------
    dy, dz : array of shape (K,)
    """
    ### BEGIN SOLUTION
    return g * z, g * y
    ### END SOLUTION


def product_power_vjp(g, z, alpha):
    """Pull the upstream gradient back through y_i = prod_l z_l ** alpha[l, i].

    Parameters
    ----------
    g : array of shape (K,)
        Gradient with respect to y.
    z : array of shape (D,)
        Positive inputs.
    alpha : array of shape (D, K)
        Exponents.

    Returns
    -------
    array of shape (D,)
        Gradient with respect to z.
    """
    ### BEGIN SOLUTION
    y = np.prod(z[:, None] ** alpha, axis=0)  # (K,)
    return alpha @ (g * y) / z
    ### END SOLUTION


def max_vjp(g, z, groups):
    """Pull the upstream gradient back through y_i = max of z over the i-th group of indices.

    Parameters
    ----------
    g : array of shape (K,)
        Gradient with respect to y.
    z : array of shape (D,)
    groups : list of K sorted lists of int
        Indices into z. Groups may overlap, as pooling windows do.

    Returns
    -------
    array of shape (D,)
        Of several equal maxima in a group, the one with the lowest index counts.
    """
    ### BEGIN SOLUTION
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        winner = group[np.argmax(z[group])]
        dz[winner] += upstream
    return dz
    ### END SOLUTION


def three_linear_gradients(W1, W2, W3, x, y):
    """Compute the gradients of 1/2 ||W3 W2 W1 x - y||^2 with respect to the three matrices.

    Parameters
    ----------
    W1, W2, W3 : array of shape (B, A), (C, B), (M, C)
    x : array of shape (A,)
    y : array of shape (M,)

    Returns
    -------
    dW1, dW2, dW3 : arrays of the shapes of W1, W2, W3
    """
    ### BEGIN SOLUTION
    h1 = W1 @ x
    h2 = W2 @ h1
    g3 = W3 @ h2 - y
    g2 = W3.T @ g3
    g1 = W2.T @ g2
    return np.outer(g1, x), np.outer(g2, h1), np.outer(g3, h2)
    ### END SOLUTION


def jvp_chain(jacobians, v):
    """Push a tangent forward: J_n ... J_2 J_1 v, without multiplying two matrices.

    Parameters
    ----------
    jacobians : list of arrays
        ``jacobians[0]`` is J_1, the Jacobian of the function that is applied first.
        The list stays as it is: a check of its own looks after it.
    v : array of shape (columns of J_1,)

    Returns
    -------
    array of shape (rows of J_n,)
    """
    ### BEGIN SOLUTION
    for J in jacobians:
        v = J @ v
    return v
    ### END SOLUTION


def vjp_chain(g, jacobians):
    """Pull a gradient back: g J_n ... J_2 J_1, without multiplying two matrices.

    Parameters
    ----------
    g : array of shape (rows of J_n,)
    jacobians : list of arrays
        ``jacobians[0]`` is J_1, the Jacobian of the function that is applied first.
        The list stays as it is: a check of its own looks after it.

    Returns
    -------
    array of shape (columns of J_1,)
    """
    ### BEGIN SOLUTION
    for J in reversed(jacobians):
        g = g @ J
    return g
    ### END SOLUTION
