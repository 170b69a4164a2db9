"""Unit 2: reference functions against independent oracles, and the explorers."""

import warnings

import numpy as np
import pytest
from scipy.optimize import approx_fprime, check_grad
from scipy.special import expit

from backprop_course import finite_differences as course
from backprop_course.explorer import png
from backprop_solutions.finite_differences import (
    central_difference,
    directional_check,
    find_wrong_gradients,
    forward_difference,
    gradient_check,
    numerical_gradient,
    numerical_jacobian,
    observed_order,
    optimal_step,
    relative_error,
)


def lecture(x1):
    """FAU's function at x2 = 3."""
    return (2 * x1 + 9) ** 2 + 3


def complex_step(f, x):
    """Derivative without subtraction: an oracle with no round-off to speak of."""
    return f(x + 1e-200j).imag / 1e-200


# --- numbers of the lecture -------------------------------------------------------------------------


@pytest.mark.parametrize(("h", "expected"), [(1e-2, 44.04), (2e-2, 44.08)])
def test_one_sided_quotients_of_the_lecture(h, expected):
    # 124 eps / 1e-2 is 3e-12
    assert forward_difference(lecture, 1.0, h) == pytest.approx(expected, abs=1e-11)


def test_central_quotient_of_the_lecture_is_44():
    assert central_difference(lecture, 1.0, 1e-2) == pytest.approx(44, abs=1e-11)


def test_the_slide_shows_float32():
    quotient = (np.float32(124.4404) - np.float32(123.5604)) / np.float32(2e-2)
    assert f"{quotient:.4f}" == "43.9999"


def test_the_rule_of_thumb_fails_in_float32():
    quotient = central_difference(lecture, np.float32(1), np.float32(0.5e-5))
    assert quotient.dtype == np.float32
    assert quotient == pytest.approx(41.96, abs=5e-3)  # as printed


def test_the_notebook_says_how_far_apart_float32_numbers_are():
    assert np.spacing(np.float32(124)) == pytest.approx(7.6e-6, rel=0.01)


# --- quotients --------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [-1.3, 0.0, 0.7])
def test_central_difference_agrees_with_the_complex_step(x):
    def f(z):
        return np.exp(np.sin(z)) * z

    # h^2/6 f''' is 1e-10 here, round-off about the same
    assert central_difference(f, x) == pytest.approx(complex_step(f, x), abs=1e-9)


def test_forward_difference_of_a_quadratic_is_off_by_h_times_half_the_second_derivative():
    assert forward_difference(lambda x: 5 * x**2, 2.0, 0.25) == 20 + 5 * 0.25


def test_central_difference_of_a_cubic_is_off_by_h_squared():
    assert central_difference(lambda x: x**3, 2.0, 0.5) == 12 + 0.25


def test_quotients_accept_an_integer_point():
    assert central_difference(lambda x: x**3, 2, 0.5) == 12.25


@pytest.mark.parametrize(("method", "order"), [(forward_difference, 1), (central_difference, 2)])
def test_quotients_have_the_order_of_their_theory(method, order):
    steps = np.logspace(-3, -1.5, 7)
    errors = np.array([abs(method(expit, 1.0, h) - expit(1.0) * expit(-1.0)) for h in steps])
    assert observed_order(errors, steps) == pytest.approx(order, abs=0.02)  # next term of Taylor's series


# --- observed_order and optimal_step ----------------------------------------------------------------


def test_observed_order_of_an_exact_law():
    steps = np.array([0.3, 0.001, 0.02])
    assert observed_order(7 * steps**3, steps) == pytest.approx(3, rel=1e-12)


def test_observed_order_minimises_the_sum_of_squares():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=8), rng.normal(size=8)
    slope = observed_order(np.exp(y), np.exp(x))

    def residual(p):
        return np.var(y - p * x)  # the best intercept removes the mean

    assert residual(slope) < min(residual(slope - 1e-4), residual(slope + 1e-4))


def test_optimal_step_at_the_lectures_accuracy():
    assert optimal_step(1.0, 1e-7) == pytest.approx(0.00464, abs=5e-6)


def test_optimal_step_cubed_is_eps():
    assert (optimal_step(-2.0, 1e-9) / 2) ** 3 == pytest.approx(1e-9, rel=1e-12)


@pytest.mark.parametrize("x", [0, 1e-10, -0.3, 1])
def test_optimal_step_near_zero_is_that_at_one(x):
    assert optimal_step(x, 1e-7) == optimal_step(1, 1e-7) > 0


