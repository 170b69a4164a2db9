"""forward_accumulate: compute the derivative of every node with respect to one node, using each edge once."""

from collections import Counter, defaultdict
from functools import cache

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.chain_rule import forward_accumulate, topological_order
from backprop_solutions.exercises.chain_rule.inputs import (
    DIAMOND,
    ENOUGH_STEPS,
    EQUAL_PARALLEL,
    LECTURE,
    SEPARATE,
    SHORTCUT,
    fixed,
    ladder,
    ladders,
    parallel_edges,
    random_graph,
    tangled,
    whole,
)
from backprop_solutions.exercises.chain_rule.reverse_accumulate import _total_derivatives, reverse_with_a_queue

TWO_INPUTS = [("b", "c", 2.0), ("a", "c", 3.0), ("c", "d", 5.0)]


exercise = Definition(forward_accumulate)

values = exercise.aspect(
    "values",
    hint="start with 1 at the source; along each edge that arrives, a node collects derivative times tangent.",
    cases=[
        Case(label="a diamond", arguments=fixed(DIAMOND, source="a")),
        Case(label="a long way and a shortcut", arguments=fixed(SHORTCUT, source="a")),
        Case(label="one input and one output", arguments=whole(random_graph, "source"), draws=3),
    ],
)


edge_cases = exercise.aspect(
    "edge_cases",
    hint="the dict has every node of the graph; what is the derivative where no path leads from the source?",
    cases=[
        Case(label="b in the lecture's graph", arguments=fixed(LECTURE, source="b")),
        *parallel_edges(source="x"),
        Case(label="more equal parallel edges", arguments=fixed([*EQUAL_PARALLEL[:2]] * 2, source="x")),
        Case(label="a second input", arguments=fixed(TWO_INPUTS, source="a")),
        Case(label="a part that the source does not reach", arguments=fixed(SEPARATE, source="p")),
    ],
)


@edge_cases.case("a source in the middle", draws=2)
def from_middle_of_random_graph(rng):
    edges = random_graph(rng)[0]
    return {"edges": edges, "source": topological_order(edges)[2]}


@edge_cases.case("parallel edges, zeros and paths that cancel", draws=4)
def from_node_of_tangle(rng):
    edges, name = tangled(rng)
    return {"edges": edges, "source": name["xwmpu"[int(rng.integers(0, 5))]]}


complexity = exercise.aspect(
    "complexity",
    hint="are the derivatives right? If so: paths that meet share what is before their node; how often is it computed?",
    cases=ladders("source"),
)


@complexity.case("a ladder that the source does not reach", draws=2, steps_at_most=ENOUGH_STEPS)
def from_node_beside_ladder(rng):
    edges, _, end = ladder(rng)
    return {"edges": [("s", end, 0.5), *edges], "source": "s"}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def forward_last_path_wins(edges, source):
    """A later path overwrites an earlier one; where paths meet, they add up.

    what is the difference between = and += here?
    """
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for node in order:
        for start, target, derivative in edges:
            if start == node and tangents[node] != 0:
                tangents[target] = derivative * tangents[node]
    return tangents


@exercise.misconception()
def forward_tangent_dropped(edges, source):
    """Only the edge's own derivative is added; what its start has collected is not multiplied in.

    the chain rule is a product: what is the other factor?
    """
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for node in order:
        for start, target, derivative in edges:
            if start == node and tangents[node] != 0:
                tangents[target] += derivative
    return tangents


@exercise.misconception()
def forward_paths_multiplied(edges, source):
    """Paths that meet are multiplied with one another; separate paths add up.

    if both paths push a node up a little, how do the two pushes combine?
    """
    order = topological_order(edges)
    tangents = {source: 1.0}
    for node in order:
        for start, target, derivative in edges:
            if start == node and node in tangents:
                tangents[target] = tangents.get(target, 1.0) * derivative * tangents[node]
    return {node: tangents.get(node, 0.0) for node in order}


@exercise.misconception()
def forward_first_parent_only(edges, source):
    """Each node listens to its first input only.

    which nodes does d = b + c read?
    """
    tangents = {}
    for node in topological_order(edges):
        parents = [(start, derivative) for start, target, derivative in edges if target == node]
        tangents[node] = float(node == source)
        for start, derivative in parents[:1]:
            tangents[node] += derivative * tangents[start]
    return tangents


@exercise.misconception()
def forward_in_listed_order(edges, source):
    """The edges are used as listed, so some pass on a derivative that is not complete yet.

    when is the derivative of a node complete?
    """
    tangents = {node: 0.0 for edge in edges for node in edge[:2]}
    tangents[source] = 1.0
    for start, target, derivative in edges:
        tangents[target] += derivative * tangents[start]
    return tangents


@exercise.misconception()
def forward_goes_back(edges, source):
    """The derivatives run backwards from the source; this mode follows the edges.

    which end of an edge receives in the forward pass?
    """
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[source] = 1.0
    for node in reversed(order):
        for start, target, derivative in edges:
            if target == node:
                adjoints[start] += derivative * adjoints[node]
    return adjoints


@exercise.misconception("values", "edge_cases", "complexity")
def forward_own_derivative_zero(edges, source):
    """The derivative of the source with respect to itself is 0 in the result.

    by how much does x change when x changes by one?
    """
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    for node in order:
        for start, target, derivative in edges:
            if start == node:
                tangents[target] += derivative * (1.0 if node == source else tangents[node])
    return tangents


