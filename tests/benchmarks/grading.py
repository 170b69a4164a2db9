"""A class graded by stock nbgrader and by ours, in turn, on the same machine; the last line is JSON.

Run ``python tests/benchmarks/grading.py [--students 40] [--unit 05_softmax_stability]``, or with ``--all-units``. A
class hands in the solved notebook; with ``--all-units`` another one a notebook in which every second exercise is
answered by a misconception. Stock nbgrader runs a twin of the solved notebook whose checks are answered inside the
kernel, as its tests are; ours runs with judge and sandbox. Times are of whole commands, start-up included, divided by
the class.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbformat import NotebookNode

from backprop_autograder.classroom.course import Course, make_alembic_findable
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.table import text_table
from backprop_autograder.cli import find_course
from backprop_autograder.engine.source import cell_of
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.judging.packing import pack_of

# Inside the kernel of a submission `check` refuses to speak; the twin lets it, as stock tests would.
TWIN = "import os\nos.environ.pop('NBGRADER_EXECUTION', None)\n"
STOCK_CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'stock'\n"


STARTUP_UNIT = "05_softmax_stability"


@dataclass
class Measured:
    """One way of grading.

    Attributes
    ----------
    wall, cpu : float
        Seconds per submission.
    memory : float
        Largest sum of the memory of all processes, in MB (shared pages counted once).
    scores : dict
        Score by student.
    """

    wall: float
    cpu: float
    memory: float
    scores: dict[str, float]


def make_course(
    original: Course, root: Path, unit: str, students: int, *, stock: bool = False, wrong: bool = False
) -> Course:
    """Make a course directory in which everybody has handed in the solved notebook, or one with wrong answers."""
    source = root / "source" / unit
    shutil.copytree(original.source(unit), source, ignore=shutil.ignore_patterns(".*"))
    pack_of(source)
    path = source / f"{unit}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    if stock:
        (root / "nbgrader_config.py").write_text(STOCK_CONFIG)
        setup = next(c for c in notebook.cells if c.cell_type == "code")
        setup.source = TWIN + setup.source
        nbformat.write(notebook, path)
    else:
        shutil.copy(original.root / "nbgrader_config.py", root)
    course = Course(root)
    course.release(unit)
    for k in range(students):
        folder = root / "submitted" / f"s{k:03d}" / unit
        folder.mkdir(parents=True)
        nbformat.write(half_wrong(notebook, unit, k) if wrong else notebook, folder / path.name)
        shutil.copy(source / "checks.json", folder)
    return course


def half_wrong(notebook: NotebookNode, unit: str, k: int) -> NotebookNode:
    """Return the notebook of student `k`: every second exercise is answered by a misconception, each by another."""
    notebook, exercises = deepcopy(notebook), load_exercises(unit)
    for n, (name, exercise) in enumerate(exercises.items()):
        if (n + k) % 2 == 0 and exercise.misconceptions:
            wrong = exercise.misconceptions[(n + k) // 2 % len(exercise.misconceptions)].implementation
            next(cell for cell in notebook.cells if cell.id == name).source = cell_of(wrong, name)
    return notebook


def measure(course: Course, unit: str, students: int, *command: str) -> Measured:
    """Run a command in the course directory, and measure it with all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=course.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    peak = [0.0]
    threading.Thread(target=_watch, args=(process.pid, peak), daemon=True).start()
    _, errors = process.communicate()
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{command} failed:\n{errors[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open_gradebook(course) as gradebook:
        scores = {s.student.id: s.score for s in gradebook.find_assignment(unit).submissions}
    return Measured(wall / students, cpu / students, peak[0], scores)


def _watch(pid: int, peak: list[float]) -> None:
    while psutil.pid_exists(pid):
        total = 0
        try:
            processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in processes:
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        peak[0] = max(peak[0], total / 2**20)
        time.sleep(0.3)


def floor(course: Course, unit: str, rounds: int = 10) -> float:
    """Return the CPU seconds of the notebook's own code, run by ``exec`` in a forked process without Jupyter."""
    notebook = str(course.source(unit) / f"{unit}.ipynb")
    program = (
        "import io, os, sys, time, resource, contextlib\n"
        "import numpy, matplotlib.pyplot, ipywidgets, backprop_autograder, backprop_course.explorer\n"
        "import nbformat, IPython.core.interactiveshell\n"
        "IPython.core.interactiveshell.InteractiveShell.instance()  # without a kernel: explorers draw for nobody\n"
        f"notebook = nbformat.read({notebook!r}, as_version=4)\n"
        "cells = [compile(c.source, c.id, 'exec') for c in notebook.cells if c.cell_type == 'code']\n"
        f"os.chdir({str(course.source(unit))!r})\n"
        f"for _ in range({rounds}):\n"
        "    if os.fork() == 0:\n"
        "        names = {'__name__': '__main__'}\n"
        "        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):\n"
        "            for cell in cells: exec(cell, names)\n"
        "        os._exit(0)\n"
        "    assert os.wait()[1] == 0\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        f"print((used.ru_utime + used.ru_stime) / {rounds})\n"
    )
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **one_thread}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout.split()[-1])


