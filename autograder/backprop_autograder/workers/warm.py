"""Warm workers: forked in milliseconds from a process that has imported everything, and isolated.

`start_launcher` gives the best launcher that the host can have, and refuses to pretend.
"""

import atexit
import contextlib
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from backprop_autograder.workers.worker import (
    SCRATCH,
    STARTUP,
    ColdLauncher,
    Launcher,
    LaunchError,
    Worker,
    clean_environment,
    look_at,
    remove_folder,
    scratch_folder,
)

log = logging.getLogger(__name__)
DYING = 10.0  # seconds that a killed process may take to go


class NoSandboxError(Exception):
    """Workers cannot be isolated on this host; the message says what is missing and what to do."""


def can_fork() -> bool:
    """Whether this system has what warm workers need."""
    return sys.platform == "linux" and hasattr(os, "fork") and hasattr(os, "pidfd_open")


def start_launcher(sandbox: bool = True, private: Iterable[Path] = (), processor: int | None = None) -> Launcher:
    """Return the best launcher that this host allows.

    Parameters
    ----------
    sandbox : bool
        Whether workers have to be isolated.
    private : iterable of Path
        Folders that workers must not be able to read, such as the course.
    processor : int, optional
        The one that workers run on, so that threads of one submission take nothing from those of others.

    Raises
    ------
    NoSandboxError
        If workers have to be isolated and cannot be.
    """
    if not can_fork():
        if sandbox:
            raise NoSandboxError(
                "Submissions can be isolated on Linux only (or in WSL). Next: grade there, or use --no-sandbox."
            )
        log.warning("This system cannot fork warm workers: each submission starts a Python of its own, slower.")
        return ColdLauncher()
    launcher = WarmLauncher(sandbox=sandbox, processor=processor)
    try:
        launcher.start()
        if sandbox:
            launcher.check_isolation(private)
    except BaseException:
        launcher.close()
        raise
    return launcher


_shared: dict[bool, Launcher] = {}
_sharing = threading.Lock()


def shared_launcher(sandbox: bool = True, private: Iterable[Path] = (), processor: int | None = None) -> Launcher:
    """Return this process's own launcher: started by the first call, closed at exit.

    Takes and raises what `start_launcher` does.
    """
    with _sharing:
        if sandbox not in _shared:
            _shared[sandbox] = start_launcher(sandbox, private, processor)
            atexit.register(_shared[sandbox].close)
        elif sandbox:  # for another course, perhaps
            _shared[sandbox].check_isolation(private)
        return _shared[sandbox]


class _Forked:
    """A forked worker, known by a descriptor: a number could belong to somebody else by now."""

    def __init__(self, pidfd: int, launcher: "WarmLauncher"):
        self._pidfd, self._launcher = pidfd, launcher

    def interrupt(self) -> None:
        self._signal(signal.SIGINT)

    def look(self) -> tuple[bool, float] | None:
        with contextlib.suppress(OSError, ValueError):
            text = Path(f"/proc/self/fdinfo/{self._pidfd}").read_text()
            return look_at(int(text.partition("\nPid:")[2].split()[0]))
        return None

    def kill(self) -> None:
        if self._pidfd < 0:
            return
        self._signal(signal.SIGKILL)
        select.select([self._pidfd], [], [], DYING)
        os.close(self._pidfd)
        self._pidfd = -1
        self._launcher.bury()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, number)


