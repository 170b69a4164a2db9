"""Other correct solutions of unit 3."""

import math
import sys
from collections import Counter, deque

import numpy as np

# --- an engine with closures, as micrograd has it ---------------------------------------------------


class ClosureValue:
    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad = data, 0.0
        self.parents, self.local_derivatives = set(parents), local_derivatives
        self.pull = lambda: None

    def join(self, data, other, pull):
        result = ClosureValue(data, (self, other))
        result.pull = lambda: pull(result.grad)
        return result

    def __add__(self, other):
        other = other if isinstance(other, ClosureValue) else ClosureValue(other)

        def pull(g):
            self.grad += g
            other.grad += g

        return self.join(self.data + other.data, other, pull)

    def __mul__(self, other):
        other = other if isinstance(other, ClosureValue) else ClosureValue(other)

        def pull(g):
            self.grad += other.data * g
            other.grad += self.data * g

        return self.join(self.data * other.data, other, pull)

    def function(self, data, slope):
        def pull(g):
            self.grad += slope * g

        return self.join(data, self, pull)

    def __pow__(self, exponent):
        return self.function(self.data**exponent, exponent * self.data ** (exponent - 1))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * (other**-1.0)

    def __rtruediv__(self, other):
        return self**-1 * other

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return self.function(math.exp(self.data), math.exp(self.data))

    def log(self):
        return self.function(math.log(self.data), 1 / self.data)

    def tanh(self):
        return self.function(math.tanh(self.data), 1 - math.tanh(self.data) ** 2)

    def sigmoid(self):
        return (1 + (-self).exp()) ** -1

    def relu(self):
        return self.function(max(0.0, self.data), 1.0 if self.data > 0 else 0.0)


