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
    GREEN,
    ORANGE,
    Explorer,
    button_row,
    for_browsers,
    look,
    new_figure,
    own_or_given,
    png,
)
from backprop_course.given import mlp_training as given
from backprop_course.given.mlp_training import cross_entropy, cross_entropy_gradient, linear_backward

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

GUESSING = float(np.log(10))  # the loss of equal probabilities for ten classes
LABELS = {"description_width": "8.5em"}


def _activations(X, parameters) -> list:
    """Return what each layer is given: X, then the outputs of all hidden layers."""
    inputs = [X]
    for W, b in parameters[:-1]:
        inputs.append(np.maximum(inputs[-1] @ W + b, 0))
    return inputs


def _logits(X, parameters) -> np.ndarray:
    W, b = parameters[-1]
    return _activations(X, parameters)[-1] @ W + b


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
        right = float(np.mean(_logits(X_test, trained).argmax(axis=1) == y_test))
        learned = bool(np.all(_logits(X[:10], by_heart).argmax(axis=1) == y[:10]))
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
    numerical = numerical_gradients(lambda p: cross_entropy(_logits(X, p), y), parameters)
    return max(block_errors(slopes(X, y, parameters), numerical).values())


# --- explorer: learning rate, width and batch size --------------------------------------------------

ROWS, EPOCHS = 256, 12
# `progress` is told a loss, not the weights. The same seed gives the same run, so that a run of fewer epochs tells
# what the network was like by then.
STOPS = (1, 2, 4, 8)
NOTHING = 2e-3  # where a logarithmic axis shows zero
WIDTHS, BATCHES = (2, 4, 8, 16, 32, 64, 128), (16, 32, 64, 128, 256)
DECAYS = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
RIGHT = 10**-0.5  # 0.3, on the slider's grid
# Beyond 18 the loss bounces so wildly that round-off decides where it ends, on each processor elsewhere.
SWEEP = 10 ** np.arange(-3, 1.26, 0.25)


@for_browsers
def explore_training(train: Callable) -> Explorer:
    """Return training curves under learning rate, width, depth, batch size and weight decay.

    Every setting trains a fresh network on 256 digits for 12 epochs, at once, and runs with the same seed, stopped
    earlier, tell the loss on held-out digits by then. Each try leaves both and the final length of the first layer's
    gradient in the panel on the right.

    Parameters
    ----------
    train : callable
        The student's function.
    """
    small = {"epochs": 1, "batch_size": 2, "learning_rate": 0.1, "weight_decay": 0.0}
    X, y, _, _ = load_digits()

    def tried(X, y):
        return train(X, y, (64, 2, 10), **small, rng=np.random.default_rng(0))

    tried.__name__ = "train"
    chosen, source = own_or_given(tried, given.train, X[:4], y[:4])
    with look():
        picture = _TrainingPicture(train if chosen is tried else given.train)
    controls = {
        "learning_rate": widgets.FloatLogSlider(
            RIGHT, min=-3, max=1.5, step=0.125, description="learning rate η", readout_format=".3g"
        ),
        "width": widgets.SelectionSlider(options=WIDTHS, value=32, description="hidden units"),
        "batch_size": widgets.SelectionSlider(options=BATCHES, value=32, description="rows in a batch"),
        "depth": widgets.IntSlider(value=1, min=1, max=3, description="hidden layers"),
        "weight_decay": widgets.SelectionSlider(options=DECAYS, value=0.0, description="weight decay λ"),
    }
    explorer = Explorer(
        lambda **values: picture.draw(**values),
        controls,
        question=(
            "η = 0.3 works. FAU writes that with η too small the gradient vanishes. At which η will no gradient "
            "reach the hidden layer after 12 epochs?"
        ),
        choices=("0.001, far too small", "0.3, right", "10, far too large"),
        truth="10, far too large",
        why="One leap switches all hidden units off for good. With 0.001 the steps are short, not the gradient.",
        source=source,
        stops={"learning_rate": 13, "width": {"2": 2, "32": 32, "128": 128}},
        column="28em",
    )
    *above, body = explorer.children
    body.children = (_training_buttons(explorer, picture), *body.children)
    explorer.children = (*above, body)
    return explorer


def _training_buttons(explorer: Explorer, picture: "_TrainingPicture") -> widgets.Widget:
    rate = explorer.controls["learning_rate"]

    def sweep():
        for value in SWEEP:
            rate.value = float(value)

    def forget():
        picture.tries.clear()
        explorer.redraw()

    actions = {
        "Too small: 0.001": lambda: setattr(rate, "value", 0.001),
        "Right: 0.3": lambda: setattr(rate, "value", RIGHT),
        "Too large: 10": lambda: setattr(rate, "value", 10.0),
        "Sweep all rates": sweep,
        "Forget the tries": forget,
    }
    return button_row(actions)


