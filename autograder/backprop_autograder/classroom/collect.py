"""Collect a folder of submissions, or the one zip of a learning platform: zips, plain notebooks, and what else comes.

Nothing is unpacked: of a zip one member is read, by name and up to a limit, and written where nbgrader looks for
submissions. Paths inside an archive are never used. Whose a file is, and of when, is the platform's and the roster's
to say where they do; every file gets a line in the table.
"""

import os
import re
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from backprop_autograder.classroom.course import Course
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.platforms import Told, told_by_platform
from backprop_autograder.classroom.roster import Roster
from backprop_autograder.classroom.submit import TIME, UNIT
from backprop_autograder.classroom.table import text_table
from backprop_autograder.engine.files import write_whole
from backprop_autograder.engine.text import printable_name
from backprop_autograder.judging.reading import ReadError, read_limited, read_notebook
from backprop_autograder.judging.release import TIMESTAMP_NAME, read_time

# STUDENT__UNIT__TIME, where browsers number copies; the time may be missing.
NAMED = re.compile(rf"(?P<student>.+?)__(?P<unit>{UNIT})(?:__(?P<time>\d{{8}}T\d{{6}}Z))?")
COPY = re.compile(r"(?: ?\(\d+\)|-\d{1,2}|-Copy\d*| - Copy| Kopie| copy ?\d*)$", re.IGNORECASE)
NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
JUNK = re.compile(
    r"(^|/)(\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|index\.html|__MACOSX/.*|(.*/)?\.ipynb_checkpoints/.*)$"
)
MAX_ZIP = 2 << 30  # bytes of a zip inside a zip
IN_MEMORY = 16 << 20
SLACK = timedelta(days=1)
MAX_DIRECTORY = 4 << 20  # bytes of the list of what is in somebody's own zip
BROKEN = Exception  # whatever a file does to whoever reads it: it is that file's line in the table
REPLACED = "replaced"  # folder of the course that keeps what a newer submission took the place of


@dataclass(frozen=True)
class File:
    """A file that lies in the folder, or in the platform's zip.

    Attributes
    ----------
    path : str
        Relative, with slashes.
    open : callable
        Returns it opened, with a position to go to.
    modified : datetime
        In UTC without a zone, as nbgrader keeps times.
    """

    path: str
    open: Callable[[], BinaryIO]
    modified: datetime


@dataclass(frozen=True)
class HandedIn:
    """A file that somebody handed in.

    Attributes
    ----------
    path : str
    student, unit : str
    time : datetime
        In UTC without a zone.
    believed : bool
        Whether that may be so: a date that has not come yet is the student's own invention.
    remark : str
        What to know about it.
    """

    path: str
    student: str
    unit: str
    time: datetime
    believed: bool = True
    remark: str = ""


@dataclass
class Collected:
    """What became of a folder of submissions: each file has its line.

    Attributes
    ----------
    taken : list of HandedIn
    older : list of HandedIn
        There is a newer one of the same student and unit, or the same.
    left_out : dict
        What somebody may have handed in and was not taken, with the reason, by path.
    ignored : dict
        What nobody hands in, with the reason, by path.
    missing : list of tuple
        Students of the roster and units of which there is nothing.
    """

    taken: list[HandedIn] = field(default_factory=list)
    older: list[HandedIn] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    missing: list[tuple[str, str]] = field(default_factory=list)

    @property
    def units(self) -> set[str]:
        """The units that somebody handed in, now or in an earlier run."""
        return {one.unit for one in [*self.taken, *self.older]}

    @property
    def problems(self) -> list[str]:
        """One sentence on each file that was left out."""
        return [printable_name(f"{path}: {reason}.", 500) for path, reason in self.left_out.items()]

    def table(self) -> str:
        """Return what became of every file, as text."""
        rows = [["file", "student", "unit", "became", "remark"]]
        for word, group in (("taken", self.taken), ("older", self.older)):
            rows += [[o.path, o.student, o.unit, word, o.remark] for o in sorted(group, key=lambda o: o.path)]
        for word, reasons in (("left out", self.left_out), ("ignored", self.ignored)):
            rows += [[path, "", "", word, reason] for path, reason in sorted(reasons.items())]
        rows += [["", student, unit, "missing", ""] for student, unit in self.missing]
        return text_table(rows)


