"""Recognise mistakes by what they do: wrong programs that are known, parts of them, and general relations.

A known mistake is kept as a row of marks, one for each published trial, so that thousands of comparisons take a few
milliseconds. Precision comes before recall: agreement counts by how unlikely it is by chance, and a mistake that would
have spoilt what is right is ruled out.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from backprop_autograder.engine.data import decode
from backprop_autograder.engine.marks import Part, behaviour, parts, short
from backprop_autograder.engine.messages import Cause, Diagnosis
from backprop_autograder.engine.mutants import KINDS
from backprop_autograder.engine.places import in_words
from backprop_autograder.engine.probe import TOO_MANY_STEPS, Outcome
from backprop_autograder.engine.relations import NOTHING, Pair, Relation, relation_between
from backprop_autograder.engine.trial import Trial

EVIDENCE = 2  # places that have to agree before anything is named
BITS = {
    "whole": 4.0,
    "aspect": 8.0,
    "part": 20.0,
}  # how unlikely the coincidence has to be, for what an author wrote down
MUTANT_BITS = {"whole": 12.0, "part": 30.0}  # and for mechanical changes, of which there are many
UNKNOWN = "?"  # the mark of a trial that takes a mechanical change too long
RELATION = "relation: "  # begins the name of what two results have to do with one another
MUTANT = "="  # begins the name of a mechanical change

MEMORY = Cause(
    f"{RELATION}memory",
    "The same call gives another result when it is made again: something is kept from one call to the next, or drawn "
    "at random.",
    "what do your lines read or change that is not made anew within the call?",
)

Place = tuple[int, int]  # trial, part


@dataclass(frozen=True)
class Mistake:
    """A wrong program, by its marks.

    Attributes
    ----------
    name : str
        The misconception's; ``"=kind"`` or ``"=kind name"`` for a mechanical change.
    row : tuple of str
        For each trial the marks of its parts, joined by commas; empty where it passes.
    """

    name: str
    row: tuple[str, ...]

    @property
    def is_mutant(self) -> bool:
        """Whether nobody wrote it down."""
        return self.name.startswith(MUTANT)


@dataclass(frozen=True)
class _Candidate:
    cause: Cause
    explains: frozenset[Place]
    rank: int


class Recognition:
    """What is known of why a submission goes wrong, for one exercise.

    Parameters
    ----------
    trials, outcomes
        The published trials of all aspects of an exercise, and what the submission did.
    mistakes : sequence of Mistake
    words : dict
        ``{"cause": ..., "next_step": ...}`` by misconception.
    named : sequence of str
        What the parts of a result are called.
    """

    def __init__(
        self,
        trials: Sequence[Trial],
        outcomes: Sequence[Outcome],
        mistakes: Sequence[Mistake],
        words: Mapping[str, Mapping[str, str]],
        named: Sequence[str] = (),
    ):
        self._seen, self._mistakes, self._words, self._named = _Seen(trials, outcomes), mistakes, words, named

    @cached_property
    def _row(self) -> str:
        return short("row", *(self._seen.texts.get(k, "") for k in range(len(self._seen.trials))))

    @cached_property
    def _whole(self) -> list[Mistake]:
        return [m for m in self._mistakes if not m.is_mutant and self._seen.agrees_wholly(m)]

    @cached_property
    def _candidates(self) -> list[_Candidate]:
        return [*_known(self._seen, self._mistakes, self._words), *_relations(self._seen, self._named)]

    def within(self, scope: range | None = None) -> Diagnosis:
        """Return why the submission goes wrong, as far as that is known.

        Parameters
        ----------
        scope : range, optional
            Trials of the aspect that is asked about: a cause has to explain something there.
        """
        seen = self._seen
        if not seen.may_be_judged:
            return Diagnosis()
        whole, row = self._whole, self._row
        if len(whole) in (1, 2) and seen.bits(seen.failing, whole=True) >= BITS["whole"]:
            return Diagnosis(tuple(_cause(m.name, self._words) for m in whole), len(whole) == 2, row)
        candidates = self._candidates
        within = {place for place in seen.failing if scope is None or place[0] in scope}
        if within:
            candidates = [c for c in candidates if c.explains & within]
        if scope is not None and all(c.rank for c in candidates):
            candidates = self._in_this_aspect(scope) or candidates
        if not candidates:
            return Diagnosis(behaviour=row)
        # What an author wrote down comes first if it explains nearly as much as a mechanical change.
        best = min(candidates, key=lambda c: (-len(c.explains) * (1.0, 0.9, 0.8, 0.7)[c.rank], c.rank))
        rest = [c for c in candidates if len(c.explains - best.explains) >= EVIDENCE and c.cause != best.cause]
        others = sorted(rest, key=lambda c: (-len(c.explains - best.explains), c.rank))[:1]
        explained = frozenset(k for k, _ in best.explains)
        return Diagnosis((best.cause, *(c.cause for c in others)), behaviour=row, explained=explained)

    def _in_this_aspect(self, scope: range) -> list[_Candidate]:
        """Return the one known mistake that agrees on all of an aspect; elsewhere more than it may go wrong."""
        seen = self._seen
        found = [m for m in self._mistakes if not m.is_mutant and seen.agrees_within(m, scope)]
        places = frozenset(place for place in seen.failing if place[0] in scope)
        if len(found) != 1 or seen.bits(places, among=scope) < BITS["aspect"]:
            return []
        return [_Candidate(_cause(found[0].name, self._words), places, 0)]


def suspects(trials: Sequence[Trial], outcomes: Sequence[Outcome]) -> list[int]:
    """Return which trials to ask once more: the first, for it met a fresh function, and the first that failed."""
    failing = (k for k, (trial, outcome) in enumerate(zip(trials, outcomes, strict=True)) if trial.failure(outcome))
    return sorted({0, next(failing, 0)}) if trials else []


def remembering(diagnosis: Diagnosis, first: Sequence[Outcome], again: Sequence[Outcome]) -> Diagnosis:
    """Return the diagnosis, or that the same calls, made twice, did not give the same; what has a name keeps it."""
    written_down = any(not cause.name.startswith((RELATION, MUTANT)) for cause in diagnosis.causes)
    pairs = [(a, b) for a, b in zip(first, again, strict=True) if TOO_MANY_STEPS not in (*a.error, *b.error)]
    if written_down or all(behaviour(a) == behaviour(b) for a, b in pairs):
        return diagnosis
    return replace(diagnosis, causes=(MEMORY,), either=False, explained=frozenset())


class _Seen:
    """What a submission did, by marks."""

    def __init__(self, trials: Sequence[Trial], outcomes: Sequence[Outcome]):
        self.trials = trials
        failures = [t.failure(o) for t, o in zip(trials, outcomes, strict=True)]
        kinds = [f and f.kind for f in failures]
        self.solved = [k for k, kind in enumerate(kinds) if kind != "unsolved"]
        self.parts: dict[int, list[Part]] = {k: parts(trials[k], outcomes[k]) for k in self.solved if failures[k]}
        self.right = [outcomes[k].result for k in self.solved if not failures[k]]
        self.rows = {k: [part.mark for part in found] for k, found in self.parts.items()}
        self.texts = {k: ",".join(row) for k, row in self.rows.items()}
        self.failing = frozenset((k, i) for k, row in self.rows.items() for i, mark in enumerate(row) if mark)
        # Beside an empty part, a crash may come from another exercise that the probe calls first.
        crashed = all(kinds[k] == "error" for k in self.parts)
        self.may_be_judged = bool(self.parts) and not (len(self.solved) < len(trials) and crashed)

    def agrees_wholly(self, mistake: Mistake) -> bool:
        """Whether a mistake passes and fails the same trials, with the same outcomes, several times."""
        same = all(mistake.row[k] == self.texts.get(k, "") for k in self.solved)
        return same and len(self.parts) >= EVIDENCE

    def agrees_within(self, mistake: Mistake, scope: range) -> bool:
        """Whether a mistake does the same in all trials of an aspect, and spoils nothing that is right elsewhere."""
        asked = [k for k in self.solved if k in scope]
        same = all(mistake.row[k] == self.texts.get(k, "") for k in asked)
        spoils = any(mistake.row[k] not in ("", UNKNOWN) and k not in self.texts for k in self.solved)
        return same and not spoils and sum(k in self.texts for k in asked) >= EVIDENCE

    def agreement(self, mistake: Mistake) -> tuple[frozenset[Place], int]:
        """Return where a mistake goes wrong as the submission does, and in how many places it goes wrong otherwise.

        Nowhere, if it spoils something that the submission has right.
        """
        agree, differ = set(), 0
        for k in self.solved:
            if (text := mistake.row[k]) in ("", UNKNOWN):
                continue
            if k not in self.rows:
                return frozenset(), 0
            own, other = self.rows[k], text.split(",")
            if len(own) != len(other):
                differ += 1
                continue
            for i, (a, b) in enumerate(zip(own, other, strict=True)):
                if b and not a:
                    return frozenset(), 0
                if b:
                    agree |= {(k, i)} if a == b else set()
                    differ += a != b
        return frozenset(agree), differ

    def bits(self, places: frozenset[Place], *, whole: bool = False, among: range | None = None) -> float:
        """Return how unlikely it is that two programs agree there by chance; of equal marks one counts in full.

        Where they agree on everything, or on all of an aspect, which trials pass is evidence, too.
        """
        by_mark = {self.rows[k][i]: self.parts[k][i].bits for k, i in places}
        failing = {k for k, _ in places}
        asked = self.solved if among is None else [k for k in self.solved if k in among]
        pattern = whole or among is not None
        return sum(by_mark.values()) + (math.log2(math.comb(len(asked), len(failing))) + len(failing) - 1) * pattern


def _known(seen: _Seen, mistakes: Sequence[Mistake], words: Mapping) -> list[_Candidate]:
    found, changes = [], defaultdict(list)
    for mistake in mistakes:
        agree, differ = seen.agreement(mistake)
        if len(agree) < EVIDENCE or differ > len(agree):
            continue
        unknown = {k for k, text in enumerate(mistake.row) if text == UNKNOWN}
        whole = not differ and all(place in agree or place[0] in unknown for place in seen.failing)
        least = (MUTANT_BITS if mistake.is_mutant else BITS)["whole" if whole else "part"]
        if seen.bits(agree, whole=whole and not mistake.is_mutant) < least:
            continue
        if mistake.is_mutant:
            changes[agree].append(mistake.name)
        else:
            found.append(_Candidate(_cause(mistake.name, words), agree, 0))
    order = list(KINDS)
    for agree, names in changes.items():
        name = min(names, key=lambda n: order.index(_kind_of(n)[0]))
        found.append(_Candidate(_cause(name, words), agree, 2 if agree == seen.failing else 3))
    return found


def _kind_of(name: str) -> tuple[str, str]:
    kind, _, concerned = name.removeprefix(MUTANT).partition(":")
    return kind, concerned


def _cause(name: str, words: Mapping[str, Mapping[str, str]]) -> Cause:
    if not name.startswith(MUTANT):
        return Cause(name, **words[name])
    kind, concerned = _kind_of(name)
    text = KINDS[kind].format(name=concerned)
    if concerned and "{name}" not in KINDS[kind]:
        text = f"in {concerned}, {text}"
    return Cause(name, f"{text[:1].upper()}{text[1:]}.", "")


def _relations(seen: _Seen, named: Sequence[str]) -> list[_Candidate]:
    groups: dict[str, list[Place]] = defaultdict(list)
    for k, i in sorted(seen.failing):
        groups[seen.parts[k][i].place].append((k, i))
    found: dict[Relation, set[Place]] = defaultdict(set)
    where: dict[Relation, list[str]] = defaultdict(list)
    for place, spots in groups.items():
        pairs = [_pair(seen, k, i) for k, i in spots]
        relation = relation_between(pairs, () if place else seen.right) if all(pairs) else None
        if relation and (relation.name != NOTHING or not place):
            found[relation] |= set(spots)
            where[relation].append(place)
    candidates = []
    for relation, spots in found.items():
        every = len(where[relation]) == len(groups)
        subject = _subject([in_words(place, named) for place in where[relation]], every=every)
        cause = Cause(f"{RELATION}{relation.name}", f"{subject} {relation.words}.", relation.next_step)
        candidates.append(_Candidate(cause, frozenset(spots), 1))
    return candidates


def _subject(places: Sequence[str], *, every: bool) -> str:
    if "" in places:  # a probe shows the result in parts, and other cases show all of it
        return "The result"
    if len(places) > 2:
        return "Every wrong part" if every else "Each of some parts"
    if len(places) == 2:
        return f"Each of {places[0]} and {places[1]}"
    return f"The part {places[0]}" if places[0] else "The result"


def _pair(seen: _Seen, k: int, i: int) -> Pair | None:
    part = seen.parts[k][i]
    if part.expected is None and part.got is None:
        return None
    arguments: dict[str, Any] = decode(seen.trials[k].question.arguments, trusted=True)
    return Pair(part.expected, part.got, arguments)
