"""The inside of a process that grades: its workers start first, for they take the longest.

Nothing of nbgrader's gradebook is imported here: that would take every process a second to start.
"""

import contextlib
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from backprop_autograder import quick  # noqa: F401  before what it makes quick
from backprop_autograder.workers.warm import shared_launcher

if TYPE_CHECKING:
    from backprop_autograder.judging.grading import Assignment, Result

_assignments: dict[str, "Assignment"] = {}


def start(sandbox: bool, private: tuple[str, ...], processor: int | None) -> None:
    """Start the parent of the workers, and import what grades meanwhile."""
    # Ctrl-C reaches every process of a terminal: what it ends is for the one process to say that the terminal started.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_launch, args=(sandbox, private, processor)).start()
    from backprop_autograder.judging import grading  # noqa: F401


def _launch(sandbox: bool, private: tuple[str, ...], processor: int | None) -> None:
    with contextlib.suppress(Exception):  # `ready` tries again, and says why not
        ready(sandbox, private, processor)


def ready(sandbox: bool, private: tuple[str, ...], processor: int | None) -> None:
    """Return when workers can be started.

    Raises
    ------
    NoSandboxError
    """
    shared_launcher(sandbox, map(Path, private), processor)


def grade(unit: str, assignment: "Assignment | None", student: str, submission: bytes | None) -> "Result":
    """Grade a submission of a unit, whose assignment is given the first time."""
    from backprop_autograder.judging import grading

    if assignment is not None:
        _assignments[unit] = assignment
    return grading.grade(_assignments[unit], student, submission)
