"""Random books, schemes and streams for the tests of the split."""

import numpy as np
from hypothesis import strategies as st
from tests.pool.demo import demo, number

from techflow.pool.book import NO_CAP, Events, Loans, build_rules
from techflow.pool.numbers import PPM

PARTIES, YEARS_N = 3, 3
AMOUNTS = st.integers(0, 5_000) | st.integers(0, 9_000_000_000_000)


@st.composite
def schemes(draw):
    """Random caps, purse, breakers and recovery order on the demo's three parties."""
    party = st.sampled_from(["pool", "guarantor"])
    period = st.sampled_from(["life", "year", "cohort"])
    money = st.builds(number, st.integers(0, 60), st.just("cny"))
    share = st.builds(number, st.sampled_from(["0%", "3%", "5%", "33.3333%", "100%"]))
    cap = st.fixed_dictionaries(
        {
            "party": party,
            "scope": st.sampled_from(["firm", "bank", "guarantor", "scheme"]),
            "period": period,
            "amount": money | share,
        }
    )
    breaker = st.fixed_dictionaries(
        {
            "scope": st.sampled_from(["bank", "guarantor", "scheme"]),
            "period": st.sampled_from(["year", "cohort"]),
            "rate": share,
            "stops": st.lists(party, min_size=1, max_size=2, unique=True),
            "counts": st.sampled_from(["with_claim", "before_claim"]),
        }
    )
    funding = st.fixed_dictionaries(
        {"source": st.just("city"), "party": party, "amount": money}, optional={"a_year": money}
    )
    order = st.sampled_from(
        [
            [["pool", "guarantor", "bank"]],
            [["bank"], ["pool", "guarantor"]],
            [["guarantor"], ["bank"], ["pool"]],
        ]
    )
    return demo(
        cap=draw(st.lists(cap, max_size=3)),
        breaker=draw(st.lists(breaker, max_size=2)),
        funding=draw(st.lists(funding, max_size=2)),
        recovery={"order": draw(order), "status": "proposal"},
    )


@st.composite
def books(draw, amounts=AMOUNTS):
    """Loans with any shares, and their claims and recoveries in the order of time."""
    n = draw(st.integers(1, 6))
    shares = []
    for _ in range(n):
        cuts = sorted(draw(st.lists(st.integers(0, PPM), min_size=2, max_size=2)))
        shares.append(np.diff([0, *cuts, PPM]))
    limit = np.full((n, PARTIES), NO_CAP)
    limit[:, 0] = draw(st.lists(st.integers(0, 3_000), min_size=n, max_size=n))
    key = np.array([[0, *(draw(st.integers(0, 2)) for _ in range(3))] for _ in range(n)])
    cohort = np.array([draw(st.integers(0, YEARS_N - 1)) for _ in range(n)])
    scope = np.array([draw(st.integers(0, 1)) for _ in range(n)])
    loans = Loans(np.array(shares), limit, key, cohort, scope)
    filed = np.array([draw(st.integers(0, 200_000)) for _ in range(n)])
    return loans, filed, draw(streams(n, amounts))


@st.composite
def streams(draw, loans_n, amounts):
    claimants = draw(st.permutations(range(loans_n)))
    rows, claims = [], []
    for loan in claimants:
        claims.append((len(rows), loan))
        rows.append((loan, draw(amounts), -1))
        if draw(st.booleans()):
            at, again = draw(st.sampled_from(claims))
            rows.append((again, draw(amounts), at))
    years = sorted(draw(st.integers(0, YEARS_N - 1)) for _ in rows)
    loan, amount, claim = (np.array(column) for column in zip(*rows, strict=True))
    return Events(loan, amount, np.array(years), claim)


def rules_of(scheme, loans, filed):
    return build_rules(scheme, loans, filed, years_n=YEARS_N)
