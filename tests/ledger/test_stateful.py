"""Pool, claims and recoveries against a short pure reference, in any order of requests."""

from datetime import date

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.ledger.conftest import AT, DAY, Till

from techflow_service.ledger import Refused, balances

PARTIES, CLAIMS = ("fund", "city"), tuple("abcdefg")
FIRMS = dict(zip("abcdefg", "xxyyzzz", strict=True))
NEXT = {
    "filed": ("admitted", "refused"),
    "admitted": ("non_performing", "settled"),
    "non_performing": ("claimed", "admitted", "settled"),
    "claimed": ("non_performing",),
    "reviewed": ("publicised",),
}
GOALS = ("admitted", "claimed", "non_performing", "publicised", "refused", "settled")
FEN = st.integers(1, 120)
AMOUNTS = st.dictionaries(st.sampled_from(PARTIES), FEN, min_size=1)
DAYS = st.sampled_from([date(2026, 12, 31), date(2027, 1, 1)])
WHO = st.sampled_from(CLAIMS)
SENSIBLE = {
    "claimed": ("reserve",),
    "reviewed": ("release",),
    "publicised": ("pay", "pay", "release"),
    "paid": ("release", "recover", "recover", "write_off"),
    "recovered": ("recover", "write_off", "release"),
    "written_off": ("recover_late", "recover_late", "release"),
    "refused": ("release",),
}
OPEN, REST = ("reviewed", "publicised"), ("refused", "paid", "recovered", "written_off")
STEPS = ("reserve", "release", "pay", "recover", "write_off", "recover_late")


class Reference:
    """The rules of docs/ledger.md in plain words; a refusal is False and changes nothing."""

    def __init__(self, caps):
        self.caps, self.free, self.paid_in = caps, dict.fromkeys(PARTIES, 0), 0
        self.claims = {}

    def used(self, scope, claim):
        """Reserved and not released, of the claim's firm, of its year, or of all."""
        total = 0
        for other in self.claims.values():
            for year, fen in other["used"].items():
                same = {"firm": other["firm"] == claim["firm"], "year": year == claim["year"]}
                total += fen if same.get(scope, True) else 0
        return total

    def pool(self, sign, amounts):
        if any(self.free[party] + sign * fen < 0 for party, fen in amounts.items()):
            return False
        for party, fen in amounts.items():
            self.free[party] += sign * fen
            self.paid_in += sign * fen
        return True

    def file(self, name):
        if name in self.claims:
            return False
        pots = {pot: dict.fromkeys(PARTIES, 0) for pot in ("held", "owed", "lost")}
        self.claims[name] = {"state": "filed", "firm": FIRMS[name], "year": None, "used": {}} | pots
        self.claims[name]["day"] = DAY
        return True

    def move(self, name, state):
        claim = self.claims.get(name)
        if claim is None or state not in NEXT.get(claim["state"], ()):
            return False
        claim["state"] = state
        return True

    def shift(self, claim, source, target, amounts):
        if any(source[party] < fen for party, fen in amounts.items()):
            return False
        for party, fen in amounts.items():
            source[party] -= fen
            target[party] += fen
        return True

    def money(self, route, name, amounts, on):
        claim = self.claims.get(name)
        if claim is None:
            return False
        held, owed, lost = claim["held"], claim["owed"], claim["lost"]
        before, after, source, target = {
            "reserve": (("claimed",), "reviewed", self.free, held),
            "release": (OPEN + REST, "refused", held, self.free),
            "pay": (("publicised",), "paid", held, owed),
            "recover": (("paid", "recovered"), "recovered", owed, self.free),
            "write_off": (("paid", "recovered"), "written_off", owed, lost),
            "recover_late": (("written_off",), "written_off", lost, self.free),
        }[route]
        if claim["state"] not in before or on < claim["day"]:
            return False
        total = sum(amounts.values())
        if route == "reserve":
            if any(held.values()):
                return False
            year, claim["year"] = claim["year"], on.year
            if any(self.used(s, claim) + total > most for s, most in self.caps.items()):
                claim["year"] = year
                return False
        if not self.shift(claim, source, target, amounts):
            return False
        sign = {"reserve": 1, "release": -1}.get(route, 0)
        claim["used"][claim["year"]] = claim["used"].get(claim["year"], 0) + sign * total
        rest = route == "release" and claim["state"] in REST
        claim["state"] = claim["state"] if rest else after
        claim["day"] = on
        return True


