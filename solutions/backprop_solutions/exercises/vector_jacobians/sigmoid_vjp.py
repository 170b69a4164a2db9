"""sigmoid_vjp: pull the upstream gradient back through A = 1 / (1 + exp(-Z))."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians.inputs import D, K, N
from backprop_solutions.vector_jacobians import sigmoid_vjp

exercise = Definition(sigmoid_vjp)

values = exercise.aspect("values", hint="write the slope of the sigmoid in terms of its own output.")


@values.case("a small batch of activations")
def small_sigmoid(rng):
    return {"G": np.array([[2.0, 3.0, -4.0]]), "A": np.array([[0.5, 0.9, 0.2]])}


@values.case("random activations", draws=3)
def random_sigmoid(rng):
    return {"G": rng.normal(size=(N, D)), "A": 1 / (1 + np.exp(-rng.normal(size=(N, D))))}


def of_shape(*shape):
    return lambda rng: {"G": rng.normal(size=shape), "A": 1 / (1 + np.exp(-rng.normal(size=shape)))}


values.add(
    Case(label="a vector", arguments=of_shape(K)),
    Case(label="an array with three axes", arguments=of_shape(2, N, D)),
    Case(label="a single entry", arguments=of_shape(1, 1)),
)


@values.case("saturated units", draws=2)
def extreme_units(rng):
    return {"G": rng.normal(size=(N, D)), "A": rng.choice([0.0, 1.0, 1e-20, 0.5, 0.999], (N, D))}


@values.case("upstream gradients of 0, and large ones")
def extreme_upstream(rng):
    G = rng.normal(size=(N, D)) * np.array([[0.0], [1.0], [1e8], [-1e8]])
    return {"G": G, "A": of_shape(N, D)(rng)["A"]}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def sigmoid_applied_again(G, A):
    """The sigmoid is applied once more, but A is the activation already.

    which of z and sigmoid(z) does the function receive?
    """
    S = 1 / (1 + np.exp(-A))
    return G * S * (1 - S)


@exercise.misconception()
def sigmoid_with_the_tanh_rule(G, A):
    """This is the slope of tanh.

    the sigmoid is steepest at an output of 1/2; how steep is it there?
    """
    return G * (1 - A**2)


@exercise.misconception()
def sigmoid_one_factor_only(G, A):
    """One of the two factors of the slope is missing.

    the slope is the same at outputs 0.1 and 0.9; is yours?
    """
    return G * (1 - A)


@exercise.misconception()
def sigmoid_upstream_dropped(G, A):
    """This is the local slope alone; the upstream gradient is missing.

    what does the chain rule do with the slope and G?
    """
    return A * (1 - A)


@exercise.misconception()
def sigmoid_sign_reversed(G, A):
    """The slope comes out negative, although the sigmoid rises everywhere.

    which of A and 1 is larger?
    """
    return G * A * (A - 1)


@exercise.misconception()
def sigmoid_in_place_of_its_slope(G, A):
    """G is multiplied by the activation; the chain rule wants its slope.

    what is the slope where the sigmoid is saturated near 1?
    """
    return G * A


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def sigmoid_expanded(G, A):
    return G * (A - A**2)


@exercise.alternative
def sigmoid_from_the_middle(G, A):
    return G * (0.25 - (A - 0.5) ** 2)


@exercise.alternative
def sigmoid_in_place_of_its_own_result(G, A):
    slope = 1 - A
    slope *= A
    slope *= G
    return slope
