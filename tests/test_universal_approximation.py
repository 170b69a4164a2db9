"""Unit 9: every network does what its exercise promises, measured without the code that built it."""

import html
import itertools
import re
from fractions import Fraction
from functools import cache

import ipywidgets as widgets
import numpy as np
import pytest
import scipy.optimize

from backprop_autograder.engine.data import decode, encode
from backprop_autograder.engine.draw import draw_trials
from backprop_autograder.engine.messages import Diagnosis, explain
from backprop_autograder.engine.probe import Outcome
from backprop_autograder.judging.answer_key import load_exercises
from backprop_course import universal_approximation as course
from backprop_course.given import universal_approximation as given
from backprop_course.networks import hidden_units, relu_network, step_network
from backprop_course.typed import typed_function, typed_tree
from backprop_solutions import universal_approximation as unit
from backprop_solutions.exercises.universal_approximation.inputs import network_outputs

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR, AND = np.array([0, 1, 1, 0]), np.array([0, 0, 0, 1])
TREE = (2, 0.5, (0, -1.0, 7, (1, 0.0, 7, -2.5)), (2, 1.5, 0, (0, 1.0, 3.25, 7)))


@pytest.fixture
def rng():
    return np.random.default_rng(9)


# --- the given networks -----------------------------------------------------------------------------


def unit_by_unit(x, parameters, activation):
    """Evaluate a network for one input, one unit at a time, in plain Python."""
    for k, (W, b) in enumerate(parameters):
        z = [sum(x[d] * W[d][j] for d in range(len(x))) + b[j] for j in range(len(b))]
        x = z if k == len(parameters) - 1 else [activation(value) for value in z]
    return x


@pytest.mark.parametrize(
    ("network", "activation"),
    [(step_network, lambda z: 1.0 if z >= 0 else 0.0), (relu_network, lambda z: z if z > 0 else 0.0)],
)
def test_a_given_network_agrees_with_going_from_unit_to_unit(network, activation, rng):
    sizes = (3, 5, 4, 2)
    parameters = [(rng.normal(size=shape), rng.normal(size=shape[1])) for shape in itertools.pairwise(sizes)]
    X = rng.normal(size=(6, 3))
    expected = [unit_by_unit(x, parameters, activation) for x in X.tolist()]
    # Sums of five numbers of order one, in another order.
    np.testing.assert_allclose(network(X, parameters), expected, rtol=1e-12, atol=1e-14)


def test_a_step_is_one_at_zero():
    identity = (np.ones((1, 1)), np.zeros(1))
    np.testing.assert_array_equal(step_network([[-1e-300], [0.0]], [identity, identity]), [[0.0], [1.0]])


def test_a_network_without_hidden_units_is_constant_or_linear():
    empty = (np.zeros((2, 0)), np.zeros(0))
    np.testing.assert_array_equal(step_network(CORNERS, [empty, (np.zeros((0, 1)), [4.0])]), np.full((4, 1), 4.0))
    np.testing.assert_array_equal(relu_network(CORNERS, [([[-1.0], [2.0]], [0.5])]), [[0.5], [2.5], [-0.5], [1.5]])


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ([], "the list of parameters is empty"),
        ([(np.ones((2, 3)),)], "layer 1 is not a pair"),
        ([(np.ones((2, 3)), np.zeros(2))], r"layer 1: W of shape \(2, 3\) and b of shape \(2,\)"),
        (
            [(np.ones((2, 3)), np.zeros(3)), (np.ones((2, 1)), np.zeros(1))],
            r"layer 2: W has shape \(2, 1\), but 3 values come in: expected \(3, 1\)",
        ),
    ],
)
def test_parameters_that_do_not_fit_together_are_named_by_their_layer(parameters, words):
    with pytest.raises(ValueError, match=words):
        step_network(CORNERS, parameters)


def test_one_input_that_is_no_batch_is_refused_in_words():
    with pytest.raises(ValueError, match="one input a row"):
        relu_network(np.zeros(2), unit.xor_network())


# --- perceptron_epoch -------------------------------------------------------------------------------


