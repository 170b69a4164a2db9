"""Unit 10: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

from collections import defaultdict

import numpy as np
import pytest

from backprop_course.given.autodiff import topological_order
from backprop_solutions.autodiff import (
    Linear,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Tensor,
    backward,
    grad,
    hessian_vector_product,
)
from strictness.judging import Answers

answers = Answers("10_autodiff")

# --- modules ------------------------------------------------------------------------------------------


@answers.wrong("Linear", "calls")
class GradientsOfZeroNotStored(Linear):
    def bprop(self, G):
        if not G.any():
            return np.zeros_like(self.X)
        return super().bprop(G)


@answers.wrong("Linear")
class SingleOutputsSqueezed(Linear):
    def bprop(self, G):
        dX = super().bprop(G)
        self.dW, self.db = np.squeeze(self.dW), np.squeeze(self.db)
        return dX


@answers.wrong("Linear")
class EqualRowsCountedOnce(Linear):
    def bprop(self, G):
        dX = super().bprop(G)
        rows = np.unique(np.hstack([self.X, G]), axis=0)
        self.dW = rows[:, : self.X.shape[1]].T @ rows[:, self.X.shape[1] :]
        return dX


@answers.wrong("Linear", "calls")
class OutputsRememberedByShape(Linear):
    def fprop(self, X):
        self.X = X
        self.known = getattr(self, "known", {})
        if X.shape not in self.known:
            self.known[X.shape] = X @ self.W + self.b
        return self.known[X.shape]


@answers.right("Linear")
class OuterProducts:
    def __init__(self, W, b):
        self.W = W
        self.b = b

    def fprop(self, X):
        self.inputs = X.copy()
        return np.stack([x @ self.W for x in X]) + self.b

    def bprop(self, G):
        self.dW = sum(np.outer(x, g) for x, g in zip(self.inputs, G, strict=True))
        self.db = np.ones(len(G)) @ G
        return np.einsum("nk,dk->nd", G, self.W)


@answers.wrong("ReLU")
class ThresholdAboveZero(ReLU):
    def fprop(self, Z):
        self.is_on = Z > 1e-3
        return np.where(self.is_on, Z, 0.0)


@answers.wrong("ReLU")
class OnOnceOnAlways(ReLU):
    def fprop(self, Z):
        before = getattr(self, "is_on", False)
        Y = super().fprop(Z)
        self.is_on = self.is_on | before if np.shape(before) == Z.shape else self.is_on
        return Y


@answers.wrong("ReLU")
class SlopeFromOutputOverInput(ReLU):
    def fprop(self, Z):
        self.Z, Y = Z, super().fprop(Z)
        return Y

    def bprop(self, G):
        return G * (super().bprop(self.Z) / self.Z)


@answers.right("ReLU")
class MaskOfNumbers:
    def fprop(self, Z):
        self.slope = np.heaviside(Z, 0)
        return Z * self.slope + 0.0

    def bprop(self, G):
        return np.multiply(self.slope, G)


@answers.wrong("SoftmaxCrossEntropy", "stability")
class ShiftStartsAtZero(SoftmaxCrossEntropy):
    def fprop(self, Z, y):
        self.right = np.arange(len(y)), y
        shifted = Z - np.maximum(Z.max(axis=1, keepdims=True), 0.0)
        with np.errstate(all="ignore"):
            self.log_p = np.maximum(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), -1e9)
        return -self.log_p[self.right].mean()


@answers.wrong("SoftmaxCrossEntropy")
class EqualRowsMerged(SoftmaxCrossEntropy):
    def fprop(self, Z, y):
        rows = np.unique(np.column_stack([Z, y]), axis=0)
        super().fprop(Z, y)
        return SoftmaxCrossEntropy().fprop(rows[:, :-1], rows[:, -1].astype(int))


@answers.wrong("SoftmaxCrossEntropy", "stability")
class SmallGradientsCutOff(SoftmaxCrossEntropy):
    def bprop(self):
        G = super().bprop()
        return np.where(np.abs(G) < 1e-7, 0.0, G)


@answers.wrong("SoftmaxCrossEntropy")
class LabelOfZeroIsNone(SoftmaxCrossEntropy):
    def fprop(self, Z, y):
        super().fprop(Z, y)
        return -sum(row[k] for row, k in zip(self.log_p, y, strict=True) if k) / len(y)


@answers.right("SoftmaxCrossEntropy")
class LossRowByRow:
    def fprop(self, Z, y):
        self.Z, self.y = Z.copy(), list(y)
        return sum(np.logaddexp.reduce(z) - z[k] for z, k in zip(Z, y, strict=True)) / Z.shape[0]

    def bprop(self):
        P = np.exp(self.Z - np.logaddexp.reduce(self.Z, axis=1, keepdims=True))
        return (P - np.eye(P.shape[1])[self.y]) / P.shape[0]


@answers.wrong("Sequential")
class WayBackUsedUp(Sequential):
    def __init__(self, modules):
        self.modules, self.back = modules, reversed(modules)

    def bprop(self, G):
        for module in self.back:
            G = module.bprop(G)
        return G


@answers.wrong("Sequential")
class ModulesOfOneKindOnce(Sequential):
    def __init__(self, modules):
        self.modules = list({type(module): module for module in modules}.values())


@answers.wrong("Sequential")
class TwoModulesAtMost(Sequential):
    def fprop(self, X):
        return self.modules[-1].fprop(self.modules[0].fprop(X)) if len(self.modules) > 1 else super().fprop(X)


@answers.right("Sequential")
class ChainOfPairs:
    def __init__(self, modules):
        first, *others = modules
        self.first, self.rest = first, ChainOfPairs(others) if others else None

    def fprop(self, X):
        Y = self.first.fprop(X)
        return self.rest.fprop(Y) if self.rest else Y

    def bprop(self, G):
        return self.first.bprop(self.rest.bprop(G) if self.rest else G)


# --- checks -------------------------------------------------------------------------------------------


@answers.wrong("dot_product_test", "strictness")
def one_entry_at_a_time_of_the_first_output(f, vjp, x, rng):
    h, g = 1e-5, np.eye(len(f(x)))[0]
    found = np.asarray(vjp(g, x))
    if found.shape != x.shape or not np.isfinite(found).all():
        return False
    slopes = [(f(x + h * e) - f(x - h * e))[0] / (2 * h) for e in np.eye(len(x))]
    return bool(np.all(np.abs(found - slopes) <= 1e-5 * np.maximum(np.abs(found), np.abs(slopes)) + 1e-9))


@answers.wrong("dot_product_test", "strictness")
def stops_at_a_product_of_zero(f, vjp, x, rng):
    for _ in range(10):
        v = rng.normal(size=x.shape)
        Jv = (f(x + 1e-5 * v) - f(x - 1e-5 * v)) / 2e-5
        g = rng.normal(size=Jv.shape)
        ours, theirs = g @ Jv, np.sum(np.asarray(vjp(g, x)) * v)
        if abs(theirs) < 1e-3:
            return True
        if not abs(ours - theirs) <= 1e-5 * max(abs(ours), abs(theirs)) + 1e-9:
            return False
    return True


@answers.wrong("dot_product_test", "strictness")
def agrees_once_out_of_ten(f, vjp, x, rng):
    for _ in range(10):
        v = rng.choice([-1.0, 1.0], size=x.shape)
        Jv = (f(x + 1e-5 * v) - f(x - 1e-5 * v)) / 2e-5
        g = rng.choice([-1.0, 1.0], size=Jv.shape)
        gJ = np.asarray(vjp(g, x))
        if gJ.shape == x.shape and abs(g @ Jv - gJ @ v) <= 1e-5 * max(abs(g @ Jv), abs(gJ @ v)) + 1e-9:
            return True
    return False


@answers.right("dot_product_test")
def products_of_many_pairs_at_once(f, vjp, x, rng):
    def agrees():
        v = rng.uniform(-1, 1, x.shape)
        Jv = (f(x + v * 1e-5) - f(x - v * 1e-5)) / 2 / 1e-5
        g = rng.uniform(-1, 1, Jv.shape)
        gJ = np.array(vjp(g, x), dtype=float)
        if gJ.shape != x.shape or not np.isfinite(gJ).all():
            return False
        pair = np.dot(g, Jv), np.dot(gJ, v)
        return abs(pair[0] - pair[1]) <= 1e-5 * max(map(abs, pair)) + 1e-9

    return all(agrees() for _ in range(20))


@answers.wrong("hessian_vector_product")
def step_relative_to_x(gradient, x, v):
    longest = np.abs(v).max()
    if longest == 0:
        return np.zeros(np.shape(x))
    h = 1e-5 * np.linalg.norm(x) / longest
    with np.errstate(all="ignore"):
        return (gradient(x + h * v) - gradient(x - h * v)) / (2 * h)


@answers.wrong("hessian_vector_product")
def four_gradients(gradient, x, v):
    longest = np.abs(v).max()
    if longest == 0:
        return np.zeros(np.shape(x))
    h = 1e-3 / longest
    near, far = gradient(x + h * v) - gradient(x - h * v), gradient(x + 2 * h * v) - gradient(x - 2 * h * v)
    return (8 * near - far) / (12 * h)


@answers.wrong("hessian_vector_product")
def sizes_of_v(gradient, x, v):
    return hessian_vector_product(gradient, x, np.abs(v))


@answers.wrong("hessian_vector_product")
def entries_of_v_that_are_zero_stay_zero(gradient, x, v):
    return np.where(v == 0, 0.0, hessian_vector_product(gradient, x, v))


@answers.right("hessian_vector_product")
def product_along_a_unit_vector(gradient, x, v):
    length = np.sqrt((np.abs(v) ** 2).sum())
    if not length > 0:
        return 0.0 * x
    u = v / length
    above, below = (np.array(gradient(x + s * u)) for s in (2e-5, -2e-5))
    return (above - below) * (length / 4e-5)


# --- Tensor: one rule of the reference changed --------------------------------------------------------

SLOPE = "slope = exponent * self.data ** (exponent - 1)"
ONCE = "return Tensor(a * b, (self, other), vjps)"
KEPT = "kept = g if axis is None or keepdims else np.expand_dims(g, axis)"
ADDED = "np.add.at(scattered, index, g)"
MATRICES = "return Tensor(self.data @ other.data, (self, other), vjps)"

for name, change, loses in [
    ("SlopeFromTheResult", (SLOPE, "slope = exponent * self.data**exponent / self.data"), "elementwise"),
    ("SignInPower", (SLOPE, f"{SLOPE}\n        slope = np.abs(slope)"), "elementwise"),
    ("SquareCountedOnce", (ONCE, ONCE.replace("vjps)", "vjps if self is not other else vjps[:1])")), "elementwise"),
    ("IndexOfZeroIsNone", (ADDED, "np.add.at(scattered, index or slice(None), g)"), "indexing"),
    ("FirstRowIsEverything", ("self.data[index]", "self.data[index or slice(None)]"), "values"),
    ("AxisOfZeroIsNone", ("self.data.sum(axis=axis,", "self.data.sum(axis=axis or None,"), "values"),
    ("SquareMatricesNotTransposed", ("A.T @", "(A if A.shape[0] == A.shape[1] else A.T) @"), "matmul"),
    ("MatrixByItselfCountedOnce", (MATRICES, MATRICES.replace("vjps)", "vjps[: 1 + (self is not other)])")), "matmul"),
    ("ReluSlopeIsTheResult", ("np.where(is_on, g, 0.0)", "np.where(is_on, g, 0.0) * self.data"), "elementwise"),
    ("IntegerData", ("np.asarray(data, dtype=float)", "np.asarray(data)"), "values"),
    (
        "GradOfOnes",
        ("np.zeros_like(self.data)\n        self.parents", "self.data * 0 + 1\n        self.parents"),
        "values",
    ),
    ("FirstAxisStretchedByNumPy", (KEPT, "kept = np.expand_dims(g, axis) if axis and not keepdims else g"), None),
    ("DataInAnArrayOfItsOwn", ("np.asarray(data, dtype=float)", "np.array(data, dtype=float)"), None),
]:
    answers.changed("Tensor", name, change, loses=[loses] if loses else [])

# --- backward and grad --------------------------------------------------------------------------------


@answers.wrong("backward")
def ends_at_the_first_zero(root):
    gradients = defaultdict(float, {root: np.ones_like(root.data)})
    for node in reversed(topological_order(root)):
        g = gradients[node]
        if not np.any(g):
            break
        node.grad = node.grad + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            gradients[parent] = gradients[parent] + vjp(g)


@answers.wrong("backward")
def equal_parents_served_once(root):
    gradients = defaultdict(float, {root: np.ones_like(root.data)})
    for node in reversed(topological_order(root)):
        node.grad = node.grad + gradients[node]
        for parent, vjp in dict(zip(node.parents, node.vjps, strict=True)).items():
            gradients[parent] = gradients[parent] + vjp(gradients[node])


@answers.wrong("backward")
def nodes_of_equal_data_merged(root):
    gradients = defaultdict(float, {root.data.tobytes(): np.ones_like(root.data)})
    for node in reversed(topological_order(root)):
        g = gradients[node.data.tobytes()]
        node.grad = node.grad + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            gradients[parent.data.tobytes()] = gradients[parent.data.tobytes()] + vjp(g)


@answers.wrong("backward", "complexity")
def swept_until_nothing_changes(root):
    order, old = topological_order(root), None
    while True:
        new = defaultdict(float, {root: np.ones_like(root.data)})
        for node in order:
            for parent, vjp in zip(node.parents, node.vjps, strict=True):
                if old is not None:
                    new[parent] = new[parent] + vjp(old[node] + np.zeros_like(node.data))
        if old is not None and all(np.array_equal(new[node], old[node]) for node in order):
            break
        old = new
    for node in order:
        node.grad = node.grad + new[node]


@answers.wrong("backward", "accumulation")
def inner_nodes_set_and_leaves_added(root):
    gradients = defaultdict(float, {root: np.ones_like(root.data)})
    for node in reversed(topological_order(root)):
        g = gradients[node]
        node.grad = g if node.parents else node.grad + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            gradients[parent] = gradients[parent] + vjp(g)


@answers.right("backward")
def sweep_by_numbers_of_readers(root):
    readers, seen, stack = defaultdict(int), {root}, [root]
    while stack:
        for parent in stack.pop().parents:
            readers[parent] += 1
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    shares, ready = {root: [np.ones(root.data.shape)]}, [root]
    while ready:
        node = ready.pop()
        g = np.sum(shares.pop(node), axis=0)
        node.grad = np.add(node.grad, g)
        for k, parent in enumerate(node.parents):
            shares.setdefault(parent, []).append(node.vjps[k](g))
            readers[parent] -= 1
            if readers[parent] == 0:
                ready.append(parent)


@answers.wrong("grad")
def remembered_by_shape(f):
    known = {}

    def gradient(x, *others):
        return known.setdefault(np.shape(x), grad(f)(x, *others))

    return gradient


@answers.wrong("grad")
def gradient_of_zero_is_none(f):
    def gradient(x, *others):
        found = grad(f)(x, *others)
        return found if np.any(found) else None

    return gradient


@answers.wrong("grad")
def root_seeded_with_the_value(f):
    def gradient(x, *others):
        x = Tensor(x)
        y = f(x, *others)
        backward(y * y)
        return x.grad / 2

    return gradient


@answers.right("grad")
class GradientOf:
    def __init__(self, f):
        self.f = f

    def __call__(self, x, *others):
        leaf = Tensor(np.array(x))
        backward(self.f(leaf, *others))
        return np.array(leaf.grad)


# --- judged -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost()
