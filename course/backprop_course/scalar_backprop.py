"""Unit 3: a debugger for the backward sweep, and forward against reverse mode."""

import ast
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import ipywidgets as widgets
import numpy as np

from backprop_course.explorer import BLUE, ORANGE, Explorer, for_browsers, number

# --- graphs -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Node:
    """One number of a computation.

    Attributes
    ----------
    label : str
        A name, an operation or, for a constant, the number.
    data : float
    parents : tuple of int
        Places of the operands in the list of nodes.
    slopes : tuple of float
        The derivative of this node with respect to each parent.
    kind : str
        ``"input"``, ``"constant"`` or ``"operation"``.
    """

    label: str
    data: float
    parents: tuple[int, ...] = ()
    slopes: tuple[float, ...] = ()
    kind: str = "operation"


FUNCTIONS = {
    "exp": np.exp,
    "log": lambda z: np.log(z) if np.real(z) > 0 else np.nan,
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: z * (np.real(z) > 0),
}
OPERATORS = {
    ast.Add: ("+", lambda a, b: a + b),
    ast.Sub: ("−", lambda a, b: a - b),
    ast.Mult: ("×", lambda a, b: a * b),
    ast.Div: ("÷", lambda a, b: a / b),
}
COMPLEX_STEP = 1e-30


class NoRecordError(Exception):
    """Values keep their parents, but no local derivatives that could be drawn."""


def given_graph(program: str, numbers: Mapping[str, float]) -> list[Node]:
    """Return the graph of a program, read from its text; local derivatives by a complex step.

    Parameters
    ----------
    program : str
        Assignments and a last line, separated by semicolons: ``"c = a * b; c + a"``.
    numbers : dict
        The inputs by name.

    Returns
    -------
    list of Node
        Each after its parents; the last one is the output.
    """
    nodes = [Node(name, float(value), kind="input") for name, value in numbers.items()]
    places = {name: k for k, name in enumerate(numbers)}

    def add(label: str, function: Callable, *parents: int) -> int:
        operands = [complex(nodes[p].data) for p in parents]
        slopes = []
        for k in range(len(parents)):
            shifted = [x + 1j * COMPLEX_STEP * (j == k) for j, x in enumerate(operands)]
            slopes.append(float(np.imag(function(*shifted)) / COMPLEX_STEP))
        nodes.append(Node(label, float(np.real(function(*operands))), parents, tuple(slopes)))
        return len(nodes) - 1

    def visit(tree: ast.expr) -> int:
        match tree:
            case ast.Name(id=name):
                if name not in places:
                    raise NameError(f"{name} has no value: add it to the inputs")
                return places[name]
            case ast.Constant(value=int() | float() as value):
                nodes.append(Node(number(value), float(value), kind="constant"))
                return len(nodes) - 1
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)):
                return visit(ast.Constant(value=-value))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return add("neg", lambda a: -a, visit(operand))
            case ast.BinOp(left=base, op=ast.Pow(), right=right):
                exponent = ast.literal_eval(right)
                # An integer power is exact for complex numbers; for others the base has to be positive.
                return add(f"^{number(exponent)}", lambda a: a**exponent, visit(base))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return add(*OPERATORS[type(op)], visit(left), visit(right))
            case ast.Call(func=ast.Attribute(value=operand, attr=name), args=[]) if name in FUNCTIONS:
                return add(name, FUNCTIONS[name], visit(operand))
        raise ValueError(f"{ast.unparse(tree)} is not one of + - * / ** exp log tanh sigmoid relu")

    for name, tree in _statements(program):
        place = visit(tree)
        if name:
            places[name] = place
            nodes[place] = _renamed(nodes[place], name)
    return _needed(nodes, place)


def own_graph(program: str, numbers: Mapping[str, float], value_class: type) -> tuple[list[Node], list[Any]]:
    """Return the graph that a student's class builds for a program, and its Values in the same order.

    Raises
    ------
    NoRecordError
        If results have parents but no numbers as local derivatives.
    """
    inputs = {name: value_class(value) for name, value in numbers.items()}
    scope = dict(inputs)
    for name, tree in _statements(program):
        root = eval(compile(ast.Expression(tree), "<program>", "eval"), {}, scope)
        if name:
            scope[name] = root
    return graph_of(root, scope, set(inputs))


