"""Effects on one page: what followed, and whether it may be called an effect."""

import math
from collections.abc import Sequence

import polars as pl

from techflow.credit import Words
from techflow_service.pages import both, document, mark_words, said, table
from techflow_service.regions.effect import Found, Group, Study
from techflow_service.regions.model import RegionModel
from techflow_service.regions.pictures import Dot, dot_plot
from techflow_service.regions.rank_page import end_page, name_region
from techflow_service.regions.twins import Twin, render_twins

UNKNOWABLE = (
    Words(
        "这些地区是因为强才被选中，不是抽签选中：走势平行是假定，此前平行不能证明此后仍会平行",
        "Regions were chosen because they were strong, not by lot: parallel trends are assumed, "
        "and parallel before does not prove parallel after",
    ),
    Words(
        "2020年同时有疫情，冲击各地不同；2020年指定之日不详（仅知年份），效应可能更早或更晚出现",
        "The pandemic came in the same year and hit regions unequally; the day in 2020 is "
        "not known (the year only), so effects may begin earlier or later",
    ),
    Words(
        "数据没有地区之间的往来：外溢只能看相邻省份是否变化，看不到技术从哪里流向哪里；"
        "若中心带动了对照地区，差异会偏小",
        "There are no flows between regions: a spillover shows only as a change next door, not as "
        "technology on its way; if a centre lifts those it is compared with, the difference is "
        "too small",
    ),
    Words(
        "粤港澳大湾区是九市与港澳，数据只有广东全省：不能代表大湾区，因此两边都不计入",
        "The Greater Bay Area is nine cities, Hong Kong and Macao; the file has the whole of "
        "Guangdong, which is not the same: it is left out on both sides",
    ),
    Words(
        "一页多个结果：二十个中有一个会偶然低于0.05，未作多重检验校正",
        "Several outcomes on one page: one in twenty falls under 0.05 by chance; no correction is "
        "made",
    ),
)
HEAD = [
    Words("结果", "Outcome"),
    Words("结论", "Verdict"),
    Words("相对变化", "Change beside the others"),
    Words("区间（95%，置换）", "Interval (95 %, by permutation)"),
    Words("置换p值（最小可能）", "p by permutation (least there could be)"),
    Words("此前走势差（每年，p）", "Slope before (a year, p)"),
    Words("涉及与对照地区", "Reached, others"),
]


def render_effect(
    studies: Sequence[Study], years: pl.DataFrame, model: RegionModel, twins: Sequence[Twin] = ()
) -> str:
    """The whole page."""
    all_found = [found for study in studies for found in study.found]
    sure_n = sum(not found.doubts for found in all_found)
    title = both(
        f"{len(all_found)}项比较中{sure_n}项的设计未见反证，其余无法识别",
        f"{sure_n} of {len(all_found)} comparisons have nothing against their design; the rest are "
        "not identified",
    )
    caution = both(
        "无法识别的数字仍列出，供查验；不得称为政策效果，不得用于奖惩",
        "Figures that are not identified are shown to be checked; do not call them effects and "
        "reward nobody by them",
    )
    parts = [
        f'<button>中 / EN</button><h1>{title}</h1><p class="warn">{caution}</p>',
        *(_study(study, model) for study in studies),
        render_twins(twins, model),
        _groups(studies, years, model),
        end_page(UNKNOWABLE),
    ]
    return document("techflow region effect", parts)


def _study(study: Study, model: RegionModel) -> str:
    words = model.words["design"][study.name]
    rows = [_cells(found, model) for found in study.found]
    left = [name_region(model, code) for code in study.left_out]
    told = both(
        f"两边都不计入：{'、'.join(w.zh for w in left) or '无'}",
        f"Left out on both sides: {', '.join(w.en for w in left) or 'none'}",
    )
    note = f'<p class="note">{told}</p>'
    mark = f'<p class="note">{study.since} · {said(mark_words(words["mark"]))}</p>'
    shown = _picture(study, model) + table(HEAD, rows, kind="text")
    return f"<h2>{both(words['zh'], words['en'])}</h2>{mark}{shown}{note}"