def closure_order(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(30_000)
    try:
        visit(root)
    finally:
        sys.setrecursionlimit(limit)
    return order


def closure_backward(root):
    root.grad = 1.0
    for node in closure_order(root)[::-1]:
        node.pull()


CLOSURES = {"Value": ClosureValue, "topological_order": closure_order, "backward": closure_backward}

# --- constants that are no nodes, one parent where operands coincide, elementary rules spelt out ------


class FrugalValue:
    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.parents, self.local_derivatives = np.float64(data), list(parents), list(local_derivatives)
        self.grad = 0.0

    def make(self, data, *pairs):
        slopes = {}
        for node, slope in pairs:
            if isinstance(node, FrugalValue):
                slopes[node] = slopes.get(node, 0.0) + slope
        return FrugalValue(data, slopes.keys(), slopes.values())

    def __add__(self, other):
        return self.make(self.data + getattr(other, "data", other), (self, 1), (other, 1))

    def __sub__(self, other):
        return self.make(self.data - getattr(other, "data", other), (self, 1), (other, -1))

    def __rsub__(self, other):
        return self.make(other - self.data, (self, -1))

    def __mul__(self, other):
        b = other.data if isinstance(other, FrugalValue) else other
        return self.make(self.data * b, (self, b), (other, self.data))

    def __truediv__(self, other):
        b = other.data if isinstance(other, FrugalValue) else other
        return self.make(self.data / b, (self, 1 / b), (other, -self.data / b**2))

    def __rtruediv__(self, other):
        return self.make(other / self.data, (self, -other / self.data**2))

    def __pow__(self, n):
        return self.make(self.data**n, (self, n * self.data**n / self.data))

    def __neg__(self):
        return self.make(-self.data, (self, -1))

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return self.make(np.exp(self.data), (self, np.exp(self.data)))

    def log(self):
        return self.make(np.log(self.data), (self, self.data**-1))

    def tanh(self):
        return self.make(np.tanh(self.data), (self, np.cosh(self.data) ** -2))

    def sigmoid(self):
        return self.make((np.tanh(self.data / 2) + 1) / 2, (self, np.cosh(self.data / 2) ** -2 / 4))

    def relu(self):
        return self.make(np.maximum(self.data, 0), (self, np.heaviside(self.data, 0)))


# --- rules as functions that are called during the sweep ---------------------------------------------


class LazyValue:
    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    @classmethod
    def apply(cls, function, rule, *operands):
        nodes = tuple(x if isinstance(x, cls) else cls(x) for x in operands)
        return cls(function(*(n.data for n in nodes)), nodes, rule)

    def __add__(self, other):
        return self.apply(lambda a, b: a + b, lambda a, b: (1, 1), self, other)

    def __radd__(self, other):
        return self.apply(lambda a, b: a + b, lambda a, b: (1, 1), other, self)

    def __sub__(self, other):
        return self.apply(lambda a, b: a - b, lambda a, b: (1, -1), self, other)

    def __rsub__(self, other):
        return self.apply(lambda a, b: a - b, lambda a, b: (1, -1), other, self)

    def __mul__(self, other):
        return self.apply(lambda a, b: a * b, lambda a, b: (b, a), self, other)

    def __rmul__(self, other):
        return self.apply(lambda a, b: a * b, lambda a, b: (b, a), other, self)

    def __truediv__(self, other):
        return self.apply(lambda a, b: a / b, lambda a, b: (1 / b, -a / b / b), self, other)

    def __rtruediv__(self, other):
        return self.apply(lambda a, b: a / b, lambda a, b: (1 / b, -a / b / b), other, self)

    def __pow__(self, n):
        return self.apply(lambda a: a**n, lambda a: (n * a ** (n - 1),), self)

    def __neg__(self):
        return self.apply(lambda a: -a, lambda a: (-1,), self)

    def exp(self):
        return self.apply(math.exp, lambda a: (math.exp(a),), self)

    def log(self):
        return self.apply(math.log, lambda a: (1 / a,), self)

    def tanh(self):
        return self.apply(math.tanh, lambda a: (1 / math.cosh(a) ** 2,), self)

    def sigmoid(self):
        return self.apply(lambda a: 1 / (1 + math.exp(-a)), lambda a: (1 / (2 + math.exp(a) + math.exp(-a)),), self)

    def relu(self):
        return self.apply(lambda a: a * (a > 0), lambda a: (a > 0,), self)


def lazy_backward(root):
    root.grad = 1.0
    for node in reversed(layers_by_counting(root)):
        slopes = node.local_derivatives(*(p.data for p in node.parents)) if node.parents else ()
        for parent, slope in zip(node.parents, slopes, strict=True):
            parent.grad += slope * node.grad


def layers_by_counting(root):
    users, found, queue = Counter(), {root}, [root]
    for node in queue:
        for parent in set(node.parents):
            users[parent] += 1
            if parent not in found:
                found.add(parent)
                queue.append(parent)
    order, free = [], deque([root])
    while free:
        node = free.popleft()
        order.append(node)
        for parent in set(node.parents):
            users[parent] -= 1
            if not users[parent]:
                free.append(parent)
    return order[::-1]


LAZY = {"Value": LazyValue, "topological_order": layers_by_counting, "backward": lazy_backward}

# --- orders and sweeps ------------------------------------------------------------------------------


def postorder_by_iterators(root):
    order, seen, stack = [], {root}, [(root, iter(root.parents))]
    while stack:
        node, parents = stack[-1]
        parent = next((p for p in parents if p not in seen), None)
        if parent is None:
            order.append(node)
            stack.pop()
        else:
            seen.add(parent)
            stack.append((parent, iter(parent.parents)))
    return tuple(order)


def sorted_by_height(root):
    height, stack = {}, [root]
    while stack:
        node = stack[-1]
        waiting = [p for p in node.parents if p not in height]
        if waiting:
            stack.extend(waiting)
        else:
            height[node] = 1 + max((height[p] for p in node.parents), default=0)
            stack.pop()
    return sorted(height, key=height.get)


def recursion_with_raised_limit(root):
    order = {}

    def visit(node):
        if id(node) not in order:
            for parent in node.parents:
                visit(parent)
            order[id(node)] = node

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20_000))
    try:
        visit(root)
    finally:
        sys.setrecursionlimit(limit)
    return list(order.values())


