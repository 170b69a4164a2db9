"""A unit on a hub, from hand-out to feedback: a class of accounts, nbgrader's exchange, buttons in a browser."""

import inspect
import json
import re

import pytest
from browser.driver import SECONDS, Lab
from browser.formgrader import Formgrader

from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.judging.answer_key import load_exercises

pytestmark = pytest.mark.hub

UNIT = "01_chain_rule"
EXERCISE = load_exercises(UNIT)["evaluate_graph"]
SOLUTION = re.sub(r"\n *### (BEGIN|END) SOLUTION", "", inspect.getsource(EXERCISE.reference)).rstrip()
WRITTEN = "written_backpropagation"
ANSWER = "It applies the chain rule to every node once, from the output back to the inputs."
COMMENT = "Say what is *reused*."


def log_in(machine, chromium, who: str):
    """Log in with a password, and wait for JupyterLab; return the page and the server's address."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.goto(f"{machine.address}hub/login")
    page.fill("#username_input", machine.names[who])
    page.fill("#password_input", machine.password)
    page.click("#login_submit")
    page.wait_for_function("window.jupyterapp && window.jupyterapp.shell.currentWidget")
    return page, f"{machine.address}user/{machine.names[who]}/"


def menu(page) -> str:
    """Open the menu Nbgrader, and return what stands in it."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
    return page.locator(".lm-Menu-content").inner_text()


class AssignmentList:
    """What students have instead of formgrader."""

    def __init__(self, lab: Lab):
        self.lab = lab
        menu(lab.page)
        lab.page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()

    def press(self, part: str, button: str) -> None:
        """Press a button in the row of the unit: one of the parts released, fetched, submitted."""
        self.row(part).get_by_role("button", name=button, exact=True).click()

    def row(self, part: str):
        """Wait for the row of the unit in a part, and return it."""
        row = self.lab.page.locator(f"#{part}_assignments_list .list_item").filter(has_text=UNIT).first
        row.wait_for()
        return row


@pytest.fixture(scope="module")
def course(machine):
    return Course(machine.course)


@pytest.fixture(scope="module")
def formgrader(machine, chromium):
    """The instructor's formgrader."""
    page, address = log_in(machine, chromium, "instructor")
    assert "Formgrader" in menu(page)
    return Formgrader(page, address, token="")


def press_for_the_unit(formgrader, column: str) -> str:
    formgrader.open("manage_assignments")
    formgrader.row(UNIT).wait_for()
    return formgrader.press(UNIT, column)


@pytest.fixture(scope="module")
def released(formgrader):
    """What formgrader says when the unit is made and handed out."""
    assert "Successfully" in press_for_the_unit(formgrader, "assign")
    return press_for_the_unit(formgrader, "release")


@pytest.fixture(scope="module")
def ann(machine, chromium, released):
    """Ann's JupyterLab, after she has fetched the unit."""
    page, address = log_in(machine, chromium, "ann")
    lab = Lab(page, address, token="")
    assignments = AssignmentList(lab)
    assignments.press("released", "Fetch")
    assignments.row("fetched")
    lab.show("hub-fetched")
    return lab


@pytest.fixture(scope="module")
def said(ann):
    """What the check says before and after Ann has solved an exercise; she answers the question, too, and saves."""
    ann.open(f"{UNIT}/{UNIT}.ipynb")
    ann.run("setup")
    before = ann.run("evaluate_graph") + ann.run("test_evaluate_graph")
    ann.replace("evaluate_graph", SOLUTION)
    after = ann.run("evaluate_graph") + ann.run("test_evaluate_graph")
    ann.show("hub-solved")
    ann.cell(WRITTEN).dblclick()
    ann.replace(WRITTEN, ANSWER)
    ann.save()
    return " ".join(before.split()), " ".join(after.split())


@pytest.fixture(scope="module")
def submitted(machine, ann, said):
    """Ann has handed in by the button; Bob, in a terminal, what he fetched."""
    assignments = AssignmentList(ann)
    assignments.press("fetched", "Submit")
    assignments.row("submitted")
    ann.show("hub-submitted")
    for command in ("fetch_assignment", "submit"):
        done = machine.as_user("bob", "nbgrader", command, UNIT)
        assert done.returncode == 0, done.stderr
    return assignments


