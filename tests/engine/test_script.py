"""Cases that are lines of code: what is observed, and what a student reads and can paste."""

import numpy as np
import pytest

from backprop_autograder import Aspect, Exercise, review, script
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.engine.probe import Question, answer
from backprop_autograder.engine.script import shown


class Counter:
    """Count."""

    def __init__(self, start):
        self.count = start

    def up(self, by=1):
        self.count += by
        return self


class Stuck(Counter):
    def up(self, by=1):
        return self


def start(rng):
    return {"n": rng.uniform(1, 9)}


ONE = script("one step", "c = Counter($n)\nc.up()", "c.count", draw=start)
LOOP = script("many steps", "c = Counter(0)\nfor _ in range(3):\n    c.up(2)", "c.count")


def exercise(*cases):
    return Exercise(Counter, [Aspect("values", cases, hint="what does up return?")])


def test_drawn_numbers_stand_in_the_code_as_they_are_used():
    question = Question.draw(exercise(ONE), ONE, np.random.default_rng(0))
    outcome = answer(question, {"Counter": Counter})
    number = float(question.arguments["dict"][0][1].split("Counter(")[1].split(")")[0])
    assert outcome.result == {"c.count": number + 1}


def test_the_message_is_code_to_paste():
    message = review(exercise(ONE), Stuck)
    code = message.split("After ")[1].split(": got")[0]
    names = {"Counter": Counter}
    exec(code, names)
    assert f"expected {names['c'].count:.6g}" in message
    assert "at c.count" in message


def test_a_loop_is_shown_as_an_indented_block():
    assert "    for _ in range(3):\n        c.up(2)\n" in review(exercise(LOOP), Stuck)
    assert shown("a = 1\nb = 2") == "After a = 1; b = 2: "


def test_the_first_failing_script_is_shown_although_a_later_one_is_shorter():
    message = review(exercise(ONE, script("two", "c = Counter(0).up()", "c.count")), Stuck)
    assert message.startswith("Counter: one step.")


def test_what_the_code_defines_stays_out_of_the_notebook():
    names = {"Counter": Counter}
    (trial,) = PackedExercise.of(exercise(LOOP)).trials["values"]
    assert trial.failure(answer(trial.question, names)) is None
    assert names == {"Counter": Counter}


@pytest.mark.parametrize("value", [np.float64(2.0), np.array(2.0), 2])
def test_numbers_of_every_kind_are_observed_as_numbers(value):
    class Typed(Counter):
        def __init__(self, start):
            self.count = value

    two = script("a count", "c = Counter(2.0)", "c.count")
    assert review(exercise(two), Typed) is None
