"""The run record: everything an assessment was made of, so that it can be made again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from techflow import __version__
from techflow.flow import RECORDS, Qualifying
from techflow.schema.qualification import ANSWERS
from techflow_service.assessing.content import Content
from techflow_service.assessing.reading import Reading
from techflow_service.assessing.staging import RUN_FILE, fingerprint

EXAMPLES_N = 20
QUALIFICATION_FILE = "qualification.parquet"
REASON = ["source_id", "source_name", "reason_code", "reason_zh", "reason_en"]

RunRecord = dict[str, Any]


def describe_evidence(reading: Reading) -> dict[str, Any]:
    """Freshness by source and table, and what was refused.

    Args:
        reading: The store seen from the day.

    Returns:
        `tables`, `sources`, `quarantine` as docs/assess.md describes them.
    """
    tables = [_freshness(reading, name) for name in RECORDS]
    return {
        "tables": [item for item in tables if item["rows_n"]],
        "sources": _sources(reading),
        "quarantine": _quarantine(reading),
    }


def _freshness(reading: Reading, table: str) -> dict[str, Any]:
    latest = pl.col("known_at").max().dt.date().alias("latest_on")
    row = reading.visible(table).select(pl.len().alias("rows_n"), latest).collect().row(0)
    return {"table": table, "rows_n": row[0], "latest_on": row[1]}


def _sources(reading: Reading) -> list[dict[str, Any]]:
    known = pl.col("known_at").max().dt.date().alias("latest_on")
    latest = pl.concat([reading.visible(name).group_by("source_id").agg(known) for name in RECORDS])
    latest = latest.group_by("source_id").agg(pl.col("latest_on").max())
    sources = reading.visible("source").join(latest, on="source_id", how="left")
    return sources.sort("source_name", "source_id").collect().to_dicts()


def _quarantine(reading: Reading) -> dict[str, Any]:
    refused = reading.visible("quarantine")
    reasons = (
        refused.group_by(REASON)
        .agg(rows_n=pl.len())
        .sort("rows_n", *REASON, descending=[True] + [False] * len(REASON))
    )
    order = ["source_name", "source_id", "source_row_n", "column_name"]
    return {
        "rows_n": refused.select("source_id", "source_row_n")
        .unique()
        .select(pl.len())
        .collect()
        .item(),
        "reasons": reasons.collect().to_dicts(),
        "examples": refused.sort(order).head(EXAMPLES_N).collect().to_dicts(),
    }


def describe_run(
    reading: Reading,
    content: Content,
    *,
    low_default: Mapping[str, Any],
    evidence: Mapping[str, Any],
    staged: Path,
) -> RunRecord:
    """Everything used and everything counted, for `run.json`.

    Args:
        reading: The store seen from the day.
        content: Cards, scale, expert scorecard, product.
        low_default: Loans behind the low-default PD.
        evidence: Result of `describe_evidence`.
        staged: Folder with the finished output files.
    """
    snapshot = reading.snapshot
    files = sorted(path for path in staged.iterdir() if path.is_file() and path.name != RUN_FILE)
    return {
        "techflow": __version__,
        "as_of": reading.as_of,
        "replay": reading.loaded_by is not None,
        "loaded_by": reading.loaded_by or snapshot.loaded_at,
        "store": {"name": snapshot.path.name, "version": snapshot.version},
        "content": dict(content.hashes),
        "cards": content.describe_cards(reading.as_of),
        "scale": content.describe_scale(),
        "expert": content.describe_expert(),
        "terms": content.describe_terms(reading.as_of),
        "technology": content.technology.describe(reading.as_of),
        "low_default": dict(low_default),
        "counts": count_firms(pl.scan_parquet(staged / "assessment.parquet")),
        "tables": evidence["tables"],
        "quarantine": {key: evidence["quarantine"][key] for key in ("rows_n", "reasons")},
        "files": {path.name: fingerprint(path) for path in files},
    }


def count_firms(assessment: pl.LazyFrame) -> dict[str, Any]:
    """Firms by verdict and grade, and the limits by currency.

    Args:
        assessment: Rows of the table `assessment`.
    """

    def counted(column: str) -> dict[str, int]:
        rows = assessment.filter(pl.col(column).is_not_null()).group_by(column).len().sort(column)
        return dict(rows.collect().iter_rows())

    limits = (
        assessment.filter(pl.col("limit_lcy") > 0)
        .group_by("currency")
        .agg(firms_n=pl.len(), limit_lcy=pl.col("limit_lcy").sum())
        .sort("currency")
    )
    return {
        "firms_n": assessment.select(pl.len()).collect().item(),
        "verdicts": counted("verdict"),
        "grades": counted("grade"),
        "limits": limits.collect().to_dicts(),
    }


def describe_qualifications(qualifying: Qualifying, staged: Path) -> dict[str, Any]:
    """The policies the firms were judged by, and how many meet each.

    Args:
        qualifying: The policies in force.
        staged: Folder with `qualification.parquet`.

    Returns:
        `on` (the legal date) and `policies`: id, titles, text in force, mark, and the numbers of
        firms by answer.
    """
    counts: dict[tuple[str, str], int] = {}
    if (staged / QUALIFICATION_FILE).is_file():
        answers = pl.scan_parquet(staged / QUALIFICATION_FILE).drop_nulls("answer")
        rows = answers.group_by("policy_id", "answer").len().collect().iter_rows()
        counts = {(policy, answer): n for policy, answer, n in rows}
    return {
        "on": qualifying.on,
        "policies": [
            {
                "policy_id": rule.policy_id,
                "zh": rule.zh,
                "en": rule.en,
                "since": rule.since,
                "document": rule.document,
                "mark": str(rule.weakest),
                "official": rule.official,
                **{f"{word}_n": counts.get((rule.policy_id, word), 0) for word in ANSWERS},
            }
            for rule in qualifying.asked
        ],
    }