def test_optimal_step_grows_with_the_size_of_a_large_point():
    assert optimal_step(-50.0, 1e-7) == pytest.approx(50 * optimal_step(1, 1e-7), rel=1e-14)  # a rounding


def test_the_step_that_the_notebook_derives_is_the_best_for_a_known_third_derivative():
    eps, x = 1e-7, 2.0
    h = (3 * eps * np.exp(x) / np.exp(x)) ** (1 / 3)

    def bound(step):
        return np.exp(x) * step**2 / 6 + eps * np.exp(x) / step

    assert bound(h) < min(bound(0.99 * h), bound(1.01 * h))


@pytest.mark.parametrize(("x", "guess", "ours"), [(1e-5, 1e-6, 1e-10), (1e-10, 0.1, 1e-10)])
def test_a_step_as_tiny_as_its_point_costs_the_digits_that_the_notebook_says(x, guess, ours):
    eps = np.finfo(float).eps

    def error(h):
        return abs(central_difference(np.exp, x, h) - np.exp(x))

    assert guess / 3 < error(np.cbrt(eps) * x) < 3 * guess
    assert error(optimal_step(x, eps)) < ours


@pytest.mark.parametrize("x", [0.5, 1.0, 20.0])
def test_optimal_step_beats_steps_a_thousand_times_smaller_and_larger(x):
    h = optimal_step(x, np.finfo(float).eps)
    errors = [abs(central_difference(np.log, x, step) - 1 / x) for step in (h / 1000, h, min(1000 * h, 0.5 * x))]
    assert errors[1] < min(errors[0], errors[2])


# --- numerical_gradient and numerical_jacobian ------------------------------------------------------


def test_gradient_of_a_coupled_function_agrees_with_its_closed_form():
    rng = np.random.default_rng(2)
    X, W = rng.normal(size=(4, 3)), rng.normal(size=(3, 5))
    gradient = numerical_gradient(lambda X: np.sum(np.tanh(X @ W)), X)
    np.testing.assert_allclose(gradient, (1 - np.tanh(X @ W) ** 2) @ W.T, atol=1e-8)  # eps f / h is 1e-10


def test_gradient_agrees_with_scipy():
    a = np.array([0.3, -0.7, 1.1])

    def f(x):
        return np.prod(np.cos(x))

    # SciPy looks to one side with a step of 1.5e-8, good to about 1e-8
    np.testing.assert_allclose(numerical_gradient(f, a), approx_fprime(a, f), atol=1e-7)


@pytest.mark.parametrize("shape", [(), (5,), (2, 1), (2, 3, 4), (0, 3)])
def test_gradient_has_the_shape_of_its_point(shape):
    gradient = numerical_gradient(lambda X: np.sum(X**2), np.ones(shape))
    assert gradient.shape == shape


@pytest.mark.parametrize("X", [np.array([[1, 2, 3], [4, 5, 6]]), np.array([[True, False]])])
def test_gradient_of_integers_is_not_truncated(X):
    before = X.copy()
    gradient = numerical_gradient(lambda X: np.sum(X**2), X)
    np.testing.assert_allclose(gradient, 2.0 * before, atol=1e-8)
    np.testing.assert_array_equal(X, before)


def test_gradient_of_a_transposed_view():
    X = np.arange(6.0).reshape(2, 3).T
    np.testing.assert_allclose(numerical_gradient(lambda X: np.sum(X**2), X), 2 * X, atol=1e-8)


def test_gradient_leaves_its_point_as_it_was():
    X = np.random.default_rng(3).normal(size=(4, 3))
    before = X.copy()
    numerical_gradient(lambda X: np.sum(X**3), X)
    np.testing.assert_array_equal(X, before)


def test_gradient_costs_two_evaluations_an_entry():
    calls = []
    numerical_gradient(lambda X: calls.append(1) or 0.0, np.zeros((4, 3)))
    assert len(calls) == 24


def test_the_notebook_counts_evaluations_of_a_network_rightly():
    parameters = 784 * 100 + 100 + 100 * 10 + 10
    assert (parameters, 2 * parameters) == (79510, 159020)


@pytest.mark.parametrize(("m", "n"), [(5, 3), (2, 4), (1, 3), (3, 1)])
def test_jacobian_of_a_linear_map_is_its_matrix(m, n):
    A = np.random.default_rng(4).normal(size=(m, n))
    jacobian = numerical_jacobian(lambda x: A @ x, np.ones(n))
    np.testing.assert_allclose(jacobian, A, atol=1e-9)


