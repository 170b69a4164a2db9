"""After `backprop grade`, nbgrader's own commands work for everybody, and come to the same result."""

import pytest
from conftest import ToyCourse, submission, submit, write_toy_course
from engine.test_rebuild import SOLVED
from test_nbgrader import UNIT, nbgrader, scores

from backprop_autograder.classroom.batch import grade_class

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class, graded, in which one renamed the notebook, one has two, one no readable time, and one no secret."""
    course = write_toy_course(tmp_path_factory.mktemp("roads") / "course")
    exchange = course.root / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(exchange)!r}\n")
    course = ToyCourse(course.root)
    course.release(UNIT)
    solved = submission(course.assignment(UNIT).released, **SOLVED)
    for student in ("hub", "renamed", "two", "late-text", "by-zip"):
        folder = submit(course, student, solved).parent
        if student != "by-zip":
            (folder / "submission_secret.txt").write_text(f"secret of {student}")
            (folder / "timestamp.txt").write_text("2026-01-31 12:00:00 UTC")
        if student == "renamed":
            (folder / f"{UNIT}.ipynb").rename(folder / f"{UNIT} (2).ipynb")
        if student == "two":
            (folder / "scratch.ipynb").write_text("{}")
        if student == "late-text":
            (folder / "timestamp.txt").write_text("after the deadline, sorry")
    grade_class(course, [UNIT], processes=1)
    return course


def test_autograde_with_force_gives_everybody_the_same_again(course):
    before = scores(course)
    assert set(before.values()) == {(6.0, False)}
    done = nbgrader(course, "autograde", UNIT, "--force")
    assert done.returncode == 0, done.stderr[-2000:]
    assert scores(course) == before
    for student in before:
        assert (course.autograded(UNIT, student) / f"{UNIT}.ipynb").is_file()


def test_formgraders_button_grades_a_renamed_notebook(course):
    answer = course.nbgrader().autograde(UNIT, "renamed", force=True)
    assert answer["success"], answer
    assert scores(course)["renamed"] == (6.0, False)


def test_feedback_is_generated_and_released_for_everybody(course):
    done = nbgrader(course, "generate_feedback", UNIT, "--force")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(list(course.root.glob(f"feedback/*/{UNIT}/{UNIT}.html"))) == 5
    done = nbgrader(course, "release_feedback", UNIT)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(list(course.root.glob("exchange/*/feedback/*.html"))) == 5
