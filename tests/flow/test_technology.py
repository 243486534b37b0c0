"""Technology flow and patents of a firm from its records, worked by hand on both engines."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from tests.service.small_book import firm, months, statement
from tests.service.small_book import rows as rows_book

from techflow.flow import (
    compare_technology,
    firm_patents,
    profile_records,
    rate_technology,
    see_records,
    value_technology,
)
from techflow.flow.technology import PEER_MEDIANS
from techflow.schema import DERIVED
from techflow_service.assessing.technology import Technology

ON = date(2020, 6, 30)
A, B = "cumcm:E1", "cumcm:E2"
THEN = datetime(2020, 5, 1, tzinfo=UTC)
TECHNOLOGY = Technology.load()
ROYALTIES = TECHNOLOGY.together["royalty"]["industry"]


def records():
    said = {"firm_id": A, "known_at": THEN, "declared_on": date(2020, 5, 1)}
    patent = {"firm_id": A, "patent_kind": "invention", "known_at": THEN}
    granted = patent | {"filed_on": date(2015, 1, 1), "granted_on": date(2017, 1, 1)}
    earlier = {"known_at": datetime(2019, 4, 1, tzinfo=UTC)}
    tables = {
        "firm": [
            firm(A, industry_code="C3911", founded_on=date(2010, 6, 30)),
            firm(B, industry_code="I6513"),
        ],
        "statement": [
            statement(A, rnd_expense_lcy=0.72e6),
            statement(A, rnd_expense_lcy=0.36e6, period_end_on=date(2018, 12, 31)) | earlier,
            statement(A, rnd_expense_lcy=0.0, period_end_on=date(2017, 12, 31)) | earlier,
        ],
        "patent": [
            granted | {"patent_id": "CN201510000001.X"},
            granted | {"patent_id": "CN201510000002.X", "patent_kind": "utility"},
            granted | {"patent_id": "CN201510000003.X"},
            patent | {"patent_id": "CN201910000004.X", "filed_on": date(2019, 1, 1)},
            granted
            | {"patent_id": "CN200520000005.X", "patent_kind": "utility"}
            | {"filed_on": date(2005, 1, 1)},
            granted | {"patent_id": "CN201510000006.X", "firm_id": B},
        ],
        "patent_event": [
            {
                "patent_id": "CN201510000003.X",
                "firm_id": A,
                "patent_event": "assigned",
                "event_on": date(2019, 1, 1),
                "known_at": THEN,
            }
        ],
        "declaration": [
            said | {"fact": "hightech_revenue_y0_cny", "stated_cny": 5.4e6},
            said | {"fact": "software_n", "stated_n": 5.0},
            said
            | {"fact": "top_inventor_share", "stated_share": 0.9, "declared_on": date(2018, 1, 1)},
            said | {"fact": "team_stability_share", "stated_share": 0.5},
        ],
    }
    loaded = pl.lit(THEN).alias("loaded_at")
    return {name: rows_book(name, *items).with_columns(loaded) for name, items in tables.items()}


def rate(tables, make):
    seen = see_records({name: make(frame) for name, frame in tables.items()}, as_of=ON)
    profiles = profile_records(seen, as_of=ON)
    return seen, rate_technology(seen, profiles, model=TECHNOLOGY.model, as_of=ON)


def by_firm(rows, frame):
    return {row["firm_id"]: row for row in rows(frame)}


def test_each_dimension_earns_what_its_records_say(make, rows):
    """Intensity 10 % earns 70 + 30 x 4/9; slope 5 % a year 100; conversion 0.75 earns 85."""
    _, rated = rate(records(), make)
    row = by_firm(rows, rated)[A]
    assert row["flow_stage"] == "growth"
    # rnd_staff_share is unknown: weights 50 and 20 of 100 in input, 20 in the growth stage
    rnd = (70 + 30 * 4 / 9) * 0.5 + 100 * 0.2
    team = 70 * 0.5
    conversion = 85 * 0.7
    # inventions 4 (all filed, whatever became of them), utility models 2, software 5
    output = (40 + 30 * 2 / 4) * 0.40 + (50 * 2 / 6) * 0.10 + 50 * 0.15
    known = 20 * 0.7 + 20 * 0.65 + 15 * 0.5 + 15 * 0.7
    earned = 20 * rnd + 20 * output + 15 * team + 15 * conversion
    assert "R&D staff share" in row["flow_missing_en"]
    assert "Dependence on one inventor" in row["flow_missing_en"], "declared too long ago"
    assert row["flow_known_share"] == pytest.approx(known / 100, rel=1e-9)
    assert row["flow_score"] == pytest.approx(earned / known, rel=1e-9)
    assert row["stated_technology_revenue_cny"] == 5.4e6


def test_no_more_is_valued_than_sales_support(make, rows):
    """Declared 5.4m; the invoices of the last year show 12 months of 0.2m."""
    tables = records() | {
        "invoice_month": rows_book("invoice_month", *months(A, 12, 0.2e6)).with_columns(
            loaded_at=pl.lit(THEN)
        )
    }
    row = by_firm(rows, rate(tables, make)[1])[A]
    assert row["stated_technology_revenue_cny"] == pytest.approx(2.4e6)


def test_only_patents_granted_and_in_force_carry_value(make, rows):
    seen, rated = rate(records(), make)
    found = sorted(
        rows(firm_patents(seen, rated, royalties=ROYALTIES, as_of=ON)),
        key=lambda row: row["patent_id"],
    )
    assert [row["patent_id"] for row in found] == [
        "CN201510000001.X",
        "CN201510000002.X",
        "CN201510000006.X",
    ]
    first, second, other = found
    assert (first["kind"], second["kind"]) == ("invention", "utility_model")
    assert first["patents_in_force_n"] == 2
    assert first["revenue_cny"] == second["revenue_cny"] == 2.7e6
    assert (first["royalty_low"], first["royalty_high"]) == (0.02, 0.05), "C39: electronics"
    assert (other["royalty_low"], other["royalty_high"]) == (0.05, 0.15), "I65: software"
    assert other["revenue_cny"] is None, "nothing declared, nothing borrowed"


def test_a_declared_royalty_rate_goes_before_the_industry(make, rows):
    tables = records()
    own = {"firm_id": A, "fact": "royalty_rate", "stated_share": 0.08}
    more = rows_of("declaration", own)
    tables["declaration"] = pl.concat([tables["declaration"], more])
    seen, rated = rate(tables, make)
    found = rows(firm_patents(seen, rated, royalties=ROYALTIES, as_of=ON))
    mine = next(row for row in found if row["firm_id"] == A)
    assert (mine["royalty_low"], mine["royalty_high"]) == (0.08, 0.08)
    assert mine["royalty_basis"] == "declared"


def rows_of(table, record):
    made = rows_book(
        table, record | {"known_at": THEN, "declared_on": date(2020, 5, 2)}, source="s2"
    )
    return made.with_columns(loaded_at=pl.lit(THEN))


def test_firms_without_records_are_unknown_not_poor(make, rows):
    seen, rated = rate({"firm": records()["firm"]}, make)
    row = by_firm(rows, rated)[A]
    assert (row["flow_score"], row["flow_level"], row["flow_known_share"]) == (None, None, 0.0)
    assert (row["flow_score_min"], row["flow_score_max"]) == (0.0, 100.0)
    assert rows(firm_patents(seen, rated, royalties=ROYALTIES, as_of=ON)) == []


def test_why_there_is_no_value(make, rows):
    _, rated = rate(records(), make)
    wanted = ("patent", "royal", "larg", "technology_rev", "pledge_cap")
    columns = [c for c in DERIVED["technology"].columns if c.name.startswith(wanted)]
    types = {"float": pl.Float64, "int": pl.Int64, "text": pl.String}
    schema = {c.name: types[c.kind] for c in columns if "reason" not in c.name}
    empty = pl.DataFrame({name: [None] for name in schema}, schema=schema)
    drawn = make(empty.with_columns(firm_id=pl.lit(B), patents_in_force_n=pl.lit(1)))
    told = by_firm(rows, value_technology(rated, drawn))
    assert told[A]["patent_value_reason_code"] == "no_patent"
    assert told[B]["patent_value_reason_code"] == "no_technology_revenue"


def test_peers_are_firms_of_the_division(make, rows):
    firms = make(
        pl.DataFrame(
            {
                "firm_id": ["a", "b", "c", "d"],
                "industry_code": ["C3911", "C3920", "I6513", None],
                "flow_score": [40.0, 60.0, 50.0, 70.0],
                **{name: [3.0, 5.0, 6.0, None] for name in PEER_MEDIANS},
            }
        )
    )
    told = by_firm(rows, compare_technology(firms, peers_n_min=2, year_n=2020))
    assert (told["a"]["flow_peers_n"], told["a"]["flow_peer_rank_share"]) == (2, 0.0)
    assert told["b"]["flow_peer_rank_share"] == 1.0
    assert told["c"]["flow_peer_rank_share"] is None
    assert told["d"]["flow_peer_rank_share"] is None
    assert [told[firm]["flow_peer_team_points"] for firm in "abcd"] == [4.0, 4.0, None, None]
