"""SIGKILL of client and server under writers; a crowd on the last fen."""

import shutil
import tempfile
import threading
from collections import Counter
from pathlib import Path

import pytest
from tests.ledger.conftest import AT
from tests.ledger.crash import kill_cycles

from techflow_service.ledger import Books, Refused
from techflow_service.ledger.embedded import stop_server

CLAIMANTS = 64


@pytest.fixture
def folder():
    """Of a server that only this test knows."""
    made = Path(tempfile.mkdtemp(prefix="tfdb"))
    yield made
    stop_server(made)
    shutil.rmtree(made)


def test_five_kills_lose_nothing(folder, tmp_path):
    wrongs, done = kill_cycles(folder, tmp_path, cycles=5, seed=5)
    assert set(wrongs.values()) == {0}, wrongs
    assert done["kept"] > 25, done


@pytest.mark.soak
def test_three_hundred_kills_lose_nothing(folder, tmp_path):
    wrongs, done = kill_cycles(folder, tmp_path, cycles=300, seed=300)
    assert set(wrongs.values()) == {0}, wrongs
    assert done["kept"] > 3_000, done
    assert done["kept_unanswered"] > 0, "no kill fell between commit and answer"


def crowd(till, server, asks):
    """Each request on its own connection, all let go at once; how each ended."""
    gate, ends = threading.Barrier(len(asks)), Counter()

    def claim(request):
        books = Books(server, till.tenant)
        try:
            gate.wait(60)
            books.post(request, AT)
            ends["kept"] += 1
        except Refused as refused:
            ends[refused.code] += 1
        finally:
            books.close()

    threads = [threading.Thread(target=claim, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def reserves(till, fen):
    for n in range(CLAIMANTS):
        till.file(f"c{n}", firm=f"f{n}", loan=f"l{n}")
    way = {"route": "reserve", "state": "reviewed", "amounts": {"fund": fen}}
    return [till.request(claim_id=f"c{n}", **way) for n in range(CLAIMANTS)]


@pytest.mark.parametrize(("caps", "code"), [({}, "overdraft"), ({"pool": 1_059}, "cap")])
def test_a_crowd_on_a_nearly_empty_pool_gets_the_last_fen_once(till, server, caps, code):
    """1,059 fen at 106 each: nine get theirs, 105 stay."""
    till.open(caps=caps, fund=1_059 if code == "overdraft" else 10**6)
    ends = crowd(till, server, reserves(till, 106))
    assert ends == {"kept": 9, code: CLAIMANTS - 9}
    assert till.fen("reserved") == 954
    assert till.proof().faults == []


def test_a_crowd_with_one_key_moves_money_once(till, server):
    till.open(fund=1_000)
    ask = till.request("withdraw", key="one", amounts={"fund": 1_000})
    assert crowd(till, server, [ask] * CLAIMANTS) == {"kept": CLAIMANTS}
    assert till.fen("available") == 0
    assert till.proof().entries_n == 3


def test_a_crowd_of_all_kinds_ends_without_deadlock_and_to_the_fen(till, server):
    """Reserves, deposits, withdrawals and changes of the cap at once."""
    till.open(caps={"pool": 800}, fund=500)
    asks = reserves(till, 50)[: CLAIMANTS // 2]
    for n in range(CLAIMANTS // 2):
        kinds = (
            {"route": "deposit", "amounts": {"fund": 10}},
            {"route": "withdraw", "amounts": {"fund": 70}},
            {"route": "cap", "detail": {"caps": {"pool": 700 + n}}},
        )
        asks.append(till.request(**kinds[n % 3]))
    ends = crowd(till, server, asks)
    assert sum(ends.values()) == CLAIMANTS
    assert set(ends) <= {"kept", "overdraft", "cap"}
    moved = till.fen("available") + till.fen("reserved") + till.fen("capital")
    assert moved == 0
    assert till.fen("reserved") <= 800
    assert till.proof().faults == []
