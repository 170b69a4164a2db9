"""Other correct solutions of unit 4."""

from functools import reduce

import numpy as np

# --- linear layer -----------------------------------------------------------------------------------


def forward_by_einsum(X, W, b):
    return np.einsum("nd,dk->nk", X, W) + b


def forward_row_by_row(X, W, b):
    return np.array([W.T @ x + b for x in X])


def forward_with_a_column_of_ones(X, W, b):
    return np.hstack([X, np.ones((len(X), 1))]) @ np.vstack([W, b])


def forward_in_place_of_its_own_result(X, W, b):
    Z = np.dot(X, W)
    Z += b[np.newaxis, :]
    return Z


def backward_by_einsum(G, X, W):
    return np.einsum("nk,dk->nd", G, W), np.einsum("nd,nk->dk", X, G), np.einsum("nk->k", G)


def backward_as_sums_of_outer_products(G, X, W):
    dX = np.array([W @ g for g in G])
    dW = sum(np.outer(x, g) for x, g in zip(X, G, strict=True))
    return [dX, dW, np.ones(len(G)) @ G]


def backward_by_loops(G, X, W):
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(W.shape[1])
    for n in range(len(X)):
        for k in range(W.shape[1]):
            db[k] += G[n, k]
            for d in range(W.shape[0]):
                dX[n, d] += G[n, k] * W[d, k]
                dW[d, k] += G[n, k] * X[n, d]
    return dX, dW, db


# --- elementwise ------------------------------------------------------------------------------------


def jacobian_from_identity(derivative, z):
    return np.eye(len(z)) * derivative(z)


def jacobian_entry_by_entry(derivative, z):
    J = np.zeros((z.size, z.size))
    for k in range(z.size):
        J[k, k] = derivative(z[k])
    return J


def jacobian_by_filling(derivative, z):
    J = np.zeros((len(z), len(z)))
    np.fill_diagonal(J, derivative(z))
    return J


def relu_by_where(G, Z):
    return np.where(Z > 0, G, 0.0)


def relu_on_a_copy(G, Z):
    dZ = G.copy()
    dZ[Z <= 0] = 0
    return dZ


def relu_by_sign(G, Z):
    return G * np.heaviside(Z, 0.0)


def tanh_factored(G, A):
    return (1 - A) * (1 + A) * G


def tanh_expanded(G, A):
    return G - G * A * A


def tanh_from_pre_activation(G, A):
    return G / np.cosh(np.arctanh(A)) ** 2


def sigmoid_expanded(G, A):
    return G * (A - A**2)


def sigmoid_from_the_middle(G, A):
    return G * (0.25 - (A - 0.5) ** 2)


def sigmoid_in_place_of_its_own_result(G, A):
    slope = 1 - A
    slope *= A
    slope *= G
    return slope


# --- softmax ----------------------------------------------------------------------------------------


def softmax_by_delta(p):
    return p[:, None] * (np.eye(len(p)) - p[None, :])


def softmax_by_loops(p):
    K = len(p)
    return np.array([[p[i] * ((i == j) - p[j]) for j in range(K)] for i in range(K)])


def softmax_by_assignment(p):
    J = -np.outer(p, p)
    J[np.diag_indices(len(p))] += p
    return J


def softmax_vjp_by_rows(G, P):
    return np.array([p * (g - g @ p) for g, p in zip(G, P, strict=True)])


def softmax_vjp_by_einsum(G, P):
    return P * G - P * np.einsum("nk,nk->n", G, P)[:, None]


def softmax_vjp_by_pieces(G, P):
    mean = np.sum(P * G, axis=-1)
    dZ = np.empty_like(P)
    for n in range(len(P)):
        dZ[n] = P[n] * G[n]
        dZ[n] -= mean[n] * P[n]
    return dZ


# --- products of matrices ---------------------------------------------------------------------------


