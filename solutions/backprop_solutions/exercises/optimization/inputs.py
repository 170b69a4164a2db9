"""Inputs and cases that several exercises of the unit share."""

import numpy as np

from backprop_autograder import Case, Formula, Property

CMU_BOWL = [[2.0, 1.0], [1.0, 8.0]]  # the Hessian of x1^2 + x1 x2 + 4 x2^2
# CMU's quadratic in three variables: the Hessian of its printed terms, and the one that is printed.
AS_PRINTED = [[2.0, -1.0, 0.0], [-1.0, -2.0, -1.0], [0.0, -1.0, 2.0]]
AS_MEANT = [[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]]


def sized(rng, *shape):
    """Draw entries of either sign that are neither small nor large."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1.5, shape)


def turned(rng, eigenvalues):
    """Return a symmetric matrix with these eigenvalues along random axes."""
    axes, _ = np.linalg.qr(rng.normal(size=(len(eigenvalues),) * 2))
    matrix = axes @ np.diag(eigenvalues) @ axes.T
    return (matrix + matrix.T) / 2


def spread(rng, low, high, D):
    """Draw eigenvalues, in any order, with the smallest and the largest known."""
    return rng.permutation([low, high, *rng.uniform(1.3 * low, 0.8 * high, D - 2)])


def hessian(eigenvalues):
    """Return arguments that are one Hessian, whose eigenvalues are drawn by ``eigenvalues(rng)``."""
    return lambda rng: {"hessian": turned(rng, eigenvalues(rng))}


def no_minimum(rng, *, lowest):
    return {"hessian": turned(rng, rng.permutation([lowest, *rng.uniform(0.5, 3.0, 3)]))}


def steps_for_positive_eigenvalues():
    """Return cases of exercises that take a Hessian with a minimum."""
    return (
        Case(label="CMU's bowl", arguments=lambda rng: {"hessian": np.array(CMU_BOWL)}),
        Case(
            label="axes that lie along the coordinates",
            arguments=lambda rng: {"hessian": np.diag(spread(rng, 0.5, 4.0, 3))},
            draws=2,
        ),
        Case(label="turned axes", arguments=hessian(lambda rng: spread(rng, 0.4, rng.uniform(2, 5), 4)), draws=3),
        Case(label="a narrow valley", arguments=hessian(lambda rng: spread(rng, 0.02, 9.0, 5))),
        Case(label="a single variable", arguments=lambda rng: {"hessian": rng.uniform(0.4, 3.0, (1, 1))}),
    )


def steps_without_a_minimum():
    """Return cases of exercises that refuse a Hessian without a minimum; one is a control that has to be answered."""
    return (
        Case(label="a saddle", arguments=lambda rng: no_minimum(rng, lowest=-rng.uniform(0.2, 2.0)), draws=2),
        Case(label="a maximum", arguments=hessian(lambda rng: -rng.uniform(0.5, 3.0, 3))),
        Case(label="a flat direction", arguments=lambda rng: no_minimum(rng, lowest=0.0), draws=2),
        Case(
            label="flat but for round-off",
            arguments=lambda rng: no_minimum(rng, lowest=1e-11),
            draws=2,
        ),
        Case(
            label="a bowl that is almost flat in one direction",
            arguments=lambda rng: no_minimum(rng, lowest=rng.uniform(1e-5, 1e-3)),
            draws=2,
        ),
    )


LINES = 20_000  # a loop without an end is stopped; the longest right path runs some thousand lines


# --- descents ---------------------------------------------------------------------------------------


def quadratic(rng, eigenvalues):
    """Return the gradient of a random quadratic."""
    return Formula("lambda x: A @ x + b", A=turned(rng, eigenvalues), b=sized(rng, len(eigenvalues)))


def curved(rng, D):
    """Return the gradient of a bowl that is no quadratic."""
    A = turned(rng, rng.uniform(0.4, 1.2, D))
    return Formula("lambda x: A @ x + b + c * x**3", A=A, b=sized(rng, D), c=rng.uniform(0.1, 0.3, D))


class DescentCases:
    """Cases that every descent of the unit has to master.

    Parameters
    ----------
    arguments : callable
        ``arguments(rng, gradient, x0, tolerance, max_steps)`` returns the arguments in order, the step among them.
    name : str
        Of the exercise.
    """

    def __init__(self, arguments, name):
        self.arguments, self.name = arguments, name

    def at(self, x0, gradient, tolerance=1e-9, max_steps=6):
        """Return drawn arguments; `x0` and `gradient` are functions of rng."""
        return lambda rng: self.arguments(rng, gradient(rng), x0(rng), tolerance, max_steps)

    def values(self):
        """Return cases of the path itself."""
        bowl = self.at(
            lambda rng: np.array([3.0, 3.0]), lambda rng: Formula("lambda x: A @ x", A=np.array(CMU_BOWL)), max_steps=3
        )
        steep = self.at(lambda rng: sized(rng, 3), lambda rng: quadratic(rng, rng.uniform(0.3, 2.0, 3)))
        saddle = self.at(lambda rng: sized(rng, 4), lambda rng: quadratic(rng, np.array([1.5, -0.5, 0.8, -1.0])))
        no_slope = self.at(
            lambda rng: sized(rng, 3), lambda rng: Formula("lambda x: x * a", a=np.array([1.5, 0.0, 0.7])), max_steps=4
        )
        one = self.at(lambda rng: sized(rng, 1), lambda rng: curved(rng, 1))
        return (
            Case(steps_at_most=LINES, label="CMU's bowl from (3, 3)", arguments=bowl),
            Case(steps_at_most=LINES, label="a random quadratic", arguments=steep, draws=2),
            Case(
                steps_at_most=LINES,
                label="a bowl that is no quadratic",
                arguments=self.at(lambda rng: sized(rng, 4), lambda rng: curved(rng, 4)),
                draws=3,
            ),
            Case(steps_at_most=LINES, label="away from a saddle", arguments=saddle),
            Case(steps_at_most=LINES, label="a coordinate without slope", arguments=no_slope),
            Case(steps_at_most=LINES, label="one variable", arguments=one, draws=2),
        )

    def stopping(self, tolerance):
        """Return cases of where a path ends; `tolerance` is reached after some dozen steps."""

        def at_the_minimum(rng):
            x0 = sized(rng, 3).round(2)
            gradient = Formula("lambda x: a * (x - c)", a=rng.uniform(0.5, 2.0, 3).round(2), c=x0.copy())
            return self.arguments(rng, gradient, x0, 0.0, 5)

        start = self.at(lambda rng: sized(rng, 3), lambda rng: quadratic(rng, rng.uniform(0.5, 2.0, 3)), 50.0)
        reached = self.at(
            lambda rng: 4 * sized(rng, 5), lambda rng: quadratic(rng, rng.uniform(0.6, 1.6, 5)), tolerance, 400
        )
        return (
            Case(steps_at_most=LINES, label="the tolerance is reached on the way", arguments=reached, draws=3),
            Case(steps_at_most=LINES, label="the gradient is small from the start", arguments=start, calls_at_most=1),
            Case(
                steps_at_most=LINES,
                label="at the minimum",
                arguments=at_the_minimum,
                draws=2,
                calls_at_most=1,
            ),
            Case(steps_at_most=LINES, label="the steps run out", arguments=self._short(2), draws=2),
            Case(steps_at_most=LINES, label="no step is allowed", arguments=self._short(0)),
            Case(
                steps_at_most=LINES,
                label="the gradient is asked at most once at each point",
                arguments=self._short(5),
                calls_at_most=6,
                draws=2,
            ),
        )

    def _short(self, max_steps):
        return self.at(lambda rng: sized(rng, 3), lambda rng: quadratic(rng, rng.uniform(0.5, 2.0, 3)), 1e-9, max_steps)

    def inputs(self):
        """Return cases of arguments that are to be left alone, or are not what one expects."""

        def whole_numbers(rng):
            # In the type of its argument, as gradients are that fill np.zeros_like(x).
            gradient = Formula("lambda x: np.array(A @ x, dtype=x.dtype)", A=turned(rng, rng.uniform(0.5, 2.0, 3)))
            return self.arguments(rng, gradient, rng.choice([-3, -2, 2, 3], 3), 1e-9, 4)

        identity = self.at(lambda rng: sized(rng, 3), lambda rng: Formula("lambda x: x"), max_steps=4)
        again = self.at(lambda rng: sized(rng, 3), lambda rng: quadratic(rng, rng.uniform(0.5, 2.0, 3)), max_steps=3)
        constant = self.at(lambda rng: sized(rng, 3), lambda rng: Formula("lambda x: g", g=sized(rng, 3)), max_steps=3)
        return (
            Case(steps_at_most=LINES, label="whole numbers to start from", arguments=whole_numbers, draws=2),
            Case(steps_at_most=LINES, label="a gradient that is its own argument", arguments=identity),
            Case(steps_at_most=LINES, label="a gradient that is always the same array", arguments=constant),
            Case(steps_at_most=LINES, label="the same question a second time", arguments=again, repeat=2),
            Case(
                steps_at_most=LINES,
                label="points that the gradient has seen",
                arguments=self._seen,
                probe=watch_arguments,
                comparison=Property(points_stay),
                draws=2,
            ),
        )

    def _seen(self, rng):
        A, b, x0 = turned(rng, rng.uniform(0.5, 2.0, 3)), sized(rng, 3), sized(rng, 3)
        _gradient, _x0, *others = self.arguments(rng, None, x0, 1e-9, 5).values()
        return {"name": self.name, "A": A, "b": b, "x0": x0, "others": others}


def watch_arguments(student, name, A, b, x0, others):
    seen = []

    def gradient(x):
        seen.append((x, np.array(x)))
        return A @ x + b

    path = getattr(student, name)(gradient, x0, *others)
    return [path, all(np.array_equal(x, copy) for x, copy in seen)]


def points_stay(result, expected, **arguments):
    path, stayed = result
    if not stayed:
        return "a point changed after the gradient was asked there"
    if path.shape != expected[0].shape or not np.allclose(path, expected[0], rtol=1e-9, atol=1e-12):
        return "the path is not the right one"
    return None
