"""Unit 6: a grid to draw a digit on, what a network makes of it, and where more ink would help."""

from collections.abc import Callable
from functools import partial

import ipywidgets as widgets
import numpy as np
import traitlets
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backprop_course.digits import load_digits
from backprop_course.explorer import (
    BLUE,
    ORANGE,
    Explorer,
    button_row,
    for_browsers,
    look,
    new_figure,
    own_or_given,
)
from backprop_course.given import mlp_training as given

LABELS = {"description_width": "8.5em"}
WIDE = widgets.Layout(width="27em")
FULL = 16
PENS = {"soft pen": "soft", "full cell": "full", "eraser": "none"}
THE_LIKELIEST = "the likeliest"


class InkGrid(widgets.GridBox):
    """Eight by eight cells to click, each holding ink from 0 to 16; `value` is a tuple of 64 integers.

    Parameters
    ----------
    value : sequence of 64 int
        Ink, row by row.
    """

    description = "image"
    value = traitlets.Tuple()

    def __init__(self, value=(0,) * 64):
        self.pen = "soft"
        cell = widgets.Layout(width="30px", height="30px", padding="0", margin="0", border="1px solid #999")
        self.cells = [widgets.Button(layout=cell) for _ in range(64)]
        for k, button in enumerate(self.cells):
            button.on_click(partial(self._clicked, k))
        layout = widgets.Layout(grid_template_columns="repeat(8, 30px)", grid_gap="0", width="242px", flex="0 0 auto")
        super().__init__(self.cells, layout=layout)
        self.observe(self._paint, names="value")
        self.value = tuple(int(ink) for ink in value)
        self._paint()

    def _clicked(self, k: int, _button) -> None:
        ink = list(self.value)
        if self.pen == "soft":
            row, column = divmod(k, 8)
            beside = [(row, column - 1), (row, column + 1), (row - 1, column), (row + 1, column)]
            for r, c in beside:
                if 0 <= r < 8 and 0 <= c < 8:
                    ink[8 * r + c] = max(ink[8 * r + c], 5)
            ink[k] = FULL
        else:
            ink[k] = FULL if self.pen == "full" and ink[k] < FULL else 0
        self.value = tuple(ink)

    def _paint(self, _change=None) -> None:
        for k, (button, ink) in enumerate(zip(self.cells, self.value, strict=True)):
            button.style.button_color = _ink_colour(ink)
            button.tooltip = f"row {k // 8 + 1}, column {k % 8 + 1}: ink {ink} of 16"


def _ink_colour(ink: int) -> str:
    level = round(255 - 235 * min(max(ink, 0), FULL) / FULL)
    return f"#{level:02x}{level:02x}{min(level + 12, 255):02x}"


def input_gradient(mlp_forward: Callable, mlp_backward: Callable, parameters: list, x, label: int):
    """Return probabilities of one image, and the gradient of log p(label) with respect to its pixels.

    A single image's bias gradient in the first layer is the gradient of its pre-activations; sent back through
    the weights, it is the gradient of the pixels.

    Parameters
    ----------
    mlp_forward, mlp_backward : callable
        The student's functions.
    parameters : list of (W, b)
    x : ndarray, shape (64,)
    label : int

    Returns
    -------
    probabilities : ndarray, shape (10,)
    gradient : ndarray, shape (64,)
    """
    logits, cache = mlp_forward(x[None], parameters)
    (_, db), *_ = mlp_backward(cache, logits, np.array([label]), parameters, 0.0)
    return _probabilities(logits[0]), -(parameters[0][0] @ db)


def _answer(x, network: list) -> int:
    probabilities, _ = given.input_gradient(network, x, 0)
    return int(np.argmax(probabilities))


def _probabilities(z) -> np.ndarray:
    return np.exp(z - np.logaddexp.reduce(z))


