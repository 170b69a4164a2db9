"""sign_descent: CMU's trivial variant, steps of one length."""

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.optimization import sign_descent

LINES = 20_000

exercise = Definition(sign_descent)

values = exercise.aspect("values", hint="the derivative's sign chooses the side; its size plays no part.")
stopping = exercise.aspect("stopping", hint="when does the path end, and what are its first and last entries?")


def parabola(x0, step, max_steps, centre=3.0, slope=2.0):
    return {
        "derivative": Formula(f"lambda x: {slope:.3g}*(x-{centre:g})"),
        "x0": x0,
        "step": step,
        "max_steps": max_steps,
    }


@values.case("hopping over the minimum", steps_at_most=LINES)
def hopping(rng):
    return parabola(1.0, 0.3, 6, centre=0.0)


@values.case("from either side", draws=3, steps_at_most=LINES)
def either_side(rng):
    return parabola(round(rng.uniform(1.5, 4.5), 2), round(rng.uniform(0.2, 0.5), 2), 7, slope=rng.uniform(0.5, 3.0))


@values.case("a derivative of changing size", draws=2, steps_at_most=LINES)
def changing(rng):
    derivative = Formula("lambda x: np.sinh(x) + c", c=rng.uniform(-0.5, 0.5))
    return {"derivative": derivative, "x0": rng.uniform(-2, 2), "step": 0.35, "max_steps": 8}


@values.case("down the negative numbers, where there is no minimum", steps_at_most=LINES)
def endless(rng):
    derivative = Formula("lambda x: 1 + c * x**2", c=rng.uniform(0.5, 1.0))
    return {"derivative": derivative, "x0": rng.uniform(-1.0, 1.0), "step": 0.5, "max_steps": 5}


@values.case("a tiny derivative", draws=2, steps_at_most=LINES)
def tiny(rng):
    return parabola(round(rng.uniform(-1, 1), 2), 0.25, 6, slope=rng.choice([1e-9, 1e-13]))


@values.case("a whole number", draws=2, steps_at_most=LINES)
def whole_numbers(rng):
    # In the type of its argument: an integer would lose what comes after the point.
    derivative = Formula(f"lambda x: type(x)(x/2+{rng.uniform(0.6, 0.9):.2f})")
    return {"derivative": derivative, "x0": int(rng.choice([-2, -1, 0])), "step": 0.3, "max_steps": 5}


@stopping.case("the step divides the distance", draws=2, steps_at_most=LINES)
def arrives(rng):
    # Quarters and halves are exact in binary, so the derivative is exactly 0 at the end.
    return parabola(float(rng.choice([1.0, 1.5, 4.25, 5.0])), 0.25, 30)


@stopping.case("at the minimum", draws=2, calls_at_most=1, steps_at_most=LINES)
def at_the_minimum(rng):
    return parabola(3.0, 0.25, 5, slope=rng.uniform(0.5, 3.0))


@stopping.case("a saddle point on the way", steps_at_most=LINES)
def on_the_way(rng):
    derivative = Formula("lambda x: a * (x - 1)**2", a=rng.uniform(0.5, 2.0))
    return {"derivative": derivative, "x0": 2.0, "step": 0.5, "max_steps": 12}


@stopping.case("no step is allowed", steps_at_most=LINES)
def no_step(rng):
    return parabola(round(rng.uniform(-1, 1), 2), 0.25, 0)


@stopping.case("one step", draws=2, steps_at_most=LINES)
def one_step(rng):
    return parabola(round(rng.uniform(-1, 1), 2), 0.25, 1)


stopping.add(
    Case(
        label="one derivative a point",
        arguments=lambda rng: parabola(round(rng.uniform(-1, 1), 2), 0.4, 6),
        calls_at_most=7,
        draws=2,
        steps_at_most=LINES,
    )
)


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "stopping")
def uphill(derivative, x0, step, max_steps):
    """The path climbs: where the derivative is positive, the function falls to the left.

    which sign leads down from x = 1 on x^2?
    """
    path = [float(x0)]
    for _ in range(max_steps):
        slope = derivative(path[-1])
        if slope == 0:
            break
        path.append(path[-1] + step * np.sign(slope))
    return np.array(path)


