"""Mistakes that need no author: what the right result is, changed in a general way.

Every relation is a statement about all that went wrong in one place of the result, trial by trial. It is said only
if it holds for each of them, so it is never a guess about what was done, only a sentence about what came out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_autograder.engine.marks import numbers

TOLERANCE = {"rtol": 1e-6, "atol": 1e-12}
NOTHING = "nothing returned"
UNCHANGING = "unchanging"
ENOUGH = 2  # results that a statement has to hold for


@dataclass(frozen=True)
class Pair:
    """A wrong result of one trial beside the right one.

    Attributes
    ----------
    expected, got : any
    arguments : dict
        What the function was called with.
    """

    expected: Any
    got: Any
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Relation:
    """What all wrong results have in common.

    Attributes
    ----------
    name : str
    words : str
        What the result does, in words that continue "the result".
    next_step : str
        One pointer that fits; empty where the exercise's own hint is better.
    """

    name: str
    words: str
    next_step: str = ""


def relation_between(pairs: Sequence[Pair], right: Sequence[Any] = ()) -> Relation | None:
    """Return the first relation that holds for all pairs, if they are enough to tell.

    Parameters
    ----------
    pairs : sequence of Pair
    right : sequence
        Results of the same function that are as they should be.
    """
    if len(pairs) < ENOUGH:
        return None
    # What is nearly right has the right signs, places and sizes, too: only its digits or its type can be wrong.
    nearly = _all(pairs, lambda e, g: numbers(e) is not None and _close(e, g))
    found = next((found for rule in (DIGITS if nearly else RULES) if (found := rule(pairs))), None)
    if found and found.name == UNCHANGING and not all(_close(pairs[0].got, result) for result in right):
        return None
    return found


def _all(pairs: Sequence[Pair], holds: Callable[[Any, Any], bool]) -> bool:
    try:
        with np.errstate(all="ignore"):
            return all(holds(pair.expected, pair.got) for pair in pairs)
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
        return False


def _nothing(pairs: Sequence[Pair]) -> Relation | None:
    if _all(pairs, lambda e, g: g is None and e is not None):
        return Relation(NOTHING, "is None", "does the function end with return? print only shows.")
    return None


NAMES = {
    list: "a list",
    tuple: "a tuple",
    dict: "a dict",
    set: "a set",
    frozenset: "a set",
    np.ndarray: "an array",
    str: "a text",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
}


def _container(pairs: Sequence[Pair]) -> Relation | None:
    kinds = {(NAMES.get(type(p.expected)), NAMES.get(type(p.got))) for p in pairs}
    if len(kinds) != 1:
        return None
    ((wanted, given),) = kinds
    if wanted and given and wanted != given and _all(pairs, _same_items):
        return Relation(
            "container", f"has the right content, but is {given}, where {wanted} is asked for", "convert it."
        )
    return None


def _same_items(expected: Any, got: Any) -> bool:
    if isinstance(expected, (set, frozenset)) or isinstance(got, (set, frozenset)):
        return set(expected) == set(got)
    if isinstance(expected, dict):
        return _close(list(expected.values()), got)
    if isinstance(got, dict):
        return _close(expected, list(got.values()))
    return _close(expected, got)


def _close(expected: Any, got: Any) -> bool:
    e, g = numbers(expected), numbers(got)
    if e is None or g is None:
        sequences = isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)) and len(expected) == len(got)
        return sequences and all(a is b or _close_or_equal(a, b) for a, b in zip(expected, got, strict=True))
    return e.shape == g.shape and bool(np.allclose(e, g, **TOLERANCE, equal_nan=True))


def _close_or_equal(expected: Any, got: Any) -> bool:
    if numbers(expected) is None and not isinstance(expected, (list, tuple)):
        return bool(expected == got)
    return _close(expected, got)


def _keys(pairs: Sequence[Pair]) -> Relation | None:
    if not _all(pairs, lambda e, g: isinstance(e, dict) and isinstance(g, dict) and e.keys() != g.keys()):
        return None
    lost = [p.expected.keys() - p.got.keys() for p in pairs]
    more = [p.got.keys() - p.expected.keys() for p in pairs]
    if any(more):
        return None
    if all(keys == lost[0] for keys in lost):
        return Relation("keys", f"lacks {', '.join(map(str, sorted(lost[0], key=str)))}", "has every node an entry?")
    if _all(pairs, lambda e, g: all(e[k] == 0 for k in e.keys() - g.keys())):
        return Relation("keys", "lacks the entries that are 0", "start with an entry of 0 for each of them.")
    return None


def _sets(pairs: Sequence[Pair]) -> Relation | None:
    if not _all(pairs, lambda e, g: isinstance(e, (set, frozenset)) and isinstance(g, (set, frozenset))):
        return None
    asked = all(p.got <= set(_members(p.arguments)) for p in pairs)
    if asked and _all(pairs, lambda e, g: not e & g and bool(e | g)):
        return Relation(
            "complement", "holds just what it should leave out, and the reverse", "which ones are asked for?"
        )
    return None


def _members(value: Any, depth: int = 4) -> Iterator[Any]:
    """Yield what arguments are made of: keys of dicts, items of sequences, and single values."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        if depth:
            for item in value:
                yield from _members(item, depth - 1)
    elif isinstance(value, (str, int, float)):
        yield value


