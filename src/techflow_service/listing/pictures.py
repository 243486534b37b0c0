"""Pictures of listing and exit as SVG, with the finding as title."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.pages import both, mark_words, said, spans
from techflow_service.plotting import SIDE, frame_plot, x_at, y_at

COLOURS = ("#0072b2", "#e69f00", "#56b4e9", "#cc79a7", "#6e7781", "#000000")
"""Blue, orange, sky, purple, grey: told apart without red and green."""
SMALL = 'style="font-size:9px"'
Label = tuple[str, str]


def tell_mark(mark: str) -> str:
    """A mark of a rule in both languages, as HTML; an empty one is not in force."""
    return said(mark_words(mark)) if mark else both("尚未施行", "not in force")


def words_at(x: float, y: float, label: Label, *, more: str = "") -> str:
    """One text in both languages at a place."""
    return "".join(
        f'<text data-l="{language}" x="{x:.1f}" y="{y:.1f}" {SMALL} {more}>{escape(text)}</text>'
        for language, text in zip(("zh", "en"), label, strict=True)
    )


def draw_curves(
    curve: pl.DataFrame, labels: dict[str, Label], *, horizon_years: float, title: Label
) -> str:
    """Share ended by each route over time, as steps, each labelled at its end."""
    seen = curve.filter(pl.col("years") <= horizon_years)
    if seen.is_empty():
        return ""
    top = max(_as_float(seen["share_high"].max()), _as_float(seen["share"].max()), 1e-9)
    inner, ends = "", []
    for place, (route, label) in enumerate(labels.items()):
        rows = seen.filter(pl.col("route") == route)
        colour = COLOURS[place % len(COLOURS)]
        inner += _steps(rows, horizon_years, top, colour)
        ends.append((_as_float(rows["share"].last()), label, colour))
    inner += _legend(ends)
    along = spans(Words(f"年，0–{horizon_years:g}", f"years, 0–{horizon_years:g}"))
    beside = spans(Words(f"已退出占比，0–{top:.0%}", f"share ended, 0–{top:.0%}"))
    return frame_plot(*title, inner, (along, beside))


def _steps(rows: pl.DataFrame, horizon_years: float, top: float, colour: str) -> str:
    path, height = f"M{x_at(0):.1f},{y_at(0):.1f}", 0.0
    for years, share in rows.select("years", "share").iter_rows():
        path += f"L{x_at(years / horizon_years):.1f},{y_at(height / top):.1f}"
        height = share
        path += f"L{x_at(years / horizon_years):.1f},{y_at(height / top):.1f}"
    path += f"L{x_at(1):.1f},{y_at(height / top):.1f}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _legend(ends: Sequence[tuple[float, Label, str]]) -> str:
    """Routes with their share at the end, the greatest first, in the empty upper left corner."""
    lines = sorted(ends, key=lambda end: -end[0])
    return "".join(
        f'<rect x="{x_at(0.03):.1f}" y="{y_at(0.97) + 13 * place:.1f}" width="9" height="9" '
        f'fill="{colour}"/>'
        + words_at(
            x_at(0.03) + 13,
            y_at(0.97) + 13 * place + 8,
            (f"{label[0]} {share:.1%}", f"{label[1]} {share:.1%}"),
        )
        for place, (share, label, colour) in enumerate(lines)
    )


def draw_bars(
    rows: Sequence[tuple[Label, float | None, float | None, float | None]],
    *,
    title: Label,
    measure: Label,
    unknown: Label = ("未知", "unknown"),
    highlight: Sequence[bool] = (),
    least_top: float = 1e-9,
) -> str:
    """Lying bars from zero, each with its interval if there is one; what is unknown says so."""
    top = max([*(v for _, *values in rows for v in values if v is not None), least_top])
    step = 1.0 / max(len(rows), 1)
    inner = ""
    for place, (label, value, low, high) in enumerate(rows):
        y = y_at(1.0 - (place + 0.62) * step)
        amber = bool(highlight) and highlight[place]
        text = unknown if value is None else (f"{value:.1%}", f"{value:.1%}")
        told = (f"{label[0]} {text[0]}", f"{label[1]} {text[1]}")
        inner += words_at(x_at(0.02), y - 4, told)
        if value is not None:
            inner += _bar(y, value / top, "#e69f00" if amber else COLOURS[0])
        if low is not None and high is not None:
            inner += _whisker(y + 4, low / top, high / top)
    below = spans(Words(f"{measure[0]}，0–{top:.0%}", f"{measure[1]}, 0–{top:.0%}"))
    return frame_plot(*title, inner, (below, ""))


def _bar(y: float, share: float, colour: str) -> str:
    return (
        f'<rect x="{x_at(0):.1f}" y="{y:.1f}" width="{share * SIDE:.1f}" height="8" '
        f'fill="{colour}"/>'
    )


def _whisker(y: float, low: float, high: float) -> str:
    a, b = x_at(low), x_at(high)
    return (
        f'<path d="M{a:.1f},{y:.1f}H{b:.1f}M{a:.1f},{y - 3:.1f}v6M{b:.1f},{y - 3:.1f}v6" '
        'stroke="currentColor" fill="none"/>'
    )


def _as_float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def draw_answers(boards: Sequence[Mapping[str, Any]], *, firms_n: int) -> str:
    """How many firms each board takes (blue), cannot decide (amber) or refuses (grey)."""
    if not firms_n:
        return ""
    step, inner = 1.0 / len(boards), ""
    for place, row in enumerate(boards):
        y, left = y_at(1.0 - (place + 0.62) * step), 0.0
        inner += words_at(
            x_at(0.02),
            y - 4,
            (
                f"{row['zh']}：符合{row['yes_n']:,}，未知{row['unknown_n']:,}，不符合{row['no_n']:,}",
                f"{row['en']}: yes {row['yes_n']:,}, unknown {row['unknown_n']:,}, "
                f"no {row['no_n']:,}",
            ),
        )
        for word, colour in (("yes", COLOURS[0]), ("unknown", COLOURS[1]), ("no", "#8c959f")):
            share = row[f"{word}_n"] / firms_n
            inner += (
                f'<rect x="{x_at(left):.1f}" y="{y:.1f}" width="{share * SIDE:.1f}" height="12" '
                f'fill="{colour}"/>'
            )
            left += share
    best = max(boards, key=lambda row: row["yes_n"])
    title = (
        f"{best['zh']}符合的最多：{best['yes_n']:,}家（共{firms_n:,}家）",
        f"{best['en']} takes the most: {best['yes_n']:,} of {firms_n:,} firms",
    )
    if not best["yes_n"]:
        title = ("没有企业已知符合任何板块", "No firm is known to fit any board")
    below = spans(Words(f"企业数，0–{firms_n:,}", f"firms, 0–{firms_n:,}"))
    return frame_plot(*title, inner, (below, ""))
