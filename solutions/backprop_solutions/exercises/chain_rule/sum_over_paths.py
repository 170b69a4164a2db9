"""sum_over_paths: compute d target/d source: the sum, over all paths, of the product of a path's derivatives."""

from fractions import Fraction
from functools import cache

from backprop_autograder import Case, Definition
from backprop_solutions.chain_rule import sum_over_paths
from backprop_solutions.exercises.chain_rule.inputs import (
    DIAMOND,
    EQUAL_PARALLEL,
    LECTURE,
    PARALLEL,
    SEPARATE,
    SHORTCUT,
    THREE_BY_THREE,
    TWO_OUTPUTS,
    random_graph,
    tangled,
)


def between(edges, source, target):
    def arguments(rng):
        return {"edges": list(edges), "source": source, "target": target}

    return arguments


exercise = Definition(sum_over_paths)

values = exercise.aspect(
    "values",
    hint="list the paths on paper first: multiply along each of them, then add up.",
    cases=[
        Case(label="the two paths of a diamond", arguments=between(DIAMOND, "a", "d")),
        Case(label="a long way and a shortcut", arguments=between(SHORTCUT, "a", "d")),
        Case(label="de/db in the lecture's graph", arguments=between(LECTURE, "b", "e")),
        Case(label="de/da in the lecture's graph", arguments=between(LECTURE, "a", "e")),
    ],
)


@values.case("all paths of a random graph", draws=3)
def through_random_graph(rng):
    edges, source, target = random_graph(rng)
    return {"edges": edges, "source": source, "target": target}


edge_cases = exercise.aspect(
    "edge_cases",
    hint="a node reaches itself by one path without edges; where no path leads there is nothing to add.",
    cases=[
        Case(label="two parallel edges", arguments=between(PARALLEL, "x", "z")),
        Case(label="three and three parallel edges", arguments=between(THREE_BY_THREE, "x", "z")),
        Case(label="equal parallel edges", arguments=between(EQUAL_PARALLEL, "x", "z")),
        Case(label="equal parallel edges only", arguments=between(EQUAL_PARALLEL, "x", "y")),
        Case(label="an input and itself", arguments=between(TWO_OUTPUTS, "a", "a")),
        Case(label="a middle node and itself", arguments=between(TWO_OUTPUTS, "b", "b")),
        Case(label="no path between two parts", arguments=between(SEPARATE, "a", "q")),
        Case(label="no path against the edges", arguments=between(DIAMOND, "d", "a")),
        Case(label="a path that ends elsewhere", arguments=between(TWO_OUTPUTS, "a", "c")),
    ],
)


def through_tangle(start, *ends):
    def arguments(rng):
        edges, name = tangled(rng)
        return {"edges": edges, "source": name[start], "target": name[ends[int(rng.integers(0, len(ends)))]]}

    return arguments


