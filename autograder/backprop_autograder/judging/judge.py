"""The judge: computes every verdict outside the process of the submission, from plain data.

A worker runs the submission's cells. At each test cell the judge draws fresh cases, sends the inputs to the
worker, and compares what comes back with what the live reference does. Nothing a worker prints, patches,
forges or kills can turn a wrong answer into a right one.
"""

import ast
import contextlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.messages import Cause, Diagnosis, explain
from backprop_autograder.engine.pack import PACK_NAME, PackedExercise, read_pack, smallest
from backprop_autograder.engine.probe import Outcome
from backprop_autograder.engine.recognise import RELATION
from backprop_autograder.engine.trial import Trial
from backprop_autograder.judging.verdict import Verdict
from backprop_autograder.workers.worker import CellTimeoutError, Launcher, LaunchError, Worker, WorkerLostError

MAX_REVIVALS = 30  # also bounded by the notebook's time
SECOND_CHANCES = 3  # of one notebook: a worker may also die of something that the submission did not do
LAUNCHES = 8
LONG_NUMBER = re.compile(r"[+-]?\d*\.\d[\de.+-]*\d|[+-]?\d{2,}")


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes
    ----------
    cell : float
        Seconds for one cell.
    test : float
        Seconds for all the answers that one test cell asks for.
    notebook : float
        Seconds for everything.
    """

    cell: float = 30.0
    test: float = 15.0
    notebook: float = 180.0


@dataclass
class Judge:
    """Judges the notebooks of one unit.

    Attributes
    ----------
    exercises : dict
        The unit's exercises by name.
    launcher : callable
        Returns what starts workers; called when the first one is needed.
    files : dict
        Data files that the notebook finds beside itself, the unit's pack among them.
    limits : Limits
    """

    exercises: Mapping[str, Exercise]
    launcher: Callable[[], Launcher]
    files: Mapping[str, bytes]
    limits: Limits = Limits()

    @property
    def packs(self) -> Mapping[str, PackedExercise]:
        """What students' checks know of the exercises, to tell mistakes apart; nothing without the unit's pack."""
        return read_pack(self.files[PACK_NAME]) if PACK_NAME in self.files else {}

    def judge(self, notebook: NotebookNode, seed: bytes) -> list[Verdict]:
        """Run a rebuilt notebook, write outputs into its cells, and return the verdicts.

        Parameters
        ----------
        notebook : NotebookNode
            Changed in place.
        seed : bytes
            Secret of this submission: decides the fresh cases, and is never sent to the worker.

        Raises
        ------
        LaunchError
            If no worker can be started: the grader's trouble, on which no verdict may rest.
        """
        session = _Session(self, notebook, seed)
        try:
            return session.run()
        finally:
            session.close()

    def unjudged(self, notebook: NotebookNode, reason: str) -> list[Verdict]:
        """Return verdicts of 0 for a notebook that is not run, and write the reason (a clause) into its test cells."""
        verdicts = []
        for cell in filter(is_test, notebook.cells):
            name, aspect = asked_of(cell)
            verdicts.append(_verdict(cell, name, aspect, "unjudged", reason))
        _write_verdicts(notebook, verdicts)
        return verdicts


class _Session:
    """One notebook, from its first cell to its last verdict."""

    def __init__(self, judge: Judge, notebook: NotebookNode, seed: bytes):
        self.judge, self.notebook, self.seed = judge, notebook, seed
        self.deadline = time.monotonic() + judge.limits.notebook
        self.killers: set[int] = set()  # cells that are not run again
        self.chances = SECOND_CHANCES
        self.revivals = 0
        self.worker: Worker | None = None
        self.ended = ""  # why nothing runs any more
        self.early: list[int] = []  # tests of what uses a name that is defined further down

    def run(self) -> list[Verdict]:
        verdicts: dict[int, Verdict] = {}
        self.worker = self._launch()
        for index, cell in enumerate(self.notebook.cells):
            if is_test(cell):
                verdicts[index] = self._judge(index, cell)
            elif cell.cell_type == "code":
                cell.outputs = self._run(index, cell)
        for index in list(self.early) if self.worker else []:
            again = self._judge(index, self.notebook.cells[index])
            verdicts[index] = again if again.status == "passed" else verdicts[index]
        self.close()
        # Only now: nothing of the submission is alive that could still change an output.
        _write_verdicts(self.notebook, list(verdicts.values()))
        return list(verdicts.values())

    def close(self) -> None:
        if self.worker:
            self.worker.close()
            self.worker = None

    def _seconds(self, limit: float) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0 and not self.ended:
            self.ended = f"the notebook used up its {self.judge.limits.notebook:.0f} s"
            self.close()
        return min(limit, max(left, 0.001))

    def _run(self, index: int, cell: NotebookNode) -> list[NotebookNode]:
        seconds = self._seconds(self.judge.limits.cell)
        if not self.worker:
            return [_error("NotRun", f"Not run: {self.ended}.")]
        try:
            return [from_dict(_numbered(output)) for output in self.worker.run(cell.source, seconds)]
        except CellTimeoutError as stop:
            self.killers.add(index)
            return [_error("TimeLimit", f"Interrupted: {stop}.")]
        except WorkerLostError as stop:
            again = self._revive(index, stop)
            return self._run(index, cell) if again else [_error("ProcessLost", f"Lost in this cell: {stop}.")]

    def _launch(self) -> Worker:
        for _ in range(LAUNCHES - 1):
            with contextlib.suppress(LaunchError):
                return self.judge.launcher().launch(self.judge.files)
        return self.judge.launcher().launch(self.judge.files)

    def _revive(self, index: int, stop: WorkerLostError) -> bool:
        """Start a worker in place of one that was lost in cell `index`; return whether that cell may try again."""
        self.worker, again = None, not self._blame(index, stop)
        while self.revivals < MAX_REVIVALS and not self.ended:
            self.revivals += 1
            if self._replay(index):
                return again
        self.ended = self.ended or "the Python process was lost too often"
        return False

    def _blame(self, index: int, stop: WorkerLostError) -> bool:
        """Whether the loss counts as the cell's own doing: the grader saw it misbehave, or it happens too often."""
        if stop.killed or not self.chances:
            self.killers.add(index)
            return True
        self.chances -= 1
        return False

    def _replay(self, index: int) -> bool:
        """Repeat the cells before `index` in a new worker, but for those that ended one; return whether it lives."""
        self.worker = self._launch()
        for k, cell in enumerate(self.notebook.cells[:index]):
            if cell.cell_type != "code" or is_test(cell) or k in self.killers:
                continue
            seconds = self._seconds(self.judge.limits.cell)
            if not self.worker:
                return False
            try:
                self.worker.run(cell.source, seconds)
            except CellTimeoutError:
                self.killers.add(k)
            except WorkerLostError as stop:
                self.worker = None
                self._blame(k, stop)
                return False
        return True

    def _judge(self, index: int, cell: NotebookNode) -> Verdict:
        name, aspect = asked_of(cell)
        exercise = self.judge.exercises[name]
        seconds = self._seconds(self.judge.limits.test)
        if not self.worker:
            return _verdict(cell, name, aspect, "lost", self.ended)
        trials = self._draw(exercise, aspect)
        deadline = time.monotonic() + seconds
        try:
            outcomes = self._ask(trials, deadline)
        except CellTimeoutError as stop:
            return _verdict(cell, name, aspect, "lost", str(stop))
        except WorkerLostError as stop:
            if self._revive(index, stop):
                return self._judge(index, cell)
            return _verdict(cell, name, aspect, "lost", str(stop))
        if not any(t.failure(o) for t, o in zip(trials, outcomes, strict=True)):
            return _verdict(cell, name, aspect, "passed", f"all {len(trials)} cases passed")
        if any("NameError" in outcome.error for outcome in outcomes) and index not in self.early:
            self.early.append(index)
        unsolved = any("NotImplementedError" in outcome.error for outcome in outcomes)
        diagnosis = Diagnosis() if unsolved else self._diagnose(index, name, aspect, deadline)
        failures = [(t, f) for t, o in zip(trials, outcomes, strict=True) if (f := t.failure(o))]
        found = explain(*smallest(failures), diagnosis, exercise.aspect(aspect).hint, hidden=True)
        return _verdict(cell, name, aspect, "unsolved" if unsolved else "wrong", **vars(found))

    def _diagnose(self, index: int, name: str, aspect: str, deadline: float) -> Diagnosis:
        """Ask the published cases, on which what usually goes wrong is known."""
        packed = self.judge.packs.get(name)
        if packed is None:
            return Diagnosis()
        try:
            answers = {a: self._ask(trials, deadline) for a, trials in packed.trials.items()}
        except CellTimeoutError:
            return Diagnosis()
        except WorkerLostError as stop:
            self._revive(index, stop)
            return Diagnosis()
        return without_numbers(packed.diagnosis(answers, aspect))

    def _draw(self, exercise: Exercise, aspect: str) -> list[Trial]:
        return draw_trials(exercise, exercise.aspect(aspect), self.seed, hidden=True)

    def _ask(self, trials: list[Trial], deadline: float) -> list[Outcome]:
        return self.worker.ask([trial.question for trial in trials], max(deadline - time.monotonic(), 0.1))


