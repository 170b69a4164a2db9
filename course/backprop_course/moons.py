"""Unit 3's last page: two moons of points, and a picture of a network that learns to tell them apart."""

import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import ipywidgets as widgets
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from backprop_course.explorer import BLUE, ORANGE, look, new_figure, png

__all__ = ["FIGURES", "MoonsPicture", "two_moons"]

SIDE = np.linspace(-1.5, 2.5, 81), np.linspace(-1.2, 1.7, 59)
SHADES = LinearSegmentedColormap.from_list("moons", ["#9BC8E3", "#FFFFFF", "#F3BE97"])


def two_moons(rows: int = 24) -> tuple[list[list[float]], list[float]]:
    """Return points on two half circles that reach into each other, and the half circle of each: -1 or 1.

    Parameters
    ----------
    rows : int
        Number of points, half of them on each half circle.

    Returns
    -------
    points : list of [x1, x2]
    labels : list of float
    """
    rng = np.random.default_rng(5)
    angle = np.linspace(0, np.pi, rows // 2)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    points = np.vstack([upper, lower]) + rng.normal(scale=0.1, size=(2 * len(angle), 2))
    return points.tolist(), [-1.0] * len(angle) + [1.0] * len(angle)


def _scores(layers: Sequence[tuple[np.ndarray, np.ndarray]], X: np.ndarray) -> np.ndarray:
    *hidden, (V, c) = layers
    for W, b in hidden:
        X = np.tanh(X @ W + b)
    return (X @ V + c)[:, 0]


def _numbers(network: Sequence) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the data of a network of Values, layer by layer, as arrays."""
    return [
        (
            np.array([[float(w.data) for w in weights] for weights, _ in units]).T,
            np.array([float(b.data) for _, b in units]),
        )
        for units in network
    ]


class MoonsPicture:
    """The points, the network's answer for every place around them, and the loss; it moves while a network trains.

    Parameters
    ----------
    points : list of [x1, x2]
    labels : list of float
        -1 or 1.
    epochs : int
        How many calls are expected.
    every : float
        Seconds between two pictures.
    """

    def __init__(self, points: list, labels: list, epochs: int, every: float = 0.15):
        self.losses: list[float] = []
        self.X, self.t = np.array(points), np.array(labels)
        self._epochs, self._every, self._last = epochs, every, 0.0
        self._image = None  # nothing is shown before training starts
        self._figure = new_figure(8.4, 3.4)
        self._figure.set_layout_engine("none")
        self._places = self._figure.add_axes((0.09, 0.15, 0.51, 0.75))
        self._curve = self._figure.add_axes((0.68, 0.15, 0.3, 0.75))
        # In IPython without a kernel (a grader) nobody looks.
        self._seen = not InteractiveShell.initialized() or hasattr(InteractiveShell.instance(), "kernel")

    def __call__(self, loss: float, network: Sequence[Sequence[tuple[list[Any], Any]]]) -> None:
        """Add the loss of an epoch, and show the network as it stands.

        Parameters
        ----------
        loss : float
        network : list of layers
            A layer is a list of units, each a pair of weights and bias, all of them Values.
        """
        self.losses.append(float(loss))
        done = len(self.losses) >= self._epochs
        if not self._seen or not (done or time.monotonic() - self._last > self._every):
            return
        self._show(_numbers(network))

    def _show(self, layers: list) -> None:
        begun = time.monotonic()
        with look():
            right = draw_places(self._places, self.X, self.t, layers)
            self._places.set_title(f"{right} of {len(self.t)} points on the right side")
            draw_losses(self._curve, {"": self.losses}, self._epochs)
            picture = png(self._figure)
        if self._image is None:
            self._image = widgets.Image(format="png", layout=widgets.Layout(max_width="100%"))
            display(self._image)
        self._image.value = picture
        self._last = time.monotonic()
        self._every = max(self._every, 4 * (self._last - begun))  # a slow machine trains, and draws less often


def draw_places(axes, X: np.ndarray, t: np.ndarray, layers: list | None) -> int:
    """Draw the points, on the answers of a network if there is one; return how many points it gets right."""
    for artist in [*axes.lines, *axes.images, *axes.collections]:  # of the last time
        artist.remove()
    axes.set(xlim=SIDE[0][[0, -1]], ylim=SIDE[1][[0, -1]], xlabel="x1", ylabel="x2")
    axes.grid(False)
    for label, colour, mark in ((-1, BLUE, "o"), (1, ORANGE, "^")):
        axes.plot(*X[t == label].T, mark, color=colour, mec="white", mew=0.8, ms=7.5, ls="", label=f"{label:+d}")
    if layers is None:
        return 0
    grid = np.stack(np.meshgrid(*SIDE), axis=-1)
    answer = np.nan_to_num(_scores(layers, grid.reshape(-1, 2)).reshape(grid.shape[:2]))
    axes.imshow(
        np.clip(answer, -1, 1), origin="lower", extent=(*SIDE[0][[0, -1]], *SIDE[1][[0, -1]]), cmap=SHADES, vmin=-1,
        vmax=1, aspect="auto", interpolation="bilinear", zorder=0,
    )  # fmt: skip
    if answer.min() < 0 < answer.max():
        axes.contour(*SIDE, answer, levels=[0], colors="black", linewidths=1.6)
    return int(np.sum(_scores(layers, X) * t > 0))


def draw_losses(axes, losses: dict[str, list], epochs: int) -> None:
    """Draw the loss of each run over its epochs, on a logarithmic axis."""
    for line in [*axes.lines]:
        line.remove()
    for (name, values), style in zip(losses.items(), ("-", "--", ":"), strict=False):
        shown = np.clip(np.nan_to_num(values, nan=1e3, posinf=1e3), 1e-4, 1e3)
        axes.plot(np.arange(1, len(values) + 1), shown, style, color=BLUE, label=name or None)
    axes.set(yscale="log", xlim=(0, epochs), xlabel="epoch", title=f"loss {next(reversed(losses.values()))[-1]:.3g}")
    if all(losses):
        axes.set_title("loss")
        axes.legend()


# --- static pictures --------------------------------------------------------------------------------


def _trained(sizes: tuple, epochs: int, rate: float) -> tuple[list, list[float]]:
    """Train a network of the notebook's kind by arrays; return its layers and its losses."""
    points, labels = two_moons()
    X, t, rng = np.array(points), np.array(labels)[:, None], np.random.default_rng(SEED)
    layers = [(2 * rng.normal(size=(k, d)).T, np.zeros(k)) for d, k in pairwise(sizes)]
    losses = []
    for _ in range(epochs):
        ys = [X]
        for W, b in layers[:-1]:
            ys.append(np.tanh(ys[-1] @ W + b))
        margin = t * (ys[-1] @ layers[-1][0] + layers[-1][1])
        losses.append(float(np.mean(np.logaddexp(0, -margin))))
        G, changed = -t / (1 + np.exp(margin)) / len(t), []
        for (W, b), y in zip(layers[::-1], ys[::-1], strict=True):
            changed.append((W - rate * y.T @ G, b - rate * G.sum(axis=0)))
            G = (G @ W.T) * (1 - y**2)
        layers = changed[::-1]
    return layers, losses


def data_figure() -> Figure:
    """Return the points alone."""
    figure = new_figure(4.6, 3.2)
    points, labels = two_moons()
    draw_places(figure.subplots(), np.array(points), np.array(labels), None)
    return figure


def trained_figure() -> Figure:
    """Return what one neuron and what a layer have learned, and their losses."""
    points, labels = two_moons()
    figure = new_figure(10.2, 3.3)
    one, layer, curve = figure.subplots(1, 3)
    losses = {}
    for axes, name, sizes in ((one, "one neuron", (2, 1)), (layer, "six and one", (2, 6, 1))):
        layers, losses[name] = _trained(sizes, EPOCHS, RATE)
        right = draw_places(axes, np.array(points), np.array(labels), layers)
        axes.set_title(f"{name}: {right} of {len(points)}")
    draw_losses(curve, losses, EPOCHS)
    return figure


EPOCHS, RATE, SEED = 60, 2.0, 0
FIGURES = {"two_moons": data_figure, "two_moons_trained": trained_figure}
