"""Stand-ins for unit 1: derivatives from the inverse of a matrix, or from moving a node a little."""

from collections.abc import Mapping, Sequence

import numpy as np

from backprop_course.lecture_graphs import FAU, Edge, evaluate, slope


def graph_values(x1: float, x2: float) -> dict[str, float]:
    """Return the values of FAU's graph."""
    return evaluate(FAU, {"x1": x1, "x2": x2})


def graph_adjoints(values: Mapping[str, float]) -> dict[str, float]:
    """Return the derivatives of FAU's output, by moving each node a little."""
    return {node.name: slope(FAU, values, "g", node.name) + 0.0 for node in FAU}


def _all_derivatives(edges: Sequence[Edge]) -> tuple[list[str], np.ndarray]:
    names = list(dict.fromkeys(name for edge in edges for name in edge[:2]))
    local = np.zeros((len(names), len(names)))
    for source, target, derivative in edges:
        local[names.index(target), names.index(source)] += derivative
    return names, np.linalg.inv(np.eye(len(names)) - local)


def reverse(edges: Sequence[Edge], target: str) -> dict[str, float]:
    """Return the derivatives of one node, from the inverse of a matrix."""
    names, every = _all_derivatives(edges)
    return dict(zip(names, every[names.index(target)], strict=True))


def forward(edges: Sequence[Edge], source: str) -> dict[str, float]:
    """Return the derivatives with respect to one node, from the inverse of a matrix."""
    names, every = _all_derivatives(edges)
    return dict(zip(names, every[:, names.index(source)], strict=True))


def sum_over_paths(edges: Sequence[Edge], source: str, target: str) -> float:
    """Return the derivative of one node with respect to another, from the inverse of a matrix."""
    return reverse(edges, target)[source]
