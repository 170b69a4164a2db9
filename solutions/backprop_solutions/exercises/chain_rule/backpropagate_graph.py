"""backpropagate_graph: compute the derivative of g with respect to every node, from g back to the inputs."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.chain_rule import backpropagate_graph, evaluate_graph

exercise = Definition(backpropagate_graph)

values = exercise.aspect(
    "values", hint="go back one edge at a time: what arrives from the node behind, times the edge's own derivative."
)


@values.case("the lecture's point (1, 3)")
def lecture_values(rng):
    return {"values": evaluate_graph(1.0, 3.0)}


@values.case("a random point", draws=3)
def random_values(rng):
    return {"values": evaluate_graph(round(rng.normal(), 2), round(rng.normal(), 2))}


@values.case("a point where c is negative")
def negative_sum(rng):
    return {"values": evaluate_graph(round(rng.uniform(-3, -1), 2), round(rng.uniform(-3, -1), 2))}


@values.case("a point where c is 0")
def zero_sum(rng):
    k = int(rng.integers(1, 5))
    return {"values": evaluate_graph(3.0 * k, -2.0 * k)}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def outer_derivative_at_output(values):
    """The derivative of the square is taken at its output e instead of its input c.

    in 2 z, the derivative of z^2, which node is z?
    """
    c = 2 * values["e"]
    return {"x1": 2 * c, "x2": 3 * c, "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


@exercise.misconception()
def inner_derivative_forgotten(values):
    """The inner derivatives, of 2 x1 and 3 x2, are missing.

    by how much does a change when x1 changes by one?
    """
    c = 2 * values["c"]
    return {"x1": c, "x2": c, "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


@exercise.misconception()
def power_rule_without_factor(values):
    """The derivative of c^2 lacks its factor 2.

    what does the rule for monomials say for n = 2?
    """
    c = values["c"]
    return {"x1": 2 * c, "x2": 3 * c, "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


@exercise.misconception()
def constant_added_to_gradient(values):
    """The 3 is added to a derivative, but a constant changes no slope.

    what is the derivative of e + 3 with respect to e?
    """
    e = 1.0 + 3
    c = e * 2 * values["c"]
    return {"x1": 2 * c, "x2": 3 * c, "a": c, "b": c, "c": c, "e": e, "g": 1.0}


@exercise.misconception()
def constant_added_at_the_end(values):
    """The 3 is added to the gradient, but the derivative of a constant is 0.

    does raising a whole hill change how steep it is?
    """
    c = 2 * values["c"]
    return {"x1": 2 * c + 3, "x2": 3 * c + 3, "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


@exercise.misconception()
def started_with_the_output(values):
    """The backward pass starts with the value of g instead of dg/dg.

    by how much does g change when g changes by one?
    """
    g = values["g"]
    c = g * 2 * values["c"]
    return {"x1": 2 * c, "x2": 3 * c, "a": c, "b": c, "c": c, "e": g, "g": g}


@exercise.misconception()
def started_with_zero(values):
    """dg/dg is taken as 0, so every product is 0.

    by how much does g change when g changes by one?
    """
    return {"x1": 0.0, "x2": 0.0, "a": 0.0, "b": 0.0, "c": 0.0, "e": 0.0, "g": 0.0}


@exercise.misconception()
def local_derivatives_only(values):
    """Each derivative is that of one edge only: what arrives from behind is missing.

    the chain rule is a product: what is the other factor?
    """
    return {"x1": 2.0, "x2": 3.0, "a": 1.0, "b": 1.0, "c": 2 * values["c"], "e": 1.0, "g": 1.0}


@exercise.misconception()
def gradient_shared_out(values):
    """The sum node divides its derivative between a and b, but each moves c fully.

    by how much does a + b change when a does?
    """
    c = 2 * values["c"]
    return {"x1": c, "x2": 1.5 * c, "a": c / 2, "b": c / 2, "c": c, "e": 1.0, "g": 1.0}


@exercise.misconception()
def multiplied_by_the_input(values):
    """The values a and b are used where the derivatives 2 and 3 belong.

    is 2 x1 steeper at x1 = 10 than at 1?
    """
    c = 2 * values["c"]
    return {"x1": c * values["a"], "x2": c * values["b"], "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


@exercise.misconception()
def value_of_e_passed_on(values):
    """What arrives at e is multiplied by its value.

    by how much does g change when e changes by one?
    """
    e = 1.0 * values["e"]
    c = e * 2 * values["c"]
    return {"x1": 2 * c, "x2": 3 * c, "a": c, "b": c, "c": c, "e": e, "g": 1.0}


@exercise.misconception()
def values_for_derivatives_of_a_sum(values):
    """Values of a and b stand where derivatives of the sum belong.

    by how much does a + b change when a changes by one?
    """
    c = 2 * values["c"]
    a, b = c * values["a"], c * values["b"]
    return {"x1": 2 * a, "x2": 3 * b, "a": a, "b": b, "c": c, "e": 1.0, "g": 1.0}


@exercise.misconception()
def gradient_shared_in_proportion(values):
    """The sum shares its gradient in proportion; each operand moves c fully.

    how much does c grow with a?
    """
    c = 2 * values["c"]
    a, b = c * values["a"] / values["c"], c * values["b"] / values["c"]
    return {"x1": 2 * a, "x2": 3 * b, "a": a, "b": b, "c": c, "e": 1.0, "g": 1.0}


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def adjoints_by_edges(values):
    edges = [("e", "g", 1), ("c", "e", 2 * values["c"]), ("a", "c", 1), ("b", "c", 1), ("x1", "a", 2), ("x2", "b", 3)]
    adjoints = dict.fromkeys(values, 0)
    adjoints["g"] = 1
    for source, target, derivative in edges:
        adjoints[source] += derivative * adjoints[target]
    return adjoints


@exercise.alternative
def adjoints_in_closed_form(values):
    c = 2 * values["x1"] + 3 * values["x2"]
    return {"g": 1, "e": 1, "c": 2 * c, "a": 2 * c, "b": 2 * c, "x1": 4 * c, "x2": 6 * c}


@exercise.alternative
def adjoints_from_parents_values(values):
    outer = 2 * (values["a"] + values["b"])
    gradient = outer * np.array([2.0, 3.0, 1.0, 1.0, 1.0])
    return dict(zip(["x1", "x2", "a", "b", "c"], gradient, strict=True)) | {"e": 1.0, "g": np.float64(1)}


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "-> dc = 2 * values['c']",
    "-> de = 1.0",
    "-> de = dg",
    "-> da = dc",
    "-> db = dc",
    reason="dg, and the local derivatives of a sum, are 1",
)
exercise.equivalent(
    "'e': dg", "'a': dc", "'b': da", "'x1': db * 2", reason="dg and de are equal here, and so are dc, da and db"
)
