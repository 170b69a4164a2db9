"""Hand in without a hub: one zip per unit, named so that nbgrader and ``backprop grade`` can take it.

Only the standard library and click are needed: it runs in students' notebooks too.
"""

import json
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

import click

from backprop_autograder.engine.pack import PACK_NAME
from backprop_autograder.judging.reading import Cell, ReadError, read_file, read_notebook
from backprop_autograder.judging.sources import is_solution, syntax_problem

STUDENT = r"[A-Za-z0-9](?:[A-Za-z0-9.@-]|_(?=[A-Za-z0-9.@-])){0,63}"
UNIT = r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*"
TIME = "%Y%m%dT%H%M%SZ"
STEM = rf"(?P<student_id>{STUDENT})__(?P<unit>{UNIT})__(?P<timestamp>\d{{8}}T\d{{6}}Z)"
# What `nbgrader zip_collect` matches against the path of an unpacked notebook; Moodle puts names in front.
COLLECTED = rf".*[/\\](?:[^/\\]*_assignsubmission_file_)?{STEM}[^/\\]*[/\\](?P<file_id>[^/\\]+)$"

NO_ANSWER = "*Your answer here.*"


class SubmitError(Exception):
    """Something cannot be handed in; the message says what to do."""


@dataclass(frozen=True)
class Report:
    """What a notebook looks like before it is handed in.

    Attributes
    ----------
    unit : str
    saved : datetime
        When the file was last saved.
    exercises : int
        How many there are in the unit.
    missing : list of str
        Cells that a whole notebook would have.
    double : list of str
        Cells that exist more than once.
    unsolved : list of str
        Exercises that are as they were released, or that no cell defines.
    unanswered : list of str
        Written answers that are as they were released.
    unread : list of str
        Code cells that Python cannot read.
    """

    unit: str
    saved: datetime
    exercises: int
    missing: list[str]
    double: list[str]
    unsolved: list[str]
    unanswered: list[str]
    unread: list[str]

    @property
    def whole(self) -> bool:
        """Whether every cell is there."""
        return not self.missing

    def words(self) -> list[str]:
        """Return the findings as sentences."""
        solved = self.exercises - len(self.unsolved)
        sentences = [f"{self.unit}: {solved} of {self.exercises} exercises have a solution."] * bool(self.exercises)
        if self.unsolved:
            sentences.append(f"Still unsolved: {', '.join(self.unsolved)}.")
        if self.unread:
            sentences.append(f"Python cannot read {', '.join(self.unread)}.")
        if self.unanswered:
            sentences.append(f"Still without an answer: {', '.join(self.unanswered)}.")
        if self.double:
            sentences.append(f"More than once, all of them run and the better one counts: {', '.join(self.double)}.")
        if self.missing:
            sentences.append(
                f"Missing: {', '.join(self.missing)}. Next: take the unit's folder afresh and copy your cells over, "
                "or hand in as it is; what is missing gets no points."
            )
        return [*sentences, f"The file was saved at {self.saved.astimezone():%H:%M:%S on %d %B %Y}."]


def examine(folder: Path) -> Report:
    """Look at the notebook of the unit in `folder`.

    Raises
    ------
    SubmitError
        If there is none, or none that can be read.
    """
    unit = folder.name
    path = folder / f"{unit}.ipynb"
    if not path.is_file():
        raise SubmitError(f"There is no {path.name} in {folder}. Next: name the folder of the unit to hand in.")
    cells = _cells(path)
    packed = _exercises(folder)
    exercises = packed or {}
    found = [_name(cell, exercises) for cell in cells]
    texts = {name: cell.source for name, cell in zip(found, cells, strict=True) if name}
    solved = {n for n in exercises if any(c.kind == "code" and is_solution(c.source, n) for c in cells)}
    written = [name.replace("question_", "written_") for name in texts if name.startswith("question_")]
    tests = [test for names in exercises.values() for test in names]
    missing = [n for n in (*exercises, *tests, *written) if n not in texts and n not in solved]
    return Report(
        unit=unit,
        saved=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        exercises=len(exercises),
        missing=[PACK_NAME] * (packed is None) + missing,
        double=sorted({name for name in found if name and found.count(name) > 1}),
        unsolved=[name for name in exercises if name not in solved],
        unanswered=[name for name in written if not _is_answered(name, found, cells)],
        unread=[f"{place or 'a cell'} ({problem})" for place, problem in _unread(found, cells)],
    )


def _cells(path: Path) -> list[Cell]:
    try:
        return read_notebook(read_file(path)).cells
    except (OSError, ReadError) as error:
        raise SubmitError(
            f"{path} cannot be read as a notebook: {error}. Next: open it in JupyterLab and save it again, "
            "or go back to an earlier state with File, Revert Notebook to Checkpoint."
        ) from None


