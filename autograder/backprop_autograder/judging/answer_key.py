"""Find the answer key by its configured name: the engine never imports it by its own knowledge.

An answer key is a package. Its module ``<unit>`` holds the references, its package ``exercises.<unit>`` one module
for each of them, which defines an ``exercise``, and modules of what several share, such as ``inputs``.
"""

import inspect
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # NumPy is imported where it is needed: processes that grade start before
    from backprop_autograder.engine.definition import Definition
    from backprop_autograder.engine.exercise import Exercise

DEFAULT = "backprop_solutions"


class AnswerKeyError(Exception):
    """There is no answer key, or not the part of it that was asked for."""


@cache
def load_exercises(unit: str, key: str = DEFAULT) -> dict[str, "Exercise"]:
    """Return the exercises of a unit by name, in the order of the references; none if the key does not know the unit.

    Parameters
    ----------
    unit : str
        ``"01_chain_rule"`` or ``"chain_rule"``.
    key : str
        Package of the answer key.

    Raises
    ------
    AnswerKeyError
        If the key is not installed, knows half of the unit, or a reference and a file of ``exercises`` lack each other.
    DefinitionError
        If an exercise is not defined whole.
    """
    if _import(key) and not _knows(key, slug(unit)):
        return {}
    references = _import(f"{key}.{slug(unit)}")
    definitions = _definitions(_import(f"{key}.exercises.{slug(unit)}"))
    wanted = [name for name, value in vars(references).items() if is_reference(value, references)]
    place = f"{key}/exercises/{slug(unit)}"
    if missing := [name for name in wanted if name not in definitions]:
        raise AnswerKeyError(f"{place} says nothing about {', '.join(missing)}. Next: backprop add UNIT NAME.")
    if superfluous := sorted(definitions.keys() - set(wanted)):
        raise AnswerKeyError(f"{place} judges {', '.join(superfluous)}, which {slug(unit)}.py does not define.")
    return {name: definitions[name].build() for name in wanted}


def _import(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if not module.startswith(error.name or ""):
            raise
        raise AnswerKeyError(
            f"No answer key {module} is installed. Instructors install the course's repository: pip install -e ."
        ) from None


def _knows(key: str, unit: str) -> bool:
    """Whether a key has a module of references of a unit, or a package that judges it."""
    folders = {folder for name in (key, f"{key}.exercises") for folder in _folders(name)}
    return any(module.name == unit for module in iter_modules(map(str, folders)))


def _folders(name: str) -> list[str]:
    try:
        return list(import_module(name).__path__)
    except ModuleNotFoundError:
        return []


def _definitions(package: ModuleType) -> dict[str, "Definition"]:
    """Return what the modules of a package define, by exercise; those that define none hold what several share."""
    from backprop_autograder.engine.definition import Definition

    modules = (import_module(f"{package.__name__}.{module.name}") for module in iter_modules(package.__path__))
    found = (getattr(module, "exercise", None) for module in modules)
    return {exercise.reference.__name__: exercise for exercise in found if isinstance(exercise, Definition)}


def is_reference(value: object, module: ModuleType) -> bool:
    """Whether a module of references defines `value` as an exercise: with a region that students complete."""
    if not isinstance(value, Callable) or getattr(value, "__module__", "") != module.__name__:
        return False
    return "### BEGIN SOLUTION" in inspect.getsource(value)


def slug(unit: str) -> str:
    """Return the unit's name without its number: ``"01_chain_rule"`` -> ``"chain_rule"``."""
    return re.sub(r"^\d+_", "", unit)
