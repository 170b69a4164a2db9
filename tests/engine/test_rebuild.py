"""A submission is rebuilt from the released notebook; only the student's work is taken over."""

import copy
import gc
import json

import nbformat
import pytest
from conftest import submission, toy_source

from backprop_autograder.judging.rebuild import rebuild
from backprop_autograder.judging.release import release_form

SOLVED = {"double": "def double(X):\n    return 2 * X", "row_means": "def row_means(X):\n    return X.mean(axis=1)"}


@pytest.fixture(scope="module")
def released():
    return release_form(toy_source())


@pytest.fixture
def solved(released):
    return submission(released, **SOLVED, written_why="Since two is company.")


def rebuilt_from(released, notebook):
    content = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return rebuild(released, content)


def sources(notebook):
    return {cell.id: cell.source for cell in notebook.cells}


def test_solutions_and_written_answers_are_taken_over(released, solved):
    result = rebuilt_from(released, solved)
    assert sources(result.notebook) == {**sources(released), **SOLVED, "written_why": "Since two is company."}
    assert not result.notes


def test_an_untouched_notebook_comes_back_as_it_was(released):
    assert rebuilt_from(released, released).notebook == released


def delete_tests(nb):
    nb.cells = [cell for cell in nb.cells if not cell.id.startswith("test_")]


def duplicate_all(nb):
    nb.cells += copy.deepcopy(nb.cells)


def rename_ids(nb):
    for k, cell in enumerate(nb.cells):
        cell.id = f"cell-{k}"
        cell.metadata.get("nbgrader", {})["grade_id"] = f"other_{k}"


def drop_metadata(nb):
    for cell in nb.cells:
        cell.metadata = {}


def drop_ids(nb):
    for cell in nb.cells:
        del cell["id"]
    nb.nbformat_minor = 4


def retype(nb):
    for cell in nb.cells:
        cell.cell_type = "raw"


def tag(nb):
    for cell in nb.cells:
        cell.metadata["tags"] = ["skip-execution", "remove-cell"]


def raise_points(nb):
    for cell in nb.cells:
        cell.metadata.get("nbgrader", {}).update(points=1e9, grade=False, solution=True, schema_version=99)


def shuffle(nb):
    nb.cells.reverse()


def edit_tests(nb):
    for cell in nb.cells:
        if cell.id.startswith("test_"):
            cell.source = "pass"


def foreign_kernel(nb):
    nb.metadata = {"kernelspec": {"name": "bash", "language": "bash", "display_name": "!"}, "widgets": {"x": 1}}


def forged_outputs(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = [{"output_type": "execute_result", "data": {"text/plain": "100"}, "metadata": {}}]


def nonsense_metadata(nb):
    for cell in nb.cells:
        cell.metadata = [1]
        cell["attachments"] = 7


DAMAGES = [
    delete_tests, duplicate_all, rename_ids, drop_metadata, drop_ids, retype, tag, raise_points, shuffle, edit_tests,
    foreign_kernel, forged_outputs,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_notebook_keeps_its_solutions_and_gains_nothing(released, solved, damage):
    damage(solved)
    result = rebuilt_from(released, solved).notebook
    kept = [cell for cell in result.cells if not cell.id.startswith("extra-")]
    assert [cell.id for cell in kept] == [cell.id for cell in released.cells]
    assert [cell.metadata for cell in kept] == [cell.metadata for cell in released.cells]
    for cell, original in zip(kept, released.cells, strict=True):
        wanted = SOLVED.get(cell.id, original.source)
        assert cell.source == wanted or cell.id == "written_why"
        assert not cell.get("outputs")
    nbformat.validate(result)


def test_nonsense_for_metadata_is_survived(released, solved):
    nonsense_metadata(solved)
    assert sources(rebuilt_from(released, solved).notebook).items() >= SOLVED.items()


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b'{"cells": 1}', b"\xff\xfe", b"null", b'{"a"' * 10_000, b"[" * 100_000]
)
def test_a_file_that_is_no_notebook_is_said_to_be_unreadable(released, content):
    result = rebuild(released, content)
    assert not result.readable
    assert result.notes and result.notebook == released


def test_extra_cells_of_every_kind_stay_in_their_place(released, solved):
    at = [cell.id for cell in solved.cells].index("double")
    solved.cells.insert(at, nbformat.v4.new_code_cell("TWO = 2"))
    solved.cells.insert(0, nbformat.v4.new_markdown_cell("My notes."))
    result = rebuilt_from(released, solved)
    ids = [cell.id for cell in result.notebook.cells]
    assert ids.index("extra-2") == ids.index("double") - 1 and ids[0] == "extra-1"
    assert len(ids) == len(released.cells) + 2
    assert result.order[:3] == ["setup", "extra-2", "double"]


def test_what_the_student_wrote_is_marked_and_what_the_course_gave_is_not(released, solved):
    solved.cells.insert(0, nbformat.v4.new_markdown_cell("My notes."))
    changed = submission(solved, **{"about-double": "Double it."})
    cells = rebuilt_from(released, changed).notebook.cells
    assert [cell.id for cell in cells if "student" in cell.metadata.get("tags", [])] == ["extra-1", "about-double"]


def test_an_ordinary_cell_that_the_student_changed_runs_as_changed(released, solved):
    changed = submission(solved, **{"try-double": "helper = 3"})
    assert sources(rebuilt_from(released, changed).notebook)["try-double"] == "helper = 3"


