"""Other correct solutions of unit 5."""

from collections import Counter

import numpy as np

from backprop_solutions.softmax_stability import log_softmax, sigmoid, softmax, softplus

# --- logsumexp, softmax, log_softmax ----------------------------------------------------------------


def logsumexp_by_pairs(Z):
    return np.logaddexp.reduce(Z, axis=-1)


def logsumexp_with_plain_log(Z):
    m = np.max(Z, axis=-1)
    return np.log(np.sum(np.exp(Z - m[..., np.newaxis]), axis=-1)) + m


def logsumexp_row_by_row(Z):
    rows = Z.reshape(-1, Z.shape[-1])
    values = [max(row) + np.log(sum(np.exp(z - max(row)) for z in row)) for row in rows]
    return np.array(values).reshape(Z.shape[:-1])


def logsumexp_of_sorted(Z):
    Z = np.sort(Z, axis=-1)
    return np.log(np.exp(Z - Z[..., -1:]).sum(axis=-1)) + Z[..., -1]


def softmax_by_log(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=-1, keepdims=True))


def softmax_transposed(Z):
    e = np.exp(Z.T - Z.T.max(axis=0)) if Z.ndim < 3 else np.moveaxis(np.exp(Z - Z.max(-1, keepdims=True)), -1, 0)
    p = e / e.sum(axis=0)
    return p.T if Z.ndim < 3 else np.moveaxis(p, 0, -1)


def softmax_row_by_row(Z):
    def one(row):
        e = np.exp(row - row.max())
        return e / e.sum()

    return np.apply_along_axis(one, -1, Z)


def softmax_by_einsum(Z):
    e = np.exp(np.subtract(Z, np.expand_dims(np.amax(Z, axis=-1), -1)))
    return np.einsum("...k,...->...k", e, 1 / np.einsum("...k->...", e))


def log_softmax_by_difference(Z):
    m = Z.max(axis=-1, keepdims=True)
    return Z - (m + np.log(np.exp(Z - m).sum(axis=-1, keepdims=True)))


def log_softmax_by_pairs(Z):
    return Z - np.logaddexp.reduce(Z, axis=-1, keepdims=True)


def log_softmax_shifted_first(Z):
    shifted = Z - np.max(Z, axis=-1)[..., None]
    return shifted - np.log(np.exp(shifted).sum(axis=-1))[..., None]


# --- one_hot ----------------------------------------------------------------------------------------


def one_hot_by_comparison(y, K):
    if ((y < 0) | (y > K - 1)).any():
        raise ValueError("label out of range")
    return (y[:, None] == np.arange(K)).astype(float)


def one_hot_by_identity(y, K):
    if not set(y.tolist()) <= set(range(K)):
        raise ValueError("label out of range")
    return np.eye(K, dtype=int)[y]


def one_hot_by_loop(y, K):
    out = np.zeros((y.size, K))
    for n, label in enumerate(y):
        if not 0 <= label < K:
            raise ValueError(f"label {label}")
        out[n, label] += 1
    return out


# --- cross_entropy ----------------------------------------------------------------------------------


def cross_entropy_by_one_hot(Z, y):
    m = Z.max(axis=1)
    lse = m + np.log(np.exp(Z - m[:, None]).sum(axis=1))
    return (lse - (Z * np.eye(Z.shape[1])[y]).sum(axis=1)).mean()


def cross_entropy_by_loop(Z, y):
    total = 0.0
    for row, label in zip(Z, y, strict=True):
        total += np.logaddexp.reduce(row - row[label])
    return total / len(y)


def cross_entropy_by_take(Z, y):
    return float(np.mean(-np.take_along_axis(log_softmax(Z), y[:, None], axis=1)))


def cross_entropy_gradient_by_difference(Z, y):
    return (softmax(Z) - np.eye(Z.shape[1])[y]) / len(y)


def cross_entropy_gradient_on_a_copy(Z, y):
    G = np.exp(log_softmax(Z))
    G[np.arange(len(y)), y] -= 1
    G /= Z.shape[0]
    return G


def cross_entropy_gradient_by_jacobian(Z, y):
    N = len(y)
    rows = []
    for p, label in zip(softmax(Z), y, strict=True):
        # The column of the Jacobian divided by p[label], which may be 0, leaves the unit vector minus p.
        rows.append(-(np.eye(len(p))[label] - p) / N)
    return np.stack(rows)


# --- sigmoid, softplus ------------------------------------------------------------------------------


def sigmoid_by_masks(z):
    out = np.empty_like(z)
    up = z >= 0
    out[up] = 1 / (1 + np.exp(-z[up]))
    e = np.exp(z[~up])
    out[~up] = e / (1 + e)
    return out


def sigmoid_by_log(z):
    return np.exp(-np.logaddexp(0, -z))


def sigmoid_as_softmax(z):
    return softmax(np.stack([z, np.zeros_like(z)], axis=-1))[..., 0]


def sigmoid_by_halves(z):
    low = np.exp(np.minimum(z, 0))
    return low / (low + np.exp(-np.maximum(z, 0)))


def softplus_by_logaddexp(z):
    return np.logaddexp(0, z)


