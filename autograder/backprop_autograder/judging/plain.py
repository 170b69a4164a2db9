"""Test cells as nbgrader knows them: assertions, run after the student's code, in the student's own process.

They are judged as nbgrader would, and are not protected: whoever owns the process can make an assertion hold.
"""

import ast
from collections.abc import Mapping, Sequence

from nbformat import NotebookNode

from backprop_autograder.engine.source import check_called
from backprop_autograder.judging.matching import is_test

MAX_WORDS = 200  # of what an assertion says
HIDDEN = "a test that is not shown did not pass"
ASPECT = "assertions"


class ReleaseError(Exception):
    """A source notebook cannot be released; the message says what to do."""


def asked_of(cell: NotebookNode) -> tuple[str, str] | None:
    """Return exercise and aspect of a test cell, from its call of ``check``; None of a cell with assertions."""
    return check_called(cell.source)


def plain_tests(source: NotebookNode) -> dict[str, str]:
    """Return the text of the test cells with assertions, hidden ones among them, by ``grade_id``.

    Raises
    ------
    ReleaseError
        If one of them calls ``check``, too, which would go unasked.
    """
    found = {}
    for cell in filter(is_test, source.cells):
        if asked_of(cell) is None:
            name = cell.metadata["nbgrader"]["grade_id"]
            if _calls_check(cell.source):
                raise ReleaseError(
                    f"{name}: a call of check stands alone in its test cell. Next: put the assertions into another one."
                )
            found[name] = cell.source
    return found


def _calls_check(source: str) -> bool:
    try:
        nodes = ast.walk(ast.parse(source))
    except SyntaxError:
        return False
    return any(isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "check" for n in nodes)


def earned(outputs: Sequence[Mapping], points: float) -> float:
    """Return the points of a test cell by nbgrader's rule: an error or anything on stderr is 0, a number is itself."""
    for output in outputs:
        if _failed(output):
            return 0.0
        if output["output_type"] == "execute_result":
            try:
                grade = float(output["data"].get("text/plain", ""))
            except ValueError:
                return points
            return grade if 0 <= grade <= points else points
    return points


def complaint(outputs: Sequence[Mapping]) -> str:
    """Return what went wrong, as a clause; empty if nothing did."""
    for output in filter(_failed, outputs):
        if output["output_type"] == "stream":
            lines = output["text"].strip().splitlines() or [""]
            return f"something was written to stderr, which counts as not passed: {lines[-1][:MAX_WORDS]}"
        said = output["evalue"].strip().partition("\n")[0][:MAX_WORDS].rstrip(".")
        return f"{output['ename']}: {said}" if said else output["ename"]
    return ""


def _failed(output: Mapping) -> bool:
    return output["output_type"] == "error" or (output["output_type"] == "stream" and output["name"] == "stderr")
