"""The answer key is found, in the order of its references, and what is missing in it is said."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from backprop_autograder.cli import find_course, main
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.judging.answer_key import AnswerKeyError, load_exercises

ROOT = Path(__file__).parents[1]
ROOMS = sorted((ROOT / "solutions" / "backprop_solutions" / "exercises").glob("*/*.py"))
REFERENCE = '''"""Two references."""


def {first}(x):
    """Return it, squared.

    Parameters
    ----------
    x : float
    """
    ### BEGIN SOLUTION
    return x * x
    ### END SOLUTION


def helper(x):
    return x
'''


@pytest.fixture
def key(tmp_path, monkeypatch):
    """Return a function that writes an answer key with a reference and rooms, and returns its name."""

    def write(name, reference="square", **rooms):
        package = tmp_path / name
        (package / "exercises" / "unit").mkdir(parents=True)
        for folder in (package, package / "exercises", package / "exercises" / "unit"):
            (folder / "__init__.py").write_text("")
        (package / "unit.py").write_text(REFERENCE.format(first=reference))
        for room, text in rooms.items():
            (package / "exercises" / "unit" / f"{room}.py").write_text(text.replace("KEY", name))
        monkeypatch.syspath_prepend(tmp_path)
        importlib.invalidate_caches()
        return name

    return write


ROOM = """from backprop_autograder import Case, Definition
from KEY.unit import square

exercise = Definition(square)
exercise.aspect("values", hint="h", cases=[Case(label="l", arguments=lambda rng: {"x": 2.0})])
"""
STRANGER = ROOM.replace("from KEY.unit import square\n", "\n\ndef square(x):\n    return x\n\n")


def test_exercises_come_in_the_order_of_their_references():
    unit = importlib.import_module("backprop_solutions.softmax_stability")
    lines = Path(unit.__file__).read_text(encoding="utf-8")
    names = list(load_exercises("softmax_stability"))
    assert names == sorted(names, key=lambda name: lines.index(f"def {name}("))


def test_a_module_without_an_exercise_holds_what_others_share(key):
    assert list(load_exercises("unit", key("key_shared", square=ROOM, inputs="NUMBERS = [1, 2]\n"))) == ["square"]


def test_a_reference_without_a_file_is_an_error(key):
    with pytest.raises(AnswerKeyError, match=r"says nothing about square\. Next: backprop add UNIT NAME"):
        load_exercises("unit", key("key_missing"))


def test_a_file_without_a_reference_is_an_error(key):
    with pytest.raises(AnswerKeyError, match=r"judges square, which unit\.py does not define"):
        load_exercises("unit", key("key_stray", reference="cube", square=STRANGER, cube=ROOM.replace("square", "cube")))


def test_a_key_that_is_not_installed_is_said_in_one_line():
    with pytest.raises(AnswerKeyError, match="No answer key nowhere"):
        load_exercises("unit", "nowhere")


# --- every room ---------------------------------------------------------------------------------------


def test_no_file_of_the_answer_key_is_long():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ROOMS}
    assert not {path.name: n for path, n in lengths.items() if n > 450}
    assert sorted(lengths.values())[len(lengths) // 2] < 200


SWEEPS = ("reverse_accumulate", "forward_accumulate"), ("jvp_chain", "vjp_chain")


@pytest.mark.slow
@pytest.mark.parametrize("pair", SWEEPS)
def test_neither_of_two_opposite_sweeps_is_said_to_rely_on_the_other(pair):
    units = {"reverse_accumulate": "01_chain_rule", "jvp_chain": "04_vector_jacobians"}
    exercises = load_exercises(units[pair[0]])
    for name, other in (pair, pair[::-1]):
        trials = PackedExercise.of(exercises[name]).all_trials
        assert all(other not in trial.question.names for trial in trials)


# --- the command line ---------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


def test_units_are_named_by_number_slug_or_both():
    course = find_course(ROOT)
    for name in ("5", "05", "softmax_stability", "05_softmax_stability"):
        assert course.units((name,)) == ["05_softmax_stability"]


def test_try_prints_what_a_student_reads_for_each_misconception():
    exercise = load_exercises("softmax_stability")["softmax"]
    said = run("try", "5", "softmax").output
    for misconception in exercise.misconceptions:
        assert f"{misconception.name}\n" in said
        assert misconception.cause in said


def test_try_judges_an_answer_in_a_file(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import numpy as np\n\n\ndef softmax(Z):\n    return np.exp(Z) / np.exp(Z).sum(-1, keepdims=True)\n"
    )
    said = run("try", "5", "softmax", str(file)).output
    assert "[values] passed" in said
    assert "exp overflows" in said


@pytest.mark.parametrize(
    ("text", "words"), [("def softmax(Z:", "does not run: SyntaxError"), ("x = 1\n", "does not define softmax")]
)
def test_try_says_what_is_wrong_with_a_file(tmp_path, text, words):
    (tmp_path / "mine.py").write_text(text)
    done = run("try", "5", "softmax", str(tmp_path / "mine.py"))
    assert done.exit_code == 2
    assert words in done.output


def test_try_names_the_exercises_there_are():
    done = run("try", "5", "softmacks")
    assert done.exit_code == 2
    assert "It has: logsumexp, softmax" in done.output


def test_add_asks_for_the_reference_first():
    done = run("add", "5", "nonsense")
    assert done.exit_code == 2
    assert "Next: write the reference first" in done.output


def test_add_overwrites_nothing():
    done = run("add", "5", "softmax")
    assert done.exit_code == 2
    assert "softmax.py exists already" in done.output


@pytest.mark.slow
def test_a_new_exercise_begins_as_a_file_that_quality_does_not_let_pass(tmp_path):
    for folder in ("solutions", "course"):
        (tmp_path / folder).mkdir()
    package = tmp_path / "solutions" / "backprop_solutions"
    (package / "exercises").mkdir(parents=True)
    for folder in (package, package / "exercises"):
        (folder / "__init__.py").write_text("")
    (package / "kinks.py").write_text(REFERENCE.format(first="Square").replace("def Square", "def square_of"))
    (tmp_path / "course" / "source").mkdir()
    (tmp_path / "course" / "nbgrader_config.py").write_text((ROOT / "course" / "nbgrader_config.py").read_text())

    def backprop(*arguments):
        command = [sys.executable, "-m", "backprop_autograder", *arguments]
        environment = {"PYTHONPATH": str(tmp_path / "solutions"), "PATH": ""}
        folder = tmp_path / "course"
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    added = backprop("add", "11_kinks", "square_of")
    assert added.returncode == 0, added.stderr
    room = (package / "exercises" / "kinks" / "square_of.py").read_text()
    assert '"""square_of: return it, squared."""' in room
    assert '{"x": ...}' in room
    measured = backprop("quality", "kinks")
    assert measured.returncode == 1
    assert "still marked TODO: the hint of values" in measured.stdout
