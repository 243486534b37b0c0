"""The published sets whose raw rows a card can be fitted on and can score."""

import polars as pl

from techflow.basics import InvalidInput
from techflow.profile import (
    AMOUNTS,
    account_growth_facts,
    application_facts,
    listed_ratios,
    panel_growth_facts,
    ratio_gaps,
)
from techflow_service.rawsets.layout import RawSet

LAST_YEARS_N = 2


def _us_outcome() -> pl.Expr:
    """A failed firm in one of its last two years.

    The set labels the firm, the same in all its years: taken as it is, it would leak.
    """
    last = pl.col("year").cast(pl.Int64).max().over("company_name")
    late = pl.col("year").cast(pl.Int64) > last - LAST_YEARS_N
    labelled = pl.col("status_label").is_in(["failed", "alive"])
    failed = (pl.col("status_label") == "failed") & late
    return pl.when(labelled).then(failed.cast(pl.Float64))


US_LISTED = RawSet(
    "us-listed",
    {f"X{i}": name for i, name in enumerate(AMOUNTS, 1)} | {"year": "year"},
    {},
    "company_name",
    {"country": "US"},
    listed_ratios,
    _us_outcome(),
    pl.col("year").cast(pl.Int64),
)

POLISH = RawSet(
    "polish-ratios",
    {f"Attr{i}": f"a{i}" for i in range(1, 65)},
    {},
    None,
    {"country": "PL"},
    ratio_gaps,
    pl.col("class").cast(pl.Float64, strict=False),
    pl.lit(None, pl.Int64),
)

APPROVED_ON = pl.col("ApprovalDate").str.to_date("%m/%d/%Y", strict=False)
SBA_LOANS = RawSet(
    "sba-loans",
    {
        "GrAppv": "amount_lcy",
        "SBA_Appv": "guaranteed_lcy",
        "NoEmp": "employees_n",
        "CreateJob": "jobs_created_n",
        "RetainedJob": "jobs_retained_n",
    },
    {
        "NAICS": "naics",
        "State": "firm_state",
        "BankState": "bank_state",
        "NewExist": "business_code",
        "FranchiseCode": "franchise_code",
        "UrbanRural": "area_code",
        "RevLineCr": "revolving_code",
        "LowDoc": "low_document_code",
    },
    "LoanNr_ChkDgt",
    {"country": "US"},
    application_facts,
    pl.when(pl.col("MIS_Status").is_in(["CHGOFF", "P I F"])).then(
        (pl.col("MIS_Status") == "CHGOFF").cast(pl.Float64)
    ),
    APPROVED_ON.dt.year().cast(pl.Int64),
)

US_PANEL = RawSet(
    "us-innovation-panel",
    {
        "year": "year",
        "sales": "sales_lcy",
        "capital": "capital_lcy",
        "randd": "rnd_stock_lcy",
        "employment": "employees_n",
        "value": "market_value_lcy",
        "tobinq": "tobin_q_ratio",
    },
    {},
    "company",
    {"country": "US", "basis": "annual", "currency": "USD"},
    panel_growth_facts,
    pl.lit(None, pl.Float64),
    pl.col("year").cast(pl.Int64, strict=False),
)
"""Patents and citations are not read: they carry the year of application, and were granted and
cited years later."""

KOREA_ACCOUNTS = RawSet(
    "korea-accounts",
    {
        "year": "year",
        "revenue": "sales_lcy",
        "total_assets": "assets_lcy",
        "current_assets": "current_assets_lcy",
        "current_liabilities": "current_liabilities_lcy",
        "total_liabilities": "liabilities_lcy",
        "operating_income": "operating_income_lcy",
        "net_income": "net_income_lcy",
        "retained_earnings": "retained_earnings_lcy",
    },
    {"basis": "basis", "currency": "currency"},
    "stock_code",
    {"country": "KR"},
    account_growth_facts,
    pl.lit(None, pl.Float64),
    pl.col("year").cast(pl.Int64, strict=False),
)

RAW_SETS = {s.id: s for s in (US_LISTED, POLISH, SBA_LOANS, US_PANEL, KOREA_ACCOUNTS)}


def find_set(set_id: str) -> RawSet:
    """A raw set by its id.

    Raises:
        InvalidInput: No such set.
    """
    if set_id not in RAW_SETS:
        raise InvalidInput(f"no raw set {set_id}; there are {', '.join(RAW_SETS)}")
    return RAW_SETS[set_id]
