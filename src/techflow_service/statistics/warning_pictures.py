"""Bars from zero with intervals and a threshold, one row per field."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from techflow.credit import Words
from techflow_service.pages import both

WIDE, LEFT, RIGHT, ROW, TOP = 400, 146, 52, 20, 6
CALM, WATCH, WARN, SOFT = "#0072b2", "#e69f00", "#d55e00", "#8b949e"
COLOURS = {"watch": WATCH, "warn": WARN, "beyond": WARN}
SMALL = 0.095
LABEL_ZH, LABEL_EN = 12, 23


class Axis(NamedTuple):
    """Figures at the ends of the bars' room."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Place of a figure, held within the room."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return LEFT + share * (WIDE - LEFT - RIGHT)


def number(value: float | None, unit: str) -> str:
    """A figure in words: a share in percent, a ratio with two decimals, a small one with three.

    Examples:
        >>> number(0.1234, "share"), number(0.1234, "ratio"), number(0.0042, "ratio")
        ('12.3%', '0.12', '0.004')
    """
    if value is None:
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:.2f}" if abs(value) >= SMALL else f"{value:.3f}"


def choose_axis(rows: Sequence[Mapping[str, Any]], threshold: float | None) -> Axis:
    """Room for zero, all figures and the threshold; long intervals are cut."""
    values = [row["value"] for row in rows if row["value"] is not None]
    most = max([*values, threshold or 0.0, 0.0]) * 1.25 or 1.0
    reach = [min(row["high"], 1.5 * most) for row in rows if row["high"] is not None]
    least = min([*values, 0.0])
    deep = [max(row["low"], 1.5 * least) for row in rows if row["low"] is not None]
    return Axis(min([least, *deep]), max([most, *reach]))


def bar_plot(
    rows: Sequence[tuple[Words, Mapping[str, Any]]],
    title: Words,
    unit: str,
    threshold: float | None,
) -> str:
    """Bars with intervals; a dashed line is the threshold, an arrow an interval that goes on.

    Args:
        rows: Names and figures (`value low high status`), from above.
        title: What the picture shows.
        unit: `share` or `ratio`.
        threshold: Drawn if there is one.
    """
    axis = choose_axis([row for _, row in rows], threshold)
    bottom = TOP + ROW * len(rows)
    inner = "".join(
        _row(words, row, (TOP + ROW * (k + 0.5), unit), axis) for k, (words, row) in enumerate(rows)
    )
    inner += _line(axis.at(0.0), bottom, "0", "")
    if threshold is not None:
        inner += _line(axis.at(threshold), bottom, number(threshold, unit), "4 3")
    return (
        f'<figure style="margin:0;max-width:520px"><p><b>{both(title.zh, title.en)}</b></p>'
        f'<svg viewBox="0 0 {WIDE} {bottom + 20}" role="img" aria-label="{escape(title.en)}">'
        f"{inner}</svg></figure>"
    )


def _line(x: float, bottom: float, text: str, dashes: str) -> str:
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}" stroke="{SOFT}" '
        f'stroke-dasharray="{dashes}"/><text x="{x:.1f}" y="{bottom + 14}" '
        f'text-anchor="middle">{text}</text>'
    )


def _row(words: Words, row: Mapping[str, Any], at: tuple[float, str], axis: Axis) -> str:
    y, unit = at
    names = "".join(
        f'<text data-l="{tongue}" x="{LEFT - 6}" y="{y + 4}" text-anchor="end">'
        f"{escape(text if len(text) <= room else text[: room - 1] + '…')}</text>"
        for tongue, text, room in (("zh", words.zh, LABEL_ZH), ("en", words.en, LABEL_EN))
    )
    value = row["value"]
    end = f'<text x="{WIDE}" y="{y + 4}" text-anchor="end">{number(value, unit)}</text>'
    if value is None:
        return names + end
    ends = sorted((axis.at(0.0), axis.at(value)))
    colour = COLOURS.get(row["status"], CALM)
    bar = (
        f'<rect x="{ends[0]:.1f}" y="{y - 6}" width="{ends[1] - ends[0]:.1f}" height="12" '
        f'fill="{colour}" fill-opacity="0.75"/>'
    )
    return names + bar + _interval(row, y, axis) + end


def _interval(row: Mapping[str, Any], y: float, axis: Axis) -> str:
    low, high = row["low"], row["high"]
    if low is None or high is None:
        return ""
    left, right = axis.at(low), axis.at(high)
    beyond = f'<path d="M{right + 5:.1f} {y}l-5 -4v8z" fill="currentColor"/>'
    return (
        f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}" stroke="currentColor" '
        f'stroke-width="1.5"/>{beyond if high > axis.high else ""}'
    )
