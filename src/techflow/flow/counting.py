"""Loans of a book as the statistics count them: category, place, size, term, amounts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.flow.facts import SIZE_INDUSTRIES
from techflow.flow.policies import Laws, judge_policies
from techflow.region.statistics.categories import (
    AMOUNTS,
    UNKNOWN,
    count_amounts,
    flag_firms,
    flag_uses,
    place_region,
)

SIZE_LAW = "cn.sme_size"
COUNTED = ("loan", "firm", "credential", "staff", "statement")
"""Stored tables the statistics are made of."""


def count_loans(
    seen: Mapping[str, Frame], laws: Laws, spec: Mapping[str, Any], *, since: date, on: date
) -> Frame:
    """Each loan once, with everything it is counted by.

    Args:
        seen: Tables of `COUNTED` as known on the day, one row per record.
        laws: Policy id -> law; the size of a firm follows `cn.sme_size`.
        spec: `credentials` (list of names) and `industries` (flag -> pattern).
        since: First day of the period.
        on: Its last day.

    Returns:
        One row per loan: `loan_id`, `firm_id`, `lender_id`, `branch_id`, `region`, `size`, `term`,
        `industry_code` of the firm, a whole number per flag (null where unknown), the columns of
        `AMOUNTS`.
    """
    names = tuple(spec["credentials"])
    loans = flag_uses(
        count_amounts(seen["loan"], since=since, on=on), industries=spec["industries"]
    )
    held = flag_firms(seen["credential"], on=on, names=names)
    firms = seen["firm"].select("firm_id", "industry_code", region=place_region())
    sized = size_firms(seen, laws, on=on)
    joined = loans
    for part in (firms, sized, held):
        joined = joined.join(part, on="firm_id", how="left")
    flags = (*names, *spec["industries"], "emerging", "patent_intensive")
    return joined.with_columns(
        *(nw.col(name).fill_null(0) for name in names),
        *(nw.col(name).fill_null(nw.lit(UNKNOWN)) for name in ("region", "size")),
    ).select(
        *("loan_id", "firm_id", "lender_id", "branch_id", "region", "size", "term"),
        *("industry_code", "security", "first_loan", "rate_pa", "principal_lcy", "drawn_on"),
        *flags,
        *AMOUNTS,
    )


def size_firms(seen: Mapping[str, Frame], laws: Laws, *, on: date) -> Frame:
    """Size class of each firm by the law of a day.

    Args:
        seen: Tables `firm`, `staff`, `statement` as known on the day.
        laws: Policy id -> law.
        on: The day.

    Returns:
        One row per firm: `firm_id`, `size`; null where staff or accounts are not known.
    """
    code = nw.col("industry_code")
    groups = [nw.when(code.str.contains(rule)).then(nw.lit(name)) for rule, name in SIZE_INDUSTRIES]
    firms = seen["firm"].select("firm_id", size_industry=nw.coalesce(*groups, code.str.slice(0, 1)))
    staff = _newest(seen["staff"], "counted_on").select("firm_id", "employees_n")
    books = _newest(seen["statement"].filter(nw.col("currency") == "CNY"), "period_end_on")
    accounts = books.group_by("firm_id").agg(
        revenue_y0_cny=nw.col("revenue_lcy").max(),
        total_assets_y0_cny=nw.col("total_assets_lcy").max(),
    )
    known = firms.join(staff, on="firm_id", how="left").join(accounts, on="firm_id", how="left")
    typed = known.with_columns(nw.col("employees_n").cast(nw.Float64))
    judged = judge_policies(typed, laws, [SIZE_LAW], on=on)
    return judged.select("firm_id", size=nw.col("cn_sme_size__size_class"))


def _newest(rows: Frame, day: str) -> Frame:
    return rows.filter(nw.col(day) == nw.col(day).max().over("firm_id"))
