"""A bug of ours that one submission finds is that submission's verdict, and nobody else's trouble."""

import bz2
import json
import lzma
import os
import zipfile
from io import BytesIO
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from conftest import SQLITE, submission, submit
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom import gradebook, local
from backprop_autograder.classroom.batch import grade_class, pending
from backprop_autograder.classroom.collect import collect
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.cli import main
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.engine.probe import Outcome
from backprop_autograder.engine.trial import Trial
from backprop_autograder.judging import grading, judge, rebuild, running
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.verdict import OURS
from backprop_autograder.pages.explain import explain_score

UNIT = "01_toy"
# Where a submission is read, rebuilt, run, decoded, compared, recognised, explained, shown and written down.
STAGES = {
    "read": (rebuild, "read_notebook"),
    "rebuilt": (rebuild._Rebuilding, "run"),
    "run": (running.Running, "_execute"),
    "decoded": (Outcome, "from_json"),
    "compared": (Trial, "failure"),
    "recognised": (PackedExercise, "recognition"),
    "explained": (judge, "explain"),
    "shown": (judge, "_write_verdicts"),
    "scored": (grading, "_scores"),
    "written": (grading.v4, "writes"),
}


class BugError(Exception):
    """What nobody foresaw."""


def breaks_once(monkeypatch, place, name):
    real, calls = getattr(place, name), []

    def broken(*arguments, **options):
        calls.append(1)
        if len(calls) == 1:
            raise BugError(f"in {name}")
        return real(*arguments, **options)

    monkeypatch.setattr(place, name, broken)
    return calls


def wrong(released):
    return submission(released, **{**SOLVED, "double": "def double(X):\n    return X"})


@pytest.mark.parametrize("stage", STAGES)
def test_a_bug_at_any_stage_is_a_verdict_that_says_whose_fault_it_is(toy_course, monkeypatch, stage):
    assignment = toy_course.assignment(UNIT)
    calls = breaks_once(monkeypatch, *STAGES[stage])
    result = grade(assignment, "s1", json.dumps(wrong(assignment.released)).encode())
    assert calls
    assert len(result.verdicts) == 3
    assert OURS in {verdict.happened for verdict in result.verdicts}
    assert "BugError: in " in result.fault
    assert json.loads(result.record())["fault"] is True


def test_a_bug_in_one_test_costs_no_other_test_its_verdict(toy_course, monkeypatch):
    assignment = toy_course.assignment(UNIT)
    breaks_once(monkeypatch, judge, "explain")
    result = grade(assignment, "s1", json.dumps(wrong(assignment.released)).encode())
    assert [verdict.status for verdict in result.verdicts] == ["unjudged", "wrong", "passed"]


def hand_in(course):
    for name in ("anna", "bad", "carl"):
        submit(course, name, submission(course.assignment(UNIT).released, **SOLVED))


def run_here(monkeypatch):
    """Grade in this process, where a test can break things."""

    def run(tasks):
        return (grade(task.assignment, task.student, task.submission) for task in tasks)

    grade_by(monkeypatch, run)


def grade_by(monkeypatch, run):
    """Let `run` take the place of the processes that grade."""
    monkeypatch.setattr(local, "Graders", lambda *_: SimpleNamespace(run=run, close=lambda: None))


def scores(course):
    with open_gradebook(course) as book:
        return {s.student.id: s.score for s in book.find_assignment(UNIT).submissions}


def breaks_for_bad(monkeypatch, place, name):
    real = getattr(place, name)

    def broken(*arguments, **options):
        if any(getattr(a, "student", a) == "bad" and not getattr(a, "fault", "") for a in arguments):
            raise BugError(f"in {name}")
        return real(*arguments, **options)

    monkeypatch.setattr(place, name, broken)


