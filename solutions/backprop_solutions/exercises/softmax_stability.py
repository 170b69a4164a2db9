"""How the exercises of unit 5 are judged."""

import numpy as np

from backprop_autograder import Aspect, Case, Close, Exercise, Misconception, Property
from backprop_solutions import softmax_stability as reference
from backprop_solutions.softmax_stability import log_softmax, logsumexp, one_hot, sigmoid, softmax, softplus

TAILS = Close(rtol=1e-9, atol=0.0, reason="small probabilities are exact relatively, not only absolutely")
LARGE = Close(rtol=1e-9, atol=1e-10, reason="logits of 1e4 are themselves spaced by 2e-12")

# --- logits of every size ---------------------------------------------------------------------------


def lecture_logits(rng):
    return {"Z": np.array([-3.44, 1.16, -0.81, 3.91])}


def batch_of_logits(rng):
    return {"Z": rng.normal(scale=1.5, size=(4, 5))}


def batches_of_logits(rng):
    return {"Z": rng.normal(scale=1.5, size=(2, 3, 4))}


def two_large_logits(rng):
    return {"Z": np.array([1000.0, 1001.0])}


def large_logits(rng):
    return {"Z": 1e4 + rng.normal(size=4)}


def very_negative_logits(rng):
    return {"Z": -1e4 + rng.normal(size=(2, 3))}


def rows_of_mixed_size(rng):
    return {"Z": rng.normal(size=(3, 4)) + np.array([[1e4], [0.0], [-1e4]])}


def wide_rows(rng):
    return {"Z": rng.permutation([1e4, 0.0, -1e4]) + rng.normal(size=(2, 3))}


def masked_logits(rng):
    Z = rng.normal(size=(3, 4))
    Z[[0, 1, 1], [2, 0, 3]] = -np.inf
    return {"Z": Z}


def unlikely_classes(rng):
    return {"Z": rng.permutation([0.0, -40.0, -300.0, -600.0]) + rng.uniform(size=4)}


def batches_of_mixed_size(rng):
    return {"Z": rng.normal(size=(2, 3, 4)) + 1e4 * rng.permutation([-1.0, -0.5, 0.0, 0.3, 0.6, 1.0]).reshape(2, 3, 1)}


def cases_of_any_size(how=LARGE):
    return [
        Case(label="large logits", arguments=two_large_logits, comparison=how),
        Case(label="logits near 10000", arguments=large_logits, comparison=how),
        Case(label="very negative logits", arguments=very_negative_logits, comparison=how, draws=2),
        Case(label="rows of mixed size", arguments=rows_of_mixed_size, comparison=how, draws=2),
        Case(label="logits far apart in one row", arguments=wide_rows, comparison=how, draws=2),
        Case(label="logits of -inf", arguments=masked_logits, comparison=how, draws=2),
        Case(label="mixed size, any leading shape", arguments=batches_of_mixed_size, comparison=how, visible=False),
    ]


def cases_of_any_shape():
    return [
        Case(label="the lecture's four logits", arguments=lecture_logits),
        Case(label="each row of a batch", arguments=batch_of_logits, draws=3),
        Case(label="the last axis of three", arguments=batches_of_logits, draws=2),
    ]


# --- logsumexp --------------------------------------------------------------------------------------


def logsumexp_without_shift(Z):
    return np.log(np.exp(Z).sum(axis=-1))


def logsumexp_with_one_shift_for_all_rows(Z):
    return np.log(np.exp(Z - Z.max()).sum(axis=-1)) + Z.max()


def logsumexp_without_the_largest_added_back(Z):
    return np.log(np.exp(Z - Z.max(axis=-1, keepdims=True)).sum(axis=-1))


def logsumexp_with_the_largest_added_inside(Z):
    largest = Z.max(axis=-1)
    return np.log(np.exp(Z - largest[..., None]).sum(axis=-1) + largest)


def logsumexp_over_the_first_axis(Z):
    largest = Z.max(axis=0)
    return np.log(np.exp(Z - largest).sum(axis=0)) + largest


def logsumexp_that_keeps_the_axis(Z):
    largest = Z.max(axis=-1, keepdims=True)
    return np.log(np.exp(Z - largest).sum(axis=-1, keepdims=True)) + largest


def logsumexp_as_sum_of_logs(Z):
    return np.log(np.exp(np.clip(Z, -700, 700))).sum(axis=-1)


def logsumexp_shifted_by_magnitude(Z):
    largest = np.abs(Z).max(axis=-1, keepdims=True)
    return np.log(np.exp(Z - largest).sum(axis=-1)) + largest[..., 0]


def logsumexp_as_maximum(Z):
    return Z.max(axis=-1)


def logsumexp_of_the_mean(Z):
    largest = Z.max(axis=-1, keepdims=True)
    return np.log(np.exp(Z - largest).mean(axis=-1)) + largest[..., 0]


def logsumexp_in_place(Z):
    largest = Z.max(axis=-1)
    Z -= largest[..., None]
    return np.log(np.exp(Z).sum(axis=-1)) + largest


LOGSUMEXP = Exercise(
    reference.logsumexp,
    aspects=[
        Aspect(
            "values",
            cases_of_any_shape(),
            hint="exponentiate, sum over the last axis, then take one natural logarithm per row.",
        ),
        Aspect(
            "stability",
            cases_of_any_size(),
            hint="which number, taken out of every exponent of a row, leaves none of them above 0?",
        ),
    ],
    misconceptions=[
        Misconception(
            logsumexp_without_shift,
            cause="exp of a large logit overflows, and exp of very negative ones leaves log(0).",
            next_step="which factor can be taken out of the sum before the logarithm?",
            loses=("stability",),
        ),
        Misconception(
            logsumexp_with_one_shift_for_all_rows,
            cause="One shift serves the whole batch, so rows far below the largest entry underflow.",
            next_step="which shift does each row need for itself?",
            loses=("stability",),
        ),
        Misconception(
            logsumexp_without_the_largest_added_back,
            cause="The factor that was taken out of the sum is missing from the result.",
            next_step="log(c s) = log c + log s: where is log c?",
        ),
        Misconception(
            logsumexp_with_the_largest_added_inside,
            cause="The shift is added before the logarithm, but it is the logarithm of a factor.",
            next_step="write exp(z) as exp(m) exp(z - m) and take the logarithm of the sum.",
        ),
        Misconception(
            logsumexp_over_the_first_axis,
            cause="The sum runs over the first axis, the rows of the batch, not over the classes.",
            next_step="which axis counts the classes, whatever the leading shape?",
        ),
        Misconception(
            logsumexp_that_keeps_the_axis,
            cause="The summed axis is kept with length 1, but one number per row is wanted.",
            next_step="compare the shape of your result with that of Z without its last axis.",
        ),
        Misconception(
            logsumexp_as_sum_of_logs,
            cause="The logarithm of a sum is taken for the sum of logarithms.",
            next_step="try [0, 0] by hand: log(1 + 1) is not 0.",
        ),
        Misconception(
            logsumexp_shifted_by_magnitude,
            cause="The shift is the largest magnitude, which pushes negative rows down further.",
            next_step="for logits near -10000, which shift brings the largest exponent to 0?",
            loses=("stability",),
        ),
        Misconception(
            logsumexp_as_maximum,
            cause="The largest logit is returned: that is only the limit for logits far apart.",
            next_step="by how much does logsumexp of [0, 0] exceed the maximum?",
        ),
        Misconception(
            logsumexp_of_the_mean,
            cause="The exponentials are averaged, but their sum is wanted.",
            next_step="what should the result be for K equal logits of 0?",
        ),
        Misconception(
            logsumexp_in_place,
            cause="The shift is subtracted in place, which changes the caller's array.",
            next_step="how does Z - m differ from Z -= m?",
            loses=("values", "stability"),
        ),
    ],
)

# --- softmax ----------------------------------------------------------------------------------------


def softmax_without_shift(Z):
    e = np.exp(Z)
    return e / e.sum(axis=-1, keepdims=True)


def softmax_of_minus_z(Z):
    e = np.exp(-(Z - Z.min(axis=-1, keepdims=True)))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_over_the_first_axis(Z):
    e = np.exp(Z - Z.max(axis=0))
    return e / e.sum(axis=0)


def softmax_over_the_whole_array(Z):
    e = np.exp(Z - Z.max())
    return e / e.sum()


def softmax_with_one_shift_for_all_rows(Z):
    e = np.exp(Z - Z.max())
    return e / e.sum(axis=-1, keepdims=True)