def _name(cell: Cell, exercises: dict[str, dict[str, str]]) -> str:
    """Return which cell of the unit this is; also where an editor has thrown away its id."""
    if cell.grade_id:
        return cell.grade_id
    text = cell.source.strip()
    return next((test for tests in exercises.values() for test, call in tests.items() if call == text), "")


def _is_answered(name: str, found: list[str], cells: list[Cell]) -> bool:
    """Whether something is written in the cell of an answer, or right below it or its question."""
    question = name.replace("written_", "question_")
    for k in (k for k, place in enumerate(found) if place in (name, question)):
        below = takewhile(lambda j: not found[j], range(k + 1, len(cells)))
        texts = [cells[j].source for j in below if cells[j].kind != "code"]
        texts += [cells[k].source] * (found[k] == name)
        if any(text.strip() not in ("", NO_ANSWER) for text in texts):
            return True
    return False


def _unread(found: list[str], cells: list[Cell]) -> Iterator[tuple[str, str]]:
    """Yield cells that Python cannot read, and the line to look at."""
    for place, cell in zip(found, cells, strict=True):
        line = syntax_problem(cell.source) if cell.kind == "code" else 0
        if line:
            yield place, f"look at line {line}, or just above"


def _exercises(folder: Path) -> dict[str, dict[str, str]] | None:
    """Return the unit's exercises and their test cells, as the pack beside the notebook tells; None without one."""
    try:
        exercises = json.loads((folder / PACK_NAME).read_bytes().rstrip(b"\0"))["exercises"]
        aspects = {name: list(exercise["trials"]) for name, exercise in exercises.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return {name: dict(_test(name, aspect) for aspect in names) for name, names in aspects.items()}


def _test(name: str, aspect: str) -> tuple[str, str]:
    """Return id and text of a test cell."""
    if aspect == "values":
        return f"test_{name}", f"check({name})"
    return f"test_{name}_{aspect}", f'check({name}, "{aspect}")'


def write_submission(folder: Path, student: str, output: Path | None = None) -> Path:
    """Zip the notebook of the unit in `folder`, and return the zip's path: a new file each time.

    Parameters
    ----------
    folder : Path
    student : str
        Student id.
    output : Path, optional
        Where to write; by default ``submissions`` beside the unit's folder.

    Raises
    ------
    SubmitError
        If the id cannot be used.
    """
    check_student(student)
    output = output or folder.parent / "submissions"
    output.mkdir(parents=True, exist_ok=True)
    content = (folder / f"{folder.name}.ipynb").read_bytes()
    while True:
        path = output / f"{student}__{folder.name}__{datetime.now(UTC):{TIME}}.zip"
        try:
            with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"{folder.name}.ipynb", content)
            return path
        except FileExistsError:  # a second run within a second
            time.sleep(0.1)


def check_student(student: str) -> None:
    """Raise a `SubmitError` if `student` cannot be a student id."""
    if not re.fullmatch(STUDENT, student):
        raise SubmitError(
            f"{student!r} cannot be a student id: letters, digits and . @ - _ are, without spaces. "
            "Next: use the id that your course knows you by."
        )


def _memory() -> Path:
    return Path(click.get_app_dir("backprop")) / "student"


def remembered_student() -> str:
    """Return the id used last on this account, empty if there is none."""
    try:
        student = _memory().read_text(encoding="utf-8").strip()
    except (OSError, ValueError, RuntimeError):
        return ""
    return student if re.fullmatch(STUDENT, student) else ""


def remember_student(student: str) -> None:
    """Keep the id for the next time, if that is possible."""
    try:
        _memory().parent.mkdir(parents=True, exist_ok=True)
        _memory().write_text(student + "\n", encoding="utf-8")
    except (OSError, RuntimeError):
        pass


def unit_folders(folders: tuple[Path, ...], start: Path) -> list[Path]:
    """Return the folders of units to hand in: those named, or the one that `start` is.

    Raises
    ------
    SubmitError
        If none is named and `start` is none.
    """
    if folders:
        return [folder.resolve() for folder in folders]
    if (start / f"{start.name}.ipynb").is_file():
        return [start]
    units = sorted(p.parent.name for p in start.glob("*/*.ipynb") if p.stem == p.parent.name)
    there = f"There are: {', '.join(units)}." if units else f"There is none in {start}."
    raise SubmitError(f"Which unit is to be handed in? {there} Next: backprop submit {units[0] if units else 'FOLDER'}")
