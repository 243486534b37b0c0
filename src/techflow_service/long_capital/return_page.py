"""Return after tax on one page."""

from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.long_capital.content import reference_of, words_of
from techflow_service.long_capital.pictures import Axis, Line, line_plot
from techflow_service.long_capital.returning import MONTHS, Returns
from techflow_service.pages import both, document, mark_words, said, table

EARLY = Words(
    "缴费免税的账户持有越短年化越高，超出图框的部分未画；养老金实际不能提前领取，短期数字只供比较",
    "Where money is paid in untaxed the yearly figure is higher the shorter it stays; what leaves "
    "the frame is not drawn. A pension cannot be taken out early: short years only compare",
)
UNKNOWABLE = (
    Words(
        "这里的增长率与分红率是情景，不是预测；任何收益都不作承诺，本金也可能亏损",
        "Growth and dividends here are a scenario, no forecast; no return is promised and the "
        "principal can be lost",
    ),
    Words(
        "税率未与官方原文核对，各带标记；亏损抵扣、地方性优惠、社保缴费与遗产情形未计入",
        "Rates were not read in the official texts and carry their marks; relief for losses, local "
        "relief, social contributions and inheritance are left out",
    ),
    Words(
        "免税带来多少新增资金无人知晓：成本按几种假定列出，新增资金原本会缴的税未扣除",
        "Nobody knows how much money an exemption brings: costs stand under several assumptions, "
        "and what that money would have paid elsewhere is not taken off",
    ),
    Words(
        "分红再投资部分按首次买入的持有期计算；红利税按收到时计，实际在卖出时结算",
        "Dividends reinvested count the holding from the first purchase; their tax is counted when "
        "received, though it is settled at the sale",
    ),
)
PANELS = (
    (
        Words("个人", "persons"),
        (
            *("unlisted_person", "listed_person", "venture_person"),
            *("personal_pension", "enterprise_annuity"),
        ),
    ),
    (
        Words("建议方案", "proposals"),
        ("unlisted_person", "exempt_after_five", "deferred_to_exit", "long_pension"),
    ),
    (Words("机构", "institutions"), ("resident_company", "public_pension")),
)


