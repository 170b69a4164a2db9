"""Unit 1: the lectures' graphs, stepped through forward and back, and paths counted against edges."""

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets

from backprop_course.explorer import (
    ORANGE,
    Explorer,
    for_browsers,
    joint_source,
    number,
    own_or_given,
)
from backprop_course.formulas import explore_formula
from backprop_course.given import chain_rule as given
from backprop_course.graph_pictures import OF_AN_EDGE, VALUE, draw, edges_svg, graph_svg
from backprop_course.lecture_graphs import (
    FAU,
    RWTH,
    Node,
    evaluate,
    fau_edges,
    ladder,
    rwth_edges,
)
from backprop_course.path_counting import explore_paths, lines_executed, path_picture

__all__ = [
    "draw",
    "explore_formula",
    "explore_graph",
    "explore_modes",
    "explore_nudge",
    "explore_paths",
    "fau_edges",
    "ladder",
    "lines_executed",
    "rwth_edges",
]

WIDE = widgets.Layout(width="32em")
LABELS = {"description_width": "11em"}


# --- explorer: a nudge travels through FAU's graph --------------------------------------------------

OF_A_NUDGE = f'{VALUE} before the nudge, and <tspan fill="{ORANGE}">its change</tspan>'


def nudge(x1: float, x2: float) -> tuple[str, str]:
    """Draw FAU's graph at (1, 3), and what a change of its inputs changes in each node.

    Parameters
    ----------
    x1, x2 : float
        The changes.

    Returns
    -------
    picture, description : str
    """
    before = evaluate(FAU, {"x1": 1.0, "x2": 3.0})
    after = evaluate(FAU, {"x1": 1.0 + x1, "x2": 3.0 + x2})
    changes = {name: round(after[name] - before[name], 9) for name in before}
    picture = graph_svg(FAU, values=before, derivatives=changes, wording="moves", labels={}, legend=OF_A_NUDGE)
    picture = picture.replace("moves = ", "moves ")
    moved = [(name, by) for name, by in (("x1", x1), ("x2", x2)) if by]
    if not moved:
        return picture, "Nothing moves. Nudge an input."
    words = " and ".join(f"{name} moves by {number(by)}" for name, by in moved)
    times = f", {number(changes['g'] / moved[0][1])} times as much" if len(moved) == 1 else ""
    return picture, f"{words}: g moves by {number(changes['g'])}{times}."


@for_browsers
def explore_nudge() -> Explorer:
    """Nudge an input of FAU's (2 x1 + 3 x2)^2 + 3 at (1, 3), and watch the nudge travel to the output."""
    return Explorer(
        nudge,
        {
            "x1": _slider("Nudge x1 = 1 by", 0.01, -0.05, 0.05, 0.01),
            "x2": _slider("Nudge x2 = 3 by", 0.0, -0.05, 0.05, 0.01),
        },
        question="x1 = 1 grows by 0.01. By how much does g = 124 grow?",
        choices=["about 0.01", "about 0.02", "about 0.44", "about 2"],
        truth="about 0.44",
    )


# --- explorer: FAU's graph, forward and back --------------------------------------------------------


def step_through(values: Mapping[str, float], derivatives: Mapping[str, float], step: int) -> tuple[str, str]:
    """Draw FAU's graph after some steps of the forward pass and then of the backward pass.

    Parameters
    ----------
    values, derivatives : dict
        By node.
    step : int
        0 shows the inputs, 5 the finished forward pass, 12 the finished backward pass.

    Returns
    -------
    picture, description : str
    """
    names = [node.name for node in FAU]
    forward, back = names[2:], names[::-1]
    known = names[: 2 + min(step, len(forward))]
    done = back[: max(0, step - len(forward))]
    current = done[-1] if done else known[-1] if step else ""
    labels = {(s, t): d for s, t, d in fau_edges(values["x1"], values["x2"]) if t in done}
    used = [edge for edge in labels if edge[0] == current] if done else [(p, current) for p in _parents(FAU, current)]
    picture = graph_svg(
        FAU,
        values={name: values[name] for name in known},
        derivatives={name: derivatives[name] for name in done},
        wording="dg/d{}",
        labels=labels,
        current=current,
        used=used,
        back=bool(done),
    )
    return picture, f"Step {step} of {len(forward) + len(back)}. {_step_in_words(current, values, derivatives, labels)}"


