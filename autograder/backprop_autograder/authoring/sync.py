"""Bring source notebooks into their normal form, and the reference implementations into their cells.

One edited line is one line of difference: no outputs, no counters, no widget state, no timestamps,
``id == grade_id``, and solution cells that equal `inspect.getsource` of the reference to the letter.
"""

import inspect
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat

from backprop_autograder.classroom.course import Course
from backprop_autograder.judging.answer_key import DEFAULT, load_exercises
from backprop_autograder.judging.matching import DEMONSTRATION, is_demonstration
from backprop_autograder.judging.packing import pack_of
from backprop_autograder.judging.plain import plain_tests

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KINDS = {  # grade, solution, locked: what nbgrader's Create Assignment writes for each kind of cell
    "solution": (False, True, False),
    "test": (True, False, True),
    "answer": (True, True, False),
    "locked": (False, False, True),
}


class SyncError(Exception):
    """A source notebook and the answer key do not fit together."""


def normal_form(path: Path, key: str = DEFAULT) -> str:
    """Return the text that the notebook at `path` should have.

    Raises
    ------
    SyncError
        If a cell names an exercise that the answer key does not have, or the reverse.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    exercises = load_exercises(path.stem, key)
    for number, cell in enumerate(notebook.cells, 1):
        _normalise(cell)
        cell.setdefault("id", f"cell-{number}")  # older notebooks have none
    found = {cell.id for cell in notebook.cells if _kind(cell) == "solution"}
    if missing := sorted(set(exercises) - found):
        raise SyncError(
            f"{path.name}: exercises without a cell {missing}, cells without an exercise "
            f"{sorted(found - set(exercises))}"
        )
    for cell in notebook.cells:
        if cell.id in exercises and _kind(cell) == "solution":
            cell.source = inspect.getsource(exercises[cell.id].reference).rstrip("\n")
    _check_tests(path, notebook, exercises)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def _normalise(cell) -> None:
    nbgrader = cell.metadata.get("nbgrader")
    cell.metadata = nbformat.from_dict({"tags": [DEMONSTRATION]} if is_demonstration(cell) else {})
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    cell.pop("attachments", None)
    cell.source = "\n".join(line.rstrip() for line in cell.source.split("\n")).strip("\n")
    if nbgrader:
        flags = {name: bool(nbgrader.get(name)) for name in ("grade", "solution", "locked")}
        flags["locked"] |= flags["grade"] and not flags["solution"]  # as nbgrader releases it
        task = bool(nbgrader.get("task"))
        points = {"points": nbgrader["points"]} if flags["grade"] or task else {}
        cell.id = nbgrader["grade_id"]
        cell.metadata["nbgrader"] = {
            **flags,
            **points,
            "grade_id": nbgrader["grade_id"],
            "schema_version": 3,
            "task": task,
        }


def _kind(cell) -> str | None:
    nbgrader = cell.metadata.get("nbgrader")
    flags = nbgrader and (nbgrader["grade"], nbgrader["solution"], nbgrader["locked"])
    return next((kind for kind, wanted in KINDS.items() if flags == wanted), None)


def _check_tests(path: Path, notebook, exercises) -> None:
    wanted = {
        "test_" + name + ("" if aspect.name == "values" else f"_{aspect.name}"): check_source(name, aspect.name)
        for name, exercise in exercises.items()
        for aspect in exercise.aspects
    }
    plain = plain_tests(notebook)
    tests = {cell.id: cell.source for cell in notebook.cells if _kind(cell) == "test"}
    found = {name: text for name, text in tests.items() if name not in plain or name in wanted}
    if found != wanted:
        wrong = sorted(k for k in wanted.keys() | found.keys() if wanted.get(k) != found.get(k))
        raise SyncError(f"{path.name}: test cells missing, superfluous or with another text: {', '.join(wrong)}")


def check_source(name: str, aspect: str) -> str:
    """Return the text of the test cell of an aspect."""
    return f"check({name})" if aspect == "values" else f'check({name}, "{aspect}")'


def sync(course: Course, units: tuple[str, ...] = (), *, write: bool = True) -> Iterator[tuple[Path, bool]]:
    """Restore the normal form of source notebooks, and build the packs beside them.

    Yields
    ------
    path, changed
        Each notebook, and whether its text differs from the normal form.
    """
    with ProcessPoolExecutor() as pool:  # a pack takes seconds
        packs = []
        for unit in course.units(units):
            path = course.source(unit) / f"{unit}.ipynb"
            text = normal_form(path, course.answer_key)
            changed = path.read_text(encoding="utf-8") != text
            if write:
                if changed:
                    path.write_text(text, encoding="utf-8")
                packs.append(pool.submit(pack_of, path.parent, course.answer_key))
            yield path, changed
        for pack in packs:
            pack.result()
