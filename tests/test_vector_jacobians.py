"""Unit 4: the references against oracles of another kind, the given tools, and the explorers."""

import itertools
import re
import tracemalloc
from pathlib import Path

import ipywidgets as widgets
import nbformat
import numpy as np
import pytest

from backprop_autograder.cli import find_course
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.engine.probe import answer
from backprop_autograder.judging.answer_key import load_exercises
from backprop_course import borders
from backprop_course import vector_jacobians as course
from backprop_solutions import vector_jacobians as unit

NOTEBOOK = find_course(Path(__file__)).source("04_vector_jacobians") / "04_vector_jacobians.ipynb"
N, D, K = 4, 3, 5
CLOSE = {"rtol": 1e-12, "atol": 1e-13}  # a handful of float64 operations on numbers of order one


@pytest.fixture
def rng():
    return np.random.default_rng(2024)


def pulled_back(forward, A, G):
    """Return the gradient of sum(G * forward(A)) by complex steps, exact to round-off, entry by entry."""
    gradient = np.zeros(A.shape)
    for index in np.ndindex(A.shape):
        shifted = A.astype(complex)
        shifted[index] += 1e-40j
        gradient[index] = (G * forward(shifted)).sum().imag / 1e-40
    return gradient


def softmax(Z):
    weights = np.exp(Z)
    return weights / weights.sum(axis=-1, keepdims=True)


# --- references -------------------------------------------------------------------------------------


def test_linear_forward_is_the_sum_that_defines_it(rng):
    X, W, b = rng.normal(size=(N, D)), rng.normal(size=(D, K)), rng.normal(size=K)
    expected = [[sum(X[n, d] * W[d, k] for d in range(D)) + b[k] for k in range(K)] for n in range(N)]
    np.testing.assert_allclose(unit.linear_forward(X, W, b), expected, **CLOSE)


def test_linear_backward_agrees_with_complex_steps_in_all_three_gradients(rng):
    X, W, b, G = (rng.normal(size=shape) for shape in ((N, D), (D, K), (K,), (N, K)))
    dX, dW, db = unit.linear_backward(G, X, W)
    np.testing.assert_allclose(dX, pulled_back(lambda X: X @ W + b, X, G), **CLOSE)
    np.testing.assert_allclose(dW, pulled_back(lambda W: X @ W + b, W, G), **CLOSE)
    np.testing.assert_allclose(db, pulled_back(lambda b: X @ W + b, b, G), **CLOSE)


def test_linear_backward_of_one_row_is_the_outer_product_of_the_lectures(rng):
    x, g, W = rng.normal(size=D), rng.normal(size=K), rng.normal(size=(D, K))
    _, dW, _ = unit.linear_backward(g[None], x[None], W)
    for d, k in np.ndindex(D, K):
        assert dW[d, k] == x[d] * g[k]


def test_elementwise_jacobian_times_a_vector_scales_each_entry(rng):
    z, v = rng.normal(size=D), rng.normal(size=D)
    J = unit.elementwise_jacobian(np.cos, z)
    assert J.shape == (D, D)
    np.testing.assert_allclose(J @ v, [np.cos(z[i]) * v[i] for i in range(D)], **CLOSE)


@pytest.mark.parametrize(
    ("vjp", "forward"),
    [(unit.tanh_vjp, np.tanh), (unit.sigmoid_vjp, lambda z: 1 / (1 + np.exp(-z)))],
    ids=["tanh", "sigmoid"],
)
def test_activation_vjps_agree_with_complex_steps(vjp, forward, rng):
    Z, G = rng.normal(size=(N, D)), rng.normal(size=(N, D))
    np.testing.assert_allclose(vjp(G, forward(Z)), pulled_back(forward, Z, G), **CLOSE)


def test_sigmoid_slope_at_2_is_the_one_of_the_pre_activation():
    activation = 1 / (1 + np.exp(-2.0))
    # 0.105 = f'(z); the lectures' misprint f'(y) would give 0.207.
    assert unit.sigmoid_vjp(np.array([1.0]), np.array([activation]))[0] == pytest.approx(0.105, abs=5e-4)


