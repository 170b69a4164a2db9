"""Verdicts on single answers."""

import numpy as np
import pytest
from toy_key.exercises.toy.double import exercise

from backprop_autograder import Aspect, Case, Exercise, Formula, Property
from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.probe import Outcome, answer
from backprop_autograder.engine.trial import Failure, Trial

DOUBLE = exercise.build()


def first_trial(case, reference):
    exercise = Exercise(reference, [Aspect("values", [case], hint="")])
    return draw_trials(exercise, exercise.aspects[0])[0]


def verdict(trial, function, name):
    failure = trial.failure(answer(trial.question, {name: function}))
    return failure and failure.kind


def one_array(rng):
    return {"x": rng.normal(size=3)}


def twice(x):
    return 2 * x


def test_the_right_answer_has_no_failure():
    assert verdict(first_trial(Case(label="", arguments=one_array), twice), lambda x: x + x, "twice") is None


def mutates(x):
    result = 2 * x
    x[0] = 7
    return result


def warns(x):
    np.log(np.zeros(1))
    return 2 * x


def stops(x):
    raise KeyError("x")


def unsolved(x):
    raise NotImplementedError("twice")


@pytest.mark.parametrize(
    ("function", "kind"),
    [(mutates, "mutated"), (warns, "warning"), (stops, "error"), (unsolved, "unsolved"), (lambda x: x, "values")],
)
def test_each_way_to_fail_has_its_own_name(function, kind):
    assert verdict(first_trial(Case(label="", arguments=one_array), twice), function, "twice") == kind


def test_warnings_are_forgiven_where_the_case_says_so():
    case = Case(label="", arguments=one_array, allow_warnings=True)
    assert verdict(first_trial(case, twice), warns, "twice") is None


def refuses(x):
    raise ValueError("negative")


def test_an_expected_error_must_be_raised_by_its_class_or_a_subclass():
    class NegativeError(ValueError):
        pass

    def special(x):
        raise NegativeError

    trial = first_trial(Case(label="", arguments=one_array), refuses)
    assert verdict(trial, special, "refuses") is None
    assert verdict(trial, lambda x: 0, "refuses") == "no error"
    assert verdict(trial, stops, "refuses") == "error"


def test_not_implemented_is_never_the_expected_error():
    def stub(x):
        raise NotImplementedError("stub")

    trial = first_trial(Case(label="", arguments=one_array), stub)
    assert trial.failure(Outcome(error=("NotImplementedError", "RuntimeError"))).kind == "unsolved"


def apply(f, x):
    return f(x)


def test_more_calls_than_allowed_fail():
    case = Case(label="", arguments=lambda rng: {"f": Formula("lambda x: x"), "x": 2.0}, calls_at_most=1)
    assert verdict(first_trial(case, apply), lambda f, x: f(f(x)), "apply") == "calls"


def any_permutation(result, expected, x):
    if not isinstance(result, list):
        return "it is not a list"
    return None if sorted(result) == sorted(expected) else "it is no permutation"


def listed(x):
    return [3, 1, 2]


def test_a_property_accepts_every_right_answer_and_names_what_is_wrong():
    trial = first_trial(Case(label="", arguments=one_array, comparison=Property(any_permutation)), listed)
    assert verdict(trial, lambda x: [1, 2, 3], "listed") is None
    assert trial.failure(Outcome([1, 2])).detail == "it is no permutation"
    assert trial.failure(Outcome(7)).detail == "it is not a list"
    assert trial.failure(Outcome(["a", 1])).kind == "property"


def test_the_same_seed_draws_the_same_trials_and_another_seed_draws_others():
    def drawn(seed):
        return [t.question.arguments for t in draw_trials(DOUBLE, DOUBLE.aspects[0], seed)]

    assert drawn(b"a") == drawn(b"a")
    assert drawn(b"a") != drawn(b"b")


def test_a_case_whose_arguments_are_not_the_parameters_in_order_is_a_bug_of_the_course():
    with pytest.raises(ValueError, match="are not"):
        first_trial(Case(label="", arguments=lambda rng: {"x": 2.0, "f": Formula("lambda x: x")}), apply)


def test_hidden_cases_are_drawn_for_the_judge_only():
    aspect = Aspect("values", [Case(label="", arguments=one_array, visible=False)], hint="")
    exercise = Exercise(twice, [aspect])
    assert not draw_trials(exercise, aspect)
    assert len(draw_trials(exercise, aspect, hidden=True)) == 1


@pytest.fixture
def trials():
    return [t for a in DOUBLE.aspects for t in draw_trials(DOUBLE, a)]


def test_a_trial_survives_its_own_text(trials):
    for trial in trials:
        assert Trial.from_json(trial.to_json()).to_json() == trial.to_json()


def quotes(result, expected, x):
    return f"the mask {result} hides a class"


def test_a_complaint_that_quotes_an_answer_has_no_character_that_a_terminal_obeys():
    trial = first_trial(Case(label="", arguments=one_array, comparison=Property(quotes)), twice)
    said = trial.failure(Outcome(result="\x1b]0;owned\x07 \x9b31m \r")).detail
    assert "mask" in said and said.isprintable()


def test_what_the_submissions_process_alone_can_tell_is_known_as_a_report():
    trial = first_trial(Case(label="", arguments=one_array), twice)
    kinds = ("warning", "mutated", "values", "calls", "steps", "error")
    assert [kind for kind in kinds if trial.rests_on_a_report(Failure(kind))] == ["warning", "mutated"]
    looked_at = first_trial(Case(label="", arguments=one_array, reported=True), twice)
    assert looked_at.rests_on_a_report(Failure("values"))
