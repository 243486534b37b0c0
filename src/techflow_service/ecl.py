"""Expected credit loss and five classes of a file of loans: one row out per row in, same order."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.credit.expected_loss import (
    BASE,
    LOSSES,
    Scenario,
    book_losses,
    measure_losses,
)
from techflow.credit.five_classes import OUT, classify_loans
from techflow.credit.loss_stages import STAGED, StageRules, stage_loans
from techflow.credit.term import cumulative_pd_term, read_migration
from techflow_service.scoring import read_rows

YEARS_MAX = 40
NEEDED = ("days_overdue", "pd", "lgd", "exposure_cny", "rate_pa", "maturity_years")
OPTIONAL = ("in_default", "pd_at_origination", "repayment", "undrawn_cny", "conversion_factor")
YES, NO = ("true", "1", "yes", "y", "是"), ("false", "0", "no", "n", "否")
ROW, TERM = "_row", "_pd_year_"


def read_matrix(path: Path) -> Floats:
    """A one-year migration matrix from a file: a line of names, then one line per grade.

    Raises:
        InvalidInput: A cell is no number, or the numbers are no migration matrix.
    """
    table = read_rows(path)
    numbers = table.select(pl.all().cast(pl.Float64, strict=False))
    if table.width == table.height + 1:  # a first column of names
        numbers = numbers.drop(table.columns[0])
    if numbers.height == 0 or sum(numbers.null_count().row(0)):
        raise InvalidInput(
            f"{path.name}: a matrix is a line of names, then one line of numbers per grade, "
            f"default last; got {table.height} lines of {table.width} cells, some without a number"
        )
    return read_migration(numbers.to_numpy())


def read_scenarios(path: Path) -> tuple[Scenario, ...]:
    """Scenarios from a file with `name`, `weight`, `log_odds_shift`, `lgd_factor`.

    Raises:
        InvalidInput: A column is absent or a cell is no number.
    """
    table = read_rows(path)
    wanted = ("name", "weight", "log_odds_shift", "lgd_factor")
    if absent := [name for name in wanted if name not in table.columns]:
        raise InvalidInput(f"{path.name} needs the column {', '.join(absent)}")
    typed = table.select("name", pl.col(wanted[1:]).cast(pl.Float64, strict=False))
    if sum(typed.null_count().row(0)):
        raise InvalidInput(f"{path.name}: each scenario needs a name and three numbers")
    return tuple(Scenario(*row) for row in typed.iter_rows())


def measure_loans(
    loans: pl.DataFrame,
    *,
    rules: StageRules | None = None,
    matrix: Floats | None = None,
    scenarios: Sequence[Scenario] = BASE,
    debtor: str | None = None,
    conversion_factor: float | None = None,
    prepayment_rate_pa: float = 0.0,
) -> pl.DataFrame:
    """Stage, loss and class of each loan of a table, cells as text or typed.

    Args:
        loans: `NEEDED` columns; of `OPTIONAL`, `in_default` absent means that days overdue alone
            tell default, `repayment` absent that nothing is repaid before maturity,
            `undrawn_cny` absent that nothing more can be drawn.
        rules: Where the stages begin.
        matrix: One-year migration matrix for the PD of later years; None keeps `pd` each year.
        scenarios: States of the world.
        debtor: Column that names the debtor, for the 10 % rule of non-retail books.
        conversion_factor: Share of `undrawn_cny` drawn by default where the column of that name
            does not tell; None leaves it unknown.
        prepayment_rate_pa: See `measure_losses`.

    Returns:
        The same rows in the same order: all columns given, then stage, loss and class.

    Raises:
        InvalidInput: A column is absent, or one given has the name of a result.
    """
    _check_columns(loans, debtor)
    typed = _typed(loans, debtor, conversion_factor)
    years = typed["maturity_years"].filter(typed["maturity_years"].is_between(0, YEARS_MAX)).max()
    years_n = max(1, ceil(float(str(years)))) if years is not None else 1
    names: list[str] = []
    if matrix is not None:
        pd = typed["pd"].fill_null(float("nan")).to_numpy()
        known = np.where((pd >= 0) & (pd <= 1), pd, np.nan)
        term = cumulative_pd_term(known, matrix, years_n=years_n)
        names = [f"{TERM}{year + 1}" for year in range(years_n)]
        typed = typed.with_columns(
            pl.Series(name, term[:, year]).fill_nan(None) for year, name in enumerate(names)
        )
    staged = stage_loans(nw.from_native(typed.lazy()), rules=rules)
    measured = measure_losses(
        staged,
        years_n=years_n,
        pd_term=names,
        scenarios=scenarios,
        undrawn="undrawn_cny" in loans.columns,
        prepayment_rate_pa=prepayment_rate_pa,
    )
    found: pl.DataFrame = classify_loans(measured, debtor=debtor).to_native().collect().sort(ROW)
    return pl.concat([loans, found.select(*STAGED, *LOSSES, *OUT)], how="horizontal")


def summarise_book(measured: pl.DataFrame, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Losses per book and stage of what `measure_loans` returned."""
    if absent := [name for name in by if name not in measured.columns]:
        raise InvalidInput(f"no column {', '.join(absent)} to group by")
    typed = measured.with_columns(pl.col("exposure_cny").cast(pl.Float64, strict=False))
    found: pl.DataFrame = book_losses(nw.from_native(typed.lazy()), by=by).to_native().collect()
    return found.sort(*by, "stage", nulls_last=True)


