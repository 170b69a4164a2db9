"""Write an exercise down beside its functions: decorators gather cases, wrong answers and right ones.

A file of the answer key defines one `Definition`, from top to bottom; ``build`` makes the engine's `Exercise` of it.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from backprop_autograder.engine.exercise import Aspect, Case, Exercise, Misconception
from backprop_autograder.engine.source import source_of

F = TypeVar("F", bound=Callable)
MARKS = re.compile(r"^ *### (BEGIN|END) SOLUTION\n", re.MULTILINE)


class DefinitionError(Exception):
    """An exercise is not defined whole; the message says where, and what is missing."""


@dataclass
class AspectDefinition:
    """An aspect whose cases are still being gathered."""

    name: str
    hint: str
    cases: list[Case] = field(default_factory=list)

    def case(self, label: str, **options: Any) -> Callable[[F], F]:
        """Make the decorated ``arguments(rng)`` a case; `options` are those of `Case`."""

        def add(arguments: F) -> F:
            self.cases.append(Case(label=label, arguments=arguments, **options))
            return arguments

        return add

    def add(self, *cases: Case) -> None:
        """Append cases that are made by a function, or shared with other exercises."""
        self.cases.extend(cases)


@dataclass
class Definition:
    """An exercise that is still being gathered, in the order of its file.

    Parameters
    ----------
    reference : callable or class
        The reference implementation. Its name is the exercise's.
    parts : tuple of str
        What the parts of a result are called: ``("dX dW db",)`` for a tuple of three, ``("layer {}", "dW db")`` for a
        list with a pair for each layer. Keys of a dict name themselves.
    """

    reference: Callable
    parts: tuple[str, ...] = ()
    aspects: list[AspectDefinition] = field(default_factory=list, init=False)
    misconceptions: list[Misconception] = field(default_factory=list, init=False)
    alternatives: list[Callable | Mapping[str, Any]] = field(default_factory=list, init=False)
    equivalents: dict[str, str] = field(default_factory=dict, init=False)

    def aspect(self, name: str, *, hint: str, cases: Iterable[Case] = ()) -> AspectDefinition:
        """Begin an aspect.

        Parameters
        ----------
        name : str
            ``"values"``, or the suffix of its test cell.
        hint : str
            The next step for a student whose mistake is not recognised.
        cases : iterable of Case
            Those that come first; more are added by ``@aspect.case(label)``.
        """
        self.aspects.append(AspectDefinition(name, hint, list(cases)))
        return self.aspects[-1]

    def misconception(self, *loses: str) -> Callable[[F], F]:
        """Make the decorated function or class a wrong answer that loses the aspects named, or ``"values"``.

        The first paragraph of its docstring is the cause, the second the next step.
        """

        def add(implementation: F) -> F:
            cause, next_step = _words_of(implementation)
            self.misconceptions.append(Misconception(implementation, cause, next_step, loses or ("values",)))
            return implementation

        return add

    def slip(self, name: str, *changes: tuple[str, str], cause: str, next_step: str, loses=("values",)) -> None:
        """Add a wrong answer that is the reference with each text replaced by another.

        Parameters
        ----------
        name : str
            Of the misconception.
        *changes : tuple of str
            What stands in the reference, exactly once, and what a student writes there instead.
        cause, next_step, loses
            As in `Misconception`.

        Raises
        ------
        DefinitionError
            If a text does not stand in the reference exactly once.
        """
        implementation = self._changed(name, changes)
        self.misconceptions.append(Misconception(implementation, cause, next_step, tuple(loses)))

    def _changed(self, name: str, changes: Iterable[tuple[str, str]]) -> Callable:
        text, reference = self._text, self.reference
        for right, wrong in changes:
            if text.count(right) != 1:
                raise DefinitionError(
                    f"{name}: {right!r} stands {text.count(right)} times in {reference.__name__}, but is wanted once."
                )
            text = text.replace(right, wrong)
        names = dict(vars(sys.modules[reference.__module__]))
        exec(compile(text, f"<{name}>", "exec"), names)
        implementation = names[reference.__name__]
        implementation.__name__ = name
        # Defined under the name it is known by.
        implementation.__source__ = f"{text}\n\n{name} = {reference.__name__}\n"
        return implementation

    @cached_property
    def _text(self) -> str:
        return MARKS.sub("", source_of(self.reference))

    def alternative(self, implementation: F) -> F:
        """Make the decorated function or class, or a dict of names that belong together, another right answer."""
        self.alternatives.append(implementation)
        return implementation

    def equivalent(self, *changes: str, reason: str) -> None:
        """Say that mechanical changes of the reference leave it right, so that no test can object.

        Parameters
        ----------
        *changes : str
            A part of what ``backprop quality`` prints of each change, or a kind of change.
        reason : str
            Why they make no difference.
        """
        self.equivalents.update(dict.fromkeys(changes, reason))

    def build(self) -> Exercise:
        """Return the exercise.

        Raises
        ------
        DefinitionError
            If there is no aspect, an aspect has no case, a hint is missing, two misconceptions have one name,
            or one loses an aspect that there is not.
        """
        name = self.reference.__name__
        aspects = [Aspect(a.name, tuple(a.cases), a.hint) for a in self.aspects]
        if not aspects:
            raise DefinitionError(f"{name}: there is no aspect. Next: add one with exercise.aspect(...).")
        for aspect in aspects:
            if not aspect.cases:
                raise DefinitionError(f"{name}: the aspect {aspect.name} has no case.")
            if not aspect.hint.strip():
                raise DefinitionError(f"{name}: the aspect {aspect.name} has no hint.")
        if twice := _repeated([a.name for a in aspects]) or _repeated([m.name for m in self.misconceptions]):
            raise DefinitionError(f"{name}: {twice} is defined twice.")
        for m in self.misconceptions:
            if unknown := set(m.loses) - {a.name for a in aspects}:
                raise DefinitionError(f"{name}: {m.name} loses {', '.join(sorted(unknown))}, which is no aspect.")
        return Exercise(
            self.reference,
            tuple(aspects),
            tuple(self.misconceptions),
            tuple(self.alternatives),
            dict(self.equivalents),
            self.parts,
        )


def _repeated(names: list[str]) -> str:
    return next((name for name in names if names.count(name) > 1), "")


def _words_of(implementation: Callable) -> tuple[str, str]:
    paragraphs = (inspect.getdoc(implementation) if implementation.__doc__ else "").split("\n\n")
    if len(paragraphs) != 2:
        raise DefinitionError(
            f"{implementation.__name__}: its docstring wants a cause and, after an empty line, the next step."
        )
    cause, next_step = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return cause, next_step
