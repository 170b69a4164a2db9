"""Unit 8: figures of what activations let through, deep networks, losses beside the margin, and maxout units."""

from collections.abc import Callable, Sequence
from functools import partial

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from backprop_course.explorer import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    Explorer,
    button_row,
    for_browsers,
    look,
    new_figure,
    own_or_given,
)
from backprop_course.given import activations as given

GREY = "0.45"
STYLE = {"description_width": "7em"}


def _whose(*sources: str) -> str:
    """Return in one phrase whose functions are drawn; each source is what `own_or_given` said."""
    own = [source for source in sources if source.startswith("your ")]
    unsolved = [source.split("your ")[1].split(" ")[0] for source in sources if source not in own]
    parts = [_listed(own)] if own else []
    if unsolved:
        what, verb = ("a given function", "is") if len(unsolved) == 1 else ("given functions", "are")
        parts.append(f"{what} until your {_listed(unsolved)} {verb} solved")
    return "; ".join(parts)


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _slider(value, low, high, step, name, **options) -> widgets.FloatSlider:
    return widgets.FloatSlider(value, min=low, max=high, step=step, description=name, style=STYLE, **options)


# --- an activation, its slope, and what reaches the input -------------------------------------------

PLAIN = {
    "sign": (np.sign, np.zeros_like),
    "sigmoid": given.LAYERS["sigmoid"],
    "tanh": given.LAYERS["tanh"],
    "ReLU": given.LAYERS["relu"],
    "absolute value": (np.abs, np.sign),
}
NAMES = ("sign", "sigmoid", "tanh", "hard tanh", "ReLU", "leaky ReLU", "absolute value")
KINKS = {"sign": (0.0,), "ReLU": (0.0,), "leaky ReLU": (0.0,), "absolute value": (0.0,), "hard tanh": (-1.0, 1.0)}


@for_browsers
def explore_activation(*own: Callable) -> Explorer:
    """Return an activation, its slope, and how much of a gradient it lets through at one place.

    Parameters
    ----------
    *own : callable
        The student's ``leaky_relu``, ``leaky_relu_vjp``, ``hard_tanh`` and ``hard_tanh_vjp``, if they are to be
        drawn. Without them it is given ones, after a prediction.
    """
    functions, sources = (STAND_INS, {}) if not own else _own_activations(*own)
    with look():
        picture = _ActivationPicture(functions, sources)
    controls = {
        "name": widgets.Dropdown(
            options=NAMES, value="leaky ReLU" if own else "sigmoid", description="activation", style=STYLE
        ),
        "z": _slider(-2.0 if own else 4.0, -5, 5, 0.05, "z"),
        "g": _slider(1.0, -2, 2, 0.1, "g arrives"),
        "slope": _slider(0.1, 0.01, 0.9, 0.01, "slope (leaky)"),
    }
    _show_while(controls["slope"], controls["name"], "leaky ReLU")
    stops = {"name": None, "z": 7}
    if own:
        return Explorer(picture.draw, controls, stops=stops)
    question = "A unit sits at z = 4, and a gradient of 1 arrives from above. Which one passes most of it on?"
    return Explorer(
        picture.draw,
        controls,
        question=question,
        choices=("sigmoid", "tanh", "hard tanh", "ReLU"),
        truth="ReLU",
        why="At z = 4 the slopes are 0.018, 0.0013, 0 and 1.",
        stops=stops,
    )


def _own_activations(leaky_relu, leaky_relu_vjp, hard_tanh, hard_tanh_vjp) -> tuple[dict, dict]:
    """Return the student's functions as far as they are solved, and whose they are, by activation."""
    z = np.array([-2.0, 0.5])
    pairs = {
        "leaky": own_or_given(leaky_relu, STAND_INS["leaky"], z, 0.1),
        "leaky_vjp": own_or_given(leaky_relu_vjp, STAND_INS["leaky_vjp"], z, z, 0.1),
        "hard": own_or_given(hard_tanh, STAND_INS["hard"], z),
        "hard_vjp": own_or_given(hard_tanh_vjp, STAND_INS["hard_vjp"], z, z),
    }
    leaky, hard = (_whose(pairs[name][1], pairs[f"{name}_vjp"][1]) for name in ("leaky", "hard"))
    return {name: function for name, (function, _) in pairs.items()}, {"leaky ReLU": leaky, "hard tanh": hard}


