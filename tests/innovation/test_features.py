"""What goes into the technology flow: against plain Python, on both engines."""

import statistics
from datetime import date

import numpy as np
import polars as pl
import pytest

from techflow.basics import MissingColumn
from techflow.innovation import (
    control_features,
    flow_peers,
    peer_medians,
    rnd_features,
    supply_features,
    team_features,
)


@pytest.fixture
def by_firm(rows):
    return lambda frame: {row["firm_id"]: row for row in rows(frame)}


def test_trend_equals_numpy_polyfit(make, by_firm):
    shares = [0.5, 0.02, 0.05, 0.03, 0.06, 0.09, 0.9]  # 2017 is too old, 2023 too late
    years = pl.DataFrame(
        {
            "firm_id": ["a"] * 7,
            "year_n": list(range(2016, 2023)),
            "rnd_cny": [100 * share for share in shares],
            "revenue_cny": [100.0] * 7,
        }
    )
    found = by_firm(rnd_features(make(years), until_year=2021, years_n=5))["a"]
    expected = np.polyfit(range(2017, 2022), shares[1:6], 1)[0]
    assert found["rnd_share"] == pytest.approx(0.09)
    assert found["rnd_share_trend_pa"] == pytest.approx(expected)


def test_unknown_rnd_is_null_and_never_zero(make, by_firm):
    years = pl.DataFrame(
        [
            ("gap", 2019, 5.0, 100.0),
            ("gap", 2020, None, 100.0),
            ("gap", 2021, 7.0, 100.0),
            ("no_sales", 2021, 5.0, 0.0),
            ("silent", 2021, None, 100.0),
            ("old", 2020, 5.0, 100.0),
            ("old", 2021, None, 100.0),
            ("later", 2022, 5.0, 100.0),
        ],
        schema=["firm_id", "year_n", "rnd_cny", "revenue_cny"],
        orient="row",
    )
    found = by_firm(rnd_features(make(years), until_year=2021))
    assert set(found) == {"gap", "no_sales", "silent", "old"}
    assert found["gap"]["rnd_share"] == pytest.approx(0.07)
    assert found["gap"]["rnd_share_trend_pa"] is None  # two known years make no trend
    for firm in ("no_sales", "silent", "old"):
        assert found[firm]["rnd_share"] is None


def test_team_by_hand(make, by_firm):
    early, late, out = date(2019, 5, 1), date(2023, 5, 1), date(2025, 1, 1)
    inventors = pl.DataFrame(
        [
            ("a", "p1", "ann", early),
            ("a", "p1", "bob", early),
            ("a", "p1", "bob", early),  # repeated row
            ("a", "p2", "ann", late),
            ("a", "p3", "ann", late),
            ("a", "p3", "cem", late),
            ("a", "p4", "dan", out),  # after the last day
            ("a", "p5", None, late),  # nobody named
            ("new", "p6", "eve", late),
            ("none", "p7", None, late),
        ],
        schema=["firm_id", "patent_id", "inventor_id", "filed_on"],
        orient="row",
    )
    windows = {"since": date(2018, 7, 1), "middle": date(2021, 7, 1), "until": date(2024, 6, 30)}
    found = by_firm(team_features(make(inventors), **windows))
    assert set(found) == {"a", "new"}
    assert found["a"]["inventors_n"] == 3
    assert found["a"]["top_inventor_share"] == 1.0  # Ann is on all three
    assert found["a"]["team_stability_share"] == 0.5  # Ann stayed, Bob did not
    assert found["new"]["team_stability_share"] is None


def test_control_by_hand(make, by_firm):
    rights = pl.DataFrame(
        [
            ("a", "owned", True),
            ("a", "owned", True),
            ("a", "licensed_in", True),
            ("a", "co_owned", True),
            ("a", "licensed_in", False),  # not core
            ("a", "owned", None),  # core or not is unknown
            ("a", "rumour", True),  # not a right
            ("a", None, True),
            ("b", None, True),
            ("c", "owned", None),
        ],
        schema=["firm_id", "right", "is_core"],
        orient="row",
    )
    found = by_firm(control_features(make(rights)))
    assert found["a"]["core_patents_n"] == 4
    assert found["a"]["owned_core_share"] == 0.5
    assert found["a"]["licensed_in_core_share"] == 0.25
    for firm in ("b", "c"):
        assert found[firm]["owned_core_share"] is None
        assert found[firm]["licensed_in_core_share"] is None


def test_supply_by_hand(make, by_firm):
    supplies = pl.DataFrame(
        [
            ("a", "CN", 6.0),
            ("a", "JP", 2.0),
            ("a", None, 8.0),
            ("a", "US", -5.0),
            ("a", "US", None),
            ("home", "CN", 1.0),
            ("dark", None, 1.0),
            ("empty", "CN", None),
        ],
        schema=["firm_id", "supplier_country", "amount_cny"],
        orient="row",
    )
    found = by_firm(supply_features(make(supplies), home="CN"))
    assert found["a"]["foreign_supplier_share"] == 0.25
    assert found["a"]["supplier_country_known_share"] == 0.5
    assert found["home"]["foreign_supplier_share"] == 0.0  # known, and none
    assert found["dark"]["foreign_supplier_share"] is None
    assert found["dark"]["supplier_country_known_share"] == 0.0
    assert found["empty"]["supplier_country_known_share"] is None


def test_peers_by_brute_force(make, rows):
    rng = np.random.default_rng(3)
    drawn = [
        (n, str(f), int(y), None if s < 0 else float(s))
        for n, (f, y, s) in enumerate(
            zip(
                rng.choice(["x", "y"], 60),
                rng.integers(2020, 2022, 60),
                rng.integers(-2, 8, 60),
                strict=True,
            )
        )
    ]
    drawn += [(60, None, 2020, 5.0), (61, "lone", 2020, 5.0)]
    table = pl.DataFrame(drawn, schema=["row_n", "field", "year_n", "flow_score"], orient="row")
    ranked = flow_peers(make(table), peers_n_min=3)
    found = rows(peer_medians(ranked, columns={"flow_score": "peer"}, peers_n_min=3))
    assert len(found) == len(drawn)
    for row in found:
        _, field, year, own = drawn[row["row_n"]]
        others = [
            s for n, f, y, s in drawn
            if n != row["row_n"] and (f, y) == (field, year) and s is not None
        ]  # fmt: skip
        known = others if own is None else [*others, own]
        if field is None or len(known) < 3:
            assert row["peer"] is None
        else:
            assert row["peer"] == statistics.median(known)
        if own is None or field is None or len(others) < 2:
            assert row["flow_peer_rank_share"] is None
        else:
            below = sum(s < own for s in others) + 0.5 * sum(s == own for s in others)
            assert row["flow_peer_rank_share"] == pytest.approx(below / len(others))
            assert row["flow_peers_n"] == len(others) + 1


@pytest.mark.parametrize(
    "call",
    [
        lambda f: rnd_features(f, until_year=2020),
        lambda f: team_features(f, since=date(2018, 1, 1), middle=date(2021, 1, 1), until=date.max),
        control_features,
        lambda f: supply_features(f, home="CN"),
        lambda f: flow_peers(f, peers_n_min=2),
        lambda f: peer_medians(f, columns={"flow_score": "peer"}, peers_n_min=2),
    ],
)
def test_a_missing_column_is_named(make, call):
    with pytest.raises(MissingColumn, match=r"needs the column"):
        call(make({"other": [1]}))
