"""Unit 9: lines and XOR, a tree and its network, curves out of stairs and ramps, and folds."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import pairwise

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from backprop_course.explorer import (
    BLUE,
    GREEN,
    ORANGE,
    SKY,
    YELLOW,
    Explorer,
    for_browsers,
    look,
    new_figure,
    number,
    own_or_given,
)
from backprop_course.given import universal_approximation as given
from backprop_course.networks import hidden_units, relu_network, step_network
from backprop_course.typed import typed_function, typed_tree

__all__ = [
    "FIGURES",
    "explore_curves",
    "explore_folds",
    "explore_lines",
    "explore_perceptron",
    "explore_tree",
    "hidden_units",
    "largest_error",
    "perceptron_history",
    "relu_network",
    "step_network",
]

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TABLES = {"XOR": np.array([0, 1, 1, 0]), "AND": np.array([0, 0, 0, 1]), "OR": np.array([0, 1, 1, 1])}
EPOCHS = 12


def _empty(*many: Axes) -> None:
    """Take the contents out of axes; frame and labels stay, so that the next picture is drawn quickly."""
    for axes in many:
        for artist in [*axes.lines, *axes.collections, *axes.patches, *axes.texts, *axes.images]:
            artist.remove()
        if axes.get_legend():
            axes.get_legend().remove()


def _beside(width: float = 8.2, height: float = 3.5, left: float = 0.4) -> tuple[Figure, Axes, Axes]:
    """Return a figure with two axes whose places are fixed."""
    with look():
        figure = new_figure(width, height)
        figure.set_layout_engine("none")
        one = figure.add_axes((0.065, 0.14, left, 0.76))
        other = figure.add_axes((left + 0.155, 0.14, 0.83 - left, 0.76))
    return figure, one, other


_says = partial(number, digits=3)


def _several(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)


def _own_if_any(function: Callable | None, given: Callable | None, *example) -> tuple[Callable | None, str]:
    """Return the student's function and whose it is; the given one while it is unsolved, or not asked for."""
    return own_or_given(function, given, *example) if function else (given, "")


def _prediction(function: Callable | None, question: str, choices: Sequence[str]) -> dict:
    """Return the question to ask where an explorer is met first: with the student's function it has been answered."""
    return {} if function else {"question": question, "choices": choices}


# --- one line, and two ------------------------------------------------------------------------------


def perceptron_history(perceptron_epoch: Callable, t: np.ndarray, epochs: int = EPOCHS) -> list[tuple]:
    """Return ``(w, b, mistakes)`` after each of some epochs on the four corners, from zeros.

    Parameters
    ----------
    perceptron_epoch : callable
        The exercise's function.
    t : ndarray of int, shape (4,)
        Targets of the corners 00, 01, 10, 11.
    epochs : int
    """
    w, b, history = np.zeros(2), 0.0, []
    for _ in range(epochs):
        w, b, mistakes = perceptron_epoch(np.array(w, dtype=float), float(b), CORNERS.copy(), np.array(t))
        if np.shape(w) != (2,):
            raise ValueError(f"perceptron_epoch returned w of shape {np.shape(w)} for two inputs")
        history.append((np.asarray(w, dtype=float), float(b), int(mistakes)))
    return history


def _square(axes: Axes, title: str) -> None:
    axes.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xlabel="x1", ylabel="x2", title=title)
    axes.set_xticks([0, 1])
    axes.set_yticks([0, 1])
    axes.grid(False)


PLANE = np.linspace(-0.5, 1.5, 121)
POINTS = np.stack(np.meshgrid(PLANE, PLANE), axis=-1).reshape(-1, 2)


def _shade(axes: Axes, says: np.ndarray) -> None:
    picture = says.reshape(len(PLANE), len(PLANE))
    axes.imshow(picture, origin="lower", extent=(-0.5, 1.5, -0.5, 1.5), cmap="Blues", vmin=-1.2, vmax=2, aspect="auto")