def test_relu_vjp_passes_negative_gradients_and_blocks_at_zero():
    dZ = unit.relu_vjp(np.array([-1.0, -2.0, 3.0]), np.array([5.0, 0.0, -1.0]))
    assert dZ.tolist() == [-1.0, 0.0, 0.0]


def test_softmax_jacobian_agrees_with_complex_steps(rng):
    z = rng.normal(size=K)
    J = unit.softmax_jacobian(softmax(z))
    rows = [pulled_back(softmax, z, np.eye(K)[i]) for i in range(K)]
    np.testing.assert_allclose(J, rows, **CLOSE)


def test_softmax_jacobian_of_the_lectures_table():
    J = unit.softmax_jacobian(softmax(np.array([-3.44, 1.16, -0.81, 3.91])))
    # FAU's probabilities are printed with four decimals.
    assert J[3, 3] == pytest.approx(0.9315 * 0.0685, abs=1e-4)
    np.testing.assert_allclose(J.sum(axis=0), 0, atol=1e-15)


def test_softmax_vjp_agrees_with_complex_steps(rng):
    Z, G = rng.normal(size=(N, K)), rng.normal(size=(N, K))
    np.testing.assert_allclose(unit.softmax_vjp(G, softmax(Z)), pulled_back(softmax, Z, G), **CLOSE)


def test_softmax_vjp_of_20000_classes_needs_a_few_arrays_of_their_size(rng):
    P, G = softmax(rng.normal(size=(2, 20_000))), rng.normal(size=(2, 20_000))
    tracemalloc.start()
    try:
        dZ = unit.softmax_vjp(G, P)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10 * G.nbytes
    assert abs(dZ.sum()) < 1e-12  # adding a constant to all logits changes nothing


def test_left_product_vjp_agrees_with_complex_steps(rng):
    W, X, G = rng.normal(size=(D, N)), rng.normal(size=(N, K)), rng.normal(size=(D, K))
    dW, dX = unit.left_product_vjp(G, W, X)
    np.testing.assert_allclose(dW, pulled_back(lambda W: W @ X, W, G), **CLOSE)
    np.testing.assert_allclose(dX, pulled_back(lambda X: W @ X, X, G), **CLOSE)


def test_right_product_vjp_agrees_with_complex_steps(rng):
    X, W, G = rng.normal(size=(N, D)), rng.normal(size=(D, K)), rng.normal(size=(N, K))
    dX, dW = unit.right_product_vjp(G, X, W)
    np.testing.assert_allclose(dX, pulled_back(lambda X: X @ W, X, G), **CLOSE)
    np.testing.assert_allclose(dW, pulled_back(lambda W: X @ W, W, G), **CLOSE)


@pytest.mark.parametrize(
    ("large", "shape"),
    [((N, K), s) for s in ((K,), (1, K), (N, 1), (1, 1), (1,), (), (N, K))]
    + [((2, N, K), s) for s in ((K,), (N, 1), (1, N, 1), (2, 1, K), (2, 1, 1))],
)
def test_unbroadcast_is_the_adjoint_of_broadcasting(large, shape, rng):
    G, v = rng.normal(size=large), rng.normal(size=shape)
    back = unit.unbroadcast(G, shape)
    assert np.shape(back) == shape
    # <G, broadcast v> = <unbroadcast G, v> for every v: the definition, without a formula for the sum.
    assert (G * np.broadcast_to(v, large)).sum() == pytest.approx((back * v).sum(), rel=1e-11, abs=1e-12)


def test_multiply_vjp_gives_the_slopes_of_the_lectures_product():
    dc, dd = unit.multiply_vjp(np.array([1.0]), np.array([3.0]), np.array([2.0]))
    assert (dc.tolist(), dd.tolist()) == ([2.0], [3.0])


def test_product_power_vjp_agrees_with_complex_steps(rng):
    z, alpha, g = rng.uniform(0.5, 2, size=D), rng.normal(size=(D, K)), rng.normal(size=K)
    alpha[0, 1] = 0.0
    expected = pulled_back(lambda z: np.prod(z[:, None] ** alpha, axis=0), z, g)
    np.testing.assert_allclose(unit.product_power_vjp(g, z, alpha), expected, **CLOSE)


