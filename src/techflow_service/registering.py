"""The register as plain values and as lines."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from techflow.credit.register import STATUSES, Entry
from techflow_service.cards import AnyCard, load_every_card, load_register


def describe_entry(entry: Entry, card: AnyCard, on: date) -> dict[str, Any]:
    """One entry on a day as plain values; days as ISO text.

    Args:
        entry: The register entry of the card.
        card: The card that is used.
        on: The day.
    """
    approval, end = entry.approval, entry.retirement
    status = entry.status(on, card_hash=card.hash)
    return {
        "card_id": card.id,
        "hash": card.hash,
        "on": str(on),
        "status": status,
        "status_zh": STATUSES[status].zh,
        "status_en": STATUSES[status].en,
        "remark": asdict(entry.remark(on, card_hash=card.hash)),
        "owner": asdict(entry.owner),
        "developed_on": str(entry.developed_on),
        "approved_by": approval.by if approval else None,
        "approved_on": str(approval.on) if approval else None,
        "approved_hash": approval.hash if approval else None,
        "scope": asdict(approval.scope) if approval else None,
        "exposure_cny_max": entry.exposure_cny_max,
        "population": asdict(entry.population or card.population),
        "use": asdict(card.use),
        "limits": asdict(card.limits),
        "review_by": str(entry.review_by),
        "review_mark": entry.review_mark,
        "retired_on": str(end.on) if end else None,
        "replaced_by": end.replaced_by if end else None,
    }


def describe_register(
    on: date, *, entries: Mapping[str, Entry] | None = None
) -> list[dict[str, Any]]:
    """Every fitted card with what the register says about it on a day, by id.

    Args:
        on: The day.
        entries: The register; the one that comes with the installation if not given.
    """
    known = load_register() if entries is None else entries
    return [describe_entry(known[card.id], card, on) for card in load_every_card()]


def tell_register(found: Iterable[Mapping[str, Any]], on: date) -> str:
    """The register as lines, in both languages.

    Args:
        found: From `describe_register`.
        on: The day.
    """
    lines = [f"register on {on} / 模型登记"]
    for item in found:
        most = item["exposure_cny_max"]
        bound = "not set / 未设定" if most is None else f"{most:,.0f} yuan / 元"
        rows = {
            "remark": _both(item["remark"]),
            "owner": _both(item["owner"]),
            "developed": item["developed_on"],
            "scope": _both(item["scope"]) if item["scope"] else "none / 无",
            "population": _both(item["population"]),
            "exposure": f"at most {bound}" if most else bound,
            "review by": f"{item['review_by']} ({item['review_mark']})",
        }
        lines.append(f"\n{item['card_id']}  {item['status']}  {item['status_zh']}  {item['hash']}")
        lines += [f"  {name:<11}{text}" for name, text in rows.items()]
    return "\n".join(lines)


def _both(words: Mapping[str, str]) -> str:
    return f"{words['en']} / {words['zh']}"
