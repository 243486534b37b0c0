"""Eleven cases of a repeated key, on every route that moves money, and on the others."""

import json
import threading

import pytest
from tests.ledger.conftest import AT, CAPS, Till, due

from techflow.basics import InvalidInput
from techflow_service.ledger import Books, Refused, answer
from techflow_service.ledger.request import DUE_ROUTES, MONEY_ROUTES

LATER = AT.replace(year=2036)
STATES = {
    "reserve": "reviewed",
    "release": "paid",
    "pay": "paid",
    "recover": "recovered",
    "write_off": "written_off",
    "recover_late": "written_off",
}
WAYS = {
    "deposit": (),
    "withdraw": (),
    "receive": ("fee",),
    "relend_back": ("relend",),
    **dict.fromkeys(DUE_ROUTES, ()),
    "reserve": (),
    "pay": ("reserve", "move"),
    "release": ("reserve", "move", "pay"),
    "recover": ("reserve", "move", "pay"),
    "write_off": ("reserve", "move", "pay"),
    "recover_late": ("reserve", "move", "pay", "write_off"),
}


class Case:
    """A pool ready for one request of a route, and that request."""

    def __init__(self, till, route):
        self.till, self.route = till, route
        till.open(fund=5_000, city=5_000)
        for claim in ("c", "d"):
            till.file(claim, firm=f"firm {claim}")
            for way in WAYS[route]:
                self.step(way, claim)
        self.asked = self.make()

    def step(self, way, claim):
        if way in DUE_ROUTES:
            return self.till.post(way, amounts={"fund": 900}, detail=due(900, claim))
        fen = {"reserve": 900, "pay": 500, "write_off": 400}
        amounts = {"fund": fen[way]} if way in fen else {}
        state = STATES.get(way, "publicised")
        return self.till.post(way, claim_id=claim, state=state, amounts=amounts)

    def make(self, **change):
        base = {"key": "the key", "amounts": {"fund": 100}}
        if self.route in STATES:
            base |= {"claim_id": "c", "state": STATES[self.route]}
        if self.route in DUE_ROUTES:
            base["detail"] = due(sum(change.get("amounts", base["amounts"]).values()), "e")
        return self.till.request(self.route, **base | change)

    def count(self):
        return self.till.proof().entries_n

    def refuse(self, request):
        """Refused for its key; nothing of the first request shows, nothing was kept."""
        before = self.count()
        with pytest.raises(Refused) as refused:
            self.till.books.post(request, LATER)
        assert refused.value.code == "key_reused"
        for secret in ("firm c", "officer", first_hash(self.till)):
            assert secret not in str(refused.value)
        assert self.count() == before


def first_hash(till):
    return till.sql("SELECT entry_hash FROM entry WHERE request_key = 'the key'").fetchone()[0]


@pytest.fixture(params=MONEY_ROUTES)
def case(till, request):
    made = Case(till, request.param)
    yield made
    assert till.proof().faults == []


def told(entry):
    return json.dumps(answer(entry))


def test_same_body_gives_the_same_bytes_and_moves_money_once(case):
    first = told(case.till.books.post(case.asked, AT))
    balance, count = case.till.fen("available"), case.count()
    assert told(case.till.books.post(case.make(), LATER)) == first
    assert (case.till.fen("available"), case.count()) == (balance, count)


def test_other_amount_is_refused(case):
    case.till.books.post(case.asked, AT)
    case.refuse(case.make(amounts={"fund": 101}))


def test_other_account_is_refused(case):
    """Another party; for a claim also another claim (Fineract 2485 gave the first one's ids)."""
    case.till.books.post(case.asked, AT)
    case.refuse(case.make(amounts={"city": 100}))
    if case.route in STATES:
        case.refuse(case.make(claim_id="d"))