def _mark_corners(axes: Axes, t: Sequence[int], says: Sequence[float]) -> int:
    """Draw the corners, those that are wrong with a ring; return how many are right."""
    right = np.asarray(says) == np.asarray(t)
    for (x, y), target, good in zip(CORNERS, t, right, strict=True):
        axes.plot([x], [y], "o", color=BLUE if target else "white", mec="black", ms=13, zorder=4)
        axes.text(x, y, str(target), ha="center", va="center", color="white" if target else "black", zorder=5)
        if not good:
            axes.plot([x], [y], "o", mfc="none", mec=ORANGE, mew=3, ms=23, zorder=3)
    return int(right.sum())


@for_browsers
def explore_perceptron(perceptron_epoch: Callable | None = None) -> Explorer:
    """Run the perceptron rule epoch by epoch on a table of two bits.

    Parameters
    ----------
    perceptron_epoch : callable, optional
        The student's. Without it the given rule is shown, after a prediction.
    """
    example = np.zeros(2), 0.0, CORNERS.copy(), TABLES["XOR"]
    epoch_of, whose = _own_if_any(perceptron_epoch, given.perceptron_epoch, *example)
    figure, plane, bars = _perceptron_axes()

    def draw(table, epoch):
        return _draw_perceptron(figure, plane, bars, perceptron_history(epoch_of, TABLES[table]), table, epoch)

    return Explorer(
        draw,
        {
            "epoch": widgets.IntSlider(0, min=0, max=EPOCHS, description="epochs done"),
            "table": widgets.ToggleButtons(options=list(TABLES), description="table"),
        },
        **_prediction(
            perceptron_epoch,
            "A single unit learns XOR by the perceptron rule. What happens?",
            ("it is right after a few epochs", "it ends with one corner wrong", "it never comes to rest"),
        ),
        stops={"table": None, "epoch": None},
        source=whose,
    )


def _perceptron_axes() -> tuple[Figure, Axes, Axes]:
    figure, plane, bars = _beside()
    with look():
        _square(plane, "What the unit says (blue: 1)")
        bars.set(xlim=(0.3, EPOCHS + 0.7), ylim=(0, 4.4), xlabel="epoch", title="Mistakes in each epoch")
        bars.set_xticks(range(1, EPOCHS + 1))
        bars.set_yticks(range(5))
    return figure, plane, bars


def _draw_perceptron(figure, plane, bars, history, table, epoch) -> tuple[Figure, str]:
    _empty(plane, bars)
    w, b, mistakes = history[epoch - 1] if epoch else (np.zeros(2), 0.0, 0)
    _shade(plane, (POINTS @ w + b >= 0).astype(float))
    right = _mark_corners(plane, TABLES[table], CORNERS @ w + b >= 0)
    counts = [m for _, _, m in history[:epoch]]
    bars.bar(range(1, epoch + 1), counts, color=ORANGE, width=0.7)
    words = f"{table}, {_several(epoch, 'epoch')} done: w = ({_says(w[0])}, {_says(w[1])}), b = {_says(b)}, "
    words += f"{right} of 4 corners right. "
    if not epoch:
        return figure, words + "With zeros everywhere the unit says 1. Move the slider."
    words += f"The last epoch made {_several(mistakes, 'mistake')}. "
    return figure, words + _perceptron_moral(history, epoch)


def _perceptron_moral(history: list, epoch: int) -> str:
    (w, b, mistakes), before = history[epoch - 1], history[epoch - 2] if epoch > 1 else None
    if not mistakes:
        return "No mistake: from here on nothing changes, the rule has come to rest."
    if before and np.array_equal(w, before[0]) and b == before[1]:
        return "It is back where the epoch began, with mistakes on the way: it goes round for ever and never rests."
    return "The rule goes on."


@for_browsers
def explore_lines() -> Explorer:
    """Turn two lines by hand, and combine what they say."""
    figure, plane = _line_axes()
    style = {"description_width": "9em"}

    def angle(value, name):
        return widgets.IntSlider(value, min=-180, max=180, step=5, description=f"line {name}: turn", style=style)

    def shift(value, name):
        return widgets.FloatSlider(value, min=-1.5, max=1.5, step=0.05, description=f"line {name}: shift", style=style)

    return Explorer(
        lambda **values: _draw_lines(figure, plane, **values),
        {
            "combination": widgets.ToggleButtons(options=list(COMBINATIONS), description="output"),
            "angle_a": angle(20, "A"),
            "shift_a": shift(0.3, "A"),
            "angle_b": angle(45, "B"),
            "shift_b": shift(0.4, "B"),
        },
        question="How many corners of XOR can line A alone get right?",
        choices=("two", "three", "all four"),
        stops={"combination": None, "angle_a": 13},
    )


