"""A term kept in step: what is stale, missing or unknown is said in a line, and one command mends it."""

import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from conftest import nbgrader_cell, submission, submit, toy_source, write_toy_course
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.export import Grade
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.cli import main
from backprop_autograder.pages.status import Todo, UnitStatus, status_text

UNIT = "01_toy"


def backprop(course: Course, *arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(main, [*map(str, arguments), "--course", str(course.root)])
    assert result.exit_code == status, result.output
    return result.output


def todo(course: Course) -> list[str]:
    """Return what ``backprop status`` says is to be done."""
    result = CliRunner().invoke(main, ["status", "--course", str(course.root)])
    assert result.exit_code in (0, 1), result.output
    return [line for line in result.output.splitlines() if line.startswith(f"{UNIT}: ")]


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A graded class: Ann is right, Bob was a day late, Eve's file is broken; nobody has feedback yet."""
    course = write_toy_course(tmp_path_factory.mktemp("status") / "course")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('c.AssignLatePenalties.plugin_class = "backprop_autograder.classroom.late.PercentPerDay"\n')
    course.release(UNIT)
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2030-01-10 12:00 UTC")
    notebook = submission(course.assignment(UNIT).released, **SOLVED)
    for student, day in (("ann", 9), ("bob", 11)):
        (submit(course, student, notebook).parent / "timestamp.txt").write_text(f"2030-01-{day} 11:00:00 UTC")
    submit(course, "eve", b"{")
    grade_class(course, [UNIT], processes=1)
    return course


@pytest.fixture
def course(once, tmp_path):
    shutil.copytree(once.root, tmp_path / "course")
    return Course(tmp_path / "course")


def total(course: Course, student: str) -> float:
    with open_gradebook(course) as gradebook:
        return Grade.of(gradebook, UNIT, student).score


def page(course: Course, student: str) -> str:
    return (course.root / "feedback" / student / UNIT / f"{UNIT}.html").read_text(encoding="utf-8")


def test_an_id_that_the_roster_does_not_know_is_named_also_after_it_was_graded(course):
    with open_gradebook(course) as gradebook:
        for student in ("ann", "eve"):
            gradebook.update_or_create_student(student, first_name=student.title())
    assert "ids that the roster does not know (bob). Next: backprop roster import" in todo(course)[0]


def test_status_fits_into_a_terminal_and_its_commands_stay_whole():
    command = "backprop review 01_chain_rule written_backpropagation, or formgrader"
    found = UnitStatus("01_chain_rule", todo=[Todo("01_chain_rule", "9 wait", ("maximiliane-charlotte",) * 9, command)])
    text = status_text([found], width=100)
    assert max(map(len, text.splitlines())) <= 100
    assert f"    Next: {command}" in text.splitlines()


# --- feedback -----------------------------------------------------------------------------------------


def test_feedback_is_missing_until_it_is_written_and_then_nothing_is_left_to_do(course):
    (line,) = todo(course)
    assert "feedback is missing or outdated for 3 (ann, bob, eve)" in line and "backprop feedback 01_toy" in line
    assert "3 pages written, 0 as they were" in backprop(course, "feedback", UNIT)
    assert todo(course) == []
    assert "0 pages written, 3 as they were" in backprop(course, "feedback")


def test_feedback_to_one_student_is_nobody_elses_and_to_nobody_is_an_error(course):
    assert "01_toy of bob: 1 pages written, 0 as they were" in backprop(course, "feedback", "--student", "bob")
    assert [path.name for path in (course.root / "feedback").iterdir()] == ["bob"]
    assert "no submission of nobody, 01_toy" in backprop(course, "feedback", "--student", "nobody", status=2)


def test_a_command_that_finds_nothing_says_so(toy_course):
    assert "Nothing is graded yet" in backprop(toy_course, "feedback")
    assert "Nobody has handed in 01_toy" in backprop(toy_course, "grade")


def test_a_score_by_hand_makes_one_page_stale_and_the_new_one_says_who_changed_it(course):
    backprop(course, "feedback")
    with open_gradebook(course) as gradebook:
        gradebook.find_grade("test_double", UNIT, UNIT, "ann").manual_score = 0.5
        gradebook.db.commit()
    (line,) = todo(course)
    assert "for 1 (ann)" in line
    assert "1 pages written, 2 as they were" in backprop(course, "feedback")
    assert "A grader changed this score." in page(course, "ann") and "4.5 / 8" in page(course, "ann")
    assert "A grader changed" not in page(course, "bob")


def test_a_file_that_could_not_be_read_gets_one_card_that_says_what_to_do(course):
    backprop(course, "feedback", "--student", "eve")
    text = page(course, "eve")
    assert "This file could not be graded" in text and "hand in the <code>.ipynb</code> file once more" in text
    assert text.count('<section class="card">') == 1 and "You left this" not in text


@pytest.mark.slow
def test_a_page_links_to_the_notebook_only_where_it_lies_there(course):
    (course.root / "submitted" / "ann" / UNIT / "submission_secret.txt").write_text("a" * 64)
    backprop(course, "feedback", "--student", "bob")
    assert "open this section" not in page(course, "bob")
    done = CliRunner().invoke(main, ["feedback", "--student", "ann", "--course", str(course.root)])
    assert done.exit_code == 0, done.output
    assert 'href="../../01_toy.ipynb#' in page(course, "ann")


# --- late work ----------------------------------------------------------------------------------------


def test_a_moved_due_date_moves_penalties_exports_and_pages(course):
    backprop(course, "feedback")
    assert total(course, "bob") == 5.4  # 6 less a tenth
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2030-01-12 12:00 UTC")
    (line,) = todo(course)
    assert "for 1 (bob)" in line
    assert '"6"' in next(row for row in backprop(course, "export", "--format", "moodle").splitlines() if "bob" in row)
    assert total(course, "bob") == 6.0


def test_an_extension_takes_the_penalty_away_and_0d_brings_it_back(course):
    said = backprop(course, "extend", "bob", UNIT, "3d")
    assert "due 2030-01-13 12:00 UTC" in said and "penalty was 0.6 and is 0" in said
    assert total(course, "bob") == 6.0
    assert "penalty was 0 and is 0.6" in backprop(course, "extend", "bob", UNIT, "0d")


@pytest.mark.slow
def test_an_extension_before_anything_is_handed_in_is_no_submission(course):
    with open_gradebook(course) as gradebook:
        gradebook.add_student("kim")
    backprop(course, "extend", "kim", UNIT, "3d")
    row = next(row for row in backprop(course, "export", "--format", "moodle").splitlines() if "kim" in row)
    assert row.endswith('"-"')
    notebook = submission(course.assignment(UNIT).released, **SOLVED)
    (submit(course, "kim", notebook).parent / "timestamp.txt").write_text("2030-01-12 11:00:00 UTC")
    grade_class(course, [UNIT], processes=1)
    assert total(course, "kim") == 6.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("extend", "ann", UNIT, "soon"), "'soon' is not a length of time. Next: write 3d"),
        (("extend", "nobody", UNIT, "3d"), "does not know nobody. Next: backprop roster import"),
    ],
)
def test_an_extension_that_cannot_be_is_one_line(course, arguments, words):
    said = backprop(course, *arguments, status=2)
    assert words in said and "Traceback" not in said


