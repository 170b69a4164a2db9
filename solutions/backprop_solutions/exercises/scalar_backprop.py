"""How the exercises of unit 3 are judged."""

from itertools import pairwise

import numpy as np

from backprop_autograder import Aspect, Case, Exercise, Misconception, Property
from backprop_solutions import scalar_backprop as reference
from backprop_solutions.scalar_backprop import Value, mlp_forward_scalar, topological_order


def signed(rng):
    """Draw a number of order one, away from 0."""
    return float(rng.choice([-1, 1]) * rng.uniform(0.5, 2))


def positive(rng):
    """Draw a positive number of order one."""
    return float(rng.uniform(0.5, 2))


# --- Value ------------------------------------------------------------------------------------------

TWO_VALUES = ["a+b", "a-b", "a*b", "a/b", "-a"]
NUMBER_RIGHT = ["p+3", "p-3", "p*3", "p/4", "p**3", "p**-1.5"]
NUMBER_LEFT = ["3+a", "3-a", "4*a", "2/a", "sum([a,a])"]
NESTED = ["a*a", "a*b+a/b", "(a-b)**2-2*(a-b)", "1/(a*a+1)-(3-a)**3"]
FUNCTIONS = ["a.exp()", "p.log()", "a.tanh()", "a.sigmoid()", "p.relu()", "(-p).relu()"]
NESTED_FUNCTIONS = ["(a*b).tanh()+a.exp()", "(p.log()*a).sigmoid()/b", "(p*b).relu()-(a+3).relu()"]


def numbers(names, expressions):
    """Return a function that draws the named numbers: p is positive, others have any sign."""

    def arguments(rng):
        drawn = {name: positive(rng) if name == "p" else signed(rng) for name in names}
        return {"expressions": expressions, **drawn}

    return arguments


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


class ReflectedSubtractionSwapped:
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


class NumbersOnlyOnTheRight:
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


class FactorTimesItself:
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


class SubtractionPassesPlusOne:
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


class ExponentNotLowered:
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


class DenominatorKeepsItsSign:
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


class ActivationDerivativeFedTheOutput:
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


class ReluPassesEverything:
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


class NothingRecorded:
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


VALUE = Exercise(
    reference.Value,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="two values", arguments=numbers("ab", TWO_VALUES), draws=2, probe=data_of),
                Case(label="a number on the right", arguments=numbers("p", NUMBER_RIGHT), draws=2, probe=data_of),
                Case(label="a number on the left", arguments=numbers("a", NUMBER_LEFT), draws=2, probe=data_of),
                Case(label="the lecture's function at (1, 3)", arguments=lecture_expression, probe=data_of),
                Case(label="a longer expression", arguments=numbers("ab", NESTED), probe=data_of),
                Case(label="a new value", arguments=lambda rng: {"number": signed(rng)}, probe=fresh_values),
            ],
            hint="which of these operations can be said with one that already works?",
        ),
        Aspect(
            "derivatives",
            [
                Case(label="derivatives, two values", arguments=numbers("ab", TWO_VALUES), draws=2, probe=gradients_of),
                Case(label="derivatives, number right", arguments=numbers("p", NUMBER_RIGHT), probe=gradients_of),
                Case(
                    label="derivatives, number left", arguments=numbers("a", NUMBER_LEFT), draws=2, probe=gradients_of
                ),
                Case(label="derivatives at (1, 3)", arguments=lecture_expression, probe=gradients_of),
                Case(label="derivatives, longer expression", arguments=numbers("ab", NESTED), probe=gradients_of),
            ],
            hint="record the derivative by each operand, in the order of the parents.",
        ),
        Aspect(
            "functions",
            [
                Case(label="values of functions", arguments=numbers("ap", FUNCTIONS), draws=2, probe=data_of),
                Case(label="derivatives of functions", arguments=numbers("ap", FUNCTIONS), draws=3, probe=gradients_of),
                Case(
                    label="functions inside expressions",
                    arguments=numbers("abp", NESTED_FUNCTIONS),
                    draws=2,
                    probe=gradients_of,
                ),
            ],
            hint="is each derivative taken at the operand's data, and recorded as a number?",
        ),
    ],
    misconceptions=[
        Misconception(
            ReflectedSubtractionSwapped,
            cause="In 2-a the operands are swapped: __rsub__ means other minus self.",
            next_step="which operand stands on the left in a.__rsub__(2)?",
            loses=("values", "derivatives"),
        ),
        Misconception(
            NumbersOnlyOnTheRight,
            cause="A number on the left, as in 3+a or sum([a,b]), needs a reflected method.",
            next_step="what does Python ask when 3 cannot add a Value?",
            loses=("values", "derivatives"),
        ),
        Misconception(
            FactorTimesItself,
            cause="In a product the derivative by one factor is the other factor, not itself.",
            next_step="if a grows by h, by how much does a*b grow?",
            loses=("derivatives", "functions"),
        ),
        Misconception(
            SubtractionPassesPlusOne,
            cause="The derivative of a-b with respect to b is recorded as +1.",
            next_step="does a-b rise or fall when b rises?",
            loses=("derivatives", "functions"),
        ),
        Misconception(
            ExponentNotLowered,
            cause="The power rule lowers the exponent by one; here it stays.",
            next_step="what is the derivative of a squared at a = 3?",
            loses=("derivatives",),
        ),
        Misconception(
            DenominatorKeepsItsSign,
            cause="The derivative of a/b with respect to b lacks its minus sign.",
            next_step="does 1/b rise or fall when b > 0 rises?",
            loses=("derivatives", "functions"),
        ),
        Misconception(
            ActivationDerivativeFedTheOutput,
            cause="The derivative of the activation is evaluated at its output y; it belongs at its input z.",
            next_step="compute the derivative of the sigmoid at z = 2 by hand: 0.105 or 0.207?",
            loses=("functions",),
        ),
        Misconception(
            ReluPassesEverything,
            cause="relu passes the gradient on also where its input is negative and its output does not change.",
            next_step="by how much does relu(-1) change when -1 becomes -0.9?",
            loses=("functions",),
        ),
        Misconception(
            NothingRecorded,
            cause="The result knows its data but not its parents, so no gradient finds its way back.",
            next_step="what do the second and third argument of Value stand for?",
            loses=("derivatives", "functions"),
        ),
    ],
)

