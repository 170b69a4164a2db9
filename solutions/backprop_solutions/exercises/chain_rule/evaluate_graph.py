"""evaluate_graph: evaluate every node of the graph of (2 x1 + 3 x2)^2 + 3."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.chain_rule import evaluate_graph

exercise = Definition(evaluate_graph)

values = exercise.aspect(
    "values", hint="compute one node a line, in the order a, b, c, e, g, and compare each with your own calculation."
)


@values.case("node values at the lecture's point (1, 3)")
def lecture_point(rng):
    return {"x1": 1.0, "x2": 3.0}


@values.case("node values at a random point", draws=3)
def random_point(rng):
    return {"x1": round(rng.normal(), 2), "x2": round(rng.normal(), 2)}


@values.case("node values where c is negative")
def negative_sum(rng):
    return {"x1": round(rng.uniform(-3, -1), 2), "x2": round(rng.uniform(-3, -1), 2)}


@values.case("node values where c is 0")
def zero_sum(rng):
    k = int(rng.integers(1, 5))
    return {"x1": 3.0 * k, "x2": -2.0 * k}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def square_before_sum(x1, x2):
    """The square is taken of a and b before they are summed; e is the square of c.

    which node does e read?
    """
    a, b = 2 * x1, 3 * x2
    c = a + b
    e = a**2 + b**2
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e + 3}


@exercise.misconception()
def constant_before_square(x1, x2):
    """The 3 is added before squaring; it belongs to the last node.

    which node reads e, and what does it add?
    """
    a, b = 2 * x1, 3 * x2
    c = a + b + 3
    e = c**2
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e}


@exercise.misconception()
def coefficients_swapped(x1, x2):
    """The factors 2 and 3 have changed places.

    which factor belongs to x1?
    """
    a, b = 3 * x1, 2 * x2
    c = a + b
    e = c**2
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e + 3}


@exercise.misconception()
def doubled_instead_of_squared(x1, x2):
    """The node e is twice c, but it should be c to the power of 2.

    which Python operator raises to a power?
    """
    a, b = 2 * x1, 3 * x2
    c = a + b
    e = 2 * c
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e + 3}


@exercise.misconception()
def constant_multiplied(x1, x2):
    """The last node multiplies by 3 where it should add 3.

    read the definition of g once more.
    """
    a, b = 2 * x1, 3 * x2
    c = a + b
    e = c**2
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e * 3}


@exercise.misconception()
def output_only(x1, x2):
    """Only the final value is returned; the backward pass will need every node on the way.

    how can one dict hold the value of each node by name?
    """
    return (2 * x1 + 3 * x2) ** 2 + 3


@exercise.misconception()
def inputs_left_out(x1, x2):
    """The inputs are nodes of the graph too, and are missing from the dict.

    which seven names should the dict have?
    """
    a, b = 2 * x1, 3 * x2
    c = a + b
    e = c**2
    return {"a": a, "b": b, "c": c, "e": e, "g": e + 3}


@exercise.misconception()
def caret_for_a_power(x1, x2):
    """In Python `^` works on bits; it is no power.

    which operator raises to a power?
    """
    c = 2 * float(x1) + 3 * float(x2)
    return {"e": c ^ 2}


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def evaluate_by_program(x1, x2):
    values = {"x1": x1, "x2": x2}
    values["a"] = values["x1"] + values["x1"]
    values["b"] = values["x2"] * 3
    values["c"] = sum((values["a"], values["b"]))
    values["e"] = values["c"] * values["c"]
    values["g"] = 3 + values["e"]
    return values


@exercise.alternative
def evaluate_with_arrays(x1, x2):
    a, b = np.array([2.0, 3.0]) * np.array([x1, x2])
    c = np.sum([a, b])
    return {"g": np.add(np.square(c), 3), "e": np.square(c), "c": c, "b": b, "a": a, "x2": x2, "x1": x1}


@exercise.alternative
def evaluate_from_output(x1, x2):
    def c():
        return 2 * x1 + 3 * x2

    names = ("x1", "x2", "a", "b", "c", "e", "g")
    return dict(zip(names, (x1, x2, 2 * x1, 3 * x2, c(), pow(c(), 2), pow(c(), 2) + 3), strict=True))
