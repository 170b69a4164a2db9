"""adam_descent: a step of its own for each coordinate."""

import numpy as np

from backprop_autograder import Definition, Formula
from backprop_solutions.exercises.optimization.inputs import LINES, DescentCases, add_slips_of_a_path, curved, sized
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
    return with_the_rest(rng, curved(rng, 3), sized(rng, 3), 1e-9, 25)


# --- wrong answers ----------------------------------------------------------------------------------

add_slips_of_a_path(exercise)


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


exercise.slip(
    "one_step_less",
    ("max_steps + 1", "max_steps"),
    cause="The path has max_steps points: one step too few.",
    next_step="how many points do two steps join?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "one_step_more",
    (" 1", " 2"),
    cause="There is one step more than allowed.",
    next_step="how many points do two steps join?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "max_steps_ignored",
    ("for t in range(1, max_steps + 1):", "t = 0\n    while True:\n        t += 1"),
    cause="Nothing bounds the number of steps.",
    next_step="which argument does?",
    loses=("values", "stopping", "inputs"),
)


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
def asked_for_test_and_step(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The gradient is asked once for the test and again for the step.

    keep it in a variable.
    """
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    while np.linalg.norm(gradient(path[-1])) > tolerance and len(path) <= max_steps:
        t = len(path)
        slope = gradient(path[-1])
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)


exercise.slip(
    "uphill",
    ("] -", "] +"),
    cause="The path climbs: the step is to be subtracted.",
    next_step="which sign leads down?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "bias_left_in",
    ("r t", "r _t"),
    (
        "unbiased = mean / (1 - beta1**t)\n        scale = np.sqrt(square / (1 - beta2**t)) + epsilon",
        "unbiased = mean\n        scale = np.sqrt(square) + epsilon",
    ),
    cause="Neither mean is corrected for its start at 0.",
    next_step="how long should the first step be, if m_hat is g?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "mean_not_corrected",
    ("mean / (1 - beta1**t)", "mean"),
    cause="The mean of the gradient is not corrected for its start at 0.",
    next_step="what is m after one step?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "square_not_corrected",
    ("square / (1 - beta2**t)", "square"),
    cause="The mean of the squares is not corrected for its start at 0.",
    next_step="what is v after one step?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "corrected_once_and_for_all",
    ("r t", "r _t"),
    (
        "unbiased = mean / (1 - beta1**t)\n        scale = np.sqrt(square / (1 - beta2**t)) + epsilon",
        "unbiased = mean / (1 - beta1)\n        scale = np.sqrt(square / (1 - beta2)) + epsilon",
    ),
    cause="The correction uses beta instead of beta^t, as if each step were the first.",
    next_step="what becomes of it after many steps?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "corrected_means_kept",
    ("unbiased = mean / (1 - beta1**t)", "unbiased = mean = mean / (1 - beta1**t)"),
    ("scale = np.sqrt(square / (1 - beta2**t))", "square = square / (1 - beta2**t)\n        scale = np.sqrt(square)"),
    cause="The corrected means replace the running ones; they are for the step alone.",
    next_step="which two quantities go into the next round?",
    loses=(
        "values",
        "stopping",
        "inputs",
    ),
)
exercise.slip(
    "counted_from_zero",
    (
        "unbiased = mean / (1 - beta1**t)\n        scale = np.sqrt(square / (1 - beta2**t)) + epsilon",
        "unbiased = mean / (1 - beta1 ** (t + 1))\n        scale = np.sqrt(square / (1 - beta2 ** (t + 1))) + epsilon",
    ),
    cause="The steps are counted one too high; the first has t = 1.",
    next_step="what is m_hat after one step?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "first_step_is_number_zero",
    (
        "unbiased = mean / (1 - beta1**t)\n        scale = np.sqrt(square / (1 - beta2**t)) + epsilon",
        "unbiased = mean / (1 - beta1 ** (t - 1))\n        scale = np.sqrt(square / (1 - beta2 ** (t - 1))) + epsilon",
    ),
    cause="The first step has t = 0, and 1 - beta^0 is 0.",
    next_step="what is t in the first step?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "epsilon_under_the_root",
    (") + epsilon", " + epsilon)"),
    cause="epsilon is added under the root; it belongs outside.",
    next_step="where does epsilon stand in the formula?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "epsilon_ignored",
    ("+ epsilon", "+ 1e-8"),
    cause="The argument epsilon has no effect.",
    next_step="where does it stand in the formula?",
)
exercise.slip(
    "root_left_out",
    ("np.sqrt(square / (1 - beta2**t)", "square / (1 - beta2**t"),
    cause="The step is divided by the mean square itself, not by its root.",
    next_step="how long is the first step if the gradient is 100?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "square_of_the_mean",
    ("2) * slope", "2) * mean"),
    cause="The square of the running mean is taken; v is the running mean of the squares.",
    next_step="what is squared, and when?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "sizes_instead_of_squares",
    ("slope**2", "np.abs(slope)"),
    cause="The running mean of |g| is taken; v averages squares.",
    next_step="which power of the gradient goes into v?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "betas_exchanged",
    ("    for t in range", "    beta1, beta2 = beta2, beta1\n    for t in range"),
    cause="beta1 and beta2 are exchanged.",
    next_step="which of the two belongs to m?",
    loses=(
        "values",
        "stopping",
        "inputs",
    ),
)
exercise.slip(
    "parts_exchanged",
    (
        "mean = beta1 * mean + (1 - beta1) * slope\n        square = beta2 * square + (1 - beta2) * slope**2",
        "mean = (1 - beta1) * mean + beta1 * slope\n        square = (1 - beta2) * square + beta2 * slope**2",
    ),
    cause="Old and new are exchanged: a mean keeps beta of itself.",
    next_step="which part is nearly 1?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "betas_ignored",
    ("    for t in range", "    beta1, beta2 = 0.9, 0.999\n    for t in range"),
    cause="beta1 and beta2 have no effect.",
    next_step="where do they enter?",
)


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


exercise.slip(
    "one_scale_for_all",
    ("slope**2", "(slope @ slope)"),
    cause="One length scales all coordinates; in Adam each has a scale of its own.",
    next_step="what shape has v?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "squares_added_up",
    ("beta2 * square + (1 - beta2) *", "square +"),
    ("square / (1 - beta2**t)", "square"),
    cause="Squares are summed, as in AdaGrad, without ever being forgotten.",
    next_step="which factor multiplies the old v?",
    loses=("values", "stopping", "inputs"),
)
exercise.slip(
    "gradient_added_whole",
    ("(1 - beta1) * slope", "slope"),
    cause="The gradient is added whole, as in momentum.",
    next_step="what do the two weights of a mean add up to?",
    loses=("values", "stopping", "inputs"),
)


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
def adam_by_filling_arrays(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
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
def adam_by_asking_ahead(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
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
