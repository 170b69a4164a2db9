"""What a submission's process tells about itself gains nothing where it is forged, or half an aspect at most."""

import inspect

import nbformat
import pytest
from conftest import isolated, nbgrader_cell
from nbformat.v4 import new_notebook

from adversarial.attacks.reports import HALF, REPORTS
from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.source import source_of
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.judging.grading import Assignment, grade
from backprop_autograder.judging.limits import Limits

# An exponential order does not finish in 2 s, nor in the 15 that a course gives: it takes 2 ** 30 steps at least.
LIMITS = Limits(cell=5, test=2, notebook=60)
QUICK = {"counts-set-back", "looks-set-back", "plain-arrays", "arguments-as-they-were", "said-to-shuffle"}
ROWS = [pytest.param(r, id=r.name, marks=[] if r.name in QUICK else [pytest.mark.slow]) for r in REPORTS]


def handed_in(report, wrong, forgery=""):
    """Return a notebook of one exercise, with the course's answers to all others above it."""
    exercises = load_exercises(report.unit)
    given = [source_of(e.reference) for name, e in exercises.items() if name != report.exercise]
    asked = [a.name for a in exercises[report.exercise].aspects]
    cells = [
        nbgrader_cell("locked", "setup", "import numpy as np\n\nfrom backprop_autograder import check"),
        nbgrader_cell("locked", "given", imports_of(report.unit) + "\n\n".join(given)),
        nbgrader_cell("solution", report.exercise, wrong + forgery),
        *(nbgrader_cell("test", f"test_{name}", f"check({report.exercise}, {name!r})", 1) for name in asked),
    ]
    return nbformat.writes(new_notebook(cells=cells))


def imports_of(unit):
    """Return the imports of a unit's references."""
    module = inspect.getmodule(next(iter(load_exercises(unit).values())).reference)
    lines = [line for line in inspect.getsource(module).splitlines() if line.startswith(("import ", "from "))]
    return "\n".join(lines) + "\n\n"


def texts(report):
    """Return the wrong answer, and the code that conceals it."""
    exercise = load_exercises(report.unit)[report.exercise]
    wrong = {m.name: f"{source_of(m.implementation)}\n{exercise.name} = {m.name}\n" for m in exercise.misconceptions}
    source = wrong.get(report.wrong, report.wrong).replace("@REFERENCE@", source_of(exercise.reference))
    if "@ANSWERS@" not in report.forgery:
        return source, report.forgery
    known = [t.expected.result for a in exercise.aspects for t in draw_trials(exercise, a, b"at home", hidden=True)]
    return source, report.forgery.replace("@ANSWERS@", repr(known))


def points(report, wrong, forgery=""):
    """Return the points of an aspect, out of 1, and of all others."""
    notebook = handed_in(report, wrong, forgery)
    released = handed_in(report, f"def {report.exercise}():\n    raise NotImplementedError")
    assignment = Assignment(report.unit, released, {}, b"a secret", limits=LIMITS, sandbox=isolated())
    result = grade(assignment, "attacker", notebook.encode())
    assert not result.fault
    earned = {verdict.aspect: verdict.points for verdict in result.verdicts}
    return earned.pop(report.aspect), earned


@pytest.mark.parametrize("report", ROWS)
def test_a_forged_report_gains_no_more_than_is_said(report):
    if report.name == "bytes-not-traced" and not isolated():
        pytest.skip("the sandbox limits memory")
    wrong, forgery = texts(report)
    honest, _ = points(report, wrong)
    forged, _ = points(report, wrong, "\n" + forgery)
    assert honest < 1, "the wrong answer is none"
    assert forged - honest <= report.gains <= HALF
    right = source_of(load_exercises(report.unit)[report.exercise].reference)
    first, others = points(report, right)
    assert {first, *others.values()} == {1}, "a neighbour lost something"


@pytest.mark.slow
@pytest.mark.parametrize("report", [r for r in REPORTS if r.gains], ids=lambda r: r.name)
def test_what_is_said_to_gain_half_does(report):
    wrong, forgery = texts(report)
    assert points(report, wrong)[0] == HALF
    assert points(report, wrong, "\n" + forgery)[0] == 1
