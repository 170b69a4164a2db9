"""What unit 4 is given of units 2 and 3, a gradient checker and an engine, and stand-ins for its own exercises."""

import heapq
import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

# --- unit 2's gradient checker ----------------------------------------------------------------------


def gradient_check(f: Callable, grad_f: Callable, X: np.ndarray, h: float = 1e-3, tolerance: float = 1e-6) -> bool:
    """Tell whether `grad_f` is the gradient of `f` at X, as unit 2's function of this name does.

    Parameters
    ----------
    f : callable
        Scalar function of an array.
    grad_f : callable
        Its supposed gradient, of X's shape.
    X : array
    h : float
        Finite-difference step. Four points a direction are used, so the error is of order h**4.
    tolerance : float
        Largest relative difference of any entry.
    """
    claimed = np.asarray(grad_f(X))
    if claimed.shape != X.shape or not np.all(np.isfinite(claimed)):
        return False
    steps = h * np.eye(X.size).reshape(X.size, *X.shape)
    slopes = [(8 * (f(X + s) - f(X - s)) - (f(X + 2 * s) - f(X - 2 * s))) / (12 * h) for s in steps]
    measured = np.reshape(slopes, X.shape)
    return bool(np.allclose(claimed, measured, rtol=tolerance, atol=1e-9))


# --- unit 3's engine --------------------------------------------------------------------------------


class Value:
    """A number that remembers how it was made, so that `backward` can find its derivatives.

    Parameters
    ----------
    data : float
    sources : sequence of (Value, float)
        The numbers it was made from, and its slope in each of them.

    Attributes
    ----------
    data, grad : float
    """

    __array_ufunc__ = None  # a NumPy number leaves the arithmetic to Value
    _births = itertools.count()

    def __init__(self, data: float, sources: Sequence = ()):
        self.data, self.grad, self.sources = float(data), 0.0, tuple(sources)
        self.birth = next(Value._births)

    def __repr__(self):
        return f"Value({self.data:g}, grad={self.grad:g})"

    def __add__(self, other):
        other = _value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = _value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return 0.0 - self

    def __sub__(self, other):
        other = _value(other)
        return Value(self.data - other.data, [(self, 1.0), (other, -1.0)])

    def __rsub__(self, other):
        return _value(other) - self

    def tanh(self):
        """Return the hyperbolic tangent."""
        height = math.tanh(self.data)
        return Value(height, [(self, math.cosh(self.data) ** -2)])


def _value(number) -> Value:
    return number if isinstance(number, Value) else Value(number)


def backward(root: Value) -> None:
    """Add d root / d node to the ``.grad`` of every node that `root` was made from.

    A node is made after its sources, so going through the nodes from the youngest to the oldest
    visits each one after everything that uses it.
    """
    adjoints, waiting = {root.birth: 1.0}, [(-root.birth, root)]
    while waiting:
        birth, node = heapq.heappop(waiting)
        adjoint = adjoints.pop(-birth)
        node.grad += adjoint
        for source, slope in node.sources:
            if source.birth not in adjoints:
                heapq.heappush(waiting, (-source.birth, source))
            adjoints[source.birth] = adjoints.get(source.birth, 0.0) + slope * adjoint


def as_values(array: np.ndarray) -> np.ndarray:
    """Return an array of `Value` with the numbers of `array`; ``@``, ``+`` and ``*`` work on it."""
    return np.vectorize(Value, otypes=[object])(array)


def gradients_of(values: np.ndarray) -> np.ndarray:
    """Return the ``.grad`` of each `Value` in an array."""
    return np.vectorize(lambda value: value.grad, otypes=[float])(values)


# --- stand-ins for unit 4 ---------------------------------------------------------------------------


def complex_step_jacobian(forward: Callable, A: np.ndarray) -> np.ndarray:
    """Return the Jacobian of an analytic function of an array, both flattened row by row.

    Parameters
    ----------
    forward : callable
        A function that accepts complex arrays.
    A : array
    """
    tiny = 1e-30
    columns = [forward(A + 1j * tiny * e.reshape(A.shape)).imag.ravel() / tiny for e in np.eye(A.size)]
    return np.array(columns).T


def linear_backward(G, X, W):
    """Return the gradients of a linear layer, from its Jacobians."""
    from_X = complex_step_jacobian(lambda X: X @ W, X)
    from_W = complex_step_jacobian(lambda W: X @ W, W)
    return (G.ravel() @ from_X).reshape(X.shape), (G.ravel() @ from_W).reshape(W.shape), G.sum(axis=0)


def jvp_chain(jacobians, v):
    """Return the product of Jacobians with a tangent, in the order that NumPy finds cheapest."""
    return np.linalg.multi_dot([*jacobians[::-1], v]) if len(jacobians) > 1 else jacobians[0] @ v


def vjp_chain(g, jacobians):
    """Return the product of a cotangent with Jacobians, in the order that NumPy finds cheapest."""
    return np.linalg.multi_dot([g, *jacobians[::-1]]) if len(jacobians) > 1 else g @ jacobians[0]
