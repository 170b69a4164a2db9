"""Unit 10: modules and the tensor engine, against PyTorch, SciPy, finite differences and closed forms."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from scipy.special import logsumexp

from backprop_autograder.judging.release import release_form
from backprop_course import autodiff as course
from backprop_course.digits import load_digits
from backprop_course.given import autodiff as given
from backprop_solutions import mlp_training as unit_6
from backprop_solutions.autodiff import (
    Linear,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Tensor,
    backward,
    dot_product_test,
    grad,
    hessian_vector_product,
)

ROUND_OFF = 1e-11  # some dozen operations in float64
DIFFERENCE = (
    1e-7  # central differences with h = 1e-5: truncation and round-off are about 1e-10 for numbers of order one
)


def numerical(f, x, h=1e-5):
    """Return the central differences of a scalar function of an array."""
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        slopes[place] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


def draw(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.uniform(0.5, 2, size=shape) * rng.choice([-1, 1], size=shape) for shape in shapes]


# --- modules ----------------------------------------------------------------------------------------


def test_the_linear_module_has_the_gradients_of_finite_differences():
    X, W, b, G = draw((4, 3), (3, 5), (5,), (4, 5))
    layer = Linear(W, b)
    np.testing.assert_allclose(layer.fprop(X), np.einsum("nd,dk->nk", X, W) + b, rtol=ROUND_OFF)
    dX = layer.bprop(G)
    np.testing.assert_allclose(dX, numerical(lambda X: np.sum(G * (X @ W + b)), X), atol=DIFFERENCE)
    np.testing.assert_allclose(layer.dW, numerical(lambda W: np.sum(G * (X @ W + b)), W), atol=DIFFERENCE)
    np.testing.assert_allclose(layer.db, numerical(lambda b: np.sum(G * (X @ W + b)), b), atol=DIFFERENCE)


def test_a_linear_module_reads_its_weights_at_each_call_and_overwrites_its_gradients():
    X, W, b, G = draw((4, 3), (3, 5), (5,), (4, 5))
    layer = Linear(np.zeros((3, 5)), b)
    layer.fprop(X)
    layer.W = W
    assert np.array_equal(layer.bprop(G), G @ W.T)
    layer.bprop(2 * G)
    np.testing.assert_allclose(layer.dW, 2 * X.T @ G, rtol=ROUND_OFF)


def test_relu_passes_gradients_where_it_is_on_and_none_at_zero():
    module = ReLU()
    assert module.fprop(np.array([[-1.0, 0.0, 2.0]])).tolist() == [[0.0, 0.0, 2.0]]
    assert module.bprop(np.array([[5.0, 6.0, -7.0]])).tolist() == [[0.0, 0.0, -7.0]]


@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_the_loss_is_the_mean_negative_log_likelihood_for_logits_of_any_size(scale):
    (Z,) = draw((5, 3))
    y, loss = np.array([0, 2, 1, 1, 0]), SoftmaxCrossEntropy()
    wanted = np.mean(logsumexp(scale * Z, axis=1) - scale * Z[np.arange(5), y])
    assert loss.fprop(scale * Z, y) == pytest.approx(wanted, rel=ROUND_OFF)


def test_the_gradient_of_the_loss_is_that_of_finite_differences_also_a_second_time():
    (Z,) = draw((5, 3))
    y, loss = np.array([0, 2, 1, 1, 0]), SoftmaxCrossEntropy()
    loss.fprop(Z, y)
    wanted = numerical(lambda Z: np.mean(logsumexp(Z, axis=1) - Z[np.arange(5), y]), Z)
    np.testing.assert_allclose(loss.bprop(), wanted, atol=DIFFERENCE)
    np.testing.assert_allclose(loss.bprop(), wanted, atol=DIFFERENCE)


def test_a_chain_of_modules_has_the_gradient_of_the_composed_function():
    X, W, b, V, c, G = draw((4, 3), (3, 5), (5,), (5, 2), (2,), (4, 2))
    chain = Sequential([Linear(W, b), ReLU(), Linear(V, c)])
    np.testing.assert_allclose(chain.fprop(X), np.maximum(X @ W + b, 0) @ V + c, rtol=ROUND_OFF)
    wanted = numerical(lambda X: np.sum(G * (np.maximum(X @ W + b, 0) @ V + c)), X)
    np.testing.assert_allclose(chain.bprop(G), wanted, atol=DIFFERENCE)


def test_a_module_used_twice_has_the_gradient_of_its_last_use_only():
    # The limit that the unit teaches: the first X is overwritten.
    X, W = draw((4, 3), (3, 3))
    layer = Linear(W, np.zeros(3))
    Sequential([layer, layer]).fprop(X)
    layer.bprop(np.ones((4, 3)))
    np.testing.assert_allclose(layer.dW, (X @ W).T @ np.ones((4, 3)), rtol=ROUND_OFF)


# --- Tensor against PyTorch and finite differences --------------------------------------------------

OPERATIONS = {
    "a + b": ((4, 3), (4, 3)),
    "a + 3 + 2": ((4, 3),),
    "3 + a": ((4, 3),),
    "a + b ": ((4, 3), (3,)),
    "b + a": ((4, 3), (4, 1)),
    "a + b  ": ((4, 1), (1, 3)),
    "a - b": ((4, 3), (3,)),
    "2 - a": ((4, 3),),
    "-a": ((4, 3),),
    "a * b": ((4, 3), (3,)),
    "a * b ": ((2, 4, 3), (4, 1)),
    "a * b  ": ((), (4, 3)),
    "a * a": ((4, 3),),
    "a / b": ((4, 3), (4, 1)),
    "2 / a": ((4, 3),),
    "a ** 3": ((4, 3),),
    "a ** 0": ((4, 3),),
    "a ** 1": ((4, 3),),
    "a ** -2": ((4, 3),),
    "(a * a) ** 0.5": ((4, 3),),
    "a @ b": ((4, 3), (3, 5)),
    "a @ b ": ((4, 3), (3,)),
    "a @ b  ": ((4,), (4, 5)),
    "a @ b   ": ((4,), (4,)),
    "a @ a": ((4,),),
    "a @ a.T": ((4, 3),),
    "a.sum()": ((4, 3),),
    "a.sum() * a": ((4, 3),),
    "a.sum(axis=0)": ((4, 3),),
    "a.sum(axis=1)": ((4, 3),),
    "a.sum(axis=-1)": ((2, 4, 3),),
    "a.sum(axis=-2)": ((2, 4, 3),),
    "a.sum(axis=1, keepdims=True)": ((4, 3),),
    "a.reshape((2, 6)) @ b": ((4, 3), (6,)),
    "a.reshape((-1,))": ((4, 3),),
    "a.reshape((3, -1))": ((4, 3),),
    "a.T": ((4, 3),),
    "a.T @ b": ((4, 3), (4, 2)),
    "a[1]": ((4, 3),),
    "a[-1]": ((4, 3),),
    "a[1:3]": ((4, 3),),
    "a[:, 1]": ((4, 3),),
    "a[1:, :2]": ((4, 3),),
    "a[::2]": ((4, 3),),
    "a[2, 1]": ((4, 3),),
    "a[[0, 2, 2, 2]]": ((4, 3),),
    "a[[0, 1, 1], [2, 0, 0]]": ((4, 3),),
    "a[:, [1, 1, 0]]": ((4, 3),),
    "a.exp()": ((4, 3),),
    "(a * a).log()": ((4, 3),),
    "a.relu()": ((4, 3),),
    "(a @ b).relu() @ b.T": ((4, 3), (3, 5)),
}


def run(expression, arrays, make, upstream):
    """Return the result of an expression, and the gradients of its weighted sum."""
    leaves = dict(zip("abc", map(make, arrays), strict=False))
    result = eval(expression.strip(), {}, leaves)
    return result, (result * upstream(result)).sum(), list(leaves.values())


def weights(shape):
    return np.random.default_rng(7).normal(size=shape)


@pytest.mark.parametrize("expression", OPERATIONS)
def test_every_operation_agrees_with_pytorch(expression):
    torch = pytest.importorskip("torch")
    arrays = draw(*OPERATIONS[expression])
    result, root, leaves = run(expression, arrays, Tensor, lambda r: weights(r.data.shape))
    backward(root)

    def leaf(array):
        return torch.tensor(array, requires_grad=True)

    theirs, root, wanted = run(expression, arrays, leaf, lambda r: torch.tensor(weights(r.shape)))
    root.backward()
    np.testing.assert_allclose(result.data, theirs.detach().numpy(), rtol=ROUND_OFF, atol=ROUND_OFF)
    for ours, other in zip(leaves, wanted, strict=True):
        assert ours.grad.shape == ours.data.shape
        np.testing.assert_allclose(ours.grad, other.grad.numpy(), rtol=ROUND_OFF, atol=ROUND_OFF)


@pytest.mark.parametrize("expression", OPERATIONS)
def test_every_operation_agrees_with_finite_differences(expression):
    arrays = draw(*OPERATIONS[expression])
    _, root, leaves = run(expression, arrays, Tensor, lambda r: weights(r.data.shape))
    backward(root)

    class Plain(np.ndarray):  # so that exp, log and relu are methods of arrays, too
        def exp(self):
            return np.exp(self)

        def log(self):
            return np.log(self)

        def relu(self):
            return np.maximum(self, 0)

    for k, leaf in enumerate(leaves):

        def root_of(x, k=k):
            moved = [*arrays[:k], x, *arrays[k + 1 :]]
            return float(run(expression, moved, lambda a: a.view(Plain), lambda r: weights(np.shape(r)))[1])

        np.testing.assert_allclose(leaf.grad, numerical(root_of, arrays[k]), atol=1e-6)  # entries up to 2**-3 cubed


@pytest.mark.parametrize("expression", OPERATIONS)
def test_every_rule_passes_the_dot_product_test(expression):
    shapes = OPERATIONS[expression]
    arrays = draw(*shapes)

    def result(x):
        x, others = Tensor(x), arrays[1:]
        first = x.reshape(shapes[0])
        return x, eval(expression.strip(), {}, dict(zip("abc", [first, *others], strict=False))).reshape((-1,))

    def vjp(g, x):
        x, y = result(x)
        backward((y * g).sum())
        return x.grad

    assert dot_product_test(lambda x: result(x)[1].data, vjp, arrays[0].ravel(), np.random.default_rng(0))


def test_arrays_on_the_left_are_constants_and_not_taken_apart():
    a, A = Tensor(np.ones(3)), np.arange(6.0).reshape(2, 3)
    for result in (A * a, A + a, A - a, A / a):
        assert isinstance(result, Tensor)
        assert result.data.shape == (2, 3)
    assert (A @ a).data.tolist() == [3.0, 12.0]


def test_a_new_tensor_holds_floats_and_a_zero_gradient_of_its_own():
    a, b = Tensor([1, 2]), Tensor([1, 2])
    assert a.data.dtype == float
    assert a.grad.tolist() == [0.0, 0.0]
    assert len({a, b}) == 2


def test_relu_has_slope_zero_at_zero():
    a = Tensor([-1.0, 0.0, 2.0])
    backward(a.relu().sum())
    assert a.grad.tolist() == [0.0, 0.0, 1.0]


# --- backward ---------------------------------------------------------------------------------------


def test_gradients_of_two_roots_that_share_an_inner_node_add_up():
    # d(2ab)/da + d(3ab)/da = 5 b; sweeping over .grad itself gives 35.
    a, b = Tensor(2.0), Tensor(5.0)
    c = a * b
    backward(2 * c)
    backward(3 * c)
    assert (float(a.grad), float(b.grad), float(c.grad)) == (25.0, 10.0, 5.0)


def test_the_same_root_twice_doubles_every_gradient():
    a = Tensor(3.0)
    root = a * a
    backward(root)
    backward(root)
    assert (float(a.grad), float(root.grad)) == (12.0, 2.0)


def test_a_chain_of_5000_nodes_is_differentiated():
    x = y = Tensor([0.5, 1.0])
    for _ in range(5000):
        y = y + x
    backward(y.sum())
    assert x.grad.tolist() == [5001.0, 5001.0]


def test_a_ladder_of_sixty_diamonds_uses_each_rule_once():
    x = y = Tensor(1.0)
    uses = []

    def counted(vjp):
        return lambda g: uses.append(1) or vjp(g)

    for _ in range(60):
        y = y * 0.5 + y * 0.5
        y.vjps = tuple(map(counted, y.vjps))
    backward(y)
    assert float(x.grad) == pytest.approx(1.0, rel=ROUND_OFF)
    assert len(uses) == 120


def test_the_given_order_has_each_node_once_and_after_its_parents():
    a, b = Tensor(1.0), Tensor(2.0)
    c = a * b
    root = (c + a) * c
    order = given.topological_order(root)
    place = {node: k for k, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    assert all(place[p] < place[node] for node in order for p in node.parents)


@pytest.mark.parametrize(
    ("big", "small"), [((4, 3), (3,)), ((4, 3), (4, 1)), ((4, 3), ()), ((2, 4, 3), (4, 1)), ((4, 3), (4, 3))]
)
def test_the_given_unbroadcast_is_the_transpose_of_broadcasting(big, small):
    G, x = draw(big, small)
    assert given.unbroadcast(G, small).shape == small
    assert np.sum(given.unbroadcast(G, small) * x) == pytest.approx(np.sum(G * np.broadcast_to(x, big)), rel=ROUND_OFF)


# --- grad, dot products, Hessians -------------------------------------------------------------------


def test_grad_differentiates_by_its_first_argument_and_leaves_labels_alone():
    W, X = draw((3, 4), (5, 3))
    y = np.array([0, 3, 1, 1, 2])

    def loss(W, X, y):
        Z = X @ W
        log_p = Z - Z.exp().sum(axis=1, keepdims=True).log()
        return -log_p[np.arange(5), y].sum() / 5

    wanted = numerical(lambda W: np.mean(logsumexp(X @ W, axis=1) - (X @ W)[np.arange(5), y]), W)
    np.testing.assert_allclose(grad(loss)(W, X, y), wanted, atol=DIFFERENCE)
    np.testing.assert_allclose(grad(loss)(W, X, y), wanted, atol=DIFFERENCE)


def test_grad_of_a_function_that_ignores_its_argument_is_zero():
    assert grad(lambda x: Tensor(3.0))(np.ones((2, 3))).tolist() == [[0.0] * 3] * 2


def jacobian_pair(J):
    return (lambda x: np.sin(x) @ J.T), (lambda g, x: (g @ J) * np.cos(x))


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (4, 1)])
def test_a_right_product_passes_and_wrong_ones_do_not(shape):
    rng = np.random.default_rng(3)
    J = rng.normal(size=shape)
    f, vjp = jacobian_pair(J)
    x = rng.normal(size=shape[1])
    assert dot_product_test(f, vjp, x, rng) is True
    assert dot_product_test(f, lambda g, x: 1.01 * vjp(g, x), x, rng) is False
    assert dot_product_test(f, lambda g, x: -vjp(g, x), x, rng) is False
    assert dot_product_test(f, lambda g, x: vjp(g, x)[None], x, rng) is False
    assert dot_product_test(f, lambda g, x: np.full(x.shape, np.nan), x, rng) is False


def test_transposed_square_jacobians_never_pass():
    for seed in range(200):
        rng = np.random.default_rng(seed)
        J = rng.normal(size=(3, 3))
        assert not dot_product_test(lambda x, J=J: J @ x, lambda g, x, J=J: J @ g, rng.normal(size=3), rng)


def cubic(A):
    """Return the gradient and the Hessian of sum((A x)^3) / 6 + sum(x^2)."""
    return (lambda x: A.T @ (A @ x) ** 2 / 2 + 2 * x), (lambda x: A.T @ np.diag(A @ x) @ A + 2 * np.eye(len(x)))


@pytest.mark.parametrize("length", [1e-8, 1.0, 1e8])
def test_a_hessian_vector_product_is_the_matrix_times_the_vector_for_any_length(length):
    A, x, v = draw((4, 3), (3,), (3,))
    gradient, hessian = cubic(A)
    wanted = hessian(x) @ (length * v)
    np.testing.assert_allclose(hessian_vector_product(gradient, x, length * v), wanted, rtol=1e-7)  # step 1e-5


def test_the_hessian_times_zero_is_zero():
    gradient, _ = cubic(np.eye(3))
    assert hessian_vector_product(gradient, np.ones(3), np.zeros(3)).tolist() == [0.0] * 3


def test_a_hessian_vector_product_keeps_the_shape_of_a_matrix():
    x, v = draw((2, 3), (2, 3))
    np.testing.assert_allclose(hessian_vector_product(lambda x: x**3, x, v), 3 * x**2 * v, rtol=1e-8)


def test_grad_and_hessian_vector_product_agree_with_pytorch():
    torch = pytest.importorskip("torch")
    A, x, v = draw((4, 3), (3,), (3,))
    gradient = grad(lambda x: ((A @ x).relu() ** 3).sum() + (x * x).exp().sum())

    def f(x):
        return (torch.relu(torch.tensor(A) @ x) ** 3).sum() + torch.exp(x * x).sum()

    _, wanted = torch.autograd.functional.hvp(f, torch.tensor(x), torch.tensor(v))
    np.testing.assert_allclose(hessian_vector_product(gradient, x, v), wanted.numpy(), rtol=1e-6)


# --- one network, three ways ------------------------------------------------------------------------


def logits(X, parameters):
    *hidden, (W, b) = parameters
    for V, c in hidden:
        X = (X @ V + c).relu()
    return X @ W + b


def cross_entropy(Z, y):
    Z = Z - Z.data.max(axis=1, keepdims=True)
    log_p = Z - Z.exp().sum(axis=1, keepdims=True).log()
    return -log_p[np.arange(len(y)), y].sum() / len(y)


def test_modules_tensors_and_unit_6_train_the_same_network():
    X, y, _, _ = load_digits()
    rng = np.random.default_rng(0)
    start = given.initial_parameters((64, 16, 10), rng)
    batches = given.shuffled_batches(len(y), 64, 2, rng)

    wanted = given.train_by_unit_6(X, y, start, batches, 0.2)

    layers = [Linear(W, b) for W, b in start]
    chain, loss = Sequential([layers[0], ReLU(), layers[1]]), SoftmaxCrossEntropy()
    for rows in batches:
        loss.fprop(chain.fprop(X[rows]), y[rows])
        chain.bprop(loss.bprop())
        for layer in layers:
            layer.W, layer.b = layer.W - 0.2 * layer.dW, layer.b - 0.2 * layer.db

    tensors = [(Tensor(W), Tensor(b)) for W, b in start]
    for rows in batches:
        backward(cross_entropy(logits(X[rows], tensors), y[rows]))
        tensors = [tuple(Tensor(p.data - 0.2 * p.grad) for p in layer) for layer in tensors]

    for (W, b), layer, (V, c) in zip(wanted, layers, tensors, strict=True):
        # Forty steps, each rounded differently.
        np.testing.assert_allclose(layer.W, W, atol=1e-10)
        np.testing.assert_allclose(layer.b, b, atol=1e-10)
        np.testing.assert_allclose(V.data, W, atol=1e-10)
        np.testing.assert_allclose(c.data, b, atol=1e-10)
    assert max(np.abs(W - V).max() for (W, _), (V, _) in zip(wanted, start, strict=True)) > 0.1


def test_the_given_training_is_that_of_unit_6():
    X, y, _, _ = load_digits()
    rng = np.random.default_rng(0)
    parameters = start = given.initial_parameters((64, 16, 10), rng)
    batches = given.shuffled_batches(len(y), 64, 1, rng)
    assert sorted(np.concatenate(batches)) == list(range(len(y)))
    for rows in batches:
        logits, cache = unit_6.mlp_forward(X[rows], parameters)
        gradients = unit_6.mlp_backward(cache, logits, y[rows], parameters, 0.0)
        parameters = unit_6.sgd_step(parameters, gradients, 0.2)
    for (W, b), (V, c) in zip(given.train_by_unit_6(X, y, start, batches, 0.2), parameters, strict=True):
        np.testing.assert_allclose(W, V, atol=1e-12)  # twenty steps, each rounded differently
        np.testing.assert_allclose(b, c, atol=1e-12)


# --- the closing page -------------------------------------------------------------------------------

SOURCE = Path(__file__).parents[1] / "course" / "source" / "10_autodiff" / "10_autodiff.ipynb"


def shown(language):
    """Return the lines that the closing page shows for a library."""
    text = "".join(c.source for c in nbformat.read(SOURCE, as_version=4).cells if c.id == "libraries")
    return re.search(rf"<summary>{language}</summary>\s*```python\n(.*?)```", text, re.S)[1]


def test_the_lines_shown_for_this_engine_and_for_pytorch_find_the_same_weights():
    torch = pytest.importorskip("torch")
    X, y = draw((8, 3), (8,))
    ours, theirs = (
        {"np": np, "grad": grad, "X": X, "y": y},
        {"torch": torch, "X": torch.tensor(X), "y": torch.tensor(y)},
    )
    exec(shown("Yours"), ours)
    exec(shown("PyTorch"), theirs)
    np.testing.assert_allclose(ours["w"], theirs["w"].detach().numpy(), rtol=1e-10)  # a hundred steps
    np.testing.assert_allclose(ours["w"], np.linalg.lstsq(X, y)[0], atol=0.1)  # on the way to the solution


def test_the_lines_shown_for_jax_are_python():
    compile(shown("JAX"), "<jax>", "exec")


# --- the explorer of graphs -------------------------------------------------------------------------


def stubs():
    """Return the names that the released notebook defines before anything is solved."""
    scope = {"np": np, "unbroadcast": given.unbroadcast, "topological_order": given.topological_order}
    for cell in release_form(nbformat.read(SOURCE, as_version=4)).cells:
        flags = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and flags.get("solution"):
            exec(cell.source, scope)
    return scope


def picture(explorer):
    return explorer._picture.value or explorer._image.value


def last_step(explorer):
    explorer.controls["step"].value = explorer.controls["step"].max
    return explorer


@pytest.mark.parametrize("expression", OPERATIONS)
def test_the_given_engine_agrees_with_the_reference(expression):
    arrays = draw(*OPERATIONS[expression])
    _, root, leaves = run(expression, arrays, Tensor, lambda r: weights(r.data.shape))
    backward(root)
    program = f"({expression.strip()}) * M"
    names = dict(zip("abc", arrays, strict=False))
    nodes = course.build_graph(
        f"r = {program}; r.sum()", {**names, "M": weights(np.shape(run_data(expression, arrays)))}, course.Traced
    )
    found = course.sweep(nodes)[-1].gradients
    for k, node in enumerate(nodes):
        if node.title in names:
            wanted = leaves["abc".index(node.title)].grad
            np.testing.assert_allclose(found[k], wanted, rtol=1e-9, atol=1e-12)  # sums in another order


def run_data(expression, arrays):
    return run(expression, arrays, Tensor, lambda r: weights(r.data.shape))[0].data


@pytest.mark.parametrize("example", course.EXAMPLES)
def test_every_example_is_right_for_the_reference(example):
    explorer = last_step(course.explore_graph(Tensor, backward, example))
    assert "All gradients of inputs agree" in explorer.description
    assert "Your backward agrees" in explorer.description
    assert "not right" not in picture(explorer)


@pytest.mark.parametrize(
    ("control", "value"),
    [("step", 3), ("program", "(X @ W).sum()"), ("inputs", "X 2x3, W 3x4, b 4"), ("example", "rows taken twice")],
)
def test_every_control_of_the_graph_changes_the_picture(control, value):
    explorer = course.explore_graph(Tensor, backward)
    before = picture(explorer)
    explorer.controls[control].value = value
    assert picture(explorer) != before


def test_playing_moves_the_steps():
    explorer = course.explore_graph(Tensor, backward)
    explorer.controls["play"].value = 2
    assert explorer.controls["step"].value == 2


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("X +", "SyntaxError"),
        ("X @ Q", "Q is none of the inputs"),
        ("", "no expression"),
        ("import os", "neither an expression nor an assignment"),
        ("X.tolist()", "no operation of Tensor"),
        ("X.__class__", "no operation of Tensor"),
        ("X @ W", "has to be one number"),
        ("X @ X", "ValueError"),
        ("3 + 4", "is no Tensor"),
        ("; ".join(["X = X * X"] * 30) + "; X.sum()", "too many for a picture"),
    ],
)
def test_an_impossible_expression_is_answered_in_words(program, words):
    explorer = course.explore_graph(Tensor, backward)
    explorer.controls["program"].value = program
    assert words in explorer.description


@pytest.mark.parametrize("inputs", ["X 4y3", "X 100x100", "X 0x3", "4x3", "X 4 3"])
def test_impossible_inputs_are_answered_in_words(inputs):
    explorer = course.explore_graph(Tensor, backward)
    explorer.controls["inputs"].value = inputs
    assert "ValueError" in explorer.description


def test_unsolved_exercises_get_the_given_engine():
    scope = stubs()
    explorer = last_step(course.explore_graph(scope["Tensor"], scope["backward"]))
    assert "until your Tensor is solved" in explorer.description
    assert "All gradients of inputs agree" in explorer.description


def test_an_unsolved_backward_is_said_to_be_so():
    explorer = last_step(course.explore_graph(Tensor, stubs()["backward"]))
    assert "Your backward is not solved yet" in explorer.description


class NotSummedBack(Tensor):
    """A student's Tensor whose + keeps the broadcast shape of the gradient."""

    def __add__(self, other):
        other = type(self).wrap(other)
        return type(self)(self.data + other.data, (self, other), (lambda g: g, lambda g: g))

    def __matmul__(self, other):
        product = Tensor(self.data) @ Tensor(other.data)
        return type(self)(product.data, (self, other), product.vjps)

    def relu(self):
        return type(self)(np.maximum(self.data, 0), (self,), (lambda g: g * (self.data > 0),))

    def sum(self):
        return type(self)(self.data.sum(), (self,), (lambda g: g * np.ones(self.data.shape),))


