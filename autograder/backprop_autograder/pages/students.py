"""What students get of a graded course: packages without answers, a zip for each unit, and two pages that say how."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.engine.files import write_whole
from backprop_autograder.judging.release import write_zip
from backprop_autograder.pages.markup import render

REPOSITORY = Path(__file__).parents[3]
PAGES = {"laptop.html": "students_laptop.html", "hub.html": "students_hub.html"}


def prepare(folder: Path) -> None:
    """Make the folder for what students get: what forbids that is found before anything is released.

    Raises
    ------
    CourseError
        If nothing can be written there, or nothing is there to build a wheel from.
    """
    if not (REPOSITORY / "pyproject.toml").is_file():
        raise CourseError("The students' wheel is built from a clone of the repository. Next: pip install -e . in one.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise CourseError(f"{folder} cannot be written into ({error.strerror}). Next: name another folder.") from None


def write_students(course: Course, units: list[str], folder: Path) -> list[Path]:
    """Write wheel, zips and pages into `folder`, which `prepare` has made, and return their paths.

    The units are released already.

    Raises
    ------
    CourseError
        If no wheel can be built.
    """
    wheel = _build_wheel(folder)
    zips = [folder / f"{unit}.zip" for unit in units]
    for unit, path in zip(units, zips, strict=True):
        write_zip(course.root / "release" / unit, path)
    for name, template in PAGES.items():
        text = render(template, wheel=wheel.name, units=units)
        write_whole(folder / name, text, mode=0o644)
    return [wheel, *zips, *(folder / name for name in PAGES)]


def _build_wheel(folder: Path) -> Path:
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", made, str(REPOSITORY)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CourseError(f"pip could not build the wheel: {done.stderr.strip().splitlines()[-1]}")
        (wheel,) = Path(made).glob("*.whl")
        return Path(shutil.copy(wheel, folder))