def _show_while(control: widgets.Widget, chooser: widgets.Widget, value: str) -> None:
    """Show a control only while `chooser` has this value."""

    def update(_change=None):
        control.layout.display = None if chooser.value == value else "none"

    chooser.observe(update, names="value")
    update()


STAND_INS = {
    "leaky": given.leaky_relu,
    "leaky_vjp": given.leaky_relu_vjp,
    "hard": given.hard_tanh,
    "hard_vjp": given.hard_tanh_vjp,
}


def _activation(name: str, slope: float, own: dict[str, Callable]) -> tuple[Callable, Callable]:
    """Return the function called `name`, and its vjp ``(g, z)``."""
    if name == "leaky ReLU":
        return lambda z: own["leaky"](z, slope), lambda g, z: own["leaky_vjp"](g, z, slope)
    if name == "hard tanh":
        return own["hard"], own["hard_vjp"]
    function, derivative = PLAIN[name]
    return function, lambda g, z: g * derivative(z)


class _ActivationPicture:
    """Function, slope, and two bars: what arrives at the unit, and what leaves it."""

    def __init__(self, own: dict[str, Callable], sources: dict[str, str]):
        self.own, self.sources = own, sources
        self.z = np.linspace(-5, 5, 401)
        self.figure = new_figure(7.8, 2.9)
        self.figure.set_layout_engine("none")
        margins = {"left": 0.055, "right": 0.985, "top": 0.9, "bottom": 0.16, "wspace": 0.26}
        self.axes = self.figure.subplots(1, 3, gridspec_kw={**margins, "width_ratios": (1, 1, 0.8)})
        for ax, title, limits in zip(self.axes, ("h = f(z)", "slope f'(z)"), ((-2, 4), (-1.2, 1.2)), strict=False):
            ax.set_title(title)
            ax.set_xlabel("z")
            ax.set_xlim(-5, 5)
            ax.set_ylim(*limits)
        left, middle, right = self.axes
        self.curve, self.slopes = left.plot([], [])[0], middle.plot([], [], color=ORANGE)[0]
        self.tangent = left.plot([], [], color=ORANGE, lw=1.3)[0]
        self.dots = [left.plot([], [], "o", color=BLUE, ms=8)[0], middle.plot([], [], "o", color=ORANGE, ms=8)[0]]
        right.set_title("gradient")
        right.set_xlim(-2.3, 2.3)
        right.set_ylim(1.75, -0.6)
        right.set_yticks([])
        right.axvline(0, color="0.6", lw=1)
        self.bars = right.barh([0, 1], [0, 0], color=(GREY, GREEN), height=0.4)
        self.labels = [right.text(0, k + 0.38, "", ha="center", va="center", fontsize=10.5) for k in (0, 1)]

    def draw(self, *, name: str, z: float, g: float, slope: float) -> tuple[Figure, str]:
        function, vjp = _activation(name, slope, self.own)
        grid = self.z + 1e-9  # not exactly on a kink
        here = np.array([z])
        at_kink = any(abs(z - kink) < 1e-6 for kink in KINKS.get(name, ()))
        height, leaves = function(here).item(), vjp(np.array([g]), here).item()
        steep = vjp(np.ones(1), here).item()
        self.curve.set_data(self.z, _broken(self.z, function(grid), KINKS["sign"] if name == "sign" else ()))
        self.slopes.set_data(self.z, _broken(self.z, vjp(np.ones_like(grid), grid), KINKS.get(name, ())))
        self.tangent.set_data([z - 1.2, z + 1.2], [height - 1.2 * steep, height + 1.2 * steep])
        self.dots[0].set_data([z], [height])
        self.dots[1].set_data([z], [steep])
        for bar, label, value, word in zip(self.bars, self.labels, (g, leaves), ("arrives", "leaves"), strict=True):
            bar.set_width(value)
            label.set_text(f"{value:.3g} {word}")
        source = f"Drawn with {self.sources[name]}. " if name in self.sources else ""
        return self.figure, source + _activation_words(name, z, g, height, steep, leaves, at_kink)