# --- graphs for topological_order and backward ------------------------------------------------------

LECTURE_FAU = "c=2*x1+3*x2; e=c**2; g=e+3"
LECTURE_RWTH = "c=a+b; d=b+1; e=c*d"
DIAMOND = "c=a+b; u=c*a; w=c*b; e=u+w"  # depth first, c comes before w
SHORTCUT = "c=a*b; t=c+b; d=t*a; e=c*d"  # breadth first, c comes before t
TWICE = "c=a*a; d=c+c; e=d*a"
LONG = "c=a*b; d=c*k; t=d+c; u=t*k; v=c*u; w=t+v; e=w*d"


def program(lines, *names, **fixed):
    """Return a function that draws the named numbers for a program of assignments."""

    def arguments(rng):
        drawn = {name: signed(rng) for name in names}
        return {"program": lines, **drawn, **fixed}

    return arguments


def equal_numbers(rng):
    number = signed(rng)
    return {"program": "c=a*b; d=c+a; e=d*b", "a": number, "b": number}


# --- topological_order ------------------------------------------------------------------------------


def order_of(student, program, **numbers):
    nodes = {name: student.Value(number) for name, number in numbers.items()}
    for line in program.split("; "):
        name, expression = line.split("=")
        nodes[name] = eval(expression, {}, nodes)
    order = student.topological_order(nodes[name])
    if order is None or isinstance(order, str):
        return order
    order = list(order)
    names = {id(node): name for name, node in nodes.items()}
    named = [names[id(node)] for node in order if id(node) in names]
    return {"order": named, "repeated": len(order) - len({id(node) for node in order})}


def order_complaint(result, expected, program, **numbers):
    import re

    if type(result) is not dict:
        return "no list of Values was returned"
    order, needed = result["order"], expected["order"]
    if result["repeated"]:
        return "a node occurs more than once"
    if set(needed) - set(order):
        return "a node is missing"
    if set(order) - set(needed):
        return "there is a node that the root does not depend on"
    if order[0] == needed[-1]:
        return "the root comes first, where its inputs belong"
    for line in program.split("; "):
        name, expression = line.split("=")
        if name not in order:
            continue
        parents = [word for word in re.findall(r"[a-z]\w*", expression) if word in order]
        if any(order.index(parent) > order.index(name) for parent in parents):
            return "a node comes before one of its parents"
    return None


def ladder_order(student, diamonds, p, q):
    left, right = student.Value(p), student.Value(q)
    node, rungs = student.Value(1.0), []
    for _ in range(diamonds):
        node = node * left + node * right
        rungs.append(node)
    places = {id(node): k for k, node in enumerate(student.topological_order(node))}
    found = [places.get(id(rung), -1) for rung in rungs]
    return {"rungs found": sum(k >= 0 for k in found), "rungs in order": found == sorted(found)}


def chain_order(student, length, number):
    x = node = student.Value(number)
    chain = []
    for _ in range(length):
        node = node + x
        chain.append(node)
    places = {id(node): k for k, node in enumerate(student.topological_order(node))}
    found = [places.get(id(link), -1) for link in chain]
    return {"links found": sum(k >= 0 for k in found), "links in order": found == sorted(found)}


def ladder_arguments(rng):
    return {"diamonds": 60, "p": float(rng.uniform(0.4, 0.5)), "q": float(rng.uniform(0.4, 0.5))}


def chain_arguments(rng):
    return {"length": 5000, "number": signed(rng)}


