"""Collect a folder of submissions: zips as ``backprop submit`` writes them, and plain notebooks.

Nothing is unpacked: of a zip one member is read, by name and up to a limit, and written where nbgrader looks for
submissions. Paths inside an archive are never used.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from backprop_autograder.classroom.course import TIMESTAMP_NAME, Course, read_time
from backprop_autograder.classroom.submit import STUDENT, TIME, UNIT, ZIP_NAME
from backprop_autograder.judging.rebuild import MAX_BYTES

LOOSE_NAME = re.compile(rf"(?P<student_id>{STUDENT})__(?P<unit>{UNIT})(?:__(?P<timestamp>\d{{8}}T\d{{6}}Z))?\.ipynb")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


@dataclass(frozen=True)
class HandedIn:
    """A file that somebody handed in.

    Attributes
    ----------
    path : Path
    student, unit : str
    time : datetime
        In UTC without a zone, as nbgrader keeps it.
    """

    path: Path
    student: str
    unit: str
    time: datetime


@dataclass
class Collected:
    """What became of a folder of submissions.

    Attributes
    ----------
    taken : list of HandedIn
    older : list of HandedIn
        There is a newer one of the same student and unit, or the same.
    problems : list of str
        One sentence on each file that was left out.
    """

    taken: list[HandedIn] = field(default_factory=list)
    older: list[HandedIn] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def units(self) -> set[str]:
        """The units that somebody handed in, now or in an earlier run."""
        return {one.unit for one in [*self.taken, *self.older]}


def collect(course: Course, folder: Path) -> Collected:
    """Copy the newest submission of each student and unit from `folder` to ``submitted/``."""
    collected = Collected()
    known = set(course.units())
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".zip", ".ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        try:
            one = identify(path, folder)
            if one.unit not in known:
                raise ValueError(f"there is no unit {one.unit}")
            new = _store(course, one)
        except BROKEN as error:
            collected.problems.append(f"{path.relative_to(folder)}: {str(error).rstrip('.') or 'cannot be read'}.")
        else:
            (collected.taken if new else collected.older).append(one)
    return collected


def identify(path: Path, folder: Path) -> HandedIn:
    """Tell from the name of a file whose it is: ``ann__01_toy__20260131T120000Z.zip`` or ``ann/01_toy.ipynb``.

    Raises
    ------
    ValueError
        If the name does not tell, or it is no ordinary file.
    """
    if path.is_symlink() or not path.is_file():
        raise ValueError("not an ordinary file")
    pattern = ZIP_NAME if path.suffix == ".zip" else LOOSE_NAME
    if match := pattern.fullmatch(path.name):
        stamp = match["timestamp"]
        when = datetime.strptime(stamp, TIME) if stamp else _modified(path)
        return HandedIn(path, match["student_id"], match["unit"], when)
    *parents, _ = path.relative_to(folder).parts
    parents = parents[:-1] if parents and parents[-1] == path.stem else parents
    if path.suffix == ".ipynb" and parents and re.fullmatch(STUDENT, parents[-1]):
        return HandedIn(path, parents[-1], path.stem, _modified(path))
    raise ValueError("its name does not say whose it is. Next: rename it to STUDENT__UNIT.ipynb or STUDENT/UNIT.ipynb")


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC).replace(tzinfo=None)


def _store(course: Course, one: HandedIn) -> bool:
    """Write a submission unless there is one that is as new; return whether it was written."""
    target = course.root / "submitted" / one.student / one.unit
    if (before := _time_of(target, one.unit)) and before >= one.time:
        return False
    content = read_notebook(one.path, one.unit)
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{one.unit}.ipynb").write_bytes(content)
    (target / TIMESTAMP_NAME).write_text(f"{one.time:%Y-%m-%d %H:%M:%S} UTC\n", encoding="ascii")
    return True


def _time_of(target: Path, unit: str) -> datetime | None:
    notebook = target / f"{unit}.ipynb"
    with suppress(OSError, ValueError):  # no timestamp, or none that can be read
        if when := read_time(target / TIMESTAMP_NAME):
            return when
    return _modified(notebook) if notebook.is_file() else None


def read_notebook(path: Path, unit: str) -> bytes:
    """Return the notebook of a unit from a file that was handed in.

    Raises
    ------
    ValueError
        If it is too large, or a zip without it.
    """
    if path.suffix == ".ipynb":
        with path.open("rb") as file:
            return _limited(file)
    with zipfile.ZipFile(path) as archive:
        (member,) = list(_members(archive, f"{unit}.ipynb"))[:1] or [None]
        if member is None:
            raise ValueError(f"the zip holds no {unit}.ipynb")
        with archive.open(member) as file:
            return _limited(file)


def _members(archive: zipfile.ZipFile, name: str) -> Iterator[zipfile.ZipInfo]:
    return (m for m in archive.infolist() if not m.is_dir() and PurePosixPath(m.filename).name == name)


def _limited(file) -> bytes:
    # Reading stops at the limit, whatever a header says about the size.
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"the notebook is larger than {MAX_BYTES >> 20} MB")
    return content
