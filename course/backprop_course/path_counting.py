"""Unit 1: paths through a network counted against its edges, and lines that a function runs."""

import gc
import sys
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from backprop_course.explorer import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    Explorer,
    for_browsers,
    joint_source,
    new_figure,
    number,
    own_or_given,
)
from backprop_course.given import chain_rule as given
from backprop_course.lecture_graphs import layered_edges

LINES_AT_MOST = 20_000


class _TooManyLines(BaseException):
    """A function ran more lines than a figure can wait for. Not an `Exception`, so that few catch it."""


def lines_executed(function: Callable, *arguments: Any, at_most: int = LINES_AT_MOST) -> tuple[Any, int | None]:
    """Call a function and count the lines of Python it runs.

    Returns
    -------
    result, lines
        Both None if the function was stopped after `at_most` lines.
    """
    lines = 0

    def count(_frame, event, _):
        nonlocal lines
        lines += event == "line"
        if lines > at_most:
            raise _TooManyLines
        return count

    before, collects = sys.gettrace(), gc.isenabled()
    gc.disable()  # it may run lines of other objects: what they do at their end
    sys.settrace(count)
    try:
        return function(*arguments), lines
    except _TooManyLines:
        return None, None
    finally:
        sys.settrace(before)
        if collects:
            gc.enable()


DEPTHS = np.arange(1, 9)


def path_figure(figure: Figure, width: int, depth: int, own: Mapping[str, Mapping[int, int]]) -> Figure:
    """Draw a layered network, and the number of its paths and edges against its depth.

    Parameters
    ----------
    figure : Figure
        Empty, or drawn by this function before.
    width, depth : int
        Nodes in a layer; layers between input and output.
    own : dict
        For the name of each of the student's functions: lines executed, by depth.
    """
    network, chart = figure.axes or _path_axes(figure)
    for axes in (network, chart):
        for artist in [*axes.lines, *axes.collections]:
            artist.remove()
    _draw_network(network, width, depth)
    chart.plot(DEPTHS, float(width) ** DEPTHS, color=ORANGE, marker="o", label="paths")
    chart.plot(DEPTHS, [_edge_count(width, d) for d in DEPTHS], color=BLUE, marker="s", label="edges")
    for (name, lines), colour, mark in zip(own.items(), (PURPLE, GREEN), ("x", "+"), strict=False):
        chart.plot(list(lines), list(lines.values()), color=colour, marker=mark, ls=":", label=f"lines run by {name}")
    chart.axvline(depth, ymax=0.66, color="0.88", lw=9, zorder=0)  # the legend stands above
    chart.legend(loc="upper left", fontsize=9)
    return figure


def _path_axes(figure: Figure) -> list:
    """Make the two axes: doing so again at each redraw takes as long as drawing."""
    figure.set_layout_engine("none")
    network, chart = figure.add_axes((0.01, 0.04, 0.43, 0.86)), figure.add_axes((0.56, 0.15, 0.43, 0.75))
    network.set_axis_off()
    chart.set(yscale="log", xlim=(0.6, 8.4), ylim=(0.8, 2e9), xlabel="depth (layers)")
    chart.set_title("Number, on a logarithmic axis")
    chart.set_xticks(DEPTHS)
    chart.set_yticks(10 ** np.arange(7), [f"{10**k:,}" for k in range(7)])
    chart.yaxis.set_minor_locator(NullLocator())
    return figure.axes


def _edge_count(width: int, depth: int) -> int:
    return 2 * width + (depth - 1) * width**2


def _draw_network(axes, width: int, depth: int) -> None:
    rows = np.arange(width) - (width - 1) / 2
    layers = [np.zeros(1), *[rows] * depth, np.zeros(1)]
    pairs = enumerate(pairwise(layers))
    lines = [[(k, y), (k + 1, z)] for k, (here, there) in pairs for y in here for z in there]
    axes.add_collection(LineCollection(lines, colors="0.65", linewidths=0.8))
    one_path = [0.0, *(rows[k % width] for k in range(depth)), 0.0]
    axes.plot(one_path, color=ORANGE, lw=3, label="one of the paths")
    x = [k for k, layer in enumerate(layers) for _ in layer]
    axes.scatter(x, np.concatenate(layers), s=60, color=BLUE, zorder=3)
    axes.set(title=f"width {width}, depth {depth}", ylim=(-3.4, 3.0), xlim=(-0.4, depth + 1.4))
    axes.legend(loc="lower center", fontsize=9)


def _count_paths(function: Callable, name: str, width: int, depth: int) -> tuple[dict[int, int], str]:
    """Let the student's function count paths (derivatives are 1), at growing depth until it takes too long."""
    lines = {}
    for d in range(1, depth + 1):
        result, count = lines_executed(function, layered_edges(width, d))
        if count is None:
            return lines, f"{name} was stopped at depth {d}, after {LINES_AT_MOST:,} lines."
        if round(float(result)) != width**d:
            return lines, f"{name} finds {number(result)} paths at depth {d}, but there are {width**d:,}."
        lines[d] = count
    return lines, f"{name} ran {count:,} lines."


@for_browsers
def explore_paths(sum_over_paths: Callable, reverse_accumulate: Callable) -> Explorer:
    """Count paths and edges as a network grows, and the lines that the student's functions run for it.

    Parameters
    ----------
    sum_over_paths, reverse_accumulate : callable
        The student's functions of those names.
    """
    example = layered_edges(2, 1)
    paths, whose_paths = own_or_given(sum_over_paths, given.sum_over_paths, example, "in", "out")
    reverse, whose_reverse = own_or_given(reverse_accumulate, given.reverse, example, "out")
    count = {}
    if paths is not given.sum_over_paths:
        count["sum_over_paths"] = lambda edges: paths(edges, "in", "out")
    if reverse is not given.reverse:
        count["reverse_accumulate"] = lambda edges: reverse(edges, "out")["in"]
    figure = new_figure(8.4, 3.6)

    @cache  # a slider comes back to where it was
    def count_paths(name, width, depth):
        return _count_paths(count[name], name, width, depth)

    def draw(width, depth):
        counted = {name: count_paths(name, width, depth) for name in count}
        path_figure(figure, width, depth, {name: lines for name, (lines, _) in counted.items()})
        words = f"Width {width}, depth {depth}: {width**depth:,} paths, {_edge_count(width, depth):,} edges."
        return figure, " ".join([words, *(text for _, text in counted.values())])

    return Explorer(
        draw,
        {"width": _slider("Width (nodes a layer)", 6), "depth": _slider("Depth (layers)", 8)},
        question="With width 3 and depth 3 there are 27 paths and 24 edges. What does doubling the depth do?",
        choices=["doubles both", "27 times the paths, about twice the edges", "27 times both"],
        truth="27 times the paths, about twice the edges",
        source=joint_source(whose_paths, whose_reverse),
        stops={"width": None, "depth": None},
    )


def _slider(description: str, high: int) -> widgets.IntSlider:
    style, layout = {"description_width": "11em"}, widgets.Layout(width="32em")
    return widgets.IntSlider(3, min=1, max=high, description=description, style=style, layout=layout)


def path_picture() -> Figure:
    """Draw the network of width and depth 3, before anything is counted."""
    return path_figure(new_figure(8.4, 3.6), 3, 3, {})
