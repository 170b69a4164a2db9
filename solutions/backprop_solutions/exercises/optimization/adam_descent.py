"""adam_descent: a step of its own for each coordinate."""

import numpy as np

from backprop_autograder import Definition, Formula
from backprop_solutions.exercises.optimization.inputs import LINES, DescentCases, curved, sized
from backprop_solutions.optimization import adam_descent

exercise = Definition(adam_descent)


def with_the_rest(rng, gradient, x0, tolerance, max_steps):
    step = round(rng.uniform(0.1, 0.3), 3)
    return {"gradient": gradient, "x0": x0, "step": step, "tolerance": tolerance, "max_steps": max_steps}


def with_other_settings(rng, gradient, x0, max_steps, **settings):
    """Return arguments in which the defaults give way to `settings`."""
    drawn = {"beta1": round(rng.uniform(0.3, 0.8), 2), "beta2": round(rng.uniform(0.5, 0.95), 2), "epsilon": 0.1}
    return {**with_the_rest(rng, gradient, x0, 1e-9, max_steps), **drawn, **settings}


cases = DescentCases(with_the_rest, "adam_descent")
values = exercise.aspect(
    "values",
    hint="compute m, v, m_hat and v_hat of the first step by hand; how long is it?",
    cases=cases.values(),
)
stopping = exercise.aspect(
    "stopping",
    hint="when is the gradient's norm compared with the tolerance, and how many points do max_steps steps join?",
    cases=cases.stopping(0.5),
)
inputs = exercise.aspect(
    "inputs",
    hint="does a step make a new array, or does it change one that somebody else still holds?",
    cases=cases.inputs(),
)


@values.case("a gradient that never changes", steps_at_most=LINES)
def constant(rng):
    return with_the_rest(rng, Formula("lambda x: g", g=np.array([2.0, -5.0, 0.5])), np.zeros(3), 1e-9, 3)


@values.case("other betas and epsilon", draws=3, steps_at_most=LINES)
def other_settings(rng):
    return with_other_settings(rng, curved(rng, 4), sized(rng, 4), 7)


@values.case("without memory", steps_at_most=LINES)
def without_memory(rng):
    return with_other_settings(rng, curved(rng, 3), sized(rng, 3), 4, beta1=0.0, beta2=0.0)


@values.case("gradients near epsilon", draws=2, steps_at_most=LINES)
def tiny_gradients(rng):
    gradient = Formula("lambda x: 1e-7 * (x + b)", b=sized(rng, 3))
    return {**with_the_rest(rng, gradient, sized(rng, 3), 1e-12, 4)}


