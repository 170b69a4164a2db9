"""Unit 2: figures for secants, and for the error of a difference quotient against its step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from backprop_course.explorer import (
    BLUE,
    GREEN,
    ORANGE,
    Explorer,
    for_browsers,
    joint_source,
    look,
    new_figure,
    own_or_given,
)
from backprop_course.given import finite_differences as given

GREY = "0.45"
COLOURS = {"forward": BLUE, "central": ORANGE}
PRECISIONS = {"float64": np.float64, "float32": np.float32}
STEPS = np.logspace(-16, 0, 97)
LOWEST, HIGHEST = 1e-15, 1e4  # of the errors shown


@dataclass(frozen=True)
class Curve:
    """A function of one number with its first three derivatives.

    Attributes
    ----------
    f, slope, second, third : callable
        Function and derivatives. `f` keeps the precision of its argument.
    kink : float, optional
        Where the slope jumps.
    """

    f: Callable
    slope: Callable
    second: Callable
    third: Callable
    kink: float | None = None


def _exp(x):
    """Return exp(x), rounded from more digits: NumPy's own ends otherwise on other processors, and errors show it."""
    return np.exp(np.asarray(x, dtype=np.longdouble)).astype(np.result_type(np.asarray(x), np.float32))


def _logistic(x):
    return 1 / (1 + np.exp(-x))


CURVES = {
    "exp(x)": Curve(_exp, _exp, _exp, _exp),
    "FAU: (2x + 9)² + 3": Curve(
        lambda x: (2 * x + 9) ** 2 + 3, lambda x: 8 * x + 36, lambda x: 8.0 + 0 * x, lambda x: 0.0 * x
    ),
    "x³": Curve(lambda x: x**3, lambda x: 3 * x**2, lambda x: 6 * x, lambda x: 6.0 + 0 * x),
    "sigmoid(x)": Curve(
        _logistic,
        lambda x: _logistic(x) * _logistic(-x),
        lambda x: _logistic(x) * _logistic(-x) * (1 - 2 * _logistic(x)),
        lambda x: _logistic(x) * _logistic(-x) * (1 - 6 * _logistic(x) * _logistic(-x)),
    ),
    "sin(50 x)": Curve(
        lambda x: np.sin(50 * x),
        lambda x: 50 * np.cos(50 * x),
        lambda x: -2500 * np.sin(50 * x),
        lambda x: -125000 * np.cos(50 * x),
    ),
    "sin(x) + 1000": Curve(lambda x: np.sin(x) + 1000, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)),
    "|x|": Curve(np.abs, lambda x: np.sign(x) if x else np.nan, lambda x: 0.0 * x, lambda x: 0.0 * x, kink=0.0),
}


STAND_INS = {"forward": given.forward_difference, "central": given.central_difference}


def _methods(forward: Callable, central: Callable) -> tuple[dict[str, Callable], str]:
    """Return the student's two methods, or what stands in for them, and whose they are."""
    own = {"forward": forward, "central": central}
    pairs = {name: own_or_given(own[name], STAND_INS[name], np.exp, 1.0, 0.1) for name in own}
    methods, sources = zip(*pairs.values(), strict=True)
    return dict(zip(pairs, methods, strict=True)), joint_source(*sources)


def _scientific(value: float) -> str:
    if value == 0 or 1e-3 <= value < 1e4:
        return f"{value:.2g}"
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace(".0e", "e")


# --- error against step -----------------------------------------------------------------------------


def measured_errors(method: Callable, curve: Curve, x: float, precision: type, steps=STEPS) -> np.ndarray:
    """Return the error of a difference quotient at each step, computed in the given precision.

    Parameters
    ----------
    method : callable
        ``method(f, x, h)``.
    curve : Curve
    x : float
        Where the derivative is taken.
    precision : type
        `numpy.float64` or `numpy.float32`.
    steps : array, shape (n,)

    Returns
    -------
    array, shape (n,)
        Absolute errors.
    """
    x = precision(x)
    with np.errstate(all="ignore"):
        quotients = [float(method(curve.f, x, h)) for h in steps.astype(precision)]
        return np.abs(np.array(quotients) - curve.slope(float(x)))