def test_max_vjp_agrees_with_differences_away_from_ties(rng):
    z, g, groups = rng.permutation(7.0 + np.arange(7)), rng.normal(size=3), [[0, 1, 2], [2, 3, 4], [4, 5, 6]]

    def loss(z):
        return sum(a * max(z[group]) for a, group in zip(g, groups, strict=True))

    # Entries differ by 1, so a step of 1/4 changes no winner, and the loss is linear in between.
    slopes = [(loss(z + e / 4) - loss(z - e / 4)) * 2 for e in np.eye(7)]
    np.testing.assert_allclose(unit.max_vjp(g, z, groups), slopes, **CLOSE)


def test_max_vjp_gives_ties_to_the_first_index():
    dz = unit.max_vjp(np.array([5.0]), np.array([1.0, 2.0, 2.0]), [[0, 1, 2]])
    assert dz.tolist() == [0.0, 5.0, 0.0]


def test_three_linear_gradients_agree_with_complex_steps(rng):
    Ws, x, y = [rng.normal(size=s) for s in ((4, 3), (5, 4), (2, 5))], rng.normal(size=3), rng.normal(size=2)
    for k, gradient in enumerate(unit.three_linear_gradients(*Ws, x, y)):

        def loss(W, k=k):
            W1, W2, W3 = [*Ws[:k], W, *Ws[k + 1 :]]
            return ((W3 @ (W2 @ (W1 @ x)) - y) ** 2).sum() / 2

        np.testing.assert_allclose(gradient, pulled_back(loss, Ws[k], 1.0), rtol=1e-11, atol=1e-12)


def test_chains_give_the_lectures_gradient():
    jacobians = [np.array([[2.0, 3.0]]), np.array([[22.0]])]
    assert unit.vjp_chain(np.array([1.0]), jacobians).tolist() == [44.0, 66.0]
    assert unit.jvp_chain(jacobians, np.array([1.0, 0.0])).tolist() == [44.0]


def test_both_chains_belong_to_the_same_matrix(rng):
    jacobians = [rng.normal(size=(m, n)) for n, m in itertools.pairwise((3, 6, 4, 5))]
    g, v = rng.normal(size=5), rng.normal(size=3)
    by_paths = sum(
        g[d] * jacobians[2][d, c] * jacobians[1][c, b] * jacobians[0][b, a] * v[a]
        for a, b, c, d in itertools.product(range(3), range(6), range(4), range(5))
    )
    assert g @ unit.jvp_chain(jacobians, v) == pytest.approx(by_paths, rel=1e-11)
    assert unit.vjp_chain(g, jacobians) @ v == pytest.approx(by_paths, rel=1e-11)


# --- how the exercises are judged -------------------------------------------------------------------


def test_a_jacobian_of_20000_classes_is_found_out_before_it_fills_the_memory():
    exercise = load_exercises("vector_jacobians")["softmax_vjp"]
    wrong = next(m for m in exercise.misconceptions if m.name == "a_jacobian_for_each_row")
    trial = PackedExercise.of(exercise).trials["memory"][0]
    tracemalloc.start()
    try:
        outcome = answer(trial.question, exercise.namespace(wrong.implementation))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "MemoryError" in outcome.error
    assert peak < 200e6  # a few arrays of 2,000 x 2,000, never one of 20,000 x 20,000


def test_a_chain_of_matrix_products_is_counted():
    exercise = load_exercises("vector_jacobians")["vjp_chain"]
    trial = PackedExercise.of(exercise).trials["order"][-1]
    eager = exercise.namespace(lambda g, js: g @ (js[4] @ js[3] @ js[2] @ js[1] @ js[0]))
    assert answer(trial.question, eager).result["matrix-matrix products"] == 4


# --- given tools ------------------------------------------------------------------------------------


def test_gradient_check_accepts_a_right_gradient(rng):
    assert course.gradient_check(lambda X: np.sin(X).sum(), np.cos, rng.normal(size=(N, D)))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda X: np.cos(X) * (1 + 1e-4),
        lambda X: np.cos(X).T,
        lambda X: np.cos(X) * np.nan,
        lambda X: np.where(np.arange(X.size).reshape(X.shape) == 5, 0, np.cos(X)),
    ],
    ids=["scaled", "transposed", "nan", "one entry"],
)
def test_gradient_check_rejects_a_wrong_gradient(wrong, rng):
    assert not course.gradient_check(lambda X: np.sin(X).sum(), wrong, rng.normal(size=(N, D)))


