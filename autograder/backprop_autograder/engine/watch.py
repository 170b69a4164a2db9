"""Stop a computation that goes on for too long, on every platform, in a kernel as in a plain interpreter."""

import contextlib
import ctypes
import os
import threading
import time

AGAIN = 0.5  # seconds between attempts: what is thrown into a program may be caught there
GLANCE = 0.05  # seconds between two looks at the clock


class TooLong(BaseException):
    """The program went on for too long. Not an `Exception`, so that few catch it."""


class time_limit:  # noqa: N801
    """Raise `TooLong` in this thread if the block is not left in so many seconds; None is no limit.

    Python notices between two of its own instructions: a single call into compiled code is waited for.
    """

    def __init__(self, seconds: float | None):
        self._seconds, self._thread = seconds, threading.get_ident()
        self._left, self._lock, self.thrown = False, threading.Lock(), False

    def __enter__(self):
        if self._seconds is not None:
            self._due = time.monotonic() + self._seconds
            WATCHER.watch(self)

    def look(self, now: float) -> bool:
        """Throw, if it is time to; return whether that is over."""
        with self._lock:
            if not self._left and now >= self._due:
                self.thrown, self._due = True, now + AGAIN
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(TooLong))
            return self._left

    def __exit__(self, *error):
        while self._seconds is not None and not self._left:
            with contextlib.suppress(TooLong), self._lock:  # it may arrive just here
                self._left = True
        if self.thrown:
            with contextlib.suppress(TooLong):
                for _ in range(1000):  # what was thrown and has not arrived does so in a loop
                    pass


class Watcher:
    """Looks at the clock for all limits of a process: a thread for each would take longer than most programs do."""

    def __init__(self):
        self._begin()
        if hasattr(os, "register_at_fork"):  # threads do not survive it
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._limits: list[time_limit] = []
        self._some = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, limit: time_limit) -> None:
        """Look after a limit until it is left."""
        self._limits.append(limit)
        self._some.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while self._some.wait():
            self._some.clear()
            while limits := self._limits[:]:
                now = time.monotonic()
                for limit in limits:
                    if limit.look(now):
                        self._limits.remove(limit)
                time.sleep(GLANCE)


WATCHER = Watcher()
