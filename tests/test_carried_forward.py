"""Whoever reads about a score sees what was right with the course's function in place of a failed one."""

import csv
import io
import re

import pytest
from click.testing import CliRunner
from conftest import submission, submit, write_toy_course
from engine.test_rebuild import SOLVED
from test_nbgrader import RELIES

from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.cli import main
from backprop_autograder.pages.explain import explain_score
from backprop_autograder.pages.report import as_csv, as_html, as_json, report

UNIT = "01_toy"
WORDS = "ight with the course's double; yours fails."


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which one relies on a failed exercise, graded by `backprop grade`."""
    course = write_toy_course(tmp_path_factory.mktemp("carried") / "course")
    course.release(UNIT)
    released = course.assignment(UNIT).released
    submit(course, "ann", submission(released, **RELIES))
    submit(course, "ben", submission(released, **SOLVED))
    done = CliRunner().invoke(main, ["grade", UNIT, "--course", str(course.root)])
    assert done.exit_code == 0, done.output
    course.generate_feedback(UNIT)
    return course


def test_the_gradebook_and_the_export_have_its_points(course):
    with open_gradebook(course) as gradebook:
        grades = gradebook.find_submission_notebook(UNIT, UNIT, "ann").grades
        assert {grade.name: grade.score for grade in grades if grade.score} == {"test_row_means": 3.0}
    done = CliRunner().invoke(main, ["export", "--format", "nbgrader", "--course", str(course.root)])
    rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(io.StringIO(done.stdout))}
    assert rows == {"ann": 3.0, "ben": 6.0}


def test_the_feedback_says_so_beside_the_passed_test(course):
    page = (course.root / "feedback" / "ann" / UNIT / f"{UNIT}.html").read_text(encoding="utf-8")
    assert re.search(r"passed</td><td[^>]*>3 / 3</td><td[^>]*>R" + WORDS.replace("'", "(&#39;|')"), page)


def test_explain_says_so_in_its_row(course):
    text = explain_score(course, "ann", UNIT)
    assert re.search(rf"^test_row_means +3 / 3 +passed +r{re.escape(WORDS)}$", text, re.MULTILINE)


def test_the_graded_notebook_says_so_below_the_test(course):
    assert "r" + WORDS in (course.autograded(UNIT, "ann") / f"{UNIT}.ipynb").read_text(encoding="utf-8")


def test_the_report_names_both_exercises_and_who_it_is(course):
    (found,) = report(course, [UNIT])
    ((carried),) = found.carried
    assert (carried.exercise, carried.instead, carried.students) == ("row_means", ("double",), ("ann",))
    assert "Right with the course's function" in as_html([found])
    assert '"instead": [' in as_json([found])
    assert f"{UNIT},carried forward,row_means,,double,who,ann" in as_csv([found])


def test_a_class_in_which_it_happens_to_nobody_reads_nothing_of_it(course):
    (found,) = report(course, [UNIT])
    assert "Right with the course" not in as_html([type(found)(**{**vars(found), "carried": ()})])
