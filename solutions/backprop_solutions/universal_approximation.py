"""Unit 9: what a hidden layer can represent."""

import numpy as np


def perceptron_epoch(w, b, X, t):
    """Go once through the rows, in order, and correct a single step unit after each mistake.

    Parameters
    ----------
    w : ndarray, shape (D,)
        Weights.
    b : float
        Bias.
    X : ndarray, shape (N, D)
        One example a row.
    t : ndarray of int, shape (N,)
        Targets, 0 or 1.

    Returns
    -------
    w : ndarray, shape (D,)
        Weights after the last row. The array that came in stays as it was.
    b : float
        Bias after the last row.
    mistakes : int
        How many rows were wrong when their turn came.

    Notes
    -----
    RWTH's perceptron learning. The unit says y = 1 if ``w . x + b >= 0``, else 0. After a mistake
    ``w <- w + (t - y) x`` and ``b <- b + (t - y)``; the next row meets the new unit.
    """
    ### BEGIN SOLUTION
    mistakes = 0
    for x, target in zip(X, t, strict=True):
        error = target - (w @ x + b >= 0)
        w = w + error * x
        b = b + error
        mistakes += abs(error)
    return w, b, mistakes
    ### END SOLUTION


def xor_network():
    """Build a step network that says whether exactly one of its two inputs is 1.

    Returns
    -------
    list of (W, b)
        For `step_network`, with inputs of shape (N, 2), zeros and ones, and outputs of shape (N, 1).
    """
    ### BEGIN SOLUTION
    either_and_both = np.ones((2, 2)), np.array([-0.5, -1.5])
    either_but_not_both = np.array([[1.0], [-1.0]]), np.zeros(1)
    return [either_and_both, either_but_not_both]
    ### END SOLUTION


def box_network(lower, upper):
    """Build a step network that is 1 inside an axis-parallel box and 0 outside.

    Parameters
    ----------
    lower, upper : ndarray, shape (D,)
        The box holds the points x with ``lower < x < upper`` in every feature. What happens on a face is free.

    Returns
    -------
    list of (W, b)
        For `step_network`, with inputs of shape (N, D) and outputs of shape (N, 1).
    """
    ### BEGIN SOLUTION
    sides = np.eye(len(lower))
    questions = np.hstack([sides, -sides]), np.concatenate([-lower, upper])
    all_yes = np.ones((2 * len(lower), 1)), np.array([0.5 - 2 * len(lower)])
    return [questions, all_yes, (np.ones((1, 1)), np.zeros(1))]
    ### END SOLUTION


def tree_to_network(tree, features):
    """Turn a classification tree into a step network with the same answers.

    Parameters
    ----------
    tree : number or tuple
        A leaf is its value, any number. Else ``(feature, threshold, left, right)``: the answer is that of the tree
        `left` where ``x[feature] < threshold``, and that of `right` elsewhere. Up to 50 questions deep.
    features : int
        D, the number of features of an input.

    Returns
    -------
    list of (W, b)
        For `step_network`, with inputs of shape (N, D) and outputs of shape (N, 1). On a threshold either
        side will do.

    Notes
    -----
    FAU, "Why do we need a universal approximator?": questions, then leaves, then the answer.
    """
    ### BEGIN SOLUTION
    questions, leaves = [], []

    def walk(node, path):
        if not isinstance(node, tuple):
            leaves.append((path, node))
            return
        feature, threshold, left, right = node
        k = len(questions)
        questions.append((feature, threshold))
        walk(left, [*path, (k, -1.0)])
        walk(right, [*path, (k, 1.0)])

    walk(tree, [])
    ask = np.zeros((features, len(questions))), np.zeros(len(questions))
    for k, (feature, threshold) in enumerate(questions):
        ask[0][feature, k], ask[1][k] = 1.0, -threshold
    reach = np.zeros((len(questions), len(leaves))), np.zeros(len(leaves))
    for j, (path, _) in enumerate(leaves):
        for k, side in path:
            reach[0][k, j] = side
        reach[1][j] = 0.5 - sum(side > 0 for _, side in path)
    return [ask, reach, (np.array([[value] for _, value in leaves], dtype=float), np.zeros(1))]
    ### END SOLUTION


