"""What a drift report says in words, zh and en: findings first, figures after."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from techflow.credit import Words
from techflow_service.validating.words import LEVEL, MOVED_MIN

NAMED_N = 3
STEADY = Words(
    "两份数据之间未发现超出偶然的变化",
    "Nothing moved between the two files beyond chance",
)
NO_OUTCOMES = {
    "no_labels": Words(
        "两份数据未同时含有结果标签，无法比较区分度与校准",
        "The files do not both hold outcomes, so discrimination and calibration are not compared",
    ),
    "few_events": Words(
        "至少一份数据的事件或非事件少于10个，不比较区分度与校准",
        "A file holds fewer than 10 events or non-events: discrimination and calibration are not "
        "compared",
    ),
}
DIRECTIONS = {
    "riskier": Words("推高风险", "riskier"),
    "safer": Words("降低风险", "safer"),
    "none": Words("无", "none"),
}
HOW = Words(
    "分解：平均对数赔率的变化等于各输入贡献均值之差的总和，逐项相加无余项；PSI与CSI的p值按"
    "抽样下的缩放卡方分布计算；输入的p值经Holm校正",
    "The shift of the mean log-odds is the sum of the shifts of each input's mean contribution, "
    "with nothing left over; p of PSI and CSI from the scaled chi-square under no change; p of "
    "inputs adjusted by Holm's method",
)


def find_words(found: Mapping[str, Any]) -> list[Words]:
    """What the figures say, the score first."""
    return list(_findings(found)) or [STEADY]


def _findings(found: Mapping[str, Any]) -> Iterator[Words]:
    yield from _about_score(found)
    moved = [row for row in found["inputs"] if row["p_holm"] < LEVEL]
    if moved:
        yield Words(
            f"{len(moved)}个输入的分布变化超出偶然，最大为{_names(moved, 'zh')}",
            f"The distribution of {len(moved)} inputs moved beyond chance, most of all "
            f"{_names(moved, 'en')}",
        )
    gone = sorted(
        (row for row in found["inputs"] if row["unknown_p_holm"] < LEVEL),
        key=lambda row: -abs(row["unknown_after"] - row["unknown_before"]),
    )
    if gone:
        yield Words(
            f"{len(gone)}个输入的缺失率变化超出偶然：{_unknowns(gone, 'zh')}",
            f"The share unknown of {len(gone)} inputs moved beyond chance: {_unknowns(gone, 'en')}",
        )
    outside = found["outside"]
    if outside["p"] < LEVEL:
        then, now = f"{outside['before']:.1%}", f"{outside['after']:.1%}"
        yield Words(
            f"模型适用范围之外的比例由{then}变为{now}",
            f"The share outside the card's domain went from {then} to {now}",
        )
    if found["outcomes"]["known"]:
        yield from _about_outcomes(found["outcomes"])


def _about_score(found: Mapping[str, Any]) -> Iterator[Words]:
    score, shift = found["score"], found["shift"]
    if score["p"] < LEVEL:
        large = score["value"] > MOVED_MIN
        yield Words(
            f"评分分布变化超出偶然：PSI {score['value']:.3f}"
            + (f"，高于通用界限{MOVED_MIN}" if large else f"，低于通用界限{MOVED_MIN}"),
            f"The scores moved beyond chance: PSI {score['value']:.3f}, "
            f"{'above' if large else 'below'} the usual bound of {MOVED_MIN}",
        )
    if shift["p"] < LEVEL:
        sign = 1.0 if shift["log_odds"] > 0.0 else -1.0
        same = [row for row in shift["inputs"] if row["log_odds"] * sign > 0.0]
        yield Words(
            f"平均评分变化{shift['points']:+.1f}分（{'风险上升' if sign > 0 else '风险下降'}），"
            f"主要来自{_pushes(same, 'zh')}",
            f"The mean score moved by {shift['points']:+.1f} points "
            f"({'riskier' if sign > 0 else 'safer'}), most of it from {_pushes(same, 'en')}",
        )


def _about_outcomes(outcomes: Mapping[str, Any]) -> Iterator[Words]:
    if outcomes["auc_change_p"] < LEVEL:
        then, now = outcomes["before"]["auc"], outcomes["after"]["auc"]
        yield Words(
            f"区分度变化超出偶然：AUC由{then:.3f}变为{now:.3f}",
            f"Discrimination moved beyond chance: AUC from {then:.3f} to {now:.3f}",
        )
    after = outcomes["after"]
    if after["mean_p"] < LEVEL:
        above = after["observed"] > after["expected"]
        yield Words(
            f"后一份数据的事件率{'高' if above else '低'}于预测：实际{after['observed']:.2%}，"
            f"预测{after['expected']:.2%}",
            f"Events of the second file run {'above' if above else 'below'} the probabilities: "
            f"{after['observed']:.2%} against {after['expected']:.2%}",
        )


def _names(rows: Sequence[Mapping[str, Any]], tongue: str) -> str:
    told = [f"{row['label'][tongue]} (CSI {row['value']:.2f})" for row in rows[:NAMED_N]]
    return _join(told, tongue)


def _pushes(rows: Sequence[Mapping[str, Any]], tongue: str) -> str:
    told = [f"{row['label'][tongue]} ({row['points']:+.1f})" for row in rows[:NAMED_N]]
    return _join(told, tongue)


def _unknowns(rows: Sequence[Mapping[str, Any]], tongue: str) -> str:
    told = [
        f"{row['label'][tongue]} {row['unknown_before']:.0%}→{row['unknown_after']:.0%}"
        if tongue == "zh"
        else f"{row['label'][tongue]} {row['unknown_before']:.0%} to {row['unknown_after']:.0%}"
        for row in rows[:NAMED_N]
    ]
    return _join(told, tongue)


def _join(texts: Sequence[str], tongue: str) -> str:
    return ("、" if tongue == "zh" else ", ").join(texts)
