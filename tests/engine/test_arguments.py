"""Using up a list costs one aspect: the one about arguments, where an exercise has it, and else the first."""

import pytest

from backprop_autograder import Aspect, Case, Exercise
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.engine.probe import answer
from backprop_autograder.engine.trial import Trial


def total(numbers):
    return sum(numbers)


def emptied(numbers):
    result = 0
    while numbers:
        result += numbers.pop()
    return result


def lost(*aspects):
    """Return the aspects that a right sum loses by emptying its list."""
    cases = [Case(label="a list", arguments=lambda rng: {"numbers": [1, 2]})]
    packed = PackedExercise.of(Exercise(total, [Aspect(name, cases, "hint") for name in aspects]))
    trials = {name: [Trial.from_json(t.to_json()) for t in drawn] for name, drawn in packed.trials.items()}
    return {name for name, (t,) in trials.items() if t.failure(answer(t.question, {"total": emptied}))}


@pytest.mark.parametrize(
    ("aspects", "costs"),
    [
        (["values", "speed", "arguments"], {"arguments"}),
        (["values", "speed"], {"values"}),  # where none is about that, it costs the first
    ],
)
def test_an_argument_emptied_by_a_right_algorithm_costs_one_aspect_its_own_if_there_is_one(aspects, costs):
    assert lost(*aspects) == costs
