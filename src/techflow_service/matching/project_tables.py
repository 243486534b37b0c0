"""Projects and providers read, typed, and joined with the terms of content and law."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput
from techflow.flow.project_market import legal_sources, limit_providers
from techflow.matching.project_pairs import PROJECT_KINDS, PROJECT_MANDATES
from techflow.pricing import Product
from techflow_service.matching.cells import (
    check_ids,
    number_rows,
    read_typed,
    refuse,
    refuse_empty,
    split_mandates,
)
from techflow_service.policies import load_laws
from techflow_service.products import load_products
from techflow_service.scoring import read_rows

PROJECT_NUMBERS = {
    "need_cny": 0.01,
    "minimum_cny": 0.0,
    "horizon_years": 0.0,
    "expected_return_pa": -1.0,
    "return_sd_pa": 0.0,
    "paid_in_cny": 0.01,
}
PROVIDER_NUMBERS = {
    "available_cny": 0.01,
    "assets_cny": 0.01,
    "solvency_share": 0.0,
    "equity_cny": 0.0,
    "capital_cost_rate_pa": 0.0,
}
TERMS = (
    *("project_share_max", "one_project_share_max", "amount_cny_min", "amount_cny_max"),
    *("horizon_years_min", "horizon_years_max", "required_return_pa", "return_sd_pa_max"),
    *(f"risk_factor_ratio_{kind}" for kind in PROJECT_KINDS),
)
"""What the terms of a product or, before them, a provider's own column set; neither is no bound."""
SHARES = ("project_share_max", "one_project_share_max")
PAIRS_N_MAX = 1_000_000
Source = tuple[float, str, str]
"""Value, mark and reference of a limit."""


@dataclass(frozen=True, slots=True)
class ProjectTables:
    """Projects and providers as read.

    Attributes:
        raw: One row per project as given.
        projects: The same typed, with `project_n`.
        providers: Typed, with `provider_n`, terms and legal limits.
        mandates: What each provider is limited to.
        sources: Provider and limit -> value, mark and reference.
    """

    raw: pl.DataFrame
    projects: pl.DataFrame
    providers: pl.DataFrame
    mandates: pl.DataFrame
    sources: Mapping[tuple[str, str], Source]


def read_projects(
    projects_at: Path, providers_at: Path, *, on: date, folder: Path | None
) -> ProjectTables:
    """Read both files and join the terms in force on a day.

    Args:
        projects_at: Projects.
        providers_at: Providers, each with a product of kind `project`.
        on: Legal date.
        folder: Folder of product folders of one's own; None for those that come along.

    Raises:
        InvalidInput: A cell is wrong, or a product is unknown or of another kind.
        MissingColumn: A column is not there.
        NotInForce: No law or terms on that day.
    """
    raw = read_rows(projects_at)
    projects = _type_projects(raw, projects_at.name)
    laws = load_laws()
    products = load_products(*([folder] if folder else []), policies=laws)
    own = _type_providers(read_rows(providers_at), providers_at.name, products)
    own, sources = _with_terms(own, products, on)
    limited = limit_providers(nw.from_native(own.lazy()), laws, on=on)
    providers: pl.DataFrame = limited.to_native().collect()
    legal = legal_sources(laws, on=on)
    for name, source in legal.items():
        for key, value in providers.select("provider_id", name).drop_nulls().rows():
            sources[key, name] = (value, str(source.mark), source.reference)
    if projects.height * providers.height > PAIRS_N_MAX:
        raise InvalidInput(f"at most {PAIRS_N_MAX:,} pairs of project and provider are weighed")
    mandates = split_mandates(providers, "provider_id", PROJECT_MANDATES)
    return ProjectTables(raw, projects, providers.sort("provider_n"), mandates, sources)


def _type_projects(raw: pl.DataFrame, name: str) -> pl.DataFrame:
    texts = ("project_id", *PROJECT_MANDATES, "return_source")
    needed = ("project_id", "kind", "need_cny")
    rows = read_typed(raw, name, needed, texts, PROJECT_NUMBERS)
    check_ids(rows, "project_id", name)
    for column in needed[1:]:
        refuse_empty(rows, column, name, "; each project needs one")
    known = rows["kind"].is_in(PROJECT_KINDS)
    refuse(~known, rows["kind"], name, f"one of {', '.join(PROJECT_KINDS)}")
    more = (rows["minimum_cny"] > rows["need_cny"]).fill_null(value=False)
    refuse(more, rows["minimum_cny"], name, "no more than need_cny")
    unsourced = rows["expected_return_pa"].is_not_null() & rows["return_source"].is_null()
    refuse(
        unsourced, rows["return_source"], name, "there if expected_return_pa is: say who says so"
    )
    # Nobody said that less would do.
    minimum = pl.col("minimum_cny").fill_null(pl.col("need_cny"))
    return number_rows(rows, "project_n").with_columns(minimum_cny=minimum)


def _type_providers(raw: pl.DataFrame, name: str, products: Mapping[str, Product]) -> pl.DataFrame:
    lists = tuple(f"{about}s" for about in PROJECT_MANDATES)
    needed = ("provider_id", "product", "available_cny", "assets_cny")
    numbers = PROVIDER_NUMBERS | dict.fromkeys(TERMS, 0.0)
    rows = read_typed(raw, name, needed, ("provider_id", "product", *lists), numbers)
    check_ids(rows, "provider_id", name)
    for column in needed[1:]:
        refuse_empty(rows, column, name, "; each provider needs one")
    fit = [each.id for each in products.values() if each.kind == "project"]
    refuse(~rows["product"].is_in(fit), rows["product"], name, f"one of {', '.join(fit) or 'none'}")
    for column in SHARES:
        wide = (rows[column] > 1.0).fill_null(value=False)
        refuse(wide, rows[column], name, "a share of at most 1")
    stages = {key: ";".join(one.stages) or None for key, one in products.items()}
    insurers = [key for key, one in products.items() if one.provider == "insurer"]
    return number_rows(rows, "provider_n").with_columns(
        insured=pl.col("product").is_in(insurers),
        stages=pl.col("stages").fill_null(
            pl.col("product").replace_strict(stages, default=None, return_dtype=pl.String)
        ),
    )


def _with_terms(
    rows: pl.DataFrame, products: Mapping[str, Product], on: date
) -> tuple[pl.DataFrame, dict[tuple[str, str], Source]]:
    """Terms of the product where the provider's own column says nothing, and who says so."""
    sources: dict[tuple[str, str], Source] = {}
    filled = []
    for row in rows.iter_rows(named=True):
        product = products[row["product"]]
        begun = product.at(on)
        latest = {
            term.name: term
            for history in product.terms.histories.values()
            for term in history
            if term.since <= on
        }
        for name in TERMS:
            if row[name] is not None:
                sources[row["provider_id"], name] = (row[name], "input", "")
            elif name in begun:
                term = latest[name]
                row[name] = float(begun[name])
                sources[row["provider_id"], name] = (row[name], term.status, term.reference)
        filled.append(row)
    return pl.DataFrame(filled, schema=rows.schema), sources


def project_pairs(tables: ProjectTables) -> pl.DataFrame:
    """Every provider beside every project, with all that judges them."""
    pairs = tables.providers.drop(f"{about}s" for about in PROJECT_MANDATES)
    pairs = pairs.join(tables.projects, how="cross")
    factor = pl.coalesce(
        pl.when(pl.col("kind") == kind).then(pl.col(f"risk_factor_ratio_{kind}"))
        for kind in PROJECT_KINDS
    )
    return pairs.with_columns(risk_factor_ratio=factor)
