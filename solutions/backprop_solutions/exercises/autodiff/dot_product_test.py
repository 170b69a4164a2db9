"""dot_product_test: whether a vjp belongs to a function, from random directions."""

from dataclasses import replace

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.autodiff import dot_product_test
from backprop_solutions.exercises.autodiff.inputs import lines, signed

CODE = """J, x = np.array($J), np.array($x)

def f(x):
    return {f}

def vjp(g, x):
    return {vjp}

answer = dot_product_test(f, vjp, x, np.random.default_rng($seed))"""
FUNCTION, RIGHT = "J @ np.sin(x)", "(g @ J) * np.cos(x)"


def case(label, m, n, vjp=RIGHT, f=FUNCTION, draws=2):
    """Return the case of a function from n to m numbers, and what claims to be its vjp. NaN and inf may warn."""

    def draw(rng):
        return {"J": signed(rng, m, n), "x": rng.uniform(-1, 1, size=n), "seed": rng.integers(1000)}

    return replace(lines(label, CODE.format(f=f, vjp=vjp), "answer", draw=draw, draws=draws), allow_warnings=True)


exercise = Definition(dot_product_test)

values = exercise.aspect(
    "values", hint="g · (J v) and (g J) · v are equal for every g and v: what would a wrong vjp do?"
)
values.add(
    case("a right vjp", 2, 3),
    case("a right vjp, more outputs than inputs", 4, 2),
    case("a right vjp, one output", 1, 3),
    case("a right vjp, one input", 3, 1),
    case("a right vjp of a quadratic function", 2, 3, "2 * (g @ J) * x", "J @ (x * x)"),
    case("a factor of 2", 2, 3, "2 * (g @ J) * np.cos(x)"),
    case("a sign turned", 2, 3, "-(g @ J) * np.cos(x)"),
    case("a factor of 1.01", 2, 3, "1.01 * (g @ J) * np.cos(x)"),
    case("an inner derivative left out", 2, 3, "g @ J"),
    case("a derivative at the wrong place", 2, 3, "(g @ J) * np.cos(np.sin(x))"),
    case("nothing but zeros", 2, 3, "np.zeros(x.shape)"),
    case("one entry that is wrong", 3, 4, "(g @ J) * np.cos(x) * np.array([1, 1, 1, 2])"),
)

strictness = exercise.aspect(
    "strictness",
    hint="which wrong results can hide behind one pair of directions, behind NaN, or behind broadcasting?",
)
strictness.add(
    case("a Jacobian that was not transposed", 3, 3, "J @ g", "J @ x", draws=12),
    case("a right vjp of a linear function", 3, 3, "g @ J", "J @ x"),
    case("hidden from directions of ones", 2, 3, "g @ J + g.sum() * np.array([1, -1, 0])", "J @ x"),
    case("hidden from upstream ones", 3, 2, "g @ J + (g - g.mean()) @ J", "J @ x"),
    case("small numbers, right", 2, 3, f"1e-4 * {RIGHT}", f"1e-4 * {FUNCTION}"),
    case("small numbers, 1 % wrong", 2, 3, f"1.01e-4 * {RIGHT}", f"1e-4 * {FUNCTION}"),
    lines(
        "several pairs of directions",
        CODE.format(f=FUNCTION, vjp=f"asked.append(g) or {RIGHT}").replace("J, x =", "asked = []\nJ, x ="),
        "answer",
        "len(asked) > 1",
        draw=lambda rng: {"J": signed(rng, 2, 3), "x": rng.uniform(-1, 1, size=3), "seed": rng.integers(1000)},
    ),
    case("large numbers, right", 2, 3, f"1e4 * {RIGHT}", f"1e4 * ({FUNCTION})"),
    case("large numbers, 1 % wrong", 2, 3, f"1.01e4 * {RIGHT}", f"1e4 * ({FUNCTION})"),
    case("not a number", 2, 3, "np.full(x.shape, np.nan)"),
    case("one entry not a number", 2, 3, "(g @ J) * np.array([1, np.nan, 1])"),
    case("infinite", 2, 3, "np.full(x.shape, np.inf)"),
    case("one entry infinite", 2, 3, "(g @ J) * np.array([1, np.inf, 1])"),
    case("a row for a vector", 2, 3, f"({RIGHT})[None, :]"),
    case("a column for a vector", 2, 3, f"({RIGHT})[:, None]"),
    case("the output's shape for the input's", 2, 3, "g"),
    case("one number for all entries", 2, 3, f"np.sum({RIGHT})"),
)

