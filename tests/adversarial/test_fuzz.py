"""Random and damaged things meet the gate, the reader and the collector: each gets its word, and nothing raises.

A tenth of them by default; all with ``-m ""``.
"""

import io
import json
import random
import zipfile
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from conftest import write_toy_course
from toy_key.exercises.toy.double import exercise

from backprop_autograder.classroom.collect import Collected, File, _Collecting
from backprop_autograder.classroom.roster import Roster
from backprop_autograder.engine.compare import Close, Property
from backprop_autograder.engine.data import encode
from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.messages import Diagnosis, describe, explain
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.engine.probe import Outcome
from backprop_autograder.judging.grading import Assignment, grade
from backprop_autograder.judging.judge import Judge
from backprop_autograder.workers.worker import _outcome, safe_outputs

DOUBLE = exercise.build()
FEW = pytest.param(0.1, id="a tenth")
ALL = pytest.param(1.0, id="all", marks=pytest.mark.slow)
TAGS = ["float", "complex", "tuple", "set", "dict", "array", "opaque", "formula", "generator", "", "\ud800"]
CODES = ["<f8", ",f8", "<f3", "|b1", ">c16", "|O", "<U9", "f8", "(2,)f8", "<i8,<i8", "\0f8", "", None, 3]
TEXTS = ["", "nan", "inf", "a" * 500, "\x1b]0;owned\x07", "\ud800", "AAAAAAAA8D8=", "=" * 7, "'; DROP", "{x!r:{y}}"]
NUMBERS = [0, 1, -1, 2**63, 10**400, 1.5, -0.0, 1e308, True, False, None]


def anything(rng, depth=0):
    """Return random JSON data that often looks like what `encode` writes."""
    kind = rng.randrange(9 if depth < 5 else 3)
    if kind < 2:
        return rng.choice(NUMBERS)
    if kind == 2:
        return rng.choice(TEXTS)
    if kind == 3:
        return [anything(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 4:
        return {rng.choice(TAGS): anything(rng, depth + 1) for _ in range(rng.choice([0, 1, 1, 1, 2]))}
    if kind == 5:
        shape = [rng.choice([0, 1, 2, 10**9, -1, 1.0]) for _ in range(rng.choice([0, 1, 2, 33]))]
        return {"array": [rng.choice(CODES), shape, rng.choice(TEXTS)]}
    if kind == 6:
        return {"dict": [[anything(rng, depth + 1), anything(rng, depth + 1)] for _ in range(rng.randrange(3))]}
    if kind == 7:
        return {"array": ["<f8", [1], "AAAAAAAA8D8="]}
    return encode(rng.choice([np.ones((4, 3)), np.zeros((4, 3), int), np.float64(2), (1, 2), {"a": 1}, np.ones(0)]))


def reply(rng):
    """Return a random outcome, mostly with the right fields."""
    fields = {
        "result": anything(rng),
        "error": [],
        "message": "",
        "warnings": [],
        "mutated": [],
        "calls": {},
        "line": "",
        "after": {rng.choice(["X", "y"]): anything(rng)} if rng.random() < 0.5 else {},
    }
    for name in rng.sample(list(fields), rng.randrange(3)):
        fields[name] = rng.choice([anything(rng), [rng.choice(TEXTS)] * rng.randrange(200), rng.choice(TEXTS)])
    if rng.random() < 0.05:
        fields.pop(rng.choice(list(fields)))
    return fields if rng.random() < 0.97 else anything(rng)


def complaint(result, expected, **arguments):
    return None if np.all(result == expected) else f"it is {result!r}"


@pytest.mark.parametrize("share", [FEW, ALL])
def test_random_answers_are_compared_and_explained_without_an_exception(share):
    rng, packed = random.Random(7), PackedExercise.of(DOUBLE)
    trials = [t for aspect in DOUBLE.aspects for t in draw_trials(DOUBLE, aspect)]
    wanted = [np.ones((4, 3)), 2.0, 3, True, "a", None, (1.0, 2.0), [np.ones(3), np.ones(3)], {"a": 1}, {1, 2}]
    trials += [replace(t, expected=Outcome(result=w)) for t in trials[:1] for w in wanted]
    trials += [replace(trials[0], comparison=how) for how in (Property(complaint), Close(0, 0), Close(integers=True))]
    trials += [replace(trials[0], expected=Outcome(error=("ValueError", "Exception")))]
    for k in range(round(100_000 * share)):
        trial = trials[k % len(trials)]
        outcome = _outcome(json.loads(json.dumps(reply(rng))), trial.question)
        if failure := trial.failure(outcome):
            found = explain(trial, failure, Diagnosis(), "hint", hidden=bool(k % 2))
            assert len(found.summary.encode()) < 10_000  # which also says that it can be written
        describe(outcome.result).encode()
        if k % 10 == 0:
            answers = {a: [outcome] * len(ts) for a, ts in packed.trials.items()}
            packed.answered(answers).diagnosis("values")


@pytest.mark.parametrize("share", [FEW, ALL])
def test_random_outputs_are_made_safe_without_an_exception(share):
    rng = random.Random(8)
    keys = ["output_type", "data", "text", "name", "ename", "evalue", "traceback", "image/png", "text/plain"]
    kinds = ["stream", "error", "display_data", "execute_result"]
    for _ in range(round(20_000 * share)):
        made = {rng.choice(keys): anything(rng) for _ in range(4)} | {
            "output_type": rng.choice([*kinds, anything(rng)])
        }
        for output in safe_outputs([made, anything(rng)]):
            json.dumps(output, ensure_ascii=False).encode()


def damaged(rng, content):
    """Return bytes that were changed, cut, doubled or put together from pieces."""
    raw = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8, 60])):
        k = rng.randrange(len(raw))
        what = rng.randrange(6)
        if what == 0:
            raw[k] = rng.randrange(256)
        elif what == 1:
            del raw[k : k + rng.randrange(200)]
        elif what == 2:
            raw[k:k] = bytes(rng.randrange(256) for _ in range(rng.randrange(9)))
        elif what == 3:
            raw[k:k] = raw[max(0, k - 100) : k + 100]
        elif what == 4:
            raw[k : k + 1] = rng.choice([b"\0", b'"', b"{", b"[", b"null", b"9" * 400, b"\\ud800", b"NaN", b"\xff\xfe"])
        else:
            j = rng.randrange(len(raw))
            raw[k], raw[j] = raw[j], raw[k]
        if not raw:
            return b""
    return bytes(raw)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return write_toy_course(tmp_path_factory.mktemp("fuzz") / "course")


