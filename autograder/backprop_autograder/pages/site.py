"""The notebooks as pages to read: without answers, with formulas and search that need no network and no server."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import metadata
from pathlib import Path

import mistune
import nbformat
from latex2mathml.converter import convert
from markupsafe import Markup
from nbformat import NotebookNode

from backprop_autograder.classroom.course import Course
from backprop_autograder.judging.release import data_files, release_form
from backprop_autograder.pages.markup import code_html, render

INDEX_NAME = "search-index.js"


@dataclass
class Section:
    """What lies between two headings of a page.

    Attributes
    ----------
    anchor, title : str
    words : list of str
        The text, for the search.
    """

    anchor: str
    title: str
    words: list[str] = field(default_factory=list)


@dataclass
class Page:
    """A unit to read.

    Attributes
    ----------
    unit, title : str
    parts : list
        Cells, as dicts for the template.
    sections : list of Section
    summary : str
        What the reader will build.
    explorers : tuple of str
        Cells whose explorers can be played.
    """

    unit: str
    title: str
    parts: list[dict]
    sections: list[Section]
    summary: str
    explorers: tuple[str, ...] = ()


def write_site(course: Course, output: Path, *, explorers: bool = True) -> list[Path]:
    """Write a page for each unit, an index, and what they need, into `output`; return the pages' paths.

    Parameters
    ----------
    course : Course
    output : Path
    explorers : bool
        Whether explorers can be played: drawing all their states takes a few minutes.
    """
    pages = [read_unit(course.source(unit)) for unit in course.units()]
    output.mkdir(parents=True, exist_ok=True)
    if explorers:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            drawn = pool.map(lambda page: draw_explorers(course.source(page.unit), output), pages)
            for page, found in zip(pages, drawn, strict=True):
                page.explorers = found
    around = {"pages": pages, "binder": binder_address()}
    files = {"index.html": render("site_index.html", **around).encode(), INDEX_NAME: search_index(pages).encode()}
    for name in ("search.js", "player.js", "site.css"):
        files[name] = Path(__file__).with_name("templates").joinpath(name).read_bytes()
    for k, page in enumerate(pages):
        near = {"before": pages[k - 1] if k else None, "after": pages[k + 1] if k + 1 < len(pages) else None}
        files[f"{page.unit}.html"] = render("site_page.html", page=page, **near, **around).encode()
        pictures = data_files(course.source(page.unit))
        files |= {f"{page.unit}/{name}": content for name, content in pictures.items()}
    for name, content in files.items():
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [output / "index.html", *(output / f"{page.unit}.html" for page in pages)]


def draw_explorers(folder: Path, output: Path) -> tuple[str, ...]:
    """Write all states of a unit's explorers into ``output/UNIT/explorers``; return the cells that show one.

    The notebook runs in a process of its own, as students get it.

    Raises
    ------
    RuntimeError
        If a cell fails for another reason than an unsolved exercise.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / folder.name
        copy.mkdir()
        source = nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)
        nbformat.write(release_form(source), copy / f"{folder.name}.ipynb")
        drawn = output.resolve() / folder.name / "explorers"
        shutil.rmtree(drawn, ignore_errors=True)
        command = [sys.executable, "-m", "backprop_course.playing", str(copy), str(drawn)]
        alone = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # other units are drawn at the same time
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=alone)
    if done.returncode:
        raise RuntimeError(f"The explorers of {folder.name} cannot be drawn:\n{done.stderr}")
    return tuple(done.stdout.split())


def binder_address() -> str:
    """Return where the course can be tried without installing anything."""
    urls = dict(line.split(", ", 1) for line in metadata("backprop-course").get_all("Project-URL") or [])
    name = urls.get("Repository", "").removeprefix("https://github.com/")
    return f"https://mybinder.org/v2/gh/{name}/HEAD?urlpath=lab/tree/00_start_here/00_start_here.ipynb"


