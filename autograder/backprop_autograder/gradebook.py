"""Write graded submissions where nbgrader expects them. One writer; any order; twice is as good as once."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade, parse_utc
from sqlalchemy.exc import DBAPIError, SAWarning

from backprop_autograder.course import Course, CourseError
from backprop_autograder.grading import Result
from backprop_autograder.release import data_files, exchange_files
from backprop_autograder.worker import write_files


@contextmanager
def open_gradebook(course: Course) -> Iterator[Gradebook]:
    """Open the course's gradebook for as long as the context lasts.

    Raises
    ------
    CourseError
        If it cannot be opened.
    """
    with warnings.catch_warnings():
        # nbgrader adds a submission's parts before the submission: SQLAlchemy warns, the result is right.
        warnings.filterwarnings("ignore", category=SAWarning)
        try:
            gradebook = Gradebook(course.directory.db_url, course.directory.course_id)
        except DBAPIError as error:
            raise CourseError(
                f"The gradebook cannot be opened ({error.orig}). Next: see who else uses it, and run the command again."
            ) from error
        with gradebook:
            yield gradebook


@contextmanager
def _one_transaction(gradebook: Gradebook) -> Iterator[None]:
    """Commit once, at the end: nbgrader commits after every statement, and each commit waits for the disk."""
    commit, gradebook.db.commit = gradebook.db.commit, gradebook.db.flush
    try:
        yield
        commit()
    except BaseException:
        gradebook.db.rollback()
        raise
    finally:
        gradebook.db.commit = commit


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
    except (OSError, DBAPIError) as error:
        what = getattr(error, "orig", None) or error
        raise CourseError(
            f"A batch of {len(results)} verdicts could not be stored ({what}). "
            "What was stored before stays. Next: make room or unlock it, and run the command again."
        ) from error


def _store(course: Course, gradebook: Gradebook, results: list[Result]) -> None:
    with _one_transaction(gradebook):
        names = {unit: _cell_names(gradebook, unit) for unit in {result.unit for result in results}}
        for result in results:
            _merge(course, gradebook, result, names[result.unit])
    gradebook.db.expunge_all()  # a class need not fit into memory
    for result in results:
        _write_files(course, result)


def _cell_names(gradebook: Gradebook, unit: str) -> dict[str, str]:
    """Return the ``grade_id`` of each cell by its key in the gradebook, in one query instead of one a cell."""
    try:
        notebook = gradebook.find_notebook(unit, unit)
    except MissingEntry as error:
        raise _does_not_fit(unit, error) from error
    return {cell.id: cell.name for cell in (*notebook.grade_cells, *notebook.solution_cells)}


def _does_not_fit(unit: str, error: Exception) -> CourseError:
    return CourseError(f"The gradebook does not fit {unit} ({error}). Next: backprop release {unit}.")


def _merge(course: Course, gradebook: Gradebook, result: Result, names: dict[str, str]) -> None:
    notebook = nbformat.reads(result.notebook, as_version=4)
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    gradebook.update_or_create_student(result.student)
    try:
        when = {"timestamp": stamp} if (stamp := _timestamp(course, result)) else {}
        submission = gradebook.update_or_create_submission(result.unit, result.student, **when)
        (entry,) = (n for n in submission.notebooks if n.name == result.unit)
        record = course.record(result.unit, result.student)
        again = bool(record) and record["submission_sha256"] == result.digest
        _write_scores(entry, {key: cells[name] for key, name in names.items()}, again=again)
    except (KeyError, ValueError) as error:
        raise _does_not_fit(result.unit, error) from error
    entry.late_submission_penalty = None
    if submission.total_seconds_late > 0:
        gradebook.db.flush()
        gradebook.db.refresh(entry)  # its score is a sum that the database computes
        _write_penalty(course, submission, entry, result.student)


def _write_scores(entry, cells, *, again: bool) -> None:
    """Write scores; what was graded by hand is looked at again only if the work or its automatic score changed."""
    for grade in entry.grades:
        before = grade.auto_score
        grade.auto_score, _ = determine_grade(cells[grade.cell_id])
        by_hand = grade.manual_score is not None
        settled = again and by_hand and not grade.needs_manual_grade and grade.auto_score == before
        grade.needs_manual_grade = (grade.auto_score is None or by_hand) and not settled
    for comment in entry.comments:
        cell = cells[comment.cell_id]
        unchanged = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
        comment.auto_comment = "No response." if unchanged else None


def _write_penalty(course: Course, submission, entry, student: str) -> None:
    assigner = AssignLatePenalties(config=course.config)
    assigner.init_plugin()
    penalty = assigner.plugin_inst.late_submission_penalty(student, entry.score, submission.total_seconds_late)
    entry.late_submission_penalty = None if penalty is None else assigner._check_late_penalty(entry, penalty)


def _timestamp(course: Course, result: Result) -> datetime | None:
    """Return when the work was handed in; None if nobody wrote it down, or wrote nonsense."""
    path = course.root / "submitted" / result.student / result.unit / "timestamp.txt"
    try:
        return parse_utc(path.read_text(encoding="utf-8").strip()) if path.is_file() else None
    except ValueError:
        return None


def _write_files(course: Course, result: Result) -> None:
    folder = course.autograded(result.unit, result.student)
    shutil.rmtree(folder, ignore_errors=True)
    submitted = course.root / "submitted" / result.student / result.unit
    files = data_files(course.source(result.unit)) | exchange_files(submitted)
    files[f"{result.unit}.ipynb"] = result.notebook.encode()
    write_files(folder, files)
    course.keep_record(result)
