"""Unit 6: the digits, what earlier units gave, live training curves, an audit of gradients, and a digit to draw."""

import time
from collections.abc import Callable, Iterator
from functools import partial

import ipywidgets as widgets
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from tqdm.auto import tqdm

from backprop_course.digit_drawing import InkGrid, digit_figure, explore_digit, input_gradient
from backprop_course.digits import block_errors, load_digits, numerical_gradients
from backprop_course.explorer import (
    BLUE,
    ORANGE,
    Explorer,
    for_browsers,
    look,
    new_figure,
    png,
)
from backprop_course.given import mlp_training as given
from backprop_course.given.mlp_training import cross_entropy, cross_entropy_gradient, linear_backward
from backprop_course.training_runs import FIGURES as RUNS
from backprop_course.training_runs import explore_training, logits_of

__all__ = [
    "FAULTS",
    "FIGURES",
    "InkGrid",
    "LiveCurve",
    "audit",
    "block_errors",
    "cross_entropy",
    "cross_entropy_gradient",
    "explore_digit",
    "explore_network",
    "explore_training",
    "input_gradient",
    "linear_backward",
    "load_digits",
    "numerical_gradients",
]

LABELS = {"description_width": "8.5em"}


# --- watch a training run ---------------------------------------------------------------------------


class LiveCurve:
    """A progress bar and a loss curve that grow while a network trains: hand it to `train` as `progress`.

    Parameters
    ----------
    title : str
        What is trained.
    epochs : int
        How many calls are expected.
    every : float
        Seconds between two pictures.
    """

    def __init__(self, title: str, epochs: int, every: float = 0.15):
        self.losses: list[float] = []
        self._title, self._epochs, self._every, self._last = title, epochs, every, 0.0
        self._bar = None  # nothing is shown before training starts
        self._image = widgets.Image(format="png", layout=widgets.Layout(max_width="100%"))
        self._figure = new_figure(6.4, 2.4)
        self._figure.set_layout_engine("none")
        with look():
            self._axes = self._figure.add_axes((0.1, 0.2, 0.88, 0.66))
            (self._line,) = self._axes.plot([], [], color=BLUE)
            self._axes.set(xlabel="epoch", yscale="log", xlim=(0, epochs))

    def __call__(self, epoch: int, loss: float) -> None:
        """Add the loss of an epoch."""
        self.losses.append(float(loss))
        if self._bar is None:
            self._bar = _Bar(total=self._epochs, desc=self._title, unit="epoch")
            self.redraw()
            display(self._image)
        self._bar.set_postfix_str(f"loss {self.losses[-1]:.3g}", refresh=False)
        self._bar.update()
        done = len(self.losses) >= self._epochs
        if done or time.monotonic() - self._last > self._every:
            self.redraw()
        if done:
            self._bar.close()

    def redraw(self) -> None:
        """Draw the curve as it stands."""
        self._last = time.monotonic()
        losses = np.array(self.losses)
        self._line.set_data(np.arange(1, len(losses) + 1), np.where(losses > 0, losses, np.nan))
        seen = losses[np.isfinite(losses) & (losses > 0)]
        low, high = (seen.min(), seen.max()) if len(seen) else (0.1, 3.0)
        with look():
            self._axes.set_ylim(low / 1.5, high * 1.5)
            latest = f"{losses[-1]:.3g} after {len(losses)} of {self._epochs} epochs"
            self._axes.set_title(f"Training loss, {self._title}: {latest}")
            self._image.value = png(self._figure)


class _Bar(tqdm):
    monitor_interval = 0  # no thread of its own


# --- right gradients and wrong ones -----------------------------------------------------------------


def _leave(gradients, *_):
    return gradients


def _still_biases(gradients, *_):
    return [(dW, 0 * db) for dW, db in gradients]


def _frozen_first_layer(gradients, *_):
    return [tuple(0 * block for block in gradients[0]), *gradients[1:]]


def _small_first_layer(gradients, *_):
    return [tuple(block / 10 for block in gradients[0]), *gradients[1:]]


def _no_mask(gradients, X, logits, y, parameters):
    through = cross_entropy_gradient(logits, y) @ parameters[1][0].T
    return [linear_backward(through, X, parameters[0][0])[1:], *gradients[1:]]