def expected_errors(name: str, curve: Curve, x: float, precision: type, steps=STEPS) -> np.ndarray:
    """Return the error that Taylor's theorem and round-off make one expect at each step.

    Parameters
    ----------
    name : str
        ``"forward"`` or ``"central"``.
    curve, x, precision, steps
        As in `measured_errors`.

    Returns
    -------
    array, shape (n,)
        Truncation plus round-off; NaN where the step reaches across a kink.
    """
    unit = np.finfo(precision).eps / 2
    cubic = abs(curve.third(x)) * steps**2 / 6
    round_off = unit * (abs(curve.f(x)) + abs(x * curve.slope(x))) / steps
    errors = round_off + cubic if name == "central" else 2 * round_off + cubic + abs(curve.second(x)) * steps / 2
    beyond = curve.kink is not None and steps > abs(x - curve.kink)
    return np.where(beyond, np.nan, errors)


class _ErrorPlot:
    """The picture of error against step: made once, then only its data change."""

    def __init__(self, methods: dict[str, Callable]):
        self.methods = methods
        with look():
            self.figure = new_figure(7.6, 4.5)
            self.figure.set_layout_engine("none")
            self.axes = self.figure.add_axes((0.105, 0.125, 0.875, 0.72))
            self._frame()
            self.lines = {(m, p): self._lines(m, p) for m in COLOURS for p in PRECISIONS}
            self.best = {key: self._label(*key) for key in self.lines}
            self.note = self.axes.text(
                1.4e-16, HIGHEST / 2.5, "in float32 x + h = x here", color="0.3", fontsize=9.5, va="top"
            )
            self.swallowed = {p: self.axes.axvspan(1e-17, 1e-16, color="0.5", alpha=0.13, lw=0) for p in PRECISIONS}
            self.rules = {p: self.axes.axvline(1, color=GREEN, lw=1.5, ls=(0, (5, 2, 1, 2))) for p in PRECISIONS}
            self.empty = self.axes.text(1e-11, 1e-5, "a kink: no derivative, no error", ha="center", fontsize=12)
            self.chosen = self.axes.axvline(1e-5, color="black", lw=1, zorder=1)

    def _frame(self):
        axes = self.axes
        axes.set(xscale="log", yscale="log", xlim=(7e-17, 1.5), ylim=(LOWEST, HIGHEST))
        axes.set(xlabel="step h", ylabel="error of the derivative")
        for axis, exponents in ((axes.xaxis, range(-16, 1, 2)), (axes.yaxis, range(-15, 5, 3))):
            axis.set_major_locator(FixedLocator([10.0**k for k in exponents]))
            axis.set_minor_locator(NullLocator())
        style = {"transform": axes.transAxes, "color": "0.35", "fontsize": 9.5, "style": "italic"}
        axes.text(0.015, 0.025, "◀ smaller h: more round-off", **style)
        axes.text(0.985, 0.025, "larger h: more truncation ▶", ha="right", **style)

    def _lines(self, method: str, precision: str) -> dict:
        colour, double = COLOURS[method], precision == "float64"
        look_of = {"marker": "o" if double else "s", "mfc": colour if double else "white", "ms": 3.4 if double else 4}
        plot = partial(self.axes.plot, [], [], color=colour)
        return {
            "measured": plot(lw=1, ls="-" if double else "--", label=f"{method}, {precision}", **look_of)[0],
            "expected": plot(lw=1.6, ls=":", alpha=0.8)[0],
            "best": plot(marker="*", ms=17, mec="black", mew=0.9, ls="-", lw=0.9, markevery=[0], zorder=5)[0],
            "here": plot(marker="o", ms=11, mfc="none", mec="black", mew=1.6, ls="", zorder=6)[0],
        }

    def _label(self, method: str, precision: str):
        row = list(COLOURS).index(method) + 2 * list(PRECISIONS).index(precision)  # none hides another
        level = 50 * LOWEST * 10**row
        return self.axes.text(1, level, "", color=COLOURS[method], fontsize=9.5, va="center", clip_on=True)

    def draw(self, curve: str, x: float, precision: str, method: str, h: float) -> tuple[Figure, str]:
        """Update the picture; return it with its description."""
        shown = [(m, p) for m in COLOURS for p in PRECISIONS if method in (m, "both") and precision in (p, "both")]
        errors = {key: measured_errors(self.methods[key[0]], CURVES[curve], x, PRECISIONS[key[1]]) for key in shown}
        for key in self.lines:
            self._update(key, key in shown, errors.get(key), CURVES[curve], x, h)
        for name, dtype in PRECISIONS.items():
            self._mark(name, dtype, precision in (name, "both"), x)
        self.chosen.set_xdata([h, h])
        self.empty.set_visible(not np.isfinite(CURVES[curve].slope(x)))
        self._legend(shown)
        return self.figure, " ".join(self._words(shown, curve, x, h))

    def _update(self, key, visible, errors, curve, x, h):
        parts, label = self.lines[key], self.best[key]
        for artist in (*parts.values(), label):
            artist.set_visible(visible)
        if not visible:
            return
        expected = expected_errors(key[0], curve, x, PRECISIONS[key[1]])
        parts["measured"].set_data(STEPS, np.maximum(errors, 1.4 * LOWEST))  # an error of 0 stays in sight
        parts["expected"].set_data(STEPS, expected)
        known = bool(np.any(np.isfinite(expected)))
        at = int(np.nanargmin(expected)) if known else 0
        label.set_visible(known)
        parts["best"].set_visible(known)
        parts["best"].set_data([STEPS[at]] * 2, [max(expected[at], 1.4 * LOWEST), LOWEST])
        here = measured_errors(self.methods[key[0]], curve, x, PRECISIONS[key[1]], np.array([h]))
        parts["here"].set_data([h], np.maximum(here, 1.4 * LOWEST))
        left = key[0] == "forward" or STEPS[at] > 0.02
        label.set(text=f"h ≈ {_scientific(STEPS[at])}", x=STEPS[at] / 1.25 if left else STEPS[at] * 1.25)
        label.set_ha("right" if left else "left")

    def _mark(self, name, dtype, visible, x):
        eps = np.finfo(dtype).eps
        edge = eps / 2 * abs(x)  # smaller steps are lost in x + h
        self.rules[name].set_xdata([np.cbrt(eps) * max(abs(x), 1)] * 2)
        self.rules[name].set_visible(visible)
        self.swallowed[name].set_bounds(1e-17, 0, max(edge - 1e-17, 0), 1)
        self.swallowed[name].set_visible(visible and edge > 1e-16)
        if name == "float32":
            self.note.set_visible(visible and x != 0)

    def _legend(self, shown):
        for old in self.figure.legends[:]:
            old.remove()
        handles = [self.lines[key]["measured"] for key in shown]
        first = self.lines[shown[0]]
        others = (
            {"expected": first["expected"], "best h expected": first["best"]} if first["best"].get_visible() else {}
        )
        others |= {"optimal_step": self.rules[shown[0][1]], "your h": first["here"]}
        self.figure.legend(
            [*handles, *others.values()],
            [*(line.get_label() for line in handles), *others],
            loc="upper left",
            bbox_to_anchor=(0.085, 1.0),
            ncols=4,
            fontsize=9.5,
            handlelength=2.2,
            columnspacing=1.4,
            frameon=False,
        )

    def _words(self, shown, curve, x, h) -> Iterator[str]:
        slope = CURVES[curve].slope(x)
        yield f"{curve} at x = {x:g} " + (f"has slope {slope:.6g}." if np.isfinite(slope) else "has a kink: no slope.")
        yield f"With h = {_scientific(h)}:"
        for method, precision in shown:
            dtype = PRECISIONS[precision]
            with np.errstate(all="ignore"):
                quotient = float(self.methods[method](CURVES[curve].f, dtype(x), dtype(h)))
            error = abs(quotient - CURVES[curve].slope(float(dtype(x))))
            expected = expected_errors(method, CURVES[curve], x, dtype)
            known = np.any(np.isfinite(expected))
            best = f", best near h = {_scientific(STEPS[np.nanargmin(expected)])}" if known else ""
            yield f"{method} in {precision} gives {quotient:.9g}" + (
                f", error {_scientific(error)}{best}." if np.isfinite(error) else "."
            )


