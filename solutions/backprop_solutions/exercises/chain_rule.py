"""How the exercises of unit 1 are judged."""

import numpy as np

from backprop_autograder import Aspect, Case, Exercise, Formula, Misconception, Property
from backprop_solutions import chain_rule as reference
from backprop_solutions.chain_rule import evaluate_graph, topological_order

# Lines of Python: even a solution that scans every edge for every pair of nodes stays below, and 2^60 paths do not.
ENOUGH_STEPS = 2_000_000

# --- graphs to ask about ----------------------------------------------------------------------------
# Small primes as derivatives: a wrong sum or product shows which path went wrong.

DIAMOND = [("a", "b", 2.0), ("a", "c", 3.0), ("b", "d", 5.0), ("c", "d", 7.0)]
SHORTCUT = [("a", "d", 2.0), ("a", "b", 3.0), ("b", "d", 5.0)]
LECTURE = [("c", "e", 2.0), ("d", "e", 3.0), ("b", "d", 1.0), ("b", "c", 1.0), ("a", "c", 1.0)]
TWO_OUTPUTS = [("a", "b", 2.0), ("b", "c", 3.0), ("b", "d", 5.0)]
TWO_INPUTS = [("b", "c", 2.0), ("a", "c", 3.0), ("c", "d", 5.0)]
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


# --- evaluate_graph ---------------------------------------------------------------------------------


def lecture_point(rng):
    return {"x1": 1.0, "x2": 3.0}


def random_point(rng):
    return {"x1": round(rng.normal(), 2), "x2": round(rng.normal(), 2)}


def square_before_sum(x1, x2):
    a, b = 2 * x1, 3 * x2
    c = a + b
    e = a**2 + b**2
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e + 3}


def constant_before_square(x1, x2):
    a, b = 2 * x1, 3 * x2
    c = a + b + 3
    e = c**2
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e}


def coefficients_swapped(x1, x2):
    a, b = 3 * x1, 2 * x2
    c = a + b
    e = c**2
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e + 3}


def doubled_instead_of_squared(x1, x2):
    a, b = 2 * x1, 3 * x2
    c = a + b
    e = 2 * c
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e + 3}


def constant_multiplied(x1, x2):
    a, b = 2 * x1, 3 * x2
    c = a + b
    e = c**2
    return {"x1": x1, "x2": x2, "a": a, "b": b, "c": c, "e": e, "g": e * 3}


def output_only(x1, x2):
    return (2 * x1 + 3 * x2) ** 2 + 3


def inputs_left_out(x1, x2):
    a, b = 2 * x1, 3 * x2
    c = a + b
    e = c**2
    return {"a": a, "b": b, "c": c, "e": e, "g": e + 3}


EVALUATE_GRAPH = Exercise(
    reference.evaluate_graph,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="node values at the lecture's point (1, 3)", arguments=lecture_point),
                Case(label="node values at a random point", arguments=random_point, draws=3),
            ],
            hint="compute one node a line, in the order a, b, c, e, g, and compare each with your own calculation.",
        ),
    ],
    misconceptions=[
        Misconception(
            square_before_sum,
            cause="The square is taken of a and b before they are summed; e is the square of c.",
            next_step="which node does e read?",
        ),
        Misconception(
            constant_before_square,
            cause="The 3 is added before squaring; it belongs to the last node.",
            next_step="which node reads e, and what does it add?",
        ),
        Misconception(
            coefficients_swapped,
            cause="The factors 2 and 3 have changed places.",
            next_step="which factor belongs to x1?",
        ),
        Misconception(
            doubled_instead_of_squared,
            cause="The node e is twice c, but it should be c to the power of 2.",
            next_step="which Python operator raises to a power?",
        ),
        Misconception(
            constant_multiplied,
            cause="The last node multiplies by 3 where it should add 3.",
            next_step="read the definition of g once more.",
        ),
        Misconception(
            output_only,
            cause="Only the final value is returned; the backward pass will need every node on the way.",
            next_step="how can one dict hold the value of each node by name?",
        ),
        Misconception(
            inputs_left_out,
            cause="The inputs are nodes of the graph too, and are missing from the dict.",
            next_step="which seven names should the dict have?",
        ),
    ],
)


# --- backpropagate_graph ----------------------------------------------------------------------------


def lecture_values(rng):
    return {"values": evaluate_graph(1.0, 3.0)}


def random_values(rng):
    return {"values": evaluate_graph(round(rng.normal(), 2), round(rng.normal(), 2))}


