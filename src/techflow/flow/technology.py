"""Technology flow of each firm from its records, and what its patents and their pledge rest on."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio
from techflow.flow.facts import newest_declarations, patents_in_force
from techflow.flow.lending import STATEMENT_FRESH_DAYS
from techflow.innovation import (
    FlowModel,
    flow_peers,
    peer_medians,
    rnd_features,
    technology_flow,
)
from techflow.profile import days_since
from techflow.schema import DERIVED
from techflow.schema.technology import DIMENSIONS

TECHNOLOGY_REVENUE = "hightech_revenue_y0_cny"
"""The declared fact that says how much revenue rests on the firm's technology."""
ROYALTY = "royalty_rate"
STATED_COLUMNS = ("stated_share", "stated_n", "stated_cny")
DAYS_PER_YEAR = 365.25
DIVISION_CHARS = 3
"""A letter and two digits of GB/T 4754: the field in which firms are peers."""
PEER_MEDIANS = {f"flow_{name}_points": f"flow_peer_{name}_points" for name in DIMENSIONS}
"""Points of a dimension -> column of their median among the peers."""
LATER = (
    *PEER_MEDIANS.values(),
    *("flow_peers_n", "flow_peer_rank_share", "haircut_share", "loan_to_value_share"),
    *("pledge_value_cny", "pledge_reason_code"),
)
"""What needs the whole book or the default probability, and is added last."""


def rate_technology(
    seen: Mapping[str, Frame], profiles: Frame, *, model: FlowModel, as_of: date
) -> Frame:
    """Technology flow of each firm.

    An item comes from the profile or the records; what no record holds may be declared under the
    item's name in the table `declaration`. What nobody says is unknown.

    Args:
        seen: Result of `see_records`.
        profiles: Result of `profile_records` on them.
        model: Dimensions, stages, weights, levels.
        as_of: The same day.

    Returns:
        One row per firm: `firm_id`, `industry_code`, `stated_technology_revenue_cny`,
        `stated_royalty_rate` and the columns that `technology_flow` adds.
    """
    known = profiles
    for part in (_trend(seen, profiles, as_of), _utility_models(seen)):
        known = known if part is None else known.join(part, on="firm_id", how="left")
    wanted = (*(item.name for item in model.items), TECHNOLOGY_REVENUE, ROYALTY)
    stated = _stated(seen, wanted, as_of)
    if stated is not None:
        known = known.join(stated, on="firm_id", how="left")
    have = set(known.collect_schema().names())
    rated = technology_flow(_items(known, have, model, as_of), model=model)
    flow = [name for name in rated.collect_schema().names() if name.startswith("flow_")]
    kept = ("firm_id", "industry_code", "stated_technology_revenue_cny", "stated_royalty_rate")
    return rated.select(*kept, *flow)


def firm_patents(
    seen: Mapping[str, Frame],
    rated: Frame,
    *,
    royalties: Sequence[Mapping[str, Any]],
    as_of: date,
) -> Frame:
    """The patents in force of each firm, with the revenue and the royalty rate they are valued at.

    Every patent in force has an equal part of the firm's technology revenue: no record says which
    product rests on which patent.

    Args:
        seen: Result of `see_records`.
        rated: Result of `rate_technology`.
        royalties: In order: `pattern` of the industry code, `range` (5 % and 95 % quantile).
        as_of: The same day.

    Returns:
        One row per patent in force: `firm_id`, `patent_id`, `patent_kind`, `kind`, `filed_on`,
        `patents_in_force_n`, `technology_revenue_cny`, `revenue_cny` (its part), `royalty_low`,
        `royalty_high`, `royalty_basis`.
    """
    if "patent" not in seen:
        return _nothing(rated)
    owned = patents_in_force(seen, as_of=as_of)
    counted = owned.with_columns(patents_in_force_n=nw.len().over("firm_id"))
    rates = rated.select(
        "firm_id",
        technology_revenue_cny=nw.col("stated_technology_revenue_cny"),
        royalty_low=_royalty(royalties, 0),
        royalty_high=_royalty(royalties, 1),
        royalty_basis=nw.when(~nw.col("stated_royalty_rate").is_null())
        .then(nw.lit("declared"))
        .otherwise(nw.lit("industry")),
    )
    joined = counted.join(rates, on="firm_id", how="inner")
    utility = nw.col("patent_kind") == "utility"
    return joined.with_columns(
        kind=nw.when(utility).then(nw.lit("utility_model")).otherwise(nw.col("patent_kind")),
        revenue_cny=nw.col("technology_revenue_cny") / nw.col("patents_in_force_n"),
    ).select(*PATENT_COLUMNS)


PATENT_COLUMNS = (
    *("firm_id", "patent_id", "patent_kind", "kind", "filed_on", "patents_in_force_n"),
    *("technology_revenue_cny", "revenue_cny", "royalty_low", "royalty_high", "royalty_basis"),
)


def value_technology(rated: Frame, drawn: Frame) -> Frame:
    """The technology flow with the value of the firm's patents, or why there is none.

    Args:
        rated: Result of `rate_technology`.
        drawn: One row per firm with a patent in force: `firm_id` and the other columns of the
            table `technology` that come from `firm_patents` and the draws.

    Returns:
        The columns of the table `technology` of the dictionary, those of `LATER` null.
    """
    table = DERIVED["technology"]
    joined = rated.join(drawn, on="firm_id", how="left")
    reason = (
        nw.when(nw.col("patents_in_force_n").is_null())
        .then(nw.lit("no_patent"))
        .otherwise(
            nw.when(nw.col("patent_value_median_cny").is_null()).then(
                nw.lit("no_technology_revenue")
            )
        )
    )
    later = {name: nw.lit(None, table.column(name).dtype) for name in LATER}
    return joined.with_columns(patent_value_reason_code=reason, **later).select(*table.names)