@exercise.misconception("edge_cases")
def forward_unreachable_left_out(edges, source):
    """Nodes that do not depend on the source are missing; their derivative is 0.

    which keys should the dict have from the start?
    """
    tangents = {source: 1.0}
    for node in topological_order(edges):
        for start, target, derivative in edges:
            if start == node and node in tangents:
                tangents[target] = tangents.get(target, 0.0) + derivative * tangents[node]
    return tangents


@exercise.misconception("edge_cases")
def forward_parallel_edges_merged(edges, source):
    """Parallel edges are merged: of two edges between the same nodes only one survives.

    what does a dict do with a second value for the same key?
    """
    derivatives = {(start, target): derivative for start, target, derivative in edges}
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for node in order:
        for (start, target), derivative in derivatives.items():
            if start == node:
                tangents[target] += derivative * tangents[node]
    return tangents


@exercise.misconception("edge_cases")
def forward_equal_edges_merged(edges, source):
    """Edges that look alike are merged, but each is a path of its own, as in x * x.

    what does a set do with two equal entries?
    """
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for node in order:
        for start, target, derivative in sorted(set(edges)):
            if start == node:
                tangents[target] += derivative * tangents[node]
    return tangents


@exercise.misconception("edge_cases")
def forward_every_input_seeded(edges, source):
    """Every input starts with 1, so the result mixes the derivatives of all inputs.

    which single input is being moved?
    """
    order = topological_order(edges)
    targets = {target for _, target, _ in edges}
    tangents = {node: float(node not in targets or node == source) for node in order}
    for node in order:
        for start, target, derivative in edges:
            if start == node:
                tangents[target] += derivative * tangents[node]
    return tangents


@exercise.misconception("complexity")
def forward_path_by_path(edges, source):
    """Every path is followed anew: the number of paths doubles with each diamond.

    what could you keep once a node's derivative is known?
    """
    arriving = {node: [] for edge in edges for node in edge[:2]}
    for start, target, derivative in edges:
        arriving[target].append((start, derivative))

    def tangent(node):
        if node == source:
            return 1.0
        return sum(derivative * tangent(start) for start, derivative in arriving[node])

    return {node: tangent(node) for node in arriving}


@exercise.misconception("complexity")
def forward_searches_all_edges_for_each_node(edges, source):
    """All edges are searched for every node, so each edge is looked at once a node.

    how could you sort the edges once, by the node that they leave?
    """
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for node in order:
        for start, target, derivative in edges:
            if start == node:
                tangents[target] += derivative * tangents[node]
    return tangents


@exercise.misconception("complexity")
def forward_forgets_zeros(edges, source):
    """A derivative of 0 counts as unknown, and everything before it is computed anew.

    is `0.0` true or false?
    """
    arriving = {node: [] for edge in edges for node in edge[:2]}
    for start, target, derivative in edges:
        arriving[target].append((start, derivative))
    known = {source: 1.0}

    def tangent(node):
        if not known.get(node):
            known[node] = sum(derivative * tangent(start) for start, derivative in arriving[node])
        return known[node]

    return {node: tangent(node) for node in arriving}


exercise.slip(
    "started_at_the_first_node",
    ("tangents[source] = 1.0", "tangents[order[0]] = 1.0"),
    cause="The sweep starts at the first node of the order; the source may be another one.",
    next_step="with respect to which node is the derivative asked for?",
    loses=("edge_cases",),
)
exercise.slip(
    "tangent_not_passed_on",
    ("derivative * tangents[start]", "derivative"),
    cause="The edges' derivatives are summed without the tangents that arrive.",
    next_step="in a chain of two edges, which two numbers make up the tangent of its last node?",
    loses=("values", "edge_cases", "complexity"),
)


exercise.slip(
    "every_node_starts_with_one",
    ("dict.fromkeys(order, 0.0)", "dict.fromkeys(order, 1.0)"),
    cause="Every node starts with 1, as if all of them were nudged; only the source is.",
    next_step="how far has a node moved before anything reaches it?",
    loses=("values", "edge_cases", "complexity"),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def forward_by_linear_system(edges, source):
    nodes, system = _total_derivatives(edges)
    seed = np.array([float(node == source) for node in nodes])
    return dict(zip(nodes, np.linalg.solve(system.T, seed), strict=True))


@exercise.alternative
def forward_by_memo(edges, source):
    entering = defaultdict(list)
    for before, node, derivative in edges:
        entering[node].append((before, derivative))

    @cache
    def tangent(node):
        if node == source:
            return 1
        return sum(tangent(before) * derivative for before, derivative in entering.get(node, ()))

    return {node: tangent(node) for edge in edges for node in edge[:2]}


@exercise.alternative
def forward_by_pulling(edges, source):
    entering, tangents = {node: [] for edge in edges for node in edge[:2]}, Counter()
    for edge in edges:
        entering[edge[1]].append(edge)
    for node in topological_order(edges):
        tangents[node] = float(node == source)
        for before, _, derivative in entering[node]:
            tangents[node] += derivative * tangents[before]
    return tangents


@exercise.alternative
def forward_as_reverse_of_the_turned_graph(edges, source):
    turned = [(target, start, derivative) for start, target, derivative in edges]
    return reverse_with_a_queue(turned, source)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("list(enumerate(order))[::-1]", reason="a dict answers alike, whatever was written first")
exercise.equivalent(
    "list(enumerate(order))[:-1]", reason="the last node is no edge's source, so that nothing asks for its place"
)
exercise.equivalent(
    "place[edge[0 + 1]]", "place[edge[1]]", reason="edges sorted by their targets come after all that they need, too"
)
