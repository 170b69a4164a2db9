"""However the cells of a solved notebook are arranged, grades equal those of a plain kernel's namespace."""

import contextlib
import json
import random

import nbformat
import numpy as np
import pytest
from conftest import write_toy_course
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backprop_autograder.engine.data import decode
from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.matching import is_test
from backprop_autograder.judging.plain import asked_of
from backprop_autograder.judging.reading import read_notebook
from backprop_autograder.judging.rebuild import rebuild
from handins.ways import SOLUTIONS, new

RIGHT = {"double": lambda X: 2 * X, "row_means": lambda X: X.mean(axis=1)}  # by hand, not from the answer key
ATTEMPTS = {
    "double": [
        SOLUTIONS["double"],
        "def double(X):\n    return X + X",
        "def double(X):\n    return X * X",
        "double = 3",
    ],
    "row_means": [SOLUTIONS["row_means"], "def row_means(X):\n    return X.sum(axis=1)", "row_means = np.mean"],
}
DECORATIONS = [
    new("markdown", "def double(X):\n    return X"),
    new("code", "x = 1\nx"),
    new("code", ""),
    new("raw", "double = None"),
    new("code", "# nothing"),
    new("markdown", "![](attachment:lost.png)"),
]

PLAIN = {"attempts": SOLUTIONS, "seed": 1, "permute": False, "duplicate": 0, "split": 0, "merge": 0, "decorate": []}
PLAIN["strip"] = None


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    return write_toy_course(tmp_path_factory.mktemp("properties") / "course").assignment("01_toy")


@st.composite
def arrangements(draw):
    """Draw what happens to the cells: attempts, order, copies, halves, unions, decorations, lost ids."""
    return {
        "attempts": {name: draw(st.sampled_from(options)) for name, options in ATTEMPTS.items()},
        "seed": draw(st.integers(0, 2**32)),
        "permute": draw(st.booleans()),
        "duplicate": draw(st.integers(0, 3)),
        "split": draw(st.integers(0, 2)),
        "merge": draw(st.integers(0, 3)),
        "decorate": draw(st.lists(st.sampled_from(DECORATIONS), max_size=3)),
        "strip": draw(st.sampled_from([None, "id", "metadata"])),
    }


def arrange(released, plan):
    """Return the cells of a submission as JSON data."""
    rng = random.Random(plan["seed"])
    cells = json.loads(nbformat.writes(released))["cells"]
    for cell in cells:
        cell["source"] = plan["attempts"].get(cell["id"], "".join(cell["source"]))
    for _ in range(plan["split"]):
        one = rng.choice([c for c in cells if c["cell_type"] == "code"])
        at = cells.index(one)
        helper = {**new("code", "import numpy as np\nHALF = 0.5"), "metadata": one["metadata"]}
        cells[at:at] = [{**helper, "id": one["id"]} if "id" in one else helper]
    for _ in range(plan["duplicate"]):
        cells.insert(rng.randrange(len(cells) + 1), json.loads(json.dumps(rng.choice(cells))))
    if plan["permute"]:
        rng.shuffle(cells)
    for _ in range(plan["merge"]):
        at = rng.randrange(len(cells) - 1)
        first, second = cells[at], cells[at + 1]
        if first["cell_type"] == second["cell_type"] == "code":
            first["source"] += "\n\n" + second["source"]
            del cells[at + 1]
    for cell in plan["decorate"]:
        cells.insert(rng.randrange(len(cells) + 1), dict(cell))
    for cell in cells:
        if plan["strip"] == "id":
            cell.pop("id", None)
        elif plan["strip"]:
            cell["metadata"] = {}
    return cells


def namespace(cells):
    """Run code cells from top to bottom in a plain Python, without what calls check; None if one fails."""
    names = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            try:
                exec("check = lambda *a: None", names)
                exec(cell["source"].replace("from backprop_autograder import check", ""), names)
            except Exception:
                return None
    return names


def expected(names, trial, name):
    """Whether an implementation is right, by an oracle of our own."""
    X = decode(trial.question.arguments, trusted=True)["X"]
    with contextlib.suppress(Exception):
        found = names[name](X.copy())
        return np.shape(found) == np.shape(RIGHT[name](X)) and np.allclose(found, RIGHT[name](X))
    return False


