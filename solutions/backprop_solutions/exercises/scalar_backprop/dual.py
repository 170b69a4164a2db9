"""Dual: implement a number that carries its tangent along: the derivative in one direction of the inputs."""

import math

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.scalar_backprop.inputs import (
    FUNCTIONS,
    NESTED,
    NESTED_FUNCTIONS,
    NUMBER_LEFT,
    NUMBER_RIGHT,
    TWO_VALUES,
    positive,
    signed,
)
from backprop_solutions.scalar_backprop import Dual


def dual_numbers(names, expressions):
    """Return a function that draws values and tangents for the named numbers."""

    def arguments(rng):
        drawn = {name: [positive(rng) if name == "p" else signed(rng), signed(rng)] for name in names}
        return {"expressions": expressions, **drawn}

    return arguments


def dual_results(student, expressions, **numbers):
    duals = {name: student.Dual(value, tangent) for name, (value, tangent) in numbers.items()}
    results = {expression: eval(expression, {}, duals) for expression in expressions}
    return {expression: [float(d.value), float(d.tangent)] for expression, d in results.items()}


exercise = Definition(Dual)

values = exercise.aspect(
    "values",
    hint="each result is [value, tangent]: which operand's tangent is missing from the sum?",
    cases=[
        Case(label="two duals", arguments=dual_numbers("ab", TWO_VALUES), draws=2, probe=dual_results),
        Case(
            label="a number on the right",
            arguments=dual_numbers("p", NUMBER_RIGHT),
            draws=2,
            probe=dual_results,
        ),
        Case(label="a number on the left", arguments=dual_numbers("a", NUMBER_LEFT), draws=2, probe=dual_results),
    ],
)


@values.case("the derivative by x1 at (1, 3)", probe=dual_results)
def one_direction(rng):
    return {"expressions": ["(2*x1+3*x2)**2+3"], "x1": [1.0, 1.0], "x2": [3.0, 0.0]}


values.add(Case(label="a longer expression", arguments=dual_numbers("ab", NESTED), draws=2, probe=dual_results))

exercise.aspect(
    "functions",
    hint="the tangent of f(a) is f'(a) times the tangent of a.",
    cases=[
        Case(label="functions of a dual", arguments=dual_numbers("ap", FUNCTIONS), draws=2, probe=dual_results),
        Case(
            label="functions inside expressions",
            arguments=dual_numbers("abp", NESTED_FUNCTIONS),
            draws=2,
            probe=dual_results,
        ),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "functions")
class TangentsMultiplied:
    """The tangent of a product is not the product of the tangents.

    expand (a+h*da)(b+h*db) and keep terms with one h.
    """

    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("values", "functions")
class SecondFactorConstant:
    """In a product only the first factor's change is counted.

    what is the tangent of 3*a?
    """

    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b),
        "__rmul__": lambda a, da, b, db: (b * a, b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("values", "functions")
class ConstantsVary:
    """A plain number enters with tangent 1, as if it were the variable.

    how fast does a constant change?
    """

    def __init__(self, value, tangent=1.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("functions")
class InnerTangentForgotten:
    """A function's derivative is not multiplied by the tangent of its argument.

    what does the chain rule multiply the outer derivative by?
    """

    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a)),
        "log": lambda a, da: (np.log(a), 1 / a),
        "tanh": lambda a, da: (np.tanh(a), 1 - np.tanh(a) ** 2),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        "relu": lambda a, da: (max(a, 0), a > 0),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception()
class PowerWithoutInnerTangent:
    """The power rule is used without the tangent of its base.

    what is the derivative of (2a)^3 with respect to a?
    """

    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1)),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("values", "functions")
class QuotientTangentsAdded:
    """In a quotient the denominator's change enters with the wrong sign.

    does 1/b rise or fall when b > 0 rises?
    """

    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b + a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a + b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(a) * da),
        "log": lambda a, da: (np.log(a), da / a),
        "tanh": lambda a, da: (np.tanh(a), (1 - np.tanh(a) ** 2) * da),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2 * da),
        "relu": lambda a, da: (max(a, 0), (a > 0) * da),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


@exercise.misconception("functions")
class TangentPassedThroughTheFunction:
    """The function is applied to the tangent; a tangent is scaled by the derivative.

    how large is the change of exp(a) when a changes by a small da?
    """

    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def apply(self, rule, *others):
        duals = (self, *(other if isinstance(other, type(self)) else type(self)(other) for other in others))
        return type(self)(*map(float, rule(*(part for dual in duals for part in (dual.value, dual.tangent)))))

    for name, rule in {
        "__add__": lambda a, da, b, db: (a + b, da + db),
        "__radd__": lambda a, da, b, db: (b + a, db + da),
        "__sub__": lambda a, da, b, db: (a - b, da - db),
        "__rsub__": lambda a, da, b, db: (b - a, db - da),
        "__mul__": lambda a, da, b, db: (a * b, da * b + a * db),
        "__rmul__": lambda a, da, b, db: (b * a, db * a + b * da),
        "__truediv__": lambda a, da, b, db: (a / b, da / b - a * db / b**2),
        "__rtruediv__": lambda a, da, b, db: (b / a, db / a - b * da / a**2),
        "__pow__": lambda a, da, n, _: (a**n, n * a ** (n - 1) * da),
        "__neg__": lambda a, da: (-a, -da),
        "exp": lambda a, da: (np.exp(a), np.exp(da)),
        "log": lambda a, da: (np.log(a), np.log(abs(da))),
        "tanh": lambda a, da: (np.tanh(a), np.tanh(da)),
        "sigmoid": lambda a, da: (1 / (1 + np.exp(-a)), 1 / (1 + np.exp(-da))),
        "relu": lambda a, da: (max(a, 0), max(da, 0)),
    }.items():
        vars()[name] = lambda self, *others, rule=rule: self.apply(rule, *others)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
