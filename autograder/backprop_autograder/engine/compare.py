"""Decide whether two results are the same, and say where they first differ.

Comparison fails explicitly on NaN, infinity, emptiness and wrong shapes; nothing compares vacuously.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from backprop_autograder.engine.data import Formula, Opaque
from backprop_autograder.engine.source import source_of


@dataclass(frozen=True)
class Close:
    """Numbers agree within ``atol + rtol * |expected|``.

    The default allows for round-off of a different but equally good order of operations in float64.
    A looser tolerance wants a `reason`. `integers` accepts an integer array where floats are expected
    (one-hot rows), or the reverse when the expected array is of integers.
    """

    rtol: float = 1e-9
    atol: float = 1e-12
    reason: str = "round-off in float64"
    integers: bool = False


# Labels, names and counts. Without a tolerance types count, too: 2.0 is no label, and True is no 1.
Exactly = partial(Close, 0.0, 0.0, "equal or not")


@dataclass(frozen=True)
class Property:
    """Several results are right, and a function says what is wrong with one.

    Attributes
    ----------
    complaint : callable
        ``complaint(result, expected, **arguments)`` returns None for a right result, else a few words. After
        ". Next: " it may name a next step, where it knows a better one than the aspect's hint.
        Its source goes into the pack, so it is self-contained; ``np`` is NumPy. `result` is any plain
        data: the function must not trust its type. `expected` is what the reference returned.
    """

    complaint: Callable

    @property
    def source(self) -> str:
        """The function's source, for the pack."""
        return source_of(self.complaint)

    @classmethod
    def from_source(cls, source: str) -> "Property":
        """Return the property whose complaint function has this source."""
        scope: dict[str, Any] = {"np": np}
        exec(compile(source, "<property>", "exec"), scope)
        function = next(value for name, value in scope.items() if name not in ("np", "__builtins__"))
        function.__source__ = source
        return cls(function)


Comparison = Close | Property
ROUND_OFF = Close(rtol=1e-9, atol=1e-10, reason="an entry shifted and restored", integers=False)


@dataclass(frozen=True)
class Mismatch:
    """Where and how a result differs.

    Attributes
    ----------
    kind : str
        ``"type"``, ``"shape"``, ``"dtype"``, ``"length"``, ``"keys"``, ``"values"``, ``"nan"`` or ``"property"``.
    path : str
        Place inside the result, such as ``"[0]"`` or ``"['a']"``.
    got, expected : any
        The differing pieces.
    words : str
        For a property: what is wrong.
    """

    kind: str
    path: str = ""
    got: Any = None
    expected: Any = None
    words: str = ""


def difference(expected: Any, got: Any, how: Close, path: str = "") -> Mismatch | None:
    """Return the first place where `got` is not what is expected, or None."""
    if isinstance(expected, (Formula, np.random.Generator)):
        return None  # functions and generators are used, not compared
    if isinstance(expected, np.ndarray):
        return _array_difference(expected, got, how, path)
    if expected is None or isinstance(expected, (str, Opaque)):
        same = type(got) is type(expected) and not isinstance(got, Opaque) and got == expected
        return None if same else Mismatch("type" if type(got) is not type(expected) else "values", path, got, expected)
    if isinstance(expected, (list, tuple)):
        return _sequence_difference(expected, got, how, path)
    if isinstance(expected, dict):
        return _dict_difference(expected, got, how, path)
    if isinstance(expected, (set, frozenset)):
        if not isinstance(got, (set, frozenset)):
            return Mismatch("type", path, got, expected)
        return None if set(got) == set(expected) else Mismatch("values", path, got, expected)
    return _number_difference(expected, got, how, path)