def points_of(names, assignment, seed):
    """Return the points that a namespace earns."""
    points, exercises = 0.0, assignment.judge().exercises
    for cell in filter(is_test, assignment.released.cells):
        name, aspect = asked_of(cell)
        trials = draw_trials(exercises[name], exercises[name].aspect(aspect), seed, hidden=True)
        points += cell.metadata.nbgrader.points * all(expected(names, trial, name) for trial in trials)
    return points


@pytest.mark.parametrize("examples", [15, pytest.param(300, marks=pytest.mark.slow)])
def test_grades_equal_those_of_the_plain_kernels_namespace(assignment, examples):
    compared = []

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(arrangements())
    def compare(plan):
        cells = arrange(assignment.released, plan)
        names = namespace(cells)
        content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()
        result = grade(assignment, "ann", content)
        if names is not None:  # it runs from top to bottom
            compared.append(plan)
            assert result.points == points_of(names, assignment, assignment.seed("ann", result.digest))

    compare()
    assert len(compared) > examples / 4


@pytest.mark.parametrize("examples", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_nothing_that_was_written_disappears_and_nothing_of_the_course_stands_twice(assignment, examples):
    given_texts = {cell.source.strip() for cell in assignment.released.cells}

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(arrangements())
    def compare(plan):
        cells = arrange(assignment.released, plan)
        result = rebuild(assignment.released, json.dumps({"metadata": {}, "cells": cells}).encode())
        shown = {cell.source.strip() for cell in result.notebook.cells}
        assert not {c["source"].strip() for c in cells} - given_texts - shown - {""}
        ids = [cell.id for cell in result.notebook.cells]
        assert len(ids) == len(set(ids))
        assert len(result.order) == len(set(result.order)) and set(result.order) <= set(ids)
        locked = [c.id for c in assignment.released.cells if c.metadata.get("nbgrader", {}).get("locked")]
        assert [i for i in ids if i in locked] == locked
        nbformat.validate(result.notebook)

    compare()


# --- damaged bytes ----------------------------------------------------------------------------------


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return a file with a few bytes changed, removed, doubled or moved."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        at, length = rng.randrange(len(data) or 1), rng.choice((1, 1, 2, 8, 64, 1024))
        match rng.randrange(6):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length]
            case 3:
                data[at:at] = bytes(rng.randrange(256) for _ in range(length % 70))
            case 4:
                data[at:at] = rng.choice(
                    (b'"', b"{", b"}", b"[", b"]", b",", b"\\u0000", b"\\ud800", b"null", b"1e999")
                )
            case 5:
                del data[at:]
    return bytes(data)


def judged(assignment, content):
    """Return how many verdicts a file gets, without running it."""
    rebuilt = rebuild(assignment.released, content)
    if rebuilt.readable:  # else it is the notebook as it was given out
        nbformat.v4.writes(rebuilt.notebook).encode()
    return len(assignment.judge().unjudged(rebuilt.notebook, "a trial"))


@pytest.mark.parametrize("count", [1000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_every_mutation_of_the_bytes_of_a_notebook_is_read_or_refused_and_gets_verdicts(assignment, count):
    import resource

    rng = random.Random(count)
    cells = arrange(assignment.released, PLAIN | {"decorate": DECORATIONS})
    content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}, indent=1).encode()
    judged(assignment, content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    readable = 0
    for _ in range(count):
        file = mutated(content, rng)
        assert judged(assignment, file) == 3
        with contextlib.suppress(ValueError):
            read_notebook(file)
            readable += 1
    assert count / 20 < readable < count  # both kinds were met
    # In kilobytes. Trees of 512 cells are kept; a leak of 20 kB a file would be 400 MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


@pytest.mark.parametrize("count", [10, pytest.param(150, marks=pytest.mark.slow)])
def test_a_sample_of_mutations_is_graded_in_a_worker(assignment, count):
    rng = random.Random(-count)
    content = json.dumps({"metadata": {}, "cells": arrange(assignment.released, PLAIN)}, indent=1).encode()
    for _ in range(count):
        result = grade(assignment, "ann", mutated(content, rng))
        assert len(result.verdicts) == 3 and 0 <= result.points <= 6
