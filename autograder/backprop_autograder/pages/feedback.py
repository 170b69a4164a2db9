"""Feedback for students: what was asked, what they wrote, what it earned and why, as one page without anything alive.

nbgrader's GenerateFeedback calls the exporter, so that ``nbgrader generate_feedback`` and formgrader's button
write it. The page is made of the submission's text, the judge's verdicts and the grader's comments; outputs of a
submission are left out, for they may hold what the judge asked.
"""

import ast
import builtins
import hashlib
import hmac
import re
import shutil
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import compute_checksum
from traitlets import Unicode

from backprop_autograder.classroom.course import Course
from backprop_autograder.engine.messages import Cause
from backprop_autograder.judging.judge import asked_of, is_test
from backprop_autograder.judging.rebuild import is_students
from backprop_autograder.judging.release import EXCHANGE_NAMES, SECRET_NAME, TIMESTAMP_NAME
from backprop_autograder.judging.verdict import Verdict, verdicts_of
from backprop_autograder.pages.markup import code_html, printable, render, safe_markdown

WORDS = {
    "passed": ("✓", "passed"),
    "wrong": ("✗", "not right yet"),
    "unsolved": ("○", "not solved"),
    "lost": ("–", "no verdict"),
    "unjudged": ("–", "not judged"),
    "": ("–", "graded by hand"),
}


@dataclass(frozen=True)
class AspectView:
    """A test cell: what it earned, and the judge's words."""

    name: str
    points: float
    max_points: float
    status: str
    message: str

    @property
    def words(self) -> tuple[str, str]:
        """A sign and words for the status: colour alone tells nobody anything."""
        return WORDS[self.status]


@dataclass
class ExerciseView:
    """An exercise: the student's code, the verdicts, and the ideas that were missed."""

    name: str
    section: str
    link: str
    code: Markup | None
    stopped: str
    comment: Markup | None
    aspects: list[AspectView] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    kind: str = "exercise"

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(aspect.points for aspect in self.aspects)

    @property
    def max_points(self) -> float:
        """Points to earn."""
        return sum(aspect.max_points for aspect in self.aspects)


@dataclass(frozen=True)
class AnswerView:
    """A written question: the answer, its score, and the grader's comment."""

    name: str
    section: str
    link: str
    question: Markup
    answer: Markup | None
    points: float
    max_points: float
    pending: bool
    comment: Markup | None
    kind: str = "answer"


@dataclass(frozen=True)
class Grades:
    """What the gradebook knows of one submission: scores, who waits for a grader, comments, penalty."""

    score: float
    max_score: float
    penalty: float
    points: Mapping[str, tuple[float, float]]
    pending: frozenset[str]
    comments: Mapping[str, str]

    @classmethod
    def read(cls, db_url: str, unit: str, student: str) -> "Grades":
        """Read the gradebook."""
        with Gradebook(db_url) as gradebook:
            entry = gradebook.find_submission_notebook(unit, unit, student)
            return cls(
                entry.score,
                entry.max_score,
                entry.late_submission_penalty or 0.0,
                {g.name: (g.score, g.max_score) for g in entry.grades},
                frozenset(g.name for g in entry.grades if g.needs_manual_grade),
                {c.name: c.comment for c in entry.comments if c.comment},
            )


class FeedbackExporter(Exporter):
    """Turns a graded notebook into the feedback page of its student."""

    section_url = Unicode(
        "../../{unit}.ipynb#{anchor}",
        help="Link to an exercise. By default to the student's notebook, from where nbgrader's students fetch feedback",
    ).tag(config=True)

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(self, nb, resources=None, **kwargs):
        """Return the page for a graded notebook."""
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        coursedir, names = self.parent.coursedir, resources["nbgrader"]
        unit, student = names["assignment"], names["student"]
        course = Course(Path(coursedir.root))
        folder = Path(coursedir.format_path(coursedir.feedback_directory, student, unit))
        _leave_only_pages(folder)
        _complete_exchange(folder, course, unit, student)
        grades = Grades.read(names["db_url"], unit, student)
        return self.page(course, unit, student, notebook, grades), resources

    def page(self, course: Course, unit: str, student: str, notebook: NotebookNode, grades: Grades) -> str:
        """Return the text of the page."""
        record = course.record(unit, student)
        verdicts = {verdict.grade_id: verdict for verdict in verdicts_of(record)}
        parts = list(self._parts(notebook, unit, verdicts, grades))
        title = next((plain for _, plain in headings(notebook.cells)), unit)
        waiting = any(part.kind == "answer" and part.pending for part in parts)
        return render(
            "feedback.html",
            title=title,
            unit=unit,
            student=printable(student),
            grades=grades,
            parts=parts,
            notes=record["notes"],
            waiting=waiting,
        )

    def _parts(self, notebook, unit, verdicts, grades) -> Iterator[ExerciseView | AnswerView]:
        """Yield exercises and written answers in the order of the notebook."""
        section, exercise, before = "", None, None
        for k, cell in enumerate(notebook.cells):
            if is_students(cell):
                continue
            section = next((plain for _, plain in reversed(list(headings([cell])))), section)
            kind = _kind(cell)
            if kind != "test" and exercise and kind:
                yield exercise
                exercise = None
            if kind == "solution":
                exercise = self._exercise(cell, section, unit, grades)
            elif kind == "test" and exercise:
                _add_aspect(exercise, cell, verdicts, grades)
            elif kind == "answer":
                below = takewhile(is_students, notebook.cells[k + 1 :])
                yield self._answer(cell, [c for c in below if c.cell_type != "code"], before, section, unit, grades)
            before = cell
        if exercise:
            yield exercise

    def _exercise(self, cell, section: str, unit: str, grades: Grades) -> ExerciseView:
        name = cell.metadata.nbgrader.grade_id
        untouched = _is_untouched(cell)
        return ExerciseView(
            name,
            section,
            self._link(unit, section),
            None if untouched else code_html(cell.source),
            "" if untouched else _why_it_stopped(cell),
            None if untouched else _comment(grades, name),
        )

    def _answer(self, cell, below, question, section: str, unit: str, grades: Grades) -> AnswerView:
        name = cell.metadata.nbgrader.grade_id
        texts = [safe_markdown(c.source, c.get("attachments")) for c in (cell, *below)]
        text = None if _is_untouched(cell) else Markup("").join(texts)
        link = self._link(unit, section)
        asked = safe_markdown(re.sub(r"\A#+ .*\n", "", question.source))
        comment = _comment(grades, name) if text is not None else None
        return AnswerView(name, section, link, asked, text, *grades.points[name], name in grades.pending, comment)

    def _link(self, unit: str, section: str) -> str:
        return self.section_url.format(unit=quote(unit), anchor=quote(section.replace(" ", "-")))


