"""total_derivative: compute dz/dx when x acts on z through k intermediate variables y_1, ..., y_k."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.chain_rule import total_derivative

exercise = Definition(total_derivative)

values = exercise.aspect(
    "values", hint="x moves each y_i a little, and each y_i moves z: write down z's change for one y_i, then for all."
)


@values.case("b in the lecture's graph")
def lecture_branches(rng):
    return {"dz_dy": np.array([2.0, 3.0]), "dy_dx": np.array([1.0, 1.0])}


@values.case("two branches")
def prime_branches(rng):
    return {"dz_dy": np.array([2.0, 3.0]), "dy_dx": np.array([5.0, 7.0])}


@values.case("one branch")
def single_branch(rng):
    return {"dz_dy": rng.normal(size=1).round(2), "dy_dx": rng.normal(size=1).round(2)}


@values.case("several branches", draws=3)
def random_branches(rng):
    k = int(rng.integers(3, 6))
    return {"dz_dy": rng.normal(size=k).round(2), "dy_dx": rng.normal(size=k).round(2)}


@values.case("a branch without influence", draws=2)
def zero_branch(rng):
    outer, inner = rng.uniform(0.5, 2.0, (2, 4)).round(2)
    outer[0], inner[1] = 0.0, 0.0
    return {"dz_dy": outer, "dy_dx": inner}


@values.case("branches with equal shares")
def equal_shares(rng):
    a, b, c = rng.uniform(0.5, 2.0, 3).round(2)
    return {"dz_dy": np.array([a, b, a, -c]), "dy_dx": np.array([b, a, b, c])}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def sums_multiplied(dz_dy, dy_dx):
    """The two sums are multiplied, which also pairs dz/dy_1 with dy_2/dx.

    which factors lie on one and the same path?
    """
    return np.sum(dz_dy) * np.sum(dy_dx)


@exercise.misconception()
def paths_multiplied(dz_dy, dy_dx):
    """The branches are multiplied with one another; separate paths add up.

    if both y_1 and y_2 push z up a little, how do the two pushes combine?
    """
    return np.prod(dz_dy * dy_dx)


@exercise.misconception()
def products_not_summed(dz_dy, dy_dx):
    """The products of the branches are returned one by one; the total derivative is one number.

    how do the pushes of all branches combine?
    """
    return dz_dy * dy_dx


@exercise.misconception()
def first_branch_only(dz_dy, dy_dx):
    """Only the first branch is followed.

    what do the other intermediate variables do when x moves?
    """
    return dz_dy[0] * dy_dx[0]


@exercise.misconception()
def last_branch_wins(dz_dy, dy_dx):
    """Each branch overwrites the one before it, so only the last one counts.

    what is the difference between = and += in a loop?
    """
    for outer, inner in zip(dz_dy, dy_dx, strict=True):
        total = outer * inner
    return total


@exercise.misconception()
def mean_over_branches(dz_dy, dy_dx):
    """The branches are averaged; the total derivative sums them.

    does a second branch with the same push double the effect or leave it as it is?
    """
    return np.mean(dz_dy * dy_dx)


@exercise.misconception()
def factors_added(dz_dy, dy_dx):
    """The two factors of a branch are added; along one path derivatives are multiplied.

    if y triples x and z doubles y, how many times x is z?
    """
    return np.sum(dz_dy + dy_dx)


@exercise.misconception()
def inner_factor_forgotten(dz_dy, dy_dx):
    """The factor dy_i/dx of each branch is missing.

    what if some y_i did not depend on x at all?
    """
    return np.sum(dz_dy)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def sum_of_products(dz_dy, dy_dx):
    return sum(a * b for a, b in zip(dz_dy, dy_dx, strict=True))


@exercise.alternative
def product_then_sum(dz_dy, dy_dx):
    return np.sum(np.asarray(dz_dy) * np.asarray(dy_dx))


@exercise.alternative
def einsum(dz_dy, dy_dx):
    return np.einsum("i,i->", dz_dy, dy_dx)


@exercise.alternative
def loop_backwards(dz_dy, dy_dx):
    total = 0
    for i in reversed(range(len(dz_dy))):
        total = total + dz_dy[i] * dy_dx[i]
    return float(total)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("np.dot(dy_dx, dz_dy)", reason="a dot product has no order")
