import math
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest

from backprop_autograder.judging.release import release_form
from backprop_course import moons
from backprop_course import scalar_backprop as course
from backprop_solutions import scalar_backprop as unit
from backprop_solutions.exercises.scalar_backprop.engines import ClosureValue, closure_order
from backprop_solutions.exercises.scalar_backprop.topological_order import breadth_first_reversed
from backprop_solutions.exercises.scalar_backprop.value import exercise as value_exercise
from backprop_solutions.scalar_backprop import Dual, Value, backward, topological_order

SOURCE = Path(__file__).parents[1] / "course" / "source" / "03_scalar_backprop" / "03_scalar_backprop.ipynb"
# A complex step has no cancellation: what is left is the round-off of a few operations.
ROUND_OFF = 1e-12
# A central difference with h = 1e-5 errs by about h^2 and by eps / h: 1e-10 of numbers of order one, with room.
DIFFERENCE = 1e-7


def f(name):
    """Return the function that calls a method of a Value or Dual, and NumPy for complex numbers."""
    functions = {
        "exp": np.exp,
        "log": np.log,
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "relu": lambda z: z if np.real(z) > 0 else 0 * z,
    }
    return lambda x: getattr(x, name)() if hasattr(x, name) else functions[name](x)


def complex_step(function, *point, k):
    """Differentiate by the k-th argument without subtracting anything."""
    shifted = [complex(x, 1e-30 * (j == k)) for j, x in enumerate(point)]
    return complex(function(*shifted)).imag / 1e-30


OPERATIONS = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a / b": lambda a, b: a / b,
    "-a": lambda a, b: -a + 0 * b,
    "a + 2": lambda a, b: a + 2 + b,
    "2 + a": lambda a, b: 2 + a + b,
    "2 - a": lambda a, b: (2 - a) * b,
    "a - 2": lambda a, b: (a - 2) * b,
    "2 * a": lambda a, b: 2 * a * b,
    "2 / a": lambda a, b: 2 / a + b,
    "a / 2": lambda a, b: a / 2 * b,
    "a ** 3": lambda a, b: a**3 + b,
    "a ** -2": lambda a, b: a**-2 * b,
    "a ** 0.5": lambda a, b: a**0.5 * b,
    "sum": lambda a, b: sum([a, b, a]),
    "exp": lambda a, b: f("exp")(a * b),
    "log": lambda a, b: f("log")(a + b**2),
    "tanh": lambda a, b: f("tanh")(a - b),
    "sigmoid": lambda a, b: f("sigmoid")(a * b),
    "relu, positive": lambda a, b: f("relu")(a + 3) * b,
    "relu, negative": lambda a, b: f("relu")(-a) * b + a,
    "a value used often": lambda a, b: (a * a + b) * a / (a * b) - a,
}
POINT = (1.3, -0.7)


# --- Value and backward -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPERATIONS)
def test_reverse_mode_agrees_with_a_complex_step(name):
    leaves = [Value(x) for x in POINT]
    backward(OPERATIONS[name](*leaves))
    wanted = [complex_step(OPERATIONS[name], *POINT, k=k) for k in range(2)]
    np.testing.assert_allclose([leaf.grad for leaf in leaves], wanted, rtol=ROUND_OFF, atol=ROUND_OFF)


@pytest.mark.parametrize("name", OPERATIONS)
def test_values_agree_with_plain_numbers(name):
    expected = np.real(OPERATIONS[name](*map(complex, POINT)))
    assert OPERATIONS[name](*map(Value, POINT)).data == pytest.approx(expected, rel=ROUND_OFF)


def test_a_new_value_has_a_float_and_a_gradient_of_zero():
    value = Value(2)
    assert (type(value.data), value.grad, value.parents, value.local_derivatives) == (float, 0.0, (), ())


def test_values_hash_by_identity():
    assert len({Value(1.0), Value(1.0)}) == 2


def test_relu_has_derivative_zero_at_zero():
    x = Value(0.0)
    backward(x.relu())
    assert x.grad == 0.0


def test_fau_function_has_the_lecture_gradients():
    x1, x2 = Value(1.0), Value(3.0)
    g = (2 * x1 + 3 * x2) ** 2 + 3
    backward(g)
    assert (g.data, x1.grad, x2.grad) == (124.0, 44.0, 66.0)