edge_cases.add(
    Case(label="two paths that cancel", arguments=through_tangle("m", "r")),
    Case(label="two paths with equal products", arguments=through_tangle("m", "z")),
    Case(label="an edge whose derivative is 0", arguments=through_tangle("x", "o")),
    Case(label="a graph with many of these", arguments=through_tangle("x", "z", "e", "r", "g", "x"), draws=3),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def edges_added_along_a_path(edges, source, target):
    """The derivatives along a path are added; along a path they are multiplied.

    if y triples x and z doubles y, how many times x is z?
    """

    def paths(node):
        if node == target:
            yield []
        for start, end, derivative in edges:
            if start == node:
                for rest in paths(end):
                    yield [derivative, *rest]

    return sum(sum(path) for path in paths(source))


@exercise.misconception()
def products_of_paths_multiplied(edges, source, target):
    """The paths are multiplied with one another; separate paths add up.

    if both paths push the target up a little, how do the two pushes combine?
    """

    def paths(node, product):
        if node == target:
            yield product
        for start, end, derivative in edges:
            if start == node:
                yield from paths(end, product * derivative)

    total = 1.0
    for product in paths(source, 1.0):
        total *= product
    return total


@exercise.misconception()
def paths_counted(edges, source, target):
    """The paths are counted, and their derivatives are not used.

    what does each edge multiply by?
    """
    if source == target:
        return 1
    return sum(paths_counted(edges, end, target) for start, end, _ in edges if start == source)


@exercise.misconception()
def first_path_only(edges, source, target):
    """Only the first path that reaches the target is followed.

    does your loop go on after the first success?
    """
    if source == target:
        return 1.0
    for start, end, derivative in edges:
        if start == source:
            rest = first_path_only(edges, end, target)
            if rest:
                return derivative * rest
    return 0.0


@exercise.misconception()
def each_node_visited_once(edges, source, target):
    """A node that has been visited is skipped, so paths that share it are lost.

    may two different paths run through the same node?
    """
    seen = set()

    def down(node):
        if node == target:
            return 1.0
        if node in seen:
            return 0.0
        seen.add(node)
        return sum(derivative * down(end) for start, end, derivative in edges if start == node)

    return down(source)


@exercise.misconception("edge_cases")
def parallel_edges_merged(edges, source, target):
    """Parallel edges are merged: of two edges between the same nodes only one survives.

    what does a dict do with a second value for the same key?
    """
    derivatives = {(start, end): derivative for start, end, derivative in edges}

    def down(node):
        if node == target:
            return 1.0
        return sum(derivative * down(end) for (start, end), derivative in derivatives.items() if start == node)

    return down(source)


@exercise.misconception("edge_cases")
def equal_edges_merged(edges, source, target):
    """Edges that look alike are merged, but each is a path of its own, as in x * x.

    what does a set do with two equal entries?
    """
    different = sorted(set(edges))

    def down(node):
        if node == target:
            return 1.0
        return sum(derivative * down(end) for start, end, derivative in different if start == node)

    return down(source)


@exercise.misconception("edge_cases")
def equal_products_merged(edges, source, target):
    """Paths whose products are equal are merged, but each of them counts.

    what does a set do with two equal entries?
    """

    def products(node):
        if node == target:
            return {1.0}
        return {derivative * p for start, end, derivative in edges if start == node for p in products(end)}

    return sum(products(source), 0.0)


@exercise.misconception("edge_cases")
def own_derivative_zero(edges, source, target):
    """The derivative of a node with respect to itself is taken as 0.

    by how much does x change when x changes by one?
    """
    total = 0.0
    for start, end, derivative in edges:
        if start == source:
            total += derivative * (1.0 if end == target else own_derivative_zero(edges, end, target))
    return total


@exercise.misconception()
def direct_edges_only(edges, source, target):
    """Only edges that lead straight from source to target are used.

    what about paths through other nodes?
    """
    if source == target:
        return 1.0
    return sum(derivative for start, end, derivative in edges if (start, end) == (source, target))


@exercise.misconception("edge_cases")
def dead_ends_counted(edges, source, target):
    """A path that ends elsewhere, without reaching the target, is counted too.

    what should a node without further edges return if it is not the target?
    """
    following = [(end, derivative) for start, end, derivative in edges if start == source]
    if source == target or not following:
        return 1.0
    return sum(derivative * dead_ends_counted(edges, end, target) for end, derivative in following)


@exercise.misconception()
def edges_followed_backwards(edges, source, target):
    """The edges are followed from target to source where they lead the other way.

    which end of an edge is computed from which?
    """
    if source == target:
        return 1.0
    return sum(
        derivative * edges_followed_backwards(edges, start, target) for start, end, derivative in edges if end == source
    )


@exercise.misconception("values", "edge_cases")
def zero_at_the_end_of_a_path(edges, source, target):
    """A path that has arrived counts 0, and takes all products with it.

    by how much does a node change when it changes by one itself?
    """
    following = [(node, derivative) for start, node, derivative in edges if start == source and node != target]
    return sum((derivative * zero_at_the_end_of_a_path(edges, node, target) for node, derivative in following), 0.0)


@exercise.misconception("values", "edge_cases")
def edges_multiplied_in_one_product(edges, source, target):
    """One product is made of all edges; paths side by side add up.

    which operation joins two paths, and with which number does it begin?
    """
    total = 1.0
    for start, node, derivative in edges:
        if start == source and source != target:
            total *= derivative * edges_multiplied_in_one_product(edges, node, target)
    return total


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def list_every_path(edges, source, target):
    complete, open_paths = [], [(source, 1.0)]
    while open_paths:
        node, product = open_paths.pop()
        if node == target:
            complete.append(product)
        open_paths += [(t, product * d) for s, t, d in edges if s == node]
    return sum(complete)


@exercise.alternative
def from_the_target(edges, source, target):
    if source == target:
        return 1
    total = 0
    for start, end, derivative in edges:
        if end == target:
            total += derivative * from_the_target(edges, source, start)
    return total


@exercise.alternative
def dynamic_programming(edges, source, target):
    @cache
    def down(node):
        return 1.0 if node == target else sum(d * down(t) for s, t, d in edges if s == node)

    return down(source)


@exercise.alternative
def exact_fractions(edges, source, target):
    total = Fraction(source == target)
    for start, end, derivative in edges:
        if start == source:
            total += Fraction(derivative) * Fraction(exact_fractions(edges, end, target))
    return float(total)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("in list(edges)[::-1]", reason="a sum has no order")
