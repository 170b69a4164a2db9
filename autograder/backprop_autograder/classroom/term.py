"""A new term: the same course, its rubrics with it, without the students, grades and secret of the last one."""

import secrets
import shutil
from pathlib import Path

from backprop_autograder.classroom.course import CONFIG_NAME, RUBRICS, SECRET_BYTES, SECRET_NAME, Course, CourseError
from backprop_autograder.engine.files import write_whole
from backprop_autograder.engine.pack import PACK_NAME

LAST = "last-term"  # folder for what the last term left to compare with


def new_term(course: Course, folder: Path) -> Course:
    """Make a course directory for a new term: the sources, the configuration, the rubrics, and a fresh secret.

    Rubrics belong to the questions; who got which of their items is in the gradebook, and stays there.

    Raises
    ------
    CourseError
        If there is something in `folder`.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError(f"{folder} is there and not empty. Next: name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(course.root / CONFIG_NAME, folder)
    shutil.copytree(course.root / "source", folder / "source", ignore=shutil.ignore_patterns(PACK_NAME, ".*"))
    if (course.root / RUBRICS).is_dir():
        shutil.copytree(course.root / RUBRICS, folder / RUBRICS, ignore=shutil.ignore_patterns("*.lock"))
    write_whole(folder / SECRET_NAME, secrets.token_hex(SECRET_BYTES) + "\n", replace=False)
    return Course(folder)


def keep_report(folder: Path, pages: dict[str, str]) -> list[Path]:
    """Keep what is worth comparing with, readable by its owner alone."""
    kept = folder / LAST
    kept.mkdir(mode=0o700)
    for name, text in pages.items():
        write_whole(kept / name, text)
    return [kept / name for name in pages]
