"""What a class has and has not understood: numbers from the gradebook and the stored verdicts."""

import csv
import io
import json
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

import nbformat
import numpy as np

from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.export import full_name
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.penalties import renew
from backprop_autograder.engine.text import printable_name
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.judging.rebuild import read_student_code
from backprop_autograder.judging.release import release_form
from backprop_autograder.judging.verdict import NOT_PROTECTED, OURS, RecordError, Verdict, verdicts_of
from backprop_autograder.pages.feedback import headings
from backprop_autograder.pages.markup import render, script
from backprop_autograder.pages.similarity import Pair, known_sources, similar_pairs

log = logging.getLogger(__name__)
FEW = 5  # submissions below which a pattern is a coincidence
MANY_LOST = 0.1  # share of answers without a verdict that asks for a look
BINS = 10
SHARED = 2  # students who go wrong in the same way
SHOWN_PAIRS = 50
ENDINGS = {"TimeLimit": "a cell ran too long", "ProcessLost": "a cell ended the Python process"}


@dataclass(frozen=True)
class Score:
    """A student's sum for one unit."""

    student: str
    points: float
    max_points: float
    by_hand: bool

    @property
    def share(self) -> float:
        """Points by points to earn."""
        return self.points / self.max_points if self.max_points else 0.0


@dataclass(frozen=True)
class Item:
    """One test cell over the whole class.

    Attributes
    ----------
    exercise, aspect : str
    points : float
        What it is worth.
    answers : int
        Submissions that were run.
    passed : float
        Share of them that pass: the item's difficulty, 1 being easy.
    discrimination : float or None
        Correlation of passing with the points of all other items (corrected point-biserial); None if either
        does not vary.
    remarks : tuple of str
        Why its tests deserve a look.
    """

    exercise: str
    aspect: str
    points: float
    answers: int
    passed: float
    discrimination: float | None
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Met:
    """A misconception, and who has it; `unsure` of them may have another one that answers alike."""

    exercise: str
    name: str
    cause: str
    students: tuple[str, ...]
    unsure: int


@dataclass(frozen=True)
class Cluster:
    """A mistake without a name that several students share.

    Attributes
    ----------
    exercise : str
    students : tuple of str
    example : str
        The shortest of their solutions.
    author : str
        Whose it is: ``backprop add UNIT EXERCISE --misconception AUTHOR`` drafts a misconception of it.
    """

    exercise: str
    students: tuple[str, ...]
    example: str
    author: str


@dataclass(frozen=True)
class Carried:
    """An exercise that is right with the course's functions in place of failed ones, and whose."""

    exercise: str
    instead: tuple[str, ...]
    students: tuple[str, ...]


@dataclass(frozen=True)
class Incident:
    """A time-out or crash, and whose."""

    place: str
    what: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class UnitReport:
    """One unit."""

    unit: str
    title: str
    scores: tuple[Score, ...]
    absent: tuple[str, ...]
    unreadable: Mapping[str, str]
    tests: tuple[Item, ...]
    misconceptions: tuple[Met, ...]
    clusters: tuple[Cluster, ...]
    carried: tuple[Carried, ...]
    incidents: tuple[Incident, ...]
    pairs: tuple[Pair, ...]
    sources: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def bins(self) -> list[int]:
        """How many students have 0 to 10 %, ... 90 to 100 % of the points."""
        counts, _ = np.histogram([min(max(s.share, 0), 1) for s in self.scores], bins=BINS, range=(0, 1))
        return counts.tolist()

    @property
    def mean(self) -> float | None:
        """Mean share of the points."""
        return float(np.mean([s.share for s in self.scores])) if self.scores else None

    @property
    def median(self) -> float | None:
        """Median share of the points."""
        return float(np.median([s.share for s in self.scores])) if self.scores else None

    @property
    def by_hand(self) -> int:
        """How many submissions wait for a grader."""
        return sum(score.by_hand for score in self.scores)

    @property
    def answers(self) -> int:
        """How many submissions were run."""
        return self.tests[0].answers if self.tests else 0

    @property
    def suspicious(self) -> list[Item]:
        """Items with a remark."""
        return [item for item in self.tests if item.remarks]

    def to_json(self) -> dict:
        """Return JSON data, without the sources of the pairs."""
        data = asdict(self)
        del data["sources"]
        return data | {"mean": self.mean, "median": self.median, "histogram": self.bins}


