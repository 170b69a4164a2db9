"""Unit 7: figures for the gradient's direction, for paths of descent, and for the noise of single samples."""

from collections.abc import Callable, Iterator
from functools import partial

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backprop_course.explorer import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    Explorer,
    for_browsers,
    look,
    new_figure,
    own_or_given,
)
from backprop_course.given import optimization as given

GREY = "0.45"
TURN = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
HESSIANS = {
    "bowl": np.array([[2.0, 1.0], [1.0, 8.0]]),  # CMU's x1^2 + x1 x2 + 4 x2^2
    "narrow valley": (TURN @ np.diag([0.2, 8.0]) @ TURN.T).round(12),  # the same on every processor
    "saddle": np.array([[2.0, 1.0], [1.0, -1.5]]),
}
REACH = 4.5  # of the pictures of level curves, in each direction
CLOSE, MANY = 1e-6, 1000  # the distance at which a path has arrived, and the most steps it takes


def value(hessian: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return ``1/2 x^T A x`` for each row of x."""
    return np.einsum("...i,ij,...j->...", x, hessian, x) / 2


def arrival(path: np.ndarray) -> float:
    """Return the number of steps after which a path first comes within 1e-6 of the stationary point, NaN if never."""
    near = np.linalg.norm(path, axis=1) <= CLOSE
    return float(np.argmax(near)) if near.any() else np.nan


def tolerance(hessian: np.ndarray) -> float:
    """Return a norm of the gradient that is met within 1e-6 of the stationary point only."""
    return CLOSE * np.abs(np.linalg.eigvalsh(hessian)).min()


# --- the student's functions -------------------------------------------------------------------------

START = np.array([1.0, 2.0])
EXAMPLES = {
    "gradient_descent": (lambda x: 2 * x, START, 0.1, 0.1, 2),
    "momentum_descent": (lambda x: 2 * x, START, 0.1, 0.5, 0.1, 2),
    "adam_descent": (lambda x: 2 * x, START, 0.1, 0.1, 2),
    "contraction": (HESSIANS["bowl"], 0.1),
    "largest_stable_step": (HESSIANS["bowl"],),
    "best_fixed_step": (HESSIANS["bowl"],),
    "delta_rule_step": (START, START, 1.0, 0.1),
}


STAND_INS = {name: getattr(given, name) for name in EXAMPLES}


def _own(**functions: Callable) -> tuple[dict[str, Callable], str]:
    """Return the student's functions, given ones for those that are unsolved, and whose they are."""
    chosen, own, unsolved = {}, [], []
    for name, function in functions.items():
        chosen[name], source = own_or_given(function, STAND_INS[name], *EXAMPLES[name])
        (own if source.startswith("your") else unsolved).append(name)
    parts = [f"your {', '.join(own)}"] * bool(own)
    parts += [f"given functions, until your {', '.join(unsolved)} can be used"] * bool(unsolved)
    return chosen, " and ".join(parts)


def _path(name: str, descent: Callable, x0: np.ndarray, *arguments) -> np.ndarray:
    """Return a descent's path, or say what is wrong with its form."""
    with np.errstate(all="ignore"):
        path = np.asarray(descent(*arguments), dtype=float)
    if path.ndim != 2 or path.shape[1] != len(x0) or len(path) == 0:
        raise ValueError(f"your {name} returned shape {path.shape}; a path has shape (T + 1, {len(x0)})")
    if not np.allclose(path[0], x0):
        raise ValueError(f"the path of your {name} begins at {path[0]}, not at {x0}")
    return path


# --- level curves -----------------------------------------------------------------------------------


class _Map:
    """Level curves of the three functions on one pair of axes, one of them visible."""

    def __init__(self, axes: Axes):
        axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
        axes.grid(False)
        ticks = np.linspace(-REACH, REACH, 121)
        grid = np.stack(np.meshgrid(ticks, ticks), axis=-1)
        self.curves = {name: self._curves(axes, grid, hessian) for name, hessian in HESSIANS.items()}
        axes.plot([0], [0], marker="+", ms=11, mew=2, color=GREEN, ls="", zorder=4)

    @staticmethod
    def _curves(axes, grid, hessian):
        heights = value(hessian, grid)
        levels = np.array([0.3, 1, 2.5, 5, 9, 15, 23, 34, 48, 66])
        falling = -levels[::-1] if heights.min() < 0 else []
        # Negative heights are dashed, as on maps of the sea.
        return axes.contour(
            grid[..., 0], grid[..., 1], heights, [*falling, *levels], colors="0.72", linewidths=0.9, zorder=1
        )

    def show(self, name: str) -> None:
        """Show the level curves of one function."""
        for other, curves in self.curves.items():
            curves.set_visible(other == name)


def _surface(value: str = "bowl") -> widgets.ToggleButtons:
    return widgets.ToggleButtons(options=list(HESSIANS), value=value, description="function")


def _slider(description: str, value: float, low: float, high: float, step: float, **options) -> widgets.FloatSlider:
    return widgets.FloatSlider(value=value, min=low, max=high, step=step, description=description, **options)


# --- which way --------------------------------------------------------------------------------------


class _DirectionPlot:
    """The picture of one direction at one point: made once, then only its data change."""

    def __init__(self):
        with look():
            self.figure = new_figure(7.8, 3.4)
            self.figure.set_layout_engine("none")
            left = self.figure.add_axes((0.075, 0.14, 0.41, 0.83))
            self.map = _Map(left)
            self.right = self.figure.add_axes((0.6, 0.14, 0.38, 0.73))
            self.right.set(xlim=(0, 360), xlabel="angle to the gradient, in degrees", xticks=range(0, 361, 90))
            self.right.set_title("slope along the direction", fontsize=11)
            arrow = partial(left.annotate, "", (0, 0), (0, 0), zorder=5)
            style = {"arrowstyle": "-|>", "mutation_scale": 16, "lw": 2.4, "shrinkA": 0, "shrinkB": 0}
            self.gradient = arrow(arrowprops={**style, "color": ORANGE})
            self.direction = arrow(arrowprops={**style, "color": BLUE})
            self.tangent = left.plot([], [], color=GREEN, lw=1.6, ls="--", zorder=3)[0]
            self.point = left.plot([], [], "o", color="black", ms=7, zorder=6)[0]
            self.curve = self.right.plot([], [], color=GREY)[0]
            self.right.axhline(0, color="0.3", lw=0.9)
            self.marks = self.right.plot([], [], "s", color=GREEN, ms=7)[0]
            self.here = self.right.plot([], [], "o", color=BLUE, ms=10, zorder=5)[0]

    def draw(self, surface: str, x1: float, x2: float, angle: float) -> tuple[Figure, str]:
        """Update the picture; return it with its description."""
        x, g = np.array([x1, x2]), HESSIANS[surface] @ [x1, x2]
        steepness = np.linalg.norm(g)
        if steepness == 0:
            raise ValueError("at the stationary point the gradient is zero: no direction is steepest")
        turn = np.deg2rad(angle)
        unit = g / steepness
        direction = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ unit
        slope = steepness * np.cos(turn).round(12)  # exactly 0 at right angles
        self.map.show(surface)
        for arrow, end in ((self.gradient, x + 1.9 * unit), (self.direction, x + 1.4 * direction)):
            arrow.xy, arrow.xyann = end, x
        across = np.array([-unit[1], unit[0]])
        self.tangent.set_data(*np.stack([x - 1.6 * across, x + 1.6 * across], axis=1))
        self.point.set_data([x1], [x2])
        at = np.linspace(0, 360, 121)
        self.curve.set_data(at, steepness * np.cos(np.deg2rad(at)))
        self.marks.set_data([90, 270], [0, 0])
        self.here.set_data([angle], [slope])
        self.right.set_ylim(-1.15 * steepness, 1.15 * steepness)
        return self.figure, " ".join(self._words(x, g, angle, slope))

    def _words(self, x, g, angle, slope) -> Iterator[str]:
        yield f"At ({x[0]:g}, {x[1]:g}) the gradient (orange) is ({g[0]:.3g}, {g[1]:.3g}), of length"
        yield f"{np.linalg.norm(g):.3g}. Along the blue arrow, {angle:g} degrees from it, f changes by {slope:.3g}"
        yield "per unit of length. The dashed line touches the level curve: along it, at 90 and 270 degrees,"
        yield "f does not change (green squares)."


@for_browsers
def explore_direction() -> Explorer:
    """Turn a direction around a point and watch how fast the function changes along it.

    Returns
    -------
    Explorer
        With controls for function, point and direction.
    """
    controls = {
        "surface": _surface(),
        "x1": _slider("x₁", 2.0, -3, 3, 0.1),
        "x2": _slider("x₂", 1.0, -3, 3, 0.1),
        "angle": _slider("angle", 40, 0, 360, 5, readout_format=".0f"),
    }
    return Explorer(
        _DirectionPlot().draw,
        controls,
        question="You walk on a slope and want to stay at one height. At which angle to the gradient do you go?",
        choices=["0 degrees", "45 degrees", "90 degrees", "180 degrees", "it depends on the slope"],
        stops={"surface": None, "angle": 10},
        source="the given function",
    )


QUESTIONS = {  # before and after momentum has been taught
    False: (
        "After one step, η = 0.1 has reached f = 5.4 and η = 0.2 only f = 21.6. Which arrives sooner?",
        ["η = 0.1", "η = 0.2", "both alike"],
    ),
    True: (
        "In the narrow valley, with η = 0.1: which momentum arrives soonest?",
        ["0", "0.5", "0.75", "0.95"],
    ),
}

# --- paths ------------------------------------------------------------------------------------------


class _DescentPlot:
    """The picture of paths over level curves: made once, then only its data change."""

    def __init__(self, descents: dict[str, Callable]):
        self.descents = descents
        with look():
            self.figure = new_figure(7.8, 3.4)
            self.figure.set_layout_engine("none")
            left = self.figure.add_axes((0.075, 0.14, 0.41, 0.83))
            self.map = _Map(left)
            self.right = self.figure.add_axes((0.6, 0.14, 0.38, 0.73))
            self.right.set(yscale="log", xlim=(-2, 100), ylim=(1e-6, 1e3), xlabel="step")
            self.right.set(yticks=[1e-6, 1e-3, 1, 1e3])
            self.right.set_title("distance to the stationary point", fontsize=11)
            looks = {"path": {"color": BLUE, "marker": "o"}, "adam": {"color": PURPLE, "marker": "s"}}
            self.paths = {n: left.plot([], [], lw=1.3, ms=3.8, zorder=3, **s)[0] for n, s in looks.items()}
            self.distances = {n: self.right.plot([], [], lw=1.3, ms=2.8, **s)[0] for n, s in looks.items()}
            self.start = left.plot([], [], "o", color="black", ms=8, zorder=4)[0]
            self.labels = {
                n: self.right.text(0.98, y, "", transform=self.right.transAxes, ha="right", va="top", color=s["color"])
                for (n, s), y in zip(looks.items(), (0.98, 0.9), strict=True)
            }

    @np.errstate(all="ignore")  # a path that grows for 700 steps may leave the range of numbers
    def draw(
        self, surface: str, eta: float, x1: float, x2: float, momentum: float = 0.0, adam: bool = False
    ) -> tuple[Figure, str]:
        """Update the picture; return it with its description."""
        hessian, x0 = HESSIANS[surface], np.array([x1, x2])
        paths = {"path": self._walk(hessian, x0, eta, momentum)}
        if adam:
            paths["adam"] = self._call("adam_descent", hessian, x0, eta)
        self.map.show(surface)
        self.start.set_data([x1], [x2])
        names = {"path": f"momentum {momentum:g}" if momentum else "gradient descent", "adam": "Adam"}
        for name in self.paths:
            shown = np.clip(paths.get(name, np.empty((0, 2))), -1e6, 1e6)
            self.paths[name].set_data(*shown.T)
            self.distances[name].set_data(range(len(shown)), np.maximum(np.linalg.norm(shown, axis=1), 1e-7))
            self.labels[name].set_text(names[name] if name in paths else "")
        words = [self._words(names[name], hessian, surface, path) for name, path in paths.items()]
        return self.figure, f"{surface.capitalize()}, η = {eta:g}. " + " ".join(words)

    def _walk(self, hessian, x0, eta, momentum):
        if momentum:
            return self._call("momentum_descent", hessian, x0, eta, momentum)
        return self._call("gradient_descent", hessian, x0, eta)

    def _call(self, name, hessian, x0, *settings):
        ends = *settings, tolerance(hessian), MANY
        return _path(name, self.descents[name], x0, lambda x: hessian @ x, x0.copy(), *ends)

    def _words(self, name, hessian, surface, path) -> str:
        name = name[0].upper() + name[1:]
        if len(path) == 1:
            return f"{name} stays where it is: the gradient is zero."
        (a, b), height = path[1], value(hessian, path[1])
        first = f"{name} steps first to ({a:.3g}, {b:.3g}), where f = {height:.3g}; "
        steps, distance = arrival(path), np.linalg.norm(path[-1])
        if np.isfinite(steps):
            where = "minimum" if surface != "saddle" else "saddle point"
            return first + f"after {steps:.0f} steps it is within 1e-6 of the {where}."
        if not distance < 1e3:
            return first + "it moves away without end."
        return first + f"after {len(path) - 1} steps it is still {distance:.2g} away."


@for_browsers
def explore_descent(
    gradient_descent: Callable, momentum_descent: Callable | None = None, adam_descent: Callable | None = None
) -> Explorer:
    """Show the path of a descent over level curves, and its distance to the stationary point step by step.

    Parameters
    ----------
    gradient_descent : callable
        The student's function.
    momentum_descent, adam_descent : callable, optional
        The student's functions, once the course has come to them; both or none.

    Returns
    -------
    Explorer
        With controls for function, step and starting point; with the other two for momentum and Adam, too.
    """
    functions = {"gradient_descent": gradient_descent}
    more = momentum_descent is not None and adam_descent is not None
    if more:
        functions |= {"momentum_descent": momentum_descent, "adam_descent": adam_descent}
    descents, source = _own(**functions)
    controls = {
        "surface": _surface("narrow valley" if more else "bowl"),
        "eta": _slider("η", 0.1, 0, 0.3, 0.005, readout_format=".3f"),
        "momentum": _slider("momentum", 0, 0, 0.95, 0.05),
        "x1": _slider("start x₁", 3, -4, 4, 0.5),
        "x2": _slider("start x₂", 3, -4, 4, 0.5),
        "adam": widgets.Checkbox(value=False, description="Adam with the same η", indent=False),
    }
    if not more:
        del controls["momentum"], controls["adam"]
    question, choices = QUESTIONS[more]
    stops = {"surface": None, "momentum": 6, "adam": None} if more else {"surface": None, "eta": 11}
    return Explorer(
        _DescentPlot(descents).draw, controls, question=question, choices=choices, source=source, stops=stops
    )


# --- how far ----------------------------------------------------------------------------------------

ETAS = np.linspace(0.005, 0.3, 60)
STEEPEST, SLOW = 8.0, 600  # the largest eigenvalue, and the number of steps that is too many


class _StepsPlot:
    """The picture of steps to convergence against the step: made once, then only its data change."""

    def __init__(self, functions: dict[str, Callable]):
        self.functions = functions
        self.counted: dict[float, np.ndarray] = {}  # steps for every eta, by condition number: they take a while
        with look():
            self.figure = new_figure(7.8, 3.4)
            self.figure.set_layout_engine("none")
            self.axes = self.figure.add_axes((0.09, 0.15, 0.89, 0.7))
            self.axes.set(xlim=(0, 0.3), ylim=(1, 1000), yscale="log", xlabel="η", ylabel="steps to a distance of 1e-6")
            plot = partial(self.axes.plot, [], [])
            self.plain = plot(color=BLUE, marker="o", ms=4, lw=1, label="gradient descent")[0]
            self.expected = plot(color=GREY, ls=":", lw=1.8, label="bound by the contraction")[0]
            self.here = plot(color="black", marker="o", ms=11, mfc="none", mew=1.8, ls="", label="your η")[0]
            self.best = self.axes.axvline(0, color=GREEN, lw=1.8, label="best fixed step")
            self.edge = self.axes.axvline(0, color=ORANGE, lw=1.8, ls="--", label="stable edge")
            self.lost = self.axes.axvspan(0, 1, color=ORANGE, alpha=0.08, lw=0)
            self.figure.legend(
                handles=[self.plain, self.expected, self.best, self.edge, self.here],
                loc="upper left",
                bbox_to_anchor=(0.07, 1.0),
                ncols=3,
                fontsize=9.5,
                frameon=False,
            )

    def draw(self, kappa: float, eta: float) -> tuple[Figure, str]:
        """Update the picture; return it with its description."""
        hessian = TURN @ np.diag([STEEPEST / kappa, STEEPEST]) @ TURN.T
        edge = float(self.functions["largest_stable_step"](hessian))
        best = float(self.functions["best_fixed_step"](hessian))
        if kappa not in self.counted:
            self.counted[kappa] = self._steps(hessian, ETAS)
        (here,) = self._steps(hessian, [eta])
        self.plain.set_data(ETAS, self.counted[kappa])
        self.expected.set_data(ETAS, self._expected(hessian))
        self.here.set_data([eta], [here])
        self.best.set_xdata([best, best])
        self.edge.set_xdata([edge, edge])
        self.lost.set_bounds(edge, 0, max(0.3 - edge, 0), 1)
        rate = float(self.functions["contraction"](hessian, eta))
        return self.figure, " ".join(self._words(kappa, eta, edge, best, rate, here))

    def _start(self):
        return TURN @ np.ones(2)  # as far along the steepest direction as along the flattest

    def _steps(self, hessian, etas):
        """Return the number of steps for each eta, NaN where there are too many."""
        x0, counts = self._start(), []
        descend = partial(_path, "gradient_descent", self.functions["gradient_descent"], x0, lambda x: hessian @ x)
        for eta in etas:
            counts.append(arrival(descend(x0.copy(), eta, tolerance(hessian), SLOW)))
        return np.array(counts)

    def _expected(self, hessian):
        rates = np.array([float(self.functions["contraction"](hessian, eta)) for eta in ETAS])
        with np.errstate(all="ignore"):
            steps = np.log(CLOSE / np.linalg.norm(self._start())) / np.log(rates)
        return np.where((rates > 0) & (rates < 1), steps, np.nan)

    def _words(self, kappa, eta, edge, best, rate, here) -> Iterator[str]:
        yield f"The steepest direction curves {kappa:.3g} times as much as the flattest: the condition number."
        yield f"The edge is at η = {edge:.3g}, the best fixed step at {best:.3g}. With η = {eta:.3g} a step multiplies"
        yield f"the distance by {rate:.3g} at worst: " + (
            f"{here:.0f} steps to a distance of 1e-6." if np.isfinite(here) else f"not there after {SLOW} steps."
        )


@for_browsers
def explore_steps(
    gradient_descent: Callable,
    contraction: Callable,
    largest_stable_step: Callable,
    best_fixed_step: Callable,
) -> Explorer:
    """Show how many steps a descent needs for each eta, with the stable edge and the best step.

    Parameters
    ----------
    gradient_descent, contraction, largest_stable_step, best_fixed_step : callable
        The student's functions.

    Returns
    -------
    Explorer
        With controls for condition number and step.
    """
    functions, source = _own(
        gradient_descent=gradient_descent,
        contraction=contraction,
        largest_stable_step=largest_stable_step,
        best_fixed_step=best_fixed_step,
    )
    controls = {
        "kappa": widgets.FloatLogSlider(
            value=10.0, min=0, max=2, step=0.05, description="condition number", readout_format=".3g"
        ),
        "eta": _slider("η", 0.1, 0.005, 0.3, 0.005, readout_format=".3f"),
    }
    return Explorer(
        _StepsPlot(functions).draw,
        controls,
        question="The flattest direction gets ten times as flat, the steepest stays. What becomes of the best η?",
        choices=["a tenth of it", "little changes, but ten times the steps", "nothing changes", "ten times as large"],
        stops={"kappa": 3, "eta": 13},
        source=source,
    )


# --- one sample at a time ---------------------------------------------------------------------------

SAMPLES, PASSES = 40, 12
RATES = {1: "one sample", 5: "five", SAMPLES: "all forty"}


def _data(noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets of a linear unit with weights (1, -1)."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(SAMPLES, 2)) * [1.3, 0.8]
    return X, X @ [1.0, -1.0] + noise * rng.normal(size=SAMPLES)


class _NoisePlot:
    """The picture of weights that learn from batches: made once, then only its data change."""

    def __init__(self, delta_rule_step: Callable):
        self.delta_rule_step = delta_rule_step
        with look():
            self.figure = new_figure(7.8, 3.4)
            self.figure.set_layout_engine("none")
            self.left = self.figure.add_axes((0.075, 0.14, 0.41, 0.83))
            self.left.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2), xlabel="$w_1$", ylabel="$w_2$", aspect="equal")
            self.left.set(xticks=range(-2, 3), yticks=range(-2, 3))
            self.left.grid(False)
            self.rings = [self.left.plot([], [], color="0.72", lw=0.9)[0] for _ in range(6)]
            self.path = self.left.plot([], [], color=BLUE, marker="o", ms=3, lw=1)[0]
            self.left.plot([-1.5], [1.5], "o", color="black", ms=8)
            self.goal = self.left.plot([], [], marker="+", ms=12, mew=2.2, color=GREEN, ls="", zorder=5)[0]
            self.right = self.figure.add_axes((0.6, 0.14, 0.38, 0.73))
            self.right.set(yscale="log", xlim=(0, PASSES), ylim=(1e-6, 1e2), xlabel="passes over the samples")
            self.right.set_yticks([1e-6, 1e-4, 1e-2, 1, 1e2])
            self.right.set_title("distance to the best weights", fontsize=11)
            self.distance = self.right.plot([], [], color=BLUE, lw=1.3)[0]

    def draw(self, batch: int, rate: float, noise: float) -> tuple[Figure, str]:
        """Update the picture; return it with its description."""
        X, t = _data(noise)
        best = np.linalg.lstsq(X, t, rcond=None)[0]
        path = self.walk(X, t, batch, rate)
        shown = np.clip(path, -1e6, 1e6)
        distance = np.linalg.norm(shown - best, axis=1)
        self.path.set_data(*shown.T)
        self.distance.set_data(np.linspace(0, PASSES, len(path)), np.maximum(distance, 1e-7))
        self.goal.set_data(best[:1], best[1:])
        self._draw_rings(X.T @ X / SAMPLES, best)
        return self.figure, self._words(batch, rate, noise, best, distance)

    def walk(self, X, t, batch, rate) -> np.ndarray:
        """Return the weights after each step; the step of a batch is the mean of its samples' steps."""
        rng, w = np.random.default_rng(0), np.array([-1.5, 1.5])
        path = [w]
        for _ in range(PASSES):
            for rows in np.split(rng.permutation(SAMPLES), SAMPLES // batch):
                with np.errstate(all="ignore"):
                    w = np.mean([self.delta_rule_step(w.copy(), X[n], t[n], rate) for n in rows], axis=0)
                if np.shape(w) != (2,):
                    raise ValueError(f"your delta_rule_step returned shape {np.shape(w)}, but there are two weights")
                path.append(w)
        return np.array(path)

    def _draw_rings(self, hessian, best):
        lengths, axes = np.linalg.eigh(hessian)
        turn = np.linspace(0, 2 * np.pi, 91)
        for k, ring in enumerate(self.rings, start=1):
            circle = 0.55 * k * np.stack([np.cos(turn), np.sin(turn)])
            ring.set_data(*(best[:, None] + axes @ (circle / np.sqrt(lengths)[:, None])))

    def _words(self, batch, rate, noise, best, distance) -> str:
        late = distance[-(len(distance) // 4) :]
        settled = f"In the last quarter the distance lies between {late.min():.2g} and {late.max():.2g}."
        if not late.max() < 1e3:
            settled = "The weights move away without end."
        return (
            f"Steps from {RATES[batch]} at a time, {len(distance) - 1} steps in {PASSES} passes, η = {rate:g}, noise "
            f"{noise:g} in the targets. The best weights are ({best[0]:.3g}, {best[1]:.3g}). {settled}"
        )


@for_browsers
def explore_noise(delta_rule_step: Callable) -> Explorer:
    """Show how a linear unit learns from one sample at a time, from small batches, and from all samples.

    Parameters
    ----------
    delta_rule_step : callable
        The student's function.

    Returns
    -------
    Explorer
        With controls for batch size, learning rate and noise of the targets.
    """
    functions, source = _own(delta_rule_step=delta_rule_step)
    controls = {
        "batch": widgets.ToggleButtons(options=[(words, n) for n, words in RATES.items()], description="a step from"),
        "rate": _slider("η", 0.1, 0.01, 0.5, 0.01),
        "noise": _slider("target noise", 0.5, 0, 1, 0.1),
    }
    return Explorer(
        _NoisePlot(**functions).draw,
        controls,
        question="The unit learns from one sample at a time, and η stays fixed. Where do the weights end?",
        choices=["at the best weights", "they hover around them", "they move away"],
        stops={"batch": None, "rate": 11},
        source=source,
    )


# --- static pictures --------------------------------------------------------------------------------


def draw_kinds() -> Figure:
    """Return level curves around a minimum, a maximum, a saddle and a point that the Hessian leaves undecided."""
    figure = new_figure(7.8, 2.5)
    ticks = np.linspace(-1.5, 1.5, 41)
    x, y = np.meshgrid(ticks, ticks)
    kinds = {
        "minimum: + +": x**2 + 1.8 * y**2,
        "maximum: − −": -(x**2) - 1.8 * y**2,
        "saddle: + −": x**2 - 1.2 * y**2,
        "undecided: + 0": x**2 + y**3,
    }
    for axes, (name, heights) in zip(figure.subplots(1, 4), kinds.items(), strict=True):
        axes.contourf(x, y, heights, 10, cmap="cividis")
        axes.contour(x, y, heights, 10, colors="white", linewidths=0.6, linestyles="solid")
        axes.plot([0], [0], "+", color="white", ms=12, mew=2.5)
        axes.set(title=name, aspect="equal", xticks=[], yticks=[])
        axes.grid(False)
    return figure


def draw_direction() -> Figure:
    """Return a direction at 40 degrees to the gradient of CMU's bowl."""
    return _DirectionPlot().draw("bowl", 2.0, 1.0, 40)[0]


def draw_descent() -> Figure:
    """Return the paths of both of CMU's steps."""
    plot = _DescentPlot(STAND_INS)
    figure, _ = plot.draw("bowl", 0.1, 3.0, 3.0)
    other = plot._walk(HESSIANS["bowl"], np.array([3.0, 3.0]), 0.2, 0.0)
    plot.paths["adam"].set_data(*other.T)
    plot.distances["adam"].set_data(range(len(other)), np.linalg.norm(other, axis=1))
    plot.labels["path"].set_text("η = 0.1")
    plot.labels["adam"].set_text("η = 0.2")
    return figure


def draw_valley() -> Figure:
    """Return the paths of momentum and Adam in the narrow valley."""
    return _DescentPlot(STAND_INS).draw("narrow valley", 0.1, 3.0, 3.0, 0.75, True)[0]


def draw_steps() -> Figure:
    """Return the steps to convergence against eta for a condition number of 10."""
    return _StepsPlot(STAND_INS).draw(10.0, 0.1)[0]


def draw_noise() -> Figure:
    """Return the path of weights that learn from one sample at a time."""
    return _NoisePlot(given.delta_rule_step).draw(1, 0.1, 0.5)[0]


FIGURES = {
    "kinds": draw_kinds,
    "direction": draw_direction,
    "descent": draw_descent,
    "steps": draw_steps,
    "valley": draw_valley,
    "noise": draw_noise,
}
