"""Figures that answer to a hand: a prediction, labelled controls, a picture, and its description in words."""

import functools
import html
import io
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import matplotlib as mpl
import numpy as np
import traitlets
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.legend import Legend
from PIL import Image

STYLE = Path(__file__).with_name("look.mplstyle")
BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"

ERROR = f"border-left:4px solid {ORANGE};padding:.4em .8em;background:#FDF3EC"


def number(value: float, digits: int = 4) -> str:
    """Return a number as people read it: a few digits, no minus before 0, and a minus sign that is no hyphen.

    Parameters
    ----------
    value : float
        Anything else raises TypeError.
    digits : int
        How many count.
    """
    return f"{value + 0.0:.{digits}g}".replace("-", "−")


# ipykernel 7 runs the callbacks of widgets on two threads, and Matplotlib's settings and figures know only one.
_drawing = threading.RLock()


@contextmanager
def look():
    """Draw with the course's style sheet, one drawing at a time."""
    with _drawing, mpl.rc_context(_style()):
        yield


_quiet = threading.local()


@contextmanager
def quietly():
    """Change several controls of an explorer: on this thread it is not drawn meanwhile, but by whoever ends the block.

    The observer of a control that sets others needs no more: the explorer draws for that control afterwards.
    """
    outer, _quiet.on = getattr(_quiet, "on", False), True
    try:
        yield
    finally:
        _quiet.on = outer


@functools.cache  # reading it takes longer than drawing a curve
def _style() -> mpl.RcParams:
    return mpl.rc_params_from_file(STYLE, use_default_template=False)


def new_figure(width: float = 7.0, height: float = 3.6) -> Figure:
    """Return an empty figure in the course's look that pyplot does not know of, so nothing shows it twice.

    Parameters
    ----------
    width, height : float
        Size in inches.
    """
    with look():
        figure = Figure(figsize=(width, height))
        FigureCanvasAgg(figure)
    return figure


def wipe(figure: Figure) -> Figure:
    """Take everything out of a figure, and let places in it be fixed: much faster than clearing and laying out."""
    for axes in figure.axes:
        axes.remove()
    figure.set_layout_engine("none")
    return figure


BELOW = "The text below describes this picture."
NAMED_BELOW = f"role='img' aria-label='{BELOW}'"


class Picture(widgets.Image):
    """An image with a title that is read out; ipywidgets gives titles to widgets with a description only."""

    description = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **kwargs):
        super().__init__(**{"tooltip": BELOW, **kwargs})


