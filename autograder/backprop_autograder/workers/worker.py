"""The outside of a worker: start one, let it run cells and answer questions, and never trust a word of it.

`Launcher` is the one narrow interface behind which a worker starts; what isolates it is decided there.
"""

import contextlib
import os
import re
import secrets
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from backprop_autograder.engine.text import writable
from backprop_autograder.workers.wire import WireError, WireTimeoutError, receive, send

if TYPE_CHECKING:  # NumPy is imported where it is needed: workers start before
    from backprop_autograder.engine.probe import Outcome, Question
    from backprop_autograder.workers.kept import KeptFunctions

GRACE = 2.0  # seconds that interrupted code has to stop
TICK = 0.1  # seconds between two looks at what a worker is doing
GONE = {"error": ["RuntimeError", "this function was given for one call only"]}
PATIENCE = 20  # seconds on the wall, at most, for each that a worker may use
STARTUP = 60.0
# Kinds of output that are kept: none of them can carry a script.
SAFE_KINDS = ("text/plain", "text/latex", "image/png", "image/jpeg")
SCRATCH = 64 << 20  # bytes of a worker's files, beside those that it is given
BLOCK = 4096  # bytes
MAX_SHOWN = 1 << 20  # characters of a cell's outputs
MAX_OUTPUTS = 1000
MAX_NAME, MAX_MESSAGE = 200, 2000  # characters of an exception's
PICTURES = {  # what a browser may be given to draw, and how its base64 begins
    "image/png": re.compile(r"iVBORw0KGgo[A-Za-z0-9+/\s]*={0,2}\s*"),
    "image/jpeg": re.compile(r"/9j/[A-Za-z0-9+/\s]*={0,2}\s*"),
}


class WorkerLostError(Exception):
    """The worker died, or had to be killed; the message says why, in a student's words.

    Attributes
    ----------
    killed : bool
        Whether the grader killed it, for what it did or left undone. Otherwise it may have died of anything.
    """

    def __init__(self, message: str, *, killed: bool = False):
        super().__init__(message)
        self.killed = killed


class LaunchError(Exception):
    """No worker could be started. Never the fault of a submission."""


class CellTimeoutError(Exception):
    """The code ran too long and was interrupted; the worker lives on."""


class Process(Protocol):
    """What is needed of the process behind a worker."""

    def interrupt(self) -> None:
        """Ask the running code to stop (SIGINT)."""

    def look(self) -> tuple[bool, float] | None:
        """Return whether it runs or would like to, and its processor time in seconds; None if nobody can tell."""

    def kill(self) -> None:
        """End the process and all that it started, and wait until it is gone."""


class Launcher(Protocol):
    """Starts workers."""

    def launch(self, files: Mapping[str, bytes], unit: str = "") -> "Worker":
        """Start a worker for a unit in an empty folder that holds `files`; `LaunchError` if that cannot be done."""

    def close(self) -> None:
        """Let go of what the launcher holds."""


