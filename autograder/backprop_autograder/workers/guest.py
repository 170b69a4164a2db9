"""The inside of a worker: an IPython shell that runs a student's cells and answers questions.

Everything here shares a process with code of strangers and may be patched, forged or killed by it.
Nothing it says is a verdict: it returns outputs to show, and outcomes for the judge to compare.
"""

import ast
import builtins
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from io import TextIOBase
from pathlib import Path
from types import FrameType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList

import backprop_autograder
from backprop_autograder.engine import checking
from backprop_autograder.engine.data import decode, encode, encode_exactly, without_functions
from backprop_autograder.engine.probe import Question, observe
from backprop_autograder.workers.stand_ins import forget, take_away
from backprop_autograder.workers.wire import WireError, receive, send

MAX_OUTPUT = 256 << 10  # characters kept of one cell's output
# Magics that install, run programs, or move elsewhere: what they would do has no place here.
LEFT_OUT = {
    "pip",
    "conda",
    "mamba",
    "micromamba",
    "uv",
    "cd",
    "pushd",
    "popd",
    "store",
    "sx",
    "system",
    "rerun",
    "gui",
    "load_ext",
    "reload_ext",
}
PROGRAMS = {
    "bash",
    "sh",
    "script",
    "system",
    "sx",
    "!",
    "cmd",
    "perl",
    "ruby",
    "python",
    "python2",
    "python3",
    "pypy",
    "shell",
    "writefile",
    "file",
}
# What still runs of a cell after a line that failed: none of it does anything but give names their meaning.
MEANINGS = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


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
            "ename": getattr(etype, "__name__", "Error")[:200],
            "evalue": str(evalue)[:2000],
            "traceback": [line[:4000] for line in stb[-40:]],
        }
        self.outputs.add(error, sum(map(len, error["traceback"])))

    def run(self, source: str, *, only_definitions: bool = False) -> list[dict]:
        """Run one cell and return its outputs; or run of it only what gives names their meaning."""
        self.outputs = Outputs()
        stdout, stderr = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = Stream(self, "stdout"), Stream(self, "stderr")
        try:
            if only_definitions:
                self._define(source, 0)
            else:
                self._run_whole(source)
        finally:
            sys.stdout, sys.stderr = stdout, stderr
        return self.outputs.items

    def _run_whole(self, source: str) -> None:
        error = self.run_cell(source, store_history=True).error_in_exec
        if error is not None:
            line = self._line_of(error)
            if line and self._define(source, line):
                print(f"Line {line} stopped this cell; the functions below it were defined all the same.")

    def _line_of(self, error: BaseException) -> int:
        """Return the line of the cell in which it stopped, 0 if that cannot be told."""
        trace = error.__traceback__
        while trace and not (trace.tb_frame.f_globals is self.user_ns and trace.tb_frame.f_code.co_name == "<module>"):
            trace = trace.tb_next
        return trace.tb_lineno if trace else 0

    def _define(self, source: str, after: int) -> int:
        """Run imports, functions, classes and constants of a cell below a line, and return how many."""
        try:
            body = ast.parse(self.transform_cell(source)).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return 0
        count = 0
        for statement in body:
            if statement.lineno > after and _is_meaning(statement):
                try:
                    exec(compile(ast.Module([statement], []), "<cell>", "exec"), self.user_ns)
                    count += 1
                except Exception:
                    self.showtraceback()
        return count

    # --- what works in a student's Jupyter, but not here, does nothing, and says so

    def _leave_out(self, what: str) -> None:
        print(f"Left out when graded: {what.strip()[:80]}")

    def system(self, cmd):
        """Do nothing: there are no programs here."""
        self._leave_out("!" + cmd)

    system_raw = system_piped = system

    def getoutput(self, cmd, split=True, depth=0):
        """Return nothing: there are no programs here."""
        self._leave_out("!" + cmd)
        return SList() if split else ""

    def run_line_magic(self, magic_name, line, _stack_depth=1):
        """Run a magic command if it can run here."""
        if magic_name == "matplotlib" and line.strip() not in ("", "inline"):
            return self._leave_out(f"%matplotlib {line}")
        if magic_name not in LEFT_OUT:
            try:
                return super().run_line_magic(magic_name, line, _stack_depth + 1)
            except Exception:  # unknown, or made for another place
                pass
        return self._leave_out(f"%{magic_name} {line}")

    def run_cell_magic(self, magic_name, line, cell):
        """Run a cell below a magic command: what is Python runs even if the command is not known."""
        if magic_name in PROGRAMS:
            return self._leave_out(f"%%{magic_name} {line}")
        if magic_name in ("time", "capture", "prun") or self.find_cell_magic(magic_name) is None:
            return self._run_whole(cell)
        return super().run_cell_magic(magic_name, line, cell)


