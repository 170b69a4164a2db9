"""The parent of warm workers: imports everything once, then forks a worker for each request.

Started as ``python -I -m backprop_autograder.workers.zygote NUMBER SETTINGS`` with a clean environment by
`backprop_autograder.workers.warm`; NUMBER is that of a socket, SETTINGS are JSON. A request carries a worker's end of
its socket; the answer carries the worker's pidfd. This process has one thread, for a fork copies only one.
"""

import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import random
import select
import signal
import socket
import sys
import tempfile
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from backprop_autograder.workers import guest, linux, sandbox
from backprop_autograder.workers.calls import make_filter
from backprop_autograder.workers.stand_ins import forget, take_away
from backprop_autograder.workers.worker import remove_folder

TICK = 0.5  # seconds between two looks at whether the grader still lives
# What IPython, Matplotlib and the course import only when first used.
LATE = """IPython.core.completerlib IPython.core.debugger IPython.core.logger IPython.core.oinspect
IPython.core.pylabtools
IPython.core.magics.pylab IPython.core.magics.execution IPython.core.magics.ast_mod IPython.utils.module_paths
IPython.utils.wildcard asyncio matplotlib.pyplot matplotlib.backends.backend_agg matplotlib_inline.backend_inline
ipywidgets numpy.testing numpy.random numpy.polynomial stack_data executing asttokens pure_eval pygments.styles.default
pygments.formatters.terminal256 pygments.lexers.python encodings.idna encodings.latin_1 concurrent.futures.thread
pkgutil code pdb pydoc timeit resource faulthandler typing_extensions collections.abc dataclasses functools
itertools heapq statistics fractions decimal unittest.mock backprop_autograder.engine.checking backprop_course"""


def main() -> None:
    """Serve fork requests until the grader hangs up."""
    channel, settings = socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2])
    _silence()
    key = _folder_of("backprop_solutions")
    _preload()
    parent = _Parent()
    policy = sandbox.Policy() if settings["sandbox"] else None
    without = settings["without"]
    own_pids = bool(policy) and "pid namespace" not in without and sandbox.enter_pid_namespace()
    if own_pids:
        parent = _split()
    linux.adopt_orphans()
    layers = _survey(policy, own_pids, without) if policy else {}
    shell = guest.make_shell()
    _assert_single_threaded()
    gc.collect()
    gc.freeze()  # a collection in a worker would copy every page that it touches
    ready = {"layers": layers, "readable": policy.readable if policy else (), "key": key}
    channel.send(json.dumps(ready).encode())
    _Nursery(channel, shell, policy, layers, settings["processor"]).serve(parent)


class _Parent:
    """Tells whether the process that started this one still lives."""

    def __init__(self):
        # Not the kernel's death signal: it is sent when the *thread* ends that started this process.
        self._number = os.getppid()

    @property
    def lives(self) -> bool:
        return os.getppid() == self._number


def _split() -> _Parent:
    """Go on as the first process of a new pid namespace: when it dies, the kernel kills everything in it."""
    grader, child = _Parent(), os.fork()
    if not child:
        linux.die_with_parent()
        return _Parent()
    sys.stdin = None
    os.closerange(3, 1 << 12)  # the grader's socket must close when the child dies
    pidfd = os.pidfd_open(child)
    while grader.lives:
        if select.select([pidfd], [], [], TICK)[0]:
            os.waitpid(child, 0)  # so that whoever waits for this process learns what its workers have used
            break
    os._exit(0)


