"""Inputs and cases that several exercises of the unit share."""

import numpy as np

from backprop_autograder import Case, Close

TAILS = Close(rtol=1e-9, atol=0.0, reason="small probabilities are exact relatively, not only absolutely")

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


def masked_logits(rng):
    Z = rng.normal(size=(3, 4))
    Z[[0, 1, 1], [2, 0, 3]] = -np.inf
    return {"Z": Z}


def batches_of_mixed_size(rng):
    return {"Z": rng.normal(size=(2, 3, 4)) + 1e4 * rng.permutation([-1.0, -0.5, 0.0, 0.3, 0.6, 1.0]).reshape(2, 3, 1)}


def cases_of_any_size(how=LARGE):
    return [
        Case(label="large logits", arguments=two_large_logits, comparison=how),
        Case(label="logits near 10000", arguments=large_logits, comparison=how),
        Case(label="very negative logits", arguments=very_negative_logits, comparison=how, draws=2),
        Case(label="rows of mixed size", arguments=rows_of_mixed_size, comparison=how, draws=2),
        Case(label="logits far apart in one row", arguments=wide_rows, comparison=how, draws=2),
        Case(label="logits of -inf", arguments=masked_logits, comparison=how, draws=2),
        Case(label="mixed size, any leading shape", arguments=batches_of_mixed_size, comparison=how, visible=False),
    ]


def cases_of_any_shape():
    return [
        Case(label="the lecture's four logits", arguments=lecture_logits),
        Case(label="each row of a batch", arguments=batch_of_logits, draws=3),
        Case(label="the last axis of three", arguments=batches_of_logits, draws=2),
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


def binary_cases():
    return [
        Case(label="a vector", arguments=answers_to_one_question, draws=3),
        Case(label="a matrix", arguments=answers_to_several_questions, draws=2),
    ]


def binary_cases_of_any_size():
    return [
        Case(label="confidently right", arguments=confidently_right, draws=2),
        Case(label="confidently wrong", arguments=confidently_wrong, draws=2),
        Case(label="saturated sigmoid", arguments=saturated_answers, draws=2),
    ]
