"""Read the class from a file: as Canvas and Moodle export it, or with nbgrader's own columns."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook

from backprop_autograder.classroom.course import CourseError
from backprop_autograder.classroom.roster import UNSAFE
from backprop_autograder.classroom.submit import STUDENT
from backprop_autograder.engine.text import printable_name

# Column headings in small letters, the better one first.
IDS = ("id", "student_id", "sis login id", "username", "user name", "id number", "sis user id")
FIRST = ("first_name", "first name", "firstname")
LAST = ("last_name", "last name", "lastname", "surname")
EMAIL = ("email", "email address", "e-mail")
NUMBER = ("lms_user_id",)


@dataclass
class Imported:
    """What became of a roster.

    Attributes
    ----------
    new, known : list of str
        Ids that were added, and those that were there; their names and numbers are those of the file now.
    refused : dict
        Lines without a usable id, with the reason, by what stands there.
    typed : list of str
        Ids that students cannot type into `backprop submit`.
    """

    new: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return what became of it, as lines."""
        lines = [f"Students added: {len(self.new)}; known already: {len(self.known)}."]
        lines += [f"left out: {printable_name(who)}: {why}." for who, why in self.refused.items()]
        if self.typed:
            lines.append(f"cannot be typed into backprop submit, so their files need another name: {self.typed}.")
        return lines


def read_roster(path: Path) -> list[dict[str, str]]:
    """Return the people in a file, each with nbgrader's columns; ``id`` may be empty.

    Raises
    ------
    CourseError
        If it is no roster.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read ({error}). Next: save it as CSV in UTF-8.") from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    plain = [{(key or "").strip().lower(): (value or "") for key, value in row.items() if key} for row in rows]
    headings = set(plain[0]) if plain else set()
    if not headings & ({*IDS} if "student" not in headings else {"sis login id", "sis user id"}):
        raise CourseError(
            f"{path} is no roster: it has no column of ids. Next: columns id, first_name, last_name, email, "
            "lms_user_id; or what Canvas (Grades > Export) or Moodle (Participants > Download) gives."
        )
    return [_person(row, canvas="student" in headings) for row in plain if not _is_no_person(row)]


def _is_no_person(row: Mapping[str, str]) -> bool:
    first = next(iter(row.values()), "").strip()
    return first in ("Points Possible", "Student, Test") or not any(value.strip() for value in row.values())


def _person(row: Mapping[str, str], *, canvas: bool) -> dict[str, str]:
    found = {
        "first_name": _first(row, FIRST),
        "last_name": _first(row, LAST),
        "email": _first(row, EMAIL),
        "lms_user_id": _first(row, NUMBER),
    }
    if not canvas:
        return {"id": _first(row, IDS), **found}
    # Canvas: "Last, First", and in ID the number that its own import finds people by.
    last, _, first = row["student"].strip().partition(", ")
    return {
        **found,
        "id": _first(row, ("sis login id", "sis user id")),
        "first_name": first,
        "last_name": last,
        "lms_user_id": row.get("id", "").strip(),
    }


def _first(row: Mapping[str, str], headings: tuple[str, ...]) -> str:
    return next((row[heading].strip() for heading in headings if row.get(heading, "").strip()), "")


def import_roster(gradebook: Gradebook, path: Path) -> Imported:
    """Write the people of a file into the gradebook; those who are there and not in the file stay.

    Raises
    ------
    CourseError
        If it is no roster.
    """
    imported, there = Imported(), {student.id for student in gradebook.students}
    for person in read_roster(path):
        who, student = " ".join(filter(None, (person["first_name"], person["last_name"]))), person.pop("id")
        if not student:
            imported.refused[who or "a line without a name"] = "it has no id"
        elif UNSAFE.search(student):
            imported.refused[student] = "this id cannot be the name of a folder, so nothing could be handed in under it"
        else:
            gradebook.update_or_create_student(student, **{key: value or None for key, value in person.items()})
            (imported.known if student in there else imported.new).append(student)
            there.add(student)
            if not re.fullmatch(STUDENT, student):
                imported.typed.append(student)
    return imported
