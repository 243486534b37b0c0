"""Drift as one page in two languages: findings, two plots, tables; no network needed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.pages import both, document, said, table
from techflow_service.plotting import LEFT, SIDE, TOP, frame_plot, x_at, y_at
from techflow_service.validating.drift_words import DIRECTIONS, HOW, NO_OUTCOMES, find_words

GREY, BLUE, RED = "#8b949e", "#0072b2", "#d55e00"
BARS_N = 10
DAYS = [Words("前", "Before"), Words("后", "After")]
P = Words("p值", "p")


def render_drift(found: Mapping[str, Any]) -> str:
    """The whole page."""
    card, first, second = found["card"], found["before"], found["after"]
    title = both(f"{card.label.zh}：变动监测", f"Drift: {card.label.en}")
    findings = "".join(f'<p class="warn">{said(words)}</p>' for words in find_words(found))
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        f'<p class="note">{escape(card.id)} · {escape(card.hash)} · '
        + both(
            f"前：{first['rows_n']:,}行，评分{first['scored_n']:,}行；"
            f"后：{second['rows_n']:,}行，评分{second['scored_n']:,}行",
            f"before: {first['rows_n']:,} rows, {first['scored_n']:,} scored; "
            f"after: {second['rows_n']:,} rows, {second['scored_n']:,} scored",
        )
        + "</p>",
        f"<h2>{both('发现', 'Findings')}</h2>{findings}",
        f'<div class="plots">{_score_plot(found)}{_shift_plot(found)}</div>',
        f'<p class="note">{said(HOW)}</p>',
        _shift(found),
        _inputs(found),
        _outside(found),
        _outcomes(found),
    ]
    return document(f"{card.id} drift", parts)


def _score_plot(found: Mapping[str, Any]) -> str:
    """Share of rows in tenths of the first day's scores, both days."""
    bins, score = found["score"]["bins"], found["score"]
    most = max(max(b["before"], b["after"]) for b in bins)
    step, inner = 1.0 / len(bins), ""
    for place, b in enumerate(bins):
        for shift, side, colour in ((0.12, "before", GREY), (0.5, "after", BLUE)):
            inner += _bar((place + shift) * step, b[side] / most, 0.36 * step, colour)
        inner += (
            f'<text x="{x_at((place + 0.5) * step):.1f}" y="{TOP + SIDE + 14}" '
            f'text-anchor="middle">{place + 1}</text>'
        )
    zh = f"评分分布：PSI {score['value']:.3f}，p {score['p']:.3f}（灰色为前）"
    en = f"Scores: PSI {score['value']:.3f}, p {score['p']:.3f} (grey: before)"
    axes = ("评分分段，1为最低 / band of the score, 1 lowest", f"0–{most:.1%}")
    return frame_plot(zh, en, inner, axes)


def _bar(x: float, height: float, width: float, colour: str) -> str:
    return (
        f'<rect x="{x_at(x):.1f}" y="{y_at(height):.1f}" width="{width * SIDE:.1f}" '
        f'height="{height * SIDE:.1f}" fill="{colour}"/>'
    )


def _shift_plot(found: Mapping[str, Any]) -> str:
    """What each input did to the mean score, in points; the rest in one bar."""
    shift = found["shift"]
    rows = _bars(shift["inputs"])
    most = max(max(abs(row["points"]) for row in rows), 1e-9)
    step, middle = 1.0 / len(rows), x_at(0.5)
    inner = (
        f'<line x1="{middle}" x2="{middle}" y1="{TOP}" y2="{TOP + SIDE}" stroke="{GREY}" '
        'stroke-dasharray="2 4"/>'
    )
    for place, row in enumerate(rows):
        points = row["points"]
        width = abs(points) / most * 0.5 * SIDE
        left = middle if points > 0.0 else middle - width
        top = TOP + (place + 0.55) * step * SIDE
        inner += (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
            f'height="{0.36 * step * SIDE:.1f}" fill="{BLUE if points > 0.0 else RED}"/>'
            f'<text x="{LEFT + 4}" y="{top - 3:.1f}">'
            f'<tspan data-l="zh">{escape(row["label"]["zh"])}</tspan>'
            f'<tspan data-l="en">{escape(row["label"]["en"])}</tspan> {points:+.2f}</text>'
        )
    zh = f"平均评分变化{shift['points']:+.2f}分及各输入的贡献"
    en = f"The mean score moved by {shift['points']:+.2f} points; what each input did"
    return frame_plot(zh, en, inner, ("评分变化 / points, 橙 / orange: riskier", ""))


