"""The register of evaluations: what happens to it is seen, and its rules by hand."""

import copy
import hashlib
import json
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.patents.evaluation_entries import certificate_hash
from techflow.patents.evaluation_register import certificate_states, make_entry, verify_register

DAY = date(2026, 6, 30)
WHO = {"accredited_by": "bureau", "methods": ["income"], "since": "2026-01-01", "until": None}


def accreditation(name="e1", **more):
    return "accreditation", {"evaluator_id": name, **WHO, **more}


def certificate(patent="p1", name="e1", value=100.0, on="2026-03-01", **more):
    request = {"request_id": "r1", "patent_id": patent, "requested_by": "bank"}
    request |= {"requested_on": "2026-02-01", "purpose": "pledge"}
    content = {"request": request, "evaluator_id": name, "method": "income"}
    content |= {"model_hash": "a" * 64, "inputs": {"revenue_cny": 1e6, "royalty_rate": 0.05}}
    content |= {"result": {"value_cny": value}, "evaluated_on": on, "supersedes": None}
    return "certificate", {**content, **more}


def objection(against, name="o1", on="2026-04-01"):
    found = {"objection_id": name, "certificate_hash": against, "filed_by": "firm"}
    return "objection", {**found, "filed_on": on, "reason": "revenue of another product"}


def decision(name="o1", said="upheld", by="panel", on="2026-05-01"):
    found = {"objection_id": name, "decided_by": by, "decided_on": on}
    return "decision", {**found, "decision": said, "reason": "so it is"}


def build(*steps):
    entries = []
    for kind, content in steps:
        entries.append(make_entry(kind, content, before=entries, on=DAY))
    return entries


FIRST = certificate_hash(certificate()[1])
STEPS = (
    accreditation(),
    accreditation("e2"),
    certificate(),
    certificate(name="e2", value=150.0),
    objection(FIRST),
    decision(),
    certificate(value=90.0, supersedes=FIRST),
)
BOOK = json.loads(json.dumps(build(*STEPS)))  # no part is shared between entries
HEAD = BOOK[-1]["entry_hash"]


def leaves(value, path=()):
    """Paths to every leaf of an entry."""
    if isinstance(value, dict):
        return [p for name, part in value.items() for p in leaves(part, (*path, name))]
    if isinstance(value, list):
        return [p for i, part in enumerate(value) for p in leaves(part, (*path, i))]
    return [path]


def change(value):
    if isinstance(value, str):
        return value[:-1] + ("b" if value.endswith("a") else "a")
    return {None: "x"}.get(value, 1 if value is None else value + 1)


def rehash(entry):
    body = {name: value for name, value in entry.items() if name != "entry_hash"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.replace("100.0", "100").encode()).hexdigest()


def test_a_whole_register_has_no_fault():
    assert verify_register(BOOK) == [] == verify_register(BOOK, head=HEAD)
    # The chain by hand, on entries whose numbers JSON writes the same way.
    assert BOOK[0]["previous_hash"] == "0" * 64
    for before, entry in pairwise(BOOK):
        assert entry["previous_hash"] == before["entry_hash"]
    assert all(rehash(BOOK[i]) == BOOK[i]["entry_hash"] for i in (0, 1, 4, 5))


@settings(deadline=None)
@given(st.data())
def test_a_changed_leaf_is_found(data):
    entries = copy.deepcopy(BOOK)
    n = data.draw(st.integers(0, len(BOOK) - 1))
    *path, last = data.draw(st.sampled_from(leaves(entries[n])))
    spot = entries[n]
    for step in path:
        spot = spot[step]
    spot[last] = change(spot[last])
    assert entries != BOOK
    found = verify_register(entries, head=HEAD)
    assert found and found[0].entry_n in (n + 1, n + 2)
    # Without the head a change is still found, in the last entry as well.
    assert verify_register(entries)


@settings(deadline=None)
@given(st.data())
def test_dropped_inserted_and_swapped_entries_are_found(data):
    places = st.integers(0, len(BOOK) - 1)
    i, j = data.draw(places), data.draw(places)
    dropped = BOOK[:i] + BOOK[i + 1 :]
    assert verify_register(dropped, head=HEAD)
    # Only the head tells of a missing end.
    assert bool(verify_register(dropped)) == (i < len(BOOK) - 1)
    inserted = [*BOOK[:i], BOOK[j], *BOOK[i:]]
    assert verify_register(inserted, head=HEAD) and verify_register(inserted)
    if i != j:
        swapped = list(BOOK)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        assert verify_register(swapped, head=HEAD) and verify_register(swapped)