def test_rwth_graph_has_the_lecture_gradients():
    a, b = Value(2.0), Value(1.0)
    e = (a + b) * (b + 1)
    backward(e)
    assert (e.data, a.grad, b.grad) == (6.0, 2.0, 5.0)


def test_the_sigmoid_at_two_tells_the_input_from_the_output():
    y = Value(2.0).sigmoid()
    assert round(y.local_derivatives[0], 3) == 0.105
    assert round(Value(y.data).sigmoid().local_derivatives[0], 3) == 0.207


def random_graph(rng, size=9):
    """Return leaves and a root of sums and products of random earlier nodes."""
    nodes = [Value(rng.uniform(0.5, 1.5)) for _ in range(3)]
    leaves = nodes[:]
    for _ in range(size):
        one, other = (nodes[k] for k in rng.integers(len(nodes), size=2))
        nodes.append(one * other if rng.random() < 0.5 else one + other * 0.5)
    return leaves, nodes[-1]


def sum_over_paths(node, leaf):
    """Enumerate every path: exponential, and obviously right."""
    pairs = zip(node.parents, node.local_derivatives, strict=True)
    return 1.0 if node is leaf else sum(slope * sum_over_paths(parent, leaf) for parent, slope in pairs)


@pytest.mark.parametrize("seed", range(10))
def test_backward_is_the_sum_over_all_paths(seed):
    leaves, root = random_graph(np.random.default_rng(seed))
    backward(root)
    wanted = [sum_over_paths(root, leaf) for leaf in leaves]
    np.testing.assert_allclose([leaf.grad for leaf in leaves], wanted, rtol=ROUND_OFF)


@pytest.mark.parametrize("seed", range(10))
def test_order_has_every_node_once_and_after_its_parents(seed):
    _, root = random_graph(np.random.default_rng(seed))
    order = topological_order(root)
    place = {id(node): k for k, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    assert all(place[id(parent)] < place[id(node)] for node in order for parent in node.parents)


def test_a_ladder_of_diamonds_has_the_closed_form_gradient():
    p, q, node = Value(0.45), Value(0.5), Value(1.0)
    for _ in range(60):
        node = node * p + node * q
    backward(node)
    # Sixty factors, each rounded: 60 eps is about 1e-14.
    assert p.grad == pytest.approx(60 * 0.95**59, rel=ROUND_OFF)


def test_a_chain_of_5000_nodes_is_differentiated():
    x = y = Value(0.5)
    for _ in range(5000):
        y = y + x
    backward(y)
    assert x.grad == 5001.0


def test_gradients_add_up_over_graphs_that_share_inputs():
    a, b = Value(3.0), Value(2.0)
    backward(a * b)
    backward(a * a)
    assert (a.grad, b.grad) == (2.0 + 6.0, 3.0)


def test_a_second_sweep_does_not_hand_on_what_the_first_left_at_a_shared_node():
    a, b = Value(2.0), Value(5.0)
    c = a * b
    backward(2 * c)
    backward(3 * c)
    # d(2ab)/da + d(3ab)/da; a sweep over what stands in c.grad would give 35.
    assert (a.grad, b.grad, c.grad) == (25.0, 10.0, 5.0)


def test_a_second_sweep_from_the_same_root_adds_the_same_again():
    a, b = Value(2.0), Value(5.0)
    d = a * b + a
    backward(d)
    backward(d)
    assert (d.grad, a.grad, b.grad) == (2.0, 12.0, 4.0)


def test_zero_grad_forgets_even_infinite_gradients():
    values = [Value(1.0), Value(2.0)]
    values[0].grad, values[1].grad = math.inf, math.nan
    unit.zero_grad(values)
    assert [value.grad for value in values] == [0.0, 0.0]
    assert [value.data for value in values] == [1.0, 2.0]


# --- networks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "linear"])
def test_a_neuron_agrees_with_numpy(activation):
    w, x, b = np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.3, 0.2]), 0.1
    z = w @ x + b
    wanted = {"tanh": np.tanh(z), "relu": max(z, 0), "sigmoid": 1 / (1 + np.exp(-z)), "linear": z}[activation]
    found = unit.neuron([Value(v) for v in w], x.tolist(), Value(b), activation)
    assert found.data == pytest.approx(wanted, rel=ROUND_OFF)


def network(*sizes):
    rng = np.random.default_rng(7)
    weights = [rng.normal(size=pair) for pair in pairwise(sizes)]
    biases = [rng.normal(size=n) for n in sizes[1:]]
    return rng.normal(size=sizes[0]), weights, biases, rng.normal(size=sizes[-1])


