"""From application to claim: every move, role and state; four eyes; authority; limits; money."""

import doctest
from dataclasses import replace
from datetime import date, timedelta

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import techflow.credit.arrears as arrears_module
import techflow.credit.lending_checks as checks_module
import techflow.credit.lending_moves as moves_module
import techflow.flow.loan_watch as watch_module
from techflow.basics import InvalidInput
from techflow.credit.arrears import loan_arrears
from techflow.credit.lending_checks import (
    OFFER_DAYS,
    PROBLEMS,
    LendingStep,
    judge_step,
    make_step,
    state_after,
)
from techflow.credit.lending_moves import MOVES, ROLES, STATES, moves_from
from techflow.flow.loan_watch import plan_dues, watch_loans
from techflow.pool import MOVES as POOL_MOVES

DAY = date(2026, 3, 2)
F, O, H = "firm", "credit_officer", "branch_head"  # noqa: E741 - short on purpose
ALLOWED = {
    "": {"apply": (F, "applied")},
    "applied": {
        "ask": (O, "asked"), "withdraw": (F, "withdrawn"), "turn_down": (O, "refused"),
        "qualify": (O, "qualified"),
    },
    "asked": {"supply": (F, "applied"), "withdraw": (F, "withdrawn")},
    "qualified": {
        "assess": (O, "assessed"), "refuse": (H, "refused"), "withdraw": (F, "withdrawn")
    },
    "assessed": {
        "override": (H, "overridden"), "propose": (O, "proposed"), "refuse": (H, "refused"),
        "withdraw": (F, "withdrawn"),
    },
    "overridden": {
        "propose": (O, "proposed"), "refuse": (H, "refused"), "withdraw": (F, "withdrawn")
    },
    "proposed": {
        "send_back": (H, "assessed"), "endorse": (H, "endorsed"), "approve": (H, "offered"),
        "refuse": (H, "refused"), "withdraw": (F, "withdrawn"),
    },
    "endorsed": {
        "send_back": (H, "assessed"), "approve": (H, "offered"), "refuse": (H, "refused"),
        "withdraw": (F, "withdrawn"),
    },
    "offered": {"accept": (F, "accepted"), "decline": (F, "declined"), "lapse": (O, "lapsed")},
    "accepted": {"lend": (O, "lent")},
    "lent": {"file": (O, "filed"), "receive": (O, "lent"), "settle": (O, "settled")},
    "filed": {
        "receive": (O, "filed"), "settle": (O, "settled"), "default": (O, "non_performing")
    },
    "non_performing": {
        "receive": (O, "non_performing"), "settle": (O, "settled"), "cure": (O, "filed"),
        "prepare_claim": (O, "claim_prepared"),
    },
    "claim_prepared": {"return_claim": (H, "non_performing"), "claim": (H, "claimed")},
    "claimed": {}, "settled": {}, "refused": {}, "withdrawn": {}, "declined": {}, "lapsed": {},
}  # fmt: skip
"""Written from the process, not from the table."""
WAYS = {
    "asked": ("apply", "ask"),
    "overridden": ("apply", "qualify", "assess", "override"),
    "endorsed": ("apply", "qualify", "assess", "propose", "endorse"),
    "refused": ("apply", "turn_down"),
    "withdrawn": ("apply", "withdraw"),
}
LINE = ("apply", "qualify", "assess", "propose", "approve", "accept", "lend", "file", "default",
        "prepare_claim", "claim")  # fmt: skip
OFFERED = LINE[:5]
WAYS |= {"declined": (*OFFERED, "decline"), "lapsed": (*OFFERED, "lapse")}
WAYS |= {"settled": (*LINE[:7], "settle"), "": ()}
WAYS |= {MOVES[name].target: LINE[: n + 1] for n, name in enumerate(LINE)}
TERMS = {
    "apply": {"amount_cny": 5e6, "term_months": 12},
    "assess": {"limit_cny": 4e6, "rate_pa": 0.04},
    "override": {"limit_cny": 5e6, "rate_pa": 0.035},
    "propose": {"amount_cny": 4e6, "rate_pa": 0.04, "term_months": 12},
    "receive": {"amount_fen": 100},
    "settle": {"owed_fen": 0},
    "cure": {"overdue_fen": 0},
    "default": {"class_at_least_n": 3},
    "prepare_claim": {"owed_fen": 100},
}

OFFER = TERMS["propose"]
PREPARER = {"person": "credit_officer who does prepare_claim"}


