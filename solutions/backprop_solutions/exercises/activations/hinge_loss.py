"""hinge_loss: no price for what is right by a margin."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.activations import hinge_loss

exercise = Definition(hinge_loss)


def worked_example(rng):
    return {"z": np.array([2.0, 0.5, -1.0, -3.0]), "t": np.array([1, 1, 1, -1])}


def batch(size, kind=float, spread=2.0):
    """Return a case's factory: outputs on both sides of the margin, targets of both signs."""

    def arguments(rng):
        t = rng.permutation(np.resize([-1, 1], size)).astype(kind)
        return {"z": rng.normal(scale=spread, size=size), "t": t}

    return arguments


values = exercise.aspect("values", hint="take z = 2, 0.5 and -1 with t = 1: what does each of them cost?")
values.add(
    Case(label="four examples", arguments=worked_example),
    Case(label="a batch", arguments=batch(7), draws=3),
    Case(label="integer targets", arguments=batch(6, int), draws=2),
    Case(
        label="all right by more than the margin",
        arguments=lambda rng: {"z": np.array([2.0, -3.0]), "t": np.array([1.0, -1.0])},
    ),
    Case(label="a single example", arguments=lambda rng: {"z": -rng.uniform(1, 2, size=1), "t": np.ones(1)}),
    Case(label="outputs up to 1000", arguments=batch(9, spread=400.0), draws=2, visible=False),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def summed_over_the_batch(z, t):
    """The examples are summed, as RWTH writes it; the loss of a batch is their mean here.

    what should a batch cost in which every example comes twice?
    """
    return np.maximum(0, 1 - t * z).sum()


@exercise.misconception()
def reward_for_the_right_side(z, t):
    """Very right answers lower the loss below zero: nothing cuts them off.

    what should t z = 5 cost?
    """
    return (1 - t * z).mean()


@exercise.misconception()
def cut_off_after_the_mean(z, t):
    """The mean is cut off; each example is to be cut off by itself.

    may a very right answer make up for a wrong one?
    """
    return max(0.0, (1 - t * z).mean())


@exercise.misconception()
def without_a_margin(z, t):
    """This is the perceptron's criterion; the hinge asks for a margin of 1.

    what should t z = 0.5 cost?
    """
    return np.maximum(0, -t * z).mean()


@exercise.misconception()
def squared_hinge(z, t):
    """The hinge is squared; RWTH's is straight.

    what should t z = -3 cost?
    """
    return (np.maximum(0, 1 - t * z) ** 2).mean()


@exercise.misconception()
def sign_of_the_margin_turned(z, t):
    """The sign is turned round, so right answers cost most.

    what should t z = 5 cost?
    """
    return np.maximum(0, 1 + t * z).mean()


@exercise.misconception()
def targets_of_zero_and_one(z, t):
    """The targets are taken for 0 and 1; here they are -1 and 1 already.

    what is 2 t - 1 for t = -1?
    """
    return np.maximum(0, 1 - (2 * t - 1) * z).mean()


@exercise.misconception()
def distance_to_the_target(z, t):
    """This is the distance of z from t; the hinge does not punish what is more than right.

    what should z = 5 with t = 1 cost?
    """
    return np.abs(t - z).mean()


@exercise.misconception()
def share_of_mistakes(z, t):
    """Mistakes are counted; the hinge measures by how much the margin is missed.

    what should t z = 0.5 cost?
    """
    return np.mean(t * z < 0)


@exercise.misconception()
def logistic_loss(z, t):
    """This is the smooth cross-entropy; the hinge is made of two straight pieces.

    what should t z = 5 cost?
    """
    return np.logaddexp(0, -t * z).mean()


@exercise.misconception()
def targets_ignored(z, t):
    """The targets are left out, as if all of them were 1.

    where does t enter?
    """
    return np.maximum(0, 1 - z).mean()


@exercise.misconception()
def one_loss_for_each_example(z, t):
    """These are the losses of the single examples; asked for is their mean.

    which shape has a loss?
    """
    return np.maximum(0, 1 - t * z)


@exercise.misconception()
def mean_over_the_mistakes(z, t):
    """The sum is divided by the number of examples that cost something, not by the size of the batch.

    what should happen to the loss when one more very right example joins?
    """
    losses = np.maximum(0, 1 - t * z)
    return losses.sum() / max(1, np.count_nonzero(losses))


@exercise.misconception()
def difference_from_the_target(z, t):
    """The output is subtracted from the target; for t = -1 that rewards the wrong side.

    what should z = -5 with t = -1 cost?
    """
    return np.maximum(0, t - z).mean()


@exercise.misconception()
def outputs_squashed_first(z, t):
    """The outputs pass through tanh first; the hinge takes them as they are.

    what should t z = -3 cost?
    """
    return np.maximum(0, 1 - t * np.tanh(z)).mean()


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def hinge_by_where(z, t):
    margin = z * t
    return np.mean(np.where(margin < 1, 1 - margin, 0))


@exercise.alternative
def hinge_in_a_loop(z, t):
    return sum(max(0.0, 1 - target * output) for output, target in zip(z, t, strict=True)) / len(z)


@exercise.alternative
def hinge_from_the_absolute_value(z, t):
    gap = 1 - t * z
    return ((gap + np.abs(gap)) / 2).sum() / z.size