def _parents(nodes: Sequence[Node], name: str) -> tuple[str, ...]:
    return next((node.parents for node in nodes if node.name == name), ())


def _step_in_words(current: str, values: Mapping, derivatives: Mapping, labels: Mapping) -> str:
    if not current:
        return f"Only the inputs are known: x1 = {number(values['x1'])}, x2 = {number(values['x2'])}."
    if not labels and current != "g":
        return f"Forward: {current} = {number(values[current])}, from {' and '.join(_parents(FAU, current))}."
    if current == "g" and not labels:
        return f"At the output: g = {number(values['g'])}. The backward pass starts from dg/dg."
    reader, derivative = next((t, d) for (s, t), d in labels.items() if s == current) if current != "g" else ("", 1)
    result = f"dg/d{current} = {number(derivatives[current])}"
    if not reader:
        return f"Backward: {result}, where it starts."
    return (
        f"Backward: {result}, from dg/d{reader} = {number(derivatives[reader])} times {number(derivative)} on the edge."
    )


@for_browsers
def explore_graph(evaluate_graph: Callable, backpropagate_graph: Callable) -> Explorer:
    """Step forward and back through FAU's graph of (2 x1 + 3 x2)^2 + 3.

    Parameters
    ----------
    evaluate_graph, backpropagate_graph : callable
        The student's functions of those names.
    """
    evaluate, whose_values = own_or_given(evaluate_graph, given.graph_values, 1.0, 3.0)
    differentiate, whose_slopes = own_or_given(backpropagate_graph, given.graph_adjoints, given.graph_values(1.0, 3.0))

    def draw(x1, x2, step):
        values = evaluate(x1, x2)
        return step_through(values, differentiate(values), step)

    return Explorer(
        draw,
        {
            "x1": _slider("Input x1", 1.0, -3, 3, 0.5),
            "x2": _slider("Input x2", 3.0, -3, 3, 0.5),
            "step": _steps("Step (5 forward, 7 back)", 12),
        },
        question="At x1 = 1 and x2 = 3 all seven derivatives are known. Which of them change when only x1 moves?",
        choices=["only dg/dx1", "all on the input side of the square", "all seven"],
        truth="all on the input side of the square",
        source=joint_source(whose_values, whose_slopes),
        stops={"x1": 7, "x2": 7, "step": None},
    )


def _slider(description: str, value: float, low: float, high: float, step: float) -> widgets.FloatSlider:
    return widgets.FloatSlider(value, min=low, max=high, step=step, description=description, style=LABELS, layout=WIDE)


def _steps(description: str, high: int) -> widgets.IntSlider:
    return widgets.IntSlider(0, min=0, max=high, description=description, style=LABELS, layout=WIDE)


# --- explorer: RWTH's graph, in forward and in reverse mode -----------------------------------------

REVERSE, FORWARD_A, FORWARD_B = "reverse mode, from e", "forward mode, from a", "forward mode, from b"


def step_through_mode(mode: str, a: float, b: float, derivatives: Mapping[str, float], step: int) -> tuple[str, str]:
    """Draw RWTH's graph after some steps of forward or reverse mode.

    Parameters
    ----------
    mode : str
        `REVERSE`, `FORWARD_A` or `FORWARD_B`.
    a, b : float
        Inputs.
    derivatives : dict
        What the mode computes, by node.
    step : int
        How many of the five nodes are finished.

    Returns
    -------
    picture, description : str
    """
    names = [node.name for node in RWTH]
    seed = {REVERSE: "e", FORWARD_A: "a", FORWARD_B: "b"}[mode]
    order = names[::-1] if mode == REVERSE else names
    done = order[:step]
    edges = {(s, t): d for s, t, d in rwth_edges(a, b)}
    receiver = 0 if mode == REVERSE else 1
    labels = {edge: d for edge, d in edges.items() if edge[receiver] in done}
    current = done[-1] if done else ""
    used = [edge for edge in edges if edge[receiver] == current]
    wording = "de/d{}" if mode == REVERSE else f"d{{}}/d{seed}"
    picture = graph_svg(
        RWTH,
        values=evaluate(RWTH, {"a": a, "b": b}),
        derivatives={name: derivatives[name] for name in done},
        wording=wording,
        labels=labels,
        current=current,
        used=used,
        back=mode == REVERSE,
    )
    return picture, _mode_in_words(mode, step, current, seed, derivatives, {edge: edges[edge] for edge in used})