def preorder_reversed(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(root)
    return order[::-1]


def breadth_first_reversed(root):
    order, seen = [root], {root}
    for node in order:
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                order.append(parent)
    return order[::-1]


def root_first(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order[::-1]


def visits_not_remembered(root):
    order = []
    for parent in root.parents:
        order = order + visits_not_remembered(parent)
    return [*order, root]


def remembered_by_data(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node.data not in seen:
            seen.add(node.data)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


def only_first_parents(root):
    order = [root]
    while order[-1].parents:
        order.append(order[-1].parents[0])
    return order[::-1]


def inputs_left_out(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done and node.parents:
            order.append(node)
        elif not done and node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


def recursion_as_deep_as_the_graph(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


ORDERED = Property(order_complaint)
TOPOLOGICAL_ORDER = Exercise(
    reference.topological_order,
    aspects=[
        Aspect(
            "values",
            [
                Case(
                    label="RWTH's graph",
                    arguments=program(LECTURE_RWTH, a=2.0, b=1.0),
                    comparison=ORDERED,
                    probe=order_of,
                ),
                Case(
                    label="FAU's graph",
                    arguments=program(LECTURE_FAU, x1=1.0, x2=3.0),
                    comparison=ORDERED,
                    probe=order_of,
                ),
                *(
                    Case(label=label, arguments=program(lines, *"abk"), comparison=ORDERED, probe=order_of, draws=2)
                    for label, lines in [
                        ("a diamond", DIAMOND),
                        ("a shortcut", SHORTCUT),
                        ("a node used twice", TWICE),
                        ("many shortcuts", LONG),
                    ]
                ),
                Case(
                    label="different nodes with equal data",
                    arguments=equal_numbers,
                    comparison=ORDERED,
                    probe=order_of,
                    draws=2,
                ),
            ],
            hint="when may a node be appended, and what do you have to know about its parents by then?",
        ),
        Aspect(
            "complexity",
            [
                Case(
                    label="a ladder of 60 diamonds",
                    arguments=ladder_arguments,
                    steps_at_most=500_000,
                    draws=2,
                    probe=ladder_order,
                ),
                Case(label="a chain of 5,000 nodes", arguments=chain_arguments, draws=2, probe=chain_order),
            ],
            hint="how often is each node looked at, and how deep do calls nest?",
        ),
    ],
    misconceptions=[
        Misconception(
            preorder_reversed,
            cause="A node is noted when first met, depth first, before everything that uses it was seen.",
            next_step="when are all parents of a node certain to be listed?",
        ),
        Misconception(
            breadth_first_reversed,
            cause="Breadth first sorts by the shortest distance from the root; the longest counts.",
            next_step="where may a node stand that the root uses directly and indirectly?",
        ),
        Misconception(
            root_first,
            cause="The order is right but runs from the root to the inputs.",
            next_step="which end does the docstring ask for first?",
            loses=("values", "complexity"),
        ),
        Misconception(
            visits_not_remembered,
            cause="Nodes are visited once for every path that leads to them.",
            next_step="how could you recognise a node met before?",
            loses=("values", "complexity"),
        ),
        Misconception(
            remembered_by_data,
            cause="Visited nodes are remembered by their data, so different nodes of equal data become one.",
            next_step="what identifies a node, if not its number?",
        ),
        Misconception(
            only_first_parents,
            cause="Only the first parent of every node is followed.",
            next_step="how many parents does a sum have?",
        ),
        Misconception(
            inputs_left_out,
            cause="Nodes without parents are left out, although their gradients are what we are after.",
            next_step="what is the list for a root without parents?",
        ),
        Misconception(
            recursion_as_deep_as_the_graph,
            cause="The recursion goes as deep as the graph, and Python stops it after about 1,000 calls.",
            next_step="which data structure can stand in for the stack of calls?",
            loses=("complexity",),
        ),
    ],
)

# --- backward ---------------------------------------------------------------------------------------


def leaf_gradients(student, program, **numbers):
    leaves = {name: student.Value(number) for name, number in numbers.items()}
    nodes = dict(leaves)
    for line in program.split("; "):
        name, expression = line.split("=")
        nodes[name] = eval(expression, {}, nodes)
    student.backward(nodes[name])
    return {name: float(leaf.grad) for name, leaf in leaves.items()}


def accumulated_gradients(student, first, second, **numbers):
    leaves = {name: student.Value(number) for name, number in numbers.items()}
    for expression in (first, second):
        student.backward(eval(expression, {}, leaves))
    return {name: float(leaf.grad) for name, leaf in leaves.items()}


def gradient_of_itself(student, number):
    x = student.Value(number)
    student.backward(x)
    return float(x.grad)


def ladder_gradients(student, diamonds, p, q):
    left, right, start = student.Value(p), student.Value(q), student.Value(1.0)
    node = start
    for _ in range(diamonds):
        node = node * left + node * right
    student.backward(node)
    return {"start": float(start.grad), "p": float(left.grad), "q": float(right.grad)}


def chain_gradient(student, length, number):
    x = node = student.Value(number)
    for _ in range(length):
        node = node + x
    student.backward(node)
    return float(x.grad)


def two_expressions(rng):
    return {"first": "a*b+a", "second": "b*c-a*a", "a": signed(rng), "b": signed(rng), "c": signed(rng)}


def assigns_instead_of_adding(root):
    root.grad = 1.0
    for node in reversed(topological_order(root)):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad = derivative * node.grad


def upstream_gradient_dropped(root):
    root.grad = 1.0
    for node in reversed(topological_order(root)):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative


def inputs_processed_first(root):
    root.grad = 1.0
    for node in topological_order(root):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


def breadth_first_sweep(root):
    root.grad = 1.0
    order, seen = [root], {root}
    for node in order:
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad
            if parent not in seen:
                seen.add(parent)
                order.append(parent)


def depth_first_sweep(root):
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(reversed(node.parents))
    root.grad = 1.0
    for node in order:
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


def sum_passed_on_again(root):
    def visit(node):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad
            visit(parent)

    root.grad = 1.0
    visit(root)


def one_path_at_a_time(root):
    def visit(node, upstream):
        node.grad += upstream
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            visit(parent, derivative * upstream)

    visit(root, 1.0)


def earlier_gradients_erased(root):
    order = topological_order(root)
    for node in order:
        node.grad = 0.0
    root.grad = 1.0
    for node in reversed(order):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


def seeded_with_the_output(root):
    root.grad = root.data
    for node in reversed(topological_order(root)):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


def root_not_seeded(root):
    for node in reversed(topological_order(root)):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


BACKWARD = Exercise(
    reference.backward,
    aspects=[
        Aspect(
            "values",
            [
                Case(
                    label="RWTH's graph at (2, 1)", arguments=program(LECTURE_RWTH, a=2.0, b=1.0), probe=leaf_gradients
                ),
                Case(
                    label="FAU's graph at (1, 3)", arguments=program(LECTURE_FAU, x1=1.0, x2=3.0), probe=leaf_gradients
                ),
                *(
                    Case(label=label, arguments=program(lines, *names), probe=leaf_gradients, draws=2)
                    for label, lines, names in [
                        ("a diamond", DIAMOND, "ab"),
                        ("a shortcut", SHORTCUT, "ab"),
                        ("a node used twice", TWICE, "a"),
                        ("many shortcuts", LONG, "abk"),
                    ]
                ),
                Case(label="different nodes with equal data", arguments=equal_numbers, probe=leaf_gradients),
                Case(
                    label="an output that is its own input",
                    arguments=lambda rng: {"number": signed(rng)},
                    probe=gradient_of_itself,
                ),
            ],
            hint="do it on paper for e = (a + b)(b + 1): in which order do the nodes get their gradients?",
        ),
        Aspect(
            "accumulation",
            [
                Case(
                    label="two outputs of the same inputs",
                    arguments=two_expressions,
                    draws=3,
                    probe=accumulated_gradients,
                ),
            ],
            hint="what is in an input's grad after the first call, and what should the second call do to it?",
        ),
        Aspect(
            "complexity",
            [
                Case(
                    label="a ladder of 60 diamonds",
                    arguments=ladder_arguments,
                    steps_at_most=500_000,
                    draws=2,
                    probe=ladder_gradients,
                ),
                Case(label="a chain of 5,000 nodes", arguments=chain_arguments, draws=2, probe=chain_gradient),
            ],
            hint="how often does each node pass its gradient on?",
        ),
    ],
    misconceptions=[
        Misconception(
            assigns_instead_of_adding,
            cause="A node used several times keeps only one share of its gradient: = instead of +=.",
            next_step="which two shares make up the derivative of a*a?",
            loses=("values", "accumulation", "complexity"),
        ),
        Misconception(
            upstream_gradient_dropped,
            cause="The local derivative is passed on without the gradient that arrived at the node.",
            next_step="what does the chain rule multiply on each edge?",
        ),
        Misconception(
            inputs_processed_first,
            cause="Nodes are processed from the inputs on, while their own gradients are still 0.",
            next_step="whose gradient is known at the start?",
        ),
        Misconception(
            breadth_first_sweep,
            cause="Nodes are processed breadth first: one passes its gradient on before all shares arrived.",
            next_step="draw this graph: which nodes use c, and which of them comes late?",
        ),
        Misconception(
            depth_first_sweep,
            cause="Nodes are processed depth first from the root: one passes its gradient on too early.",
            next_step="draw this graph: which share of c arrives after c was processed?",
        ),
        Misconception(
            sum_passed_on_again,
            cause="Each arrival passes on the whole grad, so earlier shares are counted again.",
            next_step="how often should each node pass its gradient on?",
        ),
        Misconception(
            one_path_at_a_time,
            cause="Every path is followed on its own; in a ladder their number doubles at every rung.",
            next_step="what would let a node wait until all its shares have arrived?",
            loses=("complexity",),
        ),
        Misconception(
            earlier_gradients_erased,
            cause="Gradients of earlier calls are erased; backward adds, the caller resets.",
            next_step="who decides that a new sum of gradients begins?",
            loses=("accumulation",),
        ),
        Misconception(
            seeded_with_the_output,
            cause="The sweep starts with the output's value in place of the derivative of the output by itself.",
            next_step="what is dg/dg?",
        ),
        Misconception(
            root_not_seeded,
            cause="No gradient is set at the root, so only zeros are passed on.",
            next_step="what is the derivative of the output with respect to itself?",
        ),
    ],
)

# --- zero_grad --------------------------------------------------------------------------------------


def grads_after_reset(student, data, grads):
    values = [student.Value(number) for number in data]
    for value, grad in zip(values, grads, strict=True):
        value.grad = grad
    student.zero_grad(values)
    return {"grad": [value.grad for value in values], "data": [float(value.data) for value in values]}


def passes_with_a_reset(student, a, b):
    leaves = [student.Value(a), student.Value(b)]
    product = leaves[0] * leaves[1]
    student.zero_grad([*leaves, product])
    leaves[0].grad, leaves[1].grad, product.grad = 3.0, -2.0, 1.5
    student.zero_grad([*leaves, product])
    return [value.grad for value in (*leaves, product)]


def some_gradients(rng):
    return {"data": [signed(rng) for _ in range(3)], "grads": [signed(rng) for _ in range(3)]}


def an_infinite_gradient(rng):
    return {"data": [signed(rng), signed(rng)], "grads": [float("inf"), float("nan")]}


def data_set_to_zero(values):
    for value in values:
        value.data = 0.0


def data_and_grad_set_to_zero(values):
    for value in values:
        value.data = value.grad = 0.0


def loop_ends_after_one(values):
    for value in values:
        value.grad = 0.0
        return


def name_bound_anew(values):
    for value in values:
        value = Value(value.data)


def grad_set_to_none(values):
    for value in values:
        value.grad = None


def multiplied_by_zero(values):
    for value in values:
        value.grad *= 0.0


def inputs_skipped(values):
    for value in values:
        if value.parents:
            value.grad = 0.0


ZERO_GRAD = Exercise(
    reference.zero_grad,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="three gradients", arguments=some_gradients, draws=2, probe=grads_after_reset),
                Case(
                    label="gradients that are no longer finite",
                    arguments=an_infinite_gradient,
                    draws=2,
                    probe=grads_after_reset,
                ),
                Case(
                    label="inputs and a node computed from them",
                    arguments=lambda rng: {"a": signed(rng), "b": signed(rng)},
                    draws=2,
                    probe=passes_with_a_reset,
                ),
            ],
            hint="which attribute holds what the last call of backward left behind?",
        ),
    ],
    misconceptions=[
        Misconception(
            data_set_to_zero,
            cause="The data are set to zero, not the gradients.",
            next_step="which attribute does backward write to?",
        ),
        Misconception(
            data_and_grad_set_to_zero,
            cause="The data are reset with the gradients: the parameters would be lost.",
            next_step="what has to survive from one training step to the next?",
        ),
        Misconception(
            loop_ends_after_one,
            cause="The loop returns after its first value.",
            next_step="how far is the return indented?",
        ),
        Misconception(
            name_bound_anew,
            cause="The loop's name is bound to a new Value; the one in the list stays.",
            next_step="does this change an object, or rebind a name?",
        ),
        Misconception(
            grad_set_to_none,
            cause="The gradient becomes None, and backward cannot add to that.",
            next_step="with which number does a sum begin?",
        ),
        Misconception(
            multiplied_by_zero,
            cause="A gradient that is infinite or NaN stays NaN when it is multiplied by zero.",
            next_step="what is 0 times infinity in floating point?",
        ),
        Misconception(
            inputs_skipped,
            cause="Values without parents are skipped, although those are the parameters.",
            next_step="which gradients does a training step read?",
        ),
    ],
)

# --- neuron -----------------------------------------------------------------------------------------


def neuron_arguments(activation):
    """Return a function that draws a neuron of three inputs."""

    def arguments(rng):
        weights, inputs = [signed(rng) for _ in range(3)], [signed(rng) for _ in range(3)]
        z = float(np.dot(weights, inputs))
        # Between 0.3 and 1 in size: away from relu's kink, and where tanh and sigmoid are not flat.
        wanted = float(rng.choice([-1, 1]) * rng.uniform(0.3, 1))
        return {"weights": weights, "inputs": inputs, "bias": wanted - z, "activation": activation}

    return arguments


def neuron_data(student, weights, inputs, bias, activation):
    weights, bias = [student.Value(w) for w in weights], student.Value(bias)
    return float(student.neuron(weights, [student.Value(x) for x in inputs], bias, activation).data)


def neuron_of_numbers(student, weights, inputs, bias, activation):
    weights = [student.Value(w) for w in weights]
    return float(student.neuron(weights, inputs, student.Value(bias), activation).data)


def neuron_gradients(student, weights, inputs, bias, activation):
    weights, inputs = [student.Value(w) for w in weights], [student.Value(x) for x in inputs]
    bias = student.Value(bias)
    student.backward(student.neuron(weights, inputs, bias, activation))
    return {
        "weights": [float(w.grad) for w in weights],
        "inputs": [float(x.grad) for x in inputs],
        "bias": float(bias.grad),
    }


def bias_forgotten(weights, inputs, bias, activation):
    z = sum(w * x for w, x in zip(weights, inputs, strict=True))
    return z if activation == "linear" else getattr(z, activation)()


def bias_after_the_activation(weights, inputs, bias, activation):
    z = sum(w * x for w, x in zip(weights, inputs, strict=True))
    return (z if activation == "linear" else getattr(z, activation)()) + bias


def activation_of_every_product(weights, inputs, bias, activation):
    products = [w * x for w, x in zip(weights, inputs, strict=True)]
    return sum(p if activation == "linear" else getattr(p, activation)() for p in products) + bias


def always_tanh(weights, inputs, bias, activation):
    return (sum(w * x for w, x in zip(weights, inputs, strict=True)) + bias).tanh()


def sums_multiplied(weights, inputs, bias, activation):
    z = sum(weights) * sum(inputs) + bias
    return z if activation == "linear" else getattr(z, activation)()


def graph_cut_off(weights, inputs, bias, activation):
    z = bias.data + sum(w.data * getattr(x, "data", x) for w, x in zip(weights, inputs, strict=True))
    return Value(z) if activation == "linear" else getattr(Value(z), activation)()


def bias_for_every_input(weights, inputs, bias, activation):
    z = sum(w * x + bias for w, x in zip(weights, inputs, strict=True))
    return z if activation == "linear" else getattr(z, activation)()


ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")
NEURON = Exercise(
    reference.neuron,
    aspects=[
        Aspect(
            "values",
            [
                *(
                    Case(label=f"a {kind} neuron", arguments=neuron_arguments(kind), draws=2, probe=neuron_data)
                    for kind in ACTIVATIONS
                ),
                Case(label="inputs that are numbers", arguments=neuron_arguments("tanh"), probe=neuron_of_numbers),
            ],
            hint="first the weighted sum with its bias, then the activation, once.",
        ),
        Aspect(
            "gradients",
            [
                Case(
                    label=f"gradients of a {kind} neuron",
                    arguments=neuron_arguments(kind),
                    draws=2,
                    probe=neuron_gradients,
                )
                for kind in ACTIVATIONS
            ],
            hint="does every step from the weights to the result use operations of Value?",
        ),
    ],
    misconceptions=[
        Misconception(
            bias_forgotten,
            cause="The bias takes no part.",
            next_step="what does the neuron answer when all its inputs are 0?",
            loses=("values", "gradients"),
        ),
        Misconception(
            bias_after_the_activation,
            cause="The bias is added after the activation; it belongs into the sum.",
            next_step="what is z, and where does the bias enter it?",
            loses=("values", "gradients"),
        ),
        Misconception(
            activation_of_every_product,
            cause="The activation is applied to every product, not once to their sum.",
            next_step="how many activations does one neuron have?",
            loses=("values", "gradients"),
        ),
        Misconception(
            always_tanh,
            cause="The activation is tanh whatever was asked for.",
            next_step="what does the argument activation say?",
            loses=("values", "gradients"),
        ),
        Misconception(
            sums_multiplied,
            cause="Weights and inputs are summed before they are multiplied, so that pairs are lost.",
            next_step="write out z for two inputs: how many products has it?",
            loses=("values", "gradients"),
        ),
        Misconception(
            graph_cut_off,
            cause="The sum is computed from .data, so the result does not know its weights.",
            next_step="what if Values themselves are multiplied and added?",
            loses=("gradients",),
        ),
        Misconception(
            bias_for_every_input,
            cause="The bias is added once for every input.",
            next_step="is the bias inside or outside the sum over the inputs?",
            loses=("values", "gradients"),
        ),
    ],
)

# --- mlp_forward_scalar -----------------------------------------------------------------------------


def network(rng, sizes):
    """Draw weights and biases of order one for layers of these sizes."""
    pairs = list(pairwise(sizes))
    return {
        "weights": [rng.normal(size=pair).round(3).tolist() for pair in pairs],
        "biases": [rng.uniform(0.2, 0.6, size=n).round(3).tolist() for _, n in pairs],
    }


def forward_arguments(*sizes):
    """Return a function that draws an input and a network."""

    def arguments(rng):
        return {"x": [round(signed(rng), 3) for _ in range(sizes[0])], **network(rng, sizes)}

    return arguments


def tanh_at_the_output(x, weights, biases):
    zs, ys, y = [], [], x
    for W, b in zip(weights, biases, strict=True):
        z = [b[j] + sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(b))]
        y = [float(np.tanh(z_j)) for z_j in z]
        zs.append(z)
        ys.append(y)
    return zs, ys