def outer_derivative_at_output(values):
    c = 2 * values["e"]
    return {"x1": 2 * c, "x2": 3 * c, "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


def inner_derivative_forgotten(values):
    c = 2 * values["c"]
    return {"x1": c, "x2": c, "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


def power_rule_without_factor(values):
    c = values["c"]
    return {"x1": 2 * c, "x2": 3 * c, "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


def constant_added_to_gradient(values):
    e = 1.0 + 3
    c = e * 2 * values["c"]
    return {"x1": 2 * c, "x2": 3 * c, "a": c, "b": c, "c": c, "e": e, "g": 1.0}


def constant_added_at_the_end(values):
    c = 2 * values["c"]
    return {"x1": 2 * c + 3, "x2": 3 * c + 3, "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


def started_with_the_output(values):
    g = values["g"]
    c = g * 2 * values["c"]
    return {"x1": 2 * c, "x2": 3 * c, "a": c, "b": c, "c": c, "e": g, "g": g}


def started_with_zero(values):
    return {"x1": 0.0, "x2": 0.0, "a": 0.0, "b": 0.0, "c": 0.0, "e": 0.0, "g": 0.0}


def local_derivatives_only(values):
    return {"x1": 2.0, "x2": 3.0, "a": 1.0, "b": 1.0, "c": 2 * values["c"], "e": 1.0, "g": 1.0}


def gradient_shared_out(values):
    c = 2 * values["c"]
    return {"x1": c, "x2": 1.5 * c, "a": c / 2, "b": c / 2, "c": c, "e": 1.0, "g": 1.0}


def multiplied_by_the_input(values):
    c = 2 * values["c"]
    return {"x1": c * values["a"], "x2": c * values["b"], "a": c, "b": c, "c": c, "e": 1.0, "g": 1.0}


BACKPROPAGATE_GRAPH = Exercise(
    reference.backpropagate_graph,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="the lecture's point (1, 3)", arguments=lecture_values),
                Case(label="a random point", arguments=random_values, draws=3),
            ],
            hint="go back one edge at a time: what arrives from the node behind, times the edge's own derivative.",
        ),
    ],
    misconceptions=[
        Misconception(
            outer_derivative_at_output,
            cause="The derivative of the square is taken at its output e instead of its input c.",
            next_step="in 2 z, the derivative of z^2, which node is z?",
        ),
        Misconception(
            inner_derivative_forgotten,
            cause="The inner derivatives, of 2 x1 and 3 x2, are missing.",
            next_step="by how much does a change when x1 changes by one?",
        ),
        Misconception(
            power_rule_without_factor,
            cause="The derivative of c^2 lacks its factor 2.",
            next_step="what does the rule for monomials say for n = 2?",
        ),
        Misconception(
            constant_added_to_gradient,
            cause="The 3 is added to a derivative, but a constant changes no slope.",
            next_step="what is the derivative of e + 3 with respect to e?",
        ),
        Misconception(
            constant_added_at_the_end,
            cause="The 3 is added to the gradient, but the derivative of a constant is 0.",
            next_step="does raising a whole hill change how steep it is?",
        ),
        Misconception(
            started_with_the_output,
            cause="The backward pass starts with the value of g instead of dg/dg.",
            next_step="by how much does g change when g changes by one?",
        ),
        Misconception(
            started_with_zero,
            cause="dg/dg is taken as 0, so every product is 0.",
            next_step="by how much does g change when g changes by one?",
        ),
        Misconception(
            local_derivatives_only,
            cause="Each derivative is that of one edge only: what arrives from behind is missing.",
            next_step="the chain rule is a product: what is the other factor?",
        ),
        Misconception(
            gradient_shared_out,
            cause="The sum node divides its derivative between a and b, but each moves c fully.",
            next_step="by how much does a + b change when a does?",
        ),
        Misconception(
            multiplied_by_the_input,
            cause="The values a and b are used where the derivatives 2 and 3 belong.",
            next_step="is 2 x1 steeper at x1 = 10 than at 1?",
        ),
    ],
)


# --- compose_derivative -----------------------------------------------------------------------------


def lecture_composition(rng):
    """Give the lecture's function as a chain in x1, with x2 = 3."""
    return {
        "functions": [Formula("lambda z: 2*z + 9"), Formula("lambda z: z**2"), Formula("lambda z: z + 3")],
        "derivatives": [Formula("lambda z: 2.0"), Formula("lambda z: 2*z"), Formula("lambda z: 1.0")],
        "x": 1.0,
    }


def two_functions(rng):
    return {
        "functions": [Formula("lambda z: z**2"), Formula("lambda z: z**3")],
        "derivatives": [Formula("lambda z: 2*z"), Formula("lambda z: 3*z**2")],
        "x": 2.0,
    }


def one_function(rng):
    x = round(float(rng.uniform(0.5, 1.5)), 2)
    return {"functions": [Formula("lambda z: z**3")], "derivatives": [Formula("lambda z: 3*z**2")], "x": x}


def random_composition(rng):
    pool = [
        ("lambda z: np.sin(k*z)", "lambda z: k*np.cos(k*z)"),
        ("lambda z: np.exp(k*z)", "lambda z: k*np.exp(k*z)"),
        ("lambda z: np.tanh(k*z)", "lambda z: k / np.cosh(k*z)**2"),
        ("lambda z: (z + k)**2", "lambda z: 2*(z + k)"),
        ("lambda z: k*z - 1", "lambda z: k"),
    ]
    chosen = [(pool[i], round(float(rng.uniform(0.3, 0.7)), 2)) for i in rng.permutation(len(pool))[:4]]
    return {
        "functions": [Formula(f, k=k) for (f, _), k in chosen],
        "derivatives": [Formula(d, k=k) for (_, d), k in chosen],
        "x": round(float(rng.uniform(0.2, 0.8)), 2),
    }


def every_derivative_at_x(functions, derivatives, x):
    product = 1.0
    for derivative in derivatives:
        product *= derivative(x)
    return product


def derivatives_at_the_outputs(functions, derivatives, x):
    product = 1.0
    for function, derivative in zip(functions, derivatives, strict=True):
        x = function(x)
        product *= derivative(x)
    return product


def last_function_applied_first(functions, derivatives, x):
    product = 1.0
    for function, derivative in zip(functions[::-1], derivatives[::-1], strict=True):
        product *= derivative(x)
        x = function(x)
    return product


def derivatives_added_up(functions, derivatives, x):
    total = 0.0
    for function, derivative in zip(functions, derivatives, strict=True):
        total += derivative(x)
        x = function(x)
    return total


def derivatives_composed(functions, derivatives, x):
    for derivative in derivatives:
        x = derivative(x)
    return x


def outermost_derivative_only(functions, derivatives, x):
    for function in functions[:-1]:
        x = function(x)
    return derivatives[-1](x)


def value_instead_of_derivative(functions, derivatives, x):
    for function in functions:
        x = function(x)
    return x


def inner_values_recomputed(functions, derivatives, x):
    product = 1.0
    for k in range(len(functions)):
        inner = x
        for function in functions[:k]:
            inner = function(inner)
        product *= derivatives[k](inner)
    return product


