"""Inputs and cases that several exercises of the unit share."""

import numpy as np

from backprop_autograder import Case, Close

# Below 1e-300, 0 is as good: there one right way ends before another.
TAILS = Close(rtol=1e-9, atol=1e-300, reason="small probabilities are exact relatively, not only absolutely")

LARGE = Close(rtol=1e-9, atol=1e-10, reason="logits of 1e4 are themselves spaced by 2e-12")


def lecture_logits(rng):
    return {"Z": np.array([-3.44, 1.16, -0.81, 3.91])}


def batch_of_logits(rng):
    return {"Z": rng.normal(scale=1.5, size=(4, 5))}


def batches_of_logits(rng):
    return {"Z": rng.normal(scale=1.5, size=(2, 3, 4))}


def two_large_logits(rng):
    return {"Z": np.array([1000.0, 1001.0])}


def large_logits(rng):
    return {"Z": 1e4 + rng.normal(size=4)}


def very_negative_logits(rng):
    return {"Z": -1e4 + rng.normal(size=(2, 3))}


def rows_of_mixed_size(rng):
    return {"Z": rng.normal(size=(3, 4)) + np.array([[1e4], [0.0], [-1e4]])}


def wide_rows(rng):
    return {"Z": rng.permutation([1e4, 0.0, -1e4]) + rng.normal(size=(2, 3))}


def wide_batches(rng):
    return {"Z": rng.permutation([1e4, 0.0, -1e4]) + rng.normal(size=(2, 2, 3))}


def masked_logits(rng):
    Z = rng.normal(size=(3, 4))
    Z[[0, 1, 1], [2, 0, 3]] = -np.inf
    return {"Z": Z}


def batches_of_mixed_size(rng):
    return {"Z": rng.normal(size=(2, 3, 4)) + 1e4 * rng.permutation([-1.0, -0.5, 0.0, 0.3, 0.6, 1.0]).reshape(2, 3, 1)}


def masked_logits_far_below_zero(rng):
    Z = -1e5 + rng.normal(size=(2, 4))
    Z[0, 1] = Z[1, 3] = -np.inf
    return {"Z": Z}


def many_small_terms(rng):
    return {"Z": np.concatenate([[7.0], 7.0 - rng.uniform(14.0, 16.0, 60)])[rng.permutation(61)]}


def of_shape(*shape):
    return lambda rng: {"Z": rng.normal(scale=1.5, size=shape)}


def equal_logits(rng):
    Z = rng.normal(size=(3, 4))
    Z[1], Z[2] = 0.0, Z[0]
    return {"Z": Z}


def cases_of_any_size(how=LARGE):
    return [
        Case(label="large logits", arguments=two_large_logits, comparison=how),
        Case(label="logits near 10000", arguments=large_logits, comparison=how),
        Case(label="very negative logits", arguments=very_negative_logits, comparison=how, draws=2),
        Case(label="rows of mixed size", arguments=rows_of_mixed_size, comparison=how, draws=2),
        Case(label="logits far apart in one row", arguments=wide_rows, comparison=how, draws=2),
        Case(label="logits of -inf", arguments=masked_logits, comparison=how, draws=2),
        Case(label="logits of -inf, all others far below 0", arguments=masked_logits_far_below_zero, comparison=how),
        Case(label="logits far apart, three axes", arguments=wide_batches, comparison=how),
        Case(label="mixed size, any leading shape", arguments=batches_of_mixed_size, comparison=how, visible=False),
    ]


def cases_of_any_shape():
    return [
        Case(label="the lecture's four logits", arguments=lecture_logits),
        Case(label="each row of a batch", arguments=batch_of_logits, draws=3),
        Case(label="the last axis of three", arguments=batches_of_logits, draws=2),
        Case(label="equal rows, and equal logits", arguments=equal_logits),
        Case(label="many terms far below the largest", arguments=many_small_terms),
        Case(label="a batch of one row", arguments=of_shape(1, 4)),
        Case(label="as many rows as classes", arguments=of_shape(3, 3)),
        Case(label="a single class", arguments=of_shape(3, 1)),
        Case(label="four axes", arguments=of_shape(2, 1, 3, 2)),
    ]


def truth_is_heavy_metal(rng):
    return {"Z": np.array([[-3.44, 1.16, -0.81, 3.91]]), "y": np.array([3])}


def truth_is_tiger(rng):
    return {"Z": np.array([[-3.44, 1.16, -0.81, 3.91]]), "y": np.array([0])}


def labelled_batch(rng):
    return {"Z": rng.normal(scale=1.5, size=(4, 5)), "y": rng.permutation([0, 2, 2, 4])}


def labelled_large_logits(rng):
    return {"Z": 1e4 + rng.normal(size=(3, 4)), "y": rng.permutation([0, 1, 3])}


def labelled_rows_of_mixed_size(rng):
    return {"Z": rng.normal(size=(3, 4)) + np.array([[1e4], [0.0], [-1e4]]), "y": rng.permutation([3, 1, 2])}


def confidently_wrong_rows(rng):
    return {"Z": np.array([[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0]]) + rng.normal(size=(2, 3)), "y": np.array([2, 0])}


