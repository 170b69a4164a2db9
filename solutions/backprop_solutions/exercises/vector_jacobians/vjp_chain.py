"""vjp_chain: pull a gradient back: g J_n ... J_2 J_1, without multiplying two matrices."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.vector_jacobians.inputs import (
    arguments_of_a_chain,
    jacobians_of,
    order_of_a_chain,
    values_of_a_chain,
)
from backprop_solutions.vector_jacobians import vjp_chain

exercise = Definition(vjp_chain)

values = exercise.aspect(
    "values", hint="follow g: which Jacobian can it meet first, and from which side?", cases=values_of_a_chain("g")
)


@values.case("the same Jacobian twice, and a gradient with zeros")
def same_jacobian_twice(rng):
    (J,) = jacobians_of(rng, 3, 3)
    return {"g": np.array([0.0, rng.normal(), 0.0]), "jacobians": [*jacobians_of(rng, 2, 3), J, J]}


exercise.aspect(
    "order", hint="put the brackets so that a vector takes part in every product.", cases=order_of_a_chain("g")
)

exercise.aspect(
    "arguments",
    hint="the list belongs to the caller: which line changes it?",
    cases=arguments_of_a_chain("g"),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "order")
def vjp_first_jacobian_first(g, jacobians):
    """The Jacobians are met from first to last; a gradient travels backward.

    which Jacobian has as many rows as g has entries?
    """
    for J in jacobians:
        g = g @ J
    return g


@exercise.misconception("values", "order")
def vjp_not_transposed(g, jacobians):
    """J g is computed; a gradient meets the Jacobian from the left, or its transpose.

    which side of J has as many entries as g?
    """
    for J in reversed(jacobians):
        g = J @ g
    return g


@exercise.misconception("order")
def vjp_matrices_first(g, jacobians):
    """Matrices are multiplied with matrices before g comes in.

    how can you place the brackets so that each product has a vector in it?
    """
    total = jacobians[0]
    for J in jacobians[1:]:
        total = J @ total
    return g @ total


@exercise.misconception("values", "order")
def vjp_total_jacobian(g, jacobians):
    """The whole Jacobian is returned, g is never used.

    what shape should the result have?
    """
    total = jacobians[0]
    for J in jacobians[1:]:
        total = J @ total
    return total


@exercise.misconception("values", "order")
def vjp_last_jacobian_only(g, jacobians):
    """Only the last Jacobian is used.

    what happens to the result of g J_n?
    """
    return g @ jacobians[-1]


@exercise.misconception("arguments")
def vjp_list_emptied(g, jacobians):
    """The caller's list is changed, by pop or by reverse for example.

    how can you go through a list without changing it?
    """
    while jacobians:
        g = g @ jacobians.pop()
    return g


@exercise.misconception("values", "order")
def vjp_kept_as_a_row(g, jacobians):
    """The result is a matrix of one row; in this course gradients of vectors are vectors.

    what shape does g have?
    """
    g = g[None, :]
    for J in jacobians[::-1]:
        g = g @ J
    return g


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def vjp_by_transposes(g, jacobians):
    for J in jacobians[::-1]:
        g = J.T @ g
    return g


@exercise.alternative
def vjp_by_sums(g, jacobians):
    for k in range(len(jacobians) - 1, -1, -1):
        g = (g[:, None] * jacobians[k]).sum(axis=0)
    return g


@exercise.alternative
def vjp_as_a_row(g, jacobians):
    row = g.reshape(1, -1)
    for J in reversed(jacobians):
        row = np.dot(row, J)
    return row[0]


@exercise.alternative
def vjp_by_recursion(g, jacobians):
    if not jacobians:
        return g
    first, *rest = jacobians
    return np.tensordot(vjp_by_recursion(g, rest), first, axes=1)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("g.T @ J", "J.T @ g.T", reason="a vector has no transpose")
