"""Unit 10: graphs of tensors, a network that writes, and what arrays are good for."""

import ast
import math
import operator
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from backprop_course.digits import load_digits
from backprop_course.explorer import BLUE, ORANGE, Explorer, for_browsers, new_figure, number, stepping_controls, wipe
from backprop_course.given import vector_jacobians as scalars
from backprop_course.given.autodiff import (
    POINTS,
    STATE,
    Traced,
    by_hand,
    central_differences,
    figure_eight,
    gradients_by_hand,
    initial_parameters,
    shuffled_batches,
    topological_order,
    train_by_unit_6,
    unbroadcast,
)
from backprop_course.graphs import BERRY, INK, PALE, RULE, WAITING, Box, Edge, Sizes, draw_graph, paint, svg, text
from backprop_course.typed import typed_program

__all__ = [
    "central_differences",
    "compare_speed",
    "explore_graph",
    "explore_writing",
    "initial_parameters",
    "load_digits",
    "shuffled_batches",
    "topological_order",
    "train_by_unit_6",
    "unbroadcast",
]

# --- a program, and the graph that a class of tensors makes of it ------------------------------------

OPERATORS = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("−", operator.sub),
    ast.Mult: ("×", operator.mul),
    ast.Div: ("÷", operator.truediv),
    ast.MatMult: ("@", operator.matmul),
    ast.Pow: ("**", operator.pow),
}
METHODS = ("exp", "log", "relu", "sum", "reshape")
MOST_NODES, MOST_ENTRIES = 24, 48


@dataclass(frozen=True)
class Node:
    """An array of a computation, as it is drawn.

    Attributes
    ----------
    title : str
        Its name in the program, or the operation.
    operation : str
        What made it; empty for inputs and constants.
    tensor : Any
        The student's (or the given) Tensor.
    parents : tuple of int
        Places of the operands in the list of nodes.
    is_input : bool
    """

    title: str
    operation: str
    tensor: Any
    parents: tuple[int, ...]
    is_input: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether it is a number or an array of the program's own."""
        return not self.is_input and not self.parents


def build_graph(program: str, arrays: Mapping[str, np.ndarray], tensor_class: type) -> list[Node]:
    """Run a program with a class of tensors; return its graph, each node after its parents, the result last.

    Parameters
    ----------
    program : str
        Assignments and a last line, separated by semicolons: ``"Z = X @ W; Z.relu().sum()"``.
    arrays : dict
        The inputs by name.
    tensor_class : type

    Raises
    ------
    ValueError, NameError
        If the program holds anything but operations of Tensor.
    """
    names = {name: tensor_class(array) for name, array in arrays.items()}
    inputs, labels, titles = {id(t) for t in names.values()}, {}, {id(t): name for name, t in names.items()}
    for name, tree in typed_program(program):
        root = _evaluate(tree, names, labels)
        if not isinstance(root, tensor_class):
            raise ValueError(f"{ast.unparse(tree)} is no {tensor_class.__name__}")
        if name:
            names[name] = root
            titles.setdefault(id(root), name)
    order = topological_order(root)
    place = {id(tensor): k for k, tensor in enumerate(order)}
    if len(order) > MOST_NODES:
        raise ValueError(f"{len(order)} nodes are too many for a picture; {MOST_NODES} fit")
    nodes = []
    for tensor in order:
        operation = labels.get(id(tensor), "part of it" if tensor.parents else "")
        title = titles.get(id(tensor)) or operation or _constant(tensor)
        parents = tuple(place[id(parent)] for parent in tensor.parents)
        nodes.append(Node(title, operation, tensor, parents, id(tensor) in inputs))
    return nodes


def _constant(tensor: Any) -> str:
    return number(float(tensor.data), 3) if np.size(tensor.data) == 1 else "constant"


