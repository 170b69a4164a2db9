"""The judge: computes every verdict outside the process of the submission, from plain data.

A worker runs the submission's cells. At each test cell the judge draws fresh cases, sends the inputs to the
worker, and compares what comes back with what the live reference does. Nothing a worker prints, patches,
forges or kills can turn a wrong answer into a right one. Where a name is defined, or defined again, only further
down, the judge asks again at the end, with other cases too, and the better verdict counts. What relies on an exercise
that fails is asked once more, in a worker of its own in which that exercise is the reference.
"""

import hashlib
import inspect
import re
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from nbformat import NotebookNode

from backprop_autograder.engine.draw import draw_trials, generator
from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.messages import Cause, Diagnosis, explain
from backprop_autograder.engine.pack import PACK_NAME, PackedExercise, read_pack, smallest
from backprop_autograder.engine.probe import MAX_LINE, MISSING, Outcome
from backprop_autograder.engine.recognise import RELATION, Recognition, remembering, suspects
from backprop_autograder.engine.relying import closure
from backprop_autograder.engine.trial import Failure, Trial
from backprop_autograder.engine.watch import TooLong, time_limit
from backprop_autograder.judging import plain
from backprop_autograder.judging.carrying import uses
from backprop_autograder.judging.limits import Limits
from backprop_autograder.judging.matching import is_test
from backprop_autograder.judging.outputs import error_output, output
from backprop_autograder.judging.plain import asked_of
from backprop_autograder.judging.rebuild import Rebuilt
from backprop_autograder.judging.running import Running
from backprop_autograder.judging.sources import definition, definitions
from backprop_autograder.judging.verdict import OURS, Verdict
from backprop_autograder.workers.worker import CellTimeoutError, Launcher, LaunchError, WorkerLostError

