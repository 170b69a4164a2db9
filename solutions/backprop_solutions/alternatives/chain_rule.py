"""Other correct solutions of unit 1."""

import graphlib
from collections import defaultdict, deque
from fractions import Fraction
from functools import cache, reduce

import numpy as np

from backprop_solutions.chain_rule import topological_order

# --- evaluate_graph ---------------------------------------------------------------------------------


def evaluate_by_program(x1, x2):
    values = {"x1": x1, "x2": x2}
    values["a"] = values["x1"] + values["x1"]
    values["b"] = values["x2"] * 3
    values["c"] = sum((values["a"], values["b"]))
    values["e"] = values["c"] * values["c"]
    values["g"] = 3 + values["e"]
    return values


def evaluate_with_arrays(x1, x2):
    a, b = np.array([2.0, 3.0]) * np.array([x1, x2])
    c = np.sum([a, b])
    return {"g": np.add(np.square(c), 3), "e": np.square(c), "c": c, "b": b, "a": a, "x2": x2, "x1": x1}


def evaluate_from_output(x1, x2):
    def c():
        return 2 * x1 + 3 * x2

    names = ("x1", "x2", "a", "b", "c", "e", "g")
    return dict(zip(names, (x1, x2, 2 * x1, 3 * x2, c(), pow(c(), 2), pow(c(), 2) + 3), strict=True))


# --- backpropagate_graph ----------------------------------------------------------------------------


def adjoints_by_edges(values):
    edges = [("e", "g", 1), ("c", "e", 2 * values["c"]), ("a", "c", 1), ("b", "c", 1), ("x1", "a", 2), ("x2", "b", 3)]
    adjoints = dict.fromkeys(values, 0)
    adjoints["g"] = 1
    for source, target, derivative in edges:
        adjoints[source] += derivative * adjoints[target]
    return adjoints


def adjoints_in_closed_form(values):
    c = 2 * values["x1"] + 3 * values["x2"]
    return {"g": 1, "e": 1, "c": 2 * c, "a": 2 * c, "b": 2 * c, "x1": 4 * c, "x2": 6 * c}


def adjoints_from_parents_values(values):
    outer = 2 * (values["a"] + values["b"])
    gradient = outer * np.array([2.0, 3.0, 1.0, 1.0, 1.0])
    return dict(zip(["x1", "x2", "a", "b", "c"], gradient, strict=True)) | {"e": 1.0, "g": np.float64(1)}


# --- compose_derivative -----------------------------------------------------------------------------


def values_first(functions, derivatives, x):
    values = [x]
    for function in functions[:-1]:
        values.append(function(values[-1]))
    return np.prod([d(v) for d, v in zip(derivatives, values, strict=True)])


def from_the_inside_by_recursion(functions, derivatives, x):
    if not functions:
        return 1
    rest = from_the_inside_by_recursion(functions[1:], derivatives[1:], functions[0](x))
    return derivatives[0](x) * rest


def dual_numbers(functions, derivatives, x):
    pairs = zip(functions, derivatives, strict=True)
    return reduce(lambda dual, pair: (pair[0](dual[0]), dual[1] * pair[1](dual[0])), pairs, (x, 1.0))[1]


def backwards_over_a_tape(functions, derivatives, x):
    tape = []
    for k in range(len(functions)):
        tape.append((derivatives[k], x))
        x = functions[k](x)
    adjoint = 1.0
    while tape:
        derivative, value = tape.pop()
        adjoint = adjoint * derivative(value)
    return adjoint


# --- total_derivative -------------------------------------------------------------------------------


def sum_of_products(dz_dy, dy_dx):
    return sum(a * b for a, b in zip(dz_dy, dy_dx, strict=True))


def product_then_sum(dz_dy, dy_dx):
    return np.sum(np.asarray(dz_dy) * np.asarray(dy_dx))


def einsum(dz_dy, dy_dx):
    return np.einsum("i,i->", dz_dy, dy_dx)


def loop_backwards(dz_dy, dy_dx):
    total = 0
    for i in reversed(range(len(dz_dy))):
        total = total + dz_dy[i] * dy_dx[i]
    return float(total)