@pytest.fixture(scope="module")
def collected(formgrader, submitted):
    """What formgrader says when it has collected."""
    return press_for_the_unit(formgrader, "collect")


@pytest.fixture(scope="module")
def autograded(machine, formgrader, collected):
    """What formgrader says when the button has graded each."""
    words = {}
    for who in ("ann", "bob"):
        formgrader.open(f"manage_submissions/{UNIT}")
        formgrader.row(machine.names[who]).wait_for()
        words[who] = formgrader.press(machine.names[who], "autograde")
    formgrader.open(f"manage_submissions/{UNIT}")
    formgrader.row(machine.names["bob"]).wait_for()
    formgrader.show("hub-submissions")
    return words


@pytest.fixture(scope="module")
def by_hand(formgrader, course, machine, autograded):
    """Ann's written answer has a point and a comment."""
    with open_gradebook(course) as gradebook:
        key = gradebook.find_submission_notebook(UNIT, UNIT, machine.names["ann"]).id
    formgrader.open(f"submissions/{key}/")
    page = formgrader.page
    page.wait_for_function("formgrader.grades && formgrader.grades.loaded && formgrader.comments.loaded")
    assert ANSWER in page.locator("body").inner_text()
    for place, text, saved in ((WRITTEN, "1", "/api/grade/"), (f"{WRITTEN}-comment", COMMENT, "/api/comment/")):
        with page.expect_response(lambda r, saved=saved: saved in r.url and r.request.method == "PUT"):
            page.locator(f"#{place}").fill(text)
            page.locator(f"#{place}").press("Tab")
    formgrader.show("hub-by-hand")


@pytest.fixture(scope="module")
def returned(formgrader, by_hand):
    """What formgrader says when it has written and released feedback."""
    assert "Success" in press_for_the_unit(formgrader, "generate-feedback")
    return press_for_the_unit(formgrader, "release-feedback")


@pytest.fixture(scope="module")
def feedback(machine, ann, submitted, returned):
    """The feedback that Ann has fetched by the button."""
    submitted.press("submitted", "Fetch Feedback")
    ann.page.get_by_text("view feedback").first.wait_for()
    ann.show("hub-feedback-fetched")
    (page,) = (machine.home["ann"] / UNIT / "feedback").rglob("*.html")
    return page


def test_the_instructor_releases_the_unit_by_a_button(released, machine):
    assert "Successfully released" in released
    outbound = machine.root / "srv/nbgrader/exchange/backprop/outbound" / UNIT
    assert {"checks.json", f"{UNIT}.ipynb"} <= {path.name for path in outbound.iterdir()}


def test_students_have_the_list_of_assignments_and_none_of_the_instructors_tools(ann, machine):
    words = menu(ann.page)
    ann.page.keyboard.press("Escape")
    assert "Assignment List" in words
    assert "Formgrader" not in words and "Course List" not in words
    for path in ("formgrader/manage_assignments", "course_list"):
        assert ann.page.request.get(f"{ann.address}{path}").status == 404


def test_a_student_solves_an_exercise_by_typing_and_the_check_agrees(said):
    before, after = said
    assert "evaluate_graph is not implemented yet" in before
    assert re.match(r"evaluate_graph \(values\): \d+ cases passed", after) and "Error" not in after


def test_what_both_handed_in_is_collected(collected, course, machine):
    assert "Successfully collected" in collected
    assert set(course.students(UNIT)) == {machine.names["ann"], machine.names["bob"]}
    sources = {
        cell["id"]: cell["source"] for cell in json.loads(course.submission(UNIT, machine.names["ann"]))["cells"]
    }
    assert "".join(sources["evaluate_graph"]) == SOLUTION
    assert "".join(sources[WRITTEN]) == ANSWER


