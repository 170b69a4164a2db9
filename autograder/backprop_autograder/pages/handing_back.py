"""Feedback for a class in one command: what is stale is written, whatever way the work came."""

import logging
import subprocess
import sys
from collections.abc import Iterator

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.penalties import renew
from backprop_autograder.engine.text import printable_name
from backprop_autograder.judging.release import SECRET_NAME
from backprop_autograder.judging.verdict import RecordError
from backprop_autograder.pages.explain import no_verdict
from backprop_autograder.pages.feedback import stale_pages, write_page

log = logging.getLogger(__name__)


def hand_back(
    course: Course,
    units: list[str],
    student: str | None = None,
    *,
    force: bool = False,
    failed: list[str] | None = None,
) -> Iterator[str]:
    """Write stale pages, release them where there is an exchange, and yield what became of each unit, as lines.

    Parameters
    ----------
    course : Course
    units : list of str
    student : str, optional
        Only this one.
    force : bool
        Whether to write the pages that are up to date, too.
    failed : list, optional
        Takes the students whose pages could not be written.

    Raises
    ------
    CourseError
        If there is no verdict on the student that is named.
    """
    failed = [] if failed is None else failed
    graded = {unit: found for unit in units if (found := course.graded(unit)) and student in (None, *found)}
    if student and not graded:
        raise CourseError(no_verdict(course, student, units[0]))
    if not graded:
        yield "Nothing is graded yet. Next: backprop grade"
        return
    with open_gradebook(course) as gradebook:
        renew(course, gradebook, units)
        for unit, everybody in graded.items():
            stale = everybody if force else stale_pages(course, gradebook, unit)
            chosen = [one for one in stale if student in (None, one)]
            written, locked = 0, []
            for one in chosen:
                try:
                    write_page(course, gradebook, unit, one)
                except (CourseError, RecordError) as error:  # stops nobody else's
                    failed.append(one)
                    yield str(error)
                except OSError as error:
                    failed.append(one)
                    locked.append(error)
                except Exception:  # a bug of ours, at one submission
                    failed.append(one)
                    log.exception("%s, %s: a bug of ours stopped at it", printable_name(one), unit)
                    yield f"{printable_name(one)}, {unit}: no page, which is our fault. Next: report the traceback."
                else:
                    written += 1
            if locked:
                first = f"{locked[0].filename}: {locked[0].strerror}"
                yield f"{unit}: {len(locked)} pages cannot be written ({first}). Next: look at the folder's rights."
            whose = f" of {printable_name(student)}" if student else ""
            as_they_were = (1 if student else len(everybody)) - len(chosen)
            yield f"{unit}{whose}: {written} pages written, {as_they_were} as they were."
            if written and any(course.root.glob(f"submitted/*/{unit}/{SECRET_NAME}")):
                yield _to_the_exchange(course, unit)


def _to_the_exchange(course: Course, unit: str) -> str:
    command = [sys.executable, "-m", "nbgrader", "release_feedback", unit]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return f"{unit}: released to the exchange."
    why = [line for line in done.stderr.splitlines() if "CRITICAL" in line or "ERROR" in line]
    reason = why[0].rpartition("] ")[2] if why else "no reason given"
    return f"{unit}: the exchange did not take the pages ({reason}). Next: nbgrader release_feedback {unit}"
