"""sgd_step: take one step downhill: return new parameters and leave the old ones untouched."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.mlp_training.inputs import D, H, K, network
from backprop_solutions.mlp_training import sgd_step


def random_step(rng):
    parameters, gradients = network(rng, (D, H, K)), network(rng, (D, H, K))
    return {"parameters": parameters, "gradients": gradients, "learning_rate": rng.uniform(0.1, 0.9)}


exercise = Definition(sgd_step, ("layer {}", "W b"))

values = exercise.aspect(
    "values", hint="every new block is the old one minus learning_rate times its gradient, in an array of its own."
)


@values.case("a step by hand")
def step_by_hand(rng):
    parameters = [(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.0, -1.0]))]
    gradients = [(np.array([[1.0, -1.0], [0.0, 2.0], [-2.0, 0.5]]), np.array([4.0, 10.0]))]
    return {"parameters": parameters, "gradients": gradients, "learning_rate": 0.5}


values.add(Case(label="a step with two layers", arguments=random_step, draws=3))


@values.case("a learning rate of zero", visible=False)
def step_of_length_zero(rng):
    return {**random_step(rng), "learning_rate": 0.0}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def uphill(parameters, gradients, learning_rate):
    """The gradient is added; it points to where the loss grows.

    which way lowers the loss?
    """
    pairs = zip(parameters, gradients, strict=True)
    return [(W + learning_rate * dW, b + learning_rate * db) for (W, b), (dW, db) in pairs]


@exercise.misconception()
def callers_arrays_moved(parameters, gradients, learning_rate):
    """W -= ... changes the caller's array; new parameters are wanted.

    which expression makes a new array?
    """
    for (W, b), (dW, db) in zip(parameters, gradients, strict=True):
        W -= learning_rate * dW
        b -= learning_rate * db
    return parameters


@exercise.misconception()
def biases_left_behind(parameters, gradients, learning_rate):
    """The biases do not move.

    which gradients have not been used?
    """
    pairs = zip(parameters, gradients, strict=True)
    return [(W - learning_rate * dW, b) for (W, b), (dW, _) in pairs]


@exercise.misconception()
def only_the_step(parameters, gradients, learning_rate):
    """This is the step itself; the step has to be taken from where the parameters are.

    from which point does the step start?
    """
    return [(-learning_rate * dW, -learning_rate * db) for dW, db in gradients]


@exercise.misconception()
def learning_rate_ignored(parameters, gradients, learning_rate):
    """The step has the gradient's full length; the learning rate is not used.

    what should a learning rate of zero do?
    """
    pairs = zip(parameters, gradients, strict=True)
    return [(W - dW, b - db) for (W, b), (dW, db) in pairs]


@exercise.misconception()
def sign_of_the_gradient(parameters, gradients, learning_rate):
    """Only the gradient's sign is used, so that every weight moves equally far.

    which weights should move most?
    """
    pairs = zip(parameters, gradients, strict=True)
    return [(W - learning_rate * np.sign(dW), b - learning_rate * np.sign(db)) for (W, b), (dW, db) in pairs]


@exercise.misconception()
def gradient_scaled_to_length_one(parameters, gradients, learning_rate):
    """The gradient is scaled to length one, so steps never shrink.

    how long should the step be where the gradient is small?
    """
    length = np.sqrt(sum(np.sum(block**2) for layer in gradients for block in layer))
    pairs = zip(parameters, gradients, strict=True)
    return [(W - learning_rate * dW / length, b - learning_rate * db / length) for (W, b), (dW, db) in pairs]


@exercise.misconception()
def last_layer_only(parameters, gradients, learning_rate):
    """Only the last layer moves.

    how many layers do the gradients have?
    """
    (W, b), (dW, db) = parameters[-1], gradients[-1]
    return [*parameters[:-1], (W - learning_rate * dW, b - learning_rate * db)]


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def step_by_index(parameters, gradients, learning_rate):
    new = []
    for k in range(len(parameters)):
        new.append([p - learning_rate * g for p, g in zip(parameters[k], gradients[k], strict=True)])
    return new


@exercise.alternative
def step_on_copies(parameters, gradients, learning_rate):
    new = [(W.copy(), b.copy()) for W, b in parameters]
    for layer, gradient in zip(new, gradients, strict=True):
        for block, change in zip(layer, gradient, strict=True):
            block -= learning_rate * change
    return new


@exercise.alternative
def step_by_adding(parameters, gradients, learning_rate):
    return tuple(
        (np.add(W, np.multiply(-learning_rate, dW)), np.add(b, np.multiply(-learning_rate, db)))
        for (W, b), (dW, db) in zip(parameters, gradients, strict=True)
    )
