"""What a student reads below a cell, at each stage."""

import contextlib
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from backprop_autograder import Aspect, Case, CheckError, Exercise, check, review
from backprop_autograder.engine import checking
from backprop_autograder.engine.pack import PACK_NAME, build_pack
from backprop_autograder.judging.answer_key import load_exercises


@pytest.fixture(autouse=True)
def beside_a_pack(tmp_path, monkeypatch):
    (tmp_path / PACK_NAME).write_text(build_pack("toy", load_exercises("toy", "toy_key").values()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def double(X):
    return X + X


def message_of(function, *aspect):
    with pytest.raises(CheckError) as caught:
        check(function, *aspect)
    return str(caught.value)


def named(name, function):
    function.__name__ = name
    return function


def test_a_right_answer_passes_and_is_told_what_is_checked_elsewhere(capsys):
    check(double)
    printed = capsys.readouterr().out
    assert printed.startswith("double (values): 3 cases passed.")
    assert "large" in printed and "fresh inputs" in printed


def test_an_unsolved_exercise_says_what_to_implement():
    def double(X):
        raise NotImplementedError("double")

    message = message_of(double)
    assert message.startswith("double is not implemented yet. Next: in its cell above, replace the NotImplemented")
    assert message.endswith("Return twice an array.")


def test_an_exercise_that_needs_an_unsolved_one_names_it():
    def double(X):
        raise NotImplementedError("scale")

    assert "Next: solve scale first" in message_of(double)


def test_an_unsolved_method_of_the_exercise_itself_is_named():
    def double(X):
        raise NotImplementedError("double.bprop")

    assert message_of(double).startswith("double.bprop is not implemented yet. Next: in its cell above, replace")


def test_a_recognised_mistake_is_named_with_inputs_and_both_values():
    message = message_of(named("double", lambda X: X**2))
    assert "For X = a (4, 3) array got" in message and "expected" in message
    assert "Likely cause: The entries are squared. Next: is twice 3 equal to 9?" in message


def test_an_unrecognised_mistake_gets_the_hint():
    message = message_of(named("double", lambda X: 2 * X + np.cos(X)))
    assert "Likely cause" not in message
    assert message.endswith("Next: multiply by two.")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda X: None, "got None: is a return statement missing?, expected shape (4, 3), float64"),
        (lambda X: 2 * X[0], "got shape (3,), float64, expected shape (4, 3), float64"),
        (lambda X: (2 * X).astype(int), "got shape (4, 3), int64"),
        (lambda X: X * np.nan, "got nan at [0, 0], expected"),
        (lambda X: X["a"], "stopped with IndexError"),
        (lambda X: X.__imul__(2), "the argument X was changed"),
        (lambda X: 2 * X + np.exp(np.log(0 * X[:1, :1])), "NumPy warned"),
        (lambda X, Y: X, "stopped with TypeError"),
    ],
)
def test_crash_shape_type_nan_mutation_and_warning_are_worded_differently(function, words):
    assert words in message_of(named("double", function)).replace("\n", " ")


def test_a_name_that_is_not_defined_is_the_next_step():
    message = message_of(named("double", lambda X: 2 * nowhere(X)))  # noqa: F821
    assert message.endswith("is the name spelled as where it was defined or imported, and was that cell run?")


@pytest.mark.parametrize(
    ("function", "next_step"),
    [
        (lambda X: 2 * X if X > 0 else X, "which NumPy function asks it of each entry?"),
        (lambda X: 2 * X + print(), "does every function that this line calls end with return?"),
        (lambda X: X.__imul__(2), "which line changes X? Make a new one, or work on a copy."),
    ],
)
def test_what_python_says_of_many_answers_has_a_next_step_of_its_own(function, next_step):
    assert message_of(named("double", function)).replace("\n", " ").endswith(next_step)


def test_an_unknown_function_is_refused_with_the_list_of_exercises():
    def triple(X):
        return 3 * X

    assert "no exercise called 'triple'" in message_of(triple)