@pytest.mark.parametrize("share", [FEW, ALL])
def test_every_damaged_notebook_gets_its_verdicts(course, monkeypatch, share):
    # What its cells do is not asked here: they are many, and no worker is started for them.
    rng, assignment = random.Random(9), course.assignment("01_toy")
    monkeypatch.setattr(Assignment, "seed", lambda *_: b"")
    monkeypatch.setattr(Judge, "judge", lambda self, rebuilt, _seed: self.unjudged(rebuilt.notebook, "not run"))
    monkeypatch.setattr("backprop_autograder.judging.grading.show_pictures", lambda *_: 0)
    content = json.dumps(assignment.released, indent=1).encode()
    for _ in range(round(5_000 * share)):
        result = grade(assignment, "s1", damaged(rng, content))
        assert len(result.verdicts) == 3
        assert not result.fault, result.fault
        result.notebook.encode()


@pytest.mark.parametrize("share", [FEW, ALL])
def test_every_damaged_zip_gets_its_line(course, share):
    rng, notebook = random.Random(10), json.dumps(course.assignment("01_toy").released).encode()
    wholes = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(made := io.BytesIO(), "w", method) as archive:
            archive.writestr("01_toy.ipynb", notebook)
            archive.writestr("readme.txt", "hello")
        wholes.append(made.getvalue())
    collecting = _Collecting(course, Roster.of([]))
    for k in range(round(5_000 * share)):
        content = damaged(rng, wholes[k % 4])
        collecting.collected, collecting.found = Collected(), {}
        file = File("anna__01_toy__20200101T120000Z.zip", lambda c=content: io.BytesIO(c), datetime(2021, 1, 1))
        collecting.take(file)
        collecting.settle()
        seen = collecting.collected
        assert len(seen.taken) + len(seen.older) + len(seen.left_out) == 1
        seen.table().encode()
