"""Dot plots with intervals and tiles, as SVG and HTML; no map."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import NamedTuple

from techflow.credit import Words
from techflow_service.pages import both, spans

ROW, LEFT, RIGHT, TOP, WIDE = 18, 150, 16, 8, 460
REGION, UNKNOWN = Words("地区", "Region"), Words("未知", "unknown")
SURE, OTHER, SOFT = "#d55e00", "#0072b2", "#8b949e"


class Dot(NamedTuple):
    """A region with a figure and its interval; `sure` ones are drawn in orange."""

    label: Words
    value: float
    low: float
    high: float
    sure: bool = False


def dot_plot(
    dots: Sequence[Dot],
    title: Words,
    axis: Words,
    *,
    ends: tuple[float, float],
    ticks: Iterable[str],
    left: int = LEFT,
) -> str:
    """Dots with bars, one row each, the finding as title.

    Args:
        dots: Rows from above.
        title: What the picture shows.
        axis: Words below.
        ends: Left and right end of the axis.
        ticks: Figures to write below the axis, as text.
        left: Room for the names of the rows.
    """
    span, wide = (ends[1] - ends[0]) or 1.0, WIDE + left - LEFT

    def x(value: float) -> float:
        share = min(max((value - ends[0]) / span, 0.0), 1.0)
        return left + share * (wide - left - RIGHT)

    bottom = TOP + ROW * len(dots)
    inner = "".join(_row(dot, (left - 8, TOP + ROW * (k + 0.5)), x) for k, dot in enumerate(dots))
    for tick in ticks:
        at = x(float(tick.rstrip("%")) / (100.0 if tick.endswith("%") else 1.0))
        inner += (
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{bottom}" stroke="{SOFT}" '
            f'stroke-opacity="0.3"/><text x="{at:.1f}" y="{bottom + 16}" '
            f'text-anchor="middle">{tick}</text>'
        )
    below = f'<text x="{wide / 2}" y="{bottom + 36}" text-anchor="middle">{spans(axis)}</text>'
    size = f"min-width:{0.75 * wide:.0f}px;max-width:{1.4 * wide:.0f}px"
    return (
        f'<figure style="margin:0"><p><b>{both(title.zh, title.en)}</b></p>'
        f'<div class="scroll"><svg style="{size}" viewBox="0 0 {wide} {bottom + 44}" '
        f'role="img" aria-label="{escape(title.en)}">{inner}{below}</svg></div></figure>'
    )


def _row(dot: Dot, at: tuple[float, float], place: Callable[[float], float]) -> str:
    name_x, y = at
    colour = SURE if dot.sure else OTHER
    names = "".join(
        f'<text data-l="{language}" x="{name_x}" y="{y + 4}" text-anchor="end">'
        f"{escape(text)}</text>"
        for language, text in (("zh", dot.label.zh), ("en", dot.label.en))
    )
    return (
        f'{names}<line x1="{place(dot.low):.1f}" x2="{place(dot.high):.1f}" y1="{y}" y2="{y}" '
        f'stroke="{colour}" stroke-width="2"/>'
        f'<circle cx="{place(dot.value):.1f}" cy="{y}" r="3.5" fill="{colour}"/>'
    )


def tiles(
    head: Sequence[Words],
    rows: Iterable[tuple[Words, Sequence[tuple[float | None, str]]]],
    *,
    first: Words = REGION,
    absent: Words = UNKNOWN,
) -> str:
    """A grid of tiles: shade by a share of 0 to 1, the figure inside; an absent one is hatched."""
    top = "".join(f"<th>{both(w.zh, w.en)}</th>" for w in (first, *head))
    body = "".join(
        f"<tr><td>{both(name.zh, name.en)}</td>"
        f"{''.join(_tile(*cell, absent) for cell in cells)}</tr>"
        for name, cells in rows
    )
    return f'<div class="scroll"><table><tr>{top}</tr>{body}</table></div>'


def _tile(share: float | None, text: str, absent: Words) -> str:
    if share is None:
        hatch = "repeating-linear-gradient(45deg,#8b949e33 0 4px,transparent 4px 8px)"
        return f'<td style="background:{hatch}">{both(absent.zh, absent.en)}</td>'
    tone = 0.05 + 0.5 * share
    return f'<td style="background:rgba(0,114,178,{tone:.2f})">{escape(text)}</td>'