# --- wrong answers ----------------------------------------------------------------------------------

PRODUCTS = "ours, theirs = g @ Jv, gJ @ v"
APART = "abs(ours - theirs) > 1e-5"
FINITE = " or not np.all(np.isfinite(gJ))"
SHAPE = "gJ.shape != x.shape or "
exercise.slip(
    "directions_of_ones",
    ("rng.normal(size=x.shape)", "np.ones(x.shape)"),
    cause="v is the same every time; a mistake across it is never seen.",
    next_step="which errors of g J have a sum of 0? Draw v with rng.",
    loses=("strictness",),
)
exercise.slip(
    "upstream_of_ones",
    ("rng.normal(size=Jv.shape)", "np.ones(Jv.shape)"),
    cause="g is all ones: mistakes that cancel over the outputs are never seen.",
    next_step="draw g with rng, as well as v.",
    loses=("strictness",),
)
exercise.slip(
    "one_pair_of_signs",
    ("range(10)", "range(1)"),
    ("rng.normal(size=x.shape)", "rng.choice([-1.0, 1.0], size=x.shape)"),
    ("rng.normal(size=Jv.shape)", "rng.choice([-1.0, 1.0], size=Jv.shape)"),
    cause="One pair of random signs misses a transposed 3 x 3 Jacobian in a quarter of all cases.",
    next_step="how many pairs would make a miss unlikely?",
    loses=("strictness",),
)
exercise.slip(
    "absolute_tolerance",
    ("1e-5 * max(abs(ours), abs(theirs)) + 1e-9", "1e-5"),
    cause="The tolerance does not depend on the size of the products: small ones always agree.",
    next_step="what is 1e-5 to be a fraction of?",
    loses=("strictness",),
)
exercise.slip(
    "difference_with_its_sign",
    ("range(10)", "range(1)"),
    ("abs(ours - theirs) >", "(ours - theirs) >"),
    cause="The difference is compared with its sign: a product that is too large always passes.",
    next_step="which of the two may be the larger one?",
)
exercise.slip(
    "sizes_compared",
    ("abs(ours - theirs)", "abs(abs(ours) - abs(theirs))"),
    cause="Only the sizes of the products are compared: a vjp with its sign turned passes.",
    next_step="how far apart are 3 and -3?",
)
exercise.slip(
    "fooled_by_nan",
    (FINITE, ""),
    cause="NaN passes: every comparison with NaN is False, also 'too far apart'.",
    next_step="ask whether they agree, and return False if not.",
    loses=("strictness",),
)
exercise.slip(
    "fooled_by_infinity",
    (FINITE, ""),
    (APART, "not abs(ours - theirs) <= 1e-5"),
    cause="Infinite products agree: inf <= inf is True.",
    next_step="ask first whether what vjp returned is finite.",
    loses=("strictness",),
)
exercise.slip(
    "shape_not_compared",
    (SHAPE, ""),
    (PRODUCTS, "ours, theirs = np.sum(g * Jv), np.sum(gJ * v)"),
    cause="The shape of vjp's result is not looked at: broadcasting lets a row pass for a vector.",
    next_step="a gradient has the shape of what it is the gradient of.",
    loses=("strictness",),
)
exercise.slip(
    "wrong_shape_is_an_exception",
    (SHAPE, ""),
    cause="A result of the wrong shape ends in an exception; the answer for it is False.",
    next_step="what can be asked before the product is taken?",
    loses=("strictness",),
)
exercise.slip(
    "difference_not_halved",
    ("/ (2 * h)", "/ h"),
    cause="J v is twice too large: the two points lie 2h apart.",
    next_step="how far is x + h v from x - h v, in units of v?",
)
exercise.slip(
    "step_far_too_long",
    ("h = 1e-5", "h = 0.1"),
    cause="The step is so long that the curvature of f looks like a mistake of vjp.",
    next_step="which step did unit 2 find best for central differences?",
)
exercise.slip(
    "step_far_too_short",
    ("h = 1e-5", "h = 1e-14"),
    cause="The step is so short that round-off looks like a mistake of vjp.",
    next_step="which step did unit 2 find best for central differences?",
)
exercise.slip(
    "vjp_fed_the_direction",
    ("vjp(g, x)", "vjp(g, v)"),
    cause="vjp is asked at the direction v; the Jacobian belongs to the point x.",
    next_step="at which point was J v measured?",
)
exercise.slip(
    "answers_reversed",
    ("            return False\n    return True", "            return True\n    return False"),
    cause="The answer is True where the products differ.",
    next_step="what does True say about the vjp?",
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_the_whole_jacobian(f, vjp, x, rng):
    columns = []
    for k in range(x.size):
        e = np.zeros(x.size)
        e[k] = 6e-6
        columns.append((f(x + e) - f(x - e)) / 1.2e-5)
    J = np.array(columns).T
    for _ in range(5):
        g, v = rng.standard_normal(J.shape[0]), rng.standard_normal(x.size)
        pulled = vjp(g, x)
        if np.shape(pulled) != x.shape or not np.isfinite(pulled).all():
            return False
        a, b = float(g @ J @ v), float(np.dot(pulled, v))
        if abs(a - b) > 1e-5 * max(abs(a), abs(b)):
            return False
    return True


@exercise.alternative
def with_many_signs(f, vjp, x, rng):
    def agree():
        v = rng.choice([-1.0, 1.0], size=x.shape) * rng.uniform(1, 2)
        step = 1e-5 * v
        Jv = (f(x + step) - f(x - step)) / 2e-5
        g = rng.choice([-1.0, 1.0], size=Jv.shape) * rng.uniform(0.5, 1, size=Jv.shape)
        gJ = np.asarray(vjp(g, x), dtype=float)
        return gJ.shape == x.shape and bool(np.isclose(gJ.dot(v), g.dot(Jv), rtol=1e-5, atol=1e-10))

    return all(agree() for _ in range(30))


@exercise.alternative
def with_four_points(f, vjp, x, rng):
    good = []
    for _ in range(8):
        v = rng.uniform(-1, 1, size=len(x))
        h = 1e-3
        Jv = (8 * (f(x + h * v) - f(x - h * v)) - (f(x + 2 * h * v) - f(x - 2 * h * v))) / (12 * h)
        g = rng.uniform(-1, 1, size=len(Jv))
        result = np.array(vjp(g, x))
        if result.shape == v.shape:
            one, other = sum(g * Jv), sum(result * v)
            good.append(np.isfinite(other) and abs(one - other) <= 1e-5 * max(abs(one), abs(other)))
        else:
            good.append(False)
    return not (False in good or np.False_ in good)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "g.T @ Jv",
    "g @ Jv.T",
    "gJ.T @ v",
    "gJ @ v.T",
    "(gJ @ v, g @ Jv)",
    "Jv @ g",
    "Jv.T @ g.T",
    "v @ gJ",
    "v.T @ gJ.T",
    reason="the product of two vectors has no order, and a vector no transpose",
)
exercise.equivalent(
    "abs(theirs - ours)",
    "max(abs(theirs), abs(ours))",
    "max(ours, abs(theirs))",
    "max(abs(ours), theirs)",
    "> 1e-05 * abs(ours)",
    "> 1e-05 * abs(theirs)",
    "min(abs(ours), abs(theirs))",
    reason="either product tells the size of both, as long as they agree",
)
exercise.equivalent("gJ = vjp(g, x)", reason="np.isfinite takes what is no array, too")
exercise.equivalent(
    "if ours - theirs", reason="of ten differences with random signs, one is positive but for one time in 1,024"
)
exercise.equivalent(
    "abs(ours - theirs) >= 1e-05",
    "2e-05 * max",
    "5e-06 * max",
    "2e-09:",
    "5e-10:",
    reason="it differs only at the boundary, where round-off decides",
)
exercise.equivalent("h = 2e-05", "h = 5e-06", reason="the step may be any small one")
exercise.equivalent(
    "range(20)",
    "list(range(10))[1:]",
    "list(range(10))[:-1]",
    reason="the number of pairs is free, if there are several",
)
exercise.equivalent(
    "max(abs(ours), abs(theirs)):",
    reason="the tolerance is relative; a floor is for products of 0, which are not asked for",
)
