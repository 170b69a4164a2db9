"""Measure the tests themselves: wrong answers caught and recognised, right ones accepted, mutants killed."""

import ast
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.exercise import Exercise, Misconception
from backprop_autograder.engine.known import MOST_OF_AN_ALTERNATIVE, changes_by_program, right_programs, with_changes
from backprop_autograder.engine.mutants import Ticks, mutants_of
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.engine.probe import Outcome, answer
from backprop_autograder.engine.recognise import MUTANT
from backprop_autograder.engine.source import source_of
from backprop_autograder.engine.trial import Trial

SEEDS = 20
MUTANT_SEEDS = 3
TICKS = 100_000  # loops and calls that a mutant may take: the slowest right answer takes a fifth
COUNTS = (
    "cases",
    "misconceptions",
    "caught",
    "named",
    "alternatives",
    "accepted",
    "mutants",
    "killed",
    "equivalent",
    "foreign",
    "told",
    "kinds",
    "right",
)
Trials = Mapping[str, list[Trial]]


@dataclass
class Quality:
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
    mutants, killed, equivalent : int
        Mechanical changes of the reference, how many lose a point, and how many an author found to be right.
    foreign, told, kinds, right : int
        Changes of the alternatives that lose a point by more than an exception: how many, how many are told a cause
        if nothing is known of this alternative, how many of these causes are a kind of change, and how many are of
        the kind that it was.
    problems, survivors : list of str
        What is to be mended, and changes that no test minds, in words.
    """

    exercise: str
    cases: int = 0
    misconceptions: int = 0
    caught: int = 0
    named: int = 0
    alternatives: int = 0
    accepted: int = 0
    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    foreign: int = 0
    told: int = 0
    kinds: int = 0
    right: int = 0
    problems: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers, by name."""
        return {name: getattr(self, name) for name in COUNTS}


def measure(
    exercise: Exercise, packed: PackedExercise | None = None, seeds: int = SEEDS, *, mutants: bool = True
) -> Quality:
    """Judge every misconception, every alternative and, unless told otherwise, every mutant of `exercise`.

    Misconceptions meet the trials of the pack and fresh ones; alternatives meet `seeds` fresh draws, mutants three.
    """
    if unfinished := _marked_todo(exercise):
        return Quality(exercise.name, problems=[f"still marked TODO: {', '.join(unfinished)}"])
    packed = packed or PackedExercise.of(exercise)
    fresh = _fresh(exercise, b"quality")
    found = Quality(exercise.name, sum(map(len, fresh.values())))
    for misconception in exercise.misconceptions:
        _misconception(found, exercise, misconception, packed, fresh)
    draws = draws_of(exercise, seeds)
    for k, alternative in enumerate(exercise.alternatives):
        found.alternatives += 1
        problems = rejected(exercise, alternative, f"alternative {k}", draws)
        found.accepted += not problems
        found.problems += problems
    if mutants:
        judge_mutants(found, exercise)
        _foreign_mutants(found, exercise, packed)
    return found


def _misconception(
    found: Quality, exercise: Exercise, one: Misconception, packed: PackedExercise, fresh: Trials
) -> None:
    found.misconceptions += 1
    names = exercise.namespace(one.implementation)
    answers = _answers(packed.trials, names)
    problems = [*_not_caught(one, packed.trials, answers), *_not_caught(one, fresh, _answers(fresh, names))]
    found.caught += not problems
    diagnosis = [cause.name for cause in packed.answered(answers).diagnosis().causes]
    found.named += diagnosis == [one.name]
    if diagnosis != [one.name]:
        problems.append(f"{one.name}: diagnosed as {diagnosis or 'nothing'}")
    found.problems += problems


