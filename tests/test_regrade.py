"""Verdicts say what they rest on; a change is noticed, graded again, and shown before and after."""

import copy
import dataclasses
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import toy_key
from click.testing import CliRunner
from conftest import submission, submit, write_toy_course
from engine.test_rebuild import SOLVED

from backprop_autograder import Aspect, Case, Exercise, Misconception
from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.regrade import grade_again, outdated
from backprop_autograder.cli import main
from backprop_autograder.engine.pack import PACK_NAME
from backprop_autograder.judging.audit import fingerprint, notebook_fingerprint

UNIT = "01_toy"
COLUMNS = "def row_means(X):\n    return X.mean(axis=0)"


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def change_key(course: Course, folder: Path, file: str, old: str, new: str) -> Course:
    """Give the course another edition of the toy key, with one text replaced in one of its files."""
    name = f"toy_key_{hashlib.sha256((file + new).encode()).hexdigest()[:8]}"
    shutil.copytree(Path(toy_key.__file__).parent, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / name).rglob("*.py"):
        path.write_text(path.read_text().replace("toy_key", name))
    path = folder / name / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace('"toy_key"', f'"{name}"'))
    return Course(course.root)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Ann has everything right and a written answer graded by hand; Bob took the means of columns."""
    toy_course = write_toy_course(tmp_path_factory.mktemp("original") / "course")
    toy_course.release(UNIT)
    released = toy_course.assignment(UNIT).released
    submit(toy_course, "ann", submission(released, **SOLVED, written_why="Two is company."))
    submit(toy_course, "bob", submission(released, **{**SOLVED, "row_means": COLUMNS}))
    grade_class(toy_course, [UNIT], processes=1)
    with open_gradebook(toy_course) as gradebook:
        grade = gradebook.find_grade("written_why", UNIT, UNIT, "ann")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.find_comment("written_why", UNIT, UNIT, "ann").manual_comment = "Nearly."
        gradebook.db.commit()
    return toy_course


@pytest.fixture
def graded(original, tmp_path):
    """A copy of that course."""
    return Course(shutil.copytree(original.root, tmp_path / "course"))


@pytest.fixture
def changed(graded, tmp_path, monkeypatch):
    """The same course after its reference was changed: now the means of columns are right."""
    monkeypatch.syspath_prepend(tmp_path / "keys")
    return change_key(graded, tmp_path / "keys", "toy.py", "axis=1", "axis=0")


def scores(course: Course) -> dict[str, float]:
    with open_gradebook(course) as gradebook:
        return {s.student.id: s.score for s in gradebook.find_assignment(UNIT).submissions}


def files(course: Course) -> dict[str, bytes]:
    """Return what there is beside the gradebook and the pack, which is built anew wherever a definition has changed."""
    others = (p for p in course.root.rglob("*") if p.is_file() and p.name != PACK_NAME and "gradebook" not in p.name)
    return {str(p): p.read_bytes() for p in others}


# --- What a record says


def test_a_record_names_version_environment_definitions_and_submission(graded):
    record = graded.record(UNIT, "ann")
    submitted = graded.submission(UNIT, "ann")
    assert record["submission_sha256"] == hashlib.sha256(submitted).hexdigest()
    assert record["environment"]["numpy"] == np.__version__
    assert set(record["exercises"]) == {"double", "row_means"}
    assert record["course_version"] and record["notebook"]


def test_a_record_tells_seeds_apart_without_telling_the_seed(graded):
    ann, bob = (graded.record(UNIT, who)["seed"] for who in ("ann", "bob"))
    assert ann != bob
    text = graded.verdict_path(UNIT, "ann").read_text()
    digest = hashlib.sha256(graded.submission(UNIT, "ann")).hexdigest()
    for secret in (graded.secret(), graded.assignment(UNIT).seed("ann", digest)):
        assert secret.hex()[:16] not in text


def test_grading_again_by_force_gives_the_same_bytes(graded):
    before = files(graded)
    grade_class(graded, [UNIT], force=True, processes=1)
    assert files(graded) == before


# --- What a fingerprint notices


def helper(X):
    return 2 * X


def double(X):
    return helper(X)


def square(X):
    return X**2


def numbers(rng):
    return {"X": rng.normal(size=3)}


CASES = (Case(label="three", arguments=numbers), Case(label="hidden", arguments=numbers, visible=False))
EXERCISE = Exercise(double, [Aspect("values", CASES, "multiply.")], [Misconception(square, "Squared.", "twice?")])


def with_aspect(**changes) -> Exercise:
    return dataclasses.replace(EXERCISE, aspects=(dataclasses.replace(EXERCISE.aspects[0], **changes),))


@pytest.mark.parametrize(
    "other",
    [
        with_aspect(hint="think."),
        with_aspect(cases=CASES[:1]),
        with_aspect(cases=(CASES[0], dataclasses.replace(CASES[1], draws=2))),
        with_aspect(cases=(CASES[0], dataclasses.replace(CASES[1], allow_warnings=True))),
        dataclasses.replace(EXERCISE, misconceptions=()),
        dataclasses.replace(EXERCISE, misconceptions=(Misconception(square, "Squared!", "twice?"),)),
    ],
    ids=["hint", "fewer cases", "more draws of a hidden case", "warnings", "misconception", "words"],
)
def test_a_fingerprint_notices_what_can_change_a_verdict(other):
    assert fingerprint(other) != fingerprint(EXERCISE)


def test_a_fingerprint_notices_a_change_in_what_the_reference_calls(monkeypatch):
    before = fingerprint(EXERCISE)
    assert fingerprint(EXERCISE) == before
    monkeypatch.setitem(globals(), "helper", lambda X: 3 * X)
    assert fingerprint(EXERCISE) != before


def test_the_notebooks_fingerprint_notices_points_and_code_but_not_prose(toy_course):
    released = toy_course.assignment(UNIT).released
    prints = {notebook_fingerprint(released)}
    for name, change in (("about-double", {}), ("try-double", {}), ("test_double", {"points": 5})):
        other = copy.deepcopy(released)
        (cell,) = (c for c in other.cells if c.id == name)
        cell.source += "\n\n1 + 1"
        cell.metadata.get("nbgrader", {}).update(change)
        prints.add(notebook_fingerprint(other))
    assert len(prints) == 3  # the prose made no difference


# --- Grading again


def test_nothing_is_outdated_while_nothing_changes(graded):
    assert not outdated(graded, [UNIT])
    assert "has changed" in run("grade", "--changed", "--course", graded.root).output


def test_a_changed_exercise_is_named_and_no_other(changed):
    assert {(o.task.student, o.reasons) for o in outdated(changed, [UNIT])} == {
        ("ann", ("row_means",)),
        ("bob", ("row_means",)),
    }


def test_new_and_changed_submissions_are_not_outdated_but_ungraded(changed):
    submit(changed, "ann", b"{")
    submit(changed, "eve", b"{")
    assert [o.task.student for o in outdated(changed, [UNIT])] == ["bob"]


def test_grading_again_moves_scores_as_the_table_says_and_keeps_what_was_given_by_hand(changed):
    assert scores(changed) == {"ann": 7.5, "bob": 3.0}
    changes = grade_again(changed, outdated(changed, [UNIT]), processes=1)
    assert {c.student: (c.before, c.after) for c in changes} == {"ann": (7.5, 4.5), "bob": (3.0, 6.0)}
    assert scores(changed) == {"ann": 4.5, "bob": 6.0}
    with open_gradebook(changed) as gradebook:
        grade = gradebook.find_grade("written_why", UNIT, UNIT, "ann")
        assert (grade.manual_score, grade.needs_manual_grade) == (1.5, False)
        assert gradebook.find_comment("written_why", UNIT, UNIT, "ann").comment == "Nearly."
    assert not outdated(changed, [UNIT])


def test_a_score_given_by_hand_for_a_test_cell_stands_and_waits_for_another_look(changed):
    with open_gradebook(changed) as gradebook:
        gradebook.find_grade("test_row_means", UNIT, UNIT, "ann").manual_score = 2.0
        gradebook.db.commit()
    changes = {c.student: c for c in grade_again(changed, outdated(changed, [UNIT]), processes=1)}
    assert (changes["ann"].before, changes["ann"].after) == (6.5, 6.5)
    assert scores(changed)["ann"] == 6.5
    with open_gradebook(changed) as gradebook:
        assert gradebook.find_grade("test_row_means", UNIT, UNIT, "ann").needs_manual_grade


def test_a_dry_run_shows_the_change_and_stores_nothing(changed):
    before = files(changed)
    result = run("grade", "--changed", "--dry-run", "--jobs", 1, "--course", changed.root)
    assert result.exit_code == 0, result.output
    rows = [line.split("  ") for line in result.output.splitlines()]
    rows = [[word.strip() for word in row if word.strip()] for row in rows]
    assert ["ann", UNIT, "7.5", "4.5", "-3", "test_row_means 3 → 0"] in rows
    assert ["bob", UNIT, "3", "6", "+3", "test_row_means 0 → 3"] in rows
    assert "2 graded again: 1 rose, 1 fell, 0 as before" in result.output
    assert "Nothing was stored" in result.output
    assert files(changed) == before and scores(changed) == {"ann": 7.5, "bob": 3.0}


def test_since_version_grades_again_what_earlier_versions_graded(graded):
    version = graded.record(UNIT, "ann")["course_version"]
    assert not outdated(graded, [UNIT], since=version)
    found = outdated(graded, [UNIT], "ann", since="1000.0")
    assert [(o.task.student, o.reasons) for o in found] == [("ann", (f"version {version}",))]
    (change,) = grade_again(graded, found, processes=1)
    assert change.before == change.after == scores(graded)["ann"]


def test_a_version_that_is_none_is_reported(graded):
    with pytest.raises(CourseError, match=r"CHANGELOG\.md"):
        outdated(graded, [UNIT], since="last Tuesday")


def test_a_dry_run_of_an_ordinary_grading_is_refused(toy_course):
    result = run("grade", "--dry-run", "--course", toy_course.root)
    assert result.exit_code == 2 and "--changed" in result.output


def test_a_new_answer_in_place_of_one_graded_by_hand_waits_for_another_look(graded):
    released = graded.assignment(UNIT).released
    submit(graded, "ann", submission(released, **SOLVED, written_why="Three is a crowd."))
    grade_class(graded, [UNIT], processes=1)
    with open_gradebook(graded) as gradebook:
        assert gradebook.find_grade("written_why", UNIT, UNIT, "ann").needs_manual_grade