def test_other_tenant_is_independent(case, server):
    first = case.till.books.post(case.asked, AT)
    other = Till(server)
    twin = Case(other, case.route)
    second = other.books.post(twin.asked, AT)
    assert second.pool_id == other.pool_id != first.pool_id
    assert told(case.till.books.post(case.asked, LATER)) == told(first)
    # And the other tenant's pool cannot be reached with the same key.
    with pytest.raises(Refused, match="key was used"):
        other.books.post(case.asked, AT)
    other.books.close()


def test_other_route_is_refused(case):
    case.till.books.post(case.asked, AT)
    other = "withdraw" if case.route == "deposit" else "deposit"
    case.refuse(case.till.request(other, key="the key", amounts={"fund": 100}))


def test_failed_first_leaves_the_key_free(case):
    if case.route == "deposit" or case.route in DUE_ROUTES:
        bad = case.make(pool_id="no such pool")
    else:
        bad = case.make(amounts={"fund": 999_999})
    before = case.count()
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            case.till.books.post(bad, AT)
        assert refused.value.code in ("overdraft", "unknown")
        assert str(refused.value)
    assert case.count() == before
    first = told(case.till.books.post(case.asked, AT))
    assert told(case.till.books.post(case.asked, LATER)) == first


def test_still_running_waits_and_gives_the_first_answer(case, server):
    """The second call starts while the first waits for its pool: one moves money, both are told."""
    holder, found = case.till.books.connection, []

    def send():
        books = Books(server, case.till.tenant)
        found.append(told(books.post(case.asked, AT)))
        books.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    with holder.transaction():
        holder.execute("SELECT FROM pool WHERE pool_id = %s FOR UPDATE", [case.till.pool_id])
        for thread in threads:
            thread.start()
        threads[0].join(0.1)
        assert not found
    for thread in threads:
        thread.join(10)
    assert found == [told(case.till.books.post(case.asked, LATER))] * 2


def test_a_posting_ends_its_own_transaction(till):
    till.open(fund=5)
    inside = pytest.raises(InvalidInput, match="outside of any transaction")
    with inside, till.books.connection.transaction():
        till.post("deposit", amounts={"fund": 1})
    assert till.fen("available") == 5


def test_a_key_of_one_kilobyte_is_a_key(case):
    long = case.make(key="钥" * 341 + "k")
    first = told(case.till.books.post(long, AT))
    assert told(case.till.books.post(long, LATER)) == first


def test_an_empty_key_is_refused(case):
    before = case.count()
    with pytest.raises(InvalidInput, match="key must be a text that is not empty"):
        case.make(key=" ")
    assert case.count() == before


def test_after_a_restart_the_answer_is_the_same(case, server):
    """A new connection knows nothing but the books; the server itself is killed elsewhere."""
    first = told(case.till.books.post(case.asked, AT))
    again = Books.open(server, tenant=case.till.tenant)
    assert told(again.post(case.make(), LATER)) == first
    again.close()


def test_keys_do_not_expire(case):
    """Ten years and many entries later it is still the first answer."""
    first = told(case.till.books.post(case.asked, AT))
    for _ in range(20):
        case.till.post("deposit", amounts={"city": 1})
    assert told(case.till.books.post(case.asked, LATER)) == first


def test_routes_without_money_keep_their_keys_too(till):
    opened = till.request("open", key="o", detail={"caps": CAPS, "notice_days": 0})
    who = {"firm_id": "f", "bank_id": "b", "loan_id": "l"}
    filed = till.request("file", key="f", claim_id="c", state="filed", detail=who)
    moved = till.request("move", key="m", claim_id="c", state="admitted")
    capped = till.request("cap", key="p", detail={"caps": {"pool": 5}})
    first = [told(till.books.post(each, AT)) for each in (opened, filed, moved, capped)]
    assert [told(till.books.post(each, LATER)) for each in (opened, filed, moved, capped)] == first
    with pytest.raises(Refused, match="filed already"):
        till.post("file", claim_id="c", state="filed", detail=who)
    with pytest.raises(Refused, match="open already"):
        till.open()
    assert till.proof().entries_n == 4
