"""Unit 0: a train of gears, turned by hand."""

import html
from collections.abc import Callable, Sequence
from math import cos, pi, prod, sin

import ipywidgets as widgets

from backprop_course.explorer import BLUE, ORANGE, Explorer, for_browsers, number, own_or_given
from backprop_course.graphs import svg

LECTURE = (2.0, 3.0, 0.5)
RADIUS, DISTANCE, TEETH = 52, 172, 12


def turns_of_each_wheel(gear_train: Callable, ratios: Sequence[float], crank: float) -> list[float]:
    """Return how often each wheel has turned, the crank first.

    Parameters
    ----------
    gear_train : callable
        Asked about the train up to each wheel.
    ratios : sequence of float
    crank : float
        Turns of the crank.
    """
    return [crank * float(gear_train(list(ratios[:k]))) for k in range(len(ratios) + 1)]


def gears_svg(turns: Sequence[float], ratios: Sequence[float]) -> str:
    """Return a picture of wheels in a row, each with a hand, as SVG.

    Parameters
    ----------
    turns : sequence of float
        Of each wheel, the crank first.
    ratios : sequence of float
        Written between the wheels.
    """
    parts = []
    for k, turn in enumerate(turns):
        name = "crank" if k == 0 else f"wheel {k}"
        parts.append(_wheel(DISTANCE * (k + 0.5), 74, turn, name, ORANGE if k == 0 else BLUE))
    parts += [_arrow(DISTANCE * (k + 1), 74, ratio) for k, ratio in enumerate(ratios)]
    return svg([("".join(parts), 178)], DISTANCE * len(turns))


def _wheel(x: float, y: float, turns: float, name: str, colour: str) -> str:
    corners = []
    for k in range(4 * TEETH):
        radius = RADIUS if k % 4 < 2 else RADIUS - 7
        angle = 2 * pi * (k + 0.5) / (4 * TEETH)
        corners.append(f"{radius * cos(angle):.1f} {radius * sin(angle):.1f}")
    degrees = (360 * turns) % 360
    return (
        f'<g transform="translate({x:g} {y:g}) rotate({degrees:.1f})">'
        f'<path d="M{" L".join(corners)}Z" fill="#F6F8FA" stroke="#555" stroke-width="1.5"/>'
        f'<line x1="0" y1="0" x2="0" y2="{-RADIUS + 12}" stroke="{colour}" stroke-width="5" stroke-linecap="round"/>'
        f'<circle r="6" fill="{colour}"/></g>'
        f'<text x="{x:g}" y="{y + 76}" text-anchor="middle">{name}</text>'
        f'<text x="{x:g}" y="{y + 95}" text-anchor="middle" font-weight="bold" fill="{colour}">'
        f"{html.escape(number(turns))} turns</text>"
    )


def _arrow(x: float, y: float, ratio: float) -> str:
    return (
        f'<line x1="{x - 25:g}" y1="{y}" x2="{x + 17:g}" y2="{y}" stroke="#555" stroke-width="1.5"/>'
        f'<path d="M{x + 26:g} {y}l-12 -5.5v11z" fill="#555"/>'
        f'<text x="{x:g}" y="{y - 12}" text-anchor="middle" font-weight="bold">×{html.escape(number(ratio))}</text>'
    )


@for_browsers
def explore_gears(gear_train: Callable) -> Explorer:
    """Turn a crank and see three wheels follow.

    Parameters
    ----------
    gear_train : callable
        The student's function of that name.
    """
    train, source = own_or_given(gear_train, prod, list(LECTURE))

    def draw(crank, first, second, third):
        ratios = (first, second, third)
        turns = turns_of_each_wheel(train, ratios, crank)
        return gears_svg(turns, ratios), _in_words(crank, turns[-1])

    return Explorer(
        draw,
        {
            "crank": _slider("Crank, turns", 0.25, 0, 1, 0.01),
            **{
                name: _slider(f"Ratio of wheel {k + 1}", LECTURE[k], -3, 3, 0.5)
                for k, name in enumerate(("first", "second", "third"))
            },
        },
        question="The ratio of wheel 2 goes from 3 to -3, all others stay. Which wheels turn the other way?",
        choices=["wheel 2 alone", "wheels 2 and 3", "all three"],
        truth="wheels 2 and 3",
        source=source,
        stops={"crank": 17, "first": 7, "third": 7},
    )


def _in_words(crank: float, last: float) -> str:
    way = "the same way" if last * crank > 0 else "the other way" if last * crank < 0 else "not at all"
    return f"The crank has made {number(crank)} turns, wheel 3 {number(abs(last))}: it turns {way}."


def _slider(description: str, value: float, low: float, high: float, step: float) -> widgets.FloatSlider:
    return widgets.FloatSlider(
        value,
        min=low,
        max=high,
        step=step,
        description=description,
        readout_format=".2f",
        style={"description_width": "9em"},
        layout=widgets.Layout(width="30em"),
    )


def _picture() -> str:
    return gears_svg(turns_of_each_wheel(prod, LECTURE, 1 / 4), LECTURE)


FIGURES = {"gears": _picture}
