"""Unit 8: the references against independent oracles, the lectures' statements, and the explorers."""

import itertools
import math
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest

from backprop_course import activations as explorers
from backprop_course.given import activations as given
from backprop_solutions import activations as unit

N, D, K, P = 4, 3, 5, 6
# A handful of operations in float64, each of relative error 1.1e-16; entries of order one.
ROUND_OFF = {"rtol": 1e-12, "atol": 1e-13}
# Central differences of order-one functions with h = 1e-6: h^2 for the truncation, 1e-16 / h for round-off.
DIFFERENCES = {"rtol": 1e-7, "atol": 1e-8}


@pytest.fixture
def rng():
    return np.random.default_rng(8)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def pulled_back(function, g, x, h=1e-6):
    """Return the gradient of g . function(x) by central differences, entry by entry."""
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = np.sum(g * (function(x + step) - function(x - step))) / (2 * h)
    return gradient


def off_the_kinks(rng, shape, kinks):
    z = rng.normal(scale=2, size=shape)
    for kink in kinks:
        z[np.abs(z - kink) < 0.01] += 0.02
    return z


# --- leaky ReLU and hard tanh -----------------------------------------------------------------------


def test_leaky_relu_is_the_decks_sum_of_two_halves(rng):
    z = rng.normal(size=(N, K))
    expected = np.maximum(0, z) + 0.01 * np.minimum(0, z)
    np.testing.assert_allclose(unit.leaky_relu(z, 0.01), expected, **ROUND_OFF)


def test_leaky_relu_agrees_with_pytorch(rng, torch):
    z = rng.normal(size=(N, K))
    expected = torch.nn.functional.leaky_relu(torch.tensor(z), 0.2).numpy()
    np.testing.assert_allclose(unit.leaky_relu(z, 0.2), expected, **ROUND_OFF)


@pytest.mark.parametrize("shape", [(), (K,), (N, K), (2, N, K)])
def test_the_vjp_of_leaky_relu_agrees_with_differences_for_every_shape(rng, shape):
    z, g = np.asarray(off_the_kinks(rng, (*shape, 1), [0.0]))[..., 0], rng.normal(size=shape)
    numerical = pulled_back(lambda z: unit.leaky_relu(z, 0.3), g, z)
    np.testing.assert_allclose(unit.leaky_relu_vjp(g, z, 0.3), numerical, **DIFFERENCES)


def test_hard_tanh_agrees_with_pytorch(rng, torch):
    z = rng.normal(scale=2, size=(N, K))
    expected = torch.nn.functional.hardtanh(torch.tensor(z)).numpy()
    np.testing.assert_array_equal(unit.hard_tanh(z), expected)


def test_hard_tanh_is_a_difference_of_two_convex_functions(rng):
    z = rng.normal(scale=2, size=(N, K))
    difference = np.maximum(z, -1) - np.maximum(z - 1, 0)
    np.testing.assert_allclose(unit.hard_tanh(z), difference, **ROUND_OFF)


@pytest.mark.parametrize("shape", [(K,), (N, K), (2, N, K)])
def test_the_vjp_of_hard_tanh_agrees_with_differences(rng, shape):
    z, g = off_the_kinks(rng, shape, [-1.0, 1.0]), rng.normal(size=shape)
    np.testing.assert_allclose(unit.hard_tanh_vjp(g, z), pulled_back(unit.hard_tanh, g, z), **DIFFERENCES)


@pytest.mark.parametrize("name", ["leaky_relu", "hard_tanh"])
def test_vjps_agree_with_the_gradients_of_pytorch(rng, torch, name):
    z, g = off_the_kinks(rng, (N, K), [-1.0, 0.0, 1.0]), rng.normal(size=(N, K))
    leaf = torch.tensor(z, requires_grad=True)
    output = {"leaky_relu": lambda z: torch.nn.functional.leaky_relu(z, 0.01), "hard_tanh": torch.nn.Hardtanh()}
    output[name](leaf).backward(torch.tensor(g))
    own = unit.leaky_relu_vjp(g, z, 0.01) if name == "leaky_relu" else unit.hard_tanh_vjp(g, z)
    np.testing.assert_allclose(own, leaf.grad.numpy(), **ROUND_OFF)