COMPOSE_DERIVATIVE = Exercise(
    reference.compose_derivative,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="two functions", arguments=two_functions),
                Case(label="the lecture's function as a chain", arguments=lecture_composition),
                Case(label="one function", arguments=one_function),
                Case(label="four random functions", arguments=random_composition, draws=3),
            ],
            hint="write down, for two functions, at which number each of the two derivatives is evaluated.",
        ),
        Aspect(
            "calls",
            [
                Case(
                    label="each function called at most once",
                    arguments=random_composition,
                    draws=2,
                    calls_at_most=1,
                ),
            ],
            hint="keep the value that one function returns: the next one needs it.",
        ),
    ],
    misconceptions=[
        Misconception(
            every_derivative_at_x,
            cause="All derivatives are evaluated at x, but each function sees what the one before it returned.",
            next_step="which number goes into the second function?",
        ),
        Misconception(
            derivatives_at_the_outputs,
            cause="Each derivative is evaluated at its function's output; it belongs at the input.",
            next_step="in which order do you update x and use the derivative?",
        ),
        Misconception(
            last_function_applied_first,
            cause="The last function is applied first; the list starts with the innermost one.",
            next_step="which function receives x itself?",
        ),
        Misconception(
            derivatives_added_up,
            cause="The derivatives along the chain are added; along one path they are multiplied.",
            next_step="if y triples x and z doubles y, how many times x is z?",
        ),
        Misconception(
            derivatives_composed,
            cause="The derivatives are applied to one another like functions; the chain rule multiplies their values.",
            next_step="which numbers are multiplied in the chain rule for f(g(x))?",
        ),
        Misconception(
            outermost_derivative_only,
            cause="Only the outermost function is differentiated; the inner derivatives are missing.",
            next_step="where does the derivative of the first function enter?",
        ),
        Misconception(
            value_instead_of_derivative,
            cause="The value of the composition is returned, and no derivative is used.",
            next_step="what do the entries of derivatives tell you?",
        ),
        Misconception(
            inner_values_recomputed,
            cause="The inner value is computed anew, from x, for each factor.",
            next_step="which value do you already have when you reach the next function?",
            loses=("calls",),
        ),
    ],
)


# --- total_derivative -------------------------------------------------------------------------------


def lecture_branches(rng):
    return {"dz_dy": np.array([2.0, 3.0]), "dy_dx": np.array([1.0, 1.0])}


def prime_branches(rng):
    return {"dz_dy": np.array([2.0, 3.0]), "dy_dx": np.array([5.0, 7.0])}


def single_branch(rng):
    return {"dz_dy": rng.normal(size=1).round(2), "dy_dx": rng.normal(size=1).round(2)}


def random_branches(rng):
    k = int(rng.integers(3, 6))
    return {"dz_dy": rng.normal(size=k).round(2), "dy_dx": rng.normal(size=k).round(2)}


def sums_multiplied(dz_dy, dy_dx):
    return np.sum(dz_dy) * np.sum(dy_dx)


def paths_multiplied(dz_dy, dy_dx):
    return np.prod(dz_dy * dy_dx)


def products_not_summed(dz_dy, dy_dx):
    return dz_dy * dy_dx


def first_branch_only(dz_dy, dy_dx):
    return dz_dy[0] * dy_dx[0]


def last_branch_wins(dz_dy, dy_dx):
    for outer, inner in zip(dz_dy, dy_dx, strict=True):
        total = outer * inner
    return total


def mean_over_branches(dz_dy, dy_dx):
    return np.mean(dz_dy * dy_dx)


def factors_added(dz_dy, dy_dx):
    return np.sum(dz_dy + dy_dx)


def inner_factor_forgotten(dz_dy, dy_dx):
    return np.sum(dz_dy)


TOTAL_DERIVATIVE = Exercise(
    reference.total_derivative,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="b in the lecture's graph", arguments=lecture_branches),
                Case(label="two branches", arguments=prime_branches),
                Case(label="one branch", arguments=single_branch),
                Case(label="several branches", arguments=random_branches, draws=3),
            ],
            hint="x moves each y_i a little, and each y_i moves z: write down z's change for one y_i, then for all.",
        ),
    ],
    misconceptions=[
        Misconception(
            sums_multiplied,
            cause="The two sums are multiplied, which also pairs dz/dy_1 with dy_2/dx.",
            next_step="which factors lie on one and the same path?",
        ),
        Misconception(
            paths_multiplied,
            cause="The branches are multiplied with one another; separate paths add up.",
            next_step="if both y_1 and y_2 push z up a little, how do the two pushes combine?",
        ),
        Misconception(
            products_not_summed,
            cause="The products of the branches are returned one by one; the total derivative is one number.",
            next_step="how do the pushes of all branches combine?",
        ),
        Misconception(
            first_branch_only,
            cause="Only the first branch is followed.",
            next_step="what do the other intermediate variables do when x moves?",
        ),
        Misconception(
            last_branch_wins,
            cause="Each branch overwrites the one before it, so only the last one counts.",
            next_step="what is the difference between = and += in a loop?",
        ),
        Misconception(
            mean_over_branches,
            cause="The branches are averaged; the total derivative sums them.",
            next_step="does a second branch with the same push double the effect or leave it as it is?",
        ),
        Misconception(
            factors_added,
            cause="The two factors of a branch are added; along one path derivatives are multiplied.",
            next_step="if y triples x and z doubles y, how many times x is z?",
        ),
        Misconception(
            inner_factor_forgotten,
            cause="The factor dy_i/dx of each branch is missing.",
            next_step="what if some y_i did not depend on x at all?",
        ),
    ],
)


# --- topological_order ------------------------------------------------------------------------------


def order_complaint(result, expected, edges):
    nodes = {node for edge in edges for node in edge[:2]}
    if not isinstance(result, (list, tuple)):
        return "the result is not a list of nodes"
    if not all(isinstance(node, str) and node in nodes for node in result):
        return "the list holds something that is no node of the graph"
    if len(set(result)) < len(result):
        return "a node is listed more than once"
    if len(result) < len(nodes):
        return "a node is missing"
    place = {node: k for k, node in enumerate(result)}
    if any(place[source] > place[target] for source, target, _ in edges):
        return "a node comes before one of its inputs"
    return None


ANY_VALID_ORDER = Property(order_complaint)


def edges_of(edges):
    def arguments(rng):
        return {"edges": list(edges)}

    return arguments


def chain_listed_backwards(rng):
    return {"edges": [("c", "a", 5.0), ("d", "c", 3.0), ("b", "d", 2.0)]}


def random_edges(rng):
    return {"edges": random_graph(rng)[0]}


def two_random_parts(rng):
    first, second = random_graph(rng, nodes=4, extra=1)[0], random_graph(rng, nodes=4, extra=1)[0]
    return {"edges": [*first, *((f"{source}2", f"{target}2", d) for source, target, d in second)]}


def ladder_edges(rng):
    return {"edges": ladder(rng)[0]}


def ladder_with_rungs_edges(rng):
    return {"edges": ladder(rng, 45, rungs=True)[0]}


def outputs_first(edges):
    return topological_order(edges)[::-1]


