"""A policy experiment on one page: who gains, who pays, where, and how sure that is."""

from collections.abc import Sequence
from html import escape
from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.experimenting.asking import Experiment
from techflow_service.experimenting.telling import (
    ALL,
    Found,
    gain_rows,
    party_rows,
    step_rows,
    world_range,
)
from techflow_service.pages import both, document, table
from techflow_service.regions.model import read_model
from techflow_service.regions.pictures import Dot, dot_plot, tiles

Row = dict[str, Any]
MILLION = 1e6
MEASURES = {
    "loans_n": Words("获得贷款（笔）", "Loans made"),
    "backed_n": Words("其中由方案支持（笔）", "of them backed by the scheme"),
    "lent_cny": Words("贷款金额（百万元）", "Lent (m yuan)"),
    "saved_cny": Words(
        "前后都借款的企业少付（百万元）", "Saved by those who borrow either way (m yuan)"
    ),
    "public_cny": Words("公共资金净支出（百万元）", "Public purse, net (m yuan)"),
    "claims_cny": Words("　代偿与补偿", "  claims"),
    "fees_cny": Words("　减：担保费", "  less guarantee fees"),
    "other_public_cny": Words("　再贷款、贴息、保费补贴", "  relending, discount, premium subsidy"),
    "bank_loss_cny": Words("银行损失（百万元）", "Loss of banks (m yuan)"),
}
CHANGES = {
    "cheaper": Words("付得更少", "pay less"),
    "dearer": Words("付得更多", "pay more"),
    "same": Words("不变", "the same"),
    "open": Words("资料不足，无法判断", "cannot be told: facts are missing"),
    "no_price": Words("无法计价", "no price"),
}
UNKNOWABLE = (
    Words(
        "企业对利率的反应取自一家银行公布的客户流失表，其他银行与年份未经检验；区间只含抽样误差，"
        "不含这条曲线、违约概率与模型本身的误差",
        "How firms answer to a rate comes from one bank's published table, untested elsewhere; "
        "intervals hold the error of drawing only, not that of this curve, of the default "
        "probabilities or of the model",
    ),
    Words(
        "贷款金额、违约概率与企业本身不因改动而变：没有新设企业、迁移、挤出与银行改变审批的影响",
        "Amounts, default probabilities and firms themselves do not answer to the change: no new "
        "firms, no moving, no crowding out, no change of what banks accept",
    ),
    Words(
        "条件是否满足尚不能判断的企业按不享受计算：受益面是下限",
        "Firms whose qualification cannot be decided are counted as not qualified: the reach is a "
        "lower bound",
    ),
    Words(
        "只算一年期贷款一年的账：政策之后的创新、税收与就业不在其中",
        "One year of one-year loans: innovation, taxes and jobs that may follow are not in it",
    ),
    Words(
        "每个地区的贷款视为由一家银行发放（方案按银行熔断时有影响）",
        "The loans of a region are taken as those of one bank, which matters where a scheme "
        "stops by bank",
    ),
)


def render_experiment(found: Found, asked: Experiment) -> str:
    """The whole page.

    Args:
        found: Result of `run_experiment`.
        asked: What was run.
    """
    steps = step_rows(found)
    whole = {row["measure"]: row for row in steps.filter(pl.col("region_code") == ALL).to_dicts()}
    places = name_places(asked, found.regions)
    parts = [
        f"<button>中 / EN</button><h1>{_title(found, whole)}</h1>",
        _head(found),
        _changed(found),
        _totals(whole, found),
        _payers(found),
        _regions(found, steps, places),
        f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>",
        *(f'<p class="warn">{both(line.zh, line.en)}</p>' for line in UNKNOWABLE),
    ]
    return document("techflow policy experiment", parts)


def name_places(asked: Experiment, regions: Sequence[str]) -> dict[str, Words]:
    """Region codes in words; a code without words stands for itself."""
    known = {**read_model().words["region"], **asked.model["place"]}
    words = {code: Words(spec["zh"], spec["en"]) for code, spec in known.items()}
    return {code: words.get(code, Words(f"地区{code}", f"region {code}")) for code in regions}


