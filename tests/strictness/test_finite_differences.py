"""Unit 2: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

import math

import numpy as np
import pytest

from backprop_solutions.finite_differences import (
    central_difference,
    gradient_check,
    numerical_gradient,
    numerical_jacobian,
    observed_order,
    optimal_step,
    relative_error,
)
from strictness.judging import Answers

answers = Answers("02_finite_differences")

# --- difference quotients ---------------------------------------------------------------------------


@answers.wrong("forward_difference")
def another_default(f, x, h=2e-5):
    return (f(x + h) - f(x)) / h


@answers.wrong("central_difference")
def another_default_to_both_sides(f, x, h=1e-4):
    return (f(x + h) - f(x - h)) / (2 * h)


@answers.wrong("forward_difference")
def step_relative_to_x(f, x, h=1e-5):
    h = h * max(abs(x), 1)
    return (f(x + h) - f(x)) / h


@answers.wrong("central_difference")
def zero_value_taken_for_missing(f, x, h=1e-5):
    if not f(x):
        return 0.0
    return (f(x + h) - f(x - h)) / (2 * h)


@answers.right("central_difference")
def slope_of_two_points(f, x, h=1e-5):
    xs = [x - h, x + h]
    ys = [f(z) for z in xs]
    return (ys[1] - ys[0]) / h * 0.5


@answers.wrong("observed_order")
def rounded_up_from_zero(errors, steps):
    return max(observed_order(errors, steps), 0.0)


@answers.wrong("observed_order")
def size_of_each_logarithm(errors, steps):
    return np.polyfit(np.abs(np.log(steps)), np.abs(np.log(errors)), 1)[0]


@answers.right("observed_order")
def order_by_a_fitted_polynomial(errors, steps):
    return np.polynomial.Polynomial.fit(np.log(steps), np.log(errors), 1).convert().coef[1]


@answers.wrong("optimal_step", "small")
def faus_guard(x, eps):
    return eps ** (1 / 3) * (abs(x) if x != 0 else 1)


@answers.wrong("optimal_step")
def one_everywhere(x, eps):
    return optimal_step(0.0, eps)


@answers.right("optimal_step")
def step_by_sorting(x, eps):
    return math.pow(eps, 1 / 3) * sorted([1, x, -x])[-1]


# --- gradients and Jacobians ------------------------------------------------------------------------


@answers.wrong("numerical_gradient")
def equal_entries_shifted_together(f, X, h=1e-5):
    X = X.astype(float)
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        step = np.where(X[index] == X, h, 0.0)
        gradient[index] = (f(X + step) - f(X - step)) / (2 * h)
    return gradient


@answers.wrong("numerical_gradient")
def shifted_through_a_flat_copy(f, X, h=1e-5):
    X = X if X.dtype == float else X.astype(float)
    flat, slopes = X.reshape(-1), []  # a view, but for an array that is not contiguous
    for k in range(flat.size):
        flat[k] += h
        above = f(X)
        flat[k] -= 2 * h
        below = f(X)
        flat[k] += h
        slopes.append((above - below) / (2 * h))
    return np.reshape(slopes, X.shape)


@answers.wrong("numerical_gradient")
def stops_at_the_first_zero(f, X, h=1e-5):
    gradient = numerical_gradient(f, X, h)
    if not gradient.all():
        gradient.flat[int(np.argmin(gradient != 0)) :] = 0.0
    return gradient


@answers.wrong("numerical_gradient")
def zeros_not_shifted(f, X, h=1e-5):
    return np.where(X == 0, 0.0, numerical_gradient(f, X, h))


@answers.wrong("numerical_gradient")
def smaller_default(f, X, h=1e-6):
    return numerical_gradient(f, X, h)


@answers.wrong("numerical_gradient")
def single_rows_squeezed(f, X, h=1e-5):
    return np.squeeze(numerical_gradient(f, X, h))


@answers.right("numerical_gradient")
def gradient_of_rows_by_jacobians(f, X, h=1e-5):
    def of_flat(x):
        return np.array([f(x.reshape(X.shape))])

    return numerical_jacobian(of_flat, np.ravel(X).astype(np.float64), h).reshape(X.shape)


@answers.right("numerical_gradient")
def gradient_by_recursion_over_axes(f, X, h=1e-5):
    def along(index):
        if len(index) < X.ndim:
            return [along((*index, k)) for k in range(X.shape[len(index)])]
        above, below = np.array(X, float), np.array(X, float)
        above[index] += h
        below[index] -= h
        return (f(above) - f(below)) / h / 2

    return np.array(along(()))


@answers.wrong("numerical_jacobian")
def single_input_flattened(f, x, h=1e-5):
    return np.squeeze(numerical_jacobian(f, x, h))


@answers.wrong("numerical_jacobian")
def larger_default(f, x, h=1e-4):
    return numerical_jacobian(f, x, h)


@answers.wrong("numerical_jacobian")
def equal_inputs_shifted_together(f, x, h=1e-5):
    steps = [h * (x == value) for value in x]
    return np.stack([(f(x + step) - f(x - step)) / (2 * h) for step in steps], axis=1)


@answers.wrong("numerical_jacobian")
def both_sides_in_one_array(f, x, h=1e-5):
    x = x.astype(float)
    columns = []
    for k in range(len(x)):
        x[k] += h
        above = f(x)
        x[k] -= 2 * h
        columns.append((above - f(x)) / (2 * h))  # 0 where f returns its argument
        x[k] += h
    return np.stack(columns, axis=1)


@answers.wrong("numerical_gradient")
def first_axis_only(f, X, h=1e-5):
    def along_the_rows(k):
        step = np.zeros(X.shape)
        step[k] = h
        return (f(X + step) - f(X - step)) / (2 * h)

    return np.array([along_the_rows(k) for k in range(len(X))])


@answers.right("numerical_jacobian")
def jacobian_from_a_list_of_rows(f, x, h=1e-5):
    rows = zip(*(((f(x + h * e) - f(x - h * e)) / (2 * h)).tolist() for e in np.identity(len(x))), strict=True)
    return np.array(list(rows))


# --- relative errors --------------------------------------------------------------------------------


@answers.wrong("relative_error")
def floor_at_1e_minus_300(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-300))


@answers.wrong("relative_error")
def larger_without_sizes(a, b):
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    scale = np.maximum(np.abs(np.maximum(a, b)), np.finfo(float).tiny)
    return np.max(np.abs(np.subtract(a, b)) / scale)


@answers.wrong("relative_error", "nonfinite")
def only_a_is_looked_at(a, b):
    return relative_error(a, b) if np.all(np.isfinite(a)) else np.inf if np.all(np.isfinite(b)) else np.nan


@answers.wrong("relative_error", "nonfinite")
def infinity_in_a_forgotten(a, b):
    if np.isnan(a).any() or np.isnan(b).any() or np.isinf(b).any():
        return np.inf
    with np.errstate(all="ignore"):
        return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.abs(a), np.abs(b)))


@answers.wrong("relative_error", "nonfinite")
def equal_infinities_agree(a, b):
    same = np.equal(a, b)
    if np.any(~np.isfinite(np.where(same, 0, a)) | ~np.isfinite(np.where(same, 0, b))):
        return np.inf
    return relative_error(np.where(same, 0, a), np.where(same, 0, b))


@answers.wrong("relative_error", "nonfinite")
def always_infinite(a, b):
    return np.inf


@answers.right("relative_error")
def largest_of_a_list(a, b):
    pairs = list(zip(np.ravel(a), np.ravel(b), strict=True))
    if any(math.isnan(p) or math.isinf(p) for pair in pairs for p in pair):
        return math.inf
    return max([0.0] + [abs(p - q) / max(abs(p), abs(q)) for p, q in pairs if p != q])


# --- checks -----------------------------------------------------------------------------------------


@answers.wrong("gradient_check", "broken")
def always_broken(f, grad_f, X, h=1e-5, tolerance=1e-6):
    return False


@answers.wrong("gradient_check")
def matrices_only(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    rows, columns = X.shape
    close = np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9
    return all(bool(close[i, j]) for i in range(rows) for j in range(columns))


@answers.wrong("gradient_check")
def zeros_left_out(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a = np.asarray(grad_f(X))
    if a.shape != X.shape:
        return False
    n = np.where(a == 0, 0, numerical_gradient(f, X, h))
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


@answers.wrong("gradient_check")
def within_twice_the_mean(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * (np.abs(a) + np.abs(n)) + 1e-9))


@answers.wrong("gradient_check", "scale")
def floor_at_1e_minus_8(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-8))


@answers.right("gradient_check")
def check_by_exceptions(f, grad_f, X, h=1e-5, tolerance=1e-6):
    try:
        a, n = np.array(grad_f(X), dtype=float), numerical_gradient(f, X, h)
        assert a.shape == X.shape
        assert not (np.isnan(a).any() or np.isinf(a).any())
        largest = np.where(abs(a) > abs(n), abs(a), abs(n))
        return (abs(a - n) <= tolerance * largest + 1e-9).min() and not np.isinf(n).any()
    except AssertionError:
        return False


@answers.wrong("directional_check")
def numerical_gradient_times_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    g = np.asarray(grad_f(X))
    if g.shape != X.shape or not np.isfinite(g).all():
        return False
    a, n = (g * v).sum(), (numerical_gradient(f, X, h) * v).sum()
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@answers.wrong("directional_check")
def v_of_length_one(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    v = v / np.sqrt(np.sum(v * v))
    g = np.asarray(grad_f(X))
    if g.shape != X.shape or not np.isfinite(g).all():
        return False
    a, n = (g * v).sum(), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@answers.wrong("directional_check", "broken")
def a_number_is_broadcast(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    g = grad_f(X)
    if (np.ndim(g) and np.shape(g) != X.shape) or not np.isfinite(g).all():
        return False
    a, n = np.sum(g * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@answers.right("directional_check")
def direction_by_a_slope_at_zero(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    g = np.array(grad_f(X), dtype=float)
    n = central_difference(lambda t: f(X + v * t), 0, h)
    if g.shape != v.shape or not math.isfinite(n) or not np.isfinite(g).all():
        return False
    a = np.dot(g.reshape(-1), v.reshape(-1))
    return not abs(a - n) > tolerance * max(abs(a), abs(n)) + 1e-9


@answers.wrong("find_wrong_gradients")
def wider_tolerance(f, parameters, gradients):
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        if a.shape != n.shape or not np.isfinite(a).all() or not np.allclose(a, n, rtol=1e-4, atol=1e-9):
            wrong.add(name)
    return wrong


@answers.wrong("find_wrong_gradients")
def smaller_step(f, parameters, gradients):
    def agrees(name):
        return gradient_check(lambda P: f({**parameters, name: P}), lambda P: gradients[name], parameters[name], 1e-6)

    return {name for name in parameters if not agrees(name)}


@answers.wrong("find_wrong_gradients")
def zipped(f, parameters, gradients):
    wrong = set()
    for name, gradient in zip(parameters, gradients.values(), strict=True):
        if not gradient_check(lambda P, k=name: f(parameters | {k: P}), lambda P, g=gradient: g, parameters[name]):
            wrong.add(name)
    return wrong


@answers.wrong("find_wrong_gradients")
def never_all(f, parameters, gradients):
    wrong = smaller_set(f, parameters, gradients)
    return wrong if len(wrong) < len(parameters) else set()


@answers.right("find_wrong_gradients")
def smaller_set(f, parameters, gradients):
    wrong = set(parameters)
    for name in parameters:
        p = dict(parameters)

        def g(P, name=name, p=p):
            p.update({name: P})
            return f(p)

        if gradient_check(g, lambda P, name=name: gradients[name], parameters[name]):
            wrong.discard(name)
    return wrong


# --- judged -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost()
