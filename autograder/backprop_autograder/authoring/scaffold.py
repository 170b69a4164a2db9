"""Give a source notebook the cells that its exercises need: what is clerical about adding one."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from backprop_autograder.authoring.sync import KINDS, check_source, normal_form
from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.judging.answer_key import load_exercises

SETUP = "import numpy as np\n\nfrom backprop_autograder import check"


def add_cells(course: Course, unit: str) -> list[str]:
    """Add a heading, a solution cell and test cells wherever an exercise of `unit` lacks them.

    Parameters
    ----------
    course : Course
    unit : str
        With its number: ``"07_activations"``. If it has no notebook yet, it gets one.

    Returns
    -------
    list of str
        Ids of the cells that were added.

    Raises
    ------
    CourseError
        If `unit` is not the name of a unit.
    """
    if not re.fullmatch(r"\d\d_[a-z][a-z0-9_]*", unit):
        raise CourseError(f"{unit} cannot be a unit. Next: name it like 07_activations.")
    exercises = load_exercises(unit, course.answer_key)
    path = course.source(unit) / f"{unit}.ipynb"
    notebook = nbformat.read(path, as_version=4) if path.exists() else _empty(unit)
    before = {cell.id for cell in notebook.cells} if path.exists() else set()
    for exercise in exercises.values():
        _complete(notebook, exercise)
    _write(path, notebook, course.answer_key)
    return [cell.id for cell in notebook.cells if cell.id not in before]


def _empty(unit: str) -> NotebookNode:
    number, name = unit.split("_", 1)
    title = new_markdown_cell(f"# Unit {int(number)}: {name.replace('_', ' ').capitalize()}", id="title")
    notebook = new_notebook(cells=[title, _cell("locked", "setup", SETUP)])
    notebook.nbformat_minor = 5  # the first with cell ids
    return notebook


def _complete(notebook: NotebookNode, exercise: Exercise) -> None:
    name, cells = exercise.name, notebook.cells
    if name not in _ids(notebook):
        heading = new_markdown_cell(f"### Exercise: `{name}`", id=f"about-{name.replace('_', '-')}")
        cells += [heading, _cell("solution", name, "")]  # the text comes from the answer key
    place = _ids(notebook).index(name)
    for aspect in exercise.aspects:
        test = f"test_{name}" if aspect.name == "values" else f"test_{name}_{aspect.name}"
        if test in _ids(notebook):
            place = _ids(notebook).index(test)
        else:
            place += 1
            cells.insert(place, _cell("test", test, check_source(name, aspect.name), points=1))


def _ids(notebook: NotebookNode) -> list[str]:
    return [cell.id for cell in notebook.cells]


def _cell(kind: str, grade_id: str, source: str, **points: float) -> NotebookNode:
    cell = new_code_cell(source, id=grade_id)
    grade, solution, locked = KINDS[kind]
    flags = {"grade": grade, "solution": solution, "locked": locked, "task": False}
    cell.metadata["nbgrader"] = {**flags, **points, "grade_id": grade_id, "schema_version": 3}
    return cell


def _write(path: Path, notebook: NotebookNode, key: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    path.write_text(normal_form(path, key), encoding="utf-8")
