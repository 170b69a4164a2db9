"""What unit 10 is given of units 2, 3, 4 and 6, and stand-ins for its own exercises.

NumPy only, so that a grader needs no widgets.
"""

import operator
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from backprop_course.given.mlp_training import cross_entropy_gradient, linear_backward

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


# --- what stands in for an unsolved Tensor, and tells what is right ----------------------------------

COMPLEX_STEP = 1e-30


class Traced:
    """An array with a graph behind it, whose vjps are measured by complex steps: slow, and right."""

    __array_ufunc__ = None

    def __init__(self, data: Any, parents: Sequence = (), vjps: Sequence = ()):
        self.data = np.asarray(data, dtype=float)
        self.parents, self.vjps = tuple(parents), tuple(vjps)

    @classmethod
    def apply(cls, function: Callable, *operands: Any) -> "Traced":
        """Return the node of a function of arrays that also takes complex numbers."""
        nodes = [operand if isinstance(operand, cls) else cls(operand) for operand in operands]
        arrays = [node.data for node in nodes]

        def vjp(k: int) -> Callable:
            def pull_back(g: np.ndarray) -> np.ndarray:
                slopes = np.zeros(arrays[k].shape)
                for place in np.ndindex(slopes.shape):
                    moved = [a.astype(complex) for a in arrays]
                    moved[k][place] += 1j * COMPLEX_STEP
                    slopes[place] = np.sum(g * np.imag(function(*moved))) / COMPLEX_STEP
                return slopes

            return pull_back

        return cls(np.real(function(*arrays)), nodes, [vjp(k) for k in range(len(nodes))])

    def __neg__(self):
        return self.apply(operator.neg, self)

    def __pow__(self, exponent):
        return self.apply(lambda a: a**exponent, self)

    def exp(self):
        """Return e to the power of each entry."""
        return self.apply(np.exp, self)

    def log(self):
        """Return the logarithm of each entry."""
        return self.apply(np.log, self)

    def relu(self):
        """Return each entry where it is positive, else 0."""
        return self.apply(lambda a: a * (np.real(a) > 0), self)

    def sum(self, axis=None, keepdims=False):
        """Return the sum, as ``np.sum`` does."""
        return self.apply(lambda a: np.sum(a, axis=axis, keepdims=keepdims), self)

    def reshape(self, shape):
        """Return the entries in another shape."""
        return self.apply(lambda a: np.reshape(a, shape), self)

    @property
    def T(self):
        """The transpose."""
        return self.apply(np.transpose, self)

    def __getitem__(self, index):
        return self.apply(lambda a: a[index], self)


def _both_sides(name: str, function: Callable) -> None:
    setattr(Traced, f"__{name}__", lambda self, other: self.apply(function, self, other))
    setattr(Traced, f"__r{name}__", lambda self, other: self.apply(function, other, self))


for _name in ("add", "sub", "mul", "truediv", "matmul"):
    _both_sides(_name, getattr(operator, _name))


# --- stand-ins for the writer: backpropagation through time, derived for this network alone -----------

POINTS, STATE = 24, 12


def figure_eight(points: int = POINTS) -> np.ndarray:
    """Return the pen's places on a figure eight, (points, 2), as far apart in time as in the drawing."""
    t = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.column_stack([np.sin(2 * t) / 2, np.cos(t)])


def by_hand(parameters: Sequence[np.ndarray], points: int) -> np.ndarray:
    """Return the places of the pen, (points, 2), without an engine."""
    h, U, c, V, d = parameters
    places = []
    for _ in range(points):
        h = np.tanh(h @ U + c)
        places.append(h @ V + d)
    return np.array(places)


def gradients_by_hand(parameters: Sequence[np.ndarray]) -> tuple[float, list[np.ndarray]]:
    """Return the loss of one lap and its gradients, by a backward pass derived for this network alone."""
    h, U, c, V, d = parameters
    states = [h]
    for _ in range(POINTS):
        states.append(np.tanh(states[-1] @ U + c))
    error = np.array(states[1:]) @ V + d - figure_eight()
    G = 2 * error / POINTS
    dh, dU, dc = np.zeros(STATE), np.zeros(U.shape), np.zeros(STATE)
    for before, after, g in zip(states[-2::-1], states[:0:-1], G[::-1], strict=True):
        dz = (dh + V @ g) * (1 - after**2)
        dU, dc, dh = dU + np.outer(before, dz), dc + dz, U @ dz
    return float(np.sum(error**2) / POINTS), [dh, dU, dc, np.array(states[1:]).T @ G, G.sum(axis=0)]
