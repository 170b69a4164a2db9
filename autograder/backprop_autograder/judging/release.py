"""From source notebook to the notebook that students get: solutions out, checks locked, bytes reproducible."""

import json
import re
import warnings
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_grade, is_locked, is_solution, is_task, parse_utc

from backprop_autograder.engine.files import write_whole
from backprop_autograder.engine.pack import PACK_NAME
from backprop_autograder.judging.answer_key import DEFAULT
from backprop_autograder.judging.matching import DEMONSTRATION, is_demonstration
from backprop_autograder.judging.packing import pack_of
from backprop_autograder.judging.plain import ReleaseError

# When it was handed in, and the secret from which the name of its feedback is made.
EXCHANGE_NAMES = TIMESTAMP_NAME, SECRET_NAME = "timestamp.txt", "submission_secret.txt"
MAX_EXCHANGE = 1000  # bytes
ANSWER_STUB = "*Your answer here.*"
NEXT = "Next: look at the lines with ### in the source notebook."


def _with_methods(source: str, name: str) -> str:
    """Return a class whose stubs name the method that they stand in."""
    lines, method = source.split("\n"), ""
    for k, line in enumerate(lines):
        if found := re.match(r" +def (\w+)", line):
            method = found[1]
        lines[k] = line.replace(f'NotImplementedError("{name}")', f'NotImplementedError("{name}.{method}")')
    return "\n".join(lines)


def release_form(source: NotebookNode) -> NotebookNode:
    """Return the notebook that students get for a source notebook, with nbgrader's checksums.

    Cells are cleared, locked and signed as nbgrader's preprocessors do it, which take a second to import.

    Raises
    ------
    ReleaseError
        If the marks of solutions, hidden tests and mark schemes do not fit.
    """
    notebook = nbformat.from_dict(source)
    clear_run(notebook)
    for cell in notebook.cells:
        clear_solution(cell)
        _replace_region(cell, "HIDDEN TESTS", is_grade(cell))
        _replace_region(cell, "MARK SCHEME", is_task(cell))
        if is_grade(cell) or is_solution(cell) or is_locked(cell):
            cell.metadata |= {"deletable": False} | ({} if is_solution(cell) else {"editable": False})
            cell.metadata.nbgrader |= {"checksum": compute_checksum(cell), "cell_type": cell.cell_type}
    return notebook


def clear_run(notebook: NotebookNode) -> None:
    """Remove outputs, widget state and everything else that a run leaves behind."""
    notebook.metadata = _only(notebook.metadata, "kernelspec", "language_info")
    for cell in notebook.cells:
        tags = {"tags": [DEMONSTRATION]} if is_demonstration(cell) else {}
        cell.metadata = _only(cell.metadata, "nbgrader", "deletable", "editable") | tags
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _only(metadata: NotebookNode, *names: str) -> NotebookNode:
    return nbformat.from_dict({name: metadata[name] for name in names if name in metadata})


def clear_solution(cell: NotebookNode) -> None:
    """Put a stub in place of a solution, which without marks is all of its cell; it names the exercise or method."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    stub = f'raise NotImplementedError("{name}")' if cell.cell_type == "code" else ANSWER_STUB
    if not _replace_region(cell, "SOLUTION", is_solution(cell), stub) and is_solution(cell):
        cell.source = stub
    if f"class {name}" in cell.source:
        cell.source = _with_methods(cell.source, name)


def _replace_region(cell: NotebookNode, kind: str, allowed: bool, stub: str | None = None) -> bool:
    """Take what stands between two marks out of a cell, or put a stub there; return whether there was any."""
    lines, inside, found = [], False, False
    for line in cell.source.split("\n"):
        if f"BEGIN {kind}" in line:
            if inside or not allowed:
                where = "in another region of that kind" if inside else "in a cell that is not made for it"
                raise ReleaseError(f"{cell.id}: a line BEGIN {kind} stands {where}. {NEXT}")
            lines += [] if stub is None else [line[: len(line) - len(line.lstrip())] + stub]
            inside = found = True
        elif f"END {kind}" in line:
            inside = False
        elif not inside:
            lines.append(line)
        elif kind == "MARK SCHEME" and re.search(r"!\[.*\]\(attachment:", line):
            raise ReleaseError(f"{cell.id}: students could read an attachment in a MARK SCHEME. Next: link to a file.")
    if inside:
        raise ReleaseError(f"{cell.id}: a line BEGIN {kind} has no END {kind} below it. {NEXT}")
    cell.source = "\n".join(lines)
    return found


def data_files(folder: Path) -> dict[str, bytes]:
    """Return what lies beside a unit's notebook (pictures, data; not its pack), by relative path."""
    paths = (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink())
    ignored = re.compile(r"(^|/)(\.|__pycache__)|\.ipynb$|\.pyc$")
    names = ((p, p.relative_to(folder).as_posix()) for p in paths)
    return {name: p.read_bytes() for p, name in names if name != PACK_NAME and not ignored.search(name)}


def exchange_files(submitted: Path) -> dict[str, bytes]:
    """Return what nbgrader's exchange put beside a submission, and needs again to bring its feedback back.

    A time or secret that cannot be read stays behind: nbgrader would stop at it.
    """
    paths = (submitted / name for name in EXCHANGE_NAMES)
    found = {p.name: _beginning(p) for p in paths if p.is_file() and not p.is_symlink()}
    if not found.get(SECRET_NAME, b"").isascii():
        del found[SECRET_NAME]
    try:
        read_time(submitted / TIMESTAMP_NAME)
    except ValueError:
        del found[TIMESTAMP_NAME]
    return found


def read_time(path: Path) -> datetime | None:
    """Return the time in a ``timestamp.txt``, None if there is no such file or nothing in it.

    Raises
    ------
    ValueError
        If it holds something else.
    """
    if not path.is_file() or path.is_symlink():
        return None
    text = _beginning(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about zones that dateutil does not know
            encoding = json.detect_encoding(text)
            words = text.decode(encoding).strip("\0\ufeff \r\n\t")
            return parse_utc(words) if words else None
    except Exception:  # dateutil has many ways not to understand
        raise ValueError(
            f"{path.name} holds no time ({text[:40]!r}). Next: write it as 2026-01-31 12:00:00 UTC."
        ) from None


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_EXCHANGE)


def release_files(folder: Path, key: str = DEFAULT) -> dict[str, bytes]:
    """Return the files that students of a unit get, by relative path: the same bytes each time.

    Parameters
    ----------
    folder : Path
        The unit's sources: ``source/01_chain_rule``.
    key : str
        Package of the answer key.
    """
    unit = folder.name
    source = nbformat.read(folder / f"{unit}.ipynb", as_version=4)
    notebook = nbformat.writes(release_form(source)) + "\n"
    pack = pack_of(folder, key)
    return data_files(folder) | {f"{unit}.ipynb": notebook.encode(), PACK_NAME: pack.encode()}


def write_zip(folder: Path, path: Path) -> None:
    """Zip `folder` without times or owners: the same files give the same bytes."""
    with zipfile.ZipFile(whole := BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            add_to_zip(archive, f"{folder.name}/{file.relative_to(folder).as_posix()}", file.read_bytes())
    write_whole(path, whole.getvalue(), mode=0o644)


def add_to_zip(archive: zipfile.ZipFile, name: str, content: bytes, *, executable: bool = False) -> None:
    """Add a file without a time or an owner."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (0o755 if executable else 0o644) << 16
    archive.writestr(entry, content)
