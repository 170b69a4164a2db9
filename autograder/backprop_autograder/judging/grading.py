"""Grade one submission: a pure function of bytes, without a disk or a database that is shared with anyone."""

import hashlib
import hmac
import json
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from backprop_autograder.judging.answer_key import DEFAULT, load_exercises
from backprop_autograder.judging.audit import course_version, environment, notebook_fingerprint, short_hash
from backprop_autograder.judging.judge import Judge
from backprop_autograder.judging.limits import Limits
from backprop_autograder.judging.pictures import show_pictures
from backprop_autograder.judging.rebuild import Rebuilt, digest_of, read_student_code, rebuild
from backprop_autograder.judging.verdict import OURS, Verdict
from backprop_autograder.workers.warm import NoSandboxError, shared_launcher
from backprop_autograder.workers.worker import Launcher, LaunchError

NOT_ITS_DOING = (NoSandboxError, LaunchError)  # what no submission can cause: the run ends


@dataclass(frozen=True)
class Assignment:
    """All that is needed to grade submissions of one unit, the same for the whole class.

    Attributes
    ----------
    unit : str
        Name of the assignment and its notebook: ``"01_chain_rule"``.
    text : str
        The notebook that students were given.
    files : dict
        Data files beside it.
    secret : bytes
        Decides the fresh cases; never sent to a worker.
    answer_key : str
        Package of the answer key.
    limits : Limits
    sandbox : bool
        Whether submissions run isolated.
    private : tuple of str
        Folders that they must not be able to read, such as the course.
    fingerprints : dict
        Of the unit's exercises, by name: taken once where the work is given out, not by every worker.
    tests : dict
        Text of the test cells that are assertions, hidden ones among them, by ``grade_id``.
    """

    unit: str
    text: str
    files: Mapping[str, bytes]
    secret: bytes
    answer_key: str = DEFAULT
    limits: Limits = Limits()
    sandbox: bool = True
    private: tuple[str, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def released(self) -> NotebookNode:
        """The notebook that students were given, parsed."""
        return nbformat.reads(self.text, as_version=4)

    def judge(self) -> Judge:
        """Return the judge of this unit."""
        exercises = load_exercises(self.unit, self.answer_key)
        return Judge(exercises, self.launcher, self.files, self.limits, self.unit, self.tests)

    def launcher(self) -> Launcher:
        """Return what starts workers in this process."""
        return shared_launcher(self.sandbox, [Path(folder) for folder in self.private])

    def seed(self, student: str, digest: str) -> bytes:
        """Return the seed of a submission's fresh cases: reproducible for a regrade, unforeseeable for the student.

        It depends on the submitted file too: inputs that one submission wrote down do not help the next.
        """
        return hmac.new(self.secret, f"{self.unit}/{student}/{digest}".encode(), hashlib.sha256).digest()

    def definition(self) -> dict[str, Any]:
        """Return the fingerprints of what decides about verdicts on this unit."""
        return {"exercises": dict(self.fingerprints), "notebook": notebook_fingerprint(self.released, self.tests)}

    def basis(self, student: str, digest: str) -> dict[str, Any]:
        """Return what a verdict rests on, for its record; of the secret seed, a hash."""
        return {
            **self.definition(),
            "seed": short_hash(self.seed(student, digest)),
            "course_version": course_version(),
            "environment": environment(),
            "sandbox": self.sandbox,
        }


@dataclass(frozen=True)
class Task:
    """One submission to grade.

    Attributes
    ----------
    assignment : Assignment
    student : str
    read : callable
        Returns the submitted notebook, or None.
    """

    assignment: Assignment
    student: str
    read: Callable[[], bytes | None]

    @property
    def submission(self) -> bytes | None:
        """The submitted notebook, read when it is sent to be graded: a class need not fit into memory."""
        return self.read()


@dataclass(frozen=True)
class Result:
    """A graded submission.

    Attributes
    ----------
    unit, student : str
    notebook : str
        Text of the rebuilt notebook with the judge's outputs.
    verdicts : list of Verdict
    scores : dict
        Of graded cells, by ``grade_id``; None for what waits for a grader.
    unanswered : frozenset of str
        Cells that the student was to fill in and left as they were given.
    notes : list of str
        What was unusual about the submitted file.
    digest : str
        SHA-256 of the submitted file.
    basis : dict
        What the verdicts rest on.
    seconds : float
        Time taken.
    fault : str
        Traceback of a bug of ours that the submission found; empty as a rule.
    """

    unit: str
    student: str
    notebook: str
    verdicts: list[Verdict]
    scores: Mapping[str, float | None] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    digest: str = ""
    basis: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    fault: str = ""

    @property
    def points(self) -> float:
        """Points earned in test cells."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def max_points(self) -> float:
        """Points that test cells are worth."""
        return sum(verdict.max_points for verdict in self.verdicts)

    def record(self) -> str:
        """Return what is kept for reports and audits, as JSON text without times: a regrade gives the same bytes."""
        data = {
            "unit": self.unit,
            "student": self.student,
            "submission_sha256": self.digest,
            **self.basis,
            **({"fault": True} if self.fault else {}),
            "notes": self.notes,
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
        }
        return json.dumps(data, sort_keys=True) + "\n"


def _judge(judge: Judge, assignment: Assignment, student: str, rebuilt: Rebuilt) -> list[Verdict]:
    """Judge a rebuilt notebook in place; one that was unreadable is not run."""
    if not rebuilt.readable:
        return judge.unjudged(rebuilt.notebook, rebuilt.notes[0])
    return judge.judge(rebuilt, assignment.seed(student, rebuilt.digest))


def grade(assignment: Assignment, student: str, submission: bytes | None) -> Result:
    """Grade one submission.

    Parameters
    ----------
    assignment : Assignment
    student : str
    submission : bytes or None
        The submitted notebook file, whatever it contains; None if there is none.

    Returns
    -------
    Result
        Always: whatever a submission does is data. Where a bug of ours stops at it, the result says so.

    Raises
    ------
    NoSandboxError
        If the submission is to run isolated and this host cannot do that.
    LaunchError
        If no worker can be started.
    """
    judge = assignment.judge()
    try:
        return _grade(judge, assignment, student, submission)
    except NOT_ITS_DOING:
        raise
    except Exception:
        return give_up(assignment, student, submission, OURS, traceback.format_exc())


def _grade(judge: Judge, assignment: Assignment, student: str, submission: bytes | None) -> Result:
    start = time.monotonic()
    rebuilt = rebuild(assignment.released, submission)
    verdicts = _judge(judge, assignment, student, rebuilt)
    if rebuilt.pictures and (lost := show_pictures(rebuilt.notebook, rebuilt.pictures, assignment.launcher)):
        rebuilt.notes.append(f"{lost} pictures could not be shown")
    return _result(assignment, student, rebuilt, verdicts, time.monotonic() - start, "\n".join(judge.faults))


def give_up(assignment: Assignment, student: str, submission: bytes | None, reason: str, fault: str = "") -> Result:
    """Return a result of no points for a submission that cannot be graded, with the reason in each test cell."""
    rebuilt = rebuild_or_release(assignment, submission)
    verdicts = assignment.judge().unjudged(rebuilt.notebook, reason)
    try:
        return _result(assignment, student, rebuilt, verdicts, 0.0, fault)
    except Exception:  # its own text cannot be written: then without it
        blank = Rebuilt(nbformat.from_dict(assignment.released), digest=rebuilt.digest, readable=False, notes=[reason])
        verdicts = assignment.judge().unjudged(blank.notebook, reason)
        return _result(assignment, student, blank, verdicts, 0.0, fault or traceback.format_exc())


def rebuild_or_release(assignment: Assignment, submission: bytes | None) -> Rebuilt:
    """Return a rebuilt submission; the notebook as it was given out, where a bug of ours stops at it."""
    try:
        return rebuild(assignment.released, submission)
    except Exception:
        blank = nbformat.from_dict(assignment.released)
        return Rebuilt(blank, digest=digest_of(submission), readable=False, notes=[OURS])


def _result(
    assignment: Assignment, student: str, rebuilt: Rebuilt, verdicts: list[Verdict], seconds: float, fault: str
) -> Result:
    given = read_student_code(assignment.released)
    unanswered = frozenset(n for n, source in read_student_code(rebuilt.notebook).items() if source == given[n])
    return Result(
        assignment.unit,
        student,
        v4.writes(rebuilt.notebook) + "\n",  # without validation: it was written by us
        verdicts,
        _scores(rebuilt, verdicts, unanswered),
        unanswered,
        rebuilt.notes,
        rebuilt.digest,
        assignment.basis(student, rebuilt.digest),
        seconds,
        fault,
    )


def _scores(rebuilt: Rebuilt, verdicts: list[Verdict], unanswered: frozenset[str]) -> dict[str, float | None]:
    """Return points by cell, None for what a grader looks at: answers that are there, and every task."""
    cells = [cell.metadata["nbgrader"] for cell in rebuilt.notebook.cells if cell.metadata.get("nbgrader")]
    by_hand = {m["grade_id"]: 0.0 if m["grade_id"] in unanswered else None for m in cells if m["grade"]}
    tasks = {m["grade_id"]: None if rebuilt.readable else 0.0 for m in cells if m.get("task")}
    return by_hand | tasks | {verdict.grade_id: verdict.points for verdict in verdicts}
