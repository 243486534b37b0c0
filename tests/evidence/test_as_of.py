"""`as_of` against a list model: the visible records, the greatest version of each key."""

import random
from datetime import UTC, date, datetime, time, timedelta

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput, MissingColumn
from techflow.evidence import as_of

KEY = ("firm_id", "month_on")
SCHEMA = {
    "firm_id": pl.String,
    "month_on": pl.Date,
    "known_at": pl.Datetime("us", "UTC"),
    "loaded_at": pl.Datetime("us", "UTC"),
    "source_id": pl.String,
    "source_row_n": pl.Int64,
    "record_n": pl.Int64,
}
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def at(day, **more):
    return BEGIN + timedelta(days=day, **more)


def record(record_n, *, firm="a", month_on=date(2024, 1, 1), known, loaded, source="s", row=1):
    return dict(zip(SCHEMA, (firm, month_on, known, loaded, source, row, record_n), strict=True))


def replay_list(records, day, loaded_by=None):
    """The model: a plain loop over a list."""
    end = datetime.combine(day + DAY, time(), tzinfo=UTC)
    winners = {}
    for item in records:
        if item["known_at"] >= end or (loaded_by and item["loaded_at"] > loaded_by):
            continue
        row = item["source_row_n"]
        rank = (item["known_at"], item["loaded_at"], item["source_id"], row is not None, row or 0)
        key = tuple(item[name] for name in KEY)
        if key not in winners or rank > winners[key][0]:
            winners[key] = (rank, item["record_n"])
    return sorted(record_n for _, record_n in winners.values())


def replay(frame, day, loaded_by=None):
    view = as_of(frame, key=KEY, as_of=day, loaded_by=loaded_by)
    return sorted(view.select("record_n").collect(backend="polars")["record_n"].to_list())


def correct_at_random(n, seed):
    """A history of inserts and of corrections with later knowledge, later loading, or both."""
    draw = random.Random(seed)
    history = []
    for record_n in range(n):
        loaded = at(0, minutes=record_n)
        kind = draw.choice(["insert", "known later", "loaded later", "late and old"])
        if kind == "insert" or not history:
            key = {"firm": f"f{draw.randrange(n // 3)}", "month_on": draw.choice(MONTHS)}
            known = at(draw.randrange(60))
        else:
            first = draw.choice(history)
            key = {"firm": first["firm_id"], "month_on": first["month_on"]}
            shift = {"known later": 5, "loaded later": 0, "late and old": -5}[kind]
            known = first["known_at"] + timedelta(hours=shift * draw.randrange(1, 24))
        history.append(record(record_n, known=known, loaded=loaded, row=record_n + 1, **key))
    return history


MONTHS = [date(2024, month, 1) for month in range(1, 13)]
SIZES = {"polars": 100_000, "duckdb": 5_000}


def test_random_corrections_replay_like_the_list_model(make, request):
    n = SIZES[request.node.callspec.params["make"]]
    history = correct_at_random(n, seed=17)
    stored = make(pl.DataFrame(history, schema=SCHEMA))
    for day_n, share in [(0, 0.1), (20, 0.5), (33, 0.9), (61, 1.0), (30, None), (400, None)]:
        day = at(day_n).date()
        loaded_by = None if share is None else history[int(share * (n - 1))]["loaded_at"]
        got = replay(stored, day, loaded_by)
        assert got == replay_list(history, day, loaded_by)
        if loaded_by:
            then = [item for item in history if item["loaded_at"] <= loaded_by]
            assert got == replay(make(pl.DataFrame(then, schema=SCHEMA)), day, loaded_by)


moments = st.integers(0, 4).map(lambda half: BEGIN + half * DAY / 2)
versions = st.builds(
    record,
    record_n=st.just(0),
    firm=st.sampled_from(["a", "b", None]),
    month_on=st.sampled_from([date(2024, 1, 1), None]),
    known=moments,
    loaded=moments,
    source=st.sampled_from(["r", "s"]),
    row=st.sampled_from([None, 1, 2]),
)
histories = st.lists(versions, max_size=12, unique_by=lambda item: str(item)).map(
    lambda items: [item | {"record_n": n} for n, item in enumerate(items)]
)


@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories, day_n=st.integers(-1, 3), loaded_by=st.none() | moments)
def test_any_history_replays_like_the_list_model(make, history, day_n, loaded_by):
    day = at(day_n).date()
    frame = make(pl.DataFrame(history, schema=SCHEMA))
    assert replay(frame, day, loaded_by) == replay_list(history, day, loaded_by)


def test_the_day_ends_at_midnight_utc(make):
    late = record(1, known=at(1) - timedelta(microseconds=1), loaded=at(9))
    next_day = record(2, known=at(1), loaded=at(9))
    frame = make(pl.DataFrame([late, next_day], schema=SCHEMA))
    assert replay(frame, date(2024, 1, 1)) == [1]
    assert replay(frame, date(2024, 1, 2)) == [2]


def test_loaded_by_is_inclusive_and_minds_its_zone(make):
    frame = make(pl.DataFrame([record(1, known=at(0), loaded=at(2))], schema=SCHEMA))
    same_moment = datetime.fromisoformat("2024-01-03T08:00:00+08:00")
    assert replay(frame, date(2024, 1, 1), same_moment) == [1]
    assert replay(frame, date(2024, 1, 1), same_moment - timedelta(microseconds=1)) == []


def test_columns_stay_as_they_are(make):
    frame = make(pl.DataFrame([record(1, known=at(0), loaded=at(2))], schema=SCHEMA))
    view = as_of(frame, key=KEY, as_of=date(2024, 1, 1))
    assert view.collect_schema() == frame.collect_schema()


def test_wrong_arguments_are_named():
    frame = nw.from_native(pl.DataFrame(schema=SCHEMA).lazy())
    with pytest.raises(InvalidInput, match="key must name at least one column"):
        as_of(frame, key=(), as_of=date(2024, 1, 1))
    with pytest.raises(InvalidInput, match="loaded_by must carry a zone"):
        as_of(frame, key=KEY, as_of=date(2024, 1, 1), loaded_by=datetime(2024, 1, 1))
    with pytest.raises(MissingColumn, match="as_of needs the column loaded_at"):
        as_of(frame.drop("loaded_at"), key=KEY, as_of=date(2024, 1, 1))


def test_compiles_to_spark_sql():
    sqlframe = pytest.importorskip("sqlframe.standalone")
    session = sqlframe.StandaloneSession()
    kinds = {pl.String: "string", pl.Date: "date", pl.Int64: "bigint"}
    session.catalog.add_table(
        "record", {name: kinds.get(kind, "timestamp") for name, kind in SCHEMA.items()}
    )
    view = as_of(nw.from_native(session.table("record")), key=KEY, as_of=date(2024, 1, 1))
    assert "UNION ALL" in view.to_native().sql(dialect="spark")
