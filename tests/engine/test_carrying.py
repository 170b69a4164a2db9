"""A slip costs once: what relies on a failed exercise is judged with the course's in its place."""

import json
from dataclasses import replace

import nbformat
import pytest
from conftest import submission, the_course
from engine.test_judge import HANG, RIGHT, assignment, judged, statuses  # noqa: F401

from backprop_autograder.engine.source import source_of
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.limits import Limits
from backprop_autograder.judging.verdict import Verdict

STUB = 'def double(X):\n    raise NotImplementedError("double")'
RELIES = "def row_means(X):\n    return double(X).mean(axis=1) / 2"


def carried(result):
    return [verdict.carried for verdict in result.verdicts]


@pytest.mark.parametrize(
    "double",
    [
        "def double(X):\n    return X * X",
        STUB,
        "double = None",
        "def double(X",
        "",
        pytest.param(f"def double(X):\n    {HANG}", marks=pytest.mark.slow),
    ],
    ids=["wrong", "unsolved", "no function", "unreadable", "deleted", "endless"],
)
def test_what_relies_on_a_failed_exercise_keeps_its_points_and_that_one_fails(assignment, double):  # noqa: F811
    double = double.replace("\n    pass", "\n        pass")
    result = judged(replace(assignment, limits=Limits(1, 1, 60)), double=double, row_means=RELIES)
    assert [verdict.points for verdict in result.verdicts] == [0, 0, 3]
    assert carried(result) == [(), (), ("double",)]
    assert result.verdicts[2].message == "row_means (values): right with the course's double; yours fails."


@pytest.mark.parametrize(
    "row_means",
    [
        "def half(X):\n    return double(X) / 4\n\ndef row_means(X):\n    return (half(X) + half(X)).mean(axis=1)",
        "twice = double\n\ndef row_means(X):\n    return twice(X).mean(axis=1) / 2",
        "def row_means(X, twice=double):\n    return twice(X).mean(axis=1) / 2",
        "class Means:\n    def __call__(self, X):\n        return double(X).mean(axis=1) / 2\n\nrow_means = Means()",
    ],
    ids=["by a helper", "by another name", "by a default", "by a class"],
)
def test_it_may_rely_on_it_in_any_way(assignment, row_means):  # noqa: F811
    result = judged(assignment, double="def double(X):\n    return X", row_means=row_means)
    assert carried(result)[2] == ("double",)


@pytest.mark.parametrize(
    "row_means",
    [
        "def row_means(X):\n    return double(X).sum(axis=1)",
        "def row_means(X):\n    double(X)\n    return X.mean(axis=0)",
    ],
)
def test_a_mistake_of_its_own_costs_its_points(assignment, row_means):  # noqa: F811
    result = judged(assignment, double="def double(X):\n    return X", row_means=row_means)
    assert result.points == 0


def test_a_right_answer_that_needs_no_help_gets_none(assignment):  # noqa: F811
    result = judged(assignment, double="def double(X):\n    return X")
    assert statuses(result) == ["wrong", "wrong", "passed"]
    assert carried(result) == [(), (), ()]


def test_an_earlier_exercise_does_not_lean_on_a_later_one(assignment):  # noqa: F811
    by_means = "def double(X):\n    return X + row_means(X * 0)[:, None] + X"
    wrong_means = "def row_means(X):\n    return X.mean(axis=1) + 1"
    assert judged(assignment, double=by_means, row_means=wrong_means).points == 0


def launches(monkeypatch, assignment, **solutions):  # noqa: F811
    """Return how many workers a submission took."""
    count = []
    launcher = assignment.launcher()

    class Counting:
        def launch(self, *given):
            count.append(1)
            return launcher.launch(*given)

    judge = assignment.judge()
    monkeypatch.setattr(type(assignment), "judge", lambda self: replace(judge, launcher=Counting))
    judged(assignment, **solutions)
    return len(count)


@pytest.mark.parametrize(
    ("solutions", "workers"),
    [
        ({}, 1),
        ({"double": STUB}, 1),
        ({"double": STUB, "row_means": "def row_means(X):\n    return X"}, 1),
        ({"double": STUB, "row_means": RELIES}, 2),
    ],
    ids=["right", "one fails", "two fail apart", "one relies on the other"],
)
def test_another_worker_is_started_only_if_it_can_matter(monkeypatch, assignment, solutions, workers):  # noqa: F811
    assert launches(monkeypatch, assignment, **solutions) == workers


