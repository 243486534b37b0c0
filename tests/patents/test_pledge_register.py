"""Register of pledges: worked by hand, against a waterfall in fractions, and what always holds."""

from datetime import date
from fractions import Fraction

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import MissingColumn
from techflow.patents.pledge_cover import active_pledges, loan_cover
from techflow.patents.pledge_register import judge_pledge_events, patent_values
from techflow.schema.pledges import LOAN_PLEDGE, PLEDGE, PLEDGE_EVENT

AS_OF = date(2026, 6, 30)
EVENTS = {
    "pledge_id": pl.String,
    "patent_id": pl.String,
    "loan_id": pl.String,
    "pledge_event": pl.String,
    "event_on": pl.Date,
    "rank_n": pl.Int64,
    "secured_cny": pl.Float64,
}
PATENTS = {
    "patent_id": pl.String,
    "value_cny": pl.Float64,
    "valued_on": pl.Date,
    "term_ends_on": pl.Date,
    "in_force": pl.Boolean,
}
LOANS = {"loan_id": pl.String, "outstanding_cny": pl.Float64, "due_on": pl.Date}
FAR, DUE = date(2036, 1, 1), date(2027, 6, 30)


def frame(rows, schema):
    return pl.DataFrame([dict(zip(schema, row, strict=True)) for row in rows], schema=schema)


def polars(rows, schema=None):
    return nw.from_native(pl.DataFrame(rows, schema=schema).lazy())


def registered(loan, rank, secured, patent="p", on=date(2025, 1, 1), pledge=None):
    return (pledge or f"g-{loan}", patent, loan, "registered", on, rank, secured)


def patent(value, name="p", ends=FAR, in_force=True, on=date(2026, 1, 1)):
    return (name, value, on, ends, in_force)


def state(make, events, patents, loans, as_of=AS_OF):
    events, patents, loans = (
        make(frame(*pair)) for pair in ((events, EVENTS), (patents, PATENTS), (loans, LOANS))
    )
    judged = judge_pledge_events(events, patents, as_of=as_of)
    pledges = active_pledges(judged, patent_values(patents, as_of=as_of), loans)
    found = [f.collect(backend="polars").to_native() for f in (judged, pledges)]
    # Of one engine for the last step: its input is what the step before gave.
    cover = loan_cover(make(found[1]), loans).collect(backend="polars").to_native()
    return (*found, cover)


def by(table, key, column):
    return dict(zip(table[key].to_list(), table[column].to_list(), strict=True))


def test_value_runs_down_the_ranks(make):
    # 100: 60 to rank 1; the 40 left to the two of rank 2, 30 and 50, in proportion; rank 3 none.
    events = [
        registered("a", 1, 60.0),
        registered("b", 2, 30.0),
        registered("c", 2, 90.0),
        registered("d", 3, 10.0),
    ]
    loans = [("a", 80.0, DUE), ("b", 30.0, DUE), ("c", 50.0, DUE), ("d", 10.0, DUE)]
    _, pledges, cover = state(make, events, [patent(100.0)], loans)
    assert by(pledges, "loan_id", "covered_cny") == {"a": 60, "b": 15, "c": 25, "d": 0}
    assert by(cover, "loan_id", "shortfall_cny") == {"a": 20, "b": 15, "c": 25, "d": 10}
    assert pledges["loans_on_patent_n"].to_list() == [4] * 4
    assert pledges["double_pledged"].all() and cover["double_pledged"].all()
    assert pledges.columns == list(PLEDGE.names)
    assert cover.columns == list(LOAN_PLEDGE.names)


def test_without_stated_ranks_the_first_registered_is_first(make):
    events = [
        registered("late", None, 50.0, on=date(2025, 2, 1)),
        registered("early", 9, 70.0, on=date(2025, 1, 1)),
    ]
    loans = [("late", 50.0, DUE), ("early", 70.0, DUE)]
    _, pledges, _ = state(make, events, [patent(100.0)], loans)
    assert by(pledges, "loan_id", "place_n") == {"early": 1, "late": 2}
    assert by(pledges, "loan_id", "covered_cny") == {"early": 70, "late": 30}


def test_a_release_frees_the_value_for_the_next(make):
    release = ("g-a", "p", "a", "released", date(2026, 6, 30), None, None)
    events = [registered("a", 1, 80.0), registered("b", 2, 80.0), release]
    loans = [("a", 80.0, DUE), ("b", 80.0, DUE)]
    _, _, before = state(make, events, [patent(100.0)], loans, as_of=date(2026, 6, 29))
    _, _, after = state(make, events, [patent(100.0)], loans)
    assert by(before, "loan_id", "covered_cny") == {"a": 80, "b": 20}
    assert by(after, "loan_id", "covered_cny") == {"a": 0, "b": 80}
    assert by(after, "loan_id", "pledges_n") == {"a": 0, "b": 1}
    assert by(after, "loan_id", "shortfall_cny") == {"a": 80, "b": 0}
    assert by(after, "loan_id", "double_pledged") == {"a": None, "b": False}