def _broken(z: np.ndarray, values: np.ndarray, places: Sequence[float]) -> np.ndarray:
    """Return values with gaps where a curve jumps, so that no line is drawn across."""
    values = np.array(values, dtype=float)
    for place in places:
        values[np.argmin(np.abs(z - place))] = np.nan
    return values


def _activation_words(name, z, g, height, steep, leaves, at_kink) -> str:
    if at_kink and name == "sign":
        return "At 0 the sign jumps and has no slope: FAU writes 2 δ(z), a spike that no step size can use."
    start = f"{name} at z = {z:g}: h = {height:.4g}, slope {steep:.4g}. "
    if at_kink:
        start = f"{name} at its kink, z = {z:g}: two slopes meet, and {steep:.4g} is the one chosen here. "
    if g == 0:
        return start + "No gradient arrives, so none leaves."
    share = abs(leaves / g)
    rest = f"Of {g:g} arriving, {leaves:.3g} reaches z. "
    if share == 0:
        return start + rest + "Nothing passes: whatever lies before this unit learns nothing from this example."
    ten = f"Ten such units in a row would pass {share**10:.1e} of it." if share != 1 else "Ten in a row pass all of it."
    return start + rest + ten


# --- depth ------------------------------------------------------------------------------------------

NETWORKS = 7
FLOOR, CEILING = 1e-18, 1e12


@for_browsers
def explore_depth(gradient_norms: Callable, xavier_scale: Callable, he_scale: Callable) -> Explorer:
    """Return the norm of the gradient at every layer of random networks, under depth, scale and activation.

    Parameters
    ----------
    gradient_norms, xavier_scale, he_scale : callable
        The student's.
    """
    example = [np.eye(2)], "linear", np.ones(2), np.ones(2)
    norms, whose_norms = own_or_given(gradient_norms, given.gradient_norms, *example)
    xavier, whose_xavier = own_or_given(xavier_scale, given.xavier_scale, 2, 3)
    he, whose_he = own_or_given(he_scale, given.he_scale, 2)
    with look():
        picture = _DepthPicture(norms)
    controls = {
        "activation": widgets.Dropdown(options=list(given.LAYERS), value="tanh", description="activation", style=STYLE),
        "depth": widgets.IntSlider(20, min=1, max=50, description="layers", style=STYLE),
        "width": widgets.IntSlider(32, min=4, max=64, step=4, description="units a layer", style=STYLE),
        "scale": widgets.FloatLogSlider(
            0.5, min=-1, max=0.6, step=0.02, description="scale · √width", readout_format=".2f", style=STYLE
        ),
    }
    explorer = Explorer(
        picture.draw,
        controls,
        question="Twenty layers of tanh, weights of half the scale 1/√width. How much of a gradient of length 1 "
        "reaches the first layer?",
        choices=("about a half", "about a hundredth", "less than a hundred-thousandth"),
        truth="less than a hundred-thousandth",
        why="Each layer multiplies the length by a bit less than a half, nineteen times over: a millionth is left.",
        stops={"activation": None, "scale": 11},
        source=_whose(whose_norms, whose_xavier, whose_he),
    )
    *above, body = explorer.children
    body.children = (_scale_buttons(explorer, xavier, he), *body.children)
    explorer.children = (*above, body)
    return explorer


def _scale_buttons(explorer: Explorer, xavier: Callable, he: Callable) -> widgets.Widget:
    """Return buttons that set the scale to Xavier's or He's, by the student's formulas."""
    scales = {"Xavier's scale": lambda n: xavier(n, n), "He's scale": he, "a tenth of 1/√width": lambda n: 0.1 / n**0.5}

    def choose(scale: Callable) -> None:
        width = explorer.controls["width"].value
        explorer.controls["scale"].value = float(np.clip(scale(width) * np.sqrt(width), 0.1, 10**0.6))

    return button_row({name: partial(choose, scale) for name, scale in scales.items()})


