"""Protection, warrants and insurance of a file: one row out per row in, in the same order."""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.flow import KEY
from techflow.flow.insuring import TERMS as INSURANCE
from techflow.flow.insuring import price_insurance, subsidise_premiums
from techflow.flow.loan_warrants import GROWTH, judge_usual_terms, price_warrants
from techflow.flow.loan_warrants import TERMS as WARRANT
from techflow.flow.loan_warrants import VOLATILITY as SIGMA
from techflow.flow.protecting import NOTIONAL, PD, Valuer, price_protection, quoted_tenors
from techflow.flow.protecting import TERMS as PROTECTION
from techflow.policy import Law
from techflow.pricing.crmw import value_legs
from techflow.pricing.hazard import Curve
from techflow.pricing.premium import Loadings

COMPILED_FROM = 1_000_000
"""Contracts from which compiled code saves more than it takes to compile."""
SUBSCRIBED = ("warrant_subscription_cny", "subscription_share", "warrant_equity_share")
EXIT, PRODUCT, OTHERS = "warrant_exit", "tech_insurance_product", "other_subsidies_cny"


def read_numbers(rows: pl.DataFrame, names: Sequence[str]) -> dict[str, Floats]:
    """The columns a table has of those named, as numbers.

    Args:
        rows: Cells as text or typed.
        names: Columns.

    Returns:
        Column -> float64; an empty cell is NaN, one that is no number minus infinity.

    Examples:
        >>> read_numbers(pl.DataFrame({"a": ["1.5", " ", "x"]}), ["a", "b"])
        {'a': array([ 1.5,  nan, -inf])}
    """
    found = {}
    for name in names:
        if name in rows.columns:
            cell = pl.col(name).cast(pl.String).str.strip_chars()
            blank = cell.is_null() | (cell == "")
            number = (
                pl.when(blank).then(float("nan")).otherwise(cell.cast(pl.Float64, strict=False))
            )
            found[name] = rows.select(number.fill_null(float("-inf"))).to_series().to_numpy()
    return found


def read_curve(rows: pl.DataFrame) -> Curve:
    """A discount curve from a table: `years` up to which `rate_pa` (continuous) holds.

    Raises:
        InvalidInput: A column is absent, a cell is no number, or years do not ascend.
    """
    found = read_numbers(rows, ("years", "rate_pa"))
    if len(found) < 2 or not rows.height:
        raise InvalidInput(
            f"a discount curve needs the columns years and rate_pa; got {', '.join(rows.columns)}"
        )
    return Curve(found["years"], found["rate_pa"])


def find_valuer(rows_n: int) -> Valuer:
    """What values so many contracts soonest: compiled code if there are many and Numba is there."""
    if rows_n < COMPILED_FROM or importlib.util.find_spec("numba") is None:
        return value_legs
    found: Valuer = importlib.import_module("techflow.pricing.crmw_kernel").value_legs_compiled
    return found


def protect_rows(
    rows: pl.DataFrame,
    *,
    curve: Curve,
    per_year: int,
    matrix: Floats | None = None,
    hazard_ratio: float = 1.0,
) -> pl.DataFrame:
    """Price protection on the borrower of each row, see `price_protection`."""
    names = [bound.name for bound in (*PROTECTION, PD, NOTIONAL)]
    numbers = read_numbers(rows, [*names, *quoted_tenors(rows.columns)])
    _need_some(numbers, rows, names)
    priced = price_protection(
        numbers,
        curve=curve,
        per_year=per_year,
        matrix=matrix,
        hazard_ratio=hazard_ratio,
        value=find_valuer(rows.height),
    )
    return _beside(rows, priced)


def warrant_rows(
    rows: pl.DataFrame,
    *,
    rate_pa: float,
    dividend_rate_pa: float = 0.0,
    exercise: str = "european",
    matrix: Floats | None = None,
    card: tuple[float, float] | None = None,
    required_rate_pa: float | None = None,
    laws: Mapping[str, Law] | None = None,
    on: date | None = None,
) -> pl.DataFrame:
    """Value the warrant of each row, see `price_warrants`; with a date also its usual terms."""
    names = [bound.name for bound in (*WARRANT, SIGMA, *GROWTH)]
    numbers = read_numbers(rows, [*names, *SUBSCRIBED])
    _need_some(numbers, rows, names)
    priced = price_warrants(
        numbers,
        rate_pa=rate_pa,
        dividend_rate_pa=dividend_rate_pa,
        exercise=exercise,
        matrix=matrix,
        card=card,
        required_rate_pa=required_rate_pa,
    )
    found = _beside(rows, priced)
    if laws is None or on is None:
        return found
    facts = {
        "warrant_term_months": numbers["warrant_term_months"],
        "loan_cny": numbers["loan_cny"],
        "warrant_subscription_cny": priced["subscription_cny"],
        "warrant_equity_share": priced["equity_share"],
    }
    frame = _with_key(pl.DataFrame(facts), rows, (EXIT,))
    return _judged(found, judge_usual_terms(nw.from_native(frame.lazy()), laws, on=on))


