"""One file is judged from code, from a shell, and on Gradescope; and a new term begins with nothing of the last."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from conftest import isolated, submission, submit
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.gradescope import results_of, run, write_package
from backprop_autograder.classroom.single import judge_notebook
from backprop_autograder.cli import main

UNIT = "01_toy"
TESTS = Path(__file__).parent


@pytest.fixture
def notebook(toy_course, tmp_path):
    """A file of which everything but one exercise is right."""
    path = tmp_path / "ann (3).ipynb"
    nbformat.write(submission(toy_course.assignment(UNIT).released, double=SOLVED["double"]), path)
    return path


def judge(course, *arguments):
    return CliRunner().invoke(main, ["judge", *map(str, arguments), "--course", str(course.root)])


def test_a_file_is_judged_from_code_and_its_unit_found_by_its_cells(toy_course, notebook):
    result = judge_notebook(notebook, course=toy_course)
    assert {v.grade_id: v.points for v in result.verdicts} == {
        "test_double": 2.0,
        "test_double_large": 1.0,
        "test_row_means": 0.0,
    }
    assert not (toy_course.root / "verdicts").exists()


def test_the_exit_status_tells_whether_everything_passed(toy_course, notebook, tmp_path):
    said = judge(toy_course, notebook)
    assert said.exit_code == 1 and "01_toy: 3 of 6 points" in said.output
    whole = tmp_path / f"{UNIT}.ipynb"
    nbformat.write(submission(toy_course.assignment(UNIT).released, **SOLVED), whole)
    data = judge(toy_course, whole, "--json")
    assert data.exit_code == 0
    assert sum(verdict["points"] for verdict in json.loads(data.stdout)["verdicts"]) == 6.0


@pytest.mark.parametrize(("content", "words"), [(b"{", "is no notebook"), (b'{"cells": []}', "has no cell of a unit")])
def test_a_file_of_no_unit_is_one_line(toy_course, tmp_path, content, words):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    said = judge(toy_course, path)
    assert said.exit_code == 2 and words in said.output and "--unit" in said.output


# --- Gradescope ---------------------------------------------------------------------------------------


CONTAINED = """
import errno, os, sys
import pyseccomp
calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
for name in ("unshare", "setns", "mount", "umount2", "pivot_root"):
    calls.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
