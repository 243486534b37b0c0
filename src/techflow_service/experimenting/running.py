"""A change of law, terms or scheme run through an assessed book. Needs the extra `simulate`."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow import __version__
from techflow.basics import InvalidInput
from techflow.flow.experiment_draws import Side, draw_experiment
from techflow.flow.experimenting import CHANGES, LOAN, Arm, compare_offers, tell_changes
from techflow.flow.schemes import settle_on
from techflow_service.experimenting.asking import SIDES, Experiment
from techflow_service.experimenting.booking import lay_book
from techflow_service.experimenting.changing import (
    change_groups,
    change_laws,
    change_scheme,
    change_shelf,
)
from techflow_service.experimenting.describing import describe_change
from techflow_service.experimenting.telling import Found
from techflow_service.price_columns import Way
from techflow_service.pricing import Shelf, load_shelf, numbers_on
from techflow_service.products import load_products
from techflow_service.schemes import find_scheme, load_schemes

COUNTRY, CURRENCY = "CN", "CNY"
TABLES = ("assessment", "profile", "facts")
NOWHERE = "-"


def run_experiment(asked: Experiment) -> Found:
    """Qualification, price, take-up, places, losses and the public purse, before and after.

    Args:
        asked: What to run.

    Raises:
        InvalidInput: The change or the folder cannot be used, or no loan can be made.
        NotInForce: A law or scheme is not in force on the day of the assessment.
    """
    loans, book_on, read_n = read_loans(asked.folder)
    on = asked.on or book_on
    shelf = load_shelf()
    laws = change_laws(asked.change, shelf.laws)
    shelves = shelf, change_shelf(asked.change, shelf, laws)
    scheme = find_scheme(load_schemes(), asked.scheme_id)
    schemes = (
        settle_on(scheme, shelf.laws, on=on),
        settle_on(change_scheme(asked.change, scheme), laws, on=on),
    )
    groups = load_products()[asked.offered["product"]].qualifications
    after = change_groups(asked.change, asked.offered["product"], groups, laws)
    arms = _arm(asked, shelves[0], groups, on), _arm(asked, shelves[1], after, on)
    offers = compare_offers(nw.from_native(loans.lazy()), *arms).to_native().collect()
    firms = loans.select(*LOAN, "region_code", "name", "sector").join(
        offers, on="firm_id", how="left", maintain_order="left"
    )
    regions = sorted(firms["region_code"].unique().to_list())
    priced = firms.filter(~pl.any_horizontal(pl.col("^.*_plain_rate_pa$").is_null()))
    book = lay_book(asked, priced, schemes, regions, (on, arms[0].numbers["lgd"].value))
    drawn = draw_experiment(book.lent, book.sides, *book.scheme, batches_n=asked.batches_n)
    firms = _final(firms, priced, book.sides)
    told = _told(asked, on, read_n, firms) | {
        "regions": regions,
        "book_on": str(book_on),
        "changes": describe_change(asked.change, shelf, on),
    }
    return Found(firms, regions, drawn, schemes[0], told)


def _final(firms: pl.DataFrame, priced: pl.DataFrame, sides: tuple[Side, Side]) -> pl.DataFrame:
    """The firms with the rate they are left with, and what changed."""
    columns = {
        f"{word}_{name}": getattr(side, name)
        for word, side in zip(SIDES, sides, strict=True)
        for name in ("rate_pa", "inside")
    }
    made = priced.select("firm_id").with_columns(**columns)
    old = [name for name in columns if name in firms.columns]
    joined = firms.drop(old).join(made, on="firm_id", how="left", maintain_order="left")
    told: pl.DataFrame = tell_changes(nw.from_native(joined.lazy())).to_native().collect()
    return told.rename({f"{word}_inside": f"{word}_backed" for word in SIDES})


def read_loans(folder: Path) -> tuple[pl.DataFrame, date, int]:
    """Loans in yuan of the firms of the country, with the facts that policies ask for.

    Args:
        folder: Output folder of `techflow assess`.

    Returns:
        One row a loan, the day of the assessment, and how many firms it has.

    Raises:
        InvalidInput: A table is not there, or no firm has a limit and a default probability.
    """
    paths = [folder / f"{name}.parquet" for name in TABLES]
    if absent := [str(path) for path in paths if not path.is_file()]:
        raise InvalidInput(
            f"{', '.join(absent)} is not there; name the folder that `techflow assess` wrote"
        )
    assessed, profiles, facts = map(pl.scan_parquet, paths)
    day, n = assessed.select(pl.col("as_of").max(), n=pl.len()).collect().row(0)
    kept = assessed.filter(
        pl.col("country") == COUNTRY,
        pl.col("currency") == CURRENCY,
        pl.col("limit_lcy") > 0,
        pl.col("pd").is_between(0.0, 1.0, closed="none"),
    ).select("firm_id", "name", "sector", "grade", "pd", "limit_lcy", "currency")
    joined = kept.join(profiles.select("firm_id", "sales_lcy"), on="firm_id", how="left")
    rows = joined.join(facts, on="firm_id", how="left").sort("firm_id").collect()
    if rows.is_empty():
        raise InvalidInput(
            f"{folder}: no firm of {n} has a default probability, a limit in yuan and a country "
            f"of {COUNTRY}; nothing can be lent, so a change moves nothing"
        )
    place = pl.col("region_code").fill_null(NOWHERE)
    return rows.with_columns(place, country=pl.lit(COUNTRY)), day, n


def _arm(asked: Experiment, shelf: Shelf, groups: Sequence[Sequence[str]], on: date) -> Arm:
    tools = (*asked.offered["tools"], *asked.tools)
    way = Way(on, tools, asked.offered.get("pool"), asked.relending_share)
    return Arm(shelf.laws, numbers_on(way, shelf), groups, on, way.tools, way.pool)


def _told(asked: Experiment, on: date, read_n: int, firms: pl.DataFrame) -> dict[str, Any]:
    counts = dict(firms["change"].value_counts().iter_rows())
    return {
        "version": __version__,
        "zh": asked.change.zh,
        "en": asked.change.en,
        "synthetic": bool(firms["firm_id"].str.starts_with("sample:").any()),
        "on": str(on),
        "scheme": asked.scheme_id,
        "tools": [*asked.offered["tools"], *asked.tools],
        "batches_n": asked.batches_n,
        "scenarios_n": asked.scenarios_n,
        "seed": asked.seed,
        "firms_n": read_n,
        "loans_n": firms.height,
        "change_n": {name: counts.get(name, 0) for name in CHANGES},
        "answer_n": {
            word: dict(firms[f"{word}_answer"].fill_null("unknown").value_counts().iter_rows())
            for word in SIDES
        },
    }
