"""is_subgradient: does f lie above a plane through its value at x0?"""

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.activations import is_subgradient
from backprop_solutions.exercises.activations.inputs import D

exercise = Definition(is_subgradient)

RELU, BENT = "lambda x: max(0.0, x[0])", "lambda x: np.sum(c * np.abs(x))"

values = exercise.aspect(
    "values", hint="the plane is f(x0) + v.(x - x0), a number at each point: is f anywhere below it?"
)


def relu_at_its_kink(low, high):
    def arguments(rng):
        v = np.array([rng.uniform(low, high)])
        return {
            "f": Formula(RELU),
            "x0": np.zeros(1),
            "v": v,
            "points": np.array([[-2.0], [-0.5], [0.0], [1.0], [2.0]]),
        }

    return arguments


def bent(outside=None):
    """Weighted absolute values at a point on two of their kinks; `outside` is the place of the point that tells."""

    def arguments(rng):
        c, x0 = rng.uniform(0.5, 2, size=D), np.array([0.0, rng.choice([-1.0, 1.0]) * rng.uniform(1, 2), 0.0])
        v = c * np.array([rng.uniform(-0.8, 0.8), np.sign(x0[1]), rng.uniform(-0.8, 0.8)])
        points = x0 + rng.normal(size=(6, D))
        if outside is not None:
            side = rng.choice([-1.0, 1.0])
            v[2] = side * 1.5 * c[2]
            points[:, 2] = -side * np.abs(points[:, 2])  # beyond the kink on the other side, f is far above
            points[outside] = x0
            points[outside, 2] += side * rng.uniform(0.5, 1.5)
        return {"f": Formula(BENT, c=c), "x0": x0, "v": v, "points": points}

    return arguments


def tied_planes(inside):
    """The larger of two planes where they meet: v lies between their slopes, or beyond one of them."""

    def arguments(rng):
        A, x0 = rng.normal(size=(2, D)), rng.normal(size=D)
        b = rng.normal() - A @ x0
        share = rng.uniform(0.1, 0.9) if inside else rng.uniform(1.4, 1.9)
        v = share * A[0] + (1 - share) * A[1]
        points = np.vstack([x0 + rng.normal(size=(5, D)), x0 + A[0] - A[1], x0 - A[0] + A[1]])
        f = Formula("lambda x: np.max(A @ x + b)", A=A, b=b)
        return {"f": f, "x0": x0, "v": v, "points": rng.permutation(points)}

    return arguments


def bowl(off):
    """A smooth bowl: its gradient is the only subgradient."""

    def arguments(rng):
        c, x0 = rng.uniform(0.5, 2, size=D), rng.normal(size=D)
        wrong = rng.permutation([1.0, *np.zeros(D - 1)]) * rng.choice([-1, 1]) * off
        near = 0.1 * np.vstack([np.eye(D), -np.eye(D)])
        points = rng.permutation(np.vstack([x0 + rng.normal(size=(3, D)), x0 + near]))
        return {"f": Formula("lambda x: c @ x**2", c=c), "x0": x0, "v": 2 * c * x0 + wrong, "points": points}

    return arguments


def hill(rng):
    x0, points = rng.normal(size=D), rng.normal(size=(5, D))
    return {"f": Formula("lambda x: -np.sum(x**2)"), "x0": x0, "v": -2 * x0, "points": points}


def saturating(reach):
    """The slope of a hard tanh in its middle, which no longer holds where it is flat."""

    def arguments(rng):
        points = np.array([[-reach], [-0.3], [0.4], [reach]]) * rng.uniform(0.8, 1.0)
        f = Formula("lambda x: min(1.0, max(-1.0, x[0]))")
        return {"f": f, "x0": np.zeros(1), "v": np.ones(1), "points": points}

    return arguments