def graph_of(root: Any, names: Mapping[str, Any], inputs: set[str]) -> tuple[list[Node], list[Any]]:
    """Return what `root` depends on as nodes, and the Values themselves, each after its parents."""
    values = _closure(root)
    place = {id(value): k for k, value in enumerate(values)}
    label = {id(value): name for name, value in names.items()}
    nodes = []
    for value in values:
        parents, slopes = tuple(value.parents), value.local_derivatives
        if not hasattr(slopes, "__len__") or len(slopes) != len(parents):
            raise NoRecordError("a node has parents but not one local derivative for each")
        if not all(isinstance(slope, int | float | np.number) for slope in slopes):
            raise NoRecordError("local derivatives that are no numbers")
        name = label.get(id(value))
        kind = "input" if name in inputs else "operation" if parents else "constant"
        nodes.append(
            Node(
                name or (_operation(value, parents, slopes) if parents else number(float(value.data))),
                float(value.data),
                tuple(place[id(parent)] for parent in parents),
                tuple(map(float, slopes)),
                kind,
            )
        )
    return nodes, values


def _closure(root: Any) -> list[Any]:
    """Return everything `root` depends on, sorted by the longest way up from the inputs."""
    rank: dict[int, int] = {}
    found: dict[int, Any] = {}
    waiting = [root]
    while waiting:
        value = waiting[-1]
        unranked = [p for p in value.parents if id(p) not in rank]
        if unranked:
            waiting.extend(unranked)
            continue
        waiting.pop()
        rank[id(value)] = 1 + max((rank[id(p)] for p in value.parents), default=-1)
        found[id(value)] = value
    return sorted(found.values(), key=lambda value: rank[id(value)])


def _operation(value: Any, parents: Sequence[Any], slopes: Sequence[float]) -> str:
    """Guess the operation from the numbers that were recorded."""
    result, operands = float(value.data), [float(p.data) for p in parents]
    guesses = [(sign, f) for sign, f in OPERATORS.values()] if len(operands) == 2 else []
    if len(operands) == 1:
        guesses = [("neg", lambda a: -a), *FUNCTIONS.items()]
        base = operands[0]
        if result:  # d(a^n)/da = n a^n / a
            exponent = slopes[0] * base / result
            if abs(exponent - round(exponent, 3)) < 1e-9:
                guesses.append((f"^{number(round(exponent, 3))}", lambda a: a**exponent))
    for name, function in guesses:
        with np.errstate(all="ignore"):
            same = np.isclose(function(*operands), result, rtol=1e-9, atol=1e-12)
            if same and np.allclose(_slopes(function, operands), slopes, rtol=1e-6, atol=1e-9):
                return name
    return "f"


def _slopes(function: Callable, operands: Sequence[float]) -> list[float]:
    shifts = np.eye(len(operands)) * 1j * COMPLEX_STEP
    return [float(np.imag(function(*(operands + shift))) / COMPLEX_STEP) for shift in shifts]


def _statements(program: str) -> list[tuple[str, ast.expr]]:
    lines = [line.strip() for line in program.split(";") if line.strip()]
    if not lines:
        raise ValueError("there is no expression")
    found = []
    for line in lines:
        match ast.parse(line).body:
            case [ast.Assign(targets=[ast.Name(id=name)], value=tree)]:
                found.append((name, tree))
            case [ast.Expr(value=tree)]:
                found.append(("", tree))
            case _:
                raise ValueError(f"{line} is neither an expression nor an assignment")
    return found


def _renamed(node: Node, name: str) -> Node:
    return replace(node, label=name) if node.kind == "operation" else node


def _needed(nodes: list[Node], root: int) -> list[Node]:
    """Keep what the root depends on, the root last."""
    keep, waiting = set(), [root]
    while waiting:
        place = waiting.pop()
        if place not in keep:
            keep.add(place)
            waiting.extend(nodes[place].parents)
    new = {old: k for k, old in enumerate(sorted(keep))}
    return [replace(nodes[old], parents=tuple(new[p] for p in nodes[old].parents)) for old in new]