def without_numbers(diagnosis: Diagnosis) -> Diagnosis:
    """Return a diagnosis without the numbers that a submission could have chosen: they might be what it was asked."""
    return replace(diagnosis, causes=tuple(map(_without_numbers, diagnosis.causes)))


def _without_numbers(cause: Cause) -> Cause:
    if not cause.name.startswith(RELATION):
        return cause
    return replace(cause, cause=LONG_NUMBER.sub("some number", cause.cause))


def is_test(cell: NotebookNode) -> bool:
    """Whether `cell` is an autograded test cell."""
    nbgrader = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(nbgrader.get("grade")) and not nbgrader.get("solution")


def asked_of(cell: NotebookNode) -> tuple[str, str]:
    """Return exercise and aspect of a test cell, from its call of ``check``.

    Raises
    ------
    ValueError
        If the cell is not one call of ``check``: a bug of the course, for test cells are the instructor's.
    """
    match ast.parse(cell.source).body:
        case [ast.Expr(ast.Call(ast.Name("check"), [ast.Name(name)], []))]:
            return name, "values"
        case [ast.Expr(ast.Call(ast.Name("check"), [ast.Name(name), ast.Constant(str(aspect))], []))]:
            return name, aspect
    raise ValueError(f"test cell {cell.get('id')} is not a call of check: {cell.source!r}")


def _verdict(cell, name: str, aspect: str, status: str, happened: str, **words) -> Verdict:
    nbgrader = cell.metadata["nbgrader"]
    points = float(nbgrader["points"])
    earned = points if status == "passed" else 0.0
    return Verdict(nbgrader["grade_id"], name, aspect, earned, points, status, happened, **words)


def _write_verdicts(notebook: NotebookNode, verdicts: list[Verdict]) -> None:
    """Write the outputs that nbgrader reads scores from: an error is 0, anything else full marks."""
    by_id = {verdict.grade_id: verdict for verdict in verdicts}
    for cell in filter(is_test, notebook.cells):
        verdict = by_id[cell.metadata["nbgrader"]["grade_id"]]
        passed = verdict.status == "passed"
        text = verdict.message
        cell.outputs = [new_output("stream", name="stdout", text=text + "\n") if passed else _error("CheckError", text)]


def _error(name: str, text: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=text, traceback=text.split("\n"))


def _numbered(output: dict) -> dict:
    return {**output, "execution_count": None} if output["output_type"] == "execute_result" else output
