"""Points of concern with the evidence of each, and the questions that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.disclosure.checks import CHECKS
from techflow.schema import TABLES

CHECK, AWAY, ABOVE = "check", "away", "above"
KINDS = (CHECK, AWAY, ABOVE)


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that makes points.

    Attributes:
        id: Stem of the column `part_<id>`.
        kind: `check` all points where `ok_<id>` is no; `away` by the size of the number either
            way; `above` by the number itself.
        column: What it looks at.
        weight: Points at most.
        low: Number without points.
        high: Number with all points; below `low` where small numbers are the sign.
        label: Words by language, `zh` and `en`.
        question: Question by language; names of columns in braces.
        reference: Where weight and bounds come from.
    """

    id: str
    kind: str
    column: str
    weight: float
    low: float
    high: float
    label: Mapping[str, str]
    question: Mapping[str, str]
    reference: str

    def severity(self) -> nw.Expr:
        """0 to 1, null where unknown."""
        if self.kind == CHECK:
            return 1.0 - nw.col(self.column).cast(nw.Float64)
        number = nw.col(self.column).cast(nw.Float64)
        size = number.abs() if self.kind == AWAY else number
        return ((size - self.low) / (self.high - self.low)).clip(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class DisclosureModel:
    """Signals, weights and tolerances; content, not law.

    Attributes:
        id: Name.
        mark: What the weights rest on (`proposal`).
        known_share_min: Share of the weight that must be known for a score.
        peers_n_min: Peers needed for a yardstick.
        restated_share_min: Relative change below which versions do not differ.
        tolerances: Share that may be missing, by check.
        signals: What makes points.
    """

    id: str
    mark: str
    known_share_min: float
    peers_n_min: int
    restated_share_min: float
    tolerances: Mapping[str, float]
    signals: tuple[Signal, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "DisclosureModel":
        """Read a model as it comes from its file.

        Args:
            data: Parsed TOML.

        Raises:
            InvalidInput: A kind is unknown, a weight is not above 0, bounds are equal, or a
                check has no tolerance.
        """
        signals = tuple(_signal(item, data["tolerances"]) for item in data["signal"])
        absent = sorted({check.name for check in CHECKS} - set(data["tolerances"]))
        if absent:
            raise InvalidInput(f"tolerances must name every check; {', '.join(absent)} not there")
        return cls(
            data["id"],
            data["mark"],
            data["known_share_min"],
            data["peers_n_min"],
            data["restated_share_min"],
            data["tolerances"],
            signals,
        )


def _signal(item: Mapping[str, Any], tolerances: Mapping[str, float]) -> Signal:
    kind, name = item["kind"], item["id"]
    if kind not in KINDS:
        raise InvalidInput(f"signal {name}: kind must be one of {', '.join(KINDS)}; got {kind}")
    if not item["weight"] > 0:
        raise InvalidInput(f"signal {name}: weight must be above 0; got {item['weight']}")
    low, high = item.get("low", 0.0), item.get("high", 1.0)
    if low == high:
        raise InvalidInput(f"signal {name}: low and high must differ; got {low} twice")
    if kind == CHECK and name not in tolerances:
        raise InvalidInput(f"signal {name}: a check needs a tolerance; got {sorted(tolerances)}")
    column = f"ok_{name}" if kind == CHECK else item["column"]
    words, question = {k: item[k] for k in ("zh", "en")}, item["question"]
    return Signal(name, kind, column, item["weight"], low, high, words, question, item["reference"])


def score_statements(rows: Frame, *, model: DisclosureModel) -> Frame:
    """Points of concern of each statement: the more, the more there is to ask. No verdict.

    Args:
        rows: Checked statements with their signals.
        model: What makes points.

    Returns:
        The rows given with `part_<signal>` (points found, null where unknown),
        `disclosure_known_share` (weight known over all weight) and `disclosure_score`: points
        found per 100 points of weight known, null where too little is known. What is unknown
        makes no points and no merit.

    Raises:
        MissingColumn: The column of a signal is absent.
    """
    require_columns(rows, [s.column for s in model.signals], needed_by="score_statements")
    rows = rows.with_columns(
        **{f"part_{s.id}": s.severity() * float(s.weight) for s in model.signals}
    )
    parts = [nw.col(f"part_{s.id}") for s in model.signals]
    weights = [
        nw.when(~part.is_null()).then(nw.lit(float(s.weight))).otherwise(nw.lit(0.0))
        for s, part in zip(model.signals, parts, strict=True)
    ]
    whole = float(sum(s.weight for s in model.signals))
    known = nw.sum_horizontal(*weights)
    found = nw.sum_horizontal(*(part.fill_null(0.0) for part in parts))
    enough = (known >= model.known_share_min * whole) & (known > 0)
    return rows.with_columns(
        disclosure_known_share=known / whole,
        disclosure_score=nw.when(enough).then(found * 100.0 / known),
    )


@dataclass(frozen=True, slots=True)
class Question:
    """One question with the points behind it and the record it points at."""

    signal: str
    points: float
    record: str
    zh: str
    en: str


def ask_questions(row: Mapping[str, Any], *, model: DisclosureModel) -> Sequence[Question]:
    """Questions to one firm about one statement, the heaviest first.

    Args:
        row: One row of `score_statements`, with the columns the questions name.
        model: The model it was scored with.

    Returns:
        A question for each signal that made points: it names the number, the year and the record.
    """
    record_zh, record_en = _record(row)
    told = {**row, "year": row["period_end_on"].year}
    made = [s for s in model.signals if (row[f"part_{s.id}"] or 0.0) > 0.0]
    found = [
        Question(
            s.id,
            float(row[f"part_{s.id}"]),
            record_en,
            s.question["zh"].format_map(told | {"record": record_zh}),
            s.question["en"].format_map(told | {"record": record_en}),
        )
        for s in made
    ]
    return sorted(found, key=lambda question: -question.points)


def _record(row: Mapping[str, Any]) -> tuple[str, str]:
    """The statement and where it came from, in Chinese and English."""
    named = f"{row['firm_id']} {row['period_end_on']}"
    basis_zh, basis_en = TABLES["statement"].column("basis").codes[row["basis"]]
    zh, en = f"报表 {named} {basis_zh}", f"statement {named} {basis_en.lower()}"
    if row.get("source_row_n") is not None:
        zh += f"（来源 {row['source_id']}，第{row['source_row_n']}行）"
        en += f" (source {row['source_id']}, row {row['source_row_n']})"
    return zh, en
