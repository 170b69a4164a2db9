"""Whoever is graded beside an attack keeps every point and their time."""

import json
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from conftest import write_toy_course

from adversarial.attacks import ATTACKS
from adversarial.stage import Stage, honest, remove
from backprop_autograder.classroom.local import Graders
from backprop_autograder.judging.grading import Task
from backprop_autograder.judging.limits import Limits
from backprop_autograder.workers.warm import can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="the sandbox needs Linux")
NEIGHBOURS, ALL_POINTS = 3, 6
ATTACKER = Limits(cell=0.8, test=0.5, notebook=1.6)
# An answer takes milliseconds: whoever has to wait for a lease or a lock, which takes longer, loses points.
HONEST = Limits(cell=1, test=1, notebook=30)
BESIDE = [a for a in ATTACKS if a.family in ("neighbours", "batch")]
# Of each other kind the first one.
BESIDE += [next(a for a in ATTACKS if a.family == family) for family in {a.family: 0 for a in ATTACKS}]
QUICK = ("lease",)
ROWS = [
    pytest.param(a, id=a.name, marks=[] if a.name in QUICK else [pytest.mark.slow])
    for a in {attack.name: attack for attack in BESIDE}.values()
]


@pytest.fixture(scope="module")
def stage():
    stage = Stage(Path(tempfile.mkdtemp(prefix="stage-")))
    stage.assignment = write_toy_course(stage.course).assignment("01_toy")
    stage.open_to_all()
    yield stage
    stage.close()
    remove(stage.root)


@pytest.fixture(scope="module")
def graders(stage):
    """Two grading processes, both at work before: an attack is not over before a neighbour begins."""
    calm = replace(stage.assignment, limits=HONEST)
    right = honest(calm.released).encode()
    with closing(Graders(99, 2, calm.sandbox, calm.private)) as graders:
        list(graders.run([Task(calm, f"first{k}", lambda: right) for k in range(2)]))
        yield graders


@pytest.mark.parametrize("attack", ROWS)
def test_an_honest_neighbour_keeps_every_point_and_its_time(stage, graders, attack):
    released = stage.assignment.released
    content = attack.notebook(json.loads(nbformat.writes(released)), lambda source: stage.fill(source, 1))
    right = honest(released).encode()
    calm, wild = (replace(stage.assignment, limits=limits) for limits in (HONEST, ATTACKER))
    # Two names for one unit: a grading process keeps the assignment that it was given first.
    wild = replace(wild, unit="02_toy")
    tasks = [Task(wild, "attacker", lambda: content)]
    tasks += [Task(calm, f"neighbour{k}", lambda: right) for k in range(NEIGHBOURS)]
    results = {result.student: result for result in graders.run(tasks)}
    assert [results[f"neighbour{k}"].points for k in range(NEIGHBOURS)] == [ALL_POINTS] * NEIGHBOURS
    assert all(not result.fault for result in results.values())