# --- topological_order ------------------------------------------------------------------------------


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


def standard_library(edges):
    sorter = graphlib.TopologicalSorter()
    for source, target, _ in edges:
        sorter.add(target, source)
    return list(sorter.static_order())


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


# --- sum_over_paths ---------------------------------------------------------------------------------


def list_every_path(edges, source, target):
    complete, open_paths = [], [(source, 1.0)]
    while open_paths:
        node, product = open_paths.pop()
        if node == target:
            complete.append(product)
        open_paths += [(t, product * d) for s, t, d in edges if s == node]
    return sum(complete)


def from_the_target(edges, source, target):
    if source == target:
        return 1
    total = 0
    for start, end, derivative in edges:
        if end == target:
            total += derivative * from_the_target(edges, source, start)
    return total


def dynamic_programming(edges, source, target):
    @cache
    def down(node):
        return 1.0 if node == target else sum(d * down(t) for s, t, d in edges if s == node)

    return down(source)


def exact_fractions(edges, source, target):
    total = Fraction(source == target)
    for start, end, derivative in edges:
        if start == source:
            total += Fraction(derivative) * Fraction(exact_fractions(edges, end, target))
    return float(total)


# --- reverse_accumulate and forward_accumulate ------------------------------------------------------


def _total_derivatives(edges):
    nodes = list(dict.fromkeys(node for edge in edges for node in edge[:2]))
    local = np.zeros((len(nodes), len(nodes)))
    for source, target, derivative in edges:
        local[nodes.index(source), nodes.index(target)] += derivative
    return nodes, np.eye(len(nodes)) - local


def reverse_by_linear_system(edges, target):
    nodes, system = _total_derivatives(edges)
    seed = np.array([float(node == target) for node in nodes])
    return dict(zip(nodes, np.linalg.solve(system, seed).tolist(), strict=True))


def reverse_by_memo(edges, target):
    leaving = defaultdict(list)
    for source, after, derivative in edges:
        leaving[source].append((after, derivative))

    @cache
    def adjoint(node):
        through = sum(derivative * adjoint(after) for after, derivative in leaving.get(node, ()))
        return through + (node == target)

    return {node: adjoint(node) for edge in edges for node in edge[:2]}


def reverse_by_scanning(edges, target):
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0)
    adjoints[target] = 1
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node:
                adjoints[source] = adjoints[source] + adjoints[node] * derivative
    return adjoints


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


def forward_by_linear_system(edges, source):
    nodes, system = _total_derivatives(edges)
    seed = np.array([float(node == source) for node in nodes])
    return dict(zip(nodes, np.linalg.solve(system.T, seed), strict=True))


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


def forward_by_pulling(edges, source):
    tangents = {}
    for node in topological_order(edges):
        tangents[node] = float(node == source)
        for before, after, derivative in edges:
            if after == node:
                tangents[node] += derivative * tangents[before]
    return tangents


def forward_as_reverse_of_the_turned_graph(edges, source):
    turned = [(target, start, derivative) for start, target, derivative in edges]
    return reverse_by_scanning(turned, source)


ALTERNATIVES = {
    "evaluate_graph": [evaluate_by_program, evaluate_with_arrays, evaluate_from_output],
    "backpropagate_graph": [adjoints_by_edges, adjoints_in_closed_form, adjoints_from_parents_values],
    "compose_derivative": [values_first, from_the_inside_by_recursion, dual_numbers, backwards_over_a_tape],
    "total_derivative": [sum_of_products, product_then_sum, einsum, loop_backwards],
    "topological_order": [
        depth_first_postorder,
        standard_library,
        remove_inputs_again_and_again,
        longest_distance_from_the_inputs,
        scan_every_edge_for_every_node,
    ],
    "sum_over_paths": [list_every_path, from_the_target, dynamic_programming, exact_fractions],
    "reverse_accumulate": [reverse_by_linear_system, reverse_by_memo, reverse_by_scanning, reverse_with_a_queue],
    "forward_accumulate": [
        forward_by_linear_system,
        forward_by_memo,
        forward_by_pulling,
        forward_as_reverse_of_the_turned_graph,
    ],
}