def epochs(t, count):
    w, b, mistakes = np.zeros(2), 0.0, []
    states = []
    for _ in range(count):
        w, b, wrong = unit.perceptron_epoch(w, b, CORNERS, t)
        mistakes.append(int(wrong))
        states.append((*map(float, w), float(b)))
    return states, mistakes


def test_an_epoch_agrees_with_the_rule_row_by_row(rng):
    X, t, w, b = rng.normal(size=(9, 4)), rng.integers(0, 2, size=9), rng.normal(size=4), 0.3
    weights, bias, mistakes = w.tolist(), b, 0
    for x, target in zip(X.tolist(), t.tolist(), strict=True):
        says = sum(p * q for p, q in zip(weights, x, strict=True)) + bias >= 0
        if says and not target:
            weights, bias, mistakes = [p - q for p, q in zip(weights, x, strict=True)], bias - 1, mistakes + 1
        elif target and not says:
            weights, bias, mistakes = [p + q for p, q in zip(weights, x, strict=True)], bias + 1, mistakes + 1
    got = unit.perceptron_epoch(w, b, X, t)
    np.testing.assert_allclose(got[0], weights, rtol=1e-12)
    assert got[1] == pytest.approx(bias) and got[2] == mistakes > 0


def test_the_rule_learns_and():
    states, mistakes = epochs(AND, 7)
    assert mistakes == [2, 3, 3, 2, 1, 0, 0]
    assert states[-1] == (2.0, 1.0, -3.0)


def test_the_rule_comes_back_to_where_it_was_with_xor_and_so_never_stops():
    states, mistakes = epochs(XOR, 12)
    assert states[2] == states[3] == (-1.0, 0.0, 0.0)
    assert mistakes[3:] == [4] * 9


def test_an_epoch_leaves_its_arguments_alone():
    w, X, t = np.zeros(2), CORNERS.copy(), XOR.copy()
    unit.perceptron_epoch(w, 0.0, X, t)
    np.testing.assert_array_equal(w, np.zeros(2))
    np.testing.assert_array_equal(X, CORNERS)
    np.testing.assert_array_equal(t, XOR)


# --- networks that are exact ------------------------------------------------------------------------


def test_no_single_unit_can_do_xor():
    signs = np.where(XOR, -1.0, 1.0)[:, None]
    # w.x + b >= 0 for the ones, <= -1 for the zeros: scaled up, every line that separates them does that.
    rows, limits = signs * np.column_stack([CORNERS, np.ones(4)]), np.where(XOR, 0.0, -1.0)
    line = scipy.optimize.linprog(np.zeros(3), A_ub=rows, b_ub=limits, bounds=[(None, None)] * 3)
    assert line.status == 2, "infeasible"


def test_two_units_do_xor():
    parameters = unit.xor_network()
    np.testing.assert_array_equal(step_network(CORNERS, parameters)[:, 0], [0, 1, 1, 0])
    assert hidden_units(parameters) == [2]


@pytest.mark.parametrize("dimensions", [1, 2, 3, 5])
def test_a_box_is_one_inside_and_zero_outside(dimensions, rng):
    lower = rng.normal(size=dimensions)
    upper = lower + rng.uniform(0.5, 2.0, size=dimensions)
    X = lower + (upper - lower) * rng.uniform(-1, 2, size=(3000, dimensions))
    X[:300] = lower + (upper - lower) * rng.uniform(size=(300, dimensions))
    inside = [all(a < x < b for a, x, b in zip(lower, row, upper, strict=True)) for row in X]
    np.testing.assert_array_equal(step_network(X, unit.box_network(lower, upper))[:, 0], inside)
    assert 300 <= sum(inside) < 3000


def answer_of(tree, x):
    """Ask a tree its questions."""
    while isinstance(tree, tuple):
        feature, threshold, left, right = tree
        tree = left if x[feature] < threshold else right
    return tree


def test_the_network_of_a_tree_answers_as_the_tree_does(rng):
    X = rng.uniform(-3, 3, size=(2000, 4))
    expected = [answer_of(TREE, x) for x in X]
    np.testing.assert_array_equal(step_network(X, unit.tree_to_network(TREE, 4))[:, 0], expected)
    assert len(set(expected)) == 4