def _is_meaning(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, MEANINGS)


class _Interrupt:
    """Turns SIGINT into KeyboardInterrupt, but only while code of the submission runs."""

    def __init__(self):
        self.running, self._held, self._came = False, False, False
        signal.signal(signal.SIGINT, self._handle)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._came = self._held
        if self.running and not self._held:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let an interrupt wait until a message has come whole."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._came:
            self._came = False
            raise KeyboardInterrupt

    def __enter__(self):
        self.running = True

    def __exit__(self, *_):
        self.running = False


def make_shell() -> Shell:
    """Return a fresh shell, with the answer key out of reach of ``import``, and checks left to the judge."""
    sys.path[:] = [folder for folder in sys.path if PathFinder.find_spec("backprop_solutions", [folder]) is None]
    sys.path.insert(0, "")  # the notebook's own folder, as in Jupyter
    backprop_autograder.check = checking.check = _left_to_the_judge
    return Shell.instance()


def _left_to_the_judge(function=None, aspect="values") -> None:
    """Take the place of `check`: in here nothing that it could say would count, and nothing should stop at it."""


def serve(channel: socket.socket, shell: Shell) -> None:
    """Answer requests until the grader hangs up.

    Requests are ``{"id", "run": source}``, ``{"id", "define": source}`` and ``{"id", "ask": questions}``.
    Replies repeat the id.
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
                reply |= _handle(request, shell, _Caller(channel, request["id"], interrupt))
        except KeyboardInterrupt:
            reply["interrupted"] = True
        send(channel, reply)


class _Caller:
    """Calls functions that stayed with the judge."""

    def __init__(self, channel: socket.socket, number: str, interrupt: _Interrupt):
        self._channel, self._number, self._interrupt = channel, number, interrupt

    def __call__(self, function: int, *arguments: Any) -> Any:
        tracing = sys.gettrace()  # these lines are not the submission's
        sys.settrace(None)
        try:
            call = {"id": self._number, "call": function, "arguments": list(map(encode_exactly, arguments))}
            with self._interrupt.held():
                send(self._channel, call)
                answered = receive(self._channel)
        finally:
            sys.settrace(tracing)
        if "error" in answered:
            name, message = answered["error"]
            raise getattr(builtins, name, RuntimeError)(message)
        return decode(answered["value"])


def _handle(request: dict, shell: Shell, caller: _Caller) -> dict:
    if "run" in request:
        return {"outputs": shell.run(request["run"])}
    if "define" in request:
        return {"outputs": shell.run(request["define"], only_definitions=True)}
    questions = map(Question.from_json, request["ask"])
    stdout, stderr = sys.stdout, sys.stderr
    shell.outputs = Outputs()
    sys.stdout, sys.stderr = Stream(shell, "stdout"), Stream(shell, "stderr")
    try:
        return {"outcomes": [_observed(question, shell, caller) for question in questions]}
    finally:
        sys.stdout, sys.stderr = stdout, stderr


def _observed(question: Question, shell: Shell, caller: _Caller) -> dict:
    """Return what happened, and the arguments that are not as they were: the judge sees what became of them."""
    outcome, arguments = observe(question, shell.user_ns, ask=caller)
    sent = dict(question.arguments["dict"])
    after = {name: encode(value) for name, value in arguments.items()}
    changed = {name: without_functions(after[name]) for name in after if after[name] != sent.get(name)}
    return outcome.to_json() | {"after": changed}


def main() -> None:
    """Serve the socket whose number is the first argument; the second is the unit."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # the grader's terminal is not for submissions
        os.dup2(null, descriptor)
    os.close(null)
    import matplotlib.pyplot  # noqa: F401  imported here, so that it is not charged to the first cell

    shell = make_shell()
    take_away(sys.argv[2])
    forget()
    serve(channel, shell)


if __name__ == "__main__":
    sys.path[:] = [folder for folder in sys.path if Path(folder or ".").resolve() != Path.cwd()]
    main()