def _title(found: Found, whole: dict[str, Row]) -> str:
    n, cost = found.told["change_n"], whole["public_cny"]
    value = abs(cost["value"]) / MILLION
    low, high = sorted(abs(cost[end]) / MILLION for end in ("low", "high"))
    spread = f"{low:,.2f}–{high:,.2f}"
    if cost["low"] <= 0.0 <= cost["high"]:
        zh, en = "公共资金的变化无法与零区分", "the public purse cannot be told from unchanged"
    elif cost["value"] > 0:
        zh = f"公共资金一年多付{value:,.2f}百万元（{spread}）"
        en = f"the public purse pays {value:,.2f} m yuan more a year ({spread})"
    else:
        zh = f"公共资金一年少付{value:,.2f}百万元（{spread}）"
        en = f"the public purse pays {value:,.2f} m yuan less a year ({spread})"
    return both(
        f"{n['cheaper']:,}户付得更少，{n['dearer']:,}户付得更多；{zh}",
        f"{n['cheaper']:,} firms pay less, {n['dearer']:,} pay more; {en}",
    )


def _head(found: Found) -> str:
    told = found.told
    lines = f"<p><b>{both(told['zh'], told['en'])}</b></p>"
    if told["synthetic"]:
        lines += '<p class="warn">' + both(
            "合成样本经济：只说明机器如何运转，不是关于现实的证据。",
            "A synthetic sample economy: it shows how the machine works and is no evidence about "
            "the world.",
        )
        lines += "</p>"
    batches_n, scenarios_n = told["batches_n"], told["scenarios_n"]
    zh = (
        f"{told['on']}的法规，{told['book_on']}的账簿；企业{told['firms_n']:,}户，其中{told['loans_n']:,}户有可贷额度与"
        f"违约概率；方案：{found.scheme.zh}。前后两种情形用同样的随机数（{batches_n}批，每批"
        f"{scenarios_n}个违约情景），区间为配对差的95%区间。"
    )
    en = (
        f"Law of {told['on']}, book of {told['book_on']}; {told['firms_n']:,} firms, "
        f"{told['loans_n']:,} with a limit and a default probability; scheme: {found.scheme.en}. "
        f"Both sides use the same random numbers ({batches_n} batches of "
        f"{scenarios_n} scenarios of default); intervals of 95 % of the paired differences."
    )
    return f'{lines}<p class="note">{both(zh, en)}</p>'


def _changed(found: Found) -> str:
    head = [
        Words("所在", "Where"),
        Words("改动", "What"),
        Words("现行", "As it is"),
        Words("改为", "Changed to"),
    ]
    rows = [
        [
            both(r["where_zh"], r["where_en"]),
            both(r["zh"], r["en"]),
            escape(r["before"]),
            escape(r["after"]),
        ]
        for r in found.told["changes"]
    ]
    return f"<h2>{both('改什么（拟议）', 'What is changed (proposal)')}</h2>{table(head, rows)}"


def _totals(whole: dict[str, Row], found: Found) -> str:
    head = [
        Words("一年", "A year"),
        Words("现行", "As it is"),
        Words("改后", "After"),
        Words("差（95%区间）", "Difference (95 %)"),
    ]
    rows = [[both(w.zh, w.en), *_cells(whole[name], name)] for name, w in MEASURES.items()]
    low, high = (end / MILLION for end in world_range(found))
    counts = found.told["change_n"]
    told = (
        f"<p>{both('企业：', 'Firms: ')}"
        + "; ".join(f"{both(w.zh, w.en)} {counts[name]:,}" for name, w in CHANGES.items())
        + "</p>"
    )
    return (
        f"<h2>{both('合计', 'In all')}</h2>{told}{table(head, rows)}"
        + '<p class="note">'
        + both(
            f"以上为平均年份。好坏年份不同：代偿与补偿的变化在九成情景中为"
            f"{low:,.2f}至{high:,.2f}百万元。",
            "Means over years. Years differ: in 90 % of the scenarios claims change by "
            f"{low:,.2f} to {high:,.2f} (m yuan).",
        )
        + "</p>"
    )


