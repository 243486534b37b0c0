"""Fields of the applications of a file: roll-up, growth, rank, flag."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow.innovation.emerging import (
    EmergingTerms,
    count_names,
    field_window,
    flag_emerging,
    sector_overlay,
)
from techflow.innovation.fields import field_years, last_complete_year
from techflow.innovation.growth import FieldGrowth, chance_above, field_growth, growth_ranks
from techflow_service.models import read_model

Z_90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of the file holds what; `length` cuts field codes, None leaves them."""

    field: str
    patent: str = "patent_id"
    applicant: str = "applicant_id"
    filed: str = "filed_on"
    published: str = "published_on"
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields by rank, their years, the window, and columns the file lacks."""

    fields: pl.DataFrame
    years: pl.DataFrame
    since_year: int
    until_year: int
    all_log_pa: float
    absent: tuple[str, ...]


def read_emerging() -> dict[str, Any]:
    """Bounds, lag and words of emerging fields."""
    return read_model("emerging_fields.toml")


def read_applications(rows: pl.DataFrame, columns: Columns) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Rows as `field_years` wants them, and the optional columns that are not there.

    Args:
        rows: The file. A cell of the field may hold several codes, as a list or split by `;`.
        columns: Which column holds what.

    Raises:
        MissingColumn: There is no field, patent or filing date.
    """
    needed = (columns.field, columns.patent, columns.filed)
    lost = [name for name in needed if name not in rows.columns]
    if lost:
        raise MissingColumn(
            f"innovation fields needs {', '.join(lost)}; got {', '.join(rows.columns)}; "
            "name the columns with --field, --patent and --filed"
        )
    optional = (columns.applicant, columns.published)
    absent = tuple(name for name in optional if name not in rows.columns)
    whole = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    codes = pl.col(columns.field)
    if not isinstance(rows.schema[columns.field], pl.List):
        codes = codes.cast(pl.String).str.split(";")
    typed = whole.select(
        patent_id=pl.col(columns.patent).cast(pl.String),
        applicant_id=_text(columns.applicant),
        field=codes,
        filed_on=_day(columns.filed),
        published_on=_day(columns.published),
    ).explode("field")
    code = _text("field")
    return typed.with_columns(field=code.str.slice(0, columns.length)), absent


def _text(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text)


