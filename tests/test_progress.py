"""One page to come back to: what passed is remembered beside the units, and shown with points and what is next."""

import json
import tempfile

import nbformat
import pytest
from conftest import the_course

from backprop_autograder import CheckError, check
from backprop_autograder.engine.passed import NAME, passed_checks, remember
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.release import release_files
from backprop_course.progress import progress, read_progress

UNIT, NEXT = "00_start_here", "01_chain_rule"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Two units as students have them; the first is where they are."""
    for unit in (UNIT, NEXT):
        for name, content in release_files(the_course().source(unit)).items():
            path = tmp_path / unit / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    monkeypatch.chdir(tmp_path / UNIT)
    return tmp_path


def gear_train(ratios):
    product = 1.0
    for ratio in ratios:
        product *= ratio
    return product


def wrong(ratios):
    return sum(ratios)


wrong.__name__ = "gear_train"


def test_a_check_that_passes_is_remembered_beside_the_units(course):
    check(gear_train)
    check(gear_train, "no_gears")
    assert passed_checks(course) == {UNIT: {"gear_train": ["no_gears", "values"]}}
    assert sorted(path.name for path in course.iterdir()) == [NAME, UNIT, NEXT]


def test_a_check_that_passed_and_now_fails_is_forgotten(course):
    check(gear_train)
    with pytest.raises(CheckError):
        check(wrong)
    assert passed_checks(course) == {UNIT: {"gear_train": []}}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 0, "passed": 3}', b'{"format": 1, "passed": 3}'])
def test_a_file_that_says_nothing_is_as_good_as_none(course, content):
    (course / NAME).write_bytes(content)
    assert "0 of" in repr(progress())
    check(gear_train)
    assert passed_checks(course) == {UNIT: {"gear_train": ["values"]}}


def test_where_nothing_can_be_written_a_check_passes_as_ever(course, monkeypatch, capsys):
    def refuse(*_args, **_kwargs):
        raise PermissionError("read-only file system")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    check(gear_train)
    assert "passed" in capsys.readouterr().out
    assert not (course / NAME).exists()


def test_points_are_those_of_the_notebooks_cells(course):
    notebook = nbformat.read(course / NEXT / f"{NEXT}.ipynb", as_version=4)
    about = {c.id: c.metadata.nbgrader for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")}
    remember(course / NEXT, "evaluate_graph", "values", passed=True)
    (unit,) = (u for u in read_progress(course / NEXT).units if u.name == NEXT)
    assert unit.points == about["test_evaluate_graph"].points
    assert unit.most + unit.written == sum(cell.points for cell in about.values())


def test_what_is_next_is_open_in_this_unit_or_else_in_the_first_that_has_something_open(course):
    _, first = progress().next()
    assert first.name == "gear_train"
    check(gear_train)
    check(gear_train, "no_gears")
    unit, second = progress().next()
    assert (unit.name, second.name) == (NEXT, "evaluate_graph")


def test_the_table_links_the_units_and_names_the_next_exercise(course):
    check(gear_train)
    table = progress()._repr_html_()
    assert "<table>" in table and f"../{NEXT}/{NEXT}.ipynb" in table
    assert "◐ gear_train" in table and "○ evaluate_graph" in table


def test_a_notebook_that_cannot_be_read_is_left_out(course):
    (course / NEXT / f"{NEXT}.ipynb").write_text("{")
    assert [unit.name for unit in progress().units] == [UNIT]


def test_the_file_is_whole_after_every_check_and_nothing_else_is_left_beside_it(course):
    for k in range(20):
        remember(course / UNIT, f"exercise_{k}", "values", passed=True)
        assert len(json.loads((course / NAME).read_bytes())["passed"][UNIT]) == k + 1
    assert [path.name for path in course.glob(f"{NAME}*")] == [NAME]


def test_grading_a_submission_neither_writes_nor_reads_what_is_remembered():
    assignment = the_course().assignment(UNIT)
    notebook = nbformat.read(the_course().source(UNIT) / f"{UNIT}.ipynb", as_version=4)
    look = "from pathlib import Path\nprint(sorted(p.name for p in Path.cwd().parent.glob('.backprop*')), progress())"
    notebook.cells.append(nbformat.v4.new_code_cell(look))
    graded = nbformat.reads(grade(assignment, "ann", nbformat.writes(notebook).encode()).notebook, as_version=4)
    (shown,) = (cell for cell in graded.cells if cell.source == look)
    assert "[] None" in "".join(output.get("text", "") for output in shown.outputs)
