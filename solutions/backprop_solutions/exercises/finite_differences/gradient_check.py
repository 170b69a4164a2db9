"""gradient_check: decide whether grad_f computes the gradient of f at X."""

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.exercises.finite_differences.inputs import (
    LENIENT,
    MIXED,
    RULE,
    broadcasting,
    coarse_step,
    flat,
    function_is_nan,
    near_floor,
    place,
    plain_number,
    right_for_integers,
    sized,
    slope_is_infinite,
    steep,
    waves,
    zero_with_round_off,
)
from backprop_solutions.finite_differences import gradient_check, numerical_gradient

exercise = Definition(gradient_check)

values = exercise.aspect("values", hint="apply the docstring's rule to every entry, with its own |a| and |n|.")


@values.case("a right gradient", draws=2)
def right_gradient(rng):
    return waves(rng)


@values.case("a right gradient, away from kinks")
def right_away_from_kinks(rng):
    f = Formula("lambda X: np.sum(A*np.maximum(X, 0))", A=sized(rng, *MIXED))
    return {"f": f, "grad_f": Formula("lambda X: A*(X>0)", **f.constants), "X": sized(rng, *MIXED)}


values.add(Case(label="a right gradient at a point of integers", arguments=right_for_integers))


@values.case("a gradient twice too large")
def doubled(rng):
    return waves(rng, "2*G")


@values.case("a gradient half as large", draws=2)
def halved(rng):
    return waves(rng, "G/2", positive=True)


@values.case("a gradient of the wrong sign", draws=2)
def sign_turned(rng):
    return waves(rng, "-G")


@values.case("a gradient forgotten at zero")
def forgotten(rng):
    return waves(rng, "0*X")


@values.case("one wrong entry", draws=2)
def one_entry_off(rng):
    return waves(rng, "G*(1 + E)", E=place(rng, 0.1))


@values.case("wrong entries whose sum is right", draws=2)
def entries_exchanged(rng):
    E = np.zeros(MIXED)
    E[0, 0], E[3, 2] = 0.3, -0.3
    return waves(rng, "G + E", E=E)


@values.case("a difference within a wide tolerance", draws=2)
def within_wide_tolerance(rng):
    return waves(rng, "G*1.001", h=1e-5, tolerance=1e-2)


@values.case("one entry beyond a wide tolerance", draws=2)
def one_beyond_wide_tolerance(rng):
    return waves(rng, "G*(1 + E)", E=place(rng, 0.06), h=1e-5, tolerance=1e-2)


values.add(Case(label="a step that is too coarse", arguments=coarse_step, draws=2))

values.add(
    *(
        Case(label=label, arguments=lambda rng, change=change, options=options: waves(rng, change, **options), draws=2)
        for label, change, options in RULE
    )
)


def with_shape(*shape, wrong=None):
    """Draw a gradient of this shape, right but for the entry at index `wrong`."""

    def arguments(rng):
        E = np.zeros(shape)
        if wrong is not None:
            E[wrong] = 0.1
        return waves(rng, "G*(1 + E)", shape=shape, E=E)

    return arguments


values.add(
    Case(label="a right gradient of a vector", arguments=with_shape(5)),
    Case(label="a vector whose last entry is wrong", arguments=with_shape(5, wrong=-1)),
    Case(label="a right gradient with three axes", arguments=with_shape(2, 3, 4)),
    Case(label="three axes and a wrong last entry", arguments=with_shape(2, 3, 4, wrong=(-1, -1, -1))),
    Case(label="a wrong first entry", arguments=with_shape(*MIXED, wrong=(0, 0))),
    Case(label="a wrong entry at the end of the first row", arguments=with_shape(*MIXED, wrong=(0, -1))),
    Case(label="a wrong entry at the start of the last row", arguments=with_shape(*MIXED, wrong=(-1, 0))),
    Case(label="a wrong last entry", arguments=with_shape(*MIXED, wrong=(-1, -1))),
    Case(label="a single entry", arguments=with_shape(1, 1)),
    Case(label="a single wrong entry", arguments=with_shape(1, 1, wrong=(0, 0))),
)


