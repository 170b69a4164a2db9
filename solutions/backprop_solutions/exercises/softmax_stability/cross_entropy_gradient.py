"""cross_entropy_gradient: compute the gradient of `cross_entropy` with respect to the logits."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.softmax_stability.inputs import (
    confidently_wrong_rows,
    impossible_classes,
    labelled_batch,
    labelled_cases,
    labelled_large_logits,
    labelled_rows_of_mixed_size,
    truth_is_heavy_metal,
    truth_is_tiger,
)
from backprop_solutions.softmax_stability import cross_entropy_gradient, log_softmax, one_hot, softmax

exercise = Definition(cross_entropy_gradient)

exercise.aspect(
    "values",
    hint="each row is the probabilities minus the truth, and the mean brings in one more factor.",
    cases=[
        Case(label="the lecture's logits, Heavy Metal is true", arguments=truth_is_heavy_metal),
        Case(label="the lecture's logits, Tiger is true", arguments=truth_is_tiger),
        Case(label="a batch", arguments=labelled_batch, draws=3),
        *labelled_cases(),
    ],
)

exercise.aspect(
    "stability",
    hint="no logarithm is needed here: start from probabilities that are safe for any logits.",
    cases=[
        Case(label="large logits", arguments=labelled_large_logits, draws=2),
        Case(label="rows of mixed size", arguments=labelled_rows_of_mixed_size, draws=2),
        Case(label="impossible classes, with logits of -inf", arguments=impossible_classes, draws=2),
        Case(label="confidently wrong", arguments=confidently_wrong_rows, draws=2),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "stability")
def gradient_not_averaged(Z, y):
    """The loss is a mean over the rows, but its gradient is not divided by N.

    where does 1/N enter the derivative of a mean?
    """
    return softmax(Z) - one_hot(y, Z.shape[1])


@exercise.misconception("values", "stability")
def gradient_uphill_exchanged(Z, y):
    """The difference is taken the wrong way round, so descent would raise the loss.

    should a larger logit of the true class raise or lower the loss?
    """
    return (one_hot(y, Z.shape[1]) - softmax(Z)) / len(y)


@exercise.misconception("values", "stability")
def gradient_without_labels(Z, y):
    """The probabilities are returned, and the truth is not subtracted.

    what should each row of the gradient sum to?
    """
    return softmax(Z) / len(y)


@exercise.misconception("values", "stability")
def gradient_divided_by_all_entries(Z, y):
    """The division is by all N K entries; the loss averages over N rows only.

    over what did cross_entropy take its mean?
    """
    return (softmax(Z) - one_hot(y, Z.shape[1])) / Z.size


@exercise.misconception("values", "stability")
def gradient_stopped_at_probabilities(Z, y):
    """This is the derivative with respect to the probabilities; the step through softmax is missing.

    which factor of the chain rule leads from p to z?
    """
    return -one_hot(y, Z.shape[1]) / softmax(Z) / len(y)


@exercise.misconception("values", "stability")
def label_columns_reduced_in_every_row(Z, y):
    """A slice with the labels subtracts 1 from those columns in every row.

    how do you pair row n with column y[n]?
    """
    P = softmax(Z)
    P[:, y] -= 1.0
    return P / len(y)


@exercise.misconception("values", "stability")
def gradient_only_at_the_label(Z, y):
    """Only the true class gets a gradient, but every logit enters the denominator.

    what should each row of the gradient sum to?
    """
    T = one_hot(y, Z.shape[1])
    return T * (softmax(Z) - 1.0) / len(y)


@exercise.misconception("stability")
def gradient_without_shift(Z, y):
    """The exponentials of the raw logits overflow or underflow.

    which of your functions is safe for logits of any size?
    """
    e = np.exp(Z)
    return (e / e.sum(axis=1, keepdims=True) - one_hot(y, Z.shape[1])) / len(y)


@exercise.misconception("values", "stability")
def label_number_subtracted(Z, y):
    """The label's number is subtracted from the whole row; a label is a position.

    which entry of the row should change, and by how much?
    """
    return (softmax(Z) - y[:, None]) / len(y)


@exercise.misconception()
def gradient_with_softmax_derivative_again(Z, y):
    """The derivative of softmax is multiplied in a second time; the simple difference contains it.

    which product of the chain rule cancelled on paper?
    """
    P = softmax(Z)
    return P * (1.0 - P) * (P - one_hot(y, Z.shape[1])) / len(y)


@exercise.misconception("values", "stability")
def gradient_from_logits(Z, y):
    """The truth is subtracted from the logits instead of the probabilities.

    which quantity lies between 0 and 1, as the truth does?
    """
    return (Z - one_hot(y, Z.shape[1])) / len(y)


@exercise.misconception("values", "stability")
def gradient_written_into_the_logits(Z, y):
    """The result is written into the argument Z, which changes the caller's array.

    which array may you overwrite safely?
    """
    P = softmax(Z)
    Z[...] = P
    Z[np.arange(len(y)), y] -= 1.0
    return Z / len(y)


@exercise.misconception("stability")
def gradient_with_one_shift_for_all_rows(Z, y):
    """One shift serves the whole batch, so rows far below the largest entry become 0/0.

    which shift does each row need for itself?
    """
    e = np.exp(Z - Z.max())
    return (e / e.sum(axis=1, keepdims=True) - one_hot(y, Z.shape[1])) / len(y)


@exercise.misconception("values", "stability")
def rows_averaged(Z, y):
    """The rows are averaged to one; each row's logits have a gradient of their own, and 1/N is a factor.

    what shape does the gradient of Z have?
    """
    gradient = softmax(Z)
    gradient[np.arange(len(y)), y] -= 1
    return gradient.mean(axis=0)


@exercise.misconception("values", "stability")
def truth_not_averaged(Z, y):
    """1/N divides the probabilities only; the 1 at the true class is subtracted in full.

    what should each row of the gradient sum to?
    """
    gradient = softmax(Z) / len(y)
    gradient[np.arange(len(y)), y] -= 1
    return gradient


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def cross_entropy_gradient_by_difference(Z, y):
    return (softmax(Z) - np.eye(Z.shape[1])[y]) / len(y)


@exercise.alternative
def cross_entropy_gradient_on_a_copy(Z, y):
    G = np.exp(log_softmax(Z))
    G[np.arange(len(y)), y] -= 1
    G /= Z.shape[0]
    return G


@exercise.alternative
def cross_entropy_gradient_by_jacobian(Z, y):
    N = len(y)
    rows = []
    for p, label in zip(softmax(Z), y, strict=True):
        # The column of the Jacobian divided by p[label], which may be 0, leaves the unit vector minus p.
        rows.append(-(np.eye(len(p))[label] - p) / N)
    return np.stack(rows)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("axis=-1", reason="a matrix's last axis is its second")
exercise.equivalent("/ len(gradient)", "np.arange(len(Z))", reason="there are as many rows as labels")