def softmax_with_a_shift_per_column(Z):
    e = np.exp(Z - Z.max(axis=0))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_shifted_by_magnitude(Z):
    e = np.exp(Z - np.abs(Z).max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_shifted_by_the_mean(Z):
    e = np.exp(Z - Z.mean(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_without_keepdims(Z):
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1)


def softmax_for_two_dimensions_only(Z):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_as_plain_fractions(Z):
    return Z / Z.sum(axis=-1, keepdims=True)


def softmax_as_separate_sigmoids(Z):
    return sigmoid(Z)


def softmax_in_place(Z):
    Z -= Z.max(axis=-1, keepdims=True)
    e = np.exp(Z)
    return e / e.sum(axis=-1, keepdims=True)


def softmax_with_an_epsilon(Z):
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return e / (e.sum(axis=-1, keepdims=True) + 1e-6)


def softmax_of_clipped_logits(Z):
    e = np.exp(np.clip(Z, -500.0, 500.0))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_with_nan_replaced(Z):
    with np.errstate(all="ignore"):
        e = np.exp(Z)
        return np.nan_to_num(e / e.sum(axis=-1, keepdims=True))


SOFTMAX = Exercise(
    reference.softmax,
    aspects=[
        Aspect(
            "values",
            cases_of_any_shape(),
            hint="compare with the lecture's table: exponentiate, then divide each row by its own sum.",
        ),
        Aspect(
            "stability",
            [
                *cases_of_any_size(TAILS),
                Case(label="unlikely classes", arguments=unlikely_classes, comparison=TAILS, draws=2),
            ],
            hint="what may be subtracted from every logit of a row without changing the result?",
        ),
    ],
    misconceptions=[
        Misconception(
            softmax_without_shift,
            cause="exp overflows for large logits, and all of a row underflows for very negative ones.",
            next_step="what may you subtract from every logit without changing the result?",
            loses=("stability",),
        ),
        Misconception(
            softmax_of_minus_z,
            cause="The exponent has the wrong sign, as printed in RWTH's list of nonlinearities.",
            next_step="should the largest logit get the largest or the smallest probability?",
        ),
        Misconception(
            softmax_over_the_first_axis,
            cause="Columns are normalised, but each row of logits is one distribution.",
            next_step="which axis should sum to 1?",
        ),
        Misconception(
            softmax_over_the_whole_array,
            cause="All rows share one sum, so the whole batch adds up to 1 instead of each row.",
            next_step="over which axis does each example sum?",
            loses=("values", "stability"),
        ),
        Misconception(
            softmax_with_one_shift_for_all_rows,
            cause="One shift serves the whole batch, so rows far below the largest entry become 0/0.",
            next_step="which shift does each row need for itself?",
            loses=("stability",),
        ),
        Misconception(
            softmax_with_a_shift_per_column,
            cause="The shift differs from class to class; softmax stays the same only under a constant shift.",
            next_step="which axis should the maximum run over?",
        ),
        Misconception(
            softmax_shifted_by_magnitude,
            cause="The shift is the largest magnitude, which pushes negative rows down further.",
            next_step="for logits near -10000, which shift brings the largest exponent to 0?",
            loses=("stability",),
        ),
        Misconception(
            softmax_shifted_by_the_mean,
            cause="The mean is subtracted, which leaves large exponents when logits lie far apart.",
            next_step="which shift guarantees that no exponent is above 0?",
            loses=("stability",),
        ),
        Misconception(
            softmax_without_keepdims,
            cause="The sums have lost their axis and no longer line up.",
            next_step="which shape must they have to divide (N, K) row by row?",
        ),
        Misconception(
            softmax_for_two_dimensions_only,
            cause="Axis 1 is hard-wired, which is the class axis only for two dimensions.",
            next_step="how do you name the last axis of any array?",
        ),
        Misconception(
            softmax_as_plain_fractions,
            cause="Logits are divided by their sum without the exponential, so signs and order get lost.",
            next_step="what makes every numerator positive?",
            loses=("values", "stability"),
        ),
        Misconception(
            softmax_as_separate_sigmoids,
            cause="Each logit passes through its own sigmoid, so the classes do not compete.",
            next_step="do your rows sum to 1?",
        ),
        Misconception(
            softmax_in_place,
            cause="The shift is subtracted in place, which changes the caller's array.",
            next_step="how does Z - m differ from Z -= m?",
            loses=("values", "stability"),
        ),
        Misconception(
            softmax_with_an_epsilon,
            cause="An epsilon in the denominator keeps the rows from summing to 1.",
            next_step="after the shift, how small can the sum of a row become?",
            loses=("values", "stability"),
        ),
        Misconception(
            softmax_of_clipped_logits,
            cause="Clipping large logits makes different classes look equal.",
            next_step="can you move the logits of a row instead of cutting them off?",
            loses=("stability",),
        ),
        Misconception(
            softmax_with_nan_replaced,
            cause="The overflow is hidden by replacing NaN afterwards; the probabilities are lost by then.",
            next_step="how can the exponentials stay finite from the start?",
            loses=("stability",),
        ),
    ],
)

# --- log_softmax ------------------------------------------------------------------------------------


def logarithm_of_softmax(Z):
    return np.log(softmax(Z))


def logarithm_of_softmax_plus_epsilon(Z):
    return np.log(softmax(Z) + 1e-12)


def logarithm_of_clipped_softmax(Z):
    return np.log(np.clip(softmax(Z), 1e-15, 1.0))


def log_softmax_without_shift(Z):
    return Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))


def log_softmax_with_the_sign_turned(Z):
    return logsumexp(Z)[..., None] - Z


def log_softmax_without_keepdims(Z):
    return Z - logsumexp(Z)


def log_softmax_without_log_sum(Z):
    return Z - Z.max(axis=-1, keepdims=True)


def log_softmax_minus_plain_sum(Z):
    shifted = Z - Z.max(axis=-1, keepdims=True)
    return shifted - np.exp(shifted).sum(axis=-1, keepdims=True)


def log_softmax_to_base_two(Z):
    return (Z - logsumexp(Z)[..., None]) / np.log(2.0)


def log_softmax_with_one_shift_for_all_rows(Z):
    shifted = Z - Z.max()
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def log_softmax_over_the_first_axis(Z):
    shifted = Z - Z.max(axis=0)
    return shifted - np.log(np.exp(shifted).sum(axis=0))


def log_softmax_shifted_twice(Z):
    return Z - Z.max(axis=-1, keepdims=True) - logsumexp(Z)[..., None]


LOG_SOFTMAX = Exercise(
    reference.log_softmax,
    aspects=[
        Aspect(
            "values",
            cases_of_any_shape(),
            hint="take the logarithm of the softmax formula on paper: a difference is left.",
        ),
        Aspect(
            "stability",
            cases_of_any_size(),
            hint="which function of this unit already computes the logarithm of the denominator?",
        ),
    ],
    misconceptions=[
        Misconception(
            logarithm_of_softmax,
            cause="softmax comes first, and once a probability has underflowed to 0 its logarithm is lost.",
            next_step="simplify log(exp(z) / sum) on paper before you write code.",
            loses=("stability",),
        ),
        Misconception(
            logarithm_of_softmax_plus_epsilon,
            cause="The epsilon inside the logarithm replaces every small probability by itself.",
            next_step="what should log-softmax of [0, -10000] be, and what do you get?",
            loses=("stability",),
        ),
        Misconception(
            logarithm_of_clipped_softmax,
            cause="Clipping the probability cuts the loss, and its gradient, where it matters most.",
            next_step="what should log-softmax of [0, -10000] be, and what do you get?",
            loses=("stability",),
        ),
        Misconception(
            log_softmax_without_shift,
            cause="The logarithm of the sum is taken of exponentials that overflow or underflow.",
            next_step="which of your functions computes that term for logits of any size?",
            loses=("stability",),
        ),
        Misconception(
            log_softmax_with_the_sign_turned,
            cause="The sign is turned: this is the negative log-probability.",
            next_step="can the logarithm of a probability be positive?",
        ),
        Misconception(
            log_softmax_without_keepdims,
            cause="The row terms have lost their axis and no longer line up.",
            next_step="which shape fits (N, K) row by row?",
        ),
        Misconception(
            log_softmax_without_log_sum,
            cause="The logits are only shifted; the logarithm of the denominator is missing.",
            next_step="do the exponentials of your result sum to 1?",
        ),
        Misconception(
            log_softmax_minus_plain_sum,
            cause="The sum itself is subtracted instead of its logarithm.",
            next_step="log(a / b) = log a - ?",
        ),
        Misconception(
            log_softmax_to_base_two,
            cause="The logarithm is taken to base 2; the course measures in natural units.",
            next_step="do the exponentials of your result sum to 1?",
        ),
        Misconception(
            log_softmax_with_one_shift_for_all_rows,
            cause="One shift serves the whole batch, so rows far below the largest entry underflow.",
            next_step="which shift does each row need for itself?",
            loses=("stability",),
        ),
        Misconception(
            log_softmax_over_the_first_axis,
            cause="Columns are normalised, but each row of logits is one distribution.",
            next_step="along which axis should the exponentials sum to 1?",
        ),
        Misconception(
            log_softmax_shifted_twice,
            cause="The largest logit is subtracted twice, once by the shift and once inside logsumexp.",
            next_step="which logits does logsumexp have to see after the shift?",
        ),
    ],
)