FAULTS = {
    "no fault: your own gradients": _leave,
    "biases never move": _still_biases,
    "first layer never moves": _frozen_first_layer,
    "first layer ten times too slow": _small_first_layer,
    "ReLU mask forgotten": _no_mask,
}
"""Ways to spoil the gradients of a network with one hidden layer, by name."""


def audit(mlp_forward: Callable, mlp_backward: Callable) -> Iterator[tuple[str, float, bool, float]]:
    """Train on the digits with each fault in the gradients, and judge the results in three ways.

    Parameters
    ----------
    mlp_forward, mlp_backward : callable
        The student's functions.

    Yields
    ------
    fault : str
        What was done to the gradients: a key of `FAULTS`.
    accuracy : float
        On the held-out digits.
    overfits : bool
        Whether ten samples are learned by heart.
    error : float
        The worst block's relative error against central differences.
    """
    X, y, X_test, y_test = load_digits()
    for fault, spoil in FAULTS.items():
        slopes = partial(_spoiled, mlp_forward, mlp_backward, spoil)
        trained, by_heart = _walk(slopes, X, y, steps=4000), _walk(slopes, X[:10], y[:10], steps=300)
        right = float(np.mean(logits_of(X_test, trained).argmax(axis=1) == y_test))
        learned = bool(np.all(logits_of(X[:10], by_heart).argmax(axis=1) == y[:10]))
        yield fault, right, learned, _worst_error(slopes)


def _spoiled(mlp_forward: Callable, mlp_backward: Callable, spoil: Callable, X, y, parameters: list) -> list:
    logits, cache = mlp_forward(X, parameters)
    gradients = mlp_backward(cache, logits, y, parameters, 0.0)
    return spoil(gradients, X, logits, y, parameters)


def _walk(slopes: Callable, X, y, steps: int, batch_size: int = 32, learning_rate: float = 0.2) -> list:
    rng = np.random.default_rng(2)
    parameters = [(rng.uniform(-1, 1, (d, k)) * (6 / d) ** 0.5, np.zeros(k)) for d, k in ((64, 64), (64, 10))]
    for _ in range(steps):
        rows = rng.integers(len(y), size=batch_size)
        changes = slopes(X[rows], y[rows], parameters)
        blocks = (zip(*both, strict=True) for both in zip(parameters, changes, strict=True))
        parameters = [tuple(block - learning_rate * change for block, change in layer) for layer in blocks]
    return parameters


def _worst_error(slopes: Callable) -> float:
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(7, 5)), rng.integers(0, 3, size=7)
    parameters = [(rng.normal(size=shape), rng.normal(size=shape[1])) for shape in ((5, 4), (4, 3))]
    numerical = numerical_gradients(lambda p: cross_entropy(logits_of(X, p), y), parameters)
    return max(block_errors(slopes(X, y, parameters), numerical).values())


# --- explorer: look inside --------------------------------------------------------------------------

SHOWN = 10  # pictures behind a cell, and hidden units


@for_browsers
def explore_network(parameters: list | None = None) -> Explorer:
    """Return the confusion matrix of a network with the pictures behind each cell, and its units' weights.

    Parameters
    ----------
    parameters : list of (W, b), optional
        The student's trained network; without one, the course's own is taken.
    """
    with look():
        picture = _NetworkPicture(parameters or given.trained_network())
    truth, answer = picture.worst
    controls = {
        "truth": widgets.IntSlider(value=truth, min=0, max=9, description="true digit", style=LABELS),
        "answer": widgets.IntSlider(value=answer, min=0, max=9, description="answer", style=LABELS),
    }
    return Explorer(
        lambda **values: picture.draw(**values),
        controls,
        question="What do the 64 weights of one hidden unit look like, drawn as a picture?",
        choices=("a digit", "patches of more and less ink", "noise"),
        truth="patches of more and less ink",
        why="A unit tells groups of digits apart; only all units together know what a 3 is.",
        source="your network" if parameters else "a network that the course trained",
    )


