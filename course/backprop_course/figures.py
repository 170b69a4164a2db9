"""Write the static pictures that stand beside the explorers, for GitHub and for printed pages.

Run ``python -m backprop_course.figures course/source`` after a change to a figure. Each unit's module
lists its pictures as ``FIGURES``: a dict of file names and functions that return a `Figure` or an SVG text.
"""

import sys
from importlib import import_module
from pathlib import Path

from matplotlib.figure import Figure

from backprop_course.explorer import look


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
    if isinstance(picture, Figure):
        # No date: the same code gives the same bytes.
        picture.savefig(path, metadata={"Date": None})
    else:
        path.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    for path in write_figures(Path(sys.argv[1])):
        print(path)
