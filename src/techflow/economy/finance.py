"""Draws credentials, loans, funding rounds and adverse events."""

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.economy.draws import Columns, keep_rows, pick, spread, stream
from techflow.economy.firms import DAYS_PER_YEAR, days_before, of_stage
from techflow.economy.mechanism import Mechanism

CREDENTIALS = ("hnte", "tech_sme", "specialised_sme", "little_giant")
ROUNDS = ("天使轮", "A轮", "B轮", "C轮")
EVENTS = ("default", "abnormal_list", "judgment", "penalty", "audit_opinion")
DRAWN, REPAID, DEFAULTED = range(3)
PAST_DUE_DAYS = 90
VALID_DAYS = 1096
TERM_YEARS = (1, 2, 3)
HISTORY_YEARS_MAX = 4.0


def qualifies(firms: Columns, patents_n: NDArray[np.int64], age_years: Floats) -> Columns:
    """Which firms meet the numeric conditions of each credential, as far as the sample knows.

    Args:
        firms: Columns of `draw_firms`.
        patents_n: Patents of each firm.
        age_years: Age on the as-of date.

    Returns:
        One bool array per credential.

    Source:
        HNTE: guoke fahuo [2016] 32, Art. 11 (age, patents, R&D staff 10 %, R&D share 5, 4 or
        3 % by sales). Tech SME: guoke fazheng [2017] 115, Art. 6 (500 staff, 200 m sales).
        Specialised SME: gongxinbu qiye [2022] 63 (2 years, R&D 1 m and 3 %, sales 10 m).
    """
    revenue, share = firms["revenue_cny"], firms["rnd_share"]
    staff_share = firms["rnd_staff_n"] / np.maximum(firms["employees_n"], 1)
    share_min = np.select([revenue <= 5e7, revenue <= 2e8], [0.05, 0.04], 0.03)
    owns, spends = patents_n > 0, share >= share_min
    hnte = (age_years >= 1) & owns & spends & (staff_share >= 0.10) & (revenue > 0)
    small = (firms["employees_n"] <= 500) & (revenue <= 2e8)
    specialised = (age_years >= 2) & (revenue >= 1e7) & (share >= 0.03) & (share * revenue >= 1e6)
    return {
        "hnte": hnte,
        "tech_sme": small & owns & (staff_share >= 0.10) & (share >= 0.02),
        "specialised_sme": specialised & owns,
        "little_giant": specialised & (patents_n >= 2) & (age_years >= 3),
    }


def draw_credentials(
    mechanism: Mechanism, firms: Columns, patents_n: NDArray[np.int64], *, seed: int, chunk: int
) -> Columns:
    """Credentials valid around the as-of date.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        patents_n: Patents of each firm.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One row per credential: `firm`, code `credential`, `since`, `until`. A little giant is
        a specialised SME too.
    """
    rng, n = stream(seed, "credential", chunk), len(firms["firm_n"])
    age_days = (np.datetime64(mechanism.as_of) - firms["founded_on"]).astype(np.float64)
    able = qualifies(firms, patents_n, age_days / DAYS_PER_YEAR)
    luck = rng.random((len(CREDENTIALS), n))
    granted = [
        able[name] & (luck[i] < mechanism.credential_shares[i])
        for i, name in enumerate(CREDENTIALS)
    ]
    granted[3] &= granted[2]
    credential, firm = np.nonzero(np.stack(granted))
    held_days = 1 + (rng.random(len(firm)) * np.minimum(age_days[firm] - 1, 1060)).astype(np.int64)
    yearly = credential == CREDENTIALS.index("tech_sme")
    since = days_before(mechanism.as_of, np.where(yearly, held_days % 75, held_days))
    spring = np.datetime64(f"{mechanism.as_of.year + 1}-04-01")
    until = np.where(yearly, spring, since + np.timedelta64(VALID_DAYS, "D"))
    return {"firm": firm, "credential": credential, "since": since, "until": until}


def draw_loans(
    mechanism: Mechanism, firms: Columns, specialised: NDArray[np.bool_], *, seed: int, chunk: int
) -> Columns:
    """Working-capital loans: one running for each borrower, and the ones it replaced.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms` and `draw_outcomes`.
        specialised: Which firms are specialised SMEs; they borrow with the published share.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One row per version of a loan (`version`: drawn, repaid, defaulted) with `known_on`,
        `firm`, `place`, `lender`, `principal_lcy`, `outstanding_lcy`, `rate_pa`, `drawn_on`,
        `due_on`, `overdue_days`, `defaulted_on`. Nobody lends after a default.
    """
    rng, n = stream(seed, "loan", chunk), len(firms["firm_n"])
    share = np.where(
        specialised,
        mechanism.specialised_loan_share,
        of_stage(mechanism.stage_loan_share, firms["stage"]),
    )
    borrows = (rng.random(n) < share) & (firms["revenue_cny"] > 0)
    term_years = np.array(TERM_YEARS)[pick(rng, np.array([0.7, 0.1, 0.2]), n)]
    history_years = np.minimum(mechanism.loan_history_years_max * rng.random(n), HISTORY_YEARS_MAX)
    loans_n = np.where(borrows, np.ceil(history_years / term_years), 0).astype(np.int64)
    firm, place = spread(loans_n)
    newest_days = 365.0 * np.minimum(term_years, history_years) * rng.random(n)
    term_days = 365 * term_years[firm]
    drawn_on = days_before(mechanism.as_of, newest_days[firm] + place * term_days)
    back_years = (np.datetime64(mechanism.as_of) - drawn_on).astype(np.float64) / DAYS_PER_YEAR
    sales_then = firms["revenue_cny"][firm] * np.exp(-firms["growth_ratio"][firm] * back_years)
    need = sales_then * mechanism.loan_sales_share_median
    principal = np.maximum(np.rint(need * rng.lognormal(0.0, 0.6, len(firm)) / 1e4), 10.0) * 1e4
    spread_pa = mechanism.loan_spread_per_pd * firms["pd"][firm] + 0.006 * rng.random(len(firm))
    loans = {
        "firm": firm,
        "place": place,
        "lender": np.minimum(rng.geometric(0.18, len(firm)), 20),
        "principal_lcy": principal,
        "rate_pa": np.round(np.minimum(mechanism.loan_rate_floor_pa + spread_pa, 0.12), 4),
        "drawn_on": drawn_on,
        "due_on": drawn_on + term_days.astype("timedelta64[D]"),
        "defaulted_on": firms["defaulted_on"][firm],
    }
    clean = np.isnat(loans["defaulted_on"]) | (drawn_on < loans["defaulted_on"])
    lent = clean & (drawn_on > firms["founded_on"][firm])
    return _loan_versions(mechanism, keep_rows(loans, lent))


