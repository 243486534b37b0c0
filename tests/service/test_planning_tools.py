"""The plan's rate with the tools of a product: by hand, reasons, and what a wider set must do."""

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.flow.planning import Planner, solve_question
from techflow.flow.planning_asked import Applicant, Need
from techflow.flow.planning_tools import ToolPrice, ToolPrices
from techflow.pricing import Product
from techflow_service.cli import techflow
from techflow_service.planning import load_assumed
from techflow_service.planning_tools import ToolDesk
from techflow_service.policies import load_laws
from techflow_service.products import load_products

ON = date(2026, 6, 30)
TAX = 0.06 / 1.06 * 1.12
"""Value-added tax in the interest with surcharges of 12 % of it."""
CAPITAL = 0.105 * (0.13 - 0.025)
"""Cost of capital at weight 1: ratio times hurdle less funding."""
LGD = 0.4
NEED = Need(3e6, 12, "working_capital", None, 3, 0.25)
FIRM = Applicant("f", "growth", {"pd": 0.02, "rate_pa": 0.05, "limit_cny": 1e6}, {"cn.hnte": "yes"})
SHIPPED = load_products()
TOOLED = ("special-guarantee-loan", "guaranteed-loan", "compensation-pool-loan", "ip-pledge-loan")


@cache
def laws():
    return load_laws()


def desk(products, on=ON):
    return ToolDesk(products, laws(), on=on, assumed=load_assumed())


def offers(products=SHIPPED, firm=FIRM, need=NEED, on=ON, rates=None):
    asked = Planner(products, on, load_assumed(), rates, desk(products, on)).ask(firm, need)
    return {each.product.id: each for each in asked.offers}


def with_tools(name, *tools, pool=None):
    return {name: replace(SHIPPED[name], tools=tools, pool=pool)}


def test_a_pool_by_hand():
    """Zhuhai's pool pays 70 % of the loss of a year; the rest of the rate stays."""
    offer = offers()["compensation-pool-loan"]
    off = 0.7 * LGD * 0.02 / 0.98 / (1 - TAX)
    assert offer.rate_pa == pytest.approx(0.05 + 0.003 - off, rel=1e-9)


def test_a_guarantee_fee_is_paid_once():
    """1 % on the four fifths guaranteed; without tools it is 1 % on the whole."""
    offer = offers()["special-guarantee-loan"]
    off = 0.8 * (LGD * 0.02 + 0.25 * CAPITAL) / 0.98 / (1 - TAX)
    assert offer.rate_pa == pytest.approx(0.05 - off + 0.8 * 0.01, rel=1e-9)
    alone = Planner(SHIPPED, ON, load_assumed()).ask(FIRM, NEED)
    [plain] = [each for each in alone.offers if each.product.id == "special-guarantee-loan"]
    assert plain.rate_pa == pytest.approx(0.05 + 0.01)


def test_insurance_is_used_where_it_pays():
    """1.2 % less a quarter against 70 % of the loss: dearer at 2 %, cheaper at 8 %."""
    assert offers()["ip-pledge-loan"].tools.unused == {"insurance": "no_gain"}
    risky = replace(FIRM, numbers={**FIRM.numbers, "pd": 0.08, "rate_pa": 0.09})
    offer = offers(firm=risky, need=replace(NEED, amount_cny=5e5))["ip-pledge-loan"]
    off = 0.7 * LGD * 0.08 / 0.92 / (1 - TAX)
    assert offer.rate_pa == pytest.approx(0.09 - off + 0.75 * 0.012, rel=1e-9)


def test_two_tools_add_up_in_order():
    """The pool pays 70 % of the loss the guarantee leaves; each is told with the other staying."""
    both = with_tools("special-guarantee-loan", "guarantee", "pool", pool="cn.zhuhai_pool")
    use = offers(both)["special-guarantee-loan"].tools
    assert [each.tools for each in use.effects] == [("guarantee",), ("pool",)]
    alone = offers(with_tools("special-guarantee-loan", "guarantee"))["special-guarantee-loan"]
    saved = alone.rate_pa - offers(both)["special-guarantee-loan"].rate_pa
    assert saved == pytest.approx(use.effects[1].off_rate_pa, rel=1e-9) and saved > 0


@pytest.mark.parametrize(
    ("on", "change", "rates", "name", "why"),
    [
        (date(2024, 3, 1), {}, None, "guaranteed-loan", "not_in_force"),
        (date(2014, 3, 1), {}, None, "guaranteed-loan", "not_in_force"),
        (ON, {"pd": None}, None, "guaranteed-loan", "number_missing"),
        (ON, {"pd": 1.0}, None, "compensation-pool-loan", "number_missing"),
        (ON, {}, {"guaranteed-loan": 0.04}, "guaranteed-loan", "rate_stated"),
        (ON, {}, None, "bond-with-crmw", "rate_stated"),
    ],
)
def test_without_a_price_the_reason_is_told(on, change, rates, name, why):
    numbers = {k: v for k, v in {**FIRM.numbers, **change}.items() if v is not None}
    firm = replace(FIRM, numbers=numbers)
    offer = offers(firm=firm, on=on, rates=rates)[name]
    assert set(offer.tools.unused.values()) == {why}
    alone = Planner(SHIPPED, on, load_assumed(), rates).ask(firm, NEED)
    assert [offer.rate_pa] == [each.rate_pa for each in alone.offers if each.product.id == name]


