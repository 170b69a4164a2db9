"""Tables of scores, as text."""

from collections.abc import Mapping

from nbgrader.api import MissingEntry

from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.engine.text import printable_name


def score_table(
    course: Course, units: list[str], student: str | None = None, *, kinds: Mapping[str, str] | None = None
) -> str:
    """Return the scores of each student and unit, less what lateness costs, and what is left to grade by hand.

    Parameters
    ----------
    course : Course
    units : list of str
    student : str, optional
        Only this one.
    kinds : dict, optional
        A word on each student, for a second column.
    """
    names = sorted({s for unit in units for s in course.students(unit) if student in (None, s)})
    rows = [["student", *(["kind"] if kinds else []), *units]]
    with open_gradebook(course) as gradebook:
        for name in names:
            rows.append([name, *([kinds[name]] if kinds else []), *(_score(gradebook, u, name) for u in units)])
    return text_table(rows)


def _score(gradebook, unit: str, student: str) -> str:
    try:
        submission = gradebook.find_submission(unit, student)
    except MissingEntry:
        return "–"
    penalty = submission.late_submission_penalty or 0.0
    late, by_hand = ", late" * (penalty > 0), " + by hand" * bool(submission.needs_manual_grade)
    return f"{max(submission.score - penalty, 0.0):g} / {submission.max_score:g}{late}{by_hand}"


def text_table(rows: list[list[str]]) -> str:
    """Return `rows`, the first of them a heading, with columns aligned; whatever names hold, a terminal obeys none."""
    rows = [list(map(printable_name, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