class WarmLauncher:
    """Forks workers from one parent process that has imported everything.

    Parameters
    ----------
    sandbox : bool
        Whether workers are isolated with all the layers that this host allows.
    without : tuple of str
        Layers to do without, so that the others can be tried alone.
    processor : int, optional
        The one that workers run on.

    Attributes
    ----------
    layers : dict
        What stands against each layer of the sandbox; empty text if nothing does.
    readable : tuple of str
        The paths that isolated workers may read.
    """

    def __init__(self, sandbox: bool = True, without: tuple[str, ...] = (), processor: int | None = None):
        self.sandbox, self._without, self._processor = sandbox, without, processor
        self.layers: dict[str, str] = {}
        self.readable: tuple[str, ...] = ()
        self._readable: dict[str, Path] = {}  # where they are, with links followed: asked for each submission
        self._key = ""
        self._lock = threading.RLock()
        self._process: subprocess.Popen | None = None
        self._channel: socket.socket | None = None
        self._owner = 0

    def __enter__(self) -> "WarmLauncher":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def start(self) -> None:
        """Start the parent process, unless it runs.

        Raises
        ------
        LaunchError
        """
        with self._lock:
            if self._owner != os.getpid():
                # After a fork of the grader, the parent process belongs to the other one.
                self._process = self._channel = None
            if self._process is None or self._process.poll() is not None:
                self.close()
                self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings = json.dumps({"sandbox": self.sandbox, "without": self._without, "processor": self._processor})
        command = [sys.executable, "-I", "-m", "backprop_autograder.workers.zygote", str(theirs.fileno()), settings]
        with theirs, tempfile.TemporaryDirectory(prefix="backprop-") as home:
            self._process = subprocess.Popen(
                command,
                cwd="/",
                env=_zygote_environment(Path(home)),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            theirs.close()
            self._channel, self._owner = ours, os.getpid()
            ready, _ = self._receive()
        self.layers, self.readable, self._key = ready["layers"], tuple(ready["readable"]), ready["key"]
        self._readable = {name: Path(name).resolve() for name in self.readable}

    def check_isolation(self, private: Iterable[Path] = ()) -> None:
        """Make sure that files, network and resources are guarded, and that nothing `private` is readable.

        Raises
        ------
        NoSandboxError
        """
        from backprop_autograder.workers.sandbox import lacking

        if missing := lacking(self.layers):
            raise NoSandboxError(
                f"This host cannot isolate submissions: nothing guards {', '.join(missing)}. "
                "Next: backprop doctor says how to change that; --no-sandbox grades without."
            )
        for folder in [*map(Path, filter(None, [self._key])), *private]:
            place = folder.resolve()
            inside = [name for name, readable in self._readable.items() if place.is_relative_to(readable)]
            if inside:
                raise NoSandboxError(
                    f"Submissions could read {folder}, because it lies in {inside[0]}, which Python needs. "
                    "Next: move it elsewhere, or use --no-sandbox."
                )

    def launch(self, files: Mapping[str, bytes], unit: str = "") -> Worker:
        """Start a worker.

        Raises
        ------
        LaunchError
            If none can be started: never the fault of a submission.
        """
        folder = scratch_folder(files)
        try:
            channel, pidfd = self._fork(folder, unit)
        except BaseException:
            remove_folder(folder)
            raise
        counted = self.sandbox and self.layers["root folder"]
        room = SCRATCH + sum(map(len, files.values())) if counted else None
        return Worker(channel, _Forked(pidfd, self), folder, room).ready()

    def _fork(self, folder: Path, unit: str) -> tuple[socket.socket, int]:
        request = {"folder": str(folder), "environment": clean_environment(folder), "unit": unit}
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                answer, descriptors = self._request(json.dumps(request).encode(), theirs.fileno())
            if not descriptors:
                raise LaunchError(f"no worker could be forked ({answer.get('error')})")
        except BaseException:
            ours.close()
            raise
        return ours, descriptors[0]

    def _request(self, message: bytes, descriptor: int) -> tuple[dict, list[int]]:
        """Send a request to the parent process; if that is gone, to a new one."""
        with self._lock:
            for last in (False, True):
                try:
                    self.start()
                    socket.send_fds(self._channel, [message], [descriptor])
                    return self._receive()
                except (OSError, LaunchError) as error:
                    self.close()
                    if last:
                        raise LaunchError(f"the parent of the workers is gone ({error})") from error
        raise AssertionError("unreachable")

    def bury(self) -> None:
        """Have what dead workers left behind killed, where no pid namespace has seen to it."""
        if not self.layers.get("pid namespace", "none"):
            return
        with self._lock, contextlib.suppress(OSError, LaunchError):
            if self._channel is not None and self._owner == os.getpid():
                self._channel.send(b"{}")
                self._receive()

    def _receive(self) -> tuple[dict, list[int]]:
        if not select.select([self._channel], [], [], STARTUP)[0]:
            self.close()
            raise LaunchError("the parent of the workers does not answer")
        message, descriptors, _, _ = socket.recv_fds(self._channel, 1 << 16, 1)
        if not message:
            self.close()
            raise LaunchError("the parent of the workers ended")
        return json.loads(message), descriptors

    def close(self) -> None:
        """End the parent process, and with it every worker."""
        with self._lock:
            channel, process = self._channel, self._process
            self._channel = self._process = None
            if channel is None or self._owner != os.getpid():
                return
            channel.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2.0)
            if process.returncode is None:
                process.kill()
                process.wait()


def _zygote_environment(home: Path) -> dict[str, str]:
    # Matplotlib's list of fonts takes a second to make: the grader's own is used. Where it lies is as Matplotlib says,
    # which would take a while to import here.
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "matplotlib"
    cache = Path(os.environ.get("MPLCONFIGDIR") or cache)
    with contextlib.suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
    return clean_environment(home) | ({"MPLCONFIGDIR": str(cache)} if os.access(cache, os.W_OK) else {})