@for_browsers
def explore_error(forward: Callable, central: Callable) -> Explorer:
    """Show the error of both difference quotients against the step, on logarithmic axes.

    Parameters
    ----------
    forward, central : callable
        ``forward(f, x, h)`` and ``central(f, x, h)``: the student's functions.

    Returns
    -------
    Explorer
        With controls for function, point, precision, method and step.
    """
    methods, source = _methods(forward, central)
    plot = _ErrorPlot(methods)
    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="min(36em, 95%)")}
    controls = {
        "curve": widgets.Dropdown(options=list(CURVES), description="function", **wide),
        "x": widgets.FloatSlider(value=1.0, min=-3, max=3, step=0.1, description="point x", **wide),
        "precision": widgets.ToggleButtons(options=[*PRECISIONS, "both"], description="numbers"),
        "method": widgets.ToggleButtons(options=[*COLOURS, "both"], value="both", description="quotient"),
        "h": widgets.FloatLogSlider(value=1e-5, min=-16, max=0, step=0.25, description="step h", **wide),
    }
    for name in ("precision", "method"):
        controls[name].style.description_width = "6em"
        controls[name].style.button_width = "6em"
    return Explorer(
        plot.draw,
        controls,
        question="The step h shrinks from 1 to 1e-16. What happens to the error of the derivative?",
        choices=["it shrinks all the way", "it shrinks, then grows", "it stays the same", "it grows all the way"],
        truth="it shrinks, then grows",
        stops={"precision": None, "h": 13},
        source=source,
    )


