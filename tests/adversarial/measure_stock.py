"""Run every attack against stock nbgrader, and write what it gained into STOCK.json.

Run it as an ordinary user, on a machine where nothing is lost: ``cd tests && python -m adversarial.measure_stock``.
The attacks run without any sandbox. They are bounded: in count and time by themselves, in memory, processor time
and file size by this script, and in duration by a time-out. Names of attacks as arguments measure these only.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from conftest import nbgrader_cell
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook, MissingEntry
from toy_key import toy

from adversarial.attacks import ATTACKS, Attack
from adversarial.stage import Stage, honest, printed, remove, wait_for

STOCK = Path(__file__).with_name("STOCK.json")
SECONDS = 60
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.Execute.timeout = 5
"""
# As such test cells are written: a visible case, and a hidden one.
TEST_DOUBLE = """X = np.arange(12.0).reshape(4, 3)
assert np.allclose(double(X), 2 * X)
### BEGIN HIDDEN TESTS
X = np.random.default_rng({seed}).normal(size=(4, 3))
assert np.allclose(double(X), 2 * X)
### END HIDDEN TESTS"""
TEST_MEANS = """X = np.arange(12.0).reshape(4, 3)
expected = X.mean(axis=1)
assert np.allclose(row_means(X), expected)
### BEGIN HIDDEN TESTS
X = np.random.default_rng(3).normal(size=(4, 3))
expected = X.mean(axis=1)
assert np.allclose(row_means(X), expected)
### END HIDDEN TESTS"""


def twin() -> nbformat.NotebookNode:
    """Return the toy unit as it is written for stock nbgrader: the same cells, with asserts for tests."""
    import inspect

    cells = [
        nbgrader_cell("locked", "setup", "import numpy as np"),
        nbgrader_cell("solution", "double", inspect.getsource(toy.double).rstrip()),
        nbgrader_cell("test", "test_double", TEST_DOUBLE.format(seed=1), 2),
        nbgrader_cell("test", "test_double_large", TEST_DOUBLE.format(seed=2), 1),
        nbgrader_cell("solution", "row_means", inspect.getsource(toy.row_means).rstrip()),
        nbgrader_cell("test", "test_row_means", TEST_MEANS, 3),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel}, nbformat_minor=5)


def bounded() -> None:
    """Bound what the attacks may use, for there is nothing else to do so."""
    for name, most in (
        (resource.RLIMIT_AS, 6 << 30),
        (resource.RLIMIT_CPU, 60),
        (resource.RLIMIT_FSIZE, 1 << 30),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (most, most))


def nbgrader(stage: Stage, *arguments: str) -> bool:
    """Run a command of nbgrader in the stage's course; return whether it ended well."""
    environment = {**os.environ, "HOME": str(stage.home), "STAGE": stage.token}
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "PYTHONPATH"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "nbgrader", *arguments]
    process = subprocess.Popen(
        command,
        cwd=stage.course,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=bounded,
    )
    try:
        return process.wait(SECONDS) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


def end_leftovers(stage: Stage) -> int:
    """Kill what carries the stage's mark in its environment, and return how many processes that were."""
    found = 0
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"STAGE={stage.token}".encode() in environ.read_bytes():
                os.kill(int(environ.parent.name), signal.SIGKILL)
                found += 1
    return found


def set_up(template: Stage, root: Path) -> Stage:
    """Return a stage with a copy of the released course, and an honest peer."""
    stage = Stage(root)
    shutil.copytree(template.course, stage.course)
    shutil.copytree(template.home, stage.home, dirs_exist_ok=True)
    (stage.home / "private.txt").write_text(stage.token)
    (stage.course / "private.txt").write_text(stage.token)
    (stage.course / "judge.secret").write_text(stage.token)
    peer = stage.course / "submitted" / "peer" / "01_toy"
    peer.mkdir(parents=True)
    (peer / "01_toy.ipynb").write_text(honest(released(stage.course)))
    (peer / "01_toy.ipynb").chmod(0o644)
    stage.before = stage.snapshot()
    return stage


def released(course: Path) -> nbformat.NotebookNode:
    """Return the released notebook."""
    return nbformat.read(course / "release" / "01_toy" / "01_toy.ipynb", as_version=4)


