"""Feedback: what students are told, and that nothing of a submission is alive in it."""

from html.parser import HTMLParser

import pytest
from conftest import submission, submit, write_toy_course
from engine.test_rebuild import SOLVED
from nbformat.v4 import new_code_cell

from backprop_autograder.classroom.batch import grade_class
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.pages.feedback import headings
from backprop_autograder.pages.formulas import ELEMENTS
from backprop_autograder.pages.markup import ALLOWED, code_html, printable, safe_markdown

UNIT = "01_toy"
SQUARED = {"double": "def double(X):\n    return X**2", "row_means": SOLVED["row_means"]}
ATTACKS = [
    "<script>alert(1)</script>",
    "<style>body { display: none }</style>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='https://example.org'></iframe>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt&#58;alert(1))",
    "![pixel](https://example.org/seen.png)",
    "[a][b]\n\n[b]: javascript:alert(1)",
    "<https://example.org/> and <javascript:alert(1)>",
    "</pre></section><script>alert(1)</script>",
    "`</code><script>alert(1)</script>`",
    "$</code><script>alert(1)</script>$",
    "$$\n</pre><script>alert(1)</script>\n$$",
    "```html\n</pre><script>alert(1)</script>\n```",
    '```"onmouseover=alert(1)\ncode\n```',
    "| <script>alert(1)</script> |\n|---|\n| [x](javascript:alert(1)) |",
    "{{ config }} {% raw %}",
]


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


HEAD = {"meta": 5, "style": 1}


def what_is_alive(page):
    """Return what a browser would run, load or follow, apart from our own style sheet and links to the notebook."""
    passive = ALLOWED | {"html", "head", "meta", "title", "style", "body", "main", "header", "section"}
    passive |= {"div", "span", "a"} | ELEMENTS
    alive = [tag for tag, _ in Elements(page).found if tag not in passive]
    alive += ["more of the head" for tag in ("meta", "style") if page.count(f"<{tag}") != HEAD[tag]]
    for tag, attributes in Elements(page).found:
        alive += [f"{tag} {name}" for name in attributes if name.startswith("on") or name in ("src", "srcdoc")]
        alive += [href for name, href in attributes.items() if name == "href" and not href.startswith("../../01_toy")]
    return alive


def feedback(course, student):
    return (course.root / "feedback" / student / UNIT / f"{UNIT}.html").read_text(encoding="utf-8")


SPY = """
seen = []
def double(X):
    seen.append("LE" + "AK" + repr(X))
    return X
"""
TELL = """
print(seen)
raise type(seen[0], (Exception,), {})(seen[0])
"""
SHOW = "from IPython.display import HTML, display\ndisplay(HTML('<script>alert(1)</script>'))"


def handed_in(released):
    """Return what each student of the class hands in."""
    attack = "\n\n".join(ATTACKS)
    eve = submission(
        released, double=f"def double(X):\n    r'''{attack}'''\n    return X\n", row_means=SHOW, written_why=attack
    )
    spy = submission(released, double=SPY, row_means=TELL)
    spy.cells.insert(5, new_code_cell("print(seen); raise KeyError(seen[0])"))
    long = "print('x' * 3_000_000)\n" + SOLVED["double"] + "\n#" + "y" * 150_000
    return {
        "ann": submission(released, **SQUARED, written_why="Since $2 = 1 + 1$."),
        "ben": submission(released, **SOLVED, written_why="Two."),
        "eve": eve,
        "spy": spy,
        "long": submission(released, double=long, written_why="z" * 150_000),
        "typo": submission(released, double="def double(X):\n    return (\n"),
        "torn": b"{",
    }


