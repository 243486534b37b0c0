"""The reason of each project in both languages, and the limits it names with their marks."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from techflow.flow.project_market import FundedMarket
from techflow.matching.project_pairs import PROJECT_REFUSALS
from techflow.matching.projects import FEN_PER_CNY
from techflow_service.matching.project_tables import ProjectTables
from techflow_service.models import read_model

LANGUAGES = {"zh": "；", "en": "; "}
TERM_OF = {
    "one_fund": "fund_share_max",
    "project_share": "project_share_max",
    "one_project": "one_project_share_max",
    "ticket_max": "amount_cny_max",
    "equity_ceiling": "equity_ceiling_share",
}
"""The number behind each limit."""
NAMED_N_MAX = 3
WORDS: dict[str, Any] = read_model("project_reasons.toml")


@dataclass(frozen=True, slots=True)
class Told:
    """A matched market with what its sentences name.

    Attributes:
        tables: As read.
        matched: The result.
        allowed: Pairs in the order of the arcs.
        refused: The other pairs, with `refusal_code`.
    """

    tables: ProjectTables
    matched: FundedMarket
    allowed: pl.DataFrame
    refused: pl.DataFrame

    def provider(self, arc: int) -> str:
        """Id of the provider of an arc."""
        return str(self.tables.providers["provider_id"][int(self.matched.market.provider[arc])])

    def limit(self, arc: int) -> str:
        """What keeps the ticket of an arc from being greater, its own cap by name."""
        code = self.matched.reasons.limit[arc]
        return str(self.allowed["cap_code"][arc]) if code == "pair" else code

    def reach(self, arc: int) -> str:
        """What bounds an arc if its project were the only one."""
        market = self.matched.market
        at = int(market.provider[arc])
        rooms = [("available", market.available_fen[at])]
        if market.equity[arc]:
            rooms.append(("equity_ceiling", market.equity_room_fen[at]))
        name, room = min(rooms, key=lambda each: each[1])
        return name if room < market.cap_fen[arc] else str(self.allowed["cap_code"][arc])


def tell_limit(told: Told, arc: int, code: str, language: str) -> str:
    """A limit in words, with its number, mark and source."""
    text = str(WORDS["limit"][code][language])
    known = told.tables.sources.get((told.provider(arc), TERM_OF.get(code, "")))
    if known is None:
        return text
    value, mark, source = known
    zh, _, en = source.partition(" / ")
    number = f"{100 * value:g}%" if code != "ticket_max" else f"{value:,.2f}"
    parts = [number, _mark(mark, language), zh if language == "zh" else en or zh]
    comma = "，" if language == "zh" else ", "
    inner = comma.join(part for part in parts if part)
    return f"{text}（{inner}）" if language == "zh" else f"{text} ({inner})"


def tell_projects(told: Told) -> dict[str, list[str]]:
    """The reason of each project, by language."""
    counts: dict[int, Counter[str]] = {}
    for project, code in told.refused.select("project_n", "refusal_code").rows():
        counts.setdefault(project, Counter())[code] += 1
    market = told.matched.market
    order = np.argsort(market.project, kind="stable")
    ends = np.cumsum(np.bincount(market.project, minlength=market.need_fen.size))[:-1]
    own = np.split(order, ends)
    return {
        language: [
            _tell(told, place, arcs.tolist(), counts.get(place, Counter()), language)
            for place, arcs in enumerate(own)
        ]
        for language in LANGUAGES
    }


def _tell(told: Told, place: int, arcs: list[int], counts: Counter[str], language: str) -> str:
    reasons, between = told.matched.reasons, LANGUAGES[language]
    code = reasons.code[place]
    words = WORDS["reason"][code][language]
    if code == "no_provider":
        said = [
            WORDS["refusal"][name][language].format(n=counts[name])
            for name in PROJECT_REFUSALS
            if counts[name]
        ]
        return str(words.format(counts=between.join(said)))
    figures = _figures(told, place, arcs, language)
    if reasons.arc[place] < 0:
        return str(words.format(**figures))
    head = WORDS["funded"]["head"][language].format(**figures)
    text = head + words.format(**figures)
    if told.matched.found.amount_fen[arcs].sum() < told.matched.market.need_fen[place]:
        text += WORDS["funded"]["short"][language].format(**figures)
    return str(text)


def _figures(told: Told, place: int, arcs: list[int], language: str) -> dict[str, str]:
    market, found, reasons = told.matched.market, told.matched.found, told.matched.reasons
    between = LANGUAGES[language]
    arc, rival = int(reasons.arc[place]), int(reasons.rival_arc[place])
    given = [a for a in arcs if found.amount_fen[a] > 0]
    given.sort(key=lambda a: -found.amount_fen[a])
    figures = {
        "need": _yuan(market.need_fen[place]),
        "minimum": _yuan(market.minimum_fen[place]),
        "given": _yuan(found.amount_fen[arcs].sum()),
        "reach": _yuan(reasons.reach_fen[place]),
        "behind": f"{reasons.behind_cny[place]:,.2f}",
        "most": _rate(max(market.gain_rate_pa[arcs])),
        "tickets": between.join(f"{told.provider(a)} {_yuan(found.amount_fen[a])}" for a in given),
        "limits": between.join(_scarce(told, arcs, given, language)),
    }
    for name, at in (("own", arc), ("rival", rival)):
        if at >= 0:
            figures[name] = told.provider(at)
            figures[f"{name}_gain"] = _rate(market.gain_rate_pa[at])
            figures[f"{name}_price"] = _rate(reasons.price[at])
    if rival >= 0:
        figures["rival_limit"] = tell_limit(told, rival, told.limit(rival), language)
    return figures


def _scarce(told: Told, arcs: list[int], given: list[int], language: str) -> list[str]:
    """What binds the providers that matter most to a project, each with its limit."""
    gain, reasons = told.matched.market.gain_rate_pa, told.matched.reasons
    alone = not given and reasons.code[int(told.matched.market.project[arcs[0]])] == "out_of_reach"
    said = [(a, told.reach(a) if alone else told.limit(a)) for a in arcs]
    named = [(a, code) for a, code in said if code not in ("none", "project_full")]
    named.sort(key=lambda each: -gain[each[0]])
    colon = "：" if language == "zh" else ": "
    lines = [f"{told.provider(a)}{colon}{tell_limit(told, a, code, language)}" for a, code in named]
    more = len(lines) - NAMED_N_MAX
    if more > 0:
        lines = [*lines[:NAMED_N_MAX], WORDS["funded"]["more"][language].format(n=more)]
    return lines or [WORDS["funded"]["nothing"][language]]


def _mark(mark: str, language: str) -> str:
    kind, _, confidence = mark.partition(" ")
    return f"{WORDS['mark'][kind][language]} {confidence}".strip()


def _yuan(fen: float) -> str:
    return f"{fen / FEN_PER_CNY:,.2f}"


def _rate(rate_pa: float) -> str:
    return f"{100 * rate_pa:.2f}%"