def test_an_alias_is_found_by_the_name_it_is_bound_to(capsys):
    names = {"check": check, "double": lambda X: 2 * X}
    exec("check(double)", names)
    assert "passed" in capsys.readouterr().out


def test_an_unknown_aspect_is_refused_with_the_list_of_aspects():
    assert "values, large" in message_of(double, "speed")


def test_without_a_pack_the_message_says_where_it_should_be(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "No checks.json found" in message_of(double)


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"format": 99, "exercises": {}})])
def test_a_damaged_pack_is_reported_in_words(text, tmp_path):
    (tmp_path / PACK_NAME).write_text(text)
    assert "cannot be read" in message_of(double)


def test_under_autograde_without_a_judge_the_check_fails_closed(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert "not judged" in message_of(double)


def test_the_error_shows_its_message_and_no_traceback():
    with pytest.raises(CheckError) as caught:
        check(named("double", lambda X: X))
    lines = caught.value._render_traceback_()
    assert " ".join(lines).split() == str(caught.value).split()
    assert max(map(len, lines)) <= 88  # JupyterLab breaks longer ones within words


def test_an_exception_is_shown_with_the_students_own_line(tmp_path):
    path = tmp_path / "cell.py"
    path.write_text("def double(X):\n    rows = X.tolist()\n    return rows[99]\n")
    names = {"__name__": "__main__"}
    exec(compile(path.read_text(), str(path), "exec"), names)
    message = message_of(names["double"]).replace("\n", " ")
    assert "stopped with IndexError: list index out of range at: return rows[99]" in message


def test_values_that_look_alike_are_shown_with_the_digits_in_which_they_differ():
    message = message_of(named("double", lambda X: 2 * X * (1 + 3e-8)))
    got, expected = re.search(r"got (\S+) at .*, expected (\S+)\.\n", message).groups()
    assert got != expected


def test_a_loop_without_end_is_stopped_and_said_so_in_one_line(monkeypatch):
    def double(X):
        while True:
            X = X + 0

    monkeypatch.setattr(checking, "SECONDS", 0.2)
    assert "took too long: it was stopped after" in message_of(double)


def test_a_loop_that_catches_everything_is_stopped_too(monkeypatch):
    def double(X):
        for _ in range(3):
            try:
                while True:
                    X = X + 0
            except BaseException:
                pass

    monkeypatch.setattr(checking, "SECONDS", 0.2)
    assert "took too long" in message_of(double)


@pytest.mark.parametrize("factor", [2, 3])
def test_prints_of_a_solution_appear_once(capsys, factor):
    def double(X):
        print("here")
        return factor * X

    with contextlib.suppress(CheckError):
        check(double)
    assert capsys.readouterr().out.count("here") == 1


RELIES = "def row_means(X):\n    return half(X).mean(axis=1)\n\ndef half(X):\n    return double(X) / 4 + 0 * X"


@pytest.mark.parametrize("double", ["def double(X):\n    return X * X", "def double(X):\n    return 2 * abs(X)"])
def test_an_exercise_that_relies_on_one_that_fails_is_told_to_wait(double):
    names = {"check": check, "__name__": "__main__"}
    exec(f"{double}\n\n{RELIES}", names)
    with pytest.raises(CheckError) as caught:
        exec("check(row_means)", names)
    assert str(caught.value).endswith("\ndouble fails its own check. Next: solve it first.")
    assert str(caught.value).startswith("row_means: means of rows. For X = ")


@pytest.mark.parametrize(
    ("double", "row_means"),
    [
        ("def double(X):\n    return 2 * X", RELIES),
        ("def double(X):\n    return X * X", "def row_means(X):\n    return X.mean(axis=0)"),
    ],
    ids=["that one is right", "it does not rely on it"],
)
def test_otherwise_it_is_told_what_is_wrong_with_itself(double, row_means):
    names = {"check": check, "__name__": "__main__"}
    exec(f"{double}\n\n{row_means}", names)
    with pytest.raises(CheckError, match="Next: ") as caught:
        exec("check(row_means)", names)
    assert "double" not in str(caught.value)


def test_the_inputs_of_the_last_failure_are_at_hand():
    message_of(named("double", lambda X: X))
    assert check.failed["X"].shape == (4, 3)


def test_a_solution_that_was_typed_and_not_run_is_told_so(tmp_path):
    def double(X):
        raise NotImplementedError("double")

    cell = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "double"}}}
    stub = "def double(X):\n    raise NotImplementedError"
    for source, words in (("def double(X):\n    return 2 * X", "that was not run"), (stub, "not implemented yet")):
        (tmp_path / "toy.ipynb").write_text(json.dumps({"cells": [{**cell, "source": source}]}))
        assert words in message_of(double)


