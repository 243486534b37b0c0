"""From a store's raw records to one row of features per firm, as of a day."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import reduce

import narwhals.stable.v2 as nw

from techflow import evidence, pricing, profile
from techflow.basics import Frame, InvalidInput
from techflow.flow.facts import TABLES_READ
from techflow.schema import EVIDENCE, TABLES, Column
from techflow.schema import profile as dictionary

RollUp = Callable[[Frame, date], Frame]

ROLL_UPS: Mapping[str, tuple[tuple[Column, ...], RollUp]] = {
    "months": (dictionary.TRADE, lambda rows, on: profile.trade_features(rows, as_of=on)),
    "invoice": (dictionary.PARTNERS, lambda rows, on: profile.partner_features(rows, as_of=on)),
    "statement": (
        dictionary.STATEMENTS,
        lambda rows, on: profile.statement_features(rows, as_of=on),
    ),
    "patent": (dictionary.PATENTS, lambda rows, on: profile.patent_features(rows, as_of=on)),
    "staff": (dictionary.STAFF, lambda rows, on: profile.staff_features(rows, as_of=on)),
    "credential": (
        dictionary.CREDENTIALS,
        lambda rows, on: profile.credential_features(rows, as_of=on),
    ),
    "funding_round": (
        dictionary.FUNDING,
        lambda rows, on: profile.funding_features(rows, as_of=on),
    ),
    "loan": (dictionary.LOANS, lambda rows, on: profile.loan_features(rows, as_of=on)),
}
"""Records -> the features made of them."""

PROFILED = ("firm", "invoice_month", *(name for name in ROLL_UPS if name in TABLES))
"""Stored tables a profile is made of."""
RECORDS = tuple(dict.fromkeys((*PROFILED, *TABLES_READ)))
"""Stored tables an assessment reads: those of the profile, and those of qualifications."""

_EVIDENCE_NAMES = [column.name for column in EVIDENCE]


def see_records(
    tables: Mapping[str, Frame], *, as_of: date, loaded_by: datetime | None = None
) -> dict[str, Frame]:
    """The records a profile is made of, as they were known on a day.

    Args:
        tables: Raw rows of the store by table name, all versions; others than `RECORDS` are
            left out.
        as_of: The last day that is seen.
        loaded_by: If given, rows loaded after this moment are not seen: a replay.

    Returns:
        Table name -> visible rows, one per key.
    """
    return {
        name: evidence.as_of(rows, key=TABLES[name].key, as_of=as_of, loaded_by=loaded_by)
        for name, rows in tables.items()
        if name in RECORDS
    }


def profile_firms(
    tables: Mapping[str, Frame], *, as_of: date, loaded_by: datetime | None = None
) -> Frame:
    """Everything a profile says about each firm, as it would have been known on a day.

    Args:
        tables: Raw rows of the store by table name, all versions; `firm` must be there. A table
            that is absent leaves its features null.
        as_of: The last day that is seen.
        loaded_by: If given, rows loaded after this moment are not seen: a replay.

    Returns:
        Result of `profile_records` on the visible records.

    Raises:
        InvalidInput: `tables` has no `firm`.
    """
    return profile_records(see_records(tables, as_of=as_of, loaded_by=loaded_by), as_of=as_of)


def profile_records(seen: Mapping[str, Frame], *, as_of: date) -> Frame:
    """Everything a profile says about each firm, from visible records.

    Args:
        seen: Result of `see_records`.
        as_of: The same day.

    Returns:
        One row per firm known by then: the columns of the table `profile` of the dictionary,
        `working_capital_days` of the same statement as the ratios, and `evidence_on`, the day
        the latest record used became known.

    Raises:
        InvalidInput: `seen` has no `firm`.
    """
    if "firm" not in seen:
        raise InvalidInput(f"a profile needs the table firm; got {', '.join(seen)}")
    months = month_rows(seen)
    records = seen if months is None else {**seen, "months": months}
    firms = seen["firm"].drop(_EVIDENCE_NAMES).with_columns(as_of=nw.lit(as_of))
    for name, (columns, roll_up) in ROLL_UPS.items():
        firms = _joined(firms, roll_up(records[name], as_of) if name in records else None, columns)
    firms = _with_turnover(firms, seen.get("statement"))
    return firms.join(_latest(seen), on="firm_id", how="left")


def month_rows(seen: Mapping[str, Frame]) -> Frame | None:
    """Invoices by month; single invoices go before a total supplied for the same month.

    Args:
        seen: Result of `see_records`.

    Returns:
        The columns of the table `invoice_month` without the evidence columns, one row per
        `firm_id`, `month_on`, in that order: float sums over the months then have a fixed order
        of terms, so a replay is the same to the last digit. None if neither `invoice` nor
        `invoice_month` is there.
    """
    names = [name for name in TABLES["invoice_month"].names if name not in _EVIDENCE_NAMES]
    stored = seen["invoice_month"].select(names) if "invoice_month" in seen else None
    if "invoice" not in seen:
        return stored
    counted = profile.invoice_months(seen["invoice"]).select(names)
    key = ["firm_id", "month_on"]
    if stored is None:
        return counted.sort(key)
    others = stored.join(counted.select(key), on=key, how="anti")
    return nw.concat([counted, others], how="vertical").sort(key)


def _joined(firms: Frame, features: Frame | None, columns: tuple[Column, ...]) -> Frame:
    if features is None:
        return firms.with_columns(nw.lit(None, item.dtype).alias(item.name) for item in columns)
    return firms.join(features, on="firm_id", how="left")


def _with_turnover(firms: Frame, statements: Frame | None) -> Frame:
    """Add the working-capital days of the statement that the ratios come from."""
    if statements is None:
        return firms.with_columns(working_capital_days=nw.lit(None, nw.Float64))
    days = pricing.turnover_days(statements).select(
        "firm_id",
        nw.col("period_end_on").alias("statement_on"),
        nw.col("basis").alias("statement_basis"),
        "working_capital_days",
    )
    return firms.join(days, on=["firm_id", "statement_on", "statement_basis"], how="left")


def _latest(seen: Mapping[str, Frame]) -> Frame:
    """The last day on which a record of the firm became known, over all tables."""
    days = [
        rows.group_by("firm_id").agg(nw.col("known_at").max().dt.date().alias("evidence_on"))
        for name, rows in seen.items()
        if name in PROFILED
    ]
    together = reduce(lambda left, right: nw.concat([left, right], how="vertical"), days)
    return together.group_by("firm_id").agg(nw.col("evidence_on").max())
