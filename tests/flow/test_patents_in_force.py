"""Which events end a patent for its firm: by hand, on both engines."""

from datetime import date

import polars as pl
import pytest

from techflow.flow.facts import patents_in_force

PATENT = {
    "patent_id": ["p"],
    "firm_id": ["a"],
    "patent_kind": ["invention"],
    "filed_on": [date(2015, 1, 1)],
    "granted_on": [date(2017, 1, 1)],
}
LAPSED, RESTORED = (date(2018, 1, 1), "lapsed"), (date(2018, 6, 1), "restored")


@pytest.mark.parametrize(
    ("events", "on", "held"),
    [
        ([LAPSED], date(2017, 12, 31), True),
        ([LAPSED], date(2018, 1, 1), False),
        ([LAPSED, RESTORED], date(2018, 5, 31), False),
        ([LAPSED, RESTORED], date(2018, 6, 1), True),
        ([RESTORED, LAPSED, (date(2019, 1, 1), "lapsed")], date(2020, 1, 1), False),
        ([LAPSED, (date(2018, 1, 1), "restored")], date(2020, 1, 1), False),
        ([(date(2018, 1, 1), "invalidated"), RESTORED], date(2020, 1, 1), False),
        ([(date(2018, 1, 1), "assigned"), RESTORED], date(2020, 1, 1), False),
        ([(date(2018, 1, 1), "expired")], date(2020, 1, 1), False),
        ([(date(2018, 1, 1), "licensed_out")], date(2020, 1, 1), True),
    ],
)
def test_a_lapse_can_be_mended_and_nothing_else(make, rows, events, on, held):
    table = {
        "patent_id": ["p"] * len(events),
        "firm_id": ["a"] * len(events),
        "event_on": [day for day, _ in events],
        "patent_event": [event for _, event in events],
    }
    seen = {"patent": make(pl.DataFrame(PATENT)), "patent_event": make(pl.DataFrame(table))}
    assert len(rows(patents_in_force(seen, as_of=on))) == held
