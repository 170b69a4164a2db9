"""backward: set the gradient of `root` to 1, and add to every node's grad the derivative of `root` by that node."""

from collections import Counter

from backprop_autograder import Case, Definition
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
    signed,
)
from backprop_solutions.exercises.scalar_backprop.topological_order import postorder_by_iterators
from backprop_solutions.exercises.scalar_backprop.value import CLOSURES, LAZY, layers_by_counting
from backprop_solutions.scalar_backprop import backward, topological_order


def leaf_gradients(student, program, **numbers):
    leaves = {name: student.Value(number) for name, number in numbers.items()}
    nodes = dict(leaves)
    for line in program.split("; "):
        name, expression = line.split("=")
        nodes[name] = eval(expression, {}, nodes)
    student.backward(nodes[name])
    return {name: float(leaf.grad) for name, leaf in leaves.items()}


def accumulated_gradients(student, first, second, **numbers):
    leaves = {name: student.Value(number) for name, number in numbers.items()}
    for expression in (first, second):
        student.backward(eval(expression, {}, leaves))
    return {name: float(leaf.grad) for name, leaf in leaves.items()}


def gradient_of_itself(student, number):
    x = student.Value(number)
    student.backward(x)
    return float(x.grad)


def ladder_gradients(student, diamonds, p, q):
    left, right, start = student.Value(p), student.Value(q), student.Value(1.0)
    node = start
    for _ in range(diamonds):
        node = node * left + node * right
    student.backward(node)
    return {"start": float(start.grad), "p": float(left.grad), "q": float(right.grad)}


def chain_gradient(student, length, number):
    x = node = student.Value(number)
    for _ in range(length):
        node = node + x
    student.backward(node)
    return float(x.grad)


exercise = Definition(backward)

exercise.aspect(
    "values",
    hint="do it on paper for e = (a + b)(b + 1): in which order do the nodes get their gradients?",
    cases=[
        Case(label="RWTH's graph at (2, 1)", arguments=program(LECTURE_RWTH, a=2.0, b=1.0), probe=leaf_gradients),
        Case(label="FAU's graph at (1, 3)", arguments=program(LECTURE_FAU, x1=1.0, x2=3.0), probe=leaf_gradients),
        *(
            Case(label=label, arguments=program(lines, *names), probe=leaf_gradients, draws=2)
            for label, lines, names in [
                ("a diamond", DIAMOND, "ab"),
                ("a shortcut", SHORTCUT, "ab"),
                ("a node used twice", TWICE, "a"),
                ("many shortcuts", LONG, "abk"),
            ]
        ),
        Case(label="different nodes with equal data", arguments=equal_numbers, probe=leaf_gradients),
        Case(
            label="an output that is its own input",
            arguments=lambda rng: {"number": signed(rng)},
            probe=gradient_of_itself,
        ),
    ],
)

accumulation = exercise.aspect(
    "accumulation", hint="what is in an input's grad after the first call, and what should the second call do to it?"
)


@accumulation.case("two outputs of the same inputs", draws=3, probe=accumulated_gradients)
def two_expressions(rng):
    return {"first": "a*b+a", "second": "b*c-a*a", "a": signed(rng), "b": signed(rng), "c": signed(rng)}


exercise.aspect(
    "complexity",
    hint="how often does each node pass its gradient on?",
    cases=[
        Case(
            label="a ladder of 60 diamonds",
            arguments=ladder_arguments,
            steps_at_most=500_000,
            draws=2,
            probe=ladder_gradients,
        ),
        Case(label="a chain of 5,000 nodes", arguments=chain_arguments, draws=2, probe=chain_gradient),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "accumulation", "complexity")
def assigns_instead_of_adding(root):
    """A node used several times keeps only one share of its gradient: = instead of +=.

    which two shares make up the derivative of a*a?
    """
    root.grad = 1.0
    for node in reversed(topological_order(root)):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad = derivative * node.grad


@exercise.misconception()
def upstream_gradient_dropped(root):
    """The local derivative is passed on without the gradient that arrived at the node.

    what does the chain rule multiply on each edge?
    """
    root.grad = 1.0
    for node in reversed(topological_order(root)):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative


@exercise.misconception()
def inputs_processed_first(root):
    """Nodes are processed from the inputs on, while their own gradients are still 0.

    whose gradient is known at the start?
    """
    root.grad = 1.0
    for node in topological_order(root):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


@exercise.misconception()
def breadth_first_sweep(root):
    """Nodes are processed breadth first: one passes its gradient on before all shares arrived.

    draw this graph: which nodes use c, and which of them comes late?
    """
    root.grad = 1.0
    order, seen = [root], {root}
    for node in order:
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad
            if parent not in seen:
                seen.add(parent)
                order.append(parent)


@exercise.misconception()
def depth_first_sweep(root):
    """Nodes are processed depth first from the root: one passes its gradient on too early.

    draw this graph: which share of c arrives after c was processed?
    """
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(reversed(node.parents))
    root.grad = 1.0
    for node in order:
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


@exercise.misconception()
def sum_passed_on_again(root):
    """Each arrival passes on the whole grad, so earlier shares are counted again.

    how often should each node pass its gradient on?
    """

    def visit(node):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad
            visit(parent)

    root.grad = 1.0
    visit(root)


@exercise.misconception("complexity")
def one_path_at_a_time(root):
    """Every path is followed on its own; in a ladder their number doubles at every rung.

    what would let a node wait until all its shares have arrived?
    """

    def visit(node, upstream):
        node.grad += upstream
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            visit(parent, derivative * upstream)

    visit(root, 1.0)


@exercise.misconception("accumulation")
def earlier_gradients_erased(root):
    """Gradients of earlier calls are erased; backward adds, the caller resets.

    who decides that a new sum of gradients begins?
    """
    order = topological_order(root)
    for node in order:
        node.grad = 0.0
    root.grad = 1.0
    for node in reversed(order):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


@exercise.misconception()
def seeded_with_the_output(root):
    """The sweep starts with the output's value in place of the derivative of the output by itself.

    what is dg/dg?
    """
    root.grad = root.data
    for node in reversed(topological_order(root)):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


@exercise.misconception()
def root_not_seeded(root):
    """No gradient is set at the root, so only zeros are passed on.

    what is the derivative of the output with respect to itself?
    """
    for node in reversed(topological_order(root)):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def sweep_by_counting(root):
    users, found, queue = Counter(), {root}, [root]
    for node in queue:
        users.update(node.parents)
        fresh = [p for p in dict.fromkeys(node.parents) if p not in found]
        found.update(fresh)
        queue.extend(fresh)
    root.grad, ready = 1.0, [root]
    while ready:
        node = ready.pop()
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += slope * node.grad
            users[parent] -= 1
            if users[parent] == 0:
                ready.append(parent)


@exercise.alternative
def sweep_with_own_table(root):
    order = layers_by_counting(root)
    adjoint = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in reversed(order):
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            adjoint[parent] += slope * adjoint[node]
    for node in order:
        node.grad = 1.0 if node is root else node.grad + adjoint[node]


@exercise.alternative
def sweep_while_popping(root):
    order = postorder_by_iterators(root)
    root.grad = 1
    for k in range(len(order) - 1, -1, -1):
        node = order[k]
        for j in range(len(node.parents)):
            node.parents[j].grad = node.parents[j].grad + node.grad * node.local_derivatives[j]


exercise.alternative(CLOSURES)

exercise.alternative(LAZY)
