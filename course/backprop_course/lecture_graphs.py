"""The lectures' graphs: as nodes that compute and are drawn, and as lists of edges."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[str, str, float]


@dataclass(frozen=True)
class Node:
    """A node of a drawn graph: what it computes from which parents, and where it stands."""

    name: str
    formula: str
    x: float
    y: float
    parents: tuple[str, ...] = ()
    rule: Callable = lambda: None


FAU = (
    Node("x1", "input", 70, 75),
    Node("x2", "input", 70, 215),
    Node("a", "2 x1", 235, 75, ("x1",), lambda x: 2 * x),
    Node("b", "3 x2", 235, 215, ("x2",), lambda x: 3 * x),
    Node("c", "a + b", 400, 145, ("a", "b"), lambda p, q: p + q),
    Node("e", "c²", 565, 145, ("c",), lambda x: x * x),
    Node("g", "e + 3", 730, 145, ("e",), lambda x: x + 3),
)
RWTH = (
    Node("a", "input", 90, 75),
    Node("b", "input", 90, 215),
    Node("c", "a + b", 300, 75, ("a", "b"), lambda p, q: p + q),
    Node("d", "b + 1", 300, 215, ("b",), lambda x: x + 1),
    Node("e", "c · d", 510, 145, ("c", "d"), lambda p, q: p * q),
)


def fau_edges(x1: float, x2: float) -> list[Edge]:
    """Return FAU's graph of (2 x1 + 3 x2)^2 + 3 as edges ``(source, target, derivative)`` at a point."""
    return _local_edges(FAU, {"x1": x1, "x2": x2})


def rwth_edges(a: float, b: float) -> list[Edge]:
    """Return RWTH's graph of (a + b) (b + 1) as edges ``(source, target, derivative)`` at a point."""
    return _local_edges(RWTH, {"a": a, "b": b})


def ladder(diamonds: int) -> list[Edge]:
    """Return diamonds in a row, from ``"s0"`` to ``f"s{diamonds}"``, with every derivative 1."""
    steps = [(f"s{k}", f"{side}{k}", f"s{k + 1}") for k in range(diamonds) for side in "uv"]
    return [edge for start, side, end in steps for edge in ((start, side, 1.0), (side, end, 1.0))]


def layered_edges(width: int, depth: int) -> list[Edge]:
    """Return `depth` fully connected layers between ``"in"`` and ``"out"``, with every derivative 1.

    Parameters
    ----------
    width : int
        Nodes in each layer.
    depth : int
        Number of layers between input and output.
    """
    layers = [["in"], *([f"{k}.{i}" for i in range(width)] for k in range(depth)), ["out"]]
    pairs = pairwise(layers)
    return [(source, target, 1.0) for here, there in pairs for source in here for target in there]


def evaluate(
    nodes: Sequence[Node], inputs: Mapping[str, complex], moved: str = "", by: complex = 0
) -> dict[str, complex]:
    """Return the value of every node; the node `moved` is changed by `by` on the way."""
    values: dict[str, complex] = {}
    for node in nodes:
        value = node.rule(*(values[p] for p in node.parents)) if node.parents else inputs[node.name]
        values[node.name] = value + by * (node.name == moved)
    return values


def slope(nodes: Sequence[Node], inputs: Mapping[str, float], of: str, by: str) -> float:
    """Return how much one node moves with another: a step in the imaginary direction has no round-off."""
    return evaluate(nodes, inputs, by, 1e-30j)[of].imag / 1e-30


def _local_edges(nodes: Sequence[Node], inputs: Mapping[str, float]) -> list[Edge]:
    values = evaluate(nodes, inputs)
    edges = []
    for node in nodes:
        for k, parent in enumerate(node.parents):
            moved = [values[p] + 1e-30j * (i == k) for i, p in enumerate(node.parents)]
            edges.append((parent, node.name, complex(node.rule(*moved)).imag / 1e-30))
    return edges