def read_unit(folder: Path) -> Page:
    """Return the page of the unit in `folder`, made from the notebook that students get."""
    source = nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)
    sections, parts = [Section("top", "")], []
    for cell in release_form(source).cells:
        parts.append(_part(cell, folder.name, sections))
    title = sections[1].title if len(sections) > 1 else folder.name
    first = next((c.source for c in source.cells if c.cell_type == "markdown"), "")
    summary = re.search(r"What you will build\W*(\w.*)", first)
    return Page(folder.name, title, parts, sections, Markup(inline(summary[1].strip())) if summary else "")


def _part(cell: NotebookNode, unit: str, sections: list[Section]) -> dict:
    about = cell.metadata.get("nbgrader", {})
    if cell.cell_type == "markdown" and about.get("solution"):
        return {"kind": "answer", "points": about["points"]}
    if cell.cell_type == "markdown":
        text = _with_anchors(_markdown()(cell.source), sections)
        return {"kind": "text", "html": Markup(_relinked(text, unit))}
    sections[-1].words.append(cell.source)
    kind = "check" if about.get("grade") else "exercise" if about.get("solution") else "code"
    return {"kind": kind, "html": code_html(cell.source), "points": about.get("points", 0), "name": cell.id}


def _relinked(text: str, unit: str) -> str:
    """Point pictures and links at where they lie on the site."""
    text = re.sub(r'(src|href)="(?=figures/)', rf'\1="{unit}/', text)
    return re.sub(r'href="\.\./(\w+)/\1\.ipynb', r'href="\1.html', text)


def _with_anchors(text: str, sections: list[Section]) -> str:
    """Give each heading an anchor, and sort the words into sections."""
    pieces = re.split(r"(<h[1-4]>.*?</h[1-4]>)", text, flags=re.S)
    for k, piece in enumerate(pieces):
        if not (heading := re.fullmatch(r"<(h[1-4])>(.*)</h[1-4]>", piece, re.S)):
            sections[-1].words.append(_plain(piece))
            continue
        anchor = f"s{len(sections)}"
        sections.append(Section(anchor, _plain(heading[2])))
        pieces[k] = f'<{heading[1]} id="{anchor}">{heading[2]}</{heading[1]}>'
    return "".join(pieces)


def _plain(text: str) -> str:
    text = re.sub(r"<math.*?</math>", " ", text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@cache
def _markdown() -> mistune.Markdown:
    markdown = mistune.create_markdown(escape=False, plugins=["math", "table", "strikethrough"])
    markdown.renderer.register("inline_math", lambda _, tex: mathml(tex, "inline"))
    markdown.renderer.register("block_math", lambda _, tex: f"<div class='math'>{mathml(tex, 'block')}</div>\n")
    markdown.renderer.register("block_code", lambda _, code, info=None: f"<pre tabindex='0'>{code_html(code)}</pre>\n")
    return markdown


def inline(text: str) -> str:
    """Return a sentence of Markdown as HTML."""
    return re.sub(r"^<p>|</p>\s*$", "", _markdown()(text))


def mathml(tex: str, display: str) -> str:
    """Return a formula as MathML, which browsers draw themselves.

    Raises
    ------
    ValueError
        If it cannot be converted.
    """
    try:
        return convert(tex.strip(), display=display)
    except Exception as error:  # the converter's exceptions have no class in common
        raise ValueError(f"The formula ${tex}$ cannot be converted ({type(error).__name__}).") from None


def search_index(pages: list[Page]) -> str:
    """Return the sections of all pages as a script: one that works without a server, too."""
    entries = list(_entries(pages))
    return f"window.searchIndex = {json.dumps(entries, ensure_ascii=False, separators=(',', ':'))};\n"


def _entries(pages: list[Page]) -> Iterator[Mapping[str, str]]:
    for page in pages:
        for section in page.sections:
            where = {"page": page.unit, "unit": page.title, "at": section.anchor}
            text = " ".join(section.words)
            if section.title or text:
                yield {**where, "title": section.title, "text": text}
