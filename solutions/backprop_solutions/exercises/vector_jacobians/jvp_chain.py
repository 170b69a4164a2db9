"""jvp_chain: push a tangent forward: J_n ... J_2 J_1 v, without multiplying two matrices."""

from functools import reduce

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.vector_jacobians.inputs import (
    arguments_of_a_chain,
    jacobians_of,
    order_of_a_chain,
    values_of_a_chain,
)
from backprop_solutions.vector_jacobians import jvp_chain

exercise = Definition(jvp_chain)

values = exercise.aspect(
    "values", hint="follow v: which Jacobian can it meet first, and what does it become?", cases=values_of_a_chain("v")
)


@values.case("the same Jacobian twice, and a tangent with zeros")
def same_jacobian_twice(rng):
    (J,) = jacobians_of(rng, 3, 3)
    return {"jacobians": [J, J, *jacobians_of(rng, 3, 2)], "v": np.array([0.0, rng.normal(), 0.0])}


exercise.aspect(
    "order", hint="put the brackets so that a vector takes part in every product.", cases=order_of_a_chain("v")
)

exercise.aspect(
    "arguments",
    hint="the list belongs to the caller: which line changes it?",
    cases=arguments_of_a_chain("v"),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "order")
def jvp_last_jacobian_first(jacobians, v):
    """The Jacobians are applied from last to first; a tangent travels forward.

    which Jacobian has as many columns as v has entries?
    """
    for J in reversed(jacobians):
        v = J @ v
    return v


@exercise.misconception("values", "order")
def jvp_transposed(jacobians, v):
    """The Jacobians are transposed, which is for gradients; a tangent meets them as they are.

    what does J v mean for a small step v of the input?
    """
    for J in jacobians:
        v = J.T @ v
    return v


@exercise.misconception("order")
def jvp_matrices_first(jacobians, v):
    """Matrices are multiplied with matrices before v comes in.

    how can you place the brackets so that each product has a vector in it?
    """
    total = jacobians[0]
    for J in jacobians[1:]:
        total = J @ total
    return total @ v


@exercise.misconception("values", "order")
def jvp_total_jacobian(jacobians, v):
    """The whole Jacobian is returned, v is never used.

    what shape should the result have?
    """
    total = jacobians[0]
    for J in jacobians[1:]:
        total = J @ total
    return total


@exercise.misconception("values", "order")
def jvp_first_jacobian_only(jacobians, v):
    """Only the first Jacobian is applied.

    what happens to the result of J_1 v?
    """
    return jacobians[0] @ v


@exercise.misconception("arguments")
def jvp_list_emptied(jacobians, v):
    """The caller's list is changed, by pop or by reverse for example.

    how can you go through a list without changing it?
    """
    while jacobians:
        v = jacobians.pop(0) @ v
    return v


@exercise.misconception("values", "order")
def jvp_as_one_number(jacobians, v):
    """The outputs are summed; a tangent has one entry for each output.

    what shape does J v have?
    """
    for J in jacobians:
        v = J @ v
    return v.sum()


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def jvp_by_reduction(jacobians, v):
    return reduce(lambda tangent, J: J.dot(tangent), jacobians, v)


@exercise.alternative
def jvp_by_rows(jacobians, v):
    for J in jacobians:
        v = np.array([sum(a * b for a, b in zip(row, v, strict=True)) for row in J])
    return v


@exercise.alternative
def jvp_by_columns(jacobians, v):
    column = v[:, None]
    for J in jacobians:
        column = np.matmul(J, column)
    return column.ravel()


@exercise.alternative
def jvp_by_recursion(jacobians, v):
    if not jacobians:
        return v
    *before, last = jacobians
    return np.einsum("ij,j->i", last, jvp_by_recursion(before, v))


@exercise.alternative
def jvp_by_multi_dot(jacobians, v):
    return np.linalg.multi_dot([*jacobians[::-1], v])


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("J @ v.T", "v.T @ J.T", reason="a vector has no transpose")
