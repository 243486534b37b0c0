"""Every frame test runs on every engine the project promises."""

import os
import re
from pathlib import Path

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

# A busy machine is no failure: time is measured by the benches.
settings.register_profile("house", deadline=None, max_examples=20)
settings.load_profile("house")

SHARED = Path(os.environ.get("TECHFLOW_DATA", Path(__file__).parents[2] / "shared" / "data"))

LONG = (
    "test_credit_growth.py::test_training_by_command_repeats",
    "test_credit_growth.py::test_training_again_gives_the_committed_card",
    "test_assess.py::test_ranges_of_one_firm_give_the_same_table",
    "test_price.py::test_effects_are_prices_with_and_without[duckdb]",
    "test_crash_import.py::test_five_kills_of_an_import",
    "test_pandas_twin.py::test_real_invoices",
    "test_citations.py::test_training_beats_chance_on_unseen_titles_and_repeats",
    "test_credit_trees.py::test_training_twice_gives_the_same_file_and_beats_chance",
    "test_credit_trees.py::test_reasons_add_up[polish-bankruptcy]",
    "test_credit_trees.py::test_reasons_add_up[us-bankruptcy]",
    "test_credit_trees.py::test_the_engine_adds_up_the_trees_as_the_kernel_does[us-bankruptcy]",
    "test_credit_trees.py::test_the_engine_adds_up_the_trees_as_the_kernel_does[polish-bankruptcy]",
    "test_credit_export.py::test_spark_text_means_the_same_as_sqlglot_reads_it[sba-default]",
    "test_credit_export.py::test_spark_text_means_the_same_as_sqlglot_reads_it[us-growth]",
    "test_credit_export.py::test_spark_text_means_the_same_as_sqlglot_reads_it[us-growth-3y]",
    "test_credit_export.py::test_spark_text_means_the_same_as_sqlglot_reads_it[sba-lgd]",
    "test_credit_export.py::test_duckdb[us-bankruptcy]",
    "test_credit_export.py::test_duckdb[polish-bankruptcy]",
    "test_credit_export.py::test_duckdb[us-growth]",
    "test_credit_export.py::test_duckdb[us-growth-3y]",
    "test_loan_pricing.py::test_engines_agree_and_no_row_is_lost[duckdb-cn.guangzhou_pool_bank]",
    "test_plan.py::test_two_hundred_that_come_whole_or_not_at_all[9]",
    "test_invariants.py::test_compiles_to_spark_sql[STATEMENTS]",
)
"""Seconds each, beside a shorter test of the same: `make soak` runs them."""


KERNELS = re.compile(r"tests/(matching|portfolio|pool|flow/test_(?:solvency|experiment_draws))")


class Kernels(LoadFileScheduling):
    """Files over the same compiled kernels go to one worker: two would each compile them."""

    def _split_scope(self, nodeid):
        found = KERNELS.match(nodeid)
        return found[1].split("/")[0] if found else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Kernels(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Before those that were asked for are chosen."""
    for item in items:
        if item.nodeid.endswith(LONG):
            item.add_marker(pytest.mark.soak)


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
