"""Let wrong programs meet the published trials once, so that a submission only has to be compared with their marks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.marks import parts
from backprop_autograder.engine.mutants import KINDS, Mutant, Ticks, instrumented, mutants_of
from backprop_autograder.engine.probe import Outcome, answer
from backprop_autograder.engine.recognise import MUTANT, UNKNOWN, Mistake
from backprop_autograder.engine.trial import Trial

PATIENCE = 10  # a mutant may take this many times the loops and calls of the right program
MOST, MOST_OF_AN_ALTERNATIVE = 120, 16  # mutants
LONG = 1500  # loops and calls of a right program: what takes longer is asked of misconceptions only
Changes = dict[tuple[str, ...], Mutant]
CRASHES = 3  # trials after which a mutant that only stopped with errors is given up


def known_mistakes(exercise: Exercise, trials: Sequence[Trial]) -> tuple[Mistake, ...]:
    """Return what is known to go wrong: misconceptions, then changes of right programs that go wrong differently."""
    named = [Mistake(m.name, row_of(trials, exercise.namespace(m.implementation))) for m in exercise.misconceptions]
    return with_changes(named, changes_by_program(exercise, trials, named))


def changes_by_program(exercise: Exercise, trials: Sequence[Trial], named: Sequence[Mistake]) -> Iterator[Changes]:
    """Yield, for each right program, its mutants by their rows of marks, without what is named already."""
    seen = {m.row for m in named} | {("",) * len(trials)}
    order = list(KINDS)
    for function, names in right_programs(exercise):
        most = MOST if function is exercise.reference else MOST_OF_AN_ALTERNATIVE
        here: Changes = {}
        for mutant, row in mutant_rows(trials, function, names, most):
            if row not in seen and any(text not in ("", UNKNOWN) for text in row):
                here[row] = min(here.get(row, mutant), mutant, key=lambda m: order.index(m.kind))
        yield here


def with_changes(named: Sequence[Mistake], changes: Iterable[Changes]) -> tuple[Mistake, ...]:
    """Return what an author wrote down, and the mutants of some right programs behind it."""
    found: dict[tuple[str, ...], str] = {}
    for here in changes:
        for row, mutant in here.items():
            found.setdefault(row, name_of(mutant))  # the reference's kinds come first
    return (*named, *(Mistake(name, row) for row, name in sorted(found.items(), key=lambda item: (item[1], item[0]))))


def right_programs(exercise: Exercise) -> Iterator[tuple[Callable, Callable[[Callable], Mapping[str, Any]]]]:
    """Yield the reference and the alternatives, each with what makes a notebook's names of a changed one."""
    yield exercise.reference, exercise.namespace
    for other in exercise.alternatives:
        if isinstance(other, Mapping):
            if exercise.name in other:
                yield other[exercise.name], lambda f, other=other: {**exercise.namespace(), **other, exercise.name: f}
        else:
            yield other, exercise.namespace


def name_of(mutant: Mutant) -> str:
    """Return the name under which a mutant is known."""
    return f"{MUTANT}{mutant.kind}" + (f":{mutant.name}" if mutant.name else "")


def row_of(trials: Sequence[Trial], names: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the marks of an implementation, trial by trial."""
    return tuple(_text(trial, answer(trial.question, names)) for trial in trials)


def _text(trial: Trial, outcome: Outcome) -> str:
    return ",".join(part.mark for part in parts(trial, outcome))


def mutant_rows(
    trials: Sequence[Trial],
    function: Callable,
    names: Callable[[Callable], Mapping[str, Any]],
    most: int | None = None,
) -> Iterator[tuple[Mutant, tuple[str, ...]]]:
    """Yield each mutant of a right program with its marks, but for those that only crash."""
    ticks = Ticks()
    right = names(instrumented(function, ticks))
    limits = [_patience(trial, right, ticks) for trial in trials]
    for mutant in mutants_of(function, ticks, most):
        wrong, row = names(mutant.implementation), []
        for trial, limit in zip(trials, limits, strict=True):
            if not limit:
                row.append(("", UNKNOWN))
                continue
            ticks.limit = limit
            outcome = ticks.answer(trial.question, wrong)
            row.append(("error" if outcome.error else "", _text(trial, outcome)))
            if len(row) == CRASHES and all(error for error, _ in row):
                break
        else:
            yield mutant, tuple(text for _, text in row)
        ticks.limit = 10**9


def _patience(trial: Trial, right: Mapping[str, Any], ticks: Ticks) -> int:
    """Return how many loops and calls a mutant may take; 0 if it is not asked, for the trial is about effort."""
    if trial.question.steps_at_most is not None:
        return 0
    ticks.limit = 10**9
    ticks.answer(trial.question, right)
    return PATIENCE * ticks.count + 100 if ticks.count <= LONG else 0
