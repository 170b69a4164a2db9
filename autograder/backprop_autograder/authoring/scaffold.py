"""What is clerical about adding an exercise: a file that says how it is judged, and the cells of its notebook."""

import ast
import contextlib
import inspect
import re
from importlib import import_module
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from backprop_autograder.authoring.sync import KINDS, check_source, normal_form
from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.judging.answer_key import is_reference, load_exercises, slug
from backprop_autograder.judging.verdict import verdicts_of

SETUP = "import numpy as np\n\nfrom backprop_autograder import check"
HAND_IN = "about-submit"  # the heading above the button that hands in: exercises stand before it

STUDENTS = "A student wrote this, and it runs wherever the answer key is imported: read it, then take these signs away."

ROOM = '''"""{name}: {summary}"""

from backprop_autograder import Definition
from {key}.{unit} import {name}

exercise = Definition({name})

values = exercise.aspect("values", hint="TODO: one question that leads on, without the solution.")


@values.case("TODO: what is tested, in a student's words", draws=3)
def some_inputs(rng):
    return {{{arguments}}}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def {prefix}_gone_wrong{signature}:
    """TODO: the idea that is missed.

    TODO: one question that leads on?
    """


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def {prefix}_another_way{signature}:
    return {name}({call})
'''


def add_exercise(course: Course, unit: str, name: str) -> Path:
    """Write the file that says how an exercise is judged, from the signature of its reference; return its path.

    Raises
    ------
    CourseError
        If there is no reference called `name`, or the file exists.
    """
    unit = slug(unit)
    try:
        references = import_module(f"{course.answer_key}.{unit}")
    except ModuleNotFoundError:
        references = None
    reference = getattr(references, name, None)
    if not is_reference(reference, references):
        raise CourseError(
            f"{course.answer_key}/{unit}.py defines no {name} with ### BEGIN SOLUTION. Next: write the reference first."
        )
    path = Path(references.__file__).parent / "exercises" / unit / f"{name.lower()}.py"
    if path.exists():
        raise CourseError(f"{path.name} exists already. Next: edit it, or run backprop add {unit} for its cells.")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not (path.parent / "__init__.py").exists():
        title = (references.__doc__ or unit).strip().split("\n")[0]
        (path.parent / "__init__.py").write_text(f'"""How it is judged: {title}"""\n', encoding="utf-8")
    path.write_text(_room(reference, course.answer_key, unit), encoding="utf-8")
    return path


def add_misconception(course: Course, unit: str, name: str, student: str) -> Path:
    """Append a draft of a misconception, made of a graded submission, to the file of an exercise; return its path.

    Comments, docstrings and the student's name stay out of it. It stands there as a comment: whatever imports the
    answer key would run what a student wrote, and nobody has read it yet.

    Raises
    ------
    CourseError
        If there is no such exercise, or no graded submission that defines it and goes wrong.
    """
    exercises = load_exercises(unit, course.answer_key)
    if name not in exercises:
        raise CourseError(f"{unit} has no exercise {name}. It has: {', '.join(exercises)}.")
    graded = course.autograded(unit, student) / f"{unit}.ipynb"
    record = course.record(unit, student)
    if record is None or not graded.exists():
        raise CourseError(f"{student} has no graded {unit}. Next: backprop grade {unit} --student {student}.")
    lost = [v.aspect for v in verdicts_of(record) if v.exercise == name and v.status == "wrong"]
    node = _defined(nbformat.read(graded, as_version=4), name)
    if node is None or not lost:
        raise CourseError(f"{student} has no wrong {name} in {unit}: nothing to draft a misconception from.")
    module = import_module(f"{course.answer_key}.exercises.{slug(unit)}.{name.lower()}")
    path = Path(module.__file__)
    text = path.read_text(encoding="utf-8")
    node.name = next(new for k in range(1, 1000) if f"def {(new := f'{name}_gone_wrong_{k}')}(" not in text)
    words = "TODO: the idea that is missed.\n\n    TODO: one question that leads on?\n    "
    node.body.insert(0, ast.Expr(ast.Constant(words)))
    code = f"@exercise.misconception({', '.join(map(repr, lost))})\n{ast.unparse(ast.fix_missing_locations(node))}"
    draft = "\n".join(f"# {line}".rstrip() for line in [STUDENTS, *code.split("\n")])
    before, marker, after = text.partition("# --- other right answers")
    path.write_text(f"{before.rstrip()}\n\n\n{draft}\n\n\n{marker}{after}".rstrip() + "\n", encoding="utf-8")
    return path


def _defined(notebook: NotebookNode, name: str) -> ast.FunctionDef | ast.ClassDef | None:
    """Return the last definition of `name` in a notebook, without its docstring."""
    found = None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            with contextlib.suppress(SyntaxError, ValueError):
                tops = (n for n in ast.parse(cell.source).body if isinstance(n, ast.FunctionDef | ast.ClassDef))
                found = next((n for n in tops if n.name == name), found)
    if found and ast.get_docstring(found) is not None and len(found.body) > 1:
        del found.body[0]
    return found


def _room(reference, key: str, unit: str) -> str:
    signature = inspect.signature(reference)
    summary = (inspect.getdoc(reference) or "TODO.").split("\n")[0]
    return ROOM.format(
        name=reference.__name__,
        prefix=re.sub(r"(?<=[a-z])(?=[A-Z])", "_", reference.__name__).lower(),
        summary=summary[:1].lower() + summary[1:],
        key=key,
        unit=unit,
        signature=signature,
        arguments=", ".join(f'"{parameter}": ...' for parameter in signature.parameters),
        call=", ".join(f"{p}={p}" if v.kind is v.KEYWORD_ONLY else p for p, v in signature.parameters.items()),
    )


def add_cells(course: Course, unit: str) -> list[str]:
    """Add a heading, a solution cell and test cells wherever an exercise of `unit` lacks them.

    Parameters
    ----------
    course : Course
    unit : str
        With its number: ``"11_kinks"``. If it has no notebook yet, it gets one.

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
        raise CourseError(f"{unit} cannot be a new unit. Next: name it like 11_kinks.")
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
        end = _ids(notebook).index(HAND_IN) if HAND_IN in _ids(notebook) else len(cells)
        cells[end:end] = [heading, _cell("solution", name, "")]  # the text comes from the answer key
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