class Worker:
    """A process that runs a submission's cells, seen through a socket.

    Parameters
    ----------
    channel : socket.socket
    process : Process
    folder : Path
        The worker's own folder; removed with it.
    room : int, optional
        Bytes that it may put there, where no file system of its own limits them.

    Attributes
    ----------
    used : float
        Seconds that its code took: waiting for a processor that others use does not count, sleeping does.
    """

    def __init__(self, channel: socket.socket, process: Process, folder: Path, room: int | None = None):
        self._channel, self._process, self._folder, self._room = channel, process, folder, room
        self.used = 0.0

    def run(self, source: str, seconds: float, *, only_definitions: bool = False) -> list[dict]:
        """Run a cell, or only the definitions in it, and return its outputs, reduced to what is safe to show.

        Raises
        ------
        CellTimeoutError, WorkerLostError
        """
        request = {"define" if only_definitions else "run": source}
        return safe_outputs(self._request(request, seconds).get("outputs"))

    def ask(self, questions: Sequence["Question"], seconds: float, counted: Collection[int] = ()) -> list["Outcome"]:
        """Let the submission answer questions, one after the other: all of a test at once, for each journey costs.

        Functions among the arguments of the questions at the places `counted` stay here, and are called from there.

        Raises
        ------
        CellTimeoutError, WorkerLostError
        """
        from backprop_autograder.workers.kept import KeptFunctions

        kept = KeptFunctions()
        for place, question in enumerate(questions):
            kept.add(question, keep=place in counted)
        request = {"ask": [question.to_json() for question in kept.questions]}
        outcomes = self._request(request, seconds, kept).get("outcomes")
        answers = outcomes if type(outcomes) is list else []
        answers = (answers + [None] * len(questions))[: len(questions)]
        return kept.counted([_outcome(answer, q) for answer, q in zip(answers, questions, strict=True)])

    def _request(self, request: dict, seconds: float, kept: "KeptFunctions | None" = None) -> dict[str, Any]:
        # A reply must repeat an unforeseeable id: replies sent ahead of the question do not count.
        request["id"] = secrets.token_hex(8)
        clock = _Clock(self._process)
        try:
            send(self._channel, request, seconds + GRACE)
            reply, interrupted = self._await(request["id"], seconds, clock, kept)
        except WireTimeoutError:
            self.close()
            message = f"it ran longer than {seconds:.0f} s and could not be interrupted"
            raise WorkerLostError(message, killed=True) from None
        except WireError as error:
            self.close()
            raise WorkerLostError(f"the Python process ended ({error})", killed=not error.gone) from None
        finally:
            self.used += clock.tick(answered=True)
        if interrupted or reply.get("interrupted"):
            raise CellTimeoutError(f"it ran longer than {seconds:.0f} s")
        return reply

    def _await(
        self, number: str, seconds: float, clock: "_Clock", kept: "KeptFunctions | None"
    ) -> tuple[dict[str, Any], bool]:
        """Return the reply with this number, and whether the code had to be interrupted; answer calls until then."""
        interrupted = False
        while True:
            came = select.select([self._channel], [], [], TICK)[0]
            if clock.due:  # also where other messages come without end
                self._check_room()
                if clock.tick() > seconds:
                    if interrupted:
                        raise WireTimeoutError("no answer in time")
                    self._process.interrupt()
                    interrupted, seconds = True, clock.used + GRACE
            reply = receive(self._channel, max(seconds - clock.used, GRACE)) if came else None
            if type(reply) is not dict or reply.get("id") != number:
                continue
            if "call" not in reply:
                self._check_room()
                return reply, interrupted
            answer = kept.call(reply["call"], reply.get("arguments")) if kept else GONE
            send(self._channel, answer, GRACE)

    def _check_room(self) -> None:
        if self._room is not None and holds_more(self._folder, self._room):
            raise WireError(f"its files took more than {self._room >> 20} MB")

    def ready(self) -> "Worker":
        """Return this worker once it answers.

        Raises
        ------
        LaunchError
            If it does not: it has not run any code of a submission yet.
        """
        try:
            self.run("", STARTUP)
        except (WorkerLostError, CellTimeoutError) as error:
            self.close()
            raise LaunchError(f"a new worker does not answer: {error}") from None
        return self

    def close(self) -> None:
        """Kill the worker and remove its folder."""
        self._process.kill()
        self._channel.close()
        remove_folder(self._folder)


class _Clock:
    """How long a process works on a request. While others keep it from a processor, its time stands still."""

    def __init__(self, process: Process):
        self._process, self.used = process, 0.0
        self._then, self._look = time.monotonic(), None  # most requests are over before it is worth a look

    @property
    def due(self) -> bool:
        """Whether it is time for another look."""
        return time.monotonic() - self._then >= TICK

    def tick(self, *, answered: bool = False) -> float:
        """Look at the process and return the seconds used; once it has `answered`, it sleeps and need not."""
        now = time.monotonic()
        passed, before = now - self._then, self._look
        look = None if answered and before is None else self._process.look()
        if look and before and (look[0] or answered):
            passed = min(passed, max(look[1] - before[1], passed / PATIENCE))
        self.used += passed
        self._then, self._look = now, look or before
        return self.used