def left_by_columns(G, W, X):
    dW = sum(np.outer(G[:, k], X[:, k]) for k in range(G.shape[1]))
    return dW, np.stack([W.T @ G[:, k] for k in range(G.shape[1])], axis=1)


def left_by_einsum(G, W, X):
    return [np.einsum("mn,ln->ml", G, X), np.einsum("ml,mn->ln", W, G)]


def left_by_transposition(G, W, X):
    return (X @ G.T).T, (G.T @ W).T


def right_by_rows(G, X, W):
    dW = sum(np.outer(x, g) for x, g in zip(X, G, strict=True))
    return np.stack([W @ g for g in G]), dW


def right_by_einsum(G, X, W):
    return [np.einsum("nk,dk->nd", G, W), np.einsum("nd,nk->dk", X, G)]


def right_by_transposition(G, X, W):
    return (W @ G.T).T, (G.T @ X).T


# --- broadcasting -----------------------------------------------------------------------------------


def unbroadcast_step_by_step(G, shape):
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


def unbroadcast_by_counting(G, shape):
    total = np.zeros(shape)
    owner = np.broadcast_to(np.arange(total.size).reshape(shape), G.shape)
    return np.bincount(owner.ravel(), weights=G.ravel(), minlength=total.size).reshape(shape)


def unbroadcast_by_adding_at(G, shape):
    total = np.zeros(shape)
    front = G.ndim - len(shape)
    for index in np.ndindex(G.shape):
        total[tuple(0 if n == 1 else i for i, n in zip(index[front:], shape, strict=True))] += G[index]
    return total


# --- CMU's units ------------------------------------------------------------------------------------


def multiply_by_diagonals(g, y, z):
    return np.diag(z) @ g, np.diag(y) @ g


def multiply_by_loops(g, y, z):
    return [np.array([a * c for a, c in zip(g, z, strict=True)]), np.array([a * b for a, b in zip(g, y, strict=True)])]


def multiply_stacked(g, y, z):
    both = g * np.stack([z, y])
    return both[0], both[1]


def powers_by_logarithms(g, z, alpha):
    y = np.exp(np.log(z) @ alpha)
    return (alpha / z[:, None]) @ (y * g)


def powers_by_the_lecture(g, z, alpha):
    D, K = alpha.shape
    dz = np.zeros(D)
    for j in range(D):
        for i in range(K):
            others = np.prod([z[m] ** alpha[m, i] for m in range(D) if m != j])
            dz[j] += g[i] * alpha[j, i] * z[j] ** (alpha[j, i] - 1) * others
    return dz


def powers_by_a_jacobian(g, z, alpha):
    y = np.prod(z**alpha.T, axis=1)
    J = y[:, None] * alpha.T / z
    return J.T @ g


def max_by_adding_at(g, z, groups):
    dz = np.zeros(len(z))
    np.add.at(dz, [max(group, key=lambda k: z[k]) for group in groups], g)
    return dz


def max_by_counting(g, z, groups):
    winners = [group[int(np.argmax([z[k] for k in group]))] for group in groups]
    return np.bincount(winners, weights=g, minlength=len(z))


def max_by_a_jacobian(g, z, groups):
    J = np.zeros((len(groups), len(z)))
    for i, group in enumerate(groups):
        best = group[0]
        for k in group[1:]:
            if z[k] > z[best]:
                best = k
        J[i, best] = 1.0
    return g @ J


# --- chains -----------------------------------------------------------------------------------------


def three_layers_as_printed(W1, W2, W3, x, y):
    r = (W3 @ W2 @ W1 @ x - y)[:, None]
    return W2.T @ W3.T @ r @ x[None, :], W3.T @ r @ (W1 @ x)[None, :], r @ (W2 @ W1 @ x)[None, :]


def three_layers_by_loop(W1, W2, W3, x, y):
    inputs = [x]
    for W in (W1, W2, W3):
        inputs.append(W @ inputs[-1])
    g, gradients = inputs.pop() - y, []
    for W, h in zip((W3, W2, W1), reversed(inputs), strict=True):
        gradients.insert(0, g[:, None] * h)
        g = g @ W
    return gradients


