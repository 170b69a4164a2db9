"""The course itself: sources get full marks, untouched releases get none, notebooks keep to their form."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from conftest import the_course

from backprop_autograder.authoring.sync import normal_form
from backprop_autograder.classroom.demo import Unit, own_ways
from backprop_autograder.engine.mutants import Ticks, mutants_of
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.judging.grading import grade
from backprop_autograder.judging.matching import DEMONSTRATION, is_demonstration, is_solution, is_test
from backprop_autograder.judging.release import release_files
from backprop_autograder.judging.sources import names_of

COURSE = the_course()
UNITS = COURSE.units()
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def source(unit):
    return COURSE.source(unit) / f"{unit}.ipynb"


@cache
def released_files(unit):
    """Return a unit's release, built once."""
    return release_files(COURSE.source(unit))


@cache
def solved(unit):
    """Return the verdicts on a unit's source notebook."""
    return grade(COURSE.assignment(unit), "source", source(unit).read_bytes())


def released_form(unit):
    return COURSE.assignment(unit).released


def cells(unit):
    return nbformat.read(source(unit), as_version=4).cells


LONG = ("03_scalar_backprop", "10_autodiff")


@pytest.mark.parametrize("unit", [pytest.param(u, marks=[pytest.mark.slow] * (u in LONG)) for u in UNITS])
def test_the_source_notebook_gets_full_marks_and_the_untouched_release_none(unit):
    assignment, result = COURSE.assignment(unit), solved(unit)
    failed = [v.message for v in result.verdicts if v.status != "passed"]
    assert not failed and result.points == result.max_points
    untouched = grade(assignment, "untouched", nbformat.writes(assignment.released).encode())
    assert untouched.points == 0
    assert {v.status for v in untouched.verdicts} == {"unsolved"}


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("seed", range(3))
def test_a_notebook_of_other_right_answers_gets_full_marks_from_the_judge(unit, seed):
    assignment = COURSE.assignment(unit)
    classmate = Unit(unit, assignment.released, load_exercises(unit), COURSE.answer_key)
    result = grade(assignment, "own ways", own_ways(classmate, np.random.default_rng(seed)).content)
    assert not [v.message for v in result.verdicts if v.status != "passed"]


@pytest.mark.parametrize("unit", UNITS)
def test_no_cell_that_runs_uses_a_name_that_only_a_demonstration_gives(unit):
    code = [cell for cell in released_form(unit).cells if cell.cell_type == "code"]
    shown = {name for cell in code if is_demonstration(cell) for name in names_of(cell.source)[0]}
    solutions = [cell for cell in cells(unit) if is_solution(cell)]
    used = {name for cell in [*code, *solutions] if not is_demonstration(cell) for name in names_of(cell.source)[1]}
    assert not shown & used


@pytest.mark.slow
@pytest.mark.parametrize("unit", [unit for unit in UNITS if any(map(is_demonstration, cells(unit)))])
def test_demonstrations_change_no_verdict(unit):
    marked = COURSE.assignment(unit)
    every_cell_runs = replace(marked, text=marked.text.replace(f'"{DEMONSTRATION}"', '"shown"'))
    assert grade(every_cell_runs, "source", source(unit).read_bytes()).verdicts == solved(unit).verdicts


@pytest.mark.parametrize("unit", UNITS)
def test_the_source_notebook_runs_without_an_error_in_any_cell(unit):
    notebook = nbformat.reads(solved(unit).notebook, as_version=4)
    errors = [o.evalue for c in notebook.cells for o in c.get("outputs", []) if o.output_type == "error"]
    assert not errors


@pytest.mark.parametrize("unit", UNITS)
def test_the_source_notebook_is_in_its_normal_form(unit):
    assert source(unit).read_text(encoding="utf-8") == normal_form(source(unit))


@pytest.mark.parametrize("unit", UNITS)
def test_a_release_holds_no_solution_output_widget_state_or_time(unit):
    notebook = released_files(unit)[f"{unit}.ipynb"].decode()
    for word in ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "timestamp", '"output_type"', "widget-state"):
        assert word not in notebook
    released = nbformat.reads(notebook, as_version=4)
    assert all(not c.outputs and c.execution_count is None for c in released.cells if c.cell_type == "code")
    assert set(released.metadata) <= {"kernelspec", "language_info"}


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_a_second_build_of_a_release_gives_the_same_bytes(unit):
    assert release_files(COURSE.source(unit)) == released_files(unit)


@pytest.mark.parametrize("unit", UNITS)
def test_code_cells_are_short(unit):
    given = (c for c in cells(unit) if c.cell_type == "code" and not c.metadata.get("nbgrader", {}).get("solution"))
    assert all(len(cell.source.splitlines()) <= 15 for cell in given)