def matrix_forward(x, weights, biases):
    """Compute the network with matrices, also for complex weights."""
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        x = np.tanh(x @ W + b)
    return x @ weights[-1] + biases[-1]


def lists(arrays):
    return [array.tolist() for array in arrays]


@pytest.mark.parametrize("sizes", [(3, 2), (4, 3, 2), (2, 5, 3, 4)])
def test_the_forward_loops_agree_with_matrices(sizes):
    x, weights, biases, _ = network(*sizes)
    zs, ys = unit.mlp_forward_scalar(x.tolist(), lists(weights), lists(biases))
    np.testing.assert_allclose(ys[-1], matrix_forward(x, weights, biases), rtol=1e-11)
    assert zs[-1] == ys[-1]
    assert [len(z) for z in zs] == [len(y) for y in ys] == list(sizes[1:])


@pytest.mark.parametrize("sizes", [(3, 2), (4, 3, 2), (2, 5, 3, 4)])
def test_the_backward_loops_agree_with_a_complex_step(sizes):
    x, weights, biases, target = network(*sizes)
    found = unit.mlp_backward_scalar(x.tolist(), lists(weights), lists(biases), target.tolist())
    for parameters, gradients in zip((weights, biases), found, strict=True):
        for k, gradient in enumerate(gradients):
            assert np.shape(gradient) == parameters[k].shape
            for place in np.ndindex(parameters[k].shape):
                moved = [p.astype(complex) for p in parameters]
                moved[k][place] += 1e-30j
                pair = (moved, biases) if parameters is weights else (weights, moved)
                loss = 0.5 * np.sum((matrix_forward(x, *pair) - target) ** 2)
                # Sums of a dozen products: a little more round-off than in one operation.
                assert np.array(gradient)[place] == pytest.approx(loss.imag / 1e-30, rel=1e-10, abs=1e-12)


def test_engine_and_loops_agree():
    x, weights, biases, target = network(3, 4, 2)
    W = [[[Value(w) for w in row] for row in layer] for layer in lists(weights)]
    b = [[Value(v) for v in layer] for layer in lists(biases)]
    hidden = [unit.neuron([row[j] for row in W[0]], x.tolist(), b[0][j], "tanh") for j in range(4)]
    outputs = [unit.neuron([row[j] for row in W[1]], hidden, b[1][j], "linear") for j in range(2)]
    backward(sum((y - d) ** 2 for y, d in zip(outputs, target.tolist(), strict=True)) / 2)
    dweights, dbiases = unit.mlp_backward_scalar(x.tolist(), lists(weights), lists(biases), target.tolist())
    np.testing.assert_allclose([[w.grad for w in row] for row in W[0]], dweights[0], rtol=1e-10)
    np.testing.assert_allclose([v.grad for v in b[0]], dbiases[0], rtol=1e-10)


# --- Dual -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPERATIONS)
def test_forward_mode_agrees_with_a_complex_step(name):
    for k in range(2):
        duals = [Dual(x, float(j == k)) for j, x in enumerate(POINT)]
        wanted = complex_step(OPERATIONS[name], *POINT, k=k)
        assert OPERATIONS[name](*duals).tangent == pytest.approx(wanted, rel=ROUND_OFF, abs=ROUND_OFF)


@pytest.mark.parametrize("name", OPERATIONS)
def test_forward_and_reverse_mode_agree_by_the_dot_product(name):
    v, g = (0.37, -1.2), 0.83
    leaves = [Value(x) for x in POINT]
    backward(OPERATIONS[name](*leaves) * g)
    forward = g * OPERATIONS[name](*(Dual(x, t) for x, t in zip(POINT, v, strict=True))).tangent
    reverse = sum(leaf.grad * t for leaf, t in zip(leaves, v, strict=True))
    assert forward == pytest.approx(reverse, rel=ROUND_OFF, abs=ROUND_OFF)


def test_dual_of_fau_function_needs_one_pass_per_input():
    def g(x1, x2):
        return (2 * x1 + 3 * x2) ** 2 + 3

    assert g(Dual(1.0, 1.0), Dual(3.0, 0.0)).tangent == 44.0
    assert g(Dual(1.0, 0.0), Dual(3.0, 1.0)).tangent == 66.0


# --- the debugger -----------------------------------------------------------------------------------