def sorted_by_name(edges):
    order = sorted({node for edge in edges for node in edge[:2]})
    topological_order(edges)
    return order


def order_of_appearance(edges):
    topological_order(edges)
    return list(dict.fromkeys(node for edge in edges for node in edge[:2]))


def depth_first_on_arrival(edges):
    topological_order(edges)
    targets = {target for _, target, _ in edges}
    order = []

    def visit(node):
        if node not in order:
            order.append(node)
            for source, target, _ in edges:
                if source == node:
                    visit(target)

    for source, _, _ in edges:
        if source not in targets:
            visit(source)
    return order


def breadth_first_on_arrival(edges):
    topological_order(edges)
    targets = {target for _, target, _ in edges}
    order = list(dict.fromkeys(source for source, _, _ in edges if source not in targets))
    for node in order:
        for source, target, _ in edges:
            if source == node and target not in order:
                order.append(target)
    return order


def nodes_without_readers_left_out(edges):
    sources = {source for source, _, _ in edges}
    return [node for node in topological_order(edges) if node in sources]


def one_part_only(edges):
    order, reached = topological_order(edges), set()
    for node in order:
        if not reached or any(source in reached and target == node for source, target, _ in edges):
            reached.add(node)
    return [node for node in order if node in reached]


def cycle_not_noticed(edges):
    nodes = list(dict.fromkeys(node for edge in edges for node in edge[:2]))
    waiting = {node: sum(target == node for _, target, _ in edges) for node in nodes}
    order = [node for node in nodes if waiting[node] == 0]
    for node in order:
        for source, target, _ in edges:
            if source == node:
                waiting[target] -= 1
                if waiting[target] == 0:
                    order.append(target)
    return order


def only_two_node_cycles_noticed(edges):
    pairs = {(source, target) for source, target, _ in edges}
    if any((target, source) in pairs for source, target in pairs):
        raise ValueError("cycle")
    nodes = list(dict.fromkeys(node for edge in edges for node in edge[:2]))
    waiting = {node: sum(target == node for _, target, _ in edges) for node in nodes}
    order = [node for node in nodes if waiting[node] == 0]
    for node in order:
        for source, target, _ in edges:
            if source == node:
                waiting[target] -= 1
                if waiting[target] == 0:
                    order.append(target)
    return order


def second_meeting_taken_for_a_cycle(edges):
    targets = {target for _, target, _ in edges}
    if not any(source not in targets for source, _, _ in edges):
        raise ValueError("cycle")
    order = []

    def visit(node):
        if node in order:
            raise ValueError("cycle")
        order.append(node)
        for source, target, _ in edges:
            if source == node:
                visit(target)

    for source in dict.fromkeys(source for source, _, _ in edges if source not in targets):
        visit(source)
    return topological_order(edges)


def parallel_edges_counted_once(edges):
    readers = {node: set() for edge in edges for node in edge[:2]}
    waiting = dict.fromkeys(readers, 0)
    for source, target, _ in edges:
        readers[source].add(target)
        waiting[target] += 1
    order = [node for node in readers if waiting[node] == 0]
    for node in order:
        for target in sorted(readers[node]):
            waiting[target] -= 1
            if waiting[target] == 0:
                order.append(target)
    if len(order) < len(readers):
        raise ValueError("cycle")
    return order


def every_path_walked(edges):
    following = {node: [] for edge in edges for node in edge[:2]}
    for source, target, _ in edges:
        following[source].append(target)
    order = []

    def visit(node, above):
        if node in above:
            raise ValueError("cycle")
        for target in following[node]:
            visit(target, {*above, node})
        if node not in order:
            order.insert(0, node)

    for node in following:
        visit(node, set())
    return order


LOOP = [("a", "a", 2.0)]
PAIR_CYCLE = [("a", "b", 2.0), ("b", "a", 3.0)]
TRIANGLE = [("a", "b", 2.0), ("b", "c", 3.0), ("c", "a", 5.0)]
CYCLE_BEHIND_AN_INPUT = [("x", "a", 1.0), ("a", "b", 2.0), ("b", "c", 3.0), ("c", "a", 5.0), ("c", "y", 7.0)]
CYCLE_APART = [("x", "y", 1.0), ("a", "b", 2.0), ("b", "c", 3.0), ("c", "a", 5.0)]