# --- one_hot ----------------------------------------------------------------------------------------


def shuffled_labels(rng):
    return {"y": rng.permutation([0, 1, 2, 3, 4, 2]), "K": 5}


def labels_without_the_last_class(rng):
    return {"y": rng.permutation([0, 1, 2, 1]), "K": 6}


def label_too_large(rng):
    return {"y": rng.permutation([0, 1, 3, 2]), "K": 3}


def negative_label(rng):
    return {"y": rng.permutation([0, -1, 2, 1]), "K": 3}


def label_far_off(rng):
    return {"y": rng.permutation([0, 40, 2, 1]), "K": 3}


def labels_counted_from_one(y, K):
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    return np.eye(K)[y - 1]


def classes_in_rows(y, K):
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    return np.eye(K)[y].T


def rows_of_the_identity(y, K):
    return np.eye(K)[y]


def only_large_labels_refused(y, K):
    if y.max() >= K:
        raise ValueError("label out of range")
    return np.eye(K)[y]


def label_equal_to_count_let_through(y, K):
    if np.any((y < 0) | (y > K)):
        raise ValueError("label out of range")
    return np.eye(K)[y]


def classes_counted_in_the_labels(y, K):
    if np.any(y < 0):
        raise ValueError("label out of range")
    return np.eye(y.max() + 1)[y]


def columns_marked_in_every_row(y, K):
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    rows = np.zeros((len(y), K))
    rows[:, y] = 1.0
    return rows


def label_written_for_one(y, K):
    if np.any((y < 0) | (y >= K)):
        raise ValueError("label out of range")
    return np.eye(K)[y] * y[:, None]


def zero_rows_for_strange_labels(y, K):
    return (y[:, None] == np.arange(K)).astype(float)


ONE_HOT = Exercise(
    reference.one_hot,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="one row per label", arguments=shuffled_labels, comparison=Close(integers=True), draws=2),
                Case(
                    label="classes that do not occur",
                    arguments=labels_without_the_last_class,
                    comparison=Close(integers=True),
                    draws=2,
                ),
            ],
            hint="row n has its 1 in column y[n], and there are K columns.",
        ),
        Aspect(
            "errors",
            [
                Case(label="a label equal to K", arguments=label_too_large, draws=2),
                Case(label="a negative label", arguments=negative_label, draws=2),
                Case(label="a label far off", arguments=label_far_off, visible=False),
            ],
            hint="test both ends of the range before you fill anything, and raise ValueError.",
        ),
    ],
    misconceptions=[
        Misconception(
            labels_counted_from_one,
            cause="Labels are counted from 1, but class 0 is the first column.",
            next_step="which column belongs to label 0?",
        ),
        Misconception(
            classes_in_rows,
            cause="Rows and columns are exchanged: each label should give one row.",
            next_step="compare your shape with (N, K).",
        ),
        Misconception(
            rows_of_the_identity,
            cause="Indexing does not guard the range: -1 wraps around, K is an IndexError.",
            next_step="what should happen before the labels become indices?",
            loses=("errors",),
        ),
        Misconception(
            only_large_labels_refused,
            cause="Only labels that are too large are refused; negative ones count from the end.",
            next_step="what does NumPy do with the index -1?",
            loses=("errors",),
        ),
        Misconception(
            label_equal_to_count_let_through,
            cause="The label K itself is let through, although K classes end at K - 1.",
            next_step="is it > or >= at the upper end?",
            loses=("errors",),
        ),
        Misconception(
            classes_counted_in_the_labels,
            cause="The number of columns is taken from the largest label instead of K.",
            next_step="what if the last class does not occur in this batch?",
            loses=("values", "errors"),
        ),
        Misconception(
            columns_marked_in_every_row,
            cause="A slice with the labels marks those columns in every row.",
            next_step="how do you pair row n with column y[n]?",
        ),
        Misconception(
            label_written_for_one,
            cause="The label's number is written in its column instead of 1.",
            next_step="what should each row sum to?",
        ),
        Misconception(
            zero_rows_for_strange_labels,
            cause="A label out of range quietly gives some row, and nobody learns of the mistake.",
            next_step="which exception does the docstring promise?",
            loses=("errors",),
        ),
    ],
)

# --- cross_entropy ----------------------------------------------------------------------------------


def truth_is_heavy_metal(rng):
    return {"Z": np.array([[-3.44, 1.16, -0.81, 3.91]]), "y": np.array([3])}


def truth_is_tiger(rng):
    return {"Z": np.array([[-3.44, 1.16, -0.81, 3.91]]), "y": np.array([0])}


def labelled_batch(rng):
    return {"Z": rng.normal(scale=1.5, size=(4, 5)), "y": rng.permutation([0, 2, 2, 4])}


def labelled_large_logits(rng):
    return {"Z": 1e4 + rng.normal(size=(3, 4)), "y": rng.permutation([0, 1, 3])}


def labelled_rows_of_mixed_size(rng):
    return {"Z": rng.normal(size=(3, 4)) + np.array([[1e4], [0.0], [-1e4]]), "y": rng.permutation([3, 1, 2])}


def confidently_wrong_rows(rng):
    return {"Z": np.array([[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0]]) + rng.normal(size=(2, 3)), "y": np.array([2, 0])}


def cross_entropy_summed(Z, y):
    return -log_softmax(Z)[np.arange(len(y)), y].sum()


def cross_entropy_of_underflown_probabilities(Z, y):
    return -np.log(softmax(Z)[np.arange(len(y)), y]).mean()


def cross_entropy_with_an_epsilon(Z, y):
    return -np.log(softmax(Z)[np.arange(len(y)), y] + 1e-12).mean()


def cross_entropy_without_shift(Z, y):
    e = np.exp(Z)
    return -np.log(e[np.arange(len(y)), y] / e.sum(axis=1)).mean()


def label_used_as_weight(Z, y):
    return -(y[:, None] * log_softmax(Z)).sum(axis=1).mean()


def labels_pick_columns(Z, y):
    return -log_softmax(Z)[:, y].mean()


def cross_entropy_averaged_over_classes(Z, y):
    return -log_softmax(Z)[np.arange(len(y)), y].mean() / Z.shape[1]


def winner_instead_of_label(Z, y):
    return -log_softmax(Z).max(axis=1).mean()


def cross_entropy_without_minus(Z, y):
    return log_softmax(Z)[np.arange(len(y)), y].mean()


def missing_probability(Z, y):
    return 1.0 - softmax(Z)[np.arange(len(y)), y].mean()


def softmax_applied_twice(Z, y):
    return -log_softmax(softmax(Z))[np.arange(len(y)), y].mean()


def squared_distance_to_one_hot(Z, y):
    return ((softmax(Z) - one_hot(y, Z.shape[1])) ** 2).sum(axis=1).mean()


def one_binary_loss_per_class(Z, y):
    P, T = softmax(Z), one_hot(y, Z.shape[1])
    return -(T * np.log(P) + (1 - T) * np.log(1 - P)).sum(axis=1).mean()


CROSS_ENTROPY = Exercise(
    reference.cross_entropy,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="the lecture's logits, Heavy Metal is true", arguments=truth_is_heavy_metal),
                Case(label="the lecture's logits, Tiger is true", arguments=truth_is_tiger),
                Case(label="mean over a batch", arguments=labelled_batch, draws=3),
            ],
            hint="pick one log-probability per row, the one of its label, and average.",
        ),
        Aspect(
            "stability",
            [
                Case(label="large logits", arguments=labelled_large_logits, comparison=LARGE, draws=2),
                Case(label="rows of mixed size", arguments=labelled_rows_of_mixed_size, comparison=LARGE, draws=2),
                Case(label="confidently wrong", arguments=confidently_wrong_rows, comparison=LARGE, draws=2),
            ],
            hint="the loss of a confident mistake is about the distance between two logits, and finite.",
        ),
    ],
    misconceptions=[
        Misconception(
            cross_entropy_summed,
            cause="The rows are summed; the loss of a batch is their mean.",
            next_step="should the loss double when every example appears twice?",
        ),
        Misconception(
            cross_entropy_of_underflown_probabilities,
            cause="The logarithm is taken of a probability that has underflowed to 0.",
            next_step="which of your functions goes from logits to log-probabilities directly?",
            loses=("stability",),
        ),
        Misconception(
            cross_entropy_with_an_epsilon,
            cause="The epsilon inside the logarithm caps the loss of confident mistakes.",
            next_step="what should the loss of [10000, 0] be if class 1 is true?",
            loses=("stability",),
        ),
        Misconception(
            cross_entropy_without_shift,
            cause="The exponentials of the raw logits overflow or underflow.",
            next_step="which of your functions is safe for logits of any size?",
            loses=("stability",),
        ),
        Misconception(
            label_used_as_weight,
            cause="The label's number multiplies the log-probabilities; a label is a position, not a weight.",
            next_step="how many entries of each row should enter the loss?",
        ),
        Misconception(
            labels_pick_columns,
            cause="A slice with the labels takes those columns from every row.",
            next_step="how do you pair row n with column y[n]?",
        ),
        Misconception(
            cross_entropy_averaged_over_classes,
            cause="The average also runs over the K classes; only rows are averaged.",
            next_step="by what did you divide: N, or N times K?",
        ),
        Misconception(
            winner_instead_of_label,
            cause="The most probable class is scored, and the labels are not used.",
            next_step="does your loss change when y changes?",
        ),
        Misconception(
            cross_entropy_without_minus,
            cause="The minus sign is missing, so better predictions would raise the loss.",
            next_step="is the logarithm of a probability positive or negative?",
        ),
        Misconception(
            missing_probability,
            cause="The missing probability 1 - p is averaged; cross-entropy takes the logarithm of p.",
            next_step="what should the loss do as p goes to 0?",
        ),
        Misconception(
            softmax_applied_twice,
            cause="softmax is applied twice: probabilities are passed on as if they were logits.",
            next_step="does log_softmax expect logits or probabilities?",
        ),
        Misconception(
            squared_distance_to_one_hot,
            cause="This is the squared distance to the one-hot row, another loss.",
            next_step="where does the logarithm of the true class's probability enter?",
        ),
        Misconception(
            one_binary_loss_per_class,
            cause="The other classes are scored as well, as if there were K binary questions.",
            next_step="which terms of H(p, q) remain when p is one-hot?",
        ),
    ],
)