# --- lost and found -----------------------------------------------------------------------------------


def test_a_course_that_is_none_is_an_error_and_no_other_is_taken(course, tmp_path):
    (course.root / "elsewhere").mkdir()
    result = CliRunner().invoke(main, ["status", "--course", str(course.root / "elsewhere")])
    assert result.exit_code == 2 and "is no course" in result.output


@pytest.mark.slow
def test_a_missing_gradebook_is_noticed_and_release_and_grade_make_it_anew(course):
    (course.root / "gradebook.db").unlink()
    assert "gradebook.db is missing or empty" in backprop(course, "status", status=2)
    assert "is missing or empty" in backprop(course, "grade", status=2)
    backprop(course, "release")
    backprop(course, "grade", "--jobs", "1")
    assert {student: total(course, student) for student in ("ann", "eve")} == {"ann": 6.0, "eve": 0.0}


def test_a_gradebook_of_yesterday_is_brought_up_to_date(course):
    backup = (course.root / "gradebook.db").read_bytes()
    notebook = submission(course.assignment(UNIT).released, double=SOLVED["double"])
    submit(course, "ann", notebook)
    submit(course, "kim", notebook)
    grade_class(course, [UNIT], processes=1)
    (course.root / "gradebook.db").write_bytes(backup)
    assert any("2 verdicts are not in the gradebook" in line and "(ann, kim)" in line for line in todo(course))
    backprop(course, "grade", "--jobs", "1")
    assert (total(course, "ann"), total(course, "kim")) == (3.0, 3.0)
    assert not any("not in the gradebook" in line for line in todo(course))