@exercise.misconception("values", "stopping")
def step_times_derivative(derivative, x0, step, max_steps):
    """The step is multiplied by the derivative; here its sign alone counts, so every step has one length.

    which function of NumPy gives the sign?
    """
    path = [float(x0)]
    for _ in range(max_steps):
        slope = derivative(path[-1])
        if slope == 0:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("stopping")
def never_stops(derivative, x0, step, max_steps):
    """The path goes on where the derivative is 0, and repeats its last point.

    what ends CMU's loop?
    """
    path = [float(x0)]
    for _ in range(max_steps):
        path.append(path[-1] - step * np.sign(derivative(path[-1])))
    return np.array(path)


@exercise.misconception("stopping")
def zero_counts_as_negative(derivative, x0, step, max_steps):
    """A derivative of 0 falls into the `else`, so the path steps away from the minimum.

    which of the three signs has no branch?
    """
    path = [float(x0)]
    for _ in range(max_steps):
        path.append(path[-1] - step if derivative(path[-1]) > 0 else path[-1] + step)
    return np.array(path)


@exercise.misconception("values")
def small_counts_as_zero(derivative, x0, step, max_steps):
    """The path ends where the derivative is merely small, not only at 0.

    what does the docstring say about its end?
    """
    path = [float(x0)]
    for _ in range(max_steps):
        slope = derivative(path[-1])
        if abs(slope) < 1e-6:
            break
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@exercise.misconception("values")
def stops_at_the_first_turn(derivative, x0, step, max_steps):
    """The path ends once the sign changes; CMU's loop goes on and hops to and fro.

    what is the one condition of CMU's `while`?
    """
    path = [float(x0)]
    before = 0.0
    for _ in range(max_steps):
        slope = derivative(path[-1])
        if slope == 0 or slope * before < 0:
            break
        before = slope
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@exercise.misconception("values")
def step_halved_at_each_turn(derivative, x0, step, max_steps):
    """The step shrinks when the sign changes: a good idea, but another method. Here every step has one length.

    leave the step as it is.
    """
    path = [float(x0)]
    before = 0.0
    for _ in range(max_steps):
        slope = derivative(path[-1])
        if slope == 0:
            break
        if slope * before < 0:
            step = step / 2
        before = slope
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@exercise.misconception("values", "stopping")
def start_left_out(derivative, x0, step, max_steps):
    """The path lacks its first point, x0.

    what is in the list before the first step?
    """
    path, x = [], float(x0)
    for _ in range(max_steps):
        slope = derivative(x)
        if slope == 0:
            break
        x = x - step * np.sign(slope)
        path.append(x)
    return np.array(path)


@exercise.misconception("values", "stopping")
def end_alone(derivative, x0, step, max_steps):
    """Only the last point is returned; the whole path is asked for.

    where is each point kept?
    """
    x = float(x0)
    for _ in range(max_steps):
        slope = derivative(x)
        if slope == 0:
            break
        x = x - step * np.sign(slope)
    return x