def _unchanging(pairs: Sequence[Pair]) -> Relation | None:
    got = [numbers(p.got) for p in pairs]
    wanted = [numbers(p.expected) for p in pairs]
    if len(pairs) < 3 or any(x is None for x in [*got, *wanted]) or any(_plain(g) for g in got):
        return None
    same = all(_same(got[0], g) for g in got[1:])
    if same and not any(_same(wanted[0], w) for w in wanted[1:]):
        return Relation(UNCHANGING, "is the same whatever the arguments", "which lines use the arguments?")
    return None


def _plain(values: np.ndarray) -> bool:
    return bool(np.all(np.isin(values, (0, 1)) | ~np.isfinite(values)))


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-12, atol=0, equal_nan=True))


def _numeric(rule: Callable[[list[np.ndarray], list[np.ndarray], Sequence[Pair]], Relation | None]):
    """Return a rule about arrays: right ones, wrong ones, and the pairs that they come from."""

    def applied(pairs: Sequence[Pair]) -> Relation | None:
        e, g = [numbers(p.expected) for p in pairs], [numbers(p.got) for p in pairs]
        if any(x is None or x.dtype.kind not in "fiu" or not x.size for x in [*e, *g]):
            return None
        if any(isinstance(p.expected, bool) or not np.any(np.isfinite(x)) for p, x in zip(pairs, e, strict=True)):
            return None
        try:
            with np.errstate(all="ignore"):
                return rule(e, g, pairs)
        except (ValueError, IndexError):
            return None

    return applied


