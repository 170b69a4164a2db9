"""Formgrader renders graded notebooks; this is what our preprocessor takes out before it does."""

import re

import pytest
from conftest import CONFIG, nbgrader_cell
from nbconvert.exporters import HTMLExporter
from nbformat import from_dict, read, write
from nbformat.v4 import new_notebook, new_output
from sqlalchemy import event
from sqlalchemy.orm import Session
from traitlets.config import Config

from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.pages.formgrading import Harmless, as_it_is_now
from backprop_autograder.pages.guidance import for_graders

LIVE = re.compile(r"<script>alive|<[^>]*\sonerror|<svg|href=.javascript:alive", re.I)
TEST = nbgrader_cell("test", "test_double", "check(double)", 1)


def answer(source: str):
    return nbgrader_cell("answer", "written_why", source, 2, cell_type="markdown")


def shows(**output):
    cell = from_dict(TEST)
    cell.outputs = [new_output(**output)]
    return cell


def data(kind: str, value: str, **metadata):
    return shows(output_type="display_data", data={kind: value, "text/plain": "plain"}, metadata=metadata)


def html(cell, *preprocessors) -> str:
    """Return what a notebook of one cell looks like in formgrader, without the page around it."""
    exporter = HTMLExporter(template_name="classic", config=Config(HTMLExporter={"preprocessors": preprocessors}))
    page, _ = exporter.from_notebook_node(new_notebook(cells=[cell]))
    return page.split("<body>")[1]


@pytest.mark.parametrize(
    "cell",
    [
        answer("<script>alive()</script>"),
        answer("Fine.\n\n- one\n\n<img src=x onerror=alive()>"),
        answer("```\ncode\n\n\n```\n<svg onload=alive()>"),
        data("text/html", "<script>alive()</script>"),
        data("image/png", "QUJD", **{"image/png": {"width": "1 onerror=alive()"}}),
    ],
    ids=["script", "picture", "after code", "html", "width"],
)
def test_what_is_alive_in_stock_nbgrader_is_not_alive_here(cell):
    assert LIVE.search(html(from_dict(cell)))
    assert not LIVE.search(html(from_dict(cell), Harmless))


@pytest.mark.parametrize(
    "source",
    [
        r"See \\(\href{https://example.org}{here}\\).",
        r"See $ \href{https://example.org}{here} $.",
        r"See \begin{equation}\href{https://example.org}{here}\end{equation}.",
        "See $a\n\\href{https://example.org}{here}\nb$.",
    ],
    ids=["parentheses", "spaces", "environment", "lines"],
)
@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_mathjax_leaves_an_answer_alone(source, kind):
    cell = from_dict(answer(source))
    cell.cell_type = kind
    page = html(cell, Harmless)
    typeset = re.sub('<div class="tex2jax_ignore.*?</div>', "", page, flags=re.DOTALL)
    assert r"\href" in page and r"\href" not in typeset


def test_formatting_code_and_formulas_of_an_answer_stay_readable():
    page = html(answer("*So*:\n\n```\na < b\n\nc\n```\n\n$x_1 < x_2$"), Harmless)
    assert "<em>So</em>" in page and "a &lt; b" in page and "x_1 &lt; x_2" in page
    assert "</pre>" in page.split("c\n")[1]


def test_pictures_and_texts_of_outputs_stay():
    page = html(data("image/png", "QUJD"), Harmless)
    assert 'src="data:image/png;base64,QUJD"' in page
    assert "plain" in html(data("text/html", "<b>bold</b>"), Harmless)


def test_the_judges_message_is_headed_by_what_it_comes_to():
    wrong = shows(output_type="error", ename="CheckError", evalue="", traceback=["double: \x1b[31mno\x1b[0m."])
    assert "NOT PASSED\ndouble: no." in html(wrong, Harmless)
    assert "PASSED\ndouble: yes." in html(shows(output_type="stream", name="stdout", text="double: yes."), Harmless)


def test_a_hundred_thousand_lines_are_cut():
    page = html(shows(output_type="stream", name="stdout", text="many\n" * 100_000), Harmless)
    assert page.count("many") < 5000 and "more characters" in page


@pytest.mark.parametrize("source", sorted(CONFIG.parent.glob("source/*/*.ipynb")), ids=lambda path: path.stem)
def test_every_rubric_of_the_course_is_shown_and_only_the_worked_answer_folded(source):
    said = for_graders(source)
    asked = [cell.id for cell in read(source, as_version=4).cells if cell.id.startswith("written_")]
    assert set(asked) <= said.keys()
    for html in said.values():
        shown, folded = html.split("<details>")
        assert "Rubric" in shown and "Rubric" not in folded


def test_the_mark_scheme_of_a_task_is_shown_to_graders(tmp_path):
    asked = "Do it.\n### BEGIN MARK SCHEME\nHalf.\n### END MARK SCHEME"
    task = nbgrader_cell("locked", "do_it", asked, 2, cell_type="markdown")
    task.metadata["nbgrader"]["task"] = True
    write(new_notebook(cells=[task]), tmp_path / "unit.ipynb")
    assert for_graders(tmp_path / "unit.ipynb") == {"do_it": "<p><strong>Mark scheme.</strong> Half.</p>\n"}


def test_the_course_configures_it():
    assert 'c.HTMLExporter.preprocessors = ["backprop_autograder.pages.formgrading.Harmless"]' in CONFIG.read_text()


@pytest.mark.slow
def test_formgrader_sees_what_others_have_stored_since_it_started(toy_course):
    toy_course.release("01_toy")
    with open_gradebook(toy_course) as gradebook:
        gradebook.add_student("ann")
        gradebook.add_submission("01_toy", "ann")
    Harmless()
    try:
        with open_gradebook(toy_course) as formgraders, open_gradebook(toy_course) as ours:
            entry = formgraders.find_submission_notebook("01_toy", "01_toy", "ann")
            kept = {grade.name: grade for grade in entry.grades}  # it keeps them, too
            ours.find_grade("written_why", "01_toy", "01_toy", "ann").manual_score = 2.0
            ours.db.commit()
            assert formgraders.find_grade_by_id(kept["written_why"].id).manual_score == 2.0
    finally:
        event.remove(Session, "do_orm_execute", as_it_is_now)
