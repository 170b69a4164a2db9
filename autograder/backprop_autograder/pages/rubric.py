"""The rubric of a written question: items to click, which grow while one reads, and are the same for everybody."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from nbgrader.api import Gradebook

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.judging.files import write_whole


@dataclass(frozen=True)
class Item:
    """What an answer may have or lack, and the points for it. Its words are a line of the comment."""

    words: str
    points: float


def path_of(course: Course, unit: str, question: str) -> Path:
    """Return the file of a question's rubric."""
    return course.root / "rubrics" / unit / f"{question}.json"


def read_rubric(course: Course, unit: str, question: str) -> list[Item]:
    """Return the items of a question, none if nobody has written one.

    Raises
    ------
    CourseError
        If the file is broken.
    """
    path = path_of(course, unit, question)
    if not path.exists():
        return []
    try:
        return [Item(str(item["words"]), float(item["points"])) for item in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, KeyError, TypeError):
        raise CourseError(f"{path} is no rubric. Next: bring it back from a backup, or delete it.") from None


@contextmanager
def changing(course: Course, unit: str, question: str) -> Iterator[list[Item]]:
    """Let one grader at a time change the items; what is in the list at the end is kept."""
    path = path_of(course, unit, question)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        items = read_rubric(course, unit, question)
        yield items
        write_whole(path, json.dumps([asdict(item) for item in items], indent=1, ensure_ascii=False) + "\n")


def applied(items: list[Item], comment: str | None) -> list[Item]:
    """Return the items whose words are lines of a comment."""
    lines = set((comment or "").splitlines())
    return [item for item in items if item.words in lines]


def score_of(items: list[Item], most: float) -> float:
    """Return the points of items, neither below zero nor above the most there is."""
    return min(max(sum(item.points for item in items), 0.0), most)


def change_item(course: Course, gradebook: Gradebook, unit: str, question: str, old: str, new: Item) -> int:
    """Change an item for everybody to whom it was given, and return how many those are.

    Scores that are the sum of the items follow; a score that a grader typed stays.
    """
    moved = 0
    with changing(course, unit, question) as items:
        if old not in [item.words for item in items]:
            raise CourseError(f"There is no item {old!r}: somebody else has changed it.")
        before = list(items)
        items[:] = [new if item.words == old else item for item in items]
        for entry in gradebook.find_notebook(unit, unit).submissions:
            comment = next((c for c in entry.comments if c.name == question), None)
            if comment is None or old not in (comment.manual_comment or "").splitlines():
                continue
            grade = next(g for g in entry.grades if g.name == question)
            was = score_of(applied(before, comment.manual_comment), grade.max_score)
            lines = [new.words if line == old else line for line in comment.manual_comment.splitlines()]
            comment.manual_comment = "\n".join(lines)
            if grade.manual_score == was:
                grade.manual_score = score_of(applied(items, comment.manual_comment), grade.max_score)
            moved += 1
        gradebook.db.commit()
    return moved
