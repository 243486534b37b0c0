"""Equal payments: spreadsheet functions as published, a recursion in decimals, the closed form."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.pricing.instalments import REPAYMENTS, annuity_factor, owed_share, pay_back

BULLET, PRINCIPAL, INSTALMENT = range(3)
ONE = np.array([1.0])


def paid(yuan, rate, months, kind=INSTALMENT, every=1):
    one = np.array([rate]), np.array([float(months)]), np.array([kind])
    rows = pay_back(np.array([round(yuan * 100)]), *one, period_months=every)
    return {name: values.tolist() for name, values in rows.items()}


@pytest.mark.parametrize(
    ("yuan", "rate", "months", "every", "payment"),
    [
        (10_000, 0.08, 10, 1, 1_037.03),  # Microsoft, PMT: =PMT(8%/12, 10, 10000)
        (300_000, 0.049, 360, 1, 1_592.18),  # banks' answers on 30 years at the 4.90 % of 2015
        (630_000, 0.049, 360, 1, 3_343.58),
        (200_000, 0.08, 120, 12, 29_805.90),  # PPMT's loan: 27,598.05 and 2,207.84 in year 10
    ],
)
def test_payments_of_published_loans(yuan, rate, months, every, payment):
    rows = paid(yuan, rate, months, every=every)
    first = (rows["principal_fen"][0] + rows["interest_fen"][0]) / 100
    assert first == pytest.approx(payment, abs=0.005)


def test_parts_of_published_loans():
    """Microsoft, PPMT(10%/12, 1, 24, 2000), PPMT(8%, 10, 10, 200000), IPMT(10%, 3, 3, 8000)."""
    assert paid(2_000, 0.1, 24)["principal_fen"][0] == 7_562
    assert paid(200_000, 0.08, 120, every=12)["principal_fen"][-1] == pytest.approx(2_759_805, 3)
    assert paid(8_000, 0.1, 36, every=12)["interest_fen"][-1] == pytest.approx(29_245, abs=1)


def by_decimals(fen, rate, payments, kind):
    """The plan in decimals, from the definition of the payment as a sum of discount factors."""
    month = Decimal(str(rate)) / 12
    discounts = sum((1 + month) ** -(k + 1) for k in range(payments))
    whole = {"rounding": ROUND_HALF_UP}
    level = (fen / discounts).quantize(Decimal(1), **whole)
    part = (Decimal(fen) / payments).quantize(Decimal(1), **whole)
    owed, rows = Decimal(fen), []
    for k in range(payments):
        interest = (owed * month).quantize(Decimal(1), **whole)
        asked = (Decimal(0), part, level - interest)[kind]
        principal = owed if k == payments - 1 else min(max(asked, Decimal(0)), owed)
        owed -= principal
        rows.append((int(principal), int(interest), int(owed)))
    return rows


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 10**12),
    st.integers(0, 3_600).map(lambda points: points / 10_000),
    st.integers(1, 60),
    st.integers(0, 2),
)
def test_every_payment_is_that_of_decimals_and_principal_is_the_loan(fen, rate, months, kind):
    rows = paid(fen / 100, rate, months, kind)
    assert sum(rows["principal_fen"]) == fen
    assert rows["owed_fen"][-1] == 0
    assert min(rows["principal_fen"]) >= 0
    names = ("principal_fen", "interest_fen", "owed_fen")
    found = list(zip(*(rows[name] for name in names), strict=True))
    # a product that is a tie to the last digit may round the other way in binary
    expected = by_decimals(fen, rate, months, kind)
    assert np.abs(np.array(found) - np.array(expected)).max() <= 1


@settings(max_examples=20, deadline=None)
@given(st.floats(-0.02, 0.5), st.integers(1, 40), st.floats(0.05, 1.0), st.floats(0, 1))
def test_what_is_owed_is_the_recursion_of_payments(rate, payments, last, when):
    """Closed form against balance x (1 + rate) - payment; the last period is shorter."""
    one = np.array([rate]), np.array([float(payments)]), np.array([last])
    level, k = 1 / annuity_factor(*one)[0], int(when * payments)
    owed = 1.0
    for n in range(k):
        owed = owed * (1 + rate * (last if n == payments - 1 else 1.0)) - level
    assert owed_share(one[0], k, *one[1:])[0] == pytest.approx(owed, abs=1e-6 * (1 + rate) ** k)


def test_without_interest_equal_payments_are_equal_principal():
    assert owed_share(0 * ONE, 3, 4 * ONE, ONE).tolist() == [0.25]
    kinds = (PRINCIPAL, INSTALMENT)
    assert len({tuple(paid(100, 0.0, 7, kind)["principal_fen"]) for kind in kinds}) == 1


def test_loans_of_several_terms_do_not_mix():
    rows = pay_back(
        np.array([100, 200]),
        np.array([0.06, 0.12]),
        np.array([2.0, 7.0]),
        np.array([BULLET, INSTALMENT]),
        period_months=3,
    )
    assert rows["loan"].tolist() == [0, 1, 1, 1]
    assert rows["month"].tolist() == [2.0, 3.0, 6.0, 7.0]
    assert rows["payment_n"].tolist() == [1, 1, 2, 3]
    assert rows["interest_fen"].tolist()[:2] == [1, 6]


@pytest.mark.parametrize(("yuan", "months"), [(0, 12), (1, 0), (1, 5_000), (1, float("nan"))])
def test_impossible_loans_are_refused(yuan, months):
    with pytest.raises(InvalidInput, match="amount_fen must be 1 or more"):
        paid(yuan, 0.05, months)


def test_names_are_those_of_the_places():
    assert REPAYMENTS.index("equal_instalment") == INSTALMENT
