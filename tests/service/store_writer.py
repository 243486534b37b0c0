"""Writes pairs of parts to a store for ever: the victim of the crash test.

Run: python store_writer.py STORE SEED [TRANSACTIONS]. Each transaction adds the same firms to
`staff` and to `credential`, one frame in memory and one lazy.
"""

import itertools
import random
import sys
from datetime import UTC, date, datetime

import polars as pl

from techflow_service.store import Store

KNOWN_AT = datetime(2024, 1, 1, tzinfo=UTC)


def firm_rows(transaction_n, rows_n):
    ids = [f"demo:{transaction_n:06d}-{n:05d}" for n in range(rows_n)]
    evidence = {
        "source_id": f"writer:{transaction_n}",
        "source_row_n": range(1, rows_n + 1),
        "known_at": KNOWN_AT,
    }
    stamps = {"known_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame({"firm_id": ids} | evidence, schema_overrides=stamps)


def staff_rows(firms):
    nothing = pl.lit(None)
    return firms.with_columns(
        counted_on=date(2024, 1, 1), employees_n=5, rnd_staff_n=nothing, graduates_n=nothing
    )


def credential_rows(firms):
    nothing = pl.lit(None)
    return firms.lazy().with_columns(
        credential=pl.lit("hnte"),
        certificate_number=nothing,
        issuer=nothing,
        since=date(2024, 1, 1),
        until=nothing,
    )


def add_pair(store, transaction_n, rows_n):
    firms = firm_rows(transaction_n, rows_n)
    with store.transaction(datetime.now(tz=UTC)) as transaction:
        transaction.add("staff", staff_rows(firms))
        transaction.add("credential", credential_rows(firms))


def main(path, seed, transactions_n=None):
    store, draw = Store.open(path), random.Random(int(seed))
    rounds = itertools.count() if transactions_n is None else range(int(transactions_n))
    for transaction_n in rounds:
        add_pair(store, transaction_n, draw.choice([1, 10, 1_000, 20_000]))


if __name__ == "__main__":
    main(*sys.argv[1:])
