"""Graders at the review page: items clicked and chosen by keys, comments reused, and two of them at once."""

import base64
import io
import subprocess
import sys
import threading
from contextlib import contextmanager

import matplotlib.pyplot as plt
import pytest
from conftest import submission, submit, write_toy_course
from engine.test_rebuild import SOLVED
from nbgrader.api import MissingEntry

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.pages.feedback import page_path
from backprop_autograder.pages.handing_back import hand_back
from backprop_autograder.pages.review import serve
from browser.driver import keep_picture

pytestmark = pytest.mark.browser

UNIT, QUESTION = "01_toy", "written_why"
NAMES = {"ann-lee": "Ann Lee", "bob-may": "Bob May", "eve-fox": "Eve Fox", "kim-orr": "Kim Orr"}
FORMULA = r"""**Each row** is doubled, since

$$\frac{\partial L}{\partial x_i} = \sum_{j} \frac{\partial L}{\partial y_j}\,\frac{\partial y_j}{\partial x_i},
\qquad y = \begin{pmatrix} 2 & 0 \\ 0 & 2 \end{pmatrix} x$$

![my drawing](attachment:drawing.png)

```python
def double(X):  # every entry
    return 2 * X
```"""


def drawing() -> str:
    figure, axes = plt.subplots(figsize=(4, 2.4))
    axes.plot([0, 1, 2], [0, 2, 4])
    axes.set_title("y = 2 x")
    file = io.BytesIO()
    figure.savefig(file, dpi=80)
    plt.close(figure)
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture
def course(tmp_path):
    """Four have answered; one of them with a formula, a picture and code."""
    made = write_toy_course(tmp_path / "course")
    made.release(UNIT)
    with open_gradebook(made) as gradebook:
        for student, name in NAMES.items():
            first, last = name.split()
            gradebook.add_student(student, first_name=first, last_name=last)
    for k, student in enumerate(NAMES):
        notebook = submission(made.assignment(UNIT).released, **SOLVED, written_why=f"Answer {k}." if k else FORMULA)
        cell = next(cell for cell in notebook.cells if cell.id == QUESTION)
        cell["attachments"] = {"drawing.png": {"image/png": drawing()}}
        submit(made, student, notebook)
    grade_class(made, [UNIT], processes=1)
    return made


@contextmanager
def reviewing(course):
    """Yield the address of the page, served in this process."""
    with serve(course, UNIT, QUESTION) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.address
        finally:
            server.shutdown()


