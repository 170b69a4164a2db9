"""Inputs and cases that several exercises of the unit share."""

from itertools import pairwise


def signed(rng):
    """Draw a number of order one, away from 0."""
    return float(rng.choice([-1, 1]) * rng.uniform(0.5, 2))


def positive(rng):
    """Draw a positive number of order one."""
    return float(rng.uniform(0.5, 2))


TWO_VALUES = ["a+b", "a-b", "a*b", "a/b", "-a"]

NUMBER_RIGHT = ["p+3", "p-3", "p*3", "p/4", "p**3", "p**-1.5"]

NUMBER_LEFT = ["3+a", "3-a", "4*a", "2/a", "sum([a,a])"]

NESTED = ["a*a", "a*b+a/b", "(a-b)**2-2*(a-b)", "1/(a*a+1)-(3-a)**3"]

FUNCTIONS = ["a.exp()", "p.log()", "a.tanh()", "a.sigmoid()", "p.relu()", "(-p).relu()"]

NESTED_FUNCTIONS = ["(a*b).tanh()+a.exp()", "(p.log()*a).sigmoid()/b", "(p*b).relu()-(a+3).relu()"]


def numbers(names, expressions):
    """Return a function that draws the named numbers: p is positive, others have any sign."""

    def arguments(rng):
        drawn = {name: positive(rng) if name == "p" else signed(rng) for name in names}
        return {"expressions": expressions, **drawn}

    return arguments


LECTURE_FAU = "c=2*x1+3*x2; e=c**2; g=e+3"

LECTURE_RWTH = "c=a+b; d=b+1; e=c*d"

DIAMOND = "c=a+b; u=c*a; w=c*b; e=u+w"  # depth first, c comes before w

SHORTCUT = "c=a*b; t=c+b; d=t*a; e=c*d"  # breadth first, c comes before t

TWICE = "c=a*a; d=c+c; e=d*a"

LONG = "c=a*b; d=c*k; t=d+c; u=t*k; v=c*u; w=t+v; e=w*d"


def program(lines, *names, **fixed):
    """Return a function that draws the named numbers for a program of assignments."""

    def arguments(rng):
        drawn = {name: signed(rng) for name in names}
        return {"program": lines, **drawn, **fixed}

    return arguments


def equal_numbers(rng):
    number = signed(rng)
    return {"program": "c=a*b; d=c+a; e=d*b", "a": number, "b": number}


def ladder_arguments(rng):
    return {"diamonds": 60, "p": float(rng.uniform(0.4, 0.5)), "q": float(rng.uniform(0.4, 0.5))}


def chain_arguments(rng):
    return {"length": 5000, "number": signed(rng)}


def network(rng, sizes):
    """Draw weights and biases of order one for layers of these sizes."""
    pairs = list(pairwise(sizes))
    return {
        "weights": [rng.normal(size=pair).round(3).tolist() for pair in pairs],
        "biases": [rng.uniform(0.2, 0.6, size=n).round(3).tolist() for _, n in pairs],
    }
