"""One way to make text that a submission chose harmless: for a terminal, a log, a page."""

import re

# Everything but line breaks and tabs that is not shown, that a terminal obeys, that turns the direction of what
# follows, or that cannot be written to a file.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
ON_ONE_LINE = re.compile(r"[\t\n]")
MAX_NAME = 200


def without_unprintable(text: str) -> str:
    """Return `text` with a mark in place of every character that is not shown; lines and tabs stay."""
    return UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n"))


def printable_name(text: object, limit: int = MAX_NAME) -> str:
    """Return a name or a short message (of a file, a student, an exception) on one line, and not too long."""
    line = ON_ONE_LINE.sub(" ", without_unprintable(str(text)))
    return line if len(line) <= limit else f"{line[:limit]}…"


def writable(text: str) -> str:
    """Return `text` without lone surrogates, which cannot be written to a file."""
    return text.encode("utf-8", "replace").decode("utf-8")
