"""Grade again what a change of the course affects, and say what it changed for whom.

Every record carries fingerprints of what its verdicts rest on. Where they differ from today's, the submission is
judged again with the same seed: the same cases, unless the change is in how they are drawn.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version
from tqdm import tqdm

from backprop_autograder.classroom.batch import results_of
from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook, store_all
from backprop_autograder.classroom.penalties import Penalties
from backprop_autograder.classroom.table import text_table
from backprop_autograder.judging.grading import Assignment, Result, Task
from backprop_autograder.judging.rebuild import digest_of

if TYPE_CHECKING:
    from distributed import Client
    from nbgrader.api import Gradebook


@dataclass(frozen=True)
class Outdated:
    """A verdict that would not rest on the same today.

    Attributes
    ----------
    task : Task
        What to grade again.
    record : dict
        The present audit record.
    reasons : tuple of str
        What has changed: names of exercises, ``"the notebook"``, ``"version 0.1.0"``.
    """

    task: Task
    record: dict[str, Any]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A submission's scores before and after.

    Attributes
    ----------
    student, unit : str
    before, after : float
        Total scores as they are exported: with what was given by hand, less what lateness takes off.
    cells : tuple of str
        Test cells with other points, as ``"test_double 0 → 2"``.
    reworded : bool
        Whether the student reads another message somewhere.
    """

    student: str
    unit: str
    before: float
    after: float
    cells: tuple[str, ...]
    reworded: bool


def outdated(
    course: Course, units: list[str], student: str | None = None, *, since: str | None = None
) -> list[Outdated]:
    """Return the verdicts that a change affects.

    Parameters
    ----------
    course : Course
    units : list of str
    student : str, optional
        Only this one's.
    since : str, optional
        Also every verdict that was given by an earlier version of the course than this one.

    Raises
    ------
    CourseError
        If `since` is not a version.
    """
    return [found for unit in units for found in _outdated(course, unit, student, since and _version(since))]


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        raise CourseError(f"{text} is not a version. Next: look into CHANGELOG.md for one such as 0.2.0.") from None


def _outdated(course: Course, unit: str, student: str | None, since: Version | None) -> Iterator[Outdated]:
    assignment = course.assignment(unit)
    for name in course.students(unit):
        record = course.sound_record(unit, name)
        read = partial(course.submission, unit, name)
        if student not in (None, name) or not record or record["submission_sha256"] != digest_of(read()):
            continue  # new and changed submissions have to be graded, not graded again
        if reasons := tuple(_reasons(record, assignment, since)):
            yield Outdated(Task(assignment, name, read), record, reasons)


def _reasons(record: dict[str, Any], assignment: Assignment, since: Version | None) -> Iterator[str]:
    old, new = record.get("exercises", {}), assignment.definition()
    yield from sorted(n for n in old | new["exercises"] if old.get(n) != new["exercises"].get(n))
    if record.get("notebook") != new["notebook"]:
        yield "the notebook"
    if since and Version(record["course_version"]) < since:
        yield f"version {record['course_version']}"


def grade_again(
    course: Course,
    found: list[Outdated],
    *,
    dry_run: bool = False,
    processes: int | None = None,
    client: "Client | None" = None,
) -> list[Change]:
    """Grade outdated verdicts again, store them unless it is a `dry_run`, and return what changed for each."""
    records = {(o.task.assignment.unit, o.task.student): o.record for o in found}
    penalties = Penalties(course)
    graded = results_of([o.task for o in found], processes, client)
    changes = []

    def compared() -> Iterator[Result]:
        for result in tqdm(graded, total=len(found), unit="notebook", desc="grading again"):
            changes.append(_compare(gradebook, penalties, records[result.unit, result.student], result))
            yield result

    with open_gradebook(course) as gradebook:
        if dry_run:
            for _ in compared():
                pass
        else:
            store_all(course, gradebook, compared())
    return sorted(changes, key=lambda change: (change.unit, change.student))


def _compare(gradebook: "Gradebook", penalties: Penalties, record: dict[str, Any], result: Result) -> Change:
    old = {v["grade_id"]: v for v in record["verdicts"]}
    new = {v.grade_id: v.to_json() for v in result.verdicts}
    earned = {name: (_points(old.get(name)), _points(new.get(name))) for name in old | new}
    cells = (f"{name} {was:g} → {now:g}" for name, (was, now) in sorted(earned.items()) if was != now)
    entry = gradebook.find_submission_notebook(result.unit, result.unit, result.student)
    # What was given by hand stands above what a test cell earns.
    by_hand = {grade.name for grade in entry.grades if grade.manual_score is not None}
    gain = sum(now - was for name, (was, now) in earned.items() if name not in by_hand)
    reworded = any(_words(v) != _words(new.get(name, {})) for name, v in old.items())
    was, now = entry.score, entry.score + gain
    before = max(was - (entry.late_submission_penalty or 0.0), 0.0)
    after = max(now - (penalties.of(entry, now) or 0.0), 0.0)
    return Change(result.student, result.unit, before, after, tuple(cells), reworded)


def _words(verdict: dict[str, Any]) -> list[Any]:
    return [verdict.get(part) for part in ("status", "label", "happened", "causes", "hint")]


def _points(verdict: dict[str, Any] | None) -> float:
    return verdict["points"] if verdict else 0.0


def reasons_text(found: list[Outdated]) -> str:
    """Return one line for each unit and reason: what changed, and how many verdicts rest on it."""
    counts = Counter((o.task.assignment.unit, reason) for o in found for reason in o.reasons)
    return "\n".join(f"{unit}: {reason} changed, {n} verdicts" for (unit, reason), n in sorted(counts.items()))


def changes_text(changes: list[Change]) -> str:
    """Return a table of those whose points changed, and a summary of all."""
    rows = [["student", "unit", "before", "after", "change", "test cells"]]
    for c in changes:
        if c.cells:
            change = c.after - c.before
            words = f"{change:+g}" if change else "none: by hand"
            rows.append([c.student, c.unit, f"{c.before:g}", f"{c.after:g}", words, ", ".join(c.cells)])
    rose, fell = (sum(sign * (c.after - c.before) > 0 for c in changes) for sign in (1, -1))
    same = len(changes) - rose - fell
    reworded = sum(c.reworded and not c.cells for c in changes)
    words = [f"{len(changes)} graded again: {rose} rose, {fell} fell, {same} as before"]
    if reworded:
        words.append(f"{reworded} read another message")
    table = [text_table(rows), ""] if len(rows) > 1 else []
    return "\n".join([*table, ", ".join(words) + ". What was given by hand stands."])
