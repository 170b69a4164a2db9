"""max_vjp: pull the upstream gradient back through y_i = max of z over the i-th group of indices."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.vector_jacobians import max_vjp

exercise = Definition(max_vjp)

values = exercise.aspect("values", hint="only the winner of a group moved the maximum; find its index in z.")


@values.case("two groups")
def small_pools(rng):
    return {"g": np.array([10.0, 20.0]), "z": np.array([1.0, 3.0, 2.0, 5.0, 4.0]), "groups": [[0, 1, 2], [3, 4]]}


@values.case("groups of different sizes", draws=3)
def random_pools(rng):
    groups = [[0, 1, 2], [3, 4], [5, 6, 7, 8]]
    return {"g": rng.normal(size=3), "z": rng.normal(size=10), "groups": groups}


@values.case("equal maxima in a group", draws=2)
def tied_pools(rng):
    return {"g": rng.normal(size=2), "z": np.array([1.0, 7.0, 7.0, 4.0, 4.0]), "groups": [[0, 1, 2], [3, 4]]}


overlap = exercise.aspect("overlap", hint="what happens to the gradients of an input that two outputs read?")


@overlap.case("one input wins two windows")
def small_overlap(rng):
    return {"g": np.array([2.0, 3.0]), "z": np.array([1.0, 5.0, 4.0]), "groups": [[0, 1], [1, 2]]}


@overlap.case("overlapping windows", draws=2)
def random_overlap(rng):
    z = rng.normal(size=7)
    z[2] = z[5] = 5.0 + rng.uniform()
    groups = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6]]
    return {"g": rng.normal(size=5), "z": z, "groups": groups}


@values.case("negative numbers only", draws=2)
def negative_pools(rng):
    return {"g": rng.normal(size=2), "z": -rng.uniform(1.0, 9.0, size=6), "groups": [[0, 1, 2], [3, 4, 5]]}


@values.case("the same maximum in two groups", draws=2)
def same_maximum(rng):
    z = rng.uniform(0.0, 1.0, size=6)
    z[1] = z[4] = 2.0
    return {"g": rng.normal(size=2), "z": z, "groups": [[0, 1, 2], [3, 4, 5]]}


@values.case("a large number that no group reads")
def unread_number(rng):
    z = rng.normal(size=7)
    z[2] = 9.0
    return {"g": rng.normal(size=2), "z": z, "groups": [[0, 1], [3, 4, 5]]}


@values.case("groups of one, and an upstream gradient of 0")
def groups_of_one(rng):
    return {"g": np.array([rng.normal(), 0.0, rng.normal()]), "z": rng.normal(size=4), "groups": [[3], [0, 1], [2]]}


@values.case("all equal in one group")
def all_equal(rng):
    return {"g": rng.normal(size=1), "z": np.zeros(4), "groups": [[1, 2, 3]]}


@overlap.case("the same group twice", draws=2)
def same_group_twice(rng):
    return {"g": rng.normal(size=3), "z": rng.normal(size=4), "groups": [[0, 1, 2], [0, 1, 2], [2, 3]]}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def shared_between_all_ties(g, z, groups):
    """All tied inputs receive the gradient; the first one is to have it alone.

    which index does np.argmax return for a tie?
    """
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        group = np.array(group)
        np.add.at(dz, group[z[group] == z[group].max()], upstream)
    return dz


@exercise.misconception()
def last_of_the_ties(g, z, groups):
    """Of tied inputs the last one is chosen; the lowest index counts.

    which index does np.argmax return for a tie?
    """
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        dz[max(group, key=lambda k: (z[k], k))] += upstream
    return dz


@exercise.misconception("overlap")
def overlapping_windows_overwrite(g, z, groups):
    """An input that wins two windows keeps one gradient only; assignment loses the other.

    what does the chain rule do with several paths?
    """
    dz = np.zeros_like(z)
    dz[[group[np.argmax(z[group])] for group in groups]] += g
    return dz


@exercise.misconception("values", "overlap")
def place_in_the_group_as_index(g, z, groups):
    """The winner's place inside its group is used as an index into z.

    which entry of `group` does argmax point to?
    """
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        dz[np.argmax(z[group])] += upstream
    return dz


@exercise.misconception("values", "overlap")
def whole_group_rewarded(g, z, groups):
    """All inputs of a group receive the gradient, as in a sum.

    does the maximum move when a smaller input moves a little?
    """
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        dz[group] += upstream
    return dz


exercise.slip(
    "upstream_times_maximum",
    ("+= upstream", "+= upstream * z[winner]"),
    cause="The gradient is multiplied by the maximum; its slope in the winner is 1.",
    next_step="by how much does the maximum grow when the winner grows by 0.1?",
    loses=("values", "overlap"),
)
exercise.slip(
    "max_upstream_dropped",
    ("+= upstream", "+= 1.0"),
    cause="This is the local slope alone; the upstream gradient is missing.",
    next_step="what does the chain rule do with the slope and g?",
    loses=("values", "overlap"),
)
exercise.slip(
    "smallest_input_rewarded",
    ("argmax", "argmin"),
    cause="The smallest input of each group receives the gradient.",
    next_step="which input moves the maximum?",
    loses=("values", "overlap"),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def max_by_adding_at(g, z, groups):
    dz = np.zeros(len(z))
    np.add.at(dz, [max(group, key=lambda k: z[k]) for group in groups], g)
    return dz


@exercise.alternative
def max_by_counting(g, z, groups):
    winners = [group[int(np.argmax([z[k] for k in group]))] for group in groups]
    return np.bincount(winners, weights=g, minlength=len(z))


@exercise.alternative
def max_by_a_jacobian(g, z, groups):
    J = np.zeros((len(groups), len(z)))
    for i, group in enumerate(groups):
        best = group[0]
        for k in group[1:]:
            if z[k] > z[best]:
                best = k
        J[i, best] = 1.0
    return g @ J


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("[::-1]", reason="gradients add up in any order")
