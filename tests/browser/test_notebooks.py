"""Every unit in JupyterLab: it runs, says what is unsolved, recognises a wrong answer and accepts a right one."""

import inspect
import re
from pathlib import Path

import pytest

from backprop_autograder.cli import find_course
from backprop_autograder.engine.source import cell_of
from backprop_autograder.judging.answer_key import load_exercises
from browser.driver import CURRENT
from browser.hands import controls, ends, explorer_cells, height, move, unfold

pytestmark = pytest.mark.browser

UNITS = find_course(Path(__file__)).units()
LAPTOP, USUAL = {"width": 1366, "height": 768}, {"width": 1280, "height": 1150}
MARKS = re.compile(r"\n *### (BEGIN|END) SOLUTION")


@pytest.fixture(scope="module", params=UNITS)
def opened(request, chromium, new_lab):
    """A unit, opened in JupyterLab and run from top to bottom: once for its tests, which leave no explorer's cell."""
    with new_lab(chromium) as lab:
        lab.open(f"{request.param}/{request.param}.ipynb")
        lab.run_all()
        yield request.param, lab


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


def test_controls_and_picture_of_each_explorer_fit_a_small_laptop_and_keys_reach_both_ends_of_sliders(opened):
    unit, lab = opened
    lab.page.set_viewport_size(LAPTOP)
    try:
        tall, lost = {}, {}
        for cell_id in explorer_cells(lab):
            explorer = unfold(lab, cell_id)
            room = lab.page.evaluate(f"{CURRENT}.content.node.clientHeight")
            if (needed := height(explorer)) > room:
                tall[cell_id] = f"{needed:.0f} of {room} pixels"
            explorer.scroll_into_view_if_needed()
            lab.show(f"{unit}-{cell_id}-laptop")
            if cell_id not in SAME_AT_THE_ENDS and (missed := ends(lab, explorer)):
                lost[cell_id] = missed
    finally:
        lab.page.set_viewport_size(USUAL)
    assert not tall
    assert not lost


def test_every_control_of_every_explorer_changes_what_is_seen(opened):
    unit, lab = opened
    cells = explorer_cells(lab)
    assert cells
    for cell_id in cells:
        explorer = unfold(lab, cell_id)
        lab.show(f"{unit}-{cell_id}")
        # Shapes inside a drawing count in its own units, which the page scales.
        width = explorer.evaluate("e => Math.max(...Array.from(e.querySelectorAll(':not(svg *)'), c => c.scrollWidth))")
        assert width <= explorer.evaluate("e => e.clientWidth") + 1, "something is wider than the notebook"
        dead = [label for label, control in controls(explorer) if not move(lab, explorer, control)]
        lab.show(f"{unit}-{cell_id}-moved")
        assert not dead, f"{cell_id}: {dead}"
        assert controls(explorer)
