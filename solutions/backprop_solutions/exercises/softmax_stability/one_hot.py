"""one_hot: write each label as a row with a single 1, in the column of the label."""

import numpy as np

from backprop_autograder import Close, Definition
from backprop_solutions.softmax_stability import one_hot

exercise = Definition(one_hot)

values = exercise.aspect("values", hint="row n has its 1 in column y[n], and there are K columns.")


@values.case("one row per label", comparison=Close(integers=True), draws=2)
def shuffled_labels(rng):
    return {"y": rng.permutation([0, 1, 2, 3, 4, 2]), "K": 5}


@values.case("classes that do not occur", comparison=Close(integers=True), draws=2)
def labels_without_the_last_class(rng):
    return {"y": rng.permutation([0, 1, 2, 1]), "K": 6}


errors = exercise.aspect("errors", hint="test both ends of the range before you fill anything, and raise ValueError.")


@errors.case("a label equal to K", draws=2)
def label_too_large(rng):
    return {"y": rng.permutation([0, 1, 3, 2]), "K": 3}


@errors.case("a negative label", draws=2)
def negative_label(rng):
    return {"y": rng.permutation([0, -1, 2, 1]), "K": 3}


@errors.case("a label far off", visible=False)
def label_far_off(rng):
    return {"y": rng.permutation([0, 40, 2, 1]), "K": 3}


@values.case("a single label", comparison=Close(integers=True))
def single_label(rng):
    return {"y": rng.integers(0, 4, 1), "K": 4}


@values.case("equal labels", comparison=Close(integers=True))
def equal_labels(rng):
    return {"y": np.full(3, int(rng.integers(0, 4))), "K": 4}


@values.case("a single class", comparison=Close(integers=True))
def single_class(rng):
    return {"y": np.zeros(3, dtype=int), "K": 1}


@values.case("as many labels as classes", comparison=Close(integers=True))
def as_many_labels_as_classes(rng):
    return {"y": rng.permutation([0, 2, 2, 1]), "K": 4}


@errors.case("labels at both ends of the range", comparison=Close(integers=True), draws=2)
def labels_at_both_ends(rng):
    return {"y": rng.permutation([0, 3, 0, 3, 1]), "K": 4}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def labels_counted_from_one(y, K):
    """Labels are counted from 1, but class 0 is the first column.

    which column belongs to label 0?
    """
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    return np.eye(K)[y - 1]


@exercise.misconception()
def classes_in_rows(y, K):
    """Rows and columns are exchanged: each label should give one row.

    compare your shape with (N, K).
    """
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    return np.eye(K)[y].T


@exercise.misconception("errors")
def rows_of_the_identity(y, K):
    """Indexing does not guard the range: -1 wraps around, K is an IndexError.

    what should happen before the labels become indices?
    """
    return np.eye(K)[y]


@exercise.misconception("errors")
def only_large_labels_refused(y, K):
    """Only labels that are too large are refused; negative ones count from the end.

    what does NumPy do with the index -1?
    """
    if y.max() >= K:
        raise ValueError("label out of range")
    return np.eye(K)[y]


@exercise.misconception("errors")
def label_equal_to_count_let_through(y, K):
    """The label K is let through, although K classes end at K - 1.

    is it > or >= at the top?
    """
    if np.any((y < 0) | (y > K)):
        raise ValueError("label out of range")
    return np.eye(K)[y]


@exercise.misconception()
def classes_counted_in_the_labels(y, K):
    """The number of columns is taken from the largest label instead of K.

    what if the last class does not occur in this batch?
    """
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    return np.eye(y.max() + 1)[y]


@exercise.misconception()
def columns_marked_in_every_row(y, K):
    """A slice with the labels marks those columns in every row.

    how do you pair row n with column y[n]?
    """
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    rows = np.zeros((len(y), K))
    rows[:, y] = 1.0
    return rows


@exercise.misconception()
def label_written_for_one(y, K):
    """The label's number is written in its column instead of 1.

    what should each row sum to?
    """
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    return np.eye(K)[y] * y[:, None]


@exercise.misconception("errors")
def zero_rows_for_strange_labels(y, K):
    """A label out of range gives some result, or an error that is returned like one: nothing stops.

    which exception does the docstring promise?
    """
    return (y[:, None] == np.arange(K)).astype(float)


@exercise.misconception("values", "errors")
def as_many_columns_as_the_largest_label(y, K):
    """The columns are counted from the labels that occur; K says how many classes there are.

    how many columns are asked for when y = [0, 0] and K = 3?
    """
    rows = np.zeros((len(y), y.max() + 1))
    rows[np.arange(len(y)), y] = 1
    return rows


@exercise.misconception("values", "errors")
def columns_of_all_labels_in_every_row(y, K):
    """A slice with the labels sets those columns in every row.

    how do you pair row n with column y[n]?
    """
    rows = np.zeros((len(y), K))
    rows[:, y] = 1
    return rows


@exercise.misconception("errors")
def range_asserted(y, K):
    """assert raises AssertionError; a ValueError is asked for.

    which statement raises an exception of your choice?
    """
    assert np.all((y >= 0) & (y < K))
    return np.eye(K)[y]


@exercise.misconception("values", "errors")
def truth_values_for_numbers(y, K):
    """True and False are returned; the docstring asks for floats.

    which method of an array makes numbers of truth values?
    """
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    return y[:, None] == np.arange(K)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def one_hot_by_comparison(y, K):
    if ((y < 0) | (y > K - 1)).any():
        raise ValueError("label out of range")
    return (y[:, None] == np.arange(K)).astype(float)


@exercise.alternative
def one_hot_by_identity(y, K):
    if not set(y.tolist()) <= set(range(K)):
        raise ValueError("label out of range")
    return np.eye(K, dtype=int)[y]


@exercise.alternative
def one_hot_by_loop(y, K):
    out = np.zeros((y.size, K))
    for n, label in enumerate(y):
        if not 0 <= label < K:
            raise ValueError(f"label {label}")
        out[n, label] += 1
    return out


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("np.arange(len(rows))", reason="there are as many rows as labels")
