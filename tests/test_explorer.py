"""Explorers redraw quickly what moves, and nothing else: the picture is the one that drawing everything gives."""

import io
import time
from threading import Thread

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from backprop_course import (
    activations,
    autodiff,
    borders,
    chain_rule,
    finite_differences,
    mlp_training,
    optimization,
    scalar_backprop,
    softmax_stability,
    start_here,
    vector_jacobians,
)
from backprop_course import universal_approximation as u9
from backprop_course.explorer import NAMED_BELOW, Explorer, look, new_figure, png
from backprop_solutions import activations as r8
from backprop_solutions import autodiff as r10
from backprop_solutions import chain_rule as r1
from backprop_solutions import finite_differences as r2
from backprop_solutions import mlp_training as r6
from backprop_solutions import optimization as r7
from backprop_solutions import scalar_backprop as r3
from backprop_solutions import softmax_stability as r5
from backprop_solutions import start_here as r0
from backprop_solutions import universal_approximation as r9
from backprop_solutions import vector_jacobians as r4

EXPLORERS = {
    "paths": lambda: chain_rule.explore_paths(r1.sum_over_paths, r1.reverse_accumulate),
    "error": lambda: finite_differences.explore_error(r2.forward_difference, r2.central_difference),
    "secant": lambda: finite_differences.explore_secant(r2.forward_difference, r2.central_difference),
    "puzzle": lambda: vector_jacobians.shape_puzzle(r4.linear_backward),
    "jacobian": lambda: vector_jacobians.explore_jacobian(r4.linear_backward, r4.relu_vjp, r4.tanh_vjp, r4.softmax_vjp),
    "costs": lambda: vector_jacobians.chain_costs(r4.jvp_chain, r4.vjp_chain),
    "stability": lambda: softmax_stability.stability_explorer(r5.softmax),
    "loss": lambda: softmax_stability.loss_gradient_explorer(
        r5.squared_error_sigmoid_gradient, r5.binary_cross_entropy_gradient
    ),
    "names": lambda: softmax_stability.explore_names(r5.relative_frequencies, r5.softmax),
    "borders": lambda: vector_jacobians.explore_borders(borders._given_train),
    "training": lambda: mlp_training.explore_training(r6.train),
    "direction": lambda: optimization.explore_direction(),
    "descent": lambda: optimization.explore_descent(r7.gradient_descent, r7.momentum_descent, r7.adam_descent),
    "steps": lambda: optimization.explore_steps(
        r7.gradient_descent, r7.contraction, r7.largest_stable_step, r7.best_fixed_step
    ),
    "noise": lambda: optimization.explore_noise(r7.delta_rule_step),
    "speed": lambda: autodiff.compare_speed(r10.Tensor, r10.backward),
    "inside": lambda: mlp_training.explore_network(),
    "digit": lambda: mlp_training.explore_digit(r6.mlp_forward, r6.mlp_backward),
    "activation": lambda: activations.explore_activation(
        r8.leaky_relu, r8.leaky_relu_vjp, r8.hard_tanh, r8.hard_tanh_vjp
    ),
    "depth": lambda: activations.explore_depth(r8.gradient_norms, r8.xavier_scale, r8.he_scale),
    "margin": lambda: activations.explore_margin(r8.hinge_loss, r8.hinge_gradient),
    "maxout": lambda: activations.explore_maxout(r8.maxout, r8.maxout_vjp),
    "perceptron": lambda: u9.explore_perceptron(r9.perceptron_epoch),
    "lines": u9.explore_lines,
    "tree": lambda: u9.explore_tree(r9.tree_to_network),
    "curves": lambda: u9.explore_curves(r9.staircase, r9.polyline),
    "folds": lambda: u9.explore_folds(r9.sawtooth_network),
}

DRAWN_AS_TEXT = {
    "gears": lambda: start_here.explore_gears(r0.gear_train),
    "nudge": chain_rule.explore_nudge,
    "graph": lambda: chain_rule.explore_graph(r1.evaluate_graph, r1.backpropagate_graph),
    "modes": lambda: chain_rule.explore_modes(r1.forward_accumulate, r1.reverse_accumulate),
    "formula": lambda: chain_rule.explore_formula(r1.reverse_accumulate),
    "sweep": lambda: scalar_backprop.explore_backward(r3.Value, r3.topological_order, r3.backward),
    "dual": lambda: scalar_backprop.explore_modes(r3.Dual, r3.Value, r3.backward),
    "tensors": lambda: autodiff.explore_graph(r10.Tensor, r10.backward),
}
EVERY = EXPLORERS | DRAWN_AS_TEXT


@pytest.fixture(scope="module", params=EVERY)
def explorer(request):
    """An explorer: drawn once for its tests, which may leave it in another state."""
    return EVERY[request.param]()


def pixels(picture: bytes) -> np.ndarray:
    return imread(io.BytesIO(picture), format="png")


def moves(control):
    """Return some values of a control."""
    if hasattr(control, "options"):
        return list(control._options_values)[:2]
    if hasattr(control, "max"):
        return [control.max]
    return [not control.value] if isinstance(control.value, bool) else []


