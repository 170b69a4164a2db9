"""multiply_vjp: pull the upstream gradient back to both factors of the elementwise product o = y * z."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.vector_jacobians.inputs import K
from backprop_solutions.vector_jacobians import multiply_vjp

exercise = Definition(multiply_vjp, ("dy dz",))

values = exercise.aspect("values", hint="hold one factor fixed: what is the slope of o = y z in the other?")


@values.case("three multiplicative units")
def small_factors(rng):
    return {"g": np.array([1.0, -2.0, 3.0]), "y": np.array([2.0, 5.0, -1.0]), "z": np.array([4.0, 0.5, 3.0])}


@values.case("random factors", draws=3)
def random_factors(rng):
    return {"g": rng.normal(size=K), "y": rng.normal(size=K), "z": rng.normal(size=K)}


@values.case("factors of 0", draws=2)
def factors_of_zero(rng):
    y, z = rng.normal(size=K), rng.normal(size=K)
    y[1] = z[3] = 0.0
    return {"g": rng.normal(size=K), "y": y, "z": z}


@values.case("equal factors, and both 0")
def equal_factors(rng):
    y = rng.normal(size=K)
    y[2] = 0.0
    return {"g": rng.normal(size=K), "y": y, "z": y.copy()}


@values.case("a single unit, with an upstream gradient")
def single_unit(rng):
    return {name: rng.normal(size=1) for name in "gyz"}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def own_factor_in_place_of_the_other(g, y, z):
    """Each gradient uses its own factor; the slope in y is z.

    if z = 0, does the product react to y?
    """
    return g * y, g * z


@exercise.misconception()
def sum_of_the_factors(g, y, z):
    """Both terms of the product rule are added; here y and z are separate variables.

    what is the slope in y while z stays fixed?
    """
    return g * (y + z), g * (y + z)


@exercise.misconception()
def multiply_upstream_dropped(g, y, z):
    """This is the local slope alone; the upstream gradient is missing.

    what does the chain rule do with the slope and g?
    """
    return z, y


@exercise.misconception()
def product_divided_by_the_factor(g, y, z):
    """The other factor is found by division, which fails where a factor is 0.

    can you use the other factor directly?
    """
    return g * (y * z) / y, g * (y * z) / z


@exercise.misconception()
def second_factor_constant(g, y, z):
    """z is treated as a constant, but it is an output of the layer below as well.

    what is the slope in z while y stays fixed?
    """
    return g * z, np.zeros_like(z)


@exercise.misconception()
def units_summed(g, y, z):
    """The units are summed into one number; each unit has its own two factors.

    which units does entry i of y reach?
    """
    return g @ z, g @ y


@exercise.misconception()
def product_in_place_of_its_slope(g, y, z):
    """g is multiplied by the product; the chain rule wants its slope.

    what is the slope of o = y z in y?
    """
    return g * y * z, g * y * z


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def multiply_by_diagonals(g, y, z):
    return np.diag(z) @ g, np.diag(y) @ g


@exercise.alternative
def multiply_by_loops(g, y, z):
    return [np.array([a * c for a, c in zip(g, z, strict=True)]), np.array([a * b for a, b in zip(g, y, strict=True)])]


@exercise.alternative
def multiply_stacked(g, y, z):
    both = g * np.stack([z, y])
    return both[0], both[1]