def test_a_gradient_of_the_wrong_shape_is_marked_on_its_edge_and_named():
    explorer = course.explore_graph(NotSummedBack, backward)
    explorer.controls["step"].value = 4
    assert "(4, 2) ≠ (2,)" in picture(explorer)
    assert "which is not the shape (2,) that it needs" in explorer.description
    assert "Not right: b" in last_step(explorer).description


def test_a_wrong_backward_is_noticed():
    def assigns(root):
        backward(root)
        for node in given.topological_order(root):
            node.grad = 2 * node.grad

    assert "Your backward differs for X, W, b" in last_step(course.explore_graph(Tensor, assigns)).description


def test_names_are_escaped_in_the_picture():
    node = course.Node("<b>", "", Tensor(1.0), (), is_input=True)
    assert "<b>" not in course.graph_svg([node], course.Frame())


# --- the writer, and the speed ----------------------------------------------------------------------


def tanh(z):
    return 1 - 2 / ((2 * z).exp() + 1)


def write(parameters, points):
    h, U, c, V, d = parameters
    places = []
    for _ in range(points):
        h = tanh(h @ U + c)
        places.append(h @ V + d)
    return places


def test_the_tape_agrees_with_backpropagation_through_time_by_hand():
    parameters = course.fresh_writer(np.random.default_rng(1))
    loss, wanted = course.gradients_by_hand(parameters)
    tensors = [Tensor(p) for p in parameters]
    pairs = zip(write(tensors, course.POINTS), course.figure_eight(), strict=True)
    root = sum(((place - goal) ** 2).sum() for place, goal in pairs) / course.POINTS
    backward(root)
    assert float(root.data) == pytest.approx(loss, rel=ROUND_OFF)
    for tensor, gradient in zip(tensors, wanted, strict=True):
        np.testing.assert_allclose(tensor.grad, gradient, rtol=1e-9, atol=1e-12)  # sums over 24 steps


