"""Grade one written question across the class, on a page of this machine: without names, with keys and a rubric.

Points and comments go through nbgrader's gradebook, so formgrader, feedback and export know them. What somebody else
saved in the meantime is shown, and never overwritten.
"""

import errno
import hashlib
import json
import re
import secrets
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache, partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import takewhile
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import DBAPIError

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.judging.rebuild import is_students
from backprop_autograder.judging.release import release_form
from backprop_autograder.pages.given import Given, give, read_given
from backprop_autograder.pages.guidance import for_graders
from backprop_autograder.pages.markup import code_html, render, safe_markdown, script
from backprop_autograder.pages.rubric import Item, add_item, change_item, read_rubric

MAX_REQUEST = 100_000  # bytes
MANY = 4096  # notebooks of which is known whether an answer is in them
HEADING = re.compile(r"\A#+ *(.+)\n?")


class ConflictError(Exception):
    """Somebody else has saved this answer since it was shown."""


@dataclass(frozen=True)
class Review:
    """One question of a unit.

    Attributes
    ----------
    course : Course
    unit, question : str
    order : str
        Another one, another order of the answers: graders who read at the same time begin at different ends.
    """

    course: Course
    unit: str
    question: str
    order: str = ""

    @property
    def _source(self) -> Path:
        return self.course.source(self.unit) / f"{self.unit}.ipynb"

    @cached_property
    def _released(self) -> NotebookNode:
        return release_form(nbformat.read(self._source, as_version=4))

    def check(self) -> None:
        """Raise a `CourseError` if the gradebook knows no such question."""
        with open_gradebook(self.course) as gradebook:
            self._given(gradebook)
        self.items()

    def asked_by_hand(self) -> list[str]:
        """Return the cells that people grade, in the order of the notebook."""
        cells = self._released.cells
        marked = [cell.metadata["nbgrader"] for cell in cells if cell.metadata.get("nbgrader")]
        return [m["grade_id"] for m in marked if m.get("task") or (m["grade"] and m["solution"])]

    def _cell(self) -> tuple[int, NotebookNode]:
        return next((k, cell) for k, cell in enumerate(self._released.cells) if cell.id == self.question)

    def _given(self, gradebook: Gradebook) -> list[Given]:
        """Return what everybody has who wrote an answer, in an order that tells nothing."""
        try:
            known = gradebook.find_notebook(self.unit, self.unit)
        except MissingEntry:
            raise CourseError(f"The gradebook does not know {self.unit}. Next: backprop release {self.unit}") from None
        by_hand = self.asked_by_hand()
        if self.question not in by_hand:
            raise CourseError(
                f"{self.unit} has no question {self.question}. There are: {', '.join(by_hand) or 'none'}."
            )
        found = [one for one in read_given(gradebook, known, self.question) if self._is_answered(one.student)]
        return sorted(found, key=lambda one: hashlib.sha256(f"{self.order}{one.key}".encode()).digest())

    def _is_answered(self, student: str) -> bool:
        path = self._graded(student)
        _, cell = self._cell()
        return path.is_file() and _has_answer(path, path.stat().st_mtime_ns, self.question, cell.source)

    def _graded(self, student: str) -> Path:
        return self.course.autograded(self.unit, student) / f"{self.unit}.ipynb"

    def state(self) -> dict[str, Any]:
        """Return points, comments and items, as JSON data; the answers themselves are asked for one by one."""
        with open_gradebook(self.course) as gradebook:
            answers = [_shown_of(one) for one in self._given(gradebook)]
        return {"answers": answers, "items": [asdict(item) for item in self.items()], "most": self.most}

    def html(self, key: str) -> str:
        """Return what a student wrote, with pictures and formulas.

        Raises
        ------
        CourseError
            If there is no such answer.
        """
        with open_gradebook(self.course) as gradebook:
            student = self._one(gradebook, key).student
        _, cell = self._cell()
        return str(Markup("").join(map(_html_of, _answer(self._graded(student), self.question, cell.source))))

    def _one(self, gradebook: Gradebook, key: str) -> Given:
        found = next((one for one in self._given(gradebook) if one.key == key), None)
        if found is None:
            raise CourseError("There is no such answer any more.")
        return found

    @property
    def most(self) -> float:
        """How many points there are."""
        return float(self._cell()[1].metadata["nbgrader"]["points"])

    def asked(self) -> tuple[str, Markup]:
        """Return the question, as the course asks it: its heading, empty if it has none, and the text as HTML."""
        place, cell = self._cell()
        text = cell.source if cell.metadata["nbgrader"].get("task") else self._released.cells[max(place - 1, 0)].source
        heading = HEADING.match(text)
        title = re.sub(r"[`$*]", "", heading[1]) if heading else ""
        return title, safe_markdown(HEADING.sub("", text), formulas=True)

    def guidance(self) -> Markup:
        """Return what the source says to graders: the rubric, and a worked answer, folded."""
        return Markup(for_graders(self._source, formulas=True).get(self.question, ""))

    def save(self, key: str, score: float | None, comment: str, seen: str) -> str:
        """Store points and comment of an answer, and return what stands for them now.

        Raises
        ------
        ConflictError
            If somebody else has stored something since `seen`.
        CourseError
            If the points are more than there are.
        """
        if not (score is None or 0 <= score <= self.most):
            raise CourseError(f"Points are from 0 to {self.most:g}.")
        with open_gradebook(self.course) as gradebook:
            one = self._one(gradebook, key)
            now = give(gradebook, one, score, comment.strip() or None) if one.seen == seen else None
            if now is None:
                raise ConflictError("Somebody else has graded this answer since.")
            return now.seen

    def items(self) -> list[Item]:
        """Return the items of the rubric."""
        return read_rubric(self.course, self.unit, self.question)

    def put_item(self, item: Item | None, old: str = "") -> dict[str, list[str]]:
        """Add an item; or change an old one for everybody, or take it away, and return whose points that concerns."""
        if not old and item:
            add_item(self.course, self.unit, self.question, item)
            return {}
        with open_gradebook(self.course) as gradebook:
            return change_item(self.course, gradebook, self.unit, self.question, old, item)


