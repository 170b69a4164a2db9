"""Lines that fail cost themselves, and time counts only while a submission has a processor."""

import json
import multiprocessing
import os
from dataclasses import replace

import nbformat
import pytest
from conftest import submission

from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.limits import Limits
from backprop_autograder.workers import worker
from handins.ways import SOLUTIONS

UNIT = "01_toy"


@pytest.fixture
def assignment(toy_course):
    return toy_course.assignment(UNIT)


def graded(assignment, **cells):
    return graded_file(assignment, nbformat.writes(submission(assignment.released, **{**SOLUTIONS, **cells})))


def graded_file(assignment, text):
    result = grade(assignment, "ann", text.encode())
    return result, {cell.id: cell for cell in nbformat.reads(result.notebook, as_version=4).cells}


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def test_the_note_says_which_line_stopped_a_cell(assignment):
    result, cells = graded(assignment, double=f"x = 1\nimport no_such_module\n\n{SOLUTIONS['double']}")
    assert result.points == 6
    assert "Line 2 stopped this cell" in printed(cells["double"])


def test_what_is_left_out_is_said(assignment):
    _, cells = graded(assignment, double=f"%pip install -q numpy\n!ls -la\n{SOLUTIONS['double']}")
    assert printed(cells["double"]).splitlines() == [
        "Left out when graded: %pip install -q numpy",
        "Left out when graded: !ls -la",
    ]


def test_statements_below_the_line_that_failed_do_not_run(assignment):
    _, cells = graded(assignment, double=f"1 / 0\nprint('I ran')\nx = len('abc')\n{SOLUTIONS['double']}")
    assert "I ran" not in printed(cells["double"])


def test_a_check_inside_of_a_cell_stops_nothing_and_earns_nothing(assignment):
    result, cells = graded(
        assignment, double=f"{SOLUTIONS['double']}\ncheck(double)\nTWO = 2", row_means="check(row_means)"
    )
    assert [v.status for v in result.verdicts] == ["passed", "passed", "wrong"]
    assert not any(output.output_type == "error" for output in cells["double"].outputs)


def test_syntax_that_is_newer_than_the_grader_names_both_versions(assignment):
    notebook = json.loads(
        nbformat.writes(submission(assignment.released, **{**SOLUTIONS, "double": "def double[[X]] = 3"}))
    )
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.99.1"}
    result, _ = graded_file(assignment, json.dumps(notebook))
    (note,) = result.notes
    assert "3.99.1" in note and "which grades" in note
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.8.0"}
    assert not graded_file(assignment, json.dumps(notebook))[0].notes


class Fake:
    """A process that works as it is told: for each look, whether it runs, and its processor time."""

    def __init__(self, *looks):
        self.looks = iter(looks)

    def look(self):
        return next(self.looks)


@pytest.mark.parametrize(
    ("looks", "used"),
    [
        ([(True, 0.0), (True, 1.0), (True, 2.0)], 3.0),  # it has a processor of its own
        ([(True, 0.0), (True, 0.25), (True, 0.5)], 1.5),  # it gets a quarter; the first second is not known
        ([(False, 0.0), (False, 0.0), (False, 0.0)], 3.0),  # it sleeps
        ([(True, 0.0), (True, 0.0), (True, 0.0)], 1.0 + 2 / worker.PATIENCE),  # patience ends all the same
        ([None, None, None], 3.0),  # nobody can tell
    ],
)
def test_the_clock_stands_still_while_others_have_the_processor(monkeypatch, looks, used):
    seconds = iter(range(100))
    monkeypatch.setattr(worker.time, "monotonic", lambda: float(next(seconds)))
    clock = worker._Clock(Fake(*looks))
    for _ in looks:
        clock.tick()
    assert clock.used == pytest.approx(used)


def burn():
    while True:
        pass


@pytest.fixture
def busy_machine():
    """Six processes more than there are processors, all of them busy."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=burn, daemon=True) for _ in range(6 + (os.cpu_count() or 1))]
    for process in processes:
        process.start()
    yield
    for process in processes:
        process.kill()
        process.join()


@pytest.mark.slow
def test_a_class_graded_beside_busy_processes_gets_the_same_verdicts(assignment, busy_machine):
    # A second of processor time for each test, of which it needs a good half: on the wall it takes several.
    work = "import time\ndef double(X):\n    end = time.process_time() + 0.18\n    while time.process_time() < end:\n"
    tight = replace(assignment, limits=Limits(cell=1.0, test=1.0, notebook=10.0))
    for student in ("ann", "bob", "cy"):
        content = nbformat.writes(
            submission(tight.released, **{**SOLUTIONS, "double": work + "        pass\n    return 2 * X"})
        )
        result = grade(tight, student, content.encode())
        assert [v.status for v in result.verdicts] == ["passed"] * 3, [v.message for v in result.verdicts]
