"""Suitability of products for holders, from two files, in plain words."""

from html import escape
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow.credit import Words
from techflow.market.long_capital.suitability import CHECKS, NEEDED, judge_suitability
from techflow_service.long_capital.content import read_content
from techflow_service.long_capital.pictures import Axis, Range, range_plot
from techflow_service.pages import both, document, said, table
from techflow_service.scoring import read_rows

SHOWN_N = 12
HOLDER, PRODUCT = ("holder_id", *NEEDED[:5]), ("product_id", *NEEDED[5:8])
ASKED = {
    "risk_class": Words("风险承受能力类别", "class of risk tolerance"),
    "horizon_months": Words("可投资期限（月）", "horizon in months"),
    "loss_bearable_share": Words("可承受损失占全部财产比例", "bearable loss as a share of wealth"),
    "wealth_cny": Words("全部财产", "wealth"),
    "cash_need_cny": Words("期内需用现金", "cash needed meanwhile"),
    "risk_level": Words("产品风险等级", "risk level of the product"),
    "lock_months": Words("锁定期（月）", "lock in months"),
    "loss_tail_share": Words("最差情形损失比例", "share lost in the worst cases"),
    "amount_cny": Words("投资金额", "amount"),
}
SAID = {
    "fits_class": (
        Words(
            "产品风险等级{risk_level:g}，您的类别{risk_class:g}",
            "product level {risk_level:g}, your class {risk_class:g}",
        )
    ),
    "fits_horizon": Words(
        "锁定{lock_months:g}个月，您的期限{horizon_months:g}个月",
        "locked for {lock_months:g} months, your horizon is {horizon_months:g}",
    ),
    "fits_loss": Words(
        "最差情形损失占全部财产{loss_of_wealth_share:.1%}，您能承受{loss_bearable_share:.1%}",
        "the worst cases cost {loss_of_wealth_share:.1%} of your wealth, you can bear "
        "{loss_bearable_share:.1%}",
    ),
    "fits_cash": Words(
        "投资后剩余{left:,.0f}元，期内需用{cash_need_cny:,.0f}元",
        "{left:,.0f} yuan stay at hand, {cash_need_cny:,.0f} are needed",
    ),
    "fits_size": Words(
        "占全部财产{wealth_share:.1%}，上限{most:.0%}",
        "{wealth_share:.1%} of your wealth, the limit is {most:.0%}",
    ),
}
VERDICT = {
    "yes": Words("适合（不等于推荐）", "fits (no recommendation)"),
    "no": Words("不适合", "does not fit"),
    "unknown": Words("资料不足，不能判断", "not enough is known"),
}
UNKNOWABLE = (
    Words(
        "适合不等于推荐，也不等于会赚钱：任何收益都不作承诺，本金可能全部亏损",
        "Fitting is no recommendation and no gain: no return is promised and all can be lost",
    ),
    Words(
        "只看所给资料：您的说法与产品的最差情形均未核实；最差情形之外还有更差的",
        "Only what was given is looked at: neither your statements nor the worst cases of the "
        "product are verified; there are worse cases than the worst",
    ),
    Words(
        "多个产品的损失会一起发生，本页逐个判断；正式评估由持牌机构作出",
        "Losses of several products come together, the page judges one by one; the formal "
        "assessment is for a licensed institution",
    ),
)


def judge_files(holders: Path, products: Path, folder: Path | None) -> pl.DataFrame:
    """Every holder against every product; `amount_cny` is the holder's.

    Args:
        holders: One row per holder.
        products: One row per product.
        folder: Own folder of content.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: A file is empty.
    """
    left = _read(holders, (*HOLDER, "amount_cny"), "holder_id")
    right = _read(products, PRODUCT, "product_id")
    most = float(read_content("suitability", folder)["one_product_share_max"])
    pairs = nw.from_native(left.join(right, how="cross").lazy())
    judged: pl.DataFrame = (
        judge_suitability(pairs, one_product_share_max=most).to_native().collect()
    )
    told = [explain(row, most) for row in judged.rows(named=True)]
    return judged.with_columns(
        why_zh=pl.Series([words.zh for words in told], dtype=pl.String),
        why=pl.Series([words.en for words in told], dtype=pl.String),
    )