class Explorer(widgets.VBox):
    """A picture under controls, redrawn whenever one of them moves.

    Parameters
    ----------
    draw : callable
        ``draw(**values)`` gets the controls' values by name and returns ``(picture, description)``: a
        `Figure` (best the same one each time, cleared) or the text of an SVG; and what is to be seen, in words.
    controls : dict
        Widgets by the name of the parameter they set, each with a description and a sensible range.
    question : str
        What to predict before looking.
    choices : sequence of str
        Predictions to choose from; the picture appears with the choice. Without any it appears at once.
    truth : str
        The choice that holds. Once a control has moved, the explorer says whether the prediction did.
    why : str
        A sentence that follows: the reason, whatever was predicted.
    source : str
        Whose function is drawn: "your evaluate_graph", "the given one".
    presets : dict
        By the label of a button, values by the names of the controls that it sets.
    column : str
        A width, such as "24em", of which as many as there is room for stand side by side; empty: one control a line.
    stops : dict
        For a copy that is played without a kernel: which controls it can move, in order, each with how many positions
        it has there, or with labelled values, or with None for all. Empty: as many controls as there is room for.

    Attributes
    ----------
    answer : tuple of str
        What is said to each of the choices; empty if nothing is.
    words : str
        What the picture shows.
    """

    def __init__(
        self,
        draw: Callable[..., tuple[Figure | str, str]],
        controls: Mapping[str, widgets.Widget],
        *,
        question: str = "",
        choices: Sequence[str] = (),
        truth: str = "",
        why: str = "",
        source: str = "",
        presets: Mapping[str, Mapping[str, Any]] | None = None,
        stops: Mapping[str, int | Mapping[str, Any] | None] | None = None,
        column: str = "",
    ):
        if truth and truth not in choices:
            raise ValueError(f"the truth {truth!r} is none of the choices {list(choices)}")
        self._prediction, self._truth, self._why, self._verdict = None, truth, why, widgets.HTML()
        self._draw, self.controls = draw, dict(controls)
        self.question, self.choices = question, tuple(choices)
        self.answer = tuple(map(self.judged, choices)) if truth else ()
        self.presets, self.stops = dict(presets or {}), dict(stops or {})
        self.words, self._drawn = "", None
        self._picture = widgets.HTML()
        self._image = Picture(format="png", layout=widgets.Layout(max_width="100%", align_self="flex-start"))
        self._words = widgets.HTML()
        controls = widgets.VBox(list(self.controls.values()))
        above = [button_row({name: partial(self.move, values) for name, values in self.presets.items()})]
        self._body = widgets.VBox([*above[: len(self.presets)], controls, self._image, self._picture, self._words])
        self._source = source
        _make_room(self.controls.values(), column or "34em")
        for control in self.controls.values():
            control.observe(self._changed, names="value")
            control.add_class("backprop-control")
        children = [self._question(question, choices)] if question else []
        super().__init__([*children, self._body])
        self.add_class("backprop-explorer")
        controls.add_class("backprop-controls")
        if column:
            controls.layout = widgets.Layout(display="grid", grid_template_columns=f"repeat(auto-fit, {column})")
        self._body.layout.display = "none" if choices else None
        self.redraw()

    def _question(self, question: str, choices: Sequence[str]) -> widgets.Widget:
        text = widgets.HTML(
            f"<p style='line-height:1.5;margin:.2em 0'><b>Predict first.</b> {html.escape(question)}</p>"
        )
        if not choices:
            return text
        buttons = widgets.ToggleButtons(options=list(choices), value=None, style={"button_width": "auto"})
        buttons.add_class("backprop-choices")
        buttons.observe(self._reveal, names="value")
        self._prediction = buttons
        return widgets.VBox([text, buttons, self._verdict])

    def _reveal(self, _change) -> None:
        self._body.layout.display = None

    def _changed(self, _change) -> None:
        if getattr(_quiet, "on", False):
            return
        if self._truth and self._prediction.value:
            self._verdict.value = f"<p style='line-height:1.5;margin:.2em 0'>{html.escape(self.verdict)}</p>"
        with _drawing:
            if self.values != self._drawn:  # a control that follows another has been drawn with it
                self.redraw()

    def move(self, values: Mapping[str, Any]) -> None:
        """Set several controls by name, and draw once."""
        with quietly():
            for name, value in values.items():
                self.controls[name].value = value
        self._changed(None)

    @property
    def verdict(self) -> str:
        """Whether the prediction held; empty without one."""
        predicted = self._prediction.value if self._prediction else None
        return self.judged(predicted) if predicted and self._truth else ""

    def judged(self, predicted: str) -> str:
        """Return what is said to a choice, once a control has moved."""
        held = "It held." if predicted == self._truth else f"It did not hold. What is seen: {self._truth}."
        return f"You predicted: {predicted}. {held} {self._why}".rstrip()

    @property
    def values(self) -> dict[str, Any]:
        """The controls' values by name."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def description(self) -> str:
        """What the picture shows, in words (HTML)."""
        return self._words.value

    @property
    def shown(self) -> tuple[bytes, str]:
        """The picture as PNG, or as the text of an SVG; the other one is empty."""
        return (b"" if self._image.layout.display == "none" else self._image.value), self._picture.value

    def redraw(self) -> None:
        """Draw the picture for the controls' present values; an error takes the picture's place."""
        with look():  # whoever comes last has read the values last
            self._drawn = values = self.values
            try:
                picture, words = self._draw(**values)
                frame = ""
                self._show(picture)
            except Exception as error:  # a student's function may raise anything, at any slider position
                self._show("")
                words, frame = f"{type(error).__name__}: {error}", ERROR
            self.words = words
            source = f"Drawn with {html.escape(self._source)}. " if self._source else ""
            self._words.value = (
                f"<p style='max-width:48em;line-height:1.5;margin:.4em 0;{frame}'>{source}{html.escape(words)}</p>"
            )

    def _show(self, picture: Figure | str) -> None:
        is_figure = isinstance(picture, Figure)
        self._image.layout.display = None if is_figure else "none"
        self._picture.value = "" if is_figure else picture.replace("role='img'", NAMED_BELOW)
        if is_figure:
            self._image.value = png(picture)


def button_row(actions: Mapping[str, Callable[[], None]]) -> widgets.HBox:
    """Return buttons in a row by what is written on them; each calls a function without arguments."""
    row = []
    for name, action in actions.items():
        button = widgets.Button(description=name, tooltip=name, layout=widgets.Layout(width="auto"))
        button.on_click(lambda _button, action=action: action())
        row.append(button)
    return widgets.HBox(row, layout=widgets.Layout(flex_flow="row wrap"))


def for_browsers(build: Callable[..., Explorer]) -> Callable[..., Explorer | None]:
    """Build an explorer only where a browser may show it.

    In IPython without a kernel (a grader) nobody looks, and figures would take more time than all other cells.
    """

    @functools.wraps(build)
    def build_or_not(*args, **kwargs):
        somebody_looks = not InteractiveShell.initialized() or hasattr(InteractiveShell.instance(), "kernel")
        return build(*args, **kwargs) if somebody_looks else None

    return build_or_not


def stepping_controls(
    examples: Mapping[str, tuple[str, str]],
    program: widgets.Text,
    inputs: widgets.Text,
    last_step: Callable[[dict[str, Any]], int],
    **more: widgets.Widget,
) -> dict[str, widgets.Widget]:
    """Return the controls of a program that is stepped through: example, program, inputs, step, and play.

    Parameters
    ----------
    examples : dict
        Program and inputs by name.
    program, inputs : Text
        With what they begin with, and their description.
    last_step : callable
        ``last_step(values)`` counts the steps that the program, the inputs and `more` give; it may raise.
    **more
        Controls on which the steps depend, too, by name.
    """
    start = next((name for name, texts in examples.items() if texts[0] == program.value), None)
    example = widgets.Dropdown(options=list(examples), value=start, description="Example")
    step = widgets.IntSlider(value=0, min=0, max=1, description="Step")
    play = widgets.Play(value=0, min=0, max=1, interval=1200)
    typed = {"program": program, "inputs": inputs, **more}

    def choose(_change) -> None:
        if example.value:
            with quietly():
                step.value = 0
                inputs.value = examples[example.value][1]
                program.value = examples[example.value][0]

    def fit(_change=None) -> None:
        try:
            last = last_step({name: control.value for name, control in typed.items()})
        except Exception:  # the explorer shows the error where it draws
            return
        with quietly():
            step.max = play.max = last

    example.observe(choose, names="value")
    for control in typed.values():
        control.observe(fit, names="value")
    # No widgets.link: it raises where another thread changes a value meanwhile.
    play.observe(lambda _change: setattr(step, "value", play.value), names="value")
    step.observe(lambda _change: setattr(play, "value", step.value), names="value")
    fit()
    for control in (example, program, inputs, step):
        control.layout.width = "44em"
    program.continuous_update = inputs.continuous_update = False
    return {"example": example, **typed, "step": step, "play": play}


def _make_room(controls: Iterable[widgets.Widget], width: str) -> None:
    """Align the labels of controls, none of them cut off, and give each control room on narrow screens too."""
    controls = list(controls)
    beside = [c for c in controls if not isinstance(c, widgets.Checkbox)]
    longest = max((len(getattr(control, "description", "")) for control in beside), default=0)
    for control in controls:
        if "description_width" in getattr(control, "style", widgets.Layout()).trait_names():
            control.style.description_width = f"{0.55 * longest + 1.5:.1f}em"
        if isinstance(control, widgets.ToggleButtons):
            control.style.button_width = "auto"
            control.layout.display, control.layout.align_items = "flex", "baseline"
        if isinstance(control, (widgets.ToggleButtons, widgets.Checkbox)):
            control.layout.width = "auto"
        elif not control.layout.width and not isinstance(control, widgets.Play):
            control.layout.width = width
        control.layout.max_width = "100%"


def png(figure: Figure) -> bytes:
    """Return the picture of `figure` as PNG.

    Axes and legends that look as they did last time are not drawn again, only what is in them: texts take longer
    than all curves. Legends have fixed places; one that has changed once is drawn each time, without its axes.
    """
    canvas = figure.canvas if isinstance(figure.canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    moving = [artist for axes in figure.axes if axes.get_visible() for artist in _contents(axes)]
    moving += [artist for artist in figure.get_children() if artist not in (figure.patch, *figure.axes)]
    legends = _still([artist for artist in moving if isinstance(artist, Legend)], figure)
    moving = [artist for artist in moving if artist not in legends]
    scenery = [*map(_scenery, figure.axes), *map(_entries, legends)]
    before, background = getattr(figure, "_drawn", (None, None))
    if scenery == before and not _is_laid_out(figure):
        canvas.restore_region(background)
    else:
        for artist in moving:
            artist.set_animated(True)
        canvas.draw()  # once: savefig draws twice
        for artist in moving:
            artist.set_animated(False)
        figure._drawn = scenery, canvas.copy_from_bbox(figure.bbox)
    for artist in moving:
        figure.draw_artist(artist)
    buffer = io.BytesIO()
    # A picture that lives until the next move of a slider is not worth compressing well.
    Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def _is_laid_out(figure: Figure) -> bool:
    """Whether places are computed anew for each drawing."""
    return not isinstance(figure.get_layout_engine(), (type(None), PlaceHolderLayoutEngine))


def _contents(axes: Axes) -> list[Artist]:
    """Return what is drawn into axes, from the back to the front."""
    frame = {axes.patch, axes.xaxis, axes.yaxis, *axes.spines.values()}
    return sorted((artist for artist in axes.get_children() if artist not in frame), key=Artist.get_zorder)


def _scenery(axes: Axes) -> list:
    """Return all that decides what axes look like without their contents."""
    looks = [axes.axison, axes.get_visible(), axes.get_position().bounds, axes.get_facecolor()]
    spines = [spine.get_visible() for spine in axes.spines.values()]
    return [*looks, *spines, *_ticks(axes.xaxis), *_ticks(axes.yaxis)]


def _still(legends: list[Legend], figure: Figure) -> list[Legend]:
    """Return the legends that have looked the same in every drawing of a figure so far."""
    first, restless = figure.__dict__.setdefault("_legends", ({}, set()))
    for k, legend in enumerate(legends):
        if first.setdefault(k, looks := _entries(legend)) != looks:
            restless.add(k)
    return [legend for k, legend in enumerate(legends) if k not in restless]


def _entries(legend: Legend) -> list:
    """Return all that decides what a legend looks like."""
    handles = [(h.get_label(), h.get_color(), h.get_marker(), h.get_linestyle()) for h in legend.legend_handles]
    return [legend.axes, legend.get_title().get_text(), [text.get_text() for text in legend.get_texts()], handles]


def _ticks(axis: Axis) -> list:
    places = list(axis.get_majorticklocs())
    labels = axis.get_major_formatter().format_ticks(places)
    return [*axis.get_view_interval(), axis.get_scale(), axis.get_label_text(), axis.get_visible(), places, labels]


def own_or_given(function: Callable, given: Callable, *example: Any) -> tuple[Callable, str]:
    """Return the student's function and whose it is; the given one as long as the student's is unsolved.

    Parameters
    ----------
    function : callable
        The student's.
    given : callable
        What stands in for it.
    *example
        Arguments to try the student's function with.
    """
    try:
        function(*example)
    except NotImplementedError:
        return given, f"the given function, until your {function.__name__} is solved"
    except Exception:  # wrong, but theirs: the figure shows the error where it happens
        return function, f"your {function.__name__}"
    return function, f"your {function.__name__}"


def joint_source(*sources: str) -> str:
    """Return in one text whose several functions are, as `own_or_given` says of each."""
    sources = tuple(dict.fromkeys(sources))
    return ("; " if any("," in source for source in sources) else " and ").join(sources)
