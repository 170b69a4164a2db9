"""Judge implementations by what they do: the engine behind ``check`` and behind grading.

The engine knows no exercise. Definitions (`Exercise`, `Aspect`, `Case`, `Misconception`) live with
the reference implementations; `check` answers students from a pack of data built out of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backprop_autograder.engine.checking import CheckError, check
    from backprop_autograder.engine.compare import Close, Exactly, Property
    from backprop_autograder.engine.data import Formula
    from backprop_autograder.engine.definition import Definition
    from backprop_autograder.engine.exercise import Aspect, Case, Exercise, Misconception
    from backprop_autograder.engine.pack import review
    from backprop_autograder.engine.probe import Outcome
    from backprop_autograder.engine.script import script

__all__ = [
    "Aspect",
    "Case",
    "CheckError",
    "Close",
    "Definition",
    "Exactly",
    "Exercise",
    "Formula",
    "Misconception",
    "Outcome",
    "Property",
    "check",
    "review",
    "script",
]

# Imported when first asked for: our programs start processes before they need NumPy, which takes longer.
_HOMES = {
    "Aspect": "engine.exercise",
    "Case": "engine.exercise",
    "CheckError": "engine.checking",
    "Close": "engine.compare",
    "Definition": "engine.definition",
    "Exactly": "engine.compare",
    "Exercise": "engine.exercise",
    "Formula": "engine.data",
    "Misconception": "engine.exercise",
    "Outcome": "engine.probe",
    "Property": "engine.compare",
    "check": "engine.checking",
    "review": "engine.pack",
    "script": "engine.script",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
