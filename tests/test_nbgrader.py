"""The loop on real nbgrader: release, submit, autograde, feedback, export; and the same scores from ours."""

import csv
import json
import subprocess
import sys
import tracemalloc

import nbformat
import pytest
from conftest import SQLITE, submission, submit, write_toy_course
from engine.test_rebuild import DAMAGES, SOLVED

from backprop_autograder.classroom import gradebook
from backprop_autograder.classroom.batch import grade_class, pending
from backprop_autograder.classroom.course import Course, make_alembic_findable
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.judging.release import release_files

UNIT = "01_toy"
CORRUPT = b'{"cells": ['
RELIES = {
    "double": "def double(X):\n    return X",
    "row_means": "def row_means(X):\n    return double(X).mean(axis=1) / 2",
}


def nbgrader(course: Course, *arguments: str) -> subprocess.CompletedProcess:
    """Call the program as an instructor would, in the course directory."""
    make_alembic_findable()
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)


def scores(course: Course) -> dict[str, tuple[float, bool]]:
    """Return score and need of manual grading by student, from the gradebook."""
    with open_gradebook(course) as gradebook:
        assignment = gradebook.find_assignment(UNIT)
        return {s.student.id: (s.score, s.needs_manual_grade) for s in assignment.submissions}


def damaged_by(damage, released):
    notebook = submission(released, **SOLVED)
    damage(notebook)
    return json.dumps(notebook).encode()


