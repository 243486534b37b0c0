"""The part of a validation that tells how the card responds to its inputs."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.plotting import SIDE, TOP, frame_plot, x_at, y_at

SHOWN_N, LINES_N = 15, 5
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8b6914")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 4")
HEAD = (
    Words("输入", "Input"),
    Words("打乱后AUC的损失（95%区间）", "AUC lost when shuffled (95 %)"),
    Words("设为缺失", "Unknown"),
    Words("加1个标准差", "+1 SD"),
    Words("减1个标准差", "−1 SD"),
    Words("加10%", "+10 %"),
    Words("减10%", "−10 %"),
)
REFUSED = Words("拒绝评分", "refused")


def sensitivity_rows(found: Mapping[str, Any]) -> list[list[str]]:
    """Cells of the table: importance, then change of mean PD and of AUC under each shock."""
    base = found["sensitivity"]
    return [
        [
            f"{place}. {_both(**row['label'])}",
            _span(row["importance"]),
            *(_shock(row, name, base) for name in row["shocks"]),
        ]
        for place, row in enumerate(base["inputs"][:SHOWN_N], start=1)
    ]


def _both(zh: str, en: str) -> str:
    return f'<span data-l="zh">{escape(zh)}</span><span data-l="en">{escape(en)}</span>'


def _span(importance: Mapping[str, float]) -> str:
    value, low, high = (round(importance[k], 3) + 0.0 for k in ("value", "low", "high"))
    return f"{value:.3f} ({low:.3f} – {high:.3f})"


def _shock(row: Mapping[str, Any], name: str, base: Mapping[str, float]) -> str:
    told = row["shocks"][name]
    if told is None:
        refused = name == "unknown" and row["required"]
        return _both(REFUSED.zh, REFUSED.en) if refused else "–"
    change = round(told["pd"] / base["pd"] - 1.0, 3)
    gain = round(told["auc"] - base["auc"], 3)
    return f"{_signed(change, '.1%')}<br>{_signed(gain, '.3f')}"


def _signed(number: float, form: str) -> str:
    """A change with its sign; none where it rounds to nothing."""
    return f"{number:+{form}}" if number else f"{0.0:{form}}"


def explain_sensitivity(found: Mapping[str, Any]) -> str:
    """What the table holds."""
    base = found["sensitivity"]
    n, events = f"{base['rows_n']:,}", f"{base['events_n']:,}"
    shown = min(SHOWN_N, len(base["inputs"]))
    zh = (
        f"在{n}行（{events}个事件）上逐个改变输入，其余不变。上行为平均违约概率的相对变化，"
        f"下行为AUC的变化；标准差在两端各1%缩尾后计算；代码类输入只设为缺失。"
        f"列出最重要的{shown}个，共{len(base['inputs'])}个，全部见JSON。"
    )
    en = (
        f"One input at a time is changed on {n} rows ({events} events). Above: relative change of "
        "the mean probability; below: change of the AUC. The SD is taken with the outer 1 % at "
        f"either end moved in; inputs of codes are only made unknown. The {shown} most important "
        f"of {len(base['inputs'])} are shown, all are in the JSON."
    )
    return f'<p class="note">{_both(zh, en)}</p>'


def importance_plot(found: Mapping[str, Any]) -> str:
    """Importance of the first inputs with intervals, by their number in the table."""
    rows = found["sensitivity"]["inputs"][:SHOWN_N]
    most = max([row["importance"]["high"] for row in rows] + [0.001])
    least = min([row["importance"]["low"] for row in rows] + [0.0])
    at = [(row["importance"][k] - least) / (most - least) for row in rows for k in _ENDS]
    zero, step, inner = -least / (most - least), 1.0 / len(rows), ""
    for place in range(len(rows)):
        low, value, high = at[3 * place : 3 * place + 3]
        y = TOP + (place + 0.5) * step * SIDE
        inner += (
            f'<text x="{x_at(0) - 6:.0f}" y="{y + 4:.1f}" text-anchor="end">{place + 1}</text>'
            f'<line x1="{x_at(low):.1f}" x2="{x_at(high):.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="#0072b2" stroke-width="2"/>'
            f'<circle cx="{x_at(value):.1f}" cy="{y:.1f}" r="3.5" fill="#0072b2"/>'
        )
    inner += (
        f'<line x1="{x_at(zero):.1f}" x2="{x_at(zero):.1f}" y1="{TOP}" y2="{TOP + SIDE}" '
        'stroke="#8b949e" stroke-dasharray="4 4"/>'
    )
    sure = sum(row["importance"]["low"] > 0.0 for row in rows)
    zh = f"表中前{len(rows)}个输入中，{sure}个打乱后AUC确有损失（区间高于0）"
    en = f"Of the {len(rows)} inputs in the table {sure} surely matter (interval above 0)"
    return frame_plot(
        zh, en, inner, (f"AUC {round(least, 3) + 0.0:.3f} – {most:.3f}", "表中序号 / row of table")
    )


_ENDS = ("low", "value", "high")


def partial_plot(found: Mapping[str, Any]) -> str:
    """Mean PD if all rows had the same number in an input, along its quantiles."""
    rows = [r for r in found["sensitivity"]["inputs"] if r["partial"]][:LINES_N]
    heights = [p["pd"] for row in rows for p in row["partial"]]
    most = max(heights, default=1.0) or 1.0
    inner = "".join(_curve(row["partial"], k, most) for k, row in enumerate(rows))
    widest = max(rows, key=_swing, default=None)
    if widest is None:
        return ""
    low, high = (f(p["pd"] for p in widest["partial"]) for f in (min, max))
    zh = f"单独改变“{widest['label']['zh']}”，平均违约概率在{low:.2%}与{high:.2%}之间"
    en = f"{widest['label']['en']} alone moves the mean probability from {low:.2%} to {high:.2%}"
    axes = ("输入的分位 / quantile of the input", f"0–{most:.2%}")
    return f"<div>{frame_plot(escape(zh), escape(en), inner, axes)}{_legend(rows)}</div>"


def _swing(row: Mapping[str, Any]) -> float:
    heights: list[float] = [p["pd"] for p in row["partial"]]
    return max(heights) - min(heights)


def _curve(points: Sequence[Mapping[str, float]], k: int, most: float) -> str:
    line = " ".join(f"{x_at(p['share']):.1f},{y_at(p['pd'] / most):.1f}" for p in points)
    return (
        f'<polyline points="{line}" fill="none" stroke="{COLOURS[k]}" stroke-width="2" '
        f'stroke-dasharray="{DASHES[k]}"/>'
    )


def _legend(rows: Sequence[Mapping[str, Any]]) -> str:
    items = "".join(
        f'<p class="note"><svg viewBox="0 0 28 8" style="width:28px;height:8px">'
        f'<path d="M0 4H28" stroke="{COLOURS[k]}" stroke-width="2" '
        f'stroke-dasharray="{DASHES[k]}"/></svg> {_both(**row["label"])}</p>'
        for k, row in enumerate(rows)
    )
    return items