class _DepthPicture:
    """Norm of the gradient against the layer, a thin line for each of several random networks, a thick one for all."""

    def __init__(self, norms: Callable):
        self.norms = norms
        self.figure = new_figure(7.8, 3.1)
        self.figure.set_layout_engine("none")
        self.axes = self.figure.add_axes((0.09, 0.15, 0.9, 0.75))
        self.axes.set_yscale("log")
        self.axes.set_ylim(FLOOR, CEILING)
        self.axes.set_yticks(10.0 ** np.arange(-18, 13, 6))
        self.axes.minorticks_off()
        self.axes.set_xlabel("layer (gradients travel from right to left)")
        self.axes.set_title("length of dL/dz, if a gradient of length 1 arrives at the top")
        self.axes.axhline(1.0, color="0.6", lw=1)
        self.lines = [self.axes.plot([], [], color=BLUE, lw=0.8, alpha=0.5)[0] for _ in range(NETWORKS)]
        self.middle = self.axes.plot([], [], "o-", color=BLUE, ms=5)[0]
        self.first = self.axes.plot([], [], "o", color=ORANGE, ms=10)[0]
        self.axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        self.label = self.axes.text(0.985, 0.9, "", color=ORANGE, fontsize=11, weight="bold", ha="right", va="center")
        self.label.set_transform(self.axes.transAxes)

    def draw(self, *, activation: str, depth: int, width: int, scale: float) -> tuple[Figure, str]:
        lengths = self._lengths(activation, depth, width, scale)
        layers = np.arange(1, depth + 1)
        shown = np.clip(lengths, FLOOR, CEILING)
        for line, values in zip(self.lines, shown, strict=True):
            line.set_data(layers, values)
        median = np.median(lengths, axis=0)
        clipped = np.clip(median, FLOOR, CEILING)
        self.middle.set_data(layers, clipped)
        self.first.set_data(layers[:1], clipped[:1])
        self.label.set_text(f"{median[0]:.1e} reaches layer 1")
        self.axes.set_xlim(0.5, max(depth, 8) + 0.7)
        return self.figure, _depth_words(activation, depth, width, scale, median, lengths[:, 0])

    def _lengths(self, activation, depth, width, scale) -> np.ndarray:
        rng = np.random.default_rng(8)
        lengths = []
        for _ in range(NETWORKS):
            weights = list(rng.normal(scale=scale / np.sqrt(width), size=(depth, width, width)))
            g = rng.normal(size=width)
            norms = self.norms(weights, activation, rng.normal(size=width), g / np.linalg.norm(g))
            if len(norms) != depth:
                raise ValueError(f"gradient_norms returned {len(norms)} numbers for {depth} layers")
            lengths.append(norms)
        return np.array(lengths, dtype=float)


def _depth_words(activation, depth, width, scale, median, first) -> str:
    deviation = scale / np.sqrt(width)
    text = (
        f"{NETWORKS} random networks of {depth} {activation} layers with {width} units, weights of standard deviation "
        f"{deviation:.3f} = {scale:.2f}/√width. Of a gradient of length 1, a length of {median[0]:.2g} reaches the "
        "first layer"
    )
    if median[0] == 0:
        return f"{text}: nothing at all. In {np.sum(first == 0)} of {NETWORKS} networks no gradient arrives."
    if depth == 1:
        return f"{text}."
    factor = float((median[0] / median[-1]) ** (1 / (depth - 1))) if median[-1] else 0.0
    verdict = "it vanishes" if factor < 0.9 else "it explodes" if factor > 1.12 else "it keeps its size"
    return f"{text}: a factor of {factor:.2f} a layer, so {verdict}."


# --- losses beside the margin -----------------------------------------------------------------------

LOSSES = ("hinge", "cross-entropy", "squared error")
COLOURS = {"hinge": BLUE, "cross-entropy": GREEN, "squared error": ORANGE}
SQUARED = {  # of an output unit, in terms of the margin m = t z: loss and derivative
    "tanh": (lambda m: (1 - np.tanh(m)) ** 2, lambda m: -2 * (1 - np.tanh(m)) / np.cosh(m) ** 2),
    "sigmoid": (lambda m: given.sigmoid(-m) ** 2, lambda m: -2 * given.sigmoid(-m) ** 2 * given.sigmoid(m)),
    "nothing (linear)": (lambda m: (1 - m) ** 2, lambda m: -2 * (1 - m)),
}


