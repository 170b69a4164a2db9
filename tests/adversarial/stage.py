"""A course with things in it that no submission may touch, and what tells whether one did."""

import contextlib
import hashlib
import json
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat

from adversarial.attacks import HONEST_DOUBLE, HONEST_MEANS
from backprop_autograder.workers.worker import remove_folder

TESTS = Path(__file__).parents[1]
BROKEN_OUT = "BROKEN-OUT"


class Stage:
    """Canary files, processes and listeners around a course.

    Parameters
    ----------
    root : Path
        A new folder. Everything in it is open to every user: nothing but a sandbox protects it.
    """

    def __init__(self, root: Path):
        self.root = root
        self.course, self.home, self.beacon = (root / name for name in ("course", "home", "beacon"))
        for folder in (self.home, self.beacon):
            folder.mkdir(parents=True)
        self.token = f"canary-{secrets.token_hex(8)}"
        self.secrets = {self.token: "a private text"}
        (self.home / "private.txt").write_text(self.token)
        self.victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)", self.token])
        self.listeners = [socket.socket(*kind) for kind in _LISTENERS]
        tcp, udp, stream, datagram = self.listeners
        tcp.bind(("127.0.0.1", 0))
        udp.bind(tcp.getsockname())
        stream.bind(str(root / "socket"))
        datagram.bind(str(root / "socket.dgram"))
        for listener in (tcp, stream):
            listener.listen()
        for listener in self.listeners:
            listener.setblocking(False)
        self.before: dict[str, tuple] = {}

    def open_to_all(self) -> None:
        """Let every user read and write the stage, and remember what it looks like."""
        for path in (self.root, *self.root.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o777)
        self.before = self.snapshot()

    def fill(self, source: str, grader: int) -> str:
        """Return `source` with the paths and numbers of the stage in it."""
        words = {
            "COURSE": self.course,
            "HOME": self.home,
            "BEACON": self.beacon,
            "KEYS": TESTS / "toy_key",
            "SOLUTIONS": TESTS.parent / "solutions",
            "PORT": self.listeners[0].getsockname()[1],
            "UNIX": self.root / "socket",
            "VICTIM": self.victim.pid,
            "GRADER": grader,
        }
        for word, value in words.items():
            source = source.replace(f"@{word}@", str(value))
        return source

    def snapshot(self) -> dict[str, tuple]:
        """Return content, mode and owner of every file that no grading changes."""
        kept = [self.home, self.beacon, *(self.course / name for name in ("source", "submitted", "judge.secret"))]
        paths = [path for top in kept for path in (top, *top.rglob("*")) if path.exists()]
        return {str(path): _fingerprint(path) for path in paths if "attacker" not in path.parts}

    def harm(self, texts: list[str]) -> list[str]:
        """Return in words what an attack did beside its own points; `texts` is what it was able to show."""
        after = self.snapshot()
        changed = [path for path in {**self.before, **after} if self.before.get(path) != after.get(path)]
        found = {f"changed {Path(path).relative_to(self.root)}" for path in changed}
        if self.victim.poll() is not None:
            found.add("killed another process")
        found |= {"reached a listener" for listener in self.listeners if _was_reached(listener)}
        found |= {f"showed {what}" for secret, what in self.secrets.items() if any(secret in text for text in texts)}
        if any(BROKEN_OUT in text for text in texts):
            found.add("did what it should not be able to do")
        return sorted(found)

    def close(self) -> None:
        """End what the stage started."""
        self.victim.kill()
        self.victim.wait()
        for listener in self.listeners:
            listener.close()


_LISTENERS = [
    (socket.AF_INET, socket.SOCK_STREAM),
    (socket.AF_INET, socket.SOCK_DGRAM),
    (socket.AF_UNIX, socket.SOCK_STREAM),
    (socket.AF_UNIX, socket.SOCK_DGRAM),
]


def _was_reached(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(100)
    except BlockingIOError:
        return False
    return True


def _fingerprint(path: Path) -> tuple:
    status = path.lstat()
    content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    attributes = []
    with contextlib.suppress(OSError):
        attributes = os.listxattr(path)
    times = status.st_mtime_ns if path.is_file() else 0
    return content, status.st_mode, status.st_uid, status.st_nlink if path.is_file() else 0, times, tuple(attributes)


def honest(released: nbformat.NotebookNode) -> str:
    """Return an honest and right submission."""
    notebook = nbformat.from_dict(released)
    for cell in notebook.cells:
        cell.source = {"double": HONEST_DOUBLE, "row_means": HONEST_MEANS}.get(cell.id, cell.source)
    return nbformat.writes(notebook)


def printed(notebook: str) -> list[str]:
    """Return what the cells of a graded notebook show, but for tracebacks: they quote the attack itself."""
    outputs = [output for cell in json.loads(notebook)["cells"] for output in cell.get("outputs", [])]
    texts = [output.get(key, "") for output in outputs for key in ("text", "evalue")]
    texts += [data for output in outputs for data in output.get("data", {}).values()]
    return ["".join(text) for text in texts if isinstance(text, (str, list))]


def write_gradebook(path: Path, token: str) -> None:
    """Write a file that looks like a gradebook."""
    with contextlib.closing(sqlite3.connect(path)) as book, book:
        book.execute("CREATE TABLE grade (id TEXT, manual_score REAL, comment TEXT)")
        book.execute("INSERT INTO grade VALUES ('peer', 6, ?)", (token,))


def wait_for(pause: float) -> None:
    """Give what an attack left behind the time to act."""
    time.sleep(pause)


def remove(root: Path) -> None:
    """Remove a stage."""
    remove_folder(root)