def _check_columns(loans: pl.DataFrame, debtor: str | None) -> None:
    wanted = [*NEEDED, *([debtor] if debtor else [])]
    if absent := [name for name in wanted if name not in loans.columns]:
        raise InvalidInput(
            f"the file needs the column {', '.join(absent)}; got {', '.join(loans.columns)}; "
            f"optional: {', '.join(OPTIONAL)}"
        )
    if taken := sorted({*STAGED, *LOSSES, *OUT} & set(loans.columns)):
        raise InvalidInput(f"rename {', '.join(taken)} in the file: results have these names")


def _typed(loans: pl.DataFrame, debtor: str | None, factor: float | None) -> pl.DataFrame:
    """Numbers, yes and no from text; what cannot be read is unknown and gets a reason."""
    known = ("pd_at_origination", "undrawn_cny")
    numbers = [*NEEDED, *(n for n in known if n in loans.columns)]
    columns = [_factor(loans, factor)]
    columns += [pl.col(name).cast(pl.Float64, strict=False) for name in numbers]
    if "pd_at_origination" not in numbers:
        columns.append(pl.lit(None, pl.Float64).alias("pd_at_origination"))
    if "in_default" in loans.columns:
        word = pl.col("in_default").cast(pl.String).str.strip_chars().str.to_lowercase()
        default = pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False)
        columns.append(default.alias("in_default"))
    else:
        columns.append(pl.lit(False).alias("in_default"))
    kind = pl.col("repayment").cast(pl.String) if "repayment" in loans.columns else pl.lit("bullet")
    columns.append(kind.alias("repayment"))
    if debtor and debtor not in numbers:
        columns.append(pl.col(debtor))
    return loans.select(columns).with_row_index(ROW)


def _factor(loans: pl.DataFrame, otherwise: float | None) -> pl.Expr:
    """Credit conversion factor of each loan; an empty cell takes that of all."""
    name, given = "conversion_factor", pl.lit(otherwise, pl.Float64)
    if name not in loans.columns:
        return given.alias(name)
    cell = pl.col(name).cast(pl.String).str.strip_chars()
    own = pl.col(name).cast(pl.Float64, strict=False)
    blank = cell.is_null() | (cell == "")
    return pl.when(blank).then(given).otherwise(own).alias(name)
