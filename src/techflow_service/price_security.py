"""Collateral of loans: read from a file, turned into an LGD, told on one screen."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import Floats
from techflow.flow.loan_numbers import Numbers
from techflow.flow.loan_security import RECOGNISED, UNSECURED, security_columns
from techflow.pricing.security import SECURED
from techflow_service.mark_words import LANGUAGES, tag_mark

SECURITY = "security"
NUMBERS = ("security_value_cny", "pledge_value_cny", "advance_share")
RESULTS = ("secured_lgd", "covered_share", "security_reason_code")
"""Columns added to loans of a file with the column `security`."""
UNKNOWN = UNSECURED - 1
WORDS = {
    **{kind: place for place, kind in enumerate(SECURED)},
    "专利": 0,
    "股权": 1,
    "应收账款": 2,
    **dict.fromkeys(("", "none", "无", "信用"), UNSECURED),
}
"""Cell of `security` -> place in `SECURED`, or `UNSECURED`."""
NAMES = {
    "patent": ("专利质押", "patents"),
    "equity": ("未上市股权质押", "unlisted equity"),
    "receivable": ("应收账款质押", "receivables"),
}
TOLD = {
    "covers": (
        "担保：{kind}{value}元，{haircut}，覆盖贷款{covered}；违约损失率由{before}降为{after}",
        "Collateral: {kind} {value} yuan, {haircut}, covers {covered} of the loan; "
        "LGD {before} becomes {after}",
    ),
    "inside": (
        "可担保额已扣折扣 [建议值] patent_value.toml",
        "pledge value after its haircut [proposal] patent_value.toml",
    ),
    "haircut": ("折扣{share} [{mark}]", "haircut {share} [{mark}]"),
    "not_standard": (
        "  标准法不认可{kind}为合格抵质押品：资本不变",
        "  {kind} is no eligible collateral under the standardised approach: capital unchanged",
    ),
    "not_irb": (
        "  内部评级初级法不认可{kind}：资本不变",
        "  {kind} is not recognised by foundation internal ratings: capital unchanged",
    ),
    "irb": (
        "  内部评级初级法认可{kind}：折扣{share}后覆盖部分违约损失率{lgd} [{mark}]",
        "  {kind}, recognised by foundation internal ratings: LGD {lgd} on what is covered after "
        "a haircut of {share} [{mark}]",
    ),
    "unsecured": (
        "担保未计入，按无担保贷款计价：{reason}",
        "Collateral does not count, priced as unsecured: {reason}",
    ),
    "security_unknown": (
        "担保种类须为patent、equity或receivable",
        "security must be patent, equity or receivable",
    ),
    "security_value_missing": (
        "缺少担保物价值（专利填pledge_value_cny，其他填security_value_cny）",
        "its value is missing (pledge_value_cny for patents, else security_value_cny)",
    ),
    "security_value_negative": ("担保物价值为负", "its value is below 0"),
    "advance_out_of_range": (
        "质押率advance_share须在0与1之间",
        "advance_share must be between 0 and 1",
    ),
}


def read_security(loans: pl.DataFrame) -> list[pl.Series]:
    """Kind of collateral of each loan, and its numbers.

    Args:
        loans: Cells as text or typed; without the column `security` nothing is secured.
    """
    if SECURITY not in loans.columns:
        return []
    word = loans[SECURITY].cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
    kinds = word.replace_strict(WORDS, default=UNKNOWN, return_dtype=pl.Int64).alias(SECURITY)
    empty = pl.Series([None] * loans.height, dtype=pl.Float64)
    given = [
        loans[name].cast(pl.Float64, strict=False) if name in loans.columns else empty.alias(name)
        for name in NUMBERS
    ]
    return [kinds, *given]


def secure_loans(typed: pl.DataFrame, numbers: Numbers) -> pl.DataFrame:
    """Put the LGD after collateral in the place of the LGD.

    Args:
        typed: Loans with the columns of `read_security`; others are given back as they are.
        numbers: The day's numbers.
    """
    if SECURITY not in typed.columns:
        return typed
    names = ("lgd", "limit_lcy", *NUMBERS)
    arrays: dict[str, Floats] = {
        name: typed[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in names
    }
    kinds = typed[SECURITY].to_numpy().astype(np.int64)
    found, told = security_columns(arrays, kinds, numbers)
    columns = [pl.Series(name, values).fill_nan(None) for name, values in found.items()]
    reasons = pl.Series("security_reason_code", told, dtype=pl.String)
    return typed.drop(SECURITY, *NUMBERS).with_columns(*columns, reasons)


def tell_security(
    numbers: Numbers, row: Mapping[str, Any], place: int, *, irb: bool
) -> Iterator[str]:
    """What collateral does to the loss and to capital, or why it does not count.

    Args:
        numbers: The day's numbers.
        row: A priced loan.
        place: 0 in Chinese, 1 in English.
        irb: True if capital is held by internal ratings.
    """
    if code := row.get("security_reason_code"):
        yield TOLD["unsecured"][place].format(reason=TOLD[code][place])
    kind = kind_of(row)
    if kind is None:
        return
    name = NAMES[kind][place]
    value = row["pledge_value_cny" if kind == "patent" else "security_value_cny"]
    given = str(row.get("lgd") or "").strip()
    yield TOLD["covers"][place].format(
        kind=name,
        value=f"{float(value):,.0f}",
        haircut=_haircut(numbers, row, kind, place),
        covered=f"{row['covered_share']:.1%}",
        before=f"{float(given) if given else numbers['lgd'].value:.1%}",
        after=f"{row['secured_lgd']:.1%}",
    )
    recognised = irb and kind in RECOGNISED
    words = {"kind": name if place == 0 else name[0].upper() + name[1:]}
    if recognised:
        rule = numbers["irb_receivable_lgd"]
        share = numbers["irb_receivable_haircut_share"].value
        words |= {
            "share": f"{share:.0%}",
            "lgd": f"{rule.value:.0%}",
            "mark": tag_mark(rule.mark, LANGUAGES[place]),
        }
    yield TOLD["irb" if recognised else "not_irb" if irb else "not_standard"][place].format(**words)


def kind_of(row: Mapping[str, Any]) -> str | None:
    """Kind of the collateral that counts for a priced loan; None if none does."""
    if row.get("covered_share") is None:
        return None
    return SECURED[WORDS[str(row[SECURITY]).strip().lower()]]


def _haircut(numbers: Numbers, row: Mapping[str, Any], kind: str, place: int) -> str:
    """The haircut and whose it is; that of patents lies inside their pledge value."""
    if kind == "patent":
        return TOLD["inside"][place]
    usual, given = numbers[f"{kind}_haircut_share"], row.get("advance_share")
    if given is None or str(given).strip() == "":
        share, mark = usual.value, usual.mark
    else:
        share, mark = 1.0 - float(given), "operator"
    return TOLD["haircut"][place].format(
        share=f"{share:.0%}", mark=tag_mark(mark, LANGUAGES[place])
    )
