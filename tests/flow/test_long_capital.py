"""The ceiling on an insurer's equity: both sides of each edge, from rules section 9.7."""

from datetime import date
from fractions import Fraction

import pytest

from techflow.basics import InvalidInput
from techflow.flow.long_capital import share_in_band
from techflow_service.policies import load_laws

LAW = load_laws()["cn.insurance_equity"]


@pytest.mark.parametrize(
    ("solvency", "ceiling"),
    [
        ("0.999", 0.1),
        ("1", 0.2),
        ("1.499", 0.2),
        ("1.5", 0.3),
        ("2.499999999999", 0.3),
        ("2.5", 0.4),
        ("3.499999999999", 0.4),
        ("3.5", 0.5),
        ("9", 0.5),
    ],
)
def test_ceiling_by_solvency(solvency, ceiling):
    term = LAW.params.at("equity_ceiling_share", date(2026, 6, 30))
    assert float(share_in_band(term, Fraction(solvency))) == ceiling


def test_a_single_number_is_no_table():
    term = LAW.params.at("venture_fund_share_max", date(2026, 6, 30))
    with pytest.raises(InvalidInput, match="brackets"):
        share_in_band(term, Fraction(1))
