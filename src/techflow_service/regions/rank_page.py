"""Rank of regions on one page, for the official who reads it and for the region ranked last."""

from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.pages import both, document, table
from techflow_service.regions.model import RegionModel
from techflow_service.regions.pictures import Dot, dot_plot, tiles
from techflow_service.regions.ranking import Ranking

Row = dict[str, Any]
TIERS = {
    "top": Words("前列", "first third"),
    "improved": Words("进步", "improved"),
    "none": Words("—", "—"),
    "unknown": Words("资料不足", "too little known"),
}
UNKNOWABLE = (
    Words(
        "官方的区域评价指标与权重未公开；这里的指标、权重与奖励规则均为建议，不代表任何部门的评价",
        "Indicators and weights of the official evaluation are not public; these indicators, "
        "weights and this rule are proposals and stand for no authority's verdict",
    ),
    Words(
        "没有贷款、担保、保险与股权投资的分地区数据：本页衡量创新投入产出，不衡量金融服务本身的成效",
        "There are no loans, guarantees, insurance or equity by region in these data: the page "
        "measures innovation in and out, not what financial services brought about",
    ),
    Words(
        "排名不是因果：产业结构、高校院所、总部所在地与人口均未剔除；见 region effect",
        "A rank is no cause: industry, universities, seats of headquarters and people are not "
        "allowed for; see region effect",
    ),
    Words(
        "专利按授权计数，不论质量；技术合同记在卖方所在地，个别年份由少数大额合同决定；金额为当年价",
        "Patents are counted when granted, whatever their worth; contracts are booked where the "
        "seller sits and a few large ones can make a year; money is in current prices",
    ),
    Words(
        "统计数字本身的误差未公布，区间未含这部分，因此偏窄",
        "Errors of the statistics themselves are not published; the intervals leave them out and "
        "are too narrow",
    ),
)


def render_rank(found: Ranking, model: RegionModel) -> str:
    """The whole page."""
    ranked = found.rows.drop_nulls("rank").rows(named=True)
    top_n = sum(row["tier"] == "top" for row in ranked)
    steps = [row["ahead_chance"] for row in ranked[:-1]]
    sure_n = sum(chance is not None and chance >= 0.9 for chance in steps)
    title = both(
        f"{found.year}年：{top_n}个地区确在前三分之一；相邻名次{len(steps)}处中仅{sure_n}处可分先后",
        f"{found.year}: {top_n} regions are surely in the first third; only {sure_n} of "
        f"{len(steps)} neighbours in the list can be told apart",
    )
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        _read(found, model),
        _picture(ranked, model),
        _table(found.rows.rows(named=True), model),
        _last(ranked[-1], found, model),
        _tiles(found, ranked, model),
        _weights(model),
        end_page(UNKNOWABLE),
    ]
    return document("techflow region rank", parts)


def end_page(lines: tuple[Words, ...]) -> str:
    """What the page cannot know."""
    items = "".join(f'<p class="warn">{both(line.zh, line.en)}</p>' for line in lines)
    return f"<h2>{both('本页无法知道的', 'What this page cannot know')}</h2>{items}"


def name_region(model: RegionModel, code: str) -> Words:
    """Name of a region in both languages."""
    return Words(model.label(code, "zh"), model.label(code, "en"))


def _read(found: Ranking, model: RegionModel) -> str:
    how, rule = model.words["rank"], model.words["incentive"]
    window = how["window_years_n"]
    first = found.year - window + 1
    return (
        '<p class="warn">'
        + both(
            "建议方案，非官方评价。名次是区间，不是一个数：区间重叠的地区不分先后。",
            "A proposal, no official evaluation. A rank is an interval, not a number: regions "
            "whose intervals overlap are not told apart.",
        )
        + '</p><p class="note">'
        + both(
            f"区间为{how['level']:.0%}：{found.draws_n:,}次抽取权重、年份（{first}–{found.year}）"
            f"与效率的自助样本。奖励规则（建议）：{rule['zh']}。",
            f"Intervals of {how['level']:.0%} from {found.draws_n:,} draws of the weights, the "
            f"year ({first}–{found.year}) and the bootstrap of efficiency. Reward (proposal): "
            f"{rule['en']}.",
        )
        + "</p>"
    )


def _picture(ranked: list[Row], model: RegionModel) -> str:
    dots = [
        Dot(
            name_region(model, row["region_code"]),
            row["rank"],
            row["rank_low"],
            row["rank_high"],
            row["tier"] in ("top", "improved"),
        )
        for row in ranked
    ]
    title = Words(
        "名次与区间（橙色：符合建议的奖励规则）",
        "Rank with its interval (orange: earns the reward)",
    )
    last = len(ranked)
    ticks = [str(n) for n in (1, *range(5, last, 5), last)]
    return dot_plot(dots, title, "名次 / rank", ends=(1.0, float(last)), ticks=ticks)


HEAD = [
    Words("地区", "Region"),
    Words("名次（区间）", "Rank (interval)"),
    Words("此前名次", "Rank before"),
    Words("前三分之一的概率", "Chance of first third"),
    Words("名次上升的概率", "Chance of a better rank"),
    Words("领先下一位的概率", "Chance to lead the next"),
    Words("奖励", "Reward"),
    Words("最强项", "Strongest"),
    Words("最弱项", "Weakest"),
    Words("缺少", "Not known"),
]


