"""What people are handed: feedback on a phone, and the class report with names. All is seen, nothing is cut."""

import pytest
from conftest import submission, submit, write_toy_course
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.pages.feedback import page_path
from backprop_autograder.pages.handing_back import hand_back
from backprop_autograder.pages.report import as_html, report
from browser.driver import keep_picture

pytestmark = pytest.mark.browser

UNIT = "01_toy"
PHONE, LAPTOP = (390, 844), (1366, 768)
LONG_NAME = "Maximiliane-Charlotte von Hohenstein-Westerburg"
ROSTER = {"ann": "Ann Lee", "bob": LONG_NAME, "eve": "Ève O'Neill", "kim": "Li Wei"}
LONG = f"def double(X):\n    return X * {' * '.join(['1'] * 60)} * 2"
CUT = """() => [...document.querySelectorAll("body *")].filter(e => {
  const style = getComputedStyle(e);
  return style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1
    || style.display !== "none" && e.getBoundingClientRect().right > innerWidth + 1;
}).map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Ann's score was changed by a grader, Bob was late, Eve's file is broken, Kim handed in nothing."""
    made = write_toy_course(tmp_path_factory.mktemp("pages") / "course")
    with (made.root / "nbgrader_config.py").open("a") as config:
        config.write('c.AssignLatePenalties.plugin_class = "backprop_autograder.classroom.late.PercentPerDay"\n')
    made.release(UNIT)
    with open_gradebook(made) as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2030-01-10 12:00 UTC")
        for student, name in ROSTER.items():
            first, _, last = name.partition(" ")
            gradebook.add_student(student, first_name=first, last_name=last)
    notebook = submission(
        made.assignment(UNIT).released, **SOLVED | {"double": LONG}, written_why="Since $2x = x + x$."
    )
    for student, day in (("ann", 9), ("bob", 11)):
        (submit(made, student, notebook).parent / "timestamp.txt").write_text(f"2030-01-{day} 11:00:00 UTC")
    submit(made, "eve", b"{")
    grade_class(made, [UNIT], processes=1)
    with open_gradebook(made) as gradebook:
        gradebook.find_grade("test_double", UNIT, UNIT, "ann").manual_score = 0.5
        gradebook.find_comment("double", UNIT, UNIT, "ann").manual_comment = "See `double` once more."
        gradebook.db.commit()
    assert "3 pages written, 0 as they were" in " ".join(hand_back(made, [UNIT]))
    (made.root / "report.html").write_text(as_html(report(made, [UNIT])), encoding="utf-8")
    return made


@pytest.fixture
def opened(chromium):
    """Open a file of this disk without a network, in a window of a size."""
    contexts = []

    def open_page(path, size, name):
        context = chromium.new_context(viewport=dict(zip(("width", "height"), size, strict=True)), offline=True)
        contexts.append(context)
        page = context.new_page()
        page.goto(path.as_uri())
        keep_picture(page, f"{name}-{size[0]}", full_page=True)
        return page

    yield open_page
    for context in contexts:
        context.close()


def assert_all_is_seen(page, accessible) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
    assert page.evaluate(CUT) == []
    accessible(page)


def test_feedback_on_a_phone_shows_that_a_grader_changed_a_score(course, opened, accessible):
    page = opened(page_path(course, UNIT, "ann"), PHONE, "feedback")
    assert "A grader changed this score." in page.inner_text("body") and "4.5 / 8" in page.inner_text("header")
    assert_all_is_seen(page, accessible)


def test_feedback_on_a_phone_shows_what_lateness_took(course, opened, accessible):
    page = opened(page_path(course, UNIT, "bob"), PHONE, "feedback-late")
    assert "0.6 taken off because the work came late" in page.inner_text("header")
    assert_all_is_seen(page, accessible)


def test_feedback_on_a_file_that_could_not_be_read_is_one_card(course, opened, accessible):
    page = opened(page_path(course, UNIT, "eve"), PHONE, "feedback-unreadable")
    assert page.locator("section.card").count() == 1
    assert_all_is_seen(page, accessible)


@pytest.mark.parametrize("size", [PHONE, LAPTOP])
def test_the_report_shows_names_and_is_seen_whole(course, opened, accessible, size):
    page = opened(course.root / "report.html", size, "report")
    assert "Li Wei kim" in " ".join(page.inner_text("body").split())
    assert_all_is_seen(page, accessible)
