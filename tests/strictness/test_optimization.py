"""Unit 7: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

from itertools import islice

import numpy as np
import pytest

from backprop_solutions.optimization import (
    adam_descent,
    best_fixed_step,
    classify,
    contraction,
    gradient_descent,
    largest_stable_step,
    stationary_point,
)
from strictness.judging import Answers

answers = Answers("07_optimization")

# --- risks and stationary points ----------------------------------------------------------------------


@answers.wrong("empirical_risk")
def samples_without_divergence_left_out(f, divergence, X, targets):
    found = [divergence(f(x), target) for x, target in zip(X, targets, strict=True)]
    return np.mean([d for d in found if d] or [0.0])


@answers.wrong("empirical_risk")
def equal_divergences_merged(f, divergence, X, targets):
    return np.mean(list({divergence(f(x), target) for x, target in zip(X, targets, strict=True)}))


@answers.wrong("empirical_risk")
def equal_samples_merged(f, divergence, X, targets):
    rows = {tuple(x): target for x, target in zip(X, targets, strict=True)}
    return np.mean([divergence(f(np.array(x)), target) for x, target in rows.items()])


@answers.wrong("empirical_risk")
def ends_at_the_first_right_sample(f, divergence, X, targets):
    total = 0.0
    for x, target in zip(X, targets, strict=True):
        found = divergence(f(x), target)
        if found == 0:
            break
        total += found
    return total / len(X)


@answers.right("empirical_risk")
def running_mean(f, divergence, X, targets):
    mean = 0.0
    for n in range(X.shape[0]):
        mean += (divergence(f(X[n]), targets[n]) - mean) / (n + 1)
    return mean


@answers.wrong("stationary_point")
def only_where_b_is_not_zero(A, b):
    return np.where(b == 0, 0.0, stationary_point(A, b))


@answers.wrong("stationary_point")
def flat_directions_cut_off(A, b):
    return -np.linalg.pinv(A, rcond=1e-3) @ b


@answers.wrong("stationary_point")
def descent_that_ends_early(A, b):
    x = np.zeros(len(b))
    for _ in range(200):
        x = x - 0.1 * A.T @ (A @ x + b)
    return x


@answers.right("stationary_point")
def point_by_eigenvectors(A, b):
    values, vectors = np.linalg.eigh(A)
    return -(vectors / values) @ (vectors.T @ b)


# --- what a Hessian tells -----------------------------------------------------------------------------


@answers.wrong("classify")
def product_of_the_ends(hessian):
    e = np.linalg.eigvalsh(hessian)
    if abs(e[0] * e[-1]) <= 1e-9:
        return "undecided"
    return "saddle" if e[0] * e[-1] < 0 else "minimum" if e[0] > 0 else "maximum"


@answers.wrong("classify", "flat")
def bound_relative_to_the_largest(hessian):
    e = np.linalg.eigvalsh(hessian)
    return classify(np.diag(np.where(np.abs(e) <= 1e-4 * np.abs(e).max(), 0.0, e)))


@answers.wrong("classify")
def first_direction_of_each_sign_cancels(hessian):
    signs = np.sign(np.linalg.eigvalsh(hessian).round(9)).sum()
    return {len(hessian): "minimum", -len(hessian): "maximum", 0: "undecided"}.get(int(signs), "saddle")


@answers.right("classify")
def kinds_from_a_set_of_signs(hessian):
    signs = {0 if abs(e) <= 1e-9 else int(e / abs(e)) for e in np.linalg.eigvals(hessian).real.tolist()}
    if signs >= {1, -1}:
        return "saddle"
    return {(1,): "minimum", (-1,): "maximum"}.get(tuple(signs), "undecided")


@answers.wrong("contraction")
def flat_directions_skipped(hessian, step):
    e = np.linalg.eigvalsh(hessian)
    return np.max(np.abs(1 - step * e[np.abs(e) > 1e-9]))


@answers.wrong("contraction")
def direction_of_largest_size(hessian, step):
    e = np.linalg.eigvalsh(hessian)
    return abs(1 - step * e[np.argmax(np.abs(e))])


@answers.wrong("contraction")
def contraction_starts_at_one(hessian, step):
    return max(1.0, contraction(hessian, step))


@answers.right("contraction")
def contraction_by_a_matrix_norm(hessian, step):
    return np.linalg.norm(np.identity(hessian.shape[0]) - hessian * step, ord=2)


@answers.wrong("largest_stable_step")
def power_iteration_cut_short(hessian):
    largest_stable_step(hessian)
    v = np.ones(len(hessian))
    for _ in range(10):
        v = hessian @ v
        v /= np.linalg.norm(v)
    return 2 / (v @ hessian @ v)


@answers.wrong("largest_stable_step", "errors")
def saddles_with_a_large_negative_curvature_only(hessian):
    e = np.linalg.eigvalsh(hessian)
    if e.sum() <= 1e-9 or np.prod(e) <= 0:
        raise ValueError("no minimum")
    return 2 / e.max()


@answers.right("largest_stable_step")
def edge_by_singular_values(hessian):
    if classify(hessian) != "minimum":
        raise ValueError(classify(hessian))
    return 2.0 / np.linalg.svd(hessian, compute_uv=False)[0].item()


@answers.wrong("best_fixed_step")
def two_flattest_directions(hessian):
    best_fixed_step(hessian)
    return 2 / np.sort(np.linalg.eigvalsh(hessian))[:2].sum()


@answers.wrong("best_fixed_step")
def equal_curvatures_counted_once(hessian):
    best_fixed_step(hessian)
    return 2 / sum(set(np.linalg.eigvalsh(hessian).round(9).tolist()))


@answers.right("best_fixed_step")
def step_by_one_over_the_middle(hessian):
    e = sorted(np.real(np.linalg.eigvals(hessian)))
    if not e[0] > 1e-9:
        raise ValueError("A valley, a ridge or a saddle.")
    return 1 / ((e[0] + e[-1]) / 2)


# --- descents -----------------------------------------------------------------------------------------


@answers.wrong("sign_descent")
def ends_at_the_origin(derivative, x0, step, max_steps):
    path = [float(x0)]
    while len(path) <= max_steps and path[-1] and (slope := derivative(path[-1])):
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@answers.wrong("sign_descent")
def ends_where_it_has_been(derivative, x0, step, max_steps):
    path = [float(x0)]
    for _ in range(max_steps):
        slope = derivative(path[-1])
        if slope == 0 or any(abs(path[-1] - x) < 1e-9 for x in path[:-1]):
            break
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@answers.wrong("sign_descent", "values", "stopping")
def one_list_for_all_calls(derivative, x0, step, max_steps, path=[]):  # noqa: B006
    path.append(float(x0))
    for _ in range(max_steps):
        slope = derivative(path[-1])
        if slope == 0:
            break
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@answers.right("sign_descent")
def points_of_a_generator(derivative, x0, step, max_steps):
    def points(x):
        while True:
            yield x
            asked.append(slope := derivative(x))
            if slope == 0:
                return
            x -= step if slope > 0 else -step

    asked = []
    return np.fromiter(islice(points(float(x0)), max_steps + 1), float)


@answers.wrong("gradient_descent")
def ends_at_the_first_flat_coordinate(gradient, x0, step, tolerance, max_steps):
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance or not np.all(slope):
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@answers.wrong("gradient_descent", "stopping")
def ends_after_a_short_step(gradient, x0, step, tolerance, max_steps):
    path = gradient_descent(gradient, x0, step, tolerance, max_steps)
    moves = np.linalg.norm(np.diff(path, axis=0), axis=1)
    return path[: 2 + int(np.argmax(moves < tolerance))] if np.any(moves < tolerance) else path


@answers.wrong("gradient_descent", "inputs")
def gradients_remembered_by_name(gradient, x0, step, tolerance, max_steps):
    path = [np.asarray(x0, dtype=float)]
    slopes = []
    for _ in range(max_steps):
        slopes.append(gradient(path[-1]))
        slopes[-1] *= step
        if np.linalg.norm(slopes[-1]) <= tolerance * step:
            break
        path.append(path[-1] - slopes[-1])
    return np.array(path)


@answers.right("gradient_descent")
def path_from_sums_of_steps(gradient, x0, step, tolerance, max_steps):
    x, moves = np.array(x0).astype("float64"), []
    while len(moves) < max_steps:
        g = gradient(np.add.reduce([x, *moves]))
        if not np.dot(g, g) ** 0.5 > tolerance:
            break
        moves += [-step * np.array(g)]
    return np.cumsum([x, *moves], axis=0)


@answers.wrong("momentum_descent")
def velocity_rests_where_the_slope_is_zero(gradient, x0, step, momentum, tolerance, max_steps):
    path = [np.asarray(x0, dtype=float)]
    velocity = np.zeros(len(x0))
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = np.where(slope == 0, 0.0, momentum * velocity - step * slope)
        path.append(path[-1] + velocity)
    return np.array(path)


@answers.wrong("momentum_descent")
def velocity_lost_when_the_slope_turns(gradient, x0, step, momentum, tolerance, max_steps):
    path = [np.asarray(x0, dtype=float)]
    velocity = np.zeros(len(x0))
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = np.where(velocity * slope > 0, 0.0, momentum * velocity) - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


VELOCITY = {}


@answers.wrong("momentum_descent", "values", "stopping", "inputs")
def velocity_kept_between_calls(gradient, x0, step, momentum, tolerance, max_steps):
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        VELOCITY[len(x0)] = momentum * VELOCITY.get(len(x0), 0.0) - step * slope
        path.append(path[-1] + VELOCITY[len(x0)])
    return np.array(path)


@answers.right("momentum_descent")
def momentum_from_the_last_two_points(gradient, x0, step, momentum, tolerance, max_steps):
    path = [np.array(x0, dtype=float)] * 2  # as if it had rested
    for _ in range(max_steps):
        g = np.asarray(gradient(path[-1].copy()))
        if np.hypot.reduce(g) <= tolerance:
            break
        path.append(path[-1] + momentum * (path[-1] - path[-2]) - step * g)
    return np.stack(path[1:])


@answers.wrong("adam_descent")
def means_rest_where_the_slope_is_zero(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    path = [np.asarray(x0, dtype=float)]
    mean, square = np.zeros(len(x0)), np.zeros(len(x0))
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        moves = slope != 0
        mean = np.where(moves, beta1 * mean + (1 - beta1) * slope, mean)
        square = np.where(moves, beta2 * square + (1 - beta2) * slope**2, square)
        share = mean / (1 - beta1**t) / (np.sqrt(square / (1 - beta2**t)) + epsilon)
        path.append(path[-1] - np.where(moves, step * share, 0.0))
    return np.array(path)


@answers.wrong("adam_descent")
def largest_square_kept(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    path = [np.asarray(x0, dtype=float)]
    mean, square, largest = 0.0, 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        largest = np.maximum(largest, square / (1 - beta2**t))
        path.append(path[-1] - step * mean / (1 - beta1**t) / (np.sqrt(largest) + epsilon))
    return np.array(path)


@answers.wrong("adam_descent")
def epsilon_of_another_framework(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-7):
    return adam_descent(gradient, x0, step, tolerance, max_steps, beta1, beta2, epsilon)


@answers.right("adam_descent")
def adam_by_weighted_sums(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    path, slopes = [np.array(x0, float)], []
    for _ in range(max_steps):
        slopes.append(np.array(gradient(path[-1])))
        if np.linalg.norm(slopes[-1]) <= tolerance:
            break
        ages = np.arange(len(slopes))[::-1, None]
        m = np.sum(beta1**ages * slopes, axis=0) / np.sum(beta1**ages)
        v = np.sum(beta2**ages * np.square(slopes), axis=0) / np.sum(beta2**ages)
        path.append(path[-1] - step * m / (v**0.5 + epsilon))
    return np.array(path)


@answers.wrong("delta_rule_step")
def output_of_zero_taken_for_one(w, x, t, learning_rate):
    return w - learning_rate * ((w @ x or 1.0) - t) * x


@answers.wrong("delta_rule_step")
def large_errors_clipped(w, x, t, learning_rate):
    return w - learning_rate * np.clip(w @ x - t, -5, 5) * x


@answers.right("delta_rule_step")
def delta_rule_by_lists(w, x, t, learning_rate):
    error = t - sum(a * b for a, b in zip(w, x, strict=True))
    return np.array([a + error * learning_rate * b for a, b in zip(w.tolist(), x.tolist(), strict=True)])


# --- judged -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost()
