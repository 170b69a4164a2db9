"""Unit 5: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

import math

import numpy as np
import pytest

from backprop_solutions.softmax_stability import (
    binary_cross_entropy_gradient,
    cross_entropy_gradient,
    log_softmax,
    logsumexp,
    nll_minimizer,
    one_hot,
    relative_frequencies,
    sigmoid,
    softmax,
    softplus,
)
from strictness.judging import Answers

answers = Answers("05_softmax_stability")


@answers.wrong("logsumexp", "stability")
def minus_infinity_taken_for_minus_1000(Z):
    return logsumexp(np.where(np.isinf(Z), -1000.0, Z))


@answers.wrong("logsumexp")
def small_terms_left_out(Z):
    largest = Z.max(axis=-1, keepdims=True)
    terms = np.where(Z - largest < -12, 0.0, np.exp(Z - largest))
    return largest[..., 0] + np.log(terms.sum(axis=-1))


@answers.wrong("softmax")
def single_rows_flattened(Z):
    return softmax(Z)[0] if Z.ndim == 2 and len(Z) == 1 else softmax(Z)


@answers.wrong("softmax", "stability")
def shift_starts_at_zero(Z):
    shift = np.maximum(Z.max(axis=-1, keepdims=True), 0.0)
    e = np.exp(Z - shift)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(e / e.sum(axis=-1, keepdims=True))


@answers.wrong("log_softmax")
def wrong_axis_if_square(Z):
    return log_softmax(Z.T).T if Z.ndim == 2 and Z.shape[0] == Z.shape[1] else log_softmax(Z)


@answers.wrong("log_softmax")
def single_class_dropped(Z):
    return log_softmax(Z)[..., 0] if Z.shape[-1] == 1 else log_softmax(Z)


@answers.wrong("cross_entropy_gradient")
def single_class_as_a_vector(Z, y):
    return np.squeeze(cross_entropy_gradient(Z, y))


@answers.right("softmax")
def traces_of_impossible_classes(Z):
    return np.maximum(softmax(Z), 1e-305)  # where the others say 0


@answers.right("softmax")
def softmax_by_exponential_of_differences(Z):
    return np.exp(Z - logsumexp(Z)[..., None])


@answers.right("logsumexp")
def logsumexp_by_reduction(Z):
    return np.logaddexp.reduce(Z, axis=-1)


@answers.wrong("one_hot", "errors")
def always_refused(y, K):
    raise ValueError("labels")


@answers.wrong("one_hot")
def single_label_as_a_vector(y, K):
    return np.squeeze(one_hot(y, K))


@answers.right("one_hot")
def one_hot_as_a_table_of_booleans(y, K):
    if np.setdiff1d(y, range(K)).size:
        raise ValueError("no such class")
    return np.equal.outer(y, np.arange(K)) * 1.0


@answers.wrong("cross_entropy", "stability")
def product_with_one_hot(Z, y):
    return -np.mean(np.sum(one_hot(y, Z.shape[1]) * log_softmax(Z), axis=1))


@answers.wrong("cross_entropy")
def averaged_over_the_labels_that_occur(Z, y):
    losses = -log_softmax(Z)[np.arange(len(y)), y]
    return np.mean([losses[y == label].mean() for label in set(y.tolist())])


@answers.right("cross_entropy")
def cross_entropy_by_where(Z, y):
    chosen = np.where(one_hot(y, Z.shape[1]) == 1, log_softmax(Z), 0)
    return -chosen.sum() / Z.shape[0]


@answers.wrong("cross_entropy_gradient")
def equal_rows_merged(Z, y):
    gradient = cross_entropy_gradient(Z, y)
    return gradient * len(y) / len(np.unique(Z, axis=0))


@answers.right("cross_entropy_gradient")
def gradient_by_an_array_of_labels(Z, y):
    p = softmax(Z)
    for n in range(len(y)):
        p[n, y[n]] -= 1
    return p / len(p)


@answers.wrong("sigmoid")
def vectors_and_matrices_only(z):
    return sigmoid(z if z.ndim < 3 else z[0])


@answers.wrong("softplus")
def zero_below_a_millionth(z):
    return np.where(np.abs(z) < 1e-6, 0.0, softplus(z))


@answers.right("sigmoid")
def sigmoid_element_by_element(z):
    def one(x):
        return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))

    return np.array([one(x) for x in z.ravel().tolist()]).reshape(z.shape)


@answers.wrong("binary_cross_entropy_gradient")
def averaged_over_positives(z, t):
    return binary_cross_entropy_gradient(z, t) * z.size / max(np.sum(t), 1)


@answers.wrong("binary_cross_entropy")
def logits_of_zero_skipped(z, t):
    return np.sum(softplus((1 - 2 * t) * z), where=z != 0) / z.size


@answers.right("binary_cross_entropy")
def binary_by_masks(z, t):
    losses = np.empty(z.shape)
    losses[t == 1] = softplus(-z[t == 1])
    losses[t == 0] = softplus(z[t == 0])
    return losses.mean()


@answers.wrong("nll_minimizer")
def any_other_name_is_gaussian(samples, distribution):
    return np.median(samples) if distribution == "laplace" else np.mean(samples)


@answers.wrong("nll_minimizer")
def never_certain(samples, distribution):
    best = nll_minimizer(samples, distribution)
    return min(max(best, 1e-3), 1 - 1e-3) if distribution == "bernoulli" else best


@answers.wrong("nll_minimizer", "laplace")
def middle_of_the_different_samples(samples, distribution):
    return nll_minimizer(np.unique(samples) if distribution == "laplace" else samples, distribution)


@answers.wrong("relative_frequencies")
def rows_as_sets_of_numbers(X, y, K):
    return relative_frequencies(np.sort(X, axis=1), y, K)


@answers.wrong("relative_frequencies")
def rows_by_their_sums(X, y, K):
    _, first, group = np.unique(X.sum(axis=1), return_index=True, return_inverse=True)
    return X[first], relative_frequencies(group.reshape(-1, 1), y, K)[1]


@answers.right("relative_frequencies")
def frequencies_by_a_dict_of_lists(X, y, K):
    labels = {}
    for row, label in zip(X.tolist(), y.tolist(), strict=True):
        labels.setdefault(tuple(row), []).append(label)
    return list(labels), [[found.count(k) / len(found) for k in range(K)] for found in labels.values()]


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost()
