"""gradient_descent: steps against the gradient."""

import numpy as np

from backprop_autograder import Definition, Formula
from backprop_solutions.exercises.optimization.inputs import LINES, DescentCases, add_slips_of_a_path
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

add_slips_of_a_path(exercise)


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


exercise.slip(
    "one_step_less",
    ("(max_steps", "(max_steps - 1"),
    cause="The path has max_steps points: one step too few.",
    next_step="how many points do two steps join?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "one_step_more",
    ("(max_steps", "(max_steps + 1"),
    cause="There is one step more than allowed.",
    next_step="how many points do two steps join?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "max_steps_ignored",
    ("for _ in range(max_steps)", "while True"),
    cause="Nothing bounds the number of steps.",
    next_step="which argument does?",
    loses=("values", "stopping", "inputs"),
)


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
def asked_for_test_and_step(gradient, x0, step, tolerance, max_steps):
    """The gradient is asked once for the test and again for the step.

    keep it in a variable.
    """
    path = [np.asarray(x0, dtype=float)]
    while np.linalg.norm(gradient(path[-1])) > tolerance and len(path) <= max_steps:
        slope = gradient(path[-1])
        path.append(path[-1] - step * slope)
    return np.array(path)


exercise.slip(
    "uphill",
    (" -", " +"),
    cause="The path climbs: the gradient points to where the function grows fastest.",
    next_step="which sign leads down?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "every_step_of_one_length",
    ("* slope", "* slope / np.linalg.norm(slope)"),
    cause="The gradient is divided by its norm, so every step has one length.",
    next_step="is the step proportional to the gradient?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "signs_alone",
    ("* slope", "* np.sign(slope)"),
    cause="Only the signs of the gradient are used; here its size counts as well.",
    next_step="which part of the gradient is lost in `np.sign`?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "step_left_out",
    ("step * slope", "slope"),
    cause="The gradient is subtracted whole: step has no effect.",
    next_step="what stands in front of the gradient?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "step_decays",
    ("p ", "p / len(path) "),
    cause="The step shrinks from one round to the next; in this exercise it is fixed.",
    next_step="leave the step as it is.",
    loses=("values", "stopping", "inputs"),
)


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


exercise.slip(
    "always_from_the_start",
    ("d(path[-1", "d(path[0"),
    cause="Every step starts from x0 again.",
    next_step="which point does the last row of the path hold?",
    loses=("values", "stopping", "inputs"),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def descent_by_filling_an_array(gradient, x0, step, tolerance, max_steps):
    path = np.zeros((max_steps + 1, len(x0)))
    path[0] = x0
    for k in range(max_steps):
        g = gradient(path[k])
        if np.sqrt(np.sum(g**2)) <= tolerance:
            return path[: k + 1]
        path[k + 1] = path[k] - step * g
    return path


@exercise.alternative
def descent_by_asking_ahead(gradient, x0, step, tolerance, max_steps):
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
def descent_by_recursion(gradient, x0, step, tolerance, max_steps):
    x0 = np.asarray(x0, float)
    if max_steps == 0:
        return x0[None]
    g = gradient(x0)
    if np.linalg.norm(g) <= tolerance:
        return x0[None]
    return np.concatenate([x0[None], descent_by_recursion(gradient, x0 - step * g, step, tolerance, max_steps - 1)])