# --- cross_entropy_gradient -------------------------------------------------------------------------


def gradient_not_averaged(Z, y):
    return softmax(Z) - one_hot(y, Z.shape[1])


def gradient_uphill_exchanged(Z, y):
    return (one_hot(y, Z.shape[1]) - softmax(Z)) / len(y)


def gradient_without_labels(Z, y):
    return softmax(Z) / len(y)


def gradient_divided_by_all_entries(Z, y):
    return (softmax(Z) - one_hot(y, Z.shape[1])) / Z.size


def gradient_stopped_at_probabilities(Z, y):
    return -one_hot(y, Z.shape[1]) / softmax(Z) / len(y)


def label_columns_reduced_in_every_row(Z, y):
    P = softmax(Z)
    P[:, y] -= 1.0
    return P / len(y)


def gradient_only_at_the_label(Z, y):
    T = one_hot(y, Z.shape[1])
    return T * (softmax(Z) - 1.0) / len(y)


def gradient_without_shift(Z, y):
    e = np.exp(Z)
    return (e / e.sum(axis=1, keepdims=True) - one_hot(y, Z.shape[1])) / len(y)


def label_number_subtracted(Z, y):
    return (softmax(Z) - y[:, None]) / len(y)


def gradient_with_softmax_derivative_again(Z, y):
    P = softmax(Z)
    return P * (1.0 - P) * (P - one_hot(y, Z.shape[1])) / len(y)


def gradient_from_logits(Z, y):
    return (Z - one_hot(y, Z.shape[1])) / len(y)


def gradient_written_into_the_logits(Z, y):
    P = softmax(Z)
    Z[...] = P
    Z[np.arange(len(y)), y] -= 1.0
    return Z / len(y)


def gradient_with_one_shift_for_all_rows(Z, y):
    e = np.exp(Z - Z.max())
    return (e / e.sum(axis=1, keepdims=True) - one_hot(y, Z.shape[1])) / len(y)


CROSS_ENTROPY_GRADIENT = Exercise(
    reference.cross_entropy_gradient,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="the lecture's logits, Heavy Metal is true", arguments=truth_is_heavy_metal),
                Case(label="the lecture's logits, Tiger is true", arguments=truth_is_tiger),
                Case(label="a batch", arguments=labelled_batch, draws=3),
            ],
            hint="each row is the probabilities minus the truth, and the mean brings in one more factor.",
        ),
        Aspect(
            "stability",
            [
                Case(label="large logits", arguments=labelled_large_logits, draws=2),
                Case(label="rows of mixed size", arguments=labelled_rows_of_mixed_size, draws=2),
                Case(label="confidently wrong", arguments=confidently_wrong_rows, draws=2),
            ],
            hint="no logarithm is needed here: start from probabilities that are safe for any logits.",
        ),
    ],
    misconceptions=[
        Misconception(
            gradient_not_averaged,
            cause="The loss is a mean over the rows, but its gradient is not divided by N.",
            next_step="where does 1/N enter the derivative of a mean?",
            loses=("values", "stability"),
        ),
        Misconception(
            gradient_uphill_exchanged,
            cause="The difference is taken the wrong way round, so descent would raise the loss.",
            next_step="should a larger logit of the true class raise or lower the loss?",
            loses=("values", "stability"),
        ),
        Misconception(
            gradient_without_labels,
            cause="The probabilities are returned, and the truth is not subtracted.",
            next_step="what should each row of the gradient sum to?",
            loses=("values", "stability"),
        ),
        Misconception(
            gradient_divided_by_all_entries,
            cause="The division is by all N K entries; the loss averages over N rows only.",
            next_step="over what did cross_entropy take its mean?",
            loses=("values", "stability"),
        ),
        Misconception(
            gradient_stopped_at_probabilities,
            cause="This is the derivative with respect to the probabilities; the step through softmax is missing.",
            next_step="which factor of the chain rule leads from p to z?",
            loses=("values", "stability"),
        ),
        Misconception(
            label_columns_reduced_in_every_row,
            cause="A slice with the labels subtracts 1 from those columns in every row.",
            next_step="how do you pair row n with column y[n]?",
            loses=("values", "stability"),
        ),
        Misconception(
            gradient_only_at_the_label,
            cause="Only the true class gets a gradient, but every logit enters the denominator.",
            next_step="what should each row of the gradient sum to?",
            loses=("values", "stability"),
        ),
        Misconception(
            gradient_without_shift,
            cause="The exponentials of the raw logits overflow or underflow.",
            next_step="which of your functions is safe for logits of any size?",
            loses=("stability",),
        ),
        Misconception(
            label_number_subtracted,
            cause="The label's number is subtracted from the whole row; a label is a position.",
            next_step="which entry of the row should change, and by how much?",
            loses=("values", "stability"),
        ),
        Misconception(
            gradient_with_softmax_derivative_again,
            cause="The derivative of softmax is multiplied in a second time; the simple difference contains it.",
            next_step="which product of the chain rule cancelled on paper?",
        ),
        Misconception(
            gradient_from_logits,
            cause="The truth is subtracted from the logits instead of the probabilities.",
            next_step="which quantity lies between 0 and 1, as the truth does?",
            loses=("values", "stability"),
        ),
        Misconception(
            gradient_written_into_the_logits,
            cause="The result is written into the argument Z, which changes the caller's array.",
            next_step="which array may you overwrite safely?",
            loses=("values", "stability"),
        ),
        Misconception(
            gradient_with_one_shift_for_all_rows,
            cause="One shift serves the whole batch, so rows far below the largest entry become 0/0.",
            next_step="which shift does each row need for itself?",
            loses=("stability",),
        ),
    ],
)

# --- sigmoid ----------------------------------------------------------------------------------------


def moderate_arguments(rng):
    return {"z": rng.normal(scale=2.0, size=5)}


def matrix_of_arguments(rng):
    return {"z": rng.normal(scale=2.0, size=(3, 4))}


def simple_arguments(rng):
    return {"z": np.array([-2.0, 0.0, 2.0])}


def large_arguments(rng):
    return {"z": rng.uniform(1e3, 1e4, size=3)}


def very_negative_arguments(rng):
    return {"z": -rng.uniform(1e3, 1e4, size=3)}


def lower_tail(rng):
    return {"z": np.array([-40.0, -50.0, -300.0]) - rng.uniform(size=3)}


def both_ends(rng):
    return {"z": rng.permutation([-1e4, -700.5, -40.0, 0.0, 40.0, 710.5, 1e4]).reshape(7, 1)}


def cases_of_any_argument():
    return [
        Case(label="large arguments", arguments=large_arguments, comparison=TAILS, draws=2),
        Case(label="very negative arguments", arguments=very_negative_arguments, comparison=TAILS, draws=2),
        Case(label="small results in the lower tail", arguments=lower_tail, comparison=TAILS, draws=2),
        Case(label="both ends at once", arguments=both_ends, comparison=TAILS, visible=False),
    ]


def cases_of_moderate_argument():
    return [
        Case(label="at -2, 0 and 2", arguments=simple_arguments),
        Case(label="a vector", arguments=moderate_arguments, draws=2),
        Case(label="a matrix", arguments=matrix_of_arguments, draws=2),
    ]


def sigmoid_by_the_textbook(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_of_the_deck(z):
    return np.exp(z) / (1.0 + np.exp(z))


def sigmoid_with_both_branches_computed(z):
    return np.where(z >= 0, 1.0 / (1.0 + np.exp(-z)), np.exp(z) / (1.0 + np.exp(z)))


def sigmoid_by_a_difference(z):
    return 0.5 * (1.0 + np.tanh(z / 2.0))


def sigmoid_of_clipped_argument(z):
    return 1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0)))


