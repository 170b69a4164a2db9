"""Grade on a cluster: the same pure function, sent out by Dask; results stream back into the one writer.

Workers share nothing with the grader but the scheduler: no disk, no database. Dask pickles what it sends, so its
workers must be trusted machines and its port private; submissions are data to it and run in sandboxed processes.
"""

import ssl
import traceback
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

import dask
from distributed import Client, Future, LocalCluster, Security, as_completed
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker

from backprop_autograder.classroom import local
from backprop_autograder.classroom.course import CourseError
from backprop_autograder.judging.grading import NOT_ITS_DOING, Assignment, Result, Task, give_up, grade
from backprop_autograder.judging.verdict import OURS
from backprop_autograder.workers.warm import NoSandboxError

FORGOTTEN = 3  # times that a scheduler may forget a submission
WINDOW = 4  # tasks sent out per worker
# Whoever is not there 15 s after one death is, by default, never started again: on a busy machine, or at a second
# death, all were gone, and the class waited for ever.
LOST_ONLY_FOR_NOW = {"distributed.deploy.lost-worker-timeout": "1 day"}


@contextmanager
def connect(scheduler: str | None = None, workers: int = 1, *, unencrypted: bool = False) -> Iterator[Client]:
    """Connect to a scheduler, or to a cluster of processes on this machine that lasts as long as the context.

    Parameters
    ----------
    scheduler : str, optional
        Address such as ``"tls://10.0.0.1:8786"``; Dask's own configuration names the certificates.
    workers : int
        Size of the local cluster, if no scheduler is given. It talks by TLS, with certificates of its own.
    unencrypted : bool
        Whether a scheduler without TLS will do: whoever reaches its port can run code as the grader.

    Raises
    ------
    CourseError
        If the scheduler has no TLS, and that is not asked for; or there are no certificates.
    """
    if scheduler:
        with _connected(scheduler, unencrypted) as client:
            yield _strict(client)
    else:
        # One thread each: a grader captures warnings and traces lines, which are a process's own.
        local = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
        # Any account of this machine reaches the ports: without its own certificates it could run code as this one.
        with (
            dask.config.set(LOST_ONLY_FOR_NOW),
            LocalCluster(**local, security=Security.temporary()) as cluster,
            Client(cluster) as client,
        ):
            yield _strict(client)


def _connected(scheduler: str, unencrypted: bool) -> Client:
    if not (unencrypted or scheduler.startswith("tls://")):
        raise CourseError(
            f"{scheduler} has no TLS: whoever reaches its port can run code as you. Next: give it certificates and "
            "name it as tls://...; or, where nobody else reaches it, add --unencrypted."
        )
    try:
        return Client(scheduler)
    except (ValueError, TypeError, ssl.SSLError) as error:
        raise CourseError(
            f"No TLS with {scheduler} ({error}). Next: name certificates in Dask's configuration, "
            "distributed.comm.tls, as on the scheduler."
        ) from error


def _strict(client: Client) -> Client:
    """Let the scheduler give up work that takes two workers down with it, instead of four."""
    # Not by `dask.config`, which is this process's; and a lambda travels whole: a scheduler need not have the course.
    client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 1))
    return client


def run(tasks: list[Task], client: Client) -> Iterator[Result]:
    """Grade `tasks` on a cluster, and yield results as they come.

    Raises
    ------
    CourseError
        If the scheduler is gone, or forgets the same submission again and again.
    """
    try:
        yield from _run(tasks, client)
    except (CancelledError, CommClosedError, KilledWorker) as error:
        raise CourseError(
            "The scheduler ended, or forgets what it is to do. What was graded is stored. "
            "Next: see to it, and run the command again."
        ) from error


def _run(tasks: list[Task], client: Client) -> Iterator[Result]:
    left, sent, forgotten = deque(tasks), {}, Counter()
    suspects: list[Task] = []
    assignments: dict[str, Future] = {}

    def send() -> list[Future]:
        room = WINDOW * max(1, len(client.nthreads())) - len(sent)
        new = [left.popleft() for _ in range(min(room, len(left)))]
        futures = {_submit(client, assignments, task): task for task in new}
        sent.update(futures)
        return list(futures)

    running = as_completed(send())
    for future in running:
        task = sent.pop(future)
        try:
            yield future.result()
        except (KilledWorker, CancelledError) as error:
            if isinstance(error, KilledWorker) and error.task == future.key:
                suspects.append(task)
            else:
                # A scheduler that was restarted, or lost too many workers at once, has forgotten what it was to do.
                name = (task.assignment.unit, task.student)
                forgotten[name] += 1
                if client.status != "running" or forgotten[name] > FORGOTTEN:
                    raise
                left.appendleft(task)
        except (*NOT_ITS_DOING, CommClosedError):
            raise
        except Exception:  # its result could not be sent, or read
            yield give_up(task.assignment, task.student, task.submission, OURS, traceback.format_exc())
        running.update(send())
    yield from _one_by_one(suspects)


def _one_by_one(suspects: list[Task]) -> Iterator[Result]:
    """Grade here, with nothing beside it, what took down two machines, or only waited there: Dask blames both."""
    try:
        yield from local.run(suspects, 1)
    except NoSandboxError:  # this machine cannot, and those that can have tried
        for task in suspects:
            yield give_up(task.assignment, task.student, task.submission, "it took down two machines")


def _submit(client: Client, assignments: dict[str, Future], task: Task) -> Future:
    unit = task.assignment.unit
    if unit not in assignments or assignments[unit].status in ("cancelled", "error", "lost"):
        # A task that returns it, and not scattered data: those are lost with the workers that hold them.
        assignments[unit] = client.submit(_same, task.assignment, pure=False)
    # Not by content: the same work may be handed in twice, and each wants its own student's cases.
    return client.submit(grade, assignments[unit], task.student, task.submission, pure=False)


def _same(assignment: Assignment) -> Assignment:
    return assignment
