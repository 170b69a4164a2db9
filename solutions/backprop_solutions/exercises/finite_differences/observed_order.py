"""observed_order: measure the order p of a method whose error behaves like C h^p."""

import math

import numpy as np

from backprop_autograder import Case, Close, Definition
from backprop_solutions.finite_differences import observed_order

LINE_FIT = Close(rtol=1e-7, atol=1e-9, reason="ways to fit a line differ in conditioning")


def power_law(order):
    def arguments(rng):
        steps = 10.0 ** rng.uniform(-4, -1, 6)
        return {"errors": rng.uniform(2, 9) * steps**order, "steps": steps}

    return arguments


exercise = Definition(observed_order)

values = exercise.aspect("values", hint="take logarithms of both arrays, then fit a straight line through all points.")


@values.case("the lecture's one-sided errors, order 1", comparison=LINE_FIT)
def lecture_errors(rng):
    return {"errors": np.array([0.04, 0.08]), "steps": np.array([1e-2, 2e-2])}


values.add(
    Case(label="errors of order 2", arguments=power_law(2), comparison=LINE_FIT, draws=2),
    Case(label="errors of order 4", arguments=power_law(4), comparison=LINE_FIT),
)


@values.case("scattered errors", comparison=LINE_FIT, draws=3)
def scattered(rng):
    steps = 10.0 ** rng.uniform(-4, -1, 7)
    return {"errors": 3 * steps**2 * np.exp(rng.normal(0, 0.5, 7)), "steps": steps}


values.add(
    Case(label="errors that grow as the step shrinks", arguments=power_law(-1), comparison=LINE_FIT, draws=2),
    Case(label="errors that stay the same", arguments=power_law(0), comparison=LINE_FIT),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def ends_only(errors, steps):
    """Only the first and the last point are used; the line of least squares uses all.

    what happens to your slope if one of these two errors is off?
    """
    return np.log(errors[-1] / errors[0]) / np.log(steps[-1] / steps[0])


@exercise.misconception()
def mean_of_pairwise_slopes(errors, steps):
    """Slopes of neighbouring pairs are averaged, which gives close pairs as much weight as distant ones.

    which line is nearest to all points at once?
    """
    return np.mean(np.diff(np.log(errors)) / np.diff(np.log(steps)))


@exercise.misconception()
def axes_exchanged(errors, steps):
    """The step is fitted against the error; the order is the slope of the error against the step.

    which quantity belongs on the horizontal axis?
    """
    return np.polyfit(np.log(errors), np.log(steps), 1)[0]


@exercise.misconception()
def logarithms_left_out(errors, steps):
    """The line is fitted to the numbers themselves; C h^p is a straight line on log axes only.

    what is the logarithm of C h^p?
    """
    return np.polyfit(steps, errors, 1)[0]


@exercise.misconception()
def bases_mixed(errors, steps):
    """The two logarithms have different bases.

    take the same logarithm of both arrays.
    """
    return np.polyfit(np.log(steps), np.log10(errors), 1)[0]


@exercise.misconception()
def line_through_the_origin(errors, steps):
    """The line is forced through the origin, but the constant C moves it up or down.

    where does log C appear in the logarithm of C h^p?
    """
    return np.sum(np.log(steps) * np.log(errors)) / np.sum(np.log(steps) ** 2)


@exercise.misconception()
def intercept_returned(errors, steps):
    """The intercept log C is returned, not the slope.

    in which order does your fit return its coefficients?
    """
    return np.polyfit(np.log(steps), np.log(errors), 1)[1]


@exercise.misconception()
def ratio_of_logarithms(errors, steps):
    """log error divided by log step is a slope only if C is 1.

    where does log C appear in the logarithm of C h^p?
    """
    return np.mean(np.log(errors) / np.log(steps))


@exercise.misconception()
def size_of_the_slope(errors, steps):
    """The slope has lost its sign; an error that grows as the step shrinks has a negative order.

    what is the order of an error like eps/h?
    """
    return abs(np.polyfit(np.log(steps), np.log(errors), 1)[0])


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def order_by_polyfit(errors, steps):
    return np.polyfit(np.log10(steps), np.log10(errors), 1)[0]


@exercise.alternative
def order_by_lstsq(errors, steps):
    A = np.column_stack([np.log(steps), np.ones(len(steps))])
    return np.linalg.lstsq(A, np.log(errors), rcond=None)[0][0]


@exercise.alternative
def order_by_covariance(errors, steps):
    covariance = np.cov(np.log2(steps), np.log2(errors))
    return covariance[0, 1] / covariance[0, 0]


@exercise.alternative
def order_by_sums(errors, steps):
    n, x, y = len(steps), [math.log(h) for h in steps], [math.log(e) for e in errors]
    xy, xx = sum(a * b for a, b in zip(x, y, strict=True)), sum(a * a for a in x)
    return (n * xy - sum(x) * sum(y)) / (n * xx - sum(x) ** 2)
