"""log_softmax: compute the logarithm of softmax without computing softmax first."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.softmax_stability.inputs import cases_of_any_shape, cases_of_any_size
from backprop_solutions.softmax_stability import log_softmax, logsumexp, softmax

exercise = Definition(log_softmax)

exercise.aspect(
    "values",
    hint="take the logarithm of the softmax formula on paper: a difference is left.",
    cases=cases_of_any_shape(),
)

exercise.aspect(
    "stability",
    hint="which function of this unit already computes the logarithm of the denominator?",
    cases=cases_of_any_size(),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("stability")
def logarithm_of_softmax(Z):
    """softmax comes first, and once a probability has underflowed to 0 its logarithm is lost.

    simplify log(exp(z) / sum) on paper before you write code.
    """
    return np.log(softmax(Z))


@exercise.misconception("stability")
def logarithm_of_softmax_plus_epsilon(Z):
    """The epsilon inside the logarithm replaces every small probability by itself.

    what should log-softmax of [0, -10000] be, and what do you get?
    """
    return np.log(softmax(Z) + 1e-12)


@exercise.misconception("stability")
def logarithm_of_clipped_softmax(Z):
    """Clipping the probability cuts the loss, and its gradient, where it matters most.

    what should log-softmax of [0, -10000] be, and what do you get?
    """
    return np.log(np.clip(softmax(Z), 1e-15, 1.0))


@exercise.misconception("stability")
def log_softmax_without_shift(Z):
    """The logarithm of the sum is taken of exponentials that overflow or underflow.

    which of your functions computes that term for logits of any size?
    """
    return Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))


@exercise.misconception()
def log_softmax_with_the_sign_turned(Z):
    """The sign is turned: this is the negative log-probability.

    can the logarithm of a probability be positive?
    """
    return logsumexp(Z)[..., None] - Z


@exercise.misconception()
def log_softmax_without_keepdims(Z):
    """The row terms have lost their axis and no longer line up.

    which shape fits (N, K) row by row?
    """
    return Z - logsumexp(Z)


@exercise.misconception()
def log_softmax_without_log_sum(Z):
    """The logits are only shifted; the logarithm of the denominator is missing.

    do the exponentials of your result sum to 1?
    """
    return Z - Z.max(axis=-1, keepdims=True)


@exercise.misconception()
def log_softmax_minus_plain_sum(Z):
    """The sum itself is subtracted instead of its logarithm.

    log(a / b) = log a - ?
    """
    shifted = Z - Z.max(axis=-1, keepdims=True)
    return shifted - np.exp(shifted).sum(axis=-1, keepdims=True)


@exercise.misconception()
def log_softmax_to_base_two(Z):
    """The logarithm is taken to base 2; the course measures in natural units.

    do the exponentials of your result sum to 1?
    """
    return (Z - logsumexp(Z)[..., None]) / np.log(2.0)


@exercise.misconception("stability")
def log_softmax_with_one_shift_for_all_rows(Z):
    """One shift serves the whole batch, so rows far below the largest entry underflow.

    which shift does each row need for itself?
    """
    shifted = Z - Z.max()
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@exercise.misconception()
def log_softmax_over_the_first_axis(Z):
    """Columns are normalised, but each row of logits is one distribution.

    along which axis should the exponentials sum to 1?
    """
    shifted = Z - Z.max(axis=0)
    return shifted - np.log(np.exp(shifted).sum(axis=0))


@exercise.misconception()
def log_softmax_shifted_twice(Z):
    """The largest logit is subtracted twice, once by the shift and once inside logsumexp.

    which logits does logsumexp have to see after the shift?
    """
    return Z - Z.max(axis=-1, keepdims=True) - logsumexp(Z)[..., None]


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def log_softmax_by_difference(Z):
    m = Z.max(axis=-1, keepdims=True)
    return Z - (m + np.log(np.exp(Z - m).sum(axis=-1, keepdims=True)))


@exercise.alternative
def log_softmax_by_pairs(Z):
    return Z - np.logaddexp.reduce(Z, axis=-1, keepdims=True)


@exercise.alternative
def log_softmax_shifted_first(Z):
    shifted = Z - np.max(Z, axis=-1)[..., None]
    return shifted - np.log(np.exp(shifted).sum(axis=-1))[..., None]


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("-> shifted = Z", reason="logsumexp is stable itself, and what is added to a whole row cancels")
