"""Managers on one page."""

from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.long_capital.managing import FUNDS_MIN, Managed
from techflow_service.long_capital.pictures import Axis, Range, range_plot
from techflow_service.pages import both, document, said, table

Row = dict[str, Any]
SHOWN_N = 12
VERDICT = {
    "above_index": Words("高于指数", "above the index"),
    "below_index": Words("低于指数", "below the index"),
    "not_told_apart": Words("与指数分不出高下", "not told apart from the index"),
    "too_few_funds": Words("基金太少，无法判断", "too few funds to tell"),
}
UNKNOWABLE = (
    Words(
        "过去的业绩不代表将来；本页不推荐任何管理人，也不承诺收益",
        "Past results are no promise; the page recommends no manager and promises no return",
    ),
    Words(
        "未退出部分按管理人自己的估值：估值偏高则各项倍数偏高；请同时看已分配倍数",
        "What is not sold stands at the manager's own value: if that is high, so are multiples; "
        "look at distributions too",
    ),
    Words(
        "文件中没有的基金（失败、清盘、不愿披露者）看不到，平均水平因此偏高",
        "Funds that are not in the file (failed, wound up, not disclosed) are not seen: the "
        "average is too high",
    ),
    Words(
        "区间由对基金的重抽样得到，每次从同一管理人的基金中抽取；基金少于十只时偏窄",
        "Intervals come from drawing the manager's funds again; with fewer than ten they are too "
        "narrow",
    ),
    Words(
        "与指数相比假定风险与指数相同（贝塔为一），流动性差没有另计补偿；指数须含分红",
        "Beside the index a risk like the index is assumed (a beta of one) and nothing is taken "
        "off for illiquidity; the index must hold its dividends",
    ),
)


def render_managers(told: Managed) -> str:
    """The whole page."""
    rows = told.managers.rows(named=True)
    title = _finding(rows)
    note = both(
        f"截至{told.until}；至少{FUNDS_MIN}只基金才给出区间",
        f"Until {told.until}; an interval needs {FUNDS_MIN} funds or more",
    )
    parts = [f'<button>中 / EN</button><h1>{title}</h1><p class="note">{note}</p>', _plot(rows)]
    parts += [_managers(rows), _funds(told.funds.rows(named=True))]
    parts.append(f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>")
    parts += [f'<p class="warn">{said(words)}</p>' for words in UNKNOWABLE]
    return document("managers", parts)


def _finding(rows: list[Row]) -> str:
    above = sum(row["verdict"] == "above_index" for row in rows)
    told = sum(row["verdict"] != "too_few_funds" for row in rows)
    return both(
        f"{len(rows)}位管理人中{told}位可以判断，其中{above}位九成把握高于公开市场指数",
        f"{told} of {len(rows)} managers can be judged; {above} surely did better than the index "
        "(90 %)",
    )


def _plot(rows: list[Row]) -> str:
    known = [row for row in rows if row["pme_low"] is not None][:SHOWN_N]
    if not known:
        return ""
    ranges = [
        Range(
            Words(row["manager"], row["manager"]),
            row["pme"],
            row["pme_low"],
            row["pme_high"],
            row["verdict"] in ("above_index", "below_index"),
        )
        for row in known
    ]
    top = 1.1 * max(1.8, *(item.high for item in ranges))
    ticks = [(k * 0.5, f"{k * 0.5:g}") for k in range(int(top / 0.5) + 1)]
    apart = sum(item.marked for item in ranges)
    title = Words(
        f"{apart}位管理人的区间不含1（橙色）", f"The interval of {apart} does not hold 1 (orange)"
    )
    name = Words("公开市场等价倍数", "public market equivalent")
    plot = range_plot(title, ranges, Axis(name, 0.0, top, ticks[:: 1 + len(ticks) // 7]))
    return f'<div class="plots">{plot}</div>'


def _managers(rows: list[Row]) -> str:
    head = [
        Words("管理人", "Manager"),
        Words("基金数", "Funds"),
        Words("设立年份", "Vintages"),
        Words("总价值倍数 TVPI", "TVPI"),
        Words("已分配倍数 DPI", "DPI"),
        Words("公开市场等价倍数 PME", "PME"),
        Words("内部收益率", "IRR"),
        Words("判断", "Verdict"),
    ]
    body = [
        [
            _name(row["manager"]),
            str(row["funds_n"]),
            f"{row['vintage_first']}–{row['vintage_last']}",
            *(_ranged(row, name) for name in ("tvpi", "dpi", "pme", "irr")),
            said(VERDICT[row["verdict"]]),
        ]
        for row in rows
    ]
    top = both("管理人（90%区间）", "Managers (90 % interval)")
    return f"<h2>{top}</h2>{table(head, body)}"


def _funds(rows: list[Row]) -> str:
    head = [
        Words("基金", "Fund"),
        Words("管理人", "Manager"),
        Words("设立年份", "Vintage"),
        Words("TVPI", "TVPI"),
        Words("DPI", "DPI"),
        Words("PME", "PME"),
        Words("内部收益率", "IRR"),
        Words("同年份四分位", "Quartile of vintage"),
    ]
    body = [
        [
            _name(row["fund"]),
            _name(row["manager"]),
            str(row["vintage"]),
            *(_number(row[name], name) for name in ("tvpi", "dpi", "pme", "irr")),
            "—" if row["quartile"] is None else f"{row['quartile']:.0f}",
        ]
        for row in rows
    ]
    return f"<h2>{both('基金', 'Funds')}</h2>{table(head, body)}"


def _name(text: str) -> str:
    return f'<span style="white-space:nowrap">{escape(text)}</span>'


def _number(value: float | None, name: str) -> str:
    if value is None:
        return both("未知", "unknown")
    return f"{value:.1%}" if name == "irr" else f"{value:.2f}"


def _ranged(row: Row, name: str) -> str:
    if row[f"{name}_low"] is None or row[name] is None:
        return _number(row[name], name)
    low, high = (_number(row[f"{name}_{end}"], name) for end in ("low", "high"))
    return f"{_number(row[name], name)} ({low}–{high})"
