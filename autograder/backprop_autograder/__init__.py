"""Judge implementations by what they do: the engine behind ``check`` and behind grading.

The engine knows no exercise. Definitions (`Exercise`, `Aspect`, `Case`, `Misconception`) live with
the reference implementations; `check` answers students from a pack of data built out of them.
"""

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
