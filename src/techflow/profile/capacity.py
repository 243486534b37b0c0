"""Features of who works for a firm and what it is accredited as."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.profile.rollup import by_firm, count_where, part_of
from techflow.schema.profile import CREDENTIALS, STAFF


def staff_features(staff: Frame, *, as_of: date) -> Frame:
    """Head count and R&D share at the latest count.

    Args:
        staff: Rows of the table `staff`, one per `firm_id`, `counted_on`.
        as_of: The last day that is seen.

    Returns:
        One row per `firm_id` counted by then: `employees_n`, `rnd_staff_share` (null without
        employees).
    """
    counted = nw.col("counted_on")
    latest = staff.filter(counted <= as_of).filter(counted == counted.max().over("firm_id"))
    share = part_of(nw.col("rnd_staff_n"), nw.col("employees_n"))
    return by_firm(latest.with_columns(rnd_staff_share=share), STAFF)


def credential_features(credentials: Frame, *, as_of: date) -> Frame:
    """How many kinds of credential a firm holds.

    Args:
        credentials: Rows of the table `credential`. `until` is the first day a credential no
            longer holds; null means without end.
        as_of: The day asked about.

    Returns:
        One row per `firm_id` with any credential begun by then: `credentials_n`, the kinds
        valid on `as_of`; overlapping certificates of one kind count once, 0 if all have ended.
    """
    held = nw.col("until").is_null() | (nw.col("until") > as_of)
    kinds = (
        credentials.filter(nw.col("since") <= as_of)
        .group_by("firm_id", "credential")
        .agg(count_where(held).alias("held_n"))
    )
    firms = kinds.group_by("firm_id").agg(count_where(nw.col("held_n") > 0).alias("credentials_n"))
    return by_firm(firms, CREDENTIALS)
