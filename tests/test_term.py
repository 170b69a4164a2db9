"""A term, rehearsed: release, sixty submissions by zip, grading by judge and by hand, feedback, a change, export.

What everybody should get is worked out here from what was planted, and compared after every step with the
gradebook, the tables, the feedback and the exports.
"""

import csv
import io
import json
import re
import shlex
import shutil
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest
from browser.driver import TOKEN, free_port, serving
from click.testing import CliRunner
from conftest import write_toy_course
from test_regrade import change_key

from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.demo import ANSWERS, hand_in
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.submit import write_submission
from backprop_autograder.cli import main

pytestmark = pytest.mark.slow

UNIT = "01_toy"
STUDENTS = 60
RIGHT = {"double": 3.0, "row_means": 3.0}
SOLVED = {"perfect": RIGHT, "own ways": RIGHT, "damaged": RIGHT, "mistaken": RIGHT, "half done": {"double": 3.0}}


def backprop(course: Course, *arguments: str) -> str:
    result = CliRunner().invoke(main, [*map(str, arguments), "--course", str(course.root)])
    assert result.exit_code == 0, result.output
    return result.stdout


def earned(work) -> dict[str, float]:
    """Return the points that a submission deserves, by exercise: a planted mistake costs the exercise."""
    return {name: points * (name not in work.planted) for name, points in SOLVED.get(work.kind, {}).items()}


def earned_after(work) -> dict[str, float]:
    """Return the same after the change: now the means of columns are right, and those of rows are wrong."""
    points = earned(work)
    if "row_means" in points:
        points["row_means"] = 3.0 * (work.planted.get("row_means") == "column_means")
    return points


def scores(course: Course) -> dict[str, float]:
    with open_gradebook(course) as gradebook:
        return {s.student.id: s.score for s in gradebook.find_assignment(UNIT).submissions}


def table(output: str) -> dict[str, float]:
    """Return the scores that ``backprop grade`` shows."""
    return {who: float(score) for who, score in re.findall(r"^(s\d+) +([\d.]+) / 8", output, re.M)}