@for_browsers
def explore_margin(hinge_loss: Callable, hinge_gradient: Callable) -> Explorer:
    """Return losses and their pulls against the margin t z: RWTH's figure.

    Parameters
    ----------
    hinge_loss, hinge_gradient : callable
        The student's.
    """
    example = np.zeros(2), np.ones(2)
    loss, whose_loss = own_or_given(hinge_loss, given.hinge_loss, *example)
    pull, whose_pull = own_or_given(hinge_gradient, given.hinge_gradient, *example)
    with look():
        picture = _MarginPicture(loss, pull)
    controls = {
        "margin": _slider(-4.0, -5, 5, 0.05, "margin t z"),
        "squared": widgets.Dropdown(options=list(SQUARED), description="squared error on", style=STYLE),
    }
    return Explorer(
        picture.draw,
        controls,
        question="An example is far on the wrong side, t z = -4. Which loss hardly pulls at it?",
        choices=LOSSES,
        truth="squared error",
        why="At -4 the pulls are 1 (hinge), 0.98 (cross-entropy) and 0.005: tanh is flat there, its slope a factor.",
        source=_whose(whose_loss, whose_pull),
    )


class _MarginPicture:
    """Loss against the margin on the left, the size of its pull on the right, a mark on each curve."""

    def __init__(self, loss: Callable, pull: Callable):
        self.m = np.linspace(-5, 5, 401) + 1e-9
        self.hinge = lambda m: np.array([loss(np.array([value]), np.ones(1)) for value in np.atleast_1d(m)])
        self.pull = lambda m: np.array([np.asarray(pull(np.array([v]), np.ones(1))).item() for v in np.atleast_1d(m)])
        self.figure = new_figure(7.8, 3.0)
        self.figure.set_layout_engine("none")
        margins = {"left": 0.055, "right": 0.985, "top": 0.9, "bottom": 0.16, "wspace": 0.16}
        self.left, self.right = self.figure.subplots(1, 2, gridspec_kw=margins)
        styles = dict(zip(LOSSES, ("-", "--", "-."), strict=True))
        self.lines, self.dots = {}, {}
        for ax, title, limits in ((self.left, "loss", (-0.2, 6)), (self.right, "pull: -dloss/dm", (-0.6, 2.6))):
            ax.set_title(title)
            ax.set_xlabel("margin m = t z (left: wrong, right: right)", labelpad=1)
            ax.set_xlim(-5, 5)
            ax.set_ylim(*limits)
            ax.axvline(0, color="0.6", lw=1)
            self.lines[ax] = {n: ax.plot([], [], styles[n], color=COLOURS[n], label=n)[0] for n in LOSSES}
            self.dots[ax] = {n: ax.plot([], [], "o", color=COLOURS[n], ms=8)[0] for n in LOSSES}
        self.left.step([-5, 0, 5], [1, 1, 0], color="0.6", lw=1.2, label="mistakes (0 or 1)")
        self.left.legend(loc="upper right")
        self.hinge_curves = None

    def draw(self, *, margin: float, squared: str) -> tuple[Figure, str]:
        loss, slope = SQUARED[squared]
        if self.hinge_curves is None:  # once: a student's loop may take a while
            self.hinge_curves = self.hinge(self.m), -self.pull(self.m)
        curves = {"cross-entropy": (lambda m: np.logaddexp(0, -m), lambda m: given.sigmoid(-m))}
        curves["squared error"] = loss, lambda m: -slope(m)
        curves["hinge"] = self.hinge, lambda m: -self.pull(m)
        values = {}
        for k, ax in enumerate((self.left, self.right)):
            for name in LOSSES:
                ys = self.hinge_curves[k] if name == "hinge" else curves[name][k](self.m)
                self.lines[ax][name].set_data(self.m, ys)
                values[name, k] = float(np.squeeze(curves[name][k](np.array([margin]))))
                self.dots[ax][name].set_data([margin], [values[name, k]])
        return self.figure, _margin_words(margin, squared, {name: values[name, 1] for name in LOSSES})