def report(course: Course, units: list[str]) -> list[UnitReport]:
    """Return what is known of each unit that somebody has handed in or was expected to."""
    with open_gradebook(course) as gradebook:
        renew(course, gradebook, units)
        everybody = {student.id for student in gradebook.students}
        everybody |= {student for unit in course.units() for student in course.students(unit)}
        return [_unit(course, gradebook, unit, everybody) for unit in units]


def _unit(course: Course, gradebook, unit: str, everybody: set[str]) -> UnitReport:
    run, notebooks, code, unreadable = {}, {}, {}, {}
    for student in course.graded(unit):
        try:
            verdicts = verdicts_of(course.record(unit, student))
            if why := _reason_not_run(verdicts):
                unreadable[student] = why
                continue
            notebook = _graded(course, unit, student)
            code[student], _ = read_student_code(notebook), list(_incidents({student: verdicts}, {student: notebook}))
        except (CourseError, RecordError) as error:  # stops nobody else's
            unreadable[student] = str(error)
        except Exception:  # a bug of ours, at one submission
            log.exception("%s, %s: a bug of ours stopped at it", printable_name(student), unit)
            unreadable[student] = OURS
        else:
            run[student], notebooks[student] = verdicts, notebook
    absent = {s for s in everybody if course.submission(unit, s) is None}
    unreadable = {student: why for student, why in unreadable.items() if student not in absent}
    released = release_form(_source(course, unit))
    pairs, sources = _pairs(course, unit, released, code)
    return UnitReport(
        unit,
        next((title for _, title in headings(released.cells)), unit),
        tuple(_scores(gradebook, unit, absent)),
        tuple(sorted(absent)),
        unreadable,
        tuple(items(list(run.values()))),
        tuple(_misconceptions(run)),
        tuple(clusters(run, code)),
        tuple(_carried(run)),
        tuple(_incidents(run, notebooks)),
        tuple(pairs),
        sources,
        {student.id: named for student in gradebook.students if (named := full_name(student))},
    )


def _reason_not_run(verdicts: list[Verdict]) -> str:
    """Return why a submission as a whole was not judged; empty if it was."""
    whole = bool(verdicts) and all(verdict.status == "unjudged" for verdict in verdicts)
    return verdicts[0].happened if whole else ""


def _source(course: Course, unit: str):
    return nbformat.read(course.source(unit) / f"{unit}.ipynb", as_version=4)


def _graded(course: Course, unit: str, student: str):
    path = course.autograded(unit, student) / f"{unit}.ipynb"
    if not path.exists():
        return nbformat.v4.new_notebook()
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))  # we wrote it, so there is nothing to validate


def _scores(gradebook, unit: str, absent: set[str]) -> Iterator[Score]:
    for submission in sorted(gradebook.assignment_submissions(unit), key=lambda s: s.student.id):
        if submission.student.id not in absent:
            penalty = sum(n.late_submission_penalty or 0.0 for n in submission.notebooks)
            points = max(submission.score - penalty, 0.0)
            by_hand = bool(submission.needs_manual_grade)
            yield Score(submission.student.id, points, submission.max_score, by_hand)