class ComplexStepDual:
    step = 1e-30

    def __init__(self, value, tangent=0.0):
        self.number = value if isinstance(value, complex) else complex(value, tangent * self.step)

    value = property(lambda self: self.number.real)
    tangent = property(lambda self: self.number.imag / self.step)

    @staticmethod
    def number_of(other):
        return other.number if isinstance(other, ComplexStepDual) else complex(other)

    def __add__(self, other):
        return ComplexStepDual(self.number + self.number_of(other))

    def __sub__(self, other):
        return ComplexStepDual(self.number - self.number_of(other))

    def __rsub__(self, other):
        return ComplexStepDual(self.number_of(other) - self.number)

    def __mul__(self, other):
        return ComplexStepDual(self.number * self.number_of(other))

    def __truediv__(self, other):
        return ComplexStepDual(self.number / self.number_of(other))

    def __rtruediv__(self, other):
        return ComplexStepDual(self.number_of(other) / self.number)

    def __pow__(self, exponent):
        a = self.value
        return ComplexStepDual(a**exponent, exponent * a ** (exponent - 1) * self.tangent)

    def __neg__(self):
        return ComplexStepDual(-self.number)

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return ComplexStepDual(complex(np.exp(self.number)))

    def log(self):
        return ComplexStepDual(complex(np.log(self.number)))

    def tanh(self):
        return ComplexStepDual(complex(np.tanh(self.number)))

    def sigmoid(self):
        return 1 / (1 + (-self).exp())

    def relu(self):
        return self if self.value > 0 else ComplexStepDual(0.0)


@exercise.alternative
class TwoByTwoDual:
    """The number a + a' e as the matrix [[a, a'], [0, a]]: matrix algebra does the product rule."""

    def __init__(self, value, tangent=0.0):
        self.matrix = np.array([[value, tangent], [0.0, value]])

    value = property(lambda self: self.matrix[0, 0])
    tangent = property(lambda self: self.matrix[0, 1])

    def of(self, other):
        return other.matrix if isinstance(other, TwoByTwoDual) else other * np.eye(2)

    @classmethod
    def from_matrix(cls, matrix):
        return cls(matrix[0, 0], matrix[0, 1])

    def __add__(self, other):
        return self.from_matrix(self.matrix + self.of(other))

    def __sub__(self, other):
        return self.from_matrix(self.matrix - self.of(other))

    def __rsub__(self, other):
        return self.from_matrix(self.of(other) - self.matrix)

    def __mul__(self, other):
        return self.from_matrix(self.matrix @ self.of(other))

    def __truediv__(self, other):
        return self.from_matrix(self.matrix @ np.linalg.inv(self.of(other)))

    def __rtruediv__(self, other):
        return self.from_matrix(self.of(other) @ np.linalg.inv(self.matrix))

    def __neg__(self):
        return self.from_matrix(-self.matrix)

    __radd__, __rmul__ = __add__, __mul__

    def lift(self, f, slope):
        return TwoByTwoDual(f(self.value), slope(self.value) * self.tangent)

    def __pow__(self, n):
        return self.lift(lambda a: a**n, lambda a: n * a ** (n - 1))

    def exp(self):
        return self.lift(np.exp, np.exp)

    def log(self):
        return self.lift(np.log, np.reciprocal)

    def tanh(self):
        return self.lift(np.tanh, lambda a: np.cosh(a) ** -2)

    def sigmoid(self):
        return ((self * 0.5).tanh() + 1) * 0.5

    def relu(self):
        return self.lift(lambda a: max(a, 0.0), lambda a: np.heaviside(a, 0.0))


@exercise.alternative
class TupleDual(tuple):
    def __new__(cls, value, tangent=0.0):
        return super().__new__(cls, (value, tangent))

    value, tangent = property(lambda self: self[0]), property(lambda self: self[1])

    def __add__(self, other):
        b, db = other if isinstance(other, tuple) else (other, 0)
        return TupleDual(self[0] + b, self[1] + db)

    def __mul__(self, other):
        b, db = other if isinstance(other, tuple) else (other, 0)
        return TupleDual(self[0] * b, b * self[1] + self[0] * db)

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, n):
        return TupleDual(self[0] ** n, n * self[0] ** n / self[0] * self[1])

    def __neg__(self):
        return TupleDual(-self[0], -self[1])

    def __sub__(self, other):
        return self + -1 * other if isinstance(other, tuple) else self + (-other)

    def __rsub__(self, other):
        return -(self - other)

    def __truediv__(self, other):
        return self * (other**-1 if isinstance(other, tuple) else 1 / other)

    def __rtruediv__(self, other):
        return other * self**-1

    def exp(self):
        return TupleDual(math.exp(self[0]), math.exp(self[0]) * self[1])

    def log(self):
        return TupleDual(math.log(self[0]), self[1] / self[0])

    def sigmoid(self):
        return 1 / (1 + (-self).exp())

    def tanh(self):
        return 2 * (2 * self).sigmoid() - 1

    def relu(self):
        return self if self[0] > 0 else TupleDual(0.0, 0.0)