@SQLITE
@pytest.mark.parametrize(
    ("place", "name"), [(grading, "_judge"), (gradebook, "_timestamp"), (gradebook, "_write_files")]
)
def test_a_bug_at_one_submission_leaves_the_rest_of_the_class_graded(released, monkeypatch, place, name):
    hand_in(released)
    run_here(monkeypatch)
    breaks_for_bad(monkeypatch, place, name)
    done = CliRunner().invoke(main, ["grade", "--course", str(released.root)])
    assert scores(released) == {"anna": 6.0, "bad": 0.0, "carl": 6.0}
    assert done.exit_code == 1
    assert "Our fault, please look: bad, 01_toy." in done.output
    assert "BugError: in " in released.fault_path(UNIT, "bad").read_text()
    assert OURS in " ".join(explain_score(released, "bad", UNIT).split())


@SQLITE
def test_a_submission_that_a_bug_stopped_at_is_graded_again_by_the_next_run(released, monkeypatch):
    hand_in(released)
    run_here(monkeypatch)
    with monkeypatch.context() as patch:
        breaks_for_bad(patch, grading, "_judge")
        grade_class(released, [UNIT])
    assert [task.student for task in pending(released, [UNIT])] == ["bad"]
    assert CliRunner().invoke(main, ["grade", "--course", str(released.root)]).exit_code == 0
    assert scores(released) == {"anna": 6.0, "bad": 6.0, "carl": 6.0}
    assert not released.fault_path(UNIT, "bad").exists()


@SQLITE
def test_results_of_a_run_that_ends_early_are_kept(released, monkeypatch):
    hand_in(released)

    def run(tasks):
        yield grade(tasks[0].assignment, tasks[0].student, tasks[0].submission)
        raise KeyboardInterrupt

    grade_by(monkeypatch, run)
    with pytest.raises(KeyboardInterrupt):
        grade_class(released, [UNIT])
    assert scores(released) == {"anna": 6.0}


def zipped(content, method, spoil):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("01_toy.ipynb", content)
    raw = bytearray(file.getvalue())
    middle = len(raw) // 3
    raw[middle : middle + spoil] = bytes(255 - b for b in raw[middle : middle + spoil])
    return bytes(raw)


@SQLITE
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str)
def test_a_damaged_zip_is_left_out_with_a_reason(released, tmp_path, method):
    assert bz2 and lzma  # this Python can read them
    folder = tmp_path / "handed in"
    folder.mkdir()
    content = json.dumps(released.assignment(UNIT).released).encode()
    (folder / "anna__01_toy__20300101T120000Z.zip").write_bytes(zipped(content, method, 60))
    (folder / "carl__01_toy__20200101T120000Z.zip").write_bytes(zipped(content, method, 0))
    collected = collect(released, folder)
    assert list(collected.left_out) == ["anna__01_toy__20300101T120000Z.zip"]
    assert [one.student for one in collected.taken] == ["carl"]


@SQLITE
def test_a_zip_of_hundreds_of_thousands_of_entries_is_left_out_before_it_is_read(released, tmp_path):
    folder = tmp_path / "handed in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "anna__01_toy__20200101T120000Z.zip", "w") as archive:
        for k in range(70_000):
            archive.writestr(f"{k:020}", b"")
    assert list(collect(released, folder).left_out.values()) == ["the zip holds too many files"]


@SQLITE
def test_a_time_that_is_no_time_and_a_name_that_is_no_text_stop_nobody(released, caplog):
    hand_in(released)
    (released.root / "submitted" / "bad" / UNIT / "timestamp.txt").write_text("9" * 30)
    odd = b"M\xfcller"
    folder = str(released.root / "submitted").encode() + b"/" + odd + b"/" + UNIT.encode()
    os.makedirs(folder)  # noqa: PTH103  a Path holds no such name
    done = CliRunner().invoke(main, ["grade", "--course", str(released.root), "--jobs", "1"])
    assert scores(released) == {"anna": 6.0, "bad": 6.0, "carl": 6.0}
    assert "submitted/M�ller/01_toy is named as no student can be" in caplog.text
    assert done.exit_code == 1
