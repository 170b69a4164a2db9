"""accuracy: compute the fraction of predictions that are right."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.mlp_training import accuracy

exercise = Definition(accuracy)

values = exercise.aspect("values", hint="compare row by row, then ask which fraction of the comparisons is true.")


@values.case("five of eight right", draws=3)
def mostly_right(rng):
    y = rng.integers(0, 10, size=8)
    predictions = y.copy()
    predictions[rng.permutation(8)[:3]] += 1
    return {"predictions": predictions, "y": y}


@values.case("the right labels in the wrong rows")
def same_labels_elsewhere(rng):
    return {"predictions": np.array([1, 2, 3, 0, 4]), "y": np.array([0, 1, 2, 3, 4])}


@values.case("the right labels one row on")
def labels_one_row_on(rng):
    y = rng.permutation(10)[:6]
    return {"predictions": np.roll(y, 1), "y": y}


@values.case("all right")
def all_right(rng):
    y = rng.integers(0, 10, size=7)
    return {"predictions": y.copy(), "y": y}


@values.case("none right")
def none_right(rng):
    y = rng.integers(0, 10, size=7)
    return {"predictions": (y + 1) % 10, "y": y}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def number_of_right_ones(predictions, y):
    """This counts the right rows; a fraction is wanted.

    what should a perfect result be, whatever N is?
    """
    return np.sum(predictions == y)


@exercise.misconception()
def percent_of_right_ones(predictions, y):
    """This is in percent; a fraction lies between 0 and 1.

    what should a perfect result be?
    """
    return 100 * np.mean(predictions == y)


@exercise.misconception()
def error_rate(predictions, y):
    """This is the fraction of wrong rows.

    what should a perfect result be?
    """
    return np.mean(predictions != y)


@exercise.misconception()
def everything_or_nothing(predictions, y):
    """Only a perfect result counts here; every right row should.

    what is the mean of a boolean array?
    """
    return float(np.all(predictions == y))


@exercise.misconception()
def order_of_rows_ignored(predictions, y):
    """Labels are compared after sorting; a prediction belongs to its row.

    which prediction is about the first image?
    """
    return np.mean(np.sort(predictions) == np.sort(y))


@exercise.misconception()
def share_of_the_ten_classes(predictions, y):
    """The count is divided by the number of classes; it is the number of rows that matters.

    how many comparisons were made?
    """
    return np.sum(predictions == y) / 10


@exercise.misconception()
def labels_near_enough(predictions, y):
    """Neighbouring digits count as right; labels are names without an order.

    is a 3 nearly a 4?
    """
    return np.mean(np.abs(predictions - y) <= 1)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def accuracy_by_loop(predictions, y):
    right = 0
    for guess, truth in zip(predictions, y, strict=True):
        right += int(guess == truth)
    return right / len(y)


@exercise.alternative
def accuracy_by_count(predictions, y):
    return np.count_nonzero(predictions == y) / y.size


@exercise.alternative
def accuracy_by_errors(predictions, y):
    return float(1 - np.mean(predictions != y))
