"""Whatever the seed: identities tie, counts are not negative, the same seed gives the same."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.economy import (
    CONFIGS,
    DEMO,
    YARDSTICK,
    draw_credentials,
    draw_events,
    draw_firms,
    draw_funding,
    draw_invoices,
    draw_loans,
    draw_months,
    draw_outcomes,
    draw_patents,
    draw_statements,
    keep_rows,
    month_starts,
    repeat_numbers,
    restate,
    staff_columns,
)

seeds = st.integers(0, 2**32 - 1)
configs = st.sampled_from(list(CONFIGS))


@cache
def region(config, seed, firms_n=60, chunk=0):
    mechanism = replace(CONFIGS[config], chunk_firms=firms_n, restated_share=0.5)
    draw = {"seed": seed, "chunk": chunk}
    firms = draw_firms(mechanism, **draw)
    firms |= draw_outcomes(mechanism, firms, **draw)
    patents = draw_patents(mechanism, firms, **draw)
    patents_n = np.bincount(patents["firm"], minlength=firms_n)
    statements = draw_statements(mechanism, firms, **draw)
    months = draw_months(mechanism, firms, firms, **draw)
    starts = month_starts(mechanism.as_of, mechanism.months_n)
    traders = np.flatnonzero(firms["evidence"] == 0)
    invoices = draw_invoices(mechanism, firms, months, starts, traders=traders, **draw)
    return {
        "firms": firms,
        "patents": patents,
        "staff": staff_columns(mechanism, firms, years_n=3),
        "statements": statements,
        "restated": restate(mechanism, statements, **draw),
        "months": months,
        "invoices": repeat_numbers(mechanism, invoices, **draw),
        "credentials": draw_credentials(mechanism, firms, patents_n, **draw),
        "loans": draw_loans(mechanism, firms, patents_n > 3, **draw),
        "events": draw_events(mechanism, firms, **draw),
        "funding": draw_funding(mechanism, firms, **draw),
    }


@settings(max_examples=12, deadline=None)
@given(configs, seeds)
def test_no_count_is_negative_and_no_number_is_missing(config, seed):
    for name, columns in region(config, seed).items():
        for column, values in columns.items():
            if column.endswith("_n"):
                assert (values >= 0).all(), (name, column)
            if values.dtype == np.float64 and column != "defaulted_next":
                assert np.isfinite(values).all(), (name, column)


def gap(rows, whole, *parts):
    total = sum(rows[f"{part}_lcy"] for part in parts)
    return np.abs(rows[f"{whole}_lcy"] - total) / np.maximum(np.abs(rows[f"{whole}_lcy"]), 1.0)


@settings(max_examples=12, deadline=None)
@given(configs, seeds)
def test_accounts_tie(config, seed):
    both = region(config, seed)
    for rows in (both["statements"], both["restated"]):
        for whole, *parts in (
            ("total_assets", "total_liabilities", "total_equity"),
            ("total_assets", "current_assets", "noncurrent_assets"),
            ("total_liabilities", "current_liabilities", "noncurrent_liabilities"),
        ):
            assert (gap(rows, whole, *parts) == 0.0).all(), whole
        parts = ("cash", "receivables", "inventory", "prepayments")
        assert (rows["current_assets_lcy"] >= sum(rows[f"{part}_lcy"] for part in parts)).all()
        assert (rows["receivables_lcy"] >= 0).all()
    retained = both["statements"]["retained_earnings_lcy"].reshape(-1, 3)
    net = both["statements"]["net_income_lcy"].reshape(-1, 3)
    np.testing.assert_array_equal(np.diff(retained, axis=1), net[:, 1:])


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_invoices_add_up_to_the_months(seed):
    """Before repeats: valid sales less credit notes, to half a fen an invoice."""
    drawn = region("demo", seed)
    rows = keep_rows(drawn["invoices"], drawn["invoices"]["line_n"] == 1)
    sold = (rows["direction"] == 0) & ~rows["void"]
    firms_n, months_n = drawn["months"]["sales_lcy"].shape
    month = rows["issued_on"].astype("datetime64[M]")
    place = (month - np.datetime64("2023-07")).astype(int)
    cell = (rows["firm"] * months_n + place)[sold]
    total = np.bincount(cell, weights=rows["net_lcy"][sold], minlength=firms_n * months_n)
    count = np.bincount(cell, minlength=firms_n * months_n)
    traders = drawn["firms"]["evidence"] == 0
    found = total.reshape(firms_n, months_n)[traders]
    slack = 0.005 * count.reshape(firms_n, months_n)[traders] + 0.006
    assert (np.abs(found - drawn["months"]["sales_lcy"][traders]) <= slack).all()


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_each_sale_inside_the_sample_is_a_purchase_there(seed):
    rows = region("demo", seed)["invoices"]
    rows = keep_rows(rows, (rows["line_n"] == 1) & (rows["partner"] >= 0))
    side = [
        {
            tuple(row)
            for row in np.column_stack([rows[a], rows[b], rows["number"]])[rows["direction"] == way]
        }
        for way, a, b in ((0, "firm", "partner"), (1, "partner", "firm"))
    ]
    assert side[0] == side[1]


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_loans_and_events_agree_on_defaults(seed):
    drawn = region("yardstick", seed)
    loans, firms = drawn["loans"], drawn["firms"]
    failed = keep_rows(loans, loans["version"] == 2)
    assert (failed["defaulted_on"] == firms["defaulted_on"][failed["firm"]]).all()
    assert (failed["drawn_on"] <= failed["defaulted_on"]).all()
    assert (loans["known_on"] <= np.datetime64(YARDSTICK.as_of)).all()
    events = drawn["events"]
    fell = events["firm"][events["event"] == 0]
    assert set(fell) == set(np.flatnonzero(~np.isnat(firms["defaulted_on"])))


@settings(max_examples=5, deadline=None)
@given(seeds)
def test_same_seed_same_arrays_and_chunks_stand_alone(seed):
    first = region("demo", seed)
    region.cache_clear()
    region("demo", seed, chunk=1)
    again = region("demo", seed)
    for name, columns in first.items():
        for column, values in columns.items():
            np.testing.assert_array_equal(values, again[name][column])


def test_sales_dry_up_around_a_default():
    mechanism = replace(DEMO, evidence_shares=(1.0, 0.0, 0.0, 0.0), default_rate_pa=0.2)
    firms = draw_firms(mechanism, seed=1, chunk=0)
    firms |= draw_outcomes(mechanism, firms, seed=1, chunk=0)
    months = draw_months(mechanism, firms, firms, seed=1, chunk=0)
    starts = month_starts(mechanism.as_of, mechanism.months_n)
    gone = starts > firms["defaulted_on"][:, None] + 31 * (mechanism.after_default_months + 1)
    assert gone.any()
    assert (months["sales_lcy"][gone] == 0).all()
    assert (months["sale_n"][gone] == 0).all()


def test_credentials_meet_the_law():
    """HNTE Art. 11: R&D staff at least 10 %, R&D share 5 / 4 / 3 % by sales, a patent."""
    drawn = region("yardstick", 7, firms_n=3_000)
    firms, held = drawn["firms"], drawn["credentials"]
    hnte = held["firm"][held["credential"] == 0]
    assert len(hnte) > 100
    assert (firms["rnd_staff_n"][hnte] >= 0.10 * firms["employees_n"][hnte]).all()
    sales, share = firms["revenue_cny"][hnte], firms["rnd_share"][hnte]
    assert (share[sales <= 5e7] >= 0.05).all()
    assert (share[sales > 2e8] >= 0.03).all()
    assert (np.bincount(drawn["patents"]["firm"], minlength=3_000)[hnte] > 0).all()


@pytest.mark.parametrize("evidence, kinds", [("invoices", 0), ("start_up", 2)])
def test_firms_without_revenue_are_start_ups(evidence, kinds):
    firms = region("demo", 7, firms_n=2_000)["firms"]
    chosen = firms["evidence"] == kinds
    assert chosen.sum() > 100
    assert ((firms["revenue_cny"][chosen] == 0) == (evidence == "start_up")).all()