def insure_rows(
    rows: pl.DataFrame,
    *,
    law: str,
    loadings: Loadings,
    laws: Mapping[str, Law] | None = None,
    policy_id: str | None = None,
    on: date | None = None,
) -> pl.DataFrame:
    """Price the cover of each row, see `price_insurance`; with a policy also its subsidy.

    With a policy a row is all that a firm pays in a year: a firm on two rows is an error, for
    caps are by firm and year.
    """
    names = [bound.name for bound in INSURANCE]
    numbers = read_numbers(rows, [*names, OTHERS])
    _need_some(numbers, rows, names)
    priced = price_insurance(numbers, law=law, loadings=loadings)
    found = _beside(rows, priced)
    if laws is None or policy_id is None or on is None:
        return found
    _one_row_a_firm(rows)
    facts = {"tech_insurance_premium_cny": priced["premium_cny"]}
    facts[OTHERS] = numbers.get(OTHERS, [None] * rows.height)
    frame = _with_key(
        pl.DataFrame(facts, schema=dict.fromkeys(facts, pl.Float64)), rows, (PRODUCT,)
    )
    paid = subsidise_premiums(nw.from_native(frame.lazy()), laws, policy_id, on=on)
    granted = _judged(found, paid)
    return granted.with_columns(firm_pays_cny=pl.col("premium_cny") - pl.col("subsidy_cny"))


def summarise_rows(found: pl.DataFrame, total: str) -> dict[str, Any]:
    """Rows, rows with a result, its sum, and how often each reason stands for its absence.

    Args:
        found: Result of one of the functions above.
        total: Column to add up.
    """
    silent = found.filter(pl.col("reason_code").is_not_null())["reason_code"]
    return {
        "rows_n": found.height,
        "priced_n": found.height - silent.len(),
        total: float(found[total].sum()) if total in found.columns else None,
        "unpriced": dict(silent.value_counts(sort=True).iter_rows()),
    }


def _need_some(numbers: Mapping[str, Floats], rows: pl.DataFrame, names: Sequence[str]) -> None:
    if not numbers:
        raise InvalidInput(
            f"the file has none of the columns {', '.join(names)}; got {', '.join(rows.columns)}"
        )


def _beside(rows: pl.DataFrame, priced: Mapping[str, Any]) -> pl.DataFrame:
    """The file's columns, then the results; unknown is null."""
    if taken := sorted({*priced} & {*rows.columns}):
        raise InvalidInput(f"rename {', '.join(taken)} in the file: results have these names")
    texts = {n: pl.Series(n, v, pl.String) for n, v in priced.items() if n.startswith("reason_")}
    numbers = {n: pl.Series(n, v).fill_nan(None) for n, v in priced.items() if n not in texts}
    return rows.with_columns(**numbers, **texts)


def _with_key(facts: pl.DataFrame, rows: pl.DataFrame, words: Sequence[str]) -> pl.DataFrame:
    """Facts with a key by place and the words of the file; what is no number is unknown."""
    numbers = facts.with_columns(pl.when(pl.all().is_finite()).then(pl.all()).name.keep())
    known = [rows[name].cast(pl.String).replace("", None) for name in words if name in rows.columns]
    return numbers.with_columns(pl.int_range(pl.len()).cast(pl.String).alias(KEY), *known)


def _judged(found: pl.DataFrame, judged: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Results with the answers of a policy beside them, in the order of the rows."""
    answers: pl.DataFrame = judged.to_native().collect()
    answers = answers.sort(pl.col(KEY).cast(pl.Int64)).drop(KEY)
    if taken := sorted({*answers.columns} & {*found.columns}):
        raise InvalidInput(f"rename {', '.join(taken)} in the file: results have these names")
    return pl.concat([found, answers], how="horizontal")


def _one_row_a_firm(rows: pl.DataFrame) -> None:
    if KEY in rows.columns and rows[KEY].drop_nulls().is_duplicated().any():
        twice = rows.filter(pl.col(KEY).is_duplicated())[KEY][0]
        raise InvalidInput(
            f"{KEY} {twice} is on more than one row; a subsidy is capped by firm and year, so "
            "give one row a firm, its premiums added up, or leave out the policy"
        )
