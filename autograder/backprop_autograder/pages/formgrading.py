"""What formgrader shows of a submission: the same things, but nothing of the student's is alive.

Formgrader renders graded notebooks in the instructor's browser, in the instructor's session. Stock nbgrader lets
scripts of a written answer or of an output run there.
"""

import re
import textwrap
from pathlib import Path

from markupsafe import Markup
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from backprop_autograder.judging.matching import is_test
from backprop_autograder.judging.rebuild import is_students
from backprop_autograder.pages.guidance import for_graders
from backprop_autograder.pages.markup import printable, safe_markdown, script

PICTURES = ("image/png", "image/jpeg")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LINE = 110  # characters that fit into formgrader's page
# MathJax would make links, styles and classes of what it finds between its own signs, of which Markdown knows few.
UNTYPESET = Markup('<div class="tex2jax_ignore mathjax_ignore">{}</div>')
MAX_OUTPUT = 20_000  # characters of one output: more than anyone reads


def as_it_is_now(asked: ORMExecuteState) -> None:
    """Let formgrader see what others have stored: it has one session for as long as it runs, which remembers."""
    if asked.is_select:
        asked.update_execution_options(populate_existing=True)


class Harmless(Preprocessor):
    """Renders written answers without HTML of their own, and keeps of outputs only texts and pictures.

    Two people at one submission do not overwrite each other unasked.
    With each written answer and task stands what the source says to graders: the rubric, and a worked answer, folded.
    """

    enabled = True

    def __init__(self, **options):
        super().__init__(**options)
        if not event.contains(Session, "do_orm_execute", as_it_is_now):
            event.listen(Session, "do_orm_execute", as_it_is_now)

    def preprocess(self, nb, resources):
        """Change what is shown of one notebook."""
        folder = Path(resources.get("metadata", {}).get("path", "."))  # autograded/STUDENT/UNIT
        self._for_graders = for_graders(folder / "../../../source" / folder.name / f"{folder.name}.ipynb")
        nb, resources = super().preprocess(nb, resources)
        text, _ = script("formgrader.js")
        nb.cells.append(new_markdown_cell(f"<script>\n{text.strip()}\n</script>"))
        return nb, resources

    def preprocess_cell(self, cell, resources, index):
        """Change one cell of what is shown; the graded notebook stays as it is."""
        if cell.cell_type != "code" and (cell.metadata.get("nbgrader", {}).get("solution") or is_students(cell)):
            words = safe_markdown(cell.source, cell.get("attachments"))
            answer = words if cell.cell_type == "markdown" else Markup("<pre>{}</pre>").format(printable(cell.source))
            answer = UNTYPESET.format(answer)
            guidance = self._for_graders.get(cell.get("id"), "")
            cell.source = _as_one_block(guidance + Markup("<hr>") * bool(guidance) + answer)
            cell.cell_type, cell.attachments = "markdown", {}
        elif cell.metadata.get("nbgrader", {}).get("task") and (scheme := self._for_graders.get(cell.get("id"))):
            cell.source += f"\n\n{_as_one_block(scheme)}"
        elif cell.cell_type == "code":
            cell.outputs = [_harmless(output) for output in cell.outputs]
            if is_test(cell):
                cell.outputs = [_headed(output) for output in cell.outputs]
        return cell, resources


def _as_one_block(html: str) -> str:
    """Return HTML that Markdown takes as it is: a block that no empty line ends."""
    return "<div>" + re.sub(r"\n(?=\s*\n)", "\n&#8203;", html.strip()) + "</div>"


def _harmless(output: NotebookNode) -> NotebookNode:
    if output.output_type == "stream":
        output.text = _text(output.text)
    elif output.output_type == "error":
        output.traceback = [_text(line) for line in output.traceback]
    else:
        output.metadata = NotebookNode()  # widths and file names, which would be written into a tag
        output.data = NotebookNode({kind: value for kind, value in output.data.items() if _is_harmless(kind, value)})
    return output


def _text(text: str) -> str:
    return printable(COLOUR.sub("", text), MAX_OUTPUT)


def _headed(output: NotebookNode) -> NotebookNode:
    """Head the judge's message with what it comes to, so that the eye finds what failed."""
    if output.output_type == "error":
        # Formgrader does not break lines.
        output.traceback = ["NOT PASSED", *(textwrap.fill(line, LINE) for line in output.traceback)]
    elif output.output_type == "stream":
        output.text = f"PASSED\n{output.text}"
    return output


def _is_harmless(kind: str, value: object) -> bool:
    if kind in PICTURES:
        return isinstance(value, str) and bool(BASE64.fullmatch(value))
    return kind == "text/plain"
