"""Whole engines that are right in another way: one of closures, one whose derivatives are taken on the way back."""

import math
import sys
from collections import Counter, deque


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
    order = closure_order(root)
    before = [node.grad for node in order]
    for node in order:
        node.grad = 0.0
    root.grad = 1.0
    for node in order[::-1]:
        node.pull()
    for node, grad in zip(order, before, strict=True):
        node.grad += grad


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
    total = {root: 1.0}
    for node in reversed(layers_by_counting(root)):
        node.grad += total[node]
        slopes = node.local_derivatives(*(p.data for p in node.parents)) if node.parents else ()
        for parent, slope in zip(node.parents, slopes, strict=True):
            total[parent] = total.get(parent, 0.0) + slope * total[node]


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


CLOSURES = {"Value": ClosureValue, "topological_order": closure_order, "backward": closure_backward}


LAZY = {"Value": LazyValue, "topological_order": layers_by_counting, "backward": lazy_backward}