@values.case("one entry forgotten at zero", draws=2)
def one_forgotten(rng):
    return waves(rng, "G*(1 - E)", E=place(rng, 1.0))


@values.case("one entry that should be zero", draws=2)
def one_without_influence(rng):
    M = place(rng)
    A, E = np.where(M, 0.0, sized(rng, *MIXED)), np.where(M, 0.5, 0.0)
    f = Formula("lambda X: np.sum(A*np.sin(X))", A=A)
    return {"f": f, "grad_f": Formula("lambda X: A*np.cos(X) + E", A=A, E=E), "X": rng.uniform(0.3, 1.2, MIXED)}


@values.case("a right gradient of whole numbers")
def whole_numbers(rng):
    C = rng.integers(1, 5, MIXED)
    f = Formula("lambda X: np.sum(C*X)", C=C)
    return {"f": f, "grad_f": Formula("lambda X: C", C=C), "X": sized(rng, *MIXED)}


@values.case("a gradient for the default step", draws=2)
def fits_default_step(rng):
    C = 1e10 * sized(rng, *MIXED)
    f = Formula("lambda X: np.sum(C*X**3)", C=C)
    return {"f": f, "grad_f": Formula("lambda X: 1e-10*C", C=C), "X": np.zeros(MIXED)}


scale = exercise.aspect(
    "scale", hint="one part of the allowance grows with the entry, the other stays: which is which?"
)


@scale.case("a small wrong entry beside large ones", draws=2)
def small_entry_wrong(rng):
    return steep(rng, 0.1)


@scale.case("large right entries", draws=2)
def large_and_right(rng):
    return steep(rng, 0.0)


@scale.case("small wrong entries", draws=2)
def small_and_wrong(rng):
    A, X = 1e-7 * sized(rng, *MIXED), rng.uniform(0.3, 1.2, MIXED)
    f = Formula("lambda X: np.sum(A*np.sin(X))", A=A)
    return {"f": f, "grad_f": Formula("lambda X: 2*A*np.cos(X)", A=A), "X": X}


scale.add(Case(label="a zero gradient under round-off", arguments=zero_with_round_off, draws=2))

scale.add(
    Case(label="an error above 1e-9 at a tiny gradient", arguments=near_floor(1.6e-9)),
    Case(label="an error below 1e-9 at a tiny gradient", arguments=near_floor(6e-10)),
)

broken = exercise.aspect("broken", hint="look at shape and finiteness before comparing any number.")


@broken.case("NaN in the gradient", draws=2, **LENIENT)
def one_nan(rng):
    return waves(rng, "np.where(M, np.nan, G)", M=place(rng))


@broken.case("infinity in the gradient", draws=2, **LENIENT)
def one_infinity(rng):
    return waves(rng, "np.where(M, np.inf, G)", M=place(rng))


@broken.case("minus infinity in the gradient", **LENIENT)
def one_minus_infinity(rng):
    return waves(rng, "np.where(M, -np.inf, G)", M=place(rng))


@broken.case("NaN in the function and in the gradient", draws=2, **LENIENT)
def nan_in_both(rng):
    f = Formula("lambda X: np.sum(A*X) + np.nan", A=sized(rng, *MIXED))
    return {"f": f, "grad_f": Formula("lambda X: A*np.nan", **f.constants), "X": sized(rng, *MIXED)}


@broken.case("infinity in the slope and in the gradient", draws=2, **LENIENT)
def infinity_in_both(rng):
    return {**slope_is_infinite(rng), "grad_f": Formula("lambda X: np.full(X.shape, np.inf)")}


@broken.case("a right shape and finite numbers", draws=2)
def not_broken(rng):
    return waves(rng)


broken.add(
    Case(label="a function that is NaN", arguments=function_is_nan, **LENIENT),
    Case(label="a row for a matrix", arguments=broadcasting(3), **LENIENT),
    Case(label="a column for a matrix", arguments=broadcasting(4, 1), **LENIENT),
    Case(label="a plain number", arguments=plain_number, **LENIENT),
    Case(label="a number for a matrix", arguments=broadcasting(), **LENIENT),
    Case(label="a flat gradient", arguments=flat, **LENIENT),
)


