"""The judge gives every test cell a verdict, whatever the cells do."""

from dataclasses import replace

import nbformat
import numpy as np
import pytest
from conftest import nbgrader_cell, submission
from toy_key.exercises.toy.double import exercise

from backprop_autograder.engine.data import decode
from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.judge import _Session
from backprop_autograder.judging.limits import Limits
from backprop_autograder.judging.plain import ReleaseError, plain_tests

DOUBLE = exercise.build()
RIGHT = {"double": "def double(X):\n    return 2 * X", "row_means": "def row_means(X):\n    return X.mean(axis=1)"}
HANG = "while True:\n    pass"


@pytest.fixture
def assignment(toy_course):
    return replace(toy_course.assignment("01_toy"), limits=Limits(2, 2, 60))


def judged(assignment, student="s1", **solutions):
    notebook = submission(assignment.released, **{**RIGHT, **solutions})
    return grade(assignment, student, nbformat.writes(notebook).encode())


def statuses(result):
    return [verdict.status for verdict in result.verdicts]


def test_right_answers_get_full_marks(assignment):
    result = judged(assignment)
    assert statuses(result) == ["passed"] * 3
    assert result.points == result.max_points == 6


def test_an_untouched_notebook_gets_nothing(assignment):
    result = grade(assignment, "s1", nbformat.writes(assignment.released).encode())
    assert statuses(result) == ["unsolved"] * 3
    assert result.points == 0


def test_a_mistake_is_recognised_without_showing_a_hidden_input(assignment):
    result = judged(assignment, double="def double(X):\n    return X * X")
    assert statuses(result) == ["wrong", "wrong", "passed"]
    verdict = result.verdicts[0]
    assert verdict.misconceptions == ("square",)
    assert "The entries are squared" in verdict.message and "X =" not in verdict.message


@pytest.mark.parametrize("killer", [HANG, "import os\nos._exit(1)", "import os, signal\nos.kill(os.getpid(), 9)"])
def test_a_cell_that_hangs_or_dies_costs_itself_and_not_the_rest(assignment, killer):
    result = judged(assignment, double=killer)
    assert statuses(result) == ["wrong", "wrong", "passed"]


@pytest.mark.slow
@pytest.mark.parametrize("body", [HANG, "import os\nos._exit(1)"])
def test_a_function_that_hangs_or_dies_when_asked_costs_its_own_points(assignment, body):
    wrong = "def double(X):\n" + "\n".join("    " + line for line in body.split("\n"))
    result = judged(assignment, double=wrong)
    assert statuses(result) == ["lost", "lost", "passed"]


def test_cells_that_use_up_their_time_leave_the_exercises_theirs(assignment):
    tight = replace(assignment, limits=Limits(2, 2, 1))
    result = judged(tight, double=f"{RIGHT['double']}\n\n{HANG}")
    assert statuses(result) == ["passed"] * 3


def test_the_tests_of_a_notebook_have_a_budget(assignment):
    tight = replace(assignment, limits=Limits(2, 2, 1))
    result = judged(tight, double="def double(X):\n    while True:\n        pass")
    assert statuses(result)[-1] == "lost"
    assert "used up" in result.verdicts[-1].message


@pytest.mark.parametrize(
    "patch",
    [
        "import numpy as np\nnp.allclose = np.isclose = np.array_equal = lambda *a, **k: True",
        "check = lambda *a: print('passed')",
        "import backprop_autograder as b\nb.check = b.engine.checking.check = lambda *a: None",
        "get_ipython().run_cell = lambda *a, **k: None",
        "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
        "import backprop_autograder.engine.compare as c\nc.difference = lambda *a: None",
        "import backprop_autograder.engine.trial as t\nt.Trial.failure = lambda *a: None",
        "import sys\nsys.displayhook(100)",
        "class Yes(float):\n    __eq__ = __le__ = __ge__ = lambda *a: True\ndouble = lambda X: Yes()",
        "print('double (values): 3 cases passed.')",
    ],
)
def test_patching_numpy_ipython_or_the_engine_gains_nothing(assignment, patch):
    stub = 'def double(X):\n    raise NotImplementedError("double")\n'
    result = judged(assignment, double=stub + patch, row_means=patch)
    assert result.points == 0


def test_a_function_that_uses_a_name_defined_further_down_passes(assignment):
    uses_later = "def double(X):\n    return FACTOR * X"
    result = judged(assignment, double=uses_later, row_means=RIGHT["row_means"] + "\n\nFACTOR = 2")
    assert statuses(result) == ["passed"] * 3
    assert statuses(judged(assignment, double=uses_later)) == ["wrong", "wrong", "passed"]


def test_an_exercise_that_is_defined_again_further_down_keeps_the_better_verdict(assignment):
    again = RIGHT["row_means"] + "\n\ndef double(X):\n    return {} * X"
    assert statuses(judged(assignment, double="def double(X):\n    return X", row_means=again.format(2)))[0] == "passed"
    assert statuses(judged(assignment, row_means=again.format(3)))[0] == "passed"
    wrong = judged(assignment, double="def double(X):\n    return X", row_means=again.format(3))
    assert statuses(wrong) == ["wrong", "wrong", "passed"]


