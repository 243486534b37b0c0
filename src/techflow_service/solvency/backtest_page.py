"""The back-test as one page in two languages, misses first."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from techflow.credit import Words
from techflow_service.pages import both, document, said, table
from techflow_service.plotting import SIDE, TOP, frame_plot, x_at, y_at
from techflow_service.solvency.backtesting import SINCE
from techflow_service.solvency.pictures import BLUE, ORANGE
from techflow_service.solvency.wording import give, money, rate


def backtest_words(told: Mapping[str, Any]) -> Words:
    """The answer in a sentence.

    Args:
        told: Result of `backtest_file`.
    """
    total, currency, last = told["total"], told["scheme"]["currency"], told["years"][-1]["year"]
    forecast, actual = give(total["forecast"], currency), money(total["actual"], currency)
    times = total["actual"] / (total["forecast"]["value"] or 1.0)
    first = told["until"] + 1
    return Words(
        f"按{told['until']}年末已知的信息，{first}至{last}年预期赔付{forecast.zh}"
        f"（99%区间至{money(total['high'], currency).zh}），实际{actual.zh}，"
        f"为预期的{times:.1f}倍：" + ("在区间之内" if total["inside"] else "在区间之外，预测失误"),
        f"From what was known at the end of {told['until']}, {forecast.en} were expected to be "
        f"paid from {first} to {last} (99 % of scenarios up to "
        f"{money(total['high'], currency).en}); {actual.en} were paid, {times:.1f} times as much: "
        + ("inside the interval" if total["inside"] else "outside the interval: a miss"),
    )


def misses(told: Mapping[str, Any]) -> Iterator[Words]:
    """What to hold against this back-test.

    Args:
        told: Result of `backtest_file`.
    """
    outside = [str(row["year"]) for row in told["years"] if not row["inside"]]
    if outside:
        yield Words(
            f"以下年份的实际赔付在99%区间之外：{'、'.join(outside)}",
            f"What was paid lies outside the 99 % interval in {', '.join(outside)}",
        )
    few = {year: n for year, n in told["vintages"].items() if n < 500 and int(year) >= SINCE}
    early = {year: n for year, n in told["vintages"].items() if int(year) < told["until"]}
    main = max(early, key=lambda year: early[year], default=told["until"])
    yield Words(
        f"拟合几乎只依靠{main}年的贷款；其他年份很少："
        + "、".join(f"{year}年{n}笔" for year, n in few.items())
        + "。年份之间的相关性无法由此估计，取假设值",
        f"The fit rests almost alone on the loans of {main}; other years hold few ("
        + ", ".join(f"{year}: {n}" for year, n in few.items())
        + "). Correlation between years cannot be told from one, and is assumed",
    )
    yield Words(
        f"{SINCE}年以前批准的贷款几乎全部核销（按结果入选），未用于拟合",
        f"Loans approved before {SINCE} are nearly all charge-offs, picked by their end: not "
        "fitted on",
    )
    yield Words(
        f"待预测贷款中一家银行占{told['lender_share']:.0%}：一家银行的做法左右结果",
        f"One lender made {told['lender_share']:.0%} of the loans forecast: its ways decide",
    )
    yield Words(
        "2006年之后没有贷款；样本不是全体贷款；结果仅作说明，不能证明方法有效",
        "There are no loans after 2006, and the set is a sample; this illustrates and "
        "proves nothing",
    )
    yield Words(
        "评分卡sba-default与sba-lgd未使用：其标签为最终结果，到预测日尚不可知",
        "The cards sba-default and sba-lgd are not used: their labels are final outcomes, which "
        "were not known on the day",
    )


def years_plot(told: Mapping[str, Any]) -> str:
    """Forecast interval and what was paid, year by year."""
    rows = told["years"]
    most = max(max(row["high"], row["actual"]) for row in rows) * 1.05 or 1.0
    step, inner = 1.0 / len(rows), ""
    for place, row in enumerate(rows):
        x = x_at((place + 0.5) * step)
        low, high, mean, actual = (
            y_at(v / most)
            for v in (row["low"], row["high"], row["forecast"]["value"], row["actual"])
        )
        inner += (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}" stroke="{BLUE}" '
            f'stroke-width="6" stroke-opacity="0.35"/>'
            f'<circle cx="{x:.1f}" cy="{mean:.1f}" r="4" fill="{BLUE}"/>'
            f'<circle cx="{x:.1f}" cy="{actual:.1f}" r="4" fill="{ORANGE}"/>'
            f'<text x="{x:.1f}" y="{TOP + SIDE + 14}" text-anchor="middle">{row["year"]}</text>'
        )
    outside = sum(not row["inside"] for row in rows)
    zh = f"{len(rows)}年中{outside}年的实际赔付在区间之外（蓝：预测与99%区间，橙：实际）"
    en = f"Paid lies outside the interval in {outside} of {len(rows)} years (blue: forecast, 99 %; "
    en += "orange: paid)"
    top = money(most, told["scheme"]["currency"])
    return frame_plot(zh, en, inner, ("年 / year", f"赔付 / paid, 0–{top.en}"))


def render_backtest(told: Mapping[str, Any]) -> str:
    """The whole page.

    Args:
        told: Result of `backtest_file`.
    """
    title = both(
        "回溯检验：当时的预测与后来的赔付", "Back-test: the forecast then, the payments later"
    )
    warnings = "".join(f'<p class="warn">{said(words)}</p>' for words in misses(told))
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        f'<p class="note">{escape(told["scheme"]["id"])} · techflow {escape(told["version"])} · '
        f"seed {told['seed']} · {told['scenarios_n']:,}</p>",
        f"<p><b>{said(backtest_words(told))}</b></p>",
        warnings,
        f'<div class="plots" style="max-width:480px">{years_plot(told)}</div>',
        _years(told),
        _known(told),
    ]
    return document("pool backtest", parts)


def _years(told: Mapping[str, Any]) -> str:
    currency = told["scheme"]["currency"]
    total = {"year": both("合计", "All")} | told["total"]
    rows = [
        [
            str(row["year"]),
            said(give(row["forecast"], currency)),
            said(money(row["low"], currency)),
            said(money(row["high"], currency)),
            said(money(row["actual"], currency)),
            rate(row["at_least_actual"]),
        ]
        for row in [*told["years"], total]
    ]
    head = [
        Words("年", "Year"),
        Words("预测", "Forecast"),
        Words("0.5%", "0.5 %"),
        Words("99.5%", "99.5 %"),
        Words("实际", "Paid"),
        Words("情景不低于实际的概率", "Scenarios that reach it"),
    ]
    counts, today = told["charged"], give(told["today"], currency)
    more = both(
        f"核销笔数：预测{counts['forecast']['value']:,.0f}，实际{counts['actual']:,.0f}"
        f"（共{told['loans_n']:,}笔）。按现行比例，预期赔付为{today.zh}。",
        f"Charge-offs: {counts['forecast']['value']:,.0f} forecast, {counts['actual']:,.0f} made, "
        f"of {told['loans_n']:,} loans. With the shares of today {today.en} would be expected.",
    )
    return f"<h2>{both('逐年', 'Year by year')}</h2>{table(head, rows)}<p>{more}</p>"


def _known(told: Mapping[str, Any]) -> str:
    known = told["known"]
    rows = [
        [str(age), f"{hazard:.3%}", f"{n:,}"]
        for age, (hazard, n) in enumerate(zip(known["hazard"], known["seen_n"], strict=True))
    ]
    head = [
        Words("贷款年龄", "Age of the loan"),
        Words("当年核销概率", "Charged off in the year"),
        Words("观察笔数", "Loans seen"),
    ]
    lost = both(
        f"核销本金占批准金额{known['lgd']:.1%}（{known['charged_n']:,}笔）",
        f"{known['lgd']:.1%} of the amount is lost in a charge-off ({known['charged_n']:,} seen)",
    )
    heading = both(f"{told['until']}年末已知", f"Known at the end of {told['until']}")
    return f"<h2>{heading}</h2><p>{lost}</p>{table(head, rows)}"
