"""cross_entropy: compute the mean cross-entropy of integer labels, from logits of any size."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.softmax_stability.inputs import (
    LARGE,
    confidently_wrong_rows,
    impossible_classes,
    labelled_batch,
    labelled_cases,
    labelled_large_logits,
    labelled_rows_of_mixed_size,
    truth_is_heavy_metal,
    truth_is_tiger,
)
from backprop_solutions.softmax_stability import cross_entropy, log_softmax, one_hot, softmax

exercise = Definition(cross_entropy)

exercise.aspect(
    "values",
    hint="pick one log-probability per row, the one of its label, and average.",
    cases=[
        Case(label="the lecture's logits, Heavy Metal is true", arguments=truth_is_heavy_metal),
        Case(label="the lecture's logits, Tiger is true", arguments=truth_is_tiger),
        Case(label="mean over a batch", arguments=labelled_batch, draws=3),
        *labelled_cases(),
    ],
)

exercise.aspect(
    "stability",
    hint="the loss of a confident mistake is about the distance between two logits, and finite.",
    cases=[
        Case(label="large logits", arguments=labelled_large_logits, comparison=LARGE, draws=2),
        Case(label="rows of mixed size", arguments=labelled_rows_of_mixed_size, comparison=LARGE, draws=2),
        Case(label="impossible classes, with logits of -inf", arguments=impossible_classes, comparison=LARGE, draws=2),
        Case(label="confidently wrong", arguments=confidently_wrong_rows, comparison=LARGE, draws=2),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def cross_entropy_summed(Z, y):
    """The rows are summed; the loss of a batch is their mean.

    should the loss double when every example appears twice?
    """
    return -log_softmax(Z)[np.arange(len(y)), y].sum()


@exercise.misconception("stability")
def cross_entropy_of_underflown_probabilities(Z, y):
    """The logarithm is taken of a probability that has underflowed to 0.

    which of your functions goes from logits to log-probabilities directly?
    """
    return -np.log(softmax(Z)[np.arange(len(y)), y]).mean()


@exercise.misconception("stability")
def cross_entropy_with_a_larger_epsilon(Z, y):
    """The epsilon of 1e-9 inside the logarithm shifts every loss a little, and caps that of confident mistakes.

    which function gives the logarithm without the detour over the probability?
    """
    return -np.log(softmax(Z)[np.arange(len(y)), y] + 1e-9).mean()


@exercise.misconception("stability")
def cross_entropy_with_an_epsilon(Z, y):
    """The epsilon inside the logarithm caps the loss of confident mistakes.

    what should the loss of [10000, 0] be if class 1 is true?
    """
    return -np.log(softmax(Z)[np.arange(len(y)), y] + 1e-12).mean()


@exercise.misconception("stability")
def cross_entropy_without_shift(Z, y):
    """The exponentials of the raw logits overflow or underflow.

    which of your functions is safe for logits of any size?
    """
    e = np.exp(Z)
    return -np.log(e[np.arange(len(y)), y] / e.sum(axis=1)).mean()


@exercise.misconception()
def label_used_as_weight(Z, y):
    """The label's number multiplies the log-probabilities; a label is a position, not a weight.

    how many entries of each row should enter the loss?
    """
    return -(y[:, None] * log_softmax(Z)).sum(axis=1).mean()


@exercise.misconception()
def labels_pick_columns(Z, y):
    """A slice with the labels takes those columns from every row.

    how do you pair row n with column y[n]?
    """
    return -log_softmax(Z)[:, y].mean()


@exercise.misconception()
def cross_entropy_averaged_over_classes(Z, y):
    """The average also runs over the K classes; only rows are averaged.

    by what did you divide: N, or N times K?
    """
    return -log_softmax(Z)[np.arange(len(y)), y].mean() / Z.shape[1]


@exercise.misconception()
def winner_instead_of_label(Z, y):
    """The most probable class is scored, and the labels are not used.

    does your loss change when y changes?
    """
    return -log_softmax(Z).max(axis=1).mean()


@exercise.misconception()
def cross_entropy_without_minus(Z, y):
    """The minus sign is missing, so better predictions would raise the loss.

    is the logarithm of a probability positive or negative?
    """
    return log_softmax(Z)[np.arange(len(y)), y].mean()


@exercise.misconception()
def missing_probability(Z, y):
    """The missing probability 1 - p is averaged; cross-entropy takes the logarithm of p.

    what should the loss do as p goes to 0?
    """
    return 1.0 - softmax(Z)[np.arange(len(y)), y].mean()


@exercise.misconception()
def softmax_applied_twice(Z, y):
    """softmax is applied twice: probabilities are passed on as if they were logits.

    does log_softmax expect logits or probabilities?
    """
    return -log_softmax(softmax(Z))[np.arange(len(y)), y].mean()


@exercise.misconception()
def squared_distance_to_one_hot(Z, y):
    """This is the squared distance to the one-hot row, another loss.

    where does the logarithm of the true class's probability enter?
    """
    return ((softmax(Z) - one_hot(y, Z.shape[1])) ** 2).sum(axis=1).mean()


@exercise.misconception()
def one_binary_loss_per_class(Z, y):
    """The other classes are scored as well, as if there were K binary questions.

    which terms of H(p, q) remain when p is one-hot?
    """
    P, T = softmax(Z), one_hot(y, Z.shape[1])
    return -(T * np.log(P) + (1 - T) * np.log(1 - P)).sum(axis=1).mean()


@exercise.misconception("stability")
def zero_times_infinity(Z, y):
    """A logit of -inf is multiplied by the 0 of a one-hot row, and 0 times infinity is NaN.

    how can an entry be picked without multiplying all others by 0?
    """
    return -(log_softmax(Z) * one_hot(y, Z.shape[1])).sum(axis=1).mean()


@exercise.misconception("stability")
def cross_entropy_of_clipped_probabilities(Z, y):
    """Probabilities are clipped before the logarithm, which caps the loss of a confident mistake.

    can the logarithm be computed without the probability?
    """
    return -np.log(np.clip(softmax(Z), 1e-12, 1.0))[np.arange(len(y)), y].mean()


@exercise.misconception("stability")
def cross_entropy_with_one_shift_for_all_rows(Z, y):
    """One maximum is subtracted from the whole batch, so that all exponentials of a lower row underflow.

    which number may each row subtract for itself?
    """
    shifted = Z - Z.max()
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean()


@exercise.misconception("values", "stability")
def logarithm_of_the_mean_probability(Z, y):
    """The probabilities are averaged before the logarithm; the mean of logarithms is wanted.

    which comes first in the formula, the logarithm or the sum over n?
    """
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y].mean())


@exercise.misconception("values", "stability")
def probability_without_logarithm(Z, y):
    """The probability itself is averaged; its logarithm is missing.

    what should the loss be when the true class has probability 1?
    """
    return -np.exp(log_softmax(Z))[np.arange(len(y)), y].mean()


exercise.slip(
    "labels_counted_from_one",
    ("y].mean()", "y - 1].mean()"),
    cause="1 is taken from each label, but they count from 0: label 0 picks the last class.",
    next_step="which column belongs to label 0?",
    loses=("values", "stability"),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def cross_entropy_by_one_hot(Z, y):
    m = Z.max(axis=1)
    lse = m + np.log(np.exp(Z - m[:, None]).sum(axis=1))
    return (lse - Z.sum(axis=1, where=np.eye(Z.shape[1], dtype=bool)[y])).mean()


@exercise.alternative
def cross_entropy_by_loop(Z, y):
    total = 0.0
    for row, label in zip(Z, y, strict=True):
        total += np.logaddexp.reduce(row - row[label])
    return total / len(y)


@exercise.alternative
def cross_entropy_by_take(Z, y):
    return float(np.mean(-np.take_along_axis(log_softmax(Z), y[:, None], axis=1)))


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("np.arange(len(Z))", reason="there are as many rows as labels")