@pytest.fixture
def grader(chromium):
    """Open the page for one more grader, without any other network, and let it fail on an error of a script."""
    contexts, errors = [], []

    def open_page(address: str, width: int = 1366, height: int = 768):
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        contexts.append(context)
        context.route(lambda url: not url.startswith(address), lambda route: route.abort())
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(address)
        shown(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors


def shown(page) -> str:
    """Wait until an answer is there, and return its text."""
    page.locator("#answer[aria-busy=false]").wait_for()
    return page.inner_text("#answer")


def find(page, words: str) -> None:
    """Go to the answer with these words, by keys."""
    for _ in NAMES:
        page.keyboard.press("ArrowLeft")
        shown(page)
    for _ in NAMES:
        if words in shown(page):
            return
        page.keyboard.press("ArrowRight")
    assert words in shown(page)


def add(page, words: str, points: str) -> None:
    page.fill("#words", words)
    page.fill("#points", points)
    page.keyboard.press("Enter")
    page.locator(".pick", has_text=words).wait_for()


def said(page, words: str) -> None:
    page.locator("#said", has_text=words).wait_for()


def stored(course) -> dict[str, tuple]:
    """Return points, and comment, of everybody who has either."""
    found = {}
    with open_gradebook(course) as gradebook:
        for student in NAMES:
            try:
                grade = gradebook.find_grade(QUESTION, UNIT, UNIT, student)
                comment = gradebook.find_comment(QUESTION, UNIT, UNIT, student)
            except MissingEntry:
                continue
            if grade.manual_score is not None or comment.manual_comment:
                found[student] = (grade.manual_score, comment.manual_comment)
    return found


def test_a_class_is_graded_with_keys_and_mouse_and_what_was_given_is_everywhere(course, grader):
    with reviewing(course) as address:
        page = grader(address)
        add(page, "says why", "1")
        add(page, "takes an example", "0.5")
        find(page, "Each row")
        page.keyboard.press("1")
        page.locator(".pick", has_text="takes an example").click()
        assert page.input_value("#score") == "1.5"
        page.keyboard.press("Enter")
        said(page, "Saved.")
        find(page, "Answer 1")
        page.keyboard.press("2")
        page.keyboard.press("c")
        page.keyboard.press("End")
        page.keyboard.type("\nSee page 3.")
        page.keyboard.press("Control+Enter")
        said(page, "Saved.")
        find(page, "Answer 2")
        page.click("#earlier summary")
        page.click("#lines button")  # the comment of another answer, once more
        page.fill("#score", "0")
        page.keyboard.press("Enter")
        said(page, "Saved.")
        find(page, "Answer 3")
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        said(page, "Everything is graded.")
        assert page.inner_text("#left") == "all 4 graded"
    assert stored(course) == {
        "ann-lee": (1.5, "says why\ntakes an example"),
        "bob-may": (0.5, "takes an example\nSee page 3."),
        "eve-fox": (0.0, "See page 3."),
        "kim-orr": (1.0, "says why"),
    }
    assert list(hand_back(course, [UNIT]))
    text = page_path(course, UNIT, "bob-may").read_text(encoding="utf-8")
    assert "6.5 / 8" in text and "See page 3." in text


def test_an_item_that_changes_changes_what_was_given_and_what_is_typed(course, grader):
    with reviewing(course) as address:
        page = grader(address)
        add(page, "says why", "1")
        find(page, "Answer 1")
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        said(page, "Saved.")
        find(page, "Answer 2")
        page.keyboard.press("1")  # not saved
        page.click(".edit")
        page.fill("#words", "gives a reason")
        page.fill("#points", "2")
        page.keyboard.press("Enter")
        said(page, "Changed for 1 answer.")
        assert (page.input_value("#comment"), page.input_value("#score")) == ("gives a reason", "2")
        page.click("#save")
        said(page, "Saved.")
        page.click(".edit")
        page.click("#remove")
        said(page, "Changed for 2 answers.")
        assert page.locator(".pick").count() == 0
    assert {score for score, _ in stored(course).values()} == {0.0}


def test_two_graders_on_one_answer_overwrite_nothing(course, grader):
    command = [sys.executable, "-m", "backprop_autograder", "review", UNIT, QUESTION, "--no-browser"]
    other = subprocess.Popen([*command, "--course", str(course.root)], stdout=subprocess.PIPE, text=True)
    try:
        with reviewing(course) as address:
            one, two = grader(address), grader(other.stdout.readline().strip())
            for page in (one, two):
                find(page, "Answer 2")
            one.fill("#comment", "Mine.")
            one.fill("#score", "2")
            two.fill("#comment", "Theirs.")
            two.fill("#score", "1")
            one.keyboard.press("Enter")
            said(one, "Saved.")
            two.keyboard.press("Enter")
            two.locator("#conflict", has_text="2 of 2, “Mine.”").wait_for()
            assert (two.input_value("#comment"), two.input_value("#score")) == ("Theirs.", "1")
            assert stored(course) == {"eve-fox": (2.0, "Mine.")}
            two.click("#take")
            assert two.input_value("#comment") == "Mine."
            two.fill("#score", "1.5")
            two.keyboard.press("Enter")
            said(two, "Saved.")
            assert stored(course) == {"eve-fox": (1.5, "Mine.")}
    finally:
        other.terminate()
        other.communicate()


def test_what_was_typed_is_there_when_one_comes_back(course, grader):
    with reviewing(course) as address:
        page = grader(address)
        find(page, "Answer 3")
        page.fill("#comment", "Half a thought.")
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowLeft")
        shown(page)
        find(page, "Answer 3")
        assert page.input_value("#comment") == "Half a thought." and page.inner_text("#state") == "not saved"


def test_without_points_nothing_is_saved_and_points_that_are_too_many_are_named(course, grader):
    with reviewing(course) as address:
        page = grader(address)
        page.keyboard.press("Enter")
        said(page, "No points yet")
        page.fill("#score", "3")
        page.keyboard.press("Enter")
        said(page, "Points are from 0 to 2.")
    assert stored(course) == {}


def test_a_program_that_has_ended_is_said_and_what_was_typed_stays(course, grader):
    with reviewing(course) as address:
        page = grader(address)
    page.fill("#score", "1")
    page.keyboard.press("Enter")
    said(page, "nothing was saved. Next: start backprop review again")
    assert page.input_value("#score") == "1"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_page_fits_and_shows_all_but_names(course, grader, accessible, width, height):
    with reviewing(course) as address:
        page = grader(address, width, height)
        add(page, "says why", "1")
        add(page, "mistakes the gradient for its transpose, which has another shape", "-0.5")
        find(page, "Each row")
        page.keyboard.press("1")
        assert page.locator("#answer math mfrac").count() == 3
        assert page.evaluate("document.querySelector('#answer img').naturalWidth") == 320
        assert page.evaluate("document.documentElement.scrollWidth") == width
        text = page.inner_text("body")
        assert not [word for name in NAMES for word in (name, *NAMES[name].split()) if word in text]
        page.evaluate("scrollTo(0, 0)")
        keep_picture(page, f"review-{width}", full_page=width < 500)
        accessible(page)
        guidance = page.locator("details", has_text="For graders: a worked answer")
        assert guidance.get_attribute("open") is None
        guidance.locator("summary").click()
        assert "Because." in guidance.inner_text()
