"""Formulas that students wrote, as MathML: browsers draw it without a script and without a network."""

import re
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markupsafe import Markup, escape

ELEMENTS = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mstyle", "mfrac", "msqrt", "mroot", "msub", "msup"}
ELEMENTS |= {"msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mpadded", "mphantom", "menclose"}
ATTRIBUTES = {"display", "stretchy", "accent", "accentunder", "columnalign", "mathvariant", "fence", "form", "width"}
MAX_TEX = 2000


def formula(tex: str, display: str) -> Markup:
    """Return a formula as MathML, rebuilt from elements and attributes that cannot do anything; else as TeX.

    Parameters
    ----------
    tex : str
    display : str
        ``"inline"`` or ``"block"``.
    """
    try:
        root = ElementTree.fromstring(convert(tex[:MAX_TEX], display=display))
        return _safe(root)
    except Exception:  # not TeX that it knows: what was written can be read all the same
        return Markup("<code>{}</code>").format(tex)


def _safe(element: ElementTree.Element) -> Markup:
    name = element.tag.rpartition("}")[2]
    if name not in ELEMENTS:
        raise ValueError(f"no formula: {name}")
    known = {
        key: value for key, value in element.attrib.items() if key in ATTRIBUTES and re.fullmatch(r"[\w.-]*", value)
    }
    attributes = Markup("").join(Markup(' {}="{}"').format(key, value) for key, value in known.items())
    inside = escape(element.text or "") + Markup("").join(_safe(child) for child in element)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), attributes, inside)
