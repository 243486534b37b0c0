"""Scoring a file with one card: one row out per row in, in the same order."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl
from polars.exceptions import PolarsError

from techflow.basics import Floats, Frame, InvalidInput
from techflow.credit import (
    Card,
    GrowthCard,
    LossCard,
    MasterScale,
    TreeCard,
    explain_firms,
    loss_interval,
    read_inputs,
    refuse_strangers,
    tree_parts,
)
from techflow.flow import rate_rows
from techflow.profile import statement_ratios
from techflow_service.imports.files import read_bytes
from techflow_service.imports.korea_accounts import korea_statements
from techflow_service.rawsets import find_set, read_layout
from techflow_service.rawsets.layout import ROW

IDENTITY = (
    "firm_id",
    "company_name",
    "company",
    "LoanNr_ChkDgt",
    "stock_code",
    "corp_code",
    "corp_name",
    "name",
    "year",
    "basis",
    "currency",
)
VERDICT = ("pd", "score", "grade", "reason_code", "reason", "reason_zh")
RAW_ACCOUNTS = ("stock_code", "year")
"""A file with these columns holds raw Korean accounts; any other must hold features."""
SUMS = "forest_sum"
ENDINGS = (".csv", ".csv.gz", ".parquet", ".arff")


def read_rows(path: Path) -> pl.DataFrame:
    """A file as it is; the cells of a CSV stay text, so no code loses its zeros.

    Args:
        path: CSV (UTF-8, plain or gzipped), Parquet or ARFF.

    Raises:
        InvalidInput: Missing, empty, unreadable, or of another kind.
    """
    if not path.name.lower().endswith(ENDINGS):
        raise InvalidInput(f"{path.name}: expected a file ending in {', '.join(ENDINGS)}")
    content = read_bytes(path)
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(content)
        if path.suffix.lower() == ".arff":
            content = _arff_to_csv(content)
        return pl.read_csv(content, infer_schema=False, truncate_ragged_lines=True)
    except PolarsError as error:
        cause = str(error).splitlines()[0]
        raise InvalidInput(f"{path.name} cannot be read as a table: {cause}") from error


def _arff_to_csv(content: bytes) -> bytes:
    """The rows of an ARFF file under a line of names."""
    head, mark, rows = content.decode("utf8").partition("@data")
    if not mark:
        raise InvalidInput("the .arff file has no @data line; expected attributes, @data, rows")
    declared = (line.split() for line in head.splitlines())
    names = [parts[1] for parts in declared if parts and parts[0].lower() == "@attribute"]
    return f"{','.join(names)}\n{rows.strip()}\n".encode()


def score_rows(
    rows: pl.DataFrame, card: Card | TreeCard, scale: MasterScale, *, explain: bool = False
) -> pl.DataFrame:
    """Score raw rows, or rows that already hold the card's features.

    Args:
        rows: Raw rows (columns as in the source, labels ignored) or a profile.
        card: The fitted card.
        scale: Master scale for the grade.
        explain: True adds the three features that moved each firm most, in words.

    Returns:
        The same rows in the same order: the columns of `IDENTITY` they have, then those of
        `VERDICT`. `pd` is null exactly where `reason` is given.

    Raises:
        InvalidInput: There is neither a raw column nor a feature.
    """
    scored = _rate(rows, card, scale, parts=explain)
    scored = explain_firms(scored, card) if explain else scored
    found: pl.DataFrame = scored.to_native().collect().sort(ROW)
    reasons = [name for name in found.columns if explain and name.startswith("reason_")]
    verdict = dict.fromkeys((*VERDICT, *reasons))
    identity = rows.select(name for name in IDENTITY if name in rows.columns)
    if "year" in identity.columns:
        identity = identity.with_columns(pl.col("year").cast(pl.Int64, strict=False))
    return pl.concat([identity, found.select(list(verdict))], how="horizontal")


def _rate(rows: pl.DataFrame, card: Card | TreeCard, scale: MasterScale, *, parts: bool) -> Frame:
    """The features of rows with their verdict and, for trees if asked, what each added."""
    profiles = _find_profiles(rows, card)
    if not isinstance(card, TreeCard):
        return rate_rows(nw.from_native(profiles), card, scale)
    summed = _with_sums(profiles, card, explain=parts)
    scored = rate_rows(nw.from_native(summed), card, scale, sums=SUMS)
    known = nw.col("reason_code").is_null()
    names = [f"part_{f.name}" for f in card.features if parts]
    return scored.with_columns(nw.when(known).then(nw.col(n)).alias(n) for n in names)


def score_parts(rows: pl.DataFrame, card: Card | TreeCard, scale: MasterScale) -> pl.DataFrame:
    """What each score is made of: one row out per row in, in the same order.

    Args:
        rows: As for `score_rows`.
        card: The fitted card.
        scale: Master scale for the grade.

    Returns:
        The columns of `VERDICT`, `log_odds`, and for each feature `input_<feature>` (its number,
        null where unknown) and `part_<feature>` (log-odds it added, null where not scored).
    """
    scored = _rate(rows, card, scale, parts=True)
    asked = scored.select(
        ROW,
        *VERDICT,
        "log_odds",
        *(f.value.alias(f"input_{f.name}") for f in card.features),
        *(f"part_{f.name}" for f in card.features),
    )
    found: pl.DataFrame = asked.to_native().collect().sort(ROW).drop(ROW)
    return found


def _find_profiles(rows: pl.DataFrame, card: Card | TreeCard) -> pl.LazyFrame:
    """The features of raw rows; rows that already hold features are taken as they are."""
    if isinstance(card, TreeCard):
        layout = find_set(card.sample)
        if not all(f.name in rows.columns for f in card.features):
            typed = nw.from_native(read_layout(rows, layout).lazy())
            found: pl.LazyFrame = layout.features(typed).to_native()
            return found
    elif all(name in rows.columns for name in RAW_ACCOUNTS):
        return _profiles_of_accounts(rows)
    return _profiles(rows, card)


def _with_sums(profiles: pl.LazyFrame, card: TreeCard, *, explain: bool) -> pl.LazyFrame:
    """Add the sums of the trees and, to explain, what each feature added."""
    native = profiles.collect()
    numbers: pl.DataFrame = (
        read_inputs(nw.from_native(native.lazy()), card.features).to_native().collect()
    )
    x = numbers.fill_null(float("nan")).to_numpy()
    columns = {SUMS: card.forest.sums(x)} | (tree_parts(x, card) if explain else {})
    return native.with_columns(**{name: pl.Series(v) for name, v in columns.items()}).lazy()


def card_inputs(rows: pl.DataFrame, card: Card | TreeCard) -> Floats:
    """The numbers a card looks at, of rows as for `score_rows`.

    Returns:
        Shape (rows, inputs), in the order of the file; NaN where unknown.
    """
    return _inputs(_find_profiles(rows, card).collect().sort(ROW), card)


def _inputs(rows: pl.DataFrame, card: Card | TreeCard | LossCard | GrowthCard) -> Floats:
    """The numbers a card looks at; NaN where unknown."""
    asked = read_inputs(nw.from_native(rows.lazy()), card.features)
    numbers: pl.DataFrame = asked.to_native().collect()
    return numbers.fill_null(float("nan")).to_numpy()


def score_losses(rows: pl.DataFrame, card: LossCard) -> pl.DataFrame:
    """Loss rates of raw loans, should they be charged off: one row out per row in, same order.

    Args:
        rows: Raw rows of the card's set; labels are ignored.
        card: The card.

    Returns:
        The columns of `IDENTITY` the rows have, `lgd` with `lgd_low` and `lgd_high`, and
        `reason_code`, `reason`, `reason_zh` where the card is silent.
    """
    ends = partial(loss_interval, card=card)
    return _score_spans(rows, card, ends, ("lgd", "lgd_low", "lgd_high"))


def score_growth(rows: pl.DataFrame, card: GrowthCard) -> pl.DataFrame:
    """Growth over the card's horizon: one row out per row in, same order.

    Args:
        rows: Raw rows of the card's set, one per firm and year. A year is read with the one or
            two years before it in the same file, never with later ones.
        card: The card.

    Returns:
        The columns of `IDENTITY` the rows have; `growth_median`, `growth_low`, `growth_high`
        (natural log of sales at the horizon over sales of the year; the ends hold
        `card.interval_share` of firms); `reason_code`, `reason`, `reason_zh` where the card is
        silent.
    """
    return _score_spans(rows, card, card.interval, ("growth_median", "growth_low", "growth_high"))


def _score_spans(
    rows: pl.DataFrame,
    card: LossCard | GrowthCard,
    spans: Callable[[Floats], tuple[Floats, Floats, Floats]],
    names: tuple[str, str, str],
) -> pl.DataFrame:
    """A number with the ends of its interval for each row the card may speak about."""
    layout = find_set(card.sample)
    featured = layout.features(nw.from_native(read_layout(rows, layout).lazy()))
    asked = refuse_strangers(featured, card, card.features)
    judged: pl.DataFrame = asked.to_native().collect().sort(ROW)
    ends, known = spans(_inputs(judged, card)), pl.col("reason_code").is_null()
    said = judged.select(
        *(pl.when(known).then(pl.Series(v)).alias(n) for n, v in zip(names, ends, strict=True)),
        *("reason_code", "reason", "reason_zh"),
    )
    identity = rows.select(name for name in IDENTITY if name in rows.columns)
    return pl.concat([identity, said], how="horizontal")


def _profiles_of_accounts(rows: pl.DataFrame) -> pl.LazyFrame:
    numbered = korea_statements(rows).with_row_index(ROW)
    ratios: pl.LazyFrame = statement_ratios(nw.from_native(numbered.lazy())).to_native()
    return ratios.with_columns(
        country=pl.lit("KR"), statement_basis="basis", statement_currency="currency"
    )


def _profiles(rows: pl.DataFrame, card: Card | TreeCard) -> pl.LazyFrame:
    features = [feature.name for feature in card.features]
    if not set(features) & set(rows.columns):
        raise InvalidInput(
            f"the file has neither the accounts ({', '.join(RAW_ACCOUNTS)}, ...) nor a feature of "
            f"card {card.id} ({', '.join(features)}); got {', '.join(rows.columns)}"
        )
    texts = {c.column for c in card.conditions if c.allowed}
    wanted = {name: pl.String if name in texts else pl.Float64 for name in card.columns}
    return (
        rows.lazy()
        .select(
            pl.col(name).cast(kind, strict=False)
            if name in rows.columns
            else pl.lit(None, kind).alias(name)
            for name, kind in wanted.items()
        )
        .with_row_index(ROW)
    )


def write_rows(rows: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet or CSV, by the ending; the old file stays whole until the end.

    Raises:
        InvalidInput: The ending is neither.
    """
    fresh = path.with_name(path.name + ".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        rows.write_parquet(fresh)
    elif path.suffix == ".csv":
        rows.write_csv(fresh)
    else:
        raise InvalidInput(f"{path.name}: write to a file ending in .parquet or .csv")
    fresh.replace(path)
