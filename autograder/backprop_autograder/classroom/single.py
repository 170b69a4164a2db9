"""Judge one file, from code or from a shell, without a class, a gradebook, or a folder of submissions."""

from collections.abc import Iterator
from pathlib import Path

import nbformat

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.judging.grading import Result, grade
from backprop_autograder.judging.reading import ReadError, read_file, read_notebook

STRANGER = "somebody"  # whose cases are drawn if nobody is named


def judge_notebook(
    notebook: Path | str | bytes, *, course: Course, unit: str | None = None, student: str = STRANGER
) -> Result:
    """Judge a notebook as `backprop grade` would, and return its verdicts; nothing is stored.

    Parameters
    ----------
    notebook : Path, str or bytes
        A file, or its content.
    course : Course
        ``Course(Path("course"))``: the folder with ``nbgrader_config.py``.
    unit : str, optional
        By default what the file's name or its cells say.
    student : str
        Whose fresh cases are drawn.

    Returns
    -------
    Result
        With ``verdicts`` (of each test cell: points, status, what was seen, causes, the next step), ``points``,
        ``max_points`` and ``notes``.

    Raises
    ------
    CourseError
        If the file or the unit cannot be found.

    Examples
    --------
    >>> result = judge_notebook("ann.ipynb", course=Course(Path("course")))  # doctest: +SKIP
    >>> [(v.grade_id, v.points) for v in result.verdicts if v.status != "passed"]  # doctest: +SKIP
    """
    content, name = _content(notebook)
    (found,) = course.units((unit or unit_of(course, content, name),))
    return grade(course.assignment(found), student, content)


def _content(notebook: Path | str | bytes) -> tuple[bytes, str]:
    if isinstance(notebook, bytes):
        return notebook, ""
    path = Path(notebook)
    try:
        return read_file(path), path.name
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}). Next: name a notebook.") from None


def unit_of(course: Course, content: bytes, name: str) -> str:
    """Return the unit of a notebook: that of its name, else that with which it shares cells.

    Raises
    ------
    CourseError
        If neither tells.
    """
    units = course.units()
    if (stem := Path(name).stem) in units:
        return stem
    try:
        ids = {cell.grade_id or cell.id for cell in read_notebook(content).cells}
    except ReadError as error:
        raise CourseError(f"{name or 'This'} is no notebook: {error}. Next: name its unit with --unit.") from None
    shared = {unit: len(ids & set(_ids(course, unit))) for unit in units}
    best = max(shared, key=shared.get, default="")
    if not best or not shared[best]:
        raise CourseError(f"{name or 'This'} has no cell of a unit. Next: name its unit with --unit.")
    return best


def _ids(course: Course, unit: str) -> Iterator[str]:
    source = nbformat.read(course.source(unit) / f"{unit}.ipynb", as_version=4)
    yield from (cell.metadata["nbgrader"]["grade_id"] for cell in source.cells if cell.metadata.get("nbgrader"))


def text_of(result: Result) -> str:
    """Return verdicts as text: a line for each test cell, and what was seen where points are missing."""
    lines = [f"{result.unit}: {result.points:g} of {result.max_points:g} points"]
    lines += [f"note: {note}" for note in result.notes]
    for verdict in result.verdicts:
        lines.append(f"\n{verdict.grade_id}  {verdict.points:g} / {verdict.max_points:g}  {verdict.status}")
        lines += [f"    {line}" for line in verdict.message.splitlines()]
    return "\n".join(lines)