@pytest.mark.slow
@pytest.mark.parametrize("explorer", EXPLORERS, indirect=True)
def test_the_picture_is_the_same_as_if_all_of_it_were_drawn_anew(explorer):
    for control in explorer.controls.values():
        before = control.value
        for value in moves(control):
            control.value = value
            with look():
                picture, _ = explorer._draw(**explorer.values)
                assert isinstance(picture, Figure)
                quick = pixels(png(picture))
                picture._drawn = None, None
                np.testing.assert_array_equal(quick, pixels(png(picture)))
        control.value = before


def test_new_ticks_labels_and_sizes_are_seen():
    figure = new_figure()
    figure.set_layout_engine("none")
    axes = figure.add_subplot()
    pictures = []
    for change in (
        lambda: None,
        lambda: axes.set_xlim(0, 5),
        lambda: axes.set_xlabel("h"),
        lambda: axes.set_yscale("log"),
        lambda: axes.set_xticks([1, 2], ["one", "two"]),
        lambda: axes.set_position((0.3, 0.3, 0.5, 0.5)),
        lambda: axes.set_title("a title"),
        lambda: figure.suptitle("another"),
        lambda: axes.set_axis_off(),
    ):
        change()
        pictures.append(png(figure))
    assert len(set(pictures)) == len(pictures)


def ends(explorer):
    """Return a control that can be moved, and two of its values: the ends of a slider where there is one."""
    controls = explorer.controls.values()
    if slider := next((c for c in controls if hasattr(c, "max")), None):
        return slider, (slider.min, slider.max)
    chooser = next(c for c in controls if hasattr(c, "options"))
    return chooser, (chooser._options_values[0], chooser._options_values[-1])


def fresh(picture):
    """Return what a drawing of everything gives."""
    if not isinstance(picture, Figure):
        return picture.replace("role='img'", NAMED_BELOW)
    picture._drawn = None, None
    return pixels(png(picture))


@pytest.mark.slow
def test_two_threads_that_hammer_an_explorer_leave_the_picture_of_a_fresh_drawing(explorer, monkeypatch):
    draw, at_once, most = explorer._draw, [], []

    def watched(**values):
        at_once.append(1)
        most.append(len(at_once))
        time.sleep(0.01)  # the other thread's turn, in the midst of a drawing
        result = draw(**values)
        at_once.pop()
        return result

    monkeypatch.setattr(explorer, "_draw", watched)
    control, values = ends(explorer)

    def hammer(first):
        for k in range(first, first + 6):
            control.value = values[k % 2]

    threads = [Thread(target=hammer, args=(first,)) for first in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    with look():
        picture, words = draw(**explorer.values)
        png_shown, svg_shown = explorer.shown
        np.testing.assert_array_equal(pixels(png_shown) if png_shown else svg_shown, fresh(picture))
    assert words == explorer.words


@pytest.mark.slow
def test_a_choice_that_sets_other_controls_too_is_drawn_once(explorer, monkeypatch):
    draw, drawn = explorer._draw, []

    def counted(**values):
        drawn.append(values)
        return draw(**values)

    monkeypatch.setattr(explorer, "_draw", counted)
    for control in explorer.controls.values():
        for value in getattr(control, "_options_values", ())[:3]:
            changes = control.value != value
            drawn.clear()
            control.value = value
            assert len(drawn) == changes


def moved(prediction):
    """Return what the explorer of nudges says after a prediction and a move."""
    explorer = chain_rule.explore_nudge()
    explorer._prediction.value = prediction
    assert explorer._verdict.value == ""  # nothing has been seen yet
    explorer.controls["x1"].value = 0.03
    return explorer._verdict.value


@pytest.mark.parametrize(
    ("prediction", "words"),
    [("about 0.44", "It held."), ("about 2", "It did not hold. What is seen: about 0.44."), (None, "")],
)
def test_an_explorer_says_after_a_move_whether_the_prediction_held(prediction, words):
    assert words in moved(prediction) and bool(moved(prediction)) == bool(words)


@pytest.mark.slow
def test_what_an_explorer_calls_true_is_one_of_its_choices(explorer):
    assert not explorer._truth or explorer._truth in explorer._prediction.options


@pytest.mark.parametrize(("chosen", "said"), [("two", "It held"), ("one", "What is seen: two")])
def test_a_prediction_is_resolved_with_its_reason_whatever_was_chosen_once_a_control_moves(chosen, said):
    explorer = Explorer(
        lambda n: ("", str(n)),
        {"n": widgets.IntSlider()},
        question="How many?",
        choices=("one", "two"),
        truth="two",
        why="One and one are two.",
    )
    _question, buttons, verdict = explorer.children[0].children
    buttons.value = chosen
    assert verdict.value == ""
    explorer.controls["n"].value = 1
    assert said in verdict.value and "One and one are two." in verdict.value


def test_a_truth_that_cannot_be_chosen_is_an_error_of_the_author():
    with pytest.raises(ValueError, match="none of the choices"):
        Explorer(lambda: ("", ""), {}, question="How many?", choices=("one", "two"), truth="three")
