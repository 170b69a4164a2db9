"""backward: add the derivative of the root to the gradient of every node."""

import sys

import numpy as np

from backprop_autograder import Case, Definition
from backprop_course.given.autodiff import topological_order
from backprop_solutions.autodiff import backward
from backprop_solutions.exercises.autodiff.inputs import lines, signed

# Nodes are made by hand, through parents and vjps: no operation of Tensor is asked.


def times(c, a, b):
    return f"{c} = Tensor({a}.data * {b}.data, ({a}, {b}), (lambda g: g * {b}.data, lambda g: g * {a}.data))\n"


def plus(c, a, b):
    return f"{c} = Tensor({a}.data + {b}.data, ({a}, {b}), (lambda g: g, lambda g: g))\n"


def matmul(c, a, b):
    return f"{c} = Tensor({a}.data @ {b}.data, ({a}, {b}), (lambda g: g @ {b}.data.T, lambda g: {a}.data.T @ g))\n"


def total(c, a):
    return f"{c} = Tensor({a}.data.sum(), ({a},), (lambda g: g * np.ones({a}.data.shape),))\n"


OPERATIONS = {"*": times, "+": plus, "@": matmul}


def graph(label, program, draws=2, **options):
    """Return the case of a graph: ``"c = a * b; e = sum c; backward e"``, in as many lines of Python."""
    nodes = inputs_of(program)
    code = "".join(f"{name} = Tensor(${name})\n" for name in nodes)
    for step in program.split(";"):
        match step.split():
            case ["backward", root]:
                code += f"backward({root})\n"
            case [c, "=", "sum", a]:
                code += total(c, a)
                nodes = [*nodes, c]
            case [c, "=", a, sign, b]:
                code += OPERATIONS[sign](c, a, b)
                nodes = [*nodes, c]
    return lines(label, code, *(f"{name}.grad" for name in nodes), draws=draws, **options)


def inputs_of(program):
    """Return the names that a program reads and does not make, in alphabetical order."""
    made = {step.split()[0] for step in program.split(";")}
    read = {word for step in program.split(";") for word in step.split()[1:] if word.isalpha()}
    return sorted(read - made - {"sum"})


def ladder(student, diamonds, x, p, q):
    uses = []

    def scaled(factor):
        def vjp(g):
            uses.append(factor)
            return g * factor

        return vjp

    start = node = student.Tensor(x)
    for _ in range(diamonds):
        left = student.Tensor(node.data * p, (node,), (scaled(p),))
        right = student.Tensor(node.data * q, (node,), (scaled(q),))
        node = student.Tensor(left.data + right.data, (left, right), (scaled(1.0), scaled(1.0)))
    student.backward(node)
    return {"gradient": start.grad, "rules used": len(uses)}


def chain(student, length, x):
    node = start = student.Tensor(x)
    for _ in range(length):
        node = student.Tensor(node.data + x, (node, start), (lambda g: g, lambda g: g))
    student.backward(node)
    return start.grad


def two_and_one(rng):
    return {"a": 2.0, "b": 1.0, "one": 1.0}


def with_zeros(rng):
    a, b = signed(rng, 3), signed(rng, 3)
    a[0], b[1] = 0.0, 0.0
    return {"a": a, "b": b}


def without_influence(rng):
    return {"a": signed(rng, 2), "b": signed(rng, 2), "z": np.zeros(2)}


PAIR = {"a": (2,), "b": (2,)}

exercise = Definition(backward)

values = exercise.aspect(
    "values", hint="a node may pass its gradient on when all shares have arrived: in which order is that so?"
)
values.add(
    lines("a root that is an input", "a = Tensor($a)\nbackward(a)", "a.grad", a=()),
    lines("a root of shape (1, 1)", "a = Tensor($a)\nbackward(a)", "a.grad", a=(1, 1)),
    graph("RWTH's graph at (2, 1)", "c = a + b; d = b + one; e = c * d; backward e", draw=two_and_one, draws=1),
    graph("a product", "c = a * b; e = sum c; backward e", **PAIR),
    graph("a node that is both operands", "c = a * a; e = sum c; backward e", a=(2,)),
    graph("two ways to one input", "c = a + b; d = c * a; e = sum d; backward e", **PAIR),
    graph("a late share", "c = a * b; t = c + b; d = t * a; u = c * d; e = sum u; backward e", **PAIR),
    graph("a diamond", "c = a * b; d = c + c; t = c * a; u = d * t; e = sum u; backward e", **PAIR),
    graph("sums of equal shape", "c = a + b; d = c + a; t = d + c; e = sum t; backward e", **PAIR),
    graph("matrices", "c = a @ b; d = c * c; e = sum d; backward e", a=(4, 3), b=(3, 2)),
    graph("entries that are 0", "c = a * b; d = c * a; e = sum d; backward e", draw=with_zeros),
    graph(
        "a node without influence",
        "c = a * b; d = c * z; t = b * b; u = d + t; e = sum u; backward e",
        draw=without_influence,
        draws=1,
    ),
    graph(
        "a node without influence, listed second",
        "t = b * b; c = a * b; d = c * z; u = t + d; e = sum u; backward e",
        draw=without_influence,
        draws=1,
    ),
    graph("a node beside the graph", "c = a * b; d = c * a; e = sum c; backward e", **PAIR),
)