def _loan_versions(mechanism: Mechanism, loans: Columns) -> Columns:
    never = np.full(len(loans["firm"]), np.datetime64("NaT"), "datetime64[D]")
    fell = loans["defaulted_on"] <= loans["due_on"]
    over = ~fell & (loans["due_on"] <= np.datetime64(mechanism.as_of))
    drawn = {**loans, "known_on": loans["drawn_on"], "defaulted_on": never}
    repaid = {**loans, "known_on": loans["due_on"], "defaulted_on": never}
    failed = {**loans, "known_on": loans["defaulted_on"]}
    parts = [
        _version(drawn, DRAWN, 1.0, 0),
        keep_rows(_version(repaid, REPAID, 0.0, 0), over),
        keep_rows(_version(failed, DEFAULTED, 1.0, PAST_DUE_DAYS), fell),
    ]
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((merged["version"], merged["place"], merged["firm"]))
    return keep_rows(merged, order)


def _version(loans: Columns, version: int, share: float, overdue_days: int) -> Columns:
    n = len(loans["firm"])
    return {
        **loans,
        "version": np.full(n, version),
        "outstanding_lcy": loans["principal_lcy"] * share,
        "overdue_days": np.full(n, overdue_days),
    }


def draw_events(mechanism: Mechanism, firms: Columns, *, seed: int, chunk: int) -> Columns:
    """Defaults, and other adverse events, which weak firms have more often.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms` and `draw_outcomes`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One row per event: `firm`, `event_on`, code `event`, `distress` (bool).
    """
    rng, n = stream(seed, "event", chunk), len(firms["firm_n"])
    rate = mechanism.adverse_rate_pa * np.exp(mechanism.quality_adverse_log * firms["quality"])
    other, _ = spread((rng.random(n) < rate * mechanism.outcome_years_n).astype(np.int64))
    back_days = (rng.random(len(other)) * 365 * mechanism.outcome_years_n).astype(np.int64)
    event_on = np.maximum(days_before(mechanism.as_of, back_days), firms["founded_on"][other] + 1)
    kind = 1 + pick(rng, np.array([0.4, 0.35, 0.2, 0.05]), len(other))
    fell = np.flatnonzero(~np.isnat(firms["defaulted_on"]))
    return {
        "firm": np.concatenate([fell, other]),
        "event_on": np.concatenate([firms["defaulted_on"][fell], event_on]),
        "event": np.concatenate([np.zeros(len(fell), np.int64), kind]),
        "distress": np.concatenate([np.ones(len(fell), bool), kind == EVENTS.index("judgment")]),
    }


def draw_funding(mechanism: Mechanism, firms: Columns, *, seed: int, chunk: int) -> Columns:
    """Equity rounds of younger firms.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One row per round: `firm`, `place` (0 is the first), `closed_on`, `investor`,
        `raised_lcy`, `post_money_lcy`.
    """
    rng, n = stream(seed, "funding", chunk), len(firms["firm_n"])
    ready = of_stage(mechanism.stage_funding_share, firms["stage"]) * np.exp(
        mechanism.technology_funding_log * firms["technology"]
    )
    rounds_n = np.where(rng.random(n) < ready, np.minimum(rng.geometric(0.55, n), len(ROUNDS)), 0)
    firm, place = spread(rounds_n)
    age_days = (np.datetime64(mechanism.as_of) - firms["founded_on"])[firm].astype(np.float64)
    step = (place + rng.random(len(firm))) / rounds_n[firm]
    raised = np.rint(6.0 * 2.2**place * rng.lognormal(0.0, 0.5, len(firm)) * 10) * 1e5
    return {
        "firm": firm,
        "place": place,
        "closed_on": days_before(mechanism.as_of, np.ceil((1.0 - step) * (age_days - 2))),
        "investor": np.minimum(rng.geometric(0.08, len(firm)), 60),
        "raised_lcy": np.maximum(raised, 5e5),
        "post_money_lcy": np.rint(raised / (0.08 + 0.14 * rng.random(len(firm))) / 1e6) * 1e6,
    }
