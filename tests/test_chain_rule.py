"""Unit 1: references against closed forms, brute force and linear algebra; the explorers under every control."""

import cmath
import graphlib
import re
from itertools import pairwise, permutations
from xml.etree import ElementTree

import numpy as np
import pytest

from backprop_course import chain_rule as course
from backprop_course.given import chain_rule as given
from backprop_course.lecture_graphs import layered_edges
from backprop_solutions import chain_rule as reference

NODES = ["x1", "x2", "a", "b", "c", "e", "g"]


def random_graph(rng, nodes=7, edges=14):
    """Draw a graph without cycles, perhaps in parts, with parallel edges, in a shuffled order."""
    names = [str(name) for name in rng.permutation(list("abcdefghijk"))[:nodes]]
    pairs = [sorted(rng.choice(nodes, 2, replace=False)) for _ in range(edges)]
    return [(names[s], names[t], float(rng.normal())) for s, t in pairs]


def derivatives_by_matrix_series(edges):
    """Return node names and the matrix of d column/d row: I + A + A^2 + ..., which ends for a graph without cycles."""
    names = sorted({name for edge in edges for name in edge[:2]})
    local = np.zeros((len(names), len(names)))
    for source, target, derivative in edges:
        local[names.index(source), names.index(target)] += derivative
    total = sum(np.linalg.matrix_power(local, k) for k in range(len(names)))
    return names, total


@pytest.fixture(params=range(8))
def graph(request):
    return random_graph(np.random.default_rng(request.param))


@pytest.fixture(params=[(1.0, 3.0), (-0.5, 2.25), (0.0, 0.0), (1.5, -1.0)])
def point(request):
    return request.param


# --- the lectures' numbers --------------------------------------------------------------------------


def test_the_forward_pass_gives_the_lectures_values():
    assert reference.evaluate_graph(1, 3) == {"x1": 1, "x2": 3, "a": 2, "b": 9, "c": 11, "e": 121, "g": 124}


def test_the_backward_pass_gives_the_lectures_gradient():
    adjoints = reference.backpropagate_graph(reference.evaluate_graph(1, 3))
    assert (adjoints["x1"], adjoints["x2"]) == (44, 66)


def test_faus_function_as_a_chain_has_the_derivative_44():
    functions = [lambda z: 2 * z + 9, lambda z: z**2, lambda z: z + 3]
    assert reference.compose_derivative(functions, [lambda z: 2, lambda z: 2 * z, lambda z: 1], 1.0) == 44


@pytest.mark.parametrize(("source", "derivative"), [("a", 2), ("b", 5), ("c", 2), ("d", 3), ("e", 1)])
def test_rwths_graph_has_the_lectures_derivatives(source, derivative):
    edges = course.rwth_edges(2.0, 1.0)
    by_paths = reference.sum_over_paths(edges, source, "e")
    back = reference.reverse_accumulate(edges, "e")[source]
    forward = reference.forward_accumulate(edges, source)["e"]
    assert by_paths == back == forward == derivative


def test_nine_paths_are_the_product_of_two_sums():
    greek = [2.0, 3.0, 5.0], [7.0, 11.0, 13.0]
    edges = [("x", "y", d) for d in greek[0]] + [("y", "z", d) for d in greek[1]]
    assert reference.sum_over_paths(edges, "x", "z") == sum(greek[0]) * sum(greek[1])


# --- references against independent oracles ---------------------------------------------------------


def test_the_output_equals_the_expanded_polynomial(point):
    x1, x2 = point
    expanded = 4 * x1**2 + 12 * x1 * x2 + 9 * x2**2 + 3
    assert reference.evaluate_graph(x1, x2)["g"] == pytest.approx(expanded, rel=1e-14)  # a few roundings


def test_the_inputs_derivatives_equal_those_of_the_expanded_polynomial(point):
    x1, x2 = point
    adjoints = reference.backpropagate_graph(reference.evaluate_graph(x1, x2))
    expected = [8 * x1 + 12 * x2, 12 * x1 + 18 * x2]
    assert [adjoints["x1"], adjoints["x2"]] == pytest.approx(expected, rel=1e-14)  # a few roundings


