"""directional_check: decide whether grad_f computes the right derivative of f at X along v."""

import math
from functools import partial

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.exercises.finite_differences.inputs import (
    LENIENT,
    MIXED,
    RULE,
    SHORT,
    broadcasting,
    coarse_step,
    flat,
    function_is_nan,
    near_floor,
    place,
    plain_number,
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
        return along(waves(rng, f"np.where(M, {value}, G)", M=M), v)

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


def by_rule(change, options):
    def arguments(rng, sign):
        return along(waves(rng, change, positive=True, shape=SHORT, **options), sign * positive(rng))

    return [partial(arguments, sign=sign) for sign in (1, -1)]


values.add(*(Case(label=label, arguments=a) for label, change, options in RULE for a in by_rule(change, options)))


@values.case("two evaluations of f", draws=2, calls_at_most=2)
def two_evaluations(rng):
    return along(waves(rng), 3 * sized(rng, *MIXED))


@values.case("a coarse step along v", draws=2)
def fits_coarse_step(rng):
    X, v, h = rng.uniform(0.5, 1.5, MIXED), 2 * positive(rng, MIXED), 0.5
    grad_f = Formula("lambda X: 3*X**2 + (h*v)**2", h=h, v=v)
    return along({"f": Formula("lambda X: np.sum(X**3)"), "grad_f": grad_f, "X": X, "h": h}, v)


@values.case("a gradient for the default step", draws=2)
def fits_default_step(rng):
    C, v = 1e10 * positive(rng, MIXED), positive(rng, MIXED)
    grad_f = Formula("lambda X: 1e-10*C*v**2", C=C, v=v)
    return along({"f": Formula("lambda X: np.sum(C*X**3)", C=C), "grad_f": grad_f, "X": np.zeros(MIXED)}, v)


@values.case("a wrong sign along -v", draws=2)
def wrong_sign_backwards(rng):
    return along(waves(rng, "-G", positive=True, shape=SHORT), -positive(rng))


values.add(
    Case(label="an error above 1e-9", arguments=lambda rng: along(near_floor(1.6e-9)(rng), np.ones(MIXED))),
    Case(label="an error below 1e-9", arguments=lambda rng: along(near_floor(6e-10)(rng), np.ones(MIXED))),
)


@values.case("a direction without influence")
def without_influence(rng):
    v = place(rng, 1.0, SHORT)
    f = Formula("lambda X: np.sum(A*np.sin(X))", A=np.where(v, 0.0, positive(rng)))
    grad_f = Formula("lambda X: A*np.cos(X)", **f.constants)
    return along({"f": f, "grad_f": grad_f, "X": rng.uniform(0.3, 1.2, SHORT)}, v)


@values.case("three axes")
def three_axes_along(rng):
    return along(waves(rng, shape=(2, 3, 4)), sized(rng, 2, 3, 4))


@values.case("a single wrong entry")
def single_entry_along(rng):
    return along(waves(rng, "1.1*G", shape=(1, 1)), sized(rng, 1, 1))


exercise.aspect(
    "broken",
    hint="look at shape and finiteness of the gradient before multiplying it by v.",
    cases=[
        Case(label="minus infinity in the gradient", arguments=nonfinite_along("-np.inf"), **LENIENT),
        Case(label="a number for a matrix", arguments=broken_along(broadcasting()), **LENIENT),
        Case(label="a plain number", arguments=broken_along(plain_number), **LENIENT),
        Case(label="a function that is NaN", arguments=broken_along(function_is_nan), **LENIENT),
        Case(label="a right shape and finite numbers", arguments=broken_along(waves), draws=2),
        Case(label="NaN in the gradient", arguments=nonfinite_along("np.nan"), **LENIENT),
        Case(label="NaN where v is zero", arguments=nonfinite_along("np.nan", beside=True), **LENIENT),
        Case(label="infinity in the gradient", arguments=nonfinite_along("np.inf"), draws=2, **LENIENT),
        Case(label="infinity where v is zero", arguments=nonfinite_along("np.inf", beside=True), **LENIENT),
        Case(label="a row for a matrix", arguments=broken_along(broadcasting(3)), **LENIENT),
        Case(label="a column for a matrix", arguments=broken_along(broadcasting(4, 1)), **LENIENT),
        Case(label="a flat gradient", arguments=broken_along(flat), draws=2, **LENIENT),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


exercise.slip(
    "summed_without_v",
    ("np.sum(gradient * v)", "np.sum(gradient)"),
    cause="The gradient is summed without v, which weights its entries.",
    next_step="how does f change under X + h v?",
)


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


exercise.slip(
    "one_side_along_v",
    ("(f(X + h * v) - f(X - h * v)) / (2 * h)", "(f(X + h * v) - f(X)) / h"),
    cause="The quotient looks to one side of X only.",
    next_step="which two points does the docstring compare?",
)
exercise.slip(
    "half_the_run_along_v",
    ("/ (2 * h)", "/ h"),
    cause="The two points are 2h v apart, but the difference is divided by h.",
    next_step="how far apart are the points?",
)


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


exercise.slip(
    "too_small_passes_along_v",
    ("abs(a - n) <=", "a - n <="),
    cause="The difference keeps its sign, so that too small a derivative passes.",
    next_step="what is the absolute value taken of?",
)


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


exercise.slip(
    "no_floor_along_v",
    (" + 1e-9", ""),
    cause="Where the derivative is 0, round-off exceeds any relative tolerance.",
    next_step="which term of the rule does not shrink?",
)
exercise.slip(
    "direction_check_ignores_the_step",
    ("    a = np.sum", "    h = 1e-5\n    a = np.sum"),
    cause="The argument h has no effect.",
    next_step="where does h enter your quotient?",
)
exercise.slip(
    "shape_unchecked_along_v",
    ("gradient.shape != np.shape(X) or ", ""),
    cause="NumPy broadcasts the gradient against v.",
    next_step="which property do you compare first?",
    loses=("broken",),
)


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
    """`nan > tolerance` is False, so NaN never counts as too large.

    how can the comparison be turned?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return not abs(a - n) > tolerance * np.maximum(abs(a), abs(n)) + 1e-9


exercise.slip(
    "infinity_passes_along_v",
    (" or not np.all(np.isfinite(gradient))", ""),
    ("np.isfinite(n) and ", ""),
    cause="An infinite derivative makes its own allowance infinite, and passes.",
    next_step="what must hold for the gradient before it is compared?",
    loses=("broken",),
)


@exercise.misconception()
def full_gradient_times_v(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """The whole numerical gradient is computed; two evaluations are enough.

    at which two points?
    """
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), np.sum(numerical_gradient(f, X, h) * v)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception()
def direction_normalised_first(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """v is scaled to length 1 first.

    which points does the docstring compare?
    """
    gradient, v = np.asarray(grad_f(X)), v / np.linalg.norm(v)
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


@exercise.misconception("broken")
def number_has_no_shape(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """A plain number has no `.shape`: the check stops instead of answering False.

    which NumPy function makes an array of anything?
    """
    gradient = grad_f(X)
    if gradient.shape != X.shape or not np.all(np.isfinite(gradient)):
        return False
    a, n = np.sum(gradient * v), (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)


exercise.slip(
    "another_default_tolerance_along_v",
    ("tolerance=1e-6", "tolerance=1e-5"),
    cause="The default of tolerance is not the docstring's 1e-6.",
    next_step="which tolerance is used where none is given?",
)
exercise.slip(
    "another_default_step_along_v",
    ("h=1e-5", "h=1e-6"),
    cause="The default of h is not the docstring's 1e-5.",
    next_step="which step is used where none is given?",
)

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


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("abs(n - a)", "max(abs(n), abs(a))", reason="the rule takes a and n alike")
exercise.equivalent("abs(a - n) < tolerance", reason="it differs only at the boundary, where round-off decides")
exercise.equivalent("-> return bool(abs(a - n) <= tolerance", reason="where f has a gradient, n is finite")
