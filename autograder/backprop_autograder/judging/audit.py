"""What a verdict rests on, so that it can be repeated, and so that a change that touches it is noticed."""

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from nbformat import NotebookNode

from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.source import source_of
from backprop_autograder.judging.answer_key import DEFAULT, load_exercises

SEED = b"fingerprints draw the same inputs for everybody"


@cache
def fingerprints(unit: str, key: str = DEFAULT) -> dict[str, str]:
    """Return the fingerprint of every exercise of a unit, by name."""
    return {name: fingerprint(exercise) for name, exercise in load_exercises(unit, key).items()}


def fingerprint(exercise: Exercise) -> str:
    """Return a short text that changes when anything about an exercise does that can change a verdict.

    It is computed from what the exercise does (inputs drawn, the reference's answers, how they are compared)
    and from its words, and so does not notice a comment, but does notice a helper of the reference.
    """
    aspects = {
        a.name: [a.hint, [trial.to_json() for trial in draw_trials(exercise, a, SEED, hidden=True)]]
        for a in exercise.aspects
    }
    mistakes = [[m.name, source_of(m.implementation), m.cause, m.next_step] for m in exercise.misconceptions]
    return short_hash([exercise.name, aspects, mistakes, exercise.parts])


def notebook_fingerprint(released: NotebookNode, tests: Mapping[str, str] | None = None) -> str:
    """Return a short text that changes with a notebook's code and points, and hidden tests, but not with its prose."""
    cells = ((cell, cell.metadata.get("nbgrader", {})) for cell in released.cells)
    return short_hash(
        [
            [cell.id, nbgrader.get("points"), cell.source]
            for cell, nbgrader in cells
            if nbgrader.get("points") is not None or cell.cell_type == "code"
        ]
        + ([dict(tests)] if tests else [])
    )


def environment() -> dict[str, str]:
    """Return what can make the same code give other numbers."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": f"{platform.system()}-{platform.machine()}",
    }


@cache
def course_version() -> str:
    """Return the version of the course that is installed."""
    return version("backprop-course")


def short_hash(data: Any) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of bytes, or of JSON data."""
    text = data if isinstance(data, bytes) else json.dumps(data, sort_keys=True).encode()
    return hashlib.sha256(text).hexdigest()[:16]
