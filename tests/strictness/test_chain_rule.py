"""Unit 1: wrong answers by kinds of slip that tests overlook, and right ones in styles that graders reject."""

from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np
import pytest

from backprop_solutions.chain_rule import topological_order
from strictness.judging import Answers

answers = Answers("01_chain_rule")


# --- forward and backward by hand -------------------------------------------------------------------


@answers.wrong("evaluate_graph")
def square_with_sign(x1, x2):
    c = 2 * x1 + 3 * x2
    return {"x1": x1, "x2": x2, "a": 2 * x1, "b": 3 * x2, "c": c, "e": c * abs(c), "g": c * abs(c) + 3}


@answers.wrong("backpropagate_graph")
def input_of_the_square_from_its_output(values):
    c = 2 * np.sqrt(values["e"])
    return {"g": 1.0, "e": 1.0, "c": c, "a": c, "b": c, "x1": 2 * c, "x2": 3 * c}


@answers.wrong("backpropagate_graph")
def zero_taken_for_missing(values):
    c = 2 * (values["c"] or 1)
    return {"g": 1.0, "e": 1.0, "c": c, "a": c, "b": c, "x1": 2 * c, "x2": 3 * c}


@answers.right("backpropagate_graph")
def adjoints_in_a_defaultdict(values):
    adjoints = defaultdict(float, g=1)
    for node, reader, derivative in (("e", "g", 1), ("c", "e", 2 * values["c"]), ("a", "c", 1), ("b", "c", 1)):
        adjoints[node] += adjoints[reader] * derivative
    adjoints["x1"] += adjoints["a"] * 2
    adjoints["x2"] += adjoints["b"] * 3
    return adjoints


@answers.right("evaluate_graph")
def values_in_an_ordered_dict(x1, x2):
    a, b = np.float64(2 * x1), np.array(3 * x2)
    return OrderedDict(x1=x1, x2=x2, a=a, b=b, c=a + b, e=(a + b) ** 2, g=(a + b) ** 2 + 3)


# --- chains and branches ----------------------------------------------------------------------------


@answers.wrong("compose_derivative", "calls")
def complex_step(functions, derivatives, x):
    z = complex(x, 1e-30)
    for function in functions:
        z = function(z)
    return z.imag / 1e-30


@answers.wrong("compose_derivative")
def one_factor_for_each_number(functions, derivatives, x):
    factors = {}
    for function, derivative in zip(functions, derivatives, strict=True):
        factors[x] = derivative(x)
        x = function(x)
    return np.prod(list(factors.values()))


@answers.wrong("compose_derivative")
def zeros_skipped(functions, derivatives, x):
    product = 1.0
    for function, derivative in zip(functions, derivatives, strict=True):
        product *= derivative(x) or 1.0
        x = function(x)
    return product


@answers.wrong("compose_derivative")
def inner_values_by_name(functions, derivatives, x):
    at = {}
    for function in functions:
        at[repr(function)], x = x, function(x)
    product = 1.0
    for function, derivative in zip(functions, derivatives, strict=True):
        product *= derivative(at[repr(function)])
    return product


@answers.right("compose_derivative")
def stops_at_a_zero(functions, derivatives, x):
    product = 1
    for k, derivative in enumerate(derivatives):
        product = product * derivative(x)
        if product == 0:
            return 0
        if k + 1 < len(functions):
            x = functions[k](x)
    return product


@answers.wrong("total_derivative")
def first_zero_ends_the_sum(dz_dy, dy_dx):
    total = 0.0
    for outer, inner in zip(dz_dy, dy_dx, strict=True):
        if not outer * inner:
            break
        total += outer * inner
    return total


@answers.wrong("total_derivative")
def equal_products_merged(dz_dy, dy_dx):
    return sum(set((dz_dy * dy_dx).tolist()))


@answers.wrong("total_derivative")
def sizes_only(dz_dy, dy_dx):
    return np.sum(np.abs(dz_dy * dy_dx))


@answers.right("total_derivative")
def matrix_product_of_one_row(dz_dy, dy_dx):
    return (dz_dy[None, :] @ dy_dx[:, None])[0, 0]


# --- orders -----------------------------------------------------------------------------------------


@answers.wrong("topological_order")
def waits_for_different_sources(edges):
    sources = {node: set() for edge in edges for node in edge[:2]}
    for source, target, _ in edges:
        sources[target].add(source)
    waiting = {node: len(before) for node, before in sources.items()}
    ready, order = deque(node for node in waiting if not waiting[node]), []
    while ready:
        order.append(ready.popleft())
        for source, target, _ in edges:
            if source == order[-1]:
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
    if len(order) != len(waiting):
        raise ValueError("cycle")
    return order


@answers.wrong("topological_order")
def a_foreign_node_is_listed(edges):
    return ["start", *topological_order(edges)]


@answers.wrong("topological_order", "cycle")
def known_cycles_only(edges):
    published = [{"a", "b"}, {"a", "b", "c"}, {"x", "a", "b", "c", "y"}, {"x", "y", "a", "b", "c"}, {"a"}]
    if {node for edge in edges for node in edge[:2]} in published:
        raise ValueError("cycle")
    return topological_order([edge for edge in edges if edge[0] != "z"])


@answers.wrong("topological_order", "cycle")
def always_a_cycle(edges):
    raise ValueError("cycle")


@answers.right("topological_order")
def recursion_over_inputs(edges):
    inputs = defaultdict(list)
    for source, target, _ in edges:
        inputs[target] += [source]
        inputs[source] += []
    order, path = [], []

    def visit(node):
        if node in path:
            raise ValueError(f"cycle: {path}")
        if node not in order:
            path.append(node)
            for source in inputs[node]:
                visit(source)
            path.pop()
            order.append(node)

    for node in list(inputs):
        visit(node)
    return order