def _margin_words(margin: float, squared: str, pulls: dict[str, float]) -> str:
    side = "right" if margin > 0 else "wrong" if margin < 0 else "undecided"
    table = ", ".join(f"{name} {pull + 0.0:.3g}" for name, pull in pulls.items())
    text = f"Margin {margin:g}: the answer is {side}. Pulls towards the right side: {table}. "
    if squared.startswith("nothing"):
        pulled = "what is more than right is pulled back" if margin > 1 else "the pull grows with the mistake"
        return f"{text}Without a squashing output, {pulled}."
    if margin <= -3:
        return text + f"The squared error on {squared} has given this example up: its output unit is saturated."
    if margin > 1:
        return text + "Right by more than the margin: the hinge is silent, cross-entropy nearly so."
    return text + "Near the boundary all three work."


# --- maxout -----------------------------------------------------------------------------------------

PIECES = 3
TARGETS = {
    "parabola": lambda x: x**2 / 2,
    "absolute value": np.abs,
    "softplus": lambda x: np.logaddexp(0, 2 * x) - 0.5,
    "hard tanh (not convex)": lambda x: np.clip(x, -1, 1),
}
PIECE_COLOURS = (BLUE, GREEN, PURPLE)
START = ((-1.0, -0.5), (0.2, 0.3), (0.9, -0.4))


@for_browsers
def explore_maxout(maxout: Callable, maxout_vjp: Callable) -> Explorer:
    """Return a maxout unit of three pieces that can be moved, or learn.

    Parameters
    ----------
    maxout, maxout_vjp : callable
        The student's.
    """
    W, b = np.zeros((2, 1, 1)), np.zeros((2, 1))
    forward, whose_forward = own_or_given(maxout, given.maxout, np.ones((1, 1)), W, b)
    backward, whose_backward = own_or_given(maxout_vjp, given.maxout_vjp, np.ones((1, 1)), np.ones((1, 1)), W, b)
    with look():
        picture = _MaxoutPicture(forward, backward)
    controls = {
        "target": widgets.Dropdown(options=list(TARGETS), description="to be fitted", style=STYLE),
        "steps": widgets.IntSlider(0, min=0, max=300, step=10, description="steps", style=STYLE),
    }
    for p, (slope, offset) in enumerate(START):
        controls[f"slope{p}"] = _slider(slope, -2, 2, 0.1, f"w{p + 1}")
        controls[f"offset{p}"] = _slider(offset, -2, 2, 0.1, f"b{p + 1}")
    return Explorer(
        picture.draw,
        controls,
        column="24em",
        stops={"target": None, "steps": 10},
        question="Three pieces may be placed freely. Which of these shapes can their maximum not come close to?",
        choices=("parabola", "absolute value", "hard tanh"),
        truth="hard tanh",
        why="A maximum of lines only ever bends upwards (it is convex); hard tanh bends downwards at 1.",
        source=_whose(whose_forward, whose_backward),
    )


