"""Grade a class: many processes judge, one writer stores, and a killed run goes on where it stopped."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING

from backprop_autograder.classroom import local
from backprop_autograder.classroom.course import Course, CourseError

if TYPE_CHECKING:
    from distributed import Client

    from backprop_autograder.judging.grading import Result, Task

Waiting = list[tuple[str, str]]  # unit, student


def pending(course: Course, units: list[str], student: str | None = None, *, force: bool = False) -> list["Task"]:
    """Return the submissions without a verdict: new ones, changed ones, lost ones, all of them if `force`."""
    return _tasks(course, _waiting(course, units, student, force))


def _waiting(course: Course, units: list[str], student: str | None, force: bool) -> Waiting:
    lost = {unit: set() if force else not_stored(course, unit) for unit in units}
    everybody = ((unit, name) for unit in units for name in course.students(unit) if student in (None, name))
    return [(u, s) for u, s in everybody if force or s in lost[u] or not course.is_up_to_date(u, s)]


def _tasks(course: Course, waiting: Waiting) -> list["Task"]:
    from backprop_autograder.judging.grading import Task

    assignments = {unit: course.assignment(unit) for unit in dict.fromkeys(unit for unit, _ in waiting)}
    return [Task(assignments[unit], name, partial(course.submission, unit, name)) for unit, name in waiting]


def not_stored(course: Course, unit: str) -> set[str]:
    """Return students whose verdicts are kept, but not, or others, in the gradebook, or without the graded notebook.

    A gradebook of yesterday is brought up to date so.
    """
    graded = course.graded(unit)
    if not graded:
        return set()
    from backprop_autograder.classroom.cells import points_of
    from backprop_autograder.classroom.gradebook import open_gradebook

    with open_gradebook(course) as gradebook:
        stored = points_of(gradebook, unit)
    return {student for student in graded if not _is_stored(course, unit, student, stored.get(student))}


def _is_stored(course: Course, unit: str, student: str, points: dict[str, float | None] | None) -> bool:
    if points is None:
        return False
    try:
        kept = {verdict["grade_id"]: verdict["points"] for verdict in course.record(unit, student)["verdicts"]}
    except (CourseError, KeyError, TypeError):  # a broken one
        return False
    # Cells that were added since have no points: that is for a regrade.
    whole = all(points.get(name) in (None, earned) for name, earned in kept.items())
    notebook = course.autograded(unit, student) / f"{unit}.ipynb"
    return whole and (not kept or any(points.get(name) is not None for name in kept)) and notebook.is_file()


def grade_class(
    course: Course,
    units: list[str],
    student: str | None = None,
    *,
    force: bool = False,
    processes: int | None = None,
    client: "Client | None" = None,
) -> None:
    """Grade what has no verdict yet and store it, with a progress bar.

    Parameters
    ----------
    course : Course
    units : list of str
    student : str, optional
        Only this one.
    force : bool
        Whether to grade again what has a verdict.
    processes : int, optional
        How many submissions are graded at once on this machine; by default one per processor.
    client : distributed.Client, optional
        A cluster that grades instead.
    """
    waiting = _waiting(course, units, student, force)
    with ExitStack() as stack:
        if client is None and waiting:
            # They start first, while this process imports what writes a gradebook: both take longer than to grade.
            graders = local.Graders(len(waiting), processes, course.settings.sandbox, (str(course.root),))
            run = stack.enter_context(closing(graders)).run
        else:
            run = partial(results_of, processes=processes, client=client)
        # Processes and bar end before an error is shown.
        _store(course, run(_tasks(course, waiting)), len(waiting))


def _store(course: Course, results: Iterator["Result"], number: int) -> None:
    from tqdm import tqdm

    from backprop_autograder.classroom.gradebook import open_gradebook, store_all

    with (
        open_gradebook(course) as gradebook,
        closing(results),
        tqdm(results, total=number, unit="notebook", desc="grading") as bar,
    ):
        store_all(course, gradebook, bar)


def results_of(tasks: list["Task"], processes: int | None, client: "Client | None") -> Iterator["Result"]:
    """Grade `tasks` here or on a cluster, and yield results as they come."""
    if client is None:
        return local.run(tasks, processes)
    from backprop_autograder.classroom import cluster

    return cluster.run(tasks, client)
