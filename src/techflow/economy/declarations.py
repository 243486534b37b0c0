"""Draws what firms state of themselves, for policies and the technology flow."""

import numpy as np

from techflow.economy.draws import Columns, log_odds, sigmoid, stream
from techflow.economy.mechanism import Mechanism

DECLARED_DAYS = 45
FACTS = (
    ("hightech_revenue_y0_cny", "stated_cny"),
    ("cost_expense_y0_cny", "stated_cny"),
    ("tech_staff_n", "stated_n"),
    ("class2_ip_n", "stated_n"),
    ("software_n", "stated_n"),
    ("tech_contracts_n", "stated_n"),
    ("team_stability_share", "stated_share"),
    ("top_inventor_share", "stated_share"),
    ("owned_core_share", "stated_share"),
    ("licensed_in_core_share", "stated_share"),
    ("foreign_supplier_share", "stated_share"),
    ("owns_core_ip", "holds"),
    ("in_supported_field", "holds"),
    ("adverse_list", "holds"),
    ("prohibited_products", "holds"),
    ("serious_incident_1y", "holds"),
    ("serious_incident_2y", "holds"),
    ("national_award_5y", "holds"),
    ("provincial_rnd_institution", "holds"),
    ("led_standard_5y", "holds"),
)
"""Fact -> the column of the table `declaration` that holds it."""


def draw_declarations(mechanism: Mechanism, firms: Columns, *, seed: int, chunk: int) -> Columns:
    """What a share of the firms states of itself once, before the as-of date.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One row per declaring firm and fact: `firm`, code `fact` (place in `FACTS`), `declared_on`,
        `stated` (an amount, a number, a share, or 1 for yes and 0 for no).
    """
    rng, n = stream(seed, "declaration", chunk), len(firms["firm_n"])
    declares = (rng.random(n) < mechanism.declared_share) & (firms["revenue_cny"] > 0)
    stated = np.column_stack([*_amounts(firms, rng, n), *_flags(firms, rng, n)])[declares]
    rows_n = stated.size
    day = np.datetime64(mechanism.as_of) - np.timedelta64(DECLARED_DAYS, "D")
    return {
        "firm": np.repeat(np.flatnonzero(declares), len(FACTS)),
        "fact": np.tile(np.arange(len(FACTS)), int(declares.sum())),
        "declared_on": np.full(rows_n, day),
        "stated": stated.reshape(-1),
    }


def _amounts(firms: Columns, rng: np.random.Generator, n: int) -> list[np.ndarray]:
    ability, revenue = firms["technology"], firms["revenue_cny"]

    def share(middle: float, effect: float) -> np.ndarray:
        odds = log_odds(middle) + effect * ability + 0.6 * rng.standard_normal(n)
        return np.round(sigmoid(odds), 3)

    def number(mean: float) -> np.ndarray:
        return rng.poisson(mean * np.exp(0.3 * ability)).astype(np.float64)

    owned = share(0.8, 0.4)
    return [
        np.rint(revenue * share(0.6, 0.5)),
        np.rint(revenue * (0.85 + 0.1 * rng.random(n))),
        firms["rnd_staff_n"].astype(np.float64),
        number(4.0),
        number(3.0),
        number(1.5),
        share(0.6, 0.3),
        share(0.4, -0.3),
        owned,
        np.round((1.0 - owned) * rng.random(n), 3),
        share(0.2, -0.1),
    ]


def _flags(firms: Columns, rng: np.random.Generator, n: int) -> list[np.ndarray]:
    yes, no = np.ones(n), np.zeros(n)
    institution = (rng.random(n) < 0.1 * np.exp(0.5 * firms["technology"])).astype(np.float64)
    return [yes, yes, no, no, no, no, no, institution, no]
