"""leaky_relu_vjp: what a leaky ReLU lets through on the way back."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.activations import leaky_relu_vjp
from backprop_solutions.exercises.activations.inputs import D, K, N, off_the_kinks

exercise = Definition(leaky_relu_vjp)

values = exercise.aspect("values", hint="for each entry: which line was followed forward, and how steep is it?")


@values.case("one number of each sign")
def one_of_each_sign(rng):
    return {"g": np.array([5.0, -5.0, 2.0]), "z": np.array([2.0, 3.0, -3.0]), "slope": 0.1}


@values.case("a batch, gradients of both signs", draws=3)
def a_batch(rng):
    g = rng.permuted(np.concatenate([rng.uniform(-3, -0.1, size=N), rng.uniform(0.1, 3, size=N * K - N)]))
    return {"g": g.reshape(N, K), "z": off_the_kinks(rng, (N, K), 0.0), "slope": rng.uniform(0.05, 0.9)}


@values.case("negative pre-activations only")
def negative_only(rng):
    return {"g": rng.normal(size=K), "z": -rng.uniform(0.1, 3, size=K), "slope": rng.uniform(0.2, 0.6)}


@values.case("an array of three axes, up to 1000", draws=2, visible=False)
def three_axes(rng):
    z = rng.uniform(-1000, 1000, size=(2, N, D))
    return {"g": rng.normal(size=(2, N, D)), "z": z, "slope": rng.uniform(0.05, 0.9)}


# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "side_from_the_upstream_sign",
    ("where(z", "where(g"),
    cause="The side is read off g; which line was followed is decided by z.",
    next_step="may a unit that was on receive a negative gradient?",
)


@exercise.misconception()
def upstream_dropped(g, z, slope):
    """These are the local slopes alone; the upstream gradient is missing.

    what does the chain rule do with a slope and g?
    """
    return np.where(z > 0, 1.0, slope)


@exercise.misconception()
def nothing_passes_where_negative(g, z, slope):
    """Nothing passes on the negative side, as in a plain ReLU; the leak is there to avoid just that.

    how steep is the line to the left of 0?
    """
    return g * (z > 0)


exercise.slip(
    "slopes_exchanged",
    ("1.0, slope", "slope, 1.0"),
    cause="The two slopes are exchanged.",
    next_step="how steep is the line to the right of 0?",
)


@exercise.misconception()
def activation_in_place_of_its_slope(g, z, slope):
    """g is multiplied by the activation; the chain rule wants its slope.

    what is the slope of the unit at z = 7?
    """
    return g * np.where(z > 0, z, slope * z)


@exercise.misconception()
def leaky_relu_of_the_gradient(g, z, slope):
    """On the negative side the slope stands alone, without the upstream gradient.

    what should doubling g do to every entry?
    """
    return np.where(z > 0, g, slope)


@exercise.misconception()
def slope_times_z_on_the_left(g, z, slope):
    """On the negative side g is multiplied by slope times z, which is the activation.

    what is the derivative of slope times z?
    """
    return np.where(z > 0, g, g * slope * z)


exercise.slip(
    "negative_side_subtracts",
    ("1.0, slope", "1.0, -slope"),
    cause="The gradient is turned round on the negative side, but the line rises there too.",
    next_step="does the activation grow or fall when z = -2 grows?",
)
exercise.slip(
    "slope_always_a_hundredth",
    ("1.0, slope", "1.0, 0.01"),
    cause="The slope is fixed at the deck's 0.01; here the caller chooses it.",
    next_step="where does the argument `slope` enter?",
)


@exercise.misconception()
def divided_by_the_slope(g, z, slope):
    """On the negative side the gradient is divided by the slope, so it grows.

    what does the chain rule do with a slope and g?
    """
    return np.where(z > 0, g, g / slope)


@exercise.misconception()
def summed_to_one_number(g, z, slope):
    """All entries are summed; each pre-activation has a gradient of its own.

    which shape does a gradient have?
    """
    return np.sum(g * np.where(z > 0, 1.0, slope))


@exercise.misconception()
def leak_written_into_g(g, z, slope):
    """The caller's g is overwritten; another branch of the graph may still need it.

    how do you get a new array out of g and the slopes?
    """
    g[z < 0] *= slope
    return g


@exercise.misconception()
def one_decision_for_the_whole_array(g, z, slope):
    """`if` asks one question, but an array has as many answers as entries.

    which NumPy function chooses entry by entry?
    """
    if z > 0:
        return g
    return slope * g


@exercise.misconception()
def slopes_times_z(g, z, slope):
    """The slopes are multiplied by z, which is the activation again; g does not enter.

    what arrives from above, and where is it used?
    """
    return np.where(z > 0, 1.0, slope) * z


@exercise.misconception()
def slope_of_the_absolute_value(g, z, slope):
    """The gradient passes whole on both sides, as for an absolute value.

    how steep is the line to the left of 0?
    """
    return g * np.sign(z)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def vjp_by_where(g, z, slope):
    return np.where(z > 0, g, slope * g)


@exercise.alternative
def vjp_by_masks(g, z, slope):
    return g * (z > 0) + slope * g * (z <= 0)


@exercise.alternative
def vjp_on_a_copy(g, z, slope):
    dz = g.copy()
    dz[z < 0] *= slope
    return dz


@exercise.alternative
def vjp_by_sign(g, z, slope):
    return g * ((1 + slope) + (1 - slope) * np.sign(z)) / 2


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("z >= 0", reason="at the kink either slope is a subgradient, and neither is asked for")
