"""Value: implement a number that remembers what it was computed from, and the derivative by each parent."""

import numpy as np

from backprop_autograder import Definition, script
from backprop_solutions.exercises.scalar_backprop.engines import CLOSURES, LAZY
from backprop_solutions.exercises.scalar_backprop.inputs import (
    FUNCTIONS,
    FUNCTIONS_INSIDE,
    LECTURE_FAU,
    LONGER,
    NUMBERS_LEFT,
    NUMBERS_RIGHT,
    SAME_OPERAND,
    SUMS_AND_PRODUCTS,
    drawn,
    values_of,
)
from backprop_solutions.scalar_backprop import Value


def derivatives_of(student, code, observe):
    # Recorded derivatives are read directly; an engine that keeps closures instead is asked through `backward`.
    def derivative(node, leaf):
        pairs = zip(node.parents, node.local_derivatives, strict=True)
        return 1.0 if node is leaf else sum(float(d) * derivative(parent, leaf) for parent, d in pairs)

    def records(node):
        slopes = getattr(node, "local_derivatives", ())
        if not hasattr(slopes, "__len__") or len(slopes) != len(node.parents):
            return False
        return all(isinstance(d, (int, float, np.number)) for d in slopes) and all(map(records, node.parents))

    names = student(code)
    root = names["c"]
    leaves = {place: names[place.removeprefix("dc/d")] for place in observe}
    if root.parents and records(root):
        return {place: float(derivative(root, leaf)) for place, leaf in leaves.items()}
    try:
        student.backward(root)
    except (NameError, NotImplementedError):
        if root.parents:
            raise
    return {place: float(leaf.grad) for place, leaf in leaves.items()}


def data_cases(operations, **options):
    """Return a case for the data of each operation."""
    return [
        script(label, f"{values_of(names)}c = {expression}", "c.data", draw=drawn(names), **options)
        for label, names, expression in operations
    ]


def derivative_cases(operations, **options):
    """Return a case for the recorded derivatives of each operation."""
    return [
        script(
            f"derivatives of {label}",
            f"{values_of(names)}c = {expression}",
            *(f"dc/d{name}" for name in names),
            draw=drawn(names),
            probe=derivatives_of,
            **options,
        )
        for label, names, expression in operations
    ]


exercise = Definition(Value)

values = exercise.aspect("values", hint="which of these operations can be said with one that already works?")
values.add(
    script("a new value", "a = Value($a)\nb = Value($a)", "a.data", "a.grad", "a is b", "len({a, b})", draw=drawn("a")),
    *data_cases(SUMS_AND_PRODUCTS, draws=2),
    *data_cases(NUMBERS_RIGHT),
    *data_cases(NUMBERS_LEFT, draws=2),
    *data_cases(SAME_OPERAND),
    script("the lecture's function at (1, 3)", LECTURE_FAU, "c.data", "e.data", "g.data"),
    *data_cases(LONGER),
    script(
        "operands stay as they are",
        "a = Value($a)\nb = Value($b)\nc = a + b\nd = a * b\ne = -a",
        *("a.data", "b.data", "c.data", "a.grad", "e.grad"),
        draw=drawn("ab"),
    ),
    script(
        "products with 0",
        "a = Value($a)\nb = Value(0.0)",
        "(a * b).data",
        "(b / a).data",
        "(0 * a).data",
        draw=drawn("a"),
    ),
)

derivatives = exercise.aspect("derivatives", hint="record the derivative by each operand, in the order of the parents.")
derivatives.add(
    *derivative_cases(SUMS_AND_PRODUCTS, draws=2),
    *derivative_cases(NUMBERS_RIGHT),
    *derivative_cases(NUMBERS_LEFT, draws=2),
    *derivative_cases(SAME_OPERAND),
    script("derivatives at (1, 3)", LECTURE_FAU.replace("g =", "c ="), "dc/dx1", "dc/dx2", probe=derivatives_of),
    *derivative_cases(LONGER),
    script(
        "a factor of 0",
        "a = Value($a)\nb = Value(0.0)\nc = a * b",
        "dc/da",
        "dc/db",
        draw=drawn("a"),
        probe=derivatives_of,
    ),
    script("a square at 0", "a = Value(0.0)\nc = a ** 2", "dc/da", probe=derivatives_of),
)

