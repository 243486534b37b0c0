"""`make bench-patents`: citations of unseen titles, and value. Last line: one JSON object.

The card is fitted again five times, each time without the titles it is tested on. Two rules on
repeats: documents that repeat a title and abstract count once (`citation_auc`), or only rows that
repeat entirely do (`citation_auc_repeated_texts_kept`); folds are by title in both.
"""

import json
import os
from pathlib import Path

import polars as pl

from bench import patent_indicators, patents_value
from techflow_service.scoring import read_rows
from techflow_service.training.citations import (
    TARGET,
    measure_citations,
    read_documents,
    read_labelled,
)

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
FILE = "cn_patents/rare_earth_patents_dev.csv.gz"
NORMAL_95 = 1.959963984540054


def keep_repeated_texts(raw):
    """Documents and citations; a row leaves only if another equals it in every column."""
    rows = raw.unique(maintain_order=True)
    documents = read_documents(rows).with_columns(
        citations=rows[TARGET].cast(pl.Float64, strict=False)
    )
    kept = documents.drop_nulls(["text", "citations"])
    return kept, kept["citations"].to_numpy()


def interval(name, found):
    reach = NORMAL_95 * found["auc_se"]
    auc = found["auc"]
    return {name: auc, f"{name}_low": auc - reach, f"{name}_high": auc + reach}


def measured_citations():
    raw = read_rows(DATA / FILE)
    once = measure_citations(*read_labelled(raw))
    every = measure_citations(*keep_repeated_texts(raw))
    return {
        **interval("citation_auc", once),
        "citation_deviance_explained": once["deviance_explained"],
        "citation_mean_p_over_rate": once["mean_p_over_rate"],
        **interval("citation_auc_repeated_texts_kept", every),
    }


def main() -> None:
    found = {**measured_citations(), **patent_indicators.measured(), **patents_value.measured()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
