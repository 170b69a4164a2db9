"""Dual: implement a number that carries its tangent along: the derivative in one direction of the inputs."""

import math

import numpy as np

from backprop_autograder import Definition, script
from backprop_solutions.exercises.scalar_backprop.inputs import (
    FUNCTIONS,
    FUNCTIONS_INSIDE,
    LONGER,
    NUMBERS_LEFT,
    NUMBERS_RIGHT,
    SAME_OPERAND,
    SUMS_AND_PRODUCTS,
    drawn,
    signed,
)
from backprop_solutions.scalar_backprop import Dual


def with_tangents(names):
    """Return a function that draws the named numbers, and a tangent for each: da belongs to a."""
    return lambda rng: drawn(names)(rng) | {f"d{name}": signed(rng) for name in names}


def dual_cases(operations, **options):
    """Return a case for value and tangent of each operation."""
    return [
        script(
            label,
            "".join(f"{name} = Dual(${name}, $d{name})\n" for name in names) + f"c = {expression}",
            *("c.value", "c.tangent"),
            draw=with_tangents(names),
            **options,
        )
        for label, names, expression in operations
    ]


exercise = Definition(Dual)

values = exercise.aspect("values", hint="which operand's tangent is missing from the sum?")
values.add(
    script("a new number", "a = Dual($a)\nb = Dual($a, 2.0)", "a.value", "a.tangent", "b.tangent", draw=drawn("a")),
    *dual_cases(SUMS_AND_PRODUCTS, draws=2),
    *dual_cases(NUMBERS_RIGHT),
    *dual_cases(NUMBERS_LEFT),
    *dual_cases(SAME_OPERAND),
    script(
        "the derivative by x1 at (1, 3)",
        "x1, x2 = Dual(1.0, 1.0), Dual(3.0, 0.0)\ng = (2 * x1 + 3 * x2) ** 2 + 3",
        *("g.value", "g.tangent"),
    ),
    *dual_cases(LONGER),
    script("a tangent of 0", "a, b = Dual($a, 0.0), Dual($b, $k)\nc = a * b", "c.tangent", draw=drawn("abk")),
    script("a factor of 0", "a, b = Dual(0.0, $k), Dual($b, 1.0)\nc = a * b", "c.tangent", draw=drawn("bk")),
    script("a square at 0", "a = Dual(0.0, $k)\nc = a ** 2", "c.value", "c.tangent", draw=drawn("k")),
    script(
        "operands stay as they are",
        "a, b = Dual($a, 1.0), Dual($b, 2.0)\nc, d = a + b, a * b",
        *("a.value", "a.tangent", "b.value", "b.tangent"),
        draw=drawn("ab"),
    ),
)

functions = exercise.aspect("functions", hint="the tangent of f(a) is f'(a) times the tangent of a.")
functions.add(
    *dual_cases(FUNCTIONS, draws=2),
    script("relu at 0", "a = Dual(0.0, $k)\nc = a.relu()", "c.value", "c.tangent", draw=drawn("k"), draws=2),
    *dual_cases(FUNCTIONS_INSIDE),
)

# --- wrong answers: the reference with one rule changed -----------------------------------------------

PRODUCT = "self.tangent * other.value + self.value * other.tangent"
POWER = "exponent * self.value ** (exponent - 1) * self.tangent"
BOTH = ("values", "functions")

