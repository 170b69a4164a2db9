"""Hand in without a hub: one zip per unit, named so that nbgrader and ``backprop grade`` can take it.

Only the standard library and click are needed: it runs in students' notebooks too.
"""

import json
import re
import time
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from backprop_autograder.engine.pack import PACK_NAME

STUDENT = r"[A-Za-z0-9](?:[A-Za-z0-9.@-]|_(?=[A-Za-z0-9.@-])){0,63}"
UNIT = r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*"
TIME = "%Y%m%dT%H%M%SZ"
STEM = rf"(?P<student_id>{STUDENT})__(?P<unit>{UNIT})__(?P<timestamp>\d{{8}}T\d{{6}}Z)"
# Moodle puts names in front, browsers number copies.
ZIP_NAME = re.compile(rf"(?:.*_assignsubmission_file_)?{STEM}(?: ?\(\d+\)|-\d+)?\.zip")
# What `nbgrader zip_collect` matches against the path of an unpacked notebook.
COLLECTED = rf".*[/\\](?:[^/\\]*_assignsubmission_file_)?{STEM}[^/\\]*[/\\](?P<file_id>[^/\\]+)$"

STUB = "raise NotImplementedError("
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
        Exercises that are as they were released.
    unanswered : list of str
        Written answers that are as they were released.
    """

    unit: str
    saved: datetime
    exercises: int
    missing: list[str]
    double: list[str]
    unsolved: list[str]
    unanswered: list[str]

    @property
    def whole(self) -> bool:
        """Whether every cell is there."""
        return not self.missing

    def words(self) -> list[str]:
        """Return the findings as sentences."""
        solved = self.exercises - len(self.unsolved)
        sentences = [f"{self.unit}: {solved} of {self.exercises} exercises have a solution."]
        if self.unsolved:
            sentences.append(f"Still unsolved: {', '.join(self.unsolved)}.")
        if self.unanswered:
            sentences.append(f"Still without an answer: {', '.join(self.unanswered)}.")
        if self.double:
            sentences.append(f"More than once, the last changed one counts: {', '.join(self.double)}.")
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
    exercises = _exercises(folder)
    ids = [grade_id for grade_id, _ in cells]
    written = [name.replace("question_", "written_") for name in ids if name.startswith("question_")]
    wanted = [c for name, tests in exercises.items() for c in (name, *tests)] + written
    sources = dict(cells)
    return Report(
        unit=unit,
        saved=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        exercises=len(exercises),
        missing=([] if exercises else [PACK_NAME]) + [name for name in wanted if name not in sources],
        double=sorted({name for name in ids if name and ids.count(name) > 1}),
        unsolved=[name for name in exercises if STUB in sources.get(name, STUB)],
        unanswered=[name for name in written if sources.get(name, "").strip() in ("", NO_ANSWER)],
    )


def _cells(path: Path) -> list[tuple[str, str]]:
    """Return each cell's ``grade_id`` and source."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        found = [(c.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""), c["source"]) for c in cells]
        return [(name, source if isinstance(source, str) else "".join(source)) for name, source in found]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SubmitError(
            f"{path} cannot be read as a notebook. Next: open it in JupyterLab and save it again, "
            "or go back to an earlier state with File, Revert Notebook to Checkpoint."
        ) from None


def _exercises(folder: Path) -> dict[str, list[str]]:
    """Return the unit's exercises and their test cells, as the pack beside the notebook tells; none without one."""
    try:
        exercises = json.loads((folder / PACK_NAME).read_bytes())["exercises"]
        aspects = {name: list(exercise["trials"]) for name, exercise in exercises.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {
        name: [f"test_{name}" + ("" if aspect == "values" else f"_{aspect}") for aspect in names]
        for name, names in aspects.items()
    }


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
