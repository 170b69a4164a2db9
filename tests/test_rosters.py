"""The class comes from a file of a platform; unknown ids are named, and never invented."""

import stat

import pytest
from click.testing import CliRunner

from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.cli import main

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,HW (1)
"    Points Possible",,,,,10
"Ng, Ann",4711,s1,ann,A,3
"O'Neill, Ève",4712,s2,eve,A,
"Student, Test",99,,abc,A,
"Wei, Li",4713,,,A,
"""
MOODLE = '"First name",Surname,Username,"Email address"\nAnn,Ng,ann,ann@example.org\nLi,Wei,li/wei,li@example.org\n'
PLAIN = "\ufeffid;first_name;last_name;email;lms_user_id\nann;Ann;Ng;;4711\nbob b;Bob;;;\n"


def roster(course, text: str, status: int = 0) -> str:
    path = course.root / "class.csv"
    path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["roster", "import", str(path), "--course", str(course.root)])
    assert result.exit_code == status, result.output
    return result.output


def people(course) -> dict[str, tuple]:
    with open_gradebook(course) as gradebook:
        return {s.id: (s.first_name, s.last_name, s.email, s.lms_user_id) for s in gradebook.students}


def test_a_gradebook_of_canvas_is_read_with_its_numbers_and_without_its_own_rows(toy_course):
    said = roster(toy_course, CANVAS)
    assert "Students added: 2; known already: 0." in said and "left out: Li Wei: it has no id" in said
    assert people(toy_course) == {"ann": ("Ann", "Ng", None, "4711"), "eve": ("Ève", "O'Neill", None, "4712")}


def test_participants_of_moodle_are_read_and_who_could_never_hand_in_is_named(toy_course):
    said = roster(toy_course, MOODLE)
    assert "left out: li/wei: this id cannot be the name of a folder" in said
    assert people(toy_course) == {"ann": ("Ann", "Ng", "ann@example.org", None)}


def test_plain_columns_are_read_twice_without_doubling_anybody(toy_course):
    roster(toy_course, PLAIN)
    said = roster(toy_course, PLAIN)
    assert "Students added: 0; known already: 2." in said and "bob b" in said
    assert people(toy_course)["ann"] == ("Ann", "Ng", None, "4711")


@pytest.mark.parametrize("obeyed", ["\x1b]0;owned\x07", "\x9b2J", "\u202e"])
def test_a_name_that_a_terminal_would_obey_is_shown_and_not_obeyed(toy_course, obeyed):
    said = roster(toy_course, f"id,first_name\n,Ann{obeyed}\nbob{obeyed}x,Bob\n")
    assert "left out: Ann" in said and "left out: bob" in said
    assert not set(said) & set("\x1b\x07\x9b\u202e")
    assert not people(toy_course)


@pytest.mark.parametrize("text", ["", "name,age\nAnn,3\n"])
def test_a_file_that_is_no_roster_is_one_line(toy_course, text):
    assert "is no roster" in roster(toy_course, text, status=2)


def test_a_time_that_cannot_be_is_no_reason_to_leave_work_out(toy_course, tmp_path):
    from backprop_autograder.classroom.collect import collect

    content = (toy_course.source("01_toy") / "01_toy.ipynb").read_bytes()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "ann__01_toy__20260231T120000Z.ipynb").write_bytes(content)
    collected = collect(toy_course, tmp_path / "inbox")
    assert [(one.student, one.remark) for one in collected.taken] == [
        ("ann", "its name says 20260231T120000Z, which is no time")
    ]


def test_a_grade_and_a_report_of_nobody_and_an_explanation_of_nothing_are_no_traceback(toy_course):
    for command in (["grade"], ["report", "--output", str(toy_course.root / "r.html")], ["explain", "ann", "01_toy"]):
        result = CliRunner().invoke(main, [*command, "--course", str(toy_course.root)])
        assert result.exception is None or isinstance(result.exception, SystemExit), command


def test_exports_are_readable_by_their_owner_alone_and_an_impossible_path_is_one_line(toy_course, tmp_path):
    roster(toy_course, PLAIN)
    path = tmp_path / "new" / "grades.csv"
    arguments = ["export", "--course", str(toy_course.root), "--output"]
    assert CliRunner().invoke(main, [*arguments, str(path)]).exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    result = CliRunner().invoke(main, [*arguments, str(path / "below" / "a file.csv")])
    assert result.exit_code == 2 and "cannot be written" in result.output
    result = CliRunner().invoke(main, ["report", "--course", str(toy_course.root), "--output", "report.pdf"])
    assert result.exit_code == 2 and "A report is no .pdf file" in result.output
