"""Write graded submissions where nbgrader expects them. One writer; any order; twice is as good as once."""

import logging
import secrets
import shutil
import time
import traceback
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, SAWarning

from backprop_autograder.classroom.course import Course, CourseError, make_alembic_findable
from backprop_autograder.classroom.interrupts import without_interrupts
from backprop_autograder.classroom.penalties import Penalties
from backprop_autograder.engine.text import printable_name
from backprop_autograder.judging.grading import Result, give_up
from backprop_autograder.judging.release import TIMESTAMP_NAME, data_files, exchange_files
from backprop_autograder.judging.verdict import OURS
from backprop_autograder.workers.worker import write_files

log = logging.getLogger(__name__)
BATCH = 64  # results stored in one transaction: what a killed run may have to grade again
PATIENCE = 2.0  # seconds of work that it may have to do again


def make_gradebook(course: Course) -> None:
    """Make a gradebook where there is none."""
    if not course.has_gradebook():
        _opened(course).close()


def _opened(course: Course) -> Gradebook:
    make_alembic_findable()
    # nbgrader makes a new one in several steps, and none of the later ones is made up for.
    with nullcontext() if course.has_gradebook() else without_interrupts():
        return Gradebook(course.directory.db_url, course.directory.course_id)


@contextmanager
def open_gradebook(course: Course) -> Iterator[Gradebook]:
    """Open the course's gradebook for as long as the context lasts.

    Raises
    ------
    CourseError
        If it cannot be opened, or is lost: nbgrader would make an empty one.
    """
    if course.lost_gradebook():
        raise CourseError(
            f"{course.root / 'gradebook.db'} is missing or empty, although there are verdicts. Next: bring it back "
            "from a backup; without one, backprop release UNIT and backprop grade UNIT make it anew, but for what was "
            "given by hand, extensions and the roster."
        )
    with warnings.catch_warnings():
        # nbgrader adds a submission's parts before the submission: SQLAlchemy warns, the result is right.
        warnings.filterwarnings("ignore", category=SAWarning)
        try:
            gradebook = _opened(course)
        except DBAPIError as error:
            why = " ".join(str(error.orig).split())  # PostgreSQL's reasons have several lines
            raise CourseError(
                f"The gradebook cannot be opened ({why}). Next: see who else uses it, and run the command again."
            ) from error
        course.keep_private()
        with gradebook:
            yield gradebook


def store(course: Course, gradebook: Gradebook, results: list[Result]) -> None:
    """Store results: scores, graded notebooks, audit records. Manual scores and comments are kept.

    All scores are written in one transaction, the records after it: where there is a record, there is everything.

    Raises
    ------
    CourseError
        If the gradebook does not know a unit as it now is, or cannot be written. Nothing is stored by halves: a
        submission without a record is graded again.
    """
    try:
        _store(course, gradebook, results)
    except CourseError:
        raise
    except (OSError, DBAPIError) as error:
        what = " ".join(str(getattr(error, "orig", None) or error).split())
        raise CourseError(
            f"A batch of {len(results)} verdicts could not be stored ({what}). "
            "What was stored before stays. Next: make room or unlock it, and run the command again."
        ) from error
    except Exception:
        # One of them it was: the others are stored alone, and that one as one that a bug of ours stopped at.
        if len(results) > 1:
            for result in results:
                store(course, gradebook, [result])
        elif not results[0].fault:
            store(course, gradebook, [_without_work(course, results[0], traceback.format_exc())])
        else:
            log.exception("%s, %s: not stored", printable_name(results[0].student), results[0].unit)


def _without_work(course: Course, result: Result, fault: str) -> Result:
    """Return a result that can be stored, for one that cannot: that of an empty notebook."""
    blank = give_up(course.assignment(result.unit), result.student, None, OURS, fault)
    return replace(blank, digest=result.digest)


def store_all(course: Course, gradebook: Gradebook, results: Iterable[Result]) -> None:
    """Store results as they come, in batches: the more of them in one, the less time each takes."""
    batch, start = [], time.monotonic()
    try:
        for result in results:
            batch.append(result)
            if len(batch) == BATCH or time.monotonic() - start > PATIENCE:
                full, batch = batch, []
                store(course, gradebook, full)
                start = time.monotonic()
    finally:  # also when the grading ends early: what is finished is kept
        if batch:
            store(course, gradebook, batch)


def _store(course: Course, gradebook: Gradebook, results: list[Result]) -> None:
    units = sorted({result.unit for result in results})
    for last in (False, False, True):
        try:
            for unit in units:
                _merge(course, gradebook, unit, [result for result in results if result.unit == unit])
            gradebook.db.commit()
            break
        except BaseException as error:
            gradebook.db.rollback()
            if last or not _met_another_writer(error):
                raise
    gradebook.db.expunge_all()  # a class need not fit into memory
    given = {unit: data_files(course.source(unit)) for unit in units}
    for result in results:
        _write_files(course, result, given[result.unit])


def _met_another_writer(error: BaseException) -> bool:
    """Whether rows that were not there a moment ago now are, or two programs waited for each other's."""
    deadlock = getattr(getattr(error, "orig", None), "sqlstate", None) == "40P01"
    return isinstance(error, IntegrityError) or deadlock