def softplus_by_masks(z):
    small = np.log1p(np.exp(np.minimum(z, 0)))
    return np.where(z <= 0, small, z + np.log1p(np.exp(-np.maximum(z, 0))))


def softplus_of_magnitude(z):
    return (z + np.abs(z)) / 2 + np.log1p(np.exp(-np.abs(z)))


# --- binary_cross_entropy ---------------------------------------------------------------------------


def binary_cross_entropy_with_linear_term(z, t):
    return np.mean(np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))))


def binary_cross_entropy_by_cases(z, t):
    return np.where(t == 1, softplus(-z), softplus(z)).mean()


def binary_cross_entropy_by_logaddexp(z, t):
    return np.average(t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z))


def binary_gradient_by_difference(z, t):
    return (sigmoid(z) - t) / z.size


def binary_gradient_by_cases(z, t):
    return np.where(t == 1, -sigmoid(-z), sigmoid(z)) / np.prod(z.shape)


def binary_gradient_of_mean(z, t):
    return np.full(z.shape, 1 / z.size) * (np.exp(-softplus(-z)) - t)


def squared_gradient_by_formula(z, t):
    s = sigmoid(z)
    return (s - t) * s * (1 - s)


def squared_gradient_by_expansion(z, t):
    s = sigmoid(z)
    slope = s - s**2
    return s * slope - t * slope


def squared_gradient_by_cases(z, t):
    s, r = sigmoid(z), sigmoid(-z)
    return np.where(t == 1, -s * r * r, s * s * r)


# --- nll_minimizer ----------------------------------------------------------------------------------


def minimizer_with_lower_median(samples, distribution):
    if distribution == "laplace":
        return float(np.sort(samples)[(len(samples) - 1) // 2])
    return float(sum(samples) / len(samples))


def minimizer_with_upper_median(samples, distribution):
    functions = {
        "gaussian": np.mean,
        "bernoulli": lambda s: np.count_nonzero(s) / s.size,
        "laplace": lambda s: np.partition(s, len(s) // 2)[len(s) // 2],
    }
    return functions[distribution](samples)


def minimizer_by_trying_samples(samples, distribution):
    if distribution == "laplace":
        return min(samples, key=lambda c: np.abs(samples - c).sum())
    return np.array(samples).mean()


# --- relative_frequencies ---------------------------------------------------------------------------


def frequencies_by_counter(X, y, K):
    counters = {}
    for row, label in zip(map(tuple, X.tolist()), y.tolist(), strict=True):
        counters.setdefault(row, Counter())[label] += 1
    rows = list(counters)
    frequencies = [[counters[row][k] / counters[row].total() for k in range(K)] for row in rows]
    return np.array(rows), np.array(frequencies)


def frequencies_by_mean_of_one_hot(X, y, K):
    rows = np.unique(X, axis=0)[::-1]
    T = np.eye(K)[y]
    return [rows, np.array([T[(row == X).all(axis=1)].mean(axis=0) for row in rows])]


def frequencies_by_membership(X, y, K):
    rows = np.unique(X, axis=0)
    member = (rows[:, None, :] == X[None, :, :]).all(axis=2).astype(float)
    return rows, (member / member.sum(axis=1, keepdims=True)) @ np.eye(K)[y]


ALTERNATIVES = {
    "logsumexp": [logsumexp_by_pairs, logsumexp_with_plain_log, logsumexp_row_by_row, logsumexp_of_sorted],
    "softmax": [softmax_by_log, softmax_transposed, softmax_row_by_row, softmax_by_einsum],
    "log_softmax": [log_softmax_by_difference, log_softmax_by_pairs, log_softmax_shifted_first],
    "one_hot": [one_hot_by_comparison, one_hot_by_identity, one_hot_by_loop],
    "cross_entropy": [cross_entropy_by_one_hot, cross_entropy_by_loop, cross_entropy_by_take],
    "cross_entropy_gradient": [
        cross_entropy_gradient_by_difference,
        cross_entropy_gradient_on_a_copy,
        cross_entropy_gradient_by_jacobian,
    ],
    "sigmoid": [sigmoid_by_masks, sigmoid_by_log, sigmoid_as_softmax, sigmoid_by_halves],
    "softplus": [softplus_by_logaddexp, softplus_by_masks, softplus_of_magnitude],
    "binary_cross_entropy": [
        binary_cross_entropy_with_linear_term,
        binary_cross_entropy_by_cases,
        binary_cross_entropy_by_logaddexp,
    ],
    "binary_cross_entropy_gradient": [
        binary_gradient_by_difference,
        binary_gradient_by_cases,
        binary_gradient_of_mean,
    ],
    "squared_error_sigmoid_gradient": [
        squared_gradient_by_formula,
        squared_gradient_by_expansion,
        squared_gradient_by_cases,
    ],
    "nll_minimizer": [minimizer_with_lower_median, minimizer_with_upper_median, minimizer_by_trying_samples],
    "relative_frequencies": [
        frequencies_by_counter,
        frequencies_by_mean_of_one_hot,
        frequencies_by_membership,
    ],
}
