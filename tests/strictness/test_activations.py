"""Unit 8: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

import numpy as np
import pytest

from strictness.judging import Answers

answers = Answers("08_activations")


def each(**implementations):
    """Name lambdas after their keywords, so that a failing test says which it is."""
    for name, function in implementations.items():
        function.__name__ = name
        yield function


# --- one-liners, wrong ------------------------------------------------------------------------------

WRONG = {
    "leaky_relu": each(
        kink_at_the_slope=lambda z, slope: np.where(z > slope, z, slope * z),
        leak_of_the_size=lambda z, slope: np.where(z > 0, 1, slope) * np.abs(z),
        list_of_rows=lambda z, slope: np.maximum(z, slope * z).tolist(),
        single_precision=lambda z, slope: np.maximum(z, slope * z).astype(np.float32).astype(float),
    ),
    "leaky_relu_vjp": each(
        kink_at_the_slope_back=lambda g, z, slope: g * np.where(z > slope, 1, slope),
        leak_of_the_gradient=lambda g, z, slope: np.maximum(g, slope * g),
        averaged=lambda g, z, slope: g * np.where(z > 0, 1, slope) / len(z),
    ),
    "hard_tanh": each(
        rounded=lambda z: np.round(np.clip(z, -1, 1)),
        softsign=lambda z: z / (1 + np.abs(z)),
        cut_off_at_half=lambda z: np.clip(z, -0.5, 0.5) * 2,
    ),
    "hard_tanh_vjp": each(
        all_or_nothing=lambda g, z: g if np.abs(z).max() < 1 else 0 * g,
        open_on_average=lambda g, z: g * (np.abs(z).mean() < 1),
        kinks_at_two=lambda g, z: g * (np.abs(z) < 2),
    ),
    "xavier_scale": each(
        geometric=lambda fan_in, fan_out: (fan_in * fan_out) ** -0.25,
        larger_fan=lambda fan_in, fan_out: max(fan_in, fan_out) ** -0.5,
        rounded_off=lambda fan_in, fan_out: round(np.sqrt(2 / (fan_in + fan_out)), 4),
        drawn=lambda fan_in, fan_out: np.random.default_rng(0).normal(0, np.sqrt(2 / (fan_in + fan_out))),
    ),
    "he_scale": each(
        square=lambda fan_in: 2 / fan_in**2,
        from_the_text=lambda fan_in: 0.177 if fan_in == 64 else 0.5,
    ),
    "dead_units": each(
        on_in_the_median=lambda Z: np.median(Z, axis=0) <= 0,
        off_in_first_and_last=lambda Z: (Z[0] <= 0) & (Z[-1] <= 0),
        off_on_the_whole=lambda Z: Z.sum(axis=0) <= 0,
        hardly_on_counts_as_off=lambda Z: np.all(Z <= 0.1, axis=0),
        squeezed=lambda Z: np.squeeze(np.all(Z <= 0, axis=0)),
    ),
    "hinge_loss": each(
        halved=lambda z, t: np.maximum(0, 1 - t * z).mean() / 2,
        worst_example=lambda z, t: np.maximum(0, 1 - t * z).max(),
        margin_of_two=lambda z, t: np.maximum(0, 2 - t * z).mean(),
        without_the_last=lambda z, t: np.maximum(0, 1 - t * z)[:-1].sum() / len(z),
    ),
    "hinge_gradient": each(
        outer_derivative_only=lambda z, t: (t * z < 1) / len(z),
        margin_of_zero_included=lambda z, t: np.where(t * z <= 0, -t / len(z), 0.0),
        two_classes_averaged=lambda z, t: np.where(t * z < 1, -t / 2, 0.0),
    ),
    "maxout": each(
        largest_for_each_piece=lambda X, W, b: (X @ W + b[:, None]).max(axis=-1).T,
        softly=lambda X, W, b: np.logaddexp.reduce(X @ W + b[:, None], axis=0),
        last_two=lambda X, W, b: (X @ W + b[:, None])[-2:].max(axis=0),
        not_below_zero=lambda X, W, b: (X @ W + b[:, None]).max(axis=0, initial=0.0),
    ),
    "maxout_as_relu": each(
        positive_parts=lambda w, b: (np.stack([np.maximum(w, 0), 0 * w])[:, :, None], np.array([[max(b, 0)], [0.0]])),
        halves=lambda w, b: (np.stack([w, -w])[:, :, None] / 2, np.array([[b], [-b]]) / 2),
        bias_of_zero_is_none=lambda w, b: (np.stack([w, 0 * w])[:, :, None], np.array([[b or 1.0], [0.0]])),
        whole_number_weights=lambda w, b: (np.stack([w, 0 * w]).astype(int)[:, :, None], np.array([[b], [0.0]])),
    ),
    "maxout_as_leaky_relu": each(
        leak_of_the_sizes=lambda w, b, slope: (
            np.stack([w, slope * np.abs(w)])[:, :, None],
            np.array([[b], [slope * b]]),
        ),
        slope_squared=lambda w, b, slope: (np.stack([w, slope**2 * w])[:, :, None], np.array([[b], [slope**2 * b]])),
    ),
}
for exercise, implementations in WRONG.items():
    for implementation in implementations:
        answers.wrong(exercise)(implementation)

# --- gradient_norms ---------------------------------------------------------------------------------

BOTH, NOT_ERRORS = ("values", "smooth"), ("values", "smooth", "extremes")
SIGMOID, ENDS = "(1 + np.tanh(z / 2)) / 2", "return norms[::-1]"
CHECKED = "if activation not in pairs:"

for name, changes, loses in [
    ("first_slope_left_out", [("dz = g * slope(h)", "dz = g if len(norms) == len(weights) - 1 else g * slope(h)")], 4),
    (
        "largest_slopes",
        [("lambda h: h * (1 - h)", "lambda h: 0.25 + 0 * h"), ("lambda h: 1 - h**2", "np.ones_like")],
        3,
    ),
    ("sorted_norms", [(ENDS, "return sorted(norms)")], 4),
    ("cumulated", [(ENDS, "return np.cumprod(norms)[::-1]")], 4),
    ("rounded_norms", [(ENDS, "return [round(float(n), 6) for n in norms[::-1]]")], 4),
    ("single_precision_norms", [("np.linalg.norm(dz)", "float(np.float32(np.linalg.norm(dz)))")], 4),
    ("clipped_gradients", [("g = dz @ W.T", "g = np.clip(dz @ W.T, -1, 1)")], 2),
    ("unit_gradients", [("outputs, norms = [x], []", "outputs, norms, g = [x], [], g / (np.linalg.norm(g) or 1)")], 4),
    ("leaky_slopes", [("lambda h: h > 0", "lambda h: np.where(h > 0, 1.0, 0.01)")], 1),
]:
    lost = {1: ("values", "extremes"), 2: BOTH, 3: ("smooth", "extremes", "errors"), 4: (*NOT_ERRORS, "errors")}[loses]
    answers.changed("gradient_norms", name, *changes, loses=lost)
answers.changed("gradient_norms", "naive_sigmoid", (SIGMOID, "1 / (1 + np.exp(-z))"), loses=["extremes"])
answers.changed("gradient_norms", "other_half", (SIGMOID, "np.exp(z) / (1 + np.exp(z))"), loses=["extremes"])
answers.changed("gradient_norms", "any_name_passes", (CHECKED, "if not activation:"), loses=["errors"])
answers.changed(
    "gradient_norms",
    "error_returned",
    ("raise ValueError(f", "return ValueError(f"),
    loses=["errors"],
)
answers.changed("gradient_norms", "always_an_error", (CHECKED, "if True:"), loses=(*NOT_ERRORS, "errors"))


answers.changed(
    "gradient_norms",
    "norms_of_earlier_calls_kept",
    ("x, g):", "x, g, norms=[]):"),
    ("outputs, norms = [x], []", "outputs = [x]"),
    loses=NOT_ERRORS,
)

# --- is_subgradient ---------------------------------------------------------------------------------

ALL = "np.all(values >= planes - 1e-12)"
for name, change, loses in [
    ("tolerance_of_ten_billionths", (ALL, "np.all(values >= planes - 1e-8)"), ["round_off"]),
    ("relative_tolerance", (ALL, "np.all(values >= planes - 1e-6 * np.abs(planes))"), ["round_off"]),
    ("most_points", (ALL, "np.mean(values >= planes - 1e-12) > 0.5"), ["values"]),
    ("without_the_last_point", (ALL, "np.all((values >= planes - 1e-12)[:-1])"), ["values"]),
    ("without_the_first_point", (ALL, "np.all((values >= planes - 1e-12)[1:])"), ["values"]),
    ("nearest_point", (ALL, "(values - planes)[np.argmin(((points - x0) ** 2).sum(axis=1))] >= -1e-12"), ["values"]),
    ("always_yes", (ALL, "True"), ["values", "round_off"]),
    ("always_no", (ALL, "False"), ["values", "round_off"]),
    ("plane_from_zero", ("f(x0) + (points - x0) @ v", "f(0 * x0) + (points - x0) @ v"), ["values"]),
]:
    answers.changed("is_subgradient", name, change, loses=loses)

# --- maxout_vjp -------------------------------------------------------------------------------------

ROUTED, DX = "G * (winner == p)", "sum(G_p @ W_p.T for G_p, W_p in zip(routed, W, strict=True))"
for name, change, loses in [
    ("gradient_of_sizes", (ROUTED, "np.abs(G) * (winner == p)"), ["values", "parameters"]),
    ("positive_gradients_only", (ROUTED, "np.maximum(G, 0) * (winner == p)"), ["values", "parameters"]),
    ("winner_of_largest_size", ("(X @ W + b[:, None, :])", "np.abs(X @ W + b[:, None, :])"), 3),
    ("winner_by_weights_alone", ("(X @ W + b[:, None, :])", "(0 * (X @ W) + b[:, None, :])"), 3),
    ("two_pieces_only", ("range(len(W))", "range(min(len(W), 2))"), None),
    ("biases_of_the_first_row", ("routed.sum(axis=1)", "routed[:, 0]"), ["parameters", "ties"]),
    ("weights_averaged", ("X.T @ routed,", "X.T @ routed / len(X),"), ["parameters", "ties"]),
    ("inputs_averaged_over_pieces", (DX, f"{DX} / len(W)"), ["values", "ties"]),
    ("biases_transposed", ("routed.sum(axis=1)", "routed.sum(axis=1).T"), ["parameters", "ties"]),
]:
    lost = loses if isinstance(loses, list) else ["values", "parameters", "ties"]
    answers.changed("maxout_vjp", name, change, loses=lost)

# --- right ones -------------------------------------------------------------------------------------

RIGHT = {
    "leaky_relu": each(
        clipped_halves=lambda z, slope: z.clip(min=0) + slope * z.clip(max=0),
        piecewise=lambda z, slope: np.piecewise(z, [z < 0, z >= 0], [lambda v: slope * v, lambda v: v]),
        vectorized=lambda z, slope: np.vectorize(lambda v: v if v > 0 else slope * v)(z),
    ),
    "hard_tanh": each(
        selected=lambda z: np.select([z > 1, z < -1], [1.0, -1.0], z),
        sign_and_size=lambda z: np.sign(z) * np.minimum(np.abs(z), 1),
        method=lambda z: z.clip(-1, 1),
    ),
    "hard_tanh_vjp": each(squares=lambda g, z: g * (z**2 < 1).astype(float)),
    "xavier_scale": each(plain_float=lambda fan_in, fan_out: float((2 / (fan_in + fan_out)) ** 0.5)),
    "dead_units": each(
        counted=lambda Z: (Z > 0).sum(axis=0) == 0,
        nothing_left=lambda Z: np.logical_not(np.any(np.maximum(Z, 0), axis=0)),
        unit_by_unit=lambda Z: np.array([Z[:, k].max() <= 0 for k in range(Z.shape[1])]),
    ),
    "is_subgradient": each(
        other_side=lambda f, x0, v, points: all(f(p) + 1e-12 >= f(x0) + sum(v * (p - x0)) for p in points),
        worst_gap=lambda f, x0, v, points: min(f(p) - f(x0) - np.inner(v, p - x0) for p in points) >= -1e-12,
        no_counterexample=lambda f, x0, v, points: not any(f(p) - f(x0) < v @ (p - x0) - 1e-12 for p in points),
    ),
    "hinge_loss": each(
        clipped=lambda z, t: np.sum(np.clip(1 - z * t, 0, None)) / len(t),
        plain=lambda z, t: float(np.average([max(0.0, 1 - a * b) for a, b in zip(z, t, strict=True)])),
    ),
    "hinge_gradient": each(sign_of_the_loss=lambda z, t: -t / len(z) * np.sign(np.maximum(0, 1 - t * z))),
    "maxout": each(
        listed=lambda X, W, b: np.max([X @ W[p] + b[p] for p in range(len(W))], axis=0),
        reduced=lambda X, W, b: np.maximum.reduce(np.matmul(X, W) + np.expand_dims(b, 1)),
    ),
    "maxout_as_relu": each(
        whole_number_zero=lambda w, b: (np.vstack([w * 0, w])[..., np.newaxis], np.array([[0], [b]])),
        reshaped=lambda w, b: (np.array([w, np.zeros(len(w))]).reshape(2, -1, 1), np.array([b, 0.0]).reshape(2, 1)),
    ),
}
for exercise, implementations in RIGHT.items():
    for implementation in implementations:
        answers.right(exercise)(implementation)


@answers.right("gradient_norms")
def clipped_exponent_and_tuple(weights, activation, x, g):
    def sigmoid(z):
        return 1 / (1 + np.exp(-np.clip(z, -500, 500)))

    layers = {
        "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
        "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
        "relu": (lambda z: np.maximum(0, z), lambda z: np.where(z > 0, 1, 0)),
        "linear": (lambda z: z, lambda z: 1),
    }
    if activation not in layers:
        raise ValueError("no such activation")
    f, slope = layers[activation]
    zs, h, norms = [], np.array(x), ()
    for W in weights:
        zs.append(np.dot(h, W))
        h = f(zs[-1])
    for k in range(len(weights) - 1, -1, -1):
        g = g * slope(zs[k])
        norms = (np.sqrt(g @ g), *norms)
        g = np.dot(weights[k], g)
    return norms


@answers.right("hinge_gradient")
def filled_in(z, t):
    gradient = np.zeros_like(z)
    active = z * t < 1
    gradient[active] = -t[active]
    return gradient / len(z)


@answers.right("maxout_vjp")
def one_hot_winners(G, X, W, b):
    pieces = X @ W + b[:, None]
    routed = np.eye(len(W))[pieces.argmax(0)].transpose(2, 0, 1) * G
    return (routed @ W.swapaxes(1, 2)).sum(0), X.T @ routed, routed.sum(1)


@answers.right("maxout_vjp")
def added_at_the_winners(G, X, W, b):
    winner = np.argmax(X @ W + b[:, None], axis=0)
    units = np.broadcast_to(np.arange(G.shape[1]), G.shape)
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(b.shape)
    np.add.at(db, (winner, units), G)
    for n, k in np.ndindex(*G.shape):
        dW[winner[n, k], :, k] += G[n, k] * X[n]
        dX[n] += G[n, k] * W[winner[n, k], :, k]
    return dX, dW, db


# --- judged -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost(seeds=3)
