"""topological_order: list every node that `root` depends on, and `root` itself, each once and after its parents."""

import sys

from backprop_autograder import Case, Definition, Property
from backprop_solutions.exercises.scalar_backprop.inputs import (
    DIAMOND,
    LECTURE_FAU,
    LECTURE_RWTH,
    LONG,
    SHORTCUT,
    TWICE,
    chain_arguments,
    equal_numbers,
    ladder_arguments,
    program,
)
from backprop_solutions.exercises.scalar_backprop.value import CLOSURES, layers_by_counting
from backprop_solutions.scalar_backprop import topological_order


def order_of(student, program, **numbers):
    nodes = {name: student.Value(number) for name, number in numbers.items()}
    for line in program.split("; "):
        name, expression = line.split("=")
        nodes[name] = eval(expression, {}, nodes)
    order = student.topological_order(nodes[name])
    if order is None or isinstance(order, str):
        return order
    order = list(order)
    names = {id(node): name for name, node in nodes.items()}
    named = [names[id(node)] for node in order if id(node) in names]
    return {"order": named, "repeated": len(order) - len({id(node) for node in order})}


def order_complaint(result, expected, program, **numbers):
    import re

    if type(result) is not dict:
        return "no list of Values was returned"
    order, needed = result["order"], expected["order"]
    if result["repeated"]:
        return "a node occurs more than once"
    if set(needed) - set(order):
        return "a node is missing"
    if set(order) - set(needed):
        return "there is a node that the root does not depend on"
    if order[0] == needed[-1]:
        return "the root comes first, where its inputs belong"
    for line in program.split("; "):
        name, expression = line.split("=")
        if name not in order:
            continue
        parents = [word for word in re.findall(r"[a-z]\w*", expression) if word in order]
        if any(order.index(parent) > order.index(name) for parent in parents):
            return "a node comes before one of its parents"
    return None


def ladder_order(student, diamonds, p, q):
    left, right = student.Value(p), student.Value(q)
    node, rungs = student.Value(1.0), []
    for _ in range(diamonds):
        node = node * left + node * right
        rungs.append(node)
    places = {id(node): k for k, node in enumerate(student.topological_order(node))}
    found = [places.get(id(rung), -1) for rung in rungs]
    return {"rungs found": sum(k >= 0 for k in found), "rungs in order": found == sorted(found)}


def chain_order(student, length, number):
    x = node = student.Value(number)
    chain = []
    for _ in range(length):
        node = node + x
        chain.append(node)
    places = {id(node): k for k, node in enumerate(student.topological_order(node))}
    found = [places.get(id(link), -1) for link in chain]
    return {"links found": sum(k >= 0 for k in found), "links in order": found == sorted(found)}


ORDERED = Property(order_complaint)

exercise = Definition(topological_order)

exercise.aspect(
    "values",
    hint="when may a node be appended, and what do you have to know about its parents by then?",
    cases=[
        Case(
            label="RWTH's graph",
            arguments=program(LECTURE_RWTH, a=2.0, b=1.0),
            comparison=ORDERED,
            probe=order_of,
        ),
        Case(
            label="FAU's graph",
            arguments=program(LECTURE_FAU, x1=1.0, x2=3.0),
            comparison=ORDERED,
            probe=order_of,
        ),
        *(
            Case(label=label, arguments=program(lines, *"abk"), comparison=ORDERED, probe=order_of, draws=2)
            for label, lines in [
                ("a diamond", DIAMOND),
                ("a shortcut", SHORTCUT),
                ("a node used twice", TWICE),
                ("many shortcuts", LONG),
            ]
        ),
        Case(
            label="different nodes with equal data",
            arguments=equal_numbers,
            comparison=ORDERED,
            probe=order_of,
            draws=2,
        ),
    ],
)

exercise.aspect(
    "complexity",
    hint="how often is each node looked at, and how deep do calls nest?",
    cases=[
        Case(
            label="a ladder of 60 diamonds",
            arguments=ladder_arguments,
            steps_at_most=500_000,
            draws=2,
            probe=ladder_order,
        ),
        Case(label="a chain of 5,000 nodes", arguments=chain_arguments, draws=2, probe=chain_order),
    ],
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


@exercise.misconception("values", "complexity")
def root_first(root):
    """The order is right but runs from the root to the inputs.

    which end does the docstring ask for first?
    """
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order[::-1]


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