def weight_indices_swapped(x, weights, biases):
    zs, ys, y = [], [], x
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[j][i] * y[i] for i in range(len(y))) for j in range(len(b))]
        y = [float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z
        zs.append(z)
        ys.append(y)
    return zs, ys


def printed_index(x, weights, biases):
    zs, ys, y = [], [], x
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[i][j] * y[j] for i in range(len(y))) for j in range(len(b))]
        y = [float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z
        zs.append(z)
        ys.append(y)
    return zs, ys


def biases_left_out(x, weights, biases):
    zs, ys, y = [], [], x
    for k, W in enumerate(weights):
        z = [sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(W[0]))]
        y = [float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z
        zs.append(z)
        ys.append(y)
    return zs, ys


def next_layer_reads_z(x, weights, biases):
    zs, ys, below = [], [], x
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[i][j] * below[i] for i in range(len(below))) for j in range(len(b))]
        zs.append(z)
        ys.append([float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z)
        below = z
    return zs, ys


def every_layer_reads_x(x, weights, biases):
    zs, ys = [], []
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[i][j] * x[i] for i in range(len(W))) for j in range(len(b))]
        zs.append(z)
        ys.append([float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z)
    return zs, ys


def input_among_the_activations(x, weights, biases):
    zs, ys = [], [list(x)]
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        y = ys[-1]
        z = [b[j] + sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(b))]
        zs.append(z)
        ys.append([float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z)
    return zs, ys


def sigmoid_for_tanh(x, weights, biases):
    zs, ys, y = [], [], x
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(b))]
        y = [float(1 / (1 + np.exp(-z_j))) for z_j in z] if k < len(weights) - 1 else z
        zs.append(z)
        ys.append(y)
    return zs, ys