def test_a_leaf_alone_is_a_constant():
    np.testing.assert_array_equal(step_network(CORNERS, unit.tree_to_network(-1.5, 2)), np.full((4, 1), -1.5))


def test_a_tree_of_fifty_questions_in_a_row_is_a_small_network(rng):
    tree = 50
    for k in reversed(range(50)):
        tree = (k % 3, k / 50, k, tree)
    parameters = unit.tree_to_network(tree, 3)
    X = rng.uniform(0, 1.2, size=(500, 3))
    np.testing.assert_array_equal(step_network(X, parameters)[:, 0], [answer_of(tree, x) for x in X])
    assert hidden_units(parameters) == [50, 51]


@pytest.mark.parametrize("bits", range(1, 7))
def test_every_number_lights_its_own_column(bits):
    texts = [format(k, f"0{bits}b") for k in range(2**bits)]
    X = np.array([[float(digit) for digit in text] for text in texts])
    np.testing.assert_array_equal(step_network(X, unit.binary_to_one_hot_network(bits)), np.eye(2**bits))


# --- networks that come close -----------------------------------------------------------------------

CURVES = {
    "sine": (lambda x: np.sin(3 * x) + 2, (-1.0, 2.0), 3.0, 9.0),
    "square": (lambda x: x**2, (1.0, 3.0), 6.0, 2.0),
    "exponential": (np.exp, (-2.0, 0.5), np.exp(0.5), np.exp(0.5)),
}


def largest_error(network, parameters, f, interval):
    x = np.union1d(np.linspace(*interval, 5001), np.linspace(*interval, 997))
    return np.abs(network(x[:, None], parameters)[:, 0] - f(x)).max()


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("units", [1, 2, 7, 40])
def test_a_staircase_keeps_its_promise(curve, units):
    f, interval, steepest, _ = CURVES[curve]
    parameters = unit.staircase(f, units, interval)
    assert hidden_units(parameters) == [units]
    promised = steepest * (interval[1] - interval[0]) / units
    assert largest_error(step_network, parameters, f, interval) <= promised + 1e-9


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("units", [1, 2, 7, 40])
def test_a_polyline_keeps_its_promise(curve, units):
    f, interval, _, bent = CURVES[curve]
    parameters = unit.polyline(f, units, interval)
    assert hidden_units(parameters) == [units]
    promised = bent * ((interval[1] - interval[0]) / units) ** 2 / 8
    assert largest_error(relu_network, parameters, f, interval) <= promised + 1e-9


def test_a_polyline_is_linear_interpolation():
    f, (a, b), _, _ = CURVES["sine"]
    x, knots = np.linspace(a, b, 301), np.linspace(a, b, 8)
    # Seven ramps of order ten are summed.
    got = relu_network(x[:, None], unit.polyline(f, 7, (a, b)))[:, 0]
    np.testing.assert_allclose(got, np.interp(x, knots, f(knots)), atol=1e-12)


@pytest.mark.parametrize(
    ("build", "network", "slope"), [("staircase", step_network, -1), ("polyline", relu_network, -2)]
)
def test_the_error_falls_with_the_promised_slope(build, network, slope):
    f, interval, _, _ = CURVES["sine"]
    errors = [largest_error(network, getattr(unit, build)(f, n, interval), f, interval) for n in (32, 64)]
    assert np.log2(errors[1] / errors[0]) == pytest.approx(slope, abs=0.1)  # the next order is a few percent


# --- depth ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 3, 10])
def test_a_sawtooth_is_the_tent_map_applied_again_and_again(depth):
    parameters = unit.sawtooth_network(depth)
    assert hidden_units(parameters) == [2] * depth
    for numerator in range(1, 97, 5):
        x = Fraction(numerator, 97)
        expected = x
        for _ in range(depth):
            expected = min(2 * expected, 2 - 2 * expected)
        # A rounding of x grows by 2 a layer.
        assert relu_network([[float(x)]], parameters)[0, 0] == pytest.approx(float(expected), abs=1e-12)


