"""Unit 8: hidden units, kinks, and what reaches the first layer."""

import numpy as np


def leaky_relu(z, slope):
    """Let positive pre-activations through, and a fraction of the negative ones.

    Parameters
    ----------
    z : array, any shape
        Pre-activations.
    slope : float
        The fraction, between 0 and 1; the deck takes 0.01.

    Returns
    -------
    array of z's shape
    """
    ### BEGIN SOLUTION
    return np.where(z > 0, z, slope * z)
    ### END SOLUTION


def leaky_relu_vjp(g, z, slope):
    """Pull the upstream gradient back through a leaky ReLU.

    Parameters
    ----------
    g : array of z's shape
        Gradient with respect to the activations.
    z : array, any shape
        Pre-activations; none is exactly 0.
    slope : float
        Between 0 and 1.

    Returns
    -------
    array of z's shape
        Gradient with respect to the pre-activations.
    """
    ### BEGIN SOLUTION
    return g * np.where(z > 0, 1.0, slope)
    ### END SOLUTION


def hard_tanh(z):
    """Cut pre-activations off at -1 and at 1.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array of z's shape
    """
    ### BEGIN SOLUTION
    return np.clip(z, -1, 1)
    ### END SOLUTION


def hard_tanh_vjp(g, z):
    """Pull the upstream gradient back through a hard tanh.

    Parameters
    ----------
    g : array of z's shape
        Gradient with respect to the activations.
    z : array, any shape
        Pre-activations; none is exactly -1 or 1.

    Returns
    -------
    array of z's shape
        Gradient with respect to the pre-activations.
    """
    ### BEGIN SOLUTION
    return g * (np.abs(z) < 1)
    ### END SOLUTION


def gradient_norms(weights, activation, x, g):
    """Measure the gradient that reaches the pre-activations of every layer of a deep network without biases.

    Parameters
    ----------
    weights : list of L arrays
        The first has shape (D, K1), the next (K1, K2), and so on; D, K1, K2 may all differ.
    activation : str
        ``"sigmoid"``, ``"tanh"``, ``"relu"`` or ``"linear"``, the same in every layer, the last one included.
    x : array of shape (D,)
        The input: h_0 = x, then z_l = h_{l-1} W_l and h_l = activation(z_l).
    g : array of shape (KL,)
        dL/dh_L, the gradient with respect to the activations of the last layer.

    Returns
    -------
    list of L floats
        The Euclidean norms of dL/dz_1, ..., dL/dz_L, first layer first; finite and without warnings
        for pre-activations up to 1000 in size.

    Raises
    ------
    ValueError
        If the activation is another one.
    """
    ### BEGIN SOLUTION
    pairs = {  # activation, and its slope in terms of the activation's value
        "sigmoid": (lambda z: (1 + np.tanh(z / 2)) / 2, lambda h: h * (1 - h)),
        "tanh": (np.tanh, lambda h: 1 - h**2),
        "relu": (lambda z: np.maximum(z, 0), lambda h: h > 0),
        "linear": (lambda z: z, np.ones_like),
    }
    if activation not in pairs:
        raise ValueError(f"unknown activation {activation!r}")
    act, slope = pairs[activation]
    outputs, norms = [x], []
    for W in weights:
        outputs.append(act(outputs[-1] @ W))
    for W, h in zip(reversed(weights), reversed(outputs[1:]), strict=True):
        dz = g * slope(h)
        norms.append(np.linalg.norm(dz))
        g = dz @ W.T
    return norms[::-1]
    ### END SOLUTION


def xavier_scale(fan_in, fan_out):
    """Compute the standard deviation of initial weights that suits both directions of a tanh layer.

    Parameters
    ----------
    fan_in, fan_out : int
        Inputs and outputs of the layer.

    Returns
    -------
    float
        Glorot and Bengio (2010).
    """
    ### BEGIN SOLUTION
    return np.sqrt(2 / (fan_in + fan_out))
    ### END SOLUTION


def he_scale(fan_in):
    """Compute the standard deviation of initial weights that keeps the size of signals through ReLU layers.

    Parameters
    ----------
    fan_in : int
        Inputs of the layer.

    Returns
    -------
    float
        He, Zhang, Ren and Sun (2015).
    """
    ### BEGIN SOLUTION
    return np.sqrt(2 / fan_in)
    ### END SOLUTION


