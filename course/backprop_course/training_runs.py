"""Unit 6's experiments: training runs under every setting, and what each of them ended with."""

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from backprop_course.digits import load_digits
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
)
from backprop_course.given import mlp_training as given
from backprop_course.given.mlp_training import cross_entropy, cross_entropy_gradient

__all__ = ["FIGURES", "activations_of", "explore_training", "logits_of"]

GUESSING = float(np.log(10))  # the loss of equal probabilities for ten classes


def activations_of(X, parameters) -> list:
    """Return what each layer is given: X, then the outputs of all hidden layers."""
    inputs = [X]
    for W, b in parameters[:-1]:
        inputs.append(np.maximum(inputs[-1] @ W + b, 0))
    return inputs


def logits_of(X, parameters) -> np.ndarray:
    """Return the outputs of the last layer, before softmax."""
    W, b = parameters[-1]
    return activations_of(X, parameters)[-1] @ W + b


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
        return cross_entropy(logits_of(self.X_test, parameters), self.y_test)

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
        logits = logits_of(picture.X, parameters)
        self.norm = _gradient_length(picture.X, picture.y, parameters)
        self.fit = cross_entropy(logits, picture.y)
        # Where one whole layer is off, nothing before it hears of the loss.
        self.dead = max(float(np.mean(~np.any(H > 0, axis=0))) for H in activations_of(picture.X, parameters)[1:])
        unseen = logits_of(picture.X_test, parameters)
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
    G = cross_entropy_gradient(logits_of(X, parameters), y)
    for (W, _), H in zip(parameters[:0:-1], activations_of(X, parameters)[:0:-1], strict=True):
        G = np.where(H > 0, G @ W.T, 0)
    return float(np.linalg.norm(np.column_stack([X, np.ones(len(X))]).T @ G))


# --- static picture ---------------------------------------------------------------------------------


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


FIGURES = {"training_curves": training_figure}
