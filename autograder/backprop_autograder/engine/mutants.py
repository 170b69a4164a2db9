"""Small mechanical changes of a right program: what many slips come down to, whoever makes them.

A mutant serves twice. The tests have to reject it, unless it is right, too; and a submission that goes wrong as it
does is told the kind of the change. Words name the kind, never the line: the reference's text stays secret.
"""

import ast
import copy
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest
from types import MappingProxyType
from typing import Any

from backprop_autograder.engine.probe import Outcome, Question, TooManySteps, answer
from backprop_autograder.engine.source import source_of

# What a student reads, by kind of change; when several kinds behave alike, the first is meant.
KINDS = MappingProxyType(
    {
        "accumulate": "contributions overwrite one another instead of adding up",
        "parameter": "the argument {name} has no effect",
        "method": "the method {name} is missing, or does something else",
        "axis": "a sum, mean or maximum runs over another axis",
        "keepdims": "a reduced axis is not kept, or is kept where it should go",
        "transposed": "a matrix is transposed where it should not be, or is not where it should be",
        "matrix product": "an elementwise product stands for a matrix product, or the other way round",
        "direction": "items are taken from the wrong end, or in the wrong order",
        "operand": "a term or a factor is missing",
        "order": "two operands, arguments or results have changed places",
        "sign": "a sign is turned: plus for minus, or the other way round",
        "operator": "one operation stands for another, such as a sum or a quotient for a product",
        "function": "one function stands for a related one, such as a sum for a mean",
        "no function": "a function that should be applied is left out",
        "comparison": "a comparison is turned round, or treats equal numbers otherwise",
        "condition": "a condition is turned round, left out, or not strict enough",
        "early end": "a loop ends too early, or leaves out its first or last item",
        "index": "an index or a slice is off by one",
        "variable": "one variable stands in another's place",
        "constant": "a number in the formula is another one, such as 1 for 2",
        "step": "a step is missing",
    }
)
SWAPS = {
    ast.Add: ("sign", ast.Sub),
    ast.Sub: ("sign", ast.Add),
    ast.Mult: ("operator", ast.Div),
    ast.Div: ("operator", ast.Mult),
    ast.Pow: ("operator", ast.Mult),
    ast.MatMult: ("matrix product", ast.Mult),
}
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
FUNCTIONS = {
    "sum": ("mean", "max"),
    "mean": ("sum",),
    "max": ("min", "sum", "mean"),
    "min": ("max",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "argmax": ("argmin",),
    "all": ("any",),
    "any": ("all",),
    "median": ("mean",),
    "zeros": ("ones",),
    "zeros_like": ("ones_like",),
    "ones": ("zeros",),
    "log": ("exp", "log10"),
    "exp": ("log", "expm1"),
    "log1p": ("log",),
    "pop": ("popleft",),
    "append": ("insert",),
}
NUMPY_ONLY = {"mean", "median", "exp", "expm1", "log", "log10", "log1p"}
CALLS_THAT_KEEP = {"float", "int", "list", "tuple", "set", "dict", "bool", "str", "range", "len", "isinstance", "super"}
ARITHMETIC = {"sign", "operator", "operand", "constant", "order"}
TICK = "__tick__"
BODY = re.compile(r"^( *)(?:for|while|def) .*:$", re.MULTILINE)
SECONDS = 20.0  # for a change that goes on in a loop that is not counted; a busy machine changes no pack
VARIABLES = 25  # at most so many exchanges of one variable for another


@dataclass(frozen=True)
class Mutant:
    """A right program with one change.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    name : str
        The parameter or method concerned; empty if there is none that the exercise's text names.
    source : str
    implementation : callable
        Counts its loops and calls, and stops with `TooManySteps` where the right program would long be ready.
    """

    kind: str
    name: str
    source: str
    implementation: Callable


class Ticks:
    """Counts loops and calls of a program that was made by `instrumented`; the same on every machine."""

    def __init__(self, limit: int = 10**9):
        self.count, self.limit = 0, limit

    def __call__(self) -> None:
        """Count one, and stop the program if it has gone on for too long."""
        self.count += 1
        if self.count > self.limit:
            raise TooManySteps("it went on for much longer than needed")

    def answer(self, question: Question, names: Mapping[str, Any]) -> Outcome:
        """Ask a program that is counted here."""
        self.count = 0
        return answer(question, names, SECONDS)


def mutants_of(function: Callable, ticks: Ticks, most: int | None = None) -> list[Mutant]:
    """Return the mutants of a function or class, each text once; at most so many, with something of every kind."""
    source = source_of(function)
    by_kind = defaultdict(list)
    for number, kind, name, change in _changes(ast.parse(source)):
        by_kind[kind].append((number, kind, name, change))
    by_kind["variable"] = _spread(by_kind["variable"], VARIABLES)
    chosen = [one for every in zip_longest(*by_kind.values()) for one in every if one][:most]
    order, right, found = list(KINDS), ast.unparse(ast.parse(source)), {}
    for number, kind, name, change in sorted(chosen, key=lambda c: order.index(c[1])):
        if (changed := _changed(source, number, change)) and changed != right:
            found.setdefault(changed, (kind, name))
    made = ((*what, text, _implementation(function, text, ticks)) for text, what in found.items())
    return [Mutant(*parts) for parts in made if parts[-1]]


def _changed(source: str, number: int, change: Callable[[Any], None]) -> str | None:
    """Return the text after a change of the node with this number; None if it cannot be made there."""
    tree = ast.parse(source)
    node = next(islice(ast.walk(tree), number, None))
    try:
        change(node)
        return ast.unparse(tree)
    except (SyntaxError, ValueError, TypeError, IndexError, AttributeError):
        return None


def _spread(items: list, most: int) -> list:
    """Return at most so many of the items, evenly spread."""
    step = max(1, -(-len(items) // most))
    return items[::step]


def instrumented(function: Callable, ticks: Ticks) -> Callable:
    """Return `function` unchanged, but with its loops and calls counted."""
    return _implementation(function, ast.unparse(ast.parse(source_of(function))), ticks)


def _implementation(function: Callable, text: str, ticks: Ticks) -> Callable | None:
    """Return what a changed text defines, with its loops and calls counted; None if it cannot even be defined.

    The text is one that `ast.unparse` wrote: whatever has a body begins with a line of its own.
    """
    names = dict(getattr(function, "__globals__", None) or _globals_of_class(function))
    names[TICK] = ticks
    try:
        with warnings.catch_warnings():  # of the compiler, about code that no student has written
            warnings.simplefilter("ignore")
            exec(compile(BODY.sub(rf"\g<0>\n\1    {TICK}()", text), "<mutant>", "exec"), names)
    except Exception:
        return None
    return names[function.__name__]


def _globals_of_class(cls: type) -> dict[str, Any]:
    return vars(sys.modules[cls.__module__])


def _changes(tree: ast.Module) -> Iterator[tuple[int, str, str, Callable[[Any], None]]]:
    """Yield the number of a node, kind, name, and what is to be done to the node, for every change."""
    methods = {id(n): m.name for m in _methods(tree) for n in ast.walk(m)}
    indices = {id(n) for s in ast.walk(tree) if isinstance(s, ast.Subscript) for n in ast.walk(s.slice)}
    orders = {id(n) for k in ast.walk(tree) if isinstance(k, ast.keyword) and k.arg == "key" for n in ast.walk(k)}
    words, unordered = _words(tree), _unordered(tree)
    for number, node in enumerate(ast.walk(tree)):
        for kind, name, change in _changes_of(node, tree) if id(node) not in words else ():
            if kind == "direction" and id(node) in unordered:
                continue
            if kind in ARITHMETIC:  # it is arithmetic of places, not of results
                kind = "index" if id(node) in indices else "direction" if id(node) in orders else kind
            yield number, kind, name or methods.get(id(node), ""), change


def _words(tree: ast.AST) -> set[int]:
    """Return the nodes that only say something to a reader: an exception's text, and what ``__repr__`` shows."""
    said = (n for n in ast.walk(tree) if isinstance(n, ast.Raise) or getattr(n, "name", "") == "__repr__")
    return {id(n) for part in said for n in ast.walk(part)}


def _unordered(tree: ast.AST) -> set[int]:
    """Return the loops whose order cannot matter: over nothing but a count, into a set, or into a sum or mean."""
    found = {id(n) for n in ast.walk(tree) if isinstance(n, ast.For) and ast.unparse(n.target) == "_"}
    for node in ast.walk(tree):
        name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
        gathered = [node] if isinstance(node, ast.SetComp) else node.args if name in ("sum", "mean") else []
        found |= {id(g) for one in gathered for g in getattr(one, "generators", ())}
    return found


def _methods(tree: ast.Module) -> list[ast.FunctionDef]:
    (top,) = tree.body
    return [n for n in top.body if isinstance(n, ast.FunctionDef)] if isinstance(top, ast.ClassDef) else []


Change = tuple[str, str, Callable[[Any], None]]


def _changes_of(node: ast.AST, tree: ast.Module) -> Iterator[Change]:
    for rule in RULES.get(type(node), ()):
        for change in rule(node):
            yield change if len(change) == 3 else (change[0], "", change[1])
    if isinstance(node, ast.FunctionDef):
        yield from _changes_of_function(node, tree)
    for field in ("body", "orelse"):
        if isinstance(getattr(node, field, None), list) and not isinstance(node, ast.Module):
            yield from _changes_of_body(node, field)


def _become(make: Callable[[Any], ast.AST]) -> Callable[[Any], None]:
    """Return a change that turns a node into what `make` makes of it."""

    def change(node):
        other = make(node)
        fields = {**vars(other)}
        node.__class__ = other.__class__
        node.__dict__.clear()
        node.__dict__.update(fields)

    return change


def _set(**fields: Any) -> Callable[[Any], None]:
    def change(node):
        for name, value in fields.items():
            setattr(node, name, value(getattr(node, name)) if callable(value) else value)

    return change


def _operation(node: ast.BinOp):
    kind, other = SWAPS.get(type(node.op), (None, None))
    if kind:
        yield kind, _set(op=other())
    if isinstance(node.op, ast.Mult):
        yield "operator", _set(op=ast.Add())
    yield "operand", _become(lambda n: n.left)
    yield "operand", _become(lambda n: n.right)
    if isinstance(node.op, (ast.Sub, ast.Div, ast.Pow, ast.MatMult)):
        yield "order", _become(lambda n: ast.BinOp(n.right, n.op, n.left))
    if isinstance(node.op, ast.MatMult):
        yield "transposed", _become(lambda n: ast.BinOp(_transposed(n.left), n.op, n.right))
        yield "transposed", _become(lambda n: ast.BinOp(n.left, n.op, _transposed(n.right)))
        yield "order", _become(lambda n: ast.BinOp(_transposed(n.right), n.op, _transposed(n.left)))


def _transposed(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _negation(node: ast.UnaryOp):
    if isinstance(node.op, ast.USub):
        yield "sign", _become(lambda n: n.operand)
    if isinstance(node.op, (ast.Not, ast.Invert)):
        yield "condition", _become(lambda n: n.operand)


def _number(node: ast.Constant):
    if type(node.value) not in (int, float):
        return
    for other in {0: (1,), 1: (0, 2, -1), 2: (1, 3), 3: (2,)}.get(node.value, (2 * node.value, node.value / 2)):
        yield "constant", _set(value=type(node.value)(other) if type(node.value) is float else other)


def _comparison(node: ast.Compare):
    for other in COMPARISONS.get(type(node.ops[0]), ()):
        yield "comparison", _set(ops=[other(), *node.ops[1:]])


def _logic(node: ast.BoolOp):
    yield "condition", _set(op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for k in range(len(node.values)):
        yield "condition", _set(values=lambda values, k=k: values[:k] + values[k + 1 :] + [ast.Constant(True)] * 0)


def _choice(node: ast.IfExp):
    yield "condition", _become(lambda n: n.body)
    yield "condition", _become(lambda n: n.orelse)


def _branch(node: ast.If):
    yield "condition", _set(test=lambda test: ast.UnaryOp(ast.Not(), test))
    yield "condition", _set(test=ast.Constant(True))
    yield "condition", _set(test=ast.Constant(False))


def _addition(node: ast.AugAssign):
    yield "accumulate", _become(lambda n: ast.Assign([n.target], n.value, lineno=n.lineno))
    if type(node.op) in SWAPS:
        kind, other = SWAPS[type(node.op)]
        yield kind, _set(op=other())


def _assignment(node: ast.Assign):
    """Yield ``total = x`` for ``total = total + x``, also where the old value is fetched by ``get``."""
    if isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.Add):
        target = node.targets[0]
        store = ast.unparse(target.value if isinstance(target, ast.Subscript) else target)
        for old, new in (("left", "right"), ("right", "left")):
            if store in ast.unparse(getattr(node.value, old)):
                yield "accumulate", _set(value=lambda v, new=new: getattr(v, new))


def _loop(node: ast.For):
    yield "early end", _set(body=lambda body: [*body, ast.Break()])
    yield from _items("iter")


def _while(node: ast.While):
    yield "early end", _set(body=lambda body: [*body, ast.Break()])


def _comprehension(node: ast.comprehension):
    yield from _items("iter")
    for k in range(len(node.ifs)):
        yield "condition", _set(ifs=lambda ifs, k=k: ifs[:k] + ifs[k + 1 :])


def _items(field: str):
    def cut(text):
        part = ast.parse(f"list(x)[{text}]", mode="eval").body
        return lambda items: _replaced(part, "x", items)

    yield "early end", _set(**{field: cut("1:")})
    yield "early end", _set(**{field: cut(":-1")})
    yield "direction", _set(**{field: cut("::-1")})


def _replaced(tree: ast.expr, name: str, value: ast.expr) -> ast.expr:
    class Put(ast.NodeTransformer):
        def visit_Name(self, node):
            return value if node.id == name else node

    return Put().visit(copy.deepcopy(tree))


def _call(node: ast.Call):
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    method = isinstance(node.func, ast.Attribute)
    for other in FUNCTIONS.get(name, ()):
        if method or (other not in NUMPY_ONLY and name not in NUMPY_ONLY):
            yield "function", _set(func=lambda f, other=other: _renamed(f, other))
    if len(node.args) == 1 and name not in CALLS_THAT_KEEP:
        kind = "direction" if name == "reversed" else "no function"
        yield kind, _become(lambda n: n.args[0])
    if not node.args and method and name in ("sum", "mean", "max", "min", "copy"):
        yield "no function", _become(lambda n: n.func.value)
    if len(node.args) == 2 and name not in ("isinstance", "getattr", "zip"):
        if name not in ("maximum", "minimum"):  # their operands have no order
            yield "order", _set(args=lambda args: args[::-1])
        yield "operand", _become(lambda n: n.args[0])
        yield "operand", _become(lambda n: n.args[1])
    if len(node.args) == 3 and name in ("where", "clip"):
        yield "order", _set(args=lambda args: [args[0], args[2], args[1]])
        yield "condition", _become(lambda n: n.args[1])
        yield "condition", _become(lambda n: n.args[2])
    if name == "sorted":
        yield "direction", _become(lambda n: ast.parse(f"{ast.unparse(n)}[::-1]", mode="eval").body)
    for k, keyword in enumerate(node.keywords):
        if keyword.arg == "axis":
            for axis in (0, 1, -1, None):
                yield "axis", _set(keywords=lambda ks, k=k, axis=axis: _with(ks, k, axis))
        if keyword.arg == "keepdims":
            yield "keepdims", _set(keywords=lambda ks, k=k: ks[:k] + ks[k + 1 :])


def _renamed(function: ast.expr, other: str) -> ast.expr:
    function = copy.deepcopy(function)
    setattr(function, "attr" if isinstance(function, ast.Attribute) else "id", other)
    return function


def _with(keywords: list[ast.keyword], k: int, value: Any) -> list[ast.keyword]:
    return [*keywords[:k], ast.keyword(keywords[k].arg, ast.Constant(value)), *keywords[k + 1 :]]


def _attribute(node: ast.Attribute):
    if node.attr == "T" and isinstance(node.ctx, ast.Load):
        yield "transposed", _become(lambda n: n.value)


def _subscript(node: ast.Subscript):
    if not isinstance(node.ctx, ast.Load):
        return
    where = node.slice
    if isinstance(where, ast.Slice):
        if where.step is not None:
            yield "direction", _become(lambda n: n.value)
        yield "index", _become(lambda n: n.value)
    elif not isinstance(where, (ast.Tuple, ast.Constant)) or isinstance(getattr(where, "value", None), int):
        for sign in (ast.Add(), ast.Sub()):
            yield "index", _set(slice=lambda s, sign=sign: ast.BinOp(s, sign, ast.Constant(1)))
    elif isinstance(where, ast.Tuple) and len(where.elts) == 2:
        yield "order", _set(slice=lambda s: ast.Tuple(s.elts[::-1], ast.Load()))


def _results(node: ast.Return):
    if isinstance(node.value, ast.Tuple):
        items = node.value.elts
        for k in range(len(items) - 1):
            yield "order", _set(value=lambda v, k=k: _exchanged(v, k))


def _exchanged(pair: ast.Tuple, k: int) -> ast.Tuple:
    items = list(pair.elts)
    items[k], items[k + 1] = items[k + 1], items[k]
    return ast.Tuple(items, ast.Load())


def _pair(node: ast.Tuple):
    if len(node.elts) == 2 and isinstance(node.ctx, ast.Load):
        yield "order", _set(elts=lambda elts: elts[::-1])


RULES = {
    ast.BinOp: (_operation,),
    ast.UnaryOp: (_negation,),
    ast.Constant: (_number,),
    ast.Compare: (_comparison,),
    ast.BoolOp: (_logic,),
    ast.IfExp: (_choice,),
    ast.If: (_branch,),
    ast.AugAssign: (_addition,),
    ast.Assign: (_assignment,),
    ast.For: (_loop,),
    ast.While: (_while,),
    ast.comprehension: (_comprehension,),
    ast.Call: (_call,),
    ast.Attribute: (_attribute,),
    ast.Subscript: (_subscript,),
    ast.Return: (_results,),
    ast.Tuple: (_pair,),
}


def _changes_of_body(node: ast.AST, field: str) -> Iterator[Change]:
    statements = getattr(node, field)
    for k, statement in enumerate(statements):
        in_class = isinstance(node, ast.ClassDef) and isinstance(statement, ast.FunctionDef)
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_docstring or id(statement) in _words(statement):
            continue
        kept = isinstance(statement, (ast.Return, ast.FunctionDef, ast.Raise)) and not in_class
        if not kept and (len(statements) > 1 or field == "orelse"):
            kind, name = ("method", statement.name) if in_class else ("step", "")
            yield kind, name, _set(**{field: lambda body, k=k: body[:k] + body[k + 1 :]})
        if isinstance(statement, ast.For) and k + 1 < len(statements) and isinstance(statements[k + 1], ast.Return):
            yield "early end", "", _set(**{field: lambda body, k=k: _returning(body, k)})


def _returning(body: list[ast.stmt], k: int) -> list[ast.stmt]:
    """Return a body whose loop `k` holds the return that stands below it: one indentation too deep."""
    loop = copy.deepcopy(body[k])
    loop.body.append(copy.deepcopy(body[k + 1]))
    return [*body[:k], loop, *body[k + 1 :]]


def _changes_of_function(node: ast.FunctionDef, tree: ast.Module) -> Iterator[Change]:
    arguments = [*node.args.args, *node.args.kwonlyargs]
    names = [a.arg for a in arguments if a.arg != "self"]
    outermost = node is tree.body[0]
    defaults = dict(
        zip([a.arg for a in node.args.args][-len(node.args.defaults) or 99 :], node.args.defaults, strict=False)
    )
    for name in names if outermost else ():
        values = [defaults[name]] if name in defaults else [ast.Constant(0.0), ast.Constant(1.0)]
        for value in values:
            yield "parameter", name, _first_of_all(name, value)
    known = names + [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    known = list(dict.fromkeys(known))
    for k, use in enumerate(_uses(node, known)):
        for other in known:
            if other != use.id:
                yield "variable", "", _with_variable(known, k, other)


def _uses(node: ast.FunctionDef, known: list[str]) -> list[ast.Name]:
    words, names = _words(node), (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return [n for n in names if isinstance(n.ctx, ast.Load) and n.id in known and id(n) not in words]


def _first_of_all(name: str, value: ast.expr) -> Callable[[Any], None]:
    def change(node):
        node.body.insert(0, ast.Assign([ast.Name(name, ast.Store())], value, lineno=node.lineno))

    return change


def _with_variable(known: list[str], k: int, other: str) -> Callable[[Any], None]:
    def change(node):
        _uses(node, known)[k].id = other

    return change
