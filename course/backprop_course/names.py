"""Unit 5's last page: the perfect fit of the next letter, and the names that it invents."""

import string
from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from backprop_course.explorer import BLUE, ORANGE, Explorer, for_browsers, joint_source, new_figure, own_or_given
from backprop_course.given import softmax_stability as given

__all__ = ["FIGURES", "explore_names"]

_NAMES = """
    hydrogen helium lithium beryllium boron carbon nitrogen oxygen fluorine neon sodium magnesium aluminium silicon
    phosphorus sulfur chlorine argon potassium calcium scandium titanium vanadium chromium manganese iron cobalt nickel
    copper zinc gallium germanium arsenic selenium bromine krypton rubidium strontium yttrium zirconium niobium
    molybdenum technetium ruthenium rhodium palladium silver cadmium indium tin antimony tellurium iodine xenon caesium
    barium lanthanum cerium praseodymium neodymium promethium samarium europium gadolinium terbium dysprosium holmium
    erbium thulium ytterbium lutetium hafnium tantalum tungsten rhenium osmium iridium platinum gold mercury thallium
    lead bismuth polonium astatine radon francium radium actinium thorium protactinium uranium neptunium plutonium
    americium curium berkelium californium einsteinium fermium mendelevium nobelium lawrencium rutherfordium dubnium
    seaborgium bohrium hassium meitnerium darmstadtium roentgenium copernicium nihonium flerovium moscovium livermorium
    tennessine oganesson
"""
ELEMENTS = _NAMES.split()
LETTERS = " " + string.ascii_lowercase  # a blank stands before a name, and ends it
CONTEXTS = (1, 2, 3, 4, 5)
TEMPERATURES = (0.1, 0.2, 0.5, 0.7, 1.0, 1.5, 2.0, 5.0)
SHOWN, LONGEST = 14, 18  # names, letters


