"""Tell which cell of a submission is which of the course: by id, else by text, by what it defines, by its place.

Nothing depends on it but what is shown where, and which text waits for a grader: code runs wherever it stands.
"""

from collections.abc import Mapping
from dataclasses import replace

from nbformat import NotebookNode

from backprop_autograder.judging.reading import Cell
from backprop_autograder.judging.sources import definition, parse

DEMONSTRATION = "demonstration"  # tag


class Matching:
    """The cells of a submission and their places in the released notebook.

    Parameters
    ----------
    cells : list of Cell
        Of the submission.
    released : dict
        The released cells by id.

    Attributes
    ----------
    cells : list of Cell
        Of the submission; a solution that was made text is code again.
    places : list of str
        For each of them the id of the released cell that it is, empty if it is none.
    keepers : dict
        By id, which of the submitted cells stands there: one, however many copies there are.
    """

    def __init__(self, cells: list[Cell], released: Mapping[str, NotebookNode]):
        self.cells, self.released = cells, released
        self.given = {name: cell.source.strip() for name, cell in released.items()}
        self.places = self._by_id_or_text()
        self.keepers: dict[str, int] = {}
        for name, cell in released.items():
            if is_solution(cell):
                kept = self._solution(name) if cell.cell_type == "code" else self._answer(name)
                if kept is not None:
                    self.places[kept], self.keepers[name] = name, kept
        for k, place in enumerate(self.places):
            if place:
                self.keepers.setdefault(place, k)

    def changed(self, k: int) -> bool:
        """Whether a submitted cell has a text, and another than the released cell that it is."""
        text = self.cells[k].source.strip()
        return bool(text) and text != self.given.get(self.places[k])

    def defined_elsewhere(self, name: str) -> str:
        """Return the text of the definition of an exercise in another cell than its own; empty if there is none."""
        for k, cell in reversed(list(enumerate(self.cells))):
            if k != self.keepers.get(name) and self._defines(k, name):
                found = definition(cell.source, name)
                lines = cell.source.splitlines()[found.lineno - 1 : found.end_lineno]
                return "\n".join([f"# {name} stands in another cell:", *lines])
        return ""

    def _by_id_or_text(self) -> list[str]:
        known = self.released
        places = [c.grade_id if c.grade_id in known else c.id if c.id in known else "" for c in self.cells]
        by_text = {text: name for name, text in self.given.items()}
        by_text |= {text: name for name, text in self.given.items() if name not in places}
        for k, cell in enumerate(self.cells):  # ids lost or renamed
            places[k] = places[k] or by_text.get(cell.source.strip(), "")
        return places

    def _defines(self, k: int, name: str) -> bool:
        """Whether a cell of code defines an exercise, and is not its stub."""
        is_code = self.cells[k].kind == "code"
        return is_code and self.changed(k) and definition(self.cells[k].source, name) is not None

    def _solution(self, name: str) -> int | None:
        """Return the cell that stands for an exercise: the last that defines it, or was changed."""
        own = [k for k, place in enumerate(self.places) if place == name]
        free = [k for k, place in enumerate(self.places) if not place]
        if not any(self._defines(k, name) for k in range(len(self.cells))):
            for k in own:  # made text by accident: nobody else answers
                if self.cells[k].kind != "code" and parse(self.cells[k].source):
                    self.cells[k] = replace(self.cells[k], kind="code")
        ranked = (
            [k for k in own if self._defines(k, name)],
            [k for k in free if self._defines(k, name)],
            [k for k in own if self.changed(k) and self.cells[k].kind == "code"],
            own,
        )
        return next((found[-1] for found in ranked if found), None)

    def _answer(self, name: str) -> int | None:
        """Return the cell with a written answer: its own, or where that is lost or empty, what stands there instead."""
        own = [k for k, place in enumerate(self.places) if place == name]
        if full := [k for k in own if self.changed(k)]:
            return full[-1]
        names = list(self.released)
        question = names[names.index(name) - 1] if names.index(name) else ""
        asked = [k for k, place in enumerate(self.places) if place and place == question]
        above = own or asked
        start = above[-1] + 1 if above else len(self.cells)
        for k in range(start, len(self.cells)):
            if self.places[k]:
                break
            text = self.cells[k].source.strip()
            if text and (self.cells[k].kind != "code" or parse(text) is None):
                return k
        # Somebody typed into the question.
        return next((k for k in asked if self.changed(k)), own[-1] if own else None)


def is_solution(cell: NotebookNode) -> bool:
    """Whether a released cell is for the student to fill in."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_demonstration(cell: NotebookNode) -> bool:
    """Whether a released cell was marked by its author: it only shows something, and no verdict needs it."""
    return cell.cell_type == "code" and DEMONSTRATION in cell.metadata.get("tags", [])


def is_test(cell: NotebookNode) -> bool:
    """Whether a released cell is an autograded test cell."""
    nbgrader = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(nbgrader.get("grade")) and not nbgrader.get("solution")
