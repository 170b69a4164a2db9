"""Plain data, and the JSON that carries it between processes.

Arguments and results cross between the judge and a student's process as JSON with raw arrays.
Nothing is unpickled: decoding untrusted bytes can only ever make numbers, strings and containers.
"""

import base64
import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import count
from typing import Any

import numpy as np

from backprop_autograder.engine.text import writable

MAX_DEPTH = 40
MAX_BYTES = 8 << 20  # of an array; those of the course take a tenth of it
MAX_INTEGER_BITS = 4096
MAX_EMPTY = 1 << 16
MAX_ITEMS = 20_000
MAX_KEYS = 1000  # of one dict or set: chosen to collide, they cost the square of their number
MAX_AXES = 8
MAX_ALL_BYTES = 16 << 20  # of all arrays and texts of one answer
ARRAY_KINDS = "fiubc"
_ARRAY_TYPE = re.compile(r"[<>|][fiubc](1|2|4|8|16)")


class DataError(ValueError):
    """Received data is not what `encode` could have written."""


class Opaque:
    """Stands in for a value that is not plain data; only the name of its type survives."""

    def __init__(self, type_name: str):
        self.type_name = type_name

    def __repr__(self):
        return f"<{self.type_name}>"


class Formula:
    """A function given as an argument of a case, written as text so that it can travel.

    Calls are counted, so that a case can ask for each function to be evaluated at most once.

    Parameters
    ----------
    text : str
        A Python expression for the function, such as ``"lambda x: a * x**3"``. ``np`` is NumPy.
    **constants
        Plain data that the expression refers to by name.

    Examples
    --------
    >>> cube = Formula("lambda x: a * x**3", a=2.0)
    >>> cube(3.0), cube.calls
    (54.0, 1)
    """

    def __init__(self, text: str, **constants: Any):
        self.text, self.constants, self.calls = text, constants, 0
        self._function = eval(compiled(text, "<string>", "eval"), {"np": np, **constants})

    def __call__(self, *arguments: Any) -> Any:
        """Evaluate the function, and count the call."""
        self.calls += 1
        return self._function(*arguments)

    def __repr__(self):
        return self.text


class Remote(Formula):
    """A formula that stays with whoever asks: known by its number, and by what it answers.

    Parameters
    ----------
    number : int
    ask : callable
        ``ask(number, *arguments)`` returns what it answers.
    """

    def __init__(self, number: int, ask: Callable[..., Any]):
        self.text, self.number, self.calls = "a function", number, 0
        self._function = partial(ask, number)


compiled = lru_cache(maxsize=1000)(compile)  # text, file name, mode


def encode(value: Any) -> Any:
    """Return `value` as JSON-ready data; what is not plain data becomes an `Opaque` mark.

    Exact types are asked for, not instances: a subclass could behave differently in a comparison. Only a dict may be
    a defaultdict, Counter or OrderedDict: its items travel, and arrive as those of a plain dict.
    """
    return _encode(value, 0, count(1))


def _encode(value: Any, depth: int, items: Iterator[int]) -> Any:
    kind = type(value)
    if depth > MAX_DEPTH:
        return {"opaque": f"{kind.__name__} nested more than {MAX_DEPTH} deep"}
    if next(items) > MAX_ITEMS:  # a list that holds another twice, and so on, would never end
        return {"opaque": f"{kind.__name__} with more than {MAX_ITEMS:,} items"}
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return value if value.bit_length() <= MAX_INTEGER_BITS else {"opaque": "enormous int"}
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is complex:
        return {"complex": [encode(value.real), encode(value.imag)]}
    if kind is list:
        return [_encode(item, depth + 1, items) for item in value]
    if kind is tuple:
        return {"tuple": [_encode(item, depth + 1, items) for item in value]}
    if kind in (set, frozenset):
        return {"set": sorted((_encode(item, depth + 1, items) for item in value), key=repr)}
    if isinstance(value, dict):
        return {"dict": [[_encode(k, depth + 1, items), _encode(v, depth + 1, items)] for k, v in dict.items(value)]}
    return _encode_numeric(value, depth, items)


def _encode_numeric(value: Any, depth: int, items: Iterator[int]) -> Any:
    if type(value) is np.ndarray and value.dtype.kind in ARRAY_KINDS and value.dtype.itemsize <= 16:
        if value.nbytes > MAX_BYTES or value.ndim > MAX_AXES:
            return {"opaque": f"array with shape {value.shape}"[:80]}
        text = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
        return {"array": [value.dtype.str, list(value.shape), text]}
    if isinstance(value, np.generic) and value.dtype.kind in ARRAY_KINDS and value.dtype.itemsize <= 8:
        return _encode(value.item(), depth, items)
    if type(value) is Formula:
        return {"formula": [value.text, _encode(value.constants, depth + 1, items)]}
    if type(value) is Remote:
        return {"remote": value.number}
    if type(value) is np.random.Generator:
        return {"generator": _encode_state(value.bit_generator.state)}
    if type(value) is Opaque:
        return {"opaque": value.type_name}
    return {"opaque": type(value).__name__[:80]}


def _encode_state(state: dict) -> dict:
    # 128-bit integers, as text: not every JSON reader keeps them whole.
    return {k: _encode_state(v) if isinstance(v, dict) else str(v) for k, v in state.items()}


def _decode_state(state: dict) -> dict:
    plain = {k: _decode_state(v) if isinstance(v, dict) else int(v) for k, v in state.items() if k != "bit_generator"}
    return {"bit_generator": state["bit_generator"], **plain} if "bit_generator" in state else plain


