"""Unit 10: modules and a tensor engine."""

import numpy as np

from backprop_course.given.autodiff import topological_order, unbroadcast


class Linear:
    """Implement a module that maps rows X to X W + b, forward and backward.

    Parameters
    ----------
    W : array of shape (D, K)
    b : array of shape (K,)

    Attributes
    ----------
    W, b : array
        May be replaced between calls; each call uses what they are then.
    dW, db : array of the shapes of W and b
        Gradients of the loss, as the last ``bprop`` left them.
    """

    def __init__(self, W, b):
        self.W, self.b = W, b

    def fprop(self, X):
        """Return X W + b, shape (N, K), for X of shape (N, D); keep what ``bprop`` will need."""
        ### BEGIN SOLUTION
        self.X = X
        return X @ self.W + self.b
        ### END SOLUTION

    def bprop(self, G):
        """Return the gradient for X, (N, D), given the gradient G for the outputs, (N, K); set dW and db."""
        ### BEGIN SOLUTION
        self.dW = self.X.T @ G
        self.db = G.sum(axis=0)
        return G @ self.W.T
        ### END SOLUTION


class ReLU:
    """Implement a module that replaces negative entries by 0. Its derivative at 0 is 0."""

    def fprop(self, Z):
        """Return max(0, Z), entry by entry, for an array of any shape."""
        ### BEGIN SOLUTION
        self.is_on = Z > 0
        return np.where(self.is_on, Z, 0.0)
        ### END SOLUTION

    def bprop(self, G):
        """Return the gradient for Z, given the gradient G for the outputs."""
        ### BEGIN SOLUTION
        return np.where(self.is_on, G, 0.0)
        ### END SOLUTION


class SoftmaxCrossEntropy:
    """Implement the module at the end of a classifier: mean cross-entropy, from logits.

    Notes
    -----
    Finite and right for logits up to 1e4 in size.
    """

    def fprop(self, Z, y):
        """Return the mean over the rows of -log softmax(Z)[n, y[n]], for Z (N, K) and integer labels y (N,)."""
        ### BEGIN SOLUTION
        self.right = np.arange(len(y)), y
        shifted = Z - Z.max(axis=1, keepdims=True)
        self.log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return -self.log_p[self.right].mean()
        ### END SOLUTION

    def bprop(self):
        """Return the gradient of that mean for the logits, (N, K)."""
        ### BEGIN SOLUTION
        G = np.exp(self.log_p)
        G[self.right] -= 1
        return G / len(G)
        ### END SOLUTION


class Sequential:
    """Implement a module that is a chain of modules.

    Parameters
    ----------
    modules : list of modules
        The first one is applied first.
    """

    def __init__(self, modules):
        self.modules = modules

    def fprop(self, X):
        """Return what the last module puts out."""
        ### BEGIN SOLUTION
        for module in self.modules:
            X = module.fprop(X)
        return X
        ### END SOLUTION

    def bprop(self, G):
        """Return the gradient for the input of the first module, given G for the output of the last."""
        ### BEGIN SOLUTION
        for module in reversed(self.modules):
            G = module.bprop(G)
        return G
        ### END SOLUTION


def dot_product_test(f, vjp, x, rng):
    """Tell whether `vjp` belongs to `f`, from random directions: g · (J v) against (g J) · v.

    Parameters
    ----------
    f : callable
        From arrays of shape (n,) to arrays of shape (m,).
    vjp : callable
        ``vjp(g, x)`` is supposed to be g J, shape (n,), for g of shape (m,) and the Jacobian J of `f` at x.
    x : array of shape (n,)
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    bool
        False also for a result of the wrong shape, or one that is not finite.

    Notes
    -----
    J v is a central difference along v. The two products agree when they differ by at most 1e-5 of the larger
    one (plus 1e-9, for round-off). One random pair may overlook a mistake: several are tried.
    """
    ### BEGIN SOLUTION
    h = 1e-5
    for _ in range(10):
        v = rng.normal(size=x.shape)
        Jv = (f(x + h * v) - f(x - h * v)) / (2 * h)
        g = rng.normal(size=Jv.shape)
        gJ = np.asarray(vjp(g, x))
        if gJ.shape != x.shape or not np.all(np.isfinite(gJ)):
            return False
        ours, theirs = g @ Jv, gJ @ v
        if abs(ours - theirs) > 1e-5 * max(abs(ours), abs(theirs)) + 1e-9:
            return False
    return True
    ### END SOLUTION


