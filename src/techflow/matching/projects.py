"""Array kernel: providers' yuan to projects that start only with their minimum. Needs SciPy.

Two programmes. The first chooses which projects start (and which tickets have a least size) and
proves how good any choice can be. The second divides the money among those chosen, in yuan: its
corners are whole fen, since every yuan counts once for a provider and once for a project.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, hstack, vstack

from techflow.basics import Floats, InvalidInput, NotConverged
from techflow.matching.market import Integers

FEN_PER_CNY = 100.0
UNIT_FEN = 1e8
"""The choice is solved in millions of yuan, where the solver's tolerances are small beside it."""
CHOICES_N_MAX = 50
NODES_N_MAX = 10_000
GAP_MAX = 1e-6
"""Share of the bound at which the search ends; what is left of it is told."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ProjectMarket:
    """Providers, projects and the tickets that may be, in fen.

    Attributes:
        provider: Provider of each arc, from 0, shape (arcs,).
        project: Project of each arc, from 0, shape (arcs,).
        gain_rate_pa: What the provider gains a year by each yuan, at least 0, shape (arcs,).
        cap_fen: Most of the ticket, shape (arcs,).
        ticket_fen: Least of the ticket if there is one, shape (arcs,).
        equity: Whether it counts towards the provider's room for equity, shape (arcs,).
        available_fen: What each provider has, shape (providers,).
        equity_room_fen: Equity assets it may add, shape (providers,).
        need_fen: What each project needs, shape (projects,).
        minimum_fen: With less the project does not start, shape (projects,).
    """

    provider: Integers
    project: Integers
    gain_rate_pa: Floats
    cap_fen: Integers
    ticket_fen: Integers
    equity: Flags
    available_fen: Integers
    equity_room_fen: Integers
    need_fen: Integers
    minimum_fen: Integers


@dataclass(frozen=True, slots=True)
class Funded:
    """Money given to projects, its proof and its prices.

    Attributes:
        amount_fen: Of each arc, shape (arcs,).
        total_cny: What the providers gain a year.
        bound_cny: No way to give it gains more.
        available_price: What one more yuan of a provider would add a year, shape (providers,).
        equity_price: What one more yuan of room for equity would add, shape (providers,).
        need_price: What one more yuan of need would add, shape (projects,).
    """

    amount_fen: Integers
    total_cny: float
    bound_cny: float
    available_price: Floats
    equity_price: Floats
    need_price: Floats

    @property
    def gap_share(self) -> float:
        """What the total may lack to the best, as a share of the bound."""
        return (self.bound_cny - self.total_cny) / self.bound_cny if self.bound_cny > 0 else 0.0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Sums over arcs: of each provider, its equity, and of each project."""

    provider: csr_array
    equity: csr_array
    project: csr_array


def fund_projects(market: ProjectMarket, *, nodes_n_max: int = NODES_N_MAX) -> Funded:
    """Give money so that providers gain most; a project has at least its minimum, or none.

    Args:
        market: Only allowed pairs.
        nodes_n_max: Nodes the choice may look at; the gap is then larger, the bound still true.

    Raises:
        InvalidInput: A number lies outside its range.
        NotConverged: The solver found no way although giving nothing is one.

    Source:
        Facility location with minima: Lim, Wang and Xu (2006), European Journal of Operational
        Research 172; whole corners: Hoffman and Kruskal (1956). Solver: HiGHS, Huangfu and Hall
        (2018), Mathematical Programming Computation 10.

    Examples:
        >>> one, hundred = np.array([0]), np.array([10_000])
        >>> market = ProjectMarket(
        ...     one, one, np.array([0.02]), hundred, 0 * one, one > 0, hundred, hundred, hundred,
        ...     hundred)
        >>> found = fund_projects(market)
        >>> found.amount_fen, round(found.total_cny, 9), found.gap_share < 1e-9
        (array([10000]), 2.0, True)
    """
    check_project_market(market)
    if not market.provider.size:
        none, each = np.zeros(market.available_fen.size), np.zeros(market.need_fen.size)
        return Funded(market.cap_fen, 0.0, 0.0, none, none, each)
    rows, bound = _rows(market), np.inf
    cuts: list[Flags] = []
    for _ in range(CHOICES_N_MAX):
        chosen, most = _choose(market, rows, cuts, nodes_n_max)
        bound = min(bound, most)
        found = _divide(market, rows, chosen)
        if found is not None:
            amount, prices = found
            total = float((amount / FEN_PER_CNY) @ market.gain_rate_pa)
            return Funded(amount, total, max(bound, total), *prices)
        # Met in millions within the solver's tolerance, but not in yuan.
        cuts.append(chosen)
    raise NotConverged(f"no choice of projects met its minima to the fen in {CHOICES_N_MAX} turns")


def check_project_market(market: ProjectMarket) -> None:
    """Refuse amounts below 0 and gains that are no number.

    Raises:
        InvalidInput: As said.
    """
    for name in ("cap_fen", "ticket_fen", "available_fen", "equity_room_fen", "minimum_fen"):
        values = getattr(market, name)
        if values.size and values.min() < 0:
            raise InvalidInput(f"{name} must be 0 or more; got {values.min()}")
    if (market.minimum_fen > market.need_fen).any():
        at = int(np.argmax(market.minimum_fen > market.need_fen))
        raise InvalidInput(
            f"a project's minimum must not exceed its need; project {at} needs "
            f"{market.need_fen[at]} fen and takes no less than {market.minimum_fen[at]}"
        )
    if not (market.gain_rate_pa >= 0).all():
        raise InvalidInput("gain_rate_pa must be 0 or more; leave out pairs that lose")


