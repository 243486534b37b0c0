"""Which boards a firm fits, and what is known of its technology and of its control over it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput
from techflow.flow.qualifying import Qualifying
from techflow.innovation import control_features, supply_features
from techflow.market.listing import Board, BoardModel, all_met
from techflow.policy import Decision, Fact, Gap, Titles, decide, explain_gaps, gaps_of

CONTROL = (
    "core_patents_n",
    "owned_core_share",
    "licensed_in_core_share",
    "foreign_supplier_share",
    "supplier_country_known_share",
)
"""What follows from records of rights and purchases."""
LANGS: tuple[Literal["zh", "en"], ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class BoardFit:
    """What the standards of a board say of a firm.

    Attributes:
        board: Which.
        answer: Yes, no, or None for unknown.
        decisions: Of each of its policies that is in force.
        absent: Its policies that are not in force.
        missing: Facts to supply before it can be decided; empty unless the answer is unknown.
        todo: What is lacking, in words, by language; empty where the board gives no advice.
        mark: The weakest mark its policies rest on; empty if none is in force.
    """

    board: Board
    answer: bool | None
    decisions: tuple[Decision, ...]
    absent: tuple[str, ...]
    missing: tuple[Fact, ...]
    todo: Mapping[str, tuple[str, ...]]
    mark: str


def fit_boards(
    firm: Mapping[str, Any], qualifying: Qualifying, model: BoardModel, *, titles: Titles
) -> list[BoardFit]:
    """Judge one firm by the standards of every board.

    Args:
        firm: Fact name -> value; what is left out is unknown.
        qualifying: Policies of the day, of those the boards name.
        model: The boards.
        titles: Policy id -> Chinese and English title.

    Returns:
        One fit per board, in order. A board of which a policy is not in force is open.

    Raises:
        InvalidInput: A value has the wrong type for its fact.
    """
    decisions = decide(firm, qualifying.rules)
    return [_fit(board, decisions, qualifying, titles) for board in model.boards]


def _fit(
    board: Board, decisions: Mapping[str, Decision], qualifying: Qualifying, titles: Titles
) -> BoardFit:
    own = tuple(decisions[name] for name in board.policies if name in decisions)
    absent = tuple(name for name in board.policies if name not in decisions)
    answer = all_met([*(decision.answer for decision in own), *(None for _ in absent)])
    gaps = {decision.rule.policy_id: gaps_of(decision) for decision in own}
    todo: dict[str, tuple[str, ...]] = {
        lang: tuple(
            line
            for decision in (own if board.advise else ())
            for line in explain_gaps(gaps[decision.rule.policy_id], decision, lang, titles=titles)
        )
        for lang in LANGS
    }
    names = dict.fromkeys(name for found in gaps.values() for name in _asked(found))
    missing = tuple(qualifying.facts[name] for name in names) if answer is None else ()
    marks = [decision.rule.weakest for decision in own]
    weakest = str(max(marks, key=lambda mark: mark.rank)) if marks else ""
    return BoardFit(board, answer, own, absent, missing, todo, weakest)


def _asked(gaps: Sequence[Gap]) -> Iterator[str]:
    """Facts that gaps ask for, whichever way is taken."""
    for gap in gaps:
        if gap.kind == "supply":
            yield from gap.facts
        for option in gap.options:
            yield from _asked(option)
        yield from _asked(gap.steps)


def control_evidence(rights: Frame | None, supplies: Frame | None, *, home: str = "CN") -> Frame:
    """Control of each firm over its technology, from records.

    Args:
        rights: As in `control_features`; None if there are none.
        supplies: As in `supply_features`; None if there are none.
        home: Country of the firms.

    Returns:
        One row per firm in either: `firm_id` and the columns of `CONTROL`, null where nothing is
        recorded.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: Neither is given.
    """
    parts = [
        *([control_features(rights)] if rights is not None else []),
        *([supply_features(supplies, home=home)] if supplies is not None else []),
    ]
    if not parts:
        raise InvalidInput("control_evidence needs rights or supplies; got neither")
    whole = parts[0]
    for part in parts[1:]:
        joined = whole.join(part, on="firm_id", how="full", suffix="_other")
        firm = nw.coalesce(nw.col("firm_id"), nw.col("firm_id_other"))
        whole = joined.with_columns(firm_id=firm).drop("firm_id_other")
    known = whole.collect_schema().names()
    unknown = nw.lit(None, nw.Float64())
    columns = (nw.col(name) if name in known else unknown.alias(name) for name in CONTROL)
    return whole.select("firm_id", *columns)
