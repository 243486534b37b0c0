"""The people behind a firm's patents: who stays, and how much hangs on one of them."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio, require_columns


def team_features(inventors: Frame, *, since: date, middle: date, until: date) -> Frame:
    """Stability of the inventors and dependence on one.

    Args:
        inventors: One row per patent and inventor: `firm_id`, `patent_id`, `inventor_id`,
            `filed_on` (date). Repeated rows count once; rows with a null are not counted.
        since: First day of the earlier window.
        middle: First day of the later window.
        until: Last day seen; later filings are ignored.

    Returns:
        One row per firm: `inventors_n` (different, since `since`), `top_inventor_share` (largest
        share of the firm's patents that name one and the same person, 0 to 1) and
        `team_stability_share` (share of the people named in the earlier window who are named
        again in the later one; null if the earlier has none). All null-free but where said; a
        firm without a usable row in the window is not in the result.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Own definitions; key-inventor dependence after Narin and Breitzman 1995, Inventive
        productivity, Research Policy 24(4).

    Examples:
        >>> import polars as pl
        >>> rows = {"firm_id": ["a"] * 3, "patent_id": ["1", "1", "2"],
        ...         "inventor_id": ["x", "y", "x"],
        ...         "filed_on": [date(2019, 1, 1), date(2019, 1, 1), date(2024, 1, 1)]}
        >>> found = team_features(nw.from_native(pl.LazyFrame(rows)), since=date(2018, 1, 1),
        ...                       middle=date(2021, 1, 1), until=date(2024, 6, 30)).collect()
        >>> found["top_inventor_share"][0], found["team_stability_share"][0]
        (1.0, 0.5)
    """
    needed = ("firm_id", "patent_id", "inventor_id", "filed_on")
    require_columns(inventors, needed, needed_by="team_features")
    filed = nw.col("filed_on")
    seen = inventors.filter((filed >= since) & (filed <= until)).drop_nulls(list(needed))
    once = seen.group_by("firm_id", "patent_id", "inventor_id").agg(filed=filed.min())
    late = (nw.col("filed") >= middle).cast(nw.Int64)
    people = (
        once.with_columns(_late=late, _early=1 - late)
        .group_by("firm_id", "inventor_id")
        .agg(_n=nw.len(), _late=nw.col("_late").max(), _early=nw.col("_early").max())
        .with_columns(_stayed=nw.col("_late") * nw.col("_early"))
    )
    firms = people.group_by("firm_id").agg(
        inventors_n=nw.len().cast(nw.Int64),
        _top=nw.col("_n").max(),
        _early=nw.col("_early").sum(),
        _stayed=nw.col("_stayed").sum(),
    )
    patents = once.group_by("firm_id").agg(_patents=nw.col("patent_id").n_unique())
    return firms.join(patents, on="firm_id", how="left").select(
        "firm_id",
        "inventors_n",
        top_inventor_share=ratio(nw.col("_top"), nw.col("_patents")),
        team_stability_share=ratio(nw.col("_stayed"), nw.col("_early")),
    )