# --- secant and tangent -----------------------------------------------------------------------------

HALF_WIDTH = 2.2
SECANT_CURVES = [name for name in CURVES if name not in ("sin(50 x)", "sin(x) + 1000")]


class _SecantPlot:
    """The picture of secants and tangent: made once, then only its data change."""

    def __init__(self, methods: dict[str, Callable]):
        self.methods = methods
        with look():
            self.figure = new_figure(7.6, 4.2)
            self.figure.set_layout_engine("none")
            self.axes = self.figure.add_axes((0.1, 0.13, 0.88, 0.76))
            self.axes.set(xlabel="x", ylabel="f(x)")
            plot = partial(self.axes.plot, [], [])
            self.graph = plot(color="0.25", lw=2.6, label="f")[0]
            self.tangent = plot(color=GREEN, lw=2, ls="--", label="tangent", zorder=3)[0]
            self.secants = {m: plot(color=c, lw=2)[0] for m, c in COLOURS.items()}
            self.points = {
                "forward": plot(color=BLUE, marker="o", ms=13, mfc="none", mew=2, ls="")[0],
                "central": plot(color=ORANGE, marker="o", ms=8, ls="")[0],
            }
            self.centre = plot(color="black", marker="o", ms=8, ls="", zorder=5)[0]
            self.span = self.axes.plot([], [], color=GREY, lw=1.5, marker="|", ms=9)[0]
            self.span_label = self.axes.text(0, 0, "h", color="0.3", ha="center", va="bottom", fontsize=11)

    def draw(self, curve: str, x: float, h: float, method: str) -> tuple[Figure, str]:
        """Update the picture; return it with its description."""
        one, at = CURVES[curve], np.linspace(x - HALF_WIDTH, x + HALF_WIDTH, 161)
        values, y, slope = one.f(at), one.f(x), one.slope(x)
        low, high = np.min(values), np.max(values)
        margin = 0.12 * (high - low)
        self.axes.set(xlim=(at[0], at[-1]), ylim=(low - 1.6 * margin, high + margin))
        self.graph.set_data(at, values)
        self.tangent.set_data(at, y + slope * (at - x))
        self.centre.set_data([x], [y])
        words = [f"{curve} at x = {x:g}, h = {h:.3g}:"]
        words.append(f"the tangent has slope {slope:.6g}." if np.isfinite(slope) else "a kink has no tangent.")
        for name, line in self.secants.items():
            visible = method in (name, "both")
            line.set_visible(visible)
            self.points[name].set_visible(visible)
            if visible:
                words.append(self._secant(name, one, x, h, at, slope))
        level = low - 1.1 * margin
        self.span.set_data([x, x + h], [level, level])
        self.span_label.set_position((x + h / 2, level + 0.1 * margin))
        self._legend(method)
        return self.figure, " ".join(words)

    def _secant(self, name, curve, x, h, at, slope) -> str:
        quotient = float(self.methods[name](curve.f, x, h))
        ends = np.array([x, x + h] if name == "forward" else [x - h, x + h])
        start = curve.f(ends[0])
        self.secants[name].set_data(at, start + quotient * (at - ends[0]))
        self.points[name].set_data(ends, curve.f(ends))
        self.secants[name].set_label(f"{name} secant: slope {quotient:.4g}")
        apart = f", {_scientific(abs(quotient - slope))} off" if np.isfinite(slope) else ""
        return f"The {name} secant has slope {quotient:.6g}{apart}."

    def _legend(self, method):
        for old in self.figure.legends[:]:
            old.remove()
        lines = [line for name, line in self.secants.items() if method in (name, "both")]
        self.figure.legend(
            handles=[self.graph, self.tangent, *lines],
            loc="upper left",
            bbox_to_anchor=(0.09, 1.0),
            ncols=4,
            fontsize=9.5,
            handlelength=1.8,
            columnspacing=1.2,
            frameon=False,
        )