class _MaxoutPicture:
    """Pieces, their maximum and the target; below, which piece learns from which points."""

    def __init__(self, maxout: Callable, maxout_vjp: Callable):
        self.maxout, self.vjp = maxout, maxout_vjp
        self.x = np.linspace(-2, 2, 81)[:, None]
        self.figure = new_figure(7.8, 3.2)
        self.figure.set_layout_engine("none")
        margins = {"left": 0.055, "right": 0.97, "top": 0.91, "bottom": 0.14, "wspace": 0.22}
        self.left, self.right = self.figure.subplots(1, 2, gridspec_kw={**margins, "width_ratios": (1.7, 1)})
        self.left.set_xlim(-2, 2)
        self.left.set_ylim(-2, 3)
        self.left.set_xlabel("x", labelpad=1)
        self.left.set_title("pieces (thin), their maximum (thick), target (dashed)")
        names = [f"w{p + 1} x + b{p + 1}" for p in range(PIECES)]
        self.pieces = [self.left.plot([], [], color=c, lw=1.2)[0] for c in PIECE_COLOURS]
        self.parts = [
            self.left.plot([], [], color=c, lw=4.5, label=n)[0] for c, n in zip(PIECE_COLOURS, names, strict=True)
        ]
        self.target = self.left.plot([], [], "--", color="black", lw=1.6)[0]
        self.left.legend(loc="upper center", ncols=3, columnspacing=1.0, handlelength=1.2)
        self.right.set_title("where each piece learns")
        self.right.set_xlim(0, 100)
        self.right.set_xlabel("share of all points, %", labelpad=1)
        self.right.set_yticks(range(PIECES), [f"piece {p + 1}" for p in range(PIECES)])
        self.right.set_ylim(PIECES - 0.4, -0.6)
        self.bars = self.right.barh(range(PIECES), [0] * PIECES, color=PIECE_COLOURS, height=0.55)
        self.shares = [self.right.text(0, p, "", va="center", fontsize=10.5) for p in range(PIECES)]

    def draw(self, *, target: str, steps: int, **places: float) -> tuple[Figure, str]:
        W = np.array([[[places[f"slope{p}"]]] for p in range(PIECES)])
        b = np.array([[places[f"offset{p}"]] for p in range(PIECES)])
        wanted = TARGETS[target](self.x)
        before = float(np.mean((self.maxout(self.x, W, b) - wanted) ** 2))
        W, b = self._learn(W, b, wanted, steps)
        output = np.asarray(self.maxout(self.x, W, b), dtype=float)
        _, _, share = self.vjp(np.ones_like(self.x), self.x, W, b)  # counts the points whose gradient a piece gets
        error = float(np.mean((output - wanted) ** 2))
        self._move(W, b, output, wanted, 100 * np.asarray(share, dtype=float)[:, 0] / len(self.x))
        return self.figure, _maxout_words(target, steps, before, error, np.asarray(share)[:, 0])

    def _learn(self, W, b, wanted, steps: int):
        for _ in range(steps):
            error = self.maxout(self.x, W, b) - wanted
            _, dW, db = self.vjp(2 * error / len(error), self.x, W, b)
            W, b = W - 0.1 * dW, b - 0.1 * db
        return W, b

    def _move(self, W, b, output, wanted, shares) -> None:
        x = self.x[:, 0]
        for p in range(PIECES):
            line = W[p, 0, 0] * x + b[p, 0]
            self.pieces[p].set_data(x, line)
            self.parts[p].set_data(x, np.where(np.abs(line - output[:, 0]) < 1e-9, output[:, 0], np.nan))
            self.bars[p].set_width(shares[p])
            self.shares[p].set_text(f"{shares[p]:.0f} %")
            self.shares[p].set_x(min(shares[p], 84) + 2)
        self.target.set_data(x, wanted[:, 0])


def _maxout_words(target, steps, before, error, share) -> str:
    idle = [str(p + 1) for p in range(PIECES) if share[p] == 0]
    text = f"Mean squared distance to the target {target}: {error:.4f}"
    text += f", after {steps} steps of descent from {before:.4f}. " if steps else ". "
    if idle:
        names = f"Piece {idle[0]} wins" if len(idle) == 1 else f"Pieces {' and '.join(idle)} win"
        text += f"{names} nowhere, so no gradient arrives there: dead, until the others move away. "
    if target.startswith("hard") and steps >= 100:
        text += "The bend at 1 stays out of reach: a maximum of lines is convex."
    return text


# --- static pictures --------------------------------------------------------------------------------


def gallery_figure() -> Figure:
    """Return the activations of the lectures beside one another, without their slopes."""
    figure = new_figure(7.8, 3.6)
    z = np.linspace(-3, 3, 301)
    for k, name in enumerate(NAMES):
        ax = figure.add_subplot(2, 4, k + 1)
        function, _ = _activation(name, 0.1, STAND_INS)
        ax.plot(z, _broken(z, function(z), KINKS["sign"] if name == "sign" else ()))
        ax.set_title(name)
        ax.set_ylim(-1.6, 3)
        ax.set_xticks([-2, 0, 2])
    return figure


def activation_figure() -> Figure:
    """Return the sigmoid at z = 4, and what it lets through."""
    return _ActivationPicture(STAND_INS, {}).draw(name="sigmoid", z=4.0, g=1.0, slope=0.1)[0]


def leaky_figure() -> Figure:
    """Return a leaky ReLU at z = -2, and what it lets through."""
    return _ActivationPicture(STAND_INS, {}).draw(name="leaky ReLU", z=-2.0, g=1.0, slope=0.1)[0]


