"""Keep the gradebook in step with a unit of which students have handed in already: nbgrader refuses to."""

from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from sqlalchemy import delete, or_, select

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook

KINDS = {
    GradeCell: is_grade,
    SolutionCell: is_solution,
    TaskCell: is_task,
    SourceCell: lambda cell: is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell),
}
SCORED, COMMENTED = (GradeCell, TaskCell), (SolutionCell, TaskCell)


def differs(gradebook: Gradebook, unit: str, notebook: NotebookNode) -> bool:
    """Whether the gradebook knows a unit, but other cells or points than its notebook has now."""
    try:
        known = gradebook.find_notebook(unit, unit)
    except MissingEntry:
        return False
    there = {(kind, cell.name, getattr(cell, "max_score", None)) for kind in KINDS for cell in _cells(known, kind)}
    return there != set(_wanted(notebook))


def _wanted(notebook: NotebookNode) -> Iterable[tuple[type, str, float | None]]:
    for kind, belongs in KINDS.items():
        for cell in filter(belongs, notebook.cells):
            nbgrader = cell.metadata["nbgrader"]
            yield kind, nbgrader["grade_id"], float(nbgrader["points"]) if kind in SCORED else None


def _cells(known, kind: type) -> list:
    names = {GradeCell: "grade_cells", SolutionCell: "solution_cells", TaskCell: "task_cells"}
    return getattr(known, names.get(kind, "source_cells"))


def bring_in_step(gradebook: Gradebook, unit: str, notebook: NotebookNode) -> None:
    """Add the cells that a unit has got since students handed in, and take out those it has lost.

    Points follow when nbgrader releases the unit. Grades and comments of all other cells stay.

    Raises
    ------
    CourseError
        If somebody gave points or a comment by hand in a cell that is no more.
    """
    try:
        known = gradebook.find_notebook(unit, unit)
    except MissingEntry:
        return
    if not known.submissions:
        return  # nbgrader makes it anew
    wanted = {(kind, name) for kind, name, _ in _wanted(notebook)}
    there = {(kind, cell.name): cell for kind in KINDS for cell in _cells(known, kind)}
    gone = [cell for key, cell in there.items() if key not in wanted]
    _refuse_to_lose(gradebook, unit, gone)
    for cell in gone:
        for table in (Grade, Comment):
            gradebook.db.execute(delete(table).where(table.cell_id == cell.id))
        gradebook.db.delete(cell)
    by_name = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in filter(KINDS[SourceCell], notebook.cells)}
    for kind, name in sorted(wanted - there.keys(), key=str):
        _add(gradebook, known, kind, by_name[name])
    gradebook.db.commit()


def _refuse_to_lose(gradebook: Gradebook, unit: str, gone: list) -> None:
    ids = [cell.id for cell in gone]
    scored = select(Grade.cell_id).where(
        Grade.cell_id.in_(ids), or_(Grade.manual_score.is_not(None), Grade.extra_credit.is_not(None))
    )
    said = select(Comment.cell_id).where(Comment.cell_id.in_(ids), Comment.manual_comment.is_not(None))
    by_hand = {*gradebook.db.scalars(scored), *gradebook.db.scalars(said)}
    if names := sorted({cell.name for cell in gone if cell.id in by_hand}):
        raise CourseError(
            f"{unit}: points or comments were given by hand in {', '.join(names)}, which the notebook no longer has. "
            "Next: put the cell back, or take them out in formgrader."
        )


def _add(gradebook: Gradebook, known, kind: type, cell: NotebookNode) -> None:
    name = cell.metadata["nbgrader"]["grade_id"]
    if kind is SourceCell:
        new = SourceCell(
            name=name, notebook=known, cell_type=cell.cell_type, locked=is_locked(cell), source=cell.source
        )
    elif kind is SolutionCell:
        new = SolutionCell(name=name, notebook=known)
    else:
        points = float(cell.metadata["nbgrader"]["points"])
        new = kind(name=name, notebook=known, max_score=points, cell_type=cell.cell_type)
    gradebook.db.add(new)
    gradebook.db.flush()
    for entry in known.submissions:
        if kind in SCORED:
            gradebook.db.add(Grade(cell_id=new.id, notebook_id=entry.id, needs_manual_grade=False))
        if kind in COMMENTED:
            gradebook.db.add(Comment(cell_id=new.id, notebook_id=entry.id))


def points_of(gradebook: Gradebook, unit: str) -> dict[str, dict[str, float | None]]:
    """Return automatic scores by student and cell; nobody's if the gradebook does not know the unit."""
    found: dict[str, dict[str, float | None]] = {}
    rows = (
        select(SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
        .select_from(Grade)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(Assignment.name == unit)
    )
    for student, name, score in gradebook.db.execute(rows):
        found.setdefault(student, {})[name] = score
    return found


def release(course: Course, unit: str) -> Path:
    """Release a unit, also one of which students have handed in already, and return its folder.

    Raises
    ------
    CourseError
        If that cannot be done; what was released before stays.
    """
    if course.has_gradebook():
        with open_gradebook(course) as gradebook:
            bring_in_step(gradebook, unit, course.assignment(unit).released)
    return course.release(unit)
