"""``backprop add UNIT NAME --misconception STUDENT`` drafts what an author has to word."""

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from click.testing import CliRunner
from conftest import CONFIG, toy_source, write_toy_course
from nbformat.v4 import new_code_cell

from backprop_autograder.classroom.course import RECORDED
from backprop_autograder.cli import main
from backprop_autograder.judging.verdict import Verdict

UNIT, KEY = "01_toy", "copied_key"
WRONG = '''@print
def double(X, ran=print("when it is imported")):
    """My own words."""
    # ann's idea
    return 3 * X + 1
'''


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course whose answer key may be changed, and in which ann has handed in a wrong answer."""
    course = write_toy_course(tmp_path / "course")
    shutil.copytree(
        CONFIG.parents[1] / "tests" / "toy_key", tmp_path / KEY, ignore=shutil.ignore_patterns("__pycache__")
    )
    for path in [*(tmp_path / KEY).rglob("*.py"), course.root / "nbgrader_config.py"]:
        path.write_text(path.read_text().replace("toy_key", KEY))
    monkeypatch.syspath_prepend(tmp_path)
    for module in [name for name in sys.modules if name.partition(".")[0] == KEY]:  # another test's
        monkeypatch.delitem(sys.modules, module)
    notebook = toy_source()
    notebook.cells.append(new_code_cell(WRONG, id="double-again"))
    folder = course.autograded(UNIT, "ann")
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{UNIT}.ipynb")
    verdict = Verdict("test_double_large", "double", "large", 0.0, 1.0, "wrong", "got 4, expected 2", "large entries")
    record = dict.fromkeys(RECORDED, "") | {"unit": UNIT, "student": "ann", "verdicts": [verdict.to_json()]}
    path = course.verdict_path(UNIT, "ann")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(record))
    return course


def add(course, name, student):
    return CliRunner().invoke(main, ["add", UNIT, name, "--misconception", student, "--course", str(course.root)])


def test_the_draft_stands_among_the_wrong_answers_and_names_nobody(course, tmp_path):
    done = add(course, "double", "ann")
    assert done.exit_code == 0, done.output
    room = (tmp_path / KEY / "exercises" / "toy" / "double.py").read_text()
    draft = room[room.index("def double_gone_wrong_1") :].partition("# --- other right answers")[0]
    assert "return 3 * X + 1" in draft and draft.count("TODO") == 2
    assert "@exercise.misconception('large')" in room
    assert "ann" not in room and "My own words" not in room


def test_nothing_of_a_student_runs_before_somebody_has_read_it(course, tmp_path, capsys):
    add(course, "double", "ann")
    add(course, "double", "ann")
    room = (tmp_path / KEY / "exercises" / "toy" / "double.py").read_text()
    exec(compile(room, "room", "exec"), {})
    assert capsys.readouterr().out == ""
    first, second = (part.partition("\n\n\n")[0] for part in room.split("# A student wrote this")[1:])
    assert "double_gone_wrong_1" in first and "double_gone_wrong_2" in second
    code = "\n".join(line.removeprefix("# ") for line in second.splitlines()[1:])
    exec(code, {"exercise": SimpleNamespace(misconception=lambda _: print)})
    assert "when it is imported" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "student", "words"),
    [
        ("double", "bob", "Next: backprop grade 01_toy --student bob"),
        ("row_means", "ann", "ann has no wrong row_means"),
        ("triple", "ann", "It has: double, row_means"),
    ],
)
def test_what_cannot_be_drafted_from_is_said_in_a_line(course, name, student, words):
    done = add(course, name, student)
    assert done.exit_code == 2 and words in done.output


def test_without_the_name_of_an_exercise_nothing_is_drafted(course):
    done = CliRunner().invoke(main, ["add", UNIT, "--misconception", "ann", "--course", str(course.root)])
    assert done.exit_code == 2 and Path(course.root).exists()
    assert "wants the NAME of an exercise" in done.output
