"""Files that are written whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: str | bytes, *, replace: bool = True, mode: int = 0o600) -> None:
    """Write a file, by default readable by its owner alone: to a neighbour, which then takes the name.

    Raises
    ------
    FileExistsError
        If the file is there and is not to be replaced.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:  # says it of the neighbour, of whom nobody knows
        raise type(error)(error.errno, error.strerror, str(path)) from None
    neighbour = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
        neighbour.chmod(mode)
        if replace:
            neighbour.replace(path)
        else:
            path.hardlink_to(neighbour)
    finally:
        with contextlib.suppress(FileNotFoundError):
            neighbour.unlink()