functions = exercise.aspect(
    "functions", hint="is each derivative taken at the operand's data, and recorded as a number?"
)
functions.add(
    *data_cases(FUNCTIONS, draws=2),
    *derivative_cases(FUNCTIONS, draws=2),
    script("relu at 0", "a = Value(0.0)\nc = a.relu()", "dc/da", probe=derivatives_of),
    script("relu at 0, and more", "a = Value(0.0)\nc = a.relu() * 3 + a", "dc/da", probe=derivatives_of),
    *data_cases(FUNCTIONS_INSIDE),
    *derivative_cases(FUNCTIONS_INSIDE, draws=2),
)

# --- wrong answers: the reference with one rule changed -----------------------------------------------

SUM = "(self, other), (1.0, 1.0)"
PRODUCT = "(self, other), (other.data, self.data)"
POWER = "exponent * self.data ** (exponent - 1)"
DERIVATIVES = ("derivatives", "functions")

exercise.slip(
    "ReflectedSubtractionSwapped",
    ("Value(other) - self", "self - Value(other)"),
    cause="In 2-a the operands are swapped: __rsub__ means other minus self.",
    next_step="which operand stands on the left in a.__rsub__(2)?",
    loses=("values", "derivatives"),
)
exercise.slip(
    "ReflectedDivisionSwapped",
    ("Value(other) / self", "self / Value(other)"),
    cause="In 2/a the operands are swapped: __rtruediv__ means other divided by self.",
    next_step="which operand stands on the left in a.__rtruediv__(2)?",
    loses=("values", "derivatives"),
)
exercise.slip(
    "NumbersOnlyOnTheRight",
    ("def __radd__", "def add_right"),
    ("def __rmul__", "def multiply_right"),
    ("def __rsub__", "def subtract_right"),
    ("def __rtruediv__", "def divide_right"),
    cause="A number on the left, as in 3+a or sum([a,b]), needs a reflected method.",
    next_step="what does Python ask when 3 cannot add a Value?",
    loses=("values", "derivatives"),
)
exercise.slip(
    "OperandsChanged",
    ("return Value(self.data + other.data,", "self.data += other.data\n        return Value(self.data,"),
    cause="The sum is written into the first operand, which the rest of the graph still needs.",
    next_step="what should a.data be after c = a + b?",
)
exercise.slip(
    "FactorTimesItself",
    (PRODUCT, "(self, other), (self.data, other.data)"),
    cause="In a product the derivative by one factor is the other factor, not itself.",
    next_step="if a grows by h, by how much does a*b grow?",
    loses=DERIVATIVES,
)
exercise.slip(
    "ProductLikeASum",
    (PRODUCT, "(self, other), (1.0, 1.0)"),
    cause="A product records the derivatives of a sum, 1 and 1.",
    next_step="if a grows by h, by how much does a*b grow?",
    loses=DERIVATIVES,
)
exercise.slip(
    "SumRecordsItsOperands",
    (SUM, "(self, other), (self.data, other.data)"),
    cause="A sum records the operands themselves; each operand moves it one to one.",
    next_step="if a grows by h, by how much does a+b grow?",
    loses=DERIVATIVES,
)
exercise.slip(
    "SecondFactorNotRecorded",
    (PRODUCT, "(self,), (other.data,)"),
    cause="A product records only its first factor as a parent.",
    next_step="how many operands can change a*b?",
    loses=DERIVATIVES,
)
exercise.slip(
    "SecondTermNotRecorded",
    (SUM, "(self,), (1.0,)"),
    cause="A sum records only its first term as a parent.",
    next_step="how many operands can change a+b?",
    loses=DERIVATIVES,
)
exercise.slip(
    "SubtractionPassesPlusOne",
    (
        "return self + (-other)",
        "return Value(self.data - Value.wrap(other).data, (self, Value.wrap(other)), (1.0, 1.0))",
    ),
    cause="The derivative of a-b with respect to b is recorded as +1.",
    next_step="does a-b rise or fall when b rises?",
    loses=DERIVATIVES,
)
exercise.slip(
    "NegativePassesPlusOne",
    ("return self * -1.0", "return Value(-self.data, (self,), (1.0,))"),
    cause="The derivative of -a is recorded as +1.",
    next_step="does -a rise or fall when a rises?",
    loses=DERIVATIVES,
)
exercise.slip(
    "ExponentNotLowered",
    (POWER, "exponent * self.data**exponent"),
    cause="The power rule lowers the exponent by one; here it stays.",
    next_step="what is the derivative of a squared at a = 3?",
    loses=DERIVATIVES,
)
exercise.slip(
    "ExponentNotInFront",
    (POWER, "self.data ** (exponent - 1)"),
    cause="The power rule puts the exponent in front as a factor; here it is missing.",
    next_step="what is the derivative of a cubed at a = 1?",
    loses=DERIVATIVES,
)
exercise.slip(
    "EveryPowerASquare",
    (POWER, "2 * self.data"),
    cause="Every power gets the derivative of a square, 2a.",
    next_step="what is the derivative of a cubed at a = 2?",
    loses=DERIVATIVES,
)
exercise.slip(
    "DenominatorKeepsItsSign",
    (
        "return self * Value.wrap(other) ** -1",
        "other = Value.wrap(other)\n        return Value(\n            self.data / other.data, (self, other), "
        "(1 / other.data, self.data / other.data**2)\n        )",
    ),
    cause="The derivative of a/b with respect to b lacks its minus sign.",
    next_step="does 1/b rise or fall when b > 0 rises?",
    loses=DERIVATIVES,
)
exercise.slip(
    "NothingRecorded",
    ("self.parents = tuple(parents)", "self.parents = ()"),
    ("tuple(map(float, local_derivatives))", "()"),
    cause="The result knows its data but not its parents, so no gradient finds its way back.",
    next_step="what do the second and third argument of Value stand for?",
    loses=DERIVATIVES,
)
exercise.slip(
    "ExpRecordsItsArgument",
    ("Value(result, (self,), (result,))", "Value(result, (self,), (self.data,))"),
    cause="exp records its argument; it is its own derivative.",
    next_step="how steep is exp at 0?",
    loses=("functions",),
)
exercise.slip(
    "LogRecordsItsArgument",
    ("(1 / self.data,)", "(self.data,)"),
    cause="log records its argument where its inverse belongs.",
    next_step="is log steeper at 1 or at 10?",
    loses=("functions",),
)
exercise.slip(
    "TanhWithoutSquare",
    ("(1 - result**2,)", "(1 - result,)"),
    cause="The derivative of tanh lacks the square.",
    next_step="is tanh as steep at -1 as at 1?",
    loses=("functions",),
)
exercise.slip(
    "SigmoidLikeTanh",
    ("(result * (1 - result),)", "(1 - result**2,)"),
    cause="The sigmoid has got the derivative of tanh.",
    next_step="how steep is the sigmoid at 0: 1/4 or 3/4?",
    loses=("functions",),
)
exercise.slip(
    "SigmoidOfMinusZ",
    ("np.exp(-self.data)", "np.exp(self.data)"),
    cause="The sign in the exponent is missing, so the curve falls where it should rise.",
    next_step="is sigmoid(5) near 0 or near 1?",
    loses=("functions",),
)
TANH, SIGMOID = "(1 - result**2,)", "(result * (1 - result),)"
AT_THE_OUTPUT = {
    "Tanh": (TANH, "(1 - np.tanh(result) ** 2,)"),
    "Sigmoid": (SIGMOID, "(np.exp(-result) / (1 + np.exp(-result)) ** 2,)"),
}
for which, change in AT_THE_OUTPUT.items():
    exercise.slip(
        f"{which}DerivativeFedTheOutput",
        change,
        cause=f"The derivative of {which.lower()} is evaluated at its output y; it belongs at its input z.",
        next_step="compute the derivative of the sigmoid at z = 2 by hand: 0.105 or 0.207?",
        loses=("functions",),
    )