COMBINATIONS = {"A alone": (1, 0), "A minus B": (1, -1), "A plus B": (1, 1)}


def _line_axes() -> tuple[Figure, Axes]:
    with look():
        figure = new_figure(5.2, 3.2)
        figure.set_layout_engine("none")
        plane = figure.add_axes((0.11, 0.13, 0.6, 0.77))
        _square(plane, "Output over the plane")
    return figure, plane


def _draw_lines(figure, plane, *, combination, angle_a, shift_a, angle_b, shift_b) -> tuple[Figure, str]:
    _empty(plane)
    weights = COMBINATIONS[combination]
    units = [_unit(angle_a, shift_a), _unit(angle_b, shift_b)]

    def output(X):
        return sum(v * (X @ w + b >= -1e-9) for v, (w, b) in zip(weights, units, strict=True))

    _shade(plane, output(POINTS))
    right = _mark_corners(plane, TABLES["XOR"], output(CORNERS))
    for name, colour, (w, b), used in zip("AB", (ORANGE, GREEN), units, weights, strict=True):
        if used:
            _draw_line(plane, w, b, colour, name)
    plane.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0))
    says = ", ".join(_says(float(v)) for v in output(CORNERS))
    words = f"Output {combination}: at 00, 01, 10, 11 it is {says}; {right} of 4 corners of XOR are right. "
    if right == 4:
        return figure, words + "These are two hidden units, and the last layer's weights 1 and -1."
    if combination == "A alone":
        return figure, words + "One line gets three right at most: a side that holds 01 and 10 holds 00 or 11 as well."
    return figure, words + "Ringed corners are wrong. The output is 1 where A says 1 and B says 0, if B is subtracted."


def _unit(angle: float, shift: float) -> tuple[np.ndarray, float]:
    """Return weights and bias of a unit that says 1 on one side of a line near the middle of the square."""
    w = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    return w, float(-w @ [0.5, 0.5] - shift + 0.0)


def _draw_line(axes: Axes, w: np.ndarray, b: float, colour: str, name: str) -> None:
    foot = -b * w
    along = np.array([-w[1], w[0]])
    ends = foot + np.outer([-3, 3], along)
    axes.plot(*ends.T, color=colour, lw=2.5, label=f"line {name}")
    side = foot + along * ((np.array([0.5, 0.5]) - foot) @ along)
    axes.annotate("", side + 0.28 * w, side, arrowprops={"arrowstyle": "->", "color": colour, "lw": 2}, zorder=6)


# --- a tree and its network -------------------------------------------------------------------------

TREE = "(0, 0.5, (1, -1.0, 3, 1), (1, 1.0, 2, (0, 2.0, 0, 3)))"
SPAN = np.linspace(-3, 3, 91) + 0.0013  # off any threshold with a few decimals
GRID = np.stack(np.meshgrid(SPAN, SPAN), axis=-1).reshape(-1, 2)


@for_browsers
def explore_tree(tree_to_network: Callable) -> Explorer:
    """Edit a tree; see its regions, its network, and which units a point turns on.

    Parameters
    ----------
    tree_to_network : callable
        The student's.
    """
    build, whose = own_or_given(tree_to_network, None, (0, 0.5, 1, 2), 2)
    figure, plane, network = _tree_axes()

    def draw(text, x0, x1):
        tree = typed_tree(text)
        parameters = build(tree, 2) if build else "unsolved"
        return _draw_tree(figure, plane, network, tree, parameters, np.array([[x0, x1]]))

    style = {"description_width": "5em"}
    return Explorer(
        draw,
        {
            "text": widgets.Text(TREE, description="tree", style=style, continuous_update=False),
            "x0": widgets.FloatSlider(1.3, min=-3, max=3, step=0.1, description="x[0]", style=style),
            "x1": widgets.FloatSlider(1.7, min=-3, max=3, step=0.1, description="x[1]", style=style),
        },
        question="This tree asks 4 questions and has 5 leaves. How many hidden units say 1 for a point, at least?",
        choices=("none", "exactly one", "one in the second hidden layer, any number in the first"),
        stops={"x0": 7, "x1": 7},
        source=whose if build else "the tree itself, until your tree_to_network is solved",
    )


