"""Suitability: each question on both sides of its edge; a missing fact is never a yes."""

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from techflow.basics import MissingColumn
from techflow.market.long_capital.suitability import CHECKS, NEEDED, judge_suitability

GOOD = {
    "risk_class": 4,
    "horizon_months": 60,
    "loss_bearable_share": 0.1,
    "wealth_cny": 1e6,
    "cash_need_cny": 8e5,
    "risk_level": 4,
    "lock_months": 60,
    "loss_tail_share": 0.5,
    "amount_cny": 2e5,
}


def judge(rows):
    frame = nw.from_native(pl.LazyFrame(rows, infer_schema_length=None))
    return judge_suitability(frame, one_product_share_max=0.2).to_native().collect()


def test_all_at_their_edges_fit():
    assert judge([GOOD])["verdict"].to_list() == ["yes"]


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        ("fits_class", {"risk_class": 3}),
        ("fits_horizon", {"horizon_months": 59}),
        ("fits_cash", {"cash_need_cny": 800_001.0}),
        ("fits_loss", {"loss_tail_share": 0.51}),
        ("fits_size", {"wealth_cny": 999_999.0, "cash_need_cny": 0.0}),
    ],
)
def test_just_over_each_edge_does_not(check, changed):
    told = judge([GOOD | changed]).row(0, named=True)
    assert told["verdict"] == "no" and not told[check]


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_fact_is_unknown_and_never_a_yes(name):
    told = judge([GOOD | {name: None}, GOOD]).row(0, named=True)
    assert told["verdict"] == "unknown"
    assert None in [told[check] for check in CHECKS]
    refused = judge([GOOD | {name: None, "risk_level": 5}, GOOD]).row(0, named=True)
    assert name in ("risk_class", "risk_level") or refused["verdict"] == "no"


def test_no_wealth_is_not_a_share_of_nothing():
    assert judge([GOOD | {"wealth_cny": 0.0}]).row(0, named=True)["wealth_share"] is None


def test_a_column_that_lacks_is_named():
    with pytest.raises(MissingColumn, match="lock_months"):
        judge([{k: v for k, v in GOOD.items() if k != "lock_months"}])
