"""What a learner types into an explorer, read without running it: a function of x, a tree, or a program."""

import ast
import operator
from collections.abc import Callable

import numpy as np

FUNCTIONS = {name: getattr(np, name) for name in ("sin", "cos", "tanh", "exp", "log", "sqrt", "abs", "sign")}
CONSTANTS = {"pi": np.pi, "e": np.e}
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
LONGEST, DEEPEST = 300, 8


def typed_function(text: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function of x that `text` writes down, such as ``sin(3*x) + x**2``.

    Raises
    ------
    ValueError
        If it is anything but arithmetic with x, numbers and the functions known here; the message says what.
    """
    body = _parsed(text, "a function of x, such as sin(3*x)").body
    _evaluate(body, np.ones(1))  # what is not allowed is found here, not later

    def function(x):
        with np.errstate(all="ignore"):
            return _evaluate(body, np.asarray(x, dtype=float)) + np.zeros(np.shape(x))

    return function


def typed_tree(text: str, features: int = 2) -> tuple | float:
    """Return the tree that `text` writes down: a number, or ``(feature, threshold, left, right)``.

    Raises
    ------
    ValueError
        If it is no such tree; the message says what is wrong.
    """
    body = _parsed(text, "a tree, such as (0, 0.5, 1, 2)").body
    try:
        tree = ast.literal_eval(body)
    except (ValueError, TypeError, RecursionError):
        raise ValueError("a tree is made of numbers, commas and brackets only") from None
    _check_tree(tree, features, 0)
    return tree


def typed_program(text: str) -> list[tuple[str, ast.expr]]:
    """Return the statements of a program of assignments, such as ``"c = a * b; c + a"``: name, or "", and expression.

    Raises
    ------
    SyntaxError, ValueError
        If it is no such program.
    """
    lines = [line.strip() for line in text.split(";") if line.strip()]
    if not lines:
        raise ValueError("there is no expression")
    found = []
    for line in lines:
        match ast.parse(line).body:
            case [ast.Assign(targets=[ast.Name(id=name)], value=tree)]:
                found.append((name, tree))
            case [ast.Expr(value=tree)]:
                found.append(("", tree))
            case _:
                raise ValueError(f"{line} is neither an expression nor an assignment")
    return found


def _parsed(text: str, wanted: str) -> ast.Expression:
    if len(text) > LONGEST:
        raise ValueError(f"the text is longer than {LONGEST} characters")
    try:
        return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"this cannot be read; wanted is {wanted}") from None


def _evaluate(node: ast.AST, x: np.ndarray):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return np.float64(node.value)  # no integers: 9**9**9 is inf at once
    if isinstance(node, ast.Name) and node.id in ("x", *CONSTANTS):
        return x if node.id == "x" else np.float64(CONSTANTS[node.id])
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        with np.errstate(all="ignore"):
            return OPERATORS[type(node.op)](_evaluate(node.left, x), _evaluate(node.right, x))
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_evaluate(node.operand, x))
    if _is_known_call(node):
        with np.errstate(all="ignore"):
            return FUNCTIONS[node.func.id](_evaluate(node.args[0], x))
    raise ValueError(f"{ast.unparse(node)[:40]} is not known here; there are x, numbers, + - * / **, {_known()}")


def _is_known_call(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        return False
    return len(node.args) == 1 and not node.keywords


def _known() -> str:
    return ", ".join([*FUNCTIONS, *CONSTANTS])


def _check_tree(tree, features: int, depth: int) -> None:
    if type(tree) in (int, float) and np.isfinite(tree):
        return
    if depth == DEEPEST:
        raise ValueError(f"the tree is more than {DEEPEST} questions deep")
    if type(tree) is not tuple or len(tree) != 4:
        raise ValueError("a tree is a number or (feature, threshold, left, right)")
    feature, threshold, *halves = tree
    if type(feature) is not int or not 0 <= feature < features:
        raise ValueError(f"the feature is one of {', '.join(map(str, range(features)))}, not {feature!r}")
    if type(threshold) not in (int, float) or not np.isfinite(threshold):
        raise ValueError(f"the threshold is a number, not {threshold!r}")
    for half in halves:
        _check_tree(half, features, depth + 1)
