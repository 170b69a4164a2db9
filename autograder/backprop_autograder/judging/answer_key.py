"""Find the answer key by its configured name: the engine never imports it by its own knowledge."""

import re
from functools import cache
from importlib import import_module
from types import ModuleType

from backprop_autograder.engine.exercise import Exercise

DEFAULT = "backprop_solutions"


class AnswerKeyError(Exception):
    """There is no answer key, or not the part of it that was asked for."""


@cache
def load_exercises(unit: str, key: str = DEFAULT) -> dict[str, Exercise]:
    """Return the exercises of a unit by name.

    Parameters
    ----------
    unit : str
        ``"01_chain_rule"`` or ``"chain_rule"``.
    key : str
        Package of the answer key, with a module ``exercises.<unit>`` that lists ``EXERCISES``.

    Raises
    ------
    AnswerKeyError
        If the key is not installed or has no such unit.
    """
    module = f"{key}.exercises.{slug(unit)}"
    try:
        exercises = import_module(module).EXERCISES
    except ModuleNotFoundError as error:
        if not module.startswith(error.name or ""):
            raise
        raise AnswerKeyError(
            f"No answer key {module} is installed. Instructors install the course's repository: pip install -e ."
        ) from None
    return {exercise.name: exercise for exercise in exercises}


def alternatives_module(unit: str, key: str = DEFAULT) -> ModuleType:
    """Return the module with other correct implementations of a unit."""
    return import_module(f"{key}.alternatives.{slug(unit)}")


def load_alternatives(unit: str, key: str = DEFAULT) -> dict[str, list]:
    """Return other correct implementations by exercise: callables, or dicts of names that belong together."""
    return alternatives_module(unit, key).ALTERNATIVES


def slug(unit: str) -> str:
    """Return the unit's name without its number: ``"01_chain_rule"`` -> ``"chain_rule"``."""
    return re.sub(r"^\d+_", "", unit)
