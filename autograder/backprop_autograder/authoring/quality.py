"""Measure the tests themselves: wrong answers caught and recognised, right ones accepted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.pack import PackedExercise, causes_of
from backprop_autograder.engine.probe import Outcome, answer
from backprop_autograder.engine.trial import Trial, add_misconceptions, draw_trials

SEEDS = 20


@dataclass
class Report:
    """What was measured for one exercise.

    Attributes
    ----------
    exercise : str
    cases : int
        Trials asked at grading.
    misconceptions, caught, named : int
        How many there are, how many lose all the aspects they should, how many are diagnosed by name alone.
    alternatives, accepted : int
        Right implementations, and how many lose no point over all seeds.
    problems : list of str
        What is to be mended, in words.
    """

    exercise: str
    cases: int
    misconceptions: int = 0
    caught: int = 0
    named: int = 0
    alternatives: int = 0
    accepted: int = 0
    problems: list[str] = field(default_factory=list)


def measure(exercise: Exercise, seeds: int = SEEDS) -> Report:
    """Judge every misconception and every alternative of `exercise`.

    Misconceptions meet the trials of the pack and fresh ones; alternatives meet `seeds` fresh draws.
    """
    if unfinished := _marked_todo(exercise):
        return Report(exercise.name, 0, problems=[f"still marked TODO: {', '.join(unfinished)}"])
    visible = _trials(exercise, b"", hidden=False)
    fresh = _trials(exercise, b"quality", hidden=True)
    report = Report(exercise.name, sum(map(len, fresh.values())))
    for misconception in exercise.misconceptions:
        report.misconceptions += 1
        problems = [
            *_not_caught(exercise, misconception, visible),
            *_not_caught(exercise, misconception, fresh),
        ]
        report.caught += not problems
        names = _named(exercise, misconception, visible)
        report.named += names == [misconception.name]
        if names != [misconception.name]:
            problems.append(f"{misconception.name}: diagnosed as {names or 'nothing'}")
        report.problems += problems
    for k, alternative in enumerate(exercise.alternatives):
        report.alternatives += 1
        problems = rejected(exercise, alternative, f"alternative {k}", seeds)
        report.accepted += not problems
        report.problems += problems
    return report


def _marked_todo(exercise: Exercise) -> list[str]:
    """Return the places of a definition whose words are still to be written."""
    texts = {f"the hint of {a.name}": a.hint for a in exercise.aspects}
    texts |= {f"a case of {a.name}": c.label for a in exercise.aspects for c in a.cases if "TODO" in c.label}
    texts |= {m.name: m.cause + m.next_step for m in exercise.misconceptions}
    return [place for place, text in texts.items() if "TODO" in text]


def names_of(exercise: Exercise, alternative: Callable | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a notebook's names with an alternative implementation in place."""
    if isinstance(alternative, Mapping):
        return {**exercise.namespace(), **alternative}
    return exercise.namespace(alternative)


def _trials(exercise: Exercise, seed: bytes, *, hidden: bool) -> dict[str, list[Trial]]:
    if not hidden:
        return dict(PackedExercise.of(exercise).trials)
    return {a.name: add_misconceptions(exercise, draw_trials(exercise, a, seed, hidden=True)) for a in exercise.aspects}


def _answers(trials: Mapping[str, list[Trial]], namespace: Mapping[str, Any]) -> dict[str, list[Outcome]]:
    return {aspect: [answer(t.question, namespace) for t in drawn] for aspect, drawn in trials.items()}


def _not_caught(exercise: Exercise, misconception, trials: Mapping[str, list[Trial]]) -> list[str]:
    caught = {a for a, drawn in trials.items() if any(misconception.name in t.wrong for t in drawn)}
    return [f"{misconception.name}: not caught by {a}" for a in misconception.loses if a not in caught]


def _named(exercise: Exercise, misconception, trials: Mapping[str, list[Trial]]) -> list[str]:
    packed = PackedExercise(exercise.name, "", trials, {}, causes_of(exercise))
    return packed.diagnosis(_answers(trials, exercise.namespace(misconception.implementation)))


def rejected(exercise: Exercise, alternative, label: str, seeds: int) -> list[str]:
    """Return where an alternative loses a point it should not, in words; at most the first place."""
    names = names_of(exercise, alternative)
    for k in range(seeds):
        for aspect in exercise.aspects:
            for trial in draw_trials(exercise, aspect, f"seed {k}".encode(), hidden=True):
                if failure := trial.failure(answer(trial.question, names)):
                    what = failure.mismatch or failure.detail
                    return [f"{label}: loses {aspect.name} ({trial.label}): {failure.kind} {what}"]
    return []
