"""An exercise is written down beside its functions; what is not whole is refused, in words."""

import inspect

import numpy as np
import pytest

from backprop_autograder import Case, Definition
from backprop_autograder.engine.definition import DefinitionError
from backprop_autograder.engine.source import cell_of, source_of


def cube(x):
    """Return the cube of a number.

    Parameters
    ----------
    x : float
    """
    ### BEGIN SOLUTION
    square = x * x
    return square * x
    ### END SOLUTION


def numbers(rng):
    return {"x": rng.normal()}


@pytest.fixture
def exercise():
    definition = Definition(cube)
    definition.aspect("values", hint="how often is x a factor?", cases=[Case(label="a number", arguments=numbers)])
    return definition


def test_decorators_return_the_functions_unchanged(exercise):
    def square(x):
        """It is squared.

        how often is x a factor?
        """
        return x * x

    assert exercise.misconception()(square) is square
    assert exercise.alternative(square) is square
    assert exercise.aspects[0].case("another")(numbers) is numbers


def test_words_stand_in_the_docstring_however_it_is_wrapped(exercise):
    @exercise.misconception()
    def square(x):
        """One factor of x is missing,
        so that it is squared.

        how often is x
        a factor?
        """
        return x * x

    (misconception,) = exercise.build().misconceptions
    assert misconception.cause == "One factor of x is missing, so that it is squared."
    assert misconception.next_step == "how often is x a factor?"
    assert misconception.loses == ("values",)


def test_a_wrong_answer_without_both_words_is_refused(exercise):
    def square(x):
        """It is squared."""
        return x * x

    with pytest.raises(DefinitionError, match="square: its docstring wants a cause and"):
        exercise.misconception()(square)


def test_an_exercise_without_an_aspect_is_refused():
    with pytest.raises(DefinitionError, match="cube: there is no aspect"):
        Definition(cube).build()


def test_an_aspect_without_a_case_is_refused(exercise):
    exercise.aspect("purity", hint="what is left of x?")
    with pytest.raises(DefinitionError, match="the aspect purity has no case"):
        exercise.build()


def test_an_aspect_without_a_hint_is_refused(exercise):
    exercise.aspect("purity", hint=" ", cases=[Case(label="a number", arguments=numbers)])
    with pytest.raises(DefinitionError, match="the aspect purity has no hint"):
        exercise.build()


def test_an_unknown_aspect_is_refused(exercise):
    exercise.slip("square", ("square * x", "square"), cause="A factor.", next_step="how many?", loses=("speed",))
    with pytest.raises(DefinitionError, match="square loses speed, which is no aspect"):
        exercise.build()


def test_two_misconceptions_of_one_name_are_refused(exercise):
    for _ in range(2):
        exercise.slip("square", ("square * x", "square"), cause="A factor.", next_step="how many?")
    with pytest.raises(DefinitionError, match="square is defined twice"):
        exercise.build()


def test_a_slip_is_the_reference_with_one_text_replaced(exercise):
    exercise.slip("square", ("square * x", "square"), cause="A factor is missing.", next_step="how many?")
    (misconception,) = exercise.build().misconceptions
    assert misconception.name == "square"
    assert misconception.implementation(3.0) == 9.0
    text = source_of(misconception.implementation)
    assert text == "def cube(x):\n    square = x * x\n    return square\n"


@pytest.mark.parametrize(("text", "count"), [("square", 2), ("x**2", 0)])
def test_the_text_of_a_slip_must_stand_in_the_reference_exactly_once(exercise, text, count):
    with pytest.raises(DefinitionError, match=f"stands {count} times in cube, but is wanted once"):
        exercise.slip("wrong", (text, "x"), cause="A factor is missing.", next_step="how many?")


def decorated(function):
    return function


@decorated
def with_all_sorts(x):
    """Words for a student.

    a question?
    """
    # A comment stays.
    return x + 1


class Counter:
    """Words for a student.

    a question?
    """

    def __init__(self):
        self.count = 0


def test_the_source_is_what_a_student_would_have_written():
    assert source_of(with_all_sorts) == "def with_all_sorts(x):\n    # A comment stays.\n    return x + 1\n"
    assert source_of(Counter) == "class Counter:\n    def __init__(self):\n        self.count = 0\n"


def test_a_source_without_decorators_and_docstring_is_left_as_it_is():
    assert source_of(numbers) == inspect.getsource(numbers)


def test_the_text_of_a_cell_defines_the_exercise(exercise):
    exercise.slip("square", ("square * x", "square"), cause="A factor is missing.", next_step="how many?")
    slip = exercise.misconceptions[0].implementation
    for function, wanted in ((with_all_sorts, 4.0), (slip, 9.0)):
        names = {"np": np}
        exec(cell_of(function, "cube"), names)
        assert names["cube"](3.0) == wanted
