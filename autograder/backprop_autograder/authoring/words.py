"""What a student would read: the words of an exercise, tried out without a notebook."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from backprop_autograder.classroom.course import CourseError
from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.engine.probe import answer


def words_for_misconceptions(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Yield each misconception's name and what a student with it reads, aspect by aspect."""
    packed = PackedExercise.of(exercise)
    for misconception in exercise.misconceptions:
        yield misconception.name, _words(packed, exercise.namespace(misconception.implementation))


def words_for_file(exercise: Exercise, path: Path) -> Iterator[tuple[str, str]]:
    """Yield what a student reads whose answer is in a file of Python.

    Raises
    ------
    CourseError
        If the file does not run, or does not define the exercise.
    """
    names = dict(exercise.namespace())
    del names[exercise.name]
    try:
        exec(compile(path.read_text(encoding="utf-8"), path.name, "exec"), names)
    except Exception as error:
        raise CourseError(f"{path} does not run: {type(error).__name__}: {error}") from None
    if exercise.name not in names:
        raise CourseError(f"{path} does not define {exercise.name}.")
    yield path.name, _words(PackedExercise.of(exercise), names)


def _words(packed: PackedExercise, names: Mapping[str, Callable | Any]) -> str:
    outcomes = {a: [answer(t.question, names) for t in trials] for a, trials in packed.trials.items()}
    answered = packed.answered(outcomes)
    messages = {aspect: answered.message(aspect) for aspect in packed.trials}
    return "\n".join(f"[{aspect}] {message or 'passed'}" for aspect, message in messages.items())
