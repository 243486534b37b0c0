"""What firms ask for, and what the plan of the run and a market of products give them."""

import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from techflow_service.matching.market import MatchedFiles, match_files
from techflow_service.platform.models import Need, Run
from techflow_service.platform.studies.storing import keep

BATCH = 5_000
KNOWN = ("product_id", "provider", "capacity_cny", "rate_pa", "amount_max_cny")
FOUND = ("product_id", "rival_product_id", "reason_zh", "reason_en")


def study_needs(folder: Path, run: Run) -> None:
    """Keep who gets what in a run, once.

    Args:
        folder: Folder of `techflow assess`.
        run: The run.
    """
    rows = Need.objects.using("owner")
    if rows.filter(run=run).exists():
        return
    shelf = tomllib.loads((files(__package__) / "demo_market.toml").read_text("utf8"))
    asked = ask(pl.read_parquet(folder / "assessment.parquet"), shelf["rate_more_pa"])
    matched = _match(asked, shelf["product"])
    plans = pl.read_parquet(folder / "plan.parquet").select(
        "firm_id", "plan_zh", "plan_en", plan_status="plan_status_code", plan_cny="amount_cny"
    )
    names = pl.read_parquet(folder / "profile.parquet", columns=["firm_id", "name"])
    market = matched.firms.select("firm_id", *FOUND, asked_cny="amount_cny")
    told = plans.join(market, on="firm_id", how="left").join(names, on="firm_id", how="left")
    told = _named(told, shelf["product"])
    rows.bulk_create((Need(run=run, **row) for row in told.iter_rows(named=True)), BATCH)
    about = {"rate_more_pa": shelf["rate_more_pa"], "summary": matched.summary}
    keep("market", "", run.as_of, about | {"products": _products(matched, shelf["product"])})


def ask(assessed: pl.DataFrame, more_pa: float) -> pl.DataFrame:
    """What the firms of a run bring to the market.

    Args:
        assessed: The assessment.
        more_pa: By how much the highest rate they accept lies over the rate of their risk.
    """
    cost = pl.col("el_rate_pa") + pl.col("funding_rate_pa") + pl.col("cost_rate_pa")
    most = pl.min_horizontal("limit_lcy", "need_lcy")
    return assessed.filter(
        pl.col("currency") == "CNY", pl.col("limit_lcy") > 0, pl.col("rate_pa").is_not_null()
    ).select(
        "firm_id",
        amount_cny=pl.when(pl.col("need_lcy") > 0).then(most).otherwise("limit_lcy"),
        rate_max_pa=pl.col("rate_pa") + more_pa,
        break_even_rate_pa=cost,
    )


def _match(asked: pl.DataFrame, products: Iterable[Mapping[str, Any]]) -> MatchedFiles:
    with tempfile.TemporaryDirectory() as place:
        firms, shelf = Path(place) / "firms.parquet", Path(place) / "products.parquet"
        asked.write_parquet(firms)
        known = [{"provider": one["provider_zh"], **one} for one in products]
        pl.DataFrame(known).select(KNOWN).write_parquet(shelf)
        return match_files((firms, shelf, None), method="best")


def _named(rows: pl.DataFrame, products: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Reasons with the names of products in the language of the reason; no null text."""
    for language in ("zh", "en"):
        reason = pl.col(f"reason_{language}")
        for one in products:
            reason = reason.str.replace_all(one["product_id"], one[language], literal=True)
        rows = rows.with_columns(reason)
    return rows.with_columns(pl.col(pl.String).fill_null(""))


def _products(matched: MatchedFiles, products: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    words = {one["product_id"]: one for one in products}
    return [row | dict(words[row["product_id"]]) for row in matched.products.to_dicts()]
