"""Pricing a file of loans: one row out per row in, in the same order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.flow import (
    TOLD_CODES,
    TOLD_FLAGS,
    Quoted,
    irb_column,
    loan_numbers,
    price_book,
    year_columns,
)
from techflow.flow.policies import Laws
from techflow.policy import Law
from techflow.pricing import PRICED, TOOLS, Terms, check_tools, effect_names
from techflow_service.models import read_model
from techflow_service.policies import load_laws
from techflow_service.products import load_products

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
REPAYMENTS = {"bullet": 0.0, "equal_principal": 1.0}
YES, NO = ("true", "1", "yes", "y", "是"), ("false", "0", "no", "n", "否")
ROW = "_row"
WARRANTED = {"loan_cny": "amount_cny", "loan_term_months": "term_months"}
"""Columns of a result of `techflow loan warrant` -> those of a price."""


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
        effects: False leaves out what each tool does: a price takes less time.
    """

    on: date
    tools: tuple[str, ...] = ()
    pool: str | None = None
    relending_share: float | None = None
    irb: bool = False
    period_months: int = 12
    effects: bool = True


@dataclass(frozen=True, slots=True)
class Priced:
    """Loans with their price, and the numbers it rests on."""

    rows: pl.DataFrame
    numbers: dict[str, Quoted]
    way: Way


@dataclass(frozen=True, slots=True)
class Shelf:
    """What every price of a day is read from.

    Attributes:
        laws: Policy id -> law.
        terms: Terms of the lending product, of the guaranteed one, and the rest.
    """

    laws: Laws
    terms: Mapping[str, Terms]


def load_shelf(laws: Laws | None = None) -> Shelf:
    """Laws, where they are not given, and terms, from their files.

    Args:
        laws: Policy id -> law.
    """
    products = load_products()
    terms = {
        "loan": products["working-capital"].terms,
        "guarantee": products["special-guarantee-loan"].terms,
        "price": price_terms(),
    }
    return Shelf(load_laws() if laws is None else laws, terms)


def read_tools(words: Iterable[str]) -> tuple[str, ...]:
    """Tools from words such as `guarantee,pool`.

    Raises:
        InvalidInput: A tool is unknown.
    """
    names = [name.strip() for word in words for name in word.split(",") if name.strip()]
    return check_tools(names)


def price_rows(loans: pl.DataFrame, way: Way, shelf: Shelf | None = None) -> Priced:
    """Price each loan of a table, cells as text or typed.

    Args:
        loans: `NEEDED`, or a result of `loan warrant`; `firm_id`, `lgd`, `sales_cny`,
            `term_months` (else 12), `repayment` (`bullet` or `equal_principal`),
            `offered_rate_pa`, `QUOTES`, `use_<tool>` (yes or no) and facts of a pool where known.
        way: How to price.
        shelf: Laws and terms already read; None reads them.

    Returns:
        The same rows in the same order: all columns given, then `reason_code`, the columns of
        `PRICED` and the effect of each tool.

    Raises:
        InvalidInput: A column is absent, or one given has the name of a result.
        NotInForce: A tool is not in force on the day.
    """
    shelf, loans = shelf or load_shelf(), take_warrants(loans)
    numbers = numbers_on(way, shelf)
    _check_columns(loans, way.tools)
    typed = _typed(loans, numbers["lgd"].value)
    whole = typed.with_columns(_arrays(typed, numbers, way))
    frame = nw.from_native(whole.lazy())
    priced = price_book(
        frame,
        numbers,
        shelf.laws,
        on=way.on,
        tools=way.tools,
        pool=way.pool,
        effects=way.effects,
    )
    found: pl.DataFrame = priced.to_native().collect().sort(ROW)
    named = effect_names(way.tools) if way.effects else []
    results = found.select("reason_code", *PRICED, *named)
    if way.pool is not None:
        numbers = numbers | {"pool_rule": _pool_rule(shelf.laws[way.pool], way.on)}
    return Priced(pl.concat([loans, results], how="horizontal"), numbers, way)


