"""An instructor at formgrader: generate, grade through the judge, grade by hand with the rubric in view, feedback."""

import shlex
import sys
from pathlib import Path

import nbformat
import pytest

from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.demo import hand_in, make_course
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.cli import find_course
from backprop_autograder.judging.verdict import verdicts_of
from backprop_autograder.pages.review import Review
from browser.driver import free_port, serving
from browser.formgrader import Formgrader

pytestmark = pytest.mark.browser

UNIT = "02_finite_differences"
STUDENTS = 3
ATTACK = (
    'Fine.\n\n<script>window.alive = 1</script><img src="x" onerror="window.alive = 2">\n\n[a](javascript:alert(1))'
)
OUTPUTS = """
from IPython.display import HTML, SVG, Javascript, display
display(HTML("<img src=x onerror='window.alive = 3'>"), Javascript("window.alive = 4"))
display({"image/svg+xml": "<svg onload='window.alive = 5'/>", "text/plain": "plain"}, raw=True)
display({"image/png": "QUJD"}, raw=True, metadata={"image/png": {"width": "1 onerror=window.alive=6"}})
print("<script>window.alive = 7</script>")
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """A course that knows nothing but its sources."""
    return make_course(find_course(Path(__file__)), tmp_path_factory.mktemp("formgrader") / "course")


@pytest.fixture(scope="module")
def server(course):
    """JupyterLab, started in the course's folder as the guide says."""
    port = free_port()
    program = shlex.join([sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"])
    command = ["sh", "-c", f"cd course && exec {program} --LabApp.news_url=None"]
    with serving(command, course.root.parent, port) as address:
        yield address


@pytest.fixture(scope="module")
def formgrader(chromium, server):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield Formgrader(context.new_page(), server)
    context.close()


@pytest.fixture(scope="module")
def generated(formgrader):
    """What formgrader says when it has made the students' version."""
    formgrader.open("manage_assignments")
    formgrader.row(UNIT).wait_for()
    formgrader.show("assignments")
    return formgrader.press(UNIT, "assign")


def mallory(course: Course) -> bytes:
    """Return a right submission whose written answer and outputs try to run scripts."""
    notebook = nbformat.read(course.root / "release" / UNIT / f"{UNIT}.ipynb", as_version=4)
    (answer,) = (c for c in notebook.cells if c.cell_type == "markdown" and c.id.startswith("written_"))
    answer.source = ATTACK
    notebook.cells.insert(2, nbformat.v4.new_code_cell(OUTPUTS))
    return nbformat.writes(notebook).encode()


@pytest.fixture(scope="module")
def class_plan(course, generated):
    """What the demo class handed in; Mallory too."""
    plan = hand_in(course, UNIT, STUDENTS, seed=0)
    folder = course.root / "submitted" / "mallory" / UNIT
    folder.mkdir(parents=True)
    (folder / f"{UNIT}.ipynb").write_bytes(mallory(course))
    return plan


@pytest.fixture(scope="module")
def autograded(formgrader, class_plan):
    """What formgrader says when it has graded each student through the judge."""
    formgrader.open(f"manage_submissions/{UNIT}")
    words = {}
    for student in (*class_plan, "mallory"):
        formgrader.row(student).wait_for()
        words[student] = formgrader.press(student, "autograde")
    formgrader.open(f"manage_submissions/{UNIT}")
    formgrader.row("mallory").wait_for()
    formgrader.show("submissions")
    return words


def submission_page(formgrader: Formgrader, course: Course, student: str):
    """Open a student's notebook for grading by hand."""
    with open_gradebook(course) as gradebook:
        key = gradebook.find_submission_notebook(UNIT, UNIT, student).id
    formgrader.open(f"submissions/{key}/")
    formgrader.page.wait_for_function("formgrader.grades && formgrader.grades.loaded && formgrader.comments.loaded")
    return formgrader.page


def written(course: Course) -> str:
    """Return the ``grade_id`` of the unit's written answer."""
    cells = course.assignment(UNIT).released.cells
    return next(cell.id for cell in cells if cell.cell_type == "markdown" and cell.id.startswith("written_"))


@pytest.fixture(scope="module")
def graded_by_hand(formgrader, course, autograded):
    """The page on which a score and a comment were typed in, after it has saved both."""
    page = submission_page(formgrader, course, "s001")
    name = written(course)
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        page.locator(f"#{name}").fill("1")
        page.locator(f"#{name}").press("Tab")
    with page.expect_response(lambda r: "/api/comment/" in r.url and r.request.method == "PUT"):
        page.locator(f"#{name}-comment").fill("Say *why* the error grows again.")
        page.locator(f"#{name}-comment").press("Tab")
    page.locator(f"#{name}").scroll_into_view_if_needed()
    page.wait_for_timeout(700)
    formgrader.show("by-hand")
    return page


@pytest.fixture(scope="module")
def feedback(formgrader, graded_by_hand):
    """What formgrader says when it has written everybody's feedback."""
    formgrader.open("manage_assignments")
    formgrader.row(UNIT).wait_for()
    return formgrader.press(UNIT, "generate-feedback")


def test_generate_makes_the_students_version(generated, course):
    assert "Successfully created the student version" in generated
    assert {"checks.json", f"{UNIT}.ipynb"} <= {p.name for p in (course.root / "release" / UNIT).iterdir()}


def test_the_autograde_button_grades_each_through_the_judge(autograded, course, class_plan):
    assert all("Successfully autograded" in words for words in autograded.values())
    for student in autograded:
        record = course.record(UNIT, student)
        with open_gradebook(course) as gradebook:
            score = gradebook.find_submission(UNIT, student).score
        assert score == sum(verdict["points"] for verdict in record["verdicts"])
    found = {
        student: {v["exercise"]: v["causes"][0]["name"] for v in course.record(UNIT, student)["verdicts"]
                  if v["causes"]}
        for student in class_plan
    }  # fmt: skip
    assert found == {student: work.planted for student, work in class_plan.items()}


def test_the_list_shows_scores_and_who_waits_for_a_grade_by_hand(formgrader, autograded, course):
    formgrader.open(f"manage_submissions/{UNIT}")
    row = formgrader.row("s001")
    row.wait_for()
    assert "needs manual grading" in row.inner_text()
    assert "15 / 17" in row.inner_text()


def test_the_rubric_stands_above_the_answer_in_one_view(formgrader, course, autograded):
    page = submission_page(formgrader, course, "s001")
    name = written(course)
    page.locator(f"#{name}").scroll_into_view_if_needed()
    rubric = page.locator("p").filter(has_text="Rubric.").last
    formgrader.show("rubric")
    assert "1 point" in rubric.inner_text()
    assert not page.get_by_text("For graders: a worked answer").locator("xpath=..").get_attribute("open")
    top, bottom = rubric.bounding_box(), page.locator(f"#{name}-comment").bounding_box()
    assert 0 < bottom["y"] + bottom["height"] - top["y"] < 800


def test_the_judges_message_stands_below_the_test_cell_that_it_is_about(formgrader, course, autograded):
    page = submission_page(formgrader, course, "s002")
    wrong = [v for v in verdicts_of(course.record(UNIT, "s002")) if v.status == "wrong"]
    assert wrong
    for verdict in wrong:
        cell = page.locator(".code_cell").filter(has=page.locator(f"#{verdict.grade_id}"))
        words = " ".join(cell.locator(".output").inner_text().split())
        assert words == " ".join(["NOT PASSED", *verdict.message.split()])
    page.locator(f"#{wrong[0].grade_id}").scroll_into_view_if_needed()
    formgrader.show("message")


def test_nothing_of_a_submission_is_alive_in_the_instructors_browser(formgrader, course, autograded):
    page = submission_page(formgrader, course, "mallory")
    page.wait_for_timeout(500)
    formgrader.show("mallory")
    assert page.evaluate("window.alive") is None
    assert "Fine." in page.locator(".nbgrader_cell").filter(has=page.locator(f"#{written(course)}")).inner_text()
    assert "<script>window.alive = 7</script>" in page.locator("body").inner_text()
    assert page.locator("a[href^=javascript]").count() == 0


def test_the_gradebook_holds_score_and_comment_given_by_hand(graded_by_hand, course):
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade(written(course), UNIT, UNIT, "s001")
        comment = gradebook.find_comment(written(course), UNIT, UNIT, "s001")
        assert (grade.manual_score, grade.needs_manual_grade) == (1.0, False)
        assert comment.manual_comment == "Say *why* the error grows again."
        assert gradebook.find_submission(UNIT, "s001").score == 16.0


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unasked(formgrader, course, autograded):
    name, review = written(course), Review(course, UNIT, written(course))

    def points():
        with open_gradebook(course) as gradebook:
            return gradebook.find_grade(name, UNIT, UNIT, "mallory").manual_score

    def colleague_gives(score):
        with open_gradebook(course) as gradebook:
            key = gradebook.find_grade(name, UNIT, UNIT, "mallory").id
        (answer,) = (a for a in review.state()["answers"] if a["key"] == key)
        review.save(key, score, "", answer["seen"])

    page = submission_page(formgrader, course, "mallory")
    box, asked = page.locator(f"#{name}"), []
    colleague_gives(2.0)
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    box.fill("1")
    box.press("Tab")
    page.wait_for_function("name => document.getElementById(name).value === '2'", arg=name)
    assert points() == 2.0 and "2" in asked[0]
    colleague_gives(0.0)
    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        box.fill("1")
        box.press("Tab")
    assert points() == 1.0


def test_feedback_carries_the_score_and_the_comment(feedback, course, formgrader):
    assert "Success" in feedback
    page = course.root / "feedback" / "s001" / UNIT / f"{UNIT}.html"
    text = page.read_text(encoding="utf-8")
    assert "16" in text and "error grows again" in text
    formgrader.page.goto(page.as_uri())
    formgrader.show("feedback", full_page=True)


def test_a_score_by_hand_survives_another_press_of_autograde(formgrader, feedback, course):
    formgrader.open(f"manage_submissions/{UNIT}")
    formgrader.row("s001").wait_for()
    assert "Successfully" in formgrader.press("s001", "autograde")
    with open_gradebook(course) as gradebook:
        assert gradebook.find_submission(UNIT, "s001").score == 16.0
        assert gradebook.find_comment(written(course), UNIT, UNIT, "s001").manual_comment
