"""Explorers of unit 5: four logits in a number format that ends, and two losses behind one sigmoid."""

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from backprop_course.explorer import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    Explorer,
    for_browsers,
    joint_source,
    look,
    new_figure,
    own_or_given,
)
from backprop_course.given import softmax_stability as given
from backprop_course.names import FIGURES as NAMES
from backprop_course.names import explore_names

__all__ = [
    "explore_names",
    "loss_gradient_explorer",
    "naive_cross_entropy",
    "naive_softmax",
    "stability_explorer",
]

CLASSES = ("Tiger", "Airplane", "Boat", "Heavy Metal")
LECTURE_LOGITS = (-3.44, 1.16, -0.81, 3.91)
COLOURS = (ORANGE, BLUE, GREEN, PURPLE)
FORMATS = {
    "float64 (ends at exp(709))": "float64",
    "float32 (ends at exp(88))": "float32",
    "float16 (ends at exp(11))": "float16",
}
EXPONENT_LIMIT = 2e4
TITLE_HEIGHT = 1.02  # said outright: measuring where a title fits takes time at every redraw


@for_browsers
def stability_explorer(softmax: Callable) -> Explorer:
    """Return four logits under a shift and a scale, the naive softmax beside yours.

    Parameters
    ----------
    softmax : callable
        ``softmax(Z)`` for a vector of four logits.
    """
    function, source = own_or_given(softmax, given.softmax, np.zeros(4))
    with look():
        picture = _StabilityPicture(function)
    style = {"description_width": "7.5em"}
    logits = {
        f"z{k}": widgets.FloatSlider(value, min=-5, max=5, step=0.01, description=f"{name} z", style=style)
        for k, (name, value) in enumerate(zip(CLASSES, LECTURE_LOGITS, strict=True))
    }
    controls = {
        **logits,
        "scale": widgets.FloatLogSlider(
            1.0, min=-1, max=3, step=0.05, description="scale (times)", readout_format=".3g", style=style
        ),
        "shift": widgets.FloatSlider(0, min=-1000, max=1000, step=1, description="shift (plus)", style=style),
        "number_format": widgets.Dropdown(options=FORMATS, description="number format", style=style),
        "truth": widgets.Dropdown(options=CLASSES, value="Heavy Metal", description="true class", style=style),
    }
    return Explorer(
        lambda **values: picture.draw(**values),
        controls,
        question="Take 1000 from all four logits instead. What does the naive formula exp(z) / sum make of them?",
        choices=("nothing changes", "the largest takes all", "they are all 0", "they are lost: nan"),
        truth="they are lost: nan",
        why="All four exponentials underflow to 0, and 0/0 is nan. Press Shift -1000 to see it.",
        source=source,
        presets=_presets(),
        stops={"shift": 9},
        column="24em",
    )


def _presets() -> dict[str, dict]:
    """Return settings of the controls by name."""
    lecture = {f"z{k}": value for k, value in enumerate(LECTURE_LOGITS)}
    start = {**lecture, "scale": 1.0, "shift": 0.0, "number_format": "float64"}
    return {
        "Lecture's logits": start,
        "Shift +1000": {**start, "shift": 1000.0},
        "Shift -1000": {**start, "shift": -1000.0},
        "Scale 300": {**start, "scale": 300.0},
        "float16, scale 3": {**start, "scale": 3.0, "number_format": "float16"},
    }


def naive_softmax(Z: np.ndarray) -> np.ndarray:
    """Return softmax just as the formula is printed, silent where it breaks down.

    Parameters
    ----------
    Z : ndarray, shape (..., K)
        Logits.
    """
    with np.errstate(all="ignore"):
        exponentials = np.exp(Z)
        return exponentials / exponentials.sum(axis=-1, keepdims=True)


def naive_cross_entropy(Z: np.ndarray, y: np.ndarray) -> float:
    """Return the mean of ``-log(naive_softmax(Z))`` at the labels, silent where it breaks down.

    Parameters
    ----------
    Z : ndarray, shape (N, K)
        Logits.
    y : ndarray of int, shape (N,)
        Labels.
    """
    with np.errstate(all="ignore"):
        return float(-np.log(naive_softmax(Z)[np.arange(len(y)), y]).mean())


