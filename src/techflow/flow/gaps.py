"""What is missing from a firm's file, in words a credit officer can send to the firm."""

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from techflow.basics import Frame

INVOICE_MONTHS, STATEMENT_DAYS = 12, 550
"""Shortest invoice history, and greatest age of accounts, that we ask nothing further about."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One piece of evidence that is asked for where it is absent.

    Attributes:
        code: Short name.
        absent: True where it is absent; never null.
        zh: What to ask for, Chinese.
        en: What to ask for, English.
        always: True if a firm that a card grades is asked for it too.
    """

    code: str
    absent: nw.Expr
    zh: str
    en: str
    always: bool = False


def _unknown(name: str) -> nw.Expr:
    return nw.col(name).is_null()


GAPS = (
    Gap(
        "invoices",
        (nw.col("history_months") < INVOICE_MONTHS).fill_null(True),
        "近12个月以上的进销项发票",
        "sale and purchase invoices of at least 12 months",
    ),
    Gap(
        "statements",
        (nw.col("statement_age_days") > STATEMENT_DAYS).fill_null(True),
        "最近一个年度的资产负债表和利润表",
        "balance sheet and income statement of the last year",
    ),
    Gap(
        "turnover_items",
        ~_unknown("statement_on") & _unknown("working_capital_days"),
        "存货、应收账款、应付账款余额",
        "balances of inventory, receivables and payables",
        always=True,
    ),
    Gap(
        "debt",
        _unknown("existing_debt_lcy"),
        "企业信用报告或借款清单",
        "credit report or list of loans",
        always=True,
    ),
    Gap("patents", _unknown("patents_n"), "专利清单", "list of patents"),
    Gap("staff", _unknown("rnd_staff_share"), "职工和研发人员人数", "head count and R&D staff"),
)
"""In the order in which they are asked for."""


def name_gaps(firms: Frame) -> Frame:
    """Say what to ask each firm for.

    Args:
        firms: One row per firm with `verdict`, the features of the profile and the lending
            facts.

    Returns:
        The same rows plus `missing` (codes joined by `;`), `missing_zh` and `missing_en` (the
        same as text); null where nothing is asked for. A firm graded by a card is asked only
        for what its limit needs.
    """
    graded = nw.col("verdict") == "graded"
    asked = [gap.absent if gap.always else gap.absent & ~graded for gap in GAPS]

    def joined(separator: str, words: list[str]) -> nw.Expr:
        named = [nw.when(test).then(nw.lit(word)) for test, word in zip(asked, words, strict=True)]
        text = nw.concat_str(*named, separator=separator, ignore_nulls=True)
        return nw.when(text != "").then(text)

    return firms.with_columns(
        missing=joined(";", [gap.code for gap in GAPS]),
        missing_zh=joined("；", [gap.zh for gap in GAPS]),
        missing_en=joined("; ", [gap.en for gap in GAPS]),
    )
