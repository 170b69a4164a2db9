"""What unit 4 is given: a gradient checker, a scalar engine, and figures of Jacobians, shapes and costs."""

import itertools
from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backprop_course.borders import FIGURES as BORDERS
from backprop_course.borders import explore_borders
from backprop_course.explorer import (
    BLUE,
    GREEN,
    ORANGE,
    Explorer,
    for_browsers,
    joint_source,
    new_figure,
    own_or_given,
    wipe,
)
from backprop_course.given import vector_jacobians as given
from backprop_course.given.vector_jacobians import (
    Value,
    as_values,
    backward,
    complex_step_jacobian,
    gradient_check,
    gradients_of,
)
from backprop_course.graph_pictures import edges_svg

__all__ = [
    "Value",
    "as_values",
    "backward",
    "chain_costs",
    "explore_borders",
    "explore_jacobian",
    "gradient_check",
    "gradients_of",
    "shape_puzzle",
]

# --- Explorer: the Jacobian and the VJP of a small layer --------------------------------------------

D, K = 3, 4
LAYERS = ["linear layer, from X", "linear layer, from W", "relu", "tanh", "softmax"]
UPSTREAM = ["random for every output", "1 for the first output", "1 for the last output"]


def _softmax(Z):
    weights = np.exp(Z - Z.real.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def _linear(N: int) -> dict:
    rng = np.random.default_rng(N)
    return {"X": rng.normal(size=(N, D)), "W": rng.normal(size=(D, K)), "b": rng.normal(size=K)}


def _forward(layer: str, N: int) -> tuple[Callable, np.ndarray]:
    """Return a layer's function of one argument, and where to differentiate it."""
    given = _linear(N)
    Z = given["X"] @ given["W"] + given["b"]
    return {
        "linear layer, from X": (lambda X: X @ given["W"] + given["b"], given["X"]),
        "linear layer, from W": (lambda W: given["X"] @ W + given["b"], given["W"]),
        "relu": (lambda Z: np.where(Z.real > 0, Z, 0), Z),
        "tanh": (np.tanh, Z),
        "softmax": (_softmax, Z),
    }[layer]


def _by_jacobian(layer: str) -> Callable:
    def pull_back(G):
        forward, A = _forward(layer, len(G))
        return (G.ravel() @ complex_step_jacobian(forward, A)).reshape(A.shape)

    return pull_back


def _upstream(kind: str, N: int) -> np.ndarray:
    if kind == UPSTREAM[0]:
        return np.random.default_rng(10 + N).normal(size=(N, K))
    G = np.zeros(N * K)
    G[0 if kind == UPSTREAM[1] else -1] = 1.0
    return G.reshape(N, K)


def _pull_backs(linear_backward, relu_vjp, tanh_vjp, softmax_vjp) -> dict[str, tuple[Callable, str]]:
    """Return, by layer, what pulls G back and whose function it is."""

    def own(function, layer, of):
        stand_in = _by_jacobian(layer)
        N = 2
        pull_back, whose = own_or_given(function, lambda *_: None, *_arguments(layer, np.ones((N, K))))
        if pull_back is function:
            return (lambda G: of(function(*_arguments(layer, G)))), whose
        return stand_in, whose

    def whole(result):
        return result

    return {
        LAYERS[0]: own(linear_backward, LAYERS[0], lambda result: result[0]),
        LAYERS[1]: own(linear_backward, LAYERS[1], lambda result: result[1]),
        "relu": own(relu_vjp, "relu", whole),
        "tanh": own(tanh_vjp, "tanh", whole),
        "softmax": own(softmax_vjp, "softmax", whole),
    }


def _arguments(layer: str, G: np.ndarray) -> tuple:
    forward, A = _forward(layer, len(G))
    if layer.startswith("linear"):
        given = _linear(len(G))
        return G, given["X"], given["W"]
    return (G, A) if layer == "relu" else (G, forward(A))


@for_browsers
def explore_jacobian(
    linear_backward: Callable, relu_vjp: Callable, tanh_vjp: Callable, softmax_vjp: Callable
) -> Explorer:
    """Show the whole Jacobian of a small layer beside the vector-Jacobian product that replaces it.

    Parameters
    ----------
    linear_backward, relu_vjp, tanh_vjp, softmax_vjp : callable
        The student's functions.
    """
    pull_backs = _pull_backs(linear_backward, relu_vjp, tanh_vjp, softmax_vjp)
    figure = new_figure(7.0, 4.6)

    def draw(layer, rows, upstream):
        pull_back, whose = pull_backs[layer]
        return _draw_jacobian(figure, layer, rows, upstream, pull_back, whose)

    wide = {"description_width": "110px"}
    return Explorer(
        draw,
        {
            "layer": widgets.Dropdown(options=LAYERS, value=LAYERS[0], description="layer", style=wide),
            "rows": widgets.IntSlider(value=3, min=1, max=4, description="batch N (rows)", style=wide),
            "upstream": widgets.Dropdown(
                options=UPSTREAM, value=UPSTREAM[0], description="upstream gradient", style=wide
            ),
        },
        question="A linear layer maps 3 rows X to 3 rows Z. Which part of its 12 x 9 Jacobian can differ from 0?",
        choices=["all of it", "one block for each row", "the diagonal only"],
        stops={"layer": None, "rows": None, "upstream": None},
        truth="one block for each row",
        why="No row of Z reads another row of X.",
    )


def _draw_jacobian(figure: Figure, layer, rows, upstream, pull_back, whose) -> tuple[Figure, str]:
    forward, A = _forward(layer, rows)
    J, G = complex_step_jacobian(forward, A), _upstream(upstream, rows)
    pulled = np.asarray(pull_back(G.copy()), dtype=float)
    if pulled.shape != A.shape:
        raise ValueError(f"{whose} gives shape {pulled.shape}; the gradient of an input {A.shape} has its shape")
    figure.set_layout_engine("none")  # fixed places: a computed layout takes as long as the drawing
    m, n = J.shape
    margins = {"left": 0.06, "right": 0.98, "top": 0.92, "bottom": 0.12, "wspace": 0.06, "hspace": 0.06}
    grid = figure.add_gridspec(2, 2, width_ratios=[1, max(n, 6)], height_ratios=[max(m, 6), 1], **margins)
    places = (grid[0, 0], grid[0, 1], grid[1, 1])
    shown = (G.reshape(-1, 1), J, pulled.reshape(1, -1))
    titles = ("g", f"Jacobian: {m} outputs x {n} inputs", "")
    for axes, place, numbers, title in zip(figure.axes or _heat_axes(figure), places, shown, titles, strict=True):
        axes.set_subplotspec(place)
        _heat(axes, numbers, title)
    _name_entries(figure.axes, "z" if layer.startswith("linear") else "a", layer, G.shape, A.shape)
    scales = ", ".join(f"{name} {np.abs(a).max():.2g}" for name, a in zip(("g", "J", "g J"), shown, strict=True))
    figure.axes[2].set_xlabel(f"g J.  Orange positive, purple negative, grey 0; darkest: {scales}", labelpad=2)
    gap = np.abs(pulled.ravel() - G.ravel() @ J).max()
    verdict = "It agrees with g J" if gap < 1e-9 else f"It differs from g J by up to {gap:.2g}"
    words = (
        f"The Jacobian has {m} x {n} = {m * n} entries, {np.count_nonzero(J)} of them not 0. "
        f"The strip below it, {n} numbers, comes from {whose}. {verdict}, without the matrix."
    )
    return figure, words


def _heat_axes(figure: Figure) -> list:
    """Make axes for three matrices: doing so again at each redraw takes longer than drawing."""
    for _ in range(3):
        axes = figure.add_subplot()
        axes.set_facecolor("0.88")  # what is exactly 0
        axes.set(xticks=[], yticks=[])
        axes.grid(False)
        for spine in axes.spines.values():
            spine.set_visible(False)
    return figure.axes


def _name_entries(axes: list, output: str, layer: str, outputs: tuple, inputs: tuple) -> None:
    """Name the Jacobian's rows beside g, and its columns below g J."""
    name = {"linear layer, from X": "x", "linear layer, from W": "w"}.get(layer, "z")
    for ticks, letter, shape in ((axes[0].set_yticks, output, outputs), (axes[2].set_xticks, name, inputs)):
        places = np.arange(np.prod(shape)) + 0.5
        ticks(places, [f"{letter}{i + 1}{j + 1}" for i, j in np.ndindex(*shape)], fontsize=8)
    for side in (axes[0], axes[2]):
        side.tick_params(length=0, pad=2)


def _heat(axes, numbers: np.ndarray, title: str) -> None:
    limit = max(np.abs(numbers).max(), 1e-12)
    for old in list(axes.collections):
        old.remove()
    shown = np.ma.masked_equal(numbers, 0.0)
    axes.pcolormesh(shown, cmap="PuOr_r", vmin=-limit, vmax=limit, edgecolors="white", linewidth=0.8)
    height, width = numbers.shape
    axes.set(title=title, xlim=(0, width), ylim=(height, 0))


# --- Explorer: the shape puzzle ---------------------------------------------------------------------

FACTORS = {"X": "ND", "X.T": "DN", "W": "DK", "W.T": "KD", "G": "NK", "G.T": "KN"}
TARGETS = {"dX": "ND", "dW": "DK"}
LETTERS = {"N": BLUE, "D": ORANGE, "K": GREEN}


@for_browsers
def shape_puzzle(linear_backward: Callable) -> Explorer:
    """Find the product of two factors that has the shape, and the numbers, of a gradient.

    Parameters
    ----------
    linear_backward : callable
        The student's function, whose gradients the products are compared with.
    """
    example = _puzzle_arrays(2, 3, 4)
    function, whose = own_or_given(linear_backward, given.linear_backward, example["G"], example["X"], example["W"])
    figure = new_figure(7.0, 2.6)

    def draw(N, D, K, target, left, right):
        return _draw_puzzle(figure, {"N": N, "D": D, "K": K}, target, left, right, function)

    def length(name, meaning, value):
        return widgets.IntSlider(
            value=value, min=1, max=8, description=f"{name} ({meaning})", style={"description_width": "90px"}
        )

    def factor(name, value):
        return widgets.Dropdown(
            options=list(FACTORS), value=value, description=name, style={"description_width": "90px"}
        )

    return Explorer(
        draw,
        {
            "N": length("N", "rows", 4),
            "D": length("D", "inputs", 3),
            "K": length("K", "outputs", 5),
            "target": widgets.ToggleButtons(options=list(TARGETS), value="dW", description="gradient"),
            "left": factor("left factor", "X"),
            "right": factor("right factor", "G"),
        },
        question="Of the 36 products of two factors, how many have the shape of dW when N = D = K?",
        choices=["1", "4", "36"],
        stops={"target": None, "left": None, "right": None},
        truth="36",
        why="With equal lengths every product fits, so shapes no longer tell a right one from a wrong one.",
        source=whose,
    )


def _puzzle_arrays(N: int, D: int, K: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    X, W, G = rng.normal(size=(N, D)), rng.normal(size=(D, K)), rng.normal(size=(N, K))
    return {"X": X, "X.T": X.T, "W": W, "W.T": W.T, "G": G, "G.T": G.T}


def _draw_puzzle(figure: Figure, lengths, target, left, right, function) -> tuple[Figure, str]:
    (a, b), (c, d), wanted = FACTORS[left], FACTORS[right], TARGETS[target]
    arrays = _puzzle_arrays(**lengths)
    gradient = np.asarray(function(arrays["G"], arrays["X"], arrays["W"])[("dX", "dW").index(target)])
    fits = lengths[b] == lengths[c]
    product = arrays[left] @ arrays[right] if fits else None
    wipe(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    x = _draw_shape(axes, 0.0, left, a + b, "", lengths)
    x = _draw_shape(axes, x, right, c + d, "@", lengths)
    x = _draw_shape(axes, x, "product", a + d if fits else "", "=", lengths)
    x = _draw_shape(axes, x, target, wanted, "", lengths)
    axes.set(xlim=(-1.2, max(x, 26)), ylim=(-4.9, 4.6), aspect="equal")
    axes.axis("off")
    return figure, _judge_product(left, right, target, lengths, product, gradient)


def _draw_shape(axes, x, name, letters, sign, lengths) -> float:
    """Draw a matrix as a rectangle, its edges coloured by what they count; return where the next one goes."""
    axes.text(x, 0, sign, ha="center", va="center", fontsize=15)
    x += 2.0 if sign else 0.3
    if not letters:
        axes.text(x, 0, "no product", va="center", color="0.35")
        return x + 6.0
    height, width = (0.85 * lengths[letter] for letter in letters)
    top, face = height / 2, "0.9" if name in TARGETS else "white"
    axes.add_patch(Rectangle((x, -top), width, height, facecolor=face, edgecolor="0.6", linewidth=0.8))
    rows, columns = LETTERS[letters[0]], LETTERS[letters[1]]
    axes.plot([x, x], [-top, top], color=rows, linewidth=4, solid_capstyle="butt")
    axes.plot([x, x + width], [top, top], color=columns, linewidth=4, solid_capstyle="butt")
    axes.text(x - 0.25, 0, letters[0], color=rows, ha="right", va="center", weight="bold")
    axes.text(x + width / 2, top + 0.25, letters[1], color=columns, ha="center", weight="bold")
    axes.text(x + width / 2, -top - 0.35, f"shape of {name}" if name in TARGETS else name, ha="center", va="top")
    return x + width + 1.2


def _judge_product(left, right, target, lengths, product, gradient) -> str:
    (a, b), (c, d), wanted = FACTORS[left], FACTORS[right], TARGETS[target]

    def size(letters):
        return f"({', '.join(letters)}) = ({', '.join(str(lengths[letter]) for letter in letters)})"

    words = f"{left} is {size(a + b)}, {right} is {size(c + d)}, {target} is {size(wanted)}. "
    if product is None:
        words += f"The inner lengths {b} = {lengths[b]} and {c} = {lengths[c]} differ, so there is no product. "
    elif product.shape != tuple(lengths[letter] for letter in wanted):
        words += f"The product has the shape ({a}, {d}) = {product.shape}, which is not {target}'s. "
    else:
        same = product.shape == gradient.shape and np.allclose(product, gradient)
        verdict = "its numbers agree with it" if same else "but other numbers"
        words += f"The product has {target}'s shape, {'and ' if same else ''}{verdict}. "
        if a + d != wanted or b != c:
            words += "It fits only because different letters stand for equal lengths here. "
    count = sum(
        (lengths[FACTORS[one][1]] == lengths[FACTORS[two][0]])
        and (lengths[FACTORS[one][0]], lengths[FACTORS[two][1]]) == tuple(lengths[letter] for letter in wanted)
        for one in FACTORS
        for two in FACTORS
    )
    return words + f"Products with the right shape at these lengths: {count} of 36."


# --- Explorer: the cost of both orders --------------------------------------------------------------


class Counted(np.ndarray):
    """An array that counts the multiplications done with it.

    ``Counted.multiplications`` is the number since it was last set to 0.
    """

    multiplications = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        plain = [np.asarray(a) for a in inputs]
        if out is not None:
            options["out"] = tuple(np.asarray(a) for a in out)
        result = getattr(ufunc, method)(*plain, **options)
        if ufunc is np.matmul:
            Counted.multiplications += np.size(result) * plain[0].shape[-1]
        elif ufunc is np.multiply and method == "__call__":
            Counted.multiplications += np.size(result)
        return result.view(Counted) if isinstance(result, np.ndarray) else result

    def __array_function__(self, function, types, arguments, options):
        if function is np.dot:
            return np.matmul(*arguments)
        return super().__array_function__(function, types, arguments, options)

    def dot(self, other, out=None):
        """Return the matrix product, counted."""
        return np.matmul(self, other)


def _count(function: Callable, *arguments) -> int:
    Counted.multiplications = 0
    function(*arguments)
    return Counted.multiplications


def _several(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@for_browsers
def chain_costs(jvp_chain: Callable, vjp_chain: Callable) -> Explorer:
    """Count the multiplications that a whole Jacobian, or one gradient, takes in either order.

    Parameters
    ----------
    jvp_chain, vjp_chain : callable
        The student's functions; their multiplications are counted while they run.
    """
    example = [np.ones((2, 3)), np.ones((4, 2))]
    forward, whose_forward = own_or_given(jvp_chain, given.jvp_chain, example, np.ones(3))
    reverse, whose_reverse = own_or_given(vjp_chain, given.vjp_chain, np.ones(4), example)
    figure = new_figure(7.0, 3.0)

    def draw(inputs, width, outputs, depth):
        return _draw_costs(figure, inputs, width, outputs, depth, forward, reverse)

    def slider(name, value, low, high):
        return widgets.IntSlider(value=value, min=low, max=high, description=name, style={"description_width": "110px"})

    source = joint_source(whose_forward, whose_reverse)
    return Explorer(
        draw,
        {
            "inputs": slider("inputs n", 100, 1, 100),
            "width": slider("hidden width", 20, 1, 100),
            "outputs": slider("outputs m", 1, 1, 100),
            "depth": slider("layers", 4, 1, 10),
        },
        question="A network has 100 inputs and 1 output. How many passes give all 100 derivatives?",
        choices=["100 forward or 1 reverse", "1 forward or 100 reverse", "100 of either kind"],
        stops={"inputs": 5, "outputs": 5, "depth": 3},
        truth="100 forward or 1 reverse",
        why="A JVP gives one column of the Jacobian, a VJP one row, and it has one row.",
        source=source,
    )


def _draw_costs(figure: Figure, inputs, width, outputs, depth, forward, reverse) -> tuple[Figure, str]:
    sizes = [inputs, *[width] * (depth - 1), outputs]
    jacobians = [np.ones((m, n)).view(Counted) for n, m in itertools.pairwise(sizes)]
    one_jvp = _count(forward, jacobians, np.ones(inputs).view(Counted))
    one_vjp = _count(reverse, np.ones(outputs).view(Counted), jacobians)
    if not one_jvp or not one_vjp:
        return "", "The multiplications could not be counted: they are done without @, np.dot or *."
    costs = [one_jvp, one_vjp, inputs * one_jvp, outputs * one_vjp]
    names = ["one JVP", "one VJP", f"Jacobian by {_several(inputs, 'JVP')}", f"Jacobian by {_several(outputs, 'VJP')}"]
    wipe(figure)
    axes = figure.add_axes((0.24, 0.2, 0.7, 0.68))
    # Logarithms on a linear axis: drawn in half the time of a logarithmic axis.
    bars = axes.barh(names, np.log10(costs), color=[BLUE, ORANGE, BLUE, ORANGE])
    axes.bar_label(bars, [f"{cost:,}" for cost in costs], padding=4)
    powers = range(0, 9, 2)
    axes.set(xlim=(0, 8.4), xticks=powers, xticklabels=[f"{10**k:,}" for k in powers])
    axes.set(xlabel="multiplications", title="Forward (blue) and reverse (orange)")
    axes.invert_yaxis()
    axes.grid(False, axis="y")
    cheap, dear = sorted(costs[2:])
    better = (
        "Both orders cost the same"
        if cheap == dear
        else (f"{'Reverse' if costs[3] < costs[2] else 'Forward'} order is {dear / cheap:,.3g} times cheaper")
    )
    whole = f"{_several(depth, 'Jacobian')} from {_several(inputs, 'input')} to {_several(outputs, 'output')}"
    words = f"{whole}. A JVP gives one column of the whole Jacobian, a VJP one row. {better} for the whole Jacobian."
    return figure, words


# --- Static pictures --------------------------------------------------------------------------------


def jacobian_figure() -> Figure:
    """Draw the Jacobian of a linear layer for three rows: a block for each row."""
    return _draw_jacobian(
        new_figure(7.0, 4.6), LAYERS[0], 3, UPSTREAM[0], _by_jacobian(LAYERS[0]), "the given function"
    )[0]


def shapes_figure() -> Figure:
    """Draw a product of two factors that has the shape of dX."""
    lengths = {"N": 4, "D": 3, "K": 5}
    return _draw_puzzle(new_figure(7.0, 2.6), lengths, "dX", "G", "W.T", given.linear_backward)[0]


def costs_figure() -> Figure:
    """Draw the multiplications for 100 inputs and one output."""
    return _draw_costs(new_figure(7.0, 3.0), 100, 20, 1, 4, given.jvp_chain, given.vjp_chain)[0]


def edges_figure() -> str:
    """Draw y = (x1 x2, x2 x3) at (1, 2, 3) and a loss behind it as a graph, with the slope at each edge."""
    layer = [("x1", "y1", 2), ("x2", "y1", 1), ("x2", "y2", 3), ("x3", "y2", 2)]
    return edges_svg([*layer, ("y1", "L", 10), ("y2", "L", 1)])


FIGURES = {
    "edges": edges_figure,
    "jacobian": jacobian_figure,
    "shapes": shapes_figure,
    "costs": costs_figure,
    **BORDERS,
}
