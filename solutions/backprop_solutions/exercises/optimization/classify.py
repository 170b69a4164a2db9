"""classify: the kind of a stationary point, from its Hessian."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.optimization.inputs import AS_MEANT, AS_PRINTED, turned
from backprop_solutions.optimization import classify

exercise = Definition(classify)

values = exercise.aspect("values", hint="what do the signs of all eigenvalues say together?")
flat = exercise.aspect("flat", hint="what can be said if an eigenvalue is zero, and when is a computed one zero?")


@values.case("CMU's Hessian with its printed eigenvalues")
def as_meant(rng):
    return {"hessian": np.array(AS_MEANT)}


@values.case("CMU's Hessian of the printed terms")
def as_printed(rng):
    return {"hessian": np.array(AS_PRINTED)}


@values.case("a minimum", draws=3)
def minimum(rng):
    return {"hessian": turned(rng, rng.uniform(0.2, 3.0, rng.integers(3, 6)))}


@values.case("a maximum", draws=2)
def maximum(rng):
    return {"hessian": turned(rng, -rng.uniform(0.2, 3.0, rng.integers(3, 6)))}


@values.case("a saddle", draws=2)
def saddle(rng):
    return {"hessian": turned(rng, rng.permutation([-1.2, 0.4, 1.1, 2.5]))}


@values.case("a saddle with two ways down", draws=2)
def two_ways_down(rng):
    return {"hessian": turned(rng, rng.permutation([-1.2, -0.4, 1.1, 2.5]))}


@values.case("a saddle with more ways down than up")
def mostly_down(rng):
    return {"hessian": turned(rng, rng.permutation([-2.2, -0.8, -1.9, 0.5, -0.6]))}


@values.case("a saddle without a negative entry on the diagonal")
def hidden_in_the_corners(rng):
    a, b = rng.uniform(0.5, 1.0, 2)
    return {"hessian": np.array([[a, 0.2, 3.0], [0.2, 2.0, 0.1], [3.0, 0.1, b]])}


@values.case("a minimum with negative entries")
def negative_entries(rng):
    a = rng.uniform(0.3, 0.9)
    return {"hessian": np.array([[2.0, -a, 0.0], [-a, 2.0, -a], [0.0, -a, 2.0]])}


@values.case("one variable", draws=2)
def one_variable(rng):
    return {"hessian": rng.choice([-1.0, 1.0], (1, 1)) * rng.uniform(0.5, 2.0)}


@values.case("curvatures of very different size", draws=2)
def ill_conditioned(rng):
    small = rng.choice([-1.0, 1.0]) * rng.uniform(1e-6, 1e-4)
    return {"hessian": turned(rng, rng.permutation([small, 5.0, 30.0]))}


@values.case("a shallow valley", draws=2)
def shallow(rng):
    # Small next to 1, and far above what counts as zero; a product of two is below it.
    return {"hessian": np.diag(rng.permutation([1e-6, 2e-6, 4e-6]) * rng.choice([-1.0, 1.0]))}


@flat.case("x cubed and x to the fourth at zero")
def second_derivative_zero(rng):
    return {"hessian": np.zeros((1, 1))}


@flat.case("a valley with a flat floor", draws=3)
def trough(rng):
    return {"hessian": turned(rng, rng.permutation([0.0, *rng.uniform(0.5, 3.0, 3)]))}


@flat.case("a ridge with a flat top", draws=2)
def ridge(rng):
    return {"hessian": turned(rng, -rng.permutation([0.0, *rng.uniform(0.5, 3.0, 2)]))}


@flat.case("flat in two directions", draws=2)
def flat_twice(rng):
    return {"hessian": np.diag(rng.permutation([0.0, 0.0, rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 3.0)]))}


@flat.case("flat everywhere")
def plain(rng):
    return {"hessian": np.zeros((3, 3))}


@flat.case("a saddle that is flat in one direction", draws=3)
def flat_saddle(rng):
    return {"hessian": turned(rng, rng.permutation([0.0, -rng.uniform(0.5, 2.0), *rng.uniform(0.5, 3.0, 2)]))}


@flat.case("a minimum that is nearly flat")
def nearly_flat(rng):
    return {"hessian": turned(rng, rng.permutation([1e-5, 1.0, 2.0]))}


@flat.case("flat but for round-off", draws=2)
def round_off(rng):
    tiny = rng.choice([-1.0, 1.0]) * 1e-11
    return {"hessian": turned(rng, rng.permutation([tiny, *rng.uniform(0.5, 3.0, 2)]))}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("flat")
def flat_counted_as_maximum(hessian):
    """What is no minimum is called a maximum, as on CMU's slide; where a curvature is 0, it decides nothing.

    think of x^4 and -x^4 at 0: what do their second derivatives say?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.any(eigenvalues > 1e-9) and np.any(eigenvalues < -1e-9):
        return "saddle"
    return "minimum" if np.all(eigenvalues > 1e-9) else "maximum"


