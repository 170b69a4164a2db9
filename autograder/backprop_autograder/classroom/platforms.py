"""How learning platforms name what they let instructors download: each from a written-down description.

A platform says who handed in, and perhaps when. What stands behind that in a name is the student's own.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

NUMBER = r"\d{1,12}"
# "All submissions are downloaded as smithjohn_1003_778899_essay.docx: name, the number of the person, the number of
# the file; LATE stands before the numbers if it came after the due date" (Canvas, Download Submissions).
CANVAS = re.compile(rf"(?P<name>[^\W\d_][^\W_]*)_(?P<late>LATE_)?(?P<number>{NUMBER})_{NUMBER}_(?P<rest>.+)")
# "Full name_participant number_assignsubmission_file_name.ext", or a folder of that name without the last part
# (Moodle, Download all submissions; "Download submissions in folders").
MOODLE = re.compile(rf"(?P<name>[^/]+?)_{NUMBER}_assignsubmission_(?:file|onlinetext)(?:_?/|_)(?P<rest>.+)")
# "Assignment_username_attempt_2026-01-31-12-00-00_name.ext"; without the name it is a text with the person's comment
# (Blackboard, Assignment File Download).
BLACKBOARD = re.compile(
    r"(?:[^/]*?_)?(?P<login>[^/_]+)_attempt_(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<rest>.+)|\.txt)"
)
# "Lastname_Firstname_login_number/20260131120000_name.ext" (ILIAS, Download All Submissions).
ILIAS = re.compile(rf"(?P<name>[^/]+)_(?P<login>[^/_]+)_{NUMBER}/(?:(?P<time>\d{{14}})_)?(?P<rest>.+)")
# "12345-67890 - First Last - Jan 31, 2026 1200 PM - name.ext", or a folder of that name (Brightspace, Download All).
BRIGHTSPACE = re.compile(
    rf"(?P<number>{NUMBER})-{NUMBER} ?- (?P<name>[^/]+?) ?- ?(?P<time>[A-Z][a-z]{{2}} \d\d?, \d{{4}} \d{{3,4}} [AP]M)"
    r"(?:/| ?- ?)(?P<rest>.+)"
)
PLATFORMS = {
    "Moodle": (MOODLE, ""),
    "Blackboard": (BLACKBOARD, "%Y-%m-%d-%H-%M-%S"),
    "Brightspace": (BRIGHTSPACE, "%b %d, %Y %I%M %p"),
    "ILIAS": (ILIAS, "%Y%m%d%H%M%S"),
    "Canvas": (CANVAS, ""),
}


@dataclass(frozen=True)
class Told:
    """What a platform tells of a file.

    Attributes
    ----------
    platform : str
    rest : str
        The name that the student gave it; empty if the file is the platform's own.
    above : tuple of str
        Folders above what the platform named.
    name, login, number : str
        Of the person, as far as the platform tells.
    time : datetime or None
        In UTC without a zone.
    late : bool
        Whether the platform marks it as late.
    """

    platform: str
    rest: str
    above: tuple[str, ...] = ()
    name: str = ""
    login: str = ""
    number: str = ""
    time: datetime | None = None
    late: bool = False


def told_by_platform(path: str) -> Told | None:
    """Return what a platform tells of a file by its path below the folder or in the zip; None if none named it.

    Parameters
    ----------
    path : str
        Relative, with slashes.
    """
    parts = path.split("/")
    for start in range(len(parts)):
        below, above = "/".join(parts[start:]), tuple(parts[:start])
        found = filter(None, (_told(platform, below, above) for platform in PLATFORMS))
        # A student may call a file as another platform would: that begins further behind.
        if told := max(found, key=lambda told: len(told.rest), default=None):
            return told
    return None


def _told(platform: str, path: str, above: tuple[str, ...]) -> Told | None:
    pattern, form = PLATFORMS[platform]
    if not (match := pattern.fullmatch(path)):
        return None
    found = match.groupdict("")
    text = found.get("time", "")
    try:
        time = _utc(text, form) if text else None
    except ValueError:
        return None
    who = {key: found.get(key, "") for key in ("name", "login", "number")}
    return Told(platform, found["rest"], above, **who, time=time, late=bool(found.get("late")))


def _utc(text: str, form: str) -> datetime:
    """Read a platform's time: it is that of its own clock, which is taken to be this machine's."""
    hours = re.sub(r"\b(\d{3}) ([AP]M)$", r"0\1 \2", text)
    return datetime.strptime(hours, form).astimezone(UTC).replace(tzinfo=None)
