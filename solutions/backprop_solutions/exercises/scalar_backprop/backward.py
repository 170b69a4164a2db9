"""backward: add to every node's grad the derivative of `root` with respect to that node."""

from collections import Counter

import numpy as np

from backprop_autograder import Definition, script
from backprop_solutions.exercises.scalar_backprop.engines import CLOSURES, LAZY, layers_by_counting
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
    values_of,
)
from backprop_solutions.exercises.scalar_backprop.topological_order import postorder_by_iterators
from backprop_solutions.scalar_backprop import backward, topological_order


def grads_of(names):
    """Return the places to observe: the gradients of the named nodes."""
    return [f"{name}.grad" for name in names]


exercise = Definition(backward)

values = exercise.aspect(
    "values", hint="do it on paper for e = (a + b)(b + 1): in which order do the nodes get their gradients?"
)
values.add(
    script("an output that is its own input", "a = Value($a)\nbackward(a)", "a.grad", draw=drawn("a")),
    script("RWTH's graph at (2, 1)", f"{LECTURE_RWTH}backward(e)", *grads_of("abcde")),
    script("FAU's graph at (1, 3)", f"{LECTURE_FAU}backward(g)", *grads_of(["x1", "x2", "c", "e", "g"])),
    *(
        script(label, f"{values_of(names)}{lines}\nbackward({nodes[-1]})", *grads_of(nodes), draw=drawn(names), draws=2)
        for label, names, lines, nodes in GRAPHS
    ),
    script("different nodes with equal data", f"{EQUAL_NUMBERS}backward(e)", *grads_of("abcde"), draw=drawn("a")),
    script(
        "a derivative of 0 on the way",
        "a = Value($a)\nb = Value(0.0)\nc = a * b\nd = c * b\ne = d + a * c\nbackward(e)",
        *grads_of("abcde"),
        draw=drawn("a"),
    ),
    script(
        "a node beside the graph",
        f"{values_of('ab')}c = a * b\nd = c * a\nbackward(c)",
        *grads_of("abcd"),
        draw=drawn("ab"),
    ),
)

accumulation = exercise.aspect(
    "accumulation", hint="what is in an input's grad after the first call, and what should the second call do to it?"
)
accumulation.add(
    script(
        "two outputs of the same inputs",
        f"{values_of('abk')}backward(a * b + a)\nbackward(b * k - a * a)",
        *grads_of("abk"),
        draw=drawn("abk"),
        draws=3,
    ),
    script(
        "an input's own gradient twice", "a = Value($a)\nbackward(a * a)\nbackward(3 * a)", "a.grad", draw=drawn("a")
    ),
)

shared = exercise.aspect(
    "shared", hint="is what an earlier call left in a node's grad handed on to its parents once more?"
)
shared.add(
    script(
        "two outputs that share an inner node",
        f"{values_of('ab')}c = a * b\nbackward(2 * c)\nbackward(3 * c)",
        *grads_of("abc"),
        draw=drawn("ab"),
        draws=2,
    ),
    script(
        "the same output twice",
        f"{values_of('ab')}c = a * b\nd = c + a\nbackward(d)\nbackward(d)",
        *grads_of("abcd"),
        draw=drawn("ab"),
        draws=2,
    ),
    script(
        "an output that is part of the next",
        f"{values_of('ab')}c = a * b\nbackward(c)\nd = c * c\nbackward(d)",
        *grads_of("abcd"),
        draw=drawn("ab"),
    ),
)

complexity = exercise.aspect("complexity", hint="how often does each node pass its gradient on?")
complexity.add(
    script(
        "a ladder of 30 diamonds",
        f"{LADDER}backward(node)",
        *grads_of(["start", "p", "q"]),
        draw=ladder_numbers,
        draws=2,
        steps_at_most=STEPS,
    ),
    script("a chain of 5,000 nodes", f"{CHAIN}backward(node)", "a.grad", draw=drawn("a")),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "accumulation", "shared", "complexity")
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


@exercise.misconception("accumulation", "shared")
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


@exercise.misconception("shared")
def earlier_gradients_handed_on_again(root):
    """The sweep hands on all of a node's grad, and with it what an earlier call left there.

    after backward(2*c), how much of c.grad belongs to the next call?
    """
    root.grad += 1.0
    for node in reversed(topological_order(root)):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad


