"""The command line, as its users type it."""

import json
import os
import subprocess
import sys
import zipfile

import nbformat
import pytest
from click.testing import CliRunner
from conftest import submission, submit
from engine.test_rebuild import SOLVED

from backprop_autograder.authoring.sync import SyncError, normal_form
from backprop_autograder.classroom.lab import build
from backprop_autograder.cli import main


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.mark.parametrize("command", list(main.commands))
def test_every_command_has_help_that_says_what_it_does(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert len(result.output.split("\n\n")[1].strip()) > 20


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "nope"], "There is no unit nope. There are: 01_toy."),
        (["release", "nope"], "There is no unit nope."),
        (["grade", "--student", "nobody"], "There is no submission of nobody."),
        (["lab", "--port", "0"], "--port"),
        (["demo", "--students", "0"], "--students"),
    ],
)
def test_bad_input_gets_one_clear_line_and_status_2(toy_course, arguments, words):
    result = run(*arguments, "--course", toy_course.root)
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


def test_demo_refuses_a_folder_that_is_not_empty_and_touches_nothing(toy_course, tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    result = run("demo", "--course", toy_course.root, "--output", tmp_path)
    assert result.exit_code == 2 and "not empty" in result.output
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_release_is_byte_identical_on_a_second_build_zip_included(toy_course):
    def released():
        result = run("release", "--zip", "--course", toy_course.root)
        assert result.exit_code == 0, result.output
        files = (p for p in (toy_course.root / "release").rglob("*") if p.is_file())
        return {p.name: p.read_bytes() for p in files}

    first = released()
    assert released() == first
    with zipfile.ZipFile(toy_course.root / "release" / "01_toy.zip") as archive:
        assert sorted(archive.namelist()) == ["01_toy/01_toy.ipynb", "01_toy/checks.json"]


def test_a_new_gradebook_needs_no_activated_environment(toy_course):
    command = [sys.executable, "-m", "backprop_autograder", "release", "--course", str(toy_course.root)]
    environment = {**os.environ, "PATH": os.defpath}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_grade_shows_a_table_and_ends_with_0_when_everybody_has_a_verdict(toy_course):
    run("release", "--course", toy_course.root)
    submit(toy_course, "ann", submission(toy_course.assignment("01_toy").released, **SOLVED, written_why="Two."))
    submit(toy_course, "bob", b"{")
    result = run("grade", "toy", "--course", toy_course.root, "--jobs", "1")
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.output.splitlines()]
    assert ["ann", "6", "/", "8", "+", "by", "hand"] in rows
    assert ["bob", "0", "/", "8"] in rows


def test_grade_of_one_student_leaves_the_others_ungraded(toy_course):
    run("release", "--course", toy_course.root)
    for student in ("ann", "bob"):
        submit(toy_course, student, toy_course.assignment("01_toy").released)
    result = run("grade", "--student", "ann", "--course", toy_course.root, "--jobs", "1")
    assert result.exit_code == 1  # bob has no verdict yet
    assert not toy_course.is_graded("01_toy", "bob")


@pytest.mark.slow
def test_demo_grades_a_class_and_writes_down_what_was_planted(toy_course, tmp_path):
    result = run("demo", "--course", toy_course.root, "--students", 12, "--output", tmp_path / "demo")
    assert result.exit_code == 0, result.output
    plan = json.loads((tmp_path / "demo" / "class.json").read_text())["01_toy"]
    assert len(plan) == 12
    for student, work in plan.items():
        record = json.loads((tmp_path / "demo" / "verdicts" / student / "01_toy.json").read_text())
        found = {v["exercise"]: v["causes"][0]["name"] for v in record["verdicts"] if v["causes"]}
        assert found == work["planted"]
        assert (tmp_path / "demo" / "feedback" / student / "01_toy" / "01_toy.html").exists()


def test_lab_builds_once_and_never_overwrites_a_students_work(toy_course, tmp_path):
    assert len(build(toy_course, tmp_path)) == 2
    notebook = tmp_path / "01_toy" / "01_toy.ipynb"
    notebook.write_text("my work")
    (tmp_path / "01_toy" / "checks.json").write_text("outdated")
    assert [p.name for p in build(toy_course, tmp_path)] == ["checks.json"]
    assert notebook.read_text() == "my work"
    assert build(toy_course, tmp_path) == []


def test_sync_restores_the_normal_form_and_check_reports_without_writing(toy_course):
    path = toy_course.source("01_toy") / "01_toy.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["widgets"] = {"state": 1}
    notebook.cells[5].outputs = [nbformat.v4.new_output("stream", text="hi")]
    notebook.cells[2].source = "def double(X):\n    return 0"
    nbformat.write(notebook, path)
    before = path.read_text()
    assert run("sync", "--check", "--course", toy_course.root).exit_code == 1
    assert path.read_text() == before
    assert run("sync", "--course", toy_course.root).exit_code == 0
    assert path.read_text() == normal_form(path, "toy_key")
    assert "return 2 * X" in path.read_text() and "widgets" not in path.read_text()
    assert run("sync", "--check", "--course", toy_course.root).exit_code == 0


def test_sync_refuses_a_notebook_that_does_not_fit_the_answer_key(toy_course):
    path = toy_course.source("01_toy") / "01_toy.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id != "test_row_means"]
    nbformat.write(notebook, path)
    with pytest.raises(SyncError, match="test_row_means"):
        normal_form(path, "toy_key")


def test_outside_of_a_course_an_installed_wheel_says_what_is_missing(tmp_path):
    code = (
        "from backprop_autograder import cli, options\n"
        "options.__file__ = '/nowhere/at/all/options.py'\n"
        "cli.main(['grade'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "There is no course here" in done.stderr