def _evaluate(tree: ast.expr, names: Mapping[str, Any], labels: dict[int, str]) -> Any:
    """Evaluate an expression node by node, and note which operation made which tensor."""

    def visit(tree: ast.expr) -> Any:
        match tree:
            case ast.Name(id=name):
                if name not in names:
                    raise NameError(f"{name} is none of the inputs: add it there with its shape")
                return names[name]
            case ast.Constant(value=int() | float() as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return noted("neg", -visit(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                sign, function = OPERATORS[type(op)]
                one, other = visit(left), visit(right)
                sign = f"**{other:g}" if sign == "**" and isinstance(other, int | float) else sign
                return noted(sign, function(one, other))
            case ast.Attribute(value=operand, attr="T"):
                return noted("T", visit(operand).T)
            case ast.Call(func=ast.Attribute(value=operand, attr=name), args=args, keywords=words) if name in METHODS:
                values = [ast.literal_eval(arg) for arg in args]
                named = {word.arg: ast.literal_eval(word.value) for word in words}
                return noted(name, getattr(visit(operand), name)(*values, **named))
            case ast.Subscript(value=operand, slice=index):
                return noted(_short_index(index), visit(operand)[_index(index)])
        raise ValueError(f"{ast.unparse(tree)} is no operation of Tensor")

    def noted(label: str, result: Any) -> Any:
        labels.setdefault(id(result), label)
        return result

    return visit(tree)


def _short_index(tree: ast.expr) -> str:
    text = ast.unparse(tree)
    return f"[{text}]" if len(text) < 6 else "[…]"


def _index(tree: ast.expr) -> Any:
    if isinstance(tree, ast.Slice):
        return slice(*(part and ast.literal_eval(part) for part in (tree.lower, tree.upper, tree.step)))
    if isinstance(tree, ast.Tuple):
        return tuple(map(_index, tree.elts))
    return ast.literal_eval(tree)


def drawn_inputs(text: str) -> dict[str, np.ndarray]:
    """Return arrays for a list of names and shapes: ``"X 4x3, b 2, s"``, s a number.

    Raises
    ------
    ValueError
        If a shape cannot be read or drawn.
    """
    rng, arrays = np.random.default_rng(4), {}
    for part in text.split(","):
        words = part.split()
        if not words:
            continue
        name, shape = words[0], words[1] if len(words) == 2 else ""
        if len(words) > 2 or not name.isidentifier():
            raise ValueError(f"{part.strip()!r} should be a name and a shape, such as X 4x3")
        try:
            lengths = tuple(int(n) for n in shape.split("x")) if shape else ()
        except ValueError:
            raise ValueError(f"{shape} is no shape; 4x3 is one") from None
        if min(lengths, default=1) < 1 or math.prod(lengths) > MOST_ENTRIES or len(lengths) > 3:
            raise ValueError(f"{name}: at most {MOST_ENTRIES} entries and three axes, none of length 0, can be drawn")
        arrays[name] = rng.normal(size=lengths).round(1)
    return arrays


# --- the sweep --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """The state of a backward sweep after one of its steps.

    Attributes
    ----------
    gradients : dict
        What has arrived at each node so far, by its place.
    current : int or None
        The node that has just passed its gradient on.
    shares : dict
        What each edge ``(node, k)`` to the node's k-th parent has carried.
    wrong : frozenset
        Edges whose share has not the parent's shape.
    """

    gradients: Mapping[int, np.ndarray] = field(default_factory=dict)
    current: int | None = None
    shares: Mapping[tuple[int, int], np.ndarray] = field(default_factory=dict)
    wrong: frozenset[tuple[int, int]] = frozenset()


def sweep(nodes: Sequence[Node]) -> list[Frame]:
    """Return every state of the backward sweep: before it, with the root's 1, and after each node."""
    root = len(nodes) - 1
    gradients, shares, wrong = {root: np.ones(np.shape(nodes[root].tensor.data))}, {}, set()
    frames = [Frame(), Frame(dict(gradients))]
    for place in range(root, -1, -1):
        for k, (parent, vjp) in enumerate(zip(nodes[place].parents, nodes[place].tensor.vjps, strict=True)):
            share = np.asarray(vjp(gradients.get(place, np.zeros(np.shape(nodes[place].tensor.data)))), dtype=float)
            shares[place, k] = share
            if share.shape == np.shape(nodes[parent].tensor.data):
                gradients[parent] = gradients.get(parent, 0.0) + share
            else:
                wrong.add((place, k))
        frames.append(Frame(dict(gradients), place, dict(shares), frozenset(wrong)))
    return frames


# --- drawing a graph --------------------------------------------------------------------------------

SIZES = Sizes(width=130, height=92, low=46, column=206, gap=49, twins=54)
WIDEST = 840  # what a notebook shows beside JupyterLab's list of files on a small screen


def graph_svg(nodes: Sequence[Node], frame: Frame, truth: Mapping[int, np.ndarray] | None = None) -> str:
    """Return a picture of a graph amid the sweep as an SVG's text: arrays as coloured cells, shapes beside them."""
    body, width, height = draw_graph(
        tuple(node.parents for node in nodes),
        frozenset(k for k, node in enumerate(nodes) if node.is_constant),
        SIZES,
        lambda k: _box(nodes[k], k, frame, truth),
        lambda k, j: _edge(nodes, frame, k, j),
    )
    scale = min(1.0, WIDEST / width)
    return svg([(f"<g transform='scale({scale:.4f})'>{body}</g>", scale * height)], scale * width)


def _shape(array: Any) -> str:
    return str(np.shape(array))


def _cells(array: np.ndarray, x: float, y: float, width: float, height: float) -> str:
    """Draw an array as cells: blue positive, orange negative, the larger the stronger."""
    array = np.asarray(array, dtype=float)
    table = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
    rows, columns = table.shape
    size = min(width / columns, height / rows, 14)
    limit = np.nanmax(np.abs(table), initial=0.0) or 1.0
    x, y = x + (width - size * columns) / 2, y + (height - size * rows) / 2
    parts = [
        f"<rect x='{x - 0.5:.1f}' y='{y - 0.5:.1f}' width='{size * columns + 1:.1f}' height='{size * rows + 1:.1f}' "
        f"fill='white' stroke='{RULE}' stroke-width='0.8'/>"
    ]
    for (i, j), value in np.ndenumerate(table):
        if value and np.isfinite(value):
            parts.append(
                f"<rect x='{x + size * j:.1f}' y='{y + size * i:.1f}' width='{size - 0.8:.1f}' "
                f"height='{size - 0.8:.1f}' fill='{BLUE if value > 0 else ORANGE}' "
                f"fill-opacity='{0.15 + 0.85 * abs(value) / limit:.2f}'/>"
            )
    return "".join(parts)


def _edge(nodes: Sequence[Node], frame: Frame, k: int, j: int) -> Edge:
    share, now, needed = frame.shares.get((k, j)), frame.current == k, nodes[nodes[k].parents[j]].tensor.data
    if share is None:
        return Edge(RULE, now)
    wrong = (k, j) in frame.wrong
    colour = BERRY if wrong else ORANGE if now else BLUE
    words = f"{_shape(share)} ≠ {_shape(needed)}" if wrong else _shape(share)
    label = text(0, 28, words, 11.5, colour, anchor="middle", bold=True, halo=True)
    return Edge(colour, now, True, _cells(share, -22, -15, 44, 30) + label, (48, 44))


def _box(node: Node, k: int, frame: Frame, truth: Mapping[int, np.ndarray] | None) -> Box:
    gradient, now = frame.gradients.get(k), frame.current == k
    passed = frame.current is not None and k >= frame.current
    name = node.title if not node.operation or node.title == node.operation else f"{node.title} = {node.operation}"
    parts = [
        text(8, 17, name, 13.5, PALE if node.is_constant else INK, bold=True),
        text(SIZES.width - 7, 17, _shape(node.tensor.data), 11.5, anchor="end"),
    ]
    if node.is_constant:
        parts.append(_cells(node.tensor.data, 6, 22, SIZES.width - 12, 20))
    else:
        parts.append(_cells(node.tensor.data, 5, 24, 58, 48))
        parts += [text(34, 85, "data", 11, anchor="middle"), text(96, 85, "grad", 11, anchor="middle")]
        if gradient is not None:
            parts.append(_cells(gradient, 67, 24, 58, 48))
    if truth is not None and node.is_input:
        right = _agree(gradient, truth.get(k, np.zeros(np.shape(node.tensor.data))))
        words, ink = ("right", BLUE) if right else ("not right", BERRY)
        parts.append(text(SIZES.width / 2, SIZES.height + 15, words, 12, ink, anchor="middle", bold=True))
    fill, stroke = paint(now=now, done=passed, waiting=gradient is not None)
    return Box(fill, stroke, 12 if node.is_input else 5, "".join(parts), now)


def _agree(gradient: np.ndarray | None, truth: np.ndarray) -> bool:
    gradient = np.zeros(truth.shape) if gradient is None else gradient
    return gradient.shape == truth.shape and bool(np.allclose(gradient, truth, rtol=1e-7, atol=1e-9))


# --- the explorer of graphs ---------------------------------------------------------------------------

EXAMPLES = {
    "a linear layer": ("Z = X @ W + b; Z.relu().sum()", "X 4x3, W 3x2, b 2"),
    "a skip connection": ("H = (X @ W).relu(); Y = H + X; (Y * Y).sum()", "X 2x3, W 3x3"),
    "a weight used twice": ("H = (X @ W).relu(); Y = H @ W; Y.sum()", "X 2x3, W 3x3"),
    "two steps of a recurrence": (
        "h = (x @ U).relu(); h = (x @ U + h @ V).relu(); h.sum()",
        "x 3, U 3x4, V 4x4",
    ),
    "rows taken twice": ("E = table[[0, 2, 2]]; (E * E).sum()", "table 4x2"),
    "stretched on both sides": ("(column * row).exp().sum()", "column 3x1, row 4"),
}


# Before the student has a Tensor, and afterwards.
QUESTIONS = {
    False: (
        "X is (4, 3), W (3, 2) and b (2,). Which shape has the gradient that travels along the edge to b?",
        ("(4, 2), the shape of the sum", "(2,), the shape of b", "(3, 2), the shape of W"),
    ),
    True: (
        "In Y = relu(X W) W the weights are used twice. What arrives at W on the way back?",
        ("one gradient, of the last use", "two gradients, which add up", "two gradients, the larger counts"),
    ),
}


@for_browsers
def explore_graph(
    tensor_class: type | None = None, backward: Callable | None = None, example: str = "a linear layer"
) -> Explorer:
    """Step through the backward sweep on the graph of an expression of your own.

    Parameters
    ----------
    tensor_class : type, optional
        Your ``Tensor``; without it, the given one.
    backward : callable, optional
        Your function; its gradients are compared with those of the sweep that is drawn.
    example : str
        The expression to begin with.
    """
    engine, source = _engine(tensor_class)

    def prepare(program, inputs):
        arrays = drawn_inputs(inputs)
        with np.errstate(all="ignore"):  # the logarithm of a negative number is shown, not announced
            nodes = build_graph(program, arrays, engine)
            if np.size(nodes[-1].tensor.data) != 1:
                raise ValueError("the last line has to be one number: end it with .sum()")
            return nodes, sweep(nodes), _truth(program, arrays)

    program, inputs = EXAMPLES[example]
    controls = stepping_controls(
        EXAMPLES,
        widgets.Text(value=program, description="Your expression"),
        widgets.Text(value=inputs, description="Inputs"),
        lambda values: len(prepare(**values)[1]) - 1,
    )

    def draw(example, program, inputs, step, play):
        nodes, frames, truth = prepare(program, inputs)
        step = min(step, len(frames) - 1)
        finished = step == len(frames) - 1
        right = {k: truth[node.title] for k, node in enumerate(nodes) if node.is_input}
        words = _describe(nodes, frames, step)
        if finished:
            words += _verdict(nodes, frames[-1], right, backward if engine is tensor_class else None)
        return graph_svg(nodes, frames[step], right if finished else None), words

    question, choices = QUESTIONS[tensor_class is not None]
    return Explorer(draw, controls, question=question, choices=choices, source=source)


def _engine(tensor_class: type | None) -> tuple[type, str]:
    """Return the student's class, or the given one until theirs is solved, and whose it is."""
    if tensor_class is None:
        return Traced, "the given engine"
    try:
        for program, inputs in EXAMPLES.values():
            build_graph(program, drawn_inputs(inputs), tensor_class)
    except NotImplementedError:
        return Traced, "the given engine, until your Tensor is solved"
    except Exception:  # wrong, but theirs: the figure shows the error where it happens
        return tensor_class, "your Tensor"
    return tensor_class, "your Tensor"


def _truth(program: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    nodes = build_graph(program, arrays, Traced)
    found = sweep(nodes)[-1].gradients
    used = {node.title: found.get(k) for k, node in enumerate(nodes) if node.is_input}
    return {name: np.zeros(a.shape) if used.get(name) is None else used[name] for name, a in arrays.items()}


def _describe(nodes: Sequence[Node], frames: Sequence[Frame], step: int) -> str:
    root, last = nodes[-1], len(frames) - 1
    if step == 0:
        value = float(np.asarray(root.tensor.data).reshape(()))
        return f"The forward pass is done: {len(nodes)} arrays, the last one is {value:.4g}. "
    if step == 1:
        return f"The sweep starts at the end: the gradient of {root.title} is 1. "
    frame = frames[step]
    node = nodes[frame.current]
    words = f"Step {step} of {last}: {node.title} {_shape(node.tensor.data)} "
    if not node.parents:
        return words + "has all its shares, and no parents. "
    shares = []
    for k, parent in enumerate(node.parents):
        target = nodes[parent]
        wrong = (
            f", which is not the shape {_shape(target.tensor.data)} that it needs"
            if (frame.current, k) in frame.wrong
            else ""
        )
        shares.append(f"{_shape(frame.shares[frame.current, k])} to {target.title}{wrong}")
    return f"{words}passes on {' and '.join(shares)}. "


def _verdict(nodes, frame: Frame, right: Mapping[int, np.ndarray], backward: Callable | None) -> str:
    wrong = [nodes[k].title for k, truth in right.items() if not _agree(frame.gradients.get(k), truth)]
    words = f"Not right: {', '.join(wrong)}. " if wrong else "All gradients of inputs agree with complex steps. "
    if backward is None:
        return words
    for node in nodes:
        node.tensor.grad = np.zeros(np.shape(node.tensor.data))
    try:
        backward(nodes[-1].tensor)
    except NotImplementedError:
        return words + "Your backward is not solved yet. "
    apart = [nodes[k].title for k in right if not _agree(np.asarray(nodes[k].tensor.grad), right[k])]
    return words + (f"Your backward differs for {', '.join(apart)}. " if apart else "Your backward agrees. ")


# --- a recurrent network that writes ------------------------------------------------------------------

STEPS = 200
SNAPSHOTS = (0, 20, 50, 100, 150, 200)


def fresh_writer(rng: np.random.Generator) -> list[np.ndarray]:
    """Return first parameters of the writer: first state h, U, c, V, d."""
    return [
        rng.normal(size=STATE) / 2,
        rng.normal(size=(STATE, STATE)) * np.sqrt(1.2 / STATE),
        np.zeros(STATE),
        rng.normal(size=(STATE, 2)) / np.sqrt(STATE),
        np.zeros(2),
    ]


def train_writer(gradients_of: Callable) -> tuple[dict[int, np.ndarray], list[float]]:
    """Fit the writer to the figure eight with Adam (unit 7's); return three laps at some steps, and the losses.

    Parameters
    ----------
    gradients_of : callable
        ``gradients_of(parameters)`` returns the loss and a list of gradients.
    """
    parameters = fresh_writer(np.random.default_rng(0))
    mean, square = [np.zeros(p.shape) for p in parameters], [np.zeros(p.shape) for p in parameters]
    laps, losses = {}, []
    for step in range(STEPS + 1):
        if step in SNAPSHOTS:
            laps[step] = by_hand(parameters, 3 * POINTS)
        loss, gradients = gradients_of(parameters)
        losses.append(loss)
        for k, g in enumerate(gradients):
            mean[k], square[k] = 0.9 * mean[k] + 0.1 * g, 0.99 * square[k] + 0.01 * g**2
            m, s = mean[k] / (1 - 0.9 ** (step + 1)), square[k] / (1 - 0.99 ** (step + 1))
            parameters[k] = parameters[k] - 0.02 * m / (np.sqrt(s) + 1e-8)
    return laps, losses


@for_browsers
def explore_writing(write: Callable, tensor_class: type, backward: Callable) -> Explorer:
    """Train a recurrent network to draw a figure eight, and watch what it draws.

    Parameters
    ----------
    write : callable
        ``write(parameters, points)`` returns the places of the pen, a list of Tensors.
    tensor_class, backward
        Yours.
    """
    target = figure_eight()

    def own(parameters):
        tensors = [tensor_class(p) for p in parameters]
        pairs = zip(write(tensors, POINTS), target, strict=True)
        loss = sum(((place - goal) ** 2).sum() for place, goal in pairs) / POINTS
        backward(loss)
        return float(loss.data), [tensor.grad for tensor in tensors]

    try:
        laps, losses = train_writer(own)
    except NotImplementedError as unsolved:
        laps, losses = train_writer(gradients_by_hand)
        source = f"gradients by hand, until your {unsolved} is solved"
    else:
        source = "your Tensor and your backward"
    figure = new_figure(7.0, 3.4)
    controls = {
        "step": widgets.SelectionSlider(options=SNAPSHOTS, value=0, description="Training step"),
        "points": widgets.IntSlider(value=POINTS, min=1, max=3 * POINTS, description="Pen strokes"),
    }

    def draw(step, points):
        return _draw_writing(figure, laps, losses, step, points)

    return Explorer(
        draw,
        controls,
        question="At the crossing the pen has to leave the same place in two directions. What tells it which?",
        choices=["the place alone", "the state of the network", "nothing: it cannot be learned"],
        stops={"step": None, "points": 7},
        source=source,
    )


def _draw_writing(figure: Figure, laps, losses, step, points) -> tuple[Figure, str]:
    wipe(figure)
    target, path = figure_eight(), laps[step][:points]
    axes = figure.add_axes((0.02, 0.04, 0.4, 0.86))
    axes.plot(*np.vstack([target, target[:1]]).T, color="0.8", linewidth=6, solid_capstyle="round")
    axes.plot(*path.T, color=BLUE)
    axes.plot(*path[-1], marker="o", color=ORANGE)
    axes.set(xlim=(-1, 1), ylim=(-1.3, 1.3), aspect="equal", title=f"Drawn after {step} steps")
    axes.axis("off")
    curve = figure.add_axes((0.54, 0.18, 0.44, 0.72))
    curve.plot(losses, color=BLUE)
    curve.plot(step, losses[step], marker="o", color=ORANGE)
    curve.set(yscale="log", xlabel="training step", title="Mean squared distance")
    first, all_laps = path[:POINTS], points // POINTS
    gap = np.abs(first - target[: len(first)]).max()
    words = (
        f"After {step} steps the loss is {losses[step]:.2g}; on the first lap the pen is at most {gap:.2g} away from "
        f"the grey curve. The place of the pen is no input of the network: only its state, {STATE} numbers, goes on."
    )
    if all_laps > 1:
        rest = np.abs(path[POINTS:] - np.resize(target, path[POINTS:].shape)).max()
        words += f" It was trained on one lap; on those after it the pen strays by up to {rest:.2g}."
    return figure, words


# --- why arrays -------------------------------------------------------------------------------------

WIDTHS = (2, 4, 8, 16, 32, 64)
ROWS = 8
# As measured once, on two cores, for the static picture: the explorer measures the machine that it runs on.
MEASURED = {
    "scalars": (0.11, 0.62, 3.7, 26.0, 121.0, 1130.0),
    "arrays": (0.046, 0.047, 0.048, 0.049, 0.051, 0.066),
}


def _milliseconds(work: Callable, times: int) -> float:
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return 1e3 * best


def _layer(width: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(width)
    return rng.normal(size=(ROWS, width)), rng.normal(size=(width, width)) / np.sqrt(width)


def measure_speed(tensor_class: type, backward: Callable) -> dict[str, list[float]]:
    """Return milliseconds for the gradient of ``sum((X W)^2)`` at each of `WIDTHS`, by scalars and by arrays."""
    found: dict[str, list[float]] = {"scalars": [], "arrays": []}
    for width in WIDTHS:
        X, W = _layer(width)

        def by_scalars(X=X, W=W):
            Y = scalars.as_values(X) @ scalars.as_values(W)
            scalars.backward((Y * Y).sum())

        def by_arrays(X=X, W=W):
            Y = tensor_class(X) @ tensor_class(W)
            backward((Y * Y).sum())

        found["scalars"].append(_milliseconds(by_scalars, 1 if width > 16 else 3))
        found["arrays"].append(_milliseconds(by_arrays, 5))
    return found


@for_browsers
def compare_speed(tensor_class: type, backward: Callable) -> Explorer | None:
    """Measure your engine against a scalar one, on this machine.

    Parameters
    ----------
    tensor_class, backward
        Yours.
    """
    try:
        found = measure_speed(tensor_class, backward)
    except NotImplementedError as unsolved:
        print(f"Solve {unsolved} first.")
        return None
    figure = new_figure(7.0, 3.2)
    return Explorer(
        lambda width: _draw_speed(figure, found, width),
        {"width": widgets.SelectionSlider(options=WIDTHS, value=WIDTHS[-1], description="Width")},
        question="A layer of 64 units, 8 rows: how many times faster is a gradient by arrays than by scalars?",
        choices=["about as fast", "about 10 times", "over 100 times"],
    )


def _draw_speed(figure: Figure, found: Mapping[str, Sequence[float]], width: int) -> tuple[Figure, str]:
    wipe(figure)
    axes = figure.add_axes((0.12, 0.17, 0.84, 0.71))
    for (name, times), colour, marker in zip(found.items(), (ORANGE, BLUE), "os", strict=True):
        axes.plot(WIDTHS, times, color=colour, marker=marker)
        axes.annotate(
            name,
            (WIDTHS[len(WIDTHS) // 2], times[len(WIDTHS) // 2]),
            (-6, 10),
            textcoords="offset points",
            color=colour,
            ha="right",
        )
    axes.axvline(width, color="0.6", linestyle=":")
    axes.set(xscale="log", yscale="log", xlabel="width of the layer", ylabel="milliseconds", title="One gradient")
    axes.set_xticks(WIDTHS, WIDTHS)
    axes.minorticks_off()
    k = WIDTHS.index(width)
    slow, fast = found["scalars"][k], found["arrays"][k]
    words = (
        f"Width {width}: {ROWS * width * width:,} products. Scalars take {slow:.3g} ms, arrays {fast:.2g} ms: "
        f"{slow / fast:,.0f} times less. The scalar engine makes two nodes for each product, your engine three "
        "for the whole layer; inside them NumPy runs compiled loops."
    )
    return figure, words


# --- static pictures ----------------------------------------------------------------------------------


def _module(x: float, y: float, name: str, keeps: str) -> str:
    return (
        f"<rect x='{x}' y='{y}' width='150' height='78' rx='8' fill='{WAITING}' stroke='{RULE}' stroke-width='1.6'/>"
        + text(x + 75, y + 33, name, 15, anchor="middle", bold=True)
        + text(x + 75, y + 56, keeps, 12, PALE, anchor="middle")
    )


def _arrow(x: float, y: float, length: float, colour: str, above: str, below: str = "") -> str:
    way = 1 if length > 0 else -1
    return (
        f"<path d='M{x} {y}h{length - 8 * way}' stroke='{colour}' stroke-width='2.4' fill='none'/>"
        f"<path d='M{x + length} {y}l{-10 * way} -5l0 10z' fill='{colour}'/>"
        + text(x + length / 2, y - 7, above, 12.5, colour, anchor="middle", bold=True)
        + text(x + length / 2, y + 17, below, 11.5, PALE, anchor="middle")
    )


def modules_svg() -> str:
    """A chain of modules: values go right through fprop, gradients left through bprop."""
    modules = [("Linear", "keeps X; dW, db"), ("ReLU", "keeps Z > 0"), ("Linear", "keeps H; dW, db")]
    values = [("X", "(N, 64)"), ("Z", "(N, 32)"), ("H", "(N, 32)"), ("logits", "(N, 10)")]
    gradients = ["dX", "dZ", "dH", "G"]
    parts = [
        text(12, 22, "fprop", 14, BLUE, bold=True),
        text(12, 142, "bprop", 14, ORANGE, bold=True),
    ]
    parts += [_module(100 + 240 * k, 36, *module) for k, module in enumerate(modules)]
    for k, ((value, shape), gradient) in enumerate(zip(values, gradients, strict=True)):
        x = 18 + 240 * k if k else 18
        start, length = (x - 8, 90) if k else (18, 82)
        parts.append(_arrow(start if k else 18, 58, length if k else 82, BLUE, value, shape))
        parts.append(_arrow((start + length) if k else 100, 100, -length if k else -82, ORANGE, gradient))
    return svg([("".join(parts), 156)], 860)


def limits_svg() -> str:
    """Three graphs that are no chains: a way around, a weight used twice, a recurrence unrolled."""

    def node(x, y, name, fill="white"):
        return f"<rect x='{x - 27}' y='{y - 17}' width='54' height='34' rx='7' fill='{fill}' stroke='{INK}'/>" + text(
            x, y + 5, name, 14, anchor="middle"
        )

    def line(*points, colour=INK):
        path = "L".join(f"{x} {y}" for x, y in points)
        x, y = points[-1]
        bx, by = points[-2]
        angle = math.degrees(math.atan2(y - by, x - bx))
        return (
            f"<path d='M{path}' stroke='{colour}' stroke-width='1.8' fill='none'/>"
            f"<path d='M0 0l-9 -5l0 10z' fill='{colour}' transform='translate({x} {y}) rotate({angle:.1f})'/>"
        )

    def chain(x, y, names):
        places = [x + 84 * k for k in range(len(names))]
        arrows = [line((a + 27, y), (b - 28, y)) for a, b in pairwise(places)]
        return "".join(arrows + [node(p, y, name) for p, name in zip(places, names, strict=True)])

    def weight(y, x, targets):
        lines = [line((x, y + 17), (x, y + 40), (t, y + 40), (t, y + 54), colour=ORANGE) for t in targets]
        return "".join(lines) + node(x, y, "W", WAITING)

    titles = ("skip connection", "a weight used twice", "a recurrence")
    parts = [text(20 + 300 * k, 22, title, 15, bold=True) for k, title in enumerate(titles)]
    parts += [chain(48, 130, ["x", "f", "+"]), line((48, 113), (48, 78), (216, 78), (216, 112), colour=ORANGE)]
    parts += [chain(348, 130, ["x", "@", "@"]), weight(58, 474, (432, 516))]
    parts += [chain(648, 130, ["h", "@", "@", "@"]), weight(58, 816, (732, 816, 900))]
    return svg([("".join(parts), 160)], 960)


def graph_figure() -> str:
    """The graph of a weight used twice, when the sweep is done."""
    program, inputs = EXAMPLES["a weight used twice"]
    nodes = build_graph(program, drawn_inputs(inputs), Traced)
    return graph_svg(nodes, sweep(nodes)[-1])


def writing_figure() -> Figure:
    """What the writer draws at four steps of its training."""
    figure, target = wipe(new_figure(7.0, 2.3)), figure_eight()
    laps, _ = train_writer(gradients_by_hand)
    for k, step in enumerate((0, 50, 100, 200)):
        axes = figure.add_axes((0.01 + 0.25 * k, 0.02, 0.23, 0.84))
        axes.plot(*np.vstack([target, target[:1]]).T, color="0.8", linewidth=5, solid_capstyle="round")
        axes.plot(*laps[step][:POINTS].T, color=BLUE)
        axes.set(xlim=(-1, 1), ylim=(-1.3, 1.3), aspect="equal", title=f"after {step} steps")
        axes.axis("off")
    return figure


def speed_figure() -> Figure:
    """Milliseconds for a gradient by scalars and by arrays, as measured once."""
    return _draw_speed(new_figure(7.0, 3.2), MEASURED, WIDTHS[-1])[0]


FIGURES = {
    "modules": modules_svg,
    "limits": limits_svg,
    "graph": graph_figure,
    "writing": writing_figure,
    "speed": speed_figure,
}
