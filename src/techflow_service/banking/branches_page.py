"""Branches on one page: funnels, those outside, the table."""

from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.pages import both, document, said, spans, table
from techflow_service.plotting import frame_plot, x_at, y_at

MEASURE_WORDS = {
    "bad": Words("不良客户占比", "Non-performing customers"),
    "first": Words("首贷户占比", "First-loan customers"),
    "unsecured": Words("信用贷款客户占比", "Unsecured customers"),
    "rate_pa": Words("加权利率", "Rate, weighted"),
}
VERDICTS = {
    "low": Words("显著偏低", "low beyond chance"),
    "high": Words("显著偏高", "high beyond chance"),
    "within": Words("正常波动", "within chance"),
    "unknown": Words("样本不足", "too few"),
    "above": Words("高于容忍度，可能是偶然", "above tolerance, may be chance"),
    "beyond": Words("显著高于容忍度", "above tolerance beyond chance"),
}
UNKNOWABLE = (
    Words(
        "只按企业规模与行业门类调整；抵押条件、客户选择与当地景气没有剔除。界外不等于过错，界内也不等于优秀。",
        "Adjusted for size and industry section only: collateral, choice of customers and local "
        "conditions are not allowed for. Outside is no fault, inside no merit.",
    ),
    Words(
        "没有申请与拒贷记录：不知道谁被拒绝，也不知道需求多大。",
        "There is no record of applications or refusals: who was turned away, and how large the "
        "need is, is not known.",
    ),
    Words(
        "客户之间视为独立；同一冲击会让界限偏窄，因此用99.8%界限下结论。",
        "Customers count as independent; a common shock makes the limits too narrow, so verdicts "
        "use the limits of 99.8 %.",
    ),
)
Row = dict[str, Any]


def render_branches(units: pl.DataFrame, on: Any, excess: tuple[float, str]) -> str:
    """The whole page.

    Args:
        units: Result of `compare_branches`.
        on: The day.
        excess: Tolerance of the law and its mark.
    """
    rows = units.rows(named=True)
    outside = [r for r in rows if any(_out(r, m) for m in MEASURE_WORDS)]
    beyond_n = sum(r["tolerance"] == "beyond" for r in rows)
    title = both(
        f"{on}：{len(rows)}个分支机构中{len(outside)}个超出偶然波动，{beyond_n}个不良显著高于容忍度",
        f"{on}: {len(outside)} of {len(rows)} branches stand outside chance, {beyond_n} have "
        "non-performing loans above the tolerance beyond chance",
    )
    note = both(
        "预期值来自其他分支机构的同类客户（规模×行业门类）；界限99.8%；表中为“实际 / 预期”。"
        f"小微不良容忍度：各项贷款不良率加{excess[0]:.1%}。数据不足的不下结论。",
        "Expected is what customers of the same size and section show at other branches; limits "
        "of 99.8 %; the table says seen / expected. Tolerance for small firms: all loans plus "
        f"{excess[0]:.1%}. Where there are too few customers nothing is said.",
    )
    picks = sorted(rows, key=lambda r: (r not in outside, -r["balance_cny"]))[:40]
    return document(
        "techflow region branches",
        [
            f'<button>中 / EN</button><h1>{title}</h1><p class="note">{note}</p>',
            f'<div class="plots">{"".join(_funnel(rows, m) for m in MEASURE_WORDS)}</div>',
            f"<h2>{both('先看界外，再看规模最大的', 'Outside first, then the largest')}</h2>",
            table(HEAD, [_cells(r) for r in picks]),
            f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>",
            "".join(f'<p class="warn">{said(line)}</p>' for line in UNKNOWABLE),
        ],
    )


def _out(row: Row, measure: str) -> bool:
    return row[f"{measure}_verdict"] in ("low", "high")


HEAD = [
    Words("分支机构", "Branch"),
    Words("余额（万元）", "Balance (10k)"),
    Words("客户数", "Customers"),
    *MEASURE_WORDS.values(),
    Words("小微不良与容忍度", "Small firms and tolerance"),
]


def _cells(row: Row) -> list[str]:
    name = both(row["name"] or row["branch_id"], row["name_en"] or row["branch_id"])
    tolerance = said(VERDICTS[row["tolerance"] or "unknown"])
    if row["small_bad_share"] is not None:
        tolerance = f"{row['small_bad_share']:.1%} {tolerance}"
    return [
        f'<span style="display:inline-block;min-width:112px">{name}</span>',
        f"{row['balance_cny'] / 1e4:,.0f}",
        f"{row['customers_n']:,}",
        *(_measure(row, m) for m in MEASURE_WORDS),
        tolerance,
    ]


def _measure(row: Row, measure: str) -> str:
    seen, expected = row[f"{measure}_seen"], row[f"{measure}_expected"]
    verdict = row[f"{measure}_verdict"]
    if seen is None or expected is None:
        return said(VERDICTS["unknown"])
    digits = 2 if measure == "rate_pa" else 0
    said_so = "" if verdict == "within" else f" <b>{said(VERDICTS[verdict])}</b>"
    return f"{seen:.{digits}%} / {expected:.{digits}%}{said_so}"


def _funnel(rows: list[Row], measure: str) -> str:
    """Distance from expected in limits, against customers: inside is between -1 and 1."""
    known = [r for r in rows if r[f"{measure}_verdict"] != "unknown"]
    if not known:
        return ""
    most = max(r[f"{measure}_n"] for r in known)
    dots = "".join(_dot(r, measure, most) for r in known)
    lines = "".join(
        f'<line x1="{x_at(0)}" x2="{x_at(1)}" y1="{y_at(0.5 + side / 4):.1f}" '
        f'y2="{y_at(0.5 + side / 4):.1f}" stroke="#8b949e" stroke-dasharray="4 3"/>'
        for side in (-1, 0, 1)
    )
    out_n = sum(_out(r, measure) for r in known)
    words = MEASURE_WORDS[measure]
    return frame_plot(
        f"{words.zh}：{len(known)}个中{out_n}个在界外",
        f"{words.en}: {out_n} of {len(known)} outside",
        lines + dots,
        (
            spans(Words(f"客户数，0–{most}", f"customers, 0–{most}")),
            spans(Words("预期 ± 99.8%界限", "expected ± limits of 99.8 %")),
        ),
    )


def _dot(row: Row, measure: str, most: int) -> str:
    seen, expected = row[f"{measure}_seen"], row[f"{measure}_expected"]
    edge = row[f"{measure}_high"] if seen >= expected else row[f"{measure}_low"]
    reach = abs(edge - expected) or 1.0
    place = 0.5 + max(min((seen - expected) / reach, 1.9), -1.9) / 4
    colour = "#d55e00" if _out(row, measure) else "#0072b2"
    return (
        f'<circle cx="{x_at(row[f"{measure}_n"] / most):.1f}" cy="{y_at(place):.1f}" r="3" '
        f'fill="{colour}" fill-opacity="0.7"/>'
    )
