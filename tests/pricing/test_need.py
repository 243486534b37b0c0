"""Need and limit: numbers worked by hand from the formula in the docstrings."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from narwhals.stable import v2 as nw

from techflow.basics import MissingColumn
from techflow.pricing import size_limits, turnover_days

TERMS = {
    "growth_min_ratio": -0.3,
    "growth_max_ratio": 0.3,
    "need_sales_share": 0.1,
    "expert_share": 0.5,
    "pd_limit_bands": [[0.02, 1.0], [0.1, 0.5]],
}
SCHEMA = {
    "sales_lcy": pl.Float64,
    "sales_profit_ratio": pl.Float64,
    "expected_growth_ratio": pl.Float64,
    "working_capital_days": pl.Float64,
    "own_funds_lcy": pl.Float64,
    "existing_debt_lcy": pl.Float64,
    "pd": pl.Float64,
    "verdict": pl.String,
}
FIRM = {
    "sales_lcy": 12e6,
    "sales_profit_ratio": 0.1,
    "expected_growth_ratio": 0.2,
    "working_capital_days": 90.0,
    "own_funds_lcy": 1e6,
    "existing_debt_lcy": 0.5e6,
    "pd": 0.01,
    "verdict": "graded",
}
BALANCES = {
    "revenue_lcy": 720.0,
    "cost_lcy": 360.0,
    "inventory_lcy": 90.0,
    "receivables_lcy": 120.0,
    "payables_lcy": 60.0,
    "prepayments_lcy": 10.0,
    "advances_lcy": 20.0,
}


def sized(make, rows, **changed):
    frame = make([FIRM | changed], schema=SCHEMA)
    return rows(size_limits(frame, terms=TERMS))[0]


@pytest.mark.parametrize(
    ("changed", "days"),
    [
        ({}, 90 + 60 - 60 + 10 - 10),  # each balance x 360 / (cost or revenue)
        ({"prepayments_lcy": None, "advances_lcy": None}, 90),
        ({"inventory_lcy": None}, None),
        ({"cost_lcy": 0.0}, None),
        ({"revenue_lcy": -5.0}, None),
    ],
)
def test_turnover_days(make, rows, changed, days):
    frame = make([BALANCES | changed], schema=dict.fromkeys(BALANCES, pl.Float64))
    assert rows(turnover_days(frame))[0]["working_capital_days"] == days


@pytest.mark.parametrize(
    ("changed", "need", "basis", "limit", "reason"),
    [
        # 12m x 0.9 x 1.2 x 90/360 = 3.24m; less 1m own, 0.5m debt = 1.74m, two digits down
        ({}, 3.24e6, "turnover", 1.7e6, None),
        ({"pd": 0.05}, 3.24e6, "turnover", 0.87e6, None),
        ({"pd": 0.1}, 3.24e6, "turnover", 0.87e6, None),
        ({"pd": 0.11}, 3.24e6, "turnover", 0.0, "pd_too_high"),
        ({"verdict": "expert"}, 3.24e6, "turnover", 0.87e6, None),
        # growth is bounded at 30 %: 12m x 0.9 x 1.3 / 4 = 3.51m
        ({"expected_growth_ratio": 2.0}, 3.51e6, "turnover", 2.0e6, None),
        # a loss does not raise the need: 12m x 1 x 1 / 4 = 3m
        ({"sales_profit_ratio": -0.5, "expected_growth_ratio": None}, 3e6, "turnover", 1.5e6, None),
        ({"working_capital_days": -30.0}, 0.0, "turnover", 0.0, "need_covered"),
        ({"existing_debt_lcy": 5e6}, 3.24e6, "turnover", 0.0, "need_covered"),
        ({"existing_debt_lcy": None}, 3.24e6, "turnover", 2.2e6, "debt_unknown"),
        # without turnover days: 10 % of 12m, less 0.5m debt; own funds are in the share
        ({"working_capital_days": None}, 1.2e6, "sales_share", 0.7e6, None),
        ({"own_funds_lcy": None}, 1.2e6, "sales_share", 0.7e6, None),
        ({"sales_lcy": None}, None, None, None, "sales_unknown"),
        ({"sales_lcy": 0.0}, 0.0, "turnover", 0.0, "need_covered"),
        ({"pd": None}, 3.24e6, "turnover", None, "pd_unknown"),
    ],
)
def test_size_limits(make, rows, changed, need, basis, limit, reason):
    row = sized(make, rows, **changed)
    for name, expected in (("need_lcy", need), ("limit_lcy", limit)):
        assert row[name] == (expected if expected is None else pytest.approx(expected, rel=1e-12))
    assert (row["need_basis"], row["limit_reason_code"]) == (basis, reason)


def test_a_frame_without_its_columns_is_named(make):
    with pytest.raises(MissingColumn, match="verdict"):
        size_limits(make([{"sales_lcy": 1.0}]), terms=TERMS)


amounts = st.none() | st.floats(0, 1e12)
ratios = st.none() | st.floats(-5, 5)
firms = st.fixed_dictionaries(
    {
        "sales_lcy": amounts,
        "sales_profit_ratio": ratios,
        "expected_growth_ratio": ratios,
        "working_capital_days": st.none() | st.floats(-400, 400),
        "own_funds_lcy": st.none() | st.floats(-1e12, 1e12),
        "existing_debt_lcy": amounts,
        "pd": st.none() | st.floats(0.0001, 0.9999),
        "verdict": st.sampled_from(["graded", "expert", "insufficient"]),
    }
)


@settings(max_examples=10, deadline=None)
@given(st.lists(firms, min_size=1, max_size=8), st.floats(0, 1e11))
def test_a_limit_is_never_above_the_need_and_falls_with_debt(drawn, more_debt):
    frame = pl.DataFrame(drawn, schema=SCHEMA)
    deeper = frame.with_columns(pl.col("existing_debt_lcy") + more_debt)
    before, after = (
        size_limits(nw.from_native(item.lazy()), terms=TERMS).collect().to_native()
        for item in (frame, deeper)
    )
    for old, new in zip(before.iter_rows(named=True), after.iter_rows(named=True), strict=True):
        if old["limit_lcy"] is None:
            assert old["limit_reason_code"] in ("sales_unknown", "pd_unknown")
            continue
        assert 0 <= old["limit_lcy"] <= old["need_lcy"]
        assert new["limit_lcy"] <= old["limit_lcy"]
        assert old["limit_lcy"] == 0 or len(f"{old['limit_lcy']:.0f}".rstrip("0")) <= 2
