"""The cells of a submission in a worker: in new ones where that is lost, and never longer than is left."""

import contextlib
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from nbformat import NotebookNode, from_dict

from backprop_autograder.engine.probe import Outcome, Question
from backprop_autograder.judging.limits import Limits
from backprop_autograder.judging.matching import is_test
from backprop_autograder.judging.outputs import error_output, output
from backprop_autograder.judging.rebuild import Rebuilt
from backprop_autograder.judging.sources import definition
from backprop_autograder.workers.worker import CellTimeoutError, LaunchError, Worker, WorkerLostError

MAX_REVIVALS = 30  # also bounded by the notebook's time
SECOND_CHANCES = 3  # of one notebook: a worker may also die of something that the submission did not do
LAUNCHES = 8
PAUSE = 0.02  # seconds after a launch that failed; twice as many after the next


class Running:
    """One notebook in a worker.

    Parameters
    ----------
    rebuilt : Rebuilt
        Notes are added to it.
    limits : Limits
    start : callable
        Starts a worker; may raise `LaunchError`.

    Attributes
    ----------
    cells : list of NotebookNode
        In the order in which they run.
    worker : Worker or None
    ended : str
        Why nothing runs any more.
    instead : dict
        Text by name, which stands for what the submission defines in the present worker.
    left : dict
        Seconds by what they are for. Whoever computes for long in cells of their own has all those for answers left.
    """

    def __init__(self, rebuilt: Rebuilt, limits: Limits, start: Callable[[], Worker]):
        self._rebuilt, self._limits, self._start = rebuilt, limits, start
        by_id = {cell.id: cell for cell in rebuilt.notebook.cells}
        self.cells = [by_id[name] for name in rebuilt.order]
        self.left = {"cells": limits.notebook, "definitions": limits.cell, "tests": limits.notebook}
        self.worker: Worker | None = None
        self.ended = ""
        self.instead: Mapping[str, str] = {}
        self._places: Mapping[str, list[int]] = {}
        self._losses: dict[int, int] = {}  # how often a cell ended the worker, or ran too long
        self._chances, self._revivals = SECOND_CHANCES, 0

    def start(self) -> None:
        """Start the first worker.

        Raises
        ------
        LaunchError
        """
        self.worker = self._launch()

    def close(self) -> None:
        """End the worker."""
        if self.worker:
            self.worker.close()
            self.worker = None

    def run(self, index: int) -> list[NotebookNode]:
        """Run a cell, and return what is to be shown of it."""
        if not self.worker:
            return [error_output("NotRun", f"Not run: {self.ended}.")]
        try:
            return self._with_version(list(map(from_dict, map(_shown, self._execute(index)))))
        except CellTimeoutError as stop:
            self._lose(index)
            return [error_output("TimeLimit", f"Interrupted: {stop}.")]
        except WorkerLostError as stop:
            again = self.revive(index, stop)
            return self.run(index) if again else [error_output("ProcessLost", f"Lost in this cell: {stop}.")]

    def _execute(self, index: int) -> list[dict]:
        """Run a cell; of one that did harm before, or where the time for cells is used up, only the definitions."""
        losses = self._losses.get(index, 0)
        whole = not losses and self.left["cells"] > 0
        budget = "cells" if whole else "definitions"
        if losses > 1 or self.left[budget] <= 0:
            return [error_output("NotRun", "Not run: the time for cells is used up.")]
        worker, used = self.worker, self.worker.used
        try:
            seconds = min(self._limits.cell, self.left[budget])
            return worker.run(self.cells[index].source, seconds, only_definitions=not whole)
        finally:
            self.left[budget] -= worker.used - used

    def run_test(self, source: str) -> list[dict]:
        """Run a test that is code, within what is left for tests."""
        worker, used = self.worker, self.worker.used
        try:
            return worker.run(source, max(min(self._limits.test, self.left["tests"]), 0.1))
        finally:
            self.left["tests"] -= worker.used - used

    def ask(self, questions: Sequence[Question], until: float, counted: Collection[int]) -> list[Outcome]:
        """Ask questions, until so many seconds are left for tests."""
        worker, used = self.worker, self.worker.used
        try:
            return worker.ask(questions, max(self.left["tests"] - max(until, 0), 0.1), counted)
        finally:
            self.left["tests"] -= worker.used - used

    def may_ask(self) -> bool:
        """Whether something is left to ask, and time for it."""
        if self.left["tests"] <= 0 and not self.ended:
            self.ended = f"the notebook used up its {self._limits.notebook:.0f} s"
            self.close()
        return self.worker is not None

    def places_of(self, names: Collection[str]) -> dict[str, list[int]]:
        """Return which cells define names; for a name that none does, the last cell."""
        own = [k for k, cell in enumerate(self.cells) if not is_test(cell)]
        return {n: [k for k in own if definition(self.cells[k].source, n)] or own[-1:] for n in sorted(names)}

    def start_over(self, instead: Mapping[str, str], places: Mapping[str, list[int]]) -> bool:
        """Let all cells run in a new worker, with other texts in place of what defines some names."""
        self.close()
        self.instead, self._places = instead, places
        return self._repeat(len(self.cells))

    def _put_in_place(self, index: int) -> None:
        """Define the texts of others where a cell defined the submission's."""
        for name, places in self._places.items():
            if index in places:
                self.worker.run(self.instead[name], self._limits.cell, only_definitions=True)

    def revive(self, index: int, stop: WorkerLostError) -> bool:
        """Start a worker in place of one that was lost in cell `index`; return whether that cell may try again."""
        self.worker, again = None, not self._blame(index, stop)
        return self._repeat(index) and again

    def _repeat(self, index: int) -> bool:
        """Repeat the cells down to `index` in new workers until one lives through it; return whether one does."""
        while self._revivals < MAX_REVIVALS and not self.ended:
            self._revivals += 1
            if self._replay(index):
                return True
        self.ended = self.ended or "the Python process was lost too often"
        return False

    def _blame(self, index: int, stop: WorkerLostError) -> bool:
        """Whether the loss counts as the cell's own doing: the grader saw it misbehave, or it happens too often."""
        if stop.killed or not self._chances:
            self._lose(index)
            return True
        self._chances -= 1
        time.sleep(PAUSE)
        return False

    def _replay(self, index: int) -> bool:
        """Repeat the cells down to `index` in a new worker; of those that ended one, the definitions."""
        self.worker = self._launch()
        for k in (k for k, cell in enumerate(self.cells[: index + 1]) if not is_test(cell)):
            if k == index and not self._losses.get(k):
                continue  # it is about to run
            try:
                self._execute(k)
                self._put_in_place(k)
            except CellTimeoutError:
                self._lose(k)
            except WorkerLostError as stop:
                self.worker = None
                self._blame(k, stop)
                return False
        return True

    def _launch(self) -> Worker:
        for number in range(LAUNCHES - 1):
            with contextlib.suppress(LaunchError):
                return self._start()
            time.sleep(PAUSE * 2**number)  # what it lacks, a neighbour may be about to give back
        return self._start()

    def _lose(self, index: int) -> None:
        self._losses[index] = self._losses.get(index, 0) + 1

    def _with_version(self, outputs: list[NotebookNode]) -> list[NotebookNode]:
        """Say so where a cell cannot be read because it was written for a newer Python."""
        theirs, ours = self._rebuilt.python, sys.version.split()[0]
        unread = any(o.output_type == "error" and o.ename in ("SyntaxError", "IndentationError") for o in outputs)
        if unread and theirs and _minor(theirs) > _minor(ours):
            note = f"a cell cannot be read by Python {ours}, which grades; the notebook was written with {theirs}"
            self._rebuilt.notes += [note] * (note not in self._rebuilt.notes)
            outputs.append(output("stream", name="stderr", text=f"{note[0].upper()}{note[1:]}.\n"))
        return outputs


def _shown(output: dict) -> dict:
    """Return an output as it is kept: what a cell's last line gives is only shown, for nbgrader scores it."""
    if output["output_type"] != "execute_result":
        return output
    return {**{k: v for k, v in output.items() if k != "execution_count"}, "output_type": "display_data"}


def _minor(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")[:2]))