FROM_THE_INPUT = {"Tanh": (TANH, "(1 - self.data**2,)"), "Sigmoid": (SIGMOID, "(self.data * (1 - self.data),)")}
for which, change in FROM_THE_INPUT.items():
    exercise.slip(
        f"{which}FormulaFedTheInput",
        change,
        cause=f"This formula for the derivative of {which.lower()} is written in y, its result; z was put in.",
        next_step="which of your numbers is y?",
        loses=("functions",),
    )
exercise.slip(
    "PowerRuleForExp",
    ("Value(result, (self,), (result,))", "Value(result, (self,), (self.data * result,))"),
    cause="exp gets a factor as a power would; it is its own derivative.",
    next_step="how steep is exp at 0?",
    loses=("functions",),
)
exercise.slip(
    "NumbersNotWrapped",
    ("other = Value.wrap(other)\n        return Value(self.data + ", "return Value(self.data + "),
    ("other = Value.wrap(other)\n        return Value(self.data * ", "return Value(self.data * "),
    cause="A plain number has no .data: the other operand need not be a Value.",
    next_step="which method, given above, makes a node of a number?",
    loses=("values", "derivatives", "functions"),
)
exercise.slip(
    "BracketsMakeNoTuple",
    ("(self,), (exponent * self.data ** (exponent - 1),)", "(self), (exponent * self.data ** (exponent - 1))"),
    ("Value(result, (self,), (result,))", "Value(result, (self), (result))"),
    ("(self,), (1 / self.data,)", "(self), (1 / self.data)"),
    (f"(self,), {TANH}", "(self), (1 - result**2)"),
    (f"(self,), {SIGMOID}", "(self), (result * (1 - result))"),
    ("(self,), (float(positive),)", "(self), (float(positive))"),
    cause="Brackets alone make no tuple: `(self)` is self, `(self,)` a tuple of one.",
    next_step="how is a tuple of one parent written?",
    loses=("values", "derivatives", "functions"),
)
exercise.slip(
    "ReluPassesEverything",
    ("(float(positive),)", "(1.0,)"),
    cause="relu passes the gradient on also where its input is negative and its output does not change.",
    next_step="by how much does relu(-1) change when -1 becomes -0.9?",
    loses=("functions",),
)
exercise.slip(
    "ReluRecordsItsOutput",
    ("(float(positive),)", "(self.data if positive else 0.0,)"),
    cause="relu records its output where its slope belongs.",
    next_step="by how much does relu(3) change when 3 becomes 3.1?",
    loses=("functions",),
)
exercise.slip(
    "ReluPassesAtZero",
    ("self.data > 0", "self.data >= 0"),
    cause="At exactly 0 the gradient passes; by this course's convention it does not.",
    next_step="what does the docstring say about relu at 0?",
    loses=("functions",),
)

