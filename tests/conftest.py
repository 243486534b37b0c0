"""Every frame test runs on every engine the project promises."""

import os
from pathlib import Path

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import settings

# A busy machine is no failure: time is measured by the benches.
settings.register_profile("house", deadline=None, max_examples=40)
settings.load_profile("house")

SHARED = Path(os.environ.get("TECHFLOW_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(params=["polars", "duckdb"])
def make(request):
    """Builds a lazy frame from rows (or a Polars frame) on each engine in turn."""
    connection = duckdb.connect() if request.param == "duckdb" else None

    def build(rows, schema=None):
        frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, schema=schema)
        if connection:
            return nw.from_native(connection.from_arrow(frame.to_arrow()))
        return nw.from_native(frame.lazy())

    return build


@pytest.fixture
def rows():
    """Collects a lazy frame of any engine into a list of dicts."""
    return lambda frame: frame.collect(backend="polars").rows(named=True)


@pytest.fixture(scope="session")
def shared():
    """The folder of real data sets; tests that need it say so when it is not there."""
    if not SHARED.is_dir():
        pytest.skip(f"real data sets are not at {SHARED}; set TECHFLOW_DATA")
    return SHARED
