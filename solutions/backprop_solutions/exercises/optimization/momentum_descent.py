"""momentum_descent: a velocity that remembers earlier gradients."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.optimization.inputs import LINES, DescentCases, curved, quadratic, sized
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


@exercise.misconception("values", "stopping", "inputs")
def start_left_out(gradient, x0, step, momentum, tolerance, max_steps):
    """The path lacks its first point, x0.

    what is in the list before the first step?
    """
    path, x = [], np.asarray(x0, dtype=float)
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        x = x + velocity
        path.append(x)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def end_alone(gradient, x0, step, momentum, tolerance, max_steps):
    """Only the last point is returned; the whole path is asked for.

    where is each point kept?
    """
    x = np.asarray(x0, dtype=float)
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        x = x + velocity
    return x


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


@exercise.misconception("inputs")
def whole_numbers_kept(gradient, x0, step, momentum, tolerance, max_steps):
    """A path that begins with integers hands integers to the gradient.

    which type should x0 get at the start?
    """
    path = [np.array(x0)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def gradient_of_the_start(gradient, x0, step, momentum, tolerance, max_steps):
    """The gradient is taken at x0 throughout.

    at which point should each round ask for it?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[0])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def one_step_less(gradient, x0, step, momentum, tolerance, max_steps):
    """The path has max_steps points: one step too few.

    how many points do two steps join?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps - 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def one_step_more(gradient, x0, step, momentum, tolerance, max_steps):
    """There is one step more than allowed.

    how many points do two steps join?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("stopping")
def strictly_below(gradient, x0, step, momentum, tolerance, max_steps):
    """The path ends below the tolerance only; where both are 0 it has to end as well.

    is it `<` or `<=`?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) < tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("stopping")
def largest_entry_compared(gradient, x0, step, momentum, tolerance, max_steps):
    """The largest entry is compared; the Euclidean norm is larger.

    what is a vector's length?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.max(np.abs(slope)) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values")
def any_entry_compared(gradient, x0, step, momentum, tolerance, max_steps):
    """The path ends as soon as one entry of the gradient is small.

    what is a vector's length?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.any(np.abs(slope) <= tolerance):
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("stopping")
def squared_norm_compared(gradient, x0, step, momentum, tolerance, max_steps):
    """The squared norm is compared with the tolerance itself.

    what is the root of a sum of squares?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if slope @ slope <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("stopping")
def sum_of_entries_compared(gradient, x0, step, momentum, tolerance, max_steps):
    """Absolute values are added up; the Euclidean norm adds up squares.

    what is a vector's length?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.sum(np.abs(slope)) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("stopping")
def step_compared(gradient, x0, step, momentum, tolerance, max_steps):
    """The length of a step is compared with the tolerance, not the gradient's.

    whose norm decides?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if step * np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("stopping")
def point_compared(gradient, x0, step, momentum, tolerance, max_steps):
    """The point's own norm is compared with the tolerance.

    whose norm decides?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(path[-1]) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("stopping")
def tolerance_ignored(gradient, x0, step, momentum, tolerance, max_steps):
    """The tolerance is never used: the path always has max_steps steps.

    what else ends the path?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if False:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def max_steps_ignored(gradient, x0, step, momentum, tolerance, max_steps):
    """Nothing bounds the number of steps.

    which argument does?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    while True:
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


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
def gradient_asked_again(gradient, x0, step, momentum, tolerance, max_steps):
    """The gradient is asked twice at each point: two backward passes.

    keep it in a variable.
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(gradient(path[-1])) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def uphill(gradient, x0, step, momentum, tolerance, max_steps):
    """The path climbs: a minus is missing, or there is one too many.

    where is the minus needed once?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity + step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def no_memory(gradient, x0, step, momentum, tolerance, max_steps):
    """The velocity is never kept: this is plain gradient descent.

    what is left of the velocity at the next step?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = -step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def gradient_averaged(gradient, x0, step, momentum, tolerance, max_steps):
    """The gradient is weighted with 1 - momentum; this rule adds it whole.

    which factor belongs to the gradient?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - (1 - momentum) * step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def momentum_on_everything(gradient, x0, step, momentum, tolerance, max_steps):
    """The momentum multiplies the new gradient as well.

    what is the first step, when the velocity is 0?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * (velocity - step * slope)
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def step_left_out(gradient, x0, step, momentum, tolerance, max_steps):
    """The gradient enters the velocity whole: step has no effect.

    which factor is missing?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def step_twice(gradient, x0, step, momentum, tolerance, max_steps):
    """The step is used twice, for the velocity and for the move.

    x moves by the whole velocity.
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + step * velocity)
    return np.array(path)


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


@exercise.misconception("values", "stopping", "inputs")
def looks_ahead(gradient, x0, step, momentum, tolerance, max_steps):
    """Nesterov's variant adds the momentum once more; here x moves by v alone.

    what is added to x?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + momentum * velocity - step * slope)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def momentum_on_the_point(gradient, x0, step, momentum, tolerance, max_steps):
    """The momentum multiplies the point itself, not the velocity.

    where does x go without gradient and velocity?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(momentum * path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def old_and_new_exchanged(gradient, x0, step, momentum, tolerance, max_steps):
    """The velocity keeps 1 - momentum of itself.

    what should a momentum of 0 do?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = (1 - momentum) * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("stopping")
def stops_when_slow(gradient, x0, step, momentum, tolerance, max_steps):
    """The velocity is compared with the tolerance, not the gradient.

    can a path be slow where the function is steep?
    """
    path, velocity = [np.asarray(x0, dtype=float)], 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) == 0 or (len(path) > 1 and np.linalg.norm(velocity) <= tolerance):
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)


@exercise.misconception("values", "inputs")
def velocity_of_one_entry(gradient, x0, step, momentum, tolerance, max_steps):
    """One velocity serves all coordinates; each has its own.

    what shape has the velocity?
    """
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * np.mean(slope)
        path.append(path[-1] + velocity)
    return np.array(path)


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
def by_filling_arrays(gradient, x0, step, momentum, tolerance, max_steps):
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
