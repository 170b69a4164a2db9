"""Places inside a result are called by the names that students know."""

import numpy as np
import pytest

from backprop_autograder import review
from backprop_autograder.engine.places import in_words
from backprop_autograder.judging.answer_key import load_exercises

LAYERS = ("layer {}", "dW db")


@pytest.mark.parametrize(
    ("path", "parts", "words"),
    [
        ("[0][0][0, 0]", LAYERS, "dW of layer 1, [0, 0]"),
        ("[1][1]", LAYERS, "db of layer 2"),
        ("[0][2][1]", ("zs ys", "layer {}"), "zs of layer 3, [1]"),
        ("[1][2, 0]", ("dX dW db",), "dW[2, 0]"),
        ("[2, 0]", ("dX dW db",), "[2, 0]"),  # of one array
        ("[3]", ("dX dW db",), "[3]"),  # a name is missing
        ("['dX'][0, 0]", (), "dX[0, 0]"),
        ("['a.grad']", (), "a.grad"),
        ("[0][1]", (), "[0][1]"),
        ("", LAYERS, ""),
    ],
)
def test_a_path_is_read_level_by_level(path, parts, words):
    assert in_words(path, parts) == words


def test_a_student_reads_which_gradient_of_which_layer_is_wrong():
    exercise = load_exercises("mlp_training")["mlp_backward"]

    def mlp_backward(cache, logits, y, parameters, weight_decay=0.0):
        gradients = exercise.reference(cache, logits, y, parameters, weight_decay)
        return [(dW + np.cos(7 * dW), db) for dW, db in gradients]

    message = review(exercise, mlp_backward)
    assert " at dW of layer 1, [0, 0], expected " in message


def test_a_cause_that_concerns_parts_names_them():
    exercise = load_exercises("vector_jacobians")["three_linear_gradients"]
    message = review(exercise, lambda *arguments: [3 * g for g in exercise.reference(*arguments)[:2]] + [arguments[0]])
    assert "Each of dW1 and dW2 is 3 times as large as it should be." in message
