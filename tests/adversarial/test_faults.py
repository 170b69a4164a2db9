"""Workers, and the parent of the workers, are killed at random moments: every submission has its verdict."""

import os
import random
import signal
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import write_toy_course

from adversarial.stage import honest
from adversarial.test_adversarial import descendants
from backprop_autograder.judging.grading import grade
from backprop_autograder.workers.warm import can_fork, shared_launcher

pytestmark = pytest.mark.skipif(not can_fork(), reason="warm workers need Linux")


class Killer(threading.Thread):
    """Kills a random worker every now and then."""

    def __init__(self, pause: float, parent_too: bool = False, most: int = 1000):
        super().__init__(daemon=True)
        self.pause, self.parent_too, self.most = pause, parent_too, most
        self.kills, self.over = 0, threading.Event()

    def run(self) -> None:
        rng = random.Random(1)
        while not self.over.wait(rng.uniform(0, 2 * self.pause)) and self.kills < self.most:
            launcher = shared_launcher()
            with suppress(OSError, IndexError, AttributeError):
                # The first process below is that of the pid namespace, where there is one: the workers' own parent.
                # While it starts it has no workers yet: whoever killed it then, again and again, would let none start.
                above = 0 if self.parent_too else not launcher.layers["pid namespace"]
                candidates = descendants(launcher._process.pid)[above:]
                os.kill(int(rng.choice(candidates)), signal.SIGKILL)
                self.kills += 1

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def __enter__(self):
        self.start()
        return self


def graded(tmp_path, students, killer):
    course = write_toy_course(tmp_path / "course")
    assignment = course.assignment("01_toy")
    submission = honest(assignment.released).encode()
    shared_launcher(True, [Path(folder) for folder in assignment.private]).launch({}).close()
    with killer:
        return [grade(assignment, f"s{k}", submission) for k in range(students)]


def explained(result):
    """Whether every verdict is right, but where the notebook says that cells were lost."""
    return "ProcessLost" in result.notebook or {v.status for v in result.verdicts} <= {"passed", "lost"}


@pytest.mark.parametrize(
    "parent_too", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["workers", "their-parent-too"]
)
def test_random_kills_leave_no_submission_without_verdicts(tmp_path, parent_too):
    killer = Killer(0.5 if parent_too else 0.08, parent_too, most=12)
    results = graded(tmp_path, 12, killer)
    assert killer.kills > 0
    assert all(len(result.verdicts) == 3 for result in results)
    assert all(explained(result) for result in results)
    # A notebook is given up after four kills at least, and has three verdicts to lose.
    assert sum(v.status == "passed" for r in results for v in r.verdicts) >= 36 - 12 / 4 * 3


@pytest.mark.slow
def test_a_hundred_kills_in_a_class_of_sixty(tmp_path):
    results, kills = [], 0
    while kills < 100:
        killer = Killer(0.1)
        results += graded(tmp_path / str(kills), 60, killer)
        assert killer.kills
        kills += killer.kills
    assert all(len(result.verdicts) == 3 and explained(result) for result in results)
