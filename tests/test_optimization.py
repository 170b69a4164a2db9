"""Unit 7: the references against independent oracles, the lectures' numbers, and the explorers."""

import ipywidgets as widgets
import numpy as np
import pytest
import scipy.optimize
import scipy.stats

from backprop_course import optimization as explorers
from backprop_solutions import optimization as unit

# CMU's example of step sizes, x1^2 + x1 x2 + 4 x2^2, and the Hessian of the one with three variables, both readings.
CMU_BOWL = np.array([[2.0, 1.0], [1.0, 8.0]])
AS_PRINTED = np.array([[2.0, -1.0, 0.0], [-1.0, -2.0, -1.0], [0.0, -1.0, 2.0]])
AS_MEANT = np.array([[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]])
CMU_LINEAR = np.array([1.0, 0.0, 1.0])
# Some hundred additions and products in float64, each of relative error 1.1e-16.
ROUND_OFF = {"rtol": 1e-10, "atol": 1e-12}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def hessian_of(rng, eigenvalues):
    """Return a symmetric matrix with these eigenvalues along random axes."""
    axes = scipy.stats.ortho_group.rvs(len(eigenvalues), random_state=rng)
    matrix = axes @ np.diag(eigenvalues) @ axes.T
    return (matrix + matrix.T) / 2


def complex_step(function, x):
    """Gradient of an analytic function: no difference is taken, so no digit is lost."""
    return np.array([function(x + 1e-30j * e).imag / 1e-30 for e in np.eye(len(x))])


def bowl(x):
    return x[0] ** 2 + x[0] * x[1] + 4 * x[1] ** 2


def bowl_gradient(x):
    return CMU_BOWL @ x


# --- what is minimised ------------------------------------------------------------------------------


def test_the_risk_of_a_linear_unit_is_the_quadratic_that_the_text_derives(rng):
    X, t, w = rng.normal(size=(7, 3)), rng.normal(size=7), rng.normal(size=3)
    risk = unit.empirical_risk(lambda x: w @ x, lambda y, target: (y - target) ** 2 / 2, X, t)
    A, b, c = X.T @ X / 7, -X.T @ t / 7, np.mean(t**2) / 2
    np.testing.assert_allclose(risk, w @ A @ w / 2 + b @ w + c, **ROUND_OFF)


def test_the_risk_takes_vector_outputs_and_integer_targets(rng):
    P = rng.dirichlet(np.ones(4), size=6)
    y = np.array([3, 0, 2, 2, 1, 0])
    risk = unit.empirical_risk(lambda x: x, lambda p, label: -np.log(p[label]), P, y)
    np.testing.assert_allclose(risk, -np.log(P[np.arange(6), y]).sum() / 6, **ROUND_OFF)


def test_the_risk_is_not_symmetric_in_output_and_target():
    risk = unit.empirical_risk(lambda x: x[0], lambda y, t: y - 2 * t, np.array([[3.0], [5.0]]), np.array([1.0, 4.0]))
    assert risk == ((3 - 2) + (5 - 8)) / 2


# --- where it stops ---------------------------------------------------------------------------------


@pytest.mark.parametrize("eigenvalues", [(3.0, 0.5, 1.0), (-1.0, -2.0, -0.3, -4.0), (2.0, -2.0, 0.7)])
def test_the_gradient_vanishes_at_the_stationary_point_of_every_kind(rng, eigenvalues):
    A, b = hessian_of(rng, eigenvalues), rng.normal(size=len(eigenvalues))
    slope = complex_step(lambda x: x @ A @ x / 2 + b @ x, unit.stationary_point(A, b))
    np.testing.assert_allclose(slope, 0, atol=1e-12)


def test_cmus_quadratic_as_printed_is_a_saddle():
    np.testing.assert_allclose(unit.stationary_point(AS_PRINTED, CMU_LINEAR), [-1 / 3, 1 / 3, -1 / 3], **ROUND_OFF)
    assert unit.classify(AS_PRINTED) == "saddle"
    np.testing.assert_allclose(np.linalg.eigvalsh(AS_PRINTED), [-(6**0.5), 2, 6**0.5], **ROUND_OFF)


def test_cmus_quadratic_as_meant_has_the_printed_minimum_and_eigenvalues():
    np.testing.assert_allclose(unit.stationary_point(AS_MEANT, CMU_LINEAR), [-1, -1, -1], **ROUND_OFF)
    assert unit.classify(AS_MEANT) == "minimum"
    np.testing.assert_array_equal(np.linalg.eigvalsh(AS_MEANT).round(3), [0.586, 2, 3.414])


