"""Gaps close exactly: do what they say and the answer is yes; one unit less and it is not."""

import itertools
from datetime import date
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.policy import decide_one, explain, explain_gaps, gaps_of
from techflow_service.policies import ROOT, load_laws, read_toml

LAWS = load_laws()
DAY = date(2024, 6, 30)
SME = LAWS["cn.tech_sme"].on(DAY)


def base_of(name):
    base = read_toml(ROOT.joinpath(*name.split(".")) / "cases.toml")["base"]
    return {
        key: value if isinstance(value, bool | int | str) else float(value)
        for key, value in base.items()
    }


def closed(firm, gaps):
    """The firm after doing what the gaps say, by the first way where there are several."""
    out = dict(firm)
    for gap in gaps:
        if gap.kind in ("raise", "lower"):
            whole = isinstance(firm.get(gap.facts[0]), int)
            out[gap.facts[0]] = int(gap.target) if whole else float(gap.target)
        elif gap.kind in ("obtain", "end"):
            out[gap.facts[0]] = gap.kind == "obtain"
        out = closed(out, gap.options[0] if gap.options else gap.steps)
    return out


SIZES = st.integers(1, 3 * 10**10).map(lambda fen: fen / 100)
FIRMS = st.fixed_dictionaries(
    {
        "employees_n": st.integers(1, 700),
        "tech_staff_n": st.integers(0, 200),
        "revenue_y0_cny": SIZES,
        "total_assets_y0_cny": SIZES,
        "cost_expense_y0_cny": SIZES,
        "rnd_y0_cny": st.integers(0, 10**9).map(lambda fen: fen / 100),
        "class1_ip_n": st.integers(0, 1),
        "class2_ip_n": st.integers(0, 4),
        "adverse_list": st.booleans(),
    }
)


@settings(deadline=None, max_examples=13)
@given(change=FIRMS)
def test_closing_the_gaps_qualifies(change):
    firm = base_of("cn.tech_sme") | change
    decision = decide_one(firm, SME)
    gaps = gaps_of(decision)
    assert bool(gaps) == (decision.answer is not True)
    assert decide_one(closed(firm, gaps), SME).answer is True


@pytest.mark.parametrize("name", LAWS)
def test_one_unit_less_does_not_do(name):
    """Each raise or lower of a lone test is the smallest: a unit less leaves the test at no."""
    rule, base = LAWS[name].timeline()[-1][2], base_of(name)
    judge = partial(decide_one, rule=rule, answers=dict.fromkeys(rule.needs, True))
    for fact in rule.facts:
        if fact.kind not in ("money", "count") or base.get(fact.name) is None:
            continue
        for worse in (0, base[fact.name] / 3, base[fact.name] * 4):
            firm = base | {fact.name: type(base[fact.name])(worse)}
            for gap in gaps_of(judge(firm)):
                if gap.kind in ("raise", "lower"):
                    short = smaller(gap, rule)
                    results = judge(firm | short).results()
                    assert results[gap.name] is False
                    done = judge(closed(firm, [gap])).results()
                    assert done[gap.name] is True


def smaller(gap, rule):
    """The same change, one unit less."""
    fact = next(fact for fact in rule.facts if fact.name == gap.facts[0])
    unit = Fraction(1, fact.units)
    value = gap.target - unit if gap.kind == "raise" else gap.target + unit
    return {fact.name: int(value) if fact.units == 1 else float(value)}


def test_cheapest_steps_are_the_optimum_over_all_combinations():
    """Every combination of levels is tried by hand; none that reaches 60 costs less."""
    firm = base_of("cn.tech_sme") | {"tech_staff_n": 9, "rnd_y0_cny": 2.5e6, "class2_ip_n": 1}
    gap = next(g for way in gaps_of(decide_one(firm, SME))[0].options for g in way if g.steps)
    staff = [(0, 0)] + [
        (p, (n - 9) / n) for n, p in ((10, 4), (15, 8), (20, 12), (25, 16), (30, 20))
    ]
    sales = [(10, 0)] + [(p, (m - 2.5) / m) for m, p in ((3, 20), (4, 30), (5, 40), (6, 50))]
    class2 = [(6, 0)] + [(p, (n - 1) / n) for n, p in ((2, 12), (3, 18), (4, 24))]
    rights = [*class2, (30, 1.0)]
    costs = [
        a + b + c
        for (p, a), (q, b), (r, c) in itertools.product(staff, sales, rights)
        if p + q + r >= 60 and p > 0
    ]
    assert gap.effort == pytest.approx(min(costs))
    assert [step.name for step in gap.steps] == ["staff", "rnd_revenue"]


def test_words_carry_number_bound_clause_and_mark():
    firm = base_of("cn.star_attribute") | {"revenue_y0_cny": 249999999.99}
    decision = decide_one(firm, LAWS["cn.star_attribute"].on(DAY))
    zh, en = ("\n".join(explain(decision, lang)) for lang in ("zh", "en"))
    assert (
        "复合增长率为24.999999997%，要求不低于25.0% — 不满足（证监会公告〔2024〕6号 第一条（四））"
        in zh
    )
    assert "24.999999997%; at least 25.0% required — not met (证监会公告〔2024〕6号" in en
    assert "未核实 0.97" in zh and "unverified 0.97" in en
    todo = "\n".join(explain_gaps(gaps_of(decision), decision, "zh"))
    assert "将最近一个会计年度营业收入从2.4999999999亿元提高到至少2.5亿元，还差0.01元" in todo
    english = "\n".join(explain_gaps(gaps_of(decision), decision, "en"))
    assert "from 249.99999999m CNY to at least 250m CNY: 0.01 CNY short" in english