def _tree_axes() -> tuple[Figure, Axes, Axes]:
    figure, plane, network = _beside(8.4, 3.7, 0.36)
    with look():
        plane.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="x[0]", ylabel="x[1]", title="Regions")
        plane.grid(False)
        network.set_axis_off()
    return figure, plane, network


def _draw_tree(figure, plane, network, tree, parameters, x) -> tuple[Figure, str]:
    _empty(plane, network)
    expected = given.tree_answers(tree, GRID)
    says = expected if parameters == "unsolved" else _one_output(step_network(GRID, parameters))
    _draw_regions(plane, says, expected, x)
    answer = _says(float(given.tree_answers(tree, x)[0]))
    words = f"At ({_says(x[0, 0])}, {_says(x[0, 1])}) the tree says {answer}. "
    if parameters == "unsolved":
        network.text(0.5, 0.5, "Your network appears here,\nonce tree_to_network is solved.", ha="center", va="center")
        return figure, words + "A network of it: one unit for each question, one for each leaf, then the answer."
    layers = _activations(x, parameters)
    _draw_network(network, parameters, layers)
    wrong = np.mean(np.abs(says - expected) > 1e-9)
    sizes = hidden_units(parameters)
    words += f"The network says {_says(layers[-1][0])}; its hidden layers have {' and '.join(map(str, sizes))} units. "
    if wrong:
        return figure, words + f"Network and tree differ at {wrong:.0%} of the plane (orange dots)."
    on = [int(layer.sum()) for layer in layers[1:-1]]
    return (
        figure,
        words + f"Network and tree agree everywhere. For this point {' and '.join(map(str, on))} of them say 1.",
    )


def _one_output(outputs: np.ndarray) -> np.ndarray:
    if outputs.shape[1] != 1:
        raise ValueError(f"the network has {outputs.shape[1]} outputs; a tree gives one number")
    return outputs[:, 0]


def _draw_regions(axes: Axes, says: np.ndarray, expected: np.ndarray, x: np.ndarray) -> None:
    low, high = min(expected.min(), 0.0), max(expected.max(), 1e-9)
    picture = says.reshape(len(SPAN), len(SPAN))
    axes.imshow(picture, origin="lower", extent=(-3, 3, -3, 3), cmap="cividis", vmin=low, vmax=high, aspect="auto")
    wrong = GRID[np.abs(says - expected) > 1e-9][::11]
    axes.plot(*wrong.T, ".", color=ORANGE, ms=4)
    for value in np.unique(expected):
        inside = GRID[expected == value]
        place = inside[np.argmin(np.sum((inside - inside.mean(axis=0)) ** 2, axis=1))]
        axes.text(*place, _says(value), ha="center", va="center", bbox={"fc": "white", "ec": "none", "pad": 1.5})
    axes.plot(*x.T, "X", color=ORANGE, mec="white", ms=12, zorder=5)


def _activations(x: np.ndarray, parameters: list) -> list[np.ndarray]:
    """Return what each layer says about one point, the input first."""
    layers = [x[0]]
    for k in range(1, len(parameters) + 1):
        # The first layers and an identity: what comes out has gone through the step.
        width = np.shape(parameters[k - 1][1])[0]
        through = [*parameters[:k], (np.eye(width), np.zeros(width))] if k < len(parameters) else parameters
        layers.append(step_network(x, through)[0])
    return layers


MOST_DRAWN = 24