calls.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
calls.load()
os.execv(sys.argv[1], sys.argv[1:])
"""  # a program as a container without privileges runs it: no namespaces, no mounts


def laid_out(course, root: Path) -> Path:
    """Unpack a package as Gradescope does, with this Python for the one that ``setup.sh`` installs."""
    with zipfile.ZipFile(write_package(course, UNIT, root / "made")) as archive:
        archive.extractall(root / "source")
    (root / "source" / "run_autograder").rename(root / "run_autograder")
    (root / "run_autograder").chmod(0o755)
    (root / "venv" / "bin").mkdir(parents=True)
    python = root / "venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (root / "submission").mkdir()
    (root / "submission_metadata.json").write_text('{"users": [{"id": 7}]}')
    return root


@pytest.mark.slow
def test_a_package_grades_in_gradescopes_layout_with_a_test_for_each_aspect(toy_course, notebook, tmp_path):
    root = laid_out(toy_course, tmp_path / "autograder")
    (root / "submission" / notebook.name).write_bytes(notebook.read_bytes())
    environment = {**os.environ, "AUTOGRADER_ROOT": str(root), "PYTHONPATH": str(TESTS)}
    inside = [sys.executable, "-c", CONTAINED] if isolated() else []
    subprocess.run([*inside, str(root / "run_autograder")], env=environment, cwd=root, check=True)
    results = json.loads((root / "results" / "results.json").read_text())
    assert results["score"] == 3.0
    scores = {test["name"]: (test["score"], test["max_score"], test["status"]) for test in results["tests"]}
    assert scores == {
        "double": (2.0, 2.0, "passed"),
        "double (large)": (1.0, 1.0, "passed"),
        "row_means": (0.0, 3.0, "failed"),
    }
    assert {test["visibility"] for test in results["tests"]} == {"visible"}
    assert "row_means" in results["tests"][2]["output"]


@pytest.mark.slow
def test_setup_makes_an_environment_in_gradescopes_layout_that_grades(toy_course, notebook, tmp_path):
    root = tmp_path / "autograder"
    with zipfile.ZipFile(write_package(toy_course, UNIT, tmp_path)) as archive:
        archive.extractall(root / "source")
    programs = tmp_path / "programs"  # the system's packages are there already
    programs.mkdir()
    (programs / "apt-get").write_text("#!/bin/sh\n")
    (programs / "apt-get").chmod(0o755)
    (programs / "python3").symlink_to(sys.executable)
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    environment = {**os.environ, "AUTOGRADER_ROOT": str(root), "PYTHONPATH": str(TESTS), "PATH": path}
    subprocess.run(["bash", "setup.sh"], cwd=root / "source", env=environment, check=True)
    (root / "submission").mkdir()
    (root / "submission" / notebook.name).write_bytes(notebook.read_bytes())
    subprocess.run(["bash", str(root / "source" / "run_autograder")], env=environment, cwd=root, check=True)
    assert json.loads((root / "results" / "results.json").read_text())["score"] == 3.0


def test_a_package_can_be_read_by_its_owner_alone_and_holds_one_unit(toy_course, tmp_path):
    path = write_package(toy_course, UNIT, tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert archive.getinfo("setup.sh").external_attr >> 16 == 0o755
    assert {"setup.sh", "run_autograder", f"course/source/{UNIT}/{UNIT}.ipynb", "course/judge.secret"} <= set(names)
    assert not [name for name in names if name.endswith("gradebook.db") or "/submitted/" in name]


@pytest.mark.parametrize("content", [b"{", b"", b"\x00" * 100])
def test_an_unreadable_file_gets_one_result_that_says_what_to_do(toy_course, content):
    found = results_of(judge_notebook(content, course=toy_course, unit=UNIT))
    assert (found["score"], found["tests"]) == (0, [])
    assert "could not be graded" in found["output"] and "hand it in again" in found["output"]


@pytest.mark.parametrize("files", [[], ["a.ipynb", "b.ipynb"]])
def test_what_is_no_single_notebook_gets_a_result_that_says_so(tmp_path, files):
    (tmp_path / "submission").mkdir()
    for name in files:
        (tmp_path / "submission" / name).write_text("{}")
    found = run(tmp_path, UNIT)
    assert found["score"] == 0 and "One notebook, 01_toy.ipynb, is to be handed in" in found["output"]


def test_the_sum_of_the_tests_is_the_score(toy_course, notebook):
    results = results_of(judge_notebook(notebook, course=toy_course))
    assert sum(test["score"] for test in results["tests"]) == results["score"] == 3.0


# --- a new term ---------------------------------------------------------------------------------------


def test_a_new_term_has_the_units_a_fresh_secret_nobodys_grades_and_the_last_report(toy_course, notebook, tmp_path):
    toy_course.release(UNIT)
    submit(toy_course, "ann", notebook.read_bytes())
    grade_class(toy_course, [UNIT], processes=1)
    folder = tmp_path / "next"
    result = CliRunner().invoke(main, ["term", "new", str(folder), "--course", str(toy_course.root)])
    assert result.exit_code == 0, result.output
    new = Course(folder)
    assert new.units() == [UNIT] and not list(new.students(UNIT)) and not new.has_gradebook()
    assert new.secret() != toy_course.secret()
    assert json.loads((folder / "last-term" / "report.json").read_text())["units"][0]["scores"][0]["student"] == "ann"
    assert (folder / "last-term").stat().st_mode & 0o077 == 0
    new.release(UNIT)
    with open_gradebook(new) as gradebook:
        assert gradebook.students == []


def test_a_new_term_touches_no_folder_that_holds_something(toy_course, tmp_path):
    (tmp_path / "mine").write_text("precious")
    from backprop_autograder.classroom.term import new_term

    with pytest.raises(CourseError, match="not empty"):
        new_term(toy_course, tmp_path)


# --- what students get of a private repository --------------------------------------------------------


@pytest.mark.slow
def test_what_students_get_installs_and_checks_in_a_fresh_environment_without_an_answer(toy_course, tmp_path):
    folder, room = tmp_path / "students", tmp_path / "room"
    result = CliRunner().invoke(main, ["release", "--students", str(folder), "--course", str(toy_course.root)])
    assert result.exit_code == 0, result.output
    (wheel,) = folder.glob("*.whl")
    assert {p.name for p in folder.iterdir()} == {wheel.name, f"{UNIT}.zip", "laptop.html", "hub.html"}
    assert f"pip install {wheel.name}" in (folder / "laptop.html").read_text()
    subprocess.run([sys.executable, "-m", "venv", str(room / ".venv")], check=True)
    python = room / ".venv" / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)], check=True)
    with zipfile.ZipFile(folder / f"{UNIT}.zip") as archive:
        archive.extractall(room)
    # What the wheel depends on is taken from here: installing it takes minutes.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p.endswith("site-packages"))}
    code = (
        "import importlib.util, backprop_course\n"
        "from backprop_autograder import check\n"
        "assert importlib.util.find_spec('backprop_solutions') is None\n"
        "def double(X):\n    return 2 * X\n"
        "check(double)\n"
    )
    where = room / UNIT
    done = subprocess.run([str(python), "-c", code], cwd=where, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    command = [str(room / ".venv" / "bin" / "backprop"), "submit", "--anyway", "--student", "ann"]
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "This file is what you hand in" in done.stdout, done.stderr