TOPOLOGICAL_ORDER = Exercise(
    reference.topological_order,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a chain listed backwards", arguments=chain_listed_backwards, comparison=ANY_VALID_ORDER),
                Case(
                    label="a shortcut listed before the long way",
                    arguments=edges_of(SHORTCUT),
                    comparison=ANY_VALID_ORDER,
                ),
                Case(label="a diamond", arguments=edges_of(DIAMOND), comparison=ANY_VALID_ORDER),
                Case(label="the lecture's graph", arguments=edges_of(LECTURE), comparison=ANY_VALID_ORDER),
                Case(label="parallel edges", arguments=edges_of(PARALLEL), comparison=ANY_VALID_ORDER),
                Case(label="more parallel edges", arguments=edges_of(THREE_BY_THREE), comparison=ANY_VALID_ORDER),
                Case(label="a random graph", arguments=random_edges, comparison=ANY_VALID_ORDER, draws=3),
                Case(label="a graph in two parts", arguments=two_random_parts, comparison=ANY_VALID_ORDER, draws=2),
            ],
            hint="a node may be listed as soon as all of its inputs are: which nodes are ready at the start?",
        ),
        Aspect(
            "cycle",
            [
                Case(
                    label="two nodes that need each other", arguments=edges_of(PAIR_CYCLE), comparison=ANY_VALID_ORDER
                ),
                Case(label="a cycle of three nodes", arguments=edges_of(TRIANGLE), comparison=ANY_VALID_ORDER),
                Case(
                    label="a cycle behind an input",
                    arguments=edges_of(CYCLE_BEHIND_AN_INPUT),
                    comparison=ANY_VALID_ORDER,
                ),
                Case(label="a cycle apart from the rest", arguments=edges_of(CYCLE_APART), comparison=ANY_VALID_ORDER),
                Case(
                    label="a node that needs itself",
                    arguments=edges_of(LOOP),
                    comparison=ANY_VALID_ORDER,
                    visible=False,
                ),
                Case(label="two paths that meet are no cycle", arguments=edges_of(DIAMOND), comparison=ANY_VALID_ORDER),
            ],
            hint="when no node is ready although some are left, what does that say about those?",
        ),
        Aspect(
            "complexity",
            [
                Case(
                    label="a ladder of 60 diamonds",
                    arguments=ladder_edges,
                    comparison=ANY_VALID_ORDER,
                    steps_at_most=ENOUGH_STEPS,
                ),
                Case(
                    label="45 diamonds with rungs",
                    arguments=ladder_with_rungs_edges,
                    comparison=ANY_VALID_ORDER,
                    steps_at_most=ENOUGH_STEPS,
                ),
            ],
            hint="how often is each node visited?",
        ),
    ],
    misconceptions=[
        Misconception(
            outputs_first,
            cause="The order is turned round: outputs come first.",
            next_step="in which order does the forward pass compute?",
            loses=("values", "complexity"),
        ),
        Misconception(
            sorted_by_name,
            cause="The nodes are sorted by name, which says nothing about who needs whom.",
            next_step="what must be known before a node can be computed?",
            loses=("values", "complexity"),
        ),
        Misconception(
            order_of_appearance,
            cause="Nodes are listed as they appear in edges, but the list may be in any order.",
            next_step="what if the last edge is the first to be computed?",
            loses=("values", "complexity"),
        ),
        Misconception(
            depth_first_on_arrival,
            cause="A depth-first walk lists each node on arrival, before its other inputs have been seen.",
            next_step="at which moment of a depth-first walk is a node finished?",
            loses=("values", "complexity"),
        ),
        Misconception(
            breadth_first_on_arrival,
            cause="A breadth-first walk lists a node at first sight, while a longer way may be open.",
            next_step="how many of its inputs does a node have to wait for?",
            loses=("values",),
        ),
        Misconception(
            nodes_without_readers_left_out,
            cause="Nodes that no edge leaves, the outputs, are missing.",
            next_step="in which of the two places of an edge does an output appear?",
            loses=("values", "complexity"),
        ),
        Misconception(
            one_part_only,
            cause="Only what can be reached from one input is listed.",
            next_step="what if the graph has several inputs, or several parts?",
            loses=("values",),
        ),
        Misconception(
            cycle_not_noticed,
            cause="A cycle goes unnoticed: its nodes never become ready, and are left out.",
            next_step="how many nodes should the list have at the end?",
            loses=("cycle",),
        ),
        Misconception(
            only_two_node_cycles_noticed,
            cause="Only cycles of two nodes are noticed; they may be of any length.",
            next_step="which nodes are never ready if there is a cycle, however long?",
            loses=("cycle",),
        ),
        Misconception(
            second_meeting_taken_for_a_cycle,
            cause="Meeting a node twice is taken for a cycle, but two paths may meet without one.",
            next_step="does a diamond have a cycle?",
            loses=("values", "cycle", "complexity"),
        ),
        Misconception(
            parallel_edges_counted_once,
            cause="Parallel edges are counted when waiting, but taken off only once.",
            next_step="how often is one node's count lowered if two edges lead to it from the same source?",
        ),
        Misconception(
            every_path_walked,
            cause="Every path is walked anew: the number of paths doubles with each diamond.",
            next_step="how can a node remember that it has been dealt with?",
            loses=("complexity",),
        ),
    ],
)


# --- sum_over_paths ---------------------------------------------------------------------------------


def between(edges, source, target):
    def arguments(rng):
        return {"edges": list(edges), "source": source, "target": target}

    return arguments


def through_random_graph(rng):
    edges, source, target = random_graph(rng)
    return {"edges": edges, "source": source, "target": target}


def edges_added_along_a_path(edges, source, target):
    def paths(node):
        if node == target:
            yield []
        for start, end, derivative in edges:
            if start == node:
                for rest in paths(end):
                    yield [derivative, *rest]

    return sum(sum(path) for path in paths(source))


def products_of_paths_multiplied(edges, source, target):
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


def paths_counted(edges, source, target):
    if source == target:
        return 1
    return sum(paths_counted(edges, end, target) for start, end, _ in edges if start == source)


def first_path_only(edges, source, target):
    if source == target:
        return 1.0
    for start, end, derivative in edges:
        if start == source:
            rest = first_path_only(edges, end, target)
            if rest:
                return derivative * rest
    return 0.0


def each_node_visited_once(edges, source, target):
    seen = set()

    def down(node):
        if node == target:
            return 1.0
        if node in seen:
            return 0.0
        seen.add(node)
        return sum(derivative * down(end) for start, end, derivative in edges if start == node)

    return down(source)


def parallel_edges_merged(edges, source, target):
    derivatives = {(start, end): derivative for start, end, derivative in edges}

    def down(node):
        if node == target:
            return 1.0
        return sum(derivative * down(end) for (start, end), derivative in derivatives.items() if start == node)

    return down(source)


def equal_edges_merged(edges, source, target):
    different = sorted(set(edges))

    def down(node):
        if node == target:
            return 1.0
        return sum(derivative * down(end) for start, end, derivative in different if start == node)

    return down(source)


def own_derivative_zero(edges, source, target):
    total = 0.0
    for start, end, derivative in edges:
        if start == source:
            total += derivative * (1.0 if end == target else own_derivative_zero(edges, end, target))
    return total


def direct_edges_only(edges, source, target):
    if source == target:
        return 1.0
    return sum(derivative for start, end, derivative in edges if (start, end) == (source, target))


def dead_ends_counted(edges, source, target):
    following = [(end, derivative) for start, end, derivative in edges if start == source]
    if source == target or not following:
        return 1.0
    return sum(derivative * dead_ends_counted(edges, end, target) for end, derivative in following)


def edges_followed_backwards(edges, source, target):
    if source == target:
        return 1.0
    return sum(
        derivative * edges_followed_backwards(edges, start, target) for start, end, derivative in edges if end == source
    )


