"""zero_grad: reset the gradient of each value to 0."""

import numpy as np

from backprop_autograder import Definition, script
from backprop_solutions.exercises.scalar_backprop.engines import CLOSURES
from backprop_solutions.exercises.scalar_backprop.inputs import drawn
from backprop_solutions.scalar_backprop import Value, zero_grad

exercise = Definition(zero_grad)

values = exercise.aspect("values", hint="which attribute holds what the last call of backward left behind?")
values.add(
    script(
        "two gradients",
        "a, b = Value($a), Value($b)\na.grad, b.grad = $k, 2.5\nzero_grad([a, b])",
        *("a.grad", "b.grad", "a.data", "b.data"),
        draw=drawn("abk"),
        draws=2,
    ),
    script(
        "gradients that are no longer finite",
        'a, b = Value($a), Value($b)\na.grad, b.grad = float("inf"), float("nan")\nzero_grad([a, b])',
        *("a.grad", "b.grad"),
        draw=drawn("ab"),
        draws=2,
    ),
    script(
        "inputs and a node computed from them",
        "a, b = Value($a), Value($b)\nc = a * b\na.grad, b.grad, c.grad = 3.0, -2.0, 1.5\nzero_grad([a, b, c])",
        *("a.grad", "b.grad", "c.grad", "c.data"),
        draw=drawn("ab"),
    ),
    script(
        "values that are not in the list",
        "a, b = Value($a), Value($b)\nc = a * b\na.grad, b.grad, c.grad = 3.0, -2.0, 1.5\nzero_grad([c])",
        *("a.grad", "b.grad", "c.grad"),
        draw=drawn("ab"),
        draws=2,
    ),
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
def parents_reset_too(values):
    """Gradients of the parents are reset as well, although only the list was asked for.

    whose gradient is left when you reset one output?
    """
    for value in values:
        value.grad = 0.0
        for parent in value.parents:
            parent.grad = 0.0


@exercise.misconception()
def gradient_only_where_positive(values):
    """Only positive gradients are reset.

    which gradients may be left by an earlier round?
    """
    for value in values:
        if value.grad > 0:
            value.grad = 0.0


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

# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("list(values)[::-1]", reason="Values may be reset in any order")