class _StabilityPicture:
    """Exponents against what the number format can hold, above the probabilities; naive left, stable right."""

    def __init__(self, softmax: Callable):
        self.softmax = softmax
        self.figure = new_figure(7.6, 4.5)
        self.figure.set_layout_engine("none")
        margins = {"left": 0.135, "right": 0.985, "top": 0.93, "bottom": 0.06, "hspace": 0.55, "wspace": 0.08}
        self.axes = self.figure.subplots(2, 2, sharey=True, gridspec_kw=margins)
        titles = ("Naive: exp(z)", "Shifted: exp(z - largest z)")
        panels = [_ExponentPanel(ax, title) for ax, title in zip(self.axes[0], titles, strict=True)]
        self.exponents = dict(zip(("naive", "stable"), panels, strict=True))
        panels = [_ProbabilityPanel(ax) for ax in self.axes[1]]
        self.probabilities = dict(zip(("naive", "stable"), panels, strict=True))
        for row in self.axes:
            row[0].set_yticks(range(4), CLASSES)
            row[0].set_ylim(3.6, -0.6)

    def draw(self, *, z0, z1, z2, z3, scale, shift, number_format, truth) -> tuple[Figure, str]:
        """Move everything to its new place; return the figure and its description."""
        z = (scale * np.array([z0, z1, z2, z3]) + shift).astype(number_format)
        p = self._own(z)
        naive = naive_softmax(z)
        self.exponents["naive"].move(z, number_format)
        self.exponents["stable"].move(z - z.max(), number_format)
        self.probabilities["naive"].move(naive, "exp(z) / sum")
        self.probabilities["stable"].move(p, "softmax(z)")
        return self.figure, _stability_words(z, naive, p, CLASSES.index(truth))

    def _own(self, z: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            p = np.asarray(self.softmax(z.copy()), dtype=float)
        if p.shape != z.shape:
            raise ValueError(f"softmax returned shape {p.shape} for logits of shape {z.shape}")
        return p


class _ExponentPanel:
    """Four exponents on a line; the band is where exp of them can be written down."""

    def __init__(self, ax, title: str):
        self.ax = ax
        ax.set_title(title, y=TITLE_HEIGHT)
        ax.set_xscale("symlog", linthresh=10, linscale=1.2)
        ax.set_xlim(-EXPONENT_LIMIT, EXPONENT_LIMIT)
        ax.set_xticks([-1000, -10, 0, 10, 1000], ["-1000", "-10", "0", "10", "1000"])
        ax.minorticks_off()
        ax.grid(False)
        self.band = ax.axvspan(-1, 1, color="0.88", zorder=0)
        self.stems = [ax.plot([0, 0], [k, k], color=c, lw=2.5)[0] for k, c in enumerate(COLOURS)]
        self.dots = [ax.plot([0], [k], "o", color=c, ms=8)[0] for k, c in enumerate(COLOURS)]
        self.values = [ax.text(0, k, "", va="center", fontsize=10) for k in range(4)]

    def move(self, exponents: np.ndarray, number_format: str) -> None:
        low, high = exponent_range(number_format)
        self.band.set_x(low)
        self.band.set_width(high - low)
        self.ax.set_xlabel(f"exponent; grey: its exp fits into {number_format}", labelpad=1)
        with np.errstate(all="ignore"):
            values = np.exp(exponents)
        for k, (x, value) in enumerate(zip(exponents.astype(float), values, strict=True)):
            x = float(np.clip(x, -0.9 * EXPONENT_LIMIT, 0.9 * EXPONENT_LIMIT))
            outside = "inf" if np.isinf(value) else "0" if value == 0 else ""
            self.stems[k].set_xdata([0, x])
            self.dots[k].set_data([x], [k])
            self.dots[k].set_marker("X" if outside else "o")
            # The value stands on the other side of zero, where there is room.
            self.values[k].set_text(f"exp = {outside or _short(float(value))}")
            self.values[k].set_weight("bold" if outside else "normal")
            self.values[k].set_x(-2.4 if x > 0 else 2.4)
            self.values[k].set_ha("right" if x > 0 else "left")


class _ProbabilityPanel:
    """Four bars with their numbers; nan has no bar and is said in words."""

    def __init__(self, ax):
        self.ax = ax
        self.bars = ax.barh(range(4), [0.0] * 4, color=COLOURS, height=0.66)
        self.labels = [ax.text(0, k, "", va="center", fontsize=10.5) for k in range(4)]
        ax.set_xlim(0, 1.3)
        ax.set_xticks([0, 0.5, 1])

    def move(self, p: np.ndarray, title: str) -> None:
        self.ax.set_title(f"Probabilities: {title}", y=TITLE_HEIGHT)
        for bar, label, value in zip(self.bars, self.labels, p.astype(float), strict=True):
            finite = bool(np.isfinite(value))
            width = float(np.clip(value, 0, 1.25)) if finite else 0.0
            bar.set_width(width)
            label.set_x(min(width, 1.0) + 0.02)
            label.set_text(probability_text(value))
            label.set_weight("normal" if finite else "bold")


def exponent_range(number_format: str) -> tuple[float, float]:
    """Return the least and the largest x whose exp(x) is neither 0 nor inf in a NumPy number format.

    Parameters
    ----------
    number_format : str
        ``"float16"``, ``"float32"`` or ``"float64"``.
    """
    info = np.finfo(number_format)
    # Half of the smallest subnormal is rounded up to it.
    return float(np.log(np.float64(info.smallest_subnormal)) - np.log(2.0)), float(np.log(np.float64(info.max)))


def probability_text(p: float) -> str:
    """Return a probability to four decimals, and a tiny one in scientific notation.

    Parameters
    ----------
    p : float
    """
    if np.isnan(p):
        return "nan"
    return f"{p:.1e}" if 0 < abs(p) < 5e-5 else f"{p:.4f}"


def _stability_words(z: np.ndarray, naive: np.ndarray, p: np.ndarray, truth: int) -> str:
    with np.errstate(all="ignore"):
        exponentials = np.exp(z)
        losses = [float(-np.log(q[truth])) + 0.0 for q in (naive, p)]
    overflown = [name for name, e in zip(CLASSES, exponentials, strict=True) if np.isinf(e)]
    underflown = [name for name, e in zip(CLASSES, exponentials, strict=True) if e == 0]
    if overflown:
        what = f"exp of {_enumerate(overflown)} overflows to inf, and inf/inf is nan. "
    elif np.isinf(exponentials.sum()):
        what = "Each exponential is finite, but their sum overflows. "
    elif len(underflown) == 4:
        what = "All exponentials underflow to 0, and 0/0 is nan. "
    elif underflown:
        what = f"exp of {_enumerate(underflown)} underflows to 0. "
    else:
        what = "All exponentials fit into the number format, so the formula works as printed. "
    shifted = f"Shifted by {float(z.max()):.6g}, the largest exponent is 0 and nothing can overflow. "
    table = ", ".join(f"{name} {probability_text(float(q))}" for name, q in zip(CLASSES, p, strict=True))
    exact = float(np.logaddexp.reduce(z.astype(float)) - float(z[truth]))
    loss = (
        f"Cross-entropy if {CLASSES[truth]} is true: {_four_places(losses[0])} from the naive probabilities, "
        f"{_four_places(losses[1])} from the others, and {_four_places(exact)} straight from the logits."
    )
    return f"Naive: {what}{shifted}Probabilities: {table}. {loss}"


def _enumerate(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _short(value: float) -> str:
    """Return an exponential as in the lecture's table, or in scientific notation beyond it."""
    return f"{value:.2f}" if 0.005 <= value < 1e4 else f"{value:.0e}"


def _four_places(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1e4 else f"{value:.6g}"


# --- squared error and cross-entropy behind a sigmoid -----------------------------------------------


@for_browsers
def loss_gradient_explorer(
    squared_error_sigmoid_gradient: Callable, binary_cross_entropy_gradient: Callable
) -> Explorer:
    """Return both losses and their gradients against the logit.

    Parameters
    ----------
    squared_error_sigmoid_gradient, binary_cross_entropy_gradient : callable
        ``f(z, t)`` for arrays of logits and targets; the second one averages over the elements.
    """
    example = np.zeros(2), np.ones(2)
    squared, squared_source = own_or_given(
        squared_error_sigmoid_gradient, given.squared_error_sigmoid_gradient, *example
    )
    entropy, entropy_source = own_or_given(binary_cross_entropy_gradient, given.binary_cross_entropy_gradient, *example)
    with look():
        picture = _LossPicture(squared, entropy)
    style = {"description_width": "7.5em"}
    controls = {
        "z": widgets.FloatSlider(-8.0, min=-15, max=15, step=0.1, description="logit z", style=style),
        "target": widgets.ToggleButtons(options=[0, 1], value=1, description="target t", style=style),
        "logarithmic": widgets.Checkbox(False, description="gradients on a logarithmic axis", style=style),
    }
    controls["z"].layout.width = "32em"
    return Explorer(
        lambda **values: picture.draw(**values),
        controls,
        question="A sigmoid says 0.0003 where 1 is right (z = -8). Which loss corrects it faster?",
        choices=("squared error", "cross-entropy", "both alike"),
        truth="cross-entropy",
        why="Its gradient is nearly -1 there; that of squared error is multiplied by the slope of the sigmoid, 0.0003.",
        source=joint_source(squared_source, entropy_source),
    )


class _LossPicture:
    """Loss against z on the left, gradient against z on the right, a mark on each curve at the slider's z."""

    NAMES = ("squared error", "cross-entropy")

    def __init__(self, squared: Callable, entropy: Callable):
        self.gradients = (squared, lambda z, t: np.asarray(entropy(z, t)) * np.size(z))
        self.z = np.linspace(-15, 15, 241)
        self.figure = new_figure(7.6, 3.4)
        self.figure.set_layout_engine("none")
        margins = {"left": 0.06, "right": 0.985, "top": 0.9, "bottom": 0.15, "wspace": 0.24}
        self.left, self.right = self.figure.subplots(1, 2, gridspec_kw=margins)
        styles = ((ORANGE, "--", "s"), (BLUE, "-", "o"))
        self.curves = {ax: [ax.plot([], [], ls, color=c)[0] for c, ls, _ in styles] for ax in (self.left, self.right)}
        self.marks = {ax: [ax.plot([], [], m, color=c, ms=9)[0] for c, _, m in styles] for ax in self.curves}
        self.lines = [ax.axvline(0, color="0.6", lw=1, zorder=0) for ax in self.curves]
        for ax in self.curves:
            ax.set_xlim(-15, 15)
            ax.set_xlabel("logit z")
        self.left.set_title("Loss", y=TITLE_HEIGHT)
        self.left.set_ylim(-0.5, 15.5)
        self.left.legend(self.curves[self.left], self.NAMES, loc="upper center")

    def draw(self, *, z, target, logarithmic) -> tuple[Figure, str]:
        """Draw the curves for one target; return the figure and its description."""
        losses = [self._losses(self.z, target), self._losses(np.array([z]), target)]
        slopes = [self._slopes(self.z, target), self._slopes(np.array([z]), target)]
        shown = [np.abs(s) for s in slopes] if logarithmic else slopes
        for ax, (curves, marks) in ((self.left, losses), (self.right, shown)):
            for line, mark, y, point in zip(self.curves[ax], self.marks[ax], curves, marks, strict=True):
                line.set_data(self.z, y)
                mark.set_data([z], point)
        for line in self.lines:
            line.set_xdata([z, z])
        self.right.set_yscale("log" if logarithmic else "linear")
        self.right.set_ylim((1e-14, 5) if logarithmic else (-1.1, 1.1))
        self.right.set_title("Size of the gradient dL/dz" if logarithmic else "Gradient dL/dz", y=TITLE_HEIGHT)
        return self.figure, _loss_words(z, target, *(float(s[0]) for s in slopes[1]))

    def _slopes(self, z: np.ndarray, target: int) -> np.ndarray:
        t = np.full(z.shape, float(target))
        results = [np.asarray(gradient(z.copy(), t), dtype=float) for gradient in self.gradients]
        for name, result in zip(self.NAMES, results, strict=True):
            if result.shape != z.shape:
                raise ValueError(f"the gradient of the {name} has shape {result.shape} for logits of shape {z.shape}")
        return np.array(results)

    @staticmethod
    def _losses(z: np.ndarray, target: int) -> np.ndarray:
        p = (1 + np.tanh(z / 2)) / 2
        return np.array([0.5 * (p - target) ** 2, np.logaddexp(0, (1 - 2 * target) * z)])


def _loss_words(z: float, target: int, squared: float, entropy: float) -> str:
    p = (1 + np.tanh(z / 2)) / 2
    text = (
        f"At z = {z:.1f} the sigmoid says {probability_text(float(p))}; right is {target}. "
        f"Squared error pulls with {squared:.4g}, cross-entropy with {entropy:.4g}. "
    )
    margin = z if target else -z
    if margin >= 0:
        return text + "The answer is right, so both gradients die down together."
    steps = steps_to_boundary(margin)
    return text + (
        f"With steps of size 1 it takes about {steps['cross-entropy']:,.0f} of them to reach z = 0 "
        f"with cross-entropy, and about {steps['squared error']:,.0f} with squared error."
    )


def steps_to_boundary(margin: float) -> dict[str, float]:
    """Return how many small steps, of total size 1 each, take a wrong answer to z = 0.

    Parameters
    ----------
    margin : float
        Negative logit of the right answer.

    Notes
    -----
    The time of the gradient flow from u = margin to 0: the integral of ``1 + e^u`` for cross-entropy, and
    of ``(1 + e^u)^3 / e^u`` for the squared error.
    """
    e = np.exp(margin)
    return {
        "cross-entropy": float(1 - e - margin),
        "squared error": float(2.5 + 1 / e - 3 * margin - 3 * e - e**2 / 2),
    }


# --- static pictures --------------------------------------------------------------------------------


def stability_figure() -> Figure:
    """Return the lecture's logits shifted by 1000, naive beside stable."""
    logits = {f"z{k}": value for k, value in enumerate(LECTURE_LOGITS)}
    picture = _StabilityPicture(given.softmax)
    return picture.draw(**logits, scale=1.0, shift=1000.0, number_format="float64", truth="Heavy Metal")[0]


def loss_gradient_figure() -> Figure:
    """Return both losses and their gradients for a confident mistake."""
    return _LossPicture(given.squared_error_sigmoid_gradient, given.binary_cross_entropy_gradient).draw(
        z=-8.0, target=1, logarithmic=False
    )[0]


def surprise_figure() -> Figure:
    """Return minus the logarithm of a probability, with the lecture's likeliest and unlikeliest class."""
    figure = new_figure(6.0, 2.7)
    axes = figure.subplots()
    p = np.geomspace(1e-4, 1, 400)
    axes.plot(p, -np.log(p), color=BLUE)
    probabilities = given.softmax(np.array(LECTURE_LOGITS))
    for k, (dx, dy) in ((0, (0.05, -0.4)), (3, (-0.2, 0.9))):
        cost = -np.log(probabilities[k])
        axes.plot(probabilities[k], cost, "o", color=COLOURS[k], ms=8)
        text = f"{CLASSES[k]}: p = {probabilities[k]:.4f} costs {cost:.2f}"
        axes.text(probabilities[k] + dx, cost + dy, text, ha="left" if k == 0 else "center")
    axes.set(xlim=(-0.02, 1.02), ylim=(0, 8.5), xlabel="probability p of the true class")
    axes.set_title("Its cost, −log p")
    return figure


FIGURES = {
    "surprise": surprise_figure,
    "stability": stability_figure,
    "loss_gradients": loss_gradient_figure,
    **NAMES,
}
