"""Requests to the books for what is due on the loans of a file."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from techflow.basics import InvalidInput
from techflow.pool import Due, Rate, list_dues
from techflow.pool.dues import Dated
from techflow_service.imports.files import TextFile, read_file

NEEDED = ("loan_id", "firm_id", "bank_id", "base_cny", "drawn_on", "due_on")


class Asked(NamedTuple):
    """What is charged, by whom and for when."""

    route: str
    pool_id: str
    party: str
    """Who gets it; empty: the bank of the loan."""
    rate: Rate
    rule_version: str
    actor: str
    on: date
    since: date
    until: date
    """Day after the last."""


class Charged(NamedTuple):
    """What came of a file."""

    requests: list[dict[str, Any]]
    aside: list[tuple[int, str, str, str]]
    """Number of the row, loan, reason in Chinese and in English."""
    total_fen: int


def charge_file(path: Path, asked: Asked) -> Charged:
    """Requests for what is due on each loan of a file in a period.

    Args:
        path: Loans, with the columns `NEEDED`; `base_cny` is what the rate is taken of.
        asked: What is charged.

    Raises:
        InvalidInput: The file cannot be used, or a column is absent.
    """
    read = read_file(path)
    if absent := [name for name in NEEDED if name not in read.rows.columns]:
        raise InvalidInput(
            f"{path} lacks {', '.join(absent)}; it has {', '.join(read.rows.columns)}"
        )
    rows, loans, aside = {}, [], []
    times = Counter(read.rows["loan_id"].to_list())
    for row in read.rows.iter_rows(named=True):
        try:
            loan = _loan(row)
            if times[row["loan_id"]] > 1:
                raise _Wrong("贷款编号重复", "loan_id stands more than once")
        except _Wrong as wrong:
            aside.append((row["source_row_n"], row["loan_id"] or "", *wrong.args))
            continue
        rows[loan.loan_id] = row
        loans.append(loan)
    dues = list(list_dues(loans, asked.rate, asked.since, asked.until))
    made = [_request(due, rows[due.loan_id], read, asked) for due in dues]
    return Charged(made, aside, sum(due.fen for due in dues))


def write_charged(found: Charged, out: Path) -> None:
    """Write the requests as JSON Lines, and beside them the rows put aside, if there are any.

    Args:
        found: What came of the file.
        out: The file to write; rows aside go to the same name with `.aside.csv`.

    Raises:
        InvalidInput: It cannot be written.
    """
    try:
        out.write_text("".join(_lines(found.requests)), "utf8")
        if found.aside:
            content = io.StringIO()
            head = ("source_row_n", "loan_id", "reason_zh", "reason_en")
            csv.writer(content).writerows([head, *found.aside])
            out.with_suffix(".aside.csv").write_text(content.getvalue(), "utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"{out} cannot be written ({error}); name another with --out") from error


class _Wrong(Exception):
    """Why a row is put aside, in Chinese and English."""


def _loan(row: dict[str, str | None]) -> Dated:
    if absent := [name for name in NEEDED if not (row[name] or "").strip()]:
        raise _Wrong(f"缺少 {'、'.join(absent)}", f"lacks {', '.join(absent)}")
    try:
        start, end = (date.fromisoformat(str(row[name])) for name in ("drawn_on", "due_on"))
        fen = Decimal(str(row["base_cny"])).scaleb(2)
    except (ValueError, InvalidOperation):
        raise _Wrong("金额或日期无法读取", "an amount or day cannot be read") from None
    if not fen.is_finite() or fen != int(fen) or fen <= 0 or end <= start:
        raise _Wrong(
            "金额须大于零且精确到分，到期日须晚于发放日",
            "base_cny must be above 0 in whole fen, and due_on after drawn_on",
        )
    return Dated(str(row["loan_id"]), int(fen), start, end)


def _request(due: Due, row: dict[str, str], read: TextFile, asked: Asked) -> dict[str, Any]:
    rate = asked.rate
    key = (asked.route, asked.pool_id, rate.name, due.loan_id, f"{due.since}", f"{due.until}")
    return {
        "key": "/".join(key),
        "pool_id": asked.pool_id,
        "route": asked.route,
        "actor": asked.actor,
        "evidence_hash": read.sha256,
        "rule_version": asked.rule_version,
        "on": f"{asked.on}",
        "amounts": {asked.party or row["bank_id"]: due.fen},
        "detail": {
            **{name: row[name] for name in ("firm_id", "bank_id", "loan_id")},
            "name": rate.name,
            "base_fen": due.base_fen,
            "rate_share": f"{rate.share}",
            "per": rate.per,
            "year_days": rate.year_days,
            "start": f"{due.start}",
            "since": f"{due.since}",
            "until": f"{due.until}",
        },
    }


def _lines(requests: Iterable[dict[str, Any]]) -> Iterator[str]:
    for request in requests:
        yield json.dumps(request, ensure_ascii=False) + "\n"