def stubs():
    """Return the names that the released notebook defines before anything is solved."""
    scope = {"np": np}
    for cell in release_form(nbformat.read(SOURCE, as_version=4)).cells:
        flags = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and flags.get("solution"):
            exec(cell.source, scope)
    return scope


def debugger(value_class=Value, order=topological_order, sweep=backward, **options):
    return course.explore_backward(value_class, order, sweep, **options)


def picture(explorer):
    return explorer._picture.value or explorer._image.value


def last_step(explorer):
    explorer.controls["step"].value = explorer.controls["step"].max
    return explorer


@pytest.mark.parametrize("example", course.EXAMPLES)
def test_own_and_given_graph_find_the_same_gradients(example):
    program, at = course.EXAMPLES[example]
    numbers = course.inputs_of(at)
    given = course.given_graph(program, numbers)
    own, _ = course.own_graph(program, numbers, Value)

    def gradients(nodes):
        grads = course.sweep(nodes, range(len(nodes) - 1, -1, -1))[-1].grads
        return {
            node.label: pytest.approx(g, rel=1e-9) for node, g in zip(nodes, grads, strict=True) if node.kind == "input"
        }

    assert gradients(given) == {k: v.expected for k, v in gradients(own).items()}


def test_operations_are_recognised_from_what_was_recorded():
    program = "((a + b) * (a - b) / b).tanh() + a.exp() + a.log() + b.sigmoid() + a.relu() + a**2"
    labels = {node.label for node in course.own_graph(program, {"a": 1.5, "b": 0.4}, Value)[0]}
    assert {"+", "×", "tanh", "exp", "log", "sigmoid", "relu", "^2", "^−1"} <= labels


def test_a_wrong_local_derivative_is_not_named_as_the_operation():
    mistakes = {m.name: m.implementation for m in value_exercise.misconceptions}
    nodes, _ = course.own_graph("a * b", {"a": 1.5, "b": 0.4}, mistakes["FactorTimesItself"])
    assert nodes[-1].label == "f"


@pytest.mark.parametrize(
    ("control", "value"), [("step", 3), ("order", "breadth"), ("inputs", "a = 1, b = 1"), ("program", "a * b")]
)
def test_every_control_of_the_debugger_changes_the_picture(control, value):
    explorer = debugger()
    before = picture(explorer)
    explorer.controls[control].value = value
    assert picture(explorer) != before


def test_an_example_sets_program_inputs_and_steps():
    explorer = debugger()
    explorer.controls["example"].value = "FAU: (2 x1 + 3 x2)² + 3"
    assert "x1" in explorer.controls["inputs"].value
    assert "x1: 44, x2: 66" in last_step(explorer).description


def test_playing_moves_the_steps():
    explorer = debugger()
    explorer.controls["play"].value = 2
    assert explorer.controls["step"].value == 2


def test_breadth_first_loses_a_share_and_says_so():
    explorer = debugger()
    explorer.controls["order"].value = "breadth"
    assert "stays behind" in last_step(explorer).description
    assert "should be" in picture(explorer)


def test_topological_order_is_right_everywhere():
    explorer = debugger()
    for example in course.EXAMPLES:
        explorer.controls["example"].value = example
        assert "should be" not in picture(last_step(explorer))


def test_depth_first_fails_on_the_diamond_where_breadth_first_is_right():
    explorer = debugger()
    explorer.controls["example"].value = "a diamond"
    explorer.controls["order"].value = "breadth"
    assert "should be" not in picture(last_step(explorer))
    explorer.controls["order"].value = "depth"
    assert "should be" in picture(last_step(explorer))


def test_a_wrong_order_of_the_students_own_is_drawn_as_it_is():
    explorer = debugger(order=breadth_first_reversed)
    assert "your topological_order" in explorer.description
    assert "stays behind" in last_step(explorer).description


@pytest.mark.parametrize(
    "program", ["a +", "a * q", "", "import os", "a.cosh()", "a / (b - b)", "2", "; ".join(["a = a * b"] * 60)]
)
def test_an_impossible_graph_is_answered_in_words(program):
    for explorer in (debugger(), debugger(stubs()["Value"], stubs()["topological_order"])):
        explorer.controls["program"].value = program
        assert explorer.description


def test_errors_of_a_students_order_are_shown_in_words():
    explorer = debugger(order=lambda root: None)
    assert "returned None" in explorer.description