class Machine(RuleBasedStateMachine):
    """The same requests to the books and to the reference."""

    steps_n = 0
    """Of all histories: Hypothesis ends some of them early."""

    def __init__(self, server):
        super().__init__()
        self.till = Till(server)
        self.posted = []

    @initialize(pool=st.integers(50, 400), firm=st.integers(50, 300), year=st.integers(50, 300))
    def start(self, **caps):
        self.reference = Reference(caps)
        self.till.open(caps=caps)
        self.deposit(dict.fromkeys(PARTIES, 150))

    def both(self, expected, route, **fields):
        request = self.till.request(route, **fields)
        try:
            entry = self.till.books.post(request, AT)
        except Refused:
            assert not expected, (route, fields)
        else:
            assert expected, (route, fields)
            self.posted.append((request, entry))

    @rule(amounts=AMOUNTS)
    def deposit(self, amounts):
        self.both(self.reference.pool(1, amounts), "deposit", amounts=amounts)

    @rule(amounts=AMOUNTS)
    def withdraw(self, amounts):
        self.both(self.reference.pool(-1, amounts), "withdraw", amounts=amounts)

    @rule(name=WHO)
    def file(self, name):
        who = {"firm_id": FIRMS[name], "bank_id": "b", "loan_id": name}
        done = self.reference.file(name)
        self.both(done, "file", claim_id=name, state="filed", detail=who)

    @rule(name=WHO)
    def ready(self, name):
        """Straight to `claimed`, or it would seldom get there."""
        if name not in self.reference.claims:
            self.file(name)
        for state in ("admitted", "non_performing", "claimed"):
            self.move(name, state)

    @rule(name=WHO, state=st.sampled_from(GOALS))
    def move(self, name, state):
        claim = self.reference.claims.get(name, {"state": "none", "day": DAY})
        ask = {"on": claim["day"], "claim_id": name, "state": state}
        # A claim that is cured is so by its lender; one that is let in, by the administrator.
        ask |= {"role": "lender"} if claim["state"] == "non_performing" else {}
        self.both(self.reference.move(name, state), "move", **ask)

    @rule(name=WHO, route=st.sampled_from(STEPS), amounts=AMOUNTS, on=DAYS)
    def money(self, name, route, amounts, on):
        claim = self.reference.claims.get(name, {"state": "none"})
        after = {"reserve": "reviewed", "recover": "recovered", "pay": "paid"}
        after |= {"release": claim["state"] if claim["state"] in REST else "refused"}
        done = self.reference.money(route, name, amounts, on)
        state = after.get(route, "written_off")
        self.both(done, route, claim_id=name, state=state, amounts=amounts, on=on)

    @rule(name=WHO, on=DAYS, data=st.data())
    def advance(self, name, on, data):
        """The next step that makes sense, with amounts up to one fen more than there is."""
        claim = self.reference.claims.get(name)
        if claim is None or claim["state"] == "filed":
            return self.ready(name)
        if claim["state"] == "reviewed" and data.draw(st.booleans()):
            return self.move(name, "publicised")
        route = data.draw(st.sampled_from(SENSIBLE.get(claim["state"], STEPS)))
        most = self.most(claim, route, on)
        party = data.draw(st.sampled_from([p for p in PARTIES if most[p]] or PARTIES))
        near = st.integers(most[party] - 1, most[party] + 1) | st.integers(1, most[party] + 1)
        amounts = {party: max(1, data.draw(near))}
        if route != "reserve" and data.draw(st.booleans()):
            amounts = {other: fen for other, fen in most.items() if fen} or amounts
        self.money(name, route, amounts, on)

    @rule(name=WHO, on=DAYS, data=st.data())
    def far(self, name, on, data):
        for _ in range(6):
            self.advance(name, on, data)

    def most(self, claim, route, on):
        """The most of each party that a step could move; for a reserve, within the caps."""
        pot = {"release": "held", "pay": "held", "recover_late": "lost"}.get(route, "owed")
        if route != "reserve":
            return claim[pot]
        wanted = claim | {"year": on.year}
        caps = self.reference.caps.items()
        room = max(0, min(cap - self.reference.used(scope, wanted) for scope, cap in caps))
        return {party: min(room, fen) for party, fen in self.reference.free.items()}

    @rule(data=st.data())
    def repeat(self, data):
        if self.posted:
            request, entry = data.draw(st.sampled_from(self.posted))
            assert self.till.books.post(request, AT.replace(year=2030)) == entry

    @invariant()
    def same_money(self):
        Machine.steps_n += 1
        told = balances(self.till.books.connection, self.till.tenant, self.till.pool_id)
        fen = {(row["kind"], row["party"]): row["fen"] for row in told["accounts_fen"]}
        assert sum(fen.values()) == 0
        reference = self.reference
        assert -sum(fen.get(("capital", party), 0) for party in PARTIES) == reference.paid_in
        for party in PARTIES:
            assert fen.get(("available", party), 0) == reference.free[party]
            for kind, pot in (("reserved", "held"), ("recourse", "owed"), ("lost", "lost")):
                total = sum(claim[pot][party] for claim in reference.claims.values())
                assert fen.get((kind, party), 0) == total

    def teardown(self):
        try:
            proof = self.till.proof()
            assert proof.faults == []
            assert proof.entries_n == len(self.posted) + 1
        finally:
            self.till.books.close()


def run_steps(server, examples, steps):
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=checks,
    )
    run_state_machine_as_test(lambda: Machine(server), settings=how)


def test_a_few_hundred_steps(server):
    run_steps(server, examples=12, steps=30)


@pytest.mark.soak
def test_twenty_thousand_steps(server):
    before = Machine.steps_n
    run_steps(server, examples=600, steps=50)
    assert Machine.steps_n - before >= 20_000
