"""Who is in the class: from the gradebook, where ``nbgrader db student import`` puts names and numbers."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from backprop_autograder.classroom.platforms import Told
from backprop_autograder.classroom.submit import STUDENT
from backprop_autograder.engine.text import ON_ONE_LINE, UNPRINTABLE

UNSAFE = re.compile(rf"[/\\*?\[\]{{}}:]|{UNPRINTABLE.pattern}|{ON_ONE_LINE.pattern}|^[.\s-]|[.\s]$|^$|__")


@dataclass(frozen=True)
class Person:
    """A student, as far as the gradebook knows."""

    id: str
    names: frozenset[str] = frozenset()
    number: str = ""
    email: str = ""


@dataclass
class Roster:
    """The class.

    Attributes
    ----------
    people : list of Person
    claims : dict
        By id that students gave themselves on a platform, who did: two people cannot be the same.
    """

    people: list[Person]
    claims: dict[str, set[tuple[str, str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, students: Iterable) -> "Roster":
        """Return the roster of nbgrader's students."""
        return cls(
            [
                Person(s.id, _spellings(s.first_name or "", s.last_name or ""), s.lms_user_id or "", s.email or "")
                for s in students
            ]
        )

    @cached_property
    def ids(self) -> set[str]:
        """The ids of the class."""
        return {person.id for person in self.people}

    @cached_property
    def is_known(self) -> bool:
        """Whether somebody imported the class; otherwise the gradebook knows those who were graded before."""
        return any(person.names or person.number or person.email for person in self.people)

    def find(self, told: Told, claimed: str) -> str:
        """Return whose a file from a platform is.

        Parameters
        ----------
        told : Told
        claimed : str
            The id that the student wrote into the file's name, empty if none.

        Raises
        ------
        ValueError
            If that cannot be told.
        """
        words = _plain(told.name)
        for alike in (
            [p for p in self.people if told.number and p.number == told.number],
            # One by one: an address is its owner's to choose, and may begin with somebody else's id.
            [p for p in self.people if told.login and told.login == p.id],
            [p for p in self.people if told.login and told.login in (p.number, p.email)],
            [p for p in self.people if told.login and told.login == p.email.split("@")[0]],
            [p for p in self.people if words and words in p.names],
        ):
            if len(alike) == 1:
                return alike[0].id
        if told.login and not self.is_known:
            return self.check(told.login)
        person = (told.name, told.login, told.number)
        if claimed and not self._contradicts(claimed):
            if len(self.claims.get(claimed, {person}) | {person}) > 1:
                raise ValueError(f"two people on {told.platform} say that they are {claimed}")
            return self.check(claimed)
        who = " ".join(filter(None, (told.name, told.login, told.number)))
        raise ValueError(
            f"the gradebook knows nobody whom {told.platform} calls {who}. Next: nbgrader db student import"
        )

    def claim(self, told: Told, claimed: str) -> None:
        """Remember who says on a platform to be whom."""
        if claimed:
            self.claims.setdefault(claimed, set()).add((told.name, told.login, told.number))

    def _contradicts(self, claimed: str) -> bool:
        """Whether the gradebook would know the platform's name or number of the one that somebody claims to be."""
        person = next((p for p in self.people if p.id == claimed), None)
        return self.is_known and (person is None or bool(person.names or person.number))

    def check(self, student: str) -> str:
        """Return an id if it is somebody's.

        Raises
        ------
        ValueError
            If it is unknown, or cannot be the name of a folder.
        """
        student = unicodedata.normalize("NFC", student).strip()
        if UNSAFE.search(student):
            raise ValueError(f"{student!r} cannot be a student id. Next: rename the file to STUDENT__UNIT")
        if student in self.ids:
            return student
        if self.is_known:
            near = get_close_matches(student, self.ids, 1, 0.7)
            raise ValueError(f"there is no student {student}" + (f"; is it {near[0]}" if near else ""))
        if not re.fullmatch(STUDENT, student):
            raise ValueError(f"{student!r} cannot be a student id unless the gradebook knows it")
        return student


def _plain(text: str) -> str:
    """Return letters only, without case and accents: platforms differ in what they leave of a name."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(letter for letter in decomposed.casefold() if letter.isalpha())


def _spellings(first: str, last: str) -> frozenset[str]:
    return frozenset(filter(None, (_plain(first + last), _plain(last + first))))