@pytest.mark.parametrize("node", NODES)
def test_each_adjoint_is_the_slope_of_the_rest_of_the_graph(point, node):
    values = reference.evaluate_graph(*point)
    rest = {
        "x1": lambda v: (2 * v + values["b"]) ** 2 + 3,
        "x2": lambda v: (values["a"] + 3 * v) ** 2 + 3,
        "a": lambda v: (v + values["b"]) ** 2 + 3,
        "b": lambda v: (values["a"] + v) ** 2 + 3,
        "c": lambda v: v**2 + 3,
        "e": lambda v: v + 3,
        "g": lambda v: v,
    }[node]
    slope = rest(values[node] + 1e-30j).imag / 1e-30  # a complex step has no truncation error
    assert reference.backpropagate_graph(values)[node] == pytest.approx(slope, rel=1e-14, abs=1e-14)


def test_the_derivative_of_a_composition_equals_a_complex_step():
    functions = [cmath.sin, cmath.exp, lambda z: z**3 - z, cmath.tanh]
    derivatives = [cmath.cos, cmath.exp, lambda z: 3 * z**2 - 1, lambda z: 1 - cmath.tanh(z) ** 2]
    moved = 0.3 + 1e-30j
    for function in functions:
        moved = function(moved)
    got = reference.compose_derivative(functions, derivatives, 0.3)
    assert got == pytest.approx(moved.imag / 1e-30, rel=1e-13)  # a few roundings, enlarged by z**3 - z


def test_the_total_derivative_is_the_slope_along_a_curve():
    # z = y1 y2 + sin(y3) with y = (x^2, 3x, exp x), at x = 0.7
    x = 0.7
    y1, y2, y3 = x**2, 3 * x, np.exp(x)
    got = reference.total_derivative(np.array([y2, y1, np.cos(y3)]), np.array([2 * x, 3.0, y3]))
    moved = x + 1e-30j
    z = moved**2 * 3 * moved + np.sin(np.exp(moved))
    assert got == pytest.approx(z.imag / 1e-30, rel=1e-14)  # a few roundings


def test_the_order_is_one_of_those_found_by_trying_all(graph):
    few = graph[:5]
    names = sorted({name for edge in few for name in edge[:2]})[:7]
    valid = [p for p in permutations(names) if all(p.index(s) < p.index(t) for s, t, _ in few)]
    assert tuple(reference.topological_order(few)) in valid


@pytest.mark.parametrize("seed", range(30))
def test_a_cycle_is_reported_just_when_the_standard_library_finds_one(seed):
    rng = np.random.default_rng(seed)
    edges = [(*map(str, rng.choice(list("abcdefg"), 2)), 1.0) for _ in range(6)]
    sorter = graphlib.TopologicalSorter()
    for source, target, _ in edges:
        sorter.add(target, source)
    try:
        sorter.prepare()
    except graphlib.CycleError:
        with pytest.raises(ValueError, match="cycle"):
            reference.topological_order(edges)
    else:
        assert len(reference.topological_order(edges)) == len({name for edge in edges for name in edge[:2]})


def test_a_chain_of_500_nodes_is_no_problem():
    edges = [(f"n{k}", f"n{k + 1}", 1.0) for k in range(500)][::-1]
    assert reference.topological_order(edges) == [f"n{k}" for k in range(501)]


def test_sums_over_paths_equal_the_matrix_series(graph):
    names, total = derivatives_by_matrix_series(graph)
    got = [[reference.sum_over_paths(graph, s, t) for t in names] for s in names]
    np.testing.assert_allclose(got, total, rtol=1e-12, atol=1e-12)  # sums in another order


def test_reverse_accumulation_equals_the_columns_of_the_matrix_series(graph):
    names, total = derivatives_by_matrix_series(graph)
    got = [[reference.reverse_accumulate(graph, t)[s] for t in names] for s in names]
    np.testing.assert_allclose(got, total, rtol=1e-12, atol=1e-12)  # sums in another order


def test_forward_accumulation_equals_the_rows_of_the_matrix_series(graph):
    names, total = derivatives_by_matrix_series(graph)
    got = [[reference.forward_accumulate(graph, s)[t] for t in names] for s in names]
    np.testing.assert_allclose(got, total, rtol=1e-12, atol=1e-12)  # sums in another order


def test_both_modes_count_two_to_the_60_paths():
    edges = course.ladder(60)
    assert reference.reverse_accumulate(edges, "s60")["s0"] == 2**60
    assert reference.forward_accumulate(edges, "s0")["s60"] == 2**60


