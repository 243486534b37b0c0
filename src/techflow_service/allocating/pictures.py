"""Pictures of a decided book: profit beside plain strategies, rates by risk, answers to rates."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from techflow.credit import Words
from techflow.pricing import stay_share
from techflow_service.churning import load_curves
from techflow_service.plotting import LEFT, SIDE, TOP, frame_plot, x_at, y_at

BLUE, GREY, ORANGE, GREEN = "#0072b2", "#8b949e", "#d55e00", "#009e73"
COLOURS = {"A": BLUE, "B": ORANGE, "C": GREEN}
LOW, HIGH = 0.04, 0.15


def yuan(amount: float) -> Words:
    """An amount in words: ten thousands of yuan, thousands or millions."""
    if abs(amount) >= 999_950.0:
        return Words(f"{amount / 1e4:,.1f}万元", f"{amount / 1e6:,.3f} m yuan")
    return Words(f"{amount / 1e4:,.2f}万元", f"{amount / 1e3:,.1f} k yuan")


def profit_plot(told: Mapping[str, Any]) -> str:
    """Expected profit of this book and of each plain strategy, and the bound."""
    bound = told["decision"]["bound_cny"]
    rows = [("本方案", "this book", told["decision"]["profit_cny"], BLUE)]
    rows += [(one["zh"], one["en"], one["profit_cny"], GREY) for one in told["strategies"]]
    most = max([bound, *(row[2] for row in rows), 1.0]) * 1.05
    step, inner = 1.0 / len(rows), ""
    for place, (zh, en, profit, colour) in enumerate(rows):
        top = TOP + (place + 0.5) * step * SIDE
        inner += (
            f'<rect x="{LEFT}" y="{top:.1f}" width="{max(profit, 0.0) / most * SIDE:.1f}" '
            f'height="{0.3 * step * SIDE:.1f}" fill="{colour}"/>'
            f'<text x="{LEFT + 4}" y="{top - 4:.1f}"><tspan data-l="zh">{zh} {yuan(profit).zh}'
            f'</tspan><tspan data-l="en">{en} {yuan(profit).en}</tspan></text>'
        )
    at = x_at(bound / most)
    inner += (
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{TOP + SIDE}" stroke="{ORANGE}" '
        'stroke-dasharray="4 3"/>'
    )
    second = max((row[2] for row in rows[1:]), default=0.0)
    more = rows[0][2] / second - 1.0 if second > 0.0 else 0.0
    zh = f"比最好的简单方案多{more:.1%}（橙线为任何方案的上界）"
    en = f"{more:.1%} more than the best plain strategy (orange: no book can earn more)"
    return frame_plot(zh, en, inner, ("预期利润 / expected profit", ""))


def rate_plot(firms: pl.DataFrame) -> str:
    """Rate of each offer against the default probability; the area is the amount."""
    lent = firms.filter(pl.col("amount_cny") > 0.0)
    most = float(lent["pd"].to_numpy().max()) if lent.height else 1.0
    size = float(lent["amount_cny"].to_numpy().max()) if lent.height else 1.0
    inner = _rate_axis()
    for row in lent.iter_rows(named=True):
        x, y = x_at((row["pd"] / most) ** 0.5 * 0.96), y_at(_height(row["rate_pa"]))
        radius = 1.5 + 3.5 * (row["amount_cny"] / size) ** 0.5
        inner += (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{COLOURS[row["curve"]]}" '
            f'fill-opacity="0.6"/>'
        )
    zh = "风险越高利率越高；点的大小为金额，颜色为流失曲线（蓝A 橙B 绿C）"
    en = "Riskier firms pay more; size: amount, colour: churn curve (blue A, orange B, green C)"
    return frame_plot(zh, en, inner, (f"违约率 / PD, 0–{most:.1%} (√)", "利率 / rate"))


def response_plot(firms: pl.DataFrame) -> str:
    """Share of customers lost by rate, each curve that is used."""
    curves, inner = load_curves(), _rate_ticks()
    rates = np.linspace(LOW, HIGH, 60)
    used = sorted(set(firms["curve"].drop_nulls()))
    for name in used:
        one = curves.by_rating[name]
        stay = stay_share(rates, np.array([one.decay]), np.array([one.start_rate_pa]))
        line = " ".join(
            f"{x_at(_height(rate)):.1f},{y_at(1.0 - share):.1f}"
            for rate, share in zip(rates, stay, strict=True)
        )
        colour = COLOURS[name]
        inner += f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
    worst = max(one["loo_rmse_share"] for one in curves.fitted["ratings"].values())
    zh = f"利率每升一个点，留下的客户约少五分之一（留一法误差不超过{worst:.1%}）"
    en = f"Each point of rate loses a fifth of those left (leave-one-out error at most {worst:.1%})"
    return frame_plot(zh, en, inner, ("利率 / rate", "流失 / lost, 0–100 %"))


def _height(rate: float) -> float:
    return (rate - LOW) / (HIGH - LOW)


def _rate_axis() -> str:
    return "".join(
        f'<text x="{LEFT - 3}" y="{y_at(_height(rate)) + 4:.1f}" text-anchor="end">'
        f"{rate:.0%}</text>"
        for rate in (0.06, 0.09, 0.12, 0.15)
    )


def _rate_ticks() -> str:
    return "".join(
        f'<text x="{x_at(_height(rate)):.1f}" y="{TOP + SIDE + 14}" text-anchor="middle">'
        f"{rate:.0%}</text>"
        for rate in (0.04, 0.08, 0.12, 0.15)
    )
