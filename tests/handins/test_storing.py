"""Batches of every mix are stored whole: who is new or known, with a time or without, late or not."""

from datetime import datetime
from itertools import product

import pytest
from conftest import ToyCourse, submission, submit
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.gradebook import open_gradebook, store
from backprop_autograder.judging.grading import give_up

UNIT = "01_toy"
EARLY, LATE = "2029-12-31 12:00:00 UTC", "2030-01-02 12:00:00 UTC"
TIMES = {
    "none": (None, None),
    "empty": ("", None),
    "early": (EARLY, datetime(2029, 12, 31, 12)),
    "late": (LATE, datetime(2030, 1, 2, 12)),
    "nonsense": ("yesterday evening", None),
    "beyond": ("9999-12-31 23:59:59 -1200", None),
    "dos": (f"\ufeff{EARLY}\r\n", datetime(2029, 12, 31, 12)),
}


@pytest.fixture
def course(toy_course):
    with (toy_course.root / "nbgrader_config.py").open("a") as config:
        config.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    course = ToyCourse(toy_course.root)
    course.release(UNIT)
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2030-01-01 12:00:00 UTC")
    return course


def hand_in(course, student, when, content=b"{"):
    folder = submit(course, student, content).parent
    if when is not None:
        (folder / "timestamp.txt").write_text(when, encoding="utf-8")


def times(course):
    with open_gradebook(course) as gradebook:
        return {s.student.id: s.timestamp for s in gradebook.find_assignment(UNIT).submissions}


def results(course, students):
    assignment = course.assignment(UNIT)
    return [give_up(assignment, student, b"{", "this is a test") for student in students]


@pytest.mark.parametrize("first", TIMES)
def test_a_batch_keeps_every_time_whatever_stands_in_its_first_row(course, first):
    names = [first, *(name for name in TIMES if name != first)]
    for name in names:
        hand_in(course, name, TIMES[name][0])
    with open_gradebook(course) as gradebook:
        store(course, gradebook, results(course, names))
    assert times(course) == {name: TIMES[name][1] for name in names}


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_a_second_batch_changes_the_times_that_it_has_and_no_others(course, known):
    pairs = list(product(("none", "early", "late", "nonsense"), repeat=2))
    students = {f"{one}-{two}": (one, two) for one, two in pairs}
    if known:
        with open_gradebook(course) as gradebook:
            for student in students:
                gradebook.add_student(student)
    for which in (0, 1):
        for student, names in students.items():
            hand_in(course, student, TIMES[names[which]][0])
        with open_gradebook(course) as gradebook:
            store(course, gradebook, results(course, students))
    # A file that holds no time replaces none: what was known of the student's time stays.
    expected = {s: TIMES[two][1] or (TIMES[one][1]) for s, (one, two) in students.items()}
    assert times(course) == expected


def test_a_time_that_cannot_be_read_gets_a_line_that_names_the_student(course, caplog):
    hand_in(course, "ann", "yesterday evening")
    with open_gradebook(course) as gradebook:
        store(course, gradebook, results(course, ["ann"]))
    (line,) = [record.getMessage() for record in caplog.records if "timestamp" in record.getMessage()]
    assert line.startswith("ann, 01_toy: timestamp.txt holds no time (b'yesterday evening')")


def graded_by(course, way):
    if way == "dask":
        cluster = pytest.importorskip("backprop_autograder.classroom.cluster")
        with cluster.connect(workers=1) as client:
            grade_class(course, [UNIT], client=client)
    else:
        grade_class(course, [UNIT], processes=way)


@pytest.mark.parametrize(
    "way", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param("dask", marks=pytest.mark.slow)]
)
def test_a_class_with_and_without_times_keeps_points_times_and_penalties(course, way):
    solved = submission(course.assignment(UNIT).released, **SOLVED)
    for name, (when, _) in TIMES.items():
        hand_in(course, name, when, b"{" if name == "empty" else nbformat_bytes(solved))
    graded_by(course, way)
    with open_gradebook(course) as gradebook:
        entries = {s.student.id: s for s in gradebook.find_assignment(UNIT).submissions}
        scores = {name: (e.score, e.timestamp, e.late_submission_penalty) for name, e in entries.items()}
    full = {name: (0.0 if name == "empty" else 6.0) for name in TIMES}
    assert scores == {name: (full[name], when, 6.0 if name == "late" else 0.0) for name, (_, when) in TIMES.items()}


def nbformat_bytes(notebook):
    import nbformat

    return nbformat.writes(notebook).encode()