def test_every_edge_is_read_a_fixed_number_of_times():
    counted = [course.lines_executed(reference.reverse_accumulate, course.ladder(n), f"s{n}")[1] for n in (20, 40, 60)]
    first, second = (later - earlier for earlier, later in pairwise(counted))
    assert first == second  # lines grow in proportion to the edges


def test_lines_of_what_the_collector_of_garbage_ends_are_not_counted():
    class Cycle:
        def __init__(self):
            self.me = self

        def __del__(self):
            for _ in range(50):
                pass

    def collects():
        return [[k] for k in range(5000)]

    _, alone = course.lines_executed(collects)
    cycles = [Cycle() for _ in range(20)]
    del cycles
    assert course.lines_executed(collects)[1] == alone


# --- what the notebook is given ---------------------------------------------------------------------


def test_the_given_functions_agree_with_the_references(point):
    values = reference.evaluate_graph(*point)
    assert given.graph_values(*point) == pytest.approx(values)
    assert given.graph_adjoints(values) == pytest.approx(reference.backpropagate_graph(values))


def test_the_given_accumulations_agree_with_the_references(graph):
    node = graph[0][0]
    assert given.reverse(graph, node) == pytest.approx(reference.reverse_accumulate(graph, node), abs=1e-12)
    assert given.forward(graph, node) == pytest.approx(reference.forward_accumulate(graph, node), abs=1e-12)


def test_the_edges_of_faus_graph_lead_to_its_gradient():
    adjoints = reference.reverse_accumulate(course.fau_edges(1.0, 3.0), "g")
    assert adjoints == reference.backpropagate_graph(reference.evaluate_graph(1.0, 3.0))


@pytest.mark.parametrize(("width", "depth"), [(1, 1), (3, 3), (2, 5), (6, 2)])
def test_a_layered_network_has_width_to_the_depth_paths(width, depth):
    edges = layered_edges(width, depth)
    assert reference.sum_over_paths(edges, "in", "out") == width**depth
    assert len(edges) == 2 * width + (depth - 1) * width**2


def test_counting_lines_stops_an_endless_function():
    def endless():
        while True:
            pass

    assert course.lines_executed(endless, at_most=1000) == (None, None)


# --- explorers --------------------------------------------------------------------------------------


def unsolved(*_):
    raise NotImplementedError("unsolved")


def wrong(*_):
    raise ZeroDivisionError("my mistake")


def explorers(*functions):
    """Return the three explorers, with these functions in place of the student's (one, or all eight by name)."""
    if functions:
        (function,) = functions
        return [
            getattr(course, name)(function, function) for name in ("explore_graph", "explore_modes", "explore_paths")
        ]
    return [
        course.explore_graph(reference.evaluate_graph, reference.backpropagate_graph),
        course.explore_modes(reference.forward_accumulate, reference.reverse_accumulate),
        course.explore_paths(reference.sum_over_paths, reference.reverse_accumulate),
    ]


def picture(explorer):
    return explorer._picture.value or explorer._image.value


def other_value(control):
    if hasattr(control, "options"):
        return control.options[-1]
    return control.max if control.value != control.max else control.min


@pytest.mark.parametrize("functions", [(), (unsolved,)], ids=["solved", "unsolved"])
@pytest.mark.parametrize("which", range(3), ids=["graph", "modes", "paths"])
def test_every_control_changes_the_picture(functions, which):
    explorer = explorers(*functions)[which]
    for name, control in explorer.controls.items():
        if "step" in explorer.controls:
            explorer.controls["step"].value = 3
        before = picture(explorer)
        control.value = other_value(control)
        assert picture(explorer) != before, name


@pytest.mark.parametrize("which", range(3), ids=["graph", "modes", "paths"])
def test_an_unsolved_exercise_is_replaced_and_said_so(which):
    assert "until your unsolved is solved" in explorers(unsolved)[which].description


@pytest.mark.parametrize("which", range(3), ids=["graph", "modes", "paths"])
def test_an_erring_function_is_reported_in_words(which):
    assert "ZeroDivisionError: my mistake" in explorers(wrong)[which].description


@pytest.mark.parametrize("which", range(3), ids=["graph", "modes", "paths"])
@pytest.mark.parametrize("result", [None, {}, 5, "text", [1.0]], ids=repr)
def test_any_wrong_result_is_reported_in_words(which, result):
    explorer = explorers(lambda *_: result)[which]
    if "step" in explorer.controls:
        explorer.controls["step"].value = explorer.controls["step"].max
    assert re.search(r"\w+Error|but there are", explorer.description)