def test_what_was_asked_before_does_not_help_when_it_is_asked_again(assignment):
    remember = "seen = []\n\ndef double(X):\n    seen.append(X.copy())\n    return X"
    table = "known = {X.tobytes(): 2 * X for X in seen}\n\ndef double(X):\n    return known.get(X.tobytes(), X)"
    result = judged(assignment, double=remember, row_means=f"{RIGHT['row_means']}\n\n{table}")
    assert statuses(result) == ["wrong", "wrong", "passed"]


@pytest.mark.parametrize(
    "leak",
    [
        "raise ValueError(list(X))",
        "raise NotImplementedError(str(X))",
        "raise type('E' + str(X[0, 0]).replace('.', '_').replace('-', 'm'), (Exception,), {})",
        "import warnings\n    warnings.warn(str(X), RuntimeWarning)\n    return 2 * X",
        "return {str(X): X}",
        "return str(X)",
        "return type(str(X[0, 0]), (), {})()",
    ],
)
def test_a_submission_cannot_write_a_fresh_input_into_its_own_feedback(assignment, leak):
    result = judged(assignment, double=f"def double(X):\n    {leak}")
    trials = draw_trials(DOUBLE, DOUBLE.aspect("values"), assignment.seed("s1", result.digest), hidden=True)
    drawn = np.ravel([decode(t.question.arguments, trusted=True)["X"] for t in trials])
    message = result.verdicts[0].message
    assert result.verdicts[0].status != "passed"
    assert not any(f"{abs(x):.3f}"[:4] in message.replace("_", ".") for x in drawn)


def test_no_question_that_counts_is_asked_before_its_own_test(assignment, monkeypatch):
    """A wrong answer is asked more, to tell why: nothing of it may be what a later test counts."""
    asked, ask = [], _Session._ask

    def listening(self, trials, until):
        asked.append([trial.question.arguments for trial in trials])
        return ask(self, trials, until)

    monkeypatch.setattr(_Session, "_ask", listening)
    result = judged(assignment, double="def double(X):\n    return X")
    seed = assignment.seed("s1", result.digest)
    for aspect in DOUBLE.aspects:
        counting = [t.question.arguments for t in draw_trials(DOUBLE, aspect, seed, hidden=True)]
        first = next(questions for questions in asked if any(question in counting for question in questions))
        assert first == counting


def test_an_answer_that_depends_on_earlier_calls_is_told_so(assignment):
    keeps = "def double(X, seen=[]):\n    seen.append(2 * X)\n    return sum(seen)"
    assert "The same call gives another result" in judged(assignment, double=keeps).verdicts[0].message


def test_an_exception_in_a_fresh_case_is_shown_with_the_students_own_line_and_no_value(assignment):
    result = judged(assignment, double="def double(X):\n    rows = X.tolist()\n    return rows[99 + len(X)]  # <b>")
    words = "stopped with IndexError at: return rows[99 + len(X)]  # <b>."
    assert words in result.verdicts[0].message


def test_a_line_that_the_submission_does_not_hold_is_not_shown(assignment):
    made = """
import linecache
def double(X):
    text = f"raise ValueError  # {X[0, 0]}"
    linecache.cache["made"] = (1, None, [text], "made")
    exec(compile(text, "made", "exec"))
"""
    message = judged(assignment, double=made).verdicts[0].message
    assert "stopped with ValueError" in message and "#" not in message


def test_a_test_cell_shows_the_judges_words_only(assignment):
    notebook = nbformat.reads(judged(assignment, double="print('all passed')").notebook, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    assert [o.output_type for o in cells["test_double"].outputs] == ["error"]
    assert [o.output_type for o in cells["test_row_means"].outputs] == ["stream"]


def test_grading_again_gives_the_same_record_and_another_student_other_cases(assignment):
    wrong = "def double(X):\n    return X + 1"
    first, again = (judged(assignment, double=wrong) for _ in range(2))
    assert first.record() == again.record()
    assert assignment.seed("s1", first.digest) != assignment.seed("s2", first.digest)
    assert assignment.seed("s1", first.digest) != assignment.seed("s1", "handed in again")


def test_a_file_that_is_no_notebook_gets_verdicts_too(assignment):
    result = grade(assignment, "s1", b"{")
    assert statuses(result) == ["unjudged"] * 3
    assert "not a notebook" in result.verdicts[0].message


@pytest.mark.parametrize("source", ["check(double, 3)", "check(double)\nassert True", "check(double); check(double)"])
def test_a_test_cell_that_calls_check_and_does_something_else_is_refused(source):
    source_notebook = nbformat.v4.new_notebook(cells=[nbgrader_cell("test", "test_double", source, 1)])
    with pytest.raises(ReleaseError, match="test_double: a call of check stands alone"):
        plain_tests(source_notebook)
