"""relative_frequencies: count, for each distinct row of X, how often each class goes with it."""

from collections import Counter

import numpy as np

from backprop_autograder import Case, Definition, Property
from backprop_solutions.softmax_stability import relative_frequencies


def repeated_rows(rng):
    rows = np.array([[0.0, 1.5], [0.0, 2.5], [1.0, 1.5]])
    group = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    label = rng.permutation(4)[[0, 0, 0, 1, 2, 3, 1, 1]]
    order = rng.permutation(8)
    return {"X": rows[rng.permutation(3)][group][order], "y": label[order], "K": 4}


def rows_with_their_frequencies(result, expected, X, y, K):
    if type(result) not in (tuple, list) or len(result) != 2:
        return "a pair of rows and frequencies is expected"
    try:
        rows, frequencies = np.asarray(result[0], dtype=float), np.asarray(result[1], dtype=float)
    except (TypeError, ValueError):
        return "rows and frequencies are expected as arrays of numbers"
    wanted, R = expected[0], len(expected[0])
    if rows.ndim != 2 or rows.shape[1] != X.shape[1]:
        return f"the rows have shape {rows.shape}, expected {wanted.shape}"
    if len(rows) != R:
        return f"got {len(rows)} rows, but {R} are distinct"
    if set(map(tuple, rows.tolist())) != set(map(tuple, wanted.tolist())):
        return "the rows are not the distinct rows of X"
    if frequencies.shape != (R, K):
        return f"the frequencies have shape {frequencies.shape}, expected {(R, K)}"
    off = np.abs(frequencies[np.lexsort(rows.T)] - expected[1][np.lexsort(wanted.T)])
    if np.all(off <= 1e-9):
        return None
    sums = frequencies.sum(axis=1)
    if not np.all(np.abs(sums - 1) <= 1e-9):
        low, high = f"{sums.min():.4f}", f"{sums.max():.4f}"
        return f"got rows of frequencies that sum to {low}" + (f" up to {high}" if high != low else "")
    bad = int((~(off <= 1e-9)).any(axis=1).sum())
    return f"got {bad} of {R} rows wrong, by up to {off.max():.4f}"


exercise = Definition(relative_frequencies)

values = exercise.aspect(
    "values",
    hint="collect the samples that share a row, and count the classes among these only.",
    cases=[
        Case(
            label="repeated rows",
            arguments=repeated_rows,
            comparison=Property(rows_with_their_frequencies),
            draws=8,  # one draw may not tell the last label from the most frequent one
        )
    ],
)


@values.case("rows that all differ", comparison=Property(rows_with_their_frequencies))
def all_rows_different(rng):
    return {"X": rng.permutation(np.arange(6.0)).reshape(3, 2), "y": rng.integers(0, 5, size=3), "K": 5}


@values.case("rows with the same numbers in another order", comparison=Property(rows_with_their_frequencies), draws=2)
def permuted_rows(rng):
    rows = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [2.0, 2.0, 2.0], [0.0, 0.0, 6.0]])
    group = rng.permutation([0, 0, 1, 1, 2, 2, 3, 3, 3])
    return {"X": rows[group], "y": rng.integers(0, 3, size=9), "K": 3}


@values.case("rows that start or end alike", comparison=Property(rows_with_their_frequencies), draws=2)
def rows_alike(rng):
    rows = np.array([[1.0, 2.0], [1.0, -2.0], [-1.0, 2.0], [0.0, 0.0]])
    group = rng.permutation([0, 0, 0, 1, 1, 2, 2, 3])
    return {"X": rows[group], "y": rng.integers(0, 4, size=8), "K": 4}


@values.case("a single column", comparison=Property(rows_with_their_frequencies))
def single_column(rng):
    return {"X": rng.permutation([0.5, 0.5, 0.5, -1.0, -1.0]).reshape(5, 1), "y": rng.integers(0, 3, size=5), "K": 3}


@values.case("a single sample", comparison=Property(rows_with_their_frequencies))
def single_sample(rng):
    return {"X": rng.normal(size=(1, 2)).round(2), "y": rng.integers(0, 3, size=1), "K": 3}


@values.case("one row for all samples", comparison=Property(rows_with_their_frequencies))
def one_row_for_all(rng):
    return {"X": np.tile(rng.normal(size=2).round(2), (5, 1)), "y": rng.permutation([0, 0, 1, 2, 2]), "K": 3}


all_classes = exercise.aspect("all_classes", hint="the number of columns is K, also when some classes do not occur.")


@all_classes.case("absent classes", comparison=Property(rows_with_their_frequencies), draws=2)
def classes_that_never_occur(rng):
    arguments = repeated_rows(rng)
    return {**arguments, "K": 6}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def counts_instead_of_frequencies(X, y, K):
    """Counts are returned; a perfect fit outputs probabilities.

    what should each row of the frequencies sum to?
    """
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts


@exercise.misconception()
def divided_by_all_samples(X, y, K):
    """The counts are divided by all samples, not by those with this row.

    what should each row of the frequencies sum to?
    """
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / len(y)


