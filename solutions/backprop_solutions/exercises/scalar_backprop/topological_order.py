"""topological_order: list every node that `root` depends on, and `root` itself, each once and after its parents."""

import sys

from backprop_autograder import Definition, Property, script
from backprop_solutions.exercises.scalar_backprop.engines import CLOSURES, layers_by_counting
from backprop_solutions.exercises.scalar_backprop.inputs import (
    CHAIN,
    EQUAL_NUMBERS,
    GRAPHS,
    LADDER,
    LECTURE_FAU,
    LECTURE_RWTH,
    STEPS,
    drawn,
    ladder_numbers,
    signed,
    values_of,
)
from backprop_solutions.scalar_backprop import topological_order


def named_order(student, code, observe):
    # The order by the names in the code; constants may be nodes, which have none.
    names = student(code)
    order = names["order"]
    if order is None or isinstance(order, str):
        return order
    order, root = list(order), names[observe[0]]
    needed, waiting = {id(root): root}, [root]
    while waiting:
        for parent in waiting.pop().parents:
            if id(parent) not in needed:
                needed[id(parent)] = parent
                waiting.append(parent)
    by_node = {
        id(value): name for name, value in names.items() if id(value) in needed and name not in ("node", "order")
    }
    return {
        "order": [by_node[id(node)] for node in order if id(node) in by_node],
        "repeated": len(order) - len({id(node) for node in order}),
        "foreign": sum(id(node) not in needed for node in order),
        "missing": len(needed.keys() - {id(node) for node in order}),
    }


def order_complaint(result, expected, code, observe):
    import re

    if type(result) is not dict:
        return "no list of Values was returned"
    order, needed = result["order"], expected["order"]
    if result["repeated"]:
        return "a node occurs more than once"
    if set(needed) - set(order) or result["missing"]:
        return "a node is missing"
    if result["foreign"]:
        return "there is a node that the root does not depend on"
    if len(order) > 1 and order[0] == observe[0]:
        return "the root comes first, where its inputs belong"
    for line in code.splitlines():
        name, _, expression = line.partition(" = ")
        if name not in order:
            continue
        parents = [word for word in re.findall(r"[a-z]\w*", expression) if word in order]
        if any(order.index(parent) > order.index(name) for parent in parents):
            return "a node comes before one of its parents"
    return None


def large_order(student, code, observe):
    # How many links of a long graph are found, and whether each comes after the one before it.
    names = student(code)
    places = {id(node): k for k, node in enumerate(names["order"])}
    node, found = names["node"], []
    while id(node) != id(names[observe[0]]):
        found.append(places.get(id(node), -1))
        node = next((parent for parent in node.parents if parent.parents), names[observe[0]])
    return {"links found": sum(k >= 0 for k in found), "links in order": found == sorted(found, reverse=True)}


def data_in_order(student, code, observe):
    return [float(node.data) for node in student(code)["order"]]


def ladder_in_order(result, expected, code, observe):
    """Judge the order of a ladder's links from their numbers, which are all different."""
    import re

    p, q = map(float, re.findall(r"Value\(([^)]*)\)", code)[:2])
    place = {data: k for k, data in enumerate(result)}
    links, node = [], 1.0
    for _ in range(30):
        node = node * p + node * q
        links.append(place.get(node, -1))
    if min(links) < 0:
        return "a link is missing"
    return None if links == sorted(links) else "a link comes before the one that it hangs from"


ORDERED = {"comparison": Property(order_complaint), "probe": named_order}

exercise = Definition(topological_order)

values = exercise.aspect(
    "values", hint="when may a node be appended, and what do you have to know about its parents by then?"
)
values.add(
    script("a node without parents", "a = Value($a)\norder = topological_order(a)", "a", draw=drawn("a"), **ORDERED),
    script("RWTH's graph", f"{LECTURE_RWTH}order = topological_order(e)", "e", **ORDERED),
    script("FAU's graph", f"{LECTURE_FAU}order = topological_order(g)", "g", **ORDERED),
    *(
        script(
            label,
            f"{values_of(names)}{lines}\norder = topological_order({nodes[-1]})",
            nodes[-1],
            draw=drawn(names),
            draws=2,
            **ORDERED,
        )
        for label, names, lines, nodes in GRAPHS
    ),
    script(
        "nodes that are not above the root",
        f"{values_of('abk')}c = a * b\nd = c + k\ne = c * a\norder = topological_order(e)",
        "e",
        draw=drawn("abk"),
        **ORDERED,
    ),
    script(
        "different nodes with equal data",
        f"{EQUAL_NUMBERS}order = topological_order(e)",
        "e",
        draw=drawn("a"),
        **ORDERED,
    ),
    script(
        "a second call",
        f"{values_of('ab')}c = a * b\nd = c + a\ntopological_order(c)\norder = topological_order(d)",
        "d",
        draw=drawn("ab"),
        **ORDERED,
    ),
)


@values.case("a graph that is drawn", draws=2, visible=False, **ORDERED)
def drawn_graph(rng):
    names = [str(name) for name in rng.permutation(list("abcdefghkmn"))]
    lines = [f"{name} = Value({signed(rng):.3f})" for name in names[:3]]
    for k in range(3, len(names)):  # each node uses the one before it and another: the last one needs them all
        other, operation = names[int(rng.integers(0, k))], rng.choice(["+", "*", "-"])
        pair = rng.permutation([names[k - 1], other])
        lines.append(f"{names[k]} = {pair[0]} {operation} {pair[1]}")
    return {"code": "\n".join([*lines, f"order = topological_order({names[-1]})"]), "observe": [names[-1]]}


