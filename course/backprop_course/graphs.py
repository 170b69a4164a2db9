"""Graphs as the text of an SVG: boxes in columns from the inputs to the output, joined by curves with labels.

What goes into a box, and onto an edge, is the unit's own.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from backprop_course.explorer import BLUE, ORANGE

INK, PALE, RULE, BERRY = "#222222", "#707070", "#b8b8b8", "#A8326E"
DONE, NOW, WAITING = "#dbeaf5", "#fde6d8", "#fff8e1"
ALONG = (0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75)  # where a label may stand on an edge, the best place first
BEND = 12  # height that an edge takes where it passes between the boxes of a column

Point = tuple[float, float]
Parents = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Sizes:
    """Lengths of a graph's picture, in pixels.

    Attributes
    ----------
    width, height : float
        Of a box.
    low : float
        Height of a box that holds a constant.
    column, gap : float
        From one column of boxes to the next, and between the boxes of a column.
    twins : float
        Between two edges that join the same boxes, as in a * a.
    """

    width: float
    height: float
    low: float
    column: float
    gap: float
    twins: float


@dataclass(frozen=True)
class Box:
    """A node as it is drawn: `contents` is the text of an SVG around the box's upper left corner."""

    fill: str
    stroke: str
    corner: float
    contents: str
    strong: bool = False
    dashed: bool = False


@dataclass(frozen=True)
class Edge:
    """An edge as it is drawn; its tip is at the child's end, or at the parent's when something has gone `back`.

    `label` is the text of an SVG around the middle of the label, and `room` the width and height it takes.
    """

    colour: str
    strong: bool = False
    back: bool = False
    label: str = ""
    room: tuple[float, float] = (0.0, 0.0)


def svg(panels: Sequence[tuple[str, float]], width: float) -> str:
    """Return a picture of panels below one another, on white.

    Parameters
    ----------
    panels : sequence of (str, float)
        The text of each panel's SVG, and its height.
    width : float
    """
    total, groups = 0.0, []
    for body, height in panels:
        groups.append(f"<g transform='translate(0 {total:.0f})'>{body}</g>")
        total += height
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:.0f} {total:.0f}' width='{width:.0f}' "
        "style='max-width:100%;height:auto' role='img' font-size='14' "
        "font-family='DejaVu Sans, Verdana, Arial, sans-serif'>"
        f"<rect width='100%' height='100%' fill='white'/>{''.join(groups)}</svg>"
    )


def text(
    x: float,
    y: float,
    words: str,
    size: float = 12,
    fill: str = INK,
    *,
    anchor: str = "start",
    bold: bool = False,
    halo: bool = False,
) -> str:
    """Return a line of text whose `anchor`, start, middle or end, is at x; a halo sets it off from lines below."""
    more = f" text-anchor='{anchor}'" * (anchor != "start") + " font-weight='bold'" * bold
    more += " stroke='white' stroke-width='4' paint-order='stroke' stroke-linejoin='round'" * halo
    return f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' fill='{fill}'{more}>{html.escape(words)}</text>"


def paint(*, now: bool, done: bool, waiting: bool = False) -> tuple[str, str]:
    """Return fill and stroke of a node in a sweep."""
    fill = NOW if now else DONE if done else WAITING if waiting else "white"
    return fill, ORANGE if now else BLUE if done else RULE


def draw_graph(
    parents: Parents,
    constants: frozenset[int],
    sizes: Sizes,
    box: Callable[[int], Box],
    edge: Callable[[int, int], Edge],
) -> tuple[str, float, float]:
    """Return a graph as a part of an SVG, its width and its height.

    Parameters
    ----------
    parents : tuple of tuples of int
        For each node the places of its operands, which come before it.
    constants : frozenset of int
        Nodes with a low box.
    sizes : Sizes
    box, edge : callable
        ``box(k)`` is node k, ``edge(k, j)`` the edge to its j-th parent.
    """
    centres, bends, width, height = place_nodes(parents, constants, sizes)
    lines, labels, taken = [], [], []
    for k, above in enumerate(parents):
        for j, parent in enumerate(above):
            twins = [i for i, p in enumerate(above) if p == parent]
            aside = sizes.twins * (twins.index(j) - (len(twins) - 1) / 2)
            (x0, y0), (x1, y1) = centres[parent], centres[k]
            points = [(x0 + sizes.width / 2, y0 + aside), *bends[parent, k], (x1 - sizes.width / 2, y1 + aside)]
            drawn = edge(k, j)
            lines.append(_curve(points, drawn))
            if drawn.label:
                x, y = _free_place(points, drawn.room, taken)
                labels.append(f"<g transform='translate({x:.1f} {y:.1f})'>{drawn.label}</g>")
    boxes = [
        _box(x, y, sizes.width, sizes.low if k in constants else sizes.height, box(k))
        for k, (x, y) in enumerate(centres)
    ]
    return "".join([*lines, *boxes, *labels]), width, height  # labels come last: no line crosses them


def _box(x: float, y: float, width: float, height: float, box: Box) -> str:
    dash = " stroke-dasharray='5 3'" if box.dashed else ""
    return (
        f"<g transform='translate({x - width / 2:.1f} {y - height / 2:.1f})'>"
        f"<rect width='{width}' height='{height}' rx='{box.corner}' fill='{box.fill}' stroke='{box.stroke}' "
        f"stroke-width='{2.6 if box.strong else 1.6}'{dash}/>{box.contents}</g>"
    )


