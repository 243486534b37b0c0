"""Allocation on one page."""

from collections.abc import Mapping
from typing import Any

from techflow.credit import Words
from techflow.market.long_capital.spreading import Spread
from techflow_service.long_capital.allocating import Allocated, Asked
from techflow_service.long_capital.content import reference_of, words_of
from techflow_service.long_capital.pictures import Axis, Range, range_plot
from techflow_service.pages import both, document, mark_words, said, table

METHOD = {
    "equal": Words("平均分配", "Equal weights"),
    "variance": Words("最小方差", "Least variance"),
    "shortfall": Words("最小预期短缺", "Least shortfall"),
    "parity": Words("风险平价", "Risk parity"),
}
GROUP = {
    "equity": Words("权益类", "equity"),
    "liquid": Words("流动性资产", "liquid"),
    "unlisted": Words("非上市股权", "unlisted equity"),
    "venture": Words("创业投资", "venture"),
    "bond": Words("债券", "bonds"),
    "reit": Words("REITs", "REITs"),
}
UNKNOWABLE = (
    Words(
        "情景来自所给文件：过去的收益不代表未来，本页不承诺任何收益，本金可能亏损",
        "Scenarios are those of the file: what was is not what will be; no return is promised and "
        "the principal can be lost",
    ),
    Words(
        "区间来自对情景的重抽样，只反映样本的偶然，不反映情景本身是否正确；相邻时期视为独立",
        "Intervals come from drawing scenarios again: they tell the chance of the sample, not "
        "whether it is the right one; periods count as independent",
    ),
    Words(
        "未上市资产的估值平滑，波动被低估，因此显得比实际更好；请先去平滑",
        "Appraisals of unlisted assets are smooth: their risk is understated and they look better "
        "than they are; unsmooth them first",
    ),
    Words(
        "资本占用按因子直接相加，未计分散效应与利率、集中度、穿透；负债久期与现金流匹配未计入",
        "Capital is the plain sum of factors, without diversification, interest, concentration or "
        "look-through; duration and cash flows of liabilities are left out",
    ),
    Words(
        "保险资金对单一创业投资基金另有上限（实缴规模的30%），见政策 cn.insurance_equity",
        "One venture fund has its own ceiling for insurers (30 % of what is paid into it): "
        "see policy cn.insurance_equity",
    ),
)


def render_allocation(told: Allocated, asked: Asked) -> str:
    """The whole page."""
    title = both(_finding(told).zh, _finding(told).en)
    facts = both(
        f"{told.holder['zh']} · {asked.on} · {len(told.returns)}个情景 · "
        f"最差{asked.tail_share:.0%}",
        f"{told.holder['en']} · {asked.on} · {len(told.returns)} scenarios · worst "
        f"{asked.tail_share:.0%}",
    )
    parts = [
        f'<button>中 / EN</button><h1>{title}</h1><p class="note">{facts}</p><div class="plots">'
    ]
    parts += [_weights_plot(told, name, spread) for name, spread in told.spreads.items()]
    parts += ["</div>", _measures(told), _weights(told), _limits(told)]
    parts.append(f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>")
    parts += [f'<p class="warn">{said(words)}</p>' for words in UNKNOWABLE]
    return document("allocation", parts)


def _finding(told: Allocated) -> Words:
    """Whether a method with the same mean beats equal weights on scenarios it had not seen."""
    plain = told.spreads["equal"]
    best = min(
        ("equal", "variance", "shortfall"), key=lambda name: told.spreads[name].unseen.shortfall
    )
    found = told.spreads[best]
    gain = plain.unseen.shortfall - found.unseen.shortfall
    if best == "equal" or gain < found.unseen_error.shortfall:
        return Words(
            "在未见过的情景中，平均收益相同的方法，尾部损失都不明显小于平均分配",
            "On unseen scenarios no method of the same mean loses clearly less in the tail than "
            "equal weights",
        )
    return Words(
        f"在未见过的情景中，{METHOD[best].zh}的尾部损失{found.unseen.shortfall:.1%}，"
        f"平均分配{plain.unseen.shortfall:.1%}",
        f"On unseen scenarios {METHOD[best].en.lower()} loses {found.unseen.shortfall:.1%} in the "
        f"tail, equal weights {plain.unseen.shortfall:.1%}",
    )


def _weights_plot(told: Allocated, name: str, spread: Spread) -> str:
    rows = [
        Range(words_of(told.content[asset]), *numbers)
        for asset, *numbers in zip(
            told.assets, spread.weights, spread.low, spread.high, strict=True
        )
    ]
    widest = max(row.high - row.low for row in rows)
    title = Words(
        f"{METHOD[name].zh}：比重的90%区间最宽{widest:.0%}",
        f"{METHOD[name].en}: 90 % interval of a weight up to {widest:.0%} wide",
    )
    ticks = [(k / 4, f"{k / 4:.0%}") for k in range(5)]
    return range_plot(title, rows, Axis(Words("比重", "weight"), 0.0, 1.0, ticks))


def _measures(told: Allocated) -> str:
    head = [
        Words("方法", "Method"),
        Words("平均收益", "Mean"),
        Words("标准差", "Deviation"),
        Words("尾部损失", "Shortfall"),
        Words("未见情景：平均收益", "Unseen: mean"),
        Words("未见情景：尾部损失", "Unseen: shortfall"),
    ]
    rows = [
        [
            said(METHOD[name]),
            *(f"{value:.2%}" for value in spread.seen),
            f"{spread.unseen.mean:.2%} ± {spread.unseen_error.mean:.2%}",
            f"{spread.unseen.shortfall:.2%} ± {spread.unseen_error.shortfall:.2%}",
        ]
        for name, spread in told.spreads.items()
    ]
    top = both("每期的收益与损失（样本内与未见过的情景）", "A period, seen and unseen")
    return f"<h2>{top}</h2>{table(head, rows)}"


def _weights(told: Allocated) -> str:
    head = [Words("资产", "Asset"), *METHOD.values()]
    rows = [
        [
            said(words_of(told.content[asset])),
            *(
                f"{spread.weights[k]:.1%} ({spread.low[k]:.0%}–{spread.high[k]:.0%})"
                for spread in told.spreads.values()
            ),
        ]
        for k, asset in enumerate(told.assets)
    ]
    top = both("比重（90%区间）", "Weights (90 % interval)")
    return f"<h2>{top}</h2>{table(head, rows)}"


def _limits(told: Allocated) -> str:
    head = [Words("限制", "Limit"), Words("依据", "Source"), Words("标记", "Mark")]
    rows = [
        [said(_limit(row)), said(reference_of(row)), said(mark_words(row["mark"]))]
        for row in told.sources
    ]
    capital = [name for name in told.limits.names if name.startswith("capital")]
    own = Words("本人给定", "given by you")
    rows += [
        [
            both(name.replace("capital <= ", "资本占用不超过"), name.replace("<=", "at most")),
            said(own),
            said(mark_words("proposal")),
        ]
        for name in capital
    ]
    if not rows:
        return ""
    return f"<h2>{both('限制', 'Limits')}</h2>{table(head, rows, kind='text')}"


def _limit(row: Mapping[str, Any]) -> Words:
    group = GROUP.get(row["group"], Words(row["group"], row["group"]))
    if "most" in row:
        return Words(f"{group.zh}不超过{row['most']:.0%}", f"{group.en} at most {row['most']:.0%}")
    return Words(f"{group.zh}不低于{row['least']:.0%}", f"{group.en} at least {row['least']:.0%}")