@pytest.mark.parametrize(
    ("ran", "saved", "told"),
    [
        ("return X", "return 2 * X", True),
        ("return X", "return 2 * X  # and a comment", True),
        ("return X", "return 3 * X", False),  # what was saved is wrong, too
        ("return X", "return X", False),
        ("return X", "return (", False),
        ("return X", "raise OSError", False),
    ],
)
def test_a_right_solution_that_was_not_run_again_is_told_so(tmp_path, ran, saved, told):
    start = "def double(X):\n    "
    cell = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "double"}}, "source": start + saved}
    (tmp_path / "toy.ipynb").write_text(json.dumps({"cells": [cell]}))
    names = {"check": check, "__name__": "__main__", "In": ["", start + ran]}
    exec(start + ran, names)
    with pytest.raises(CheckError) as caught:
        exec("check(double)", names)
    assert ("the cell above was changed after it ran, and is right now" in str(caught.value)) == told


def test_a_right_solution_that_was_run_and_made_worse_without_saving_is_no_reason_to_run_it_again(tmp_path):
    right, worse = "def double(X):\n    return 2 * X", "def double(X):\n    return X"
    cell = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "double"}}, "source": right}
    (tmp_path / "toy.ipynb").write_text(json.dumps({"cells": [cell]}))
    names = {"check": check, "__name__": "__main__", "In": ["", right + "\n", worse]}
    exec(worse, names)
    with pytest.raises(CheckError, match="Nothing is multiplied"):
        exec("check(double)", names)


KEEPS = {
    "a list as default": "def double(X, seen=[]):\n    seen.append(2 * X)\n    return sum(seen)",
    "a memo": "memo = {}\n\ndef double(X):\n    memo[0] = memo.get(0, 0 * X) + X\n    return memo[0] + X",
    "chance": "def double(X):\n    return 2 * X + np.random.default_rng().normal()",
    "an iterator": "left = iter([1])\n\ndef double(X):\n    return 2 * X * next(left)",
}


@pytest.mark.parametrize("source", KEEPS.values(), ids=KEEPS)
def test_an_answer_that_depends_on_earlier_calls_is_told_so(source):
    names = {"check": check, "np": np}
    exec(source, names)
    with pytest.raises(CheckError) as caught:
        exec("check(double)", names)
    assert "The same call gives another result when it is made again" in str(caught.value)


@pytest.mark.parametrize(
    "function",
    [
        lambda X: np.sin(X),
        lambda X: X,  # named by an author
        lambda X: object(),
        lambda X: X * np.nan,
        lambda X: {str(id(X)): X}.popitem()[1][99],
        lambda X: (row for row in X),
    ],
)
def test_one_that_gives_the_same_each_time_is_not(function):
    assert "made again" not in message_of(named("double", function))


def test_a_plain_interpreter_shows_the_message_and_no_traceback(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("from backprop_autograder import check\ndef double(X):\n    return 3 * X\ncheck(double)\n")
    run = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.startswith("double: twice a matrix.") and "Traceback" not in run.stderr


def test_another_exception_than_the_one_asked_for_is_said_beside_it():
    def refuses(x):
        raise ValueError

    exercise = Exercise(refuses, [Aspect("values", [Case(label="a bad one", arguments=lambda rng: {"x": 1})], "h")])

    def stops(x):
        return {}[x]

    assert "stopped with KeyError: 1" in review(exercise, stops)
    assert "; ValueError is asked for." in review(exercise, stops)
