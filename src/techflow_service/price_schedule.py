"""Every payment of priced loans, to the fen: as a table and in the words of one screen."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from techflow.pricing.instalments import pay_back
from techflow_service.price_columns import KIND, type_loans
from techflow_service.price_labels import WORDS
from techflow_service.pricing import Priced

FEN_N = 100
TOLD_N = 3
"""Payments of one screen: so many at the start, and the last one."""
YUAN = ("payment_cny", "principal_cny", "interest_cny", "owed_cny")


def list_payments(priced: Priced) -> pl.DataFrame:
    """Payments at the rate offered, else at the break-even rate, loan by loan.

    Args:
        priced: Loans with their price; those without one have no payments.

    Returns:
        `firm_id` where the loans have it, `loan_n` (row of the file, from 1), `rate_pa`,
        `payment_n`, `month` and, in yuan, `payment_cny`, `principal_cny`, `interest_cny`,
        `owed_cny`.
    """
    loans = priced.rows.with_row_index("loan_n", offset=1)
    typed = type_loans(priced.rows, lgd=0.0, repayment=priced.way.repayment).with_columns(
        loans["loan_n"], priced.rows["rate_pa"], *loans.select(pl.col("^firm_id$")).get_columns()
    )
    rate = pl.coalesce(pl.col("^offered_rate_pa$"), "rate_pa").alias("rate_pa")
    alive = typed.filter(priced.rows["reason_code"].is_null()).with_columns(rate)
    lent = (alive["limit_lcy"].to_numpy() * FEN_N).round().astype(np.int64)
    kept = alive.filter(pl.Series(lent > 0))
    paid = pay_back(
        lent[lent > 0],
        kept["rate_pa"].to_numpy(),
        kept["term_months"].to_numpy(),
        kept[KIND].to_numpy(),
        period_months=priced.way.period_months,
    )
    known: pl.DataFrame = kept.select(pl.col("^firm_id$"), "loan_n", "rate_pa")[
        paid["loan"].tolist()
    ]
    fen = {name: paid[name] for name in ("principal_fen", "interest_fen", "owed_fen")}
    whole = (fen["principal_fen"] + fen["interest_fen"], *fen.values())
    # NumPy divides; Polars may multiply by 0.01, which is off in the last digit.
    yuan = {name: each / FEN_N for name, each in zip(YUAN, whole, strict=True)}
    return known.with_columns(
        pl.Series("payment_n", paid["payment_n"]),
        pl.Series("month", paid["month"]),
        *(pl.Series(name, values) for name, values in yuan.items()),
    )


def tell_payments(priced: Priced, row: Mapping[str, Any], place: int) -> Iterator[str]:
    """Sums, the first payments and the last one of a loan.

    Args:
        priced: The book.
        row: The loan.
        place: 0 in Chinese, 1 in English.
    """
    one = Priced(pl.DataFrame([row], infer_schema_length=None), priced.numbers, priced.way)
    rows = list_payments(one)
    if rows.is_empty():
        return
    sums = {name: f"{rows[f'{name}_cny'].sum():,.2f}" for name in ("principal", "interest")}
    rate = f"{rows['rate_pa'][0]:.3%}"
    yield WORDS["payments"][place].format(rate=rate, n=rows.height, **sums)
    shown = rows.filter((pl.col("payment_n") <= TOLD_N) | (pl.col("payment_n") == rows.height))
    for each in shown.iter_rows(named=True):
        amounts = {name.removesuffix("_cny"): f"{each[name]:,.2f}" for name in YUAN}
        told = {"k": each["payment_n"], "month": f"{each['month']:g}", **amounts}
        yield WORDS["payment"][place].format(paid=amounts.pop("payment"), **told)
