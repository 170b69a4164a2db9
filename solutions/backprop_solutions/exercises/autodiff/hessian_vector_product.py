"""hessian_vector_product: the Hessian times a vector, from two gradients."""

from dataclasses import replace

import numpy as np

from backprop_autograder import Close, Definition
from backprop_solutions.autodiff import hessian_vector_product
from backprop_solutions.exercises.autodiff.inputs import lines, positive, signed

CODE = """A, x, v = np.array($A), np.array($x), {v}
calls = []

def gradient(x):
    calls.append(x)
    return {gradient}

Hv = hessian_vector_product(gradient, x, v)"""
QUADRATIC = "A @ x + A.T @ x"
CURVED = "A.T @ np.exp(A @ x / 4) + x**3"
SEEN = ("Hv", "len(calls) <= 2", "x")


def case(label, gradient=CURVED, v="np.array($v)", size=1.0, shape=(3,), draw=None, **options):
    """Return the case of a gradient, a point, and a direction whose product is of this size.

    Differences of gradients leave ten digits or so.
    """
    close = Close(rtol=1e-5, atol=1e-7 * size, reason="a difference of two gradients")

    def drawn(rng):
        n = shape[0]
        arrays = {"A": signed(rng, n, n) / 2, "x": signed(rng, *shape) / 2, "v": positive(rng, *shape)}
        return arrays | (draw(rng) if draw else {})

    code = CODE.format(gradient=gradient, v=v)
    return replace(lines(label, code, *SEEN, draw=drawn, **options), comparison=close)


exercise = Definition(hessian_vector_product)

values = exercise.aspect("values", hint="how does the gradient change from x - h v to x + h v, for one unit of h?")
values.add(
    case("a quadratic function", QUADRATIC, draws=2),
    case("a curved function", draws=3),
    case("five variables", shape=(5,)),
    case("a matrix of variables", "x**3 + x.sum()", shape=(2, 3), draws=2),
    case("at the origin", draw=lambda rng: {"x": np.zeros(3)}, draws=2),
    case("against one axis", draw=lambda rng: {"v": rng.permutation([-1.0, 0.0, 0.0])}),
    case("entries that cancel", draw=lambda rng: {"v": rng.permutation([1.0, -1.0, 0.0])}),
    case("along one axis", draw=lambda rng: {"v": rng.permutation([1.0, 0.0, 0.0])}, draws=2),
)

scale = exercise.aspect("scale", hint="the step from x should have the same length whatever the length of v is.")
scale.add(
    case("a long v", v="1e6 * np.array($v)", size=1e6, draws=2),
    case("a short v", v="1e-6 * np.array($v)", size=1e-6, draws=2),
    case("a very short v", v="1e-20 * np.array($v)", size=1e-20),
    case("v = 0", v="np.zeros(3)"),
    case("v = 0, a matrix of variables", "x**3", v="np.zeros((2, 3))", shape=(2, 3)),
    case("v turned round", v="-np.array($v)", draws=2),
)

# --- wrong answers ----------------------------------------------------------------------------------