def test_unsolved_exercises_get_the_given_graph():
    scope = stubs()
    explorer = debugger(scope["Value"], scope["topological_order"], scope["backward"])
    assert "until your Value is solved" in explorer.description
    assert "a: 144, b: 72" in last_step(explorer).description


def test_an_unsolved_order_gets_the_given_one():
    explorer = debugger(order=stubs()["topological_order"], sweep=stubs()["backward"])
    assert "until your topological_order is solved" in explorer.description
    assert "a: 144, b: 72" in last_step(explorer).description


def test_an_engine_of_closures_gets_the_given_graph():
    assert "keep no local derivatives" in debugger(ClosureValue, closure_order, None).description


def test_names_are_escaped_in_the_picture():
    node = course.Node("<b>", 1.0, kind="input")
    assert "<b>" not in course.sweep_svg([node], course.sweep([node], [0])[-1])[0]


# --- forward against reverse ------------------------------------------------------------------------


def modes(dual_class=Dual, value_class=Value, sweep=backward):
    return course.explore_modes(dual_class, value_class, sweep)


@pytest.mark.parametrize(("control", "value"), [("inputs", 5), ("outputs", 6), ("passes", 7)])
def test_every_control_of_the_modes_changes_the_picture(control, value):
    explorer = modes()
    before = picture(explorer)
    explorer.controls[control].value = value
    assert picture(explorer) != before


def test_passes_are_counted_by_inputs_and_outputs():
    text = modes().description
    assert "forward mode needs 8 passes" in text
    assert "reverse mode 3 (a row each), so reverse mode is cheaper" in text
    assert "same Jacobian" in text


def test_the_jacobians_agree_with_central_differences():
    engine, _ = course._jacobians(Dual, Value, backward)
    forward, reverse = engine(5, 3)

    def outputs(x):
        return np.tanh(course.WEIGHTS[:3, :5] @ x)

    h, x = 1e-5, course.POINT[:5]
    numeric = np.array([(outputs(x + h * e) - outputs(x - h * e)) / (2 * h) for e in np.eye(5)]).T
    np.testing.assert_allclose(forward, numeric, atol=DIFFERENCE)
    np.testing.assert_allclose(reverse, numeric, atol=DIFFERENCE)


def test_the_given_jacobian_is_that_of_the_references():
    unsolved = stubs()
    given = course._jacobians(unsolved["Dual"], Value, backward)[0](6, 4)
    np.testing.assert_allclose(given, course._jacobians(Dual, Value, backward)[0](6, 4), rtol=1e-12, atol=1e-15)


def test_unsolved_modes_get_given_derivatives():
    assert "until your Dual.__mul__ is solved" in modes(stubs()["Dual"]).description


def test_a_wrong_dual_is_noticed():
    class Wrong(Dual):
        def __mul__(self, other):
            return Wrong(self.value * getattr(other, "value", other), self.tangent)

        __rmul__ = __mul__

    assert "one of the modes is wrong" in modes(Wrong).description


def test_errors_of_a_students_backward_are_shown_in_words():
    def broken(root):
        raise KeyError("grad")

    assert "KeyError" in modes(sweep=broken).description


# --- static pictures --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", course.FIGURES)
def test_the_notebook_shows_each_static_picture_with_a_description(name):
    text = SOURCE.read_text(encoding="utf-8")
    assert f"](figures/{name}.svg)" in text
    assert (SOURCE.parent / "figures" / f"{name}.svg").is_file()


# --- two moons --------------------------------------------------------------------------------------


def test_a_layer_tells_the_moons_apart_and_one_neuron_cannot():
    points, labels = moons.two_moons()
    right = []
    for sizes in ((2, 1), (2, 6, 1)):
        layers, _ = moons._trained(sizes, moons.EPOCHS, moons.RATE)
        right.append(np.sum(moons._scores(layers, np.array(points)) * labels > 0))
    assert right[0] < right[1] == len(labels)


def test_the_picture_of_the_moons_moves_with_each_network():
    points, labels = moons.two_moons()
    picture = moons.MoonsPicture(points, labels, epochs=2, every=0.0)
    picture._seen, seen = True, []
    for w in (1.0, -1.0):
        picture(0.5, [[([Value(w), Value(0.5)], Value(0.0))]])
        seen.append(picture._image.value)
    assert seen[0] != seen[1] and picture.losses == [0.5, 0.5]
