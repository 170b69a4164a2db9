"""Rebuild a submission: the instructor's notebook with the student's code in it.

A submission is not repaired but read for what is the student's: solutions and written answers by ``grade_id``,
changed or added code cells in their places. Everything else comes from the instructor, so that deleted,
duplicated, renamed, retyped or re-tagged cells, foreign metadata and forged outputs are all one case.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

MAX_SOURCE = 200_000  # characters of one cell
MAX_BYTES = 50 << 20
MAX_CELLS = 500


@dataclass
class Rebuilt:
    """A rebuilt submission.

    Attributes
    ----------
    notebook : NotebookNode
    readable : bool
        Whether the submitted file was a notebook at all.
    notes : list of str
        What was unusual about it, in words.
    digest : str
        SHA-256 of the submitted file, empty if there is none.
    """

    notebook: NotebookNode
    readable: bool = True
    notes: list[str] = field(default_factory=list)
    digest: str = ""


@dataclass(frozen=True)
class _Cell:
    """What is read of a submitted cell."""

    kind: str
    source: str
    id: str
    grade_id: str


def rebuild(released: NotebookNode, submission: bytes | None) -> Rebuilt:
    """Put the student's work into the released notebook.

    Parameters
    ----------
    released : NotebookNode
        What students were given.
    submission : bytes or None
        The submitted file, whatever it is; None if there is none.
    """
    rebuilt = Rebuilt(nbformat.from_dict(released), digest=digest_of(submission))
    try:
        submitted = _read(submission)
    except ValueError as error:
        rebuilt.readable = False
        rebuilt.notes.append(str(error))
        return rebuilt
    mine = {cell.id: cell for cell in rebuilt.notebook.cells}
    extras: dict[str, list[NotebookNode]] = {}
    found: dict[str, list[_Cell]] = {}
    anchor = ""
    for cell in submitted:
        name = _identify(cell, mine)
        if name:
            found.setdefault(name, []).append(cell)
            anchor = name
        elif cell.kind == "code" and cell.source.strip() and not _is_given(cell, mine):
            extras.setdefault(anchor, []).append(new_code_cell(cell.source))
    for name, target in mine.items():
        if name not in found and _is_mine(target):
            rebuilt.notes.append(f"the cell {name} is missing")
        elif _is_mine(target) or not target.metadata.get("nbgrader"):
            _fill(target, found.get(name, []), rebuilt.notes)
    rebuilt.notebook.cells = list(_interleave(rebuilt.notebook.cells, extras))
    return rebuilt


def digest_of(submission: bytes | None) -> str:
    """Return the SHA-256 of a submitted file, empty if there is none."""
    return hashlib.sha256(submission).hexdigest() if submission is not None else ""


def _read(submission: bytes | None) -> list[_Cell]:
    if submission is None:
        raise ValueError("there is no notebook")
    if len(submission) > MAX_BYTES:
        raise ValueError(f"the file is larger than {MAX_BYTES >> 20} MB")
    try:
        data = json.loads(submission.decode("utf-8"))
        cells = data["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("the file is not a notebook") from None
    if type(cells) is not list:
        raise ValueError("the file is not a notebook")
    return [_cell(cell) for cell in cells[:MAX_CELLS] if type(cell) is dict]


def _cell(cell: dict) -> _Cell:
    source = cell.get("source", "")
    if type(source) is list:
        source = "".join(line for line in source if type(line) is str)
    source = source if type(source) is str else ""
    # Lone surrogates cannot be written to a file.
    source = source.encode("utf-8", "replace").decode("utf-8")[:MAX_SOURCE]
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if type(metadata) is dict else None
    grade_id = nbgrader.get("grade_id") if type(nbgrader) is dict else None
    return _Cell(
        *(value if type(value) is str else "" for value in (cell.get("cell_type"), source, cell.get("id"), grade_id))
    )


def _identify(cell: _Cell, mine: dict[str, NotebookNode]) -> str | None:
    """Return the released cell that a submitted one is, if it is one."""
    for name in (cell.grade_id, cell.id):
        if name in mine:
            return name
    for name, target in mine.items():  # ids lost or renamed: a definition still tells
        if _is_mine(target) and target.cell_type == "code" and re.search(rf"^(def|class) {name}\b", cell.source, re.M):
            return name
    return None


def _is_mine(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _is_given(cell: _Cell, mine: dict[str, NotebookNode]) -> bool:
    return any(cell.source.strip() == target.source.strip() for target in mine.values())


def _fill(target: NotebookNode, candidates: list[_Cell], notes: list[str]) -> None:
    """Take over the student's source; of several copies the last one that is not the stub."""
    changed = [cell for cell in candidates if cell.source.strip() != target.source.strip()]
    if len(candidates) > 1 and _is_mine(target):
        notes.append(f"the cell {target.id} exists {len(candidates)} times")
    if changed and (target.cell_type == "code" or _is_mine(target)):
        target.source = changed[-1].source


def _interleave(cells: list[NotebookNode], extras: dict[str, list[NotebookNode]]) -> Iterator[NotebookNode]:
    count = 0
    for place in ["", *cells]:
        if place:
            yield place
        for extra in extras.get(place.id if place else "", []):
            count += 1
            extra.id = f"extra-{count}"
            yield extra


def read_student_code(notebook: NotebookNode) -> dict[str, Any]:
    """Return the sources of the solution cells of a notebook, by ``grade_id``."""
    return {cell.id: cell.source for cell in notebook.cells if _is_mine(cell)}