def test_expiry_before_the_loan_ends(make):
    # The last day of the loan must be protected: a term ending on it is one day short.
    ends = {"a": date(2027, 6, 29), "b": DUE, "c": date(2027, 7, 1), "d": None}
    events = [registered(k, 1, 5.0, patent=k) for k in ends]
    patents = [patent(9.0, k, end) for k, end in ends.items()]
    _, pledges, cover = state(make, events, patents, [(k, 5.0, DUE) for k in ends])
    for table in (pledges, cover):
        flags = by(table, "loan_id", "expires_before_loan_ends")
        assert flags == {"a": True, "b": True, "c": False, "d": None}
        assert by(table, "loan_id", "unprotected_days") == {"a": 2, "b": 1, "c": 0, "d": None}


def test_a_patent_without_force_brings_nothing_and_an_unknown_one_nobody_knows(make):
    patents = [
        patent(9.0, "lapsed", in_force=False),
        patent(9.0, "ended", ends=AS_OF),
        patent(9.0, "last_day", ends=date(2026, 7, 1)),
        patent(9.0, "unsaid", in_force=None),
        patent(None, "unvalued"),
        patent(9.0, "valued_later", on=date(2026, 7, 1)),
    ]
    names = [row[0] for row in patents]
    events = [registered(k, 1, 5.0, patent=k) for k in names]
    _, pledges, cover = state(make, events, patents, [(k, 5.0, DUE) for k in names])
    expected = [0, 0, 5, None, None, None]
    assert by(pledges, "patent_id", "covered_cny") == dict(zip(names, expected, strict=True))
    assert by(cover, "loan_id", "shortfall_cny") == dict(
        zip(names, [5, 5, 0, None, None, None], strict=True)
    )


def test_the_latest_value_counts_and_of_one_day_the_lowest(make):
    patents = [
        patent(10.0, on=date(2025, 1, 1)),
        patent(30.0, on=date(2026, 1, 1)),
        patent(20.0, on=date(2026, 1, 1)),
        patent(90.0, on=date(2026, 7, 1)),
    ]
    _, pledges, _ = state(make, [registered("a", 1, 99.0)], patents, [("a", 99.0, DUE)])
    assert pledges["available_cny"].to_list() == [20]


def test_a_loan_of_another_lender_keeps_its_place(make):
    # Its balance is not in the file: it may take all it secures. A place of unknown size leaves
    # what comes after it unknown, unless those ahead of both have taken everything.
    events = [
        registered("other", 1, 70.0),
        registered("own", 2, None),
        registered("unknown", 3, None),
        registered("last", 4, 5.0),
    ]
    loans = [("own", 20.0, DUE), ("last", 5.0, DUE)]
    _, pledges, cover = state(make, events, [patent(100.0)], loans)
    found = by(pledges, "loan_id", "covered_cny")
    assert found == {"other": 70, "own": 20, "unknown": None, "last": None}
    assert by(cover, "loan_id", "covered_cny") == {"own": 20, "last": None}
    _, pledges, _ = state(make, events, [patent(80.0)], loans)
    assert by(pledges, "loan_id", "covered_cny") == {
        "other": 70,
        "own": 10,
        "unknown": 0,
        "last": 0,
    }


def test_a_pledge_of_two_patents_covers_no_more_than_it_secures(make):
    events = [registered("a", 1, 50.0, patent=p, pledge="g") for p in "pq"]
    patents = [patent(40.0, "p"), patent(40.0, "q")]
    _, _, cover = state(make, events, patents, [("a", 90.0, DUE)])
    assert cover["covered_cny"].to_list() == [50] and cover["pledges_n"].to_list() == [2]
    assert cover["double_pledged"].to_list() == [False]
    two = [registered("a", 1, 50.0, patent=p, pledge=p) for p in "pq"]
    _, _, cover = state(make, two, patents, [("a", 60.0, DUE)])
    assert cover["covered_cny"].to_list() == [60]


def test_a_repaid_loan_asks_for_its_release(make):
    _, pledges, cover = state(make, [registered("a", 1, 5.0)], [patent(9.0)], [("a", 0.0, DUE)])
    assert pledges["release_due"].to_list() == [True]
    assert cover["shortfall_cny"].to_list() == [0]


