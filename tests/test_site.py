"""The course as pages to read: complete, without answers, and without anything from the network."""

import inspect
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser.driver import browser, why_not
from click.testing import CliRunner

from backprop_autograder.cli import find_course, main
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.pages.site import mathml, write_site

COURSE = find_course(Path(__file__))
UNITS = COURSE.units()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The site of the whole course."""
    folder = tmp_path_factory.mktemp("site")
    write_site(COURSE, folder, explorers=False)  # tests/browser plays them
    return folder


class Links(HTMLParser):
    """Collects what a page refers to, and its anchors."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.anchors, self.pictures = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.anchors.add(attrs.get("id"))
        self.targets += [attrs[name] for name in ("href", "src") if name in attrs]
        if tag == "img":
            self.pictures.append(attrs)


def page(folder, unit):
    return (folder / f"{unit}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("unit", [*UNITS, "index"])
def test_every_link_leads_somewhere_and_nothing_is_loaded_from_the_network(folder, unit):
    found = Links(page(folder, unit))
    for target in found.targets:
        if re.match(r"https?:", target):
            assert f'src="{target}"' not in page(folder, unit)
            assert f'rel="stylesheet" href="{target}"' not in page(folder, unit)
        else:
            assert (folder / target.split("#")[0]).is_file(), target
    assert all(picture["alt"] for picture in found.pictures)


@pytest.mark.parametrize("unit", UNITS)
def test_pages_show_every_exercise_and_no_answer(folder, unit):
    text = page(folder, unit)
    assert "BEGIN SOLUTION" not in text
    for name, exercise in load_exercises(unit).items():
        assert f"check({name}" in re.sub(r"<[^>]*>", "", text)
        bodies = inspect.getsource(exercise.reference).split("### BEGIN SOLUTION")[1:]
        for body in bodies:
            lines = [line.strip() for line in body.split("### END SOLUTION")[0].splitlines()]
            plain = re.sub(r"<[^>]*>", "", text)
            assert not all(line in plain for line in lines if len(line) > 25) or not any(len(x) > 25 for x in lines)


@pytest.mark.parametrize("unit", UNITS)
def test_formulas_become_mathml_and_none_is_left_as_tex(folder, unit):
    text = re.sub(r"<(pre|code|details).*?</\1>", "", page(folder, unit), flags=re.S)
    assert "$" not in text
    assert "\\frac" not in text and "\\sum" not in text
    assert "<merror" not in text


def test_the_search_knows_every_heading_and_its_place(folder):
    script = (folder / "search-index.js").read_text(encoding="utf-8")
    entries = json.loads(script.removeprefix("window.searchIndex = ").rstrip().removesuffix(";"))
    anchors = {unit: Links(page(folder, unit)).anchors for unit in UNITS}
    assert all(entry["at"] in anchors[entry["page"]] for entry in entries)
    assert {entry["page"] for entry in entries} == set(UNITS)
    assert any("softmax_vjp" in entry["title"] for entry in entries)


def test_a_formula_that_cannot_be_converted_is_named():
    with pytest.raises(ValueError, match="cannot be converted"):
        mathml(r"\frac", "inline")


def test_the_command_says_where_to_look(tmp_path):
    result = CliRunner().invoke(
        main, ["site", "--course", str(COURSE.root), "--output", str(tmp_path / "site"), "--no-explorers"]
    )
    assert result.exit_code == 0, result.output
    assert "index.html" in result.output and (tmp_path / "site" / "index.html").is_file()


@pytest.mark.browser
def test_the_search_finds_a_section_without_a_server(folder):
    if reason := why_not():
        pytest.skip(reason)
    with browser() as chromium:
        tab = chromium.new_page()
        tab.goto(f"file://{folder}/index.html")
        tab.locator(".search input").fill("gear_train")
        tab.locator(".search li a").first.click()
        tab.wait_for_url("**/00_start_here.html#*")
        tab.locator(".search input").fill("xyzzy")
        assert tab.locator(".search li").inner_text() == "Nothing found."
