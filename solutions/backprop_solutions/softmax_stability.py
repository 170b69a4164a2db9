"""Unit 5: output units and losses that do not blow up."""

import numpy as np


def logsumexp(Z):
    """Compute the logarithm of the summed exponentials of each row, for logits of any size.

    Parameters
    ----------
    Z : ndarray, shape (..., K)
        Logits. Entries may be ``-inf``, but not a whole row.

    Returns
    -------
    ndarray, shape (...)
        ``log(sum_k exp(Z[..., k]))``; a scalar for a single row.
    """
    ### BEGIN SOLUTION
    largest = Z.max(axis=-1, keepdims=True)  # (..., 1)
    exponentials = np.exp(Z - largest)
    # The largest contributes exactly 1: log1p(the rest) keeps the digits that 1 + rest would lose.
    np.put_along_axis(exponentials, Z.argmax(axis=-1, keepdims=True), 0.0, axis=-1)
    return largest[..., 0] + np.log1p(exponentials.sum(axis=-1))
    ### END SOLUTION


def softmax(Z):
    """Turn each row of logits into probabilities, for logits of any size.

    Parameters
    ----------
    Z : ndarray, shape (..., K)
        Logits. Entries may be ``-inf``, but not a whole row.

    Returns
    -------
    ndarray, shape (..., K)
        ``exp(Z[..., k]) / sum_j exp(Z[..., j])``.
    """
    ### BEGIN SOLUTION
    exponentials = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
    ### END SOLUTION


def log_softmax(Z):
    """Compute the logarithm of softmax without computing softmax first.

    Parameters
    ----------
    Z : ndarray, shape (..., K)
        Logits. Entries may be ``-inf``, but not a whole row.

    Returns
    -------
    ndarray, shape (..., K)
        Log-probabilities; finite wherever the logit is.
    """
    ### BEGIN SOLUTION
    shifted = Z - Z.max(axis=-1, keepdims=True)
    return shifted - logsumexp(shifted)[..., None]
    ### END SOLUTION


def one_hot(y, K):
    """Write each label as a row with a single 1, in the column of the label.

    Parameters
    ----------
    y : ndarray of int, shape (N,)
        Labels, counted from 0.
    K : int
        Number of classes, whether or not all of them occur.

    Returns
    -------
    ndarray of float, shape (N, K)

    Raises
    ------
    ValueError
        If a label is not one of ``0, ..., K - 1``.
    """
    ### BEGIN SOLUTION
    if np.any((y < 0) | (y >= K)):
        raise ValueError(f"labels must lie in 0..{K - 1}")
    rows = np.zeros((len(y), K))
    rows[np.arange(len(y)), y] = 1.0
    return rows
    ### END SOLUTION


def cross_entropy(Z, y):
    """Compute the mean cross-entropy of integer labels, from logits of any size.

    Parameters
    ----------
    Z : ndarray, shape (N, K)
        Logits. Entries may be ``-inf``, but not that of a row's own label.
    y : ndarray of int, shape (N,)
        Labels.

    Returns
    -------
    float
        ``-mean_n log softmax(Z)[n, y[n]]``.
    """
    ### BEGIN SOLUTION
    return -log_softmax(Z)[np.arange(len(y)), y].mean()
    ### END SOLUTION


def cross_entropy_gradient(Z, y):
    """Compute the gradient of `cross_entropy` with respect to the logits.

    Parameters
    ----------
    Z : ndarray, shape (N, K)
        Logits. Entries may be ``-inf``, but not that of a row's own label.
    y : ndarray of int, shape (N,)
        Labels.

    Returns
    -------
    ndarray, shape (N, K)
    """
    ### BEGIN SOLUTION
    gradient = softmax(Z)
    true = np.arange(len(y)), y
    # p - 1 at the true class is minus the sum of the others, which does not cancel when p is near 1.
    gradient[true] = 0.0
    gradient[true] = -gradient.sum(axis=1)
    return gradient / len(y)
    ### END SOLUTION