# --- what reaches the first layer -------------------------------------------------------------------

ACTIVATIONS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "linear": lambda z: z,
}
WIDTHS = (D, 4, 7, 6, 5)


def network(rng, widths=WIDTHS, scale=1.0):
    weights = [rng.normal(scale=scale, size=pair) for pair in itertools.pairwise(widths)]
    return weights, rng.normal(size=widths[0]), rng.normal(size=widths[-1])


def numerical_norms(weights, activation, x, g):
    """Shift the pre-activations of each layer in turn and run the rest of the network."""
    act, norms, h = ACTIVATIONS[activation], [], x
    for layer, W in enumerate(weights):
        z = h @ W

        def rest(z, layer=layer):
            out = act(z)
            for V in weights[layer + 1 :]:
                out = act(out @ V)
            return out

        norms.append(np.linalg.norm(pulled_back(rest, g, z)))
        h = act(z)
    return norms


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_norms_agree_with_differences_at_every_layer(rng, activation):
    weights, x, g = network(rng, scale=0.7)
    norms = unit.gradient_norms(weights, activation, x, g)
    np.testing.assert_allclose(norms, numerical_norms(weights, activation, x, g), **DIFFERENCES)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_norms_agree_with_pytorch_twenty_layers_deep(rng, torch, activation):
    weights, x, g = network(rng, (D, *[K, N] * 9, 7, K), scale=0.6)
    h, zs = torch.tensor(x), []
    for W in weights:
        z = h @ torch.tensor(W).requires_grad_()
        z.retain_grad()
        zs.append(z)
        h = getattr(torch, activation)(z) if activation != "linear" else z
    h.backward(torch.tensor(g))
    expected = [float(z.grad.norm()) for z in zs]
    assert len(expected) == 20
    np.testing.assert_allclose(unit.gradient_norms(weights, activation, x, g), expected, rtol=1e-9, atol=0)


