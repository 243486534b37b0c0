"""The scan of a store: numbers, signs, cases in order, evidence rows."""

import json
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.evidence import as_of as visible_rows
from techflow.flow import suspect_firms
from techflow.fraud import link_groups, network_numbers, tell_signs, trade_edges
from techflow.schema import TABLES
from techflow_service.assessing.reading import Reading
from techflow_service.store import Store
from techflow_service.suspecting.content import Signs, load_signs
from techflow_service.suspecting.proof import (
    circle_rows,
    invoice_rows,
    link_rows,
    put_together,
)

YEAR = timedelta(days=365)
READ = ("firm", "invoice", "relationship")
LINKS = ("shared_person", "shared_address", "shared_device")
ORDER = ("points", "cycle_lcy", "firm_id")
Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found.

    Attributes:
        as_of: The last day that is seen.
        signs: The content it used.
        firms: One row per firm, the case to look at first on top: `case_n` counts those with
            points.
        evidence: Invoices and shared parties behind the signs, by case.
        counts: What was read and found.
    """

    as_of: date
    signs: Signs
    firms: pl.DataFrame
    evidence: pl.DataFrame
    counts: dict[str, int]


def scan_store(path: Path, as_of: date) -> Scan:
    """Scan the firms of a store as they could be known on a day.

    Args:
        path: Folder of the store.
        as_of: The last day that is seen.

    Raises:
        InvalidInput: There is no store, or no firm was known by then.
    """
    with tempfile.TemporaryDirectory() as folder:
        reading = Reading(Store.open(path).snapshot(), as_of, None, Path(folder))
        reading.firm_ids()
        tables = {name: _see(reading, name) for name in READ}
    return scan_tables(tables, as_of, load_signs(as_of))


def _see(reading: Reading, name: str) -> pl.DataFrame:
    rows = visible_rows(
        nw.from_native(reading.snapshot.scan(name)), key=TABLES[name].key, as_of=reading.as_of
    )
    frame: pl.DataFrame = rows.to_native().sort(TABLES[name].key).collect()
    return frame


def scan_tables(tables: Tables, as_of: date, signs: Signs) -> Scan:
    """The same from tables already read.

    Args:
        tables: `firm`, `invoice`, `relationship` as they could be known.
        as_of: The last day that is seen.
        signs: The content.
    """
    seen = tables["invoice"].lazy().filter(pl.col("issued_on") <= as_of)
    recent = nw.from_native(seen.filter(pl.col("issued_on") > as_of - YEAR))
    edges: pl.DataFrame = trade_edges(recent).to_native().collect()
    edges = edges.sort("day_n", "seller_id", "buyer_id", "invoice_number", "net_lcy")
    links = _links(tables["relationship"], as_of)
    network, circles = _measure(edges, links, signs)
    records = {"firm": nw.from_native(tables["firm"].lazy()), "invoice": nw.from_native(seen)}
    judged = suspect_firms(
        records, nw.from_native(network.lazy()), as_of=as_of, asked=signs.asked, signs=signs.signs
    )
    firms = _rank(judged.to_native().collect())
    counts = {
        "firms_n": firms.height,
        "invoices_n": seen.select(pl.len()).collect().item(),
        "edges_n": edges.height,
        "circles_n": len(circles),
        "links_n": links.height,
        "sees_circles_n": firms["cycle_share"].count(),
        "cases_n": int((firms["points"] > 0.0).sum()),
    }
    evidence = put_together(
        circle_rows(firms, edges, circles),
        invoice_rows(firms, seen, as_of, signs.asked),
        link_rows(firms, links),
    )
    return Scan(as_of, signs, firms, evidence, counts)


def _links(relationships: pl.DataFrame, as_of: date) -> pl.DataFrame:
    open_then = pl.col("until").is_null() | (pl.col("until") > as_of)
    return relationships.filter(
        pl.col("relation").is_in(LINKS), pl.col("since") <= as_of, open_then
    ).select("firm_id", "other_id", "relation", "since")


def _measure(
    edges: pl.DataFrame, links: pl.DataFrame, signs: Signs
) -> tuple[pl.DataFrame, np.ndarray[Any, Any]]:
    ends = [edges["seller_id"], edges["buyer_id"], links["firm_id"], links["other_id"]]
    nodes = pl.concat([one.rename("firm_id") for one in ends]).unique().sort()
    place = pl.DataFrame({"firm_id": nodes, "place": np.arange(len(nodes))})
    seller, buyer, firm, other = (
        one.rename("firm_id")
        .to_frame()
        .join(place, on="firm_id", how="left", maintain_order="left")["place"]
        .to_numpy()
        for one in ends
    )
    group = link_groups(firm, other, len(nodes), hub_n_max=signs.asked["hub_n_max"])
    arrays = (seller, buyer, edges["day_n"].to_numpy(), edges["net_lcy"].to_numpy())
    found, circles = network_numbers(arrays, group, signs.search)
    is_firm = np.bincount(firm, minlength=len(nodes)) > 0
    shared = np.bincount(group[is_firm], minlength=len(nodes))[group] - 1
    found["linked_firms_n"] = np.where(is_firm, shared, 0).astype(np.float64)
    if links.is_empty():
        unknown = np.full(len(nodes), np.nan)
        found |= {"linked_firms_n": unknown, "linked_sales_share": unknown}
    return pl.DataFrame({"firm_id": nodes, **found}).fill_nan(None), circles


def _rank(judged: pl.DataFrame) -> pl.DataFrame:
    ordered = judged.sort(*ORDER, descending=[True, True, False], nulls_last=True)
    counted = pl.int_range(1, pl.len() + 1)
    return ordered.with_columns(case_n=pl.when(pl.col("points") > 0.0).then(counted))


def list_cases(scan: Scan, capacity: int) -> list[dict[str, Any]]:
    """The cases a review can take, each with its signs in words and its evidence rows.

    Args:
        scan: What a scan found.
        capacity: How many.
    """
    top = scan.firms.filter(pl.col("case_n") <= capacity)
    rows = scan.evidence.filter(pl.col("case_n") <= capacity)
    proof = {key[0]: part.drop("case_n", "firm_id") for key, part in rows.group_by("case_n")}
    return [
        {
            "case_n": row["case_n"],
            "firm_id": row["firm_id"],
            "points": row["points"],
            "signs_known_n": row["signs_known_n"],
            "signs": tell_signs(row, scan.signs.signs),
            "evidence": json.loads(proof[row["case_n"]].write_json())
            if row["case_n"] in proof
            else [],
        }
        for row in top.iter_rows(named=True)
    ]
