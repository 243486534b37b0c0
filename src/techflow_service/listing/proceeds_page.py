"""The use of proceeds as one page in two languages; no network needed."""

from html import escape
from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.listing.pictures import draw_bars, tell_mark
from techflow_service.listing.proceeds import FLAGS, ProceedsFound
from techflow_service.pages import both, document, said, table

PROJECTS_SHOWN, ROWS_SHOWN, BARS_N = 40, 30, 8
USES = {
    "planned": Words("按计划", "as planned"),
    "approved": Words("变更后用途，已先行批准", "another purpose, approved before"),
    "changed": Words("改变用途，付款时未经批准", "another purpose, not approved by then"),
    "no_project": Words("计划中没有此项目", "the plan does not know the project"),
    "unknown": Words("未写明用途", "no purpose given"),
    "outside": Words("计划期间之外", "outside the time of the plan"),
}
FLAG_WORDS = {
    "ok_total": Words("超出计划总额", "over its plan"),
    "ok_pace": Words("计划期满而投入不足", "plan over, too little spent"),
    "ok_alive": Words("搁置过久", "idle too long"),
}
CANNOT = (
    Words(
        "付款用途以所填为准：钱实际买了什么、价格是否公允、收款方是谁，本页看不到。",
        "A payment's purpose is what was written: what the money bought, at which price and from "
        "whom is not seen here.",
    ),
    Words(
        "批准只看日期：程序是否合规、披露是否充分，不在其中。",
        "Of an approval only its day is seen: whether it was proper and disclosed is not in it.",
    ),
    Words(
        "未入表的付款无从得知；专户余额没有核对。",
        "Payments that are not in the file are not known; the balance of the account was not "
        "checked.",
    ),
    Words(
        "进度按付款计算，不是工程进度。",
        "Progress is money paid, not work done.",
    ),
)


def summarise(found: ProceedsFound) -> dict[str, Any]:
    """The figures of the page."""
    uses = dict(found.payments["use"].value_counts().iter_rows())
    return {
        "on": found.on.isoformat(),
        "projects_n": found.projects.height,
        "payments_n": found.payments.height,
        "refused_n": found.refused.height,
        "planned_cny": float(found.projects["planned_cny"].sum()),
        "spent_cny": float(found.payments["spent_cny"].sum()),
        "periods_off_n": int((~found.periods["ok_period"]).sum() or 0),
        "uses": {name: uses.get(name, 0) for name in USES},
        "flags": {name: int((~found.projects[name]).sum() or 0) for name in FLAGS},
    }


def render_proceeds(found: ProceedsFound) -> str:
    """The whole page."""
    told = summarise(found)
    line = both(
        f"截至{told['on']}：{told['projects_n']:,}个项目，"
        f"计划{told['planned_cny'] / 1e4:,.1f}万元，"
        f"已付{told['spent_cny'] / 1e4:,.1f}万元，拒绝{told['refused_n']:,}行",
        f"As of {told['on']}: {told['projects_n']:,} projects, planned "
        f"{told['planned_cny'] / 1e6:,.2f}m yuan, paid {told['spent_cny'] / 1e6:,.2f}m, "
        f"{told['refused_n']:,} rows refused",
    )
    cannot = "".join(f'<p class="warn">{said(words)}</p>' for words in CANNOT)
    heads = [both("各项目", "Projects"), both("偏离计划的期间", "Periods off their plan")]
    parts = [
        f"<button>中 / EN</button><h1>{both('募集资金使用', 'Use of proceeds')}</h1>",
        f'<p class="note">{line}</p><div style="max-width:520px">{_picture(found)}</div>',
        f"<h2>{heads[0]}</h2>{_projects(found)}<h2>{heads[1]}</h2>{_periods(found)}",
        f"<h2>{both('不按计划用途的付款', 'Payments not as planned')}</h2>{_payments(found)}",
        _refused(found),
        f"<h2>{both('界限的依据', 'What the bounds rest on')}</h2>{_bounds(found)}",
        f"<h2>{both('本页不能知道什么', 'What this page cannot know')}</h2>{cannot}",
    ]
    return document("market proceeds", parts)


def _picture(found: ProceedsFound) -> str:
    """Spent share of each project's plan, flagged ones in amber."""
    top = found.projects.sort("planned_cny", descending=True).head(BARS_N)
    bad = [not all(row[name] is not False for name in FLAGS) for row in top.to_dicts()]
    flagged = int(found.projects.select(_flagged().sum()).item())
    return draw_bars(
        [
            ((row["project_id"], row["project_id"]), row["spent_share"], None, None)
            for row in top.to_dicts()
        ],
        title=(
            f"{found.projects.height:,}个项目中{flagged:,}个须重新审视（橙色）",
            f"{flagged:,} of {found.projects.height:,} projects need another look (amber)",
        ),
        measure=("已付占计划", "paid over planned"),
        least_top=1.0,
        highlight=bad,
    )