def test_the_gradients_by_hand_agree_with_finite_differences():
    parameters = course.fresh_writer(np.random.default_rng(1))
    _, found = course.gradients_by_hand(parameters)
    for k, gradient in enumerate(found):

        def loss(p, k=k):
            return course.gradients_by_hand([*parameters[:k], p, *parameters[k + 1 :]])[0]

        np.testing.assert_allclose(gradient, numerical(loss, parameters[k]), atol=DIFFERENCE)


def test_the_writer_learns_the_figure_eight():
    explorer = course.explore_writing(write, Tensor, backward)
    before = picture(explorer)
    assert "After 0 steps the loss is 0.81" in explorer.description
    explorer.controls["step"].value = course.STEPS
    assert picture(explorer) != before
    laps, losses = course.train_writer(course.gradients_by_hand)
    assert losses[-1] < 0.01 * losses[0]
    assert np.abs(laps[course.STEPS][: course.POINTS] - course.figure_eight()).max() < 0.1
    explorer.controls["points"].value = 2 * course.POINTS
    assert "on those after it the pen strays" in explorer.description


def test_an_unsolved_engine_lets_the_given_gradients_write():
    scope = stubs()
    assert (
        "until your Tensor.__matmul__ is solved"
        in course.explore_writing(write, scope["Tensor"], scope["backward"]).description
    )


