"""directional_check: decide whether grad_f computes the right derivative of f at X along v."""

import math

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.exercises.finite_differences.inputs import (
    LENIENT,
    MIXED,
    SHORT,
    broadcasting,
    coarse_step,
    flat,
    place,
    positive,
    right_for_integers,
    sized,
    steep,
    waves,
    zero_with_round_off,
)
from backprop_solutions.finite_differences import central_difference, directional_check, numerical_gradient


def along(arguments, v):
    """Put the direction v where it belongs among the arguments of a gradient check."""
    order = ("f", "grad_f", "X", "v", "h", "tolerance")
    arguments = {**arguments, "v": v}
    return {name: arguments[name] for name in order if name in arguments}


def nonfinite_along(value, *, beside=False):
    def arguments(rng):
        M = place(rng)
        v = positive(rng, MIXED)
        v = np.where(M, 0.0, v) if beside else v
        return along(waves(rng, f"np.where(M, np.{value}, G)", M=M), v)

    return arguments


def broken_along(broken):
    return lambda rng: along(broken(rng), positive(rng, MIXED))


exercise = Definition(directional_check)

values = exercise.aspect(
    "values", hint="which single number does the gradient predict for a move along v, and which do you measure?"
)


@values.case("a right gradient of a matrix")
def right_along(rng):
    return along(waves(rng), 3 * sized(rng, *MIXED))


@values.case("a right gradient and a long v", draws=2)
def right_along_long_vector(rng):
    return along(waves(rng, shape=SHORT), 3 * sized(rng, *SHORT))


@values.case("a right gradient and a v of length 1")
def right_along_unit_vector(rng):
    v = sized(rng, *SHORT)
    return along(waves(rng, shape=SHORT), v / np.linalg.norm(v))


@values.case("a right gradient at a point of integers")
def right_along_integers(rng):
    return along(right_for_integers(rng), sized(rng, *MIXED))


@values.case("a gradient twice too large")
def doubled_along(rng):
    return along(waves(rng, "2*G", positive=True, shape=SHORT), positive(rng))


@values.case("a gradient half as large", draws=2)
def halved_along(rng):
    return along(waves(rng, "G/2", positive=True, shape=SHORT), positive(rng))


@values.case("a gradient of the wrong sign", draws=2)
def sign_turned_along(rng):
    return along(waves(rng, "-G", positive=True, shape=SHORT), positive(rng))


@values.case("an error across v, unseen", draws=2)
def wrong_across(rng):
    v, E = positive(rng), sized(rng, *SHORT)
    E -= v * np.sum(E * v) / np.sum(v * v)
    return along(waves(rng, "G + E", positive=True, shape=SHORT, E=E), v)


@values.case("an error where v is zero")
def wrong_where_v_is_zero(rng):
    E = place(rng, 0.7, SHORT)
    v = np.where(E != 0, 0.0, positive(rng))
    return along(waves(rng, "G + E", positive=True, shape=SHORT, E=E), v)


@values.case("a difference within a wide tolerance")
def wide_tolerance_along(rng):
    return along(waves(rng, "G*1.001", positive=True, shape=SHORT, h=1e-5, tolerance=1e-2), positive(rng))


@values.case("a step that is too coarse", draws=2)
def coarse_step_along(rng):
    return along({**coarse_step(rng), "X": rng.uniform(0.5, 1.5, SHORT)}, positive(rng))


@values.case("large right entries")
def large_along(rng):
    return along({**steep(rng, 0.0)}, sized(rng, *MIXED))


@values.case("small wrong entries", draws=2)
def small_and_wrong_along(rng):
    A, X = 1e-8 * positive(rng), rng.uniform(0.3, 0.8, SHORT)
    f, grad_f = Formula("lambda X: np.sum(A*np.sin(X))", A=A), Formula("lambda X: 2*A*np.cos(X)", A=A)
    return along({"f": f, "grad_f": grad_f, "X": X}, positive(rng))


@values.case("a zero derivative under round-off", draws=4)
def zero_along(rng):
    return along(zero_with_round_off(rng), sized(rng, *MIXED))


