"""What goes wrong around a batch loses nothing and doubles nothing: killed graders, full disks, locked gradebooks."""

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from conftest import SQLITE, submission, submit
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom.batch import grade_class, pending
from backprop_autograder.classroom.course import CourseError
from backprop_autograder.classroom.gradebook import open_gradebook

UNIT = "01_toy"
CLASS = 24
pytestmark = pytest.mark.slow


@pytest.fixture
def handed_in(released):
    """A course with a class of which every second solved everything."""
    notebook = released.assignment(UNIT).released
    for k in range(CLASS):
        submit(released, f"s{k:02d}", submission(notebook, **(SOLVED if k % 2 else {})))
    return released


def start(course, **options):
    command = [sys.executable, "-m", "backprop_autograder", "grade", "--jobs", "2"]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=course.root, **quiet, **options)


def assert_everybody_has_one_right_verdict(course):
    with open_gradebook(course) as gradebook:
        submissions = gradebook.find_assignment(UNIT).submissions
        scores = {s.student.id: s.score for s in submissions}
        assert len(submissions) == len(scores)
    assert scores == {f"s{k:02d}": 6.0 * (k % 2) for k in range(CLASS)}
    for student in scores:
        verdicts = json.loads(course.verdict_path(UNIT, student).read_text())["verdicts"]
        assert sum(v["points"] for v in verdicts) == scores[student]
        assert (course.autograded(UNIT, student) / f"{UNIT}.ipynb").exists()
    assert not pending(course, [UNIT])


@pytest.mark.parametrize(
    ("released", "seed"), [*(("SQLite", k) for k in range(3)), ("PostgreSQL", 0)], indirect=["released"]
)
def test_a_grader_killed_at_any_moment_goes_on_where_it_stopped(handed_in, seed):
    rng = random.Random(seed)
    for _ in range(2):
        grader = start(handed_in, start_new_session=True)
        time.sleep(rng.uniform(1.0, 4.0))  # after four seconds most of the class is graded
        os.killpg(grader.pid, signal.SIGKILL)
        grader.communicate()
    left = len(pending(handed_in, [UNIT]))
    grade_class(handed_in, [UNIT], processes=2)
    assert left <= CLASS
    assert_everybody_has_one_right_verdict(handed_in)


@SQLITE
def test_a_locked_gradebook_stops_with_one_clear_line_and_the_next_run_goes_on(handed_in):
    lock = sqlite3.connect(handed_in.root / "gradebook.db")
    lock.execute("begin exclusive")
    try:
        _, errors = start(handed_in).communicate(timeout=120)
        assert "database is locked" in errors.splitlines()[-1]
        assert "Traceback" not in errors
    finally:
        lock.rollback()
        lock.close()
    grade_class(handed_in, [UNIT], processes=2)
    assert_everybody_has_one_right_verdict(handed_in)


@SQLITE
def test_a_full_disk_stops_with_one_clear_line_and_the_next_run_goes_on(handed_in):
    def let_no_file_grow():
        # To the program it looks like a full disk: files may not grow beyond what the gradebook has already.
        size = (handed_in.root / "gradebook.db").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    grader = start(handed_in, preexec_fn=let_no_file_grow)
    _, errors = grader.communicate(timeout=120)
    assert grader.returncode == 2
    assert "could not be stored" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    grade_class(handed_in, [UNIT], processes=2)
    assert_everybody_has_one_right_verdict(handed_in)


def test_a_store_that_fails_half_way_leaves_no_record_and_is_repeated(handed_in, monkeypatch):
    from backprop_autograder.classroom import gradebook

    real, calls = gradebook._write_files, []

    def fails_once(course, result, given):
        calls.append(result.student)
        if len(calls) == 5:
            raise OSError(28, "No space left on device")
        real(course, result, given)

    monkeypatch.setattr(gradebook, "_write_files", fails_once)
    with pytest.raises(CourseError, match="No space left"):
        grade_class(handed_in, [UNIT], processes=1)
    assert len(pending(handed_in, [UNIT])) == CLASS - 4
    grade_class(handed_in, [UNIT], processes=2)
    assert_everybody_has_one_right_verdict(handed_in)


@SQLITE
def test_a_grading_process_that_is_killed_is_replaced_and_its_submission_graded(handed_in):
    grader = start(handed_in)
    deadline, killed = time.monotonic() + 90, 0
    while grader.poll() is None and time.monotonic() < deadline and killed < 4:
        time.sleep(0.7)
        mine = subprocess.run(["pgrep", "-P", str(grader.pid)], capture_output=True, text=True, check=False)
        children = [int(pid) for pid in mine.stdout.split()]
        if len(children) > 2:
            os.kill(children[-1], signal.SIGKILL)
            killed += 1
    _, errors = grader.communicate(timeout=180)
    assert grader.returncode == 0, errors
    assert_everybody_has_one_right_verdict(handed_in)