def test_the_speed_of_both_engines_is_measured_on_equal_gradients(monkeypatch):
    monkeypatch.setattr(course, "WIDTHS", (2, 4))
    explorer = course.compare_speed(Tensor, backward)
    assert "Width 4: 128 products" in explorer.description
    before = picture(explorer)
    explorer.controls["width"].value = 2
    assert picture(explorer) != before
    X, W = course._layer(3)
    values = course.scalars.as_values(W)
    Y = course.scalars.as_values(X) @ values
    course.scalars.backward((Y * Y).sum())
    w = Tensor(W)
    product = Tensor(X) @ w
    backward((product * product).sum())
    np.testing.assert_allclose(w.grad, course.scalars.gradients_of(values), rtol=ROUND_OFF)


def test_an_unsolved_engine_is_named_instead_of_measured(capsys):
    scope = stubs()
    assert course.compare_speed(scope["Tensor"], scope["backward"]) is None
    assert capsys.readouterr().out == "Solve Tensor.__matmul__ first.\n"


def test_each_stub_of_a_released_class_names_its_method():
    (cell,) = (c for c in release_form(nbformat.read(SOURCE, as_version=4)).cells if c.id == "Tensor")
    found = re.findall(
        r"def (\w+)\([^\n]*\n(?:(?! +def ).*\n)*? +raise NotImplementedError\(\"Tensor\.(\w+)\"\)", cell.source
    )
    assert len(found) == cell.source.count("raise NotImplementedError") == 10
    assert all(method == named for method, named in found)


@pytest.mark.parametrize("name", course.FIGURES)
def test_the_notebook_shows_each_static_picture(name):
    assert f"](figures/{name}.svg)" in SOURCE.read_text(encoding="utf-8")
    assert (SOURCE.parent / "figures" / f"{name}.svg").is_file()
