"""How long a student waits for ``check``, each aspect unsolved, wrong (each misconception) and right; and pack sizes.

Run ``python tests/benchmarks/check_latency.py [UNIT ...]``. Times are medians on this machine, in milliseconds, after
import. What this course promises is a median of 20 ms over all checks, and packs below 1 MB.
"""

import contextlib
import inspect
import io
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from backprop_autograder import CheckError, check
from backprop_autograder.classroom.table import text_table
from backprop_autograder.cli import find_course
from backprop_autograder.engine.pack import PACK_NAME
from backprop_autograder.engine.source import cell_of
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.judging.packing import pack_of

ROUNDS = 5


def milliseconds(names: dict, source: str, call: str) -> float:
    """Return the median time of one check of a cell's source."""
    exec(source, names)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(CheckError):
            exec(call, names)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def measure(unit: str, pack: str) -> list[list[str]]:
    """Return a row for each exercise of `unit`: the slowest aspect and misconception count."""
    exercises = load_exercises(unit)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path(PACK_NAME).write_text(pack)
        rows = []
        for name, exercise in exercises.items():
            names = {**exercise.namespace(), "check": check}
            calls = [f"check({name}, {aspect.name!r})" for aspect in exercise.aspects]
            stub = f"def {name}(*a, **k):\n    raise NotImplementedError({name!r})"
            wrong = [cell_of(m.implementation, name) for m in exercise.misconceptions]
            sources = {"unsolved": [stub], "wrong": wrong, "right": [inspect.getsource(exercise.reference)]}
            slowest = {k: max(milliseconds(dict(names), s, c) for s in ss for c in calls) for k, ss in sources.items()}
            rows.append([unit, name, *(f"{slowest[k]:.1f}" for k in sources)])
        return rows


if __name__ == "__main__":
    os.environ.pop("NBGRADER_EXECUTION", None)
    course = find_course(Path(__file__))
    packs = {unit: pack_of(course.source(unit)) for unit in sys.argv[1:] or course.units()}
    rows = [row for unit, pack in packs.items() for row in measure(unit, pack)]
    print(text_table([["unit", "exercise", "unsolved ms", "wrong ms", "right ms"], *rows]))
    times = [float(cell) for row in rows for cell in row[2:]]
    print(f"\nmedian {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms\n")
    print(text_table([["unit", "pack kB"], *([unit, f"{len(pack) / 1000:.0f}"] for unit, pack in packs.items())]))