def test_the_gradient_of_a_linear_network_is_a_product_of_matrices(rng):
    weights, x, g = network(rng)
    total = np.eye(K)
    expected = [np.linalg.norm(g)]
    for W in weights[:0:-1]:
        total = W @ total  # (width of the layer before, K)
        expected.append(np.linalg.norm(total @ g))
    np.testing.assert_allclose(unit.gradient_norms(weights, "linear", x, g), expected[::-1], **ROUND_OFF)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_norms_are_finite_and_silent_for_pre_activations_of_a_thousand(activation):
    weights = [np.array([[1000.0, -1000.0, 3.0]]), np.eye(3)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        norms = unit.gradient_norms(weights, activation, np.array([1.0]), np.ones(3))
    assert np.all(np.isfinite(norms))


def test_ten_sigmoids_pass_at_most_a_millionth():
    weights, x = [np.ones((1, 1))] * 10, np.zeros(1)
    first, *_ = unit.gradient_norms(weights, "sigmoid", x, np.ones(1))
    # At z = 0 the first slope is 1/4; the others are a little less, at z = 0.5 ... 0.66.
    assert 0.22**10 < first < 0.25**10 < 1e-6


def test_another_activation_is_refused_by_name(rng):
    weights, x, g = network(rng)
    with pytest.raises(ValueError, match="softsign"):
        unit.gradient_norms(weights, "softsign", x, g)


def test_a_layer_that_is_off_passes_exactly_nothing():
    weights = [np.eye(3), -np.ones((3, 2)), np.ones((2, 4))]
    first, second, third = unit.gradient_norms(weights, "relu", np.ones(3), np.ones(4))
    assert first == second == third == 0.0


# --- scales -----------------------------------------------------------------------------------------


def test_he_scale_keeps_the_mean_square_of_signals_through_relu_layers(rng):
    width, rows = 200, 400
    W = rng.normal(scale=unit.he_scale(width), size=(width, 300))
    Z = rng.normal(size=(rows, width))
    after = np.maximum(Z, 0) @ W
    # Mean over 120,000 entries that share 300 columns: a spread of a few percent.
    assert np.mean(after**2) == pytest.approx(np.mean(Z**2), rel=0.1)


def test_xavier_scale_is_the_compromise_between_both_directions():
    s = unit.xavier_scale(30, 70)
    assert (30 * s**2 + 70 * s**2) / 2 == pytest.approx(1.0, rel=1e-12)


def test_scales_are_those_of_pytorch(torch):
    w = torch.empty(300, 700, dtype=torch.float64)  # (fan_out, fan_in)
    generator = torch.Generator().manual_seed(8)
    torch.nn.init.kaiming_normal_(w, nonlinearity="relu", generator=generator)
    # The standard deviation of 210,000 draws is known to 0.2 %.
    assert unit.he_scale(700) == pytest.approx(float(w.std()), rel=0.01)
    torch.nn.init.xavier_normal_(w, generator=generator)
    assert unit.xavier_scale(700, 300) == pytest.approx(float(w.std()), rel=0.01)


# --- dead units -------------------------------------------------------------------------------------


def test_dead_units_are_those_whose_gradient_is_zero_for_every_row(rng):
    Z = rng.normal(size=(N, 40)) - 1.0
    learns = [any(max(0.0, z + 1e-9) > max(0.0, z) for z in column) for column in Z.T]
    dead = unit.dead_units(Z)
    assert dead.dtype == bool and 0 < dead.sum() < 40
    np.testing.assert_array_equal(dead, ~np.array(learns))


@pytest.mark.parametrize("shape", [(1, K), (N, 1), (1, 1)])
def test_dead_units_keep_their_shape_for_one_row_or_one_unit(rng, shape):
    assert unit.dead_units(rng.normal(size=shape)).shape == (shape[1],)


# --- kinks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("v", np.linspace(-1.5, 1.5, 31))
def test_the_subgradients_of_the_absolute_value_at_zero_are_those_from_minus_one_to_one(v):
    points = np.linspace(-2, 2, 9)[:, None]
    found = unit.is_subgradient(lambda x: abs(x[0]), np.zeros(1), np.array([v]), points)
    assert found is bool(abs(v) <= 1 + 1e-12)


def test_both_lectures_slopes_of_relu_at_zero_are_subgradients():
    points = np.linspace(-2, 2, 9)[:, None]
    relu = lambda x: max(0.0, x[0])  # noqa: E731
    fau, cmu = np.zeros(1), np.ones(1)
    assert unit.is_subgradient(relu, np.zeros(1), fau, points)
    assert unit.is_subgradient(relu, np.zeros(1), cmu, points)


def test_the_gradient_of_a_convex_function_is_a_subgradient_and_no_other_vector_is(rng):
    A = rng.normal(size=(D, D))
    x0, points = rng.normal(size=D), rng.normal(size=(200, D))
    points[:D] = x0 + 1e-3 * np.eye(D)
    points[D : 2 * D] = x0 - 1e-3 * np.eye(D)
    f = lambda x: np.sum((A @ x) ** 2)  # noqa: E731
    gradient = 2 * A.T @ A @ x0
    assert unit.is_subgradient(f, x0, gradient, points)
    for k in range(D):
        assert not unit.is_subgradient(f, x0, gradient + np.eye(D)[k], points)


def test_a_step_against_a_subgradient_may_go_uphill():
    f = lambda x: abs(x[0]) + 3 * abs(x[1])  # noqa: E731
    x0, v = np.array([1.0, 0.0]), np.array([1.0, 3.0])
    grid = np.stack(np.meshgrid(np.linspace(-2, 2, 21), np.linspace(-2, 2, 21)), axis=-1).reshape(-1, 2)
    assert unit.is_subgradient(f, x0, v, grid)
    assert f(x0 - 0.05 * v) > f(x0)


def test_the_slope_of_hard_tanh_at_zero_is_no_subgradient():
    points = np.array([[-3.0], [0.5], [3.0]])
    assert not unit.is_subgradient(lambda x: unit.hard_tanh(x)[0], np.zeros(1), np.ones(1), points)


# --- hinge loss -------------------------------------------------------------------------------------


def test_hinge_loss_of_four_examples_worked_by_hand():
    z, t = np.array([2.0, 0.5, -1.0, -3.0]), np.array([1, 1, 1, -1])
    # 1 - tz = -1, 0.5, 2, -2
    assert unit.hinge_loss(z, t) == pytest.approx(2.5 / 4, rel=1e-15)


def test_hinge_loss_and_gradient_agree_with_pytorch(rng, torch):
    z, t = rng.normal(scale=2, size=7), rng.choice([-1.0, 1.0], size=7)
    leaf = torch.tensor(z, requires_grad=True)
    loss = torch.clamp(1 - torch.tensor(t) * leaf, min=0).mean()
    loss.backward()
    assert unit.hinge_loss(z, t) == pytest.approx(float(loss.detach()), rel=1e-12)
    np.testing.assert_allclose(unit.hinge_gradient(z, t), leaf.grad.numpy(), **ROUND_OFF)


@pytest.mark.parametrize("kind", [int, float])
def test_the_hinge_gradient_agrees_with_differences_for_integer_and_float_targets(rng, kind):
    t = rng.choice([-1, 1], size=9).astype(kind)
    z = off_the_kinks(rng, 9, [-1.0, 1.0])
    numerical = pulled_back(lambda z: unit.hinge_loss(z, t), 1.0, z)
    np.testing.assert_allclose(unit.hinge_gradient(z, t), numerical, **DIFFERENCES)


def test_the_hinge_gradient_at_the_kink_is_zero():
    np.testing.assert_array_equal(unit.hinge_gradient(np.array([1.0, -1.0]), np.array([1, -1])), [0.0, 0.0])


def test_rwths_warning_squared_error_on_tanh_has_no_gradient_for_a_confident_mistake():
    margin = -8.0
    squared = -2 * (1 - math.tanh(margin)) / math.cosh(margin) ** 2
    assert abs(squared) < 2e-6
    assert unit.hinge_gradient(np.array([margin]), np.array([1]))[0] == -1.0


# --- maxout -----------------------------------------------------------------------------------------


def maxout_by_loops(X, W, b):
    out = np.empty((len(X), W.shape[2]))
    for n, k in np.ndindex(*out.shape):
        out[n, k] = max(sum(X[n, d] * W[p, d, k] for d in range(X.shape[1])) + b[p, k] for p in range(len(W)))
    return out


def layer(rng, n=N, d=D, k=K, p=P):
    return rng.normal(size=(n, d)), rng.normal(size=(p, d, k)), rng.normal(size=(p, k))


@pytest.mark.parametrize("sizes", [(N, D, K, P), (1, D, K, P), (N, 1, K, P), (N, D, 1, P), (N, D, K, 1)])
def test_maxout_agrees_with_loops_for_every_shape(rng, sizes):
    X, W, b = layer(rng, *sizes)
    np.testing.assert_allclose(unit.maxout(X, W, b), maxout_by_loops(X, W, b), **ROUND_OFF)


@pytest.mark.parametrize("sizes", [(N, D, K, P), (1, D, K, P), (N, 1, K, P), (N, D, 1, P), (N, D, K, 1)])
def test_the_vjp_of_maxout_agrees_with_differences_for_every_argument(rng, sizes):
    X, W, b = layer(rng, *sizes)
    G = rng.normal(size=(sizes[0], sizes[2]))
    dX, dW, db = unit.maxout_vjp(G, X, W, b)
    np.testing.assert_allclose(dX, pulled_back(lambda X: maxout_by_loops(X, W, b), G, X), **DIFFERENCES)
    np.testing.assert_allclose(dW, pulled_back(lambda W: maxout_by_loops(X, W, b), G, W), **DIFFERENCES)
    np.testing.assert_allclose(db, pulled_back(lambda b: maxout_by_loops(X, W, b), G, b), **DIFFERENCES)


def test_the_vjp_of_maxout_agrees_with_pytorch(rng, torch):
    X, W, b = layer(rng)
    G = rng.normal(size=(N, K))
    leaves = [torch.tensor(a, requires_grad=True) for a in (X, W, b)]
    pieces = torch.einsum("nd,pdk->pnk", leaves[0], leaves[1]) + leaves[2][:, None]
    pieces.max(dim=0).values.backward(torch.tensor(G))
    for own, leaf in zip(unit.maxout_vjp(G, X, W, b), leaves, strict=True):
        np.testing.assert_allclose(own, leaf.grad.numpy(), **ROUND_OFF)


def test_of_tied_pieces_the_first_gets_the_gradient(rng):
    X, W, b = layer(rng, p=2)
    W, b = np.concatenate([W, W]), np.concatenate([b, b])
    G = rng.normal(size=(N, K))
    _, dW, db = unit.maxout_vjp(G, X, W, b)
    assert not dW[2:].any() and not db[2:].any()
    np.testing.assert_allclose(db.sum(axis=0), G.sum(axis=0), **ROUND_OFF)


def test_maxout_can_be_a_relu_and_a_leaky_relu(rng):
    w, b, X = rng.normal(size=D), 0.7, rng.normal(size=(50, D))
    z = X @ w + b
    np.testing.assert_allclose(unit.maxout(X, *unit.maxout_as_relu(w, b))[:, 0], np.maximum(z, 0), **ROUND_OFF)
    leaky = unit.maxout(X, *unit.maxout_as_leaky_relu(w, b, 0.01))[:, 0]
    np.testing.assert_allclose(leaky, np.maximum(0, z) + 0.01 * np.minimum(0, z), **ROUND_OFF)


@pytest.mark.parametrize(
    "make", [lambda w, b: unit.maxout_as_relu(w, b), lambda w, b: unit.maxout_as_leaky_relu(w, b, 0.2)]
)
def test_the_shapes_of_a_maxout_unit_of_two_pieces(rng, make):
    W, b = make(rng.normal(size=D), 0.7)
    assert W.shape == (2, D, 1) and b.shape == (2, 1)


def test_maxout_is_convex_so_no_maxout_unit_is_a_tanh(rng):
    X, W, b = layer(rng, n=300, d=2, k=1, p=7)
    Y = X[::-1]
    middle = unit.maxout((X + Y) / 2, W, b)
    assert np.all(middle <= (unit.maxout(X, W, b) + unit.maxout(Y, W, b)) / 2 + 1e-12)
    assert math.tanh(1.0) > (math.tanh(0.0) + math.tanh(2.0)) / 2


# --- the page ---------------------------------------------------------------------------------------

NOTEBOOK = Path(__file__).parents[1] / "course" / "source" / "08_activations" / "08_activations.ipynb"


@pytest.mark.parametrize(
    ("cell", "printed"),
    [
        ("ten-sigmoids", ["3.9e-07", "2.2e-01"]),  # "the first number is 3.9e-7, the last 0.22"
        ("dying-units", ["6% dead", "94% dead", "2.86, with a leak of 0.1: 2.87", "0.10, with a leak of 0.1: 0.41"]),
        ("uphill", ["a subgradient: True", "1.0 1.8"]),
        ("not-convex", ["False"]),
        ("two-maxouts", ["[-1. -1. -1.  0.  1.  1.  1.]\n [-1. -1. -1.  0.  1.  1.  1.]"]),
    ],
)
def test_a_cell_of_the_page_prints_what_the_text_around_it_says(capsys, cell, printed):
    source = next(c.source for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.id == cell)
    exec(source, {**vars(unit)})
    output = capsys.readouterr().out
    for words in printed:
        assert words in output


def test_relu_layers_at_xaviers_scale_lose_a_factor_of_the_root_of_two_each(rng):
    lost = []
    for _ in range(20):
        weights = list(rng.normal(scale=unit.xavier_scale(64, 64), size=(30, 64, 64)))
        first, *_, last = unit.gradient_norms(weights, "relu", rng.normal(size=64), rng.normal(size=64))
        lost.append(np.log2(first / last) / 29)
    # Of 20 networks the mean exponent of a layer is known to a few hundredths.
    assert np.mean(lost) == pytest.approx(-0.5, abs=0.1)


# --- the explorers ----------------------------------------------------------------------------------

OWN = unit.leaky_relu, unit.leaky_relu_vjp, unit.hard_tanh, unit.hard_tanh_vjp
EXPLORERS = {
    "activation": explorers.explore_activation,
    "own activations": lambda: explorers.explore_activation(*OWN),
    "depth": lambda: explorers.explore_depth(unit.gradient_norms, unit.xavier_scale, unit.he_scale),
    "margin": lambda: explorers.explore_margin(unit.hinge_loss, unit.hinge_gradient),
    "maxout": lambda: explorers.explore_maxout(unit.maxout, unit.maxout_vjp),
}


def unsolved(*names):
    def make(name):
        def function(*_):
            raise NotImplementedError(name)

        function.__name__ = name
        return function

    return [make(name) for name in names]


def choose(explorer, prediction):
    question = explorer.children[0]
    question.children[1].value = prediction
    return question.children[2].value


def test_what_stands_in_for_unsolved_exercises_is_right(rng):
    z, g, t = off_the_kinks(rng, 9, [-1.0, 0.0, 1.0]), rng.normal(size=9), rng.choice([-1.0, 1.0], size=9)
    weights, x, upstream = network(rng, scale=0.7)
    X, W, b = layer(rng)
    G = rng.normal(size=(N, K))
    pairs = [
        (given.leaky_relu(z, 0.1), unit.leaky_relu(z, 0.1)),
        (given.leaky_relu_vjp(g, z, 0.1), unit.leaky_relu_vjp(g, z, 0.1)),
        (given.hard_tanh(z), unit.hard_tanh(z)),
        (given.hard_tanh_vjp(g, z), unit.hard_tanh_vjp(g, z)),
        (given.hinge_loss(z, t), unit.hinge_loss(z, t)),
        (given.hinge_gradient(z, t), unit.hinge_gradient(z, t)),
        (given.maxout(X, W, b), unit.maxout(X, W, b)),
        *zip(given.maxout_vjp(G, X, W, b), unit.maxout_vjp(G, X, W, b), strict=True),
        (given.xavier_scale(3, 5), unit.xavier_scale(3, 5)),
        (given.he_scale(8), unit.he_scale(8)),
    ]
    pairs += [
        (given.gradient_norms(weights, name, x, upstream), unit.gradient_norms(weights, name, x, upstream))
        for name in ACTIVATIONS
    ]
    for stand_in, reference in pairs:
        np.testing.assert_allclose(stand_in, reference, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "held", "failed", "because"),
    [
        ("activation", "ReLU", "tanh", "0.018, 0.0013, 0 and 1"),
        ("depth", "less than a hundred-thousandth", "about a half", "a millionth"),
        ("margin", "squared error", "hinge", "0.005"),
        ("maxout", "hard tanh", "parabola", "convex"),
    ],
)
def test_a_prediction_is_resolved_whatever_was_chosen(name, held, failed, because):
    explorer = EXPLORERS[name]()
    right, wrong = explorer.judged(held), explorer.judged(failed)
    assert "It held." in right and because in right
    assert f"It did not hold. What is seen: {held}." in wrong and because in wrong


