"""Grading through Dask gives the same verdicts, whatever happens to its workers."""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import dask
import pytest
from conftest import submission, submit, write_toy_course
from distributed import Client, LocalCluster, Security
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom import cluster, local
from backprop_autograder.classroom.batch import pending
from backprop_autograder.classroom.course import CourseError
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.verdict import OURS
from backprop_autograder.workers.warm import NoSandboxError

UNIT = "01_toy"
pytestmark = [
    pytest.mark.slow,
    # Dask closes its sockets when the garbage collector comes round.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    toy_course = write_toy_course(tmp_path_factory.mktemp("class") / "course")
    toy_course.release(UNIT)
    released = toy_course.assignment(UNIT).released
    for k in range(6):
        submit(toy_course, f"s{k}", submission(released, **(SOLVED if k % 2 else {})))
    return pending(toy_course, [UNIT])


@pytest.fixture(scope="module")
def graded_here(tasks):
    """What these tasks' records are without a cluster."""
    return records(local.run(tasks, 2))


@pytest.fixture(scope="module")
def client():
    with cluster.connect(workers=2) as client:
        yield client


@pytest.fixture(autouse=True)
def nothing_is_left_to_collect():
    """Collect clients that could not connect: where one is deleted while another starts, Dask waits for ever."""
    yield
    gc.collect()


@pytest.mark.parametrize("protocol", ["tls://", "tcp://"])
def test_a_cluster_of_this_machine_lets_nobody_in_without_its_certificates(client, protocol):
    address = client.scheduler.address
    assert address.startswith("tls://")
    with pytest.raises((OSError, TypeError, ValueError, RuntimeError)):
        Client(address.replace("tls://", protocol), timeout=2)


def test_a_scheduler_without_tls_is_refused_unless_that_is_asked_for():
    with pytest.raises(CourseError, match="has no TLS"), cluster.connect("tcp://127.0.0.1:8786"):
        pass


def records(results):
    return {result.student: result.record() for result in results}


def test_a_cluster_gives_byte_identical_verdicts(tasks, client, graded_here):
    assert records(cluster.run(tasks, client)) == graded_here


def test_killing_a_worker_on_the_way_changes_nothing_but_the_time(tasks, client, graded_here):
    results = cluster.run(tasks, client)
    first = next(results)
    victim = next(iter(client.run(os.getpid).values()))
    os.kill(victim, signal.SIGKILL)
    assert records([first, *results]) == graded_here


def test_a_worker_is_waited_for_however_long_its_machine_takes_to_start_it_again(tasks, graded_here):
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "0s"}), cluster.connect(workers=1) as client:
        results = cluster.run(tasks, client)
        first = next(results)
        os.kill(*client.run(os.getpid).values(), signal.SIGKILL)
        assert records([first, *results]) == graded_here


def kills_its_worker(assignment, student, content):
    if student == "s3":
        time.sleep(0.5)
        os._exit(1)
    return grade(assignment, student, content)


def test_what_takes_two_workers_down_or_waits_there_is_graded_by_itself_and_nobody_is_blamed(
    tasks, client, graded_here, monkeypatch
):
    monkeypatch.setattr(cluster, "grade", kills_its_worker)
    results = {result.student: result for result in cluster.run(tasks, client)}
    assert len(results) == 6
    assert [results[s].points for s in ("s1", "s5")] == [6, 6]
    assert records(results.values()) == graded_here


def test_it_has_a_verdict_where_this_machine_cannot_isolate_it(tasks, client, monkeypatch):
    def cannot(*_):
        raise NoSandboxError("not here")

    monkeypatch.setattr(cluster, "grade", kills_its_worker)
    monkeypatch.setattr(local, "run", cannot)
    results = {result.student: result for result in cluster.run([tasks[1], tasks[3]], client)}
    assert results["s3"].points == 0
    assert "took down two machines" in results["s3"].verdicts[0].message


class StubbornError(Exception):
    """One that no other process can read."""

    def __reduce__(self):
        raise TypeError("stays here")


def meets_a_bug(assignment, student, content):
    if student == "s1":
        raise RuntimeError("a bug")
    if student == "s3":
        raise StubbornError
    return grade(assignment, student, content)


def test_a_bug_at_one_submission_on_a_cluster_is_its_verdict_and_the_rest_is_graded(tasks, client, monkeypatch):
    monkeypatch.setattr(cluster, "grade", meets_a_bug)
    results = {result.student: result for result in cluster.run(tasks, client)}
    assert [results[f"s{k}"].points for k in range(6)] == [0, 0, 0, 0, 0, 6]
    assert [bool(results[f"s{k}"].fault) for k in range(6)] == [False, True, False, True, False, False]
    assert OURS in results["s1"].verdicts[0].message


def certificate(folder):
    """Write a certificate that signs itself, with its key, and return Dask's configuration for it."""
    both = folder / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=grading", "-days", "2"]
    subprocess.run(
        [*command, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True
    )
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    roles = {f"distributed.comm.tls.{who}.cert": str(both) for who in ("scheduler", "worker", "client")}
    return roles | {"distributed.comm.tls.ca-file": str(folder / "cert.pem")}


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_a_cluster_of_ones_own_grades_with_the_certificates_of_dasks_configuration(tasks, tmp_path, graded_here):
    (own, other) = (tmp_path / name for name in ("own", "other"))
    for folder in (own, other):
        folder.mkdir()
    with dask.config.set(certificate(own)):
        security = Security()
        with LocalCluster(
            1, threads_per_worker=1, dashboard_address=None, security=security, protocol="tls://"
        ) as made:
            address = made.scheduler_address
            assert address.startswith("tls://")
            with cluster.connect(address) as client:
                assert records(cluster.run(tasks, client)) == graded_here
            with dask.config.set(certificate(other)), pytest.raises((OSError, CourseError)):
                connected_to(address)


def connected_to(address):
    with dask.config.set({"distributed.comm.timeouts.connect": "2s"}), cluster.connect(address):
        pass


def test_a_scheduler_with_tls_and_no_certificate_here_is_named(client):
    with pytest.raises(CourseError, match="name certificates in Dask's configuration"):
        connected_to(client.scheduler.address)


def test_a_scheduler_that_is_restarted_gets_everything_again(tasks, client, graded_here):
    results = cluster.run(tasks, client)
    first = next(results)
    client.restart(wait_for_workers=False)
    assert records([first, *results]) == graded_here


def start(program, *options):
    command = [sys.executable, "-m", f"distributed.cli.{program}", *options, "--no-dashboard"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_scheduler_that_ends_is_named_and_the_next_run_goes_on(tasks, tmp_path, graded_here):
    file = tmp_path / "scheduler.json"
    processes = [start("dask_scheduler", "--port", "0", "--scheduler-file", str(file))]
    try:
        while not (file.exists() and file.read_text()):
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        processes.append(start("dask_worker", address, "--nthreads", "1", "--death-timeout", "60"))
        with cluster.connect(address, unencrypted=True) as client:
            results = cluster.run(tasks, client)
            first = next(results)
            processes[0].kill()
            with pytest.raises(CourseError, match="scheduler ended"):
                list(results)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    left = [task for task in tasks if task.student != first.student]
    assert records([first, *local.run(left, 1)]) == graded_here