def explain(row: dict[str, Any], most: float) -> Words:
    """Why, in a sentence: what does not fit, else what is not known, else how much can be lost."""
    facts = row | {"most": most}
    if row["wealth_cny"] is not None and row["amount_cny"] is not None:
        facts["left"] = row["wealth_cny"] - row["amount_cny"]
    refused = [SAID[check] for check in CHECKS if row[check] is False]
    if refused:
        return _join([Words(w.zh.format(**facts), w.en.format(**facts)) for w in refused])
    lacks = [ASKED[name] for name in NEEDED if row[name] is None]
    if lacks:
        named = Words("、".join(w.zh for w in lacks), ", ".join(w.en for w in lacks))
        return Words(f"请补充：{named.zh}", f"please tell: {named.en}")
    if row["verdict"] == "unknown":
        return Words("全部财产为零，比例无从计算", "wealth is nothing, so no share can be told")
    loss = row["amount_cny"] * row["loss_tail_share"]
    return Words(
        f"最差情形下可能损失{loss:,.0f}元，{row['lock_months']:g}个月内取不出",
        f"in the worst cases {loss:,.0f} yuan can be lost, and nothing taken out for "
        f"{row['lock_months']:g} months",
    )


def render_suitability(judged: pl.DataFrame) -> str:
    """The whole page."""
    rows = judged.rows(named=True)
    fits = sum(row["verdict"] == "yes" for row in rows)
    unknown = sum(row["verdict"] == "unknown" for row in rows)
    title = both(
        f"{len(rows)}组中{fits}组适合，{unknown}组资料不足",
        f"{fits} of {len(rows)} pairs fit, of {unknown} too little is known",
    )
    head = [Words("持有人", "Holder"), Words("产品", "Product")]
    head += [Words("判断", "Verdict"), Words("原因", "Why")]
    body = [
        [
            _name(row["holder_id"]),
            _name(row["product_id"]),
            said(VERDICT[row["verdict"]]),
            both(row["why_zh"], row["why"]),
        ]
        for row in rows
    ]
    parts = [f"<button>中 / EN</button><h1>{title}</h1>{_plot(rows)}"]
    parts.append(table(head, body, kind="text"))
    parts.append(f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>")
    parts += [f'<p class="warn">{said(words)}</p>' for words in UNKNOWABLE]
    return document("suitability", parts)


def _name(text: str) -> str:
    return f'<span style="white-space:nowrap">{escape(text)}</span>'


def _plot(rows: list[dict[str, Any]]) -> str:
    """What the worst cases cost against what can be borne, of the pairs of which both are known."""
    known = [
        row
        for row in rows
        if row["loss_of_wealth_share"] is not None and row["loss_bearable_share"] is not None
    ][:SHOWN_N]
    if not known:
        return ""
    ranges = [
        Range(
            Words(*[f"{row['holder_id']} · {row['product_id']}"] * 2),
            row["loss_of_wealth_share"],
            0.0,
            row["loss_bearable_share"],
            row["fits_loss"] is False,
        )
        for row in known
    ]
    most = 1.1 * max(max(item.value, item.high) for item in ranges) or 1.0
    over = sum(item.marked for item in ranges)
    title = Words(
        f"最差损失（点）超出可承受范围（线）的有{over}组",
        f"In {over} pairs the worst loss (dot) is beyond what can be borne (line)",
    )
    ticks = [(k * most / 4, f"{k * most / 4:.1%}") for k in range(5)]
    axis = Axis(Words("占全部财产", "share of all wealth"), 0.0, most, ticks)
    return f'<div class="plots">{range_plot(title, ranges, axis)}</div>'


def _read(path: Path, names: tuple[str, ...], key: str) -> pl.DataFrame:
    rows = read_rows(path)
    lost = [name for name in names if name not in rows.columns]
    if lost:
        raise MissingColumn(f"{path.name} needs {', '.join(lost)}; got {', '.join(rows.columns)}")
    cells = rows.select(
        pl.col(key).cast(pl.String),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in names if name != key),
    )
    for name in names[1:]:
        text = rows[name].cast(pl.String).str.strip_chars()
        bad = (text.is_not_null() & (text != "")) & cells[name].is_null()
        if bad.any():
            row = int(bad.arg_true()[0])
            raise InvalidInput(
                f"{path.name}, row {row + 1}, column {name}: must be a number, or empty if not "
                f"known; got {rows[name][row]!r}"
            )
    return cells


def _join(parts: list[Words]) -> Words:
    return Words("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))