def sigmoid_mirrored(z):
    return 1.0 / (1.0 + np.exp(z))


def derivative_of_sigmoid(z):
    e = np.exp(-np.abs(z))
    return e / (1.0 + e) ** 2


def sigmoid_of_one_number(z):
    if z >= 0:
        return 1.0 / (1.0 + np.exp(-z))
    return np.exp(z) / (1.0 + np.exp(z))


def sigmoid_of_magnitude(z):
    return 1.0 / (1.0 + np.exp(-np.abs(z)))


def sigmoid_that_competes(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def sigmoid_as_tanh(z):
    return np.tanh(z)


SIGMOID = Exercise(
    reference.sigmoid,
    aspects=[
        Aspect("values", cases_of_moderate_argument(), hint="sigmoid(0) is 1/2, and it rises with z."),
        Aspect(
            "stability",
            cases_of_any_argument(),
            hint="rewrite the formula so that exp only ever sees arguments that are not positive.",
        ),
    ],
    misconceptions=[
        Misconception(
            sigmoid_by_the_textbook,
            cause="exp(-z) overflows for very negative z.",
            next_step="multiply numerator and denominator by exp(z): which form suits negative z?",
            loses=("stability",),
        ),
        Misconception(
            sigmoid_of_the_deck,
            cause="exp(z) overflows for large z, and inf/inf is NaN.",
            next_step="divide numerator and denominator by exp(z): which form suits large z?",
            loses=("stability",),
        ),
        Misconception(
            sigmoid_with_both_branches_computed,
            cause="np.where computes both branches everywhere, so each overflows where it is not wanted.",
            next_step="can both branches share one exponential whose argument is never positive?",
            loses=("stability",),
        ),
        Misconception(
            sigmoid_by_a_difference,
            cause="Small probabilities come out as a difference of numbers near 1, and their digits cancel.",
            next_step="which form of the formula has exp(z) alone in the numerator?",
            loses=("stability",),
        ),
        Misconception(
            sigmoid_of_clipped_argument,
            cause="Clipping the argument puts a floor under small probabilities.",
            next_step="what should sigmoid(-40) be, and what do you get?",
            loses=("stability",),
        ),
        Misconception(
            sigmoid_mirrored,
            cause="The exponent has the wrong sign, so the curve falls instead of rising.",
            next_step="what should sigmoid of a large positive number be?",
            loses=("values", "stability"),
        ),
        Misconception(
            derivative_of_sigmoid,
            cause="This is the derivative of the sigmoid, not the sigmoid.",
            next_step="what should sigmoid(0) be?",
            loses=("values", "stability"),
        ),
        Misconception(
            sigmoid_of_one_number,
            cause="A plain if decides for one number, but z is an array.",
            next_step="how can each element of an array choose its own branch?",
            loses=("values", "stability"),
        ),
        Misconception(
            sigmoid_of_magnitude,
            cause="The sign of z is lost, so negative arguments give results above 1/2.",
            next_step="how are sigmoid(z) and sigmoid(-z) related?",
            loses=("values", "stability"),
        ),
        Misconception(
            sigmoid_that_competes,
            cause="The elements are normalised together, as in softmax; each is a question of its own.",
            next_step="should one element's result depend on the others?",
            loses=("values", "stability"),
        ),
        Misconception(
            sigmoid_as_tanh,
            cause="tanh runs from -1 to 1; the sigmoid is a probability.",
            next_step="RWTH gives tanh(a) = 2 sigmoid(2a) - 1: solve it for the sigmoid.",
            loses=("values", "stability"),
        ),
    ],
)

# --- softplus ---------------------------------------------------------------------------------------


def softplus_by_the_formula(z):
    return np.log(1.0 + np.exp(z))


def softplus_with_log1p_alone(z):
    return np.log1p(np.exp(z))


def softplus_as_relu(z):
    return np.maximum(z, 0.0)


def softplus_chosen_after_computing(z):
    return np.where(z > 30.0, z, np.log1p(np.exp(z)))


def softplus_without_log1p(z):
    return np.maximum(z, 0.0) + np.log(1.0 + np.exp(-np.abs(z)))


def softplus_mirrored(z):
    return np.maximum(-z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def softplus_without_magnitude(z):
    return np.maximum(z, 0.0) + np.log1p(np.exp(-z))


def softplus_to_base_two(z):
    return np.logaddexp(0.0, z) / np.log(2.0)


def derivative_of_softplus(z):
    return sigmoid(z)


def softplus_of_clipped_argument(z):
    return np.log1p(np.exp(np.clip(z, -50.0, 50.0)))


def logarithm_of_sigmoid(z):
    return -softplus(-z)


SOFTPLUS = Exercise(
    reference.softplus,
    aspects=[
        Aspect("values", cases_of_moderate_argument(), hint="softplus(0) is log 2, and it rises with z."),
        Aspect(
            "stability",
            cases_of_any_argument(),
            hint="for large z take z out of the logarithm; for small exponentials look up np.log1p.",
        ),
    ],
    misconceptions=[
        Misconception(
            softplus_by_the_formula,
            cause="exp(z) overflows for large z, and 1 + exp(z) loses a small exponential.",
            next_step="what remains of log(1 + exp(z)) when you take out the larger term?",
            loses=("stability",),
        ),
        Misconception(
            softplus_with_log1p_alone,
            cause="log1p saves the lower tail, but exp(z) still overflows for large z.",
            next_step="softplus(z) = z + softplus(-z): when does that help?",
            loses=("stability",),
        ),
        Misconception(
            softplus_as_relu,
            cause="This is the hinge max(0, z), which softplus approaches only far from 0.",
            next_step="what should softplus(0) be?",
            loses=("values", "stability"),
        ),
        Misconception(
            softplus_chosen_after_computing,
            cause="np.where computes both branches everywhere, so the unused one still overflows.",
            next_step="can exp be given an argument that is never positive?",
            loses=("stability",),
        ),
        Misconception(
            softplus_without_log1p,
            cause="1 + exp(-40) is rounded to 1, so the lower tail is lost.",
            next_step="which NumPy function computes log(1 + x) for tiny x?",
            loses=("stability",),
        ),
        Misconception(
            softplus_mirrored,
            cause="The sign of z is turned, so the curve falls instead of rising.",
            next_step="what should softplus of a large positive number be?",
            loses=("values", "stability"),
        ),
        Misconception(
            softplus_without_magnitude,
            cause="exp(-z) is right only for z above 0; for negative z the linear part is counted again.",
            next_step="which exponent is never positive, whatever the sign of z?",
            loses=("values", "stability"),
        ),
        Misconception(
            softplus_to_base_two,
            cause="The logarithm is taken to base 2; the course measures in natural units.",
            next_step="for large z, softplus(z) should approach z.",
            loses=("values", "stability"),
        ),
        Misconception(
            derivative_of_softplus,
            cause="This is the sigmoid, the derivative of softplus.",
            next_step="what should softplus of 100 be?",
        ),
        Misconception(
            softplus_of_clipped_argument,
            cause="Clipping the argument caps the result, and with it the loss of confident mistakes.",
            next_step="what should softplus(10000) be, and what do you get?",
            loses=("stability",),
        ),
        Misconception(
            logarithm_of_sigmoid,
            cause="This is the logarithm of the sigmoid, -softplus(-z): two signs differ.",
            next_step="can log(1 + exp(z)) be negative?",
            loses=("values", "stability"),
        ),
    ],
)

# --- binary_cross_entropy ---------------------------------------------------------------------------


def answers_to_one_question(rng):
    return {"z": rng.normal(scale=1.5, size=3), "t": rng.permutation([0.0, 1.0, 1.0])}


def answers_to_several_questions(rng):
    t = rng.permutation([0.0] * 8 + [1.0] * 12).reshape(5, 4)
    return {"z": rng.normal(scale=1.5, size=(5, 4)), "t": t}


def confidently_right(rng):
    return {"z": np.array([1.0, -1.0, 1.0]) * rng.uniform(1e3, 1e4, size=3), "t": np.array([1.0, 0.0, 1.0])}


def confidently_wrong(rng):
    return {"z": np.array([1.0, -1.0, 1.0]) * rng.uniform(1e3, 1e4, size=3), "t": np.array([0.0, 1.0, 0.0])}


def saturated_answers(rng):
    z = np.array([40.0, -40.0, 40.0, -40.0]) + rng.normal(size=4)
    return {"z": z, "t": np.array([0.0, 1.0, 1.0, 0.0])}


def binary_cases():
    return [
        Case(label="a vector", arguments=answers_to_one_question, draws=3),
        Case(label="a matrix", arguments=answers_to_several_questions, draws=2),
    ]


def binary_cases_of_any_size():
    return [
        Case(label="confidently right", arguments=confidently_right, draws=2),
        Case(label="confidently wrong", arguments=confidently_wrong, draws=2),
        Case(label="saturated sigmoid", arguments=saturated_answers, draws=2),
    ]


def binary_loss_summed(z, t):
    return softplus((1 - 2 * t) * z).sum()


def binary_loss_of_saturated_sigmoid(z, t):
    p = sigmoid(z)
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


def binary_loss_with_targets_exchanged(z, t):
    return softplus((2 * t - 1) * z).mean()


def binary_loss_for_targets_of_minus_one(z, t):
    return softplus(-t * z).mean()


def binary_loss_with_an_epsilon(z, t):
    p = sigmoid(z)
    return -(t * np.log(p + 1e-12) + (1 - t) * np.log(1 - p + 1e-12)).mean()


def binary_loss_of_positives_only(z, t):
    return (t * softplus(-z)).mean()


def squared_error_of_sigmoid(z, t):
    return 0.5 * ((sigmoid(z) - t) ** 2).mean()


def binary_loss_without_a_sigmoid(z, t):
    p = np.clip(z, 1e-12, 1 - 1e-12)
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


def binary_loss_of_sigmoid_twice(z, t):
    return softplus((1 - 2 * t) * sigmoid(z)).mean()


def binary_loss_that_overflows(z, t):
    return np.log(1.0 + np.exp((1 - 2 * t) * z)).mean()


def binary_loss_per_row(z, t):
    return softplus((1 - 2 * t) * z).sum() / len(z)


def binary_loss_not_averaged(z, t):
    return softplus((1 - 2 * t) * z)


BINARY_CROSS_ENTROPY = Exercise(
    reference.binary_cross_entropy,
    aspects=[
        Aspect(
            "values",
            binary_cases(),
            hint="work out the loss of one element for t = 1 and for t = 0, then average over all elements.",
        ),
        Aspect(
            "stability",
            binary_cases_of_any_size(),
            hint="go from logits to the loss directly, without a probability in between.",
        ),
    ],
    misconceptions=[
        Misconception(
            binary_loss_summed,
            cause="The elements are summed; their mean is wanted.",
            next_step="should the loss double when every example appears twice?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_loss_of_saturated_sigmoid,
            cause="The sigmoid saturates at 0 or 1 exactly, and the logarithm of 0 follows.",
            next_step="which function goes from the logit to the loss in one step?",
            loses=("stability",),
        ),
        Misconception(
            binary_loss_with_targets_exchanged,
            cause="The sign is turned, so a right answer is penalised as a wrong one.",
            next_step="which sign should the argument of softplus have when t = 1 and z is large?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_loss_for_targets_of_minus_one,
            cause="The formula is for targets -1 and 1, as RWTH writes them; here they are 0 and 1.",
            next_step="which expression maps t = 0 to 1 and t = 1 to -1?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_loss_with_an_epsilon,
            cause="The epsilon inside the logarithm caps the loss of confident mistakes.",
            next_step="what should the loss be for z = -10000 and t = 1?",
            loses=("stability",),
        ),
        Misconception(
            binary_loss_of_positives_only,
            cause="Elements with t = 0 contribute nothing, so answering 1 everywhere would be perfect.",
            next_step="what is the loss of z = 5 when t = 0?",
            loses=("values", "stability"),
        ),
        Misconception(
            squared_error_of_sigmoid,
            cause="This is the squared error of the sigmoid, not the negative log-likelihood.",
            next_step="what is the likelihood of t under the probability sigmoid(z)?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_loss_without_a_sigmoid,
            cause="The logit is used as a probability, as in the deck's graph without its sigmoid.",
            next_step="between which numbers does z lie, and a probability?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_loss_of_sigmoid_twice,
            cause="The sigmoid is applied twice: softplus of the signed logit contains it already.",
            next_step="does softplus((1 - 2t) z) want a logit or a probability?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_loss_that_overflows,
            cause="log(1 + exp) is written out, and exp overflows for confident mistakes.",
            next_step="which of your functions computes it safely?",
            loses=("stability",),
        ),
        Misconception(
            binary_loss_per_row,
            cause="The sum is divided by the number of rows; the mean runs over all elements.",
            next_step="how many elements has a matrix of shape (3, 4)?",
        ),
        Misconception(
            binary_loss_not_averaged,
            cause="One loss per element is returned; their mean is wanted.",
            next_step="how many numbers should a loss be?",
            loses=("values", "stability"),
        ),
    ],
)

# --- binary_cross_entropy_gradient ------------------------------------------------------------------


def binary_gradient_not_averaged(z, t):
    return sigmoid(z) - t


def binary_gradient_exchanged(z, t):
    return (t - sigmoid(z)) / z.size


def binary_gradient_with_sigmoid_derivative(z, t):
    s = sigmoid(z)
    return (s - t) * s * (1 - s) / z.size


def binary_gradient_for_targets_of_minus_one(z, t):
    return -t * sigmoid(-t * z) / z.size


def binary_gradient_per_row(z, t):
    return (sigmoid(z) - t) / len(z)


def binary_gradient_that_overflows(z, t):
    return (1.0 / (1.0 + np.exp(-z)) - t) / z.size


def binary_gradient_stopped_at_probabilities(z, t):
    s = sigmoid(z)
    return (s - t) / (s * (1 - s)) / z.size


def binary_gradient_averaged_to_a_number(z, t):
    return (sigmoid(z) - t).mean()


def binary_gradient_without_targets(z, t):
    return sigmoid(z) / z.size


def binary_gradient_of_the_logit_error(z, t):
    return (z - t) / z.size


def binary_gradient_without_sign(z, t):
    return np.abs(sigmoid(z) - t) / z.size


BINARY_CROSS_ENTROPY_GRADIENT = Exercise(
    reference.binary_cross_entropy_gradient,
    aspects=[
        Aspect(
            "values",
            binary_cases(),
            hint="differentiate softplus((1 - 2t) z) by the chain rule; the mean brings in one more factor.",
        ),
        Aspect(
            "stability",
            binary_cases_of_any_size(),
            hint="a confident mistake has a gradient of size one, before averaging; which sigmoid is safe there?",
        ),
    ],
    misconceptions=[
        Misconception(
            binary_gradient_not_averaged,
            cause="The loss is a mean over all elements, but its gradient is not divided by their number.",
            next_step="where does 1/n enter the derivative of a mean?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_gradient_exchanged,
            cause="The difference is taken the wrong way round, so descent would raise the loss.",
            next_step="for t = 1, should a larger z raise or lower the loss?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_gradient_with_sigmoid_derivative,
            cause="The factor s (1 - s) belongs to the squared error; here the logarithm cancels it.",
            next_step="multiply dL/ds by ds/dz on paper.",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_gradient_for_targets_of_minus_one,
            cause="The formula is for targets -1 and 1; with t = 0 no gradient is left.",
            next_step="which expression maps t = 0 to 1 and t = 1 to -1?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_gradient_per_row,
            cause="The division is by the number of rows; the loss averages over all elements.",
            next_step="how many elements has a matrix of shape (3, 4)?",
        ),
        Misconception(
            binary_gradient_that_overflows,
            cause="exp(-z) overflows for very negative z.",
            next_step="which of your functions is safe for any z?",
            loses=("stability",),
        ),
        Misconception(
            binary_gradient_stopped_at_probabilities,
            cause="This is the derivative with respect to the probability; the step through the sigmoid is missing.",
            next_step="which factor of the chain rule leads from s to z?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_gradient_averaged_to_a_number,
            cause="The gradient is averaged to one number; it has one entry per logit.",
            next_step="a gradient has the shape of what it is the gradient of.",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_gradient_without_targets,
            cause="The probability is returned, and the target is not subtracted.",
            next_step="what should the gradient be when the prediction equals the target?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_gradient_of_the_logit_error,
            cause="The target is subtracted from the logit instead of the probability.",
            next_step="which quantity lies between 0 and 1, as the target does?",
            loses=("values", "stability"),
        ),
        Misconception(
            binary_gradient_without_sign,
            cause="The sign is lost: the gradient says by how much, but not in which direction.",
            next_step="for t = 1, should a larger z raise or lower the loss?",
            loses=("values", "stability"),
        ),
    ],
)

# --- squared_error_sigmoid_gradient -----------------------------------------------------------------


def hopelessly_wrong(rng):
    return {"z": -40.0 - 100.0 * rng.uniform(size=3), "t": np.ones(3)}


def squared_gradient_without_sigmoid_derivative(z, t):
    return sigmoid(z) - t


def squared_gradient_twice_as_large(z, t):
    s = sigmoid(z)
    return 2 * (s - t) * s * sigmoid(-z)


def squared_gradient_with_derivative_fed_z(z, t):
    return (sigmoid(z) - t) * z * (1 - z)


def squared_gradient_with_derivative_fed_activation(z, t):
    s = sigmoid(z)
    return (s - t) * sigmoid(s) * (1 - sigmoid(s))


def squared_gradient_averaged(z, t):
    s = sigmoid(z)
    return (s - t) * s * sigmoid(-z) / z.size


def squared_gradient_exchanged(z, t):
    s = sigmoid(z)
    return (t - s) * s * sigmoid(-z)


def squared_gradient_that_overflows(z, t):
    s = 1.0 / (1.0 + np.exp(-z))
    return (s - t) * s * (1 - s)


def squared_gradient_with_tanh_derivative(z, t):
    s = sigmoid(z)
    return (s - t) * (1 - s**2)


def squared_gradient_of_the_logit_error(z, t):
    return (z - t) * sigmoid(z) * sigmoid(-z)


def squared_gradient_without_error(z, t):
    return sigmoid(z) * sigmoid(-z)


def squared_gradient_kept_alive(z, t):
    s = sigmoid(z)
    return (s - t) * np.maximum(s * sigmoid(-z), 1e-6)


def squared_gradient_by_small_differences(z, t):
    h = 1e-5
    return ((sigmoid(z + h) - t) ** 2 - (sigmoid(z - h) - t) ** 2) / (4 * h)


SQUARED_ERROR_SIGMOID_GRADIENT = Exercise(
    reference.squared_error_sigmoid_gradient,
    aspects=[
        Aspect(
            "values",
            binary_cases(),
            hint="chain rule in two factors: the error of the activation, and the slope of the sigmoid.",
        ),
        Aspect(
            "stability",
            [
                *binary_cases_of_any_size(),
                Case(label="a vanishing gradient", arguments=hopelessly_wrong, comparison=TAILS, draws=2),
            ],
            hint="the gradient of a confident mistake is tiny, of the size of exp(-|z|), and not a warning.",
        ),
    ],
    misconceptions=[
        Misconception(
            squared_gradient_without_sigmoid_derivative,
            cause="The slope of the sigmoid is missing: this is what cross-entropy gives.",
            next_step="which factor of the chain rule leads from sigmoid(z) to z?",
            loses=("values", "stability"),
        ),
        Misconception(
            squared_gradient_twice_as_large,
            cause="The factor 1/2 of the loss is forgotten.",
            next_step="what is the derivative of 1/2 e^2?",
        ),
        Misconception(
            squared_gradient_with_derivative_fed_z,
            cause="The slope is written as z (1 - z), but the rule s (1 - s) wants the activation.",
            next_step="which quantity is s in s (1 - s)?",
            loses=("values", "stability"),
        ),
        Misconception(
            squared_gradient_with_derivative_fed_activation,
            cause="The slope is evaluated at the activation, g'(y), as RWTH prints it; g'(z) is meant.",
            next_step="at which point of the sigmoid's curve does the forward pass stand?",
            loses=("values", "stability"),
        ),
        Misconception(
            squared_gradient_averaged,
            cause="The result is averaged, but each element stands for itself here.",
            next_step="does the docstring ask for a mean?",
        ),
        Misconception(
            squared_gradient_exchanged,
            cause="The error is taken the wrong way round, so descent would raise the loss.",
            next_step="for t = 1, should a larger z raise or lower the loss?",
        ),
        Misconception(
            squared_gradient_that_overflows,
            cause="exp(-z) overflows for very negative z.",
            next_step="which of your functions is safe for any z?",
            loses=("stability",),
        ),
        Misconception(
            squared_gradient_with_tanh_derivative,
            cause="1 - s^2 is the slope of tanh; the sigmoid's is another.",
            next_step="what is the slope of the sigmoid at 0?",
            loses=("values", "stability"),
        ),
        Misconception(
            squared_gradient_of_the_logit_error,
            cause="The target is subtracted from the logit instead of the activation.",
            next_step="which quantity does the loss compare with t?",
            loses=("values", "stability"),
        ),
        Misconception(
            squared_gradient_without_error,
            cause="Only the slope of the sigmoid is left; the error itself is missing.",
            next_step="what should the gradient be when the prediction equals the target?",
        ),
        Misconception(
            squared_gradient_kept_alive,
            cause="The slope is kept above a floor, but that the gradient vanishes is a fact to be seen.",
            next_step="what is the true slope of the sigmoid at -40?",
            loses=("stability",),
        ),
        Misconception(
            squared_gradient_by_small_differences,
            cause="A difference quotient is returned; its digits are gone where the sigmoid saturates.",
            next_step="differentiate 1/2 (s - t)^2 by the chain rule.",
            loses=("stability",),
        ),
    ],
)

# --- nll_minimizer ----------------------------------------------------------------------------------


def gaussian_samples(rng):
    return {"samples": rng.normal(1.5, 2.0, size=6), "distribution": "gaussian"}


def bernoulli_samples(rng):
    return {"samples": rng.permutation([1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0]), "distribution": "bernoulli"}


def mostly_failures(rng):
    return {"samples": rng.permutation([0.0, 1.0, 0.0, 0.0, 0.0]), "distribution": "bernoulli"}


def odd_number_of_samples(rng):
    return {"samples": rng.normal(size=9) ** 3 - 0.5, "distribution": "laplace"}


def even_number_of_samples(rng):
    return {"samples": rng.normal(size=8) ** 3 - 0.5, "distribution": "laplace"}


def samples_with_an_outlier(rng):
    return {"samples": rng.permutation([*rng.normal(size=4), 1000.0]), "distribution": "laplace"}


def splits_samples_in_half(result, expected, samples, distribution):
    if isinstance(result, np.ndarray) and result.shape == ():
        result = result.item()
    if type(result) not in (int, float) or not np.isfinite(result):
        return "the result is not one finite number"
    slack = 1e-9 * (1 + np.abs(samples).max())
    below = int((samples < result - slack).sum())
    above = int((samples > result + slack).sum())
    if max(below, above) > len(samples) / 2:
        return f"the result has {below} samples below and {above} above"
    return None


def mean_whatever_the_distribution(samples, distribution):
    return samples.mean()


def median_whatever_the_distribution(samples, distribution):
    return np.median(samples)


def logit_of_the_probability(samples, distribution):
    if distribution == "laplace":
        return np.median(samples)
    mean = samples.mean()
    return np.log(mean / (1 - mean)) if distribution == "bernoulli" else mean


def more_frequent_outcome(samples, distribution):
    if distribution == "laplace":
        return np.median(samples)
    return float(samples.mean() > 0.5) if distribution == "bernoulli" else samples.mean()


def middle_of_the_range(samples, distribution):
    if distribution == "laplace":
        return (samples.min() + samples.max()) / 2
    return samples.mean()


def value_of_the_minimum(samples, distribution):
    m = samples.mean()
    if distribution == "gaussian":
        return 0.5 * ((samples - m) ** 2).mean()
    if distribution == "laplace":
        return np.abs(samples - np.median(samples)).mean()
    return -(m * np.log(m) + (1 - m) * np.log(1 - m))


def root_mean_square(samples, distribution):
    if distribution == "laplace":
        return np.median(samples)
    return np.sqrt((samples**2).mean()) if distribution == "gaussian" else samples.mean()


def middle_of_unsorted_samples(samples, distribution):
    if distribution == "laplace":
        return samples[len(samples) // 2]
    return samples.mean()


def smoothed_frequency(samples, distribution):
    if distribution == "laplace":
        return np.median(samples)
    return (samples.sum() + 1) / (len(samples) + 2) if distribution == "bernoulli" else samples.mean()


def median_one_place_off(samples, distribution):
    if distribution == "laplace":
        return np.sort(samples)[len(samples) // 2 - 1]
    return samples.mean()


def mean_magnitude_for_laplace(samples, distribution):
    if distribution == "laplace":
        return np.abs(samples).mean()
    return samples.mean()


def count_of_ones(samples, distribution):
    if distribution == "laplace":
        return np.median(samples)
    return samples.sum() if distribution == "bernoulli" else samples.mean()


NLL_MINIMIZER = Exercise(
    reference.nll_minimizer,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="Gaussian samples", arguments=gaussian_samples, draws=3),
                Case(label="Bernoulli samples", arguments=bernoulli_samples),
                Case(label="Bernoulli samples, mostly 0", arguments=mostly_failures),
                Case(label="Bernoulli samples, another order", arguments=bernoulli_samples, visible=False),
            ],
            hint="set the derivative of the mean negative log-likelihood to zero and solve for the constant.",
        ),
        Aspect(
            "laplace",
            [
                Case(
                    label="Laplace, odd number of samples",
                    arguments=odd_number_of_samples,
                    comparison=Property(splits_samples_in_half),
                    draws=3,
                ),
                Case(
                    label="Laplace, even number of samples",
                    arguments=even_number_of_samples,
                    comparison=Property(splits_samples_in_half),
                    draws=3,
                ),
                Case(
                    label="Laplace, with an outlier",
                    arguments=samples_with_an_outlier,
                    comparison=Property(splits_samples_in_half),
                    draws=2,
                ),
            ],
            hint="each sample pulls with the same force, whatever its distance: where do the pulls balance?",
        ),
    ],
    misconceptions=[
        Misconception(
            mean_whatever_the_distribution,
            cause="The mean minimises squared distances; a Laplace likelihood has absolute distances.",
            next_step="what is the derivative of |y - c| with respect to c?",
            loses=("laplace",),
        ),
        Misconception(
            median_whatever_the_distribution,
            cause="The median minimises absolute distances, which only the Laplace distribution has.",
            next_step="what is the derivative of (y - c)^2 with respect to c?",
        ),
        Misconception(
            logit_of_the_probability,
            cause="For Bernoulli samples the logit is returned; the probability itself is wanted.",
            next_step="between which numbers should the result lie?",
        ),
        Misconception(
            more_frequent_outcome,
            cause="The more frequent outcome is returned; saying it with certainty costs infinitely much once.",
            next_step="what is the loss of p = 1 when a single 0 occurs?",
        ),
        Misconception(
            middle_of_the_range,
            cause="The middle of the range depends on the two extreme samples only.",
            next_step="how does one far outlier move your result?",
            loses=("laplace",),
        ),
        Misconception(
            value_of_the_minimum,
            cause="The smallest loss is returned instead of the constant that attains it.",
            next_step="is it the minimum that is wanted, or the minimiser?",
            loses=("values", "laplace"),
        ),
        Misconception(
            root_mean_square,
            cause="The root of the mean square measures spread around 0, not location.",
            next_step="for which c is the mean of (y - c) zero?",
        ),
        Misconception(
            middle_of_unsorted_samples,
            cause="The middle entry is taken without sorting the samples.",
            next_step="should the result depend on the order of the samples?",
            loses=("laplace",),
        ),
        Misconception(
            smoothed_frequency,
            cause="Extra counts are added to the data; the likelihood of the samples alone is asked for.",
            next_step="what maximises p^k (1 - p)^(n - k)?",
        ),
        Misconception(
            median_one_place_off,
            cause="The sorted position is one too low: indices count from 0.",
            next_step="which index has the middle of seven sorted samples?",
            loses=("laplace",),
        ),
        Misconception(
            mean_magnitude_for_laplace,
            cause="The absolute value is taken of the samples, but it belongs to their distance from the constant.",
            next_step="what if all samples are negative?",
            loses=("laplace",),
        ),
        Misconception(
            count_of_ones,
            cause="The number of ones is returned; the probability is their share.",
            next_step="between which numbers should the result lie?",
        ),
    ],
)

