"""Loans with the categories they belong to, and what is counted of them on a day."""

from collections.abc import Mapping
from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns

NONPERFORMING_DAYS = 90
YEAR_DAYS = 366
LONG_YEARS = 5
CURRENCY = "CNY"
UNKNOWN = "unknown"
TERMS = ("short", "medium", "long", UNKNOWN)
"""Up to one year, up to five, above; by the term agreed."""
SIZES = ("micro", "small", "small_or_micro", "medium", "large", UNKNOWN)
APART = ("440300",)
"""Cities counted apart from their province: a key region of its own."""
AMOUNTS = ("balance_cny", "new_cny", "nonperforming_cny", "interest_cny")
LOAN_COLUMNS = (
    *("firm_id", "currency", "principal_lcy", "outstanding_lcy", "rate_pa", "drawn_on", "due_on"),
    *("overdue_days", "defaulted_on", "use_industry_code", "use_emerging", "use_patent_intensive"),
)


def count_amounts(loans: Frame, *, since: date, on: date) -> Frame:
    """What each loan adds to the statistics of a period.

    Args:
        loans: Rows of the table `loan` as known on the day, one per loan.
        since: First day of the period.
        on: Its last day.

    Returns:
        The same rows plus `balance_cny` (at the end), `new_cny` (drawn in the period),
        `nonperforming_cny` (balance of loans in default or overdue above 90 days),
        `interest_cny` (a year's interest on the balance) and code `term` of `TERMS`. Null where
        the row does not say, and for other currencies.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Overdue above 90 days is non-performing: CBIRC and PBoC order [2023] No. 1.

    Examples:
        >>> import polars as pl
        >>> row = dict.fromkeys(LOAN_COLUMNS) | {
        ...     "currency": "CNY", "principal_lcy": 9.0, "outstanding_lcy": 6.0, "rate_pa": 0.05,
        ...     "drawn_on": date(2025, 5, 1), "due_on": date(2026, 5, 1), "overdue_days": 0}
        >>> day = pl.col("defaulted_on").cast(pl.Date)
        >>> loans = nw.from_native(pl.LazyFrame([row]).with_columns(day))
        >>> found = count_amounts(loans, since=date(2025, 4, 1), on=date(2025, 6, 30)).collect()
        >>> found.select(*AMOUNTS[:3], "term").row(0)
        (6.0, 9.0, 0.0, 'short')
    """
    require_columns(loans, LOAN_COLUMNS, needed_by="count_amounts")
    ours = nw.when(nw.col("currency") == CURRENCY)
    balance = ours.then(nw.col("outstanding_lcy"))
    drawn = nw.col("drawn_on")
    fresh = (drawn >= since) & (drawn <= on)
    days = nw.col("overdue_days")
    failed = (nw.col("defaulted_on") <= on).fill_null(False)
    bad = nw.when(failed).then(nw.lit(True)).otherwise(days > NONPERFORMING_DAYS)
    return loans.with_columns(
        balance_cny=balance,
        new_cny=ours.then(nw.when(fresh).then(nw.col("principal_lcy")).otherwise(nw.lit(0.0))),
        nonperforming_cny=nw.when(bad).then(balance).when(~bad).then(balance * 0.0),
        interest_cny=balance * nw.col("rate_pa"),
        term=_term(),
    )


def _term() -> nw.Expr:
    years = nw.col("due_on").dt.year() - nw.col("drawn_on").dt.year()
    rest = nw.col("due_on").dt.ordinal_day() - nw.col("drawn_on").dt.ordinal_day()
    days = (years * 365.25 + rest).cast(nw.Float64)
    return (
        nw.when(days <= YEAR_DAYS)
        .then(nw.lit("short"))
        .when(days <= LONG_YEARS * 365.25 + 1)
        .then(nw.lit("medium"))
        .when(~days.is_null())
        .then(nw.lit("long"))
        .otherwise(nw.lit(UNKNOWN))
    )


def flag_firms(credentials: Frame, *, on: date, names: tuple[str, ...]) -> Frame:
    """Which credentials each firm holds on a day.

    Args:
        credentials: Rows of the table `credential` as known on the day.
        on: The day.
        names: Credentials asked for.

    Returns:
        One row per `firm_id` with a valid credential: a whole number per name, 1 if held, else 0.
        A firm without a row holds none that is on record.

    Raises:
        MissingColumn: A column is absent.
    """
    require_columns(
        credentials, ("firm_id", "credential", "since", "until"), needed_by="flag_firms"
    )
    valid = (nw.col("since") <= on) & (nw.col("until").is_null() | (nw.col("until") > on))
    held = {n: (nw.col("credential") == n).cast(nw.Int64).max() for n in names}
    return credentials.filter(valid).group_by("firm_id").agg(**held)


def flag_uses(loans: Frame, *, industries: Mapping[str, str]) -> Frame:
    """What each loan is used in.

    Args:
        loans: Rows of the table `loan`.
        industries: Flag -> regular expression over GB/T 4754 codes.

    Returns:
        The same rows plus a column per flag, `emerging` and `patent_intensive`; 1, 0, or null
        where the use was not stated.

    Raises:
        MissingColumn: A column is absent.
    """
    require_columns(loans, LOAN_COLUMNS[-3:], needed_by="flag_uses")
    code = nw.col("use_industry_code")
    listed = {name: code.str.contains(rule).cast(nw.Int64) for name, rule in industries.items()}
    return loans.with_columns(
        **listed,
        emerging=nw.col("use_emerging").cast(nw.Int64),
        patent_intensive=nw.col("use_patent_intensive").cast(nw.Int64),
    )


def place_region() -> nw.Expr:
    """Province of a firm, six digits, with the cities of `APART` by themselves."""
    code = nw.col("region_code")
    province = code.str.slice(0, 2) + nw.lit("0000")
    city = code.str.slice(0, 4) + nw.lit("00")
    return (
        nw.when(city.is_in(APART))
        .then(city)
        .when(~code.is_null())
        .then(province)
        .otherwise(nw.lit(UNKNOWN))
    )