def labels_of(n, k):
    """Draw a batch of n rows and k classes in which the first and the last class occur, if there are two rows."""
    return lambda rng: {
        "Z": rng.normal(scale=1.5, size=(n, k)),
        "y": rng.permutation([0, k - 1, *rng.integers(0, k, max(n - 2, 0))][:n]),
    }


def one_label_for_all(rng):
    Z = rng.normal(scale=1.5, size=(4, 3))
    Z[3] = Z[0]
    return {"Z": Z, "y": np.full(4, int(rng.integers(0, 3)))}


def impossible_classes(rng):
    """Draw logits of -inf, none of them that of a label."""
    Z = rng.normal(size=(3, 4))
    Z[0, 2] = Z[0, 3] = Z[2, 0] = -np.inf
    return {"Z": Z, "y": np.array([int(rng.integers(0, 2)), 3, 2])}


LABELLED = [
    ("a batch of one row", labels_of(1, 4)),
    ("as many rows as classes", labels_of(3, 3)),
    ("more rows than classes", labels_of(7, 3)),
    ("a single class", labels_of(3, 1)),
    ("one label for all rows", one_label_for_all),
]


def labelled_cases():
    return [Case(label=label, arguments=arguments) for label, arguments in LABELLED]


def moderate_arguments(rng):
    return {"z": rng.normal(scale=2.0, size=5)}


def matrix_of_arguments(rng):
    return {"z": rng.normal(scale=2.0, size=(3, 4))}


def simple_arguments(rng):
    return {"z": np.array([-2.0, 0.0, 2.0])}


def large_arguments(rng):
    return {"z": rng.uniform(1e3, 1e4, size=3)}


def very_negative_arguments(rng):
    return {"z": -rng.uniform(1e3, 1e4, size=3)}


def lower_tail(rng):
    return {"z": np.array([-40.0, -50.0, -300.0]) - rng.uniform(size=3)}


def both_ends(rng):
    return {"z": rng.permutation([-1e4, -700.5, -40.0, 0.0, 40.0, 710.5, 1e4]).reshape(7, 1)}


def cases_of_any_argument():
    return [
        Case(label="large arguments", arguments=large_arguments, comparison=TAILS, draws=2),
        Case(label="very negative arguments", arguments=very_negative_arguments, comparison=TAILS, draws=2),
        Case(label="small results in the lower tail", arguments=lower_tail, comparison=TAILS, draws=2),
        Case(label="both ends at once", arguments=both_ends, comparison=TAILS, visible=False),
    ]


def cases_of_moderate_argument():
    return [
        Case(label="at -2, 0 and 2", arguments=simple_arguments),
        Case(label="a vector", arguments=moderate_arguments, draws=2),
        Case(label="a matrix", arguments=matrix_of_arguments, draws=2),
        Case(label="three axes", arguments=lambda rng: {"z": rng.normal(size=(2, 3, 2))}),
        Case(label="a single element", arguments=lambda rng: {"z": rng.normal(size=(1, 1))}),
        Case(label="arguments next to 0", arguments=lambda rng: {"z": rng.permutation([0.0, 1e-9, -1e-9, 1e-300])}),
    ]


def answers_to_one_question(rng):
    return {"z": rng.normal(scale=1.5, size=3), "t": rng.permutation([0.0, 1.0, 1.0])}


def answers_to_several_questions(rng):
    t = rng.permutation([0.0] * 8 + [1.0] * 12).reshape(5, 4)
    return {"z": rng.normal(scale=1.5, size=(5, 4)), "t": t}


def confidently_right(rng):
    return {"z": np.array([1.0, -1.0, 1.0]) * rng.uniform(1e3, 1e4, size=3), "t": np.array([1.0, 0.0, 1.0])}


def confidently_wrong(rng):
    return {"z": np.array([1.0, -1.0, 1.0]) * rng.uniform(1e3, 1e4, size=3), "t": np.array([0.0, 1.0, 0.0])}


def saturated_answers(rng):
    z = np.array([40.0, -40.0, 40.0, -40.0]) + rng.normal(size=4)
    return {"z": z, "t": np.array([0.0, 1.0, 1.0, 0.0])}


def targets_of(shape, *targets):
    return lambda rng: {"z": rng.normal(scale=1.5, size=shape), "t": rng.choice(targets, shape)}


def logits_of_zero(rng):
    return {"z": np.array([0.0, 0.0, 1.5, -1.5]), "t": rng.permutation([0.0, 1.0, 0.0, 1.0])}


def binary_cases():
    return [
        Case(label="all targets 0", arguments=targets_of(4, 0.0)),
        Case(label="all targets 1", arguments=targets_of(4, 1.0)),
        Case(label="logits of 0", arguments=logits_of_zero),
        Case(label="a single element", arguments=targets_of((1, 1), 0.0, 1.0)),
        Case(label="a column", arguments=targets_of((5, 1), 0.0, 1.0)),
        Case(label="three axes", arguments=targets_of((2, 3, 2), 0.0, 1.0)),
        Case(label="a vector", arguments=answers_to_one_question, draws=3),
        Case(label="a matrix", arguments=answers_to_several_questions, draws=2),
    ]


def binary_cases_of_any_size():
    return [
        Case(label="confidently right", arguments=confidently_right, draws=2),
        Case(label="confidently wrong", arguments=confidently_wrong, draws=2),
        Case(label="saturated sigmoid", arguments=saturated_answers, draws=2),
    ]
