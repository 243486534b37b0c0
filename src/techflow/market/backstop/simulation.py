"""A market that falls, is sold into, and may be bought by a backstop fund: an array kernel."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput

YEAR_DAYS = 250


@dataclass(frozen=True, slots=True)
class World:
    """A market with jumps and forced sales. All sizes are shares of its worth at the start.

    Attributes:
        drift_pa: Yearly drift of the value, before jumps.
        volatility_pa: Yearly deviation of the value without jumps.
        jumps_pa: Jumps a year.
        jump_mean: Mean of the logarithm of a jump.
        jump_deviation: Deviation of the logarithm of a jump.
        held_share: Share of the market that leveraged holders have.
        leverage: Their assets over their own money.
        impact: Fall of the price, in logarithm, when the whole market's worth is sold.
        recovery: Share of the gap between price and value that closes in a day.
    """

    drift_pa: float
    volatility_pa: float
    jumps_pa: float
    jump_mean: float
    jump_deviation: float
    held_share: float
    leverage: float
    impact: float
    recovery: float

    def __post_init__(self) -> None:
        least = min(self.volatility_pa, self.jumps_pa, self.jump_deviation, self.impact)
        if least < 0 or not 0 <= self.held_share <= 1 or not 0 <= self.recovery <= 1:
            raise InvalidInput(f"sizes must be 0 or more and shares in [0, 1]; got {self}")
        if self.leverage < 1 or self.amplifier >= 1:
            raise InvalidInput(
                "leverage must be 1 or more and impact x held_share x (leverage - 1) below 1, or "
                f"one fall sells the whole market; got leverage {self.leverage} and "
                f"{self.amplifier:.3f}"
            )

    @property
    def amplifier(self) -> float:
        """Further fall of the price that a fall of one brings the next day."""
        return self.impact * self.held_share * (self.leverage - 1.0)


@dataclass(frozen=True, slots=True)
class Fund:
    """A backstop fund.

    Attributes:
        size: Its money, share of the market at the start.
        trigger: Fall from the highest price of the window at which it buys.
        window_days: Days of that window.
        daily_share: Most it spends in a day, share of its size.
        exit_fall: It sells when the fall is back below this.
        exit_days: Days over which it sells.
    """

    size: float
    trigger: float
    window_days: int
    daily_share: float
    exit_fall: float
    exit_days: int

    def __post_init__(self) -> None:
        if not 0 <= self.exit_fall < self.trigger < 1:
            raise InvalidInput(
                f"exit_fall must be 0 or more and below trigger, trigger below 1; got {self}"
            )
        if self.size < 0 or not 0 < self.daily_share <= 1:
            raise InvalidInput(f"size must be 0 or more and daily_share in (0, 1]; got {self}")
        if min(self.window_days, self.exit_days) < 1:
            raise InvalidInput(f"window_days and exit_days must be 1 or more; got {self}")


class Paths(NamedTuple):
    """What happened, shape (paths,) but for prices; money as a share of the market at the start.

    Attributes:
        fall: Greatest fall of the price from its highest in the window.
        end: Logarithm of the price at the end over the start.
        forced: Sold by leveraged holders because of falls.
        bought: Spent by the fund.
        held_days: Days on which the fund held something.
        open_share: What the fund still held at the end, at its price then.
        gain: What the fund made, with what is still held at its price then.
        worst: Least the fund had made at the end of a day.
        prices: Logarithm of the price over the start, shape (days + 1, paths).
    """

    fall: Floats
    end: Floats
    forced: Floats
    bought: Floats
    held_days: Floats
    open_share: Floats
    gain: Floats
    worst: Floats
    prices: Floats


def draw_values(world: World, *, days: int, paths_n: int, seed: int) -> Floats:
    """Daily changes of the logarithm of the value: diffusion with jumps.

    Args:
        world: The market.
        days: Trading days, 1 or more; 250 make a year.
        paths_n: Paths, 2 or more.
        seed: Seed.

    Returns:
        Shape (days, paths). The same seed gives the same days whatever the fund: with and without
        it are compared on the same draws.

    Source:
        Merton 1976, Journal of Financial Economics 3(1-2).
    """
    if days < 1 or paths_n < 2:
        raise InvalidInput(f"days must be 1 or more, paths_n 2 or more; got {days}, {paths_n}")
    rng = np.random.default_rng(seed)
    step = 1.0 / YEAR_DAYS
    shape = (days, paths_n)
    smooth = (world.drift_pa - 0.5 * world.volatility_pa**2) * step
    made = smooth + world.volatility_pa * np.sqrt(step) * rng.standard_normal(shape)
    jumps = rng.poisson(world.jumps_pa * step, shape)
    spread = world.jump_deviation * np.sqrt(jumps) * rng.standard_normal(shape)
    found: Floats = made + world.jump_mean * jumps + spread
    return found


def run_market(values: Floats, world: World, fund: Fund) -> Paths:
    """Prices with forced sales, and the fund's trades, day by day.

    Args:
        values: Result of `draw_values`, shape (days, paths).
        world: The market.
        fund: The fund; of size 0 for a market without one.

    Returns:
        Each path. A loss of yesterday's price makes leveraged holders sell today so that their
        leverage is as before; sales and the fund's trades move today's price; the gap to the value
        closes by `recovery`. The fund acts on yesterday's closing price.

    Source:
        Sales that restore leverage, and their impact in proportion: Greenwood, Landier and Thesmar
        2015, Journal of Financial Economics 115(3).

    Examples:
        >>> world = World(0, 0, 0, 0, 0, 0.2, 3.0, 1.0, 0.0)
        >>> fund = Fund(0.0, 0.2, 60, 0.1, 0.1, 20)
        >>> shock = np.zeros((60, 2))
        >>> shock[0] = -0.1
        >>> run_market(shock, world, fund).end.round(4).tolist()   # -0.1 / (1 - 1.0 x 0.2 x 2)
        [-0.1667, -0.1667]
    """
    days, paths_n = values.shape
    price = np.zeros((days + 1, paths_n))
    value, change = np.zeros(paths_n), np.zeros(paths_n)
    book = _Book.empty(paths_n, fund)
    fall, forced = np.zeros(paths_n), np.zeros(paths_n)
    for day in range(days):
        peak = price[max(0, day + 1 - fund.window_days) : day + 1].max(axis=0)
        now = price[day]
        sold = world.held_share * (world.leverage - 1.0) * np.maximum(-change, 0.0)
        traded = book.trade(-np.expm1(now - peak), now)
        forced += sold
        value += values[day]
        gap = (now - value + values[day]) * (1.0 - world.recovery)
        price[day + 1] = value + gap + world.impact * (traded - sold)
        change = price[day + 1] - now
        book.settle(traded, price[day + 1])
        high = np.maximum(peak, price[day + 1])
        fall = np.maximum(fall, -np.expm1(price[day + 1] - high))
    worth = book.units * np.exp(price[-1])
    own = (book.bought, book.held_days, worth, book.cash + worth, book.worst)
    return Paths(fall, price[-1], forced, *own, price)


@dataclass(slots=True)
class _Book:
    """The fund's own account. `cash` is what it has taken in less what it has paid."""

    fund: Fund
    cash: Floats
    units: Floats
    selling: Floats
    bought: Floats
    held_days: Floats
    worst: Floats

    @classmethod
    def empty(cls, paths_n: int, fund: Fund) -> "_Book":
        """Nothing bought yet."""
        return cls(fund, *(np.zeros(paths_n) for _ in range(6)))

    def trade(self, fall: Floats, price: Floats) -> Floats:
        """Bought (above 0) or sold (below) on a day, at yesterday's price."""
        fund = self.fund
        left = np.maximum(fund.size + self.cash, 0.0)
        buys = np.where(fall >= fund.trigger, np.minimum(fund.daily_share * fund.size, left), 0.0)
        leaves = (fall <= fund.exit_fall) & (self.units > 0.0)
        # What is sold a day is settled when the exit begins, so that it ends after exit_days.
        self.selling = np.where(
            leaves & (self.selling == 0.0), self.units / fund.exit_days, self.selling
        )
        self.selling = np.where((buys > 0.0) | (self.units <= 0.0), 0.0, self.selling)
        sells = np.minimum(self.selling, self.units) * np.exp(price)
        traded: Floats = buys - sells
        return traded

    def settle(self, traded: Floats, price: Floats) -> None:
        """Book a day's trade at its closing price, moved by the trade itself."""
        buys, sold = (
            np.maximum(traded, 0.0),
            np.where(traded < 0.0, np.minimum(self.selling, self.units), 0.0),
        )
        self.units = self.units + buys * np.exp(-price) - sold
        self.cash = self.cash - buys + sold * np.exp(price)
        self.bought = self.bought + buys
        self.held_days = self.held_days + (self.units > 0.0)
        self.worst = np.minimum(self.worst, self.cash + self.units * np.exp(price))