def three_layers_by_einsum(W1, W2, W3, x, y):
    r = np.einsum("mc,cb,ba,a->m", W3, W2, W1, x) - y
    dW3 = np.einsum("m,cb,ba,a->mc", r, W2, W1, x)
    dW2 = np.einsum("m,mc,ba,a->cb", r, W3, W1, x)
    return np.einsum("m,mc,cb,a->ba", r, W3, W2, x), dW2, dW3


def jvp_by_reduction(jacobians, v):
    return reduce(lambda tangent, J: J.dot(tangent), jacobians, v)


def jvp_by_rows(jacobians, v):
    for J in jacobians:
        v = np.array([sum(a * b for a, b in zip(row, v, strict=True)) for row in J])
    return v


def jvp_by_columns(jacobians, v):
    column = v[:, None]
    for J in jacobians:
        column = np.matmul(J, column)
    return column.ravel()


def jvp_by_recursion(jacobians, v):
    if not jacobians:
        return v
    *before, last = jacobians
    return np.einsum("ij,j->i", last, jvp_by_recursion(before, v))


def jvp_by_multi_dot(jacobians, v):
    return np.linalg.multi_dot([*jacobians[::-1], v])


def vjp_by_transposes(g, jacobians):
    for J in jacobians[::-1]:
        g = J.T @ g
    return g


def vjp_by_sums(g, jacobians):
    for k in range(len(jacobians) - 1, -1, -1):
        g = (g[:, None] * jacobians[k]).sum(axis=0)
    return g


def vjp_as_a_row(g, jacobians):
    row = g.reshape(1, -1)
    for J in reversed(jacobians):
        row = np.dot(row, J)
    return row[0]


def vjp_by_recursion(g, jacobians):
    if not jacobians:
        return g
    first, *rest = jacobians
    return np.tensordot(vjp_by_recursion(g, rest), first, axes=1)


ALTERNATIVES = {
    "linear_forward": [
        forward_by_einsum,
        forward_row_by_row,
        forward_with_a_column_of_ones,
        forward_in_place_of_its_own_result,
    ],
    "linear_backward": [backward_by_einsum, backward_as_sums_of_outer_products, backward_by_loops],
    "elementwise_jacobian": [jacobian_from_identity, jacobian_entry_by_entry, jacobian_by_filling],
    "relu_vjp": [relu_by_where, relu_on_a_copy, relu_by_sign],
    "tanh_vjp": [tanh_factored, tanh_expanded, tanh_from_pre_activation],
    "sigmoid_vjp": [sigmoid_expanded, sigmoid_from_the_middle, sigmoid_in_place_of_its_own_result],
    "softmax_jacobian": [softmax_by_delta, softmax_by_loops, softmax_by_assignment],
    "softmax_vjp": [softmax_vjp_by_rows, softmax_vjp_by_einsum, softmax_vjp_by_pieces],
    "left_product_vjp": [left_by_columns, left_by_einsum, left_by_transposition],
    "right_product_vjp": [right_by_rows, right_by_einsum, right_by_transposition],
    "unbroadcast": [unbroadcast_step_by_step, unbroadcast_by_counting, unbroadcast_by_adding_at],
    "multiply_vjp": [multiply_by_diagonals, multiply_by_loops, multiply_stacked],
    "product_power_vjp": [powers_by_logarithms, powers_by_the_lecture, powers_by_a_jacobian],
    "max_vjp": [max_by_adding_at, max_by_counting, max_by_a_jacobian],
    "three_linear_gradients": [three_layers_as_printed, three_layers_by_loop, three_layers_by_einsum],
    "jvp_chain": [jvp_by_reduction, jvp_by_rows, jvp_by_columns, jvp_by_recursion, jvp_by_multi_dot],
    "vjp_chain": [vjp_by_transposes, vjp_by_sums, vjp_as_a_row, vjp_by_recursion],
}
