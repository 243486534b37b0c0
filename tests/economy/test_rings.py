"""Planted rings: nothing unless asked, on record with both sides, told only by the truth."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from techflow.economy import DEMO, NO_RING, plant_invoices
from techflow_service.sampling import read_truth, write_region
from techflow_service.sampling.tables import draw_chunk
from techflow_service.store import Store

LOADED_AT = datetime(2026, 7, 1, tzinfo=UTC)
PLANTED = replace(DEMO, ring_share=0.1, honest_group_share=0.1, refused_n=0)
KEY = ["seller", "buyer", "invoice_number", "issued_on", "net_lcy"]


def region(path, mechanism):
    written = write_region(path / "s", mechanism, firms_n=400, seed=7, loaded_at=LOADED_AT)
    snapshot = Store.open(written.store).snapshot()
    tables = {name: snapshot.scan(name).collect() for name in ("invoice", "relationship", "firm")}
    return tables, read_truth(written.truth)[0]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    mechanism = replace(PLANTED, chunk_firms=400)
    off = replace(mechanism, ring_share=0.0, honest_group_share=0.0)
    return [region(tmp_path_factory.mktemp("r"), one) for one in (mechanism, off)]


def test_nothing_is_planted_unless_asked():
    chunk = draw_chunk(replace(DEMO, chunk_firms=50), seed=3, number=0, firms_n=50)
    assert (chunk.firms["ring"] == NO_RING).all()
    invoices = {"firm": np.array([1])}
    assert plant_invoices(DEMO, chunk.firms, invoices, **chunk.draw) is invoices


def test_planting_only_adds_to_the_rest(both):
    (planted, _), (plain, truth) = both
    assert truth["ring_id"].null_count() == truth.height and not truth["ring_honest"].any()
    assert plain["relationship"].is_empty()
    drop = pl.exclude("source_row_n", "loaded_at", "number_repeated", "invoice_number")
    before, after = plain["invoice"].select(drop), planted["invoice"].select(drop)
    key = ["firm_id", "direction", "partner_id", "issued_on", "net_lcy", "status"]
    assert before.join(after, on=key, how="anti", nulls_equal=True).is_empty()
    assert planted["firm"].drop("loaded_at").equals(plain["firm"].drop("loaded_at"))


def test_each_ring_turns_and_is_on_record_with_both_sides(both):
    (planted, truth), (plain, _) = both
    key = ["firm_id", "direction", "partner_id", "issued_on", "net_lcy"]
    added = planted["invoice"].join(plain["invoice"], on=key, how="anti")
    own = added.filter(pl.col("direction") == "sale").select(
        pl.col("firm_id").alias("seller"), pl.col("partner_id").alias("buyer"), *KEY[2:]
    )
    other = added.filter(pl.col("direction") == "purchase").select(
        pl.col("partner_id").alias("seller"), pl.col("firm_id").alias("buyer"), *KEY[2:]
    )
    assert own.height > 0 and own.sort(KEY).equals(other.sort(KEY))
    rings = truth.filter(pl.col("ring_id").is_not_null())
    for (ring_id,), members in rings.group_by("ring_id"):
        ids = set(members["firm_id"])
        sold = own.filter(pl.col("seller").is_in(ids))
        assert len(ids) > 1 and set(sold["buyer"]) == ids, ring_id
        assert sold["issued_on"].min() >= members["ring_since"][0]
    groups = truth.filter("ring_honest")
    assert groups.height > 0 and groups["ring_id"].null_count() == groups.height


def test_no_table_tells_a_ring_from_an_honest_group(both):
    (planted, truth), _ = both
    linked = planted["relationship"].join(truth, on="firm_id")
    assert set(linked["relation"]) == {"shared_person"}
    assert linked["ring_id"].count() and linked["ring_honest"].sum()
