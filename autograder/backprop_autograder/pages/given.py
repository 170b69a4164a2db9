"""Points and comments that people give for one question: read together, and written only over what was read."""

import hashlib
import json
from dataclasses import dataclass, replace

from nbgrader.api import BaseCell, Comment, Grade, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import and_, select, update


@dataclass(frozen=True)
class Given:
    """What one student has for a question.

    Attributes
    ----------
    key : str
        Of its grade in the gradebook.
    said : str
        Key of its comment.
    student : str
    auto, manual : float or None
        Automatic points, and those that somebody gave.
    comment : str or None
    waits : bool
        Whether somebody has to look at it.
    """

    key: str
    said: str
    student: str
    auto: float | None
    manual: float | None
    comment: str | None
    waits: bool

    @property
    def score(self) -> float | None:
        """What counts; None if nobody has graded it."""
        return self.auto if self.manual is None else self.manual

    @property
    def lines(self) -> list[str]:
        """The lines of the comment."""
        return (self.comment or "").splitlines()

    @property
    def seen(self) -> str:
        """A short text that stands for points and comment: equal if nobody has changed them."""
        known = json.dumps([self.manual, self.waits, self.comment or ""])
        return hashlib.sha256(known.encode()).hexdigest()[:16]


def read_given(gradebook: Gradebook, known: Notebook, question: str) -> list[Given]:
    """Return what everybody has who handed in a unit."""
    kinds = (known.grade_cells, known.solution_cells, known.task_cells)
    cells = [cell.id for kind in kinds for cell in kind if cell.name == question]
    rows = (
        select(Grade.id, Comment.id, SubmittedAssignment.student_id, Grade.auto_score, Grade.manual_score)
        .add_columns(Comment.manual_comment, Grade.needs_manual_grade)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Comment, and_(Comment.notebook_id == Grade.notebook_id, Comment.cell_id.in_(cells)))
        .where(Grade.cell_id.in_(cells))
    )
    return [Given(*row[:-1], bool(row[-1])) for row in gradebook.db.execute(rows)]


def give(gradebook: Gradebook, one: Given, score: float | None, comment: str | None) -> Given | None:
    """Store points and a comment over what was read, and return them; None if somebody else was faster.

    Without points, the answer waits.
    """
    grades, comments = Grade.__table__, Comment.__table__
    scored = update(grades).where(
        grades.c.id == one.key,
        grades.c.manual_score.is_not_distinct_from(one.manual),
        grades.c.needs_manual_grade == one.waits,
    )
    said = update(comments).where(
        comments.c.id == one.said, comments.c.manual_comment.is_not_distinct_from(one.comment)
    )
    done = [
        gradebook.db.execute(scored.values(manual_score=score, needs_manual_grade=score is None)).rowcount,
        gradebook.db.execute(said.values(manual_comment=comment)).rowcount,
    ]
    if done != [1, 1]:
        gradebook.db.rollback()
        return None
    gradebook.db.commit()
    return replace(one, manual=score, waits=score is None, comment=comment)
