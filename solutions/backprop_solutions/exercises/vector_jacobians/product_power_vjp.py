"""product_power_vjp: pull the upstream gradient back through y_i = prod_l z_l ** alpha[l, i]."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.vector_jacobians.inputs import D, K
from backprop_solutions.vector_jacobians import product_power_vjp

exercise = Definition(product_power_vjp)

values = exercise.aspect(
    "values", hint="take the logarithm of y_i: how does it move with z_j, and what does that make of y_i itself?"
)


@values.case("two inputs, three products")
def small_powers(rng):
    return {
        "g": np.array([1.0, 2.0, -1.0]),
        "z": np.array([2.0, 3.0]),
        "alpha": np.array([[1.0, 2.0, 0.0], [3.0, 0.0, 1.0]]),
    }


@values.case("random exponents", draws=3)
def random_powers(rng):
    return {"g": rng.normal(size=K), "z": rng.uniform(0.5, 2.0, size=D), "alpha": rng.normal(size=(D, K))}


@values.case("whole exponents, zero and negative ones too", draws=2)
def whole_powers(rng):
    alpha = rng.integers(-2, 4, size=(D, K)).astype(float)
    alpha[1, 2] = 0.0
    return {"g": rng.normal(size=K), "z": rng.uniform(0.5, 2.0, size=D), "alpha": alpha}


@values.case("one input")
def one_input(rng):
    return {"g": rng.normal(size=K), "z": rng.uniform(0.5, 2.0, size=1), "alpha": rng.normal(size=(1, K))}


@values.case("one product")
def one_product(rng):
    return {"g": rng.normal(size=1), "z": rng.uniform(0.5, 2.0, size=D), "alpha": rng.normal(size=(D, 1))}


@values.case("equal inputs, and one that no product reads")
def equal_inputs(rng):
    alpha = rng.normal(size=(D, K))
    alpha[2] = 0.0
    return {"g": rng.normal(size=K), "z": np.array([1.5, 1.5, 0.7]), "alpha": alpha}


@values.case("as many inputs as products")
def square_exponents(rng):
    return {"g": rng.normal(size=D), "z": rng.uniform(0.5, 2.0, size=D), "alpha": rng.normal(size=(D, D))}


# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "exponent_not_lowered",
    (" / z", ""),
    cause="The exponent comes to the front but is not lowered by one.",
    next_step="what is the derivative of z**3?",
)


@exercise.misconception()
def exponent_not_in_front(g, z, alpha):
    """The exponent is lowered but does not come to the front as a factor.

    what is the derivative of z**3?
    """
    y = np.prod(z[:, None] ** alpha, axis=0)
    return (g * y).sum() / z


@exercise.misconception()
def other_factors_forgotten(g, z, alpha):
    """Only z_j's own power is differentiated; the other factors of the product are lost.

    what is the derivative of z**3 w**2 with respect to z?
    """
    return (alpha * z[:, None] ** (alpha - 1)) @ g


@exercise.misconception()
def own_power_forgotten(g, z, alpha):
    """z_j's own power is left out altogether; it survives with its exponent lowered by one.

    what is the derivative of z**3 w**2 with respect to z?
    """
    y = np.prod(z[:, None] ** alpha, axis=0)
    return (alpha * y / z[:, None] ** alpha) @ g


exercise.slip(
    "power_upstream_dropped",
    ("(g * y)", "y"),
    cause="All products count alike; each has an upstream gradient of its own.",
    next_step="where does g_i enter the sum over i?",
)


@exercise.misconception()
def gradient_of_the_logarithm(g, z, alpha):
    """This is the gradient of log y; a factor y is missing.

    what is the derivative of y in terms of the derivative of log y?
    """
    return alpha @ g / z


@exercise.misconception()
def exponents_read_transposed(g, z, alpha):
    """alpha is read with its indices exchanged: alpha[l, i] belongs to input l and product i.

    which axis of alpha has the length of z?
    """
    powers = z ** alpha.reshape(alpha.shape[::-1])
    y = np.prod(powers, axis=1)
    return alpha @ (g * y) / z


@exercise.misconception()
def product_of_own_power_twice(g, z, alpha):
    """The product runs over all inputs, so z_j's own power enters twice.

    which l does CMU's product leave out?
    """
    y = np.prod(z[:, None] ** alpha, axis=0)
    return (alpha * z[:, None] ** (alpha - 1) * y) @ g


@exercise.misconception()
def z_along_the_products(g, z, alpha):
    """z lines up with the columns of alpha; it belongs to its rows.

    which shape must z have so that z_l is raised to row l of alpha?
    """
    y = np.prod(z**alpha, axis=0)
    return alpha @ (g * y) / z


exercise.slip(
    "product_over_the_outputs",
    ("axis=0", "axis=1"),
    cause="The product runs over the outputs i; it runs over the inputs l.",
    next_step="which axis of alpha counts inputs?",
)
exercise.slip(
    "factors_added",
    ("np.prod", "np.sum"),
    cause="The factors of y are added; y is their product.",
    next_step="what is y for z = (2, 3) and exponents 1?",
)


@exercise.misconception()
def slopes_not_summed_over_products(g, z, alpha):
    """One slope for each pair of z and y is returned; each z gets their sum.

    how many numbers is the gradient with respect to z?
    """
    y = np.prod(z[:, None] ** alpha, axis=0)
    return g * y * alpha / z[:, None]


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def powers_by_logarithms(g, z, alpha):
    y = np.exp(np.log(z) @ alpha)
    return (alpha / z[:, None]) @ (y * g)


@exercise.alternative
def powers_by_the_lecture(g, z, alpha):
    D, K = alpha.shape
    dz = np.zeros(D)
    for j in range(D):
        for i in range(K):
            others = np.prod([z[m] ** alpha[m, i] for m in range(D) if m != j])
            dz[j] += g[i] * alpha[j, i] * z[j] ** (alpha[j, i] - 1) * others
    return dz


@exercise.alternative
def powers_by_a_jacobian(g, z, alpha):
    y = np.prod(z**alpha.T, axis=1)
    J = y[:, None] * alpha.T / z
    return J.T @ g


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("alpha @ (g * y).T", "(g * y).T @ alpha.T", reason="a vector has no transpose")