def _draw_network(axes: Axes, parameters: list, layers: list) -> None:
    axes.set(xlim=(-0.25, len(layers) - 0.75), ylim=(-0.06, 1.08))
    heights = [np.linspace(1, 0, len(layer) + 2)[1:-1] for layer in layers]
    if max(map(len, layers)) > MOST_DRAWN:
        axes.text(0.5, 0.5, f"more than {MOST_DRAWN} units in a layer", ha="center", transform=axes.transAxes)
        return
    for k, (W, _) in enumerate(parameters):
        for i, j in np.argwhere(np.asarray(W) != 0):
            positive = np.asarray(W)[i, j] > 0
            colour, dashes = (BLUE, "-") if positive else (ORANGE, "--")
            axes.plot([k, k + 1], [heights[k][i], heights[k + 1][j]], color=colour, ls=dashes, lw=1.2, zorder=1)
    for k, (layer, ys) in enumerate(zip(layers, heights, strict=True)):
        hidden = 0 < k < len(layers) - 1
        for j, (value, y) in enumerate(zip(layer, ys, strict=True)):
            colour = YELLOW if hidden and value else "white"
            axes.plot([k], [y], "o", ms=15, color=colour, mec="black", zorder=2)
            axes.text(k, y, _says(float(value)), ha="center", va="center", fontsize=8, zorder=3)
            if k == 1 and hidden:
                question, box = _question(parameters[0], j), {"fc": "white", "ec": "none", "pad": 0.8}
                axes.text(k, y + 0.055, question, ha="center", va="bottom", fontsize=8, zorder=1.5, bbox=box)
    axes.text(0, -0.05, "blue: positive weight, orange: negative, yellow: says 1", fontsize=8.5, ha="left")


def _question(layer: tuple, j: int) -> str:
    W, b = np.asarray(layer[0], dtype=float), np.asarray(layer[1], dtype=float)
    (used,) = np.nonzero(W[:, j])
    if len(used) != 1:
        return ""
    weight = W[used[0], j]
    return f"x[{used[0]}] {'≥' if weight > 0 else '≤'} {_says(-b[j] / weight)}"


# --- curves out of stairs and ramps -----------------------------------------------------------------

INTERVAL = (0.0, 2.0)
X = np.linspace(*INTERVAL, 1601)
UNITS = (1, 2, 4, 8, 16, 32, 64, 128)
KINDS = {"stairs": step_network, "ramps": relu_network}
COLOURS = {"stairs": ORANGE, "ramps": GREEN}


def largest_error(network: Callable, parameters: list, f: Callable, interval: tuple[float, float]) -> float:
    """Return the largest distance between a network with one input and a function, on a fine grid of an interval.

    Parameters
    ----------
    network : callable
        `step_network` or `relu_network`.
    parameters : list of (W, b)
    f : callable
    interval : tuple of float
    """
    x = np.linspace(*interval, 4001)
    return float(np.abs(_one_output(network(x[:, None], parameters)) - f(x)).max())


def _first_units(kind: str, parameters: list, shown: int) -> np.ndarray:
    """Return the sum of the first hidden units of a network, in the order in which they come on."""
    if not isinstance(parameters, list | tuple) or len(parameters) != 2:
        return _one_output(KINDS[kind](X[:, None], parameters))
    (W, b), (V, c) = ([np.asarray(part, dtype=float) for part in layer] for layer in parameters)
    with np.errstate(all="ignore"):
        order = np.argsort(np.nan_to_num(-b / W[0]), kind="stable")[:shown]
    return _one_output(KINDS[kind](X[:, None], [(W[:, order], b[order]), (V[order], c)]))


CURVES = {f"f(x) = {text}": text for text in ("sin(3*x) + x/2", "x**2", "abs(x)")}