SUM_OVER_PATHS = Exercise(
    reference.sum_over_paths,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="the two paths of a diamond", arguments=between(DIAMOND, "a", "d")),
                Case(label="a long way and a shortcut", arguments=between(SHORTCUT, "a", "d")),
                Case(label="de/db in the lecture's graph", arguments=between(LECTURE, "b", "e")),
                Case(label="de/da in the lecture's graph", arguments=between(LECTURE, "a", "e")),
                Case(label="all paths of a random graph", arguments=through_random_graph, draws=3),
            ],
            hint="list the paths on paper first: multiply along each of them, then add up.",
        ),
        Aspect(
            "edge_cases",
            [
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
            hint="a node reaches itself by one path without edges; where no path leads there is nothing to add.",
        ),
    ],
    misconceptions=[
        Misconception(
            edges_added_along_a_path,
            cause="The derivatives along a path are added; along a path they are multiplied.",
            next_step="if y triples x and z doubles y, how many times x is z?",
        ),
        Misconception(
            products_of_paths_multiplied,
            cause="The paths are multiplied with one another; separate paths add up.",
            next_step="if both paths push the target up a little, how do the two pushes combine?",
        ),
        Misconception(
            paths_counted,
            cause="The paths are counted, and their derivatives are not used.",
            next_step="what does each edge multiply by?",
        ),
        Misconception(
            first_path_only,
            cause="Only the first path that reaches the target is followed.",
            next_step="does your loop go on after the first success?",
        ),
        Misconception(
            each_node_visited_once,
            cause="A node that has been visited is skipped, so paths that share it are lost.",
            next_step="may two different paths run through the same node?",
        ),
        Misconception(
            parallel_edges_merged,
            cause="Parallel edges are merged: of two edges between the same nodes only one survives.",
            next_step="what does a dict do with a second value for the same key?",
            loses=("edge_cases",),
        ),
        Misconception(
            equal_edges_merged,
            cause="Edges that look alike are merged, but each is a path of its own, as in x * x.",
            next_step="what does a set do with two equal entries?",
            loses=("edge_cases",),
        ),
        Misconception(
            own_derivative_zero,
            cause="The derivative of a node with respect to itself is taken as 0.",
            next_step="by how much does x change when x changes by one?",
            loses=("edge_cases",),
        ),
        Misconception(
            direct_edges_only,
            cause="Only edges that lead straight from source to target are used.",
            next_step="what about paths through other nodes?",
        ),
        Misconception(
            dead_ends_counted,
            cause="A path that ends elsewhere, without reaching the target, is counted too.",
            next_step="what should a node without further edges return if it is not the target?",
            loses=("edge_cases",),
        ),
        Misconception(
            edges_followed_backwards,
            cause="The edges are followed from target to source where they lead the other way.",
            next_step="which end of an edge is computed from which?",
        ),
    ],
)


# --- reverse_accumulate -----------------------------------------------------------------------------


def of_target(edges, target):
    def arguments(rng):
        return {"edges": list(edges), "target": target}

    return arguments


def of_random_output(rng):
    edges, _, target = random_graph(rng)
    return {"edges": edges, "target": target}


def of_middle_of_random_graph(rng):
    edges = random_graph(rng)[0]
    return {"edges": edges, "target": topological_order(edges)[3]}


def of_ladder(rng):
    edges, _, target = ladder(rng)
    return {"edges": edges, "target": target}


def of_ladder_with_rungs(rng):
    edges, _, target = ladder(rng, 45, rungs=True)
    return {"edges": edges, "target": target}


def reverse_last_path_wins(edges, target):
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node and adjoints[node] != 0:
                adjoints[source] = derivative * adjoints[node]
    return adjoints


def reverse_upstream_dropped(edges, target):
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node and adjoints[node] != 0:
                adjoints[source] += derivative
    return adjoints


def reverse_paths_multiplied(edges, target):
    order = topological_order(edges)
    adjoints = {target: 1.0}
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node and node in adjoints:
                adjoints[source] = adjoints.get(source, 1.0) * derivative * adjoints[node]
    return {node: adjoints.get(node, 0.0) for node in order}


def reverse_first_parent_only(edges, target):
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        parents = [(source, derivative) for source, after, derivative in edges if after == node]
        for source, derivative in parents[:1]:
            adjoints[source] += derivative * adjoints[node]
    return adjoints


def reverse_in_listed_order(edges, target):
    adjoints = {node: 0.0 for edge in edges for node in edge[:2]}
    adjoints[target] = 1.0
    for source, after, derivative in reversed(edges):
        adjoints[source] += derivative * adjoints[after]
    return adjoints


def reverse_goes_forward(edges, target):
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[target] = 1.0
    for node in order:
        for source, after, derivative in edges:
            if source == node:
                tangents[after] += derivative * tangents[node]
    return tangents


def reverse_own_derivative_zero(edges, target):
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node:
                adjoints[source] += derivative * (1.0 if node == target else adjoints[node])
    return adjoints


def reverse_unreachable_left_out(edges, target):
    adjoints = {target: 1.0}
    for node in reversed(topological_order(edges)):
        for source, after, derivative in edges:
            if after == node and node in adjoints:
                adjoints[source] = adjoints.get(source, 0.0) + derivative * adjoints[node]
    return adjoints


def reverse_parallel_edges_merged(edges, target):
    derivatives = {(source, after): derivative for source, after, derivative in edges}
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        for (source, after), derivative in derivatives.items():
            if after == node:
                adjoints[source] += derivative * adjoints[node]
    return adjoints


def reverse_equal_edges_merged(edges, target):
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[target] = 1.0
    for node in reversed(order):
        for source, after, derivative in sorted(set(edges)):
            if after == node:
                adjoints[source] += derivative * adjoints[node]
    return adjoints


def reverse_every_output_seeded(edges, target):
    order = topological_order(edges)
    sources = {source for source, _, _ in edges}
    adjoints = {node: float(node not in sources or node == target) for node in order}
    for node in reversed(order):
        for source, after, derivative in edges:
            if after == node:
                adjoints[source] += derivative * adjoints[node]
    return adjoints


def reverse_path_by_path(edges, target):
    following = {node: [] for edge in edges for node in edge[:2]}
    for source, after, derivative in edges:
        following[source].append((after, derivative))

    def adjoint(node):
        if node == target:
            return 1.0
        return sum(derivative * adjoint(after) for after, derivative in following[node])

    return {node: adjoint(node) for node in following}