@for_browsers
def explore_secant(forward: Callable | None = None, central: Callable | None = None) -> Explorer:
    """Show how a secant turns into the tangent as its step shrinks.

    Parameters
    ----------
    forward, central : callable, optional
        ``forward(f, x, h)`` and ``central(f, x, h)``: the student's functions, which give the secants' slopes.
        Without them, given ones do.

    Returns
    -------
    Explorer
        With controls for function, point, step and method.
    """
    methods, source = _methods(forward, central) if forward and central else (STAND_INS, "")
    plot = _SecantPlot(methods)
    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="min(36em, 95%)")}
    controls = {
        "curve": widgets.Dropdown(options=SECANT_CURVES, description="function", **wide),
        "x": widgets.FloatSlider(value=0.5, min=-2, max=2, step=0.1, description="point x", **wide),
        "h": widgets.FloatLogSlider(value=1.0, min=-3, max=0.3, step=0.05, description="step h", **wide),
        "method": widgets.ToggleButtons(options=[*COLOURS, "both"], value="both", description="secant"),
    }
    controls["method"].style.description_width = controls["method"].style.button_width = "6em"
    return Explorer(
        plot.draw,
        controls,
        question="For the same h, which secant is more nearly parallel to the tangent of exp at x = 0.5?",
        choices=["the forward one", "the central one", "both alike"],
        truth="the central one",
        stops={"curve": None, "h": 8},
        source=source,
    )


# --- static pictures --------------------------------------------------------------------------------


def draw_error_against_step() -> Figure:
    """Return the errors of both quotients for exp at 1, in both precisions."""
    return _ErrorPlot(STAND_INS).draw("exp(x)", 1.0, "both", "both", 1e-5)[0]


def draw_secant_and_tangent() -> Figure:
    """Return both secants of exp at 0.5 for h = 1, with the tangent."""
    return _SecantPlot(STAND_INS).draw("exp(x)", 0.5, 1.0, "both")[0]


FIGURES = {"secant_and_tangent": draw_secant_and_tangent, "error_against_step": draw_error_against_step}
