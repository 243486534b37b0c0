"""The moves of a claim: every pair of state and move, every role, evidence, days, money."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.pool.claim_moves import MOVES, ROLES, STATES, moves_from
from techflow.pool.claims import Claim, Step, make_move, replay

RANKS, DAY, DIGEST = (0, 0, 1), date(2026, 1, 5), "ab" * 32
ALLOWED = {
    "": {"file": "filed"},
    "filed": {"admit": "admitted", "turn_down": "refused"},
    "admitted": {"repay": "settled", "default": "non_performing"},
    "non_performing": {"repay": "settled", "cure": "admitted", "claim": "claimed"},
    "claimed": {
        "withdraw": "non_performing",
        "send_back": "non_performing",
        "review": "reviewed",
    },
    "reviewed": {"publicise": "publicised", "refuse": "refused"},
    "publicised": {"refuse": "refused", "pay": "paid"},
    "paid": {"recover": "recovered", "write_off": "written_off"},
    "recovered": {"recover": "recovered", "write_off": "written_off"},
    "written_off": {"recover_later": "written_off"},
    "refused": {},
    "settled": {},
}
"""Written from the process, not from the table."""


def step(name, day=DAY, **changes):
    move = MOVES[name]
    amount = 100 if name == "claim" else 10 if name.startswith("recover") else None
    parts = (50, 30, 20) if name == "pay" else ()
    papers = dict.fromkeys(move.evidence, DIGEST)
    made = Step(name, move.role, f"{move.role} of {name}", day, "v1", papers, amount, parts)
    return replace(made, **changes)


def go(claim, name, **changes):
    return make_move(claim, step(name, **changes), ranks=RANKS, notice_days=5)


def at(state):
    """A claim that stands there; a state from which money moves has money in it."""
    money = {"loss_fen": 100, "paid_fen": (50, 30, 20), "back_fen": (0, 0, 0)}
    return Claim(state, (step("file", DAY - timedelta(days=30)),), **money)


def test_states_are_those_of_the_process():
    assert set(STATES) == set(ALLOWED) - {""}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("state", ALLOWED)
def test_each_move_from_each_state(state, name):
    claim = at(state) if state else Claim()
    if name in ALLOWED[state]:
        assert go(claim, name).state == ALLOWED[state][name]
        return
    with pytest.raises(InvalidInput, match=f"{name} cannot follow {state or 'the start'}"):
        go(claim, name)


@pytest.mark.parametrize("name", MOVES)
def test_each_move_needs_its_role_and_each_document(name):
    source = next((state for state in ALLOWED if name in ALLOWED[state]), "")
    claim = at(source) if source else Claim()
    for role in set(ROLES) - {MOVES[name].role}:
        with pytest.raises(InvalidInput, match=f"{name} is for a {MOVES[name].role}"):
            go(claim, name, role=role)
    for kind in MOVES[name].evidence:
        papers = {other: DIGEST for other in MOVES[name].evidence if other != kind}
        with pytest.raises(InvalidInput, match=f"needs the evidence {kind}"):
            go(claim, name, evidence=papers)
    with pytest.raises(InvalidInput, match="must be a SHA-256"):
        go(claim, name, evidence=dict.fromkeys(MOVES[name].evidence, "seen"))
    with pytest.raises(InvalidInput, match="lacks rule_version"):
        go(claim, name, rule_version="")


PATH = ("file", "admit", "default", "claim", "review", "publicise", "pay", "recover", "write_off")
LATER = DAY + timedelta(days=5)


def path(upto, **changes):
    names = PATH[: PATH.index(upto) + 1]
    days = [LATER if name in ("pay", "recover", "write_off") else DAY for name in names]
    steps = [step(name, day) for name, day in zip(names, days, strict=True)]
    return [*steps[:-1], replace(steps[-1], **changes)]


def test_a_claim_from_filing_to_write_off():
    claim = replay(path("write_off"), ranks=RANKS, notice_days=5)
    assert (claim.state, claim.loss_fen, claim.paid_fen) == ("written_off", 100, (50, 30, 20))
    assert claim.back_fen == (6, 4, 0)  # 10 by 50 to 30: 6.25 and 3.75


@pytest.mark.parametrize(
    ("upto", "changes", "words"),
    [
        ("pay", {"on": LATER - timedelta(days=1)}, "move 7: pay may be made from 2026-01-10"),
        (
            "admit",
            {"on": DAY - timedelta(days=1)},
            "admit on 2026-01-04 is before the last move on 2026-01-05",
        ),
        ("review", {"actor": "lender of claim"}, "by another than lender of claim"),
        ("pay", {"actor": "reviewer of review"}, "who made file or claim or review"),
        ("pay", {"actor": ""}, "lacks its actor"),
        ("pay", {"parts_fen": (50, 30, 19)}, "add to the loss 100"),
        ("pay", {"parts_fen": (50, 50)}, "each of 3 parties"),
        ("pay", {"parts_fen": (120, -20, 0)}, "must be 0 or more"),
        ("pay", {"parts_fen": ()}, "pay has parts_fen"),
        ("claim", {"amount_fen": 0}, "must be above 0"),
        ("claim", {"amount_fen": None}, "have amount_fen"),
        ("recover", {"amount_fen": 101}, "above the 100 still borne"),
        ("write_off", {"amount_fen": 5}, "other moves have neither"),
    ],
)
def test_a_move_that_may_not_be(upto, changes, words):
    with pytest.raises(InvalidInput, match=words):
        replay(path(upto, **changes), ranks=RANKS, notice_days=5)


@given(st.lists(st.integers(1, 60), max_size=8))
def test_recoveries_never_return_more_than_was_paid(amounts):
    claim, back = replay(path("pay"), ranks=RANKS, notice_days=5), 0
    for amount in amounts:
        made = step("recover", LATER, amount_fen=amount)
        if back + amount > 100:
            with pytest.raises(InvalidInput, match="still borne"):
                make_move(claim, made, ranks=RANKS)
            continue
        claim, back = make_move(claim, made, ranks=RANKS), back + amount
    assert sum(claim.back_fen) == back
    assert min(claim.still_fen) >= 0
    assert claim.back_fen[2] == max(0, back - 80)  # rank 1 comes after the others are whole


@given(st.data())
def test_money_only_moves_where_the_process_says(data):
    claim, day = Claim(), DAY
    for _ in range(20):
        choices = moves_from(claim.state)
        assert {move.name for move in choices} == set(ALLOWED[claim.state])
        if not choices:
            break
        before, move = claim, data.draw(st.sampled_from(choices))
        day += timedelta(days=5)
        amount = min(10, sum(before.still_fen)) if move.name.startswith("recover") else None
        if amount == 0:
            break
        changes = {"amount_fen": amount} if amount else {}
        claim = make_move(claim, step(move.name, day, **changes), ranks=RANKS, notice_days=5)
        moved = sum(claim.paid_fen) - sum(claim.back_fen) - sum(before.still_fen)
        assert moved == {"pay": 100}.get(move.name, -(amount or 0))
    assert replay(claim.steps, ranks=RANKS, notice_days=5) == claim
