"""What a source notebook says to graders of its written questions: the rubric, and a worked answer to unfold."""

import re
from pathlib import Path

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode

from backprop_autograder.pages.markup import code_html, safe_markdown

SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
SCHEME = re.compile(r"### BEGIN MARK SCHEME\n(.*?)### END MARK SCHEME", re.DOTALL)
RUBRIC = re.compile(r"^\**(Rubric[^.:\n]*)[.:]\**", re.MULTILINE)


def for_graders(source: Path, *, formulas: bool = False) -> dict[str, str]:
    """Return what is said of each question that people grade, as HTML; nothing without a source.

    Parameters
    ----------
    source : Path
        The unit's source notebook.
    formulas : bool
        Whether formulas are drawn, as MathML; else they stay TeX, for a page that draws them itself.
    """
    if not source.is_file():
        return {}
    said = ((cell.get("id"), _said(cell, formulas)) for cell in nbformat.read(source, as_version=4).cells)
    return {name: html for name, html in said if html}


def _said(cell: NotebookNode, formulas: bool) -> str:
    mark = cell.metadata.get("nbgrader", {})
    if mark.get("task"):
        return _rubric("Mark scheme", scheme[1], formulas) if (scheme := SCHEME.search(cell.source)) else ""
    found = SOLUTION.search(cell.source)
    if not found or not mark.get("grade"):
        return ""
    if cell.cell_type == "code":
        return _folded(Markup("<pre>{}</pre>").format(code_html(found[1])))
    rubric = RUBRIC.search(found[1])
    answer, words = (found[1][: rubric.start()], found[1][rubric.end() :]) if rubric else (found[1], "")
    return (_rubric(rubric[1], words, formulas) if rubric else "") + _folded(safe_markdown(answer, formulas=formulas))


def _rubric(title: str, words: str, formulas: bool) -> str:
    return safe_markdown(f"**{title}.** {words.strip()}", formulas=formulas)


def _folded(answer: Markup) -> str:
    return Markup("<details><summary>For graders: a worked answer</summary>{}</details>").format(answer)
