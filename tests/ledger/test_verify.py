"""Tampering by somebody with all rights on the database: each change is found, each time."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow_service.ledger import verify
from techflow_service.ledger.chain import COLUMNS, Entry, hash_entry
from techflow_service.ledger.replay import ACCOUNTS, UNMONEYED, Replay
from techflow_service.ledger.verify import prove_pool

OTHER = {
    "tenant": "'someone'",
    "request_key": "request_key || 'x'",
    "fingerprint": "repeat('c', 64)",
    "route": "route || 'x'",
    "source": "coalesce(source, '') || 'x'",
    "target": "coalesce(target, '') || 'x'",
    "parties": "parties || 'x'::text",
    "amounts_fen": "amounts_fen || 1::bigint",
    "claim_id": "coalesce(claim_id, '') || 'x'",
    "state": "coalesce(state, '') || 'x'",
    "actor": "actor || 'x'",
    "evidence_hash": "repeat('d', 64)",
    "rule_version": "rule_version || 'x'",
    "happened_on": "happened_on + 1",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "detail": "detail || ' '",
    "previous_hash": "repeat('e', 64)",
    "entry_hash": "repeat('f', 64)",
    "entry_n": "entry_n + 1000",
}
PLACED = "WHERE pool_id = %s AND entry_n = %s"


@contextlib.contextmanager
def tampering(till):
    """What happens inside is undone at the end; the guard on entries is off."""
    with till.books.connection.transaction(force_rollback=True):
        till.sql("ALTER TABLE entry DISABLE TRIGGER entry_is_kept")
        yield


def faults_of(till, **how):
    """Faults, seen from inside the transaction that tampers."""
    return prove_pool(till.books.connection, Replay(till.pool_id), **how).faults


@pytest.fixture
def history(till):
    """A pool with 24 entries of all kinds."""
    till.open(fund=5_000, city=3_000)
    for claim in ("a", "b", "c"):
        till.file(claim, firm=f"firm {claim}")
        till.post("reserve", claim_id=claim, state="reviewed", amounts={"fund": 500, "city": 100})
    for claim in ("a", "b"):
        till.post("move", claim_id=claim, state="publicised")
        till.post("pay", claim_id=claim, state="paid", amounts={"fund": 500, "city": 100})
    till.post("recover", claim_id="a", state="recovered", amounts={"fund": 300})
    till.post("release", claim_id="c", state="refused", amounts={"fund": 500, "city": 100})
    assert till.proof().faults == []
    assert till.proof().entries_n == 23
    return till


def test_every_column_is_covered():
    assert set(OTHER) | {"pool_id"} == set(Entry._fields)


@pytest.mark.parametrize("column", OTHER)
def test_a_change_of_any_column_of_any_entry_is_found(history, column):
    for n in range(1, 24):
        with tampering(history):
            text = f"UPDATE entry SET {column} = {OTHER[column]} {PLACED}"
            history.sql(text, history.pool_id, n)
            assert faults_of(history), (column, n)
    assert history.proof().faults == []


def test_a_dropped_entry_is_found(history):
    for n in range(1, 24):
        with tampering(history):
            history.sql(f"DELETE FROM entry {PLACED}", history.pool_id, n)
            assert faults_of(history), n


def test_swapped_entries_are_found(history):
    @settings(max_examples=10)
    @given(st.lists(st.integers(1, 23), min_size=2, max_size=2, unique=True))
    def check(pair):
        with tampering(history):
            for old, new in ((pair[0], -1), (pair[1], pair[0]), (-1, pair[1])):
                history.sql(f"UPDATE entry SET entry_n = {new} {PLACED}", history.pool_id, old)
            assert faults_of(history), pair

    check()


def test_an_inserted_entry_is_found_even_if_its_hash_is_right(history):
    """A copy of any entry, put in at any place, hashed on what is there before it."""
    rows = history.sql(
        f"SELECT {COLUMNS} FROM entry WHERE pool_id = %s ORDER BY entry_n", history.pool_id
    )
    entries = list(map(Entry._make, rows.fetchall()))

    @settings(max_examples=16)
    @given(st.integers(0, 22), st.integers(1, 24))
    def check(source, place):
        before = entries[place - 2].entry_hash if place > 1 else "0" * 64
        made = entries[source]._replace(entry_n=place, previous_hash=before, request_key="new")
        made = made._replace(entry_hash=hash_entry(made))
        with tampering(history):
            shift = "UPDATE entry SET entry_n = {} WHERE pool_id = %s AND entry_n {}"
            history.sql(shift.format("-entry_n - 1", f">= {place}"), history.pool_id)
            history.sql(shift.format("-entry_n", "< 0"), history.pool_id)
            marks = ", ".join(["%s"] * len(made))
            history.sql(f"INSERT INTO entry VALUES ({marks})", *made)
            assert faults_of(history), (source, place)

    check()


def test_entries_cut_off_with_the_tables_put_right_need_the_noted_head(history):
    noted = (history.proof().entries_n, history.proof().head_hash)
    with tampering(history):
        # The last entry moved a claim and money; the cheat puts every table right as well.
        history.sql(f"DELETE FROM entry {PLACED}", history.pool_id, 23)
        before = history.sql(f"SELECT entry_hash FROM entry {PLACED}", history.pool_id, 22)
        history.sql(
            "UPDATE pool SET entries_n = 22, head_hash = %s WHERE pool_id = %s",
            before.fetchone()[0],
            history.pool_id,
        )
        undo = "UPDATE account SET balance_fen = balance_fen + %s WHERE pool_id = %s AND party = %s"
        for party, fen in (("fund", 500), ("city", 100)):
            free, held = " AND kind = 'available'", " AND kind = 'reserved' AND claim_id = 'c'"
            history.sql(undo + free, -fen, history.pool_id, party)
            history.sql(undo + held, fen, history.pool_id, party)
        where = "pool_id = %s AND subject IN (%s, '2026', 'firm c', 'bank1', 'loan of c', 'c')"
        history.sql(
            f"UPDATE cap_use SET used_fen = used_fen + 600 WHERE {where}",
            history.pool_id,
            history.pool_id,
        )
        history.sql(
            "UPDATE claim SET state = 'reviewed', actors = actors - 'refused' "
            "WHERE pool_id = %s AND claim_id = 'c'",
            history.pool_id,
        )
        assert faults_of(history) == []
        found = faults_of(history, noted=noted)
        assert [fault.code for fault in found] == ["head_differs"]
        assert found[0].detail.endswith("gone")
    assert history.proof(heads={history.pool_id: noted}).faults == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("UPDATE account SET balance_fen = balance_fen + 1 WHERE kind = 'lost' OR party = 'city' "
         "AND kind = 'available' AND pool_id = %s", "balance_differs"),
        ("DELETE FROM account WHERE kind = 'capital' AND pool_id = %s", "balance_differs"),
        ("UPDATE claim SET state = 'paid' WHERE claim_id = 'c' AND pool_id = %s",
         "balance_differs"),
        ("DELETE FROM claim WHERE claim_id = 'c' AND pool_id = %s", "balance_differs"),
        ("UPDATE cap SET limit_fen = limit_fen + 1 WHERE scope = 'firm' AND pool_id = %s",
         "balance_differs"),
        ("UPDATE cap_use SET used_fen = 0 WHERE scope = 'year' AND pool_id = %s",
         "balance_differs"),
        ("UPDATE pool SET entries_n = 22 WHERE pool_id = %s", "head_differs"),
        ("UPDATE pool SET head_hash = repeat('a', 64) WHERE pool_id = %s", "head_differs"),
    ],
)  # fmt: skip
def test_a_table_that_the_entries_do_not_give_is_found(history, text, code):
    with tampering(history):
        history.sql(text, history.pool_id)
        assert {fault.code for fault in faults_of(history)} == {code}


def rewritten(entries, place, **change):
    """The chain from a changed entry on, hashed anew: what a cheat with all rights can do."""
    before, chain = "0" * 64, []
    for entry in entries:
        now = entry._replace(previous_hash=before, **(change if entry.entry_n == place else {}))
        chain.append(now._replace(entry_hash=hash_entry(now)))
        before = chain[-1].entry_hash
    return chain


@pytest.mark.parametrize(
    ("route", "change", "code"),
    [
        ("deposit", {"amounts_fen": [100, 3_000]}, "overdrawn"),
        ("reserve", {"amounts_fen": [4_500, 100]}, "cap_passed"),
        ("reserve", {"amounts_fen": [-500, 100]}, "wrong_amount"),
        ("pay", {"amounts_fen": [501, 100]}, "overdrawn"),
        ("pay", {"target": "available"}, "wrong_accounts"),
        ("pay", {"state": "publicised"}, "wrong_move"),
        ("pay", {"claim_id": "z"}, "wrong_move"),
        ("pay", {"actor": "reserve officer"}, "same_actor"),
        ("reserve", {"actor": "move officer"}, "same_actor"),
        ("pay", {"claim_id": None}, "wrong_move"),
        ("open", {"detail": '{"caps":{"pool":1}}'}, "cap_passed"),
        ("open", {"detail": "{}"}, "wrong_detail"),
        ("open", {"route": "deposit"}, "not_opened_once"),
        ("file", {"detail": "no JSON"}, "wrong_detail"),
        ("move", {"parties": ["fund"], "amounts_fen": [1]}, "wrong_accounts"),
        ("recover", {"tenant": "someone"}, "other_tenant"),
    ],
)
def test_a_chain_written_anew_must_still_obey_the_rules(history, route, change, code):
    rows = history.sql(
        f"SELECT {COLUMNS} FROM entry WHERE pool_id = %s ORDER BY entry_n", history.pool_id
    )
    entries = list(map(Entry._make, rows.fetchall()))
    place = next(entry.entry_n for entry in entries if entry.route == route)
    replay = Replay(history.pool_id)
    found = [fault for entry in rewritten(entries, place, **change) for fault in replay.add(entry)]
    assert code in {fault.code for fault in found}
    clean = Replay(history.pool_id)
    assert not [fault for entry in rewritten(entries, 0) for fault in clean.add(entry)]


def test_replay_and_database_name_the_same_accounts(till):
    rows = till.sql("SELECT route, source, target FROM route").fetchall()
    assert {row[0]: row[1:] for row in rows if row[1]} == ACCOUNTS
    assert {row[0] for row in rows if not row[1]} == set(UNMONEYED)


def test_an_unknown_pool_is_named(till):
    till.open(fund=5)
    with pytest.raises(InvalidInput, match="there is no pool elsewhere"):
        verify(till.books.connection, tenant=till.tenant, pools=["elsewhere"])