def test_jacobian_agrees_with_the_complex_step():
    A, x = np.random.default_rng(5).normal(size=(5, 3)), np.array([0.2, -0.4, 0.9])
    exact = np.stack([np.tanh(A @ (x + 1e-200j * e)).imag / 1e-200 for e in np.eye(3)], axis=1)
    np.testing.assert_allclose(numerical_jacobian(lambda x: np.tanh(A @ x), x), exact, atol=1e-9)


def test_jacobian_of_the_identity():
    np.testing.assert_allclose(numerical_jacobian(lambda x: x, np.array([1, 2, 3])), np.eye(3), atol=1e-9)


# --- relative_error ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (44.0, 44.04, 0.04 / 44.04),
        ([1.0, -2.0], [-1.0, -2.0], 2.0),
        ([0.0, 0.0], [0.0, 0.0], 0.0),
        ([1e6, 1.0], [1e6, 1.25], 0.2),
        ([1e-12], [2e-12], 0.5),
        ([1e-310], [0.0], 1e-310 / 2.2250738585072014e-308),
    ],
)
def test_relative_error_by_hand(a, b, expected):
    assert relative_error(np.array(a), np.array(b)) == pytest.approx(expected, rel=1e-9)


def test_relative_error_is_symmetric():
    a, b = np.random.default_rng(6).normal(size=(2, 4, 3))
    assert relative_error(a, b) == relative_error(b, a)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["a", "b", "both"])
def test_relative_error_of_the_nonfinite_is_infinite(bad, where):
    a, b = np.ones(3), np.ones(3)
    if where != "b":
        a[1] = bad
    if where != "a":
        b[1] = bad
    assert relative_error(a, b) == np.inf


# --- checks -----------------------------------------------------------------------------------------


def square(X):
    return np.sum(X**2)


X43 = np.random.default_rng(7).uniform(0.5, 1.5, (4, 3))


def direction():
    return np.random.default_rng(8).uniform(0.5, 1.5, (4, 3))


def test_checks_agree_with_scipy_about_a_right_gradient():
    x = X43.ravel()
    assert check_grad(square, lambda x: 2 * x, x) < 1e-6
    assert gradient_check(square, lambda x: 2 * x, x)
    assert directional_check(square, lambda x: 2 * x, x, direction().ravel())


@pytest.mark.parametrize("factor", [2, 0.5, -1, 0, 1.0001])
def test_checks_reject_a_wrong_factor(factor):
    assert not gradient_check(square, lambda X: 2 * factor * X, X43)
    assert not directional_check(square, lambda X: 2 * factor * X, X43, direction())


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_checks_reject_what_is_not_finite(bad):
    def grad(X):
        G = 2 * X
        G[2, 1] = bad
        return G

    v = direction()
    v[2, 1] = 0  # even where the direction does not look
    assert gradient_check(square, grad, X43) is False
    assert directional_check(square, grad, X43, direction()) is False
    assert directional_check(square, grad, X43, v) is False


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_checks_reject_a_function_that_is_not_finite(bad):
    def f(X):
        return bad * (1 if X[0, 0] > X43[0, 0] else -1)  # the quotient is not finite either

    assert gradient_check(f, lambda X: 2 * X, X43) is False
    assert directional_check(f, lambda X: 2 * X, X43, direction()) is False


@pytest.mark.parametrize("shape", [(), (3,), (4, 1), (12,), (3, 4), (1, 4, 3)])
def test_checks_reject_a_gradient_of_the_wrong_shape(shape):
    def f(X):
        return 2 * np.sum(X)

    assert gradient_check(f, lambda X: np.full(shape, 2.0), X43) is False
    assert directional_check(f, lambda X: np.full(shape, 2.0), X43, direction()) is False


def test_a_large_norm_hides_no_wrong_entry():
    C = np.full((4, 3), 1e6)
    C[1, 2] = 0.5

    def f(X):
        return np.sum(C * np.sin(X - X43))

    wrong = C.copy()
    wrong[1, 2] = 0.55
    assert np.linalg.norm(wrong - C) / np.linalg.norm(C) < 1e-6  # what a check of norms would see
    assert gradient_check(f, lambda X: C * np.cos(X - X43), X43)
    assert not gradient_check(f, lambda X: wrong, X43)


