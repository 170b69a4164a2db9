"""gradient_descent: steps against the gradient."""

import numpy as np

from backprop_autograder import Definition, Formula
from backprop_solutions.exercises.optimization.inputs import LINES, DescentCases
from backprop_solutions.optimization import gradient_descent

exercise = Definition(gradient_descent)


def with_the_rest(rng, gradient, x0, tolerance, max_steps):
    step = round(rng.uniform(0.15, 0.35), 3)
    return {"gradient": gradient, "x0": x0, "step": step, "tolerance": tolerance, "max_steps": max_steps}


cases = DescentCases(with_the_rest, "gradient_descent")
values = exercise.aspect(
    "values",
    hint="each new point is the last one minus step times the gradient there.",
    cases=cases.values(),
)
stopping = exercise.aspect(
    "stopping",
    hint="when is the gradient's norm compared with the tolerance, and how many points do max_steps steps join?",
    cases=cases.stopping(0.05),
)
inputs = exercise.aspect(
    "inputs",
    hint="does a step make a new array, or does it change one that somebody else still holds?",
    cases=cases.inputs(),
)


@values.case("CMU's step of 0.2", steps_at_most=LINES)
def better_in_the_end(rng):
    gradient = Formula("lambda x: A @ x", A=np.array([[2.0, 1.0], [1.0, 8.0]]))
    return {"gradient": gradient, "x0": np.array([3.0, 3.0]), "step": 0.2, "tolerance": 1e-9, "max_steps": 4}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "stopping", "inputs")
def start_left_out(gradient, x0, step, tolerance, max_steps):
    """The path lacks its first point, x0.

    what is in the list before the first step?
    """
    path, x = [], np.asarray(x0, dtype=float)
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        x = x - step * slope
        path.append(x)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def end_alone(gradient, x0, step, tolerance, max_steps):
    """Only the last point is returned; the whole path is asked for.

    where is each point kept?
    """
    x = np.asarray(x0, dtype=float)
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        x = x - step * slope
    return x


@exercise.misconception("values", "stopping", "inputs")
def one_array_many_times(gradient, x0, step, tolerance, max_steps):
    """`-=` and `+=` change the array that the list holds already: all rows show the end.

    make a new array for each point.
    """
    x = np.array(x0, dtype=float)
    path = [x]
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        x += x - step * slope - x
        path.append(x)
    return np.array(path)


