"""Answers that nobody planted: wrong ones that must lose, by the kind of slip, and right ones in unusual styles."""

from dataclasses import dataclass, field

from backprop_autograder import Definition
from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.probe import answer
from backprop_autograder.judging.answer_key import load_exercises


@dataclass(frozen=True)
class Answer:
    """An implementation of an exercise, and the aspects it must lose: none for a right one."""

    unit: str
    exercise: str
    implementation: object
    loses: frozenset = frozenset()

    def __str__(self):
        return f"{self.exercise}-{self.implementation.__name__}"

    def lost(self, seeds=1):
        """Return the aspects of which a case fails, with all cases that grading asks."""
        exercise = load_exercises(self.unit)[self.exercise]
        names = exercise.namespace(self.implementation)
        return {
            aspect.name
            for aspect in exercise.aspects
            for k in range(seeds)
            if any(
                t.failure(answer(t.question, names))
                for t in draw_trials(exercise, aspect, f"strictness {k}".encode(), hidden=True)
            )
        }


@dataclass
class Answers:
    """The answers to a unit's exercises, gathered by decorators."""

    unit: str
    wrong_ones: list = field(default_factory=list)
    right_ones: list = field(default_factory=list)

    def wrong(self, exercise, *loses):
        """Make the decorated function a wrong answer, which must lose these aspects or "values", and no others."""

        def add(implementation):
            self.wrong_ones.append(Answer(self.unit, exercise, implementation, frozenset(loses or ("values",))))
            return implementation

        return add

    def right(self, exercise):
        """Make the decorated function a right answer."""

        def add(implementation):
            self.right_ones.append(Answer(self.unit, exercise, implementation))
            return implementation

        return add

    def changed(self, exercise, name, *changes, loses=("values",)):
        """Add the reference with texts replaced: a wrong answer, or a right one that loses nothing."""
        definition = Definition(load_exercises(self.unit)[exercise].reference)
        definition.slip(name, *changes, cause=name, next_step=name)
        answer = Answer(self.unit, exercise, definition.misconceptions[0].implementation, frozenset(loses))
        (self.wrong_ones if loses else self.right_ones).append(answer)