def _cells(row: Row, name: str) -> list[str]:
    unit, digits = (MILLION, 2) if name.endswith("_cny") else (1.0, 0)
    ends = [f"{row[key] / unit:,.{digits}f}" for key in ("before", "after")]
    return [*(ends if name != "saved_cny" else "––"), _difference(row, name)]


def _difference(row: Row, name: str) -> str:
    unit, digits = (MILLION, 2) if name.endswith("_cny") else (1.0, 0)
    value, low, high = (f"{row[k] / unit:+,.{digits}f}" for k in ("value", "low", "high"))
    return f"{value} ({low} – {high})"


def _payers(found: Found) -> str:
    rows = party_rows(found).to_dicts()
    dots = [
        Dot(Words(r["zh"], r["en"]), *(r[k] / MILLION for k in ("value", "low", "high")))
        for r in rows
    ]
    most = max(rows, key=lambda row: row["value"])
    title = Words(
        "方案内贷款的损失，各方多承担（百万元，95%区间）",
        "Loss on backed loans each party bears more (m yuan, 95 %)",
    )
    if most["low"] > 0:
        title = Words(
            f"方案内贷款的损失，{most['zh']}多承担最多（百万元，95%区间）",
            f"{most['en']} bears most of the loss added on backed loans (m yuan, 95 %)",
        )
    ends, ticks = scale_axis(dots)
    plot = dot_plot(dots, title, Words("", ""), ends=ends, ticks=ticks, left=260)
    return f"<h2>{both('谁付', 'Who pays')}</h2>{plot}"


def scale_axis(dots: Sequence[Dot]) -> tuple[tuple[float, float], list[str]]:
    """Ends of an axis that holds zero and all intervals, and its round ticks.

    Examples:
        >>> scale_axis([Dot(Words("甲", "a"), 3.0, 2.0, 9.0)])
        ((0.0, 10.0), ['0', '5', '10'])
    """
    low = min(0.0, *(dot.low for dot in dots))
    high = max(0.0, *(dot.high for dot in dots))
    step = 1.0
    span = (high - low) or 1.0
    while span / step > 4.0:
        step *= 2.5 if str(step).strip("0.").startswith("2") else 2.0
    while span / step < 1.5:
        step /= 2.0
    first, last = int(low // step), int(-(-high // step))
    ticks = [f"{k * step:g}" for k in range(first, last + 1)]
    return (first * step, last * step or step), ticks


def _regions(found: Found, steps: pl.DataFrame, places: dict[str, Words]) -> str:
    names = ("saved_cny", "loans_n", "public_cny")
    by = {(r["region_code"], r["measure"]): r for r in steps.to_dicts()}
    counts = {row["region_code"]: row for row in gain_rows(found).to_dicts()}
    most = {n: max(abs(by[code, n]["value"]) for code in places) or 1.0 for n in names}
    rows = []
    for code, words in places.items():
        share = counts[code]["cheaper_n"] / counts[code]["loans_n"]
        cells: list[tuple[float | None, str]] = [(share, f"{share:.0%}")]
        cells += [(abs(by[code, n]["value"]) / most[n], _difference(by[code, n], n)) for n in names]
        rows.append((words, cells))
    head = [
        Words("付得更少的企业占比", "Share of firms that pay less"),
        Words("少付利息（百万元）", "Interest saved (m yuan)"),
        Words("多发放贷款（笔）", "More loans"),
        Words("公共资金多付（百万元）", "Public purse pays more (m yuan)"),
    ]
    dots = [
        Dot(words, *(by[code, "public_cny"][k] / MILLION for k in ("value", "low", "high")))
        for code, words in places.items()
    ]
    ends, ticks = scale_axis(dots)
    title = Words(
        "公共资金多付，按地区（百万元，95%区间）",
        "What the public purse pays more, by region (95 %)",
    )
    plot = dot_plot(dots, title, Words("百万元", "million yuan"), ends=ends, ticks=ticks)
    return (
        f"<h2>{both('谁得，按地区（越深越多）', 'Who gains, by region (darker: more)')}</h2>"
        f"{tiles(head, rows)}{plot}"
    )
