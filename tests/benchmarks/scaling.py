"""What a class of 100,000 takes on 10, 100 and 1,000 workers, and where the one writer becomes the bottleneck.

Run ``python tests/benchmarks/scaling.py``. Times of service are measured here: grading a solved notebook in a warm,
sandboxed worker, and storing results in batches. The rest is a simulation: workers take the next submission as soon
as they are free, results queue for the writer.
"""

import argparse
import heapq
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from backprop_autograder.classroom.demo import make_course
from backprop_autograder.classroom.gradebook import BATCH, open_gradebook, store
from backprop_autograder.classroom.table import text_table
from backprop_autograder.cli import find_course
from backprop_autograder.judging.grading import grade

TRANSPORT = 0.002  # seconds that Dask takes for a task, as its documentation and our measurements say


def measure(unit: str, rounds: int) -> tuple[np.ndarray, float]:
    """Return the seconds of grading, one for each round, and of storing one result."""
    folder = Path(tempfile.mkdtemp(prefix="backprop-scaling-"))
    try:
        course = make_course(find_course(Path(__file__)), folder / "course")
        course.release(unit)
        assignment, submission = course.assignment(unit), (course.source(unit) / f"{unit}.ipynb").read_bytes()
        results = [grade(assignment, f"s{k}", submission) for k in range(rounds + 1)][1:]  # the first one warms up
        with open_gradebook(course) as gradebook:
            batches = [[replace(results[0], student=f"b{b}-{k}") for k in range(BATCH)] for b in range(16)]
            start = time.perf_counter()
            for batch in batches:
                store(course, gradebook, batch)
            stored = (time.perf_counter() - start) / (len(batches) * BATCH)
        return np.array([r.seconds for r in results]), stored
    finally:
        shutil.rmtree(folder)


def simulate(service: np.ndarray, stored: float, workers: int, submissions: int, seed: int = 0) -> tuple[float, float]:
    """Return the seconds until everything is stored, and the share of them that the writer is busy."""
    times = np.random.default_rng(seed).choice(service, submissions) + TRANSPORT
    free = [0.0] * workers  # when each worker is free again
    finished = np.empty(submissions)
    for k, seconds in enumerate(times):
        finished[k] = heapq.heappop(free) + seconds
        heapq.heappush(free, finished[k])
    written = 0.0
    for moment in np.sort(finished):
        written = max(written, moment) + stored
    return written, submissions * stored / written


def main() -> None:
    """Measure, simulate, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--unit", default="05_softmax_stability")
    parser.add_argument("--submissions", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    service, stored = measure(options.unit, options.rounds)
    print(f"measured: grading {np.median(service):.3f} s (median of {len(service)}), storing {1000 * stored:.1f} ms")
    rows = [["workers", "time for all", "per minute", "writer busy"]]
    for workers in (1, 10, 100, 1000):
        total, busy = simulate(service, stored, workers, options.submissions)
        hours = f"{total / 3600:.2f} h" if total > 3600 else f"{total / 60:.1f} min"
        rows.append([f"{workers:,}", hours, f"{60 * options.submissions / total:,.0f}", f"{busy:.0%}"])
    print(text_table(rows))
    print(f"the writer is the bottleneck from {(service.mean() + TRANSPORT) / stored:.0f} workers on")


if __name__ == "__main__":
    main()