def test_the_backward_pass_ends_with_44():
    explorer = explorers()[0]
    explorer.controls["step"].value = 12
    assert "dg/dx1 = 44" in explorer.description


def test_one_reverse_pass_gives_both_derivatives():
    explorer = explorers()[1]
    explorer.controls["mode"].value, explorer.controls["step"].value = course.REVERSE, 5
    assert "gives both de/da and de/db" in explorer.description


def test_an_exponential_function_is_stopped():
    explorer = explorers()[2]
    explorer.controls["depth"].value = 8
    assert "sum_over_paths was stopped" in explorer.description


def test_a_wrong_count_of_paths_is_named():
    explorer = course.explore_paths(lambda *_: 7.0, reference.reverse_accumulate)
    assert "finds 7 paths at depth 1, but there are 3" in explorer.description


@pytest.mark.parametrize("step", range(13))
def test_every_step_draws_well_formed_svg(step):
    values = given.graph_values(-1.5, 2.0)
    picture, _ = course.step_through(values, given.graph_adjoints(values), step)
    ElementTree.fromstring(picture)


# --- pictures ---------------------------------------------------------------------------------------


def test_a_nudge_of_one_hundredth_moves_the_output_by_0_44():
    picture, words = course.nudge(0.01, 0.0)
    assert words == "x1 moves by 0.01: g moves by 0.4404, 44.04 times as much."
    assert picture.count("moves 0.02") == 2 and picture.count("moves 0.4404") == 2


@pytest.mark.parametrize(
    "edges", [[("x", "y", 3.0), ("x", "y", 3.0)], [("a", "d", 2.0), ("a", "b", 3.0), ("b", "d", 5.0)]]
)
def test_a_drawn_graph_shows_every_edge_on_a_way_of_its_own(edges):
    picture = course.draw(edges).data
    ways = re.findall(r'<path d="(M[^"]+)" fill="none"', picture)
    assert len(set(ways)) == len(edges)
    assert sorted(re.findall("×([0-9]+)<", picture)) == sorted(f"{d:g}" for _, _, d in edges)


def test_drawing_a_cycle_says_so():
    with pytest.raises(ValueError, match="has a cycle"):
        course.draw([("a", "b", 1.0), ("b", "a", 1.0)])


def test_a_typed_formula_has_the_gradient_of_its_closed_form():
    explorer = course.explore_formula(reference.reverse_accumulate)
    explorer.move({"program": "u = x ** 2; v = x.exp(); u * v", "inputs": "x = 1"})
    explorer.move({"step": explorer.controls["step"].max})
    slope = course.number(3 * np.e)  # (2 x + x^2) exp(x) at 1
    assert f"Gradients of the inputs: x: {slope}." in explorer.words
    assert f"Reverse accumulation gives x: {slope}." in explorer.words


@pytest.mark.parametrize(
    "text", ["__import__('os').getcwd()", "(1).__class__", "open('x')", "[c for c in 'x']", "x if x else x"]
)
def test_a_typed_formula_is_never_run(text, monkeypatch):
    monkeypatch.setattr("builtins.eval", None)
    monkeypatch.setattr("builtins.exec", None)
    explorer = course.explore_formula(reference.reverse_accumulate)
    explorer.move({"program": text, "inputs": "x = 1"})
    assert "Error" in explorer.words and explorer.shown == (b"", "")


def tips(picture):
    """Return the places of the tips of the arrows that a step uses."""
    strong = re.findall(r'<path d="M2 0L[^"]*" fill="#D55E00" transform="translate\(([\d.]+) ([\d.]+)\)', picture)
    return sorted((float(x), float(y)) for x, y in strong)


def test_the_arrows_of_a_step_point_the_way_it_goes():
    derivatives = dict.fromkeys("abcde", 1.0)
    (d,) = (node for node in course.RWTH if node.name == "d")
    forward = course.step_through_mode(course.FORWARD_B, 2.0, 1.0, derivatives, 4)[0]
    reverse = course.step_through_mode(course.REVERSE, 2.0, 1.0, derivatives, 3)[0]  # d, from e
    assert all(x < d.x for x, _ in tips(forward))
    assert tips(reverse) and all(x > d.x for x, _ in tips(reverse))
