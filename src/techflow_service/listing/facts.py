"""Facts of firms with the document of each: from a file of firms, of evidence, of records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.flow.listing import CONTROL, control_evidence
from techflow.policy import Fact
from techflow_service.judging.firms import NO, YES, read_firms
from techflow_service.listing.columns import day, number, read_table, split_refused, unread

EVIDENCE = ("firm_id", "fact", "value", "source", "known_on")
RIGHTS_FILE, SUPPLIES_FILE = "rights", "supplies"


@dataclass(slots=True)
class FirmFacts:
    """What is known of one firm.

    Attributes:
        values: Fact -> value; what two documents disagree on is left out.
        sources: Fact -> document.
        conflicts: Fact -> the values that were given.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, fact: str, value: Any, source: str | None) -> None:
        """Take a value, unless another one was given; a value of none only names a document."""
        if source:
            named = self.sources.get(fact)
            self.sources[fact] = f"{named}; {source}" if named else source
        if value is None:
            return
        if fact in self.conflicts:
            self.conflicts[fact].append(value)
        elif self.values.get(fact, value) != value:
            self.conflicts[fact] = [self.values.pop(fact), value]
        else:
            self.values[fact] = value


@dataclass(frozen=True, slots=True)
class FirmsRead:
    """Firms with their facts.

    Attributes:
        firms: firm_id -> what is known of it.
        refused: Rows of evidence that cannot be used, with the reason.
        absent: Facts without a column.
        unreadable: Column -> cells that could not be read.
    """

    firms: Mapping[str, FirmFacts]
    refused: pl.DataFrame | None
    absent: tuple[str, ...]
    unreadable: Mapping[str, int]


def read_facts(
    path: Path,
    facts: Mapping[str, Fact],
    *,
    on: date,
    evidence: Path | None = None,
    rights: Path | None = None,
    supplies: Path | None = None,
) -> FirmsRead:
    """Read firms and whatever documents or records there are of them.

    Args:
        path: Firms, as in `read_firms`.
        facts: Facts wanted.
        on: Evidence known later is not seen.
        evidence: `firm_id`, `fact`, `value` (may be empty: the document alone), `source`,
            `known_on`.
        rights: `firm_id`, `patent_id`, `right`, `is_core`.
        supplies: `firm_id`, `supplier_country`, `amount_cny`.

    Raises:
        InvalidInput: A file cannot be read.
        MissingColumn: A column is absent.
    """
    read = read_firms(path, facts)
    frame = read.frame.collect(engine="streaming")
    names = [name for name in frame.columns if name in facts]
    firms: dict[str, FirmFacts] = {}
    for row in frame.iter_rows(named=True):
        firm = firms.setdefault(str(row["firm_id"]), FirmFacts())
        for name in names:
            firm.add(name, row[name], None)
    if rights or supplies:
        _add_control(firms, rights, supplies)
    refused = _add_evidence(firms, evidence, facts, on) if evidence else None
    return FirmsRead(firms, refused, read.absent, read.unreadable)


def _add_control(
    firms: Mapping[str, FirmFacts], rights: Path | None, supplies: Path | None
) -> None:
    held = bought = None
    if rights:
        texts = read_table(rights, ("firm_id", "patent_id", "right", "is_core"))
        held = texts.with_columns(is_core=_flag(pl.col("is_core")))
    if supplies:
        texts = read_table(supplies, ("firm_id", "supplier_country", "amount_cny"))
        bought = texts.with_columns(amount_cny=number("amount_cny"))
    found = control_evidence(
        *(None if part is None else nw.from_native(part.lazy()) for part in (held, bought))
    )
    for row in found.to_native().collect().iter_rows(named=True):
        for name in CONTROL:
            if row["firm_id"] in firms and row[name] is not None:
                source = SUPPLIES_FILE if "supplier" in name else RIGHTS_FILE
                firms[row["firm_id"]].add(name, float(row[name]), source)


def _flag(texts: pl.Expr) -> pl.Expr:
    word = texts.str.to_lowercase()
    return pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False)


def _add_evidence(
    firms: Mapping[str, FirmFacts], path: Path, facts: Mapping[str, Fact], on: date
) -> pl.DataFrame:
    texts = read_table(path, EVIDENCE)
    known = day("known_on")
    flag, amount = _flag(pl.col("value")), number("value")
    names = [*facts, *CONTROL]
    flags = [name for name, fact in facts.items() if fact.kind == "flag"]
    codes = [name for name, fact in facts.items() if fact.kind == "code"]
    is_flag, is_code = pl.col("fact").is_in(flags), pl.col("fact").is_in(codes)
    unread_value = (is_flag & unread(pl.col("value"), flag)) | (
        ~is_flag & ~is_code & unread(pl.col("value"), amount)
    )
    kept, refused = split_refused(
        texts,
        (
            (pl.col("source").is_null(), "缺少来源", "source is empty"),
            (~pl.col("firm_id").is_in(list(firms)), "企业不在名单中", "firm_id is not among FIRMS"),
            (~pl.col("fact").is_in(names), "没有此项事实", "there is no such fact"),
            (known.is_null(), "知悉日期无法识别", "known_on cannot be read"),
            (unread_value, "数值无法识别", "value cannot be read"),
            (known > pl.lit(on), "当日尚不知悉", "not yet known on that day"),
        ),
        as_read={"flag": flag, "amount": amount},
    )
    for row in kept.iter_rows(named=True):
        fact = row["fact"]
        value = row["flag"] if fact in flags else row["value"] if fact in codes else row["amount"]
        firms[row["firm_id"]].add(fact, value, row["source"])
    return refused
