"""Functions that stay with the judge while a submission calls them: what is counted is counted outside."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backprop_autograder.engine.data import Formula, decode, encode_exactly
from backprop_autograder.engine.probe import Outcome, Question, call_counts

MAX_CALLS = 1000  # of one function; those that are counted are called a few times


class KeptFunctions:
    """The functions among the arguments of questions, and how often each is called.

    Attributes
    ----------
    questions : list of Question
        The questions as they travel: numbers stand where the functions were.
    """

    def __init__(self):
        self.questions: list[Question] = []
        self._functions: list[Formula] = []
        self._places: list[tuple[int, list[str]]] = []

    def add(self, question: Question, *, keep: bool) -> None:
        """Add a question; its functions stay here if `keep`."""
        paths = list(call_counts(decode(question.arguments, trusted=True))) if keep else []
        self._places.append((len(self._functions), paths))
        self.questions.append(replace(question, arguments=self._numbered(question.arguments)) if keep else question)

    def _numbered(self, data: Any) -> Any:
        if isinstance(data, list):
            return [self._numbered(item) for item in data]
        if isinstance(data, dict):
            if "formula" in data:
                self._functions.append(decode(data, trusted=True))
                return {"remote": len(self._functions) - 1}
            return {tag: self._numbered(body) for tag, body in data.items()}
        return data

    def call(self, number: Any, arguments: Any) -> dict:
        """Return what a function answers, or the error it raises: data for the other side, which may send anything."""
        try:
            function = self._functions[number if type(number) is int and number >= 0 else len(self._functions)]
            if function.calls >= MAX_CALLS:
                raise RuntimeError(f"a function was called more than {MAX_CALLS:,} times")
            with np.errstate(all="ignore"):
                return {"value": encode_exactly(function(*map(decode, arguments)))}
        except Exception as error:
            return {"error": [type(error).__name__, str(error)[:200]]}

    def counted(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return the outcomes with the calls that were counted here, and no others."""
        return [replace(o, calls=self._calls(*place)) for o, place in zip(outcomes, self._places, strict=True)]

    def _calls(self, first: int, paths: list[str]) -> dict[str, int]:
        return {path: self._functions[first + k].calls for k, path in enumerate(paths)}