MLP_FORWARD_SCALAR = Exercise(
    reference.mlp_forward_scalar,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="one layer", arguments=forward_arguments(3, 2)),
                Case(label="two layers", arguments=forward_arguments(4, 3, 2), draws=3),
                Case(label="three layers", arguments=forward_arguments(2, 4, 3, 5), draws=2),
            ],
            hint="compute the first unit of the first layer by hand and compare.",
        ),
    ],
    misconceptions=[
        Misconception(
            tanh_at_the_output,
            cause="The output layer is linear here, but tanh was applied to it.",
            next_step="which values can tanh never reach, and may a target be there?",
        ),
        Misconception(
            weight_indices_swapped,
            cause="The indices are swapped: weights[k][i][j] leads from input i to unit j.",
            next_step="how many rows has weights[0] with 4 inputs and 3 units?",
        ),
        Misconception(
            printed_index,
            cause="The sum over i multiplies by y_j, as one of CMU's slides prints.",
            next_step="which index must change within the sum?",
        ),
        Misconception(
            biases_left_out,
            cause="The biases take no part.",
            next_step="what is z when every input is 0?",
        ),
        Misconception(
            next_layer_reads_z,
            cause="The next layer reads z of the layer below instead of y.",
            next_step="what is depth worth if no layer sees a tanh?",
        ),
        Misconception(
            every_layer_reads_x,
            cause="Every layer reads the network's input; only the first one should.",
            next_step="what is the input of layer 2?",
        ),
        Misconception(
            input_among_the_activations,
            cause="The input x is returned as if it were a layer's activation.",
            next_step="how many lists does a network of two layers return as ys?",
        ),
        Misconception(
            sigmoid_for_tanh,
            cause="The hidden units use the sigmoid; tanh is asked for.",
            next_step="what are tanh(0) and sigmoid(0)?",
        ),
    ],
)

