"""topological_order: order the nodes of a graph so that each comes after all of its inputs."""

import graphlib
from collections import defaultdict

from backprop_autograder import Case, Definition, Property
from backprop_solutions.chain_rule import topological_order
from backprop_solutions.exercises.chain_rule.inputs import (
    DIAMOND,
    ENOUGH_STEPS,
    LECTURE,
    PARALLEL,
    SHORTCUT,
    THREE_BY_THREE,
    ladder,
    random_graph,
    some_derivative,
    tangled,
)


def order_complaint(result, expected, edges):
    nodes = {node for edge in edges for node in edge[:2]}
    if not isinstance(result, (list, tuple)):
        return "the result is not a list of nodes"
    if not all(isinstance(node, str) and node in nodes for node in result):
        return "the list holds something that is no node of the graph"
    if len(set(result)) < len(result):
        return "a node is listed more than once"
    if len(result) < len(nodes):
        return "a node is missing"
    place = {node: k for k, node in enumerate(result)}
    if any(place[source] > place[target] for source, target, _ in edges):
        return "a node comes before one of its inputs"
    return None


ANY_VALID_ORDER = Property(order_complaint)


def edges_of(edges):
    def arguments(rng):
        return {"edges": list(edges)}

    return arguments


LOOP = [("a", "a", 2.0)]

PAIR_CYCLE = [("a", "b", 2.0), ("b", "a", 3.0)]

TRIANGLE = [("a", "b", 2.0), ("b", "c", 3.0), ("c", "a", 5.0)]

CYCLE_BEHIND_AN_INPUT = [("x", "a", 1.0), ("a", "b", 2.0), ("b", "c", 3.0), ("c", "a", 5.0), ("c", "y", 7.0)]

CYCLE_APART = [("x", "y", 1.0), ("a", "b", 2.0), ("b", "c", 3.0), ("c", "a", 5.0)]

exercise = Definition(topological_order)

values = exercise.aspect(
    "values", hint="a node may be listed as soon as all of its inputs are: which nodes are ready at the start?"
)


@values.case("a chain listed backwards", comparison=ANY_VALID_ORDER)
def chain_listed_backwards(rng):
    return {"edges": [("c", "a", 5.0), ("d", "c", 3.0), ("b", "d", 2.0)]}


values.add(
    Case(
        label="a shortcut listed before the long way",
        arguments=edges_of(SHORTCUT),
        comparison=ANY_VALID_ORDER,
    ),
    Case(label="a diamond", arguments=edges_of(DIAMOND), comparison=ANY_VALID_ORDER),
    Case(label="the lecture's graph", arguments=edges_of(LECTURE), comparison=ANY_VALID_ORDER),
    Case(label="parallel edges", arguments=edges_of(PARALLEL), comparison=ANY_VALID_ORDER),
    Case(label="more parallel edges", arguments=edges_of(THREE_BY_THREE), comparison=ANY_VALID_ORDER),
)


@values.case("a random graph", comparison=ANY_VALID_ORDER, draws=3)
def random_edges(rng):
    return {"edges": random_graph(rng)[0]}


@values.case("a graph in two parts", comparison=ANY_VALID_ORDER, draws=2)
def two_random_parts(rng):
    first, second = random_graph(rng, nodes=4, extra=1)[0], random_graph(rng, nodes=4, extra=1)[0]
    return {"edges": [*first, *((f"{source}2", f"{target}2", d) for source, target, d in second)]}


@values.case("parallel edges beside a second parent", comparison=ANY_VALID_ORDER, draws=3)
def tangled_edges(rng):
    return {"edges": tangled(rng)[0]}


cycle = exercise.aspect(
    "cycle",
    hint="when no node is ready although some are left, what does that say about those?",
    cases=[
        Case(label="two nodes that need each other", arguments=edges_of(PAIR_CYCLE), comparison=ANY_VALID_ORDER),
        Case(label="a cycle of three nodes", arguments=edges_of(TRIANGLE), comparison=ANY_VALID_ORDER),
        Case(
            label="a cycle behind an input",
            arguments=edges_of(CYCLE_BEHIND_AN_INPUT),
            comparison=ANY_VALID_ORDER,
        ),
        Case(label="a cycle apart from the rest", arguments=edges_of(CYCLE_APART), comparison=ANY_VALID_ORDER),
        Case(
            label="a node that needs itself",
            arguments=edges_of(LOOP),
            comparison=ANY_VALID_ORDER,
            visible=False,
        ),
        Case(label="two paths that meet are no cycle", arguments=edges_of(DIAMOND), comparison=ANY_VALID_ORDER),
    ],
)


