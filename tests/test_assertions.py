"""Courses as nbgrader knows them: assertions, hidden tests, mark schemes and tasks are released and graded alike."""

import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
import nbgrader
import pytest
from click.testing import CliRunner
from conftest import CONFIG, isolated, nbgrader_cell, submission, submit, toy_source
from engine.test_rebuild import SOLVED
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from nbgrader.utils import is_solution

from backprop_autograder.authoring.sync import normal_form
from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.course import Course, CourseError, make_alembic_findable
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.cli import main
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.plain import ReleaseError, earned
from backprop_autograder.judging.release import release_form

UNIT = "01_toy"
EXAMPLE = Path(nbgrader.__file__).parent / "docs/source/user_guide/source/ps1"
HIDDEN = """assert double(2) == 4, "twice two"
### BEGIN HIDDEN TESTS
assert double(50) == 100, "the secret fifty"
### END HIDDEN TESTS"""
TASK = "Draw it.\n\n=== BEGIN MARK SCHEME ===\n1 for the axes\n=== END MARK SCHEME ==="


def task_cell(grade_id: str, points: float):
    cell = nbgrader_cell("locked", grade_id, TASK, points, cell_type="markdown")
    cell.metadata["nbgrader"]["task"] = True
    return cell


@pytest.fixture
def course(toy_course):
    """The toy course, with a test cell of assertions, hidden ones among them, and a task."""
    source = toy_source()
    source.cells += [nbgrader_cell("test", "assert_double", HIDDEN, 4), task_cell("draw", 5)]
    nbformat.write(source, toy_course.source(UNIT) / f"{UNIT}.ipynb")
    return toy_course


def verdict(course, **solutions):
    """Return the verdict on the assertions."""
    assignment = course.assignment(UNIT)
    content = nbformat.writes(submission(assignment.released, **SOLVED | solutions)).encode()
    return next(v for v in grade(assignment, "ann", content).verdicts if v.grade_id == "assert_double")


def test_students_see_neither_hidden_tests_nor_mark_schemes(course):
    text = (course.release(UNIT) / f"{UNIT}.ipynb").read_text()
    assert "twice two" in text and "Draw it." in text
    assert not any(secret in text for secret in ("secret fifty", "HIDDEN TESTS", "MARK SCHEME", "for the axes"))
    assert nbformat.reads(text, as_version=4) == course.assignment(UNIT).released


def test_assertions_pass_all_or_nothing_and_are_marked_as_not_protected(course):
    passed = verdict(course)
    assert (passed.status, passed.points, passed.protected) == ("passed", 4.0, False)
    assert "not protected" in passed.message


def test_a_failed_assertion_that_students_can_see_is_quoted(course):
    failed = verdict(course, double="def double(X):\n    return 0 * X")
    assert (failed.status, failed.points) == ("wrong", 0.0)
    assert "AssertionError: twice two" in failed.summary


def test_a_hidden_assertion_counts_and_its_words_stay_hidden(course):
    failed = verdict(course, double="def double(X):\n    return 2 * X if X is 2 else 0 * X")
    assert (failed.status, failed.points) == ("wrong", 0.0)
    assert "A test that is not shown did not pass" in failed.summary and "fifty" not in failed.message


def test_an_exercise_left_open_is_unsolved_for_its_assertions_too(course):
    assert verdict(course, double='def double(X):\n    raise NotImplementedError("double")').status == "unsolved"


def test_assertions_that_end_the_process_get_no_verdict_and_the_next_test_cell_one(course):
    lost = verdict(
        course, double="def double(X):\n    import os\n    os._exit(1) if X is 2 else None\n    return 2 * X"
    )
    assert (lost.status, lost.points) == ("lost", 0.0)


@pytest.mark.parametrize(
    ("outputs", "points"),
    [
        ([], 2.0),
        ([{"output_type": "stream", "name": "stdout", "text": "x"}], 2.0),
        ([{"output_type": "stream", "name": "stderr", "text": "RuntimeWarning"}], 0.0),
        ([{"output_type": "error", "ename": "AssertionError", "evalue": ""}], 0.0),
        ([{"output_type": "execute_result", "data": {"text/plain": "0.5"}}], 0.5),
        ([{"output_type": "execute_result", "data": {"text/plain": "'words'"}}], 2.0),
    ],
)
def test_points_of_a_cell_are_those_of_nbgraders_rule(outputs, points):
    from nbformat import from_dict
    from nbgrader.utils import determine_grade

    cell = nbgrader_cell("test", "t", "assert True", 2)
    cell.outputs = list(map(from_dict, outputs))
    assert determine_grade(cell)[0] == earned(outputs, 2.0) == points


def test_a_task_waits_for_a_grader_and_keeps_its_points_through_sync(course):
    path = course.source(UNIT) / f"{UNIT}.ipynb"
    path.write_text(normal_form(path, "toy_key"))
    course.release(UNIT)
    submit(course, "ann", submission(course.assignment(UNIT).released, **SOLVED))
    grade_class(course, [UNIT], processes=1)
    with open_gradebook(course) as gradebook:
        task = gradebook.find_grade("draw", UNIT, UNIT, "ann")
        assert (task.max_score, task.auto_score, task.needs_manual_grade) == (5.0, None, True)
        assert gradebook.find_submission(UNIT, "ann").score == 10.0