values.add(
    Case(label="between the slopes of a ReLU", arguments=relu_at_its_kink(0.1, 0.9), draws=2),
    Case(label="beyond the slopes of a ReLU", arguments=relu_at_its_kink(1.2, 2.0), draws=2),
    Case(label="below the slopes of a ReLU", arguments=relu_at_its_kink(-1.0, -0.2)),
    Case(label="weighted absolute values at their kinks", arguments=bent(), draws=2),
    Case(label="first point below the plane", arguments=bent(0)),
    Case(label="middle point below the plane", arguments=bent(3)),
    Case(label="last point below the plane", arguments=bent(5)),
    Case(label="between the slopes of two planes", arguments=tied_planes(True), draws=2),
    Case(label="beyond the slopes of two planes", arguments=tied_planes(False), draws=2),
    Case(label="the gradient of a bowl", arguments=bowl(0.0), draws=2),
    Case(label="not the gradient of a bowl", arguments=bowl(0.7), draws=2),
    Case(label="the gradient on a hill", arguments=hill),
    Case(label="hard tanh, points nearby", arguments=saturating(0.9)),
    Case(label="hard tanh, points far away", arguments=saturating(3.0)),
)


def flat(dent):
    """A plane that is its own subgradient, up to round-off, with a dent in it or not."""

    def arguments(rng):
        a, x0 = rng.normal(size=D), rng.normal(size=D)
        points = x0 + rng.choice([-1, 1], size=(40, D)) * rng.uniform(0.3, 1, size=(40, D))
        bent = Formula("lambda x: a @ x - c * np.sum((x - x0)**2)", a=a, x0=x0, c=dent)
        return {"f": bent if dent else Formula("lambda x: a @ x", a=a), "x0": x0, "v": a, "points": points}

    return arguments


