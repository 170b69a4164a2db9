"""The guide's cluster of Slurm jobs grades as this machine does, also when jobs are cancelled."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import slurm
from conftest import SQLITE, submission, submit
from engine.test_rebuild import SOLVED
from test_instructors import GUIDE

from backprop_autograder.classroom import cluster, local
from backprop_autograder.classroom.batch import grade_class, pending
from backprop_autograder.classroom.course import Course

UNIT = "01_toy"
SCRIPT = next(block for block in re.findall(r"```python\n(.*?)```", GUIDE, re.S) if "SLURMCluster(" in block)
pytestmark = [
    pytest.mark.slow,
    SQLITE,
    # Dask closes its sockets when the garbage collector comes round.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def configuration():
    if reason := slurm.why_not():
        pytest.skip(reason)
    with slurm.serving() as path:
        yield path


@pytest.fixture(scope="module")
def scheduler(configuration, tmp_path_factory):
    """Address of the scheduler that the guide's script prints; the script ends as the guide says."""
    folder = tmp_path_factory.mktemp("login")
    (folder / "workers.py").write_text(SCRIPT)
    environment = {**os.environ, "SLURM_CONF": str(configuration), "DASK_JOBQUEUE__SLURM__INTERFACE": "lo"}
    log = (folder / "log").open("w")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-u", "workers.py"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as script,
    ):
        address = script.stdout.readline().strip()
        assert address.startswith("tcp://127.0.0.1:"), (folder / "log").read_text()
        yield address
        script.communicate("\n", timeout=60)
    assert slurm.ask(configuration, "squeue", "--noheader", "--states=RUNNING") == "", "jobs go on without the script"


@pytest.fixture
def handed_in(released):
    """A course in which eight have handed in; each submission takes a moment."""
    notebook = released.assignment(UNIT).released
    slow = SOLVED | {"double": "import time\ntime.sleep(0.5)\n" + SOLVED["double"]}
    for k in range(8):
        submit(released, f"s{k}", submission(notebook, **(slow if k % 2 else {})))
    return released


def running(configuration: Path) -> list[str]:
    """Return the ids of the jobs that run."""
    return slurm.ask(configuration, "squeue", "--noheader", "--states=RUNNING", "--format=%i").split()


def verdicts(course: Course) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in (course.root / "verdicts").glob(f"*/{UNIT}.json")}


def test_jobs_of_slurm_give_the_verdicts_of_this_machine_to_the_byte(handed_in, scheduler, tmp_path):
    here = Course(tmp_path / "here")
    shutil.copytree(handed_in.root, here.root)
    grade_class(here, [UNIT], processes=2)
    command = [sys.executable, "-m", "backprop_autograder", "grade", UNIT, "--unencrypted", "--scheduler", scheduler]
    done = subprocess.run(command, cwd=handed_in.root, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(verdicts(here)) == 8
    assert verdicts(handed_in) == verdicts(here)


def test_a_cancelled_job_loses_nothing(handed_in, scheduler, configuration):
    tasks = pending(handed_in, [UNIT])
    with cluster.connect(scheduler, unencrypted=True) as client:
        client.wait_for_workers(min(2, os.cpu_count()), timeout=60)
        results = cluster.run(tasks, client)
        first = next(results)
        cancelled = running(configuration)[0]
        slurm.ask(configuration, "scancel", cancelled)
        found = {result.student: result.record() for result in [first, *results]}
    assert found == {result.student: result.record() for result in local.run(tasks, 2)}
    end = time.monotonic() + 60
    while cancelled in running(configuration):
        assert time.monotonic() < end
        time.sleep(0.2)
