"""A firm's plan: by hand, and what more on offer, more facts and a relief must do."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.flow.planning import Planner, solve_question
from techflow.flow.planning_asked import Applicant, Need
from techflow.flow.planning_told import plan_firm
from techflow.pricing import Product
from techflow_service.planning import load_assumed
from techflow_service.products import load_products

ON = date(2026, 6, 30)
SINCE = date(2020, 1, 1)
ASSUMED = {
    "equity_return_pa": 0.25,
    "end_term_months_max": 12,
    "service_cover_min_ratio": 1.25,
}
NEED = Need(1000.0, 12, "rnd", None, 3, 0.25)
FIRM = Applicant(
    "f", "growth", {"pd": 0.02, "rate_pa": 0.05, "limit_cny": 300.0, "pledge_value_cny": 400.0}, {}
)


def product(name, kind="loan", provider="bank", about=None, **terms):
    params = {
        key: {
            "zh": key,
            "en": key,
            "unit": "x",
            "values": [{"since": SINCE, "value": value, "reference": "x", "status": "proposal"}],
        }
        for key, value in {"term_months_max": 60, **terms}.items()
    }
    told = {"id": name, "zh": name, "en": name, "kind": kind, "provider": provider}
    return Product.from_data(told | (about or {}), params)


def planner(*products):
    return Planner({each.id: each for each in products}, ON, ASSUMED)


CREDIT = product("credit")
PATENT = product("patent", about={"secured_by": "patent"}, spread_rate_pa=0.01)
FUND = product("fund", "equity", "fund", required_return_pa=0.2)
POOL = product(
    "pool",
    about={"secured_by": "guarantee", "qualification": [{"any_of": ["cn.hnte", "cn.tech_sme"]}]},
    amount_cny_max=500.0,
    rate_pa=0.045,
)


def test_by_hand():
    """300 at 5 %, 400 at 6 %, the rest of 300 from the fund at 20 %; 2 % of the firm given."""
    firm = replace(FIRM, numbers={**FIRM.numbers, "post_money_cny": 15_000.0})
    plan = plan_firm(planner(CREDIT, PATENT, FUND, POOL), firm, NEED)
    amounts = {each.offer.product.id: each.amount_cny for each in plan.shares}
    assert amounts == pytest.approx({"credit": 300.0, "patent": 400.0, "fund": 300.0})
    assert plan.value_cny == pytest.approx(15.0 + 24.0 + 60.0)
    assert plan.bound_cny == pytest.approx(plan.value_cny, rel=1e-9)
    assert plan.dilution_share == pytest.approx(300.0 / 15_000.0)
    worth = {each.fact: each for each in plan.facts}
    # A credential opens 500 at 4.5 %: it takes the fund's 300 and 200 of the patents' loan.
    assert worth["cn.hnte"].saved_cny == pytest.approx(99.0 - (22.5 + 15.0 + 12.0))
    # Patents that secure 700 replace the fund.
    assert worth["pledge_value_cny"].needed == pytest.approx(700.0)
    assert worth["pledge_value_cny"].saved_cny == pytest.approx(99.0 - (15.0 + 42.0))


def test_a_warrant_costs_and_dilutes():
    """Venture debt at 10 % with a warrant on 1 % of 20,000: 100 a year and 25 % of 200."""
    debt = product("debt", "venture_debt", "fund", rate_pa=0.1, dilution_share=0.01)
    firm = Applicant("f", "growth", {"post_money_cny": 20_000.0}, {})
    plan = plan_firm(planner(debt), firm, NEED)
    assert plan.value_cny == pytest.approx(100.0 + 50.0)
    assert plan.dilution_share == pytest.approx(0.01)
    strict = plan_firm(planner(debt), firm, replace(NEED, dilution_share_max=0.005))
    assert strict.shares == ()
    assert strict.conflict.binding == ("dilution",)
    relief = {each.code: each.needed for each in strict.conflict.reliefs}
    assert relief["dilution"] == pytest.approx(0.01)


def test_unknown_is_not_met_and_is_named():
    plan = plan_firm(planner(PATENT, FUND, CREDIT), Applicant("f", "growth", {}, {}), NEED)
    assert plan.conflict.binding == ("unknown",)
    assert {"pd", "pledge_value_cny", "post_money_cny", "limit_cny"} <= set(plan.missing)
    [value] = [each for each in plan.facts if each.fact == "post_money_cny"]
    assert value.needed == pytest.approx(1000.0 / 0.25)


def test_cash_flow_bears_the_payments():
    """24 equal parts at 6 %: 0.5 and the interest of a year on each yuan; 1.25 times covered."""
    loan = product("loan", about={"secured_by": "guarantee"}, rate_pa=0.06)
    need = replace(NEED, term_months=24)
    service = 0.5 + 0.005 * sum(range(13, 25)) / 24
    enough = replace(FIRM, numbers={**FIRM.numbers, "cash_flow_cny": 1000 * service * 1.25 + 0.01})
    assert plan_firm(planner(loan), enough, need).shares
    less = replace(FIRM, numbers={**FIRM.numbers, "cash_flow_cny": 1000 * service * 1.25 - 1.0})
    plan = plan_firm(planner(loan), less, need)
    assert plan.conflict.binding == ("service",)
    assert {each.code: each.needed for each in plan.conflict.reliefs}["service"] == pytest.approx(
        1000 * service
    )


def test_a_project_is_lent_on_once():
    """70 % of the cost by one, 90 % by the other: a half of the cost each gives 80 % in all."""
    loan = product("loan", about={"secured_by": "project"}, project_share_max=0.7)
    lease = product("lease", "lease", "lessor", rate_pa=0.06, project_share_max=0.9)
    need = replace(NEED, project_cny=1250.0)
    plan = plan_firm(planner(loan, lease), FIRM, need)
    amounts = {each.offer.product.id: each.amount_cny for each in plan.shares}
    assert amounts == pytest.approx({"loan": 437.5, "lease": 562.5})


def test_a_refused_firm_is_refused_by_banks_only():
    firm = replace(FIRM, refused=True, numbers={**FIRM.numbers, "post_money_cny": 15_000.0})
    plan = plan_firm(planner(CREDIT, PATENT, FUND), firm, NEED)
    assert [each.offer.product.id for each in plan.shares] == ["fund"]


def test_reliefs_free_it():
    short = product("short", about={"secured_by": "guarantee"}, term_months_max=24, rate_pa=0.06)
    large = product("large", about={"secured_by": "guarantee"}, amount_cny_min=2000.0, rate_pa=0.05)
    desk = planner(short, large, product("small", amount_cny_max=100.0))
    need = replace(NEED, term_months=36)
    plan = plan_firm(desk, FIRM, need)
    reliefs = {each.code: each.needed for each in plan.conflict.reliefs}
    assert reliefs == pytest.approx({"amount_below": 100.0, "amount_above": 2000.0, "term": 24.0})
    assert plan_firm(desk, FIRM, replace(need, term_months=24)).shares
    for amount in (100.0, 2000.0):
        assert plan_firm(desk, FIRM, replace(need, amount_cny=amount)).shares


SHIPPED = load_products()
POLICIES = sorted(
    {name for each in SHIPPED.values() for group in each.qualifications for name in group}
)
FIRMS = st.builds(
    lambda stage, numbers, answers: Applicant(
        "f", stage, {"pd": 0.03, "rate_pa": 0.06, **numbers}, answers
    ),
    st.sampled_from(["start_up", "growth", "stable"]),
    st.dictionaries(
        st.sampled_from(
            ["limit_cny", "pledge_value_cny", "post_money_cny", "receivables_cny", "raised_36m_cny"]
        ),
        st.floats(1e5, 1e8),
    ),
    st.dictionaries(st.sampled_from(POLICIES), st.sampled_from(["yes", "no", "unknown"])),
)
NEEDS = st.builds(
    Need,
    st.floats(1e5, 2e8),
    st.sampled_from([6, 12, 24, 36, 60]),
    st.sampled_from(["rnd", "working_capital", "growth", "equipment"]),
    st.none(),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.1, 0.25]),
)


def value(firm, need, products=SHIPPED):
    desk = Planner(products, ON, load_assumed())
    return solve_question(desk.ask(firm, need))[0].value_cny


@settings(deadline=None, max_examples=20)
@given(FIRMS, NEEDS, st.sampled_from(POLICIES))
def test_one_more_qualification_never_costs(firm, need, policy):
    more = replace(firm, answers={**firm.answers, policy: "yes"})
    assert value(more, need) <= value(firm, need) * (1 + 1e-8)


@settings(deadline=None, max_examples=20)
@given(FIRMS, NEEDS, st.sets(st.sampled_from(sorted(SHIPPED)), min_size=1))
def test_one_more_product_never_costs(firm, need, kept):
    fewer = {name: SHIPPED[name] for name in kept}
    assert value(firm, need) <= value(firm, need, fewer) * (1 + 1e-8)


@settings(deadline=None, max_examples=12)
@given(FIRMS, NEEDS)
def test_a_fact_does_what_is_said(firm, need):
    """Making the plan again with the fact gives the cost that was told, or the one it beats."""
    plan = plan_firm(Planner(SHIPPED, ON, load_assumed()), firm, need)
    for each in plan.facts:
        if each.needed is None:
            more = replace(firm, answers={**firm.answers, each.fact: "yes"})
            assert value(more, need) == pytest.approx(each.value_cny, rel=1e-7)
        elif each.fact != "post_money_cny":
            numbers = {**firm.numbers, each.fact: each.needed * (1 + 1e-8)}
            again = value(replace(firm, numbers=numbers), need)
            assert again == pytest.approx(each.value_cny, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount_cny": -5.0}, "amount_cny must be above 0; got -5"),
        ({"term_months": 0}, "term_months must be at least 1; got 0"),
        ({"purpose": "party"}, "purpose must be one of working_capital, rnd"),
        ({"purpose": "risk"}, "insurance is listed beside every plan"),
        ({"project_cny": 10.0}, "project_cny must be at least amount_cny 1,000; got 10"),
        ({"products_n_max": 0}, "products_n_max must be at least 1; got 0"),
        ({"dilution_share_max": 1.0}, "dilution_share_max must be in"),
    ],
)
def test_wrong_needs(change, said):
    with pytest.raises(InvalidInput, match=said):
        replace(NEED, **change)


def test_wrong_facts():
    with pytest.raises(InvalidInput, match="fact pledge_value_cny must be 0 or more; got -1"):
        Applicant("f", None, {"pledge_value_cny": -1.0}, {})
    with pytest.raises(InvalidInput, match="fact pd must be a number"):
        Applicant("f", None, {"pd": float("nan")}, {})
    with pytest.raises(InvalidInput, match=r"cn\.hnte must be yes, no or unknown; got 'maybe'"):
        Applicant("f", None, {}, {"cn.hnte": "maybe"})
