"""A table of loans as the columns a price is made of: cells read, kernels run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from techflow.basics import Floats
from techflow.flow import TOLD_CODES, TOLD_FLAGS, irb_column, year_columns
from techflow.flow.loan_numbers import Numbers
from techflow.pricing import TOOLS
from techflow.pricing.instalments import REPAYMENTS
from techflow_service.price_security import read_security

NEEDED = ("pd", "amount_cny")
NUMBERS = ("pd", "lgd", "sales_cny", "amount_cny", "term_months", "offered_rate_pa")
QUOTES = (
    "relending_share",
    "relief_rate_pa",
    "guarantee_share",
    "guarantee_fee_rate_pa",
    "pool_share",
    "crmw_share",
    "crmw_spread_rate_pa",
    "insurance_share",
    "insurance_premium_rate_pa",
    "discount_rate_pa",
    "warrant_cny",
    "firm_fee_share",
)
"""A loan's own numbers; where the column is there, they stand for those of the day."""
YES, NO = ("true", "1", "yes", "y", "是"), ("false", "0", "no", "n", "否")
ROW = "_row"
RATE_MIN, RATE_MAX = -0.5, 10.0
"""An offered rate outside is a slip of the pen and counts as unknown."""
KIND = "repayment_kind"
"""Place in `REPAYMENTS`."""
LEVEL = REPAYMENTS.index("equal_instalment")


@dataclass(frozen=True, slots=True)
class Way:
    """How to price.

    Attributes:
        on: Legal date.
        tools: Tools used, in the order in which they act.
        pool: Policy id of the compensation pool.
        relending_share: Share of the principal refinanced, if no text gives it.
        irb: True to hold capital by internal ratings.
        period_months: Months between payments.
        repayment: How a loan that does not say so is repaid, one of `REPAYMENTS`.
        effects: False leaves out what each tool does: a price takes less time.
    """

    on: date
    tools: tuple[str, ...] = ()
    pool: str | None = None
    relending_share: float | None = None
    irb: bool = False
    period_months: int = 12
    repayment: str = "bullet"
    effects: bool = True


def type_loans(loans: pl.DataFrame, *, lgd: float, repayment: str) -> pl.DataFrame:
    """Numbers, yes and no from text; what cannot be read is unknown and gets a reason.

    Args:
        loans: Cells as text or typed.
        lgd: Loss of a loan that states none.
        repayment: One of `REPAYMENTS`, of a loan that states none.
    """
    present = set(loans.columns)

    def number(name: str) -> pl.Expr:
        value = pl.col(name).cast(pl.Float64, strict=False)
        if name == "offered_rate_pa":
            return pl.when(value.is_between(RATE_MIN, RATE_MAX)).then(value).alias(name)
        return value

    named = {"amount_cny": "limit_lcy", "sales_cny": "sales_lcy"}
    usual = {"lgd": pl.lit(lgd), "term_months": pl.lit(12.0), "sales_cny": pl.lit(None, pl.Float64)}
    kinds = {"repayment": pl.lit(repayment)}
    columns = [
        (_or_usual(name, number(name), usual) if name in present else usual[name]).alias(
            named.get(name, name)
        )
        for name in NUMBERS
        if name in present or name in usual
    ]
    columns += [number(name) for name in QUOTES if name in present]
    flags = (*TOLD_FLAGS, *(f"use_{tool}" for tool in TOOLS))
    columns += [_flag(name) for name in flags if name in present]
    columns += [pl.col(name).cast(pl.String) for name in TOLD_CODES if name in present]
    given = _or_usual("repayment", pl.col("repayment").cast(pl.String), kinds)
    kind = given if "repayment" in present else kinds["repayment"]
    places = {name: place for place, name in enumerate(REPAYMENTS)}
    columns.append(kind.replace_strict(places, default=None, return_dtype=pl.Int64).alias(KIND))
    columns.append(pl.lit("CNY").alias("currency"))
    return loans.select(columns).with_columns(read_security(loans)).with_row_index(ROW)


def _or_usual(name: str, value: pl.Expr, usual: Mapping[str, pl.Expr]) -> pl.Expr:
    """The cell; what is usual where the cell is empty, as where the column is absent."""
    if name not in usual:
        return value
    empty = pl.col(name).is_null() | (pl.col(name).cast(pl.String).str.strip_chars() == "")
    return pl.when(empty).then(usual[name]).otherwise(value)


def _flag(name: str) -> pl.Expr:
    word = pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False).alias(name)


def add_arrays(typed: pl.DataFrame, numbers: Numbers, way: Way) -> pl.DataFrame:
    """Columns from kernels: time for loans of any term, weight by internal ratings.

    Args:
        typed: Result of `type_loans`; `instalment_rate_pa` where payments are equal.
        numbers: The day's numbers.
        way: How to price.
    """
    known = typed.with_columns(amortising=pl.col(KIND).cast(pl.Float64).clip(upper_bound=1.0))
    names = ("pd", "term_months", "amortising", "sales_lcy")
    more = ("instalment_rate_pa", "irb_covered_share")
    arrays: dict[str, Floats] = {
        name: known[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in (*names, *(name for name in more if name in known.columns))
    }
    made = year_columns(arrays, numbers, period_months=way.period_months)
    if way.irb:
        made["irb_weight_ratio"] = irb_column(arrays | made, numbers)
    return typed.with_columns(pl.Series(name, each).fill_nan(None) for name, each in made.items())
