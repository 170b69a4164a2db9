"""A case with drawn inputs and everything needed to judge an answer to it: data only."""

from dataclasses import dataclass
from typing import Any

from backprop_autograder.engine.compare import Close, Comparison, Mismatch, Property, difference
from backprop_autograder.engine.data import decode
from backprop_autograder.engine.probe import MISSING, TOO_MANY_STEPS, UNSOLVED, Outcome, Question
from backprop_autograder.engine.text import printable_name

MAX_COMPLAINT = 400  # characters
REPORTED = ("warning", "mutated")  # kinds of failure that a submission's own process tells about, and could conceal


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
    line, wanted : str
        For ``"error"``: the implementation's line that it came from, and which exception is asked for instead.
    """

    kind: str
    detail: str = ""
    mismatch: Mismatch | None = None
    lineage: tuple[str, ...] = ()
    line: str = ""
    wanted: str = ""


@dataclass(frozen=True)
class Trial:
    """One drawn case, and the outcome of the reference.

    Attributes
    ----------
    label : str
        The case's concept.
    question : Question
    expected : Outcome
        What the reference did.
    comparison, calls_at_most, allow_warnings
        As in `Case`.
    may_change : tuple of str
        Arguments that another aspect of the exercise sees to: changing them costs that one only.
    reported
        As in `Case`; not in the pack, for it is about grading.
    """

    label: str
    question: Question
    expected: Outcome
    comparison: Comparison = Close()
    calls_at_most: int | None = None
    allow_warnings: bool = False
    may_change: tuple[str, ...] = ()
    reported: bool = False

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
        changed = [name for name in outcome.mutated if name not in self.may_change]
        if changed and outcome.mutated != self.expected.mutated:
            return Failure("mutated", changed[0])
        if outcome.warnings and not self.allow_warnings:
            return Failure("warning", outcome.warnings[0])
        return None

    def rests_on_a_report(self, failure: Failure) -> bool:
        """Whether the submission's own process told of a failure, and could have concealed it."""
        return self.reported or failure.kind in REPORTED

    def _error_failure(self, outcome: Outcome) -> Failure | None:
        if self.expected.error and self.expected.error[0] in outcome.error and UNSOLVED not in outcome.error:
            return None
        if not outcome.error:
            return Failure("no error", self.expected.error[0])
        kinds = {MISSING: "missing", UNSOLVED: "unsolved", TOO_MANY_STEPS: "steps"}
        kind = next((kinds[name] for name in outcome.error if name in kinds), "error")
        if kind != "error":
            return Failure(kind, outcome.message, lineage=outcome.error)
        wanted = f"; {self.expected.error[0]} is asked for" if self.expected.error else ""
        detail = outcome.error[0] + (f": {outcome.message}" if outcome.message else "")
        return Failure(kind, detail, lineage=outcome.error, line=outcome.line, wanted=wanted)

    def _mismatch(self, result: Any) -> Mismatch | None:
        if not isinstance(self.comparison, Property):
            return difference(self.expected.result, result, self.comparison)
        arguments = decode(self.question.arguments, trusted=True)
        try:
            words = self.comparison.complaint(result, self.expected.result, **arguments)
        except Exception:  # properties are written for results of the right type
            words = "it has the wrong type" if difference(self.expected.result, result, Close()) else None
        # Some complaints quote the result.
        said = printable_name(words or "", MAX_COMPLAINT)
        return Mismatch("property", "", result, self.expected.result, said) if said else None

    def to_json(self) -> dict:
        """Return JSON data for `from_json`."""
        return {
            "label": self.label,
            "question": self.question.to_json(),
            "expected": self.expected.to_json(),
            "comparison": _comparison_to_json(self.comparison),
            "calls_at_most": self.calls_at_most,
            "allow_warnings": self.allow_warnings,
            "may_change": list(self.may_change),
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
                "may_change": tuple(data["may_change"]),
            }
        )


def _comparison_to_json(how: Comparison) -> dict:
    if isinstance(how, Property):
        return {"kind": "Property", "source": how.source}
    return {"kind": "Close", "rtol": how.rtol, "atol": how.atol, "integers": how.integers}


def _comparison_from_json(data: dict) -> Comparison:
    if data["kind"] == "Property":
        return Property.from_source(data["source"])
    return Close(data["rtol"], data["atol"], integers=data["integers"])
