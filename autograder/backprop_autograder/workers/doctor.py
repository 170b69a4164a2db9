"""Say what isolates submissions on this host, and prove it by trying to break out."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import create_server

from backprop_autograder.workers.sandbox import NEEDED, lacking
from backprop_autograder.workers.warm import NoSandboxError, WarmLauncher, can_fork
from backprop_autograder.workers.worker import LaunchError, Worker, WorkerLostError

SECONDS = 20.0
_NAMESPACES = (
    "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 (Debian), "
    "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04), or a container that may unshare"
)
ADVICE = {
    "pid namespace": _NAMESPACES,
    "network namespace": _NAMESPACES,
    "ipc namespace": _NAMESPACES,
    "root folder": _NAMESPACES,
    "own user": _NAMESPACES,
    "thread limit": _NAMESPACES,
    "Landlock": "Linux 5.13 or later, with landlock among the modules of the boot option lsm=",
    "seccomp": "pip install pyseccomp, and the system's libseccomp2",
}


@dataclass(frozen=True)
class Proof:
    """One attempt to do what a submission must not do.

    Attributes
    ----------
    what : str
        What was tried.
    held : bool
        Whether it failed, as it should.
    seen : str
        What the worker saw.
    needed : bool
        Whether submissions count as isolated only if it held.
    """

    what: str
    held: bool
    seen: str
    needed: bool = True


@dataclass(frozen=True)
class Diagnosis:
    """What this host gives.

    Attributes
    ----------
    layers : dict
        What stands against each layer; empty text if nothing does.
    proofs : list of Proof
    trouble : str
        Why there are no workers to try, empty if there are.
    """

    layers: dict[str, str]
    proofs: list[Proof]
    trouble: str = ""

    @property
    def isolated(self) -> bool:
        """Whether submissions can be graded here without --no-sandbox."""
        return not self.trouble and not lacking(self.layers) and all(p.held or not p.needed for p in self.proofs)

    def report(self) -> str:
        """Return the findings for a terminal."""
        lines = [f"{'have' if not why else 'miss':<6}{name:<20}{why}".rstrip() for name, why in self.layers.items()]
        advice = dict.fromkeys(ADVICE[name] for name, why in self.layers.items() if why and name in ADVICE)
        for words in advice:
            missing = [name for name, why in self.layers.items() if why and ADVICE.get(name) == words]
            lines.append(f"      To get {', '.join(missing)}: {words}.")
        lines += [f"{'held' if p.held else 'OPEN':<6}{p.what:<42}{p.seen}".rstrip() for p in self.proofs]
        lines += [f"OPEN  nothing guards {w}; what would: {' or '.join(NEEDED[w])}" for w in lacking(self.layers)]
        verdict = "Submissions are isolated." if self.isolated else "Submissions cannot be isolated on this host."
        return "\n".join([*lines, f"{verdict} {self.trouble}".rstrip()])


def probe_layers(private: tuple[Path, ...] = (), without: tuple[str, ...] = ()) -> Diagnosis:
    """Start a sandboxed worker, and let it try what it must not be able to do.

    Parameters
    ----------
    private : tuple of Path
        Folders that have to be out of reach, such as the course.
    without : tuple of str
        Layers to do without, so that the others are tried alone.
    """
    if not can_fork():
        return Diagnosis({}, [], "Isolation needs Linux 5.4 or later (or WSL).")
    launcher = WarmLauncher(sandbox=True, without=without)
    try:
        launcher.start()
        if lacking(launcher.layers):
            return Diagnosis(launcher.layers, [])
        launcher.check_isolation(private)
        return Diagnosis(launcher.layers, _prove(launcher, private))
    except (NoSandboxError, LaunchError) as error:
        return Diagnosis(launcher.layers, [], str(error))
    finally:
        launcher.close()


@dataclass(frozen=True)
class _Attempt:
    what: str
    source: str  # fails if the sandbox holds
    untouched: Callable[[], bool] = lambda: True
    needed: bool = True


def _prove(launcher: WarmLauncher, private: tuple[Path, ...]) -> list[Proof]:
    with ExitStack() as stack:
        attempts = [*_file_attempts(stack, [Path.home(), *private], launcher.readable)]
        attempts += [_network_attempt(stack), _signal_attempt(stack), *_RESOURCES]
        return [_try(launcher, attempt) for attempt in attempts]


def _try(launcher: WarmLauncher, attempt: _Attempt) -> Proof:
    worker = launcher.launch({})
    try:
        seen = _run(worker, attempt.source)
    finally:
        worker.close()
    return Proof(attempt.what, "done" not in seen and attempt.untouched(), seen, attempt.needed)


def _run(worker: Worker, source: str) -> str:
    lines = "\n".join(f"    {line}" for line in source.split("\n"))
    guarded = f"try:\n{lines}\n    print('done')\nexcept BaseException as error:\n    print(type(error).__name__)"
    try:
        outputs = worker.run(guarded, SECONDS)
    except WorkerLostError as lost:
        return str(lost)
    return "".join(output.get("text", "") for output in outputs).strip()


def _file_attempts(stack: ExitStack, private: list[Path], readable: tuple[str, ...]) -> Iterator[_Attempt]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    folder.chmod(0o755)  # nothing but the sandbox keeps others out
    secret, new = folder / "secret.txt", folder / "new.txt"
    secret.write_text("secret")
    yield _Attempt("read a file of the grader", f"open({str(secret)!r}).read()")
    yield _Attempt("write a file beside it", f"open({str(new)!r}, 'w')", lambda: not new.exists())
    for place in dict.fromkeys([folder, *private]):
        # Folders on the way to what is readable may be there, with nothing else in them.
        names = {p.name for p in place.iterdir() if not any(Path(r).is_relative_to(p) for r in readable)}
        source = f"import os\nif not {names!r} & set(os.listdir({str(place)!r})):\n    raise FileNotFoundError"
        yield _Attempt(f"list {place}", source)


def _network_attempt(stack: ExitStack) -> _Attempt:
    listener = stack.enter_context(create_server(("127.0.0.1", 0)))
    listener.setblocking(False)

    def nobody_came() -> bool:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return True
        return False

    source = f"import socket\nsocket.create_connection({listener.getsockname()!r}, 2)"
    return _Attempt("connect to a listener on 127.0.0.1", source, nobody_came)


def _signal_attempt(stack: ExitStack) -> _Attempt:
    sleeper = stack.enter_context(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
    stack.callback(sleeper.kill)
    source = f"import os\nos.kill({sleeper.pid}, 9)"
    return _Attempt("kill a process of the grader", source, lambda: sleeper.poll() is None)


_FORKS = """
import os, time
for k in range(150):
    if not os.fork():
        time.sleep(0.5)
        os._exit(0)
"""
_THREADS = """
import threading, time
threading.stack_size(1 << 16)
for k in range(150):
    threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
"""
_FILES = """
for k in range(10):
    with open(f"file{k}", "wb") as file:
        file.write(bytes(20 << 20))
"""
_RESOURCES = [
    _Attempt("take 8 GB of memory", "b = bytearray(8 << 30)"),
    _Attempt("start 150 processes", _FORKS),
    _Attempt("start 150 threads", _THREADS, needed=False),
    _Attempt("run a program", "import os\nos.execv('/bin/sh', ['sh', '-c', 'true'])", needed=False),
    _Attempt("write 200 MB", _FILES, needed=False),
]