@exercise.misconception("values", "stopping")
def one_step_less(derivative, x0, step, max_steps):
    """The path has max_steps points, but max_steps steps have one point more.

    how many points do two steps join?
    """
    path = [float(x0)]
    for _ in range(max_steps - 1):
        slope = derivative(path[-1])
        if slope == 0:
            break
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@exercise.misconception("values", "stopping")
def one_step_more(derivative, x0, step, max_steps):
    """There is one step more than allowed: x0 is a point, but no step.

    how many steps do three points make?
    """
    path = [float(x0)]
    for _ in range(max_steps + 1):
        slope = derivative(path[-1])
        if slope == 0:
            break
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@exercise.misconception("values", "stopping")
def derivative_of_the_start(derivative, x0, step, max_steps):
    """The derivative is taken once, at x0; after a step it may have another sign.

    where does each round of the loop ask for the derivative?
    """
    path = [float(x0)]
    slope = derivative(float(x0))
    for _ in range(max_steps):
        if slope == 0:
            break
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@exercise.misconception("values")
def sign_of_the_position(derivative, x0, step, max_steps):
    """The sign of x is used instead of the derivative's: the path looks for 0, not for the minimum.

    whose sign tells which way is down?
    """
    path = [float(x0)]
    for _ in range(max_steps):
        if derivative(path[-1]) == 0:
            break
        path.append(path[-1] - step * np.sign(path[-1]))
    return np.array(path)


@exercise.misconception("values")
def whole_numbers_kept(derivative, x0, step, max_steps):
    """A path that begins with an integer stays one of integers, and fractions are cut off.

    which type should x0 get at the start?
    """
    path = np.full(max_steps + 1, x0)
    for k in range(max_steps):
        slope = derivative(path[k])
        if slope == 0:
            return path[: k + 1]
        path[k + 1] = path[k] - step * np.sign(slope)
    return path


@exercise.misconception("stopping")
def derivative_asked_three_times(derivative, x0, step, max_steps):
    """The derivative is asked more than once at each point.

    keep its value in a variable.
    """
    path = [float(x0)]
    while len(path) <= max_steps and derivative(path[-1]) != 0:
        if derivative(path[-1]) > 0:
            path.append(path[-1] - step)
        else:
            path.append(path[-1] + step)
    return np.array(path)


@exercise.misconception("values", "stopping")
def path_as_a_list(derivative, x0, step, max_steps):
    """A list is returned; a path is one array.

    which function makes an array of a list?
    """
    path = [float(x0)]
    for _ in range(max_steps):
        slope = derivative(path[-1])
        if slope == 0:
            break
        path.append(path[-1] - step * np.sign(slope))
    return path


@exercise.misconception("values", "stopping")
def path_as_a_column(derivative, x0, step, max_steps):
    """The path is a column; for a scalar x it has one axis.

    how many axes does a list of numbers have?
    """
    path = [[float(x0)]]
    for _ in range(max_steps):
        slope = derivative(path[-1][0])
        if slope == 0:
            break
        path.append([path[-1][0] - step * np.sign(slope)])
    return np.array(path)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_branches(derivative, x0, step, max_steps):
    x = float(x0)
    path = [x]
    while len(path) < max_steps + 1:
        slope = derivative(x)
        if slope > 0:
            x = x - step
        elif slope < 0:
            x = x + step
        else:
            break
        path.append(x)
    return np.array(path)


@exercise.alternative
def signs_by_filling_an_array(derivative, x0, step, max_steps):
    path = np.empty(max_steps + 1)
    path[0] = x0
    for k in range(max_steps):
        slope = derivative(float(path[k]))
        if not slope:
            return path[: k + 1]
        path[k + 1] = path[k] - np.copysign(step, slope)
    return path


@exercise.alternative
def signs_by_asking_ahead(derivative, x0, step, max_steps):
    x, steps = x0 * 1.0, 0
    path, slope = [x], derivative(x)
    while slope != 0 and steps < max_steps:
        x -= step * slope / abs(slope)
        steps += 1
        path.append(x)
        slope = derivative(x)
    return np.asarray(path)


@exercise.alternative
def signs_by_recursion(derivative, x0, step, max_steps):
    x0 = float(x0)
    slope = derivative(x0) if max_steps > 0 else 0
    if slope == 0:
        return np.array([x0])
    return np.concatenate([[x0], signs_by_recursion(derivative, x0 - step * np.sign(slope), step, max_steps - 1)])


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("step / np.sign(slope)", reason="1 and -1 are their own inverses")
