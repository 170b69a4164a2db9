"""Which names of a notebook a function relies on: read from the code of what is defined there, without running it."""

import dis
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any


def relied_on(names: set[str], namespace: Mapping[str, Any]) -> set[str]:
    """Return these names, those that their functions and classes mention, and so on."""
    found, todo = set(names), list(names)
    while todo:
        value = namespace.get(todo.pop())
        if getattr(value, "__module__", None) == namespace.get("__name__"):  # not into libraries
            new = {name for code in _codes(value) for name in _mentioned(code)} - found
            found |= new
            todo += new
    return found


def _codes(value: Any) -> Iterator[CodeType]:
    parts = vars(value).values() if isinstance(value, type) else [value]
    for part in parts:
        part = getattr(part, "__func__", None) or getattr(part, "fget", None) or part
        if isinstance(code := getattr(part, "__code__", None), CodeType):
            yield code


def _mentioned(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
        elif isinstance(instruction.argval, CodeType):
            yield from _mentioned(instruction.argval)