def startup(course: Course, unit: str, rounds: int = 5) -> tuple[float, float]:
    """Return the seconds of a class of one, and of a bare import of nbgrader's database: medians, taken in turn."""
    taken = {
        ("-m", "backprop_autograder", "grade", unit, "--force"): [],
        ("-c", "import nbgrader.api, numpy"): [],
    }
    for _ in range(rounds):
        for command, seconds in taken.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *command], cwd=course.root, check=True, capture_output=True)
            seconds.append(time.perf_counter() - start)
    grading, importing = (statistics.median(seconds) for seconds in taken.values())
    return grading, importing


def ratio(one: float, other: float) -> float:
    """Return one time as a multiple of another that may be too short to be seen."""
    return one / max(other, 0.001)


def measure_unit(original: Course, unit: str, students: int, folder: Path) -> dict[str, float]:
    """Measure one unit: stock, ours with one and two processes, and with wrong answers.

    Parameters
    ----------
    original : Course
    unit : str
    students : int
        Size of the class.
    folder : Path
        Where the classes are made.
    """
    few = min(4, students)  # of stock nbgrader's: it takes as long for each
    stock = measure(
        make_course(original, folder / "stock", unit, few, stock=True), unit, few, "nbgrader", "autograde", unit
    )
    found = {"stock_s": stock.wall, "stock_cpu_s": stock.cpu}
    for jobs in (1, 2):
        course = make_course(original, folder / f"ours-{jobs}", unit, students)
        ours = measure(course, unit, students, "backprop_autograder", "grade", unit, "--jobs", str(jobs))
        assert stock.scores.items() <= ours.scores.items(), f"{unit}: other scores than stock nbgrader's"
        found |= {f"ours_{jobs}_s": ours.wall, f"ratio_{jobs}": stock.wall / ours.wall}
        found |= {f"cpu_{jobs}_s": ours.cpu, f"memory_{jobs}": ours.memory}
    course = make_course(original, folder / "wrong", unit, students, wrong=True)
    wrong = measure(course, unit, students, "backprop_autograder", "grade", unit, "--jobs", "1")
    assert max(wrong.scores.values()) < max(ours.scores.values()), f"{unit}: nothing was wrong"
    found |= {"wrong_1_s": wrong.wall, "wrong_cpu_s": wrong.cpu, "floor_s": floor(original, unit)}
    return found


