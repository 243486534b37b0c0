"""A decided book as one page in two languages; no network needed."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.allocating.pictures import (
    profit_plot,
    rate_plot,
    response_plot,
    yuan,
)
from techflow_service.allocating.reading import read_sectors
from techflow_service.allocating.shock_page import render_shock
from techflow_service.allocating.wording import MEASURES
from techflow_service.pages import both, document, said, table

OURS = Words("本方案", "This book")


def render_allocation(told: Mapping[str, Any], firms: pl.DataFrame) -> str:
    """The whole page."""
    title = both("信贷决策：对谁、多少、什么利率", "The credit decision: whom, how much, what rate")
    basis = "".join(f'<p class="warn">{both(**words)}</p>' for words in told["basis"])
    cards = escape("; ".join(told["content"]["cards"]))
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        f'<p class="note">{escape(told["as_of"])} · {cards} · '
        f"churn {escape(told['content']['churn'])}</p>",
        _headline(told),
        basis,
        f'<div class="plots">{profit_plot(told)}{rate_plot(firms)}{response_plot(firms)}</div>',
        _strategies(told),
        _limits(told),
        render_shock(told, firms),
        _customers(told),
        _reasons(firms),
        _firms(firms),
    ]
    return document("book allocation", parts)


def _headline(told: Mapping[str, Any]) -> str:
    made = told["decision"]
    gap = f"{made['gap_ratio']:.1e}"
    return "<p>" + both(
        f"{made['firms_n']:,}家企业中向{made['offers_n']:,}家报价，共{yuan(made['offered_cny']).zh}；"
        f"预期发放{yuan(made['expected_lent_cny']).zh}，预期利润{yuan(made['profit_cny']).zh}。"
        f"任何满足限制的方案利润不超过{yuan(made['bound_cny']).zh}（相对差距{gap}）。",
        f"Offers to {made['offers_n']:,} of {made['firms_n']:,} firms, "
        f"{yuan(made['offered_cny']).en} together; {yuan(made['expected_lent_cny']).en} expected "
        f"to be lent, expected profit {yuan(made['profit_cny']).en}. No book within the limits "
        f"earns more than {yuan(made['bound_cny']).en} (gap {gap} of it).",
    ) + "</p>"  # fmt: skip


def _strategies(told: Mapping[str, Any]) -> str:
    ours = {"zh": OURS.zh, "en": OURS.en, "rate_pa": None} | told["decision"]
    best = ours["profit_cny"]
    rows = [
        [
            both(one["zh"], one["en"]),
            _money(one["profit_cny"]),
            f"{one['profit_cny'] / best - 1.0:+.1%}" if best else "",
            f"{one['offers_n']:,}",
            _money(one["offered_cny"]),
            _money(one["expected_lent_cny"]),
            "–" if one["mean_rate_pa"] is None else f"{one['mean_rate_pa']:.2%}",
            "–" if one["mean_pd"] is None else f"{one['mean_pd']:.2%}",
            _money(one["tail_used_cny"]),
            _money(one["every_loan"]["es_cny"]),
        ]
        for one in (ours, *told["strategies"])
    ]
    head = [
        Words("方案", "Strategy"),
        Words("预期利润", "Expected profit"),
        Words("相比", "Against it"),
        Words("报价户数", "Offers"),
        Words("报价总额", "Offered"),
        Words("预期发放", "Expected lent"),
        Words("平均利率", "Mean rate"),
        Words("平均违约率", "Mean PD"),
        Words("尾部损失（限额口径）", "Tail, as limited"),
        Words("期望短缺（逐笔）", "ES, every loan"),
    ]
    note = both(
        "各简单方案遵守同样的限额，并各自使用对其最有利的单一利率",
        "Each plain strategy keeps the same limits and has the single rate that suits it best",
    )
    heading = both("与简单方案比较", "Against plain strategies")
    return f'<h2>{heading}</h2>{table(head, rows)}<p class="note">{note}</p>'


def _limits(told: Mapping[str, Any]) -> str:
    rules, made = told["rules"], told["decision"]
    tail = MEASURES[rules["measure"]]
    rows = [
        [
            both("报价总额", "Offered in all"),
            _money(made["offered_cny"]),
            _money(rules["budget_cny"]),
            f"{made['budget_price']:.4f}",
        ],
        [
            both(
                f"尾部损失：{tail.zh}，置信度{rules['confidence']:.1%}",
                f"Tail loss: {tail.en} at {rules['confidence']:.1%}",
            ),
            _money(made["tail_used_cny"]),
            _money(rules["tail_cny"]),
            f"{made['tail_price']:.4f}",
        ],
    ]
    head = [
        Words("限制", "Limit"),
        Words("使用", "Used"),
        Words("上限", "Allowed"),
        Words("影子价格（每多一元的利润）", "Price (profit of one yuan more)"),
    ]
    return f"<h2>{both('限制及其价格', 'Limits and what they cost')}</h2>{table(head, rows)}"


def _customers(told: Mapping[str, Any]) -> str:
    rows = [
        [escape(row["partner_id"]), f"{row['firms_n']:,}", _money(row["dependent_cny"])]
        for row in told.get("shared_customers", ())
    ]
    if not rows:
        return ""
    head = [
        Words("客户", "Customer"),
        Words("向其销售的获贷企业", "Firms with an offer that sell to it"),
        Words("依赖其销售的预期贷款", "Expected loans that hang on it"),
    ]
    heading = both("共同的交易对手", "Shared counterparties")
    return f"<h2>{heading}</h2>{table(head, rows)}"


def _reasons(firms: pl.DataFrame) -> str:
    names = {
        "full": Words("按上限放款", "All it may get"),
        "part": Words("部分放款", "Part of it"),
        "limit_too_small": Words("额度低于下限", "Limit below the least loan"),
        "no_margin": Words("任何利率都亏损", "Loses at every rate"),
        "tail": Words("尾部成本过高", "Costs too much tail"),
        "budget": Words("收益低于他户", "Others earn more"),
        "not_graded": Words("无等级", "Not graded"),
    }
    counts = firms["reason_code"].value_counts(sort=True)
    rows = [[said(names[code]), f"{count:,}"] for code, count in counts.iter_rows()]
    heading = both("决定及原因", "Decisions and reasons")
    return f"<h2>{heading}</h2>{table([Words('原因', 'Reason'), Words('户数', 'Firms')], rows)}"


def _firms(firms: pl.DataFrame) -> str:
    sectors = {one["id"]: both(one["zh"], one["en"]) for one in read_sectors()}
    rows = [_firm(row, sectors) for row in firms.iter_rows(named=True)]
    head = [
        Words("企业", "Firm"),
        Words("行业（按名称）", "Sector (by name)"),
        Words("等级", "Grade"),
        Words("违约率", "PD"),
        Words("金额", "Amount"),
        Words("利率", "Rate"),
        Words("接受", "Take it"),
        Words("预期利润", "Expected profit"),
        Words("原因", "Reason"),
    ]
    return f"<h2>{both('逐户', 'Firm by firm')}</h2>{table(head, rows, kind='text')}"


def _firm(row: Mapping[str, Any], sectors: Mapping[str, str]) -> Sequence[str]:
    lent = bool(row["amount_cny"])
    sector = row["book_sector"]
    return [
        escape(f"{row['firm_id']} {row.get('name') or ''}"),
        sectors.get(sector, escape(sector)) if sector else "–",
        escape(row["grade"] or "–"),
        "–" if row["pd"] is None else f"{row['pd']:.2%}",
        f"{row['amount_cny']:,.0f}" if lent else "–",
        f"{row['rate_pa']:.2%}" if lent else "–",
        f"{row['stay_share']:.0%}" if lent else "–",
        f"{row['expected_profit_cny']:,.0f}" if lent else "–",
        both(row["reason_zh"], row["reason_en"]),
    ]


def _money(amount: float) -> str:
    words = yuan(amount)
    return both(words.zh, words.en)
