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
from typing import Any
from urllib.parse import quote

import nbformat
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.utils import compute_checksum
from traitlets import Unicode

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.penalties import renew
from backprop_autograder.engine.files import write_whole
from backprop_autograder.engine.messages import Cause
from backprop_autograder.judging.audit import short_hash
from backprop_autograder.judging.matching import is_test
from backprop_autograder.judging.plain import asked_of
from backprop_autograder.judging.rebuild import is_students
from backprop_autograder.judging.release import EXCHANGE_NAMES, SECRET_NAME, TIMESTAMP_NAME, exchange_files
from backprop_autograder.judging.verdict import Verdict, verdicts_of, why_unread
from backprop_autograder.pages.markup import MAX_TEXT, code_html, printable, render, safe_markdown
from backprop_autograder.workers.worker import write_files

EXCHANGED = "../../{unit}.ipynb#{anchor}"
MADE_FROM = re.compile(r'<meta name="made-from" content="(\w+)">')
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
    """A test cell: what it earned, the judge's words, and whether a grader changed its score."""

    name: str
    points: float
    max_points: float
    status: str
    message: str
    changed: bool = False

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
    """What the gradebook knows of one submission: scores, what waits or was given by hand, comments, penalty."""

    score: float
    max_score: float
    penalty: float
    points: Mapping[str, tuple[float, float]]
    pending: frozenset[str]
    comments: Mapping[str, str]
    by_hand: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entry: SubmittedNotebook) -> "Grades":
        """Return what the gradebook knows of a notebook."""
        return cls(
            entry.score,
            entry.max_score,
            entry.late_submission_penalty or 0.0,
            {g.name: (g.score, g.max_score) for g in entry.grades},
            frozenset(g.name for g in entry.grades if g.needs_manual_grade),
            {c.name: c.comment for c in entry.comments if c.comment},
            frozenset(g.name for g in entry.grades if g.manual_score is not None),
        )

    def fingerprint(self, record: Mapping[str, Any]) -> str:
        """Return a short text that changes with anything that the page shows of grades and verdicts."""
        parts = ("score", "max_score", "penalty", "points", "comments")
        known = [getattr(self, part) for part in parts] + [sorted(self.pending), sorted(self.by_hand)]
        return short_hash([known, record["verdicts"], record["notes"], record["submission_sha256"]])


