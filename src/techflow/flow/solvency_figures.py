"""What a simulated scheme comes to: figures by party and year, each with its standard error."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.flow.solvency_book import Book, Outcome
from techflow.pool import Rules
from techflow.portfolio.measures import Estimate, TailRisk, measure_losses, tail_scenarios

FAN = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
FEN = 100.0


def chance(hits: NDArray[Any]) -> Estimate:
    """A probability from scenarios that hit or do not, with its standard error.

    Args:
        hits: 1 or 0 for each scenario.

    Returns:
        The share that hit; its error is the deviation of what it may be, given a flat prior, so
        that it is not 0 where nothing was hit.

    Source:
        Beta posterior of a binomial share under a uniform prior (Bayes 1763; Laplace 1774).

    Examples:
        >>> found = chance(np.array([1, 0, 0, 0]))
        >>> found.value, round(found.error, 6)
        (0.25, 0.178174)
    """
    n, share = len(hits), float(np.mean(hits))
    likely = (share * n + 1.0) / (n + 2.0)
    return Estimate(share, float(np.sqrt(likely * (1.0 - likely) / (n + 3.0))))


def mean_of(values: Floats) -> Estimate:
    """A mean over independent scenarios with its standard error.

    Args:
        values: One for each scenario.
    """
    return Estimate(float(values.mean()), float(values.std() / np.sqrt(len(values))))


def party_risks(outcome: Outcome, *, level: float) -> tuple[TailRisk, list[TailRisk]]:
    """Mean, value at risk and expected shortfall over all years, of all and of each party.

    Args:
        outcome: See `simulate_pool`.
        level: Such as 0.99.

    Raises:
        InvalidInput: Too few scenarios lie beyond the level.
    """
    paid = outcome.paid_fen.sum(axis=1) / FEN
    each = [measure_losses(paid[:, j], level=level) for j in range(paid.shape[1])]
    return measure_losses(paid.sum(axis=1), level=level), each


def party_tail(outcome: Outcome, *, level: float) -> list[Estimate]:
    """What each party brings to the expected shortfall of all losses; the values add up to it.

    Args:
        outcome: See `simulate_pool`.
        level: Such as 0.99.

    Source:
        Euler allocation, as `sector_shares`.
    """
    paid = outcome.paid_fen.sum(axis=1) / FEN
    tail = tail_scenarios(paid.sum(axis=1), level=level)
    worst = paid[tail.scenario]
    value = tail.weight @ worst
    error = np.sqrt(tail.weight**2 @ (worst - value) ** 2)
    return [Estimate(float(v), float(e)) for v, e in zip(value, error, strict=True)]


def year_rows(outcome: Outcome, rules: Rules, *, watched: int) -> list[dict[str, Any]]:
    """Each year: chance that by its end a purse was empty, a breaker tripped, a cap was reached.

    Args:
        outcome: See `simulate_pool`.
        rules: Bounds of the scheme.
        watched: Party whose purse is followed.

    Returns:
        A row for each year: `emptied`, `tripped`, `capped` (so far), means by party, and
        quantiles of what is left in the purse at its end (None without a purse).
    """
    left = purse_left(outcome, rules, watched=watched)
    rows: list[dict[str, Any]] = []
    for year in range(outcome.paid_fen.shape[1]):
        paid = outcome.paid_fen[:, year] / FEN
        rows.append(
            {
                "year": year + 1,
                "emptied": chance(outcome.emptied_year <= year),
                "tripped": chance(outcome.tripped_year <= year),
                "capped": chance(outcome.capped_year <= year),
                "loss": mean_of(paid.sum(axis=1)),
                "paid": [mean_of(paid[:, j]) for j in range(paid.shape[1])],
                "purse": None if left is None else np.quantile(left[:, year], FAN).tolist(),
                "purse_mean": None if left is None else mean_of(left[:, year]),
            }
        )
    return rows


def purse_left(outcome: Outcome, rules: Rules, *, watched: int) -> Floats | None:
    """What is left in the purse of a party at the end of each year, shape (scenarios, years).

    Args:
        outcome: See `simulate_pool`.
        rules: Bounds of the scheme.
        watched: The party.

    Returns:
        Yuan; None if it has no purse.
    """
    purses = np.flatnonzero((rules.cap_refilled == 1) & (rules.cap_party == watched))
    if not purses.size:
        return None
    paid_in = np.cumsum(rules.inflow_fen[purses[0]])
    left: Floats = (paid_in - np.cumsum(outcome.paid_fen[:, :, watched], axis=1)) / FEN
    return left


def exposure_years(book: Book, years_n: int) -> float:
    """Principal in the scheme, summed over the years in which its loans are alive, yuan.

    Args:
        book: The loans.
        years_n: Years.
    """
    alive = np.clip(np.minimum(book.term_years, years_n - book.split.cohort), 0, None)
    return float(book.filed_fen @ alive) / FEN


def fair_fees(
    risks: list[TailRisk], *, exposure_cny: float, capital_rate_pa: float, years_n: int
) -> list[dict[str, Estimate] | None]:
    """What each layer is worth a year, as a share of the principal it covers.

    Args:
        risks: By party, see `party_risks`.
        exposure_cny: Principal times years, see `exposure_years`.
        capital_rate_pa: Cost of a yuan held for a year against bad scenarios.
        years_n: Years.

    Returns:
        For each party `expected` (its mean loss) and `with_capital` (also the cost of holding its
        expected shortfall less the mean for the whole time); None without principal.

    Source:
        Cost-of-capital loading as in the risk margin of Solvency II, Directive 2009/138/EC,
        Article 77(5), here on the expected shortfall.
    """
    if exposure_cny <= 0.0:
        return [None for _ in risks]
    found: list[dict[str, Estimate] | None] = []
    for risk in risks:
        mean, held = risk.mean_cny, capital_rate_pa * years_n
        loaded = mean.value + held * (risk.es_cny.value - mean.value)
        # Taken as if independent: the two errors move together, so this is not too small.
        error = float(np.hypot(mean.error, held * risk.es_cny.error))
        found.append(
            {
                "expected": Estimate(mean.value / exposure_cny, mean.error / exposure_cny),
                "with_capital": Estimate(loaded / exposure_cny, error / exposure_cny),
            }
        )
    return found


def sector_shares(outcome: Outcome, *, level: float) -> list[dict[str, Estimate]]:
    """What each sector brings: to the mean and to the tail of all losses, and of one party's.

    Args:
        outcome: See `simulate_pool`.
        level: Such as 0.99.

    Returns:
        For each sector `loss`, `loss_tail`, `watched`, `watched_tail`, yuan; tails add up to the
        expected shortfall.

    Source:
        Euler allocation: Tasche (1999), Risk contributions and performance measurement.
    """
    rows: list[dict[str, Estimate]] = [{} for _ in range(outcome.sector_fen.shape[1])]
    for place, name in enumerate(("loss", "watched")):
        parts = outcome.sector_fen[:, :, place] / FEN
        tail = tail_scenarios(parts.sum(axis=1), level=level)
        worst = parts[tail.scenario]
        value = tail.weight @ worst
        error = np.sqrt(tail.weight**2 @ (worst - value) ** 2)
        for sector, row in enumerate(rows):
            row[name] = mean_of(parts[:, sector])
            row[f"{name}_tail"] = Estimate(float(value[sector]), float(error[sector]))
    return rows


def histogram(outcome: Outcome, *, bins_n: int = 40) -> Mapping[str, list[float]]:
    """The distribution of all losses over the years.

    Args:
        outcome: See `simulate_pool`.
        bins_n: Bars.

    Returns:
        `edges` in yuan and `shares` of the scenarios; the last bar holds all beyond 99.9 %.
    """
    total = outcome.paid_fen.sum(axis=(1, 2)) / FEN
    most = float(np.quantile(total, 0.999)) or 1.0
    counts, edges = np.histogram(np.minimum(total, most), bins=bins_n, range=(0.0, most))
    return {"edges": edges.tolist(), "shares": (counts / len(total)).tolist()}