def test_engine_sums_over_paths():
    a, b = course.Value(2.0), course.Value(1.0)
    course.backward((a + b) * (b + 1))  # RWTH's graph
    assert (a.grad, b.grad) == (2.0, 5.0)


def test_engine_handles_subtraction_numbers_and_tanh():
    a = course.Value(0.3)
    course.backward(1 - np.float64(2.0) * (a - 1).tanh())
    assert a.grad == pytest.approx(-2 * (1 - np.tanh(-0.7) ** 2), rel=1e-14)


def test_engine_has_no_recursion_limit():
    x = total = course.Value(1.0)
    for _ in range(5_000):
        total = total + 0.5
    course.backward(total)
    assert x.grad == 1.0


def test_engine_differentiates_a_layer_of_arrays(rng):
    X, W, b, G = (rng.normal(size=shape) for shape in ((N, D), (D, K), (K,), (N, K)))
    nodes = course.as_values(W)
    course.backward((G * (X @ nodes + b)).sum())
    np.testing.assert_allclose(course.gradients_of(nodes), pulled_back(lambda W: X @ W + b, W, G), **CLOSE)


# --- explorers --------------------------------------------------------------------------------------


def explore_jacobian(**wrong):
    names = ("linear_backward", "relu_vjp", "tanh_vjp", "softmax_vjp")
    return course.explore_jacobian(*(wrong.get(name, getattr(unit, name)) for name in names))


def shape_puzzle():
    return course.shape_puzzle(unit.linear_backward)


def chain_costs():
    return course.chain_costs(unit.jvp_chain, unit.vjp_chain)


def notebooks_train(**functions):
    """Return `train` as the notebook defines it, with these functions in place of the student's."""
    notebook = nbformat.read(NOTEBOOK, 4)
    (cell,) = (c for c in notebook.cells if c.id == "moons")
    names = {"np": np, "explore_borders": lambda train: None} | vars(unit) | functions
    exec(cell.source, names)
    return names["train"]


def explore_borders(**functions):
    return course.explore_borders(notebooks_train(**functions))


EXPLORERS = (explore_jacobian, shape_puzzle, chain_costs, explore_borders)
CONTROLS = [(explore, name) for explore in EXPLORERS for name in explore().controls]


@pytest.mark.parametrize(("explore", "name"), CONTROLS, ids=[f"{e.__name__}-{n}" for e, n in CONTROLS])
def test_every_control_changes_the_picture(explore, name):
    explorer = explore()
    control = explorer.controls[name]
    before = bytes(explorer._image.value)
    if isinstance(control, widgets.IntSlider):
        control.value = control.min if control.value != control.min else control.max
    else:
        control.value = next(option for option in control.options if option != control.value)
    assert bytes(explorer._image.value) != before


@pytest.mark.parametrize("layer", course.LAYERS)
@pytest.mark.parametrize("rows", [1, 4])
def test_every_layer_agrees_with_its_jacobian(layer, rows):
    explorer = explore_jacobian()
    explorer.controls["layer"].value, explorer.controls["rows"].value = layer, rows
    assert "It agrees with g J" in explorer.description


def test_a_wrong_vjp_is_told_by_how_much_it_differs():
    explorer = explore_jacobian(relu_vjp=lambda G, Z: G)
    explorer.controls["layer"].value = "relu"
    assert "It differs from g J by up to" in explorer.description


def test_a_vjp_of_the_wrong_shape_is_named():
    explorer = explore_jacobian(softmax_vjp=lambda G, P: G.sum(axis=0))
    explorer.controls["layer"].value = "softmax"
    assert "shape (4,)" in explorer.description


def fails(*_):
    raise ZeroDivisionError("a mistake of mine")


def unsolved(*_):
    raise NotImplementedError("unsolved")


@pytest.mark.parametrize(
    "explorer",
    [
        lambda f: course.explore_jacobian(f, f, f, f),
        lambda f: course.shape_puzzle(f),
        lambda f: course.chain_costs(f, f),
        lambda f: explore_borders(tanh_vjp=f),
    ],
    ids=["explore_jacobian", "shape_puzzle", "chain_costs", "explore_borders"],
)
def test_an_error_of_the_student_is_shown_in_words(explorer):
    assert "ZeroDivisionError: a mistake of mine" in explorer(fails).description