def test_a_hidden_region_without_its_end_is_one_line(course):
    source = toy_source()
    source.cells.append(nbgrader_cell("test", "t", "assert 1\n### BEGIN HIDDEN TESTS", 1))
    with pytest.raises(ReleaseError, match="t: a line BEGIN HIDDEN TESTS has no END HIDDEN TESTS"):
        release_form(source)


def test_a_region_in_a_cell_that_is_not_made_for_it_is_one_line():
    source = toy_source()
    source.cells.append(nbgrader_cell("locked", "given", "### BEGIN SOLUTION\n1\n### END SOLUTION"))
    with pytest.raises(ReleaseError, match="given: a line BEGIN SOLUTION stands in a cell that is not made for it"):
        release_form(source)


@pytest.mark.parametrize("name", ["problem1", "problem2", "the toy unit"])
def test_released_cells_are_those_of_nbgraders_preprocessors(name):
    source = toy_source()
    source.cells += [nbgrader_cell("test", "assert_double", HIDDEN, 4), task_cell("draw", 5)]
    if name != "the toy unit":
        source = nbformat.read(EXAMPLE / f"{name}.ipynb", as_version=4)
    expected, resources = deepcopy(source), {}
    steps = (LockCells(), ClearSolutions(), ClearOutput(), ClearHiddenTests(), ClearMarkScheme(), ComputeChecksums())
    for step in steps:
        expected, resources = step.preprocess(expected, resources)
    for ours, theirs in zip(release_form(source).cells, expected.cells, strict=True):
        for cell in (ours, theirs) if is_solution(theirs) else ():  # our stubs name the exercise
            del cell["source"], cell.metadata.nbgrader["checksum"]
        assert ours == theirs


def test_a_check_of_what_the_answer_key_does_not_know_is_refused_before_anything_is_released(course):
    source = toy_source()
    source.cells.append(nbgrader_cell("test", "test_triple", "check(triple)", 1))
    nbformat.write(source, course.source(UNIT) / f"{UNIT}.ipynb")
    with pytest.raises(CourseError, match=r"does not know what is asked in test_triple"):
        course.release(UNIT)
    assert not (course.root / "release").exists()


# --- nbgrader's own example course --------------------------------------------------------------------

SQUARES = "[i * i for i in range(1, n + 1)]"
ANSWERS = {
    "right": {
        "squares": f"def squares(n):\n    if n < 1:\n        raise ValueError\n    return {SQUARES}",
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))",
        "sum_of_squares_equation": "$\\sum i^2$",
    },
    "own sum": {
        "squares": "def squares(n):\n    return [i * i for i in range(1, n + 1)]",
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(i * i for i in range(1, n + 1))",
        "sum_of_squares_application": "print(sum_of_squares(3))",
    },
    "warns": {"squares": f"import sys\ndef squares(n):\n    print('hm', file=sys.stderr)\n    return {SQUARES}"},
    "untouched": {},
}


def stock(root: Path, *arguments: str) -> None:
    make_alembic_findable()
    subprocess.run([sys.executable, "-m", "nbgrader", *arguments], cwd=root, check=True, capture_output=True)


def grades(course: Course, unit: str) -> dict:
    """Return automatic score, points and need of a grader, by student and cell."""
    with open_gradebook(course) as gradebook:
        return {
            (s.student.id, g.name): (g.auto_score, g.max_score, g.needs_manual_grade)
            for s in gradebook.assignment_submissions(unit)
            for n in s.notebooks
            for g in n.grades
        }


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["problem1", "problem2"])
def test_nbgraders_example_course_gets_the_scores_of_stock_nbgrader(tmp_path, unit):
    theirs, ours = tmp_path / "stock", tmp_path / "ours"
    for root in (theirs, ours):
        (root / "source" / unit).mkdir(parents=True)
        for name in (f"{unit}.ipynb", "jupyter.png"):
            shutil.copy(EXAMPLE / name, root / "source" / unit)
    (theirs / "nbgrader_config.py").write_text("c = get_config()\n")
    config = CONFIG.read_text().replace('"backprop_solutions"', '"toy_key"')
    (ours / "nbgrader_config.py").write_text(f"{config}c.Judging.sandbox = {isolated()}\n")
    stock(theirs, "generate_assignment", unit)
    for command in ("sync", "release"):
        done = CliRunner().invoke(main, [command, "--course", str(ours)])
        assert done.exit_code == 0, done.output
    for root in (theirs, ours):
        released = nbformat.read(root / "release" / unit / f"{unit}.ipynb", as_version=4)
        for student, answers in ANSWERS.items():
            notebook = nbformat.from_dict(released)
            for cell in notebook.cells:
                cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
            submit(Course(root), student, notebook, unit)
    stock(theirs, "autograde", unit)
    done = CliRunner().invoke(main, ["grade", "--jobs", "1", "--course", str(ours)])
    assert done.exit_code == 0, done.output
    assert grades(Course(ours), unit) == grades(Course(theirs), unit) != {}
