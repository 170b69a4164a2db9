"""A case with drawn inputs and everything needed to judge an answer to it: data only.

Trials are made in two places, by the same code: for the pack, from published seeds, and by the judge,
from secret ones.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backprop_autograder.engine.compare import Close, Comparison, Exactly, Mismatch, Property, difference
from backprop_autograder.engine.data import decode
from backprop_autograder.engine.exercise import Aspect, Case, Exercise
from backprop_autograder.engine.probe import MISSING, TOO_MANY_STEPS, UNSOLVED, Outcome, Question, answer

PUBLIC_SEED = b"visible cases are the same for everybody"
EVIDENCE = 2  # failing trials that have to agree before a misconception is named


@dataclass(frozen=True)
class Failure:
    """Why an outcome is not right.

    Attributes
    ----------
    kind : str
        ``"missing"``, ``"unsolved"``, ``"error"``, ``"no error"``, ``"steps"``, ``"mutated"``, ``"calls"``,
        ``"warning"``, or the kind of a `Mismatch`.
    detail : str
        Name of the exception, argument or function concerned, or what a property complains about.
    mismatch : Mismatch, optional
        Where the result differs.
    lineage : tuple of str
        Classes of the exception, for ``"error"``.
    """

    kind: str
    detail: str = ""
    mismatch: Mismatch | None = None
    lineage: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """One drawn case, the outcome of the reference, and those of the misconceptions that fail it.

    Attributes
    ----------
    label : str
        The case's concept.
    question : Question
    expected : Outcome
        What the reference did.
    comparison, calls_at_most, allow_warnings
        As in `Case`.
    wrong : dict
        Outcome of each misconception that does not pass, by name.
    """

    label: str
    question: Question
    expected: Outcome
    comparison: Comparison = Close()
    calls_at_most: int | None = None
    allow_warnings: bool = False
    wrong: Mapping[str, Outcome] = field(default_factory=dict)

    def failure(self, outcome: Outcome) -> Failure | None:
        """Return why `outcome` is not right, or None if it is."""
        if outcome.error or self.expected.error:
            return self._error_failure(outcome)
        if self.calls_at_most is not None:
            often = [name for name, n in outcome.calls.items() if n > self.calls_at_most]
            if often:
                return Failure("calls", often[0])
        if mismatch := self._mismatch(outcome.result):
            return Failure(mismatch.kind, mismatch.words, mismatch)
        if outcome.mutated and outcome.mutated != self.expected.mutated:
            return Failure("mutated", outcome.mutated[0])
        if outcome.warnings and not self.allow_warnings:
            return Failure("warning", outcome.warnings[0])
        return None

    def _error_failure(self, outcome: Outcome) -> Failure | None:
        if self.expected.error and self.expected.error[0] in outcome.error and UNSOLVED not in outcome.error:
            return None
        if not outcome.error:
            return Failure("no error", self.expected.error[0])
        kinds = {MISSING: "missing", UNSOLVED: "unsolved", TOO_MANY_STEPS: "steps"}
        kind = next((kinds[name] for name in outcome.error if name in kinds), "error")
        detail = outcome.message if kind != "error" else f"{outcome.error[0]}: {outcome.message}"
        return Failure(kind, detail, lineage=outcome.error)

    def _mismatch(self, result: Any) -> Mismatch | None:
        if not isinstance(self.comparison, Property):
            return difference(self.expected.result, result, self.comparison)
        arguments = decode(self.question.arguments, trusted=True)
        try:
            words = self.comparison.complaint(result, self.expected.result, **arguments)
        except Exception:  # properties are written for results of the right type
            words = "it has the wrong type" if difference(self.expected.result, result, Close()) else None
        return Mismatch("property", "", result, self.expected.result, words) if words else None

    def same_mistake(self, outcome: Outcome, other: Outcome) -> bool:
        """Whether two outcomes fail in the same way: neither is right, and they agree."""
        one, two = self.failure(outcome), self.failure(other)
        if one is None or two is None:
            return one is two
        if one.kind != two.kind:
            return False
        if one.kind == "error":
            return outcome.error[0] == other.error[0]
        if one.kind in ("property", "mutated", "calls"):
            return one.detail == two.detail
        if one.mismatch is None:
            return True
        return difference(other.result, outcome.result, Close(rtol=1e-7, atol=1e-9)) is None

    def to_json(self) -> dict:
        """Return JSON data for `from_json`."""
        return {
            "label": self.label,
            "question": self.question.to_json(),
            "expected": self.expected.to_json(),
            "comparison": _comparison_to_json(self.comparison),
            "calls_at_most": self.calls_at_most,
            "allow_warnings": self.allow_warnings,
            "wrong": {name: outcome.to_json() for name, outcome in self.wrong.items()},
        }

    @classmethod
    def from_json(cls, data: dict) -> "Trial":
        """Return the trial that `to_json` wrote."""
        return cls(
            **{
                **data,
                "question": Question.from_json(data["question"]),
                "expected": Outcome.from_json(data["expected"]),
                "comparison": _comparison_from_json(data["comparison"]),
                "wrong": {name: Outcome.from_json(outcome) for name, outcome in data["wrong"].items()},
            }
        )


def _comparison_to_json(how: Comparison) -> dict:
    if isinstance(how, Property):
        return {"kind": "Property", "source": how.source}
    return {"kind": type(how).__name__, "rtol": how.rtol, "atol": how.atol, "integers": how.integers}


def _comparison_from_json(data: dict) -> Comparison:
    data = dict(data)
    kind = data.pop("kind")
    if kind == "Property":
        return Property.from_source(data["source"])
    return {"Close": Close, "Exactly": Exactly}[kind](**data)


def draw_trials(exercise: Exercise, aspect: Aspect, seed: bytes = PUBLIC_SEED, *, hidden: bool = False) -> list[Trial]:
    """Draw every case of `aspect`, and let the reference answer.

    Parameters
    ----------
    exercise : Exercise
    aspect : Aspect
    seed : bytes
        Inputs depend on nothing else: the same seed gives the same trials.
    hidden : bool
        Whether cases that students may not see are included.
    """
    cases = (case for case in aspect.cases if hidden or case.visible)
    names = (exercise.name, aspect.name)
    draws = ((case, generator(seed, *names, case.label, k)) for case in cases for k in range(case.draws))
    return [_trial(exercise, case, Question.draw(exercise, case, rng)) for case, rng in draws]


def generator(seed: bytes, *names: Any) -> np.random.Generator:
    """Return a random generator that depends on `seed` and `names`, and reveals neither."""
    digest = hmac.new(seed, "/".join(map(str, names)).encode(), hashlib.sha256).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def _trial(exercise: Exercise, case: Case, question: Question) -> Trial:
    expected = answer(question, exercise.namespace())
    return Trial(case.label, question, expected, case.comparison, case.calls_at_most, case.allow_warnings)


class _Wrong(Mapping):
    """Outcomes of the misconceptions that do not pass a trial, worked out when asked for: some take a second."""

    def __init__(self, exercise: Exercise, trial: Trial):
        self._exercise, self._trial = exercise, trial
        self._implementations = {m.name: m.implementation for m in exercise.misconceptions}
        self._outcomes: dict[str, Outcome | None] = {}

    def __getitem__(self, name: str) -> Outcome:
        if name not in self._outcomes:
            outcome = answer(self._trial.question, self._exercise.namespace(self._implementations[name]))
            self._outcomes[name] = outcome if self._trial.failure(outcome) else None
        if (known := self._outcomes[name]) is None:
            raise KeyError(name)
        return known

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._implementations if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def add_misconceptions(exercise: Exercise, trials: Iterable[Trial]) -> list[Trial]:
    """Let every misconception answer every trial; keep the outcomes that are not right."""
    return [replace(trial, wrong=_Wrong(exercise, trial)) for trial in trials]


def diagnose(trials: Sequence[Trial], outcomes: Sequence[Outcome], names: Iterable[str]) -> list[str]:
    """Return the names of the misconceptions that behave just as the submission does.

    A misconception is recognised when it passes and fails the same trials, with the same outcomes, and
    several of them fail: one coincidence is not a diagnosis.

    Parameters
    ----------
    trials : sequence of Trial
        With the misconceptions' outcomes, over all aspects of one exercise.
    outcomes : sequence of Outcome
        What the submission did, in the same order.
    names : iterable of str
        The misconceptions to think of.
    """
    verdicts = [(t, o, t.failure(o)) for t, o in zip(trials, outcomes, strict=True)]
    # What is not solved yet says nothing about what is.
    solved = [(t, o, f) for t, o, f in verdicts if f is None or f.kind != "unsolved"]
    failing = [t for t, _, f in solved if f]
    if len(failing) < EVIDENCE:
        return []
    if len(solved) < len(verdicts) and all(f is None or f.kind == "error" for _, _, f in solved):
        return []  # beside an empty part, a crash may come from another exercise that the probe calls first
    # Where lines are counted, misconceptions take long: most are ruled out before.
    solved.sort(key=lambda verdict: verdict[0].question.steps_at_most is not None)

    def matches(name: str) -> bool:
        return all(
            (name in trial.wrong and trial.same_mistake(outcome, trial.wrong[name]))
            if failure
            else name not in trial.wrong
            for trial, outcome, failure in solved
        )

    return [name for name in names if matches(name)]
