"""softmax: turn each row of logits into probabilities, for logits of any size."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.softmax_stability.inputs import TAILS, cases_of_any_shape, cases_of_any_size
from backprop_solutions.softmax_stability import sigmoid, softmax

exercise = Definition(softmax)

exercise.aspect(
    "values",
    hint="compare with the lecture's table: exponentiate, then divide each row by its own sum.",
    cases=cases_of_any_shape(),
)

stability = exercise.aspect(
    "stability",
    hint="what may be subtracted from every logit of a row without changing the result?",
    cases=cases_of_any_size(TAILS),
)


@stability.case("unlikely classes", comparison=TAILS, draws=2)
def unlikely_classes(rng):
    return {"Z": rng.permutation([0.0, -40.0, -300.0, -600.0]) + rng.uniform(size=4)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("stability")
def softmax_without_shift(Z):
    """exp overflows for large logits, and all of a row underflows for very negative ones.

    what may you subtract from every logit without changing the result?
    """
    e = np.exp(Z)
    return e / e.sum(axis=-1, keepdims=True)


@exercise.misconception()
def softmax_of_minus_z(Z):
    """The exponent has the wrong sign, as printed in RWTH's list of nonlinearities.

    should the largest logit get the largest or the smallest probability?
    """
    e = np.exp(-(Z - Z.min(axis=-1, keepdims=True)))
    return e / e.sum(axis=-1, keepdims=True)


@exercise.misconception()
def softmax_over_the_first_axis(Z):
    """Columns are normalised, but each row of logits is one distribution.

    which axis should sum to 1?
    """
    e = np.exp(Z - Z.max(axis=0))
    return e / e.sum(axis=0)


@exercise.misconception("values", "stability")
def softmax_over_the_whole_array(Z):
    """All rows share one sum, so the whole batch adds up to 1 instead of each row.

    over which axis does each example sum?
    """
    e = np.exp(Z - Z.max())
    return e / e.sum()


@exercise.misconception("stability")
def softmax_with_one_shift_for_all_rows(Z):
    """One shift serves the whole batch, so rows far below the largest entry become 0/0.

    which shift does each row need for itself?
    """
    e = np.exp(Z - Z.max())
    return e / e.sum(axis=-1, keepdims=True)


@exercise.misconception()
def softmax_with_a_shift_per_column(Z):
    """The shift differs from class to class; softmax stays the same only under a constant shift.

    which axis should the maximum run over?
    """
    e = np.exp(Z - Z.max(axis=0))
    return e / e.sum(axis=-1, keepdims=True)


@exercise.misconception("stability")
def softmax_shifted_by_magnitude(Z):
    """The shift is the largest magnitude, which pushes negative rows down further.

    for logits near -10000, which shift brings the largest exponent to 0?
    """
    e = np.exp(Z - np.abs(Z).max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@exercise.misconception("stability")
def softmax_shifted_by_the_mean(Z):
    """The mean or the smallest logit is subtracted, which leaves large exponents when logits lie far apart.

    which shift guarantees that no exponent is above 0?
    """
    e = np.exp(Z - Z.mean(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@exercise.misconception()
def softmax_without_keepdims(Z):
    """The sums have lost their axis and no longer line up.

    which shape must they have to divide (N, K) row by row?
    """
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1)


@exercise.misconception()
def softmax_for_two_dimensions_only(Z):
    """Axis 1 is hard-wired, which is the class axis only for two dimensions.

    how do you name the last axis of any array?
    """
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@exercise.misconception("values", "stability")
def softmax_as_plain_fractions(Z):
    """Logits are divided by their sum without the exponential, so signs and order get lost.

    what makes every numerator positive?
    """
    return Z / Z.sum(axis=-1, keepdims=True)


@exercise.misconception()
def softmax_as_separate_sigmoids(Z):
    """Each logit passes through its own sigmoid, so the classes do not compete.

    do your rows sum to 1?
    """
    return sigmoid(Z)


@exercise.misconception("values", "stability")
def softmax_in_place(Z):
    """The shift is subtracted in place, which changes the caller's array.

    how does Z - m differ from Z -= m?
    """
    Z -= Z.max(axis=-1, keepdims=True)
    e = np.exp(Z)
    return e / e.sum(axis=-1, keepdims=True)


@exercise.misconception("values", "stability")
def softmax_with_an_epsilon(Z):
    """An epsilon in the denominator keeps the rows from summing to 1.

    after the shift, how small can the sum of a row become?
    """
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return e / (e.sum(axis=-1, keepdims=True) + 1e-6)


@exercise.misconception("stability")
def softmax_of_clipped_logits(Z):
    """Clipping large logits makes different classes look equal.

    can you move the logits of a row instead of cutting them off?
    """
    e = np.exp(np.clip(Z, -500.0, 500.0))
    return e / e.sum(axis=-1, keepdims=True)


@exercise.misconception("stability")
def softmax_with_nan_replaced(Z):
    """The overflow is hidden by replacing NaN afterwards; the probabilities are lost by then.

    how can the exponentials stay finite from the start?
    """
    with np.errstate(all="ignore"):
        e = np.exp(Z)
        return np.nan_to_num(e / e.sum(axis=-1, keepdims=True))


@exercise.misconception("values", "stability")
def softmax_with_one_sum_for_the_batch(Z):
    """One sum serves the whole batch; each row has to sum to 1 by itself.

    over which axis does the sum run, and which does it keep?
    """
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return e / e.sum()


@exercise.misconception("values", "stability")
def a_fixed_number_subtracted(Z):
    """The same fixed number is subtracted whatever the logits are: where they lie far from it, all is 0 or inf.

    which number of a row itself leaves no exponent above 0?
    """
    e = np.exp(Z - 1000)
    return e / e.sum(axis=-1, keepdims=True)


@exercise.misconception("values", "stability")
def a_loop_over_rows_of_a_matrix(Z):
    """The loop takes Z for a matrix; in a single row of logits, every number becomes a softmax of its own.

    how do axis=-1 and keepdims serve any number of leading axes?
    """
    return np.array([np.exp(z - z.max()) / np.exp(z - z.max()).sum() for z in Z])


exercise.slip(
    "epsilon_in_the_denominator",
    ("/ exponentials.sum(axis=-1, keepdims=True)", "/ (exponentials.sum(axis=-1, keepdims=True) + 1e-8)"),
    cause="A small number is added to the sum, so that the probabilities no longer add up to 1.",
    next_step="how small can the sum get once the largest exponent is 0?",
    loses=("values", "stability"),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def softmax_by_log(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=-1, keepdims=True))


@exercise.alternative
def softmax_transposed(Z):
    e = np.exp(Z.T - Z.T.max(axis=0)) if Z.ndim < 3 else np.moveaxis(np.exp(Z - Z.max(-1, keepdims=True)), -1, 0)
    p = e / e.sum(axis=0)
    return p.T if Z.ndim < 3 else np.moveaxis(p, 0, -1)


@exercise.alternative
def softmax_row_by_row(Z):
    def one(row):
        e = np.exp(row - row.max())
        return e / e.sum()

    return np.apply_along_axis(one, -1, Z)


@exercise.alternative
def softmax_by_einsum(Z):
    e = np.exp(np.subtract(Z, np.expand_dims(np.amax(Z, axis=-1), -1)))
    return np.einsum("...k,...->...k", e, 1 / np.einsum("...k->...", e))