def _flagged() -> pl.Expr:
    return pl.any_horizontal(*(~pl.col(name).fill_null(value=True) for name in FLAGS))


def _projects(found: ProceedsFound) -> str:
    head = [
        Words("企业与项目", "Firm and project"),
        Words("计划（万元）", "Planned, 10,000 yuan"),
        Words("到期应付", "Due by now"),
        Words("已付", "Paid"),
        Words("占计划", "Of plan"),
        Words("未付天数", "Days idle"),
        Words("须审视", "To look at"),
    ]
    first = found.projects.sort(_flagged(), descending=True, maintain_order=True)
    rows = [
        [
            escape(f"{row['firm_id']} {row['project_id']}"),
            *(f"{row[f'{name}_cny'] / 1e4:,.1f}" for name in ("planned", "due", "spent")),
            "–" if row["spent_share"] is None else f"{row['spent_share']:.0%}",
            f"{row['idle_days']:,}",
            "<br>".join(said(FLAG_WORDS[name]) for name in FLAGS if row[name] is False) or "–",
        ]
        for row in first.head(PROJECTS_SHOWN).iter_rows(named=True)
    ]
    return table(head, rows)


def _periods(found: ProceedsFound) -> str:
    off = found.periods.filter(~pl.col("ok_period")).sort(
        pl.col("deviation_cny").abs(), descending=True
    )
    if off.is_empty():
        return f"<p>{both('没有', 'None')}</p>"
    head = [
        Words("项目与用途", "Project and purpose"),
        Words("期间（末日不含）", "Period (last day not in it)"),
        Words("计划（万元）", "Planned, 10,000 yuan"),
        Words("已付", "Paid"),
        Words("偏离", "Deviation"),
    ]
    rows = [
        [
            escape(f"{row['firm_id']} {row['project_id']} {row['purpose']}"),
            f"{row['since']} – {row['until']}",
            f"{row['planned_cny'] / 1e4:,.1f}",
            f"{row['spent_cny'] / 1e4:,.1f}",
            f"{row['deviation_share']:+.0%}",
        ]
        for row in off.head(ROWS_SHOWN).iter_rows(named=True)
    ]
    return table(head, rows)


def _payments(found: ProceedsFound) -> str:
    other = found.payments.filter(pl.col("use") != "planned")
    if other.is_empty():
        return f"<p>{both('没有', 'None')}</p>"
    order = {name: place for place, name in enumerate(("changed", "no_project", "unknown"))}
    ranked = other.sort(
        pl.col("use").replace_strict(order, default=len(order), return_dtype=pl.Int64),
        pl.col("spent_cny"),
        descending=[False, True],
    )
    head = [
        Words("企业、项目与用途", "Firm, project, purpose"),
        Words("付款日", "Paid on"),
        Words("金额（万元）", "Amount, 10,000 yuan"),
        Words("判断", "Finding"),
    ]
    rows = [
        [
            escape(f"{row['firm_id']} {row['project_id']} {row['purpose'] or '–'}"),
            f"{row['spent_on']}",
            f"{row['spent_cny'] / 1e4:,.1f}",
            said(USES[row["use"]]),
        ]
        for row in ranked.head(ROWS_SHOWN).iter_rows(named=True)
    ]
    more = other.height - len(rows)
    tail = both(f"另有{more:,}笔，见payments.csv。", f"{more:,} more stand in payments.csv.")
    return table(head, rows, kind="text") + (f'<p class="note">{tail}</p>' if more else "")


def _refused(found: ProceedsFound) -> str:
    if found.refused.is_empty():
        return ""
    rows = [
        [
            escape(f"{row['file']} {row['source_row_n']}"),
            escape(row["project_id"] or "–"),
            both(row["reason_zh"], row["reason_en"]),
        ]
        for row in found.refused.head(ROWS_SHOWN).iter_rows(named=True)
    ]
    head = [Words("文件与行", "File and row"), Words("项目", "Project"), Words("原因", "Reason")]
    heading = both("被拒绝的行", "Rows refused")
    return f"<h2>{heading}</h2>{table(head, rows, kind='text')}"


def _bounds(found: ProceedsFound) -> str:
    model = found.model
    spent = Words("期满投入下限", "Spent when the plan is over, least")
    told = (
        (Words("期间偏离上限", "Deviation of a period, most"), model.deviation_share_max, "{:.0%}"),
        (spent, model.spent_share_min, "{:.0%}"),
        (Words("搁置天数上限", "Days idle, most"), model.idle_days_max, "{:,.0f}"),
    )
    rows = [
        [
            said(words),
            shape.format(bound.value),
            tell_mark(bound.mark),
            escape(bound.reference),
        ]
        for words, bound, shape in told
    ]
    head = [
        Words("界限", "Bound"),
        Words("数值", "Value"),
        Words("把握", "Mark"),
        Words("出处", "Reference"),
    ]
    return table(head, rows, kind="text")
