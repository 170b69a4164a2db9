"""The site's explorers: every one can be played with the keyboard, without a kernel, a server or a network."""

from pathlib import Path

import pytest

from backprop_autograder.cli import find_course

pytest.importorskip("latex2mathml", reason="pip install -e '.[site]'")

from backprop_autograder.pages.site import write_site
from browser.driver import LIGHT, keep_picture

pytestmark = pytest.mark.browser

COURSE = find_course(Path(__file__))
UNITS = COURSE.units()
MOST_BYTES = 3_000_000
SEEN = """place => [...place.querySelectorAll(".frame img")].map(image => image.src).join() +
    place.querySelector(".frame").innerHTML + place.querySelector(".words").textContent"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of the whole course, with all states of all explorers."""
    folder = tmp_path_factory.mktemp("site")
    write_site(COURSE, folder)
    return folder


@pytest.fixture(scope="module", params=UNITS)
def tab(request, site, chromium):
    """A unit's page, opened as a file, with a prediction chosen in each explorer."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=True, reduced_motion="reduce")
    page = context.new_page()
    page.unit, page.failures = request.param, []
    page.on("pageerror", lambda error: page.failures.append(str(error)))
    page.on("requestfailed", lambda asked: page.failures.append(f"{asked.url}: {asked.failure}"))
    page.goto(f"file://{site}/{request.param}.html")
    for place in explorers(page):
        if place.locator(LIGHT + ".choices button").count():
            assert not place.locator(LIGHT + ".stage").is_visible()
            place.locator(LIGHT + ".choices button").first.press("Enter")
    yield page
    context.close()


def explorers(tab):
    return tab.locator(LIGHT + "[data-explorer]").all()


def failures(tab):
    """Return what went wrong on a page; a picture that another one replaces before it is there has not failed."""
    return [failure for failure in tab.failures if not failure.endswith("net::ERR_ABORTED")]


def test_every_control_of_every_explorer_moves_what_is_seen(tab):
    places = explorers(tab)
    assert places
    for k, place in enumerate(places):
        still = []
        for label, keys in [
            *((box, ("ArrowDown", "ArrowUp", "ArrowUp")) for box in place.locator(LIGHT + "select").all()),
            *((bar, ("End", "Home", "ArrowRight")) for bar in place.locator(LIGHT + "input[type=range]").all()),
        ]:
            seen = {place.evaluate(SEEN)}
            for key in keys:
                label.press(key)
                seen.add(place.evaluate(SEEN))
            still += [label.get_attribute("id")] * (len(seen) == 1)
        keep_picture(place, f"site-{tab.unit}-{k}")
        assert not still
    assert failures(tab) == []


def test_end_is_the_last_position_and_every_picture_is_there_and_described(tab):
    for place in explorers(tab):
        for bar in place.locator(LIGHT + "input[type=range]").all():
            bar.press("End")
            assert bar.input_value() == bar.get_attribute("max")
        for image in place.locator(LIGHT + ".frame img").all():
            image.evaluate("image => image.decode()")
            assert image.evaluate("image => image.naturalWidth") > 300
        assert len(place.locator(LIGHT + ".frame :is(img[alt], svg[aria-label])").all()) == 1
        assert place.locator(LIGHT + ".words").inner_text()
    assert failures(tab) == []


def test_play_moves_a_slider_and_pause_holds_it(tab):
    players = tab.get_by_role("button", name="Play")
    bars = tab.locator(LIGHT + "input[type=range]")
    bars.first.press("Home")
    players.first.press("Enter")
    assert bars.first.input_value() == "1"
    assert players.first.inner_text() == "Pause"
    tab.wait_for_timeout(1200)
    assert bars.first.input_value() != "1"
    players.first.press("Enter")
    held = bars.first.input_value()
    tab.wait_for_timeout(1200)
    assert bars.first.input_value() == held


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_with_all_that_its_page_loads_stays_small(site, unit):
    files = [path for path in (site / unit).rglob("*") if path.is_file()]
    assert (site / f"{unit}.html").stat().st_size + sum(path.stat().st_size for path in files) < MOST_BYTES


def test_axe_finds_nothing_serious_on_a_unit_whose_explorers_are_open(tab, accessible):
    accessible(tab)


def test_axe_finds_nothing_serious_on_the_index(site, chromium, accessible):
    page = chromium.new_page()
    page.goto(f"file://{site}/index.html")
    accessible(page)
    page.close()
