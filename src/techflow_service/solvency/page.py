"""A simulated scheme as one page in two languages; no network needed."""

from collections.abc import Mapping
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.pages import both, document, said, table
from techflow_service.solvency.pictures import (
    bearing_plot,
    chance_plot,
    fan_plot,
    legend,
    loss_plot,
)
from techflow_service.solvency.wording import EVENTS, LIMITS, RENEWED, give, money, rate


def render_simulation(told: Mapping[str, Any]) -> str:
    """The whole page.

    Args:
        told: Result of `simulate_file`.
    """
    title = both("资金池是否稳健：谁承担什么", "Is the pool solvent, and who bears what")
    plots = bearing_plot(told) + loss_plot(told) + fan_plot(told)
    if told["years"][0]["purse"] is not None:
        plots += chance_plot(told)
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        f'<p class="note">{escape(told["scheme"]["id"])} · {escape(told["scheme_hash"][:12])} · '
        f"{escape(told['on'])} · techflow {escape(told['version'])} · seed {told['seed']}</p>",
        _headline(told),
        legend(told["parties"]),
        f'<div class="plots">{plots}</div>',
        _parties(told),
        _years(told),
        _sectors(told),
        _firms(told),
        _assumed(told),
    ]
    return document("pool simulation", parts)


def _headline(told: Mapping[str, Any]) -> str:
    last, currency = told["years"][-1], told["scheme"]["currency"]
    filed, mean = money(told["book"]["filed"], currency), give(told["loss"]["mean"], currency)
    text = both(
        f"{told['scheme']['zh']}：{told['book']['loans_n']:,}笔贷款，备案本金{filed.zh}。"
        f"{told['years_n']}年预期损失{mean.zh}；资金池用尽的概率{rate(last['emptied'])}，"
        f"熔断的概率{rate(last['tripped'])}。{told['scenarios_n']:,}个情景，± 为标准误。",
        f"{told['scheme']['en']}: {told['book']['loans_n']:,} loans, {filed.en} filed. Over "
        f"{told['years_n']} years {mean.en} are expected to be lost; the pool empties with a "
        f"chance of {rate(last['emptied'])}, a breaker trips with {rate(last['tripped'])}. "
        f"{told['scenarios_n']:,} scenarios; ± is the standard error.",
    )
    aside = "".join(
        '<p class="warn">'
        + both(f"搁置{row['n']:,}行：{row['zh']}", f"{row['n']:,} rows aside: {row['en']}")
        + "</p>"
        for row in told["book"]["aside"]
    )
    return f"<p>{text}</p>{aside}"


def _parties(told: Mapping[str, Any]) -> str:
    currency = told["scheme"]["currency"]
    whole = {"zh": "全部", "en": "All", "fee": None, "tail": told["loss"]["es"]} | told["loss"]
    rows = [
        [
            both(row["zh"], row["en"]),
            *(said(give(row[name], currency)) for name in ("mean", "var", "es", "tail")),
            *(rate(row["fee"][n]) if row["fee"] else "–" for n in ("expected", "with_capital")),
        ]
        for row in [whole, *told["parties"]]
    ]
    head = [
        Words("承担方", "Party"),
        Words("预期损失", "Expected loss"),
        Words("VaR", "VaR"),
        Words("ES", "ES"),
        Words("对全部ES的贡献", "Its part of the ES of all"),
        Words("公平费率（年，仅预期损失）", "Fair fee a year, expected loss alone"),
        Words("公平费率（年，含资本成本）", "Fair fee a year, with cost of capital"),
    ]
    heading = both("各方承担与公平费率", "Who bears what, and what it is worth")
    return f"<h2>{heading}</h2>{table(head, rows)}"


def _years(told: Mapping[str, Any]) -> str:
    currency = told["scheme"]["currency"]
    rows = [
        [
            str(row["year"]),
            said(give(row["loss"], currency)),
            *(rate(row[name]) for name in EVENTS),
            said(give(row["purse_mean"], currency)) if row["purse_mean"] else "–",
        ]
        for row in told["years"]
    ]
    head = [
        Words("年", "Year"),
        Words("当年损失", "Lost in the year"),
        *(Words(f"至年末{w.zh}", f"By its end {w.en}") for w in EVENTS.values()),
        Words("资金池平均余额", "Left in the purse, mean"),
    ]
    return f"<h2>{both('逐年', 'Year by year')}</h2>{table(head, rows)}"


def _sectors(told: Mapping[str, Any]) -> str:
    currency = told["scheme"]["currency"]
    watched = next(row for row in told["parties"] if row["id"] == told["watched"])
    names = ("loss", "loss_tail", "watched", "watched_tail")
    ordered = sorted(told["sectors"], key=lambda row: -row["loss_tail"]["value"])
    rows = [
        [escape(row["sector"]), *(said(give(row[name], currency)) for name in names)]
        for row in ordered
    ]
    head = [
        Words("行业", "Sector"),
        Words("预期损失", "Expected loss"),
        Words("对ES的贡献", "Part of the ES"),
        Words(f"{watched['zh']}：预期", f"{watched['en']}: expected"),
        Words(f"{watched['zh']}：对ES的贡献", f"{watched['en']}: part of its ES"),
    ]
    return f"<h2>{both('行业贡献', 'By sector')}</h2>{table(head, rows)}"


def _firms(told: Mapping[str, Any]) -> str:
    currency = told["scheme"]["currency"]
    rows = [
        [
            escape(row["firm_id"]),
            said(give(row["loss_tail"], currency)),
            said(money(row["watched_tail"], currency)),
        ]
        for row in told["firms"]
    ]
    watched = next(row for row in told["parties"] if row["id"] == told["watched"])
    head = [
        Words("企业", "Firm"),
        Words("对全部ES的贡献", "Part of the ES of all"),
        Words(f"其中{watched['zh']}承担", f"Of it borne by: {watched['en']}"),
    ]
    heading = both("贡献最大的企业", "Firms that bring most to the tail")
    return f"<h2>{heading}</h2>{table(head, rows)}"


def _assumed(told: Mapping[str, Any]) -> str:
    rows = [
        [
            both(row["zh"], row["en"]),
            f"{row['value']:g}",
            escape(row["status"]),
            both(*_pair(row["reference"])),
        ]
        for row in told["assumed"]
    ]
    head = [
        Words("假设", "Assumption"),
        Words("值", "Value"),
        Words("标记", "Mark"),
        Words("来源", "Source"),
    ]
    limits = [*LIMITS, RENEWED] if told["renew"] else list(LIMITS)
    notes = "".join(f'<p class="warn">{said(words)}</p>' for words in limits)
    heading = both("假设与局限", "Assumptions and limits")
    return f"<h2>{heading}</h2>{notes}{table(head, rows, kind='text')}"


def _pair(reference: str) -> tuple[str, str]:
    zh, _, en = reference.partition(" / ")
    return zh, en or zh
