"""Price of a loan: its parts, who pays a loss, and what each tool changes."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from narwhals.stable import v2 as nw

from techflow.basics import InvalidInput, MissingColumn
from techflow.pricing import (
    FIRM_PARTS,
    FREE,
    LAYERS,
    PARTS,
    PRICED,
    PUBLIC_PARTS,
    TOOLS,
    break_even,
    effect_names,
    measure_effects,
    price_loans,
)
from techflow.pricing.capital import weight_taken_off

TERMS = {
    "lgd": 0.4,
    "funding_rate_pa": 0.02,
    "cost_rate_pa": 0.01,
    "hurdle_rate_pa": 0.12,
    "capital_ratio": 0.1,
    "small_weight_ratio": 0.75,
    "sme_weight_ratio": 0.85,
    "corporate_weight_ratio": 1.0,
    "small_exposure_cny_max": 1e7,
    "small_sales_cny_max": 2e7,
    "sme_sales_cny_max": 3e8,
}
LOAN = {"pd": 0.02, "lgd": 0.4, "limit_lcy": 1e6, "sales_lcy": 1e8, "currency": "CNY"}
FULL = LOAN | {
    "relending_share": 0.6,
    "relending_rate_pa": 0.0125,
    "relief_rate_pa": 0.002,
    "guarantee_share": 0.8,
    "guarantee_fee_rate_pa": 0.01,
    "guarantee_weight_ratio": 0.75,
    "pool_share": 0.5,
    "crmw_share": 0.5,
    "crmw_spread_rate_pa": 0.008,
    "crmw_weight_ratio": 0.4,
    "insurance_share": 0.7,
    "insurance_premium_rate_pa": 0.01,
    "premium_subsidy_rate_pa": 0.0025,
    "discount_rate_pa": 0.015,
    "warrant_value_share": 0.02,
}
SCHEMA = {name: pl.String if name == "currency" else pl.Float64 for name in FULL}
ALL = tuple(TOOLS)


def price(make, rows, loans, tools=ALL, **terms):
    table = [FULL | loan for loan in (loans if isinstance(loans, list) else [loans])]
    return rows(price_loans(make(table, schema=SCHEMA), terms=TERMS | terms, tools=tools))


def polars(loans):
    return nw.from_native(pl.DataFrame(loans, schema=SCHEMA).lazy())


def test_by_hand_guarantee_and_relending(make, rows):
    """Loss left 0.4 x 0.2; weight 0.85 - 0.8 x 0.1; charges 0.02 - 0.6 x 0.0075 + 0.01 + 0.0077."""
    row = price(make, rows, {}, tools=["guarantee", "relending"])[0]
    charges = Fraction("0.02") - Fraction("0.0045") + Fraction("0.01") + Fraction("0.0077")
    exact = (Fraction("0.02") * Fraction("0.08") + charges) / Fraction("0.98")
    assert row["rate_pa"] == pytest.approx(float(exact), abs=1e-15)
    assert row["all_in_rate_pa"] == pytest.approx(float(exact) + 0.008, abs=1e-15)
    assert row["public_guarantee_rate_pa"] == pytest.approx(0.02 * 0.32 - 0.008, abs=1e-15)
    assert row["public_relending_rate_pa"] == pytest.approx(0.0045, abs=1e-15)
    assert row["raroc_rate_pa"] == pytest.approx(0.12, abs=1e-12)


def test_all_layers_by_hand(make, rows):
    """0.4: guarantee 0.32, pool 0.04, CRMW 0.02, insurance 0.014, bank 0.006."""
    row = price(make, rows, {})[0]
    found = [row[f"{who}_loss_share"] for who in (*LAYERS, "bank")]
    assert found == pytest.approx([0.32, 0.04, 0.02, 0.014, 0.006], abs=1e-15)


def test_a_cap_in_yuan_bounds_what_a_layer_pays(make, rows):
    table = make([FULL | {"pool_most_share": 0.01}])
    row = rows(price_loans(table, terms=TERMS, tools=["pool"]))[0]
    assert (row["pool_loss_share"], row["bank_loss_share"]) == (0.01, pytest.approx(0.39))


def test_tax_is_a_share_of_the_rate(make, rows):
    table = make([LOAN | {"tax_share": 0.06}])
    row = rows(price_loans(table, terms=TERMS))[0]
    assert row["tax_rate_pa"] == pytest.approx(0.06 * row["rate_pa"], abs=1e-15)
    assert row["raroc_rate_pa"] == pytest.approx(0.12, abs=1e-12)


def test_the_return_at_an_offered_rate(make, rows):
    """Income 0.98 x 0.05 - 0.008 - 0.03, capital 0.085: return on it plus the funding it saves."""
    table = make([LOAN | {"offered_rate_pa": 0.05}])
    row = rows(price_loans(table, terms=TERMS))[0]
    assert row["raroc_rate_pa"] == pytest.approx((0.049 - 0.038) / 0.085 + 0.02, abs=1e-14)


def test_a_discount_above_the_rate_pays_no_more_than_the_rate(make, rows):
    row = price(make, rows, {"discount_rate_pa": 0.2}, tools=["discount"])[0]
    assert row["all_in_rate_pa"] == pytest.approx(0.0, abs=1e-15)


def test_relending_dearer_than_the_market_is_not_drawn(make, rows):
    row = price(make, rows, {"relending_rate_pa": 0.03}, tools=["relending"])[0]
    assert row["relending_rate_part_pa"] == 0.0


def test_a_protector_of_higher_weight_is_not_used():
    weights = nw.from_native(pl.DataFrame({"own": [0.75, 0.85], "his": [1.0, 0.75]}).lazy())
    off = weight_taken_off(nw.col("own"), ((nw.lit(0.8), nw.col("his")),))
    found = weights.select(off=off).collect()["off"].to_list()
    assert found == pytest.approx([0.0, 0.08], abs=1e-15)


REASONS = [
    ({"pd": None}, "pd_missing"),
    ({"pd": 1.2}, "pd_out_of_range"),
    ({"pd": 0.0}, "pd_out_of_range"),
    ({"limit_lcy": None}, "amount_missing"),
    ({"limit_lcy": -1.0}, "amount_not_positive"),
    ({"sales_lcy": -1.0}, "sales_negative"),
    ({"lgd": None}, "lgd_missing"),
    ({"lgd": 1.1}, "lgd_out_of_range"),
    ({"pool_share": None}, "pool_fact_missing"),
    ({"guarantee_share": 1.2}, "guarantee_out_of_range"),
    ({"crmw_spread_rate_pa": -0.01}, "crmw_out_of_range"),
    ({}, None),
]


@pytest.mark.parametrize(("changed", "reason"), REASONS, ids=[str(code) for _, code in REASONS])
def test_a_row_without_a_price_says_why(make, rows, changed, reason):
    row = price(make, rows, changed)[0]
    assert row["reason_code"] == reason
    for name in PRICED:
        assert (row[name] is None) == (reason is not None), name


def test_wrong_calls_are_named():
    with pytest.raises(InvalidInput, match="tools must be some of relending"):
        price_loans(polars([FULL]), terms=TERMS, tools=["magic"])
    with pytest.raises(MissingColumn, match="pool_share"):
        price_loans(nw.from_native(pl.DataFrame([LOAN]).lazy()), terms=TERMS, tools=["pool"])
    taken = pl.DataFrame([LOAN | {"rate_pa": 0.1}]).lazy()
    with pytest.raises(InvalidInput, match="rename rate_pa"):
        price_loans(nw.from_native(taken), terms=TERMS)


def test_without_tools_it_is_the_break_even_rate(make, rows):
    """`break_even` is the case without tools; the formula is checked in test_rate by hand."""
    loans = [LOAN | {"pd": pd, "sales_lcy": s} for pd in (0.001, 0.2) for s in (None, 1e7, 1e9)]
    schema = {name: SCHEMA[name] for name in LOAN}
    one = rows(break_even(make(loans, schema=schema).drop("lgd"), terms=TERMS))
    other = rows(price_loans(make(loans, schema=schema), terms=TERMS))
    for a, b in zip(one, other, strict=True):
        assert a["rate_pa"] == b["rate_pa"]
        pd = b["pd"]
        old = (pd * 0.4 + 0.03 + a["risk_weight_ratio"] * 0.01) / (1 - pd)
        assert b["rate_pa"] == pytest.approx(old, abs=1e-15)


unit = st.floats(0.0, 1.0)
small = st.floats(0.0, 0.1)
loans = st.fixed_dictionaries(
    {name: small if name.endswith("_pa") else unit for name in FULL if name not in LOAN}
    | {
        "pd": st.floats(0.0003, 0.9),
        "lgd": unit,
        "limit_lcy": st.floats(1.0, 1e9),
        "sales_lcy": st.none() | st.floats(0.0, 1e9),
        "currency": st.just("CNY"),
    }
)
some = st.sets(st.sampled_from(ALL))


@settings(max_examples=25, deadline=None)
@given(loans, some, small)
def test_parts_add_up_nobody_pays_twice_and_the_return_is_the_hurdle(loan, tools, tax):
    table = nw.from_native(pl.DataFrame([loan | {"tax_share": tax}]).lazy())
    row = price_loans(table, terms=TERMS, tools=tools).collect().rows(named=True)[0]
    assert row["reason_code"] is None
    assert abs(sum(row[name] for name in PARTS) - row["rate_pa"]) < 1e-12
    whole = sum(row[name] for name in ("rate_pa", *FIRM_PARTS))
    assert abs(whole - row["all_in_rate_pa"]) < 1e-12
    assert abs(sum(row[name] for name in PUBLIC_PARTS) - row["public_rate_pa"]) < 1e-12
    shares = [row[f"{who}_loss_share"] for who in (*LAYERS, "bank")]
    assert min(shares) >= -1e-15 and abs(sum(shares) - row["lgd"]) < 1e-12
    if row["raroc_rate_pa"] is not None and row["risk_weight_ratio"] > row["weight_off_ratio"]:
        held = (row["risk_weight_ratio"] - row["weight_off_ratio"]) * 0.1
        assert abs((row["raroc_rate_pa"] - 0.12) * held) < 1e-12


@settings(max_examples=25, deadline=None)
@given(loans, some, st.sampled_from(FREE))
def test_a_free_tool_never_raises_what_the_firm_pays(loan, tools, free):
    with_it = price_loans(polars([loan]), terms=TERMS, tools=tools | {free}).collect()
    without = price_loans(polars([loan]), terms=TERMS, tools=tools - {free}).collect()
    for name in ("all_in_rate_pa", "rate_pa"):
        assert with_it[name][0] <= without[name][0] + 1e-15


def test_effects_are_prices_with_and_without(make, rows):
    table = make([FULL, FULL | {"pd": 0.3}, FULL | {"pd": None}], schema=SCHEMA)
    found = sorted(rows(measure_effects(table, terms=TERMS, tools=ALL)), key=lambda r: str(r["pd"]))
    for row in found[:2]:
        loan = FULL | {"pd": row["pd"]}
        with_all = price(make, rows, loan)[0]
        for tool in ALL:
            others = [name for name in ALL if name != tool]
            fixed = make([loan | {"offered_rate_pa": with_all["rate_pa"]}])
            less = rows(price_loans(fixed, terms=TERMS, tools=others))[0]
            for who, name in (("firm", "all_in_rate_pa"), ("bank", "raroc_rate_pa")):
                effect = row[f"effect_{tool}_{who}_rate_pa"]
                assert effect == pytest.approx(with_all[name] - less[name], abs=1e-12)
    assert all(found[2][name] is None for name in effect_names(ALL))
    assert found[2]["reason_code"] == "pd_missing"


def test_engines_agree(make, rows):
    table = pl.DataFrame([FULL | {"pd": n / 101} for n in range(1, 101)], schema=SCHEMA)
    mine = sorted(rows(price_loans(make(table), terms=TERMS, tools=ALL)), key=lambda row: row["pd"])
    plain = price_loans(nw.from_native(table.lazy()), terms=TERMS, tools=ALL).collect()
    for row, other in zip(mine, plain.rows(named=True), strict=True):
        assert all(row[name] == pytest.approx(other[name], abs=1e-14) for name in PRICED)