def _merge(course: Course, gradebook: Gradebook, unit: str, results: list[Result]) -> None:
    """Write one unit's results.

    A dozen statements for a whole batch: nbgrader's own methods take hundreds for one submission, and the one writer
    must keep up with many workers.
    """
    db = gradebook.db
    try:
        notebook = gradebook.find_notebook(unit, unit)
        entries = _write_entries(db, notebook, {result.student: _timestamp(course, result) for result in results})
        work = {entries[result.student]: result for result in results}
        _write_scores(course, db, _names(db, GradeCell, notebook) | _names(db, TaskCell, notebook), work)
        _write_comments(db, _names(db, SolutionCell, notebook) | _names(db, TaskCell, notebook), work)
    except (KeyError, MissingEntry) as error:
        raise CourseError(f"The gradebook does not fit {unit} ({error}). Next: backprop release {unit}.") from error
    if notebook.assignment.duedate is not None:
        penalties = Penalties(course)
        for entry in db.scalars(select(SubmittedNotebook).where(SubmittedNotebook.id.in_(work))):
            entry.late_submission_penalty = penalties.of(entry)


def _names(db, kind, notebook) -> dict[str, str]:
    """Return the ``grade_id`` of each cell of a kind, by its key in the gradebook."""
    return dict(db.execute(select(kind.id, kind.name).where(kind.notebook_id == notebook.id)).all())


def _write_entries(db, notebook, timestamps: dict[str, datetime | None]) -> dict[str, str]:
    """Write that these students handed in, and when; return the keys of their notebooks in the gradebook."""
    known = set(db.scalars(select(Student.id).where(Student.id.in_(timestamps))))
    if new := [{"id": student} for student in timestamps if student not in known]:
        db.execute(insert(Student), new)
    assignment = notebook.assignment_id
    rows = {(assignment, who): {"timestamp": when} if when else {} for who, when in timestamps.items()}
    key = (SubmittedAssignment.assignment_id, SubmittedAssignment.student_id)
    submissions = _write(db, SubmittedAssignment, key, rows)
    rows = {(notebook.id, submission): {"late_submission_penalty": None} for submission in submissions.values()}
    entries = _write(db, SubmittedNotebook, (SubmittedNotebook.notebook_id, SubmittedNotebook.assignment_id), rows)
    return {student: entries[notebook.id, submission] for (_, student), submission in submissions.items()}


def _write_scores(course: Course, db, names: dict[str, str], work: dict[str, Result]) -> None:
    """Write scores; what was graded by hand is looked at again only if the work or its automatic score changed."""
    columns = select(Grade.notebook_id, Grade.cell_id, Grade.auto_score, Grade.needs_manual_grade)
    by_hand = columns.where(Grade.notebook_id.in_(work), Grade.manual_score.is_not(None))
    before = {(entry, key): (score, waits) for entry, key, score, waits in db.execute(by_hand)}
    rows = {}
    for entry, result in work.items():
        for key, name in names.items():
            score = result.scores[name]
            unmoved = before.get((entry, key)) == (score, False)
            settled = unmoved and course.has_verdict_on(result.unit, result.student, result.digest)
            waits = (score is None or (entry, key) in before) and not settled
            rows[entry, key] = {"auto_score": score, "needs_manual_grade": waits}
    _write(db, Grade, (Grade.notebook_id, Grade.cell_id), rows)


def _write_comments(db, names: dict[str, str], work: dict[str, Result]) -> None:
    rows = {
        (entry, key): {"auto_comment": "No response." if name in result.unanswered else None}
        for entry, result in work.items()
        for key, name in names.items()
    }
    _write(db, Comment, (Comment.notebook_id, Comment.cell_id), rows)


def _write(db, model, key: tuple, rows: dict[tuple, dict]) -> dict[tuple, str]:
    """Write rows that are known by two columns, new ones and old ones; return their ids.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
    model : type
        One of nbgrader's tables.
    key : tuple of columns
    rows : dict
        By the values of `key`, what to write into the other columns.
    """
    if not rows:
        return {}
    firsts, seconds = (set(column) for column in zip(*rows, strict=True))
    there = select(*key, model.id).where(key[0].in_(firsts), key[1].in_(seconds))
    found = {(first, second): name for first, second, name in db.execute(there)}
    new = {place: secrets.token_hex(16) for place in rows if place not in found}
    columns = [column.key for column in key]
    added = [{"id": new[place], **dict(zip(columns, place, strict=True)), **rows[place]} for place in new]
    changed = [{"id": name, **rows[place]} for place, name in found.items() if rows.get(place)]
    for alike in _by_columns(added):
        db.execute(insert(model.__table__), alike)
    for alike in _by_columns(changed):
        db.execute(update(model), alike)
    return {place: name for place, name in (found | new).items() if place in rows}


def _by_columns(rows: list[dict]) -> Iterable[list[dict]]:
    """Return rows in groups that name the same columns: SQLAlchemy takes those of a statement from its first row."""
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    return groups.values()


def _timestamp(course: Course, result: Result) -> datetime | None:
    """Return when the work was handed in; None if nobody wrote it down.

    What cannot be read gets a line in the log, and is set aside: nbgrader would stop at it.
    """
    try:
        return course.time_of(result.unit, result.student)
    except ValueError as error:
        path = course.root / "submitted" / result.student / result.unit / TIMESTAMP_NAME
        aside = path.with_name(f"unreadable-{TIMESTAMP_NAME}")
        path.replace(aside)
        words = "%s, %s: %s It is graded as if there were none, and is %s now."
        log.warning(words, result.student, result.unit, error, aside.name)
        return None


def _write_files(course: Course, result: Result, given: dict[str, bytes]) -> None:
    course.private("autograded")
    folder = course.autograded(result.unit, result.student)
    shutil.rmtree(folder, ignore_errors=True)
    submitted = course.root / "submitted" / result.student / result.unit
    notebook = {f"{result.unit}.ipynb": result.notebook.encode()}
    write_files(folder, given | exchange_files(submitted) | notebook)
    course.keep_record(result)
