"""reverse_accumulate: compute the derivative of one node with respect to every node, using each edge once."""

from collections import defaultdict, deque
from functools import cache

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.chain_rule import reverse_accumulate, topological_order
from backprop_solutions.exercises.chain_rule.inputs import (
    DIAMOND,
    ENOUGH_STEPS,
    EQUAL_PARALLEL,
    LECTURE,
    SEPARATE,
    SHORTCUT,
    TWO_OUTPUTS,
    fixed,
    ladder,
    ladders,
    parallel_edges,
    random_graph,
    tangled,
    whole,
)

exercise = Definition(reverse_accumulate)

values = exercise.aspect(
    "values",
    hint="start with 1 at the target; each edge passes on what its end has collected, once that is complete.",
    cases=[
        Case(label="a diamond", arguments=fixed(DIAMOND, target="d")),
        Case(label="a long way and a shortcut", arguments=fixed(SHORTCUT, target="d")),
        Case(label="the lecture's graph", arguments=fixed(LECTURE, target="e")),
        Case(label="a random graph", arguments=whole(random_graph, "target"), draws=3),
    ],
)


edge_cases = exercise.aspect(
    "edge_cases",
    hint="the dict has every node of the graph; what is the derivative where no path leads to the target?",
    cases=[
        *parallel_edges(target="z"),
        Case(label="equal parallel edges into the target", arguments=fixed(EQUAL_PARALLEL, target="y")),
        Case(label="a second output", arguments=fixed(TWO_OUTPUTS, target="c")),
        Case(label="a part that does not reach the target", arguments=fixed(SEPARATE, target="b")),
    ],
)


@edge_cases.case("a target in the middle", draws=2)
def of_middle_of_random_graph(rng):
    edges = random_graph(rng)[0]
    return {"edges": edges, "target": topological_order(edges)[3]}


@edge_cases.case("parallel edges, zeros and paths that cancel", draws=4)
def of_node_of_tangle(rng):
    edges, name = tangled(rng)
    return {"edges": edges, "target": name["zermo"[int(rng.integers(0, 5))]]}


complexity = exercise.aspect(
    "complexity",
    hint="are the derivatives right? If so: paths that meet share what is behind their node; how often is it computed?",
    cases=ladders("target"),
)


@complexity.case("a ladder that does not reach the target", draws=2, steps_at_most=ENOUGH_STEPS)
def of_node_beside_ladder(rng):
    edges, start, _ = ladder(rng)
    return {"edges": [(start, "t", 0.5), *edges], "target": "t"}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def reverse_last_path_wins(edges, target):
    """A later path overwrites an earlier one; where paths meet again, they add up.

    what is the difference between = and += here?
    """
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node and adjoints[node] != 0:
                adjoints[source] = derivative * adjoints[node]
    return adjoints


@exercise.misconception()
def reverse_upstream_dropped(edges, target):
    """Only the edge's own derivative is added; what arrives at its end is not multiplied in.

    the chain rule is a product: what is the other factor?
    """
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node and adjoints[node] != 0:
                adjoints[source] += derivative
    return adjoints


@exercise.misconception()
def reverse_paths_multiplied(edges, target):
    """Paths that meet are multiplied with one another; separate paths add up.

    if both paths push the target up a little, how do the two pushes combine?
    """
    order = topological_order(edges)
    adjoints = {target: 1.0}
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node and node in adjoints:
                adjoints[source] = adjoints.get(source, 1.0) * derivative * adjoints[node]
    return {node: adjoints.get(node, 0.0) for node in order}


@exercise.misconception()
def reverse_first_parent_only(edges, target):
    """Each node passes its derivative to its first input only.

    which nodes does d = b + c read?
    """
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        parents = [(source, derivative) for source, after, derivative in edges if after == node]
        for source, derivative in parents[:1]:
            adjoints[source] += derivative * adjoints[node]
    return adjoints


