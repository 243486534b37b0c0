"""Posting: double entry by hand-worked sums, caps and overdrafts at -1/0/+1 fen."""

import json
from datetime import date

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.conftest import AT, CAPS, DAY, PAPERS, Till

from techflow.basics import InvalidInput
from techflow_service.ledger import Refused, Request, answer, balances
from techflow_service.ledger.chain import hash_entry


def test_a_claim_from_filing_to_write_off_by_hand(till):
    till.open(fund=10_000, city=6_000)
    till.file("c")
    till.post("reserve", claim_id="c", state="reviewed", amounts={"fund": 2_000, "city": 1_000})
    assert [till.fen(k) for k in ("capital", "available", "reserved")] == [-10_000, 8_000, 2_000]
    till.post("move", claim_id="c", state="publicised")
    till.post("pay", claim_id="c", state="paid", amounts={"fund": 1_500, "city": 1_000})
    till.post("release", claim_id="c", state="paid", amounts={"fund": 500})
    till.post("recover", claim_id="c", state="recovered", amounts={"fund": 400, "city": 100})
    till.post("write_off", claim_id="c", state="written_off", amounts={"fund": 1_100})
    till.post("recover_late", claim_id="c", state="written_off", amounts={"fund": 1})
    fund = {k: till.fen(k) for k in ("capital", "available", "reserved", "recourse", "lost")}
    # 10,000 - 1,500 paid + 400 + 1 back = 8,901; 1,500 = 400 back + 1,100 lost, of which 1 back.
    assert fund == {
        "capital": -10_000,
        "available": 8_901,
        "reserved": 0,
        "recourse": 0,
        "lost": 1_099,
    }
    assert [till.fen(k, "city") for k in ("available", "recourse")] == [5_100, 900]
    told = balances(till.books.connection, till.tenant, till.pool_id)
    assert sum(row["fen"] for row in told["accounts_fen"]) == 0
    # Caps count what was reserved and not released: 3,000 - 500.
    assert {row["scope"]: row["used_fen"] for row in told["caps"]} == dict.fromkeys(CAPS, 2_500)
    assert till.proof().faults == []
    assert told["entries_n"] == till.proof().entries_n == 13


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_the_last_fen_can_be_reserved_and_not_one_more(till, more):
    till.open(caps={}, fund=100)
    till.file("c")
    if more <= 0:
        till.post("reserve", claim_id="c", state="reviewed", amounts={"fund": 100 + more})
        assert till.fen("available") == -more
    else:
        with pytest.raises(Refused, match="available of fund holds less than 101") as refused:
            till.post("reserve", claim_id="c", state="reviewed", amounts={"fund": 100 + more})
        assert refused.value.code == "overdraft"
        assert till.fen("available") == 100
    assert till.proof().faults == []


@pytest.mark.parametrize("scope", CAPS)
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_each_cap_holds_to_the_fen(till, scope, more):
    till.open(caps={scope: 1_000}, fund=5_000)
    till.file("c")
    amounts = {"fund": 1_000 + more}
    if more > 0:
        with pytest.raises(Refused, match=f"cap of {scope} .* is 1000 fen; 1001") as refused:
            till.post("reserve", claim_id="c", state="reviewed", amounts=amounts)
        assert refused.value.code == "cap"
    else:
        till.post("reserve", claim_id="c", state="reviewed", amounts=amounts)
        # A release gives the cap back, then another claim on the loan can use it in full.
        till.post("release", claim_id="c", state="refused", amounts=amounts)
        till.file("d", loan="loan of c")
        till.post("reserve", claim_id="d", state="reviewed", amounts={"fund": 1_000})
    assert till.proof().faults == []


def test_caps_are_counted_per_subject_and_year(till):
    till.open(caps={"firm": 1_000, "year": 1_500}, fund=9_000)
    for claim, firm in (("a", "x"), ("b", "x"), ("c", "y"), ("d", "z")):
        till.file(claim, firm=firm)
    reserve = {"route": "reserve", "state": "reviewed"}
    till.post(**reserve, claim_id="a", amounts={"fund": 800})
    with pytest.raises(Refused, match="cap of firm x"):
        till.post(**reserve, claim_id="b", amounts={"fund": 201})
    till.post(**reserve, claim_id="b", amounts={"fund": 200})
    till.post(**reserve, claim_id="c", amounts={"fund": 500})
    with pytest.raises(Refused, match="cap of year 2026"):
        till.post(**reserve, claim_id="d", amounts={"fund": 1})
    till.post(**reserve, claim_id="d", amounts={"fund": 1}, on=date(2027, 1, 1))
    # Released in 2027, counted back in the year of the reserve.
    till.post("release", claim_id="a", state="refused", amounts={"fund": 800}, on=date(2027, 2, 1))
    used = dict(
        till.sql(
            "SELECT subject, used_fen FROM cap_use WHERE pool_id = %s AND scope = %s",
            till.pool_id,
            "year",
        ).fetchall()
    )
    assert used == {"2026": 700, "2027": 1}
    assert till.proof().faults == []


def test_a_cap_can_be_changed_but_not_added(till):
    till.open(caps={"pool": 100}, fund=1_000)
    till.file("c")
    till.post("cap", detail={"caps": {"pool": 500}})
    till.post("reserve", claim_id="c", state="reviewed", amounts={"fund": 500})
    till.post("cap", detail={"caps": {"pool": 10}})
    with pytest.raises(Refused, match="opened without a cap per firm"):
        till.post("cap", detail={"caps": {"firm": 500}})
    assert till.proof().faults == []