def sweep_by_counting(root):
    users, found, queue = Counter(), {root}, [root]
    for node in queue:
        users.update(node.parents)
        fresh = [p for p in dict.fromkeys(node.parents) if p not in found]
        found.update(fresh)
        queue.extend(fresh)
    root.grad, ready = 1.0, [root]
    while ready:
        node = ready.pop()
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += slope * node.grad
            users[parent] -= 1
            if users[parent] == 0:
                ready.append(parent)


def sweep_with_own_table(root):
    order = layers_by_counting(root)
    adjoint = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in reversed(order):
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            adjoint[parent] += slope * adjoint[node]
    for node in order:
        node.grad = 1.0 if node is root else node.grad + adjoint[node]


def sweep_while_popping(root):
    order = postorder_by_iterators(root)
    root.grad = 1
    for k in range(len(order) - 1, -1, -1):
        node = order[k]
        for j in range(len(node.parents)):
            node.parents[j].grad = node.parents[j].grad + node.grad * node.local_derivatives[j]


# --- zero_grad, neuron ------------------------------------------------------------------------------


def zero_by_index(values):
    for k in range(len(values)):
        values[k].grad = 0


def zero_by_setattr(values):
    any(setattr(value, "grad", 0.0) for value in values)


def zero_by_while(values):
    rest = list(values)
    while rest:
        rest.pop().grad = np.float64(0)


def neuron_by_cases(weights, inputs, bias, activation):
    z = bias
    for k in range(len(weights)):
        z = z + inputs[k] * weights[k]
    if activation == "tanh":
        return z.tanh()
    if activation == "relu":
        return z.relu()
    if activation == "sigmoid":
        return z.sigmoid()
    return z


def neuron_by_table(weights, inputs, bias, activation):
    z = sum([w * x for w, x in zip(weights, inputs, strict=True)], bias)
    functions = {"tanh": lambda: z.tanh(), "relu": lambda: z.relu(), "sigmoid": lambda: z.sigmoid()}
    return functions.get(activation, lambda: z + 0)()


def neuron_from_exponentials(weights, inputs, bias, activation):
    z = sum(x * w for x, w in zip(inputs, weights, strict=True)) + bias
    if activation == "sigmoid":
        return 1 / (1 + (-z).exp())
    if activation == "tanh":
        return 2 / (1 + (z * -2).exp()) - 1
    return z.relu() if activation == "relu" else z


# --- the perceptron by loops ------------------------------------------------------------------------


def forward_by_matrices(x, weights, biases):
    zs, ys, y = [], [], np.array(x)
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = y @ np.array(W) + np.array(b)
        y = np.tanh(z) if k + 1 < len(weights) else z.copy()
        zs.append(z)
        ys.append(y)
    return [zs, ys]


def forward_by_explicit_loops(x, weights, biases):
    zs, ys = [], []
    for k in range(len(weights)):
        below = ys[-1] if ys else x
        zs.append([])
        for j in range(len(biases[k])):
            total = biases[k][j]
            for i in range(len(below)):
                total += weights[k][i][j] * below[i]
            zs[-1].append(total)
        ys.append(zs[-1] if k == len(weights) - 1 else [math.tanh(z) for z in zs[-1]])
    return zs, ys


def forward_by_recursion(x, weights, biases):
    columns = list(zip(*weights[0], strict=True))
    z = [b + math.fsum(w * y for w, y in zip(c, x, strict=True)) for b, c in zip(biases[0], columns, strict=True)]
    if len(weights) == 1:
        return [z], [z]
    y = [math.tanh(value) for value in z]
    zs, ys = forward_by_recursion(y, weights[1:], biases[1:])
    return [z, *zs], [y, *ys]


