"""Expected values: NumPy's median by hand, the formulas of the papers on small numbers."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from techflow.basics import InvalidInput
from techflow.disclosure import (
    accrual_signals,
    add_next_cash_flow,
    add_previous,
    find_restatements,
    peer_deviations,
)
from techflow.schema import TABLES
from techflow_service.store.snapshot import polars_schema

SCHEMA = polars_schema(TABLES["statement"])


def statement(year, **amounts):
    key = {"firm_id": "cn.name:x", "period_end_on": date(year, 12, 31), "basis": "separate"}
    return dict.fromkeys(SCHEMA) | key | {"currency": "CNY", "months_n": 12} | amounts


def test_accruals_by_hand(make, rows):
    before = statement(
        2018,
        total_assets_lcy=90.0,
        current_assets_lcy=40.0,
        cash_lcy=10.0,
        current_liabilities_lcy=20.0,
        receivables_lcy=10.0,
        revenue_lcy=100.0,
        total_equity_lcy=50.0,
        operating_cash_flow_lcy=4.0,
    )
    now = statement(
        2019,
        total_assets_lcy=110.0,
        current_assets_lcy=55.0,
        cash_lcy=12.0,
        current_liabilities_lcy=25.0,
        receivables_lcy=24.0,
        revenue_lcy=120.0,
        total_equity_lcy=65.0,
        net_income_lcy=8.0,
        operating_cash_flow_lcy=-2.0,
        operating_income_lcy=11.0,
        pretax_income_lcy=9.9,
    )
    later = statement(2020, operating_cash_flow_lcy=9.0)
    frame = make(pl.DataFrame([before, now, later], schema=SCHEMA))
    signals = rows(accrual_signals(add_next_cash_flow(add_previous(frame))))
    (found,) = [row for row in signals if row["period_end_on"].year == 2019]
    expected = {
        "cash_accruals_ratio": (8 - -2) / 100,
        "balance_accruals_ratio": (15 - 2 - 5) / 100,
        "working_capital_change_ratio": (15 - 5) / 100,
        "previous_cash_flow_ratio": 4 / 100,
        "cash_flow_ratio": -2 / 100,
        "next_cash_flow_ratio": 9 / 100,
        "equity_gap_ratio": (15 - 8) / 100,
        "receivables_index_ratio": (24 / 120) / (10 / 100),
        "nonoperating_gap_ratio": -1.1 / 110,
        "return_on_assets_ratio": 8 / 110,
        "asset_turnover_ratio": 120 / 110,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_without_a_year_before_changes_are_unknown(make, rows):
    frame = make(pl.DataFrame([statement(2019, total_assets_lcy=1.0)], schema=SCHEMA))
    (found,) = rows(accrual_signals(add_next_cash_flow(add_previous(frame))))
    assert found["equity_gap_ratio"] is None and found["balance_accruals_ratio"] is None


def test_deviation_from_peers_is_that_of_numpy(make, rows):
    values = [1.0, 2.0, 4.0, 8.0, 100.0, None]
    table = {"place": list(range(6)), "sector": [None] * 6, "x": values}
    frame = make(pl.DataFrame(table, schema={"place": int, "sector": str, "x": float}))
    found = rows(peer_deviations(frame, names=["x"], groups=["sector"], peers_n_min=5))
    known = np.array(values[:5], dtype=float)
    spread = 1.4826 * np.median(np.abs(known - np.median(known)))
    by_place = {r["place"]: r["x_z"] for r in found}
    assert by_place[5] is None and len(found) == 6
    assert [by_place[i] for i in range(5)] == pytest.approx(list((known - 4.0) / spread))
    assert {r["x_peers_n"] for r in found} == {5}


def test_too_few_or_equal_peers_are_no_yardstick(make, rows):
    frame = make(pl.DataFrame({"g": ["a"] * 3 + ["b"], "x": [1.0, 1.0, 5.0, 2.0]}))
    few = rows(peer_deviations(frame, names=["x"], groups=["g"], peers_n_min=4))
    equal = rows(peer_deviations(frame, names=["x"], groups=["g"], peers_n_min=2))
    assert {r["x_z"] for r in few} == {r["x_z"] for r in equal} == {None}
    with pytest.raises(InvalidInput, match="groups must name"):
        peer_deviations(frame, names=["x"], groups=[], peers_n_min=4)


def test_restatements_are_told_and_reloads_are_not(make, rows):
    table = {
        "firm_id": ["a", "a", "b", "b", "c", "d", "d"],
        "x": [100.0, 80.0, 5.0, 5.0, 1.0, None, 3.0],
        "y": [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0],
    }
    frame = make(pl.DataFrame(table))
    found = find_restatements(frame, key=["firm_id"], names=["x", "y"], tolerance_share=1e-6)
    by_firm = {r.pop("firm_id"): tuple(r.values()) for r in rows(found)}
    assert by_firm == {
        "a": (2, 1, pytest.approx(0.2)),
        "b": (2, 0, 0.0),
        "c": (1, None, None),
        "d": (2, 0, 0.0),
    }
