"""Every firm of a file against every board, with its technology and what documents it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from techflow.flow import Qualifying
from techflow.flow.listing import BoardFit, fit_boards
from techflow.market.listing import BoardModel, Evidence, read_evidence
from techflow.policy import Fact
from techflow_service.listing.facts import FirmFacts, FirmsRead
from techflow_service.policies import load_laws, titles_of

ANSWERS = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class FirmFound:
    """What was found of one firm."""

    firm_id: str
    known: FirmFacts
    fits: list[BoardFit]
    evidence: list[Evidence]


@dataclass(frozen=True, slots=True)
class BoardsFound:
    """What was found of all."""

    on: date
    model: BoardModel
    facts: Mapping[str, Fact]
    firms: list[FirmFound]
    read: FirmsRead


def board_facts(model: BoardModel, on: date) -> tuple[Qualifying, dict[str, Fact]]:
    """The policies of the boards on a day and every fact they, or the indicators, read."""
    laws = load_laws()
    qualifying = Qualifying.at(laws, on, ids=model.policies)
    wanted = dict(qualifying.facts)
    every = {name: fact for law in laws.values() for name, fact in law.facts.columns.items()}
    for indicator in model.indicators:
        wanted |= {name: every[name] for name in indicator.facts if name in every}
    return qualifying, wanted


def judge_boards(
    read: FirmsRead, model: BoardModel, qualifying: Qualifying, facts: Mapping[str, Fact]
) -> BoardsFound:
    """Judge every firm.

    Args:
        read: Firms with their facts.
        model: Boards and indicators.
        qualifying: Policies of the day.
        facts: From `board_facts`.

    Raises:
        InvalidInput: A value has the wrong type for its fact.
    """
    titles = titles_of(load_laws())
    firms = [
        FirmFound(
            firm_id,
            known,
            fit_boards(known.values, qualifying, model, titles=titles),
            read_evidence(known.values, model.indicators, sources=known.sources),
        )
        for firm_id, known in read.firms.items()
    ]
    return BoardsFound(qualifying.on, model, facts, firms, read)


def board_rows(found: BoardsFound) -> pl.DataFrame:
    """One row per firm and board."""
    rows = [
        {
            "firm_id": firm.firm_id,
            "board": fit.board.id,
            "board_zh": fit.board.label["zh"],
            "board_en": fit.board.label["en"],
            "answer": ANSWERS[fit.answer],
            "policies": "; ".join(
                f"{one.rule.policy_id} {ANSWERS[one.answer]}" for one in fit.decisions
            ),
            "not_in_force": "; ".join(fit.absent),
            "missing": "; ".join(fact.name for fact in fit.missing),
            "todo_zh": "\n".join(fit.todo["zh"]),
            "todo_en": "\n".join(fit.todo["en"]),
            "mark": fit.mark,
        }
        for firm in found.firms
        for fit in firm.fits
    ]
    return pl.DataFrame(rows)


def evidence_rows(found: BoardsFound) -> pl.DataFrame:
    """One row per firm and indicator."""
    rows = [
        {
            "firm_id": firm.firm_id,
            "group": one.indicator.group,
            "indicator": one.indicator.id,
            "indicator_zh": one.indicator.label["zh"],
            "indicator_en": one.indicator.label["en"],
            "unit": one.indicator.unit,
            "value": None if one.value is None else float(one.value),
            "sources": "; ".join(one.sources),
            "not_known": "; ".join(one.lacks),
            "without_document": "; ".join(one.undocumented),
            "in_conflict": "; ".join(
                name for name in one.indicator.facts if name in firm.known.conflicts
            ),
        }
        for firm in found.firms
        for one in firm.evidence
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def count_answers(found: BoardsFound) -> list[dict[str, Any]]:
    """How many firms each board takes, refuses, or cannot decide."""
    return [
        {
            "board": board.id,
            **board.label,
            **{
                f"{word}_n": sum(firm.fits[place].answer is answer for firm in found.firms)
                for answer, word in ANSWERS.items()
            },
            "mark": found.firms[0].fits[place].mark if found.firms else "",
        }
        for place, board in enumerate(found.model.boards)
    ]
