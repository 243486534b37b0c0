"""Draws monthly sales and purchases: trend, season, noise, idle months, distress."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.economy.draws import Columns, log_odds, round_fen, sigmoid, stream
from techflow.economy.mechanism import Mechanism


def month_starts(as_of: date, months_n: int) -> NDArray[Any]:
    """First days of the last months up to and including the month of `as_of`.

    Examples:
        >>> month_starts(date(2026, 6, 30), 2).tolist()
        [datetime.date(2026, 5, 1), datetime.date(2026, 6, 1)]
    """
    last = np.datetime64(as_of, "M")
    return (last - np.arange(months_n - 1, -1, -1)).astype("datetime64[D]")


def draw_months(
    mechanism: Mechanism, firms: Columns, outcomes: Columns, *, seed: int, chunk: int
) -> Columns:
    """Monthly trade of each firm.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        outcomes: Columns of `draw_outcomes`; sales fall before a default and stop after it.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        Arrays of shape (firms, months): `sales_lcy` (net of credit notes), `purchases_lcy`,
        `credit_notes_lcy` (positive), counts `sale_n purchase_n void_n credit_note_n`.
        A month without sales has zeros.
    """
    rng, shape = stream(seed, "trade", chunk), (len(firms["firm_n"]), mechanism.months_n)
    months = month_starts(mechanism.as_of, mechanism.months_n)
    level, active = _draw_level(mechanism, firms, outcomes, rng, months)
    sale_n = _draw_counts(mechanism, firms, rng, shape) * active
    void = _draw_share(rng, mechanism.void_share_median, mechanism.void_log_odds_sd, shape[0])
    credit = _draw_share(
        rng, mechanism.credit_note_share_median, mechanism.credit_note_log_odds_sd, shape[0]
    )
    credit_note_n = rng.poisson(sale_n * credit)
    mean_lcy = np.divide(level, sale_n, out=np.zeros(shape), where=sale_n > 0)
    credit_lcy = round_fen(credit_note_n * mean_lcy * rng.lognormal(-0.3, 0.8, shape))
    share = _draw_purchase_share(mechanism, firms, rng)
    purchases = level * share * rng.lognormal(-0.05, 0.3, shape)
    return {
        "sales_lcy": round_fen(level) - credit_lcy,
        "purchases_lcy": round_fen(purchases),
        "credit_notes_lcy": credit_lcy,
        "sale_n": sale_n,
        "purchase_n": np.where(
            active & (share > 0), 1 + rng.poisson(mechanism.purchases_per_sale * sale_n), 0
        ),
        "void_n": rng.poisson(sale_n * void / (1.0 - void)),
        "credit_note_n": credit_note_n,
    }


def _draw_level(
    mechanism: Mechanism,
    firms: Columns,
    outcomes: Columns,
    rng: np.random.Generator,
    months: NDArray[Any],
) -> tuple[Floats, NDArray[np.bool_]]:
    n, months_n = len(firms["firm_n"]), len(months)
    number = months.astype("datetime64[M]").astype(np.int64)
    middle = np.datetime64(f"{mechanism.as_of.year - 1}-07", "M").astype(np.int64)
    trend = firms["growth_ratio"][:, None] * (number - middle) / 12.0
    season = np.asarray(mechanism.season_log)[number % 12]
    sd_log = (
        np.log(mechanism.sales_log_sd_median) + mechanism.quality_sales_sd_log * firms["quality"]
    )
    sd = np.exp(sd_log + mechanism.sales_log_sd_spread * rng.standard_normal(n))[:, None]
    noise = _autocorrelated(rng, n, months_n, mechanism.sales_autocorrelation)
    idle = _draw_share(rng, mechanism.idle_share_median, mechanism.idle_log_odds_sd, n)
    health = _health(mechanism, outcomes["defaulted_on"], number)
    level = firms["revenue_cny"][:, None] / 12.0 * health / (1.0 - idle)
    level = level * np.exp(trend + season + sd * noise - sd**2 / 2.0)
    born = firms["founded_on"][:, None] < months
    active = born & (level > 0.0) & (rng.random((n, months_n)) >= idle)
    return np.where(active, level, 0.0), active


def _autocorrelated(rng: np.random.Generator, n: int, months_n: int, correlation: float) -> Floats:
    noise = rng.standard_normal((n, months_n))
    for month in range(1, months_n):
        fresh = np.sqrt(1.0 - correlation**2) * noise[:, month]
        noise[:, month] = correlation * noise[:, month - 1] + fresh
    return noise


def _health(mechanism: Mechanism, defaulted_on: NDArray[Any], number: NDArray[Any]) -> Floats:
    falls = defaulted_on.astype("datetime64[M]").astype(np.float64)
    falls = np.where(np.isnat(defaulted_on), np.inf, falls)[:, None]
    until = falls - number[None, :]
    ramp = np.clip(0.4 + 0.6 * until / mechanism.distress_ramp_months, 0.4, 1.0)
    return np.where(until < -mechanism.after_default_months, 0.0, ramp)


def _draw_counts(
    mechanism: Mechanism, firms: Columns, rng: np.random.Generator, shape: tuple[int, int]
) -> NDArray[np.int64]:
    size = np.log(np.maximum(firms["scale_cny"], 1.0) / 3e7)
    mean = mechanism.sale_n_median * np.exp(
        0.25 * size + mechanism.sale_n_log_sd * rng.standard_normal(shape[0])
    )
    counts = rng.poisson(np.minimum(mean, mechanism.sale_n_max)[:, None], shape)
    return np.maximum(counts, 1)


def _draw_share(rng: np.random.Generator, median: float, sd: float, n: int) -> Floats:
    return sigmoid(log_odds(median) + sd * rng.standard_normal((n, 1)))


def _draw_purchase_share(mechanism: Mechanism, firms: Columns, rng: np.random.Generator) -> Floats:
    usual = log_odds(mechanism.purchase_share_median / 1.1)
    odds = usual + mechanism.quality_purchase_log_odds * firms["quality"]
    noise = mechanism.purchase_log_odds_sd * rng.standard_normal(len(odds))
    return (1.1 * sigmoid(odds + noise))[:, None]