REVERSE_ACCUMULATE = Exercise(
    reference.reverse_accumulate,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a diamond", arguments=of_target(DIAMOND, "d")),
                Case(label="a long way and a shortcut", arguments=of_target(SHORTCUT, "d")),
                Case(label="the lecture's graph", arguments=of_target(LECTURE, "e")),
                Case(label="a random graph", arguments=of_random_output, draws=3),
            ],
            hint="start with 1 at the target; each edge passes on what its end has collected, once that is complete.",
        ),
        Aspect(
            "edge_cases",
            [
                Case(label="two parallel edges", arguments=of_target(PARALLEL, "z")),
                Case(label="three and three parallel edges", arguments=of_target(THREE_BY_THREE, "z")),
                Case(label="equal parallel edges", arguments=of_target(EQUAL_PARALLEL, "z")),
                Case(label="equal parallel edges into the target", arguments=of_target(EQUAL_PARALLEL, "y")),
                Case(label="a second output", arguments=of_target(TWO_OUTPUTS, "c")),
                Case(label="a part that does not reach the target", arguments=of_target(SEPARATE, "b")),
                Case(label="a target in the middle", arguments=of_middle_of_random_graph, draws=2),
            ],
            hint="the dict has every node of the graph; what is the derivative where no path leads to the target?",
        ),
        Aspect(
            "complexity",
            [
                Case(label="a ladder of 60 diamonds", arguments=of_ladder, steps_at_most=ENOUGH_STEPS),
                Case(label="45 diamonds with rungs", arguments=of_ladder_with_rungs, steps_at_most=ENOUGH_STEPS),
            ],
            hint="paths that meet in a node share everything behind it: how often do you compute that?",
        ),
    ],
    misconceptions=[
        Misconception(
            reverse_last_path_wins,
            cause="A later path overwrites an earlier one; where paths meet again, they add up.",
            next_step="what is the difference between = and += here?",
        ),
        Misconception(
            reverse_upstream_dropped,
            cause="Only the edge's own derivative is added; what arrives at its end is not multiplied in.",
            next_step="the chain rule is a product: what is the other factor?",
        ),
        Misconception(
            reverse_paths_multiplied,
            cause="Paths that meet are multiplied with one another; separate paths add up.",
            next_step="if both paths push the target up a little, how do the two pushes combine?",
        ),
        Misconception(
            reverse_first_parent_only,
            cause="Each node passes its derivative to its first input only.",
            next_step="which nodes does d = b + c read?",
        ),
        Misconception(
            reverse_in_listed_order,
            cause="The edges are used as listed, so some pass on a derivative that is not complete yet.",
            next_step="when is the derivative of a node complete?",
        ),
        Misconception(
            reverse_goes_forward,
            cause="The derivatives run forward from the target; they should run back to what it was computed from.",
            next_step="which end of an edge receives in the backward pass?",
        ),
        Misconception(
            reverse_own_derivative_zero,
            cause="The derivative of the target with respect to itself is 0 in the result.",
            next_step="by how much does x change when x changes by one?",
            loses=("values", "edge_cases", "complexity"),
        ),
        Misconception(
            reverse_unreachable_left_out,
            cause="Nodes on which the target does not depend are missing; their derivative is 0.",
            next_step="which keys should the dict have from the start?",
            loses=("edge_cases",),
        ),
        Misconception(
            reverse_parallel_edges_merged,
            cause="Parallel edges are merged: of two edges between the same nodes only one survives.",
            next_step="what does a dict do with a second value for the same key?",
            loses=("edge_cases",),
        ),
        Misconception(
            reverse_equal_edges_merged,
            cause="Edges that look alike are merged, but each is a path of its own, as in x * x.",
            next_step="what does a set do with two equal entries?",
            loses=("edge_cases",),
        ),
        Misconception(
            reverse_every_output_seeded,
            cause="Every output starts with 1, so the result is the derivative of their sum.",
            next_step="which single node are you differentiating?",
            loses=("edge_cases",),
        ),
        Misconception(
            reverse_path_by_path,
            cause="Every path is followed anew: the number of paths doubles with each diamond.",
            next_step="what could you keep once a node's derivative is known?",
            loses=("complexity",),
        ),
    ],
)


# --- forward_accumulate -----------------------------------------------------------------------------


def from_source(edges, source):
    def arguments(rng):
        return {"edges": list(edges), "source": source}

    return arguments


def from_random_input(rng):
    edges, source, _ = random_graph(rng)
    return {"edges": edges, "source": source}


def from_middle_of_random_graph(rng):
    edges = random_graph(rng)[0]
    return {"edges": edges, "source": topological_order(edges)[2]}


def from_start_of_ladder(rng):
    edges, source, _ = ladder(rng)
    return {"edges": edges, "source": source}


def from_start_of_ladder_with_rungs(rng):
    edges, source, _ = ladder(rng, 45, rungs=True)
    return {"edges": edges, "source": source}


def forward_last_path_wins(edges, source):
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for node in order:
        for start, target, derivative in edges:
            if start == node and tangents[node] != 0:
                tangents[target] = derivative * tangents[node]
    return tangents


def forward_tangent_dropped(edges, source):
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for node in order:
        for start, target, derivative in edges:
            if start == node and tangents[node] != 0:
                tangents[target] += derivative
    return tangents


def forward_paths_multiplied(edges, source):
    order = topological_order(edges)
    tangents = {source: 1.0}
    for node in order:
        for start, target, derivative in edges:
            if start == node and node in tangents:
                tangents[target] = tangents.get(target, 1.0) * derivative * tangents[node]
    return {node: tangents.get(node, 0.0) for node in order}


def forward_first_parent_only(edges, source):
    tangents = {}
    for node in topological_order(edges):
        parents = [(start, derivative) for start, target, derivative in edges if target == node]
        tangents[node] = float(node == source)
        for start, derivative in parents[:1]:
            tangents[node] += derivative * tangents[start]
    return tangents


def forward_in_listed_order(edges, source):
    tangents = {node: 0.0 for edge in edges for node in edge[:2]}
    tangents[source] = 1.0
    for start, target, derivative in edges:
        tangents[target] += derivative * tangents[start]
    return tangents


def forward_goes_back(edges, source):
    order = topological_order(edges)
    adjoints = dict.fromkeys(order, 0.0)
    adjoints[source] = 1.0
    for node in reversed(order):
        for start, target, derivative in edges:
            if target == node:
                adjoints[start] += derivative * adjoints[node]
    return adjoints