def _number_difference(expected, got, how, path):
    if isinstance(got, np.ndarray) and got.shape == ():
        got = got.item()
    if isinstance(got, np.ndarray):
        return Mismatch("shape", path, got, expected)
    numeric = type(got) in (bool, int, float, complex)
    if not numeric or (type(got) is bool) != (type(expected) is bool):
        return Mismatch("type", path, got, expected)
    if type(expected) is int and type(got) is not int and how.rtol == how.atol == 0:
        return Mismatch("type", path, got, expected)
    if type(got) is complex and type(expected) is not complex:
        return Mismatch("type", path, got, expected)
    if isinstance(expected, int) and isinstance(got, int):
        close = got == expected  # also beyond the range of a float
    else:
        close = bool(_close(_complex(expected), _complex(got), how))
    return None if close else Mismatch(_value_kind(_complex(expected), _complex(got)), path, got, expected)


def _complex(number) -> np.ndarray:
    try:
        return np.asarray(number, dtype=complex)
    except OverflowError:  # an integer beyond the range of a float
        return np.asarray(np.inf if number > 0 else -np.inf, dtype=complex)


def _close(expected: np.ndarray, got: np.ndarray, how: Close) -> np.ndarray:
    with np.errstate(all="ignore"):
        near = np.abs(got - expected) <= how.atol + how.rtol * np.abs(expected)
    # |inf - inf| is nan, and a tolerance relative to inf would accept anything.
    finite = np.isfinite(expected) & np.isfinite(got)
    same_nan = np.isnan(expected) & np.isnan(got)
    return np.where(finite, near, (expected == got) | same_nan)


def _value_kind(expected, got) -> str:
    lost = ~np.isfinite(got) & np.isfinite(expected)
    return "nan" if np.any(lost) else "values"


def _array_difference(expected, got, how, path):
    if expected.shape == () and type(got) in (bool, int, float):
        return difference(expected.item(), got, how, path)
    if not isinstance(got, np.ndarray):
        return Mismatch("type", path, got, expected)
    if got.shape != expected.shape:
        return Mismatch("shape", path, got, expected)
    if not _kinds_agree(expected, got, how):
        return Mismatch("dtype", path, got, expected)
    if expected.dtype == got.dtype and expected.tobytes() == got.tobytes():
        return None
    wide = np.complex128 if "c" in (expected.dtype.kind, got.dtype.kind) else np.float64
    if expected.dtype.kind in "iub" and got.dtype.kind in "iub":
        close = expected == got
    else:
        close = _close(expected.astype(wide), got.astype(wide), how)
    if np.all(close):
        return None
    place = tuple(int(i) for i in np.argwhere(~close)[0])
    index = f"[{', '.join(map(str, place))}]" if place else ""
    kind = _value_kind(expected[place], got[place])
    return Mismatch(kind, path + index, got[place].item(), expected[place].item())


def _kinds_agree(expected: np.ndarray, got: np.ndarray, how: Close) -> bool:
    numbers = "fiu"
    if how.integers and expected.dtype.kind in numbers and got.dtype.kind in numbers:
        return True
    same = {"i": "iu", "u": "iu"}
    return got.dtype.kind in same.get(expected.dtype.kind, expected.dtype.kind)


def _sequence_difference(expected, got, how, path):
    arrays = [item for item in expected if isinstance(item, np.ndarray)]
    as_good = isinstance(got, np.ndarray) and got.ndim and all(item.shape == got.shape[1:] for item in arrays)
    if not (as_good or isinstance(got, (list, tuple))):
        return Mismatch("type", path, got, expected)
    if len(got) != len(expected):
        return Mismatch("length", path, got, expected)
    if as_good:  # np.array([dX, dY]) is as good as (dX, dY)
        # Not all of an array with many axes becomes a list: each of its numbers would take kilobytes.
        got = list(got) if arrays or got.ndim > 1 else got.tolist()
    pairs = enumerate(zip(expected, got, strict=True))
    return next((d for i, (e, g) in pairs if (d := difference(e, g, how, f"{path}[{i}]"))), None)


def _dict_difference(expected, got, how, path):
    if not isinstance(got, dict):
        return Mismatch("type", path, got, expected)
    if got.keys() != expected.keys():
        return Mismatch("keys", path, got, expected)
    return next((d for k in expected if (d := difference(expected[k], got[k], how, f"{path}[{k!r}]"))), None)
