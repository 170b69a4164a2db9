"""The class report: its numbers against hand-made classes, and its page against what a class may contain."""

import csv
import io
import json
import re
from collections import Counter
from html.parser import HTMLParser

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import submission, submit, write_toy_course
from engine.test_rebuild import SOLVED
from scipy.stats import pointbiserialr
from test_similarity import LONG_WAY, RENAMED

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.cli import find_course, main
from backprop_autograder.engine.messages import Cause
from backprop_autograder.judging.verdict import Verdict
from backprop_autograder.pages.explain import explain_score
from backprop_autograder.pages.report import COLUMNS, as_csv, as_html, as_json, clusters, discrimination, items, report

UNIT = "01_toy"
SQUARE = "def double(X):\n    return X**2"
SUMS = "def row_means(X):\n    return X.sum(axis=1)"
ENDLESS = "def row_means(X):\n    import os\n    os._exit(0)"
EVIL = "=cmd()<script>alert(1)</script>".replace("/", "")  # a student's id becomes a folder


def record(*points, status=None):
    return [
        Verdict(f"test_{k}", f"e{k}", "values", float(p), 1.0, status or ("passed" if p else "wrong"), "it was seen")
        for k, p in enumerate(points)
    ]


def test_difficulty_is_the_share_that_passes():
    found = list(items([record(1, 0), record(1, 1), record(1, 0), record(1, 0), record(1, 0)]))
    assert [(i.exercise, i.passed, i.answers) for i in found] == [("e0", 1.0, 5), ("e1", 0.2, 5)]


def test_discrimination_is_the_point_biserial_correlation_with_the_other_items():
    table = np.random.default_rng(3).integers(0, 2, size=(40, 6))
    for k, item in enumerate(items([record(*row) for row in table])):
        rest = table.sum(axis=1) - table[:, k]
        assert item.discrimination == pytest.approx(pointbiserialr(table[:, k], rest).statistic, abs=1e-12)


@pytest.mark.parametrize(
    ("passed", "rest"), [([1] * 6, range(6)), ([0] * 6, range(6)), ([0, 1] * 3, [2] * 6), ([0, 1, 1], [0, 1, 2])]
)
def test_discrimination_is_unknown_where_nothing_varies_or_few_took_part(passed, rest):
    assert discrimination(np.array(passed, dtype=bool), np.array(rest)) is None


def test_tests_that_everyone_passes_nobody_passes_or_only_the_weak_pass_are_remarked_on():
    good, weak = record(1, 0, 0, 1, 1), record(1, 0, 1, 0, 0)
    remarks = [item.remarks for item in items([good] * 4 + [weak] * 4)]
    assert remarks[0] == ("everyone passes",)
    assert remarks[1] == ("nobody passes",)
    assert remarks[2] == ("those who pass do worse elsewhere",)
    assert remarks[3] == ()


def test_a_small_class_gets_no_remarks():
    assert not any(item.remarks for item in items([record(1, 0)] * 4))


