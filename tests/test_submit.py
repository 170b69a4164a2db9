"""Handing in: whole notebooks, new zips each time, and folders of submissions that nobody has to trust."""

import io
import json
import re
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, datetime

import nbformat
import pytest
from click.testing import CliRunner
from conftest import submission
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom import submit as handing_in
from backprop_autograder.classroom.collect import collect
from backprop_autograder.classroom.lab import build
from backprop_autograder.classroom.submit import COLLECTED, STUDENT, SubmitError, examine, write_submission
from backprop_autograder.cli import main
from backprop_course import submitting
from backprop_course.submitting import submit_button

UNIT = "01_toy"


def run(*arguments, **kwargs):
    return CliRunner().invoke(main, [str(a) for a in arguments], **kwargs)


@pytest.fixture(autouse=True)
def own_memory(tmp_path, monkeypatch):
    """Keep the tests' student id out of the account's."""
    monkeypatch.setattr(handing_in, "_memory", lambda: tmp_path / "memory" / "student")


@pytest.fixture
def student_folder(toy_course, tmp_path):
    """The toy unit as a student gets it."""
    build(toy_course, tmp_path / "mine")
    return tmp_path / "mine" / UNIT


def edit(folder, change):
    path = folder / f"{UNIT}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = change(notebook.cells)
    nbformat.write(notebook, path)


def solve(folder, **sources):
    path = folder / f"{UNIT}.ipynb"
    nbformat.write(submission(nbformat.read(path, as_version=4), **sources), path)


def zip_of(folder, name, members):
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)


def submitted(course, student="ann"):
    return (course.root / "submitted" / student / UNIT / f"{UNIT}.ipynb").read_bytes()


# --- what is said before ----------------------------------------------------------------------------


def test_an_untouched_notebook_is_whole_and_all_of_it_unsolved(student_folder):
    report = examine(student_folder)
    assert report.whole and not report.double
    assert report.unsolved == ["double", "row_means"]
    assert report.unanswered == ["written_why"]


def test_solved_exercises_and_answers_are_not_reported(student_folder):
    solve(student_folder, **SOLVED, written_why="Because of two reasons.")
    report = examine(student_folder)
    assert (report.unsolved, report.unanswered) == ([], [])
    assert "2 of 2 exercises have a solution" in report.words()[0]


@pytest.mark.parametrize("name", ["double", "test_double_large", "written_why"])
def test_a_deleted_cell_is_missed(student_folder, name):
    edit(student_folder, lambda cells: [c for c in cells if c.id != name])
    assert examine(student_folder).missing == [name]


