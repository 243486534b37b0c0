"""Efficiency of regions on one page."""

from typing import Any

from techflow.credit import Words
from techflow_service.pages import both, document, table
from techflow_service.regions.efficiency import Efficiencies
from techflow_service.regions.model import RegionModel
from techflow_service.regions.pictures import Dot, dot_plot, tiles
from techflow_service.regions.rank_page import end_page, name_region

UNKNOWABLE = (
    Words(
        "效率是与所见最好的地区相比：前沿本身可能也不高，投入之外的条件（产业、总部、高校）未剔除",
        "Efficiency is beside the best that was seen: the frontier itself may be low, and what "
        "is no input (industry, headquarters, universities) is not allowed for",
    ),
    Words(
        "区间偏窄：在真值已知的模拟中（31个单位、两种投入、不变规模报酬），95%区间约有八成包含真值；"
        "可变规模报酬时约三分之二",
        "Intervals are too narrow: in simulations with known truth (31 units, two inputs, constant "
        "returns) 95 % hold it four times in five, with variable returns two in three",
    ),
    Words(
        "投入与产出取同一年：研发到授权要数年，此处未计时滞；数据有误的一个地区会移动所有人的前沿",
        "Inputs and outputs are of one year: R&D takes years to a grant and no lag is allowed for; "
        "one wrong figure moves the frontier of all",
    ),
    Words(
        "资料不全的地区不评分，而不是得零分",
        "A region of which an item is unknown has no score; it does not score 0",
    ),
)


def render_efficiency(found: Efficiencies, model: RegionModel) -> str:
    """The whole page: the last year as dots, all years as tiles, peers as a table."""
    year = max(found.draws)
    now = found.rows.filter(found.rows["year_n"] == year).drop_nulls("efficiency")
    rows = now.sort("efficiency_corrected", "region_code", descending=[True, False]).rows(
        named=True
    )
    front = [row for row in rows if row["efficiency"] >= 1.0 - 1e-9]
    named = [name_region(model, row["region_code"]) for row in front]
    title = both(
        f"{year}年{len(rows)}个地区中{len(front)}个在前沿：{'、'.join(n.zh for n in named)}",
        f"{year}: {len(front)} of {len(rows)} regions on the frontier: "
        f"{', '.join(n.en for n in named)}",
    )
    dots = [
        Dot(
            name_region(model, row["region_code"]),
            row["efficiency_corrected"],
            row["efficiency_low"],
            row["efficiency_high"],
        )
        for row in rows
    ]
    picture = dot_plot(
        dots,
        Words("纠偏后的效率与区间", "Efficiency less its bias, with interval"),
        Words(
            *(
                f"{word} {model.words['efficiency']['level']:.0%}"
                for word in ("效率与区间", "efficiency, interval of")
            )
        ),
        ends=(0.0, 1.0),
        ticks=("0%", "25%", "50%", "75%", "100%"),
    )
    parts = [
        f"<button>中 / EN</button><h1>{title}</h1>",
        _read(model),
        _leaning(rows, model),
        picture,
        _peers(rows, model),
        _years(found, model),
        end_page(UNKNOWABLE),
    ]
    return document("techflow region efficiency", parts)


def _read(model: RegionModel) -> str:
    how = model.words["efficiency"]
    sides = {
        language: [
            joint.join(model.label(name, language) for name in how[side])
            for side in ("inputs", "outputs")
        ]
        for language, joint in (("zh", "、"), ("en", ", "))
    }
    returns = {"constant": "规模报酬不变（CCR）", "variable": "规模报酬可变（BCC）"}[how["returns"]]
    side = {"inputs": "投入导向", "outputs": "产出导向"}[how["orientation"]]
    return (
        '<p class="note">'
        + both(
            f"投入：{sides['zh'][0]}；产出：{sides['zh'][1]}；{returns}，{side}；建议方案",
            f"Inputs: {sides['en'][0]}; outputs: {sides['en'][1]}; {how['returns']} returns, by "
            f"{how['orientation']}; a proposal",
        )
        + "</p>"
    )


def _leaning(rows: list[dict[str, Any]], model: RegionModel) -> str:
    """The one region on which the scores of the others lean most."""
    row = max(rows, key=lambda one: one["influence"])
    name = name_region(model, row["region_code"])
    by_n = sum(row["region_code"] in one["peers"].split() for one in rows)
    told = both(
        f"{by_n}个地区与{name.zh}相比；去掉{name.zh}，其余地区的效率平均上升"
        f"{100 * row['influence']:.1f}个百分点。条件如此不同的地区能否相比，请先判断",
        f"{by_n} regions are compared with {name.en}; without it the others score "
        f"{100 * row['influence']:.1f} points more on average. Judge first whether regions so "
        "unlike can be compared",
    )
    return f'<p class="warn">{told}</p>'


def _peers(rows: list[dict[str, object]], model: RegionModel) -> str:
    cells = []
    for row in rows:
        peers = [name_region(model, code) for code in str(row["peers"]).split()]
        name = name_region(model, str(row["region_code"]))
        ends = f"{row['efficiency_low']:.0%}–{row['efficiency_high']:.0%}"
        told = both("、".join(p.zh for p in peers), ", ".join(p.en for p in peers))
        figures = [f"{row['efficiency']:.0%}", f"{row['efficiency_corrected']:.0%}", ends]
        cells.append([both(name.zh, name.en), *figures, told])
    head = [
        Words("地区", "Region"),
        Words("效率", "Efficiency"),
        Words("纠偏", "Less its bias"),
        Words("区间", "Interval"),
        Words("与谁相比", "Compared with"),
    ]
    return table(head, cells)


def _years(found: Efficiencies, model: RegionModel) -> str:
    years = sorted(found.draws)
    scores = {(r["region_code"], r["year_n"]): r for r in found.rows.rows(named=True)}
    rows = []
    for code in model.words["region"]:
        cells = []
        for year in years:
            row = scores.get((code, year))
            value = row["efficiency_corrected"] if row else None
            cells.append((value, "" if value is None else f"{value:.0%}"))
        rows.append((name_region(model, code), cells))
    title = both(
        "各年效率（每年各有前沿，不可跨年相减）",
        "Efficiency by year (each year has its own frontier: do not subtract)",
    )
    return f"<h2>{title}</h2>{tiles([Words(str(y), str(y)) for y in years], rows)}"
