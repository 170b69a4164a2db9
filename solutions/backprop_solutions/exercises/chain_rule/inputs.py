"""Inputs and cases that several exercises of the unit share."""

from backprop_autograder import Case

# Lines of Python: even a solution that compares every edge with every other stays below, and 2^30 paths do not.
ENOUGH_STEPS = 500_000

# Small primes as derivatives: a wrong sum or product shows which path went wrong.
DIAMOND = [("a", "b", 2.0), ("a", "c", 3.0), ("b", "d", 5.0), ("c", "d", 7.0)]

SHORTCUT = [("a", "d", 2.0), ("a", "b", 3.0), ("b", "d", 5.0)]

LECTURE = [("c", "e", 2.0), ("d", "e", 3.0), ("b", "d", 1.0), ("b", "c", 1.0), ("a", "c", 1.0)]

TWO_OUTPUTS = [("a", "b", 2.0), ("b", "c", 3.0), ("b", "d", 5.0)]

PARALLEL = [("x", "y", 2.0), ("x", "y", 3.0), ("y", "z", 5.0)]

EQUAL_PARALLEL = [("x", "y", 3.0), ("x", "y", 3.0), ("y", "z", 2.0)]

THREE_BY_THREE = [*(("x", "y", d) for d in (2.0, 3.0, 5.0)), *(("y", "z", d) for d in (7.0, 11.0, 13.0))]

SEPARATE = [("a", "b", 2.0), ("p", "q", 3.0)]


def fixed(edges, **node):
    """Return a function that gives these edges, and a node by the name of its parameter."""
    return lambda rng: {"edges": list(edges), **node}


def whole(draw, end, *options):
    """Return a function that draws a graph and gives one end of it: the first node as "source" or last as "target"."""

    def arguments(rng):
        edges, source, target = draw(rng, *options)
        return {"edges": edges, end: source if end == "source" else target}

    return arguments


def parallel_edges(**node):
    return [
        Case(label="two parallel edges", arguments=fixed(PARALLEL, **node)),
        Case(label="three and three parallel edges", arguments=fixed(THREE_BY_THREE, **node)),
        Case(label="equal parallel edges", arguments=fixed(EQUAL_PARALLEL, **node)),
    ]


def ladders(end):
    few = {"steps_at_most": ENOUGH_STEPS}
    counted = {"probe": looks, "draws": 2, "reported": True, **few}
    return [
        # That each edge is used once is told by the submission's process; that no path is followed, by the clock.
        Case(label="30 diamonds, each edge once", arguments=whole(ladder, end), **counted),
        Case(label="30 diamonds with rungs", arguments=whole(ladder, end, 30, True), visible=False, **few),
    ]


def some_derivative(rng):
    return float(rng.choice([-1.8, -1.3, -0.7, -0.6, 0.4, 0.8, 1.2, 1.6, 1.9]))


def random_graph(rng, nodes=6, extra=4):
    """Draw a graph with one input and one output, under shuffled names and in a shuffled order."""
    names = list(rng.permutation(list("abcdefghkmnp"))[:nodes])
    pairs = {(k, int(rng.integers(k + 1, nodes))) for k in range(nodes - 1)}
    pairs |= {(int(rng.integers(0, k)), k) for k in range(1, nodes)}
    pairs |= {tuple(sorted(map(int, rng.choice(nodes, 2, replace=False)))) for _ in range(extra)}
    edges = [(str(names[s]), str(names[t]), some_derivative(rng)) for s, t in sorted(pairs)]
    shuffled = [edges[k] for k in rng.permutation(len(edges))]
    return shuffled, str(names[0]), str(names[-1])


def ladder(rng, diamonds=30, rungs=False):
    """Draw diamonds in a row: 2 paths through each, 3 with a rung."""

    def edge(source, target):
        return (source, target, round(float(rng.uniform(0.3, 0.9)), 1))

    edges = []
    number = rng.permutation(diamonds + 1)  # names tell nothing of the order
    for k in range(diamonds):
        top, bottom, start, end = f"u{number[k]}", f"v{number[k]}", f"s{number[k]}", f"s{number[k + 1]}"
        edges += [edge(start, top), edge(start, bottom), edge(top, end), edge(bottom, end)]
        edges += [edge(start, end)] * rungs
    return [edges[k] for k in rng.permutation(len(edges))], f"s{number[0]}", f"s{number[-1]}"


def tangled(rng):
    """Draw a graph that has whatever a walk may trip over, and the names of its nodes by their part in it.

    Three edges join x and m, two of them equal, and m has a second parent, y, that comes later; the two paths from m
    to r cancel; those from m to z by u and v have equal products; an edge into o is 0; g and h are apart from the rest.
    Some names are parts of others.
    """
    parts = "xwymprquvzoegh"
    drawn = rng.permutation(["a", "b", "c", "d", "ab", "ba", "bc", "cd", "abc", "e1", "e", "e11", "f", "1f"])
    name = dict(zip(parts, map(str, drawn), strict=True))
    d = [some_derivative(rng) for _ in range(8)]
    s, t = rng.permutation([0.5, -1.5, 2.5, 3.5])[:2].tolist()
    edges = [("x", "m", d[0]), ("x", "m", d[0]), ("x", "m", d[1]), ("w", "y", d[2]), ("y", "m", d[3])]
    edges += [("m", "p", s), ("m", "q", t), ("p", "r", t), ("q", "r", -s), ("r", "z", d[4])]
    edges += [("m", "u", s), ("m", "v", t), ("u", "z", t), ("v", "z", s)]
    edges += [("z", "o", 0.0), ("x", "o", d[5]), ("z", "e", d[6]), ("g", "h", d[7])]
    return [(name[edges[k][0]], name[edges[k][1]], edges[k][2]) for k in rng.permutation(len(edges))], name


def looks(student, edges, **node):
    class Edge(tuple):
        looks = 0

        def __iter__(self):
            Edge.looks += 1
            return super().__iter__()

        def __getitem__(self, place):
            Edge.looks += 1
            return super().__getitem__(place)

    counted = [Edge(edge) for edge in edges]
    try:  # what the student's own order needs is not counted here
        student.topological_order(counted)
    except (NameError, NotImplementedError):
        counted = [Edge(edge) for edge in edges]
    needed, Edge.looks = Edge.looks, 0
    # By a name that is made here: neither exercise relies on the other.
    accumulate = getattr(student, f"{'reverse' if 'target' in node else 'forward'}_accumulate")
    derivatives = accumulate(counted, *node.values())
    # Twenty looks at an edge are plenty; one search of the list for every node of 30 diamonds takes 91.
    return {"derivatives": derivatives, "each edge once": Edge.looks <= needed + 20 * len(edges)}
