"""Write grades as CSV in the shapes that Canvas, Moodle and nbgrader's users take.

Every cell is quoted, the text is UTF-8, and no name can become a formula in a spreadsheet.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student
from nbgrader.plugins import CsvExportPlugin

from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.penalties import renew
from backprop_autograder.engine.files import write_whole

FORMULA = ("=", "+", "-", "@", "\t", "\r")
NBGRADER = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


@dataclass(frozen=True)
class Grade:
    """One student's result in one unit.

    Attributes
    ----------
    raw, penalty : float
        Points, and what lateness takes off them.
    timestamp : str
        When it was handed in, empty if not known.
    submitted : bool
    by_hand : bool
        Whether something still waits to be graded by hand.
    """

    raw: float = 0.0
    penalty: float = 0.0
    timestamp: str = ""
    submitted: bool = False
    by_hand: bool = False

    @property
    def score(self) -> float:
        """What counts: never below zero."""
        return max(0.0, self.raw - self.penalty)

    @classmethod
    def of(cls, gradebook: Gradebook, unit: str, student: str) -> "Grade":
        """Read a grade; one that says so if nothing was submitted."""
        try:
            found = gradebook.find_submission(unit, student)
        except MissingEntry:
            return cls()
        penalty = found.late_submission_penalty or 0.0
        grades = [grade for notebook in found.notebooks for grade in notebook.grades]
        # An extension makes an entry before anything is handed in.
        there = found.timestamp or any(g.needs_manual_grade or g.score or g.auto_score is not None for g in grades)
        return cls(found.score, penalty, str(found.timestamp or ""), bool(there), bool(found.needs_manual_grade))


@dataclass(frozen=True)
class Register:
    """A class and its grades: all that is exported.

    Attributes
    ----------
    units : list of nbgrader.api.Assignment
    students : list of nbgrader.api.Student
    grades : dict
        By unit and student.
    """

    units: list[Assignment]
    students: list[Student]
    grades: dict[tuple[str, str], Grade]

    @classmethod
    def of(cls, gradebook: Gradebook, units: Iterable[str] = ()) -> "Register":
        """Read the whole class; all units unless some are named."""
        units = set(units)
        assignments = [a for a in gradebook.assignments if not units or a.name in units]
        students = sorted(gradebook.students, key=lambda s: s.id)
        grades = {(a.name, s.id): Grade.of(gradebook, a.name, s.id) for a in assignments for s in students}
        return cls(sorted(assignments, key=lambda a: a.name), students, grades)

    def provisional(self) -> int:
        """Return how many submissions still wait for a score by hand."""
        return sum(grade.by_hand for grade in self.grades.values())

    def cells(self, student: str, missing: str) -> list[str]:
        """Return the scores of a student, with a word where nothing was handed in."""
        grades = (self.grades[unit.name, student] for unit in self.units)
        return [number(grade.score) if grade.submitted else missing for grade in grades]


def nbgrader_rows(everybody: Register) -> list[list[str]]:
    """Return nbgrader's own columns, a row for each unit and student."""
    rows = [list(NBGRADER)]
    for unit in everybody.units:
        for student in everybody.students:
            grade = everybody.grades[unit.name, student.id]
            who = map(plain, (student.id, student.last_name, student.first_name, student.email))
            points = map(str, (grade.raw, grade.penalty, grade.score, unit.max_score))
            rows.append([plain(unit.name), str(unit.duedate or ""), grade.timestamp, *who, *points])
    return rows


def canvas_rows(everybody: Register) -> list[list[str]]:
    """Return the columns of Canvas's gradebook import.

    Canvas finds a student by its own number (``lms_user_id`` of nbgrader's gradebook) or by login, and takes an
    empty cell for no grade.
    """
    names = [plain(unit.name) for unit in everybody.units]
    points = [number(unit.max_score) for unit in everybody.units]
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *names]]
    rows.append(["    Points Possible", "", "", "", "", *points])
    for student in everybody.students:
        who = [plain(full_name(student) or student.id), plain(student.lms_user_id), "", plain(student.id), ""]
        rows.append([*who, *everybody.cells(student.id, missing="")])
    return rows


def moodle_rows(everybody: Register) -> list[list[str]]:
    """Return the columns of Moodle's grade import, which takes a hyphen for no grade."""
    names = [plain(unit.name) for unit in everybody.units]
    rows = [["Username", "First name", "Last name", "Email address", *names]]
    for student in everybody.students:
        who = map(plain, (student.id, student.first_name, student.last_name, student.email))
        rows.append([*who, *everybody.cells(student.id, missing="-")])
    return rows


FORMATS: dict[str, Callable[[Register], list[list[str]]]] = {
    "canvas": canvas_rows,
    "moodle": moodle_rows,
    "nbgrader": nbgrader_rows,
}


def plain(text: str | None) -> str:
    """Return `text` so that a spreadsheet takes it for text: an apostrophe before what would be a formula."""
    text = text or ""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def number(value: float) -> str:
    """Return a score with at most two decimals."""
    return str(round(value, 2)).removesuffix(".0")


def csv_text(rows: list[list[str]]) -> str:
    """Return `rows` as CSV with every cell quoted."""
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return file.getvalue()


def full_name(student: Student) -> str:
    """Return a student's name, empty if nobody wrote it down."""
    return " ".join(name for name in (student.first_name, student.last_name) if name)


class QuotedCsvExport(CsvExportPlugin):
    """What ``nbgrader export`` writes, quoted, with late penalties as they should be now."""

    def export(self, gradebook):
        """Write the grades of the chosen students and assignments."""
        course = Course(Path(self.parent.coursedir.root))
        renew(course, gradebook, [unit.name for unit in gradebook.assignments])
        everybody = Register.of(gradebook, map(str, self.assignment))
        students = set(map(str, self.student))
        chosen = [s for s in everybody.students if not students or s.id in students]
        rows = nbgrader_rows(Register(everybody.units, chosen, everybody.grades))
        path = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", path)
        write_whole(path, csv_text(rows))
