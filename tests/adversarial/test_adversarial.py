"""No submission gains a point, harms anyone, or stops the grading. The table is in `attacks`."""

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from conftest import write_toy_course

from adversarial.attacks import ATTACKS
from adversarial.measure_stock import STOCK
from adversarial.stage import Stage, honest, printed, remove, wait_for, write_gradebook
from adversarial.write_security import PAGE, page
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.limits import Limits
from backprop_autograder.workers.sandbox import lacking
from backprop_autograder.workers.warm import WarmLauncher, can_fork, shared_launcher

pytestmark = pytest.mark.skipif(not can_fork(), reason="the sandbox needs Linux")
TIGHT = Limits(cell=0.5, test=0.5, notebook=30)
HONEST_MEANS_POINTS, ALL_POINTS = 3, 6
QUICK = {next(a.name for a in ATTACKS if a.family == family and not a.slow) for family in {a.family for a in ATTACKS}}
ROWS = [pytest.param(a, id=a.name, marks=[] if a.name in QUICK else [pytest.mark.slow]) for a in ATTACKS]


@pytest.fixture(scope="module")
def stage():
    stage = Stage(Path(tempfile.mkdtemp(prefix="stage-")))
    os.environ["BACKPROP_CANARY"] = stage.token  # the grader's environment has secrets too
    course = write_toy_course(stage.course)
    stage.secrets[course.secret().hex()] = "the judge's secret"
    (stage.course / "submitted" / "peer" / "01_toy").mkdir(parents=True)
    write_gradebook(stage.course / "gradebook.db", stage.token)
    assignment = course.assignment("01_toy")
    peer = stage.course / "submitted" / "peer" / "01_toy" / "01_toy.ipynb"
    peer.write_text(honest(assignment.released))
    stage.open_to_all()
    stage.assignment = replace(assignment, limits=TIGHT)
    stage.calm = assignment
    yield stage
    del os.environ["BACKPROP_CANARY"]
    stage.close()
    remove(stage.root)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr("backprop_autograder.judging.rebuild.READING", 5.0)
    monkeypatch.setattr("backprop_autograder.workers.worker.GRACE", 0.4)


def hand_in(stage, attack):
    """Put an attack where nbgrader collects submissions, and return what the grader reads."""
    folder = stage.course / "submitted" / "attacker" / "01_toy"
    remove(folder)
    folder.mkdir(parents=True)
    released = json.loads(nbformat.writes(stage.assignment.released))
    content = attack.notebook(released, lambda source: stage.fill(source, os.getpid()))
    (folder / "01_toy.ipynb").write_bytes(content)
    for name, text in attack.files.items():
        (folder / name).write_text(text)
    return content


def launcher_of(stage):
    return shared_launcher(True, [Path(folder) for folder in stage.assignment.private])


def forget_peak():
    """Begin anew with the most memory that there was: this process may have run other tests before."""
    Path("/proc/self/clear_refs").write_text("5")


def peak():
    (line,) = (x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM:"))
    return int(line.split()[1]) << 10


def memory():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize("attack", ROWS)
def test_an_attack_gains_nothing_and_harms_nobody(stage, attack):
    assert_harmless(stage, attack)


# Where a host lacks some layers, and `backprop doctor` calls the others sufficient.
FALLBACKS = {
    "without namespaces": (
        "pid namespace",
        "own user",
        "network namespace",
        "ipc namespace",
        "root folder",
        "thread limit",
    ),
    "without Landlock": ("Landlock",),
}
KEPT_OUT = [a for a in ATTACKS if a.family in ("secrets", "others", "batch", "neighbours")]


@pytest.fixture(scope="module", params=FALLBACKS.values(), ids=FALLBACKS)
def fallback(request):
    layers = shared_launcher().layers
    if any(layers.values()) and lacking({**layers, **dict.fromkeys(request.param, "left out")}):
        pytest.skip("this host has no other layer: nothing is graded on it")
    with WarmLauncher(without=request.param) as launcher:
        yield launcher


@pytest.mark.slow
@pytest.mark.parametrize("attack", KEPT_OUT, ids=lambda attack: attack.name)
def test_an_attack_does_no_more_where_a_host_has_some_layers_only(stage, fallback, monkeypatch, attack):
    fallback.check_isolation()
    monkeypatch.setattr("backprop_autograder.judging.grading.shared_launcher", lambda *_: fallback)
    assert_harmless(stage, attack)


def assert_harmless(stage, attack):
    """Grade an attack, and say what it gained or did."""
    forget_peak()
    descriptors, before = len(list(Path("/proc/self/fd").iterdir())), memory()
    result = grade(stage.assignment, "attacker", hand_in(stage, attack))
    wait_for(0.15)
    assert result.points == (HONEST_MEANS_POINTS if attack.honest else 0), [v.message for v in result.verdicts]
    assert len(result.verdicts) == 3
    assert stage.harm([*printed(result.notebook), result.record()]) == []
    assert len(result.notebook) < 4 << 20
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors + 2  # the launcher's own, on first use
    assert memory() - before < 300 << 20
    # A grading process begins with less than a quarter of a GB, and never takes one.
    assert peak() - before < (1 << 30) - (1 << 28)
    result.notebook.encode()
    nbformat.validate(nbformat.reads(result.notebook, as_version=4))
    after = grade(stage.calm, "peer", (stage.course / "submitted/peer/01_toy/01_toy.ipynb").read_bytes())
    assert after.points == ALL_POINTS


def test_nothing_runs_when_the_attacks_are_over(stage):
    launcher = launcher_of(stage)
    launcher.launch({}).close()
    wait_for(0.6)  # the parent of the workers looks after the dead twice a second
    assert len(descendants(launcher._process.pid)) <= 1  # the first process of the pid namespace


def descendants(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [*children, *(d for child in children for d in descendants(child))]


def test_there_are_more_than_eighty_attacks_of_all_families():
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) > 80
    families = {attack.family for attack in ATTACKS}
    known = {"verdict", "comparison", "secrets", "others", "batch", "damaged files", "transport"}
    assert families == known | {"the gate", "neighbours"}


def test_the_page_says_what_was_measured():
    stock = json.loads(STOCK.read_text())
    assert set(stock) == {attack.name for attack in ATTACKS if not attack.ours_only}
    assert PAGE.read_text(encoding="utf-8") == page(stock)
