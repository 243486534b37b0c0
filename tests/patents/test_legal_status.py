"""Legal status: a walk day by day as the twin, the law by hand, both engines, files."""

import json
from datetime import date, timedelta

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import MissingColumn
from techflow.patents.legal_status import EVENTS, STATUSES, legal_status
from techflow_service.cli import techflow
from techflow_service.models import read_model

SCHEMA = {
    "patent_id": pl.String,
    "event_on": pl.Date,
    "patent_event": pl.String,
    "patent_kind": pl.String,
    "event_unread": pl.Boolean,
}
LIFE = [
    ("2004-02-29", "filed"),
    ("2005-08-29", "published"),
    ("2007-03-01", "granted"),
    ("2012-03-01", "lapsed"),
    ("2012-09-15", "restored"),
]


def table(events, patent="x", kind="invention"):
    rows = [(patent, date.fromisoformat(day), event, kind, False) for day, event in events]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def one(frame, rows, day):
    return rows(legal_status(frame, as_of=date.fromisoformat(day)))[0]


@pytest.mark.parametrize(
    ("day", "status", "since"),
    [
        ("2004-02-28", None, None),
        ("2004-02-29", "filed", "2004-02-29"),
        ("2005-08-28", "filed", "2004-02-29"),
        ("2005-08-29", "published", "2005-08-29"),
        ("2007-02-28", "published", "2005-08-29"),
        ("2007-03-01", "in_force", "2007-03-01"),
        ("2012-02-29", "in_force", "2007-03-01"),
        ("2012-03-01", "lapsed", "2012-03-01"),
        ("2012-09-14", "lapsed", "2012-03-01"),
        ("2012-09-15", "in_force", "2012-09-15"),
        # Article 42: twenty years from filing, the first day without protection.
        ("2024-02-28", "in_force", "2012-09-15"),
        ("2024-02-29", "expired", "2024-02-29"),
    ],
)
def test_each_edge_of_a_life(make, rows, day, status, since):
    found = one(make(table(LIFE)), rows, day)
    assert found["legal_status"] == status
    assert found["status_since"] == (since and date.fromisoformat(since))
    assert found["in_force"] == (status and status == "in_force")
    assert found["status_reason_code"] == (None if status else "no_event_yet")
    assert found["events_n"] + found["later_events_n"] == 5


def test_invalidation_is_final_and_shows_only_after_its_day(make, rows):
    frame = make(table([*LIFE, ("2013-01-01", "invalidated"), ("2014-01-01", "restored")]))
    assert one(frame, rows, "2012-12-31")["legal_status"] == "in_force"
    for day in ("2013-01-01", "2014-01-01", "2030-01-01"):
        assert one(frame, rows, day)["legal_status"] == "invalidated"


def test_a_lapse_that_was_never_mended_is_no_expiry(make, rows):
    assert one(make(table(LIFE[:4])), rows, "2030-01-01")["legal_status"] == "lapsed"
    late = make(table([*LIFE[:3], ("2024-02-29", "lapsed")]))
    assert one(late, rows, "2030-01-01")["legal_status"] == "expired"


@pytest.mark.parametrize(
    ("patent", "kind", "expected"),
    [
        # ZC 0006-2003: 1 and 8 inventions, 2 and 9 utility models, 3 designs.
        ("CN201710601862.3", None, "invention"),
        ("CN201720601862.0", None, "utility"),
        ("CN201790601862.0", None, "utility"),
        ("CN201780601862.0", None, "invention"),
        ("CN201730601862.0", None, "design"),
        ("CN95115608.X", None, "invention"),
        ("CN95215608.0", None, "utility"),
        ("US10692631", None, None),
        ("US10692631", "utility_model", "utility_model"),
    ],
)
def test_kind_of_a_chinese_number(make, rows, patent, kind, expected):
    events = [("2017-07-21", "filed"), ("2018-01-01", "granted")]
    found = one(make(table(events, patent, kind)), rows, "2020-01-01")
    assert found["patent_kind"] == expected
    assert found["legal_status"] == ("in_force" if expected else None)
    assert found["status_reason_code"] == (None if expected else "term_unknown")


@pytest.mark.parametrize(
    ("events", "reason", "status"),
    [
        ([("2010-01-01", "granted"), ("2011-01-01", "filed")], "granted_before_filed", None),
        (
            [("2008-01-01", "filed"), ("2010-01-01", "granted"), ("2009-01-01", "invalidated")],
            "invalidated_before_granted",
            None,
        ),
        ([*LIFE[:4], ("2012-03-01", "restored")], "lapsed_and_alive_same_day", None),
        ([("2010-01-01", "granted")], "term_unknown", None),
        ([("2010-01-01", "granted"), ("2011-01-01", "lapsed")], None, "lapsed"),
        ([("2010-01-01", "granted"), ("2011-01-01", "expired")], None, "expired"),
        ([("2010-01-01", "filed"), ("2013-01-01", "renewed")], None, "in_force"),
        ([("2010-01-01", "filed"), ("2011-01-01", "lapsed")], None, "lapsed"),
        ([("2010-01-01", "licensed_out")], "no_status_event", None),
        ([("2031-01-01", "filed")], "no_event_yet", None),
    ],
)
def test_contradictions_and_gaps_by_hand(make, rows, events, reason, status):
    found = one(make(table(events)), rows, "2014-01-01")
    assert (found["status_reason_code"], found["legal_status"]) == (reason, status)


