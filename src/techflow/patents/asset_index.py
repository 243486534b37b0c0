"""Patent Asset Index: how much a family is cited, how large a market it covers, and the product."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, ratio, require_columns
from techflow.basics.lines import known

COHORT = ("field", "filing_year_n")
STATES = ("in_force", "pending")
"""States of a member of a family that protect a market; anything else protects none."""


def technology_relevance(families: Frame, *, cohort_n_min: int) -> Frame:
    """Citations of each family beside the mean of its field and age.

    Args:
        families: One row per family: `field` (text), `filing_year_n` (integer),
            `forward_citations_n` (0 or more; null or not finite means unknown). Counts of one
            cohort must have been collected up to one day.
        cohort_n_min: Fewest families of the cohort with a known count, 2 or more.

    Returns:
        The same rows plus `technology_relevance_ratio`, 1 for the mean of the cohort; null if
        the count, the field or the year is unknown, the cohort is too small, or nobody in it is
        cited.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: `cohort_n_min` is below 2.

    Source:
        Ernst and Omland 2011, The Patent Asset Index, World Patent Information 33(1), technology
        relevance. The offices' own habits of citing are left to the choice of `field`.

    Examples:
        >>> import polars as pl
        >>> rows = {"field": ["H"] * 2, "filing_year_n": [2010] * 2, "forward_citations_n": [1, 3]}
        >>> found = technology_relevance(nw.from_native(pl.LazyFrame(rows)), cohort_n_min=2)
        >>> sorted(found.collect()["technology_relevance_ratio"].to_list())
        [0.5, 1.5]
    """
    needed = (*COHORT, "forward_citations_n")
    require_columns(families, needed, needed_by="technology_relevance")
    if cohort_n_min < 2:
        raise InvalidInput(f"cohort_n_min must be 2 or more; got {cohort_n_min}")
    number = known("forward_citations_n")
    counted = families.with_columns(_n=nw.when(number >= 0.0).then(number))
    cohorts = counted.group_by(*COHORT).agg(_known=nw.col("_n").count(), _sum=nw.col("_n").sum())
    # A join leaves cohorts of an unknown field or year without a mean.
    joined = counted.join(cohorts, on=list(COHORT), how="left")
    enough = nw.when(nw.col("_known") >= cohort_n_min).then(nw.col("_known"))
    relevance = ratio(nw.col("_n"), ratio(nw.col("_sum"), enough))
    return joined.with_columns(technology_relevance_ratio=relevance).drop("_n", "_known", "_sum")


def market_coverage(members: Frame, markets: Frame, *, base: str, pending_share: float) -> Frame:
    """Size of the markets a family protects, beside one market.

    Args:
        members: One row per member of a family: `family_id`, `country` (ISO 3166-1 alpha-2),
            `state` (one of `STATES`; null or another word protects nothing). A country counts
            once, by its best state.
        markets: One row per country: `country`, `gni_usd` (above 0), all of one year.
        base: The market that counts 1, such as `US`.
        pending_share: What a pending application counts beside a patent in force, 0 to 1.

    Returns:
        One row per family with a member: `family_id`, `market_coverage_ratio` (0 if nothing
        protects any more) and `markets_unknown_n`, protected countries of unknown size. With
        such a country the coverage is null, because it would be too low; it is null for all if
        the size of `base` is unknown.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: `pending_share` is outside 0 to 1.

    Source:
        Ernst and Omland 2011, market coverage: gross national income of the countries with
        protection, the United States taken as 1.

    Examples:
        >>> import polars as pl
        >>> members = {"family_id": ["f", "f"], "country": ["US", "CN"],
        ...            "state": ["in_force", "pending"]}
        >>> markets = {"country": ["US", "CN"], "gni_usd": [20.0, 10.0]}
        >>> found = market_coverage(*(nw.from_native(pl.LazyFrame(t)) for t in (members, markets)),
        ...                         base="US", pending_share=0.5).collect()
        >>> found["market_coverage_ratio"][0]
        1.25
    """
    require_columns(members, ("family_id", "country", "state"), needed_by="market_coverage")
    require_columns(markets, ("country", "gni_usd"), needed_by="market_coverage")
    if not 0.0 <= pending_share <= 1.0:
        raise InvalidInput(f"pending_share must be in 0 to 1; got {pending_share}")
    state, size = nw.col("state"), known("gni_usd")
    weight = (
        nw.when(state == "in_force")
        .then(nw.lit(1.0))
        .otherwise(nw.when(state == "pending").then(nw.lit(pending_share)).otherwise(nw.lit(0.0)))
    )
    best = members.with_columns(_w=weight).group_by("family_id", "country").agg(nw.col("_w").max())
    sizes = markets.with_columns(_size=nw.when(size > 0.0).then(size))
    one = sizes.group_by("country").agg(nw.col("_size").max())
    unit = nw.when(nw.col("country") == base).then(nw.col("_size"))
    scale = one.with_columns(_unit=unit, _one=nw.lit(1))
    scaled = scale.with_columns(_base=nw.col("_unit").max().over("_one"))
    joined = best.join(scaled.select("country", "_size", "_base"), on="country", how="left")
    share = ratio(nw.col("_size"), nw.col("_base"))
    protects = nw.col("_w") > 0.0
    parts = joined.with_columns(
        _part=nw.when(protects).then(nw.col("_w") * share).otherwise(nw.lit(0.0)),
        _lost=nw.when(protects & share.is_null()).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    families = parts.group_by("family_id").agg(
        _sum=nw.col("_part").sum(), markets_unknown_n=nw.col("_lost").sum().cast(nw.Int64)
    )
    told = nw.when(nw.col("markets_unknown_n") == 0).then(nw.col("_sum"))
    return families.with_columns(market_coverage_ratio=told).select(
        "family_id", "market_coverage_ratio", "markets_unknown_n"
    )


def patent_asset_index(families: Frame) -> Frame:
    """Patent Asset Index of each firm: the sum of the competitive impact of its families.

    Args:
        families: One row per firm and family: `firm_id`, `technology_relevance_ratio`,
            `market_coverage_ratio`; null means unknown. A family without protection has
            coverage 0 and impact 0, whatever its relevance.

    Returns:
        One row per firm: `families_n` (all), `families_rated_n` (with an impact),
        `patent_asset_index` (sum of relevance times coverage over the rated) and
        `competitive_impact_ratio` (its mean over the rated that protect a market); each null if
        there is none. The index counts rated families only: read it beside both counts.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Ernst and Omland 2011: competitive impact is technology relevance times market coverage,
        the index its sum over the portfolio.

    Examples:
        >>> import polars as pl
        >>> rows = {"firm_id": ["a", "a"], "technology_relevance_ratio": [2.0, 0.5],
        ...         "market_coverage_ratio": [1.5, 1.0]}
        >>> found = patent_asset_index(nw.from_native(pl.LazyFrame(rows))).collect()
        >>> found["patent_asset_index"][0], found["competitive_impact_ratio"][0]
        (3.5, 1.75)
    """
    parts = ("technology_relevance_ratio", "market_coverage_ratio")
    require_columns(families, ("firm_id", *parts), needed_by="patent_asset_index")
    relevance, coverage = (known(name) for name in parts)
    # No protection, no impact, however little is known of citations.
    impact = nw.when(coverage == 0.0).then(nw.lit(0.0)).otherwise(relevance * coverage)
    each = families.with_columns(_impact=impact, _live=nw.when(coverage > 0.0).then(impact))
    firms = each.group_by("firm_id").agg(
        families_n=nw.len().cast(nw.Int64),
        families_rated_n=nw.col("_impact").count().cast(nw.Int64),
        _sum=nw.col("_impact").sum(),
        _live_n=nw.col("_live").count(),
    )
    rated = nw.col("families_rated_n") > 0
    return firms.with_columns(
        patent_asset_index=nw.when(rated).then(nw.col("_sum")),
        competitive_impact_ratio=ratio(nw.col("_sum"), nw.col("_live_n")),
    ).drop("_sum", "_live_n")
