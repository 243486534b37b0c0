"""What a shock changes, for the page."""

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.allocating.pictures import yuan
from techflow_service.allocating.reading import read_sectors
from techflow_service.pages import both, table

SHOWN_N = 30


def render_shock(told: Mapping[str, Any], firms: pl.DataFrame) -> str:
    """The section on the shock; nothing without one."""
    if "shock" not in told:
        return ""
    shock = told["shock"]
    named = "".join(f"<li>{_name(one)}</li>" for one in shock["shocks"])
    heading = both("冲击之后", "After the shock")
    return f"<h2>{heading}</h2><ul>{named}</ul>{_sentence(told)}{_books(told)}{_changes(firms)}"


def _name(shock: Mapping[str, Any]) -> str:
    whom, size = shock["whom"], shock["size"]
    sector = next((one for one in read_sectors() if whom in one.values()), None)
    zh, en = (sector["zh"], sector["en"]) if sector else (whom, whom)
    words = {
        "sector": (f"行业“{zh}”销售减少{size:.0%}", f"Sector {en}: sales fall by {size:.0%}"),
        "sector-odds": (
            f"行业“{zh}”违约赔率×{size:g}",
            f"Sector {en}: default odds x {size:g}",
        ),
        "partner": (f"客户{whom}少买{size:.0%}", f"Customer {whom} buys {size:.0%} less"),
    }
    return both(*words[shock["kind"]])


def _sentence(told: Mapping[str, Any]) -> str:
    shock, changes = told["shock"], told["shock"]["changes"]
    broken_zh = "超出" if shock["kept_breaks_tail"] else "未超出"
    broken_en = "breaks" if shock["kept_breaks_tail"] else "keeps"
    return "<p>" + both(
        f"{shock['hit_n']:,}家企业受影响。原方案不变则{broken_zh}尾部限额；重新决定后"
        f"撤出{changes['dropped_n']:,}家，新增{changes['added_n']:,}家，"
        f"{changes['amount_changed_n']:,}家改金额，{changes['rate_changed_n']:,}家改利率。",
        f"{shock['hit_n']:,} firms are hit. Left as it is the book {broken_en} the tail limit; "
        f"decided again, {changes['dropped_n']:,} firms leave it, {changes['added_n']:,} enter, "
        f"{changes['amount_changed_n']:,} get another amount and {changes['rate_changed_n']:,} "
        "another rate.",
    ) + "</p>"  # fmt: skip


def _books(told: Mapping[str, Any]) -> str:
    sides = told["decision"], told["shock"]["kept"], told["shock"]["decision"]
    lines = {
        "profit_cny": Words("预期利润", "Expected profit"),
        "offered_cny": Words("报价总额", "Offered"),
        "expected_lent_cny": Words("预期发放", "Expected lent"),
        "tail_used_cny": Words("尾部损失", "Tail loss"),
    }
    rows = [
        [both(words.zh, words.en), *(_money(side[name]) for side in sides)]
        for name, words in lines.items()
    ]
    rows.append([both("报价户数", "Offers"), *(f"{side['offers_n']:,}" for side in sides)])
    head = [
        Words("指标", "Measure"),
        Words("冲击前", "Before"),
        Words("冲击后，原方案", "After, book left as it is"),
        Words("冲击后，重新决定", "After, decided again"),
    ]
    return table(head, rows)


def _changes(firms: pl.DataFrame) -> str:
    was, now = pl.col("amount_cny").fill_null(0.0), pl.col("shock_amount_cny").fill_null(0.0)
    moved = firms.with_columns(move=(now - was).abs()).filter(pl.col("move") >= 1.0)
    first = moved.sort("move", "firm_id", descending=[True, False]).head(SHOWN_N)
    rows = [
        [
            escape(f"{row['firm_id']} {row['name'] or ''}"),
            f"{row['pd'] or 0.0:.2%} → {row['shock_pd'] or 0.0:.2%}",
            f"{row['amount_cny'] or 0.0:,.0f} → {row['shock_amount_cny'] or 0.0:,.0f}",
            both(row["shock_reason_zh"] or "", row["shock_reason_en"] or ""),
        ]
        for row in first.iter_rows(named=True)
    ]
    head = [
        Words("企业", "Firm"),
        Words("违约率", "PD"),
        Words("金额", "Amount"),
        Words("现在的原因", "Reason now"),
    ]
    if not rows:
        return f"<p>{both('没有企业的金额改变', 'No firm gets another amount')}</p>"
    note = both(
        f"金额变动最大的{len(rows)}家，共{moved.height}家",
        f"The {len(rows)} greatest changes of {moved.height}",
    )
    return f'{table(head, rows, kind="text")}<p class="note">{note}</p>'


def _money(amount: float) -> str:
    words = yuan(amount)
    return both(words.zh, words.en)
