"""Ctrl-C, where it has to wait."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait until what is begun is whole; programs that are started meanwhile are deaf to it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    met = []
    resource_tracker.ensure_running()  # started with the first process, it would take the mask away
    # The mask is for the programs, which inherit it. Here another thread may take the signal: hence the handler.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    in_charge = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, lambda *_: met.append(True)) if in_charge else None
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if in_charge:
            signal.signal(signal.SIGINT, handler)
    if met:
        raise KeyboardInterrupt
