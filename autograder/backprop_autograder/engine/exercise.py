"""The nouns of the course: exercises, their aspects and cases, and the misconceptions about them."""

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from backprop_autograder.engine.compare import Close, Comparison


@dataclass(frozen=True, kw_only=True)
class Case:
    """One situation that an implementation has to master.

    Attributes
    ----------
    label : str
        The concept under test, in a student's words: "large logits".
    arguments : callable
        ``arguments(rng)`` draws the inputs, a dict in the order of the function's parameters.
        Values are plain data (arrays, numbers, strings, containers), `Formula` or `numpy.random.Generator`.
    comparison : Comparison
        How results are compared: `Close`, `Exactly` or `Property`.
    draws : int
        How many times inputs are drawn. Random cases deserve several, a fixed one needs 1.
    visible : bool
        Whether students see the case in ``check``; hidden ones are asked at grading only.
    repeat : int
        How often the call is made with equal arguments; the last outcome counts. 2 reveals state between calls.
    calls_at_most : int, optional
        How often each `Formula` among the arguments may be evaluated. When graded, they stay with the judge, which
        answers and counts.
    steps_at_most : int, optional
        Lines of Python that may be executed: a measure of complexity that is the same on every machine. Whoever
        switches the counting off meets the clock: sizes are such that a wrong order does not finish in a test's time.
    allow_warnings : bool
        Whether NumPy's runtime warnings are acceptable.
    reported : bool
        Whether the case asks what only the submission's own process can tell. When graded, whoever loses by such cases
        alone keeps half of the aspect's points: a forged report gains no more.
    probe : callable, optional
        ``probe(student, **arguments)`` replaces the plain call: ``student`` gives the notebook's names as
        attributes. Its source travels to the student's process, so it is self-contained; ``np`` is NumPy.
    """

    label: str
    arguments: Callable[[np.random.Generator], dict[str, Any]]
    comparison: Comparison = Close()
    draws: int = 1
    visible: bool = True
    repeat: int = 1
    calls_at_most: int | None = None
    steps_at_most: int | None = None
    allow_warnings: bool = False
    reported: bool = False
    probe: Callable | None = None


@dataclass(frozen=True)
class Aspect:
    """A property of a solution that earns points of its own: one test cell.

    Attributes
    ----------
    name : str
        ``"values"`` for the test cell ``test_<exercise>``, else the suffix of ``test_<exercise>_<name>``. Where an
        exercise has an aspect ``"arguments"``, changing them costs no other; where it has none, changing a list or
        dict costs the first aspect alone.
    cases : tuple of Case
    hint : str
        The next step for a student whose mistake is not recognised; it gives no solution away.
    """

    name: str
    cases: tuple[Case, ...]
    hint: str

    def __post_init__(self):
        object.__setattr__(self, "cases", tuple(self.cases))


@dataclass(frozen=True)
class Misconception:
    """A wrong implementation that students really write, and the idea they missed.

    Attributes
    ----------
    implementation : callable or class
        Self-contained source: it may use ``np`` and the unit's other functions by name.
    cause : str
        One sentence that names the idea: what a student reads as the likely cause.
    next_step : str
        One question or pointer that leads on without giving the solution.
    loses : tuple of str
        The aspects that must fail for it.
    """

    implementation: Callable
    cause: str
    next_step: str
    loses: tuple[str, ...] = ("values",)

    @property
    def name(self) -> str:
        """The name of the wrong implementation, which also names the misconception."""
        return self.implementation.__name__


@dataclass(frozen=True)
class Exercise:
    """A function (or small class) to implement, with all that is needed to judge it.

    Attributes
    ----------
    reference : callable or class
        The reference implementation. Its name is the exercise's.
    aspects : tuple of Aspect
    misconceptions : tuple of Misconception
    alternatives : tuple
        Other right answers: implementations, or dicts of names that belong together.
    equivalents : dict
        Changes of the reference that leave it right (a kind, or text of the changed line), each with the reason.
    parts : tuple of str
        What the parts of a result are called, as in `engine.places.in_words`.
    """

    reference: Callable
    aspects: tuple[Aspect, ...]
    misconceptions: tuple[Misconception, ...] = ()
    alternatives: tuple[Callable | Mapping[str, Any], ...] = ()
    equivalents: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()

    def __post_init__(self):
        for name in ("aspects", "misconceptions", "alternatives", "parts"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def name(self) -> str:
        """The function's name."""
        return self.reference.__name__

    @cached_property
    def keywords(self) -> tuple[str, ...]:
        """Names of the parameters that must be passed by keyword."""
        if inspect.isclass(self.reference):
            return ()
        parameters = inspect.signature(self.reference).parameters.values()
        return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)

    @cached_property
    def parameters(self) -> list[str]:
        """Names of the parameters, in order."""
        return list(inspect.signature(self.reference).parameters)

    def aspect(self, name: str) -> Aspect:
        """Return the aspect called `name`; KeyError if there is none."""
        return {aspect.name: aspect for aspect in self.aspects}[name]

    def namespace(self, implementation: Callable | None = None) -> Mapping[str, Any]:
        """Return the names a notebook would define, with `implementation` in place of the reference."""
        names = getattr(self.reference, "__globals__", None) or vars(sys.modules[self.reference.__module__])
        return MappingProxyType({**names, self.name: implementation or self.reference})
