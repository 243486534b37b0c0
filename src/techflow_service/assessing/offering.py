"""What the national guarantee plan would do to the price of each firm's loan."""

from datetime import date
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import NotInForce
from techflow.flow import meets_groups
from techflow.schema import DERIVED
from techflow_service.assessing.tables import sink_table
from techflow_service.price_columns import Way
from techflow_service.pricing import price_rows
from techflow_service.products import load_products

FILE = "offer.parquet"
TOOL = "guarantee"
PRODUCT = "special-guarantee-loan"
COUNTRY, CURRENCY = "CN", "CNY"


def write_offers(staged: Path, *, as_of: date) -> None:
    """Price each loan without tools and with the guarantee, and say who qualifies.

    Args:
        staged: Folder with the finished tables of an assessment.
        as_of: The day; before the plan was in force nothing is written.
    """
    loans = _loans(staged).collect()
    if loans.is_empty():
        return
    try:
        priced = price_rows(loans, Way(as_of, (TOOL,))).rows
    except NotInForce:
        return
    backed, effect = pl.col("all_in_rate_pa"), pl.col(f"effect_{TOOL}_firm_rate_pa")
    offers = priced.select(
        "firm_id",
        "public_rate_pa",
        market_rate_pa=backed - effect,
        guaranteed_rate_pa=backed,
        guarantee_effect_rate_pa=effect,
    )
    told = offers.lazy().join(_answers(staged), on="firm_id", how="left")
    sink_table(told.select(DERIVED["offer"].names).sort("firm_id"), staged / FILE)


def _loans(staged: Path) -> pl.LazyFrame:
    """The limit of each firm taken up as a loan of a year."""
    firms = pl.scan_parquet(staged / "assessment.parquet").filter(
        pl.col("country") == COUNTRY,
        pl.col("currency") == CURRENCY,
        pl.col("limit_lcy") > 0,
        pl.col("rate_pa").is_not_null(),
    )
    sales = pl.scan_parquet(staged / "profile.parquet").select("firm_id", sales_cny="sales_lcy")
    named = firms.select("firm_id", "pd", amount_cny="limit_lcy")
    return named.join(sales, on="firm_id", how="left").sort("firm_id")


def _answers(staged: Path) -> pl.LazyFrame:
    """Whether a firm meets what the product asks for."""
    file = staged / "qualification.parquet"
    if not file.is_file():
        return pl.LazyFrame(schema={"firm_id": pl.String, "guarantee_answer": pl.String})
    groups = load_products()[PRODUCT].qualifications
    told = meets_groups(nw.from_native(pl.scan_parquet(file)), groups)
    rows: pl.LazyFrame = told.to_native()
    return rows.rename({"answer": "guarantee_answer"})
