"""Each reached region beside its synthetic twin by outcome. Needs SciPy (extra `train`)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from techflow.credit import Words
from techflow.region.synthetic import Synthetic, doubt_twin, synthetic_control
from techflow_service.pages import both, table
from techflow_service.regions.effect import Study, balance
from techflow_service.regions.model import RegionModel
from techflow_service.regions.pictures import Dot, dot_plot
from techflow_service.regions.rank_page import name_region

HEAD = [
    Words("地区与结果", "Region, outcome"),
    Words("结论", "Verdict"),
    Words("与合成对照之差（95%，安慰剂）", "Beside its twin (95 %, by placebos)"),
    Words("p值（最小可能）", "p (least there could be)"),
    Words("此前拟合误差（与其余地区中位数之比）", "Error before (over the middle of others)"),
    Words("组成", "Made of"),
]

MOST, LOG_MOST = 10.0, 100.0
"""A greater end of an interval says nothing more; a greater logarithm no number holds."""


@dataclass(frozen=True, slots=True)
class Twin:
    """One region and outcome: its twin if there is one, who it is made of, and the doubts."""

    design: str
    region: str
    outcome: str
    donors: tuple[str, ...]
    made: Synthetic | None
    doubts: tuple[str, ...]


def study_twins(years: pl.DataFrame, model: RegionModel, studies: Sequence[Study]) -> list[Twin]:
    """A twin for each region that a design of the model's table `twin` reached.

    Regions of a group stand alone: groups overlap, and their gaps are never added up. Other
    reached regions, whole or in part, never serve as a donor.

    Args:
        years: Result of `read_years`.
        model: Outcomes and terms.
        studies: Studied designs.
    """
    terms = model.words["twin"]
    found = []
    for study in studies:
        if study.name not in terms["designs"]:
            continue
        inside = sorted({code for group in study.groups for code in group.whole})
        partly = {code for group in study.groups for code in group.partly}
        for region in inside:
            out = {*inside, *partly} - {region}
            found += [
                _twin(years, model, study, (region, outcome, out))
                for outcome in model.words["effect"]["outcomes"]
            ]
    return found


def _twin(
    years: pl.DataFrame, model: RegionModel, study: Study, asked: tuple[str, str, set[str]]
) -> Twin:
    region, outcome, out = asked
    terms = model.words["twin"]
    first = study.since - terms["before_years_n"]
    cells = years.filter((pl.col("year_n") >= first) & (pl.col(outcome) > 0))
    there = sorted(cells["year_n"].unique().to_list())
    before_n = sum(year < study.since for year in there)
    if not there or there[-1] < study.since:
        return Twin(study.name, region, outcome, (), None, ("no_years_after",))
    codes, panel = balance(cells, outcome, there, out)
    if region not in codes or len(codes) < 3 or not before_n:
        return Twin(study.name, region, outcome, (), None, ("no_regions",))
    made = synthetic_control(panel, codes.index(region), before_n=before_n)
    donors = tuple(code for code in codes if code != region)
    doubts = doubt_twin(made, before_n=before_n, terms=terms)
    return Twin(study.name, region, outcome, donors, made, tuple(doubts))


def twin_rows(twins: Sequence[Twin], model: RegionModel) -> pl.DataFrame:
    """All twins as a table; a null where there is none."""
    rows = []
    for twin in twins:
        made, doubts = twin.made, [model.words["doubt"][code] for code in twin.doubts]
        rows.append(
            {
                "design": twin.design,
                "region_code": twin.region,
                "outcome": twin.outcome,
                "identified": not twin.doubts,
                "why_not_zh": "；".join(words["zh"] for words in doubts),
                "why_not": "; ".join(words["en"] for words in doubts),
                "gap_log": made.estimate if made else None,
                "gap_log_margin": made.margin if made and made.margin < math.inf else None,
                "p": made.p if made else None,
                "p_least": made.p_least if made else None,
                "fit_log": made.fit if made else None,
                "fit_ratio": made.fit_ratio if made else None,
                "donors": " ".join(f"{code}:{share:.3f}" for code, share in _shares(twin)),
            }
        )
    return pl.DataFrame(rows)


def _shares(twin: Twin, least: float = 1e-3) -> list[tuple[str, float]]:
    if twin.made is None:
        return []
    pairs = zip(twin.donors, twin.made.weight.tolist(), strict=True)
    return sorted((pair for pair in pairs if pair[1] >= least), key=lambda pair: -pair[1])


def render_twins(twins: Sequence[Twin], model: RegionModel) -> str:
    """The section of the page of effects; empty without twins."""
    if not twins:
        return ""
    title = both(
        "与合成对照相比（其余地区的加权组合，此前走势相同）",
        "Beside a synthetic twin (a weighted mean of others that went the same way before)",
    )
    note = both(
        "每个地区各自比较，不相加；每个其余地区轮流充当安慰剂。橙色：设计未见反证。",
        "Each region alone, never added up; every other region serves as a placebo in turn. "
        "Orange: nothing against the design.",
    )
    rows = [_cells(twin, model) for twin in twins]
    shown = table(HEAD, rows, kind="text")
    return f'<h2>{title}</h2><p class="note">{note}</p>{_picture(twins, model)}{shown}'


def _label(twin: Twin, model: RegionModel) -> Words:
    name = name_region(model, twin.region)
    zh, en = (model.label(twin.outcome, language) for language in ("zh", "en"))
    return Words(f"{name.zh}：{zh}", f"{name.en}: {en}")


def _picture(twins: Sequence[Twin], model: RegionModel) -> str:
    dots = [
        Dot(_label(twin, model), *_ends(twin.made), not twin.doubts)
        for twin in twins
        if twin.made and twin.made.margin < math.inf
    ]
    good = [twin for twin in twins if not twin.doubts and twin.made]
    apart_n = sum(
        abs(twin.made.estimate) > twin.made.margin for twin in good if twin.made is not None
    )
    title = Words(
        f"{len(twins)}项中{len(good)}项找到相似组合，其中{apart_n}项的区间不含零",
        f"{len(good)} of {len(twins)} have a twin; of these the interval of {apart_n} leaves out 0",
    )
    ticks = ("-100%", "-50%", "0%", "50%", "100%", "200%")
    axis = Words("相对变化（截于+250%）", "change (cut at +250 %)")
    return dot_plot(dots, title, axis, ends=(-1.0, 2.5), ticks=ticks, left=290) if dots else ""


def _ends(made: Synthetic) -> tuple[float, float, float]:
    logs = (made.estimate + side * made.margin for side in (0.0, -1.0, 1.0))
    middle, low, high = (math.expm1(min(log, LOG_MOST)) for log in logs)
    return middle, low, high


def _cells(twin: Twin, model: RegionModel) -> list[str]:
    label, made = _label(twin, model), twin.made
    doubts = [model.words["doubt"][code] for code in twin.doubts]
    verdict = both("看不出差异", "No difference to be seen")
    if doubts:
        verdict = both(
            f"无法识别：{'；'.join(words['zh'] for words in doubts)}",
            f"Not identified: {'; '.join(words['en'] for words in doubts)}",
        )
    elif made and made.p <= model.words["twin"]["p_max"]:
        verdict = both("有差异，且设计未见反证", "A difference, with nothing against the design")
    if made is None:
        return [both(label.zh, label.en), verdict, *["—"] * 4]
    middle, low, high = _ends(made)
    most = f"{high:+.0%}" if high < MOST else f"> +{MOST:.0%}"
    ends = f" ({low:+.0%} – {most})" if made.margin < math.inf else ""
    named = [
        (name_region(model, c), s) for c, s in _shares(twin, model.words["twin"]["weight_min"])
    ]
    return [
        both(label.zh, label.en),
        verdict,
        f"{round(middle, 2) + 0.0:+.0%}{ends}",
        f"{made.p:.3f} ({made.p_least:.3f})",
        f"{math.expm1(made.fit):.1%} ({made.fit_ratio:.1f})",
        both(
            "、".join(f"{words.zh}{share:.0%}" for words, share in named),
            ", ".join(f"{words.en} {share:.0%}" for words, share in named),
        ),
    ]
