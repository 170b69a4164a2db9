"""Due dates as people write them, and as nobody should."""

from datetime import datetime

import pytest
from click.testing import CliRunner

from backprop_autograder.classroom.course import CourseError
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.penalties import time_of
from backprop_autograder.cli import main

UNIT = "01_toy"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2030-01-31 12:00 UTC", datetime(2030, 1, 31, 12)),
        ("2030-01-31T12:00Z", datetime(2030, 1, 31, 12)),
        ("2030-01-31 23:59 Europe/Berlin", datetime(2030, 1, 31, 22, 59)),
        ("2030-07-31 23:59 Europe/Berlin", datetime(2030, 7, 31, 21, 59)),
        ("2030-01-31 12:00 +05:30", datetime(2030, 1, 31, 6, 30)),
        ("none", None),
    ],
)
def test_a_due_date_is_kept_in_utc(text, utc):
    assert time_of(text) == utc


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-02-30 12:00 UTC", "day is out of range for month"),
        ("2026-01-31 25:00 UTC", "is no time"),
        ("0001-01-01 00:00 +05:00", "is no time"),
        ("31 February", "is no time"),
        ("tomorrow", "is no time"),
        ("2026-02-20", "is no time"),
        ("2026-02-20 12:00", "is no time"),
        ("", "is no time"),
        ("2026-02-20 12:00 Mars/Olympus", "Nobody has the time zone Mars/Olympus"),
        ("2026-02-20 12:00 ../etc/passwd", "is no time"),
        ("2026-02-20 12:00 Europe/", "Nobody has the time zone"),
    ],
)
def test_a_time_that_is_none_is_one_line(text, words):
    with pytest.raises(CourseError) as error:
        time_of(text)
    assert words in str(error.value) and "Next: " in str(error.value)
    assert "\n" not in str(error.value)


def test_the_command_sets_the_due_date_and_takes_it_away(toy_course):
    toy_course.release(UNIT)

    def due(text):
        result = CliRunner().invoke(main, ["due", "1", text, "--course", str(toy_course.root)])
        assert result.exit_code == 0, result.output
        with open_gradebook(toy_course) as gradebook:
            return gradebook.find_assignment(UNIT).duedate

    assert due("2030-01-31 12:00 Europe/Berlin") == datetime(2030, 1, 31, 11)
    assert due("none") is None
