"""Read a notebook that somebody handed in, whatever has become of its file on the way.

One reader for `backprop submit`, the button to hand in, the judge and nbgrader: what one of them can read, all can.
Only the standard library is needed: it runs in students' notebooks too.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

MAX_BYTES = 50 << 20  # of a notebook without its outputs
MAX_READ = 2 << 30  # with them
MAX_SOURCE = 200_000  # characters of one cell, without its pictures
MAX_PICTURES = 20  # of one cell
AS_IT_IS = 8 << 20  # bytes; what is larger is read without its outputs
CHUNK = 1 << 20
MAX_ITEMS = 1 << 20  # brackets, texts and commas; an empty list of two bytes takes sixty in memory
FEW_BYTES = 1 << 20  # files below that are not counted through
CONFLICT = re.compile(r"^(<{7}|>{7}) ?\S*", re.MULTILINE)
IMAGE = r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+"
INLINE = re.compile(rf"<img\b[^<>]*?\bsrc\s*=\s*[\"']?({IMAGE})[^<>]*>|({IMAGE})", re.IGNORECASE)
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{}]', re.DOTALL)
_BETWEEN_BRACKETS = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_ITEM = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{\[,]', re.DOTALL)
_DROPPED = (b'"outputs"', b'"widgets"')


class ReadError(ValueError):
    """A file is no notebook; the message says what it is instead."""


@dataclass(frozen=True)
class Cell:
    """What is read of a cell.

    Attributes
    ----------
    kind : str
        ``"code"``, ``"markdown"``, ``"raw"``, or whatever the file says.
    source, id, grade_id : str
    pictures : dict
        Base64 of the pictures that the source shows as ``attachment:NAME``, by name; not looked into.
    """

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    pictures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Notebook:
    """What is read of a notebook.

    Attributes
    ----------
    cells : list of Cell
    python : str
        Version of the Python that it was written with, as far as it says.
    notes : list of str
        What was unusual about the file, in words.
    """

    cells: list[Cell]
    python: str = ""
    notes: list[str] = field(default_factory=list)


def read_notebook(content: bytes | None) -> Notebook:
    """Read a notebook of any format from 2 to 4.

    Raises
    ------
    ReadError
        If it is none.
    """
    if content is None:
        raise ReadError("there is no notebook")
    if len(content) > MAX_BYTES:
        raise ReadError(f"the file is larger than {MAX_BYTES >> 20} MB")
    if not _fits(content):
        content = bytes(_without_outputs(content, io.BytesIO()))
        if not _fits(content):
            raise ReadError(f"the file holds more than {MAX_ITEMS:,} items")
    text, notes = _text(content), []
    try:
        data, end = json.JSONDecoder(strict=False).raw_decode(text)
        cells = _cells(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ReadError(_what_else(content, text)) from None
    if text[end:].strip():
        notes.append("what stood in the file behind the notebook's end was not read")
    read = [_cell(cell) for cell in cells if type(cell) is dict]
    if any(len(cell.source) == MAX_SOURCE for cell in read):
        notes.append(f"a cell was cut off after {MAX_SOURCE:,} characters")
    return Notebook(read, _python(data), notes)


def digest_of(submission: bytes | None) -> str:
    """Return the SHA-256 of a submitted file, empty if there is none."""
    return hashlib.sha256(submission).hexdigest() if submission is not None else ""


def _fits(content: bytes) -> bool:
    """Whether what JSON makes of a file is not many times its size."""
    return len(content) < FEW_BYTES or next(islice(_ITEM.finditer(content), MAX_ITEMS, None), None) is None


def read_file(path: Path) -> bytes:
    """Return the bytes of a notebook; of a large one, without its outputs; of one that is larger still, the beginning.

    Raises
    ------
    OSError
    """
    try:
        with path.open("rb") as file:
            return read_limited(file)
    except ReadError:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)  # enough to show that it is too much


def read_limited(file: BinaryIO) -> bytes:
    """Return the bytes of a notebook; of a large one, without its outputs, which need not fit into memory.

    Raises
    ------
    ReadError
        If too much is left.
    """
    head = file.read(AS_IT_IS + 1)
    return head if len(head) <= AS_IT_IS else bytes(_without_outputs(head, file))


def _without_outputs(buffer: bytes, file: BinaryIO) -> bytearray:
    kept, skipped, unfinished, size, total = bytearray(), 0, False, CHUNK, len(buffer)
    while True:
        if not (skipped and unfinished) or buffer.find(b'"', 1) > 0:
            done, skipped, unfinished = _copy(buffer, kept, skipped)
            buffer = buffer[done:]
        if skipped and unfinished:  # a string of an output: it may be longer than memory
            backslashes = len(buffer) - len(buffer.rstrip(b"\\"))
            buffer = b'"' + b"\\" * (backslashes % 2)  # one that is left escapes what follows
        if len(kept) + len(buffer) > MAX_BYTES:
            raise ReadError(f"the notebook is larger than {MAX_BYTES >> 20} MB without its outputs")
        size = size * 2 if len(buffer) > size else CHUNK  # so that a long string is not looked through many times
        more = file.read(size)
        total += len(more)
        if total > MAX_READ:
            raise ReadError(f"the file is larger than {MAX_READ >> 30} GB")
        if not more:
            return kept if skipped else kept + buffer
        buffer += more


def _copy(buffer: bytes, kept: bytearray, skipped: int) -> tuple[int, int, bool]:
    """Copy tokens from `buffer` to `kept`, but for outputs.

    Returns
    -------
    done : int
        How much of the buffer is dealt with.
    skipped : int
        How many brackets of an output are open.
    unfinished : bool
        Whether what follows is a string without its end.
    """
    done = copied = 0
    unfinished, key = False, -1  # where a key begins whose value is dropped
    while True:
        if skipped:
            done = _BETWEEN_BRACKETS.match(buffer, done).end()
        if not (token := _TOKEN.search(buffer, done)):
            break
        start, end = token.span()
        first = buffer[start]
        if first == 0x22:
            if end == start + 1:
                unfinished, done = True, start if skipped else done
                break
            key = start if not skipped and buffer[start:end] in _DROPPED else -1
        elif first in b"[{":
            if skipped:
                skipped += 1
            elif key >= 0 and buffer[done:start].strip() == b":":
                kept += buffer[copied:start] + (b"[]" if first == 0x5B else b"{}")
                skipped = 1
            key = -1
        elif skipped:
            skipped -= 1
            copied = end if not skipped else copied
        done = end
    if key >= 0:  # its value has not come yet
        done = key
    if not skipped:
        kept += buffer[copied:done]
    return done, skipped, unfinished


def _text(content: bytes) -> str:
    encoding = json.detect_encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # Old editors of Windows; where it is something else, the JSON around the words is still JSON.
        text = content.decode("cp1252" if encoding.startswith("utf-8") else encoding, "replace")
    return text.strip("\0\ufeff \t\r\n")


def _what_else(content: bytes, text: str) -> str:
    if CONFLICT.search(text):
        return "the file holds the marks of a merge conflict (<<<<<<<), of which one side has to be chosen"
    if not text:
        return "the file is empty"
    if content.startswith(b"PK"):
        return "the file is a zip, not a notebook"
    if text.startswith("<"):
        return "the file is a web page, not a notebook"
    return "the file is not a notebook"


def _cells(data: dict) -> list:
    if "cells" not in data and "worksheets" in data:  # formats 2 and 3
        return [cell for sheet in data["worksheets"] for cell in sheet["cells"]]
    cells = data["cells"]
    if type(cells) is not list or (cells and not any(type(cell) is dict for cell in cells)):
        raise TypeError("no list of cells")
    return cells


def _python(data: dict) -> str:
    try:
        version = data["metadata"]["language_info"]["version"]
    except (KeyError, TypeError):
        return ""
    return version if type(version) is str and re.fullmatch(r"3(\.\d{1,3}){1,2}\w{0,9}", version) else ""


def _cell(cell: dict) -> Cell:
    source = _joined(cell.get("source", cell.get("input")))
    # Lone surrogates cannot be written to a file.
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    kind, pictures = cell.get("cell_type"), {}
    if kind == "heading":
        kind, source = "markdown", f"# {source}"
    if kind != "code":
        source, pictures = _pictures(source, cell.get("attachments"))
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if type(metadata) is dict else None
    grade_id = nbgrader.get("grade_id") if type(nbgrader) is dict else None
    names = (value if type(value) is str else "" for value in (cell.get("id"), grade_id))
    return Cell(kind if type(kind) is str else "", source[:MAX_SOURCE], *names, pictures)


def _joined(source: Any) -> str:
    if type(source) is list:
        return "".join(line for line in source if type(line) is str)
    return source if type(source) is str else ""


def _pictures(source: str, attachments: Any) -> tuple[str, dict[str, str]]:
    """Return the text with pictures by name, and the pictures: attached ones, and those written into the text."""
    pictures: dict[str, str] = {}
    for name, content in _attached(attachments):
        spelled = next((s for s in (name, quote(name)) if f"attachment:{s}" in source), None)
        if spelled is not None and len(pictures) < MAX_PICTURES:
            own = f"picture-{len(pictures) + 1}"
            source, pictures[own] = source.replace(f"attachment:{spelled}", f"attachment:{own}"), content

    def take_out(match: re.Match) -> str:
        if len(pictures) == MAX_PICTURES:
            return "(one picture too many)"
        own = f"picture-{len(pictures) + 1}"
        pictures[own] = (match[1] or match[2]).partition(",")[2]
        return f"![](attachment:{own})" if match[1] else f"attachment:{own}"

    return INLINE.sub(take_out, source), pictures


def _attached(attachments: Any) -> Iterator[tuple[str, str]]:
    items = attachments.items() if type(attachments) is dict else ()
    # The longest names first: one may be the beginning of another.
    for name, kinds in sorted(items, key=lambda item: -len(item[0])):
        for kind, content in kinds.items() if type(kinds) is dict else ():
            if kind.startswith("image/") and (joined := _joined(content)):
                yield name, joined
                break
