"""Unit 3: a debugger for the backward sweep, and forward against reverse mode."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

import ipywidgets as widgets
import numpy as np

from backprop_course import moons
from backprop_course.explorer import BLUE, ORANGE, Explorer, for_browsers, number, stepping_controls
from backprop_course.graphs import BERRY, INK, PALE, RULE, Box, Edge, Sizes, depth_first, draw_graph, paint, svg, text
from backprop_course.moons import MoonsPicture, two_moons
from backprop_course.typed import typed_program

__all__ = ["FIGURES", "MoonsPicture", "explore_backward", "explore_modes", "two_moons"]

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
        nodes.append(Node(label, float(np.real(function(*operands))), parents, _slopes(function, operands)))
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

    for name, tree in typed_program(program):
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
    for name, tree in typed_program(program):
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


def _slopes(function: Callable, operands: Sequence[complex]) -> tuple[float, ...]:
    shifted = [[x + 1j * COMPLEX_STEP * (j == k) for j, x in enumerate(operands)] for k in range(len(operands))]
    return tuple(float(np.imag(function(*moved)) / COMPLEX_STEP) for moved in shifted)


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


def breadth_first(parents: Sequence[Sequence[int]]) -> list[int]:
    """Return the nodes as they are met going back from the output, nearest first."""
    order = [len(parents) - 1]
    for place in order:
        order.extend(p for p in dict.fromkeys(parents[place]) if p not in order)
    return order


# --- drawing a graph --------------------------------------------------------------------------------

SIZES = Sizes(width=108, height=58, low=28, column=184, gap=24, twins=22)
LATE_FILL, LATE = "#f6d5e6", BERRY


def sweep_svg(
    nodes: Sequence[Node], frame: Frame, truth: Sequence[float] | None = None, caption: str = ""
) -> tuple[str, float, float]:
    """Return a graph in the middle of a sweep as a part of an SVG, its width and its height.

    Parameters
    ----------
    nodes : sequence of Node
    frame : Frame
    truth : sequence of float, optional
        The right gradients: inputs are marked as right or wrong.
    caption : str
        A line above the graph.
    """
    body, width, height = draw_graph(
        tuple(node.parents for node in nodes),
        frozenset(k for k, node in enumerate(nodes) if node.kind == "constant"),
        SIZES,
        lambda k: _box(nodes[k], frame, k, truth),
        lambda k, j: _edge(nodes[k], frame, k, j),
    )
    top = 30 if caption else 0
    title = text(12, 20, caption, 15, bold=True) if caption else ""
    return f"{title}<g transform='translate(0 {top})'>{body}</g>", max(width, 8.6 * len(caption)), height + top


def _edge(node: Node, frame: Frame, k: int, j: int) -> Edge:
    share, active = frame.shares.get((k, j)), frame.current == k
    if share is None:
        words, colour, ink = f"×{number(node.slopes[j], 3)}", ORANGE if active else RULE, INK
    else:
        words = f"+{number(share, 3)}".replace("+−", "−")
        colour = ink = ORANGE if active else BLUE
    label = text(0, 4, words, 12.5, ink, anchor="middle", bold=share is not None, halo=True)
    return Edge(colour, active, share is not None, label, (8.4 * len(words), 15))


def _box(node: Node, frame: Frame, k: int, truth: Sequence[float] | None) -> Box:
    late, now, done = k in frame.late, frame.current == k, k in frame.done
    fill, stroke = _colours(late, now, done, waiting=frame.grads[k] != 0)
    constant = node.kind == "constant"
    parts = [
        text(9, 18, node.label, 14, PALE if constant else INK, bold=True),
        text(
            SIZES.width - 8,
            17,
            "late" if late else "now" if now else "✓" if done else "",
            11,
            stroke,
            anchor="end",
            bold=True,
        ),
    ]
    if not constant:
        parts.append(text(9, 34, f"data {number(node.data)}"))
        parts.append(text(9, 50, f"grad {number(frame.grads[k])}", bold=True))
    if truth is not None and node.kind == "input":
        right = np.isclose(frame.grads[k], truth[k], rtol=1e-9, atol=1e-12)
        words, ink = ("right", BLUE) if right else (f"should be {number(truth[k])}", LATE)
        parts.append(text(SIZES.width / 2, SIZES.height + 14, words, 12, ink, anchor="middle", bold=True))
    return Box(fill, stroke, 6 if node.kind == "operation" else 14, "".join(parts), now or late, late)


def _colours(late: bool, now: bool, done: bool, waiting: bool = False) -> tuple[str, str]:
    return (LATE_FILL, LATE) if late else paint(now=now, done=done, waiting=waiting)


def _order_strip(nodes: Sequence[Node], order: Sequence[int], frame: Frame, width: float) -> tuple[str, float]:
    """The nodes as chips in the order of the sweep."""
    parts, x, y = [text(12, 22, "Order:", 13)], 66.0, 6.0
    reached = len(frame.done) if frame.current is not None else 0
    for k, place in enumerate(order):
        label = nodes[place].label
        chip = 20 + 8.5 * len(label)
        if x + chip > width - 8:
            x, y = 66.0, y + 30
        now = k == reached - 1
        fill, stroke = _colours(place in frame.late, now, k < reached)
        parts.append(
            f"<rect x='{x:.1f}' y='{y:.1f}' width='{chip:.1f}' height='24' rx='12' fill='{fill}' stroke='{stroke}' "
            f"stroke-width='{2.4 if now else 1.4}'/>"
        )
        parts.append(text(x + chip / 2, y + 16.5, label, 12.5, anchor="middle"))
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


def inputs_of(text: str) -> dict[str, float]:
    """Return the inputs that a text such as ``"a = 2, b = 3"`` writes down, by name."""
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

    def prepare(program: str, inputs: str, order: str):
        nodes, sequence, values = engine(program, inputs_of(inputs))
        if len(nodes) > MOST_NODES:
            raise ValueError(f"{len(nodes)} nodes are too many for a picture; {MOST_NODES} fit")
        parents = [node.parents for node in nodes]
        walk = {"topological": lambda _: sequence, "breadth": breadth_first, "depth": depth_first}[order]
        places = walk(parents)
        return nodes, places, sweep(nodes, places), values

    controls = stepping_controls(
        EXAMPLES,
        widgets.Text(value=program, description="Your graph"),
        widgets.Text(value=at, description="Inputs"),
        lambda values: len(prepare(**values)[2]) - 1,
        order=widgets.ToggleButtons(options=ORDERS, value="topological", description="Order"),
    )

    def draw(example, program, inputs, order, step, play):
        nodes, places, frames, values = prepare(program, inputs, order)
        step = min(step, len(frames) - 1)
        finished = step == len(frames) - 1
        truth = sweep(nodes, range(len(nodes) - 1, -1, -1))[-1].grads
        body, width, height = sweep_svg(nodes, frames[step], truth if finished else None)
        strip, strip_height = _order_strip(nodes, places, frames[step], max(width, 520))
        picture = svg([(body, height), (strip, strip_height)], max(width, 520))
        words = describe(nodes, frames, step)
        if finished and backward and values:
            words += _compare(nodes, values, backward)
        return picture, words

    return Explorer(
        draw,
        controls,
        question="In the shortcut graph c feeds both e and t. Breadth first, it is c's turn before t's. "
        "What becomes of the gradients of a and b?",
        choices=["They are right", "A share gets lost", "Some shares count twice"],
        truth="A share gets lost",
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


def describe(nodes: Sequence[Node], frames: Sequence[Frame], step: int) -> str:
    """Return in words what a sweep does at a step, and at its end the inputs' gradients."""
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
        truth="forward 50,890, reverse 1",
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
            text(MARGIN, 20, f"{name} mode: {done} of {needed} passes", 15, bold=True),
            text(MARGIN, 39, state, 13),
        ]
        parts += [text(MARGIN + CELL_WIDTH * (i + 0.5), 62, f"x{i + 1}", anchor="middle") for i in range(n)]
        parts += [text(MARGIN / 2, 70 + CELL_HEIGHT * (j + 0.62), f"y{j + 1}", anchor="middle") for j in range(m)]
        seen = np.broadcast_to(seen, (m, n))
        parts += [_cell(i, j, values[j, i], limit, seen[j, i]) for j in range(m) for i in range(n)]
        panels.append("".join(parts))
    width, height = max(MARGIN + CELL_WIDTH * n, 290), 80 + CELL_HEIGHT * m
    # Side by side while both fit on a page, else one below the other.
    if width <= 460:
        both = f"{panels[0]}<g transform='translate({width + 40} 0)'>{panels[1]}</g>"
        return svg([(both, height)], 2 * width + 50)
    return svg([(panels[0], height + 14), (panels[1], height)], width + 10)


