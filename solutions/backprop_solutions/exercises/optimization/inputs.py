"""Inputs and cases that several exercises of the unit share."""

from functools import partial

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
    return Formula("lambda x: A@x+b", A=turned(rng, eigenvalues), b=sized(rng, len(eigenvalues)))


def curved(rng, D):
    """Return the gradient of a bowl that is no quadratic."""
    A = turned(rng, rng.uniform(0.4, 1.2, D))
    return Formula("lambda x: A@x+b+c*x**3", A=A, b=sized(rng, D), c=rng.uniform(0.1, 0.3, D))


def short(rng):
    """Return a gradient that takes few words to write, for inputs of any shape; it is zero at 0."""
    return Formula(f"lambda x: {rng.uniform(0.5, 1.5):.1f}*x+x**3")


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

    def case(self, label, gradient, x0, tolerance=1e-9, max_steps=6, **options):
        """Return a case; `gradient` is a function of rng, and so is `x0`, unless it is a number of coordinates."""

        def drawn(rng):
            start = x0(rng) if callable(x0) else sized(rng, x0).round(1)
            return self.arguments(rng, gradient(rng), start, tolerance, max_steps)

        return Case(label=label, arguments=drawn, steps_at_most=LINES, **options)

    def values(self):
        """Return cases of the path itself."""
        return (
            self.case(
                "CMU's bowl",
                lambda rng: Formula("lambda x: A@x", A=np.array(CMU_BOWL)),
                lambda rng: np.array([3.0, 3.0]),
                max_steps=3,
            ),
            self.case("one variable", short, 1, max_steps=4, draws=3),
            self.case(
                "a random quadratic",
                lambda rng: quadratic(rng, rng.uniform(0.3, 2.0, 3)),
                3,
                max_steps=4,
                draws=2,
            ),
            self.case("a bowl that is no quadratic", lambda rng: curved(rng, 4), 4, max_steps=4, draws=2),
            self.case("away from a saddle", lambda rng: quadratic(rng, np.array([1.5, -0.5, 0.8, -1.0])), 4),
            self.case("a flat coordinate", lambda rng: Formula("lambda x: np.array([1.5,0,0.7])*x"), 3, max_steps=3),
            self.case(
                "a slope that ends on the way",
                lambda rng: Formula("lambda x: np.array([x[0] > 0.0123, x[1]])"),  # no path comes near that edge
                lambda rng: np.array([round(rng.uniform(0.1, 0.2), 3), 1.5]),
            ),
        )

    def stopping(self, tolerance):
        """Return cases of where a path ends; `tolerance` is reached after some dozen steps."""
        reached = {"tolerance": tolerance, "max_steps": 100}
        even = partial(self.case, gradient=lambda rng: Formula(f"lambda x: {rng.uniform(0.4, 0.6):.2f}*x"), **reached)
        bowl = partial(self.case, gradient=lambda rng: quadratic(rng, rng.uniform(0.6, 1.6, 5)), **reached)
        return (
            even("to the tolerance", x0=lambda rng: 2 * sized(rng, 3).round(1), draws=4),
            bowl("along different axes", x0=lambda rng: 2 * sized(rng, 5), draws=3, visible=False),
            self.case("a small gradient", short, 2, tolerance=50.0, calls_at_most=1, draws=2),
            self.case("at the minimum", short, lambda rng: np.zeros(2), tolerance=0.0, calls_at_most=1, draws=2),
            self.case("the steps run out", short, 2, max_steps=2, draws=3),
            self.case("no step", short, 2, max_steps=0, draws=2),
            self.case("one gradient a point", short, 2, max_steps=5, calls_at_most=6, draws=2),
        )

    def inputs(self):
        """Return cases of arguments that are to be left alone, or are not what one expects."""
        # In the type of its argument, as gradients are that fill np.zeros_like(x).
        typed = Formula("lambda x: np.array(0.7*x,x.dtype)")
        seen = Case(
            label="points seen before",
            arguments=self._seen,
            probe=watch_arguments,
            comparison=Property(points_stay),
            draws=2,
            steps_at_most=LINES,
            reported=True,
        )
        return (
            self.case("whole numbers", lambda rng: typed, lambda rng: rng.choice([-3, -2, 2, 3], 3), draws=2),
            self.case("the gradient is x", lambda rng: Formula("lambda x: x"), 3, max_steps=4, draws=2),
            self.case("one array each time", lambda rng: Formula("lambda x: g", g=sized(rng, 3).round(1)), 3),
            self.case("asked twice", short, 3, max_steps=3, repeat=2),
            seen,
        )

    def _seen(self, rng):
        x0 = sized(rng, 3).round(1)
        _gradient, _x0, *others = self.arguments(rng, None, x0, 1e-9, 5).values()
        return {"name": self.name, "x0": x0, "others": others}