def depth_figure() -> Figure:
    """Return how gradients vanish, keep their length and explode in twenty layers, by scale and activation."""
    figure = new_figure(7.8, 3.3)
    ax = figure.add_subplot()
    settings = (
        ("sigmoid", 1.0, ":", ORANGE),
        ("tanh", 0.5, "--", PURPLE),
        ("tanh", 1.0, "-", BLUE),
        ("relu", 2**0.5, "-.", GREEN),
        ("linear", 2.0, (0, (1, 1)), GREY),
    )
    for activation, scale, dashes, colour in settings:
        lengths = _DepthPicture(given.gradient_norms)._lengths(activation, 20, 32, scale)
        label = f"{activation}, scale {scale:.2f}/√width"
        ax.plot(np.arange(1, 21), np.median(lengths, axis=0), ls=dashes, color=colour, label=label)
    ax.set_yscale("log")
    ax.set_xlabel("layer (gradients travel from right to left)")
    ax.set_title("length of dL/dz, if a gradient of length 1 arrives at the top")
    ax.set_xticks([1, 5, 10, 15, 20])
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def subgradients_figure() -> Figure:
    """Return lines through the kink of a ReLU: three that stay below it, and one that does not."""
    figure = new_figure(7.8, 2.9)
    x = np.linspace(-2, 2, 201)
    places = {0.0: (1.3, -0.3), 0.5: (1.3, 0.2), 1.0: (-1.15, -1.75), 1.4: (0.1, 1.6)}
    for ax, slopes, title in zip(
        figure.subplots(1, 2, sharey=True),
        ((0.0, 0.5, 1.0), (1.4,)),
        ("slopes 0, ½ and 1: never above the ReLU", "slope 1.4: above it on the right"),
        strict=True,
    ):
        ax.plot(x, np.maximum(x, 0), label="ReLU")
        for slope in slopes:
            ax.plot(x, slope * x, "--", color=ORANGE, lw=1.4)
            ax.annotate(f"v = {slope:g}", places[slope], fontsize=10.5, color=ORANGE)
        ax.set_ylim(-2.2, 2.2)
        ax.set_title(title)
        ax.set_xlabel("z")
    return figure


def uphill_figure() -> Figure:
    """Return level lines of |x| + 3|y|, a subgradient on a kink, and the step against it, which climbs."""
    figure = new_figure(5.2, 3.6)
    ax = figure.add_subplot()
    x, y = np.meshgrid(np.linspace(-0.4, 1.9, 231), np.linspace(-0.75, 0.75, 151))
    levels = ax.contour(x, y, np.abs(x) + 3 * np.abs(y), levels=[0.5, 1.0, 1.5, 2.0, 2.5], colors=GREY, linewidths=1.2)
    ax.clabel(levels, fmt="%g")
    for sign, colour, name in ((0.2, GREEN, "v"), (-0.2, ORANGE, "-v")):
        arrow = {"arrowstyle": "-|>", "color": colour, "lw": 2}
        ax.annotate("", (1 + sign, 3 * sign), (1, 0), arrowprops=arrow)
        ax.annotate(name, (1 + sign + 0.05, 3 * sign), color=colour, fontsize=12, va="center")
    ax.plot([1], [0], "o", color="black")
    ax.set_aspect("equal")
    ax.grid(False)
    ax.set_xlabel("x")
    ax.set_ylabel("y")
    ax.set_title("f = |x| + 3|y|: both steps from (1, 0) climb")
    return figure


def margin_figure() -> Figure:
    """Return losses and pulls for an example that is far on the wrong side."""
    return _MarginPicture(given.hinge_loss, given.hinge_gradient).draw(margin=-4.0, squared="tanh")[0]


def maxout_figure() -> Figure:
    """Return three pieces that have learned a parabola."""
    places = {f"slope{p}": slope for p, (slope, _) in enumerate(START)}
    places |= {f"offset{p}": offset for p, (_, offset) in enumerate(START)}
    return _MaxoutPicture(given.maxout, given.maxout_vjp).draw(target="parabola", steps=300, **places)[0]


FIGURES = {
    "gallery": gallery_figure,
    "activation": activation_figure,
    "leaky": leaky_figure,
    "depth": depth_figure,
    "subgradients": subgradients_figure,
    "uphill": uphill_figure,
    "margin": margin_figure,
    "maxout": maxout_figure,
}