def test_an_unread_event_leaves_the_status_open(make, rows):
    frame = table(LIFE).with_columns(event_unread=pl.col("patent_event") == "lapsed")
    assert one(make(frame), rows, "2010-01-01")["status_reason_code"] == "unread_event"


def walk(events, day):
    """The state after each event in turn, as a register clerk would keep it."""
    state, filed = None, None
    for on, event in sorted(events):
        if on > day or state == "invalidated":
            continue
        if event == "filed" and state is None:
            state, filed = "filed", on
        elif event == "published" and state == "filed":
            state = "published"
        elif event == "granted" or (event == "restored" and state == "lapsed"):
            state = "in_force"
        elif event in ("lapsed", "invalidated"):
            state = event
    if state in ("in_force", "filed", "published") and day >= filed.replace(year=filed.year + 20):
        return "expired"
    return state


@st.composite
def lives(draw):
    """Filed, perhaps published, granted, then lapses and restorations in turn."""
    day = draw(st.dates(date(2000, 3, 1), date(2010, 1, 1)))
    day = day.replace(day=min(day.day, 28))
    events = [(day, "filed")]
    order = ["published", "granted", "lapsed", "restored", "lapsed", "restored"]
    for event in order[: draw(st.integers(0, 6))]:
        day += timedelta(days=draw(st.integers(1, 700)))
        events.append((day, event))
    if len(events) > 2 and draw(st.booleans()):
        events.append((day + timedelta(days=draw(st.integers(1, 700))), "invalidated"))
    return events


@settings(max_examples=33)
@given(lives(), st.dates(date(2000, 3, 1), date(2035, 1, 1)), st.randoms())
def test_status_equals_the_walk_in_any_order(events, day, random):
    random.shuffle(events)
    rows = [("x", on, event, "invention", False) for on, event in events]
    frame = nw.from_native(pl.DataFrame(rows, schema=SCHEMA, orient="row").lazy())
    found = legal_status(frame, as_of=day).collect().to_native().row(0, named=True)
    assert found["legal_status"] == walk(events, day)
    assert found["legal_status"] in (None, *STATUSES)


def test_missing_column_is_named(make):
    with pytest.raises(MissingColumn, match="patent_kind"):
        legal_status(make(table(LIFE).drop("patent_kind")), as_of=date(2020, 1, 1))


FILE = """patent_id,event_on,patent_event
ZL201710601862,2017-07-21,申请
CN201710601862.3,2019-01-01,授权公告
201710601862.3,2022-07-21,未缴年费终止
US 10692631 B2,2020-01-01,granted
CN201720601862.0,2017-07-21,Filed
CN201720601862.0,soon,granted
EP1234567,2020-01-01,sung about
"""


def run(folder, day, text=FILE):
    (folder / "e.csv").write_text(text)
    out = folder / "o.parquet"
    words = ["patents", "status", str(folder / "e.csv"), "--as-of", day, "--out", str(out)]
    done = CliRunner().invoke(techflow, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.output), pl.read_parquet(out)


def test_files_by_hand(tmp_path):
    counts, found = run(tmp_path, "2022-07-20")
    assert (counts["patents_n"], counts["known_n"], counts["in_force_n"]) == (4, 1, 1)
    assert found["patent_id"].to_list() == [
        "CN201710601862.3",
        "CN201720601862.0",
        "EP1234567",
        "US10692631",
    ]
    assert found["legal_status"].to_list() == ["in_force", None, None, None]
    assert found["status_reason_code"].to_list() == [
        None,
        "unread_event",
        "unread_event",
        "term_unknown",
    ]
    assert found["in_force"].to_list() == [True, None, None, None]
    assert found["status_zh"].to_list() == ["有效", None, None, None]
    assert found["status_reason_zh"].is_not_null().to_list() == [False, True, True, True]
    _, found = run(tmp_path, "2022-07-21")
    assert found["legal_status"][0] == "lapsed" and found["in_force"][0] is False


def test_every_status_and_reason_has_words():
    words = read_model("patent_status.toml")
    assert set(words["status"]) == set(STATUSES)
    assert set(words["event"].values()) <= set(EVENTS)
    for topic in ("status", "reason"):
        for said in words[topic].values():
            assert said["en"] and any("一" <= letter <= "鿿" for letter in said["zh"])


def test_missing_columns_of_a_file_are_named(tmp_path):
    with pytest.raises(MissingColumn, match="event_on"):
        run(tmp_path, "2020-01-01", "patent_id,patent_event\nx,filed\n")
