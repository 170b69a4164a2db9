"""relative_error: return the largest relative difference between corresponding entries of a and b."""

import math

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.finite_differences.inputs import LENIENT, sized
from backprop_solutions.finite_differences import relative_error


def close_arrays(scale):
    def arguments(rng):
        a = scale * sized(rng, 4, 3) * 10.0 ** rng.uniform(-2, 2, (4, 3))
        return {"a": a, "b": a * (1 + rng.uniform(-0.2, 0.2, (4, 3)))}

    return arguments


def nonfinite(value, *places):
    def arguments(rng):
        pair = {"a": sized(rng, 4, 3), "b": sized(rng, 4, 3)}
        for place in places:
            pair[place][1, 2] = value
        return pair

    return arguments


exercise = Definition(relative_error)

values = exercise.aspect(
    "values", hint="compute a relative difference for each entry, with its own denominator, then take the largest."
)


@values.case("two numbers")
def lecture_pair(rng):
    return {"a": 44.0, "b": 44.04}


values.add(Case(label="entries of many sizes", arguments=close_arrays(1.0), draws=3))


@values.case("a small entry that is off, beside large ones", draws=2)
def small_entry_off(rng):
    a = sized(rng, 4, 3) * 1e6
    a[2, 1] = rng.uniform(0.5, 1.5)
    b = a * (1 + 1e-9)
    b[2, 1] *= 1.25
    return {"a": a, "b": b}


values.add(Case(label="tiny numbers", arguments=close_arrays(1e-13), draws=2))


@values.case("opposite signs")
def opposite_signs(rng):
    a = sized(rng, 5)
    return {"a": a, "b": -a}


@values.case("a zero against a number")
def zero_against_number(rng):
    return {"a": np.array([0.0, 1.0]), "b": np.array([rng.uniform(0.1, 0.9), 1.0])}


@values.case("zeros in both", **LENIENT)
def zeros(rng):
    return {"a": np.zeros((4, 3)), "b": np.zeros((4, 3))}


@values.case("a zero in both", draws=2, **LENIENT)
def some_zeros(rng):
    a = sized(rng, 6)
    b = a * (1 + rng.uniform(0.01, 0.1, 6))
    a[2] = b[2] = 0.0
    return {"a": a, "b": b}


values.add(
    Case(label="numbers between tiny and 1e-300", arguments=close_arrays(1e-304), draws=2),
    Case(label="huge numbers", arguments=close_arrays(1e300), draws=2),
)


@values.case("negative numbers only", draws=2)
def negative_numbers(rng):
    a = -rng.uniform(0.5, 1.5, (4, 3))
    return {"a": a, "b": a * (1 + rng.uniform(-0.2, 0.2, (4, 3)))}


@values.case("equal arrays")
def equal_arrays(rng):
    a = sized(rng, 4, 3)
    return {"a": a, "b": a.copy()}


@values.case("a single row")
def single_row(rng):
    a = sized(rng, 1, 3)
    return {"a": a, "b": a * (1 + rng.uniform(-0.2, 0.2, (1, 3)))}


nonfinite_numbers = exercise.aspect(
    "nonfinite", hint="what does `nan > tolerance` evaluate to, and what should a check conclude?"
)
nonfinite_numbers.add(
    *(
        Case(label=f"{name} in {where}", arguments=nonfinite(value, *places), **LENIENT)
        for name, value in (("NaN", np.nan), ("infinity", np.inf), ("minus infinity", -np.inf))
        for where, places in (("a", "a"), ("b", "b"), ("both, at the same place", "ab"))
    )
)


@nonfinite_numbers.case("infinity against minus infinity", **LENIENT)
def opposite_infinities(rng):
    a, b = sized(rng, 2, 5)
    a[3], b[3] = np.inf, -np.inf
    return {"a": a, "b": b}


@nonfinite_numbers.case("NaN as a number", **LENIENT)
def nan_number(rng):
    return {"a": float("nan"), "b": round(rng.uniform(0.5, 1.5), 2)}


@nonfinite_numbers.case("finite numbers", draws=2)
def finite_numbers(rng):
    a = sized(rng, 5)
    return {"a": a, "b": a * (1 + rng.uniform(-0.2, 0.2, 5))}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def ratio_of_norms(a, b):
    """Norms of the whole arrays are compared, so that large entries hide a small wrong one.

    what does a single wrong entry do to the norm?
    """
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    largest = max(np.linalg.norm(a), np.linalg.norm(b), np.finfo(float).tiny)
    return np.linalg.norm(np.subtract(a, b)) / largest


@exercise.misconception()
def mean_instead_of_largest(a, b):
    """The relative differences are averaged, so that many right entries dilute a wrong one.

    which summary of the entries cannot be diluted?
    """
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.mean(np.abs(np.subtract(a, b)) / scale)


@exercise.misconception()
def absolute_difference(a, b):
    """The difference is not related to the size of the numbers.

    is 0.001 a large difference between gradients of size 0.002?
    """
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)))


