"""Explorers without a kernel: their states are those of the real explorer, reached by its own controls."""

import io

import ipywidgets as widgets
import numpy as np
import pytest
from PIL import Image

from backprop_course.chain_rule import explore_modes
from backprop_course.explorer import Explorer, quietly
from backprop_course.playing import SHADES, Album, playable
from backprop_course.scalar_backprop import explore_backward
from backprop_course.softmax_stability import stability_explorer
from backprop_solutions import chain_rule, scalar_backprop, softmax_stability


def drawing(number):
    return f"<svg role='img'><text>{number}</text></svg>"


def leaf(found, *choices):
    node = found["tree"]
    for k in choices:
        node = node["next"][k]
    return found["states"][node]


def text_of(album, state):
    return "".join(list(album.pieces)[k] for k in state["drawing"])


def test_every_leaf_shows_what_the_real_explorer_shows_there():
    album, explorer = Album(), explore_modes(chain_rule.forward_accumulate, chain_rule.reverse_accumulate)
    found = playable(explorer, album)
    names = ("mode", "a", "b", "step")
    assert [c["label"] for c in found["controls"]] == [explorer.controls[name].description for name in names]
    explorer.move({"mode": "reverse mode, from e", "a": -3.0, "b": 3.0, "step": 5})
    state = leaf(found, 2, 0, -1, -1)
    assert text_of(album, state) == explorer.shown[1]
    assert state["words"] == explorer.words


def test_an_example_brings_its_own_number_of_steps():
    value, order, backward = scalar_backprop.Value, scalar_backprop.topological_order, scalar_backprop.backward
    explorer = explore_backward(value, order, backward)
    found = playable(explorer, Album())
    lengths = []
    for example in explorer.controls["example"].options:
        explorer.controls["example"].value = example
        lengths.append(explorer.controls["step"].max + 1)
    assert len(set(lengths)) > 1
    assert [len(node["next"][0]["next"]) for node in found["tree"]["next"]] == lengths


@pytest.mark.slow
def test_an_explorer_is_left_as_it_was():
    explorer = stability_explorer(softmax_stability.softmax)
    before = explorer.values
    playable(explorer, Album())
    assert explorer.values == before


@pytest.mark.slow
def test_pictures_look_like_the_explorers():
    album, explorer = Album(), stability_explorer(softmax_stability.softmax)
    found = playable(explorer, album)
    state = leaf(found, found["tree"]["at"], found["tree"]["next"][found["tree"]["at"]]["at"])
    small, real = (
        Image.open(io.BytesIO(b)).convert("RGB") for b in (album.pictures[state["picture"]], explorer.shown[0])
    )
    assert set(np.unique(np.asarray(small))) <= set(SHADES)
    assert np.abs(np.asarray(small, float) - np.asarray(real, float)).mean() < 1  # of 255: one level is not seen


def test_a_slider_keeps_its_ends_and_where_it_begins():
    slider = widgets.FloatSlider(0.3, min=-1, max=1, step=0.1, description="x")
    explorer = Explorer(lambda x: (drawing(x), ""), {"x": slider}, stops={"x": 5})
    found = playable(explorer, Album())
    assert found["tree"]["labels"] == ["−1.00", "−0.50", "0.00", "0.30", "1.00"]
    assert found["tree"]["at"] == 3


def test_labelled_positions_have_to_include_where_the_control_begins():
    slider = widgets.IntSlider(3, max=9, description="n")
    explorer = Explorer(lambda n: (drawing(n), ""), {"n": slider}, stops={"n": {"one": 1}})
    with pytest.raises(ValueError, match="n begins at 3"):
        playable(explorer, Album())


def counted(**controls):
    draws = []

    def draw(**values):
        draws.append(values)
        return drawing(values), ""

    return draws, draw


def test_several_controls_that_are_moved_together_are_drawn_once():
    draws, draw = counted()
    explorer = Explorer(draw, {name: widgets.IntSlider(0) for name in "abc"})
    draws.clear()
    explorer.move({"a": 1, "b": 2, "c": 3})
    assert draws == [{"a": 1, "b": 2, "c": 3}]


def test_a_control_that_sets_others_quietly_is_drawn_once():
    draws, draw = counted()
    preset, a, b = widgets.Dropdown(options=["low", "high"]), widgets.IntSlider(0), widgets.IntSlider(0)

    def choose(_change):
        with quietly():
            a.value = b.value = 9

    preset.observe(choose, names="value")
    Explorer(draw, {"preset": preset, "a": a, "b": b})
    draws.clear()
    preset.value = "high"
    assert draws == [{"preset": "high", "a": 9, "b": 9}]
