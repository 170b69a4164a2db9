"""Value: implement a number that remembers what it was computed from, and the derivative by each parent."""

import math
import sys
from collections import Counter, deque

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.scalar_backprop.inputs import (
    FUNCTIONS,
    NESTED,
    NESTED_FUNCTIONS,
    NUMBER_LEFT,
    NUMBER_RIGHT,
    TWO_VALUES,
    numbers,
    signed,
)
from backprop_solutions.scalar_backprop import Value


def lecture_expression(rng):
    return {"expressions": ["(2*x1+3*x2)**2+3"], "x1": 1.0, "x2": 3.0}


def data_of(student, expressions, **numbers):
    leaves = {name: student.Value(number) for name, number in numbers.items()}
    return {expression: float(eval(expression, {}, leaves).data) for expression in expressions}


def fresh_values(student, number):
    one, other = student.Value(number), student.Value(number)
    return {"data": float(one.data), "grad": float(one.grad), "different nodes": len({one, other})}


def gradients_of(student, expressions, **numbers):
    # Recorded derivatives are read directly; an engine that keeps closures instead is asked through `backward`.
    def derivative(node, leaf):
        pairs = zip(node.parents, node.local_derivatives, strict=True)
        return 1.0 if node is leaf else sum(float(d) * derivative(parent, leaf) for parent, d in pairs)

    def records(node):
        slopes = getattr(node, "local_derivatives", ())
        if not hasattr(slopes, "__len__") or len(slopes) != len(node.parents):
            return False
        return all(isinstance(d, (int, float, np.number)) for d in slopes) and all(map(records, node.parents))

    gradients = {}
    for expression in expressions:
        leaves = {name: student.Value(number) for name, number in numbers.items()}
        root = eval(expression, {}, leaves)
        if root.parents and records(root):
            gradients[expression] = {name: float(derivative(root, leaf)) for name, leaf in leaves.items()}
            continue
        try:
            student.backward(root)
        except (NameError, NotImplementedError):
            if root.parents:
                raise
        gradients[expression] = {name: float(leaf.grad) for name, leaf in leaves.items()}
    return gradients


exercise = Definition(Value)

exercise.aspect(
    "values",
    hint="which of these operations can be said with one that already works?",
    cases=[
        Case(label="two values", arguments=numbers("ab", TWO_VALUES), draws=2, probe=data_of),
        Case(label="a number on the right", arguments=numbers("p", NUMBER_RIGHT), draws=2, probe=data_of),
        Case(label="a number on the left", arguments=numbers("a", NUMBER_LEFT), draws=2, probe=data_of),
        Case(label="the lecture's function at (1, 3)", arguments=lecture_expression, probe=data_of),
        Case(label="a longer expression", arguments=numbers("ab", NESTED), probe=data_of),
        Case(label="a new value", arguments=lambda rng: {"number": signed(rng)}, probe=fresh_values),
    ],
)

exercise.aspect(
    "derivatives",
    hint="record the derivative by each operand, in the order of the parents.",
    cases=[
        Case(label="derivatives, two values", arguments=numbers("ab", TWO_VALUES), draws=2, probe=gradients_of),
        Case(label="derivatives, number right", arguments=numbers("p", NUMBER_RIGHT), probe=gradients_of),
        Case(label="derivatives, number left", arguments=numbers("a", NUMBER_LEFT), draws=2, probe=gradients_of),
        Case(label="derivatives at (1, 3)", arguments=lecture_expression, probe=gradients_of),
        Case(label="derivatives, longer expression", arguments=numbers("ab", NESTED), probe=gradients_of),
    ],
)

