"""One question across the class: without names, saved in nbgrader's gradebook, and nobody's work overwritten."""

import json
import shutil
import threading
import urllib.error
import urllib.request

import nbformat
import pytest
from conftest import submission, submit, toy_source, write_toy_course
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.pages.formulas import formula
from backprop_autograder.pages.given import give, read_given
from backprop_autograder.pages.markup import safe_markdown
from backprop_autograder.pages.review import ConflictError, Review, serve
from backprop_autograder.pages.rubric import Item, path_of

UNIT, QUESTION = "01_toy", "written_why"
ANSWERS = {
    "ann": "Because $\\frac{1}{2} + \\frac12 = 1$. <script>alert(1)</script>",
    "bob": "No idea.",
    "kim": None,
}


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    course = write_toy_course(tmp_path_factory.mktemp("review") / "course")
    course.release(UNIT)
    for student, answer in ANSWERS.items():
        words = {QUESTION: answer} if answer else {}
        submit(course, student, submission(course.assignment(UNIT).released, **SOLVED, **words))
    grade_class(course, [UNIT], processes=1)
    return course


@pytest.fixture
def review(once, tmp_path):
    shutil.copytree(once.root, tmp_path / "course")
    return Review(Course(tmp_path / "course"), UNIT, QUESTION)


def answer(review: Review, words: str) -> dict:
    return next(one for one in review.state()["answers"] if words in review.html(one["key"]))


def stored(review: Review, student: str) -> tuple:
    with open_gradebook(review.course) as gradebook:
        grade = gradebook.find_grade(QUESTION, UNIT, UNIT, student)
        comment = gradebook.find_comment(QUESTION, UNIT, UNIT, student)
        return grade.manual_score, grade.needs_manual_grade, comment.manual_comment


def test_answers_come_without_names_and_only_those_that_were_written(review):
    state = review.state()
    assert len(state["answers"]) == 2 and state["most"] == 2.0
    shown = json.dumps([state, *(review.html(one["key"]) for one in state["answers"])])
    assert not any(student in shown for student in ANSWERS)


def test_formulas_are_drawn_and_nothing_in_an_answer_is_alive(review):
    html = review.html(answer(review, "Because")["key"])
    assert "<math" in html and "<mfrac>" in html and "<script" not in html


@pytest.mark.parametrize("text", ["$$\\frac12$$", "So $$\n\\frac12\n$$ it is", "$$\\frac12,\n\\quad x$$"])
def test_what_stands_between_two_dollars_is_a_line_of_its_own(text):
    assert 'display="block"' in safe_markdown(text, formulas=True)


@pytest.mark.parametrize(
    "tex",
    [
        "\\href{javascript:alert(1)}{x}",
        "\\text{<img src=x onerror=alert(1)>}",
        "\\frac{",
        "x" * 5000,
        "</math><script>",
    ],
)
def test_a_formula_that_wants_more_than_to_be_drawn_is_shown_as_text(tex):
    for html in (str(formula(tex, "inline")), str(safe_markdown(f"${tex}$", formulas=True))):
        assert not any(bad in html for bad in ("<img", "<script", "<a ", "href=", "onerror=alert(1)>x"))


def test_points_and_comment_are_in_the_gradebook_and_nobody_waits(review):
    one = answer(review, "No idea")
    review.save(one["key"], 1.5, "Look again.", one["seen"])
    assert stored(review, "bob") == (1.5, False, "Look again.")
    assert answer(review, "No idea")["waits"] is False


def test_what_somebody_else_saved_is_not_overwritten(review):
    one = answer(review, "No idea")
    review.save(one["key"], 2.0, "Mine.", one["seen"])
    with pytest.raises(ConflictError, match="Somebody else has graded"):
        review.save(one["key"], 0.0, "Theirs.", one["seen"])
    assert stored(review, "bob") == (2.0, False, "Mine.")


def test_more_points_than_there_are_is_an_error(review):
    one = answer(review, "No idea")
    with pytest.raises(CourseError, match="from 0 to 2"):
        review.save(one["key"], 3.0, "", one["seen"])


def test_an_item_that_changes_changes_for_everybody_who_has_it_but_not_a_typed_score(review):
    review.put_item(Item("names the rule", 1.0))
    for words, score in (("No idea", 1.0), ("Because", 0.25)):
        one = answer(review, words)
        review.save(one["key"], score, "names the rule\nMore of this.", one["seen"])
    assert len(review.put_item(Item("names a rule", 2.0), old="names the rule")) == 2
    assert stored(review, "bob") == (2.0, False, "names a rule\nMore of this.")
    assert stored(review, "ann") == (0.25, False, "names a rule\nMore of this.")


