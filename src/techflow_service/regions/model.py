"""What `region.toml` says, and the rows of a file in its terms."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput, MissingColumn
from techflow.region.indicators import Indicator, Measure, region_indicators, wide_regions

COLUMNS = {"province": "name", "year": "year_n", "variables": "variable", "units": "unit"}
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RegionModel:
    """Measures, indicators with weights and words, regions by code, and the other tables."""

    words: Mapping[str, Any]
    measures: tuple[Measure, ...]
    indicators: tuple[Indicator, ...]
    weights: Weights

    def label(self, name: str, language: str) -> str:
        """Words of an indicator, a measure or a region."""
        for group in ("indicator", "measure", "region"):
            if name in self.words[group]:
                return str(self.words[group][name][language])
        return name


def read_model(path: Path | None = None, weights: Weights | None = None) -> RegionModel:
    """The model of a file, or the one that comes with techflow.

    Args:
        path: Own file in the form of `region.toml`.
        weights: Weights that replace those of the file.

    Raises:
        InvalidInput: The file is not TOML, lacks a table, or a weight names no indicator.
    """
    source = path or files("techflow_content.models") / "region.toml"
    try:
        words = tomllib.loads(source.read_text("utf8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{source} is no TOML: {error}") from error
    needed = (
        *("rank", "incentive", "efficiency", "measure", "indicator", "region"),
        *("effect", "twin", "design", "doubt"),
    )
    absent = [name for name in needed if name not in words]
    if absent:
        raise InvalidInput(f"{source} needs the tables {', '.join(absent)}; got {', '.join(words)}")
    given = {name: float(spec["weight"]) for name, spec in words["indicator"].items()}
    unknown = sorted(set(weights or {}) - set(given))
    if unknown:
        raise InvalidInput(
            f"weights name indicators of the model; got {', '.join(unknown)}; "
            f"known: {', '.join(given)}"
        )
    return RegionModel(
        words,
        tuple(
            Measure(name, m["variable"], m["unit"], m["factor"])
            for name, m in words["measure"].items()
        ),
        tuple(Indicator.from_data(name, spec) for name, spec in words["indicator"].items()),
        given | dict(weights or {}),
    )


def read_years(rows: pl.DataFrame, model: RegionModel) -> pl.DataFrame:
    """Measures and indicators of each region and year; rows of other places are left out.

    Args:
        rows: `province` (Chinese name or code), `year`, `variables`, `units`, `value`.
        model: What to read.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: No row names a region of the model.
    """
    lost = sorted({*COLUMNS, "value"} - set(rows.columns))
    if lost:
        raise MissingColumn(f"region needs {', '.join(lost)}; got {', '.join(rows.columns)}")
    codes = {spec["zh"]: code for code, spec in model.words["region"].items()}
    codes |= {code: code for code in model.words["region"]}
    named = rows.rename(COLUMNS).select(
        region_code=pl.col("name").cast(pl.String).replace_strict(codes, default=None),
        year_n=pl.col("year_n").cast(pl.Int64, strict=False),
        variable=pl.col("variable").cast(pl.String),
        unit=pl.col("unit").cast(pl.String),
        value=pl.col("value").cast(pl.Float64, strict=False),
    )
    kept = named.drop_nulls(["region_code", "year_n"])
    if kept.is_empty():
        raise InvalidInput(
            f"province must be a name or code of the model, such as {', '.join(list(codes)[:3])}; "
            f"got {rows['province'].unique().sort().head(3).to_list()}"
        )
    wide = wide_regions(nw.from_native(kept.lazy()), model.measures)
    made: pl.DataFrame = region_indicators(wide, model.indicators).to_native().collect()
    return made.sort("year_n", "region_code")