def sigmoid(z):
    """Compute ``1 / (1 + exp(-z))`` for each element, for arguments of any size.

    Parameters
    ----------
    z : ndarray, any shape

    Returns
    -------
    ndarray
        Shape of `z`. Small values are exact relatively: ``sigmoid(-40)`` is 4.2e-18.
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))  # at most 1
    return np.where(z >= 0, 1.0, e) / (1.0 + e)
    ### END SOLUTION


def softplus(z):
    """Compute ``log(1 + exp(z))`` for each element, for arguments of any size.

    Parameters
    ----------
    z : ndarray, any shape

    Returns
    -------
    ndarray
        Shape of `z`. Small values are exact relatively: ``softplus(-40)`` is 4.2e-18.
    """
    ### BEGIN SOLUTION
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))
    ### END SOLUTION


def binary_cross_entropy(z, t):
    """Compute the mean negative log-likelihood of 0/1 targets, from logits of any size.

    Parameters
    ----------
    z : ndarray, any shape
        Logits: ``sigmoid(z)`` is the probability of 1.
    t : ndarray, shape of `z`
        Targets, 0 or 1.

    Returns
    -------
    float
        The mean over all elements of -log p(t).
    """
    ### BEGIN SOLUTION
    return softplus((1 - 2 * t) * z).mean()
    ### END SOLUTION


def binary_cross_entropy_gradient(z, t):
    """Compute the gradient of `binary_cross_entropy` with respect to the logits.

    Parameters
    ----------
    z : ndarray, any shape
        Logits.
    t : ndarray, shape of `z`
        Targets, 0 or 1.

    Returns
    -------
    ndarray
        Shape of `z`.
    """
    ### BEGIN SOLUTION
    sign = 1 - 2 * t
    return sign * sigmoid(sign * z) / z.size
    ### END SOLUTION


def squared_error_sigmoid_gradient(z, t):
    """Compute the derivative of ``1/2 (sigmoid(z) - t)^2`` with respect to z, for each element.

    Parameters
    ----------
    z : ndarray, any shape
        Logits.
    t : ndarray, shape of `z`
        Targets, 0 or 1.

    Returns
    -------
    ndarray
        Shape of `z`. Elements are not averaged.
    """
    ### BEGIN SOLUTION
    sign = 1 - 2 * t
    error = sign * sigmoid(sign * z)  # sigmoid(z) - t, without cancellation
    return error * sigmoid(z) * sigmoid(-z)
    ### END SOLUTION


def nll_minimizer(samples, distribution):
    """Find the constant that minimises the mean negative log-likelihood of the samples.

    Parameters
    ----------
    samples : ndarray, shape (N,)
        For ``"bernoulli"`` zeros and ones.
    distribution : str
        ``"gaussian"`` or ``"laplace"`` (the constant is the location, the scale is fixed), or
        ``"bernoulli"`` (the constant is the probability of 1).

    Returns
    -------
    float
        If several constants are equally good, any of them.

    Raises
    ------
    ValueError
        If the distribution is another one.
    """
    ### BEGIN SOLUTION
    if distribution == "laplace":
        return np.median(samples)
    if distribution in ("gaussian", "bernoulli"):
        return np.mean(samples)
    raise ValueError(f"unknown distribution {distribution!r}")
    ### END SOLUTION


def relative_frequencies(X, y, K):
    """Count, for each distinct row of X, how often each class goes with it.

    Parameters
    ----------
    X : ndarray, shape (N, D)
        Inputs; rows may repeat.
    y : ndarray of int, shape (N,)
        Labels ``0, ..., K - 1``.
    K : int
        Number of classes, whether or not all of them occur.

    Returns
    -------
    rows : ndarray, shape (R, D)
        The distinct rows of X, in any order.
    frequencies : ndarray, shape (R, K)
        For each of these rows the fraction of its samples in each class.
    """
    ### BEGIN SOLUTION
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / counts.sum(axis=1, keepdims=True)
    ### END SOLUTION
