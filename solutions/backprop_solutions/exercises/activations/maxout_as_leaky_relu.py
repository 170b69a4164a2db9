"""maxout_as_leaky_relu: two pieces that make a leaky ReLU."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.activations import maxout_as_leaky_relu
from backprop_solutions.exercises.activations.inputs import D, K

exercise = Definition(maxout_as_leaky_relu)


def steeper_piece_first(student, w, b, slope):
    W, c = student.maxout_as_leaky_relu(w, b, slope)
    if np.shape(W) == (2, len(w), 1) and np.shape(c) == (2, 1):  # either order is right
        distance = [np.abs(W[p, :, 0] - w).sum() + abs(c[p, 0] - b) for p in range(2)]
        order = [0, 1] if distance[0] <= distance[1] else [1, 0]
        W, c = W[order], c[order]
    return {"W": W, "b": c}


def unit(inputs, bias=None):
    """Return a case's factory: weights, bias and slope of one unit."""

    def arguments(rng):
        b = float(rng.uniform(0.5, 2) * rng.choice([-1, 1])) if bias is None else bias
        return {"w": rng.normal(size=inputs), "b": b, "slope": float(rng.uniform(0.05, 0.6))}

    return arguments


values = exercise.aspect(
    "values", hint="to the left of its kink the unit is slope (w.x + b): which weights and bias are these?"
)
values.add(
    Case(
        label="one input",
        arguments=lambda rng: {"w": np.array([2.0]), "b": 3.0, "slope": 0.1},
        probe=steeper_piece_first,
    ),
    Case(label="several inputs", arguments=unit(D), probe=steeper_piece_first, draws=3),
    Case(label="a bias of 0", arguments=unit(D, 0.0), probe=steeper_piece_first),
    Case(label="more inputs", arguments=unit(K), probe=steeper_piece_first, draws=2, visible=False),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def bias_not_scaled(w, b, slope):
    """The second piece scales the weights but not the bias, so the pieces do not meet at w.x + b = 0.

    which number multiplies the slope in a leaky ReLU?
    """
    return np.stack([w, slope * w])[:, :, None], np.array([[b], [b]])


@exercise.misconception()
def leak_without_a_bias(w, b, slope):
    """The second piece has no bias, so the pieces do not meet at w.x + b = 0.

    which number multiplies the slope in a leaky ReLU?
    """
    return np.stack([w, slope * w])[:, :, None], np.array([[b], [0.0]])


@exercise.misconception()
def no_leak(w, b, slope):
    """The second piece is 0: that is a plain ReLU.

    where does `slope` enter?
    """
    return np.stack([w, 0 * w])[:, :, None], np.array([[b], [0.0]])


@exercise.misconception()
def slope_on_both_pieces(w, b, slope):
    """Both pieces are scaled, so the unit is linear.

    which piece is followed where w.x + b is positive?
    """
    return slope * np.stack([w, w])[:, :, None], slope * np.array([[b], [b]])


@exercise.misconception()
def negative_slope(w, b, slope):
    """The second piece rises to the left: that is a bent absolute value.

    should the unit grow or fall where w.x + b falls below 0?
    """
    return np.stack([w, -slope * w])[:, :, None], np.array([[b], [-slope * b]])


@exercise.misconception()
def slope_as_a_bias(w, b, slope):
    """The slope stands in the bias; it multiplies w.x + b.

    what should the unit give at w.x + b = -1 and at -2?
    """
    return np.stack([w, 0 * w])[:, :, None], np.array([[b], [slope]])


@exercise.misconception()
def slope_always_a_hundredth(w, b, slope):
    """The slope is fixed at the deck's 0.01; here the caller chooses it.

    where does the argument `slope` enter?
    """
    return np.stack([w, 0.01 * w])[:, :, None], np.array([[b], [0.01 * b]])


@exercise.misconception()
def slope_added(w, b, slope):
    """The slope is added to the weights; the second piece is a multiple of the first.

    which number multiplies w.x + b on the negative side?
    """
    return np.stack([w, w + slope])[:, :, None], np.array([[b], [b + slope]])


@exercise.misconception()
def unit_axis_missing(w, b, slope):
    """The axis of the units is missing; one unit has an axis of length 1.

    what shapes do W and b have for K = 1?
    """
    return np.stack([w, slope * w]), np.array([b, slope * b])


@exercise.misconception()
def rest_of_the_slope(w, b, slope):
    """The second piece has the rest up to 1 instead of the slope.

    what should the unit give at w.x + b = -1?
    """
    return np.stack([w, (1 - slope) * w])[:, :, None], np.array([[b], [(1 - slope) * b]])


@exercise.misconception()
def bias_before_weights(w, b, slope):
    """The weights are right but returned in another order.

    compare with the docstring: which comes first?
    """
    return np.array([[b], [slope * b]]), np.stack([w, slope * w])[:, :, None]


@exercise.misconception()
def unit_axis_of_the_biases_missing(w, b, slope):
    """The biases lack the axis of the units, which has length 1.

    what shape does b have for P = 2 and K = 1?
    """
    return np.stack([w, slope * w])[:, :, None], np.array([b, slope * b])


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def leaky_outer_products(w, b, slope):
    factors = np.array([1.0, slope])
    return np.outer(factors, w)[:, :, None], np.outer(factors, b)


@exercise.alternative
def leaking_piece_first(w, b, slope):
    W = np.concatenate([slope * w.reshape(1, -1, 1), w.reshape(1, -1, 1)])
    return W, np.array([slope * b, b]).reshape(2, 1)


@exercise.alternative
def leaky_filled_into_zeros(w, b, slope):
    W, c = np.zeros((2, len(w), 1)), np.zeros((2, 1))
    for p, factor in enumerate((1, slope)):
        W[p, :, 0], c[p, 0] = factor * w, factor * b
    return [W, c]