KINDS = {
    "minimum": (3.0, 1e-4, 1.0),
    "maximum": (-3.0, -1e-4, -1.0),
    "saddle": (3.0, -1e-4, 1.0),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_agree_with_what_is_seen_from_the_stationary_point(rng, kind):
    H = hessian_of(rng, KINDS[kind])
    # Along the axes of the quadratic form the values beside 0 are its extremes.
    seen = {bool(np.sign(axis @ H @ axis) > 0) for axis in np.linalg.svd(H)[0].T}
    assert {"minimum": {True}, "maximum": {False}, "saddle": {True, False}}[kind] == seen
    assert unit.classify(H) == kind


@pytest.mark.parametrize("eigenvalues", [(0.0, 1.0, 2.0), (0.0, -1.0, -2.0), (0.0, 0.0, 0.0), (1e-11, 1.0, 3.0)])
def test_a_flat_direction_leaves_the_kind_undecided(rng, eigenvalues):
    assert unit.classify(hessian_of(rng, eigenvalues)) == "undecided"


def test_both_signs_make_a_saddle_whatever_else_is_flat(rng):
    assert unit.classify(hessian_of(rng, (0.0, 1.0, -2.0, 0.0))) == "saddle"


def test_x_cubed_x_to_the_fourth_and_its_negative_have_the_same_undecided_hessian():
    for second in (lambda x: 6 * x, lambda x: 12 * x**2, lambda x: -12 * x**2):
        assert unit.classify(np.array([[second(0.0)]])) == "undecided"


# --- sign descent -----------------------------------------------------------------------------------


def test_sign_descent_arrives_if_the_step_divides_the_distance_and_then_stops():
    path = unit.sign_descent(lambda x: 2 * (x - 3), 1, 0.5, 100)
    np.testing.assert_array_equal(path, [1, 1.5, 2, 2.5, 3])
    assert path.dtype == float


def test_sign_descent_hops_over_the_minimum_for_ever_otherwise():
    path = unit.sign_descent(lambda x: 2 * x, 1.0, 0.3, 1000)
    assert len(path) == 1001
    np.testing.assert_allclose(np.abs(path[-2:]), [0.1, 0.2], atol=1e-9)  # a thousand steps, each rounded


def test_sign_descent_is_blind_to_the_size_of_the_derivative():
    steep, flat = (unit.sign_descent(lambda x, a=a: a * (x - 0.1), -2.0, 0.25, 20) for a in (1e9, 1e-9))
    np.testing.assert_array_equal(steep, flat)


# --- gradient descent, momentum ---------------------------------------------------------------------


def test_gradient_descent_on_a_quadratic_is_a_power_of_one_matrix(rng):
    A, b, x0 = hessian_of(rng, (2.0, 0.3, 1.1)), rng.normal(size=3), rng.normal(size=3)
    path = unit.gradient_descent(lambda x: A @ x + b, x0, 0.4, 0.0, 25)
    goal = -np.linalg.inv(A) @ b
    for k in (0, 1, 7, 25):
        expected = goal + np.linalg.matrix_power(np.eye(3) - 0.4 * A, k) @ (x0 - goal)
        np.testing.assert_allclose(path[k], expected, **ROUND_OFF)


@pytest.mark.parametrize(("eta", "first", "value", "steps"), [(0.1, (2.1, 0.3), 5.4, 73), (0.2, (1.2, -2.4), 21.6, 34)])
def test_the_step_that_looks_worse_at_first_needs_half_the_steps(eta, first, value, steps):
    path = unit.gradient_descent(bowl_gradient, np.array([3, 3]), eta, 0.0, 200)
    np.testing.assert_allclose(path[1], first, **ROUND_OFF)
    np.testing.assert_allclose(bowl(path[1]), value, **ROUND_OFF)
    assert np.argmax(np.linalg.norm(path, axis=1) < 1e-6) == steps


def with_momentum(rng):
    A, b, x0 = hessian_of(rng, (2.0, 0.3, 1.1)), rng.normal(size=3), rng.normal(size=3)
    return A, b, x0, unit.momentum_descent(lambda x: A @ x + b, x0, 0.4, 0.7, 0.0, 25)


def test_momentum_descent_on_a_quadratic_is_a_power_of_a_matrix_twice_as_large(rng):
    A, b, x0, path = with_momentum(rng)
    goal, eye = -np.linalg.inv(A) @ b, np.eye(3)
    # Of (x_k - goal, x_(k-1) - goal): x_(k+1) = x_k - eta A (x_k - goal) + momentum (x_k - x_(k-1)).
    step = np.block([[(1 + 0.7) * eye - 0.4 * A, -0.7 * eye], [eye, 0 * eye]])
    state = np.linalg.matrix_power(step, 25) @ np.hstack([x0 - goal, x0 - goal])
    np.testing.assert_allclose(path[25], goal + state[:3], **ROUND_OFF)


def test_momentum_zero_is_gradient_descent(rng):
    x0 = rng.normal(size=2)
    plain = unit.gradient_descent(bowl_gradient, x0, 0.1, 1e-6, 100)
    np.testing.assert_array_equal(unit.momentum_descent(bowl_gradient, x0, 0.1, 0.0, 1e-6, 100), plain)


def test_momentum_at_its_best_needs_about_the_root_of_the_steps():
    A = np.diag([100.0, 1.0])
    root = 100**0.5
    best = {"step": 4 / (root + 1) ** 2, "momentum": ((root - 1) / (root + 1)) ** 2}
    plain = unit.gradient_descent(lambda x: A @ x, np.ones(2), 2 / 101, 1e-6, 5000)
    quick = unit.momentum_descent(lambda x: A @ x, np.ones(2), **best, tolerance=1e-6, max_steps=5000)
    # Rates (kappa - 1)/(kappa + 1) and its like with the root of kappa: 0.980 and 0.818.
    assert len(plain) > 700 and len(quick) < 140


DESCENTS = {
    "gradient_descent": lambda *a: unit.gradient_descent(*a),
    "momentum_descent": lambda g, x0, step, *a: unit.momentum_descent(g, x0, step, 0.5, *a),
    "adam_descent": lambda *a: unit.adam_descent(*a),
}


@pytest.mark.parametrize("name", DESCENTS)
def test_descents_stop_where_the_norm_reaches_the_tolerance_and_not_before(rng, name):
    x0 = rng.normal(size=2) + 3
    path = DESCENTS[name](bowl_gradient, x0, 0.1, 0.05, 5000)
    norms = np.linalg.norm(path @ CMU_BOWL, axis=1)
    assert norms[-1] <= 0.05 and (norms[:-1] > 0.05).all()


@pytest.mark.parametrize("name", DESCENTS)
def test_descents_stay_at_a_minimum_without_tolerance(name):
    assert DESCENTS[name](bowl_gradient, np.zeros(2), 0.1, 0.0, 50).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("name", DESCENTS)
@pytest.mark.parametrize("max_steps", [0, 1, 6])
def test_descents_take_at_most_the_steps_they_are_given(name, max_steps):
    assert DESCENTS[name](bowl_gradient, np.array([3.0, 3.0]), 0.1, 1e-6, max_steps).shape == (max_steps + 1, 2)


@pytest.mark.parametrize("name", DESCENTS)
def test_descents_take_integers_and_leave_their_arguments_alone(name):
    x0, seen = np.array([3, -2]), []

    def gradient(x):
        seen.append((x, x.copy()))
        return x  # its argument itself

    path = DESCENTS[name](gradient, x0, 0.25, 1e-3, 9)
    assert path.dtype == float and x0.tolist() == [3, -2] and x0.dtype.kind == "i"
    assert all(x.dtype == float and np.array_equal(x, copy) for x, copy in seen)


@pytest.mark.parametrize("name", DESCENTS)
def test_descents_ask_for_the_gradient_once_at_each_point(name):
    asked = []
    path = DESCENTS[name](lambda x: asked.append(tuple(x)) or bowl_gradient(x), np.array([3.0, 3.0]), 0.1, 1e-3, 400)
    assert len(asked) == len(set(asked)) == len(path)


# --- PyTorch's optimisers ---------------------------------------------------------------------------


def by_torch(make, x0, steps):
    """Return the path of one of PyTorch's optimisers on a function that is no quadratic."""
    torch = pytest.importorskip("torch")
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    optimizer, path = make(torch, [x]), [x0]
    for _ in range(steps):
        optimizer.zero_grad()
        (torch.cosh(x).sum() + x[0] * x[1] * x[2] + (x[1] - 2 * x[2]) ** 2).backward()
        optimizer.step()
        path.append(x.detach().numpy().copy())
    return np.array(path)


def their_gradient(x):
    stretch = x[1] - 2 * x[2]
    return np.sinh(x) + np.array([x[1] * x[2], x[0] * x[2] + 2 * stretch, x[0] * x[1] - 4 * stretch])


@pytest.mark.slow
def test_gradient_descent_walks_the_path_of_torch(rng):
    x0 = rng.normal(size=3)
    theirs = by_torch(lambda torch, p: torch.optim.SGD(p, lr=0.07), x0, 40)
    np.testing.assert_allclose(unit.gradient_descent(their_gradient, x0, 0.07, 0.0, 40), theirs, **ROUND_OFF)


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_momentum_descent_walks_the_path_of_torch(rng, momentum):
    x0 = rng.normal(size=3)
    theirs = by_torch(lambda torch, p: torch.optim.SGD(p, lr=0.05, momentum=momentum), x0, 40)
    ours = unit.momentum_descent(their_gradient, x0, 0.05, momentum, 0.0, 40)
    np.testing.assert_allclose(ours, theirs, **ROUND_OFF)


@pytest.mark.parametrize("options", [{}, {"betas": (0.6, 0.8), "eps": 0.1}, {"betas": (0.0, 0.5), "eps": 1e-3}])
def test_adam_descent_walks_the_path_of_torch(rng, options):
    x0 = rng.normal(size=3)
    theirs = by_torch(lambda torch, p: torch.optim.Adam(p, lr=0.1, **options), x0, 40)
    beta1, beta2 = options.get("betas", (0.9, 0.999))
    ours = unit.adam_descent(their_gradient, x0, 0.1, 0.0, 40, beta1, beta2, options.get("eps", 1e-8))
    np.testing.assert_allclose(ours, theirs, **ROUND_OFF)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_adams_first_step_has_the_same_length_for_gradients_of_any_size(scale):
    path = unit.adam_descent(lambda x: scale * np.array([2.0, -5.0, 0.0]), np.zeros(3), 0.1, 0.0, 1)
    np.testing.assert_allclose(path[1], [-0.1, 0.1, 0], rtol=1e-5)  # epsilon / |g| is 5e-6 at most


# --- how far ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("eigenvalues", [(3.0, 0.5, 1.0), (2.0, -2.0, 0.7), (-1.0, -4.0, -2.0, 0.0)])
@pytest.mark.parametrize("step", [0.0, 0.1, 0.45, 3.0])
def test_the_contraction_is_the_spectral_norm_of_one_step(rng, eigenvalues, step):
    H = hessian_of(rng, eigenvalues)
    largest = np.linalg.svd(np.eye(len(H)) - step * H)[1].max()
    np.testing.assert_allclose(unit.contraction(H, step), largest, **ROUND_OFF)


@pytest.mark.parametrize("eigenvalues", [(3.0, 0.5, 1.0), (0.02, 7.0, 3.0, 1.0), (2.5,)])
def test_descent_shrinks_below_the_largest_stable_step_and_grows_above_it(rng, eigenvalues):
    H, x0 = hessian_of(rng, eigenvalues), np.ones(len(eigenvalues))
    edge = unit.largest_stable_step(H)
    ends = [
        np.linalg.norm(unit.gradient_descent(lambda x: H @ x, x0, factor * edge, 0.0, 4000)[-1])
        for factor in (0.999, 1.001)
    ]
    assert ends[0] < 0.1 and ends[1] > 10


@pytest.mark.parametrize("eigenvalues", [(3.0, 0.5, 1.0), (0.02, 7.0, 3.0, 1.0), (2.5,)])
def test_no_other_step_contracts_more_than_the_best_one(rng, eigenvalues):
    H = hessian_of(rng, eigenvalues)
    steps = np.linspace(0, 2, 20_001)
    norms = np.max(np.abs(1 - steps[:, None] * np.array(eigenvalues)), axis=1)
    np.testing.assert_allclose(unit.best_fixed_step(H), steps[np.argmin(norms)], atol=1e-4)  # the grid's spacing


def test_cmus_bowl_has_its_best_step_at_two_tenths_and_its_edge_at_0_2450():
    np.testing.assert_allclose(unit.best_fixed_step(CMU_BOWL), 0.2, **ROUND_OFF)
    assert round(unit.largest_stable_step(CMU_BOWL), 4) == 0.2450
    assert [round(unit.contraction(CMU_BOWL, eta), 3) for eta in (0.1, 0.2)] == [0.816, 0.632]


@pytest.mark.parametrize("name", ["largest_stable_step", "best_fixed_step"])
@pytest.mark.parametrize("eigenvalues", [(1.0, 2.0, -0.5), (0.0, 1.0, 2.0), (-1.0, -2.0, -3.0), (1e-11, 1.0, 2.0)])
def test_steps_are_refused_where_there_is_no_minimum(rng, name, eigenvalues):
    with pytest.raises(ValueError, match="not a minimum"):
        getattr(unit, name)(hessian_of(rng, eigenvalues))


# --- one sample at a time ---------------------------------------------------------------------------


def test_the_delta_rule_steps_against_the_gradient_of_its_loss(rng):
    w, x, t = rng.normal(size=4), rng.normal(size=4), 0.7
    slope = complex_step(lambda v: (v @ x - t) ** 2 / 2, w)
    before = w.copy()
    np.testing.assert_allclose(unit.delta_rule_step(w, x, t, 0.3), w - 0.3 * slope, **ROUND_OFF)
    np.testing.assert_array_equal(w, before)


def test_the_mean_of_all_single_steps_is_the_step_of_the_whole_batch(rng):
    X, t, w = rng.normal(size=(6, 3)), rng.normal(size=6), rng.normal(size=3)
    batch = unit.gradient_descent(lambda v: X.T @ (X @ v - t) / 6, w, 0.2, 0.0, 1)[1]
    single = np.mean([unit.delta_rule_step(w, x, target, 0.2) for x, target in zip(X, t, strict=True)], axis=0)
    np.testing.assert_allclose(single, batch, **ROUND_OFF)


# --- what the text says -----------------------------------------------------------------------------


def steps_until(distance, path):
    return int(np.argmax(np.linalg.norm(path, axis=1) < distance))


@pytest.mark.parametrize(
    ("turn", "descent", "momentum", "adam"), [(0.0, 18_739, 4_229, 38), (0.5, 18_739, 4_229, 6_804)]
)
def test_adam_is_quick_only_in_a_valley_along_the_coordinates(turn, descent, momentum, adam):
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    A, start = axes @ np.diag([0.001, 10.0]) @ axes.T, axes @ np.array([3.0, 3.0])
    plain = unit.gradient_descent(A.dot, start, unit.best_fixed_step(A), 1e-4, 20_000)
    heavy = unit.momentum_descent(A.dot, start, 0.08, 0.9, 1e-4, 20_000)
    scaled = unit.adam_descent(A.dot, start, 0.1, 1e-4, 20_000)
    counted = [steps_until(0.1, path) for path in (plain, heavy, scaled)]
    # Thousands of steps are counted: round-off may shift a crossing by a step or two.
    np.testing.assert_allclose(counted, [descent, momentum, adam], rtol=1e-3)


def test_three_quarters_of_momentum_are_best_among_the_choices_in_the_narrow_valley():
    A = explorers.HESSIANS["narrow valley"]
    steps = {
        momentum: steps_until(1e-6, unit.momentum_descent(A.dot, np.array([3.0, 3.0]), 0.1, momentum, 1e-9, 2000))
        for momentum in (0.0, 0.5, 0.75, 0.95)
    }
    assert min(steps, key=steps.get) == 0.75
    assert steps[0.75] == 110 and steps[0.0] == 754


def test_a_constant_slope_makes_momentum_steps_ten_times_as_long():
    path = unit.momentum_descent(lambda x: np.array([2.0]), np.array([0.0]), 0.1, 0.9, 0.0, 400)
    np.testing.assert_allclose(path[-1] - path[-2], -10 * 0.1 * 2.0, rtol=1e-9)


@pytest.mark.parametrize(("noise", "low", "high"), [(0.5, 1e-3, 1.0), (0.0, 0.0, 1e-6)])
def test_single_samples_hover_around_the_best_weights_unless_the_targets_agree(noise, low, high):
    X, t = explorers._data(noise)
    path = explorers._NoisePlot(unit.delta_rule_step).walk(X, t, 1, 0.1)
    late = np.linalg.norm(path[-100:] - np.linalg.lstsq(X, t, rcond=None)[0], axis=1)
    assert (late >= low).all() and (late <= high).all()


# --- explorers --------------------------------------------------------------------------------------


def unsolved(*arguments):
    raise NotImplementedError("unsolved")


def own(*names):
    return [getattr(unit, name) for name in names]


EXPLORERS = {
    "descent": (explorers.explore_descent, ("gradient_descent", "momentum_descent", "adam_descent")),
    "steps": (
        explorers.explore_steps,
        ("gradient_descent", "contraction", "largest_stable_step", "best_fixed_step"),
    ),
    "noise": (explorers.explore_noise, ("delta_rule_step",)),
}


@pytest.mark.parametrize("name", EXPLORERS)
def test_explorers_draw_the_students_functions_and_say_so(name):
    explore, functions = EXPLORERS[name]
    assert f"Drawn with your {', '.join(functions)}. " in explore(*own(*functions)).description


@pytest.mark.parametrize("name", EXPLORERS)
def test_explorers_of_unsolved_functions_show_the_same_by_given_ones(name):
    explore, functions = EXPLORERS[name]
    solved, given = explore(*own(*functions)), explore(*[unsolved] * len(functions))
    assert "given functions, until your" in given.description
    assert solved.description.split(". ", 1)[1] == given.description.split(". ", 1)[1]


def test_an_explorer_moves_with_the_slope_of_a_wrong_function():
    def uphill(gradient, x0, step, tolerance, max_steps):
        return unit.gradient_descent(lambda x: -gradient(x), x0, step, tolerance, max_steps)

    assert "it moves away without end" in explorers.explore_descent(uphill).description


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda *a: unit.gradient_descent(*a)[-1], "a path has shape (T + 1, 2)"),
        (lambda *a: unit.gradient_descent(*a)[1:], "begins at"),
        (lambda *a: None, "your gradient_descent returned shape ()"),
    ],
)
def test_an_explorer_says_what_is_wrong_with_the_form_of_a_path(wrong, words):
    assert words in explorers.explore_descent(wrong).description