exercise.aspect(
    "functions",
    hint="is each derivative taken at the operand's data, and recorded as a number?",
    cases=[
        Case(label="values of functions", arguments=numbers("ap", FUNCTIONS), draws=2, probe=data_of),
        Case(label="derivatives of functions", arguments=numbers("ap", FUNCTIONS), draws=3, probe=gradients_of),
        Case(
            label="functions inside expressions",
            arguments=numbers("abp", NESTED_FUNCTIONS),
            draws=2,
            probe=gradients_of,
        ),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "derivatives")
class ReflectedSubtractionSwapped:
    """In 2-a the operands are swapped: __rsub__ means other minus self.

    which operand stands on the left in a.__rsub__(2)?
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    def apply(self, rule, *others):
        nodes = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        data, *slopes = rule(*(node.data for node in nodes))
        return type(self)(float(data), nodes, tuple(map(float, slopes)))

    for name, rule in {
        "__add__": lambda a, b: (a + b, 1, 1),
        "__radd__": lambda a, b: (b + a, 1, 1),
        "__sub__": lambda a, b: (a - b, 1, -1),
        "__rsub__": lambda a, b: (a - b, 1, -1),
        "__mul__": lambda a, b: (a * b, b, a),
        "__rmul__": lambda a, b: (b * a, b, a),
        "__truediv__": lambda a, b: (a / b, 1 / b, -a / b**2),
        "__rtruediv__": lambda a, b: (b / a, -b / a**2, 1 / a),
        "__pow__": lambda a, n: (a**n, n * a ** (n - 1), 0),
        "__neg__": lambda a: (-a, -1),
        "exp": lambda a: (np.exp(a), np.exp(a)),
        "log": lambda a: (np.log(a), 1 / a),
        "tanh": lambda a: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("values", "derivatives")
class NumbersOnlyOnTheRight:
    """A number on the left, as in 3+a or sum([a,b]), needs a reflected method.

    what does Python ask when 3 cannot add a Value?
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    def apply(self, rule, *others):
        nodes = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        data, *slopes = rule(*(node.data for node in nodes))
        return type(self)(float(data), nodes, tuple(map(float, slopes)))

    for name, rule in {
        "__add__": lambda a, b: (a + b, 1, 1),
        "__sub__": lambda a, b: (a - b, 1, -1),
        "__mul__": lambda a, b: (a * b, b, a),
        "__truediv__": lambda a, b: (a / b, 1 / b, -a / b**2),
        "__pow__": lambda a, n: (a**n, n * a ** (n - 1), 0),
        "__neg__": lambda a: (-a, -1),
        "exp": lambda a: (np.exp(a), np.exp(a)),
        "log": lambda a: (np.log(a), 1 / a),
        "tanh": lambda a: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("derivatives", "functions")
class FactorTimesItself:
    """In a product the derivative by one factor is the other factor, not itself.

    if a grows by h, by how much does a*b grow?
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    def apply(self, rule, *others):
        nodes = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        data, *slopes = rule(*(node.data for node in nodes))
        return type(self)(float(data), nodes, tuple(map(float, slopes)))

    for name, rule in {
        "__add__": lambda a, b: (a + b, 1, 1),
        "__radd__": lambda a, b: (b + a, 1, 1),
        "__sub__": lambda a, b: (a - b, 1, -1),
        "__rsub__": lambda a, b: (b - a, -1, 1),
        "__mul__": lambda a, b: (a * b, a, b),
        "__rmul__": lambda a, b: (b * a, a, b),
        "__truediv__": lambda a, b: (a / b, 1 / b, -a / b**2),
        "__rtruediv__": lambda a, b: (b / a, -b / a**2, 1 / a),
        "__pow__": lambda a, n: (a**n, n * a ** (n - 1), 0),
        "__neg__": lambda a: (-a, -1),
        "exp": lambda a: (np.exp(a), np.exp(a)),
        "log": lambda a: (np.log(a), 1 / a),
        "tanh": lambda a: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("derivatives", "functions")
class SubtractionPassesPlusOne:
    """The derivative of a-b with respect to b is recorded as +1.

    does a-b rise or fall when b rises?
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    def apply(self, rule, *others):
        nodes = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        data, *slopes = rule(*(node.data for node in nodes))
        return type(self)(float(data), nodes, tuple(map(float, slopes)))

    for name, rule in {
        "__add__": lambda a, b: (a + b, 1, 1),
        "__radd__": lambda a, b: (b + a, 1, 1),
        "__sub__": lambda a, b: (a - b, 1, 1),
        "__rsub__": lambda a, b: (b - a, 1, 1),
        "__mul__": lambda a, b: (a * b, b, a),
        "__rmul__": lambda a, b: (b * a, b, a),
        "__truediv__": lambda a, b: (a / b, 1 / b, -a / b**2),
        "__rtruediv__": lambda a, b: (b / a, -b / a**2, 1 / a),
        "__pow__": lambda a, n: (a**n, n * a ** (n - 1), 0),
        "__neg__": lambda a: (-a, -1),
        "exp": lambda a: (np.exp(a), np.exp(a)),
        "log": lambda a: (np.log(a), 1 / a),
        "tanh": lambda a: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("derivatives")
class ExponentNotLowered:
    """The power rule lowers the exponent by one; here it stays.

    what is the derivative of a squared at a = 3?
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    def apply(self, rule, *others):
        nodes = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        data, *slopes = rule(*(node.data for node in nodes))
        return type(self)(float(data), nodes, tuple(map(float, slopes)))

    for name, rule in {
        "__add__": lambda a, b: (a + b, 1, 1),
        "__radd__": lambda a, b: (b + a, 1, 1),
        "__sub__": lambda a, b: (a - b, 1, -1),
        "__rsub__": lambda a, b: (b - a, -1, 1),
        "__mul__": lambda a, b: (a * b, b, a),
        "__rmul__": lambda a, b: (b * a, b, a),
        "__truediv__": lambda a, b: (a / b, 1 / b, -a / b**2),
        "__rtruediv__": lambda a, b: (b / a, -b / a**2, 1 / a),
        "__pow__": lambda a, n: (a**n, n * a**n, 0),
        "__neg__": lambda a: (-a, -1),
        "exp": lambda a: (np.exp(a), np.exp(a)),
        "log": lambda a: (np.log(a), 1 / a),
        "tanh": lambda a: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("derivatives", "functions")
class DenominatorKeepsItsSign:
    """The derivative of a/b with respect to b lacks its minus sign.

    does 1/b rise or fall when b > 0 rises?
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    def apply(self, rule, *others):
        nodes = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        data, *slopes = rule(*(node.data for node in nodes))
        return type(self)(float(data), nodes, tuple(map(float, slopes)))

    for name, rule in {
        "__add__": lambda a, b: (a + b, 1, 1),
        "__radd__": lambda a, b: (b + a, 1, 1),
        "__sub__": lambda a, b: (a - b, 1, -1),
        "__rsub__": lambda a, b: (b - a, -1, 1),
        "__mul__": lambda a, b: (a * b, b, a),
        "__rmul__": lambda a, b: (b * a, b, a),
        "__truediv__": lambda a, b: (a / b, 1 / b, a / b**2),
        "__rtruediv__": lambda a, b: (b / a, b / a**2, 1 / a),
        "__pow__": lambda a, n: (a**n, n * a ** (n - 1), 0),
        "__neg__": lambda a: (-a, -1),
        "exp": lambda a: (np.exp(a), np.exp(a)),
        "log": lambda a: (np.log(a), 1 / a),
        "tanh": lambda a: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("functions")
class ActivationDerivativeFedTheOutput:
    """The derivative of the activation is evaluated at its output y; it belongs at its input z.

    compute the derivative of the sigmoid at z = 2 by hand: 0.105 or 0.207?
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    def apply(self, rule, *others):
        nodes = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        data, *slopes = rule(*(node.data for node in nodes))
        return type(self)(float(data), nodes, tuple(map(float, slopes)))

    for name, rule in {
        "__add__": lambda a, b: (a + b, 1, 1),
        "__radd__": lambda a, b: (b + a, 1, 1),
        "__sub__": lambda a, b: (a - b, 1, -1),
        "__rsub__": lambda a, b: (b - a, -1, 1),
        "__mul__": lambda a, b: (a * b, b, a),
        "__rmul__": lambda a, b: (b * a, b, a),
        "__truediv__": lambda a, b: (a / b, 1 / b, -a / b**2),
        "__rtruediv__": lambda a, b: (b / a, -b / a**2, 1 / a),
        "__pow__": lambda a, n: (a**n, n * a ** (n - 1), 0),
        "__neg__": lambda a: (-a, -1),
        "exp": lambda a: (np.exp(a), np.exp(a)),
        "log": lambda a: (np.log(a), 1 / a),
        "tanh": lambda a: (np.tanh(a), 1 - np.tanh(np.tanh(a)) ** 2),
        "sigmoid": lambda a: ((y := 1 / (1 + np.exp(-a))), np.exp(-y) / (1 + np.exp(-y)) ** 2),
        "relu": lambda a: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("functions")
class ReluPassesEverything:
    """relu passes the gradient on also where its input is negative and its output does not change.

    by how much does relu(-1) change when -1 becomes -0.9?
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    def apply(self, rule, *others):
        nodes = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        data, *slopes = rule(*(node.data for node in nodes))
        return type(self)(float(data), nodes, tuple(map(float, slopes)))

    for name, rule in {
        "__add__": lambda a, b: (a + b, 1, 1),
        "__radd__": lambda a, b: (b + a, 1, 1),
        "__sub__": lambda a, b: (a - b, 1, -1),
        "__rsub__": lambda a, b: (b - a, -1, 1),
        "__mul__": lambda a, b: (a * b, b, a),
        "__rmul__": lambda a, b: (b * a, b, a),
        "__truediv__": lambda a, b: (a / b, 1 / b, -a / b**2),
        "__rtruediv__": lambda a, b: (b / a, -b / a**2, 1 / a),
        "__pow__": lambda a, n: (a**n, n * a ** (n - 1), 0),
        "__neg__": lambda a: (-a, -1),
        "exp": lambda a: (np.exp(a), np.exp(a)),
        "log": lambda a: (np.log(a), 1 / a),
        "tanh": lambda a: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a: (max(a, 0), 1),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("derivatives", "functions")
class NothingRecorded:
    """The result knows its data but not its parents, so no gradient finds its way back.

    what do the second and third argument of Value stand for?
    """

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad, self.parents, self.local_derivatives = data, 0.0, parents, local_derivatives

    def apply(self, rule, *others):
        nodes = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        data, *_ = rule(*(node.data for node in nodes))
        return type(self)(float(data))

    for name, rule in {
        "__add__": lambda a, b: (a + b, 1, 1),
        "__radd__": lambda a, b: (b + a, 1, 1),
        "__sub__": lambda a, b: (a - b, 1, -1),
        "__rsub__": lambda a, b: (b - a, -1, 1),
        "__mul__": lambda a, b: (a * b, b, a),
        "__rmul__": lambda a, b: (b * a, b, a),
        "__truediv__": lambda a, b: (a / b, 1 / b, -a / b**2),
        "__rtruediv__": lambda a, b: (b / a, -b / a**2, 1 / a),
        "__pow__": lambda a, n: (a**n, n * a ** (n - 1), 0),
        "__neg__": lambda a: (-a, -1),
        "exp": lambda a: (np.exp(a), np.exp(a)),
        "log": lambda a: (np.log(a), 1 / a),
        "tanh": lambda a: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


# --- other right answers ----------------------------------------------------------------------------


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


CLOSURES = {"Value": ClosureValue, "topological_order": closure_order, "backward": closure_backward}


exercise.alternative(CLOSURES)


@exercise.alternative
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


LAZY = {"Value": LazyValue, "topological_order": layers_by_counting, "backward": lazy_backward}


exercise.alternative(LAZY)
