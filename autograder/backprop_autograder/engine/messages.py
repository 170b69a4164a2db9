"""Words for verdicts: the concept, the input, got against expected, a cause if recognised, one next step."""

import builtins
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_autograder.engine.data import Formula, decode
from backprop_autograder.engine.places import in_words
from backprop_autograder.engine.script import is_script, shown
from backprop_autograder.engine.trial import Failure, Trial

MAX_INPUT = 110  # characters
MAX_VALUE = 70
# NumPy's words for it are too many.
MATMUL = re.compile(r"matmul: Input operand 1 has a mismatch .* \(size (\d+) is different from (\d+)\)")


@dataclass(frozen=True)
class Cause:
    """A recognised mistake, in words.

    Attributes
    ----------
    name : str
        The misconception's.
    cause : str
        One sentence that names the idea that was missed.
    next_step : str
        One question or pointer that leads on; empty where the exercise's own hint is better.
    """

    name: str
    cause: str
    next_step: str


@dataclass(frozen=True)
class Diagnosis:
    """What was recognised.

    Attributes
    ----------
    causes : tuple of Cause
        At most two.
    either : bool
        Whether two causes cannot be told apart; else each explains a part.
    behaviour : str
        A mark of all that was done on the published trials: equal for those who go wrong in the same way.
    explained : frozenset of int
        Places of the trials where the first cause shows; empty if it is not known where.
    """

    causes: tuple[Cause, ...] = ()
    either: bool = False
    behaviour: str = ""
    explained: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Finding:
    """What is wrong with an answer, in parts; sentences are derived from them, never taken apart.

    Attributes
    ----------
    label : str
        The concept under test.
    happened : str
        What was seen: a clause without a full stop.
    causes : tuple of Cause
        Recognised mistakes: none, one, or two.
    hint : str
        The next step where none is recognised.
    either : bool
        Whether two causes cannot be told apart; else each explains a part.
    """

    label: str
    happened: str
    causes: tuple[Cause, ...] = ()
    hint: str = ""
    either: bool = False

    @property
    def summary(self) -> str:
        """The concept, and what was seen."""
        return f"{self.label}. {self.happened[:1].upper()}{self.happened[1:]}."

    @property
    def advice(self) -> str:
        """The likely cause if recognised, and the next step; empty if there is neither."""
        if self.either:
            return f"Likely cause, one of two: {self.causes[0].cause} Or: {self.causes[1].cause}"
        if self.causes:
            also = "".join(f" Also: {cause.cause}" for cause in self.causes[1:])
            return f"Likely cause: {self.causes[0].cause}{also} Next: {self.causes[0].next_step or self.hint}"
        return f"Next: {self.hint}" if self.hint else ""


def describe(value: Any, limit: int = MAX_VALUE) -> str:
    """Return a short text for `value`; long arrays and containers become their shape or size."""
    text = _literal(value)
    if len(text) <= limit:
        return text
    if isinstance(value, np.ndarray):
        return f"a {value.shape} array"
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        count = f"{len(value)} item" + "s" * (len(value) != 1)
        return f"[{count}]" if isinstance(value, list) else f"a {type(value).__name__} of {count}"
    return text[: limit - 1] + "…"


def _literal(value: Any) -> str:
    if isinstance(value, np.ndarray):
        if value.size > 40:
            return "…" * MAX_INPUT
        return _nested(value.tolist())
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Formula):
        constants = ", ".join(f"{k} = {_literal(v)}" for k, v in value.constants.items())
        return f"{value.text}" + (f" with {constants}" if constants else "")
    if isinstance(value, np.random.Generator):
        return "a random generator"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, (set, frozenset)) and value:
        return f"{{{', '.join(sorted(map(_literal, value)))}}}"
    if isinstance(value, frozenset):
        return "set()"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_literal(k)}: {_literal(v)}' for k, v in value.items())}}}"
    return repr(value)


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text + "." if isinstance(value, float) and text.lstrip("-").isdigit() else text


def kind_of(value: Any) -> str:
    """Return the type of a result in words, with shape and dtype for an array."""
    if isinstance(value, np.ndarray):
        return f"shape {value.shape}, {value.dtype}"
    if value is None:
        return "None: is a return statement missing?"
    name = getattr(value, "type_name", type(value).__name__)
    return "set" if name == "frozenset" else name


def _before(trial: Trial) -> str:
    """Return what was given to the implementation, as the beginning of a sentence; empty if it is too long to show."""
    arguments = decode(trial.question.arguments, trusted=True)
    if is_script(arguments):
        return shown(arguments["code"])
    inputs = _inputs(arguments)
    return f"For {inputs} " if inputs else ""


def _inputs(arguments: Mapping[str, Any]) -> str:
    text = ", ".join(f"{name} = {describe(value, MAX_INPUT)}" for name, value in arguments.items())
    if len(text) > MAX_INPUT:
        text = ", ".join(f"{name} = {describe(value, 30)}" for name, value in arguments.items())
    return text if len(text) <= 2 * MAX_INPUT else ""


