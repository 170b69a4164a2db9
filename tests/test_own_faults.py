"""A bug of ours that one submission finds is that submission's verdict, and nobody else's trouble."""

import bz2
import json
import lzma
import os
import stat
import subprocess
import sys
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
from backprop_autograder.classroom.course import PRIVATE, make_alembic_findable
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.cli import main
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.engine.probe import Outcome
from backprop_autograder.engine.trial import Trial
from backprop_autograder.judging import grading, judge, rebuild, running
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.verdict import OURS
from backprop_autograder.pages import report as report_page
from backprop_autograder.pages.explain import explain_score
from backprop_autograder.pages.feedback import FeedbackExporter, page_path
from backprop_autograder.pages.report import report

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


# Appended to the configuration, which the program reads: breaks one submission's way through it.
BREAKS = """
import backprop_autograder.{module} as place
real = place.{name}
def broken(*arguments, **options):
    if any('bad' in str(getattr(a, 'student', a)).split('/') for a in arguments):
        raise RuntimeError('in {name}')
    return real(*arguments, **options)
place.{name} = broken
"""


def autograde(course, module, name):
    """Let nbgrader grade the class, with something broken for one; return its exit status."""
    hand_in(course)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(BREAKS.format(module=module, name=name))
    make_alembic_findable()
    command = [sys.executable, "-m", "nbgrader", "autograde", UNIT]
    return subprocess.run(command, cwd=course.root, capture_output=True, check=False).returncode


@pytest.mark.slow
@SQLITE
def test_a_bug_at_one_submission_is_its_verdict_in_nbgraders_autograde_too(released):
    assert autograde(released, "judging.grading", "_judge") == 0
    assert scores(released) == {"anna": 6.0, "bad": 0.0, "carl": 6.0}
    assert "RuntimeError: in _judge" in released.fault_path(UNIT, "bad").read_text()


@pytest.mark.slow
@SQLITE
def test_a_bug_around_one_submission_stops_nbgraders_autograde_for_nobody_else(released):
    assert autograde(released, "classroom.plugins", "_only_given_files") == 0 or not released.is_graded(UNIT, "bad")
    assert {s: n for s, n in scores(released).items() if s != "bad"} == {"anna": 6.0, "carl": 6.0}


@pytest.fixture
def graded(released, monkeypatch):
    hand_in(released)
    run_here(monkeypatch)
    grade_class(released, [UNIT])
    return released


def backprop(course, *arguments):
    return CliRunner().invoke(main, [*arguments, "--course", str(course.root)])


def spoil(record, change):
    data = json.loads(record.read_text())
    change(data)
    record.write_text(json.dumps(data))


DAMAGES = {
    "empty": lambda record: record.write_bytes(b""),
    "no text": lambda record: record.write_bytes(b"\xff\xfe{"),
    "nested": lambda record: record.write_text("[" * 100_000),
    "a list": lambda record: record.write_text("[]"),
    "half": lambda record: spoil(record, lambda data: data.pop("notes")),
    "no verdicts": lambda record: spoil(record, lambda data: data.update(verdicts=5)),
    "odd verdicts": lambda record: spoil(record, lambda data: data.update(verdicts=[5, None])),
    "text for points": lambda record: spoil(record, lambda data: data["verdicts"][0].update(points="full")),
    "odd cause": lambda record: spoil(record, lambda data: data["verdicts"][0].update(causes=[{"name": 1}])),
}


@SQLITE
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_one_bad_record_stops_no_report_no_feedback_and_no_status_and_is_made_anew(graded, tmp_path, damage):
    damage(graded.verdict_path(UNIT, "bad"))
    (found,) = report(graded, [UNIT])
    assert set(found.unreadable) == {"bad"}
    assert [item.answers for item in found.tests] == [2, 2, 2]
    pages = backprop(graded, "feedback")
    assert "2 pages written, 0 as they were" in pages.output
    assert {s for s in ("anna", "bad", "carl") if page_path(graded, UNIT, s).exists()} == {"anna", "carl"}
    assert "Traceback" not in backprop(graded, "status").output
    assert backprop(graded, "explain", "anna", UNIT).exit_code == 0
    of_bad = backprop(graded, "explain", "bad", UNIT)
    assert "Next: backprop grade 01_toy" in of_bad.output
    assert backprop(graded, "grade", "--force", "--student", "bad").exit_code == 0
    assert not report(graded, [UNIT])[0].unreadable


@SQLITE
def test_a_broken_record_is_made_anew_by_the_next_run(graded):
    graded.verdict_path(UNIT, "bad").write_text("{")
    assert [task.student for task in pending(graded, [UNIT])] == ["bad"]
    assert backprop(graded, "grade").exit_code == 0
    assert graded.record(UNIT, "bad")["student"] == "bad"


@SQLITE
def test_a_bug_at_one_page_leaves_the_others_written(graded, monkeypatch):
    breaks_for_bad(monkeypatch, FeedbackExporter, "page")
    done = backprop(graded, "feedback")
    assert "bad, 01_toy: no page, which is our fault." in done.output
    assert {s for s in ("anna", "bad", "carl") if page_path(graded, UNIT, s).exists()} == {"anna", "carl"}
    assert done.exit_code == 1


@SQLITE
def test_a_bug_at_one_submission_leaves_the_rest_of_the_class_in_the_report(graded, monkeypatch):
    breaks_for_bad(monkeypatch, report_page, "_graded")
    (found,) = report(graded, [UNIT])
    assert found.unreadable == {"bad": OURS}
    assert {score.student for score in found.scores} == {"anna", "bad", "carl"}
    assert [item.answers for item in found.tests] == [2, 2, 2]


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


def modes(course):
    paths = [course.root / name for name in (*PRIVATE, "gradebook.db", "judge.secret")]
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths if path.exists()}


@SQLITE
@pytest.mark.parametrize("there", [False, True], ids=["made now", "there before"])
def test_work_of_students_is_its_owners_alone_whatever_the_umask(released, monkeypatch, there):
    before = os.umask(0)
    try:
        hand_in(released)
        run_here(monkeypatch)
        if there:
            grade_class(released, [UNIT])
            backprop(released, "feedback")
            for name in modes(released):
                (released.root / name).chmod(0o757)
        assert backprop(released, "grade", "--force").exit_code == 0
        assert backprop(released, "feedback", "--force").exit_code == 0
    finally:
        os.umask(before)
    found = modes(released)
    assert set(found) == {*PRIVATE, "gradebook.db", "judge.secret"}
    assert {name for name, mode in found.items() if mode & 0o007} == set()
    assert {name for name, mode in found.items() if mode & 0o070 and there} == set()


@SQLITE
def test_graders_who_share_a_course_with_their_group_go_on_sharing_it(released):
    hand_in(released)
    (released.root / "gradebook.db").chmod(0o664)
    (released.root / "submitted").chmod(0o2775)
    with open_gradebook(released):
        found = modes(released)
    assert (found["gradebook.db"], found["submitted"]) == (0o660, 0o2770)