def test_many_answers_without_a_verdict_are_remarked_on():
    (item,) = items([record(1)] * 4 + [record(0, status="lost")] * 2)
    assert item.remarks == ("many answers without a verdict",)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded class in which it is known who did what."""
    course = write_toy_course(tmp_path_factory.mktemp("report") / "course")
    course.release(UNIT)
    released = course.assignment(UNIT).released
    right = SOLVED["double"]
    class_ = {
        "ann": submission(released, **SOLVED, written_why="Two."),
        "bob": submission(released, double=SQUARE, row_means=SUMS),
        "cem": submission(released, double=SQUARE, row_means=LONG_WAY),
        "dan": submission(released, double=right, row_means=RENAMED),
        "eve": submission(released, double=right, row_means=ENDLESS),
        EVIL: submission(released, double=right + "\n# <script>alert(1)</script>", row_means=SUMS),
        "fay": b"{",
    }
    for student, content in class_.items():
        submit(course, student, content)
    (course.root / "submitted" / "gus" / UNIT).mkdir(parents=True)
    with open_gradebook(course) as gradebook:
        gradebook.add_student("hal")
    grade_class(course, [UNIT], processes=1)
    return course


@pytest.fixture(scope="module")
def found(course):
    return report(course, [UNIT])


def test_misconceptions_are_counted_once_for_each_student_and_exercise(found):
    met = {(m.exercise, m.name): (m.cause, m.students) for m in found[0].misconceptions}
    assert met == {
        ("double", "square"): ("The entries are squared.", ("bob", "cem")),
        ("row_means", "row_sums"): ("The sum is not divided.", (EVIL, "bob")),
    }


def test_who_has_not_handed_in_and_whose_file_cannot_be_read_is_named(found):
    assert found[0].absent == ("gus", "hal")
    assert found[0].unreadable == {"fay": "the file is not a notebook"}


def test_crashes_are_named_with_place_and_student(found):
    (incident,) = found[0].incidents
    assert (incident.place, incident.students) == ("test_row_means", ("eve",))
    assert "the Python process ended" in incident.what


def test_scores_come_from_the_gradebook_and_fill_the_histogram(found):
    scores = {s.student: s.points for s in found[0].scores}
    assert scores == {"ann": 6.0, "bob": 0.0, "cem": 3.0, "dan": 6.0, "eve": 3.0, EVIL: 3.0, "fay": 0.0}
    assert found[0].bins == [2, 0, 0, 3, 0, 0, 0, 2, 0, 0]
    assert found[0].median == pytest.approx(3 / 8)
    assert found[0].by_hand == 1


def test_difficulty_leaves_out_what_could_not_be_run(found):
    first = found[0].tests[0]
    assert (first.exercise, first.aspect, first.answers) == ("double", "values", 6)
    assert first.passed == pytest.approx(4 / 6)


def test_a_copied_solution_is_a_pair_to_look_at(found):
    assert [(p.exercise, p.first, p.second) for p in found[0].pairs] == [("row_means", "cem", "dan")]


class Page(HTMLParser):
    """Collects scripts, and what a page would load or run."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.loaded = Counter(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        names = ("src", "srcset", "data", "action", "xlink:href")
        self.loaded += [(tag, k, v) for k, v in attrs if k in names or k.startswith("on")]
        self.loaded += [(tag, k, v) for k, v in attrs if k == "href" and not v.startswith("#")]


def test_the_page_loads_nothing_and_runs_its_own_script_only(found):
    page = Page(as_html(found))
    assert page.loaded == []
    assert page.tags["script"] == 1 and not page.tags.keys() & {"link", "img", "iframe", "object", "base", "form"}


def test_the_pages_policy_allows_exactly_its_script(found):
    import base64
    import hashlib

    text = as_html(found)
    script = re.search(r"<script>(.*)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text


def test_the_page_names_misconceptions_and_labels_its_picture(found):
    text = as_html(found)
    assert "The entries are squared." in text
    assert 'role="img" aria-label="Students by share of points' in text


def test_json_holds_what_the_page_shows_without_the_students_code(found):
    (unit,) = json.loads(as_json(found))["units"]
    assert unit["misconceptions"][0]["students"] == ["bob", "cem"]
    assert unit["histogram"] == found[0].bins
    assert "sources" not in unit and "def row_means" not in as_json(found)


def test_csv_holds_the_same_and_no_formula(found):
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert tuple(rows[0]) == COLUMNS
    met = [r for r in rows if r["table"] == "misconception" and r["measure"] == "students"]
    assert [(r["exercise"], r["name"], r["value"]) for r in met] == [
        ("double", "square", "2"),
        ("row_means", "row_sums", "2"),
    ]
    cells = [value for row in rows for value in row.values()]
    assert f"'{EVIL}" in cells and not [c for c in cells if c.startswith(("=", "@", "+"))]


@pytest.mark.parametrize(
    ("arguments", "name", "start"),
    [
        ([], "report.html", "<!DOCTYPE"),
        (["--format", "csv"], "report.csv", "unit,"),
        (["--output", "a.json"], "a.json", "{"),
    ],
)
def test_the_command_writes_the_form_that_the_file_asks_for(course, tmp_path, monkeypatch, arguments, name, start):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["report", "toy", "--course", str(course.root), *arguments])
    assert result.exit_code == 0, result.output
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_a_course_that_nobody_has_worked_on_gets_a_report_that_says_so(toy_course):
    toy_course.release(UNIT)
    assert "Nothing is graded yet." in as_html(report(toy_course, [UNIT]))


