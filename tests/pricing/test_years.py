"""Loans of several years: their rate against cash flows enumerated default by default."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from narwhals.stable import v2 as nw

from techflow.basics import InvalidInput
from techflow.pricing import price_loans
from techflow.pricing.years import loan_years

from .test_price import FULL, LOAN, TERMS

FUNDING = TERMS["funding_rate_pa"]


def present_value(rate, *, hazards, balances, length, lgd, cost):
    """Expected value at the funding rate, one default time after the other."""
    growth, n = 1 + FUNDING * length, len(balances)
    flows = np.zeros(n + 1)
    flows[0] = -balances[0]
    alive = 1.0
    for default in range(n + 1):  # default in that period; n is never
        chance = alive * (hazards[default] if default < n else 1.0)
        paid = np.zeros(n + 1)
        for t in range(min(default + 1, n)):
            left = balances[t + 1] if t + 1 < n else 0.0
            paid[t + 1] -= cost * length * balances[t]
            if t == default:
                paid[t + 1] += (1 - lgd) * balances[t]
            else:
                paid[t + 1] += rate * length * balances[t] + balances[t] - left
        flows += chance * paid
        alive *= 1 - hazards[default] if default < n else 1.0
    return sum(flow / growth**t for t, flow in enumerate(flows))


def owed(kind, n, rate):
    """Balance at the start of each period; equal payments from the sum of discount factors."""
    if kind != "equal_instalment":
        return [1.0 if kind == "bullet" else 1 - t / n for t in range(n)]
    payment, found = 1 / sum((1 + rate) ** -t for t in range(1, n + 1)), [1.0]
    while len(found) < n:
        found.append(found[-1] * (1 + rate) - payment)
    return found


def priced(ratios, **changed):
    table = pl.DataFrame([LOAN | changed | {name: x[0] for name, x in ratios.items()}])
    found = price_loans(nw.from_native(table.lazy()), terms=TERMS)
    return found.collect().rows(named=True)[0]


@settings(max_examples=13, deadline=None)
@given(
    st.lists(st.floats(0.0005, 0.5), min_size=1, max_size=6),
    st.sampled_from(["bullet", "equal_principal", "equal_instalment"]),
    st.sampled_from([1.0, 0.25, 1 / 12]),
    st.floats(0.0, 1.0),
)
def test_the_rate_makes_the_cash_flows_worth_nothing(yearly, kind, length, lgd):
    years, per_year = len(yearly), round(1 / length)
    term = 1 - np.cumprod(1 - np.array([yearly]), axis=1)
    ratios = loan_years(
        np.array(yearly[:1]),
        np.array([float(years)]),
        amortising=np.array([float(kind != "bullet")]),
        instalment_rate_pa=np.array([0.09 if kind == "equal_instalment" else np.nan]),
        funding_rate_pa=FUNDING,
        period_years=length,
        pd_term=term,
    )
    row = priced(ratios, pd=yearly[0], lgd=lgd)
    n = years * per_year
    hazards = [1 - (1 - yearly[t // per_year]) ** length for t in range(n)]
    balances = owed(kind, n, 0.09 * length)
    cost = TERMS["cost_rate_pa"] + row["capital_rate_pa"]
    flows = {"hazards": hazards, "balances": balances, "length": length, "lgd": lgd, "cost": cost}
    assert present_value(row["rate_pa"], **flows) == pytest.approx(0.0, abs=1e-11)


@pytest.mark.parametrize("years", [1.0, 2.0, 5.0, 10.0])
@pytest.mark.parametrize("amortising", [0.0, 1.0])
def test_with_the_same_risk_each_year_the_rate_does_not_depend_on_the_term(years, amortising):
    ratios = loan_years(
        np.array([0.02]),
        np.array([years]),
        amortising=np.array([amortising]),
        funding_rate_pa=FUNDING,
    )
    plain = price_loans(nw.from_native(pl.DataFrame([LOAN]).lazy()), terms=TERMS).collect()
    assert priced(ratios)["rate_pa"] == pytest.approx(plain["rate_pa"][0], abs=1e-15)


def test_a_discount_of_two_years_counts_two_of_four():
    """Interest a year is worth 0.98^t / 1.02^t; two years of four by hand."""
    ratios = loan_years(
        np.array([0.02]), np.array([4.0]), funding_rate_pa=FUNDING, limits_years=(3.0, 2.0)
    )
    x = 0.98 / 1.02
    assert ratios["discount_time_share"][0] == pytest.approx((1 + x) / (1 + x + x**2 + x**3))
    assert ratios["relending_time_share"][0] == pytest.approx(
        (1 + x + x**2) / (1 + x + x**2 + x**3)
    )
    table = pl.DataFrame([FULL | {name: found[0] for name, found in ratios.items()}])
    row = price_loans(nw.from_native(table.lazy()), terms=TERMS, tools=["discount"]).collect()
    part = -0.015 * ratios["discount_time_share"][0]
    assert row["discount_rate_part_pa"][0] == pytest.approx(part, abs=1e-15)


def test_a_fee_at_the_start_is_spread_over_what_is_lent():
    ratios = loan_years(np.array([0.02]), np.array([1.0]), funding_rate_pa=FUNDING)
    assert ratios["upfront_ratio"][0] == pytest.approx(1.02, abs=1e-15)


def test_half_a_year_carries_half_a_years_risk():
    """p = 1 - 0.98^0.5; P/A = p / (0.5 (1 - p))."""
    ratios = loan_years(np.array([0.02]), np.array([0.5]), funding_rate_pa=FUNDING)
    p = 1 - 0.98**0.5
    assert ratios["default_ratio"][0] == pytest.approx(p / (0.5 * (1 - p)), abs=1e-15)


def test_an_unknown_term_gives_no_price_and_says_so():
    ratios = loan_years(np.array([0.02]), np.array([np.nan]), funding_rate_pa=FUNDING)
    row = priced(ratios)
    assert (row["reason_code"], row["rate_pa"]) == ("term_out_of_range", None)


def test_wrong_periods_are_refused():
    with pytest.raises(InvalidInput, match="period_years must be in"):
        loan_years(np.array([0.1]), np.array([1.0]), funding_rate_pa=0.02, period_years=2.0)
    with pytest.raises(InvalidInput, match="at most"):
        loan_years(np.array([0.1]), np.array([2000.0]), funding_rate_pa=0.02)