def _mode_in_words(mode: str, step: int, current: str, seed: str, derivatives: Mapping, used: Mapping) -> str:
    wording = "de/d{}" if mode == REVERSE else f"d{{}}/d{seed}"
    if not current:
        return f"Step 0 of 5, {mode}: all values are known, no derivative is."
    if current == seed:
        reason = "where it starts"
    elif not used:
        reason = f"an input that does not depend on {seed}"
    else:
        ends = [(edge[1] if mode == REVERSE else edge[0], d) for edge, d in used.items()]
        reason = " + ".join(f"{number(derivatives[other])} × {number(d)}" for other, d in ends)
    words = f"Step {step} of 5, {mode}: {wording.format(current)} = {number(derivatives[current])}, {reason}."
    if step < 5:
        return words
    got = "both de/da and de/db" if mode == REVERSE else f"de/d{seed} only"
    return f"{words} One pass used each of the 5 edges once and gives {got}."


@for_browsers
def explore_modes(forward_accumulate: Callable, reverse_accumulate: Callable) -> Explorer:
    """Step through RWTH's graph of (a + b) (b + 1) in forward and in reverse mode.

    Parameters
    ----------
    forward_accumulate, reverse_accumulate : callable
        The student's functions of those names.
    """
    forward, whose_forward = own_or_given(forward_accumulate, given.forward, rwth_edges(2.0, 1.0), "a")
    reverse, whose_reverse = own_or_given(reverse_accumulate, given.reverse, rwth_edges(2.0, 1.0), "e")

    def draw(mode, a, b, step):
        edges = rwth_edges(a, b)
        derivatives = reverse(edges, "e") if mode == REVERSE else forward(edges, "a" if mode == FORWARD_A else "b")
        return step_through_mode(mode, a, b, derivatives, step)

    modes = widgets.ToggleButtons(
        options=[FORWARD_A, FORWARD_B, REVERSE], description="Mode", style={**LABELS, "button_width": "13em"}
    )
    return Explorer(
        draw,
        {
            "mode": modes,
            "a": _slider("Input a", 2.0, -3, 3, 0.5),
            "b": _slider("Input b", 1.0, -3, 3, 0.5),
            "step": _steps("Step (5 nodes)", 5),
        },
        question="Both de/da and de/db are wanted. How many passes does each mode need?",
        choices=["1 each", "forward 2, reverse 1", "forward 1, reverse 2"],
        truth="forward 2, reverse 1",
        source=joint_source(whose_forward, whose_reverse),
    )


# --- static pictures --------------------------------------------------------------------------------


def _fau_picture() -> str:
    values = given.graph_values(1.0, 3.0)
    return step_through(values, given.graph_adjoints(values), 12)[0]


def _rwth_picture() -> str:
    return step_through_mode(REVERSE, 2.0, 1.0, given.reverse(rwth_edges(2.0, 1.0), "e"), 5)[0]


def _values_picture() -> str:
    values = given.graph_values(1.0, 3.0)
    return graph_svg(FAU, values=values, derivatives={}, wording="", labels={}, legend=VALUE)


def _rwth_values_picture() -> str:
    values = evaluate(RWTH, {"a": 2.0, "b": 1.0})
    labels = {(s, t): d for s, t, d in rwth_edges(2.0, 1.0)}
    return graph_svg(
        RWTH, values=values, derivatives={}, wording="", labels=labels, legend=f"{VALUE}, and {OF_AN_EDGE}"
    )


def _three_by_three() -> str:
    picture = edges_svg([(*pair, float(k)) for k, pair in enumerate([("X", "Y")] * 3 + [("Y", "Z")] * 3)])
    for k, letter in enumerate("γβαζεδ"):  # drawn from below
        picture = picture.replace(f">×{k}<", f">{letter}<")
    return picture


FIGURES = {
    "fau_values": _values_picture,
    "nudge": lambda: nudge(0.01, 0.0)[0],
    "fau_graph": _fau_picture,
    "rwth_values": _rwth_values_picture,
    "square": lambda: edges_svg([("x", "y", 3.0), ("x", "y", 3.0)]),
    "three_by_three": _three_by_three,
    "ladder": lambda: edges_svg(ladder(3)),
    "rwth_graph": _rwth_picture,
    "paths_and_edges": path_picture,
}
