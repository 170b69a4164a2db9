"""Unit 6: a multilayer perceptron on handwritten digits."""

import numpy as np

from backprop_course.given.mlp_training import cross_entropy, cross_entropy_gradient, linear_backward


def two_or_not(y):
    """Turn digits into CMU's binary labels, 2 or not 2.

    Parameters
    ----------
    y : ndarray of int, shape (N,)
        Digits 0..9.

    Returns
    -------
    ndarray of int (or bool), shape (N,)
        1 where the digit is 2, else 0.
    """
    ### BEGIN SOLUTION
    return (y == 2).astype(int)
    ### END SOLUTION


def accuracy(predictions, y):
    """Compute the fraction of predictions that are right.

    Parameters
    ----------
    predictions, y : ndarray of int, shape (N,)
        Predicted and true labels.

    Returns
    -------
    float
        Between 0 and 1.
    """
    ### BEGIN SOLUTION
    return np.mean(predictions == y)
    ### END SOLUTION


def recall(predictions, y):
    """Compute the fraction of the positives that were found.

    Parameters
    ----------
    predictions, y : ndarray of int, shape (N,)
        Predicted and true labels, 1 for positive and 0 for negative.

    Returns
    -------
    float
        Found positives over all true positives of `y`; NaN, without a warning, if `y` has no positive.
    """
    ### BEGIN SOLUTION
    positives = y == 1
    if not positives.any():
        return float("nan")
    return np.mean(predictions[positives] == 1)
    ### END SOLUTION


def initialize(sizes, rng):
    """Draw the weights of every layer at He's scale, and set its biases to zero.

    Parameters
    ----------
    sizes : sequence of int
        Width of each layer, inputs first: ``(64, 32, 10)`` has one hidden layer.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    list of (W, b)
        For a layer from D to K units, `W` of shape (D, K) with mean 0 and standard deviation
        ``sqrt(2 / D)``, normal or uniform, and `b` of shape (K,).
    """
    ### BEGIN SOLUTION
    shapes = [sizes[k : k + 2] for k in range(len(sizes) - 1)]
    return [(rng.normal(0, np.sqrt(2 / D), size=(D, K)), np.zeros(K)) for D, K in shapes]
    ### END SOLUTION


def mlp_forward(X, parameters):
    """Compute the logits of a network with ReLU hidden layers and a linear output.

    Parameters
    ----------
    X : ndarray, shape (N, D)
    parameters : list of (W, b)
        One pair a layer; the number of layers is free.

    Returns
    -------
    logits : ndarray, shape (N, K)
    cache : anything
        Whatever your `mlp_backward` will need: its form is yours.
    """
    ### BEGIN SOLUTION
    *hidden, (W, b) = parameters
    inputs = [X]
    for V, c in hidden:
        inputs.append(np.maximum(inputs[-1] @ V + c, 0))
    return inputs[-1] @ W + b, inputs
    ### END SOLUTION


def loss(logits, y, parameters, weight_decay):
    """Compute the mean cross-entropy plus the weight penalty.

    Parameters
    ----------
    logits : ndarray, shape (N, K)
    y : ndarray of int, shape (N,)
    parameters : list of (W, b)
    weight_decay : float
        The factor of the sum of all squared weights. Biases are exempt.

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    penalty = sum(np.sum(W**2) for W, _ in parameters)
    return cross_entropy(logits, y) + weight_decay * penalty
    ### END SOLUTION


def mlp_backward(cache, logits, y, parameters, weight_decay):
    """Compute the gradient of `loss` with respect to all weights and biases.

    Parameters
    ----------
    cache : anything
        What your `mlp_forward` returned, together with `logits`.
    logits : ndarray, shape (N, K)
    y : ndarray of int, shape (N,)
    parameters : list of (W, b)
    weight_decay : float

    Returns
    -------
    list of (dW, db)
        In the order and with the shapes of `parameters`.
    """
    ### BEGIN SOLUTION
    G = cross_entropy_gradient(logits, y)
    gradients = []
    for (W, _), H in zip(reversed(parameters), reversed(cache), strict=True):
        dH, dW, db = linear_backward(G, H, W)
        gradients.append((dW + 2 * weight_decay * W, db))
        G = dH * (H > 0)
    return gradients[::-1]
    ### END SOLUTION


def sgd_step(parameters, gradients, learning_rate):
    """Take one step downhill: return new parameters and leave the old ones untouched.

    Parameters
    ----------
    parameters, gradients : list of (W, b)
        Of equal structure.
    learning_rate : float

    Returns
    -------
    list of (W, b)
    """
    ### BEGIN SOLUTION
    pairs = zip(parameters, gradients, strict=True)
    return [(W - learning_rate * dW, b - learning_rate * db) for (W, b), (dW, db) in pairs]
    ### END SOLUTION


def minibatches(N, batch_size, rng):
    """Yield the rows 0..N-1 in a random order, `batch_size` at a time.

    Parameters
    ----------
    N, batch_size : int
    rng : numpy.random.Generator

    Yields
    ------
    ndarray of int
        Row numbers: `batch_size` of them each time, fewer in the last batch if N is no multiple.
        Over all batches every row comes exactly once.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(N)
    for start in range(0, N, batch_size):
        yield order[start : start + batch_size]
    ### END SOLUTION


def train(X, y, sizes, *, epochs, batch_size, learning_rate, weight_decay, rng, progress=None):
    """Train a fresh network by minibatch gradient descent.

    Parameters
    ----------
    X : ndarray, shape (N, D)
    y : ndarray of int, shape (N,)
    sizes : sequence of int
        Widths for `initialize`.
    epochs : int
        Passes over all rows, each in a new order. 0 gives a fresh network and an empty history.
    batch_size : int
    learning_rate, weight_decay : float
    rng : numpy.random.Generator
        The only source of randomness.
    progress : callable, optional
        ``progress(epoch, loss)`` is called after every epoch.

    Returns
    -------
    parameters : list of (W, b)
    history : list of float
        One training loss for each epoch; how you average over the epoch is up to you.
    """
    ### BEGIN SOLUTION
    parameters, history = initialize(sizes, rng), []
    for epoch in range(epochs):
        losses = []
        for rows in minibatches(len(y), batch_size, rng):
            logits, cache = mlp_forward(X[rows], parameters)
            losses.append(loss(logits, y[rows], parameters, weight_decay))
            gradients = mlp_backward(cache, logits, y[rows], parameters, weight_decay)
            parameters = sgd_step(parameters, gradients, learning_rate)
        history.append(np.mean(losses))
        if progress is not None:
            progress(epoch, history[-1])
    return parameters, history
    ### END SOLUTION


def predict(X, parameters):
    """Predict the label of each row: the class with the largest logit.

    Parameters
    ----------
    X : ndarray, shape (N, D)
    parameters : list of (W, b)

    Returns
    -------
    ndarray of int, shape (N,)
    """
    ### BEGIN SOLUTION
    logits, _ = mlp_forward(X, parameters)
    return logits.argmax(axis=1)
    ### END SOLUTION