def _what_happened(failure: Failure, parts: Sequence[str]) -> str:
    kind, mismatch = failure.kind, failure.mismatch
    if mismatch is not None and kind != "property":
        where = f" at {in_words(mismatch.path, parts)}" if mismatch.path else ""
        got, expected = _side(kind, mismatch.got), _side(kind, mismatch.expected)
        if mismatch.path and mismatch.got is None:
            got = "None"  # within a result, no return statement is missing
        if got == expected:
            got, expected = _told_apart(mismatch.got, mismatch.expected)
        return f"got {got}{where}, expected {expected}"
    words = {
        "missing": failure.detail,
        "unsolved": f"{failure.detail or 'it'} is not implemented yet",
        "error": f"stopped with {_first_words(failure.detail)}{_at(failure.line)}{failure.wanted}",
        "no error": f"no {failure.detail} was raised",
        "steps": f"took too long: {failure.detail}",
        "mutated": f"the argument {failure.detail} was changed",
        "calls": f"{failure.detail} was called more often than needed",
        "warning": f"NumPy warned: {_first_words(failure.detail)}",
        "property": failure.detail,
    }
    return words[kind]


def _at(line: str) -> str:
    return f" at: {line}" if line else ""


def _told_apart(got: Any, expected: Any) -> tuple[str, str]:
    """Return two values that look alike with as many digits as it takes to see the difference."""
    numbers = isinstance(got, float) and isinstance(expected, float)
    texts = ((f"{got:.{n}g}", f"{expected:.{n}g}") for n in range(7, 18)) if numbers else ()
    kinds = (f"{describe(got)} ({kind_of(got)})", f"{describe(expected)} ({kind_of(expected)})")
    return next(((a, b) for a, b in texts if a != b), kinds)


def _side(kind: str, value: Any) -> str:
    if kind in ("type", "shape", "dtype"):
        return kind_of(value)
    if kind == "length":
        return f"{len(value)} items"
    if kind == "keys":
        return "keys " + describe(sorted(map(str, value)))
    return describe(value)


def _what_happened_in_secret(failure: Failure, lines: Container[str]) -> str:
    """Say what happened without a word that was chosen while it ran: it could carry the fresh inputs to its author."""
    kind, mismatch = failure.kind, failure.mismatch
    if kind == "error":
        builtin = (name for name in failure.lineage if isinstance(getattr(builtins, name, None), type))
        return f"stopped with {next(builtin, 'an error')}" + (_at(failure.line) if failure.line in lines else "")
    if kind in ("type", "dtype"):
        return f"the result is not of the right kind, expected {kind_of(mismatch.expected)}"
    words = {
        "missing": "the function is not defined",
        "unsolved": "it is not implemented yet",
        "no error": f"no {failure.detail} was raised",
        "steps": "took too long",
        "mutated": "an argument was changed",
        "calls": "a function was called more often than needed",
        "warning": "NumPy warned",
        "property": failure.detail,
        "shape": "the result does not have the right shape",
        "length": "the number of items is not the right one",
        "keys": "the keys are not the right ones",
        "nan": "got a number that is not finite",
        "values": "a value is not the right one",
    }
    return words[kind]


def _first_words(text: str, count: int = 14) -> str:
    words = MATMUL.sub(r"matmul: lengths \2 and \1 do not fit", text).split()
    return " ".join(words[:count]).rstrip(".") + (" …" if len(words) > count else "")


def explain(
    trial: Trial,
    failure: Failure,
    diagnosis: Diagnosis,
    hint: str,
    *,
    hidden: bool = False,
    parts: Sequence[str] = (),
    lines: Container[str] = (),
) -> Finding:
    """Return what one failing trial shows.

    Parameters
    ----------
    trial, failure
        The smallest failing trial, and why it fails.
    diagnosis : Diagnosis
        What was recognised.
    hint : str
        Next step when nothing is.
    hidden : bool
        Whether inputs and expected values are to be kept back.
    parts : sequence of str
        What the parts of a result are called.
    lines : container of str
        Lines of the submission that may be shown though all else is kept back.
    """
    before = "In a fresh case " if hidden else _before(trial)
    happened = _what_happened_in_secret(failure, lines) if hidden else _what_happened(failure, parts)
    happened, _, next_step = happened.partition(". Next: ") if failure.kind == "property" else (happened, "", "")
    # A property that knows what to do next knows more than the name of a mechanical change tells.
    causes = tuple(cause for cause in diagnosis.causes if cause.next_step or not next_step)
    hint = next_step or _hint_for(failure, hidden=hidden) or hint
    return Finding(trial.label, before + happened, causes, hint, diagnosis.either)


HINTS = {
    "NameError": "is the name spelled as where it was defined or imported, and was that cell run?",
    "ValueError: The truth value of an array": "`if`, `and` and `max` ask one question of a whole array; which NumPy "
    "function asks it of each entry?",
}
NONE = "'NoneType'"  # stands in what Python says where a call gave nothing back
NOTHING_CAME_BACK = "something is None there: does every function that this line calls end with return?"


def _hint_for(failure: Failure, *, hidden: bool) -> str:
    """Return the next step that fits what happened, whatever the exercise; empty if the exercise knows better."""
    if failure.kind == "mutated":
        changed = "an argument" if hidden else failure.detail
        return f"which line changes {changed}? Make a new one, or work on a copy."
    if failure.kind != "error":
        return ""
    if NONE in failure.detail and failure.line:
        return NOTHING_CAME_BACK
    return next((hint for begin, hint in HINTS.items() if failure.detail.startswith(begin)), "")