def grade_by_hand(course):
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade("written_why", UNIT, UNIT, "ben")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.find_comment("written_why", UNIT, UNIT, "ben").manual_comment = "*Nearly* <script>x</script>"
        gradebook.find_comment("double", UNIT, UNIT, "ben").manual_comment = "Elegant."
        gradebook.db.commit()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose class has handed in, was graded and has feedback."""
    course = write_toy_course(tmp_path_factory.mktemp("feedback") / "course")
    course.release(UNIT)
    for student, content in handed_in(course.assignment(UNIT).released).items():
        submit(course, student, content)
    grade_class(course, [UNIT], processes=1)
    for student in ("ann", "eve"):
        (course.autograded(UNIT, student) / "figures").mkdir()
        (course.autograded(UNIT, student) / "figures" / "graph.svg").write_text("<svg/>")
    grade_by_hand(course)
    course.generate_feedback(UNIT)
    return course


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_in_a_written_answer_is_alive(text):
    found = Elements(safe_markdown(text)).found
    assert not [tag for tag, attributes in found if tag not in ALLOWED or attributes]


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_in_code_is_alive(text):
    for source in (text, f'"""{text}"""', f"# {text}", f"x = '{text}'"):
        assert {tag for tag, _ in Elements(code_html(source)).found} <= {"span"}


def test_markdown_keeps_formatting_and_formulas_readable():
    html = safe_markdown("A **bold** claim: $x_1 * y_2 * z$ [see](https://example.org/a)\n\n$$\nE = mc^2\n$$")
    assert "<strong>bold</strong>" in html
    assert "<code>x_1 * y_2 * z</code>" in html
    assert "see (<code>https://example.org/a</code>)" in html
    assert "<pre>E = mc^2</pre>" in html


def test_characters_that_hide_or_turn_text_are_made_visible():
    assert printable("a\x00b\u202ec\r\nd\te") == "a\ufffdb\ufffdc\nd\te"


@pytest.mark.parametrize("nested", ["[" * 20_000, "> " * 10_000, "- " * 10_000, "*a _b " * 4_000])
def test_deep_nesting_does_not_stop_the_feedback(nested):
    assert safe_markdown(nested)


def test_headings_lose_their_markup(toy_course):
    cells = toy_course.assignment(UNIT).released.cells
    cells[1].source = "# 1. The `double` of $x$\ntext\n## Part"
    assert list(headings(cells)) == [(1, "1. The double of x"), (2, "Part")]


def test_feedback_has_scores_messages_and_the_idea_that_was_missed_once(course):
    page = feedback(course, "ann")
    assert [score in page for score in ("3 / 8", "0 / 2", "0 / 1", "3 / 3")] == [True] * 4
    assert page.count("The entries are squared.") == 1
    assert page.count("is twice 3 equal to 9?") == 1
    assert "not right yet" in page and "passed" in page


def test_feedback_has_the_students_code_and_answer_but_nobody_elses(course):
    page = feedback(course, "ann")
    assert "Since <math" in page and "<mn>2</mn><mo>=</mo><mn>1</mn>" in page
    assert ">def</span>" in page and "waiting" in page
    assert "Because." not in page  # the reference's answer
    assert "BEGIN SOLUTION" not in page


def test_nothing_but_pages_is_left_in_the_feedback_folder(course):
    files = {p.name for p in (course.root / "feedback").rglob("*") if p.is_file()}
    assert files == {f"{UNIT}.html"}


@pytest.mark.parametrize("student", ["ann", "ben", "eve", "spy", "long", "typo", "torn"])
def test_a_page_may_run_and_load_nothing_and_holds_nothing_alive(course, student):
    page = feedback(course, student)
    # Pictures of a written answer are part of the page.
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page
    assert not what_is_alive(page)


def test_the_graders_score_and_comment_are_in_the_feedback(course):
    page = feedback(course, "ben")
    assert "1.5 / 2" in page and "7.5 / 8" in page and "waiting" not in page
    assert "<em>Nearly</em>" in page and "Elegant." in page


def test_an_attack_is_shown_as_text(course):
    assert "alert(1)" in feedback(course, "eve")


def test_what_the_judge_asked_does_not_come_back_in_the_feedback(course):
    page = feedback(course, "spy")
    assert "LEAK" not in page
    assert "This cell stopped with an error." in page


def test_huge_outputs_and_sources_make_no_huge_page(course):
    page = feedback(course, "long")
    assert len(page) < 100_000
    assert "more characters" in page


def test_a_cell_that_python_cannot_read_is_told_so_with_the_line(course):
    assert "Python could not read this cell: look at line 2" in feedback(course, "typo")


def test_a_damaged_file_gets_feedback_that_says_so(course):
    page = feedback(course, "torn")
    assert "The file is not a notebook." in page
    assert "This file could not be graded" in page and "You left this exercise" not in page
