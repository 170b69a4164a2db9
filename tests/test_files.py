"""What is written is whole: the judge's secret, records of verdicts."""

import json
import stat

import pytest
from conftest import write_toy_course

from backprop_autograder.classroom.course import CourseError
from backprop_autograder.engine.files import write_whole


@pytest.fixture
def course(tmp_path):
    return write_toy_course(tmp_path / "course")


def test_a_file_that_cannot_be_written_whole_leaves_the_old_one_and_no_neighbour(tmp_path):
    path = tmp_path / "record.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_must_not_be_replaced_is_not(tmp_path):
    path = tmp_path / "secret"
    write_whole(path, "first", replace=False)
    with pytest.raises(FileExistsError):
        write_whole(path, "second", replace=False)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_only_the_owner_can_read_it(tmp_path):
    write_whole(tmp_path / "secret", "x")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_the_secret_is_made_once(course):
    assert len(course.secret()) == 32
    assert course.secret() == course.secret()


@pytest.mark.parametrize("text", ["", "\n", "ab" * 31, "zz" * 32, "ab" * 33, "\u00e4" * 64])
def test_a_secret_that_is_empty_short_or_garbled_is_refused(course, text):
    path = course.root / "judge.secret"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match="does not hold a whole secret"):
        course.secret()
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"unit": "01_toy"}), "null"])
def test_a_broken_record_is_one_line(course, text):
    path = course.verdict_path("01_toy", "ann")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(CourseError, match=r"ann/01_toy\.json is broken\. Next: backprop grade 01_toy"):
        course.record("01_toy", "ann")


def test_a_missing_record_is_none(course):
    assert course.record("01_toy", "ann") is None