def test_the_descent_explorer_reports_the_lectures_numbers():
    explorer = explorers.explore_descent(unit.gradient_descent)
    assert "first to (2.1, 0.3), where f = 5.4" in explorer.description
    explorer.controls["eta"].value = 0.2
    assert "first to (1.2, -2.4), where f = 21.6" in explorer.description
    explorer.controls["eta"].value = 0.245
    assert "it is within" not in explorer.description  # just below the edge of 0.24503
    explorer.controls["eta"].value = 0.25
    assert "moves away without end" in explorer.description


@pytest.mark.parametrize(("eta", "steps"), [(0.1, 73), (0.2, 34)])
def test_the_descent_explorer_counts_steps_as_the_text_does(eta, steps):
    explorer = explorers.explore_descent(unit.gradient_descent)
    explorer.controls["eta"].value = eta
    assert f"after {steps} steps it is within 1e-6 of the minimum" in explorer.description


@pytest.mark.parametrize("name", explorers.HESSIANS)
def test_a_gradient_below_the_explorers_tolerance_means_a_distance_below_a_millionth(rng, name):
    A = explorers.HESSIANS[name]
    gradient = rng.normal(size=(2, 100))
    gradient *= explorers.tolerance(A) / np.linalg.norm(gradient, axis=0)
    # A distance is at most the gradient over the smallest curvature; one part in 1e9 for round-off.
    assert np.linalg.norm(np.linalg.solve(A, gradient), axis=0).max() <= 1e-6 * (1 + 1e-9)


def test_descents_reach_the_saddle_point_from_its_ridge_alone():
    A = explorers.HESSIANS["saddle"]
    ridge = np.linalg.eigh(A)[1][:, 1]
    assert np.linalg.norm(unit.gradient_descent(A.dot, 3 * ridge, 0.1, 1e-6, 100)[-1]) < 1e-4
    assert np.linalg.norm(unit.gradient_descent(A.dot, np.array([3.0, 3.0]), 0.1, 1e-6, 100)[-1]) > 1e3


def test_the_direction_explorer_finds_no_slope_along_a_level_curve():
    explorer = explorers.explore_direction()
    explorer.controls["angle"].value = 90
    assert "f changes by 0 per unit" in explorer.description
    explorer.controls["x1"].value = explorer.controls["x2"].value = 0
    assert "no direction is steepest" in explorer.description


def test_momentum_and_adam_appear_in_the_explorer_once_they_are_taught():
    early, late = (explorers.explore_descent(*own(*EXPLORERS["descent"][1][:n])) for n in (1, 3))
    assert set(late.controls) - set(early.controls) == {"momentum", "adam"}
    assert isinstance(late.controls["adam"], widgets.Checkbox)
    late.controls["adam"].value = True
    assert "Adam steps first" in late.description
