"""Reading a store for an assessment: which firms, in which ranges, which rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput
from techflow.evidence import as_of as visible_rows
from techflow.flow import RECORDS, loan_outcomes, see_records
from techflow.schema import TABLES
from techflow_service.store import Snapshot

FIRMS_MAX, ROWS_MAX = 100_000, 5_000_000
"""Most firms, and about the most rows, that are in memory at once."""

RESOLVED = tuple(name for name in RECORDS if "firm_id" not in TABLES[name].key)
"""Tables whose records may move from one firm to another: their versions are settled first."""


def collect_in_order(rows: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a query whose sums add their terms in a fixed order.

    A float sum depends on the order of its terms in the last digit. Left alone, Polars adds per
    thread and drops sorts that no row order depends on, so that the last digits change from run
    to run; with records in order, this way they do not, whatever the threads and the neighbours.

    Args:
        rows: The query.
    """
    return rows.collect(
        engine="in-memory", optimizations=pl.QueryOptFlags(check_order_observe=False)
    )


def spread(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every column written out.

    A column that holds one value throughout may come from a file as that one value; Polars then
    divides by it through its reciprocal, and the last digit differs from that of a frame in which
    one neighbour has another value.

    Args:
        frame: Any frame.
    """
    return pl.DataFrame(frame.get_columns())


@dataclass(frozen=True, slots=True)
class Reading:
    """A store pinned at one version, seen from one day.

    Attributes:
        snapshot: The pinned store.
        as_of: The last day that is seen.
        loaded_by: Last moment of loading that counts.
        folder: Where settled tables may be kept while the reading lasts.
    """

    snapshot: Snapshot
    as_of: date
    loaded_by: datetime | None
    folder: Path

    def visible(self, table: str) -> pl.LazyFrame:
        """Rows of a table that had been known and loaded, all versions."""
        day_end = datetime.combine(self.as_of + timedelta(days=1), time(), tzinfo=UTC)
        rows = self.snapshot.scan(table)
        if "known_at" in TABLES[table].names:
            rows = rows.filter(pl.col("known_at") < day_end)
        return (
            rows if self.loaded_by is None else rows.filter(pl.col("loaded_at") <= self.loaded_by)
        )

    def settle(self) -> None:
        """Write the winning version of each record of `RESOLVED`, ready to be filtered by firm.

        A record that a correction gave to another firm must vanish from the first one, which a
        filter by firm before the choice of version would miss.
        """
        for table in RESOLVED:
            rows = visible_rows(
                nw.from_native(self.snapshot.scan(table)),
                key=TABLES[table].key,
                as_of=self.as_of,
                loaded_by=self.loaded_by,
            )
            rows.to_native().sort("firm_id").sink_parquet(self.folder / f"{table}.parquet")

    def scan(self, table: str) -> pl.LazyFrame:
        """Rows to make a profile of: settled ones, or all versions."""
        settled = self.folder / f"{table}.parquet"
        return pl.scan_parquet(settled) if table in RESOLVED else self.snapshot.scan(table)

    def firm_ids(self) -> pl.Series:
        """Firms known by then, in order.

        Raises:
            InvalidInput: There is none.
        """
        ids = self.visible("firm").select(pl.col("firm_id").unique()).collect().to_series().sort()
        if ids.is_empty():
            raise InvalidInput(self._nobody())
        return ids

    def _nobody(self) -> str:
        first = self.snapshot.scan("firm").select(pl.col("known_at").min()).collect().item()
        if first is None:
            return (
                f"the store {self.snapshot.path} has no firms; load some with `techflow import` "
                "or make some with `techflow sample`"
            )
        replay = (
            "" if self.loaded_by is None else f" and loaded by {self.loaded_by:%Y-%m-%dT%H:%M:%S%z}"
        )
        return (
            f"no firm was known by {self.as_of}{replay}; the first became known on "
            f"{first:%Y-%m-%d}; choose --as-of on that day or later"
        )

    def loans_of(self, firms: pl.LazyFrame) -> tuple[int, int]:
        """Of some firms, how many had a loan watched for a year, and how many defaulted on it.

        Args:
            firms: One column `firm_id`.
        """
        outcomes = loan_outcomes(nw.from_native(self.scan("loan")), as_of=self.as_of)
        theirs = outcomes.to_native().join(firms, on="firm_id", how="semi")
        loans_n, defaults_n = theirs.select(pl.len(), pl.col("defaulted").sum()).collect().row(0)
        return int(loans_n), int(defaults_n)

    def ranges(self, ids: pl.Series) -> Iterator[pl.Series]:
        """The ids in slices small enough to work on at once."""
        rows_n = sum(part.rows_n for part in self.snapshot.parts if part.table in RECORDS)
        firms_n = max(1, self.snapshot.scan("firm").select(pl.len()).collect().item())
        step = max(1, min(FIRMS_MAX, int(ROWS_MAX / max(1.0, rows_n / firms_n))))
        for start in range(0, len(ids), step):
            yield ids.slice(start, step)

    def records(self, ids: pl.Series, *, whole_range: bool) -> dict[str, pl.LazyFrame]:
        """Visible records of some firms by table, in memory: several steps read them.

        They are ordered by key, as `collect_in_order` needs them.

        Args:
            ids: Firms, in order.
            whole_range: True if no other known firm lies between the first and the last.
        """
        firm_id = pl.col("firm_id")
        wanted = firm_id.is_between(pl.lit(ids[0]), pl.lit(ids[-1]))
        if not whole_range:
            wanted = wanted & firm_id.is_in(ids.implode())
        rows = {name: nw.from_native(self.scan(name).filter(wanted)) for name in RECORDS}
        seen = see_records(rows, as_of=self.as_of, loaded_by=self.loaded_by)
        ordered = [frame.to_native().sort(TABLES[name].key) for name, frame in seen.items()]
        frames = pl.collect_all(ordered)
        return {name: spread(frame).lazy() for name, frame in zip(seen, frames, strict=True)}
