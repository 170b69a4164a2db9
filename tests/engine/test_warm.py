"""Warm workers: forked in milliseconds, each on its own, and nothing of them stays."""

import os
import signal
import statistics
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from backprop_autograder.engine.data import encode
from backprop_autograder.engine.probe import Question
from backprop_autograder.workers import warm
from backprop_autograder.workers.warm import NoSandboxError, WarmLauncher, shared_launcher, start_launcher
from backprop_autograder.workers.worker import ColdLauncher, WorkerLostError

pytestmark = pytest.mark.skipif(not warm.can_fork(), reason="warm workers need Linux")


@pytest.fixture(scope="module", params=[True, False], ids=["sandbox", "open"])
def launcher(request):
    with WarmLauncher(sandbox=request.param) as launcher:
        yield launcher


def said(worker, source, seconds=20):
    return "".join(output.get("text", output.get("evalue", "")) for output in worker.run(source, seconds))


def running(pid):
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def soon(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds


def test_a_worker_runs_cells_finds_its_files_and_answers(launcher):
    worker = launcher.launch({"data/points.txt": b"1 2 3"})
    assert said(worker, "print(open('data/points.txt').read())") == "1 2 3\n"
    worker.run("def cube(x):\n    return x**3", 20)
    assert worker.ask([Question("cube", encode({"x": 2.0}))], 20)[0].result == 8.0
    worker.close()


def test_plots_widgets_and_files_of_its_own_work(launcher):
    source = """
    %matplotlib inline
    import ipywidgets, numpy as np, matplotlib.pyplot as plt
    plt.plot([1, 2])
    np.save("a.npy", np.ones(3))
    print(np.load("a.npy").sum(), np.linalg.eigh(np.eye(3))[0].sum())
    await __import__("asyncio").sleep(0)
    """
    worker = launcher.launch({})
    outputs = worker.run(textwrap.dedent(source), 30)
    assert not [o for o in outputs if o["output_type"] == "error"], outputs
    assert "3.0 3.0\n" in [o.get("text") for o in outputs]
    assert any("image/png" in o.get("data", {}) for o in outputs)
    worker.close()


def test_a_worker_is_ready_in_tens_of_milliseconds(launcher):
    times = []
    for _ in range(9):
        start = time.perf_counter()
        worker = launcher.launch({})
        times.append(time.perf_counter() - start)
        worker.close()
    assert statistics.median(times) < 0.1  # measured: about 0.01; ten times that on a busy machine


def test_workers_share_neither_names_nor_random_numbers_nor_files(launcher):
    draws = []
    for _ in range(2):
        worker = launcher.launch({})
        said(worker, "open('left.txt', 'w').close(); left = 1")
        draws.append(said(worker, "import numpy as np; print(np.random.rand())"))
        worker.close()
    worker = launcher.launch({})
    assert said(worker, "import os; print(os.listdir(), 'left' in globals())") == "[] False\n"
    assert draws[0] != draws[1]
    worker.close()


def test_many_workers_leave_no_descriptor_process_or_folder(launcher):
    launcher.launch({}).close()
    before = len(list(Path("/proc/self/fd").iterdir())), len(descendants(launcher._process.pid))
    workers = [launcher.launch({}) for _ in range(5)]
    folders = [worker._folder for worker in workers]
    with pytest.raises(WorkerLostError):
        workers[0].run("import os; os._exit(0)", 20)
    for worker in workers:
        worker.close()
        worker.close()
    assert not any(folder.exists() for folder in folders)
    assert (len(list(Path("/proc/self/fd").iterdir())), len(descendants(launcher._process.pid))) == before


def descendants(pid):
    """Return the numbers of the processes below `pid`, the dead ones left out."""
    children = [c for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if running(c)]
    return [*children, *(d for child in children for d in descendants(child))]


def test_a_detached_process_does_not_outlive_its_worker():
    source = """
    import os, time
    if not os.fork():
        os.setsid()
        if not os.fork():
            open("pid", "w").write(str(os.getpid()))
            time.sleep(60)
        os._exit(0)
    while not os.path.exists("pid") or not open("pid").read():
        time.sleep(0.01)
    print(open("pid").read())
    """
    with WarmLauncher(sandbox=False) as launcher:
        worker = launcher.launch({})
        said(worker, "import os")
        pid = said(worker, textwrap.dedent(source))
        # Adopted by the parent of the workers, and killed by it: at once, or when the worker goes.
        worker.close()
        assert soon(lambda: not running(int(pid)))


def test_a_killed_parent_is_replaced(launcher):
    launcher.launch({}).close()
    os.kill(launcher._process.pid, signal.SIGKILL)
    assert soon(lambda: launcher._process.poll() is not None)
    worker = launcher.launch({})
    assert said(worker, "print(1)") == "1\n"
    worker.close()


@pytest.mark.parametrize("sandbox", [True, False])
def test_everything_dies_with_a_killed_grader(sandbox):
    source = f"""
    import time
    from backprop_autograder.workers.warm import WarmLauncher
    launcher = WarmLauncher(sandbox={sandbox})
    worker = launcher.launch({{}})
    print(launcher._process.pid, worker._folder, flush=True)
    time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as grader:
        pid, folder = grader.stdout.readline().split()
        below = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        grader.kill()
    assert below
    assert soon(lambda: not any(map(running, [int(pid), *below])) and not Path(folder).exists())


def test_a_forked_grader_gets_a_parent_of_workers_of_its_own(launcher):
    launcher.launch({}).close()
    child = os.fork()
    if not child:
        code = 1
        try:
            worker = launcher.launch({})
            code = 0 if said(worker, "print(1)") == "1\n" else 2
            worker.close()
            launcher.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    worker = launcher.launch({})
    assert said(worker, "print(2)") == "2\n"
    worker.close()


def test_a_worker_that_does_not_listen_cannot_hold_the_grader(launcher, monkeypatch):
    monkeypatch.setattr("backprop_autograder.workers.worker.GRACE", 0.3)
    worker = launcher.launch({})
    deaf = "import threading, time, backprop_autograder.workers.guest as g\ng.receive = lambda *a: time.sleep(99)"
    worker.run(deaf, 20)
    start = time.monotonic()
    with pytest.raises(WorkerLostError):
        worker.run("#" * 2_000_000, 0.3)  # more than the socket holds
    assert time.monotonic() - start < 5


FLOOD = """
import gc, socket, struct
channel = next(o for o in gc.get_objects() if isinstance(o, socket.socket))
while True:
    channel.sendall(struct.pack(">I", 2) + b"{}")
"""


def test_an_endless_flood_of_small_messages_ends_in_time(launcher, monkeypatch):
    monkeypatch.setattr("backprop_autograder.workers.worker.GRACE", 0.3)
    worker = launcher.launch({})
    start = time.monotonic()
    with pytest.raises(WorkerLostError):
        worker.run("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + FLOOD, 0.3)
    assert time.monotonic() - start < 5


def test_a_folder_nested_too_deep_for_python_is_removed(launcher):
    worker = launcher.launch({})
    folder = worker._folder
    worker.run("import os\nfor _ in range(3000):\n    os.mkdir('d', 0o777)\n    os.chdir('d')", 20)
    worker.close()
    assert not folder.exists()


def test_a_system_without_fork_is_slower_and_says_so(monkeypatch, caplog):
    monkeypatch.setattr(warm, "can_fork", lambda: False)
    assert isinstance(start_launcher(sandbox=False), ColdLauncher)
    assert "slower" in caplog.text
    with pytest.raises(NoSandboxError, match="Linux only"):
        start_launcher(sandbox=True)


def test_a_course_inside_the_python_environment_is_refused():
    with pytest.raises(NoSandboxError, match="could read"):
        start_launcher(private=[Path(sys.prefix) / "course"])


def test_a_process_has_one_shared_launcher():
    assert shared_launcher() is shared_launcher()
    assert shared_launcher(sandbox=False) is not shared_launcher()
