"""Unit 0: the exercise that is graded for nothing, and the gears."""

import math

import pytest
from conftest import the_course

from backprop_autograder import review
from backprop_autograder.judging.answer_key import load_exercises
from backprop_course.start_here import explore_gears, gears_svg, turns_of_each_wheel
from backprop_solutions.start_here import gear_train

UNIT = "00_start_here"
COURSE = the_course()


def test_a_train_multiplies_its_ratios_and_an_empty_one_turns_once():
    assert gear_train([2.0, 3.0, 0.5]) == 3.0
    assert gear_train([-2.0, 3.0]) == -6.0
    assert gear_train([]) == 1.0


def test_teeth_of_meshing_wheels_cancel():
    # Wheels of 20, 13 and 10 teeth in a row: the one in the middle changes nothing.
    assert math.isclose(gear_train([-20 / 13, -13 / 10]), 2.0, rel_tol=1e-15)  # one rounding each


def test_the_wrong_answer_that_the_notebook_asks_for_is_recognised():
    message = review(load_exercises(UNIT)["gear_train"], sum)
    assert "The ratios were added" in message


def test_the_first_unit_stands_first_and_is_worth_nothing():
    assert COURSE.units()[0] == UNIT
    released = COURSE.assignment(UNIT).released
    assert sum(c.metadata["nbgrader"].get("points", 0) for c in released.cells if "nbgrader" in c.metadata) == 0


def test_each_wheel_turns_as_often_as_the_train_up_to_it_says():
    assert turns_of_each_wheel(gear_train, (2.0, 3.0, 0.5), 0.25) == [0.25, 0.5, 1.5, 0.75]
    assert "0.75 turns" in gears_svg([0.25, 0.5, 1.5, 0.75], [2.0, 3.0, 0.5])


@pytest.mark.parametrize("name", ["crank", "first", "second", "third"])
def test_every_slider_changes_the_picture(name):
    explorer = explore_gears(gear_train)
    before = explorer._picture.value
    slider = explorer.controls[name]
    slider.value = slider.min if slider.value != slider.min else slider.max
    assert explorer._picture.value != before


def test_until_it_is_solved_the_given_function_turns_the_wheels():
    def unsolved(ratios):
        raise NotImplementedError("gear_train")

    unsolved.__name__ = "gear_train"
    assert "the given function, until your gear_train is solved" in explore_gears(unsolved).description
    assert "your gear_train" in explore_gears(gear_train).description


def test_a_function_that_returns_nothing_is_named_in_words_and_raises_nothing():
    explorer = explore_gears(lambda ratios: None)
    assert "TypeError" in explorer.description
    assert explorer._picture.value == ""