def behind_an_input(rng):
    """Draw a graph whose first node reads a further one, which is the only input."""
    edges, first, last = random_graph(rng)
    return [*edges, ("z", first, some_derivative(rng))], first, last


@cycle.case("a cycle in a random graph", comparison=ANY_VALID_ORDER, draws=3)
def random_cycle(rng):
    edges, first, last = behind_an_input(rng)
    edges.insert(int(rng.integers(0, len(edges))), (last, first, some_derivative(rng)))
    return {"edges": edges}


@cycle.case("a random graph without a cycle", comparison=ANY_VALID_ORDER, draws=3)
def no_cycle(rng):
    return {"edges": behind_an_input(rng)[0]}


complexity = exercise.aspect("complexity", hint="is the order right? If so: how often is each node visited?")


@complexity.case("a ladder of 30 diamonds", comparison=ANY_VALID_ORDER, steps_at_most=ENOUGH_STEPS)
def ladder_edges(rng):
    return {"edges": ladder(rng)[0]}


@complexity.case("30 diamonds with rungs", comparison=ANY_VALID_ORDER, steps_at_most=ENOUGH_STEPS)
def ladder_with_rungs_edges(rng):
    return {"edges": ladder(rng, rungs=True)[0]}


# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "outputs_first",
    ("return order", "return order[::-1]"),
    cause="The order is turned round: outputs come first.",
    next_step="in which order does the forward pass compute?",
    loses=("values", "complexity"),
)
exercise.slip(
    "sorted_by_name",
    ("return order", "return sorted(order)"),
    cause="The nodes are sorted by name, which says nothing about who needs whom.",
    next_step="what must be known before a node can be computed?",
    loses=("values", "complexity"),
)
exercise.slip(
    "order_of_appearance",
    ("    return order", "    return list(readers)"),
    cause="Nodes are listed as they appear in edges, but the list may be in any order.",
    next_step="what if the last edge is the first to be computed?",
    loses=("values", "complexity"),
)
exercise.slip(
    "depth_first_on_arrival",
    (
        "    return order",
        "    found = []\n\n    def visit(node):\n        if node not in found:\n"
        "            found.append(node)\n            for target in readers[node]:\n"
        "                visit(target)\n\n    for node in order:\n        visit(node)\n    return found",
    ),
    cause="A depth-first walk lists each node on arrival, before its other inputs have been seen.",
    next_step="at which moment of a depth-first walk is a node finished?",
    loses=("values", "complexity"),
)
exercise.slip(
    "breadth_first_on_arrival",
    (
        "    return order",
        "    targets = {target for _, target, _ in edges}\n"
        "    found = [node for node in readers if node not in targets]\n    for node in found:\n"
        "        found += [target for target in dict.fromkeys(readers[node]) if target not in found]\n"
        "    return found",
    ),
    cause="A breadth-first walk lists a node at first sight, while a longer way may be open.",
    next_step="how many of its inputs does a node have to wait for?",
)
exercise.slip(
    "nodes_without_readers_left_out",
    ("    return order", "    return [node for node in order if readers[node]]"),
    cause="Nodes that no edge leaves, the outputs, are missing.",
    next_step="in which of the two places of an edge does an output appear?",
    loses=("values", "complexity"),
)
exercise.slip(
    "one_part_only",
    (
        "    return order",
        "    reached = set(order[:1])\n    for node in order:\n        if node in reached:\n"
        "            reached.update(readers[node])\n    return [node for node in order if node in reached]",
    ),
    cause="Only what can be reached from one input is listed.",
    next_step="what if the graph has several inputs, or several parts?",
)
exercise.slip(
    "cycle_not_noticed",
    ('    if len(order) < len(readers):\n        raise ValueError("the graph has a cycle")\n', ""),
    cause="A cycle goes unnoticed: its nodes never become ready, and are left out.",
    next_step="how many nodes should the list have at the end?",
    loses=("cycle",),
)


@exercise.misconception("cycle")
def only_two_node_cycles_noticed(edges):
    """Only cycles of two nodes are noticed; they may be of any length.

    which nodes are never ready if there is a cycle, however long?
    """
    pairs = {(source, target) for source, target, _ in edges}
    if any((target, source) in pairs for source, target in pairs):
        raise ValueError("cycle")
    nodes = list(dict.fromkeys(node for edge in edges for node in edge[:2]))
    waiting = {node: sum(target == node for _, target, _ in edges) for node in nodes}
    order = [node for node in nodes if waiting[node] == 0]
    for node in order:
        for source, target, _ in edges:
            if source == node:
                waiting[target] -= 1
                if waiting[target] == 0:
                    order.append(target)
    return order