def forward_own_derivative_zero(edges, source):
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    for node in order:
        for start, target, derivative in edges:
            if start == node:
                tangents[target] += derivative * (1.0 if node == source else tangents[node])
    return tangents


def forward_unreachable_left_out(edges, source):
    tangents = {source: 1.0}
    for node in topological_order(edges):
        for start, target, derivative in edges:
            if start == node and node in tangents:
                tangents[target] = tangents.get(target, 0.0) + derivative * tangents[node]
    return tangents


def forward_parallel_edges_merged(edges, source):
    derivatives = {(start, target): derivative for start, target, derivative in edges}
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for node in order:
        for (start, target), derivative in derivatives.items():
            if start == node:
                tangents[target] += derivative * tangents[node]
    return tangents


def forward_equal_edges_merged(edges, source):
    order = topological_order(edges)
    tangents = dict.fromkeys(order, 0.0)
    tangents[source] = 1.0
    for node in order:
        for start, target, derivative in sorted(set(edges)):
            if start == node:
                tangents[target] += derivative * tangents[node]
    return tangents


def forward_every_input_seeded(edges, source):
    order = topological_order(edges)
    targets = {target for _, target, _ in edges}
    tangents = {node: float(node not in targets or node == source) for node in order}
    for node in order:
        for start, target, derivative in edges:
            if start == node:
                tangents[target] += derivative * tangents[node]
    return tangents


def forward_path_by_path(edges, source):
    arriving = {node: [] for edge in edges for node in edge[:2]}
    for start, target, derivative in edges:
        arriving[target].append((start, derivative))

    def tangent(node):
        if node == source:
            return 1.0
        return sum(derivative * tangent(start) for start, derivative in arriving[node])

    return {node: tangent(node) for node in arriving}


FORWARD_ACCUMULATE = Exercise(
    reference.forward_accumulate,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a diamond", arguments=from_source(DIAMOND, "a")),
                Case(label="a long way and a shortcut", arguments=from_source(SHORTCUT, "a")),
                Case(label="one input and one output", arguments=from_random_input, draws=3),
            ],
            hint="start with 1 at the source; along each edge that arrives, a node collects derivative times tangent.",
        ),
        Aspect(
            "edge_cases",
            [
                Case(label="b in the lecture's graph", arguments=from_source(LECTURE, "b")),
                Case(label="two parallel edges", arguments=from_source(PARALLEL, "x")),
                Case(label="three and three parallel edges", arguments=from_source(THREE_BY_THREE, "x")),
                Case(label="equal parallel edges", arguments=from_source(EQUAL_PARALLEL, "x")),
                Case(label="more equal parallel edges", arguments=from_source([*EQUAL_PARALLEL[:2]] * 2, "x")),
                Case(label="a second input", arguments=from_source(TWO_INPUTS, "a")),
                Case(label="a part that the source does not reach", arguments=from_source(SEPARATE, "p")),
                Case(label="a source in the middle", arguments=from_middle_of_random_graph, draws=2),
            ],
            hint="the dict has every node of the graph; what is the derivative where no path leads from the source?",
        ),
        Aspect(
            "complexity",
            [
                Case(label="a ladder of 60 diamonds", arguments=from_start_of_ladder, steps_at_most=ENOUGH_STEPS),
                Case(
                    label="45 diamonds with rungs",
                    arguments=from_start_of_ladder_with_rungs,
                    steps_at_most=ENOUGH_STEPS,
                ),
            ],
            hint="paths that meet in a node share everything before it: how often do you compute that?",
        ),
    ],
    misconceptions=[
        Misconception(
            forward_last_path_wins,
            cause="A later path overwrites an earlier one; where paths meet, they add up.",
            next_step="what is the difference between = and += here?",
        ),
        Misconception(
            forward_tangent_dropped,
            cause="Only the edge's own derivative is added; what its start has collected is not multiplied in.",
            next_step="the chain rule is a product: what is the other factor?",
        ),
        Misconception(
            forward_paths_multiplied,
            cause="Paths that meet are multiplied with one another; separate paths add up.",
            next_step="if both paths push a node up a little, how do the two pushes combine?",
        ),
        Misconception(
            forward_first_parent_only,
            cause="Each node listens to its first input only.",
            next_step="which nodes does d = b + c read?",
        ),
        Misconception(
            forward_in_listed_order,
            cause="The edges are used as listed, so some pass on a derivative that is not complete yet.",
            next_step="when is the derivative of a node complete?",
        ),
        Misconception(
            forward_goes_back,
            cause="The derivatives run backwards from the source; this mode follows the edges.",
            next_step="which end of an edge receives in the forward pass?",
        ),
        Misconception(
            forward_own_derivative_zero,
            cause="The derivative of the source with respect to itself is 0 in the result.",
            next_step="by how much does x change when x changes by one?",
            loses=("values", "edge_cases", "complexity"),
        ),
        Misconception(
            forward_unreachable_left_out,
            cause="Nodes that do not depend on the source are missing; their derivative is 0.",
            next_step="which keys should the dict have from the start?",
            loses=("edge_cases",),
        ),
        Misconception(
            forward_parallel_edges_merged,
            cause="Parallel edges are merged: of two edges between the same nodes only one survives.",
            next_step="what does a dict do with a second value for the same key?",
            loses=("edge_cases",),
        ),
        Misconception(
            forward_equal_edges_merged,
            cause="Edges that look alike are merged, but each is a path of its own, as in x * x.",
            next_step="what does a set do with two equal entries?",
            loses=("edge_cases",),
        ),
        Misconception(
            forward_every_input_seeded,
            cause="Every input starts with 1, so the result mixes the derivatives of all inputs.",
            next_step="which single input is being moved?",
            loses=("edge_cases",),
        ),
        Misconception(
            forward_path_by_path,
            cause="Every path is followed anew: the number of paths doubles with each diamond.",
            next_step="what could you keep once a node's derivative is known?",
            loses=("complexity",),
        ),
    ],
)

EXERCISES = (
    EVALUATE_GRAPH,
    BACKPROPAGATE_GRAPH,
    COMPOSE_DERIVATIVE,
    TOTAL_DERIVATIVE,
    TOPOLOGICAL_ORDER,
    SUM_OVER_PATHS,
    REVERSE_ACCUMULATE,
    FORWARD_ACCUMULATE,
)
