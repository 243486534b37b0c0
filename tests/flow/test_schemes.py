"""Vectors of the rules (section 12) and published examples through the schemes that come along."""

from datetime import date

import polars as pl
import pytest

from techflow.flow.schemes import settle_on
from techflow.pool.shares import facts_needed, split_by_loan
from techflow_service.policies import load_laws
from techflow_service.schemes import load_schemes

LAWS, SCHEMES = load_laws(), load_schemes()
KINDS = {"money": pl.Float64, "number": pl.Float64, "flag": pl.Boolean, "code": pl.String}
USUAL = {"money": 0.0, "number": 0.0, "flag": False, "code": "credit"}
DAY = date(2026, 6, 30)
KEY = {"on_key_support_list": True, "monetary_tool_support": True}


def split(scheme_id, make, rows, *, on=DAY, **facts):
    """What each party pays of one loss, in yuan (dollars), and the row."""
    scheme = settle_on(SCHEMES[scheme_id], LAWS, on=on)
    kinds, loss = facts_needed(scheme), f"loss_{scheme.currency}"
    row = {name: USUAL[kind] for name, kind in kinds.items()} | facts
    assert set(facts) <= {*kinds, loss}
    schema = {name: KINDS[kind] for name, kind in kinds.items()} | {loss: pl.Float64}
    (found,) = rows(split_by_loan(make([row], schema), scheme))
    assert found["problem"] is None
    paid = {party.id: found[f"pays_{party.id}_fen"] / 100 for party in scheme.parties}
    assert sum(paid.values()) == pytest.approx(facts[loss], abs=1e-9)
    return paid


@pytest.mark.parametrize(
    ("loan", "facts", "pool"),
    [
        (4e6, KEY, 0.50),
        (10e6, KEY, 0.50),
        (20e6, KEY, 0.40),
        (20e6, {}, 0.20),
        (30_000_000.01, {}, 0.0),
        (30e6, {}, 0.20),
        (5e6, {}, 0.40),
        (5_000_000.01, {}, 0.30),
        (15e6, {}, 0.30),
        (4e6, {"loan_security": "ip_pledge"}, 0.50),
        (4e6, {"loan_security": "mortgage"}, 0.0),
    ],
)
def test_guangzhou_bank_mode(make, rows, loan, facts, pool):
    paid = split("guangzhou-bank", make, rows, loan_cny=loan, loss_cny=1e6, **facts)
    assert paid["pool"] == pool * 1e6


@pytest.mark.parametrize("loss", [1e6, 1_000_000.01, 0.03])
def test_guarantee_plan_is_40_20_20_20(make, rows, loss):
    paid = split("special-guarantee-plan", make, rows, loan_cny=5e6, loss_cny=loss)
    fen = round(loss * 100)
    assert paid["ngf"] >= fen * 4 // 10 / 100
    assert all(abs(paid[p] * 5 - loss) < 0.05 for p in ("reguarantor", "guarantor", "bank"))


def test_guarantee_plan_ends_at_30_million(make, rows):
    facts = {"loan_cny": 5e6, "loss_cny": 1e6}
    inside = split("special-guarantee-plan", make, rows, borrower_balance_cny=30e6, **facts)
    outside = split("special-guarantee-plan", make, rows, borrower_balance_cny=30e6 + 1, **facts)
    assert (inside["bank"], outside["bank"]) == (0.2e6, 1e6)


@pytest.mark.parametrize(
    ("facts", "pool"),
    [
        ({"credit_part_cny": 2e6}, 0.0),  # exactly half is not more than half
        ({"credit_part_cny": 2_000_000.01}, 0.5),
        ({"credit_part_cny": 2.8e6}, 0.7),
        ({"first_loan": True}, 0.9),
        ({"first_loan": True, "in_pool_months": 25.0}, 0.0),
        ({"first_loan": True, "pool_projects_n": 2.0}, 0.0),
    ],
)
def test_zhuhai(make, rows, facts, pool):
    paid = split("zhuhai", make, rows, loan_cny=4e6, loss_cny=1e6, **facts)
    assert paid["pool"] == pool * 1e6


def test_zhuhai_pays_3_million_a_project(make, rows):
    paid = split("zhuhai", make, rows, loan_cny=9e6, loss_cny=4e6, first_loan=True)
    assert paid == {"pool": 3e6, "bank": 1e6}


def test_anhui_all_levels_stay_below_80_percent(make, rows):
    facts = {"loan_cny": 2e6, "loss_cny": 1e6, "first_loan": True}
    assert split("anhui-direct", make, rows, **facts)["pool"] == 0.35e6
    for elsewhere, pool in ((0.45e6, 0.35e6), (0.5e6, 0.3e6), (0.9e6, 0.0)):
        paid = split("anhui-direct", make, rows, compensated_elsewhere_cny=elsewhere, **facts)
        assert paid["pool"] == pool


@pytest.mark.parametrize(("loan", "sba"), [(150_000, 0.85), (150_000.01, 0.75), (5e6 + 1, 0.0)])
def test_sba(make, rows, loan, sba):
    paid = split("sba-7a", make, rows, loan_usd=loan, loss_usd=100_000.0)
    assert paid["sba"] == sba * 100_000


def test_fixed_splits(make, rows):
    facts = {"loan_cny": 2e6, "loss_cny": 1e6}
    assert split("anhui-4321", make, rows, **facts) == {
        "guarantor": 0.4e6,
        "reguarantor": 0.3e6,
        "local": 0.1e6,
        "bank": 0.2e6,
    }
    assert set(split("xuancheng-520", make, rows, **facts).values()) == {0.2e6}
    sichuan = {"reguarantor": 0.2e6, "guarantor": 0.6e6, "bank": 0.2e6}
    assert split("sichuan-shudan", make, rows, **facts) == sichuan
    large = facts | {"loan_cny": 10_000_001.0}
    assert split("sichuan-shudan", make, rows, **large)["bank"] == 1e6
    assert split("sichuan-shudan", make, rows, **large, strategic_or_innovation=True) == sichuan
    old = date(2019, 1, 1)
    paid = split("shenzhen-2018", make, rows, on=old, **facts, firm_size="small")
    assert paid == {"pool": 0.3e6, "bank": 0.7e6}