@exercise.misconception("inputs")
def start_changed(gradient, x0, step, tolerance, max_steps):
    """`-=` and `+=` change x0, which belongs to the caller.

    make a new array for each point.
    """
    x, path = x0, [np.array(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        x += x - step * slope - x
        path.append(x.copy())
    return np.array(path)


@exercise.misconception("inputs")
def seen_points_change(gradient, x0, step, tolerance, max_steps):
    """One array is changed in place from step to step, and the gradient may still hold it.

    make a new array for each point.
    """
    x = np.array(x0, dtype=float)
    path = [x.copy()]
    for _ in range(max_steps):
        slope = np.array(gradient(x))
        if np.linalg.norm(slope) <= tolerance:
            break
        x += x - step * slope - x
        path.append(x.copy())
    return np.array(path)


@exercise.misconception("inputs")
def whole_numbers_kept(gradient, x0, step, tolerance, max_steps):
    """A path that begins with integers hands integers to the gradient.

    which type should x0 get at the start?
    """
    path = [np.array(x0)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def gradient_of_the_start(gradient, x0, step, tolerance, max_steps):
    """The gradient is taken at x0 throughout.

    at which point should each round ask for it?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[0])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def one_step_less(gradient, x0, step, tolerance, max_steps):
    """The path has max_steps points: one step too few.

    how many points do two steps join?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps - 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def one_step_more(gradient, x0, step, tolerance, max_steps):
    """There is one step more than allowed.

    how many points do two steps join?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("stopping")
def strictly_below(gradient, x0, step, tolerance, max_steps):
    """The path ends below the tolerance only; where both are 0 it has to end as well.

    is it `<` or `<=`?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) < tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("stopping")
def largest_entry_compared(gradient, x0, step, tolerance, max_steps):
    """The largest entry is compared; the Euclidean norm is larger.

    what is a vector's length?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.max(np.abs(slope)) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("values")
def any_entry_compared(gradient, x0, step, tolerance, max_steps):
    """The path ends as soon as one entry of the gradient is small.

    what is a vector's length?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.any(np.abs(slope) <= tolerance):
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("stopping")
def squared_norm_compared(gradient, x0, step, tolerance, max_steps):
    """The squared norm is compared with the tolerance itself.

    what is the root of a sum of squares?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if slope @ slope <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("stopping")
def sum_of_entries_compared(gradient, x0, step, tolerance, max_steps):
    """Absolute values are added up; the Euclidean norm adds up squares.

    what is a vector's length?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.sum(np.abs(slope)) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("stopping")
def step_compared(gradient, x0, step, tolerance, max_steps):
    """The length of a step is compared with the tolerance, not the gradient's.

    whose norm decides?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if step * np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("stopping")
def point_compared(gradient, x0, step, tolerance, max_steps):
    """The point's own norm is compared with the tolerance.

    whose norm decides?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(path[-1]) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("stopping")
def tolerance_ignored(gradient, x0, step, tolerance, max_steps):
    """The tolerance is never used: the path always has max_steps steps.

    what else ends the path?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if False:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def max_steps_ignored(gradient, x0, step, tolerance, max_steps):
    """Nothing bounds the number of steps.

    which argument does?
    """
    path = [np.asarray(x0, dtype=float)]
    while True:
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("stopping")
def tested_after_the_step(gradient, x0, step, tolerance, max_steps):
    """The tolerance is tested after a step: one point too many.

    where in the loop should the test stand?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        path.append(path[-1] - step * slope)
        if np.linalg.norm(slope) <= tolerance:
            break
    return np.array(path)


@exercise.misconception("stopping")
def gradient_asked_again(gradient, x0, step, tolerance, max_steps):
    """The gradient is asked twice at each point: two backward passes.

    keep it in a variable.
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(gradient(path[-1])) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def uphill(gradient, x0, step, tolerance, max_steps):
    """The path climbs: the gradient points to where the function grows fastest.

    which sign leads down?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] + step * slope)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def every_step_of_one_length(gradient, x0, step, tolerance, max_steps):
    """The gradient is divided by its norm, so every step has one length.

    is the step proportional to the gradient?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step * slope / np.linalg.norm(slope))
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def signs_alone(gradient, x0, step, tolerance, max_steps):
    """Only the signs of the gradient are used; here its size counts as well.

    which part of the gradient is lost in `np.sign`?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def step_left_out(gradient, x0, step, tolerance, max_steps):
    """The gradient is subtracted whole: step has no effect.

    what stands in front of the gradient?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - slope)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def step_decays(gradient, x0, step, tolerance, max_steps):
    """The step shrinks from one round to the next; in this exercise it is fixed.

    leave the step as it is.
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step / len(path) * slope)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def steps_instead_of_points(gradient, x0, step, tolerance, max_steps):
    """The path holds the steps; the points they lead to are asked for.

    where does each step begin?
    """
    x = np.asarray(x0, dtype=float)
    path = [x]
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(-step * slope)
        x = x - step * slope
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def always_from_the_start(gradient, x0, step, tolerance, max_steps):
    """Every step starts from x0 again.

    which point does the last row of the path hold?
    """
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[0] - step * slope)
    return np.array(path)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_filling_an_array(gradient, x0, step, tolerance, max_steps):
    path = np.zeros((max_steps + 1, len(x0)))
    path[0] = x0
    for k in range(max_steps):
        g = gradient(path[k])
        if np.sqrt(np.sum(g**2)) <= tolerance:
            return path[: k + 1]
        path[k + 1] = path[k] - step * g
    return path


@exercise.alternative
def by_asking_ahead(gradient, x0, step, tolerance, max_steps):
    x = x0.astype(float)
    path, g = [x], gradient(x)
    while np.linalg.norm(g) > tolerance and len(path) <= max_steps:
        x = x - step * g
        path.append(x)
        g = gradient(x)
    return np.vstack(path)


@exercise.alternative
def by_copies(gradient, x0, step, tolerance, max_steps):
    x = np.array(x0, dtype=np.float64)
    rows = [x.tolist()]
    for _ in range(max_steps):
        g = np.array(gradient(x.copy()))
        if (g @ g) ** 0.5 <= tolerance:
            break
        g *= step
        x -= g
        rows.append(x.tolist())
    return np.array(rows)


@exercise.alternative
def by_recursion(gradient, x0, step, tolerance, max_steps):
    x0 = np.asarray(x0, float)
    if max_steps == 0:
        return x0[None]
    g = gradient(x0)
    if np.linalg.norm(g) <= tolerance:
        return x0[None]
    return np.concatenate([x0[None], by_recursion(gradient, x0 - step * g, step, tolerance, max_steps - 1)])
