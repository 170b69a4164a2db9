"""What stands around the notebooks: Validate, handing in, and what students do not see."""

import time
import zipfile

import pytest

pytestmark = pytest.mark.browser

UNIT = "00_start_here"
RIGHT = "def gear_train(ratios):\n    product = 1\n    for r in ratios:\n        product *= r\n    return product"


@pytest.fixture
def opened(one_lab, work, released):
    """The untouched unit, in a new kernel."""
    path = work / UNIT / f"{UNIT}.ipynb"
    path.write_bytes(released[path])
    one_lab.page.keyboard.press("Escape")  # a dialogue that a test has left open
    one_lab.turn_to(f"{UNIT}/{UNIT}.ipynb")
    return one_lab


def dialogue(lab):
    """Wait for a dialogue, and return its text."""
    box = lab.page.locator(".jp-Dialog, .nbgrader-ErrorDialog").last
    box.wait_for(state="visible")
    text = box.inner_text()
    return text


def test_nothing_of_the_instructors_is_shown_and_nobody_asks_questions(opened):
    opened.page.wait_for_timeout(1000)
    opened.show("tabs")
    menu = opened.page.locator(".lm-MenuBar").inner_text()
    assert "Nbgrader" not in menu
    commands = opened.page.evaluate("window.jupyterapp.commands.listCommands()")
    assert not [c for c in commands if c.startswith("nbgrader") and "validate" not in c]
    assert opened.page.locator(".Toastify__toast").count() == 0


def test_validate_lists_a_failing_check_and_is_content_with_a_right_answer(opened):
    opened.replace("gear_train", "def gear_train(ratios):\n    return sum(ratios)")
    opened.page.locator(".jp-Toolbar").get_by_text("Validate", exact=True).click()
    text = dialogue(opened)
    opened.show("validate-wrong")
    assert "gear_train" in text and "The ratios were added" in " ".join(text.split())
    opened.page.keyboard.press("Escape")
    opened.replace("gear_train", RIGHT)
    opened.page.locator(".jp-Toolbar").get_by_text("Validate", exact=True).click()
    text = dialogue(opened)
    opened.show("validate-right")
    assert "Success" in text


def test_the_button_hands_in_what_is_on_the_screen_though_nobody_saved_it(opened, work):
    opened.run_all()
    opened.replace("gear_train", RIGHT)
    submit = opened.cell("submit")
    submit.locator("input").fill("ann")
    submit.locator("input").press("Tab")
    start = time.monotonic()
    submit.get_by_text("Make the zip to hand in").click()
    submit.get_by_text("This file is what you hand in").wait_for()
    opened.cell("submit")
    opened.show("submitted")
    assert time.monotonic() - start < 3  # it did not wait in vain for the file to be saved
    (path,) = (work / "submissions").glob("ann__*.zip")
    with zipfile.ZipFile(path) as archive:
        assert "product *= r" in archive.read(f"{UNIT}.ipynb").decode()
    with opened.page.expect_download() as download:
        submit.get_by_text("Download the zip").click()
    assert download.value.suggested_filename == path.name
