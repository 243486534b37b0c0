"""The shipped numbers: dated, sourced and marked."""

import tomllib
from datetime import date
from importlib.resources import files

import pytest

from techflow.basics import InvalidInput, NotInForce
from techflow.pricing import STATUSES, Terms

SHIPPED = tomllib.loads(
    (files("techflow_content") / "products/working_capital/params.toml").read_text("utf8")
)


def test_every_shipped_number_has_a_unit_a_reference_and_a_mark():
    for history in Terms.from_data(SHIPPED).histories.values():
        for term in history:
            assert term.unit and term.reference and term.zh and term.en
            assert term.status in STATUSES


@pytest.mark.parametrize(
    ("on", "weight", "exposure", "lgd"),
    [
        (date(2023, 12, 31), 1.0, 5e6, 0.45),  # 2012 rules: 5m; Basel II: 45 %
        (date(2024, 1, 1), 0.85, 1e7, 0.40),  # rules file 11.5 and 11.4
    ],
)
def test_the_capital_rules_change_on_the_day_the_order_takes_effect(on, weight, exposure, lgd):
    values = Terms.from_data(SHIPPED).at(on)
    assert values["sme_weight_ratio"] == weight
    assert values["small_exposure_cny_max"] == exposure
    assert values["lgd"] == lgd


def test_before_the_first_value_there_is_no_silent_number():
    with pytest.raises(NotInForce, match="2012-12-31"):
        Terms.from_data(SHIPPED).at(date(2012, 12, 31))


def test_an_unknown_mark_is_refused():
    row = {"since": date(2024, 1, 1), "value": 1.0, "reference": "x", "status": "guess"}
    with pytest.raises(InvalidInput, match="guess"):
        Terms.from_data({"lgd": {"zh": "a", "en": "b", "unit": "share", "values": [row]}})