@answers.right("topological_order")
def inputs_taken_off_a_copy(edges):
    left, order = list(edges), []
    nodes = [node for edge in edges for node in edge[:2]]
    while nodes:
        targets = [edge[1] for edge in left]
        free = [node for node in nodes if node not in targets]
        if free == []:
            raise ValueError
        order += sorted(set(free))
        nodes = [node for node in nodes if node not in order]
        left = [edge for edge in left if edge[0] not in order]
    return order


# --- sums over paths, and their accumulation --------------------------------------------------------


@answers.wrong("sum_over_paths", "edge_cases")
def equal_path_products_merged(edges, source, target):
    def products(node, product):
        if node == target:
            return {product}
        return set().union(*(products(t, product * d) for s, t, d in edges if s == node))

    return sum(products(source, 1.0))


@answers.wrong("sum_over_paths", "edge_cases")
def a_path_that_adds_nothing_ends_the_search(edges, source, target):
    if source == target:
        return 1.0
    total = 0.0
    for start, end, derivative in edges:
        if start == source:
            share = derivative * a_path_that_adds_nothing_ends_the_search(edges, end, target)
            if share == 0:
                return total
            total += share
    return total


@answers.wrong("sum_over_paths", "edge_cases")
def names_looked_up_in_a_text(edges, source, target):
    def down(node, path):
        if node == target:
            return 1.0
        return sum(d * down(t, path + t) for s, t, d in edges if s == node and t not in path)

    return down(source, source)


@answers.right("sum_over_paths")
def powers_of_the_matrix(edges, source, target):
    names = sorted({name for edge in edges for name in edge[:2]})
    local = np.zeros((len(names),) * 2)
    for start, end, derivative in edges:
        local[names.index(start), names.index(end)] += derivative
    total = sum(np.linalg.matrix_power(local, k) for k in range(len(names)))
    return total[names.index(source), names.index(target)]


def _by_node(edges, which):
    found = defaultdict(list)
    for edge in edges:
        found[edge[which]].append(edge)
    return found


@answers.wrong("reverse_accumulate", "complexity")
def a_search_for_every_node(edges, target):
    adjoints = Counter({target: 1})
    for node in reversed(topological_order(edges)):
        adjoints[node] += sum(d * adjoints[t] for s, t, d in edges if s == node)
    return dict(adjoints)


@answers.wrong("reverse_accumulate", "complexity")
def sweeps_until_nothing_changes(edges, target):
    adjoints = {node: 0.0 for edge in edges for node in edge[:2]}
    while True:
        new = {node: float(node == target) for node in adjoints}
        for source, after, derivative in edges:
            new[source] += derivative * adjoints[after]
        if new == adjoints:
            return new
        adjoints = new


@answers.wrong("reverse_accumulate", "complexity")
def zeros_computed_again(edges, target):
    leaving, known = _by_node(edges, 0), {}

    def adjoint(node):
        if known.get(node):
            return known[node]
        known[node] = float(node == target) + sum(d * adjoint(t) for _, t, d in leaving[node])
        return known[node]

    return {node: adjoint(node) for edge in edges for node in edge[:2]}


@answers.wrong("reverse_accumulate", "edge_cases")
def first_of_equal_edges(edges, target):
    adjoints = dict.fromkeys(topological_order(edges), 0.0)
    order = list(adjoints)
    adjoints[target] = 1.0
    for edge in sorted(edges, key=lambda edge: -order.index(edge[0])):
        if [e[:2] for e in edges].index(edge[:2]) == edges.index(edge):
            adjoints[edge[0]] += edge[2] * adjoints[edge[1]]
    return adjoints


@answers.right("reverse_accumulate")
def reverse_in_a_counter(edges, target):
    arriving, adjoints = _by_node(edges, 1), Counter({target: 1})
    for node in topological_order(edges)[::-1]:
        adjoints[node] += 0
        for source, _, derivative in arriving[node]:
            adjoints[source] += derivative * adjoints[node]
    return adjoints


@answers.wrong("forward_accumulate", "complexity")
def a_search_for_every_node_that_reads(edges, source):
    tangents = {}
    for node in topological_order(edges):
        tangents[node] = float(node == source) + sum(d * tangents[s] for s, t, d in edges if t == node)
    return tangents


@answers.wrong("forward_accumulate", "edge_cases")
def zero_tangents_left_out(edges, source):
    leaving, tangents = _by_node(edges, 0), defaultdict(float, {source: 1.0})
    for node in topological_order(edges):
        for _, target, derivative in leaving[node]:
            if tangents[node]:
                tangents[target] += derivative * tangents[node]
    return {node: tangent for node, tangent in tangents.items() if tangent}


@answers.right("forward_accumulate")
def forward_in_a_defaultdict_without_an_order(edges, source):
    leaving, waiting = _by_node(edges, 0), Counter(edge[1] for edge in edges)
    tangents = defaultdict(int, {source: 1})
    ready = [node for node in {edge[0] for edge in edges} if not waiting[node]]
    while ready:
        node = ready.pop()
        tangents[node] += 0
        for _, target, derivative in leaving[node]:
            tangents[target] += tangents[node] * derivative
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return tangents


# --- judged -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.wrong_ones, ids=str)
def test_a_wrong_answer_loses_its_points(answer):
    assert answer.lost() >= answer.loses


@pytest.mark.parametrize("answer", answers.right_ones, ids=str)
def test_a_right_answer_loses_nothing(answer):
    assert not answer.lost()
