"""zero_grad: reset the gradient of each value to 0."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.scalar_backprop.inputs import signed
from backprop_solutions.exercises.scalar_backprop.value import CLOSURES
from backprop_solutions.scalar_backprop import Value, zero_grad


def grads_after_reset(student, data, grads):
    values = [student.Value(number) for number in data]
    for value, grad in zip(values, grads, strict=True):
        value.grad = grad
    student.zero_grad(values)
    return {"grad": [value.grad for value in values], "data": [float(value.data) for value in values]}


def passes_with_a_reset(student, a, b):
    leaves = [student.Value(a), student.Value(b)]
    product = leaves[0] * leaves[1]
    student.zero_grad([*leaves, product])
    leaves[0].grad, leaves[1].grad, product.grad = 3.0, -2.0, 1.5
    student.zero_grad([*leaves, product])
    return [value.grad for value in (*leaves, product)]


exercise = Definition(zero_grad)

values = exercise.aspect("values", hint="which attribute holds what the last call of backward left behind?")


@values.case("three gradients", draws=2, probe=grads_after_reset)
def some_gradients(rng):
    return {"data": [signed(rng) for _ in range(3)], "grads": [signed(rng) for _ in range(3)]}


@values.case("gradients that are no longer finite", draws=2, probe=grads_after_reset)
def an_infinite_gradient(rng):
    return {"data": [signed(rng), signed(rng)], "grads": [float("inf"), float("nan")]}


values.add(
    Case(
        label="inputs and a node computed from them",
        arguments=lambda rng: {"a": signed(rng), "b": signed(rng)},
        draws=2,
        probe=passes_with_a_reset,
    )
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def data_set_to_zero(values):
    """The data are set to zero, not the gradients.

    which attribute does backward write to?
    """
    for value in values:
        value.data = 0.0


@exercise.misconception()
def data_and_grad_set_to_zero(values):
    """The data are reset with the gradients: the parameters would be lost.

    what has to survive from one training step to the next?
    """
    for value in values:
        value.data = value.grad = 0.0


@exercise.misconception()
def loop_ends_after_one(values):
    """The loop returns after its first value.

    how far is the return indented?
    """
    for value in values:
        value.grad = 0.0
        return


@exercise.misconception()
def name_bound_anew(values):
    """The loop's name is bound to a new Value; the one in the list stays.

    does this change an object, or rebind a name?
    """
    for value in values:
        value = Value(value.data)


@exercise.misconception()
def grad_set_to_none(values):
    """The gradient becomes None, and backward cannot add to that.

    with which number does a sum begin?
    """
    for value in values:
        value.grad = None


@exercise.misconception()
def multiplied_by_zero(values):
    """A gradient that is infinite or NaN stays NaN when it is multiplied by zero.

    what is 0 times infinity in floating point?
    """
    for value in values:
        value.grad *= 0.0


@exercise.misconception()
def inputs_skipped(values):
    """Values without parents are skipped, although those are the parameters.

    which gradients does a training step read?
    """
    for value in values:
        if value.parents:
            value.grad = 0.0


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def zero_by_index(values):
    for k in range(len(values)):
        values[k].grad = 0


@exercise.alternative
def zero_by_setattr(values):
    any(setattr(value, "grad", 0.0) for value in values)


@exercise.alternative
def zero_by_while(values):
    rest = list(values)
    while rest:
        rest.pop().grad = np.float64(0)


exercise.alternative({"zero_grad": zero_by_index, **CLOSURES})
