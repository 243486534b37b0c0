"""Pictures of a disclosure check as SVG with the finding as title."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.pages import spans
from techflow_service.plotting import SIDE, TOP, frame_plot, x_at, y_at

BINS_N = 10
SIGNALS_SHOWN = 8
BLUE = "#0072b2"


def draw_scores(rows: pl.DataFrame) -> str:
    """How many statements have which score."""
    scores = rows["disclosure_score"].drop_nulls()
    if scores.is_empty():
        return ""
    bins = (scores / (100.0 / BINS_N)).floor().clip(0, BINS_N - 1).cast(pl.Int64)
    counts = [int((bins == place).sum()) for place in range(BINS_N)]
    most = max(counts)
    inner = "".join(_bar(place, count, most) for place, count in enumerate(counts))
    made, most_points = int((scores > 0).sum()), scores.to_numpy().max()
    zh = f"{len(scores):,}份有分数的报表中{made:,}份有疑点，最高{most_points:.0f}分"
    en = f"{made:,} of {len(scores):,} scored statements have points, at most {most_points:.0f}"
    axes = (
        spans(Words("分数，0–100", "score, 0–100")),
        spans(Words("报表数（平方根轴）", "statements, square root")),
    )
    return frame_plot(zh, en, inner, axes)


def _bar(place: int, count: int, most: int) -> str:
    share, step = (count / most) ** 0.5, 1.0 / BINS_N
    left = x_at((place + 0.08) * step)
    label = (
        f'<text x="{x_at((place + 0.5) * step):.1f}" y="{max(y_at(share) - 3, TOP + 10):.1f}" '
        f'text-anchor="middle" style="font-size:7px">{count:,}</text>'
        if share < 0.95
        else f'<text x="{x_at((place + 0.5) * step):.1f}" y="{y_at(share) + 11:.1f}" '
        f'text-anchor="middle" style="font-size:7px;fill:#fff">{count:,}</text>'
    )
    return (
        f'<rect x="{left:.1f}" y="{y_at(share):.1f}" width="{0.84 * step * SIDE:.1f}" '
        f'height="{share * SIDE:.1f}" fill="{BLUE}"/>{label}'
    )


def draw_signals(signals: Sequence[Mapping[str, Any]]) -> str:
    """The signals with points on most statements, each beside those where it is known."""
    made = sorted((s for s in signals if s["made_n"]), key=lambda s: -s["made_n"])
    if not made:
        return ""
    shown = [(s["made_n"] / s["known_n"], s) for s in made[:SIGNALS_SHOWN]]
    most, step = max(share for share, _ in shown), 1.0 / len(shown)
    inner = "".join(
        _line(1.0 - (place + 0.6) * step, share / most, share, signal)
        for place, (share, signal) in enumerate(shown)
    )
    first, silent = made[0], sum(not s["known_n"] for s in signals)
    zh = f"最多：{first['zh']}，{first['made_n']:,}份报表；{silent}个信号因数据缺失无法判断"
    en = f"Most: {first['en']}, {first['made_n']:,} statements; {silent} signals lack their data"
    axis = Words(f"占可判断报表，0–{most:.0%}", f"of statements known, 0–{most:.0%}")
    return frame_plot(zh, en, inner, (spans(axis), ""))


def _line(height: float, width: float, share: float, signal: Mapping[str, Any]) -> str:
    y = y_at(height)
    counts = f"{signal['made_n']:,}/{signal['known_n']:,} ({share:.0%})"
    words = "".join(
        f'<text data-l="{language}" x="{x_at(0.02):.1f}" y="{y - 3:.1f}" style="font-size:9px">'
        f"{escape(signal[language])} {counts}</text>"
        for language in ("zh", "en")
    )
    return (
        f'{words}<rect x="{x_at(0):.1f}" y="{y:.1f}" width="{width * SIDE:.1f}" height="5" '
        f'fill="{BLUE}"/>'
    )
