"""Pictures of long-term capital in the plain frame: lines, and dots with their intervals."""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from techflow.credit import Words
from techflow_service.pages import spans
from techflow_service.plotting import LEFT, SIDE, TOP, frame_plot, x_at, y_at
from techflow_service.solvency.pictures import BLUE, ORANGE, colour_of, label

SOFT = "#8b949e"


class Line(NamedTuple):
    """A line: its name and points, x and y."""

    name: Words
    points: Sequence[tuple[float, float]]


class Range(NamedTuple):
    """A figure with its interval; `marked` ones are orange."""

    name: Words
    value: float
    low: float
    high: float
    marked: bool = False


class Axis(NamedTuple):
    """Words of an axis, its ends, and the marks to write."""

    name: Words
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]


def line_plot(title: Words, lines: Sequence[Line], x: Axis, y: Axis, *, log: bool = False) -> str:
    """Lines with a legend below.

    Args:
        title: The finding.
        lines: At most six.
        x: From left to right; above 0 if `log`.
        y: From below.
        log: Whether x is told by its logarithm.
    """
    across, up = _share(x, log=log), _share(y)
    inner = _ticks(x, y, across, up)
    for place, line in enumerate(lines):
        points = " ".join(f"{x_at(across(a)):.1f},{y_at(up(b)):.1f}" for a, b in line.points)
        inner += f'<polyline points="{points}" fill="none" stroke="{colour_of(place)}" '
        inner += 'stroke-width="2"/>'
    plot = frame_plot(escape(title.zh), escape(title.en), inner, (spans(x.name), spans(y.name)))
    return plot.replace("</figure>", f"{_legend([line.name for line in lines])}</figure>")


def range_plot(title: Words, ranges: Sequence[Range], axis: Axis) -> str:
    """One row each, the name above its dot and interval."""
    across = _share(axis)
    step = SIDE / len(ranges)
    inner = ""
    for value, text in axis.ticks:
        at, side = x_at(across(value)), "end" if across(value) > 0.95 else "middle"
        inner += f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{TOP + SIDE}" stroke="{SOFT}" '
        inner += f'stroke-opacity="0.4"/><text x="{at:.1f}" y="{TOP + SIDE + 14}" '
        inner += f'text-anchor="{side}">{text}</text>'
    for place, item in enumerate(ranges):
        top = TOP + step * (place + 0.4)
        inner += label(LEFT + 4, top, escape(item.name.zh), escape(item.name.en))
        inner += _interval(item, top + min(step * 0.35, 14), across)
    return frame_plot(escape(title.zh), escape(title.en), inner, (spans(axis.name), ""))


def _interval(item: Range, y: float, across: Callable[[float], float]) -> str:
    colour = ORANGE if item.marked else BLUE
    low, high, at = (x_at(across(value)) for value in (item.low, item.high, item.value))
    return (
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" '
        f'stroke-width="2"/><circle cx="{at:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    )


def _share(axis: Axis, *, log: bool = False) -> Callable[[float], float]:
    def scale(value: float) -> float:
        return math.log(value) if log else value

    low, high = scale(axis.low), scale(axis.high)

    def share(value: float) -> float:
        return min(max((scale(value) - low) / ((high - low) or 1.0), 0.0), 1.0)

    return share


def _ticks(x: Axis, y: Axis, across: Callable[[float], float], up: Callable[[float], float]) -> str:
    inner = "".join(
        f'<text x="{x_at(across(value)):.1f}" y="{TOP + SIDE + 14}" text-anchor="middle">{text}'
        "</text>"
        for value, text in x.ticks
    )
    for value, text in y.ticks:
        at = y_at(up(value))
        inner += f'<line x1="{LEFT}" x2="{LEFT + SIDE}" y1="{at:.1f}" y2="{at:.1f}" '
        inner += f'stroke="{SOFT}" stroke-opacity="0.3"/><text x="{LEFT - 3}" y="{at + 4:.1f}" '
        inner += f'text-anchor="end">{text}</text>'
    return inner


def _legend(names: Sequence[Words]) -> str:
    marks = "".join(
        f'<span style="margin-right:12px"><span style="display:inline-block;width:12px;height:3px;'
        f'vertical-align:middle;background:{colour_of(place)};margin-right:4px"></span>'
        f'<span data-l="zh">{escape(words.zh)}</span><span data-l="en">{escape(words.en)}</span>'
        "</span>"
        for place, words in enumerate(names)
    )
    return f'<p class="note">{marks}</p>'
