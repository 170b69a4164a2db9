"""Every unit in JupyterLab: it runs, says what is unsolved, recognises a wrong answer and accepts a right one."""

import inspect
import re
from pathlib import Path

import pytest

from backprop_autograder.cli import find_course
from backprop_autograder.engine.source import cell_of
from backprop_autograder.judging.answer_key import load_exercises
from browser.driver import CURRENT
from browser.hands import controls, ends, explorer_cells, fits_in_width, height, move, unfold

pytestmark = pytest.mark.browser

UNITS = find_course(Path(__file__)).units()
LAPTOP, USUAL = {"width": 1366, "height": 768}, {"width": 1280, "height": 1150}
MARKS = re.compile(r"\n *### (BEGIN|END) SOLUTION")


@pytest.fixture(scope="module", params=UNITS)
def opened(request, one_lab):
    """A unit, opened in JupyterLab and run from top to bottom: once for its tests, which leave no explorer's cell."""
    one_lab.turn_to(f"{request.param}/{request.param}.ipynb")
    one_lab.run_all()
    return request.param, one_lab


def test_an_untouched_unit_runs_and_each_check_says_what_is_unsolved(opened):
    unit, lab = opened
    lab.show(f"{unit}-run")
    for cell_id in lab.cell_ids():
        output = lab.output(cell_id)
        if cell_id.startswith("test_"):
            assert "is not implemented yet" in " ".join(output.split()), cell_id
            assert "Traceback" not in output, cell_id


def test_explorers_of_an_untouched_unit_show_the_given_functions(opened):
    _, lab = opened
    broken = [cell_id for cell_id in lab.cell_ids() if "explore" in cell_id and "Error" in lab.output(cell_id)]
    assert not broken
    assert explorer_cells(lab)


def test_wrong_and_right_answers_are_typed_and_the_check_tells_them_apart(opened):
    unit, lab = opened
    name, exercise = next(iter(load_exercises(unit).items()))
    wrong = exercise.misconceptions[0]
    lab.replace(name, cell_of(wrong.implementation, name))
    lab.run(name)
    (aspect, *_) = wrong.loses
    message = " ".join(lab.run(f"test_{name}" + ("" if aspect == "values" else f"_{aspect}")).split())
    lab.show(f"{unit}-wrong")
    assert f"Likely cause: {wrong.cause}" in message
    assert f"Next: {wrong.next_step}" in message
    lab.replace(name, MARKS.sub("", inspect.getsource(exercise.reference)))
    assert "Error" not in lab.run(name)
    message = lab.run(f"test_{name}")
    lab.show(f"{unit}-right")
    assert "passed" in message and "Error" not in message


# A line that is turned by half a turn looks as before, and one that is shifted to the end has left the picture.
SAME_AT_THE_ENDS = ("explore-lines",)


def test_explorers_fit_a_small_laptop_and_every_control_changes_what_is_seen_up_to_both_ends_of_sliders(opened):
    unit, lab = opened
    tall, wide, dead = [], [], []
    for cell_id in explorer_cells(lab):
        lab.page.set_viewport_size(LAPTOP)
        explorer = unfold(lab, cell_id)
        room = lab.page.evaluate(f"{CURRENT}.content.node.clientHeight")
        if (needed := height(explorer)) > room:
            tall.append(f"{cell_id}: {needed:.0f} of {room} pixels")
        explorer.scroll_into_view_if_needed()
        lab.show(f"{unit}-{cell_id}-laptop")
        moved = set()
        if cell_id not in SAME_AT_THE_ENDS:
            for label, control in controls(explorer):
                drawn, lost = ends(lab, explorer, control)
                moved |= {label} if drawn else set()
                dead += [f"{cell_id}, {label}: {what}" for what in lost]
        assert controls(explorer)
        for label, control in controls(explorer):
            if label not in moved and not move(explorer, control):
                dead.append(f"{cell_id}, {label}: nothing changes")
        lab.page.set_viewport_size(USUAL)
        if not fits_in_width(explorer):
            wide.append(cell_id)
        lab.show(f"{unit}-{cell_id}-moved")
    assert not tall
    assert not wide
    assert not dead