def hand_in(stage: Stage, attack: Attack) -> None:
    """Put an attack where nbgrader collects submissions."""
    folder = stage.course / "submitted" / "attacker" / "01_toy"
    folder.mkdir(parents=True)
    # There is no grader but nbgrader's own process, which is the parent of the kernel.
    source = json.loads(nbformat.writes(released(stage.course)))
    (folder / "01_toy.ipynb").write_bytes(attack.notebook(source, lambda code: stage.fill(code, stage.victim.pid)))
    for name, text in attack.files.items():
        (folder / name).write_text(text)


def score(stage: Stage, student: str) -> float | None:
    """Return a student's points, None if there is no grade."""
    with Gradebook(f"sqlite:///{stage.course}/gradebook.db", "stock") as book:
        try:
            submission = book.find_submission("01_toy", student)
        except MissingEntry:
            return None
        graded = all(
            g.auto_score is not None or g.manual_score is not None for n in submission.notebooks for g in n.grades
        )
        return submission.score if graded else None


def measure(template: Stage, attack: Attack) -> dict:
    """Grade an attack and then a peer with stock nbgrader, and return what came of it."""
    root = Path(tempfile.mkdtemp(prefix="stock-"))
    stage = set_up(template, root)
    try:
        hand_in(stage, attack)
        nbgrader(stage, "autograde", "01_toy", "--student=attacker")
        wait_for(0.5)
        path = stage.course / "autograded" / "attacker" / "01_toy" / "01_toy.ipynb"
        shown = []
        with contextlib.suppress(OSError, ValueError, UnicodeError):
            shown = printed(path.read_text())
        harm = in_short(stage.harm(shown))
        if end_leftovers(stage):
            harm.append("left processes running")
        points = score(stage, "attacker")
        if attack.family in ("others", "batch", "damaged files"):
            harm += harm_to_peer(stage)
        return {"points": points, "harm": harm}
    finally:
        end_leftovers(stage)
        stage.close()
        remove(root)


PLACES = {
    "changed beacon": "wrote outside its folder",
    "changed home": "changed the grader's home",
    "changed course/submitted": "changed a peer's submission",
    "changed course": "changed the course",
}


def in_short(harm: list[str]) -> list[str]:
    """Return what an attack did, without the names of files, and without what every run of Jupyter leaves behind."""
    own = [what for what in harm if "history.sqlite" not in what and ".jupyter" not in what]
    return list(dict.fromkeys(next((PLACES[p] for p in PLACES if what.startswith(p)), what) for what in own))


def harm_to_peer(stage: Stage) -> list[str]:
    """Grade an honest student after the attack, and say what is wrong with the score or happened on the way."""
    nbgrader(stage, "autograde", "01_toy", "--student=peer")
    points = score(stage, "peer")
    met = ["acted in the next student's kernel"] if (stage.beacon / "startup").exists() else []
    return met + ([f"the next student got {points} of 6 points"] if points != 6 else [])


def main(names: list[str]) -> None:
    """Measure the attacks named, or all."""
    measured = json.loads(STOCK.read_text()) if STOCK.exists() and names else {}
    with tempfile.TemporaryDirectory() as folder:
        template = Stage(Path(folder) / "template")  # its home has what a first run leaves there
        (template.course / "source" / "01_toy").mkdir(parents=True)
        (template.course / "nbgrader_config.py").write_text(CONFIG)
        nbformat.write(twin(), template.course / "source" / "01_toy" / "01_toy.ipynb")
        assert nbgrader(template, "generate_assignment", "01_toy")
        book = (template.course / "gradebook.db").read_bytes()
        first = template.course / "submitted" / "first" / "01_toy"
        first.mkdir(parents=True)
        (first / "01_toy.ipynb").write_text(honest(released(template.course)))
        assert nbgrader(template, "autograde", "01_toy", "--student=first")
        for name in ("submitted", "autograded"):
            shutil.rmtree(template.course / name)
        (template.course / "gradebook.db").write_bytes(book)
        for attack in ATTACKS:
            if not attack.ours_only and (not names or attack.name in names):
                measured[attack.name] = measure(template, attack)
                print(attack.name, measured[attack.name], flush=True)
                write(measured)
        template.close()


def write(measured: dict[str, dict]) -> None:
    """Write what was measured, in the order of the table; beside the temporary files if that may not be done here."""
    target = STOCK if os.access(STOCK.parent, os.W_OK) else Path(tempfile.gettempdir()) / STOCK.name
    ordered = {attack.name: measured[attack.name] for attack in ATTACKS if attack.name in measured}
    target.write_text(json.dumps(ordered, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
