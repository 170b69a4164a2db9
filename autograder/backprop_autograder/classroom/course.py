"""A course directory: where nbgrader keeps sources, submissions and grades, and what is configured there."""

import contextlib
import json
import logging
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from backprop_autograder.engine.files import write_whole
from backprop_autograder.engine.text import printable_name, writable
from backprop_autograder.judging.answer_key import load_exercises, slug
from backprop_autograder.judging.reading import digest_of, read_file
from backprop_autograder.judging.settings import Judging

if TYPE_CHECKING:  # nbgrader and nbformat are imported where they are needed: processes that grade start before
    from nbformat import NotebookNode
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    from backprop_autograder.judging.grading import Assignment, Result

log = logging.getLogger(__name__)
PRIVATE = ("submitted", "autograded", "verdicts", "feedback")  # folders of students' work
RECORDED = {"unit", "student", "submission_sha256", "course_version", "notes", "verdicts"}  # what every record holds
CONFIG_NAME = "nbgrader_config.py"
SECRET_NAME = "judge.secret"
SECRET_BYTES = 32
RUBRICS = "rubrics"  # folder of what graders click


class CourseError(Exception):
    """Something that an instructor asked for cannot be done; the message says what to do."""


@dataclass(frozen=True)
class Course:
    """A course directory.

    Attributes
    ----------
    root : Path
        The folder with ``nbgrader_config.py``.
    """

    root: Path

    @cached_property
    def config(self) -> Config:
        """The configuration, with the course's own folder as its root."""
        config = PyFileConfigLoader(CONFIG_NAME, path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        return config

    @cached_property
    def directory(self) -> "CourseDirectory":
        """What nbgrader makes of this folder."""
        from nbgrader.coursedir import CourseDirectory

        return CourseDirectory(config=self.config)

    def units(self, names: tuple[str, ...] = ()) -> list[str]:
        """Return the units called `names`, by slug, number or both; all of them if none are named.

        Raises
        ------
        CourseError
            If there is no such unit.
        """
        units = sorted(p.parent.name for p in self.root.glob("source/*/*.ipynb") if p.stem == p.parent.name)
        wanted = [u for u in units if not names or _names_of(u) & set(names)]
        unknown = [n for n in names if not any(n in _names_of(u) for u in units)]
        if unknown:
            raise CourseError(
                f"There is no unit {', '.join(unknown)}. There are: {', '.join(units) or 'none'}."
                + "".join(map(self._notebooks_elsewhere, unknown))
            )
        return wanted

    def _notebooks_elsewhere(self, name: str) -> str:
        found = sorted(p.name for p in self.source(name).glob("*.ipynb"))
        words = f" source/{name} holds {', '.join(found)}: a unit is one notebook with the name of its folder."
        return words if found else ""

    def of_no_unit(self) -> list[str]:
        """Return a sentence on each folder of sources or submissions that belongs to no unit."""
        units = set(self.units())
        sources = sorted(p.name for p in self.root.glob("source/*") if p.is_dir() and p.name not in units)
        lines = [self._notebooks_elsewhere(name).strip() for name in sources]
        names = sorted({p.name for p in self.root.glob("submitted/*/*") if p.is_dir() and p.name not in units})
        there = f"There are: {', '.join(sorted(units)) or 'none'}."
        lines += [f"submitted/*/{printable_name(name)} is of no unit, and is not graded. {there}" for name in names]
        return [line for line in lines if line]

    def known_unit(self, name: str) -> str:
        """Return the full name of the unit called `name` (``"5"``, ``"softmax_stability"``), or `name` if it is new."""
        return next((unit for unit in self.units() if name in _names_of(unit)), name)

    def source(self, unit: str) -> Path:
        """Return the folder of a unit's sources."""
        return self.root / "source" / unit

    def assignment(self, unit: str) -> "Assignment":
        """Return what is needed to grade a unit."""
        import nbformat

        from backprop_autograder.engine.pack import PACK_NAME
        from backprop_autograder.judging.audit import fingerprints
        from backprop_autograder.judging.grading import Assignment
        from backprop_autograder.judging.packing import pack_of
        from backprop_autograder.judging.release import data_files, release_form

        source = nbformat.read(self.source(unit) / f"{unit}.ipynb", as_version=4)
        pack = pack_of(self.source(unit), self.answer_key)
        files = data_files(self.source(unit)) | {PACK_NAME: pack.encode()}
        known = fingerprints(slug(unit), self.answer_key)
        settings = self.settings
        return Assignment(
            unit,
            nbformat.writes(release_form(source)),
            files,
            secret=self.secret(),
            answer_key=self.answer_key,
            limits=settings.limits,
            sandbox=settings.sandbox,
            private=(str(self.root),),
            fingerprints=known,
            tests=self._plain_tests(unit, source),
        )

    def _plain_tests(self, unit: str, source: "NotebookNode") -> dict[str, str]:
        """Return the test cells of a source notebook that are assertions; all others must be of the answer key."""
        from backprop_autograder.judging.matching import is_test
        from backprop_autograder.judging.plain import asked_of, plain_tests

        known = {(e.name, a.name) for e in load_exercises(unit, self.answer_key).values() for a in e.aspects}
        marked = [cell for cell in source.cells if cell.metadata.get("nbgrader")]
        if any(cell.get("id") != cell.metadata["nbgrader"].get("grade_id") for cell in marked):
            raise CourseError(f"{unit}.ipynb is not in its normal form. Next: backprop sync {unit}")
        asked = {cell.id: asked_of(cell) for cell in filter(is_test, marked)}
        if strange := [name for name, what in asked.items() if what and what not in known]:
            raise CourseError(
                f"{unit}: the answer key {self.answer_key} does not know what is asked in {', '.join(strange)}. "
                f"Next: backprop sync {unit}"
            )
        return plain_tests(source)

    @cached_property
    def settings(self) -> Judging:
        """What is configured about judging."""
        return Judging(config=self.config)

    @property
    def answer_key(self) -> str:
        """Package of the answer key."""
        return self.settings.answer_key

    def secret(self) -> bytes:
        """Return the judge's secret; the first call makes one. Losing it makes a regrade draw other cases.

        Raises
        ------
        CourseError
            If the file does not hold a whole secret: cases could be guessed from a short one.
        """
        path = self.root / SECRET_NAME
        if not path.exists():
            if self.has_verdicts():
                raise CourseError(
                    f"{path} is missing, although there are verdicts. Next: bring it back from a backup; or write a "
                    "new one with openssl rand -hex 32 > judge.secret: a regrade then draws other cases."
                )
            with contextlib.suppress(FileExistsError):  # somebody else's, made at the same time, is as good
                write_whole(path, secrets.token_hex(SECRET_BYTES) + "\n", replace=False)
        text = path.read_text(encoding="ascii", errors="replace").strip()
        if not re.fullmatch(f"[0-9a-f]{{{2 * SECRET_BYTES}}}", text):
            raise CourseError(
                f"{path} does not hold a whole secret. Next: bring it back from a backup; or delete it: the new one "
                "that is made then draws other cases in a regrade."
            )
        return bytes.fromhex(text)

    def has_verdicts(self) -> bool:
        """Whether anything has been graded here."""
        return next((self.root / "verdicts").glob("*/*.json"), None) is not None

    def lost_gradebook(self) -> bool:
        """Whether there are verdicts, and the file of the gradebook is not there, or is empty."""
        return not self.has_gradebook() and self.has_verdicts()

    def private(self, name: str) -> Path:
        """Return a folder of students' work, made if need be, that its owner alone can enter."""
        folder = self.root / name
        folder.mkdir(mode=0o700, exist_ok=True)
        _take_from_others(folder)
        return folder

    def keep_private(self) -> None:
        """Take gradebook, secret and students' work from everybody else, whatever rights they had or were made with."""
        scheme, _, gradebook = self.directory.db_url.partition(":///")
        paths = [self.root / name for name in (*PRIVATE, "judge.secret")]
        for path in [*paths, *([Path(gradebook)] if scheme == "sqlite" else [])]:
            _take_from_others(path)

    @contextlib.contextmanager
    def gradebook_is_private(self) -> Iterator[None]:
        """Let its owner alone read the gradebook, also one that is made meanwhile."""
        try:
            yield
        finally:
            self.keep_private()

    def has_gradebook(self) -> bool:
        """Whether there is a gradebook: a file with something in it, or a database of which only others know."""
        scheme, _, name = self.directory.db_url.partition(":///")
        return scheme != "sqlite" or (Path(name).is_file() and Path(name).stat().st_size > 0)

    def students(self, unit: str) -> Iterator[str]:
        """Yield the ids of students with a submission of `unit`, sorted."""
        for folder in sorted((self.root / "submitted").glob("*")):
            if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
                place = f"submitted/{printable_name(folder.name)}"
                self._warn(f"{place} cannot be opened, and is left out. Next: look at its rights.")
        for folder in sorted((self.root / "submitted").glob(f"*/{unit}")):
            if folder.is_dir() and self._is_trusted(folder):
                yield folder.parent.name

    def _is_trusted(self, folder: Path) -> bool:
        """Whether a submission lies where it says it does, and under a name that can be written down."""
        name, place = folder.parent.name, f"submitted/{printable_name(folder.parent.name)}/{folder.name}"
        if folder.is_symlink() or folder.parent.is_symlink():
            self._warn(f"{place} is a link, and is left out. Next: put the submission itself there.")
        elif name != printable_name(name) or name.startswith("."):
            self._warn(f"{place} is named as no student can be, and is left out. Next: rename the folder.")
        else:
            return True
        return False

    def _warn(self, words: str) -> None:
        """Write a line to the log, once."""
        if words not in self.left_out:
            self.left_out.append(words)
            log.warning(words)

    @cached_property
    def left_out(self) -> list[str]:
        """What lies in ``submitted/`` and is nobody's submission, in sentences, as far as somebody has looked."""
        return []

    def submission(self, unit: str, student: str) -> bytes | None:
        """Return the submitted notebook; the only one there is, if it was renamed. None if there is none."""
        folder = self.root / "submitted" / student / unit
        if not self._is_trusted(folder):
            return None
        notebooks = [p for p in sorted(folder.glob("*.ipynb")) if p.is_file() and not self._is_link(p)]
        named = [p for p in notebooks if p.name == f"{unit}.ipynb"]
        chosen = named or (notebooks if len(notebooks) == 1 else [])
        try:
            return read_file(chosen[0]) if chosen else None
        except OSError as error:
            words = "%s, %s: the notebook cannot be opened (%s). It is graded as missing."
            log.warning(words, student, unit, printable_name(error))
            return None

    def _is_link(self, path: Path) -> bool:
        """Whether a submitted file is another one under a second name: the instructor's solution, perhaps."""
        if not path.is_symlink() and not any(path.samefile(own) for own in self.root.glob("source/*/*.ipynb")):
            return False
        place = f"submitted/{path.parent.parent.name}/{path.parent.name}/{printable_name(path.name)}"
        self._warn(f"{place} is a link, and is not read. Next: put the submission itself there.")
        return True

    def time_of(self, unit: str, student: str) -> datetime | None:
        """Return when a submission was handed in, in UTC without a zone; None if nobody wrote it down.

        Raises
        ------
        ValueError
            If what was written down is no time.
        """
        from backprop_autograder.judging.release import TIMESTAMP_NAME, read_time

        return read_time(self.root / "submitted" / student / unit / TIMESTAMP_NAME)

    def is_graded(self, unit: str, student: str) -> bool:
        """Whether there is a verdict on this student's unit."""
        return self.verdict_path(unit, student).exists()

    def graded(self, unit: str) -> list[str]:
        """Return the students with a submission of `unit` and a verdict on it."""
        return [student for student in self.students(unit) if self.is_graded(unit, student)]

    def is_up_to_date(self, unit: str, student: str) -> bool:
        """Whether there is a verdict on what is handed in now; one on a notebook that is gone since stays."""
        content = self.submission(unit, student)
        if content is None and self.is_graded(unit, student) and self._was_read(unit, student):
            place = f"submitted/{printable_name(student)}/{unit}"
            self._warn(
                f"{place} has lost its notebook, and keeps its verdict. Next: bring it back, or grade with --force."
            )
            return True
        return self.has_verdict_on(unit, student, digest_of(content))

    def _was_read(self, unit: str, student: str) -> bool:
        """Whether a verdict is on a notebook, not on a lack of one."""
        record = self.sound_record(unit, student)
        return bool(record and record["submission_sha256"])

    def has_verdict_on(self, unit: str, student: str, digest: str) -> bool:
        """Whether there is a verdict on this very file; the record is written last, so there is everything else.

        One that is broken is none: the submission is graded again.
        """
        record = self.sound_record(unit, student)
        return record is not None and record["submission_sha256"] == digest and not record.get("fault")

    def verdict_path(self, unit: str, student: str) -> Path:
        """Return where the audit record of a graded submission lies."""
        return self.root / "verdicts" / student / f"{unit}.json"

    def keep_record(self, result: "Result") -> None:
        """Write the audit record of a graded submission."""
        path = self.private("verdicts") / result.student / f"{result.unit}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        log_path = self.fault_path(result.unit, result.student)
        if result.fault:
            words = "%s, %s: a bug of ours stopped at it. Next: report what %s says."
            log.error(words, printable_name(result.student), result.unit, log_path)
            write_whole(log_path, writable(result.fault))
        else:
            log_path.unlink(missing_ok=True)
        write_whole(path, result.record())

    def fault_path(self, unit: str, student: str) -> Path:
        """Return where the traceback lies of a bug of ours that stopped at a submission."""
        return self.verdict_path(unit, student).with_suffix(".traceback.txt")

    def faults(self, unit: str) -> list[str]:
        """Return the students at whose submissions a bug of ours stopped, or of whom it left no verdict."""
        return [student for student in self.students(unit) if self.fault_path(unit, student).exists()]

    def record(self, unit: str, student: str) -> dict[str, Any] | None:
        """Return the audit record of a graded submission, None if there is none.

        Raises
        ------
        CourseError
            If the file is broken.
        """
        path = self.verdict_path(unit, student)
        if not path.exists():
            return None
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) or not set(record) >= RECORDED:
            raise CourseError(f"{path} is broken. Next: backprop grade {unit}.")
        return record

    def sound_record(self, unit: str, student: str) -> dict[str, Any] | None:
        """Return the audit record; a broken one is as good as none, for then the submission is graded again."""
        with contextlib.suppress(CourseError):
            return self.record(unit, student)
        return None

    def nbgrader(self) -> "NbGraderAPI":
        """Return nbgrader's Python API for this course."""
        from nbgrader.apps.api import NbGraderAPI

        make_alembic_findable()
        return NbGraderAPI(self.directory, config=self.config)

    def release(self, unit: str) -> Path:
        """Let nbgrader generate a unit's release, and return its folder.

        Raises
        ------
        CourseError
            If nbgrader could not.
        """
        from backprop_autograder.classroom.gradebook import make_gradebook

        self.assignment(unit)  # nbgrader would begin before it finds what does not fit
        self._check_writable(self.root, self.root / "release", self.root / "release" / unit)
        make_gradebook(self)
        with _kept(self.root / "release" / unit), self.gradebook_is_private():
            _succeed(self.nbgrader().generate_assignment(unit, force=True), f"release {unit}")
        return self.root / "release" / unit

    def _check_writable(self, *folders: Path) -> None:
        if locked := [str(folder) for folder in folders if folder.is_dir() and not os.access(folder, os.W_OK)]:
            raise CourseError(f"{locked[0]} cannot be written into. Next: look at its rights: ls -ld {locked[0]}")

    def generate_feedback(self, unit: str, student: str | None = None) -> None:
        """Let nbgrader write the feedback of one student or all.

        Raises
        ------
        CourseError
            If nbgrader could not.
        """
        who = {"student_id": student} if student else {}
        _succeed(self.nbgrader().generate_feedback(unit, force=True, **who), f"write feedback on {unit}")

    def autograded(self, unit: str, student: str) -> Path:
        """Return nbgrader's folder of a graded submission."""
        return self.root / "autograded" / student / unit


