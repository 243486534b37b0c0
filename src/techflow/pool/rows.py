"""What must hold of a row of a book before its loss is split."""

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.pool.numbers import FEN_MOST
from techflow.pool.scheme import Scheme

PROBLEMS = (
    "loan_unusable",
    "loss_unusable",
    "loss_above_loan",
    "fact_unknown",
    "loan_id_missing",
    "loan_id_twice",
    "id_missing",
    "filed_on_missing",
    "filed_outside_scheme",
    "claimed_on_missing",
    "claimed_before_filed",
    "recovered_unusable",
    "recovered_without_claim",
    "recovered_above_loss",
    "recovered_on_missing",
    "recovered_before_claimed",
)
"""Every reason for which a row is put aside."""


def keys_needed(scheme: Scheme) -> list[str]:
    """Scopes, besides the scheme itself, whose ids its caps and breakers need.

    Args:
        scheme: A scheme.
    """
    scopes = [cap.scope for cap in scheme.caps] + [breaker.scope for breaker in scheme.breakers]
    return [scope for scope in ("firm", "bank", "guarantor") if scope in scopes]


def check_rows(loans: Frame, scheme: Scheme) -> Frame:
    """Name the first thing wrong with each row, besides what `split_by_loan` found.

    Args:
        loans: Result of `split_by_loan` with `loan_id`, `filed_on`, `claimed_on`,
            `recovered_<currency>`, `recovered_on` and the ids of `keys_needed`.
        scheme: The same scheme.

    Returns:
        The rows with `recovered_fen` and `row_problem`: null if the row can be split.

    Raises:
        MissingColumn: A column is absent.
    """
    money, keys = f"recovered_{scheme.currency}", [f"{scope}_id" for scope in keys_needed(scheme)]
    dates = ("filed_on", "claimed_on", "recovered_on")
    needed = ["loan_id", *dates, money, *keys]
    require_columns(loans, needed, needed_by=f"a split by scheme {scheme.id}")
    amount = nw.col(money).cast(nw.Float64)
    usable = amount.is_finite() & (amount >= 0) & (amount <= FEN_MOST / 100)
    fen = nw.when(usable).then((amount * 100 + 0.5).floor()).otherwise(None).cast(nw.Int64)
    same = nw.col("loan_id").count().over("loan_id")
    counted = loans.with_columns(recovered_fen=fen, same_n=same)
    found = nw.lit(None, nw.String())
    for problem, test in reversed(_tests(scheme, keys, money)):
        found = nw.when(test).then(nw.lit(problem)).otherwise(found)
    before = nw.col("problem")
    first = nw.when(before.is_null()).then(found).otherwise(before)
    return counted.with_columns(row_problem=first).drop("same_n")


def _tests(scheme: Scheme, keys: Sequence[str], money: str) -> list[tuple[str, nw.Expr]]:
    filed, claimed, back_on = (nw.col(name) for name in ("filed_on", "claimed_on", "recovered_on"))
    claims, back = nw.col("loss_fen") > 0, nw.col("recovered_fen") > 0
    outside = filed < scheme.since
    if scheme.until is not None:
        outside = outside | (filed >= scheme.until)
    missing = nw.lit(False)
    for key in keys:
        missing = missing | nw.col(key).is_null()
    return [
        ("loan_id_missing", nw.col("loan_id").is_null()),
        ("loan_id_twice", nw.col("same_n") > 1),
        ("id_missing", missing),
        ("filed_on_missing", filed.is_null()),
        ("filed_outside_scheme", outside),
        ("claimed_on_missing", claims & claimed.is_null()),
        ("claimed_before_filed", claims & (claimed < filed)),
        ("recovered_unusable", nw.col("recovered_fen").is_null() & ~nw.col(money).is_null()),
        ("recovered_without_claim", back & (nw.col("loss_fen").is_null() | ~claims)),
        ("recovered_above_loss", nw.col("recovered_fen") > nw.col("loss_fen")),
        ("recovered_on_missing", back & back_on.is_null()),
        ("recovered_before_claimed", back & (back_on < claimed)),
    ]
