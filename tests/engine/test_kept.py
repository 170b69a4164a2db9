"""Functions that stay with the judge: it answers their calls and counts them, whatever the other side says."""

import numpy as np
import pytest

from backprop_autograder import Formula
from backprop_autograder.engine.data import encode
from backprop_autograder.engine.probe import Outcome, Question
from backprop_autograder.workers.kept import MAX_CALLS, KeptFunctions
from backprop_autograder.workers.warm import can_fork, shared_launcher

CUBE = {"fs": [Formula("lambda x: a * x**3", a=2.0), Formula("lambda x: x / 0 if x == 0 else x")], "x": 3.0}


def kept(**arguments):
    functions = KeptFunctions()
    functions.add(Question("f", encode(arguments or CUBE)), keep=True)
    return functions


def test_no_text_of_a_kept_function_travels():
    assert "lambda" not in str(kept().questions[0].to_json())


def test_calls_are_counted_by_place_and_forged_counts_dropped():
    functions = kept()
    assert functions.call(0, encode([3.0])) == {"value": 54.0}
    assert functions.counted([Outcome(calls={"fs[0]": 0, "fs[1]": 0})])[0].calls == {"fs[0]": 1, "fs[1]": 0}


def test_a_number_of_numpy_stays_one():
    assert kept().call(0, [{"scalar": encode(np.array(3.0))}])["value"].keys() == {"scalar"}


@pytest.mark.parametrize("number", [-1, 2, True, None, "0", [0], 10**30])
def test_a_number_that_no_function_has_is_an_error(number):
    assert kept().call(number, [1.0])["error"][0] == "IndexError"


@pytest.mark.parametrize("arguments", [None, 5, [{"formula": ["1", {}]}], [{"array": [",f8", [1], ""]}], [0]])
def test_arguments_that_no_function_takes_are_an_error(arguments):
    assert "error" in kept().call(1, arguments)


def test_a_function_answers_a_thousand_calls_and_no_more():
    functions = kept()
    answers = [functions.call(1, [1.0]) for _ in range(MAX_CALLS + 1)]
    assert "value" in answers[-2] and answers[-1]["error"][0] == "RuntimeError"


@pytest.mark.skipif(not can_fork(), reason="the warm launcher needs fork")
def test_a_worker_calls_through_the_socket_and_errors_arrive_as_they_are():
    worker = shared_launcher().launch({})
    try:
        worker.run(
            "def f(fs, x):\n    values = [fs[0](x), fs[0](x)]\n    try:\n        fs[1](0)\n"
            "    except ZeroDivisionError:\n        values.append('caught')\n    fs[0].calls = 0\n    return values",
            20,
        )
        question = Question("f", encode(CUBE))
        counted, alone = worker.ask([question, question], 20, counted={0})
        assert counted.result == alone.result == [54.0, 54.0, "caught"]
        assert counted.calls == {"fs[0]": 2, "fs[1]": 1} and alone.calls == {}
    finally:
        worker.close()