def test_money_of_one_claim_is_not_money_of_another(till):
    till.open(caps={}, fund=1_000)
    till.file("a")
    till.file("b")
    till.post("reserve", claim_id="a", state="reviewed", amounts={"fund": 600})
    till.post("reserve", claim_id="b", state="reviewed", amounts={"fund": 100})
    till.post("move", claim_id="b", state="publicised")
    with pytest.raises(Refused, match="reserved of fund holds less than 101"):
        till.post("pay", claim_id="b", state="paid", amounts={"fund": 101})
    with pytest.raises(Refused, match="available"):
        till.post("withdraw", amounts={"fund": 301})
    till.post("withdraw", amounts={"fund": 300})
    assert till.fen("capital") == -700
    assert till.proof().faults == []


def test_four_eyes(till):
    """Who claimed does not review; who claimed or reviewed does not pay; others may."""
    till.open(caps={}, fund=1_000)
    till.file("c", until=2)
    till.post("move", claim_id="c", state="claimed", actor="Li")
    ask = {"claim_id": "c", "amounts": {"fund": 10}}
    with pytest.raises(Refused, match="Li may not do this too") as refused:
        till.post("reserve", state="reviewed", actor="Li", **ask)
    assert refused.value.code == "same_actor"
    till.post("reserve", state="reviewed", actor="Wang", **ask)
    till.post("move", claim_id="c", state="publicised", actor="Zhao")
    for actor in ("Li", "Wang"):
        with pytest.raises(Refused, match=f"{actor} may not do this too"):
            till.post("pay", state="paid", actor=actor, **ask)
    till.post("pay", state="paid", actor="Zhao", **ask)
    assert till.proof().faults == []


def test_all_parties_or_none(till):
    till.open(caps={}, fund=1_000, city=5)
    till.file("c")
    with pytest.raises(Refused, match="available of city"):
        till.post("reserve", claim_id="c", state="reviewed", amounts={"fund": 10, "city": 6})
    assert (till.fen("available"), till.fen("available", "city")) == (1_000, 5)


def test_entries_cannot_be_changed_by_statement(till):
    till.open(fund=5)
    for text in ("UPDATE entry SET actor = 'x'", "DELETE FROM entry", "TRUNCATE entry"):
        with pytest.raises(psycopg.Error, match="entries are only added"):
            till.sql(text)


def test_a_pool_of_another_tenant_is_not_there(till, server):
    till.open(fund=5)
    other = Till(server)
    with pytest.raises(Refused, match="there is no pool"):
        other.post("deposit", amounts={"fund": 1}, pool_id=till.pool_id)
    with pytest.raises(InvalidInput, match="there is no pool"):
        balances(other.books.connection, other.tenant, till.pool_id)
    other.books.close()


GOOD = {
    "key": "k", "pool_id": "p", "route": "deposit", "actor": "a", "evidence_hash": PAPERS,
    "rule_version": "v", "on": DAY, "amounts": {"fund": 1},
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"key": ""}, "key must be a text that is not empty"),
        ({"key": " "}, "key must be a text that is not empty"),
        ({"key": "k" * 1025}, "at most 1024 bytes"),
        ({"actor": "a\0"}, "no zero byte"),
        ({"actor": "\ud800"}, "not Unicode"),
        ({"route": "steal"}, "route must be one of"),
        ({"evidence_hash": "AB" * 32}, "64 hexadecimal digits"),
        ({"amounts": {}}, "needs amounts"),
        ({"amounts": {"fund": 0}}, "from 1 to"),
        ({"amounts": {"fund": -5}}, "from 1 to"),
        ({"amounts": {"fund": 1.5}}, "whole fen"),
        ({"amounts": {"fund": True}}, "whole fen"),
        ({"amounts": {"fund": 2**53, "city": 1}}, "total must be"),
        ({"claim_id": "c"}, "takes no claim_id"),
        ({"route": "pay"}, "needs claim_id and state"),
        ({"detail": {"x": 1}}, "must hold nothing"),
        ({"route": "open", "amounts": {}, "detail": {"caps": {"moon": 1}}}, "caps must be"),
        ({"route": "open", "amounts": {}, "detail": {"caps": {"pool": 1.5}}}, "whole fen"),
        ({"route": "open", "detail": {"caps": {}}}, "takes no amounts"),
    ],
)
def test_wrong_requests_are_refused_before_the_books(change, text):
    with pytest.raises(InvalidInput, match=text):
        Request(**GOOD | change)


WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
WORDS = WORDS.filter(str.strip)


def test_two_makers_of_the_hash_agree_on_any_text(till):
    """The database and Python each work out the hash; they share no code."""
    till.open(caps={})

    @given(actor=WORDS, party=WORDS, rule=WORDS, fen=st.integers(1, 10**12))
    def check(actor, party, rule, fen):
        entry = till.post("deposit", amounts={party: fen}, actor=actor, rule_version=rule)
        assert hash_entry(entry) == entry.entry_hash
        assert json.loads(json.dumps(answer(entry)))["amounts_fen"] == {party: fen}

    check()
    assert till.proof().faults == []


def test_the_clock_must_have_a_zone(till):
    with pytest.raises(InvalidInput, match="zone"):
        till.books.post(till.request("open", detail={"caps": {}}), AT.replace(tzinfo=None))