@for_browsers
def explore_curves(staircase: Callable | None = None, polyline: Callable | None = None) -> Explorer:
    """Add up stairs or ramps until they are a curve of one's own; the error against the units.

    Parameters
    ----------
    staircase, polyline : callable, optional
        The student's. Without them given curves are shown, after a prediction.
    """
    own = {"stairs": _own_if_any(staircase, None, np.sin, 3, INTERVAL)}
    own["ramps"] = _own_if_any(polyline, None, np.sin, 3, INTERVAL)
    builders = {kind: builder for kind, (builder, _) in own.items()}
    figure, left, right = _curve_axes()

    @cache
    def errors(text, kind):
        f = _checked(text)
        return [np.abs(_curve(kind, builders[kind], f, n, n) - f(X)).max() for n in UNITS]

    def draw(text, kind, units, shown):
        f, shown = _checked(text), min(shown, units)
        curve = _curve(kind, builders[kind], f, units, shown)
        return _draw_curves(figure, left, right, f, curve, kind, units, shown, errors(text, kind))

    style = {"description_width": "7em"}
    return Explorer(
        draw,
        {
            "text": widgets.Text("sin(3*x) + x/2", description="f(x) =", style=style, continuous_update=False),
            "kind": widgets.ToggleButtons(options=list(KINDS), description="made of", style=style),
            "units": widgets.IntSlider(8, min=1, max=64, description="units", style=style),
            "shown": widgets.IntSlider(5, min=0, max=64, description="first", style=style),
        },
        **_prediction(
            staircase,
            "Twice as many units: what becomes of the largest error?",
            ("half with stairs, half with ramps", "half with stairs, a quarter with ramps", "a quarter with both"),
        ),
        stops={"text": CURVES, "kind": None, "units": {str(n): n for n in (1, 2, 4, 8, 16, 32, 64)}},
        source="; ".join(dict.fromkeys(whose for _, whose in own.values() if whose)),
    )


def _checked(text: str) -> Callable:
    f = typed_function(text)
    bad = ~np.isfinite(f(X))
    if bad.any():
        raise ValueError(f"f is not finite at x = {_says(float(X[bad][0]))}; the interval is 0 to 2")
    return f


def _curve(kind: str, build: Callable | None, f: Callable, units: int, shown: int) -> np.ndarray:
    if build is None:
        return given.first_pieces(kind, f, X, units, shown)
    return _first_units(kind, build(f, units, INTERVAL), shown)


def _curve_axes() -> tuple[Figure, Axes, Axes]:
    figure, left, right = _beside(8.6, 3.6, 0.47)
    with look():
        left.set(xlim=INTERVAL, xlabel="x")
        right.set(xscale="log", yscale="log", xlim=(0.8, 160), xlabel="units", title="Largest error")
        right.set_xticks(UNITS, list(map(str, UNITS)))
        right.xaxis.set_minor_locator(NullLocator())
    return figure, left, right


def _draw_curves(figure, left, right, f, curve, kind, units, shown, errors) -> tuple[Figure, str]:
    _empty(left, right)
    y, name = f(X), f"{kind}, first {shown} of {units}"
    left.plot(X, y, color="0.55", lw=4, label="f")
    left.plot(X, curve, color=COLOURS[kind], label=name)
    room = 0.35 * max(np.ptp(y), 1.0)
    left.set(ylim=(y.min() - room, y.max() + 1.6 * room), title="Added up")
    left.legend(loc="upper left", ncols=2)
    promised = _promises(kind, y)
    right.plot(UNITS, np.maximum(promised, 1e-12), ls=":", color="0.4", label=f"promised, slope {SLOPES[kind]}")
    right.plot(UNITS, np.maximum(errors, 1e-12), "o-", color=COLOURS[kind], label=kind)
    right.axvline(units, ymin=0.28, color="0.85", lw=8, zorder=0)  # ends above the legend
    right.set_ylim(max(1e-7, 0.3 * min(errors)), 5 * max(*promised, *errors, 1e-6))
    right.legend(loc="lower left")
    error = float(np.abs(curve - y).max())
    words = f"The first {shown} of {_several(units, 'unit')}: the largest error is {_says(error)}. "
    if shown < units:
        return figure, words + "Units further right have not been added yet."
    limit = promised[0] * units ** SLOPES[kind]
    verdict = "keeps" if error <= 1.01 * limit + 1e-9 else "does not keep"
    words += f"It {verdict} the promise, {_says(float(limit))}. Twice as many units promise "
    return figure, words + ("half the error: slope -1." if kind == "stairs" else "a quarter of the error: slope -2.")


