"""A term with surprises: at each step status names what is stale, one command mends it, and all totals agree."""

import csv
import io
import json
import random
import re

import nbformat
import pytest
from conftest import nbgrader_cell, submission, submit, toy_source, write_toy_course
from engine.test_rebuild import SOLVED
from test_status import UNIT, backprop, todo

from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.export import Grade
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.pages.review import Review
from backprop_autograder.pages.rubric import Item

pytestmark = pytest.mark.slow

ODD = ["o'neill", "d.ng", "x@uni.example", "a-b", "UPPER", "müller", "李伟", "s 1"]
STUDENTS = [*ODD, *(f"s{k:02d}" for k in range(40 - len(ODD)))]
LATE = {"s05", "s06", "s07"}  # by one day


def commands(course: Course) -> list[str]:
    return [line.partition("Next: ")[2] for line in todo(course)]


def totals(course: Course) -> dict[str, float]:
    with open_gradebook(course) as gradebook:
        return {student: round(Grade.of(gradebook, UNIT, student).score, 2) for student in STUDENTS}


def assert_everything_agrees(course: Course) -> None:
    """The gradebook, the pages, the report and three exports say the same."""
    backprop(course, "feedback")
    expected = totals(course)
    for shape, who in (("canvas", "SIS Login ID"), ("moodle", "Username"), ("nbgrader", "student_id")):
        rows = csv.DictReader(io.StringIO(backprop(course, "export", "--format", shape).partition("\n\n")[0]))
        column = "score" if shape == "nbgrader" else UNIT
        exported = {row[who]: row for row in rows if row.get(who)}
        assert {s: round(float(exported[s][column]), 2) for s in STUDENTS} == expected, shape
    path = course.root / "report.json"
    backprop(course, "report", "--output", path)
    (unit,) = json.loads(path.read_text())["units"]
    assert {one["student"]: round(one["points"], 2) for one in unit["scores"]} == expected
    for student in STUDENTS:
        page = (course.root / "feedback" / student / UNIT / f"{UNIT}.html").read_text(encoding="utf-8")
        shown = re.search(r'class="score total">([\d.]+) /', page)[1]
        assert float(shown) == expected[student], student
    assert not any("feedback" in line for line in todo(course))


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    course = write_toy_course(tmp_path_factory.mktemp("term") / "course")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('c.AssignLatePenalties.plugin_class = "backprop_autograder.classroom.late.PercentPerDay"\n')
    roster = course.root / "roster.csv"
    roster.write_text("id,first_name,last_name\n" + "".join(f'"{s}",First,Last{k}\n' for k, s in enumerate(STUDENTS)))
    backprop(course, "roster", "import", roster)
    backprop(course, "release")
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2030-01-10 12:00 UTC")
    hand_in(course)
    return course


def hand_in(course: Course) -> None:
    """Hand in by three ways: what nbgrader collected, a folder of notebooks, and one of a student's zips."""
    rng, inbox = random.Random(1), course.root.parent / "inbox"
    released = course.assignment(UNIT).released
    for k, student in enumerate(STUDENTS):
        sources = SOLVED if rng.random() < 0.6 else {"double": SOLVED["double"]}
        notebook = submission(released, **sources, written_why=f"Answer {k}.")
        when = "2030-01-11 11:00:00 UTC" if student in LATE else "2030-01-09 11:00:00 UTC"
        if k % 3 or student in LATE:
            (submit(course, student, notebook).parent / "timestamp.txt").write_text(when)
        else:
            folder = inbox / student
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / f"{UNIT}.ipynb")
    backprop(course, "grade", "--submissions", inbox, "--jobs", "2")
    for student in STUDENTS:  # the folder's files are of now: long before 2030
        assert course.is_graded(UNIT, student)


def test_a_term_is_kept_in_step(term):
    course = term
    assert commands(course) == [f"backprop review {UNIT} written_why, or formgrader", f"backprop feedback {UNIT}"]
    # Written answers, with a rubric.
    review = Review(course, UNIT, "written_why")
    review.put_item(Item("says why", 1.0))
    for one in review.state()["answers"]:
        review.save(one["key"], 1.0, "says why", one["seen"])
    assert commands(course) == [f"backprop feedback {UNIT}"]
    assert_everything_agrees(course)

    # Two extensions; a due date that moves after grading.
    before = totals(course)
    for student in ("s05", "s06"):
        backprop(course, "extend", student, UNIT, "2d")
    (line,) = todo(course)
    assert "for 2 (s05, s06)" in line
    assert_everything_agrees(course)
    assert totals(course)["s05"] > before["s05"] and totals(course)["s07"] == before["s07"]
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2030-01-12 12:00 UTC")
    (line,) = todo(course)
    assert "for 1 (s07)" in line
    assert_everything_agrees(course)

    # Yesterday's gradebook.
    backup = (course.root / "gradebook.db").read_bytes()
    changed = submission(course.assignment(UNIT).released, written_why="Answer 9.")
    (submit(course, "s09", changed).parent / "timestamp.txt").write_text("2030-01-09 12:00:00 UTC")
    backprop(course, "grade", "--jobs", "2")
    (course.root / "gradebook.db").write_bytes(backup)
    assert any("1 verdicts are not in the gradebook" in line and "(s09)" in line for line in todo(course))
    backprop(course, "grade", "--jobs", "2")
    assert_everything_agrees(course)

    # A test cell is added after everybody has handed in.
    source = toy_source()
    source.cells.append(nbgrader_cell("test", "assert_double", "assert double(3) == 6", 2))
    nbformat.write(source, course.source(UNIT) / f"{UNIT}.ipynb")
    assert f"backprop release {UNIT}" in commands(course)
    backprop(course, "release")
    assert f"backprop grade {UNIT} --changed" in commands(course)
    before = totals(course)
    backprop(course, "grade", "--changed", "--jobs", "2")
    after = totals(course)
    assert {student: after[student] - before[student] for student in STUDENTS if student != "s09"} == {
        student: 2.0 for student in STUDENTS if student != "s09"
    }
    assert_everything_agrees(course)

    # An item of the rubric is worth more.
    assert len(review.put_item(Item("says why, in full", 2.0), old="says why")) == len(STUDENTS)
    assert any(f"outdated for {len(STUDENTS)}" in line for line in todo(course))
    assert_everything_agrees(course)