def _bars(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The greatest contributions, and all others together."""
    rest = sum(row["points"] for row in rows[BARS_N:])
    others = {"label": {"zh": "其余输入", "en": "all others"}, "points": rest}
    return [*rows[:BARS_N], *([others] if len(rows) > BARS_N else [])]


def _shift(found: Mapping[str, Any]) -> str:
    shift = found["shift"]
    rows = [
        [
            both(**row["label"]),
            f"{row['points']:+.2f}",
            f"{row['log_odds']:+.4f} ± {row['log_odds_se']:.4f}",
            f"{row['unknown_log_odds']:+.4f}",
            said(DIRECTIONS[row["direction"]]),
        ]
        for row in shift["inputs"]
    ]
    total = [
        both("合计", "All"),
        f"{shift['points']:+.2f}",
        f"{shift['log_odds']:+.4f} ± {shift['log_odds_se']:.4f}",
        "",
        f"p {shift['p']:.4f}",
    ]
    head = [
        Words("输入", "Input"),
        Words("评分变化", "Points"),
        Words("对数赔率 ± 标准误", "Log-odds ± standard error"),
        Words("其中来自缺失率变化", "Of which from more or fewer unknown"),
        Words("方向", "Direction"),
    ]
    heading = both("平均评分为何变化", "What moved the mean score")
    return f"<h2>{heading}</h2>{table(head, [total, *rows])}"


def _inputs(found: Mapping[str, Any]) -> str:
    rows = [
        [
            both(**row["label"]),
            f"{row['value']:.3f}",
            f"{row['p_holm']:.4f}",
            f"{_number(row['median_before'])} → {_number(row['median_after'])}",
            f"{row['unknown_before']:.1%} → {row['unknown_after']:.1%}",
            f"{row['unknown_p_holm']:.4f}",
        ]
        for row in found["inputs"]
    ]
    head = [
        Words("输入", "Input"),
        Words("CSI", "CSI"),
        Words("p值（Holm）", "p (Holm)"),
        Words("中位数", "Median"),
        Words("缺失率", "Unknown"),
        Words("缺失率p值（Holm）", "p of unknown (Holm)"),
    ]
    return f"<h2>{both('输入的分布', 'Inputs')}</h2>{table(head, rows)}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _outside(found: Mapping[str, Any]) -> str:
    outside = found["outside"]
    rows = [[both("合计", "All"), *_shares(outside), f"{outside['p']:.4f}"]]
    rows += [[both(**row["label"]), *_shares(row), ""] for row in outside["reasons"]]
    head = [Words("适用范围之外", "Outside the domain"), *DAYS, P]
    return f"<h2>{both('适用范围', 'Domain')}</h2>{table(head, rows)}"


def _shares(row: Mapping[str, float]) -> list[str]:
    return [f"{row['before']:.2%}", f"{row['after']:.2%}"]


def _outcomes(found: Mapping[str, Any]) -> str:
    heading = f"<h2>{both('结果', 'Outcomes')}</h2>"
    outcomes = found["outcomes"]
    if not outcomes["known"]:
        return f"{heading}<p>{said(NO_OUTCOMES[outcomes['why']])}</p>"
    sides = outcomes["before"], outcomes["after"]
    rows = [
        [
            "AUC (95 %)",
            *(f"{s['auc']:.3f} ({s['auc_low']:.3f}–{s['auc_high']:.3f})" for s in sides),
            f"{outcomes['auc_change_p']:.4f}",
        ],
        [
            both("事件 / 行数", "Events / rows"),
            *(f"{s['events_n']:,} / {s['rows_n']:,}" for s in sides),
            "",
        ],
        [both("预测", "Expected"), *(f"{s['expected']:.2%}" for s in sides), ""],
        [
            both("实际（95%，Jeffreys）", "Observed (95 %, Jeffreys)"),
            *(f"{s['observed']:.2%} ({s['low']:.2%}–{s['high']:.2%})" for s in sides),
            "",
        ],
        [both("均值检验p值", "p of the mean"), *(f"{s['mean_p']:.4f}" for s in sides), ""],
    ]
    change = Words("变化的p值", "p of the change")
    return heading + table([Words("指标", "Measure"), *DAYS, change], rows)


def drift_json(found: Mapping[str, Any]) -> str:
    """The figures for machines, with the findings in both languages."""
    card = found["card"]
    plain = {name: value for name, value in found.items() if name != "card"}
    head = {"card": card.id, "hash": card.hash}
    findings = {"findings": [asdict(words) for words in find_words(found)]}
    return json.dumps(head | findings | plain, ensure_ascii=False, indent=1)
