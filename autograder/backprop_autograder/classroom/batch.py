"""Grade a class: many processes judge, one writer stores, and a killed run goes on where it stopped."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from tqdm import tqdm

from backprop_autograder.classroom import local
from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.gradebook import open_gradebook, store_all
from backprop_autograder.judging.grading import Result, Task
from backprop_autograder.judging.rebuild import digest_of

if TYPE_CHECKING:
    from distributed import Client


def pending(course: Course, units: list[str], student: str | None = None, *, force: bool = False) -> list[Task]:
    """Return the submissions without a verdict: new ones, changed ones, all of them if `force`."""
    tasks = []
    for unit in units:
        assignment = None
        for name in course.students(unit):
            if student is None or name == student:
                read = partial(course.submission, unit, name)
                if force or not course.has_verdict_on(unit, name, digest_of(read())):
                    assignment = assignment or course.assignment(unit)
                    tasks.append(Task(assignment, name, read))
    return tasks


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
    tasks = pending(course, units, student, force=force)
    results = results_of(tasks, processes, client)
    # Processes and bar end before an error is shown.
    with (
        open_gradebook(course) as gradebook,
        closing(results),
        tqdm(results, total=len(tasks), unit="notebook", desc="grading") as bar,
    ):
        store_all(course, gradebook, bar)


def results_of(tasks: list[Task], processes: int | None, client: "Client | None") -> Iterator[Result]:
    """Grade `tasks` here or on a cluster, and yield results as they come."""
    if client is None:
        return local.run(tasks, processes)
    from backprop_autograder.classroom import cluster

    return cluster.run(tasks, client)
