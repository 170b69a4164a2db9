"""Workers are lost in every place where one can be: the judge goes on, and blames a cell only with reason."""

from contextlib import suppress

import nbformat
import numpy as np
import pytest
from conftest import submission

from backprop_autograder.engine.probe import Outcome, answer
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.judging.judge import Judge
from backprop_autograder.judging.limits import Limits
from backprop_autograder.judging.rebuild import rebuild
from backprop_autograder.judging.running import LAUNCHES, MAX_REVIVALS, SECOND_CHANCES
from backprop_autograder.workers.worker import CellTimeoutError, LaunchError, WorkerLostError

AMPLE = Limits()
RIGHT = {"double": "def double(X):\n    return 2 * X", "row_means": "def row_means(X):\n    return X.mean(axis=1)"}


class Script:
    """Launches workers that run cells in this process, and fail as they are told."""

    def __init__(self, lost_at=(), killed=False, refuse=0, takes=0.0):
        self.lost_at, self.killed, self.refuse, self.takes = list(lost_at), killed, refuse, takes
        self.calls = self.launches = self.open = 0

    def launch(self, files, unit=""):
        if self.refuse:
            self.refuse -= 1
            raise LaunchError("not now")
        self.launches += 1
        self.open += 1
        return FakeWorker(self)

    def close(self):
        pass

    def step(self, worker):
        self.calls += 1
        if self.calls in self.lost_at:
            worker.close()
            raise WorkerLostError("it is gone", killed=self.killed)


class FakeWorker:
    def __init__(self, script):
        self.script, self.names, self.alive, self.used = script, {"np": np}, True, 0.0

    def run(self, source, seconds, *, only_definitions=False):
        self.script.step(self)
        self.used += self.script.takes
        if "hang" in source:
            raise CellTimeoutError("too long")
        with suppress(NameError):
            exec("" if "import check" in source else source, self.names)
        return []

    def ask(self, questions, seconds, counted=()):
        self.script.step(self)
        self.used += self.script.takes
        return [Outcome.from_json(answer(question, self.names).to_json()) for question in questions]

    def close(self):
        self.script.open -= self.alive
        self.alive = False


def statuses(toy_course, script, limits=AMPLE, **cells):
    released = toy_course.assignment("01_toy").released
    rebuilt = rebuild(released, nbformat.writes(submission(released, **{**RIGHT, **cells})).encode())
    judge = Judge(load_exercises("toy", "toy_key"), lambda: script, {}, limits)
    found = [verdict.status for verdict in judge.judge(rebuilt, b"seed")]
    assert script.open == 0  # no worker is left
    return found


PASSED = ["passed"] * 3


@pytest.mark.parametrize("place", range(1, 14))
def test_one_loss_anywhere_costs_nothing(toy_course, place):
    assert statuses(toy_course, Script([place])) == PASSED


@pytest.mark.parametrize("place", range(2, 14))
def test_a_loss_in_the_replay_after_a_loss_costs_nothing(toy_course, place):
    assert statuses(toy_course, Script([place, place + 1])) == PASSED


def test_a_cell_that_the_grader_had_to_stop_is_blamed_at_once_and_only_its_definitions_run(toy_course):
    assert statuses(toy_course, Script([2], killed=True)) == PASSED


def test_a_cell_whose_definitions_have_to_be_stopped_too_does_not_run_again(toy_course):
    assert statuses(toy_course, Script([2, 4], killed=True)) == ["wrong", "wrong", "passed"]


def test_second_chances_end(toy_course):
    script = Script(range(1, 10_000))
    assert statuses(toy_course, script) == ["lost"] * 3
    assert script.launches <= MAX_REVIVALS + 1


def test_more_losses_than_chances_still_give_every_verdict(toy_course):
    script = Script(range(2, 3 * SECOND_CHANCES * 2, 3))
    assert len(statuses(toy_course, script)) == 3


def test_a_launch_may_fail_a_few_times(toy_course):
    assert statuses(toy_course, Script(refuse=LAUNCHES - 1)) == PASSED


def test_a_grader_that_cannot_launch_gives_no_verdict(toy_course):
    with pytest.raises(LaunchError):
        statuses(toy_course, Script(refuse=10_000))


def test_time_that_runs_out_before_a_test_is_a_verdict(toy_course):
    assert statuses(toy_course, Script(), Limits(notebook=0.0)) == ["lost"] * 3


def test_time_for_tests_that_runs_out_is_a_verdict(toy_course):
    assert statuses(toy_course, Script([5], takes=1.0), Limits(notebook=2.0)) == ["passed", "passed", "lost"]


def test_time_for_cells_that_runs_out_in_a_replay_leaves_the_definitions(toy_course):
    assert statuses(toy_course, Script([5, 9, 12], takes=1.0), Limits(notebook=4.0)) == PASSED


def test_a_cell_that_took_too_long_is_not_repeated(toy_course):
    assert statuses(toy_course, Script([9]), double=RIGHT["double"] + "\n# hang")[-1] == "passed"