# --- the sweep --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """The state of a sweep after one of its steps.

    Attributes
    ----------
    grads : tuple of float
        Gradient of each node.
    current : int or None
        The node that has just passed its gradient on.
    shares : dict
        What each edge ``(node, k)`` to the node's k-th parent has carried so far.
    done : frozenset of int
        Nodes that have passed their gradient on.
    late : dict
        What arrived at a node after it had passed its gradient on: shares that never reach the inputs.
    """

    grads: tuple[float, ...]
    current: int | None = None
    shares: Mapping[tuple[int, int], float] = field(default_factory=dict)
    done: frozenset[int] = frozenset()
    late: Mapping[int, float] = field(default_factory=dict)


def sweep(nodes: Sequence[Node], order: Sequence[int]) -> list[Frame]:
    """Return every state of a backward sweep that processes the nodes in this order, the root first.

    Parameters
    ----------
    nodes : sequence of Node
        The last one is the output.
    order : sequence of int

    Returns
    -------
    list of Frame
        Before the sweep, with the output's gradient set, and after each node.
    """
    grads, shares, done, late = [0.0] * len(nodes), {}, set(), {}
    frames = [Frame(tuple(grads))]
    grads[-1] = 1.0
    frames.append(Frame(tuple(grads)))
    for place in order:
        node = nodes[place]
        done.add(place)
        for k, (parent, slope) in enumerate(zip(node.parents, node.slopes, strict=True)):
            share = slope * grads[place]
            grads[parent] += share
            shares[place, k] = shares.get((place, k), 0.0) + share
            if parent in done and nodes[parent].parents:  # an input has nothing to pass on
                late[parent] = late.get(parent, 0.0) + share
        frames.append(Frame(tuple(grads), place, dict(shares), frozenset(done), dict(late)))
    return frames


def breadth_first(nodes: Sequence[Node]) -> list[int]:
    """Return the nodes as they are met going back from the output, nearest first."""
    order = [len(nodes) - 1]
    for place in order:
        order.extend(p for p in dict.fromkeys(nodes[place].parents) if p not in order)
    return order


def depth_first(nodes: Sequence[Node]) -> list[int]:
    """Return the nodes as they are met going back from the output, following each way to its end first."""
    order, waiting = [], [len(nodes) - 1]
    while waiting:
        place = waiting.pop()
        if place not in order:
            order.append(place)
            waiting.extend(reversed(nodes[place].parents))
    return order


# --- drawing a graph --------------------------------------------------------------------------------

BOX_WIDTH, BOX_HEIGHT, CONSTANT_HEIGHT, COLUMN, GAP = 108, 58, 28, 184, 24
INK, PALE, RULE = "#222222", "#8a8a8a", "#b8b8b8"
DONE_FILL, NOW_FILL, PENDING_FILL, LATE_FILL = "#dbeaf5", "#fde6d8", "#fff8e1", "#f6d5e6"
LATE = "#A8326E"
FONT = "font-family='DejaVu Sans, Verdana, Arial, sans-serif'"


@lru_cache(maxsize=32)
def place_nodes(
    parents: tuple[tuple[int, ...], ...], constants: frozenset[int]
) -> tuple[list[tuple[float, float]], dict, float, float]:
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
    for k in depth_first([Node("", 0.0, p) for p in parents]):
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
    y = _heights(columns, neighbours, constants)
    lowest = min(y.values())
    x = {item: BOX_WIDTH / 2 + 10 + COLUMN * r for r, column in enumerate(columns) for item in column}
    point = {item: (x[item], y[item] - lowest + BOX_HEIGHT / 2 + 8) for item in y}
    height = max(py for _, py in point.values()) + BOX_HEIGHT / 2 + 22
    centres = [point[k] for k in range(len(parents))]
    bends = {edge: [point[b] for b in between] for edge, between in bends.items()}
    return centres, bends, COLUMN * (len(columns) - 1) + BOX_WIDTH + 20, height


def _ranks(parents: Sequence[Sequence[int]]) -> list[int]:
    """Longest way from the inputs; inputs stand right before the first node that reads them."""
    rank = []
    for above in parents:
        rank.append(1 + max((rank[p] for p in above), default=-1))
    children: list[list[int]] = [[] for _ in parents]
    for k, above in enumerate(parents):
        for p in above:
            children[p].append(rank[k])
    return [min(children[k], default=1) - 1 if not above else rank[k] for k, above in enumerate(parents)]


def _heights(columns: list[list], neighbours: Mapping, constants: frozenset[int]) -> dict:
    """Order each column by the mean height of its neighbours, and move items towards it."""

    def gap(a, b):
        tall = [CONSTANT_HEIGHT if x in constants else BOX_HEIGHT if isinstance(x, int) else 12 for x in (a, b)]
        return sum(tall) / 2 + GAP

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


def graph_svg(nodes: Sequence[Node], frame: Frame, truth: Sequence[float] | None = None, caption: str = "") -> str:
    """Return a picture of a graph in the middle of a sweep, as the text of an SVG.

    Parameters
    ----------
    nodes : sequence of Node
    frame : Frame
    truth : sequence of float, optional
        The right gradients: inputs are marked as right or wrong.
    caption : str
        A line above the graph.
    """
    body, width, height = _graph_group(nodes, frame, truth, caption)
    return _svg([(body, height)], width)


def _svg(panels: Sequence[tuple[str, float]], width: float) -> str:
    total, groups = 0.0, []
    for body, height in panels:
        groups.append(f"<g transform='translate(0 {total:.0f})'>{body}</g>")
        total += height
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:.0f} {total:.0f}' width='{width:.0f}' "
        f"style='max-width:100%;height:auto' role='img' {FONT}>"
        f"<rect width='100%' height='100%' fill='white'/>{''.join(groups)}</svg>"
    )


def _graph_group(nodes, frame, truth, caption):
    centres, bends, width, height = place_nodes(
        tuple(node.parents for node in nodes), frozenset(k for k, n in enumerate(nodes) if n.kind == "constant")
    )
    parts = [f"<text x='12' y='20' font-size='15' font-weight='bold' fill='{INK}'>{html.escape(caption)}</text>"]
    top = 30 if caption else 0
    # Labels come last: no line crosses them.
    lines, labels, taken = [], [], []
    for k, node in enumerate(nodes):
        for j, parent in enumerate(node.parents):
            line, label = _edge(nodes, frame, centres, bends[parent, k], (k, j), taken)
            lines.append(line)
            labels.append(label)
    boxes = [_box(node, frame, k, centres[k], truth) for k, node in enumerate(nodes)]
    parts.append(f"<g transform='translate(0 {top})'>{''.join(lines)}{''.join(boxes)}{''.join(labels)}</g>")
    return "".join(parts), max(width, 8.6 * len(caption)), height + top


def _edge(nodes, frame, centres, between, edge, taken):
    k, j = edge
    node, parent = nodes[k], nodes[k].parents[j]
    twins = [i for i, p in enumerate(node.parents) if p == parent]
    aside = 22 * (twins.index(j) - (len(twins) - 1) / 2)  # a * a has two edges side by side
    (x0, y0), (x1, y1) = centres[parent], centres[k]
    points = [(x0 + BOX_WIDTH / 2, y0 + aside), *between, (x1 - BOX_WIDTH / 2, y1 + aside)]
    path = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (ax, ay), (bx, by) in pairwise(points):
        third = (bx - ax) * 0.4
        path.append(f"C{ax + third:.1f} {ay:.1f} {bx - third:.1f} {by:.1f} {bx:.1f} {by:.1f}")
    share, active = frame.shares.get(edge), frame.current == k
    colour = ORANGE if active else BLUE if share is not None else RULE
    if share is None:
        text, ink, weight = f"×{number(node.slopes[j], 3)}", INK, "normal"
    else:
        text, ink, weight = f"+{number(share, 3)}".replace("+−", "−"), colour, "bold"
    x, y = _free_place(points, 8.4 * len(text), taken)
    tip, direction = (points[0], 1) if share is not None else (points[-1], -1)
    return (
        f"<path d='{''.join(path)}' fill='none' stroke='{colour}' stroke-width='{3.2 if active else 1.8}'/>"
        f"<path d='M{tip[0]:.1f} {tip[1]:.1f}l{9 * direction} -5l0 10z' fill='{colour}'/>"
    ), (
        f"<text x='{x:.1f}' y='{y + 4:.1f}' font-size='12.5' text-anchor='middle' fill='{ink}' "
        f"font-weight='{weight}' stroke='white' stroke-width='4' "
        f"paint-order='stroke' stroke-linejoin='round'>{text}</text>"
    )


def _free_place(points, width, taken):
    """Return a place on the middle piece of an edge where no other label stands, and take it."""
    (ax, ay), (bx, by) = points[(len(points) - 1) // 2], points[(len(points) - 1) // 2 + 1]
    for s in (0.5, 0.4, 0.6, 0.32, 0.68, 0.5):
        # The curve's own formula, with its handles at 0.4 of the way.
        x = ax + (bx - ax) * (1.2 * s * (1 - s) ** 2 + 1.8 * s**2 * (1 - s) + s**3)
        y = ay + (by - ay) * (3 * s**2 - 2 * s**3)
        if all(abs(x - u) > (width + w) / 2 or abs(y - v) > 15 for u, v, w in taken):
            break
    taken.append((x, y, width))
    return x, y


def _box(node, frame, k, centre, truth):
    faint = node.kind == "constant"
    tall = CONSTANT_HEIGHT if faint else BOX_HEIGHT
    x, y = centre[0] - BOX_WIDTH / 2, centre[1] - tall / 2
    late, now, done = k in frame.late, frame.current == k, k in frame.done
    pending = not done and frame.grads[k] != 0
    fill = LATE_FILL if late else NOW_FILL if now else DONE_FILL if done else PENDING_FILL if pending else "white"
    stroke = LATE if late else ORANGE if now else BLUE if done else RULE
    mark = "late" if late else "now" if now else "✓" if done else ""
    dash = " stroke-dasharray='5 3'" if late else ""
    corner = 6 if node.kind == "operation" else 14
    text = f"<text x='{x + 9:.1f}' font-size='12' fill='{INK}'"
    numbers = (
        f"{text} y='{y + 34:.1f}'>data {number(node.data)}</text>"
        f"{text} y='{y + 50:.1f}' font-weight='bold'>grad {number(frame.grads[k])}</text>"
    )
    below = ""
    if truth is not None and node.kind == "input":
        right = np.isclose(frame.grads[k], truth[k], rtol=1e-9, atol=1e-12)
        words = "right" if right else f"should be {number(truth[k])}"
        below = (
            f"<text x='{centre[0]:.1f}' y='{y + tall + 14:.1f}' font-size='12' text-anchor='middle' "
            f"font-weight='bold' fill='{BLUE if right else LATE}'>{words}</text>"
        )
    return (
        f"<rect x='{x:.1f}' y='{y:.1f}' width='{BOX_WIDTH}' height='{tall}' rx='{corner}' "
        f"fill='{fill}' stroke='{stroke}' stroke-width='{2.6 if now or late else 1.6}'{dash}/>"
        f"<text x='{x + 9:.1f}' y='{y + 18:.1f}' font-size='14' font-weight='bold' "
        f"fill='{PALE if faint else INK}'>{html.escape(node.label)}</text>"
        f"<text x='{x + BOX_WIDTH - 8:.1f}' y='{y + 17:.1f}' font-size='11' text-anchor='end' fill='{stroke}' "
        f"font-weight='bold'>{mark}</text>{'' if faint else numbers}{below}"
    )


def _order_strip(nodes: Sequence[Node], order: Sequence[int], frame: Frame, width: float) -> tuple[str, float]:
    """The nodes as chips in the order of the sweep."""
    parts, x, y = [f"<text x='12' y='22' font-size='13' fill='{INK}'>Order:</text>"], 66.0, 6.0
    reached = len(frame.done) if frame.current is not None else 0
    for k, place in enumerate(order):
        label = nodes[place].label
        chip = 20 + 8.5 * len(label)
        if x + chip > width - 8:
            x, y = 66.0, y + 30
        late, now = place in frame.late, k == reached - 1
        fill = LATE_FILL if late else NOW_FILL if now else DONE_FILL if k < reached else "white"
        stroke = LATE if late else ORANGE if now else BLUE if k < reached else RULE
        parts.append(
            f"<rect x='{x:.1f}' y='{y:.1f}' width='{chip:.1f}' height='24' rx='12' fill='{fill}' stroke='{stroke}' "
            f"stroke-width='{2.4 if now else 1.4}'/><text x='{x + chip / 2:.1f}' y='{y + 16.5:.1f}' font-size='12.5' "
            f"text-anchor='middle' fill='{INK}'>{html.escape(label)}</text>"
        )
        x += chip + 7
    return "".join(parts), y + 36


# --- the debugger of the backward sweep ---------------------------------------------------------------

EXAMPLES = {
    "FAU: (2 x1 + 3 x2)² + 3": ("c = 2 * x1 + 3 * x2; e = c**2; g = e + 3", "x1 = 1, x2 = 3"),
    "RWTH: (a + b)(b + 1)": ("c = a + b; d = b + 1; e = c * d", "a = 2, b = 1"),
    "a shortcut": ("c = a * b; t = c + b; d = t * a; e = c * d", "a = 2, b = 3"),
    "a diamond": ("c = a + b; u = c * a; w = c * b; e = u + w", "a = 2, b = 3"),
    "a neuron": ("z = w1 * x1 + w2 * x2 + b; y = z.tanh()", "w1 = 0.5, w2 = -1, x1 = 2, x2 = 1, b = 0.3"),
}
ORDERS = {"topological": "topological", "breadth first": "breadth", "depth first": "depth"}
MOST_NODES = 40


def _numbers(text: str) -> dict[str, float]:
    pairs = [part.split("=") for part in text.split(",") if part.strip()]
    return {name.strip(): float(value) for name, value in pairs}


@for_browsers
def explore_backward(
    value_class: type,
    topological_order: Callable,
    backward: Callable | None = None,
    *,
    program: str = EXAMPLES["a shortcut"][0],
    at: str = EXAMPLES["a shortcut"][1],
) -> Explorer:
    """Step through a backward sweep on a graph of your own, in three orders.

    Parameters
    ----------
    value_class : type
        Your ``Value``.
    topological_order : callable
        Your function; the sweep runs through its list from the end.
    backward : callable, optional
        Your function; at the last step its gradients are compared.
    program : str
        An expression of the inputs, or assignments and an expression, separated by semicolons.
    at : str
        The inputs, such as ``"a = 2, b = 3"``.
    """
    engine, source = _engine(value_class, topological_order)

    def prepare(program: str, at: str, order: str):
        nodes, sequence, values = engine(program, _numbers(at))
        if len(nodes) > MOST_NODES:
            raise ValueError(f"{len(nodes)} nodes are too many for a picture; {MOST_NODES} fit")
        places = {"topological": sequence, "breadth": breadth_first, "depth": depth_first}[order]
        places = places(nodes) if callable(places) else places
        return nodes, places, sweep(nodes, places), values

    names = {"example": "Example", "program": "Your graph", "at": "Inputs", "order": "Order", "step": "Step"}
    wide = {"layout": widgets.Layout(width="44em"), "style": {"description_width": "6em"}}
    start = next((name for name, (text, _) in EXAMPLES.items() if text == program), None)
    controls = {
        "example": widgets.Dropdown(options=list(EXAMPLES), value=start, description=names["example"], **wide),
        "program": widgets.Text(value=program, description=names["program"], continuous_update=False, **wide),
        "at": widgets.Text(value=at, description=names["at"], continuous_update=False, **wide),
        "order": widgets.ToggleButtons(
            options=ORDERS, value="topological", description=names["order"], style={"description_width": "6em"}
        ),
        "step": widgets.IntSlider(value=0, min=0, max=1, description=names["step"], **wide),
        "play": widgets.Play(value=0, min=0, max=1, interval=1200),
    }

    def choose(_change) -> None:
        controls["step"].value = 0
        if controls["example"].value:
            controls["at"].value = EXAMPLES[controls["example"].value][1]
            controls["program"].value = EXAMPLES[controls["example"].value][0]

    def fit(_change=None) -> None:
        try:
            last = len(prepare(*(controls[name].value for name in ("program", "at", "order")))[2]) - 1
        except Exception:  # the explorer shows the error where it draws
            return
        controls["step"].max = controls["play"].max = last

    controls["example"].observe(choose, names="value")
    for name in ("program", "at", "order"):
        controls[name].observe(fit, names="value")
    widgets.link((controls["play"], "value"), (controls["step"], "value"))
    fit()

    def draw(example, program, at, order, step, play):
        nodes, places, frames, values = prepare(program, at, order)
        step = min(step, len(frames) - 1)
        finished = step == len(frames) - 1
        truth = sweep(nodes, range(len(nodes) - 1, -1, -1))[-1].grads
        body, width, height = _graph_group(nodes, frames[step], truth if finished else None, "")
        strip, strip_height = _order_strip(nodes, places, frames[step], max(width, 520))
        picture = _svg([(body, height), (strip, strip_height)], max(width, 520))
        words = _describe(nodes, frames, step)
        if finished and backward and values:
            words += _compare(nodes, values, backward)
        return picture, words

    return Explorer(
        draw,
        controls,
        question="In the shortcut graph c feeds both e and t. Breadth first, it is c's turn before t's. "
        "What becomes of the gradients of a and b?",
        choices=["They are right", "A share gets lost", "Some shares count twice"],
        source=source,
    )


def _engine(value_class: type, topological_order: Callable) -> tuple[Callable, str]:
    """Return ``engine(program, numbers) -> nodes, order of the sweep, Values``, and whose it is."""

    def given(program, numbers):
        nodes = given_graph(program, numbers)
        return nodes, list(range(len(nodes) - 1, -1, -1)), []

    def own(program, numbers):
        nodes, values = own_graph(program, numbers, value_class)
        return nodes, list(range(len(nodes) - 1, -1, -1)), values

    def own_order(program, numbers):
        nodes, _, values = own(program, numbers)
        place = {id(value): k for k, value in enumerate(values)}
        order = topological_order(values[-1])
        if order is None:
            raise TypeError("your topological_order returned None")
        return nodes, [place[id(node)] for node in order][::-1], values

    example = ("c = 2 * a + b; (c - b / a).tanh()", {"a": 1.5, "b": 2.0})
    try:
        own(*example)
    except NotImplementedError:
        return given, "the given graph, until your Value is solved"
    except NoRecordError:
        return given, "the given graph, as your Values keep no local derivatives that it could show"
    except Exception:  # wrong, but theirs: the figure shows the error where it happens
        return own_order, "your Value and your topological_order"
    try:
        own_order(*example)
    except NotImplementedError:
        return own, "your Value and the given order, until your topological_order is solved"
    except Exception:
        return own_order, "your Value and your topological_order"
    return own_order, "your Value and your topological_order"


def _describe(nodes: Sequence[Node], frames: Sequence[Frame], step: int) -> str:
    frame, root = frames[step], nodes[-1]
    if step == 0:
        return f"The forward pass is done: {root.label} = {number(root.data)}. All gradients are 0. "
    if step == 1:
        return f"The sweep starts at the output: {root.label}.grad = 1. "
    node, grads = nodes[frame.current], frames[step - 1].grads
    words = f"Step {step} of {len(frames) - 1}: {node.label} has grad {number(grads[frame.current])}"
    if not node.parents:
        words += " and no parents to pass it on to. "
    else:
        shares = [
            f"{number(slope)} × {number(grads[frame.current])} = {number(slope * grads[frame.current])} "
            f"to {nodes[parent].label}"
            for parent, slope in zip(node.parents, node.slopes, strict=True)
        ]
        words += f" and passes on {' and '.join(shares)}. "
    new = {k: share for k, share in frame.late.items() if share != frames[step - 1].late.get(k)}
    for k, share in new.items():
        words += f"Too late: {nodes[k].label} has already passed its gradient on, and {number(share)} stays behind. "
    if step == len(frames) - 1:
        found = sorted(f"{n.label}: {number(frame.grads[k])}" for k, n in enumerate(nodes) if n.kind == "input")
        words += f"Gradients of the inputs: {', '.join(found)}. "
    return words


def _compare(nodes: Sequence[Node], values: Sequence[Any], backward: Callable) -> str:
    try:
        backward(values[-1])
    except NotImplementedError:
        return ""
    pairs = zip(nodes, values, strict=True)
    found = sorted(f"{n.label}: {number(float(v.grad))}" for n, v in pairs if n.kind == "input")
    return f"Your backward gives {', '.join(found)}."


# --- forward against reverse mode ---------------------------------------------------------------------

MOST_INPUTS, MOST_OUTPUTS = 12, 8
WEIGHTS = np.random.default_rng(3).normal(size=(MOST_OUTPUTS, MOST_INPUTS)).round(2) / 3
POINT = np.linspace(-1, 1, MOST_INPUTS).round(2)


@for_browsers
def explore_modes(dual_class: type, value_class: type, backward: Callable) -> Explorer:
    """Watch a Jacobian being filled: by columns in forward mode, by rows in reverse mode.

    Parameters
    ----------
    dual_class, value_class : type
        Your ``Dual`` and ``Value``.
    backward : callable
        Your function.
    """
    engine, source = _jacobians(dual_class, value_class, backward)
    style = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="28em")}
    controls = {
        "inputs": widgets.IntSlider(value=8, min=1, max=MOST_INPUTS, description="Inputs n", **style),
        "outputs": widgets.IntSlider(value=3, min=1, max=MOST_OUTPUTS, description="Outputs m", **style),
        "passes": widgets.IntSlider(value=2, min=0, max=MOST_INPUTS, description="Passes", **style),
    }

    def draw(inputs, outputs, passes):
        forward, reverse = engine(inputs, outputs)
        return _jacobians_svg(forward, reverse, passes), _compare_modes(forward, reverse, passes)

    return Explorer(
        draw,
        controls,
        question="A network for digits has 50,890 weights and one loss. How many passes does the whole gradient take?",
        choices=["forward 50,890, reverse 1", "forward 1, reverse 50,890", "one per node in both"],
        source=source,
    )


def _jacobians(dual_class: type, value_class: type, backward: Callable) -> tuple[Callable, str]:
    """Return ``engine(n, m) -> Jacobian by forward passes, Jacobian by reverse passes``, and whose it is."""

    def outputs_of(xs, m):
        return [sum(float(w) * x for w, x in zip(row, xs, strict=False)).tanh() for row in WEIGHTS[:m]]

    @lru_cache(maxsize=128)
    def own(n, m):
        forward, reverse = np.zeros((m, n)), np.zeros((m, n))
        for i in range(n):
            duals = [dual_class(float(x), float(k == i)) for k, x in enumerate(POINT[:n])]
            forward[:, i] = [y.tangent for y in outputs_of(duals, m)]
        for j in range(m):
            leaves = [value_class(float(x)) for x in POINT[:n]]
            backward(outputs_of(leaves, j + 1)[j])
            reverse[j] = [leaf.grad for leaf in leaves]
        return forward, reverse

    def given(n, m):
        W = WEIGHTS[:m, :n]
        J = W / np.cosh(W @ POINT[:n])[:, None] ** 2
        return J, J

    try:
        own(2, 2)
    except NotImplementedError as error:
        return given, f"given derivatives, until your {error} is solved"
    except Exception:  # wrong, but theirs: the figure shows the error where it happens
        return own, "your Dual, Value and backward"
    return own, "your Dual, Value and backward"


CELL_WIDTH, CELL_HEIGHT, MARGIN = 52, 34, 34


def _jacobians_svg(forward: np.ndarray, reverse: np.ndarray, passes: int) -> str:
    """Return both Jacobians as the text of an SVG, with what is known after some passes."""
    m, n = forward.shape
    limit = max(np.abs(forward).max(), np.abs(reverse).max(), 1e-9)
    known = np.arange(n)[None, :] < passes, np.arange(m)[:, None] < passes
    panels = []
    for values, seen, name, needed, unit in zip(
        (forward, reverse), known, ("Forward", "Reverse"), (n, m), ("column", "row"), strict=True
    ):
        done = min(passes, needed)
        state = "complete" if done == needed else f"one {unit} a pass"
        parts = [
            f"<text x='{MARGIN}' y='20' font-size='15' font-weight='bold' fill='{INK}'>{name} mode: "
            f"{done} of {needed} passes</text><text x='{MARGIN}' y='39' font-size='13' fill='{INK}'>{state}</text>"
        ]
        parts += [_label(MARGIN + CELL_WIDTH * (i + 0.5), 62, f"x{i + 1}") for i in range(n)]
        parts += [_label(MARGIN / 2, 70 + CELL_HEIGHT * (j + 0.62), f"y{j + 1}") for j in range(m)]
        seen = np.broadcast_to(seen, (m, n))
        parts += [_cell(i, j, values[j, i], limit, seen[j, i]) for j in range(m) for i in range(n)]
        panels.append("".join(parts))
    width, height = max(MARGIN + CELL_WIDTH * n, 290), 80 + CELL_HEIGHT * m
    # Side by side while both fit on a page, else one below the other.
    if width <= 460:
        both = f"{panels[0]}<g transform='translate({width + 40} 0)'>{panels[1]}</g>"
        return _svg([(both, height)], 2 * width + 50)
    return _svg([(panels[0], height + 14), (panels[1], height)], width + 10)


def _label(x: float, y: float, text: str) -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' font-size='12' text-anchor='middle' fill='{INK}'>{text}</text>"


def _cell(i: int, j: int, value: float, limit: float, seen: bool) -> str:
    x, y = MARGIN + CELL_WIDTH * i, 70 + CELL_HEIGHT * j
    box = f"<rect x='{x + 1}' y='{y + 1}' width='{CELL_WIDTH - 2}' height='{CELL_HEIGHT - 2}' rx='3'"
    if not seen:
        return f"{box} fill='#ececec'/>"
    strength = min(abs(value) / limit, 1.0)
    ink = "white" if strength > 0.8 else INK
    return (
        f"{box} fill='{BLUE if value > 0 else ORANGE}' fill-opacity='{0.08 + 0.92 * strength:.2f}'/>"
        f"<text x='{x + CELL_WIDTH / 2}' y='{y + CELL_HEIGHT / 2 + 4}' font-size='12' text-anchor='middle' "
        f"fill='{ink}'>{round(value, 2) + 0.0:.2f}</text>".replace(">-", ">−")
    )


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}{'es' if word.endswith('s') else 's'}"


def _compare_modes(forward: np.ndarray, reverse: np.ndarray, passes: int) -> str:
    m, n = forward.shape
    cheaper = "both cost the same" if n == m else f"{'reverse' if m < n else 'forward'} mode is cheaper"
    grey = "Grey entries are not known yet. " if passes < max(m, n) else ""
    words = (
        f"{_count(n, 'input')} and {_count(m, 'output')}: forward mode needs {_count(n, 'pass')} (a column of the "
        f"Jacobian each), reverse mode {m} (a row each), so {cheaper}. {grey}"
    )
    apart = float(np.abs(forward - reverse).max())
    return words + (
        "Both modes find the same Jacobian."
        if apart < 1e-9
        else f"The two Jacobians differ by up to {apart:.3g}: one of the modes is wrong."
    )


# --- static pictures ----------------------------------------------------------------------------------


def backward_steps() -> str:
    """FAU's graph before, amid and after the backward sweep."""
    program, at = EXAMPLES["FAU: (2 x1 + 3 x2)² + 3"]
    nodes = given_graph(program, _numbers(at))
    frames = sweep(nodes, range(len(nodes) - 1, -1, -1))
    amid = next(frame for frame in frames if frame.current is not None and nodes[frame.current].label == "c")
    done = replace(frames[-1], current=None)
    return _panels(
        nodes,
        [
            (frames[0], None, "1. Forward pass done: edges show local derivatives, all gradients are 0"),
            (amid, None, "2. Amid the backward sweep: c has just passed 22 on to both parents"),
            (done, done.grads, "3. Done: every edge was used once"),
        ],
    )


def order_matters() -> str:
    """The shortcut graph after a breadth-first and a topological sweep."""
    program, at = EXAMPLES["a shortcut"]
    nodes = given_graph(program, _numbers(at))
    right = replace(sweep(nodes, range(len(nodes) - 1, -1, -1))[-1], current=None)
    wrong = replace(sweep(nodes, breadth_first(nodes))[-1], current=None)
    return _panels(
        nodes,
        [
            (wrong, right.grads, "Breadth first: c passes its gradient on before t's share arrives"),
            (right, right.grads, "Topological: every node waits for all its shares"),
        ],
    )


def _panels(nodes, states):
    drawn = [_graph_group(nodes, frame, truth, caption) for frame, truth, caption in states]
    return _svg([(body, height) for body, _, height in drawn], max(width for _, width, _ in drawn))


def forward_reverse() -> str:
    """Two Jacobians amid being filled, by columns and by rows."""
    W = WEIGHTS[:3, :8]
    J = W / np.cosh(W @ POINT[:8])[:, None] ** 2
    return _jacobians_svg(J, J, 2)


FIGURES = {"backward_steps": backward_steps, "order_matters": order_matters, "forward_reverse": forward_reverse}
