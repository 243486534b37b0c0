"""What a change file changes, in words: where it stands, before and after."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from techflow.flow import find_law
from techflow.policy.params import Number
from techflow_service.experimenting.changing import DRAFT, PRODUCTS, Change
from techflow_service.pricing import Shelf
from techflow_service.products import load_products

SHARES = ("share", "rate_pa")


def describe_change(change: Change, shelf: Shelf, on: date) -> list[dict[str, str]]:
    """What is changed, one row a number: where it stands, its name, before and after.

    Args:
        change: The change.
        shelf: Laws and terms as they are.
        on: Legal date.
    """
    titles = load_products()
    rows = [row for law_id in change.of("policy") for row in _of_law(change, shelf, law_id, on)]
    for name, own in (*change.of("product").items(), ("", change.of("price"))):
        terms = shelf.terms[PRODUCTS.get(name, "price")] if name in PRODUCTS or not name else None
        known = {term.name: term for term in terms.in_force(on)} if terms else {}
        place = (titles[name].zh, titles[name].en) if name else ("定价参数", "price")
        for key, value in own.items():
            term = known.get(key)
            words = (term.zh, term.en) if term else ("资质要求", "qualifications asked for")
            if term:
                rows.append(
                    _row(place, words, _told(term.value, term.unit), _told(value, term.unit))
                )
            else:
                rows.append(_row(place, words, "…", value))
    for table, where in (("scheme", ("方案", "scheme")), ("capacity_cny", ("容量", "capacity"))):
        for own in (change.of(table).get(key, {}) for key in change.of(table)):
            rows += [_row(where, (path, path), "…", value) for path, value in own.items()]
    return rows


def _of_law(change: Change, shelf: Shelf, law_id: str, on: date) -> list[dict[str, str]]:
    law = find_law(shelf.laws, law_id)
    where, rows = (law.policy.zh, law.policy.en), []
    for name, value in change.of("policy")[law_id].items():
        if name == DRAFT:
            text = law.version_on(on).document
            rows.append(_row(where, ("条文", "text"), text, value))
            continue
        term = law.params.at(name, on)
        unit = term.source.unit
        old = _told(float(term.value), unit) if isinstance(term, Number) else "…"
        rows.append(_row(where, (term.source.zh, term.source.en), old, _told(value, unit)))
    return rows


def _told(value: Any, unit: str) -> Any:
    """A share as a percentage, as laws and people write it; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    number = float(value)
    return f"{100 * number:g}%" if unit in SHARES else f"{number:g}"


def _row(where: tuple[str, str], words: tuple[str, str], before: str, after: Any) -> dict[str, str]:
    shown = json.dumps(after, ensure_ascii=False, default=str).strip('"')
    found = dict(zip(("where_zh", "where_en", "zh", "en"), (*where, *words), strict=True))
    return {**found, "before": before, "after": shown}
