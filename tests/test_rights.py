"""Folders and files that the operating system keeps from whoever grades: one line, and nothing lost.

Root may do everything, so what is refused is refused by a stand-in.
"""

import logging
import os

import pytest
from conftest import submit

from backprop_autograder.classroom.collect import collect
from backprop_autograder.classroom.course import CourseError
from backprop_autograder.engine.files import write_whole
from backprop_autograder.pages import handing_back

UNIT = "01_toy"


@pytest.fixture
def lock(monkeypatch):
    """Returns a function that keeps one folder from us."""
    truly = os.access

    def keep(folder):
        monkeypatch.setattr(os, "access", lambda path, *how: str(path) != str(folder) and truly(path, *how))

    return keep


def test_a_release_folder_that_is_locked_is_one_line_and_stays_as_it_was(toy_course, lock):
    released = toy_course.release(UNIT)
    before = {path.name: path.read_bytes() for path in released.iterdir()}
    lock(released)
    with pytest.raises(CourseError, match="01_toy cannot be written into"):
        toy_course.release(UNIT)
    assert {path.name: path.read_bytes() for path in released.iterdir()} == before


def test_a_submission_that_cannot_be_opened_is_named(toy_course, lock, caplog):
    submit(toy_course, "anna", b"{}")
    submit(toy_course, "bert", b"{}")
    lock(toy_course.root / "submitted" / "bert")
    with caplog.at_level(logging.WARNING):
        list(toy_course.students(UNIT))
    assert "submitted/bert cannot be opened" in caplog.text
    assert toy_course.left_out


def test_a_folder_of_a_download_that_cannot_be_opened_is_left_out_and_named(toy_course, tmp_path, lock):
    for name in ("anna", "bert"):
        (tmp_path / "zips" / name).mkdir(parents=True)
    lock(tmp_path / "zips" / "bert")
    assert list(collect(toy_course, tmp_path / "zips").left_out) == ["bert"]


def test_pages_that_cannot_be_written_are_one_line_for_a_class(toy_course, monkeypatch):
    toy_course.release(UNIT)
    everybody = ["anna", "bert", "carl"]
    monkeypatch.setattr(type(toy_course), "graded", lambda *_: everybody)

    def write(course, _gradebook, _unit, student):
        raise PermissionError(13, "Permission denied", f"feedback/{student}")

    monkeypatch.setattr(handing_back, "write_page", write)
    lines = list(handing_back.hand_back(toy_course, [UNIT], force=True, failed=(failed := [])))
    assert lines[0].startswith("01_toy: 3 pages cannot be written (feedback/anna: Permission denied).")
    assert len(lines) == 2 and failed == everybody


def test_what_cannot_be_written_is_named_not_its_neighbour(tmp_path):
    with pytest.raises(OSError) as error:
        write_whole(tmp_path / "nowhere" / "grades.csv", "x")
    assert error.value.filename == str(tmp_path / "nowhere" / "grades.csv")