def test_the_numbers_of_the_resolved_predictions_are_right():
    z = np.array([4.0])
    slopes = [
        explorers._activation(name, 0.1, explorers.STAND_INS)[1](np.ones(1), z)[0] for name in ("sigmoid", "tanh")
    ]
    assert f"{slopes[0]:.3f} {slopes[1]:.4f}" == "0.018 0.0013"
    words = EXPLORERS["depth"]().description
    assert "Of a gradient of length 1, a length of 1e-06 reaches the first layer" in words


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_control_that_can_be_seen_changes_the_picture(name):
    explorer = EXPLORERS[name]()
    for control in explorer.controls.values():
        if control.layout.display == "none":
            continue
        before, start = explorer._image.value, control.value
        control.value = control.options[-1] if hasattr(control, "options") else control.min
        if control.value == start:
            control.value = control.max
        assert explorer._image.value != before, control.description
        assert "Error" not in explorer.description
        control.value = start


def test_the_slope_of_the_leaky_relu_is_asked_for_only_where_it_matters():
    controls = explorers.explore_activation().controls
    assert controls["slope"].layout.display == "none"
    controls["name"].value = "leaky ReLU"
    assert controls["slope"].layout.display is None


@pytest.mark.parametrize(("activation", "kink"), [("sign", "jumps"), ("ReLU", "two slopes meet")])
def test_the_words_say_what_is_special_about_a_kink(activation, kink):
    explorer = explorers.explore_activation()
    explorer.controls["name"].value, explorer.controls["z"].value = activation, 0.0
    assert kink in explorer.description


