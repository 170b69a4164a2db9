"""Grade on a cluster: the same pure function, sent out by Dask; results stream back into the one writer.

Workers share nothing with the grader but the scheduler: no disk, no database. Dask pickles what it sends, so its
workers must be trusted machines and its port private; submissions are data to it and run in sandboxed processes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import dask
from distributed import Client, LocalCluster, as_completed
from distributed.scheduler import KilledWorker

from backprop_autograder.grading import Assignment, Result, Task, give_up, grade

# A submission that takes two workers down with it gets a verdict instead of a third try.
RETRIES = 1
WINDOW = 4  # tasks sent out per worker


@contextmanager
def connect(scheduler: str | None = None, workers: int = 1) -> Iterator[Client]:
    """Connect to a scheduler, or to a cluster of processes on this machine that lasts as long as the context.

    Parameters
    ----------
    scheduler : str, optional
        Address such as ``"tcp://10.0.0.1:8786"``.
    workers : int
        Size of the local cluster, if no scheduler is given.
    """
    with dask.config.set({"distributed.scheduler.allowed-failures": RETRIES}):
        if scheduler:
            with Client(scheduler) as client:
                yield client
        else:
            # One thread each: a grader captures warnings and traces lines, which are a process's own.
            local = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
            with LocalCluster(**local) as cluster, Client(cluster) as client:
                yield client


def run(tasks: list[Task], client: Client) -> Iterator[Result]:
    """Grade `tasks` on a cluster, and yield results as they come."""
    units = {task.assignment.unit: task.assignment for task in tasks}
    assignments = {unit: client.scatter(assignment, broadcast=True) for unit, assignment in units.items()}
    left = iter(tasks)
    sent = {}

    def send(count: int) -> list:
        new = {_submit(client, assignments, task): task for task in islice(left, count)}
        sent.update(new)
        return list(new)

    running = as_completed(send(WINDOW * max(1, len(client.nthreads()))))
    for future in running:
        task = sent.pop(future)
        try:
            yield future.result()
        except KilledWorker:
            yield give_up(task.assignment, task.student, task.submission, "it took down two machines")
        running.update(send(1))


def _submit(client: Client, assignments: dict[str, Assignment], task: Task):
    # Not by content: the same work may be handed in twice, and each wants its own student's cases.
    return client.submit(grade, assignments[task.assignment.unit], task.student, task.submission, pure=False)
