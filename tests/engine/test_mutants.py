"""Mechanical changes of a right program: what is changed, and what cannot make a difference and is left alone."""

import pytest

from backprop_autograder import Case, Definition
from backprop_autograder.authoring.quality import Quality, judge_mutants
from backprop_autograder.engine.mutants import Ticks, mutants_of

COUNTER = '''
class Counter:
    def __init__(self, count):
        """Begin to count."""
        self.count = count

    def __repr__(self):
        return f"Counter({self.count + 1})"
'''


def defined(text, name):
    names = {}
    exec(text, names)
    names[name].__source__ = text
    return names[name]


def changed(text, name="f"):
    """Return the texts of all mutants of what a text defines."""
    function = defined(text, name)
    function.__module__ = __name__
    return [mutant.source for mutant in mutants_of(function, Ticks())]


def test_what_a_reader_is_told_is_left_as_it_is():
    texts = changed("def f(x, y):\n    if x < y:\n        raise ValueError(f'{x - 1} is too small')\n    return x")
    with_words = [text for text in texts if "raise" in text]
    assert with_words
    assert all("f'{x - 1} is too small'" in text for text in with_words)


def test_a_docstring_and_a_repr_are_no_steps():
    texts = changed(COUNTER, "Counter")
    assert all("self.count + 1" in text for text in texts)
    with_beginning = [text for text in texts if "__init__" in text]
    assert with_beginning
    assert all('"""Begin to count."""' in text for text in with_beginning)


@pytest.mark.parametrize(
    "line",
    [
        "total = sum(x * y for x, y in pairs)",
        "total = np.mean([x * y for x, y in pairs])",
        "total = {x * y for x, y in pairs}",
        "for _ in pairs: total = total * 2",
    ],
)
def test_what_has_no_order_is_not_turned_round_but_still_cut_short(line):
    texts = changed(f"def f(pairs, total):\n    {line}\n    return total")
    assert not any("[::-1]" in text for text in texts)
    assert any("[:-1]" in text for text in texts)


def test_what_has_an_order_is_turned_round():
    texts = changed("def f(pairs):\n    return [x for x, y in pairs]")
    assert any("[::-1]" in text for text in texts)


def test_the_operands_of_a_maximum_are_not_exchanged_but_those_of_a_power_are():
    texts = changed("def f(x, y):\n    return np.maximum(x, y) + np.power(x, y)")
    assert any("np.power(y, x)" in text for text in texts)
    assert not any("np.maximum(y, x)" in text for text in texts)


def test_every_argument_is_made_without_effect():
    texts = changed("def f(x, y=3):\n    return x * y")
    assert any("x = 0.0" in text for text in texts)
    assert any("    y = 3" in text for text in texts)


def larger(x, y):
    """Return the larger of two numbers."""
    return x if x > y else y


def judged(*equivalents):
    exercise = Definition(larger)
    cases = [Case(label="two numbers", arguments=lambda rng: {"x": rng.normal(), "y": rng.normal()}, draws=9)]
    exercise.aspect("values", hint="which one is larger?", cases=cases)
    exercise.equivalent(*equivalents, reason="equal numbers are alike")
    found = Quality("larger")
    judge_mutants(found, exercise.build())
    return found


def test_a_change_that_an_author_found_to_be_right_counts_as_equivalent_and_is_listed_with_the_reason():
    found = judged("x >= y")
    assert found.equivalent == 1
    assert found.killed == found.mutants - 1 > 5
    assert any(line.startswith("equivalent") and "equal numbers are alike" in line for line in found.survivors)
    assert found.problems == []


def test_a_change_that_loses_a_point_cannot_be_called_equivalent():
    (problem,) = judged("x >= y", "x < y").problems
    assert "'x < y'" in problem


def test_a_change_that_nobody_explained_is_listed_as_a_survivor():
    found = judged("x >= y")
    assert found.killed + found.equivalent == found.mutants
    unexplained = judged()
    assert unexplained.equivalent == 0
    assert [line for line in unexplained.survivors if line.startswith("survives")]