# --- relative_frequencies ---------------------------------------------------------------------------


def repeated_rows(rng):
    rows = np.array([[0.0, 1.5], [0.0, 2.5], [1.0, 1.5]])
    group = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    label = rng.permutation(4)[[0, 0, 0, 1, 2, 3, 1, 1]]
    order = rng.permutation(8)
    return {"X": rows[rng.permutation(3)][group][order], "y": label[order], "K": 4}


def classes_that_never_occur(rng):
    arguments = repeated_rows(rng)
    return {**arguments, "K": 6}


def all_rows_different(rng):
    return {"X": rng.permutation(np.arange(6.0)).reshape(3, 2), "y": rng.integers(0, 5, size=3), "K": 5}


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
        return f"got frequencies that sum to {sums.min():.4f} up to {sums.max():.4f}"
    bad = int((~(off <= 1e-9)).any(axis=1).sum())
    return f"got {bad} of {R} rows wrong, by up to {off.max():.4f}"


def counts_instead_of_frequencies(X, y, K):
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts


def divided_by_all_samples(X, y, K):
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / len(y)


def every_sample_for_itself(X, y, K):
    return X.copy(), np.eye(K)[y]


def columns_up_to_the_largest_label(X, y, K):
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), y.max() + 1))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / counts.sum(axis=1, keepdims=True)