def test_a_sawtooth_of_depth_eight_has_256_straight_pieces():
    x = np.arange(4097) / 4096  # teeth turn at k / 256
    y = relu_network(x[:, None], unit.sawtooth_network(8))[:, 0]
    turns = np.diff(np.sign(np.diff(y))) != 0
    assert turns.sum() == 255


# --- how networks are judged ------------------------------------------------------------------------

HOSTILE = [
    None,
    7,
    "network",
    [],
    [()],
    {"W": 1},
    [(1, 2)],
    [np.ones((2, 2))],
    [("1", "2")],
    [([["1"]], ["0"])],
    [([[1.0], [2.0, 3.0]], [0.0])],
    [(np.ones((1, 1), dtype=complex), np.zeros(1))],
    [(np.full((1, 1), np.nan), np.zeros(1))],
    [(np.ones((0, 0)), np.zeros(0))],
    [(np.ones((1, 1)), np.zeros(1))] * 300,
]
NETWORKS = [name for name in load_exercises("universal_approximation") if name != "perceptron_epoch"]


@cache
def trials_of(name):
    exercise = load_exercises("universal_approximation")[name]
    return [draw_trials(exercise, aspect, b"networks", hidden=True) for aspect in exercise.aspects]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("result", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_network_gets_words_and_no_points(name, result):
    for trials in trials_of(name):
        for trial in trials:
            failure = trial.failure(Outcome(decode(encode(result))))
            assert failure is not None and failure.kind == "property" and failure.detail


@pytest.mark.parametrize("shape", [(2000, 2000), (2000, 1)])
def test_a_network_that_would_keep_the_judge_busy_is_not_evaluated(shape):
    wide = np.ones((1, 2000)), np.zeros(2000)
    layer = np.broadcast_to(1.0, shape), np.zeros(shape[1])
    outputs, words = network_outputs([wide, *[layer, wide] * 90], np.zeros((4500, 1)), "step", 1)
    assert outputs is None and "larger than can be evaluated" in words


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (
            [(np.ones((4, 2)), np.zeros(4)), (np.ones((4, 1)), np.zeros(1))],
            "W of layer 1 has shape (4, 2), expected (2, 4)",
        ),
        ([(np.ones(2), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))], "W of layer 1 has shape (2,), expected (2, 1)"),
        ([(np.ones((2, 3)), np.zeros((1, 3))), (np.ones((3, 1)), [0])], "b of layer 1 has shape (1, 3), expected (3,)"),
        (
            [(np.ones((2, 3)), np.zeros(3)), (np.ones((1, 3)), [0])],
            "W of layer 2, the last, has shape (1, 3), expected (3, 1)",
        ),
        ([(np.ones((2, 3)), np.zeros(3)), (np.ones((3, 1)), 0)], "b of layer 2, the last, has shape (), expected (1,)"),
    ],
)
def test_a_wrong_shape_is_told_with_the_right_one_and_a_next_step(layers, words):
    trial = next(trial for trials in trials_of("xor_network") for trial in trials)
    found = explain(trial, trial.failure(Outcome(layers)), Diagnosis(), "the hint of the aspect")
    assert words in found.summary and found.advice.startswith("Next: print the shapes of every W and b")


@pytest.mark.parametrize("name", NETWORKS)
def test_no_aspect_is_earned_by_the_same_network_for_every_question(name):
    for trials in trials_of(name):
        results = [trial.expected.result for trial in trials]
        right = [sum(trial.failure(Outcome(result)) is None for trial in trials) for result in results]
        assert max(right) < len(trials) or name == "xor_network"


# --- what is typed into explorers -------------------------------------------------------------------