def test_what_is_unknown_is_asked_for():
    firm = {k: v for k, v in base_of("cn.tech_sme").items() if k != "employees_n"}
    gaps = gaps_of(decide_one(firm, SME))
    assert [(gap.kind, gap.facts) for gap in gaps if gap.name == "small_staff"] == [
        ("supply", ("employees_n",))
    ]


def test_a_mark_that_is_not_enough_itself_is_said():
    """国科发火〔2016〕195号 三（七）: over 70 points, 70 not included."""
    law = LAWS["cn.hnte"]
    decision = decide_one({"employees_n": 120, "rnd_staff_n": 20}, law.on(DAY))
    assert any(gap.above for gap in gaps_of(decision) if gap.kind == "score")
    assert "须高于70分" in "\n".join(explain_gaps(gaps_of(decision), decision, "zh"))
    assert "more than 70 points needed" in "\n".join(
        explain_gaps(gaps_of(decision), decision, "en")
    )


def test_no_way_of_a_choice_is_empty():
    """A firm of which only sizes are known: each way that is offered says what to do."""

    def ways(gap):
        return [*gap.options, *(w for way in gap.options for inner in way for w in ways(inner))]

    firm = {"revenue_y0_cny": 4.8e7, "employees_n": 120}
    for law in LAWS.values():
        rule = law.timeline()[-1][2]
        if not rule.needs:
            decision = decide_one(firm, rule)
            gaps = gaps_of(decision)
            assert all(way for gap in gaps for way in ways(gap)), law.id
            assert all(explain_gaps(gaps, decision, lang) for lang in ("zh", "en")) or not gaps


def told(name, firm, lang, day=DAY):
    rule = LAWS[name].on(day)
    decision = decide_one(firm, rule, answers=dict.fromkeys(rule.needs, True))
    return "\n".join(explain_gaps(gaps_of(decision), decision, lang))


def test_a_mark_on_one_item_asks_for_the_number_not_for_points():
    """国科发政〔2017〕115号 第七条（一）: staff under 10 % have no points, and no points fail."""
    firm = base_of("cn.tech_sme") | {"rnd_y0_cny": 7e6, "tech_staff_n": 4}
    zh, en = told("cn.tech_sme", firm, "zh"), told("cn.tech_sme", firm, "en")
    assert (
        "将科技人员数从4人提高到至少10人，还差6人（要求：科技人员数占职工总数的比例不低于10.0%）"
        in zh
    )
    assert "Raise science and technology staff from 4 persons to at least 10 persons" in en
    del firm["tech_staff_n"]
    zh, en = told("cn.tech_sme", firm, "zh"), told("cn.tech_sme", firm, "en")
    assert "请补充：科技人员数（要求：科技人员数占职工总数的比例不低于10.0%）" in zh
    assert "高于0分" not in zh and "more than 0 points" not in en


def test_a_fact_that_is_asked_for_says_what_it_must_be():
    """国科发火〔2016〕32号 第十一条（四）: 10 %; 证监会公告〔2024〕6号 第二条（五）: 50 patents."""
    hnte, star = {"employees_n": 120}, {"revenue_y0_cny": 1e8}
    zh, en = told("cn.hnte", hnte, "zh"), told("cn.hnte", hnte, "en")
    assert "请补充：科技人员数（要求：科技人员数占职工总数的比例不低于10.0%）" in zh
    assert "(needed: science and technology staff as a share of employees at least 10.0%)" in en
    assert "发明专利（含国防专利）数（要求：不低于50件）" in told("cn.star_attribute", star, "zh")


def test_a_status_that_is_asked_for_says_which_way_it_must_turn_out():
    firm = {"employees_n": 120}
    zh, en = told("cn.tech_sme", firm, "zh"), told("cn.tech_sme", firm, "en")
    assert "须证明并无此情形：被列入经营异常名录" in zh and "须证明属实：拥有有效期内高新" in zh
    assert "Show that this is not so: it is on the list of abnormal" in en
    assert "Show that this is so: it holds a valid high-tech" in en
    # Which case applies is only asked: a firm need not be pharmaceutical to be listed.
    listing = told("cn.star_listing", {"revenue_y0_cny": 1e8}, "zh", date(2026, 6, 30))
    assert "请说明是否属实：属于医药行业" in listing


def test_a_step_says_which_number_brings_its_points():
    """工信部企业〔2022〕63号 附件1 指标6: a main-business share of 70 % brings 20."""
    en = told("cn.innovative_sme", {"rnd_y0_cny": 1e6, "revenue_y0_cny": 1e7}, "en")
    share = "main-business revenue of the last fiscal year as a share of revenue"
    assert f"(counts 0 points now, 20 points if {share}" in en
    assert "these cheapest steps bring up to" in en
