"""Write the static pictures that stand beside the explorers, for GitHub and for printed pages.

Run ``python -m backprop_course.figures course/source`` after a change to a figure. Each unit's module
lists its pictures as ``FIGURES``: a dict of file names and functions that return a `Figure` or an SVG text.
"""

import io
import re
import sys
from importlib import import_module
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from backprop_course.explorer import look

PLACES = re.compile(r"""(?:\b(?:d|x|y)="[^"]*"|translate\([^)]*\))""")
LONG = re.compile(r"-?\d+\.\d{3,}")


def write_figures(source: Path) -> list[Path]:
    """Write ``figures/*.svg`` of every unit below `source`; return their paths."""
    written = []
    for folder in sorted(p for p in source.iterdir() if p.is_dir()):
        module = import_module(f"backprop_course.{folder.name.split('_', 1)[1]}")
        for name, draw in module.FIGURES.items():
            path = folder / "figures" / f"{name}.svg"
            path.parent.mkdir(exist_ok=True)
            with look():
                _write(draw(), path)
            written.append(path)
    return written


def _write(picture: Figure | str, path: Path) -> None:
    path.write_text(svg(picture) if isinstance(picture, Figure) else picture, encoding="utf-8")


def svg(figure: Figure) -> str:
    """Return a figure as SVG text that is the same wherever the same code draws it.

    No date, no version. Coordinates have two decimals: further ones are round-off, which differs between processors;
    and curves keep all their points, since it may decide which ones matplotlib leaves out.
    """
    buffer = io.StringIO()
    with look(), mpl.rc_context({"path.simplify": False}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return PLACES.sub(lambda place: LONG.sub(_short, place[0]), buffer.getvalue())


def _short(number: re.Match) -> str:
    return f"{round(float(number[0]), 2) + 0:.10g}"  # + 0: no minus zero


if __name__ == "__main__":
    for path in write_figures(Path(sys.argv[1])):
        print(path)