accumulation = exercise.aspect(
    "accumulation",
    hint="what an earlier call left in .grad is not passed on again: where can this call's gradients be kept?",
)
accumulation.add(
    graph("two roots", "c = a * b; e = sum c; backward e; d = a * a; f = sum d; backward f", **PAIR),
    graph(
        "two roots that share an inner node",
        "c = a * b; s = sum c; e = s * k; f = s * s; backward e; backward f",
        k=(),
        **PAIR,
    ),
    graph("a root that another is made from", "c = a * b; e = sum c; backward e; f = e * e; backward f", **PAIR),
    graph("the same root twice", "c = a * b; d = c * a; e = sum d; backward e; backward e", **PAIR),
)

exercise.aspect(
    "complexity",
    hint="each node has its turn once, when all that depends on it is done.",
    cases=[
        Case(
            label="a ladder of 60 diamonds",
            arguments=lambda rng: {
                "diamonds": 60,
                "x": signed(rng, 2),
                "p": rng.uniform(0.4, 0.5),
                "q": rng.uniform(0.4, 0.5),
            },
            steps_at_most=100_000,
            draws=2,
            probe=ladder,
        ),
        Case(label="a chain of 5,000 nodes", arguments=lambda rng: {"length": 5000, "x": signed(rng, 2)}, probe=chain),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------

ALL = ("values", "accumulation", "complexity")
SHARE = "gradients[parent] = gradients.get(parent, 0.0) + vjp(g)"
exercise.slip(
    "shares_overwritten",
    (SHARE, "gradients[parent] = vjp(g)"),
    cause="A share of a gradient overwrites those that came before.",
    next_step="what happens where two paths meet: the later share, or the sum?",
    loses=ALL,
)
exercise.slip(
    "grad_overwritten",
    ("node.grad = node.grad + g", "node.grad = g"),
    cause="What an earlier call left in grad is overwritten, or reset at the start; backward adds to it.",
    next_step="who resets gradients, and when?",
    loses=("accumulation",),
)
exercise.slip(
    "upstream_gradient_dropped",
    ("+ vjp(g)", "+ vjp(np.ones_like(g))"),
    cause="Each vjp gets ones, not the gradient of its node.",
    next_step="what does the chain rule multiply the local derivative by?",
    loses=("values", "accumulation"),
)
exercise.slip(
    "multiplied_twice",
    ("+ vjp(g)", "+ g * vjp(g)"),
    cause="The gradient is multiplied in once more; vjp(g) has it already.",
    next_step="what does a vjp return: a local derivative, or the parent's gradient?",
)
exercise.slip(
    "inputs_first",
    ("reversed(topological_order(root))", "topological_order(root)"),
    cause="The sweep begins at the inputs, whose gradients are not known yet.",
    next_step="which node's gradient is known at the start?",
    loses=ALL,
)
exercise.slip(
    "only_the_first_parent",
    ("zip(node.parents, node.vjps, strict=True)", "zip(node.parents[:1], node.vjps[:1], strict=True)"),
    cause="Only the first parent of a node gets its share.",
    next_step="how many operands has a product?",
    loses=ALL,
)
exercise.slip(
    "inner_nodes_left_out",
    ("        node.grad = node.grad + g\n", "        if not node.parents:\n            node.grad = node.grad + g\n"),
    cause="Only the inputs get a gradient; inner nodes have one as well.",
    next_step="what is the derivative of the root with respect to the root?",
    loses=("values", "accumulation"),
)
exercise.slip(
    "root_left_out",
    ("        node.grad = node.grad + g\n", "        if node is not root:\n            node.grad = node.grad + g\n"),
    cause="The root gets no gradient of its own.",
    next_step="by how much does the root change when the root changes by 1?",
    loses=("values", "accumulation"),
)
exercise.slip(
    "seeded_with_the_output",
    ("np.ones_like(root.data)", "root.data"),
    cause="The sweep starts from the root's value instead of 1.",
    next_step="what is the derivative of the root with respect to itself?",
    loses=ALL,
)
exercise.slip(
    "seeded_with_zero",
    ("np.ones_like(root.data)", "np.zeros_like(root.data)"),
    cause="The sweep starts from 0, and 0 is all that it passes on.",
    next_step="what is the derivative of the root with respect to itself?",
    loses=ALL,
)
exercise.slip(
    "shares_added_in_place",
    (
        SHARE,
        "share = vjp(g)\n            if parent in gradients:\n                gradients[parent] += share\n"
        "            else:\n                gradients[parent] = share",
    ),
    cause="A gradient is added to in place while another node holds the same array: vjps may return g itself.",
    next_step="what is the difference between a = a + b and a += b for arrays?",
)


@exercise.misconception("accumulation")
def sweep_over_grad(root):
    """The sweep runs over grad itself: what an earlier call left there is passed on once more.

    keep this call's gradients apart, and add them to grad.
    """
    root.grad = np.ones_like(root.data)
    for node in reversed(topological_order(root)):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)


@exercise.misconception("accumulation")
def sweep_over_grad_with_root_added(root):
    """The root's 1 is added to its grad, and the sweep passes on all of it, old and new.

    keep this call's gradients apart, and add them to grad.
    """
    root.grad = root.grad + np.ones_like(root.data)
    for node in reversed(topological_order(root)):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)