class _TrainingPicture:
    """The loss over the epochs on the left; on the right what every try ended with, against its learning rate."""

    def __init__(self, train: Callable):
        self.train, self.tries = train, {}
        X, y, self.X_test, self.y_test = load_digits()
        self.X, self.y = X[:ROWS], y[:ROWS]
        self.figure = new_figure(9.2, 3.7)
        self.figure.set_layout_engine("none")
        self.curves = self.figure.add_axes((0.068, 0.14, 0.435, 0.74))
        self.ends = self.figure.add_axes((0.565, 0.14, 0.425, 0.74))
        self._prepare_curves()
        self._prepare_ends()

    def _prepare_curves(self) -> None:
        ax = self.curves
        self.old = [ax.plot([], [], color="0.82", lw=1.3)[0] for _ in range(6)]
        (self.line,) = ax.plot([], [], "o-", color=BLUE, ms=4.5, label="training loss")
        (self.unseen,) = ax.plot([], [], "s:", color=GREEN, ms=4.5, label="cross-entropy, held out")
        ax.axhline(GUESSING, color="0.35", lw=1, ls="--")
        ax.set(yscale="log", ylim=(0.03, 100), xlim=(0.5, EPOCHS + 0.5), xlabel="epoch")
        ax.minorticks_off()
        ax.set_yticks([0.1, 1, GUESSING, 10, 100], ["0.1", "1", "ln 10", "10", "100"])
        ax.set_xticks(range(1, EPOCHS + 1))
        ax.legend(loc="upper right", handlelength=1.8)

    def _prepare_ends(self) -> None:
        ax = self.ends
        self.others = [ax.plot([], [], m, color="0.85", ms=5)[0] for m in "os^"]
        (self.losses,) = ax.plot([], [], "o-", color=BLUE, lw=1, ms=5.5, label="loss")
        (self.held_out,) = ax.plot([], [], "s:", color=GREEN, lw=1, ms=4.5, label="cross-entropy, held out")
        (self.norms,) = ax.plot([], [], "^--", color=ORANGE, lw=1, ms=6, label="length of the first layer's gradient")
        (self.here,) = ax.plot([], [], "o", mfc="none", mec="black", ms=12, mew=1.5, ls="")
        ax.set(xscale="log", yscale="log", xlim=(7e-4, 45), ylim=(0.7 * NOTHING, 2000), xlabel="learning rate η")
        ax.minorticks_off()
        ax.set_yticks([NOTHING, 0.01, 0.1, 1, 10, 100], ["0", "0.01", "0.1", "1", "10", "100"])
        ax.set_xticks([0.001, 0.01, 0.1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
        ax.set_title(f"After {EPOCHS} epochs, every try", y=1.02)
        ax.legend(loc="upper left", handlelength=1.8)

    def draw(self, *, learning_rate, width=32, batch_size=32, depth=1, weight_decay=0.0) -> tuple[Figure, str]:
        """Train with these settings, and draw the run among the earlier ones."""
        settings = {"batch_size": batch_size, "learning_rate": learning_rate, "weight_decay": weight_decay}

        def trained(epochs):
            rng = np.random.default_rng(1)
            return self.train(self.X, self.y, (64, *[width] * depth, 10), epochs=epochs, **settings, rng=rng)

        with np.errstate(all="ignore"):
            run = _Run(self, *trained(EPOCHS))
            unseen = [self.held_out_loss(trained(epochs)[0]) for epochs in STOPS]
        chosen = (learning_rate, width, batch_size, depth, weight_decay)
        others = [r.history for key, r in self.tries.items() if key != chosen]
        self.tries[chosen] = run
        _set_lines(self.old, others[-len(self.old) :])
        _set_lines([self.line], [run.history])
        self.unseen.set_data([*STOPS, EPOCHS], [*unseen, run.ends[1]])
        regime, words = run.judgement(weight_decay)
        self.curves.set_title(f"Loss while it trains: {regime}", y=1.02)
        self._show_ends(chosen)
        layers = "" if depth == 1 else f" in each of {depth} layers"
        decay = f", λ = {weight_decay:g}" if weight_decay else ""
        named = f"η = {learning_rate:.3g}{decay}, {width} hidden units{layers}, {batch_size} rows in a batch."
        return self.figure, f"{named} {words}"

    def held_out_loss(self, parameters: list) -> float:
        """Return the cross-entropy on the held-out digits."""
        return cross_entropy(_logits(self.X_test, parameters), self.y_test)

    def _show_ends(self, chosen: tuple) -> None:
        same = sorted((key[0], run) for key, run in self.tries.items() if key[1:] == chosen[1:])
        others = [(key[0], run) for key, run in self.tries.items() if key[1:] != chosen[1:]]
        for lines, runs in (((self.losses, self.held_out, self.norms), same), (self.others, others)):
            for line, ends in zip(lines, zip(*(run.ends for _, run in runs), strict=True) or [()] * 3, strict=False):
                line.set_data([rate for rate, _ in runs], [_shown(end) for end in ends])
        self.here.set_data([chosen[0]] * 3, [_shown(end) for end in self.tries[chosen].ends])


def _set_lines(lines: list, histories: list) -> None:
    for k, line in enumerate(lines):
        history = histories[k] if k < len(histories) else np.empty(0)
        line.set_data(np.arange(1, len(history) + 1), history)


def _shown(value: float) -> float:
    """Return `value` inside the panel; what is beyond sits at its edge."""
    return float(np.clip(np.nan_to_num(value, nan=1e3, posinf=1e3), NOTHING, 300))


class _Run:
    """What one training run ended with."""

    def __init__(self, picture: _TrainingPicture, parameters: list, history: list):
        self.history = np.asarray([float(value) for value in history])
        if len(self.history) != EPOCHS:
            raise ValueError(f"history has {len(self.history)} entries for {EPOCHS} epochs")
        logits = _logits(picture.X, parameters)
        self.norm = _gradient_length(picture.X, picture.y, parameters)
        self.fit = cross_entropy(logits, picture.y)
        # Where one whole layer is off, nothing before it hears of the loss.
        self.dead = max(float(np.mean(~np.any(H > 0, axis=0))) for H in _activations(picture.X, parameters)[1:])
        unseen = _logits(picture.X_test, parameters)
        self.right = float(np.mean(unseen.argmax(axis=1) == picture.y_test))
        self.ends = (self.history[-1], cross_entropy(unseen, picture.y_test), self.norm)
        self.finite = bool(np.all(np.isfinite(self.history)) and np.all(np.isfinite(logits)))

    def __lt__(self, other) -> bool:
        return self.history[-1] < other.history[-1]

    def judgement(self, weight_decay: float) -> tuple[str, str]:
        """Return the name of what happened, and a description."""
        first, last, peak = self.history[0], self.history[-1], np.max(self.history)
        ends = f"The loss ends at {last:.3g}, the first layer's gradient at length {self.norm:.2g}"
        score = f"; {self.right:.0%} of the 517 held-out digits are right, at a cross-entropy of {self.ends[1]:.2g}."
        if not self.finite:
            return "divergent", "The loss left the range of floating-point numbers: every step overshoots the last."
        rises = int(np.sum(np.diff(self.history) > 0))
        if last > 2 and (self.dead > 0.8 or rises > 2 or peak > 3 * first):
            dead = f" {self.dead:.0%} of the hidden units are off for every image: no gradient reaches those."
            kicked = f"The steps overshoot: the loss peaks at {peak:.3g}."
            return "too large, it leaps", f"{kicked} {ends}{score}{dead}"
        if rises > 2:
            return "at the edge, it bounces", f"{ends}{score} In {rises} of {EPOCHS - 1} epochs the loss rose."
        if last > 0.8 and weight_decay >= 0.01:
            price = f"Of the loss, {last - self.fit:.2g} is the price of the weights; the pictures cost {self.fit:.2g}."
            return "the penalty has the say", f"{price} {ends}{score}"
        if last > 0.8:
            why = " The gradient is there; the steps are short." if self.norm > 0.1 else ""
            return "too small, or too few steps", f"The loss still falls, slowly. {ends}{score}{why}"
        return "right", f"{ends}{score} In the first epoch it was {first:.3g}; it rose {rises} times."


def _gradient_length(X, y, parameters) -> float:
    """Return the length of the gradient that reaches the weights and biases of the first layer."""
    G = cross_entropy_gradient(_logits(X, parameters), y)
    for (W, _), H in zip(parameters[:0:-1], _activations(X, parameters)[:0:-1], strict=True):
        G = np.where(H > 0, G @ W.T, 0)
    return float(np.linalg.norm(np.column_stack([X, np.ones(len(X))]).T @ G))


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
        self.found = _logits(self.X, parameters).argmax(axis=1)
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


def training_figure() -> Figure:
    """Draw three training runs, and the ends of runs at many learning rates."""
    picture = _TrainingPicture(given.train)
    for rate in SWEEP:
        picture.draw(learning_rate=float(rate), width=32, batch_size=32)
    runs = {rate: picture.tries[(rate, 32, 32, 1, 0.0)].history for rate in (float(SWEEP[0]), float(SWEEP[10]), 10.0)}
    for line in (*picture.old, picture.line, picture.unseen):
        line.set_data([], [])
    styles = ((GREEN, "s-", "too small"), (BLUE, "o-", "right"), (ORANGE, "^-", "too large"))
    lines = []
    for (rate, history), (colour, style, name) in zip(runs.items(), styles, strict=True):
        label = f"η = {rate:.2g}, {name}"
        lines += picture.curves.plot(range(1, EPOCHS + 1), history, style, color=colour, label=label)
    picture.curves.legend(handles=lines, loc="upper right")
    picture.curves.set_title("Training loss at three learning rates", y=1.02)
    picture.here.set_data([], [])
    return picture.figure


def network_figure() -> Figure:
    """Draw the confusion matrix of a network, its most frequent mistake, and what its hidden units look for."""
    picture = _NetworkPicture(given.trained_network())
    return picture.draw(**dict(zip(("truth", "answer"), picture.worst, strict=True)))[0]


FIGURES = {
    "digits": digits_figure,
    "training_curves": training_figure,
    "draw_a_digit": digit_figure,
    "look_inside": network_figure,
}
