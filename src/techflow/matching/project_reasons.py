"""Why a project has this provider rather than that, or none, as codes and figures. Needs SciPy."""

from dataclasses import dataclass

import numpy as np

from techflow.basics import Floats
from techflow.matching.market import Integers
from techflow.matching.projects import FEN_PER_CNY, Flags, Funded, ProjectMarket

PROJECT_REASONS = (
    *("no_provider", "out_of_reach", "no_gain", "outbid", "crowded_out"),
    *("only", "no_room", "dear", "even", "ahead"),
)
EVEN_RATE_PA = 1e-9
LIMITS = ("pair", "equity_ceiling", "available", "project_full", "none")


@dataclass(frozen=True, slots=True)
class ProjectReasons:
    """One reason per project.

    Attributes:
        code: One of `PROJECT_REASONS`.
        arc: Its greatest ticket, -1 if none.
        rival_arc: The best provider that gives it nothing, -1 if there is none.
        reach_fen: What its providers could give together if it were the only project.
        behind_cny: Without money: what its minimum would lack a year at the prices of others.
        limit: Of each arc what keeps the ticket from being greater, one of `LIMITS`; `pair` is
            the arc's own cap.
        price: Price of the provider's yuan at each arc.
    """

    code: list[str]
    arc: Integers
    rival_arc: Integers
    reach_fen: Integers
    behind_cny: Floats
    limit: list[str]
    price: Floats


def explain_projects(market: ProjectMarket, found: Funded) -> ProjectReasons:
    """Compare each project's greatest ticket with its best other provider, both after prices.

    Args:
        market: The market.
        found: Result of `fund_projects` on it.

    Returns:
        `only`: no other provider may. `ahead`: its own gains most even before prices. `dear`: the
        rival would gain more, but its yuan gain more elsewhere. `even`: both come to the same.
        `no_room`: the rival would be ahead, but has less left than its least ticket.
        Without money: `no_provider` (none may), `out_of_reach` (all together cannot reach its
        minimum), `no_gain` (nobody gains), `outbid` (its minimum gains less than the money brings
        elsewhere), `crowded_out` (at these prices it would do, but money already promised to
        projects with minima cannot be freed in part).

    Source:
        Complementary slackness: Dantzig (1963), Linear Programming and Extensions, chapter 6.
    """
    price = found.available_price[market.provider]
    price = price + np.where(market.equity, found.equity_price[market.provider], 0.0)
    order = np.argsort(market.project, kind="stable")
    ends = np.cumsum(np.bincount(market.project, minlength=market.need_fen.size))[:-1]
    told = [_one(market, found, price, own) for own in np.split(order, ends)]
    columns: list[list] = [list(cells) for cells in zip(*told, strict=True)]  # type: ignore[type-arg]
    code, arc, rival, reach, behind = columns
    limit = _limits(market, found)
    return ProjectReasons(
        code, np.array(arc), np.array(rival), np.array(reach), np.array(behind), limit, price
    )


def _one(
    market: ProjectMarket, found: Funded, price: Floats, own: Integers
) -> tuple[str, int, int, int, float]:
    """Code, arc, rival, reach and lack of the project with these arcs."""
    if not own.size:
        return "no_provider", -1, -1, 0, np.nan
    net = market.gain_rate_pa[own] - price[own]
    given = found.amount_fen[own]
    reach = _reach(market, own)
    others = np.flatnonzero(given == 0)
    rival = int(own[others[np.argmax(net[others])]]) if others.size else -1
    if given.any():
        arc = int(own[np.argmax(given)])
        return _lead(market, price, arc, rival), arc, rival, int(reach.sum()), np.nan
    minimum = max(int(market.minimum_fen[market.project[own[0]]]), 1)
    behind = -_worth(net, reach, minimum) / FEN_PER_CNY
    return (
        _denied(market.gain_rate_pa[own], reach, minimum, behind),
        -1,
        rival,
        int(reach.sum()),
        behind,
    )


def _lead(market: ProjectMarket, price: Floats, arc: int, rival: int) -> str:
    if rival < 0:
        return "only"
    gain = market.gain_rate_pa
    lead = gain[arc] - price[arc] - (gain[rival] - price[rival])
    if abs(lead) < EVEN_RATE_PA:
        return "even"
    if lead < 0.0:
        return "no_room"
    return "dear" if gain[rival] > gain[arc] else "ahead"


def _denied(gain: Floats, reach: Integers, minimum: int, behind: float) -> str:
    if reach.sum() < minimum:
        return "out_of_reach"
    if gain.max() <= 0.0:
        return "no_gain"
    return "outbid" if behind > 0.0 else "crowded_out"


def _reach(market: ProjectMarket, own: Integers) -> Integers:
    """What each provider could give to the project alone."""
    at = market.provider[own]
    room = np.where(market.equity[own], market.equity_room_fen[at], market.available_fen[at])
    return np.minimum(market.cap_fen[own], np.minimum(room, market.available_fen[at]))


def _worth(net: Floats, reach: Integers, minimum: int) -> float:
    """Best that a project's minimum could net at these prices, a year."""
    order = np.argsort(-net)
    ahead = np.cumsum(reach[order]) - reach[order]
    taken = np.clip(minimum - ahead, 0, reach[order])
    return float(taken @ net[order])


def _limits(market: ProjectMarket, found: Funded) -> list[str]:
    """What keeps each ticket from being greater."""
    shape, at = market.available_fen.size, market.provider
    used = np.bincount(at, found.amount_fen, minlength=shape)
    shares = np.bincount(at, found.amount_fen * market.equity, minlength=shape)
    given = np.bincount(market.project, found.amount_fen, minlength=market.need_fen.size)
    tests: list[Flags] = [
        found.amount_fen >= market.cap_fen,
        market.equity & (shares >= market.equity_room_fen)[at],
        (used >= market.available_fen)[at],
        (given >= market.need_fen)[market.project],
    ]
    return [str(name) for name in np.select(tests, LIMITS[:-1], LIMITS[-1])]
