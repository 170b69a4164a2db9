"""Units at a glance: what is released, handed in and graded, what is stale, and which command mends it."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from nbgrader.api import Gradebook, MissingEntry

from backprop_autograder.classroom.batch import not_stored
from backprop_autograder.classroom.cells import differs
from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.penalties import renew
from backprop_autograder.classroom.regrade import outdated
from backprop_autograder.classroom.roster import Roster
from backprop_autograder.classroom.table import text_table
from backprop_autograder.judging.audit import short_hash
from backprop_autograder.judging.grading import Assignment
from backprop_autograder.judging.release import release_files
from backprop_autograder.pages.feedback import stale_pages
from backprop_autograder.pages.review import Review

SHOWN = 8  # names in a line


@dataclass(frozen=True)
class Todo:
    """Something to do: what, for whom, and the command."""

    unit: str
    what: str
    who: tuple[str, ...]
    command: str

    def text(self) -> str:
        """Return it as a line."""
        names = ", ".join(self.who[:SHOWN]) + (f" and {len(self.who) - SHOWN} more" if len(self.who) > SHOWN else "")
        return " ".join(filter(None, (f"{self.unit}:", self.what, names and f"({names})"))) + f". Next: {self.command}"

    def wrapped(self, width: int) -> str:
        """Return it as lines that fit into a terminal: what is to be done, and below it the command."""
        what, _, command = self.text().rpartition(" Next: ")
        lines = textwrap.wrap(what, width, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False)
        start = {"initial_indent": "    Next: ", "subsequent_indent": "          "}
        return "\n".join(
            [*lines, *textwrap.wrap(command, width, **start, break_on_hyphens=False, break_long_words=False)]
        )


@dataclass
class UnitStatus:
    """One unit.

    Attributes
    ----------
    unit : str
    due : datetime or None
    released : bool
    handed_in, graded, by_hand, stale : list of str
        Students: who handed in, has a verdict, waits for a grader, and whose feedback is missing or outdated.
    todo : list of Todo
        In the order in which to do it.
    """

    unit: str
    due: datetime | None = None
    released: bool = False
    handed_in: list[str] = field(default_factory=list)
    graded: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    todo: list[Todo] = field(default_factory=list)


def status(course: Course, units: list[str]) -> list[UnitStatus]:
    """Return the status of units; late penalties are brought in step first.

    Raises
    ------
    CourseError
        If the gradebook or the judge's secret is lost.
    """
    if course.has_verdicts():
        course.secret()
    with open_gradebook(course) as gradebook:
        renew(course, gradebook, units)
        roster = Roster.of(gradebook.students)
        return [_Looking(course, gradebook, roster, unit).look() for unit in units]


class _Looking:
    def __init__(self, course: Course, gradebook: Gradebook, roster: Roster, unit: str):
        self.course, self.gradebook, self.roster, self.unit = course, gradebook, roster, unit
        self.found = UnitStatus(unit)

    def look(self) -> UnitStatus:
        found, course, unit = self.found, self.course, self.unit
        found.released = (course.root / "release" / unit / f"{unit}.ipynb").is_file()
        found.handed_in = list(course.students(unit))
        if not (found.released or found.handed_in):
            return found
        found.graded = course.graded(unit)
        try:
            assignment = self.gradebook.find_assignment(unit)
            found.due = assignment.duedate
            found.by_hand = sorted(s.student.id for s in assignment.submissions if s.needs_manual_grade)
            found.stale = stale_pages(course, self.gradebook, unit)
        except MissingEntry:
            pass
        found.todo = [Todo(unit, what, tuple(who), command) for what, who, command in self._todo() if who is not None]
        return found

    @cached_property
    def _assignment(self) -> Assignment:
        return self.course.assignment(self.unit)

    def _todo(self) -> Iterator[tuple[str, list[str] | None, str]]:
        """Yield what is to be done, with the students concerned; None where nothing is."""
        course, unit, found = self.course, self.unit, self.found
        yield "the release is not what the source would give now", self._old_release(), f"backprop release {unit}"
        # Grading writes down whoever handed in; somebody of the roster has a name, a number or an address, too.
        known = {person.id for person in self.roster.people if person.names or person.number or person.email}
        strangers = [student for student in found.handed_in if known and student not in known]
        yield (
            "ids that the roster does not know",
            strangers or None,
            "backprop roster import FILE.csv, or rename their folders in submitted/",
        )
        new = [s for s in found.handed_in if not course.is_up_to_date(unit, s)]
        yield f"{len(new)} to grade", new or None, f"backprop grade {unit}"
        lost = sorted(not_stored(course, unit) - set(new))
        yield (
            f"{len(lost)} verdicts are not in the gradebook, or their notebooks not in autograded/",
            lost or None,
            f"backprop grade {unit}",
        )
        if found.graded:
            others = [o.task.student for o in outdated(course, [unit])]
            yield (
                f"the course has changed since {len(others)} verdicts",
                others or None,
                f"backprop grade {unit} --changed",
            )
            drawn = [s for s in found.graded if s not in new and self._other_secret(s)]
            yield (
                f"judge.secret is not the one of {len(drawn)} verdicts",
                drawn or None,
                f"bring it back from a backup, or backprop grade {unit} --force",
            )
        yield f"{len(found.by_hand)} wait for a grader", found.by_hand or None, self._how_to_review()
        yield (
            f"feedback is missing or outdated for {len(found.stale)}",
            found.stale or None,
            f"backprop feedback {unit}",
        )

    def _old_release(self) -> list[str] | None:
        course, unit = self.course, self.unit
        folder = course.root / "release" / unit
        if self.found.released and all(
            (folder / name).is_file() and (folder / name).read_bytes() == content
            for name, content in release_files(course.source(unit), course.answer_key).items()
        ):
            return [] if differs(self.gradebook, unit, self._assignment.released) else None
        return []

    def _how_to_review(self) -> str:
        """Return how to grade the first question that somebody's answer waits in."""
        if not self.found.by_hand:
            return ""
        asked = Review(self.course, self.unit, "").asked_by_hand()
        waits = {
            grade.name
            for submission in self.gradebook.find_assignment(self.unit).submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.needs_manual_grade
        }
        question = next((name for name in asked if name in waits), "")
        return f"backprop review {self.unit} {question}, or formgrader" if question else "formgrader"

    def _other_secret(self, student: str) -> bool:
        record = self.course.record(self.unit, student)
        seed = self._assignment.seed(student, record["submission_sha256"])
        return record.get("seed", "") != short_hash(seed)


def status_text(found: list[UnitStatus], width: int | None = None, strange: Iterable[str] = ()) -> str:
    """Return a table of units, and below it what there is to do: a line each, or wrapped for a terminal of a width.

    What is `strange`, of no unit, stands last.
    """
    rows = [["unit", "due (UTC)", "released", "handed in", "graded", "by hand", "feedback"]]
    for one in found:
        due = f"{one.due:%Y-%m-%d %H:%M}" if one.due else "–"
        counts = [len(one.handed_in), len(one.graded), len(one.by_hand)]
        fresh = f"{len(one.graded) - len(set(one.stale) & set(one.graded))} of {len(one.graded)}" if one.graded else "–"
        rows.append([one.unit, due, "yes" if one.released else "no", *map(str, counts), fresh])
    todo = [item.text() if width is None else item.wrapped(width) for one in found for item in one.todo]
    todo += strange if width is None else [textwrap.fill(line, width) for line in strange]
    return "\n".join([text_table(rows), "", *(todo or ["Nothing is left to do."])])
