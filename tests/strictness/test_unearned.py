"""No aspect is earned by an answer that knows nothing: a constant, the checks' own table, or an import.

Everything is asked here and not in a worker: this is about the cases, whoever asks them.
"""

import importlib
import inspect
import io
import json
from contextlib import redirect_stdout
from functools import cache
from pkgutil import iter_modules

import numpy as np
import pytest

import backprop_solutions.exercises
from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.probe import answer
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.workers import stand_ins

UNITS = [module.name for module in iter_modules(backprop_solutions.exercises.__path__)]
SEED = b"cases that nobody has seen"
VALUES = (False, True, 0, 1, -1, 0.0, 1.0, float("inf"), float("-inf"), float("nan"), None, "", (), [], {}, set())
ERRORS = [ValueError, TypeError, KeyError, IndexError, RuntimeError, ArithmeticError, ZeroDivisionError, OverflowError]
ERRORS += [FloatingPointError, AssertionError, RecursionError, StopIteration, LookupError]


def always(value):
    return lambda *arguments, **keywords: value


def stops(error):
    def implementation(*arguments, **keywords):
        raise error("no")

    return implementation


def the_argument(*arguments, **keywords):
    return [*arguments, *keywords.values()][0]


CONSTANTS = {f"always {v!r}": always(v) for v in VALUES} | {f"always a {e.__name__}": stops(e) for e in ERRORS}
CONSTANTS["the argument"] = the_argument


# What unit 5 hands out to be compared with: right where nothing overflows.
GIVEN_AWAY = {f"backprop_course.softmax_stability.naive_{name}" for name in ("softmax", "cross_entropy")}


@cache
def trials_of(unit):
    """Return the exercises, the names of their aspects, and the cases that grading asks."""
    return [
        (exercise, aspect.name, draw_trials(exercise, aspect, SEED, hidden=True))
        for exercise in load_exercises(unit).values()
        for aspect in exercise.aspects
    ]


def passes(exercise, trials, implementation):
    names = exercise.namespace(implementation)
    with redirect_stdout(io.StringIO()):
        return not any(trial.failure(answer(trial.question, names, 5)) for trial in trials)


@pytest.mark.parametrize("unit", UNITS)
def test_a_constant_earns_nothing(unit):
    earned = [
        f"{exercise.name} ({aspect}): {name}"
        for exercise, aspect, trials in trials_of(unit)
        for name, constant in CONSTANTS.items()
        if passes(exercise, trials, constant)
    ]
    assert earned == []


def asked(trial):
    return json.dumps(trial.question.to_json(), sort_keys=True)


@pytest.mark.parametrize("unit", UNITS)
def test_a_table_of_what_the_checks_ask_earns_nothing(unit):
    """Also one that answers what it does not know with a constant."""
    earned = []
    for exercise, aspect, trials in trials_of(unit):
        table = {asked(trial) for a in exercise.aspects for trial in draw_trials(exercise, a)}
        unknown = [trial for trial in trials if asked(trial) not in table]
        constants = ["nothing"] if not unknown else CONSTANTS if len(unknown) < len(trials) else []
        earned += [
            f"{exercise.name} ({aspect}): the table and {name}"
            for name in constants
            if not unknown or passes(exercise, unknown, CONSTANTS[name])
        ]
    assert earned == []


def _callables(value, depth=0):
    if inspect.isfunction(value) or inspect.isclass(value):
        yield value
    elif isinstance(value, dict | list | tuple) and depth < 3:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _callables(item, depth + 1)


@cache
def imports():
    """Return every function and class of the course's package, public or private, by where it was found."""
    modules = ["backprop_course"]
    for package in ("backprop_course", stand_ins.GIVEN):
        modules += [m.name for m in iter_modules(importlib.import_module(package).__path__, f"{package}.")]
    found = {}
    for module in modules:
        for name, value in vars(importlib.import_module(module)).items():
            for callable_ in _callables(value):
                if (callable_.__module__ or "").startswith("backprop_course"):
                    found.setdefault(id(callable_), (f"{module}.{name}", callable_))
    return dict(found.values())


@pytest.fixture
def in_a_worker():
    """Empty the stand-ins as a worker does, and fill them again."""
    yield stand_ins.take_away
    stand_ins.take_away("")


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_an_import_from_the_course_earns_nothing(unit, in_a_worker):
    trials = trials_of(unit)  # the references answer first
    candidates = imports()
    in_a_worker(unit)
    earned = [
        f"{exercise.name} ({aspect}): {place}"
        for exercise, aspect, asked_trials in trials
        for place, callable_ in candidates.items()
        if place not in GIVEN_AWAY
        and not place.rpartition(".")[2].startswith("explore")
        and passes(exercise, asked_trials[:1], callable_)
        and passes(exercise, asked_trials, callable_)
    ]
    assert earned == []


def test_the_imports_are_those_that_would_earn_something_if_they_were_left():
    exercise = load_exercises("chain_rule")["evaluate_graph"]
    given = imports()["backprop_course.given.chain_rule.graph_values"]
    assert passes(exercise, draw_trials(exercise, exercise.aspect("values"), SEED), given)


def test_what_a_unit_gives_to_its_students_still_works_in_a_worker(in_a_worker):
    from backprop_course.autodiff import unbroadcast
    from backprop_course.mlp_training import cross_entropy

    in_a_worker("07_mlp_training")
    assert cross_entropy(np.zeros((1, 2)), np.array([0])) == pytest.approx(np.log(2))  # two classes, one as likely
    with pytest.raises(NotImplementedError, match="left out when graded"):
        unbroadcast(np.ones(1), (1,))
