"""The summary on the terminal: short enough to paste into a mail."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from techflow.schema.assessment import VERDICTS
from techflow_service.assessing.tables import XLSX_FIRMS_MAX

UNITS = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))


def short(amount: float) -> str:
    """An amount with a unit, three digits or more.

    Examples:
        >>> short(1_234_567.0), short(950.0)
        ('1.23 m', '950')
    """
    for size, unit in UNITS:
        if abs(amount) >= size:
            return f"{amount / size:.2f} {unit}"
    return f"{amount:.0f}"


def summarize(record: Mapping[str, Any], out: Path) -> str:
    """What was found, in a few lines.

    Args:
        record: The run record.
        out: The output folder.
    """
    counts, quarantine = record["counts"], record["quarantine"]
    firms_n = counts["firms_n"]
    lines = [f"{firms_n:,} firms assessed as of {record['as_of']}"]
    for verdict, (_, label) in VERDICTS.items():
        if n := counts["verdicts"].get(verdict):
            lines.append(f"  {label.lower():<28}{n:>10,}")
    if counts["grades"]:
        grades = sorted(counts["grades"].items(), key=lambda item: _grade_order(item[0]))
        lines.append("grades      " + "  ".join(f"{name} {n:,}" for name, n in grades))
    for limit in counts["limits"]:
        amount = f"{short(limit['limit_lcy'])} {limit['currency'] or ''}".rstrip()
        lines.append(f"limits      {amount} for {limit['firms_n']:,} firms")
    lines.append(f"quarantine  {quarantine['rows_n']:,} rows")
    if firms_n > XLSX_FIRMS_MAX:
        lines.append(f"spreadsheet left out above {XLSX_FIRMS_MAX:,} firms; use the CSV")
    lines += _open_cards(record["cards"])
    lines.append(f"report      {out / 'report.html'}")
    lines.append(f"{record['seconds']:.1f} s, store version {record['store']['version']}")
    return "\n".join(lines)


def _open_cards(cards: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line per status of the cards that are not simply approved."""
    named: dict[str, list[str]] = {}
    for card in cards:
        named.setdefault(card["register"]["status_en"], []).append(card["card_id"])
    named.pop("approved", None)
    return [f"register    {status}: {', '.join(ids)}" for status, ids in named.items()]


def _grade_order(name: str) -> tuple[str, int]:
    """Letters first, then the number: TF2 before TF10."""
    digits = "".join(letter for letter in name if letter.isdigit())
    return name.rstrip("0123456789"), int(digits or 0)
