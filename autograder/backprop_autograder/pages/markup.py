"""Turn what students and graders wrote into HTML in which nothing is alive: no script, style or link."""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import bleach
import mistune
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from backprop_autograder.engine.text import without_unprintable
from backprop_autograder.pages.formulas import formula

MAX_TEXT = 20_000  # characters of one answer or solution: more than any that is meant to be read
ALLOWED = {"p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li"}
ALLOWED |= {"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+")


def printable(text: str, limit: int = MAX_TEXT) -> str:
    """Return `text` without invisible characters, and no longer than `limit`."""
    text = without_unprintable(text)
    return text if len(text) <= limit else f"{text[:limit]}\n… ({len(text) - limit:,} more characters)"


def safe_markdown(
    text: str, attachments: Mapping[str, Mapping[str, str]] | None = None, *, formulas: bool = False
) -> Markup:
    """Return Markdown as HTML with formatting and attached pictures only; formulas stay readable as TeX.

    The renderer escapes HTML, and whatever it lets through meets a list of allowed elements without attributes:
    one of them may have a bug.

    Parameters
    ----------
    text : str
    attachments : dict, optional
        The pictures of the cell, as a rebuilt notebook holds them.
    formulas : bool
        Whether formulas are drawn, as MathML.
    """
    text = printable(text)
    try:
        drawn = _Drawn() if formulas else None
        rendered = _markdown(_PlainRenderer(attachments or {}), drawn)(text)
    except RecursionError:  # nested on purpose
        return Markup("<pre>{}</pre>").format(text)
    allowed = {"attributes": _is_picture, "protocols": ["data"], "tags": ALLOWED | {"img"}}
    cleaned = bleach.clean(rendered, strip=True, **allowed)
    return Markup(drawn.put_in(cleaned) if drawn else cleaned)


def _is_picture(tag: str, name: str, value: str) -> bool:
    return tag == "img" and (name == "alt" or (name == "src" and bool(PICTURE.fullmatch(value))))


class _PlainRenderer(mistune.HTMLRenderer):
    """Writes links and pictures out: nobody clicks on an address, and nothing is loaded from it."""

    def __init__(self, attachments: Mapping[str, Mapping[str, str]]):
        super().__init__(escape=True)
        self._attachments = attachments

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return f"{text} (<code>{escape(url)}</code>)"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        for kind, content in self._attachments.get(url.removeprefix("attachment:"), {}).items():
            return f'<img alt="{text}" src="data:{escape(kind)};base64,{escape(content)}">'
        return f"[picture: {escape(text)}]"


def _environments(markdown: mistune.Markdown) -> None:
    """Let Markdown leave TeX's environments alone, also outside of dollars, as Jupyter does."""
    begin = r"^ {0,3}\\begin\{(?P<environment>[a-z]+\*?)\}(?P<inside>[\s\S]*?)\\end\{(?P=environment)\}"

    def parse(_block, match, state):
        state.append_token({"type": "block_math", "raw": match.group(0)})
        return match.end() + 1

    markdown.block.register("tex_environment", begin, parse, before="list")
    markdown.inline.register("tex_dollars", r"\$\$(?P<displayed>[\s\S]+?)\$\$", _parse_dollars, before="inline_math")


def _parse_dollars(_inline, match, state) -> int:
    state.append_token({"type": "displayed_math", "raw": match.group("displayed").strip()})
    return match.end()


class _Drawn:
    """Formulas that were drawn; until the text around them is clean, words that nobody can foresee stand for them."""

    def __init__(self):
        self._word, self._formulas = f"formula{secrets.token_hex(8)}x", []

    def add(self, tex: str, display: str) -> str:
        self._formulas.append(formula(tex.strip(), display))
        return f"{self._word}{len(self._formulas) - 1}."

    def put_in(self, html: str) -> str:
        return re.sub(rf"{self._word}(\d+)\.", lambda found: str(self._formulas[int(found[1])]), html)


def _markdown(renderer: _PlainRenderer, drawn: _Drawn | None = None) -> mistune.Markdown:
    markdown = mistune.create_markdown(
        escape=True, renderer=renderer, plugins=["math", "table", "strikethrough", _environments]
    )
    markdown.renderer.register("inline_math", lambda _, tex: f"<code>{escape(tex)}</code>")
    markdown.renderer.register("displayed_math", lambda _, tex: f"<code>{escape(tex)}</code>")
    markdown.renderer.register("block_math", lambda _, tex: f"<pre>{escape(tex.strip())}</pre>\n")
    if drawn:
        markdown.renderer.register("inline_math", lambda _, tex: drawn.add(tex, "inline"))
        markdown.renderer.register("displayed_math", lambda _, tex: drawn.add(tex, "block"))
        markdown.renderer.register("block_math", lambda _, tex: f"<p>{drawn.add(tex, 'block')}</p>\n")
    return markdown


def code_html(source: str) -> Markup:
    """Return Python code as HTML with highlighting."""
    return Markup(highlight(printable(source), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)))


@cache
def _templates() -> Environment:
    folder = FileSystemLoader(Path(__file__).with_name("templates"))
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": number, "percent": percent, "printable": printable}
    return environment


def render(template: str, **values: Any) -> str:
    """Return a page made from a template of this package; every value is escaped."""
    return _templates().get_template(template).render(**values)


def number(value: float | None, digits: int = 2) -> str:
    """Return a number without superfluous zeros; a dash if there is none."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None) -> str:
    """Return a share in percent; a dash if there is none."""
    return "–" if share is None else f"{100 * share:.0f} %"


def script(name: str) -> tuple[Markup, str]:
    """Return a script of this package, and the hash by which a page allows it and no other."""
    text = Path(__file__).with_name("templates").joinpath(name).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{digest}"
