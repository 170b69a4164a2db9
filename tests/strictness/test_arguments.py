"""A right answer that uses up or reorders a list or dict it was given loses one aspect, and no more."""

import inspect

import pytest

from backprop_autograder.judging.answer_key import load_exercises
from strictness.judging import Answer

UNITS = {
    "01_chain_rule": 6,
    "02_finite_differences": 1,
    "03_scalar_backprop": 3,
    "04_vector_jacobians": 3,
    "06_mlp_training": 5,
    "08_activations": 1,
}


def spoilt(function, spoil):
    """Return the function, which spoils afterwards every list and dict that it was given."""

    def implementation(*arguments, **keywords):
        result = function(*arguments, **keywords)
        for value in [*arguments, *keywords.values()]:
            if type(value) in (list, dict):
                spoil(value)
        return result

    return implementation


def emptied(value):
    value.clear()


def turned_round(value):
    backwards = list(value.items())[::-1] if isinstance(value, dict) else value[::-1]
    value.clear()
    (value.update if isinstance(value, dict) else value.extend)(backwards)


@pytest.mark.parametrize("spoil", [emptied, turned_round])
@pytest.mark.parametrize("unit", UNITS)
def test_an_argument_used_up_costs_one_aspect(unit, spoil):
    lost = {
        name: Answer(unit, name, spoilt(exercise.reference, spoil)).lost()
        for name, exercise in load_exercises(unit).items()
        if not inspect.isclass(exercise.reference) and not inspect.isgeneratorfunction(exercise.reference)
    }
    assert max(map(len, lost.values())) <= 1
    if spoil is emptied:
        assert sum(map(len, lost.values())) == UNITS[unit]