JUDGING = 30.0  # seconds on the wall for comparing and explaining the answers to one test: they take milliseconds
# Of an aspect, for who loses it by nothing but what the submission's own process tells: forged, that gains the rest.
HALF = 0.5
LONG_NUMBER = re.compile(r"[+-]?\d*\.\d[\de.+-]*\d|[+-]?\d{2,}")


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
    unit : str
        Its name, from which a worker knows what the course gives to it.
    tests : dict
        Text of the test cells that are assertions, hidden ones among them, by ``grade_id``.
    faults : list of str
        Tracebacks of bugs of ours that submissions found.
    """

    exercises: Mapping[str, Exercise]
    launcher: Callable[[], Launcher]
    files: Mapping[str, bytes]
    limits: Limits = Limits()
    unit: str = ""
    tests: Mapping[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def beside(self) -> Mapping[str, bytes]:
        """The files that a submission finds beside itself: not the pack, from which fixed cases could be answered."""
        return {name: content for name, content in self.files.items() if name != PACK_NAME}

    @property
    def packs(self) -> Mapping[str, PackedExercise]:
        """What students' checks know of the exercises, to tell mistakes apart; nothing without the unit's pack."""
        return read_pack(self.files[PACK_NAME]) if PACK_NAME in self.files else {}

    def judge(self, rebuilt: Rebuilt, seed: bytes) -> list[Verdict]:
        """Run a rebuilt submission, write outputs into its cells, and return the verdicts.

        Parameters
        ----------
        rebuilt : Rebuilt
            Its notebook is changed in place.
        seed : bytes
            Secret of this submission: decides the fresh cases, and is never sent to the worker.

        Raises
        ------
        LaunchError
            If no worker can be started: the grader's trouble, on which no verdict may rest.
        """
        session = _Session(self, rebuilt, seed)
        try:
            return session.run()
        finally:
            session.close()

    def unjudged(self, notebook: NotebookNode, reason: str) -> list[Verdict]:
        """Return verdicts of 0 for a notebook that is not run, and write the reason (a clause) into its test cells."""
        verdicts = []
        for cell in filter(is_test, notebook.cells):
            verdicts.append(_verdict(cell, "unjudged", reason))
        _write_verdicts(notebook, verdicts)
        return verdicts


class _Session:
    """One notebook, from its first cell to its last verdict."""

    def __init__(self, judge: Judge, rebuilt: Rebuilt, seed: bytes):
        self.judge, self.rebuilt, self.seed = judge, rebuilt, seed
        self.running = Running(rebuilt, judge.limits, lambda: judge.launcher().launch(judge.beside, judge.unit))
        self.cells = self.running.cells
        self.lines = {line.strip()[:MAX_LINE] for cell in self.cells for line in cell.source.splitlines()}
        # By exercise, what tells its mistakes apart: asked once since the last cell ran. None if it did not answer.
        self.recognised: dict[str, Recognition | None] = {}
        self.looking = JUDGING  # seconds left for finding names in the submission's code
        self.early: set[int] = set()  # tests of what is, or uses, a name that is not defined
        self.asked: dict[str, list[Trial]] = defaultdict(list)
        self.drawing = ThreadPoolExecutor(1)  # while the worker works
        self.drawn: dict[tuple[str, str], Future[list[Trial]]] = {}

    def run(self) -> list[Verdict]:
        verdicts: dict[int, Verdict] = {}
        for cell in filter(is_test, self.cells):
            if asked := asked_of(cell):
                self.drawn[asked] = self.drawing.submit(self._draw, *asked, self.seed)
        self.running.start()
        for index, cell in enumerate(self.cells):
            if is_test(cell):
                verdicts[index] = self._judge_safely(index, cell)
            else:
                self.recognised.clear()
                cell.outputs = self.running.run(index)
        self.recognised.clear()
        failed = [k for k, verdict in verdicts.items() if verdict.status != "passed"]
        for index in [k for k in failed if self._look(self._may_differ, k)]:
            if self.running.worker:
                again = self._judge_safely(len(self.cells), self.cells[index], again=True)
                better = again.status == "passed" or index in self.early
                verdicts[index] = again if better else verdicts[index]
        self._carry_forward(verdicts)
        self.running.close()
        # Only now: nothing of the submission is alive that could still change an output.
        by_id = {self.cells[k].id: verdict for k, verdict in verdicts.items()}
        in_order = [by_id[cell.id] for cell in filter(is_test, self.rebuilt.notebook.cells)]
        _write_verdicts(self.rebuilt.notebook, in_order)
        return in_order

    def close(self) -> None:
        self.drawing.shutdown(wait=False, cancel_futures=True)
        self.running.close()

    def _carry_forward(self, verdicts: dict[int, Verdict]) -> None:
        """Ask again what relies on an exercise that failed, with the course's in its place: a slip costs once.

        The worker is a fresh one, and nothing but verdicts of the later exercise comes of it. What runs there could
        read the course's function, and has no way to keep it.
        """
        failed = {verdict.exercise for verdict in verdicts.values() if verdict.status != "passed"}
        for name in [name for name in self.judge.exercises if name in failed]:
            instead = self._look(self._relies_on, name, failed)
            if not self.running.worker or not instead or not self._has_instead(instead):
                continue
            wrong = [k for k, v in verdicts.items() if v.exercise == name and v.status != "passed"]
            for k in wrong:
                again = self._judge_safely(len(self.cells), self.cells[k], again=True)
                if again.status == "passed":
                    verdicts[k] = replace(again, carried=tuple(n for n in self.judge.exercises if n in instead))
            if all(verdicts[k].status == "passed" for k in wrong):
                failed.discard(name)

    def _relies_on(self, name: str, failed: set[str]) -> frozenset[str]:
        """Return the failed exercises before this one that it, its helpers or its questions mention."""
        order = list(self.judge.exercises)
        before = failed & set(order[: order.index(name)])
        sources = [cell.source for cell in self.cells if not is_test(cell)]
        mentioned = uses([*sources, *map(self._reference, before)])
        asked = {name}.union(*(trial.question.names for trial in self.asked[name]))
        return frozenset(before & closure(asked, lambda one: mentioned.get(one, ())))

    def _has_instead(self, names: frozenset[str]) -> bool:
        """Whether a worker has the course's functions in place of some; it is started if none has."""
        if names == set(self.running.instead):
            return True
        places = self._look(self.running.places_of, names)
        return bool(places) and self.running.start_over({n: self._reference(n) for n in names}, places)

    def _look(self, find: Callable, *arguments):
        """Return what is to be found in the submission's code; None where it is such that this takes too long."""
        start = time.monotonic()
        try:
            with time_limit(self.looking):
                return find(*arguments) if self.looking > 0 else None
        except TooLong:
            return None
        finally:
            self.looking -= time.monotonic() - start

    def _reference(self, name: str) -> str:
        return inspect.getsource(self.judge.exercises[name].reference)

    def _may_differ(self, index: int) -> bool:
        """Whether what a test asks about was defined, or defined again, below it."""
        asked = asked_of(self.cells[index])
        if asked is None:
            return False  # nbgrader asks once, where the assertions stand
        name, _ = asked
        below = [cell.source for cell in self.cells[index + 1 :] if not is_test(cell)]
        if index in self.early:
            return bool(below)
        above = (cell.source for cell in self.cells[:index] if not is_test(cell))
        known = {defined for source in above for defined in definitions(source)}
        return any(definition(source, name) or known & definitions(source) for source in below)

    def _judge_safely(self, index: int, cell: NotebookNode, *, again: bool = False) -> Verdict:
        """Judge one test; a bug of ours that an answer finds costs no other test its verdict."""
        try:
            return self._judge(index, cell, again=again) if asked_of(cell) else self._assert(index, cell)
        except LaunchError:
            raise
        except TooLong:
            words = f"judging the answer took longer than {JUDGING:.0f} s"
            return _verdict(cell, "lost", words)
        except Exception:
            self.judge.faults.append(traceback.format_exc())
            return _verdict(cell, "unjudged", OURS)

    def _judge(self, index: int, cell: NotebookNode, *, again: bool = False) -> Verdict:
        name, aspect = asked_of(cell)
        exercise = self.judge.exercises[name]
        until = self.running.left["tests"] - self.judge.limits.test  # what is left of the budget after this test
        if not self.running.may_ask():
            return _verdict(cell, "lost", self.running.ended)
        trials = self.drawn[name, aspect].result()
        self.asked[name] += trials
        # What it was asked the first time it may have written down: fresh cases tell whether it knows how.
        fresh = self.drawing.submit(self._draw, name, aspect, _next(self.seed)).result() if again else []
        try:
            outcomes = self._ask(trials, until)
            unseen = self._ask(fresh, until)
        except CellTimeoutError as stop:
            return _verdict(cell, "lost", str(stop))
        except WorkerLostError as stop:
            if self.running.revive(index, stop):
                return self._judge(index, cell, again=again)
            return _verdict(cell, "lost", str(stop))
        if not _failures(trials + fresh, outcomes + unseen):
            return _verdict(cell, "passed", f"all {len(trials)} cases passed")
        if not _failures(trials, outcomes):
            trials, outcomes = fresh, unseen
        if any({"NameError", MISSING} & set(outcome.error) for outcome in outcomes):
            self.early.add(index)
        unsolved = any("NotImplementedError" in outcome.error for outcome in outcomes)
        diagnosis = Diagnosis()
        # Of a worker with the course's functions in it, no words are taken.
        if not unsolved and not self.running.instead:
            diagnosis = self._diagnose(index, name, aspect, until, trials, outcomes)
        failures = _failures(trials, outcomes)
        found = explain(*smallest(failures), diagnosis, exercise.aspect(aspect).hint, hidden=True, lines=self.lines)
        status, earned = "unsolved" if unsolved else "wrong", 0.0
        if all(trial.rests_on_a_report(failure) for trial, failure in failures):
            earned = HALF * cell.metadata["nbgrader"]["points"]
            found = replace(found, happened=f"{found.happened}: half of the points, for the results are right")
        return _verdict(cell, status, earned=earned, **vars(found), behaviour=diagnosis.behaviour)

    def _assert(self, index: int, cell: NotebookNode) -> Verdict:
        """Run a test cell with assertions where it stands, as nbgrader would."""
        if not self.running.may_ask():
            return _verdict(cell, "lost", self.running.ended)
        shown, points = cell.source, float(cell.metadata["nbgrader"]["points"])
        cell.source = self.judge.tests.get(cell.id, shown)
        try:
            outputs = self.running.run_test(cell.source)
            # Words of hidden tests stay hidden, but what a student can run is told in full.
            seen = self.running.run_test(shown) if plain.complaint(outputs) and cell.source != shown else outputs
        except CellTimeoutError as stop:
            return _verdict(cell, "lost", str(stop))
        except WorkerLostError as stop:
            cell.source = shown
            return self._assert(index, cell) if self.running.revive(index, stop) else _verdict(cell, "lost", str(stop))
        if plain.complaint(outputs):
            unsolved = any(o.get("ename") == "NotImplementedError" for o in outputs)
            status, words = "unsolved" if unsolved else "wrong", plain.complaint(seen) or plain.HIDDEN
            return _verdict(cell, status, words, label=plain.ASPECT)
        earned = plain.earned(outputs, points)
        if earned == points:
            return _verdict(cell, "passed", "all assertions passed")
        return _verdict(cell, "wrong", f"partial credit, {earned:g} of {points:g} points", earned, label=plain.ASPECT)

    def _diagnose(self, index: int, name: str, aspect: str, until: float, trials, outcomes) -> Diagnosis:
        """Ask the published cases, on which what usually goes wrong is known, and some of the fresh ones again."""
        packed = self.judge.packs.get(name)
        if packed is None:
            return Diagnosis()
        try:
            with time_limit(JUDGING):
                chosen = suspects(trials, outcomes)
            again = self._ask([trials[k] for k in chosen], until)
            recognition = self._recognise(name, packed, until)
        except CellTimeoutError:
            return Diagnosis()
        except WorkerLostError as stop:
            self.running.revive(index, stop)
            return Diagnosis()
        if recognition is None:
            return Diagnosis()
        with time_limit(JUDGING):
            diagnosis = recognition.within(packed.scope(aspect))
            return without_numbers(remembering(diagnosis, [outcomes[k] for k in chosen], again))

    def _recognise(self, name: str, packed: PackedExercise, until: float) -> Recognition | None:
        """Return what tells an exercise's mistakes apart; None if it did not answer before."""
        if name not in self.recognised:
            self.recognised[name] = None
            answers = self._ask(packed.all_trials, until)
            with time_limit(JUDGING):
                self.recognised[name] = packed.recognition(answers)
        return self.recognised[name]

    def _draw(self, name: str, aspect: str, seed: bytes) -> list[Trial]:
        exercise = self.judge.exercises[name]
        return draw_trials(exercise, exercise.aspect(aspect), seed, hidden=True)

    def _ask(self, trials: list[Trial], until: float) -> list[Outcome]:
        """Ask in an order that nobody foresees: who answers by the number of the question knows nothing."""
        if not trials:
            return []
        order = generator(self.seed, "order", len(trials)).permutation(len(trials)).tolist()
        counted = {place for place, k in enumerate(order) if trials[k].calls_at_most is not None}
        answers = dict(zip(order, self.running.ask([trials[k].question for k in order], until, counted), strict=True))
        return [answers[k] for k in range(len(trials))]