@pytest.mark.parametrize(
    "explorer",
    [
        lambda f: course.explore_jacobian(f, f, f, f),
        lambda f: course.shape_puzzle(f),
        lambda f: course.chain_costs(f, f),
        lambda f: explore_borders(tanh_vjp=f),
    ],
    ids=["explore_jacobian", "shape_puzzle", "chain_costs", "explore_borders"],
)
def test_unsolved_exercises_are_stood_in_for(explorer):
    description = explorer(unsolved).description
    assert re.search("the given functions?, until your unsolved is solved", description)
    assert "Error" not in description


def test_given_functions_of_the_jacobian_explorer_agree_with_the_students():
    given, own = course.explore_jacobian(unsolved, unsolved, unsolved, unsolved), explore_jacobian()
    for layer in course.LAYERS:
        given.controls["layer"].value = own.controls["layer"].value = layer
        assert bytes(given._image.value) == bytes(own._image.value)


def test_with_all_lengths_equal_shapes_tell_nothing():
    explorer = shape_puzzle()
    for name in "NDK":
        explorer.controls[name].value = 4
    assert "36 of 36" in explorer.description
    assert "other numbers" in explorer.description


def test_with_different_lengths_one_product_fits():
    explorer = shape_puzzle()
    explorer.controls["left"].value = "X.T"
    assert "1 of 36" in explorer.description
    assert "its numbers agree" in explorer.description


def test_costs_are_those_of_vector_products():
    explorer = chain_costs()
    # 100 -> 20 -> 20 -> 20 -> 1: 2,000 + 400 + 400 + 20 multiplications a pass, and 100 passes forward.
    assert "Reverse order is 100 times cheaper" in explorer.description


def test_matrices_multiplied_first_cost_more_than_vectors():
    jacobians = [np.ones((20, 20)).view(course.Counted)] * 3
    v = np.ones(20).view(course.Counted)
    assert course._count(unit.jvp_chain, jacobians, v) == 3 * 20**2
    assert course._count(lambda js, v: (js[2] @ js[1] @ js[0]) @ v, jacobians, v) == 2 * 20**3 + 20**2


def test_given_chains_are_counted_like_the_students():
    given, own = course.chain_costs(unsolved, unsolved), chain_costs()
    assert bytes(given._image.value) == bytes(own._image.value)


@pytest.mark.parametrize("name", list(course.FIGURES))
def test_static_pictures_are_drawn(name):
    picture = course.FIGURES[name]()
    assert picture.startswith("<svg") if isinstance(picture, str) else picture.axes


def right_sides(cloud, units, start):
    """Return how many of the 24 points a network of the notebook's training has on the right side."""
    X, t = borders.CLOUDS[cloud]
    (V, b), (W, c) = TRAIN(X, t, units, 1000, start)
    return np.sum(((np.tanh(X @ V + b) @ W + c)[:, 0] > 0) == (t > 0))


TRAIN = notebooks_train()


def test_three_neurons_close_round_the_core_and_two_do_not_from_any_start():
    assert right_sides(borders.RING, 3, 0) == 24
    assert all(right_sides(borders.RING, 2, start) < 24 for start in range(10))


def test_two_neurons_solve_the_corners_from_the_starts_that_the_page_names():
    solved = [start for start in range(10) if right_sides(borders.CORNERS, 2, start) == 24]
    assert solved == [2, 4, 5, 7, 9]


def test_with_neurons_to_spare_every_start_does():
    assert all(right_sides(cloud, 6, start) == 24 for cloud in borders.CLOUDS for start in range(10))


def test_what_stands_in_for_the_students_functions_trains_as_they_do():
    for (W, b), (V, c) in zip(
        TRAIN(*borders.CLOUDS[borders.MOONS], 3, 50, 1),
        borders._given_train(*borders.CLOUDS[borders.MOONS], 3, 50, 1),
        strict=True,
    ):
        np.testing.assert_allclose(W, V, rtol=1e-9)  # the same sums in another order, fifty times
        np.testing.assert_allclose(b, c, rtol=1e-9, atol=1e-12)