def all_units(original: Course, students: int, folder: Path) -> None:
    """Measure every unit, print a table, and a line of JSON."""
    titles = {
        "stock_s": "stock s", "ours_1_s": "1 worker s", "ours_2_s": "2 workers s", "ratio_1": "times stock",
        "ratio_2": "with 2", "cpu_1_s": "CPU s", "wrong_cpu_s": "CPU s, half wrong", "floor_s": "floor CPU s",
        "start": "class of one s", "memory_1": "peak MB",
    }  # fmt: skip
    rows, summary = [["unit", *titles.values()]], {}
    for unit in original.units():
        found = measure_unit(original, unit, students, folder / unit)
        alone = make_course(original, folder / unit / "alone", unit, 1)
        found["start"], importing = startup(alone, unit, rounds=5 if unit == STARTUP_UNIT else 1)
        rows.append([unit, *(f"{found[name]:.{0 if 'memory' in name else 3}f}" for name in titles)])
        if unit == STARTUP_UNIT:
            summary["startup_ratio"] = found["start"] / importing
        if unit == "06_mlp_training":
            summary["unit6_cpu_s_ratio"] = ratio(found["cpu_1_s"], found["floor_s"])
        print(text_table([rows[0], rows[-1]]), flush=True)
        summary |= {f"{unit}.{name}": found[name] for name in ("ratio_1", "ratio_2", "cpu_1_s", "wrong_cpu_s")}
    print(text_table(rows))
    print(json.dumps({name: round(value, 4) for name, value in summary.items()}))


def one_unit(original: Course, unit: str, students: int, folder: Path, cluster: bool) -> None:
    """Measure one unit against stock nbgrader on the whole class, print a table, and a line of JSON."""
    ways = {
        "stock nbgrader": ("nbgrader", "autograde", unit),
        "ours, 1 worker": ("backprop_autograder", "grade", unit, "--jobs", "1"),
        "ours, 2 workers": ("backprop_autograder", "grade", unit, "--jobs", "2"),
    }
    if cluster:
        ways["ours, Dask, 2 workers"] = ("backprop_autograder", "grade", unit, "--cluster", "2")
    measured = {}
    for k, (way, command) in enumerate(ways.items()):
        course = make_course(original, folder / str(k), unit, students, stock=way.startswith("stock"))
        measured[way] = measure(course, unit, students, *command)
    lowest = floor(original, unit)
    grading, importing = startup(make_course(original, folder / "alone", unit, 1), unit)
    stock = measured["stock nbgrader"]
    rows = [["way", "s per submission", "per minute", "CPU s", "times stock", "peak MB"]]
    for way, m in measured.items():
        assert m.scores == stock.scores, f"{way} gave other scores than stock nbgrader"
        times = [f"{m.wall:.3f}", f"{60 / m.wall:.0f}", f"{m.cpu:.3f}", f"{stock.wall / m.wall:.1f}", f"{m.memory:.0f}"]
        rows.append([way, *times])
    rows.append(["floor: the notebook's own code", "", "", f"{lowest:.3f}", "", ""])
    print(text_table(rows))
    print(f"A class of one takes {grading:.2f} s, start-up included; a bare import of nbgrader.api {importing:.2f} s.")
    one, two = measured["ours, 1 worker"], measured["ours, 2 workers"]
    summary = {
        "stock_s": stock.wall, "ours_1_s": one.wall, "ours_2_s": two.wall,
        "ratio_1": stock.wall / one.wall, "ratio_2": stock.wall / two.wall, "floor_ratio": ratio(one.cpu, lowest),
        "startup_ratio": grading / importing,
    }  # fmt: skip
    print(json.dumps({name: round(value, 4) for name, value in summary.items()}))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--unit", default=STARTUP_UNIT)
    parser.add_argument("--all-units", action="store_true", help="every unit, wrong answers too; of stock, four each")
    parser.add_argument("--cluster", action="store_true", help="also through Dask, with two workers")
    options = parser.parse_args()
    make_alembic_findable()
    original = find_course(Path(__file__))
    with tempfile.TemporaryDirectory(prefix="backprop-benchmark-") as folder:
        if options.all_units:
            all_units(original, options.students, Path(folder))
        else:
            one_unit(original, options.unit, options.students, Path(folder), options.cluster)


if __name__ == "__main__":
    main()
