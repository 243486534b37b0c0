"""Expected values by hand from the accounting identities (assets = liabilities + equity)."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.disclosure import CHECKS, Check, add_check, add_previous, check_statements
from techflow.schema import TABLES
from techflow_service.store.snapshot import polars_schema

SCHEMA = {
    name: kind
    for name, kind in polars_schema(TABLES["statement"]).items()
    if name in {column.name for column in TABLES["statement"].columns}
}
TIGHT = {check.name: 1e-6 for check in CHECKS}


def statement(year=2019, month=12, **amounts):
    row = dict.fromkeys(SCHEMA)
    end = date(year, month, 28)
    key = {"firm_id": "cn.name:x", "period_end_on": end, "basis": "separate", "currency": "CNY"}
    return row | key | {"months_n": 12} | amounts


def checked(make, rows, *statements):
    frame = make(pl.DataFrame(list(statements), schema=SCHEMA))
    found = rows(check_statements(add_previous(frame), tolerances=TIGHT))
    return sorted(found, key=lambda row: row["period_end_on"])


def test_a_balance_that_ties_and_one_that_does_not(make, rows):
    good = statement(
        2018, total_assets_lcy=100.0, total_liabilities_lcy=60.0, total_equity_lcy=40.0
    )
    bad = statement(2019, total_assets_lcy=100.0, total_liabilities_lcy=60.0, total_equity_lcy=39.0)
    first, second = checked(make, rows, good, bad)
    assert (first["ok_balance"], first["balance_difference_lcy"]) == (True, 0.0)
    assert (second["ok_balance"], second["balance_difference_lcy"]) == (False, 1.0)
    assert second["balance_tolerance_lcy"] == pytest.approx(100 * 1e-6)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_an_unknown_part_leaves_the_check_open(make, rows, check):
    told = [name for name in check.needs if not name.startswith("previous_")]
    for absent in told:
        row = statement(**{name: 1.0 for name in told if name != absent})
        before = statement(2018, retained_earnings_lcy=1.0)
        found = checked(make, rows, before, row)[1]
        assert found[f"ok_{check.name}"] is None
        assert found[f"{check.name}_difference_lcy"] is None
        assert found[f"{check.name}_tolerance_lcy"] is None


def test_retained_earnings_may_fall_short_of_the_roll_forward_but_not_exceed_it(make, rows):
    before = statement(2018, retained_earnings_lcy=50.0)
    paid = statement(2019, retained_earnings_lcy=55.0, net_income_lcy=10.0)  # dividend of 5
    more = statement(2020, retained_earnings_lcy=75.0, net_income_lcy=10.0)  # 10 from nowhere
    first, second, third = checked(make, rows, before, paid, more)
    assert first["ok_retained_roll"] is None
    assert (second["ok_retained_roll"], second["retained_roll_difference_lcy"]) == (True, -5.0)
    assert (third["ok_retained_roll"], third["retained_roll_difference_lcy"]) == (False, 10.0)


def test_cash_above_current_assets_is_told(make, rows):
    (found,) = checked(make, rows, statement(cash_lcy=11.0, current_assets_lcy=10.0))
    assert found["ok_cash_within"] is False and found["cash_within_difference_lcy"] == 1.0
    (found,) = checked(make, rows, statement(cash_lcy=9.0, current_assets_lcy=10.0))
    assert found["ok_cash_within"] is True


@pytest.mark.parametrize(
    "other",
    [
        {"months_n": 6},
        {"basis": "consolidated"},
        {"currency": "USD"},
        {"period_end_on": date(2018, 11, 28)},
    ],
)
def test_a_year_before_of_another_kind_is_no_year_before(make, rows, other):
    before = statement(2018, retained_earnings_lcy=50.0) | other
    now = statement(2019, retained_earnings_lcy=55.0, net_income_lcy=1.0)
    assert checked(make, rows, before, now)[1]["ok_retained_roll"] is None


def test_two_years_before_are_ambiguous(make, rows):
    pair = [statement(2018, retained_earnings_lcy=v) for v in (50.0, 60.0)]
    pair[1]["period_end_on"] = date(2018, 12, 31)
    found = checked(make, rows, *pair, statement(2019, retained_earnings_lcy=9.0, net_income_lcy=1))
    assert found[2]["ok_retained_roll"] is None and len(found) == 3


@given(
    parts=st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=2), scale=st.sampled_from([1, 1e3])
)
def test_a_sum_of_its_parts_ties_in_any_unit(parts, scale):
    import narwhals.stable.v2 as nw

    a, b = (part * scale for part in parts)
    frame = nw.from_native(pl.DataFrame({"whole": [a + b], "a": [a], "b": [b]}).lazy())
    check = Check("sum", ("whole",), ("a", "b"))
    assert add_check(frame, check=check, tolerance_share=0.0).collect()["ok_sum"].item() is True


def test_wrong_input_is_told(make):
    frame = make(pl.DataFrame([statement()], schema=SCHEMA))
    with pytest.raises(InvalidInput, match="balance needs a tolerance"):
        check_statements(add_previous(frame), tolerances={})
    with pytest.raises(InvalidInput, match="0 or more; got -1"):
        add_check(frame, check=CHECKS[0], tolerance_share=-1)
    with pytest.raises(MissingColumn, match="check roll needs the column nothing"):
        add_check(frame, check=Check("roll", ("nothing",), ("debt_lcy",)), tolerance_share=0)
