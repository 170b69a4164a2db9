"""The pack of a unit: what ``check`` needs to answer students, as data in one file beside the notebook."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.known import known_mistakes
from backprop_autograder.engine.messages import Finding, explain
from backprop_autograder.engine.probe import Outcome, answer
from backprop_autograder.engine.recognise import Diagnosis, Mistake, Recognition, remembering, suspects
from backprop_autograder.engine.trial import Failure, Trial

PACK_NAME = "checks.json"
FORMAT = 3


@dataclass(frozen=True)
class PackedExercise:
    """An exercise without its reference: trials by aspect, words, and what is known to go wrong.

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
    mistakes : tuple of Mistake
        Their marks on the trials of all aspects, in order.
    parts : tuple of str
        What the parts of a result are called.
    """

    name: str
    summary: str
    trials: Mapping[str, Sequence[Trial]]
    hints: Mapping[str, str]
    causes: Mapping[str, Mapping[str, str]]
    mistakes: tuple[Mistake, ...]
    parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, exercise: Exercise) -> "PackedExercise":
        """Draw the visible trials of `exercise`, and let what is known to go wrong meet them."""
        trials = {a.name: draw_trials(exercise, a) for a in exercise.aspects}
        return cls(
            exercise.name,
            (exercise.reference.__doc__ or "").strip().split("\n")[0].replace("``", ""),
            trials,
            {a.name: a.hint for a in exercise.aspects},
            {m.name: {"cause": m.cause, "next_step": m.next_step} for m in exercise.misconceptions},
            known_mistakes(exercise, [trial for drawn in trials.values() for trial in drawn]),
            exercise.parts,
        )

    def to_json(self) -> dict:
        """Return JSON data for `from_json`."""
        return {
            "name": self.name,
            "summary": self.summary,
            "trials": {a: [t.to_json() for t in ts] for a, ts in self.trials.items()},
            "hints": self.hints,
            "causes": self.causes,
            "mistakes": [[m.name, ";".join(m.row)] for m in self.mistakes],
            "parts": list(self.parts),
        }

    @classmethod
    def from_json(cls, data: dict) -> "PackedExercise":
        """Return the exercise that `to_json` wrote."""
        trials = {a: [Trial.from_json(t) for t in ts] for a, ts in data["trials"].items()}
        mistakes = tuple(Mistake(name, tuple(row.split(";"))) for name, row in data["mistakes"])
        return cls(**{**data, "trials": trials, "mistakes": mistakes, "parts": tuple(data.get("parts", ()))})

    @cached_property
    def all_trials(self) -> list[Trial]:
        """The trials of all aspects, in order."""
        return [trial for drawn in self.trials.values() for trial in drawn]

    def answered(self, outcomes: Mapping[str, Sequence[Outcome]]) -> "Answered":
        """Return what can be said of a submission's answers to the trials of all aspects."""
        return Answered(self, outcomes)

    def recognition(self, outcomes: Sequence[Outcome]) -> Recognition:
        """Return what tells why a submission goes wrong, aspect by aspect, from its answers to all trials in order."""
        return Recognition(self.all_trials, outcomes, self.mistakes, self.causes, self.parts)

    def scope(self, aspect: str | None) -> range | None:
        """Return which of all trials are those of an aspect."""
        start = 0
        for name, drawn in self.trials.items():
            if name == aspect:
                return range(start, start + len(drawn))
            start += len(drawn)
        return None


@dataclass(frozen=True)
class Answered:
    """An exercise and a submission's answers: what is wrong with them, and why.

    Attributes
    ----------
    packed : PackedExercise
    outcomes : dict
        Answers to the trials of all aspects: together they tell mistakes apart.
    """

    packed: PackedExercise
    outcomes: Mapping[str, Sequence[Outcome]]

    @cached_property
    def _recognition(self) -> Recognition:
        return self.packed.recognition([o for name in self.packed.trials for o in self.outcomes[name]])

    def diagnosis(self, aspect: str | None = None) -> Diagnosis:
        """Return why a submission goes wrong, as far as that is known; asked for one aspect, why it does there."""
        return self._recognition.within(self.packed.scope(aspect))

    def shown(self, aspect: str, ask: Callable[[Trial], Outcome] | None = None) -> tuple[Trial, Finding] | None:
        """Return the trial of `aspect` that shows best what is wrong with the answers, and what that is, or None.

        Parameters
        ----------
        aspect : str
        ask : callable, optional
            Asks a trial once more, to see whether the answer depends on earlier calls.
        """
        packed, trials, outcomes = self.packed, self.packed.trials[aspect], self.outcomes[aspect]
        pairs = zip(trials, outcomes, strict=True)
        failed = {k: (t, f) for k, (t, o) in zip(packed.scope(aspect), pairs, strict=True) if (f := t.failure(o))}
        if not failed:
            return None
        diagnosis = self.diagnosis(aspect)
        if ask:
            chosen = suspects(trials, outcomes)
            diagnosis = remembering(diagnosis, [outcomes[k] for k in chosen], [ask(trials[k]) for k in chosen])
        # A cause beside a case that it does not explain would be a wrong one.
        telling = [failed[k] for k in failed if k in diagnosis.explained] or list(failed.values())
        trial, failure = smallest(telling)
        return trial, explain(trial, failure, diagnosis, packed.hints[aspect], parts=packed.parts)

    def message(self, aspect: str) -> str | None:
        """Return what a student reads about the answers to the trials of `aspect`, or None."""
        found = self.shown(aspect)
        return found and f"{self.packed.name}: {found[1].summary}\n{found[1].advice}"


def smallest(failures: Sequence[tuple[Trial, Failure]]) -> tuple[Trial, Failure]:
    """Return the failing trial with the shortest inputs, and why it fails."""
    return min(failures, key=lambda pair: pair[0].question.size)


def review(exercise: Exercise, implementation: Callable, aspect: str = "values") -> str | None:
    """Return what a student with this implementation would read, or None if it passes.

    Made for writing exercises: try out an implementation without a notebook.
    """
    packed = PackedExercise.of(exercise)
    names = exercise.namespace(implementation)
    outcomes = {a: [answer(t.question, names) for t in trials] for a, trials in packed.trials.items()}
    return packed.answered(outcomes).message(aspect)


def build_pack(unit: str, exercises: Iterable[Exercise], made_from: str = "") -> str:
    """Return the text of a unit's pack, marked with what it was made from; the same definitions give the same text."""
    packed = {exercise.name: PackedExercise.of(exercise).to_json() for exercise in exercises}
    data = {"format": FORMAT, "unit": unit, "made_from": made_from, "exercises": packed}
    return json.dumps(data, separators=(",", ":")) + "\n"


def load_pack(path: Path) -> dict[str, PackedExercise]:
    """Read a pack.

    Raises
    ------
    ValueError
        If the file is no pack, or one of another format.
    """
    return read_pack(path.read_bytes())


@lru_cache(maxsize=4)
def read_pack(text: bytes) -> dict[str, PackedExercise]:
    """Return the exercises of a pack's text; ValueError if it is of another format."""
    data = json.loads(text.rstrip(b"\0"))  # of whatever Unicode it was saved in
    if data.get("format") != FORMAT:
        raise ValueError(f"{PACK_NAME} has format {data.get('format')}; this version reads format {FORMAT}")
    return {name: PackedExercise.from_json(exercise) for name, exercise in data["exercises"].items()}