SLOPES = {"stairs": -1, "ramps": -2}


def _promises(kind: str, y: np.ndarray) -> list[float]:
    """Return the error that is promised for each number of units, from slopes and bends of the curve."""
    step, length = X[1] - X[0], INTERVAL[1] - INTERVAL[0]
    if kind == "stairs":
        return [float(np.abs(np.diff(y)).max() / step * length / n) for n in UNITS]
    return [float(np.abs(np.diff(y, 2)).max() / step**2 * (length / n) ** 2 / 8) for n in UNITS]


# --- folds ------------------------------------------------------------------------------------------

FOLDED = np.arange(1025) / 1024
DEPTHS = np.arange(1, 9)


@for_browsers
def explore_folds(sawtooth_network: Callable | None = None) -> Explorer:
    """Fold the interval by depth, and try to follow with one wide layer.

    Parameters
    ----------
    sawtooth_network : callable, optional
        The student's. Without it the tent itself is folded, after a prediction.
    """
    build, whose = _own_if_any(sawtooth_network, None, 1)
    figure, left, right = _fold_axes()

    def draw(depth, units):
        expected = given.folds(depth, FOLDED)
        y = expected if build is None else _one_output(relu_network(FOLDED[:, None], build(depth)))
        return _draw_folds(figure, left, right, depth, units, y, expected)

    style = {"description_width": "12em"}
    return Explorer(
        draw,
        {
            "depth": widgets.IntSlider(3, min=1, max=8, description="hidden layers of 2 units", style=style),
            "units": widgets.IntSlider(6, min=1, max=256, description="units in one wide layer", style=style),
        },
        **_prediction(
            sawtooth_network,
            "Six layers of two units make 64 straight pieces. How many units does one wide layer need for them?",
            ("12", "about 64", "about 4096"),
        ),
        stops={"depth": None, "units": {str(n): n for n in (2, 6, 16, 64, 256)}},
        source=whose,
    )


def _fold_axes() -> tuple[Figure, Axes, Axes]:
    figure, left, right = _beside(8.6, 3.4, 0.5)
    with look():
        left.set(xlim=(0, 1), ylim=(-0.1, 1.5), xlabel="x")
        right.set(yscale="log", xlim=(0, 17), ylim=(1.5, 400), xlabel="hidden units", title="Straight pieces")
        right.set_yticks(2**DEPTHS, [str(2**d) for d in DEPTHS])
        right.yaxis.set_minor_locator(NullLocator())
    return figure, left, right


def _draw_folds(figure, left, right, depth, units, y, expected) -> tuple[Figure, str]:
    _empty(left, right)
    wide = _first_teeth(depth, units)
    left.plot(FOLDED, y, color=BLUE, lw=1.6, label=f"{depth} layers of 2")
    left.plot(FOLDED, wide, color=ORANGE, ls="--", lw=1.4, label=f"one layer of {units}")
    left.set_title("Deep and wide")
    left.legend(loc="upper left", ncols=2)
    right.plot(2 * DEPTHS, 2**DEPTHS, "o-", color=BLUE, label="2 units a layer")
    right.plot(2 * DEPTHS, 2 * DEPTHS, "s--", color=ORANGE, label="one layer: a piece a unit")
    right.plot([2 * depth], [2**depth], "o", mfc="none", mec="black", ms=14)
    right.legend(loc="upper left")
    words = f"{_several(2 * depth, 'unit')} in {_several(depth, 'layer')} make {2**depth} straight pieces; "
    if units < 2**depth:
        words += f"one layer of {units} has bends for {units} of them, and then runs straight on. "
    else:
        words += f"one layer needs {2**depth} units for them. "
    off = float(np.abs(y - expected).max())
    if off > 1e-6:
        return figure, words + f"But the deep network is not the folded tent: it is off by {_says(off)}."
    return figure, words + "Each further layer costs 2 units and doubles the pieces; wide, it doubles the units."


