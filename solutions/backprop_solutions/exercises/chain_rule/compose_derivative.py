"""compose_derivative: compute the derivative of f_n(... f_2(f_1(x))) at x."""

from functools import reduce

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.chain_rule import compose_derivative


def random_composition(rng):
    pool = [
        ("lambda z: np.sin(k*z)", "lambda z: k*np.cos(k*z)"),
        ("lambda z: np.exp(k*z)", "lambda z: k*np.exp(k*z)"),
        ("lambda z: np.tanh(k*z)", "lambda z: k / np.cosh(k*z)**2"),
        ("lambda z: (z + k)**2", "lambda z: 2*(z + k)"),
        ("lambda z: k*z - 1", "lambda z: k"),
    ]
    chosen = [(pool[i], round(float(rng.uniform(0.3, 0.7)), 2)) for i in rng.permutation(len(pool))[:4]]
    return {
        "functions": [Formula(f, k=k) for (f, _), k in chosen],
        "derivatives": [Formula(d, k=k) for (_, d), k in chosen],
        "x": round(float(rng.uniform(0.2, 0.8)), 2),
    }


exercise = Definition(compose_derivative)

values = exercise.aspect(
    "values", hint="write down, for two functions, at which number each of the two derivatives is evaluated."
)


@values.case("two functions")
def two_functions(rng):
    return {
        "functions": [Formula("lambda z: z**2"), Formula("lambda z: z**3")],
        "derivatives": [Formula("lambda z: 2*z"), Formula("lambda z: 3*z**2")],
        "x": 2.0,
    }


@values.case("the lecture's function as a chain")
def lecture_composition(rng):
    """Give the lecture's function as a chain in x1, with x2 = 3."""
    return {
        "functions": [Formula("lambda z: 2*z + 9"), Formula("lambda z: z**2"), Formula("lambda z: z + 3")],
        "derivatives": [Formula("lambda z: 2.0"), Formula("lambda z: 2*z"), Formula("lambda z: 1.0")],
        "x": 1.0,
    }


@values.case("one function")
def one_function(rng):
    x = round(float(rng.uniform(0.5, 1.5)), 2)
    return {"functions": [Formula("lambda z: z**3")], "derivatives": [Formula("lambda z: 3*z**2")], "x": x}


values.add(Case(label="four random functions", arguments=random_composition, draws=3))


@values.case("a function applied twice")
def same_function_twice(rng):
    k = round(float(rng.uniform(0.3, 0.7)), 2)
    square, slope = Formula("lambda z: z**2 + k", k=k), Formula("lambda z: 2*z")
    shift = Formula("lambda z: z - k", k=k)
    return {
        "functions": [square, square, shift],
        "derivatives": [slope, slope, Formula("lambda z: 1.0")],
        "x": round(float(rng.uniform(0.5, 1.5)), 2),
    }


@values.case("two functions that receive the same number")
def fixed_point(rng):
    x = round(float(rng.uniform(0.5, 1.5)), 2)
    return {
        "functions": [Formula("lambda z: 3*x - 2*z", x=x), Formula("lambda z: z**3")],
        "derivatives": [Formula("lambda z: -2.0"), Formula("lambda z: 3*z**2")],
        "x": x,
    }


@values.case("a derivative that is 0 in the middle")
def zero_in_the_middle(rng):
    x = round(float(rng.uniform(0.5, 1.5)), 2)
    return {
        "functions": [Formula("lambda z: z - x", x=x), Formula("lambda z: z**2"), Formula("lambda z: 3*z + 1")],
        "derivatives": [Formula("lambda z: 1.0"), Formula("lambda z: 2*z"), Formula("lambda z: 3.0")],
        "x": x,
    }


def uses(student, functions, derivatives, x):
    slope = student.compose_derivative(functions, list(derivatives), x)
    return {"derivative": slope, "calls of derivatives": [d.calls for d in derivatives]}