def test_a_locked_cell_is_the_instructors_and_what_was_changed_runs_below_it(released, solved):
    changed = submission(solved, setup="import math")
    result = rebuilt_from(released, changed)
    assert sources(result.notebook)["setup"] == sources(released)["setup"]
    assert sources(result.notebook)["extra-1"] == "import math"
    assert result.order[:3] == ["setup", "extra-1", "double"]


def test_a_locked_cell_that_was_emptied_or_lost_runs_where_it_belongs(released, solved):
    emptied = rebuilt_from(released, submission(solved, setup=""))
    solved.cells = [cell for cell in solved.cells if cell.id != "setup"]
    for result in (emptied, rebuilt_from(released, solved)):
        assert result.order[0] == "setup" and "extra-1" not in result.order


def test_everything_runs_in_the_students_order_and_lost_tests_are_asked_at_the_end(released, solved):
    solved.cells = [cell for cell in reversed(solved.cells) if cell.id != "test_double"]
    result = rebuilt_from(released, solved)
    wanted = ["test_row_means", "row_means", "try-double", "test_double_large", "double", "setup", "test_double"]
    assert result.order == wanted


def test_an_untouched_stub_does_not_run_where_the_exercise_is_defined_elsewhere(released, solved):
    both = submission(released, row_means=SOLVED["row_means"] + "\n\n" + SOLVED["double"])
    result = rebuilt_from(released, both)
    assert "double" not in result.order and "row_means" in result.order
    assert sources(result.notebook)["double"] == "# double stands in another cell:\n" + SOLVED["double"]


def test_a_note_that_quotes_an_old_attempt_is_no_solution(released, solved):
    note = nbformat.v4.new_markdown_cell("First I had\n\ndef double(X):\n    return X")
    solved.cells.append(note)
    result = rebuilt_from(released, solved)
    assert sources(result.notebook)["double"] == SOLVED["double"]
    assert sources(result.notebook)["extra-1"] == note.source and "extra-1" not in result.order


def test_of_several_copies_the_last_that_is_not_the_stub_counts(released, solved):
    stub = sources(released)["double"]
    again = copy.deepcopy(next(cell for cell in solved.cells if cell.id == "double"))
    again.source = stub
    solved.cells.append(again)
    result = rebuilt_from(released, solved)
    assert sources(result.notebook)["double"] == SOLVED["double"]
    assert "the cell double exists 2 times" in result.notes


def test_a_missing_solution_cell_becomes_the_stub_and_is_noted(released, solved):
    solved.cells = [cell for cell in solved.cells if cell.id != "double"]
    result = rebuilt_from(released, solved)
    assert "NotImplementedError" in sources(result.notebook)["double"]
    assert "the cell double is missing" in result.notes


def test_sources_are_bounded_and_encodable(released, solved):
    huge = submission(solved, double="#\ud800" + "x" * 10**6)
    source = sources(rebuilt_from(released, huge).notebook)["double"]
    assert len(source) <= 200_000
    source.encode()


def with_demonstration(released, source="shown = double(np.ones(2))\nprint(shown)"):
    """Return the released notebook with a marked cell in place of the experiment."""
    marked = copy.deepcopy(released)
    cell = next(cell for cell in marked.cells if cell.id == "try-double")
    cell.source, cell.metadata["tags"] = source, ["demonstration"]
    return marked


def test_a_demonstration_does_not_run_and_its_cell_says_so(released):
    marked = with_demonstration(released)
    result = rebuilt_from(marked, submission(marked, **SOLVED))
    cell = next(cell for cell in result.notebook.cells if cell.id == "try-double")
    assert "try-double" not in result.order
    assert cell.outputs[0].text == "Not run when graded: this cell only demonstrates.\n"


def test_a_demonstration_that_the_student_changed_runs(released):
    marked = with_demonstration(released)
    handed_in = submission(marked, **SOLVED)
    next(cell for cell in handed_in.cells if cell.id == "try-double").source = "mine = double(np.ones(3))"
    assert "try-double" in rebuilt_from(marked, handed_in).order


def test_a_demonstration_runs_where_the_student_builds_on_a_name_of_it(released):
    marked = with_demonstration(released)
    mean = "def row_means(X):\n    return X.mean(axis=1) * shown[0] / 2"
    assert "try-double" in rebuilt_from(marked, submission(marked, **{**SOLVED, "row_means": mean})).order


def test_a_mark_in_a_submission_keeps_no_cell_from_running(released):
    handed_in = submission(released, **SOLVED)
    for cell in handed_in.cells:
        cell.metadata["tags"] = ["demonstration"]
    assert rebuilt_from(released, handed_in).order == rebuilt_from(released, submission(released, **SOLVED)).order


@pytest.fixture
def no_collections():
    """Collect no garbage: what is thrown while Hypothesis measures a collection is lost there."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collections")
def test_what_takes_too_long_to_read_is_not_read_and_says_so(released, monkeypatch):
    monkeypatch.setattr("backprop_autograder.judging.rebuild.READING", 0.05)
    data = json.loads(nbformat.writes(released))
    long = [f"double = {k}\n" + "a\n" * 99_000 for k in range(12)]  # half a second each
    data["cells"] += [{"cell_type": "code", "id": f"long-{k}", "metadata": {}, "source": s} for k, s in enumerate(long)]
    rebuilt = rebuild(released, json.dumps(data).encode())
    assert not rebuilt.readable and "longer than" in rebuilt.notes[0]
    assert rebuilt.notebook == released
