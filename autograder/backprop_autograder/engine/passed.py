"""Which checks passed last, kept in one small file beside the units: for the student alone, grading never looks."""

import contextlib
import json
from pathlib import Path

from backprop_autograder.engine.files import write_whole

NAME = ".backprop-progress.json"
FORMAT = 1


def passed_checks(course: Path) -> dict[str, dict[str, list[str]]]:
    """Return the aspects that passed when they were checked last, by unit and exercise.

    A file that is missing, damaged or of another format is as good as an empty one.

    Parameters
    ----------
    course : Path
        The folder in which the units' folders lie.
    """
    try:
        data = json.loads((course / NAME).read_bytes())
        if data["format"] != FORMAT:
            return {}
        return {
            str(unit): {str(name): [str(aspect) for aspect in aspects] for name, aspects in exercises.items()}
            for unit, exercises in data["passed"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def remember(unit: Path, exercise: str, aspect: str, *, passed: bool) -> None:
    """Keep how a check ended; where nothing can be written, nothing is kept.

    Parameters
    ----------
    unit : Path
        The unit's folder.
    exercise, aspect : str
    passed : bool
        Whether it passed: one that passed and now fails is forgotten.
    """
    known = passed_checks(unit.parent)
    aspects = known.setdefault(unit.name, {}).setdefault(exercise, [])
    if (aspect in aspects) == passed:
        return
    known[unit.name][exercise] = sorted({*aspects, aspect} if passed else {*aspects} - {aspect})
    text = json.dumps({"format": FORMAT, "passed": known}) + "\n"
    with contextlib.suppress(OSError):
        write_whole(unit.parent / NAME, text, mode=0o644)  # another kernel may read it meanwhile
