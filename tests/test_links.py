"""Names and links are claims: what a student did not write is not graded as theirs, and no terminal obeys a name."""

import json
import os
from types import SimpleNamespace

import pytest
from conftest import SQLITE, submission, submit
from engine.test_rebuild import SOLVED
from nbgrader.auth import Authenticator

from backprop_autograder.classroom import exchange
from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.collect import collect
from backprop_autograder.classroom.exchange import ExchangeCollect
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.table import text_table
from backprop_autograder.judging.release import exchange_files
from backprop_autograder.judging.verdict import Verdict
from backprop_autograder.pages.explain import explain_score
from backprop_autograder.pages.feedback import complete_exchange
from backprop_autograder.workers.worker import write_files

UNIT = "01_toy"
OSC = "\x1b]0;owned\x07\x9b31m"


def scores(course):
    with open_gradebook(course) as book:
        return {s.student.id: s.score for s in book.find_assignment(UNIT).submissions}


# --- the exchange -----------------------------------------------------------------------------------


@pytest.fixture
def inbound(toy_course, tmp_path):
    """The folder of the exchange in which students leave their work."""
    folder = tmp_path / "exchange" / "backprop" / "inbound"
    folder.mkdir(parents=True)
    toy_course.config.Exchange.root = str(tmp_path / "exchange")
    return folder


def hand_in(course, inbound, student, time="2030-01-01 12:00:00 UTC"):
    folder = inbound / f"{student}+{UNIT}+{time}+secret"
    folder.mkdir()
    (folder / "timestamp.txt").write_text(time)
    path = folder / f"{UNIT}.ipynb"
    path.write_text(json.dumps(submission(course.assignment(UNIT).released, **SOLVED)))
    return path


def collected(course):
    course.config.CourseDirectory.assignment_id = UNIT
    directory = type(course.directory)(config=course.config)
    ExchangeCollect(
        coursedir=directory, authenticator=Authenticator(config=course.config), config=course.config
    ).start()
    return sorted(path.parent.parent.name for path in course.root.glob(f"submitted/*/{UNIT}/{UNIT}.ipynb"))


def becomes_a_link(course, path):
    path.unlink()
    path.symlink_to(course.source(UNIT) / f"{UNIT}.ipynb")


def becomes_a_hard_link(course, path):
    path.unlink()
    path.hardlink_to(course.source(UNIT) / f"{UNIT}.ipynb")


def lies_in_a_linked_folder(course, path):
    elsewhere = path.parent.parent.parent / "elsewhere"
    path.parent.rename(elsewhere)
    path.parent.symlink_to(elsewhere)


def has_a_linked_folder_beside_it(course, path):
    (path.parent / "data").symlink_to(course.root)


def has_a_pipe_beside_it(course, path):
    os.mkfifo(path.parent / "pipe")


def belongs_to_somebody_else(course, path):
    if os.getuid():
        pytest.skip("only root can give files away")
    os.chown(path, 12345, -1)


def holds_too_many_files(course, path):
    for k in range(20):
        (path.parent / f"{k}.txt").touch()


TRICKS = [
    becomes_a_link,
    becomes_a_hard_link,
    lies_in_a_linked_folder,
    has_a_linked_folder_beside_it,
    has_a_pipe_beside_it,
    belongs_to_somebody_else,
    holds_too_many_files,
]


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_collecting_takes_no_link_and_no_file_of_another_owner(toy_course, inbound, trick, monkeypatch):
    monkeypatch.setattr(exchange, "MAX_FILES", 10)
    hand_in(toy_course, inbound, "honest")
    trick(toy_course, hand_in(toy_course, inbound, "attacker"))
    assert collected(toy_course) == ["honest"]


