"""two_or_not: turn digits into CMU's binary labels, 2 or not 2."""

import numpy as np

from backprop_autograder import Close, Definition
from backprop_solutions.mlp_training import two_or_not


def binary_labels(student, y):
    labels = student.two_or_not(y)
    is_list = isinstance(labels, (list, tuple))
    labels = np.array(labels) if is_list else labels
    is_bool = isinstance(labels, np.ndarray) and labels.dtype == bool
    return labels.astype(int) if is_bool else labels


exercise = Definition(two_or_not)

values = exercise.aspect("values", hint="compare the whole array with 2 at once: what does NumPy return?")


@values.case("labels for each digit once", comparison=Close(integers=True), probe=binary_labels)
def every_digit(rng):
    return {"y": rng.permutation(10)}


@values.case("labels of some digits", comparison=Close(integers=True), draws=2, probe=binary_labels)
def some_digits(rng):
    return {"y": np.concatenate([[2], rng.integers(0, 10, size=7)])}


@values.case("labels where no digit is a 2", comparison=Close(integers=True), probe=binary_labels)
def digits_without_a_two(rng):
    return {"y": rng.choice([0, 1, 3, 4, 5, 6, 7, 8, 9], size=6)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def not_two_or_two(y):
    """The two classes are swapped: 1 stands for a 2.

    which digits should be marked 1?
    """
    return (y != 2).astype(int)


@exercise.misconception()
def rows_of_the_twos(y):
    """These are the positions of the twos; a label is wanted for every row.

    how many labels do N images have?
    """
    return np.flatnonzero(y == 2)


@exercise.misconception()
def twos_kept_as_two(y):
    """The label names the class, 0 or 1, and not the digit.

    which column of two logits should a 2 point to?
    """
    return np.where(y == 2, 2, 0)


@exercise.misconception()
def minus_one_for_the_others(y):
    """Labels -1 and 1 belong to other losses; cross-entropy counts classes from 0.

    which column of two logits should the other digits point to?
    """
    return np.where(y == 2, 1, -1)


@exercise.misconception()
def whether_there_is_a_two(y):
    """This says whether any digit is a 2; a label is wanted for every row.

    what is the shape of y == 2?
    """
    return int(np.any(y == 2))


@exercise.misconception()
def even_digits(y):
    """The remainder by 2 finds the even digits.

    what does your function say about a 4?
    """
    return (y % 2 == 0).astype(int)


@exercise.misconception()
def one_column_a_class(y):
    """This is a one-hot array; labels are integers of shape (N,).

    which one of the two columns says it all?
    """
    return np.stack([y != 2, y == 2], axis=1).astype(int)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def twos_as_booleans(y):
    return y == 2


@exercise.alternative
def twos_by_where(y):
    return np.where(y == 2, 1, 0)


@exercise.alternative
def twos_one_by_one(y):
    return np.array([1 if digit == 2 else 0 for digit in y])
