"""recall: compute the fraction of the positives that were found."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.mlp_training import recall

exercise = Definition(recall)

values = exercise.aspect("values", hint="keep only the rows that are truly positive: which fraction of them was found?")


@values.case("three of five found, one false alarm", draws=3)
def found_and_missed(rng):
    y = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    predictions = np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0])
    order = rng.permutation(11)
    return {"predictions": predictions[order], "y": y[order]}


@values.case("always no")
def always_no(rng):
    y = np.zeros(10, dtype=int)
    y[rng.integers(10)] = 1
    return {"predictions": np.zeros(10, dtype=int), "y": y}


@values.case("always yes")
def always_yes(rng):
    return {"predictions": np.ones(7, dtype=int), "y": rng.permutation([1, 1, 0, 0, 0, 0, 0])}


without_positives = exercise.aspect(
    "without_positives", hint="a fraction of nothing is not a number: which float says so?"
)


@without_positives.case("nothing to find, nothing claimed")
def no_positive_none_claimed(rng):
    return {"predictions": np.zeros(5, dtype=int), "y": np.zeros(5, dtype=int)}


@without_positives.case("nothing to find, two claimed", draws=2)
def no_positive_some_claimed(rng):
    return {"predictions": rng.permutation([1, 1, 0, 0, 0, 0]), "y": np.zeros(6, dtype=int)}


@without_positives.case("one to find, and it was found", draws=2)
def one_positive_found(rng):
    y = rng.permutation([1, 0, 0, 0, 0])
    return {"predictions": np.ones(5, dtype=int), "y": y}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def precision_for_recall(predictions, y):
    """This is precision, the part of the claims that is true; recall is the part of the positives found.

    by which count do you divide?
    """
    claimed = predictions == 1
    return np.mean(y[claimed] == 1) if claimed.any() else float("nan")


@exercise.misconception()
def accuracy_again(predictions, y):
    """All rows are counted; recall looks at the true positives only.

    what should always answering no get?
    """
    return np.mean(predictions == y) if np.any(y == 1) else float("nan")


@exercise.misconception()
def recall_of_the_negatives(predictions, y):
    """This is the fraction of the negatives that was recognised.

    which label stands for a 2?
    """
    return np.mean(predictions[y == 0] == 0) if np.any(y == 1) else float("nan")


@exercise.misconception()
def found_among_all_rows(predictions, y):
    """The found ones are divided by all rows; recall divides by the positives.

    what should finding every positive give?
    """
    return np.mean((predictions == 1) & (y == 1)) if np.any(y == 1) else float("nan")


@exercise.misconception()
def claims_per_positive(predictions, y):
    """False alarms are counted as found.

    in which rows must both arrays be 1?
    """
    return np.sum(predictions == 1) / np.sum(y == 1) if np.any(y == 1) else float("nan")


@exercise.misconception()
def missed_instead_of_found(predictions, y):
    """This is the fraction that was missed.

    what should always answering no get?
    """
    return np.mean(predictions[y == 1] == 0) if np.any(y == 1) else float("nan")


@exercise.misconception("without_positives")
def zero_without_positives(predictions, y):
    """Without positives nothing was missed either, so 0 blames the network for nothing.

    which float says that a fraction has no value?
    """
    return np.sum((predictions == 1) & (y == 1)) / max(np.sum(y == 1), 1)


@exercise.misconception("without_positives")
def one_without_positives(predictions, y):
    """Without positives nothing was found either, so 1 praises the network for nothing.

    which float says that a fraction has no value?
    """
    return np.mean(predictions[y == 1] == 1) if np.any(y == 1) else 1.0


@exercise.misconception("without_positives")
def mean_of_nothing(predictions, y):
    """The mean of no rows is taken, about which NumPy warns: NaN comes out, but by accident.

    which case can be answered before the mean is taken?
    """
    return np.mean(predictions[y == 1] == 1)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def recall_by_counting(predictions, y):
    positives = [guess for guess, truth in zip(predictions, y, strict=True) if truth]
    return sum(map(int, positives)) / len(positives) if positives else np.nan


@exercise.alternative
def recall_by_sums(predictions, y):
    with np.errstate(invalid="ignore"):  # 0 / 0 of NumPy's numbers is NaN
        return np.sum((predictions == 1) & (y == 1)) / np.sum(y == 1)


@exercise.alternative
def recall_by_products(predictions, y):
    return float(predictions @ y / y.sum()) if y.any() else float("nan")


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("not y.any()", reason="labels are 0 and 1")