def _picture(study: Study, model: RegionModel) -> str:
    """Changes beside the others with their intervals; orange if nothing is against the design."""
    dots = []
    for found in study.found:
        made = found.difference
        if made is None:
            continue
        words = Words(*(model.label(found.outcome, language) for language in ("zh", "en")))
        low, middle, high = (
            math.expm1(made.estimate + side * made.margin) for side in (-1.0, 0.0, 1.0)
        )
        dots.append(Dot(words, middle, low, high, not found.doubts))
    title = Words(
        "与其余地区相比的变化与区间（橙色：设计未见反证）",
        "Change beside the others with interval (orange: nothing against the design)",
    )
    ticks = ("-100%", "-50%", "0%", "50%", "100%", "200%")
    axis = Words("相对变化（截于+250%）", "change (cut at +250 %)")
    return dot_plot(dots, title, axis, ends=(-1.0, 2.5), ticks=ticks) if dots else ""


def _cells(found: Found, model: RegionModel) -> list[str]:
    label = both(model.label(found.outcome, "zh"), model.label(found.outcome, "en"))
    return [label, _verdict(found, model), *_figures(found)]


def _verdict(found: Found, model: RegionModel) -> str:
    made, p_max = found.difference, model.words["effect"]["p_max"]
    if found.doubts or made is None:
        doubts = [model.words["doubt"][code] for code in found.doubts]
        return both(
            f"无法识别：{'；'.join(words['zh'] for words in doubts)}",
            f"Not identified: {'; '.join(words['en'] for words in doubts)}",
        )
    if made.p <= p_max:
        return both("有差异，且设计未见反证", "A difference, with nothing against the design")
    return both("看不出差异", "No difference to be seen")


def _figures(found: Found) -> list[str]:
    made = found.difference
    if made is None:
        return ["—"] * 5
    low, high = (math.expm1(made.estimate + side * made.margin) for side in (-1, 1))
    ends = f"{low:+.0%} – {high:+.0%}"
    return [
        f"{math.expm1(made.estimate):+.0%}",
        ends,
        f"{made.p:.3f} ({made.p_least:.4f})",
        f"{math.expm1(made.trend):+.1%}, {made.trend_p:.3f}",
        f"{len(found.reached)}, {found.others_n}",
    ]


def _groups(studies: Sequence[Study], years: pl.DataFrame, model: RegionModel) -> str:
    """Each group alone beside the whole; never added up, since groups overlap."""
    head = [
        Words("设计", "Design"),
        Words("组", "Group"),
        Words("整体在内", "Wholly inside"),
        Words("部分在内", "Partly inside"),
        *(
            Words(f"{model.label(n, 'zh')}占比", f"{model.label(n, 'en')}, share")
            for n in model.words["effect"]["outcomes"]
        ),
    ]
    rows = [
        [
            both(study_words["zh"], study_words["en"]),
            f"{both(group.zh, group.en)} · {said(mark_words(group.mark))}",
            *_group(group, years, model),
        ]
        for study in studies
        for study_words in [model.words["design"][study.name]]
        if "neighbours" not in study_words
        for group in study.groups
    ]
    title = both(
        "各组占全部地区之比（组有重叠，绝不相加）",
        "Share of each group in all regions (groups overlap: never add them)",
    )
    return f"<h2>{title}</h2>{table(head, rows, kind='text')}"


def _group(group: Group, years: pl.DataFrame, model: RegionModel) -> list[str]:
    names = [[name_region(model, code) for code in side] for side in (group.whole, group.partly)]
    told = [both("、".join(w.zh for w in side), ", ".join(w.en for w in side)) for side in names]
    inside = pl.col("region_code").is_in(group.whole)
    for outcome in model.words["effect"]["outcomes"]:
        known = years.drop_nulls(outcome)
        now = known.filter(pl.col("year_n") == pl.col("year_n").max())
        mine = now.filter(inside)
        if not group.whole or mine.height < len(group.whole):
            told.append(both("未知", "unknown"))
            continue
        told.append(f"{mine[outcome].sum() / now[outcome].sum():.1%} ({now['year_n'][0]})")
    return told