class _NetworkPicture:
    """The confusion matrix on the left; on the right a cell's pictures above the units that vote for its answer."""

    def __init__(self, parameters: list):
        _, _, self.X, self.y = load_digits()
        self.parameters = parameters
        self.found = logits_of(self.X, parameters).argmax(axis=1)
        self.counts = np.zeros((10, 10), dtype=int)
        np.add.at(self.counts, (self.y, self.found), 1)
        self.figure = new_figure(9.2, 4.0)
        self.figure.set_layout_engine("none")
        self._prepare_matrix(self.figure.add_axes((0.05, 0.11, 0.36, 0.77)))
        self.pictures, self.units = self._prepare_images(0.5, "gray_r", 0), self._prepare_images(0.04, "PuOr_r", -1)

    @property
    def worst(self) -> tuple[int, int]:
        """The most frequent mistake: a true digit, and the answer."""
        mistakes = self.counts - np.diag(np.diag(self.counts))
        truth, answer = np.unravel_index(np.argmax(mistakes), mistakes.shape)
        return int(truth), int(answer)

    def _prepare_matrix(self, ax) -> None:
        mistakes = np.where(np.eye(10, dtype=bool), 0, self.counts)
        ax.imshow(mistakes, cmap="Oranges", vmin=0, vmax=max(mistakes.max(), 4))
        for truth, answer in np.argwhere(self.counts):
            ax.text(answer, truth, self.counts[truth, answer], ha="center", va="center", fontsize=9)
        self.frame = ax.add_patch(Rectangle((-0.5, -0.5), 1, 1, fill=False, ec="black", lw=2))
        ax.set(xticks=range(10), yticks=range(10), xlabel="answer", ylabel="true digit", title="How often")
        ax.grid(False)

    def _prepare_images(self, bottom: float, colours: str, low: int) -> list:
        images = []
        for k in range(SHOWN):
            place = (0.47 + 0.106 * (k % 5), bottom + 0.21 * (k < 5), 0.095, 0.17)
            ax = self.figure.add_axes(place)
            images.append(ax.imshow(np.zeros((8, 8)), cmap=colours, vmin=low, vmax=1))
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
        self.figure.text(0.47, bottom + 0.4, "", fontsize=11)
        return images

    def draw(self, *, truth, answer) -> tuple[Figure, str]:
        """Show the pictures behind a cell, and the hidden units that speak most for its answer."""
        self.frame.set_xy((answer - 0.5, truth - 0.5))
        behind = self.X[(self.y == truth) & (self.found == answer)][:SHOWN]
        W, V = self.parameters[0][0], self.parameters[-1][0]
        # Only the last hidden layer votes directly; with one hidden layer it is the one whose weights are pictures.
        loudest = np.argsort(-V[:, answer])[:SHOWN] if len(V) == W.shape[1] else np.arange(min(SHOWN, W.shape[1]))
        _fill(self.pictures, behind)
        _fill(self.units, [W[:, k] / np.abs(W).max() for k in loudest])
        count = int(self.counts[truth, answer])
        above, below = self.figure.texts
        above.set_text(
            f"A {truth} taken for a {answer}: {count}" if truth != answer else f"A {truth}, recognised: {count}"
        )
        below.set_text(f"First-layer weights of the units loudest for {answer}")
        times = "once" if count == 1 else f"{count} times"
        return self.figure, (
            f"Of {int(np.sum(self.y == truth))} held-out pictures of a {truth}, the answer is {answer} {times}. "
            f"{int(np.trace(self.counts))} of {len(self.y)} answers are right. In the units' pictures orange wants "
            "ink and purple wants none."
        )


def _fill(images: list, pixels) -> None:
    for k, image in enumerate(images):
        image.axes.set_visible(k < len(pixels))
        if k < len(pixels):
            image.set_data(np.reshape(pixels[k], (8, 8)))


# --- static pictures --------------------------------------------------------------------------------


def digits_figure() -> Figure:
    """Draw the first digits of the training set, the twos framed."""
    X, y, _, _ = load_digits()
    figure = new_figure(7.6, 2.2)
    axes = figure.subplots(2, 10)
    for ax, image, label in zip(axes.flat, X, y, strict=False):
        ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        is_two = label == 2
        ax.set_title(f"{label}: yes" if is_two else f"{label}: no", fontsize=10, loc="center")
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        for spine in ax.spines.values():
            spine.set(visible=True, color=ORANGE if is_two else "0.8", linewidth=3 if is_two else 1)
    return figure


def network_figure() -> Figure:
    """Draw the confusion matrix of a network, its most frequent mistake, and what its hidden units look for."""
    picture = _NetworkPicture(given.trained_network())
    return picture.draw(**dict(zip(("truth", "answer"), picture.worst, strict=True)))[0]


FIGURES = {
    "digits": digits_figure,
    **RUNS,
    "draw_a_digit": digit_figure,
    "look_inside": network_figure,
}
