"""Rebuild a submission: run what the student wrote, as it was written; show it in the instructor's notebook.

Every code cell of the student runs, in the student's order. Verdicts rest on what the names then answer, so it does
not matter in which cell an answer stands. What is shown are the instructor's cells, each once, and between them all
that the student wrote: what has no place of its own stands below its neighbour.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode, from_dict

from backprop_autograder.engine.watch import TooLong, time_limit
from backprop_autograder.judging.matching import Matching, is_demonstration, is_solution, is_test
from backprop_autograder.judging.outputs import output
from backprop_autograder.judging.reading import Cell, ReadError, digest_of, read_notebook
from backprop_autograder.judging.sources import names_of

READING = 30.0  # seconds on the wall: honest notebooks take milliseconds
STUDENT = "student"  # tag of cells whose text is not the instructor's
NOT_RUN = "Not run when graded: this cell only demonstrates.\n"


@dataclass
class Rebuilt:
    """A rebuilt submission.

    Attributes
    ----------
    notebook : NotebookNode
        What is shown.
    order : list of str
        Ids of the cells that run, in this order; where a test cell stands, its question is asked.
    readable : bool
        Whether the submitted file was a notebook at all.
    notes : list of str
        What was unusual about it, in words.
    digest : str
        SHA-256 of the submitted file, empty if there is none.
    pictures : dict
        Base64 of what the texts show as ``attachment:NAME``, by cell and name: as it was handed in.
    python : str
        Version of the Python that it was written with, empty if it does not say.
    """

    notebook: NotebookNode
    order: list[str] = field(default_factory=list)
    readable: bool = True
    notes: list[str] = field(default_factory=list)
    digest: str = ""
    pictures: dict[str, dict[str, str]] = field(default_factory=dict)
    python: str = ""


def rebuild(released: NotebookNode, submission: bytes | None) -> Rebuilt:
    """Put the student's work into the released notebook.

    Parameters
    ----------
    released : NotebookNode
        What students were given.
    submission : bytes or None
        The submitted file, whatever it is; None if there is none.
    """
    rebuilt = Rebuilt(nbformat.from_dict(released), digest=digest_of(submission))
    try:
        with time_limit(READING):
            read = read_notebook(submission)
            rebuilt.notes, rebuilt.python = read.notes, read.python
            _Rebuilding(rebuilt, read.cells).run()
    except ReadError as error:
        rebuilt.readable = False
        rebuilt.notes.append(str(error))
    except TooLong:
        words = f"reading it took longer than {READING:.0f} s"
        return Rebuilt(nbformat.from_dict(released), readable=False, notes=[words], digest=rebuilt.digest)
    return rebuilt


class _Rebuilding:
    """One submission on its way into the released notebook."""

    def __init__(self, rebuilt: Rebuilt, cells: list[Cell]):
        self.notebook, self.order, self.notes = rebuilt.notebook, rebuilt.order, rebuilt.notes
        self.pictures = rebuilt.pictures
        self.mine = {cell.id: cell for cell in rebuilt.notebook.cells}
        self.matching = Matching(cells, dict(self.mine))
        self.below: dict[str, list[NotebookNode]] = {}  # further cells, by the place above them
        self.extras = 0

    def run(self) -> None:
        anchor = ""
        for k, place in enumerate(self.matching.places):
            if place and self.matching.keepers[place] == k:
                self._fill(place, k)
                anchor = place
            elif self.matching.changed(k) or (place and self._is_experiment(place)):
                self._add(anchor, k)
        self._complete()
        self._leave_out_demonstrations()
        names = [cell.id for cell in self.notebook.cells]
        self.notebook.cells = list(self._all_cells(names))

    def _is_experiment(self, place: str) -> bool:
        """Whether a released cell is code that is neither asked nor locked nor to be solved: it may run twice."""
        return self.mine[place].cell_type == "code" and not self.mine[place].metadata.get("nbgrader")

    def _fill(self, place: str, k: int) -> None:
        """Put a submitted cell into its place; where that is the instructor's, a changed text stands below."""
        own, cell, changed = self.mine[place], self.matching.cells[k], self.matching.changed(k)
        is_code = own.cell_type == "code"
        if is_solution(own):
            elsewhere = self.matching.defined_elsewhere(place) if is_code and not changed else ""
            own.source = cell.source if changed else elsewhere or own.source
            if not is_code:
                self._attach(place, cell)
            if is_code and not elsewhere:
                self.order.append(place)
        elif own.metadata.get("nbgrader"):
            if is_code and not is_test(own):
                self.order.append(place)
            if changed:
                self.notes.append(f"the locked cell {place} was changed: what was written there stands below it")
                self._add(place, k)
            if is_test(own):
                self.order.append(place)
        elif changed or (is_code and not cell.source.strip()):
            self.mine[place] = self._new(cell, place)
            self.order += [place] * (cell.kind == "code")
        elif is_code:
            self.order.append(place)

    def _add(self, anchor: str, k: int) -> None:
        """Show a cell that has no place of its own, below another, and let it run where it stood."""
        self.extras += 1
        new = self._new(self.matching.cells[k], f"extra-{self.extras}")
        self.below.setdefault(anchor, []).append(new)
        self.order += [new.id] * (new.cell_type == "code")

    def _new(self, cell: Cell, name: str) -> NotebookNode:
        """Return a cell to show whose text is the student's."""
        kind = cell.kind if cell.kind in ("code", "markdown") else "raw"
        more = {"execution_count": None, "outputs": []} if kind == "code" else {}
        new = from_dict({"cell_type": kind, "id": name, "metadata": {"tags": [STUDENT]}, "source": cell.source, **more})
        self._attach(name, cell)
        return new

    def _attach(self, name: str, cell: Cell) -> None:
        if cell.pictures and cell.kind != "code":
            self.pictures[name] = cell.pictures

    def _complete(self) -> None:
        """Let what is lost of the course's code run where it belongs, and ask at the end what could not be asked."""
        names = list(self.mine)
        for k, (name, cell) in enumerate(list(self.mine.items())):
            copies = self.matching.places.count(name)
            if copies > 1 and is_solution(cell):
                self.notes.append(f"the cell {name} exists {copies} times")
            if name in self.matching.keepers or is_test(cell):
                continue
            if is_solution(cell):
                self._lose(name, cell)
            elif cell.cell_type == "code" and cell.metadata.get("nbgrader"):
                before = [place for place in names[:k] if place in self.order]
                self.order.insert(self.order.index(before[-1]) + 1 if before else 0, name)
            elif cell.cell_type == "code":
                del self.mine[name]  # an experiment that the student threw away
        self.order += [name for name, cell in self.mine.items() if is_test(cell) and name not in self.order]

    def _lose(self, name: str, cell: NotebookNode) -> None:
        elsewhere = self.matching.defined_elsewhere(name) if cell.cell_type == "code" else ""
        cell.source = elsewhere or cell.source
        if not elsewhere:
            self.notes.append(f"the cell {name} is missing")
            self.order[:0] = [name] * (cell.cell_type == "code")

    def _leave_out_demonstrations(self) -> None:
        """Let the cells that only demonstrate rest, but for those on whose names the student's own code builds."""
        cells = self.mine | {cell.id: cell for further in self.below.values() for cell in further}
        running = [name for name in self.order if not is_demonstration(cells[name])]
        if len(running) == len(self.order):
            return
        students = [cells[name] for name in running if is_students(cells[name]) or is_solution(cells[name])]
        used = {name for cell in students for name in names_of(cell.source)[1]}
        for name in reversed(self.order):
            if is_demonstration(cells[name]):
                given, needs = names_of(cells[name].source)
                if given & used:
                    used |= needs
                    running.append(name)
                else:
                    cells[name].outputs = [output("stream", name="stdout", text=NOT_RUN)]
        self.order[:] = [name for name in self.order if name in running]

    def _all_cells(self, names: list[str]) -> Iterator[NotebookNode]:
        for name in ["", *names]:
            if name in self.mine:
                yield self.mine[name]
            yield from self.below.get(name, [])


def is_students(cell: NotebookNode) -> bool:
    """Whether a cell of a graded notebook is the student's own, beside those to fill in."""
    return STUDENT in cell.metadata.get("tags", [])


def read_student_code(notebook: NotebookNode) -> dict[str, Any]:
    """Return the sources of the solution cells of a notebook, by ``grade_id``."""
    return {cell.id: cell.source for cell in notebook.cells if is_solution(cell)}
