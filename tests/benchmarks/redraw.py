"""How long a slider takes to redraw its picture, measured in the browser: key press to painted picture.

Run ``python tests/benchmarks/redraw.py [UNIT ...]``. Medians over every slider of an explorer, in milliseconds.
"""

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.driver import Lab, backprop_lab, browser, serving, why_not
from browser.hands import controls, explorer_cells, redraw_time, unfold

from backprop_autograder.classroom.table import text_table
from backprop_autograder.cli import find_course

MOVES = ("ArrowRight", "ArrowLeft") * 4


def measure(lab: Lab, cell_id: str) -> list[float]:
    """Return the milliseconds of every redraw of an explorer."""
    explorer = unfold(lab, cell_id)
    found = []
    for _, control in controls(explorer):
        handle = control.locator(".noUi-handle")
        for key in MOVES if handle.count() else ():
            found.append(redraw_time(lab, explorer, lambda handle=handle, key=key: handle.first.press(key)))
            lab.page.wait_for_timeout(100)  # what is still on its way is not counted twice
    return [t for t in found if t is not None]


def rows_of(lab: Lab, unit: str) -> list[list[str]]:
    """Return a row for each explorer of a unit."""
    lab.open(f"{unit}/{unit}.ipynb")
    lab.run_all()
    rows = []
    for cell_id in explorer_cells(lab):
        times = measure(lab, cell_id)
        if times:
            median, slow = statistics.median(times), statistics.quantiles(times, n=10)[-1]
            rows.append([unit, cell_id, str(len(times)), f"{median:.0f}", f"{slow:.0f}"])
    lab.end_kernels()
    return rows


def main(units: list[str]) -> None:
    """Print a table."""
    if reason := why_not():
        sys.exit(reason)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command, port = backprop_lab(folder, folder / "my-course")
        with serving(command, folder, port) as address, browser() as chromium:
            lab = Lab(chromium.new_page(viewport={"width": 1280, "height": 1150}), address, folder)
            rows = [row for unit in units for row in rows_of(lab, unit)]
    print(text_table([["unit", "explorer", "moves", "median ms", "slowest tenth ms"], *rows]))


if __name__ == "__main__":
    main(sys.argv[1:] or find_course(Path(__file__)).units())
