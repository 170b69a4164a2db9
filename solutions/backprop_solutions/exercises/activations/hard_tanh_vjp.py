"""hard_tanh_vjp: what passes back between the kinks."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.activations import hard_tanh_vjp
from backprop_solutions.exercises.activations.inputs import D, K, N, off_the_kinks

exercise = Definition(hard_tanh_vjp)

values = exercise.aspect("values", hint="the unit is made of three straight pieces: how steep is each of them?")


@values.case("on both sides of both kinks")
def both_sides(rng):
    return {"g": np.array([2.0, -3.0, 5.0, 7.0]), "z": np.array([0.5, -0.5, 3.0, -3.0])}


@values.case("a batch, gradients of both signs", draws=3)
def a_batch(rng):
    return {"g": rng.normal(scale=2, size=(N, K)), "z": off_the_kinks(rng, (N, K), -1.0, 0.0, 1.0)}


@values.case("a unit that is not saturated")
def not_saturated(rng):
    return {"g": rng.normal(size=K), "z": rng.uniform(-0.9, 0.9, size=K)}


@values.case("an array of three axes, up to 1000", draws=2, visible=False)
def three_axes(rng):
    z = rng.uniform(-2, 2, size=(2, N, D))
    z[:, 0] *= 500
    return {"g": rng.normal(size=(2, N, D)), "z": z + 0.2 * (abs(abs(z) - 1) < 0.05)}


# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "passes_beyond_the_kinks",
    ("< 1", ">= 1"),
    cause="The mask is reversed: it passes the gradient where the unit is flat.",
    next_step="how steep is the unit at z = 0?",
)


@exercise.misconception()
def slope_of_the_smooth_tanh(g, z):
    """This is the slope of tanh; the hard one is made of straight pieces.

    how steep is the middle piece?
    """
    return g * (1 - np.tanh(z) ** 2)


exercise.slip(
    "flat_on_the_right_only",
    ("np.abs(z)", "z"),
    cause="The gradient still passes to the left of -1, where the unit is flat.",
    next_step="where does the unit not move when z does?",
)
exercise.slip(
    "flat_on_the_left_only",
    ("np.abs(z) < 1", "z > -1"),
    cause="The gradient still passes to the right of 1, where the unit is flat.",
    next_step="where does the unit not move when z does?",
)
exercise.slip(
    "mask_of_a_relu",
    ("np.abs(z) < 1", "z > 0"),
    cause="This is the mask of a ReLU; the middle piece of this unit reaches from -1 to 1.",
    next_step="how steep is the unit at z = -0.5?",
)


@exercise.misconception()
def mask_between_zero_and_one(g, z):
    """The gradient is stopped between -1 and 0, where the unit still moves.

    how steep is the unit at z = -0.5?
    """
    return g * ((z > 0) & (z < 1))


exercise.slip(
    "mask_from_the_upstream_size",
    ("np.abs(z)", "np.abs(g)"),
    cause="The mask is read off g; where the unit is flat is decided by z.",
    next_step="may a large gradient pass a unit that is not saturated?",
)


@exercise.misconception()
def upstream_dropped(g, z):
    """These are the local slopes alone; the upstream gradient is missing.

    what does the chain rule do with a slope and g?
    """
    return 1.0 * (np.abs(z) < 1)


@exercise.misconception()
def gradient_cut_off(g, z):
    """The gradient is cut off at -1 and 1; it is the pre-activation that decides what passes.

    how steep is the unit at z = 3?
    """
    return np.clip(g, -1, 1)


@exercise.misconception()
def activation_in_place_of_its_slope(g, z):
    """g is multiplied by the activation; the chain rule wants its slope.

    how steep is the unit at z = 3?
    """
    return g * np.clip(z, -1, 1)


@exercise.misconception()
def one_minus_the_square(g, z):
    """1 - h^2 is the slope of the smooth tanh in terms of its value; here it bends what is straight.

    how steep is the middle piece at z = 0.5?
    """
    return g * (1 - np.clip(z, -1, 1) ** 2)


@exercise.misconception()
def mask_written_into_g(g, z):
    """The caller's g is overwritten; another branch of the graph may still need it.

    how do you get a new array out of g and a mask?
    """
    g[np.abs(z) > 1] = 0
    return g


@exercise.misconception()
def one_decision_for_the_whole_array(g, z):
    """`if` asks one question, but an array has as many answers as entries.

    which NumPy function chooses entry by entry?
    """
    if abs(z) < 1:
        return g
    return 0 * g


@exercise.misconception()
def sign_beyond_the_kinks(g, z):
    """Beyond the kinks g still passes, with the sign of z: that is the activation's value there, not its slope.

    how steep is the unit at z = 3?
    """
    return np.where(np.abs(z) < 1, g, np.sign(z) * g)


@exercise.misconception()
def slope_falling_to_the_kinks(g, z):
    """The slope falls towards the kinks; the middle piece is straight, equally steep everywhere.

    how steep is the middle piece at z = 0.5?
    """
    return g * np.clip(1 - np.abs(z), 0, 1)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def hard_vjp_by_where(g, z):
    return np.where((z > -1) & (z < 1), g, 0.0)


@exercise.alternative
def hard_vjp_on_a_copy(g, z):
    dz = g.copy()
    dz[(z <= -1) | (z >= 1)] = 0
    return dz


@exercise.alternative
def vjp_where_nothing_was_cut_off(g, z):
    return g * (np.clip(z, -1, 1) == z)


@exercise.alternative
def vjp_by_signs(g, z):
    return g * (np.sign(z + 1) - np.sign(z - 1)) / 2


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("<= 1", reason="at the kinks either slope is a subgradient, and neither is asked for")
