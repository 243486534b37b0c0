"""Firms of an assessment folder as applicants: what is known of each, many at once."""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from techflow.flow.lending import STATEMENT_FRESH_DAYS
from techflow.flow.planning_asked import Applicant

ASSESSMENT = "assessment.parquet"
RENAMED = {
    "limit_lcy": "limit_cny",
    "debt_outstanding_lcy": "debt_cny",
    "raised_36m_lcy": "raised_36m_cny",
    "receivables_lcy": "receivables_cny",
    "operating_cash_flow_lcy": "cash_flow_cny",
}
"""Columns in the firm's own currency, read only where that is the yuan -> fact."""
CURRENCIES = {"raised_36m_lcy": "funding_currency", "debt_outstanding_lcy": "loan_currency"}
"""Amounts of the profile -> the column that names their currency."""
Row = Mapping[str, Any]


def read_assessed(folder: Path, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Rows of the assessment and the profile of some firms, by firm.

    Args:
        folder: Result of `techflow assess`.
        ids: Firms; those that are not there are left out.
    """
    profiles = _rows(folder / "profile.parquet", ids)
    judged = _rows(folder / ASSESSMENT, ids)
    return {firm: {**profiles.get(firm, {}), **row} for firm, row in judged.items()}


def read_applicants(
    folder: Path, known: Mapping[str, Row], *, on: date
) -> dict[str, tuple[Applicant, str]]:
    """What an assessment folder knows of some firms, and their names.

    Args:
        folder: Result of `techflow assess`.
        known: Result of `read_assessed`.
        on: Day of the assessment.

    Returns:
        By firm; those that count in another currency than the yuan are left out.
    """
    ids = [firm for firm, row in known.items() if row["currency"] in (None, "CNY")]
    technology = _rows(folder / "technology.parquet", ids)
    statements, answers = _statements(folder, ids, on), _answers(folder, ids)
    found = {}
    for firm in ids:
        row = known[firm]
        numbers: dict[str, float] = {}
        for part in (row, technology.get(firm, {}), statements.get(firm, {})):
            numbers |= _numbers(part)
        for name, currency in CURRENCIES.items():
            if row.get(currency) not in (None, "CNY"):
                numbers.pop(RENAMED[name], None)
        refused = row["limit_reason_code"] == "pd_too_high"
        applicant = Applicant(firm, row["life_stage"], numbers, answers.get(firm, {}), refused)
        found[firm] = applicant, row["name"] or firm
    return found


def _scan(path: Path, ids: Collection[str]) -> pl.LazyFrame:
    return pl.scan_parquet(path, glob=False).filter(pl.col("firm_id").is_in(list(ids)))


def _rows(path: Path, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    return {row["firm_id"]: row for row in _scan(path, ids).collect().to_dicts()}


def _statements(folder: Path, ids: Sequence[str], on: date) -> dict[str, Row]:
    """The latest accounts of each firm, if they are fresh, of a year and in yuan."""
    path = folder / "statements.parquet"
    if not path.is_file():
        return {}
    yearly = _scan(path, ids).filter(pl.col("currency") == "CNY", pl.col("months_n") == 12)
    latest = yearly.sort("period_end_on").group_by("firm_id").last().collect()
    names = ("receivables_lcy", "operating_cash_flow_lcy")
    return {
        row["firm_id"]: {name: row[name] for name in names}
        for row in latest.to_dicts()
        if (on - row["period_end_on"]).days <= STATEMENT_FRESH_DAYS
    }


def _numbers(row: Row) -> dict[str, float]:
    return {
        RENAMED.get(name, name): float(value)
        for name, value in row.items()
        if isinstance(value, int | float) and not (isinstance(value, float) and math.isnan(value))
    }


def _answers(folder: Path, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    path = folder / "qualification.parquet"
    if not path.is_file():
        return {}
    rows = _scan(path, ids).filter(pl.col("answer").is_not_null())
    found: dict[str, dict[str, str]] = {}
    for firm, policy, answer in rows.select("firm_id", "policy_id", "answer").collect().iter_rows():
        found.setdefault(firm, {})[policy] = answer
    return found
