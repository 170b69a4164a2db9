"""Whatever an implementation does is written down as an outcome."""

import json
import sys
import warnings

import numpy as np
import pytest

from backprop_autograder.engine.data import DataError, Formula, encode
from backprop_autograder.engine.probe import Outcome, Question, answer


def ask(function, name="f", /, keywords=(), probe=None, repeat=1, steps_at_most=None, **arguments):
    question = Question(name, encode(arguments), list(keywords), probe, repeat, steps_at_most)
    return answer(Question.from_json(json.loads(json.dumps(question.to_json()))), {"f": function})


def test_the_result_is_returned():
    assert ask(lambda x: x + 1, x=2).result == 3


def test_arguments_are_passed_by_position_whatever_they_are_called():
    assert ask(lambda anything, other: anything - other, x=5, y=3).result == 2


def test_keyword_arguments_are_passed_by_name():
    def f(x, *, rate):
        return x * rate

    assert ask(f, keywords=["rate"], x=5, rate=3).result == 15


def test_an_exception_is_recorded_with_its_base_classes():
    class LabelError(ValueError):
        pass

    def f(x):
        raise LabelError("label 7")

    outcome = ask(f, x=1)
    assert outcome.error[:2] == ("LabelError", "ValueError")
    assert outcome.message == "label 7"


def test_leaving_the_interpreter_is_an_outcome():
    assert ask(lambda x: exit(), x=1).error[0] == "SystemExit"


def test_a_missing_function_is_recorded():
    assert ask(None, "g", x=1).error == ("Missing",)


def test_a_changed_argument_is_noticed():
    def f(X):
        X[X < 0] = 0
        return X

    assert ask(f, X=np.array([-1.0, 2.0])).mutated == ("X",)


def test_an_entry_shifted_and_restored_with_round_off_is_no_change():
    def f(X):
        X[0] += 1e-5
        X[0] -= 1e-5
        return 0.0

    assert ask(f, X=np.array([0.1, 0.3])).mutated == ()


def test_changes_inside_nested_containers_are_noticed():
    def f(edges):
        edges[0].append(1)

    assert ask(f, edges=[[0]]).mutated == ("edges",)


def test_runtime_warnings_are_recorded_and_others_are_not():
    def f(z):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        return np.exp(z)

    assert ask(f, z=np.array([1000.0])).warnings == ("overflow encountered in exp",)


def test_calls_of_functions_given_as_arguments_are_counted():
    def f(functions, x):
        return functions[0](functions[0](x)) + functions[1](x)

    functions = [Formula("lambda x: x + 1"), Formula("lambda x: 2 * x")]
    assert ask(f, functions=functions, x=1).calls == {"functions[0]": 2, "functions[1]": 1}


def test_steps_are_counted_and_limited():
    def f(n):
        return 1 if n < 2 else f(n - 1) + f(n - 2)

    assert ask(f, n=10, steps_at_most=10_000).result == 89
    assert ask(f, n=60, steps_at_most=10_000).error[0] == "TooManySteps"


def test_a_raised_recursion_limit_does_not_help_the_next_implementation():
    def f(x):
        sys.setrecursionlimit(12_345)
        return x

    before = sys.getrecursionlimit()
    ask(f, x=1)
    assert sys.getrecursionlimit() == before


def test_repeating_a_call_reveals_state():
    seen = []

    def f(x):
        seen.append(x)
        return len(seen)

    assert ask(f, x=1, repeat=2).result == 2


def test_a_probe_sees_the_names_of_the_notebook():
    probe = "def twice(student, x):\n    return student.f(student.f(x))\n"
    assert ask(lambda x: 3 * x, probe=probe, x=2).result == 18


def test_a_probe_that_misses_a_name_says_so():
    probe = "def uses_g(student, x):\n    return student.g(x)\n"
    assert "g is not defined" in ask(lambda x: x, probe=probe, x=2).message


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"result": 1},
        {**Outcome().to_json(), "extra": 1},
        {**Outcome().to_json(), "calls": {"f": "many"}},
        {**Outcome().to_json(), "mutated": "X"},
        {**Outcome().to_json(), "error": [1]},
        {**Outcome().to_json(), "result": {"bad": 1}},
    ],
)
def test_a_malformed_outcome_is_refused(data):
    with pytest.raises(DataError):
        Outcome.from_json(data)


def test_an_outcome_survives_the_trip():
    outcome = Outcome((1.0, np.eye(2)), ("E",), "m", ("w",), ("X",), {"f": 2})
    again = Outcome.from_json(json.loads(json.dumps(outcome.to_json())))
    assert again.to_json() == outcome.to_json()
