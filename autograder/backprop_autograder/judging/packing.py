"""Build a unit's pack when something about it has changed, and only then: hundreds of wrong programs meet its cases."""

import contextlib
import json
from importlib import import_module
from pathlib import Path

from backprop_autograder import engine
from backprop_autograder.engine.files import write_whole
from backprop_autograder.engine.pack import PACK_NAME, build_pack
from backprop_autograder.judging.answer_key import DEFAULT, load_exercises, slug
from backprop_autograder.judging.audit import fingerprints, short_hash


def pack_of(folder: Path, key: str = DEFAULT) -> str:
    """Return the text of the pack of the unit in `folder`: the one that lies there, unless it is outdated.

    Parameters
    ----------
    folder : Path
        The unit's sources: ``source/01_chain_rule``. A new pack is kept there.
    key : str
        Package of the answer key.
    """
    path, unit = folder / PACK_NAME, slug(folder.name)
    made_from = _made_from(unit, key)
    with contextlib.suppress(OSError, ValueError):
        text = path.read_text(encoding="utf-8")
        if json.loads(text).get("made_from") == made_from:
            return text
    text = build_pack(unit, load_exercises(unit, key).values(), made_from)
    with contextlib.suppress(OSError):  # of a course that cannot be written
        write_whole(path, text, mode=0o644)
    return text


def _made_from(unit: str, key: str) -> str:
    """Return a short text that changes with the engine, the unit's references, and how they are judged."""
    if not load_exercises(unit, key):
        return ""
    packages = (Path(engine.__file__), Path(import_module(f"{key}.exercises.{unit}").__file__))
    files = [path for package in packages for path in sorted(package.parent.glob("*.py"))]
    files.append(Path(import_module(f"{key}.{unit}").__file__))
    return short_hash([*(short_hash(path.read_bytes()) for path in files), fingerprints(unit, key)])