def backward_by_matrices(x, weights, biases, target):
    ys = [np.array(y) for y in forward_by_explicit_loops(x, weights, biases)[1]]
    inputs = [np.array(x), *ys[:-1]]
    dz = ys[-1] - np.array(target)
    dweights, dbiases = [], []
    for k in range(len(weights) - 1, -1, -1):
        dweights.append(np.outer(inputs[k], dz))
        dbiases.append(dz)
        dz = (np.array(weights[k]) @ dz) * (1 - inputs[k] ** 2)
    return [W.tolist() for W in dweights[::-1]], dbiases[::-1]


def backward_by_recursion(x, weights, biases, target):
    def below(y, k):
        z = [b + sum(y[i] * weights[k][i][j] for i in range(len(y))) for j, b in enumerate(biases[k])]
        if k == len(weights) - 1:
            dz = [z_j - d for z_j, d in zip(z, target, strict=True)]
        else:
            g = below([math.tanh(z_j) for z_j in z], k + 1)
            dz = [g_j / math.cosh(z_j) ** 2 for g_j, z_j in zip(g, z, strict=True)]
        dbiases[k] = dz
        dweights[k] = [[y_i * g for g in dz] for y_i in y]
        return [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]

    dweights, dbiases = [None] * len(weights), [None] * len(biases)
    below(x, 0)
    return [dweights, dbiases]


def backward_by_the_engine(x, weights, biases, target):
    W = [[[LazyValue(w) for w in row] for row in layer] for layer in weights]
    b = [[LazyValue(value) for value in layer] for layer in biases]
    y = x
    for k in range(len(W)):
        z = [sum((W[k][i][j] * y[i] for i in range(len(y))), b[k][j]) for j in range(len(b[k]))]
        y = [value.tanh() for value in z] if k < len(W) - 1 else z
    lazy_backward(sum((o - d) ** 2 for o, d in zip(y, target, strict=True)) / 2)
    return [[[w.grad for w in row] for row in layer] for layer in W], [[v.grad for v in layer] for layer in b]


# --- Dual -------------------------------------------------------------------------------------------


class ComplexStepDual:
    step = 1e-30

    def __init__(self, value, tangent=0.0):
        self.number = value if isinstance(value, complex) else complex(value, tangent * self.step)

    value = property(lambda self: self.number.real)
    tangent = property(lambda self: self.number.imag / self.step)

    @staticmethod
    def number_of(other):
        return other.number if isinstance(other, ComplexStepDual) else complex(other)

    def __add__(self, other):
        return ComplexStepDual(self.number + self.number_of(other))

    def __sub__(self, other):
        return ComplexStepDual(self.number - self.number_of(other))

    def __rsub__(self, other):
        return ComplexStepDual(self.number_of(other) - self.number)

    def __mul__(self, other):
        return ComplexStepDual(self.number * self.number_of(other))

    def __truediv__(self, other):
        return ComplexStepDual(self.number / self.number_of(other))

    def __rtruediv__(self, other):
        return ComplexStepDual(self.number_of(other) / self.number)

    def __pow__(self, exponent):
        a = self.value
        return ComplexStepDual(a**exponent, exponent * a ** (exponent - 1) * self.tangent)

    def __neg__(self):
        return ComplexStepDual(-self.number)

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return ComplexStepDual(complex(np.exp(self.number)))

    def log(self):
        return ComplexStepDual(complex(np.log(self.number)))

    def tanh(self):
        return ComplexStepDual(complex(np.tanh(self.number)))

    def sigmoid(self):
        return 1 / (1 + (-self).exp())

    def relu(self):
        return self if self.value > 0 else ComplexStepDual(0.0)