def take_warrants(loans: pl.DataFrame) -> pl.DataFrame:
    """A result of `techflow loan warrant` as loans to price; any other table as it is.

    Why a warrant has no value is then in `warrant_reason_code`, `_zh` and `_en`.

    Args:
        loans: A table of loans.
    """
    if not {"loan_cny", "warrant_cny", "reason_code"} <= set(loans.columns):
        return loans
    reasons = [f"reason_{end}" for end in ("code", "zh", "en")]
    known = {name: f"warrant_{name}" for name in reasons if name in loans.columns}
    told = loans.rename({old: new for old, new in known.items() if new not in loans.columns})
    missing = {new: old for old, new in WARRANTED.items() if new not in loans.columns}
    return told.with_columns(
        **{new: pl.col(old) for new, old in missing.items() if old in loans.columns}
    )


def numbers_on(way: Way, shelf: Shelf) -> dict[str, Quoted]:
    """Every number a price rests on, by name.

    Args:
        way: Day and tools.
        shelf: Laws and terms.

    Raises:
        InvalidInput: A number is needed that no text gives.
        NotInForce: A tool is not in force on the day.
    """
    return loan_numbers(
        shelf.laws,
        shelf.terms,
        on=way.on,
        tools=way.tools,
        relending_share=way.relending_share,
        irb=way.irb,
    )


def _pool_rule(law: Law, on: date) -> Quoted:
    """The pool's text, as a source; what it pays depends on the loan."""
    text, policy = law.version_on(on), law.policy
    told = f"{text.document} / {law.id}, {text.since}"
    return Quoted(float("nan"), policy.zh, policy.en, told, str(text.mark), text.since)


def price_terms() -> Terms:
    """Numbers of a price that no law and no product holds."""
    return Terms.from_data(read_model("loan_price.toml"))


def _check_columns(loans: pl.DataFrame, tools: tuple[str, ...]) -> None:
    if absent := [name for name in NEEDED if name not in loans.columns]:
        raise InvalidInput(
            f"the file needs the column {', '.join(absent)}; got {', '.join(loans.columns)}"
        )
    if "warrant" in tools and "warrant_cny" not in loans.columns:
        raise InvalidInput("the tool warrant needs the column warrant_cny: value in yuan")
    results = {"reason_code", *PRICED, *effect_names(tools)}
    if taken := sorted(results & set(loans.columns)):
        raise InvalidInput(f"rename {', '.join(taken)} in the file: results have these names")


def _typed(loans: pl.DataFrame, lgd: float) -> pl.DataFrame:
    """Numbers, yes and no from text; what cannot be read is unknown and gets a reason."""
    present = set(loans.columns)

    def number(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Float64, strict=False)

    named = {"amount_cny": "limit_lcy", "sales_cny": "sales_lcy"}
    usual = {"lgd": pl.lit(lgd), "term_months": pl.lit(12.0), "sales_cny": pl.lit(None, pl.Float64)}
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
    kind = pl.col("repayment") if "repayment" in present else pl.lit("bullet")
    columns.append(_amortising(kind).alias("amortising"))
    columns.append(pl.lit("CNY").alias("currency"))
    return loans.select(columns).with_row_index(ROW)


def _or_usual(name: str, value: pl.Expr, usual: Mapping[str, pl.Expr]) -> pl.Expr:
    """The cell; what is usual where the cell is empty, as where the column is absent."""
    if name not in usual:
        return value
    empty = pl.col(name).is_null() | (pl.col(name).cast(pl.String).str.strip_chars() == "")
    return pl.when(empty).then(usual[name]).otherwise(value)


def _flag(name: str) -> pl.Expr:
    word = pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False).alias(name)


def _amortising(kind: pl.Expr) -> pl.Expr:
    return kind.cast(pl.String).replace_strict(REPAYMENTS, default=None, return_dtype=pl.Float64)


def _arrays(typed: pl.DataFrame, numbers: dict[str, Quoted], way: Way) -> list[pl.Series]:
    """Columns from kernels: time for loans of any term, weight by internal ratings."""
    names = ("pd", "term_months", "amortising", "sales_lcy")
    arrays: dict[str, Floats] = {
        name: typed[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in names
    }
    made = year_columns(arrays, numbers, period_months=way.period_months)
    if way.irb:
        made["irb_weight_ratio"] = irb_column(arrays, numbers)
    return [pl.Series(name, values).fill_nan(None) for name, values in made.items()]