@exercise.misconception("values", "complexity")
def breadth_first(root):
    """Nodes are visited nearest first: some pass their gradient on before all shares have arrived.

    which order puts every node before its parents?
    """
    gradients, order = {root: np.ones_like(root.data)}, [root]
    for node in order:
        order.extend(parent for parent in dict.fromkeys(node.parents) if parent not in order)
    for node in order:
        g = gradients.pop(node, 0.0) + np.zeros(node.data.shape)
        node.grad = node.grad + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            gradients[parent] = gradients.get(parent, 0.0) + vjp(g)


@exercise.misconception("complexity")
def one_path_at_a_time(root):
    """Every path is followed on its own: right, but there are exponentially many.

    what if each node waited until all its shares had arrived?
    """

    def visit(node, g):
        node.grad = node.grad + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            visit(parent, vjp(g))

    visit(root, np.ones_like(root.data))


@exercise.misconception("values", "accumulation")
def sums_passed_on_again(root):
    """Each visit passes on all that a node has so far: shares count several times.

    how often does a node get its turn, and what has it passed on already?
    """

    def visit(node):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)
            visit(parent)

    root.grad = root.grad + np.ones_like(root.data)
    if len(topological_order(root)) < 50:
        visit(root)


@exercise.misconception("accumulation")
def nodes_marked_as_done(root):
    """Nodes are marked as done for good: a second call passes by them.

    where can it be kept which nodes this call has seen?
    """
    gradients = {root: np.ones_like(root.data)}
    for node in reversed(topological_order(root)):
        g = gradients.pop(node, np.zeros_like(node.data))
        if not getattr(node, "done", False):
            node.grad = node.grad + g
            for parent, vjp in zip(node.parents, node.vjps, strict=True):
                gradients[parent] = gradients.get(parent, 0.0) + vjp(g)
        node.done = bool(node.parents)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_counting_children(root):
    children, waiting, met = {}, [root], {root}
    while waiting:
        for parent in waiting.pop().parents:
            children[parent] = children.get(parent, 0) + 1
            if parent not in met:
                met.add(parent)
                waiting.append(parent)
    shares, ready = {node: [] for node in met}, [root]
    shares[root] = [np.ones(root.data.shape)]
    while ready:
        node = ready.pop()
        g = sum(shares[node])
        node.grad = g + node.grad
        for k, parent in enumerate(node.parents):
            shares[parent].append(node.vjps[k](g))
            children[parent] -= 1
            if not children[parent]:
                ready.append(parent)


@exercise.alternative
def by_setting_the_old_aside(root):
    order = topological_order(root)
    old = [node.grad for node in order]
    for node in order:
        node.grad = np.zeros_like(node.data)
    root.grad = np.ones_like(root.data)
    for node in order[::-1]:
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)
    for node, before in zip(order, old, strict=True):
        node.grad = node.grad + before


@exercise.alternative
def by_recursion(root):
    sys.setrecursionlimit(20_000)
    order, met = [], set()

    def visit(node):
        if id(node) not in met:
            met.add(id(node))
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    gradients = {id(node): np.zeros(node.data.shape) for node in order}
    gradients[id(root)] = gradients[id(root)] + 1.0
    while order:
        node = order.pop()
        node.grad = node.grad + gradients[id(node)]
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            gradients[id(parent)] = gradients[id(parent)] + vjp(gradients[id(node)])


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("[::-1]", reason="gradients add up in any order")