class TwoByTwoDual:
    """The number a + a' e as the matrix [[a, a'], [0, a]]: matrix algebra does the product rule."""

    def __init__(self, value, tangent=0.0):
        self.matrix = np.array([[value, tangent], [0.0, value]])

    value = property(lambda self: self.matrix[0, 0])
    tangent = property(lambda self: self.matrix[0, 1])

    def of(self, other):
        return other.matrix if isinstance(other, TwoByTwoDual) else other * np.eye(2)

    @classmethod
    def from_matrix(cls, matrix):
        return cls(matrix[0, 0], matrix[0, 1])

    def __add__(self, other):
        return self.from_matrix(self.matrix + self.of(other))

    def __sub__(self, other):
        return self.from_matrix(self.matrix - self.of(other))

    def __rsub__(self, other):
        return self.from_matrix(self.of(other) - self.matrix)

    def __mul__(self, other):
        return self.from_matrix(self.matrix @ self.of(other))

    def __truediv__(self, other):
        return self.from_matrix(self.matrix @ np.linalg.inv(self.of(other)))

    def __rtruediv__(self, other):
        return self.from_matrix(self.of(other) @ np.linalg.inv(self.matrix))

    def __neg__(self):
        return self.from_matrix(-self.matrix)

    __radd__, __rmul__ = __add__, __mul__

    def lift(self, f, slope):
        return TwoByTwoDual(f(self.value), slope(self.value) * self.tangent)

    def __pow__(self, n):
        return self.lift(lambda a: a**n, lambda a: n * a ** (n - 1))

    def exp(self):
        return self.lift(np.exp, np.exp)

    def log(self):
        return self.lift(np.log, np.reciprocal)

    def tanh(self):
        return self.lift(np.tanh, lambda a: np.cosh(a) ** -2)

    def sigmoid(self):
        return ((self * 0.5).tanh() + 1) * 0.5

    def relu(self):
        return self.lift(lambda a: max(a, 0.0), lambda a: np.heaviside(a, 0.0))


class TupleDual(tuple):
    def __new__(cls, value, tangent=0.0):
        return super().__new__(cls, (value, tangent))

    value, tangent = property(lambda self: self[0]), property(lambda self: self[1])

    def __add__(self, other):
        b, db = other if isinstance(other, tuple) else (other, 0)
        return TupleDual(self[0] + b, self[1] + db)

    def __mul__(self, other):
        b, db = other if isinstance(other, tuple) else (other, 0)
        return TupleDual(self[0] * b, b * self[1] + self[0] * db)

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, n):
        return TupleDual(self[0] ** n, n * self[0] ** n / self[0] * self[1])

    def __neg__(self):
        return TupleDual(-self[0], -self[1])

    def __sub__(self, other):
        return self + -1 * other if isinstance(other, tuple) else self + (-other)

    def __rsub__(self, other):
        return -(self - other)

    def __truediv__(self, other):
        return self * (other**-1 if isinstance(other, tuple) else 1 / other)

    def __rtruediv__(self, other):
        return other * self**-1

    def exp(self):
        return TupleDual(math.exp(self[0]), math.exp(self[0]) * self[1])

    def log(self):
        return TupleDual(math.log(self[0]), self[1] / self[0])

    def sigmoid(self):
        return 1 / (1 + (-self).exp())

    def tanh(self):
        return 2 * (2 * self).sigmoid() - 1

    def relu(self):
        return self if self[0] > 0 else TupleDual(0.0, 0.0)


ALTERNATIVES = {
    "Value": [CLOSURES, FrugalValue, LAZY],
    "topological_order": [
        layers_by_counting,
        postorder_by_iterators,
        sorted_by_height,
        recursion_with_raised_limit,
        CLOSURES,
    ],
    "backward": [sweep_by_counting, sweep_with_own_table, sweep_while_popping, CLOSURES, LAZY],
    "zero_grad": [zero_by_index, zero_by_setattr, zero_by_while, {"zero_grad": zero_by_index, **CLOSURES}],
    "neuron": [neuron_by_cases, neuron_by_table, neuron_from_exponentials, {"neuron": neuron_by_cases, **CLOSURES}],
    "mlp_forward_scalar": [forward_by_matrices, forward_by_explicit_loops, forward_by_recursion],
    "mlp_backward_scalar": [backward_by_matrices, backward_by_recursion, backward_by_the_engine],
    "Dual": [ComplexStepDual, TwoByTwoDual, TupleDual],
}