def look_at(pid: int) -> tuple[bool, float] | None:
    """Return whether a process runs or would like to, and its processor time in seconds; None if nobody can tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return fields[0] == b"R", (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def _outcome(data: Any, question: "Question") -> "Outcome":
    """Return what happened; whether arguments were changed is seen from the arguments themselves."""
    from backprop_autograder.engine.data import DataError, decode
    from backprop_autograder.engine.probe import Outcome, mutated

    try:
        after = data.pop("after", None) if type(data) is dict else None
        if type(after) is not dict:
            raise DataError("malformed outcome")
        outcome = Outcome.from_json(data)
        return replace(outcome, mutated=mutated(question, {name: decode(value) for name, value in after.items()}))
    except DataError as error:
        return Outcome(error=("DataError",), message=str(error))


def holds_more(folder: Path, room: int) -> bool:
    """Whether there is more than so many bytes in a folder; each file and folder takes a block at least."""
    left = [str(folder)]
    while left:
        try:
            with os.scandir(path := left.pop()) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    room -= max(512 * status.st_blocks, BLOCK)
                    if room < 0:
                        return True
                    left += [entry.path] * stat.S_ISDIR(status.st_mode)
        except FileNotFoundError:
            continue
        except OSError:  # one that can be filled unseen: modes are given once, with the folder
            if not _is_locked(path):
                return True
    return False


def _is_locked(folder: str) -> bool:
    try:
        return os.lstat(folder).st_mode & 0o300 != 0o300
    except OSError:
        return False


def remove_folder(folder: Path) -> None:
    """Remove a scratch folder, however deep, and whatever the modes of its folders."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and sys.platform != "win32":
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, str(folder)], check=False, stderr=subprocess.DEVNULL)


def safe_outputs(outputs: Any) -> list[dict]:
    """Return the outputs that are safe to show, as many as there is room for."""
    kept, room = [], MAX_SHOWN
    for output in (outputs if type(outputs) is list else [])[:MAX_OUTPUTS]:
        safe = safe_output(output)
        room -= _size(safe) if safe else 0
        if room < 0:
            break
        if safe:
            kept.append(safe)
    return kept


def _size(output: dict) -> int:
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    return sum(map(len, [*texts, *output.get("data", {}).values()]))


def safe_output(output: Any) -> dict | None:
    """Return an output reduced to known keys of known types, or None if nothing is left of it."""
    if type(output) is not dict:
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": _text(output.get("text"))}
    if kind == "error":
        lines = output.get("traceback")
        lines = [_text(line) for line in lines] if type(lines) is list else []
        ename, evalue = _text(output.get("ename"))[:MAX_NAME], _text(output.get("evalue"))[:MAX_MESSAGE]
        return {"output_type": kind, "ename": ename, "evalue": evalue, "traceback": lines}
    data = output.get("data")
    if kind in ("display_data", "execute_result") and type(data) is dict:
        kept = {k: _text(data[k]) for k in SAFE_KINDS if type(data.get(k)) is str and _is_what_it_says(k, data[k])}
        counted = {"execution_count": None} if kind == "execute_result" else {}
        return {"output_type": kind, "data": kept, "metadata": {}, **counted} if kept else None
    return None


def _is_what_it_says(kind: str, content: str) -> bool:
    return kind not in PICTURES or bool(PICTURES[kind].fullmatch(content))


def _text(value: Any) -> str:
    return writable(value) if type(value) is str else ""


class _Subprocess:
    """A worker's process and its group."""

    def __init__(self, process: subprocess.Popen):
        self._process = process

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def look(self) -> tuple[bool, float] | None:
        return look_at(self._process.pid)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class ColdLauncher:
    """Starts an ordinary Python for each worker: everywhere available, about a second each, no isolation."""

    def launch(self, files: Mapping[str, bytes], unit: str = "") -> Worker:
        """Start a worker."""
        folder = scratch_folder(files)
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-I", "-m", "backprop_autograder.workers.guest", str(theirs.fileno()), unit]
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(folder),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        return Worker(ours, _Subprocess(process), folder).ready()

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def scratch_folder(files: Mapping[str, bytes]) -> Path:
    """Return a new private folder that holds `files`."""
    folder = Path(tempfile.mkdtemp(prefix="backprop-"))
    write_files(folder, files)
    return folder


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below `folder`, by relative path."""
    paths = {folder / name: content for name, content in files.items()}
    for parent in {path.parent for path in paths}:
        parent.mkdir(parents=True, exist_ok=True)
    for path, content in paths.items():
        path.write_bytes(content)


def clean_environment(folder: Path) -> dict[str, str]:
    """Return the environment of a worker: an allow-list, everything else stays with the grader."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    homes = dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR"), str(folder))
    threads["MALLOC_ARENA_MAX"] = "2"  # those of its own would reserve 64 MB for each thread
    return kept | threads | homes | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
