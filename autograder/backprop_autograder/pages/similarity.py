"""Pairs of solutions that are more alike than the exercise explains: a hint to look, never a verdict.

Short functions look alike by nature. What counts is therefore what two solutions share *beyond* the stub, the
reference, the other known right and wrong ways, and what several people of the class write. Tokens come from
the standard library: the package copydetect (last release in 2024) replaces every name by one letter, which
suits long programs, but leaves nothing to tell functions of five lines apart by.
"""

import builtins
import inspect
import io
import keyword
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.source import source_of

SHINGLE = 5  # tokens in a row
EVIDENCE = 8  # shared shingles: some three lines
ALIKE = 0.7  # share of what is their own
COMMON = 5  # students who may share a shingle, in a small class
COMMON_SHARE = 0.1  # the same, in a large one
CHOSEN = "\0"  # marks names, which cannot contain it
FIXED = {"np", *dir(builtins)}
LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENDMARKER}

Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Pair:
    """Two solutions of one exercise that share unusual text.

    Attributes
    ----------
    exercise : str
    first, second : str
        Students.
    share : float
        How much of what is their own they share, from 0 to 1.
    shared : int
        Number of shared sequences of five tokens.
    """

    exercise: str
    first: str
    second: str
    share: float
    shared: int


def tokens_of(source: str) -> list[str]:
    """Return the tokens of Python code, without comments, docstrings and layout.

    Names that a student may choose are marked, to be numbered later: renamed variables hide nothing.
    """
    result: list[str] = []
    for kind, text in _tokens(source):
        fixed = kind != tokenize.NAME or text in FIXED or keyword.iskeyword(text) or result[-1:] == ["."]
        result.append(text if fixed else CHOSEN + text)
    return result


def _tokens(source: str) -> list[tuple[int, str]]:
    found, fresh = [], True  # whether a statement begins: a string there is a docstring
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type not in LAYOUT and not (fresh and token.type == tokenize.STRING):
                found.append((token.type, token.string))
            fresh = token.type in LAYOUT or (fresh and token.type == tokenize.STRING)
    except (tokenize.TokenError, SyntaxError):  # what cannot be read can still be copied
        found = [(tokenize.NAME if text[0].isalpha() else tokenize.OP, text) for text in re.findall(r"\w+|\S", source)]
    return found


def shingles(source: str) -> Shingles:
    """Return all sequences of five tokens, chosen names numbered as they come."""
    tokens = tokens_of(source)
    return frozenset(_numbered(tokens[k : k + SHINGLE]) for k in range(len(tokens) - SHINGLE + 1))


def _numbered(tokens: list[str]) -> tuple[str, ...]:
    names: dict[str, str] = {}
    return tuple(names.setdefault(t, CHOSEN + str(len(names))) if t.startswith(CHOSEN) else t for t in tokens)


def similar_pairs(exercise: str, solutions: Mapping[str, str], known: Iterable[str]) -> list[Pair]:
    """Return pairs of students whose solutions share what nobody else has, the most alike first.

    Parameters
    ----------
    exercise : str
    solutions : dict
        Source by student.
    known : iterable of str
        Sources that explain a likeness: the stub, the reference, misconceptions.
    """
    explained = frozenset().union(*map(shingles, known))
    own = {student: shingles(source) - explained for student, source in solutions.items()}
    holders = defaultdict(list)
    for student in sorted(own):
        for shingle in own[student]:
            holders[shingle].append(student)
    most = max(COMMON, COMMON_SHARE * len(solutions))
    common = {shingle for shingle, students in holders.items() if len(students) > most}
    shared = Counter(
        pair for shingle, students in holders.items() if shingle not in common for pair in combinations(students, 2)
    )
    sizes = {student: len(parts - common) for student, parts in own.items()}
    pairs = [Pair(exercise, a, b, 2 * n / (sizes[a] + sizes[b]), n) for (a, b), n in shared.items() if n >= EVIDENCE]
    return sorted((p for p in pairs if p.share >= ALIKE), key=lambda p: (-p.share * p.shared, p.first, p.second))


def known_sources(exercise: Exercise, stub: str) -> list[str]:
    """Return the sources that explain why two solutions of `exercise` are alike."""
    functions = [exercise.reference, *(m.implementation for m in exercise.misconceptions)]
    functions += [
        f for other in exercise.alternatives for f in (other.values() if isinstance(other, Mapping) else [other])
    ]
    return [stub, *(source_of(f) for f in functions if inspect.isfunction(f) or inspect.isclass(f))]