exercise.aspect(
    "calls",
    hint="keep the value that one function returns: the next one needs it.",
    cases=[
        Case(label="one function", arguments=one_function, calls_at_most=1),  # nothing there to compute anew
        Case(label="each function called at most once", arguments=random_composition, draws=2, calls_at_most=1),
        Case(label="each derivative called once", arguments=random_composition, draws=2, probe=uses, calls_at_most=1),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def every_derivative_at_x(functions, derivatives, x):
    """All derivatives are evaluated at x, but each function sees what the one before it returned.

    which number goes into the second function?
    """
    product = 1.0
    for derivative in derivatives:
        product *= derivative(x)
    return product


@exercise.misconception()
def derivatives_at_the_outputs(functions, derivatives, x):
    """Each derivative is evaluated at its function's output; it belongs at the input.

    in which order do you update x and use the derivative?
    """
    product = 1.0
    for function, derivative in zip(functions, derivatives, strict=True):
        x = function(x)
        product *= derivative(x)
    return product


@exercise.misconception()
def last_function_applied_first(functions, derivatives, x):
    """The last function is applied first; the list starts with the innermost one.

    which function receives x itself?
    """
    product = 1.0
    for function, derivative in zip(functions[::-1], derivatives[::-1], strict=True):
        product *= derivative(x)
        x = function(x)
    return product


@exercise.misconception()
def derivatives_added_up(functions, derivatives, x):
    """The derivatives along the chain are added; along one path they are multiplied.

    if y triples x and z doubles y, how many times x is z?
    """
    total = 0.0
    for function, derivative in zip(functions, derivatives, strict=True):
        total += derivative(x)
        x = function(x)
    return total


@exercise.misconception()
def derivatives_composed(functions, derivatives, x):
    """The derivatives are applied to one another like functions; the chain rule multiplies their values.

    which numbers are multiplied in the chain rule for f(g(x))?
    """
    for derivative in derivatives:
        x = derivative(x)
    return x


@exercise.misconception()
def outermost_derivative_only(functions, derivatives, x):
    """Only the outermost function is differentiated; the inner derivatives are missing.

    where does the derivative of the first function enter?
    """
    for function in functions[:-1]:
        x = function(x)
    return derivatives[-1](x)


@exercise.misconception()
def value_instead_of_derivative(functions, derivatives, x):
    """The value of the composition is returned, and no derivative is used.

    what do the entries of derivatives tell you?
    """
    for function in functions:
        x = function(x)
    return x


@exercise.misconception("calls")
def inner_values_recomputed(functions, derivatives, x):
    """The inner value is computed anew, from x, for each factor.

    which value do you already have when you reach the next function?
    """
    product = 1.0
    for k in range(len(functions)):
        inner = x
        for function in functions[:k]:
            inner = function(inner)
        product *= derivatives[k](inner)
    return product


@exercise.misconception("calls")
def slope_by_finite_differences(functions, derivatives, x):
    """The slope is measured by moving x; the derivatives you are given are not used.

    what does derivatives[0] tell you about the first function?
    """

    def composition(z):
        for function in functions:
            z = function(z)
        return z

    return (composition(x + 1e-5) - composition(x - 1e-5)) / 2e-5


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def values_first(functions, derivatives, x):
    values = [x]
    for function in functions[:-1]:
        values.append(function(values[-1]))
    return np.prod([d(v) for d, v in zip(derivatives, values, strict=True)])


@exercise.alternative
def from_the_inside_by_recursion(functions, derivatives, x):
    if not functions:
        return 1
    rest = from_the_inside_by_recursion(functions[1:], derivatives[1:], functions[0](x))
    return derivatives[0](x) * rest


@exercise.alternative
def dual_numbers(functions, derivatives, x):
    pairs = zip(functions, derivatives, strict=True)
    return reduce(lambda dual, pair: (pair[0](dual[0]), dual[1] * pair[1](dual[0])), pairs, (x, 1.0))[1]


@exercise.alternative
def backwards_over_a_tape(functions, derivatives, x):
    tape = []
    for k in range(len(functions)):
        tape.append((derivatives[k], x))
        x = functions[k](x)
    adjoint = 1.0
    while tape:
        derivative, value = tape.pop()
        adjoint = adjoint * derivative(value)
    return adjoint


@exercise.alternative
def products_from_both_ends(functions, derivatives, x):
    if len(functions) == 1:
        return derivatives[0](x)
    inner = [x]
    for k in range(len(functions) - 1):
        inner += [functions[k](inner[k])]
    slope = derivatives[-1](inner[-1])
    for k in reversed(range(len(derivatives) - 1)):
        slope = slope * derivatives[k](inner[k])
    return np.float64(slope)
