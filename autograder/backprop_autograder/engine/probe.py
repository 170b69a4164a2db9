"""Let an implementation meet a case, and write down what happened as plain data.

The same code runs in a student's notebook (`check`), in the sandboxed worker (asked by the judge)
and in the judge (for the reference and the misconceptions): one way to ask, three places.
"""

import json
import linecache
import re
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from backprop_autograder.engine.compare import ROUND_OFF, difference
from backprop_autograder.engine.data import DataError, Formula, compiled, decode, encode
from backprop_autograder.engine.exercise import Case, Exercise
from backprop_autograder.engine.script import is_script
from backprop_autograder.engine.source import source_of
from backprop_autograder.engine.text import without_unprintable
from backprop_autograder.engine.watch import TooLong, time_limit

MISSING, TOO_MANY_STEPS, UNSOLVED = "Missing", "TooManySteps", "NotImplementedError"
MAX_TEXT = 300
MAX_LINE = 80
# Where code lies that is no student's: probes, this package, libraries, Python itself.
NOT_THEIRS = (
    "<probe>",
    "<string>",
    "<frozen",
    str(Path(__file__).parents[1]),
    *map(sysconfig.get_path, ("stdlib", "purelib", "platlib")),
)
MAX_NAMES = 100


@dataclass(frozen=True)
class Question:
    """A case with drawn inputs, ready to travel: JSON data only.

    Attributes
    ----------
    name : str
        Function under test.
    arguments : JSON data
        The encoded dict of inputs.
    keywords : list of str
        Inputs passed by keyword.
    probe : str or None
        Source of the case's own probe.
    repeat, steps_at_most
        As in `Case`.
    """

    name: str
    arguments: Any
    keywords: list[str] = field(default_factory=list)
    probe: str | None = None
    repeat: int = 1
    steps_at_most: int | None = None

    @classmethod
    def draw(cls, exercise: Exercise, case: Case, rng: np.random.Generator) -> "Question":
        """Draw inputs for `case`.

        Raises
        ------
        ValueError
            If they are not named like the first parameters of the reference, in order: they travel by position.
        """
        arguments = case.arguments(rng)
        if case.probe is None and list(arguments) != exercise.parameters[: len(arguments)]:
            raise ValueError(f"{exercise.name}, {case.label}: {list(arguments)} are not {exercise.parameters}")
        probe = case.probe and source_of(case.probe)
        return cls(exercise.name, encode(arguments), list(exercise.keywords), probe, case.repeat, case.steps_at_most)

    @property
    def size(self) -> int:
        """How much there is to read, for choosing what to show; scripts come in the order of their author."""
        return 0 if is_script(decode(self.arguments, trusted=True)) else len(json.dumps(self.arguments))

    @property
    def names(self) -> set[str]:
        """The notebook's names that it uses itself, in its probe or in the lines of a script."""
        found = {self.name, *re.findall(r"\bstudent\.(\w+)", self.probe or "")}
        arguments = decode(self.arguments, trusted=True)
        return found | set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", arguments["code"]) if is_script(arguments) else ())

    def to_json(self) -> dict:
        """Return JSON data for `from_json`."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: dict) -> "Question":
        """Return the question that `to_json` wrote."""
        return cls(**data)


@dataclass(frozen=True)
class Outcome:
    """What happened when an implementation met a case. Plain data only.

    Attributes
    ----------
    result : plain data
        What was returned; None after an error.
    error : tuple of str
        Names of the exception's class and its bases, most special first; empty if none was raised.
    message : str
        Text of the exception.
    warnings : tuple of str
        Runtime warnings raised on the way.
    mutated : tuple of str
        Names of the arguments that were changed.
    calls : dict
        How often each `Formula` among the arguments was evaluated.
    line : str
        Where the exception was raised, as far as that is the implementation's own text.
    """

    result: Any = None
    error: tuple[str, ...] = ()
    message: str = ""
    warnings: tuple[str, ...] = ()
    mutated: tuple[str, ...] = ()
    calls: dict[str, int] = field(default_factory=dict)
    line: str = ""

    def to_json(self) -> dict:
        """Return JSON data for `from_json`."""
        return {**vars(self), "result": encode(self.result)}

    @classmethod
    def from_json(cls, data: Any) -> "Outcome":
        """Return the outcome that `to_json` wrote, reading nothing but plain data of the right types.

        Raises
        ------
        DataError
            If `data` is malformed: a student's process may send anything.
        """
        if type(data) is not dict or set(data) != set(cls.__dataclass_fields__):
            raise DataError("malformed outcome")
        calls = data["calls"]
        if type(calls) is not dict or len(calls) > MAX_NAMES or not all(type(n) is int for n in calls.values()):
            raise DataError("malformed call counts")
        names = {key: _names(data[key]) for key in ("error", "warnings", "mutated")}
        message, line = _names([data["message"], data["line"]])
        calls = dict(zip(_names(list(calls)), calls.values(), strict=False))
        return cls(decode(data["result"]), message=message, calls=calls, line=line, **names)


def _names(data: Any) -> tuple[str, ...]:
    if type(data) not in (list, tuple) or not all(type(item) is str for item in data):
        raise DataError("malformed list of names")
    return tuple(without_unprintable(item[:MAX_TEXT]) for item in data[:MAX_NAMES])


class TooManySteps(BaseException):
    """The implementation ran more lines than its case allows. Not an `Exception`, so that few catch it."""


class _Student:
    """A notebook's names as attributes, for probes; called with lines of code, it runs them among these names."""

    def __init__(self, namespace: Mapping[str, Any]):
        self._namespace = namespace

    def __getattr__(self, name):
        try:
            return self._namespace[name]
        except KeyError:
            raise NameError(f"{name} is not defined") from None

    def __call__(self, code: str) -> dict[str, Any]:
        names = dict(self._namespace)  # what the code defines stays out of the notebook
        exec(compiled(code, "<string>", "exec"), names)
        return names