def items(submissions: list[list[Verdict]]) -> Iterator[Item]:
    """Yield difficulty and discrimination of each test cell, in the order of the notebook."""
    if not submissions:
        return
    cells = [verdict.grade_id for verdict in submissions[0]]
    rows = [{verdict.grade_id: verdict for verdict in verdicts} for verdicts in submissions]
    rows = [row for row in rows if set(row) == set(cells)]  # not one of another version of the unit
    points = np.array([[row[cell].points for cell in cells] for row in rows])
    for k, cell in enumerate(cells):
        verdict = rows[0][cell]
        passed = points[:, k] > 0
        rest = points.sum(axis=1) - points[:, k]
        correlation = discrimination(passed, rest)
        lost = np.mean([row[cell].status == "lost" for row in rows])
        remarks = (*_remarks(passed, correlation, lost), *([] if verdict.protected else [NOT_PROTECTED]))
        yield Item(
            verdict.exercise,
            verdict.aspect,
            verdict.max_points,
            len(rows),
            float(passed.mean()),
            correlation,
            remarks,
        )


def discrimination(passed: np.ndarray, rest: np.ndarray) -> float | None:
    """Return the correlation of passing an item with the points of the other items; None if either is constant."""
    if len(passed) < FEW or passed.all() or not passed.any() or np.ptp(rest) == 0:
        return None
    return float(np.corrcoef(passed.astype(float), rest)[0, 1])


def _remarks(passed: np.ndarray, correlation: float | None, lost: float) -> Iterator[str]:
    if len(passed) < FEW:
        return
    if passed.all():
        yield "everyone passes"
    if not passed.any():
        yield "nobody passes"
    if correlation is not None and correlation < 0:
        yield "those who pass do worse elsewhere"
    if lost > MANY_LOST:
        yield "many answers without a verdict"


def _misconceptions(run: Mapping[str, list[Verdict]]) -> Iterator[Met]:
    met: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    words = {}
    for student, verdicts in run.items():
        for verdict in verdicts:
            if verdict.causes:
                # Each student counts once for an exercise, whatever number of its aspects failed.
                first = verdict.causes[0]
                met[verdict.exercise, first.name][student] = verdict.either
                words[verdict.exercise, first.name] = first.cause
    order = list(dict.fromkeys(verdict.exercise for verdicts in run.values() for verdict in verdicts))
    for (exercise, name), students in sorted(met.items(), key=lambda m: (order.index(m[0][0]), -len(m[1]), m[0])):
        yield Met(exercise, name, words[exercise, name], tuple(sorted(students)), sum(students.values()))


