"""Fields on one page in two languages: one picture, one table; no network needed."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.innovating.fields import Fields
from techflow_service.pages import SCRIPT, STYLE, both, table

SHOWN_N = 25
ROW, LEFT, RIGHT, TOP, WIDE = 20, 120, 24, 8, 900
EMERGING, OTHER, SOFT = "#d55e00", "#0072b2", "#8b949e"


def render_fields(found: Fields, *, as_of: str, field: str) -> str:
    """The whole page.

    Args:
        found: Result of `rank_fields`.
        as_of: The day, as text.
        field: Name of the column that holds the field.
    """
    rows = found.fields.head(SHOWN_N).rows(named=True)
    emerging_n = int(found.fields["emerging"].sum())
    title = both(
        f"{found.fields.height:,}个技术领域中{emerging_n}个新兴",
        f"{emerging_n} of {found.fields.height:,} fields of technology emerge",
    )
    whole = math.expm1(found.all_log_pa)
    note = both(
        f"{field}；截至{as_of}；最后一个完整年份{found.until_year}；全部领域年增长{whole:+.1%}",
        f"{field}; as of {as_of}; last complete year {found.until_year}; "
        f"all fields together grow {whole:+.1%} a year",
    )
    caution = both(
        "新兴的标准为建议值，回测见 docs/fields.md；增长与信用风险的关系未见证据，不得用于定价",
        "What emerges is a proposal, back-tested in docs/fields.md; nothing ties growth to credit "
        "risk: do not price by it",
    )
    return (
        '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(field)}</title><style>{STYLE}</style>'
        f"<body><button>中 / EN</button><h1>{title}</h1><p class='note'>{note}</p>"
        f'<p class="warn">{caution}</p>{_absent(found)}{_picture(rows)}{_table(rows)}'
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def _absent(found: Fields) -> str:
    if not found.absent:
        return ""
    names = ", ".join(found.absent)
    text = both(f"文件没有以下列，相应指标未知：{names}", f"Not in the file, so unknown: {names}")
    return f'<p class="warn">{text}</p>'


def _picture(rows: Sequence[Mapping[str, Any]]) -> str:
    """Growth of the fastest fields with its 90 % interval."""
    low = min(0.0, *(row["growth_low_log_pa"] for row in rows), -0.01)
    high = max(0.0, *(row["growth_high_log_pa"] for row in rows), 0.01)

    def x(value: float) -> float:
        share: float = (value - low) / (high - low)
        return LEFT + share * (WIDE - LEFT - RIGHT)

    height = TOP + ROW * len(rows) + 44
    bottom = TOP + ROW * len(rows)
    zero = (
        f'<line x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{TOP}" y2="{bottom}" stroke="{SOFT}" '
        'stroke-dasharray="4 4"/>'
    )
    marks = "".join(_mark(row, TOP + ROW * (k + 0.5), x) for k, row in enumerate(rows))
    ticks = "".join(
        f'<text x="{x(at):.1f}" y="{bottom + 16}" text-anchor="middle">{math.expm1(at):+.0%}</text>'
        for at in (low, 0.0, high)
        if at == 0.0 or abs(x(at) - x(0)) > 48
    )
    axis = "年增长（相对全部领域，90%区间） / growth a year beside all fields, 90 % interval"
    below = f'<text x="{WIDE / 2}" y="{height - 4}" text-anchor="middle">{axis}</text>'
    head = both(
        f"增长最快的{len(rows)}个领域（橙色为新兴；其余见fields.csv）",
        f"The {len(rows)} fastest fields (orange: emerging; all of them in fields.csv)",
    )
    return (
        f'<figure style="margin:0"><p><b>{head}</b></p><svg viewBox="0 0 {WIDE} {height}" '
        f'role="img" aria-label="growth of fields">{zero}{marks}{ticks}{below}</svg></figure>'
    )


def _mark(row: Mapping[str, Any], y: float, x: Any) -> str:
    colour = EMERGING if row["emerging"] else OTHER
    ends = f'x1="{x(row["growth_low_log_pa"]):.1f}" x2="{x(row["growth_high_log_pa"]):.1f}"'
    return (
        f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(row["field"][:16])}</text>'
        f'<line {ends} y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>'
        f'<circle cx="{x(row["growth_log_pa"]):.1f}" cy="{y}" r="4" fill="{colour}"/>'
    )


HEAD = [
    Words("领域", "Field"),
    Words("申请数", "Applications"),
    Words("年增长", "Growth a year"),
    Words("排名中位数（90%区间）", "Median rank (90 %)"),
    Words("新进入者占比", "Newcomers"),
    Words("集中度HHI", "Concentration"),
    Words("新兴", "Emerging"),
]


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    return table(HEAD, [_cells(row) for row in rows])


def _cells(row: Mapping[str, Any]) -> list[str]:
    words = both("是", "yes")
    if not row["emerging"]:
        words = both(row["emerging_reason_zh"], row["emerging_reason"])
    return [
        escape(row["field"]),
        f"{row['applications_n']:,}",
        f"{math.expm1(row['growth_log_pa']):+.1%}",
        f"{row['growth_rank_n']} ({row['growth_rank_low_n']}–{row['growth_rank_high_n']})",
        _share(row["entrant_share"]),
        _share(row["applicant_hhi_share"]),
        words,
    ]


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"
