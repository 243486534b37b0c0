"""Expected credit loss, first step: the stage of each loan and why."""

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.credit.words import Words

FACTS = ("days_overdue", "in_default", "pd", "pd_at_origination")
STAGED = ("stage", "stage_reason", "stage_reason_zh", "stage_reason_en", "stage_clause")
LIMITS: Mapping[str, tuple[float, float]] = {
    "days_overdue": (0.0, 1e5),
    "pd": (0.0, 1.0),
    "pd_at_origination": (0.0, 1.0),
    "exposure_cny": (0.0, 1e15),
    "lgd": (0.0, 1.0),
    "rate_pa": (-0.5, 10.0),
    "maturity_years": (0.0, 100.0),
    "undrawn_cny": (0.0, 1e15),
    "conversion_factor": (0.0, 1.0),
}
"""What a number may be; anything else is as unknown as a missing one."""


@dataclass(frozen=True, slots=True)
class StageRules:
    """Where the stages begin.

    Attributes:
        stage_2_days: More days overdue than this: significant increase (IFRS 9 5.5.11, rebuttable).
        stage_3_days: This many days overdue or more: default (IFRS 9 B5.5.37, rebuttable).
        pd_ratio_max: PD now over PD at origination above this, and the rise at least
            `pd_rise_min`: significant increase. The standard gives no figure: choose yours.
        pd_rise_min: Least rise of the PD that counts, fraction.
    """

    stage_2_days: int = 30
    stage_3_days: int = 90
    pd_ratio_max: float = 3.0
    pd_rise_min: float = 0.005

    def __post_init__(self) -> None:
        fine = 0 <= self.stage_2_days < self.stage_3_days
        if not (fine and self.pd_ratio_max >= 1.0 and 0.0 <= self.pd_rise_min < 1.0):
            raise InvalidInput(
                "stages need 0 <= stage_2_days < stage_3_days, pd_ratio_max >= 1 and "
                f"0 <= pd_rise_min < 1; got {self}"
            )


STAGES: Mapping[str, tuple[int | None, Words, str]] = {
    "in_default": (
        3,
        Words("已违约或已发生信用减值", "in default or credit-impaired"),
        "IFRS 9 5.5.3, Appendix A; CAS 22",
    ),
    "overdue_stage_3": (
        3,
        Words("逾期天数达到违约推定", "days overdue reach the default presumption"),
        "IFRS 9 B5.5.37; CAS 22",
    ),
    "in_default_unknown": (None, Words("是否违约未知", "not known whether in default"), ""),
    "days_overdue_unknown": (None, Words("逾期天数未知", "days overdue are unknown"), ""),
    "overdue_stage_2": (
        2,
        Words(
            "逾期天数推定信用风险显著增加",
            "days overdue presume a significant increase in credit risk",
        ),
        "IFRS 9 5.5.11; CAS 22",
    ),
    "pd_rise": (
        2,
        Words("违约概率较初始确认显著上升", "PD rose significantly since origination"),
        "IFRS 9 5.5.9, B5.5.13; CAS 22",
    ),
    "overdue_only": (
        1,
        Words(
            "无法比较违约概率，仅按逾期天数判断",
            "PDs cannot be compared; judged by days overdue alone",
        ),
        "IFRS 9 5.5.5, 5.5.11; CAS 22",
    ),
    "no_rise": (
        1,
        Words("信用风险未显著增加", "no significant increase in credit risk"),
        "IFRS 9 5.5.5; CAS 22",
    ),
}
"""Reason -> stage, words, clause. In the order of the tests: the first that holds decides."""


def stage_loans(loans: Frame, *, rules: StageRules | None = None) -> Frame:
    """Add the stage of each loan and why.

    Args:
        loans: `days_overdue` (days, 0 or more), `in_default` (bool: default or other evidence of
            impairment), `pd` and `pd_at_origination` (12 months, fraction). A number out of range
            counts as unknown.
        rules: Where the stages begin.

    Returns:
        The same rows plus `stage` (1, 2, 3; null if undecided), `stage_reason` (a key of
        `STAGES`), `stage_reason_zh`, `stage_reason_en`, `stage_clause` (null if undecided).
        Unknown days or default status leave the stage undecided unless the other says stage 3;
        an unknown PD leaves days overdue as the only test, and the reason says so.

    Raises:
        MissingColumn: A column is absent.

    Source:
        IFRS 9 5.5.3, 5.5.5, 5.5.9, 5.5.11, B5.5.13 (12-month PD for lifetime), B5.5.37; CAS 22
        (2017) follows it.
    """
    require_columns(loans, FACTS, needed_by="stage_loans")
    rules = rules or StageRules()
    days, default = within("days_overdue"), nw.col("in_default")
    now, then = within("pd"), within("pd_at_origination")
    rise = (now > then * rules.pd_ratio_max) & (now - then >= rules.pd_rise_min)
    tests = {
        "in_default": default,
        "overdue_stage_3": days >= rules.stage_3_days,
        "in_default_unknown": default.is_null(),
        "days_overdue_unknown": days.is_null(),
        "overdue_stage_2": days > rules.stage_2_days,
        "pd_rise": rise,
        "overdue_only": now.is_null() | then.is_null(),
        "no_rise": nw.lit(value=True),
    }
    reasoned = loans.with_columns(stage_reason=first_of(tests))
    return reasoned.with_columns(
        stage=told({code: stage for code, (stage, _, _) in STAGES.items()}, "stage_reason"),
        stage_reason_zh=told({code: w.zh for code, (_, w, _) in STAGES.items()}, "stage_reason"),
        stage_reason_en=told({code: w.en for code, (_, w, _) in STAGES.items()}, "stage_reason"),
        stage_clause=told({c: x or None for c, (_, _, x) in STAGES.items()}, "stage_reason"),
    )


def within(name: str) -> nw.Expr:
    """A column of `LIMITS` as float64; null if unknown or out of range."""
    low, high = LIMITS[name]
    number = nw.col(name).cast(nw.Float64)
    return nw.when((number >= low) & (number <= high)).then(number)


def first_of(tests: Mapping[str, nw.Expr]) -> nw.Expr:
    """Name of the first test that holds, null if none; an unknown test does not hold."""
    return nw.coalesce(*(nw.when(test).then(nw.lit(code)) for code, test in tests.items()))


def told(words: Mapping[str, str | int | None], code: str) -> nw.Expr:
    """What a code stands for; null where it stands for nothing."""
    return nw.coalesce(
        *(nw.when(nw.col(code) == c).then(nw.lit(w)) for c, w in words.items() if w is not None)
    )