def last_label_wins(X, y, K):
    rows, group = np.unique(X, axis=0, return_inverse=True)
    frequencies = np.zeros((len(rows), K))
    for n, r in enumerate(group.reshape(-1)):
        frequencies[r] = np.eye(K)[y[n]]
    return rows, frequencies


def most_frequent_label_wins(X, y, K):
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, np.eye(K)[counts.argmax(axis=1)]


def normalised_per_class(X, y, K):
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / np.maximum(counts.sum(axis=0), 1.0)


def same_frequencies_for_every_row(X, y, K):
    rows = np.unique(X, axis=0)
    return rows, np.tile(np.bincount(y, minlength=K) / len(y), (len(rows), 1))


def distinct_numbers_instead_of_rows(X, y, K):
    rows = np.unique(X)
    return rows, np.array(
        [np.bincount(y[(v == X).any(axis=1)], minlength=K) / (v == X).any(axis=1).sum() for v in rows]
    )


def one_added_to_every_count(X, y, K):
    rows, group = np.unique(X, axis=0, return_inverse=True)
    counts = np.ones((len(rows), K))
    np.add.at(counts, (group.reshape(-1), y), 1.0)
    return rows, counts / counts.sum(axis=1, keepdims=True)


def frequencies_in_another_order(X, y, K):
    appearance = list(dict.fromkeys(map(tuple, X)))
    counts = np.array([np.bincount(y[(row == X).all(axis=1)], minlength=K) for row in appearance])
    return np.unique(X, axis=0), counts / counts.sum(axis=1, keepdims=True)