def test_an_item_that_is_taken_away_is_gone_from_comments_and_from_their_sum(review):
    for item in (Item("names the rule", 0.1), Item("says why", 0.2)):
        review.put_item(item)
    one = answer(review, "No idea")
    review.save(one["key"], 0.3, "names the rule\nsays why", one["seen"])
    assert list(review.put_item(None, old="names the rule")) == [one["key"]]
    assert stored(review, "bob") == (0.2, False, "says why")
    assert review.items() == [Item("says why", 0.2)]


def test_what_was_written_between_reading_and_writing_stays(review):
    with open_gradebook(review.course) as gradebook:
        known = gradebook.find_notebook(UNIT, UNIT)
        one = next(one for one in read_given(gradebook, known, QUESTION) if one.student == "bob")
        gradebook.find_comment(QUESTION, UNIT, UNIT, "bob").manual_comment = "From formgrader."
        gradebook.db.commit()
        assert give(gradebook, one, 2.0, "Mine.") is None
    assert stored(review, "bob") == (None, True, "From formgrader.")


def test_graders_who_start_at_the_same_time_read_in_different_orders(review):
    with_order = (Review(review.course, UNIT, QUESTION, order=str(k)).state()["answers"] for k in range(32))
    # That 32 graders have one order of two answers by chance is once in 2**31.
    assert len({tuple(answer["key"] for answer in answers) for answers in with_order}) == 2


@pytest.mark.parametrize("item", [Item(" ", 1.0), Item("x", float("nan")), Item("there", 1.0)])
def test_an_item_that_is_none_is_refused(review, item):
    review.put_item(Item("there", 1.0))
    with pytest.raises(CourseError, match="item"):
        review.put_item(item)


def test_graders_see_rubric_and_worked_answer_of_the_source_and_students_do_not(review):
    source = toy_source()
    cell = next(cell for cell in source.cells if cell.id == QUESTION)
    cell.source = "### BEGIN SOLUTION\nBecause $2x$.\n\n**Rubric, for graders.** *Why* (1 point).\n### END SOLUTION"
    nbformat.write(source, review.course.source(UNIT) / f"{UNIT}.ipynb")
    said = review.guidance()
    assert "<strong>Rubric, for graders.</strong> <em>Why</em> (1 point)" in said.split("<details>")[0]
    assert "Because" in said.split("<details>")[1] and "<math" in said
    assert "Because" not in review.asked()[1] and "Rubric" not in review.asked()[1]


def test_a_port_that_is_taken_is_one_line(review):
    with serve(review.course, UNIT, QUESTION) as server, pytest.raises(CourseError, match="cannot be had"):
        serve(review.course, UNIT, QUESTION, server.server_port)


def test_a_broken_rubric_is_an_answer_and_no_traceback(review, capfd):
    with serve(review.course, UNIT, QUESTION) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        path = path_of(review.course, UNIT, QUESTION)
        path.parent.mkdir(parents=True)
        path.write_text("{")
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(server.address + "state", timeout=60)
        assert "is no rubric" in json.loads(error.value.read())["error"]
        server.shutdown()
    assert "Traceback" not in capfd.readouterr().err


def test_a_question_that_is_none_is_named_with_those_there_are(review):
    with pytest.raises(CourseError, match=r"no question test_double\. There are: written_why"):
        Review(review.course, UNIT, "test_double").check()


def test_the_page_answers_only_who_knows_its_address(review):
    with serve(review.course, UNIT, QUESTION) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with urllib.request.urlopen(server.address, timeout=60) as reply:
            page = reply.read().decode()
        assert "Why twice?" in page and "script-src 'sha256-" in page
        one = answer(review, "No idea")
        data = {"key": one["key"], "score": 2, "comment": "Good.", "seen": one["seen"]}
        request = urllib.request.Request(server.address + "save", json.dumps(data).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=60) as reply:
            assert json.loads(reply.read())["seen"]
        with pytest.raises(urllib.error.HTTPError, match="409"):
            urllib.request.urlopen(request, timeout=60)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/state", timeout=60)
        server.shutdown()
    assert stored(review, "bob") == (2.0, False, "Good.")
