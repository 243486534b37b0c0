"""Signs of each firm, from its invoices and its place in the network."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.fraud import Sign, judge_signs, rule_numbers


def suspect_firms(
    records: Mapping[str, Frame],
    network: Frame,
    *,
    as_of: date,
    asked: Mapping[str, Any],
    signs: Sequence[Sign],
) -> Frame:
    """Numbers, signs and points of each firm, for a person to look at.

    Args:
        records: Tables `firm` and `invoice` as they could be known.
        network: Numbers of the network by `firm_id`, NaN nowhere.
        as_of: The day of the application.
        asked: Values of the content folder `fraud_signs`.
        signs: Its signs.

    Returns:
        One row per firm: the numbers, and the columns of `techflow.fraud.judge_signs`.
    """
    firms = records["firm"].select("firm_id", "founded_on")
    numbers = rule_numbers(firms, records["invoice"], as_of=as_of, asked=asked)
    both = numbers.join(network, on="firm_id", how="left")
    # Where the record could not show a circle, no round trip on it says nothing either.
    seen = nw.when(~nw.col("cycle_share").is_null()).then(nw.col("same_day_trip_share"))
    return judge_signs(both.with_columns(same_day_trip_share=seen), signs)