def test_a_notebook_that_is_gone_costs_nobody_the_points_and_is_named(course, caplog):
    (course.root / "submitted" / "ann" / UNIT / f"{UNIT}.ipynb").unlink()
    backprop(course, "grade", "--jobs", "1", status=1)
    assert total(course, "ann") == 6.0
    assert "submitted/ann/01_toy has lost its notebook, and keeps its verdict" in caplog.text
    backprop(course, "grade", "--force", "--student", "ann", "--jobs", "1")
    assert total(course, "ann") == 0.0


def test_a_lost_folder_of_graded_notebooks_is_noticed(course):
    shutil.rmtree(course.root / "autograded" / "ann")
    assert any("1 verdicts are not in the gradebook, or their notebooks not in" in line for line in todo(course))


@pytest.mark.parametrize("secret", ["", "0" * 63, "not hexadecimal"])
def test_a_garbled_secret_is_one_line(course, secret):
    (course.root / "judge.secret").write_text(secret)
    assert "does not hold a whole secret" in backprop(course, "status", status=2)


def test_a_missing_secret_is_not_made_anew_in_silence(course):
    (course.root / "judge.secret").unlink()
    assert "judge.secret is missing, although there are verdicts" in backprop(course, "grade", "--force", status=2)


def test_another_secret_is_noticed(course):
    (course.root / "judge.secret").write_text("0" * 64)
    assert any("judge.secret is not the one of 3 verdicts" in line for line in todo(course))


# --- a unit that changes after hand-ins ---------------------------------------------------------------


def add_points_and_a_question(course: Course) -> None:
    source = toy_source()
    source.cells[3].metadata["nbgrader"]["points"] = 4
    source.cells.append(nbgrader_cell("answer", "written_how", "How?", 5, cell_type="markdown"))
    source.cells.append(nbgrader_cell("test", "assert_double", "assert double(1) == 2", 1))
    nbformat.write(source, course.source(UNIT) / f"{UNIT}.ipynb")


def test_cells_and_points_added_after_hand_ins_reach_gradebook_table_and_export(course):
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade("test_row_means", UNIT, UNIT, "ann")
        grade.manual_score = 2.5
        gradebook.find_comment("double", UNIT, UNIT, "ann").manual_comment = "Neat."
        gradebook.db.commit()
    add_points_and_a_question(course)
    assert "the release is not what the source would give now" in todo(course)[0]
    backprop(course, "release")
    said = backprop(course, "grade", "--changed", "--jobs", "1")
    row = next(line.split() for line in said.splitlines() if line.startswith("ann"))
    assert row[2:4] == ["5.5", "8.5"]  # two points more for the values, one for the assertion
    assert total(course, "ann") == 8.5
    with open_gradebook(course) as gradebook:
        assert gradebook.find_assignment(UNIT).max_score == 16.0
        assert gradebook.find_comment("double", UNIT, UNIT, "ann").comment == "Neat."


def test_a_cell_with_points_by_hand_is_not_taken_out_and_the_release_stays(course):
    with open_gradebook(course) as gradebook:
        gradebook.find_grade("test_row_means", UNIT, UNIT, "ann").manual_score = 2.5
        gradebook.db.commit()
    source = toy_source()
    source.cells = [cell for cell in source.cells if cell.id != "test_row_means"]
    nbformat.write(source, course.source(UNIT) / f"{UNIT}.ipynb")
    released = {p.name: p.read_bytes() for p in Path(course.root / "release" / UNIT).iterdir()}
    assert "given by hand in test_row_means" in backprop(course, "release", status=2)
    assert {p.name: p.read_bytes() for p in Path(course.root / "release" / UNIT).iterdir()} == released