def clusters(run: Mapping[str, list[Verdict]], code: Mapping[str, Mapping[str, str]]) -> Iterator[Cluster]:
    """Yield what several students get wrong in the same way and nothing is known of, the most frequent first.

    Parameters
    ----------
    run : dict
        Verdicts by student.
    code : dict
        Sources of solution cells by student and exercise.
    """
    shared: dict[tuple[str, str], set[str]] = defaultdict(set)
    for student, verdicts in run.items():
        for verdict in verdicts:
            if verdict.behaviour and not verdict.causes:
                shared[verdict.exercise, verdict.behaviour].add(student)
    for (exercise, _), students in sorted(shared.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(students) >= SHARED:
            author = min(sorted(students), key=lambda s: len(code.get(s, {}).get(exercise, "")) or 10**9)
            yield Cluster(exercise, tuple(sorted(students)), code.get(author, {}).get(exercise, ""), author)


def _carried(run: Mapping[str, list[Verdict]]) -> Iterator[Carried]:
    met: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
    for student, verdicts in run.items():
        for verdict in verdicts:
            if verdict.carried:
                met[verdict.exercise, verdict.carried].add(student)
    for (exercise, instead), students in met.items():
        yield Carried(exercise, instead, tuple(sorted(students)))


def _incidents(run: Mapping[str, list[Verdict]], notebooks) -> Iterator[Incident]:
    met: dict[tuple[str, str], set[str]] = defaultdict(set)
    for student, verdicts in run.items():
        for verdict in verdicts:
            if verdict.status == "lost":
                met[verdict.grade_id, f"no verdict, because {verdict.happened}"].add(student)
        for cell in notebooks[student].cells:
            for output in cell.get("outputs", []):
                if output["output_type"] == "error" and output["ename"] in ENDINGS:
                    met[_place(cell), ENDINGS[output["ename"]]].add(student)
    for (place, what), students in sorted(met.items()):
        yield Incident(place, what, tuple(sorted(students)))


def _place(cell) -> str:
    return "a cell of the student's own" if cell.id.startswith("extra-") else cell.id


def _pairs(
    course: Course, unit: str, released, code: Mapping[str, Mapping[str, str]]
) -> tuple[list[Pair], dict[tuple[str, str], str]]:
    stubs = read_student_code(released)
    pairs, sources = [], {}
    for name, exercise in load_exercises(unit, course.answer_key).items():
        solutions = {s: cells[name] for s, cells in code.items() if cells.get(name, stubs[name]) != stubs[name]}
        found = similar_pairs(name, solutions, known_sources(exercise, stubs[name]))
        pairs += found
        sources |= {(name, s): solutions[s] for pair in found for s in (pair.first, pair.second)}
    return pairs, sources


def as_html(units: list[UnitReport]) -> str:
    """Return the report as one page that loads nothing."""
    text, digest = script("sort.js")
    values = {"version": version("backprop-course"), "shown": SHOWN_PAIRS, "script": text, "script_hash": digest}
    values["known"] = {student: name for unit in units for student, name in unit.names.items()}
    return render("report.html", units=units, **values)


def as_json(units: list[UnitReport]) -> str:
    """Return the report as JSON text."""
    data = {"course_version": version("backprop-course"), "units": [unit.to_json() for unit in units]}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


COLUMNS = ("unit", "table", "exercise", "aspect", "name", "measure", "value")


def as_csv(units: list[UnitReport]) -> str:
    """Return the report as CSV, one number or list a line, so that every table fits into one file."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for unit in units:
        writer.writerows([unit.unit, *map(_cell, row)] for row in _rows(unit))
    return file.getvalue()


def _cell(value):
    """Return a value as a spreadsheet should see it: text that begins like a formula is none."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _rows(unit: UnitReport) -> Iterator[tuple]:
    for measure in ("mean", "median"):
        yield "summary", "", "", "", measure, getattr(unit, measure)
    for student in unit.absent:
        yield "absent", "", "", student, "", ""
    for student, why in unit.unreadable.items():
        yield "unreadable", "", "", student, "reason", why
    for score in unit.scores:
        yield "score", "", "", score.student, "points", score.points
        yield "score", "", "", score.student, "max_points", score.max_points
    for item in unit.tests:
        for measure in ("points", "answers", "passed", "discrimination"):
            yield "item", item.exercise, item.aspect, "", measure, getattr(item, measure)
        for remark in item.remarks:
            yield "item", item.exercise, item.aspect, "", "remark", remark
    for met in unit.misconceptions:
        yield "misconception", met.exercise, "", met.name, "students", len(met.students)
        yield "misconception", met.exercise, "", met.name, "who", " ".join(met.students)
        yield "misconception", met.exercise, "", met.name, "cause", met.cause
    for cluster in unit.clusters:
        yield "unnamed", cluster.exercise, "", cluster.author, "students", len(cluster.students)
        yield "unnamed", cluster.exercise, "", cluster.author, "who", " ".join(cluster.students)
    for carried in unit.carried:
        yield "carried forward", carried.exercise, "", " ".join(carried.instead), "students", len(carried.students)
        yield "carried forward", carried.exercise, "", " ".join(carried.instead), "who", " ".join(carried.students)
    for incident in unit.incidents:
        yield "incident", "", "", incident.place, incident.what, " ".join(incident.students)
    for pair in unit.pairs:
        yield "look at", pair.exercise, "", f"{pair.first} {pair.second}", "shared", round(pair.share, 3)


FORMATS = {"html": as_html, "csv": as_csv, "json": as_json}