def collect(course: Course, source: Path) -> Collected:
    """Copy the newest submission of each student and unit to ``submitted/``; what that replaces goes to ``replaced/``.

    Parameters
    ----------
    course : Course
    source : Path
        A folder, or the zip that a platform makes of all submissions.
    """
    with open_gradebook(course) as gradebook:
        roster = Roster.of(gradebook.students)
    collecting = _Collecting(course, roster)
    for _ in collecting.files(source, claims_only=True):
        pass
    for file in collecting.files(source):
        collecting.take(file)
    collecting.settle()
    return collecting.collected


class _Collecting:
    """One run over a folder."""

    def __init__(self, course: Course, roster: Roster):
        self.course, self.roster, self.collected = course, roster, Collected()
        self.units = course.units()
        self.found: dict[tuple[str, str], list[tuple[HandedIn, Callable[[], bytes]]]] = {}

    # --- what there is

    def files(self, source: Path, *, claims_only: bool = False) -> Iterator[File]:
        """Yield the files of a folder or zip, and remember who claims to be whom."""
        for file in _in_zip(source.open, source.stat().st_mtime) if source.is_file() else self._in_folder(source):
            if claims_only and (told := self._told(file.path)) and (named := _named(told.rest)):
                self.roster.claim(told, named["student"])
            yield file

    def _told(self, path: str) -> Told | None:
        """Return what a platform tells of a file; in a student's folder every name is that student's own."""
        told = told_by_platform(path)
        return None if told and self._folder_of(told.above) else told

    def _folder_of(self, folders: Iterable[str]) -> str:
        """Return the student of the roster whose name a folder bears; empty if none does."""
        names = (unicodedata.normalize("NFC", folder) for folder in folders)
        return next((name for name in names if name in self.roster.ids), "")

    def _in_folder(self, folder: Path) -> Iterator[File]:
        containers = self._containers(folder)
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                self.collected.left_out[name] = "not an ordinary file"
            elif path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
                self.collected.left_out[name] = "a folder that cannot be opened. Next: look at its rights"
            elif path.is_file():
                if path in containers:
                    yield from (File(f"{name}/{f.path}", f.open, f.modified) for f in containers[path])
                else:
                    yield File(name, lambda path=path: path.open("rb"), _modified(path.stat().st_mtime))

    def _containers(self, folder: Path) -> dict[Path, list[File]]:
        """Return what is in the zips that a platform made of all submissions; in none that may be somebody's own.

        Whoever hands in a zip chooses the names in it: it is a platform's where nobody's own lies beside it.
        """
        beside = [p for p in folder.iterdir() if p.name.lower().endswith((".zip", *NOTEBOOKS)) and not p.is_symlink()]
        single = [p for p in beside if not JUNK.search(p.name) and not told_by_platform(p.name) and p.is_file()]
        found = {path: _container(path) for path in single}
        return found if all(found.values()) else {}

    # --- whose it is

    def take(self, file: File) -> None:
        """Find out whose a file is, and of which units."""
        if JUNK.search(file.path):
            self.collected.ignored[file.path] = "made by a computer"
            return
        told = self._told(file.path)
        name = PurePosixPath(told.rest if told else file.path).name
        if told and not told.rest:
            self.collected.ignored[file.path] = f"{told.platform}'s own"
            return
        if not name.lower().endswith((".zip", *NOTEBOOKS)):
            self._refuse(file, name)
            return
        try:
            student, unit, stamp = self._whose(file, told, name)
            for found, read in self._work(file, name, unit):
                one = self._dated(file, told, student, found, stamp)
                self.found.setdefault((student, found), []).append((one, read))
        except BROKEN as error:
            self.collected.left_out[file.path] = str(error).rstrip(".") or "cannot be read"

    def _refuse(self, file: File, name: str) -> None:
        kind = PurePosixPath(name).suffix
        if kind in (".py", ".pdf", ".html", ".docx", ".rar", ".7z", ".gz", ".tar"):
            self.collected.left_out[file.path] = f"a {kind} file is no notebook. Next: ask for the .ipynb"
        else:
            self.collected.ignored[file.path] = "no notebook"

    def _whose(self, file: File, told: Told | None, name: str) -> tuple[str, str, str]:
        """Return student, unit and time as far as names tell; unit and time may be empty.

        Raises
        ------
        ValueError
            If they do not tell whose it is.
        """
        named = _named(name)
        unit, stamp = (named["unit"], named["time"] or "") if named else (self._unit_called(name), "")
        if told:
            return self.roster.find(told, named["student"] if named else ""), unit, stamp
        if owner := self._folder_of(PurePosixPath(file.path).parts[:-1]):
            return owner, unit, stamp
        if named:
            return self.roster.check(named["student"]), unit, stamp
        *parents, _ = PurePosixPath(file.path).parts
        parents = parents[:-1] if parents and parents[-1] in self.units else parents
        if parents and not name.lower().endswith(".zip"):
            return self.roster.check(parents[-1]), unit, stamp
        all_of_them = "; if a platform made it of all submissions, name it alone" * name.lower().endswith(".zip")
        raise ValueError(
            "its name does not say whose it is. Next: rename it to STUDENT__UNIT.ipynb or STUDENT/UNIT.ipynb"
            + all_of_them
        )

    def _dated(self, file: File, told: Told | None, student: str, unit: str, stamp: str) -> HandedIn:
        time, believed, remark = file.modified, True, ""
        if told and told.time:
            time = told.time
        elif stamp:
            try:
                time = datetime.strptime(stamp, TIME)
            except ValueError:
                return HandedIn(file.path, student, unit, time, False, f"its name says {stamp}, which is no time")
            if time > file.modified + SLACK:
                time, believed, remark = file.modified, False, f"its name says {stamp}, which had not come yet"
        if told and told.late:
            remark = f"{told.platform} says that it is late"
        return HandedIn(file.path, student, unit, time, believed, remark)

    # --- what is in it

    def _work(self, file: File, name: str, unit: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Yield units, and what reads their notebooks, from a file that was handed in.

        Raises
        ------
        ValueError
            If there is none.
        """
        if unit and unit not in self.units:
            raise ValueError(f"there is no unit {unit}")
        if not name.lower().endswith(".zip"):
            found = self._unit_of(unit, lambda: _read(file.open), name)
            yield found, lambda: _read(file.open)
            return
        with file.open() as opened, open_zip(opened) as archive:
            members = [m for m in archive.namelist() if m.lower().endswith(NOTEBOOKS) and not JUNK.search(m)]
            called = {m: self._unit_called(PurePosixPath(m).name) for m in members}
            chosen = [m for m in members if called[m] == unit] if unit else [m for m in members if called[m]]
            chosen = chosen or (members if len(members) == 1 else [])
            exact = [m for m in chosen if PurePosixPath(m).stem == unit]
            for member in (exact or chosen)[: 1 if unit else None]:
                read = _member_reader(file, member)
                found = self._unit_of(called[member], read, member)
                if unit and found != unit:
                    raise ValueError(f"the zip holds no {unit}.ipynb, but that of {found}")
                yield found, read
        if not chosen:
            raise ValueError(f"the zip holds no {unit}.ipynb" if unit else "the zip holds no notebook of a unit")

    def _unit_called(self, name: str) -> str:
        """Return the unit whose notebook has such a name, also as a numbered copy; empty if none."""
        stem = _stem(name)
        return next((unit for unit in self.units if unit.casefold() == stem.casefold()), "")

    def _unit_of(self, unit: str, read: Callable[[], bytes], name: str) -> str:
        """Return the unit of a notebook: as it is called, unless its cells are all another one's.

        Raises
        ------
        ValueError
            If it cannot be told, or is another one than its name says.
        """
        try:
            ids = {cell.grade_id for cell in read_notebook(read()).cells if cell.grade_id}
        except ReadError:
            ids = set()
        shared = {u: len(ids & self._ids(u)) for u in self.units} if ids else {}
        likely = max(shared, key=shared.get) if any(shared.values()) else ""
        if unit and likely and not shared[unit]:
            raise ValueError(f"{PurePosixPath(name).name} is the notebook of {likely}, not of {unit}")
        if not (unit or likely):
            raise ValueError("its name and its cells do not say of which unit it is")
        return unit or likely

    def _ids(self, unit: str) -> set[str]:
        return _grade_ids(self.course.source(unit) / f"{unit}.ipynb")

    # --- what is kept

    def settle(self) -> None:
        """Store the newest of each student and unit, and note who is missing."""
        for _, ones in sorted(self.found.items()):
            ones.sort(key=lambda pair: (pair[0].believed, pair[0].time, pair[0].path))
            *older, (newest, read) = ones
            self.collected.older += [one for one, _ in older]
            try:
                new = _store(self.course, newest, read)
            except BROKEN as error:
                self.collected.left_out[newest.path] = str(error).rstrip(".") or "cannot be read"
            else:
                (self.collected.taken if new else self.collected.older).append(newest)
        for unit in sorted(self.collected.units) if self.roster.is_known else ():
            there = set(self.course.students(unit))
            self.collected.missing += [(student, unit) for student in sorted(self.roster.ids - there)]


def _container(path: Path) -> list[File]:
    """Return what is in a zip if the names in it are a platform's; nothing if they are not."""
    if path.suffix.lower() != ".zip" or _named(path.name):
        return []
    try:
        with path.open("rb") as opened, open_zip(opened):
            pass  # it is not too long to be read
        inside = list(_in_zip(lambda _mode: path.open("rb"), path.stat().st_mtime))
    except BROKEN:
        return []
    return inside if any(told_by_platform(file.path) for file in inside) else []


def _named(name: str) -> re.Match | None:
    return NAMED.fullmatch(_stem(name))


def _stem(name: str) -> str:
    """Return a file's name without its ending and without what marks a copy."""
    stem = re.sub(r"(\.ipynb)?(\.zip|\.txt|\.json)?$", "", name, flags=re.IGNORECASE)
    while (shorter := COPY.sub("", stem)) != stem:
        stem = shorter
    return stem.strip()


def _in_zip(open_zip: Callable[[str], BinaryIO], modified: float) -> Iterator[File]:
    with open_zip("rb") as opened, zipfile.ZipFile(opened) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                path = member.filename.replace("\\", "/")
                yield File(path, _member_opener(open_zip, member.filename), _member_time(member, modified))


def _member_time(member: zipfile.ZipInfo, modified: float) -> datetime:
    """Return when a file in a zip was last changed; that of the zip where it says nothing, or a later time."""
    with suppress(ValueError, OverflowError):
        own = datetime(*member.date_time).timestamp()
        if member.date_time[0] > 1980 and own <= modified:
            return _modified(own)
    return _modified(modified)


def _member_opener(open_zip: Callable[[str], BinaryIO], member: str) -> Callable[[], BinaryIO]:
    def open_member() -> BinaryIO:
        copy = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  whoever asked for it closes it
        with open_zip("rb") as opened, zipfile.ZipFile(opened) as archive, archive.open(member) as file:
            while part := file.read(1 << 20):
                copy.write(part)
                if copy.tell() > MAX_ZIP:
                    raise ValueError(f"larger than {MAX_ZIP >> 30} GB")
        copy.seek(0)
        return copy

    return open_member


def _member_reader(file: File, member: str) -> Callable[[], bytes]:
    def read() -> bytes:
        with file.open() as opened, open_zip(opened) as archive, archive.open(member) as content:
            return read_limited(content)

    return read


def open_zip(file: BinaryIO) -> zipfile.ZipFile:
    """Open somebody's own zip.

    Raises
    ------
    ValueError
        If the list of what is in it is longer than any honest one: it is read whole.
    """
    end = zipfile._EndRecData(file)  # as `ZipFile` itself finds it
    if end and end[zipfile._ECD_SIZE] > MAX_DIRECTORY:
        raise ValueError("the zip holds too many files")
    file.seek(0)
    return zipfile.ZipFile(file)


def _read(opener: Callable[[], BinaryIO]) -> bytes:
    with opener() as file:
        return read_limited(file)


def _grade_ids(path: Path) -> set[str]:
    return {cell.grade_id for cell in read_notebook(path.read_bytes()).cells if cell.grade_id}


def _modified(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)


def _store(course: Course, one: HandedIn, read: Callable[[], bytes]) -> bool:
    """Write a submission unless there is one that is as new; return whether it was written."""
    target = course.root / "submitted" / one.student / one.unit
    before = _time_of(target, one.unit)
    if before and (before >= one.time or not one.believed):
        return False
    content = read()
    _keep_replaced(course, one, target, before)
    course.private("submitted")
    target.mkdir(parents=True, exist_ok=True)
    write_whole(target / f"{one.unit}.ipynb", content)
    write_whole(target / TIMESTAMP_NAME, f"{one.time:%Y-%m-%d %H:%M:%S} UTC\n")
    return True


def _keep_replaced(course: Course, one: HandedIn, target: Path, before: datetime | None) -> None:
    if not target.is_dir():
        return
    stem = f"{before:{TIME}}" if before else "without-time"
    kept = course.root / REPLACED / one.student / one.unit / stem
    for number in range(2, 1000):
        if not kept.exists():
            break
        kept = kept.with_name(f"{stem}-{number}")
    shutil.copytree(target, kept, symlinks=True)


def _time_of(target: Path, unit: str) -> datetime | None:
    notebook = target / f"{unit}.ipynb"
    with suppress(OSError, ValueError):  # no timestamp, or none that can be read
        if when := read_time(target / TIMESTAMP_NAME):
            return when
    return _modified(notebook.stat().st_mtime) if notebook.is_file() else None
