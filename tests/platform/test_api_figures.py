"""Figures by the API: what a row leads to and what can be asked for next, not words alone."""

from datetime import date

import pytest
from tests.platform.callers import Caller

DAY = date(2026, 11, 28)
POLICY = "cn.tech_sme"


@pytest.fixture(scope="module")
def scene(world):
    """A firm that owes something and agreed to a bank; a what-if of two bounds."""
    run, bank = world.run(DAY), world.org()
    firm_id = world.firm(run)
    rows = world.models.Standing.objects.using("owner").filter(firm_id=firm_id)
    rows.update(debt_outstanding_lcy=1e6, limit_lcy=2e6, currency="CNY")
    world.consent(firm_id, bank)
    world.models.Study.objects.using("owner").create(
        kind="what_if", subject=POLICY, as_of=DAY, made_at="2026-11-28T00:00:00Z",
        body={"params": [_param("staff_n_max", 500.0), _param("sales_cny_max", 2e8)]},
    )  # fmt: skip
    return {"call": Caller(world, world.member("credit_officer", bank)), "firm_id": firm_id}


def _param(name, value):
    tried = {"value": 2 * value, "more": 9, "open": 0, "before": 40, "places": []}
    told = {"param": name, "zh": f"上限{name}", "en": f"Most {name}", "unit": "number"}
    return told | {"value": value, "reference": "Art. 6", "mark": "text", "values": [tried]}


def test_who_owes_most_is_told_by_its_id(scene):
    told = scene["call"]("GET", "figures/book?language=en").json()
    keys = [key for part in told["sections"] if part["table"] for key in part["table"]["keys"]]
    assert [key for key in keys if key] == [scene["firm_id"]]
    assert scene["call"]("GET", f"firms/{keys[-1]}").status_code == 200


def test_every_policy_of_the_list_can_be_asked_for(scene):
    told = scene["call"]("GET", "figures/policies").json()
    tables = [part["table"] for part in told["sections"] if part["table"]]
    keys = [key for table in tables for key in table["keys"]]
    assert POLICY in keys and len(keys) == len(set(keys)) > 10
    assert all(len(table["keys"]) == len(table["rows"]) for table in tables)
    assert scene["call"]("GET", f"figures/policies/{keys[0]}").status_code == 200


def test_a_bound_that_is_offered_moves_the_what_if(scene):
    first = scene["call"]("GET", f"figures/policies/{POLICY}?language=en").json()["sections"][0]
    assert first["choices"] == [
        {"key": "staff_n_max", "label": "Most staff_n_max"},
        {"key": "sales_cny_max", "label": "Most sales_cny_max"},
    ]
    asked = f"figures/policies/{POLICY}?language=en&param=sales_cny_max"
    other = scene["call"]("GET", asked).json()["sections"][0]
    assert "Most staff_n_max" in first["note"] and "Most sales_cny_max" in other["note"]
