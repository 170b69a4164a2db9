"""From source notebook to the notebook that students get: solutions out, checks locked, bytes reproducible."""

import json
import re
import warnings
import zipfile
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, parse_utc

from backprop_autograder.engine.pack import PACK_NAME
from backprop_autograder.judging.answer_key import DEFAULT
from backprop_autograder.judging.matching import DEMONSTRATION, is_demonstration
from backprop_autograder.judging.packing import pack_of

# When it was handed in, and the secret from which the name of its feedback is made.
EXCHANGE_NAMES = TIMESTAMP_NAME, SECRET_NAME = "timestamp.txt", "submission_secret.txt"
MAX_EXCHANGE = 1000  # bytes
ANSWER_STUB = "*Your answer here.*"
SOLUTION = re.compile(
    r"^([ \t]*)[^\n]*BEGIN SOLUTION(?:(?!BEGIN SOLUTION).)*?END SOLUTION[^\n]*$", re.MULTILINE | re.DOTALL
)


def release_form(source: NotebookNode) -> NotebookNode:
    """Return the notebook that students get for a source notebook, with nbgrader's checksums.

    Cells are locked, cleared and signed as nbgrader's own steps do it, which take a second to import; stubs name the
    exercise, and nothing stays that a run leaves behind.

    Raises
    ------
    ValueError
        If a solution would be left in it.
    """
    notebook = nbformat.from_dict(source)
    notebook.metadata = _only(notebook.metadata, "kernelspec", "language_info")
    for cell in notebook.cells:
        _release(cell)
        if re.search("(BEGIN|END) SOLUTION", cell.source):
            raise ValueError(
                f"Cell {cell.id}: a mark of a solution has no partner, or stands in a cell of another kind."
            )
    return notebook


def _release(cell: NotebookNode) -> None:
    """Clear, lock and sign one cell."""
    tags = {"tags": [DEMONSTRATION]} if is_demonstration(cell) else {}
    cell.metadata = _only(cell.metadata, "nbgrader") | tags
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    nbgrader = cell.metadata.get("nbgrader")
    if not nbgrader:
        return
    if nbgrader["solution"]:
        cell.source = _without_solution(cell, nbgrader["grade_id"])
    cell.metadata |= {"deletable": False} | ({} if nbgrader["solution"] else {"editable": False})
    nbgrader |= {"checksum": compute_checksum(cell), "cell_type": cell.cell_type}


def _only(metadata: NotebookNode, *names: str) -> NotebookNode:
    return nbformat.from_dict({name: metadata[name] for name in names if name in metadata})


def _without_solution(cell: NotebookNode, name: str) -> str:
    """Return the text of a cell with a stub in place of its solution, which without marks is all of it."""
    stub = f'raise NotImplementedError("{name}")' if cell.cell_type == "code" else ANSWER_STUB
    source, regions = SOLUTION.subn(lambda found: found[1] + stub, cell.source)
    return source if regions else stub


def data_files(folder: Path) -> dict[str, bytes]:
    """Return what lies beside a unit's notebook (pictures, data; not its pack), by relative path."""
    paths = (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink())
    ignored = re.compile(r"(^|/)(\.|__pycache__)|\.ipynb$|\.pyc$")
    names = ((p, p.relative_to(folder).as_posix()) for p in paths)
    return {name: p.read_bytes() for p, name in names if name != PACK_NAME and not ignored.search(name)}


def exchange_files(submitted: Path) -> dict[str, bytes]:
    """Return what nbgrader's exchange put beside a submission, and needs again to bring its feedback back.

    A time that cannot be read stays behind: nbgrader would stop at it.
    """
    paths = (submitted / name for name in EXCHANGE_NAMES)
    found = {p.name: _beginning(p) for p in paths if p.is_file() and not p.is_symlink()}
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
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{file.relative_to(folder).as_posix()}")
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, file.read_bytes())