def render_returns(told: Returns) -> str:
    """The whole page."""
    assumed = told.assumed
    gross = assumed["growth_pa"] + assumed["dividend_pa"]
    title = _finding(told)
    facts = both(
        f"情景：税前年收益{gross:.2%}（价格{assumed['growth_pa']:.2%}，"
        f"分红{assumed['dividend_pa']:.2%}），缴费时税率{assumed['income_rate']:.0%}，"
        f"养老金税率{assumed['pension_rate']:.0%}（建议值）",
        f"Scenario: {gross:.2%} a year before tax (price {assumed['growth_pa']:.2%}, dividend "
        f"{assumed['dividend_pa']:.2%}), income taxed at {assumed['income_rate']:.0%}, pension at "
        f"{assumed['pension_rate']:.0%} (proposal)",
    )
    parts = [f"<button>中 / EN</button><h1>{title}</h1><p>{facts}</p>"]
    parts.append('<div class="plots">')
    parts += [_panel(told, name, members, 2.0 * gross) for name, members in PANELS]
    parts.append("</div>")
    parts.append(f'<p class="note">{said(EARLY)}</p>')
    parts += [_table(told), _edge_table(told), _cost_table(told), _sources(told)]
    parts.append(f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>")
    parts += [f'<p class="warn">{said(words)}</p>' for words in UNKNOWABLE]
    return document("after tax", parts)


def _finding(told: Returns) -> str:
    years = max(told.assumed["years"])
    last = told.rows.filter(pl.col("years") == years).sort("rate_pa")
    low, high = last.row(0, named=True), last.row(-1, named=True)
    names = [words_of(told.content["regime"][row["regime"]]) for row in (low, high)]
    return both(
        f"持有{years:g}年，税后年收益从{low['rate_pa']:.2%}（{names[0].zh}）"
        f"到{high['rate_pa']:.2%}（{names[1].zh}）",
        f"Over {years:g} years the return after tax runs from {low['rate_pa']:.2%} ({names[0].en}) "
        f"to {high['rate_pa']:.2%} ({names[1].en})",
    )


def _panel(told: Returns, group: Words, members: tuple[str, ...], most: float) -> str:
    there = [name for name in members if name in told.lines]
    if not there:
        return ""
    lines = [
        Line(
            words_of(told.content["regime"][name]),
            [
                (m / 12.0, r)
                for m, r in zip(MONTHS, told.lines[name], strict=True)
                if m >= 12 and 0 <= r <= most
            ],
        )
        for name in there
    ]
    finals = [line.points[-1][1] for line in lines]
    title = Words(
        f"{group.zh}：三十年{min(finals):.2%}到{max(finals):.2%}",
        f"{group.en.capitalize()}: {min(finals):.2%} to {max(finals):.2%} over thirty years",
    )
    marks = [(k * most / 4, f"{k * most / 4:.0%}") for k in range(5)]
    x = Axis(
        Words("持有年数", "years held"), 1.0, 30.0, [(v, f"{v:g}") for v in (1, 2, 5, 10, 20, 30)]
    )
    return line_plot(
        title, lines, x, Axis(Words("税后年收益", "after tax"), 0.0, most, marks), log=True
    )


def _table(told: Returns) -> str:
    years = told.assumed["years"]
    head = [Words("持有人", "Holder")]
    head += [Words(f"{year:g}年", f"{year:g} y") for year in years]
    rows = []
    for name, spec in told.content["regime"].items():
        own = told.rows.filter(pl.col("regime") == name)["rate_pa"]
        rows.append([said(words_of(spec)), *(f"{rate:.2%}" for rate in own)])
    top = both("税后年收益，按持有年数", "Yearly return after tax, by years held")
    return f"<h2>{top}</h2>{table(head, rows)}"


def _edge_table(told: Returns) -> str:
    head = [
        Words("持有人", "Holder"),
        Words("界限（月）", "Edge (months)"),
        Words("前一天", "A day before"),
        Words("当天", "On the day"),
        Words("后一天", "A day after"),
    ]
    rows = [
        [
            said(words_of(told.content["regime"][row["regime"]])),
            f"{row['edge_months']:g}",
            *(f"{row[f'{side}_rate_pa']:.2%}" for side in ("before", "at", "after")),
        ]
        for row in told.edges.rows(named=True)
    ]
    top = both("期限界限的两边", "Both sides of each edge")
    return f"<h2>{top}</h2>{table(head, rows)}"


def _cost_table(told: Returns) -> str:
    years = told.assumed["years"]
    head = [Words("建议方案", "Proposal"), Words("新增占比", "New share")]
    head += [Words(f"{year:g}年", f"{year:g} y") for year in years]
    rows = []
    for (name, share), own in told.costs.group_by("regime", "induced_share", maintain_order=True):
        words = said(words_of(told.content["regime"][str(name)]))
        rows.append(
            [words, f"{share:.0%}", *(f"{round(cost, 3) + 0.0:.1%}" for cost in own["cost_of_one"])]
        )
    top = both(
        "每一元新增长期资金的财政成本（现值，与个人非上市股权相比）",
        "Public cost of one yuan of new long-term capital (present value, beside unlisted equity)",
    )
    return f"<h2>{top}</h2>{table(head, rows)}"


def _sources(told: Returns) -> str:
    head = [Words("持有人", "Holder"), Words("依据", "Source"), Words("标记", "Mark")]
    specs: list[dict[str, Any]] = list(told.content["regime"].values())
    rows = [
        [said(words_of(spec)), said(reference_of(spec)), said(mark_words(spec["mark"]))]
        for spec in specs
    ]
    return f"<h2>{both('依据', 'Sources')}</h2>{table(head, rows, kind='text')}"
