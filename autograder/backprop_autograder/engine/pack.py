"""The pack of a unit: what ``check`` needs to answer students, as data in one file beside the notebook."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.messages import Cause, Finding, explain
from backprop_autograder.engine.probe import Outcome, answer
from backprop_autograder.engine.trial import Trial, add_misconceptions, diagnose, draw_trials

PACK_NAME = "checks.json"
FORMAT = 1


@dataclass(frozen=True)
class PackedExercise:
    """An exercise without its reference: trials by aspect, and words.

    Attributes
    ----------
    name : str
    summary : str
        What to implement, in one sentence.
    trials : dict
        Trials by aspect.
    hints : dict
        Next step by aspect.
    causes : dict
        ``{"cause": ..., "next_step": ...}`` by misconception.
    """

    name: str
    summary: str
    trials: Mapping[str, Sequence[Trial]]
    hints: Mapping[str, str]
    causes: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, exercise: Exercise) -> "PackedExercise":
        """Draw the visible trials of `exercise`."""
        return cls(
            exercise.name,
            (exercise.reference.__doc__ or "").strip().split("\n")[0].replace("``", ""),
            {a.name: add_misconceptions(exercise, draw_trials(exercise, a)) for a in exercise.aspects},
            {a.name: a.hint for a in exercise.aspects},
            causes_of(exercise),
        )

    def to_json(self) -> dict:
        """Return JSON data for `from_json`."""
        return {**vars(self), "trials": {a: [t.to_json() for t in ts] for a, ts in self.trials.items()}}

    @classmethod
    def from_json(cls, data: dict) -> "PackedExercise":
        """Return the exercise that `to_json` wrote."""
        trials = {a: [Trial.from_json(t) for t in ts] for a, ts in data["trials"].items()}
        return cls(**{**data, "trials": trials})

    def finding(
        self, aspect: str, outcomes: Mapping[str, Sequence[Outcome]], *, hidden: bool = False
    ) -> Finding | None:
        """Return what is wrong with the answers to the trials of `aspect`, or None.

        Parameters
        ----------
        aspect : str
        outcomes : dict
            Answers by aspect; more aspects than the one asked about help to recognise a misconception.
        hidden : bool
            Whether inputs and expected values are to be kept back.
        """
        pairs = zip(self.trials[aspect], outcomes[aspect], strict=True)
        failures = [(t, f) for t, o in pairs if (f := t.failure(o))]
        if not failures:
            return None
        trial, failure = min(failures, key=lambda pair: len(json.dumps(pair[0].question.arguments)))
        names = self.diagnosis(outcomes)
        causes = [Cause(name, **self.causes[name]) for name in names] if len(names) <= 2 else []
        return explain(trial, failure, causes, self.hints[aspect], hidden=hidden)

    def message(self, aspect: str, outcomes: Mapping[str, Sequence[Outcome]]) -> str | None:
        """Return what a student reads about the answers to the trials of `aspect`, or None."""
        found = self.finding(aspect, outcomes)
        return found and f"{self.name}: {found.summary}\n{found.advice}"

    def diagnosis(self, outcomes: Mapping[str, Sequence[Outcome]]) -> list[str]:
        """Return the names of the misconceptions that answer just so."""
        trials = [t for a in outcomes for t in self.trials[a]]
        return diagnose(trials, [o for a in outcomes for o in outcomes[a]], self.causes)


def review(exercise: Exercise, implementation: Callable, aspect: str = "values") -> str | None:
    """Return what a student with this implementation would read, or None if it passes.

    Made for writing exercises: try out an implementation without a notebook.
    """
    packed = PackedExercise.of(exercise)
    names = exercise.namespace(implementation)
    outcomes = {a: [answer(t.question, names) for t in trials] for a, trials in packed.trials.items()}
    return packed.message(aspect, outcomes)


def causes_of(exercise: Exercise) -> dict[str, dict[str, str]]:
    """Return the words of each misconception, by name."""
    return {m.name: {"cause": m.cause, "next_step": m.next_step} for m in exercise.misconceptions}


def build_pack(unit: str, exercises: Iterable[Exercise]) -> str:
    """Return the text of a unit's pack. The same definitions give the same text."""
    packed = {exercise.name: PackedExercise.of(exercise).to_json() for exercise in exercises}
    return json.dumps({"format": FORMAT, "unit": unit, "exercises": packed}, separators=(",", ":")) + "\n"


def load_pack(path: Path) -> dict[str, PackedExercise]:
    """Read a pack.

    Raises
    ------
    ValueError
        If the file is no pack, or one of another format.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    if data.get("format") != FORMAT:
        raise ValueError(f"{path.name} has format {data.get('format')}; this version reads format {FORMAT}")
    return {name: PackedExercise.from_json(exercise) for name, exercise in data["exercises"].items()}