def _day(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def rank_fields(
    rows: pl.DataFrame, columns: Columns, *, as_of: date, lag_months: int | None, seed: int
) -> Fields:
    """Fields of a file as known on a day, the fastest first.

    Args:
        rows: Applications.
        columns: Which column holds what.
        as_of: What was published later is not seen.
        lag_months: From filing to publication; None takes that of the content file.
        seed: Seed of the rank intervals.

    Raises:
        MissingColumn: As in `read_applications`.
        InvalidInput: A year of the window has no application.
    """
    data = read_emerging()
    terms = EmergingTerms.from_data(data)
    lag = data["lag"]["months"] if lag_months is None else lag_months
    table, absent = read_applications(rows, columns)
    since = table["filed_on"].dt.year().min()
    until, years_n = last_complete_year(as_of, lag_months=lag), terms.window_years_n
    if not isinstance(since, int):
        raise InvalidInput(f"{columns.filed}: no date like 2020-01-31; got {rows.height:,} rows")
    cells = field_years(
        nw.from_native(table.lazy()),
        as_of=as_of,
        lag_months=lag,
        since_year=since,
        history_years_n=terms.history_years_n,
    )
    years: pl.DataFrame = cells.to_native().collect().sort("field", "year_n")
    window = field_window(nw.from_native(years.lazy()), until_year=until, years_n=years_n)
    fields: pl.DataFrame = window.to_native().collect().sort("field")
    _check_years(fields, until, years_n)
    growth = field_growth(fields.select(count_names(years_n)).cast(pl.Float64).to_numpy())
    judged = flag_emerging(nw.from_native(_grown(fields, growth, data, seed).lazy()), terms)
    native: pl.DataFrame = judged.to_native().collect()
    fastest = native.sort("growth_log_pa", "field", descending=[True, False])
    named = _explain(fastest, data).rename(_years_named(until, years_n))
    return Fields(named, _explain_years(years, data), since, until, growth.all_log_pa, absent)


def _check_years(fields: pl.DataFrame, until: int, years_n: int) -> None:
    empty = [
        str(until - years_n + 1 + k)
        for k, name in enumerate(count_names(years_n))
        if not fields[name].sum()
    ]
    if empty:
        raise InvalidInput(
            f"each of the {years_n} complete years to {until} needs an application; none in "
            f"{', '.join(empty)}; take an earlier --as-of or the right --lag-months"
        )


def _years_named(until: int, years_n: int) -> dict[str, str]:
    first = until - years_n + 1
    return {n: f"applications_{first + k}_n" for k, n in enumerate(count_names(years_n))}


def _grown(
    fields: pl.DataFrame, growth: FieldGrowth, data: dict[str, Any], seed: int
) -> pl.DataFrame:
    """Growth, chance and rank beside each field."""
    rank, low, high = growth_ranks(growth, draws_n=data["draws_n"], seed=seed)
    found = {
        "growth_plain_log_pa": growth.log_pa,
        "growth_plain_se": growth.se,
        "growth_log_pa": growth.shrunk_log_pa,
        "growth_se": growth.shrunk_se,
        "growth_low_log_pa": growth.shrunk_log_pa - Z_90 * growth.shrunk_se,
        "growth_high_log_pa": growth.shrunk_log_pa + Z_90 * growth.shrunk_se,
        "growth_chance": chance_above(growth, data["growth_log_pa_min"]),
        "field_growth_rate_pa": np.expm1(growth.shrunk_log_pa + growth.all_log_pa),
    }
    ranks = {"growth_rank_n": rank, "growth_rank_low_n": low, "growth_rank_high_n": high}
    return fields.with_columns(
        *(pl.Series(name, values, nan_to_null=True) for name, values in found.items()),
        *(
            pl.Series(name, values, nan_to_null=True).cast(pl.Int64)
            for name, values in ranks.items()
        ),
    )


def _explain(fields: pl.DataFrame, data: dict[str, Any]) -> pl.DataFrame:
    """Which tests a field fails, and which cannot be made; null for one that emerges."""
    words = data["test"]
    made = {}
    for ending, language, joint in (("", "en", "; "), ("_zh", "zh", "；")):
        parts = [
            pl.when(pl.col(name).is_null())
            .then(pl.lit(words[name][f"unknown_{language}"]))
            .when(~pl.col(name))
            .then(pl.lit(words[name][language]))
            for name in words
        ]
        text = pl.concat_str(parts, separator=joint, ignore_nulls=True)
        made[f"emerging_reason{ending}"] = pl.when(text != "").then(text)
    return fields.with_columns(**made)


def _explain_years(years: pl.DataFrame, data: dict[str, Any]) -> pl.DataFrame:
    code = pl.col("year_reason_code")
    return years.with_columns(
        code.replace_strict(
            {key: words[language] for key, words in data["reason"].items()}, return_dtype=pl.String
        ).alias(f"year_reason{ending}")
        for ending, language in (("", "en"), ("_zh", "zh"))
    )


def overlay_rows(found: Fields, links: pl.DataFrame) -> pl.DataFrame:
    """Sectors by growth of their fields; informational, as the content file says.

    Args:
        found: Result of `rank_fields`.
        links: Columns `field`, `sector`, `share`.

    Raises:
        MissingColumn: A column of `links` is not there.
    """
    lost = [name for name in ("field", "sector", "share") if name not in links.columns]
    if lost:
        raise MissingColumn(f"sectors need {', '.join(lost)}; got {', '.join(links.columns)}")
    words = read_emerging()["overlay"]
    typed = links.select("field", "sector", pl.col("share").cast(pl.Float64, strict=False))
    frames = [nw.from_native(table.lazy()) for table in (found.fields, typed)]
    native: pl.DataFrame = sector_overlay(*frames, basis=words["basis"]).to_native().collect()
    said = native.with_columns(overlay=pl.lit(words["en"]), overlay_zh=pl.lit(words["zh"]))
    return said.sort("growth_rank_n", "sector")
