"""Pricing a file of loans: one row out per row in, in the same order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.flow import Quoted, loan_numbers, price_book
from techflow.flow.loan_instalments import settle_rates
from techflow.flow.loan_numbers import Numbers
from techflow.flow.policies import Laws
from techflow.policy import Law
from techflow.pricing import PRICED, Terms, check_tools, effect_names
from techflow_service.models import read_model
from techflow_service.policies import load_laws
from techflow_service.price_columns import KIND, LEVEL, NEEDED, ROW, Way, add_arrays, type_loans
from techflow_service.price_security import RESULTS, SECURITY, secure_loans
from techflow_service.products import load_products

WARRANTED = {"loan_cny": "amount_cny", "loan_term_months": "term_months"}
"""Columns of a result of `techflow loan warrant` -> those of a price."""


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
            `term_months` (else 12), `repayment` (one of `REPAYMENTS`), `offered_rate_pa`,
            `security` with its numbers, `QUOTES`, `use_<tool>` (yes or no) and facts of a pool
            where known.
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
    numbers = numbers_on(way, shelf, secured=SECURITY in loans.columns)
    _check_columns(loans, way.tools)
    typed = type_loans(loans, lgd=numbers["lgd"].value, repayment=way.repayment)
    secured = secure_loans(typed, numbers)
    found = _price(_with_instalments(secured, numbers, way, shelf), numbers, way, shelf)
    named = effect_names(way.tools) if way.effects else []
    results = found.select("reason_code", *PRICED, *named, *_of_security(found))
    if way.pool is not None:
        numbers = numbers | {"pool_rule": _pool_rule(shelf.laws[way.pool], way.on)}
    return Priced(pl.concat([loans, results], how="horizontal"), numbers, way)


def _of_security(found: pl.DataFrame) -> list[pl.Expr]:
    """What became of collateral, where loans may have some."""
    if RESULTS[-1] not in found.columns:
        return []
    return [pl.col("lgd").alias(RESULTS[0]), *map(pl.col, RESULTS[1:])]


def _price(typed: pl.DataFrame, numbers: Numbers, way: Way, shelf: Shelf) -> pl.DataFrame:
    priced = price_book(
        nw.from_native(add_arrays(typed, numbers, way).lazy()),
        numbers,
        shelf.laws,
        on=way.on,
        tools=way.tools,
        pool=way.pool,
        effects=way.effects,
    )
    found: pl.DataFrame = priced.to_native().collect().sort(ROW)
    return found


def _with_instalments(
    typed: pl.DataFrame, numbers: Numbers, way: Way, shelf: Shelf
) -> pl.DataFrame:
    """Rate at which equal payments are reckoned: the one offered, else the break-even rate."""
    level = typed.filter(pl.col(KIND) == LEVEL)
    if level.is_empty():
        return typed
    plain = replace(way, effects=False)

    def price(rates: Floats) -> Floats:
        known = level.with_columns(instalment_rate_pa=pl.Series(rates))
        priced = _price(known, numbers, plain, shelf)["rate_pa"]
        return priced.cast(pl.Float64).fill_null(float("nan")).to_numpy()

    start = np.full(level.height, numbers["funding_rate_pa"].value)
    rates = level.select(ROW, instalment_rate_pa=pl.Series(settle_rates(price, start)))
    known = typed.join(rates, on=ROW, how="left", maintain_order="left")
    offered = known["offered_rate_pa"] if "offered_rate_pa" in known.columns else None
    if offered is None:
        return known
    paid = pl.when(pl.col(KIND) == LEVEL).then(pl.coalesce("offered_rate_pa", "instalment_rate_pa"))
    return known.with_columns(instalment_rate_pa=paid)


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


def numbers_on(way: Way, shelf: Shelf, *, secured: bool = False) -> dict[str, Quoted]:
    """Every number a price rests on, by name.

    Args:
        way: Day and tools.
        shelf: Laws and terms.
        secured: True to add the numbers of collateral.

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
        secured=secured,
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
    results |= set(RESULTS) if SECURITY in loans.columns else set()
    if taken := sorted(results & set(loans.columns)):
        raise InvalidInput(f"rename {', '.join(taken)} in the file: results have these names")
