"""Stop a computation that goes on for too long, on every platform, in a kernel as in a plain interpreter."""

import contextlib
import ctypes
import threading

AGAIN = 0.5  # seconds between attempts: what is thrown into a program may be caught there


class TooLong(BaseException):
    """The program went on for too long. Not an `Exception`, so that few catch it."""


class time_limit:  # noqa: N801
    """Raise `TooLong` in this thread if the block is not left in so many seconds; None is no limit.

    Python notices between two of its own instructions: a single call into compiled code is waited for.
    """

    def __init__(self, seconds: float | None):
        self._seconds, self._thread = seconds, threading.get_ident()
        self._left, self._lock, self.thrown = threading.Event(), threading.Lock(), False

    def __enter__(self):
        if self._seconds is not None:
            threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        wait = self._seconds
        while not self._left.wait(wait):
            with self._lock:
                if not self._left.is_set():
                    self.thrown, wait = True, AGAIN
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(TooLong))

    def __exit__(self, *error):
        while self._seconds is not None and not self._left.is_set():
            with contextlib.suppress(TooLong), self._lock:  # it may arrive just here
                self._left.set()
        if self.thrown:
            with contextlib.suppress(TooLong):
                for _ in range(1000):  # what was thrown and has not arrived does so in a loop
                    pass
