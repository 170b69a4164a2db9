"""Grade one written question across the class, on a page of this machine: without names, with keys and a rubric.

Points and comments go through nbgrader's gradebook, so formgrader, feedback and export know them. What somebody else
saved in the meantime is shown, and never overwritten.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import takewhile
from typing import Any

import nbformat
from markupsafe import Markup
from nbgrader.api import Gradebook, MissingEntry

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.judging.rebuild import is_students
from backprop_autograder.pages.markup import code_html, render, safe_markdown, script
from backprop_autograder.pages.rubric import Item, change_item, changing, read_rubric

MAX_REQUEST = 100_000  # bytes


class ConflictError(Exception):
    """Somebody else has saved this answer since it was shown."""


@dataclass(frozen=True)
class Answer:
    """One student's answer, without a name.

    Attributes
    ----------
    key : str
        Its grade in the gradebook.
    html : str
    score : float or None
        What it has; None if nobody has graded it.
    comment : str
    waits : bool
    seen : str
        Stands for score and comment: equal if nobody has changed them.
    """

    key: str
    html: str
    score: float | None
    comment: str
    waits: bool
    seen: str


@dataclass(frozen=True)
class Review:
    """One question of a unit.

    Attributes
    ----------
    course : Course
    unit, question : str
    """

    course: Course
    unit: str
    question: str

    def check(self) -> None:
        """Raise a `CourseError` if the gradebook knows no such question."""
        with open_gradebook(self.course) as gradebook:
            self._grades(gradebook)

    def _grades(self, gradebook: Gradebook) -> list:
        try:
            known = gradebook.find_notebook(self.unit, self.unit)
        except MissingEntry:
            raise CourseError(f"The gradebook does not know {self.unit}. Next: backprop release {self.unit}") from None
        by_hand = self.asked_by_hand()
        if self.question not in by_hand:
            raise CourseError(
                f"{self.unit} has no question {self.question}. There are: {', '.join(by_hand) or 'none'}."
            )
        found = [g for entry in known.submissions for g in entry.grades if g.name == self.question]
        # Without names, and in an order that tells nothing.
        return sorted(found, key=lambda g: hashlib.sha256(f"{self.question}{g.notebook.student.id}".encode()).digest())

    def asked_by_hand(self) -> list[str]:
        """Return the cells that people grade, in the order of the notebook."""
        cells = self.course.assignment(self.unit).released.cells
        marked = [cell.metadata["nbgrader"] for cell in cells if cell.metadata.get("nbgrader")]
        return [m["grade_id"] for m in marked if m.get("task") or (m["grade"] and m["solution"])]

    def answers(self, gradebook: Gradebook) -> Iterator[Answer]:
        """Yield the answers of everybody who wrote one."""
        for grade in self._grades(gradebook):
            html = self._html(grade.notebook.student.id)
            if html is not None:
                comment = _comment(grade)
                score = grade.manual_score if grade.manual_score is not None else grade.auto_score
                waits = bool(grade.needs_manual_grade)
                yield Answer(grade.id, html, score, comment.manual_comment or "", waits, _seen(grade, comment))

    def _html(self, student: str) -> str | None:
        """Return what a student wrote, with pictures and formulas; None if nothing."""
        path = self.course.autograded(self.unit, student) / f"{self.unit}.ipynb"
        if not path.is_file():
            return None
        cells = nbformat.v4.reads(path.read_text(encoding="utf-8")).cells
        place = next((k for k, cell in enumerate(cells) if cell.get("id") == self.question), None)
        if place is None:
            return None
        released = {cell.id: cell.source for cell in self.course.assignment(self.unit).released.cells}
        below = list(takewhile(is_students, cells[place + 1 :]))
        task = bool(cells[place].metadata.nbgrader.get("task"))
        own = [] if task or cells[place].source == released[self.question] else [cells[place]]
        return str(Markup("").join(map(_shown, own + below))) if own or below else None

    def asked(self) -> str:
        """Return the question as HTML, as the course asks it: with its mark scheme, if it has one."""
        source = self.course.source(self.unit) / f"{self.unit}.ipynb"
        cells = nbformat.read(source, as_version=4).cells
        place = next(k for k, cell in enumerate(cells) if cell.id == self.question)
        task = cells[place].metadata.nbgrader.get("task")
        return str(safe_markdown(cells[place if task else max(place - 1, 0)].source, formulas=True))

    def save(self, key: str, score: float | None, comment: str, seen: str) -> str:
        """Store points and comment of an answer, and return what it looks like now.

        Raises
        ------
        ConflictError
            If somebody else has stored something since `seen`.
        CourseError
            If the points are more than there are.
        """
        with open_gradebook(self.course) as gradebook:
            grade = next((g for g in self._grades(gradebook) if g.id == key), None)
            if grade is None:
                raise CourseError("There is no such answer any more.")
            if not (score is None or 0 <= score <= grade.max_score):
                raise CourseError(f"Points are from 0 to {grade.max_score:g}.")
            said = _comment(grade)
            if _seen(grade, said) != seen:
                raise ConflictError("Somebody else has graded this answer since. It is shown as it is now.")
            grade.manual_score, grade.needs_manual_grade = score, score is None
            said.manual_comment = comment.strip() or None
            gradebook.db.commit()
            return _seen(grade, said)

    def state(self) -> dict[str, Any]:
        """Return all that the page shows, as JSON data."""
        with open_gradebook(self.course) as gradebook:
            answers = [asdict(answer) for answer in self.answers(gradebook)]
            grades = self._grades(gradebook)
            most = grades[0].max_score if grades else 0.0
        return {"answers": answers, "items": [asdict(i) for i in self.items()], "most": most}

    def items(self) -> list[Item]:
        """Return the items of the rubric."""
        return read_rubric(self.course, self.unit, self.question)

    def put_item(self, words: str, points: float, old: str = "") -> int:
        """Add an item, or change an old one for everybody; return how many answers have it."""
        item = Item(" ".join(words.split()), points)
        if not item.words:
            raise CourseError("An item has words.")
        if old:
            with open_gradebook(self.course) as gradebook:
                return change_item(self.course, gradebook, self.unit, self.question, old, item)
        with changing(self.course, self.unit, self.question) as items:
            if item.words not in [known.words for known in items]:
                items.append(item)
        return 0


def _comment(grade):
    return next(comment for comment in grade.notebook.comments if comment.name == grade.name)


def _seen(grade, comment) -> str:
    known = [grade.manual_score, bool(grade.needs_manual_grade), comment.manual_comment or ""]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]


def _shown(cell) -> Markup:
    if cell.cell_type == "code":
        return Markup("<pre>{}</pre>").format(code_html(cell.source))
    return safe_markdown(cell.source, cell.get("attachments"), formulas=True)


def serve(review: Review, port: int = 0) -> ThreadingHTTPServer:
    """Return a server of the page, on this machine alone; its `address` holds the key without which it says nothing."""
    review.check()
    token = secrets.token_urlsafe(16)
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, review, token))
    server.address = f"http://127.0.0.1:{server.server_port}/{token}/"
    return server


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, review: Review, token: str, *arguments):
        self.review, self.token = review, token
        super().__init__(*arguments)

    def log_message(self, *_):
        """Keep quiet: the terminal is the grader's."""

    def do_GET(self):
        """Send the page, or what it shows."""
        if self.path == f"/{self.token}/":
            text, digest = script("review.js")
            review = self.review
            values = {"unit": review.unit, "question": review.question, "asked": Markup(review.asked())}
            page = render("review.html", script=text, script_hash=digest, **values)
            self._send(HTTPStatus.OK, page, "text/html; charset=utf-8")
        elif self.path == f"/{self.token}/state":
            self._send_json(HTTPStatus.OK, self.review.state())
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "There is nothing here."})

    def do_POST(self):
        """Store something."""
        actions = {f"/{self.token}/save": self._save, f"/{self.token}/item": self._item}
        action = actions.get(self.path)
        if action is None:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "There is nothing here."})
            return
        try:
            length = int(self.headers.get("Content-Length", "0"))
            asked = json.loads(self.rfile.read(min(length, MAX_REQUEST)))
            self._send_json(HTTPStatus.OK, action(asked))
        except ConflictError as error:
            self._send_json(HTTPStatus.CONFLICT, {"error": str(error)})
        except (CourseError, ValueError, KeyError, TypeError) as error:
            self._send_json(HTTPStatus.BAD_REQUEST, {"error": str(error)})

    def _save(self, asked: dict) -> dict:
        score = None if asked["score"] is None else float(asked["score"])
        return {"seen": self.review.save(str(asked["key"]), score, str(asked["comment"]), str(asked["seen"]))}

    def _item(self, asked: dict) -> dict:
        return {"moved": self.review.put_item(str(asked["words"]), float(asked["points"]), str(asked.get("old", "")))}

    def _send_json(self, status: HTTPStatus, data: dict) -> None:
        self._send(status, json.dumps(data), "application/json")

    def _send(self, status: HTTPStatus, text: str, kind: str) -> None:
        body = text.encode("utf-8")
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")):
            self.send_header(name, value)
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)