def test_nobody_hands_in_under_the_name_of_another_account(toy_course, inbound, monkeypatch):
    attacker = os.getuid() or 12345  # root may hand in for others
    accounts = {"victim": 54321, "attacker": attacker}

    def getpwnam(name):
        return SimpleNamespace(pw_uid=accounts[name])

    monkeypatch.setattr(exchange.pwd, "getpwnam", getpwnam)
    for name in ("victim", "attacker", "of-a-container"):
        path = hand_in(toy_course, inbound, name)
        for each in (path, path.parent / "timestamp.txt", path.parent):
            os.chown(each, attacker, -1)
    assert collected(toy_course) == ["attacker", "of-a-container"]


def test_an_earlier_submission_counts_where_the_last_is_a_link(toy_course, inbound):
    hand_in(toy_course, inbound, "s1", "2030-01-01 12:00:00 UTC")
    becomes_a_link(toy_course, hand_in(toy_course, inbound, "s1", "2030-01-02 12:00:00 UTC"))
    assert collected(toy_course) == ["s1"]
    assert "BEGIN SOLUTION" not in (toy_course.root / "submitted" / "s1" / UNIT / f"{UNIT}.ipynb").read_text()


def test_a_secret_of_the_exchange_that_is_no_text_does_not_stop_the_feedback_of_a_class(toy_course, tmp_path):
    path = submit(toy_course, "attacker", b"{}")
    (path.parent / "submission_secret.txt").write_bytes(b"\xff\xfe")
    (path.parent / "timestamp.txt").write_text("2030-01-01 12:00:00 UTC")
    folder = tmp_path / "feedback"
    write_files(folder, exchange_files(path.parent))
    complete_exchange(folder, toy_course, UNIT, "attacker")
    # As `nbgrader release_feedback` reads them, one student after the other.
    assert [(folder / name).read_text() != "" for name in ("timestamp.txt", "submission_secret.txt")] == [True, True]


def test_the_courses_configuration_collects_this_way(toy_course):
    assert toy_course.config.ExchangeFactory.collect == f"{ExchangeCollect.__module__}.ExchangeCollect"


# --- submitted/ -------------------------------------------------------------------------------------


@SQLITE
@pytest.mark.parametrize("trick", [becomes_a_link, becomes_a_hard_link, lies_in_a_linked_folder])
def test_a_link_in_submitted_earns_nothing(released, trick):
    solved = submission(released.assignment(UNIT).released, **SOLVED)
    submit(released, "honest", solved)
    trick(released, submit(released, "attacker", solved))
    assert released.submission(UNIT, "attacker") is None
    grade_class(released, [UNIT], processes=1)
    assert scores(released).get("attacker", 0.0) == 0.0
    assert scores(released)["honest"] == 6.0


# --- what is printed --------------------------------------------------------------------------------


def obeyed(text):
    return [c for c in text if (c < " " and c not in "\n\t") or "\x7f" <= c <= "\x9f"]


def test_tables_hold_no_character_that_a_terminal_obeys():
    assert not obeyed(text_table([["file", "remark"], [f"a{OSC}\nb", f"{OSC}"]]))


@SQLITE
def test_a_name_in_a_folder_of_submissions_is_printed_harmlessly(released, tmp_path):
    folder = tmp_path / "handed in"
    folder.mkdir()
    (folder / f"x{OSC}__01_toy.ipynb").write_text("{}")
    found = collect(released, folder)
    assert not obeyed(found.table()) and not obeyed("".join(found.problems))
    assert "owned" in found.table()


@SQLITE
def test_explain_prints_no_character_that_a_terminal_obeys(released):
    submit(released, "s1", submission(released.assignment(UNIT).released, **SOLVED))
    grade_class(released, [UNIT], processes=1)
    record = released.record(UNIT, "s1")
    verdict = Verdict("test_double", "double", "values", 0.0, 2.0, "wrong", f"it says {OSC}", label=OSC)
    record["verdicts"][0], record["notes"] = verdict.to_json(), [OSC]
    released.verdict_path(UNIT, "s1").write_text(json.dumps(record))
    assert not obeyed(explain_score(released, "s1", UNIT))
