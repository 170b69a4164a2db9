"""Pictures of small graphs as SVG: those of the lectures with values in their nodes, and any list of edges."""

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from IPython.display import SVG

from backprop_course.explorer import BLUE, ORANGE, number
from backprop_course.graphs import svg
from backprop_course.lecture_graphs import Edge, Node

__all__ = ["draw", "edges_svg", "graph_svg"]

# --- pictures of graphs -----------------------------------------------------------------------------

BOX_WIDTH, BOX_HEIGHT = 108, 70
VALUE = f'<tspan fill="{BLUE}" font-weight="bold">value</tspan>'
OF_AN_EDGE = f'<tspan fill="{ORANGE}" font-weight="bold">×derivative</tspan> of an edge'
LEGEND = f'{VALUE}, <tspan fill="{ORANGE}">derivative</tspan>, and {OF_AN_EDGE}'


def graph_svg(
    nodes: Sequence[Node],
    *,
    values: Mapping[str, float],
    derivatives: Mapping[str, float],
    wording: str,
    labels: Mapping[tuple[str, str], float],
    current: str = "",
    used: Sequence[tuple[str, str]] = (),
    back: bool = False,
    legend: str = LEGEND,
) -> str:
    """Return the picture of a graph as SVG.

    Parameters
    ----------
    nodes : sequence of Node
    values, derivatives : dict
        What is to be written into the nodes; nodes without an entry stay empty.
    wording : str
        Text in front of a derivative, with ``{}`` for the node's name: ``"dg/d{}"``.
    labels : dict
        Derivatives to be written at edges ``(source, target)``.
    current : str
        The node that this step computes.
    used : sequence of pairs
        The edges that this step uses.
    back : bool
        Whether it uses them backward: their arrows point at the source.
    legend : str
        SVG text that says what the colours mean.
    """
    where = {node.name: node for node in nodes}
    width, height = max(node.x for node in nodes) + 75, 290
    parts = [f'<text x="16" y="{height - 10}" font-size="12.5">{legend}</text>']
    parts += [_edge_svg(where[p], node, (p, node.name) in used, back) for node in nodes for p in node.parents]
    parts += [_label_svg(where[s], where[t], number(value)) for (s, t), value in labels.items()]
    parts += [_node_svg(node, values, derivatives, wording, node.name == current) for node in nodes]
    return svg([("".join(parts), height)], width)


def _ends(source: Node, target: Node) -> tuple[float, float, float, float]:
    return source.x + BOX_WIDTH / 2, source.y, target.x - BOX_WIDTH / 2 - 4, target.y


def _edge_svg(source: Node, target: Node, used: bool, back: bool) -> str:
    x1, y1, x2, y2 = _ends(source, target)
    if used and back:
        x1, y1, x2, y2 = x2 + 4, y2, x1 + 4, y1  # the tip needs its room at the other end
    colour, thickness = (ORANGE, 3.5) if used else ("#555", 1.5)
    angle = np.degrees(np.arctan2(y2 - y1, x2 - x1))
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="{thickness}"/>'
        f'<path d="M2 0L-11 -5.5L-11 5.5z" fill="{colour}" transform="translate({x2} {y2}) rotate({angle:.1f})"/>'
    )


def _label_svg(source: Node, target: Node, text: str) -> str:
    x1, y1, x2, y2 = _ends(source, target)
    along, down = x2 - x1, y2 - y1
    length = np.hypot(along, down)
    # Beside the edge, on its upper side.
    x, y = (x1 + x2) / 2 + 14 * down / length, (y1 + y2) / 2 - 14 * along / length + 5
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" fill="{ORANGE}" stroke="white" stroke-width="5" '
        f'paint-order="stroke" font-weight="bold">×{html.escape(text)}</text>'
    )


def _node_svg(node: Node, values: Mapping, derivatives: Mapping, wording: str, is_current: bool) -> str:
    left, top = node.x - BOX_WIDTH / 2, node.y - BOX_HEIGHT / 2
    frame = 'stroke="black" stroke-width="3.5"' if is_current else 'stroke="#777" stroke-width="1.2"'
    heading = node.name if node.formula == "input" else f"{node.name} = {node.formula}"
    lines = [f'<text x="{node.x}" y="{top + 19}" text-anchor="middle">{html.escape(heading)}</text>']
    if node.name in values:
        text = f'<text x="{node.x}" y="{top + 39}" text-anchor="middle" fill="{BLUE}" font-weight="bold">{{}}</text>'
        lines.append(text.format(number(values[node.name])))
    if node.name in derivatives:
        text = f"{wording.format(node.name)} = {number(derivatives[node.name])}"
        lines.append(
            f'<text x="{node.x}" y="{top + 60}" text-anchor="middle" fill="{ORANGE}" font-size="13">'
            f"{html.escape(text)}</text>"
        )
    fill = "#FFF7E0" if is_current else "#F6F8FA"
    box = f'<rect x="{left}" y="{top}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8" fill="{fill}" {frame}/>'
    return box + "".join(lines)