def test_round_off_at_a_zero_gradient_is_forgiven():
    def f(X):
        return np.sum(np.log(np.exp(X)) - X)

    assert np.any(numerical_gradient(f, X43) != 0)
    assert gradient_check(f, np.zeros_like, X43)
    assert directional_check(f, np.zeros_like, X43, direction())


def test_small_gradients_are_not_forgiven():
    assert not gradient_check(lambda X: 1e-7 * square(X), lambda X: 4e-7 * X, X43)
    assert not directional_check(lambda X: 1e-7 * square(X), lambda X: 4e-7 * X, X43, direction())


def test_checks_take_integers():
    X = np.array([[1, 2, 3], [4, 5, 6]])
    assert gradient_check(square, lambda X: 2 * X, X)
    assert directional_check(square, lambda X: 2 * X, X, np.array([[1, 0, 2], [0, 3, 0]]))


def test_a_right_gradient_passes_beside_a_kink_and_fails_across_it():
    def f(X):
        return np.sum(np.abs(X))

    assert gradient_check(f, np.sign, np.array([0.3, -0.2]))
    assert not gradient_check(f, np.sign, np.array([0.3, 1e-7]))


def test_a_direction_does_not_see_what_is_at_right_angles():
    v = np.array([1.0, 2.0])
    assert directional_check(np.sum, lambda X: np.ones(2) + np.array([2.0, -1.0]), np.ones(2), v)


def test_a_direction_is_not_normalised():
    seen = []
    directional_check(lambda X: seen.append(X) or np.sum(X), np.ones_like, np.zeros(2), np.array([3.0, 4.0]), h=0.5)
    np.testing.assert_allclose(sorted(np.linalg.norm(X) for X in seen), [2.5, 2.5])


def test_a_direction_costs_two_evaluations():
    calls = []
    directional_check(lambda X: calls.append(1) or np.sum(X), np.ones_like, X43, direction())
    assert len(calls) == 2


def network():
    rng = np.random.default_rng(9)
    X, T = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    p = {"W": rng.normal(size=(3, 5)), "b": rng.normal(size=5), "U": rng.normal(size=(5, 2))}

    def loss(p):
        return np.sum((expit(X @ p["W"] + p["b"]) @ p["U"] - T) ** 2) / 2

    def gradients(p, derivative=lambda Z: expit(Z) * expit(-Z)):
        Z = X @ p["W"] + p["b"]
        E = expit(Z) @ p["U"] - T
        G = (E @ p["U"].T) * derivative(Z)
        return {"W": X.T @ G, "b": G.sum(axis=0), "U": expit(Z).T @ E}

    return loss, p, gradients


def test_right_gradients_of_a_network_give_the_empty_set():
    loss, p, gradients = network()
    assert find_wrong_gradients(loss, p, gradients(p)) == set()


def test_the_slip_of_the_rwth_slide_is_found():
    loss, p, gradients = network()
    printed = gradients(p, lambda Z: expit(expit(Z)) * expit(-expit(Z)))
    assert find_wrong_gradients(loss, p, printed) == {"W", "b"}


@pytest.mark.parametrize("name", ["W", "b", "U"])
@pytest.mark.parametrize("fault", ["entry", "nan", "inf", "shape"])
def test_each_wrong_gradient_is_named(name, fault):
    loss, p, gradients = network()
    claimed = gradients(p)
    if fault == "shape":
        claimed[name] = claimed[name][None]
    else:
        claimed[name].flat[-1] = {"entry": claimed[name].flat[-1] + 0.01, "nan": np.nan, "inf": np.inf}[fault]
    assert find_wrong_gradients(loss, p, claimed) == {name}


def test_find_wrong_gradients_leaves_the_parameters_alone():
    loss, p, gradients = network()
    before = {name: P.copy() for name, P in p.items()}
    find_wrong_gradients(loss, p, gradients(p))
    for name in p:
        np.testing.assert_array_equal(p[name], before[name])


# --- explorers --------------------------------------------------------------------------------------

MOVES = {
    "explore_error": {"curve": "sin(x) + 1000", "x": -2.5, "precision": "both", "method": "central", "h": 1e-8},
    "explore_secant": {"curve": "|x|", "x": -1.0, "h": 0.1, "method": "forward"},
}


def picture(explorer):
    return explorer._image.value