def watch_arguments(student, name, x0, others):
    seen = []

    def gradient(x):
        seen.append((x, np.array(x)))
        return np.sinh(x) + x[0]

    path = getattr(student, name)(gradient, x0, *others)
    return [path, all(np.array_equal(x, copy, equal_nan=True) for x, copy in seen)]


def points_stay(result, expected, **arguments):
    path, stayed = result
    if not stayed:
        return "a point changed after the gradient was asked there"
    if path.shape != expected[0].shape or not np.allclose(path, expected[0], rtol=1e-9, atol=1e-12):
        return "the path is not the right one"
    return None


def add_slips_of_a_path(exercise):
    """Add the wrong answers that all three descents share: in how a path begins, goes on and ends."""
    exercise.slip(
        "start_left_out",
        ("np.array(path)", "np.array(path[1:])"),
        cause="The path lacks its first point, x0.",
        next_step="what is in the list before the first step?",
        loses=("values", "stopping", "inputs"),
    )
    exercise.slip(
        "end_alone",
        ("np.array(path)", "path[-1]"),
        cause="Only the last point is returned; the whole path is asked for.",
        next_step="where is each point kept?",
        loses=("values", "stopping", "inputs"),
    )
    exercise.slip(
        "whole_numbers_kept",
        ("np.asarray(x0, dtype=float", "np.array(x0"),
        cause="A path that begins with integers hands integers to the gradient.",
        next_step="which type should x0 get at the start?",
        loses=("inputs",),
    )
    exercise.slip(
        "gradient_of_the_start",
        ("t(path[-1", "t(path[0"),
        cause="The gradient is taken at x0 throughout.",
        next_step="at which point should each round ask for it?",
        loses=("values", "stopping", "inputs"),
    )
    exercise.slip(
        "strictly_below",
        ("<=", "<"),
        cause="The path ends below the tolerance only; where both are 0 it has to end as well.",
        next_step="is it `<` or `<=`?",
        loses=("stopping",),
    )
    exercise.slip(
        "largest_entry_compared",
        ("np.linalg.norm(slope", "np.max(np.abs(slope)"),
        cause="The largest entry is compared; the Euclidean norm is larger.",
        next_step="what is a vector's length?",
        loses=("stopping",),
    )
    exercise.slip(
        "any_entry_compared",
        ("np.linalg.norm(slope) <= tolerance", "np.any(np.abs(slope) <= tolerance)"),
        cause="The path ends as soon as one entry of the gradient is small.",
        next_step="what is a vector's length?",
    )
    exercise.slip(
        "squared_norm_compared",
        ("np.linalg.norm(slope)", "slope @ slope"),
        cause="The squared norm is compared with the tolerance itself.",
        next_step="what is the root of a sum of squares?",
        loses=("stopping",),
    )
    exercise.slip(
        "sum_of_entries_compared",
        ("np.linalg.norm(slope", "np.sum(np.abs(slope)"),
        cause="Absolute values are added up; the Euclidean norm adds up squares.",
        next_step="what is a vector's length?",
        loses=("stopping",),
    )
    exercise.slip(
        "step_compared",
        ("np.linalg.norm", "step * np.linalg.norm"),
        cause="The length of a step is compared with the tolerance, not the gradient's.",
        next_step="whose norm decides?",
        loses=("stopping",),
    )
    exercise.slip(
        "point_compared",
        ("(slope", "(path[-1]"),
        cause="The point's own norm is compared with the tolerance.",
        next_step="whose norm decides?",
        loses=("stopping",),
    )
    exercise.slip(
        "tolerance_ignored",
        ("np.linalg.norm(slope) <= tolerance", "False"),
        cause="The tolerance is never used: the path always has max_steps steps.",
        next_step="what else ends the path?",
        loses=("stopping",),
    )
    exercise.slip(
        "gradient_asked_again",
        ("(slope", "(gradient(path[-1])"),
        cause="The gradient is asked twice at each point: two backward passes.",
        next_step="keep it in a variable.",
        loses=("stopping",),
    )
    exercise.slip(
        "path_as_a_list",
        ("np.array(path)", "path"),
        cause="A list is returned; a path is one array.",
        next_step="which function makes an array of a list of points?",
        loses=("values", "stopping", "inputs"),
    )