@exercise.misconception("shared")
def root_set_to_one(root):
    """The root's gradient is set to 1, although an earlier call may have left something there.

    what should be added to the root's own grad?
    """
    order = topological_order(root)
    share = dict.fromkeys(order, 0.0)
    share[root] = 1.0
    for node in reversed(order):
        node.grad = 1.0 if node is root else node.grad + share[node]
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            share[parent] += derivative * share[node]


@exercise.misconception("shared")
def visited_nodes_remembered(root):
    """Nodes visited by an earlier call are passed over in the next one.

    where is it written down that a node was visited, and for how long?
    """
    order = [node for node in topological_order(root) if not getattr(node, "visited", False)]
    share = dict.fromkeys(topological_order(root), 0.0)
    share[root] = 1.0
    for node in reversed(order):
        node.visited = bool(node.parents)
        node.grad += share[node]
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            share[parent] += derivative * share[node]
    for node in topological_order(root):
        node.grad += 0.0 if node in order else share[node]


@exercise.misconception()
def only_inputs_get_a_gradient(root):
    """Only nodes without parents keep their gradient; those in between stay at 0.

    what is the derivative of the root with respect to a node halfway?
    """
    order = topological_order(root)
    share = dict.fromkeys(order, 0.0)
    share[root] = 1.0
    for node in reversed(order):
        if not node.parents:
            node.grad += share[node]
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            share[parent] += derivative * share[node]


@exercise.misconception()
def multiplied_by_the_data(root):
    """Data of the parents stand in for the local derivatives.

    which number did each operation record for a parent, beside the parent itself?
    """
    order = topological_order(root)
    share = dict.fromkeys(order, 0.0)
    share[root] = 1.0
    for node in reversed(order):
        node.grad += share[node]
        for parent in node.parents:
            share[parent] += parent.data * share[node]


@exercise.misconception()
def one_share_per_parent(root):
    """A parent that is listed twice, as in a*a, gets one of its two shares.

    which two shares make up the derivative of a*a?
    """
    order = topological_order(root)
    share = dict.fromkeys(order, 0.0)
    share[root] = 1.0
    for node in reversed(order):
        node.grad += share[node]
        for parent, derivative in dict(zip(node.parents, node.local_derivatives, strict=True)).items():
            share[parent] += derivative * share[node]


exercise.slip(
    "root_set_and_grad_handed_on",
    ("    share = dict.fromkeys(order, 0.0)\n    share[root] = 1.0\n", "    root.grad = 1.0\n"),
    ("        node.grad += share[node]\n", ""),
    ("share[parent] += derivative * share[node]", "parent.grad += derivative * node.grad"),
    cause="The sweep hands on all of a node's grad, and with it what an earlier call left there.",
    next_step="after backward(2*c), how much of c.grad belongs to the next call?",
    loses=("shared",),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def sweep_by_counting(root):
    users, found, queue = Counter(), {root}, [root]
    for node in queue:
        users.update(node.parents)
        fresh = [p for p in dict.fromkeys(node.parents) if p not in found]
        found.update(fresh)
        queue.extend(fresh)
    arrived, ready = Counter({root: 1.0}), [root]
    while ready:
        node = ready.pop()
        node.grad = node.grad + arrived[node]
        for parent, slope in zip(node.parents, node.local_derivatives, strict=True):
            arrived[parent] += slope * arrived[node]
            users[parent] -= 1
            if users[parent] == 0:
                ready.append(parent)


@exercise.alternative
def sweep_with_old_gradients_put_aside(root):
    order = layers_by_counting(root)
    before = {id(node): node.grad for node in order}
    for node in order:
        node.grad = 0.0
    root.grad = 1.0
    for node in reversed(order):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            parent.grad += derivative * node.grad
    for node in order:
        node.grad += before[id(node)]


@exercise.alternative
def sweep_over_places(root):
    order = postorder_by_iterators(root)
    place = {id(node): k for k, node in enumerate(order)}
    share = np.zeros(len(order))
    share[-1] = 1
    for k in range(len(order) - 1, -1, -1):
        node = order[k]
        node.grad += float(share[k])
        for j in range(len(node.parents)):
            share[place[id(node.parents[j])]] += share[k] * node.local_derivatives[j]


exercise.alternative(CLOSURES)
exercise.alternative(LAZY)

# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("[::-1]", reason="contributions add up in any order")
exercise.equivalent("reversed(share)", reason="share has the nodes of order, in that order")
