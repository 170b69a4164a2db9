"""Short marks of wrong outcomes: equal mistakes have equal marks, so that recognising one is a look-up.

A mark is made of how far a result is off, rounded, and hashed. A dict or a tuple has a mark for each of its parts.
Whoever reads a mark learns nothing of the right result: what is off by how much is known only with it.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_autograder.engine.compare import Close, difference
from backprop_autograder.engine.data import Formula, Opaque
from backprop_autograder.engine.probe import Outcome
from backprop_autograder.engine.trial import Failure, Trial

LENGTH = 5  # characters of a mark: two different mistakes have the same one once in a thousand millions
MAX_PARTS = 60
MAX_PART_DEPTH = 2
STEPS = 2000  # by which the logarithm of an error is divided: errors that agree to half a thousandth are the same
TELLING, PLAIN, SMALL = 12.0, 4.0, 2.0  # bits of evidence in a number that agrees: with decimals, whole, 0 or 1
MOST = 40.0
CLOSE = Close()


@dataclass(frozen=True)
class Part:
    """What one part of an outcome shows.

    Attributes
    ----------
    place : str
        Where in the result: ``"[0]"``, ``"['a']"``; empty for the whole.
    mark : str
        Empty if the part is right.
    bits : float
        How much it would say if somebody else's wrong part had the same mark.
    expected, got : any
        The two results, where they are to be compared.
    """

    place: str
    mark: str
    bits: float
    expected: Any = None
    got: Any = None


def parts(trial: Trial, outcome: Outcome) -> list[Part]:
    """Return the parts of a wrong outcome, right ones among them; none if the outcome is right."""
    failure = trial.failure(outcome)
    return [] if failure is None else _parts(trial, outcome, failure)


def _parts(trial: Trial, outcome: Outcome, failure: Failure) -> list[Part]:
    kind = failure.kind
    if kind == "error":
        return [Part("", short(kind, outcome.error[0], _complaint(outcome)), 6.0)]
    if kind in ("mutated", "calls", "property"):
        return [Part("", short(kind, failure.detail), 4.0)]
    if failure.mismatch is None:
        return [Part("", short(kind), 2.0)]
    how = trial.comparison
    found = [
        Part(place, *(_mark(e, g, how) if difference(e, g, how) else ("", 0.0)), e, g)
        for place, e, g in _split(trial.expected.result, outcome.result)
    ]
    if any(part.mark for part in found):
        return found
    return [Part("", *_mark(trial.expected.result, outcome.result, how), trial.expected.result, outcome.result)]


def _complaint(outcome: Outcome) -> str:
    if "RecursionError" in outcome.error:
        return ""  # Python's words depend on where in the stack the limit was met
    return re.sub(r"'[^']*'", "''", outcome.message)  # names in quotes are the student's own


def behaviour(outcome: Outcome) -> str:
    """Return a mark of what was done, right or wrong."""
    return short(outcome.error[:1], *_content(outcome.result))


def _split(expected: Any, got: Any) -> list[tuple[str, Any, Any]]:
    """Return the parts of an expected result, each with what was got; the whole if they cannot be put side by side."""
    for depth in range(MAX_PART_DEPTH, 0, -1):
        found = list(_walk(expected, got, "", depth))
        if len(found) <= MAX_PARTS and not any(g is None and e is None for _, e, g in found):
            return found
    return [("", expected, got)]


def _walk(expected: Any, got: Any, place: str, depth: int) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(got, np.ndarray) and got.ndim and isinstance(expected, (list, tuple)):
        got = list(got)
    if depth and isinstance(expected, dict) and expected and isinstance(got, dict) and got.keys() == expected.keys():
        for key, value in expected.items():
            yield from _walk(value, got[key], f"{place}[{key!r}]", depth - 1)
    elif depth and _is_made_of_parts(expected) and isinstance(got, (list, tuple)) and len(got) == len(expected):
        for k, (e, g) in enumerate(zip(expected, got, strict=True)):
            yield from _walk(e, g, f"{place}[{k}]", depth - 1)
    else:
        yield place, expected, got


def _is_made_of_parts(value: Any) -> bool:
    containers = (list, tuple, dict, set, frozenset, np.ndarray)
    return isinstance(value, (list, tuple)) and (
        isinstance(value, tuple) or any(isinstance(item, containers) for item in value)
    )


def _mark(expected: Any, got: Any, how: Any) -> tuple[str, float]:
    e, g = numbers(expected), numbers(got)
    if e is None or g is None or e.shape != g.shape:
        bits = 1.0 if isinstance(got, (bool, type(None), Opaque)) else 5.0 if g is None else _bits(g)
        return short("content", *_content(got)), bits
    kinds = (_kind(expected), _kind(got)) if _kind(expected) != _kind(got) else ()
    codes, wrong = _codes(e, g, how if isinstance(how, Close) else CLOSE)
    return short("error", kinds, codes.shape, codes.tobytes()), 1.0 if _kind(got) == "b" else _bits(g[wrong])


def numbers(value: Any) -> np.ndarray | None:
    """Return numbers, in arrays or regular nested lists, as one array; None for anything else."""
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind in "fiubc" else None
    if isinstance(value, complex):
        return np.asarray(value)
    if isinstance(value, (bool, int, float)):
        return np.asarray(value, dtype=float) if abs(value) < 1e300 or value != value else np.asarray(np.inf)
    if isinstance(value, (list, tuple)) and value:
        try:
            array = np.asarray([numbers(item) for item in value])
        except (ValueError, OverflowError):
            return None
        return array if array.dtype.kind in "fiubc" else None
    return None


def _kind(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "list"
    array = np.asarray(value)
    if array.ndim:
        return {"u": "i"}.get(array.dtype.kind, array.dtype.kind) + "a"
    return {"u": "f", "i": "f"}.get(array.dtype.kind, array.dtype.kind)  # a sum may begin with 0 or with 0.0


def _codes(expected: np.ndarray, got: np.ndarray, how: Close) -> tuple[np.ndarray, np.ndarray]:
    """Return, entry by entry, how far off a result is as a whole number, and which entries are wrong."""
    wide = np.complex128 if "c" in (expected.dtype.kind, got.dtype.kind) else np.float64
    e, g = expected.astype(wide), got.astype(wide)
    with np.errstate(all="ignore"):
        error = g - e
        right = (np.abs(error) <= how.atol + how.rtol * np.abs(e)) | (e == g) | (np.isnan(e) & np.isnan(g))
        codes = 10 + 2 * np.floor(np.log(np.abs(error)) * STEPS + 0.38) + (error.real > 0)
    codes = np.where(np.isfinite(error), codes, np.where(np.isnan(g), 1, np.where(g.real > 0, 2, 3)))
    return np.where(right, 0, codes).astype(np.int64), ~right


def _bits(values: np.ndarray) -> float:
    """Return how unlikely it is that two wrong results have these values by chance."""
    bits = 0.0
    for value in {_coarse(v) for v in values.ravel()[:200].tolist()}:
        whole = value != value or value == round(value.real if isinstance(value, complex) else value, 0)
        bits += SMALL if value in (0, 1, -1) or value != value else PLAIN if whole else TELLING
    return min(bits, MOST)


def _coarse(value: complex) -> complex:
    if isinstance(value, complex):
        value = abs(value)
    return value if value != value or abs(value) > 1e300 else float(f"{value:.4g}")


def _content(value: Any) -> Iterator[Any]:
    """Yield what makes a result what it is, numbers rounded."""
    array = numbers(value)
    if array is not None:
        zero = np.zeros(array.shape)
        yield from (_kind(value), array.shape, _codes(zero, array, Close(0, 1e-8))[0].tobytes())
    elif isinstance(value, dict):
        yield from ("dict", *sorted(short(str(k), *_content(v)) for k, v in value.items()))
    elif isinstance(value, (set, frozenset)):
        yield from ("set", *sorted(short(*_content(v)) for v in value))
    elif isinstance(value, (list, tuple)):
        yield from ("list", *(short(*_content(v)) for v in value))
    elif isinstance(value, (Formula, np.random.Generator)):
        yield type(value).__name__
    else:
        yield repr(value)


def short(*content: Any) -> str:
    """Return a few characters that stand for all this."""
    digest = hashlib.blake2b(repr(content).encode("utf-8", "replace"), digest_size=6).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")[:LENGTH]