def headings(cells: list[NotebookNode]) -> Iterator[tuple[int, str]]:
    """Yield level and plain text of the headings of Markdown cells."""
    for cell in cells:
        if cell.cell_type == "markdown" and not cell.metadata.get("nbgrader", {}).get("solution"):
            for marks, text in re.findall(r"^(#{1,6}) +(.+?) *$", cell.source, re.MULTILINE):
                yield len(marks), re.sub(r"[`$*]", "", text)


def _leave_only_pages(folder: Path) -> None:
    """Remove what nbgrader copied from the autograded folder: data and pictures of the unit are no feedback."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.suffix != ".html" and path.name not in EXCHANGE_NAMES:
            path.unlink()


def _complete_exchange(folder: Path, course: Course, unit: str, student: str) -> None:
    """Where a class hands in through an exchange, give those who did not what `nbgrader release_feedback` stops for."""
    if not any(course.root.glob(f"submitted/*/{unit}/{SECRET_NAME}")):
        return
    folder.mkdir(parents=True, exist_ok=True)
    secret = hmac.new(course.secret(), f"feedback/{unit}/{student}".encode(), hashlib.sha256).hexdigest()
    for name, text in ((TIMESTAMP_NAME, ""), (SECRET_NAME, secret)):
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="ascii")


def _kind(cell: NotebookNode) -> str:
    nbgrader = cell.metadata.get("nbgrader", {})
    if is_test(cell):
        return "test"
    if nbgrader.get("solution"):
        return "answer" if nbgrader.get("grade") else "solution"
    return ""


def _is_untouched(cell: NotebookNode) -> bool:
    return cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)


def _comment(grades: Grades, name: str) -> Markup | None:
    return safe_markdown(grades.comments[name]) if name in grades.comments else None


def _add_aspect(exercise: ExerciseView, cell, verdicts: Mapping[str, Verdict], grades: Grades) -> None:
    _, aspect = asked_of(cell)
    grade_id = cell.metadata.nbgrader.grade_id
    points = grades.points[grade_id]
    if not (verdict := verdicts.get(grade_id)):
        exercise.aspects.append(AspectView(aspect, *points, "", ""))
        return
    # A recognised cause has a box of its own, once for the exercise.
    exercise.causes += [cause for cause in verdict.causes if cause not in exercise.causes]
    hint = f"\nNext: {verdict.hint}" if verdict.hint and not exercise.causes else ""
    exercise.aspects.append(AspectView(aspect, *points, verdict.status, _capital(verdict.summary) + hint))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _why_it_stopped(cell: NotebookNode) -> str:
    """Return why a solution cell did not run, in words that the submission cannot choose."""
    if problem := _syntax_problem(cell.source):
        return problem
    names = [output.ename for output in cell.outputs if output.output_type == "error"]
    ours = {"TimeLimit": "ran too long", "ProcessLost": "ended the Python process", "NotRun": "was not run"}
    for name in names:
        if name in ours:
            return f"This cell {ours[name]}."
        known = isinstance(getattr(builtins, name, None), type)
        return f"This cell stopped with {name if known else 'an error'}."
    return ""


def _syntax_problem(source: str) -> str:
    if re.search(r"^\s*[%!]", source, re.MULTILINE):  # IPython's own syntax
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as error:
        return f"Python could not read this cell: look at line {error.lineno} or just before."
    except (ValueError, RecursionError, MemoryError):
        return "Python could not read this cell."
    return ""
