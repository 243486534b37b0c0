"""Draws who lends: banks with their reports, branches, bonds, and how each loan was made."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.economy.draws import Columns, stream
from techflow.economy.firms import DAYS_PER_YEAR, days_before
from techflow.economy.mechanism import Mechanism

BANKS_N = 20
"""Lenders of `draw_loans` are 1 to 20; the geometric shares below are its own."""
LENDER_GEOMETRIC = 0.18
SECURITY = ("unsecured", "guaranteed", "mortgaged", "pledged")
KINDS = ("large", "joint_stock", "city", "rural")
ROLES = ("underwritten", "invested")
QUARTERS_N = 9
UNKNOWN_SHARE = 0.02
"""Loans whose use was not stated."""
ODD_BANK = 1
"""Its branch in the fourth region hardly lends unsecured: planted, to be found again."""
ODD_REGION = 3


def bank_shares() -> Floats:
    """Share of each bank in the loans.

    Examples:
        >>> float(bank_shares().sum())
        1.0
    """
    first = LENDER_GEOMETRIC * (1.0 - LENDER_GEOMETRIC) ** np.arange(BANKS_N)
    first[-1] = 1.0 - first[:-1].sum()
    return np.asarray(first, np.float64)


def draw_terms(
    mechanism: Mechanism, firms: Columns, loans: Columns, *, seed: int, chunk: int
) -> Columns:
    """How each loan was made; the same for all its versions.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        loans: Columns of `draw_loans`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        By row of `loans`: `region`, code `security`, `first_loan`, `sector` of the use (-1 for an
        industry outside technology), `use_emerging`, `use_patent_intensive`, `use_known`.
    """
    n, places_n = len(firms["firm_n"]), int(loans["place"].max(initial=0)) + 1
    luck = stream(seed, "terms", chunk).random((5, n, places_n))
    security, use, emerging, patents, told = luck[:, loans["firm"], loans["place"]]
    region, sector = firms["region"][loans["firm"]], firms["sector"][loans["firm"]]
    odd = (loans["lender"] == ODD_BANK) & (region == ODD_REGION)
    unsecured = np.where(odd, mechanism.odd_unsecured_share, mechanism.unsecured_share)
    rest = np.minimum(((security - unsecured) / (1.0 - unsecured) * 3).astype(np.int64), 2)
    last = np.zeros(n, np.int64)
    np.maximum.at(last, loans["firm"], loans["place"])
    age_days = (loans["drawn_on"] - firms["founded_on"][loans["firm"]]).astype(np.float64)
    oldest = loans["place"] == last[loans["firm"]]
    inside = use >= mechanism.other_use_share
    return {
        "region": region,
        "security": np.where(security < unsecured, 0, 1 + rest),
        "first_loan": oldest & (age_days < mechanism.first_loan_years * DAYS_PER_YEAR),
        "sector": np.where(inside, sector, -1),
        "use_emerging": inside & (emerging < mechanism.emerging_use_share),
        "use_patent_intensive": inside & (patents < mechanism.patent_use_share),
        "use_known": told >= UNKNOWN_SHARE,
    }


def draw_reports(mechanism: Mechanism, *, seed: int) -> Columns:
    """Reports of the banks at quarter ends up to the as-of date.

    Args:
        mechanism: The declared mechanism.
        seed: Seed of the sample.

    Returns:
        One row per bank and quarter: `bank` (from 1), code `kind`, `period_end_on`,
        `loans_all_lcy`, `nonperforming_all_lcy`, `technology_cost_lcy`, `technology_staff_n`.
    """
    rng, shares = stream(seed, "bank"), bank_shares()
    size = mechanism.bank_loans_cny * shares
    growth = rng.normal(0.06, 0.02, BANKS_N)
    bad = rng.uniform(0.008, 0.018, BANKS_N)
    staff = np.maximum(np.rint(600.0 * shares * rng.lognormal(0.0, 0.35, BANKS_N)), 2.0)
    cost = 4.5e5 * staff * rng.lognormal(0.0, 0.15, BANKS_N)
    bank, quarter = (part.ravel() for part in np.indices((BANKS_N, QUARTERS_N)))
    past = (1.0 + growth[bank]) ** (-quarter / 4.0)
    return {
        "bank": bank + 1,
        "kind": np.minimum(bank // 5, len(KINDS) - 1),
        "period_end_on": _quarter_ends(mechanism)[quarter],
        "loans_all_lcy": np.rint(size[bank] * past / 1e4) * 1e4,
        "nonperforming_all_lcy": np.rint(size[bank] * past * bad[bank] / 1e4) * 1e4,
        "technology_cost_lcy": np.rint(cost[bank] * past / 1e3) * 1e3,
        "technology_staff_n": staff[bank].astype(np.int64),
    }


def _quarter_ends(mechanism: Mechanism) -> NDArray[Any]:
    month = np.datetime64(mechanism.as_of, "M") + 1
    starts = (month - 3 * np.arange(QUARTERS_N)).astype("datetime64[D]")
    return np.asarray(starts - np.timedelta64(1, "D"))


def draw_bonds(mechanism: Mechanism, *, seed: int) -> Columns:
    """Technology bonds the banks underwrote or bought in two years.

    Args:
        mechanism: The declared mechanism.
        seed: Seed of the sample.

    Returns:
        One row per deal: `bank`, `place`, code `role`, `dealt_on`, `dealt_lcy`. Small banks have
        hardly any.
    """
    rng, shares = stream(seed, "bond"), bank_shares()
    deals_n = rng.poisson(mechanism.bond_deals_n * shares / shares[0])
    bank = np.repeat(np.arange(BANKS_N), deals_n)
    return {
        "bank": bank + 1,
        "place": np.arange(len(bank)),
        "role": (rng.random(len(bank)) < 0.6).astype(np.int64),
        "dealt_on": days_before(mechanism.as_of, (rng.random(len(bank)) * 730).astype(np.int64)),
        "dealt_lcy": np.rint(rng.lognormal(0.0, 0.6, len(bank)) * 20.0) * 1e6 + 1e6,
    }