def step(name, **changes):
    move = MOVES[name]
    late = timedelta(OFFER_DAYS + 1 if name == "lapse" else 0)
    made = LendingStep(
        name, move.role, f"{move.role} who does {name}", DAY + late, "reason in writing",
        TERMS.get(name, {}), dict.fromkeys(move.evidence, "ab" * 32), 5_000_000,
    )  # fmt: skip
    return replace(made, **changes)


def at(state):
    past = ()
    for name in WAYS[state]:
        past = make_step(past, step(name))
    assert state_after(past) == state
    return past


def test_examples():
    for module in (arrears_module, checks_module, moves_module, watch_module):
        found = doctest.testmod(module)
        assert found.attempted and not found.failed


def test_states_are_those_of_the_process():
    assert set(STATES) == set(ALLOWED) - {""}
    assert {move.role for move in MOVES.values()} == set(ROLES)


@pytest.mark.parametrize("state", ALLOWED)
def test_every_move_of_every_role_from_every_state(state):
    past = at(state)
    for name in MOVES:
        for role in ROLES:
            late = timedelta(OFFER_DAYS + 1)
            asked = step(
                name, role=role, on=DAY + late if name == "lapse" else (past and past[-1].on) or DAY
            )
            allowed = ALLOWED[state].get(name)
            if allowed and allowed[0] == role:
                assert state_after(make_step(past, asked)) == allowed[1], name
            else:
                expected = "role" if allowed else "state"
                assert judge_step(past, asked) == [expected], (name, role)
    assert [move.name for move in moves_from(state)] == [n for n in MOVES if n in ALLOWED[state]]


def test_papers_are_those_that_the_pool_asks_for():
    pairs = {"file": "file", "settle": "repay", "default": "default", "cure": "cure",
             "prepare_claim": "claim"}  # fmt: skip
    for own, pools in pairs.items():
        assert MOVES[own].evidence == POOL_MOVES[pools].evidence


@pytest.mark.parametrize(
    ("state", "name", "changes", "code"),
    [
        ("assessed", "propose", {"terms": OFFER | {"amount_cny": 4e6 + 1}}, "above_limit"),
        ("assessed", "propose", {"terms": OFFER | {"rate_pa": 0.0399}}, "below_rate"),
        ("assessed", "propose", {"terms": OFFER | {"term_months": 13}}, "above_asked"),
        ("assessed", "propose", {"terms": {"amount_cny": 4e6}}, "terms"),
        ("assessed", "propose", {"terms": OFFER | {"rate_pa": float("nan")}}, "terms"),
        ("overridden", "propose", {"terms": OFFER | {"term_months": 13}}, "above_asked"),
        ("overridden", "propose", {"terms": OFFER | {"rate_pa": 0.0349}}, "below_rate"),
        ("assessed", "override", {"reason": "  \n "}, "reason"),
        ("assessed", "override", {"person": "credit_officer who does assess"}, "same_person"),
        ("proposed", "approve", {"authority_cny": 3_999_999}, "authority"),
        ("proposed", "approve", {"authority_cny": None}, "authority"),
        ("proposed", "approve", {"person": "credit_officer who does propose"}, "same_person"),
        ("endorsed", "approve", {"person": "branch_head who does endorse"}, "same_person"),
        ("proposed", "refuse", {"reason": ""}, "reason"),
        ("offered", "accept", {"on": DAY + timedelta(OFFER_DAYS + 1)}, "too_late"),
        ("offered", "lapse", {"on": DAY + timedelta(OFFER_DAYS)}, "too_soon"),
        ("offered", "accept", {"on": DAY - timedelta(1)}, "day"),
        ("lent", "file", {"evidence": {"loan_contract": "ab" * 32}}, "evidence"),
        ("lent", "settle", {"terms": {"owed_fen": 1}}, "owed"),
        ("filed", "default", {"terms": {"class_at_least_n": 2}}, "performing"),
        ("non_performing", "cure", {"terms": {"overdue_fen": 1}}, "overdue"),
        ("claim_prepared", "claim", PREPARER, "same_person"),
    ],
)  # fmt: skip
def test_what_stands_against_a_move(state, name, changes, code):
    assert judge_step(at(state), step(name, **changes)) == [code]
    assert code in PROBLEMS
    with pytest.raises(InvalidInput, match=name):
        make_step(at(state), step(name, **changes))


def test_an_override_opens_what_the_assessment_closed_and_only_until_it_is_sent_back():
    more = OFFER | {"amount_cny": 5e6, "rate_pa": 0.035}
    past = make_step(at("overridden"), step("propose", terms=more))
    back = make_step(past, step("send_back"))
    assert judge_step(back, step("propose", terms=more)) == ["above_limit", "below_rate"]


