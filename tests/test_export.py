"""Grades arrive where they are wanted: every cell quoted, no name a formula, the same totals everywhere."""

import csv
import io
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest
from click.testing import CliRunner
from conftest import write_toy_course
from nbgrader.api import Gradebook

from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.export import NBGRADER, number, plain
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.late import PercentPerDay
from backprop_autograder.cli import main

UNIT = "01_toy"
HOUR = 3600
STUDENTS = {
    "ann": {"first_name": "Ann", "last_name": "Ng, the elder", "email": "ann@example.org", "lms_user_id": "4711"},
    "bob": {"first_name": '=HYPERLINK("http://example.org")', "last_name": "+1", "email": "@bob"},
    "eve": {"first_name": "Ève", "last_name": 'O"Neill\nJr'},
}


def give(gradebook: Gradebook, student: str, points: dict[str, float], *, late: bool = False) -> None:
    submission = gradebook.update_or_create_submission(UNIT, student, timestamp="2030-01-01 12:00:00 UTC")
    (entry,) = submission.notebooks
    for grade in entry.grades:
        grade.auto_score, grade.needs_manual_grade = points.get(grade.name), False
    submission.extension = None if late else timedelta(days=1)
    gradebook.db.commit()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A gradebook in which Ann was late, Bob was not, and Eve handed in nothing."""
    course = write_toy_course(tmp_path_factory.mktemp("export") / "course")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('c.AssignLatePenalties.plugin_class = "backprop_autograder.classroom.late.PercentPerDay"\n')
    course.release(UNIT)
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2030-01-01 10:00:00 UTC")
        for student, names in STUDENTS.items():
            gradebook.update_or_create_student(student, **names)
        give(gradebook, "ann", {"test_double": 2, "test_row_means": 3}, late=True)
        give(gradebook, "bob", {"test_double": 2, "written_why": 1.25})
    return course


def export(course: Course, shape: str) -> list[list[str]]:
    result = CliRunner().invoke(main, ["export", "--format", shape, "--course", str(course.root)])
    assert result.exit_code == 0, result.output
    return list(csv.reader(io.StringIO(result.stdout)))


def test_canvas_finds_its_columns_students_and_points_possible(course):
    heading, possible, *rows = export(course, "canvas")
    # What Canvas's importer looks for: "Student" and "ID" first, SIS columns, "Section" last before the units.
    assert heading == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", UNIT]
    assert possible == ["    Points Possible", "", "", "", "", "8"]
    assert [(row[0], row[1], row[3], row[5]) for row in rows] == [
        ("Ann Ng, the elder", "4711", "ann", "4.5"),
        ('\'=HYPERLINK("http://example.org") +1', "", "bob", "3.25"),
        ('Ève O"Neill\nJr', "", "eve", ""),
    ]


def test_moodle_gets_a_user_name_and_a_hyphen_for_no_grade(course):
    heading, *rows = export(course, "moodle")
    assert heading == ["Username", "First name", "Last name", "Email address", UNIT]
    assert [(row[0], row[4]) for row in rows] == [("ann", "4.5"), ("bob", "3.25"), ("eve", "-")]


def test_nbgraders_shape_has_its_columns_and_penalties(course):
    heading, *rows = export(course, "nbgrader")
    assert tuple(heading) == NBGRADER
    ann = dict(zip(heading, rows[0], strict=True))
    assert (ann["raw_score"], ann["late_submission_penalty"], ann["score"], ann["max_score"]) == (
        "5.0",
        "0.5",
        "4.5",
        "8.0",
    )
    assert dict(zip(heading, rows[2], strict=True))["score"] == "0.0"


@pytest.mark.parametrize("shape", ["canvas", "moodle", "nbgrader"])
def test_no_cell_is_a_formula_and_every_cell_is_quoted(course, shape):
    rows = export(course, shape)
    cells = [cell for row in rows for cell in row if cell != "-"]
    assert not [cell for cell in cells if cell.strip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))]
    text = CliRunner().invoke(main, ["export", "--format", shape, "--course", str(course.root)]).stdout
    assert text.count('","') >= sum(len(row) - 1 for row in rows)


def test_a_file_is_utf_8_and_the_program_says_what_it_wrote(course, tmp_path):
    path = tmp_path / "grades.csv"
    done = CliRunner().invoke(
        main, ["export", "toy", "--format", "moodle", "--output", str(path), "--course", str(course.root)]
    )
    assert "3 students, 1 units" in done.output
    assert "Ève" in path.read_bytes().decode("utf-8")


def test_scores_that_may_still_rise_are_announced(course):
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade("written_why", UNIT, UNIT, "ann")
        grade.needs_manual_grade = True
        gradebook.db.commit()
        try:
            done = CliRunner().invoke(main, ["export", "--course", str(course.root)])
        finally:
            grade.needs_manual_grade = False
            gradebook.db.commit()
    assert "1 submissions still wait" in done.stderr
    assert "wait" not in done.stdout


@pytest.mark.slow
def test_nbgrader_export_writes_the_same_quoted_rows(course):
    command = [sys.executable, "-m", "nbgrader", "export", "--student", '["ann", "bob"]']
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with (course.root / "grades.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == export(course, "nbgrader")[:3]


@pytest.mark.slow
def test_nbgrader_export_knows_a_due_date_that_has_moved(course, tmp_path):
    shutil.copytree(course.root, tmp_path / "course")
    moved = Course(tmp_path / "course")
    with open_gradebook(moved) as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2030-01-02 10:00:00 UTC")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export"], cwd=moved.root, capture_output=True, check=False
    )
    assert done.returncode == 0
    with (moved.root / "grades.csv").open(encoding="utf-8", newline="") as file:
        ann = next(row for row in csv.DictReader(file) if row["student_id"] == "ann")
    assert (float(ann["late_submission_penalty"]), float(ann["score"])) == (0.0, 5.0)


@pytest.mark.parametrize(
    ("text", "cell"), [(None, ""), ("Ann", "Ann"), ("=1+1", "'=1+1"), (" =1", "' =1"), ("@a", "'@a"), ("-", "'-")]
)
def test_what_would_be_a_formula_becomes_text(text, cell):
    assert plain(text) == cell


@pytest.mark.parametrize(("value", "cell"), [(3.0, "3"), (2.5, "2.5"), (1 / 3, "0.33"), (12345.67, "12345.67")])
def test_scores_have_at_most_two_decimals(value, cell):
    assert number(value) == cell


# --- Late work


@pytest.mark.parametrize(
    ("hours", "penalty"), [(0.2, 0.0), (0.3, 1.0), (24.2, 1.0), (24.3, 2.0), (100, 5.0), (10_000, 5.0)]
)
def test_each_day_begun_costs_a_tenth_up_to_a_half(hours, penalty):
    assert PercentPerDay().late_submission_penalty("ann", 10.0, hours * HOUR) == penalty


def test_the_example_of_the_configuration_works_when_its_comment_signs_go(tmp_path):
    from nbgrader.preprocessors import AssignLatePenalties

    course = write_toy_course(tmp_path / "course")
    path = course.root / "nbgrader_config.py"
    for line in ("c.AssignLatePenalties.plugin_class", "c.PercentPerDay."):
        assert f"# {line}" in path.read_text()
        path.write_text(path.read_text().replace(f"# {line}", line))
    assigner = AssignLatePenalties(config=Course(course.root).config)
    assigner.init_plugin()
    assert assigner.plugin_inst.late_submission_penalty("ann", 10.0, 48 * HOUR) == 2.0