def compare_technology(firms: Frame, *, peers_n_min: int, year_n: int) -> Frame:
    """Where each firm stands among its peers of the whole book.

    Args:
        firms: Rows with `industry_code`, `flow_score` and the points of each dimension.
        peers_n_min: As in `flow_peers` and `peer_medians`.
        year_n: Year of the assessment.

    Returns:
        The same rows plus `flow_peers_n`, `flow_peer_rank_share` and the peers' median points of
        each dimension.
    """
    placed = firms.with_columns(
        field=nw.col("industry_code").str.slice(0, DIVISION_CHARS), year_n=nw.lit(year_n)
    )
    ranked = flow_peers(placed, peers_n_min=peers_n_min)
    told = peer_medians(ranked, columns=PEER_MEDIANS, peers_n_min=peers_n_min)
    return told.drop("field", "year_n")


def _items(known: Frame, have: set[str], model: FlowModel, as_of: date) -> Frame:
    """Each item from its record, else as declared."""
    columns = {}
    for item in model.items:
        names = [name for name in (item.name, f"stated_{item.name}") if name in have]
        values = [nw.col(name).cast(nw.Float64) for name in names]
        columns[item.name] = nw.coalesce(*values) if values else nw.lit(None, nw.Float64)
    revenue = nw.when(nw.col("statement_currency") == "CNY").then(nw.col("revenue_lcy"))
    declared = _column(have, f"stated_{TECHNOLOGY_REVENUE}")
    share = ratio(declared, nw.when(revenue > 0.0).then(revenue)).clip(0.0, 1.0)
    columns["tech_revenue_share"] = nw.coalesce(columns["tech_revenue_share"], share)
    return known.with_columns(
        age_years=days_since(nw.col("founded_on"), as_of) / DAYS_PER_YEAR,
        revenue_cny=revenue,
        stated_technology_revenue_cny=_supported(declared, revenue),
        stated_royalty_rate=_column(have, f"stated_{ROYALTY}"),
        **columns,
    )


def _supported(declared: nw.Expr, revenue: nw.Expr) -> nw.Expr:
    """What was declared, but no more than fresh accounts and the invoices of a year show."""
    fresh = nw.when(nw.col("statement_age_days") <= STATEMENT_FRESH_DAYS).then(revenue)
    sold = nw.when(nw.col("trade_currency") == "CNY").then(nw.col("sales_12m_lcy"))
    least = nw.min_horizontal(declared, fresh, sold).clip(lower_bound=0.0)
    return nw.when(~declared.is_null()).then(least)


def _column(have: set[str], name: str) -> nw.Expr:
    return nw.col(name) if name in have else nw.lit(None, nw.Float64)


def _trend(seen: Mapping[str, Frame], profiles: Frame, as_of: date) -> Frame | None:
    """Where R&D intensity is going, from accounts of the basis that the profile rests on."""
    if "statement" not in seen:
        return None
    chosen = profiles.select("firm_id", nw.col("statement_basis").alias("basis"))
    rows = seen["statement"].join(chosen, on=["firm_id", "basis"], how="semi")
    years = rows.filter(nw.col("months_n").fill_null(12) == 12).select(
        "firm_id",
        year_n=nw.col("period_end_on").dt.year(),
        rnd_cny=nw.col("rnd_expense_lcy"),
        revenue_cny=nw.col("revenue_lcy"),
    )
    return rnd_features(years, until_year=as_of.year).select("firm_id", "rnd_share_trend_pa")


def _utility_models(seen: Mapping[str, Frame]) -> Frame | None:
    if "patent" not in seen:
        return None
    utility = (nw.col("patent_kind") == "utility").fill_null(False)
    return seen["patent"].group_by("firm_id").agg(utility_models_n=utility.cast(nw.Int64).sum())


def _stated(seen: Mapping[str, Frame], names: Sequence[str], as_of: date) -> Frame | None:
    """The latest fresh declaration of each item, whichever column holds it."""
    newest = newest_declarations(seen, as_of=as_of)
    if newest is None:
        return None
    rows = newest.filter(nw.col("fact").is_in(names)).with_columns(
        _stated=nw.coalesce(*(nw.col(name).cast(nw.Float64) for name in STATED_COLUMNS))
    )
    stated = {
        f"stated_{name}": nw.when(nw.col("fact") == name).then(nw.col("_stated")).max()
        for name in names
    }
    return rows.group_by("firm_id").agg(**stated)


def _royalty(royalties: Sequence[Mapping[str, Any]], end: int) -> nw.Expr:
    """End of the range of the firm's industry; its own rate where it declares one."""
    industry = nw.col("industry_code").fill_null("")
    ranges = [
        nw.when(industry.str.contains(one["pattern"])).then(nw.lit(float(one["range"][end])))
        for one in royalties
    ]
    return nw.coalesce(nw.col("stated_royalty_rate"), *ranges)


def _nothing(rated: Frame) -> Frame:
    """No patents, with the columns of some."""
    types: dict[str, Any] = {"patents_in_force_n": nw.Int64, "filed_on": nw.Date}
    texts = ("patent_id", "patent_kind", "kind", "royalty_basis")
    columns = {
        name: nw.lit(None, types.get(name, nw.String if name in texts else nw.Float64))
        for name in PATENT_COLUMNS[1:]
    }
    return rated.filter(nw.col("firm_id").is_null()).select("firm_id", **columns)
