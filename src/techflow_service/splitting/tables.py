"""The tables of a split: payments by loan and party, sums, bounds that held, purses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.flow.pooling import Split
from techflow.pool import Said, Scheme
from techflow.pool.book import LIFE, SCOPES, YEAR, Integers
from techflow.pool.timeline import count_trips, share_purses, sum_by_party
from techflow_service.splitting.wording import cause_words

BREAKER = 1000


@dataclass(frozen=True, slots=True)
class Names:
    """What numbers of a split stand for.

    Attributes:
        loan: Loan of each row.
        ids: Scope -> its ids, by number.
    """

    loan: pl.Series
    ids: Mapping[str, list[str]]


def payments_of(split: Split, scheme: Scheme, names: Names) -> pl.DataFrame:
    """One row per event and party that pays, gets something back, or was kept from paying.

    Args:
        split: The split.
        scheme: Its scheme.
        names: Of loans and keys.
    """
    line, flows = split.timeline, split.flows
    event, party = np.nonzero((flows.paid_fen > 0) | (flows.cause > 0))
    cause, loan = flows.cause[event, party], line.events.loan[event]
    key, year = _bound(split, cause, loan, line.events.year[event])
    found = pl.DataFrame(
        {
            "loan_id": names.loan.gather(loan),
            "kind": np.where(line.events.claim[event] < 0, "claim", "recovery"),
            "on": pl.Series(line.day[event], dtype=pl.Int32).cast(pl.Date),
            "year": line.events.year[event] + line.first_year,
            "party": pl.Series([p.id for p in scheme.parties]).gather(party),
            "paid_fen": flows.paid_fen[event, party],
            "cause": cause,
            "key": key,
            "bound_year": year,
        }
    )
    lag = int(scheme.pay_days.value) if isinstance(scheme.pay_days, Said) else None
    days = pl.lit(lag, pl.Int64)
    pay_on = pl.when(pl.col("kind") == "claim").then(pl.col("on") + pl.duration(days=days))
    return found.with_columns(pay_on=pay_on)


def _bound(
    split: Split, cause: Integers, loan: Integers, year: Integers
) -> tuple[Integers, Integers]:
    """Number of the key and calendar year of the bound that held; -1 for none."""
    key, when = np.full(cause.size, -1), np.full(cause.size, -1)
    rules, loans = split.rules, split.loans
    for place in np.unique(cause[cause > 1]).tolist():
        rows = cause == place
        breaker, at = place >= BREAKER, place % BREAKER if place >= BREAKER else place - 2
        scope = (rules.breaker_scope if breaker else rules.cap_scope)[at]
        period = (rules.breaker_period if breaker else rules.cap_period)[at]
        key[rows] = loans.key[loan[rows], scope]
        if period != LIFE:
            own = year[rows] if period == YEAR else loans.cohort[loan[rows]]
            when[rows] = own + split.timeline.first_year
    return key, when


def write_tables(
    payments: pl.DataFrame, split: Split, scheme: Scheme, names: Names, *, out: Path
) -> dict[str, Any]:
    """Write every table; what they say in short.

    Args:
        payments: See `payments_of`.
        split: The split.
        scheme: Its scheme.
        names: Of loans and keys.
        out: Folder.
    """
    by_party = sum_by_party(nw.from_native(payments.lazy())).to_native().collect()
    trips = count_trips(nw.from_native(payments.lazy())).to_native().collect()
    order = {party.id: place for place, party in enumerate(scheme.parties)}
    summed = by_party.sort("year", pl.col("party").replace_strict(order, return_dtype=pl.Int64))
    named = _named_trips(trips, split, scheme, names)
    net = dict.fromkeys(order, 0) | dict(
        summed.group_by("party").agg(pl.col("net_fen").sum()).iter_rows()
    )
    purses = share_purses(scheme, net, years_n=split.timeline.years_n)
    funds = [own._asdict() | {"left_fen": own.paid_in_fen - own.lost_fen} for own in purses]
    causes = named.select("cause", "zh", "en").unique("cause")
    causes = causes.rename({"zh": "cause_zh", "en": "cause_en"})
    paid = payments.drop("key", "bound_year").join(
        causes, on="cause", how="left", maintain_order="left"
    )
    _labelled(paid, scheme).write_parquet(out / "payments.parquet")
    _labelled(summed, scheme).write_csv(out / "by_party.csv")
    named.write_csv(out / "bounds.csv")
    if funds:
        pl.DataFrame(funds).write_csv(out / "purses.csv")
    return {
        "net_fen": net,
        "by_party": summed.to_dicts(),
        "bounds": named.with_columns(pl.col("first_on").cast(pl.String)).to_dicts(),
        "purses": funds,
    }


def _labelled(table: pl.DataFrame, scheme: Scheme) -> pl.DataFrame:
    """With the party's names and amounts in whole units beside those in fen."""
    names = pl.DataFrame(
        [(party.id, party.zh, party.en) for party in scheme.parties],
        schema=["party", "party_zh", "party_en"],
        orient="row",
    )
    money = [name for name in table.columns if name.endswith("_fen")]
    units = {f"{name[:-4]}_{scheme.currency}": (pl.col(name) / 100).round(2) for name in money}
    return table.join(names, on="party", how="left", maintain_order="left").with_columns(**units)


def _named_trips(trips: pl.DataFrame, split: Split, scheme: Scheme, names: Names) -> pl.DataFrame:
    """Each bound that held, in words, for whom, in which year, and where its line was."""
    rows = [_trip(row, split, scheme, names) for row in trips.iter_rows(named=True)]
    schema = {
        "cause": pl.Int64,
        "zh": pl.String,
        "en": pl.String,
        "party": pl.String,
        "key": pl.String,
        "year": pl.Int64,
        "line_fen": pl.Int64,
        "claims_n": pl.Int64,
        "first_on": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema).sort("first_on", "cause", "party", "key", "year")


def _trip(row: Mapping[str, Any], split: Split, scheme: Scheme, names: Names) -> dict[str, Any]:
    cause, rules = row["cause"], split.rules
    zh, en = cause_words(scheme, cause)
    told = {name: row[name] for name in ("cause", "party", "claims_n", "first_on")}
    told |= {"zh": zh, "en": en, "key": None, "year": None, "line_fen": None}
    if cause == 1:
        return told
    breaker, at = cause >= BREAKER, cause % BREAKER if cause >= BREAKER else cause - 2
    scope = SCOPES[(rules.breaker_scope if breaker else rules.cap_scope)[at]]
    period = (rules.breaker_period if breaker else rules.cap_period)[at]
    start = (rules.breaker_at if breaker else rules.cap_at)[at]
    year = row["bound_year"] - split.timeline.first_year
    place = start + (row["key"] if period == LIFE else row["key"] * rules.years_n + year)
    line = (rules.line_fen if breaker else rules.room_fen)[place]
    line = int(line) + (0 if breaker else int(rules.inflow_fen[at].sum()))
    key = names.ids[scope][row["key"]] if scope in names.ids else None
    when = None if period == LIFE else row["bound_year"]
    return told | {"key": key, "year": when, "line_fen": line}
