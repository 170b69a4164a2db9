"""Take the course's stand-ins for exercises out of a submission's reach: an import must earn no point.

Explorers run a stand-in until a student's own function is there, so students' machines need them. Where a submission
is graded, every one is emptied in place, whoever holds it, but for those that the unit gives to its students.
"""

import importlib
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pkgutil import iter_modules
from types import CodeType, FunctionType, ModuleType
from typing import Any

PACKAGE = "backprop_course"
GIVEN = f"{PACKAGE}.given"


def _empty(*_arguments, **_options):
    raise NotImplementedError("a stand-in, which is left out when graded")


def take_away(unit: str) -> None:
    """Empty the stand-ins that a unit does not give to its students.

    Parameters
    ----------
    unit : str
        ``"01_chain_rule"``. One that the course does not have is given nothing.
    """
    for function in withheld(unit):
        function.__code__ = _empty.__code__.replace(co_freevars=function.__code__.co_freevars)


@cache
def withheld(unit: str) -> tuple[FunctionType, ...]:
    """Return the stand-ins that `take_away` empties: looked for once, by the parent of the workers."""
    try:
        package = importlib.import_module(GIVEN)
    except ImportError:
        return ()
    functions = {}
    for module in iter_modules(package.__path__, f"{GIVEN}."):
        with suppress(ImportError):
            for value in vars(importlib.import_module(module.name)).values():
                functions |= {id(function): function for function in _functions(value)}
    kept = _given_by(unit)
    return tuple(function for key, function in functions.items() if key not in kept)


def _given_by(unit: str) -> set[int]:
    """Return which stand-ins a unit's module offers by name, and what they call."""
    try:
        module = importlib.import_module(f"{PACKAGE}.{re.sub(r'^[0-9]+_', '', unit)}")
    except ImportError:
        return set()
    offered = [getattr(module, name) for name in getattr(module, "__all__", ())]
    left = [function for value in offered for function in _functions(value)]
    kept: set[int] = set()
    while left:
        function = left.pop()
        if id(function) not in kept:
            kept.add(id(function))
            left += _called(function)
    return kept


def _functions(value: Any, depth: int = 0) -> Iterator[FunctionType]:
    """Yield the functions of the stand-ins' modules in a value: a function, a class, a container of them."""
    value = getattr(value, "__wrapped__", value)
    if isinstance(value, FunctionType):
        if (value.__module__ or "").startswith(GIVEN):
            yield value
            for cell in value.__closure__ or ():
                with suppress(ValueError):  # empty
                    yield from _functions(cell.cell_contents, depth + 1)
    elif isinstance(value, type) and value.__module__.startswith(GIVEN):
        for part in vars(value).values():
            for inner in (part, getattr(part, "__func__", None), getattr(part, "fget", None)):
                yield from _functions(inner, depth + 1)
    elif isinstance(value, dict | list | tuple) and depth < 3:
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
        is_module = isinstance(value, ModuleType) and value.__name__.startswith(GIVEN)
        inside = [vars(value).get(n) for n in names] if is_module else [value]
        for each in inside:
            yield from _functions(each)
