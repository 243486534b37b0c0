"""The tables of all periods: counted, judged, released. Needs the extra `statistics`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from techflow.region.statistics.layout import Layout, lay_out
from techflow.region.statistics.releasing import Book, Released, release_periods
from techflow.region.statistics.rules import REASONS
from techflow_service.statistics.content import Spec
from techflow_service.statistics.reading import clean

DIMENSIONS = ("region", "size", "term")
MEASURES = {"balance": True, "new": False, "nonperforming": True}
"""Measure -> whether it stands at the end of a period."""
KEYS = ("period_end_on", "category", "dimension", "level")
Releases = Mapping[str, list[Released]]


@dataclass(frozen=True, slots=True)
class Tables:
    """What was made.

    Attributes:
        public: One row per cell and period, nothing in it that is withheld.
        internal: The same with reasons, for the office only.
        counts: By period: loans that could not be counted.
        spec: The content.
    """

    public: pl.DataFrame
    internal: pl.DataFrame
    counts: Mapping[date, Mapping[str, int]]
    spec: Spec


def make_tables(periods: Mapping[date, pl.DataFrame], spec: Spec) -> Tables:
    """Count, judge and release.

    Args:
        periods: Result of `read_periods`.
        spec: The content.
    """
    cleaned = {end: clean(loans) for end, loans in periods.items()}
    loans = pl.concat(
        [rows.with_columns(period_end_on=pl.lit(end)) for end, (rows, _) in cleaned.items()]
    ).with_columns(pattern=_pattern(spec))
    patterns = loans["pattern"].unique().sort().to_list()
    levels = {name: loans[name].unique().sort().to_list() for name in DIMENSIONS}
    single = [name for name, flags in spec.categories.items() if len(flags) == 1]
    pairs = [(a, b) for place, a in enumerate(single) for b in single[place + 1 :]]
    sets = [frozenset(text.split()) for text in patterns]
    layout = lay_out(sets, spec.categories, levels, overlaps=pairs)
    releases = {
        measure: release_periods(
            layout,
            _books(loans, layout, list(periods), f"{measure}_cny"),
            spec.rules,
            firms_n=loans["firm_id"].n_unique(),
            stock=stock,
        )
        for measure, stock in MEASURES.items()
    }
    interest = _books(loans, layout, list(periods), "interest_cny")
    frames = [_rows(layout, releases, interest[k], end, k) for k, end in enumerate(periods)]
    internal = pl.concat(frames)
    counts = {end: found for end, (_, found) in cleaned.items()}
    return Tables(_publish(internal), internal, counts, spec)


def _pattern(spec: Spec) -> pl.Expr:
    held = [pl.when(pl.col(name) > 0).then(pl.lit(name)) for name in spec.flags]
    return pl.concat_str(held, separator=" ", ignore_nulls=True)


def _books(loans: pl.DataFrame, layout: Layout, ends: list[date], column: str) -> list[Book]:
    place = {(" ".join(sorted(p)), dim, level): k for k, (p, dim, level) in enumerate(layout.parts)}
    firms = loans.select(firm=pl.col("firm_id").rank("dense").cast(pl.Int64) - 1)
    numbered = loans.with_columns(firms).with_columns(
        pattern=pl.col("pattern").str.split(" ").list.sort().list.join(" ")
    )
    found = []
    for end in ends:
        rows = numbered.filter(pl.col("period_end_on") == end, pl.col(column) > 0)
        part, firm, amount = [], [], []
        for dim in DIMENSIONS:
            summed = rows.group_by("pattern", dim, "firm").agg(pl.col(column).sum())
            keys = zip(summed["pattern"], summed[dim], strict=True)
            part += [place[p, dim, level] for p, level in keys]
            firm.append(summed["firm"].to_numpy())
            amount.append(summed[column].to_numpy())
        found.append(Book(np.array(part, np.int64), np.concatenate(firm), np.concatenate(amount)))
    return found


def _rows(
    layout: Layout, releases: Releases, interest: Book, end: date, period: int
) -> pl.DataFrame:
    """One period with everything that is known, for the office."""
    visible = ~layout.hidden
    paid = np.bincount(interest.part, interest.amount, minlength=layout.cells.shape[1])
    columns: dict[str, Any] = {
        name: [cell[k] for cell, seen in zip(layout.names, visible, strict=True) if seen]
        for k, name in enumerate(KEYS[1:])
    }
    for measure, periods in releases.items():
        cells, _, release = periods[period]
        columns |= {
            f"{measure}_cny": cells.total[visible],
            f"{measure}_firms_n": cells.firms_n[visible],
            f"{measure}_reason": [REASONS[code] for code in release.reason[visible]],
        }
    balance = columns["balance_cny"]
    rate = np.divide(
        (layout.cells @ paid)[visible],
        balance,
        out=np.full(len(balance), np.nan),
        where=balance > 0,
    )
    frame = pl.DataFrame({**columns, "rate_pa": rate}).with_columns(
        period_end_on=pl.lit(end), rate_pa=pl.col("rate_pa").fill_nan(None)
    )
    return frame.select(*KEYS, pl.exclude(KEYS))


def _publish(internal: pl.DataFrame) -> pl.DataFrame:
    """Withheld numbers are gone; a reader learns that they are, not why."""
    made: dict[str, pl.Expr] = {}
    for measure in MEASURES:
        shown = pl.col(f"{measure}_reason") == ""
        amount = (pl.col(f"{measure}_cny") / 1e4).round(0) * 1e4
        made |= {
            f"{measure}_cny": pl.when(shown).then(amount),
            f"{measure}_firms_n": pl.when(shown).then(f"{measure}_firms_n"),
            f"{measure}_withheld": ~shown,
        }
    rate = pl.when(pl.col("balance_reason") == "").then(pl.col("rate_pa").round(4))
    return internal.select(*KEYS, **made, rate_pa=rate)
