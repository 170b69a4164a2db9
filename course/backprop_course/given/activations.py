"""What stands in for unit 8's exercises, written in another way than the answers."""

import numpy as np


def sigmoid(z):
    """Return the logistic function."""
    return (1 + np.tanh(np.asarray(z) / 2)) / 2


# Activation and slope of a layer, by name.
LAYERS = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (np.tanh, lambda z: 4 * sigmoid(2 * z) * sigmoid(-2 * z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: np.heaviside(z, 0.0)),
    "linear": (lambda z: z, np.ones_like),
}


def leaky_relu(z, slope):
    """Return a leaky ReLU as a mean of two straight lines and a bent one."""
    return ((1 + slope) * z + (1 - slope) * np.abs(z)) / 2


def leaky_relu_vjp(g, z, slope):
    """Return g times a secant of the leaky ReLU."""
    return _by_secant(leaky_relu, g, z, slope)


def hard_tanh(z):
    """Return a hard tanh as half the difference of two absolute values."""
    return (np.abs(z + 1) - np.abs(z - 1)) / 2


def hard_tanh_vjp(g, z):
    """Return g times a secant of the hard tanh."""
    return _by_secant(hard_tanh, g, z)


def _by_secant(function, g, z, *others, h=1e-7):
    """Return g times a central difference, rounded: right off the kinks, and halfway between at one."""
    return g * np.round((function(z + h, *others) - function(z - h, *others)) / (2 * h), 6)


def gradient_norms(weights, activation, x, g):
    """Return norms of dL/dz of every layer, by products of whole Jacobians."""
    act, slope = LAYERS[activation]
    zs, h = [], x
    for W in weights:
        zs.append(h @ W)
        h = act(zs[-1])
    jacobian = np.diag(slope(zs[-1]))
    norms = [np.linalg.norm(jacobian @ g)]
    for W, z in zip(weights[:0:-1], zs[-2::-1], strict=True):
        jacobian = slope(z)[:, None] * (W @ jacobian)
        norms.insert(0, np.linalg.norm(jacobian @ g))
    return norms


def xavier_scale(fan_in, fan_out):
    """Return one over the root of the mean fan."""
    return ((fan_in + fan_out) / 2) ** -0.5


def he_scale(fan_in):
    """Return one over the root of half the fan."""
    return (fan_in / 2) ** -0.5


def hinge_loss(z, t):
    """Return the mean hinge loss by absolute values."""
    return float(np.mean(np.abs(1 - z * t) + 1 - z * t) / 2)


def hinge_gradient(z, t):
    """Return the gradient of the mean hinge loss by a step function."""
    return -t * np.heaviside(1 - z * t, 0.0) / np.size(z)


def maxout(X, W, b):
    """Return the first of the sorted pieces."""
    return -np.sort(-_pieces(X, W, b), axis=0)[0]


def maxout_vjp(G, X, W, b):
    """Return the gradients of a maxout layer by masks and sums over named axes."""
    pieces = _pieces(X, W, b)
    tied = pieces == pieces.max(axis=0)
    share = np.where(tied & (np.cumsum(tied, axis=0) == 1), G, 0.0)
    return np.einsum("pnk,pdk->nd", share, W), np.einsum("pnk,nd->pdk", share, X), np.einsum("pnk->pk", share)


def _pieces(X, W, b):
    return np.einsum("nd,pdk->pnk", X, W) + b[:, None]
