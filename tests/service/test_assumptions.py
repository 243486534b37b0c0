"""Assumptions by date, with groups; worked by hand."""

from datetime import date

import pytest

from techflow.basics import InvalidInput, NotInForce
from techflow_service.assumptions import terms_in_force, values_in_force


def spec(*values, status="proposal"):
    rows = [
        {"since": day, "value": value, "reference": "x", "status": status} for day, value in values
    ]
    return {"zh": "甲", "en": "A", "unit": "share", "values": rows}


DATA = {
    "rate": spec((date(2020, 1, 1), 0.1), (date(2024, 1, 1), 0.2)),
    "pledge": {"cap": spec((date(2020, 1, 1), {"invention": 0.25}))},
}


def test_values_go_by_date_and_keep_their_groups():
    assert values_in_force(DATA, date(2023, 12, 31)) == {
        "rate": 0.1,
        "pledge": {"cap": {"invention": 0.25}},
    }
    assert values_in_force(DATA, date(2024, 1, 1))["rate"] == 0.2
    assert [term.name for term in terms_in_force(DATA, date.max)] == ["rate", "pledge.cap"]


def test_a_day_without_a_value_and_an_unknown_mark_are_refused():
    with pytest.raises(NotInForce, match=r"pledge\.cap|rate"):
        values_in_force(DATA, date(2019, 1, 1))
    with pytest.raises(InvalidInput, match="status"):
        values_in_force({"rate": spec((date(2020, 1, 1), 1.0), status="sure")}, date.max)