@given(st.integers(0, len(BOOK) - 2))
def test_a_forger_who_works_out_the_hash_of_one_entry_is_found_at_the_next(n):
    entries = copy.deepcopy(BOOK)
    changed = {**entries[n], "recorded_on": "2026-06-29"}
    kind, content = changed["kind"], changed["content"]
    entries[n] = make_entry(kind, content, before=entries[:n], on=date(2026, 6, 30))
    assert entries[n] == BOOK[n]  # the same content gives the same entry
    if n == 0:
        entries[0] = make_entry(kind, content, before=[], on=date(2026, 6, 29))
        assert [f.code for f in verify_register(entries)] == ["chain_broken"]


def test_a_register_written_anew_shows_only_against_the_head():
    other = build(accreditation(), certificate(value=1e9))
    assert verify_register(other) == []
    assert [fault.code for fault in verify_register(other, head=HEAD)] == ["head_differs"]


def test_states_of_certificates():
    start = [accreditation(), certificate()]
    assert certificate_states(build(*start)) == {FIRST: "valid"}
    assert certificate_states(build(*start, objection(FIRST))) == {FIRST: "objected"}
    for said, state in (("upheld", "annulled"), ("rejected", "valid")):
        book = build(*start, objection(FIRST), decision(said=said))
        assert certificate_states(book) == {FIRST: state}
    newer = certificate(value=90.0, supersedes=FIRST)
    book = build(*start, newer)
    assert certificate_states(book) == {FIRST: "superseded", certificate_hash(newer[1]): "valid"}


UNKNOWN = "b" * 64
BEGIN = (accreditation(), certificate())


@pytest.mark.parametrize(
    "steps, code",
    [
        ([accreditation(until="2026-01-01")], "ends_before_it_begins"),
        ([certificate()], "not_accredited"),
        ([accreditation(until="2026-03-01"), certificate()], "not_accredited"),
        ([accreditation(since="2026-03-02"), certificate()], "not_accredited"),
        ([accreditation(methods=["market"]), certificate()], "not_accredited"),
        ([accreditation(), certificate(on="2026-01-31")], "before_its_request"),
        ([*BEGIN, certificate()], "issued_twice"),
        ([accreditation(), certificate(certificate_hash=UNKNOWN)], "certificate_changed"),
        ([accreditation(), certificate(supersedes=UNKNOWN)], "supersedes_unknown"),
        ([*BEGIN, certificate("p2", supersedes=FIRST)], "supersedes_another_patent"),
        (
            [*BEGIN, *(certificate(value=v, supersedes=FIRST) for v in (1.0, 2.0))],
            "superseded_twice",
        ),
        ([*BEGIN, objection(UNKNOWN)], "unknown_certificate"),
        ([*BEGIN, objection(FIRST), objection(FIRST)], "objection_twice"),
        ([*BEGIN, objection(FIRST, on="2026-02-28")], "before_the_certificate"),
        ([*BEGIN, decision()], "unknown_objection"),
        ([*BEGIN, objection(FIRST), decision(), decision()], "decided_twice"),
        ([*BEGIN, objection(FIRST), decision(on="2026-03-31")], "before_the_objection"),
        ([*BEGIN, objection(FIRST), decision(by="e1")], "decides_in_own_case"),
        ([*BEGIN, objection(FIRST), decision(by="firm")], "decides_in_own_case"),
        ([*BEGIN, objection(FIRST), decision(said="maybe")], "wrong_field decision"),
        ([accreditation(since="1 May")], "wrong_field since"),
        ([accreditation(colour="red")], "wrong_field colour"),
        ([accreditation(), certificate(model_hash="A" * 64)], "wrong_field model_hash"),
        ([accreditation(), certificate(request={"request_id": "r"})], "wrong_field request"),
    ],
)
def test_an_entry_against_the_rules_is_refused(steps, code):
    build(*steps[:-1])
    with pytest.raises(InvalidInput, match=code):
        build(*steps)


def test_an_entry_may_not_be_dated_before_the_last():
    with pytest.raises(InvalidInput, match="earlier_than_before"):
        make_entry(*accreditation("e3"), before=BOOK, on=date(2026, 6, 29))
    with pytest.raises(InvalidInput, match="kind"):
        make_entry("praise", {}, before=[], on=DAY)
