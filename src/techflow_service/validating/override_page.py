"""Overrides as one page in two languages: how often, which way, why, by whom, what became."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.pages import both, document, said, table
from techflow_service.plotting import SIDE, TOP, frame_plot, x_at, y_at

BLUE, RED = "#0072b2", "#d55e00"
COUNTS = [
    Words("调整", "Overridden"),
    Words("上调", "Up"),
    Words("下调", "Down"),
    Words("有批准", "Approved"),
]
CHOSEN = Words(
    "调整对象由人选择，违约率之差不能证明调整有益或有害",
    "People choose whom they override, so a difference of default rates is no proof that "
    "overriding helps or harms",
)


def render_overrides(told: Mapping[str, Any]) -> str:
    """The whole page, from the statistics."""
    rate = "" if told["rate"] is None else f" ({told['rate']:.1%})"
    parts = [
        f"<button>中 / EN</button><h1>{both('评级人工调整', 'Overrides of grades')}</h1>",
        "<p>"
        + both(
            f"{told['rows_n']:,}条调整：生效{told['in_force_n']:,}，被后来者取代"
            f"{told['superseded_n']:,}，隔离{told['refused_n']:,}",
            f"{told['rows_n']:,} overrides: {told['in_force_n']:,} in force, "
            f"{told['superseded_n']:,} superseded, {told['refused_n']:,} refused",
        )
        + "</p><p>"
        + both(
            f"有等级企业{told['graded_n']:,}家，调整{told['overridden_n']:,}家{rate}",
            f"{told['overridden_n']:,} of {told['graded_n']:,} graded firms overridden{rate}",
        )
        + f'</p><div style="max-width:420px">{_notch_plot(told["by_notches"])}</div>',
        _group(told["by_reason"], Words("原因", "Reason")),
        _group(told["by_officer"], Words("调整人", "Officer")),
        _group(told["by_card"], Words("模型", "Card")),
        _outcomes(told["outcomes"]),
        _refused(told["problems"]),
    ]
    return document("overrides", parts)


def _notch_plot(rows: Sequence[Mapping[str, int]]) -> str:
    """Firms by notches; better to the right."""
    if not rows:
        return ""
    most, step, inner = max(row["overridden_n"] for row in rows), 1.0 / len(rows), ""
    for place, row in enumerate(rows):
        height = row["overridden_n"] / most
        inner += (
            f'<rect x="{x_at((place + 0.2) * step):.1f}" y="{y_at(height):.1f}" '
            f'width="{0.6 * step * SIDE:.1f}" height="{height * SIDE:.1f}" '
            f'fill="{BLUE if row["notches_n"] > 0 else RED}"/>'
            f'<text x="{x_at((place + 0.5) * step):.1f}" y="{TOP + SIDE + 14}" '
            f'text-anchor="middle">{row["notches_n"]:+d}</text>'
        )
    up = sum(row["overridden_n"] for row in rows if row["notches_n"] > 0)
    total = sum(row["overridden_n"] for row in rows)
    zh, en = f"{up:,}/{total:,}为上调", f"{up:,} of {total:,} are upwards"
    return frame_plot(zh, en, inner, ("级数，正为上调 / notches, + is better", f"0–{most:,}"))


def _group(rows: Sequence[Mapping[str, Any]], name: Words) -> str:
    if not rows:
        return ""
    cells = [
        [
            both(**row["label"]),
            *(f"{row[key]:,}" for key in ("overridden_n", "up_n", "down_n", "approved_n")),
        ]
        for row in rows
    ]
    return f"<h2>{said(name)}</h2>{table([name, *COUNTS], cells)}"


def _outcomes(outcomes: Mapping[str, Any] | None) -> str:
    heading = f"<h2>{both('违约率', 'Default rates')}</h2>"
    if outcomes is None:
        return f"{heading}<p>{both('未提供结果', 'No outcomes were given')}</p>"
    cells = [
        [
            both(**row["label"]),
            f"{row['events_n']:,} / {row['firms_n']:,}",
            f"{row['observed']:.2%} ({row['low']:.2%}–{row['high']:.2%})",
            "–" if row["mean_pd"] is None else f"{row['mean_pd']:.2%}",
        ]
        for row in outcomes["groups"]
    ]
    head = [
        Words("企业", "Firms"),
        Words("违约 / 企业", "Defaults / firms"),
        Words("违约率（95%，Jeffreys）", "Default rate (95 %, Jeffreys)"),
        Words("模型平均违约概率", "Mean PD of the model"),
    ]
    p = outcomes["p_of_difference"]
    told = "" if p is None else f"<p>{both('差异的p值', 'p of the difference')} {p:.4f}</p>"
    return f'{heading}{table(head, cells)}{told}<p class="note">{said(CHOSEN)}</p>'


def _refused(problems: Sequence[Mapping[str, Any]]) -> str:
    if not problems:
        return ""
    cells = [
        [escape(row["reason_code"]), both(row["reason_zh"], row["reason_en"]), f"{row['rows_n']:,}"]
        for row in problems
    ]
    head = [Words("代码", "Code"), Words("原因", "Reason"), Words("行数", "Rows")]
    return f"<h2>{both('隔离的调整', 'Refused')}</h2>{table(head, cells, kind='text')}"