complexity = exercise.aspect("complexity", hint="how often is each node looked at, and how deep do calls nest?")
complexity.add(
    script(
        "a ladder of 30 diamonds",
        f"{LADDER}order = topological_order(node)",
        "start",
        draw=ladder_numbers,
        draws=2,
        steps_at_most=STEPS,
        probe=large_order,
    ),
    script(
        "a ladder of 30 diamonds, node by node",
        f"{LADDER}order = topological_order(node)",
        "start",
        draw=ladder_numbers,
        steps_at_most=STEPS,
        comparison=Property(ladder_in_order),
        probe=data_in_order,
        visible=False,
    ),
    script(
        "a chain of 5,000 nodes",
        f"{CHAIN}order = topological_order(node)",
        "a",
        draw=drawn("a"),
        draws=2,
        probe=large_order,
    ),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def preorder_reversed(root):
    """A node is noted when first met, depth first, before everything that uses it was seen.

    when are all parents of a node certain to be listed?
    """
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(root)
    return order[::-1]


@exercise.misconception("values", "complexity")
def preorder_by_a_stack(root):
    """A node is noted when it comes off the stack; nodes that use it may still wait there.

    when are all parents of a node certain to be listed?
    """
    order, seen, stack = [], {root}, [root]
    while stack:
        node = stack.pop()
        order.append(node)
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return order[::-1]


@exercise.misconception()
def breadth_first_reversed(root):
    """Breadth first sorts by the shortest distance from the root; the longest counts.

    where may a node stand that the root uses directly and indirectly?
    """
    order, seen = [root], {root}
    for node in order:
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                order.append(parent)
    return order[::-1]


exercise.slip(
    "root_first",
    ("return order", "return order[::-1]"),
    cause="The order is right but runs from the root to the inputs.",
    next_step="which end does the docstring ask for first?",
    loses=("values", "complexity"),
)


@exercise.misconception("values", "complexity")
def visits_not_remembered(root):
    """Nodes are visited once for every path that leads to them.

    how could you recognise a node met before?
    """
    order = []
    for parent in root.parents:
        order = order + visits_not_remembered(parent)
    return [*order, root]


@exercise.misconception()
def remembered_by_data(root):
    """Visited nodes are remembered by their data, so different nodes of equal data become one.

    what identifies a node, if not its number?
    """
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node.data not in seen:
            seen.add(node.data)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


@exercise.misconception()
def only_first_parents(root):
    """Only the first parent of every node is followed.

    how many parents does a sum have?
    """
    order = [root]
    while order[-1].parents:
        order.append(order[-1].parents[0])
    return order[::-1]


@exercise.misconception()
def inputs_left_out(root):
    """Nodes without parents are left out, although their gradients are what we are after.

    what is the list for a root without parents?
    """
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done and node.parents:
            order.append(node)
        elif not done and node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


@exercise.misconception("values", "complexity")
def appended_on_the_way_down(root):
    """Each node is appended before its parents are visited, so that the root comes first.

    when are all parents of a node in the list: before or after the recursive calls?
    """
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(root)
    return order


@exercise.misconception("complexity")
def recursion_as_deep_as_the_graph(root):
    """The recursion goes as deep as the graph, and Python stops it after about 1,000 calls.

    which data structure can stand in for the stack of calls?
    """
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


@exercise.misconception()
def marked_when_pushed(root):
    """A node is marked when it is pushed, though it only waits: met again deeper down, it does not go first.

    when is a node's turn: when it goes onto the stack, or when it comes off?
    """
    order, seen, stack = [], {root}, [(root, False)]
    while stack:
        node, parents_are_done = stack.pop()
        if parents_are_done:
            order.append(node)
        else:
            stack.append((node, True))
            for parent in node.parents:
                if parent not in seen:
                    seen.add(parent)
                    stack.append((parent, False))
    return order


@exercise.misconception("complexity")
def looked_up_when_appended(root):
    """A node met again is walked through again, and only then found to be listed.

    where could you ask before walking on?
    """
    order = []

    def visit(node):
        for parent in node.parents:
            visit(parent)
        if node not in order:
            order.append(node)

    visit(root)
    return order


# --- other right answers ----------------------------------------------------------------------------

exercise.alternative(layers_by_counting)


@exercise.alternative
def postorder_by_iterators(root):
    order, seen, stack = [], {root}, [(root, iter(root.parents))]
    while stack:
        node, parents = stack[-1]
        parent = next((p for p in parents if p not in seen), None)
        if parent is None:
            order.append(node)
            stack.pop()
        else:
            seen.add(parent)
            stack.append((parent, iter(parent.parents)))
    return tuple(order)


@exercise.alternative
def sorted_by_height(root):
    height, stack = {}, [root]
    while stack:
        node = stack[-1]
        waiting = [p for p in node.parents if p not in height]
        if waiting:
            stack.extend(waiting)
        else:
            height[node] = 1 + max((height[p] for p in node.parents), default=0)
            stack.pop()
    return sorted(height, key=height.get)


@exercise.alternative
def recursion_with_raised_limit(root):
    order = {}

    def visit(node):
        if id(node) not in order:
            for parent in node.parents:
                visit(parent)
            order[id(node)] = node

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20_000))
    try:
        visit(root)
    finally:
        sys.setrecursionlimit(limit)
    return list(order.values())


exercise.alternative(CLOSURES)

# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("list(node.parents)[::-1]", reason="parents may come in any order")
