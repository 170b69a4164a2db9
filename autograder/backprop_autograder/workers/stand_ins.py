"""Take the course's stand-ins for exercises out of a submission's reach: an import must earn no point.

Explorers run a stand-in until a student's own function is there, so students' machines need them. Where a submission
is graded, every one is emptied in place, whoever holds it, but for those that the unit gives to its students. What
other units' figures compute is emptied too; the unit's own figures only say that they are left out.
"""

import ctypes
import importlib
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pkgutil import iter_modules
from types import CodeType, FunctionType, ModuleType
from typing import Any

PACKAGE = "backprop_course"
GIVEN = f"{PACKAGE}.given"
DEPTH = 4  # of containers, classes and closures in one another


def _empty(*_arguments, **_options):
    raise NotImplementedError("a stand-in, which is left out when graded")


_taken: list[tuple[FunctionType, CodeType]] = []
_unit = ""


def take_away(unit: str) -> None:
    """Empty the stand-ins that a unit does not give to its students, and fill those again that were emptied before.

    The parent of the workers does it, for it takes as long as a fork; most workers are for the unit of the last one.

    Parameters
    ----------
    unit : str
        ``"01_chain_rule"``. One that the course does not have is given nothing; for none, all is filled again.
    """
    global _unit
    if unit == _unit:
        return
    for function, code in _taken:
        function.__code__ = code
    _taken[:] = [(function, function.__code__) for function in withheld(unit)] if unit else []
    for function, code in _taken:
        function.__code__ = _like(_figure if _is_figure(function) else _empty, code.co_freevars)
    _unit = unit


def forget() -> None:
    """Let no name lead to what was taken away, in a worker; it is not freed, which would take time."""
    global _taken
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(_taken))
    _taken = []


def _figure(*_arguments, **_options):
    print("A figure to explore, which is left out when graded.")


def _is_figure(function: FunctionType) -> bool:
    return function.__name__.startswith("explore_")


@cache
def _like(function: FunctionType, names: tuple[str, ...]) -> CodeType:
    """Return the code of a function for another one, which has a closure over `names`."""
    return function.__code__.replace(co_freevars=names)


@cache
def withheld(unit: str) -> tuple[FunctionType, ...]:
    """Return the stand-ins that `take_away` empties: looked for once."""
    try:
        package = importlib.import_module(GIVEN)
    except ImportError:
        return ()
    names = {
        m.name
        for path, prefix in ((package.__path__, GIVEN), (_package().__path__, PACKAGE))
        for m in iter_modules(path, f"{prefix}.")
    }
    modules = {name: module for name in names if (module := _imported(name))}
    own = f"{PACKAGE}.{re.sub(r'^[0-9]+_', '', unit)}"
    foreign = {n for n, m in modules.items() if n.startswith(f"{GIVEN}.") or _is_of_a_unit(m)} - _needed(own, modules)
    functions = {
        id(function): function
        for name in foreign
        for value in vars(modules[name]).values()
        for function in _functions(value)
        if function.__module__ in foreign
    }
    kept = _given_by(modules.get(own))
    figures = [f for f in vars(modules.get(own, package)).values() if isinstance(f, FunctionType) and _is_figure(f)]
    return (*(function for key, function in functions.items() if key not in kept), *figures)


def _package() -> ModuleType:
    return importlib.import_module(PACKAGE)


def _imported(name: str) -> ModuleType | None:
    with suppress(ImportError):  # what it needs is not installed here
        return importlib.import_module(name)
    return None


def _is_of_a_unit(module: ModuleType) -> bool:
    """Whether a module holds the pictures of one unit, and nothing that all of them use."""
    return any(name.startswith("explore_") and v.__module__ == module.__name__ for name, v in vars(module).items())


def _needed(name: str, modules: Mapping[str, ModuleType]) -> set[str]:
    """Return the modules that a unit's own one imports from, and their own, but for the stand-ins."""
    needed, left = set(), [name]
    while left:
        name = left.pop()
        if name in modules and name not in needed and not name.startswith(f"{GIVEN}."):
            needed.add(name)
            values = vars(modules[name]).values()
            left += [v.__name__ if isinstance(v, ModuleType) else getattr(v, "__module__", None) for v in values]
    return needed


def _given_by(module: ModuleType | None) -> set[int]:
    """Return which functions a unit's module offers by name, and what they call."""
    offered = [getattr(module, name) for name in getattr(module, "__all__", ()) if not name.startswith("explore_")]
    left = [function for value in offered for function in _functions(value)]
    kept: set[int] = set()
    while left:
        function = left.pop()
        if id(function) not in kept:
            kept.add(id(function))
            left += _called(function)
    return kept


def _functions(value: Any, depth: int = 0) -> Iterator[FunctionType]:
    """Yield the functions of the course's package in a value: a function, a class, a container of them."""
    if depth > DEPTH:  # a method knows its class, which knows the method
        return
    value = getattr(value, "__wrapped__", value)
    if isinstance(value, FunctionType):
        if (value.__module__ or "").startswith(PACKAGE):
            yield value
            for cell in value.__closure__ or ():
                with suppress(ValueError):  # empty
                    yield from _functions(cell.cell_contents, depth + 1)
    elif isinstance(value, type) and value.__module__.startswith(PACKAGE):
        for part in vars(value).values():
            for inner in (part, getattr(part, "__func__", None), getattr(part, "fget", None)):
                yield from _functions(inner, depth + 1)
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _functions(item, depth + 1)


def _called(function: FunctionType) -> Iterator[FunctionType]:
    names, codes = set(), [function.__code__]
    while codes:
        code = codes.pop()
        names |= set(code.co_names)
        codes += [const for const in code.co_consts if isinstance(const, CodeType)]
    for name in names:
        value = function.__globals__.get(name)
        is_module = isinstance(value, ModuleType) and value.__name__.startswith(PACKAGE)
        inside = [vars(value).get(n) for n in names] if is_module else [value]
        for each in inside:
            yield from _functions(each)
