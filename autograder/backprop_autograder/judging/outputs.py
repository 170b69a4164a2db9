"""What the judge itself puts below a cell."""

from typing import Any

from nbformat import NotebookNode, from_dict


def output(kind: str, **content: Any) -> NotebookNode:
    """Return an output; nbformat's own function compares each with the schema, which takes longer than to judge."""
    return from_dict({"output_type": kind, **content})


def error_output(name: str, text: str) -> NotebookNode:
    """Return an output that is an error."""
    return output("error", ename=name, evalue=text, traceback=text.split("\n"))
