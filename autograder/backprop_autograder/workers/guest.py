"""The inside of a worker: an IPython shell that runs a student's cells and answers questions.

Everything here shares a process with code of strangers and may be patched, forged or killed by it.
Nothing it says is a verdict: it returns outputs to show, and outcomes for the judge to compare.
"""

import os
import signal
import socket
import sys
from importlib.machinery import PathFinder
from io import TextIOBase
from pathlib import Path
from types import FrameType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from backprop_autograder.engine.probe import Question, answer
from backprop_autograder.workers.wire import WireError, receive, send

MAX_OUTPUT = 256 << 10  # characters kept of one cell's output


class Outputs:
    """The outputs of one cell, up to a limit."""

    def __init__(self):
        self.items: list[dict] = []
        self.room = MAX_OUTPUT

    def add(self, output: dict, size: int) -> None:
        """Keep `output` if there is room for it."""
        if size <= self.room:
            self.room -= size
            self.items.append(output)

    def write(self, name: str, text: str) -> None:
        """Keep as much of `text` as there is room for, in one stream output per name."""
        kept = text[: self.room]
        self.room -= len(kept)
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += kept
        elif kept:
            self.items.append({"output_type": "stream", "name": name, "text": kept})


class Stream(TextIOBase):
    """A standard stream that writes to the outputs of the running cell."""

    def __init__(self, shell: "Shell", name: str):
        self._shell, self._name = shell, name

    def write(self, text: str) -> int:
        """Write `text`."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._shell.outputs.write(self._name, text)
        return len(text)

    def writable(self) -> bool:
        """Whether this can be written to: it can."""
        return True


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs):
        if not update:
            data = {kind: value for kind, value in data.items() if isinstance(value, str)}
            output = {"output_type": "display_data", "data": data, "metadata": {}}
            self.shell.outputs.add(output, sum(map(len, data.values())))


class _DisplayHook(DisplayHook):
    def start_displayhook(self):
        pass

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        data = {kind: value for kind, value in format_dict.items() if isinstance(value, str)}
        output = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}
        self.shell.outputs.add(output, sum(map(len, data.values())))

    def finish_displayhook(self):
        pass


class Shell(InteractiveShell):
    """IPython without terminal or kernel: what a cell shows is collected."""

    def __init__(self, **kwargs):
        self.outputs = Outputs()
        super().__init__(display_pub_class=_Publisher, displayhook_class=_DisplayHook, **kwargs)

    def init_history(self):
        """Keep no history: there is no one to recall it, and no file to keep it in."""
        from IPython.core.history import HistoryManager

        self.history_manager = HistoryManager(shell=self, parent=self, enabled=False)

    def enable_gui(self, gui=None):
        """Do nothing: there is no window to draw in (``%matplotlib inline`` asks)."""

    def _showtraceback(self, etype, evalue, stb):
        error = {
            "output_type": "error",
            "ename": getattr(etype, "__name__", "Error"),
            "evalue": str(evalue)[:2000],
            "traceback": [line[:4000] for line in stb[-40:]],
        }
        self.outputs.add(error, sum(map(len, error["traceback"])))

    def run(self, source: str) -> list[dict]:
        """Run one cell and return its outputs."""
        self.outputs = Outputs()
        stdout, stderr = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = Stream(self, "stdout"), Stream(self, "stderr")
        try:
            self.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = stdout, stderr
        return self.outputs.items


class _Interrupt:
    """Turns SIGINT into KeyboardInterrupt, but only while code of the submission runs."""

    def __init__(self):
        self.running = False
        signal.signal(signal.SIGINT, self._handle)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.running:
            raise KeyboardInterrupt

    def __enter__(self):
        self.running = True

    def __exit__(self, *_):
        self.running = False


def make_shell() -> Shell:
    """Return a fresh shell, with the answer key out of reach of ``import``."""
    sys.path[:] = [folder for folder in sys.path if PathFinder.find_spec("backprop_solutions", [folder]) is None]
    sys.path.insert(0, "")  # the notebook's own folder, as in Jupyter
    return Shell.instance()


def serve(channel: socket.socket, shell: Shell) -> None:
    """Answer requests until the grader hangs up.

    Requests are ``{"id", "run": source}`` and ``{"id", "ask": questions}``. Replies repeat the id.
    """
    interrupt = _Interrupt()
    while True:
        try:
            request = receive(channel)
        except WireError:
            return
        reply: dict[str, Any] = {"id": request["id"]}
        try:
            with interrupt:
                reply |= _handle(request, shell)
        except KeyboardInterrupt:
            reply["interrupted"] = True
        send(channel, reply)


def _handle(request: dict, shell: Shell) -> dict:
    if "run" in request:
        return {"outputs": shell.run(request["run"])}
    questions = map(Question.from_json, request["ask"])
    stdout, stderr = sys.stdout, sys.stderr
    shell.outputs = Outputs()
    sys.stdout, sys.stderr = Stream(shell, "stdout"), Stream(shell, "stderr")
    try:
        return {"outcomes": [answer(question, shell.user_ns).to_json() for question in questions]}
    finally:
        sys.stdout, sys.stderr = stdout, stderr


def main() -> None:
    """Serve the socket whose number is the only argument."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # the grader's terminal is not for submissions
        os.dup2(null, descriptor)
    os.close(null)
    import matplotlib.pyplot  # noqa: F401  imported here, so that it is not charged to the first cell

    serve(channel, make_shell())


if __name__ == "__main__":
    sys.path[:] = [folder for folder in sys.path if Path(folder or ".").resolve() != Path.cwd()]
    main()
