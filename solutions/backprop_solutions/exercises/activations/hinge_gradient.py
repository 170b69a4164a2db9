"""hinge_gradient: a pull of constant size until the margin is reached."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.activations import hinge_gradient
from backprop_solutions.exercises.activations.inputs import off_the_kinks

exercise = Definition(hinge_gradient)


def worked_example(rng):
    return {"z": np.array([2.0, 0.5, -1.0, 3.0]), "t": np.array([1, 1, 1, -1])}


def batch(size, kind=float, spread=1.0):
    """Return a case's factory: outputs on both sides of both margins, targets of both signs."""

    def arguments(rng):
        t = rng.permutation(np.resize([-1, 1], size)).astype(kind)
        return {"z": spread * off_the_kinks(rng, size, -1.0, 0.0, 1.0), "t": t}

    return arguments


def at_the_kink(rng):
    z, t = np.array([1.0, -1.0, 1.0, -1.0, *rng.normal(size=3) / 4]), np.array([1, -1, -1, 1, 1, -1, 1])
    order = rng.permutation(7)
    return {"z": z[order], "t": t[order]}


values = exercise.aspect(
    "values", hint="which examples have a slope at all, which way does it point, and where is the mean?"
)
values.add(
    Case(label="four examples", arguments=worked_example),
    Case(label="a batch", arguments=batch(9), draws=3),
    Case(label="integer targets", arguments=batch(8, int), draws=2),
    Case(label="a single example", arguments=lambda rng: {"z": -rng.uniform(1, 2, size=1), "t": np.ones(1)}),
    Case(label="exactly at the kink", arguments=at_the_kink, draws=2),
    Case(label="outputs up to 1000", arguments=batch(11, spread=300.0), draws=2, visible=False),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def mean_forgotten(z, t):
    """The 1/N of the mean is missing.

    by how much does the loss change when one of N outputs moves?
    """
    return np.where(t * z < 1, -1.0 * t, 0.0)


@exercise.misconception()
def uphill_turned_round(z, t):
    """The sign is turned round: this points downhill.

    does the loss of t = 1 grow or fall when z grows?
    """
    return np.where(t * z < 1, t / len(z), 0.0)


@exercise.misconception()
def pull_at_the_kink(z, t):
    """At the kink, t z = 1, this still pulls; the docstring asks for 0 there.

    which comparison leaves 1 out?
    """
    return np.where(t * z <= 1, -t / len(z), 0.0)


@exercise.misconception()
def pull_beyond_the_margin(z, t):
    """Every example pulls, also those beyond the margin, where the loss is flat.

    how does the loss of t z = 5 change with z?
    """
    return -t / len(z)


@exercise.misconception()
def pull_of_mistakes_only(z, t):
    """Only mistakes pull here; the hinge goes on pulling until the margin of 1 is reached.

    what does t z = 0.5 cost?
    """
    return np.where(t * z < 0, -t / len(z), 0.0)


@exercise.misconception()
def pull_beyond_the_margin_only(z, t):
    """The condition is turned round: what is right by a margin pulls, and what is wrong does not.

    what does t z = 5 cost?
    """
    return np.where(t * z > 1, -t / len(z), 0.0)


@exercise.misconception()
def gradient_for_the_weights(z, t):
    """There is a factor z too much, as in a derivative with respect to a weight.

    what is the derivative of 1 - t z with respect to z?
    """
    return np.where(t * z < 1, -t * z / len(z), 0.0)


@exercise.misconception()
def gradient_of_the_squared_hinge(z, t):
    """This is the gradient of the squared hinge; RWTH's is straight, its pull constant.

    does a mistake pull harder when it is worse?
    """
    return -2 * t * np.maximum(0, 1 - t * z) / len(z)


@exercise.misconception()
def targets_forgotten(z, t):
    """All pulls point the same way; the target decides which.

    does the loss of t = -1 grow or fall when z grows?
    """
    return np.where(t * z < 1, -1 / len(z), 0.0)


@exercise.misconception()
def mean_over_the_active(z, t):
    """The pulls are divided by the number of examples that pull, not by the size of the batch.

    what does the mean in the loss divide by?
    """
    active = t * z < 1
    return np.where(active, -t / max(1, active.sum()), 0.0)


@exercise.misconception()
def losses_instead_of_slopes(z, t):
    """These are the losses of the examples; asked for are their slopes.

    what is the derivative of 1 - t z with respect to z?
    """
    return np.maximum(0, 1 - t * z) / len(z)


@exercise.misconception()
def gradient_of_the_logistic_loss(z, t):
    """This is the gradient of the cross-entropy; the hinge's is 0 beyond the margin.

    how does the loss of t z = 5 change with z?
    """
    return -t / (1 + np.exp(t * z)) / len(z)


@exercise.misconception()
def fractions_lost_in_integers(z, t):
    """With integer targets the result is an integer array, in which fractions become 0.

    which dtype does np.zeros_like take over?
    """
    gradient = np.zeros_like(t)
    active = t * z < 1
    gradient[active] = -t[active] / len(z)
    return gradient


@exercise.misconception()
def mean_of_all_pulls(z, t):
    """The pulls are averaged to one number; each output has a gradient of its own.

    which shape does the docstring promise?
    """
    return np.where(t * z < 1, -1.0 * t, 0.0).mean()


@exercise.misconception()
def condition_without_the_target(z, t):
    """Whether an example pulls is decided by z alone; it is the margin t z that counts.

    does z = -3 with t = -1 cost anything?
    """
    return np.where(z < 1, -t / len(z), 0.0)


@exercise.misconception()
def division_without_remainder(z, t):
    """The mean is taken by integer division, which rounds the pulls to whole numbers.

    what is -1 // 4 in Python?
    """
    return np.where(t * z < 1, -t, 0.0) // len(z)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def gradient_by_mask(z, t):
    return -t * (t * z < 1) / z.size


@exercise.alternative
def gradient_in_a_loop(z, t):
    gradient = np.zeros(len(z))
    for n in range(len(z)):
        if 1 - t[n] * z[n] > 0:
            gradient[n] = -t[n] / len(z)
    return gradient


@exercise.alternative
def gradient_by_heaviside(z, t):
    return -t * np.heaviside(1 - t * z, 0) / len(t)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("/ len(t)", reason="z and t have the same length")
