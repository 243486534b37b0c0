"""Features of a firm's customers and suppliers, from its single invoices."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, ratio
from techflow.profile.rollup import (
    by_firm,
    count_where,
    known,
    month_of,
    part_of,
    sole,
    sum_where,
)
from techflow.schema.profile import PARTNERS

PARTNER_KEY = ("firm_id", "direction", "partner_id")
REPEAT_MONTHS = 3
"""A repeat customer has invoices in at least this many different months."""


def partner_features(invoices: Frame, *, as_of: date) -> Frame:
    """How many partners a firm has, how much hangs on the largest, how long they stay.

    All invoices issued up to `as_of` count. A partner weighs with the net amount of its valid
    invoices; one whose credit notes outweigh its invoices weighs zero. Void invoices count
    nowhere.

    Args:
        invoices: Rows of the table `invoice`.
        as_of: The last day that is seen.

    Returns:
        One row per `firm_id` with a valid invoice:

        - `customers_n`, `suppliers_n`: partners with a valid invoice above zero. Sales are
          always on record, so no sale means 0 customers; purchases may not have been supplied,
          so no purchase invoice means null.
        - `customer_hhi_ratio`, `supplier_hhi_ratio`: sum of squared shares, 1 = one partner.
        - `top_customer_share`, `top_supplier_share`: share of the largest partner.
        - `customer_tenure_months`, `supplier_tenure_months`: months from the first to the last
          invoice of a partner (0 if both are in one month), weighted by amount.
        - `repeat_customer_share`: part of sales to customers with valid invoices in at least
          3 different months.

        All but the counts are null where nothing weighs, or where currencies are mixed.

    Source:
        Herfindahl-Hirschman index: Hirschman, A. O. (1964), "The Paternity of an Index",
        American Economic Review 54(5).
    """
    valid = invoices.filter(nw.col("status") == "valid", nw.col("issued_on") <= as_of)
    # A float sum depends on the order of its terms in the last digit; a fixed order makes a
    # replay the same to the last digit.
    partners = _partners(valid).sort(*PARTNER_KEY)
    firms = partners.group_by("firm_id").agg(
        sole("currency").alias("currency"), *_side_sums("customer"), *_side_sums("supplier")
    )
    return by_firm(_finished(firms), PARTNERS)


def _partners(invoices: Frame) -> Frame:
    """One row per firm, side and partner: weight, months seen, span from first to last."""
    net, month = nw.col("net_lcy"), nw.col("month")
    return (
        invoices.with_columns(month=month_of(nw.col("issued_on")))
        .group_by(*PARTNER_KEY)
        .agg(
            sole("currency").alias("currency"),
            net.sum().clip(0.0).alias("weight"),
            count_where(net > 0).alias("positive_n"),
            (month.max() - month.min()).alias("tenure"),
            month.n_unique().alias("months_n"),
        )
    )


def _side_sums(side: str) -> tuple[nw.Expr, ...]:
    """What the partners of one side add up to."""
    here = nw.col("direction") == ("sale" if side == "customer" else "purchase")
    weight = nw.col("weight")
    return (
        count_where(here).alias(f"{side}_rows_n"),
        count_where(here & (nw.col("positive_n") > 0)).alias(f"{side}s_n"),
        sum_where(here, weight).alias(f"{side}_sum"),
        sum_where(here, weight * weight).alias(f"{side}_squares"),
        known(here, weight).max().alias(f"{side}_top"),
        sum_where(here, weight * nw.col("tenure")).alias(f"{side}_tenure"),
        sum_where(here & (nw.col("months_n") >= REPEAT_MONTHS), weight).alias(f"{side}_repeat"),
    )


def _finished(firms: Frame) -> Frame:
    """The features, from the sums."""
    summed = ~nw.col("currency").is_null()
    shares = {
        name: known(summed, part_of(nw.col(part), nw.col(f"{side}_sum")))
        for side in ("customer", "supplier")
        for name, part in (
            (f"top_{side}_share", f"{side}_top"),
            (f"{side}_tenure_months", f"{side}_tenure"),
            (f"repeat_{side}_share", f"{side}_repeat"),
        )
    }
    hhi = {
        f"{side}_hhi_ratio": known(
            summed,
            ratio(nw.col(f"{side}_squares"), nw.col(f"{side}_sum") * nw.col(f"{side}_sum")),
        )
        for side in ("customer", "supplier")
    }
    suppliers = known(nw.col("supplier_rows_n") > 0, nw.col("suppliers_n"))
    return firms.with_columns(suppliers_n=suppliers, **shares, **hhi)
