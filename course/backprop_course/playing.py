"""Explorers that can be played without a kernel: each drives its real controls, and its pictures are taken.

Run ``python -m backprop_course.playing UNIT_FOLDER OUTPUT``: the notebook's code runs as far as it does unsolved, and
OUTPUT gets ``explorers.js`` with all states of all explorers, and a folder of pictures.
"""

import ast
import contextlib
import hashlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
from PIL import Image

from backprop_course.explorer import Explorer, quietly

PRESET = "preset"
FIGURES, DRAWINGS = 40, 640  # how many states an explorer of either kind may have, unless it says so itself
FEWEST, MOST = 3, 25  # positions of a slider
# Of each primary colour: 33 shades look like 256 and take two thirds of the bytes.
SHADES = [min(255, (value + 4) // 8 * 8) for value in range(256)] * 3

Stops = list[tuple[str, Any]]


@dataclass
class Album:
    """What is shown in the states of a unit's explorers: each picture and each piece of a drawing once.

    Attributes
    ----------
    pictures : dict
        Content by file name.
    pieces : dict
        Places of the pieces of drawings.
    """

    pictures: dict[str, bytes] = field(default_factory=dict)
    pieces: dict[str, int] = field(default_factory=dict)

    def add(self, explorer: Explorer) -> dict:
        """Keep what `explorer` shows now, and return where it is kept, with its words."""
        shown = {"words": explorer.words}
        typed = [(c.description, c.value) for c in explorer.controls.values() if isinstance(c, widgets.Text)]
        if typed:
            shown["typed"] = typed
        png, svg = explorer.shown
        if png:
            return shown | {"picture": self._picture(png)}
        pieces = re.findall(r"<[^>]*>[^<]*", svg)
        return shown | {"drawing": [self.pieces.setdefault(piece, len(self.pieces)) for piece in pieces]}

    def _picture(self, png: bytes) -> str:
        name = f"{hashlib.blake2b(png, digest_size=8).hexdigest()}.webp"
        if name not in self.pictures:
            image, content = Image.open(io.BytesIO(png)), io.BytesIO()
            # Lines and letters take less without loss than with it.
            image.convert("RGB").point(SHADES).save(content, "webp", lossless=True, quality=50, method=2)
            self.pictures[name] = content.getvalue()
        return name


def playable(explorer: Explorer, album: Album) -> dict:
    """Return an explorer's states as a tree: a level for each control that can be moved, a leaf for each picture.

    Parameters
    ----------
    explorer : Explorer
    album : Album
        Where the pictures are kept.
    """
    stops = _main_controls(explorer)
    leaves: list[dict] = []
    tree = _visit(explorer, list(stops.items()), album, leaves)
    explorer.redraw()
    labels = {name: explorer.controls[name].description for name in stops if name in explorer.controls}
    hidden = (widgets.Text, widgets.Play)
    left = [c.description for n, c in explorer.controls.items() if n not in stops and not isinstance(c, hidden)]
    return {
        "question": explorer.question,
        "choices": list(explorer.choices),
        "answer": explorer.answer,
        "controls": [{"label": labels.get(name) or "Preset", "slider": _is_slider(explorer, name)} for name in stops],
        "left": [label for label in left if label],
        "tree": tree,
        "states": leaves,
    }


def _is_slider(explorer: Explorer, name: str) -> bool:
    return name in explorer.controls and _natural(explorer.controls[name]) is None


def _visit(explorer: Explorer, levels: list[tuple[str, int]], album: Album, leaves: list[dict]) -> dict | int:
    """Return the tree below the present state: the controls above have been set, those below follow them."""
    if not levels:
        explorer.redraw()
        leaves.append(album.add(explorer))
        return len(leaves) - 1
    (name, count), *below = levels
    if name == PRESET:
        stops: Stops = list(explorer.presets.items())
        at = next((k for k, (_, values) in enumerate(stops) if values.items() <= explorer.values.items()), 0)
    else:
        stops, at = _stops(explorer, name, count)
    start, next_ = explorer.values, []
    with quietly():
        for _, value in stops:
            explorer.move(value if name == PRESET else {name: value})
            next_.append(_visit(explorer, below, album, leaves))
            explorer.move(start)
    return {"at": at, "labels": [label for label, _ in stops], "next": next_}


def _stops(explorer: Explorer, name: str, count: int) -> tuple[Stops, int]:
    """Return labelled positions of a control, and which of them is the present one."""
    control, wanted = explorer.controls[name], explorer.stops.get(name)
    if isinstance(wanted, Mapping):
        found: Stops = list(wanted.items())
    else:
        found = _natural(control) or [(_label(control, v), v) for v in _positions(control, count)]
    values = [value for _, value in found]
    if control.value not in values:
        raise ValueError(f"{name} begins at {control.value!r}, which is not among its positions: {values}")
    return found, values.index(control.value)


def _natural(control: widgets.Widget) -> Stops | None:
    """Return all positions of a control that has few; None for a slider."""
    if isinstance(control, widgets.Checkbox):
        return [("no", False), ("yes", True)]
    if isinstance(control, widgets.SelectionSlider) or not hasattr(control, "options"):
        return None
    return list(zip(control._options_labels, control._options_values, strict=True))


def _positions(control: widgets.Widget, count: int) -> list:
    """Return evenly spaced values of a slider; its present value takes the place of the nearest."""
    if isinstance(control, widgets.SelectionSlider):
        places, values = len(control._options_values), list(control._options_values)
    else:
        places = round((control.max - control.min) / control.step) + 1
        values = [round(control.min + k * control.step, 9) for k in range(places)]
        if isinstance(control, widgets.FloatLogSlider):
            values = [control.base**value for value in values]
    at = min(range(places), key=lambda k: abs(values[k] - control.value))
    chosen = sorted({round(k) for k in np.linspace(0, places - 1, min(count, places))})
    chosen[min(range(len(chosen)), key=lambda k: abs(chosen[k] - at))] = at
    return [control.value if k == at else type(control.value)(values[k]) for k in chosen]


def _label(control: widgets.Widget, value: Any) -> str:
    if isinstance(control, widgets.SelectionSlider):
        return str(control._options_labels[control._options_values.index(value)])
    return format(value, getattr(control, "readout_format", "")).replace("-", "−")


def _main_controls(explorer: Explorer) -> dict[str, int]:
    """Return the controls that can be moved, in order, and how many positions each may have."""
    stops = dict.fromkeys([PRESET] if explorer.presets else [], len(explorer.presets))
    if explorer.stops:
        return stops | {name: how if isinstance(how, int) else 10**6 for name, how in explorer.stops.items()}
    room = (FIGURES if explorer.shown[0] else DRAWINGS) // max(len(explorer.presets), 1)
    sliders = []
    for name, control in explorer.controls.items():
        if isinstance(control, (widgets.Text, widgets.Play)):
            continue
        few = _natural(control)
        if few and len(few) <= room:
            stops[name], room = len(few), room // len(few)
        elif few is None:
            sliders.append(name)
    while sliders and room ** (1 / len(sliders)) < FEWEST:
        sliders.pop()
    each = int(room ** (1 / max(len(sliders), 1)) + 1e-9)
    return stops | dict.fromkeys(sliders, min(each, MOST))


# --- a unit's notebook ------------------------------------------------------------------------------


def explorers(notebook: Mapping) -> Iterator[tuple[str, Explorer]]:
    """Run a notebook's code as far as it does without solutions; yield each explorer with its cell's id.

    Parameters
    ----------
    notebook : dict
        As students get it.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("grade"):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(NotImplementedError):
                shown = _run("".join(cell["source"]), names)
                if isinstance(shown, Explorer):
                    yield cell["id"], shown


def _run(source: str, names: dict) -> Any:
    """Run a cell, and return the value of its last line if that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None


def write_states(folder: Path, output: Path) -> list[str]:
    """Write what a unit's explorers show into `output`; return the ids of their cells."""
    album, found = Album(), {}
    here = Path.cwd()
    notebook = json.loads((folder / f"{folder.name}.ipynb").read_text(encoding="utf-8"))
    os.chdir(folder)
    try:
        for name, explorer in explorers(notebook):
            found[name] = playable(explorer, album)
    finally:
        os.chdir(here)
    if not found:
        return []
    output.mkdir(parents=True, exist_ok=True)
    for name, content in album.pictures.items():
        (output / name).write_bytes(content)
    data = json.dumps({"pieces": list(album.pieces), "explorers": found}, ensure_ascii=False, separators=(",", ":"))
    (output / "explorers.js").write_text(f"window.playable = {data};\n", encoding="utf-8")
    return list(found)


if __name__ == "__main__":
    print("\n".join(write_states(*(Path(path).resolve() for path in sys.argv[1:]))))