@exercise.misconception()
def relative_to_a_alone(a, b):
    """Only |a| is in the denominator, so that exchanging a and b changes the answer.

    which of the two sizes does the formula divide by?
    """
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.abs(a), np.finfo(float).tiny))


@exercise.misconception()
def relative_to_the_sum(a, b):
    """The denominator is the sum of the sizes; here it is the larger of the two.

    what should 1 against -1 give by the docstring's formula?
    """
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.abs(a) + np.abs(b), np.finfo(float).tiny))


@exercise.misconception()
def largest_over_largest(a, b):
    """The largest difference is divided by the largest entry, although they are at different places.

    divide first and look for the maximum afterwards?
    """
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b))) / max(np.max(np.abs(a)), np.max(np.abs(b)), np.finfo(float).tiny)


@exercise.misconception()
def floor_too_high(a, b):
    """The floor of the denominator hides differences between tiny numbers.

    which floor does the docstring give?
    """
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-8))


@exercise.misconception()
def sign_of_the_difference_kept(a, b):
    """Differences keep their sign, so that negative ones are never the largest.

    what does the maximum of [-5, 1] ignore?
    """
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.max(np.subtract(a, b) / scale)


@exercise.misconception()
def zero_over_zero(a, b):
    """Where both numbers are 0 the quotient 0/0 is NaN.

    how can the denominator be kept from being 0?
    """
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    return np.max(np.abs(np.subtract(a, b)) / np.maximum(np.abs(a), np.abs(b)))


@exercise.misconception("nonfinite")
def nan_returned(a, b):
    """NaN and infinity go through the arithmetic, and NaN comes out: no comparison notices it.

    which NumPy function tells finite entries from others?
    """
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.max(np.abs(np.subtract(a, b)) / scale)


@exercise.misconception("nonfinite")
def nan_skipped(a, b):
    """Entries that are NaN are left out, although they are the most wrong of all.

    what should one NaN say about the whole gradient?
    """
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.nanmax(np.abs(np.subtract(a, b)) / scale)


@exercise.misconception("nonfinite")
def infinity_forgotten(a, b):
    """NaN is caught, but infinity divided by infinity makes a new one.

    which NumPy function is false for NaN and for infinity?
    """
    if np.any(np.isnan(a) | np.isnan(b)):
        return np.inf
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.max(np.abs(np.subtract(a, b)) / scale)


exercise.slip(
    "maximum_of_three",
    (
        "np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)",
        "np.maximum(np.abs(a), np.abs(b), np.finfo(float).tiny)",
    ),
    cause="np.maximum compares two arrays; a third argument is where it writes the result.",
    next_step="how can the larger of three be found two at a time?",
    loses=("values", "nonfinite"),
)
exercise.slip(
    "only_a_looked_at",
    ("np.isfinite(a) & np.isfinite(b)", "np.isfinite(a)"),
    cause="NaN and infinity are looked for in a alone.",
    next_step="what if the other array has one?",
    loses=("nonfinite",),
)
exercise.slip(
    "sizes_only_in_the_difference",
    ("np.maximum(np.abs(a), np.abs(b))", "np.maximum(a, b)"),
    cause="The larger of two negative numbers is the one nearer to 0; the denominator asks for sizes.",
    next_step="what is the denominator for -2 against -3?",
    loses=("values", "nonfinite"),
)


exercise.slip(
    "pythons_max",
    (
        "np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)",
        "max(np.abs(a), np.abs(b), np.finfo(float).tiny)",
    ),
    cause="Python's max compares whole arrays; each entry has its own denominator.",
    next_step="which NumPy function compares entry by entry?",
    loses=("values", "nonfinite"),
)
exercise.slip(
    "np_max_of_two",
    ("np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)", "np.max(np.abs(a), np.abs(b))"),
    cause="np.max searches one array; its second argument is an axis.",
    next_step="which NumPy function compares entry by entry?",
    loses=("values", "nonfinite"),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def relative_error_by_loop(a, b):
    worst = 0.0
    for p, q in zip(np.ravel(a).tolist(), np.ravel(b).tolist(), strict=True):
        if not (math.isfinite(p) and math.isfinite(q)):
            return math.inf
        worst = max(worst, abs(p - q) / max(abs(p), abs(q), np.finfo(float).tiny))
    return worst


@exercise.alternative
def relative_error_where_not_zero(a, b):
    a, b = np.atleast_1d(a), np.atleast_1d(b)
    if np.isnan(a).any() or np.isnan(b).any() or np.isinf(a).any() or np.isinf(b).any():
        return float("inf")
    size = np.maximum(abs(a), abs(b))
    with np.errstate(invalid="ignore"):
        return np.where(size > 0, abs(a - b) / size, 0.0).max()


@exercise.alternative
def relative_error_repaired_afterwards(a, b):
    a, b = np.asarray(a), np.asarray(b)
    ratio = np.abs(a - b) / np.maximum.reduce([np.abs(a), np.abs(b), np.full(a.shape, np.finfo(float).tiny)])
    return np.max(np.where(np.isfinite(a) & np.isfinite(b), ratio, np.inf))


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("np.subtract(b, a)", reason="an absolute difference has no order")
