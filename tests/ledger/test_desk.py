"""Requests posted together: each by itself in what becomes of it, one call in what it costs."""

import json
import threading

import pytest
from tests.ledger.conftest import AT, Till
from tests.ledger.test_crash import CLAIMANTS, reserves

from techflow.basics import InvalidInput, TechflowError
from techflow_service.ledger import Books, Desk, Refused
from techflow_service.ledger.chain import hash_entry
from techflow_service.ledger.reading import in_groups
from techflow_service.ledger.wire import tell_ask


def deposits(till, *fens):
    return [(till.request("deposit", amounts={"fund": fen}), AT) for fen in fens]


def test_requests_posted_together_are_entries_one_after_the_other(till):
    till.open()
    asks = deposits(till, 5, 7, 11)
    entries = till.books.post_together(asks)
    assert [entry.entry_n for entry in entries] == [2, 3, 4]
    assert [hash_entry(entry) for entry in entries] == [entry.entry_hash for entry in entries]
    assert till.fen("available") == 5 + 7 + 11
    assert [till.books.post(*ask) for ask in asks] == entries
    assert till.books.post_together([*deposits(till, 1), *asks])[1:] == entries
    assert till.proof().faults == []


def test_one_key_twice_among_them_is_one_entry(till):
    till.open()
    (ask,) = deposits(till, 5)
    first, second = till.books.post_together([ask, ask])
    assert first == second
    assert (till.fen("available"), till.proof().entries_n) == (5, 2)


def test_a_pool_can_be_opened_and_used_together(till):
    opened = till.request("open", detail={"caps": {"pool": 5}, "notice_days": 3})
    again = till.request("cap", detail={"caps": {}, "notice_days": 4})
    till.books.post_together([(opened, AT), *deposits(till, 5), (again, AT)])
    row = till.sql("SELECT notice_days, entries_n FROM pool WHERE pool_id = %s", till.pool_id)
    assert row.fetchone() == (4, 3)
    assert till.proof().faults == []


def test_one_refused_keeps_none_of_them(till):
    till.open(fund=5)
    out = till.request("withdraw", amounts={"fund": 13})
    with pytest.raises(Refused, match="one of 2 requests: available of fund holds less") as refused:
        till.books.post_together([*deposits(till, 7), (out, AT)])
    assert refused.value.code == "overdraft"
    assert (till.fen("available"), till.proof().entries_n) == (5, 2)


def test_pools_are_not_posted_together(till, server):
    other = Till(server)
    asks = [*deposits(till, 5), *deposits(other, 5)]
    other.books.close()
    for wrong in (asks, []):
        with pytest.raises(InvalidInput, match="are of one pool"):
            till.books.post_together(wrong)


def test_lines_of_a_file_go_in_groups_of_one_pool(till):
    pools = {name: till.request("deposit", pool_id=name, amounts={"fund": 1}) for name in "ab"}

    def lines():
        yield from enumerate(map(pools.get, "aaabba"))
        raise InvalidInput("line 7 is none")

    groups = in_groups(lines(), size_max=2)
    found = [next(groups) for _ in range(4)]
    assert ["".join(r.pool_id for _, r in group) for group in found] == ["aa", "a", "bb", "a"]
    assert [number for group in found for number, _ in group] == list(range(6))
    with pytest.raises(InvalidInput, match="line 7"):
        next(groups)


def at_desk(desk, asks):
    """Every request by a thread of its own, all let go at once; how each ended, in order."""
    gate, ends = threading.Barrier(len(asks)), [None] * len(asks)

    def post(place):
        gate.wait(60)
        try:
            ends[place] = desk.post(asks[place], AT)
        except TechflowError as error:
            ends[place] = error

    threads = [threading.Thread(target=post, args=(place,)) for place in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    desk.close()
    return ends


def test_a_crowd_at_one_desk_gets_the_last_fen_once_and_each_is_told_its_own(till, server):
    """1,059 fen at 106 each: nine get theirs, 105 stay."""
    till.open(caps={}, fund=1_059)
    asks = reserves(till, 106)
    ends = at_desk(Desk(server, till.tenant), asks)
    refused = [(ask, end) for ask, end in zip(asks, ends, strict=True) if isinstance(end, Refused)]
    kept = [(ask, end) for ask, end in zip(asks, ends, strict=True) if not isinstance(end, Refused)]
    assert (len(kept), len(refused)) == (9, CLAIMANTS - 9)
    assert all(entry.request_key == ask.key for ask, entry in kept)
    assert all(f"key {ask.key}: available of fund" in str(end) for ask, end in refused)
    assert till.fen("available") == 105
    assert till.proof().faults == []


def test_a_desk_posts_those_who_wait_in_few_calls(till, server, monkeypatch):
    """The first is held up by a locked pool; the others wait at the desk and go as one."""
    till.open()
    desk, sizes, post = Desk(server, till.tenant), [], Books.post_together

    def counted(books, asks):
        sizes.append(len(asks))
        return post(books, asks)

    monkeypatch.setattr(Books, "post_together", counted)
    asks = [ask for ask, _ in deposits(till, *range(1, 33))]
    holder = till.books.connection
    with holder.transaction():
        holder.execute("SELECT FROM pool WHERE pool_id = %s FOR UPDATE", [till.pool_id])
        letting_go = threading.Timer(0.5, lambda: None)
        ends = []
        working = threading.Thread(target=lambda: ends.extend(at_desk(desk, asks)))
        working.start()
        letting_go.start()
        letting_go.join()
    working.join(60)
    assert sum(sizes) == len({entry.entry_n for entry in ends}) == 32
    assert len(sizes) <= 4
    assert till.proof().faults == []


def test_a_desk_serves_each_pool(till, server):
    other = Till(server, tenant=till.tenant)
    for each in (till, other):
        each.open()
    pairs = zip(deposits(till, *[2] * 8), deposits(other, *[3] * 8), strict=True)
    asks = [ask for pair in pairs for ask, _ in pair]
    ends = at_desk(Desk(server, till.tenant), asks)
    assert [entry.pool_id for entry in ends] == [ask.pool_id for ask in asks]
    assert (till.fen("available"), other.fen("available")) == (16, 24)
    other.books.close()


def test_a_desk_that_lost_its_server_connects_again(till, server):
    till.open()
    desk = Desk(server, till.tenant)
    (first, _), (second, _) = deposits(till, 5, 6)
    desk.post(first, AT)
    for books in desk._books:
        till.sql("SELECT pg_terminate_backend(%s)", books.connection.info.backend_pid)
    with pytest.raises(TechflowError, match="send it again"):
        desk.post(second, AT)
    assert desk.post_surely(second, AT).amounts_fen == [6]
    assert till.fen("available") == 11
    desk.close()


def test_a_key_that_another_pool_takes_at_the_same_moment_is_reused(till, server):
    other = Till(server, tenant=till.tenant)
    till.open()
    other.open()
    (held, _), ends = deposits(till, 5)[0], []
    wanted = other.request("deposit", key=held.key, amounts={"fund": 6})

    def post():
        try:
            other.books.post(wanted, AT)
        except Refused as refused:
            ends.append(refused.code)

    thread = threading.Thread(target=post)
    with till.books.connection.transaction():
        till.sql("SELECT post_all(%s::json)", json.dumps([tell_ask(till.tenant, (), (held, AT))]))
        thread.start()
        thread.join(0.2)
        assert not ends
    thread.join(10)
    assert ends == ["key_reused"]
    assert (till.fen("available"), other.fen("available")) == (5, 0)
    assert other.proof().faults == []
    other.books.close()