def hand_in_everything(course: Course) -> dict[str, float]:
    """Submit good and damaged notebooks; return the scores they should get."""
    released = course.assignment(UNIT).released
    submit(course, "solved", submission(released, **SOLVED, written_why="Two is company."))
    submit(course, "untouched", released)
    submit(course, "half", submission(released, double=SOLVED["double"]))
    submit(course, "corrupt", CORRUPT)
    submit(course, "relies", submission(released, **RELIES))  # on an exercise of its own that fails
    expected = {"solved": 6.0, "untouched": 0.0, "half": 3.0, "corrupt": 0.0, "relies": 3.0}
    for damage in DAMAGES:
        submit(course, damage.__name__, damaged_by(damage, released))
        expected[damage.__name__] = 6.0
    return expected


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class graded by ``nbgrader autograde``, and what each should have got."""
    course = write_toy_course(tmp_path_factory.mktemp("stock") / "course")
    done = nbgrader(course, "generate_assignment", UNIT, "--force")
    assert done.returncode == 0, done.stderr
    expected = hand_in_everything(course)
    done = nbgrader(course, "autograde", UNIT)
    assert done.returncode == 0, done.stderr
    return course, expected


@pytest.mark.slow
def test_autograde_gives_everybody_the_right_score_and_stops_for_nobody(graded):
    course, expected = graded
    assert {student: score for student, (score, _) in scores(course).items()} == expected


@pytest.mark.slow
def test_written_answers_wait_for_a_human_only_if_there_is_one(graded):
    course, _ = graded
    waiting = {student for student, (_, by_hand) in scores(course).items() if by_hand}
    assert "solved" in waiting
    assert not waiting & {"untouched", "corrupt", "half", "relies"}


@pytest.mark.slow
def test_feedback_is_written_for_each_and_export_reads_the_gradebook(graded):
    course, expected = graded
    done = nbgrader(course, "generate_feedback", UNIT)
    assert done.returncode == 0, done.stderr
    assert len(list(course.root.glob(f"feedback/*/{UNIT}/{UNIT}.html"))) == len(expected)
    done = nbgrader(course, "export")
    assert done.returncode == 0, done.stderr
    rows = csv.DictReader((course.root / "grades.csv").read_text().splitlines())
    assert {row["student_id"]: float(row["score"]) for row in rows} == expected


@pytest.mark.slow
def test_our_batch_gives_the_same_scores_notebooks_and_records_as_autograde(graded, tmp_path):
    theirs, expected = graded
    ours = write_toy_course(tmp_path / "course")
    ours.release(UNIT)
    (ours.root / "judge.secret").write_text((theirs.root / "judge.secret").read_text())
    hand_in_everything(ours)
    grade_class(ours, [UNIT])
    assert scores(ours) == scores(theirs)
    for student in expected:
        assert ours.verdict_path(UNIT, student).read_bytes() == theirs.verdict_path(UNIT, student).read_bytes()
        notebooks = (c.autograded(UNIT, student) / f"{UNIT}.ipynb" for c in (ours, theirs))
        one, two = (nbformat.read(path, as_version=4) for path in notebooks)
        assert one.cells == two.cells


@pytest.mark.slow
def test_files_that_a_submission_brings_along_do_not_stay(graded):
    course, _ = graded
    secret = course.root / "judge.secret"
    folder = course.root / "submitted" / "solved" / UNIT
    (folder / "numpy.py").write_text("raise SystemExit")
    (folder / "link.txt").symlink_to(secret)
    done = nbgrader(course, "autograde", UNIT, "--student", "solved", "--force")
    assert done.returncode == 0, done.stderr
    assert {p.name for p in course.autograded(UNIT, "solved").iterdir()} == {f"{UNIT}.ipynb"}
    assert scores(course)["solved"][0] == 6.0


def test_a_missing_or_renamed_notebook_gets_a_verdict_from_the_batch(released):
    notebook = submission(released.assignment(UNIT).released, **SOLVED)
    submit(released, "renamed", notebook).rename(released.root / "submitted" / "renamed" / UNIT / "copy (1).ipynb")
    submit(released, "missing", CORRUPT).unlink()
    grade_class(released, [UNIT], processes=1)
    assert scores(released) == {"renamed": (6.0, False), "missing": (0.0, False)}


def test_a_failed_regrade_leaves_no_stale_score(released):
    submit(released, "ann", submission(released.assignment(UNIT).released, **SOLVED))
    grade_class(released, [UNIT], processes=1)
    assert scores(released)["ann"][0] == 6.0
    submit(released, "ann", CORRUPT)
    grade_class(released, [UNIT], processes=1)
    assert scores(released)["ann"][0] == 0.0


def test_a_class_need_not_fit_into_memory(toy_course):
    # Read once for what was graded already, again when it is sent out; in between nothing is kept.
    size = 8 << 20
    for k in range(5):
        submit(toy_course, f"s{k}", b"x" * size)
    tracemalloc.start()
    tasks = pending(toy_course, [UNIT])
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(tasks) == 5 and len(tasks[0].submission) == size
    assert kept < size and peak < 4 * size


@pytest.mark.slow
def test_a_class_of_many_batches_is_graded_to_the_last(released, monkeypatch):
    monkeypatch.setattr(gradebook, "BATCH", 1)
    for k in range(4):
        submit(released, f"s{k}", CORRUPT)
    grade_class(released, [UNIT], processes=1)
    assert len(scores(released)) == 4


@SQLITE
def test_only_new_and_changed_submissions_are_pending(released):
    notebook = submission(released.assignment(UNIT).released, **SOLVED)
    submit(released, "ann", notebook)
    submit(released, "bob", notebook)
    grade_class(released, [UNIT], processes=2)
    assert not pending(released, [UNIT])
    submit(released, "bob", CORRUPT)
    assert [task.student for task in pending(released, [UNIT])] == ["bob"]
    assert len(pending(released, [UNIT], force=True)) == 2


def test_a_manual_score_and_comment_survive_a_regrade(released):
    submit(released, "ann", submission(released.assignment(UNIT).released, **SOLVED, written_why="Two."))
    grade_class(released, [UNIT], processes=1)
    with open_gradebook(released) as gradebook:
        grade = gradebook.find_grade("written_why", UNIT, UNIT, "ann")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.find_comment("written_why", UNIT, UNIT, "ann").manual_comment = "Nearly."
        gradebook.db.commit()
    grade_class(released, [UNIT], force=True, processes=1)
    with open_gradebook(released) as gradebook:
        assert gradebook.find_grade("written_why", UNIT, UNIT, "ann").manual_score == 1.5
        assert gradebook.find_comment("written_why", UNIT, UNIT, "ann").comment == "Nearly."
    assert scores(released)["ann"] == (7.5, False)  # the same work needs no second look


@pytest.mark.slow
def test_late_work_is_penalised_by_the_configured_plugin(released):
    with (released.root / "nbgrader_config.py").open("a") as config:
        config.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    course = Course(released.root)
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2030-01-01 12:00:00 UTC")
    notebook = submission(course.assignment(UNIT).released, **SOLVED)
    for student, when in (("early", "2029-12-31"), ("late", "2030-01-02")):
        (submit(course, student, notebook).parent / "timestamp.txt").write_text(f"{when} 12:00:00 UTC")
    grade_class(course, [UNIT], processes=1)
    with open_gradebook(course) as gradebook:
        penalties = {who: gradebook.find_submission(UNIT, who).late_submission_penalty for who in ("early", "late")}
    assert penalties == {"early": 0.0, "late": 6.0}


def test_a_gradebook_that_does_not_know_the_unit_is_reported_with_the_next_step(toy_course):
    from backprop_autograder.classroom.course import CourseError

    submit(toy_course, "ann", toy_course.assignment(UNIT).released)
    with pytest.raises(CourseError, match="backprop release 01_toy"):
        grade_class(toy_course, [UNIT], processes=1)


@SQLITE
def test_the_release_of_nbgrader_is_ours_to_the_byte_and_holds_no_solution(released):
    folder = released.root / "release" / UNIT
    files = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert files == release_files(released.source(UNIT), "toy_key")
    text = files[f"{UNIT}.ipynb"].decode()
    for secret in ("BEGIN SOLUTION", "return 2 * X", "Because.", '"outputs": [\n    {', "widgets", "execution"):
        assert secret not in text.replace('"execution_count": null', "")
    assert 'raise NotImplementedError(\\"double\\")' in text


@SQLITE
@pytest.mark.slow
def test_validate_works_on_a_release_and_fails_where_check_does(released):
    folder = released.root / "release" / UNIT
    path = folder / f"{UNIT}.ipynb"
    done = nbgrader(released, "validate", str(path))
    assert "double is not implemented yet" in done.stdout
    solved = submission(nbformat.read(path, as_version=4), **SOLVED, written_why="Two is company.")
    nbformat.write(solved, path)
    assert "Success" in nbgrader(released, "validate", str(path)).stdout