def encode_exactly(value: Any) -> Any:
    """Return `value` as JSON-ready data that keeps apart a number of Python and one of NumPy."""
    return {"scalar": encode(np.asarray(value))} if isinstance(value, np.generic) else encode(value)


def without_functions(data: Any) -> Any:
    """Return what `encode` wrote with None for functions and random generators: they are used, not compared."""
    if isinstance(data, list):
        return [without_functions(item) for item in data]
    if isinstance(data, dict):
        functions = data.keys() & {"formula", "remote", "generator"}
        return None if functions else {tag: without_functions(body) for tag, body in data.items()}
    return data


def decode(data: Any, *, trusted: bool = False, ask: Callable[..., Any] | None = None) -> Any:
    """Return the value that `encode` wrote.

    Parameters
    ----------
    data : JSON data
    trusted : bool
        Whether functions and random generators may be made: only data that the course wrote.
    ask : callable, optional
        Asks what keeps the functions that did not travel, as in `Remote`.

    Raises
    ------
    DataError
        If `data` has a form that `encode` does not write.
    """
    try:
        return (_Trusted(ask) if trusted else _Gate()).decode(data, 0)
    except DataError:
        raise
    except Exception as error:  # whatever it is: it came from what was sent
        raise DataError(f"malformed data: {type(error).__name__}") from error


class _Gate:
    """The one way in for what a submission's process sends: everything is counted before it is made."""

    def __init__(self):
        self._items, self._bytes = 4 * MAX_ITEMS, MAX_ALL_BYTES

    def decode(self, data: Any, depth: int) -> Any:
        if depth > 2 * MAX_DEPTH:
            raise DataError("data nested too deep")
        self._count(1, 0)
        if type(data) is str:
            return self._text(data)
        if data is None or type(data) in (bool, int, float):
            return data
        if type(data) is list:
            return self._all(data, depth)
        if type(data) is not dict or len(data) != 1:
            raise DataError("malformed data")
        (tag, body), *_ = data.items()
        return self._tagged(tag, body, depth)

    def _tagged(self, tag: str, body: Any, depth: int) -> Any:
        if tag == "float":
            return float({"nan": "nan", "inf": "inf", "-inf": "-inf"}[body])
        if tag == "complex":
            return complex(*self._all(body, depth))
        if tag == "tuple":
            return tuple(self._all(body, depth))
        if tag == "set":
            return frozenset(self._all(self._keys(body), depth))
        if tag == "dict":
            pairs = [(key, value) for key, value in self._keys(body)]
            keys = self._all([key for key, _ in pairs], depth)
            return dict(zip(keys, self._all([value for _, value in pairs], depth), strict=True))
        if tag == "array":
            return _decode_array(*body, self._count)
        if tag == "scalar":
            return self.decode(body, depth + 1)[()]
        if tag == "opaque" and type(body) is str:
            return Opaque(writable(body[:80]))
        raise DataError(f"malformed data: unknown tag {str(tag)[:20]!r}")

    def _all(self, items: list, depth: int) -> list:
        if type(items) is not list:
            raise DataError("malformed data")
        return [self.decode(item, depth + 1) for item in items]

    def _text(self, text: str) -> str:
        self._count(0, len(text))
        return writable(text)

    def _keys(self, keys: list) -> list:
        if type(keys) is list and len(keys) > MAX_KEYS:
            raise DataError(f"more than {MAX_KEYS} keys")
        return keys

    def _count(self, items: int, size: int) -> None:
        self._items, self._bytes = self._items - items, self._bytes - size
        if self._items < 0 or self._bytes < 0:
            raise DataError("too much data")


class _Trusted(_Gate):
    """What the course itself wrote may be of any size, and hold functions and random generators."""

    def __init__(self, ask: Callable[..., Any] | None):
        super().__init__()
        self._ask = ask

    def decode(self, data: Any, depth: int) -> Any:
        if type(data) is list:
            return [self.decode(item, depth) for item in data]
        if type(data) is not dict:
            return data
        ((tag, body),) = data.items()
        return self._tagged(tag, body, depth)

    def _tagged(self, tag: str, body: Any, depth: int) -> Any:
        if tag == "formula":
            return Formula(body[0], **self.decode(body[1], depth + 1))
        if tag == "remote":
            return Remote(body, self._ask) if self._ask else Opaque(Remote.__name__)
        if tag == "generator":
            generator = np.random.default_rng()
            generator.bit_generator.state = _decode_state(body)
            return generator
        return super()._tagged(tag, body, depth)

    def _keys(self, keys: list) -> list:
        return keys

    def _count(self, items: int, size: int) -> None:
        pass


def _decode_array(code: str, shape: list, text: str, count: Callable[[int, int], None]) -> np.ndarray:
    if type(code) is not str or not _ARRAY_TYPE.fullmatch(code):
        raise DataError("malformed array type")
    if type(shape) is not list or len(shape) > MAX_AXES or not all(type(n) is int and n >= 0 for n in shape):
        raise DataError("malformed array shape")
    if 0 in shape and math.prod(n or 1 for n in shape) > MAX_EMPTY:  # no bytes, and yet a list of it has rows
        raise DataError("an enormous empty array")
    dtype = np.dtype(code)
    size = math.prod(shape) * dtype.itemsize
    # The size is checked before anything is allocated.
    if size > MAX_BYTES or type(text) is not str or len(text) != (size + 2) // 3 * 4:
        raise DataError("array of the wrong size")
    count(0, size)
    return np.frombuffer(base64.b64decode(text, validate=True), dtype).reshape(shape).copy()