@values.case("many steps", steps_at_most=LINES)
def many(rng):
    return with_the_rest(rng, curved(rng, 3), sized(rng, 3), 1e-9, 20)


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "stopping", "inputs")
def start_left_out(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The path lacks its first point, x0.

    what is in the list before the first step?
    """
    path, x = [], np.asarray(x0, dtype=float)
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        x = x - step * unbiased / scale
        path.append(x)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def end_alone(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Only the last point is returned; the whole path is asked for.

    where is each point kept?
    """
    x = np.asarray(x0, dtype=float)
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        x = x - step * unbiased / scale
    return x


@exercise.misconception("values", "stopping", "inputs")
def one_array_many_times(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """`-=` and `+=` change the array that the list holds already: all rows show the end.

    make a new array for each point.
    """
    x = np.array(x0, dtype=float)
    path = [x]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        x += x - step * unbiased / scale - x
        path.append(x)
    return np.array(path)


@exercise.misconception("inputs")
def start_changed(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """`-=` and `+=` change x0, which belongs to the caller.

    make a new array for each point.
    """
    x, path = x0, [np.array(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        x += x - step * unbiased / scale - x
        path.append(x.copy())
    return np.array(path)


@exercise.misconception("inputs")
def seen_points_change(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """One array is changed in place from step to step, and the gradient may still hold it.

    make a new array for each point.
    """
    x = np.array(x0, dtype=float)
    path = [x.copy()]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = np.array(gradient(x))
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        x += x - step * unbiased / scale - x
        path.append(x.copy())
    return np.array(path)


@exercise.misconception("inputs")
def whole_numbers_kept(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """A path that begins with integers hands integers to the gradient.

    which type should x0 get at the start?
    """
    path = [np.array(x0)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def gradient_of_the_start(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The gradient is taken at x0 throughout.

    at which point should each round ask for it?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[0])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def one_step_less(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The path has max_steps points: one step too few.

    how many points do two steps join?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def one_step_more(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """There is one step more than allowed.

    how many points do two steps join?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 2):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("stopping")
def strictly_below(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The path ends below the tolerance only; where both are 0 it has to end as well.

    is it `<` or `<=`?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) < tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("stopping")
def largest_entry_compared(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The largest entry is compared; the Euclidean norm is larger.

    what is a vector's length?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.max(np.abs(slope)) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values")
def any_entry_compared(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The path ends as soon as one entry of the gradient is small.

    what is a vector's length?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.any(np.abs(slope) <= tolerance):
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("stopping")
def squared_norm_compared(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The squared norm is compared with the tolerance itself.

    what is the root of a sum of squares?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if slope @ slope <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("stopping")
def sum_of_entries_compared(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Absolute values are added up; the Euclidean norm adds up squares.

    what is a vector's length?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.sum(np.abs(slope)) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("stopping")
def step_compared(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The length of a step is compared with the tolerance, not the gradient's.

    whose norm decides?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if step * np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("stopping")
def point_compared(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The point's own norm is compared with the tolerance.

    whose norm decides?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(path[-1]) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("stopping")
def tolerance_ignored(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The tolerance is never used: the path always has max_steps steps.

    what else ends the path?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if False:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def max_steps_ignored(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Nothing bounds the number of steps.

    which argument does?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    t = 0
    while True:
        t += 1
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("stopping")
def tested_after_the_step(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The tolerance is tested after a step: one point too many.

    where in the loop should the test stand?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
        if np.linalg.norm(slope) <= tolerance:
            break
    return np.array(path)


@exercise.misconception("stopping")
def gradient_asked_again(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The gradient is asked twice at each point: two backward passes.

    keep it in a variable.
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(gradient(path[-1])) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def uphill(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The path climbs: the step is to be subtracted.

    which sign leads down?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] + step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def bias_left_in(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Neither mean is corrected for its start at 0.

    how long should the first step be, if m_hat is g?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for _t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean
        scale = np.sqrt(square) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def mean_not_corrected(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The mean of the gradient is not corrected for its start at 0.

    what is m after one step?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def square_not_corrected(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The mean of the squares is not corrected for its start at 0.

    what is v after one step?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def corrected_once_and_for_all(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The correction uses beta instead of beta^t, as if each step were the first.

    what becomes of it after many steps?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for _t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1)
        scale = np.sqrt(square / (1 - beta2)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def corrected_means_kept(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The corrected means replace the running ones; they are for the step alone.

    which two quantities go into the next round?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        mean = mean / (1 - beta1**t)
        square = square / (1 - beta2**t)
        path.append(path[-1] - step * mean / (np.sqrt(square) + epsilon))
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def counted_from_zero(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The steps are counted one too high; the first has t = 1.

    what is m_hat after one step?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1 ** (t + 1))
        scale = np.sqrt(square / (1 - beta2 ** (t + 1))) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def epsilon_under_the_root(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """epsilon is added under the root; it belongs outside.

    where does epsilon stand in the formula?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t) + epsilon)
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values")
def epsilon_ignored(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The argument epsilon has no effect.

    where does it stand in the formula?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + 1e-8
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def root_left_out(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The step is divided by the mean square itself, not by its root.

    how long is the first step if the gradient is 100?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = square / (1 - beta2**t) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def square_of_the_mean(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The square of the running mean is taken; v is the running mean of the squares.

    what is squared, and when?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * mean**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def sizes_instead_of_squares(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The running mean of |g| is taken; v averages squares.

    which power of the gradient goes into v?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * np.abs(slope)
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def betas_exchanged(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """beta1 and beta2 are exchanged.

    which of the two belongs to m?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta2 * mean + (1 - beta2) * slope
        square = beta1 * square + (1 - beta1) * slope**2
        unbiased = mean / (1 - beta2**t)
        scale = np.sqrt(square / (1 - beta1**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def parts_exchanged(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Old and new are exchanged: a mean keeps beta of itself.

    which part is nearly 1?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = (1 - beta1) * mean + beta1 * slope
        square = (1 - beta2) * square + beta2 * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values")
def betas_ignored(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """beta1 and beta2 have no effect.

    where do they enter?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        unbiased = mean / (1 - 0.9**t)
        scale = np.sqrt(square / (1 - 0.999**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def mean_without_memory(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The gradient itself is used where its running mean belongs: RMSProp.

    what does m remember?
    """
    path = [np.asarray(x0, dtype=float)]
    square = 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = slope
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def one_scale_for_all(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """One length scales all coordinates; in Adam each has a scale of its own.

    what shape has v?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * (slope @ slope)
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def squares_added_up(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Squares are summed, as in AdaGrad, without ever being forgotten.

    which factor multiplies the old v?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = square + slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


@exercise.misconception("values", "stopping", "inputs")
def gradient_added_whole(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The gradient is added whole, as in momentum.

    what do the two weights of a mean add up to?
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def as_kingma_and_ba_shorten_it(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    x = np.asarray(x0, dtype=float)
    path, m, v = [x], np.zeros(x.shape), np.zeros(x.shape)
    while len(path) <= max_steps:
        g = gradient(x)
        if np.linalg.norm(g) <= tolerance:
            break
        t = len(path)
        m = m + (1 - beta1) * (g - m)
        v = v + (1 - beta2) * (g * g - v)
        root = np.sqrt(1 - beta2**t)
        x = x - step * root / (1 - beta1**t) * m / (np.sqrt(v) + epsilon * root)
        path.append(x)
    return np.vstack(path)


@exercise.alternative
def by_weights_that_add_up(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    path, m, v, m_weight, v_weight = [np.array(x0, dtype=float)], 0, 0, 0.0, 0.0
    for _ in range(max_steps):
        g = gradient(path[-1])
        if np.linalg.norm(g) <= tolerance:
            break
        m, m_weight = beta1 * m + (1 - beta1) * g, beta1 * m_weight + 1 - beta1
        v, v_weight = beta2 * v + (1 - beta2) * g**2, beta2 * v_weight + 1 - beta2
        path.append(path[-1] - step * (m / m_weight) / ((v / v_weight) ** 0.5 + epsilon))
    return np.array(path)


@exercise.alternative
def by_filling_arrays(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    D = len(x0)
    path, m, v = np.zeros((max_steps + 1, D)), np.zeros(D), np.zeros(D)
    path[0] = x0
    for k in range(max_steps):
        g = gradient(path[k])
        if np.sqrt((g**2).sum()) <= tolerance:
            return path[: k + 1]
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g * g
        for d in range(D):
            m_hat, v_hat = m[d] / (1 - beta1 ** (k + 1)), v[d] / (1 - beta2 ** (k + 1))
            path[k + 1, d] = path[k, d] - step * m_hat / (np.sqrt(v_hat) + epsilon)
    return path


@exercise.alternative
def by_asking_ahead(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    x, t, m, v = np.asarray(x0, dtype=float), 0, 0.0, 0.0
    path, g = [x], gradient(x)
    while np.linalg.norm(g) > tolerance and t < max_steps:
        t += 1
        m = beta1 * m + (1.0 - beta1) * g
        v = beta2 * v + (1.0 - beta2) * np.square(g)
        x = x - step * (m / (1.0 - beta1**t)) / (np.sqrt(v / (1.0 - beta2**t)) + epsilon)
        path.append(x)
        g = gradient(x)
    return np.array(path)
