"""Numbers, lines of code and networks that several exercises of the unit share."""

from itertools import pairwise

STEPS = 20_000  # lines for a ladder of 30 diamonds: three times what the slowest right answer executes


def signed(rng):
    """Draw a number of order one, away from 0."""
    return float(rng.choice([-1, 1]) * rng.uniform(0.5, 2))


def positive(rng):
    """Draw a positive number of order one."""
    return float(rng.uniform(0.5, 2))


def drawn(names, **fixed):
    """Return a function that draws the named numbers: p is positive, others have any sign."""
    return lambda rng: {name: positive(rng) if name == "p" else signed(rng) for name in names} | fixed


def values_of(names):
    """Return lines that make a Value of each of the named numbers."""
    return "".join(f"{name} = Value(${name})\n" for name in names)


# Operations of an engine, each a case of its own, simplest first: label, names of the operands, expression.
SUMS_AND_PRODUCTS = [
    ("a sum", "ab", "a + b"),
    ("a product", "ab", "a * b"),
    ("a power", "p", "p ** 3"),
    ("a negative power", "p", "p ** -1.5"),
    ("a negative", "a", "-a"),
    ("a difference", "ab", "a - b"),
    ("a quotient", "ab", "a / b"),
]
NUMBERS_RIGHT = [
    ("a number added", "a", "a + 3"),
    ("a number subtracted", "a", "a - 3"),
    ("a product with a number", "a", "a * 3"),
    ("a quotient by a number", "a", "a / 4"),
]
NUMBERS_LEFT = [
    ("a number on the left of +", "a", "3 + a"),
    ("a number on the left of *", "a", "4 * a"),
    ("a number on the left of -", "a", "3 - a"),
    ("a number on the left of /", "a", "2 / a"),
    ("sum, which starts from 0", "ab", "sum([a, b])"),
]
SAME_OPERAND = [
    ("a value added to itself", "a", "a + a"),
    ("a value times itself", "a", "a * a"),
    ("a value minus itself", "a", "a - a"),
    ("a value by itself", "a", "a / a"),
]
LONGER = [
    ("a sum of products", "ab", "a * b + a / b"),
    ("a power of a difference", "ab", "(a - b) ** 2 - 2 * (a - b)"),
    ("a quotient of sums", "a", "1 / (a * a + 1) - (3 - a) ** 3"),
]
FUNCTIONS = [
    ("exp", "a", "a.exp()"),
    ("log", "p", "p.log()"),
    ("tanh", "a", "a.tanh()"),
    ("sigmoid", "a", "a.sigmoid()"),
    ("relu of a positive number", "p", "p.relu()"),
    ("relu of a negative number", "p", "(-p).relu()"),
]
FUNCTIONS_INSIDE = [
    ("a function of a product", "ab", "(a * b).tanh() + a.exp()"),
    ("functions of functions", "abp", "(p.log() * a).sigmoid() / b"),
    ("relu inside a difference", "abp", "(p * b).relu() - (a + 3).relu()"),
    ("exp of a power", "a", "(a ** 2).exp() * a"),
]

# Graphs for the sweep: label, names of the inputs, lines, names of all nodes, inputs first.
GRAPHS = [
    ("a product and a sum", "ab", "c = a * b\ne = c + a", "abce"),
    ("a node used twice", "a", "c = a * a\nd = c + c\ne = d * a", "acde"),
    ("a diamond", "ab", "c = a + b\nu = c * a\nw = c * b\ne = u + w", "abcuwe"),  # depth first, c comes before w
    ("a shortcut", "ab", "c = a * b\nt = c + b\nd = t * a\ne = c * d", "abctde"),  # breadth first, c comes before t
    (
        "many shortcuts",
        "abk",
        "c = a * b\nd = c * k\nt = d + c\nu = t * k\nv = c * u\nw = t + v\ne = w * d",
        "abkcdtuvwe",
    ),
]
LECTURE_RWTH = "a = Value(2.0)\nb = Value(1.0)\nc = a + b\nd = b + 1\ne = c * d\n"
LECTURE_FAU = "x1 = Value(1.0)\nx2 = Value(3.0)\nc = 2 * x1 + 3 * x2\ne = c ** 2\ng = e + 3\n"
EQUAL_NUMBERS = "a = Value($a)\nb = Value($a)\nc = a * b\nd = c + a\ne = d * b\n"
LADDER = "p, q = Value($p), Value($q)\nnode = start = Value(1.0)\nfor _ in range(30):\n    node = node * p + node * q\n"
CHAIN = "node = a = Value($a)\nfor _ in range(5000):\n    node = node + a\n"


def ladder_numbers(rng):
    return {"p": rng.uniform(0.4, 0.5), "q": rng.uniform(0.4, 0.5)}


def network(rng, sizes):
    """Draw weights and biases of order one for layers of these sizes."""
    pairs = list(pairwise(sizes))
    return {
        "weights": [rng.normal(size=pair).round(3).tolist() for pair in pairs],
        "biases": [rng.uniform(0.2, 0.6, size=n).round(3).tolist() for _, n in pairs],
    }