def test_a_typed_function_is_what_python_would_make_of_it():
    x = np.linspace(-1, 1, 7)
    expected = 2 * np.sin(3 * x) - x**2 / 4 + np.exp(-x) * np.pi
    # The same operations in the same order.
    np.testing.assert_array_equal(typed_function("2*sin(3*x) - x**2/4 + exp(-x)*pi")(x), expected)
    np.testing.assert_array_equal(typed_function("3")(x), np.full(7, 3.0))


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x.__class__",
        "(lambda: x)()",
        "[x for x in x]",
        "open('f')",
        "sin",
        "sin(x, x)",
        "x if x else 1",
        "y",
        "True",
        "1j",
        "'a'",
        "x +",
        "",
        "(" * 500,
        "x" + "+x" * 400,
        "np.sin(x)",
    ],
)
def test_what_is_no_function_of_x_is_refused(text):
    with pytest.raises(ValueError):
        typed_function(text)


def test_a_tower_of_powers_is_infinite_at_once():
    assert typed_function("9**9**9**9")(np.zeros(2))[0] == np.inf


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(0, 1, 2)", "a number or"),
        ("(2, 0.5, 1, 2)", "the feature is one of 0, 1"),
        ("(0, 'a', 1, 2)", "the threshold is a number"),
        ("(0.5, 1, 1, 2)", "the feature is"),
        ("(0, 1, f(2), 3)", "numbers, commas"),
        ("(0, 1, 1, True)", "a number or"),
        ("(0, 1, 1", "cannot be read"),
        ("(0,0," * 9 + "1" + ",1)" * 9, "questions deep"),
        ("1e999", "a number or"),
    ],
)
def test_what_is_no_tree_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        typed_tree(text)


def test_a_typed_tree_is_read():
    assert typed_tree(" (0, .5, -1, (1, 2, 3.5, 4)) ") == (0, 0.5, -1, (1, 2, 3.5, 4))


# --- the explorers ----------------------------------------------------------------------------------


def unsolved(*_):
    raise NotImplementedError("unsolved")


EXPLORERS = {
    "perceptron": (course.explore_perceptron, ["perceptron_epoch"]),
    "lines": (course.explore_lines, []),
    "tree": (course.explore_tree, ["tree_to_network"]),
    "curves": (course.explore_curves, ["staircase", "polyline"]),
    "folds": (course.explore_folds, ["sawtooth_network"]),
}


def own(name):
    make, functions = EXPLORERS[name]
    return make(*(getattr(unit, function) for function in functions))


def text_of(explorer, **values):
    for name, value in values.items():
        explorer.controls[name].value = value
    return html.unescape(explorer.description)


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_control_changes_what_is_seen(name):
    explorer = own(name)
    others = {"text": "1", "table": "AND", "kind": "ramps", "combination": "A minus B"}
    if name == "lines":
        explorer.controls["combination"].value = "A plus B"
    for key, control in explorer.controls.items():
        before = explorer._image.value, explorer.description
        control.value = others.get(key, getattr(control, "max", None))
        assert (explorer._image.value, explorer.description) != before, key


@pytest.mark.parametrize("name", [name for name in EXPLORERS if name != "lines"])
def test_explorers_work_before_the_exercises_are_solved(name):
    make, functions = EXPLORERS[name]
    explorer = make(*[unsolved] * len(functions))
    assert "until your" in explorer.description
    assert explorer._image.value and "Error" not in explorer.description


@pytest.mark.parametrize("name", [name for name in EXPLORERS if name != "lines"])
@pytest.mark.parametrize("wrong", [lambda *_: None, lambda *_: 1 / 0, lambda *_: [(np.ones((5, 1)), np.zeros(1))]])
def test_a_function_that_errs_is_shown_in_words(name, wrong):
    make, functions = EXPLORERS[name]
    assert "Error" in make(*[wrong] * len(functions)).description


@pytest.mark.parametrize(
    "make",
    [
        course.explore_perceptron,
        course.explore_lines,
        course.explore_curves,
        course.explore_folds,
        lambda: course.explore_tree(unit.tree_to_network),
    ],
)
def test_a_prediction_comes_before_the_picture(make):
    question, body = make().children
    assert body.layout.display == "none"
    buttons = next(w for w in question.children if isinstance(w, widgets.ToggleButtons))
    buttons.value = buttons.options[0]
    assert body.layout.display != "none"


@pytest.mark.parametrize("name", ["perceptron", "curves", "folds"])
def test_a_prediction_that_was_made_is_not_asked_again_of_the_students_function(name):
    (body,) = own(name).children
    assert body.layout.display != "none"
    assert "your " in own(name).description


