"""momentum_descent: a velocity that remembers earlier gradients."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.optimization.inputs import (
    LINES,
    DescentCases,
    add_slips_of_a_path,
    curved,
    quadratic,
    sized,
)
from backprop_solutions.optimization import momentum_descent

exercise = Definition(momentum_descent)


def with_the_rest(rng, gradient, x0, tolerance, max_steps):
    step, momentum = round(rng.uniform(0.1, 0.3), 3), round(rng.choice([0.3, 0.6, 0.8]) + rng.uniform(-0.1, 0.1), 2)
    return {
        "gradient": gradient,
        "x0": x0,
        "step": step,
        "momentum": momentum,
        "tolerance": tolerance,
        "max_steps": max_steps,
    }


cases = DescentCases(with_the_rest, "momentum_descent")
values = exercise.aspect(
    "values",
    hint="write the velocity after one and after two steps by hand, starting from 0.",
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


@values.case("without momentum", steps_at_most=LINES)
def without(rng):
    return {**with_the_rest(rng, quadratic(rng, rng.uniform(0.5, 2.0, 3)), sized(rng, 3), 1e-9, 5), "momentum": 0.0}


@values.case("many steps", steps_at_most=LINES)
def many(rng):
    return with_the_rest(rng, curved(rng, 3), sized(rng, 3), 1e-9, 20)


# --- wrong answers ----------------------------------------------------------------------------------

add_slips_of_a_path(exercise)


@exercise.misconception("values", "stopping", "inputs")
def one_array_many_times(gradient, x0, step, momentum, tolerance, max_steps):
    """`-=` and `+=` change the array that the list holds already: all rows show the end.

    make a new array for each point.
    """
    x = np.array(x0, dtype=float)
    path = [x]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        x += x + velocity - x
        path.append(x)
    return np.array(path)


@exercise.misconception("inputs")
def start_changed(gradient, x0, step, momentum, tolerance, max_steps):
    """`-=` and `+=` change x0, which belongs to the caller.

    make a new array for each point.
    """
    x, path = x0, [np.array(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        x += x + velocity - x
        path.append(x.copy())
    return np.array(path)


@exercise.misconception("inputs")
def seen_points_change(gradient, x0, step, momentum, tolerance, max_steps):
    """One array is changed in place from step to step, and the gradient may still hold it.

    make a new array for each point.
    """
    x = np.array(x0, dtype=float)
    path = [x.copy()]
    velocity = 0.0
    for _ in range(max_steps):
        slope = np.array(gradient(x))
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        x += x + velocity - x
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
def tested_after_the_step(gradient, x0, step, momentum, tolerance, max_steps):
    """The tolerance is tested after a step: one point too many.

    where in the loop should the test stand?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
        if np.linalg.norm(slope) <= tolerance:
            break
    return np.array(path)


@exercise.misconception("stopping")
def asked_for_test_and_step(gradient, x0, step, momentum, tolerance, max_steps):
    """The gradient is asked once for the test and again for the step.

    keep it in a variable.
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    while np.linalg.norm(gradient(path[-1])) > tolerance and len(path) <= max_steps:
        slope = gradient(path[-1])
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


exercise.slip(
    "uphill",
    (" -", " +"),
    cause="The path climbs: a minus is missing, or there is one too many.",
    next_step="where is the minus needed once?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "no_memory",
    ("momentum * velocity - step", "-step"),
    cause="The velocity is never kept: this is plain gradient descent.",
    next_step="what is left of the velocity at the next step?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "gradient_averaged",
    ("- step", "- (1 - momentum) * step"),
    cause="The gradient is weighted with 1 - momentum; this rule adds it whole.",
    next_step="which factor belongs to the gradient?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "momentum_on_everything",
    ("velocity - step * slope", "(velocity - step * slope)"),
    cause="The momentum multiplies the new gradient as well.",
    next_step="what is the first step, when the velocity is 0?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "step_left_out",
    ("step * slope", "slope"),
    cause="The gradient enters the velocity whole: step has no effect.",
    next_step="which factor is missing?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "step_twice",
    ("+ velocity", "+ step * velocity"),
    cause="The step is used twice, for the velocity and for the move.",
    next_step="x moves by the whole velocity.",
    loses=("values", "stopping", "inputs"),
)


@exercise.misconception("values", "stopping", "inputs")
def old_velocity_moves(gradient, x0, step, momentum, tolerance, max_steps):
    """The point moves with the velocity of the step before.

    which of the two lines comes first?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        earlier = velocity
        path.append(path[-1] + earlier)
        velocity = momentum * velocity - step * slope
    return np.array(path)


exercise.slip(
    "looks_ahead",
    ("+ velocity", "+ momentum * velocity - step * slope"),
    cause="Nesterov's variant adds the momentum once more; here x moves by v alone.",
    next_step="what is added to x?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "momentum_on_the_point",
    ("d(path", "d(momentum * path"),
    cause="The momentum multiplies the point itself, not the velocity.",
    next_step="where does x go without gradient and velocity?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "old_and_new_exchanged",
    ("= momentum", "= (1 - momentum)"),
    cause="The velocity keeps 1 - momentum of itself.",
    next_step="what should a momentum of 0 do?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "stops_when_slow",
    ("path = [np.asarray(x0, dtype=float)]\n    velocity = 0.0", "path, velocity = [np.asarray(x0, dtype=float)], 0.0"),
    ("<= tolerance", "== 0 or (len(path) > 1 and np.linalg.norm(velocity) <= tolerance)"),
    cause="The velocity is compared with the tolerance, not the gradient.",
    next_step="can a path be slow where the function is steep?",
    loses=("stopping",),
)
exercise.slip(
    "velocity_of_one_entry",
    ("* slope", "* np.mean(slope)"),
    cause="One velocity serves all coordinates; each has its own.",
    next_step="what shape has the velocity?",
    loses=("values", "inputs"),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_differences(gradient, x0, step, momentum, tolerance, max_steps):
    path = [np.asarray(x0, dtype=float)]
    before = path[0]
    for _ in range(max_steps):
        g = gradient(path[-1])
        if np.linalg.norm(g) <= tolerance:
            break
        path.append(path[-1] - step * g + momentum * (path[-1] - before))
        before = path[-2]
    return np.array(path)


@exercise.alternative
def as_torch_does(gradient, x0, step, momentum, tolerance, max_steps):
    x = np.array(x0, dtype=float)
    buffer, path = np.zeros(len(x)), [x]
    while len(path) <= max_steps:
        g = gradient(x)
        if np.linalg.norm(g) <= tolerance:
            break
        buffer = momentum * buffer + g
        x = x - step * buffer
        path.append(x)
    return np.vstack(path)


@exercise.alternative
def momentum_by_filling_arrays(gradient, x0, step, momentum, tolerance, max_steps):
    path = np.zeros((max_steps + 1, len(x0)))
    v = np.zeros(len(x0))
    path[0] = x0
    for k in range(max_steps):
        g = gradient(path[k])
        if np.sqrt((g**2).sum()) <= tolerance:
            return path[: k + 1]
        v *= momentum
        v -= step * g
        path[k + 1] = path[k] + v
    return path


@exercise.alternative
def by_all_earlier_gradients(gradient, x0, step, momentum, tolerance, max_steps):
    path, seen = [np.asarray(x0, dtype=float)], []
    for _ in range(max_steps):
        seen.append(np.array(gradient(path[-1])))
        if np.linalg.norm(seen[-1]) <= tolerance:
            break
        velocity = sum(momentum**k * g for k, g in enumerate(reversed(seen)))
        path.append(path[-1] - step * velocity)
    return np.array(path)
