"""Draws patents and staff counts."""

from datetime import date
from typing import Any

import numpy as np

from techflow.basics import Floats
from techflow.economy.draws import Columns, pick, spread, stream
from techflow.economy.firms import DAYS_PER_YEAR, days_before
from techflow.economy.mechanism import Mechanism

KINDS = ("invention", "utility", "design")


def draw_patents(mechanism: Mechanism, firms: Columns, *, seed: int, chunk: int) -> Columns:
    """Patents filed before the as-of date.

    Counts are negative binomial (a gamma mixture of Poissons) with a mean that rises with R&D
    spending and technology.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One row per patent, firms in order: `firm`, `place` (from 0 within the firm), code
        `kind`, `filed_on`, `granted_on` (NaT if pending), code `subclass` of its main IPC
        subclass, `cpc_subclasses_n`, `claims_n`, `independent_claims_n`, `inventors_n`,
        `backward_citations_n`, `family_size_n`.

    Source:
        Negative binomial patent counts: Hausman, Hall, Griliches 1984, Econometrica 52(4).
    """
    rng = stream(seed, "patent", chunk)
    firm, place = spread(_draw_counts(mechanism, firms, rng))
    n = len(firm)
    age_years = _age_years(mechanism, firms)[firm] * rng.random(n) ** 1.3
    filed_on = days_before(mechanism.as_of, age_years * DAYS_PER_YEAR)
    utility = (1.0 - mechanism.invention_share) * 0.8
    shares = np.array(
        [mechanism.invention_share, utility, 1.0 - mechanism.invention_share - utility]
    )
    kind = pick(rng, shares, n)
    wait_days = np.where(kind == 0, rng.gamma(9.0, 70.0, n), rng.gamma(9.0, 22.0, n))
    granted_on = filed_on + wait_days.astype("timedelta64[D]")
    pending = (granted_on > np.datetime64(mechanism.as_of)) | (rng.random(n) < 0.25)
    ability = firms["technology"][firm]
    independent_n = 1 + rng.poisson(0.6 * np.exp(mechanism.technology_claims_log * ability))
    return {
        "firm": firm,
        "place": place,
        "kind": kind,
        "filed_on": filed_on,
        "granted_on": np.where(pending, np.datetime64("NaT"), granted_on),
        "subclass": np.minimum(rng.geometric(0.6, n) - 1, 2),
        "cpc_subclasses_n": np.minimum(rng.geometric(0.55, n), 9),
        "claims_n": independent_n
        + rng.poisson(
            np.where(kind == 2, 0.0, 5.0) * np.exp(mechanism.technology_claims_log * ability)
        ),
        "independent_claims_n": independent_n,
        "inventors_n": 1 + rng.poisson(2.6, n),
        "backward_citations_n": rng.poisson(2.4, n),
        "family_size_n": 1 + rng.poisson(0.35 * np.exp(mechanism.technology_family_log * ability)),
    }


def _age_years(mechanism: Mechanism, firms: Columns) -> Floats:
    days = (np.datetime64(mechanism.as_of) - firms["founded_on"]).astype(np.float64)
    return np.minimum(days / DAYS_PER_YEAR, np.float64(mechanism.patent_years_max))


def _draw_counts(mechanism: Mechanism, firms: Columns, rng: np.random.Generator) -> Any:
    rnd_mcny = firms["scale_cny"] * firms["rnd_share"] / 1e6
    yearly = mechanism.patents_per_rnd_mcny * rnd_mcny**mechanism.patent_rnd_elasticity
    mean = (
        yearly
        * _age_years(mechanism, firms)
        * np.exp(mechanism.technology_patents_log * firms["technology"])
    )
    shape = mechanism.patent_dispersion
    counts = rng.poisson(mean * rng.gamma(shape, 1.0 / shape, len(mean)))
    return np.minimum(counts, mechanism.patents_max)


def staff_columns(mechanism: Mechanism, firms: Columns, *, years_n: int) -> Columns:
    """Heads at each year end, growing with the firm.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        years_n: How many year ends, up to the last before the as-of date.

    Returns:
        One row per firm and year: `firm`, `counted_on`, `employees_n`, `rnd_staff_n`,
        `graduates_n`; researchers and graduates never exceed employees.
    """
    n, last = len(firms["firm_n"]), mechanism.as_of.year - 1
    back = np.arange(years_n - 1, -1, -1)
    ends = np.array([date(last - int(years), 12, 31) for years in back], "datetime64[D]")
    shrink = np.exp(-0.7 * firms["growth_ratio"][:, None] * back)
    employees = np.maximum(np.rint(firms["employees_n"][:, None] * shrink), 1.0)
    share = firms["rnd_staff_n"] / np.maximum(firms["employees_n"], 1)
    researchers = np.rint(employees * share[:, None])
    return {
        "firm": np.repeat(np.arange(n), years_n),
        "counted_on": np.tile(ends, n),
        "employees_n": employees.reshape(-1).astype(np.int64),
        "rnd_staff_n": researchers.reshape(-1).astype(np.int64),
        "graduates_n": np.rint(0.5 * researchers).reshape(-1).astype(np.int64),
    }