# --- mlp_backward_scalar ----------------------------------------------------------------------------


def backward_arguments(*sizes):
    """Return a function that draws an input, a network and a target."""

    def arguments(rng):
        x = [round(signed(rng), 3) for _ in range(sizes[0])]
        return {"x": x, **network(rng, sizes), "target": [round(signed(rng), 3) for _ in range(sizes[-1])]}

    return arguments


def derivative_taken_at_y(x, weights, biases, target):
    ys = mlp_forward_scalar(x, weights, biases)[1]
    dz = [y - d for y, d in zip(ys[-1], target, strict=True)]
    dweights, dbiases = [], []
    for k in reversed(range(len(weights))):
        below = ys[k - 1] if k > 0 else x
        dweights.insert(0, [[y * g for g in dz] for y in below])
        dbiases.insert(0, dz)
        dy = [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]
        dz = [float(1 - np.tanh(y) ** 2) * g for y, g in zip(below, dy, strict=True)]
    return dweights, dbiases


def output_treated_as_tanh(x, weights, biases, target):
    ys = mlp_forward_scalar(x, weights, biases)[1]
    dz = [(1 - y**2) * (y - d) for y, d in zip(ys[-1], target, strict=True)]
    dweights, dbiases = [], []
    for k in reversed(range(len(weights))):
        below = ys[k - 1] if k > 0 else x
        dweights.insert(0, [[y * g for g in dz] for y in below])
        dbiases.insert(0, dz)
        dy = [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]
        dz = [(1 - y**2) * g for y, g in zip(below, dy, strict=True)]
    return dweights, dbiases