def test_the_perceptron_explorer_tells_rest_from_going_round():
    explorer = own("perceptron")
    assert "never rests" in text_of(explorer, epoch=5)
    assert "come to rest" in text_of(explorer, table="AND", epoch=7)


def test_given_epoch_agrees_with_the_reference(rng):
    X, t, w = rng.normal(size=(9, 3)), rng.integers(0, 2, size=9), rng.normal(size=3)
    got, expected = given.perceptron_epoch(w, 0.2, X, t), unit.perceptron_epoch(w, 0.2, X, t)
    # One more term in the sums.
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-12)
    assert got[1] == pytest.approx(expected[1]) and got[2] == expected[2]


def test_no_turn_of_one_line_does_xor_and_one_pair_does():
    explorer = own("lines")
    found = set()
    for angle in range(-180, 181, 45):
        for shift in (-0.6, -0.35, 0.0, 0.35, 0.6):
            found.add(re.search(r"(\d) of 4", text_of(explorer, angle_a=angle, shift_a=shift))[1])
    assert max(found) == "3"
    pair = {"angle_a": 45, "shift_a": -0.35, "angle_b": 45, "shift_b": 0.35}
    assert "4 of 4" in text_of(explorer, combination="A minus B", **pair)


def test_the_tree_explorer_compares_network_and_tree():
    assert "agree everywhere" in text_of(own("tree"))
    wrong = course.explore_tree(lambda tree, features: unit.tree_to_network((0, 0.5, 3, 1), 2))
    assert "differ at" in text_of(wrong)


def test_a_tree_with_a_typing_error_is_answered_in_words():
    assert "the feature is one of 0, 1" in text_of(own("tree"), text="(7, 1, 2, 3)")


@pytest.mark.parametrize("kind", ["stairs", "ramps"])
@pytest.mark.parametrize("shown", [0, 3, 8])
def test_given_pieces_agree_with_the_units_of_the_networks(kind, shown):
    f = typed_function("sin(3*x) + 1")
    build = {"stairs": unit.staircase, "ramps": unit.polyline}[kind]
    pieces = given.first_pieces(kind, f, course.X, 8, shown)
    # Sums of eight numbers of order ten.
    np.testing.assert_allclose(pieces, course._first_units(kind, build(f, 8, (0.0, 2.0)), shown), atol=1e-12)


def test_the_curve_explorer_says_whether_the_promise_is_kept():
    assert "It keeps the promise" in text_of(own("curves"), shown=64, units=20)
    flat = course.explore_curves(lambda f, n, i: [(np.zeros((1, 0)), []), (np.zeros((0, 1)), [9.0])], unit.polyline)
    assert "does not keep the promise" in text_of(flat, shown=64, units=20)


def test_a_function_that_is_not_finite_is_answered_in_words():
    assert "not finite at x = 0" in text_of(own("curves"), text="log(x)")


def test_the_largest_error_of_a_constant_is_the_largest_distance():
    constant = [(np.zeros((1, 1)), np.array([0.25]))]
    assert course.largest_error(relu_network, constant, lambda x: x, (0.0, 1.0)) == 0.75


@pytest.mark.parametrize("depth", [1, 3, 8])
def test_given_folds_agree_with_the_network(depth):
    x = course.FOLDED
    y = relu_network(x[:, None], unit.sawtooth_network(depth))[:, 0]
    np.testing.assert_array_equal(given.folds(depth, x), y)  # exact on a dyadic grid


@pytest.mark.parametrize("units", [1, 5, 6, 16, 40])
def test_one_layer_follows_as_many_teeth_as_it_has_units(units):
    x = course.FOLDED
    slopes = np.where(np.arange(16) % 2, -16.0, 16.0)[:units]
    weights, knots = np.diff(slopes, prepend=0.0), np.arange(len(slopes)) / 16
    expected = np.maximum(x[:, None] - knots, 0.0) @ weights
    np.testing.assert_allclose(course._first_teeth(4, units), expected, atol=1e-12)