def next_letters(before: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every place in the names of the elements: the numbers of the letters before it, and of its own.

    Parameters
    ----------
    before : int
        How many letters are seen.

    Returns
    -------
    X : array, shape (N, before)
    y : array of int, shape (N,)
    """
    numbers = [[LETTERS.index(letter) for letter in " " * before + name + " "] for name in ELEMENTS]
    places = [(row[k - before : k], row[k]) for row in numbers for k in range(before, len(row))]
    X, y = zip(*places, strict=True)
    return np.array(X, dtype=float), np.array(y)


class Fit:
    """A perfect fit of the next letter, by the letters before it.

    Parameters
    ----------
    before : int
        How many letters are seen.
    relative_frequencies, softmax : callable
        The student's functions.
    """

    def __init__(self, before: int, relative_frequencies: Callable, softmax: Callable):
        self.before, self._softmax = before, softmax
        X, self._y = next_letters(before)
        rows, frequencies = relative_frequencies(X, self._y, len(LETTERS))
        self._place = {tuple(row): k for k, row in enumerate(np.asarray(rows).tolist())}
        self._rows = [self._place[tuple(row)] for row in X.tolist()]
        with np.errstate(divide="ignore"):
            self._logarithms = np.log(np.asarray(frequencies, dtype=float))

    @property
    def rows(self) -> int:
        """How many different contexts there are."""
        return len(self._place)

    def probabilities(self, temperature: float) -> np.ndarray:
        """Return the probabilities of the next letter, a row for each context."""
        return np.asarray(self._softmax(self._logarithms / temperature))

    def measure(self, temperature: float) -> tuple[float, float]:
        """Return the cross-entropy on the elements, and how probable it is that a drawn name is one of them."""
        with np.errstate(divide="ignore"):
            logarithms = np.log(self.probabilities(temperature)[self._rows, self._y])
        names = np.add.reduceat(logarithms, np.cumsum([0, *(len(name) + 1 for name in ELEMENTS[:-1])]))
        return float(-logarithms.mean()), float(np.exp(names).sum())

    def names(self, count: int, temperature: float, rng: np.random.Generator) -> list[str]:
        """Draw names, letter by letter."""
        steps = self.probabilities(temperature).cumsum(axis=1)
        found = []
        for chances in rng.uniform(size=(count, LONGEST)):
            context, name = (0.0,) * self.before, ""
            for chance in chances:
                drawn = int(np.searchsorted(steps[self._place[context]], chance * steps[self._place[context], -1]))
                if drawn == 0:
                    break
                context, name = (*context[1:], float(drawn)), name + LETTERS[drawn]
            found.append(name)
        return found


@for_browsers
def explore_names(relative_frequencies: Callable, softmax: Callable) -> Explorer:
    """Draw names from a perfect fit to the names of the chemical elements.

    Parameters
    ----------
    relative_frequencies, softmax : callable
        The student's functions: the fit, and what turns its logarithms, divided by a temperature, into probabilities.
    """
    count, whose = own_or_given(relative_frequencies, given.relative_frequencies, np.zeros((2, 1)), np.array([0, 1]), 2)
    turn, whose_softmax = own_or_given(softmax, given.softmax, np.zeros((1, 2)))
    fits: dict[int, Fit] = {}
    figure = new_figure(7.6, 3.7)
    figure.set_layout_engine("none")

    def draw(before, temperature, drawing):
        for context in CONTEXTS[:before]:
            if context not in fits:
                fits[context] = Fit(context, count, turn)
        return _draw(figure, fits, before, temperature, drawing, before)

    return Explorer(
        draw,
        {
            "before": widgets.IntSlider(value=1, min=CONTEXTS[0], max=CONTEXTS[-1], description="letters before"),
            "temperature": widgets.SelectionSlider(options=TEMPERATURES, value=1.0, description="temperature"),
            "drawing": widgets.IntSlider(value=1, min=1, max=20, description="drawing"),
        },
        question="From how many letters before on is more than every second name one that exists already?",
        choices=["2", "3", "5", "none"],
        truth="3",
        why="Most contexts of three letters occur before one letter only, so that the fit can but repeat it.",
        source=joint_source(whose, whose_softmax),
        stops={"before": None, "temperature": {"0.2": 0.2, "1.0": 1.0, "2.0": 2.0}, "drawing": {"1": 1, "2": 2}},
    )


def _draw(figure: Figure, fits: dict[int, Fit], before: int, temperature: float, drawing: int, last: int) -> tuple:
    """Draw names, and both curves up to `last` letters, so that they grow; return the figure and its words."""
    figure.clear()
    fit = fits[before]
    names = fit.names(SHOWN, temperature, np.random.default_rng(drawing))
    for k, name in enumerate(names):
        exists = name in ELEMENTS
        x, y = 0.02 + 0.27 * (k % 2), 0.83 - 0.11 * (k // 2)
        text = f"{name} (exists)" if exists else name
        figure.text(x, y, text, color="0.45" if exists else "black", size=10 if exists else 12)
    figure.text(0.02, 0.93, f"Drawn with {before} letter{'s' * (before > 1)} before", size=11)
    measures = np.array([fits[context].measure(temperature) for context in CONTEXTS[:last]])
    loss, known = measures[before - 1]
    for place, values, title, colour, top in (
        ((0.66, 0.6, 0.31, 0.3), measures[:, 0], f"cross-entropy: {loss:.3f}", BLUE, 3.4),
        ((0.66, 0.13, 0.31, 0.3), 100 * measures[:, 1], f"names that exist: {100 * known:.2g} %", ORANGE, 108),
    ):
        axes = figure.add_axes(place)
        axes.plot(CONTEXTS[:last], np.minimum(values, top), "o-", color=colour)
        axes.plot(before, min(values[before - 1], top), "o", ms=12, mfc="none", mec="black", mew=1.6)
        axes.set(ylim=(-top / 12, top), xlim=(0.7, 5.3), xticks=CONTEXTS, title=title)
    axes.set_xlabel("letters before")
    words = (
        f"{fit.rows} different rows of {before} letter{'s' * (before > 1)}. At temperature {temperature:g} the mean "
        f"cross-entropy is {loss:.3f}, and {100 * known:.2g} % of all drawn names are elements. "
        f"Drawn: {', '.join(names)}."
    )
    return figure, words


def names_figure() -> Figure:
    """Return what is drawn with two letters before, at temperature 1."""
    fits = {context: Fit(context, given.relative_frequencies, given.softmax) for context in CONTEXTS}
    figure = new_figure(7.6, 3.7)
    figure.set_layout_engine("none")
    return _draw(figure, fits, 2, 1.0, 1, CONTEXTS[-1])[0]


FIGURES = {"names": names_figure}