def test_explain_lists_every_verdict_and_the_idea_that_was_missed(course):
    text = explain_score(course, "bob", UNIT)
    assert "bob, 01_toy: 0 of 8 points" in text
    assert re.search(r"^test_double +0 / 2 +wrong +twice a matrix", text, re.MULTILINE)
    assert "recognised: square" in text
    assert "square (double): The entries are squared." in text


def test_explain_says_what_waits_for_a_grader(course):
    assert re.search(r"^written_why +0 / 2 +waiting", explain_score(course, "ann", UNIT), re.MULTILINE)


def test_explain_of_somebody_who_handed_nothing_in_says_where_to_look(course):
    result = CliRunner().invoke(main, ["explain", "nobody", "toy", "--course", str(course.root)])
    assert result.exit_code == 2
    assert "There is no submission of nobody, 01_toy. Next: look into" in result.output


def test_explain_of_a_submission_without_a_verdict_says_what_to_do(toy_course):
    submit(toy_course, "ann", submission(toy_course.assignment("01_toy").released))
    result = CliRunner().invoke(main, ["explain", "ann", "toy", "--course", str(toy_course.root)])
    assert result.exit_code == 2
    assert "Next: backprop grade 01_toy --student ann." in result.output


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["02_finite_differences", "05_softmax_stability"])
def test_on_a_class_of_60_the_report_names_exactly_the_planted_misconceptions_and_their_counts(unit, tmp_path):
    out = tmp_path / "demo"
    result = CliRunner().invoke(main, ["demo", "--students", "60", "--unit", unit, "--output", str(out)])
    assert result.exit_code == 0, result.output
    class_ = json.loads((out / "class.json").read_text())[unit]
    planted = Counter((e, name) for work in class_.values() for e, name in work["planted"].items())
    (found,) = report(find_course(out), [unit])
    assert {(m.exercise, m.name): len(m.students) for m in found.misconceptions} == planted
    assert not any(m.unsure for m in found.misconceptions)
    assert len(found.absent) == sum(work["kind"] == "no notebook" for work in class_.values())
    assert not found.pairs
    text = as_html([found])
    for met in found.misconceptions:
        assert met.name in text


def unnamed(exercise, behaviour, **words):
    return Verdict(f"test_{exercise}", exercise, "values", 0.0, 1.0, "wrong", "got 1", behaviour=behaviour, **words)


def test_students_who_go_wrong_in_the_same_way_are_shown_with_the_shortest_of_their_solutions():
    known = unnamed("double", "abc", causes=(Cause("square", "The entries are squared.", "is it?"),))
    run = {
        "ann": [unnamed("double", "abc")],
        "bob": [unnamed("double", "abc"), unnamed("row_means", "def")],
        "cem": [known],
        "dan": [unnamed("double", "")],
        "eve": [unnamed("double", "xyz")],
    }
    code = {"ann": {"double": "a long solution"}, "bob": {"double": "short"}}
    (cluster,) = clusters(run, code)
    assert (cluster.exercise, cluster.students, cluster.example) == ("double", ("ann", "bob"), "short")
    assert cluster.author == "bob"