@for_browsers
def explore_digit(mlp_forward: Callable, mlp_backward: Callable, parameters: list | None = None) -> Explorer:
    """Return a grid to draw a digit on, with its probabilities and the gradient of its pixels.

    Parameters
    ----------
    mlp_forward, mlp_backward : callable
        The student's functions.
    parameters : list of (W, b), optional
        The student's trained network; without one, the course's own is taken.
    """
    network = parameters or given.trained_network()
    whose = "your network" if parameters else "a network that the course trained"

    def own(x, label):
        return input_gradient(mlp_forward, mlp_backward, network, x, label)

    own.__name__ = "mlp_backward"
    derive, source = own_or_given(own, partial(given.input_gradient, network), np.zeros(64), 0)
    with look():
        picture = _DigitPicture(derive, network)
    grid = InkGrid(_test_ink(0))
    controls = {
        "ink": grid,
        "target": widgets.Dropdown(
            options=[THE_LIKELIEST, *map(str, range(10))], description="gradient of", style=LABELS, layout=WIDE
        ),
    }
    explorer = Explorer(
        lambda **values: picture.draw(**values),
        controls,
        question="The network is quite sure of this digit. Where would more ink make it surer still?",
        choices=("on its strokes", "everywhere alike", "where it differs from its rivals"),
        truth="where it differs from its rivals",
        why="log p of a class also rises when the other logits fall.",
        source=f"{whose} and {source}",
        stops={"ink": {f"test digit {k}": _test_ink(k) for k in range(4)}, "target": None},
    )
    _arrange(explorer, picture, grid)
    return explorer


def _arrange(explorer: Explorer, picture: "_DigitPicture", grid: InkGrid) -> None:
    _, _, X_test, y_test = load_digits()
    wrong = np.flatnonzero([_answer(x, picture.network) for x in X_test] != y_test)
    turn = {"any": 0, "wrong": -1}
    truth = widgets.HTML(f"This is test digit 0, a {y_test[0]}.")
    pen = widgets.ToggleButtons(options=PENS, style={"button_width": "auto"}, description="pen")
    pen.observe(lambda change: setattr(grid, "pen", change["new"]), names="value")

    def load():
        turn["any"] = (turn["any"] + 1) % len(y_test)
        show(turn["any"])

    def load_wrong():
        if len(wrong):
            turn["wrong"] = (turn["wrong"] + 1) % len(wrong)
            show(int(wrong[turn["wrong"]]))

    def show(k):
        grid.value = _test_ink(k)
        truth.value = f"This is test digit {k}, a {y_test[k]}."

    def step():
        grid.value = picture.after_a_step(grid.value)
        truth.value = "One step along the gradient: the strongest cell changed by 2 of 16."

    def clear():
        grid.value = (0,) * 64
        truth.value = "Draw by clicking cells."

    actions = {
        "Load a test digit": load,
        "Load a mistake": load_wrong,
        "Step along the gradient": step,
        "Clear": clear,
    }
    *above, body = explorer.children
    _, image, svg, words = body.children
    grid.add_class("backprop-controls")
    hand = widgets.VBox([grid, truth, pen], layout=widgets.Layout(width="300px", flex="0 0 auto"))
    eye = widgets.VBox([explorer.controls["target"], image], layout=widgets.Layout(flex="1 1 480px", min_width="0"))
    side = widgets.HBox([hand, eye], layout=widgets.Layout(flex_flow="row wrap", align_items="flex-start"))
    body.children = (button_row(actions), side, svg, words)
    explorer.children = (*above, body)


def _test_ink(k: int) -> tuple[int, ...]:
    _, _, X_test, _ = load_digits()
    return tuple(int(ink) for ink in np.rint(16 * X_test[k]))


