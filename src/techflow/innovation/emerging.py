"""Which fields emerge: the years of a window, four tests, and what it means for a sector."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, ratio, require_columns
from techflow.basics.lines import known

TESTED = ("applications_n", "growth_chance", "entrant_share", "applicant_hhi_share")


@dataclass(frozen=True, slots=True)
class EmergingTerms:
    """When a field is said to emerge.

    Attributes:
        id: Stable id.
        mark: `proposal` until outcomes have tested it.
        window_years_n: Complete years looked at, 3 or more.
        history_years_n: Years of history before anyone is called a newcomer.
        applications_n_min: Fewest applications in the window.
        growth_log_pa_min: Growth beside all fields, per year, in logarithms.
        growth_chance_min: Least chance that the field grows faster than that, 0 to 1.
        entrant_share_min: Least share of newcomers, 0 to 1.
        hhi_share_max: Greatest concentration of applicants, 0 to 1.
    """

    id: str
    mark: str
    window_years_n: int
    history_years_n: int
    applications_n_min: int
    growth_log_pa_min: float
    growth_chance_min: float
    entrant_share_min: float
    hhi_share_max: float

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "EmergingTerms":
        """Read `emerging_fields.toml`.

        Raises:
            InvalidInput: The window is too short or a share is outside 0 to 1.
        """
        shares = ("growth_chance_min", "entrant_share_min", "hhi_share_max")
        wrong = [name for name in shares if not 0.0 <= data[name] <= 1.0]
        if wrong or data["window_years_n"] < 3:
            raise InvalidInput(
                f"{data['id']}: window_years_n must be 3 or more and shares 0 to 1; "
                f"got {data['window_years_n']}, { ({name: data[name] for name in wrong}) }"
            )
        return cls(**{name: data[name] for name in cls.__dataclass_fields__})


def count_names(years_n: int) -> list[str]:
    """Columns of `field_window` with the counts of each year, the last year last."""
    return [f"applications_{place}_n" for place in range(years_n)]


def field_window(cells: Frame, *, until_year: int, years_n: int) -> Frame:
    """Fields over a window of complete years.

    Args:
        cells: Result of `techflow.innovation.fields.field_years`.
        until_year: Last year of the window, complete.
        years_n: Years of the window.

    Returns:
        One row per field with an application in the window: `applications_n`; the counts of each
        year in `count_names`, 0 where there was none; `entrant_share` and `applicant_hhi_share`,
        means over the years in which they are known, weighted by applications; else null.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Plain sums.

    Examples:
        >>> import polars as pl
        >>> rows = {"field": ["a", "a"], "year_n": [2020, 2022], "applications_n": [1, 3],
        ...         "entrant_share": [1.0, 0.5], "applicant_hhi_share": [None, 0.25]}
        >>> found = field_window(nw.from_native(pl.LazyFrame(rows)), until_year=2022, years_n=3)
        >>> found.select("applications_1_n", "entrant_share").collect().row(0)
        (0, 0.625)
    """
    means = ("entrant_share", "applicant_hhi_share")
    needed = ("field", "year_n", "applications_n", *means)
    require_columns(cells, needed, needed_by="field_window")
    year, count = nw.col("year_n"), nw.col("applications_n")
    seen = cells.filter((year > until_year - years_n) & (year <= until_year)).drop_nulls(
        "applications_n"
    )
    names = count_names(years_n)
    first = until_year - years_n + 1
    split = seen.with_columns(
        **{n: nw.when(year == first + k).then(count).otherwise(0) for k, n in enumerate(names)},
        **{f"_{n}_weight": nw.when(~nw.col(n).is_null()).then(count) for n in means},
        **{f"_{n}": nw.col(n) * count for n in means},
    )
    made = [f"_{n}{end}" for n in means for end in ("", "_weight")]
    fields = split.group_by("field").agg(
        nw.col("applications_n", *names).sum().cast(nw.Int64), nw.col(*made).sum()
    )
    return fields.select(
        "field",
        "applications_n",
        *names,
        **{n: ratio(nw.col(f"_{n}"), nw.col(f"_{n}_weight").fill_null(0)) for n in means},
    )


def flag_emerging(fields: Frame, terms: EmergingTerms) -> Frame:
    """Say of each field whether it emerges: yes, no, or unknown.

    Args:
        fields: One row per field with the columns of `TESTED`; `growth_chance` is that of
            `techflow.innovation.growth.chance_above` at `growth_log_pa_min`.
        terms: The bounds.

    Returns:
        The same rows plus `ok_size`, `ok_growth`, `ok_entrants`, `ok_open` and `emerging`, their
        conjunction: false if one is false, else null if one is unknown.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Fast growth and newcomers are two of the five attributes of Rotolo, Hicks and Martin 2015,
        What is an emerging technology?, Research Policy 44(10); bounds are proposals.

    Examples:
        >>> import polars as pl
        >>> terms = EmergingTerms("x", "proposal", 5, 5, 20, 0.05, 0.95, 0.3, 0.25)
        >>> rows = {"applications_n": [50], "growth_chance": [0.99], "entrant_share": [0.5],
        ...         "applicant_hhi_share": [0.1]}
        >>> flag_emerging(nw.from_native(pl.LazyFrame(rows)), terms).collect()["emerging"][0]
        True
    """
    require_columns(fields, TESTED, needed_by=terms.id)
    tests = {
        "ok_size": known("applications_n") >= terms.applications_n_min,
        "ok_growth": known("growth_chance") >= terms.growth_chance_min,
        "ok_entrants": known("entrant_share") >= terms.entrant_share_min,
        "ok_open": known("applicant_hhi_share") <= terms.hhi_share_max,
    }
    return fields.with_columns(**tests).with_columns(
        emerging=nw.all_horizontal(*tests, ignore_nulls=False)
    )


def sector_overlay(fields: Frame, links: Frame, *, basis: str) -> Frame:
    """Growth of the fields of each sector, for the reader of a price or a portfolio.

    It is informational. Growth of fields added nothing we could see to ratings and no set tests it
    on defaults (docs/fields.md), so there is no factor on a default probability or a correlation,
    and none may be made of the rank.

    Args:
        fields: One row per field: `field`, `applications_n`, `growth_log_pa`, `growth_se`.
        links: `field`, `sector`, `share` (part of the field's applications that belong to the
            sector, 0 to 1); a concordance of the user's.
        basis: What the overlay rests on, from the content file.

    Returns:
        One row per sector with a linked field: `applications_n` (weighted), `growth_log_pa` (mean
        weighted by applications), `growth_se` (fields taken as independent), `growth_rank_n` (1
        the fastest; ties share the best), `pd_factor` (null: not shown) and `overlay_basis`.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Weighted mean; field-to-industry shares after Schmoch et al. 2003, Linking Technology
        Areas to Industrial Sectors, report to the European Commission.

    Examples:
        >>> import polars as pl
        >>> fields = {"field": ["a", "b"], "applications_n": [30, 10],
        ...           "growth_log_pa": [0.1, -0.1], "growth_se": [0.0, 0.0]}
        >>> links = {"field": ["a", "b"], "sector": ["s", "s"], "share": [1.0, 1.0]}
        >>> found = sector_overlay(*(nw.from_native(pl.LazyFrame(t)) for t in (fields, links)),
        ...                        basis="informational").collect()
        >>> round(found["growth_log_pa"][0], 9), found["pd_factor"][0]
        (0.05, None)
    """
    numbers = ("applications_n", "growth_log_pa", "growth_se")
    require_columns(fields, ("field", *numbers), needed_by="sector_overlay")
    require_columns(links, ("field", "sector", "share"), needed_by="sector_overlay")
    grown = fields.drop_nulls(list(numbers)).select("field", *numbers)
    joined = links.drop_nulls(["field", "sector", "share"]).join(grown, on="field", how="inner")
    weight = nw.col("share") * nw.col("applications_n")
    error = weight * nw.col("growth_se")
    parts = joined.with_columns(
        _w=weight, _growth=weight * nw.col("growth_log_pa"), _square=error * error
    )
    sectors = parts.group_by("sector").agg(nw.col("_w", "_growth", "_square").sum())
    told = sectors.select(
        "sector",
        applications_n=nw.col("_w"),
        growth_log_pa=ratio(nw.col("_growth"), nw.col("_w")),
        growth_se=ratio(nw.col("_square").sqrt(), nw.col("_w")),
    )
    ranked = told.with_columns(_fall=0.0 - nw.col("growth_log_pa"), _one=nw.lit(1))
    return ranked.with_columns(
        growth_rank_n=nw.col("_fall").rank("min").over("_one").cast(nw.Int64),
        pd_factor=nw.lit(None).cast(nw.Float64),
        overlay_basis=nw.lit(basis),
    ).drop("_fall", "_one")
