"""Loans of an experiment as arrays, and as the scheme sees them. Needs the extra `simulate`."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.credit import grade_firms
from techflow.flow.experiment_draws import Lent, Side, back_only, ration
from techflow.flow.solvency_book import Book, Integers, Run, World
from techflow.pool import Scheme, facts_needed, keys_needed
from techflow_service.cards import load_scale
from techflow_service.churning import load_curves
from techflow_service.experimenting.asking import SIDES, Experiment
from techflow_service.experimenting.changing import read_capacity
from techflow_service.solvency.reading import Opened, open_book
from techflow_service.solvency.running import Asked, build_world, settle_assumed


@dataclass(frozen=True, slots=True)
class Laid:
    """Loans, both ways to lend, and the book, world and run of the scheme."""

    lent: Lent
    sides: tuple[Side, Side]
    scheme: tuple[Book, World, Run]


def lay_book(
    asked: Experiment,
    priced: pl.DataFrame,
    schemes: tuple[Scheme, Scheme],
    regions: list[str],
    terms: tuple[date, float],
) -> Laid:
    """The priced loans, ready to be drawn.

    Args:
        asked: What to run.
        priced: Result of `compare_offers` with region, sector and amount; no rate is null.
        schemes: Settled, before and after.
        regions: Region codes.
        terms: Legal date and loss given default.

    Raises:
        InvalidInput: No loan can be priced or backed, or the scheme asks what no book holds.
    """
    inside = [
        (priced[f"{word}_plain_rate_pa"] > priced[f"{word}_rate_pa"]).to_numpy() for word in SIDES
    ]
    rows = np.flatnonzero(inside[0] | inside[1])
    if rows.size == 0:
        raise InvalidInput(
            "no firm qualifies and gains by the scheme, before or after the change; the product "
            f"asks it of {priced.height} loans, and the answers are "
            f"{dict(priced['after_answer'].value_counts().iter_rows())}"
        )
    lent = _lent(priced, rows, regions, terms[1])
    opened = [_open(asked, priced[rows], scheme, terms[1]) for scheme in schemes]
    if any(len(one.book.firm) != rows.size for one in opened):
        raise InvalidInput(f"some loans cannot be shared: {opened[0].aside} {opened[1].aside}")
    both = [
        ration(lent, _side(priced, k, rows, (opened[k], schemes[k])), np.array(room))
        for k, room in enumerate(read_capacity(asked.change, word, regions) for word in SIDES)
    ]
    run = Run(1, asked.scenarios_n, asked.seed)
    world = build_world(opened[0], settle_assumed(Asked(terms[0], run, False, {})))
    book = opened[0].book._replace(sector=lent.region[rows])
    return Laid(lent, (both[0], both[1]), (book, world, run))


def _lent(priced: pl.DataFrame, rows: Integers, regions: list[str], lgd: float) -> Lent:
    order = {code: k for k, code in enumerate(regions)}
    region = priced["region_code"].replace_strict(order, return_dtype=pl.Int64).to_numpy()
    backed = np.full(priced.height, -1)
    backed[rows] = np.arange(rows.size)
    decay, start = _curves(priced)
    loss = priced["pd"].to_numpy() * lgd
    return Lent(priced["limit_lcy"].to_numpy(), region, decay, start, loss, backed)


def _side(priced: pl.DataFrame, k: int, rows: Integers, scheme: tuple[Opened, Scheme]) -> Side:
    """Offers of one side; a loan beyond the limits of the scheme stays plain."""
    names = ("plain_rate_pa", "rate_pa", "fee_rate_pa", "public_rate_pa")
    columns = {name: priced[f"{SIDES[k]}_{name}"].to_numpy() for name in names}
    split = scheme[0].book.split
    inside = np.zeros(priced.height, np.bool_)
    inside[rows] = split.in_scope == 1
    inside &= columns["plain_rate_pa"] > columns["rate_pa"]
    return back_only(Side(**columns, inside=inside, split=split, scheme=scheme[1]), inside)


def _open(asked: Experiment, loans: pl.DataFrame, scheme: Scheme, lgd: float) -> Opened:
    """The loans as the scheme sees them; what no book holds is taken from the content."""
    known, facts = asked.model["facts"], facts_needed(scheme)
    if absent := [n for n, kind in facts.items() if kind in ("code", "number") and n not in known]:
        raise InvalidInput(
            f"scheme {scheme.id} looks at {', '.join(absent)}, which no book of firms holds; "
            "give it in models/policy_experiment.toml"
        )
    usual = {"money": pl.col("limit_lcy"), "flag": pl.lit(False)}
    told = {n: usual[kind] if kind in usual else pl.lit(known[n]) for n, kind in facts.items()}
    ids = {f"{scope}_id": pl.col("region_code") for scope in keys_needed(scheme) if scope != "firm"}
    rows = loans.select(
        "firm_id", "pd", sector="sector", region="region_code", lgd=pl.lit(lgd), **told, **ids
    )
    return open_book(rows, asked.folder, scheme, years_n=1)


def _curves(priced: pl.DataFrame) -> tuple[Floats, Floats]:
    """How each firm answers to the rate, by the grade its default probability has."""
    graded = grade_firms(nw.from_native(priced.select("firm_id", "pd").lazy()), load_scale())
    grade: pl.Series = graded.to_native().collect()["grade"]
    curves = load_curves()
    rating = grade.replace_strict(curves.rating_of, default=None)
    if rating.null_count():
        lost = sorted(set(grade.filter(rating.is_null())))
        raise InvalidInput(f"grades {lost} have no curve of take-up (models/cn_loan_churn)")
    return _of_rating(rating, curves, "decay"), _of_rating(rating, curves, "start_rate_pa")


def _of_rating(rating: pl.Series, curves: Any, part: str) -> Floats:
    by = {name: getattr(curve, part) for name, curve in curves.by_rating.items()}
    found: Floats = rating.replace_strict(by, return_dtype=pl.Float64).to_numpy()
    return found