@exercise.misconception()
def reverse_in_listed_order(edges, target):
    """The edges are used as listed, so some pass on a derivative that is not complete yet.

    when is the derivative of a node complete?
    """
    adjoints = {node: 0.0 for edge in edges for node in edge[:2]}
    adjoints[target] = 1.0
    for source, after, derivative in reversed(edges):
        adjoints[source] += derivative * adjoints[after]
    return adjoints


@exercise.misconception()
def reverse_goes_forward(edges, target):
    """The derivatives run forward from the target; they should run back to what it was computed from.

    which end of an edge receives in the backward pass?
    """
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[target] = 1.0
    for node in order:
        for source, after, derivative in edges:
            if source == node:
                tangents[after] += derivative * tangents[node]
    return tangents


@exercise.misconception("values", "edge_cases", "complexity")
def reverse_own_derivative_zero(edges, target):
    """The derivative of the target with respect to itself is 0 in the result.

    by how much does x change when x changes by one?
    """
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node:
                adjoints[source] += derivative * (1.0 if node == target else adjoints[node])
    return adjoints


@exercise.misconception("edge_cases")
def reverse_unreachable_left_out(edges, target):
    """Nodes on which the target does not depend are missing; their derivative is 0.

    which keys should the dict have from the start?
    """
    adjoints, arriving = {target: 1.0}, {}
    for source, after, derivative in edges:
        arriving.setdefault(after, []).append((source, derivative))
    for node in reversed(topological_order(edges)):
        for source, derivative in arriving.get(node, []):
            if node in adjoints:
                adjoints[source] = adjoints.get(source, 0.0) + derivative * adjoints[node]
    return adjoints


@exercise.misconception("edge_cases")
def reverse_parallel_edges_merged(edges, target):
    """Parallel edges are merged: of two edges between the same nodes only one survives.

    what does a dict do with a second value for the same key?
    """
    derivatives = {(source, after): derivative for source, after, derivative in edges}
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        for (source, after), derivative in derivatives.items():
            if after == node:
                adjoints[source] += derivative * adjoints[node]
    return adjoints


@exercise.misconception("edge_cases")
def reverse_equal_edges_merged(edges, target):
    """Edges that look alike are merged, but each is a path of its own, as in x * x.

    what does a set do with two equal entries?
    """
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        for source, after, derivative in sorted(set(edges)):
            if after == node:
                adjoints[source] += derivative * adjoints[node]
    return adjoints


@exercise.misconception("edge_cases")
def reverse_every_output_seeded(edges, target):
    """Every output starts with 1, so the result is the derivative of their sum.

    which single node are you differentiating?
    """
    order = topological_order(edges)
    sources = {source for source, _, _ in edges}
    adjoints = {node: float(node not in sources or node == target) for node in order}
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node:
                adjoints[source] += derivative * adjoints[node]
    return adjoints


@exercise.misconception("complexity")
def reverse_path_by_path(edges, target):
    """Every path is followed anew: the number of paths doubles with each diamond.

    what could you keep once a node's derivative is known?
    """
    following = {node: [] for edge in edges for node in edge[:2]}
    for source, after, derivative in edges:
        following[source].append((after, derivative))

    def adjoint(node):
        if node == target:
            return 1.0
        return sum(derivative * adjoint(after) for after, derivative in following[node])

    return {node: adjoint(node) for node in following}


@exercise.misconception("complexity")
def reverse_searches_all_edges_for_each_node(edges, target):
    """All edges are searched for every node, so each edge is looked at once a node.

    how could you sort the edges once, by the node that they arrive at?
    """
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node:
                adjoints[source] += derivative * adjoints[node]
    return adjoints


@exercise.misconception("complexity")
def reverse_forgets_zeros(edges, target):
    """A derivative of 0 counts as unknown, and everything behind it is computed anew.

    is `0.0` true or false?
    """
    following = {node: [] for edge in edges for node in edge[:2]}
    for source, after, derivative in edges:
        following[source].append((after, derivative))
    known = {target: 1.0}

    def adjoint(node):
        if not known.get(node):
            known[node] = sum(derivative * adjoint(after) for after, derivative in following[node])
        return known[node]

    return {node: adjoint(node) for node in following}