@exercise.misconception("flat")
def flat_counted_as_minimum(hessian):
    """Eigenvalues that are 0 are let through as positive; along such a direction the Hessian decides nothing.

    think of x^4 and -x^4 at 0: what do their second derivatives say?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.any(eigenvalues > 1e-9) and np.any(eigenvalues < -1e-9):
        return "saddle"
    if np.all(eigenvalues >= -1e-9):
        return "minimum"
    return "maximum" if np.all(eigenvalues < -1e-9) else "undecided"


@exercise.misconception("flat")
def flat_counted_on_both_sides(hessian):
    """Eigenvalues that are 0 pass as positive and as negative; where one is 0 and no sign contradicts, all is open.

    what should become of a valley with a flat floor?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.all(eigenvalues >= -1e-9):
        return "minimum"
    if np.all(eigenvalues <= 1e-9):
        return "maximum"
    return "saddle"


@exercise.misconception("flat")
def zero_beats_the_signs(hessian):
    """One zero makes everything undecided; but a way up and a way down are a saddle, whatever else is flat.

    which question has to be asked first?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.any(np.abs(eigenvalues) <= 1e-9):
        return "undecided"
    if np.all(eigenvalues > 0):
        return "minimum"
    return "maximum" if np.all(eigenvalues < 0) else "saddle"


@exercise.misconception("flat")
def compared_with_exact_zero(hessian):
    """Computed eigenvalues are hardly ever exactly 0: round-off makes -1e-17 of it.

    which bound does the docstring name?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.any(eigenvalues > 0) and np.any(eigenvalues < 0):
        return "saddle"
    if np.all(eigenvalues > 0):
        return "minimum"
    return "maximum" if np.all(eigenvalues < 0) else "undecided"


@exercise.misconception("flat")
def bound_too_wide(hessian):
    """An eigenvalue of 1e-5 is small, but not zero.

    which bound does the docstring name?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.any(eigenvalues > 1e-3) and np.any(eigenvalues < -1e-3):
        return "saddle"
    if np.all(eigenvalues > 1e-3):
        return "minimum"
    return "maximum" if np.all(eigenvalues < -1e-3) else "undecided"


@exercise.misconception("values", "flat")
def diagonal_looked_at(hessian):
    """The signs of the diagonal are looked at; they say how it curves along the coordinates, not in between.

    which numbers tell the curvature in every direction?
    """
    diagonal = np.diag(hessian)
    if np.any(diagonal > 1e-9) and np.any(diagonal < -1e-9):
        return "saddle"
    if np.all(diagonal > 1e-9):
        return "minimum"
    return "maximum" if np.all(diagonal < -1e-9) else "undecided"


@exercise.misconception()
def sign_of_the_determinant(hessian):
    """A positive determinant with a positive first entry makes a minimum for two variables only.

    what is the determinant if two of four eigenvalues are negative?
    """
    determinant = np.linalg.det(hessian)
    if abs(determinant) < 1e-9:
        return "undecided"
    if determinant < 0:
        return "saddle"
    return "minimum" if hessian[0, 0] > 0 else "maximum"


@exercise.misconception("values", "flat")
def sign_of_the_trace(hessian):
    """The trace is the sum of the eigenvalues; a large positive one hides a negative one.

    look at the eigenvalues one by one.
    """
    trace = np.trace(hessian)
    if abs(trace) < 1e-9:
        return "undecided"
    return "minimum" if trace > 0 else "maximum"


@exercise.misconception()
def minimum_and_maximum_exchanged(hessian):
    """Minimum and maximum are exchanged: where every curvature is positive, each way leads up.

    which sign has the second derivative of x^2?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.any(eigenvalues > 1e-9) and np.any(eigenvalues < -1e-9):
        return "saddle"
    if np.all(eigenvalues > 1e-9):
        return "maximum"
    return "minimum" if np.all(eigenvalues < -1e-9) else "undecided"


