"""Stand-ins for unit 5: softmax by ratios, and two gradients in hyperbolic functions."""

import numpy as np


def softmax(Z: np.ndarray) -> np.ndarray:
    """Return softmax of a vector as 1 / sum_j exp(z_j - z_k): given until the exercise is solved."""
    with np.errstate(over="ignore"):
        return 1.0 / np.exp(Z[None, :] - Z[:, None]).sum(axis=1)


def squared_error_sigmoid_gradient(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the gradient of the squared error in hyperbolic functions: given until it is solved."""
    return ((1 + np.tanh(z / 2)) / 2 - t) / (4 * np.cosh(z / 2) ** 2)


def binary_cross_entropy_gradient(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the gradient of the mean cross-entropy by tanh: given until it is solved."""
    return ((1 + np.tanh(z / 2)) / 2 - t) / np.size(z)
