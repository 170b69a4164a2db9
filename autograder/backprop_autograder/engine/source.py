"""The text of a function as a student would have written it."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import lru_cache


@lru_cache(maxsize=1000)
def check_called(source: str) -> tuple[str, str] | None:
    """Return exercise and aspect of a text that is a call of ``check`` and nothing else."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # IPython's own syntax, or a mistake that nobody passes
        return None
    match body:
        case [ast.Expr(ast.Call(ast.Name("check"), [ast.Name(name)], []))]:
            return name, "values"
        case [ast.Expr(ast.Call(ast.Name("check"), [ast.Name(name), ast.Constant(str(aspect))], []))]:
            return name, aspect
    return None


@lru_cache(maxsize=5000)  # probes are asked for with each draw
def source_of(function: Callable) -> str:
    """Return the text of a function or class without its decorators and its docstring.

    In the answer key a docstring holds the words about a wrong answer, and decorators say what a function is
    there for: neither would stand in a notebook. A function that was made of a text has it in ``__source__``.
    """
    if text := getattr(function, "__source__", ""):
        return text
    text = textwrap.dedent(inspect.getsource(function))
    (node,) = ast.parse(text).body
    lines = text.splitlines(keepends=True)
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
        start, end = node.body[0].lineno - 1, node.body[0].end_lineno
        while end < len(lines) and not lines[end].strip():  # the empty line that formatters put below it
            end += 1
        del lines[start:end]
    return "".join(lines[node.lineno - 1 :])


def cell_of(function: Callable, name: str) -> str:
    """Return the text of a cell that defines `name` as a function or class of the answer key."""
    return f"{source_of(function)}\n\n{name} = {function.__name__}\n"