def _failures(trials: list[Trial], outcomes: list[Outcome]) -> list[tuple[Trial, Failure]]:
    """Return which answers are not right, and why: in bounded time, for who answers may have chosen what is slow."""
    with time_limit(JUDGING):
        return [(t, f) for t, o in zip(trials, outcomes, strict=True) if (f := t.failure(o))]


def without_numbers(diagnosis: Diagnosis) -> Diagnosis:
    """Return a diagnosis without the numbers that a submission could have chosen: they might be what it was asked."""
    return replace(diagnosis, causes=tuple(map(_without_numbers, diagnosis.causes)))


def _without_numbers(cause: Cause) -> Cause:
    if not cause.name.startswith(RELATION):
        return cause
    return replace(cause, cause=LONG_NUMBER.sub("some number", cause.cause))


def _verdict(cell, status: str, happened: str, earned: float = 0.0, **words) -> Verdict:
    nbgrader = cell.metadata["nbgrader"]
    points, asked = float(nbgrader["points"]), asked_of(cell)
    earned = points if status == "passed" else earned
    name, aspect = asked or (nbgrader["grade_id"], plain.ASPECT)
    return Verdict(
        nbgrader["grade_id"], name, aspect, earned, points, status, happened, protected=asked is not None, **words
    )


def _write_verdicts(notebook: NotebookNode, verdicts: list[Verdict]) -> None:
    """Write the outputs that nbgrader reads scores from: an error is 0, a number is itself, else it is all points."""
    by_id = {verdict.grade_id: verdict for verdict in verdicts}
    for cell in filter(is_test, notebook.cells):
        verdict = by_id[cell.metadata["nbgrader"]["grade_id"]]
        passed = verdict.status == "passed"
        text = verdict.message
        said = output("stream", name="stdout", text=text + "\n")
        cell.outputs = [said if passed or verdict.points else error_output("CheckError", text)]
        if verdict.points and not passed:
            data = {"text/plain": repr(verdict.points)}
            cell.outputs.append(output("execute_result", data=data, metadata={}, execution_count=None))


def _next(seed: bytes) -> bytes:
    return hashlib.sha256(seed + b"asked again").digest()