def test_a_doubled_cell_is_reported(student_folder):
    edit(student_folder, lambda cells: [*cells, nbformat.from_dict(dict(cells[2], id="copy"))])
    assert examine(student_folder).double == ["double"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cells": 1}', b'{"cells": [1]}', b"\xff\xfe", b"[" * 9999])
def test_a_file_that_is_no_notebook_is_refused_in_words(student_folder, content):
    (student_folder / f"{UNIT}.ipynb").write_bytes(content)
    with pytest.raises(SubmitError, match="cannot be read as a notebook"):
        examine(student_folder)


# --- backprop submit --------------------------------------------------------------------------------


def test_submit_writes_one_zip_and_remembers_who_it_was(student_folder):
    first = run("submit", student_folder, input="ann\n")
    assert first.exit_code == 0, first.output
    second = run("submit", student_folder)
    assert second.exit_code == 0 and "Your student id" not in second.output
    zips = sorted((student_folder.parent / "submissions").iterdir())
    assert len(zips) == 2 and all(path.match(f"ann__{UNIT}__*Z.zip") for path in zips)
    for path in zips:
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == [f"{UNIT}.ipynb"]
            assert archive.read(f"{UNIT}.ipynb") == (student_folder / f"{UNIT}.ipynb").read_bytes()


def test_submit_says_what_is_unsolved_and_hands_in_nonetheless(student_folder):
    result = run("submit", student_folder, "--student", "ann")
    assert "Still unsolved: double, row_means." in result.output
    assert "Still without an answer: written_why." in result.output
    assert "This file is what you hand in." in result.output


def test_submit_of_a_damaged_notebook_writes_nothing_unless_told_to(student_folder):
    edit(student_folder, lambda cells: cells[1:-3])
    refused = run("submit", student_folder, "--student", "ann")
    assert refused.exit_code == 2 and "Missing: test_row_means, written_why" not in refused.output
    assert "Missing:" in refused.output and "--anyway" in refused.output
    assert not (student_folder.parent / "submissions").exists()
    assert run("submit", student_folder, "--student", "ann", "--anyway").exit_code == 0


@pytest.mark.parametrize("student", ["../up", "a b", "a__b", "-x", "*", "", "a/b", "x" * 65, "ünal", "a_"])
def test_ids_that_are_no_safe_names_are_refused(student_folder, student):
    with pytest.raises(SubmitError, match="cannot be a student id"):
        write_submission(student_folder, student)
    assert not (student_folder.parent / "submissions").exists()


def test_without_a_unit_it_says_which_there_are(student_folder, monkeypatch):
    monkeypatch.chdir(student_folder.parent)
    result = run("submit")
    assert result.exit_code == 2 and f"There are: {UNIT}" in result.output
    monkeypatch.chdir(student_folder)
    assert run("submit", "--student", "ann").exit_code == 0


# --- backprop grade --submissions -------------------------------------------------------------------


def test_a_solved_unit_goes_from_lab_through_submit_to_the_gradebook(toy_course, student_folder):
    run("release", "--course", toy_course.root)
    solve(student_folder, **SOLVED)
    run("submit", student_folder, "--student", "ann")
    folder = student_folder.parent / "submissions"
    result = run("grade", "--submissions", folder, "--course", toy_course.root, "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert ["ann", "6", "/", "8"] in [line.split()[:4] for line in result.output.splitlines()]
    stamp = (toy_course.root / "submitted" / "ann" / UNIT / "timestamp.txt").read_text()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n", stamp)
    again = run("grade", "--submissions", folder, "--course", toy_course.root, "--jobs", "1")
    assert "0 collected, 1 already here" in again.output


def test_the_newest_submission_wins_in_any_order(toy_course, tmp_path):
    folder = tmp_path / "handed"
    for when in ("20260201T100000Z", "20260301T100000Z", "20260101T100000Z"):
        zip_of(folder, f"ann__{UNIT}__{when}.zip", {f"{UNIT}.ipynb": when})
    collect(toy_course, folder)
    assert submitted(toy_course) == b"20260301T100000Z"
    zip_of(folder, f"ann__{UNIT}__20260215T100000Z.zip", {f"{UNIT}.ipynb": "late"})
    assert len(collect(toy_course, folder).older) == 4
    assert submitted(toy_course) == b"20260301T100000Z"


@pytest.mark.parametrize(
    "name",
    [
        f"Ann Lee_1234_assignsubmission_file_ann__{UNIT}__20260101T100000Z.zip",
        f"ann__{UNIT}__20260101T100000Z (1).zip",
        f"ann__{UNIT}__20260101T100000Z-2.zip",
    ],
)
def test_names_that_portals_and_browsers_lengthen_are_read(toy_course, tmp_path, name):
    zip_of(tmp_path / "handed", name, {f"{UNIT}.ipynb": "mine"})
    collect(toy_course, tmp_path / "handed")
    assert submitted(toy_course) == b"mine"


@pytest.mark.parametrize("name", [f"ann/{UNIT}.ipynb", f"ann/{UNIT}/{UNIT}.ipynb", f"ann__{UNIT}.ipynb"])
def test_plain_notebooks_are_taken_too(toy_course, tmp_path, name):
    path = tmp_path / "handed" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    collect(toy_course, tmp_path / "handed")
    assert submitted(toy_course) == b"mine"


def test_only_the_notebook_of_a_zip_is_taken_wherever_its_paths_point(toy_course, tmp_path):
    members = {"../../../evil.py": "x", "/etc/evil": "x", f"../../{UNIT}.ipynb": "mine", "numpy.py": "x"}
    zip_of(tmp_path / "handed", f"ann__{UNIT}__20260101T100000Z.zip", members)
    collect(toy_course, tmp_path / "handed")
    assert submitted(toy_course) == b"mine"
    written = [p.name for p in (toy_course.root / "submitted").rglob("*") if p.is_file()]
    assert sorted(written) == [f"{UNIT}.ipynb", "timestamp.txt"]
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.slow
def test_a_zip_that_grows_without_end_is_left_out(toy_course, tmp_path):
    zip_of(tmp_path / "handed", f"ann__{UNIT}__20260101T100000Z.zip", {f"{UNIT}.ipynb": b"\0" * (51 << 20)})
    collected = collect(toy_course, tmp_path / "handed")
    assert "larger than 50 MB" in collected.problems[0]
    assert not (toy_course.root / "submitted").exists()


def test_files_that_cannot_be_used_are_named_and_stop_nobody(toy_course, tmp_path):
    folder = tmp_path / "handed"
    stamp = "20260101T100000Z"
    zip_of(folder, f"ann__{UNIT}__{stamp}.zip", {f"{UNIT}.ipynb": "mine"})
    zip_of(folder, f"bob__{UNIT}__{stamp}.zip", {"other.ipynb": "x"})
    zip_of(folder, f"cy__99_nope__{stamp}.zip", {"99_nope.ipynb": "x"})
    zip_of(folder, "homework.zip", {f"{UNIT}.ipynb": "x"})
    (folder / f"dan__{UNIT}__{stamp}.zip").write_bytes(b"PK\x03\x04 cut off")
    (folder / f"eve__{UNIT}__{stamp}.zip").symlink_to(folder / f"ann__{UNIT}__{stamp}.zip")
    (folder / f"flo__{UNIT}__20261399T100000Z.zip").write_bytes(b"")
    collected = collect(toy_course, folder)
    assert [one.student for one in collected.taken] == ["ann"]
    assert len(collected.problems) == 6
    assert [p.name for p in (toy_course.root / "submitted").iterdir()] == ["ann"]


def test_an_empty_folder_is_told_in_one_line(toy_course, tmp_path):
    (tmp_path / "handed").mkdir()
    result = run("grade", "--submissions", tmp_path / "handed", "--course", toy_course.root)
    assert result.exit_code == 2 and "holds no submission" in result.output


@pytest.mark.slow
def test_nbgrader_zip_collect_takes_the_same_zips(toy_course, student_folder):
    run("release", "--course", toy_course.root)
    archive = toy_course.root / "downloaded" / UNIT / "archive"
    path = write_submission(student_folder, "ann", archive)
    command = [sys.executable, "-m", "nbgrader", "zip_collect", UNIT]
    done = subprocess.run(command, cwd=toy_course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert submitted(toy_course) == (student_folder / f"{UNIT}.ipynb").read_bytes()
    stamp = (toy_course.root / "submitted" / "ann" / UNIT / "timestamp.txt").read_text()
    assert stamp.startswith(f"{datetime.now(UTC):%Y-%m-%d}")
    assert path.exists()


def test_the_pattern_for_nbgrader_reads_student_unit_and_notebook():
    found = re.match(COLLECTED, f"/course/a__b__c/extracted/ann__{UNIT}__20260101T100000Z (1)/{UNIT}.ipynb")
    assert found["student_id"] == "ann" and found["file_id"] == f"{UNIT}.ipynb"
    assert re.fullmatch(STUDENT, "a.b-c_1@x.org")


# --- the button -------------------------------------------------------------------------------------


@pytest.fixture
def button(student_folder, monkeypatch):
    monkeypatch.chdir(student_folder)
    monkeypatch.setattr(submitting, "SECONDS_TO_SAVE", 0.0)
    return submit_button(UNIT)


def test_the_button_asks_for_an_id_first(button, student_folder):
    button.button.click()
    assert "type your student id" in button.words
    button.student.value = "a b"
    button.button.click()
    assert "cannot be a student id" in button.words
    assert not (student_folder.parent / "submissions").exists()


def test_the_button_makes_the_zip_says_what_is_unsolved_and_offers_it_for_download(button, student_folder):
    button.student.value = "ann"
    button.button.click()
    (path,) = (student_folder.parent / "submissions").iterdir()
    assert "Still unsolved: double, row_means." in button.words
    assert f'download="{path.name}"' in button.words
    assert submit_button(UNIT).student.value == "ann"


def test_the_button_asks_again_before_it_hands_in_a_damaged_notebook(button, student_folder):
    edit(student_folder, lambda cells: [c for c in cells if c.id != "double"])
    button.student.value = "ann"
    button.button.click()
    assert button.button.description == "Hand in as it is" and "Missing: double" in button.words
    assert not (student_folder.parent / "submissions").exists()
    button.button.click()
    assert len(list((student_folder.parent / "submissions").iterdir())) == 1


def test_the_button_explains_what_it_cannot_read(button, student_folder):
    (student_folder / f"{UNIT}.ipynb").write_text("{")
    button.student.value = "ann"
    button.button.click()
    assert "cannot be read as a notebook" in button.words


def test_the_button_waits_until_a_notebook_that_is_being_saved_is_whole(button, student_folder, monkeypatch):
    path = student_folder / f"{UNIT}.ipynb"
    content = path.read_bytes()

    def save_slowly(_keys):
        path.write_bytes(content[: len(content) // 2])
        threading.Timer(0.3, path.write_bytes, [content]).start()

    monkeypatch.setattr(submitting, "display", save_slowly)
    monkeypatch.setattr(submitting, "SECONDS_TO_SAVE", 10.0)
    button.student.value = "ann"
    button.button.click()
    assert "Written: submissions" in button.words


def test_the_zip_is_the_saved_file_to_the_byte(student_folder):
    path = write_submission(student_folder, "ann")
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        assert json.loads(archive.read(f"{UNIT}.ipynb")) == json.loads((student_folder / f"{UNIT}.ipynb").read_text())
