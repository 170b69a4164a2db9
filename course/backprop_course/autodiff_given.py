"""What unit 10 starts from: pieces of units 2, 3, 4 and 6.

NumPy only, so that a grader needs no widgets.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from backprop_course.mlp_given import cross_entropy_gradient, linear_backward

Layers = list[tuple[np.ndarray, np.ndarray]]


def unbroadcast(G: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum a gradient back to the shape that an array had before NumPy broadcast it: unit 4's.

    Parameters
    ----------
    G : array
        Gradient with respect to the broadcast array.
    shape : tuple of int
        The shape before broadcasting; () for a scalar.
    """
    G = np.asarray(G)
    while G.ndim > len(shape):  # axes that NumPy put in front
        G = G.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:  # an axis that NumPy stretched, or one that was 1 long anyway
            G = G.sum(axis=axis, keepdims=True)
    return G


def topological_order(root: Any) -> list:
    """List every node that `root` depends on, each once and after its parents, the root last: unit 3's.

    Parameters
    ----------
    root : anything with ``.parents``
    """
    order, met, waiting = [], {root}, [(root, iter(root.parents))]
    while waiting:
        node, parents = waiting[-1]
        fresh = next((p for p in parents if p not in met), None)
        if fresh is None:
            order.append(node)
            waiting.pop()
        else:
            met.add(fresh)
            waiting.append((fresh, iter(fresh.parents)))
    return order


def central_differences(f: Callable, X: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Return the gradient of a scalar function of an array, entry by entry: unit 2's."""
    slopes = np.zeros(X.shape)
    for place in np.ndindex(X.shape):
        step = np.zeros(X.shape)
        step[place] = h
        slopes[place] = (f(X + step) - f(X - step)) / (2 * h)
    return slopes


def train_by_unit_6(
    X: np.ndarray, y: np.ndarray, parameters: Layers, batches: list[np.ndarray], learning_rate: float
) -> Layers:
    """Return the parameters after one step of unit 6's gradient descent for each batch of rows.

    Parameters
    ----------
    X : array of shape (N, D)
    y : array of int, shape (N,)
    parameters : list of (W, b)
        ReLU between the layers; stays as it is.
    batches : list of arrays of int
        The rows of each step.
    learning_rate : float
    """
    for rows in batches:
        inputs = [X[rows]]
        for W, b in parameters[:-1]:
            inputs.append(np.maximum(inputs[-1] @ W + b, 0))
        W, b = parameters[-1]
        G = cross_entropy_gradient(inputs[-1] @ W + b, y[rows])
        steps = []
        for (W, _), H in zip(reversed(parameters), reversed(inputs), strict=True):
            dH, dW, db = linear_backward(G, H, W)
            steps.append((dW, db))
            G = dH * (H > 0)
        pairs = zip(parameters, reversed(steps), strict=True)
        parameters = [(W - learning_rate * dW, b - learning_rate * db) for (W, b), (dW, db) in pairs]
    return parameters


def initial_parameters(sizes: tuple[int, ...], rng: np.random.Generator) -> Layers:
    """Return unit 6's fresh network: He's scale, biases zero."""
    pairs = pairwise(sizes)
    return [(rng.normal(0.0, np.sqrt(2 / D), size=(D, K)), np.zeros(K)) for D, K in pairs]


def shuffled_batches(N: int, batch_size: int, epochs: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return the rows of every step of some epochs, each in a new order: unit 6's."""
    return [rows for _ in range(epochs) for rows in _cut(rng.permutation(N), batch_size)]


def _cut(order: np.ndarray, size: int) -> Iterator[np.ndarray]:
    return (order[start : start + size] for start in range(0, len(order), size))