exercise.slip(
    "TangentsMultiplied",
    (PRODUCT, "self.tangent * other.tangent"),
    cause="The tangent of a product is not the product of the tangents.",
    next_step="expand (a+h*da)(b+h*db) and keep terms with one h.",
    loses=BOTH,
)
exercise.slip(
    "SecondFactorConstant",
    (PRODUCT, "self.tangent * other.value"),
    cause="In a product only the first factor's change is counted.",
    next_step="what is the tangent of 3*a?",
    loses=BOTH,
)
exercise.slip(
    "FactorsPairedWithThemselves",
    (PRODUCT, "self.tangent * self.value + other.value * other.tangent"),
    cause="Each tangent is multiplied by its own value; in a product it meets the other one.",
    next_step="expand (a+h*da)(b+h*db) and keep terms with one h.",
    loses=BOTH,
)
exercise.slip(
    "SharesOfAProductSubtracted",
    (PRODUCT, "self.tangent * other.value - self.value * other.tangent"),
    cause="The two shares of a product are subtracted; they add up.",
    next_step="if both factors grow, does a*b grow?",
    loses=BOTH,
)
exercise.slip(
    "TangentsOfASumMultiplied",
    ("self.tangent + other.tangent", "self.tangent * other.tangent"),
    cause="The tangents of a sum are multiplied; changes of the terms add up.",
    next_step="by how much does a+b change when a and b change by da and db?",
    loses=BOTH,
)
exercise.slip(
    "SecondTermConstant",
    ("self.tangent + other.tangent", "self.tangent"),
    cause="In a sum only the first term's change is counted.",
    next_step="what is the tangent of 3+a?",
    loses=BOTH,
)
exercise.slip(
    "ConstantsVary",
    ("tangent=0.0", "tangent=1.0"),
    cause="A plain number enters with tangent 1, as if it were the variable.",
    next_step="how fast does a constant change?",
    loses=BOTH,
)
exercise.slip(
    "PowerWithoutInnerTangent",
    (POWER, "exponent * self.value ** (exponent - 1)"),
    cause="The power rule is used without the tangent of its base.",
    next_step="what is the derivative of (2a)^3 with respect to a?",
    loses=BOTH,
)
exercise.slip(
    "ExponentNotLowered",
    (POWER, "exponent * self.value**exponent * self.tangent"),
    cause="The power rule lowers the exponent by one; here it stays.",
    next_step="what is the derivative of a squared at a = 3?",
    loses=BOTH,
)
exercise.slip(
    "ExponentNotInFront",
    (POWER, "self.value ** (exponent - 1) * self.tangent"),
    cause="The power rule puts the exponent in front as a factor; here it is missing.",
    next_step="what is the derivative of a cubed at a = 1?",
    loses=BOTH,
)
exercise.slip(
    "InnerTangentForgotten",
    ("Dual(result, result * self.tangent)", "Dual(result, result)"),
    ("self.tangent / self.value", "1 / self.value"),
    ("(1 - result**2) * self.tangent", "1 - result**2"),
    ("result * (1 - result) * self.tangent", "result * (1 - result)"),
    ("Dual(self.value, self.tangent) if", "Dual(self.value, 1.0) if"),
    cause="A function's derivative is not multiplied by the tangent of its argument.",
    next_step="what does the chain rule multiply the outer derivative by?",
    loses=("functions",),
)
exercise.slip(
    "TangentPassedThroughTheFunction",
    ("Dual(result, result * self.tangent)", "Dual(result, np.exp(self.tangent))"),
    ("self.tangent / self.value", "np.log(abs(self.tangent))"),
    ("(1 - result**2) * self.tangent", "np.tanh(self.tangent)"),
    ("result * (1 - result) * self.tangent", "1 / (1 + np.exp(-self.tangent))"),
    ("Dual(self.value, self.tangent) if", "Dual(self.value, max(self.tangent, 0.0)) if"),
    cause="The function is applied to the tangent; a tangent is scaled by the derivative.",
    next_step="how large is the change of exp(a) when a changes by a small da?",
    loses=("functions",),
)
exercise.slip(
    "LogTimesValue",
    ("self.tangent / self.value", "self.tangent * self.value"),
    cause="The slope of log is one over the value, not the value.",
    next_step="is log steeper at 1 or at 10?",
    loses=("functions",),
)
exercise.slip(
    "TanhWithoutSquare",
    ("(1 - result**2)", "(1 - result)"),
    cause="The derivative of tanh lacks the square.",
    next_step="is tanh as steep at -1 as at 1?",
    loses=("functions",),
)
AT_THE_OUTPUT = {
    "Tanh": ("(1 - result**2)", "(1 - np.tanh(result) ** 2)"),
    "Sigmoid": ("result * (1 - result)", "np.exp(-result) / (1 + np.exp(-result)) ** 2"),
}
for which, change in AT_THE_OUTPUT.items():
    exercise.slip(
        f"{which}DerivativeFedTheOutput",
        change,
        cause=f"The derivative of {which.lower()} is evaluated at its output y; it belongs at its input z.",
        next_step="compute the derivative of the sigmoid at z = 2 by hand: 0.105 or 0.207?",
        loses=("functions",),
    )
WITHOUT_TANGENT = {
    "exp": ("Dual(result, result * self.tangent)", "Dual(result, result)"),
    "log": ("self.tangent / self.value", "1 / self.value"),
    "tanh": ("(1 - result**2) * self.tangent", "1 - result**2"),
    "sigmoid": ("result * (1 - result) * self.tangent", "result * (1 - result)"),
    "relu": ("Dual(self.value, self.tangent) if", "Dual(self.value, 1.0) if"),
}
for which, change in WITHOUT_TANGENT.items():
    exercise.slip(
        f"InnerTangentForgottenIn{which.capitalize()}",
        change,
        cause=f"The derivative of {which} is not multiplied by the tangent of its argument.",
        next_step="what does the chain rule multiply the outer derivative by?",
        loses=("functions",),
    )
exercise.slip(
    "ReluOfTheTangent",
    (
        "Dual(self.value, self.tangent) if self.value > 0 else Dual(0.0)",
        "Dual(max(self.value, 0.0), max(self.tangent, 0.0))",
    ),
    cause="relu is applied to the tangent; whether it passes depends on the value.",
    next_step="does relu(3) change when 3 becomes 2.9?",
    loses=("functions",),
)
exercise.slip(
    "ReluPassesEverything",
    ("else Dual(0.0)", "else Dual(0.0, self.tangent)"),
    cause="relu passes the tangent on also where its input is negative and its output does not change.",
    next_step="by how much does relu(-1) change when -1 becomes -0.9?",
    loses=("functions",),
)
exercise.slip(
    "ReluPassesAtZero",
    ("self.value > 0", "self.value >= 0"),
    cause="At exactly 0 the tangent passes; by this course's convention it does not.",
    next_step="what does the docstring say about relu at 0?",
    loses=("functions",),
)

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
    # The number a + a' e as the matrix [[a, a'], [0, a]]: matrix algebra does the product rule.

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
        return TupleDual(self[0] ** n, n * self[0] ** (n - 1) * self[1])

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


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("self / -1.0", reason="dividing by -1 is multiplying by it")
exercise.equivalent("self * other ** (-1)", reason="a number to the power of -1 is a constant factor")
