"""Unit 9: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

import numpy as np
import pytest

from backprop_solutions.universal_approximation import (
    binary_to_one_hot_network,
    box_network,
    perceptron_epoch,
    polyline,
    sawtooth_network,
    staircase,
    tree_to_network,
    xor_network,
)
from strictness.judging import Answers

answers = Answers("09_universal_approximation")

# --- perceptron_epoch ---------------------------------------------------------------------------------


@answers.wrong("perceptron_epoch")
def equal_rows_seen_once(w, b, X, t):
    _, first = np.unique(np.column_stack([X, t]), axis=0, return_index=True)
    return perceptron_epoch(w, b, X[np.sort(first)], t[np.sort(first)])


@answers.wrong("perceptron_epoch")
def rows_of_zeros_skipped(w, b, X, t):
    some = X.any(axis=1)
    return perceptron_epoch(w, b, X[some], t[some])


@answers.wrong("perceptron_epoch")
def different_wrong_rows_counted(w, b, X, t):
    wrong = set()
    for x, target in zip(X, t, strict=True):
        error = target - (w @ x + b >= 0)
        w, b = w + error * x, b + error
        if error:
            wrong.add(tuple(x))
    return w, b, len(wrong)


@answers.wrong("perceptron_epoch")
def ends_at_the_first_right_row(w, b, X, t):
    for n, (x, target) in enumerate(zip(X, t, strict=True)):
        error = target - (w @ x + b >= 0)
        if not error:
            return w, b, n
        w, b = w + error * x, b + error
    return w, b, len(t)


@answers.wrong("perceptron_epoch")
def bias_of_zero_taken_for_one(w, b, X, t):
    return perceptron_epoch(w, b or 1.0, X, t)


MISTAKES = []


@answers.wrong("perceptron_epoch")
def mistakes_of_all_calls(w, b, X, t):
    w, b, mistakes = perceptron_epoch(w, b, X, t)
    MISTAKES.append(mistakes)
    return w, b, sum(MISTAKES)


@answers.right("perceptron_epoch")
def weights_with_the_bias_in_front(w, b, X, t):
    v, mistakes = np.concatenate([[b], w]), []
    for n in range(X.shape[0]):
        row = np.insert(X[n], 0, 1.0)
        said = int(not np.dot(v, row) < 0)
        if said != t[n]:
            v = v + row if t[n] == 1 else v - row
            mistakes.append(n)
    return [v[1:], v[0], len(mistakes)]


# --- step networks ------------------------------------------------------------------------------------


@answers.wrong("xor_network")
def only_the_first_alone():
    return [(np.array([[1.0], [-1.0]]), np.array([-0.5])), (np.ones((1, 1)), np.zeros(1))]


@answers.wrong("xor_network")
def nearly_one():
    hidden, (W, b) = xor_network()
    return [hidden, (0.999 * W, b)]


@answers.right("xor_network")
def nands_of_lists():
    nand = [[-1, 1, 1], [-1, 1, 1]], [1.5, -1, -1]  # not both; and, of any height, both inputs once more
    return [nand, ([[1], [0.25], [0.25]], [-1.25]), ([[1]], [0])]


@answers.wrong("box_network")
def a_bound_of_zero_taken_for_none(lower, upper):
    return box_network(np.where(lower == 0, -1e9, lower), np.where(upper == 0, 1e9, upper))


@answers.wrong("box_network")
def sizes_of_the_bounds(lower, upper):
    low, high = np.abs(lower), np.abs(upper)
    return box_network(np.minimum(low, high), np.maximum(low, high) + (low == high))


@answers.wrong("box_network")
def equal_bounds_asked_once(lower, upper):
    low, first = np.unique(lower, return_index=True)
    sides = np.hstack([np.eye(len(lower))[:, first], -np.eye(len(upper))])
    ask = sides, np.concatenate([-low, upper])
    return [ask, (np.ones((sides.shape[1], 1)), np.array([0.5 - sides.shape[1]])), (np.ones((1, 1)), np.zeros(1))]


@answers.right("box_network")
def corners_by_counting_outsides(lower, upper):
    D = len(lower)
    outside = np.concatenate([-np.eye(D), np.eye(D)], axis=1), np.concatenate([lower, -upper])
    none = -np.ones((2 * D, 1)), [0.5]
    return (outside, none, ([[1.0]], [0.0]))


@answers.wrong("tree_to_network")
def feature_zero_taken_for_none(tree, features):
    def turned(node):
        if not isinstance(node, tuple):
            return node
        feature, threshold, left, right = node
        return (feature or features - 1, threshold, turned(left), turned(right))

    return tree_to_network(turned(tree), features)


@answers.wrong("tree_to_network", "any_tree")
def threshold_zero_answers_left(tree, features):
    def turned(node):
        if not isinstance(node, tuple):
            return node
        feature, threshold, left, right = node
        return (feature, threshold, turned(left), turned(right)) if threshold else turned(left)

    return tree_to_network(turned(tree), features)


@answers.wrong("tree_to_network", "any_tree")
def equal_thresholds_are_one_question(tree, features):
    seen = {}

    def turned(node):
        if not isinstance(node, tuple):
            return node
        feature, threshold, left, right = node
        return (seen.setdefault(threshold, feature), threshold, turned(left), turned(right))

    return tree_to_network(turned(tree), features)


@answers.wrong("tree_to_network", "any_tree")
def equal_branches_keep_their_first_value(tree, features):
    def turned(node):
        if not isinstance(node, tuple):
            return node
        feature, threshold, left, right = node
        same = isinstance(left, tuple) and isinstance(right, tuple) and left[:2] == right[:2]
        return (feature, threshold, turned(left), turned(left if same else right))

    return tree_to_network(turned(tree), features)


@answers.wrong("tree_to_network")
def no_leaf_below_zero(tree, features):
    *layers, (W, b) = tree_to_network(tree, features)
    return [*layers, (np.maximum(W, 0.0), b)]


@answers.right("tree_to_network")
def tree_walked_with_a_stack(tree, features):
    stack, questions, leaves = [(tree, ())], [], []
    while stack:
        node, path = stack.pop()
        if type(node) is not tuple:
            leaves.append((float(node), dict(path)))
            continue
        questions.append(node[:2])
        stack += [(node[2], (*path, (len(questions) - 1, -1))), (node[3], (*path, (len(questions) - 1, 1)))]
    ask = [[float(feature == d) for feature, _ in questions] for d in range(features)]
    reach = [[path.get(k, 0) for _, path in leaves] for k in range(len(questions))]
    needed = [0.5 - list(path.values()).count(1) for _, path in leaves]
    ask = np.reshape(ask, (features, -1)), [-threshold for _, threshold in questions]
    return (ask, (np.reshape(reach, (-1, len(leaves))), needed), ([[value] for value, _ in leaves], [0]))


@answers.wrong("binary_to_one_hot_network")
def number_zero_for_nobody(bits):
    (W, b), last = binary_to_one_hot_network(bits)
    return [(W, np.where(np.arange(2**bits) == 0, -1.0, b)), last]


@answers.wrong("binary_to_one_hot_network")
def mirrored_numbers_merged(bits):
    def key(k):
        text = f"{k:0{bits}b}"
        return min(text, text[::-1])

    hidden, (_, b) = binary_to_one_hot_network(bits)
    keys = np.array([key(k) for k in range(2**bits)])
    return [hidden, (1.0 * (keys[:, None] == keys), b)]


@answers.wrong("binary_to_one_hot_network")
def five_bits_at_most(bits):
    return binary_to_one_hot_network(min(bits, 5))


@answers.right("binary_to_one_hot_network")
def stairs_of_the_number_itself(bits):
    K = 2**bits
    place = [[2.0 ** (bits - 1 - k)] * K for k in range(bits)]
    at_least = np.identity(K) - np.eye(K, k=-1)  # at least k, but not at least k + 1
    return [(place, 0.5 - np.arange(K)), (at_least, [0] * K)]


# --- curves -------------------------------------------------------------------------------------------


@answers.wrong("staircase", "any_interval")
def edges_by_arange(f, units, interval):
    a, b = interval
    edges = np.arange(a, b, (b - a) / units)
    return [(np.ones((1, len(edges))), -edges), (np.diff(f(edges), prepend=0.0)[:, None], np.zeros(1))]


@answers.wrong("staircase")
def equal_heights_merged(f, units, interval):
    edges = np.linspace(*interval, units + 1)[:-1]
    rises = np.diff(f(edges), prepend=0.0)
    _, first = np.unique(rises.round(6), return_index=True)
    return [(np.ones((1, len(first))), -edges[first]), (rises[first][:, None], np.zeros(1))]


@answers.wrong("staircase")
def ends_where_it_stops_rising(f, units, interval):
    edges = np.linspace(*interval, units + 1)[:-1]
    rises = np.diff(f(edges), prepend=0.0)
    flat = np.flatnonzero(rises[1:] <= 0)
    rises[1 + flat[0] if flat.size else units :] = 0.0
    return [(np.ones((1, units)), -edges), (rises[:, None], np.zeros(1))]


@answers.wrong("staircase")
def never_below_zero(f, units, interval):
    return staircase(lambda x: np.maximum(f(x), 0.0), units, interval)


@answers.right("staircase")
def stairs_as_high_as_their_middle(f, units, interval):
    a, b = interval
    width = (b - a) / units
    heights = [float(f(a + width * (k + 0.5))) for k in range(units)]
    rises = [[high - low] for low, high in zip([0.0, *heights], heights, strict=False)]
    return [([[1] * units], [-(a + width * k) for k in range(units)]), (rises, [0])]


@answers.wrong("polyline", "any_interval")
def knots_without_a_bend_end_the_curve(f, units, interval):
    (W, b), (bends, height) = polyline(f, units, interval)
    flat = np.abs(bends[:, 0]) < 1e-9
    stop = int(np.argmax(flat)) if flat.any() else units
    return [(W, b), (np.where(np.arange(units)[:, None] < stop, bends, 0.0), height)]


@answers.wrong("polyline")
def size_of_the_height(f, units, interval):
    hidden, (bends, height) = polyline(f, units, interval)
    return [hidden, (bends, np.abs(height))]


@answers.wrong("polyline")
def equal_bends_merged(f, units, interval):
    (W, b), (bends, height) = polyline(f, units, interval)
    _, first = np.unique(bends.round(6), return_index=True)
    return [(W[:, first], b[first]), (bends[first], height)]


@answers.right("polyline")
def curve_by_second_differences(f, units, interval):
    a, b = interval
    h = (b - a) / units
    y = [float(f(min(a + k * h, b))) for k in range(units + 1)]
    bends = [[(y[1] - y[0]) / h]] + [[(y[k + 1] - 2 * y[k] + y[k - 1]) / h] for k in range(1, units)]
    return ([np.ones((1, units)), [-a - k * h for k in range(units)]], [bends, [y[0]]])


@answers.wrong("sawtooth_network")
def eleven_layers_at_most(depth):
    return sawtooth_network(min(depth, 11))


@answers.wrong("sawtooth_network")
def fold_left_of_the_middle(depth):
    return [(W, np.where(b == 0, 0.0, b + 0.001) if len(b) == 2 else b) for W, b in sawtooth_network(depth)]


@answers.right("sawtooth_network")
def tents_from_the_top(depth):
    hidden = [(np.array([[4, 2]]), [-2, 0])]
    for _ in range(depth - 1):
        hidden.append(([[-4, -2], [4, 2]], [-2, 0]))
    return [*hidden, ([[-1], [1]], [0])]


# --- judged -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost()
