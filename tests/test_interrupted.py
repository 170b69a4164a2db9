"""Ctrl-C: one line that says what is kept, and nothing half done."""

import os
import signal
import subprocess
import sys
import time
import zipfile

import nbformat
import pytest
from click.testing import CliRunner
from conftest import submission, submit
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom.interrupts import without_interrupts
from backprop_autograder.cli import main
from backprop_autograder.judging.release import write_zip

UNIT = "01_toy"


def press(*_, **__):
    raise KeyboardInterrupt


def group(leader):
    """Return the processes of a group."""
    return subprocess.run(["pgrep", "-g", str(leader)], check=False, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("command", ["grade", "feedback", "report", "export", "release", "quality", "demo", "status"])
def test_an_interrupted_command_says_in_one_line_what_is_kept_and_what_next(toy_course, monkeypatch, command):
    monkeypatch.setattr(main.commands[command], "callback", press)
    result = CliRunner().invoke(main, [command, "--course", str(toy_course.root)])
    assert result.exit_code == 130  # 128 and the number of SIGINT, as shells count
    (line,) = result.output.strip().splitlines()
    assert line.startswith("Stopped. ") and "Next: " in line


def test_what_must_be_whole_is_finished_before_an_interruption_is_heard():
    done = []
    with pytest.raises(KeyboardInterrupt), without_interrupts():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("the rest")
    assert done == ["the rest"]


def test_programs_that_are_started_meanwhile_are_deaf():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('still here')"
    with without_interrupts():
        said = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False)
    assert said.stdout == "still here\n"


def test_an_interruption_that_nbgrader_caught_is_one_all_the_same(toy_course, monkeypatch):
    from nbgrader.apps.api import NbGraderAPI

    caught = {"success": False, "error": "Traceback (most recent call last):\n  ...\nKeyboardInterrupt\n"}
    monkeypatch.setattr(NbGraderAPI, "generate_feedback", lambda *_, **__: caught)
    with pytest.raises(KeyboardInterrupt):
        toy_course.generate_feedback(UNIT)


def test_an_interrupted_zip_leaves_the_old_one(tmp_path, monkeypatch):
    (tmp_path / "unit").mkdir()
    (tmp_path / "unit" / "a.txt").write_text("a")
    write_zip(tmp_path / "unit", tmp_path / "unit.zip")
    before = (tmp_path / "unit.zip").read_bytes()
    monkeypatch.setattr(zipfile.ZipFile, "writestr", press)
    with pytest.raises(KeyboardInterrupt):
        write_zip(tmp_path / "unit", tmp_path / "unit.zip")
    assert (tmp_path / "unit.zip").read_bytes() == before


@pytest.mark.slow
def test_the_terminals_interrupt_ends_all_processes_of_a_grading_and_keeps_what_is_graded(toy_course):
    toy_course.release(UNIT)
    released = nbformat.read(toy_course.root / "release" / UNIT / f"{UNIT}.ipynb", as_version=4)
    submit(toy_course, "anna", submission(released, **SOLVED))
    submit(toy_course, "bert", submission(released, double="import time\nwhile True: time.sleep(1)"))
    command = [sys.executable, "-m", "backprop_autograder", "grade", "--jobs", "1", "--course", str(toy_course.root)]
    seen_at_once = {**os.environ, "TQDM_MININTERVAL": "0"}
    pressed = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are deaf to it
    grading = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True, env=seen_at_once)
    signal.signal(signal.SIGINT, pressed)
    said = ""
    while "1/2" not in said and (more := grading.stderr.read(1)):
        said += more
    os.killpg(grading.pid, signal.SIGINT)
    said += grading.communicate(timeout=60)[1]
    assert grading.returncode == 130, said
    assert "Stopped. " in said and "Traceback" not in said
    assert toy_course.is_graded(UNIT, "anna") and not toy_course.is_graded(UNIT, "bert")
    for _ in range(100):  # the last one ends when it sees that all others have
        if not (left := group(grading.pid)):
            break
        time.sleep(0.1)
    assert not left
