"""The rubric of a written question: items to click, which grow while one reads, and are the same for everybody."""

import fcntl
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from nbgrader.api import Gradebook

from backprop_autograder.classroom.course import RUBRICS, Course, CourseError
from backprop_autograder.engine.files import write_whole
from backprop_autograder.pages.given import Given, give, read_given

DIGITS = 6  # of a sum of points: 0.1 + 0.2 is 0.3


@dataclass(frozen=True)
class Item:
    """What an answer may have or lack, and the points for it. Its words are a line of the comment."""

    words: str
    points: float


def path_of(course: Course, unit: str, question: str) -> Path:
    """Return the file of a question's rubric."""
    return course.root / RUBRICS / unit / f"{question}.json"


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
    return min(max(round(sum(item.points for item in items), DIGITS), 0.0), most)


def add_item(course: Course, unit: str, question: str, new: Item) -> None:
    """Add an item at the end.

    Raises
    ------
    CourseError
        If there is one like it, or it is none.
    """
    with changing(course, unit, question) as items:
        items.append(_fit(new, items))


def change_item(
    course: Course, gradebook: Gradebook, unit: str, question: str, old: str, new: Item | None
) -> dict[str, list[str]]:
    """Change an item for everybody to whom it was given, or take it away.

    Scores that are the sum of the items follow; a score that a grader typed stays.

    Returns
    -------
    dict
        By key of the answers that had it, what stood for them before and now.

    Raises
    ------
    CourseError
        If there is no such item any more, or the new one is none.
    """
    known = gradebook.find_notebook(unit, unit)
    most = next(cell.max_score for cell in (*known.grade_cells, *known.task_cells) if cell.name == question)
    with changing(course, unit, question) as items:
        if old not in [item.words for item in items]:
            raise CourseError(f"There is no item {old!r}: somebody else has changed it.")
        before = list(items)
        if new:
            new = _fit(new, [item for item in items if item.words != old])
        items[:] = [new if item.words == old else item for item in before if new or item.words != old]

        def follow(one: Given) -> Given | None:
            lines = [new.words if new and line == old else line for line in one.lines if new or line != old]
            comment, score = "\n".join(lines), one.manual
            if score == score_of(applied(before, one.comment), most):
                score = score_of(applied(items, comment), most)
            return give(gradebook, one, score, comment or None)

        return _for_all(lambda: read_given(gradebook, known, question), old, follow)


def _for_all(read, words: str, change) -> dict[str, list[str]]:
    """Change what has a line, and once more what somebody else changed meanwhile."""
    moved: dict[str, list[str]] = {}
    while waiting := [one for one in read() if words in one.lines and one.key not in moved]:
        for one in waiting:
            if now := change(one):
                moved[one.key] = [one.seen, now.seen]
    return moved


def _fit(item: Item, others: list[Item]) -> Item:
    item = Item(" ".join(item.words.split()), item.points)
    if not item.words or not math.isfinite(item.points):
        raise CourseError("An item has words, and points that are a number.")
    if item.words in [other.words for other in others]:
        raise CourseError(f"There is an item {item.words!r} already.")
    return item
