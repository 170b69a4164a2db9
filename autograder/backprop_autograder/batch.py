"""Grade a class: many processes judge, one writer stores, and a killed run goes on where it stopped."""

import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from itertools import islice
from multiprocessing import get_context
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tqdm import tqdm

from backprop_autograder.course import Course
from backprop_autograder.gradebook import open_gradebook, store
from backprop_autograder.grading import Assignment, Result, Task, give_up, grade
from backprop_autograder.rebuild import digest_of

BATCH = 16  # results stored in one transaction: what a killed run may have to grade again

if TYPE_CHECKING:
    from distributed import Client


def pending(course: Course, units: list[str], student: str | None = None, *, force: bool = False) -> list[Task]:
    """Return the submissions without a verdict: new ones, changed ones, all of them if `force`."""
    tasks = []
    for unit in units:
        assignment = None
        for name in course.students(unit):
            if student is None or name == student:
                submission = course.submission(unit, name)
                if force or not _is_graded(course, unit, name, submission):
                    assignment = assignment or course.assignment(unit)
                    tasks.append(Task(assignment, name, submission))
    return tasks


def _is_graded(course: Course, unit: str, student: str, submission: bytes | None) -> bool:
    # The record is written last, so that where there is one there is everything.
    path = course.verdict_path(unit, student)
    return path.exists() and json.loads(path.read_text())["submission_sha256"] == digest_of(submission)


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
        graded = iter(bar)  # one for all batches: a new one would end what the one before had begun
        while batch := list(islice(graded, BATCH)):
            store(course, gradebook, batch)


def results_of(tasks: list[Task], processes: int | None, client: "Client | None") -> Iterator[Result]:
    """Grade `tasks` here or on a cluster, and yield results as they come."""
    if client is None:
        return run_here(tasks, processes)
    from backprop_autograder import cluster

    return cluster.run(tasks, client)


def run_here(tasks: list[Task], processes: int | None = None) -> Iterator[Result]:
    """Grade `tasks` in several processes, and yield results as they come.

    Parameters
    ----------
    tasks : list of Task
    processes : int, optional
        How many submissions are graded at once; by default one per processor.
    """
    processes = max(1, min(processes or os.cpu_count() or 1, len(tasks)))
    assignments = {task.assignment.unit: task.assignment for task in tasks}
    slots: SimpleQueue[_Slot] = SimpleQueue()
    for _ in range(processes):
        slots.put(_Slot(assignments))

    def grade_in_a_free_slot(task: Task) -> Result:
        slot = slots.get()
        try:
            return slot.grade(task)
        finally:
            slots.put(slot)

    try:
        with ThreadPoolExecutor(processes) as threads:
            yield from _as_they_come(threads, grade_in_a_free_slot, tasks, 2 * processes)
    finally:
        for _ in range(processes):
            slots.get().close()


def _as_they_come(threads: Executor, work, tasks: Iterable[Task], window: int) -> Iterator[Result]:
    """Yield results in the order of completion, holding only a few: a class need not fit into memory."""
    left, running = iter(tasks), set()
    while True:
        running |= {threads.submit(work, task) for task in islice(left, window - len(running))}
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)


class _Slot:
    """One process that grades one submission at a time, so that it is known which one lost it."""

    def __init__(self, assignments: dict[str, Assignment]):
        self._assignments = assignments
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        # Spawned, not forked: this process has threads and an open gradebook.
        start = {"mp_context": get_context("spawn"), "initializer": _prepare, "initargs": (self._assignments,)}
        return ProcessPoolExecutor(1, **start)

    def grade(self, task: Task) -> Result:
        for _ in range(2):
            try:
                return self._pool.submit(_grade, task.assignment.unit, task.student, task.submission).result()
            except BrokenProcessPool:
                self.close()
                self._pool = self._start()
        return give_up(task.assignment, task.student, task.submission, "the grader was lost twice")

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


_assignments: dict[str, Assignment] = {}


def _prepare(assignments: dict[str, Assignment]) -> None:
    _assignments.update(assignments)


def _grade(unit: str, student: str, submission: bytes | None) -> Result:
    return grade(_assignments[unit], student, submission)
