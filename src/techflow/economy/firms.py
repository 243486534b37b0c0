"""Draws the firms themselves: sector, place, age, size, and the two latent traits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.economy.draws import Columns, log_odds, pick, sigmoid, stream
from techflow.economy.mechanism import EVIDENCE_KINDS, Mechanism
from techflow.economy.places import BRAND_FIRST, BRAND_SECOND

START_UP = EVIDENCE_KINDS.index("start_up")
DAYS_PER_YEAR = 365.25
BRAND_STEP = 211


def of_stage(values: tuple[float, ...], stage: NDArray[Any]) -> Floats:
    """The parameter of each firm's life stage, or of another code."""
    return np.asarray(np.asarray(values, np.float64)[stage], np.float64)


def days_before(day: Any, days: NDArray[Any]) -> NDArray[Any]:
    """The date so many days before another."""
    return np.asarray(np.datetime64(day, "D") - np.asarray(days).astype("timedelta64[D]"))


def draw_firms(mechanism: Mechanism, *, seed: int, chunk: int) -> Columns:
    """One chunk of firms.

    Args:
        mechanism: The declared mechanism.
        seed: Seed of the sample.
        chunk: Which chunk, from 0.

    Returns:
        One row per firm: `firm_n` (1-based, over the whole sample), codes `sector region city
        brand stage evidence`, `files` (whether its accounts are known), `founded_on`, latent
        `quality` and `technology` (standard normal), `scale_cny` (yearly sales the firm is
        made for), `revenue_cny` (sales of the last full year; none yet for evidence kind
        start-up), `growth_ratio`, `rnd_share`, `employees_n`, `rnd_staff_n`.
    """
    rng, n = stream(seed, "firm", chunk), mechanism.chunk_firms
    firm_n = chunk * n + np.arange(1, n + 1)
    places = _draw_places(mechanism, rng, n)
    evidence = pick(rng, np.asarray(mechanism.evidence_shares), n)
    stage = np.where(evidence == START_UP, 0, pick(rng, np.asarray(mechanism.stage_shares), n))
    return {
        "firm_n": firm_n,
        **places,
        "brand": firm_n * BRAND_STEP % (len(BRAND_FIRST) * len(BRAND_SECOND)),
        "stage": stage,
        "evidence": evidence,
        "files": _draw_filing(mechanism, rng, evidence),
        "founded_on": _draw_founding(mechanism, rng, stage),
        **_draw_traits(mechanism, rng, stage, evidence == START_UP),
    }


def _draw_places(mechanism: Mechanism, rng: np.random.Generator, n: int) -> Columns:
    regions = mechanism.regions
    region = pick(rng, np.array([item.firms_n for item in regions], np.float64), n)
    cities_n = np.array([len(item.cities) for item in regions])[region]
    return {
        "sector": pick(rng, np.array([item.share for item in mechanism.sectors]), n),
        "region": region,
        "city": (rng.random(n) ** 1.5 * cities_n).astype(np.int64),
    }


def _draw_filing(
    mechanism: Mechanism, rng: np.random.Generator, evidence: NDArray[Any]
) -> NDArray[np.bool_]:
    shares = (mechanism.filing_share, 1.0, 0.0, 0.0)
    return np.asarray(rng.random(len(evidence)) < of_stage(shares, evidence))


def _draw_founding(
    mechanism: Mechanism, rng: np.random.Generator, stage: NDArray[Any]
) -> NDArray[Any]:
    low = of_stage(mechanism.age_years_min, stage)
    high = of_stage(mechanism.age_years_max, stage)
    age_years = low + (high - low) * rng.random(len(stage))
    return days_before(mechanism.as_of, age_years * DAYS_PER_YEAR)


def _draw_traits(
    mechanism: Mechanism, rng: np.random.Generator, stage: NDArray[Any], early: NDArray[np.bool_]
) -> Columns:
    quality, own, size, pace, effort, heads, lab = rng.standard_normal((7, len(stage)))
    shared = mechanism.technology_quality_correlation
    technology = shared * quality + np.sqrt(1.0 - shared**2) * own
    size_log = np.log(of_stage(mechanism.revenue_median_cny, stage))
    scale_cny = np.exp(size_log + mechanism.revenue_log_sd * size)
    growth = of_stage(mechanism.growth_mean_ratio, stage) + mechanism.growth_sd_ratio * pace
    effort_log = mechanism.technology_rnd_log * technology + mechanism.rnd_share_log_sd * effort
    rnd_share = of_stage(mechanism.rnd_share_median, stage) * np.exp(effort_log)
    employees = np.rint(4.0 + scale_cny / mechanism.revenue_per_head_cny * np.exp(0.4 * heads))
    lab_log_odds = (
        log_odds(mechanism.rnd_staff_share_median)
        + mechanism.technology_staff_log_odds * technology
        + 0.5 * lab
    )
    return {
        "quality": quality,
        "technology": technology,
        "scale_cny": scale_cny,
        "revenue_cny": np.where(early, 0.0, scale_cny),
        "growth_ratio": growth + mechanism.quality_growth_ratio * quality,
        "rnd_share": np.minimum(rnd_share, 0.6),
        "employees_n": employees.astype(np.int64),
        "rnd_staff_n": np.rint(employees * sigmoid(lab_log_odds)).astype(np.int64),
    }
