"""From source notebook to the notebook that students get: solutions out, checks locked, bytes reproducible."""

import json
import re
import warnings
import zipfile
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from nbgrader.utils import parse_utc

from backprop_autograder.engine.pack import PACK_NAME
from backprop_autograder.judging.answer_key import DEFAULT
from backprop_autograder.judging.matching import DEMONSTRATION, is_demonstration
from backprop_autograder.judging.packing import pack_of
from backprop_autograder.judging.plain import ReleaseError

# When it was handed in, and the secret from which the name of its feedback is made.
EXCHANGE_NAMES = TIMESTAMP_NAME, SECRET_NAME = "timestamp.txt", "submission_secret.txt"
MAX_EXCHANGE = 1000  # bytes
ANSWER_STUB = "*Your answer here.*"


class NamedStubs(ClearSolutions):
    """Replaces solutions by a ``NotImplementedError`` that names the exercise, and in a class the method."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Clear one cell."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        self.code_stub = {"python": f'raise NotImplementedError("{name}")'}
        self.text_stub = ANSWER_STUB
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if f"class {name}" in cell.source:
            cell.source = _with_methods(cell.source, name)
        return cell, resources


def _with_methods(source: str, name: str) -> str:
    """Return a class whose stubs name the method that they stand in."""
    lines, method = source.split("\n"), ""
    for k, line in enumerate(lines):
        if found := re.match(r" +def (\w+)", line):
            method = found[1]
        lines[k] = line.replace(f'NotImplementedError("{name}")', f'NotImplementedError("{name}.{method}")')
    return "\n".join(lines)


class StripWidgets(ClearOutput):
    """Removes widget state and everything else in a notebook's metadata that a run leaves behind."""

    def preprocess(self, nb, resources):
        """Clear one notebook."""
        nb.metadata = nbformat.from_dict(
            {k: nb.metadata[k] for k in ("kernelspec", "language_info") if k in nb.metadata}
        )
        for cell in nb.cells:
            kept = {k: cell.metadata[k] for k in ("nbgrader", "deletable", "editable") if k in cell.metadata}
            kept |= {"tags": [DEMONSTRATION]} if is_demonstration(cell) else {}
            cell.metadata = nbformat.from_dict(kept)
        return super().preprocess(nb, resources)


RELEASE_STEPS = (LockCells, NamedStubs, StripWidgets, ClearHiddenTests, ClearMarkScheme, ComputeChecksums)


def release_form(source: NotebookNode) -> NotebookNode:
    """Return the notebook that students get for a source notebook, with nbgrader's checksums.

    Raises
    ------
    ReleaseError
        If the marks of solutions, hidden tests and mark schemes do not fit.
    """
    notebook, resources = nbformat.from_dict(source), {}
    for step in RELEASE_STEPS:
        try:
            notebook, resources = step().preprocess(notebook, resources)
        except RuntimeError as error:
            raise ReleaseError(f"{error} Next: look at the lines with ### in the source notebook.") from None
    return notebook


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
            add_to_zip(archive, f"{folder.name}/{file.relative_to(folder).as_posix()}", file.read_bytes())


def add_to_zip(archive: zipfile.ZipFile, name: str, content: bytes, *, executable: bool = False) -> None:
    """Add a file without a time or an owner."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (0o755 if executable else 0o644) << 16
    archive.writestr(entry, content)