def _hold(es, gs, what: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Whether every wrong array is `what` of the right one, and at least two say something by it."""
    changed = [what(e.astype(float)) for e in es]
    fits = all(
        g.shape == c.shape and np.allclose(g, c, **TOLERANCE, equal_nan=True) for g, c in zip(gs, changed, strict=True)
    )
    telling = [c for c in changed if np.any(np.isfinite(c) & (c != 0) & (np.abs(c) != 1))]
    return fits and len(telling) >= ENOUGH and len({c.tobytes() for c in telling}) > 1


@_numeric
def _signs(es, gs, pairs):
    if _hold(es, gs, np.negative):
        return Relation(
            "sign", "has the opposite sign", "which way round is the difference, or where does a minus belong?"
        )
    if _hold(es, gs, np.abs):
        return Relation("absolute", "has lost its sign", "where is an absolute value taken?")
    return None


@_numeric
def _factors(es, gs, pairs):
    factors = []
    for e, g in zip(es, gs, strict=True):
        if e.shape != g.shape:
            return None
        use = np.isfinite(e) & (e != 0) & np.isfinite(g)
        quotients = (g[use] / e[use]) if use.any() else np.array([np.nan])
        if not np.allclose(quotients, quotients[0], rtol=1e-6, atol=0) or np.any(g[~use] != e[~use]):
            return None
        factors.append(float(quotients[0]))
    if (
        np.allclose(factors, 1, rtol=1e-4)
        or not np.all(np.isfinite(factors))
        or not np.any([np.any((e != 0) & (np.abs(e) != 1)) for e in es])
    ):
        return None
    if np.allclose(factors, factors[0], rtol=1e-6, atol=0) and factors[0] not in (0, 1):
        one = factors[0]
        if abs(one) > 1 - 1e-9:
            return Relation("factor", f"is {one:.6g} times as large as it should be", "which factor is one too many?")
        return Relation(
            "factor", f"is {1 / one:.6g} times too small", "which factor is missing, or divides once too often?"
        )
    for name, sizes in _dimensions(pairs):
        for power, words in ((1, "too large by"), (-1, "too small by")):
            if len(set(sizes)) > 1 and np.allclose(factors, [float(s) ** power for s in sizes], rtol=1e-6):
                return Relation(
                    "size",
                    f"is {words} the factor {name}",
                    "how often is it divided by, or summed where a mean is meant?",
                )
    return None


def _dimensions(pairs: Sequence[Pair]) -> Iterator[tuple[str, list[float]]]:
    """Yield sizes of the arguments, and small arguments themselves, each with its name."""
    for name in pairs[0].arguments:
        values = [p.arguments.get(name) for p in pairs]
        if all(isinstance(v, (int, float)) and not isinstance(v, bool) and v for v in values):
            yield name, values
            yield f"2 {name}", [2 * v for v in values]
        arrays = [numbers(v) for v in values]
        if all(a is not None and a.ndim for a in arrays):
            for axis in range(min(a.ndim for a in arrays)):
                which = ("rows", "columns")[axis] if arrays[0].ndim == 2 else f"axis {axis}"
                yield (
                    (f"len({name})" if arrays[0].ndim == 1 else f"number of {which} of {name}"),
                    [a.shape[axis] for a in arrays],
                )
            yield f"{name}.size", [a.size for a in arrays]


@_numeric
def _shifts(es, gs, pairs):
    if any(e.shape != g.shape for e, g in zip(es, gs, strict=True)) or sum(e.size for e in es) < 4:
        return None
    differences = np.concatenate([(g - e).ravel() for e, g in zip(es, gs, strict=True)])
    if (
        np.all(np.isfinite(differences))
        and np.ptp(differences) <= 1e-9 * max(1.0, abs(differences[0]))
        and abs(differences[0]) > 1e-6
    ):
        return Relation(
            "shift", f"is off by {differences[0]:+.6g} everywhere", "which term is one too many, or missing?"
        )
    return None


@_numeric
def _rounding(es, gs, pairs):
    if any(e.shape != g.shape for e, g in zip(es, gs, strict=True)):
        return None
    if _hold(es, gs, np.trunc) or _hold(es, gs, np.floor):
        return Relation(
            "cut", "is cut to whole numbers", "is the array that takes the results one of integers, or is // used?"
        )
    for digits in range(0, 7):
        if _hold(es, gs, lambda e, digits=digits: np.round(e, digits)):
            return Relation(
                "rounded", f"is rounded to {digits} decimals", "return all digits; round only what is printed."
            )
    small = [np.max(np.abs(g - e) / np.maximum(np.abs(e), 1e-300)) for e, g in zip(es, gs, strict=True)]
    if (
        all(p.got.dtype == np.float32 for p in pairs if isinstance(p.got, np.ndarray))
        and isinstance(pairs[0].got, np.ndarray)
        and max(small) < 1e-4
    ):
        return Relation("single", "is right in single precision only", "where does float32 come in?")
    single = all(np.array_equal(np.float32(e).astype(float), g) for e, g in zip(es, gs, strict=True))
    if single and max(small) > 0:
        return Relation("single", "is right in single precision only", "where does float32 come in?")
    return None


FORMULAS = (
    ("reciprocal", "is the reciprocal of what it should be", lambda e: 1 / e),
    ("square", "is the square of what it should be", np.square),
    ("root", "is the square root of what it should be", np.sqrt),
    ("log", "is the logarithm of what it should be", np.log),
    ("exp", "is the exponential of what it should be", np.exp),
    ("complement", "is 1 minus what it should be", lambda e: 1 - e),
)


@_numeric
def _formulas(es, gs, pairs):
    return next((Relation(name, words) for name, words, what in FORMULAS if _hold(es, gs, what)), None)


@_numeric
def _shapes(es, gs, pairs):
    if min(e.ndim for e in es) == 0 and all(e.ndim == 0 for e in es):
        return None
    if all(e.ndim == 2 for e in es) and _hold(es, gs, np.transpose):
        return Relation("transposed", "is transposed", "which axis are rows, which columns?")
    if all(
        e.shape != g.shape and e.size == g.size and np.allclose(e.ravel(), g.ravel(), **TOLERANCE)
        for e, g in zip(es, gs, strict=True)
    ):
        word = (
            "an axis too few"
            if gs[0].ndim < es[0].ndim
            else "an axis too many"
            if gs[0].ndim > es[0].ndim
            else "another shape"
        )
        return Relation(
            "shape",
            f"has the right numbers, but {word}",
            "compare the shapes; keepdims, reshape or indexing changes them.",
        )
    return None


@_numeric
def _reductions(es, gs, pairs):
    for axis in range(max(e.ndim for e in es)):
        for word, what in (("summed", np.sum), ("averaged", np.mean)):
            # A vector without its only axis is one number, which is said below: its axis may be another one of G.
            for keep in (True,) if all(e.ndim == 1 for e in es) else (False, True):
                if _hold(es, gs, lambda e, a=axis, w=what, k=keep: w(e, axis=a, keepdims=k)):
                    return Relation(
                        "reduced", f"is {word} over axis {axis}, which should stay", "which axes does the result keep?"
                    )
    for word, what in (("summed", np.sum), ("averaged", np.mean)):
        if all(e.ndim for e in es) and _hold(es, gs, lambda e, w=what: np.asarray(w(e))):
            return Relation("reduced", f"is {word} over all entries, to one number", "which axes does the result keep?")
    for word, what in (("first", lambda e: e[0]), ("last", lambda e: e[-1])):
        if all(e.ndim for e in es) and _hold(es, gs, what):
            return Relation(
                "item", f"is only the {word} item of what it should be", "is there a return inside the loop?"
            )
    if all(g.ndim for g in gs) and not any(e.ndim for e in es):
        for word, what in (("sum", np.sum), ("mean", np.mean)):
            if (
                all(np.allclose(what(g), e, **TOLERANCE) for e, g in zip(es, gs, strict=True))
                and len({float(e) for e in es}) > 1
            ):
                return Relation("unreduced", f"is an array whose {word} would be right", "one number is asked for.")
    return None


@_numeric
def _orders(es, gs, pairs):
    if not all(e.ndim for e in es) or any(e.shape != g.shape for e, g in zip(es, gs, strict=True)):
        return None
    for axis in range(min(e.ndim for e in es)):
        if _hold(es, gs, lambda e, a=axis: np.flip(e, axis=a)):
            return Relation(
                "reversed",
                f"has its items in reverse order{'' if es[0].ndim == 1 else f' (axis {axis})'}",
                "from which end does it run?",
            )
    several = all(len(set(e.ravel().tolist())) > 2 for e in es)
    if several and all(
        np.allclose(np.sort(e.ravel()), np.sort(g.ravel()), **TOLERANCE) for e, g in zip(es, gs, strict=True)
    ):
        return Relation("reordered", "has the right numbers in other places", "which index belongs to which?")
    return None


def _sequences(pairs: Sequence[Pair]) -> Relation | None:
    if not _all(
        pairs, lambda e, g: isinstance(e, (list, tuple)) and isinstance(g, (list, tuple)) and len(e) == len(g) > 1
    ):
        return None
    if _all(pairs, lambda e, g: all(_close(a, b) for a, b in zip(e, reversed(g), strict=True))):
        return Relation("exchanged", "has its parts in reverse order", "in which order are they asked for?")
    if _all(pairs, _permuted):
        return Relation("exchanged", "has its parts in another order", "in which order are they asked for?")
    return None


def _permuted(expected: Any, got: Any) -> bool:
    left = list(got)
    for item in expected:
        k = next((k for k, other in enumerate(left) if _close(item, other)), None)
        if k is None:
            return False
        left.pop(k)
    return True


RULES = (
    _nothing,
    _container,
    _keys,
    _sets,
    _sequences,
    _unchanging,
    _signs,
    _factors,
    _shifts,
    _rounding,
    _shapes,
    _reductions,
    _orders,
    _formulas,
)
DIGITS = (_container, _rounding)