def answer(question: Question, namespace: Mapping[str, Any], seconds: float | None = None) -> Outcome:
    """Run one question against the implementation that `namespace` holds.

    Whatever the implementation does, short of killing the process, is an `Outcome`; stopped after so many seconds.
    """
    outcome, arguments = observe(question, namespace, seconds)
    return replace(outcome, mutated=mutated(question, arguments), calls=call_counts(arguments))


def observe(
    question: Question,
    namespace: Mapping[str, Any],
    seconds: float | None = None,
    ask: Callable[..., Any] | None = None,
) -> tuple[Outcome, dict[str, Any]]:
    """Run one question, and return what happened together with the arguments as they are afterwards.

    What became of the arguments, and how often functions among them were called, is for others to judge. `ask` is
    what functions are called through that did not travel, as in `decode`.
    """
    if question.name not in namespace:
        return Outcome(error=(MISSING,), message=f"{question.name} is not defined"), {}
    call, arguments = _call(question, namespace), {}
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(over="warn", divide="warn", invalid="warn"),
    ):
        warnings.simplefilter("always")
        try:
            with (limit := time_limit(seconds)), _step_limit(question.steps_at_most), _recursion_limit_restored():
                for _ in range(question.repeat):
                    arguments = decode(question.arguments, trusted=True, ask=ask)
                    result = call(arguments)
            if limit.thrown:  # and caught by the implementation
                raise TooLong
            # The same plain data here as after a journey between processes: np.float64 becomes float.
            happened: dict[str, Any] = {"result": decode(encode(result), trusted=True)}
        except TooLong:
            happened = {"error": (TOO_MANY_STEPS,), "message": f"it was stopped after {seconds:.0f} s"}
        except (Exception, SystemExit, TooManySteps) as error:
            happened = {"error": _lineage(error), "message": _text(error), "line": _own_line(error)}
    complaints = tuple(_text(w.message) for w in caught if issubclass(w.category, RuntimeWarning))[:MAX_NAMES]
    return Outcome(**happened, warnings=complaints), arguments


def _call(question: Question, namespace: Mapping[str, Any]):
    if question.probe is None:
        function = namespace[question.name]
        keywords = set(question.keywords)

        def call(arguments):
            positional = [value for name, value in arguments.items() if name not in keywords]
            return function(*positional, **{name: arguments[name] for name in keywords & arguments.keys()})

        return call
    scope: dict[str, Any] = {"np": np}
    exec(compiled(question.probe, "<probe>", "exec"), scope)
    probe = next(value for name, value in scope.items() if name not in ("np", "__builtins__"))
    return lambda arguments: probe(_Student(namespace), **arguments)


@contextmanager
def _step_limit(limit: int | None):
    if limit is None:
        yield
        return
    steps = 0

    def count(frame, event, _):
        nonlocal steps
        steps += 1
        if steps > limit:
            raise TooManySteps(f"more than {limit:,} lines were executed")
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


@contextmanager
def _recursion_limit_restored():
    # An implementation may raise it; the next one is to be judged without that help.
    before = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _lineage(error: BaseException) -> tuple[str, ...]:
    return tuple(kind.__name__[:80] for kind in type(error).__mro__[:-1][:MAX_NAMES])


def _own_line(error: BaseException) -> str:
    """Return the line of the implementation that an exception came from: not one of ours, nor of a library's."""
    frames = (
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if not frame.f_code.co_filename.startswith(NOT_THEIRS)
    )
    lines = [linecache.getline(*place).strip() for place in frames]
    return next((line for line in reversed(lines) if line), "")[:MAX_LINE]


def _text(value: Any) -> str:
    try:
        return str(value)[:MAX_TEXT]
    except Exception:
        return ""


def mutated(question: Question, afterwards: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the arguments that were changed; of those that are not given, nothing is known."""
    if not afterwards or encode(dict(afterwards)) == question.arguments:
        return ()
    pristine = decode(question.arguments, trusted=True)
    # Round-off is no change: X[i] += h, then X[i] -= h, is a fair way to restore an entry.
    kept = (name for name in pristine if name in afterwards)
    return tuple(name for name in kept if difference(pristine[name], afterwards[name], ROUND_OFF))


def call_counts(arguments: Any, path: str = "") -> dict[str, int]:
    """Return how often each `Formula` among arguments was called, by its place."""
    if isinstance(arguments, Formula):
        return {path: arguments.calls}
    if isinstance(arguments, dict):
        items = [(f"{path}.{k}" if path else str(k), v) for k, v in arguments.items()]
    elif isinstance(arguments, (list, tuple)):
        items = [(f"{path}[{k}]", v) for k, v in enumerate(arguments)]
    else:
        return {}
    return {name: n for key, value in items for name, n in call_counts(value, key).items()}
