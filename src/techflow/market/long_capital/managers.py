"""Managers over long cycles: multiples, internal rate, public market equivalent, intervals."""

from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput

RATE_MIN, RATE_MAX, GRID_N, STEPS_N = -0.99, 10.0, 400, 60


class Flows(NamedTuple):
    """Cash of funds on common days.

    Attributes:
        years: Years since the first day, rising, shape (days,).
        calls: Paid in, 0 or more, shape (funds, days).
        distributions: Paid out, 0 or more, shape (funds, days).
        nav: Value left on the last day, 0 or more, shape (funds,).
        market: Level of a public index with dividends, above 0, shape (days,).
    """

    years: Floats
    calls: Floats
    distributions: Floats
    nav: Floats
    market: Floats


class Told(NamedTuple):
    """Measures of a manager; NaN where not defined.

    Attributes:
        tvpi: Distributions and value left over calls.
        dpi: Distributions over calls.
        pme: Public market equivalent of Kaplan and Schoar.
        irr: Internal rate of return a year.
    """

    tvpi: Floats
    dpi: Floats
    pme: Floats
    irr: Floats


def check_flows(flows: Flows) -> None:
    """Refuse flows that are out of range.

    Raises:
        InvalidInput: Days do not rise, an amount is negative, or the index is not above 0.
    """
    if not (np.diff(flows.years) > 0).all():
        raise InvalidInput("days of cash flows must rise, each day once")
    amounts = (flows.calls, flows.distributions, flows.nav)
    if any(not (np.isfinite(part) & (part >= 0)).all() for part in amounts):
        raise InvalidInput("calls, distributions and nav must be numbers, 0 or more")
    if not (np.isfinite(flows.market) & (flows.market > 0)).all():
        raise InvalidInput("the index must be above 0 on each day of a cash flow")


def tell_managers(flows: Flows, weights: Floats) -> Told:
    """Measures of sums of funds.

    Args:
        flows: Cash of funds.
        weights: How often each fund counts in each sum, shape (sums, funds).

    Returns:
        Shape (sums,). The internal rate is NaN without a root, or with more than one.

    Source:
        Kaplan and Schoar 2005, Journal of Finance 60(4); GIPS 2020 for multiples.

    Examples:
        >>> flows = Flows(np.array([0.0, 1.0]), np.array([[100.0, 0.0]]), np.array([[0.0, 120.0]]),
        ...               np.array([0.0]), np.array([100.0, 110.0]))
        >>> [round(float(x[0]), 6) for x in tell_managers(flows, np.ones((1, 1)))]
        [1.2, 1.2, 1.090909, 0.2]
    """
    calls, paid, left = weights @ flows.calls, weights @ flows.distributions, weights @ flows.nav
    total = calls.sum(axis=1)
    grown = flows.market[-1] / flows.market
    with np.errstate(divide="ignore", invalid="ignore"):
        tvpi, dpi = (paid.sum(axis=1) + left) / total, paid.sum(axis=1) / total
        pme = (paid @ grown + left) / (calls @ grown)
    net = paid - calls
    net[:, -1] += left
    known = total > 0
    tvpi, dpi, pme = (np.where(known, part, np.nan) for part in (tvpi, dpi, pme))
    return Told(tvpi, dpi, pme, internal_rate(net, flows.years))


def internal_rate(net: Floats, years: Floats) -> Floats:
    """Rate at which flows are worth nothing today.

    Args:
        net: Paid out less paid in, shape (sums, days).
        years: Years since the first day, shape (days,).

    Returns:
        Shape (sums,); NaN if there is no root in (-99 %, 1000 %), or more than one.

    Source:
        Bisection between neighbours of a grid whose present values differ in sign.

    Examples:
        >>> net = np.array([[-100.0, 230.0, -132.0], [-100.0, 0.0, 121.0]])
        >>> internal_rate(net, np.array([0.0, 1.0, 2.0])).round(6).tolist()
        [nan, 0.1]
    """
    grid = np.expm1(np.linspace(np.log1p(RATE_MIN), np.log1p(RATE_MAX), GRID_N))
    signs = np.sign(net @ (1.0 + grid)[None, :] ** -years[:, None])
    turns = (signs[:, :-1] != signs[:, 1:]) & (signs[:, 1:] != 0)
    place = turns.argmax(axis=1)
    low, high = grid[place], grid[place + 1]
    from_sign = signs[np.arange(len(net)), place]
    for _ in range(STEPS_N):
        middle = (low + high) / 2.0
        worth = (net * (1.0 + middle)[:, None] ** -years[None, :]).sum(axis=1)
        left = np.sign(worth) == from_sign
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    found: Floats = np.where(turns.sum(axis=1) == 1, (low + high) / 2.0, np.nan)
    return found


def bootstrap_weights(members: Floats, *, draws_n: int, seed: int) -> Floats:
    """How often each fund of a manager is drawn, with replacement.

    Args:
        members: Which funds are the manager's, 0 or 1, shape (funds,).
        draws_n: Draws.
        seed: Seed.

    Returns:
        Shape (draws, funds); each row sums to the number of funds.

    Source:
        Efron 1979, Annals of Statistics 7(1), over funds: flows of one fund hang together.
    """
    count = int(members.sum())
    if count == 0 or draws_n < 1:
        raise InvalidInput(f"a manager needs a fund and draws_n 1 or more; got {count}, {draws_n}")
    drawn = np.random.default_rng(seed).multinomial(count, members / count, size=draws_n)
    return drawn.astype(np.float64)


def quartile_of(values: Floats, vintages: Floats) -> Floats:
    """Standing of each fund among the others of its vintage.

    Args:
        values: Any measure, higher is better, shape (funds,).
        vintages: Year of the first call, shape (funds,).

    Returns:
        1 (best quarter) to 4; NaN with fewer than three other funds of the vintage.

    Examples:
        >>> quartile_of(np.array([2.0, 1.5, 1.0, 0.5, 9.0]), np.array([1.0, 1, 1, 1, 2])).tolist()
        [1.0, 2.0, 3.0, 4.0, nan]
    """
    same = (vintages[:, None] == vintages[None, :]) & np.isfinite(values)[None, :]
    better = (same & (values[None, :] > values[:, None])).sum(axis=1)
    count = same.sum(axis=1)
    enough = (count >= 4) & np.isfinite(values)
    found: Floats = np.where(enough, np.floor(4.0 * better / np.maximum(count, 1)) + 1.0, np.nan)
    return found
