"""relu_vjp: pull the upstream gradient back through A = max(0, Z)."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians.inputs import D, K, N
from backprop_solutions.vector_jacobians import relu_vjp

exercise = Definition(relu_vjp)

values = exercise.aspect(
    "values", hint="for each entry ask: did the forward pass let it through, and with which slope?"
)


@values.case("a small batch")
def small_relu(rng):
    return {"G": np.array([[2.0, -3.0, 5.0]]), "Z": np.array([[1.0, 4.0, -2.0]])}


@values.case("random gradients of both signs", draws=3)
def random_relu(rng):
    return {"G": rng.normal(size=(N, D)), "Z": rng.normal(size=(N, D))}


@values.case("pre-activations of exactly 0", draws=2)
def relu_at_the_kink(rng):
    Z = rng.normal(size=(N, D))
    Z[1] = 0.0
    return {"G": rng.normal(size=(N, D)), "Z": Z}


def of_shape(*shape):
    return lambda rng: {"G": rng.normal(size=shape), "Z": rng.normal(size=shape)}


values.add(
    Case(label="a vector", arguments=of_shape(K)),
    Case(label="an array with three axes", arguments=of_shape(2, N, D)),
    Case(label="a single entry", arguments=of_shape(1, 1)),
)


@values.case("pre-activations next to 0", draws=2)
def extreme_units(rng):
    return {"G": rng.normal(size=(N, D)), "Z": rng.choice([-1e-12, 1e-12, -0.0, 1e-300], (N, D))}


@values.case("upstream gradients of 0, and large ones")
def extreme_upstream(rng):
    G = rng.normal(size=(N, D)) * np.array([[0.0], [1.0], [1e8], [-1e8]])
    return {"G": G, "Z": of_shape(N, D)(rng)["Z"]}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def mask_from_the_upstream_sign(G, Z):
    """The mask comes from the sign of G; what passed forward is decided by Z.

    may a unit that was active receive a negative gradient?
    """
    return G * (G > 0)


@exercise.misconception()
def both_signs_masked(G, Z):
    """Negative upstream gradients are cut off too; only the sign of Z matters.

    may a unit that was active receive a negative gradient?
    """
    return G * (G > 0) * (Z > 0)


@exercise.misconception()
def slope_one_at_zero(G, Z):
    """At 0 the slope is taken as 1, CMU's choice; this course takes 0.

    which comparison leaves 0 out?
    """
    return G * (Z >= 0)


@exercise.misconception()
def relu_in_place_of_its_slope(G, Z):
    """G is multiplied by the activation; the chain rule wants its slope.

    what is the slope of max(0, z) at z = 7?
    """
    return G * np.maximum(Z, 0)


@exercise.misconception()
def relu_upstream_dropped(G, Z):
    """This is the local slope alone; the upstream gradient is missing.

    what does the chain rule do with the slope and G?
    """
    return 1.0 * (Z > 0)


@exercise.misconception()
def relu_of_the_upstream_array_overwritten(G, Z):
    """The caller's G is overwritten; another branch of the graph may still need it.

    how can you get a new array from G and a mask?
    """
    G[Z <= 0] = 0
    return G


@exercise.misconception()
def relu_mask_reversed(G, Z):
    """The mask lets the inactive units through.

    what is the slope of max(0, z) at z = 7?
    """
    return G * (Z < 0)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def relu_by_where(G, Z):
    return np.where(Z > 0, G, 0.0)


@exercise.alternative
def relu_on_a_copy(G, Z):
    dZ = G.copy()
    dZ[Z <= 0] = 0
    return dZ


@exercise.alternative
def relu_by_sign(G, Z):
    return G * np.heaviside(Z, 0.0)
