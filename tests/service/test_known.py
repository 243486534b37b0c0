"""Results as they stood on a day: a plain loop over random rows; the commands that use it."""

from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import MissingColumn
from techflow_service.cli import techflow
from techflow_service.known import as_known

ON = date(2024, 6, 30)
ROW = st.tuples(
    st.sampled_from(["a", "b", None]), st.none() | st.dates(date(2024, 6, 25), date(2024, 7, 5))
)


@settings(max_examples=10, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=12))
def test_by_a_plain_loop(table):
    rows = pl.DataFrame(
        {"id": [k for k, _ in table], "on": [d and d.isoformat() for _, d in table]},
        schema={"id": pl.String, "on": pl.String},
    )
    blank = {f"x_reason{end}": [None] * len(table) for end in ("_code", "", "_zh")}
    schema = {"x_score": pl.Int64, **dict.fromkeys(blank, pl.String)}
    results = pl.DataFrame({"x_score": range(len(table)), **blank}, schema=schema)
    found = as_known(rows, results, as_of=ON, key="id", known_in="on", prefix="x")
    latest = {}
    for n, (k, d) in enumerate(table):
        if k and d and d <= ON and (k not in latest or d >= table[latest[k]][1]):
            latest[k] = n
    for n, (row, (_, d)) in enumerate(zip(found.rows(named=True), table, strict=True)):
        code = "no_known_date" if d is None else "known_later" if d > ON else None
        assert row["x_reason_code"] == code and row["x_score"] == (n if code is None else None)
        assert (row["x_reason"] is None) == (row["x_reason_zh"] is None) == (code is None)
        assert row["x_latest"] == (n in latest.values())


PATENTS = """patent_id,known_on,kind,independent_claims_n,detectability_points,ipc_subclasses_n
p,2023-01-01,invention,4,70,3
p,2024-01-01,invention,4,90,3
p,2025-01-01,invention,9,95,9
q,,invention,4,70,3
"""


def test_evaluation_of_a_past_day(tmp_path):
    (tmp_path / "in.csv").write_text(PATENTS)
    words = ["patents", "evaluate", str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv")]
    run = CliRunner().invoke(techflow, [*words, "--as-of", "2024-06-30"], catch_exceptions=False)
    assert run.exit_code == 0
    found = pl.read_csv(tmp_path / "out.csv")
    assert found["evaluation_latest"].to_list() == [False, True, False, False]
    assert found["evaluation_reason_code"].to_list()[2:] == ["known_later", "no_known_date"]
    assert found["evaluation_known_share"].is_null().to_list() == [False, False, True, True]
    (tmp_path / "cut.csv").write_text("\n".join(PATENTS.splitlines()[:3]) + "\n")
    CliRunner().invoke(techflow, [*words[:2], str(tmp_path / "cut.csv"), *words[3:]])
    alone = pl.read_csv(tmp_path / "out.csv")
    shared_columns = alone.columns
    assert found.head(2).select(shared_columns).rows() == alone.rows()


def test_the_column_of_the_day_is_named():
    rows = pl.DataFrame({"id": ["a"]})
    with pytest.raises(MissingColumn, match="--as-of needs on; got id"):
        as_known(rows, rows, as_of=ON, key="id", known_in="on", prefix="x")