@exercise.misconception("values", "flat")
def saddles_left_out(hessian):
    """A point that is neither minimum nor maximum is called undecided; curvatures of both signs decide it.

    what is a way up together with a way down?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.all(eigenvalues > 1e-9):
        return "minimum"
    return "maximum" if np.all(eigenvalues < -1e-9) else "undecided"


@exercise.misconception("flat")
def undecided_called_saddle(hessian):
    """What is neither minimum nor maximum is called a saddle, but that takes both signs.

    x^4 at 0 is flat to second order, and no saddle.
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.all(eigenvalues > 1e-9):
        return "minimum"
    return "maximum" if np.all(eigenvalues < -1e-9) else "saddle"


@exercise.misconception("values", "flat")
def any_instead_of_all(hessian):
    """One positive eigenvalue is taken for a minimum; all of them have to be positive.

    is it `any` or `all`?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.any(eigenvalues > 1e-9):
        return "minimum"
    return "maximum" if np.any(eigenvalues < -1e-9) else "undecided"


@exercise.misconception("values", "flat")
def signs_of_the_entries(hessian):
    """The signs of the matrix's entries are looked at; curvature is in its eigenvalues.

    which function of `np.linalg` finds the eigenvalues of a symmetric matrix?
    """
    if np.any(hessian > 1e-9) and np.any(hessian < -1e-9):
        return "saddle"
    if np.all(hessian > 1e-9):
        return "minimum"
    return "maximum" if np.all(hessian < -1e-9) else "undecided"


@exercise.misconception("values", "flat")
def product_of_the_signs(hessian):
    """A negative product of the eigenvalues is taken for a saddle: one negative eigenvalue alone has one, too.

    which signs have the eigenvalues of a maximum in one and in three variables?
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.prod(eigenvalues) < 0:
        return "saddle"
    if np.any(np.abs(eigenvalues) <= 1e-9):
        return "undecided"
    return "minimum" if eigenvalues[0] > 0 else "maximum"


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_extremes(hessian):
    smallest, *_, largest = [*np.linalg.eigvalsh(hessian), np.linalg.eigvalsh(hessian)[-1]]
    if smallest < -1e-9 and largest > 1e-9:
        return "saddle"
    if smallest > 1e-9:
        return "minimum"
    if largest < -1e-9:
        return "maximum"
    return "undecided"


@exercise.alternative
def by_set_of_signs(hessian):
    eigenvalues = np.linalg.eigvals(hessian).real
    signs = {0 if abs(value) <= 1e-9 else int(np.sign(value)) for value in eigenvalues}
    if {-1, 1} <= signs:
        return "saddle"
    return {(1,): "minimum", (-1,): "maximum"}.get(tuple(signs), "undecided")


@exercise.alternative
def by_counting(hessian):
    eigenvalues = np.linalg.eigvalsh(hessian)
    up, down = np.sum(eigenvalues > 1e-9), np.sum(eigenvalues < -1e-9)
    if up * down:
        return "saddle"
    if up == len(hessian):
        return "minimum"
    return "maximum" if down == len(hessian) else "undecided"


@exercise.alternative
def by_rounding(hessian):
    values, _ = np.linalg.eigh(hessian)
    values[np.abs(values) <= 1e-9] = 0.0
    kinds = sorted(set(np.sign(values)))
    names = {(-1.0,): "maximum", (1.0,): "minimum", (-1.0, 1.0): "saddle", (-1.0, 0.0, 1.0): "saddle"}
    return names.get(tuple(float(kind) for kind in kinds), "undecided")


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    ">= 1e-09",
    "<= -1e-09",
    "2e-09",
    "5e-10",
    reason="it differs only at the boundary, where round-off decides",
)
