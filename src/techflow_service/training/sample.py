"""A training sample: the rows a card is fitted on, with what became of each firm."""

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from techflow.basics import Floats


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows with their outcome.

    Attributes:
        rows: `firm_id`, `event` (1.0 or 0.0), the features, and what else the card needs.
        names: Features, in the order of the recipe.
        file_hashes: Source name -> SHA-256 of the files behind the rows.
    """

    rows: pl.DataFrame
    names: tuple[str, ...]
    file_hashes: dict[str, str]

    @property
    def x(self) -> Floats:
        """Features, shape (n, features), NaN where unknown."""
        columns = [pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in self.names]
        return self.rows.select(columns).to_numpy()

    @property
    def y(self) -> Floats:
        """1 event, 0 none, shape (n,)."""
        return self.rows["event"].to_numpy().astype(np.float64)

    @property
    def groups(self) -> list[str]:
        """Firm of each row; rows of one firm must not be split between fit and test."""
        return self.rows["firm_id"].to_list()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the fit sees: firm, outcome and features of every row, in order.

        Features count to eight digits: sums of floats depend on the order of adding beyond that.
        """
        features = [pl.col(name).cast(pl.Float64).round_sig_figs(8) for name in self.names]
        seen = self.rows.select("firm_id", "event", *features).write_csv()
        return hashlib.sha256(seen.encode()).hexdigest()

    def only(self, keep: pl.Expr | pl.Series) -> "Sample":
        """The rows that pass a test."""
        return Sample(self.rows.filter(keep), self.names, self.file_hashes)


def file_hashes(sources: pl.LazyFrame, source_ids: pl.LazyFrame) -> dict[str, str]:
    """Fingerprints of the files that rows came from.

    Args:
        sources: Table `source`.
        source_ids: One column `source_id`, any rows.
    """
    used = sources.join(source_ids.unique(), on="source_id", how="semi").unique("source_id")
    found = used.select("source_name", "sha256").sort("source_name").collect()
    return dict(found.iter_rows())
