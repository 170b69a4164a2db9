"""Unit 4: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

import numpy as np
import pytest

from backprop_solutions.vector_jacobians import (
    linear_backward,
    linear_forward,
    multiply_vjp,
    product_power_vjp,
    three_linear_gradients,
    unbroadcast,
)
from strictness.judging import Answers

answers = Answers("04_vector_jacobians")


@answers.wrong("linear_forward")
def single_outputs_squeezed(X, W, b):
    return np.squeeze(linear_forward(X, W, b))


@answers.wrong("linear_backward")
def gradients_squeezed(G, X, W):
    dX, dW, db = linear_backward(G, X, W)
    return np.squeeze(dX), np.squeeze(dW), db


@answers.wrong("linear_backward", "values", "bias")
def equal_rows_counted_once(G, X, W):
    rows = np.unique(np.hstack([G, X]), axis=0)
    dX, (_, dW, db) = G @ W.T, linear_backward(rows[:, : G.shape[1]], rows[:, G.shape[1] :], W)
    return dX, dW, db


@answers.wrong("linear_backward")
def small_gradients_cut_off(G, X, W):
    dX, dW, db = linear_backward(G, X, W)
    return np.where(np.abs(dX) < 1e-6, 0.0, dX), dW, db


@answers.wrong("elementwise_jacobian")
def single_unit_as_a_number(derivative, z):
    return np.squeeze(np.diag(derivative(z)))


@answers.wrong("relu_vjp")
def threshold_above_zero(G, Z):
    return G * (Z > 1e-9)


@answers.wrong("relu_vjp")
def rows_of_a_matrix_only(G, Z):
    return np.array([g * (z > 0) for g, z in zip(np.atleast_2d(G), np.atleast_2d(Z), strict=True)])


@answers.right("relu_vjp")
def relu_through_a_copy_and_a_mask(G, Z):
    result = np.array(G, dtype=float)
    result[np.logical_not(Z > 0)] = 0
    return result


@answers.right("tanh_vjp")
def tanh_with_a_list_of_numbers(G, A):
    return np.reshape([g * (1 - a) * (1 + a) for g, a in zip(G.ravel(), A.ravel(), strict=True)], G.shape)


@answers.wrong("softmax_vjp")
def mean_of_the_first_row_for_all(G, P):
    return P * (G - (G * P).sum(axis=1)[0])


@answers.wrong("softmax_vjp")
def means_along_the_wrong_axis_if_square(G, P):
    mean = (G * P).sum(axis=1)
    return P * (G - (mean if len(G) == G.shape[1] else mean[:, None]))


@answers.right("softmax_vjp")
def softmax_row_after_row(G, P):
    return np.array([p * g - p * np.dot(p, g) for g, p in zip(G, P, strict=True)])


@answers.wrong("unbroadcast", "values", "stretched")
def axes_found_by_their_length(G, shape):
    lengths, axes = list(shape), []
    for axis, n in enumerate(G.shape):
        if n in lengths:
            lengths.remove(n)
        else:
            axes.append(axis)
    return G.sum(axis=tuple(axes)).reshape(shape)


@answers.wrong("unbroadcast", "stretched")
def first_stretched_axis_only(G, shape):
    G = G.sum(axis=tuple(range(G.ndim - len(shape))))
    for axis, n in enumerate(shape):
        if n != G.shape[axis]:
            return G.sum(axis=axis, keepdims=True)
    return G


@answers.wrong("unbroadcast")
def at_most_two_new_axes(G, shape):
    return unbroadcast(G if G.ndim - len(shape) < 3 else G[0], shape)


@answers.right("unbroadcast")
def unbroadcast_by_reshaping(G, shape):
    total = np.zeros(shape)
    for index in np.ndindex(G.shape):
        at = index[len(index) - len(shape) :]
        total[tuple(min(i, n - 1) for i, n in zip(at, shape, strict=True))] += G[index]
    return total


@answers.right("multiply_vjp")
def both_in_one_array(g, y, z):
    return np.array(multiply_vjp(g, y, z))


@answers.wrong("product_power_vjp")
def exponents_transposed_when_square(g, z, alpha):
    return product_power_vjp(g, z, alpha.T if alpha.shape[0] == alpha.shape[1] else alpha)


@answers.wrong("max_vjp")
def maximum_starts_at_zero(g, z, groups):
    dz = np.zeros(len(z))
    for upstream, group in zip(g, groups, strict=True):
        best, winner = 0.0, 0
        for k in group:
            if z[k] > best:
                best, winner = z[k], k
        dz[winner] += upstream
    return dz


@answers.wrong("max_vjp")
def winner_found_by_its_value(g, z, groups):
    dz = np.zeros(len(z))
    for upstream, group in zip(g, groups, strict=True):
        dz[z.tolist().index(max(z[k] for k in group))] += upstream
    return dz


@answers.wrong("max_vjp", "overlap")
def equal_groups_merged(g, z, groups):
    dz = np.zeros(len(z))
    for group, upstream in {tuple(group): upstream for group, upstream in zip(groups, g, strict=True)}.items():
        dz[max(group, key=lambda k: z[k])] += upstream
    return dz


@answers.right("max_vjp")
def winner_by_python(g, z, groups):
    dz = [0.0] * len(z)
    for i in range(len(groups)):
        dz[max(groups[i], key=lambda k: z[k])] += g[i]
    return np.array(dz)


@answers.wrong("three_linear_gradients")
def thin_layers_squeezed(W1, W2, W3, x, y):
    return tuple(np.squeeze(dW) for dW in three_linear_gradients(W1, W2, W3, x, y))


@answers.right("three_linear_gradients")
def three_layers_by_dots(W1, W2, W3, x, y):
    h1, h2 = W1.dot(x), W2.dot(W1.dot(x))
    g3 = W3.dot(h2) - y
    g2 = W3.T.dot(g3)
    return [W2.T.dot(g2)[:, None] * x, g2[:, None] * h1, g3[:, None] * h2]


@answers.wrong("jvp_chain")
def equal_jacobians_applied_once(jacobians, v):
    for k, J in enumerate(jacobians):
        if not any(J is other or np.array_equal(J, other) for other in jacobians[:k]):
            v = J @ v
    return v


@answers.wrong("vjp_chain")
def one_jacobian_overlooked(g, jacobians):
    if len(jacobians) < 2:
        return g
    for J in jacobians[::-1]:
        g = J.T @ g
    return g


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost()
