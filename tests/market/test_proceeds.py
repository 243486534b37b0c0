"""Use of proceeds by hand, and sums against plain integers."""

from datetime import date

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.market.listing import (
    ProceedsModel,
    judge_payments,
    track_periods,
    track_projects,
)
from techflow_service.models import read_model

MODEL = ProceedsModel.from_data(read_model("proceeds.toml"))
ON = date(2026, 1, 1)


def plan(*rows):
    names = ("project_id", "purpose", "since", "until", "planned_cny")
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(firm_id=pl.lit("f"))


def spent(*rows):
    schema = {
        "project_id": pl.String,
        "purpose": pl.String,
        "spent_on": pl.Date,
        "spent_cny": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(firm_id=pl.lit("f"))


YEARS = (
    ("line", "machines", date(2024, 1, 1), date(2025, 1, 1), 100.0),
    ("line", "machines", date(2025, 1, 1), date(2026, 1, 1), 100.0),
    ("line", "machines", date(2026, 1, 1), date(2027, 1, 1), 100.0),
)


def test_planned_against_spent_by_period(make, rows):
    """130 of 100 is off by exactly 30 %, which is not more; 130.01 is; a running period is open."""
    paid = spent(
        ("line", "machines", date(2024, 1, 1), 130.0),
        ("line", "machines", date(2025, 12, 31), 130.01),
        ("line", "machines", date(2026, 1, 1), 5.0),
        ("line", "machines", date(2026, 1, 2), 7.0),
        ("line", "land", date(2025, 6, 1), 50.0),
    )
    found = rows(track_periods(make(plan(*YEARS)), make(paid), on=ON, model=MODEL))
    got = [
        (row["spent_cny"], row["deviation_cny"], row["ok_period"])
        for row in sorted(found, key=lambda row: row["since"])
    ]
    assert got == [(130.0, 30.0, True), (130.01, 30.01, False), (5.0, None, None)]


def test_a_period_without_a_plan_has_no_share(make, rows):
    frame = plan(("line", "machines", date(2025, 1, 1), date(2026, 1, 1), 0.0))
    paid = spent(("line", "machines", date(2025, 2, 1), 5.0))
    row = rows(track_periods(make(frame), make(paid), on=ON, model=MODEL))[0]
    assert (row["deviation_cny"], row["deviation_share"], row["ok_period"]) == (5.0, None, None)


def test_projects_late_idle_and_over(make, rows):
    frame = plan(
        ("late", "x", date(2024, 1, 1), date(2026, 1, 1), 100.0),
        ("half", "x", date(2024, 1, 1), date(2026, 1, 1), 100.0),
        ("over", "x", date(2024, 1, 1), date(2027, 1, 1), 100.0),
        ("never", "x", date(2024, 12, 31), date(2027, 1, 1), 100.0),
        ("year", "x", date(2025, 1, 1), date(2027, 1, 1), 100.0),
    )
    paid = spent(
        ("late", "x", date(2025, 12, 1), 49.99),
        ("half", "x", date(2025, 12, 1), 50.0),
        ("over", "y", date(2024, 2, 1), 100.01),
    )
    found = {
        row["project_id"]: (row["ok_pace"], row["ok_total"], row["ok_alive"], row["idle_days"])
        for row in rows(track_projects(make(frame), make(paid), on=ON, model=MODEL))
    }
    assert found == {
        "late": (False, True, True, 31),
        "half": (True, True, True, 31),
        "over": (True, False, True, 700),
        "never": (True, True, False, 366),
        "year": (True, True, True, 365),
    }


def test_what_each_payment_was_for(make, rows):
    paid = spent(
        ("line", "machines", date(2025, 2, 1), 1.0),
        ("line", "land", date(2025, 5, 31), 2.0),
        ("line", "land", date(2025, 6, 1), 3.0),
        ("line", "cars", date(2025, 6, 1), 4.0),
        ("line", None, date(2025, 6, 1), 5.0),
        ("other", "machines", date(2025, 6, 1), 6.0),
        ("line", "machines", date(2023, 12, 31), 7.0),
        ("line", "machines", date(2027, 1, 1), 8.0),
    )
    changes = pl.DataFrame(
        {
            "firm_id": ["f", "f"],
            "project_id": ["line", "line"],
            "purpose": ["land", "land"],
            "approved_on": [date(2025, 6, 1), date(2025, 9, 1)],
        }
    )
    found = rows(judge_payments(make(paid), make(plan(*YEARS)), make(changes)))
    assert [row["use"] for row in sorted(found, key=lambda row: row["spent_cny"])] == [
        *("planned", "changed", "approved", "changed", "unknown", "no_project"),
        *("outside", "outside"),
    ]


@given(st.lists(st.integers(-(10**9), 10**12), max_size=30))
def test_sums_are_exact_to_the_fen(fen):
    paid = spent(*(("line", "machines", date(2025, 3, 1), part / 100) for part in fen))
    frames = (nw.from_native(frame.lazy()) for frame in (plan(*YEARS), paid))
    found = track_projects(*frames, on=ON, model=MODEL).to_native().collect()
    assert found["spent_cny"][0] == sum(fen) / 100


def test_wrong_input_is_said(make):
    data = read_model("proceeds.toml")
    data["idle_days_max"]["value"] = -1
    with pytest.raises(InvalidInput, match="idle_days_max must be at least 0; got -1"):
        ProceedsModel.from_data(data)
    with pytest.raises(MissingColumn, match="planned_cny"):
        track_projects(make(plan(*YEARS).drop("planned_cny")), make(spent()), on=ON, model=MODEL)
