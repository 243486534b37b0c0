"""Marks of contested facts: what readers of a part are told beside its figures."""

from typing import NamedTuple

from django.utils import timezone

from techflow_service.platform.facts import MISSING, words_of
from techflow_service.platform.models import Contest

MARKED = ("open", "unconfirmed")
"""Being checked; or checked without result, which stays on record."""


class Mark(NamedTuple):
    """One contested fact.

    Attributes:
        part: Its part.
        item: What it is called; empty if the firm says that something is left out.
        state: `open` or `unconfirmed`.
        opened_on: Since when.
    """

    part: str
    item: str
    state: str
    opened_on: str


def marks_of(firm_id: str, language: str) -> list[Mark]:
    """Contested facts of the parts that the member may read.

    Args:
        firm_id: The firm.
        language: `zh` or `en`.

    Source:
        Regulation on the Administration of Credit Reporting (征信业管理条例), Art. 25: what is
        contested is marked; what cannot be settled is put on record.
    """
    found = Contest.objects.filter(firm_id=firm_id, state__in=MARKED).order_by("part", "pk")
    return [
        Mark(
            one.part,
            "" if one.item == MISSING else words_of(one.item, language),
            one.state,
            timezone.localdate(one.opened_at).isoformat(),
        )
        for one in found
    ]