def _shown_of(one: Given) -> dict[str, Any]:
    """Return what the page knows of an answer: no name."""
    return {"key": one.key, "score": one.score, "comment": one.comment or "", "waits": one.waits, "seen": one.seen}


@lru_cache(MANY)
def _has_answer(path: Path, _changed: int, question: str, untouched: str) -> bool:
    return bool(_answer(path, question, untouched))


def _answer(path: Path, question: str, untouched: str) -> list[NotebookNode]:
    """Return the cells of a graded notebook that are somebody's answer, none if the question was left as it was."""
    cells = nbformat.v4.reads(path.read_text(encoding="utf-8")).cells
    place = next((k for k, cell in enumerate(cells) if cell.get("id") == question), None)
    if place is None:
        return []
    given = cells[place].metadata.nbgrader.get("task") or cells[place].source == untouched
    return ([] if given else [cells[place]]) + list(takewhile(is_students, cells[place + 1 :]))


def _html_of(cell: NotebookNode) -> Markup:
    if cell.cell_type == "code":
        return Markup("<pre>{}</pre>").format(code_html(cell.source))
    return safe_markdown(cell.source, cell.get("attachments"), formulas=True)


def serve(course: Course, unit: str, question: str, port: int = 0) -> ThreadingHTTPServer:
    """Return a server of the page, on this machine alone; its `address` holds the key without which it says nothing.

    Raises
    ------
    CourseError
        If there is no such question, or somebody else has the port.
    """
    token = secrets.token_urlsafe(16)
    review = Review(course, unit, question, order=token)
    review.check()
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, review, token))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise CourseError(f"Port {port} cannot be had ({error.strerror}). Next: name another one, or none.") from None
    server.address = f"http://127.0.0.1:{server.server_port}/{token}/"
    return server


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, review: Review, token: str, *arguments):
        self.review, self.token = review, token
        super().__init__(*arguments)

    def log_message(self, *_):
        """Keep quiet: the terminal is the grader's."""

    def do_GET(self):
        """Send the page, what it shows, or one answer."""
        where, _, key = self.path.removeprefix(f"/{self.token}/").partition("/")
        if not self.path.startswith(f"/{self.token}/"):
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "There is nothing here."})
        elif where == "":
            self._send(HTTPStatus.OK, self._page(), "text/html; charset=utf-8")
        elif where == "state":
            self._answer(self.review.state)
        else:
            self._answer(lambda: {"html": self.review.html(key)})

    def do_POST(self):
        """Store something."""
        actions = {f"/{self.token}/save": self._save, f"/{self.token}/item": self._item}
        if action := actions.get(self.path):
            length = int(self.headers.get("Content-Length", "0"))
            asked = self.rfile.read(min(length, MAX_REQUEST))
            self._answer(lambda: action(json.loads(asked)))
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "There is nothing here."})

    def _page(self) -> str:
        text, digest = script("review.js")
        title, asked = self.review.asked()
        values = {"unit": self.review.unit, "question": self.review.question, "title": title, "asked": asked}
        return render("review.html", script=text, script_hash=digest, guidance=self.review.guidance(), **values)

    def _answer(self, action: Callable[[], dict]) -> None:
        try:
            status, data = HTTPStatus.OK, action()
        except ConflictError as error:
            status, data = HTTPStatus.CONFLICT, {"error": str(error)}
        except (CourseError, ValueError, KeyError, TypeError) as error:
            status, data = HTTPStatus.BAD_REQUEST, {"error": str(error)}
        except (OSError, DBAPIError) as error:
            words = f"This could not be read or written ({getattr(error, 'orig', error)}). Nothing was lost: try again."
            status, data = HTTPStatus.SERVICE_UNAVAILABLE, {"error": words}
        except Exception:
            traceback.print_exc()
            words = "A bug of ours stopped this; the terminal says where."
            status, data = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": words}
        self._send_json(status, data)

    def _save(self, asked: dict) -> dict:
        score = None if asked["score"] is None else float(asked["score"])
        return {"seen": self.review.save(str(asked["key"]), score, str(asked["comment"]), str(asked["seen"]))}

    def _item(self, asked: dict) -> dict:
        item = None if asked.get("words") is None else Item(str(asked["words"]), float(asked["points"]))
        return {"moved": self.review.put_item(item, str(asked.get("old", "")))}

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
