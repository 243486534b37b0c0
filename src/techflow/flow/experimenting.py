"""A change of law, terms or scheme through qualification and price: each loan before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.flow.loan_numbers import Numbers
from techflow.flow.loan_pricing import price_book
from techflow.flow.policies import KEY, Laws, with_unknown
from techflow.flow.qualifying import (
    Qualifying,
    judge_qualifications,
    list_qualifications,
    meets_groups,
)

LOAN = (KEY, "pd", "limit_lcy", "sales_lcy", "currency")
OFFERED = ("answer", "plain_rate_pa", "rate_pa", "fee_rate_pa", "public_rate_pa", "reason_code")
"""What an arm says of each loan; `rate_pa` is all in, the cheaper of plain and backed."""
CHANGES = ("cheaper", "dearer", "same", "open", "no_price")
LEAST_PA = 1e-9
"""Rates nearer than this are the same."""
OTHER_PUBLIC = ("public_relending_rate_pa", "public_discount_rate_pa", "public_subsidy_rate_pa")
"""Public parts that no scheme of losses bears."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Law and terms as they are, or as a change would have them.

    Attributes:
        laws: Policy id -> law.
        numbers: Numbers a price rests on, see `loan_numbers`.
        groups: A firm qualifies if it meets one policy of every group.
        on: Legal date.
        tools: Tools a firm that qualifies may use.
        pool: Policy of the compensation pool, if `tools` has one.
    """

    laws: Laws
    numbers: Numbers
    groups: Sequence[Sequence[str]]
    on: date
    tools: tuple[str, ...]
    pool: str | None = None


def compare_offers(firms: Frame, before: Arm, after: Arm) -> Frame:
    """Each loan under the law as it is and under a change of it.

    A firm that qualifies is offered the loan with all tools of the arm and takes it if it is
    cheaper than the plain one; what cannot be decided is not granted.

    Args:
        firms: `LOAN`, `country`, and the facts that the policies read; an absent fact is unknown.
        before: As it is.
        after: As it would be.

    Returns:
        `firm_id`, and for `before_` and `after_`: `answer` (`yes`, `no`, `unknown`),
        `plain_rate_pa`, `rate_pa`, `fee_rate_pa` to the guarantor, `public_rate_pa` of tools
        outside the scheme, `reason_code`.

    Raises:
        InvalidInput: A policy or pool does not exist.
        MissingColumn: A column is absent.
        NotInForce: A law is not in force on the day.
    """
    require_columns(firms, [*LOAN, "country"], needed_by="compare_offers")
    first, second = _offer(firms, before, "before"), _offer(firms, after, "after")
    return first.join(second, on=KEY, how="left")


def tell_changes(offers: Frame) -> Frame:
    """Who pays less and who pays more.

    Args:
        offers: `before_` and `after_` with `rate_pa` and `answer`.

    Returns:
        The same rows plus `change`, one of `CHANGES`; `open`: the rate is the same, and whether
        the firm qualifies cannot be told.
    """
    return offers.with_columns(change=_change())


def _offer(firms: Frame, arm: Arm, word: str) -> Frame:
    loans = firms.select(*LOAN).join(_answers(firms, arm), on=KEY, how="left")
    granted = (nw.col("answer") == "yes").fill_null(False)
    known = loans.with_columns(
        lgd=nw.lit(arm.numbers["lgd"].value),
        term_months=nw.lit(12.0),
        **{f"use_{tool}": granted for tool in arm.tools},
    )
    plain = _priced(known, arm, (), {"plain_rate_pa": nw.col("all_in_rate_pa")})
    other = nw.lit(0.0)
    for name in OTHER_PUBLIC:
        other = other + nw.col(name)
    parts = {
        "backed_rate_pa": nw.col("all_in_rate_pa"),
        "backed_fee_pa": nw.col("guarantee_fee_part_pa"),
        "backed_public_pa": other,
        "backed_reason": nw.col("reason_code"),
    }
    backed = _priced(plain, arm, arm.tools, parts)
    gain = nw.col("plain_rate_pa") - nw.col("backed_rate_pa")
    inside = granted & (gain > LEAST_PA).fill_null(False)
    told = backed.with_columns(
        rate_pa=nw.when(inside).then(nw.col("backed_rate_pa")).otherwise(nw.col("plain_rate_pa")),
        fee_rate_pa=nw.when(inside).then(nw.col("backed_fee_pa")).otherwise(nw.lit(0.0)),
        public_rate_pa=nw.when(inside).then(nw.col("backed_public_pa")).otherwise(nw.lit(0.0)),
        reason_code=nw.col("backed_reason"),
    )
    names = {f"{word}_{name}": nw.col(name) for name in OFFERED}
    return told.select(KEY, **names)


def _priced(loans: Frame, arm: Arm, tools: tuple[str, ...], kept: dict[str, nw.Expr]) -> Frame:
    names = loans.columns
    priced = price_book(
        loans, arm.numbers, arm.laws, on=arm.on, tools=tools, pool=arm.pool, effects=False
    )
    return priced.select(*names, **kept)


def _answers(firms: Frame, arm: Arm) -> Frame:
    ids = list(dict.fromkeys(name for group in arm.groups for name in group))
    qualifying = Qualifying.at(arm.laws, arm.on, ids=ids)
    known = with_unknown(firms, qualifying.facts)
    slim = known.select(KEY, "country", *qualifying.facts)
    judged = judge_qualifications(slim, qualifying)
    return meets_groups(list_qualifications(judged, qualifying), arm.groups)


def _change() -> nw.Expr:
    step = nw.col("after_rate_pa") - nw.col("before_rate_pa")
    told = nw.lit("same")
    unknown = (nw.col("before_answer") == "unknown") | (nw.col("after_answer") == "unknown")
    told = nw.when(unknown).then(nw.lit("open")).otherwise(told)
    told = nw.when(step > LEAST_PA).then(nw.lit("dearer")).otherwise(told)
    told = nw.when(step < -LEAST_PA).then(nw.lit("cheaper")).otherwise(told)
    return nw.when(step.is_null()).then(nw.lit("no_price")).otherwise(told)
