"""What the figures of a validation mean for use: warnings, verdicts and the sheet, zh and en."""

from collections.abc import Iterator, Mapping
from typing import Any

from techflow.credit import Words

LEVEL = 0.05
MOVED_MIN = 0.25
"""Usual bound of the stability index for a changed population: Siddiqi (2006), ch. 8."""
TESTS = {
    "mean": Words("总体均值检验", "Mean of all rows"),
    "hosmer_lemeshow": Words("Hosmer-Lemeshow检验", "Hosmer-Lemeshow"),
    "spiegelhalter": Words("Spiegelhalter检验", "Spiegelhalter"),
}
NOTHING_FOUND = Words(
    "上述检验未发现阻止使用的问题；使用范围之外仍不可用",
    "No test above speaks against use; outside the intended use the card still must not be used",
)
REJECT_INFERENCE = Words(
    "拒绝推断：数据只含已批准或在册的企业，没有被拒申请及其结果，因此无法做拒绝推断；对被拒客群的表现未知",
    "Reject inference: the set holds accepted or listed firms only, no refused application and no "
    "outcome of one, so it cannot be done; how the card does on those refused is unknown",
)


def warn(found: Mapping[str, Any]) -> list[Words]:
    """When not to use the card, worst first, as far as the figures say."""
    return list(_warnings(found)) or [NOTHING_FOUND]


def _warnings(found: Mapping[str, Any]) -> Iterator[Words]:
    for leak in found["leaks"]:
        if leak["used"]:
            name = leak["column"]
            yield Words(f"疑似泄漏：{name}——{leak['zh']}", f"Leak: {name}: {leak['en']}")
    if found["seen"]:
        yield Words(
            "数据行数不少于拟合样本，可能包含拟合时用的数据：若是，下面的区分度与校准偏乐观，请看附录中留出样本的结果",
            "There are as many rows as the card was fitted on, or more: they may be the same rows. "
            "If so, the figures below are too good; read the held-out results in the appendix",
        )
    power = found["discrimination"]
    if power["auc_low"] < 0.6:
        yield Words(
            f"区分度不足：AUC下限{power['auc_low']:.3f}，不可用于逐笔决策",
            f"Too little discrimination: the AUC may be as low as {power['auc_low']:.3f}; "
            "do not decide on single cases with it",
        )
    yield from _calibration_warnings(found)
    moved = [str(row["period"]) for row in found["stability"] if row["value"] > MOVED_MIN]
    if moved:
        yield Words(
            f"以下期间的客群与基期显著不同（PSI高于{MOVED_MIN}）：{'、'.join(moved)}",
            f"The population has moved since the base (PSI above {MOVED_MIN}): {', '.join(moved)}",
        )


def _calibration_warnings(found: Mapping[str, Any]) -> Iterator[Words]:
    calibration = found["calibration"]
    seen, said = calibration["observed_rate"], calibration["expected_rate"]
    if calibration["tests"]["mean"]["p"] < LEVEL:
        yield Words(
            f"违约率{'高' if seen > said else '低'}于预测：实际{seen:.2%}，预测{said:.2%}；"
            "定价前须重新校准",
            f"Events run {'above' if seen > said else 'below'} the probabilities: {seen:.2%} "
            f"against {said:.2%}; calibrate before pricing",
        )
    elif calibration["tests"]["hosmer_lemeshow"]["p"] < LEVEL:
        yield Words(
            "总体水平相符，但各风险段的预测与实际不符：不可直接用于分级定价",
            "Right in all, wrong by risk group: do not price by grade with it",
        )


def sheet(found: Mapping[str, Any]) -> list[tuple[Words, Words]]:
    """The four aspects of JR/T 0221-2021; its clauses were not at hand, so this is unverified."""
    power, card, leaks = found["discrimination"], found["card"], found["leaks"]
    used_n = sum(leak["used"] for leak in leaks)
    span = f"{power['auc_low']:.3f}-{power['auc_high']:.3f}"
    return [
        (
            Words("精准性", "Accuracy"),
            Words(
                f"AUC {power['auc']:.3f}（{span}），KS {power['ks']:.3f}",
                f"AUC {power['auc']:.3f} ({span}), KS {power['ks']:.3f}",
            ),
        ),
        (
            Words("可解释性", "Explainability"),
            Words(
                f"{len(card.features)}个输入，每个附方向与理由；每笔给出前三个原因",
                f"{len(card.features)} inputs, each with sign and reason; three reasons a row",
            ),
        ),
        (
            Words("安全性", "Safety"),
            Words(
                f"疑似泄漏{len(leaks)}列，其中模型使用{used_n}列",
                f"{len(leaks)} columns look like leaks, {used_n} of them used",
            ),
        ),
        (
            Words("性能", "Performance"),
            Words("见 docs/results.md 的实测结果", "measured results in docs/results.md"),
        ),
    ]