class Tensor:
    """Implement an array that remembers what it was computed from, and how a gradient gets back there.

    Every operation returns a new Tensor. Numbers and arrays may stand on either side: they act as constants.

    Parameters
    ----------
    data : array or number
        Kept as a float64 array.
    parents : tuple of Tensor, optional
        The operands, empty for an input.
    vjps : tuple of callable, optional
        One for each parent: ``vjp(g)`` takes the gradient for this node and returns the one for that parent,
        in the parent's own shape.

    Attributes
    ----------
    grad : array of data's shape
        Zeros, until ``backward`` adds something.

    Notes
    -----
    The exponent of ``**`` is a number. The derivative of ``relu`` at 0 is 0.
    """

    __array_ufunc__ = None  # NumPy leaves array * Tensor to Tensor.__rmul__

    def __init__(self, data, parents=(), vjps=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents, self.vjps = tuple(parents), tuple(vjps)

    def __repr__(self):
        return f"Tensor(shape={self.data.shape})"

    @staticmethod
    def wrap(other):
        """Return `other` as a Tensor; a number or an array becomes a constant without parents."""
        return other if isinstance(other, Tensor) else Tensor(other)

    def __add__(self, other):
        # Given, as an example.
        other = Tensor.wrap(other)
        vjps = (lambda g: unbroadcast(g, self.data.shape), lambda g: unbroadcast(g, other.data.shape))
        return Tensor(self.data + other.data, (self, other), vjps)

    def __mul__(self, other):
        ### BEGIN SOLUTION
        other = Tensor.wrap(other)
        a, b = self.data, other.data
        vjps = (lambda g: unbroadcast(g * b, a.shape), lambda g: unbroadcast(g * a, b.shape))
        return Tensor(a * b, (self, other), vjps)
        ### END SOLUTION

    def __pow__(self, exponent):
        ### BEGIN SOLUTION
        slope = exponent * self.data ** (exponent - 1)
        return Tensor(self.data**exponent, (self,), (lambda g: g * slope,))
        ### END SOLUTION

    # Given: all of this follows from +, * and **.

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -Tensor.wrap(other)

    def __rsub__(self, other):
        return Tensor.wrap(other) - self

    def __truediv__(self, other):
        return self * Tensor.wrap(other) ** -1

    def __rtruediv__(self, other):
        return Tensor.wrap(other) / self

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def exp(self):
        """Return e to the power of each entry."""
        ### BEGIN SOLUTION
        result = np.exp(self.data)
        return Tensor(result, (self,), (lambda g: g * result,))
        ### END SOLUTION

    def log(self):
        """Return the natural logarithm of each entry."""
        ### BEGIN SOLUTION
        return Tensor(np.log(self.data), (self,), (lambda g: g / self.data,))
        ### END SOLUTION

    def relu(self):
        """Return each entry where it is positive, else 0."""
        ### BEGIN SOLUTION
        is_on = self.data > 0
        return Tensor(np.where(is_on, self.data, 0.0), (self,), (lambda g: np.where(is_on, g, 0.0),))
        ### END SOLUTION

    def __matmul__(self, other):
        # Matrix @ matrix, matrix @ vector, vector @ matrix or vector @ vector, as NumPy does it.
        ### BEGIN SOLUTION
        other = Tensor.wrap(other)
        A = np.atleast_2d(self.data)  # a vector on the left is a row,
        B = other.data if other.data.ndim == 2 else other.data[:, None]  # one on the right a column
        shape = (len(A), B.shape[1])
        vjps = (
            lambda g: (np.reshape(g, shape) @ B.T).reshape(self.data.shape),
            lambda g: (A.T @ np.reshape(g, shape)).reshape(other.data.shape),
        )
        return Tensor(self.data @ other.data, (self, other), vjps)
        ### END SOLUTION

    def __rmatmul__(self, other):
        return Tensor.wrap(other) @ self

    def sum(self, axis=None, keepdims=False):
        """Return the sum of all entries, or along one axis, as ``np.sum`` does; `axis` is an int or None."""
        ### BEGIN SOLUTION
        shape = self.data.shape

        def vjp(g):
            kept = g if axis is None or keepdims else np.expand_dims(g, axis)
            return np.broadcast_to(kept, shape)

        return Tensor(self.data.sum(axis=axis, keepdims=keepdims), (self,), (vjp,))
        ### END SOLUTION

    def reshape(self, shape):
        """Return the entries in another shape, as ``np.reshape`` does; -1 stands for what fits."""
        ### BEGIN SOLUTION
        return Tensor(self.data.reshape(shape), (self,), (lambda g: np.reshape(g, self.data.shape),))
        ### END SOLUTION

    @property
    def T(self):
        """The transpose."""
        ### BEGIN SOLUTION
        return Tensor(self.data.T, (self,), (lambda g: g.T,))
        ### END SOLUTION

    def __getitem__(self, index):
        # Slices, integers, integer arrays, and pairs of these. An index may come twice.
        ### BEGIN SOLUTION
        def vjp(g):
            scattered = np.zeros_like(self.data)
            np.add.at(scattered, index, g)
            return scattered

        return Tensor(self.data[index], (self,), (vjp,))
        ### END SOLUTION


def backward(root):
    """Add the derivative of `root` to every node's ``grad``: 1 for the root itself.

    Each ``vjp`` is used once a call, also where exponentially many paths lead through it.

    Parameters
    ----------
    root : Tensor of one element

    Notes
    -----
    What stands in ``grad`` from earlier calls stays there and is added to; it is not passed on again.
    """
    ### BEGIN SOLUTION
    gradients = {root: np.ones_like(root.data)}
    for node in reversed(topological_order(root)):
        g = gradients.pop(node)
        node.grad = node.grad + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            gradients[parent] = gradients.get(parent, 0.0) + vjp(g)
    ### END SOLUTION


def grad(f):
    """Make the function that returns the gradient of `f` with respect to its first argument.

    Parameters
    ----------
    f : callable
        ``f(x, *others)`` is a Tensor of one element, for a Tensor x; the others are whatever `f` wants.

    Returns
    -------
    callable
        ``gradient(x, *others)``, for an array x, is an array of x's shape.
    """

    ### BEGIN SOLUTION
    def gradient(x, *others):
        x = Tensor(x)
        backward(f(x, *others))
        return x.grad

    return gradient
    ### END SOLUTION


def hessian_vector_product(gradient, x, v):
    """Compute the Hessian times v from two gradients, without the Hessian.

    Parameters
    ----------
    gradient : callable
        Gradient of a scalar function: an array of x's shape for such an array. It is called twice at most.
    x : array
    v : array of x's shape
        Of any length; zeros give zeros.

    Returns
    -------
    array of x's shape

    Notes
    -----
    A central difference of the gradient along v. The step must not depend on how long v is.
    """
    ### BEGIN SOLUTION
    longest = np.abs(v).max()
    if longest == 0:
        return np.zeros(np.shape(x))
    h = 1e-5 / longest
    return (gradient(x + h * v) - gradient(x - h * v)) / (2 * h)
    ### END SOLUTION
