"""Indicators of regions and years from yearbook rows: level, growth, output per unit of money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, ratio, require_columns

KINDS = ("level", "ratio", "growth", "efficiency")
SAME_SHARE = 1e-4
"""Two printings of one number may differ by this share, as rounding does; more is a conflict."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One yearbook variable.

    Attributes:
        id: Column it becomes.
        variable: Name of the variable in the rows.
        unit: Unit of the rows that are meant; rows with another unit are not read.
        factor: From that unit to ours.
    """

    id: str
    variable: str
    unit: str
    factor: float


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is compared between regions.

    Attributes:
        id: Column it becomes.
        kind: `level` (of), `ratio` (of / by), `growth` (of, a year, over `years_n`), or
            `efficiency` (made elsewhere).
        of: Measure.
        by: Measure below the line, for `ratio`.
        years_n: Years of growth.
        scale: Factor of the result.
    """

    id: str
    kind: str
    of: str = ""
    by: str = ""
    years_n: int = 0
    scale: float = 1.0

    @classmethod
    def from_data(cls, name: str, data: Mapping[str, Any]) -> "Indicator":
        """Read one indicator of `region.toml`; words and weights are not its business.

        Raises:
            InvalidInput: The kind is not known, or growth has no years, or a ratio no divisor.
        """
        fields = {key: data[key] for key in ("of", "by", "years_n", "scale") if key in data}
        made = cls(name, data.get("kind", ""), **fields)
        needed = {"level": ("of",), "ratio": ("of", "by"), "growth": ("of", "years_n")}
        absent = [key for key in needed.get(made.kind, ()) if not getattr(made, key)]
        if made.kind not in KINDS or absent:
            raise InvalidInput(
                f"indicator {name}: kind must be one of {KINDS}; got {made.kind!r}"
                + (f" without {', '.join(absent)}" if absent else "")
            )
        return made


def wide_regions(rows: Frame, measures: Sequence[Measure]) -> Frame:
    """One row per region and year, one column per measure.

    Args:
        rows: `region_code`, `year_n`, `variable`, `unit`, `value`.
        measures: What to read.

    Returns:
        `region_code`, `year_n` and the measures. A value that is not there, not finite, or printed
        twice with different numbers is null.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Plain reading.

    Examples:
        >>> import polars as pl
        >>> rows = {"region_code": ["11"], "year_n": [2023], "variable": ["rd"], "unit": ["万元"],
        ...         "value": [2.0]}
        >>> rd = Measure("rd_cny", "rd", "万元", 1e4)
        >>> wide_regions(nw.from_native(pl.LazyFrame(rows)), [rd]).collect()["rd_cny"][0]
        20000.0
    """
    needed = ("region_code", "year_n", "variable", "unit", "value")
    require_columns(rows, needed, needed_by="wide_regions")
    value = nw.col("value").cast(nw.Float64)
    cells = {}
    for m in measures:
        meant = (nw.col("variable") == m.variable) & (nw.col("unit") == m.unit)
        cells[m.id] = nw.when(meant & value.is_finite()).then(value * m.factor)
    names = list(cells)
    ends = (
        rows.with_columns(**cells)
        .group_by("region_code", "year_n")
        .agg(
            **{f"{n}_low": nw.col(n).min() for n in names},
            **{f"{n}_high": nw.col(n).max() for n in names},
        )
    )
    made = {}
    for n in names:
        low, high = nw.col(f"{n}_low"), nw.col(f"{n}_high")
        made[n] = nw.when(high - low <= SAME_SHARE * high.abs()).then(low)
    return ends.select("region_code", "year_n", **made)


def region_indicators(wide: Frame, indicators: Sequence[Indicator]) -> Frame:
    """Indicators beside the measures.

    Args:
        wide: Result of `wide_regions`.
        indicators: What to make; those of kind `efficiency` are left to the caller.

    Returns:
        The same rows plus one column per indicator. Null where a part is unknown, where the
        divisor is 0, where the year that growth starts from is not there, or where growth starts
        or ends at 0 or below.

    Raises:
        MissingColumn: A measure is absent.

    Source:
        Plain ratios; growth is the compound rate a year.

    Examples:
        >>> import polars as pl
        >>> rows = {"region_code": ["11", "11"], "year_n": [2021, 2023], "n": [100.0, 121.0]}
        >>> grown = region_indicators(
        ...     nw.from_native(pl.LazyFrame(rows)), [Indicator("g_rate_pa", "growth", "n", "", 2)])
        >>> grown.collect().sort("year_n")["g_rate_pa"].round(9).to_list()
        [None, 0.1]
    """
    plain = [i for i in indicators if i.kind in ("level", "ratio")]
    grown = [i for i in indicators if i.kind == "growth"]
    parts = {part for i in (*plain, *grown) for part in (i.of, i.by) if part}
    require_columns(wide, {"region_code", "year_n", *parts}, needed_by="region_indicators")
    for i in grown:
        wide = _with_growth(wide, i)
    made = {}
    for i in plain:
        of = nw.col(i.of).cast(nw.Float64)
        made[i.id] = (ratio(of, nw.col(i.by)) if i.kind == "ratio" else of) * i.scale
    return wide.with_columns(**made) if made else wide


def _with_growth(wide: Frame, indicator: Indicator) -> Frame:
    before = wide.select(
        "region_code",
        year_n=nw.col("year_n") + indicator.years_n,
        _before=nw.col(indicator.of).cast(nw.Float64),
    )
    joined = wide.join(before, on=["region_code", "year_n"], how="left")
    now, then = nw.col(indicator.of).cast(nw.Float64), nw.col("_before")
    powered = (now / nw.when((then > 0) & (now > 0)).then(then)) ** (1.0 / indicator.years_n)
    return joined.with_columns(**{indicator.id: (powered - 1.0) * indicator.scale}).drop("_before")
