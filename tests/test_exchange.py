"""A hub's exchange carries releases out, submissions in and feedback back; grading in between is ours."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ToyCourse, submission, write_toy_course
from engine.test_rebuild import SOLVED
from nbgrader.utils import get_username

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.course import make_alembic_findable
from backprop_autograder.classroom.gradebook import open_gradebook

pytestmark = pytest.mark.slow

UNIT = "01_toy"


class Exchange:
    """A teacher's course, a student's home, and the folder between them."""

    def __init__(self, root: Path):
        make_alembic_findable()
        self.course = ToyCourse(root / "course")
        self.home = root / "home"
        self.settings = [f"--Exchange.root={root / 'exchange'}", "--course", "backprop"]
        own = {"JUPYTER_DATA_DIR": root / "data", "JUPYTER_CONFIG_DIR": root / "config"}
        tests = str(Path(__file__).parent)
        self.environment = {**os.environ, **{name: str(path) for name, path in own.items()}, "PYTHONPATH": tests}

    def nbgrader(self, where: Path, command: str) -> None:
        local = command in ("autograde", "generate_feedback")
        arguments = [command, UNIT, *(() if local else self.settings)]
        program = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(program, cwd=where, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The folder of a unit that went out, was solved, and came back: to be copied."""
    root = tmp_path_factory.mktemp("exchange")
    write_toy_course(root / "course")
    for name in ("home", "exchange"):
        (root / name).mkdir()
    (root / "exchange").chmod(0o777)
    exchange = Exchange(root)
    course, home = exchange.course, exchange.home
    course.release(UNIT)
    exchange.nbgrader(course.root, "release_assignment")
    exchange.nbgrader(home, "fetch_assignment")
    path = home / UNIT / f"{UNIT}.ipynb"
    nbformat.write(submission(nbformat.read(path, as_version=4), **SOLVED), path)
    exchange.nbgrader(home, "submit")
    exchange.nbgrader(course.root, "collect")
    return root


@pytest.fixture(scope="module", params=["backprop grade", "nbgrader autograde"])
def term(request, collected, tmp_path_factory):
    """What was collected, graded, and its feedback fetched."""
    exchange = Exchange(shutil.copytree(collected, tmp_path_factory.mktemp("term") / "root"))
    course, home = exchange.course, exchange.home
    if request.param == "backprop grade":
        grade_class(course, [UNIT], processes=1)
    else:
        exchange.nbgrader(course.root, "autograde")
    exchange.nbgrader(course.root, "generate_feedback")
    exchange.nbgrader(course.root, "release_feedback")
    exchange.nbgrader(home, "fetch_feedback")
    return exchange


def test_the_student_fetched_notebook_and_checks(term):
    assert (term.home / UNIT / "checks.json").exists()


def test_what_the_student_submitted_was_collected_with_its_time_and_graded(term):
    with open_gradebook(term.course) as gradebook:
        found = gradebook.find_submission(UNIT, get_username())
        assert found.score == 6.0
        assert found.timestamp is not None


def test_feedback_came_back_as_our_page(term):
    (page,) = (term.home / UNIT / "feedback").rglob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "6 / 8" in text and "double" in text
