"""Draws what is wrong with evidence: sources that stop, restated accounts, repeated numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.economy.accounts import TAX_SHARE
from techflow.economy.draws import Columns, keep_rows, stream
from techflow.economy.firms import days_before
from techflow.economy.mechanism import Mechanism

MONTH_DAYS = 30


def draw_stops(mechanism: Mechanism, firms: Columns, *, seed: int, chunk: int) -> NDArray[Any]:
    """The day after which nothing more is heard of a firm; NaT if its evidence is fresh.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.
    """
    rng, n = stream(seed, "stop", chunk), len(firms["firm_n"])
    stops_on = days_before(mechanism.as_of, MONTH_DAYS * rng.integers(8, 21, n))
    return np.where(rng.random(n) < mechanism.stale_share, stops_on, np.datetime64("NaT"))


def restate(mechanism: Mechanism, statements: Columns, *, seed: int, chunk: int) -> Columns:
    """Later versions of some statements: less revenue, the same cost.

    The lost profit leaves receivables, assets, retained earnings and equity alike, so that
    the identities tie in the restated accounts too.

    Args:
        mechanism: The declared mechanism.
        statements: Columns of `draw_statements`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        The changed rows only, with `known_on`, not after the as-of date.
    """
    rng, n = stream(seed, "restated", chunk), len(statements["firm"])
    chosen = rng.random(n) < mechanism.restated_share
    cut = np.rint(statements["revenue_lcy"] * (0.02 + 0.1 * rng.random(n)))
    wait_days = mechanism.filing_lag_days + rng.integers(90, 300, n)
    known_on = statements["period_end_on"] + wait_days.astype("timedelta64[D]")
    pretax = statements["pretax_income_lcy"] - cut
    net = pretax - np.rint(TAX_SHARE * np.maximum(pretax, 0.0))
    lost = statements["net_income_lcy"] - net
    kept = chosen & (cut > 0) & (lost <= statements["receivables_lcy"])
    kept &= known_on <= np.datetime64(mechanism.as_of)
    changes = dict.fromkeys(("revenue_lcy", "operating_income_lcy", "pretax_income_lcy"), cut)
    shrinks = "net_income retained_earnings receivables current_assets total_assets total_equity"
    changes |= dict.fromkeys([f"{name}_lcy" for name in shrinks.split()], lost)
    restated = {name: statements[name] - change for name, change in changes.items()}
    return keep_rows({**statements, **restated, "known_on": known_on}, kept)


def repeat_numbers(mechanism: Mechanism, invoices: Columns, *, seed: int, chunk: int) -> Columns:
    """Invoices again, where a few numbers occur a second time with another amount.

    Args:
        mechanism: The declared mechanism.
        invoices: Columns of `draw_invoices`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        All rows, with `line_n` (1, or 2 for the repeat) and `number_repeated` (bool).
    """
    rng, n = stream(seed, "repeated", chunk), len(invoices["firm"])
    twice = rng.random(n) < mechanism.repeated_number_share
    row = np.repeat(np.arange(n), 1 + twice)
    second = np.append(False, row[1:] == row[:-1])
    factor = np.where(second, 0.5 + rng.random(len(row)), 1.0)
    repeated = {**keep_rows(invoices, row), "line_n": 1 + second, "number_repeated": twice[row]}
    for name in ("net_lcy", "vat_lcy"):
        repeated[name] = np.round(repeated[name] * factor, 2)
    return repeated