def activation_skipped(x, weights, biases, target):
    ys = mlp_forward_scalar(x, weights, biases)[1]
    dz = [y - d for y, d in zip(ys[-1], target, strict=True)]
    dweights, dbiases = [], []
    for k in reversed(range(len(weights))):
        below = ys[k - 1] if k > 0 else x
        dweights.insert(0, [[y * g for g in dz] for y in below])
        dbiases.insert(0, dz)
        dz = [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]
    return dweights, dbiases


def error_sign_flipped(x, weights, biases, target):
    ys = mlp_forward_scalar(x, weights, biases)[1]
    dz = [d - y for y, d in zip(ys[-1], target, strict=True)]
    dweights, dbiases = [], []
    for k in reversed(range(len(weights))):
        below = ys[k - 1] if k > 0 else x
        dweights.insert(0, [[y * g for g in dz] for y in below])
        dbiases.insert(0, dz)
        dy = [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]
        dz = [(1 - y**2) * g for y, g in zip(below, dy, strict=True)]
    return dweights, dbiases


def half_forgotten(x, weights, biases, target):
    ys = mlp_forward_scalar(x, weights, biases)[1]
    dz = [2 * (y - d) for y, d in zip(ys[-1], target, strict=True)]
    dweights, dbiases = [], []
    for k in reversed(range(len(weights))):
        below = ys[k - 1] if k > 0 else x
        dweights.insert(0, [[y * g for g in dz] for y in below])
        dbiases.insert(0, dz)
        dy = [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]
        dz = [(1 - y**2) * g for y, g in zip(below, dy, strict=True)]
    return dweights, dbiases


def weights_not_used_on_the_way(x, weights, biases, target):
    ys = mlp_forward_scalar(x, weights, biases)[1]
    dz = [y - d for y, d in zip(ys[-1], target, strict=True)]
    dweights, dbiases = [], []
    for k in reversed(range(len(weights))):
        below = ys[k - 1] if k > 0 else x
        dweights.insert(0, [[y * g for g in dz] for y in below])
        dbiases.insert(0, dz)
        dz = [(1 - y**2) * sum(dz) for y in below]
    return dweights, dbiases


def weight_gradient_from_z(x, weights, biases, target):
    zs, ys = mlp_forward_scalar(x, weights, biases)
    dz = [y - d for y, d in zip(ys[-1], target, strict=True)]
    dweights, dbiases = [], []
    for k in reversed(range(len(weights))):
        below = zs[k - 1] if k > 0 else x
        dweights.insert(0, [[z * g for g in dz] for z in below])
        dbiases.insert(0, dz)
        dy = [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]
        dz = [float(1 - np.tanh(z) ** 2) * g for z, g in zip(below, dy, strict=True)]
    return dweights, dbiases


def gradient_transposed(x, weights, biases, target):
    ys = mlp_forward_scalar(x, weights, biases)[1]
    dz = [y - d for y, d in zip(ys[-1], target, strict=True)]
    dweights, dbiases = [], []
    for k in reversed(range(len(weights))):
        below = ys[k - 1] if k > 0 else x
        dweights.insert(0, [[y * g for y in below] for g in dz])
        dbiases.insert(0, dz)
        dy = [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]
        dz = [(1 - y**2) * g for y, g in zip(below, dy, strict=True)]
    return dweights, dbiases


MLP_BACKWARD_SCALAR = Exercise(
    reference.mlp_backward_scalar,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="one layer", arguments=backward_arguments(3, 2)),
                Case(label="two layers", arguments=backward_arguments(4, 3, 2), draws=3),
                Case(label="three layers", arguments=backward_arguments(2, 4, 3, 5), draws=2),
            ],
            hint="which of the three steps of a layer (through f, into the weights, to the layer below) differs first?",
        ),
    ],
    misconceptions=[
        Misconception(
            derivative_taken_at_y,
            cause="The derivative of tanh is evaluated at y=tanh(z); it belongs at z.",
            next_step="how does tanh'(z) read in terms of y?",
        ),
        Misconception(
            output_treated_as_tanh,
            cause="A factor 1 - y^2 is applied at the output layer too, which is linear.",
            next_step="what is dy/dz where y = z?",
        ),
        Misconception(
            activation_skipped,
            cause="The gradient passes hidden units without the derivative of tanh.",
            next_step="what lies between dDiv/dy and dDiv/dz of a hidden unit?",
        ),
        Misconception(
            error_sign_flipped,
            cause="The sign is flipped: the derivative is y-d, not d-y.",
            next_step="if y is too large, does the loss rise with it?",
        ),
        Misconception(
            half_forgotten,
            cause="The 1/2 in the loss cancels the 2 of the derivative; here it stays.",
            next_step="differentiate 1/2 (y-d)^2 on paper.",
        ),
        Misconception(
            weights_not_used_on_the_way,
            cause="On the way down, a gradient is weighted by the connection it travels along.",
            next_step="by how much does z_j change with y_i?",
        ),
        Misconception(
            weight_gradient_from_z,
            cause="A weight's gradient is multiplied by z of the layer below instead of y.",
            next_step="which number did w_ij multiply in the forward pass?",
        ),
        Misconception(
            gradient_transposed,
            cause="The weight gradients are laid out as [j][i]; the weights are stored as [i][j].",
            next_step="how many rows has dweights[0], and how many has weights[0]?",
        ),
    ],
)

