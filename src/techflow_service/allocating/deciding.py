"""Deciding over the firms of an assessment, beside the plain strategies."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.credit import MasterScale
from techflow.flow import (
    BookRules,
    book_tail,
    decide_book,
    explain_decision,
    open_book,
    plain_books,
)
from techflow.portfolio import Allocation, Applicants, quote
from techflow_service.allocating.wording import STRATEGIES, tell_reason
from techflow_service.churning import ChurnCurves

UNGRADED = "not_graded"


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a decision needs but the firms.

    Attributes:
        rules: What the book keeps to.
        curves: How customers answer to rates.
        scale: The master scale.
        within_limits: Keep each loan within the limit of the assessment.
    """

    rules: BookRules
    curves: ChurnCurves
    scale: MasterScale
    within_limits: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A decided book.

    Attributes:
        firms: Firms that could be decided on, in the order of the arrays.
        others: Firms without a default probability or grade.
        book: The firms as the allocation saw them.
        found: Amounts, rates, objective, bound.
        desk: What it was decided with.
    """

    firms: pl.DataFrame
    others: pl.DataFrame
    book: Applicants
    found: Allocation
    desk: Desk

    def table(self) -> pl.DataFrame:
        """One row per firm: amount, rate, expected profit, reason."""
        found, rules = self.found, self.desk.rules
        lent = found.amount_cny > 0.0
        rate = np.where(lent, found.rate_pa, rules.rates_pa[1])
        stay = self.book.market.stay(rate)
        told = {
            "best_rate_pa": quote(self.book.market.choose(self.book.cost)),
            "amount_cny": found.amount_cny,
            "rate_pa": np.where(lent, rate, np.nan),
            "stay_share": np.where(lent, stay, np.nan),
            "expected_lent_cny": found.amount_cny * stay,
            "expected_profit_cny": found.profit_cny,
            "tail_cny": found.amount_cny * stay * self.book.tail_loss,
        }
        codes = explain_decision(self.book, found, rules)
        named = self.firms.with_columns(
            *(pl.Series(name, values).fill_nan(None) for name, values in told.items()),
            reason_code=pl.Series(codes, dtype=pl.String),
        )
        silent = self.others.with_columns(reason_code=pl.lit(UNGRADED))
        rows = pl.concat([named, silent], how="diagonal").sort(
            "amount_cny", "expected_profit_cny", "firm_id", descending=[True, True, False],
            nulls_last=True,
        )  # fmt: skip
        reasons = [tell_reason(row, rules, found) for row in rows.iter_rows(named=True)]
        kept = ("firm_id", "name", "book_sector", "grade", "curve", "pd", "limit_lcy", *told)
        return rows.select(name for name in kept if name in rows.columns).hstack(
            [
                rows["reason_code"],
                pl.Series("reason_zh", [words.zh for words in reasons], pl.String),
                pl.Series("reason_en", [words.en for words in reasons], pl.String),
            ]
        )


def decide(rows: pl.DataFrame, desk: Desk) -> Decision:
    """Decide over assessed firms.

    Raises:
        InvalidInput: No firm has a default probability and grade.
    """
    places = {grade.name: place for place, grade in enumerate(desk.scale.grades)}
    known = pl.col("pd").is_between(0.0, 1.0, closed="left") & pl.col("grade").is_in(list(places))
    carry = pl.sum_horizontal("funding_rate_pa", "cost_rate_pa", "capital_rate_pa")
    priced = pl.all_horizontal(
        pl.col("funding_rate_pa", "cost_rate_pa", "capital_rate_pa").is_not_null()
    )
    marked = rows.with_columns(
        known=(known & priced).fill_null(value=False),
        carry_rate_pa=carry,
        curve=pl.col("grade").replace_strict(desk.curves.rating_of, default=None),
    )
    firms, others = marked.filter("known"), marked.filter(~pl.col("known"))
    if firms.is_empty():
        raise InvalidInput(
            "no firm of the assessment has a default probability, a grade and a price; "
            "a decision over a book needs at least one"
        )
    curves = [desk.curves.by_rating[name] for name in firms["curve"]]
    limit = firms["limit_lcy"].fill_null(0.0).to_numpy()
    book = open_book(
        firms["pd"].to_numpy(),
        firms["carry_rate_pa"].to_numpy(),
        limit if desk.within_limits else np.full(firms.height, np.inf),
        (np.array([c.decay for c in curves]), np.array([c.start_rate_pa for c in curves])),
        rules=desk.rules,
    )
    return Decision(firms, others, book, decide_book(book, desk.rules), desk)


def sum_up(decision: Decision) -> dict[str, Any]:
    """Objective, bound, gap and sums of a decision, with its tail every loan counted."""
    found, book, rules = decision.found, decision.book, decision.desk.rules
    return {
        "profit_cny": found.objective_cny,
        "bound_cny": found.bound_cny,
        "gap_ratio": found.gap_ratio,
        "budget_price": found.budget_price,
        "tail_price": found.tail_price,
        "firms_n": book.pd.size + decision.others.height,
        "ungraded_n": decision.others.height,
    } | measure_book(book, found.amount_cny, found.rate_pa, rules)


def measure_book(
    book: Applicants, amount: Floats, rate: Floats, rules: BookRules
) -> dict[str, Any]:
    """Sums of a book: how many loans, what is offered and lent, expected profit, tails."""
    lent = amount > 0.0
    rate = np.where(lent, rate, rules.rates_pa[1])
    taken = amount * book.market.stay(rate)
    tail = book_tail(book, amount, rate, rules)
    return {
        "profit_cny": float(book.profits(amount, rate).sum()),
        "offers_n": int(lent.sum()),
        "offered_cny": float(amount.sum()),
        "expected_lent_cny": float(taken.sum()),
        "mean_rate_pa": float(taken @ rate / taken.sum()) if taken.any() else None,
        "mean_pd": float(taken @ book.pd / taken.sum()) if taken.any() else None,
        "tail_used_cny": book.tail_cny(amount, rate),
        "every_loan": {"el_cny": tail.el_cny, "var_cny": tail.var_cny, "es_cny": tail.es_cny},
    }


def compare_plain(decision: Decision) -> list[dict[str, Any]]:
    """The plain strategies on the same firms, under the same rules and model."""
    order = {grade.name: place for place, grade in enumerate(decision.desk.scale.grades)}
    grade = np.array([order[name] for name in decision.firms["grade"]], np.int64)
    books = plain_books(decision.book, decision.desk.rules, grade)
    return [
        {"name": name, "zh": STRATEGIES[name].zh, "en": STRATEGIES[name].en, "rate_pa": rate}
        | measure_book(decision.book, amount, np.full_like(amount, rate), decision.desk.rules)
        for name, (amount, rate) in books.items()
    ]