def test_without_limit_nothing_is_proposed():
    past = make_step(at("qualified"), step("assess", terms={"limit_cny": None, "rate_pa": None}))
    assert judge_step(past, step("propose")) == ["no_limit"]


@given(
    st.lists(
        st.builds(
            lambda name, role, person, amount, authority, reason: step(
                name,
                role=role or MOVES[name].role,
                person=person,
                reason=reason,
                authority_cny=authority,
                terms=TERMS.get(name, {}) | ({"amount_cny": amount} if name == "propose" else {}),
            ),
            st.sampled_from([*MOVES, *LINE, *OFFERED]),
            st.sampled_from([*ROLES, None, None, None]),
            st.sampled_from("abcd"),
            st.sampled_from([1e6, 4e6, 5e6]),
            st.sampled_from([None, 1_000_000, 5_000_000]),
            st.sampled_from(["", "reason in writing"]),
        ),
        min_size=12,
        max_size=40,
    )
)
def test_whatever_is_asked_nothing_skips_and_no_offer_has_one_pair_of_eyes(asked):
    past = ()
    for one in asked:
        if not judge_step(past, one):
            past = make_step(past, one)
    names = [one.move for one in past]
    if "approve" in names:
        at_ = names.index("approve")
        assert {"apply", "qualify", "assess", "propose"} <= set(names[:at_])
        amount = next(one for one in reversed(past[:at_]) if one.move == "propose")
        approver = past[at_]
        assert approver.authority_cny >= amount.terms["amount_cny"]
        assert len({one.person for one in past[: at_ + 1] if one.role != "firm"}) >= 2
        assert approver.person not in {one.person for one in past[:at_] if one.move == "propose"}
        if amount.terms["amount_cny"] > TERMS["assess"]["limit_cny"]:
            assert "override" in names[:at_]
    for later, earlier in (("lend", "accept"), ("file", "lend"), ("default", "file"),
                           ("claim", "prepare_claim")):  # fmt: skip
        if later in names:
            assert earlier in names[: names.index(later)]


FEN = st.integers(1, 10**9)
DAYS = st.integers(0, 900).map(lambda n: DAY + timedelta(n))


@given(
    st.lists(st.tuples(DAYS, FEN), max_size=20), st.lists(st.tuples(DAYS, FEN), max_size=20), DAYS
)
def test_arrears_keep_every_fen(dues, paid, on):
    found = loan_arrears(dues, paid, on)
    got = sum(fen for day, fen in paid if day <= on)
    due = sum(fen for day, fen in dues if day < on)
    assert found.owed_fen == max(0, sum(fen for _, fen in dues) - got)
    assert found.overdue_fen == max(0, due - got)
    assert (found.days_overdue > 0) == (found.overdue_fen > 0)


@given(FEN, st.sampled_from(["0.031", "0.0435", "0.2"]), st.integers(1, 60))
def test_dues_add_to_principal_and_interest_of_the_whole_term(fen, rate, months):
    dues = plan_dues(fen, rate, DAY, months)
    days = (dues[-1][0] - DAY).days
    exact = fen * float(rate) * days / 360
    assert sum(one for _, one in dues) - fen == pytest.approx(exact, abs=0.51 + exact * 1e-12)
    assert len(dues) == months


@pytest.mark.parametrize(
    ("days", "least", "warned"),
    [(0, 1, False), (1, 2, True), (90, 3, True), (91, 3, True), (271, 4, True), (361, 5, True)],
)
def test_class_at_least_follows_the_days_of_the_order(days, least, warned):
    """Order [2023] No. 1; from day 90 IFRS 9 presumes default, so the loan is impaired."""
    row = pl.LazyFrame(
        {"loan_id": ["a"], "days_overdue": [days], "in_default": [False], "pd": [0.01],
         "pd_at_origination": [0.01], "coverage_ratio": [None]},
        schema_overrides={"coverage_ratio": pl.Float64},
    )  # fmt: skip
    told = nw.to_native(watch_loans(nw.from_native(row))).collect().to_dicts()[0]
    assert (told["class_at_least_n"], told["warned"]) == (least, warned)


def test_a_firm_whose_pd_rose_is_warned_of_before_it_is_late():
    row = pl.LazyFrame(
        {"loan_id": ["a", "b"], "days_overdue": [0, 0], "in_default": [False, False],
         "pd": [0.05, 0.012], "pd_at_origination": [0.01, 0.01], "coverage_ratio": [None, None]},
        schema_overrides={"coverage_ratio": pl.Float64},
    )  # fmt: skip
    told = nw.to_native(watch_loans(nw.from_native(row))).collect()
    assert told["warned"].to_list() == [True, False]