# --- Dual -------------------------------------------------------------------------------------------


def dual_numbers(names, expressions):
    """Return a function that draws values and tangents for the named numbers."""

    def arguments(rng):
        drawn = {name: [positive(rng) if name == "p" else signed(rng), signed(rng)] for name in names}
        return {"expressions": expressions, **drawn}

    return arguments


def dual_results(student, expressions, **numbers):
    duals = {name: student.Dual(value, tangent) for name, (value, tangent) in numbers.items()}
    results = {expression: eval(expression, {}, duals) for expression in expressions}
    return {expression: [float(d.value), float(d.tangent)] for expression, d in results.items()}


def one_direction(rng):
    return {"expressions": ["(2*x1+3*x2)**2+3"], "x1": [1.0, 1.0], "x2": [3.0, 0.0]}


class TangentsMultiplied:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


class SecondFactorConstant:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b),
        "__rmul__": lambda a, da, b, db: (b * a, b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


class ConstantsVary:
    def __init__(self, value, tangent=1.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


class InnerTangentForgotten:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a)),
        "log": lambda a, da: (np.log(a), 1 / a),
        "tanh": lambda a, da: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a, da: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


class PowerWithoutInnerTangent:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1)),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


class QuotientTangentsAdded:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b + a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a + b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


class TangentPassedThroughTheFunction:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(da)),
        "log": lambda a, da: (np.log(a), np.log(abs(da))),
        "tanh": lambda a, da: (np.tanh(a), np.tanh(da)),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), 1 / (1 + np.exp(-da))),
        "relu": lambda a, da: (max(a, 0), max(da, 0)),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


DUAL = Exercise(
    reference.Dual,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="two duals", arguments=dual_numbers("ab", TWO_VALUES), draws=2, probe=dual_results),
                Case(
                    label="a number on the right",
                    arguments=dual_numbers("p", NUMBER_RIGHT),
                    draws=2,
                    probe=dual_results,
                ),
                Case(
                    label="a number on the left", arguments=dual_numbers("a", NUMBER_LEFT), draws=2, probe=dual_results
                ),
                Case(label="the derivative by x1 at (1, 3)", arguments=one_direction, probe=dual_results),
                Case(label="a longer expression", arguments=dual_numbers("ab", NESTED), draws=2, probe=dual_results),
            ],
            hint="each result is [value, tangent]: which operand's tangent is missing from the sum?",
        ),
        Aspect(
            "functions",
            [
                Case(label="functions of a dual", arguments=dual_numbers("ap", FUNCTIONS), draws=2, probe=dual_results),
                Case(
                    label="functions inside expressions",
                    arguments=dual_numbers("abp", NESTED_FUNCTIONS),
                    draws=2,
                    probe=dual_results,
                ),
            ],
            hint="the tangent of f(a) is f'(a) times the tangent of a.",
        ),
    ],
    misconceptions=[
        Misconception(
            TangentsMultiplied,
            cause="The tangent of a product is not the product of the tangents.",
            next_step="expand (a+h*da)(b+h*db) and keep terms with one h.",
            loses=("values", "functions"),
        ),
        Misconception(
            SecondFactorConstant,
            cause="In a product only the first factor's change is counted.",
            next_step="what is the tangent of 3*a?",
            loses=("values", "functions"),
        ),
        Misconception(
            ConstantsVary,
            cause="A plain number enters with tangent 1, as if it were the variable.",
            next_step="how fast does a constant change?",
            loses=("values", "functions"),
        ),
        Misconception(
            InnerTangentForgotten,
            cause="A function's derivative is not multiplied by the tangent of its argument.",
            next_step="what does the chain rule multiply the outer derivative by?",
            loses=("functions",),
        ),
        Misconception(
            PowerWithoutInnerTangent,
            cause="The power rule is used without the tangent of its base.",
            next_step="what is the derivative of (2a)^3 with respect to a?",
        ),
        Misconception(
            QuotientTangentsAdded,
            cause="In a quotient the denominator's change enters with the wrong sign.",
            next_step="does 1/b rise or fall when b > 0 rises?",
            loses=("values", "functions"),
        ),
        Misconception(
            TangentPassedThroughTheFunction,
            cause="The function is applied to the tangent; a tangent is scaled by the derivative.",
            next_step="how large is the change of exp(a) when a changes by a small da?",
            loses=("functions",),
        ),
    ],
)

EXERCISES = (
    VALUE,
    TOPOLOGICAL_ORDER,
    BACKWARD,
    ZERO_GRAD,
    NEURON,
    MLP_FORWARD_SCALAR,
    MLP_BACKWARD_SCALAR,
    DUAL,
)
