"""The register as a command on files: the state worked by hand, and one clear error each."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow

EVENTS = """pledge_id,patent_id,loan_id,pledge_event,event_on,rank_n,secured_cny
G1,P,A,registered,2025-01-01,1,60
G2,P,B,registered,2025-02-01,2,60
G3,Q,A,released,2025-03-01,,
"""
PATENTS = "patent_id,value_cny,term_ends_on,in_force\nP,100,2027-01-01,true\nQ,50,2040-01-01,true\n"
LOANS = "loan_id,outstanding_cny,due_on\nA,80,2026-12-31\nB,50,2028-01-01\n"


def run(folder, events=EVENTS, patents=PATENTS, loans=LOANS):
    for name, text in (("events", events), ("patents", patents), ("loans", loans)):
        (folder / f"{name}.csv").write_text(text, "utf8")
    words = ["patents", "register", folder / "events.csv", "--json", "--as-of", "2026-06-30"]
    words += ["--patents", folder / "patents.csv", "--loans", folder / "loans.csv"]
    words += ["--out", folder / "out"]
    return CliRunner().invoke(techflow, list(map(str, words)), catch_exceptions=False)


def test_state_by_hand(tmp_path):
    told = json.loads(run(tmp_path).output)
    # A: 60 of 80; B: the 40 left of 100, of 50. P ends a year and a day before B is due.
    assert told["shortfall_cny"] == 30 and told["loans_short_n"] == 2
    assert told["set_aside"] == {"released_unregistered": 1}
    assert told["patents_double_pledged_n"] == 1 and told["loans_outlive_patent_n"] == 1
    loans = pl.read_parquet(tmp_path / "out/loans.parquet")
    assert loans["covered_cny"].to_list() == [60, 40]
    assert loans["unprotected_days"].to_list() == [0, 366]
    events = pl.read_parquet(tmp_path / "out/events.parquet")
    assert events["event_reason_zh"].to_list() == [None, None, "注销之前没有登记"]
    assert pl.read_parquet(tmp_path / "out/pledges.parquet")["place_n"].to_list() == [1, 2]


def test_rank_amount_and_median_may_stand_in(tmp_path):
    events = "\n".join(line.rsplit(",", 2)[0] for line in EVENTS.splitlines())
    told = json.loads(
        run(tmp_path, events, PATENTS.replace("value_cny", "value_median_cny")).output
    )
    assert told["shortfall_cny"] == 30  # A is owed 80 of 100, B 20 of 50


@pytest.mark.parametrize(
    "error, match, files",
    [
        (MissingColumn, "loans lacks due_on", {"loans": "loan_id,outstanding_cny\nA,1\n"}),
        (InvalidInput, "event_on must be a day", {"events": EVENTS.replace("2025-01-01", "1/2")}),
        (InvalidInput, "rank_n must be a whole", {"events": EVENTS.replace(",1,60", ",1.5,60")}),
        (InvalidInput, "in_force must be true", {"patents": PATENTS.replace("true", "maybe")}),
        (InvalidInput, "loan_id A stands twice", {"loans": LOANS + "A,1,2028-01-01\n"}),
    ],
)
def test_wrong_files_are_named(tmp_path, error, match, files):
    with pytest.raises(error, match=match):
        run(tmp_path, **files)
