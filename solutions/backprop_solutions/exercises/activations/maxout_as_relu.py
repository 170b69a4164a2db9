"""maxout_as_relu: two pieces that make a ReLU."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.activations import maxout_as_relu
from backprop_solutions.exercises.activations.inputs import D, K

exercise = Definition(maxout_as_relu)


def steeper_piece_first(student, w, b):
    W, c = student.maxout_as_relu(w, b)
    if np.shape(W) == (2, len(w), 1) and np.shape(c) == (2, 1):  # either order is right
        distance = [np.abs(W[p, :, 0] - w).sum() + abs(c[p, 0] - b) for p in range(2)]
        order = [0, 1] if distance[0] <= distance[1] else [1, 0]
        W, c = W[order], c[order]
    return {"W": W, "b": c}


def unit(inputs, bias=None):
    """Return a case's factory: weights and bias of one unit."""

    def arguments(rng):
        return {
            "w": rng.normal(size=inputs),
            "b": float(rng.uniform(0.5, 2) * rng.choice([-1, 1])) if bias is None else bias,
        }

    return arguments


values = exercise.aspect("values", hint="which two affine functions of x is max(0, w.x + b) the larger of?")
values.add(
    Case(label="one input", arguments=lambda rng: {"w": np.array([2.0]), "b": 3.0}, probe=steeper_piece_first),
    Case(label="several inputs", arguments=unit(D), probe=steeper_piece_first, draws=3),
    Case(label="a bias of 0", arguments=unit(D, 0.0), probe=steeper_piece_first),
    Case(label="more inputs", arguments=unit(K), probe=steeper_piece_first, draws=2, visible=False),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def both_pieces_the_same(w, b):
    """Both pieces are w.x + b, so their maximum is linear.

    which second piece holds the unit up where the first one is negative?
    """
    return np.stack([w, w])[:, :, None], np.array([[b], [b]])


@exercise.misconception()
def zero_piece_with_a_bias(w, b):
    """The flat piece keeps the bias, so the unit never falls below b.

    at which height is a ReLU flat?
    """
    return np.stack([w, 0 * w])[:, :, None], np.array([[b], [b]])


@exercise.misconception()
def opposite_pieces(w, b):
    """The second piece is the opposite of the first: that makes an absolute value.

    what should the unit give where w.x + b is negative?
    """
    return np.stack([w, -w])[:, :, None], np.array([[b], [-b]])


@exercise.misconception()
def bias_left_out(w, b):
    """The bias is left out, so the kink lies at w.x = 0.

    where should the unit switch on?
    """
    return np.stack([w, 0 * w])[:, :, None], np.zeros((2, 1))


@exercise.misconception()
def bias_on_the_other_piece(w, b):
    """The bias belongs to the wrong piece.

    which piece is w.x + b?
    """
    return np.stack([w, 0 * w])[:, :, None], np.array([[0.0], [b]])


@exercise.misconception()
def unit_axis_missing(w, b):
    """The axis of the units is missing; one unit has an axis of length 1.

    what shapes do W and b have for K = 1?
    """
    return np.stack([w, 0 * w]), np.array([b, 0.0])


@exercise.misconception()
def zero_piece_left_out(w, b):
    """There is only one piece, so the unit is linear.

    which piece is larger where w.x + b is negative?
    """
    return w[None, :, None], np.array([[b]])


@exercise.misconception()
def piece_of_ones(w, b):
    """The second piece has weights of 1; it should not look at x at all.

    which affine function is 0 for every x?
    """
    return np.stack([w, np.ones_like(w)])[:, :, None], np.array([[b], [0.0]])


@exercise.misconception()
def bias_before_weights(w, b):
    """The weights are right but returned in another order.

    compare with the docstring: which comes first?
    """
    return np.array([[b], [0.0]]), np.stack([w, 0 * w])[:, :, None]


@exercise.misconception()
def pieces_along_the_last_axis(w, b):
    """The pieces lie along the last axis, which is that of the units.

    what shape does W have for P = 2 and K = 1?
    """
    return np.stack([w, 0 * w], axis=-1)[None], np.array([[b, 0.0]])


@exercise.misconception()
def unit_axis_of_the_weights_missing(w, b):
    """The weights lack the axis of the units, which has length 1.

    what shape does W have for P = 2 and K = 1?
    """
    return np.stack([w, 0 * w]), np.array([[b], [0.0]])


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def filled_into_zeros(w, b):
    W, c = np.zeros((2, len(w), 1)), np.zeros((2, 1))
    W[0, :, 0], c[0, 0] = w, b
    return W, c


@exercise.alternative
def flat_piece_first(w, b):
    W = np.concatenate([np.zeros((1, w.size, 1)), w.reshape(1, -1, 1)])
    return W, np.array([0.0, b]).reshape(2, 1)


@exercise.alternative
def outer_products(w, b):
    on = np.array([1.0, 0.0])
    return [np.outer(on, w)[..., None], on[:, None] * b]