@pytest.mark.parametrize(("name", "control"), [(name, control) for name in MOVES for control in MOVES[name]])
def test_every_control_changes_picture_and_words(name, control):
    explorer = getattr(course, name)(forward_difference, central_difference)
    before = picture(explorer), explorer.description
    explorer.controls[control].value = MOVES[name][control]
    assert picture(explorer) != before[0]
    assert explorer.description != before[1]


@pytest.mark.parametrize("name", MOVES)
def test_explorers_say_whose_functions_they_draw(name):
    explorer = getattr(course, name)(forward_difference, central_difference)
    assert "your forward_difference and your central_difference" in explorer.description


@pytest.mark.parametrize("name", MOVES)
def test_explorers_stand_in_for_unsolved_functions(name):
    def forward_difference(f, x, h=1e-5):
        raise NotImplementedError("forward_difference")

    explorer = getattr(course, name)(forward_difference, central_difference)
    assert "until your forward_difference is solved" in explorer.description
    assert picture(explorer) == picture(getattr(course, name)(globals()["forward_difference"], central_difference))


@pytest.mark.parametrize("name", MOVES)
def test_explorers_put_a_students_error_into_words(name):
    def forward_difference(f, x, h=1e-5):
        raise ValueError("not today")

    explorer = getattr(course, name)(forward_difference, central_difference)
    assert "ValueError: not today" in explorer.description


@pytest.mark.parametrize("name", MOVES)
def test_explorers_draw_a_students_wrong_slope(name):
    def forward_difference(f, x, h=1e-5):
        return (f(x + h) - f(x)) / (2 * h)

    explorer = getattr(course, name)(forward_difference, central_difference)
    assert picture(explorer) != picture(getattr(course, name)(globals()["forward_difference"], central_difference))


@pytest.mark.parametrize("name", MOVES)
def test_explorers_ask_for_a_prediction_first(name):
    explorer = getattr(course, name)(forward_difference, central_difference)
    assert explorer._body.layout.display == "none"


@pytest.mark.parametrize("curve", course.CURVES)
@pytest.mark.parametrize("x", [-3.0, 0.0, 0.1, 3.0])
@pytest.mark.parametrize("h", [1e-16, 1e-7, 1.0])
def test_the_error_explorer_works_at_every_place(curve, x, h):
    plot = course._ErrorPlot(course.STAND_INS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, words = plot.draw(curve, x, "both", "both", h)
    assert "central in float32 gives" in words


@pytest.mark.parametrize("name", course.CURVES)
@pytest.mark.parametrize("x", [-1.1, 0.4])
def test_derivatives_of_the_curves_are_right(name, x):
    curve = course.CURVES[name]
    for function, derivative in ((curve.f, curve.slope), (curve.slope, curve.second), (curve.second, curve.third)):
        numerical = central_difference(function, x, 1e-6)
        # round-off of values up to 1e3 (or slopes up to 2500), divided by 1e-6; truncation (50h)^2/6
        assert derivative(x) == pytest.approx(numerical, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", course.STAND_INS)
@pytest.mark.parametrize("precision", course.PRECISIONS.values())
def test_expected_errors_bound_the_measured_ones(name, precision):
    curve, steps = course.CURVES["exp(x)"], np.logspace(-6, -2, 41)
    measured = course.measured_errors(course.STAND_INS[name], curve, 1.0, precision, steps)
    expected = course.expected_errors(name, curve, 1.0, precision, steps)
    # the library's exp may be off by one more unit than the model's half
    assert np.all(measured <= 3 * expected)
    assert np.median(measured / expected) > 0.05


def test_the_given_quotients_keep_float32():
    quotient = course.STAND_INS["central"](lecture, np.float32(1), np.float32(0.5e-5))
    assert quotient.dtype == np.float32


@pytest.mark.parametrize("name", course.FIGURES)
def test_static_figures_are_drawn_alike_each_time(name):
    draw = course.FIGURES[name]
    assert png(draw()) == png(draw())


def test_nearly_all_random_directions_notice_one_wrong_entry_of_a_thousand():
    rng = np.random.default_rng(11)
    W = rng.normal(size=(40, 25))

    def off(share):
        def gradient(W):
            G = np.cos(W)
            G[17, 3] *= 1 + share
            return G

        return gradient

    def noticed(gradient):
        directions = rng.normal(size=(100, *W.shape))
        return sum(not directional_check(lambda W: np.sum(np.sin(W)), gradient, W, v) for v in directions)

    assert noticed(off(1e-3)) > 90
    assert noticed(off(0.0)) == 0
