"""Grade on this machine: several processes, each with warm workers of its own.

Little is imported here: processes that grade are to start before everything else.
"""

import os
import random
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from itertools import islice
from multiprocessing import get_context
from queue import SimpleQueue
from typing import TYPE_CHECKING

from backprop_autograder import quick  # noqa: F401  before what it makes quick
from backprop_autograder.classroom import grader
from backprop_autograder.classroom.interrupts import without_interrupts

if TYPE_CHECKING:
    from backprop_autograder.judging.grading import Result, Task

STARTS = 6  # of a process, before this is given up


def run(tasks: list["Task"], processes: int | None = None) -> Iterator["Result"]:
    """Grade `tasks` in several processes, and yield results as they come.

    Parameters
    ----------
    tasks : list of Task
    processes : int, optional
        How many submissions are graded at once; by default one per processor.
    """
    if tasks:
        first = tasks[0].assignment
        with closing(Graders(len(tasks), processes, first.sandbox, first.private)) as graders:
            yield from graders.run(tasks)


class Graders:
    """Processes that grade. They start at once, and are ready when they are needed.

    Parameters
    ----------
    tasks : int
        How many submissions there are: no more processes than that are started.
    processes : int, optional
        By default one per processor.
    sandbox, private
        What their workers need to start, as in `Assignment`.
    """

    def __init__(self, tasks: int, processes: int | None, sandbox: bool, private: tuple[str, ...]):
        self._number = max(1, min(processes or os.cpu_count() or 1, tasks))
        self._slots: SimpleQueue[_Slot] = SimpleQueue()
        self._all = [_Slot(sandbox, private, processor) for processor in _processors(self._number)]
        for slot in self._all:
            self._slots.put(slot)

    def run(self, tasks: Iterable["Task"]) -> Iterator["Result"]:
        """Begin to grade `tasks`, and yield results as they come."""
        left, window = iter(tasks), 2 * self._number  # a class need not fit into memory
        threads = ThreadPoolExecutor(self._number)
        begun = {threads.submit(self._grade_in_a_free_slot, task) for task in islice(left, window)}
        return self._as_they_come(threads, begun, left, window)

    def _as_they_come(
        self, threads: Executor, running: set[Future], left: Iterator["Task"], window: int
    ) -> Iterator["Result"]:
        with threads:
            try:
                while running:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    running |= {
                        threads.submit(self._grade_in_a_free_slot, task) for task in islice(left, window - len(running))
                    }
                    yield from (future.result() for future in done)
            except BaseException:  # nobody wants the others any more
                for slot in self._all:
                    slot.kill()
                raise

    def _grade_in_a_free_slot(self, task: "Task") -> "Result":
        slot = self._slots.get()
        try:
            return slot.grade(task)
        finally:
            self._slots.put(slot)

    def close(self) -> None:
        """End the processes."""
        for _ in range(self._number):
            self._slots.get().close()


def _processors(slots: int) -> list[int | None]:
    """Return the processor of each slot's workers; None for all, where nobody would be alone on one.

    By chance, for several people may grade on one machine.
    """
    here = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return random.sample(here, slots) if 1 < slots <= len(here) else [None] * slots


class _Slot:
    """One process that grades one submission at a time, so that it is known which one lost it."""

    def __init__(self, sandbox: bool, private: tuple[str, ...], processor: int | None):
        self._arguments = (sandbox, private, processor)
        self._pool: ProcessPoolExecutor | None = None
        self._ready: Future | None = None
        self._known: set[str] = set()  # units whose assignment it has
        self._killed = False
        self._start()

    def _start(self) -> None:
        # Spawned, not forked: this process has threads and an open gradebook.
        self._pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=grader.start, initargs=self._arguments)
        with without_interrupts():  # `grader.start` sees to it that it stays deaf
            self._ready = self._pool.submit(grader.ready, *self._arguments)
        self._known = set()

    def _make_ready(self) -> None:
        """Wait until the process is ready to grade: one that ends before is no submission's doing."""
        for _ in range(STARTS):
            if self._killed:
                raise CancelledError
            if self._pool is None:
                self._start()
            try:
                return self._ready.result()
            except BrokenProcessPool:
                self.close()
        raise RuntimeError(f"{STARTS} grading processes ended before they had begun")

    def grade(self, task: "Task") -> "Result":
        from backprop_autograder.judging.grading import NOT_ITS_DOING, give_up
        from backprop_autograder.judging.verdict import OURS

        unit = task.assignment.unit
        for _ in range(2):
            self._make_ready()
            assignment = None if unit in self._known else task.assignment
            try:
                result = self._pool.submit(grader.grade, unit, assignment, task.student, task.submission).result()
            except BrokenProcessPool:
                self.close()
            except NOT_ITS_DOING:
                raise
            except Exception:  # its result could not be sent
                return give_up(task.assignment, task.student, task.submission, OURS, traceback.format_exc())
            else:
                self._known.add(unit)
                return result
        return give_up(task.assignment, task.student, task.submission, "the grader was lost twice")

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        self._killed = True
        if (pool := self._pool) is not None:
            for process in list((pool._processes or {}).values()):  # as `kill_workers` does from Python 3.14 on
                process.kill()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
