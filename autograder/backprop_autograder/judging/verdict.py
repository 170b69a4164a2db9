"""What the judge says about one test cell: a structure to the last page, from which sentences are derived."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from backprop_autograder.engine.messages import Cause, Finding

NOT_PROTECTED = "not protected: its assertions run in the process of the submission"
OURS = "the grader stopped at this submission, which is our fault: please tell your instructor"


class RecordError(Exception):
    """A stored verdict cannot be read: an earlier version of the course wrote it, or it is damaged."""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one test cell.

    Attributes
    ----------
    grade_id, exercise, aspect : str
    points, max_points : float
    status : str
        ``"passed"``, ``"wrong"``, ``"unsolved"``, ``"lost"`` (crash or time-out), or ``"unjudged"`` (the submission
        was not run).
    happened : str
        What was seen, or why there is no verdict: a clause without a full stop.
    label : str
        The concept under test, where an answer is wrong.
    causes : tuple of Cause
        Recognised mistakes.
    hint : str
        The next step where none is recognised.
    either : bool
        Whether two causes cannot be told apart; else each explains a part.
    behaviour : str
        Equal for those who go wrong in the same way on the published cases; empty if nothing does there.
    carried : tuple of str
        Exercises that fail, and on which this one relies: it passes with the course's in their place.
    protected : bool
        Whether the submission had no part in the verdict; assertions run in its own process.
    """

    grade_id: str
    exercise: str
    aspect: str
    points: float
    max_points: float
    status: str
    happened: str
    label: str = ""
    causes: tuple[Cause, ...] = ()
    hint: str = ""
    either: bool = False
    behaviour: str = ""
    carried: tuple[str, ...] = ()
    protected: bool = True

    def _is_whole(self) -> bool:
        """Whether numbers are numbers and texts are texts: a file can be damaged anywhere."""
        texts = [self.grade_id, self.exercise, self.aspect, self.status, self.happened, self.label, self.hint]
        texts += [
            self.behaviour,
            *self.carried,
            *(word for c in self.causes for word in (c.name, c.cause, c.next_step)),
        ]
        numbers = (self.points, self.max_points)
        return all(isinstance(t, str) for t in texts) and all(isinstance(n, int | float) for n in numbers)

    @property
    def finding(self) -> Finding:
        """What is wrong with the answer."""
        return Finding(self.label, self.happened, self.causes, self.hint, self.either)

    @property
    def summary(self) -> str:
        """What was seen, without the exercise's name."""
        if self.status == "passed":
            return f"{self._right}."
        start = {"lost": "no verdict, because ", "unjudged": "not judged: "}.get(self.status)
        return self.finding.summary if start is None else f"{start}{self.happened}."

    @property
    def _right(self) -> str:
        own = "yours fails" if len(self.carried) == 1 else "yours fail"
        return f"right with the course's {' and '.join(self.carried)}; {own}" if self.carried else self.happened

    @property
    def message(self) -> str:
        """What the student reads below the test cell."""
        return self._message + ("" if self.protected else f"\n({NOT_PROTECTED})")

    @property
    def _message(self) -> str:
        if self.status == "passed":
            return f"{self.exercise} ({self.aspect}): {self._right}."
        if self.status == "unjudged":
            return f"Not judged: {self.happened}."
        rest = self.finding.advice
        return f"{self.exercise}: {self.summary}" + (f"\n{rest}" if rest else "")

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """Names of the recognised mistakes."""
        return tuple(cause.name for cause in self.causes)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON data."""
        return asdict(self) | {"causes": [asdict(cause) for cause in self.causes]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Verdict":
        """Return the verdict that `to_json` wrote.

        Raises
        ------
        RecordError
            If `data` has other fields.
        """
        try:
            causes = tuple(Cause(**cause) for cause in data["causes"])
            verdict = cls(**{**data, "causes": causes, "carried": tuple(data.get("carried", ()))})
            if not verdict._is_whole():
                raise TypeError
            return verdict
        except (AttributeError, KeyError, TypeError):
            raise RecordError("Another version of the course stored this verdict. Next: grade it again.") from None


def verdicts_of(record: dict[str, Any]) -> list[Verdict]:
    """Return the verdicts of a stored record.

    Raises
    ------
    RecordError
        If an earlier version wrote it; the message says what to do.
    """
    try:
        return [Verdict.from_json(data) for data in record["verdicts"]]
    except (RecordError, TypeError):
        unit, student = record.get("unit", "UNIT"), record.get("student", "STUDENT")
        raise RecordError(
            f"The verdict on {student}, {unit}, was stored by another version of the course. "
            f"Next: backprop grade {unit} --student {student} --force"
        ) from None


def why_unread(verdicts: Iterable[Verdict]) -> str:
    """Return why a file as a whole was not judged, as a sentence; empty if it was."""
    verdicts = list(verdicts)
    whole = bool(verdicts) and all(verdict.status == "unjudged" and verdict.happened != OURS for verdict in verdicts)
    happened = verdicts[0].happened if whole else ""
    return f"{happened[:1].upper()}{happened[1:]}." if whole else ""