def test_the_button_judges_both_in_the_sandbox_of_an_ordinary_account(autograded, course, machine):
    assert all("Successfully autograded" in words for words in autograded.values())
    records = {who: course.record(UNIT, machine.names[who]) for who in ("ann", "bob")}
    assert all(record["sandbox"] for record in records.values())
    passed = {v["grade_id"] for v in records["ann"]["verdicts"] if v["status"] == "passed"}
    assert passed == {"test_evaluate_graph"}
    assert not [v for v in records["bob"]["verdicts"] if v["status"] == "passed"]


def test_the_command_in_the_instructors_terminal_gives_the_same_verdicts(autograded, course, machine):
    paths = [course.verdict_path(UNIT, machine.names[who]) for who in ("ann", "bob")]
    before = [path.read_bytes() for path in paths]
    done = machine.as_user("instructor", "backprop", "grade", UNIT, "--force", "--course", str(machine.course))
    assert done.returncode == 0, done.stderr
    assert [path.read_bytes() for path in paths] == before


def test_the_instructors_account_isolates_submissions(machine):
    done = machine.as_user("instructor", "backprop", "doctor", "--course", str(machine.course))
    assert done.returncode == 0, done.stdout


def test_the_student_reads_points_comment_and_verdict_in_the_feedback(feedback, ann, autograded, course, machine):
    released = course.assignment(UNIT).released.cells
    points = {cell.id: cell.metadata.nbgrader.get("points", 0) for cell in released if "nbgrader" in cell.metadata}
    total = f"{points['test_evaluate_graph'] + 1:g} / {sum(points.values()):g}"
    ann.open(str(feedback.relative_to(machine.home["ann"])))
    page = ann.page.frame_locator(".jp-IFrame iframe").first
    page.get_by_text("reused").first.wait_for()
    ann.show("hub-feedback")
    words = " ".join(page.locator("body").inner_text().split())
    assert total in words
    assert "You left this exercise as it was." in words


def test_feedback_in_a_tab_of_the_browser_leads_back_to_the_notebook(feedback, ann, machine):
    tab = ann.page.context.new_page()
    tab.goto(f"{ann.address}files/{feedback.relative_to(machine.home['ann'])}")
    tab.get_by_text("open this section in your notebook").first.click()
    tab.wait_for_url(f"**/user/{machine.names['ann']}/lab/**/{UNIT}.ipynb*")
    tab.close()


def test_a_second_student_cannot_read_what_the_first_handed_in(submitted, feedback, machine):
    exchange = machine.root / "srv/nbgrader/exchange/backprop"
    assert list((exchange / "inbound").glob(f"{machine.names['ann']}+*")), "nothing was handed in"
    for folder in (machine.home["ann"], exchange / "inbound", exchange / "feedback"):
        assert machine.as_user("bob", "ls", str(folder)).returncode != 0, folder
    found = machine.as_user("bob", "find", str(machine.root), "-readable", "-type", "f").stdout
    assert f"outbound/{UNIT}/{UNIT}.ipynb" in found
    readable = [line for line in found.splitlines() if line.endswith((".ipynb", ".html"))]
    assert not [line for line in readable if "inbound" in line or machine.names["ann"] in line or "/feedback/" in line]


def test_no_student_can_take_the_exchange_away(submitted, machine):
    exchange = machine.root / "srv/nbgrader/exchange/backprop"
    assert machine.as_user("bob", "mv", str(exchange), f"{exchange}2").returncode != 0
    assert machine.as_user("bob", "touch", str(exchange / "outbound" / "new")).returncode != 0


def test_no_student_can_read_the_answer_key_or_the_gradebook(autograded, machine):
    assert machine.as_user("bob", "ls", str(machine.home["instructor"])).returncode != 0
    done = machine.as_user("bob", "python", "-c", "import backprop_solutions")
    assert "ModuleNotFoundError" in done.stderr


def test_one_student_cannot_open_the_server_of_another_account(ann, machine):
    other = f"{machine.address}user/{machine.names['instructor']}/api/contents"
    assert ann.page.request.get(other).status in (403, 404)
