"""Default: a logistic index made random by common and sector factors."""

from functools import lru_cache

import numpy as np

from techflow.basics import Floats
from techflow.economy.draws import Columns, normal_share, sigmoid, stream
from techflow.economy.firms import days_before, of_stage
from techflow.economy.mechanism import Mechanism

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)


@lru_cache(maxsize=64)
def base_log_odds(mechanism: Mechanism) -> float:
    """The intercept that gives the declared mean default rate.

    Solves E[1 / (1 + exp(-(a + stage + s Z)))] = rate by bisection; the expectation over the
    normal Z is Gauss-Hermite quadrature and s is the standard deviation of the index.

    Args:
        mechanism: The declared mechanism; evidence shares do not enter.
    """
    spread = _index_sd(mechanism)
    shares = np.asarray(mechanism.stage_shares) / np.sum(mechanism.stage_shares)
    shifts = np.add.outer(np.asarray(mechanism.stage_log_odds), spread * NODES)
    weights = np.multiply.outer(shares, WEIGHTS / WEIGHTS.sum())
    low, high = -30.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2.0
        rate = float((weights * sigmoid(middle + shifts)).sum())
        low, high = (middle, high) if rate < mechanism.default_rate_pa else (low, middle)
    return (low + high) / 2.0


def _index_sd(mechanism: Mechanism) -> float:
    quality, technology = mechanism.quality_strength, mechanism.technology_strength
    joint = 2.0 * mechanism.technology_quality_correlation * quality * technology
    return float(np.sqrt(quality**2 + technology**2 + joint))


def default_index(mechanism: Mechanism, firms: Columns) -> Floats:
    """The true log-odds of default within a year, before the factors are known.

    index = a + stage - b_quality quality - b_technology technology, with b_technology the
    stated strength of technology flow.

    Args:
        mechanism: The declared mechanism.
        firms: Columns `stage quality technology`.

    Returns:
        Log-odds, shape (n,).
    """
    return np.asarray(
        base_log_odds(mechanism)
        + of_stage(mechanism.stage_log_odds, firms["stage"])
        - mechanism.quality_strength * firms["quality"]
        - mechanism.technology_strength * firms["technology"]
    )


def draw_factors(mechanism: Mechanism, *, seed: int) -> tuple[Floats, Floats]:
    """The common factor by year and the sector factors by year and sector.

    Args:
        mechanism: The declared mechanism.
        seed: Seed of the sample.

    Returns:
        Standard normal arrays (years,) and (years, sectors); the last year is the one after
        the as-of date. Low means a bad year.
    """
    years_n = mechanism.outcome_years_n + 1
    common = stream(seed, "common").standard_normal(years_n)
    return common, stream(seed, "sector").standard_normal((years_n, len(mechanism.sectors)))


def systematic_part(mechanism: Mechanism, common: Floats, sector: Floats) -> Floats:
    """What the factors add to a firm's asset value: sqrt(r_c) Z_c + sqrt(r_s) Z_s."""
    shared = np.sqrt(mechanism.common_correlation) * common
    return np.asarray(shared + np.sqrt(mechanism.sector_correlation) * sector, np.float64)


def draw_defaults(pd: Floats, systematic: Floats, own: Floats, correlation: float) -> Floats:
    """Whether each firm defaults, given the factors.

    A firm defaults if Phi(systematic + sqrt(1 - r) own) < pd, so that its probability before
    the factors are known is exactly pd.

    Args:
        pd: One-year default probability, fraction, shape (n,).
        systematic: Systematic part of the asset value, variance r, shape (n,) or ().
        own: Standard normal own part, shape (n,).
        correlation: Asset correlation r in [0, 1).

    Returns:
        1.0 for default, else 0.0.

    Source:
        Vasicek 2002, The distribution of loan portfolio value, Risk 15(12).
    """
    asset = systematic + np.sqrt(1.0 - correlation) * own
    return np.asarray(normal_share(asset) < pd, np.float64)


def draw_outcomes(mechanism: Mechanism, firms: Columns, *, seed: int, chunk: int) -> Columns:
    """Who defaults when: years before the as-of date, and the sealed year after it.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        `index`, `pd`, `factor_next` (systematic part of the year ahead), `defaulted_on`
        (first default up to the as-of date, NaT if none) and `defaulted_next` (1.0 or 0.0;
        NaN for a firm that has defaulted before).
    """
    rng, n = stream(seed, "outcome", chunk), len(firms["firm_n"])
    index = default_index(mechanism, firms)
    pd, years_n = sigmoid(index), mechanism.outcome_years_n
    common, sector = draw_factors(mechanism, seed=seed)
    systematic = systematic_part(mechanism, common[:, None], sector)[:, firms["sector"]]
    correlation = mechanism.common_correlation + mechanism.sector_correlation
    defaulted_on = np.full(n, np.datetime64("NaT"), "datetime64[D]")
    for year in range(years_n):
        opens_on = days_before(mechanism.as_of, np.array([365 * (years_n - year)]))
        at_risk = np.isnat(defaulted_on) & (firms["founded_on"] < opens_on)
        falls = draw_defaults(pd, systematic[year], rng.standard_normal(n), correlation) == 1.0
        falls_on = opens_on + rng.integers(1, 366, n).astype("timedelta64[D]")
        defaulted_on = np.where(falls & at_risk, falls_on, defaulted_on)
    ahead = draw_defaults(pd, systematic[years_n], rng.standard_normal(n), correlation)
    return {
        "index": index,
        "pd": pd,
        "factor_next": systematic[years_n],
        "defaulted_on": defaulted_on,
        "defaulted_next": np.where(np.isnat(defaulted_on), ahead, np.nan),
    }