def each_class_counted_once(X, y, K):
    rows, group = np.unique(X, axis=0, return_inverse=True)
    seen = np.zeros((len(rows), K))
    seen[group.reshape(-1), y] = 1.0
    return rows, seen / seen.sum(axis=1, keepdims=True)


RELATIVE_FREQUENCIES = Exercise(
    reference.relative_frequencies,
    aspects=[
        Aspect(
            "values",
            [
                Case(
                    label="repeated rows",
                    arguments=repeated_rows,
                    comparison=Property(rows_with_their_frequencies),
                    draws=8,  # one draw may not tell the last label from the most frequent one
                ),
                Case(
                    label="rows that all differ",
                    arguments=all_rows_different,
                    comparison=Property(rows_with_their_frequencies),
                ),
            ],
            hint="collect the samples that share a row, and count the classes among these only.",
        ),
        Aspect(
            "all_classes",
            [
                Case(
                    label="absent classes",
                    arguments=classes_that_never_occur,
                    comparison=Property(rows_with_their_frequencies),
                    draws=2,
                ),
            ],
            hint="the number of columns is K, also when some classes do not occur.",
        ),
    ],
    misconceptions=[
        Misconception(
            counts_instead_of_frequencies,
            cause="Counts are returned; a perfect fit outputs probabilities.",
            next_step="what should each row of the frequencies sum to?",
        ),
        Misconception(
            divided_by_all_samples,
            cause="The counts are divided by all samples, not by those with this row.",
            next_step="what should each row of the frequencies sum to?",
        ),
        Misconception(
            every_sample_for_itself,
            cause="Repeated rows are kept, so equal inputs are given different outputs.",
            next_step="can a function give two answers to the same input?",
        ),
        Misconception(
            columns_up_to_the_largest_label,
            cause="The number of columns is taken from the largest label instead of K.",
            next_step="what if the last class does not occur?",
            loses=("all_classes",),
        ),
        Misconception(
            last_label_wins,
            cause="Each sample overwrites the ones before, so only the last counts.",
            next_step="how can several labels of the same row add up?",
        ),
        Misconception(
            most_frequent_label_wins,
            cause="The most frequent class takes all; others should keep their share.",
            next_step="what does that cost when another class occurs?",
        ),
        Misconception(
            normalised_per_class,
            cause="Columns are normalised: rows given the class, not classes given the row.",
            next_step="which axis should sum to 1?",
        ),
        Misconception(
            same_frequencies_for_every_row,
            cause="All samples are pooled, so every row gets the same frequencies.",
            next_step="which samples speak about this row?",
        ),
        Misconception(
            distinct_numbers_instead_of_rows,
            cause="np.unique without an axis finds distinct numbers, not distinct rows.",
            next_step="which argument makes np.unique compare rows?",
        ),
        Misconception(
            one_added_to_every_count,
            cause="Every class gets an extra count.",
            next_step="which output suits a row that only has class 0?",
        ),
        Misconception(
            frequencies_in_another_order,
            cause="Rows are sorted but the frequencies follow the order of appearance.",
            next_step="does line r of both results belong to the same input?",
        ),
        Misconception(
            each_class_counted_once,
            cause="Repeated pairs of row and label count only once: += with repeated indices adds once.",
            next_step="what does np.add.at do differently?",
        ),
    ],
)

EXERCISES = (
    LOGSUMEXP,
    SOFTMAX,
    LOG_SOFTMAX,
    ONE_HOT,
    CROSS_ENTROPY,
    CROSS_ENTROPY_GRADIENT,
    SIGMOID,
    SOFTPLUS,
    BINARY_CROSS_ENTROPY,
    BINARY_CROSS_ENTROPY_GRADIENT,
    SQUARED_ERROR_SIGMOID_GRADIENT,
    NLL_MINIMIZER,
    RELATIVE_FREQUENCIES,
)
