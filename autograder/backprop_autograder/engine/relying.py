"""Which names of a notebook a function relies on: read from the code of what is defined there, without running it."""

import dis
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType
from typing import Any


def closure(names: set[str], mentioned: Callable[[str], Iterable[str]]) -> set[str]:
    """Return these names, what they mention, what that mentions, and so on."""
    found, todo = set(names), list(names)
    while todo:
        new = {*mentioned(todo.pop())} - found
        found |= new
        todo += new
    return found


def relied_on(names: set[str], namespace: Mapping[str, Any]) -> set[str]:
    """Return these names, those that their functions and classes mention, and so on."""

    def mentioned(name: str) -> Iterator[str]:
        value = namespace.get(name)
        if getattr(value, "__module__", None) == namespace.get("__name__"):  # not into libraries
            for code in _codes(value):
                yield from _mentioned(code)

    return closure(names, mentioned)


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
