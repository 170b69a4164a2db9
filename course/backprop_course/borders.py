"""Unit 4's reward: a network of matrices is so fast that it is trained anew at every move of a slider."""

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from backprop_course.explorer import Explorer, for_browsers, new_figure
from backprop_course.moons import SIDE, draw_places, two_moons

__all__ = ["FIGURES", "explore_borders"]

Layers = list[tuple[np.ndarray, np.ndarray]]
ROUNDS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
PER_KIND = 12  # points
MOONS, RING, CORNERS = "two moons", "a ring", "four corners"


def _clouds() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return three sets of points in the plane, each with its labels, -1 or 1."""
    rng = np.random.default_rng(5)
    angle = np.linspace(0, 2 * np.pi, PER_KIND, endpoint=False)
    core = rng.normal(scale=0.22, size=(PER_KIND, 2))
    around = np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(scale=0.1, size=(PER_KIND, 2))
    corners = np.repeat([[-0.4, -0.5], [1.4, 1.0], [-0.4, 1.0], [1.4, -0.5]], PER_KIND // 2, axis=0)
    labels = np.repeat([-1.0, 1.0], PER_KIND)
    points, sides = two_moons(2 * PER_KIND)
    return {
        MOONS: (np.array(points), np.array(sides)),
        RING: (np.vstack([core, around]) * [1.1, 0.93] + [0.5, 0.25], labels),
        CORNERS: (corners + rng.normal(scale=0.2, size=corners.shape), labels),
    }


CLOUDS = _clouds()


def _given_train(X: np.ndarray, t: np.ndarray, units: int, rounds: int, start: int) -> Layers:
    """Do what the notebook's `train` does with the student's functions."""
    rng, T = np.random.default_rng(start), t[:, None]
    V, b, W, c = 2 * rng.normal(size=(2, units)), np.zeros(units), 2 * rng.normal(size=(units, 1)), np.zeros(1)
    for _ in range(rounds):
        A = np.tanh(X @ V + b)
        G = -T / (1 + np.exp(T * (A @ W + c))) / len(X)
        H = (G @ W.T) * (1 - A**2)
        W, c = W - A.T @ G, c - G.sum(axis=0)
        V, b = V - X.T @ H, b - H.sum(axis=0)
    return [(V, b), (W, c)]


@for_browsers
def explore_borders(train: Callable[..., Layers]) -> Explorer:
    """Show where a network's answer changes from one side to the other, and where each of its neurons does.

    Parameters
    ----------
    train : callable
        ``train(X, t, units, rounds, start)`` returns the trained layers, each a pair of weights and biases.
    """
    source = "your functions"
    try:
        train(*CLOUDS[MOONS], 1, 1, 0)
    except NotImplementedError as unsolved:
        train, source = _given_train, f"the given functions, until your {unsolved} is solved"
    except Exception:  # wrong, but theirs: the figure shows the error where it happens
        pass
    figure = new_figure(6.2, 4.0)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.12, 0.13, 0.85, 0.78))

    def draw(points, units, rounds, start):
        X, t = CLOUDS[points]
        with np.errstate(all="ignore"):  # a wrong gradient may lead anywhere
            return _draw(figure, axes, X, t, train(X, t, units, rounds, start), rounds)

    return Explorer(
        draw,
        {
            "points": widgets.ToggleButtons(options=list(CLOUDS), value=RING, description="points"),
            "units": widgets.IntSlider(value=1, min=1, max=12, description="neurons"),
            "rounds": widgets.SelectionSlider(options=ROUNDS, value=1000, description="rounds"),
            "start": widgets.IntSlider(value=0, min=0, max=9, description="start (weights)"),
        },
        question="Twelve points lie around twelve others. How many neurons until the border closes around the core?",
        choices=["2", "3", "6", "12"],
        truth="3",
        why="A neuron's own border is a straight line, and the closed figure of fewest lines is a triangle.",
        source=source,
        stops={"points": None, "units": {str(k): k for k in (1, 2, 3, 4, 6, 12)}, "rounds": {"20": 20, "1000": 1000}},
    )


def _draw(figure: Figure, axes, X, t, layers: Layers, rounds: int) -> tuple[Figure, str]:
    right = draw_places(axes, X, t, layers)
    V, b = layers[0]
    sides = np.array([SIDE[0][0], SIDE[0][-1]])
    for (slope, up), bias in zip(V.T, b, strict=True):
        axes.plot(sides, -(slope * sides + bias) / up, color="0.45", lw=1, ls="--", zorder=1)
    axes.set_title("Black: the network's border. Dashed: each neuron's own")
    units = f"{len(b)} neuron{'s' * (len(b) > 1)}"
    return figure, f"{units}, {rounds:,} round{'s' * (rounds != 1)}: {right} of {len(t)} points on the right side."


def triangle_figure() -> Figure:
    """Return what three neurons have learned of the ring."""
    figure = new_figure(6.2, 4.0)
    X, t = CLOUDS[RING]
    return _draw(figure, figure.subplots(), X, t, _given_train(X, t, 3, 1000, 0), 1000)[0]


FIGURES = {"triangle": triangle_figure}
