"""Boards of a firm and the evidence of its technology, by hand from the published standards."""

from datetime import date

import polars as pl
import pytest

from techflow.basics import InvalidInput
from techflow.flow import Qualifying
from techflow.flow.listing import control_evidence, fit_boards
from techflow.market.listing import BoardModel, read_evidence
from techflow_service.models import read_model
from techflow_service.policies import load_laws, titles_of

LAWS = load_laws()
MODEL = BoardModel.from_data(read_model("boards.toml"))
# A loss-making firm that meets STAR standard 4 (3bn, 300m) and each indicator of 2024 at its edge:
# R&D of 80m, 10 % staff, 7 patents, revenue 300m.
FIRM = {
    "expected_market_value_cny": 3e9,
    "net_profit_y0_cny": -1e7,
    "net_profit_y1_cny": -1e7,
    "revenue_y0_cny": 3e8,
    "revenue_y1_cny": 3e8,
    "revenue_y2_cny": 3e8,
    "rnd_y0_cny": 2e7,
    "rnd_y1_cny": 2e7,
    "rnd_y2_cny": 4e7,
    "rnd_staff_n": 10,
    "employees_n": 100,
    "industrial_inventions_n": 7,
    "software_firm": False,
    "property_or_finance": False,
    "net_assets_y0_cny": 5e7,
}


def answers(firm, on=date(2026, 6, 30)):
    qualifying = Qualifying.at(LAWS, on, ids=MODEL.policies)
    fits = fit_boards(firm, qualifying, MODEL, titles=titles_of(LAWS))
    return {fit.board.id: fit for fit in fits}


def test_each_board_by_its_own_standards():
    fits = answers(FIRM)
    # Beijing: 3bn and R&D of 40m in two years miss standard 4; standard 3 needs 8 % of 600m, 48m.
    # Standard 2 needs growth; 1 needs profit: no, whatever the months in the layer.
    assert {name: fit.answer for name, fit in fits.items()} == {
        "star": True,
        "star_growth": True,
        "chinext": False,
        "bse": False,
    }
    assert fits["star"].mark.startswith("unverified")


def test_a_fen_less_of_market_value_closes_the_growth_tier_too():
    short = FIRM | {"expected_market_value_cny": 2999999999.99}
    fits = answers(short)
    assert fits["star"].answer is None, "standard 3 and 5 may still hold"
    known = {
        "operating_cash_flow_y0_cny": 0.0,
        "operating_cash_flow_y1_cny": 0.0,
        "operating_cash_flow_y2_cny": 0.0,
    }
    fits = answers(short | known)
    assert (fits["star"].answer, fits["star_growth"].answer) == (False, False)


def test_an_unknown_fact_is_named_where_it_matters():
    firm = {name: value for name, value in FIRM.items() if name != "expected_market_value_cny"}
    fits = answers(firm | {"net_profit_y0_cny": 3e7, "net_profit_y1_cny": 3e7})
    assert fits["star"].answer is None
    assert "expected_market_value_cny" in [fact.name for fact in fits["star"].missing]
    assert "预计市值" in "".join(fits["star"].todo["zh"])
    # The growth tier is for firms without profit: no more facts can open it.
    assert (fits["star_growth"].answer, fits["star_growth"].missing) == (False, ())
    assert fits["star_growth"].todo["zh"] == (), "nobody is told to make no profit"


def test_a_board_that_does_not_exist_yet_is_open_and_says_so():
    fits = answers(FIRM, on=date(2021, 1, 1))
    assert (fits["bse"].answer, fits["bse"].absent) == (None, ("cn.bse_listing",))
    assert fits["star_growth"].absent == ("cn.star_growth_tier",)


def test_evidence_names_its_documents_and_what_is_not_known():
    sources = {"rnd_staff_n": "roster", "employees_n": "social insurance"}
    found = {
        one.indicator.id: one for one in read_evidence(FIRM, MODEL.indicators, sources=sources)
    }
    assert found["rnd_share"].value == pytest.approx(8 / 90)
    assert found["rnd_share"].sources == ()
    assert found["rnd_staff_share"].value == 0.1
    assert found["rnd_staff_share"].sources == ("roster", "social insurance")
    assert found["owned_core_share"].value is None
    assert found["owned_core_share"].lacks == ("owned_core_share",)
    assert found["import_substitution"].value is None


def test_a_share_of_nothing_is_not_known():
    firm = {"rnd_staff_n": 0, "employees_n": 0}
    found = {o.indicator.id: o for o in read_evidence(firm, MODEL.indicators, sources={})}
    assert found["rnd_staff_share"].value is None


def test_control_from_records_of_rights_and_purchases(make, rows):
    rights = pl.DataFrame(
        {
            "firm_id": ["a", "a", "b"],
            "right": ["owned", "licensed_in", "owned"],
            "is_core": [True, True, True],
        }
    )
    bought = pl.DataFrame(
        {
            "firm_id": ["a", "a", "c"],
            "supplier_country": ["CN", "JP", "CN"],
            "amount_cny": [3.0, 1.0, 1.0],
        }
    )
    found = {row["firm_id"]: row for row in rows(control_evidence(make(rights), make(bought)))}
    assert (found["a"]["owned_core_share"], found["a"]["foreign_supplier_share"]) == (0.5, 0.25)
    assert (found["b"]["owned_core_share"], found["b"]["foreign_supplier_share"]) == (1.0, None)
    assert (found["c"]["core_patents_n"], found["c"]["foreign_supplier_share"]) == (None, 0.0)
    alone = rows(control_evidence(make(rights), None))
    assert {row["supplier_country_known_share"] for row in alone} == {None}


def test_control_needs_records():
    with pytest.raises(InvalidInput, match="got neither"):
        control_evidence(None, None)


def test_a_board_without_policies_is_refused():
    data = read_model("boards.toml")
    data["board"][0]["policies"] = []
    with pytest.raises(InvalidInput, match="star has none"):
        BoardModel.from_data(data)
