"""Roles, evidence, four eyes and days, judged inside the transaction that moves the money."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.ledger.conftest import DAY, PAPERS, Till

from techflow.basics import InvalidInput
from techflow.pool import MOVES, Claim, Step, make_move
from techflow_service.ledger import Refused, Request
from techflow_service.ledger.claims import MONEY
from techflow_service.ledger.driver import connect
from techflow_service.ledger.migrate import migrate, read_migrations
from techflow_service.ledger.replay import Replay
from techflow_service.ledger.verify import prove_pool

NOTICE = 3
FEN = {"review": 100, "refuse": 100, "pay": 100, "recover": 1, "recover_later": 1}
STRAIGHT = ("file", "admit", "default", "claim", "review", "publicise", "pay", "recover")


def refused(code, text, do, *args, **fields):
    with pytest.raises(Refused, match=text) as found:
        do(*args, **fields)
    assert found.value.code == code


def posted(till, claim, step):
    """The step as a request; whether the books took it."""
    kind = MOVES.get(step.move)
    route, state = MONEY.get(step.move, "move"), kind.target or claim.state
    left = sum(claim.still_fen) or 1
    fen = {"write_off": left, **FEN}.get(step.move)
    ask = {"route": "file" if step.move == "file" else route, "state": state or "filed"}
    ask |= {"claim_id": "c", "actor": step.actor, "role": step.role, "on": step.on}
    ask |= {"evidence": dict(step.evidence), "amounts": {"fund": fen} if fen else {}}
    if step.move == "file":
        ask["detail"] = {"firm_id": "f", "bank_id": "b", "loan_id": "l"}
    try:
        till.post(**ask)
    except Refused as error:
        return error.code
    return None


STRAYS = st.sampled_from(["move", "role", "actor", "actor", "day", "paper"])


@st.composite
def steps(draw):
    """The straight way with one or two wrong words."""
    day, made = DAY, []
    wrong = draw(st.dictionaries(st.integers(0, len(STRAIGHT) - 1), STRAYS, max_size=2))
    for place, name in enumerate(STRAIGHT):
        strayed = wrong.get(place)
        move = MOVES[draw(st.sampled_from(sorted(MOVES))) if strayed == "move" else name]
        papers = dict.fromkeys(move.evidence, PAPERS)
        if strayed == "paper":
            papers.pop(draw(st.sampled_from(sorted(papers))))
        role = draw(st.sampled_from(["lender", "reviewer"])) if strayed == "role" else move.role
        past = draw(st.sampled_from(made[:5:4]))[2] if made and strayed == "actor" else ""
        day += timedelta(draw(st.integers(-1, NOTICE - 1)) if strayed == "day" else NOTICE)
        made.append((move.name, role, past or f"{move.role} {name}", day, papers))
    return made


def too_early():
    """The straight way, but paid on the day of the notice: drawn seldom, so tried each time."""
    day, made = DAY, []
    for name in STRAIGHT:
        move = MOVES[name]
        day += timedelta(0 if name == "pay" else NOTICE)
        papers = dict.fromkeys(move.evidence, PAPERS)
        made.append((name, move.role, f"{move.role} {name}", day, papers))
    return made


def test_library_and_books_say_the_same_of_every_step(server):
    """`make_move`, which knows nothing of the database, is the oracle; the books are PostgreSQL."""
    codes = set()

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @example(too_early())
    @given(steps())
    def check(history):
        till, claim = Till(server), Claim()
        till.open(caps={}, notice_days=NOTICE, fund=1_000)
        for name, role, actor, day, papers in history:
            fen = 100 if name == "claim" else 1 if name.startswith("recover") else None
            parts = (100,) if name == "pay" else ()
            step = Step(name, role, actor, day, "v1", papers, fen, parts)
            try:
                after = make_move(claim, step, ranks=[0], notice_days=NOTICE)
            except InvalidInput:
                after = None
            code = posted(till, claim, step)
            assert (code is None) == (after is not None), (step, code)
            codes.add(code)
            claim = after or claim
        assert till.proof().faults == []
        till.books.close()

    check()
    assert {None, "state", "lacks", "day", "same_actor"} <= codes, "the test tried too little"


def test_what_is_missing_is_told(till):
    till.open(fund=1_000)
    till.file("c")
    ask = {"claim_id": "c", "state": "reviewed", "amounts": {"fund": 10}}
    text = "review is for a reviewer; got no role; review needs the evidence review_report; add it"
    refused("lacks", text, till.post, "reserve", **ask, role="", evidence={})
    till.post("reserve", **ask)
    assert till.fen("reserved") == 10


def test_a_paper_of_one_move_does_not_do_for_another_to_the_same_state(till):
    """Withdrawn by the lender or sent back by the reviewer: the role tells which."""
    till.open(fund=1_000)
    till.file("c")
    ask = {"claim_id": "c", "state": "non_performing", "evidence": {"withdrawal_letter": PAPERS}}
    refused("lacks", "needs the evidence review_report", till.post, "move", **ask, role="reviewer")
    till.post("move", **ask, role="lender")


def test_who_filed_or_ever_claimed_does_not_review(till):
    till.open(fund=1_000)
    till.file("c", until=2)
    way = {"claim_id": "c", "state": "claimed"}
    till.post("move", actor="Li", **way)
    back = {"claim_id": "c", "state": "non_performing", "evidence": {"review_report": PAPERS}}
    till.post("move", actor="Wang", role="reviewer", **back)
    till.post("move", actor="Zhao", **way)
    ask = {"claim_id": "c", "state": "reviewed", "amounts": {"fund": 10}}
    for actor in ("file officer", "Li", "Zhao"):
        refused("same_actor", f"{actor} may not", till.post, "reserve", actor=actor, **ask)
    till.post("reserve", actor="Wang", **ask)
    till.post("move", claim_id="c", state="publicised")
    paid = {"claim_id": "c", "state": "paid", "amounts": {"fund": 10}}
    for actor in ("file officer", "Li", "Zhao", "Wang"):
        refused("same_actor", f"{actor} may not", till.post, "pay", actor=actor, **paid)
    till.post("pay", actor="Sun", **paid)
    assert till.proof().faults == []


@pytest.mark.parametrize("early", [1, 0])
def test_days_of_notice_to_the_day(till, early):
    till.open(notice_days=7, fund=1_000)
    till.file("c")
    till.post("reserve", claim_id="c", state="reviewed", amounts={"fund": 10})
    told = DAY + timedelta(2)
    till.post("move", claim_id="c", state="publicised", on=told)
    pay = {"claim_id": "c", "state": "paid", "amounts": {"fund": 10}}
    on = told + timedelta(7 - early)
    if early:
        text = "pay may be made from 2026-07-09, 7 days after notice on 2026-07-02; got 2026-07-08"
        refused("day", text, till.post, "pay", **pay, on=on)
        refused("day", "before its last move", till.post, "pay", **pay, on=DAY)
        till.post("cap", detail={"caps": {}, "notice_days": 6})
    till.post("pay", **pay, on=on)
    assert till.proof().faults == []


def test_a_pool_is_opened_with_its_days_of_notice(till):
    ask = {"detail": {"caps": {}}}
    refused("lacks", "open needs notice_days", till.post, "open", **ask)
    with pytest.raises(InvalidInput, match="notice_days must be whole days"):
        till.request("open", detail={"caps": {}, "notice_days": -1})
    with pytest.raises(InvalidInput, match="takes no role"):
        till.request("deposit", amounts={"fund": 1}, role="payer")
    with pytest.raises(InvalidInput, match="role must be one of lender"):
        till.request("move", claim_id="c", state="admitted", role="boss")
    with pytest.raises(InvalidInput, match="evidence review_report must be a SHA-256"):
        till.request("move", claim_id="c", state="x", evidence={"review_report": "seen"})


OLD = {
    ("move", "cb01740242297ecf6ed209127935762a678783c26c6708a88682db407dd577ba"): {
        "claim_id": "c",
        "state": "admitted",
    },
    ("open", "d26d8aff93f1a82b63aa591f621851f713475455fe00c1554abb07d0ae373a5d"): {
        "detail": {"caps": {"pool": 5}}
    },
}


@pytest.mark.parametrize(("name", "ask"), OLD.items())
def test_a_request_of_older_books_keeps_its_fingerprint(name, ask):
    """Worked out by the version before roles: or its key would be refused instead of answered."""
    request = Request("k", "p", name[0], "Li", PAPERS, "v1", date(2026, 1, 1), **ask)
    assert request.fingerprint() == name[1]


OLD_POST = """SELECT post(ROW('older', 0, 't', %s::text, %s::text, %s::text, NULL, NULL, '{}', '{}',
    %s::text, %s::text, %s::text, repeat('a', 64), 'v', '2026-01-01'::date, now(), %s::text, '', ''
    )::entry, %s::text[], %s::text[])"""


def test_older_books_are_proved_as_kept_and_moved_by_the_new_rules(server):
    who = '{"firm_id":"f","bank_id":"b","loan_id":"l"}'
    connection = connect(server)
    with connection.transaction(force_rollback=True):
        connection.execute("DROP SCHEMA IF EXISTS ledger CASCADE")
        migrate(connection, read_migrations()[:3])
        opened = ("1", "f1", "open", None, None, "Zhao", '{"caps":{}}', [], [])
        filed = ("2", "f2", "file", "c", "filed", "Li", who, [], [])
        first = [connection.execute(OLD_POST, values).fetchone() for values in (opened, filed)]
        migrate(connection)
        row = connection.execute("SELECT actors, moved_on FROM claim").fetchone()
        assert row == ({"filed": ["Li"]}, date(2026, 1, 1))
        again = {"pool_id": "older", "tenant": "t", "route": "open"}
        again |= {"request_key": "1", "fingerprint": "f1", "lacks": ["open needs notice_days"]}
        answers = connection.execute("SELECT post_all(%s::json)", [json.dumps([again])]).fetchone()
        # Composite text of the first answer: it ends with the hash before and its own.
        assert first[0][0].endswith(",".join(answers[0][0][-2:]) + ")")
        assert prove_pool(connection, Replay("older")).faults == []
    connection.close()