def dead_units(Z):
    """Find the ReLU units that are off for every row of a batch.

    Parameters
    ----------
    Z : array of shape (N, K)
        Pre-activations of K units; none is exactly 0.

    Returns
    -------
    array of bool, shape (K,)
        True where a unit is off in all rows, so that no gradient of the batch passes it.
    """
    ### BEGIN SOLUTION
    return np.all(Z <= 0, axis=0)
    ### END SOLUTION


def is_subgradient(f, x0, v, points):
    """Test whether f lies above the plane through f(x0) with gradient v, at every one of the points.

    Parameters
    ----------
    f : callable
        ``f(x)`` is a number for x of shape (D,).
    x0 : array of shape (D,)
    v : array of shape (D,)
    points : array of shape (P, D)
        One point a row.

    Returns
    -------
    bool
        Whether ``f(x) >= f(x0) + v.(x - x0)`` for each row x, up to 1e-12 for round-off.
    """
    ### BEGIN SOLUTION
    values = np.array([f(x) for x in points])
    planes = f(x0) + (points - x0) @ v
    return bool(np.all(values >= planes - 1e-12))
    ### END SOLUTION


def hinge_loss(z, t):
    """Compute RWTH's hinge loss, averaged over the batch.

    Parameters
    ----------
    z : array of shape (N,)
        Outputs before any sigmoid.
    t : array of shape (N,)
        Targets, -1 or 1, as integers or floats.

    Returns
    -------
    float
        The mean of ``max(0, 1 - t z)``.
    """
    ### BEGIN SOLUTION
    return np.maximum(0, 1 - t * z).mean()
    ### END SOLUTION


def hinge_gradient(z, t):
    """Compute the gradient of `hinge_loss` with respect to the outputs z.

    Parameters
    ----------
    z : array of shape (N,)
        Outputs before any sigmoid.
    t : array of shape (N,)
        Targets, -1 or 1, as integers or floats.

    Returns
    -------
    array of float, shape (N,)
        Contains the 1/N of the mean. At the kink, where ``t z`` is exactly 1, it is 0.
    """
    ### BEGIN SOLUTION
    return np.where(t * z < 1, -t / len(z), 0.0)
    ### END SOLUTION


def maxout(X, W, b):
    """Compute a layer of maxout units: each is the largest of P affine pieces.

    Parameters
    ----------
    X : array of shape (N, D)
        One example a row.
    W : array of shape (P, D, K)
        ``W[p]`` holds the weights of the p-th piece of all K units.
    b : array of shape (P, K)

    Returns
    -------
    array of shape (N, K)
    """
    ### BEGIN SOLUTION
    pieces = X @ W + b[:, None, :]  # (P, N, K)
    return pieces.max(axis=0)
    ### END SOLUTION


def maxout_as_relu(w, b):
    """Find weights and biases with which one maxout unit is the ReLU unit max(0, w.x + b).

    Parameters
    ----------
    w : array of shape (D,)
    b : float

    Returns
    -------
    W : array of shape (2, D, 1)
    b : array of shape (2, 1)
        The two pieces, in either order.
    """
    ### BEGIN SOLUTION
    W = np.stack([w, np.zeros_like(w)])[:, :, None]
    return W, np.array([[b], [0.0]])
    ### END SOLUTION


def maxout_as_leaky_relu(w, b, slope):
    """Find weights and biases with which one maxout unit is a leaky ReLU of w.x + b.

    Parameters
    ----------
    w : array of shape (D,)
    b : float
    slope : float
        Between 0 and 1.

    Returns
    -------
    W : array of shape (2, D, 1)
    b : array of shape (2, 1)
        The two pieces, in either order.
    """
    ### BEGIN SOLUTION
    W = np.stack([w, slope * w])[:, :, None]
    return W, np.array([[b], [slope * b]])
    ### END SOLUTION


def maxout_vjp(G, X, W, b):
    """Pull the upstream gradient of a maxout layer back to inputs, weights and biases.

    Parameters
    ----------
    G : array of shape (N, K)
        Gradient with respect to the outputs of `maxout`.
    X : array of shape (N, D)
    W : array of shape (P, D, K)
    b : array of shape (P, K)

    Returns
    -------
    dX : array of shape (N, D)
    dW : array of shape (P, D, K)
    db : array of shape (P, K)
        Of several equally large pieces, the first gets the gradient.
    """
    ### BEGIN SOLUTION
    winner = (X @ W + b[:, None, :]).argmax(axis=0)  # (N, K)
    routed = np.stack([G * (winner == p) for p in range(len(W))])  # (P, N, K)
    dX = sum(G_p @ W_p.T for G_p, W_p in zip(routed, W, strict=True))
    return dX, X.T @ routed, routed.sum(axis=1)
    ### END SOLUTION
