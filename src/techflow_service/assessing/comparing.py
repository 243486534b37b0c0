"""Compare two assessments: which firms moved, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow.schema import DERIVED
from techflow_service.assessing.moving import (
    STATUSES,
    WATCHED,
    explain_moves,
    move_firms,
)
from techflow_service.assessing.record import RunRecord
from techflow_service.assessing.staging import RUN_FILE
from techflow_service.assessing.updating import read_run

WHOLE = ("n", "month", "day", "lcy")
"""Units whose numbers are shown without decimals."""
NEEDED = (RUN_FILE, "assessment.parquet", "profile.parquet")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side.

    Attributes:
        before: Run record of the first.
        after: Run record of the second.
        causes: What differs between the runs themselves: name, before, after.
        firms: One row per firm that moved, largest move first: the columns of `move_firms`,
            `why_zh`, `why_en`.
    """

    before: RunRecord
    after: RunRecord
    causes: tuple[tuple[str, str, str], ...]
    firms: pl.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Firms by status."""
        return dict(self.firms.group_by("status").len().sort("status").iter_rows())


def compare_folders(before: Path, after: Path) -> Comparison:
    """Compare two output folders of `techflow assess`.

    Args:
        before: The first folder.
        after: The second.

    Raises:
        InvalidInput: A folder is not the output of an assessment.
    """
    runs = [_open(folder) for folder in (before, after)]
    tables = [pl.scan_parquet(folder / "assessment.parquet") for folder in (before, after)]
    profiles = [pl.scan_parquet(folder / "profile.parquet") for folder in (before, after)]
    moved = move_firms(*tables).collect()
    features = _word_features(explain_moves(moved, *profiles))
    firms = moved.join(features, on="firm_id", how="left").with_columns(**_whys())
    return Comparison(runs[0], runs[1], _causes(*runs), firms.sort(*_order()))


def _open(folder: Path) -> RunRecord:
    for name in NEEDED:
        if not (folder / name).is_file():
            raise InvalidInput(
                f"{folder} holds no {name}; compare takes two output folders of `techflow assess`"
            )
    return read_run(folder)


def _order() -> list[pl.Expr]:
    """Firms in both runs first: changed verdicts, then the size of the move in log-odds of PD."""
    elsewhere = pl.col("status") != "moved"
    verdict = pl.col("verdict_before").eq_missing(pl.col("verdict_after"))
    before, after = (
        pl.col(f"pd_{word}").log() - (-pl.col(f"pd_{word}")).log1p() for word in ("before", "after")
    )
    return [elsewhere, verdict, -(after - before).abs().fill_null(0.0), pl.col("firm_id")]


def _word_features(rows: pl.DataFrame) -> pl.DataFrame:
    """One text per firm and language from the features that moved it."""
    columns = [(item.name, item.zh, item.en, item.unit) for item in DERIVED["profile"].columns]
    labels = pl.DataFrame(columns, schema=["feature", "zh", "en", "unit"], orient="row")

    def number(name: str) -> pl.Expr:
        value, unit = pl.col(name), pl.col("unit")
        return (
            pl.when(unit == "share")
            .then((value * 100).round(1).cast(pl.String) + "%")
            .when(unit.is_in(WHOLE))
            .then(value.round(0).cast(pl.Int64).cast(pl.String))
            .otherwise(value.round_sig_figs(4).cast(pl.String))
        )

    def sentence(tongue: str, unknown: str) -> pl.Expr:
        change = (pl.col("part_after") - pl.col("part_before")).round(2).cast(pl.String)
        sign = (
            pl.when(pl.col("part_after") > pl.col("part_before"))
            .then(pl.lit("+"))
            .otherwise(pl.lit(""))
        )
        return pl.concat_str(
            pl.col(tongue),
            pl.lit(" "),
            number("value_before").fill_null(unknown),
            pl.lit(" -> "),
            number("value_after").fill_null(unknown),
            pl.lit(" ("),
            sign,
            change,
            pl.lit(")"),
        )

    told = rows.join(labels, on="feature", how="left", maintain_order="left").with_columns(
        line_zh=sentence("zh", "未知"), line_en=sentence("en", "unknown")
    )
    return told.group_by("firm_id", maintain_order=True).agg(
        features_zh=pl.col("line_zh").str.join("；"), features_en=pl.col("line_en").str.join("; ")
    )


def _whys() -> dict[str, pl.Expr]:
    """Why a firm moved: another card, newer evidence, features; else limit, price or product."""
    card = pl.col("card_id_before").ne_missing(pl.col("card_id_after"))
    refit = ~card & (pl.col("card_hash_before") != pl.col("card_hash_after"))
    newer = pl.col("evidence_on_before") != pl.col("evidence_on_after")
    ids = [pl.col(f"card_id_{word}") for word in ("before", "after")]
    days = [pl.col(f"evidence_on_{word}").cast(pl.String) for word in ("before", "after")]

    def line(tongue: int, words: Mapping[str, tuple[str, str]]) -> pl.Expr:
        none, heads = words["none"][tongue], {key: pair[tongue] for key, pair in words.items()}
        parts = [
            pl.when(pl.col("status") == "added").then(pl.lit(heads["added"])),
            pl.when(pl.col("status") == "removed").then(pl.lit(heads["removed"])),
            pl.when((pl.col("status") == "moved") & card).then(
                pl.lit(heads["card"]) + ids[0].fill_null(none) + " -> " + ids[1].fill_null(none)
            ),
            pl.when(refit).then(pl.lit(heads["refit"])),
            pl.when(newer).then(pl.lit(heads["evidence"]) + days[0] + " -> " + days[1]),
            pl.col(f"features_{('zh', 'en')[tongue]}"),
        ]
        return pl.concat_str(parts, separator=("；", "; ")[tongue], ignore_nulls=True)

    return {"why_zh": line(0, WHY_WORDS), "why_en": line(1, WHY_WORDS)}


WHY_WORDS = {
    "none": ("无", "none"),
    "added": ("新进入名单", "new in the book"),
    "removed": ("已不在名单", "no longer in the book"),
    "card": ("模型 ", "card "),
    "refit": ("模型内容已更改", "the card changed"),
    "evidence": ("最近证据 ", "latest evidence "),
}


def _causes(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[tuple[str, str, str], ...]:
    """What differs between the runs themselves."""
    stores = [
        f"{run['store']['name']} version {run['store']['version']}" for run in (before, after)
    ]
    pairs: list[tuple[str, Any, Any]] = [
        ("techflow", before["techflow"], after["techflow"]),
        ("as of", before["as_of"], after["as_of"]),
        ("store", stores[0], stores[1]),
    ]
    for head, key in (("content", "content"), ("term", "terms"), ("low default", "low_default")):
        old, new = (_flat(run[key]) for run in (before, after))
        pairs += [(f"{head} {name}", old.get(name), new.get(name)) for name in {**old, **new}]
    return tuple((name, _text(old), _text(new)) for name, old, new in pairs if old != new)


def _flat(values: Any) -> dict[str, Any]:
    return {item["name"]: item["value"] for item in values} if isinstance(values, list) else values


def _text(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text[:16] if len(text) == 64 else text


def tabulate(comparison: Comparison) -> pl.DataFrame:
    """The table that is written: status, before and after of each watched column, why."""
    watched = [f"{name}_{word}" for name in WATCHED for word in ("before", "after")]
    return comparison.firms.select("firm_id", "name", "status", *watched, "why_zh", "why_en")


def status_label(status: str, tongue: int) -> str:
    """A status in Chinese (0) or English (1)."""
    return STATUSES[status][tongue]
