"""What a cell's code defines, without running it: for `backprop submit` and for showing a submission.

Nothing here decides about points. Only the standard library is needed: it runs in students' notebooks too.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from symtable import SymbolTable, symtable

# Lines that only IPython reads; `x = !ls` and `x = %magic` are among them.
SHELL_LINE = re.compile(
    r"^([ \t]*)(?:[A-Za-z_]\w*(?:\s*,\s*\w+)*\s*=\s*)?(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE
)
CELL_MAGIC = re.compile(r"\A\s*%%.*\n?")
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITION = FUNCTION | ast.ClassDef
# Characters of code whose trees are kept: no honest notebook has more. Of a tree, each may take half a kilobyte.
KEPT = 300_000
_trees: dict[str, ast.Module | Exception] = {}


def parse(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell, without what only IPython reads; None if it cannot be read."""
    found = _parsed(source)
    return found if isinstance(found, ast.Module) else None


def syntax_problem(source: str) -> int:
    """Return the line at which Python cannot read a cell, 0 if it can."""
    found = _parsed(source)
    return 0 if isinstance(found, ast.Module) else getattr(found, "lineno", None) or 1


def _parsed(source: str) -> ast.Module | Exception:
    if source not in _trees:
        while _trees and sum(map(len, _trees)) + len(source) > KEPT:
            _trees.pop(next(iter(_trees)))
        _trees[source] = _read(source)
    return _trees[source]


def _read(source: str) -> ast.Module | Exception:
    problem: Exception = SyntaxError()
    for text in (source, SHELL_LINE.sub(r"\1pass", CELL_MAGIC.sub("\n", source))):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            problem = error
    return problem


def definition(source: str, name: str) -> ast.stmt | None:
    """Return the last statement of a cell that binds `name`, None if there is none."""
    if name not in source:
        return None
    return next((statement for bound, statement in reversed(list(bindings(source))) if bound == name), None)


def definitions(source: str) -> set[str]:
    """Return the names of functions and classes that a cell defines."""
    tree = parse(source)
    return {s.name for s in _statements(tree.body) if isinstance(s, DEFINITION)} if tree else set()


def bindings(source: str) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what a cell's statements give a meaning to, each name with its statement."""
    tree = parse(source)
    for statement in _statements(tree.body) if tree else ():
        for name in _bound(statement):
            yield name, statement


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements that run in the notebook's own namespace, those inside of if, try, with and loops too."""
    for statement in body:
        yield statement
        if not isinstance(statement, DEFINITION):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(statement, part, []))
            for handler in getattr(statement, "handlers", []):
                yield from _statements(handler.body)


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, DEFINITION):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return set()


def names_of(source: str) -> tuple[set[str], set[str]]:
    """Return which names a cell gives to the notebook, and which of the notebook's it uses."""
    tree = parse(source)
    try:
        table = symtable(ast.unparse(tree), "<cell>", "exec") if tree else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        table = None
    if table is None:
        return set(), set()
    given = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    inside = [symbol for scope in _scopes(table) for symbol in scope.get_symbols() if symbol.is_global()]
    given |= {symbol.get_name() for symbol in inside if symbol.is_declared_global() and symbol.is_assigned()}
    used = {symbol.get_name() for symbol in [*table.get_symbols(), *inside] if symbol.is_referenced()}
    return given, used - given


def _scopes(table: SymbolTable) -> Iterator[SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _scopes(child)


def is_solution(source: str, name: str) -> bool:
    """Whether a cell holds a definition of `name` that may be one: not a stub, and not one that only prints."""
    found = definition(source, name)
    if found is None or any(map(_raises_unsolved, ast.walk(found))):
        return False
    return not isinstance(found, FUNCTION) or not (_does_nothing(found) or _only_prints(found))


def _raises_unsolved(node: ast.AST) -> bool:
    raised = node.exc if isinstance(node, ast.Raise) else None
    named = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(named, ast.Name) and named.id == "NotImplementedError"


def _does_nothing(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return all(isinstance(s, ast.Pass) for s in body)


def _only_prints(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    nodes = list(ast.walk(function))
    prints = any(isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "print" for n in nodes)
    returns = any(isinstance(n, ast.Yield | ast.YieldFrom) or (isinstance(n, ast.Return) and n.value) for n in nodes)
    stores = any(isinstance(n, ast.Attribute | ast.Subscript) and isinstance(n.ctx, ast.Store) for n in nodes)
    return prints and not returns and not stores