# --- pictures of any list of edges ------------------------------------------------------------------

COLUMN, ROW, RADIUS = 130, 88, 19


def draw(edges: Sequence[Edge]) -> SVG:
    """Draw a graph, inputs on the left, with the derivative at every edge.

    Parameters
    ----------
    edges : list of (source, target, derivative)
        A graph without cycles.

    Raises
    ------
    ValueError
        If the graph has a cycle.
    """
    return SVG(edges_svg(edges))


def edges_svg(edges: Sequence[Edge]) -> str:
    """Return the picture of a list of edges as SVG; parallel edges bend away from one another."""
    columns = _columns(edges)
    rank = {node: k for k, column in enumerate(columns) for node in column}
    bends = _bends(edges, rank)
    height = ROW * max(map(len, columns)) + 30 + 2 * max(0.0, max(map(abs, bends), default=0.0) - 20)
    where = {
        node: (60 + COLUMN * k, height / 2 + ROW * (i - (len(column) - 1) / 2))
        for k, column in enumerate(columns)
        for i, node in enumerate(column)
    }
    width = COLUMN * (len(columns) - 1) + 120
    parts = []
    for (source, target, derivative), bend in zip(edges, bends, strict=True):
        parts.append(_bent_edge_svg(where[source], where[target], bend, number(derivative)))
    for node, (x, y) in where.items():
        parts.append(f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="#F6F8FA" stroke="#555" stroke-width="1.5"/>')
        parts.append(f'<text x="{x}" y="{y + 5}" text-anchor="middle">{html.escape(str(node))}</text>')
    return svg([("".join(parts), height)], width)


def _bends(edges: Sequence[Edge], rank: Mapping) -> list[float]:
    """Return how far each edge leaves the straight line: beside its parallels, around what lies between its ends."""
    together = Counter(edge[:2] for edge in edges)
    seen: Counter = Counter()
    bends = []
    for source, target, _ in edges:
        pair = source, target
        around = 58.0 if rank[target] - rank[source] > 1 else 0.0
        bends.append(around + 36.0 * (seen[pair] - (together[pair] - 1) / 2))
        seen[pair] += 1
    return bends


def _columns(edges: Sequence[Edge]) -> list[list]:
    """Return the nodes by the length of the longest path to them."""
    rank = {node: 0 for edge in edges for node in edge[:2]}
    for _ in rank:
        late = [(target, rank[source] + 1) for source, target, _ in edges if rank[target] <= rank[source]]
        if not late:
            break
        for target, wanted in late:
            rank[target] = max(rank[target], wanted)
    else:
        raise ValueError("the graph has a cycle: no node comes first, so it cannot be drawn from left to right")
    columns = [[node for node in rank if rank[node] == k] for k in range(max(rank.values(), default=0) + 1)]
    for before, column in pairwise(columns):  # beside what they are computed from
        heights = {node: [before.index(s) for s, t, _ in edges if t == node and s in before] for node in column}
        column.sort(key=lambda node, heights=heights: np.mean(heights[node]))
    return columns


def _bent_edge_svg(start: tuple[float, float], end: tuple[float, float], bend: float, text: str) -> str:
    """Return an arrow as a quadratic curve whose middle lies `bend` away from the straight line."""
    (x1, y1), (x2, y2) = start, end
    length = np.hypot(x2 - x1, y2 - y1)
    along, across = np.array([x2 - x1, y2 - y1]) / length, np.array([y2 - y1, x1 - x2]) / length
    control = (np.array(start) + end) / 2 + 2 * bend * across
    first, last = (p + RADIUS * _unit(control - p) for p in (np.array(start), np.array(end)))
    middle = (first + last) / 4 + control / 2 + (12 if bend >= 0 else -12) * across
    angle = np.degrees(np.arctan2(*(last - control)[::-1])) if bend else np.degrees(np.arctan2(*along[::-1]))
    return (
        f'<path d="M{first[0]:.1f} {first[1]:.1f}Q{control[0]:.1f} {control[1]:.1f} {last[0]:.1f} {last[1]:.1f}" '
        f'fill="none" stroke="#555" stroke-width="1.5"/><path d="M0 0L-11 -5L-11 5z" fill="#555" '
        f'transform="translate({last[0]:.1f} {last[1]:.1f}) rotate({angle:.1f})"/>'
        f'<text x="{middle[0]:.1f}" y="{middle[1] + 5:.1f}" text-anchor="middle" fill="{ORANGE}" stroke="white" '
        f'stroke-width="5" paint-order="stroke" font-weight="bold">×{html.escape(text)}</text>'
    )


def _unit(v: np.ndarray) -> np.ndarray:
    return v / np.hypot(*v)