@pytest.mark.parametrize(("button", "activation"), [("Xavier's scale", "tanh"), ("He's scale", "relu")])
def test_a_button_sets_the_scale_at_which_the_gradient_keeps_its_size(button, activation):
    explorer = EXPLORERS["depth"]()
    explorer.controls["activation"].value = activation
    assert "vanishes" in explorer.description
    buttons = explorer.children[-1].children[0].children
    next(b for b in buttons if b.description == button).click()
    assert "keeps its size" in explorer.description


def test_a_piece_that_wins_nowhere_is_called_dead():
    explorer = EXPLORERS["maxout"]()
    explorer.controls["slope1"].value, explorer.controls["offset1"].value = 0.0, -2.0
    assert "Piece 2 wins nowhere" in explorer.description


def test_descent_brings_a_maxout_unit_closer_to_a_parabola():
    explorer = EXPLORERS["maxout"]()
    explorer.controls["steps"].value = 300
    before, after = 0.0572, 0.0060  # a tenth of what it was
    assert f"{after:.4f}, after 300 steps of descent from {before:.4f}" in explorer.description


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: explorers.explore_activation(*unsolved("leaky_relu"), *OWN[1:]),
            "your leaky_relu_vjp; a given function until your leaky_relu is solved",
        ),
        (
            lambda: explorers.explore_depth(*unsolved("gradient_norms", "xavier_scale", "he_scale")),
            "given functions until your gradient_norms, xavier_scale and he_scale are solved",
        ),
        (
            lambda: explorers.explore_margin(*unsolved("hinge_loss", "hinge_gradient")),
            "given functions until your hinge_loss and hinge_gradient are solved",
        ),
        (
            lambda: explorers.explore_maxout(*unsolved("maxout"), unit.maxout_vjp),
            "your maxout_vjp; a given function until your maxout is solved",
        ),
    ],
)
def test_unsolved_exercises_are_replaced_and_named(make, words):
    explorer = make()
    assert words in explorer.description
    assert "Error" not in explorer.description


@pytest.mark.parametrize(
    "make",
    [
        lambda: explorers.explore_activation(lambda z, slope: None, *OWN[1:]),
        lambda: explorers.explore_depth(lambda *_: [1.0], unit.xavier_scale, unit.he_scale),
        lambda: explorers.explore_margin(lambda z, t: 1 / 0, unit.hinge_gradient),
        lambda: explorers.explore_maxout(lambda X, W, b: X @ W, unit.maxout_vjp),
    ],
)
def test_a_wrong_function_is_named_where_the_picture_would_be(make):
    assert "Error" in make().description
