"""nbgrader's exchange, where other accounts write: what is no submission of whoever owns it is not collected."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect as NbgraderCollect

from backprop_autograder.engine.text import printable_name

if sys.platform == "win32":
    pwd = None
else:
    import pwd

MAX_FILES = 10_000  # of one submission
ROOT, FIRST = 0, 1000  # who may hand in for others; the first account that is a person's


class ExchangeCollect(NbgraderCollect):
    """Collects what students own, as ``nbgrader collect`` does, and follows no link.

    A link would be copied as what it points to, with the rights of whoever collects: the instructor's own solution.
    """

    def _sort_by_timestamp(self, records):
        """Return the newest first, and what is refused last: an earlier submission counts in its place."""
        newest_first = super()._sort_by_timestamp(records)
        return sorted(newest_first, key=lambda record: bool(self._why_refused(record)))

    def copy_files(self):
        """Copy what can be trusted, and say of the rest why not."""
        refused = {record["filename"]: why for record in self.src_records if (why := self._why_refused(record))}
        for name, why in refused.items():
            self.log.error("%s is not collected: %s.", printable_name(name), why)
        self.src_records = [record for record in self.src_records if record["filename"] not in refused]
        super().copy_files()

    def _why_refused(self, record) -> str:
        folder = Path(self.inbound_path) / record["filename"]
        return self._why_not_theirs(folder, record["username"]) or why_refused(folder)

    def _why_not_theirs(self, folder: Path, student: str) -> str:
        """Return why a folder is not whose it says, where students have accounts; nbgrader warns, and collects it."""
        if not (self.check_owner and pwd):
            return ""
        try:
            account, owner = pwd.getpwnam(student).pw_uid, folder.lstat().st_uid
        except (KeyError, OSError):  # no such account: containers that are all one user's, perhaps
            return ""
        theirs = owner in (account, ROOT) or account < FIRST
        return "" if theirs else f"it belongs to another account than {printable_name(student)}'s"


def why_refused(folder: Path) -> str:
    """Return why a folder in the exchange is nobody's submission, as a clause; empty if it may be one."""
    try:
        owner = folder.lstat().st_uid
        for number, path in enumerate(_all_in(folder)):
            status = path.lstat()
            name = printable_name(path.relative_to(folder.parent))
            if number == MAX_FILES:
                return f"it holds more than {MAX_FILES:,} files"
            if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
                return f"{name} is a link, or no file at all"
            if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
                return f"{name} is a file with a second name elsewhere"
            if status.st_uid != owner:
                return f"{name} belongs to somebody else than the submission"
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    return ""


def _all_in(folder: Path) -> Iterator[Path]:
    yield folder
    for parent, folders, files in os.walk(folder, onerror=_raise):
        yield from (Path(parent, name) for name in (*folders, *files))


def _raise(error: OSError) -> None:
    raise error