def _curve(points: Sequence[Point], edge: Edge) -> str:
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (ax, ay), (bx, by) in pairwise(points):
        third = 0.4 * (bx - ax)
        path += f"C{ax + third:.1f} {ay:.1f} {bx - third:.1f} {by:.1f} {bx:.1f} {by:.1f}"
    (x, y), way = (points[0], 1) if edge.back else (points[-1], -1)
    return (
        f"<path d='{path}' fill='none' stroke='{edge.colour}' stroke-width='{3.2 if edge.strong else 1.8}'/>"
        f"<path d='M{x:.1f} {y:.1f}l{9 * way} -5l0 10z' fill='{edge.colour}'/>"
    )


def _free_place(points: Sequence[Point], room: tuple[float, float], taken: list) -> Point:
    """Return a place on the middle piece of an edge where no other label stands, and take it."""
    middle = (len(points) - 1) // 2
    (ax, ay), (bx, by) = points[middle], points[middle + 1]
    width, height = room
    for s in (*ALONG, ALONG[0]):  # without a free place, the best one
        # The curve's own formula, with its handles at 0.4 of the way.
        x = ax + (bx - ax) * (1.2 * s * (1 - s) ** 2 + 1.8 * s**2 * (1 - s) + s**3)
        y = ay + (by - ay) * (3 * s**2 - 2 * s**3)
        if all(abs(x - u) > (width + w) / 2 or abs(y - v) > (height + h) / 2 for u, v, w, h in taken):
            break
    taken.append((x, y, width, height))
    return x, y


# --- where everything stands ------------------------------------------------------------------------


def depth_first(parents: Sequence[Sequence[int]]) -> list[int]:
    """Return the nodes as they are met going back from the last one, following each way to its end first."""
    order, waiting = [], [len(parents) - 1]
    while waiting:
        place = waiting.pop()
        if place not in order:
            order.append(place)
            waiting.extend(reversed(parents[place]))
    return order


@lru_cache(maxsize=32)
def place_nodes(
    parents: Parents, constants: frozenset[int], sizes: Sizes
) -> tuple[list[Point], dict[tuple[int, int], list[Point]], float, float]:
    """Place nodes in columns by their way from the inputs; long edges bend around other nodes.

    Returns
    -------
    centres, bends, width, height
        `bends` has the points in between for each edge ``(parent, node)``.
    """
    rank = _ranks(parents)
    columns: list[list] = [[] for _ in range(max(rank) + 1)]
    neighbours: dict[Any, list] = {}
    bends: dict[tuple[int, int], list] = {}
    for k in depth_first(parents):
        columns[rank[k]].append(k)
    for k, above in enumerate(parents):
        for p in dict.fromkeys(above):
            way = [p, *((p, k, r) for r in range(rank[p] + 1, rank[k])), k]
            bends[p, k] = way[1:-1]
            for point in way[1:-1]:
                columns[point[2]].append(point)
            for a, b in pairwise(way):
                neighbours.setdefault(a, []).append(b)
                neighbours.setdefault(b, []).append(a)
    y = _heights(columns, neighbours, constants, sizes)
    lowest = min(y.values())
    x = {item: sizes.width / 2 + 10 + sizes.column * r for r, column in enumerate(columns) for item in column}
    point = {item: (x[item], y[item] - lowest + sizes.height / 2 + 8) for item in y}
    height = max(py for _, py in point.values()) + sizes.height / 2 + 22
    centres = [point[k] for k in range(len(parents))]
    bends = {edge: [point[b] for b in between] for edge, between in bends.items()}
    return centres, bends, sizes.column * (len(columns) - 1) + sizes.width + 20, height


def _ranks(parents: Parents) -> list[int]:
    """Longest way from the inputs; inputs stand right before the first node that reads them."""
    rank = []
    for above in parents:
        rank.append(1 + max((rank[p] for p in above), default=-1))
    children: list[list[int]] = [[] for _ in parents]
    for k, above in enumerate(parents):
        for p in above:
            children[p].append(rank[k])
    return [min(children[k], default=1) - 1 if not above else rank[k] for k, above in enumerate(parents)]


def _heights(columns: list[list], neighbours: Mapping, constants: frozenset[int], sizes: Sizes) -> dict:
    """Order each column by the mean height of its neighbours, and move items towards it."""

    def gap(a, b):
        tall = [sizes.low if x in constants else sizes.height if isinstance(x, int) else BEND for x in (a, b)]
        return sum(tall) / 2 + sizes.gap

    y = {}
    for column in columns:
        total = sum(gap(a, b) for a, b in pairwise(column))
        at = -total / 2
        for k, item in enumerate(column):
            at += gap(column[k - 1], item) if k else 0
            y[item] = at
    for turn in range(24):
        for column in columns if turn % 2 else reversed(columns):
            wanted = {item: float(np.mean([y[n] for n in neighbours.get(item, [item])])) for item in column}
            column.sort(key=lambda item: (wanted[item], y[item]))
            for k, item in enumerate(column):
                low = y[column[k - 1]] + gap(column[k - 1], item) if k else -np.inf
                y[item] = max(wanted[item], low)
            shift = np.mean([wanted[item] - y[item] for item in column])
            for item in column:
                y[item] += float(shift)
    return y
