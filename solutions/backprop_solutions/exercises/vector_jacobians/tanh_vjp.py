"""tanh_vjp: pull the upstream gradient back through A = tanh(Z)."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians.inputs import D, K, N
from backprop_solutions.vector_jacobians import tanh_vjp

exercise = Definition(tanh_vjp)

values = exercise.aspect("values", hint="write the slope of tanh in terms of its own output.")


@values.case("a small batch of activations")
def small_tanh(rng):
    return {"G": np.array([[3.0, -2.0, 4.0]]), "A": np.array([[0.5, -0.5, 0.0]])}


@values.case("random activations", draws=3)
def random_tanh(rng):
    return {"G": rng.normal(size=(N, D)), "A": np.tanh(rng.normal(size=(N, D)))}


def of_shape(*shape):
    return lambda rng: {"G": rng.normal(size=shape), "A": np.tanh(rng.normal(size=shape))}


values.add(
    Case(label="a vector", arguments=of_shape(K)),
    Case(label="an array with three axes", arguments=of_shape(2, N, D)),
    Case(label="a single entry", arguments=of_shape(1, 1)),
)


@values.case("saturated and sleeping units", draws=2, allow_warnings=True)
def extreme_units(rng):
    return {"G": rng.normal(size=(N, D)), "A": rng.choice([-1.0, 1.0, 0.0, 1e-9, 0.999], (N, D))}


@values.case("upstream gradients of 0, and large ones")
def extreme_upstream(rng):
    G = rng.normal(size=(N, D)) * np.array([[0.0], [1.0], [1e8], [-1e8]])
    return {"G": G, "A": of_shape(N, D)(rng)["A"]}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def tanh_applied_again(G, A):
    """tanh is applied once more, but A is the activation already.

    which of z and tanh(z) does the function receive?
    """
    return G * (1 - np.tanh(A) ** 2)


@exercise.misconception()
def tanh_square_forgotten(G, A):
    """The slope is 1 minus the square of the activation; the square is missing.

    is the slope of tanh ever larger than 1?
    """
    return G * (1 - A)


@exercise.misconception()
def tanh_with_the_sigmoid_rule(G, A):
    """This is the slope of the sigmoid.

    what is the slope of tanh at 0, where its output is 0?
    """
    return G * A * (1 - A)


@exercise.misconception()
def tanh_upstream_dropped(G, A):
    """This is the local slope alone; the upstream gradient is missing.

    what does the chain rule do with the slope and G?
    """
    return 1 - A**2


@exercise.misconception()
def tanh_slope_with_a_plus(G, A):
    """The sign before the square is wrong: where tanh saturates, its slope goes to 0.

    what should the slope be at an activation of 1?
    """
    return G * (1 + A**2)


@exercise.misconception()
def tanh_upstream_squared(G, A):
    """The slope is computed from G; it depends on the activation.

    which of the two arguments comes from the forward pass?
    """
    return G * (1 - G**2)


@exercise.misconception()
def tanh_in_place_of_its_slope(G, A):
    """G is multiplied by the activation; the chain rule wants its slope.

    what is the slope of tanh at 0, where its output is 0?
    """
    return G * A


@exercise.misconception()
def brackets_of_the_slope_missing(G, A):
    """Without brackets, G multiplies the 1 alone and the square is subtracted afterwards.

    what should the result be where G is 0?
    """
    return G * 1 - A**2


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def tanh_factored(G, A):
    return (1 - A) * (1 + A) * G


@exercise.alternative
def tanh_expanded(G, A):
    return G - G * A * A


@exercise.alternative
def tanh_from_pre_activation(G, A):
    return G / np.cosh(np.arctanh(A)) ** 2
