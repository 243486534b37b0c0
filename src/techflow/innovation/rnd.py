"""R&D of a firm from its years: how much, and where it is going."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio, require_columns


def rnd_features(years: Frame, *, until_year: int, years_n: int = 5) -> Frame:
    """R&D intensity and its trend.

    Args:
        years: One row per `firm_id` and `year_n`, with `rnd_cny` and `revenue_cny` of the year.
        until_year: Last year seen; later ones are ignored.
        years_n: How many years back the trend looks, `until_year` included; 3 or more.

    Returns:
        One row per firm with a year seen: `rnd_share` (R&D to revenue of its last year seen; null
        if unknown or revenue is not above 0) and `rnd_share_trend_pa` (least-squares slope of
        that share on the year, in share a year; null with fewer than three known years).

    Raises:
        MissingColumn: A column is absent.

    Source:
        R&D intensity: OECD Frascati Manual 2015, ch. 1. Slope: Legendre 1805.

    Examples:
        >>> import polars as pl
        >>> rows = {"firm_id": ["a"] * 3, "year_n": [2021, 2022, 2023],
        ...         "rnd_cny": [2.0, 4.0, 6.0], "revenue_cny": [100.0] * 3}
        >>> found = rnd_features(nw.from_native(pl.LazyFrame(rows)), until_year=2023).collect()
        >>> found["rnd_share"][0], round(found["rnd_share_trend_pa"][0], 9)
        (0.06, 0.02)
    """
    needed = ("firm_id", "year_n", "rnd_cny", "revenue_cny")
    require_columns(years, needed, needed_by="rnd_features")
    revenue = nw.when(nw.col("revenue_cny") > 0.0).then(nw.col("revenue_cny"))
    seen = years.filter(nw.col("year_n") <= until_year).with_columns(
        _share=ratio(nw.col("rnd_cny"), revenue),
        _last=nw.col("year_n").max().over("firm_id"),
        _x=(nw.col("year_n") - until_year).cast(nw.Float64),
    )
    share = nw.col("_share")
    used = ~share.is_null() & (nw.col("_x") > -years_n)
    x = nw.when(used).then(nw.col("_x"))
    terms = seen.with_columns(
        _now=nw.when(nw.col("year_n") == nw.col("_last")).then(share),
        _x=x,
        _xx=x * x,
        _y=nw.when(used).then(share),
        _xy=x * share,
    )
    sums = {f"{name}_sum": nw.col(name).sum() for name in ("_x", "_xx", "_y", "_xy")}
    firms = terms.group_by("firm_id").agg(
        rnd_share=nw.col("_now").max(), _n=nw.col("_x").count(), **sums
    )
    n = nw.col("_n").cast(nw.Float64)
    x_sum, y_sum = nw.col("_x_sum"), nw.col("_y_sum")
    spread = nw.when(n >= 3.0).then(n * nw.col("_xx_sum") - x_sum * x_sum)
    slope = ratio(n * nw.col("_xy_sum") - x_sum * y_sum, spread)
    return firms.with_columns(rnd_share_trend_pa=slope).select(
        "firm_id", "rnd_share", "rnd_share_trend_pa"
    )