def judge_mutants(found: Quality, exercise: Exercise) -> None:
    """Count the mutants of the reference that lose a point, and list those that do not."""
    fresh = [t for k in range(MUTANT_SEEDS) for ts in _fresh(exercise, f"mutants {k}".encode()).values() for t in ts]
    # Trials that count lines take long, and most mutants have fallen before.
    trials = sorted(fresh, key=lambda trial: trial.question.steps_at_most or 0)
    text = ast.unparse(ast.parse(source_of(exercise.reference)))
    ticks = Ticks(TICKS)
    unused = set(exercise.equivalents)
    for mutant in mutants_of(exercise.reference, ticks):
        found.mutants += 1
        names = exercise.namespace(mutant.implementation)
        if any(t.failure(ticks.answer(t.question, names)) for t in trials):
            found.killed += 1
            continue
        change = _change(text, mutant.source)
        known = [text for text in exercise.equivalents if text == mutant.kind or text in change]
        unused -= set(known)
        found.equivalent += bool(known)
        reasons = f" ({exercise.equivalents[known[0]]})" if known else ""
        found.survivors.append(f"{'equivalent' if known else 'survives'}, {mutant.kind}: {change}{reasons}")
    found.problems += [f"no change that survives is like {text!r}: it is not equivalent" for text in sorted(unused)]


def _change(text: str, changed: str) -> str:
    lines = difflib.ndiff(text.splitlines(), changed.splitlines())
    return " -> ".join(" ".join(line[2:].split()) for line in lines if line[:2] in ("- ", "+ "))


def _foreign_mutants(found: Quality, exercise: Exercise, packed: PackedExercise) -> None:
    """Count how many changes of an alternative are told their kind by a pack that does not know this alternative."""
    named = [m for m in packed.mistakes if not m.is_mutant]
    changes = list(changes_by_program(exercise, packed.all_trials, named))
    for k, (function, names) in list(enumerate(right_programs(exercise)))[1:]:
        stranger = replace(packed, mistakes=with_changes(named, changes[:k] + changes[k + 1 :]))
        ticks = Ticks(TICKS)
        for mutant in mutants_of(function, ticks, MOST_OF_AN_ALTERNATIVE):
            wrong = names(mutant.implementation)
            answers = {a: [ticks.answer(t.question, wrong) for t in drawn] for a, drawn in packed.trials.items()}
            if not _goes_wrong(packed.trials, answers):
                continue
            found.foreign += 1
            causes = [cause.name for cause in stranger.answered(answers).diagnosis().causes]
            found.told += bool(causes)
            kinds = {name.removeprefix(MUTANT).partition(":")[0] for name in causes if name.startswith(MUTANT)}
            found.kinds += bool(kinds)
            found.right += mutant.kind in kinds


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


def _fresh(exercise: Exercise, seed: bytes) -> Trials:
    return {a.name: draw_trials(exercise, a, seed, hidden=True) for a in exercise.aspects}


def _answers(trials: Trials, names: Mapping[str, Any]) -> dict[str, list[Outcome]]:
    return {aspect: [answer(t.question, names) for t in drawn] for aspect, drawn in trials.items()}


def _fails(trials: Trials, answers: Mapping[str, list[Outcome]]) -> set[str]:
    pairs = ((a, t, o) for a, drawn in trials.items() for t, o in zip(drawn, answers[a], strict=True))
    return {a for a, t, o in pairs if t.failure(o)}


def _goes_wrong(trials: Trials, answers: Mapping[str, list[Outcome]]) -> bool:
    """Whether anything but an exception is wrong: of an exception a student is told the name, and the own line."""
    pairs = ((t, o) for a, drawn in trials.items() for t, o in zip(drawn, answers[a], strict=True))
    return any(t.failure(o) and not o.error for t, o in pairs)


def _not_caught(one: Misconception, trials: Trials, answers: Mapping[str, list[Outcome]]) -> list[str]:
    caught = _fails(trials, answers)
    return [f"{one.name}: not caught by {aspect}" for aspect in one.loses if aspect not in caught]


def draws_of(exercise: Exercise, seeds: int) -> list[Trials]:
    """Return the trials of so many gradings, drawn once for all alternatives."""
    return [_fresh(exercise, f"seed {k}".encode()) for k in range(seeds)]


def rejected(exercise: Exercise, alternative, label: str, draws: Iterable[Trials]) -> list[str]:
    """Return where an alternative loses a point it should not, in words; at most the first place."""
    names = names_of(exercise, alternative)
    for aspect, trials in (pair for drawn in draws for pair in drawn.items()):
        for trial in trials:
            if failure := trial.failure(answer(trial.question, names)):
                what = failure.mismatch or failure.detail
                return [f"{label}: loses {aspect} ({trial.label}): {failure.kind} {what}"]
    return []
