"""The whole chain of numbers, signs and points of one firm, on each engine, by hand."""

from datetime import date

import polars as pl

from techflow.flow import suspect_firms
from techflow_service.suspecting.content import load_signs

AS_OF = date(2025, 12, 31)


def test_a_new_firm_with_round_sales_by_hand(make, rows):
    # Twelve sales of 2 million on one day, founded in the same year: 24 million, all round.
    line = {"firm_id": "a", "direction": "sale", "partner_id": "p", "issued_on": AS_OF}
    line |= {"currency": "CNY", "net_lcy": 2e6, "gross_lcy": 2e6, "status": "valid"}
    invoices = pl.DataFrame([line] * 12)
    firms = pl.DataFrame({"firm_id": ["a", "b"], "founded_on": [date(2025, 3, 1)] * 2})
    network = {name: [None] for name in ("cycle_share", "mutual_share", "linked_sales_share")}
    shown = pl.DataFrame({"firm_id": ["a"], **network, "linked_firms_n": [5.0]}).cast(
        dict.fromkeys(network, pl.Float64)
    )
    content = load_signs(AS_OF)
    records = {"firm": make(firms), "invoice": make(invoices)}
    asked = {"as_of": AS_OF, "asked": content.asked, "signs": content.signs}
    found = {row["firm_id"]: row for row in rows(suspect_firms(records, make(shown), **asked))}
    there = {name for name, value in found["a"].items() if name.startswith("sign_") and value}
    assert there == {"sign_new_firm", "sign_round_amount", "sign_linked_firms"}
    assert found["a"]["new_firm_sales_lcy"] == 24e6
    points = {sign.name: sign.points for sign in content.signs}
    assert found["a"]["points"] == sum(points[name.removeprefix("sign_")] for name in there)
    assert found["a"]["same_day_trip_share"] is None  # no partner is seen on both sides
    assert (found["b"]["points"], found["b"]["signs_known_n"]) == (0.0, 0)