# --- other right answers ----------------------------------------------------------------------------

exercise.alternative(CLOSURES)
exercise.alternative(LAZY)


@exercise.alternative
class FrugalValue:
    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.parents, self.local_derivatives = np.float64(data), list(parents), list(local_derivatives)
        self.grad = 0.0

    def make(self, data, *pairs):
        slopes = {}
        for node, slope in pairs:
            if isinstance(node, FrugalValue):
                slopes[node] = slopes.get(node, 0.0) + slope
        return FrugalValue(data, slopes.keys(), slopes.values())

    def __add__(self, other):
        return self.make(self.data + getattr(other, "data", other), (self, 1), (other, 1))

    def __sub__(self, other):
        return self.make(self.data - getattr(other, "data", other), (self, 1), (other, -1))

    def __rsub__(self, other):
        return self.make(other - self.data, (self, -1))

    def __mul__(self, other):
        b = other.data if isinstance(other, FrugalValue) else other
        return self.make(self.data * b, (self, b), (other, self.data))

    def __truediv__(self, other):
        b = other.data if isinstance(other, FrugalValue) else other
        return self.make(self.data / b, (self, 1 / b), (other, -self.data / b**2))

    def __rtruediv__(self, other):
        return self.make(other / self.data, (self, -other / self.data**2))

    def __pow__(self, n):
        return self.make(self.data**n, (self, n * self.data ** (n - 1)))

    def __neg__(self):
        return self.make(-self.data, (self, -1))

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return self.make(np.exp(self.data), (self, np.exp(self.data)))

    def log(self):
        return self.make(np.log(self.data), (self, self.data**-1))

    def tanh(self):
        return self.make(np.tanh(self.data), (self, np.cosh(self.data) ** -2))

    def sigmoid(self):
        return self.make((np.tanh(self.data / 2) + 1) / 2, (self, np.cosh(self.data / 2) ** -2 / 4))

    def relu(self):
        return self.make(np.maximum(self.data, 0), (self, np.heaviside(self.data, 0)))


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("= tuple(local_derivatives)", reason="integers multiply as floats do")
exercise.equivalent("(other, self), (1.0, 1.0)", reason="both local derivatives of a sum are 1")
exercise.equivalent("self / -1.0", reason="dividing by -1 is multiplying by it")
exercise.equivalent("self * other ** (-1)", reason="a number to the power of -1 is a constant factor")
