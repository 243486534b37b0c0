"""Rank of regions on one page, for the official who reads it and for the region ranked last."""

from typing import Any

import polars as pl

from techflow.credit import Words
from techflow_service.pages import both, document, mark_words, said, table
from techflow_service.regions.model import RegionModel
from techflow_service.regions.pictures import Dot, dot_plot, tiles
from techflow_service.regions.rank_words import HEAD, NEXT, TIERS, UNKNOWABLE
from techflow_service.regions.ranking import Ranking

Row = dict[str, Any]


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
        _next(),
        _tiles(found, ranked, model),
        _weights(found, model),
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
    ticks = [str(n) for n in (1, *range(5, last - 1, 5), last)]
    return dot_plot(dots, title, Words("名次", "rank"), ends=(1.0, float(last)), ticks=ticks)


def _table(rows: list[Row], model: RegionModel) -> str:
    cells = [[_named(model, row["region_code"]), *_cells(row, model)] for row in rows]
    return table(HEAD, cells, kind="text")


def _cells(row: Row, model: RegionModel) -> list[str]:
    lacks = " ".join(_named(model, name) for name in row["lacks"].split())
    tier = TIERS[row["tier"]]
    return [
        _interval(row, "rank"),
        "—" if row["rank_before"] is None else f"{row['rank_before']:.0f}",
        *(_chance(row[name]) for name in ("top_chance", "better_chance", "ahead_chance")),
        both(tier.zh, tier.en),
        *("—" if row[n] is None else _named(model, row[n]) for n in ("strongest", "weakest")),
        _interval(row, "rank_lifted"),
        lacks,
    ]


def _interval(row: Row, name: str) -> str:
    if row[name] is None:
        return "—"
    return f"{row[name]:.0f} ({row[f'{name}_low']:.0f}–{row[f'{name}_high']:.0f})"


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
            f"若最弱项升到各地的中间、其余不变，名次为{_interval(row, 'rank_lifted')}"
            "（算术，不是预测）。",
            f"If its weakest stood in the middle of all and the rest as it is, the rank would be "
            f"{_interval(row, 'rank_lifted')} (arithmetic, no forecast).",
        ),
        Words(
            "名次靠后不扣减任何资金，也不是对当地工作的评语：产业少、人口少的地区，研发强度与"
            "科技预算占比的起点本来就低，而且个别年份、个别大额合同就能改变名次。",
            "A low rank takes nothing away and is no verdict on the work done there: regions with "
            "little industry and few people start low on R&D intensity and budget share, and one "
            "year or a few large contracts can move the rank.",
        ),
    ]
    told = "".join(f"<p>{both(line.zh, line.en)}</p>" for line in lines)
    return f"<h2>{both('给名次最后的地区', 'To the region ranked last')}</h2>{told}"


def _next() -> str:
    told = "".join(f"<li>{said(line)}</li>" for line in NEXT)
    return f"<h2>{both('下一步可以做什么', 'What can be done next')}</h2><ul>{told}</ul>"


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


def _moved(found: Ranking, model: RegionModel) -> dict[str, str]:
    """By indicator: who moves most once it is left out."""
    return {
        row["indicator"]: _named(model, row["region_code"])
        + f" {row['rank']:.0f} → {row['rank_without']:.0f}"
        for row in found.without.rows(named=True)
    }


def _weights(found: Ranking, model: RegionModel) -> str:
    total = sum(model.weights.values())
    rows, moved = [], _moved(found, model)
    note = both(
        "权重由人定，不由数据得出；区间已含权重在其附近的变动。去掉一项指标后变动最大的地区见表：",
        "Weights are chosen, not found in the data; the intervals hold moves about them. The table "
        "tells who moves most once an indicator is left out:",
    )
    for name, weight in model.weights.items():
        spec = model.words["indicator"][name]
        parts = [spec[key] for key in ("of", "by") if key in spec] or [
            *model.words["efficiency"]["inputs"],
            *model.words["efficiency"]["outputs"],
        ]
        measures = [model.words["measure"][part] for part in parts]
        marks = [mark_words(mark) for mark in sorted({one["mark"] for one in measures})]
        rows.append(
            [
                both(spec["zh"], spec["en"]),
                f"{weight / total:.1%}",
                moved.get(name, "—"),
                _sources(measures),
                both("、".join(m.zh for m in marks), ", ".join(m.en for m in marks)),
            ]
        )
    head = [
        Words("指标（建议）", "Indicator (proposal)"),
        Words("权重", "Weight"),
        Words("去掉后变动最大者（名次）", "Moves most without it (rank)"),
        Words("数据来源", "Source of the figures"),
        Words("来源标记", "Mark of the source"),
    ]
    title = both("权重与来源", "Weights and sources")
    return f"<h2>{title}</h2><p>{note}</p>{table(head, rows, kind='text')}"


def _sources(measures: list[dict[str, str]]) -> str:
    """Where the figures come from; a file without English names shows its own."""
    zh = sorted({one["source"] for one in measures})
    en = sorted({one.get("source_en", one["source"]) for one in measures})
    return both("；".join(zh), "; ".join(en))
