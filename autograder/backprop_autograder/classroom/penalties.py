"""Late penalties that follow what they rest on: the due date, an extension, the time, and points given by hand."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select

from backprop_autograder.classroom.course import Course, CourseError

if TYPE_CHECKING:
    from nbgrader.plugins import LateSubmissionPlugin

log = logging.getLogger(__name__)
LENGTH = re.compile(r"(\d{1,4})([wdhm])")
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d?:\d\d) ?(Z|[+-]\d\d:?\d\d|[A-Za-z][\w/+-]*)")
WORDS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True)
class Moved:
    """A penalty that is another one now."""

    student: str
    unit: str
    before: float
    after: float


class Penalties:
    """What the configured plugin takes off."""

    def __init__(self, course: Course):
        self._config = course.config

    @cached_property
    def _plugin(self) -> "LateSubmissionPlugin":
        from nbgrader.preprocessors import AssignLatePenalties  # takes as long to import as all else; few are late

        assigner = AssignLatePenalties(config=self._config)
        assigner.init_plugin()
        return assigner.plugin_inst

    def of(self, entry: SubmittedNotebook, score: float | None = None) -> float | None:
        """Return the penalty of a notebook in the gradebook, were its score `score`; None for none."""
        late, score = entry.assignment.total_seconds_late, entry.score if score is None else score
        if late <= 0:
            return None
        penalty = self._plugin.late_submission_penalty(entry.assignment.student_id, score, late)
        # nbgrader's bounds; its own method asks the stored score, which may not be the one in question.
        return None if penalty is None else min(max(float(penalty), 0.0), score)


def renew(course: Course, gradebook: Gradebook, units: Iterable[str], student: str | None = None) -> list[Moved]:
    """Write the penalties of units, of everybody or one student, as they should be now; return those that moved."""
    penalties, moved = Penalties(course), []
    for unit in units:
        for entry in gradebook.db.scalars(_entries(unit, student)):
            _take_time(course, unit, entry.assignment)
            before, now = entry.late_submission_penalty, penalties.of(entry)
            if (before or 0.0) != (now or 0.0):
                entry.late_submission_penalty = now
                moved.append(Moved(entry.assignment.student_id, unit, before or 0.0, now or 0.0))
    gradebook.db.commit()
    return moved


def _entries(unit: str, student: str | None):
    joined = select(SubmittedNotebook).join(SubmittedAssignment).join(Assignment)
    if student:
        joined = joined.where(SubmittedAssignment.student_id == student)
    return joined.where(Assignment.name == unit).order_by(SubmittedAssignment.student_id)


def _take_time(course: Course, unit: str, submission: SubmittedAssignment) -> None:
    """Take over the time that lies beside the submission, if it can be read and is another one."""
    try:
        when = course.time_of(unit, submission.student_id)
    except (OSError, ValueError):
        return
    if when is not None and when != submission.timestamp:
        submission.timestamp = when


def length_of(text: str) -> timedelta:
    """Return the length of an extension such as ``3d``, ``36h``, ``1w`` or ``0d``.

    Raises
    ------
    CourseError
        If `text` is none.
    """
    if not (found := LENGTH.fullmatch(text.strip().lower())):
        raise CourseError(f"{text!r} is not a length of time. Next: write 3d, 36h, 90m or 1w; 0d takes it back.")
    return timedelta(**{WORDS[found[2]]: int(found[1])})


def time_of(text: str) -> datetime | None:
    """Return a due date such as ``2030-01-31 12:00 Europe/Berlin``, in UTC without a zone; None for ``none``.

    Raises
    ------
    CourseError
        If `text` is none. A date alone is none, either: it could be its first minute or its last.
    """
    text = text.strip()
    if text.lower() == "none":
        return None
    if not (found := TIME.fullmatch(text)):
        raise CourseError(f'{text!r} is no time. Next: write date, hour and zone, such as "2030-01-31 12:00 UTC".')
    try:
        local = datetime.strptime(f"{found[1]} {found[2]}", "%Y-%m-%d %H:%M")
        return local.replace(tzinfo=_zone(found[3])).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise CourseError(f"{text!r} is no time ({error}). Next: look at the calendar.") from None


def _zone(name: str) -> tzinfo:
    if re.fullmatch(r"Z|[+-]\d\d:?\d\d", name):
        return datetime.strptime(name, "%z").tzinfo
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CourseError(
            f"Nobody has the time zone {name}. Next: write UTC, +01:00, or a name such as Europe/Berlin."
        ) from None


def set_due(course: Course, gradebook: Gradebook, unit: str, when: datetime | None) -> str:
    """Set the due date of a unit, or take it away; return what that means.

    Raises
    ------
    CourseError
        If the gradebook does not know the unit.
    """
    _known(gradebook, unit).duedate = when
    gradebook.db.commit()
    moved = renew(course, gradebook, [unit])
    words = f"{unit}: due {when:%Y-%m-%d %H:%M} UTC." if when else f"{unit}: no due date."
    return words + (f" Late penalties of {len(moved)} are others now. Next: backprop feedback {unit}" if moved else "")


def _known(gradebook: Gradebook, unit: str) -> Assignment:
    try:
        return gradebook.find_assignment(unit)
    except MissingEntry:
        raise CourseError(f"The gradebook does not know {unit}. Next: backprop release {unit}") from None


def extend(course: Course, gradebook: Gradebook, student: str, unit: str, length: timedelta) -> str:
    """Give a student more time for a unit, in place of what was given before; return what that means.

    Raises
    ------
    CourseError
        If the student, or a due date of the unit, is not known.
    """
    assignment = _known(gradebook, unit)
    try:
        gradebook.find_student(student)
    except MissingEntry:
        raise CourseError(f"The gradebook does not know {student}. Next: backprop roster import FILE.csv") from None
    if assignment.duedate is None:
        raise CourseError(f'{unit} has no due date. Next: backprop due {unit} "2030-01-31 12:00 UTC"')
    submission = _submission(gradebook, student, unit)
    submission.extension = length or None
    gradebook.db.commit()
    moved = renew(course, gradebook, [unit], student)
    words = f"{student}, {unit}: due {assignment.duedate + length:%Y-%m-%d %H:%M} UTC."
    return words + "".join(f" The penalty was {m.before:g} and is {m.after:g}." for m in moved)


def _submission(gradebook: Gradebook, student: str, unit: str) -> SubmittedAssignment:
    """Return a student's entry; an empty one, for which nobody waits, if nothing has been handed in yet."""
    try:
        return gradebook.find_submission(unit, student)
    except MissingEntry:
        submission = gradebook.add_submission(unit, student)
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            grade.needs_manual_grade = False
    return submission
