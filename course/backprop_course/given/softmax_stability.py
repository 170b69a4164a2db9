"""Stand-ins for unit 5: softmax by logaddexp, two gradients in hyperbolic functions, frequencies row by row."""

import numpy as np


def softmax(Z: np.ndarray) -> np.ndarray:
    """Return softmax of each row as exp(z_k - log sum_j exp(z_j)): given until the exercise is solved."""
    return np.exp(Z - np.logaddexp.reduce(Z, axis=-1, keepdims=True))


def squared_error_sigmoid_gradient(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the gradient of the squared error in hyperbolic functions: given until it is solved."""
    return ((1 + np.tanh(z / 2)) / 2 - t) / (4 * np.cosh(z / 2) ** 2)


def binary_cross_entropy_gradient(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the gradient of the mean cross-entropy by tanh: given until it is solved."""
    return ((1 + np.tanh(z / 2)) / 2 - t) / np.size(z)


def relative_frequencies(X: np.ndarray, y: np.ndarray, K: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows of X, and how often each class goes with them: given until it is solved."""
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.array([np.bincount(y[group.reshape(-1) == k], minlength=K) for k in range(len(rows))])
    return rows, counts / counts.sum(axis=1, keepdims=True)
