"""Five classes of loans: the class that the rules at least ask for, and why."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.credit.loss_stages import first_of, told, within
from techflow.credit.words import Words

NONPERFORMING = 3
DEBTOR_SHARE_MAX, ALL_BANKS_SHARE_MAX = 0.10, 0.20
ORDER = "银保监会 中国人民银行令〔2023〕第1号《商业银行金融资产风险分类办法》"
LABELS: Mapping[int, tuple[str, Words]] = {
    1: ("normal", Words("正常", "normal")),
    2: ("special_mention", Words("关注", "special mention")),
    3: ("substandard", Words("次级", "substandard")),
    4: ("doubtful", Words("可疑", "doubtful")),
    5: ("loss", Words("损失", "loss")),
}
CLASSES: Mapping[str, tuple[int | None, Words]] = {
    "overdue_360": (5, Words("逾期超过360天", "overdue more than 360 days")),
    "impaired_90": (
        5,
        Words(
            "已减值且预期信用损失占余额90%以上",
            "credit-impaired, expected loss above 90 % of the balance",
        ),
    ),
    "days_overdue_unknown": (None, Words("逾期天数未知", "days overdue are unknown")),
    "impaired_unknown": (None, Words("是否已发生信用减值未知", "not known whether impaired")),
    "impairment_unknown": (None, Words("已减值但损失比例未知", "impaired, loss ratio unknown")),
    "overdue_270": (4, Words("逾期超过270天", "overdue more than 270 days")),
    "impaired_50": (
        4,
        Words(
            "已减值且预期信用损失占余额50%以上",
            "credit-impaired, expected loss above 50 % of the balance",
        ),
    ),
    "overdue_90": (3, Words("逾期超过90天", "overdue more than 90 days")),
    "impaired": (3, Words("已发生信用减值", "credit-impaired")),
    "debtor_10": (
        3,
        Words(
            "债务人在本行债权超过10%为不良",
            "more than 10 % of the debtor's claims here are non-performing",
        ),
    ),
    "all_banks_20": (
        3,
        Words(
            "债务人在所有银行的债务逾期超过90天的超过20%",
            "more than 20 % of the debtor's debt at all banks is over 90 days",
        ),
    ),
    "debtor_unknown": (
        None,
        Words("债务人或其不良占比未知", "debtor, or the share of his claims, is unknown"),
    ),
    "all_banks_unknown": (
        None,
        Words(
            "债务人在其他银行的逾期占比未知", "the debtor's overdue share at all banks is unknown"
        ),
    ),
    "overdue": (2, Words("已逾期", "overdue")),
    "none": (1, Words("无规则要求下调", "no rule asks for less")),
}
"""Reason -> class, words. In the order of the tests: the first that holds decides."""
OWN = ("overdue_360", "impaired_90", "overdue_270", "impaired_50", "overdue_90", "impaired")


def classify_loans(
    loans: Frame, *, debtor: str | None = None, all_banks_share: str | None = None
) -> Frame:
    """Add the best of the five classes that the rules allow for each loan.

    It is a floor: a bank may and must class lower on judgement that no column holds.

    Args:
        loans: `days_overdue` (days), `stage` (3 is credit-impaired), `coverage_ratio` (expected
            loss over balance, fraction), `exposure_cny` if `debtor` is given.
        debtor: Column that names the debtor, for non-retail books: more than 10 % of his claims
            non-performing makes all of them so. None: the rule is not applied.
        all_banks_share: Column with the share of the debtor's debt at all banks that is over 90
            days overdue, fraction; more than 20 % is non-performing. None: not applied.

    Returns:
        The same rows plus `class_n` (1 normal to 5 loss; null if undecided), `class_code`,
        `class_zh`, `class_en`, `class_reason` (a key of `CLASSES`), `class_reason_zh`,
        `class_reason_en`, `class_clause` (null if undecided).

    Raises:
        MissingColumn: A column is absent.

    Source:
        CBIRC and PBoC Order [2023] No. 1, in force from 2023-07-01. The 50 % and 90 % limits of
        impairment are from a secondary text.
    """
    need = ["days_overdue", "stage", "coverage_ratio"]
    need += ["exposure_cny", debtor] if debtor else []
    need += [all_banks_share] if all_banks_share else []
    require_columns(loans, need, needed_by="classify_loans")
    kept = loans.columns
    tests = _own_tests()
    bad = first_of({code: tests[code] for code in OWN if code in tests})
    undecided = first_of({c: t for c, t in tests.items() if c.endswith("unknown")})
    work = loans.with_columns(_bad=~bad.is_null(), _open=~undecided.is_null())
    tests |= _debtor_tests(debtor) if debtor else {}
    tests |= _all_banks_tests(all_banks_share) if all_banks_share else {}
    tests |= {"overdue": within("days_overdue") > 0, "none": nw.lit(value=True)}
    ordered = {code: tests[code] for code in CLASSES if code in tests}
    work = work.with_columns(class_reason=first_of(ordered))
    classes = {code: n for code, (n, _) in CLASSES.items()}
    reasons = {code: words for code, (_, words) in CLASSES.items()}
    work = work.with_columns(
        class_n=told(classes, "class_reason"),
        class_code=told({c: n and LABELS[n][0] for c, n in classes.items()}, "class_reason"),
        class_zh=told({c: n and LABELS[n][1].zh for c, n in classes.items()}, "class_reason"),
        class_en=told({c: n and LABELS[n][1].en for c, n in classes.items()}, "class_reason"),
        class_reason_zh=told({c: w.zh for c, w in reasons.items()}, "class_reason"),
        class_reason_en=told({c: w.en for c, w in reasons.items()}, "class_reason"),
        class_clause=told({c: n and ORDER for c, n in classes.items()}, "class_reason"),
    )
    return work.select(*kept, *OUT)


OUT = (
    "class_n",
    "class_code",
    "class_zh",
    "class_en",
    "class_reason",
    "class_reason_zh",
    "class_reason_en",
    "class_clause",
)


def _own_tests() -> dict[str, nw.Expr]:
    """Tests on the loan alone."""
    days, cover = within("days_overdue"), nw.col("coverage_ratio")
    impaired = nw.col("stage") == 3
    return {
        "overdue_360": days > 360,
        "impaired_90": impaired & (cover > 0.9),
        "days_overdue_unknown": days.is_null(),
        "impaired_unknown": nw.col("stage").is_null(),
        "impairment_unknown": impaired & cover.is_null(),
        "overdue_270": days > 270,
        "impaired_50": impaired & (cover > 0.5),
        "overdue_90": days > 90,
        "impaired": impaired,
    }


def _debtor_tests(debtor: str) -> dict[str, nw.Expr]:
    """Certain if the known bad claims suffice; unknown if the undecided ones could tip it."""
    exposure, zero = within("exposure_cny"), nw.lit(0.0)
    bad = nw.when(nw.col("_bad")).then(exposure).otherwise(zero)
    maybe = nw.when(nw.col("_bad") | nw.col("_open")).then(exposure).otherwise(zero)
    gap = nw.when(exposure.is_null()).then(nw.lit(1)).otherwise(nw.lit(0))
    limit = exposure.sum().over(debtor) * DEBTOR_SHARE_MAX
    named, gaps = ~nw.col(debtor).is_null(), gap.sum().over(debtor) > 0
    return {
        "debtor_10": named & ~gaps & (bad.sum().over(debtor) > limit),
        "debtor_unknown": ~named | gaps | (maybe.sum().over(debtor) > limit),
    }


def _all_banks_tests(column: str) -> dict[str, nw.Expr]:
    share = nw.col(column).cast(nw.Float64)
    known = (share >= 0) & (share <= 1)
    return {
        "all_banks_20": known & (share > ALL_BANKS_SHARE_MAX),
        "all_banks_unknown": share.is_null() | ~known,
    }
