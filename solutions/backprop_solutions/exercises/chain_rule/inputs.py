"""Inputs and cases that several exercises of the unit share."""

# Lines of Python: even a solution that scans every edge for every pair of nodes stays below, and 2^60 paths do not.
ENOUGH_STEPS = 2_000_000

# Small primes as derivatives: a wrong sum or product shows which path went wrong.
DIAMOND = [("a", "b", 2.0), ("a", "c", 3.0), ("b", "d", 5.0), ("c", "d", 7.0)]

SHORTCUT = [("a", "d", 2.0), ("a", "b", 3.0), ("b", "d", 5.0)]

LECTURE = [("c", "e", 2.0), ("d", "e", 3.0), ("b", "d", 1.0), ("b", "c", 1.0), ("a", "c", 1.0)]

TWO_OUTPUTS = [("a", "b", 2.0), ("b", "c", 3.0), ("b", "d", 5.0)]

PARALLEL = [("x", "y", 2.0), ("x", "y", 3.0), ("y", "z", 5.0)]

EQUAL_PARALLEL = [("x", "y", 3.0), ("x", "y", 3.0), ("y", "z", 2.0)]

THREE_BY_THREE = [*(("x", "y", d) for d in (2.0, 3.0, 5.0)), *(("y", "z", d) for d in (7.0, 11.0, 13.0))]

SEPARATE = [("a", "b", 2.0), ("p", "q", 3.0)]


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


def ladder(rng, diamonds=60, rungs=False):
    """Draw diamonds in a row: 2 paths through each, 3 with a rung."""

    def edge(source, target):
        return (source, target, round(float(rng.uniform(0.3, 0.9)), 1))

    edges = []
    for k in range(diamonds):
        top, bottom, start, end = f"u{k}", f"v{k}", f"s{k}", f"s{k + 1}"
        edges += [edge(start, top), edge(start, bottom), edge(top, end), edge(bottom, end)]
        edges += [edge(start, end)] * rungs
    return [edges[k] for k in rng.permutation(len(edges))], "s0", f"s{diamonds}"