exercise.slip(
    "started_at_the_last_node",
    ("adjoints[target] = 1.0", "adjoints[order[-1]] = 1.0"),
    cause="The sweep starts at the last node of the order; the target may be another one.",
    next_step="which node's derivative is asked for?",
    loses=("edge_cases", "complexity"),
)
exercise.slip(
    "adjoint_not_passed_on",
    ("adjoints[reader] * derivative", "derivative"),
    cause="The edges' derivatives are summed without the adjoints that arrive.",
    next_step="in a chain of two edges, which two numbers make up the adjoint of its first node?",
    loses=("values", "edge_cases", "complexity"),
)


@exercise.misconception("values", "edge_cases", "complexity")
def reverse_passes_on_its_total_each_time(edges, target):
    """A node passes on all that it has each time something arrives, so that what came first is passed on twice.

    what must have arrived before a node passes anything on?
    """
    adjoints = {node: 0.0 for edge in edges for node in edge[:2]}

    def receive(node, amount):
        adjoints[node] += amount
        for source, after, derivative in edges:
            if after == node:
                receive(source, adjoints[node] * derivative)

    receive(target, 1.0)
    return adjoints


# --- other right answers ----------------------------------------------------------------------------


def _total_derivatives(edges):
    nodes = list(dict.fromkeys(node for edge in edges for node in edge[:2]))
    local = np.zeros((len(nodes), len(nodes)))
    for source, target, derivative in edges:
        local[nodes.index(source), nodes.index(target)] += derivative
    return nodes, np.eye(len(nodes)) - local


@exercise.alternative
def reverse_by_linear_system(edges, target):
    nodes, system = _total_derivatives(edges)
    seed = np.array([float(node == target) for node in nodes])
    return dict(zip(nodes, np.linalg.solve(system, seed).tolist(), strict=True))


@exercise.alternative
def reverse_by_memo(edges, target):
    leaving = defaultdict(list)
    for source, after, derivative in edges:
        leaving[source].append((after, derivative))

    @cache
    def adjoint(node):
        through = sum(derivative * adjoint(after) for after, derivative in leaving.get(node, ()))
        return through + (node == target)

    return {node: adjoint(node) for edge in edges for node in edge[:2]}


@exercise.alternative
def reverse_along_sorted_edges(edges, target):
    place = {node: k for k, node in enumerate(topological_order(edges))}
    adjoints = defaultdict(float, dict.fromkeys(place, 0))
    adjoints[target] = 1
    for source, after, derivative in sorted(edges, key=lambda edge: place[edge[1]], reverse=True):
        adjoints[source] = adjoints[source] + adjoints[after] * derivative
    return adjoints


@exercise.alternative
def reverse_with_a_queue(edges, target):
    entering, pending, adjoints = defaultdict(list), defaultdict(int), {}
    for source, after, derivative in edges:
        entering[after].append((source, derivative))
        pending[source] += 1
        adjoints[source] = adjoints[after] = 0.0
    adjoints[target] += 1.0
    ready = deque(node for node in adjoints if pending[node] == 0)
    while ready:
        node = ready.popleft()
        for source, derivative in entering[node]:
            adjoints[source] += adjoints[node] * derivative
            pending[source] -= 1
            if pending[source] == 0:
                ready.append(source)
    return adjoints


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "list(enumerate(order))[::-1]", "fromkeys(order,", reason="a dict answers alike, whatever was written first"
)
exercise.equivalent(
    "list(enumerate(order))[:-1]", reason="the last node is no edge's source, so that nothing asks for its place"
)
exercise.equivalent(
    "-place[edge[0 + 1]]",
    "-place[edge[1]]",
    reason="edges sorted by their targets, last ones first, come after all that they need, too",
)
