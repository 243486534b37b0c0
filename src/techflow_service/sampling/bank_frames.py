"""Frames about a synthetic region's banks, and how they lent."""

from collections.abc import Iterator

import polars as pl

from techflow.economy import Columns, Mechanism, draw_bonds, draw_reports
from techflow.economy.banking import BANKS_N, KINDS, ROLES, SECURITY
from techflow.economy.places import FICTION_EN, FICTION_ZH
from techflow_service.sampling.frames import CURRENCY, moment
from techflow_service.sampling.sources import Numbering

OTHER_INDUSTRY = "F5179"
"""Wholesale: what a loan outside technology industries is used in."""
FILING_DAYS = 30
FIRST_BRANCH_ON = "2015-01-01"


def bank_id(column: str) -> pl.Expr:
    """Id of a bank from its number."""
    return pl.format("sample:bank-{}", pl.col(column).cast(pl.String).str.zfill(2))


def _branch_id(bank: str, region: str) -> pl.Expr:
    return pl.format("{}-{}", bank_id(bank), region)


def made_terms(mechanism: Mechanism, loans: pl.DataFrame) -> pl.DataFrame:
    """How each loan was made, in the words of the dictionary.

    Args:
        mechanism: The declared mechanism.
        loans: Columns of `draw_terms` beside `lender`.
    """
    regions = dict(enumerate(item.code for item in mechanism.regions))
    industries = {-1: OTHER_INDUSTRY} | dict(
        enumerate(item.industry_code for item in mechanism.sectors)
    )
    known = pl.col("use_known")
    named = loans.with_columns(
        region_code=pl.col("region").replace_strict(regions, return_dtype=pl.String)
    )
    industry = pl.col("sector").replace_strict(industries, return_dtype=pl.String)
    return named.with_columns(
        branch_id=_branch_id("lender", "region_code"),
        security=pl.col("security").replace_strict(
            dict(enumerate(SECURITY)), return_dtype=pl.String
        ),
        use_industry_code=pl.when(known).then(industry),
        use_emerging=pl.when(known).then("use_emerging"),
        use_patent_intensive=pl.when(known).then("use_patent_intensive"),
    )


def bank_tables(
    mechanism: Mechanism, numbering: Numbering, *, seed: int
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Reports, branches and bonds of the banks; they do not depend on the firms.

    Args:
        mechanism: The declared mechanism.
        numbering: Row numbers by source so far; counts on.
        seed: Seed of the sample.

    Yields:
        Table name and frame with all columns but `loaded_at`.
    """
    reports = _reports(draw_reports(mechanism, seed=seed))
    yield "institution", numbering.stamp("institution", reports)
    yield "branch", numbering.stamp("branch", _branches(mechanism))
    yield "bond_deal", numbering.stamp("bond_deal", _bonds(draw_bonds(mechanism, seed=seed)))


def _reports(columns: Columns) -> pl.DataFrame:
    number = pl.col("bank").cast(pl.String).str.zfill(2)
    return pl.DataFrame(columns).with_columns(
        institution_id=bank_id("bank"),
        institution_kind=pl.col("kind").replace_strict(
            dict(enumerate(KINDS)), return_dtype=pl.String
        ),
        name=pl.format(FICTION_ZH + "银行{}", number),
        name_en=pl.format(FICTION_EN + "Bank {}", number),
        currency=pl.lit(CURRENCY),
        known_at=moment(pl.col("period_end_on").dt.offset_by(f"{FILING_DAYS}d")),
    )


def _branches(mechanism: Mechanism) -> pl.DataFrame:
    banks = pl.DataFrame({"bank": range(1, BANKS_N + 1)})
    places = pl.DataFrame(
        [(item.code, item.zh, item.en) for item in mechanism.regions],
        schema=["region_code", "zh", "en"],
        orient="row",
    )
    number = pl.col("bank").cast(pl.String).str.zfill(2)
    return banks.join(places, how="cross").select(
        branch_id=_branch_id("bank", "region_code"),
        institution_id=bank_id("bank"),
        name=pl.format(FICTION_ZH + "银行{}{}分行", number, "zh"),
        name_en=pl.format(FICTION_EN + "Bank {}, {}", number, "en"),
        region_code="region_code",
        specialised=pl.col("bank") <= BANKS_N // 4,
        since=pl.lit(FIRST_BRANCH_ON).str.to_date(),
        known_at=moment(pl.lit(FIRST_BRANCH_ON).str.to_date()),
    )


def _bonds(columns: Columns) -> pl.DataFrame:
    number = pl.col("place").cast(pl.String).str.zfill(4)
    return pl.DataFrame(columns).with_columns(
        bond_id=pl.format("sample:bond-{}", number),
        institution_id=bank_id("bank"),
        bond_role=pl.col("role").replace_strict(dict(enumerate(ROLES)), return_dtype=pl.String),
        issuer_id=pl.format("sample:issuer-{}", number),
        currency=pl.lit(CURRENCY),
        known_at=moment(pl.col("dealt_on")),
    )