def binary_to_one_hot_network(bits):
    """Build a step network that turns a binary number into a one-hot row.

    Parameters
    ----------
    bits : int
        Length of the number, 1 to 6.

    Returns
    -------
    list of (W, b)
        For `step_network`, with inputs of shape (N, bits), zeros and ones, most significant bit first, and outputs
        of shape (N, 2**bits): column k is 1 for the number k, and 0 for every other.

    Notes
    -----
    CMU's design exercise, "Input: binary coded number. Output: one-hot vector".
    """
    ### BEGIN SOLUTION
    numbers, places = np.arange(2**bits), np.arange(bits)[::-1, None]
    digits = (numbers >> places) & 1  # (bits, 2**bits): column k is k, written in binary
    units = 2.0 * digits - 1.0, 0.5 - digits.sum(axis=0)
    return [units, (np.eye(2**bits), np.zeros(2**bits))]
    ### END SOLUTION


def staircase(f, units, interval):
    """Build a step network with one input that follows a function in stairs.

    Parameters
    ----------
    f : callable
        Takes an array and returns one of its shape, or a number and returns one. It is defined on the interval only.
    units : int
        How many hidden units the network may have, all layers together; at least 1.
    interval : tuple of float
        Its ends ``(a, b)``.

    Returns
    -------
    list of (W, b)
        For `step_network`, with inputs and outputs of shape (N, 1). On the interval, ends included, it is off by at
        most ``L (b - a) / units``, L being the steepest slope of f.
    """
    ### BEGIN SOLUTION
    edges = np.linspace(*interval, units + 1)[:-1]  # one stair begins at each
    heights = f(edges)
    rises = np.diff(heights, prepend=0.0)
    return [(np.ones((1, units)), -edges), (rises[:, None], np.zeros(1))]
    ### END SOLUTION


def polyline(f, units, interval):
    """Build a ReLU network with one input and one hidden layer that follows a function in straight pieces.

    Parameters
    ----------
    f : callable
        Takes an array and returns one of its shape, or a number and returns one. It is defined on the interval only.
    units : int
        How many hidden units the network may have; at least 1.
    interval : tuple of float
        Its ends ``(a, b)``.

    Returns
    -------
    list of (W, b)
        For `relu_network`, with inputs and outputs of shape (N, 1). On the interval, ends included, it is off by at
        most ``M h**2 / 8`` with ``h = (b - a) / units``, M being the largest size of f's second derivative.
    """
    ### BEGIN SOLUTION
    knots = np.linspace(*interval, units + 1)
    heights = f(knots)
    slopes = np.diff(heights) / np.diff(knots)
    bends = np.diff(slopes, prepend=0.0)
    return [(np.ones((1, units)), -knots[:-1]), (bends[:, None], heights[:1])]
    ### END SOLUTION


def sawtooth_network(depth):
    """Build a deep, narrow ReLU network that folds [0, 1] again and again.

    Parameters
    ----------
    depth : int
        Number of hidden layers, at least 1. Each has exactly two units.

    Returns
    -------
    list of (W, b)
        For `relu_network`, with inputs and outputs of shape (N, 1). For inputs in [0, 1] it is the tent map
        ``min(2 x, 2 - 2 x)``, applied `depth` times.

    Notes
    -----
    The deck quotes Montufar et al. (2014): depth can save exponentially many units. The example is Telgarsky's (2016).
    """
    ### BEGIN SOLUTION
    tent = np.array([[2.0], [-4.0]])  # 2 relu(x) - 4 relu(x - 1/2)
    shifts = np.array([0.0, -0.5])
    hidden = [(np.ones((1, 2)), shifts)] + [(np.hstack([tent, tent]), shifts)] * (depth - 1)
    return [*hidden, (tent, np.zeros(1))]
    ### END SOLUTION