def _first_teeth(depth: int, units: int) -> np.ndarray:
    """Return what one hidden layer makes of its units: each is one bend, and after the last it runs straight on."""
    slope, end = 2.0**depth, min(units / 2**depth, 1.0)
    last = slope if units % 2 else -slope
    beyond = given.folds(depth, np.array(end)) + last * (FOLDED - end)
    return np.where(end >= FOLDED, given.folds(depth, FOLDED), beyond)


# --- static pictures --------------------------------------------------------------------------------


def perceptron_figure() -> Figure:
    """Return the sixth epoch of the perceptron rule on XOR."""
    history = perceptron_history(given.perceptron_epoch, TABLES["XOR"])
    return _draw_perceptron(*_perceptron_axes(), history, "XOR", 6)[0]


def lines_figure() -> Figure:
    """Return two lines that do XOR."""
    return _draw_lines(*_line_axes(), combination="A minus B", angle_a=45, shift_a=-0.35, angle_b=45, shift_b=0.35)[0]


def tree_figure() -> Figure:
    """Return a tree's regions beside the scheme of its network: questions, leaves, answer."""
    figure, plane, network = _tree_axes()
    tree = typed_tree(TREE)
    expected = given.tree_answers(tree, GRID)
    _draw_regions(plane, expected, expected, np.array([[1.3, 1.7]]))
    _draw_scheme(network, tree)
    return figure


def _draw_scheme(axes: Axes, tree: tuple) -> None:
    axes.set(xlim=(-0.25, 3.4), ylim=(-0.06, 1.08))
    for x, text in enumerate(("inputs", "questions", "leaves", "answer")):
        axes.text(x, 1.03, text, ha="center", weight="bold")
    questions, leaves = list(_questions(tree)), list(_leaves(tree))
    columns = [["x[0]", "x[1]"], [f"x[{f}] ≥ {_says(t)}" for f, t in questions], [_says(v) for v in leaves], ["sum"]]
    heights = [np.linspace(0.95, -0.05, len(column) + 2)[1:-1] for column in columns]
    for k, (here, there) in enumerate(pairwise(heights)):
        for y in here:
            for z in there:
                axes.plot([k, k + 1], [y, z], color="0.85", lw=0.8, zorder=1)
    for x, (column, ys) in enumerate(zip(columns, heights, strict=True)):
        for text, y in zip(column, ys, strict=True):
            box = {"fc": SKY if x in (1, 2) else "white", "ec": "0.4", "boxstyle": "round,pad=0.35"}
            axes.text(x, y, text, ha="center", va="center", fontsize=9, bbox=box, zorder=2)


def _questions(tree) -> Iterator[tuple[int, float]]:
    if isinstance(tree, tuple):
        yield tree[0], tree[1]
        for half in tree[2:]:
            yield from _questions(half)


def _leaves(tree) -> Iterator[float]:
    if not isinstance(tree, tuple):
        yield tree
        return
    for half in tree[2:]:
        yield from _leaves(half)


def curves_figure() -> Figure:
    """Return stairs and ramps beside a curve, and the errors of both against the units."""
    figure, left, right = _curve_axes()
    f = typed_function("sin(3*x) + x/2")
    left.plot(X, f(X), color="0.55", lw=4, label="f")
    for kind in KINDS:
        left.plot(X, given.first_pieces(kind, f, X, 8, 8), color=COLOURS[kind], label=f"8 {kind}")
        errors = [np.abs(given.first_pieces(kind, f, X, n, n) - f(X)).max() for n in UNITS]
        right.plot(UNITS, errors, "o-", color=COLOURS[kind], label=f"{kind}: slope {SLOPES[kind]}")
    left.set(ylim=(-0.9, 2.4), title="Eight units")
    left.legend(loc="upper right", ncols=3)
    right.set_ylim(1e-5, 20)
    right.legend(loc="lower left")
    return figure


def folds_figure() -> Figure:
    """Return a tent folded four times, and one layer with as many units."""
    expected = given.folds(4, FOLDED)
    return _draw_folds(*_fold_axes(), 4, 8, expected, expected)[0]


FIGURES = {
    "perceptron": perceptron_figure,
    "two_lines": lines_figure,
    "tree": tree_figure,
    "curves": curves_figure,
    "folds": folds_figure,
}