def _silence() -> None:
    """Keep the grader's terminal from submissions."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _folder_of(package: str) -> str:
    """Return where a package lies, empty if it cannot be imported."""
    spec = PathFinder.find_spec(package)
    return next(iter(spec.submodule_search_locations or ()), "") if spec else ""


def _preload() -> None:
    """Import, and use once, what cells will need."""
    names = LATE.split()
    course = importlib.import_module("backprop_course")
    names += [module.name for module in pkgutil.iter_modules(course.__path__, "backprop_course.")]
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    import matplotlib.pyplot as plt
    import numpy as np

    figure, axes = plt.subplots(figsize=(2, 1))
    axes.semilogy([1, 2])
    axes.set_xlabel("$x$")
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")  # fonts, codecs, tick labels
    plt.close("all")
    np.linalg.inv(np.ones((8, 8)) @ np.ones((8, 8)) + np.eye(8))


def _survey(policy: sandbox.Policy, own_pids: bool, without: list[str]) -> dict[str, str]:
    with contextlib.suppress(ImportError):
        for threads in (False, True):
            make_filter(threads)
    with tempfile.TemporaryDirectory(prefix="backprop-") as folder:
        return sandbox.survey(policy, folder, own_pids, without)


def _assert_single_threaded() -> None:
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise RuntimeError(f"a process with {threads} threads must not fork workers")


class _Nursery:
    """Forks workers, and buries them."""

    def __init__(
        self,
        channel: socket.socket,
        shell: guest.Shell,
        policy: sandbox.Policy | None,
        layers: dict,
        processor: int | None,
    ):
        self._channel, self._shell, self._policy, self._processor = channel, shell, policy, processor
        self._layers = tuple(name for name, obstacle in layers.items() if not obstacle)
        self._workers: dict[int, Path] = {}  # and their folders

    def serve(self, parent: _Parent) -> None:
        while parent.lives:
            if select.select([self._channel], [], [], TICK)[0]:
                message, descriptors, _, _ = socket.recv_fds(self._channel, 1 << 16, 1)
                if not message:
                    break
                self._answer(json.loads(message), descriptors)
            self._bury()
        self._clear_up()

    def _answer(self, request: dict[str, Any], descriptors: list[int]) -> None:
        if not descriptors:  # asked for a burial
            self._bury()
            self._channel.send(b"{}")
            return
        try:
            pidfd = self._fork(request, descriptors[0])
        except OSError as error:
            self._channel.send(json.dumps({"error": str(error)}).encode())
            return
        finally:
            os.close(descriptors[0])
        socket.send_fds(self._channel, [b"{}"], [pidfd])
        os.close(pidfd)

    def _fork(self, request: dict[str, Any], descriptor: int) -> int:
        if "pid namespace" in self._layers:
            linux.enter_own_pid_namespace()
            linux.unshare(linux.NEW_PID)
        take_away(request["unit"])
        child = os.fork()
        if not child:
            try:
                self._be_worker(request, descriptor)
            finally:
                os._exit(1)
        self._workers[child] = Path(request["folder"])
        return os.pidfd_open(child)

    def _be_worker(self, request: dict[str, Any], descriptor: int) -> None:
        linux.die_with_parent()
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # until there is something to interrupt
        channel = socket.socket(fileno=os.dup2(descriptor, 3, inheritable=False))
        os.closerange(4, 1 << 12)
        os.environ.clear()
        os.environ.update(request["environment"])
        tempfile.tempdir = None  # it is looked up once, and was this process's
        folder = request["folder"]
        forget()
        if self._processor is not None:
            with contextlib.suppress(OSError):  # taken away from this machine meanwhile
                os.sched_setaffinity(0, {self._processor})
        if self._policy:
            sandbox.enter(self._layers, self._policy, folder)
        os.chdir(folder)
        import numpy as np

        random.seed()
        np.random.seed()  # noqa: NPY002  students may use it; every worker would draw the same numbers
        guest.serve(channel, self._shell)

    def _bury(self) -> None:
        """Reap the dead, and kill what dead or detached parents left to this process."""
        for _ in range(100):
            with contextlib.suppress(ChildProcessError):
                while dead := os.waitpid(-1, os.WNOHANG)[0]:
                    self._workers.pop(dead, None)
            orphans = _children() - self._workers.keys()
            if not orphans:
                return
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(orphan, signal.SIGKILL)
            select.select([], [], [], 0.001)

    def _clear_up(self) -> None:
        """Remove what a grader that was killed could not."""
        for worker, folder in list(self._workers.items()):
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(worker, signal.SIGKILL)
                os.waitpid(worker, 0)
            remove_folder(folder)


def _children() -> set[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(OSError):
        return set(map(int, path.read_text().split()))
    return set()


if __name__ == "__main__":
    main()