class FeedbackExporter(Exporter):
    """Turns a graded notebook into the feedback page of its student."""

    section_url = Unicode(
        "",
        help="Link to an exercise, with {unit} and {anchor}. By default to the student's notebook, from where "
        "nbgrader's students fetch feedback; for those who hand in otherwise nowhere, for none lies there",
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
        complete_exchange(folder, course, unit, student)
        with Gradebook(names["db_url"]) as gradebook:
            renew(course, gradebook, [unit], student)
            grades = Grades.of(gradebook.find_submission_notebook(unit, unit, student))
        return self.page(course, unit, student, notebook, grades), resources

    def page(self, course: Course, unit: str, student: str, notebook: NotebookNode, grades: Grades) -> str:
        """Return the text of the page."""
        record = course.record(unit, student)
        verdicts = {verdict.grade_id: verdict for verdict in verdicts_of(record)}
        self._target = self.section_url or (EXCHANGED * _came_by_exchange(course, unit, student))
        unread = why_unread(verdicts.values())
        parts = [] if unread else list(self._parts(notebook, unit, verdicts, grades))
        title = next((plain for _, plain in headings(notebook.cells)), unit)
        waiting = any(part.kind == "answer" and part.pending for part in parts)
        return render(
            "feedback.html",
            title=title,
            unit=unit,
            student=printable(student),
            grades=grades,
            parts=parts,
            notes=[] if unread else record["notes"],
            unread=unread,
            made_from=grades.fingerprint(record),
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
            elif kind in ("answer", "task"):
                below = list(takewhile(is_students, notebook.cells[k + 1 :]))
                question, texts = (cell, below) if kind == "task" else (before, [cell, *_written(below)])
                untouched = not below if kind == "task" else _is_untouched(cell)
                yield self._answer(cell, question, [] if untouched else texts, section, unit, grades)
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

    def _answer(self, cell, question, texts: list, section: str, unit: str, grades: Grades) -> AnswerView:
        name = cell.metadata.nbgrader.grade_id
        answer = Markup("").join(map(_text, texts)) if texts else None
        link = self._link(unit, section)
        asked = safe_markdown(re.sub(r"\A#+ .*\n", "", question.source) if question else "", formulas=True)
        comment = _comment(grades, name) if answer is not None else None
        return AnswerView(name, section, link, asked, answer, *_points(grades, cell), name in grades.pending, comment)

    def _link(self, unit: str, section: str) -> str:
        return self._target.format(unit=quote(unit), anchor=quote(section.replace(" ", "-")))


def page_path(course: Course, unit: str, student: str) -> Path:
    """Return where the page of a student lies: in a folder of the student's, whatever way the work came."""
    return course.root / "feedback" / student / unit / f"{unit}.html"


def stale_pages(course: Course, gradebook: Gradebook, unit: str) -> list[str]:
    """Return the graded students whose page is missing, or says something else than gradebook and verdicts do."""
    try:
        entries = gradebook.find_notebook(unit, unit).submissions
    except MissingEntry:
        return []
    return sorted(e.student.id for e in entries if course.is_graded(unit, e.student.id) and _is_stale(course, unit, e))


def _is_stale(course: Course, unit: str, entry: SubmittedNotebook) -> bool:
    student = entry.student.id
    try:
        head = page_path(course, unit, student).read_text(encoding="utf-8")[:2000]
        record = course.record(unit, student)
    except (CourseError, OSError, UnicodeDecodeError):
        return True
    found = MADE_FROM.search(head)
    return not found or found[1] != Grades.of(entry).fingerprint(record)


def write_page(course: Course, gradebook: Gradebook, unit: str, student: str) -> Path:
    """Write the page of a graded submission, and beside it what nbgrader's exchange needs to bring it back.

    Raises
    ------
    CourseError
        If the graded notebook is lost.
    """
    notebook = course.autograded(unit, student) / f"{unit}.ipynb"
    if not notebook.is_file():
        raise CourseError(f"{student}, {unit}: the graded notebook is lost. Next: backprop grade {unit}")
    grades = Grades.of(gradebook.find_submission_notebook(unit, unit, student))
    graded = nbformat.v4.reads(notebook.read_text(encoding="utf-8"))
    text = FeedbackExporter(config=course.config).page(course, unit, student, graded, grades)
    path = page_path(course, unit, student)
    course.private("feedback")
    write_files(path.parent, exchange_files(course.root / "submitted" / student / unit))
    complete_exchange(path.parent, course, unit, student)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text, mode=0o644)  # nbgrader's exchange copies the mode, and its students have to read it
    return path


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


def complete_exchange(folder: Path, course: Course, unit: str, student: str) -> None:
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
    if nbgrader.get("task"):
        return "task"
    if nbgrader.get("solution"):
        return "answer" if nbgrader.get("grade") else "solution"
    return ""


def _written(cells: list[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type != "code"]


def _text(cell: NotebookNode) -> Markup:
    """Return what a student wrote as an answer: words or code."""
    if cell.cell_type == "code":
        return Markup("<pre>{}</pre>").format(code_html(cell.source))
    return safe_markdown(cell.source, cell.get("attachments"), formulas=True)


def _is_untouched(cell: NotebookNode) -> bool:
    return cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)


def _points(grades: Grades, cell: NotebookNode) -> tuple[float, float]:
    return grades.points.get(cell.metadata.nbgrader.grade_id, (0.0, cell.metadata.nbgrader.points))


def _came_by_exchange(course: Course, unit: str, student: str) -> bool:
    return (course.root / "submitted" / student / unit / SECRET_NAME).is_file()


def _comment(grades: Grades, name: str) -> Markup | None:
    """Return a grader's comment, each line of which is one: an item of a rubric, often."""
    if name not in grades.comments:
        return None
    return safe_markdown(re.sub(r"(?<=\S)\n(?=\S)", "  \n", grades.comments[name]), formulas=True)


def _add_aspect(exercise: ExerciseView, cell, verdicts: Mapping[str, Verdict], grades: Grades) -> None:
    grade_id = cell.metadata.nbgrader.grade_id
    _, aspect = asked_of(cell) or ("", grade_id)
    points = grades.points.get(grade_id, (0.0, cell.metadata.nbgrader.points))
    if not (verdict := verdicts.get(grade_id)):
        exercise.aspects.append(AspectView(aspect, *points, "", ""))
        return
    # A recognised cause has a box of its own, once for the exercise.
    exercise.causes += [cause for cause in verdict.causes if cause not in exercise.causes]
    hint = f"\nNext: {verdict.hint}" if verdict.hint and not exercise.causes else ""
    changed = grade_id in grades.by_hand and points[0] != verdict.points
    exercise.aspects.append(AspectView(aspect, *points, verdict.status, _capital(verdict.summary) + hint, changed))


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
    # IPython's own syntax; or more than is shown, which may take long to read.
    if re.search(r"^\s*[%!]", source, re.MULTILINE) or len(source) > MAX_TEXT:
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