def _rows(market: ProjectMarket) -> _Rows:
    arcs = np.arange(market.provider.size)
    ones = np.ones(arcs.size)
    by_provider = (market.available_fen.size, arcs.size)
    by_project = (market.need_fen.size, arcs.size)
    return _Rows(
        csr_array((ones, (market.provider, arcs)), shape=by_provider),
        csr_array((market.equity.astype(float), (market.provider, arcs)), shape=by_provider),
        csr_array((ones, (market.project, arcs)), shape=by_project),
    )


def _choose(
    market: ProjectMarket, rows: _Rows, cuts: list[Flags], nodes_n_max: int
) -> tuple[Flags, float]:
    """Which projects start and which tickets have their least size; and the most any can gain."""
    arcs_n, projects_n = market.provider.size, market.need_fen.size
    least = np.flatnonzero(market.ticket_fen > 0)
    cap, ticket = market.cap_fen / UNIT_FEN, market.ticket_fen[least] / UNIT_FEN
    need, minimum = market.need_fen / UNIT_FEN, market.minimum_fen / UNIT_FEN
    own = csr_array((np.ones(least.size), (np.arange(least.size), least)), (least.size, arcs_n))
    start = csr_array((projects_n, least.size))
    none = csr_array((least.size, projects_n))
    blank = csr_array((market.available_fen.size, projects_n + least.size))
    scaled = [values / UNIT_FEN for values in (market.available_fen, market.equity_room_fen)]
    limits = [
        LinearConstraint(hstack([rows.provider, blank]), ub=scaled[0]),
        LinearConstraint(hstack([rows.equity, blank]), ub=scaled[1]),
        LinearConstraint(hstack([rows.project, -_diagonal(need), start]), ub=0.0),
        LinearConstraint(hstack([rows.project, -_diagonal(minimum), start]), lb=0.0),
    ]
    if least.size:
        most, few = (hstack([own, none, -_diagonal(each)]) for each in (cap[least], ticket))
        limits += [LinearConstraint(most, ub=0.0), LinearConstraint(few, lb=0.0)]
    for cut in cuts:
        sign = np.where(cut, -1.0, 1.0)
        row = csr_array(np.append(np.zeros(arcs_n), sign)[None, :])
        limits.append(LinearConstraint(row, lb=1.0 - cut.sum()))
    binary = np.ones(projects_n + least.size)
    found = milp(
        np.append(-market.gain_rate_pa, 0.0 * binary),
        integrality=np.append(np.zeros(arcs_n), binary),
        bounds=Bounds(0.0, np.append(cap, binary)),
        constraints=limits,
        options={"mip_rel_gap": GAP_MAX, "node_limit": nodes_n_max},
    )
    if found.x is None:
        raise NotConverged(f"no choice of projects was found: {found.message}")
    return found.x[arcs_n:] > 0.5, -float(found.mip_dual_bound) * UNIT_FEN / FEN_PER_CNY


def _diagonal(values: Floats) -> csr_array:
    at = np.arange(values.size)
    return csr_array((values, (at, at)), shape=(values.size, values.size))


def _divide(
    market: ProjectMarket, rows: _Rows, chosen: Flags
) -> tuple[Integers, tuple[Floats, Floats, Floats]] | None:
    """Fen of each arc among the chosen, and prices; None if they cannot all have their least."""
    projects_n, providers_n = market.need_fen.size, market.available_fen.size
    opened = chosen[:projects_n]
    taken = opened[market.project]
    sized = market.ticket_fen > 0
    taken[sized] &= chosen[projects_n:]
    low = np.where(taken, market.ticket_fen, 0) / FEN_PER_CNY
    high = np.where(taken, market.cap_fen, 0) / FEN_PER_CNY
    if (low > high).any():
        return None
    limit = [market.available_fen, market.equity_room_fen, market.need_fen]
    limit.append(np.where(opened, -market.minimum_fen, 0))
    found = linprog(
        -market.gain_rate_pa,
        A_ub=vstack([rows.provider, rows.equity, rows.project, -rows.project]),
        b_ub=np.concatenate(limit) / FEN_PER_CNY,
        bounds=np.column_stack([low, high]),
        method="highs-ds",
    )
    if found.x is None:
        return None
    amount = np.rint(found.x * FEN_PER_CNY).astype(np.int64)
    if not within_limits(market, amount):
        return None
    price = np.maximum(0.0, -found.ineqlin.marginals)
    ends = np.cumsum([providers_n, providers_n, projects_n])
    first, second, third, _ = np.split(price, ends)
    return amount, (first, second, third)


def within_limits(market: ProjectMarket, amount_fen: Integers) -> bool:
    """Whether money keeps to every limit, to the fen.

    Args:
        market: The market.
        amount_fen: Of each arc.
    """
    given = np.bincount(market.project, amount_fen, minlength=market.need_fen.size)
    used = np.bincount(market.provider, amount_fen, minlength=market.available_fen.size)
    shares = np.bincount(
        market.provider, amount_fen * market.equity, minlength=market.available_fen.size
    )
    ticket = (amount_fen == 0) | (amount_fen >= market.ticket_fen)
    return bool(
        ((amount_fen >= 0) & (amount_fen <= market.cap_fen) & ticket).all()
        and (used <= market.available_fen).all()
        and (shares <= market.equity_room_fen).all()
        and (given <= market.need_fen).all()
        and ((given == 0) | (given >= market.minimum_fen)).all()
    )
