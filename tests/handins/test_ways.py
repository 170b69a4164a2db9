"""Every way in which a notebook arrives keeps its points, words, pictures and time, on every road to the gradebook."""

import json
import zipfile
from datetime import datetime, timedelta

import nbformat
import pytest
from click.testing import CliRunner
from conftest import ToyCourse, submit, write_toy_course
from test_nbgrader import UNIT, nbgrader

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.lab import build
from backprop_autograder.classroom.submit import examine
from backprop_autograder.cli import main
from backprop_autograder.pages.formgrading import Harmless
from handins.ways import ANSWER, SOLUTIONS, WAYS
from handins.write_handins import PAGE, page

START = datetime(2026, 1, 31, 12)
TIMES = {way.name: START + timedelta(minutes=k) for k, way in enumerate(WAYS)}
FILES = {}


def a_course(root) -> Course:
    """Return a course that knows its unit, with little patience."""
    course = write_toy_course(root / "course")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.Judging.cell_seconds = c.Judging.test_seconds = 0.5\nc.Judging.notebook_seconds = 1.5\n")
    course = ToyCourse(course.root)
    course.release(UNIT)
    return course


def files(course: Course) -> dict[str, bytes]:
    """Return what is handed in, by way."""
    released = json.loads(nbformat.writes(course.assignment(UNIT).released))
    return {way.name: way.file(released) for way in WAYS}


def hand_in(course: Course, names=None) -> None:
    for name, content in files(course).items():
        if names is None or name in names:
            folder = submit(course, name, content).parent
            (folder / "timestamp.txt").write_text(f"{TIMES[name]:%Y-%m-%d %H:%M:%S} UTC")


def by_grade(course: Course) -> None:
    hand_in(course)
    grade_class(course, [UNIT], processes=2)


def by_submissions(course: Course) -> None:
    folder = course.root.parent / "handed"
    folder.mkdir()
    for name, content in files(course).items():
        path = folder / f"{name}__{UNIT}__{TIMES[name]:%Y%m%dT%H%M%SZ}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{UNIT}.ipynb", content)
    arguments = ["grade", "--submissions", str(folder), "--course", str(course.root), "--jobs", "2"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output


def by_nbgrader(course: Course) -> None:
    hand_in(course)
    done = nbgrader(course, "autograde", UNIT)
    assert done.returncode == 0, done.stderr[-3000:]


def by_dask(course: Course) -> None:
    cluster = pytest.importorskip("backprop_autograder.classroom.cluster")
    hand_in(course, [way.name for way in WAYS[::6]])
    with cluster.connect(workers=1) as client:
        grade_class(course, [UNIT], client=client)


ROADS = {"grade": by_grade, "submissions": by_submissions, "nbgrader": by_nbgrader, "dask": by_dask}


@pytest.fixture(scope="module", params=[pytest.param(r, marks=pytest.mark.slow) for r in ROADS])
def kept(request, tmp_path_factory):
    """What is left of every hand-in at the end of a road."""
    course = a_course(tmp_path_factory.mktemp(request.param))
    ROADS[request.param](course)
    with open_gradebook(course) as gradebook:
        entries = gradebook.find_assignment(UNIT).submissions
        found = {e.student.id: (e.score, e.timestamp, e.needs_manual_grade) for e in entries}
    notebooks = {s: nbformat.read(course.autograded(UNIT, s) / f"{UNIT}.ipynb", as_version=4) for s in found}
    return {student: (*figures, notebooks[student]) for student, figures in found.items()}


def test_all_points_are_kept_and_the_answer_waits_for_a_grader(kept):
    lost = {name: (score, waits) for name, (score, _, waits, _) in kept.items() if (score, waits) != (6.0, True)}
    assert not lost


def test_all_times_are_kept(kept):
    assert {name: when for name, (_, when, _, _) in kept.items()} == {name: TIMES[name] for name in kept}


def test_all_words_are_kept(kept):
    for way in (way for way in WAYS if way.name in kept):
        sources = "\n".join(cell.source for cell in kept[way.name][3].cells)
        assert not [words for words in way.words if words not in sources], way.name


def test_the_answer_stands_in_its_cell_and_all_of_the_course_once(kept):
    for name, (_, _, _, notebook) in kept.items():
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids), name
        written = next(cell for cell in notebook.cells if cell.id == "written_why")
        assert ANSWER in written.source and written.cell_type == "markdown", name
        course_cells = ["setup", "test_double", "test_double_large", "test_row_means", "question_why"]
        assert [i for i in ids if i in course_cells] == course_cells, name


def test_all_pictures_are_kept_as_pictures_for_the_grader(kept):
    for way in (way for way in WAYS if way.name in kept):
        shown, _ = Harmless().preprocess(nbformat.from_dict(kept[way.name][3]), {})
        html = "\n".join(cell.source for cell in shown.cells if cell.cell_type == "markdown")
        assert html.count('src="data:image/') == way.pictures, way.name
        assert all("base64" not in cell.source or "<img" in cell.source for cell in shown.cells)


def test_graded_notebooks_are_valid_and_small(kept):
    for name, (_, _, _, notebook) in kept.items():
        nbformat.validate(notebook)
        assert len(nbformat.writes(notebook)) < 2 << 20, name


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_what_the_judge_gives_points_for_submit_calls_solved(toy_course, tmp_path, way):
    build(toy_course, tmp_path / "mine")
    folder = tmp_path / "mine" / UNIT
    released = json.loads((folder / f"{UNIT}.ipynb").read_text())
    (folder / f"{UNIT}.ipynb").write_bytes(way.file(released))
    report = examine(folder)
    retyped = way.name in ("turned-to-text", "turned-raw")  # which the judge forgives, and submit points out
    assert report.unsolved == (list(SOLUTIONS) if retyped else [])
    # Without ids a student's copy does not know which text was the question, and what was typed into it.
    if way.name not in ("ids-and-metadata-lost", "ids-renamed", "metadata-lost", "answer-in-question"):
        assert report.unanswered == []


def test_there_are_more_than_forty_ways_of_all_families():
    assert len({way.name for way in WAYS}) == len(WAYS) > 40


def test_the_page_says_what_was_tried():
    assert PAGE.read_text(encoding="utf-8") == page()