@pytest.mark.parametrize("unit", UNITS)
def test_prose_is_short_and_opens_and_closes_with_the_fixed_headings(unit):
    prose = [
        re.sub(r"### BEGIN SOLUTION.*?### END SOLUTION", "", c.source, flags=re.S)
        for c in cells(unit)
        if c.cell_type == "markdown"
    ]
    text = "\n".join(prose)
    visible = re.sub(r"<details>.*?</details>", "", text, flags=re.S)
    assert len(visible.split()) <= 1500
    if unit != "00_start_here":
        for heading in ("What you will build", "What you will learn", "What you need", "Reflect", "Further reading"):
            assert heading in text


@pytest.mark.parametrize("unit", UNITS)
def test_every_picture_that_a_notebook_shows_is_there_and_described(unit):
    for cell in cells(unit):
        for words, name in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", cell.source):
            assert (COURSE.source(unit) / name).is_file(), name
            assert len(words) > 10


@pytest.mark.parametrize("unit", UNITS)
def test_the_readme_lists_the_units_exercises_and_points(unit):
    solutions = [c.id for c in cells(unit) if c.metadata.get("nbgrader", {}).get("solution") and c.cell_type == "code"]
    points = sum(c.metadata["nbgrader"].get("points", 0) for c in cells(unit) if "nbgrader" in c.metadata)
    (row,) = (line for line in README.splitlines() if f"(course/source/{unit}/{unit}.ipynb)" in line)
    for name in solutions:
        assert f"`{name}`" in row, name
    assert row.rstrip(" |").endswith(f" {points:g}")


@pytest.mark.parametrize("unit", UNITS[1:])
def test_the_readme_states_the_time_that_the_notebook_states(unit):
    (row,) = (line for line in README.splitlines() if f"(course/source/{unit}/{unit}.ipynb)" in line)
    stated = re.search(r"[Tt]wo sittings\W+of (\d+)(?: and (\d+))? minutes", cells(unit)[0].source)
    first, second = stated.groups()
    wanted = f"{first} + {second} min" if second else f"2 × {first} min"
    assert f"| {wanted} |" in row


def test_the_readme_counts_exercises_misconceptions_and_alternatives():
    exercises = [exercise for unit in UNITS for exercise in load_exercises(unit).values()]
    misconceptions = sum(len(exercise.misconceptions) for exercise in exercises)
    alternatives = sum(len(e.alternatives) for unit in UNITS for e in load_exercises(unit).values())
    (row,) = (line for line in README.splitlines() if line.startswith(f"| {len(exercises)} |"))
    numbers = [cell.strip() for cell in row.strip("|").split("|")]
    cases = sum(case.draws for exercise in exercises for aspect in exercise.aspects for case in aspect.cases)
    assert numbers[1] == str(cases)
    assert numbers[2:4] == [str(misconceptions), f"{misconceptions} and {misconceptions}"]
    assert numbers[4:6] == [str(alternatives), str(alternatives)]


def the_readmes_mutants():
    (row,) = (line for line in README.splitlines() if line.endswith(" % |"))
    *_, mutants, killed, equivalent, score = row.strip(" |").split(" | ")
    return int(mutants), int(killed), int(equivalent), score


def test_the_readmes_mutation_score_follows_from_its_counts_and_is_high():
    mutants, killed, equivalent, score = the_readmes_mutants()
    assert killed + equivalent <= mutants
    assert score == f"{killed / (mutants - equivalent):.1%}".replace("%", " %")
    assert killed / (mutants - equivalent) >= 0.995


@pytest.mark.slow
def test_the_readme_counts_the_mutants():
    exercises = [exercise for unit in UNITS for exercise in load_exercises(unit).values()]
    # That each is killed or known to be equivalent is tests/test_exercises.py's to show.
    assert the_readmes_mutants()[0] == sum(len(mutants_of(e.reference, Ticks())) for e in exercises)


@pytest.mark.parametrize("unit", UNITS)
def test_written_questions_have_points_and_a_rubric_in_steps(unit):
    by_id = {cell.id: cell for cell in cells(unit)}
    for name, cell in by_id.items():
        if name.startswith("written_"):
            question = by_id[name.replace("written_", "question_")].source
            assert cell.metadata["nbgrader"]["points"] > 0
            assert re.search(r"\b0\b.*\b1\b.*\b2\b", question, re.S)


def test_the_core_units_hold_the_seven_comprehensive_questions():
    questions = " ".join(c.source for unit in UNITS for c in cells(unit) if c.id.startswith("question_"))
    for words in ("loss function", "derivative", "does backpropagation do", "backpropagation work", "vanish", "signum"):
        assert words in questions


def test_every_test_cell_is_worth_something_except_in_the_first_unit():
    for unit in UNITS:
        worth = [c.metadata["nbgrader"]["points"] > 0 for c in cells(unit) if is_test(c)]
        assert worth and (unit == "00_start_here" or all(worth))