def _table(rows: list[Row], model: RegionModel) -> str:
    cells = [[_named(model, row["region_code"]), *_cells(row, model)] for row in rows]
    return table(HEAD, cells, kind="text")


def _cells(row: Row, model: RegionModel) -> list[str]:
    lacks = " ".join(_named(model, name) for name in row["lacks"].split())
    tier = TIERS[row["tier"]]
    rank = "—"
    if row["rank"] is not None:
        rank = f"{row['rank']:.0f} ({row['rank_low']:.0f}–{row['rank_high']:.0f})"
    return [
        rank,
        "—" if row["rank_before"] is None else f"{row['rank_before']:.0f}",
        *(_chance(row[name]) for name in ("top_chance", "better_chance", "ahead_chance")),
        both(tier.zh, tier.en),
        *("—" if row[n] is None else _named(model, row[n]) for n in ("strongest", "weakest")),
        lacks,
    ]


def _named(model: RegionModel, name: str) -> str:
    return both(model.label(name, "zh"), model.label(name, "en"))


def _chance(share: float | None) -> str:
    return "—" if share is None else f"{share:.0%}"


def _last(row: Row, found: Ranking, model: RegionModel) -> str:
    """What the region at the end of the list may fairly want to know."""
    name = name_region(model, row["region_code"])
    lines = [
        Words(
            f"{name.zh}排在最后的概率为{row['last_chance']:.0%}；区间{row['rank_low']:.0f}–"
            f"{row['rank_high']:.0f}；所有抽取中最好的名次为{row['rank_best']:.0f}。",
            f"{name.en} is truly last with a chance of {row['last_chance']:.0%}; its interval is "
            f"{row['rank_low']:.0f}–{row['rank_high']:.0f}; the best rank of all draws is "
            f"{row['rank_best']:.0f}.",
        ),
        *(_beside(row, end, found, model) for end in ("strongest", "weakest") if row[end]),
        Words(
            "名次靠后不扣减任何资金。投入少的地区在强度、预算占比上先天靠后，"
            "权重可用 --weight 改动并重算："
            "techflow region rank FILE --weight rd_intensity=0 …",
            "A low rank takes nothing away. Regions with little industry start low on intensity "
            "and budget share; --weight moves these: techflow region rank FILE --weight "
            "rd_intensity=0 … ranks again.",
        ),
    ]
    told = "".join(f"<p>{both(line.zh, line.en)}</p>" for line in lines)
    return f"<h2>{both('给名次最后的地区', 'To the region ranked last')}</h2>{told}"


def _beside(row: Row, end: str, found: Ranking, model: RegionModel) -> Words:
    """One figure of the region beside the middle of all."""
    name = row[end]
    values = found.figures.select("region_code", name).drop_nulls()
    own = values.filter(pl.col("region_code") == row["region_code"])[name][0]
    middle = values[name].cast(pl.Float64).median()
    spec = model.words["indicator"][name]
    which = Words("最强项", "Strongest") if end == "strongest" else Words("最弱项", "Weakest")
    return Words(
        f"{which.zh}：{spec['zh']}为{own:.3g}{spec['unit_zh']}，各地中位数{middle:.3g}{spec['unit_zh']}。",
        f"{which.en}: {spec['en']} is {own:.3g} {spec['unit_en']}; the middle of all regions is "
        f"{middle:.3g} {spec['unit_en']}.",
    )


def _tiles(found: Ranking, ranked: list[Row], model: RegionModel) -> str:
    names = [i.id for i in model.indicators]
    shades = {row["region_code"]: row for row in found.standing.rows(named=True)}
    figures = {row["region_code"]: row for row in found.figures.rows(named=True)}
    rows = []
    for row in ranked:
        code = row["region_code"]
        cells = [(shades[code][n], _figure(figures[code][n])) for n in names]
        rows.append((name_region(model, code), cells))
    head = [_unit(model, name) for name in names]
    title = both(
        f"{found.year}年数值（颜色越深，位次越前）",
        f"Figures of {found.year} (darker: higher rank)",
    )
    return f"<h2>{title}</h2>{tiles(head, rows)}"


def _unit(model: RegionModel, name: str) -> Words:
    spec = model.words["indicator"][name]
    zh, en = (f" ({spec[key]})" if spec[key] else "" for key in ("unit_zh", "unit_en"))
    return Words(spec["zh"] + zh, spec["en"] + en)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _weights(model: RegionModel) -> str:
    total = sum(model.weights.values())
    rows = []
    for name, weight in model.weights.items():
        spec = model.words["indicator"][name]
        parts = [spec[key] for key in ("of", "by") if key in spec] or [
            *model.words["efficiency"]["inputs"],
            *model.words["efficiency"]["outputs"],
        ]
        sources = sorted({model.words["measure"][part]["source"] for part in parts})
        marks = sorted({model.words["measure"][part]["mark"] for part in parts})
        words = both(spec["zh"], spec["en"])
        rows.append([words, f"{weight / total:.1%}", "; ".join(sources), ", ".join(marks)])
    head = [
        Words("指标（建议）", "Indicator (proposal)"),
        Words("权重", "Weight"),
        Words("数据来源", "Source of the figures"),
        Words("来源标记", "Mark of the source"),
    ]
    return f"<h2>{both('权重与来源', 'Weights and sources')}</h2>{table(head, rows, kind='text')}"
