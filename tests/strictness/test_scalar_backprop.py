"""Unit 3: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

import math
from collections import defaultdict

import numpy as np
import pytest

from backprop_solutions.scalar_backprop import mlp_forward_scalar, topological_order
from strictness.judging import Answers

answers = Answers("03_scalar_backprop")

# --- Value and Dual: one rule of the reference changed ------------------------------------------------

POWER = "exponent * self.data ** (exponent - 1)"
FACTORS = "(self, other), (other.data, self.data)"
ONCE = f"(self,), (SLOPE,)) if self is other else Value(self.data * other.data, {FACTORS}"
BY_NUMBER = """def __hash__(self):
        return hash(self.data)

    def __eq__(self, other):
        return self.data == other.data

    def __init__"""
PRODUCT = "self.tangent * other.value + self.value * other.tangent"

for name, change, loses in [
    ("RootOfSumOnly", (POWER, "exponent * self.data"), "derivatives"),
    ("SignInPower", (POWER, f"abs({POWER})"), "derivatives"),
    ("AbsoluteFactor", (FACTORS, "(self, other), (abs(other.data), self.data)"), "derivatives"),
    ("ZeroFactorDropped", (FACTORS, "(self, other), (other.data or 1.0, self.data)"), "derivatives"),
    ("SquareWithOneParent", (FACTORS, ONCE.replace("SLOPE", "2 * self.data")), None),
    ("SquareCountedOnce", (FACTORS, ONCE.replace("SLOPE", "self.data")), "derivatives"),
    ("TwiceCountedOnce", ("(1.0, 1.0)", "(1.0, float(self is not other))"), "derivatives"),
    ("NegativeInPlace", ("return self * -1.0", "self.data = -self.data\n        return self"), "values"),
    ("IntegerData", ("self.data = float(data)", "self.data = int(data)"), "values"),
    ("RoundedData", ("self.data = float(data)", "self.data = round(float(data), 4)"), "values"),
    ("PowerByDivision", (POWER, "exponent * self.data**exponent / self.data"), "derivatives"),
    ("ReluSlopeIsData", ("(float(positive),)", "(self.data,)"), "functions"),
    ("ReluAtZeroIsOne", ("self.data > 0", "self.data >= 0"), "functions"),
    ("TanhOfHalf", ("np.tanh(self.data)", "np.tanh(self.data / 2)"), "functions"),
    ("LogSlopeOff", ("(1 / self.data,)", "(1 / (self.data + 1e-3),)"), "functions"),
    ("DivisionLost", ("return Value(other) / self", "return self**-1"), "values"),
    ("SubtractionLost", ("return Value(other) - self", "return -self"), "values"),
    ("GradStartsAtOne", ("self.grad = 0.0", "self.grad = 1.0"), "values"),
    ("ToldApartByNumber", ("def __init__", BY_NUMBER), "values"),
]:
    answers.changed("Value", name, change, loses=[loses] if loses else [])

for name, change, loses in [
    ("ReluTangentAtZero", ("self.value > 0", "self.value >= 0"), "functions"),
    ("ZeroTangentDropped", (PRODUCT, f"({PRODUCT}) if self.tangent else 0.0"), "values"),
    ("ZeroValueDropped", (PRODUCT, f"({PRODUCT}) if self.value else 0.0"), "values"),
    ("LogOfTangent", ("self.tangent / self.value", "self.tangent / abs(self.tangent)"), "functions"),
    (
        "OperandsChanged",
        ("return Dual(self.value + o", "self.value += 0.5\n        return Dual(self.value + o"),
        "values",
    ),
    ("TangentDefaultsToOne", ("tangent=0.0", "tangent=1.0"), "values"),
]:
    answers.changed("Dual", name, change, loses=[loses])

# --- topological_order --------------------------------------------------------------------------------


@answers.wrong("topological_order")
def nodes_that_use_it_too(root):
    import gc

    order = topological_order(root)
    known = set(order)
    above = [v for v in gc.get_objects() if type(v) is type(root) and v not in known and known.intersection(v.parents)]
    return [*above, *order][::-1] if above else order


SEEN = set()


@answers.wrong("topological_order")
def remembered_between_calls(root):
    order = [node for node in topological_order(root) if id(node) not in SEEN]
    SEEN.update(map(id, order))
    return order


@answers.wrong("topological_order", "complexity")
def sorted_until_nothing_changes(root):
    found, waiting = [root], [root]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in found:
                found.append(parent)
                waiting.append(parent)
    changed = True
    while changed:
        changed = False
        for k, node in enumerate(found):
            for parent in node.parents:
                if found.index(parent) > k:
                    found.remove(parent)
                    found.insert(k, parent)
                    changed = True
                    break
    return found


@answers.right("topological_order")
def order_in_a_dict_of_heights(root):
    heights = {}
    stack = [root]
    while stack:
        node = stack[-1]
        missing = [p for p in node.parents if p not in heights]
        if missing:
            stack += missing
        else:
            heights[node] = max((heights[p] + 1 for p in node.parents), default=0)
            stack.pop()
    return [node for node, _ in sorted(heights.items(), key=lambda item: item[1])]


# --- backward -----------------------------------------------------------------------------------------


@answers.wrong("backward", "shared")
def sweep_over_grad(root):
    root.grad += 1
    for node in reversed(topological_order(root)):
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += slope * node.grad


@answers.wrong("backward")
def leaves_alone(root):
    total = defaultdict(float, {root: 1.0})
    for node in reversed(topological_order(root)):
        if not node.parents:
            node.grad += total[node]
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            total[parent] += slope * total[node]


@answers.wrong("backward")
def root_left_out(root):
    total = defaultdict(float, {root: 1.0})
    for node in reversed(topological_order(root)):
        if node is not root:
            node.grad += total[node]
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            total[parent] += slope * total[node]


@answers.wrong("backward")
def stops_at_the_first_zero(root):
    total = defaultdict(float, {root: 1.0})
    for node in reversed(topological_order(root)):
        if total[node] == 0:
            break
        node.grad += total[node]
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            total[parent] += slope * total[node]


@answers.wrong("backward", "complexity")
def swept_once_for_every_node(root):
    order = topological_order(root)
    for target in order:
        total = defaultdict(float, {root: 1.0})
        for node in reversed(order):
            for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
                total[parent] += slope * total[node]
        target.grad += total[target]


@answers.wrong("backward", "shared")
def nodes_done_before_are_skipped(root):
    total = defaultdict(float, {root: 1.0})
    for node in reversed(topological_order(root)):
        if getattr(node, "done", False):
            continue
        node.done = bool(node.parents)
        node.grad += total[node]
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            total[parent] += slope * total[node]


@answers.right("backward")
def sweep_with_numpy_numbers(root):
    order = topological_order(root)
    total = {id(node): np.float64(0) for node in order}
    total[id(root)] += 1
    for node in order[::-1]:
        node.grad = node.grad + total[id(node)]
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            total[id(parent)] += np.float64(slope) * total[id(node)]


# --- zero_grad, neuron --------------------------------------------------------------------------------


@answers.wrong("zero_grad")
def everything_below_reset(values):
    for value in values:
        for node in topological_order(value):
            node.grad = 0.0


@answers.wrong("neuron", "values", "gradients")
def first_weight_for_all(weights, inputs, bias, activation):
    z = bias + weights[0] * sum(inputs)
    return z if activation == "linear" else getattr(z, activation)()


@answers.wrong("neuron")
def sigmoid_unknown(weights, inputs, bias, activation):
    z = bias + sum(w * x for w, x in zip(weights, inputs, strict=True))
    return getattr(z, activation)() if activation in ("tanh", "relu") else z


@answers.right("neuron")
def sum_started_from_the_first_product(weights, inputs, bias, activation):
    z = weights[0] * inputs[0]
    for w, x in list(zip(weights, inputs, strict=True))[1:]:
        z = z + w * x
    z = z + bias
    return {"linear": lambda: z, "tanh": z.tanh, "sigmoid": z.sigmoid, "relu": z.relu}[activation]()


# --- the loops ----------------------------------------------------------------------------------------


@answers.wrong("mlp_forward_scalar")
def tanh_left_out_of_deep_layers(x, weights, biases):
    zs, ys, y = [], [], x
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(b))]
        y = [math.tanh(v) for v in z] if k == 0 and len(weights) > 1 else z
        zs.append(z)
        ys.append(y)
    return zs, ys


@answers.wrong("mlp_forward_scalar")
def outputs_only(x, weights, biases):
    zs, ys = mlp_forward_scalar(x, weights, biases)
    return zs[-1:], ys[-1:]


@answers.right("mlp_forward_scalar")
def tuples_of_tuples(x, weights, biases):
    zs, ys = mlp_forward_scalar(x, weights, biases)
    return tuple(map(tuple, zs)), tuple(map(tuple, ys))


@answers.wrong("mlp_backward_scalar")
def last_layer_only(x, weights, biases, target):
    ys = mlp_forward_scalar(x, weights, biases)[1]
    dz = [y - d for y, d in zip(ys[-1], target, strict=True)]
    below = ys[-2] if len(ys) > 1 else x
    dweights = [[[0.0] * len(row) for row in W] for W in weights[:-1]] + [[[y * g for g in dz] for y in below]]
    return dweights, [[0.0] * len(b) for b in biases[:-1]] + [dz]


# --- judged -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost()
