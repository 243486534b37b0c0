"""Independent controllability: whose technology it is, and who else must agree to its use."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio, require_columns

RIGHTS = ("owned", "co_owned", "licensed_in")
"""Ways a firm may hold the right to a core patent."""


def control_features(rights: Frame) -> Frame:
    """Owned and licensed-in share of a firm's core patents.

    Args:
        rights: One row per firm and patent: `firm_id`, `right` (one of `RIGHTS`; anything else
            is unknown), `is_core` (true if the main product rests on it; null if unknown).

    Returns:
        One row per firm: `core_patents_n` (core with a known right), `owned_core_share` and
        `licensed_in_core_share` of those, 0 to 1. The shares are null, never 0, if no core
        patent has a known right; co-ownership is in neither.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Own definition; the split of rights follows the Patent Law of China (2020), articles 12
        (licence) and 14 (co-owners).

    Examples:
        >>> import polars as pl
        >>> rows = {"firm_id": ["a", "a"], "right": ["owned", "licensed_in"],
        ...         "is_core": [True, True]}
        >>> found = control_features(nw.from_native(pl.LazyFrame(rows))).collect()
        >>> found["owned_core_share"][0], found["licensed_in_core_share"][0]
        (0.5, 0.5)
    """
    require_columns(rights, ("firm_id", "right", "is_core"), needed_by="control_features")
    core = nw.col("is_core").fill_null(value=False)
    told = core & nw.col("right").fill_null("").is_in(RIGHTS)
    flags = {right: (told & (nw.col("right") == right)) for right in ("owned", "licensed_in")}
    flagged = rights.with_columns(
        _told=told.cast(nw.Int64),
        **{
            f"_{name}": nw.when(flag).then(nw.lit(1)).otherwise(nw.lit(0))
            for name, flag in flags.items()
        },
    )
    firms = flagged.group_by("firm_id").agg(
        nw.col("_told", "_owned", "_licensed_in").sum().cast(nw.Int64)
    )
    return firms.select(
        "firm_id",
        core_patents_n=nw.col("_told"),
        owned_core_share=ratio(nw.col("_owned"), nw.col("_told")),
        licensed_in_core_share=ratio(nw.col("_licensed_in"), nw.col("_told")),
    )


def supply_features(supplies: Frame, *, home: str) -> Frame:
    """Share of a firm's purchases that comes from abroad.

    Args:
        supplies: `firm_id`, `supplier_country` (ISO 3166-1 alpha-2, null if unknown),
            `amount_cny` (above 0; others are not counted).
        home: Country of the firm, such as `CN`.

    Returns:
        One row per firm: `foreign_supplier_share` of the amount with a known country, 0 to 1,
        and `supplier_country_known_share`, that part of all amounts; null where there is none.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Own definition.

    Examples:
        >>> import polars as pl
        >>> rows = {"firm_id": ["a"] * 3, "supplier_country": ["CN", "JP", None],
        ...         "amount_cny": [3.0, 1.0, 4.0]}
        >>> found = supply_features(nw.from_native(pl.LazyFrame(rows)), home="CN").collect()
        >>> found["foreign_supplier_share"][0], found["supplier_country_known_share"][0]
        (0.25, 0.5)
    """
    needed = ("firm_id", "supplier_country", "amount_cny")
    require_columns(supplies, needed, needed_by="supply_features")
    country = nw.col("supplier_country")
    amount = nw.when(nw.col("amount_cny") > 0.0).then(nw.col("amount_cny").cast(nw.Float64))
    split = supplies.with_columns(
        _all=amount,
        _told=nw.when(~country.is_null()).then(amount),
        _abroad=nw.when(country != home).then(amount),
    )
    firms = split.group_by("firm_id").agg(nw.col("_all", "_told", "_abroad").sum())
    told = nw.col("_told").fill_null(0.0)
    return firms.select(
        "firm_id",
        foreign_supplier_share=ratio(nw.col("_abroad").fill_null(0.0), told),
        supplier_country_known_share=ratio(told, nw.col("_all")),
    )