round_off = exercise.aspect("round_off", hint="two ways to compute one number differ by about 1e-16: allow for 1e-12.")
round_off.add(
    Case(label="a plane over itself", arguments=flat(0.0), draws=3),
    Case(label="a dent of a millionth", arguments=flat(1e-6), draws=2),
    Case(label="a dent of a billionth", arguments=flat(1e-9), draws=2),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values")
def strictly_above(f, x0, v, points):
    """f has to lie strictly above the plane here; touching it is allowed, as at x0 itself.

    which comparison allows equality?
    """
    return bool(all(f(x) > f(x0) + v @ (x - x0) for x in points))


@exercise.misconception("round_off")
def no_room_for_round_off(f, x0, v, points):
    """Round-off decides between two equal numbers.

    how far apart may they come out?
    """
    return bool(all(f(x) >= f(x0) + v @ (x - x0) for x in points))


@exercise.misconception("round_off")
def room_for_a_thousandth(f, x0, v, points):
    """The tolerance is so wide that real violations pass.

    which tolerance does the docstring allow?
    """
    return bool(all(f(x) >= f(x0) + v @ (x - x0) - 1e-3 for x in points))


@exercise.misconception("round_off")
def room_of_isclose(f, x0, v, points):
    """np.isclose allows for a hundred-thousandth by default, far more than round-off.

    which tolerance does the docstring allow?
    """
    planes = [f(x0) + v @ (x - x0) for x in points]
    return bool(all(f(x) >= p or np.isclose(f(x), p) for x, p in zip(points, planes, strict=True)))


@exercise.misconception()
def somewhere_above(f, x0, v, points):
    """One point above the plane is enough here; all of them have to be.

    which function asks for all?
    """
    return bool(any(f(x) >= f(x0) + v @ (x - x0) - 1e-12 for x in points))


@exercise.misconception()
def below_the_plane(f, x0, v, points):
    """The inequality is turned round: f should lie above the plane.

    on which side of its tangents does a bowl lie?
    """
    return bool(all(f(x) <= f(x0) + v @ (x - x0) + 1e-12 for x in points))


@exercise.misconception()
def difference_turned_round(f, x0, v, points):
    """The step goes from x to x0; it should go from x0 to x.

    which way does v point if f grows from x0 to x?
    """
    return bool(all(f(x) >= f(x0) + v @ (x0 - x) - 1e-12 for x in points))


@exercise.misconception()
def plane_through_the_origin(f, x0, v, points):
    """The plane is v.x; it should pass through the point (x0, f(x0)).

    what is the plane's height at x0?
    """
    return bool(all(f(x) >= f(x0) + v @ x - 1e-12 for x in points))


@exercise.misconception()
def value_at_the_kink_forgotten(f, x0, v, points):
    """f(x0) is missing, so the plane passes through height 0.

    what is the plane's height at x0?
    """
    return bool(all(f(x) >= v @ (x - x0) - 1e-12 for x in points))


@exercise.misconception()
def only_the_first_point(f, x0, v, points):
    """The first point decides: a return stands inside the loop.

    after which point is the answer True?
    """
    for x in points:
        return bool(f(x) >= f(x0) + v @ (x - x0) - 1e-12)


@exercise.misconception()
def only_the_last_point(f, x0, v, points):
    """The last point decides, for each one overwrites the answer of those before.

    what has to be kept from point to point?
    """
    for x in points:
        answer = bool(f(x) >= f(x0) + v @ (x - x0) - 1e-12)
    return answer


@exercise.misconception()
def above_on_average(f, x0, v, points):
    """f lies above the plane on average; every point has to.

    may one deep point be made up for by a high one?
    """
    return bool(np.mean([f(x) - f(x0) - v @ (x - x0) for x in points]) >= -1e-12)


@exercise.misconception()
def coordinate_by_coordinate(f, x0, v, points):
    """v and the step are multiplied but not summed.

    how many numbers is the plane's height?
    """
    return bool(all(np.all(f(x) >= f(x0) + v * (x - x0) - 1e-12) for x in points))


@exercise.misconception()
def tangent_instead_of_support(f, x0, v, points):
    """Equality is asked for; f may lie anywhere above the plane.

    must a bowl coincide with its tangent?
    """
    return bool(all(abs(f(x) - f(x0) - v @ (x - x0)) <= 1e-12 for x in points))


@exercise.misconception()
def the_gradient_and_nothing_else(f, x0, v, points):
    """v is compared with a numerical gradient at x0; at a kink many other vectors are subgradients.

    what do the points tell?
    """
    h = 1e-6
    gradient = [(f(x0 + h * e) - f(x0 - h * e)) / (2 * h) for e in np.eye(len(x0))]
    return bool(np.allclose(gradient, v, atol=1e-4))


@exercise.misconception()
def f_of_all_points_at_once(f, x0, v, points):
    """f gets the whole array of points; it takes one point at a time.

    what does f return for an array of shape (D,)?
    """
    return bool(np.all(f(points) >= f(x0) + (points - x0) @ v - 1e-12))


@exercise.misconception("values", "round_off")
def one_answer_for_each_point(f, x0, v, points):
    """These are answers for single points; asked for is one for all.

    which function joins truth values?
    """
    return np.array([f(x) >= f(x0) + v @ (x - x0) - 1e-12 for x in points])


@exercise.misconception("round_off")
def room_for_a_millionth(f, x0, v, points):
    """The tolerance is so wide that small violations pass.

    which tolerance does the docstring allow?
    """
    return bool(all(f(x) >= f(x0) + v @ (x - x0) - 1e-6 for x in points))


@exercise.misconception()
def sizes_without_signs(f, x0, v, points):
    """Absolute values are compared; whether f lies above is a matter of sign.

    what if f falls and the plane rises?
    """
    return bool(all(abs(f(x) - f(x0)) >= abs(v @ (x - x0)) - 1e-12 for x in points))


@exercise.misconception()
def length_of_the_product(f, x0, v, points):
    """A length stands for v.(x - x0), which may be negative.

    what is (1, 1).(1, -1)?
    """
    return bool(all(f(x) - f(x0) >= np.linalg.norm(v * (x - x0)) - 1e-12 for x in points))


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def no_point_below(f, x0, v, points):
    for x in points:
        gap = f(x) - f(x0) - np.dot(v, x - x0)
        if gap < -1e-12:
            return False
    return True


@exercise.alternative
def smallest_gap(f, x0, v, points):
    gaps = [f(x) - f(x0) - np.sum(v * (x - x0)) for x in points]
    return min(gaps) >= -1e-12


@exercise.alternative
def intercept_first(f, x0, v, points):
    intercept = f(x0) - v @ x0
    heights = np.apply_along_axis(f, 1, points)
    return np.all(heights - (points @ v + intercept) > -1e-12)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("@ v.T", "v.T @ (points - x0).T", reason="a vector has no transpose")
exercise.equivalent("values = [f(x) for x in points]", reason="NumPy compares a list as an array")
exercise.equivalent(
    "values > planes",
    "- 2e-12",
    "- 5e-13",
    reason="it differs only at the boundary, where round-off decides",
)
