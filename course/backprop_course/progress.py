"""One page to come back to: points by unit and exercise from the checks that passed, and what is next."""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

from backprop_autograder.engine.pack import PACK_NAME
from backprop_autograder.engine.passed import passed_checks
from backprop_autograder.engine.source import check_called
from backprop_course.explorer import for_browsers

DONE, PART, OPEN = "✓", "◐", "○"
HEADING = "Points of checks that passed when you ran them last; grading repeats them with fresh inputs."


@dataclass
class ExerciseProgress:
    """What has been earned in an exercise: `points` of `most`."""

    name: str
    points: float
    most: float
    checks: int
    passed: int

    @property
    def mark(self) -> str:
        """A sign for solved, partly solved and open."""
        return DONE if self.passed == self.checks else PART if self.passed else OPEN


@dataclass
class UnitProgress:
    """What has been earned in a unit; `written` are the points of answers that a person reads."""

    name: str
    title: str
    exercises: list[ExerciseProgress]
    written: float

    @property
    def points(self) -> float:
        """The points of checks that passed."""
        return sum(e.points for e in self.exercises)

    @property
    def most(self) -> float:
        """The points of all checks."""
        return sum(e.most for e in self.exercises)

    @property
    def solved(self) -> int:
        """How many exercises are solved."""
        return sum(e.mark == DONE for e in self.exercises)

    @property
    def next(self) -> ExerciseProgress | None:
        """The first exercise that is not solved."""
        return next((e for e in self.exercises if e.mark != DONE), None)


class Progress:
    """Points by unit and exercise: a table in Jupyter, text elsewhere.

    Parameters
    ----------
    units : list of UnitProgress
    here : str
        The unit whose exercises are shown, and from which the next one is taken.
    """

    def __init__(self, units: list[UnitProgress], here: str = ""):
        self.units, self.here = units, here

    def next(self) -> tuple[UnitProgress, ExerciseProgress] | None:
        """Return what to solve next: in this unit, or in the first one where something is open."""
        for unit in sorted(self.units, key=lambda unit: unit.name != self.here):
            if unit.next:
                return unit, unit.next
        return None

    def _summary(self) -> str:
        points, most = sum(u.points for u in self.units), sum(u.most for u in self.units)
        return f"{points:g} of {most:g} points so far."

    def _next_words(self) -> str:
        found = self.next()
        if found:
            return f"Next: {found[1].name}, in {found[0].title}."
        return "Every check has passed." if self.units else "No unit lies here or beside this folder."

    def __repr__(self) -> str:
        width = max((len(unit.title) for unit in self.units), default=0)
        lines = [self._summary(), ""]
        for unit in self.units:
            lines.append(f"{unit.title:{width}}  {unit.points:>4g} of {unit.most:<4g} {_count(unit)}".rstrip())
            if unit.name == self.here:
                lines += [f"    {e.mark} {e.name}: {e.points:g} of {e.most:g}" for e in unit.exercises]
        return "\n".join([*lines, "", self._next_words()])

    def _repr_html_(self) -> str:
        rows = "".join(self._row(unit) for unit in self.units)
        head = "".join(
            f"<th scope='col' style='text-align:left'>{name}</th>" for name in ("Unit", "Points", "Exercises")
        )
        found = self.next()
        link = f"{_link(found[0])}: <b>{html.escape(found[1].name)}</b>" if found else ""
        after = f"Next: {link}." if found else html.escape(self._next_words())
        return (
            f"<div style='max-width:60em;line-height:1.5'><p><b>{self._summary()}</b> {after}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{HEADING}</p></div>"
        )

    def _row(self, unit: UnitProgress) -> str:
        exercises = "<br>".join(f"{e.mark} {html.escape(e.name)}: {e.points:g} of {e.most:g}" for e in unit.exercises)
        is_open = " open" if unit.name == self.here else ""
        written = f"<br>Written answers: {unit.written:g} more, read by a person" if unit.written else ""
        cell = "style='text-align:left;vertical-align:top'"
        return (
            f"<tr><td {cell}>{_link(unit)}</td><td {cell}>{_points(unit)}</td>"
            f"<td {cell}><details{is_open}><summary>{_count(unit)}</summary>{exercises}{written}</details></td></tr>"
        )


def _points(unit: UnitProgress) -> str:
    return f"{unit.points:g} of {unit.most:g}" if unit.most else "for practice"


def _count(unit: UnitProgress) -> str:
    return f"{unit.solved} of {len(unit.exercises)} solved"


def _link(unit: UnitProgress) -> str:
    name = html.escape(unit.name)
    return f"<a href='../{name}/{name}.ipynb'>{html.escape(unit.title)}</a>"


def read_unit(folder: Path, passed: dict[str, list[str]]) -> UnitProgress:
    """Return what has been earned in the unit in `folder`.

    Parameters
    ----------
    folder : Path
    passed : dict
        Aspects that passed, by exercise.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError, AttributeError
        If its notebook cannot be read.
    """
    cells = json.loads((folder / f"{folder.name}.ipynb").read_bytes())["cells"]
    exercises: dict[str, ExerciseProgress] = {}
    written = 0.0
    for cell in cells:
        about = cell["metadata"].get("nbgrader", {})
        points = float(about.get("points", 0)) if about.get("grade") else 0.0
        call = check_called("".join(cell["source"])) if about.get("grade") and not about.get("solution") else None
        if about.get("solution"):
            written += points
        elif call:
            name, aspect = call
            exercise = exercises.setdefault(name, ExerciseProgress(name, 0.0, 0.0, 0, 0))
            has_passed = aspect in passed.get(name, ())
            exercise.checks, exercise.passed = exercise.checks + 1, exercise.passed + has_passed
            exercise.most, exercise.points = exercise.most + points, exercise.points + points * has_passed
    return UnitProgress(folder.name, _title(cells) or folder.name, list(exercises.values()), written)


def _title(cells: list[dict]) -> str:
    texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return next((found[1].strip() for text in texts if (found := re.search(r"^# (.+)", text, re.M))), "")


def read_progress(here: Path) -> Progress:
    """Return what has been earned in all units beside the folder `here`, or in it.

    Parameters
    ----------
    here : Path
        A unit's folder, or the one in which they lie.
    """
    course = here if any(here.glob(f"*/{PACK_NAME}")) else here.parent
    passed, units = passed_checks(course), []
    for folder in sorted(path.parent for path in course.glob(f"*/{PACK_NAME}")):
        try:
            units.append(read_unit(folder, passed.get(folder.name, {})))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # a copy under another name, or a damaged notebook
    return Progress(units, here.name)


@for_browsers
def progress() -> Progress:
    """Return the points of the checks that passed, by unit and exercise, and what is next."""
    return read_progress(Path.cwd())