@pytest.mark.parametrize("tool", ["relending", "warrant"])
def test_a_number_nobody_publishes_is_missing(tool):
    found = offers(with_tools("working-capital", tool), on=date(2025, 6, 30))["working-capital"]
    assert found.tools.unused == {tool: "number_missing"}


def test_a_plan_at_another_term_is_priced_at_that_term():
    """Zhuhai's pool takes loans of up to 24 months: beyond, it pays nothing."""
    own = {
        "own": replace(SHIPPED["working-capital"], id="own", tools=("pool",), pool="cn.zhuhai_pool")
    }
    priced = desk(own)
    for term, used in ((12, True), (24, True), (36, False)):
        [offer] = (
            Planner(own, ON, load_assumed(), None, priced)
            .ask(FIRM, replace(NEED, term_months=term))
            .offers
        )
        assert bool(offer.tools.effects) is used, term


def value(products, firm, need):
    planner = Planner(products, ON, load_assumed(), None, desk(products))
    return solve_question(planner.ask(firm, need))[0].value_cny


MANY = {
    "special-guarantee-loan": ({"guarantee", "insurance"}, set()),
    "ip-pledge-loan": ({"relief", "discount", "guarantee", "insurance"}, set()),
    "compensation-pool-loan": (set(), {"guarantee"}),
}
"""More than a hundred sets, terms and products, some without a fee of their own."""


@settings(deadline=None, max_examples=12)
@example(0.3, 1e5, 6, MANY)
@given(
    st.floats(0.001, 0.3),
    st.floats(1e5, 4e7),
    st.sampled_from([6, 12, 24]),
    st.dictionaries(
        st.sampled_from(TOOLED),
        st.tuples(
            *[st.sets(st.sampled_from(["guarantee", "insurance", "discount", "relief"]))] * 2
        ),
        min_size=1,
    ),
)
def test_a_wider_set_of_tools_never_costs(pd, amount, term, sets):
    """The best plan with more tools is at most as dear, whatever the firm and the tools."""
    firm = replace(FIRM, numbers={**FIRM.numbers, "pd": pd, "pledge_value_cny": 5e6})
    need = replace(NEED, amount_cny=amount, term_months=term)

    def products(more):
        chosen = {
            name: replace(
                SHIPPED[name], pool=None, tools=tuple(sorted(few | (many if more else set())))
            )
            for name, (few, many) in sets.items()
        }
        return SHIPPED | chosen

    assert value(products(True), firm, need) <= value(products(False), firm, need) * (1 + 1e-9)


@given(
    st.lists(
        st.builds(
            ToolPrice,
            st.sampled_from([("pool",), ("guarantee",), ("guarantee", "pool")]),
            st.floats(-0.05, 0.1),
            st.floats(0.0, 0.05),
        ),
        max_size=4,
    ),
    st.floats(0.0, 0.2),
    st.floats(0.0, 0.1),
    st.floats(0.0, 0.05),
)
def test_a_tool_is_used_only_if_the_firm_pays_less(prices, rate, least, fee):
    found = ToolPrices(tuple(prices)).cheapest(rate_pa=rate, rate_pa_min=least, fee_rate_pa=fee)
    assert least <= found.paid_rate_pa <= max(rate, least) + fee
    assert bool(found.use.effects) == (found.paid_rate_pa < max(rate, least) + fee)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_product_show_names_the_tools(lang):
    shown = ["product", "show", "compensation-pool-loan", "--on", str(ON), "--lang", lang]
    words = {"zh": "可降低利率的工具", "en": "Tools that may lower its rate"}
    told = CliRunner().invoke(techflow, shown).output
    assert words[lang] in told and "pool (cn.zhuhai_pool)" in told


ABOUT = {"id": "own", "zh": "x", "en": "x", "kind": "loan", "provider": "bank"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"tools": ["gold"]}, "product own: tools must be some of relending.*got 'gold'"),
        ({"tools": "guarantee"}, "product own: tools must be a list; got 'guarantee'"),
        ({"tools": ["relief"], "kind": "equity"}, "its kind is equity; leave the tools out"),
        ({"tools": ["pool"]}, "the tool pool and the key pool, its policy, go together"),
        ({"pool": "cn.zhuhai_pool"}, "the tool pool and the key pool, its policy, go together"),
    ],
)
def test_wrong_tools_are_named(more, said):
    with pytest.raises(InvalidInput, match=said):
        Product.from_data(ABOUT | more, {})


def test_a_pool_without_a_price_is_named():
    with pytest.raises(InvalidInput, match=r"pool must be one of cn\.guangzhou_pool_bank"):
        desk(with_tools("working-capital", "pool", pool="cn.anhui_pool"))