def _cell(i: int, j: int, value: float, limit: float, seen: bool) -> str:
    x, y = MARGIN + CELL_WIDTH * i, 70 + CELL_HEIGHT * j
    box = f"<rect x='{x + 1}' y='{y + 1}' width='{CELL_WIDTH - 2}' height='{CELL_HEIGHT - 2}' rx='3'"
    if not seen:
        return f"{box} fill='#ececec'/>"
    strength = min(abs(value) / limit, 1.0)
    words, ink = f"{round(value, 2) + 0.0:.2f}".replace("-", "−"), "white" if strength > 0.8 else INK
    return f"{box} fill='{BLUE if value > 0 else ORANGE}' fill-opacity='{0.08 + 0.92 * strength:.2f}'/>" + text(
        x + CELL_WIDTH / 2, y + CELL_HEIGHT / 2 + 4, words, fill=ink, anchor="middle"
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
    nodes = given_graph(program, inputs_of(at))
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
    nodes = given_graph(program, inputs_of(at))
    right = replace(sweep(nodes, range(len(nodes) - 1, -1, -1))[-1], current=None)
    wrong = replace(sweep(nodes, breadth_first([node.parents for node in nodes]))[-1], current=None)
    return _panels(
        nodes,
        [
            (wrong, right.grads, "Breadth first: c passes its gradient on before t's share arrives"),
            (right, right.grads, "Topological: every node waits for all its shares"),
        ],
    )


def _panels(nodes, states):
    drawn = [sweep_svg(nodes, frame, truth, caption) for frame, truth, caption in states]
    return svg([(body, height) for body, _, height in drawn], max(width for _, width, _ in drawn))


def forward_reverse() -> str:
    """Two Jacobians amid being filled, by columns and by rows."""
    W = WEIGHTS[:3, :8]
    J = W / np.cosh(W @ POINT[:8])[:, None] ** 2
    return _jacobians_svg(J, J, 2)


def recorded(example: str) -> str:
    """Draw the graph of an example as the computation records it."""
    program, at = EXAMPLES[example]
    nodes = given_graph(program, inputs_of(at))
    return _panels(nodes, [(sweep(nodes, range(len(nodes) - 1, -1, -1))[0], None, "")])


FIGURES = {
    "recorded": partial(recorded, "RWTH: (a + b)(b + 1)"),
    "shortcut": partial(recorded, "a shortcut"),
    "backward_steps": backward_steps,
    "order_matters": order_matters,
    "forward_reverse": forward_reverse,
    **moons.FIGURES,
}
