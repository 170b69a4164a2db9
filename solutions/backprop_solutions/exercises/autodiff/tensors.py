"""Whole tensors that are right in another way: by einsum, by Jacobians, by cases."""

import numpy as np

from backprop_course.given.autodiff import unbroadcast


class TensorByEinsum:
    """Every operation is a pair of functions; products are einsums, constants are no nodes."""

    __array_ufunc__ = None

    def __init__(self, data, parents=(), vjps=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents, self.vjps = tuple(parents), tuple(vjps)

    def node(self, data, *ways):
        ways = [(parent, vjp) for parent, vjp in ways if isinstance(parent, type(self))]
        return type(self)(data, *zip(*ways, strict=True))

    def __add__(self, other):
        a, b = self.data, getattr(other, "data", other) if isinstance(other, type(self)) else np.asarray(other)
        return self.node(
            a + b,
            (self, lambda g: unbroadcast(g, a.shape)),
            (other, lambda g: unbroadcast(g, b.shape)),
        )

    def __mul__(self, other):
        b = other.data if isinstance(other, type(self)) else np.asarray(other, dtype=float)
        a = self.data
        return self.node(
            np.multiply(a, b),
            (self, lambda g: unbroadcast(np.multiply(g, b), a.shape)),
            (other, lambda g: unbroadcast(np.multiply(g, a), b.shape)),
        )

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return self.node(-self.data, (self, lambda g: -g))

    def __sub__(self, other):
        return self + (-other if isinstance(other, type(self)) else -np.asarray(other))

    def __rsub__(self, other):
        return -self + other

    def __pow__(self, n):
        return self.node(np.power(self.data, n), (self, lambda g: n * np.power(self.data, n - 1.0) * g))

    def __truediv__(self, other):
        if not isinstance(other, type(self)):
            return self * (1 / np.asarray(other))
        a, b = self.data, other.data
        return self.node(
            a / b,
            (self, lambda g: unbroadcast(g / b, a.shape)),
            (other, lambda g: unbroadcast(-g * a / b**2, b.shape)),
        )

    def __rtruediv__(self, other):
        return type(self)(other) / self

    def exp(self):
        return self.node(np.exp(self.data), (self, lambda g: np.exp(self.data) * g))

    def log(self):
        return self.node(np.log(self.data), (self, lambda g: (1 / self.data) * g))

    def relu(self):
        return self.node(np.maximum(self.data, 0), (self, lambda g: (self.data > 0) * g))

    def product(self, a, b, left, right):
        letters = {
            (2, 2): ("nd", "dk", "nk"),
            (2, 1): ("nd", "d", "n"),
            (1, 2): ("d", "dk", "k"),
            (1, 1): ("d", "d", ""),
        }
        x, y, z = letters[a.ndim, b.ndim]
        return self.node(
            np.einsum(f"{x},{y}->{z}", a, b),
            (left, lambda g: np.einsum(f"{z},{y}->{x}", g, b)),
            (right, lambda g: np.einsum(f"{x},{z}->{y}", a, g)),
        )

    def __matmul__(self, other):
        b = other.data if isinstance(other, type(self)) else np.asarray(other, dtype=float)
        return self.product(self.data, b, self, other)

    def __rmatmul__(self, other):
        return self.product(np.asarray(other, dtype=float), self.data, other, self)

    def sum(self, axis=None, keepdims=False):
        kept = self.data.sum(axis=axis, keepdims=True).shape
        total = self.data.sum(axis=axis, keepdims=keepdims)
        return self.node(total, (self, lambda g: np.ones(self.data.shape) * np.reshape(g, kept)))

    def reshape(self, shape):
        return self.node(self.data.reshape(shape).copy(), (self, lambda g: np.array(g).reshape(self.data.shape)))

    @property
    def T(self):
        return self.node(np.transpose(self.data), (self, np.transpose))

    def __getitem__(self, index):
        places = np.arange(self.data.size).reshape(self.data.shape)[index]

        def vjp(g):
            counts = np.bincount(np.ravel(places), weights=np.ravel(g), minlength=self.data.size)
            return counts.reshape(self.data.shape)

        return self.node(self.data[index], (self, vjp))


class TensorByJacobians:
    """Every operation keeps its whole Jacobian: dear, and right."""

    __array_ufunc__ = None

    def __init__(self, data, parents=(), vjps=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros(self.data.shape)
        self.parents, self.vjps = tuple(parents), tuple(vjps)

    @classmethod
    def wrap(cls, other):
        return other if isinstance(other, cls) else cls(other)

    @classmethod
    def linear(cls, function, slopes, *parents):
        """Return the node of a function, whose change for parent k is ``slopes[k](change)``: linear in it."""

        def pulled_back(parent, slope):
            shape = parent.data.shape
            units = np.eye(parent.data.size).reshape(parent.data.size, *shape)
            J = np.array([np.ravel(slope(unit)) for unit in units])
            return lambda g: (J @ np.ravel(g)).reshape(shape)

        result = function(*(parent.data for parent in parents))
        return cls(result, parents, [pulled_back(p, s) for p, s in zip(parents, slopes, strict=True)])

    def __add__(self, other):
        o = self.wrap(other)
        zero = 0 * (self.data + o.data)
        return self.linear(np.add, [lambda d: d + zero, lambda d: d + zero], self, o)

    def __mul__(self, other):
        o = self.wrap(other)
        return self.linear(np.multiply, [lambda d: d * o.data, lambda d: self.data * d], self, o)

    def __matmul__(self, other):
        o = self.wrap(other)
        return self.linear(np.matmul, [lambda d: d @ o.data, lambda d: self.data @ d], self, o)

    def __pow__(self, n):
        return self.linear(lambda a: a**n, [lambda d: d * n * self.data ** (n - 1)], self)

    def __neg__(self):
        return self.linear(np.negative, [np.negative], self)

    def __sub__(self, other):
        return self + -self.wrap(other)

    def __truediv__(self, other):
        return self * self.wrap(other) ** -1

    def __radd__(self, other):
        return type(self)(other) + self

    def __rsub__(self, other):
        return type(self)(other) - self

    def __rmul__(self, other):
        return type(self)(other) * self

    def __rmatmul__(self, other):
        return type(self)(other) @ self

    def __rtruediv__(self, other):
        return type(self)(other) / self

    def exp(self):
        return self.linear(np.exp, [lambda d: d * np.exp(self.data)], self)

    def log(self):
        return self.linear(np.log, [lambda d: d / self.data], self)

    def relu(self):
        return self.linear(lambda a: a * (a > 0), [lambda d: d * (self.data > 0)], self)

    def sum(self, axis=None, keepdims=False):
        def total(a):
            return np.sum(a, axis=axis, keepdims=keepdims)

        return self.linear(total, [total], self)

    def reshape(self, shape):
        return self.linear(lambda a: np.reshape(a, shape), [lambda d: np.reshape(d, shape)], self)

    @property
    def T(self):
        return self.linear(np.transpose, [np.transpose], self)

    def __getitem__(self, index):
        return self.linear(lambda a: a[index], [lambda d: d[index]], self)


class TensorByCases:
    """One rule for each case of @; equal operands are one parent."""

    __array_ufunc__ = None

    def __init__(self, data, parents=(), vjps=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents, self.vjps = tuple(parents), tuple(vjps)

    @classmethod
    def wrap(cls, other):
        return other if isinstance(other, cls) else cls(other)

    @staticmethod
    def back_to(g, shape):
        while np.ndim(g) > len(shape):
            g = np.sum(g, axis=0)
        stretched = tuple(k for k, n in enumerate(shape) if n == 1 and g.shape[k] > 1)
        return g.sum(axis=stretched, keepdims=True) if stretched else g

    def __add__(self, other):
        other = self.wrap(other)
        if other is self:
            return type(self)(2 * self.data, (self,), (lambda g: 2 * g,))
        ways = [lambda g, p=p: self.back_to(g, p.data.shape) for p in (self, other)]
        return type(self)(self.data + other.data, (self, other), ways)

    def __mul__(self, other):
        other = self.wrap(other)
        if other is self:
            return type(self)(self.data**2, (self,), (lambda g: 2 * self.data * g,))
        pairs = ((self, other), (other, self))
        ways = [lambda g, p=p, q=q: self.back_to(g * q.data, p.data.shape) for p, q in pairs]
        return type(self)(self.data * other.data, (self, other), ways)

    def __pow__(self, n):
        if n == 0:
            return type(self)(np.ones_like(self.data), (self,), (np.zeros_like,))
        return type(self)(self.data**n, (self,), (lambda g: g * n * self.data ** float(n - 1),))

    def __neg__(self):
        return 0.0 - self

    def __sub__(self, other):
        other = self.wrap(other)
        signs = ((self, 1.0), (other, -1.0))
        ways = [lambda g, p=p, s=s: self.back_to(s * g, p.data.shape) for p, s in signs]
        return type(self)(self.data - other.data, (self, other), ways)

    def __truediv__(self, other):
        return self * self.wrap(other) ** -1.0

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return type(self)(other) - self

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return type(self)(other) / self

    def exp(self):
        out = type(self)(np.exp(self.data), (self,), (lambda g: g * out.data,))
        return out

    def log(self):
        return type(self)(np.log(self.data), (self,), (lambda g: np.divide(g, self.data),))

    def relu(self):
        mask = np.heaviside(self.data, 0)
        return type(self)(self.data * mask, (self,), (lambda g: g * mask,))

    def __matmul__(self, other):
        other = self.wrap(other)
        a, b = self.data, other.data
        ways = {
            (2, 2): (lambda g: g @ b.T, lambda g: a.T @ g),
            (2, 1): (lambda g: np.outer(g, b), lambda g: g @ a),
            (1, 2): (lambda g: b @ g, lambda g: np.outer(a, g)),
            (1, 1): (lambda g: g * b, lambda g: g * a),
        }
        return type(self)(a @ b, (self, other), ways[a.ndim, b.ndim])

    def __rmatmul__(self, other):
        return type(self)(other) @ self

    def sum(self, axis=None, keepdims=False):
        if axis is None:
            total = self.data.sum()
            out = total.reshape((1,) * self.data.ndim) if keepdims else total
            return type(self)(out, (self,), (lambda g: np.full(self.data.shape, np.sum(g)),))

        def vjp(g):
            if not keepdims:
                g = np.expand_dims(g, axis)
            return np.repeat(g, self.data.shape[axis], axis=axis)

        return type(self)(self.data.sum(axis=axis, keepdims=keepdims), (self,), (vjp,))

    def reshape(self, shape):
        return type(self)(np.reshape(self.data, shape), (self,), (lambda g: g.reshape(*self.data.shape),))

    @property
    def T(self):
        return type(self)(self.data.transpose(), (self,), (lambda g: g.transpose(),))

    def __getitem__(self, index):
        def vjp(g):
            out = np.zeros(self.data.shape)
            places = np.arange(out.size).reshape(out.shape)[index]
            for place, share in zip(np.ravel(places), np.ravel(g), strict=True):
                out.flat[place] += share
            return out

        return type(self)(self.data[index], (self,), (vjp,))
