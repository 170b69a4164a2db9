"""What a written answer shows is a picture and nothing else, whatever was handed in as one."""

import base64
import io
from html.parser import HTMLParser

import nbformat
import pytest
from conftest import isolated
from PIL import Image

from backprop_autograder.judging import pictures
from backprop_autograder.judging.pictures import show_pictures
from backprop_autograder.pages.markup import safe_markdown
from backprop_autograder.workers.warm import shared_launcher
from handins.ways import picture


def shown(*contents):
    """Return the pictures of a cell, by media type."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("", id="a")])
    handed_in = {"a": {f"picture-{k}": content for k, content in enumerate(contents)}}
    lost = show_pictures(notebook, handed_in, lambda: shared_launcher(isolated()))
    found = [kinds for _, kinds in sorted(notebook.cells[0].get("attachments", {}).items())]
    assert lost == len(contents) - len(found)
    return found


def drawn(form, size=(40, 30), **options):
    content = io.BytesIO()
    Image.new("RGB", size, (10, 200, 30)).save(content, form, **options)
    return base64.b64encode(content.getvalue()).decode()


def drawn_noise(size, **options):
    content = io.BytesIO()
    Image.effect_noise((size, size), 200).convert("RGB").save(content, "JPEG", **options)
    return base64.b64encode(content.getvalue()).decode()


def attributes(html):
    """Return tags with attributes as a browser reads them, but for those of text alone."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, names: found.append((tag, {name for name, _ in names}))
    parser.feed(html)
    return [(tag, names) for tag, names in found if tag != "p"]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_pictures_of_the_usual_formats_are_shown_with_their_colours(form):
    (kinds,) = shown(drawn(form))
    image = Image.open(io.BytesIO(base64.b64decode(kinds["image/png"]))).convert("RGB")
    assert image.size == (40, 30)
    # JPEG and WebP round colours.
    assert all(abs(one - other) <= 6 for one, other in zip(image.getpixel((20, 15)), (10, 200, 30), strict=True))


def test_what_hides_behind_a_picture_is_gone():
    content = base64.b64decode(picture()) + b"<script>alert(1)</script>"
    (kinds,) = shown(base64.b64encode(content).decode())
    assert b"script" not in base64.b64decode(kinds["image/png"])


@pytest.mark.parametrize(
    "content",
    [
        "",
        "AAAA",
        "not base64 at all",
        "\u2603" * 9,
        base64.b64encode(b"<svg onload='alert(1)'/>").decode(),
        picture()[:60],
    ],
)
def test_what_is_no_picture_is_left_out_and_the_next_one_shown(content):
    assert len(shown(content, picture())) == 1


def test_a_picture_that_would_fill_the_memory_is_left_out():
    assert shown(drawn("PNG", (9000, 9000))) == []


def test_small_files_do_not_become_many_large_pictures(monkeypatch):
    small = drawn_noise(800, quality=1)
    (kinds,) = shown(small)
    (one,) = kinds.values()
    assert len(one) > 5 * len(small)
    monkeypatch.setattr(pictures, "MAX_ALL_SHOWN", 5 * len(one) // 2)
    assert len(shown(small, small, small, picture())) == 3


def test_pictures_that_take_long_cost_no_more_than_their_time(monkeypatch):
    monkeypatch.setattr(pictures, "ALL_SECONDS", 0.0)
    assert shown(picture(), picture()) == []


def test_large_pictures_are_shown_at_a_size_to_look_at():
    (kinds,) = shown(picture(1700, noise=True))
    (content,) = kinds.values()
    assert max(Image.open(io.BytesIO(base64.b64decode(content))).size) == 1600


@pytest.mark.parametrize(
    "text", ["![x](attachment:a)", '![" onerror="alert(1)](attachment:a)', "![x](attachment:a 'b\"c')"]
)
def test_an_attached_picture_is_shown_and_nothing_with_it_is_alive(text):
    html = safe_markdown(text, {"a": {"image/png": "QUJD"}})
    assert 'src="data:image/png;base64,QUJD"' in html
    assert attributes(html) == [("img", {"alt", "src"})]


@pytest.mark.parametrize("content", ['QUJD" onerror="alert(1)', "javascript:alert(1)", "<script>"])
def test_an_attachment_that_is_no_base64_is_not_shown(content):
    html = safe_markdown("![x](attachment:a)", {"a": {"image/png": content}})
    assert not [names for _, names in attributes(html) if names - {"alt"}]
