"""Plots of a validation as SVG with the finding as title."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from techflow_service.plotting import SIDE, TOP, frame_plot, x_at, y_at


def _path(points: Sequence[Sequence[float]], colour: str, dash: str = "") -> str:
    line = " ".join(f"{x_at(a):.1f},{y_at(b):.1f}" for a, b in points)
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" {dash}/>'


DIAGONAL = _path([(0, 0), (1, 1)], "#8b949e", 'stroke-dasharray="4 4"')


def roc(found: Mapping[str, Any]) -> str:
    """Share of events caught against share of false alarms."""
    power = found["discrimination"]
    inner = DIAGONAL + _path(power["roc"], "#0072b2")
    en = f"An event outranks a non-event in {power['auc']:.1%} of pairs"
    zh = f"事件排在非事件之前的比例为{power['auc']:.1%}"
    return frame_plot(zh, en, inner, ("误报率 / false alarms", "命中率 / events caught"))


def reliability(found: Mapping[str, Any]) -> str:
    """Observed against expected rate in tenths of the rows, on square-root axes."""
    bins = found["calibration"]["bins"]
    most = max(max(b["high"], b["expected"]) for b in bins)
    marks = "".join(_mark(b, most) for b in bins)
    outside = sum(not b["low"] <= b["expected"] <= b["high"] for b in bins)
    en = f"Expected lies outside the 95 % interval of observed in {outside} of {len(bins)} tenths"
    zh = f"{len(bins)}组中有{outside}组预测落在实际的95%区间之外"
    axes = ("预测（平方根轴） / expected", f"实际 / observed, 0–{most:.1%}")
    return frame_plot(zh, en, DIAGONAL + marks, axes)


def _mark(b: Mapping[str, float], most: float) -> str:
    x, low, high, at = ((b[n] / most) ** 0.5 for n in ("expected", "low", "high", "observed"))
    bar = f'<line x1="{x_at(x):.1f}" x2="{x_at(x):.1f}" y1="{y_at(low):.1f}" y2="{y_at(high):.1f}" '
    dot = f'<circle cx="{x_at(x):.1f}" cy="{y_at(at):.1f}" r="3.5" fill="#0072b2"/>'
    return f'{bar} stroke="#0072b2"/>{dot}'


def bars(found: Mapping[str, Any]) -> str:
    """Observed and expected rate of each grade."""
    rows = found["grades"]
    most = max(max(r["observed"], r["expected"]) for r in rows) or 1.0
    step = 1.0 / len(rows)
    inner = ""
    for place, row in enumerate(rows):
        for shift, name, colour in ((0.12, "expected", "#8b949e"), (0.5, "observed", "#0072b2")):
            share = row[name] / most
            inner += (
                f'<rect x="{x_at((place + shift) * step):.1f}" y="{y_at(share):.1f}" '
                f'width="{0.36 * step * SIDE:.1f}" height="{share * SIDE:.1f}" fill="{colour}"/>'
            )
        inner += (
            f'<text x="{x_at((place + 0.5) * step):.1f}" y="{TOP + SIDE + 14}" '
            f'text-anchor="middle">{row["grade"].removeprefix("TF")}</text>'
        )
    falls = sum(a["observed"] > b["observed"] for a, b in pairwise(rows))
    en = f"The observed rate falls from one grade to the next {falls} times (grey: expected)"
    zh = f"实际比率在相邻等级间下降{falls}次（灰色为预测）"
    return frame_plot(zh, en, inner, ("等级 / grade", f"0–{most:.1%}"))