def test_contradictions_are_set_aside_and_change_nothing(make):
    def event(loan, kind, on, rank=1, secured=5.0, patent="p"):
        return ("g", patent, loan, kind, on, rank, secured)

    one, two, three = (date(2025, 1, day) for day in (1, 2, 3))
    events = {
        ("early release", event("a", "released", one)): "released_unregistered",
        ("then registered", event("a", "registered", two)): None,
        ("again", event("a", "registered", three)): "registered_twice",
        ("b", event("b", "registered", one)): None,
        ("b out", event("b", "released", two)): None,
        ("b out again", event("b", "released", three)): "released_unregistered",
        ("stranger", event("c", "registered", one, patent="q")): "unknown_patent",
        ("tomorrow", event("d", "registered", date(2026, 7, 1))): "later",
        ("both", event("e", "registered", one)): "order_unknown",
        ("both ways", event("e", "released", one)): "order_unknown",
        ("rank", event("f", "registered", one, rank=0)): "wrong_rank",
        ("amount", event("h", "registered", one, secured=-1.0)): "wrong_amount",
        ("not a number", event("i", "registered", one, secured=float("nan"))): "wrong_amount",
        ("no day", event("j", "registered", None)): "incomplete",
        ("kind", event("k", "lent", one)): "incomplete",
        ("no loan", event(None, "registered", one)): "incomplete",
        ("wrong rank first", event("m", "registered", one, rank=0)): "wrong_rank",
        ("so this is the first", event("m", "registered", two)): None,
    }
    rows = [row for _, row in events]
    loans = [(name, 5.0, DUE) for name in "abm"]
    judged, pledges, _ = state(make, rows, [patent(9.0)], loans)
    found = {tuple(row[:-1]): row[-1] for row in judged.rows()}
    for (name, row), expected in events.items():
        if "number" not in name:  # NaN is not equal to itself
            assert found[row] == expected, name
    assert judged.filter(pl.col("loan_id") == "i")["event_reason_code"][0] == "wrong_amount"
    assert sorted(pledges["loan_id"]) == ["a", "m"]
    codes = set(PLEDGE_EVENT.column("event_reason_code").codes)
    assert set(events.values()) - {None} == codes


AMOUNT = st.integers(0, 60).map(float)
BOOK = st.lists(
    st.tuples(st.integers(1, 3), AMOUNT, AMOUNT, st.sampled_from("pq")), min_size=1, max_size=7
)


def waterfall(rows, value):
    """The same rule in fractions, one rank after another."""
    left, found = Fraction(value), {}
    for rank in sorted({row[1] for row in rows}):
        here = [(name, Fraction(claim)) for name, r, claim in rows if r == rank]
        whole = sum(claim for _, claim in here)
        paid = min(left, whole)
        found |= {name: claim * paid / whole if whole else Fraction(0) for name, claim in here}
        left -= paid
    return found


@settings(deadline=None, max_examples=10)
@given(BOOK, AMOUNT, AMOUNT)
def test_cover_equals_a_waterfall_in_fractions(book, p, q):
    events = [registered(str(i), rank, s, patent=k) for i, (rank, s, _, k) in enumerate(book)]
    loans = [(str(i), owed, DUE) for i, (_, _, owed, _) in enumerate(book)]
    _, pledges, cover = state(polars, events, [patent(p, "p"), patent(q, "q")], loans)
    found = by(pledges, "loan_id", "covered_cny")
    for name, value in (("p", p), ("q", q)):
        rows = [(str(i), r, min(s, o)) for i, (r, s, o, k) in enumerate(book) if k == name]
        exact = waterfall(rows, value)
        for loan, amount in exact.items():
            assert found[loan] == pytest.approx(float(amount), abs=1e-9)
        assert sum(found[loan] for loan in exact) <= value + 1e-9
    for i, (_, _, owed, _) in enumerate(book):
        assert 0 <= by(cover, "loan_id", "covered_cny")[str(i)] <= owed
    # Order of the rows means nothing.
    again = state(polars, events[::-1], [patent(q, "q"), patent(p, "p")], loans[::-1])[1]
    assert by(again, "loan_id", "covered_cny") == pytest.approx(found)


def test_missing_columns_are_named():
    rows = nw.from_native(pl.LazyFrame({"pledge_id": ["g"]}))
    with pytest.raises(MissingColumn, match="event_on"):
        judge_pledge_events(rows, rows, as_of=AS_OF)
    with pytest.raises(MissingColumn, match="term_ends_on"):
        patent_values(rows, as_of=AS_OF)