def _take_from_others(path: Path) -> None:
    """Leave a file or folder to its owner; to its group too, where that may write: graders who share it on purpose."""
    with contextlib.suppress(OSError):  # not there, or another grader's
        mode = stat.S_IMODE(path.stat().st_mode)
        kept = mode & ~(0o007 if mode & stat.S_IWGRP else 0o077)
        if kept != mode and not path.is_symlink():
            path.chmod(kept)


@contextlib.contextmanager
def _kept(folder: Path) -> Iterator[None]:
    """Put a folder back as it was if what follows fails: nbgrader removes it first."""
    with tempfile.TemporaryDirectory(dir=folder.parent.parent, prefix=".release-") as safe:
        if folder.is_dir():
            shutil.copytree(folder, Path(safe) / folder.name)
        try:
            yield
        except BaseException:
            if (Path(safe) / folder.name).is_dir():
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(Path(safe) / folder.name, folder, dirs_exist_ok=True)
            raise


def _names_of(unit: str) -> set[str]:
    number = unit.split("_")[0]
    return {unit, slug(unit), number, number.lstrip("0") or "0"}


def _succeed(answer: dict, what: str) -> None:
    if not answer["success"]:
        if (answer.get("error") or "").rstrip().endswith("KeyboardInterrupt"):  # nbgrader catches even that
            raise KeyboardInterrupt
        raise CourseError(f"nbgrader could not {what}:\n{answer.get('error') or answer.get('log')}")


def write_private(path: Path, text: str) -> None:
    """Write a file about students, readable by its owner alone.

    Raises
    ------
    CourseError
        If that cannot be done.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe, or a terminal
            path.write_text(text, encoding="utf-8")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path.resolve(), text)  # a link, such as /dev/stdout, stays one
    except OSError as error:
        raise CourseError(f"{path} cannot be written ({error.strerror}). Next: name another file.") from None


def make_alembic_findable() -> None:
    """Put this environment's programs on PATH: nbgrader calls alembic by name, also when nothing is activated."""
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join((folder, os.environ["PATH"]))
