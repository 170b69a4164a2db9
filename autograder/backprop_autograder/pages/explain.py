"""Why a score is what it is, for the terminal: every verdict, every written answer, every point taken off."""

import textwrap

from nbgrader.api import MissingEntry

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.penalties import renew
from backprop_autograder.engine.text import without_unprintable
from backprop_autograder.judging.verdict import Verdict, verdicts_of
from backprop_autograder.pages.feedback import Grades
from backprop_autograder.pages.markup import number, printable

WIDTH = 64  # of the last column


def explain_score(course: Course, student: str, unit: str) -> str:
    """Return the explanation of a graded submission as text.

    Raises
    ------
    CourseError
        If it is not graded.
    """
    if not course.is_graded(unit, student):
        raise CourseError(no_verdict(course, student, unit))
    record = course.record(unit, student)
    with open_gradebook(course) as gradebook:
        try:
            renew(course, gradebook, [unit], student)
            grades = Grades.of(gradebook.find_submission_notebook(unit, unit, student))
        except MissingEntry:
            raise CourseError(
                f"The gradebook knows nothing of {student}, {unit}. Next: backprop grade {unit}, or bring it back."
            ) from None
    verdicts = verdicts_of(record)
    rows = [["cell", "points", "verdict", "why"], *_tests(verdicts, grades), *_written(verdicts, grades)]
    return without_unprintable("\n\n".join([_head(record, grades), _wrapped(rows), *_foot(verdicts)]))


def no_verdict(course: Course, student: str, unit: str) -> str:
    """Return why there is no verdict on somebody's unit, and what to do."""
    if student in course.students(unit):
        return f"There is no verdict on {student}, {unit}. Next: backprop grade {unit} --student {student}."
    return f"There is no submission of {student}, {unit}. Next: look into {course.root / 'submitted'}."


def _head(record: dict, grades: Grades) -> str:
    lines = [f"{record['student']}, {record['unit']}: {number(grades.score)} of {number(grades.max_score)} points"]
    if grades.penalty:
        left = number(grades.score - grades.penalty)
        lines.append(f"late: {number(grades.penalty)} points are taken off, {left} are left")
    digest = record["submission_sha256"]
    lines.append(f"submission {digest[:12] or 'none'}, judged by course version {record['course_version']}")
    return "\n".join([*lines, *(f"note: {note}" for note in record["notes"])])


def _tests(verdicts: list[Verdict], grades: Grades) -> list[list[str]]:
    rows = []
    for verdict in verdicts:
        points, most = grades.points.get(verdict.grade_id, (verdict.points, verdict.max_points))
        by_hand = "" if points == verdict.points else f"A grader changed {number(verdict.points)} points. "
        why = by_hand + ("" if verdict.protected else "(not protected) ") + verdict.summary
        if verdict.misconceptions:
            why += f"\nrecognised: {' or '.join(verdict.misconceptions)}"
        rows.append([verdict.grade_id, f"{number(points)} / {number(most)}", verdict.status, why])
    return rows


def _written(verdicts: list[Verdict], grades: Grades) -> list[list[str]]:
    tested = {verdict.grade_id for verdict in verdicts}
    rows = []
    for name, (points, most) in grades.points.items():
        if name not in tested:
            state = "waiting" if name in grades.pending else "by hand"
            comment = printable(grades.comments.get(name, ""), 500)
            rows.append([name, f"{number(points)} / {number(most)}", state, comment])
    return rows


def _foot(verdicts: list[Verdict]) -> list[str]:
    causes = {(verdict.exercise, cause.name): cause.cause for verdict in verdicts for cause in verdict.causes}
    return [f"{name} ({exercise}): {cause}" for (exercise, name), cause in causes.items()]


def _wrapped(rows: list[list[str]]) -> str:
    """Return a table whose last column is wrapped."""
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    lines = []
    for row in rows:
        why = [part for line in row[3].split("\n") for part in textwrap.wrap(line, WIDTH) or [""]]
        for k, part in enumerate(why):
            cells = row[:3] if k == 0 else [""] * 3
            lines.append("  ".join([*(c.ljust(w) for c, w in zip(cells, widths, strict=True)), part]).rstrip())
    return "\n".join([lines[0], "  ".join("-" * w for w in [*widths, WIDTH]), *lines[1:]])
