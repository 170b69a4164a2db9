"""gradient_check: decide whether grad_f computes the gradient of f at X."""

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.exercises.finite_differences.inputs import (
    LENIENT,
    MIXED,
    broadcasting,
    coarse_step,
    flat,
    place,
    right_for_integers,
    sized,
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
    f, grad_f = Formula("lambda X: np.sum(A*np.maximum(X, 0))"), Formula("lambda X: A*(X>0)")
    A = sized(rng, *MIXED)
    return {"f": Formula(f.text, A=A), "grad_f": Formula(grad_f.text, A=A), "X": sized(rng, *MIXED)}


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

broken = exercise.aspect("broken", hint="look at shape and finiteness before comparing any number.")


@broken.case("NaN in the gradient", draws=2, **LENIENT)
def one_nan(rng):
    return waves(rng, "np.where(M, np.nan, G)", M=place(rng))


@broken.case("infinity in the gradient", draws=2, **LENIENT)
def one_infinity(rng):
    return waves(rng, "np.where(M, np.inf, G)", M=place(rng))


@broken.case("a function that is NaN", **LENIENT)
def function_is_nan(rng):
    f = Formula("lambda X: np.sum(A*X) + np.nan", A=sized(rng, *MIXED))
    return {"f": f, "grad_f": Formula("lambda X: A", **f.constants), "X": sized(rng, *MIXED)}


broken.add(
    Case(label="a row for a matrix", arguments=broadcasting(3), **LENIENT),
    Case(label="a column for a matrix", arguments=broadcasting(4, 1), **LENIENT),
    Case(label="a number for a matrix", arguments=broadcasting(), **LENIENT),
    Case(label="a flat gradient", arguments=flat, **LENIENT),
)


@broken.case("a transposed gradient", **LENIENT)
def transposed(rng):
    return waves(rng, "G.T")


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("scale")
def norm_of_the_whole(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """In the norm of the whole, large right entries hide a small wrong one.

    what is the relative difference at that one entry?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.linalg.norm(a - n) <= tolerance * max(np.linalg.norm(a), np.linalg.norm(n)) + 1e-9)


@exercise.misconception("broken")
def nan_passes(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """`nan > tolerance` is False, so that NaN never counts as too large.

    how can the comparison be turned?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape:
        return False
    return not np.any(np.abs(a - n) > tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9)


@exercise.misconception("broken")
def infinity_passes(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """An infinite entry makes its own allowance infinite, and passes.

    what must hold for both arrays before they are compared?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape:
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


@exercise.misconception("scale")
def absolute_tolerance(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """The tolerance is absolute: large right entries fail and small wrong ones pass.

    what should the allowed difference be proportional to?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    return a.shape == n.shape and bool(np.all(np.abs(a - n) <= tolerance))


@exercise.misconception("scale")
def no_floor(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """Where the gradient is 0, round-off in the numerical one exceeds any relative tolerance.

    which term of the rule does not shrink with the entry?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n))))


@exercise.misconception("scale")
def floor_as_high_as_the_tolerance(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """The constant part of the allowance is as large as the tolerance, so small wrong gradients pass.

    which constant does the docstring name?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + tolerance))


@exercise.misconception("broken")
def shape_unchecked(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """NumPy broadcasts a gradient of the wrong shape.

    which property do you compare first?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if not (np.all(np.isfinite(a)) and np.all(np.isfinite(n))):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


@exercise.misconception()
def one_good_entry_suffices(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """One agreeing entry is enough here; every entry has to agree.

    which of np.any and np.all is meant?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.any(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


@exercise.misconception()
def tolerance_ignored(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """The tolerance is fixed inside the function, so the argument has no effect.

    where does tolerance enter your rule?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= 1e-6 * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


@exercise.misconception()
def differences_averaged(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """In the average, many right entries dilute a wrong one.

    which summary of the entries cannot be diluted?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.mean(np.abs(a - n) / (np.maximum(np.abs(a), np.abs(n)) + 1e-3)) <= tolerance)


@exercise.misconception()
def sums_compared(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """Sums of the gradients are compared, in which errors cancel.

    how many comparisons does an array of 12 entries need?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    a, n = np.sum(a), np.sum(n)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception()
def sizes_compared(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """Only sizes are compared, so that a gradient of the wrong sign passes.

    what is the absolute value taken of?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    difference = np.abs(np.abs(a) - np.abs(n))
    return bool(np.all(difference <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


@exercise.misconception()
def too_small_passes(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """The difference keeps its sign, so that too small a gradient passes.

    what is the absolute value taken of?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(a - n <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


@exercise.misconception()
def check_ignores_the_step(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """The argument h does not reach the numerical gradient.

    which step do your central differences use?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, 1e-5)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


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
