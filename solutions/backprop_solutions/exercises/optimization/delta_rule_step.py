"""delta_rule_step: one step for one sample."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.optimization.inputs import sized
from backprop_solutions.optimization import delta_rule_step

exercise = Definition(delta_rule_step)

values = exercise.aspect("values", hint="differentiate 1/2 (w . x - t)^2 by one weight, then write it for all of them.")


@values.case("a sample by hand")
def by_hand(rng):
    return {"w": np.array([1.0, 0.0, 2.0]), "x": np.array([3.0, 1.0, -1.0]), "t": 2.0, "learning_rate": 0.1}


@values.case("random samples", draws=4)
def random_samples(rng):
    t, rate = float(sized(rng).round(2)), round(rng.uniform(0.05, 0.4), 2)
    return {"w": sized(rng, 4).round(2), "x": sized(rng, 4).round(2), "t": t, "learning_rate": rate}


@values.case("a sample that is right already")
def no_error(rng):
    w, x = np.array([2.0, -1.0, 0.5]), np.array([1.0, 3.0, rng.choice([2.0, 4.0])])
    return {"w": w, "x": x, "t": float(w @ x), "learning_rate": 0.25}


@values.case("inputs that are zero")
def zeros(rng):
    x = rng.permutation([0.0, 0.0, 1.5, -0.5, 0.0])
    return {"w": sized(rng, 5), "x": x, "t": 0.0, "learning_rate": 0.3}


@values.case("weights that are zero", draws=2)
def fresh_weights(rng):
    return {"w": np.zeros(3), "x": sized(rng, 3), "t": float(sized(rng)), "learning_rate": 0.2}


@values.case("a large error")
def large_error(rng):
    return {"w": sized(rng, 3), "x": sized(rng, 3), "t": 40.0 + rng.uniform(), "learning_rate": 0.01}


@values.case("a single weight")
def single(rng):
    return {"w": sized(rng, 1), "x": sized(rng, 1), "t": 0.3, "learning_rate": 0.2}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def error_grows(w, x, t, learning_rate):
    """The weights move along the gradient, so the error grows.

    after your step, is w . x nearer to t?
    """
    return w + learning_rate * (w @ x - t) * x


@exercise.misconception()
def input_left_out(w, x, t, learning_rate):
    """The error is subtracted from every weight alike; a weight moves in proportion to its own input.

    what is the derivative of w . x with respect to one weight?
    """
    return w - learning_rate * (w @ x - t)


@exercise.misconception()
def factor_two(w, x, t, learning_rate):
    """There is a factor 2 too much: the square's 2 cancels the 1/2 in front.

    differentiate 1/2 e^2.
    """
    return w - learning_rate * 2 * (w @ x - t) * x


@exercise.misconception()
def rate_ignored(w, x, t, learning_rate):
    """The learning rate has no effect.

    which factor sets the length of the step?
    """
    return w - (w @ x - t) * x


@exercise.misconception()
def weights_for_input(w, x, t, learning_rate):
    """The error multiplies the weights; the derivative of w . x with respect to w is x.

    what is the derivative of w . x with respect to one weight?
    """
    return w - learning_rate * (w @ x - t) * w


@exercise.misconception()
def entries_not_summed(w, x, t, learning_rate):
    """`*` keeps the products apart; the unit's output is their sum.

    how many outputs has the unit?
    """
    return w - learning_rate * (w * x - t) * x


@exercise.misconception()
def step_alone(w, x, t, learning_rate):
    """This is the step; the new weights are the old ones plus the step.

    where does the step begin?
    """
    return -learning_rate * (w @ x - t) * x


@exercise.misconception()
def target_left_out(w, x, t, learning_rate):
    """The target plays no part: the output is used where the error belongs.

    what should happen when the output is right already?
    """
    return w - learning_rate * (w @ x) * x


@exercise.misconception()
def squared_error(w, x, t, learning_rate):
    """The squared error is used; its derivative is the error itself, with its sign.

    differentiate 1/2 e^2.
    """
    return w - learning_rate * (w @ x - t) ** 2 * x


@exercise.misconception()
def threshold_used(w, x, t, learning_rate):
    """The output is thresholded first, as in the perceptron; the delta rule's unit is linear.

    which output stands in the loss?
    """
    return w - learning_rate * ((w @ x >= 0) - t) * x


@exercise.misconception()
def sign_of_the_error(w, x, t, learning_rate):
    """Only the sign of the error is used; a large error moves the weights farther than a small one.

    differentiate 1/2 e^2.
    """
    return w - learning_rate * np.sign(w @ x - t) * x


@exercise.misconception()
def divided_by_the_inputs(w, x, t, learning_rate):
    """The gradient is averaged over the inputs; there is one sample, and its inputs are summed.

    which sum does w . x stand for?
    """
    return w - learning_rate * (w @ x - t) * x / len(x)


@exercise.misconception()
def normalised(w, x, t, learning_rate):
    """The step is divided by the squared length of x: a known variant, but not this gradient.

    differentiate 1/2 (w . x - t)^2.
    """
    return w - learning_rate * (w @ x - t) * x / (x @ x)


@exercise.misconception()
def weights_changed(w, x, t, learning_rate):
    """`-=` changes the caller's weights; new ones are to be returned.

    which operator makes a new array?
    """
    w -= learning_rate * (w @ x - t) * x
    return w


@exercise.misconception()
def loss_returned(w, x, t, learning_rate):
    """The loss of the sample is returned; the new weights are asked for.

    what shape has the answer?
    """
    return (w @ x - t) ** 2 / 2


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_the_missing_part(w, x, t, learning_rate):
    return w + learning_rate * (t - np.dot(w, x)) * x


@exercise.alternative
def weight_by_weight(w, x, t, learning_rate):
    output = sum(w[i] * x[i] for i in range(len(w)))
    return np.array([w[i] - learning_rate * (output - t) * x[i] for i in range(len(w))])


@exercise.alternative
def by_a_matrix(w, x, t, learning_rate):
    shrink = np.eye(len(w)) - learning_rate * np.outer(x, x)
    return shrink @ w + learning_rate * t * x


@exercise.alternative
def by_changing_a_copy(w, x, t, learning_rate):
    new = w.copy()
    new -= learning_rate * x * ((w * x).sum() - t)
    return new


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "w.T @ x",
    "w @ x.T",
    "x @ w",
    "x.T @ w.T",
    reason="the product of two vectors has no order, and a vector no transpose",
)
