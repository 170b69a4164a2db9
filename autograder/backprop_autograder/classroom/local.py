"""Grade on this machine: several processes, each with warm workers of its own.

Nothing of nbgrader is imported here: that would take every process a second to start.
"""

import os
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from queue import SimpleQueue

from backprop_autograder import quick  # noqa: F401  before what it makes quick
from backprop_autograder.judging.grading import NOT_ITS_DOING, Assignment, Result, Task, give_up, grade
from backprop_autograder.judging.verdict import OURS

STARTS = 6  # of a process, before this is given up


def run(tasks: list[Task], processes: int | None = None) -> Iterator[Result]:
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
        self._pool: ProcessPoolExecutor | None = None

    def grade(self, task: Task) -> Result:
        for _ in range(2):
            self._pool = self._pool or _start(self._assignments)
            try:
                return self._pool.submit(_grade, task.assignment.unit, task.student, task.submission).result()
            except BrokenProcessPool:
                self.close()
            except NOT_ITS_DOING:
                raise
            except Exception:  # its result could not be sent
                return give_up(task.assignment, task.student, task.submission, OURS, traceback.format_exc())
        return give_up(task.assignment, task.student, task.submission, "the grader was lost twice")

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _start(assignments: dict[str, Assignment]) -> ProcessPoolExecutor:
    """Return a process that is ready to grade: one that ends before is no submission's doing."""
    for _ in range(STARTS):
        # Spawned, not forked: this process has threads and an open gradebook.
        pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_prepare, initargs=(assignments,))
        try:
            pool.submit(_warm_up).result()
            return pool
        except BrokenProcessPool:
            pool.shutdown()
    raise RuntimeError(f"{STARTS} grading processes ended before they had begun")


_assignments: dict[str, Assignment] = {}


def _prepare(assignments: dict[str, Assignment]) -> None:
    _assignments.update(assignments)


def _warm_up() -> None:
    next(iter(_assignments.values())).judge().launcher()


def _grade(unit: str, student: str, submission: bytes | None) -> Result:
    return grade(_assignments[unit], student, submission)