exercise.aspect(
    "broken",
    hint="look at shape and finiteness of the gradient before multiplying it by v.",
    cases=[
        Case(label="NaN in the gradient", arguments=nonfinite_along("nan"), **LENIENT),
        Case(label="NaN where v is zero", arguments=nonfinite_along("nan", beside=True), **LENIENT),
        Case(label="infinity in the gradient", arguments=nonfinite_along("inf"), draws=2, **LENIENT),
        Case(label="infinity where v is zero", arguments=nonfinite_along("inf", beside=True), **LENIENT),
        Case(label="a row for a matrix", arguments=broken_along(broadcasting(3)), **LENIENT),
        Case(label="a column for a matrix", arguments=broken_along(broadcasting(4, 1)), **LENIENT),
        Case(label="a flat gradient", arguments=broken_along(flat), draws=2, **LENIENT),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def summed_without_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """The gradient is summed without v, which weights its entries.

    how does f change under X + h v?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception()
def direction_normalised_once(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """v is normalised on one side of the comparison only.

    does the docstring ask for a direction of length 1?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a = np.sum(gradient * v)
    v = v / np.linalg.norm(v)
    n = (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception()
def one_side_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """The quotient looks to one side of X only.

    which two points does the docstring compare?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X)) / h
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception()
def half_the_run_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """The two points are 2h v apart, but the difference is divided by h.

    how far apart are the points?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / h
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception()
def every_direction_checked(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """Every entry is checked, instead of one number along v.

    how many evaluations of f does one direction need?
    """
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    return bool(np.all(np.abs(a - n) <= tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9))


@exercise.misconception()
def sizes_compared_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """Only sizes are compared, so that a gradient of the wrong sign passes.

    what is the absolute value taken of?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = abs(np.sum(gradient * v)), abs((f(X + h * v) - f(X - h * v)) / (2 * h))
    return bool(abs(a - n) <= tolerance * max(a, n) + 1e-9)


@exercise.misconception()
def too_small_passes_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """The difference keeps its sign, so that too small a derivative passes.

    what is the absolute value taken of?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(a - n <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception()
def absolute_tolerance_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """The tolerance is absolute: large right derivatives fail and small wrong ones pass.

    what should the allowed difference be proportional to?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance)


@exercise.misconception()
def no_floor_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """Where the derivative is 0, round-off exceeds any relative tolerance.

    which term of the rule does not shrink?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)))


@exercise.misconception()
def direction_check_ignores_the_step(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """The argument h has no effect.

    where does h enter your quotient?
    """
    gradient, h = np.asarray(grad_f(X)), 1e-5
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception("broken")
def shape_unchecked_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """NumPy broadcasts the gradient against v.

    which property do you compare first?
    """
    gradient = np.asarray(grad_f(X))
    if not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception("broken")
def flattened_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """Flattening hides the wrong shape.

    compare shapes first?
    """
    gradient = np.asarray(grad_f(X))
    if not np.all(np.isfinite(gradient)):
        return False
    a, n = np.vdot(gradient, v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception("broken")
def nan_passes_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """`nan > tolerance` is False, so that NaN never counts as too large.

    how can the comparison be turned?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return not abs(a - n) > tolerance * np.maximum(abs(a), abs(n)) + 1e-9


@exercise.misconception("broken")
def infinity_passes_along_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """An infinite derivative makes its own allowance infinite, and passes.

    what must hold for the gradient before it is compared?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def direction_by_a_scalar_function(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = grad_f(X)
    if np.shape(gradient) != np.shape(v) or not np.isfinite(gradient).all():
        return False
    a, n = np.vdot(gradient, v), central_difference(lambda t: f(X + t * v), 0.0, h)
    return math.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9


@exercise.alternative
def direction_by_einsum(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != X.shape:
        return False
    a = np.einsum("i,i->", gradient.ravel(), v.ravel())
    n = (f(X + h * v) - f(X - h * v)) / h / 2
    if not np.isfinite([a, n]).all():
        return False
    return abs(a - n) <= tolerance * np.maximum(abs(a), abs(n)) + 1e-9


@exercise.alternative
def direction_normalised_twice(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient, length = np.asarray(grad_f(X)), np.linalg.norm(v)
    if gradient.shape != X.shape or not np.all(np.isfinite(gradient)):
        return False
    a = np.sum(gradient * v) / length
    n = (f(X + h * v) - f(X - h * v)) / (2 * h * length)
    return bool(abs(a - n) * length <= tolerance * length * max(abs(a), abs(n)) + 1e-9)
