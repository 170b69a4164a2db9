"""Pictures in written answers: decoded, made small enough to look at, and encoded again as nothing but a picture.

Decoders of pictures have had holes, so this is done by a worker, isolated like one that runs a submission's code.
"""

import inspect
import re
import time
from collections.abc import Callable, Mapping

from nbformat import NotebookNode

from backprop_autograder.engine.data import encode
from backprop_autograder.engine.probe import Question
from backprop_autograder.workers.worker import CellTimeoutError, Launcher, Worker, WorkerLostError

MAX_CONTENT = 12_000_000  # characters of base64 of one picture
MAX_SHOWN = 4_000_000  # of one that is shown
MAX_PICTURES = 60  # of one notebook
MAX_ALL_SHOWN = 40_000_000  # characters of all of them: a small file may be a large picture
SECONDS = 10.0
ALL_SECONDS = 60.0  # on the wall; a photograph takes a third of one
KINDS = {"image/png": "iVBORw0KGgo", "image/jpeg": "/9j/"}  # and how their base64 begins


def show_pictures(
    notebook: NotebookNode, pictures: Mapping[str, Mapping[str, str]], launcher: Callable[[], Launcher]
) -> int:
    """Attach pictures to the cells of a notebook that show them, and return how many could not be shown.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place.
    pictures : dict
        Base64 as it was handed in, by cell and name.
    launcher : callable
        Returns what starts workers.
    """
    cells = {cell.id: cell for cell in notebook.cells}
    wanted = [(cells[cell], name, content) for cell, named in pictures.items() for name, content in named.items()]
    worker: Worker | None = None
    lost = len(wanted[MAX_PICTURES:])
    until, room = time.monotonic() + ALL_SECONDS, MAX_ALL_SHOWN
    for cell, name, content in wanted[:MAX_PICTURES]:
        try:
            worker = worker or launcher().launch({})
            shown = _redrawn(worker, content) if time.monotonic() < until else None
        except (CellTimeoutError, WorkerLostError):
            worker, shown = _close(worker), None
        size = sum(map(len, (shown or {}).values()))
        if shown and size <= room:
            room -= size
            cell.setdefault("attachments", NotebookNode())[name] = NotebookNode(shown)
        else:
            lost += 1
    _close(worker)
    return lost


def _close(worker: Worker | None) -> None:
    if worker:
        worker.close()


def _redrawn(worker: Worker, content: str) -> dict[str, str] | None:
    """Return a picture by its media type, None if it is no picture or too large."""
    if len(content) > MAX_CONTENT:
        return None
    question = Question("get_ipython", encode({"content": content}), probe=inspect.getsource(redraw))
    (outcome,) = worker.ask([question], SECONDS)
    answer = outcome.result if type(outcome.result) in (list, tuple) else ()
    if len(answer) != 2 or not all(type(text) is str for text in answer):
        return None
    kind, drawn = answer
    whole = len(drawn) <= MAX_SHOWN and re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", drawn)
    return {kind: drawn} if whole and kind in KINDS and drawn.startswith(KINDS[kind]) else None


def redraw(_student, content):
    """Return media type and base64 of a picture that was decoded and encoded again: what the worker runs."""
    import base64
    import io

    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(content)), formats=("PNG", "JPEG", "GIF", "WEBP"))
    if image.width * image.height > 24_000_000:
        raise ValueError("too large")
    image.thumbnail((1600, 1600))
    image = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    drawn, photograph = io.BytesIO(), image.mode == "RGB" and len(content) > 400_000
    image.save(drawn, "JPEG" if photograph else "PNG")
    return ["image/jpeg" if photograph else "image/png", base64.b64encode(drawn.getvalue()).decode()]