class Api:
    """Formgrader's HTTP interface, as its pages use it."""

    def __init__(self, address: str):
        self.address = f"{address}formgrader/api/"

    def __call__(self, method: str, path: str, **body):
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else b"" if method == "POST" else None
        request = urllib.request.Request(self.address + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.loads(answer.read())


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    return write_toy_course(tmp_path_factory.mktemp("term") / "course")


@pytest.fixture(scope="module")
def work(course, tmp_path_factory):
    """What sixty students did at home with the released zip; and the folder in which their zips arrive."""
    backprop(course, "release", "--zip")
    home = Course(tmp_path_factory.mktemp("home"))
    shutil.copytree(course.root, home.root, dirs_exist_ok=True)
    plan = hand_in(home, UNIT, STUDENTS, seed=3)
    inbox = tmp_path_factory.mktemp("inbox")
    for student, done in plan.items():
        if done.content is not None:
            folder = home.root / "homes" / student
            with zipfile.ZipFile(course.root / "release" / f"{UNIT}.zip") as archive:
                archive.extractall(folder)
            (folder / UNIT / f"{UNIT}.ipynb").write_bytes(done.content)
            write_submission(folder / UNIT, student, inbox)
    return plan, inbox


@pytest.fixture(scope="module")
def graded(course, work):
    """What ``backprop grade`` says about the zips."""
    return backprop(course, "grade", "--submissions", work[1], "--jobs", 2)


@pytest.fixture(scope="module")
def server(course, graded):
    port = free_port()
    program = f"{shlex.quote(sys.executable)} -m jupyter_server --ServerApp.port={port} --ServerApp.ip=127.0.0.1"
    path = f"PYTHONPATH={shlex.quote(str(Path(__file__).parent))}"  # of the toy key
    command = ["sh", "-c", f"cd course && {path} exec {program} --ServerApp.open_browser=False"]
    with serving(command, course.root.parent, port) as address:
        yield Api(address)


@pytest.fixture(scope="module")
def by_hand(server) -> dict[str, float]:
    """The points that were given by hand through formgrader's interface: 0, 1 or 2, with a comment."""
    given = {}
    for k, entry in enumerate(server("GET", f"submitted_notebooks/{UNIT}/{UNIT}")):
        if entry["needs_manual_grade"]:
            (grade,) = (g for g in server("GET", f"grades?submission_id={entry['id']}") if g["needs_manual_grade"])
            given[entry["student"]] = float(k % 3)
            server("PUT", f"grade/{grade['id']}", manual_score=given[entry["student"]], extra_credit=None)
            comments = server("GET", f"comments?submission_id={entry['id']}")
            (comment,) = (c for c in comments if c["name"] == "written_why")
            server("PUT", f"comment/{comment['id']}", manual_comment=f"Remark {k} on your answer.")
    return given


@pytest.fixture(scope="module")
def feedback(server, by_hand):
    """What formgrader answers when feedback is asked for."""
    return server("POST", f"assignment/{UNIT}/generate_feedback")


@pytest.fixture(scope="module")
def expected(work, by_hand) -> dict[str, float]:
    """The totals before the change."""
    return {s: sum(earned(w).values()) + by_hand.get(s, 0.0) for s, w in work[0].items() if w.content is not None}


@pytest.fixture(scope="module")
def expected_after(work, by_hand) -> dict[str, float]:
    """The totals after it."""
    plan = work[0].items()
    return {s: sum(earned_after(w).values()) + by_hand.get(s, 0.0) for s, w in plan if w.content is not None}


@pytest.fixture(scope="module")
def changed(course, feedback, expected, tmp_path_factory):
    """The course with a changed exercise, and what grading again says about it."""
    assert scores(course) == expected
    keys = tmp_path_factory.mktemp("keys")
    sys.path.insert(0, str(keys))
    edition = change_key(course, keys, "toy.py", "axis=1", "axis=0")
    yield edition, backprop(edition, "grade", "--changed", "--jobs", 2)
    sys.path.remove(str(keys))


def test_grading_the_zips_gives_everybody_what_was_planted(course, work, graded):
    plan, inbox = work
    deserved = {s: sum(earned(w).values()) for s, w in plan.items() if w.content is not None}
    assert len(list(inbox.iterdir())) == len(deserved) == 55
    assert table(graded) == deserved


def test_those_who_wrote_an_answer_and_only_they_wait_for_a_grade_by_hand(work, by_hand):
    wrote = {
        student
        for k, (student, done) in enumerate(work[0].items())
        if ANSWERS[k % len(ANSWERS)] and done.kind not in ("untouched", "corrupt", "no notebook")
    }
    assert set(by_hand) == wrote
    assert set(by_hand.values()) == {0.0, 1.0, 2.0}


def test_points_by_hand_are_added_and_nobody_waits_any_more(server, feedback, expected):
    entries = server("GET", f"submitted_notebooks/{UNIT}/{UNIT}")
    assert {entry["student"]: entry["score"] for entry in entries} == expected
    assert not any(entry["needs_manual_grade"] for entry in entries)


def test_feedback_names_the_same_total_and_carries_the_remark(course, feedback, by_hand, expected):
    assert feedback["success"], feedback
    for student, score in expected.items():
        page = (course.root / "feedback" / student / UNIT / f"{UNIT}.html").read_text(encoding="utf-8")
        assert re.search(rf"\b{score:g} / 8\b", page), student
        assert ("Remark" in page) == (student in by_hand)


def test_after_a_change_the_table_and_the_gradebook_agree_with_what_it_should_do(
    changed, expected, expected_after, by_hand
):
    course, words = changed
    rows = re.findall(rf"^(s\d+) +{UNIT} +([\d.]+) +([\d.]+) +([+-][\d.]+)", words, re.M)
    assert {who: (float(was), float(now)) for who, was, now, _ in rows} == {
        who: (expected[who], after) for who, after in expected_after.items() if after != expected[who]
    }
    assert {float(change) for *_, change in rows} == {-3.0, 3.0}
    assert scores(course) == expected_after
    with open_gradebook(course) as gradebook:
        for student, points in by_hand.items():
            grade = gradebook.find_grade("written_why", UNIT, UNIT, student)
            assert (grade.manual_score, grade.needs_manual_grade) == (points, False)
            assert gradebook.find_comment("written_why", UNIT, UNIT, student).manual_comment.startswith("Remark")


@pytest.mark.parametrize("shape", ["canvas", "moodle", "nbgrader"])
def test_every_export_carries_the_final_totals(changed, expected_after, shape):
    course, _ = changed
    rows = list(csv.DictReader(io.StringIO(backprop(course, "export", "--format", shape))))
    student = {"canvas": "SIS Login ID", "moodle": "Username", "nbgrader": "student_id"}[shape]
    score = "score" if shape == "nbgrader" else UNIT
    assert {row[student]: float(row[score]) for row in rows if row[student]} == expected_after


def test_grading_once_more_changes_nothing(changed):
    course, _ = changed
    before = {p: p.read_bytes() for p in Path(course.root / "verdicts").rglob("*.json")}
    assert "Nothing that verdicts rest on has changed" in backprop(course, "grade", "--changed")
    backprop(course, "grade", "--force", "--jobs", 2)
    assert {p: p.read_bytes() for p in before} == before