READS = """
import inspect, linecache, sys
def row_means(X):
    code = double.__code__
    text = str([code.co_code.hex(), code.co_consts, code.co_names])
    print(text, file=sys.__stderr__)
    print(text)
    open("taken.txt", "w").write(text)
    get_ipython().user_ns["In"].append(text)
    raise ValueError(text)
"""


def test_what_reads_the_courses_function_takes_nothing_with_it(assignment):  # noqa: F811
    """The multiplication by two is the whole secret; bytecode, names and constants would show it."""
    after = "print('taken' in str(globals().get('In')), double)\nrow_means_taken = double.__code__.co_consts"
    result = judged(assignment, double=STUB, row_means=READS + after)
    told = result.notebook + json.dumps([verdict.to_json() for verdict in result.verdicts])
    secret = compile(source_of(load_exercises("toy", "toy_key")["double"].reference), "", "exec").co_consts[0]
    assert secret.co_code.hex() not in told
    assert result.points == 0


def test_a_submission_cannot_earn_the_failed_exercises_points_with_the_courses_function(assignment):  # noqa: F811
    """In the worker that has it, `double` is not asked; in the one that asks, nobody has it."""
    steals = STUB + "\nkept = []\n"
    keeps = "def row_means(X):\n    kept.append(double)\n    return double(X).mean(axis=1) / 2\n"
    keeps += "def double(X):\n    return kept[-1](X)\n"
    result = judged(assignment, double=steals, row_means=keeps)
    assert [verdict.points for verdict in result.verdicts] == [0, 0, 3]


def test_outputs_are_those_of_the_submissions_own_functions(assignment):  # noqa: F811
    result = judged(assignment, double="def double(X):\n    return X", row_means=RELIES)
    cells = {cell.id: cell for cell in nbformat.reads(result.notebook, as_version=4).cells}
    assert "1., 1." in cells["try-double"].outputs[0]["data"]["text/plain"]


def test_a_worker_that_dies_beside_the_courses_function_leaves_the_verdict_as_it_was(assignment):  # noqa: F811
    dies = "import os\ndef row_means(X):\n    double(X)\n    os._exit(1)"
    result = judged(assignment, double=STUB, row_means=dies)
    assert statuses(result) == ["unsolved", "unsolved", "unsolved"]


def test_a_verdict_with_what_it_relied_on_survives_its_own_text():
    given = Verdict("t", "backward", "values", 1.0, 1.0, "passed", "all 3 cases passed", carried=("Value", "order"))
    assert Verdict.from_json(json.loads(json.dumps(given.to_json()))) == given
    assert given.message == "backward (values): right with the course's Value and order; yours fail."


def solved(unit, **changed):
    """Return a released notebook with the references in it, some of them changed."""
    assignment = the_course().assignment(unit)  # noqa: F811
    sources = {name: source_of(e.reference) for name, e in load_exercises(unit).items()}
    for name, (right, wrong) in changed.items():
        assert right in sources[name]
        sources[name] = sources[name].replace(right, wrong)
    notebook = submission(assignment.released, **sources)
    return grade(assignment, "ann", nbformat.writes(notebook).encode())


def test_an_engine_whose_numbers_are_wrong_costs_the_sweep_through_them_nothing():
    """`Value` is named by the questions about `backward`, not by its text."""
    result = solved("03_scalar_backprop", Value=("(other.data, self.data)", "(self.data, other.data)"))
    lost = {verdict.exercise for verdict in result.verdicts if verdict.status != "passed"}
    assert lost == {"Value"}
    assert ("Value",) in carried(result)


def test_two_sweeps_over_a_wrong_order_lose_nothing():
    result = solved("01_chain_rule", topological_order=("return order\n", "return order[::-1]\n"))
    by_exercise = {verdict.exercise: verdict for verdict in result.verdicts if verdict.carried}
    assert set(by_exercise) == {"reverse_accumulate", "forward_accumulate"}
    assert {verdict.exercise for verdict in result.verdicts if not verdict.points} == {"topological_order"}
