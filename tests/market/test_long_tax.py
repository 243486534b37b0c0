"""Return after tax: theorems of tax theory, a loop over years in fractions, edges of bands."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.market.long_capital.tax import Band, Regime, after_tax, exemption_cost, rate_of

FREE = (Band(0, True, 0.0),)
FLAT = (Band(0, True, 0.2),)
# 财税〔2015〕101号: up to and with one month 20 %, up to and with one year 10 %, then nothing.
DIVIDEND = (Band(0, True, 0.2), Band(1, False, 0.1), Band(12, False, 0.0))
# 企业所得税法实施条例 Art. 83: shares held for less than 12 months in a row are taxed.
COMPANY = (Band(0, True, 0.25), Band(12, True, 0.0))


def by_loop(regime, years, growth, dividend, discount):
    """Year by year in exact fractions: buy, be paid, reinvest, sell."""
    g, d, r = Fraction(growth), Fraction(dividend), 1 + Fraction(discount)
    tax_d = Fraction(float(rate_of(regime.dividend, np.array([12.0 * years]))[0]))
    tax_g = Fraction(float(rate_of(regime.gain, np.array([12.0 * years]))[0]))
    worth = basis = 1 - Fraction(regime.paid_in_rate)
    taxes = Fraction(regime.paid_in_rate)
    first = worth
    for year in range(1, years + 1):
        paid = worth * d
        taken = 0 if regime.deferred else paid * tax_d
        taxes += taken / r**year
        worth = worth * (1 + g) + paid - taken
        basis += 0 if regime.deferred else paid - taken
    basis += first * Fraction(float(rate_of(regime.deduction, np.array([12.0 * years]))[0]))
    end = max(worth - basis, 0) * tax_g + worth * Fraction(regime.sale_rate)
    end += (worth - end) * Fraction(regime.paid_out_rate)
    return float(worth - end), float(taxes + end / r**years)


@pytest.mark.parametrize("years", [1, 2, 7, 30])
@pytest.mark.parametrize(
    "regime",
    [
        Regime(0.0, DIVIDEND, FREE, 0.0005, 0.0),
        Regime(0.2, FLAT, FLAT, 0.0, 0.0),
        Regime(0.0, FREE, FREE, 0.0, 0.03),
        Regime(0.1, COMPANY, FLAT, 0.001, 0.05),
        Regime(0.0, FLAT, FLAT, 0.0, 0.0, deferred=True),
        Regime(0.0, FLAT, FLAT, 0.0, 0.0, deduction=(Band(0, True, 0.0), Band(24, True, 0.7))),
    ],
)
def test_agrees_with_a_loop_in_fractions(regime, years):
    told = after_tax(
        regime, np.array([12.0 * years]), growth_pa=0.04, dividend_pa=0.03, discount_pa=0.025
    )
    net, tax = by_loop(regime, years, 0.04, 0.03, 0.025)
    assert told.net[0] == pytest.approx(net, rel=1e-12)
    assert told.tax[0] == pytest.approx(tax, rel=1e-12)


@pytest.mark.parametrize(
    ("bands", "months", "rate"),
    [
        (DIVIDEND, 1.0, 0.2),
        (DIVIDEND, np.nextafter(1.0, 2.0), 0.1),
        (DIVIDEND, 12.0, 0.1),
        (DIVIDEND, np.nextafter(12.0, 13.0), 0.0),
        (COMPANY, np.nextafter(12.0, 0.0), 0.25),
        (COMPANY, 12.0, 0.0),
    ],
)
def test_both_edges_of_each_band(bands, months, rate):
    assert rate_of(bands, np.array([months]))[0] == rate


@given(growth=st.floats(-0.2, 0.3), rate=st.floats(0.0, 0.5), years=st.integers(1, 40))
def test_taxed_before_or_after_at_one_rate_is_the_same_and_leaves_the_gross_return(
    growth, rate, years
):
    """OECD 2018: EET and TEE are equal when the rate is."""
    how = {"growth_pa": growth, "dividend_pa": 0.02, "discount_pa": 0.03, "income_tax_rate": rate}
    months = np.array([12.0 * years])
    for regime in (Regime(0.0, FREE, FREE, 0.0, rate), Regime(rate, FREE, FREE, 0.0, 0.0)):
        assert after_tax(regime, months, **how).rate_pa[0] == pytest.approx(growth + 0.02, abs=1e-9)


def test_the_state_gets_its_deferred_tax_back_in_full_if_the_money_earns_what_it_borrows_at():
    """Present value of the tax on the way out equals the deduction when growth = discount."""
    told = after_tax(
        Regime(0.0, FREE, FREE, 0.0, 0.2),
        np.array([12.0, 120.0, 480.0]),
        growth_pa=0.03,
        dividend_pa=0.0,
        discount_pa=0.03,
    )
    assert told.tax == pytest.approx(0.2)


@given(months=st.floats(0.5, 480.0), growth=st.floats(-0.1, 0.2), dividend=st.floats(0.0, 0.08))
def test_net_and_taxes_are_all_there_is_without_discount(months, growth, dividend):
    """What is taken and what is left sum to what there would be, when nothing taken compounds."""
    how = {"growth_pa": growth, "dividend_pa": dividend, "discount_pa": 0.0}
    free = after_tax(Regime(0.0, FREE, FREE, 0.0, 0.0), np.array([months]), **how)
    taxed = after_tax(Regime(0.1, FREE, FLAT, 0.001, 0.1), np.array([months]), **how)
    assert free.tax[0] == 0.0
    assert taxed.net[0] <= free.net[0]
    assert taxed.end_tax[0] + taxed.net[0] == pytest.approx(0.9 * free.net[0])


def test_cost_of_an_exemption_rises_as_less_of_it_is_new():
    how = {"growth_pa": 0.05, "dividend_pa": 0.0, "discount_pa": 0.05}
    months = np.array([12.0, 120.0])
    taxed = after_tax(Regime(0.0, FREE, FLAT, 0.0, 0.0), months, **how)
    free = after_tax(Regime(0.0, FREE, FREE, 0.0, 0.0), months, **how)
    cost = exemption_cost(free, taxed, induced_share=np.array([1.0, 0.25]))
    # 20 % of the gain at present value, by hand.
    by_hand = 0.2 * (1.0 - 1.05 ** -np.array([1.0, 10.0]))
    assert cost[0] == pytest.approx(by_hand) and cost[1] == pytest.approx(4 * by_hand)


def test_what_is_out_of_range_is_refused():
    with pytest.raises(InvalidInput, match="begin at 0 months"):
        Regime(0.0, (Band(1, True, 0.2),), FREE, 0.0, 0.0)
    with pytest.raises(InvalidInput, match=r"\[0, 1\)"):
        Regime(1.0, FREE, FREE, 0.0, 0.0)
    with pytest.raises(InvalidInput, match="above 0"):
        after_tax(
            Regime(0, FREE, FREE, 0, 0),
            np.array([0.0]),
            growth_pa=0,
            dividend_pa=0,
            discount_pa=0,
        )
    with pytest.raises(InvalidInput, match="induced_share"):
        exemption_cost(*[None] * 2, induced_share=np.array([0.0]))
