"""Unit 1: a formula of one's own as a graph, read from its text and never run, and its derivatives backward."""

from collections.abc import Callable

import ipywidgets as widgets

from backprop_course.explorer import Explorer, for_browsers, number, own_or_given, stepping_controls
from backprop_course.given import chain_rule as given
from backprop_course.graphs import svg
from backprop_course.lecture_graphs import Edge, rwth_edges
from backprop_course.scalar_backprop import Node, describe, given_graph, inputs_of, sweep, sweep_svg

EXAMPLES = {
    "a product of sums": ("c = a + b; d = b + 1; c * d", "a = 2, b = 1"),
    "a chain": ("u = 3 * x; v = u ** 2; v + 1", "x = 2"),
    "one input, two ways": ("u = x ** 2; v = x.exp(); u * v", "x = 1"),
    "tanh of a sum": ("s = w1 * x1 + w2 * x2; s.tanh()", "w1 = 0.5, x1 = 1, w2 = -1, x2 = 0.2"),
}
MOST_NODES = 16


def edges_of(nodes: list[Node]) -> list[Edge]:
    """Return the edges of a graph as unit 1 writes them: source, target, derivative; nodes are called by place."""
    return [
        (str(parent), str(k), slope)
        for k, node in enumerate(nodes)
        for parent, slope in zip(node.parents, node.slopes, strict=True)
    ]


@for_browsers
def explore_formula(reverse_accumulate: Callable) -> Explorer:
    """Type a formula, step backward through its graph, and compare with what reverse accumulation gives.

    Parameters
    ----------
    reverse_accumulate : callable
        The student's function of that name.
    """
    reverse, source = own_or_given(reverse_accumulate, given.reverse, rwth_edges(2.0, 1.0), "e")

    def prepare(program: str, inputs: str):
        nodes = given_graph(program, inputs_of(inputs))
        if len(nodes) > MOST_NODES:
            raise ValueError(f"{len(nodes)} nodes are too many for a picture; {MOST_NODES} fit")
        return nodes, sweep(nodes, range(len(nodes) - 1, -1, -1))

    def draw(example, program, inputs, step, play):
        nodes, frames = prepare(program, inputs)
        step = min(step, len(frames) - 1)
        body, width, height = sweep_svg(nodes, frames[step])
        words = describe(nodes, frames, step)
        if step == len(frames) - 1 and edges_of(nodes):
            words += f"Reverse accumulation gives {_gradients(nodes, reverse)}."
        return svg([(body, height)], max(width, 520)), words

    program, inputs = EXAMPLES["a product of sums"]
    controls = stepping_controls(
        EXAMPLES,
        widgets.Text(value=program, description="Your formula"),
        widgets.Text(value=inputs, description="Inputs"),
        lambda values: len(prepare(**values)[1]) - 1,
    )
    return Explorer(draw, controls, source=source)


def _gradients(nodes: list[Node], reverse: Callable) -> str:
    found = reverse(edges_of(nodes), str(len(nodes) - 1))
    inputs = [(node.label, k) for k, node in enumerate(nodes) if node.kind == "input"]
    return ", ".join(f"{label}: {number(float(found[str(k)]))}" for label, k in sorted(inputs))