@broken.case("a transposed gradient", **LENIENT)
def transposed(rng):
    return waves(rng, "G.T")


# --- wrong answers ----------------------------------------------------------------------------------


exercise.slip(
    "norm_of_the_whole",
    (
        "np.all(np.abs(a - n) <= allowed)",
        "np.linalg.norm(a - n) <= tolerance * max(np.linalg.norm(a), np.linalg.norm(n)) + 1e-9",
    ),
    cause="In the norm of the whole, large right entries hide a small wrong one.",
    next_step="what is the relative difference at that one entry?",
    loses=("scale",),
)
exercise.slip(
    "nan_passes",
    (" or not np.all(np.isfinite(a) & np.isfinite(n))", ""),
    ("bool(np.all(np.abs(a - n) <= allowed))", "not np.any(np.abs(a - n) > allowed)"),
    cause="`nan > tolerance` is False, so that NaN never counts as too large.",
    next_step="how can the comparison be turned?",
    loses=("broken",),
)
exercise.slip(
    "infinity_passes",
    (" or not np.all(np.isfinite(a) & np.isfinite(n))", ""),
    cause="An infinite entry makes its own allowance infinite, and passes.",
    next_step="what must hold for both arrays before they are compared?",
    loses=("broken",),
)


@exercise.misconception("scale")
def absolute_tolerance(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """The tolerance is absolute: large right entries fail and small wrong ones pass.

    what should the allowed difference be proportional to?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    return a.shape == n.shape and bool(np.all(np.abs(a - n) <= tolerance))


exercise.slip(
    "no_floor",
    (" + 1e-9", ""),
    cause="Where the gradient is 0, round-off in the numerical one exceeds any relative tolerance.",
    next_step="which term of the rule does not shrink with the entry?",
    loses=("scale",),
)
exercise.slip(
    "floor_as_high_as_the_tolerance",
    ("+ 1e-9", "+ tolerance"),
    cause="The constant part of the allowance is as large as the tolerance, so small wrong gradients pass.",
    next_step="which constant does the docstring name?",
    loses=("scale",),
)
exercise.slip(
    "shape_unchecked",
    ("a.shape != n.shape or ", ""),
    cause="NumPy broadcasts a gradient of the wrong shape.",
    next_step="which property do you compare first?",
    loses=("broken",),
)
exercise.slip(
    "one_good_entry_suffices",
    ("np.all(np.abs", "np.any(np.abs"),
    cause="One agreeing entry is enough here; every entry has to agree.",
    next_step="which of np.any and np.all is meant?",
)
exercise.slip(
    "tolerance_ignored",
    ("tolerance * np", "1e-6 * np"),
    cause="The tolerance is fixed inside the function, so the argument has no effect.",
    next_step="where does tolerance enter your rule?",
)
exercise.slip(
    "differences_averaged",
    ("np.all(np.abs(a - n) <= allowed)", "np.mean(np.abs(a - n) / (allowed + 1e-3 * tolerance)) <= 1"),
    cause="In the average, many right entries dilute a wrong one.",
    next_step="which summary of the entries cannot be diluted?",
)
exercise.slip(
    "sums_compared",
    (
        "np.all(np.abs(a - n) <= allowed)",
        "abs(a.sum() - n.sum()) <= tolerance * max(abs(a.sum()), abs(n.sum())) + 1e-9",
    ),
    cause="Sums of the gradients are compared, in which errors cancel.",
    next_step="how many comparisons does an array of 12 entries need?",
)
exercise.slip(
    "sizes_compared",
    ("np.abs(a - n) <=", "np.abs(np.abs(a) - np.abs(n)) <="),
    cause="Only sizes are compared, so that a gradient of the wrong sign passes.",
    next_step="what is the absolute value taken of?",
)
exercise.slip(
    "too_small_passes",
    ("np.abs(a - n) <=", "a - n <="),
    cause="The difference keeps its sign, so that too small a gradient passes.",
    next_step="what is the absolute value taken of?",
)
exercise.slip(
    "check_ignores_the_step",
    ("(f, X, h)", "(f, X, 1e-5)"),
    cause="The argument h does not reach the numerical gradient.",
    next_step="which step do your central differences use?",
)
for name, value, other in (("tolerance", "1e-6", "1e-5"), ("h", "1e-5", "1e-6")):
    exercise.slip(
        f"another_default_{name}",
        (f"{name}={value}", f"{name}={other}"),
        cause=f"The default of {name} is not the docstring's {value}.",
        next_step=f"which {name} is used where none is given?",
    )
exercise.slip(
    "max_of_two_arrays",
    ("np.maximum(", "max("),
    cause="max cannot compare arrays as wholes.",
    next_step="which NumPy function compares entry by entry?",
    loses=("values", "scale", "broken"),
)


@exercise.misconception()
def relative_to_the_numerical_alone(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """Like np.allclose, this compares with |n| alone; the rule takes the larger of |a| and |n|.

    what does the rule multiply tolerance by?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    return a.shape == n.shape and bool(np.isfinite(n).all() and np.allclose(a, n, rtol=tolerance, atol=1e-9))


@exercise.misconception("broken")
def equal_infinities_pass(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """Infinity in both places counts as agreement, because np.isclose takes equal infinities for close.

    what must hold for both arrays before they are compared?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape:
        return False
    close = np.isclose(a, n, rtol=tolerance, atol=1e-9) | np.isclose(n, a, rtol=tolerance, atol=1e-9)
    return bool(np.all(close))


@exercise.misconception("broken")
def equal_nans_pass(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """NaN in both places counts as agreement, because equal_nan was asked for.

    is a gradient of NaN ever right?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or np.any(np.isinf(a)):
        return False
    options = {"rtol": tolerance, "atol": 1e-9, "equal_nan": True}
    return bool(np.all(np.isclose(a, n, **options) | np.isclose(n, a, **options)))


exercise.slip(
    "decided_by_the_first_entry",
    ("np.all(np.abs(a - n) <= allowed)", "(np.abs(a - n) <= allowed).flat[0]"),
    cause="The first entry decides, as by a return inside the loop.",
    next_step="when is it known that all agree?",
    loses=("values", "scale"),
)

exercise.slip(
    "an_assertion_on_the_shape",
    ("if a.shape != n.shape or not np.all", "assert a.shape == n.shape\n    if not np.all"),
    cause="An assert stops with an error where the check should answer False.",
    next_step="what does the docstring say of a gradient of the wrong shape?",
    loses=("broken",),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def check_by_loop(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = grad_f(X), numerical_gradient(f, X, h)
    if np.shape(a) != X.shape:
        return False
    for index in np.ndindex(X.shape):
        if not (np.isfinite(a[index]) and np.isfinite(n[index])):
            return False
        if abs(a[index] - n[index]) > tolerance * max(abs(a[index]), abs(n[index])) + 1e-9:
            return False
    return True


@exercise.alternative
def check_by_excess(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape:
        return False
    excess = np.abs(a - n) - tolerance * np.maximum(np.abs(a), np.abs(n)) - 1e-9
    return np.isfinite(a).all() and np.isfinite(n).all() and np.max(excess) <= 0


@exercise.alternative
def check_with_isclose(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X), dtype=float), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.isfinite([a, n]).all():
        return False
    either = np.isclose(a, n, rtol=tolerance, atol=1e-9) | np.isclose(n, a, rtol=tolerance, atol=1e-9)
    return np.all(either)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "(numerical_gradient(f, X, h), np.asarray(grad_f(X)))", "np.abs(n - a)", reason="the rule takes a and n alike"
)
exercise.equivalent("np.abs(a - n) < allowed", reason="it differs only at the boundary, where round-off decides")
exercise.equivalent(
    "np.all(np.isfinite(a))",
    "np.isfinite(a) & np.isfinite(a)",
    reason="where f has a gradient, n is finite",
)
