"""Unit 3: a reverse-mode engine for scalars."""

import numpy as np


class Value:
    """Implement a number that remembers what it was computed from, and the derivative by each parent.

    Every operation returns a new Value. Numbers may stand on either side of an operator: they act as constants.

    Parameters
    ----------
    data : float
    parents : tuple of Value, optional
        The operands, empty for an input.
    local_derivatives : tuple of float, optional
        The derivative of this node with respect to each parent, in the same order.

    Attributes
    ----------
    grad : float
        The derivative of some output with respect to this node; 0.0 until ``backward`` fills it in.

    Notes
    -----
    The exponent of ``**`` is a number. The derivative of ``relu`` at 0 is 0.
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data = float(data)
        self.grad = 0.0
        self.parents = tuple(parents)
        self.local_derivatives = tuple(map(float, local_derivatives))

    def __repr__(self):
        return f"Value(data={self.data:.6g}, grad={self.grad:.6g})"

    @staticmethod
    def wrap(other):
        """Return `other` as a Value; a number becomes a constant without parents."""
        return other if isinstance(other, Value) else Value(other)

    def __add__(self, other):
        ### BEGIN SOLUTION
        other = Value.wrap(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))
        ### END SOLUTION

    def __mul__(self, other):
        ### BEGIN SOLUTION
        other = Value.wrap(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))
        ### END SOLUTION

    def __pow__(self, exponent):
        ### BEGIN SOLUTION
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))
        ### END SOLUTION

    # What follows up to exp can be said with +, * and ** alone.

    def __neg__(self):
        ### BEGIN SOLUTION
        return self * -1.0
        ### END SOLUTION

    def __sub__(self, other):
        ### BEGIN SOLUTION
        return self + (-other)
        ### END SOLUTION

    def __truediv__(self, other):
        ### BEGIN SOLUTION
        return self * Value.wrap(other) ** -1
        ### END SOLUTION

    # Python asks these when a number stands on the left: 2 - a calls a.__rsub__(2).

    def __radd__(self, other):
        ### BEGIN SOLUTION
        return self + other
        ### END SOLUTION

    def __rmul__(self, other):
        ### BEGIN SOLUTION
        return self * other
        ### END SOLUTION

    def __rsub__(self, other):
        ### BEGIN SOLUTION
        return Value(other) - self
        ### END SOLUTION

    def __rtruediv__(self, other):
        ### BEGIN SOLUTION
        return Value(other) / self
        ### END SOLUTION

    def exp(self):
        """Return e to the power of this node."""
        ### BEGIN SOLUTION
        result = np.exp(self.data)
        return Value(result, (self,), (result,))
        ### END SOLUTION

    def log(self):
        """Return the natural logarithm of this node."""
        ### BEGIN SOLUTION
        return Value(np.log(self.data), (self,), (1 / self.data,))
        ### END SOLUTION

    def tanh(self):
        """Return the hyperbolic tangent of this node."""
        ### BEGIN SOLUTION
        result = np.tanh(self.data)
        return Value(result, (self,), (1 - result**2,))
        ### END SOLUTION

    def sigmoid(self):
        """Return 1 / (1 + exp(-z)) of this node z."""
        ### BEGIN SOLUTION
        result = 1 / (1 + np.exp(-self.data))
        return Value(result, (self,), (result * (1 - result),))
        ### END SOLUTION

    def relu(self):
        """Return this node where it is positive, else 0."""
        ### BEGIN SOLUTION
        positive = self.data > 0
        return Value(self.data if positive else 0.0, (self,), (float(positive),))
        ### END SOLUTION


def topological_order(root):
    """List every node that `root` depends on, and `root` itself, each once and after its parents.

    Parameters
    ----------
    root : Value

    Returns
    -------
    list of Value
        Any valid order. A chain of 5,000 nodes is no problem.
    """
    ### BEGIN SOLUTION
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, parents_are_done = stack.pop()
        if parents_are_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order
    ### END SOLUTION


def backward(root):
    """Add to every node's ``grad`` the derivative of `root` with respect to that node.

    Each local derivative is used once, also where exponentially many paths lead through it.

    Parameters
    ----------
    root : Value
        Its own ``grad`` grows by 1.

    Notes
    -----
    ``share of a parent += local derivative * share of the node``, a node only after all that depends on it.
    Gradients accumulate over several calls, also for nodes that both graphs share; resetting them is up to the caller.
    """
    ### BEGIN SOLUTION
    order = topological_order(root)
    share = dict.fromkeys(order, 0.0)
    share[root] = 1.0
    for node in reversed(order):
        node.grad += share[node]
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            share[parent] += derivative * share[node]
    ### END SOLUTION


def zero_grad(values):
    """Reset the gradient of each value to 0.

    Parameters
    ----------
    values : list of Value
    """
    ### BEGIN SOLUTION
    for value in values:
        value.grad = 0.0
    ### END SOLUTION


def neuron(weights, inputs, bias, activation):
    """Compute one neuron: the activation of the weighted sum of the inputs plus the bias.

    Parameters
    ----------
    weights : list of Value
    inputs : list of Value or float
        As many as there are weights.
    bias : Value
    activation : str
        ``"tanh"``, ``"relu"``, ``"sigmoid"`` or ``"linear"`` (none).

    Returns
    -------
    Value
    """
    ### BEGIN SOLUTION
    z = bias + sum(w * x for w, x in zip(weights, inputs, strict=True))
    return z if activation == "linear" else getattr(z, activation)()
    ### END SOLUTION


def mlp_forward_scalar(x, weights, biases):
    """Run a multilayer perceptron forward by loops: tanh in the hidden layers, no activation at the output.

    Parameters
    ----------
    x : list of float
        The input.
    weights : list of list of list of float
        ``weights[k][i][j]`` leads from input i of layer k to its unit j.
    biases : list of list of float
        ``biases[k][j]`` belongs to unit j of layer k.

    Returns
    -------
    zs, ys : list of list of float
        Pre-activations and activations, one list per layer; `x` is not among them.
    """
    ### BEGIN SOLUTION
    zs, ys, y = [], [], x
    for W, b in zip(weights, biases, strict=True):
        z = [b[j] + sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(b))]
        is_output = len(zs) == len(weights) - 1
        y = list(z) if is_output else [float(np.tanh(z_j)) for z_j in z]
        zs.append(z)
        ys.append(y)
    return zs, ys
    ### END SOLUTION


def mlp_backward_scalar(x, weights, biases, target):
    """Run the same perceptron backward by loops: gradients of 1/2 sum_j (y_j - target_j)^2.

    Parameters
    ----------
    x : list of float
    weights, biases : nested lists of float
        As for ``mlp_forward_scalar``.
    target : list of float
        The desired output.

    Returns
    -------
    dweights, dbiases : nested lists of float
        In the shape of `weights` and `biases`.
    """
    ### BEGIN SOLUTION
    ys = mlp_forward_scalar(x, weights, biases)[1]
    dz = [y - d for y, d in zip(ys[-1], target, strict=True)]
    dweights, dbiases = [], []
    for k in reversed(range(len(weights))):
        below = ys[k - 1] if k > 0 else x
        dweights.insert(0, [[y * g for g in dz] for y in below])
        dbiases.insert(0, dz)
        dy = [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]
        dz = [(1 - y**2) * g for y, g in zip(below, dy, strict=True)]
    return dweights, dbiases
    ### END SOLUTION


class Dual:
    """Implement a number that carries its tangent along: the derivative in one direction of the inputs.

    Every operation returns a new Dual. Numbers may stand on either side of an operator: their tangent is 0.

    Parameters
    ----------
    value : float
    tangent : float, optional

    Notes
    -----
    The rule of each operation: the value as usual; the tangent is the sum of local derivative times tangent
    over the operands. The exponent of ``**`` is a number. The derivative of ``relu`` at 0 is 0.
    """

    def __init__(self, value, tangent=0.0):
        self.value = float(value)
        self.tangent = float(tangent)

    def __repr__(self):
        return f"Dual(value={self.value:.6g}, tangent={self.tangent:.6g})"

    @staticmethod
    def wrap(other):
        """Return `other` as a Dual; a number becomes a constant of tangent 0."""
        return other if isinstance(other, Dual) else Dual(other)

    def __add__(self, other):
        ### BEGIN SOLUTION
        other = Dual.wrap(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)
        ### END SOLUTION

    def __mul__(self, other):
        ### BEGIN SOLUTION
        other = Dual.wrap(other)
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)
        ### END SOLUTION

    def __pow__(self, exponent):
        ### BEGIN SOLUTION
        return Dual(self.value**exponent, exponent * self.value ** (exponent - 1) * self.tangent)
        ### END SOLUTION

    # Given: all of this follows from +, * and **.

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return Dual(other) - self

    def __truediv__(self, other):
        return self * Dual.wrap(other) ** -1

    def __rtruediv__(self, other):
        return Dual(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        """Return e to the power of this number."""
        ### BEGIN SOLUTION
        result = np.exp(self.value)
        return Dual(result, result * self.tangent)
        ### END SOLUTION

    def log(self):
        """Return the natural logarithm of this number."""
        ### BEGIN SOLUTION
        return Dual(np.log(self.value), self.tangent / self.value)
        ### END SOLUTION

    def tanh(self):
        """Return the hyperbolic tangent of this number."""
        ### BEGIN SOLUTION
        result = np.tanh(self.value)
        return Dual(result, (1 - result**2) * self.tangent)
        ### END SOLUTION

    def sigmoid(self):
        """Return 1 / (1 + exp(-z)) of this number z."""
        ### BEGIN SOLUTION
        result = 1 / (1 + np.exp(-self.value))
        return Dual(result, result * (1 - result) * self.tangent)
        ### END SOLUTION

    def relu(self):
        """Return this number where it is positive, else 0."""
        ### BEGIN SOLUTION
        return Dual(self.value, self.tangent) if self.value > 0 else Dual(0.0)
        ### END SOLUTION
