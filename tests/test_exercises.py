"""Every exercise of every unit: wrong answers lose their points and are recognised, right ones are accepted."""

import ast
import json
import re
from functools import cache
from pathlib import Path
from types import FunctionType

import pytest

from backprop_autograder.authoring.quality import Quality, draws_of, judge_mutants, rejected
from backprop_autograder.cli import find_course
from backprop_autograder.engine.data import decode
from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.pack import PackedExercise, read_pack
from backprop_autograder.engine.probe import answer
from backprop_autograder.engine.script import is_script, shown
from backprop_autograder.engine.source import cell_of
from backprop_autograder.judging.answer_key import load_exercises, slug
from backprop_autograder.judging.packing import pack_of

COURSE = find_course(Path(__file__))
EXERCISES = [(unit, exercise) for unit in COURSE.units() for exercise in load_exercises(unit).values()]
GRADED = [(unit, exercise) for unit, exercise in EXERCISES if unit != "00_start_here"]
IDS = [f"{slug(unit)}-{exercise.name}" for unit, exercise in EXERCISES]
GRADED_IDS = [f"{slug(unit)}-{exercise.name}" for unit, exercise in GRADED]


# Misconceptions of these take more than a second together: they are part of the full run.
LONG = {"forward_accumulate", "reverse_accumulate", "adam_descent", "staircase", "topological_order", "backward"}


@pytest.fixture(
    scope="module",
    params=[pytest.param(e, marks=[pytest.mark.slow] * (e[1].name in LONG)) for e in EXERCISES],
    ids=IDS,
)
def packed(request):
    """An exercise, and what its unit's pack knows of it."""
    unit, exercise = request.param
    return exercise, pack_of_unit(unit)[exercise.name]


@cache
def pack_of_unit(unit):
    return read_pack(pack_of(COURSE.source(unit)).encode())


def lost_by(names, trials):
    """Return the aspects whose trials a notebook's names do not all pass."""
    return {a for a, drawn in trials.items() if any(t.failure(answer(t.question, names)) for t in drawn)}


@pytest.mark.slow
@pytest.mark.parametrize(("unit", "exercise"), EXERCISES, ids=IDS)
def test_fresh_trials_catch_every_misconception_and_accept_every_alternative(unit, exercise):
    draws = draws_of(exercise, 5)  # `backprop quality` takes twenty
    for misconception in exercise.misconceptions:
        names = exercise.namespace(misconception.implementation)
        assert lost_by(names, draws[0]) >= set(misconception.loses), misconception.name
    for k, alternative in enumerate(exercise.alternatives):  # the first draw is the next but one test's
        assert not rejected(exercise, alternative, f"alternative {k}", draws[1:])


@pytest.mark.slow
@pytest.mark.parametrize(("unit", "exercise"), EXERCISES, ids=IDS)
def test_a_mechanical_change_of_the_reference_loses_a_point_or_is_known_to_be_right(unit, exercise):
    found = Quality(exercise.name)
    judge_mutants(found, exercise)
    assert [line for line in found.survivors if line.startswith("survives")] == []
    assert found.problems == []
    assert found.killed + found.equivalent == found.mutants > 0


@pytest.mark.parametrize(("unit", "exercise"), EXERCISES, ids=IDS)
def test_alternatives_pass(unit, exercise):
    draws = draws_of(exercise, 1)
    for k, alternative in enumerate(exercise.alternatives):
        assert not rejected(exercise, alternative, f"alternative {k}", draws)


@pytest.mark.parametrize(("unit", "exercise"), GRADED, ids=GRADED_IDS)
def test_there_are_five_misconceptions_and_three_alternatives(unit, exercise):
    assert len(exercise.misconceptions) >= 5
    assert len(exercise.alternatives) >= 3


@pytest.mark.parametrize(("unit", "exercise"), EXERCISES, ids=IDS)
def test_the_reference_passes_its_own_cases_without_warning_or_error(unit, exercise):
    for aspect in exercise.aspects:
        for trial in draw_trials(exercise, aspect, b"reference", hidden=True):
            assert trial.failure(trial.expected) is None


@pytest.mark.parametrize(("unit", "exercise"), EXERCISES, ids=IDS)
def test_fresh_cases_differ_from_the_published_ones(unit, exercise):
    def drawn(seed):
        trials = (t for a in exercise.aspects for t in draw_trials(exercise, a, seed))
        return {json.dumps(t.question.arguments) for t in trials}

    fresh, others = drawn(b"one"), drawn(b"another")
    # Some cases are fixed (the lectures' numbers); an exercise that has only those could be memorised.
    assert fresh - others


def without_code(message, trials):
    """Return a message without lines to paste and without the student's own line: those need not be few words."""
    message = re.sub(r" at: .*", "", message, count=1)
    scripts = [a["code"] for t in trials if is_script(a := decode(t.question.arguments, trusted=True))]
    return next((message.replace(shown(code), "") for code in scripts if shown(code) in message), message)


def test_each_misconception_in_a_cell_of_its_own_is_named_in_its_own_message_of_at_most_sixty_words(packed):
    exercise, pack = packed
    messages = {}
    for misconception in exercise.misconceptions:
        names = dict(exercise.namespace())
        exec(cell_of(misconception.implementation, exercise.name), names)
        outcomes = {a: [answer(t.question, names) for t in trials] for a, trials in pack.trials.items()}
        answered = pack.answered(outcomes)
        assert [cause.name for cause in answered.diagnosis().causes] == [misconception.name]
        for aspect in misconception.loses:
            message = answered.message(aspect)
            assert misconception.cause in message and misconception.next_step in message
            words = without_code(message, pack.trials[aspect])
            assert len(words.split()) <= 60, message
            assert "!" not in words
        messages[misconception.name] = message
    assert len(set(messages.values())) == len(messages)


def test_no_misconception_calls_the_reference_by_its_name(packed):
    exercise, _ = packed
    written = [m.implementation for m in exercise.misconceptions if isinstance(m.implementation, FunctionType)]
    calls = [f.__name__ for f in written if exercise.name in f.__code__.co_names and f.__name__ != exercise.name]
    # In a notebook, where it has that name itself, it would call itself.
    assert calls == []


def test_a_pack_survives_its_own_text(packed):
    _, pack = packed
    text = json.dumps(pack.to_json())
    assert json.dumps(PackedExercise.from_json(json.loads(text)).to_json()) == text


def names_used_in(tests: Path) -> set[str]:
    """Return every name, attribute and text that stands in a module of tests."""
    nodes = list(ast.walk(ast.parse(tests.read_text(encoding="utf-8"))))
    words = {node.id for node in nodes if isinstance(node, ast.Name)}
    words |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return words | {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@pytest.mark.parametrize("unit", COURSE.units())
def test_every_reference_is_tested_against_something_independent(unit):
    tests = Path(__file__).parent / f"test_{slug(unit)}.py"
    untested = load_exercises(unit).keys() - names_used_in(tests)
    assert not untested, f"{tests.name} compares these with nothing: {sorted(untested)}"


@pytest.mark.parametrize("unit", COURSE.units())
def test_right_answers_have_names_of_their_own_in_a_unit(unit):
    # `backprop demo` puts one for each exercise into one notebook.
    known = {}
    for exercise in load_exercises(unit).values():
        for other in exercise.alternatives:
            for function in other.values() if isinstance(other, dict) else [other]:
                assert known.setdefault(function.__name__, function) is function