exercise.slip(
    "second_meeting_taken_for_a_cycle",
    (
        "    order = [node for node in readers if waiting[node] == 0]\n",
        "    order, met = [node for node in readers if waiting[node] == 0], []\n\n    def visit(node):\n"
        '        if node in met:\n            raise ValueError("cycle")\n        met.append(node)\n'
        "        for target in readers[node]:\n            visit(target)\n\n    for node in order:\n"
        "        visit(node)\n",
    ),
    cause="Meeting a node twice is taken for a cycle, but two paths may meet without one.",
    next_step="does a diamond have a cycle?",
    loses=("values", "cycle", "complexity"),
)
exercise.slip(
    "parallel_edges_counted_once",
    ("{node: [] for", "{node: set() for"),
    ("readers[source].append(", "readers[source].add("),
    cause="Parallel edges are counted when waiting, but taken off only once.",
    next_step="how often is one node's count lowered if two edges lead to it from the same source?",
)

exercise.slip(
    "parallel_edges_taken_off_one_by_one",
    (
        "waiting = dict.fromkeys(readers, 0)",
        "waiting = {node: len({s for s, t, _ in edges if t == node}) for node in readers}",
    ),
    ("        waiting[target] += 1\n", ""),
    cause="Parallel edges are counted once when waiting, but each of them is taken off.",
    next_step="how many edges does a node wait for if two come from the same source?",
)

exercise.slip(
    "cycle_noticed_only_without_inputs",
    ("if len(order) < len(readers):", "if not order:"),
    cause="A cycle is noticed only if the graph has no input at all.",
    next_step="can a graph have an input and a cycle behind it?",
    loses=("cycle",),
)

exercise.slip(
    "another_exception_for_a_cycle",
    ("ValueError(", "RuntimeError("),
    cause="A cycle is noticed, and reported by another exception than the one asked for.",
    next_step="which exception does the docstring name under Raises?",
    loses=("cycle",),
)


@exercise.misconception("complexity")
def every_path_walked(edges):
    """Every path is walked anew: the number of paths doubles with each diamond.

    how can a node remember that it has been dealt with?
    """
    following = {node: [] for edge in edges for node in edge[:2]}
    for source, target, _ in edges:
        following[source].append(target)
    order = []

    def visit(node, above):
        if node in above:
            raise ValueError("cycle")
        for target in following[node]:
            visit(target, {*above, node})
        if node not in order:
            order.insert(0, node)

    for node in following:
        visit(node, set())
    return order


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def depth_first_postorder(edges):
    following = defaultdict(list)
    for source, target, _ in edges:
        following[source].append(target)
    state, order = {}, []

    def visit(node):
        if state.get(node) == "done":
            return
        if state.get(node) == "open":
            raise ValueError("cycle")
        state[node] = "open"
        for target in following[node]:
            visit(target)
        state[node] = "done"
        order.append(node)

    for source, target, _ in edges:
        visit(source)
        visit(target)
    return order[::-1]


@exercise.alternative
def standard_library(edges):
    sorter = graphlib.TopologicalSorter()
    for source, target, _ in edges:
        sorter.add(target, source)
    return list(sorter.static_order())


@exercise.alternative
def remove_inputs_again_and_again(edges):
    nodes = [node for edge in edges for node in edge[:2]]
    remaining, left, order = list(edges), list(dict.fromkeys(nodes)), []
    while left:
        targets = {target for _, target, _ in remaining}
        ready = [node for node in left if node not in targets]
        if not ready:
            raise ValueError("cycle")
        order.append(ready[-1])
        left.remove(ready[-1])
        remaining = [edge for edge in remaining if edge[0] != ready[-1]]
    return tuple(order)


@exercise.alternative
def longest_distance_from_the_inputs(edges):
    level = {node: 0 for edge in edges for node in edge[:2]}
    for _ in range(len(level) + 1):
        changed = False
        for source, target, _ in edges:
            if level[target] < level[source] + 1:
                level[target] = level[source] + 1
                changed = True
        if not changed:
            return sorted(level, key=level.get)
    raise ValueError("cycle")


@exercise.alternative
def scan_every_edge_for_every_node(edges):
    left = {node for edge in edges for node in edge[:2]}
    order = []
    while left:
        for node in sorted(left):
            if all(source not in left for source, target, _ in edges if target == node):
                order.append(node)
                left.remove(node)
                break
        else:
            raise ValueError("cycle")
    return order


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("[::-1]", reason="any order is right in which sources come before their targets")
exercise.equivalent("for node in waiting if", reason="readers and waiting have the same nodes")
