"""logsumexp: compute the logarithm of the summed exponentials of each row, for logits of any size."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.softmax_stability.inputs import cases_of_any_shape, cases_of_any_size
from backprop_solutions.softmax_stability import logsumexp

exercise = Definition(logsumexp)

exercise.aspect(
    "values",
    hint="exponentiate, sum over the last axis, then take one natural logarithm per row.",
    cases=cases_of_any_shape(),
)

exercise.aspect(
    "stability",
    hint="which number, taken out of every exponent of a row, leaves none of them above 0?",
    cases=cases_of_any_size(),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("stability")
def logsumexp_without_shift(Z):
    """exp of a large logit overflows, and exp of very negative ones leaves log(0).

    which factor can be taken out of the sum before the logarithm?
    """
    return np.log(np.exp(Z).sum(axis=-1))


@exercise.misconception("stability")
def logsumexp_with_one_shift_for_all_rows(Z):
    """One shift serves the whole batch, so rows far below the largest entry underflow.

    which shift does each row need for itself?
    """
    return np.log(np.exp(Z - Z.max()).sum(axis=-1)) + Z.max()


@exercise.misconception()
def logsumexp_without_the_largest_added_back(Z):
    """The factor that was taken out of the sum is missing from the result.

    log(c s) = log c + log s: where is log c?
    """
    return np.log(np.exp(Z - Z.max(axis=-1, keepdims=True)).sum(axis=-1))


@exercise.misconception()
def logsumexp_with_the_largest_added_inside(Z):
    """The shift is added before the logarithm, but it is the logarithm of a factor.

    write exp(z) as exp(m) exp(z - m) and take the logarithm of the sum.
    """
    largest = Z.max(axis=-1)
    return np.log(np.exp(Z - largest[..., None]).sum(axis=-1) + largest)


@exercise.misconception()
def logsumexp_over_the_first_axis(Z):
    """The sum runs over the first axis, the rows of the batch, not over the classes.

    which axis counts the classes, whatever the leading shape?
    """
    largest = Z.max(axis=0)
    return np.log(np.exp(Z - largest).sum(axis=0)) + largest


@exercise.misconception()
def logsumexp_that_keeps_the_axis(Z):
    """The summed axis is kept with length 1, but one number per row is wanted.

    compare the shape of your result with that of Z without its last axis.
    """
    largest = Z.max(axis=-1, keepdims=True)
    return np.log(np.exp(Z - largest).sum(axis=-1, keepdims=True)) + largest


@exercise.misconception()
def logsumexp_as_sum_of_logs(Z):
    """The logarithm of a sum is taken for the sum of logarithms.

    try [0, 0] by hand: log(1 + 1) is not 0.
    """
    return np.log(np.exp(np.clip(Z, -700, 700))).sum(axis=-1)


@exercise.misconception("stability")
def logsumexp_shifted_by_magnitude(Z):
    """The shift is the largest magnitude, which pushes negative rows down further.

    for logits near -10000, which shift brings the largest exponent to 0?
    """
    largest = np.abs(Z).max(axis=-1, keepdims=True)
    return np.log(np.exp(Z - largest).sum(axis=-1)) + largest[..., 0]


@exercise.misconception()
def logsumexp_as_maximum(Z):
    """The largest logit is returned: that is only the limit for logits far apart.

    by how much does logsumexp of [0, 0] exceed the maximum?
    """
    return Z.max(axis=-1)


@exercise.misconception()
def logsumexp_of_the_mean(Z):
    """The exponentials are averaged, but their sum is wanted.

    what should the result be for K equal logits of 0?
    """
    largest = Z.max(axis=-1, keepdims=True)
    return np.log(np.exp(Z - largest).mean(axis=-1)) + largest[..., 0]


@exercise.misconception("values", "stability")
def logsumexp_in_place(Z):
    """The shift is subtracted in place, which changes the caller's array.

    how does Z - m differ from Z -= m?
    """
    largest = Z.max(axis=-1)
    Z -= largest[..., None]
    return np.log(np.exp(Z).sum(axis=-1)) + largest


@exercise.misconception("values", "stability")
def logsumexp_of_two_shapes(Z):
    """The shift keeps its axis and the sums do not: (N, 1) plus (N,) broadcasts to (N, N).

    which axis of the shift has to go before the two are added?
    """
    m = Z.max(axis=-1, keepdims=True)
    return m + np.log(np.exp(Z - m).sum(axis=-1))


@exercise.misconception("values", "stability")
def logsumexp_without_keepdims(Z):
    """The maxima have lost their axis and no longer line up with their rows.

    which shape must they have to be subtracted from (N, K) row by row?
    """
    m = Z.max(axis=-1)
    return m + np.log(np.exp(Z - m).sum(axis=-1))


@exercise.misconception("stability")
def logsumexp_shifted_by_the_mean(Z):
    """The shift is the mean or the minimum: entries far above it still overflow.

    which shift leaves no exponent above 0?
    """
    m = Z.mean(axis=-1, keepdims=True)
    return m[..., 0] + np.log(np.exp(Z - m).sum(axis=-1))


@exercise.misconception("values", "stability")
def logsumexp_times_the_largest(Z):
    """The logarithm turns the factor exp(m) into a summand; here it multiplies.

    what is log(c s)?
    """
    m = Z.max(axis=-1, keepdims=True)
    return m[..., 0] * np.log(np.exp(Z - m).sum(axis=-1))


@exercise.misconception("values", "stability")
def logsumexp_summed_after_the_logarithm(Z):
    """The logarithms are summed; wanted is the logarithm of the sum.

    which comes first in log sum exp, reading from the right?
    """
    m = Z.max(axis=-1, keepdims=True)
    return m[..., 0] + np.log(np.exp(Z - m)).sum(axis=-1)


@exercise.misconception("values", "stability")
def a_loop_over_rows_of_a_matrix(Z):
    """The loop takes Z for a matrix; a single row of logits is a vector, and has no rows to go through.

    how do axis=-1 and keepdims serve any number of leading axes?
    """
    results = []
    for z in Z:
        m = max(z)
        results.append(m + np.log(sum(np.exp(z - m))))
    return np.array(results)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def logsumexp_by_pairs(Z):
    return np.logaddexp.reduce(Z, axis=-1)


@exercise.alternative
def logsumexp_with_plain_log(Z):
    m = np.max(Z, axis=-1)
    return np.log(np.sum(np.exp(Z - m[..., np.newaxis]), axis=-1)) + m


@exercise.alternative
def logsumexp_row_by_row(Z):
    rows = Z.reshape(-1, Z.shape[-1])
    values = [max(row) + np.log(sum(np.exp(z - max(row)) for z in row)) for row in rows]
    return np.array(values).reshape(Z.shape[:-1])


@exercise.alternative
def logsumexp_of_sorted(Z):
    Z = np.sort(Z, axis=-1)
    return np.log(np.exp(Z - Z[..., -1:]).sum(axis=-1)) + Z[..., -1]


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("exponentials.argmax(", reason="exp keeps the order, and one of several ones may go")