BOTH = ("values", "scale")
STEP, QUOTIENT = "h = 1e-5 / longest", "(gradient(x + h * v) - gradient(x - h * v)) / (2 * h)"
exercise.slip(
    "step_grows_with_v",
    (STEP, "h = 1e-5"),
    cause="The step from x is h times the length of v: too far for a long v, lost in round-off for a short one.",
    next_step="how long is h v, and how long should it be?",
    loses=("scale",),
)
exercise.slip(
    "division_by_zero_length",
    ("    if longest == 0:\n        return np.zeros(np.shape(x))\n", ""),
    cause="A v of length 0 is divided by: the result is not a number.",
    next_step="what is H times 0, without computing anything?",
    loses=("scale",),
)
exercise.slip(
    "length_of_v_lost",
    ("    return (gradient", "    v, h = v / longest, 1e-5\n    return (gradient"),
    cause="The length of v is lost: the change is divided by another step than v was multiplied by.",
    next_step="what is H (2 v), compared with H v?",
    loses=BOTH,
)
exercise.slip(
    "difference_not_halved",
    ("/ (2 * h)", "/ h"),
    cause="The product is twice too large: the two points lie 2h apart.",
    next_step="how far is x + h v from x - h v, in units of v?",
    loses=BOTH,
)
exercise.slip(
    "not_divided_by_the_step",
    (" / (2 * h)", ""),
    cause="The change of the gradient is not divided by the step.",
    next_step="a derivative is a change per what?",
    loses=BOTH,
)
exercise.slip(
    "sign_turned",
    (QUOTIENT, "(gradient(x - h * v) - gradient(x + h * v)) / (2 * h)"),
    cause="The difference is taken the wrong way round.",
    next_step="what is H v for f = x^2/2, whose gradient is x?",
    loses=BOTH,
)
exercise.slip(
    "step_far_too_long",
    (STEP, "h = 0.1 / longest"),
    cause="The step is so long that the gradient bends on the way.",
    next_step="which step did unit 2 find best for central differences?",
)
exercise.slip(
    "step_far_too_short",
    (STEP, "h = 1e-13 / longest"),
    cause="The step is so short that little but round-off is left of the difference.",
    next_step="which step did unit 2 find best for central differences?",
    loses=BOTH,
)
exercise.slip(
    "curvature_along_v",
    (QUOTIENT, "np.sum(v * (gradient(x + h * v) - gradient(x - h * v))) / (2 * h)"),
    cause="The result is the number v · H v; H v itself is asked for.",
    next_step="which shape has the product of a matrix and a vector?",
    loses=BOTH,
)
exercise.slip(
    "gradient_along_v",
    (QUOTIENT, "gradient(x) * v"),
    cause="The gradient is multiplied by v: that has only first derivatives in it.",
    next_step="the Hessian tells how the gradient changes. Along what?",
    loses=BOTH,
)
exercise.slip(
    "one_sided_and_long",
    (QUOTIENT, "(gradient(x + 100 * h * v) - gradient(x)) / (100 * h)"),
    cause="The difference is one-sided, and its step too long for the accuracy asked.",
    next_step="how does the error of a central difference shrink with h, and how that of a one-sided one?",
)


@exercise.misconception("values")
def matrix_built(gradient, x, v):
    """The whole Hessian is built, a gradient or two for each variable; two are enough for H v.

    along which single direction is the change of the gradient asked for?
    """
    H = np.zeros((x.size, x.size))
    for k in range(x.size):
        step = np.zeros(x.size)
        step[k] = 1e-5
        step = step.reshape(x.shape)
        H[:, k] = (gradient(x + step) - gradient(x - step)).ravel() / 2e-5
    return (H @ v.ravel()).reshape(x.shape)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def along_a_unit_vector(gradient, x, v):
    top = np.max(np.abs(v))
    if not top:
        return np.zeros_like(x, dtype=float)
    length = top * np.sqrt(np.sum((v / top) ** 2))
    unit, h = v / length, 6e-6
    return length * (gradient(x + h * unit) - gradient(x - h * unit)) / (2 * h)


@exercise.alternative
def one_sided_with_a_short_step(gradient, x, v):
    size = np.abs(v).sum()
    if size == 0.0:
        return 0.0 * x
    h = 3e-8 / size
    return (gradient(x + h * v) - gradient(x)) / h


@exercise.alternative
def with_a_step_that_knows_x(gradient, x, v):
    if not np.any(v):
        return np.zeros(v.shape)
    step = v * (1e-5 * max(1.0, np.abs(x).max()) / np.abs(v).max())
    k = np.argmax(np.abs(v))
    return (gradient(x + step) - gradient(x - step)) * (v.flat[k] / (2 * step.flat[k]))


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "np.abs(v).sum()",
    "np.abs(v).mean()",
    "h = 2e-05",
    "h = 5e-06",
    reason="the step may be any small one that does not depend on v's length",
)
