"""What a review of the first cases catches, where the truth is known: planted rings only."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow.fraud import share_interval

MONTH_DAYS = 30.44


def review_rings(firms: pl.DataFrame, truth: pl.DataFrame, capacity: int) -> dict[str, Any]:
    """Rings and their members among the first cases.

    Args:
        firms: Firms of a scan, with `case_n`.
        truth: Firms with `ring_id`, `ring_honest`; those in no ring have null.
        capacity: Cases the review takes.

    Returns:
        Counts `rings_n`, `rings_hit_n` (a member is among the cases), `members_n`,
        `members_hit_n`, `reviewed_n` and `honest_hit_n` (members of honest groups reviewed).

    Raises:
        InvalidInput: The capacity is not positive.
    """
    if capacity < 1:
        raise InvalidInput(f"the capacity must be at least 1 case; got {capacity}")
    known = truth.select("firm_id", "ring_id", "ring_honest")
    top = firms.filter(pl.col("case_n") <= capacity).join(known, on="firm_id", how="left")
    return {
        "rings_n": known["ring_id"].drop_nulls().n_unique(),
        "rings_hit_n": top["ring_id"].drop_nulls().n_unique(),
        "members_n": known["ring_id"].count(),
        "members_hit_n": top["ring_id"].count(),
        "reviewed_n": top.height,
        "honest_hit_n": int(top["ring_honest"].fill_null(False).sum()),
    }


def sum_reviews(reviews: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Recall and precision over several regions, each as lower end, value, upper end (95 %).

    Args:
        reviews: Results of `review_rings`.

    Returns:
        `ring_recall_at_capacity` (rings with a member among the cases), `ring_precision` (members
        of rings among the cases), `member_recall`, `honest_share` (members of honest groups among
        the cases), and the counts.

    Raises:
        InvalidInput: There is no ring or no case.
    """
    rows = list(reviews)
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    if not total["rings_n"] or not total["reviewed_n"]:
        raise InvalidInput("recall and precision need a ring and a case; got none")
    shares = {
        "ring_recall_at_capacity": ("rings_hit_n", "rings_n"),
        "ring_precision": ("members_hit_n", "reviewed_n"),
        "member_recall": ("members_hit_n", "members_n"),
        "honest_share": ("honest_hit_n", "reviewed_n"),
    }
    found = {name: share_interval(total[hit], total[of]) for name, (hit, of) in shares.items()}
    return {**found, **total}


def first_seen(scans: dict[date, pl.DataFrame], truth: pl.DataFrame, capacity: int) -> pl.DataFrame:
    """When each ring is first among the cases.

    Args:
        scans: Firms of a scan by its day.
        truth: Firms with `ring_id` and `ring_since`.
        capacity: Cases each review takes.

    Returns:
        One row per ring: `ring_id ring_since seen_on delay_months`; null if never seen.
    """
    rings = truth.filter(pl.col("ring_id").is_not_null())
    hits = [
        firms.filter(pl.col("case_n") <= capacity)
        .join(rings, on="firm_id")
        .select("ring_id", seen_on=pl.lit(day))
        for day, firms in scans.items()
    ]
    seen = pl.concat(hits).group_by("ring_id").agg(pl.col("seen_on").min())
    waited = (pl.col("seen_on") - pl.col("ring_since")).dt.total_days() / MONTH_DAYS
    one = rings.group_by("ring_id").agg(pl.col("ring_since").first())
    return one.join(seen, on="ring_id", how="left").with_columns(delay_months=waited)


def ring_sales(
    invoices: pl.DataFrame, truth: pl.DataFrame, until: pl.DataFrame
) -> dict[str, float]:
    """What members of the rings invoiced each other: in all, and before the ring was seen.

    Args:
        invoices: Rows of the table `invoice`.
        truth: Firms with `ring_id`.
        until: Result of `first_seen`.

    Returns:
        `ring_sales_cny` and `unseen_sales_cny`; a ring never seen counts whole.
    """
    member = truth.filter(pl.col("ring_id").is_not_null()).select("firm_id", "ring_id")
    partner = member.rename({"firm_id": "partner_id"})
    inside = (
        invoices.filter(pl.col("direction") == "sale", pl.col("status") == "valid")
        .join(member, on="firm_id")
        .join(partner, on=["partner_id", "ring_id"])
        .join(until, on="ring_id")
    )
    unseen = pl.col("seen_on").is_null() | (pl.col("issued_on") <= pl.col("seen_on"))
    row = inside.select(
        ring_sales_cny=pl.col("net_lcy").sum(),
        unseen_sales_cny=pl.col("net_lcy").filter(unseen).sum(),
    )
    return {name: float(value) for name, value in row.row(0, named=True).items()}