@exercise.misconception()
def every_sample_for_itself(X, y, K):
    """Repeated rows are kept, so equal inputs are given different outputs.

    can a function give two answers to the same input?
    """
    return X.copy(), np.eye(K)[y]


@exercise.misconception("all_classes")
def columns_up_to_the_largest_label(X, y, K):
    """The number of columns is taken from the largest label instead of K.

    what if the last class does not occur?
    """
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), y.max() + 1))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / counts.sum(axis=1, keepdims=True)


@exercise.misconception()
def last_label_wins(X, y, K):
    """Each sample overwrites the ones before, so only the last counts.

    how can several labels of the same row add up?
    """
    rows, group = np.unique(X, axis=0, return_inverse=True)
    frequencies = np.zeros((len(rows), K))
    for n, r in enumerate(group.reshape(-1)):
        frequencies[r] = np.eye(K)[y[n]]
    return rows, frequencies


@exercise.misconception()
def most_frequent_label_wins(X, y, K):
    """The most frequent class takes all; others should keep their share.

    what does that cost when another class occurs?
    """
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, np.eye(K)[counts.argmax(axis=1)]


@exercise.misconception()
def normalised_per_class(X, y, K):
    """Columns are normalised: rows given the class, not classes given the row.

    which axis should sum to 1?
    """
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / np.maximum(counts.sum(axis=0), 1.0)


@exercise.misconception()
def same_frequencies_for_every_row(X, y, K):
    """All samples are pooled, so every row gets the same frequencies.

    which samples speak about this row?
    """
    rows = np.unique(X, axis=0)
    return rows, np.tile(np.bincount(y, minlength=K) / len(y), (len(rows), 1))


@exercise.misconception()
def one_added_to_every_count(X, y, K):
    """Every class gets an extra count.

    which output suits a row that only has class 0?
    """
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.ones((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / counts.sum(axis=1, keepdims=True)


@exercise.misconception()
def frequencies_in_another_order(X, y, K):
    """Rows are sorted but the frequencies follow the order of appearance.

    does line r of both results belong to the same input?
    """
    appearance = list(dict.fromkeys(map(tuple, X)))
    counts = np.array([np.bincount(y[(row == X).all(axis=1)], minlength=K) for row in appearance])
    return np.unique(X, axis=0), counts / counts.sum(axis=1, keepdims=True)


@exercise.misconception()
def each_class_counted_once(X, y, K):
    """Repeated pairs of row and label count only once: += with repeated indices adds once.

    what does np.add.at do differently?
    """
    rows, group = np.unique(X, axis=0, return_inverse=True)
    seen = np.zeros((len(rows), K))
    seen[group.reshape(-1), y] = 1.0
    return rows, seen / seen.sum(axis=1, keepdims=True)


@exercise.misconception("values", "all_classes")
def totals_without_their_axis(X, y, K):
    """The rows' totals have lost their axis and no longer line up.

    which shape divides the rows of (R, K)?
    """
    rows, place = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (place.ravel(), y), 1)
    return rows, counts / counts.sum(axis=1)


@exercise.misconception("values", "all_classes")
def distinct_numbers_instead_of_rows(X, y, K):
    """np.unique without an axis finds distinct numbers, not distinct rows.

    which argument makes np.unique compare rows?
    """
    rows, group = np.unique(X, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / counts.sum(axis=1, keepdims=True)


@exercise.misconception("values", "all_classes")
def as_many_columns_as_a_rows_labels(X, y, K):
    """np.bincount counts up to the largest label it meets.

    which argument asks for K?
    """
    rows, group = np.unique(X, axis=0, return_inverse=True)
    groups = [y[group.reshape(-1) == k] for k in range(len(rows))]
    return rows, np.array([np.bincount(labels) / len(labels) for labels in groups])


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def frequencies_by_counter(X, y, K):
    counters = {}
    for row, label in zip(map(tuple, X.tolist()), y.tolist(), strict=True):
        counters.setdefault(row, Counter())[label] += 1
    rows = list(counters)
    frequencies = [[counters[row][k] / counters[row].total() for k in range(K)] for row in rows]
    return np.array(rows), np.array(frequencies)


@exercise.alternative
def frequencies_by_mean_of_one_hot(X, y, K):
    rows = np.unique(X, axis=0)[::-1]
    T = np.eye(K)[y]
    return [rows, np.array([T[(row == X).all(axis=1)].mean(axis=0) for row in rows])]


@exercise.alternative
def frequencies_by_membership(X, y, K):
    rows = np.unique(X, axis=0)
    member = (rows[:, None, :] == X[None, :, :]).all(axis=2).astype(float)
    return rows, (member / member.sum(axis=1, keepdims=True)) @ np.eye(K)[y]


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("axis=-1", reason="a matrix's last axis is its second")
exercise.equivalent("y), 2.0)", "y), -1.0)", reason="a common factor of the counts cancels")
exercise.equivalent("reshape(-2)", reason="NumPy finds any negative length itself")