class _DigitPicture:
    """Ten probabilities on the left, the gradient of one of them with respect to the pixels on the right."""

    def __init__(self, derive: Callable, network: list):
        self.derive, self.network, self.gradient = derive, network, np.zeros(64)
        self.figure = new_figure(7.2, 3.5)
        self.figure.set_layout_engine("none")
        self._prepare_bars(self.figure.add_axes((0.05, 0.05, 0.4, 0.82)))
        self._prepare_map(self.figure.add_axes((0.5, 0.05, 0.4, 0.82)))

    def _prepare_bars(self, ax) -> None:
        self.bars = ax.barh(range(10), [0.0] * 10, color=BLUE, height=0.72)
        self.numbers = [ax.text(0, k, "", va="center", fontsize=10) for k in range(10)]
        ax.set(xlim=(0, 1.32), ylim=(9.6, -0.6), yticks=range(10), xticks=[])
        ax.grid(False)
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(length=0)
        self.bar_title = ax.set_title("", y=1.02)

    def _prepare_map(self, ax) -> None:
        self.image = ax.imshow(np.zeros((8, 8)), cmap="PuOr_r", vmin=-1, vmax=1)
        # Ink is a frame: the darker, the more.
        self.frames = [ax.add_patch(Rectangle((k % 8 - 0.4, k // 8 - 0.4), 0.8, 0.8, fill=False)) for k in range(64)]
        self.signs = [ax.text(0, 0, "", ha="center", va="center", fontsize=14, weight="bold") for _ in range(8)]
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        self.map_title = ax.set_title("", y=1.02)
        bar = self.figure.colorbar(self.image, cax=self.figure.add_axes((0.915, 0.09, 0.018, 0.74)), ticks=[-1, 0, 1])
        bar.ax.set_yticklabels(["less\nink", "0", "more\nink"], fontsize=9)
        bar.outline.set_visible(False)

    def draw(self, *, ink, target) -> tuple[Figure, str]:
        """Show the network's opinion of an image."""
        x = np.asarray(ink, dtype=float) / 16
        best = _answer(x, self.network)
        label = best if target == THE_LIKELIEST else int(target)
        p, gradient = (np.asarray(a, dtype=float) for a in self.derive(x, label))
        if p.shape != (10,) or gradient.shape != (64,):
            raise ValueError(f"shapes {p.shape} and {gradient.shape} came back for ten classes and 64 pixels")
        self.gradient = gradient
        self._show_bars(p)
        self._show_map(x, gradient, label)
        return self.figure, _digit_words(p, gradient, label)

    def _show_bars(self, p) -> None:
        best = int(np.argmax(p))
        for k, (bar, number) in enumerate(zip(self.bars, self.numbers, strict=True)):
            bar.set_width(float(p[k]))
            bar.set_color(ORANGE if k == best else BLUE)
            number.set_x(float(p[k]) + 0.02)
            number.set_text(_percent(p[k]))
            number.set_weight("bold" if k == best else "normal")
        self.bar_title.set_text(f"Probabilities: {best} with {p[best]:.1%}")

    def _show_map(self, x, gradient, label) -> None:
        scale = max(float(np.max(np.abs(gradient))), 1e-300)
        self.image.set_data((gradient / scale).reshape(8, 8))
        for frame, ink in zip(self.frames, x, strict=True):
            frame.set(visible=ink > 0, edgecolor=(0, 0, 0, float(ink)), linewidth=2)
        for text, k in zip(self.signs, np.argsort(-np.abs(gradient))[: len(self.signs)], strict=True):
            share = gradient[k] / scale
            text.set_position((k % 8, k // 8))
            text.set_text("" if abs(share) < 0.2 else "+" if share > 0 else "−")
            text.set_color("white" if abs(share) > 0.6 else "black")
        self.map_title.set_text(f"Gradient of log p({label}); frames: ink")

    def after_a_step(self, ink: tuple[int, ...]) -> tuple[int, ...]:
        """Return the image after a step along the gradient that changes its strongest cell by 2."""
        scale = float(np.max(np.abs(self.gradient)))
        step = np.rint(2 * self.gradient / scale).astype(int) if scale > 0 else np.zeros(64, dtype=int)
        return tuple(int(v) for v in np.clip(np.asarray(ink) + step, 0, FULL))


def _percent(p: float) -> str:
    """Return a probability in percent, the one unit of this explorer."""
    return f"{p:.1%}" if p >= 0.0005 else "below 0.1%"


def _digit_words(p, gradient, label: int) -> str:
    order = np.argsort(-p)
    ranking = ", ".join(f"{k} {_percent(p[k])}" for k in order[:3])
    words = f"Likeliest: {ranking}."
    if not np.any(gradient):
        return f"{words} The gradient is zero everywhere."
    up, down = int(np.argmax(gradient)), int(np.argmin(gradient))
    places = f"more ink in row {up // 8 + 1}, column {up % 8 + 1}" if gradient[up] > 0 else ""
    if gradient[down] < 0:
        places += f"{' and ' if places else ''}less in row {down // 8 + 1}, column {down % 8 + 1}"
    length = np.linalg.norm(gradient)
    return f"{words} The probability of {label} grows fastest with {places}; the gradient's length is {length:.2g}."


def digit_figure() -> Figure:
    """Draw a held-out digit, its probabilities, and the gradient of its pixels."""
    picture = _DigitPicture(partial(given.input_gradient, given.trained_network()), given.trained_network())
    return picture.draw(ink=_test_ink(0), target=THE_LIKELIEST)[0]
